"""Writes tables of answers piece by piece, so that the pieces one after the other are one file.

A piece depends on nothing but its rows and the place where it begins. What was written can be cut off
behind any piece, and gone on with: the file comes out the same.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from pyclingo_bridge.batch.cells import list_texts
from pyclingo_bridge.batch.formats import Format

_MAGIC = b"PAR1"
_FOOTER_END = 8


class Piece(NamedTuple):
    """A piece of a file.

    Attributes:
        data: its bytes.
        note: what the file's end has to know of it.
    """

    data: bytes
    note: bytes = b""


class Encoder(Protocol):
    """Puts tables of one schema into the bytes of a file."""

    def start(self) -> bytes:
        """How the file begins."""
        ...

    def piece(self, table: Any, place: int) -> Piece:
        """The rows, as they stand in the file from the byte `place` on."""
        ...

    def end(self, notes: Iterable[bytes]) -> bytes:
        """How the file ends, by the notes of all its pieces, in order."""
        ...


def encoder(form: Format, schema: Any) -> Encoder:
    """What writes tables of a schema in a format."""
    if form.kind == "parquet":
        return _Parquet(schema)
    plain = _Csv(schema) if form.kind == "csv" else _Lines(schema)
    return _Zipped(plain) if form.zipped else plain


class _Parquet:
    """Each piece is a row group. A row group is written as if the file before it were there already:
    places in its footer are then those in the whole file, whose own footer lists all row groups.
    """

    def __init__(self, schema: Any) -> None:
        self._schema = schema

    def start(self) -> bytes:
        """The format's own mark."""
        return _MAGIC

    def piece(self, table: Any, place: int) -> Piece:
        """A row group, and the footer of a file with it alone."""
        written = self._file(table, place - len(_MAGIC))
        footer = int.from_bytes(written[-_FOOTER_END : -len(_MAGIC)], "little") + _FOOTER_END
        return Piece(written[len(_MAGIC) : -footer], written[-footer:])

    def _file(self, table: Any, place: int) -> bytes:
        sink = _Sink(place)
        with pq.ParquetWriter(sink, self._schema) as writer:
            writer.write_table(table.cast(self._schema), row_group_size=max(1, table.num_rows))
        return sink.getvalue()

    def end(self, notes: Iterable[bytes]) -> bytes:
        """The footer of all row groups together."""
        whole = None
        for note in notes:
            told = pq.read_metadata(io.BytesIO(_MAGIC + note))
            if whole is None:
                whole = told
            else:
                whole.append_row_groups(told)
        if whole is None:
            return self._file(self._schema.empty_table(), 0)[len(_MAGIC) :]
        footer = io.BytesIO()
        whole.write_metadata_file(footer)
        return footer.getvalue()[len(_MAGIC) :]


class _Sink(io.BytesIO):
    """Bytes in memory that say they begin further on."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self._place = place

    def tell(self) -> int:
        """Where the next byte goes."""
        return self._place + super().tell()


class _Csv:
    """A header, then one line a row; lists are cells as `cells.list_text` makes them."""

    def __init__(self, schema: Any) -> None:
        self._names = schema.names

    def start(self) -> bytes:
        """The header."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(self._names)
        return text.getvalue().encode()

    def piece(self, table: Any, place: int) -> Piece:
        """The rows."""
        columns = [_plain(table.column(name)) for name in self._names]
        flat = pa.Table.from_arrays(
            [
                pa.array(list_texts(column.to_pylist()), pa.string())
                if pa.types.is_list(column.type)
                else column
                for column in columns
            ],
            names=self._names,
        )
        sink = io.BytesIO()
        options = pyarrow.csv.WriteOptions(include_header=False)
        pyarrow.csv.write_csv(flat, sink, options)
        return Piece(sink.getvalue())

    def end(self, notes: Iterable[bytes]) -> bytes:
        """Nothing more."""
        return b""


def _plain(column: Any) -> Any:
    """A column without its dictionary."""
    kind = column.type
    return column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column


class _Lines:
    """One JSON object a line, with every column, null where it is empty."""

    def __init__(self, schema: Any) -> None:
        self._names = schema.names

    def start(self) -> bytes:
        """Nothing yet."""
        return b""

    def piece(self, table: Any, place: int) -> Piece:
        """The rows."""
        if table.num_rows == 0:
            return Piece(b"")
        parts: list[Any] = []
        for place_of, name in enumerate(self._names):
            parts += [("," if place_of else "{") + json.dumps(name) + ":"]
            parts += [_json_texts(table.column(name).combine_chunks())]
        lines = pc.binary_join_element_wise(*parts, "}\n", "")
        return Piece("".join(lines.to_pylist()).encode())

    def end(self, notes: Iterable[bytes]) -> bytes:
        """Nothing more."""
        return b""


def _json_texts(column: Any) -> Any:
    """Each value of a column as JSON."""
    if pa.types.is_integer(column.type):
        return column.cast(pa.string()).fill_null("null")
    if pa.types.is_dictionary(column.type):
        distinct = pa.array(map(_json, column.dictionary.to_pylist()), pa.string())
        return distinct.take(column.indices).fill_null("null")
    return pa.array(map(_json, column.to_pylist()), pa.string())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Zipped:
    """Another encoder's pieces, each compressed for itself: unpacked they follow one another."""

    def __init__(self, plain: Encoder) -> None:
        self._plain = plain

    def start(self) -> bytes:
        """How the file begins."""
        return _zip(self._plain.start())

    def piece(self, table: Any, place: int) -> Piece:
        """The rows."""
        data, note = self._plain.piece(table, place)
        return Piece(_zip(data), note)

    def end(self, notes: Iterable[bytes]) -> bytes:
        """How the file ends."""
        return _zip(self._plain.end(notes))


def _zip(data: bytes) -> bytes:
    # No time of writing in it: the same rows make the same file.
    return gzip.compress(data, 6, mtime=0) if data else b""
