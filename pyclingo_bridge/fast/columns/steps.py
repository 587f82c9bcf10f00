"""What is to be done to columns, written down once and then done to one block of rows after another.

A `Sketch` holds planes as `Words` do, but of rows that are not looked at yet: its planes are steps.
A `Tape` takes the steps that some planes need, each once, in memory that is used over and over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from pyclingo_bridge.fast.columns.words import ARRAYS, ArrayWords, Plane

if ARRAYS:
    import numpy as np


class Step:
    """A plane to be made: of a column, or of two other planes."""

    __slots__ = ("args", "kind", "sketch")

    def __init__(self, sketch: Sketch, kind: str, args: tuple[Any, ...]) -> None:
        self.sketch = sketch
        self.kind = kind
        self.args = args

    def __and__(self, other: Step) -> Step:
        return self.sketch.both(self, other)

    def __or__(self, other: Step) -> Step:
        return self.sketch.either(self, other)

    def __xor__(self, other: Step) -> Step:
        return self.sketch.unlike(self, other)


class Sketch(ArrayWords):
    """Steps for the rows of one array each column, all of the same length.

    Only what needs no look at the rows can be written down: flags, small dictionaries, numbers.
    """

    def __init__(self, rows: int) -> None:
        super().__init__(0)
        self.rows = rows
        self._known: dict[tuple[Any, ...], Step] = {}
        self._columns: list[Any] = []
        self.zeros: Step = self._step("zeros")
        self.ones: Step = self._step("ones")

    def _step(self, kind: str, *args: Any) -> Step:
        key = (kind, *(arg if isinstance(arg, int) else id(arg) for arg in args))
        if key not in self._known:
            self._known[key] = Step(self, kind, args)
        return self._known[key]

    def both(self, one: Step, other: Step) -> Step:
        """The rows in both."""
        if self.zeros in (one, other):
            return self.zeros
        if one is self.ones:
            return other
        if one is other or other is self.ones:
            return one
        return self._step("and", *self._pair(one, other))

    def either(self, one: Step, other: Step) -> Step:
        """The rows in either."""
        if self.ones in (one, other):
            return self.ones
        if one is self.zeros:
            return other
        if one is other or other is self.zeros:
            return one
        return self._step("or", *self._pair(one, other))

    def unlike(self, one: Step, other: Step) -> Step:
        """The rows in just one of them."""
        if one is other:
            return self.zeros
        if self.zeros in (one, other):
            return other if one is self.zeros else one
        if self.ones in (one, other):
            turned = other if one is self.ones else one
            if turned.kind != "not":
                return self._step("not", turned)
            (inner,) = turned.args
            assert isinstance(inner, Step)
            return inner
        return self._step("xor", *self._pair(one, other))

    @staticmethod
    def _pair(one: Step, other: Step) -> tuple[Step, Step]:
        return (one, other) if id(one) < id(other) else (other, one)

    def bitmap(self, buffer: pa.Buffer, offset: int) -> Plane:
        """The plane that Arrow keeps as bits, from the bit `offset` on."""
        self._columns.append(buffer)
        return self._step("bitmap", buffer, offset)

    def small(self, codes: Any) -> Any:
        """The codes as they are: what is done to them comes later."""
        return codes

    def bit(self, codes: Any, place: int) -> Plane:
        """The rows in whose code a bit is set."""
        self._columns.append(codes)
        return self._step("bit", codes, place)

    def at_least(self, codes: Any, bound: int, likely: bool | None = None) -> Plane:
        """The rows whose code is not below a bound."""
        known = self.beyond(codes, bound)
        if known is not None:
            return known
        self._columns.append(codes)
        return self._step("at_least", codes, bound, likely)


class _Operation(NamedTuple):
    """One plane made of two others, or of a column, and the place that it takes."""

    make: Any
    one: int
    other: int
    place: int
    done: tuple[int, ...]


class Tape:
    """The steps that some planes need, in order, each with a place that others had before."""

    def __init__(self, sketch: Sketch, wanted: Iterable[Step]) -> None:
        """Take the sketch, which holds on to the columns, and the planes to make."""
        self._sketch = sketch
        self._wanted = list(dict.fromkeys(wanted))
        order = list(dict.fromkeys(step for plane in self._wanted for step in _needed(plane)))
        last = {arg: at for at, step in enumerate(order) for arg in _inputs(step)}
        last |= dict.fromkeys(self._wanted, len(order))
        self._places: dict[Step, int] = {}
        self._operations: list[_Operation] = []
        self._kept: list[int] = []
        count, free = 0, list[int]()
        for at, step in enumerate(order):
            inputs = _inputs(step)
            over = [arg for arg in dict.fromkeys(inputs) if last[arg] == at]
            # What a column gives comes in memory of its own; what is combined takes a kept place.
            free += [self._places[arg] for arg in over if _inputs(arg)]
            if inputs and free:
                place = free.pop()
            else:
                place, count = count, count + 1
                self._kept += [place] if inputs else []
            self._places[step] = place
            places = [self._places[arg] for arg in inputs]
            make = _UFUNCS[step.kind] if inputs else step
            done = tuple(self._places[arg] for arg in over if not _inputs(arg))
            ends = (places[0], places[-1]) if places else (-1, -1)
            self._operations.append(_Operation(make, *ends, place, done))
        self._registers: list[Any] = [None] * count

    def run(self, words: ArrayWords, start: int) -> dict[Step, Plane]:
        """The planes of the rows from `start` on; good until the next run.

        Args:
            words: how planes of so many rows are held: the same for every run.
            start: the first of the rows.
        """
        registers, invert = self._registers, np.invert
        small: dict[int, Any] = {}
        for place in self._kept:
            if registers[place] is None:
                registers[place] = words.zeros.copy()
        for make, one, other, place, done in self._operations:
            if one < 0:
                registers[place] = _made(make, words, start, small)
            elif make is invert:
                invert(registers[one], registers[place])
            else:
                make(registers[one], registers[other], registers[place])
            for free in done:
                registers[free] = None
        return {step: registers[self._places[step]] for step in self._wanted}


def _inputs(step: Step) -> tuple[Step, ...]:
    return step.args if step.kind in _UFUNCS else ()


def _needed(step: Step) -> Iterator[Step]:
    """All that a step needs, and at last itself."""
    for arg in _inputs(step):
        yield from _needed(arg)
    yield step


def _made(step: Step, words: ArrayWords, start: int, small: dict[int, Any]) -> Plane:
    """A plane made of a column's rows; `small` are the columns' codes in eight bits, once made."""
    if step.kind == "zeros":
        return words.zeros
    if step.kind == "ones":
        return words.ones
    if step.kind == "bitmap":
        buffer, offset = step.args
        return words.bitmap(buffer, offset + start)
    codes = step.args[0][start : start + words.rows]
    if step.kind == "bit":
        key = id(step.args[0])
        if key not in small:
            small[key] = words.small(codes)
        return words.bit(small[key], step.args[1])
    return words.at_least(codes, *step.args[1:])


_UFUNCS: dict[str, Any] = (
    {} if not ARRAYS else {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor, "not": np.invert}
)
