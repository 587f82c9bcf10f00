"""Decides every case under two policies, and counts what changes, by the criteria that cause it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute
from pydantic import BaseModel, ConfigDict, Field

from pyclingo_bridge.base.errors import BatchError
from pyclingo_bridge.core.limits import Limits
from pyclingo_bridge.impact.answers import RULINGS, Flow, Impact, ImpactGroup
from pyclingo_bridge.impact.causes import STATUSES, UNROUTED, Cause, Causes, Ruled
from pyclingo_bridge.impact.passed_over import PassedOver
from pyclingo_bridge.io.reader import ROWS, Chunk, Layout, check_columns, open_source
from pyclingo_bridge.io.run import Report, ahead
from pyclingo_bridge.io.table_files import TableFile

if TYPE_CHECKING:
    from pyclingo_bridge.policy import Policy

Given: TypeAlias = "str | Path | pa.Table | Iterable[pa.Table]"

_SIDES = ("first", "second")
_RULES = len(RULINGS)
_DETAILS = ("section", "approval_months", "refer_to")

_MOST_PATTERNS = 100_000
_BAD_TOLD = 5

CHANGED = pa.schema(
    [("id", pa.string())]
    + [(f"{side}_{name}", pa.string()) for side in _SIDES for name in ("outcome", "denial_kind", "section")]
    + [("favours", pa.string()), ("cause_kind", pa.string()), ("cause", pa.string())]
)
"""The columns of a file of changed rows; `cause` holds criteria, separated by semicolons."""


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
        self.bad = (self.bad + other.bad)[:_BAD_TOLD]
        self.flows = _sum(self.flows, other.flows)
        self.details = _sum(self.details, other.details)
        for cause, group in other.groups.items():
            mine = self.groups.setdefault(cause, Group())
            mine.flows = _sum(mine.flows, group.flows)
            mine.examples = (mine.examples + group.examples)[:examples]


def _sum(some: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(some) + Counter(more))


class Counted(NamedTuple):
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
    """

    def __init__(
        self,
        first: Policy,
        second: Policy,
        examples: int,
        limits: tuple[Limits, Limits] | None = None,
    ) -> None:
        self._policies = (first, second)
        self._limits = limits or (first.vocabulary.limits, second.vocabulary.limits)
        one, other = first.vocabulary, second.vocabulary
        self._passed_over = (PassedOver.of(one, other), PassedOver.of(other, one))
        self._causes = Causes(first.structure, second.structure)
        self._examples = examples
        self._known: dict[bytes, Cause] = {}

    @property
    def layouts(self) -> list[Layout]:
        """The columns that either policy knows."""
        return [Layout(policy.batch_schema(), policy.vocabulary) for policy in self._policies]

    def count(self, chunk: Chunk) -> Counted:
        """What changes in a chunk."""
        sides = [_Side(self._decided(place, chunk)) for place in (0, 1)]
        bad, told = self._bad(chunk, sides)
        rulings = [side.rulings for side in sides]
        pairs = rulings[0] * _RULES + rulings[1]
        changed = np.flatnonzero((rulings[0] != rulings[1]) & ~bad)
        tally = Tally(
            rows=len(chunk.numbers) + len(chunk.lost),
            rejected=int(bad.sum()) + len(chunk.lost),
            bad=told,
            flows=_flows(pairs[~bad]),
            details=_details(sides, (rulings[0] == rulings[1]) & ~bad),
        )
        if not len(changed):
            return Counted(tally, CHANGED.empty_table())
        return Counted(tally, self._grouped(chunk, sides, changed, tally))

    def _decided(self, place: int, chunk: Chunk, statuses: bool = False) -> Any:
        policy = self._policies[place]
        if chunk.table is None:
            lines = self._passed_over[place].without(chunk.lines)
            return policy.decide_cases(lines, statuses=statuses, limits=self._limits[place])
        known = set(policy.batch_schema().names)
        names = [name for name in chunk.table.column_names if name in known]
        table = chunk.table.select(names)
        return policy.decide_batch(table, statuses=statuses, limits=self._limits[place])

    def _bad(self, chunk: Chunk, sides: Sequence[_Side]) -> tuple[Any, list[str]]:
        bad = np.zeros(len(chunk.numbers), bool)
        told = list(chunk.lost.items())
        for side in sides:
            bad |= side.errors.is_valid().to_numpy(zero_copy_only=False)
        bad[list(chunk.unread)] = True
        for place in np.flatnonzero(bad)[:_BAD_TOLD]:
            whys = [side.errors[int(place)].as_py() for side in sides]
            why = chunk.unread.get(int(place)) or next(each for each in whys if each)
            told.append((chunk.numbers[int(place)], why))
        return bad, [f"row {number}: {why}" for number, why in sorted(told)[:_BAD_TOLD]]

    # The rows that change

    def _grouped(self, chunk: Chunk, sides: Sequence[_Side], rows: Any, tally: Tally) -> Any:
        """Groups the changed rows by their causes, into the tally; tells them as `CHANGED` does."""
        part = _part(chunk, rows)
        statuses = [self._decided(place, part, statuses=True) for place in (0, 1)]
        changed = [_Side(table) for table in statuses]
        causes, which = self._by_cause(changed, statuses)
        pairs = changed[0].rulings * _RULES + changed[1].rulings
        ids = changed[0].ids
        for place, cause in enumerate(causes):
            mine = np.flatnonzero(which == place)
            examples = [ids[int(row)].as_py() for row in mine[: self._examples]]
            tally.groups[_key(cause)] = Group(flows=_flows(pairs[mine]), examples=examples)
        return _changed_table(changed, statuses, causes, which)

    def _by_cause(self, sides: Sequence[_Side], tables: Sequence[Any]) -> tuple[list[Cause], Any]:
        """The causes of changed rows, and for each row the place of its own."""
        shapes = self._causes.shapes
        columns = [(side.rulings, _RULES) for side in sides]
        for side, shape in zip(sides, shapes, strict=True):
            columns.append((side.section_codes(shape.sections), len(shape.sections)))
        for table, shape in zip(tables, shapes, strict=True):
            for name in shape.criteria:
                codes = _codes(table.column(f"status {name}"), STATUSES)
                columns.append((codes, len(STATUSES)))
        first, which = _patterns(columns)
        found = [self._cause([int(codes[row]) for codes, _ in columns]) for row in first]
        causes = list(dict.fromkeys(found))
        return causes, np.array([causes.index(cause) for cause in found])[which]

    def _cause(self, pattern: list[int]) -> Cause:
        key = np.array(pattern, np.int16).tobytes()
        if key not in self._known:
            if len(self._known) >= _MOST_PATTERNS:
                self._known.clear()
            self._known[key] = self._computed(pattern)
        return self._known[key]

    def _computed(self, pattern: list[int]) -> Cause:
        rulings, sections, statuses = pattern[:2], pattern[2:4], pattern[4:]
        ruled = []
        for ruling, section, shape in zip(rulings, sections, self._causes.shapes, strict=True):
            mine, statuses = statuses[: len(shape.criteria)], statuses[len(shape.criteria) :]
            name = shape.sections[section] if section >= 0 else None
            ruled.append(Ruled(ruling, name, dict(zip(shape.criteria, mine, strict=True))))
        return self._causes.of(*ruled)

    # The answer

    def impact(self, tally: Tally) -> Impact:
        """What was counted, for a reader."""
        first, second = self._policies
        flows = _told(tally.flows)
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
                    key=lambda group: (-group.rows, group.kind, group.criteria, group.favours),
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
        return f"{first.name} (first)", f"{second.name} (second)"

    def _group(self, cause: Cause, group: Group) -> ImpactGroup:
        flows = _told(group.flows)
        criteria = tuple(cause.criteria)
        return ImpactGroup(
            kind=cause.kind,
            criteria=criteria,
            favours=cause.favours,
            text=self._text(cause),
            locators=self._locators(criteria),
            rows=sum(flow.rows for flow in flows),
            flows=flows,
            examples=tuple(group.examples),
        )

    def _text(self, cause: Cause) -> str:
        told = ", ".join(f"`{name}` ({self._label(name)})" for name in cause.criteria)
        better = self.names[_SIDES.index(cause.favours)]
        if cause.kind == "criterion":
            return told
        if cause.kind == "section":
            return f"section {told}, which only {better} has"
        if cause.kind == "routing":
            return f"section {told}, which only {better} routes the request to"
        return f"the uses that {told or 'the sections'} speak of"

    def _label(self, name: str) -> str:
        # Whichever side has it; where both do, as the second words it.
        labels = [shape.label(name) for shape in reversed(self._causes.shapes)]
        return next(label for label in labels if label is not None)

    def _locators(self, names: Sequence[str]) -> tuple[str, ...]:
        found: dict[str, str] = {}
        for shape in self._causes.shapes:
            found.update(shape.locators(names))
        return tuple(dict.fromkeys(found[name] for name in names if found.get(name)))


class _Side:
    """One policy's answers to some rows, as numbers."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self.errors = _whole(table.column("error"))
        self.ids = table.column("id")
        outcomes = _codes(table.column("outcome"), _OUTCOMES)
        kinds = _codes(table.column("denial_kind"), _KINDS)
        self.rulings = _RULING_OF[outcomes, kinds]

    def section_codes(self, sections: Sequence[str]) -> Any:
        """The places of the approving sections in the policy's order."""
        return _codes(self._table.column("section"), sections)

    def values(self, name: str) -> Any:
        """A column as plain values."""
        column = _whole(self._table.column(name))
        kind = column.type
        return column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column


def _whole(column: Any) -> Any:
    whole = column.combine_chunks()
    return whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole


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


def _codes(column: Any, words: Sequence[str]) -> Any:
    """The places of a column's texts among some words; -1 for null."""
    column = _whole(column)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    known = [words.index(word) for word in column.dictionary.to_pylist()]
    lookup = np.array([*known, UNROUTED], np.int16)
    places = column.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)
    return lookup[places]


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


def _flows(pairs: Any) -> dict[str, int]:
    numbers = np.bincount(pairs, minlength=_RULES * _RULES)
    return {
        f"{place // _RULES}>{place % _RULES}": int(number) for place, number in enumerate(numbers) if number
    }


def _told(flows: Mapping[str, int]) -> tuple[Flow, ...]:
    found = []
    for pair, rows in flows.items():
        before, after = (RULINGS[int(place)] for place in pair.split(">"))
        found.append(Flow(before=before, after=after, rows=rows))
    return tuple(sorted(found, key=lambda flow: (-flow.rows, flow.before.text, flow.after.text)))


def _details(sides: Sequence[_Side], same: Any) -> dict[str, int]:
    found = {}
    for name in _DETAILS:
        first, second = (side.values(name) for side in sides)
        null = [column.is_null().to_numpy(zero_copy_only=False) for column in (first, second)]
        equal = pa.compute.equal(first, second).fill_null(False).to_numpy(zero_copy_only=False)
        found[name] = int((same & ~equal & ~(null[0] & null[1])).sum())
    return found


def _part(chunk: Chunk, rows: Any) -> Chunk:
    """Some rows of a chunk."""
    if chunk.table is not None:
        return Chunk(chunk.table.take(pa.array(rows)), [], range(len(rows)))
    return Chunk(None, [chunk.lines[row] for row in rows], range(len(rows)))


def _key(cause: Cause) -> str:
    return json.dumps(cause)


def _changed_table(sides: Sequence[_Side], tables: Sequence[Any], causes: Sequence[Cause], which: Any) -> Any:
    columns = [sides[0].ids]
    for table in tables:
        for name in ("outcome", "denial_kind", "section"):
            column = table.column(name)
            columns.append(column.cast(pa.string()))
    for texts in (
        [cause.favours for cause in causes],
        [cause.kind for cause in causes],
        [";".join(cause.criteria) for cause in causes],
    ):
        columns.append(pa.array(texts, pa.string()).take(pa.array(which)))
    return pa.Table.from_arrays(columns, schema=CHANGED)


# Files and tables


def impact_of(
    first: Policy,
    second: Policy,
    source: Given,
    *,
    rows: int | None = None,
    examples: int = 5,
    changed: Path | None = None,
    report: Report | None = None,
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
        report: is told how far one has come.
        limits: how much a case may hold under each; by default what its vocabulary says.

    Errors: BatchError where a file cannot be read or written, or its columns are unknown to both.
    """
    counting = Counting(first, second, examples, limits)
    size, chunks = _chunks(source, counting.layouts, rows, limits)
    if changed is not None and isinstance(source, str | Path) and _is_same(changed, Path(source)):
        raise BatchError(f"{changed}: is the input; name another file")
    whole = Tally()
    with TableFile.maybe(changed, CHANGED) as file:
        for seen, counted in ahead((chunk.seen, counting.count(chunk)) for chunk in ahead(chunks)):
            whole.add(counted.tally, examples)
            file.write(counted.changed)
            if report is not None:
                report(seen, size, whole.rows)
    return counting.impact(whole)


def _is_same(path: Path, other: Path) -> bool:
    return path.resolve() == other.resolve()


def _chunks(
    source: Given,
    layouts: Sequence[Layout],
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


def _of_tables(tables: Iterable[Any], layouts: Sequence[Layout], rows: int) -> Iterator[Chunk]:
    number = 1
    for table in tables:
        check_columns(Path("table"), table.column_names, layouts)
        for start in range(0, table.num_rows, rows):
            part = table.slice(start, rows)
            yield Chunk(part, [], range(number, number + part.num_rows), seen=number)
            number += part.num_rows
