"""What a policy and its vocabulary say of input that is out of the ordinary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyclingo_bridge.base.terms import LARGEST, Term, constant, plain
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.conclusions import plain_values
from pyclingo_bridge.core.structure import Structure


class ExpectedInput:
    """What a policy and its vocabulary say of input that is out of the ordinary.

    Attributes:
        plausible: the numbers above which a value is unlikely, by attribute.
        stale: after how many months what is stated of an attribute is stale.
        asked_for: the types of document that usually show something.
        in_force: from which day to which the policy is in force, as the rules write days.
    """

    def __init__(self, structure: Structure) -> None:
        facts = structure.facts
        self.plausible = _numbers(facts["plausible"])
        self.stale = _numbers(facts["stale"])
        periods = [[day for day in term.args if isinstance(day, int)] for term in facts["effective"]]
        self.in_force = [(days[0], days[1] if len(days) > 1 else LARGEST) for days in periods if days]
        self.asked_for = frozenset(kind for kinds in structure.vocabulary.shown_by.values() for kind in kinds)
        self._comes_to = {
            (str(plain(term.args[0])), str(plain(term.args[1])), term.args[2]) for term in facts["comes_to"]
        }

    def is_concluded(self, kind: str, attribute: Attribute, value: Any) -> bool:
        """Whether documents of a type usually show by their details what is stated."""
        terms = plain_values(attribute, value) if attribute.domain in ("flag", "choice", "whole_number") else []
        return any((kind, attribute.name, term) in self._comes_to for term in (*terms, constant("any")))


def _numbers(terms: Iterable[Term]) -> dict[str, int]:
    return {str(plain(term.args[0])): term.args[1] for term in terms if isinstance(term.args[1], int)}
