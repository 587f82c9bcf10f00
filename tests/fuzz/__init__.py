"""Inputs that nobody should send, and what has to come of them: an answer, or an error that helps.

    python -m tests.fuzz --inputs 20000 --seed 1
    python -m tests.fuzz --inputs 500 --kind csv --keep /tmp/found
    python -m tests.fuzz --seed 1 --only case:4711

Cases, tables, policies and command lines are mutations of those in this repository. An input is made
from its seed, kind and number alone, so that a failure can be had again. Each is asked in a process
apart, which is killed when it takes too long, and made anew when it dies.
"""
