"""From the statuses of a case's requirements to the diagram of its missing sets."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from pyclingo_bridge.base.errors import TooLargeError
from pyclingo_bridge.base.forks import Guard
from pyclingo_bridge.base.solver import Build
from pyclingo_bridge.base.terms import Value
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.diagrams.diagram import EMPTY, NONE, DiagramNode, Diagrams
from pyclingo_bridge.fast.diagrams.entailment import clusters, consequences
from pyclingo_bridge.fast.diagrams.formula import formula_of
from pyclingo_bridge.fast.diagrams.numbering import Numbering, ShownBy, Unlikely
from pyclingo_bridge.fast.diagrams.sets import RequirementSets

_REMEMBERED = 200_000
"""Diagrams within that are kept from case to case; with more a new start is made."""


class PolicyDiagrams:
    """Makes the diagrams of missing sets of one policy under its interpretations; for any number of threads."""

    def __init__(self, structure: Structure, build: Build, shown_by: ShownBy, unlikely: Unlikely) -> None:
        """Take a policy, what grounds programs with its rules, which document types show a requirement, and
        what it adds to the rank of sets with it."""
        self._unlikely = unlikely
        self._structure = structure
        self._build = build
        self._shown_by = shown_by
        self._lock = Guard()
        self._prepared: _Prepared | None = None
        self._unable = False
        self._too_large: set[tuple[int, int, frozenset[Value]]] = set()

    def sets(self, met: int, undocumented: int, routed: Iterable[Value]) -> RequirementSets:
        """The missing sets of a case whose denial documents can reverse.

        Args:
            met: the requirements that are met, a bit each by their places in `Structure.ordered`.
            undocumented: those that are undocumented.
            routed: the sections that the request goes to.

        Errors: TooLargeError where the sets are too tangled for a diagram.
        """
        with self._lock:
            prepared = self._prepare()
            asked = (prepared.renumbered(met), prepared.renumbered(undocumented), frozenset(routed))
            if asked in self._too_large:
                raise TooLargeError
            try:
                return prepared.sets(*asked)
            except TooLargeError:
                self._too_large.add(asked)
                raise

    def forget(self) -> None:
        """Forget what was worked out for earlier cases: the next one starts from the rules alone."""
        with self._lock:
            self._too_large.clear()
            self._prepare().start()

    def _prepare(self) -> _Prepared:
        # What was too large once is so ever after.
        if self._unable:
            raise TooLargeError
        if self._lock.half_done:
            # Another thread was at it as this process was forked.
            self._prepared = None
            self._lock.half_done = False
        if self._prepared is None:
            try:
                self._prepared = _Prepared(self._structure, self._build, self._shown_by, self._unlikely)
            except TooLargeError:
                self._unable = True
                raise
        return self._prepared


class _Prepared:
    """A policy's rules as a graph over numbered requirements, and what was worked out for some cases."""

    def __init__(self, structure: Structure, build: Build, shown_by: ShownBy, unlikely: Unlikely) -> None:
        self._formula = formula_of(structure)
        requirements = self._formula.requirements
        self._clusters = clusters(requirements, self._formula.for_levels(), consequences(build))
        self._numbering = Numbering(structure, self._formula, self._clusters, shown_by, unlikely)
        self._bits = [self._formula.bit(rank) for rank in range(len(requirements))]
        self._fits = [cluster.closure(1) is not None for cluster in self._clusters]
        self._reach = self._reaches()
        rank_of = {requirement: rank for rank, requirement in enumerate(requirements)}
        self._moved = [self._bits[rank_of[requirement]] for requirement in structure.ordered]
        self._by_byte: list[dict[int, int]] = [{} for _ in range(0, len(requirements), 8)]
        self.start()
        _make_room(len(self._clusters))

    def start(self) -> None:
        """Begin with no diagrams at all."""
        self._diagrams = Diagrams([cluster.join for cluster in self._clusters])
        self._known: dict[tuple[int, int, int], DiagramNode] = {}

    def _reaches(self) -> list[int]:
        """For each gate the requirements of all clusters that it has a requirement of."""
        found: list[int] = []
        for kind, inputs in self._formula.gates:
            reach = 0
            if kind == "requirement":
                reach = self._numbering.whole[self._numbering.place_of[inputs[0]][0]]
            for place in inputs if kind != "requirement" else ():
                reach |= found[place]
            found.append(reach)
        return found

    def renumbered(self, mask: int) -> int:
        """Requirements by the bits that sets have for them, given by their places in the policy."""
        found = 0
        for place, byte in enumerate(mask.to_bytes(len(self._by_byte), "little")):
            if byte:
                known = self._by_byte[place]
                if byte not in known:
                    known[byte] = sum(self._moved[8 * place + bit] for bit in range(8) if byte >> bit & 1)
                found |= known[byte]
        return found

    def sets(self, met: int, undocumented: int, routed: frozenset[Value]) -> RequirementSets:
        """The missing sets of a case with these statuses."""
        if len(self._diagrams) > _REMEMBERED or len(self._known) > _REMEMBERED:
            self.start()
        self._diagrams.allow()
        roots = {name: gate for name, gate in self._formula.sections.items() if name in routed}
        askable = 0
        for gate in roots.values():
            askable |= self._formula.scopes[gate] & undocumented
        sections = {name: self._value(gate, met, askable) for name, gate in roots.items()}
        root = self._diagrams.least_of_any(sections.values())
        return RequirementSets(self._numbering, root, sections, askable)

    def _value(self, gate: int, met: int, askable: int) -> DiagramNode:
        """The least sets of requirements, of those that can be asked for, with which a gate is met."""
        kind, inputs = self._formula.gates[gate]
        if kind == "requirement":
            return self._requirement(inputs[0], met, askable)
        known, asked = met & self._formula.scopes[gate], askable & self._reach[gate]
        if not asked and not known:
            return NONE
        key = (gate, known, asked)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._evaluate(gate, met, askable)
        return found

    def _evaluate(self, gate: int, met: int, askable: int) -> DiagramNode:
        kind, inputs = self._formula.gates[gate]
        # What resolves the gate alone: an alternative that is met, something needed that cannot be.
        resolving = EMPTY if kind == "any" else NONE
        values: list[DiagramNode] = []
        for place in inputs:
            value = self._value(place, met, askable)
            if value is resolving:
                return resolving
            values.append(value)
        if kind == "any":
            return self._diagrams.least_of_any(values)
        return self._diagrams.least_of_all(values)

    def _requirement(self, rank: int, met: int, askable: int) -> DiagramNode:
        own = self._bits[rank]
        if met & own:
            return EMPTY
        if not askable & own:
            # What some document denies, no other one makes true, whatever else is shown.
            return NONE
        level, bit = self._numbering.place_of[rank]
        if len(self._clusters[level].ranks) == 1:
            return self._diagrams.holding(level) if self._fits[level] else NONE
        local = self._numbering.local(level, askable)
        return self._diagrams.any_of(level, self._clusters[level].least(bit, local))


def _make_room(levels: int) -> None:
    # Operations go down one level at each call.
    wanted = 3 * levels + 1_000
    if wanted > sys.getrecursionlimit():
        sys.setrecursionlimit(wanted)
