"""What there is to meet: sections as one graph of alternatives and conjunctions over claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pyclingo_bridge.structure import Structure
from pyclingo_bridge.terms import Value


class Gate(NamedTuple):
    """One node of the graph.

    Attributes:
        kind: whether all or any of the inputs have to be met, or a claim has to hold.
        inputs: the places of the gates, earlier ones, that it takes; of a claim its rank.
    """

    kind: Literal["all", "any", "claim"]
    inputs: tuple[int, ...]


_FEW = 100


@dataclass(frozen=True)
class Formula:
    """When each section is met, by the claims that hold.

    Attributes:
        claims: the claims in the order of their text; a claim's place is its rank.
        gates: the graph, each gate after those that it takes.
        sections: the gate of each section.
    """

    claims: tuple[Value, ...]
    gates: tuple[Gate, ...]
    sections: Mapping[Value, int]

    def bit(self, rank: int) -> int:
        """The bit of a claim in a set of claims: the first claim by text has the highest."""
        return 1 << (len(self.claims) - 1 - rank)


@dataclass
class _Maker:
    structure: Structure
    ranks: Mapping[Value, int]
    gates: list[Gate] = field(default_factory=list)
    known: dict[Gate, int] = field(default_factory=dict)
    met: dict[Value, int] = field(default_factory=dict)

    def gate(self, kind: Literal["all", "any", "claim"], inputs: Sequence[int]) -> int:
        gate = Gate(kind, tuple(dict.fromkeys(inputs)))
        if kind != "claim" and len(gate.inputs) == 1:
            return gate.inputs[0]
        if gate not in self.known:
            self.known[gate] = len(self.gates)
            self.gates.append(gate)
        return self.known[gate]

    def item(self, item: Value) -> int:
        if item in self.ranks:
            return self.gate("claim", (self.ranks[item],))
        if item not in self.met:
            self.met[item] = self._criterion(item)
        return self.met[item]

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
    claims = tuple(sorted(structure.claims, key=str))
    maker = _Maker(structure, {claim: rank for rank, claim in enumerate(claims)})
    sections = {section: maker.item(section) for section in structure.sections}
    return Formula(claims, tuple(maker.gates), sections)


def scopes(formula: Formula) -> list[int]:
    """For each gate the set of the claims beneath it."""
    found: list[int] = []
    for kind, inputs in formula.gates:
        own = formula.bit(inputs[0]) if kind == "claim" else 0
        found.append(own or _either(found[place] for place in inputs))
    return found


def _either(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def claims_as_met(formula: Formula) -> list[int]:
    """The ranks of the claims in an order for levels: those that are weighed together stand together.

    Of what a gate takes, that comes first which brings in the fewest claims that are new by then.
    """
    beneath = scopes(formula)
    found: dict[int, None] = {}
    placed = 0
    stack = list(formula.sections.values())[::-1]
    entered: set[int] = set()
    waiting: dict[int, list[int]] = {}
    while stack:
        gate = stack[-1]
        kind, inputs = formula.gates[gate]
        if gate not in entered:
            entered.add(gate)
            waiting[gate] = [] if kind == "claim" else list(inputs)
            if kind == "claim":
                found[inputs[0]] = None
                placed |= beneath[gate]
        left = [place for place in waiting[gate] if place not in entered]
        if not left:
            stack.pop()
            continue
        greedy = len(left) <= _FEW
        following = (
            min(left, key=lambda place: (beneath[place] & ~placed).bit_count())
            if greedy
            else left[0]
        )
        left.remove(following)
        waiting[gate] = left
        stack.append(following)
    return list(found)
