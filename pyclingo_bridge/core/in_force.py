"""What a policy is about, and when it is in force: its drug, its lines of business, its period."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from pyclingo_bridge.base.errors import CaseError, listing, quoted
from pyclingo_bridge.base.terms import grouped, plain
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.days import day_of_number
from pyclingo_bridge.core.structure import Structure


class Period(NamedTuple):
    """Days from one to another, both included; without end where there is no last one."""

    first: datetime.date
    last: datetime.date | None = None

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, datetime.date):
            return False
        return self.first <= day and (self.last is None or day <= self.last)

    def __str__(self) -> str:
        return f"from {self.first}" if self.last is None else f"from {self.first} to {self.last}"


def period(structure: Structure) -> Period | None:
    """When a policy is in force; None where it does not say, so that it always is.

    A policy that loads has one period at most, of days that there are, which does not end before it begins
    (`asp/engine/faults/time.lp`).
    """
    for term in structure.facts["effective"]:
        return Period(*(day_of_number(number) for number in term.args if isinstance(number, int)))
    return None


def in_force(structure: Structure, day: datetime.date) -> bool:
    """Whether a policy is in force on a day."""
    known = period(structure)
    return known is None or day in known


def requested_drugs(structure: Structure) -> tuple[str, ...]:
    """The drugs that a policy is about, by name; none where it does not say."""
    return tuple(sorted(str(plain(term.args[0])) for term in structure.facts["requested_drug"]))


def is_about(text: str, structure: Structure) -> bool:
    """Whether a policy is about the drug that a request names, by any of its names."""
    about = requested_drugs(structure)
    if not about:
        return True
    read = structure.vocabulary.names.read_drugs(text)
    stands_for = grouped(structure.facts["stands_for"])
    meant = {
        str(plain(drug))
        for name in read.known
        for drug in stands_for.get(structure.vocabulary.drugs[name], [structure.vocabulary.drugs[name]])
    }
    return bool(meant) and not read.unknown and meant <= set(about)


def refuse_other_drug(case: Case, structure: Structure) -> None:
    """Refuse a request for a drug that the policy is not about.

    Errors: CaseError, which names the policy's.
    """
    drug = case.request.get("drug")
    if drug is None or is_about(drug, structure):
        return
    about = requested_drugs(structure)
    text = f"{quoted(drug)} is not the drug that this policy is about ({listing(about)})"
    raise CaseError(f"case {quoted(case.id)}", [f"request.drug: {text}; choose the policy for it"])
