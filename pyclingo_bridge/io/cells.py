"""What one cell of a CSV file says: the text of a value, of a list, or of several statements.

Each distinct text of a column is read once, however many rows hold it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pyclingo_bridge.base.errors import quoted
from pyclingo_bridge.base.json_text import LONGEST_NUMBER, Rounded, read_json
from pyclingo_bridge.base.terms import LARGEST
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.case_problems import Problem, first_problems, value_problems
from pyclingo_bridge.cases.limits import Limits, too_much
from pyclingo_bridge.cases.vocabulary import ABOUT_REQUEST, Vocabulary

_WHOLE = re.compile(r"(-?[0-9]+)(?:\.0*)?")
_DECIMAL = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")
_RANGE = re.compile(r"\s*(>=|<=|>|<|\u2265|\u2264)|[0-9]+\s*(-|to)\s*[0-9]")
_BETWEEN_NAMES = ",|"
_NUMERIC = ("whole_number", "decimal")
_FLAGS = {"true": True, "false": False}
_LISTS = ("list", "drugs")
_HALF = re.compile("[\ud800-\udfff]")
"""Half a character, which JSON can escape; no column of texts holds it."""


class ReadColumn(NamedTuple):
    """A column of a chunk as the layout has it.

    Attributes:
        values: its values; null where the cell is empty or cannot be read.
        unread: why a cell cannot be read, by the row's place in the chunk.
    """

    values: Any
    unread: dict[int, str]


def attributes_of_columns(vocabulary: Vocabulary, schema: Any) -> dict[str, Attribute]:
    """What each column of a schema holds, by the column's name."""
    form = {"id", *vocabulary.request_attributes, *ABOUT_REQUEST}

    def attribute(name: str, kind: Any) -> Attribute:
        # What is no attribute tells more of the request, or of statements.
        return Attribute(name, "request" if name in form else "stable", _domain(kind))

    return {field.name: vocabulary.all.get(field.name) or attribute(field.name, field.type) for field in schema}


def _domain(kind: Any) -> str:
    if pa.types.is_boolean(kind):
        return "flag"
    if pa.types.is_integer(kind):
        return "whole_number"
    return "decimal" if pa.types.is_floating(kind) else "text"


def read_column(texts: Any, attribute: Attribute, declared: Any, limits: Limits) -> ReadColumn:
    """The values that a column of texts holds.

    Args:
        texts: a binary array, in which an empty cell is null.
        attribute: what the column holds.
        declared: the layout's type of the column.
        limits: how many values a cell may hold, and how many of its problems a message gives.
    """
    encoded = texts.dictionary_encode()
    cells = [_Cell(text, attribute, limits) for text in encoded.dictionary.to_pylist()]
    several = any(cell.several for cell in cells)
    values = [cell.statements if several else cell.only for cell in cells]
    distinct = pa.array(values, pa.list_(declared) if several else declared)
    faults = {place: cell.fault for place, cell in enumerate(cells) if cell.fault}
    return ReadColumn(_spread(distinct, encoded.indices), _rows_of(faults, encoded.indices))


def _spread(distinct: Any, indices: Any) -> Any:
    # Names stay a dictionary, which is how the engine likes them best.
    if pa.types.is_string(distinct.type) and distinct.null_count == 0:
        return pa.DictionaryArray.from_arrays(indices, distinct)
    return distinct.take(indices)


def _rows_of(faults: dict[int, str], indices: Any) -> dict[int, str]:
    if not faults:
        return {}
    wrong = pc.is_in(indices, value_set=pa.array(list(faults), indices.type))
    rows = pc.indices_nonzero(wrong).to_pylist()
    return {row: faults[indices[row].as_py()] for row in rows}


class _Cell:
    """One distinct text of a column: the statements it makes, or why it makes none."""

    def __init__(self, text: bytes, attribute: Attribute, limits: Limits) -> None:
        self._limits = limits
        self.several = False
        self.statements: list[Any] | None = None
        self.fault = ""
        try:
            self._read(text.decode("utf-8").strip(), attribute)
        except UnicodeDecodeError as error:
            self.fault = f"is not UTF-8 text (byte {error.start})"
        except ValueError as error:
            self.fault = f"{quoted(text.decode('utf-8'))} {error}"
        if self.fault:
            self.fault = f"column `{attribute.name}`: {self.fault}"
            self.several, self.statements = False, None

    @property
    def only(self) -> Any:
        """The one statement."""
        return None if self.statements is None else self.statements[0]

    def _read(self, text: str, attribute: Attribute) -> None:
        if not text:
            return
        listed = attribute.domain in _LISTS
        values = read_json(text, "cell") if text.startswith("[") else None
        if values is None:
            self.statements = [_names(text, attribute) if listed else _value(text, attribute)]
        elif listed and not any(isinstance(value, list) for value in values):
            self.statements = [values]
        elif attribute.kind == "request":
            raise ValueError("is a list of statements, and the request form makes one; write its value alone")
        else:
            self.several, self.statements = True, values
        self._count(self.statements or ())
        # The engine reports bounds and unknown names; here a value has to have its column's type.
        for value in self.statements or ():
            # Among several statements null is none: so columns beside one another stay in step.
            if value is not None or not self.several:
                self._check(value, attribute)

    def _count(self, statements: Sequence[Any]) -> None:
        names = sum(len(value) if isinstance(value, list) else 1 for value in statements)
        most = self._limits.members
        if names > most:
            raise ValueError(f"holds {names:,} values; {too_much('members', most)}")

    def _check(self, value: Any, attribute: Attribute) -> None:
        members = value if isinstance(value, list) and attribute.domain in _LISTS else [value]
        if not all(_fits(member, attribute) for member in members) or (
            attribute.domain in _LISTS and not isinstance(value, list)
        ):
            found = first_problems(_problems(value, attribute), self._limits.problems)
            self.fault = "; ".join(text for _, text, _ in found) or "is no such value"
            if attribute.domain in _NUMERIC and isinstance(value, str) and _RANGE.match(value):
                columns = f"`{attribute.name} at least` and `{attribute.name} at most`"
                self.fault += f"; a range stands in the columns {columns}, where documents state it"


def _problems(value: Any, attribute: Attribute) -> Iterable[Problem]:
    return () if attribute.domain == "text" else value_problems(value, attribute, ())


_TYPES: dict[str, type] = {
    "flag": bool,
    "whole_number": int,
    "decimal": float,
    "date": str,
    "text": str,
    "choice": str,
    "name": str,
    "list": str,
    "drugs": str,
}


def _fits(value: Any, attribute: Attribute) -> bool:
    """Whether a column of the layout's type can hold a value."""
    if isinstance(value, str):
        return _TYPES[attribute.domain] is str and not _HALF.search(value)
    if isinstance(value, bool):
        return attribute.domain == "flag"
    if attribute.domain == "decimal" and isinstance(value, float):
        return not isinstance(value, Rounded)
    return attribute.domain in _NUMERIC and isinstance(value, int) and -LARGEST <= value <= LARGEST


def _value(text: str, attribute: Attribute) -> bool | int | float | str:
    if attribute.domain == "flag":
        return _FLAGS.get(text.lower(), text)
    if attribute.domain in _NUMERIC and (number := _WHOLE.fullmatch(text)):
        return int(number[1][: LONGEST_NUMBER + 1])
    if attribute.domain == "decimal" and _DECIMAL.fullmatch(text):
        return float(text)
    return text


def _names(text: str, attribute: Attribute) -> list[str]:
    """The names of a list as a cell writes it.

    What commas part in a list of drugs is left to whoever reads their names.

    Errors: ValueError where names are separated by something else than semicolons.
    """
    names = [name.strip() for name in text.split(";")]
    marks = "|" if attribute.domain == "drugs" else _BETWEEN_NAMES
    for name in names:
        mark = next((mark for mark in marks if mark in name), None)
        if mark and not _is_one_drug(name, attribute):
            parts = "; ".join(part.strip() for part in name.split(mark))
            raise ValueError(
                f"holds {quoted(mark)}: write `;` between names, as in {quoted(parts)}, or "
                f"{quoted(json.dumps([name], ensure_ascii=False))} if it is one name"
            )
    return names


def _is_one_drug(name: str, attribute: Attribute) -> bool:
    """Whether a name is read as one drug, whatever signs are in it."""
    if attribute.domain != "drugs" or attribute.names is None:
        return name in attribute.listed
    read = attribute.names.read_drugs(name)
    return len(read.known) == 1 and not read.unknown


def list_text(names: Sequence[str]) -> str:
    """A list as a cell: `a;b`, or JSON where that could be read otherwise.

    Examples:
        >>> list_text(["one", "two"]), list_text([]), list_text(["a;b"])
        ('one;two', '[]', '["a;b"]')
    """
    plain = names and all(name.strip() == name and name and ";" not in name for name in names)
    if plain and not names[0].startswith("["):
        return ";".join(names)
    return json.dumps(list(names), ensure_ascii=False)


def list_texts(lists: Iterable[Sequence[str] | None]) -> list[str | None]:
    """Lists as cells; None stays None."""
    return [None if names is None else list_text(names) for names in lists]
