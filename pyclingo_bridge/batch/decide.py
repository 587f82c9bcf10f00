"""Decides tables of cases: columns to planes of claims, these to planes of what follows, to a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa

from pyclingo_bridge.batch.columns import CHUNK, Columns, Planes
from pyclingo_bridge.batch.convert import Converter
from pyclingo_bridge.batch.layout import ID, Layout
from pyclingo_bridge.batch.results import Results, Tabulator
from pyclingo_bridge.batch.words import Codes, Plane
from pyclingo_bridge.case import Case, problem_lines
from pyclingo_bridge.decide import Decider, SolverJudge
from pyclingo_bridge.errors import CaseError, EngineError
from pyclingo_bridge.evidence import Verdict
from pyclingo_bridge.missing import MissingSearch, MissingSet
from pyclingo_bridge.problems import case_problems
from pyclingo_bridge.structure import Structure
from pyclingo_bridge.terms import Term, Value, constant
from pyclingo_bridge.vocabulary import Vocabulary

Evaluate: TypeAlias = Callable[[Planes], Results]
"""What makes planes of what follows from those of the claims."""

_REMEMBERED = 100_000
_AT_A_TIME = 24
"""How many planes one code of a row is put together from."""


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
class Judged:
    """Makes planes of what follows by asking the decision rules about each combination once."""

    judge: SolverJudge

    def __call__(self, planes: Planes) -> Results:
        """What follows in rows with these planes, of all claims and requested values."""
        words = planes.words
        codes, found = combinations(planes, planes.bad ^ words.ones)
        held: dict[Term, list[int]] = {}
        for place, one in enumerate(found):
            if one is not None:
                for atom in _atoms(self.judge.of_states(one.inputs, one.requested)):
                    held.setdefault(atom, []).append(place)
        results = {}
        for atom, places in held.items():
            table = [0] * len(found)
            for place in places:
                table[place] = 1
            results[atom] = words.bit(words.looked_up(codes, table), 0)
        return Results(words, results)


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


class Batch:
    """Decides tables of cases by one policy under its readings.

    Attributes:
        layout: the columns.
        columns: reads them.
        converter: makes tables of cases.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        structure: Structure,
        decider: Decider,
        judge: SolverJudge,
        search: Callable[[], MissingSearch],
        evaluate: Evaluate | None = None,
    ) -> None:
        self.layout = Layout.of(vocabulary, decider.topics)
        self.columns = Columns(
            self.layout,
            decider.encoder,
            decider.weigher,
            decider.topics,
            {claim: entry.attribute for claim, entry in structure.claims.items()},
        )
        self.converter = Converter(self.layout, decider.encoder, decider.weigher, decider.topics)
        self._requested = judge.requested
        self._evaluate = evaluate or Judged(judge)
        self._tabulator = Tabulator(structure)
        self._search = search
        self._cheapest = lru_cache(maxsize=_REMEMBERED)(self._first_set)

    def decide(
        self,
        table: pa.Table,
        *,
        statuses: bool = False,
        missing: bool = False,
        arrays: bool | None = None,
    ) -> pa.Table:
        """The decisions on a table's cases; see `Policy.decide_batch`."""
        self.layout.check(table.schema)
        self.layout.several(table.schema)
        schema = self._tabulator.schema(statuses, missing)
        batches = []
        for start in range(0, table.num_rows, CHUNK):
            columns = self._decided(table.slice(start, CHUNK), statuses, missing, arrays)
            batches.append(pa.record_batch([columns[name] for name in schema.names], schema=schema))
        return pa.Table.from_batches(batches, schema)

    def _decided(
        self, rows: pa.Table, statuses: bool, missing: bool, arrays: bool | None
    ) -> dict[str, pa.Array]:
        planes = self.columns.planes(rows, requested=self._requested, arrays=arrays)
        results = self._evaluate(planes)
        fine = planes.bad ^ planes.words.ones
        columns = {ID: _as_text(rows.column(ID)), "error": self._errors(rows, planes)}
        columns |= self._tabulator.columns(results, fine, statuses)
        if missing:
            denied = results.held("outcome", constant("deny"))
            kind = results.held("denial_kind", constant("insufficient_documentation"))
            columns |= self._missing(planes, fine & denied & kind)
        return columns

    def _errors(self, rows: pa.Table, planes: Planes) -> pa.Array:
        """For each row that is no case, what the case reader says of it."""
        places = planes.words.places(planes.bad)
        several = self.layout.several(rows.schema)
        told: list[str | None] = [None] * rows.num_rows if places else []
        for place, row in zip(places, rows.take(places).to_pylist() if places else (), strict=True):
            data = self.layout.case_of_row(row, several)
            lines = problem_lines(case_problems(data, self.layout.vocabulary))
            if not lines:
                raise EngineError(
                    f"row {place} was found to be no case, yet nothing is wrong with it"
                )
            told[place] = "; ".join(lines)
        return pa.array(told, pa.string()) if places else pa.nulls(rows.num_rows, pa.string())

    def _missing(self, planes: Planes, curable: Plane) -> dict[str, pa.Array]:
        """The cheapest missing set of each row that has one."""
        codes, found = combinations(planes, curable)
        sets = [None if one is None else self._cheapest(one.inputs) for one in found]
        places = codes if isinstance(codes, pa.Array) else pa.array(codes)
        texts = pa.list_(pa.string())
        claims = [one and [claim.term for claim in one.claims] for one in sets]
        return {
            "missing_cost": pa.array([one and one.cost for one in sets], pa.int64()).take(places),
            "missing_claims": pa.array(claims, texts).take(places),
            "missing_documents": pa.array([one and one.documents for one in sets], texts).take(
                places
            ),
        }

    def _first_set(self, inputs: frozenset[Term]) -> MissingSet | None:
        return next(self._search().sets(set(inputs)), None)

    def decide_cases(self, texts: Iterable[str | bytes], **wanted: Any) -> pa.Table:
        """The decisions on cases told as JSON; see `Policy.decide_cases`."""
        cases: list[Case] = []
        errors: dict[int, str] = {}
        for place, text in enumerate(texts):
            try:
                case = Case.from_json(text, "case", self.layout.vocabulary)
                self.converter.check(case)
                cases.append(case)
            except CaseError as error:
                errors[place] = "; ".join(error.problems)
        decided = self.decide(self.converter.table(cases), **wanted)
        return _with_errors(decided, errors)


def _with_errors(decided: pa.Table, errors: dict[int, str]) -> pa.Table:
    """The table with a row more at each of these places, of which only the error is told."""
    if not errors:
        return decided
    count = decided.num_rows + len(errors)
    fine = iter(range(decided.num_rows))
    places = pa.array(
        [None if place in errors else next(fine) for place in range(count)], pa.int64()
    )
    columns = [column.combine_chunks().take(places) for column in decided.columns]
    told = columns[-1].to_pylist()
    for place, text in errors.items():
        told[place] = text
    return pa.table([*columns[:-1], pa.array(told, pa.string())], decided.schema)


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    found = column.cast(pa.string()).combine_chunks()
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
