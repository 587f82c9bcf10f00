"""From planes of claims to the columns of an answer: by the compiled policy, or by the solver.

Both give the same. The compiled policy takes every row of a block at once; the solver is asked
once for each combination of states that occurs, and takes policies that cannot be compiled.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from pyclingo_bridge.batch.columns import Planes
from pyclingo_bridge.batch.results import Results as Atoms
from pyclingo_bridge.batch.results import Tabulator
from pyclingo_bridge.batch.words import OPERATORS, Codes, Plane, Words
from pyclingo_bridge.compiled.registers import ArrayCode
from pyclingo_bridge.compiled.results import Bits, Column, Judged, Known, Results
from pyclingo_bridge.decide import SolverJudge
from pyclingo_bridge.evidence import Verdict
from pyclingo_bridge.terms import Term, Value, constant

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
        claims: the claims whose planes it takes; None for all.
        requested: the `value` terms whose planes it takes.
    """

    columns: tuple[str, ...]
    claims: frozenset[Value] | None
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
        self._columns = {
            column.name: column for column in (*results.decided(), *results.statuses())
        }
        self._lock = Lock()
        self._codes: OrderedDict[tuple[tuple[str, ...], Known], _Ready] = OrderedDict()

    def asks(self, columns: Collection[str]) -> Asked:
        """What the planes have to tell for some columns."""
        judged = self._results.judged(self._chosen(columns), Known())
        claims = (atom.args[0] for atom in judged.inputs if atom.name != "value")
        return Asked(
            tuple(columns),
            frozenset(claims),
            frozenset(atom for atom in judged.inputs if atom.name == "value"),
        )

    def _chosen(self, columns: Collection[str]) -> tuple[Column, ...]:
        return tuple(self._columns[name] for name in columns)

    def judge(self, planes: Planes, asked: Asked) -> Judging:
        """What follows in rows with these planes."""
        fine = planes.bad ^ planes.words.ones
        with self._lock:
            found = self._ready(planes, asked).bits(planes)
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

    def _ready(self, planes: Planes, asked: Asked) -> _Ready:
        never = frozenset(
            term for term, plane in planes.requested.items() if plane is planes.words.zeros
        )
        key = (asked.columns, Known(tuple(planes.states.items()), never))
        found = self._codes.get(key)
        if found is None:
            found = _Ready(self._results.judged(self._chosen(asked.columns), key[1]))
            self._codes[key] = found
            if len(self._codes) > _CODES_KEPT:
                self._codes.popitem(last=False)
        else:
            self._codes.move_to_end(key)
        return found


class _Ready:
    """The code for some columns, with the memory that it works in."""

    def __init__(self, judged: Judged) -> None:
        self._judged = judged
        self._registers: list[Any] = []

    @cached_property
    def _code(self) -> ArrayCode:
        return self._judged.on_arrays(OPERATORS)

    def bits(self, planes: Planes) -> list[Bits]:
        """The columns' words; good until the next are asked for."""
        told = {"supported": planes.supported, "refuted": planes.refuted}
        inputs = [
            planes.requested[atom] if atom.name == "value" else told[atom.name][atom.args[0]]
            for atom in self._judged.inputs
        ]
        words = planes.words
        if not words.arrays:
            return self._judged.on_integers(inputs, words.ones)
        if not self._registers or len(self._registers[0]) != len(words.zeros):
            self._registers = [words.zeros.copy() for _ in range(max(self._code.registers, 1))]
        registers = self._registers[: self._code.registers]
        return self._judged.told(self._code.run(inputs, words.zeros, words.ones, registers))


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
    """What some rows have in common: the states of all claims, and what their forms ask for.

    Attributes:
        inputs: the states, as inputs of the decision rules and of the searches.
        requested: the `value` terms.
    """

    inputs: frozenset[Term]
    requested: frozenset[Term]


def combinations(planes: Planes, among: Plane) -> tuple[Codes, list[Combination | None]]:
    """The rows' combinations, numbered, and each one; None for rows that are not looked at."""
    words = planes.words
    claims, terms = list(planes.supported), list(planes.requested)
    told = [plane for claim in claims for plane in (planes.supported[claim], planes.refuted[claim])]
    told += [planes.requested[term] for term in terms]
    columns = [
        words.spread(
            [(p & among, 1 << at) for at, p in enumerate(told[first : first + _AT_A_TIME])]
        )
        for first in range(0, len(told), _AT_A_TIME)
    ]
    codes, found = words.joined([words.spread([(among, 1)]), *columns])
    return codes, [
        _combination(claims, terms, *digits) if seen else None for seen, *digits in found
    ]


def _combination(claims: list[Value], terms: list[Term], *digits: int) -> Combination:
    bits = sum(digit << place * _AT_A_TIME for place, digit in enumerate(digits))
    states = ("open", "established", None, "conflicting")
    inputs = []
    for place, claim in enumerate(claims):
        state = states[bits >> 2 * place & 3]
        if state:
            inputs.append(Term(state, (claim,)))
    rest = bits >> 2 * len(claims)
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
        """What follows in rows with these planes, of all claims and requested values."""
        words = planes.words
        fine = planes.bad ^ words.ones
        codes, found = combinations(planes, fine)
        held: dict[Term, list[int]] = {}
        for place, one in enumerate(found):
            if one is not None:
                for atom in _atoms(self.rules.of_states(one.inputs, one.requested)):
                    held.setdefault(atom, []).append(place)
        results = {}
        for atom, places in held.items():
            table = [0] * len(found)
            for place in places:
                table[place] = 1
            results[atom] = words.bit(words.looked_up(codes, table), 0)
        atoms = Atoms(words, results)
        columns = self.tabulator.columns(atoms, fine, asked.columns)
        curable = atoms.held("outcome", constant("deny")) & atoms.held(
            "denial_kind", constant(_CURABLE)
        )
        return Judging(columns, curable & fine)


def _atoms(verdict: Verdict) -> Iterator[Term]:
    """A verdict as the decision rules' own atoms."""
    yield Term("outcome", (constant(verdict.outcome),))
    if verdict.denial_kind:
        yield Term("denial_kind", (constant(verdict.denial_kind),))
    if verdict.section is not None:
        yield Term("approved_section", (verdict.section,))
        if verdict.approval_months is not None:
            yield Term("months", (verdict.section, verdict.approval_months))
    if verdict.referred is not None:
        yield Term("referred", verdict.referred)
    for section in verdict.routed:
        yield Term("routed", (section,))
    for node, status in verdict.standing.items():
        yield Term("standing", (node, constant(status)))
