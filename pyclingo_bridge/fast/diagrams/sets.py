"""The missing sets of one case, and the sets of document types that could show one, as diagrams hold them.

A set is a number with a bit for each of its elements, which are named by the terms of requirements, and as
document types are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from heapq import heappop, heappush

from pyclingo_bridge.base.terms import Value
from pyclingo_bridge.fast.diagrams.diagram import EMPTY, NONE, DiagramNode, Diagrams, children_first
from pyclingo_bridge.fast.diagrams.entailment import bits
from pyclingo_bridge.fast.diagrams.numbering import Numbering
from pyclingo_bridge.fast.diagrams.order import Keys, cheapest_first, keys_in_order, sorted_whole
from pyclingo_bridge.fast.diagrams.written_sets import WrittenSets, has

LISTED = 500
"""Up to so many sets are listed whole and sorted; of more, set after set is found."""


class RequirementSets(WrittenSets):
    """The missing sets of one case; those of requirements that are asked for in its sections."""

    def __init__(
        self, numbering: Numbering, root: DiagramNode, sections: Mapping[Value, DiagramNode], askable: int
    ) -> None:
        """Take the diagram of all sets, the one of each section, and what can be asked for."""
        super().__init__(root, lambda level, closed: numbering.written(level, closed, askable))
        self._numbering = numbering
        self._askable = askable
        self._sections = {name: node for name, node in sections.items() if node is not NONE}

    def in_order(self) -> Iterator[int]:
        """All sets lazily, by rank, then size, then text.

        Errors: TooLargeError where documents are shared too much for that.
        """
        numbering = self._numbering
        keys = Keys(len(numbering.requirements))
        asked = (self, numbering.costs, numbering.attribute_of, keys, numbering.unlikely)
        return sorted_whole(*asked) if self.count <= LISTED else cheapest_first(*asked)

    def contains(self, names: Collection[str]) -> bool:
        """Whether just these requirements are one of the sets."""
        numbering = self._numbering
        if not numbering.rank_of.keys() >= set(names):
            return False
        mask = sum(numbering.bit(numbering.rank_of[name]) for name in set(names))
        closed = numbering.closed(mask)
        if closed is None or not has(self.root, closed):
            return False
        # What it entails is right; it has to be written without requirements that its others entail.
        return all(mask & numbering.whole[level] in self.write(level, closed[level]) for level in closed)

    def sections(self, mask: int) -> tuple[Value, ...]:
        """The sections that a set meets. It is minimal, so it is minimal for each of these too."""
        if len(self._sections) == 1:
            return tuple(self._sections)
        closed = self._numbering.closed(mask) or {}
        return tuple(name for name, node in self._sections.items() if has(node, closed))

    def describe(self, mask: int) -> tuple[tuple[Value, ...], int, tuple[str, ...]]:
        """The requirements of a set by their text, what the cheapest documents for them cost, and these."""
        return self.terms(mask), *self._numbering.cost(mask)

    def terms(self, mask: int) -> tuple[Value, ...]:
        """The requirements of a set by their text."""
        terms = self._numbering.requirements
        return tuple([terms[rank] for rank in self._numbering.ranks(mask)])

    def names(self, mask: int) -> tuple[str, ...]:
        """The requirements of a set, by their text."""
        return tuple(str(self._numbering.requirements[rank]) for rank in self._numbering.ranks(mask))

    def documents(self) -> DocumentTypeSets:
        """The minimal sets of document types that could show one of the sets.

        Errors: TooLargeError where these are too tangled for a diagram.
        """
        return DocumentTypeSets(self, self._numbering, self._askable)


class DocumentTypeSets(WrittenSets):
    """The minimal sets of document types of one case."""

    def __init__(self, requirements: RequirementSets, numbering: Numbering, askable: int) -> None:
        """Use `RequirementSets.documents`."""
        self._requirements = requirements.root
        self._numbering = numbering
        self._askable = askable
        self._costs = numbering.costs
        self._size = len(self._costs.types)
        showing = [tuple(bits(self._costs.shown_by[attribute])) for attribute in numbering.attribute_of]
        self._order = _in_order_of_levels(requirements.root, showing)
        self._level_of = {kind: level for level, kind in enumerate(self._order)}
        written = [(self._bit(kind),) for kind in self._order]
        super().__init__(_shown_by(requirements.root, showing, self._level_of), lambda level, _: written[level])

    def _bit(self, kind: int) -> int:
        return 1 << (self._size - 1 - kind)

    def in_order(self) -> Iterator[int]:
        """All sets lazily, by rank, then size, then names."""
        keys = Keys(self._size)
        costs = [self._costs.costs[kind] for kind in self._order]
        by_cost = keys_in_order(self, lambda level, way: keys.key(costs[level], way))
        return map(keys.mask, self._by_rank(keys, by_cost) if self._numbering.seldom else by_cost)

    def _by_rank(self, keys: Keys, by_cost: Iterator[int]) -> Iterator[int]:
        """Keys by cost as keys by rank, which is never less."""
        waiting: list[int] = []
        for key in by_cost:
            while waiting and waiting[0] < key:
                yield heappop(waiting)
            heappush(waiting, key + keys.key(self.unlikely(keys.mask(key)), 0))
        while waiting:
            yield heappop(waiting)

    def unlikely(self, mask: int) -> int:
        """The least that is added to the rank of a set that these types could show.

        All that follows from a set counts, as in `asp/engine/missing/documents_in_order.lp`.
        """
        numbering = self._numbering
        if not numbering.seldom:
            return 0
        shown = 0
        for kind, shows in enumerate(self._costs.shows):
            if mask & self._bit(kind):
                shown |= shows
        found: dict[DiagramNode, int | None] = {NONE: None, EMPTY: 0}
        for node in children_first(self._requirements):
            has = shown >> numbering.attribute_of[node.level] & 1
            found[node] = min(
                (
                    below + numbering.follows(node.level, label, self._askable)
                    for label, child in node.edges
                    if (has or not label) and (below := found[child]) is not None
                ),
                default=None,
            )
        return found[self._requirements] or 0

    def contains(self, names: Collection[str]) -> bool:
        """Whether just these document types are one of the sets."""
        kinds = {kind for kind, name in enumerate(self._costs.types) if name in names}
        if len(kinds) < len(set(names)) or not self._level_of.keys() >= kinds:
            return False
        return has(self.root, {self._level_of[kind]: 1 for kind in kinds})

    def names(self, mask: int) -> tuple[str, ...]:
        """The document types of a set, sorted."""
        return tuple(name for kind, name in enumerate(self._costs.types) if mask & self._bit(kind))


def _in_order_of_levels(root: DiagramNode, showing: list[tuple[int, ...]]) -> list[int]:
    """The document types, in the order of the levels that they can show."""
    return list(dict.fromkeys(kind for level in bits(root.support) for kind in showing[level]))


def _shown_by(root: DiagramNode, showing: list[tuple[int, ...]], level_of: Mapping[int, int]) -> DiagramNode:
    """The least sets of types that show all attributes of some element of a family of requirements."""
    diagrams = Diagrams([int.__or__] * len(level_of))
    found = {NONE: NONE, EMPTY: EMPTY}
    for node in children_first(root):
        shown = diagrams.least_of_any(diagrams.any_of(level_of[kind], [1]) for kind in showing[node.level])
        rest = diagrams.least_of_any(found[child] for label, child in node.edges if label)
        without = [found[child] for label, child in node.edges if not label]
        found[node] = diagrams.least_of_any([diagrams.join(shown, rest), *without])
    return found[root]
