"""A policy compiled: the ground decision program as a circuit, and the circuit as code."""
