"""The kinds of files that hold cases and answers, which the end of a file's name says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, NamedTuple

from pyclingo_bridge.base.errors import BatchError, quoted

Kind = Literal["parquet", "csv", "jsonl"]

_SUFFIXES: dict[str, Kind] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


class FileFormat(NamedTuple):
    """What a file holds, and whether it is compressed by gzip."""

    kind: Kind
    zipped: bool


def format_of(path: Path) -> FileFormat:
    """The format that a file's name says.

    Errors: BatchError for a name that tells none.
    """
    zipped = path.suffix.lower() == ".gz"
    suffix = (path.with_suffix("") if zipped else path).suffix.lower()
    kind = _SUFFIXES.get(suffix)
    if kind is None or (zipped and kind == "parquet"):
        raise BatchError(
            f"{quoted(str(path), 200)}: the name tells no format; "
            "end it with .parquet, .csv, .jsonl or .ndjson, the last three with .gz if you like"
        )
    return FileFormat(kind, zipped)


def reason_of(error: Exception) -> str:
    """Why a file could not be read or written, in one line."""
    number = error.errno if isinstance(error, OSError) else None
    reason = os.strerror(number) if number else str(error)
    return " ".join(reason.split()) or type(error).__name__
