"""From the states of a case's requirements to the family of its missing sets."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from pyclingo_bridge.base.errors import TooLargeError
from pyclingo_bridge.base.forks import Guard
from pyclingo_bridge.core.minimal import Build
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.core.terms import Term, Value
from pyclingo_bridge.fast.diagrams.consequences import Block, blocks, consequences
from pyclingo_bridge.fast.diagrams.diagram import EMPTY, NONE, Diagrams, Node
from pyclingo_bridge.fast.diagrams.family import Family, Meaning
from pyclingo_bridge.fast.diagrams.formula import formula_of, requirements_as_met, scopes
from pyclingo_bridge.questions.obtaining import Obtaining

_REMEMBERED = 200_000
"""Families within that are kept from case to case; with more a new start is made."""


class Families:
    """Makes the families of missing sets of one policy under its interpretations."""

    def __init__(self, structure: Structure, build: Build, obtaining: Obtaining) -> None:
        self._structure = structure
        self._build = build
        self._obtaining = obtaining
        self._lock = Guard()
        self._policy: _Policy | None = None
        self._unable = False
        self._too_large: set[tuple[int, int, frozenset[Value]]] = set()

    def family(self, states: Iterable[Iterable[Term]], routed: Iterable[Value]) -> Family:
        """The family of a case that documents can turn.

        Args:
            states: `established(C)` and `open(C)` for the requirements that are in these states, in parts
                as they come; others are of no account.
            routed: the sections that the request goes to.

        Errors: TooLargeError where the sets are too tangled for a diagram.
        """
        with self._lock:
            policy = self._prepared()
            asked = (*policy.masks(states), frozenset(routed))
            if asked in self._too_large:
                raise TooLargeError
            try:
                return policy.family(*asked)
            except TooLargeError:
                self._too_large.add(asked)
                raise

    def nothing(self) -> Family:
        """The family of a case that no document turns, or that needs none."""
        with self._lock:
            return self._prepared().family(0, 0, frozenset())

    def forget(self) -> None:
        """Forget what was worked out for earlier cases: the next one starts from the rules alone."""
        with self._lock:
            self._too_large.clear()
            self._prepared().start()

    def _prepared(self) -> _Policy:
        # What was too large once is so ever after.
        if self._unable:
            raise TooLargeError
        if self._lock.half_done:
            # Another thread was at it as this process was forked.
            self._policy = None
            self._lock.half_done = False
        if self._policy is None:
            try:
                self._policy = _Policy(self._structure, self._build, self._obtaining)
            except TooLargeError:
                self._unable = True
                raise
        return self._policy


class _Policy:
    """What is the same in all cases, and what was worked out for some of them."""

    def __init__(self, structure: Structure, build: Build, obtaining: Obtaining) -> None:
        if not obtaining.outright:
            # What a set costs would turn on its requirements, not on their attributes alone.
            raise TooLargeError
        self._formula = formula_of(structure)
        order = requirements_as_met(self._formula)
        self._blocks = blocks(self._formula.requirements, order, consequences(build))
        self._meaning = Meaning(structure, obtaining, self._formula, self._blocks)
        self._place = {
            rank: (level, bit)
            for level, block in enumerate(self._blocks)
            for bit, rank in enumerate(block.ranks)
        }
        self._bits = [self._formula.bit(rank) for rank in range(len(self._formula.requirements))]
        self._fits = [block.closure(1) is not None for block in self._blocks]
        self._scopes = scopes(self._formula)
        self._block_requirements = [self._bits_of(block) for block in self._blocks]
        self._reach = self._reaches()
        self._states = self._state_bits()
        self._parts: dict[frozenset[Term], int] = {}
        self.start()
        _make_room(len(self._blocks))

    def start(self) -> None:
        """Begin with no families at all."""
        self._diagrams = Diagrams([block.join for block in self._blocks])
        self._known: dict[tuple[int, int, int], Node] = {}

    def _bits_of(self, block: Block) -> int:
        return sum(self._formula.bit(rank) for rank in block.ranks)

    def _reaches(self) -> list[int]:
        """For each gate the requirements of all blocks that it has a requirement of."""
        found: list[int] = []
        for kind, inputs in self._formula.gates:
            if kind == "requirement":
                found.append(self._block_requirements[self._place[inputs[0]][0]])
            else:
                reach = 0
                for place in inputs:
                    reach |= found[place]
                found.append(reach)
        return found

    def _state_bits(self) -> Mapping[Term, int]:
        """What each state says: the met requirements in the upper half, the open ones in the lower."""
        size = len(self._formula.requirements)
        found: dict[Term, int] = {}
        for rank, requirement in enumerate(self._formula.requirements):
            found[Term("met", (requirement,))] = self._formula.bit(rank) << size
            found[Term("undocumented", (requirement,))] = self._formula.bit(rank)
        return found

    def masks(self, states: Iterable[Iterable[Term]]) -> tuple[int, int]:
        """The requirements that are established, and those that are open."""
        found = 0
        for part in states:
            key = part if isinstance(part, frozenset) else frozenset(part)
            said = self._parts.get(key)
            if said is None:
                if len(self._parts) > _REMEMBERED:
                    self._parts.clear()
                said = self._parts[key] = sum(self._states.get(term, 0) for term in key)
            found |= said
        size = len(self._formula.requirements)
        return found >> size, found & ((1 << size) - 1)

    def family(self, established: int, unstated: int, routed: frozenset[Value]) -> Family:
        """The family of a case with these states."""
        if len(self._diagrams) > _REMEMBERED or len(self._known) > _REMEMBERED:
            self.start()
        self._diagrams.allow()
        roots = {name: gate for name, gate in self._formula.sections.items() if name in routed}
        askable = 0
        for gate in roots.values():
            askable |= self._scopes[gate] & unstated
        sections = {name: self._value(gate, established, askable) for name, gate in roots.items()}
        root = self._diagrams.least_of_any(sections.values())
        return Family(self._meaning, root, sections, askable)

    def _value(self, gate: int, established: int, askable: int) -> Node:
        """The least sets of requirements, of those that can be asked for, with which a gate is met."""
        kind, inputs = self._formula.gates[gate]
        if kind == "requirement":
            return self._requirement(inputs[0], established, askable)
        scope = self._scopes[gate]
        known, open_there = established & scope, askable & self._reach[gate]
        if not open_there and not known:
            return NONE
        key = (gate, known, open_there)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._evaluate(gate, established, askable)
        return found

    def _evaluate(self, gate: int, established: int, askable: int) -> Node:
        kind, inputs = self._formula.gates[gate]
        # What resolves the gate alone: an alternative that is met, something needed that cannot be.
        resolving = EMPTY if kind == "any" else NONE
        values: list[Node] = []
        for place in inputs:
            value = self._value(place, established, askable)
            if value is resolving:
                return resolving
            values.append(value)
        if kind == "any":
            return self._diagrams.least_of_any(values)
        return self._diagrams.least_of_all(values)

    def _requirement(self, rank: int, established: int, askable: int) -> Node:
        own = self._bits[rank]
        if established & own:
            return EMPTY
        level, bit = self._place[rank]
        if len(self._blocks[level].ranks) == 1:
            return self._diagrams.holding(level) if askable & own and self._fits[level] else NONE
        local = self._meaning.local(level, askable)
        return self._diagrams.any_of(level, self._blocks[level].least(bit, local))


def _make_room(levels: int) -> None:
    # Operations go down one level at each call.
    wanted = 3 * levels + 1_000
    if wanted > sys.getrecursionlimit():
        sys.setrecursionlimit(wanted)
