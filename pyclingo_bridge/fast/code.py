"""A circuit as straight-line code: one bitwise operation after another, on words of any kind.

A word has a bit for each case. It is a Python integer, or an array of machine words; `&`, `|` and
`^` work on both. The code is made from the circuit's own numbers, never from a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from pyclingo_bridge.fast.circuit import All, Circuit, Given, Look

Word: TypeAlias = Any
"""A bit for each case."""


@dataclass(frozen=True)
class Code:
    """What some literals of a circuit come to.

    Attributes:
        leaves: what has to be given, in this order: inputs, or numbers of nodes that are known.
        run: called with the words of the leaves, one that is false and one that is true
            everywhere; gives the words of the literals, in their order.
    """

    leaves: tuple[Look | Given | int, ...]
    run: Callable[[Sequence[Word], Word, Word], tuple[Word, ...]]


def code(
    circuit: Circuit,
    literals: Sequence[int],
    known: Iterable[int] = (),
    first: Sequence[int] = (),
) -> Code:
    """The code for some literals of a circuit; only what they need is in it.

    Args:
        circuit: the circuit.
        literals: what is asked for.
        known: nodes that are given beside the inputs, as if they were such, by their numbers.
        first: inputs that are the first leaves, in this order, needed or not, by their numbers.
    """
    return coded(Plan(circuit, literals, known, first))


def coded(plan: Plan) -> Code:
    """The code for what a plan says is to be done."""
    names = [f"v{place}" for place in plan.leaves]
    lines = [f"({', '.join(names)},) = leaves"] if names else []
    lines += (f"v{step.place} = {_joined(step)}" for step in plan.steps)
    lines.append(f"return ({''.join(_word(operand) + ', ' for operand in plan.results)})")
    run = function("leaves, zero, ones", lines, {})
    return Code(plan.inputs, run)


def function(arguments: str, lines: Iterable[str], names: dict[str, Any]) -> Callable[..., Any]:
    """A function of these lines, in which these names are known."""
    text = f"def run({arguments}):\n" + "".join(f"    {line}\n" for line in lines)
    exec(compile(text, "<circuit>", "exec"), names)
    return cast(Callable[..., Any], names["run"])


def _joined(step: Step) -> str:
    return f" {step.sign} ".join(map(_word, step.operands))


def _word(operand: Operand) -> str:
    place, negated = operand
    if not place:
        return "zero" if negated else "ones"
    return f"(v{place} ^ ones)" if negated else f"v{place}"


Operand: TypeAlias = tuple[int, bool]
"""A node's number, and whether it is negated; node 0 holds everywhere."""


@dataclass(frozen=True, slots=True)
class Step:
    """A node that is all of some operands (`&`), or any of them (`|`)."""

    place: int
    sign: str
    operands: tuple[Operand, ...]


class Plan:
    """The steps to some literals of a circuit. Takes the arguments of `code`.

    Attributes:
        leaves: what has to be given, by the numbers of nodes.
        inputs: the same, as inputs.
        steps: what to make of it, in order.
        results: what was asked for.
        operations: how many bitwise operations that takes.
    """

    def __init__(
        self,
        circuit: Circuit,
        literals: Sequence[int],
        known: Iterable[int] = (),
        first: Sequence[int] = (),
    ) -> None:
        given = set(known)
        needed = _needed(circuit, literals, given)
        inputs = [place for place in needed if place in given or not _made(circuit, place)]
        self.leaves, self._opposite = _leaves(circuit, [*first, *inputs])
        self.inputs = tuple(_leaf(circuit, place) for place in self.leaves)
        self._negated: set[int] = set()
        self.steps = [
            self._step(place, node)
            for place in needed
            if place not in given and isinstance(node := circuit.node(2 * place), All)
        ]
        self.results = [self._operand(literal) for literal in literals]
        counted = [operand for step in self.steps for operand in step.operands]
        joined = sum(len(step.operands) - 1 for step in self.steps)
        turned = sum(negated for place, negated in [*counted, *self.results] if place)
        self.operations = joined + turned

    def _step(self, place: int, node: All) -> Step:
        # Each is kept as it is or negated: what is mostly made of negated nodes as the negation.
        against = Counter(self._operand(literal)[1] for literal in node.literals)
        turned = against[True] > against[False]
        if turned:
            self._negated.add(place)
        operands = tuple(self._operand(literal ^ turned) for literal in node.literals)
        return Step(place, "|" if turned else "&", operands)

    def _operand(self, literal: int) -> Operand:
        """A literal, by the leaf that is there, or the node as it is kept."""
        other = self._opposite.get(literal >> 1)
        if other is not None:
            literal = 2 * other | ~literal & 1
        return literal >> 1, bool(literal & 1) != (literal >> 1 in self._negated)


def _leaves(circuit: Circuit, places: Iterable[int]) -> tuple[list[int], dict[int, int]]:
    """The leaves, and of each that only says that another does not hold, the other."""
    leaves: dict[int, None] = {}
    opposite: dict[int, int] = {}
    for place in dict.fromkeys(places):
        node = circuit.node(2 * place)
        other = circuit.negate(2 * place) >> 1 if isinstance(node, Look) else place
        if other != place and other in leaves:
            opposite[place] = other
        else:
            leaves[place] = None
    return list(leaves), opposite


def _made(circuit: Circuit, place: int) -> bool:
    return isinstance(circuit.node(2 * place), All)


def _leaf(circuit: Circuit, place: int) -> Look | Given | int:
    node = circuit.node(2 * place)
    return place if isinstance(node, All) else node


def _needed(circuit: Circuit, literals: Iterable[int], given: set[int]) -> list[int]:
    """The nodes that some literals rest on, in order."""
    found: set[int] = set()
    waiting = [literal >> 1 for literal in literals]
    while waiting:
        place = waiting.pop()
        if place in found or not place:
            continue
        found.add(place)
        node = circuit.node(2 * place)
        if isinstance(node, All) and place not in given:
            waiting += [literal >> 1 for literal in node.literals]
    return sorted(found)
