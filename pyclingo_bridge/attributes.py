"""One thing that the request form or a document can state."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyclingo_bridge.errors import quoted
from pyclingo_bridge.terms import LARGEST, Value, plain

DETAIL = "detail"
"""The kind of what no claim is about."""

_GAP = re.compile(r"[\s-]+")


@dataclass(frozen=True)
class Attribute:
    """One thing that the request form or a document can state.

    Attributes:
        name: its key in a case file.
        kind: how its statements count: request, stable, latest, cumulative or history; a detail
            counts by what is concluded from it alone.
        domain: the type of its values: flag, whole_number, choice, name, list or drugs; of a detail
            decimal and names too.
        listed: the values that the vocabulary names, sorted (for drugs: every known name).
        minimum: the least whole number allowed.
        maximum: the greatest whole number allowed.
        required: whether a request form has to give it.
        default: what holds where the form does not say, if anything does.
        non_empty: whether its list needs a member.
        no_drugs: names that its list of drugs must not hold, as they say that it is empty; each as
            `drug_key` spells it.
    """

    name: str
    kind: str
    domain: str
    listed: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = LARGEST
    required: bool = False
    default: bool | int | str | None = None
    non_empty: bool = False
    no_drugs: frozenset[str] = frozenset()


def own_value(value: Value) -> bool | int | str:
    """A term as a case file would give it."""
    word = plain(value)
    return word == "true" if word in ("true", "false") else word


def drug_key(name: str) -> str:
    """A drug's name as the vocabulary spells it: lower case, words joined by underscores."""
    return _GAP.sub("_", name.strip().lower())


def no_drug_problem(name: str) -> str:
    """What is wrong with a name in a list of drugs that says that there is no drug."""
    return f"{quoted(name)} is no drug; write an empty list `[]` for no drugs"
