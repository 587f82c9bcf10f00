"""Terms as plain Python values, so that the solver's own symbols stay in one module.

A term is a whole number, a text (a quoted string in the rules), or a `Term`: a name with
arguments. A name without arguments is a constant; a term without a name is a tuple.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, Union

LARGEST = 2**31 - 1
"""The largest whole number that the solver can hold."""

Value: TypeAlias = Union[int, str, "Term"]


@dataclass(frozen=True, slots=True)
class Term:
    """A name applied to arguments, such as `at_least(age,18)`."""

    name: str
    args: tuple[Value, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Terms are looked up far more often than made, and nest.
        object.__setattr__(self, "_hash", hash((self.name, self.args)))

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        if not self.args:
            return self.name or "()"
        return f"{self.name}({','.join(written(arg) for arg in self.args)})"


def written(value: Value) -> str:
    """The term as the rules would write it."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)


def plain(value: Value) -> str | int:
    """A constant's or text's bare words, or the number; a compound term as the rules write it."""
    return str(value) if isinstance(value, Term) else value


def constant(name: str) -> Term:
    """The constant of that name."""
    return Term(name)


def subterms(value: Value) -> Iterator[Value]:
    """A term and all that it is made of."""
    yield value
    if isinstance(value, Term):
        for arg in value.args:
            yield from subterms(arg)


def pairs(terms: Iterable[Term]) -> list[tuple[Value, Value]]:
    """The first two arguments of each."""
    return [(term.args[0], term.args[1]) for term in terms]


def grouped(terms: Iterable[Term]) -> dict[Value, set[Value]]:
    """The second arguments by the first."""
    groups: dict[Value, set[Value]] = {}
    for first, second in pairs(terms):
        groups.setdefault(first, set()).add(second)
    return groups


def original(value: Value) -> Value:
    """The name that a policy itself uses, wherever it was kept apart from another policy's.

    Where several policies, or interpretations of one, stand in one program, `by(N, X)` is X as the N-th
    shape of it has it.
    """
    if not isinstance(value, Term):
        return value
    if value.name == "by" and len(value.args) == 2:
        return original(value.args[1])
    return Term(value.name, tuple(original(arg) for arg in value.args)) if value.args else value
