"""Cuts a CSV file into rows, one line a row, with each row's place and text.

A quote that is not closed in its line swallows the lines behind it. All of them are lost then, each
with the same reason: nobody can say which of them were meant as rows of their own.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.csv

from pyclingo_bridge.base.errors import BatchError, quoted

LONGEST_LINE = 16 * 1024 * 1024
"""The most bytes of one line."""

_BLOCK = 4 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_HINT = re.compile(rb'"?sep=[!-~\t ]?"?', re.IGNORECASE)
_WELL_QUOTED = re.compile(
    # Behind a quote that is closed stands nothing but blanks; any other is within a cell without quotes.
    rb'(?:[^"]*+(?:(?<![^,\r\n])"[^"]*+(?:""[^"]*+)*+"[ \t]*+(?![^,\r\n])|(?<=[^,\r\n])"))*+[^"]*+'
)
_CELL = re.compile(
    rb'(?P<quoted>"[^"]*+(?:""[^"]*+)*+(?P<closed>")?)?+(?P<behind>[^,]*+)(?P<comma>,?)',
)
"""A cell: what its quotes hold, if it begins with one, and the text without or behind them."""
_TO_THE_END_OF_QUOTES = re.compile(rb'[^"]*(?:""[^"]*)*"(?!")')


class Original(NamedTuple):
    """Where a row stands in its file, and how: its line, and the text of that; None where it has none."""

    line: int | None
    text: str | None


@dataclass(frozen=True)
class RowBlock:
    """Some rows of a file, one after the other.

    Attributes:
        first: the number of the first row.
        count: how many there are, the lost ones too.
        texts: the cells of those that are not lost, as bytes, null where they are empty.
        lost: why the others have no cells, by their numbers.
        lines: the line that each row is in.
        written: each row as it stands in the file.
    """

    first: int
    count: int
    texts: Any
    lost: Mapping[int, str]
    lines: Sequence[int]
    written: Sequence[bytes]

    def original(self, number: int) -> Original:
        """A row's place, and its text."""
        place = number - self.first
        return Original(self.lines[place], self.written[place].decode("utf-8", "replace"))

    def cells(self, first: int, end: int) -> Any:
        """The cells of the rows that are not lost, from a number to another, which is not among them."""
        start, count = max(first - self.first, 0), min(end, self.first + self.count) - self.first
        before, behind = (bisect_left(self._lost, self.first + place) for place in (start, count))
        return self.texts.slice(start - before, count - start - behind + before)

    def lost_of(self, first: int, end: int) -> Iterator[tuple[int, str]]:
        """The lost rows from a number to another, which is not among them, and why they are lost."""
        start, stop = bisect_left(self._lost, first), bisect_left(self._lost, end)
        return ((number, self.lost[number]) for number in self._lost[start:stop])

    @cached_property
    def _lost(self) -> list[int]:
        return list(self.lost)


class CsvRows:
    """The rows of a CSV file, read once from its beginning.

    Attributes:
        names: the header's cells.
    """

    def __init__(self, path: Path, stream: Any) -> None:
        """Read the header.

        Args:
            path: the file, as messages name it.
            stream: its bytes.

        Errors: BatchError where there is no header, or none that can be read.
        """
        self._path = path
        self._stream = stream
        self._line = 0
        self._number = 0
        self._open: _Open | None = None
        self._pieces = self._whole_lines()
        self._begun, self.names = self._header()

    def _whole_lines(self) -> Iterator[bytes]:
        """The file in pieces that end with a line."""
        held: bytes = b""
        while data := self._stream.read(_BLOCK):
            held += data
            # A CR at the end may have its LF still to come.
            end = max(held.rfind(b"\n"), held.rfind(b"\r", 0, len(held) - 1)) + 1
            if end:
                yield held[:end]
                held = held[end:]
            elif len(held) > LONGEST_LINE:
                raise BatchError(
                    f"{self._path}:{self._line + 1}: the line is longer than {LONGEST_LINE:,} bytes, "
                    "the most that one line may have; break it up"
                )
        if held:
            yield held

    def _header(self) -> tuple[bytes, list[str]]:
        """What stands behind the header in its piece, and the names in it."""
        for piece in self._pieces:
            if piece.startswith(_WIDE_MARKS) and not self._line:
                raise BatchError(f"{self._path}: is UTF-16 text; save it as UTF-8")
            place = len(_BOM) if piece.startswith(_BOM) and not self._line else 0
            for line in piece[place:].splitlines(keepends=True):
                self._line += 1
                place += len(line)
                if bare := line.rstrip(b"\r\n"):
                    return piece[place:], self._names(bare)
        raise BatchError(f"{self._path}: cannot be read: it is empty; it needs a header line")

    def _names(self, line: bytes) -> list[str]:
        place = f"{self._path}:{self._line}"
        if b"\0" in line:
            raise BatchError(
                f"{place}: the header holds bytes of value 0, as UTF-16 text does; save it as UTF-8"
            )
        if _HINT.fullmatch(line):
            raise BatchError(
                f"{place}: {quoted(line.decode())} tells Excel how cells are separated, and is no header; "
                "delete the line, and separate cells by commas"
            )
        measure = _measured(line)
        if measure.opened:
            raise BatchError(
                f"{place}: the quote that is opened in cell {measure.cells} of the "
                "header is not closed in its line; close it"
            )
        if measure.cut:
            problem = _closed_early(f"cell {measure.cut[0]} of the header", measure.cut[1])
            raise BatchError(f"{place}: {problem}")
        names = next(csv.reader([line.decode("utf-8", "replace")]))
        other = next((mark for mark in ";\t|" if len(names) == 1 and mark in names[0]), None)
        if other:
            raise BatchError(
                f"{place}: the cells of the header are separated by "
                f"{quoted(other) if other != chr(9) else 'tabs'}; separate them by commas"
            )
        return names

    def blocks(self) -> Iterator[RowBlock]:
        """The rows, each in one block."""
        for piece in chain([self._begun] if self._begun else [], self._pieces):
            block = (None if self._open else self._rows_of_lines(piece)) or self._line_by_line(piece)
            if block.count:
                yield block
        if self._open:
            block = self._block(self._open.given_up(self._line, "is never closed"))
            self._open = None
            yield block

    def _rows_of_lines(self, piece: bytes) -> RowBlock | None:
        """The rows of a piece in which each line is one; None where that is not so."""
        # Each row takes a line at least, so as many rows as lines means that none takes two.
        lines = piece.splitlines()
        if b'"' in piece and not _WELL_QUOTED.fullmatch(piece):
            return None
        try:
            texts = self._cells(piece)
        except pa.ArrowInvalid:
            return None
        count = len(lines)
        if texts.num_rows != count:
            return None
        first, line = self._number + 1, self._line + 1
        self._number += count
        self._line += count
        return RowBlock(first, count, texts, {}, range(line, line + count), lines)

    def _cells(self, piece: bytes) -> Any:
        # Only the file's own first bytes can be a mark of byte order.
        data = b"\n" + piece if piece.startswith(_BOM) else piece
        return pyarrow.csv.read_csv(
            pa.BufferReader(data),
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=self.names
            ),
            # Nothing of Python's is called from a thread of Arrow's: at the end of a process that
            # would abort it.
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                # Texts as they stand: a byte that is no text spoils its own row alone.
                column_types=dict.fromkeys(self.names, pa.binary()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )

    def _line_by_line(self, piece: bytes) -> RowBlock:
        return self._block(row for text in piece.splitlines() for row in self._rows_ended_by(text))

    def _rows_ended_by(self, text: bytes) -> list[_Row]:
        """The rows that are whole with this line."""
        self._line += 1
        if self._open is not None:
            rows = self._open.take(self._line, text)
            self._open = None if self._open.closed else self._open
            return rows
        if not text:
            return []  # A line with nothing in it is no row.
        measure = _measured(text)
        if not measure.opened:
            return [_Row(self._line, text, self._misfit(measure))]
        self._open = _Open(self._line, self._cell(measure.cells), text)
        return []

    def _cell(self, number: int) -> str:
        name = f" ({quoted(self.names[number - 1])})" if number <= len(self.names) else ""
        return f"cell {number}{name}"

    def _misfit(self, measure: _Measure) -> str:
        if measure.cut:
            return f"line {self._line}: {_closed_early(self._cell(measure.cut[0]), measure.cut[1])}"
        cells = measure.cells
        if cells == len(self.names):
            return ""
        cell = "cell" if cells == 1 else "cells"
        return f"line {self._line} has {cells} {cell}, and the header {len(self.names)}"

    def _block(self, rows: Iterable[_Row]) -> RowBlock:
        rows = list(rows)
        first = self._number + 1
        self._number += len(rows)
        good = [row.text for row in rows if not row.lost]
        no_cells = pa.table({name: pa.array([], pa.binary()) for name in self.names})
        texts = self._cells(b"\n".join(good) + b"\n") if good else no_cells
        lost = {number: row.lost for number, row in enumerate(rows, first) if row.lost}
        return RowBlock(first, len(rows), texts, lost, [row.line for row in rows], [row.text for row in rows])


class _Row(NamedTuple):
    """A line that is meant as a row: its number, its text, and why it has no cells, if it has none."""

    line: int
    text: bytes
    lost: str


class _Open:
    """A quote that is not closed in its line, and the lines that it has swallowed so far."""

    def __init__(self, line: int, cell: str, text: bytes) -> None:
        self.closed = False
        self._opened = f"the quote that line {line} opens in {cell}"
        self._first = line
        self._lines = [(line, text)]
        self._size = len(text)

    def take(self, line: int, text: bytes) -> list[_Row]:
        """Swallow a line; give back what it has swallowed once it is known where that ends."""
        if text:
            self._lines.append((line, text))
        self._size += len(text)
        end = _TO_THE_END_OF_QUOTES.match(text)
        # Behind the end another may be opened, which goes on with the same row.
        self.closed = end is not None and not _measured(text, end.end()).opened
        if self._size > LONGEST_LINE:
            return self.given_up(line, f"is not closed within {LONGEST_LINE:,} bytes")
        return self.given_up(line, f"is closed only in line {line}") if self.closed else []

    def given_up(self, last: int, why: str) -> list[_Row]:
        """What is swallowed, up to a line, as rows that are lost."""
        lines = f"lines {self._first} to {last} are" if last > self._first else f"line {last} is"
        reason = (
            f"{lines} one row, as {self._opened} {why}; "
            "close it in its line, or double it where it is part of a text"
        )
        rows = [_Row(line, text, reason) for line, text in self._lines]
        self._lines = []
        return rows


def _closed_early(cell: str, behind: bytes) -> str:
    return (
        f"the quote of {cell} is closed before {quoted(behind.decode('utf-8', 'replace'))}; "
        "double it where it is part of a text, or delete what stands behind it"
    )


class _Measure(NamedTuple):
    """What the quotes of a line make of it.

    Attributes:
        cells: how many cells it has, up to one whose quote is not closed.
        opened: whether there is such a one.
        cut: the cell whose quote is closed before its end, and the text behind that; else none.
    """

    cells: int
    opened: bool
    cut: tuple[int, bytes] | None = None


def _measured(line: bytes, place: int = 0) -> _Measure:
    """Measure a line, without its end, from the place on at which a cell begins or its quote was closed."""
    if not place and b'"' not in line:
        return _Measure(line.count(b",") + 1, False)
    cells, cut = 0, None
    while cell := _CELL.match(line, place):
        cells += 1
        if cell["quoted"] and not cell["closed"]:
            return _Measure(cells, True, cut)
        if cell["quoted"] and cell["behind"].strip(b" \t"):
            cut = cut or (cells, cell["behind"])
        if not cell["comma"]:
            break
        place = cell.end()
    return _Measure(cells, False, cut)
