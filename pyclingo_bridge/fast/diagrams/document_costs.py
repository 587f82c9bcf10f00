"""What documents cost that together show some attributes: exactly what the rules say of it.

`asp/engine/missing/obtain.lp` and `cheapest_documents.lp` define it, and answer for a few attributes; the
missing sets of one case can be about a great many sets of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush

from pyclingo_bridge.base.errors import TooLargeError
from pyclingo_bridge.fast.diagrams.entailment import bits

MOST_COVERS = 200_000
"""Where more sets of attributes than this would have to be looked at, the solver is asked instead."""


class DocumentCosts:
    """The cheapest document types for sets of attributes; attributes and types are bits of a number."""

    def __init__(
        self,
        costs: Mapping[str, int],
        shown_by: Mapping[str, Iterable[str]],
        attributes: Sequence[str],
    ) -> None:
        """Take each type's cost, the types that show each attribute, and the attributes in play."""
        self.types = sorted(costs)
        self.costs = [costs[name] for name in self.types]
        place = {name: place for place, name in enumerate(self.types)}
        self.shown_by = [
            sum(1 << place[name] for name in shown_by.get(attribute, ())) for attribute in attributes
        ]
        self.shows = [0] * len(self.types)
        for attribute, showing in enumerate(self.shown_by):
            for kind in bits(showing):
                self.shows[kind] |= 1 << attribute
        # One number for all that counts: the cost, then how many there are, then the names, of which
        # each takes away less than any that come before it together.
        size = len(self.types)
        self._field = size + size.bit_length()
        self._weights = [
            (cost << self._field) + (1 << size) - (1 << (size - 1 - kind))
            for kind, cost in enumerate(self.costs)
        ]
        self._known: dict[int, tuple[int, int]] = {0: (0, 0)}
        self._together = self._components()

    def _components(self) -> list[int]:
        """For each attribute those that document types link it with, step by step, itself among them."""
        found = [1 << attribute for attribute in range(len(self.shown_by))]
        for shown in self.shows:
            merged = shown
            for attribute in bits(shown):
                merged |= found[attribute]
            for attribute in bits(merged):
                found[attribute] = merged
        return found

    def cheapest(self, attributes: int) -> tuple[int, tuple[str, ...]]:
        """The least cost of types that show all these attributes, and the types that cost it.

        Of several such sets one of the smallest, then the first by name.
        """
        weight, chosen = self._whole(attributes)
        return weight >> self._field, tuple([self.types[kind] for kind in bits(chosen)])

    def _whole(self, attributes: int) -> tuple[int, int]:
        weight = chosen = 0
        while attributes:
            near = self._together[(attributes & -attributes).bit_length() - 1] & attributes
            added, types = self._least(near)
            weight, chosen, attributes = weight + added, chosen | types, attributes & ~near
        return weight, chosen

    def _least(self, attributes: int) -> tuple[int, int]:
        """The least weight of types that show these attributes, and the types."""
        if attributes not in self._known:
            if len(self._known) > MOST_COVERS:
                raise TooLargeError
            first = (attributes & -attributes).bit_length() - 1
            self._known[attributes] = min(self._with(kind, attributes) for kind in bits(self.shown_by[first]))
        return self._known[attributes]

    def _with(self, kind: int, attributes: int) -> tuple[int, int]:
        weight, chosen = self._least(attributes & ~self.shows[kind])
        return weight + self._weights[kind], chosen | 1 << kind


def purchases(costs: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Every set of document types with what it costs, the cheapest first.

    Args:
        costs: what each type costs, more than nothing.
    """
    kinds = sorted(costs, key=lambda kind: costs[kind])
    yield 0, 0
    heap = [(costs[kinds[0]], 0, 1 << kinds[0])] if kinds else []
    while heap:
        cost, last, chosen = heappop(heap)
        yield cost, chosen
        if last + 1 < len(kinds):
            this, following = kinds[last], kinds[last + 1]
            heappush(heap, (cost + costs[following], last + 1, chosen | 1 << following))
            swapped = chosen ^ (1 << this | 1 << following)
            heappush(heap, (cost + costs[following] - costs[this], last + 1, swapped))
