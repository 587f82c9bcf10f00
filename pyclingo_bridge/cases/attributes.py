"""One thing that the request form or a document can state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pyclingo_bridge.base.spelling import NAME, alike, folded
from pyclingo_bridge.base.terms import LARGEST, Value, plain
from pyclingo_bridge.cases.days import day_of_number
from pyclingo_bridge.cases.name_rules import drug_key as drug_key
from pyclingo_bridge.cases.name_rules import name_rules
from pyclingo_bridge.cases.name_rules import no_drug_key as no_drug_key
from pyclingo_bridge.cases.names import NameReader

DETAIL = "detail"
"""The kind of what no requirement is about."""

DATE = "date"
"""The domain of days."""

NUMBERS = frozenset({"whole_number", "decimal"})
"""The domains of which a document can state a range."""


@dataclass(frozen=True)
class Attribute:
    """One thing that the request form or a document can state.

    Attributes:
        name: its key in a case file.
        kind: how its statements count: request, stable, latest, cumulative or history; a detail
            counts by what is concluded from it alone.
        domain: the type of its values: flag, whole_number, decimal, date, choice, name, list or drugs; of a
            detail names too.
        listed: the values that the vocabulary names, sorted (for drugs: every known name).
        main: those of them that do not count as another one.
        minimum: the least number allowed; of days as YYYYMMDD.
        maximum: the greatest number allowed, likewise.
        required: whether a request form has to give it.
        default: what holds where the form does not say, if anything does.
        non_empty: whether its list needs a member.
        called: the words for a reader of listed values, folded, each with the value.
        no_drugs: names that its list of drugs must not hold, as they say that it is empty; each as
            `no_drug_key` spells it.
        names: reads written names and codes by the vocabulary.
    """

    name: str
    kind: str
    domain: str
    listed: tuple[str, ...] = ()
    main: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = LARGEST
    required: bool = False
    default: bool | int | str | None = None
    non_empty: bool = False
    called: tuple[tuple[str, str], ...] = ()
    no_drugs: frozenset[str] = frozenset()
    names: NameReader | None = field(default=None, compare=False, repr=False)

    def meant(self, name: str) -> str | None:
        """The listed value that an unlisted name spells out, or that it may be a slip for."""
        return dict(self.called).get(folded(name)) or alike(name, self.listed, NAME)


def own_value(value: Value) -> bool | int | str:
    """A term as a case file would give it."""
    word = plain(value)
    return word == "true" if word in ("true", "false") else word


def as_given(attribute: Attribute, number: int) -> Any:
    """A number of the rules as a case file writes it: decimals are counted in thousandths, days YYYYMMDD.

    Errors: ValueError where there is no such day.
    """
    if attribute.domain == "date":
        return day_of_number(number).isoformat()
    if attribute.domain == "decimal":
        return number // 1000 if number % 1000 == 0 else number / 1000
    return number


def is_code(name: str) -> bool:
    """Whether a name has the form of an ICD-10-CM code, whatever its case: `C34.90`, `c34_90`, `C18`.

    Some stages have it too, as `t1a`. What stands in parentheses behind a code explains it.
    """
    return bool(name_rules().code.fullmatch(name.strip()))
