"""Compiled policies on disk, so that a process need not compile what another one did.

A file is named by a hash of all that went into it: the rules, the interpretations and the versions. What
does not read back whole, or is no circuit of this policy, is made anew, never believed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from pyclingo_bridge.base.store import keep, kept, key_of
from pyclingo_bridge.base.terms import LARGEST, Term, Value
from pyclingo_bridge.fast.circuit import All, Circuit, Given, Look, Node
from pyclingo_bridge.fast.compiled import CompiledPolicy

_FORMAT = "compiled-2"
_KINDS = {Look: "look", Given: "given", All: "all"}


def remembered(
    texts: Iterable[str],
    make: Callable[[], CompiledPolicy],
    fits: Callable[[CompiledPolicy], bool] = lambda policy: True,
) -> CompiledPolicy:
    """The compiled policy of these texts, from disk where it is there and whole.

    Args:
        texts: all that the policy is made from.
        make: compiles it.
        fits: whether what was kept can be of this policy.
    """
    name = f"{key_of(_FORMAT, *texts)}.json"
    known = _read(kept(name))
    if known is None or not fits(known):
        known = make()
        keep(name, json.dumps(_written(known), separators=(",", ":")))
    return known


def _read(text: str | None) -> CompiledPolicy | None:
    if text is None:
        return None
    try:
        # What is whole, but not what is expected, was written by something else.
        return _policy(json.loads(text))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _written(policy: CompiledPolicy) -> dict[str, Any]:
    return {
        "nodes": [_written_node(node) for node in policy.circuit.nodes],
        "atoms": [[_written_value(atom), literal] for atom, literal in policy.atoms.items()],
        "facts": [_written_value(fact) for fact in policy.facts],
    }


def _written_node(node: Node) -> list[Any]:
    kind = _KINDS[type(node)]
    if isinstance(node, Look):
        return [kind, _written_value(node.requirement), node.statuses]
    return [kind, _written_value(node.atom) if isinstance(node, Given) else list(node.literals)]


def _written_value(value: Value) -> Any:
    return [value.name, *map(_written_value, value.args)] if isinstance(value, Term) else value


def _policy(data: dict[str, Any]) -> CompiledPolicy:
    nodes: list[Node] = []
    for each in data["nodes"]:
        nodes.append(_node(each, nodes))
    if len(set(nodes)) != len(nodes):
        raise ValueError("a node is there twice")
    most = 2 * len(nodes) + 1
    atoms = {_term(atom): _literal(literal, most) for atom, literal in data["atoms"]}
    return CompiledPolicy(Circuit(nodes), atoms, [_term(fact) for fact in data["facts"]])


def _node(data: list[Any], before: list[Node]) -> Node:
    """A node, made of those before it alone, in the one way in which the circuit writes it."""
    kind, first, *rest = data
    if kind == "look":
        (statuses,) = rest
        if type(statuses) is not int or not 0 < statuses < 15:
            raise ValueError("no statuses of a requirement")
        return Look(_value(first), statuses)
    if rest:
        raise ValueError("more than a node is made of")
    if kind == "given":
        return Given(_term(first))
    if kind != "all":
        raise ValueError("no kind of node")
    literals = tuple(_literal(literal, 2 * len(before) + 1) for literal in first)
    if len(literals) < 2 or literals[0] < 2 or list(literals) != sorted(set(literals)):
        raise ValueError("no conjunction")
    if any(literal & 1 and isinstance(before[(literal >> 1) - 1], Look) for literal in literals):
        raise ValueError("a negated look is a look at the other statuses")
    return All(literals)


def _literal(data: Any, most: int) -> int:
    # Neither `true` nor 2.0 is a number here, though both equal one.
    if type(data) is not int or not 0 <= data <= most:
        raise ValueError("a literal of no node")
    return data


@lru_cache(maxsize=10_000)
def _constant(name: str) -> Term:
    # Most of what is read is the same few names again and again.
    return Term(name)


def _value(data: Any) -> Value:
    if isinstance(data, list):
        name, *args = data
        if not isinstance(name, str):
            raise ValueError("a term without a name")
        if not args:
            return _constant(name)
        return Term(name, tuple(map(_value, args)))
    if isinstance(data, str) or (type(data) is int and abs(data) <= LARGEST + 1):
        return data
    raise ValueError("neither a number nor a text nor a term")


def _term(data: Any) -> Term:
    term = _value(data)
    if not isinstance(term, Term):
        raise ValueError("no term")
    return term
