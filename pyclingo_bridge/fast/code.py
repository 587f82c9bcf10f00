"""A circuit as straight-line code: one bitwise operation after another, on integers or on arrays.

Each operand has a bit for each case (of one case: for each world). The code is made from the circuit's own
numbers, never from a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from pyclingo_bridge.fast.circuit import All, Circuit, Given, Look

CaseBits: TypeAlias = Any
"""A bit for each case: a Python integer, or a NumPy array of words."""

Operand: TypeAlias = tuple[int, bool]
"""A node's number, and whether it is negated; node 0 holds everywhere."""


@dataclass(frozen=True, slots=True)
class CodeStep:
    """A node that is all of some operands (`&`), or any of them (`|`)."""

    place: int
    sign: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Steps:
    """The steps to some results.

    Attributes:
        leaves: what has to be given, by the numbers of nodes.
        order: what to make of it, step by step.
        results: what was asked for.
        inputs: the leaves as a circuit's inputs, or numbers of nodes that are known.
    """

    leaves: Sequence[int]
    order: Sequence[CodeStep]
    results: Sequence[Operand]
    inputs: tuple[Look | Given | int, ...] = ()

    @property
    def operations(self) -> int:
        """How many bitwise operations that takes."""
        operands = [operand for step in self.order for operand in step.operands]
        joined = sum(len(step.operands) - 1 for step in self.order)
        return joined + sum(negated for place, negated in [*operands, *self.results] if place)


# --- on integers ---


@dataclass(frozen=True)
class Code:
    """What some literals of a circuit come to, on integers.

    Attributes:
        leaves: what has to be given, in this order: inputs, or numbers of nodes that are known.
        run: called with the bits of the leaves, bits that are all unset and bits that are all set; gives the
            bits of the literals, in their order.
    """

    leaves: tuple[Look | Given | int, ...]
    run: Callable[[Sequence[CaseBits], CaseBits, CaseBits], tuple[CaseBits, ...]]


def code(
    circuit: Circuit,
    literals: Sequence[int],
    known: Iterable[int] = (),
    first: Sequence[int] = (),
) -> Code:
    """The code for some literals of a circuit, on integers; see `steps_of`."""
    return integer_code(steps_of(circuit, literals, known, first))


def integer_code(steps: Steps) -> Code:
    """The code for some steps, on integers."""
    names = [f"v{place}" for place in steps.leaves]
    lines = [f"({', '.join(names)},) = leaves"] if names else []
    for step in steps.order:
        lines.append(f"v{step.place} = {f' {step.sign} '.join(map(_expression, step.operands))}")
    lines.append(f"return ({''.join(_expression(operand) + ', ' for operand in steps.results)})")
    return Code(steps.inputs, _function("leaves, zero, ones", lines, {}))


def _function(arguments: str, lines: Iterable[str], names: dict[str, Any]) -> Callable[..., Any]:
    """A function of these lines, in which these names are known."""
    text = f"def run({arguments}):\n" + "".join(f"    {line}\n" for line in lines)
    exec(compile(text, "<circuit>", "exec"), names)
    return cast(Callable[..., Any], names["run"])


def _expression(operand: Operand) -> str:
    place, negated = operand
    if not place:
        return "zero" if negated else "ones"
    return f"(v{place} ^ ones)" if negated else f"v{place}"


# --- on arrays ---


@dataclass(frozen=True)
class ArrayCode:
    """What some steps come to, on arrays.

    Attributes:
        run: called with the leaves, an array of unset bits and one of set bits, and the registers; gives the
            arrays of the results, in their order. These are leaves or registers: whoever wants to keep them
            copies them.
        registers: how many arrays it needs to write to.
    """

    run: Callable[[Sequence[Any], CaseBits, CaseBits, Sequence[CaseBits]], tuple[CaseBits, ...]]
    registers: int


def array_code(steps: Steps, operators: dict[str, Any]) -> ArrayCode:
    """The code for some steps, on arrays.

    Every operation writes into a register, which is used again: arrays made anew for each operation cost
    more than the operation, as memory is asked for and given back, and what was in the processor's cache
    is lost.

    Args:
        steps: the steps.
        operators: `and_`, `or_` and `not_` on arrays; the last argument is what they write to.
    """
    writer = _ArrayWriter(steps)
    names = "".join(f"r{number}, " for number in range(writer.size))
    unpacked = [f"({names}) = registers"] if names else []
    if steps.leaves:
        unpacked.append(f"({''.join(f'v{place}, ' for place in steps.leaves)}) = leaves")
    run = _function("leaves, zero, ones, registers", [*unpacked, *writer.lines], dict(operators))
    return ArrayCode(run, writer.size)


class _ArrayWriter:
    """Gives each step a register, and takes it back after its last use."""

    def __init__(self, steps: Steps) -> None:
        self.lines: list[str] = []
        self.size = 0
        self._free: list[int] = []
        self._held: dict[int, int] = {}
        self._last: dict[int, int] = {}
        for number, step in enumerate(steps.order):
            self._last.update((place, number) for place, _ in step.operands)
        self._last.update((place, len(steps.order)) for place, _ in steps.results)
        for number, step in enumerate(steps.order):
            self._step(number, step)
        results = [self._result(place, negated) for place, negated in steps.results]
        self.lines.append(f"return ({''.join(f'{name}, ' for name in results)})")

    def _step(self, number: int, step: CodeStep) -> None:
        spare: list[int] = []
        names: list[str] = []
        for place, negated in step.operands:
            name = self._name(place)
            if negated:
                spare.append(self._complement(name))
                name = f"r{spare[-1]}"
            names.append(name)
        # The first operation reads both of its operands before it writes: their registers may be
        # written to. Those of later ones must not be yet.
        self._release(number, step.operands[:2])
        target = self._take()
        self._held[step.place] = target
        operator = _OPERATORS[step.sign]
        for place, name in enumerate(names[1:]):
            self.lines.append(f"{operator}({f'r{target}' if place else names[0]}, {name}, r{target})")
        self._release(number, step.operands[2:])
        self._free += spare

    def _result(self, place: int, negated: bool) -> str:
        if not place:
            return "zero" if negated else "ones"
        name = self._name(place)
        return f"r{self._complement(name)}" if negated else name

    def _complement(self, name: str) -> int:
        register = self._take()
        self.lines.append(f"not_({name}, r{register})")
        return register

    def _release(self, number: int, operands: Iterable[Operand]) -> None:
        for place, _ in operands:
            if self._last[place] == number and place in self._held:
                self._free.append(self._held.pop(place))

    def _take(self) -> int:
        if self._free:
            return self._free.pop()
        self.size += 1
        return self.size - 1

    def _name(self, place: int) -> str:
        return f"r{self._held[place]}" if place in self._held else f"v{place}"


_OPERATORS = {"&": "and_", "|": "or_"}


# --- from a circuit to steps ---


def steps_of(
    circuit: Circuit,
    literals: Sequence[int],
    known: Iterable[int] = (),
    first: Sequence[int] = (),
) -> Steps:
    """The steps to some literals of a circuit; only what they need is in it.

    Args:
        circuit: the circuit.
        literals: what is asked for.
        known: nodes that are given in addition to the inputs, as if they were such, by their numbers.
        first: inputs that are the first leaves, in this order, needed or not, by their numbers.
    """
    given = set(known)
    needed = _needed(circuit, literals, given)
    inputs = [place for place in needed if place in given or not _made(circuit, place)]
    leaves, opposite = _leaves(circuit, [*first, *inputs])
    turned: set[int] = set()

    def operand(literal: int) -> Operand:
        """A literal, by the leaf that is there, or the node as it is kept."""
        other = opposite.get(literal >> 1)
        if other is not None:
            literal = 2 * other | ~literal & 1
        return literal >> 1, bool(literal & 1) != (literal >> 1 in turned)

    def step(place: int, node: All) -> CodeStep:
        # Each is kept as it is or negated: what is mostly made of negated nodes as the negation.
        against = Counter(operand(literal)[1] for literal in node.literals)
        turn = against[True] > against[False]
        if turn:
            turned.add(place)
        operands = tuple(operand(literal ^ turn) for literal in node.literals)
        return CodeStep(place, "|" if turn else "&", operands)

    steps = [
        step(place, node)
        for place in needed
        if place not in given and isinstance(node := circuit.node(2 * place), All)
    ]
    results = [operand(literal) for literal in literals]
    return Steps(leaves, steps, results, tuple(_leaf(circuit, place) for place in leaves))


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
