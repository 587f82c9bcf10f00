"""Counts the rows whose id stands in a row before, however many rows there are, in bounded memory.

Each id is kept as a number of 64 bits: two of a hundred million ids share one by chance in one of thousands
of files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_AT_ONCE = 4_194_304
"""How many ids are compared at once."""

_BYTES = 8
_LONGEST = 1024
"""The most bytes of an id that is looked at: longer ones are refused anyhow."""

_MIX = pa.scalar(0x9E3779B97F4A7C15, pa.uint64())
_HALF = pa.scalar(32, pa.uint64())


def keys(ids: Any) -> bytes:
    """A number of 64 bits for each id, in no order: the same for the same id.

    Args:
        ids: texts; null, and what is too long for an id, counts as none.
    """
    whole = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    lengths = pc.binary_length(whole)
    found, least, most = [], 0, _BYTES
    while least < _LONGEST:
        # Padded to one length all are numbers, side by side; only few ids are much longer than others.
        among = pc.and_(pc.greater(lengths, least), pc.less_equal(lengths, most))
        texts = whole.filter(among)
        if len(texts):
            found.append(_keys(texts, most))
        least, most = most, 2 * most
    return b"".join(found)


def _keys(texts: Any, width: int) -> bytes:
    """The numbers of texts that are no longer than a width, of which all were longer than half of it."""
    padded = pc.ascii_rpad(texts, width, "\0").cast(pa.large_binary())
    data = padded.buffers()[2].slice(padded.offset * width, len(padded) * width)
    count = width // _BYTES
    parts = _parts(data, count)
    mixed = pc.multiply(pc.cast(pc.binary_length(texts), pa.uint64()), _MIX)
    for part in parts:
        mixed = pc.multiply(pc.bit_wise_xor(mixed, part), _MIX)
        mixed = pc.bit_wise_xor(mixed, pc.shift_right(mixed, _HALF))
    return memoryview(mixed.buffers()[1]).tobytes()[: _BYTES * len(mixed)]


def _parts(data: Any, count: int) -> Iterator[Any]:
    """Every first number of so many, every second, and so on."""
    numbers = np.frombuffer(data, np.uint64).reshape(-1, count)
    return (pa.array(np.ascontiguousarray(numbers[:, place])) for place in range(count))


def repeated(path: Path, size: int) -> int:
    """How many of the keys in the first bytes of a file stand before too."""
    parts = 1
    while parts * _AT_ONCE * _BYTES < size:
        parts *= 2
    return sum(_repeated_of(path, size, part, parts) for part in range(parts))


def _repeated_of(path: Path, size: int, part: int, parts: int) -> int:
    """The same of the keys whose last bits are those of a part, of so many parts."""
    held: list[Any] = []
    with path.open("rb") as file:
        while size and (data := file.read(min(size, _AT_ONCE * _BYTES))):
            size -= len(data)
            read = pa.Array.from_buffers(pa.uint64(), len(data) // _BYTES, [None, pa.py_buffer(data)])
            bits = pc.bit_wise_and(read, pa.scalar(parts - 1, pa.uint64()))
            own = pc.equal(bits, pa.scalar(part, pa.uint64()))
            held.append(read.filter(own) if parts > 1 else read)
    found = pa.chunked_array(held, pa.uint64())
    return len(found) - len(pc.unique(found))
