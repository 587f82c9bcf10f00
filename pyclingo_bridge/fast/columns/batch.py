"""Decides tables of cases: columns to the statuses of requirements, these to columns of answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from pyclingo_bridge.base.errors import (
    CaseError,
    EngineError,
    TableError,
    listing,
    quoted,
    suggestion,
)
from pyclingo_bridge.base.json_text import read_json
from pyclingo_bridge.base.spelling import FACT
from pyclingo_bridge.base.terms import Term
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.case_problems import case_problems, problem_lines
from pyclingo_bridge.cases.limits import Limits
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.in_force import refuse_other_drug
from pyclingo_bridge.core.judge import Assessor
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.columns.from_cases import table_of
from pyclingo_bridge.fast.columns.judging import Asked, TableJudge, combinations
from pyclingo_bridge.fast.columns.layout import ID, Layout, undictionaried, without_halves
from pyclingo_bridge.fast.columns.planes import Plane
from pyclingo_bridge.fast.columns.results import MISSING, WARNINGS, ResultColumns, cheapest
from pyclingo_bridge.fast.columns.statuses import BLOCK, RowStatuses, StatusReader
from pyclingo_bridge.fast.columns.warnings import RowWarnings
from pyclingo_bridge.fast.weighing import EvidenceMasks

_REMEMBERED = 100_000


class MissingSetFinder(Protocol):
    """Finds missing sets, the cheapest first."""

    def sets(self, inputs: set[Term]) -> Iterator[Any]:
        """The missing sets where requirements have these statuses."""
        ...

    def missing(self, assessment: Assessment) -> Iterable[Any]:
        """The missing sets of a case."""
        ...


class Batch:
    """Decides tables of cases by one policy under its interpretations.

    Args:
        structure: the policy's structure.
        decider: decides single cases.
        judge: makes the judge of tables, from what makes columns of verdicts.
        search: makes what finds missing sets, when first asked.
        warnings: words the warnings of a case.
        evidence: weighs what rows state.
        plan: what a plan knows for all cases.

    Attributes:
        layout: the columns.
    """

    def __init__(
        self,
        structure: Structure,
        decider: Assessor,
        judge: Callable[[ResultColumns], TableJudge],
        search: Callable[[], MissingSetFinder],
        warnings: Callable[[Assessment], tuple[str, ...]],
        evidence: EvidenceMasks,
        plan: PlanFacts | None,
    ) -> None:
        self.layout = Layout.of(structure)
        self._reader = StatusReader(self.layout, structure, decider.encoder, evidence, plan)
        self._plan = plan
        self._decider = decider
        self._structure = structure
        self._results = ResultColumns(structure)
        self._judge = judge(self._results)
        self._search = search
        self._row_warnings = RowWarnings(
            self.layout, structure, self._assessed, warnings, decider, evidence, dated=plan is not None
        )
        self._warnings = warnings
        self._known_rows: dict[str, dict[str, Any]] = {}
        self._first = lru_cache(maxsize=_REMEMBERED)(self._first_set)

    def _assessed(self, case: Case) -> Assessment:
        return self._decider.assess(case, self._plan)

    def table(self, cases: Iterable[Case]) -> pa.Table:
        """The cases as rows; see `Policy.batch_table`."""
        return table_of(cases, self.layout)

    def __reduce__(self) -> str:
        raise TypeError("what decides tables is not sent: send its policy, and ask that for `batch`")

    def decide(
        self,
        table: pa.Table,
        *,
        statuses: bool = False,
        missing: bool = False,
        warnings: bool = False,
        only: Collection[str] | None = None,
        limits: Limits | None = None,
        size: int = BLOCK,
    ) -> pa.Table:
        """The decisions on a table's cases; see `Policy.decide_batch`, and `StateReader.blocks`."""
        if isinstance(table, pa.RecordBatch):
            table = pa.Table.from_batches([table])
        if not isinstance(table, pa.Table):
            raise TableError(f"the table is a {type(table).__name__}; make a pyarrow.Table of it first")
        self.layout.check(table.schema)
        self.layout.several(table.schema)
        table = without_halves(table)
        names = self._judged(statuses, only)
        schema = self._results.schema(names, missing, warnings)
        # The kind of denial shows whether documents are missing.
        asked = self._judge.asks(dict.fromkeys([*names, *(["denial_kind"] if missing else [])]))
        requirements = None if missing else asked.requirements
        batches = []
        try:
            for start, of_rows in self._reader.blocks(
                table, requirements, asked.requested, size=size, warned=warnings
            ):
                rows = table.slice(start, of_rows.planes.rows)
                columns = self._decided(rows, of_rows, asked, missing, limits)
                if warnings:
                    columns[WARNINGS] = self._row_warnings.column(rows, of_rows)
                own = [columns[name] for name in schema.names]
                batches.append(pa.record_batch(own, schema=schema))
        except UnicodeDecodeError:
            raise TableError(_not_text(table)) from None
        return pa.Table.from_batches(batches, schema)

    def _judged(self, statuses: bool, only: Collection[str] | None) -> tuple[str, ...]:
        """The columns of results that are asked for and follow from the rules."""
        known = self._results.judged(statuses or only is not None)
        if only is None:
            return known
        if isinstance(only, str):
            only = (only,)
        for name in only:
            if name not in known:
                raise TableError(
                    f"there is no column {quoted(name)} of results{suggestion(name, known, FACT)} "
                    f"(known: {listing(self._results.judged(False))}, and `status ID`)"
                )
        return tuple(name for name in known if name in only)

    def _decided(
        self, rows: pa.Table, of_rows: RowStatuses, asked: Asked, missing: bool, limits: Limits | None
    ) -> dict[str, pa.Array]:
        judging = self._judge.judge(of_rows, asked)
        columns = {ID: _as_text(rows.column(ID)), "error": self._errors(rows, of_rows, limits)}
        columns |= judging.columns
        if missing:
            columns |= self._missing(rows, of_rows, judging.curable)
        return columns

    def _errors(self, rows: pa.Table, of_rows: RowStatuses, limits: Limits | None) -> pa.Array:
        """For each row that is no case, what the case reader says of it."""
        places = of_rows.planes.places(of_rows.bad)
        if not places:
            return _no_errors(rows.num_rows)
        several = self.layout.several(rows.schema)
        errors: list[str | None] = [None] * rows.num_rows
        vocabulary = self.layout.vocabulary
        for place, row in zip(places, rows.take(places).to_pylist(), strict=True):
            lines = self._problems(row, several, limits or vocabulary.limits)
            if not lines:
                raise EngineError(f"row {place} was found to be no case, yet nothing is wrong with it")
            errors[place] = "; ".join(lines)
        return pa.array(errors, pa.string())

    def _problems(self, row: Mapping[str, Any], several: Collection[str], limits: Limits) -> list[str]:
        """What is wrong with a row."""
        data = self.layout.case_of_row(row, several)
        problems = [
            *self.layout.row_problems(row, several),
            *case_problems(data, self.layout.vocabulary),
        ]
        if problems:
            return list(map(str, problem_lines(problems, limits)))
        case = Case.of_checked(data, self.layout.vocabulary)
        try:
            refuse_other_drug(case, self._structure)
            case.statements(self.layout.vocabulary, self._plan)
        except CaseError as error:
            return list(error.problems)
        return []

    def _missing(self, rows: pa.Table, of_rows: RowStatuses, curable: Plane) -> dict[str, pa.Array]:
        """The cheapest missing set of each row that has one."""
        planes = of_rows.planes
        codes, each = combinations(of_rows, curable & (of_rows.unread ^ planes.ones))
        sets = [cheapest(one and self._first(one.inputs)) for one in each]
        # What unknown names take is told by no statuses: such a row is looked at as its case.
        places = planes.places(curable & of_rows.unread)
        if places:
            several = self.layout.several(rows.schema)
            own = [self._first_of_row(row, several) for row in rows.take(places).to_pylist()]
            numbers = np.array(codes)
            numbers[places] = np.arange(len(sets), len(sets) + len(own))
            codes, sets = pa.array(numbers), [*sets, *own]
        return {name: self._results.column(name, sets).take(codes) for name in MISSING}

    def _first_of_row(self, row: Mapping[str, Any], several: Collection[str]) -> dict[str, Any]:
        """The columns of the cheapest missing set of a row, as of its case."""
        key = repr([value for name, value in row.items() if name != ID])
        if key not in self._known_rows:
            if len(self._known_rows) >= _REMEMBERED:
                self._known_rows.clear()
            case = Case.of_checked(self.layout.case_of_row(row, several), self.layout.vocabulary)
            found = self._search().missing(self._assessed(case))
            self._known_rows[key] = cheapest(next(iter(found), None))
        return self._known_rows[key]

    def _first_set(self, inputs: frozenset[Term]) -> Any:
        return next(self._search().sets(set(inputs)), None)

    def decide_cases(
        self,
        texts: Iterable[str | bytes],
        *,
        statuses: bool = False,
        missing: bool = False,
        warnings: bool = False,
        limits: Limits | None = None,
    ) -> pa.Table:
        """The decisions on cases given as JSON; see `Policy.decide_cases`."""
        schema = self._results.schema(self._results.judged(statuses), missing, warnings)
        read = [self._read(text, limits) for text in texts]
        self._learn(one for one in read if isinstance(one, Case))
        rows = [
            self._answered(one, statuses, missing, warnings) if isinstance(one, Case) else one for one in read
        ]
        columns = [
            pa.array([row.get(field.name) for row in rows], undictionaried(field.type)) for field in schema
        ]
        return pa.table(columns, names=schema.names).cast(schema)

    def _learn(self, cases: Iterable[Case]) -> None:
        """Draw the conclusions from the details of all these cases at once."""
        vocabulary = self.layout.vocabulary
        details = vocabulary.details.keys()
        documents = (document for case in cases for document in case.documents)
        stated = (document.states for document in documents if details & document.states.keys())
        vocabulary.conclusions.learn(stated, vocabulary.all)

    def _read(self, text: str | bytes, limits: Limits | None) -> Case | dict[str, Any]:
        """The case in a text, or the row that says why it is none."""
        try:
            return Case.from_json(text, "case", self.layout.vocabulary, limits)
        except CaseError as error:
            return {ID: _own_id(text), "error": _writable("; ".join(error.problems))}

    def _answered(self, case: Case, statuses: bool, missing: bool, warnings: bool) -> dict[str, Any]:
        """A case's row; where nothing can be concluded from its details, the row that says so."""
        try:
            return self._row(case, statuses, missing, warnings)
        except CaseError as error:
            return {ID: case.id, "error": _writable("; ".join(error.problems))}

    def _row(self, case: Case, statuses: bool, missing: bool, warnings: bool) -> dict[str, Any]:
        """A case by itself, as a row: it may hold more than a row of a table can."""
        assessment = self._assessed(case)
        row = {ID: case.id, **self._results.row(assessment.verdict, statuses)}
        if missing:
            row |= cheapest(next(iter(self._search().missing(assessment)), None))
        if warnings:
            row[WARNINGS] = [_writable(text) for text in self._warnings(assessment)] or None
        return row


def _not_text(table: pa.Table) -> str:
    """Which columns hold bytes that Arrow takes for texts, unseen."""
    names = []
    for name in table.column_names:
        try:
            table.column(name).validate(full=True)
        except pa.ArrowInvalid:
            names.append(name)
    return f"bytes that are no UTF-8 text in {listing(names)}; mend or empty these cells"


def _own_id(text: str | bytes) -> str | None:
    """The id of what is no case, where it has one that can be read."""
    try:
        data = read_json(text)
    except ValueError:
        return None
    name = data.get(ID) if isinstance(data, dict) else None
    return _writable(name) if isinstance(name, str) else None


def _writable(text: str) -> str:
    """A text as it can be written: half a character, which JSON can hold, is a `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=16)
def _no_errors(rows: int) -> pa.Array:
    return pa.nulls(rows, pa.string())


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    if column.type == pa.string() and column.num_chunks == 1:
        return column.chunk(0)
    found = column.cast(pa.string()).combine_chunks()
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
