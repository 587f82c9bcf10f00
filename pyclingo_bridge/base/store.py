"""What one process may leave for the next: texts in a folder of the user's own, each under a key.

A text is believed only where nobody else can have written it: the folder and the file are the
user's own and nobody else may write in them. It carries a hash of its key and of itself. Whatever is
wrong with it, it counts as not there. Windows tells no owner; there the user's profile is relied on.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import stat
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from platformdirs import user_cache_dir

FOLDER_VARIABLE = "PYCLINGO_BRIDGE_CACHE"
"""The environment variable that names the folder; empty for none."""

LARGEST = 200_000_000
"""How many bytes of a file are read."""

_FORMAT = "pyclingo-bridge-store-2"
_READING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_LOGGER = logging.getLogger("pyclingo_bridge")


def cache_folder() -> Path | None:
    """Where texts are kept, or None where they are not to be, or no home is known."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named is not None:
        return Path(named) if named else None
    try:
        folder = Path(user_cache_dir("pyclingo-bridge", appauthor=False, opinion=False))
    except (OSError, RuntimeError, KeyError):
        return None
    return folder if folder.is_absolute() else None


def key_of(*texts: str) -> str:
    """A hash of all that a text is made from."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def kept(name: str) -> str | None:
    """The text of this name, where it is there and to be believed."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        with _opened(folder) as handle:
            content = None if handle is None else _content(folder / name, handle)
        # The name is part of it: a file that was given another name is another text.
        digest, _, text = (content or b"").decode().partition("\n")
    except (OSError, ValueError):
        return None
    return text if digest == key_of(_FORMAT, name, text) else None


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    """A handle of the folder where it is to be trusted; what is opened by it is beneath no other."""
    if not _has_owners():
        yield -1
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NONBLOCK)
    try:
        link, status = os.lstat(folder), os.fstat(handle)
        strange = stat.S_ISLNK(link.st_mode) and link.st_uid not in (os.geteuid(), 0)
        yield handle if _own(status) and not strange else _distrust(str(folder))
    finally:
        os.close(handle)


def _content(path: Path, folder: int) -> bytes | None:
    owners = _has_owners()
    handle = os.open(path.name, _READING, dir_fd=folder) if owners else os.open(path, _READING)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        # A pipe would never end, and nobody keeps so much.
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            return None
        if owners and not _own(status):
            return _distrust(str(path))
        return file.read()


def _has_owners() -> bool:
    return hasattr(os, "geteuid") and os.open in os.supports_dir_fd


def _own(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & _OTHERS


@cache
def _distrust(path: str) -> None:
    """Say once a process that something is not believed."""
    _LOGGER.warning(
        "warning: others own `%s` or can write in it, so nothing in it is believed and policies are "
        "compiled anew; let nobody else write there, or name another folder in %s",
        path.encode("unicode_escape").decode(),
        FOLDER_VARIABLE,
    )


def keep(name: str, text: str) -> None:
    """Keep a text under a name; where that cannot be done, the next process makes it anew."""
    folder = cache_folder()
    if folder is None:
        return
    with contextlib.suppress(OSError, ValueError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened(folder) as handle:
            if handle is not None:
                _write(folder / name, f"{key_of(_FORMAT, name, text)}\n{text}")


def _write(path: Path, text: str) -> None:
    handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise
