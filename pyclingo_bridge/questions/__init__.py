"""The questions that come after a decision: what if, what would repair it, what it rests on."""
