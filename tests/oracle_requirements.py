"""Requirements for the oracle: conditions on one attribute, and when a value satisfies them.

>>> is_true_of(within("concurrent_drugs", ["panitumumab"]), frozenset())
True
>>> is_true_of(within("concurrent_drugs", ["panitumumab"]), frozenset({"panitumumab", "adagrasib"}))
False
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from tests.oracle_names import ANTICANCER, TREATMENTS

Value: TypeAlias = bool | int | str | frozenset[str]

SYSTEMIC = frozenset({"systemic"})
"""Stands in a requirement for all of `ANTICANCER`, so that a requirement does not depend on its length."""

ANY_TREATMENT = frozenset({"any treatment"})
"""Stands for all of `ANTICANCER` and `TREATMENTS`."""

NEGATIVE = ("excludes", "empty", "within")
"""Requirements on lists that a further member can only break."""


class Requirement(NamedTuple):
    """A condition on one attribute; `value` is a name, a number, a set of names or nothing."""

    operator: str
    attribute: str
    value: str | int | frozenset[str] | None


def is_(attribute: str, name: str) -> Requirement:
    return Requirement("is", attribute, name)


def yes(attribute: str) -> Requirement:
    return Requirement("yes", attribute, None)


def no(attribute: str) -> Requirement:
    return Requirement("no", attribute, None)


def among(attribute: str, names: Iterable[str]) -> Requirement:
    return Requirement("among", attribute, frozenset(names))


def at_least(attribute: str, number: int) -> Requirement:
    return Requirement("at_least", attribute, number)


def at_most(attribute: str, number: int) -> Requirement:
    return Requirement("at_most", attribute, number)


def includes(attribute: str, name: str) -> Requirement:
    return Requirement("includes", attribute, name)


def includes_any(attribute: str, names: Iterable[str]) -> Requirement:
    return Requirement("includes_any", attribute, frozenset(names))


def excludes(attribute: str, name: str) -> Requirement:
    return Requirement("excludes", attribute, name)


def within(attribute: str, names: Iterable[str]) -> Requirement:
    return Requirement("within", attribute, frozenset(names))


def empty(attribute: str) -> Requirement:
    return Requirement("empty", attribute, None)


def members(requirement: Requirement) -> frozenset[str]:
    """The names that a requirement asks about."""
    if requirement.value == SYSTEMIC:
        return ANTICANCER
    if requirement.value == ANY_TREATMENT:
        return ANTICANCER | TREATMENTS
    if isinstance(requirement.value, frozenset):
        return requirement.value
    return frozenset({requirement.value} if isinstance(requirement.value, str) else ())


def is_true_of(requirement: Requirement, value: Any) -> bool:
    """Whether a value satisfies a requirement."""
    names = members(requirement)
    match requirement.operator:
        case "is":
            return bool(value == requirement.value)
        case "yes" | "no":
            return bool(value) is (requirement.operator == "yes")
        case "among":
            return not names.isdisjoint(value if isinstance(value, frozenset) else {value})
        case "at_least":
            return bool(value >= requirement.value)
        case "at_most":
            return bool(value <= requirement.value)
        case "includes" | "includes_any":
            return not names.isdisjoint(value)
        case "excludes":
            return names.isdisjoint(value)
        case "within":
            return bool(value <= names)
        case "empty":
            return not value
    raise ValueError(f"unknown operator `{requirement.operator}`")


def as_text(requirement: Requirement) -> str:
    """A requirement as a term, which is what missing sets are sorted by."""
    value = requirement.value
    if isinstance(value, frozenset):
        value = "(" + ",".join(sorted(value)) + ")"
    return f"{requirement.operator}({requirement.attribute}{'' if value is None else f',{value}'})"
