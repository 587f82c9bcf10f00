"""From the columns of a table to the statuses of requirements: two planes a requirement, for and against.

What rows say of attributes that bear on one another is one of few things. What each comes to is asked once of
the masks of evidence, as of the case that says it; it holds for every row that says the same. Nothing is judged
here, and what the case reader refuses is reported as bad, never guessed at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

import pyarrow as pa

from pyclingo_bridge.base.terms import Term, Value
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.core.facts import Encoder
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.circuit import CONFLICTING, MET, NOT_MET, UNDOCUMENTED
from pyclingo_bridge.fast.columns.block import Block, ColumnGroup, ColumnGroups
from pyclingo_bridge.fast.columns.classes import TableClasses
from pyclingo_bridge.fast.columns.coded import CodedColumn, IndexedColumn
from pyclingo_bridge.fast.columns.heard import Heard, HeardTogether, Mention, RowEvidence
from pyclingo_bridge.fast.columns.layout import ID, Layout
from pyclingo_bridge.fast.columns.planes import BitPlanes, Plane
from pyclingo_bridge.fast.columns.reader import MOST_SHARED, ColumnReader, Rows, nameless
from pyclingo_bridge.fast.columns.values import REFUSED, ValueClass, same_value
from pyclingo_bridge.fast.weighing import EvidenceMasks

BLOCK = 262_144
"""How many rows are best looked at together: what one column comes to stays near the processor."""

_LONG = 4
"""How many blocks of a record batch make it worth while to look at it apart from those before and after."""

_MOST_COMBINATIONS = 512
"""How many things may be said by columns that are looked at one by one."""

_REMEMBERED = 100_000
_REMEMBERED_COMBINATIONS = 1_000
_REMEMBERED_QUESTIONS = 100


@dataclass
class RowStatuses:
    """The statuses of requirements in some rows.

    Attributes:
        planes: makes planes of these rows.
        bad: the rows that are no cases, of which the other planes say nothing. Where rows have no
            column of ids, they are not asked for one.
        supported: for each requirement, the rows in which it is supported.
        refuted: for each requirement, the rows in which it is refuted.
        requested: for each `value` term of the request form, the rows whose form gives it.
        warned: for attributes that bear on one another, the rows of which there may be warnings, if that
            was asked for.
        texts: other warnings, each with the rows of which it is told.
        unread: the rows that list a name which nobody knows.
        possible: for each requirement the statuses that it can have, added up as `fast.circuit` has
            them: some cannot come about, whatever stands in columns of their kind.
        days: each row's day of the request, as `date.toordinal` numbers days; 0 where there is none.
    """

    planes: BitPlanes
    bad: Plane
    supported: dict[Value, Plane] = field(default_factory=dict)
    refuted: dict[Value, Plane] = field(default_factory=dict)
    requested: dict[Term, Plane] = field(default_factory=dict)
    warned: dict[tuple[str, ...], Plane] = field(default_factory=dict)
    texts: dict[str, Plane] = field(default_factory=dict)
    unread: Plane = None
    possible: dict[Value, int] = field(default_factory=dict)
    days: Any = None


class _Question(NamedTuple):
    """What is asked: requirements, and `value` terms, by the attribute that each is about."""

    requirements: Mapping[str, list[Value]]
    requested: Mapping[str, list[Term]]
    warned: bool


_STATUS_OF = {
    (True, False): MET,
    (False, False): UNDOCUMENTED,
    (True, True): CONFLICTING,
    (False, True): NOT_MET,
}


class _Combinations:
    """For columns whose codes mean certain things: which combinations of codes lead to what.

    A set of combinations is a number whose bits are the combinations, the last column's codes
    following one another.
    """

    def __init__(
        self,
        columns: Sequence[CodedColumn],
        concluded: Sequence[HeardTogether | None],
        places: Mapping[Value, int],
    ) -> None:
        """Take the columns, what follows from each combination, None where it is refused, and each
        requirement's place in masks."""
        # Held on to: combinations are remembered by where these tuples stand in memory.
        self._classes = [column.classes for column in columns]
        self._concluded = [one or HeardTogether() for one in concluded]
        self._places = places
        self.refused = _bits(one is None for one in concluded)
        self.warned = _bits(one.warned for one in self._concluded)
        self.unread = _bits(one.unread for one in self._concluded)
        texts = dict.fromkeys(text for one in self._concluded for text in sorted(one.texts))
        self.texts = {text: _bits(text in one.texts for one in self._concluded) for text in texts}
        self._requirements: dict[Value, tuple[int, int, int]] = {}
        self._requested: dict[Term, int] = {}

    def __len__(self) -> int:
        return len(self._concluded)

    def requirement(self, requirement: Value) -> tuple[int, int, int]:
        """The combinations that support a requirement, those that refute it, and the statuses they come to."""
        if requirement not in self._requirements:
            place = self._places[requirement]
            supports = [bool(one.supports >> place & 1) for one in self._concluded]
            refutes = [bool(one.refutes >> place & 1) for one in self._concluded]
            # Rows that are no cases come to a combination too, and must not be taken for another.
            statuses = {_STATUS_OF[pair] for pair in zip(supports, refutes, strict=True)}
            self._requirements[requirement] = _bits(supports), _bits(refutes), sum(statuses)
        return self._requirements[requirement]

    def requested(self, term: Term) -> int:
        """The combinations by which the request form gives a `value` term."""
        if term not in self._requested:
            self._requested[term] = _bits(term in one.requested for one in self._concluded)
        return self._requested[term]


def _bits(flags: Iterable[bool]) -> int:
    return sum(1 << place for place, flag in enumerate(flags) if flag)


class _GroupPlanes:
    """The planes of one group in some rows, each made when first asked for."""

    def __init__(self, planes: BitPlanes, columns: Sequence[CodedColumn]) -> None:
        self._planes = planes
        self._columns = columns
        sizes = [column.size for column in columns]
        self._rest = [tuple(sizes[place + 1 :]) for place in range(len(sizes))]
        self._known: dict[int, Plane] = {}

    def rows(self, chosen: int) -> Plane:
        """The rows whose combination is in a set."""
        if chosen not in self._known:
            self._known[chosen] = self._rows_of(chosen, 0)
        return self._known[chosen]

    def _rows_of(self, chosen: int, place: int) -> Plane:
        """The same, from the column at a place on."""
        column, sizes = self._columns[place], self._rest[place]
        if not sizes:
            return column.rows(chosen)
        ones, rows = self._planes.ones, self._planes.zeros
        for codes, later in _split(chosen, column.size, sizes):
            here, rest = column.rows(codes), self._rows_of(later, place + 1)
            both = here if rest is ones else rest if here is ones else here & rest
            rows = both if rows is self._planes.zeros else rows | both
        return rows


@lru_cache(maxsize=_REMEMBERED)
def _split(chosen: int, size: int, sizes: tuple[int, ...]) -> list[tuple[int, int]]:
    """A set of combinations as codes of the first column, and what then has to hold of those after it."""
    width = prod(sizes)
    codes_of: dict[int, int] = {}
    for code in range(size):
        later = chosen >> code * width & (1 << width) - 1
        codes_of[later] = codes_of.get(later, 0) | 1 << code
    return [(codes, later) for later, codes in codes_of.items() if later]


def _all_classes(column: CodedColumn) -> tuple[ValueClass, ...]:
    return (*column.classes, None) if column.nullable else column.classes


class StatusReader:
    """Reads tables of cases for one policy under its interpretations.

    Args:
        layout: the columns.
        structure: the policy.
        encoder: which values are told apart.
        evidence: what statements come to.
        plan: what a plan knows for all cases.
    """

    def __init__(
        self,
        layout: Layout,
        structure: Structure,
        encoder: Encoder,
        evidence: EvidenceMasks,
        plan: PlanFacts | None,
    ) -> None:
        self.layout = layout
        self._attribute_of = {name: entry.attribute for name, entry in structure.requirements.items()}
        self._places = {requirement: place for place, requirement in enumerate(structure.ordered)}
        self._evidence = RowEvidence(layout, structure, evidence)
        self._classes = TableClasses(layout, structure, evidence, encoder)
        self._reader = ColumnReader()
        self._groups = ColumnGroups(layout, structure)
        self._plan = plan
        self._cautioned = frozenset(one for name in structure.cautions for one in structure.told_of(name))
        self._combinations: dict[tuple[Any, ...], _Combinations] = {}
        self._questions: dict[tuple[Any, ...], _Question] = {}

    def blocks(
        self,
        table: pa.Table,
        requirements: Collection[Value] | None = None,
        requested: Collection[Term] = (),
        *,
        size: int = BLOCK,
        warned: bool = False,
    ) -> Iterator[tuple[int, RowStatuses]]:
        """The statuses of requirements in one block of a table's rows after the other.

        The planes are good until the next block is asked for: it takes their memory.

        Args:
            table: a table with columns as the layout has them; see `Layout.check`.
            requirements: the requirements to report; all of them where none are given.
            requested: the `value` terms of the request form to report.
            size: the rows of a block.
            warned: report warnings too, and the requirements that they are told of.

        Yields: the number of the first row, and the statuses in the rows from there on.
        """
        question = self._asked(requirements, requested, warned)
        several = self.layout.several(table.schema)
        batches = table.to_batches()
        if any(batch.num_rows < _LONG * size for batch in batches[:-1]):
            # What is taken together of several batches has to be put together, which takes longer.
            batches = [table]
        planes = BitPlanes(size)
        first = 0
        for batch in batches:
            for start in range(0, batch.num_rows, size):
                block = batch.slice(start, size)
                if block.num_rows != planes.rows:
                    planes = BitPlanes(block.num_rows)
                yield first + start, self._statuses(question, Rows(block, planes, several))
            first += batch.num_rows

    def _asked(
        self, requirements: Collection[Value] | None, requested: Collection[Term], warned: bool
    ) -> _Question:
        key = (None if requirements is None else frozenset(requirements), frozenset(requested), warned)
        known = self._questions.get(key)
        if known is not None:
            return known
        if len(self._questions) >= _REMEMBERED_QUESTIONS:
            self._questions.clear()
        asked = self._attribute_of.keys() if key[0] is None else key[0] | (self._cautioned if warned else set())
        by_attribute: dict[str, list[Value]] = {}
        for requirement in sorted(asked, key=str):
            by_attribute.setdefault(self._attribute_of[requirement], []).append(requirement)
        terms: dict[str, list[Term]] = {}
        for term in sorted(key[1], key=str):
            terms.setdefault(str(term.args[1]), []).append(term)
        return self._questions.setdefault(key, _Question(by_attribute, terms, warned))

    def _statuses(self, question: _Question, rows: Rows) -> RowStatuses:
        planes = rows.planes
        block = Block(
            rows, self.layout, self._classes, self._reader, self._evidence, self._plan, question.warned
        )
        statuses = RowStatuses(planes, block.bad, unread=planes.zeros, days=block.days)
        # One group after the other, so that what only one of them takes is soon free again.
        for group in self._groups.of(block):
            own, combinations = self._group_planes(group, block)
            for name in group.names:
                for requirement in question.requirements.get(name, ()):
                    supports, refutes, statuses.possible[requirement] = combinations.requirement(requirement)
                    statuses.supported[requirement] = own.rows(supports)
                    statuses.refuted[requirement] = own.rows(refutes)
                for term in question.requested.get(name, ()):
                    statuses.requested[term] = own.rows(combinations.requested(term))
            if combinations.refused:
                statuses.bad = statuses.bad | own.rows(combinations.refused)
            if combinations.unread:
                statuses.unread = statuses.unread | own.rows(combinations.unread)
            if question.warned and combinations.warned:
                statuses.warned[group.names] = own.rows(combinations.warned)
            for text, chosen in combinations.texts.items():
                statuses.texts[text] = statuses.texts.get(text, planes.zeros) | own.rows(chosen)
        statuses.bad = statuses.bad | self._unfit(block)
        if ID in rows.names:
            statuses.bad = statuses.bad | nameless(rows)
        return statuses

    def _group_planes(self, group: ColumnGroup, block: Block) -> tuple[_GroupPlanes, _Combinations]:
        """What rows say of a group of attributes."""
        contents = block.contents(group)
        columns = [column for _, column in contents]
        if len(columns) > 1 and prod(column.size for column in columns) > _MOST_COMBINATIONS:
            columns = [self._joined(block.rows.planes, columns)]
        names = tuple(name for name, _ in contents)
        # The combinations hold on to the classes: while they are known, nothing else has their places.
        key = (group, block.warned, names, *((id(column.classes), column.nullable) for column in columns))
        combinations = self._combinations.get(key)
        if combinations is None:
            combinations = self._combined(group, names, columns, block.warned)
            if len(self._combinations) >= _REMEMBERED_COMBINATIONS:
                self._combinations.clear()
            if len(combinations) <= MOST_SHARED:
                self._combinations[key] = combinations
        return _GroupPlanes(block.rows.planes, columns), combinations

    @staticmethod
    def _joined(planes: BitPlanes, columns: Sequence[CodedColumn]) -> CodedColumn:
        """Columns as one, whose codes are the combinations that occur."""
        codes, combinations = planes.combined([column.codes() for column in columns])
        each = [_all_classes(column) for column in columns]
        classes = tuple(
            tuple(own[code] for own, code in zip(each, combination, strict=True))
            for combination in combinations
        )
        return IndexedColumn(planes, classes, codes, None)

    def _combined(
        self, group: ColumnGroup, names: Sequence[str], columns: Sequence[CodedColumn], warned: bool
    ) -> _Combinations:
        if len(columns) == len(names):
            each: Iterable[tuple[ValueClass, ...]] = product(*map(_all_classes, columns))
        else:
            each = columns[0].classes
        concluded = [self._concluded(group, dict(zip(names, cells, strict=True)), warned) for cells in each]
        return _Combinations(columns, concluded, self._places)

    def _concluded(
        self, group: ColumnGroup, cells: Mapping[str, ValueClass], warned: bool
    ) -> HeardTogether | None:
        """What follows from what stands in a group's columns; None where the case reader refuses it."""
        if any(value is REFUSED for value in cells.values()):
            return None
        form = self.layout.vocabulary.request_attributes
        request = {name: cells[name] for name in group.form if cells[name] is not None}
        if any(form[name].required and name not in request for name in group.form):
            return None
        mentions = cells.get("")
        if mentions is None:
            found: list[Mention] = []
            for name in group.stated:
                own = {
                    column: cells[column]
                    for column in (name, *self.layout.more_columns(name))
                    if column in cells
                }
                heard = self._evidence.heard(name, own, None, None, warned)
                if heard is REFUSED:
                    return None
                if isinstance(heard, Heard):
                    found.append(Mention(heard))
            mentions = frozenset(found)
        return self._evidence.concluded(mentions, request, group.form, warned)

    def _unfit(self, block: Block) -> Plane:
        """The rows whose request form has a value that goes only with another, which it has not."""
        bad = block.rows.planes.zeros
        for name, value, other, needed in self.layout.vocabulary.only_with:
            given = self._same(block, name, value)
            if given is not block.rows.planes.zeros:
                bad = bad | (given & (self._same(block, other, needed) ^ block.rows.planes.ones))
        return bad

    def _same(self, block: Block, name: str, value: Value) -> Plane:
        """The rows whose form gives just this value."""
        own = same_value(self.layout.vocabulary.request_attributes[name], value)
        column = block.form(name)
        return column.rows(sum(1 << code for code, one in enumerate(column.classes) if one == own))
