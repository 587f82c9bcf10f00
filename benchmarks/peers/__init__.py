"""The same policy and the same cases, decided by other engines: `python -m benchmarks.peers`."""
