"""Where the rules files are, and how a program is put together from them.

Includes are followed here and not by the solver, which would look for them in the working
directory first: a stray file there must never become part of a decision.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from pyclingo_bridge.base.errors import PolicyError, listing, quoted, shown_path, suggestion
from pyclingo_bridge.base.lexing import check_nesting, without_includes
from pyclingo_bridge.base.spelling import VALUE

LARGEST_FILE = 10_000_000
"""How many bytes a rules file may have."""

LARGEST_PROGRAM = 20_000_000
"""How many bytes an entry file and all that it includes may have together."""

MOST_FILES = 1_000
"""How many files a program may be made of."""

_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class RulesFile:
    """One rules file: where it is, its text without the includes, and the files that it includes."""

    path: Path
    text: str
    includes: tuple[Path, ...] = ()


@cache
def rules_root() -> Path:
    """The `asp` folder: inside an installed package, or next to the package in a checkout."""
    inside = _PACKAGE / "asp"
    return inside if inside.is_dir() else _PACKAGE.parent / "asp"


def shipped(path: Path) -> bool:
    """Whether a file is one of this package's own."""
    return str(path).startswith(f"{rules_root()}{os.sep}")


def read_program(*entries: Path) -> list[RulesFile]:
    """The entry files and all that they include, each file once, in the order of reading.

    Includes are looked for beside the file that names them, whatever the working directory.

    Errors: PolicyError where a file is missing, is no regular file, is too large, is not UTF-8
    text, is nested too deeply, or holds an `#include` that is not alone on its line; and where
    there are too many files.
    """
    found: dict[Path, RulesFile] = {}
    # A list and no recursion: files may include one another in a chain as long as there are files.
    named = [(entry, shown_path(entry)) for entry in reversed(entries)]
    waiting = [(_resolved(entry, place), place) for entry, place in named]
    size = 0
    while waiting:
        path, asked_by = waiting.pop()
        if path in found:
            continue
        content = _content(path, asked_by)
        size += len(content)
        if size > LARGEST_PROGRAM or len(found) >= MOST_FILES:
            raise PolicyError(
                f"{asked_by}: more is included than can be read: at most {MOST_FILES} files of "
                f"{LARGEST_PROGRAM // 1_000_000} MB together"
            )
        found[path], places = _rules_file(path, content)
        waiting += reversed(list(zip(found[path].includes, places, strict=True)))
    return list(found.values())


def included(entries: Collection[Path], files: Iterable[RulesFile]) -> list[RulesFile]:
    """Of a program's files, these entry files and all that they include, in the order of reading."""
    known = {file.path: file for file in files}
    found: dict[Path, RulesFile] = {}
    waiting = list(reversed(list(entries)))
    while waiting:
        path = waiting.pop()
        if path in known and path not in found:
            found[path] = known[path]
            waiting += reversed(known[path].includes)
    return list(found.values())


def _rules_file(path: Path, content: bytes) -> tuple[RulesFile, list[str]]:
    """The file, and for each file that it includes the place where that stands."""
    try:
        # As the solver has it, a carriage return by itself ends no line.
        whole = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise PolicyError(f"{shown_path(path)}: is not UTF-8 text") from None
    text, names = without_includes(whole, shown_path(path))
    if not shipped(path):
        check_nesting(text, shown_path(path))
    places = [f"{shown_path(path)}:{line}" for line, _ in names]
    asked = zip(names, places, strict=True)
    includes = tuple(_resolved(path.parent / name, place) for (_, name), place in asked)
    return RulesFile(path, text, includes), places


def _resolved(path: Path, asked_by: str) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        # So Python 3.11 and 3.12 report links that lead in a circle.
        raise PolicyError(f"{asked_by}: cannot read {quoted(str(path))}: its links lead in a circle") from None


def _content(path: Path, asked_by: str) -> bytes:
    """What a regular file holds. Nothing else is waited for: a pipe or a device may never end.

    Args:
        path: the file.
        asked_by: where it is named, as errors have it.
    """
    try:
        handle = os.open(path, _READING)
        with os.fdopen(handle, "rb", buffering=0) as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise PolicyError(f"{asked_by}: `{shown_path(path)}` is no regular file")
            if status.st_size > LARGEST_FILE:
                raise PolicyError(f"{shown_path(path)}: is larger than {LARGEST_FILE // 1_000_000} MB")
            content = file.read(status.st_size + 1)
    except OSError as error:
        raise PolicyError(
            f"{asked_by}: cannot read `{shown_path(path)}`: {error.strerror}{_meant(path)}"
        ) from None
    if len(content) != status.st_size:
        raise PolicyError(f"{shown_path(path)}: was changed while it was read; try again")
    return content


def _meant(path: Path) -> str:
    """The rules file of the same folder that a file which is not there may have been meant to be."""
    if holds(Path.exists, path):
        return ""
    try:
        others = [one.name for one in islice(path.parent.glob("*.lp"), MOST_FILES)]
    except OSError:
        return ""
    return suggestion(path.name, others, VALUE)


@cache
def engine_program(entry: str) -> tuple[RulesFile, ...]:
    """An entry file of the engine for this package, with all that it includes, by its name."""
    return tuple(read_program(rules_root() / "bridge" / f"{entry}.lp"))


@cache
def names_program() -> tuple[RulesFile, ...]:
    """The engine's rules by which names of drugs, which are words of vocabularies, follow from others."""
    return tuple(read_program(rules_root() / "engine" / "policy" / "names.lp"))


@cache
def engine_fingerprint() -> str:
    """A hash of all rules that a policy is run with: the engine's, and this package's entry files."""
    paths = [path for part in ("engine", "bridge") for path in (rules_root() / part).rglob("*.lp")]
    files = read_program(*sorted(paths))
    return hashlib.sha256("\0".join(file.text for file in files).encode()).hexdigest()


def shipped_policies() -> list[str]:
    """The names of the policies that come with this package, sorted."""
    return sorted(entry.parent.name for entry in (rules_root() / "policies").glob("*/policy.lp"))


def policy_entry(name_or_folder: str | Path) -> Path:
    """The entry file of a shipped policy, by its name, or of the policy in a folder.

    Errors: PolicyError where there is neither.
    """
    name, known = str(name_or_folder), shipped_policies()
    if name in known:
        return rules_root() / "policies" / name / "policy.lp"
    if name and holds(Path.is_file, Path(name) / "policy.lp"):
        return Path(name) / "policy.lp"
    if name and holds(Path.is_dir, Path(name)):
        raise PolicyError(f"the folder {quoted(name)} holds no `policy.lp`{_policy_beneath(Path(name))}")
    near = suggestion(name, known, VALUE)
    if holds(Path.is_file, Path(name)):
        near = (
            f"; name its folder, {quoted(str(Path(name).parent))}" if Path(name).name == "policy.lp" else near
        )
        raise PolicyError(f"{quoted(name)} is a file; a policy is a folder that holds a `policy.lp`{near}")
    near = near or "; name a shipped one, or a folder that holds a `policy.lp`"
    raise PolicyError(f"there is no policy {quoted(name)}{near} (shipped: {listing(known)})")


def _policy_beneath(folder: Path) -> str:
    """What to name in the place of a folder that holds folders of policies."""
    try:
        found = sorted(entry.parent for entry in islice(folder.glob("*/policy.lp"), MOST_FILES))
    except OSError:
        found = []
    return f"; name one in it, such as {quoted(str(found[0]))}" if found else "; name the folder that does"


def holds(check: Callable[[Path], bool], path: Path) -> bool:
    """Whether a check of a path, such as `Path.is_file`, holds; of a name that no file can have, none."""
    try:
        return check(path)
    except (OSError, ValueError):
        return False
