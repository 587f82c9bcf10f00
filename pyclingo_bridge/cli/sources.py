"""Which cases a command line names: files, folders, patterns, lines of a file, standard input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from glob import glob, has_magic
from pathlib import Path

STANDARD_INPUT = "-"

_LINES = frozenset({".jsonl", ".ndjson"})
_NAMED_LINE = re.compile(r"(.+\.(?:jsonl|ndjson)):([1-9][0-9]*)\Z")


class CaseLine(str):
    """The name of a case that is one line of a file, such as `cases.jsonl:12`, and where it stands.

    Attributes:
        path: the file.
        start: the line's first byte.
        size: how many bytes it has.
    """

    path: Path
    start: int
    size: int

    @classmethod
    def of(cls, path: Path, number: int, start: int, size: int) -> CaseLine:
        """The name of a line."""
        name = cls(f"{path}:{number}")
        name.path, name.start, name.size = path, start, size
        return name

    def text(self, most: int) -> bytes:
        """What it holds, and of one that is longer no more than so many bytes.

        Errors: OSError.
        """
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(min(self.size, most))


class NoCase(str):
    """A name that stands for no case at all: it is told when its turn comes, so that others get an answer.

    Attributes:
        problem: why it stands for none.
    """

    problem: str

    @classmethod
    def of(cls, name: str, problem: str) -> NoCase:
        """The name of what holds no case."""
        found = cls(name)
        found.problem = problem
        return found


def expanded(names: Iterable[str]) -> list[str]:
    """The cases that these names stand for, in order; what is no file, folder or pattern stays as it is."""
    return [case for name in names for case in _expanded(name)]


def line_named(name: str) -> str | None:
    """The line of a file that a name such as `cases.jsonl:12` stands for."""
    found = _NAMED_LINE.match(name)
    if found is None or not _is(Path.is_file, found[1]):
        return None
    return next((line for line in _lines(Path(found[1])) if line == name), None)


def _expanded(name: str) -> Iterator[str]:
    if name == STANDARD_INPUT:
        yield name
    elif _is(Path.is_dir, name):
        yield from _inside(name)
    elif _is(Path.is_file, name):
        yield from _lines(Path(name)) if Path(name).suffix.lower() in _LINES else [name]
    elif has_magic(name):
        found = sorted(glob(name, recursive=True))
        none = "cannot be read: there is no such file, and none fits it as a pattern"
        yield from (case for one in found for case in _expanded(one)) if found else [NoCase.of(name, none)]
    else:
        yield line_named(name) or name


def _inside(folder: str) -> Iterator[str]:
    found = sorted(path for path in Path(folder).rglob("*.json") if path.is_file())
    none = "cannot be read as cases: no file in it, or in a folder beneath it, ends with .json"
    yield from map(str, found) if found else [NoCase.of(folder, none)]


def _lines(path: Path) -> Iterator[str]:
    """Every line of a file that is not empty."""
    start, any_case = 0, False
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    any_case = True
                    yield CaseLine.of(path, number, start, len(line))
                start += len(line)
    except OSError as error:
        yield NoCase.of(str(path), f"cannot be read: {error.strerror}")
        return
    if not any_case:
        yield NoCase.of(str(path), "cannot be read as cases: every line is one, and it has none")


def has_several_lines(text: bytes) -> bool:
    """Whether a text is no case but several, one a line."""
    lines = [line for line in text.split(b"\n", 100)[:100] if line.strip()][:2]
    return len(lines) == 2 and all(map(_is_object, lines))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def is_there(name: str) -> bool:
    """Whether there is a file or folder of this name."""
    return _is(Path.exists, name)


def _is(what: Callable[[Path], bool], name: str) -> bool:
    try:
        return what(Path(name))
    except (OSError, ValueError):
        # No file can have that name.
        return False
