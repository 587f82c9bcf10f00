"""From the columns of a table to the statuses of requirements: two planes a requirement, for and against.

What a row says of a subject is one of few things. Each is put to the evidence rules once, as the
case it would be; what they conclude of it holds for every row that says the same. Nothing is judged
here, and what the case reader refuses is reported as bad, never guessed at.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

import pyarrow as pa

from pyclingo_bridge.base.terms import Term, Value, constant, plain
from pyclingo_bridge.cases.statements import Stated
from pyclingo_bridge.core.evidence import EvidenceRules
from pyclingo_bridge.core.facts import Encoder, Excerpt, Topics
from pyclingo_bridge.fast.circuit import CONFLICTING, MET, NOT_MET, UNDOCUMENTED
from pyclingo_bridge.fast.columns.coded import CodedColumn, IndexedColumn
from pyclingo_bridge.fast.columns.layout import ID, Layout, day_of
from pyclingo_bridge.fast.columns.planes import BitPlanes, Plane
from pyclingo_bridge.fast.columns.reader import MOST_SHARED, ColumnReader, Content, Rows, Statement
from pyclingo_bridge.fast.columns.values import ValueClass, ValueClasses

BLOCK = 262_144
"""How many rows are best looked at together: what one column comes to stays near the processor."""

_LONG = 4
"""How many blocks of a record batch make it worth while to look at it apart from those before and after."""

_MOST_COMBINATIONS = 512
"""How many things may be said of a subject by columns that are looked at one by one."""

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
        warned: for each subject, the rows of which the rules warn, if that was asked for.
        possible: for each requirement the statuses that it can have, added up as `fast.circuit` has
            them: some cannot come about, whatever stands in columns of their kind.
    """

    planes: BitPlanes
    bad: Plane
    supported: dict[Value, Plane] = field(default_factory=dict)
    refuted: dict[Value, Plane] = field(default_factory=dict)
    requested: dict[Term, Plane] = field(default_factory=dict)
    warned: dict[tuple[str, ...], Plane] = field(default_factory=dict)
    possible: dict[Value, int] = field(default_factory=dict)


class _Question(NamedTuple):
    """What is asked of a subject: requirements, and `value` terms."""

    subject: tuple[str, ...]
    requirements: list[Value]
    requested: list[Term]


class _Concluded(NamedTuple):
    """What the rules conclude from what is said of a subject.

    Attributes:
        supported: the requirements that are supported.
        refuted: the requirements that are refuted.
        requested: what the request form gives, as `value` terms.
        warned: whether the rules warn of it.
    """

    supported: frozenset[Value] = frozenset()
    refuted: frozenset[Value] = frozenset()
    requested: frozenset[Term] = frozenset()
    warned: bool = False


_STATUS_OF = {
    (True, False): MET,
    (False, False): UNDOCUMENTED,
    (True, True): CONFLICTING,
    (False, True): NOT_MET,
}


class _Combinations:
    """For the columns of a subject, whose codes mean certain things: which combinations of codes lead to what.

    A set of combinations is a number whose bits are the combinations, the last column's codes
    following one another.
    """

    def __init__(
        self,
        columns: Sequence[CodedColumn],
        concluded: Sequence[_Concluded | None],
    ) -> None:
        """Take the columns, and what follows from each combination; None where it is refused."""
        # Held on to: combinations are remembered by where these tuples stand in memory.
        self._classes = [column.classes for column in columns]
        self._concluded = [one or _Concluded() for one in concluded]
        self.refused = _bits(one is None for one in concluded)
        self.warned = _bits(one.warned for one in self._concluded)
        self._requirements: dict[Value, tuple[int, int, int]] = {}
        self._requested: dict[Term, int] = {}

    def __len__(self) -> int:
        return len(self._concluded)

    def requirement(self, requirement: Value) -> tuple[int, int, int]:
        """The combinations that support a requirement, those that refute it, and the statuses they come to."""
        if requirement not in self._requirements:
            supports = [requirement in one.supported for one in self._concluded]
            refutes = [requirement in one.refuted for one in self._concluded]
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


class _SubjectPlanes:
    """The planes of one subject in some rows, each made when first asked for."""

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
        encoder: how values are encoded.
        evidence_rules: asks the evidence rules.
        topics: the attributes, grouped where statements on one bear on another.
        attribute_of: what each requirement is about; of those that are true of the same values, one.
    """

    def __init__(
        self,
        layout: Layout,
        encoder: Encoder,
        evidence_rules: EvidenceRules,
        topics: Topics,
        attribute_of: Mapping[Value, str],
    ) -> None:
        self.layout = layout
        self._encoder = encoder
        self._evidence_rules = evidence_rules
        self._topics = topics
        self._attribute_of = attribute_of
        self._classes = {
            name: ValueClasses(entry, encoder, self._single(name), by_name=self._by_name(name))
            for name, entry in layout.vocabulary.attributes.items()
        }
        self._reader = ColumnReader(layout, self._classes, encoder)
        self._concluded: dict[frozenset[Statement] | tuple[str, ...], _Concluded] = {}
        self._combinations: dict[tuple[Any, ...], _Combinations] = {}
        self._questions: dict[tuple[frozenset[Value] | None, frozenset[Term]], list[_Question]] = {}
        self._subject = {name: names for names in layout.subjects for name in names}

    def _by_name(self, attribute: str) -> bool:
        # Whether a later list holds what an earlier one lacks is asked of drugs, not of their kinds.
        kind = self.layout.vocabulary.attributes[attribute].kind
        return kind == "history" and attribute in self.layout.ordered

    def _single(self, attribute: str) -> list[Value]:
        """The values of a form's attribute that may be given only with another's, or let that be."""
        pairs = self.layout.vocabulary.only_with
        ends = [end for one in pairs for end in (one[:2], one[2:])]
        return [value for name, value in ends if name == attribute]

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
            warned: report warnings too.

        Yields: the number of the first row, and the statuses in the rows from there on.
        """
        questions = self._asked(requirements, requested)
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
                yield first + start, self._states(questions, Rows(block, planes, several), warned)
            first += batch.num_rows

    def _states(self, questions: Iterable[_Question], rows: Rows, warned: bool) -> RowStatuses:
        """What rows say to some questions, each of another subject; if so asked, with warnings."""
        statuses = RowStatuses(rows.planes, rows.planes.zeros)
        form: dict[str, CodedColumn] = {}
        # One subject after the other, so that what only one of them takes is soon free again.
        for subject, requirements, requested in questions:
            contents = [pair for name in subject for pair in self._reader.columns(name, rows)]
            form |= {content.attribute: column for content, column in contents}
            planes, combinations = self._subject_planes(subject, contents, rows)
            for requirement in requirements:
                supports, refutes, statuses.possible[requirement] = combinations.requirement(requirement)
                statuses.supported[requirement] = planes.rows(supports)
                statuses.refuted[requirement] = planes.rows(refutes)
            for term in requested:
                statuses.requested[term] = planes.rows(combinations.requested(term))
            if combinations.refused:
                statuses.bad = statuses.bad | planes.rows(combinations.refused)
            if warned and combinations.warned:
                statuses.warned[subject] = planes.rows(combinations.warned)
        statuses.bad = statuses.bad | self._reader.unfit(rows.planes, form)
        if ID in rows.names:
            statuses.bad = statuses.bad | self._reader.nameless(rows)
        return statuses

    def _asked(self, requirements: Collection[Value] | None, requested: Iterable[Term]) -> list[_Question]:
        """What is asked of each subject."""
        key = (None if requirements is None else frozenset(requirements), frozenset(requested))
        known = self._questions.get(key)
        if known is not None:
            return known
        if len(self._questions) >= _REMEMBERED_QUESTIONS:
            self._questions.clear()
        questions = {names: _Question(names, [], []) for names in self.layout.subjects}
        asked = self._attribute_of if requirements is None else requirements
        for requirement in sorted(asked, key=str):
            questions[self._subject[self._attribute_of[requirement]]].requirements.append(requirement)
        for term in sorted(key[1], key=str):
            questions[self._subject[str(plain(term.args[1]))]].requested.append(term)
        return self._questions.setdefault(key, list(questions.values()))

    def _subject_planes(
        self, subject: tuple[str, ...], contents: Sequence[tuple[Content, CodedColumn]], rows: Rows
    ) -> tuple[_SubjectPlanes, _Combinations]:
        """What rows say of a subject, whose columns are coded already."""
        columns = [column for _, column in contents]
        if len(columns) > 1 and prod(column.size for column in columns) > _MOST_COMBINATIONS:
            columns = [self._joined(rows.planes, columns)]
        contents_read = tuple(content for content, _ in contents)
        # The combinations hold on to the classes: while they are known, nothing else has their places.
        key = (*contents_read, *((id(column.classes), column.nullable) for column in columns))
        combinations = self._combinations.get(key)
        if combinations is None:
            combinations = self._combined(subject, contents_read, columns)
            if len(self._combinations) >= _REMEMBERED_COMBINATIONS:
                self._combinations.clear()
            if len(combinations) <= MOST_SHARED:
                self._combinations[key] = combinations
        return _SubjectPlanes(rows.planes, columns), combinations

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
        self, subject: tuple[str, ...], contents_read: Sequence[Content], columns: Sequence[CodedColumn]
    ) -> _Combinations:
        if len(columns) == len(contents_read):
            each: Iterable[tuple[ValueClass, ...]] = product(*map(_all_classes, columns))
        else:
            each = columns[0].classes
        statements = [self._statements_of(contents_read, combination) for combination in each]
        return _Combinations(
            columns, [None if one is None else self._conclude(subject, one) for one in statements]
        )

    def _statements_of(
        self, contents_read: Sequence[Content], combination: tuple[ValueClass, ...]
    ) -> frozenset[Statement] | None:
        """What a combination of classes says, or None where the case reader refuses it."""
        cells: dict[str, dict[str, ValueClass]] = {}
        for content, value in zip(contents_read, combination, strict=True):
            cells.setdefault(content.attribute, {})[content.column] = value
        statements: set[Statement] = set()
        for name, cell in cells.items():
            own = self._reader.statements(name, cell)
            if own is None:
                return None
            statements |= own
        return frozenset(statements)

    def _conclude(self, subject: tuple[str, ...], statements: frozenset[Statement]) -> _Concluded:
        """What the rules conclude from statements, as the case that makes them."""
        key = statements or subject
        known = self._concluded.get(key)
        if known is not None:
            return known
        if len(self._concluded) >= _REMEMBERED:
            self._concluded.clear()
        topic = self._topics.of[subject[0]]
        evidence = self._evidence_rules.ask(topic, self._encoder.inputs(self._excerpt(subject, statements)))
        statuses = {
            requirement: status
            for requirement, status in evidence.statuses.items()
            if self._attribute_of.get(requirement) in subject
        }
        form = {constant(name) for name in subject}
        concluded = _Concluded(
            frozenset(one for one, status in statuses.items() if status in ("met", "conflicting")),
            frozenset(one for one, status in statuses.items() if status in ("not_met", "conflicting")),
            frozenset(term for term in evidence.requested if term.args[1] in form),
            bool(evidence.atoms["warning"]),
        )
        return self._concluded.setdefault(key, concluded)

    def _excerpt(self, subject: tuple[str, ...], statements: frozenset[Statement]) -> Excerpt:
        samples = {name: self._classes[name].sample for name in subject}
        if subject[0] in self.layout.vocabulary.request_attributes:
            return Excerpt({name: samples[name](value) for name, value, _, _ in statements}, ())
        documents = []
        ordered = sorted(statements, key=lambda statement: (statement[3], repr(statement)))
        for place, (name, value, flags, order) in enumerate(ordered):
            states = {name: samples[name](value)}
            qualifiers = self.layout.qualifiers.get(name, ())
            states |= {q: f for q, f in zip(qualifiers, flags, strict=True) if f is not None}
            day = datetime.date.fromisoformat(day_of(order))
            documents.append(Stated(str(place), self.layout.usual_type(name), day, states))
        return Excerpt({}, documents)
