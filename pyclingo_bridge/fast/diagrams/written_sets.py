"""The sets that a diagram stands for, each written out: counted, drawn by number, looked up.

A closed set can be written in several ways, each of which is a set of its own. A set is a number
with a bit for each of its elements.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from pyclingo_bridge.fast.diagrams.diagram import EMPTY, NONE, DiagramNode, children_first

Write = Callable[[int, int], tuple[int, ...]]
"""The ways to write a closed set of a level, as disjoint sets of elements from level to level."""

_NOTHING = (0,)


class WrittenSets(ABC):
    """The sets of a diagram, without listing them where that is not asked for."""

    def __init__(self, root: DiagramNode, write: Write) -> None:
        self.root = root
        self.write = write

    @cached_property
    def options(self) -> list[tuple[DiagramNode, list[tuple[int, DiagramNode]]]]:
        """For each family within the ways to go on: what is added, and the family of the rest."""
        write = self.write
        return [
            (
                node,
                [
                    (way, child)
                    for label, child in node.edges
                    for way in (write(node.level, label) if label else _NOTHING)
                ],
            )
            for node in children_first(self.root)
        ]

    @cached_property
    def _counts(self) -> dict[DiagramNode, int]:
        found = {NONE: 0, EMPTY: 1}
        for node, options in self.options:
            found[node] = sum([found[child] for _, child in options])
        return found

    @cached_property
    def _options_of(self) -> dict[DiagramNode, list[tuple[int, DiagramNode]]]:
        return dict(self.options)

    @property
    def count(self) -> int:
        """How many sets there are."""
        return self._counts[self.root]

    def masks(self, labels: Sequence[int] = (), room: int = 0) -> list[int]:
        """All sets, in no order that means anything.

        Args:
            labels: for each level what to note of a set that has something on it.
            room: how many bits these take, which come below those of the set.
        """
        found: dict[DiagramNode, list[int]] = {NONE: [], EMPTY: [0]}
        for node, options in self.options:
            label = labels[node.level] if labels else 0
            sets: list[int] = []
            for way, child in options:
                part = way << room | label
                sets += [part | rest for rest in found[child]] if way else found[child]
            found[node] = sets
        return found[self.root]

    @abstractmethod
    def names(self, mask: int) -> tuple[str, ...]:
        """The names of a set's elements, sorted."""

    @property
    def common(self) -> tuple[str, ...]:
        """The names of the elements that every set has; of no sets, none."""
        found = {NONE: -1, EMPTY: 0}
        for node, options in self.options:
            common = -1
            for way, child in options:
                common &= way | found[child]
            found[node] = common
        return self.names(max(found[self.root], 0))

    @property
    def used(self) -> tuple[str, ...]:
        """The names of the elements that some set has."""
        found = 0
        for _, options in self.options:
            for way, _ in options:
                found |= way
        return self.names(found)

    def _at(self, number: int) -> int:
        """The set of that number, counted from 0 in an order of the diagram's own."""
        node, found = self.root, 0
        while node is not EMPTY:
            for way, child in self._options_of[node]:
                size = self._counts[child]
                if number < size:
                    node, found = child, found | way
                    break
                number -= size
        return found

    def sample(self, size: int, seed: int | None) -> list[int]:
        """So many different sets, every choice of them and every order of it as likely; all, if fewer."""
        rng = random.Random(seed)
        if 2 * size >= self.count:
            return [self._at(n) for n in rng.sample(range(self.count), min(size, self.count))]
        numbers: dict[int, None] = {}
        while len(numbers) < size:
            numbers[rng.randrange(self.count)] = None
        return [self._at(number) for number in numbers]


def has(node: DiagramNode, closed: Mapping[int, int]) -> bool:
    """Whether a family has the element that holds just these closed sets, each given with its level."""
    left = len(closed)
    while node is not EMPTY:
        label = closed.get(node.level, 0)
        left -= bool(label)
        following = next((child for held, child in node.edges if held == label), NONE)
        if following is NONE:
            return False
        node = following
    return not left
