"""Which members of a list stand for any other one, as the rules tell."""

from __future__ import annotations

from pyclingo_bridge.solve import LiveProgram
from pyclingo_bridge.terms import Value, plain


def stand_ins(program: LiveProgram, attribute: str) -> frozenset[Value]:
    """The members of an attribute's lists that stand for any that no claim names."""
    told = program.facts(("stand_in", 2))["stand_in"]
    return frozenset(term.args[1] for term in told if str(plain(term.args[0])) == attribute)
