"""A circuit as code for arrays: every operation writes into a register, which is used again.

Arrays made anew for each operation cost more than the operation: memory is asked for and given
back, and what was in the processor's cache is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyclingo_bridge.fast.code import Operand, Plan, Step, Word, function

_OPERATORS = {"&": "and_", "|": "or_"}


@dataclass(frozen=True)
class ArrayCode:
    """What some literals of a circuit come to, on arrays.

    Attributes:
        run: called with the arrays of the plan's leaves, one that is false and one that is true
            everywhere, and the registers; gives the arrays of the literals, in their order. These
            are leaves or registers: whoever wants to keep them copies them.
        registers: how many arrays it needs to write to.
    """

    run: Callable[[Sequence[Word], Word, Word, Sequence[Word]], tuple[Word, ...]]
    registers: int


def array_code(plan: Plan, operators: Mapping[str, Any]) -> ArrayCode:
    """The code for what a plan says is to be done.

    Args:
        plan: the steps to some literals of a circuit.
        operators: `and_`, `or_` and `not_` on arrays; the last argument is what they write to.
    """
    writer = _Writer(plan)
    lines = list(writer.lines())
    names = [f"r{number}" for number in range(writer.size)]
    unpacked = [f"({', '.join(names)},) = registers"] if names else []
    if plan.leaves:
        unpacked.append(f"({''.join(f'v{place}, ' for place in plan.leaves)}) = leaves")
    run = function("leaves, zero, ones, registers", [*unpacked, *lines], dict(operators))
    return ArrayCode(run, writer.size)


class _Writer:
    """Gives each step a register, and takes it back after its last use."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._free: list[int] = []
        self._held: dict[int, int] = {}
        self.size = 0
        self._last: dict[int, int] = {}
        for number, step in enumerate(plan.steps):
            self._last.update((place, number) for place, _ in step.operands)
        self._last.update((place, len(plan.steps)) for place, _ in plan.results)

    def lines(self) -> Iterator[str]:
        """The lines, the last of which returns the results."""
        for number, step in enumerate(self._plan.steps):
            yield from self._step(number, step)
        words: list[str] = []
        for operand in self._plan.results:
            place, negated = operand
            if place and negated:
                register = self._take()
                yield f"not_({self._name(place)}, r{register})"
                words.append(f"r{register}")
            else:
                words.append(self._plain(operand))
        yield f"return ({''.join(f'{word}, ' for word in words)})"

    def _step(self, number: int, step: Step) -> Iterator[str]:
        spare: list[int] = []
        words: list[str] = []
        for place, negated in step.operands:
            if negated:
                spare.append(self._take())
                yield f"not_({self._name(place)}, r{spare[-1]})"
                words.append(f"r{spare[-1]}")
            else:
                words.append(self._name(place))
        # The first operation reads both of its operands before it writes: their registers may be
        # written to. Those of later ones must not be yet.
        self._release(number, [place for place, _ in step.operands[:2]])
        target = self._take()
        self._held[step.place] = target
        operator = _OPERATORS[step.sign]
        yield f"{operator}({words[0]}, {words[1]}, r{target})"
        for word in words[2:]:
            yield f"{operator}(r{target}, {word}, r{target})"
        self._release(number, [place for place, _ in step.operands[2:]])
        self._free += spare

    def _release(self, number: int, places: Sequence[int]) -> None:
        for place in places:
            if self._last[place] == number and place in self._held:
                self._free.append(self._held.pop(place))

    def _take(self) -> int:
        if self._free:
            return self._free.pop()
        self.size += 1
        return self.size - 1

    def _name(self, place: int) -> str:
        return f"r{self._held[place]}" if place in self._held else f"v{place}"

    def _plain(self, operand: Operand) -> str:
        place, negated = operand
        if not place:
            return "zero" if negated else "ones"
        return self._name(place)
