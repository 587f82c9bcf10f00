"""JSON as it is written: numbers keep their spelling, and a key may stand twice in an object.

>>> tree = read('{"a": 960.0, "a": [1e3, null]}')
>>> write(tree)
'{"a": 960.0, "a": [1e3, null]}'
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias


class Raw(NamedTuple):
    """A number, or anything that stands where one might, as it is written."""

    text: str


class Pairs(list[Any]):
    """The keys and values of an object, in their order, each a list of the two."""

    def get(self, key: str) -> Any:
        """The last value of a key, as Python's reader takes it; None where it has none."""
        found = [value for name, value in self if name == key]
        return found[-1] if found else None


Path: TypeAlias = tuple[int, ...]
"""Which member at each level: of an object, of a list."""


def read(text: str) -> Any:
    """A JSON text as lists, `Pairs`, texts, flags, None and `Raw`.

    Errors: ValueError; RecursionError.
    """
    return json.loads(
        text,
        object_pairs_hook=lambda pairs: Pairs(map(list, pairs)),
        parse_int=Raw,
        parse_float=Raw,
        parse_constant=Raw,
    )


def write(tree: Any, ascii_only: bool = False) -> str:
    """The text of a tree."""
    if isinstance(tree, Raw):
        return tree.text
    if isinstance(tree, Pairs):
        told = (f"{_text(key, ascii_only)}: {write(value, ascii_only)}" for key, value in tree)
        return "{" + ", ".join(told) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(write(entry, ascii_only) for entry in tree) + "]"
    return _text(tree, ascii_only)


def _text(value: Any, ascii_only: bool) -> str:
    return json.dumps(value, ensure_ascii=ascii_only)


def plain(tree: Any) -> Any:
    """The tree as ordinary data, numbers as Python reads them; the last of two equal keys stays."""
    if isinstance(tree, Raw):
        return json.loads(tree.text)
    if isinstance(tree, Pairs):
        return {key: plain(value) for key, value in tree}
    return [plain(entry) for entry in tree] if isinstance(tree, list) else tree


def copied(tree: Any) -> Any:
    """A tree that shares nothing with the first."""
    if isinstance(tree, Raw):
        return tree
    if isinstance(tree, Pairs):
        return Pairs([key, copied(value)] for key, value in tree)
    return [copied(entry) for entry in tree] if isinstance(tree, list) else tree


def members(tree: Any) -> list[Any]:
    """The members of an object or a list; none of anything else."""
    if isinstance(tree, Pairs):
        return [value for _, value in tree]
    return tree if isinstance(tree, list) else []


def places(tree: Any, at: Path = ()) -> Iterator[Path]:
    """Every place of a tree but its root."""
    for number, member in enumerate(members(tree)):
        yield (*at, number)
        yield from places(member, (*at, number))


def value_at(tree: Any, path: Path) -> Any:
    """What stands at a place."""
    for number in path:
        tree = members(tree)[number]
    return tree


def put(tree: Any, path: Path, value: Any) -> None:
    """Let something else stand at a place."""
    holder = value_at(tree, path[:-1])
    if isinstance(holder, Pairs):
        holder[path[-1]][1] = value
    else:
        holder[path[-1]] = value


def same(one: Any, other: Any) -> bool:
    """Whether two pieces of data are equal in value and type, all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
