"""Reads files of cases in chunks of bounded memory: Parquet, CSV, JSON Lines.

A file is cut into the same chunks whenever it is read, so that a run can go on where another was stopped.
"""

from __future__ import annotations

import gzip
import io
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import IO, Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pyclingo_bridge.base.errors import BatchError, listing, nearest_few, quoted, shown_path, suggestion
from pyclingo_bridge.base.near_files import near_file
from pyclingo_bridge.base.spelling import FACT
from pyclingo_bridge.cases.limits import Limits
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.io.cells import ReadColumn, attributes_of_columns, read_column
from pyclingo_bridge.io.csv_rows import LONGEST_LINE, CsvRows, Original, RowBlock
from pyclingo_bridge.io.formats import format_of, reason_of

ROWS = 262_144
"""Rows of a table that are decided at once: few enough that a column of them stays in the cache."""

LINES = 8_192
"""Case files that are decided at once."""

_BUFFER = 1024 * 1024
_MOST_UNKNOWN = 12


@dataclass(frozen=True)
class FileColumns:
    """The columns that a file may have: those of one vocabulary, or of several.

    Attributes:
        schema: the columns and their types.
        vocabulary: what they mean.
    """

    schema: Any
    vocabulary: Vocabulary


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file, one after the other.

    Attributes:
        table: the rows, for a file of rows; None for a file of case files.
        lines: the texts, for a file of case files.
        numbers: the rows' numbers in the file, the first being 1.
        unread: why a row cannot be read, by its place in the chunk.
        lost: rows that have no place in the chunk, by their numbers.
        seen: how many bytes or rows of the file have been read, of `Source.size`.
        original: where the row of a number stands and its text, for files of text.
    """

    table: Any
    lines: list[str]
    numbers: Sequence[int]
    unread: Mapping[int, str] = field(default_factory=dict)
    lost: Mapping[int, str] = field(default_factory=dict)
    seen: int = 0
    original: Callable[[int], Original] | None = None


class Source(Protocol):
    """A file of cases.

    Attributes:
        path: where it is.
        size: rows or bytes, to say how far one has come.
    """

    path: Path
    size: int

    def chunks(self, skipped: int = 0) -> Iterator[Chunk]:
        """The chunks, but for the first `skipped`. Errors: BatchError."""
        ...


def open_source(
    path: Path, layouts: Sequence[FileColumns], rows: int | None = None, limits: Limits | None = None
) -> Source:
    """The cases in a file.

    Args:
        path: a .parquet, .csv, .jsonl or .ndjson file, the last three also with .gz behind.
        layouts: a table's column has to be in one of these.
        rows: rows a chunk; by default as many as suit the format.
        limits: how much a row of texts may hold; by default what the vocabularies say, the higher of two.

    Errors: BatchError where the file cannot be read, or a table's columns are not those of a layout.
    """
    kind, zipped = format_of(path)
    with reading(path):
        if kind == "parquet":
            return ParquetSource(path, layouts, rows or ROWS)
        if kind == "csv":
            return CsvSource(path, layouts, rows or ROWS, zipped, limits or _highest(layouts))
        return LinesSource(path, rows or LINES, zipped)


def _highest(layouts: Sequence[FileColumns]) -> Limits:
    return max((layout.vocabulary.limits for layout in layouts), key=lambda one: one.members)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Words what goes wrong with reading a file."""
    try:
        yield
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise BatchError(
            f"{shown_path(path)}: cannot be read: {reason_of(error)}{_near(error, path)}"
        ) from None


def _near(error: Exception, path: Path) -> str:
    return near_file(path) if isinstance(error, OSError) else ""


def check_columns(path: Path, names: Sequence[str], layouts: Sequence[FileColumns]) -> None:
    """Refuse columns that no layout has, that stand twice, or a table without ids.

    Errors: BatchError, which names the columns and the nearest known names.
    """
    if "" in names:
        place = list(names).index("") + 1
        raise BatchError(
            f"{path}: cell {place} of the header is empty; give it a name, or leave out the comma too many"
        )
    known = list(dict.fromkeys(name for layout in layouts for name in layout.schema.names))
    unknown = [name for name in names if name not in known]
    if unknown:
        details = {name for layout in layouts for name in layout.vocabulary.details}
        problems = "; ".join(
            f"{quoted(name)} is a detail, which takes case files as JSON Lines"
            if name in details
            else f"unknown column {quoted(name)}{suggestion(name, known, FACT)}"
            for name in unknown[:_MOST_UNKNOWN]
        )
        if len(unknown) > _MOST_UNKNOWN:
            problems += f"; and {len(unknown) - _MOST_UNKNOWN:,} more"
        plain = [name for name in known if " " not in name]
        raise BatchError(f"{shown_path(path)}: {problems} (known: {nearest_few(unknown[0], plain)})")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BatchError(f"{shown_path(path)}: {listing(twice)} stands twice in the header; keep one of them")
    if "id" not in names:
        raise BatchError(f"{shown_path(path)}: there is no column `id`; add one, as every row needs a name")


class ParquetSource:
    """A Parquet file, read page by page, whatever the size of its row groups."""

    def __init__(self, path: Path, layouts: Sequence[FileColumns], rows: int) -> None:
        self.path = path
        self._rows = rows
        with self._opened() as file:
            schema = file.schema_arrow
            self.size = file.metadata.num_rows
            self._groups = [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)]
        check_columns(path, schema.names, layouts)
        # Names repeat; as a dictionary they are neither unpacked nor put together again.
        self._names = [column.name for column in schema if column.name != "id" and _is_text(column.type)]

    @contextmanager
    def _opened(self, names: Sequence[str] = ()) -> Iterator[Any]:
        # Without read-ahead: with it whole row groups would be held in memory.
        with (
            reading(self.path),
            pq.ParquetFile(
                self.path, read_dictionary=list(names), buffer_size=_BUFFER, pre_buffer=False
            ) as file,
        ):
            yield file

    def chunks(self, skipped: int = 0) -> Iterator[Chunk]:
        """The chunks, but for the first `skipped`."""
        start = skipped * self._rows
        group, before = 0, 0
        while group < len(self._groups) and before + self._groups[group] <= start:
            before += self._groups[group]
            group += 1
        with self._opened(self._names) as file:
            groups = range(group, len(self._groups))
            batches = file.iter_batches(self._rows, row_groups=groups)
            for table in _regrouped(_dropped(batches, start - before), self._rows):
                numbers = range(start + 1, start + 1 + table.num_rows)
                start += table.num_rows
                table, unread = _readable(table)
                yield Chunk(table, [], numbers, unread, seen=start)


def _readable(table: Any) -> tuple[Any, dict[int, str]]:
    """The rows, null in place of texts that are no UTF-8, which Arrow takes as they are; and those rows."""
    unread: dict[int, str] = {}
    for place, name in enumerate(table.column_names):
        column = table.column(place)
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            kind = column.type
            if pa.types.is_dictionary(kind):
                kind, column = kind.value_type, column.cast(kind.value_type)
            read = _decoded(name, column, kind)
            table = table.set_column(place, name, read.values)
            _add(unread, read.unread)
    return table, unread | _empty(table)


def _empty(table: Any) -> dict[int, str]:
    """The rows that are empty, each with that as its only problem, and not all that a case needs."""
    if not table.column("id").null_count:
        return {}
    empty = reduce(pc.and_, (column.is_null() for column in table.columns))
    return dict.fromkeys(pc.indices_nonzero(empty).to_pylist(), "the row is empty; delete it")


def _decoded(name: str, column: Any, kind: Any) -> ReadColumn:
    """A column as one of a type, null in place of cells whose bytes are no UTF-8; and those cells."""
    try:
        cells = [_texts(cell) for cell in column.cast(_as_bytes(kind)).to_pylist()]
    except pa.ArrowException:
        raise BatchError(f"column {quoted(name)}: holds bytes that are no UTF-8 text") from None
    bad = [place for place, cell in enumerate(cells) if cell is _NO_TEXT]
    values = [None if cell is _NO_TEXT else cell for cell in cells]
    return ReadColumn(pa.array(values, kind), dict.fromkeys(bad, f"column {quoted(name)}: is not UTF-8 text"))


def _as_bytes(kind: Any) -> Any:
    """A type of texts, or of lists of them, as that of their bytes."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_as_bytes(kind.value_type))
    return pa.large_binary()


_NO_TEXT = object()


def _texts(cell: Any) -> Any:
    """A cell's bytes as texts; `_NO_TEXT` where some of them are none."""
    if isinstance(cell, list):
        texts = [_texts(each) for each in cell]
        return _NO_TEXT if _NO_TEXT in texts else texts
    try:
        return None if cell is None else cell.decode("utf-8")
    except UnicodeDecodeError:
        return _NO_TEXT


def _add(unread: dict[int, str], more: Mapping[int, str]) -> None:
    """Add reasons to those that are known."""
    for place, why in more.items():
        unread[place] = f"{unread[place]}; {why}" if place in unread else why


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _dropped(batches: Iterable[Any], rows: int) -> Iterator[Any]:
    """The batches without the first rows."""
    for batch in batches:
        if rows < batch.num_rows:
            yield batch.slice(rows) if rows else batch
        rows = max(0, rows - batch.num_rows)


def _regrouped(batches: Iterable[Any], rows: int) -> Iterator[Any]:
    """Tables of so many rows each, but for the last."""
    held: list[Any] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        while count >= rows:
            last = held.pop()
            over = count - rows
            yield _joined([*held, last.slice(0, last.num_rows - over)])
            held, count = ([last.slice(last.num_rows - over)], over) if over else ([], 0)
    if count:
        yield _joined(held)


def _joined(batches: list[Any]) -> Any:
    table = pa.Table.from_batches(batches)
    return table if len(batches) == 1 else table.unify_dictionaries().combine_chunks()


class CsvSource:
    """A CSV file with a header line; `csv_rows` cuts it into rows, and `cells` reads these."""

    def __init__(
        self, path: Path, layouts: Sequence[FileColumns], rows: int, zipped: bool, limits: Limits
    ) -> None:
        self.path = path
        self.size = path.stat().st_size
        self._rows = rows
        self._zipped = zipped
        self._limits = limits
        with self._opened() as (file, _):
            self._columns = file.names
        check_columns(path, self._columns, layouts)
        self._declared: dict[str, Any] = {}
        self._attributes: dict[str, Any] = {}
        for layout in layouts:
            known = attributes_of_columns(layout.vocabulary, layout.schema)
            for name in layout.schema.names[1:]:
                self._declared.setdefault(name, layout.schema.field(name).type)
                self._attributes.setdefault(name, known[name])

    @contextmanager
    def _opened(self) -> Iterator[tuple[CsvRows, Callable[[], int]]]:
        with reading(self.path), pa.OSFile(str(self.path)) as raw:
            stream = pa.CompressedInputStream(raw, "gzip") if self._zipped else raw
            yield CsvRows(self.path, stream), raw.tell

    def chunks(self, skipped: int = 0) -> Iterator[Chunk]:
        """The chunks, but for the first `skipped`."""
        with self._opened() as (file, tell):
            for place, blocks in enumerate(_of_rows(file.blocks(), self._rows)):
                if place >= skipped:
                    first = 1 + place * self._rows
                    yield self._chunk(blocks, first, first + self._rows, tell())

    def _chunk(self, blocks: Sequence[RowBlock], first: int, end: int, seen: int) -> Chunk:
        """The rows of some blocks from one number to another, which is not among them."""
        texts = pa.concat_tables([block.cells(first, end) for block in blocks])
        lost = {number: why for block in blocks for number, why in block.lost_of(first, end)}
        span = range(max(first, blocks[0].first), min(end, blocks[-1].first + blocks[-1].count))
        numbers = [number for number in span if number not in lost] if lost else span

        def original(number: int) -> Original:
            return next(b for b in blocks if number < b.first + b.count).original(number)

        columns: dict[str, Any] = {}
        unread: dict[int, str] = {}
        for name in self._columns:
            cells = texts.column(name).combine_chunks()
            read = _ids(cells) if name == "id" else self._read(name, cells)
            columns[name] = read.values
            _add(unread, read.unread)
        unread = dict(sorted((unread | _empty(texts)).items()))
        return Chunk(pa.table(columns), [], numbers, unread, lost, seen, original)

    def _read(self, name: str, cells: Any) -> ReadColumn:
        return read_column(cells, self._attributes[name], self._declared[name], self._limits)


def _of_rows(blocks: Iterable[RowBlock], rows: int) -> Iterator[list[RowBlock]]:
    """The blocks that hold so many rows each, the lost ones too; one may stand in several of these."""
    end, held = 1 + rows, list[RowBlock]()
    for block in blocks:
        held.append(block)
        while held and held[-1].first + held[-1].count >= end:
            yield held
            end += rows
            held = [block] if block.first + block.count > end - rows else []
    if held:
        yield held


def _ids(cells: Any) -> ReadColumn:
    try:
        return ReadColumn(cells.cast(pa.string()), {})
    except pa.ArrowInvalid:
        return _decoded("id", cells, pa.string())


class LinesSource:
    """A file with one case file a line; lines of nothing but blanks hold none."""

    def __init__(self, path: Path, rows: int, zipped: bool) -> None:
        self.path = path
        self.size = path.stat().st_size
        self._rows = rows
        self._zipped = zipped
        with self._opened() as (stream, _):
            stream.peek(1)

    @contextmanager
    def _opened(self) -> Iterator[tuple[io.BufferedReader, Callable[[], int]]]:
        with reading(self.path), self.path.open("rb") as raw:
            if not self._zipped:
                yield raw, raw.tell
                return
            with gzip.open(raw) as unzipped:
                stream: Any = unzipped
                yield io.BufferedReader(stream, _BUFFER), raw.tell

    def chunks(self, skipped: int = 0) -> Iterator[Chunk]:
        """The chunks, but for the first `skipped`."""
        with self._opened() as (stream, tell):
            numbers: list[int] = []
            lines: list[bytes | None] = []
            for number, line in enumerate(_lines(stream), 1):
                if line is not None and not line.strip():
                    continue
                numbers.append(number)
                lines.append(line)
                if len(lines) == self._rows:
                    if skipped == 0:
                        yield _lines_chunk(lines, numbers, tell())
                    skipped = max(0, skipped - 1)
                    numbers, lines = [], []
            if lines and skipped == 0:
                yield _lines_chunk(lines, numbers, tell())


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """The lines; None for one that is too long."""
    while line := stream.readline(LONGEST_LINE):
        if line.endswith(b"\n") or len(line) < LONGEST_LINE:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)
        yield None


def _lines_chunk(lines: list[bytes | None], numbers: list[int], seen: int) -> Chunk:
    unread: dict[int, str] = {}
    texts: list[str] = []
    for place, line in enumerate(lines):
        try:
            if line is None:
                unread[place] = (
                    f"is longer than {LONGEST_LINE:,} bytes, the most a line may have; decide it as a case file"
                )
            # Without its end, or what is cut short would be reported as if it went on in a second line.
            texts.append((line or b"").rstrip(b"\r\n").decode("utf-8"))
        except UnicodeDecodeError as error:
            unread[place] = f"is not UTF-8 text (byte {error.start})"
            texts.append("")

    def original(number: int) -> Original:
        line = lines[bisect_left(numbers, number)]
        return Original(number, None if line is None else line.decode("utf-8", "replace").strip())

    return Chunk(None, texts, numbers, unread, seen=seen, original=original)
