"""What stands for the values of each column of a table."""

from __future__ import annotations

from functools import partial
from typing import Any

from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.case_problems import full_day_problems, text_problems, value_problems
from pyclingo_bridge.cases.vocabulary import ABOUT_REQUEST
from pyclingo_bridge.core.facts import Encoder
from pyclingo_bridge.core.in_force import is_about
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.columns.layout import DAY, TUMOR, Layout, canonical, own_column
from pyclingo_bridge.fast.columns.reader import Classes
from pyclingo_bridge.fast.columns.values import PlainClasses, ValueClasses
from pyclingo_bridge.fast.weighing import EvidenceMasks

_FLAG = Attribute("", "stable", "flag")
_NUMERIC = ("whole_number", "decimal", "date")


class TableClasses:
    """The classes of every column's values, under one policy.

    Attributes:
        about: of the columns about the request and about all statements of a row.
    """

    def __init__(self, layout: Layout, structure: Structure, evidence: EvidenceMasks, encoder: Encoder) -> None:
        self._layout = layout
        self._structure = structure
        vocabulary = layout.vocabulary
        singles: dict[str, set[Any]] = {}
        for name, value, other, needed in vocabulary.only_with:
            singles.setdefault(name, set()).add(value)
            singles.setdefault(other, set()).add(needed)

        def by_meaning(attribute: Attribute, by_name: bool = False) -> ValueClasses:
            single = singles.get(attribute.name, ())
            return ValueClasses(attribute, vocabulary, evidence, encoder, single, by_name)

        stated = {name: one for name, one in vocabulary.all.items() if name in layout.domains}
        self._alike: dict[str, Classes] = {name: by_meaning(one) for name, one in vocabulary.attributes.items()}
        self._exact: dict[str, Classes] = dict(self._alike)
        for name, one in stated.items():
            if one.domain in _NUMERIC:
                self._exact[name] = PlainClasses(partial(_problems, one))
            elif one.kind == "history":
                self._exact[name] = by_meaning(one, by_name=True)
        self.about = {name: self._about(name) for name in ABOUT_REQUEST}
        self.about |= {column: self._field(field) for column, field in layout.row_wide.items()}
        self._more: dict[str, dict[str, Classes]] = {name: self._besides(name) for name in layout.stated}

    def form(self, name: str, exact: bool) -> Classes:
        """Those of a column of the request form; exact ones tell all numbers apart."""
        return (self._exact if exact else self._alike)[name]

    def columns(self, name: str, exact: bool) -> dict[str, Classes]:
        """Those of the columns of what documents state; exact ones tell apart all numbers, days and drugs."""
        own = self._exact if exact or name not in self._alike else self._alike
        return {name: own[name], **self._more[name]}

    def _besides(self, name: str) -> dict[str, Classes]:
        layout = self._layout
        found: dict[str, Classes] = {
            flag: PlainClasses(partial(_problems, _FLAG)) for flag in layout.qualifiers.get(name, ())
        }
        number = partial(_problems, layout.stated[name])
        found |= {column: PlainClasses(number) for column in layout.bounds(name).values()}
        return found | {own_column(name, field): self._field(field) for field in layout.fields(name)}

    def _field(self, field: str) -> PlainClasses:
        return PlainClasses(partial(self._layout.field_problems, field), partial(canonical, field))

    def _about(self, name: str) -> PlainClasses:
        if name == DAY:
            return PlainClasses(lambda value: full_day_problems(value, ()))
        if name == TUMOR:
            return self._field(TUMOR)
        return PlainClasses(lambda value: [*text_problems(value, ()), *self._other_drug(value)])

    def _other_drug(self, value: Any) -> list[Any]:
        """A drug that the policy is not about."""
        return [value] if isinstance(value, str) and not is_about(value, self._structure) else []


def _problems(attribute: Attribute, value: Any) -> Any:
    return value_problems(value, attribute, ())
