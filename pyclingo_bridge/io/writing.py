"""Writes tables of answers as files: Parquet, CSV and JSON Lines. The same tables make the same bytes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from pyclingo_bridge.base.errors import BatchError
from pyclingo_bridge.base.whole_files import replacing
from pyclingo_bridge.io.cells import list_texts
from pyclingo_bridge.io.formats import FileFormat, format_of, reason_of


class Output(Protocol):
    """A file that takes tables of one schema, one after the other."""

    def write(self, table: Any) -> None:
        """Write rows, of which a Parquet file makes a row group."""
        ...


@contextmanager
def output_file(path: Path, form: FileFormat, schema: Any) -> Iterator[Output]:
    """A new file for tables of a schema, which is closed at the end.

    Errors: OSError where it cannot be written.
    """
    with ExitStack() as stack:
        if form.kind == "parquet":
            yield _Parquet(stack, path, schema)
        elif form.kind == "csv":
            yield _Text(stack, path, form.zipped, _csv_header(schema.names), _csv_rows)
        else:
            yield _Text(stack, path, form.zipped, b"", _json_lines)


@contextmanager
def table_file(path: Path, schema: Any) -> Iterator[Output]:
    """The same, which is put in its place at the end: whole, or not at all.

    Errors: BatchError where it cannot be written.
    """
    form = format_of(path)
    try:
        with replacing(path) as new, output_file(new, form, schema) as output:
            yield output
    except OSError as error:
        raise BatchError(f"{path}: cannot be written: {reason_of(error)}") from None


class _Parquet:
    def __init__(self, stack: ExitStack, path: Path, schema: Any) -> None:
        self._schema = schema
        # No id stands twice, as a rule: to look for one that does takes longer than all the rest.
        repetitive = [
            f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name
            for field in schema
            if field.name != "id"
        ]
        # Of Python's: Arrow opens no file whose name is no text.
        file = stack.enter_context(path.open("wb"))
        self._file = stack.enter_context(
            pq.ParquetWriter(file, schema, use_dictionary=repetitive, write_statistics=repetitive)
        )

    def write(self, table: Any) -> None:
        """Write a row group."""
        if table.num_rows:
            whole = _without_null_words(table.cast(self._schema))
            self._file.write_table(whole, row_group_size=table.num_rows)


def _without_null_words(table: Any) -> Any:
    """The table with no null among the words of a dictionary, which the format cannot hold."""
    for place, column in enumerate(table.columns):
        kind = column.type
        if pa.types.is_dictionary(kind) and any(c.dictionary.null_count for c in column.chunks):
            plain = column.cast(kind.value_type).dictionary_encode().cast(kind)
            table = table.set_column(place, table.schema.field(place), plain)
    return table


class _Text:
    def __init__(
        self, stack: ExitStack, path: Path, zipped: bool, head: bytes, rows: Callable[[Any], bytes]
    ) -> None:
        self._rows = rows
        self._file: Any = stack.enter_context(path.open("wb"))
        if zipped:
            # No time of writing in it: the same rows make the same file.
            self._file = stack.enter_context(gzip.GzipFile("", "wb", 6, self._file, mtime=0))
        self._file.write(head)

    def write(self, table: Any) -> None:
        """Write lines."""
        if table.num_rows:
            self._file.write(self._rows(table))


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


def _csv_header(names: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue().encode()


def _csv_rows(table: Any) -> bytes:
    """One line a row; lists are cells as `cells.list_text` makes them."""
    flat = pa.Table.from_arrays([_cells(column) for column in table.columns], names=table.column_names)
    sink = io.BytesIO()
    pyarrow.csv.write_csv(flat, sink, pyarrow.csv.WriteOptions(include_header=False))
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


def _distinctly(lists: Any, as_texts: Callable[[list[list[str] | None]], list[str | None]]) -> Any:
    """Lists of texts, each as one text; a list that stands in many rows is made one only once."""
    joined = pc.binary_join(lists.combine_chunks(), _BETWEEN).dictionary_encode()
    distinct = [text.split(_BETWEEN) if text else [] for text in joined.dictionary.to_pylist()]
    return pa.array(as_texts(distinct), pa.string()).take(joined.indices)


def _json_lines(table: Any) -> bytes:
    """One JSON object a line, with every column, null where it is empty."""
    parts: list[Any] = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        parts += [("," if parts else "{") + json.dumps(name) + ":", _json_texts(column)]
    lines = pc.binary_join_element_wise(*parts, "}\n", "")
    (whole,) = pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "")
    return bytes(whole.as_buffer())


_ESCAPED = r'["\\\x00-\x1f]'
"""What JSON writes otherwise than it is."""


def _json_texts(column: Any) -> Any:
    """Each value of a column as JSON."""
    if pa.types.is_list(column.type):
        return _distinctly(column, lambda lists: list(map(_json, lists))).fill_null("null")
    column = column.combine_chunks()
    if pa.types.is_integer(column.type):
        return column.cast(pa.string()).fill_null("null")
    if pa.types.is_string(column.type) and not pc.any(pc.match_substring_regex(column, _ESCAPED)).as_py():
        return pc.binary_join_element_wise('"', column, '"', "").fill_null("null")
    if pa.types.is_dictionary(column.type):
        distinct = pa.array(map(_json, column.dictionary.to_pylist()), pa.string())
        return distinct.take(column.indices).fill_null("null")
    return pa.array(map(_json, column.to_pylist()), pa.string())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
