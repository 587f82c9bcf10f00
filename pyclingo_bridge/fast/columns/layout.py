"""How a table holds cases: one row a case, one column an attribute.

A column bears the name of its attribute as in case files. Null is what is not stated, or not given
on the request form. A row is the case whose statements each stand in a document of their own, all
of one date. A column holds one statement a row, or, as a list, any number of them: that is how
contradictions are written. A flag that calls a list whole stands in a column of its own, beside the
list's, and so does, for attributes of which one speaks for another, the order of statements.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest
from typing import Any

import pyarrow as pa

from pyclingo_bridge.base.errors import TableError, listing, quoted, suggestion
from pyclingo_bridge.base.spelling import FACT
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.facts import Topics

ID = "id"
"""The column of the cases' ids."""

_FIRST_DAY = datetime.date(2000, 1, 1)
_MOST_DAYS = 100_000
_SMALLEST_INDEX = 127
"""How many values an index of eight bits can tell apart."""


def order_column(attribute: str) -> str:
    """The column with the order of an attribute's statements among those linked to it."""
    return f"{attribute} order"


def day_of(order: Any) -> str:
    """The date of a statement of this place in the order, of which the first is 1.

    What is no place in it is given as it is: the case reader refuses it as a date.
    """
    if order is None:
        order = 1
    if not isinstance(order, int) or not 1 <= order <= _MOST_DAYS:
        return str(order)
    return (_FIRST_DAY + datetime.timedelta(days=order - 1)).isoformat()


@dataclass(frozen=True)
class Layout:
    """The columns of a table of cases, for one policy.

    Attributes:
        vocabulary: what cases can state.
        subjects: the attributes, together where what is said of one speaks for another.
        qualifiers: for each list the flags that call it whole.
    """

    vocabulary: Vocabulary
    subjects: tuple[tuple[str, ...], ...]
    qualifiers: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, vocabulary: Vocabulary, topics: Topics) -> Layout:
        """The layout for a policy's vocabulary and topics."""
        form = vocabulary.request_attributes
        stated: dict[str, list[str]] = {}
        for name in vocabulary.stated_attributes:
            stated.setdefault(topics.of[name], []).append(name)
        qualifiers: dict[str, tuple[str, ...]] = {}
        for flag, name in vocabulary.qualifiers.items():
            qualifiers[name] = (*qualifiers.get(name, ()), flag)
        subjects = (*((name,) for name in form), *(tuple(names) for names in stated.values()))
        return cls(vocabulary, subjects, qualifiers)

    @cached_property
    def ordered(self) -> frozenset[str]:
        """The attributes that have a column for their statements' order."""
        linked = (names for names in self.subjects if len(names) > 1)
        return frozenset(name for names in linked for name in names)

    def more_columns(self, attribute: str) -> tuple[str, ...]:
        """The columns with more on an attribute's statements."""
        return self._more_columns.get(attribute, ())

    @cached_property
    def _more_columns(self) -> dict[str, tuple[str, ...]]:
        orders = {name: (order_column(name),) for name in self.ordered}
        names = {*self.qualifiers, *orders}
        return {name: (*self.qualifiers.get(name, ()), *orders.get(name, ())) for name in sorted(names)}

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column there can be."""
        form = self.vocabulary.request_attributes
        stated = self.vocabulary.stated_attributes
        more = (column for name in stated for column in (name, *self.more_columns(name)))
        return (ID, *form, *more)

    def schema(self, several: Collection[str] = ()) -> pa.Schema:
        """The columns with the types that serve best; those of `several` hold several statements."""
        attributes = self.vocabulary.attributes
        types: dict[str, pa.DataType] = {ID: pa.string()}
        for name in (*self.vocabulary.request_attributes, *self.vocabulary.stated_attributes):
            own = {name: _type(attributes[name])}
            own |= {flag: pa.bool_() for flag in self.qualifiers.get(name, ())}
            own |= {order_column(name): pa.int32()} if name in self.ordered else {}
            if name in several:
                # Files cannot hold dictionaries within lists.
                own = {column: pa.list_(undictionaried(kind)) for column, kind in own.items()}
            types |= own
        return pa.schema(list(types.items()))

    def check(self, schema: pa.Schema) -> None:
        """See that the columns of a table are those of the layout.

        Errors: TableError for a column that is unknown, missing or given twice.
        """
        known = self.columns
        for name in schema.names:
            if name in self.vocabulary.details:
                raise TableError(
                    f"{quoted(name)} is a detail, of which tables have no column: give what follows from "
                    "it, or case files as JSON Lines"
                )
            if name not in known:
                raise TableError(
                    f"unknown column {quoted(name)}{suggestion(name, known, FACT)} "
                    f"(allowed: {listing(known, 60)})"
                )
            if schema.names.count(name) > 1:
                raise TableError(f"the column {quoted(name)} is there twice; keep one of them")
        form = self.vocabulary.request_attributes.values()
        for name in (ID, *(entry.name for entry in form if entry.required)):
            if name not in schema.names:
                raise TableError(f"there is no column {quoted(name)}, which every case needs")

    def several(self, schema: pa.Schema) -> frozenset[str]:
        """The columns of a table that hold several statements a row.

        Errors: TableError for a column of a type that cannot hold what it is to hold.
        """
        return frozenset(name for name in schema.names if self._several(name, schema.field(name)))

    def _several(self, name: str, column: pa.Field) -> bool:
        domain = self.domain(name)
        depth, kind = _unwrapped(column.type)
        listlike = domain in ("list", "drugs")
        stated = name != ID and name not in self.vocabulary.request_attributes
        fits = pa.types.is_null(kind) or _FITS[domain](kind)
        deep = depth - listlike in ((0, 1) if stated else (0,))
        if not (fits and deep) and not pa.types.is_null(column.type):
            several = ", or a list of such where there are several statements" if stated else ""
            text = f"the column {quoted(name)} is of type {column.type}"
            raise TableError(f"{text}; make it {_WANTED[domain]}{several}")
        return bool(depth > listlike)

    def domain(self, column: str) -> str:
        """The type of a column's values, as the vocabulary calls it."""
        if column in self.vocabulary.attributes:
            return self.vocabulary.attributes[column].domain
        if column == ID:
            return "name"
        return "flag" if column in self.vocabulary.qualifiers else "whole_number"

    def case_of_row(self, row: Mapping[str, Any], several: Collection[str] = frozenset()) -> dict[str, Any]:
        """The case of a row, as a case file would give it.

        Whether it is a case at all is for the case reader to say.

        Args:
            row: values by column, as `pyarrow.Table.to_pylist` gives them.
            several: the columns that hold several statements; see the method of that name.
        """
        row = {name: as_whole(value) for name, value in row.items()}
        form = self.vocabulary.request_attributes
        documents = [
            entry for name in self.vocabulary.stated_attributes for entry in self._documents(name, row, several)
        ]
        return {
            **({ID: row[ID]} if row.get(ID) is not None else {}),
            "request": {name: row[name] for name in form if row.get(name) is not None},
            "documents": documents,
        }

    def _documents(
        self, attribute: str, row: Mapping[str, Any], several: Collection[str]
    ) -> Iterator[dict[str, Any]]:
        columns = (attribute, *self.more_columns(attribute))
        cells = [statements(row.get(column), column in several) for column in columns]
        entries = list(zip_longest(*cells))
        kind = self.usual_type(attribute)
        for number, entry in enumerate(entries, 1):
            cells_of = dict(zip(columns, entry, strict=True))
            day = day_of(cells_of.pop(order_column(attribute), None))
            states = {name: value for name, value in cells_of.items() if value is not None}
            if states or day != day_of(None):
                name = f"the row's {attribute}" + (f" {number}" if len(entries) > 1 else "")
                yield {"id": name, "type": kind, "date": day, "states": states}

    def usual_type(self, attribute: str) -> str:
        """The type of the documents that state an attribute, where only columns name it."""
        known = sorted(self.vocabulary.document_types)
        return self.vocabulary.shown_by.get(attribute, known)[0]


def statements(cell: Any, several: bool) -> list[Any]:
    """The statements of a cell, in a column that holds several, or one alone."""
    return [] if cell is None else list(cell) if several else [cell]


def _unwrapped(kind: pa.DataType) -> tuple[int, pa.DataType]:
    """How many lists are around what a column holds, and its type."""
    if pa.types.is_dictionary(kind):
        return _unwrapped(kind.value_type)
    if not is_list(kind):
        return 0, kind
    depth, inner = _unwrapped(kind.value_type)
    return depth + 1, inner


def is_list(kind: pa.DataType) -> bool:
    """Whether a type is one of lists that stand one after the other; views of lists are refused."""
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


_FITS: dict[str, Callable[[pa.DataType], bool]] = {
    "flag": pa.types.is_boolean,
    # Programs without empty whole numbers keep them as numbers with a fraction.
    "whole_number": lambda kind: pa.types.is_integer(kind) or has_fraction(kind),
    **dict.fromkeys(("choice", "name", "list", "drugs"), _is_text),
}
_WANTED = {
    "flag": "bool",
    "whole_number": "a type of whole numbers",
    "choice": "string, or dictionary of string",
    "name": "string, or dictionary of string",
    "list": "a list of string",
    "drugs": "a list of string",
}


def has_fraction(kind: pa.DataType) -> bool:
    """Whether a type of numbers can hold such as are not whole."""
    return bool(pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def without_halves(table: pa.Table) -> pa.Table:
    """A table whose numbers of 16 bits with fractions are of 32: older versions of Arrow only hold them."""
    for place, column in enumerate(table.schema):
        kind = _widened(column.type)
        if kind != column.type:
            wide = _as_wide(table.column(place), kind)
            table = table.set_column(place, column.name, wide)
    return table


def _widened(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        value = _widened(kind.value_type)
        return kind if value == kind.value_type else value
    if is_list(kind):
        value = _widened(kind.value_type)
        return kind if value == kind.value_type else pa.list_(value)
    return pa.float32() if pa.types.is_float16(kind) else kind


def _as_wide(column: pa.ChunkedArray, kind: pa.DataType) -> pa.Array:
    values = [_plain_fraction(value) for value in column.to_pylist()]
    return pa.array(values, kind)


def _plain_fraction(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain_fraction(member) for member in value]
    return None if value is None else float(value)


def as_whole(value: Any) -> Any:
    """A value of a table; whole numbers are such whatever the type that held them."""
    if isinstance(value, list):
        return [as_whole(member) for member in value]
    if not isinstance(value, float | Decimal):
        return value
    return int(value) if math.isfinite(value) and value == int(value) else float(value)


def undictionaried(kind: pa.DataType) -> pa.DataType:
    """A type, or that of the words where it is one of a dictionary of them."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _type(attribute: Attribute) -> pa.DataType:
    if attribute.domain == "flag":
        return pa.bool_()
    if attribute.domain == "whole_number":
        return pa.int32()
    if attribute.domain == "choice":
        few = len(attribute.listed) <= _SMALLEST_INDEX
        return pa.dictionary(pa.int8() if few else pa.int32(), pa.string())
    if attribute.domain == "name":
        return pa.dictionary(pa.int32(), pa.string())
    return pa.list_(pa.string())
