"""From the statuses of requirements to the columns of an answer: by the compiled policy, or by the solver.

Both give the same. The compiled policy takes every row of a block at once; the solver is asked
once for each combination of statuses that occurs, and takes policies that cannot be compiled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

import pyarrow as pa

from pyclingo_bridge.base.forks import Guard
from pyclingo_bridge.base.terms import Term, Value
from pyclingo_bridge.core.judge import SolverJudge
from pyclingo_bridge.fast.columns.compiled_answers import AnswerBits, AnswerCode, CompiledAnswers, KnownStatuses
from pyclingo_bridge.fast.columns.planes import BitPlanes, Plane
from pyclingo_bridge.fast.columns.results import ResultColumns
from pyclingo_bridge.fast.columns.statuses import RowStatuses

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


class TableJudge(Protocol):
    """Makes columns of answers of the statuses of requirements."""

    def asks(self, columns: Collection[str]) -> Asked:
        """What is needed of the statuses for some columns."""
        ...

    def judge(self, statuses: RowStatuses, asked: Asked) -> Judging:
        """What follows in rows with these statuses."""
        ...


class CompiledTableJudge:
    """Judges by the compiled policy."""

    def __init__(self, answers: CompiledAnswers) -> None:
        self._answers = answers
        self._columns = {column.name: column for column in (*answers.decided(), *answers.statuses())}
        self._lock = Guard()
        self._code = lru_cache(maxsize=_CODES_KEPT)(self._made)

    def _made(self, columns: tuple[str, ...], known: KnownStatuses) -> AnswerCode:
        return self._answers.code(tuple(self._columns[name] for name in columns), known)

    def asks(self, columns: Collection[str]) -> Asked:
        """What is needed of the statuses for some columns."""
        names = tuple(columns)
        inputs = self._code(names, KnownStatuses()).inputs
        requirements = (atom.args[0] for atom in inputs if atom.name != "value")
        values = (atom for atom in inputs if atom.name == "value")
        return Asked(names, frozenset(requirements), frozenset(values))

    def judge(self, statuses: RowStatuses, asked: Asked) -> Judging:
        """What follows in rows with these statuses."""
        planes = statuses.planes
        fine = statuses.bad ^ planes.ones
        never = (term for term, plane in statuses.requested.items() if plane is planes.zeros)
        known = KnownStatuses(tuple(statuses.possible.items()), frozenset(never))
        sources = {"supported": statuses.supported, "refuted": statuses.refuted}
        with self._lock:
            code = self._code(asked.columns, known)
            inputs = [
                statuses.requested[atom] if atom.name == "value" else sources[atom.name][atom.args[0]]
                for atom in code.inputs
            ]
            answers = code.run(inputs, planes.zeros, planes.ones)
            columns = {bits.column.name: _array(planes, bits, fine) for bits in answers}
            curable = planes.zeros
            for bits in answers:
                if bits.column.name == "denial_kind":
                    curable = _holding(planes, bits, _CURABLE) & fine
        return Judging(columns, curable)


def _holding(planes: BitPlanes, bits: AnswerBits, value: str) -> Plane:
    """The rows that have a value in a column."""
    number = bits.column.values.index(value)
    rows = bits.there
    for place, plane in enumerate(bits.bits):
        rows = rows & (plane if number >> place & 1 else plane ^ planes.ones)
    return rows


def _array(planes: BitPlanes, bits: AnswerBits, fine: Plane) -> pa.Array:
    """A column, null where a row has no value, or is no case."""
    count = len(bits.column.values)
    numbers = planes.numbers(bits.bits, bits.there & fine, count)
    if bits.column.numbers:
        return pa.array(bits.column.values, pa.int16()).take(numbers)
    # The numbers are places in the list by how the columns are made: to check them takes longest.
    return pa.DictionaryArray.from_arrays(numbers, _texts(bits.column.values), safe=False)


@lru_cache(maxsize=1024)
def _texts(values: tuple[str | int, ...]) -> pa.Array:
    return pa.array(list(values), pa.string())


class Combination(NamedTuple):
    """What some rows have in common: the statuses of all requirements, and what their forms ask for.

    Attributes:
        inputs: the statuses, as inputs of the decision rules and of the searches.
        requested: the `value` terms.
    """

    inputs: frozenset[Term]
    requested: frozenset[Term]


def combinations(statuses: RowStatuses, among: Plane) -> tuple[pa.Array, list[Combination | None]]:
    """The rows' combinations, numbered, and each one; None for rows that are not looked at."""
    planes = statuses.planes
    requirements, terms = list(statuses.supported), list(statuses.requested)
    each = [
        plane
        for requirement in requirements
        for plane in (statuses.supported[requirement], statuses.refuted[requirement])
    ]
    each += [statuses.requested[term] for term in terms]
    columns = [
        planes.sums([(plane & among, 1 << at) for at, plane in enumerate(each[first : first + _AT_A_TIME])])
        for first in range(0, len(each), _AT_A_TIME)
    ]
    codes, digits = planes.combined([planes.sums([(among, 1)]), *columns])
    return pa.array(codes), [
        _combination(requirements, terms, rest) if seen else None for seen, *rest in digits
    ]


def _combination(requirements: list[Value], terms: list[Term], digits: list[int]) -> Combination:
    bits = sum(digit << place * _AT_A_TIME for place, digit in enumerate(digits))
    statuses = ("undocumented", "met", None, "conflicting")
    inputs = []
    for place, requirement in enumerate(requirements):
        status = statuses[bits >> 2 * place & 3]
        if status:
            inputs.append(Term(status, (requirement,)))
    rest = bits >> 2 * len(requirements)
    given = (term for place, term in enumerate(terms) if rest >> place & 1)
    return Combination(frozenset(inputs), frozenset(given))


@dataclass(frozen=True)
class SolverTableJudge:
    """Judges by asking the decision rules about each combination once.

    Attributes:
        rules: asks them.
        results: makes columns of what they say.
    """

    rules: SolverJudge
    results: ResultColumns

    def asks(self, columns: Collection[str]) -> Asked:
        """What is needed of the statuses for some columns: everything."""
        return Asked(tuple(columns), None, self.rules.requested)

    def judge(self, statuses: RowStatuses, asked: Asked) -> Judging:
        """What follows in rows with these statuses, of all requirements and requested values."""
        planes = statuses.planes
        codes, each = combinations(statuses, statuses.bad ^ planes.ones)
        verdicts = [one and self.rules.of_statuses(*one) for one in each]
        rows = [{} if one is None else self.results.row(one, statuses=True) for one in verdicts]
        columns = {name: self.results.column(name, rows).take(codes) for name in asked.columns}
        curable = pa.array([int(bool(one and one.curable)) for one in verdicts], pa.uint8())
        return Judging(columns, planes.bit(planes.codes(curable.take(codes)), 0))
