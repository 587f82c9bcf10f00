"""One thing that the request form or a document can state."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyclingo_bridge.base.errors import quoted
from pyclingo_bridge.base.spelling import NAME, alike, folded
from pyclingo_bridge.base.terms import LARGEST, Value, plain

if TYPE_CHECKING:
    from pyclingo_bridge.cases.names import NameReader

DETAIL = "detail"
"""The kind of what no requirement is about."""

DATE = "date"
"""The domain of days."""

NUMBERS = frozenset({"whole_number", "decimal"})
"""The domains of which a document can state a range."""

_CODE = re.compile(
    r"(icd[\s_-]?10([\s_-]?cm)?[\s_:-]{1,2})?[a-z]\s?[0-9][0-9ab]"
    r"(\.[0-9a-z]{1,4}|_?([0-9]|[a-z][0-9])[0-9a-z]{0,3})?(\s*\([^()]*\))?\Z",
    re.IGNORECASE,
)
_GAP = re.compile(r"[\s-]+")
_AROUND_SLASH = re.compile(r"\s*([/\\])\s*")
_AROUND_NAME = "()[]{}<>\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb.,;:!*_"


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


def drug_key(name: str) -> str:
    """A drug's name as the vocabulary spells it: lower case, words joined by underscores."""
    return _GAP.sub("_", name.strip().lower())


def no_drug_key(name: str) -> str:
    """A name as it is compared with those that say that there is no drug.

    Such words are typed in many ways: in brackets or quotes, with a period, or with an accent.

    Example:
        >>> no_drug_key('"None."'), no_drug_key("N / A"), no_drug_key("treatment na\u00efve")
        ('none', 'n/a', 'treatment_naive')
    """
    if not name.isascii():
        name = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    key = drug_key(_AROUND_SLASH.sub(r"\1", name) if "/" in name or "\\" in name else name)
    bare = key.strip(_AROUND_NAME)
    # What is nothing but signs is what it is: a question mark does not say that there is no drug.
    return bare if any(map(str.isalpha, bare)) else "".join(name.split())


def is_code(name: str) -> bool:
    """Whether a name has the form of an ICD-10-CM code, whatever its case: `C34.90`, `c34_90`, `C18`.

    Some stages have it too, as `t1a`. What stands in parentheses behind a code explains it.
    """
    return bool(_CODE.match(name.strip()))


def no_drug_problem(part: str, name: str) -> str:
    """What is wrong with a name in a list of drugs of which a part, or all, says that there is none."""
    if part == name:
        return f"{quoted(name)} is no drug; write an empty list `[]` for no drugs"
    return (
        f"{quoted(part)} in {quoted(name)} is no drug; leave it out, or write `[]` for no drugs"
    )
