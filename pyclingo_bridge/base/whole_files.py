"""Files that come to be whole, or not at all, whatever stops the writing: a full disk, a crash, a power cut."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name first: what is cut short by a full disk never bears its own.

    Errors: OSError.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        target.write_bytes(data)  # A device or a pipe takes what it is given.
        return
    with replacing(target) as new:
        new.write_bytes(data)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the name of a file to write, which takes the place of another at the end, unless an error is raised.

    Errors: OSError.
    """
    target = path.resolve()
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        yield new
        move_lasting(new, target)
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def move_lasting(path: Path, target: Path) -> None:
    """Give a file that is written its name, so that the name never stands for a file with bytes missing."""
    sync(path)
    os.replace(path, target)
    sync_folder(target.parent)


def sync(path: Path) -> None:
    """Wait until the disk holds what was written to a file."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk holds the names in a folder."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
