"""What the commands answer to cases: to be compared where nothing but order or a hash seed differs.

    python -m tests.answers CASE.json ...

writes a line for each case and command: a digest of the exit code and of all that is written.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from typer.testing import CliRunner

from pyclingo_bridge.cli import shared
from pyclingo_bridge.policy import Policy

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("decide",),
    ("decide", "--json"),
    ("decide", "--full", "--judged-by", "clingo"),
    ("decide", "--all-interpretations", "--json"),
    ("explain", "--full"),
    ("explain", "--json"),
    ("missing", "--json"),
    ("missing", "--sample", "3", "--seed", "1"),
    ("facts",),
    ("repairs",),
    ("repairs", "--json"),
    ("reasons",),
    ("reasons", "--json"),
    ("ask", "--json"),
    ("evidence", "--full"),
    ("evidence", "--json"),
    ("what-if", "--set", "age=15"),
    ("what-if", "--each", "--set", "age=15", "--set", "dose_mg_per_day=1200", "--json"),
    ("what-if", "--sweep", "age"),
)
"""Every command that answers a case, in the ways that say the most."""

Answer = tuple[int, str, str]
"""The exit code, the output, and what is written to standard error."""


_LOAD = shared.load_policy


@cache
def _policy(name: str | None, judged_by: shared.Judges) -> Policy:
    return _LOAD(name, None, judged_by)


def _loaded(name: str | None, interpretations: object, judged_by: shared.Judges, plan: str | None) -> Policy:
    assert plan is None
    return _policy(name, judged_by)


def answer(data: dict[str, Any], command: tuple[str, ...]) -> Answer:
    """What a command answers to a case. Policies are loaded once a process: that takes longest."""
    text = json.dumps(data)
    with patch.object(shared, "load_policy", _loaded):
        words = [command[0], "-", *command[1:]]
        done = CliRunner().invoke(shared.app, words, input=text)
    if done.exception and not isinstance(done.exception, SystemExit):
        return 1, done.stdout, f"{done.stderr}{done.exception}"
    return done.exit_code, done.stdout, done.stderr


def reordered(data: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """The same case with its documents, and the keys of every object, in another order."""
    documents = dice.sample(data["documents"], len(data["documents"]))
    again: dict[str, Any] = _keys_reordered({**data, "documents": documents}, dice)
    return again


def _keys_reordered(value: Any, dice: random.Random) -> Any:
    if isinstance(value, list):
        return [_keys_reordered(entry, dice) for entry in value]
    if not isinstance(value, dict):
        return value
    names = dice.sample(sorted(value), len(value))
    return {name: _keys_reordered(value[name], dice) for name in names}


def digests(paths: list[str]) -> Iterator[str]:
    """A line for each case and command."""
    for path in paths:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        for command in COMMANDS:
            told = repr(answer(data, command)).encode()
            yield f"{Path(path).stem} {' '.join(command)}: {hashlib.sha256(told).hexdigest()[:16]}"


if __name__ == "__main__":
    print("\n".join(digests(sys.argv[1:])))
