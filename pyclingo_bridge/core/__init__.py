"""From a case to facts, to clingo, to a decision: the bridge."""
