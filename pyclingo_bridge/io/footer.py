"""Moves a Parquet footer: the places in it become those of row groups that stand further on in a file.

A footer is a struct in Thrift's compact protocol, as the Parquet format has it. All that is no place is copied.
"""

from __future__ import annotations

from io import BytesIO

_PLACES = {
    (4, 5),  # a row group's first byte
    (4, 1, 2),  # the same of a column chunk, in files of old; 0 in others
    (4, 1, 3, 9),  # its first page of data
    (4, 1, 3, 10),  # its index page
    (4, 1, 3, 11),  # its dictionary
    (4, 1, 3, 14),  # its Bloom filter
    (4, 1, 4),  # its offset index
    (4, 1, 6),  # its column index
}
"""The ids of fields from the footer down that hold a place in the file."""

_FLAGS = (1, 2)
_BYTE = 3
_NUMBERS = (4, 5, 6)
_DOUBLE = 7
_BINARY = 8
_LISTS = (9, 10)
_STRUCT = 12


def moved(footer: bytes, by: int) -> bytes:
    """The footer of the same row groups, which stand so many bytes further on.

    Args:
        footer: the struct alone, without its length and the format's mark.
        by: how many bytes.

    Errors: ValueError for a type that no Parquet footer holds.
    """
    copy = _Copy(footer, by)
    copy.struct(())
    return copy.written.getvalue()


class _Copy:
    def __init__(self, footer: bytes, by: int) -> None:
        self._given = BytesIO(footer)
        self._by = by
        self.written = BytesIO()

    def struct(self, path: tuple[int, ...]) -> None:
        """Copy fields up to the stop that ends them."""
        field = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            field = field + step if step else _signed(self._varint())
            self._value(kind, (*path, field))

    def _value(self, kind: int, path: tuple[int, ...], listed: bool = False) -> None:
        if kind in _FLAGS:
            # Of a field the type is the value; in a list it takes a byte.
            self._bytes(1 if listed else 0)
        elif kind == _BYTE:
            self._bytes(1)
        elif kind in _NUMBERS:
            self._number(path in _PLACES)
        elif kind == _DOUBLE:
            self._bytes(8)
        elif kind == _BINARY:
            self._bytes(self._varint())
        elif kind in _LISTS:
            self._list(path)
        elif kind == _STRUCT:
            self.struct(path)
        else:
            raise ValueError(f"no Parquet footer holds a value of type {kind}")

    def _list(self, path: tuple[int, ...]) -> None:
        head = self._byte()
        size = head >> 4
        for _ in range(self._varint() if size == 15 else size):
            self._value(head & 15, path, listed=True)

    def _number(self, is_place: bool) -> None:
        number, digits = self._read_varint()
        # No row group begins at 0, where the format's mark is: there it means none.
        if is_place and number:
            digits = _digits((_signed(number) + self._by) << 1)
        self.written.write(digits)

    def _varint(self) -> int:
        number, digits = self._read_varint()
        self.written.write(digits)
        return number

    def _read_varint(self) -> tuple[int, bytes]:
        number, digits = 0, bytearray()
        while True:
            digits += self._given.read(1)
            number |= (digits[-1] & 127) << (7 * (len(digits) - 1))
            if digits[-1] < 128:
                return number, bytes(digits)

    def _byte(self) -> int:
        return self._bytes(1)[0]

    def _bytes(self, size: int) -> bytes:
        data = self._given.read(size)
        self.written.write(data)
        return data


def _signed(number: int) -> int:
    """A number of the zigzag code, in which the last bit is the sign."""
    return number >> 1 ^ -(number & 1)


def _digits(number: int) -> bytes:
    digits = bytearray()
    while number >= 128:
        digits.append(number & 127 | 128)
        number >>= 7
    digits.append(number)
    return bytes(digits)
