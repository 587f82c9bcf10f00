"""Writes tables of answers piece by piece, so that the pieces one after the other are one file.

What was written can be cut off behind any piece, and gone on with: the file comes out the same.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from pyclingo_bridge.io.cells import list_texts
from pyclingo_bridge.io.footer import moved
from pyclingo_bridge.io.formats import Format

_MAGIC = b"PAR1"


class Encoder(Protocol):
    """Writes tables of one schema at the end of a file."""

    def start(self, path: Path) -> None:
        """Begin an empty file."""
        ...

    def append(self, path: Path, table: Any) -> bytes:
        """Write rows. What comes back is what `end` has to know of them."""
        ...

    def end(self, path: Path, notes: Iterable[bytes]) -> None:
        """Make the file whole, by what `append` gave back, in order."""
        ...


def encoder(form: Format, schema: Any) -> Encoder:
    """What writes tables of a schema in a format."""
    if form.kind == "parquet":
        return _Parquet(schema)
    return _Texts(_Csv(schema) if form.kind == "csv" else _Lines(schema), form.zipped)


class _Parquet:
    """Each table is a row group. It is made as a file of its own, of which what stands between the mark and
    the footer goes behind what is there. The footers are kept for the end, where one lists all row groups.
    """

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        # No id stands twice, as a rule: to look for one that does takes longer than all the rest.
        self._repeated = [
            f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name
            for field in schema
            if field.name != "id"
        ]

    def start(self, path: Path) -> None:
        """Write the format's mark."""
        path.write_bytes(_MAGIC)

    def append(self, path: Path, table: Any) -> bytes:
        """Write a row group; give back its footer."""
        made = io.BytesIO()
        with pq.ParquetWriter(
            made,
            self._schema,
            use_dictionary=self._repeated,
            write_statistics=self._repeated,
        ) as writer:
            whole = _without_null_words(table.cast(self._schema))
            writer.write_table(whole, row_group_size=max(1, table.num_rows))
        data = made.getbuffer()
        length = int.from_bytes(data[-8:-4], "little")
        with path.open("ab") as file:
            further = file.tell() - len(_MAGIC)
            file.write(data[len(_MAGIC) : -8 - length])
        return moved(bytes(data[-8 - length : -8]), further)

    def end(self, path: Path, notes: Iterable[bytes]) -> None:
        """Write the footer of all row groups together."""
        whole = None
        for note in notes:
            length = len(note).to_bytes(4, "little")
            told = pq.read_metadata(io.BytesIO(_MAGIC + note + length + _MAGIC))
            if whole is None:
                whole = told
            else:
                whole.append_row_groups(told)
        if whole is None:
            pq.write_table(self._schema.empty_table(), str(path))
            return
        footer = io.BytesIO()
        whole.write_metadata_file(footer)
        with path.open("ab") as file:
            file.write(footer.getvalue()[len(_MAGIC) :])


def _without_null_words(table: Any) -> Any:
    """The table with no null among the words of a dictionary, which the format cannot hold."""
    for place, column in enumerate(table.columns):
        kind = column.type
        if pa.types.is_dictionary(kind) and any(c.dictionary.null_count for c in column.chunks):
            plain = column.cast(kind.value_type).dictionary_encode().cast(kind)
            table = table.set_column(place, table.schema.field(place), plain)
    return table


class _Text(Protocol):
    def head(self) -> bytes:
        """How the file begins."""
        ...

    def rows(self, table: Any) -> bytes:
        """The rows."""
        ...


class _Texts:
    """Lines of text. Compressed, each piece is compressed for itself: unpacked they follow one another."""

    def __init__(self, text: _Text, zipped: bool) -> None:
        self._text = text
        self._zipped = zipped

    def start(self, path: Path) -> None:
        """Write the head."""
        self._write(path, self._text.head())

    def append(self, path: Path, table: Any) -> bytes:
        """Write the rows."""
        self._write(path, self._text.rows(table))
        return b""

    def end(self, path: Path, notes: Iterable[bytes]) -> None:
        """Nothing more; only a compressed file of nothing needs to hold that."""
        if self._zipped and not path.stat().st_size:
            path.write_bytes(_zip(b""))

    def _write(self, path: Path, data: bytes) -> None:
        with path.open("ab") as file:
            file.write(_zip(data) if self._zipped and data else data)


def _zip(data: bytes) -> bytes:
    # No time of writing in it: the same rows make the same file.
    return gzip.compress(data, 6, mtime=0)


_RISKY = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"
_FIRST = pa.array([*_RISKY, "'"])
_FORMULA = f"^'*[{re.escape(_RISKY)}]"
"""What a text begins with that a spreadsheet would take for a formula, or that stands for such a one."""


def _harmless(texts: Any) -> Any:
    """Texts as cells that no spreadsheet takes for a formula: with an apostrophe before what it would.

    A text that begins as such a cell does gets one more, so that taking one away gives each text back.
    """
    # Hardly a text begins so, which is cheaper to see at its first character.
    if not pc.any(pc.is_in(pc.utf8_slice_codeunits(texts, 0, 1), value_set=_FIRST)).as_py():
        return texts
    risky = pc.match_substring_regex(texts, _FORMULA)
    if not pc.any(risky).as_py():
        return texts
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)


class _Csv:
    """A header, then one line a row; lists are cells as `cells.list_text` makes them."""

    def __init__(self, schema: Any) -> None:
        self._names = schema.names

    def head(self) -> bytes:
        """The header."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(self._names)
        return text.getvalue().encode()

    def rows(self, table: Any) -> bytes:
        """The rows."""
        flat = pa.Table.from_arrays([_cells(table.column(name)) for name in self._names], names=self._names)
        sink = io.BytesIO()
        options = pyarrow.csv.WriteOptions(include_header=False)
        pyarrow.csv.write_csv(flat, sink, options)
        return sink.getvalue()


def _cells(column: Any) -> Any:
    """A column as the cells of a CSV file."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        # The words of the rules' own, which are names and codes.
        return column.cast(kind.value_type)
    if pa.types.is_list(kind):
        column = _distinctly(column, list_texts)
    return _harmless(column) if pa.types.is_string(column.type) else column


_BETWEEN = "\x1f"
"""Stands between the texts of a list; what is written holds no control character."""


def _distinctly(lists: Any, told: Callable[[list[list[str] | None]], list[str | None]]) -> Any:
    """Lists of texts as texts, where each distinct list is told once."""
    joined = pc.binary_join(lists.combine_chunks(), _BETWEEN).dictionary_encode()
    distinct = [text.split(_BETWEEN) if text else [] for text in joined.dictionary.to_pylist()]
    return pa.array(told(distinct), pa.string()).take(joined.indices)


class _Lines:
    """One JSON object a line, with every column, null where it is empty."""

    def __init__(self, schema: Any) -> None:
        self._names = schema.names

    def head(self) -> bytes:
        """Nothing yet."""
        return b""

    def rows(self, table: Any) -> bytes:
        """The rows."""
        if table.num_rows == 0:
            return b""
        parts: list[Any] = []
        for place, name in enumerate(self._names):
            parts += [("," if place else "{") + json.dumps(name) + ":"]
            parts += [_json_texts(table.column(name))]
        lines = pc.binary_join_element_wise(*parts, "}\n", "")
        return "".join(lines.to_pylist()).encode()


def _json_texts(column: Any) -> Any:
    """Each value of a column as JSON."""
    if pa.types.is_list(column.type):
        return _distinctly(column, lambda lists: list(map(_json, lists))).fill_null("null")
    column = column.combine_chunks()
    if pa.types.is_integer(column.type):
        return column.cast(pa.string()).fill_null("null")
    if pa.types.is_dictionary(column.type):
        distinct = pa.array(map(_json, column.dictionary.to_pylist()), pa.string())
        return distinct.take(column.indices).fill_null("null")
    return pa.array(map(_json, column.to_pylist()), pa.string())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
