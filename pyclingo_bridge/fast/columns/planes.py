"""Sets of rows as bit planes: one bit a row in an array of 64-bit words, combined with `&`, `|` and `^`.

The first row is the lowest bit; bits beyond the last row mean nothing. Beside planes there are codes: a
small whole number for each row.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Plane: TypeAlias = Any
"""Some of the rows."""
Codes: TypeAlias = Any
"""A small whole number for each row."""

_WORD = 64
_BYTES = 8
OPERATORS: dict[str, Any] = {"and_": np.bitwise_and, "or_": np.bitwise_or, "not_": np.invert}
"""What combines planes; the last argument is what is written to."""

_RANGES = {char: (int(np.iinfo(char).min), int(np.iinfo(char).max)) for char in np.typecodes["AllInteger"]}

assert sys.byteorder == "little", "planes of bits are laid out for little-endian machines"


class BitPlanes:
    """Makes the planes of some rows, and reads them.

    Attributes:
        rows: the number of rows.
        zeros: no row.
        ones: every row; `plane ^ ones` is the complement.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._size = -(-rows // _WORD)
        self.zeros: Plane = np.zeros(self._size, np.uint64)
        self.ones: Plane = ~self.zeros
        self._scratch: npt.NDArray[np.bool_] | None = None

    # --- from columns to planes and codes ---

    def bitmap(self, buffer: pa.Buffer, offset: int) -> Plane:
        """The plane that Arrow keeps as bits, from the bit `offset` on."""
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

    def _padded(self, packed: npt.NDArray[np.uint8]) -> Plane:
        if len(packed) == self._size * _BYTES:
            return packed.view(np.uint64)
        plane = np.zeros(self._size * _BYTES, np.uint8)
        plane[: len(packed)] = packed
        return plane.view(np.uint64)

    def codes(self, numbers: pa.Array) -> Codes:
        """An Arrow column of whole numbers as codes; where it is null, any number."""
        if not len(numbers):
            return np.zeros(0, np.int32)
        width = numbers.type.bit_width // 8
        signed = pa.types.is_signed_integer(numbers.type)
        kind = np.dtype(f"{'i' if signed else 'u'}{width}")
        return np.frombuffer(numbers.buffers()[1], kind, len(numbers), numbers.offset * width)

    def small(self, codes: Codes) -> Codes:
        """The lowest eight bits of each code."""
        return codes.view(np.uint8) if codes.itemsize == 1 else codes.astype(np.uint8)

    def _held(self) -> npt.NDArray[np.bool_]:
        # One scratch array for all columns: new memory costs more than what is done with it.
        if self._scratch is None:
            self._scratch = np.empty(self.rows, np.bool_)
        return self._scratch

    def bit(self, codes: Codes, place: int) -> Plane:
        """The rows in whose code, of eight bits, a bit is set."""
        picked = np.bitwise_and(codes, np.uint8(1 << place), out=self._held().view(np.uint8))
        return self._padded(np.packbits(picked, bitorder="little"))

    def at_least(self, codes: Codes, bound: int, likely: bool | None = None) -> Plane:
        """The rows whose code is not below a bound.

        Args:
            codes: the codes.
            bound: the bound.
            likely: whether it is likely so of all rows, or of none; None where neither is.
        """
        least, most = _RANGES[codes.dtype.char]
        if bound <= least or (likely and self.rows and codes.min() >= bound):
            return self.ones
        if bound > most or (likely is False and self.rows and codes.max() < bound):
            return self.zeros
        above = np.greater_equal(codes, codes.dtype.type(bound), out=self._held())
        return self._padded(np.packbits(above, bitorder="little"))

    # --- from codes to codes ---

    def looked_up(self, codes: Codes, table: Sequence[int]) -> Codes:
        """Each code replaced by the table's entry at its place."""
        kind = np.uint8 if max(table, default=0) < 256 else np.int32
        return np.asarray(table, kind).take(codes, mode="clip")

    def replaced(self, codes: Codes, plane: Plane, number: int) -> Codes:
        """The codes, with a number in place of those of some rows."""
        return np.where(self._unpacked(plane), np.int32(number), codes.astype(np.int32))

    def sums(self, numbered: Sequence[tuple[Plane, int]]) -> Codes:
        """For each row the sum of the numbers whose planes hold it, below 2^31."""
        total = np.zeros(self.rows, np.int32)
        for plane, number in numbered:
            if number:
                total += self._unpacked(plane) * np.int32(number)
        return total

    def combined(self, columns: Sequence[Codes]) -> tuple[Codes, list[tuple[int, ...]]]:
        """The rows' combinations of codes, numbered, and what each number stands for."""
        codes, values = _distinct(columns[0])
        combinations: list[tuple[int, ...]] = [(value,) for value in values]
        for column in columns[1:]:
            more, others = _distinct(column)
            pairs = codes.astype(np.int64) * len(others) + more
            codes, numbers = _distinct(pairs)
            combinations = [
                (*combinations[number // len(others)], others[number % len(others)]) for number in numbers
            ]
        return codes, combinations

    def member_sets(self, codes: Codes, table: Sequence[int]) -> Codes:
        """For each code the set at its place in the table, whose bits are its members; for `unions`."""
        width = max((entry.bit_length() for entry in table), default=0)
        words = range(-(-max(width, 1) // _WORD))
        part = (1 << _WORD) - 1
        kind = next((k for k in (np.uint8, np.uint16, np.uint32) if width <= np.iinfo(k).bits), np.uint64)
        return [
            np.asarray([entry >> word * _WORD & part for entry in table], kind).take(codes, mode="clip")
            for word in words
        ]

    def unions(self, ends: Codes, sets: Codes) -> tuple[Codes, list[int]]:
        """The unions of runs of small sets, numbered, and what each number stands for.

        Args:
            ends: where each row's run begins, and at last where the last ends.
            sets: the sets of all runs, as `member_sets` gives them.
        """
        starts = ends[:-1] - ends[0]
        filled = np.flatnonzero(ends[1:] > ends[:-1])
        words = []
        for members in sets:
            united = np.zeros(len(starts), members.dtype)
            if len(filled):
                united[filled] = np.bitwise_or.reduceat(members, starts[filled])
            words.append(united)
        codes, tuples = self.combined(words)
        return codes, [sum(part << place * _WORD for place, part in enumerate(one)) for one in tuples]

    # --- from planes to Arrow and Python ---

    def _unpacked(self, plane: Plane) -> npt.NDArray[np.uint8]:
        return np.unpackbits(plane.view(np.uint8), count=self.rows, bitorder="little")

    def flags(self, plane: Plane) -> pa.BooleanArray:
        """The plane as Arrow keeps flags."""
        return pa.Array.from_buffers(pa.bool_(), self.rows, [None, pa.py_buffer(plane)])

    def places(self, plane: Plane) -> list[int]:
        """The numbers of the rows, from 0."""
        if plane is self.zeros or not plane.any():
            return []
        return [int(place) for place in np.flatnonzero(self._unpacked(plane))]

    def numbers(self, digits: Sequence[Plane], valid: Plane, count: int) -> pa.Array:
        """For each row a number below a count, from its binary digits, lowest first; or null.

        Args:
            digits: a plane for each.
            valid: the rows that have a number.
            count: as Arrow's dictionaries have it, at most 128 for numbers of eight bits.
        """
        kind = np.int8 if count <= 128 else np.int32
        total: npt.NDArray[Any] = np.zeros(0 if digits else self.rows, kind)
        for place, digit in enumerate(reversed(digits)):
            own: npt.NDArray[Any] = self._unpacked(digit)
            own = own.view(np.int8) if kind is np.int8 else own.astype(kind)
            if place:
                # Doubled by adding: NumPy shifts one number after the other.
                np.add(total, total, out=total)
                np.add(total, own, out=total)
            else:
                total = own
        return pa.Array.from_buffers(
            pa.from_numpy_dtype(total.dtype), self.rows, [pa.py_buffer(valid), pa.py_buffer(total)]
        )


def _distinct(codes: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], list[int]]:
    """The codes numbered by what differs; hashing beats sorting where little does."""
    encoded = pc.dictionary_encode(pa.array(codes))
    numbers = np.frombuffer(encoded.indices.buffers()[1], np.int32, len(encoded))
    return numbers, encoded.dictionary.to_pylist()
