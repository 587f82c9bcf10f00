"""Questions about a policy itself, answered over every case there can be."""
