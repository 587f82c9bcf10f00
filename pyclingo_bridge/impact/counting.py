"""Decides every case under two policies, and counts what changes, by the criteria that cause it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from pyclingo_bridge.analysis.alignment import check_common
from pyclingo_bridge.base.errors import BatchError, shown_path
from pyclingo_bridge.cases.limits import Limits
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.impact.answers import RULINGS, Flow, Impact, ImpactGroup
from pyclingo_bridge.impact.causes import STATUSES, UNROUTED, Cause, Causes, Ruled
from pyclingo_bridge.impact.other_names import OtherNames
from pyclingo_bridge.io.deciding import TableDecider, ahead, decisions
from pyclingo_bridge.io.reader import ROWS, Chunk, FileColumns, check_columns, open_source
from pyclingo_bridge.io.run import ReportProgress
from pyclingo_bridge.io.workspace import added
from pyclingo_bridge.io.writing import table_file

Given: TypeAlias = "str | Path | pa.Table | Iterable[pa.Table]"

_SIDES = ("first", "second")
_RULES = len(RULINGS)
_DETAILS = ("section", "approval_months", "refer_to")

_MOST_PATTERNS = 100_000
_BAD_SHOWN = 5

CHANGED = pa.schema(
    [("id", pa.string())]
    + [(f"{side}_{name}", pa.string()) for side in _SIDES for name in ("outcome", "denial_kind", "section")]
    + [("favors", pa.string()), ("cause_kind", pa.string()), ("cause", pa.string())]
)
"""The columns of a file of changed rows; `cause` holds criteria, separated by semicolons."""


class ComparedPolicy(TableDecider, Protocol):
    """What decides tables of cases by criteria."""

    @property
    def structure(self) -> Structure:
        """The policy's criteria and sections."""
        ...

    @property
    def folder(self) -> Path:
        """The folder that it is read from."""
        ...


class Group(BaseModel):
    """What is counted of one cause.

    Attributes:
        flows: rows by the places of their two rulings in `RULINGS`, as `"4>1"`.
        examples: the first ids.
    """

    flows: dict[str, int] = Field(default_factory=dict)
    examples: list[str] = Field(default_factory=list)


class Tally(BaseModel):
    """What is counted of some rows; tallies of parts add up to that of the whole.

    Attributes:
        rows: all rows.
        rejected: the bad ones.
        bad: the first of those, in words.
        flows: the others by the places of their two rulings in `RULINGS`.
        details: rows with the same ruling that differ in a column all the same.
        groups: the changed rows, by their cause as JSON.
    """

    model_config = ConfigDict(extra="forbid")

    rows: int = 0
    rejected: int = 0
    bad: list[str] = Field(default_factory=list)
    flows: dict[str, int] = Field(default_factory=dict)
    details: dict[str, int] = Field(default_factory=dict)
    groups: dict[str, Group] = Field(default_factory=dict)

    def add(self, other: Tally, examples: int) -> None:
        """Count what the other has counted too.

        Args:
            other: the other.
            examples: the most examples of a group.
        """
        self.rows += other.rows
        self.rejected += other.rejected
        self.bad = (self.bad + other.bad)[:_BAD_SHOWN]
        self.flows = added(self.flows, other.flows)
        self.details = added(self.details, other.details)
        for cause, group in other.groups.items():
            mine = self.groups.setdefault(cause, Group())
            mine.flows = added(mine.flows, group.flows)
            mine.examples = (mine.examples + group.examples)[:examples]


class ChunkCount(NamedTuple):
    """A chunk's tally, and its changed rows as `CHANGED` has them."""

    tally: Tally
    changed: Any


class Counting:
    """Counts what changes between two policies, chunk by chunk.

    Args:
        first: the policy that decides now.
        second: the policy that would.
        examples: the most examples of a group.
        limits: how much a case may hold under each; by default what its vocabulary says.

    Errors: PolicyError where the two have no cases in common.
    """

    def __init__(
        self,
        first: ComparedPolicy,
        second: ComparedPolicy,
        examples: int,
        limits: tuple[Limits, Limits] | None = None,
    ) -> None:
        check_common(policy.structure.facts for policy in (first, second))
        self._policies = (first, second)
        self._limits = limits or (first.vocabulary.limits, second.vocabulary.limits)
        one, other = first.vocabulary, second.vocabulary
        self._other_names = (OtherNames.of(one, other), OtherNames.of(other, one))
        self._causes = Causes(first.structure, second.structure)
        self._examples = examples
        # Rows of one pattern have one cause.
        self._cause = lru_cache(maxsize=_MOST_PATTERNS)(self._cause_of)

    @property
    def layouts(self) -> list[FileColumns]:
        """The columns that either policy knows."""
        return [FileColumns(policy.batch_schema(), policy.vocabulary) for policy in self._policies]

    def count(self, chunk: Chunk) -> ChunkCount:
        """What changes in a chunk."""
        first, second = self._answers(chunk)
        bad, reasons = _bad_rows(chunk, (first, second))
        changed = np.flatnonzero((first.rulings != second.rulings) & ~bad)
        tally = Tally(
            rows=len(chunk.numbers) + len(chunk.lost),
            rejected=int(bad.sum()) + len(chunk.lost),
            bad=reasons,
            flows=_flow_counts(first.rulings[~bad], second.rulings[~bad]),
            details=_detail_counts(first, second, (first.rulings == second.rulings) & ~bad),
        )
        if not len(changed):
            return ChunkCount(tally, CHANGED.empty_table())
        return ChunkCount(tally, self._grouped(_some_rows(chunk, changed), tally))

    def _answers(self, chunk: Chunk, statuses: bool = False) -> tuple[_Answers, _Answers]:
        """Both policies' answers to a chunk."""
        first, second = (
            decisions(policy, chunk, {"statuses": statuses}, limits, others.without(chunk.lines))
            for policy, limits, others in zip(self._policies, self._limits, self._other_names, strict=True)
        )
        return _Answers(first), _Answers(second)

    # The rows that change

    def _grouped(self, changed: Chunk, tally: Tally) -> Any:
        """Count changed rows by their causes, into the tally; give them as `CHANGED` has them."""
        first, second = self._answers(changed, statuses=True)
        causes, which = self._by_cause((first, second))
        for place, cause in enumerate(causes):
            rows = np.flatnonzero(which == place)
            tally.groups[json.dumps(cause)] = Group(
                flows=_flow_counts(first.rulings[rows], second.rulings[rows]),
                examples=[first.ids[int(row)].as_py() for row in rows[: self._examples]],
            )
        return _changed_table(first, second, causes, which)

    def _by_cause(self, answers: Sequence[_Answers]) -> tuple[list[Cause], Any]:
        """The causes of changed rows, and for each row the place of its own."""
        both = list(zip(answers, self._causes.shapes, strict=True))
        columns = [(given.rulings, _RULES) for given in answers]
        columns += [(given.codes("section", shape.sections), len(shape.sections)) for given, shape in both]
        columns += [
            (given.codes(f"status {name}", STATUSES), len(STATUSES))
            for given, shape in both
            for name in shape.criteria
        ]
        first, which = _patterns(columns)
        by_pattern = [self._cause(tuple(int(codes[row]) for codes, _ in columns)) for row in first]
        causes = list(dict.fromkeys(by_pattern))
        return causes, np.array([causes.index(cause) for cause in by_pattern])[which]

    def _cause_of(self, pattern: tuple[int, ...]) -> Cause:
        """The cause behind a row's two rulings, two sections, and statuses of all criteria of both policies."""
        rulings, sections, statuses = pattern[:2], pattern[2:4], pattern[4:]
        ruled = []
        for ruling, section, shape in zip(rulings, sections, self._causes.shapes, strict=True):
            own, statuses = statuses[: len(shape.criteria)], statuses[len(shape.criteria) :]
            name = shape.sections[section] if section >= 0 else None
            ruled.append(Ruled(ruling, name, dict(zip(shape.criteria, own, strict=True))))
        return self._causes.of(*ruled)

    # The answer

    def impact(self, tally: Tally) -> Impact:
        """What was counted, for a reader."""
        first, second = self._policies
        flows = _as_flows(tally.flows)
        return Impact(
            engine=first.engine,
            first=first.info,
            second=second.info,
            names=self.names,
            interpretations=(first.interpretations, second.interpretations),
            rows=tally.rows,
            rejected=tally.rejected,
            bad=tuple(tally.bad),
            changed=sum(flow.rows for flow in flows if flow.before != flow.after),
            flows=flows,
            groups=tuple(
                sorted(
                    (self._group(Cause(*json.loads(key)), group) for key, group in tally.groups.items()),
                    key=lambda group: (-group.rows, group.kind, group.criteria, group.favors),
                )
            ),
            details={name: tally.details.get(name, 0) for name in _DETAILS},
        )

    @property
    def names(self) -> tuple[str, str]:
        """What to call the two policies: as briefly as tells them apart."""
        first, second = (policy.info for policy in self._policies)
        if first.name != second.name:
            return first.name, second.name
        if first.revision != second.revision:
            return f"{first.name} of {first.revision}", f"{second.name} of {second.revision}"
        one, other = (policy.folder.resolve() for policy in self._policies)
        if one != other:
            both = (one.name, other.name) if one.name != other.name else (str(one), str(other))
            return shown_path(both[0]), shown_path(both[1])
        return f"{first.name} (first)", f"{second.name} (second)"

    def _group(self, cause: Cause, group: Group) -> ImpactGroup:
        flows = _as_flows(group.flows)
        criteria = tuple(cause.criteria)
        return ImpactGroup(
            kind=cause.kind,
            criteria=criteria,
            favors=cause.favors,
            text=self._text(cause),
            locators=self._locators(criteria),
            rows=sum(flow.rows for flow in flows),
            flows=flows,
            examples=tuple(group.examples),
        )

    def _text(self, cause: Cause) -> str:
        names = ", ".join(f"`{name}` ({self._label(name)})" for name in cause.criteria)
        better = self.names[_SIDES.index(cause.favors)]
        if cause.kind == "criterion":
            return names
        if cause.kind == "section":
            return f"section {names}, which only {better} has"
        if cause.kind == "routing":
            return f"section {names}, which only {better} routes the request to"
        return f"the uses that {names or 'the sections'} speak of"

    def _label(self, name: str) -> str:
        # Whichever policy has it; where both do, as the second words it.
        labels = [shape.label(name) for shape in reversed(self._causes.shapes)]
        return next(label for label in labels if label is not None)

    def _locators(self, names: Sequence[str]) -> tuple[str, ...]:
        first, second = (shape.locators(names) for shape in self._causes.shapes)
        known = {**first, **second}
        return tuple(dict.fromkeys(known[name] for name in names if known.get(name)))


class _Answers:
    """One policy's answers to some rows, as arrays of numbers."""

    def __init__(self, table: Any) -> None:
        self.table = table
        self.errors = table.column("error").combine_chunks()
        self.ids = table.column("id")
        self.rulings = _RULING_OF[self.codes("outcome", _OUTCOMES), self.codes("denial_kind", _KINDS)]

    def codes(self, name: str, texts: Sequence[str]) -> Any:
        """The places of a column's texts among some texts; -1 for null."""
        column = self.table.column(name)
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        column = column.unify_dictionaries().combine_chunks()
        known = [texts.index(text) for text in column.dictionary.to_pylist()]
        lookup = np.array([*known, UNROUTED], np.int16)
        return lookup[column.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)]

    def plain(self, name: str) -> Any:
        """A column without a dictionary."""
        column = self.table.column(name)
        kind = column.type
        return column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column


def _bad_rows(chunk: Chunk, answers: Sequence[_Answers]) -> tuple[Any, list[str]]:
    """Which rows of a chunk are bad under a policy, and the first of all bad rows, in words."""
    bad = np.zeros(len(chunk.numbers), bool)
    for given in answers:
        bad |= given.errors.is_valid().to_numpy(zero_copy_only=False)
    bad[list(chunk.unread)] = True
    reasons = list(chunk.lost.items())
    for place in map(int, np.flatnonzero(bad)[:_BAD_SHOWN]):
        errors = [given.errors[place].as_py() for given in answers]
        reason = chunk.unread.get(place) or next(error for error in errors if error)
        reasons.append((chunk.numbers[place], reason))
    return bad, [f"row {number}: {reason}" for number, reason in sorted(reasons)[:_BAD_SHOWN]]


_OUTCOMES = tuple(dict.fromkeys(ruling.outcome for ruling in RULINGS))
_KINDS = tuple(ruling.denial_kind for ruling in RULINGS if ruling.denial_kind)


def _ruling_table() -> Any:
    """The place in `RULINGS` of an outcome and a kind of denial; for no outcome, any place."""
    table = np.zeros((len(_OUTCOMES) + 1, len(_KINDS) + 1), np.int16)
    for place, ruling in enumerate(RULINGS):
        kind = _KINDS.index(ruling.denial_kind) if ruling.denial_kind else -1
        table[_OUTCOMES.index(ruling.outcome), kind] = place
    return table


_RULING_OF = _ruling_table()


def _patterns(columns: Sequence[tuple[Any, int]]) -> tuple[Any, Any]:
    """For each distinct row of some columns the first place of it; and for each row which one it is.

    A column is its codes, from -1 on, and how many of them there are but for -1.
    """
    words = []
    room = 0
    for codes, number in columns:
        span = number + 1
        if room < span:
            words.append(np.zeros(len(codes), np.int64))
            room = 2**62
        words[-1] = words[-1] * span + (codes + np.int64(1))
        room //= span
    return _distinct(np.stack(words, axis=1))


def _distinct(rows: Any) -> tuple[Any, Any]:
    _, first, which = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[which.reshape(-1)]


def _flow_counts(first: Any, second: Any) -> dict[str, int]:
    """How many rows have each pair of rulings."""
    numbers = np.bincount(first * _RULES + second, minlength=_RULES * _RULES)
    return {
        f"{place // _RULES}>{place % _RULES}": int(number) for place, number in enumerate(numbers) if number
    }


def _as_flows(counts: Mapping[str, int]) -> tuple[Flow, ...]:
    flows = []
    for pair, rows in counts.items():
        before, after = (RULINGS[int(place)] for place in pair.split(">"))
        flows.append(Flow(before=before, after=after, rows=rows))
    return tuple(sorted(flows, key=lambda flow: (-flow.rows, flow.before.text, flow.after.text)))


def _detail_counts(first: _Answers, second: _Answers, same: Any) -> dict[str, int]:
    """How many of the rows with the same ruling differ in each detail."""
    counts = {}
    for name in _DETAILS:
        columns = first.plain(name), second.plain(name)
        one_null = pc.xor(*(column.is_null() for column in columns))
        differs = pc.or_(pc.not_equal(*columns).fill_null(False), one_null)
        counts[name] = int((same & differs.to_numpy()).sum())
    return counts


def _some_rows(chunk: Chunk, rows: Any) -> Chunk:
    """Some rows of a chunk."""
    if chunk.table is not None:
        return Chunk(chunk.table.take(pa.array(rows)), [], range(len(rows)))
    return Chunk(None, [chunk.lines[row] for row in rows], range(len(rows)))


def _changed_table(first: _Answers, second: _Answers, causes: Sequence[Cause], which: Any) -> Any:
    columns = [first.ids]
    for given in (first, second):
        columns += [given.plain(name) for name in ("outcome", "denial_kind", "section")]
    texts = [(cause.favors, cause.kind, ";".join(cause.criteria)) for cause in causes]
    columns += [pa.array(column, pa.string()).take(pa.array(which)) for column in zip(*texts, strict=True)]
    return pa.Table.from_arrays(columns, schema=CHANGED)


# Files and tables


def impact_of(
    first: ComparedPolicy,
    second: ComparedPolicy,
    source: Given,
    *,
    rows: int | None = None,
    examples: int = 5,
    changed: Path | None = None,
    report: ReportProgress | None = None,
    limits: tuple[Limits, Limits] | None = None,
) -> Impact:
    """What changes for the cases of a file or a table when the second policy takes the first's place.

    Args:
        first: the policy that decides now.
        second: the policy that would.
        source: a file as `open_source` takes it, a table, or tables one after the other.
        rows: rows that are decided at once; by default as many as suit the format.
        examples: the most examples of a group.
        changed: a file for the changed rows, with the columns of `CHANGED`.
        report: takes how far one has come.
        limits: how much a case may hold under each; by default what its vocabulary says.

    Errors: BatchError where a file cannot be read or written, or its columns are unknown to both; PolicyError
    where the policies have no cases in common.
    """
    counting = Counting(first, second, examples, limits)
    size, chunks = _chunks(source, counting.layouts, rows, limits)
    if changed is not None and isinstance(source, str | Path) and changed.resolve() == Path(source).resolve():
        raise BatchError(f"{changed}: is the input; name another file")
    whole = Tally()
    with table_file(changed, CHANGED) if changed is not None else nullcontext() as file:
        for seen, counted in ahead((chunk.seen, counting.count(chunk)) for chunk in ahead(chunks)):
            whole.add(counted.tally, examples)
            if file is not None:
                file.write(counted.changed)
            if report is not None:
                report(seen, size, whole.rows)
    return counting.impact(whole)


def _chunks(
    source: Given,
    layouts: Sequence[FileColumns],
    rows: int | None,
    limits: tuple[Limits, Limits] | None,
) -> tuple[int, Iterator[Chunk]]:
    if isinstance(source, str | Path):
        highest = max(limits, key=lambda one: one.members) if limits else None
        file = open_source(Path(source), layouts, rows, highest)
        return file.size, file.chunks()
    tables = [source] if isinstance(source, pa.Table) else source
    if isinstance(source, pa.Table):
        check_columns(Path("table"), source.column_names, layouts)
    return getattr(source, "num_rows", 0), _of_tables(tables, layouts, rows or ROWS)


def _of_tables(tables: Iterable[Any], layouts: Sequence[FileColumns], rows: int) -> Iterator[Chunk]:
    number = 1
    for table in tables:
        check_columns(Path("table"), table.column_names, layouts)
        for start in range(0, table.num_rows, rows):
            part = table.slice(start, rows)
            yield Chunk(part, [], range(number, number + part.num_rows), seen=number)
            number += part.num_rows
