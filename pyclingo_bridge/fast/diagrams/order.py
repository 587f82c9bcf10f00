"""The sets of a diagram one by one in order, found without the rest.

A set's *key* is a number: the smaller comes first. What each level adds to the key is known, so the
best set of a diagram is put together from the best of its parts, and so is each one that follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heapify, heappop, heappush

from pyclingo_bridge.base.errors import TooLargeError
from pyclingo_bridge.fast.diagrams.diagram import EMPTY, NONE, DiagramNode
from pyclingo_bridge.fast.diagrams.document_costs import DocumentCosts, purchases
from pyclingo_bridge.fast.diagrams.entailment import bits
from pyclingo_bridge.fast.diagrams.written_sets import WrittenSets

MOST_PURCHASES = 2_000
"""Where more sets of shared document types would have to be looked at, the solver is asked instead."""

Unlikely = Callable[[int], int]
"""What the requirements of a set add to its rank, besides what documents cost."""

AddedKey = Callable[[int, int], int | None]
"""What a level's part of a set adds to its key; None where no set may have it."""


class _Part:
    """The sets of one family within, as far as somebody asked, the best first."""

    __slots__ = ("_candidates", "_last", "keys")

    def __init__(self, options: list[tuple[int, _Part]], keys: list[int]) -> None:
        # A candidate: its key, what its first part adds, where the rest comes from, and which of them.
        self._candidates = [(added + part.keys[0], added, part, 0) for added, part in options if part.keys]
        heapify(self._candidates)
        self._last: tuple[int, _Part, int] | None = None
        self.keys: list[int] = keys
        self.has(0)

    def has(self, place: int) -> bool:
        """Whether there is a set at a place; sets are asked for in turn."""
        while len(self.keys) <= place:
            if self._last is not None:
                added, part, last = self._last
                if part.has(last + 1):
                    key = added + part.keys[last + 1]
                    heappush(self._candidates, (key, added, part, last + 1))
            if not self._candidates:
                self._last = None
                return False
            key, added, part, last = heappop(self._candidates)
            self._last = (added, part, last)
            self.keys.append(key)
        return True


def keys_in_order(sets: WrittenSets, added_key: AddedKey) -> Iterator[int]:
    """The keys of all sets, ascending. No two sets may have the same key."""
    parts: dict[DiagramNode, _Part] = {NONE: _Part([], []), EMPTY: _Part([], [0])}
    for node, options in sets.options:
        keyed = [(added_key(node.level, way) if way else 0, parts[child]) for way, child in options]
        parts[node] = _Part([(added, part) for added, part in keyed if added is not None], [])
    root = parts[sets.root]
    place = 0
    while root.has(place):
        yield root.keys[place]
        place += 1


class Keys:
    """The order of sets of so many requirements: rank, then how many, then the text, in one number.

    The requirement first by its text is the highest bit of a set, so that of two sets as large the one first
    by text is the greater number.
    """

    def __init__(self, requirements: int) -> None:
        self._size = requirements
        self._field = requirements + requirements.bit_length()
        self._all = (1 << requirements) - 1

    def key(self, cost: int, mask: int) -> int:
        """What a set of that cost has for a key; the keys of parts add up."""
        return (cost << self._field) + (mask.bit_count() << self._size) - mask

    def cost(self, key: int) -> int:
        """The rank of a set."""
        return key >> self._field

    def mask(self, key: int) -> int:
        """The set of a key."""
        return -key & self._all


def cheapest_first(
    sets: WrittenSets, costs: DocumentCosts, attribute_of: Sequence[int], keys: Keys, unlikely: Unlikely
) -> Iterator[int]:
    """Sets of requirements in the order of rank, size and text, where documents are shared.

    What a set costs does not add up: a document that shows several attributes is paid for once. So
    every set of those shared types is supposed to be bought, the cheapest first; what else is needed
    then is shown by types of one attribute alone, and does add up. A set comes up for the first time
    with its least rank.

    Args:
        sets: the sets.
        costs: what documents cost.
        attribute_of: the attribute of each level.
        keys: the order.
        unlikely: what requirements add to the rank.

    Errors: TooLargeError where too many sets of document types would have to be looked at.
    """
    shared = _shared(sets, costs, attribute_of)
    alone = [
        min((costs.costs[kind] for kind in bits(showing) if kind not in shared), default=None)
        for showing in costs.shown_by
    ]

    def bought(cost: int, kinds: int) -> Iterator[int]:
        """The keys of all sets that can be shown if these types are bought, whatever else is."""
        shown = 0
        for kind in bits(kinds):
            shown |= costs.shows[kind]

        def added_key(level: int, way: int) -> int | None:
            attribute = attribute_of[level]
            own = 0 if shown >> attribute & 1 else alone[attribute]
            return None if own is None else keys.key(own + unlikely(way), way)

        paid = keys.key(cost, 0)
        return (paid + key for key in keys_in_order(sets, added_key))

    options = purchases({kind: costs.costs[kind] for kind in shared})
    following = next(options, None)
    streams: list[tuple[int, int, Iterator[int]]] = []
    seen: set[int] = set()
    started = 0
    while following or streams:
        if following and (not streams or following[0] <= keys.cost(streams[0][0])):
            started += 1
            if started > MOST_PURCHASES:
                raise TooLargeError
            _advance(streams, started, bought(*following))
            following = next(options, None)
            continue
        key, number, stream = heappop(streams)
        _advance(streams, number, stream)
        mask = keys.mask(key)
        if mask not in seen:
            yield mask
            if shared:
                seen.add(mask)


def _advance(streams: list[tuple[int, int, Iterator[int]]], number: int, stream: Iterator[int]) -> None:
    key = next(stream, None)
    if key is not None:
        heappush(streams, (key, number, stream))


def _shared(sets: WrittenSets, costs: DocumentCosts, attribute_of: Sequence[int]) -> set[int]:
    """The types that serve several levels, without those of which another one shows as much for no more."""
    present = several = 0
    for level in bits(sets.root.support):
        attribute = 1 << attribute_of[level]
        several |= present & attribute
        present |= attribute
    shows = [mask & present for mask in costs.shows]
    kinds = [kind for kind, mask in enumerate(shows) if mask.bit_count() > 1 or mask & several]
    kept: list[int] = []
    for kind in sorted(kinds, key=lambda kind: (costs.costs[kind], -shows[kind].bit_count())):
        if not any(shows[other] & shows[kind] == shows[kind] for other in kept):
            kept.append(kind)
    return set(kept)


def sorted_whole(
    sets: WrittenSets, costs: DocumentCosts, attribute_of: Sequence[int], keys: Keys, unlikely: Unlikely
) -> Iterator[int]:
    """All sets in order, each put together with what it is about, and sorted by what that costs."""
    room = max(attribute_of, default=-1) + 1
    cost_of: dict[int, int] = {}
    ordered: list[int] = []
    for entry in sets.masks([1 << attribute for attribute in attribute_of], room):
        attributes = entry & ((1 << room) - 1)
        if attributes not in cost_of:
            cost_of[attributes] = costs.cheapest(attributes)[0]
        mask = entry >> room
        ordered.append(keys.key(cost_of[attributes] + unlikely(mask), mask))
    ordered.sort()
    return map(keys.mask, ordered)
