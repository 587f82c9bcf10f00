"""Questions that come after a decision: what if, and what then."""
