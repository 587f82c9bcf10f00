"""Families of sets as decision diagrams with a level for each cluster of requirements.

An element of a family gives each level one of the level's closed sets, as a number with a bit for
each requirement; most levels get the empty one, 0, and are left out. Every family is an *antichain*: of no
two elements does one hold, level by level, all that the other does. Equal families are one object,
and every operation is done once for the same operands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pyclingo_bridge.base.errors import TooLargeError

Join = Callable[[int, int], int | None]
"""The least closed set that holds two of them; None where there is none."""

Edge = tuple[int, "DiagramNode"]

MOST_NODES = 200_000
"""A family that takes more than this beyond what is known already is given up."""

_END = 1 << 60


class DiagramNode:
    """A family: for each closed set of the first level that matters, what goes with it below.

    Attributes:
        level: the place of that level; past all others for the two families without levels.
        edges: the closed sets, ascending, each with the family of what goes with it.
        support: a bit for each level on which anything is held.
        number: greater than those of the families that its edges lead to.
    """

    __slots__ = ("edges", "level", "number", "support")

    def __init__(self, level: int, edges: tuple[Edge, ...], support: int, number: int) -> None:
        self.level = level
        self.edges = edges
        self.support = support
        self.number = number


NONE = DiagramNode(_END, (), 0, 0)
"""The family that has no element."""

EMPTY = DiagramNode(_END, (), 0, 0)
"""The family of one element, which holds nothing."""


class Diagrams:
    """Makes families and their minimal unions and joins."""

    def __init__(self, joins: Sequence[Join]) -> None:
        """Take for each level what joins its closed sets."""
        self._joins = joins
        self._nodes: dict[tuple[int, tuple[Edge, ...]], DiagramNode] = {}
        self._unions: dict[tuple[DiagramNode, DiagramNode], DiagramNode] = {}
        self._joined: dict[tuple[DiagramNode, DiagramNode], DiagramNode] = {}
        self._rests: dict[tuple[DiagramNode, DiagramNode], DiagramNode] = {}
        self._most = MOST_NODES

    def __len__(self) -> int:
        return len(self._nodes)

    def allow(self) -> None:
        """Let one more family be made, with as many new ones within as any may have."""
        self._most = len(self._nodes) + MOST_NODES

    def node(self, level: int, edges: Iterable[Edge]) -> DiagramNode:
        """The family with these edges, in ascending order; those to no element are left out."""
        kept = tuple([edge for edge in edges if edge[1] is not NONE])
        if not kept:
            return NONE
        if len(kept) == 1 and not kept[0][0]:
            return kept[0][1]
        return self._made(level, kept)

    def _made(self, level: int, edges: tuple[Edge, ...]) -> DiagramNode:
        """The family with these edges, none of which leads to no element."""
        key = (level, edges)
        found = self._nodes.get(key)
        if found is None:
            if len(self._nodes) >= self._most:
                raise TooLargeError
            support = 1 << level
            for _, child in edges:
                support |= child.support
            found = self._nodes[key] = DiagramNode(level, edges, support, len(self._nodes) + 1)
        return found

    def holding(self, level: int) -> DiagramNode:
        """The family of one element, which holds the first requirement of a level of one requirement."""
        return self._made(level, ((1, EMPTY),))

    def any_of(self, level: int, labels: Iterable[int]) -> DiagramNode:
        """The family whose elements hold one of these closed sets, none of which holds another."""
        return self.node(level, [(label, EMPTY) for label in sorted(labels)])

    def least_of_any(self, families: Iterable[DiagramNode]) -> DiagramNode:
        """The minimal elements of all these families together."""
        found = NONE
        for family in _last_level_first(families):
            found = self.union(family, found)
        return found

    def least_of_all(self, families: Iterable[DiagramNode]) -> DiagramNode:
        """The minimal consistent elements that hold an element of each of these families."""
        found = EMPTY
        for family in _last_level_first(families):
            found = self.join(family, found)
        return found

    def union(self, f: DiagramNode, g: DiagramNode) -> DiagramNode:
        """The minimal elements of either family."""
        if f is g or g is NONE:
            return f
        if f is NONE:
            return g
        if f is EMPTY or g is EMPTY:
            return EMPTY
        key = (f, g) if id(f) < id(g) else (g, f)
        found = self._unions.get(key)
        if found is None:
            found = self._unions[key] = self._union(f, g)
        return found

    def _union(self, f: DiagramNode, g: DiagramNode) -> DiagramNode:
        if f.level > g.level:
            f, g = g, f
        if not f.support & g.support:
            # Nothing in one can be more than anything in the other.
            first, *others = f.edges
            if first[0]:
                return self._made(f.level, ((0, g), *f.edges))
            return self._made(f.level, ((0, self.union(first[1], g)), *others))
        merged = dict(f.edges)
        for label, child in g.edges if g.level == f.level else ((0, g),):
            merged[label] = self.union(merged[label], child) if label in merged else child
        return self._pruned(f.level, merged)

    def _pruned(self, level: int, edges: dict[int, DiagramNode]) -> DiagramNode:
        """The edges without elements that hold an element of a smaller closed set."""
        kept: list[Edge] = []
        for label in sorted(edges):
            child = edges[label]
            for less, below in kept:
                if less & label == less and (below is EMPTY or child.support & below.support):
                    child = self.without(child, below)
            if child is not NONE:
                kept.append((label, child))
        return self.node(level, kept)

    def without(self, f: DiagramNode, g: DiagramNode) -> DiagramNode:
        """The elements of `f` that hold no element of `g`."""
        if f is NONE or f is g or g is EMPTY:
            return NONE
        # Where nothing is held of any level of g, no element of g is held; it has no empty one.
        if g is NONE or not f.support & g.support:
            return f
        key = (f, g)
        found = self._rests.get(key)
        if found is None:
            found = self._rests[key] = self._without(f, g)
        return found

    def _without(self, f: DiagramNode, g: DiagramNode) -> DiagramNode:
        if g.level < f.level:
            label, child = g.edges[0]
            return f if label else self.without(f, child)
        # Most calls would change nothing: those are not made, here as below.
        touched = g.support
        if f.level < g.level:
            kept = [
                (label, self.without(child, g) if child.support & touched else child)
                for label, child in f.edges
            ]
            return self.node(f.level, kept)
        kept = []
        for label, child in f.edges:
            for less, below in g.edges:
                if less & label == less and (below is EMPTY or child.support & below.support):
                    child = self.without(child, below)
            kept.append((label, child))
        return self.node(f.level, kept)

    def join(self, f: DiagramNode, g: DiagramNode) -> DiagramNode:
        """The minimal consistent elements that hold an element of each of two families."""
        if f is EMPTY or f is g or g is NONE:
            return g
        if g is EMPTY or f is NONE:
            return f
        key = (f, g) if id(f) < id(g) else (g, f)
        found = self._joined.get(key)
        if found is None:
            if f.level > g.level:
                f, g = g, f
            # Families that share no level leave each other's elements minimal.
            join = self._join if f.support & g.support else self._join_apart
            found = self._joined[key] = join(f, g)
        return found

    def _join_apart(self, f: DiagramNode, g: DiagramNode) -> DiagramNode:
        edges = [(label, self.join(child, g)) for label, child in f.edges]
        return self._made(f.level, tuple(edges))

    def _join(self, f: DiagramNode, g: DiagramNode) -> DiagramNode:
        joined: dict[int, DiagramNode] = {}
        close = self._joins[f.level]
        for more, other in g.edges if g.level == f.level else ((0, g),):
            for label, child in f.edges:
                both = label if not more else more if not label else close(label, more)
                if both is not None:
                    found = self.join(child, other)
                    joined[both] = self.union(joined[both], found) if both in joined else found
        return self._pruned(f.level, joined)


def _last_level_first(families: Iterable[DiagramNode]) -> list[DiagramNode]:
    """In this order a family that starts above the others is added in one step."""
    return sorted(families, key=lambda family: family.level, reverse=True)


def children_first(root: DiagramNode) -> list[DiagramNode]:
    """All families within one, itself the last, each after those that its edges lead to."""
    seen = {NONE, EMPTY, root}
    stack = [root]
    for node in stack:
        for _, child in node.edges:
            if child not in seen:
                seen.add(child)
                stack.append(child)
    return sorted(seen - {NONE, EMPTY}, key=lambda node: node.number)
