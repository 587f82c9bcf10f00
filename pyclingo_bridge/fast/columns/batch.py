"""Decides tables of cases: columns to planes of requirements, these to planes of what follows, to a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Any

import pyarrow as pa

from pyclingo_bridge.base.errors import (
    CaseError,
    EngineError,
    TableError,
    listing,
    quoted,
    suggestion,
)
from pyclingo_bridge.base.spelling import FACT
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.case import Case, problem_lines, read_json
from pyclingo_bridge.core.case_problems import case_problems
from pyclingo_bridge.core.judge import Assessor
from pyclingo_bridge.core.limits import Limits
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.core.terms import Term
from pyclingo_bridge.core.vocabulary import Vocabulary
from pyclingo_bridge.fast.columns.columns import CHUNK, Columns, Planes
from pyclingo_bridge.fast.columns.convert import Converter
from pyclingo_bridge.fast.columns.judging import Asked, Judges, combinations
from pyclingo_bridge.fast.columns.layout import ID, Layout, undictionaried, without_halves
from pyclingo_bridge.fast.columns.notices import Notices
from pyclingo_bridge.fast.columns.results import MISSING, WARNINGS, Tabulator, cheapest
from pyclingo_bridge.fast.columns.words import Plane
from pyclingo_bridge.questions.missing import MissingSearch, MissingSet

_REMEMBERED = 100_000


class Batch:
    """Decides tables of cases by one policy under its interpretations.

    Attributes:
        layout: the columns.
        columns: reads them.
        converter: makes tables of cases.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        structure: Structure,
        decider: Assessor,
        judges: Callable[[Tabulator], Judges],
        search: Callable[[], MissingSearch],
        warnings: Callable[[Assessment], tuple[str, ...]],
    ) -> None:
        self.layout = Layout.of(vocabulary, decider.topics)
        self.columns = Columns(
            self.layout,
            decider.encoder,
            decider.weigher,
            decider.topics,
            {requirement: entry.attribute for requirement, entry in structure.requirements.items()},
        )
        self.converter = Converter(self.layout, decider.encoder, decider.weigher, decider.topics)
        self._decider = decider
        self._tabulator = Tabulator(structure)
        self._judges = judges(self._tabulator)
        self._search = search
        self._notices = Notices(self.layout, decider, warnings)
        self._warnings = warnings
        self._first = lru_cache(maxsize=_REMEMBERED)(self._first_set)

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
        arrays: bool | None = None,
        size: int = CHUNK,
    ) -> pa.Table:
        """The decisions on a table's cases; see `Policy.decide_batch`, and `Columns.blocks`."""
        if isinstance(table, pa.RecordBatch):
            table = pa.Table.from_batches([table])
        if not isinstance(table, pa.Table):
            raise TableError(f"is a {type(table).__name__}; make a pyarrow.Table of it first")
        self.layout.check(table.schema)
        self.layout.several(table.schema)
        table = without_halves(table)
        told = self._told(statuses, only)
        schema = self._tabulator.schema(told, missing, warnings)
        # Whether documents are missing is told of the kind of denial.
        asked = self._judges.asks(dict.fromkeys([*told, *(["denial_kind"] if missing else [])]))
        requirements = None if missing else asked.requirements
        blocks = self.columns.blocks(
            table, requirements, asked.requested, arrays=arrays, size=size, warned=warnings
        )
        batches = []
        try:
            for start, planes in blocks:
                rows = table.slice(start, planes.words.rows)
                columns = self._decided(rows, planes, asked, missing, limits)
                if warnings:
                    columns[WARNINGS] = self._notices.column(rows, planes)
                own = [columns[name] for name in schema.names]
                batches.append(pa.record_batch(own, schema=schema))
        except UnicodeDecodeError:
            raise TableError(_not_text(table)) from None
        return pa.Table.from_batches(batches, schema)

    def _told(self, statuses: bool, only: Collection[str] | None) -> tuple[str, ...]:
        known = self._tabulator.judged(statuses or only is not None)
        if only is None:
            return known
        if isinstance(only, str):
            only = (only,)
        for name in only:
            if name not in known:
                raise TableError(
                    f"no column {quoted(name)} of results{suggestion(name, known, FACT)} "
                    f"(known: {listing(self._tabulator.judged(False))}, and `status ID`)"
                )
        return tuple(name for name in known if name in only)

    def _decided(
        self, rows: pa.Table, planes: Planes, asked: Asked, missing: bool, limits: Limits | None
    ) -> dict[str, pa.Array]:
        found = self._judges.judge(planes, asked)
        columns = {ID: _as_text(rows.column(ID)), "error": self._errors(rows, planes, limits)}
        columns |= found.columns
        if missing:
            columns |= self._missing(planes, found.curable)
        return columns

    def _errors(self, rows: pa.Table, planes: Planes, limits: Limits | None) -> pa.Array:
        """For each row that is no case, what the case reader says of it."""
        places = planes.words.places(planes.bad)
        if not places:
            return _no_errors(rows.num_rows)
        several = self.layout.several(rows.schema)
        told: list[str | None] = [None] * rows.num_rows
        vocabulary = self.layout.vocabulary
        for place, row in zip(places, rows.take(places).to_pylist(), strict=True):
            data = self.layout.case_of_row(row, several)
            lines = problem_lines(case_problems(data, vocabulary), limits or vocabulary.limits)
            if not lines:
                raise EngineError(f"row {place} was found to be no case, yet nothing is wrong with it")
            told[place] = "; ".join(lines)
        return pa.array(told, pa.string())

    def _missing(self, planes: Planes, curable: Plane) -> dict[str, pa.Array]:
        """The cheapest missing set of each row that has one."""
        codes, found = combinations(planes, curable)
        sets = [cheapest(one and self._first(one.inputs)) for one in found]
        return {name: self._tabulator.column(name, sets).take(codes) for name in MISSING}

    def _first_set(self, inputs: frozenset[Term]) -> MissingSet | None:
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
        """The decisions on cases told as JSON; see `Policy.decide_cases`."""
        schema = self._tabulator.schema(self._tabulator.judged(statuses), missing, warnings)
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
        """The case that a text tells, or the row that says why it is none."""
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
        assessment = self._decider.assess(case)
        row = {ID: case.id, **self._tabulator.row(assessment.verdict, statuses)}
        if missing:
            row |= cheapest(next(self._search().sets_of(assessment), None))
        if warnings:
            row[WARNINGS] = [_writable(text) for text in self._warnings(assessment)] or None
        return row


def _not_text(table: pa.Table) -> str:
    """Which columns hold bytes that Arrow takes for texts, unseen."""
    found = []
    for name in table.column_names:
        try:
            table.column(name).validate(full=True)
        except pa.ArrowInvalid:
            found.append(name)
    return f"bytes that are no UTF-8 text in {listing(found)}; mend or empty these cells"


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
