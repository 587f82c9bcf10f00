"""Compiled policies on disk, so that a process need not compile what another one did.

A file is named by a hash of all that went into it: the rules, the readings and the versions. It
carries a hash of its own text. What does not read back whole is made anew, never believed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pyclingo_bridge.compiled.circuit import All, Circuit, Given, Look, Node
from pyclingo_bridge.compiled.policy import CompiledPolicy
from pyclingo_bridge.terms import Term, Value

FOLDER_VARIABLE = "PYCLINGO_BRIDGE_CACHE"
"""The environment variable that names the folder; empty for none."""

_FORMAT = "compiled-1"
_KINDS = {Look: "look", Given: "given", All: "all"}


def cache_folder() -> Path | None:
    """Where compiled policies are kept, or None where they are not to be."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named is not None:
        return Path(named) if named else None
    home = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    return (Path(home) if home else Path("~/.cache").expanduser()) / "pyclingo-bridge"


def remembered(texts: Iterable[str], make: Callable[[], CompiledPolicy]) -> CompiledPolicy:
    """The compiled policy of these texts, from disk where it is there and whole.

    Args:
        texts: all that the policy is made from.
        make: compiles it.
    """
    folder = cache_folder()
    if folder is None:
        return make()
    path = folder / f"{_digest(chr(0).join([_FORMAT, *texts]))}.json"
    known = _read(path)
    if known is None:
        known = make()
        _write(path, known)
    return known


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read(path: Path) -> CompiledPolicy | None:
    try:
        digest, _, text = path.read_text(encoding="utf-8").partition("\n")
        # What is whole, but not what is expected, was written by something else.
        return _policy(json.loads(text)) if digest == _digest(text) else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _write(path: Path, policy: CompiledPolicy) -> None:
    """Keep the policy; where that cannot be done, the next process compiles it again."""
    text = json.dumps(_told(policy), separators=(",", ":"))
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(f"{_digest(text)}\n{text}")
            os.replace(name, path)
        except OSError:
            os.unlink(name)
            raise


def _told(policy: CompiledPolicy) -> dict[str, Any]:
    return {
        "nodes": [_node_told(node) for node in policy.circuit.nodes],
        "atoms": [[_value_told(atom), literal] for atom, literal in policy.atoms.items()],
        "facts": [_value_told(fact) for fact in policy.facts],
    }


def _node_told(node: Node) -> list[Any]:
    kind = _KINDS[type(node)]
    if isinstance(node, Look):
        return [kind, _value_told(node.claim), node.states]
    return [kind, _value_told(node.atom) if isinstance(node, Given) else list(node.literals)]


def _value_told(value: Value) -> Any:
    return [value.name, *map(_value_told, value.args)] if isinstance(value, Term) else value


def _policy(told: dict[str, Any]) -> CompiledPolicy:
    circuit = Circuit(map(_node, told["nodes"]))
    most = 2 * len(told["nodes"]) + 1
    atoms = {_term(atom): _literal(literal, most) for atom, literal in told["atoms"]}
    return CompiledPolicy(circuit, atoms, [_term(fact) for fact in told["facts"]])


def _node(told: list[Any]) -> Node:
    kind, first, *rest = told
    if kind == "look":
        return Look(_value(first), int(rest[0]))
    if kind == "given":
        return Given(_term(first))
    return All(tuple(map(int, first)))


def _literal(told: int, most: int) -> int:
    if not 0 <= told <= most:
        raise ValueError("a literal of no node")
    return told


def _value(told: Any) -> Value:
    if isinstance(told, list):
        return Term(told[0], tuple(map(_value, told[1:])))
    if isinstance(told, int | str):
        return told
    raise ValueError("neither a number nor a text nor a term")


def _term(told: Any) -> Term:
    term = _value(told)
    if not isinstance(term, Term):
        raise ValueError("no term")
    return term
