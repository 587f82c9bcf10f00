"""Which members of a list stand for any other one, by the rules."""

from __future__ import annotations

from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Value, plain

UNKNOWN_DRUG = "unheard_of_drug"
"""The name that stands for a drug that the vocabulary does not know."""


def stand_ins(program: Program, attribute: str) -> frozenset[Value]:
    """The members of an attribute's lists that stand for any that no requirement names."""
    facts = program.facts(("stand_in", 2))["stand_in"]
    return frozenset(term.args[1] for term in facts if str(plain(term.args[0])) == attribute)
