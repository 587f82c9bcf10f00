"""A policy's files: read, and refused where they are at fault or take too much."""
