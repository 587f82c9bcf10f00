"""Where the rules files are, and how a program is put together from them.

Includes are followed here and not by the solver, which would look for them in the working
directory first: a stray file there must never become part of a decision.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyclingo_bridge.errors import PolicyError, listing, quoted, suggestion
from pyclingo_bridge.letters import check_letters

_INCLUDE = re.compile(r'^#include[ \t]+"([^"\n]+)"[ \t]*\.[ \t]*$', re.MULTILINE)
_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class RulesFile:
    """One rules file: where it is, and its text without the includes."""

    path: Path
    text: str


def rules_root() -> Path:
    """The `asp` folder: inside an installed package, or beside the package in a checkout."""
    inside = _PACKAGE / "asp"
    return inside if inside.is_dir() else _PACKAGE.parent / "asp"


def read_program(*entries: Path) -> list[RulesFile]:
    """The entry files and all that they include, each file once, in the order of reading.

    Errors: PolicyError where a file is missing, is not UTF-8 text, or holds an `#include` that is
    not alone on its line.
    """
    found: dict[Path, RulesFile] = {}
    for entry in entries:
        _follow(entry.resolve(), entry, found)
    return list(found.values())


def _follow(path: Path, asked_by: Path, found: dict[Path, RulesFile]) -> None:
    if path in found:
        return
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PolicyError(f"{asked_by}: cannot read `{path}`: {error.strerror}") from None
    except UnicodeDecodeError:
        raise PolicyError(f"{path}: is not UTF-8 text") from None
    check_letters(text, str(path))
    body = _INCLUDE.sub(lambda match: " " * len(match.group(0)), text)
    if "#include" in re.sub(r"%.*", "", body):
        raise PolicyError(f'{path}: write each include alone on its line: #include "file.lp".')
    found[path] = RulesFile(path, body)
    for name in _INCLUDE.findall(text):
        _follow((path.parent / name).resolve(), path, found)


@cache
def engine_program(entry: str) -> tuple[RulesFile, ...]:
    """An entry file of the engine for this package, with all that it includes, by its name."""
    return tuple(read_program(rules_root() / "bridge" / f"{entry}.lp"))


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
        raise PolicyError(f"{quoted(name)}: the folder holds no `policy.lp`")
    raise PolicyError(
        f"no policy {quoted(name)}{suggestion(name, known)} "
        f"(shipped: {listing(known)}; or name a folder that holds a `policy.lp`)"
    )


def holds(check: Callable[[Path], bool], path: Path) -> bool:
    """Whether a check of a path, such as `Path.is_file`, holds; of a name that no file can have, none."""
    try:
        return check(path)
    except (OSError, ValueError):
        return False
