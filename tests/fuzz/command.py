"""The command line within this process: what it writes, and the code that it ends with."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pyclingo_bridge.cli.main import main

DOCUMENTED = (0, 2, 3, 4)


class Ran(NamedTuple):
    """How a command ended."""

    code: Any
    output: str
    errors: str


def ran(args: list[str], folder: Path, given: bytes = b"") -> Ran:
    """Run a command in a folder, with something on standard input.

    Errors: whatever the command lets through, which should be nothing.
    """
    code: Any = 0
    with _streams(given) as (output, errors), _within(folder, args):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        for stream in (output, errors):
            stream.flush()
        texts = [stream.buffer.getvalue().decode("utf-8", "replace") for stream in (output, errors)]
    return Ran(code or 0, *texts)


@contextmanager
def _streams(given: bytes) -> Iterator[tuple[Any, Any]]:
    before = sys.stdin, sys.stdout, sys.stderr
    made = [io.TextIOWrapper(io.BytesIO(data), encoding="utf-8") for data in (given, b"", b"")]
    sys.stdin, sys.stdout, sys.stderr = made
    try:
        yield made[1], made[2]
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


@contextmanager
def _within(folder: Path, args: list[str]) -> Iterator[None]:
    place, argv = Path.cwd(), sys.argv
    os.chdir(folder)
    sys.argv = ["pyclingo-bridge", *args]
    try:
        yield
    finally:
        os.chdir(place)
        sys.argv = argv
