"""Runs the mistakes in this process, and makes the page of their messages."""

from __future__ import annotations

import ast
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree
from typing import Any
from unittest.mock import patch

import pyclingo_bridge
from pyclingo_bridge import BridgeError, Case, Policy
from tests.fuzz.command import ran
from tests.mistakes.listed import GROUPS, Mistake

INPUTS = Path(__file__).resolve().parent / "inputs"
PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "messages.md"

_HEAD = """<!-- Made by `python -m tests.documentation`; changes here are lost. -->

# Messages

What this package says about typical mistakes. Every message here comes from running the command or the
snippet above it; the files are in `tests/mistakes/inputs` of the repository.

A message says where something is wrong, what was found, what is allowed where that is a choice, and what to
do. In Python every error is a `BridgeError`: `str(error)` is the message, and `error.messages` has its
parts (`where`, `found`, `allowed`, `help`, `line`, `column`). A `CaseError` has `source` and `problems`
besides.
"""


def message(mistake: Mistake, in_python: bool, folder: Path) -> str:
    """What is said of a mistake that is made in this folder.

    Errors: AssertionError where nothing is said of it.
    """
    with _lacking(mistake.lacks), _once(), patch.dict(os.environ, _PLAIN):
        for name in ("FORCE_COLOR", "PY_COLORS"):
            os.environ.pop(name, None)
        return _of_snippet(mistake.run, folder) if in_python else _of_command(mistake.run, folder)


_PLAIN = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}


def _of_command(words: str, folder: Path) -> str:
    # Messages name the program as it was started, which here is a test.
    with patch.object(sys.modules["__main__"], "__package__", None):
        ended = ran(words.split(), folder)
    assert ended.code == 2, f"{words}: ended with {ended.code}: {ended.output}{ended.errors}"
    assert not ended.output, f"{words}: {ended.output}"
    return ended.errors.rstrip()


def _of_snippet(code: str, folder: Path) -> str:
    import pyarrow

    names = {
        **{name: getattr(pyclingo_bridge, name) for name in pyclingo_bridge.__all__},
        "pyarrow": pyarrow,
        "policy": Policy.load("cp_phar_549"),
        "case": Case.load(INPUTS / "case.json"),
    }
    before = Path.cwd()
    os.chdir(folder)
    try:
        tree = ast.parse(code)
        exec(compile(tree, "<snippet>", "exec"), names)
    except BridgeError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        os.chdir(before)
    raise AssertionError(f"{code}: nothing is said of it")


@contextmanager
def _lacking(packages: tuple[str, ...]) -> Iterator[None]:
    def found(name: str) -> Any:
        return None if name in packages else find_spec(name)

    with patch("pyclingo_bridge.base.extras.find_spec", found):
        yield


_LOAD: Callable[..., Policy] = Policy.load


@cache
def _shipped(name: str) -> Policy:
    return _LOAD(name)


@contextmanager
def _once() -> Iterator[None]:
    """Ground the shipped policies once, however many commands ask for them."""

    def load(
        name: Any, interpretations: Any = None, judged_by: Any = "compiled", *args: Any, **more: Any
    ) -> Policy:
        plain = not interpretations and judged_by == "compiled" and not args and not any(more.values())
        if plain and str(name) in pyclingo_bridge.shipped_policies():
            return _shipped(str(name))
        return _LOAD(name, interpretations, judged_by, *args, **more)

    with patch.object(Policy, "load", load):
        yield


def page() -> str:
    """The page of all mistakes, with the messages that they get now."""
    parts = [_HEAD]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve() / "inputs"
        copytree(INPUTS, folder)
        for heading, mistakes in GROUPS:
            parts.append(f"## {heading}\n")
            parts += [_section(mistake, heading == "In Python", folder) for mistake in mistakes]
    return "\n".join(parts).replace(str(folder) + "/", "")


def _section(mistake: Mistake, in_python: bool, folder: Path) -> str:
    given = ">>> " + mistake.run if in_python else f"$ pyclingo-bridge {mistake.run}"
    language = "pycon" if in_python else "console"
    lacks = f", without {', '.join(mistake.lacks)}" if mistake.lacks else ""
    title = f"### {mistake.what[0].upper()}{mistake.what[1:]}{lacks}"
    return f"{title}\n\n```{language}\n{given}\n{message(mistake, in_python, folder)}\n```\n"
