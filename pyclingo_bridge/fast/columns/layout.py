"""How a table holds cases: one row a case, one column an attribute.

A column bears the name of its attribute as in case files. Null is what is not stated, or not given on the
request form. A row is the case whose statements each stand in a document of their own. A column holds one
statement a row, or, as a list, any number of them: that is how contradictions are written. Beside the column
`age` there may be others with more on its statements, in step with it:

| column | what it gives |
| --- | --- |
| `age date` | the date of the document, also a month (`2025-03`) or a year |
| `age type` | the document's type; without it, the one that usually states it |
| `age status`, `age tumor` | as in a case file |
| `age at least`, `age at most` | a range, in place of a number |
| `ATTRIBUTE DETAIL` | of what can say nothing beside it: what else the document states |

`document date`, `document status`, `document tumor` and `specimen` give the same for all statements of a row
that have none of their own. A flag that calls a list whole has a column too. `date`, `drug` and `tumor` are
those of the request. Statements without a date are of the day of the request; where that is not given either,
of the latest date that the row gives. What a row cannot hold (a document that replaces another, measurements
from which conclusions are drawn, several names of one disease) a case file holds, or a line of JSON Lines.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest
from typing import Any, NamedTuple

import pyarrow as pa

from pyclingo_bridge.base.errors import TableError, listing, nearest_few, quoted, suggestion
from pyclingo_bridge.base.spelling import FACT, VALUE
from pyclingo_bridge.base.terms import plain
from pyclingo_bridge.cases.attributes import DATE, NUMBERS, Attribute
from pyclingo_bridge.cases.case_problems import (
    BOUNDS,
    Problem,
    full_day_problems,
    text_problems,
    value_problems,
)
from pyclingo_bridge.cases.days import Day, day_of_number, last_day, read_day
from pyclingo_bridge.cases.statements import folded_tumor
from pyclingo_bridge.cases.statuses import IN_ERROR, STATUSES, own_status
from pyclingo_bridge.cases.vocabulary import ABOUT_REQUEST, Vocabulary
from pyclingo_bridge.core.structure import Structure

ID = "id"
"""The column of the cases' ids."""

DAY, TUMOR = "date", "tumor"
"""The columns of the day and the tumor of the request."""

OF_DOCUMENTS = ("date", "type", "status", "tumor")
"""What a statement's own columns can say of its document."""

_NO_DAY = datetime.date(2000, 1, 1)
_SMALLEST_INDEX = 127
"""How many values an index of eight bits can tell apart."""


def own_column(attribute: str, field: str) -> str:
    """The column with more on an attribute's statements."""
    return f"{attribute} {field}"


def bound_column(attribute: str, bound: str) -> str:
    """The column with one end of a range.

    Examples:
        >>> bound_column("age", "at_least")
        'age at least'
    """
    return own_column(attribute, bound.replace("_", " "))


class RowStatement(NamedTuple):
    """A statement of a row, as it stands there.

    Attributes:
        attribute: the attribute.
        number: which of the attribute's statements it is, from 1 on.
        alone: whether there is no other.
        states: what its document states.
        about: what is given of the document, where it can be read: `date`, `type`, `status`, `tumor`.
    """

    attribute: str
    number: int
    alone: bool
    states: Mapping[str, Any]
    about: Mapping[str, str]

    @property
    def counts(self) -> bool:
        """Whether its document is none that was entered in error."""
        return bool(own_status(self.about.get("status")) != IN_ERROR)


@dataclass(frozen=True)
class Layout:
    """The columns of a table of cases, for one policy.

    Attributes:
        vocabulary: what cases can state.
        silencers: for each attribute what else a document may state that makes it say nothing.
        counted_from: the details that are days, from which time is counted to the request.
        undated: the day that rows are of which give no day: one on which the policy is in force.
    """

    vocabulary: Vocabulary
    silencers: Mapping[str, tuple[str, ...]]
    counted_from: frozenset[str]
    undated: datetime.date

    @classmethod
    def of(cls, structure: Structure) -> Layout:
        """The layout for a policy."""
        facts = structure.facts
        silencers: dict[str, set[str]] = {}
        for term in facts["silent_with"]:
            silencers.setdefault(str(plain(term.args[0])), set()).add(str(plain(term.args[2])))
        starts = [term.args[0] for term in facts["effective"] if isinstance(term.args[0], int)]
        return cls(
            structure.vocabulary,
            {name: tuple(sorted(others)) for name, others in silencers.items()},
            frozenset(str(plain(term.args[0])) for term in facts["dates"]),
            day_of_number(max(starts)) if starts else _NO_DAY,
        )

    # --- which columns there are ---

    @cached_property
    def stated(self) -> dict[str, Attribute]:
        """What rows state: the attributes, and the details that are days."""
        vocabulary = self.vocabulary
        days = {
            name: one
            for name, one in vocabulary.details.items()
            if one.domain == DATE and name not in vocabulary.drawing
        }
        return {**vocabulary.stated_attributes, **days}

    @cached_property
    def row_wide(self) -> dict[str, str]:
        """The columns about all statements of a row, each with what it gives."""
        found = {f"document {field}": field for field in OF_DOCUMENTS if field != "type"}
        besides = {other for others in self.silencers.values() for other in others}
        return found | {name: name for name in sorted(besides) if name in self.vocabulary.details}

    @cached_property
    def qualifiers(self) -> dict[str, tuple[str, ...]]:
        """For each list the flags that call it whole."""
        found: dict[str, tuple[str, ...]] = {}
        for flag, name in self.vocabulary.qualifiers.items():
            found[name] = (*found.get(name, ()), flag)
        return found

    def fields(self, attribute: str) -> tuple[str, ...]:
        """What more can be given of an attribute's statements, but for flags and ranges."""
        return (*OF_DOCUMENTS, *self.silencers.get(attribute, ()))

    def bounds(self, attribute: str) -> dict[str, str]:
        """The columns of the ends of a range, by the end."""
        known = self.stated[attribute].domain in NUMBERS
        return {bound: bound_column(attribute, bound) for bound in BOUNDS if known}

    def more_columns(self, attribute: str) -> tuple[str, ...]:
        """The columns with more on an attribute's statements."""
        return self._more_columns[attribute]

    @cached_property
    def _more_columns(self) -> dict[str, tuple[str, ...]]:
        return {
            name: (
                *self.qualifiers.get(name, ()),
                *self.bounds(name).values(),
                *(own_column(name, field) for field in self.fields(name)),
            )
            for name in self.stated
        }

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column there can be."""
        more = (column for name in self.stated for column in (name, *self.more_columns(name)))
        return (ID, *self.vocabulary.request_attributes, *sorted(ABOUT_REQUEST), *self.row_wide, *more)

    @cached_property
    def domains(self) -> dict[str, str]:
        """The type of each column's values, as the vocabulary calls it; of texts `text`."""
        vocabulary = self.vocabulary
        found = dict.fromkeys((ID, *sorted(ABOUT_REQUEST)), "text") | {DAY: DATE}
        found |= {name: one.domain for name, one in vocabulary.request_attributes.items()}
        found |= {column: self._domain_of_field(field) for column, field in self.row_wide.items()}
        for name, one in self.stated.items():
            found[name] = one.domain
            found |= dict.fromkeys(self.qualifiers.get(name, ()), "flag")
            found |= dict.fromkeys(self.bounds(name).values(), one.domain)
            found |= {own_column(name, field): self._domain_of_field(field) for field in self.fields(name)}
        return found

    def _domain_of_field(self, field: str) -> str:
        if field not in OF_DOCUMENTS:
            return self.vocabulary.all[field].domain
        return DATE if field == "date" else "text"

    def domain(self, column: str) -> str:
        """The type of a column's values."""
        return self.domains[column]

    def schema(self, several: Collection[str] = (), among: Collection[str] | None = None) -> pa.Schema:
        """The columns with the types that serve best; those of `several` hold several statements.

        Args:
            several: the attributes of which a row is to hold several statements.
            among: the columns that are wanted; without it all.
        """
        lists = {column for name in several for column in (name, *self.more_columns(name))}
        types: list[tuple[str, pa.DataType]] = []
        for name in self.columns:
            if among is None or name in among:
                kind = _type(self.domains[name], self.vocabulary.all.get(name))
                # Files cannot hold dictionaries within lists.
                types.append((name, pa.list_(undictionaried(kind)) if name in lists else kind))
        return pa.schema(types)

    def check(self, schema: pa.Schema) -> None:
        """See that the columns of a table are those of the layout.

        Errors: TableError for a column that is unknown, missing or given twice.
        """
        known = self.columns
        for name in schema.names:
            if name not in known:
                raise TableError(self._unknown(name))
            if schema.names.count(name) > 1:
                raise TableError(f"the column {quoted(name)} is there twice; keep one of them")
        form = self.vocabulary.request_attributes.values()
        for name in (ID, *(entry.name for entry in form if entry.required)):
            if name not in schema.names:
                raise TableError(f"there is no column {quoted(name)}, which every case needs")

    def _unknown(self, name: str) -> str:
        if name in self.vocabulary.details:
            return (
                f"{quoted(name)} is a detail, of which tables have no column: give what follows from "
                "it, or case files as JSON Lines"
            )
        plain_names = [one for one in self.columns if " " not in one]
        hint = suggestion(name, self.columns, FACT)
        return f"unknown column {quoted(name)}{hint} (allowed: {nearest_few(name, plain_names)})"

    def several(self, schema: pa.Schema) -> frozenset[str]:
        """The columns of a table that hold several statements a row.

        Errors: TableError for a column of a type that cannot hold what it is to hold.
        """
        return frozenset(name for name in schema.names if self._several(name, schema.field(name)))

    def _several(self, name: str, column: pa.Field) -> bool:
        domain = self.domains[name]
        depth, kind = _unwrapped(column.type)
        listlike = domain in ("list", "drugs")
        fits = pa.types.is_null(kind) or _FITS[domain](kind)
        deep = depth - listlike in ((0, 1) if name in self._in_documents else (0,))
        if not (fits and deep) and not pa.types.is_null(column.type):
            several = ", or a list of such where there are several statements"
            text = f"the column {quoted(name)} is of type {column.type}; make it {_WANTED[domain]}"
            raise TableError(text + (several if name in self._in_documents else ""))
        return bool(depth > listlike)

    @cached_property
    def _in_documents(self) -> frozenset[str]:
        """The columns that may hold several statements a row."""
        return frozenset(column for name in self.stated for column in (name, *self.more_columns(name)))

    # --- from rows to cases ---

    def case_of_row(self, row: Mapping[str, Any], several: Collection[str] = frozenset()) -> dict[str, Any]:
        """The case of a row, as a case file would give it.

        Whether it is a case at all is for `problems` to say.

        Args:
            row: values by column, as `pyarrow.Table.to_pylist` gives them.
            several: the columns that hold several statements; see the method of that name.
        """
        row = {name: as_given(value) for name, value in row.items()}
        form = (*self.vocabulary.request_attributes, *sorted(ABOUT_REQUEST))
        statements = list(self.statements(row, several))
        latest = str(self.day(row, statements) or self.undated)
        return {
            **({ID: row[ID]} if row.get(ID) is not None else {}),
            "request": {name: row[name] for name in form if row.get(name) is not None},
            "documents": [self._document(one, latest) for one in statements],
        }

    def _document(self, one: RowStatement, latest: str) -> dict[str, Any]:
        name = f"the row's {one.attribute}" + ("" if one.alone else f" {one.number}")
        given = {"type": self.usual_type(one.attribute), "date": latest, **one.about}
        return {"id": name, **given, "states": dict(one.states)}

    def statements(self, row: Mapping[str, Any], several: Collection[str]) -> Iterator[RowStatement]:
        """What a row states, its values being as case files give them."""
        for name in self.stated:
            columns = (name, *self.more_columns(name))
            if all(row.get(column) is None for column in columns):
                continue
            cells = [statements(row.get(column), column in several) for column in columns]
            entries = list(zip_longest(*cells))
            for number, entry in enumerate(entries, 1):
                given = dict(zip(columns, entry, strict=True))
                states = self.states(name, given)
                if states:
                    about = {field: row.get(column) for column, field in self.row_wide.items()}
                    own = {field: given[own_column(name, field)] for field in self.fields(name)}
                    about |= {field: value for field, value in own.items() if value is not None}
                    fit = {
                        field: value
                        for field, value in about.items()
                        if value is not None and not any(self.field_problems(field, value))
                    }
                    besides = {field: fit[field] for field in self.silencers.get(name, ()) if field in fit}
                    of_document = {field: fit[field] for field in OF_DOCUMENTS if field in fit}
                    alone = len(entries) == 1
                    yield RowStatement(name, number, alone, {**states, **besides}, of_document)

    def states(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """What a statement's document states, by what stands in the attribute's columns."""
        ends = {bound: given.get(column) for bound, column in self.bounds(name).items()}
        ends = {bound: end for bound, end in ends.items() if end is not None}
        value = given.get(name) if given.get(name) is not None or not ends else ends
        states = {name: value, **{flag: given.get(flag) for flag in self.qualifiers.get(name, ())}}
        return {key: one for key, one in states.items() if one is not None}

    def day(self, row: Mapping[str, Any], statements: Iterable[RowStatement]) -> datetime.date | None:
        """The day of a row's request: as given, else the latest that it gives; None where there is none."""
        given = row.get(DAY)
        dates: list[Day] = []
        if given is not None:
            dates = [read_day(given)] if not any(full_day_problems(given, ())) else []
        else:
            dates = [read_day(one.about["date"]) for one in statements if one.counts and "date" in one.about]
        return max(map(last_day, dates), default=None)

    def usual_type(self, attribute: str) -> str:
        """The type of the documents that state an attribute, where only columns name it."""
        vocabulary = self.vocabulary
        usual = vocabulary.shown_by.get(attribute, ())
        counting = vocabulary.only_from.get(attribute)
        if counting:
            return next((kind for kind in usual if kind in counting), min(counting))
        return usual[0] if usual else min(vocabulary.document_types)

    def field_problems(self, field: str, value: Any) -> Iterator[Problem]:
        """What is wrong with what is given of a document."""
        if field == "date":
            yield from _date_problems(value)
        elif field == "tumor":
            problems = list(text_problems(value, ()))
            yield from problems
            if not problems and not any(map(str.isalnum, value)):
                yield (), f"{quoted(value)} is no name; give it a letter or a digit", value
        elif field in OF_DOCUMENTS:
            known = STATUSES if field == "status" else tuple(sorted(self.vocabulary.document_types))
            if own_status(value) not in known:
                shown = quoted(value) if isinstance(value, str) else "what is no text"
                hint = suggestion(value, known, VALUE) if isinstance(value, str) else ""
                yield (), f"unknown document {field} {shown}{hint} (allowed: {listing(known)})", value
        else:
            yield from value_problems(value, self.vocabulary.all[field], ())

    def row_problems(self, row: Mapping[str, Any], several: Collection[str]) -> Iterator[Problem]:
        """What is wrong with a row, but for what `case_problems` finds of its case."""
        row = {name: as_given(value) for name, value in row.items()}
        for column, field in self._field_columns.items():
            for value in statements(row.get(column), column in several):
                for _, text, _ in self.field_problems(field, value) if value is not None else ():
                    yield (column,), text, value
        for name in self.stated:
            yield from self._range_problems(name, row, several)
        stated = list(self.statements(row, several))
        if row.get(DAY) is None and self.day(row, stated) is None:
            for name in dict.fromkeys(one.attribute for one in stated if one.attribute in self.counted_from):
                text = f"is missing; what {quoted(name)} comes to depends on the day of the request"
                yield ("request", DAY), text, None

    @cached_property
    def _field_columns(self) -> dict[str, str]:
        own = {own_column(name, field): field for name in self.stated for field in self.fields(name)}
        return {**self.row_wide, **own}

    def _range_problems(self, name: str, row: Mapping[str, Any], several: Collection[str]) -> Iterator[Problem]:
        ends = self.bounds(name).values()
        if row.get(name) is None or all(row.get(end) is None for end in ends):
            return
        cells = [statements(row.get(column), column in several) for column in (name, *ends)]
        for value, *given in zip_longest(*cells):
            if value is not None and any(end is not None for end in given):
                yield (
                    (name,),
                    f"is a number, and a range is given too: keep one of {listing(ends)} and it",
                    value,
                )


def _date_problems(value: Any) -> Iterator[Problem]:
    try:
        read_day(value)
    except (TypeError, ValueError) as error:
        text = str(error) if isinstance(error, ValueError) else "is no text of the form YYYY-MM-DD"
        yield (), text, value


def canonical(field: str, value: Any) -> Any:
    """What is given of a document, in the one spelling that is used here."""
    if field == "tumor":
        return folded_tumor(value)
    return own_status(value) if field == "status" else value


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


def _is_number(kind: pa.DataType) -> bool:
    # Programs without empty whole numbers keep them as numbers with a fraction.
    return bool(pa.types.is_integer(kind)) or has_fraction(kind)


_FITS: dict[str, Callable[[pa.DataType], bool]] = {
    "flag": pa.types.is_boolean,
    "whole_number": _is_number,
    "decimal": _is_number,
    DATE: lambda kind: _is_text(kind) or bool(pa.types.is_date(kind)),
    **dict.fromkeys(("choice", "name", "list", "drugs", "text"), _is_text),
}
_WANTED = {
    "flag": "bool",
    "whole_number": "a type of whole numbers",
    "decimal": "a type of numbers",
    DATE: "a type of days, or string such as 2025-03-01",
    "text": "string",
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


def as_given(value: Any) -> Any:
    """A value of a table as a case file gives it: whole numbers are such whatever the type that held them."""
    if isinstance(value, list):
        return [as_given(member) for member in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    if not isinstance(value, float | Decimal):
        return value
    return int(value) if math.isfinite(value) and value == int(value) else float(value)


def undictionaried(kind: pa.DataType) -> pa.DataType:
    """A type, or that of the words where it is one of a dictionary of them."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _type(domain: str, attribute: Attribute | None) -> pa.DataType:
    if domain == "choice" and attribute is not None:
        few = len(attribute.listed) <= _SMALLEST_INDEX
        return pa.dictionary(pa.int8() if few else pa.int32(), pa.string())
    return _TYPES[domain]


_TYPES = {
    "flag": pa.bool_(),
    "whole_number": pa.int32(),
    "decimal": pa.float64(),
    DATE: pa.string(),
    "text": pa.string(),
    "choice": pa.dictionary(pa.int32(), pa.string()),
    "name": pa.dictionary(pa.int32(), pa.string()),
    **dict.fromkeys(("list", "drugs"), pa.list_(pa.string())),
}
