"""All missing sets of a case at once: how many, which are cheapest, what they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from pyclingo_bridge.core.decision import Requirement
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.core.terms import Value
from pyclingo_bridge.fast.diagrams.consequences import Block, bits
from pyclingo_bridge.fast.diagrams.covers import Covers
from pyclingo_bridge.fast.diagrams.diagram import EMPTY, NONE, Diagrams, Node, children_first
from pyclingo_bridge.fast.diagrams.formula import Formula
from pyclingo_bridge.fast.diagrams.order import CheapestFirst, Keys, in_order, listed
from pyclingo_bridge.fast.diagrams.ways import Ways
from pyclingo_bridge.questions.missing import DocumentSet, MissingSet
from pyclingo_bridge.questions.obtaining import MissingRequirement, Obtaining

LISTED = 500
"""Families up to this size are listed whole and sorted; of larger ones set after set is found."""

_REMEMBERED = 20_000
_STAYS = "a family of missing sets stays in its process: send the case, and ask for its family there"


class Meaning:
    """What the sets of one policy's requirements mean, for every case of it."""

    def __init__(
        self, structure: Structure, obtaining: Obtaining, formula: Formula, blocks: Sequence[Block]
    ) -> None:
        self.structure = structure
        self.blocks = blocks
        self.requirements = formula.requirements
        self.bit = formula.bit
        self.keys = Keys(len(formula.requirements))
        vocabulary = structure.vocabulary
        firsts = [self.requirements[block.ranks[0]] for block in blocks]
        names = [structure.attribute_of[requirement] for requirement in firsts]
        attributes = sorted(set(names))
        self.attribute_of = [attributes.index(name) for name in names]
        shown_by = {
            name: obtaining.shown_by(requirement) for requirement, name in zip(firsts, names, strict=True)
        }
        self.covers = Covers(vocabulary.document_types, shown_by, attributes)
        self.names = {str(requirement): rank for rank, requirement in enumerate(self.requirements)}
        self.level_of = {
            rank: (level, bit) for level, block in enumerate(blocks) for bit, rank in enumerate(block.ranks)
        }
        self._obtaining = obtaining
        self._bits = [[formula.bit(rank) for rank in block.ranks] for block in blocks]
        self._whole = [sum(own) for own in self._bits]
        self._local: dict[tuple[int, int], int] = {}
        self._written: dict[tuple[int, int, int], tuple[int, ...]] = {}
        self._requirements: dict[tuple[Value, tuple[Value, ...]], MissingRequirement] = {}
        self._told: dict[tuple[int, tuple[Value, ...]], MissingSet] = {}

    def local(self, level: int, requirements: int) -> int:
        """The requirements of a level's block among some, as the block numbers them."""
        key = (level, requirements & self._whole[level])
        found = self._local.get(key)
        if found is None:
            own = self._bits[level]
            found = sum(1 << place for place, bit in enumerate(own) if requirements & bit)
            self._local[key] = found
        return found

    def written(self, level: int, closed: int, askable: int) -> tuple[int, ...]:
        """The ways to write a closed set of a level with what can be asked for."""
        own = self._bits[level]
        key = (level, closed, askable & self._whole[level])
        found = self._written.get(key)
        if found is None:
            ways = self.blocks[level].ways(closed, self.local(level, askable))
            found = tuple(sum(own[bit] for bit in bits(way)) for way in ways)
            self._written[key] = found
        return found

    def ranks(self, mask: int) -> list[int]:
        """The ranks of the requirements of a set, in the order of their text."""
        last = len(self.requirements) - 1
        return sorted(last - bit for bit in bits(mask))

    def within(self, mask: int) -> dict[int, int]:
        """The requirements of a set on each level where it has any."""
        levels = {self.level_of[rank][0] for rank in self.ranks(mask)}
        return {level: mask & self._whole[level] for level in levels}

    def closed(self, mask: int) -> dict[int, int] | None:
        """What a set entails on each level where it holds anything; None where it contradicts itself."""
        found: dict[int, int] = {}
        for level in self.within(mask):
            entailed = self.blocks[level].closure(self.local(level, mask))
            if entailed is None:
                return None
            found[level] = entailed
        return found

    def told(self, mask: int, sections: tuple[Value, ...]) -> MissingSet:
        """A set for a reader, with which these sections would be met."""
        key = (mask, sections)
        found = self._told.get(key)
        if found is None:
            if len(self._told) >= _REMEMBERED:
                self._told.clear()
            found = self._told[key] = self._tell(mask, sections)
        return found

    def _tell(self, mask: int, sections: tuple[Value, ...]) -> MissingSet:
        ranks = self.ranks(mask)
        shown = 0
        for rank in ranks:
            shown |= 1 << self.attribute_of[self.level_of[rank][0]]
        cost, documents = self.covers.cheapest(shown)
        return MissingSet(
            requirements=tuple([self._requirement(self.requirements[rank], sections) for rank in ranks]),
            sections=self._obtaining.sections(sections),
            cost=cost,
            documents=documents,
        )

    def _requirement(self, term: Value, sections: tuple[Value, ...]) -> MissingRequirement:
        key = (term, sections)
        if key not in self._requirements:
            self._requirements[key] = self._obtaining.requirement(term, sections)
        return self._requirements[key]

    def plain(self, mask: int) -> tuple[Requirement, ...]:
        """The requirements of a set, by their text."""
        return tuple(self.structure.requirements[self.requirements[rank]] for rank in self.ranks(mask))


class Family:
    """The missing sets of one case, none of them listed before it is asked for.

    Example:
        >>> from pyclingo_bridge import Case, Policy
        >>> policy = Policy.load("cp_phar_549")
        >>> case = Case.load("examples/cases/deny/generic_availability_unknown.json")
        >>> family = policy.family(case)
        >>> family.count, [len(found.requirements) for found in family.cheapest(1)]
        (2, [1])
    """

    def __init__(self, meaning: Meaning, root: Node, sections: Mapping[Value, Node], askable: int) -> None:
        """Use `Policy.family`."""
        self._meaning = meaning
        self._sections = {name: node for name, node in sections.items() if node is not NONE}
        self._askable = askable
        self._ways = Ways(root, lambda level, closed: meaning.written(level, closed, askable))

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(_STAYS)

    def __deepcopy__(self, memo: dict[int, Any]) -> Family:
        # Nothing changes it.
        return self

    def __copy__(self) -> Family:
        return self

    @property
    def count(self) -> int:
        """How many missing sets there are: exactly, however many."""
        return self._ways.count

    def __bool__(self) -> bool:
        return self._ways.root is not NONE

    def sets(self) -> Iterator[MissingSet]:
        """All of them lazily, in the order of `Policy.missing`."""
        return map(self.read, self._in_order())

    def __iter__(self) -> Iterator[MissingSet]:
        return self.sets()

    def cheapest(self, most: int) -> list[MissingSet]:
        """The first so many of them, in the order of `Policy.missing`."""
        return list(islice(self.sets(), most))

    def _in_order(self) -> Iterator[int]:
        meaning = self._meaning
        if self.count <= LISTED:
            return iter(listed(self._ways, meaning.covers, meaning.attribute_of, meaning.keys))
        return CheapestFirst(self._ways, meaning.covers, meaning.attribute_of, meaning.keys).sets()

    def masks(self) -> list[int]:
        """All of them as numbers, in no order that means anything: bit i stands for `requirements[i]`.

        Nothing lists them faster; `read` tells of one what it means.
        """
        return self._ways.masks()

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The policy's requirements, in the order in which the bits of `masks` stand for them."""
        requirements = self._meaning.structure.requirements
        return tuple(requirements[term] for term in reversed(self._meaning.requirements))

    def read(self, mask: int) -> MissingSet:
        """The missing set that a number of `masks` stands for."""
        return self._meaning.told(mask, self._met_with(mask))

    def _met_with(self, mask: int) -> tuple[Value, ...]:
        """The sections that a set meets. It is minimal, so it is minimal for each of these too."""
        if len(self._sections) == 1:
            return tuple(self._sections)
        closed = self._meaning.closed(mask) or {}
        return tuple(name for name, node in self._sections.items() if _has(node, closed))

    def contains(self, requirements: Iterable[Requirement | str]) -> bool:
        """Whether just these requirements, or the terms of these, are a missing set."""
        terms = {
            requirement.term if isinstance(requirement, Requirement) else requirement
            for requirement in requirements
        }
        names = self._meaning.names
        if not terms <= names.keys():
            return False
        mask = sum(self._meaning.bit(names[term]) for term in terms)
        closed = self._meaning.closed(mask)
        if closed is None or not _has(self._ways.root, closed):
            return False
        # What it entails is right; it has to be written without requirements that its others entail.
        here = self._meaning.within(mask)
        return all(here[level] in self._ways.written(level, closed[level]) for level in closed)

    def __contains__(self, requirements: object) -> bool:
        found = requirements.requirements if isinstance(requirements, MissingSet) else requirements
        return isinstance(found, Iterable) and self.contains(found)

    @property
    def in_every(self) -> tuple[Requirement, ...]:
        """The requirements that every missing set has, by their text."""
        return self._meaning.plain(self._ways.in_every if self else 0)

    @property
    def in_none(self) -> tuple[Requirement, ...]:
        """The requirements that documents could establish, and no missing set has, by their text."""
        return self._meaning.plain(self._askable & ~self._ways.in_some)

    def sample(self, size: int, seed: int | None = None) -> list[MissingSet]:
        """So many different missing sets drawn at random, all of them as likely; all, if there are fewer.

        Args:
            size: how many.
            seed: the same number draws the same sets.
        """
        return [self.read(mask) for mask in self._ways.sample(size, seed)]

    @cached_property
    def documents(self) -> DocumentFamily:
        """The minimal sets of document types that could establish some missing set.

        Errors: TooLargeError where these are too tangled for a diagram.
        """
        return DocumentFamily(self._ways, self._meaning)


class DocumentFamily:
    """The minimal sets of document types of one case, none of them listed before it is asked for."""

    def __init__(self, requirements: Ways, meaning: Meaning) -> None:
        """Use `Family.documents`."""
        self._covers = meaning.covers
        self._size = len(self._covers.types)
        self._keys = Keys(self._size)
        order = _as_met(requirements, meaning)
        self._level_of = {kind: level for level, kind in enumerate(order)}
        diagrams = Diagrams([int.__or__] * len(order))
        root = _shown_by(requirements, meaning, diagrams, self._level_of)
        written = [(self._bit(kind),) for kind in order]
        self._ways = Ways(root, lambda level, _: written[level])
        self._costs = [self._covers.costs[kind] for kind in order]

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(_STAYS)

    def __deepcopy__(self, memo: dict[int, Any]) -> DocumentFamily:
        # Nothing changes it.
        return self

    def __copy__(self) -> DocumentFamily:
        return self

    def _bit(self, kind: int) -> int:
        return 1 << (self._size - 1 - kind)

    @property
    def count(self) -> int:
        """How many sets there are."""
        return self._ways.count

    def sets(self) -> Iterator[DocumentSet]:
        """All of them lazily, in the order of `Policy.missing_documents`."""
        keys = in_order(self._ways, lambda level, way: self._keys.key(self._costs[level], way))
        return (self._read(self._keys.mask(key)) for key in keys)

    def __iter__(self) -> Iterator[DocumentSet]:
        return self.sets()

    def cheapest(self, most: int) -> list[DocumentSet]:
        """The first so many of them, in the order of `Policy.missing_documents`."""
        return list(islice(self.sets(), most))

    def _kinds(self, mask: int) -> list[int]:
        return [kind for kind in range(self._size) if mask & self._bit(kind)]

    def _read(self, mask: int) -> DocumentSet:
        kinds = self._kinds(mask)
        return DocumentSet(
            documents=tuple(self._covers.types[kind] for kind in kinds),
            cost=sum(self._covers.costs[kind] for kind in kinds),
        )

    def contains(self, types: Iterable[str]) -> bool:
        """Whether just these document types are such a set."""
        named = set(types)
        kinds = [kind for kind, name in enumerate(self._covers.types) if name in named]
        if len(kinds) < len(named) or not self._level_of.keys() >= set(kinds):
            return False
        return _has(self._ways.root, {self._level_of[kind]: 1 for kind in kinds})

    def __contains__(self, types: object) -> bool:
        found = types.documents if isinstance(types, DocumentSet) else types
        return isinstance(found, Iterable) and self.contains(found)

    @property
    def in_every(self) -> tuple[str, ...]:
        """The document types that every set has, sorted."""
        mask = self._ways.in_every if self._ways.root is not NONE else 0
        return tuple(self._covers.types[kind] for kind in self._kinds(mask))

    @property
    def in_none(self) -> tuple[str, ...]:
        """The document types that no set has, sorted."""
        mask = self._ways.in_some
        return tuple(name for kind, name in enumerate(self._covers.types) if not mask & self._bit(kind))

    def sample(self, size: int, seed: int | None = None) -> list[DocumentSet]:
        """So many different sets drawn at random, all of them as likely; all, if there are fewer."""
        return [self._read(mask) for mask in self._ways.sample(size, seed)]


def _as_met(requirements: Ways, meaning: Meaning) -> list[int]:
    """The document types, in the order of the levels that they can show."""
    found: dict[int, None] = {}
    for level in bits(requirements.root.support):
        for kind in bits(meaning.covers.shown_by[meaning.attribute_of[level]]):
            found[kind] = None
    return list(found)


def _shown_by(requirements: Ways, meaning: Meaning, diagrams: Diagrams, level_of: Mapping[int, int]) -> Node:
    """The least sets of types that show all attributes of some element of a family of requirements."""
    found = {NONE: NONE, EMPTY: EMPTY}
    for node in children_first(requirements.root):
        kinds = bits(meaning.covers.shown_by[meaning.attribute_of[node.level]])
        showing = diagrams.least_of_any(diagrams.any_of(level_of[kind], [1]) for kind in kinds)
        rest = diagrams.least_of_any(found[child] for label, child in node.edges if label)
        without = [found[child] for label, child in node.edges if not label]
        found[node] = diagrams.least_of_any([diagrams.join(showing, rest), *without])
    return found[requirements.root]


def _has(node: Node, closed: Mapping[int, int]) -> bool:
    """Whether a family has the element that holds just these closed sets."""
    left = len(closed)
    while node is not EMPTY:
        label = closed.get(node.level, 0)
        left -= bool(label)
        following = next((child for held, child in node.edges if held == label), NONE)
        if following is NONE:
            return False
        node = following
    return not left
