"""Counts the rows whose id stands in an earlier row, however many rows there are, in bounded memory.

Each id is kept as a number of 64 bits: two of a hundred million ids share one by chance in one of thousands
of files.
"""

from __future__ import annotations

from collections.abc import Sequence
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

_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


def keys(ids: Any) -> bytes:
    """A number of 64 bits for each id, in no order: the same for the same id.

    Args:
        ids: texts; null, and what is too long for an id, counts as none.
    """
    whole = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    lengths = pc.binary_length(whole)
    parts, least, most = [], 0, _BYTES
    while least < _LONGEST:
        # Padded to one length all are numbers, side by side; only few ids are much longer than others.
        among = pc.and_(pc.greater(lengths, least), pc.less_equal(lengths, most))
        parts.append(_keys(whole.filter(among), most))
        least, most = most, 2 * most
    return b"".join(parts)


def _keys(texts: Any, width: int) -> bytes:
    """The numbers of texts that are no longer than a width, of which all were longer than half of it."""
    if not len(texts):
        return b""
    padded = pc.ascii_rpad(texts, width, "\0").cast(pa.large_binary())
    data = padded.buffers()[2].slice(padded.offset * width, len(padded) * width)
    mixed = pc.binary_length(texts).to_numpy().astype(np.uint64) * _MIX
    for part in np.frombuffer(data, np.uint64).reshape(-1, width // _BYTES).T:
        mixed = (mixed ^ part) * _MIX
        mixed ^= mixed >> _HALF
    return bytes(mixed.tobytes())


def repeated(files: Sequence[Path]) -> int:
    """How many of the keys in some files stand before too."""
    size = sum(path.stat().st_size for path in files)
    shares = 1
    while shares * _AT_ONCE * _BYTES < size:
        shares *= 2
    return sum(_repeated_of(files, share, shares) for share in range(shares))


def _repeated_of(files: Sequence[Path], share: int, shares: int) -> int:
    """The same of the keys whose last bits are those of a share, of so many shares."""
    held = [np.empty(0, np.uint64)]
    for path in files:
        read = np.fromfile(path, np.uint64)
        held.append(read[read & np.uint64(shares - 1) == share] if shares > 1 else read)
    joined = np.concatenate(held)
    return len(joined) - len(pc.unique(pa.array(joined)))
