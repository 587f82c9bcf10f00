"""What has to be met: sections as one graph of alternatives and conjunctions over requirements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pyclingo_bridge.base.terms import Value
from pyclingo_bridge.core.structure import Structure

_FEW = 100
"""Of more inputs than that the order for levels takes the first, not the best."""

Kind = Literal["all", "any", "requirement"]


class Gate(NamedTuple):
    """One node of the graph.

    Attributes:
        kind: whether all or any of the inputs have to be met, or a requirement has to hold.
        inputs: the places of the gates, earlier ones, that it takes; of a requirement its rank.
    """

    kind: Kind
    inputs: tuple[int, ...]


@dataclass(frozen=True)
class Formula:
    """When each section is met, by the requirements that hold.

    Attributes:
        requirements: the requirements in the order of their text; a requirement's place is its rank.
        gates: the graph, each gate after those that it takes.
        sections: the gate of each section.
        scopes: for each gate the set of the requirements beneath it.
    """

    requirements: tuple[Value, ...]
    gates: tuple[Gate, ...]
    sections: Mapping[Value, int]
    scopes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for kind, inputs in self.gates:
            scope = self.bit(inputs[0]) if kind == "requirement" else 0
            for place in inputs if kind != "requirement" else ():
                scope |= self.scopes[place]
            self.scopes.append(scope)

    def bit(self, rank: int) -> int:
        """The bit of a requirement in a set of requirements: the first requirement by text has the highest."""
        return 1 << (len(self.requirements) - 1 - rank)

    def for_levels(self) -> list[int]:
        """The ranks of the requirements in an order for levels: what is asked for together comes together.

        Of what a gate takes, that comes first which brings in the fewest requirements that are new by then.
        """
        found: dict[int, None] = {}
        placed = 0
        stack = list(self.sections.values())[::-1]
        waiting: dict[int, list[int]] = {}
        while stack:
            gate = stack[-1]
            kind, inputs = self.gates[gate]
            if gate not in waiting:
                waiting[gate] = [] if kind == "requirement" else list(inputs)
                if kind == "requirement":
                    found[inputs[0]] = None
                    placed |= self.scopes[gate]
            left = waiting[gate] = [place for place in waiting[gate] if place not in waiting]
            if not left:
                stack.pop()
                continue
            following = left[0]
            if len(left) <= _FEW:
                following = min(left, key=lambda place: (self.scopes[place] & ~placed).bit_count())
            left.remove(following)
            stack.append(following)
        return list(found)


@dataclass
class _Maker:
    structure: Structure
    ranks: Mapping[Value, int]
    gates: list[Gate] = field(default_factory=list)
    known: dict[Gate, int] = field(default_factory=dict)
    criteria: dict[Value, int] = field(default_factory=dict)

    def gate(self, kind: Kind, inputs: Sequence[int]) -> int:
        gate = Gate(kind, tuple(dict.fromkeys(inputs)))
        if kind != "requirement" and len(gate.inputs) == 1:
            return gate.inputs[0]
        if gate not in self.known:
            self.known[gate] = len(self.gates)
            self.gates.append(gate)
        return self.known[gate]

    def item(self, item: Value) -> int:
        if item in self.ranks:
            return self.gate("requirement", (self.ranks[item],))
        if item not in self.criteria:
            self.criteria[item] = self._criterion(item)
        return self.criteria[item]

    def _criterion(self, node: Value) -> int:
        # As `met/2` in the rules: the needs and one of the alternatives, or else an excuse.
        needs = [self.item(item) for item in self.structure.items("needs", node)]
        offers = [self.item(item) for item in self.structure.items("offers", node)]
        excuses = [self.item(item) for item in self.structure.items("excuse", node)]
        if offers:
            needs.append(self.gate("any", offers))
        return self.gate("any", [self.gate("all", needs), *excuses] if needs else excuses)


def formula_of(structure: Structure) -> Formula:
    """The formula of a policy, as its ground rules have it."""
    requirements = tuple(sorted(structure.requirements, key=str))
    maker = _Maker(structure, {requirement: rank for rank, requirement in enumerate(requirements)})
    sections = {section: maker.item(section) for section in structure.sections}
    return Formula(requirements, tuple(maker.gates), sections)
