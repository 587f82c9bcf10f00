"""What a policy is about, and when it is in force: its drug, its lines of business, its period."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from pyclingo_bridge.base.errors import CaseError, PolicyError, listing, quoted
from pyclingo_bridge.base.terms import Value, grouped, plain, written
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


def periods(structure: Structure) -> tuple[Period, ...]:
    """When a policy is in force; none where it does not say, so that it always is.

    Errors: PolicyError for what is no day, or a period that ends before it begins.
    """
    found = []
    for term in structure.facts["effective"]:
        shown = written(term)
        days = [_day(number, shown) for number in term.args]
        if len(days) > 1 and days[1] < days[0]:
            raise PolicyError(f"`{shown}` ends before it begins")
        found.append(Period(*days))
    return tuple(sorted(found, key=lambda period: period.first))


def in_force(structure: Structure, day: datetime.date) -> bool:
    """Whether a policy is in force on a day.

    Errors: those of `periods`.
    """
    known = periods(structure)
    return not known or any(day in period for period in known)


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


def _day(number: Value, shown: str) -> datetime.date:
    try:
        if not isinstance(number, int):
            raise ValueError
        return day_of_number(number)
    except (ValueError, OverflowError):
        text = f"`{shown}`: {written(number)} is no day; write days as numbers, such as 20250207"
        raise PolicyError(text) from None
