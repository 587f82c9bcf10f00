"""A circuit as straight-line code: one bitwise operation after another, on words of any kind.

A word has a bit for each case. It is a Python integer, or an array of machine words; `&`, `|` and
`^` work on both. The code is made from the circuit's own numbers, never from a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pyclingo_bridge.compiled.circuit import FALSE, TRUE, All, Circuit, Given, Look

Word: TypeAlias = Any
"""A bit for each case."""


@dataclass(frozen=True)
class Code:
    """What some literals of a circuit come to.

    Attributes:
        leaves: what has to be given, in this order: inputs, or numbers of nodes that are known.
        run: called with the words of the leaves, one that is false and one that is true
            everywhere; gives the words of the literals, in their order.
        operations: how many bitwise operations that takes.
    """

    leaves: tuple[Look | Given | int, ...]
    run: Callable[[Sequence[Word], Word, Word], tuple[Word, ...]]
    operations: int


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
    given = set(known)
    needed = _needed(circuit, literals, given)
    inputs = [place for place in needed if place in given or not _made(circuit, place)]
    leaves, opposite = _leaves(circuit, [*first, *inputs])
    writer = _Writer(circuit, needed, given, opposite)
    names = [f"v{place}" for place in leaves]
    lines = [f"({', '.join(names)},) = leaves"] if names else []
    lines += writer.lines()
    lines.append(f"return ({''.join(writer.word(literal) + ', ' for literal in literals)})")
    text = "def run(leaves, zero, ones):\n" + "".join(f"    {line}\n" for line in lines)
    space: dict[str, Any] = {}
    exec(compile(text, "<circuit>", "exec"), space)
    return Code(tuple(_leaf(circuit, place) for place in leaves), space["run"], writer.operations)


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


class _Writer:
    """Writes the nodes as lines. Each is kept as it is or negated, whichever needs fewer negations."""

    def __init__(
        self,
        circuit: Circuit,
        needed: Sequence[int],
        given: set[int],
        opposite: Mapping[int, int],
    ) -> None:
        self._circuit = circuit
        self._opposite = opposite
        self._needed = [place for place in needed if place not in given]
        self._negated: set[int] = set()
        self.operations = 0

    def lines(self) -> Iterator[str]:
        """One line for each node that is a conjunction."""
        for place in self._needed:
            node = self._circuit.node(2 * place)
            if isinstance(node, All):
                yield f"v{place} = {self._joined(place, node)}"

    def _joined(self, place: int, node: All) -> str:
        # A conjunction of what is mostly kept negated is kept as the negation, an alternative.
        against = Counter(self._is_negated(self._kept(literal)) for literal in node.literals)
        turned = against[True] > against[False]
        if turned:
            self._negated.add(place)
        self.operations += len(node.literals) - 1
        sign = " | " if turned else " & "
        return sign.join(self.word(literal ^ turned) for literal in node.literals)

    def _kept(self, literal: int) -> int:
        """The literal, by the leaf that is there."""
        other = self._opposite.get(literal >> 1)
        return literal if other is None else 2 * other | ~literal & 1

    def _is_negated(self, literal: int) -> bool:
        return bool(literal & 1) != (literal >> 1 in self._negated)

    def word(self, literal: int) -> str:
        """The word of a literal, negated where it is not kept so."""
        if literal in (TRUE, FALSE):
            return "zero" if literal else "ones"
        literal = self._kept(literal)
        name = f"v{literal >> 1}"
        if not self._is_negated(literal):
            return name
        self.operations += 1
        return f"({name} ^ ones)"
