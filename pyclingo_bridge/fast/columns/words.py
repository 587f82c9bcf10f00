# ruff: noqa: D102 - `Words` tells what its methods do
"""Sets of rows as bit planes: one bit a row, combined with `&`, `|` and `^`.

With NumPy a plane is an array of 64-bit words, without it a whole number. Both take the rows in
the same order, the first row being the lowest bit. Bits beyond the last row mean nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

try:
    import numpy as np
except ImportError:  # The whole numbers serve then.
    np = None  # type: ignore[assignment]

if TYPE_CHECKING:
    import numpy.typing as npt

ARRAYS = np is not None
"""Whether there is NumPy."""

Plane: TypeAlias = Any
"""Some of the rows."""
Codes: TypeAlias = Any
"""A small whole number for each row."""

_WORD = 64
_BYTES = 8


class Words(Protocol):
    """How the planes of some rows are held.

    Attributes:
        rows: the number of rows.
        zeros: no row.
        ones: every row; `plane ^ ones` is the complement.
        arrays: whether they are NumPy's arrays.
    """

    arrays: bool
    rows: int
    zeros: Plane
    ones: Plane

    def bitmap(self, buffer: pa.Buffer, offset: int) -> Plane:
        """The plane that Arrow keeps as bits, from the bit `offset` on."""
        ...

    def codes(self, numbers: pa.Array) -> Codes:
        """An Arrow column of whole numbers as codes; where it is null, any number."""
        ...

    def small(self, codes: Codes) -> Codes:
        """The lowest eight bits of each code."""
        ...

    def bit(self, codes: Codes, place: int) -> Plane:
        """The rows in whose code, of eight bits, a bit is set."""
        ...

    def at_least(self, codes: Codes, bound: int, likely: bool | None = None) -> Plane:
        """The rows whose code is not below a bound.

        Args:
            codes: the codes.
            bound: the bound.
            likely: whether it is likely so of all rows, or of none; None where neither is.
        """
        ...

    def looked_up(self, codes: Codes, table: Sequence[int]) -> Codes:
        """Each code replaced by the table's entry at its place."""
        ...

    def replaced(self, codes: Codes, plane: Plane, number: int) -> Codes:
        """The codes, with a number in place of those of some rows."""
        ...

    def spread(self, parts: Sequence[tuple[Plane, int]]) -> Codes:
        """For each row the sum of the numbers beside the planes that hold it, below 2^31."""
        ...

    def joined(self, columns: Sequence[Codes]) -> tuple[Codes, list[tuple[int, ...]]]:
        """The rows' combinations of codes, numbered, and what each number stands for."""
        ...

    def united(self, ends: Codes, sets: Codes, width: int) -> tuple[Codes, list[int]]:
        """The unions of runs of small sets, numbered, and what each number stands for.

        Args:
            ends: where each row's run begins, and at last where the last ends.
            sets: numbers of which each is a set, its bits the members; see `masks`.
            width: how many members there can be.
        """
        ...

    def masks(self, codes: Codes, table: Sequence[int]) -> Codes:
        """For each code the set at its place in the table, for `united`."""
        ...

    def bits(self, plane: Plane) -> pa.Buffer:
        """The plane as Arrow keeps bits."""
        ...

    def places(self, plane: Plane) -> list[int]:
        """The numbers of the rows, from 0."""
        ...

    def numbered(self, digits: Sequence[Plane], valid: Plane, count: int) -> pa.Array:
        """For each row a number below a count, from its binary digits, lowest first; or null.

        Args:
            digits: a plane for each.
            valid: the rows that have a number.
            count: as Arrow's dictionaries have it, at most 128 for numbers of eight bits.
        """
        ...


def words_for(rows: int, *, arrays: bool | None = None) -> Words:
    """Planes of so many rows: arrays where NumPy is installed, unless told otherwise."""
    use = np is not None if arrays is None else arrays
    return ArrayWords(rows) if use else NumberWords(rows)


def any_row(words: Words, plane: Plane) -> bool:
    """Whether a plane holds a row."""
    return plane is not words.zeros and bool(words.places(plane))


_RANGES = (
    {}
    if np is None
    else {char: (int(np.iinfo(char).min), int(np.iinfo(char).max)) for char in np.typecodes["AllInteger"]}
)


OPERATORS: dict[str, Any] = {"and_": np.bitwise_and, "or_": np.bitwise_or, "not_": np.invert} if ARRAYS else {}
"""What combines planes that are arrays; the last argument is what is written to."""


class ArrayWords:
    """Planes as NumPy arrays of 64-bit words."""

    arrays = True

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._size = -(-rows // _WORD)
        self.zeros: Plane = np.zeros(self._size, np.uint64)
        self.ones: Plane = ~self.zeros
        self._scratch: npt.NDArray[np.bool_] | None = None

    def _padded(self, packed: npt.NDArray[np.uint8]) -> Plane:
        if len(packed) == self._size * _BYTES:
            return packed.view(np.uint64)
        plane = np.zeros(self._size * _BYTES, np.uint8)
        plane[: len(packed)] = packed
        return plane.view(np.uint64)

    def bitmap(self, buffer: pa.Buffer, offset: int) -> Plane:
        first, shift = divmod(offset, 8)
        needed = -(-(shift + self.rows) // 8)
        packed = np.frombuffer(buffer, np.uint8, needed, first)
        if not shift:
            whole = self._size * _BYTES
            if first % _BYTES == 0 and first + whole <= buffer.size:
                return np.frombuffer(buffer, np.uint64, self._size, first)
            return self._padded(packed)
        moved = packed >> np.uint8(shift)
        moved[:-1] |= packed[1:] << np.uint8(8 - shift)
        return self._padded(moved[: -(-self.rows // 8)])

    def codes(self, numbers: pa.Array) -> Codes:
        if not len(numbers):
            return np.zeros(0, np.int32)
        width = numbers.type.bit_width // 8
        signed = pa.types.is_signed_integer(numbers.type)
        kind = np.dtype(f"{'i' if signed else 'u'}{width}")
        return np.frombuffer(numbers.buffers()[1], kind, len(numbers), numbers.offset * width)

    def small(self, codes: Codes) -> Codes:
        return codes.view(np.uint8) if codes.itemsize == 1 else codes.astype(np.uint8)

    def _held(self) -> npt.NDArray[np.bool_]:
        # One scratch array for all columns: new memory costs more than what is done with it.
        if self._scratch is None:
            self._scratch = np.empty(self.rows, np.bool_)
        return self._scratch

    def bit(self, codes: Codes, place: int) -> Plane:
        picked = np.bitwise_and(codes, np.uint8(1 << place), out=self._held().view(np.uint8))
        return self._padded(np.packbits(picked, bitorder="little"))

    def beyond(self, codes: Codes, bound: int) -> Plane | None:
        """The rows whose code is not below a bound, where no code can say otherwise."""
        least, most = _RANGES[codes.dtype.char]
        return self.ones if bound <= least else self.zeros if bound > most else None

    def at_least(self, codes: Codes, bound: int, likely: bool | None = None) -> Plane:
        known = self.beyond(codes, bound)
        if known is not None:
            return known
        if likely and self.rows and codes.min() >= bound:
            return self.ones
        if likely is False and self.rows and codes.max() < bound:
            return self.zeros
        above = np.greater_equal(codes, codes.dtype.type(bound), out=self._held())
        return self._padded(np.packbits(above, bitorder="little"))

    def looked_up(self, codes: Codes, table: Sequence[int]) -> Codes:
        kind = np.uint8 if max(table, default=0) < 256 else np.int32
        return np.asarray(table, kind).take(codes, mode="clip")

    def replaced(self, codes: Codes, plane: Plane, number: int) -> Codes:
        return np.where(self._unpacked(plane), np.int32(number), codes.astype(np.int32))

    def spread(self, parts: Sequence[tuple[Plane, int]]) -> Codes:
        found = np.zeros(self.rows, np.int32)
        for plane, number in parts:
            if number:
                found += self._unpacked(plane) * np.int32(number)
        return found

    def _unpacked(self, plane: Plane) -> npt.NDArray[np.uint8]:
        return np.unpackbits(plane.view(np.uint8), count=self.rows, bitorder="little")

    def joined(self, columns: Sequence[Codes]) -> tuple[Codes, list[tuple[int, ...]]]:
        codes, values = _distinct(columns[0])
        found: list[tuple[int, ...]] = [(value,) for value in values]
        for column in columns[1:]:
            more, others = _distinct(column)
            pairs = codes.astype(np.int64) * len(others) + more
            codes, numbers = _distinct(pairs)
            found = [(*found[number // len(others)], others[number % len(others)]) for number in numbers]
        return codes, found

    def masks(self, codes: Codes, table: Sequence[int]) -> Codes:
        width = max((entry.bit_length() for entry in table), default=0)
        words = range(-(-max(width, 1) // _WORD))
        part = (1 << _WORD) - 1
        kind = next((k for k in (np.uint8, np.uint16, np.uint32) if width <= np.iinfo(k).bits), None)
        return [
            np.asarray([entry >> word * _WORD & part for entry in table], kind or np.uint64).take(
                codes, mode="clip"
            )
            for word in words
        ]

    def united(self, ends: Codes, sets: Codes, width: int) -> tuple[Codes, list[int]]:
        starts = ends[:-1] - ends[0]
        filled = np.flatnonzero(ends[1:] > ends[:-1])
        parts = []
        for members in sets:
            found = np.zeros(len(starts), members.dtype)
            if len(filled):
                found[filled] = np.bitwise_or.reduceat(members, starts[filled])
            parts.append(found)
        codes, tuples = self.joined(parts)
        return codes, [sum(part << place * _WORD for place, part in enumerate(found)) for found in tuples]

    def bits(self, plane: Plane) -> pa.Buffer:
        return pa.py_buffer(plane)

    def places(self, plane: Plane) -> list[int]:
        found = np.flatnonzero(plane)
        if not len(found):
            return []
        return [int(place) for place in np.flatnonzero(self._unpacked(plane))]

    def numbered(self, digits: Sequence[Plane], valid: Plane, count: int) -> pa.Array:
        kind = np.int8 if count <= 128 else np.int32
        found: npt.NDArray[Any] = np.zeros(0 if digits else self.rows, kind)
        for place, digit in enumerate(reversed(digits)):
            own: npt.NDArray[Any] = self._unpacked(digit)
            own = own.view(np.int8) if kind is np.int8 else own.astype(kind)
            if place:
                # Doubled by adding: NumPy shifts one number after the other.
                np.add(found, found, out=found)
                np.add(found, own, out=found)
            else:
                found = own
        return pa.Array.from_buffers(
            pa.from_numpy_dtype(found.dtype), self.rows, [self.bits(valid), pa.py_buffer(found)]
        )


def _distinct(codes: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], list[int]]:
    """The codes numbered by what differs; hashing beats sorting where little does."""
    found = pc.dictionary_encode(pa.array(codes))
    numbers = np.frombuffer(found.indices.buffers()[1], np.int32, len(found))
    return numbers, found.dictionary.to_pylist()


class NumberWords:
    """Planes as whole numbers, for where there is no NumPy: Arrow compares, Python combines."""

    arrays = False

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.zeros: Plane = 0
        self.ones: Plane = (1 << rows) - 1

    def bitmap(self, buffer: pa.Buffer, offset: int) -> Plane:
        first, shift = divmod(offset, 8)
        needed = -(-(shift + self.rows) // 8)
        return int.from_bytes(buffer[first : first + needed], "little") >> shift & self.ones

    def _truth(self, flags: pa.Array) -> Plane:
        return self.bitmap(flags.buffers()[1], flags.offset)

    def codes(self, numbers: pa.Array) -> Codes:
        # Compared as they stand: what a null hides compares as some number or other.
        return pa.Array.from_buffers(
            numbers.type, len(numbers), [None, numbers.buffers()[1]], offset=numbers.offset
        )

    def small(self, codes: Codes) -> Codes:
        return codes if codes.type == pa.uint8() else pc.cast(codes, pa.uint8(), safe=False)

    def bit(self, codes: Codes, place: int) -> Plane:
        picked = pc.bit_wise_and(codes, pa.scalar(1 << place, pa.uint8()))
        return self._truth(pc.not_equal(picked, pa.scalar(0, pa.uint8())))

    def at_least(self, codes: Codes, bound: int, likely: bool | None = None) -> Plane:
        bits = codes.type.bit_width
        signed = pa.types.is_signed_integer(codes.type)
        least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        if bound <= least:
            return self.ones
        if bound > most:
            return self.zeros
        return self._truth(pc.greater_equal(codes, pa.scalar(bound, codes.type)))

    def looked_up(self, codes: Codes, table: Sequence[int]) -> Codes:
        kind = pa.uint8() if max(table, default=0) < 256 else pa.int32()
        return pc.take(pa.array(table, kind), codes)

    def replaced(self, codes: Codes, plane: Plane, number: int) -> Codes:
        held = pa.Array.from_buffers(pa.bool_(), self.rows, [None, self.bits(plane)])
        whole = pc.cast(codes, pa.int32(), safe=False)
        return pc.if_else(held, pa.scalar(number, pa.int32()), whole)

    def spread(self, parts: Sequence[tuple[Plane, int]]) -> Codes:
        found = pa.array([0] * self.rows, pa.int32())
        for plane, number in parts:
            if number:
                held = pa.Array.from_buffers(pa.bool_(), self.rows, [None, self.bits(plane)])
                found = pc.add(found, pc.multiply(held.cast(pa.int32()), number))
        return found

    def joined(self, columns: Sequence[Codes]) -> tuple[Codes, list[tuple[int, ...]]]:
        return _numbered(zip(*(_listed(column) for column in columns), strict=True))

    def masks(self, codes: Codes, table: Sequence[int]) -> Codes:
        return [table[code] for code in _listed(codes)]

    def united(self, ends: Codes, sets: Codes, width: int) -> tuple[Codes, list[int]]:
        edges = _listed(ends)
        first = edges[0]
        runs = (tuple(sets[start - first : end - first]) for start, end in pairwise(edges))
        codes, found = _numbered(runs)
        unions = []
        for run in found:
            union = 0
            for members in run:
                union |= members
            unions.append(union)
        return codes, unions

    def bits(self, plane: Plane) -> pa.Buffer:
        return pa.py_buffer((plane & self.ones).to_bytes(-(-self.rows // 8), "little"))

    def places(self, plane: Plane) -> list[int]:
        text = f"{plane & self.ones:b}"[::-1]
        found, at = [], text.find("1")
        while at >= 0:
            found.append(at)
            at = text.find("1", at + 1)
        return found

    def numbered(self, digits: Sequence[Plane], valid: Plane, count: int) -> pa.Array:
        kind = pa.int8() if count <= 128 else pa.int32()
        found = pa.repeat(pa.scalar(0, kind), self.rows)
        for place, digit in enumerate(digits):
            held = pa.Array.from_buffers(pa.bool_(), self.rows, [None, self.bits(digit)])
            found = pc.add(found, pc.if_else(held, pa.scalar(1 << place, kind), pa.scalar(0, kind)))
        known = pa.Array.from_buffers(pa.bool_(), self.rows, [None, self.bits(valid)])
        return pc.if_else(known, found, pa.scalar(None, kind))


def _listed(codes: Any) -> list[int]:
    return codes if isinstance(codes, list) else codes.to_pylist()


def _numbered(values: Iterable[Any]) -> tuple[Codes, list[Any]]:
    known: dict[Any, int] = {}
    codes = [known.setdefault(value, len(known)) for value in values]
    return pa.array(codes, pa.int32()), list(known)


assert sys.byteorder == "little", "planes of bits are laid out for little-endian machines"
