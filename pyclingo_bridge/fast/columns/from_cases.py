"""From cases to a table: each statement with its date, and what else tells how it counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import pyarrow as pa

from pyclingo_bridge.base.errors import CaseError, quoted
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.days import last_day
from pyclingo_bridge.cases.statements import CaseStatements, Stated
from pyclingo_bridge.cases.statuses import FINAL, IN_ERROR
from pyclingo_bridge.cases.vocabulary import ABOUT_REQUEST
from pyclingo_bridge.fast.columns.layout import DAY, ID, Layout, own_column

_Entry: TypeAlias = dict[str, Any]
"""One statement: what stands in the attribute's columns."""

_DATE = "document date"


def table_of(cases: Iterable[Case], layout: Layout) -> pa.Table:
    """The cases as rows, in their order.

    A column holds several statements a row where some case needs it. Of what is concluded from details
    the conclusions are kept. Of the columns with more on a statement there are those that are needed.

    Errors: CaseError for a case that breaks the vocabulary, or that a row cannot hold.
    """
    rows = [_Row(case, layout) for case in cases]
    entries = {name: [row.statements.get(name, []) for row in rows] for name in layout.stated}
    several = {name for name, own in entries.items() if any(len(one) > 1 for one in own)}
    columns: dict[str, list[Any]] = {
        name: [row.about.get(name) for row in rows]
        for name in (ID, *layout.vocabulary.request_attributes, *sorted(ABOUT_REQUEST), *layout.row_wide)
    }
    for name, own in entries.items():
        for column in (name, *layout.more_columns(name)):
            cells = [[entry.get(column) for entry in one] or None for one in own]
            columns[column] = cells if name in several else [cell and cell[0] for cell in cells]
    plain = {ID, *layout.vocabulary.request_attributes, *layout.vocabulary.stated_attributes}
    plain |= layout.vocabulary.qualifiers.keys()
    needed = plain | {name for name, cells in columns.items() if any(map(_is_given, cells))}
    schema = layout.schema(several, needed)
    return pa.table([pa.array(columns[entry.name], entry.type) for entry in schema], schema)


def _is_given(cell: Any) -> bool:
    return any(one is not None for one in cell) if isinstance(cell, list) else cell is not None


class _Row:
    """A case as a row.

    Attributes:
        about: what stands in the columns that are of no one attribute.
        statements: what the case states, by attribute, each statement once.
    """

    def __init__(self, case: Case, layout: Layout) -> None:
        self._case = case
        self._layout = layout
        said = case.statements(layout.vocabulary)
        self.about: dict[str, Any] = {ID: case.id, **case.request}
        self.statements: dict[str, list[_Entry]] = {}
        documents = [
            one
            for one in (*said.documents, *self._in_error())
            if not layout.stated.keys().isdisjoint(one.states)
        ]
        dates = {str(document.date) for document in documents}
        if len(dates) == 1:
            self.about[_DATE] = dates.pop()
        for document in documents:
            for name in layout.stated:
                if name in document.states:
                    entry = self._entry(name, document, _DATE not in self.about)
                    if entry not in self.statements.setdefault(name, []):
                        self.statements[name].append(entry)
        self._keep_day(said)

    def _in_error(self) -> Iterator[Stated]:
        """The documents that were entered in error; what replaces others no row can hold."""
        for one in self._case.documents:
            if one.replaces is not None:
                raise self._refused(one.id, "replaces another document")
            if one.status == IN_ERROR:
                yield Stated(one.id, one.type, one.date, one.states, status=one.status, tumor=one.tumor)

    def _entry(self, name: str, document: Stated, dated: bool) -> _Entry:
        layout, states = self._layout, document.states
        value, bounds = states[name], layout.bounds(name)
        if isinstance(value, tuple) and layout.domain(name) not in ("list", "drugs"):
            raise self._refused(document.id, f"gives several names of one `{name}`")
        entry = {name: list(value) if isinstance(value, tuple) else value}
        if hasattr(value, "keys"):
            entry = {bounds[end]: number for end, number in value.items()}
        about = {"date": str(document.date) if dated else None, "tumor": document.tumor}
        about["type"] = None if self._is_usual(name, document.type) else document.type
        about["status"] = document.status if document.status != FINAL else None
        fields = {field: about.get(field, states.get(field)) for field in layout.fields(name)}
        entry |= {own_column(name, field): given for field, given in fields.items() if given is not None}
        return entry | {flag: states[flag] for flag in layout.qualifiers.get(name, ()) if flag in states}

    def _is_usual(self, name: str, kind: str) -> bool:
        """Whether it makes no difference that a document is of a type, and not of the usual one."""
        vocabulary = self._layout.vocabulary
        if kind == self._layout.usual_type(name):
            return True
        counting = vocabulary.only_from.get(name)
        return kind in vocabulary.shown_by.get(name, ()) and (not counting or kind in counting)

    def _refused(self, document: str, why: str) -> CaseError:
        text = f"{quoted(document)} {why}: a row cannot hold that; decide the case by itself, or as JSON Lines"
        return CaseError(f"case {quoted(self._case.id)}", [text])

    def _keep_day(self, said: CaseStatements) -> None:
        """Give the day of the request where the statements alone would not come to it."""
        held = (one for one in said.documents if not self._layout.stated.keys().isdisjoint(one.states))
        latest = max((last_day(document.date) for document in held), default=None)
        if DAY not in self.about and said.day is not None and said.day != latest:
            self.about[DAY] = said.day.isoformat()
