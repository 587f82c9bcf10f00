"""A circuit over the statuses of requirements, in which equal terms are shared.

A node is a conjunction of literals, a requirement looked at (for each of its four statuses whether it
holds), or another input. A literal is twice a node's number, plus one where the node is negated;
node 0 is true. So whatever is negated twice, or says the same in two places, is one node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pyclingo_bridge.base.forks import Guard
from pyclingo_bridge.base.terms import Term, Value

TRUE, FALSE = 0, 1
"""The literals that are always true, and never."""

MET, UNDOCUMENTED, CONFLICTING, NOT_MET = EACH_STATUS = 1, 2, 4, 8
"""A requirement's statuses. Several together look at a requirement that has any of them."""

ANY_STATUS = sum(EACH_STATUS)
STATUS_BITS = {"met": MET, "undocumented": UNDOCUMENTED, "conflicting": CONFLICTING, "not_met": NOT_MET}
"""The statuses by the predicates of the rules."""

_PLACING = Guard()


@dataclass(frozen=True, slots=True)
class Look:
    """Whether a requirement has one of some statuses, which are added up."""

    requirement: Value
    statuses: int


@dataclass(frozen=True, slots=True)
class Given:
    """Whether an input holds that is no requirement's status."""

    atom: Term


@dataclass(frozen=True, slots=True)
class All:
    """Whether all of some literals hold."""

    literals: tuple[int, ...]


Node: TypeAlias = Look | Given | All


class Circuit:
    """Nodes, each after those that it is made of."""

    def __init__(self, nodes: Iterable[Node] = ()) -> None:
        """An empty circuit, or one of these nodes, as `nodes` gives them."""
        self._nodes: list[Node] = [All(())]
        self._places: dict[Node, int] = {}
        for node in nodes:
            self._place(node)

    @property
    def nodes(self) -> Sequence[Node]:
        """The nodes after node 0, in order."""
        return self._nodes[1:]

    def node(self, literal: int) -> Node:
        """The node that a literal is about."""
        return self._nodes[literal >> 1]

    def _place(self, node: Node) -> int:
        place = self._places.get(node)
        if place is None:
            with _PLACING:
                place = self._places.get(node)
                if place is None:
                    # First the node: whoever is given its place has to find it there.
                    self._nodes.append(node)
                    place = self._places[node] = len(self._nodes) - 1
        return 2 * place

    def look(self, requirement: Value, statuses: int) -> int:
        """The literal for a requirement that has any of these statuses."""
        if statuses in (0, ANY_STATUS):
            return TRUE if statuses else FALSE
        return self._place(Look(requirement, statuses))

    def given(self, atom: Term) -> int:
        """The literal for another input."""
        return self._place(Given(atom))

    def negate(self, literal: int) -> int:
        """The literal that holds where this one does not."""
        node = self.node(literal)
        if isinstance(node, Look):
            return self.look(node.requirement, ANY_STATUS & ~node.statuses)
        return literal ^ 1

    def all_of(self, literals: Iterable[int]) -> int:
        """The literal that holds where all of these do."""
        merged = self._merged(literals)
        if FALSE in merged or any(literal ^ 1 in merged for literal in merged):
            return FALSE
        kept = sorted(literal for literal in merged if not self._follows(literal, merged))
        if len(kept) < 2:
            return kept[0] if kept else TRUE
        return self._place(All(tuple(kept)))

    def any_of(self, literals: Iterable[int]) -> int:
        """The literal that holds where one of these does."""
        return self.negate(self.all_of(map(self.negate, literals)))

    def rebuilt(
        self, literals: Sequence[int], leaf: Callable[[Circuit, Look | Given], int]
    ) -> tuple[Circuit, list[int]]:
        """This circuit on other inputs, and what some literals are in it.

        Args:
            literals: what is asked for.
            leaf: called with the new circuit and an input of this one; gives what is in its place.
        """
        circuit = Circuit()
        known: list[int] = [TRUE]

        def now(literal: int) -> int:
            node = known[literal >> 1]
            return circuit.negate(node) if literal & 1 else node

        for node in self._nodes[1:]:
            if isinstance(node, All):
                known.append(circuit.all_of(map(now, node.literals)))
            else:
                known.append(leaf(circuit, node))
        return circuit, [now(literal) for literal in literals]

    def _merged(self, literals: Iterable[int]) -> set[int]:
        """The literals without what is always true, and with one look at each requirement."""
        merged: set[int] = set()
        looks: dict[Value, int] = {}
        for literal in literals:
            node = self.node(literal)
            if isinstance(node, Look):
                looks[node.requirement] = looks.get(node.requirement, ANY_STATUS) & node.statuses
            else:
                merged.add(literal)
        merged.update(self.look(requirement, statuses) for requirement, statuses in looks.items())
        merged.discard(TRUE)
        return merged

    def _follows(self, literal: int, others: set[int]) -> bool:
        """Whether one of several alternatives is among the others, so that they add nothing."""
        node = self.node(literal)
        return (
            bool(literal & 1)
            and isinstance(node, All)
            and any(self.negate(part) in others for part in node.literals)
        )
