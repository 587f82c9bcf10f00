"""The requirements of a policy as bits of a number: how sets of them are written, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from pyclingo_bridge.base.terms import Value
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.diagrams.document_costs import DocumentCosts
from pyclingo_bridge.fast.diagrams.entailment import Cluster, bits
from pyclingo_bridge.fast.diagrams.formula import Formula

ShownBy = Callable[[Value], Iterable[str]]
"""The document types that can show a requirement: the same for all requirements on one attribute."""

Unlikely = Callable[[Value], int]
"""What a requirement adds to the rank of sets with it; 0 for most."""


class Numbering:
    """What is the same in all cases of a policy.

    Attributes:
        requirements: the requirements in the order of their text; a requirement's place is its rank.
        rank_of: a requirement's rank, by its text.
        bit: the bit of a rank.
        clusters: the cluster of each level.
        place_of: of each rank its level, and its bit within the cluster.
        attribute_of: the attribute that each level is about, as a number.
        costs: what documents cost that show attributes.
        seldom: a bit for each requirement that adds to the rank of sets with it.
    """

    def __init__(
        self,
        structure: Structure,
        formula: Formula,
        clusters: Sequence[Cluster],
        shown_by: ShownBy,
        unlikely: Unlikely,
    ) -> None:
        self.requirements = formula.requirements
        self.rank_of = {str(requirement): rank for rank, requirement in enumerate(self.requirements)}
        self.bit = formula.bit
        self.clusters = clusters
        self.place_of = {
            rank: (level, bit)
            for level, cluster in enumerate(clusters)
            for bit, rank in enumerate(cluster.ranks)
        }
        self._bits = [[formula.bit(rank) for rank in cluster.ranks] for cluster in clusters]
        self.whole = [sum(own) for own in self._bits]
        firsts = [self.requirements[cluster.ranks[0]] for cluster in clusters]
        names = [structure.attribute_of[requirement] for requirement in firsts]
        shown = {name: shown_by(requirement) for requirement, name in zip(firsts, names, strict=True)}
        attributes = sorted(shown)
        self.attribute_of = [attributes.index(name) for name in names]
        self.costs = DocumentCosts(structure.vocabulary.document_types, shown, attributes)
        self._added = {formula.bit(rank): unlikely(one) for rank, one in enumerate(self.requirements)}
        self.seldom = sum(bit for bit, added in self._added.items() if added)
        self._local = cache(self._numbered_locally)
        self._written = cache(self._write)

    def local(self, level: int, requirements: int) -> int:
        """The requirements of a level's cluster among some, as the cluster numbers them."""
        return self._local(level, requirements & self.whole[level])

    def _numbered_locally(self, level: int, requirements: int) -> int:
        return sum(1 << place for place, bit in enumerate(self._bits[level]) if requirements & bit)

    def written(self, level: int, closed: int, askable: int) -> tuple[int, ...]:
        """The ways to write a closed set of a level with what can be asked for."""
        return self._written(level, closed, askable & self.whole[level])

    def _write(self, level: int, closed: int, askable: int) -> tuple[int, ...]:
        own = self._bits[level]
        ways = self.clusters[level].ways(closed, self.local(level, askable))
        masks = [sum(own[bit] for bit in bits(way)) for way in ways]
        # Of ways to write the same the first in the order stands for all.
        return (min(masks, key=lambda mask: (self.unlikely(mask), mask.bit_count(), -mask)),)

    def unlikely(self, mask: int) -> int:
        """What the requirements of a set add to its rank."""
        found = 0
        for bit in bits(mask & self.seldom):
            found += self._added[1 << bit]
        return found

    def follows(self, level: int, closed: int, askable: int) -> int:
        """What a closed set of a level adds to the rank, by all of it that can be asked for."""
        own = self._bits[level]
        return self.unlikely(sum(own[bit] for bit in bits(closed)) & askable)

    def ranks(self, mask: int) -> list[int]:
        """The ranks of the requirements of a set, in the order of their text."""
        last = len(self.requirements) - 1
        return sorted(last - bit for bit in bits(mask))

    def closed(self, mask: int) -> dict[int, int] | None:
        """What a set entails on each level where it holds anything; None where it contradicts itself."""
        found: dict[int, int] = {}
        for level in {self.place_of[rank][0] for rank in self.ranks(mask)}:
            entailed = self.clusters[level].closure(self.local(level, mask))
            if entailed is None:
                return None
            found[level] = entailed
        return found

    def cost(self, mask: int) -> tuple[int, tuple[str, ...]]:
        """What documents that show a set of requirements cost at the least, and which they are."""
        attributes = 0
        for rank in self.ranks(mask):
            attributes |= 1 << self.attribute_of[self.place_of[rank][0]]
        return self.costs.cheapest(attributes)
