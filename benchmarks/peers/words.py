"""What the generators of programs share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.peers.rules import Condition, Kind, Requirement, Rules


def quoted(value: Any) -> str:
    """A value as nearly every language writes it: true, 18, "text"."""
    return json.dumps(value)


def listed(values: Iterable[Any], opening: str = "[", closing: str = "]") -> str:
    """Values between brackets."""
    return opening + ", ".join(map(quoted, values)) + closing


def joined(parts: Iterable[str], word: str, empty: str) -> str:
    """Parts with a word between them, in brackets."""
    made = list(parts)
    if not made:
        return empty
    return made[0] if len(made) == 1 else "(" + f" {word} ".join(made) + ")"


def literal(
    rules: Rules,
    condition: Callable[[Condition], str],
    every: str,
    some: str,
    negation: str,
) -> Callable[[Kind, int], str]:
    """Puts a literal over a requirement into words by its conditions.

    Args:
        rules: the policy.
        condition: puts one condition into words; false where the attribute is not stated.
        every: the word for and.
        some: the word for or.
        negation: the word for not.
    """

    def side(conditions: Iterable[Condition]) -> str:
        return joined(map(condition, conditions), some, "false")

    def worded(kind: Kind, number: int) -> str:
        requirement: Requirement = rules.requirements[number]
        one, other = requirement.supports, requirement.refutes
        if kind == "fails":
            one, other = other, one
        found = side(one)
        if not requirement.certain:
            found = f"({found} {every} {negation}({side(other)}))"
        return f"{negation}({found})" if kind == "lacks" else found

    return worded
