"""Why another policy rules differently on a case: the criteria that make the difference.

It follows from the two rulings and the statuses of all criteria under both; `docs/specification` says what a
cause is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from pyclingo_bridge.base.terms import Value, plain
from pyclingo_bridge.core.structure import Place, Structure, natural_key
from pyclingo_bridge.impact.answers import RULINGS, CauseKind

STATUSES = ("not_met", "conflicting", "undocumented", "met")
"""The statuses, from the one with the least hope to the one with the most."""

UNROUTED = -1
"""Stands for the status of a criterion whose section the request is not routed to."""

_PLACES: tuple[Place, ...] = ("needs", "offers", "excuse")
_APPROVE = len(RULINGS) - 1
_LEAST_WITH_HOPE = 2

Side = Literal["first", "second"]
Statuses = Mapping[str, int]
"""The places in `STATUSES` of criteria, by their ids."""


class Cause(NamedTuple):
    """Why an outcome changes; see `ImpactGroup`."""

    kind: CauseKind
    criteria: tuple[str, ...]
    favors: Side


class Ruled(NamedTuple):
    """One policy's ruling of a row: its place in `RULINGS`, the approving section, all statuses."""

    ruling: int
    section: str | None
    statuses: Statuses


class Shape:
    """A policy's criteria as a cause needs them, by their ids."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self.sections = [str(plain(section)) for section in structure.sections]
        self.criteria = list(structure.criteria_of(structure.sections))
        self._named = {str(plain(name)): name for name in structure.labels}

    @cached_property
    def items(self) -> dict[str, dict[str, Place]]:
        """The criteria in each one's own wording, unnumbered parts seen through, each with its place."""
        return {name: dict(self._items(value)) for name, value in self._named.items()}

    def _items(self, node: Value) -> Iterator[tuple[str, Place]]:
        structure = self._structure
        for place in _PLACES:
            for item in structure.items(place, node):
                if item in structure.labels:
                    yield str(plain(item)), place
                elif item in structure.nodes:
                    yield from self._items(item)

    def locators(self, names: Sequence[str]) -> dict[str, str]:
        """The places of the criteria, of those that the policy has."""
        known = [name for name in names if name in self._named]
        return {name: self._structure.locators.get(self._named[name], "") for name in known}

    def label(self, name: str) -> str | None:
        """A criterion's label, if the policy has it."""
        return self._structure.labels.get(self._named[name]) if name in self._named else None

    @cached_property
    def uses(self) -> dict[str, frozenset[str]]:
        """What each section says of the uses that it speaks of, in words that two policies share."""
        return {
            str(plain(section)): frozenset(self._worded(item) for item in items)
            for section, items in self._structure.use_conditions.items()
        }

    def _worded(self, item: Value) -> str:
        structure = self._structure
        if item in structure.nodes:
            inner = [
                f"{place} {self._worded(each)}" for place in _PLACES for each in structure.items(place, item)
            ]
            return f"({', '.join(inner)})"
        requirement = structure.requirements[structure.representative[item]]
        return f"{requirement.attribute} {requirement.operator} {requirement.complement} {requirement.value}"


class Causes:
    """Finds why two policies rule differently."""

    def __init__(self, first: Structure, second: Structure) -> None:
        self.shapes = (Shape(first), Shape(second))

    def of(self, first: Ruled, second: Ruled) -> Cause:
        """Why the two rulings of a row differ."""
        place = 0 if first.ruling > second.ruling else 1
        favors: Side = "second" if place else "first"
        better, worse = (second, first) if place else (first, second)
        kind, names = self._criteria(place, better, worse)
        return Cause(kind, tuple(sorted(names, key=natural_key)), favors)

    def _criteria(self, place: int, better: Ruled, worse: Ruled) -> tuple[CauseKind, set[str]]:
        if better.ruling < _LEAST_WITH_HOPE:
            # A denial and a referral: only one policy has a section that addresses the use.
            return "use_condition", self._uses(better, worse)
        leading = self._leading(place, better)
        fallen = worse.statuses.get(leading, UNROUTED)
        if leading not in self.shapes[1 - place].sections:
            return "section", {leading}
        if fallen == UNROUTED:
            return "routing", {leading}
        if fallen >= better.statuses[leading]:
            return "use_condition", self._uses(better, worse)
        return "criterion", self._deepest(place, leading, better.statuses, worse.statuses)

    def _leading(self, place: int, side: Ruled) -> str:
        """The section that approves; without one the first of those with the most hope."""
        if side.ruling == _APPROVE and side.section is not None:
            return side.section
        sections = self.shapes[place].sections
        return max(sections, key=lambda name: side.statuses.get(name, UNROUTED))

    def _deepest(self, place: int, name: str, better: Statuses, worse: Statuses) -> set[str]:
        """The deepest criteria that take a criterion's better status from it."""
        ours, theirs = (self.shapes[side].items.get(name, {}) for side in (place, 1 - place))
        had, has = better[name], worse[name]
        deepest: set[str] = set()
        for item in {**ours, **theirs}:
            if item not in ours:  # Asked for by the other policy alone.
                if theirs[item] == "needs" and worse[item] < had:
                    deepest.add(item)
            elif item not in theirs:  # Open under this policy alone.
                if ours[item] != "needs" and better[item] > has:
                    deepest.add(item)
            elif worse[item] < better[item]:
                matters = worse[item] < had if theirs[item] == "needs" else better[item] > has
                if matters:
                    deepest |= self._deepest(place, item, better, worse)
        return deepest or {name}

    def _uses(self, better: Ruled, worse: Ruled) -> set[str]:
        """The sections whose use conditions differ, out of those that either policy routes to."""
        routed = {
            name
            for shape in self.shapes
            for name in shape.sections
            if max(side.statuses.get(name, UNROUTED) for side in (better, worse)) > UNROUTED
        }
        first, second = (shape.uses for shape in self.shapes)
        return {name for name in routed if first.get(name) != second.get(name)}
