"""From planes of requirements to the columns of an answer: by the compiled policy, or by the solver.

Both give the same. The compiled policy takes every row of a block at once; the solver is asked
once for each combination of states that occurs, and takes policies that cannot be compiled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from pyclingo_bridge.base.forks import Guard
from pyclingo_bridge.core.judge import SolverJudge
from pyclingo_bridge.core.terms import Term, Value
from pyclingo_bridge.fast.columns.columns import Planes
from pyclingo_bridge.fast.columns.results import Tabulator
from pyclingo_bridge.fast.columns.words import OPERATORS, Plane, Words
from pyclingo_bridge.fast.registers import ArrayCode
from pyclingo_bridge.fast.results import Bits, Judged, Known, Results

_AT_A_TIME = 24
"""How many planes one code of a row is put together from."""
_CODES_KEPT = 64
_CURABLE = "insufficient_documentation"


class Judging(NamedTuple):
    """What follows in some rows.

    Attributes:
        columns: the columns of the answer, by name; null in rows that are no cases.
        curable: the rows that are denied for want of documents, if that was asked for.
    """

    columns: Mapping[str, pa.Array]
    curable: Plane


class Asked(NamedTuple):
    """What is asked of rows.

    Attributes:
        columns: the names of the columns of the answer.
        requirements: the requirements whose planes it takes; None for all.
        requested: the `value` terms whose planes it takes.
    """

    columns: tuple[str, ...]
    requirements: frozenset[Value] | None
    requested: frozenset[Term]


class Judges(Protocol):
    """Makes columns of planes."""

    def asks(self, columns: Collection[str]) -> Asked:
        """What the planes have to tell for some columns."""
        ...

    def judge(self, planes: Planes, asked: Asked) -> Judging:
        """What follows in rows with these planes."""
        ...


class ByCircuit:
    """Judges by the compiled policy."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._columns = {column.name: column for column in (*results.decided(), *results.statuses())}
        self._lock = Guard()
        self._ready = lru_cache(maxsize=_CODES_KEPT)(self._made)

    def asks(self, columns: Collection[str]) -> Asked:
        """What the planes have to tell for some columns."""
        names = tuple(columns)
        inputs = self._ready(names, Known()).judged.inputs
        requirements = (atom.args[0] for atom in inputs if atom.name != "value")
        values = (atom for atom in inputs if atom.name == "value")
        return Asked(names, frozenset(requirements), frozenset(values))

    def _made(self, columns: tuple[str, ...], known: Known) -> _Ready:
        return _Ready(self._results.judged(tuple(self._columns[name] for name in columns), known))

    def judge(self, planes: Planes, asked: Asked) -> Judging:
        """What follows in rows with these planes."""
        fine = planes.bad ^ planes.words.ones
        known = _known(planes)
        with self._lock:
            found = self._ready(asked.columns, known).bits(planes)
            columns = {bits.column.name: _array(planes.words, bits, fine) for bits in found}
            curable = next(self._curable(planes, found), planes.words.zeros) & fine
        return Judging(columns, curable)

    @staticmethod
    def _curable(planes: Planes, found: list[Bits]) -> Iterator[Plane]:
        for bits in found:
            if bits.column.name == "denial_kind":
                number = bits.column.values.index(_CURABLE)
                plane = bits.there
                for place, word in enumerate(bits.bits):
                    plane = plane & (word if number >> place & 1 else word ^ planes.words.ones)
                yield plane


def _known(planes: Planes) -> Known:
    never = (term for term, plane in planes.requested.items() if plane is planes.words.zeros)
    return Known(tuple(planes.states.items()), frozenset(never))


class _Ready:
    """The code for some columns, with the memory that it works in."""

    def __init__(self, judged: Judged) -> None:
        self.judged = judged
        self._registers: list[Any] = []

    @cached_property
    def _code(self) -> ArrayCode:
        return self.judged.on_arrays(OPERATORS)

    def bits(self, planes: Planes) -> list[Bits]:
        """The columns' words; good until the next are asked for."""
        told = {"supported": planes.supported, "refuted": planes.refuted}
        inputs = [
            planes.requested[atom] if atom.name == "value" else told[atom.name][atom.args[0]]
            for atom in self.judged.inputs
        ]
        words = planes.words
        if not words.arrays:
            return self.judged.on_integers(inputs, words.ones)
        if not self._registers or len(self._registers[0]) != len(words.zeros):
            self._registers = [words.zeros.copy() for _ in range(max(self._code.registers, 1))]
        registers = self._registers[: self._code.registers]
        return self.judged.told(self._code.run(inputs, words.zeros, words.ones, registers))


def _array(words: Words, bits: Bits, fine: Plane) -> pa.Array:
    """A column, null where a row has no value, or is no case."""
    count = len(bits.column.values)
    numbers = words.numbered(bits.bits, bits.there & fine, count)
    if bits.column.numbers:
        return pa.array(bits.column.values, pa.int16()).take(numbers)
    # The numbers are places in the list by how the columns are made: to check them takes longest.
    return pa.DictionaryArray.from_arrays(numbers, _texts(bits.column.values), safe=False)


@lru_cache(maxsize=1024)
def _texts(values: tuple[str | int, ...]) -> pa.Array:
    return pa.array(list(values), pa.string())


class Combination(NamedTuple):
    """What some rows have in common: the states of all requirements, and what their forms ask for.

    Attributes:
        inputs: the states, as inputs of the decision rules and of the searches.
        requested: the `value` terms.
    """

    inputs: frozenset[Term]
    requested: frozenset[Term]


def combinations(planes: Planes, among: Plane) -> tuple[pa.Array, list[Combination | None]]:
    """The rows' combinations, numbered, and each one; None for rows that are not looked at."""
    words = planes.words
    requirements, terms = list(planes.supported), list(planes.requested)
    told = [
        plane
        for requirement in requirements
        for plane in (planes.supported[requirement], planes.refuted[requirement])
    ]
    told += [planes.requested[term] for term in terms]
    columns = [
        words.spread([(p & among, 1 << at) for at, p in enumerate(told[first : first + _AT_A_TIME])])
        for first in range(0, len(told), _AT_A_TIME)
    ]
    codes, found = words.joined([words.spread([(among, 1)]), *columns])
    numbers = codes if isinstance(codes, pa.Array) else pa.array(codes)
    return numbers, [_combination(requirements, terms, *digits) if seen else None for seen, *digits in found]


def _combination(requirements: list[Value], terms: list[Term], *digits: int) -> Combination:
    bits = sum(digit << place * _AT_A_TIME for place, digit in enumerate(digits))
    states = ("undocumented", "met", None, "conflicting")
    inputs = []
    for place, requirement in enumerate(requirements):
        state = states[bits >> 2 * place & 3]
        if state:
            inputs.append(Term(state, (requirement,)))
    rest = bits >> 2 * len(requirements)
    given = (term for place, term in enumerate(terms) if rest >> place & 1)
    return Combination(frozenset(inputs), frozenset(given))


@dataclass(frozen=True)
class BySolver:
    """Judges by asking the decision rules about each combination once.

    Attributes:
        rules: asks them.
        tabulator: makes columns of what they say.
    """

    rules: SolverJudge
    tabulator: Tabulator

    def asks(self, columns: Collection[str]) -> Asked:
        """What the planes have to tell for some columns: all that there is."""
        return Asked(tuple(columns), None, self.rules.requested)

    def judge(self, planes: Planes, asked: Asked) -> Judging:
        """What follows in rows with these planes, of all requirements and requested values."""
        words = planes.words
        codes, found = combinations(planes, planes.bad ^ words.ones)
        verdicts = [one and self.rules.of_states(*one) for one in found]
        rows = [{} if one is None else self.tabulator.row(one, statuses=True) for one in verdicts]
        columns = {name: self.tabulator.column(name, rows).take(codes) for name in asked.columns}
        curable = pa.array([int(bool(one and one.curable)) for one in verdicts], pa.uint8())
        return Judging(columns, words.bit(words.codes(curable.take(codes)), 0))
