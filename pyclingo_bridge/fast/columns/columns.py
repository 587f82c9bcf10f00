"""From the columns of a table to the state of each requirement: two planes a requirement, supported and refuted.

What a row says of a subject is one of few things. Each is put to the evidence rules once, as the
case it would be; what they find of it holds for every row that says the same. Nothing is judged
here, and what the case reader refuses is told of as bad, never guessed at.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa

from pyclingo_bridge.core.evidence import Weigher
from pyclingo_bridge.core.facts import Encoder, Excerpt, Topics
from pyclingo_bridge.core.statements import Stated
from pyclingo_bridge.core.terms import Term, Value, constant, plain
from pyclingo_bridge.fast.circuit import CONFLICTING, ESTABLISHED, OPEN, REFUTED
from pyclingo_bridge.fast.columns.layout import ID, Layout, day_of
from pyclingo_bridge.fast.columns.meanings import Meaning, Meanings
from pyclingo_bridge.fast.columns.parts import Indexed, Part
from pyclingo_bridge.fast.columns.reader import MOST_SHARED, Reader, Rows, Shape, Statement
from pyclingo_bridge.fast.columns.steps import Sketch, Tape
from pyclingo_bridge.fast.columns.words import ARRAYS, ArrayWords, Plane, Words, words_for

CHUNK = 262_144
"""How many rows are best looked at together: what one column comes to stays near the processor."""

_LONG = 4
"""How many blocks of a record batch make it worth while to write down what is to be done to it."""

_MOST_COMBINATIONS = 512
"""How many things may be said of a subject by columns that are looked at one by one."""


_REMEMBERED = 100_000
_REMEMBERED_PLANS = 1_000
_REMEMBERED_QUESTIONS = 100


class Told(NamedTuple):
    """What the rules find of what is said of a subject.

    Attributes:
        supported: the requirements that are supported.
        refuted: the requirements that are refuted.
        requested: what the request form gives, as `value` terms.
        warned: whether the rules warn of it.
    """

    supported: frozenset[Value]
    refuted: frozenset[Value]
    requested: frozenset[Term]
    warned: bool = False


_NOTHING = Told(frozenset(), frozenset(), frozenset())


@dataclass(frozen=True)
class Planes:
    """The states of requirements in some rows.

    Attributes:
        words: how planes of these rows are held.
        supported: for each requirement, the rows in which it is supported.
        refuted: for each requirement, the rows in which it is refuted.
        requested: for each `value` term of the request form, the rows whose form gives it.
        bad: the rows that are no cases, of which the other planes tell nothing. Where rows have no
            column of ids, they are not asked for one.
        states: for each requirement the states that it can be in, added up as `compiled.circuit` has
            them: some cannot come about, whatever stands in columns of their kind.
        warned: for each subject, the rows of which the rules warn, if that was asked for.
    """

    words: Words
    supported: Mapping[Value, Plane]
    refuted: Mapping[Value, Plane]
    requested: Mapping[Term, Plane]
    bad: Plane
    states: Mapping[Value, int]
    warned: Mapping[tuple[str, ...], Plane]


@dataclass
class _Answers:
    """Planes, as in `Planes`; and the parts of the request form, by attribute."""

    supported: dict[Value, Plane]
    refuted: dict[Value, Plane]
    requested: dict[Term, Plane]
    form: dict[str, Part]
    bad: Plane
    states: dict[Value, int]
    warned: dict[tuple[str, ...], Plane]


@dataclass
class _Plan:
    """For columns with certain meanings: which combinations of codes lead to what.

    A set of combinations is a number whose bits are the combinations, the last column's codes
    following one another.

    Attributes:
        meanings: what the codes of each column mean.
        sizes: how many codes each column has.
        told: what each combination comes to.
        refused: the combinations that are refused.
        warned: those of which the rules warn.
        answers: what was asked before, by the question.
        trees: each set, taken apart column by column.
    """

    meanings: tuple[tuple[Meaning, ...], ...]
    sizes: tuple[int, ...]
    told: list[Told]
    refused: int
    warned: int
    answers: dict[int, tuple[_Question, _Answer]] = field(default_factory=dict)
    trees: dict[int, _Tree] = field(default_factory=dict)

    def answer(self, question: _Question) -> _Answer:
        """For each thing asked of the combinations that lead to it."""
        # By what the question is, not by what it says: that would be to look at every term. It is
        # held on to, so that no other can take its place.
        if id(question) not in self.answers:
            answer = _Answer(
                tuple(
                    (
                        requirement,
                        self._members("supported", requirement),
                        self._members("refuted", requirement),
                    )
                    for requirement in question.requirements
                ),
                {requirement: self._states(requirement) for requirement in question.requirements},
                tuple((term, self._members("requested", term)) for term in question.requested),
            )
            self.answers[id(question)] = (question, answer)
        return self.answers[id(question)][1]

    def _states(self, requirement: Value) -> int:
        """The states of a requirement that some combination comes to, added up."""
        # Rows that are no cases come to a combination too, and must not be taken for another.
        found = 0
        for told in self.told:
            found |= _STATES[requirement in told.supported, requirement in told.refuted]
        return found

    def _members(self, kind: str, value: Value) -> int:
        """The combinations of whose findings some kind holds a value."""
        return sum(1 << place for place, told in enumerate(self.told) if value in getattr(told, kind))


_STATES = {
    (True, False): ESTABLISHED,
    (False, False): OPEN,
    (True, True): CONFLICTING,
    (False, True): REFUTED,
}


class _Question(NamedTuple):
    """What is asked of a subject: requirements, and `value` terms."""

    names: tuple[str, ...]
    requirements: tuple[Value, ...]
    requested: tuple[Term, ...]


class _Answer(NamedTuple):
    """Each requirement with the combinations that support and that refute it, and the states that these
    come to; each term with its own combinations."""

    requirements: tuple[tuple[Value, int, int], ...]
    states: Mapping[Value, int]
    requested: tuple[tuple[Term, int], ...]


class _Branch(NamedTuple):
    """The codes of a column, and what then has to hold of the columns after it."""

    codes: int
    rest: _Tree


_Tree: TypeAlias = int | tuple[_Branch, ...]


def _tree(members: int, sizes: Sequence[int]) -> _Tree:
    if len(sizes) == 1:
        return members
    width = 1
    for size in sizes[1:]:
        width *= size
    rest: dict[int, int] = {}
    for code in range(sizes[0]):
        part = members >> code * width & (1 << width) - 1
        rest[part] = rest.get(part, 0) | 1 << code
    return tuple(_Branch(codes, _tree(part, sizes[1:])) for part, codes in rest.items() if part)


class _Found:
    """The planes of one subject in some rows, each made when first asked for."""

    def __init__(self, words: Words, parts: Sequence[Part], plan: _Plan) -> None:
        self._words = words
        self._parts = parts
        self._plan = plan
        self._planes: dict[int, Plane] = {}

    def plane(self, members: int) -> Plane:
        """The rows whose combination is in a set."""
        if members not in self._planes:
            trees = self._plan.trees
            if members not in trees:
                trees[members] = _tree(members, self._plan.sizes)
            self._planes[members] = self._grown(trees[members], 0)
        return self._planes[members]

    def _grown(self, tree: _Tree, place: int) -> Plane:
        if isinstance(tree, int):
            return self._parts[place].rows(tree)
        ones, found = self._words.ones, self._words.zeros
        for branch in tree:
            chosen = self._parts[place].rows(branch.codes)
            rest = self._grown(branch.rest, place + 1)
            one = chosen if rest is ones else rest if chosen is ones else chosen & rest
            found = one if found is self._words.zeros else found | one
        return found


def _meanings(part: Part) -> tuple[Meaning, ...]:
    return (*part.meanings, None) if part.nullable else part.meanings


class Columns:
    """Reads tables of cases for one policy under its interpretations."""

    def __init__(
        self,
        layout: Layout,
        encoder: Encoder,
        weigher: Weigher,
        topics: Topics,
        attribute_of: Mapping[Value, str],
    ) -> None:
        """Take the layout, how values are encoded and weighed, and what each requirement is about."""
        self.layout = layout
        self._encoder = encoder
        self._weigher = weigher
        self._topics = topics
        self._attribute_of = attribute_of
        vocabulary = layout.vocabulary
        self._meanings = {
            name: Meanings(entry, encoder, self._kept(name), apart=self._told_apart(name))
            for name, entry in vocabulary.attributes.items()
        }
        self._reader = Reader(layout, self._meanings, encoder)
        self._told: dict[frozenset[Statement] | tuple[str, ...], Told] = {}
        self._plans: dict[tuple[Any, ...], _Plan] = {}
        self._questions: dict[tuple[frozenset[Value] | None, frozenset[Term]], tuple[_Question, ...]] = {}
        self._schema: tuple[pa.Schema, frozenset[str]] | None = None
        self._subject = {name: names for names in layout.subjects for name in names}

    def _told_apart(self, attribute: str) -> bool:
        # Whether a later list holds what an earlier one lacks is asked of drugs, not of their kinds.
        kind = self.layout.vocabulary.attributes[attribute].kind
        return kind == "history" and attribute in self.layout.ordered

    def _kept(self, attribute: str) -> list[Value]:
        """The values of a form's attribute that may be given only with another's, or let that be."""
        pairs = self.layout.vocabulary.only_with
        ends = [end for one in pairs for end in (one[:2], one[2:])]
        return [value for name, value in ends if name == attribute]

    @cached_property
    def requirements(self) -> frozenset[Value]:
        """The requirements that have planes: of those that are true of the same values, one."""
        return frozenset(self._attribute_of)

    def planes(
        self,
        rows: pa.Table | pa.RecordBatch,
        wanted: Collection[Value] | None = None,
        requested: Iterable[Term] = (),
        *,
        arrays: bool | None = None,
        warned: bool = False,
    ) -> Planes:
        """The states of requirements in the rows, best about `CHUNK` of them, of a table.

        Args:
            rows: rows with columns as the layout has them; see `Layout.check`.
            wanted: the requirements to tell of; all of them where none are given.
            requested: the `value` terms of the request form to tell of.
            arrays: whether planes are NumPy's arrays; where it is installed, unless told otherwise.
            warned: tell of warnings too.
        """
        words = words_for(rows.num_rows, arrays=arrays)
        told = Rows(rows, words, self._several_of(rows.schema))
        found = self.answers(self._asked(wanted, requested), told, warned)
        bad = found.bad | self.unfit(words, found) | self.nameless(told)
        return Planes(words, found.supported, found.refuted, found.requested, bad, found.states, found.warned)

    def blocks(
        self,
        table: pa.Table,
        wanted: Collection[Value] | None = None,
        requested: Collection[Term] = (),
        *,
        arrays: bool | None = None,
        size: int = CHUNK,
        warned: bool = False,
    ) -> Iterator[tuple[int, Planes]]:
        """The states of requirements in one block of a table's rows after the other.

        The planes are good until the next block is asked for: it takes their memory.

        Args:
            table: the table; what is to be done to its columns is found out once for each of its
                record batches that are long enough.
            wanted: as for `planes`; so are `requested`, `arrays` and `warned`.
            size: the rows of a block.

        Yields: the number of the first row, and the planes of the rows from there on.
        """
        batches = table.to_batches() if ARRAYS and arrays is not False else []
        if any(batch.num_rows < _LONG * size for batch in batches[:-1]) or not batches:
            for start in range(0, table.num_rows, size):
                rows = table.slice(start, size)
                yield start, self.planes(rows, wanted, requested, arrays=arrays, warned=warned)
            return
        first = 0
        for batch in batches:
            for start, planes in self._blocks(batch, wanted, requested, size, warned):
                yield first + start, planes
            first += batch.num_rows

    def _blocks(
        self,
        batch: pa.RecordBatch,
        wanted: Collection[Value] | None,
        requested: Collection[Term],
        size: int,
        warned: bool,
    ) -> Iterator[tuple[int, Planes]]:
        rest = 0
        if batch.num_rows >= _LONG * size:
            rest = batch.num_rows - batch.num_rows % size
            steady = _Steady(self, batch, self._asked(wanted, requested), warned)
            words = ArrayWords(size)
            for start in range(0, rest, size):
                yield start, steady.planes(words, start)
        for start in range(rest, batch.num_rows, size):
            rows = batch.slice(start, size)
            yield start, self.planes(rows, wanted, requested, warned=warned)

    def answers(self, asked: Iterable[_Question], rows: Rows, warned: bool = False) -> _Answers:
        """What rows say to some questions, each of another subject; if so asked, with warnings."""
        found = _Answers({}, {}, {}, {}, rows.words.zeros, {}, {})
        # One subject after the other, so that what only one of them takes is soon free again.
        for question in asked:
            one, plan = self._found(question.names, rows, found.form)
            answer = plan.answer(question)
            found.states |= answer.states
            for requirement, supports, refutes in answer.requirements:
                found.supported[requirement] = one.plane(supports)
                found.refuted[requirement] = one.plane(refutes)
            for term, members in answer.requested:
                found.requested[term] = one.plane(members)
            if plan.refused:
                found.bad = found.bad | one.plane(plan.refused)
            if warned and plan.warned:
                found.warned[question.names] = one.plane(plan.warned)
        return found

    def unfit(self, words: Words, found: _Answers) -> Plane:
        """The rows whose request form has a value that goes only with another, which it has not."""
        return self._reader.unfit(words, found.form)

    def nameless(self, rows: Rows) -> Plane:
        """The rows whose id is none, if there is a column of ids."""
        return self._reader.nameless(rows) if ID in rows.names else rows.words.zeros

    def steady(self, names: tuple[str, ...], rows: Rows) -> bool:
        """Whether what is to be done to a subject's columns can be told without a look at the rows."""
        if not all(self._reader.steady(name, rows) for name in names):
            return False
        parts = (part for name in names for _, part in self._reader.parts(name, rows))
        return prod(part.size for part in parts) <= _MOST_COMBINATIONS

    def _asked(self, wanted: Collection[Value] | None, requested: Iterable[Term]) -> tuple[_Question, ...]:
        """What is asked of each subject; the same objects for the same question."""
        key = (None if wanted is None else frozenset(wanted), frozenset(requested))
        found = self._questions.get(key)
        if found is None:
            if len(self._questions) >= _REMEMBERED_QUESTIONS:
                self._questions.clear()
                self._plans.clear()
            requirements: dict[tuple[str, ...], list[Value]] = {}
            for requirement in sorted(self.requirements if wanted is None else wanted, key=str):
                requirements.setdefault(self._subject[self._attribute_of[requirement]], []).append(requirement)
            terms: dict[tuple[str, ...], list[Term]] = {}
            for term in sorted(key[1], key=str):
                terms.setdefault(self._subject[str(plain(term.args[1]))], []).append(term)
            found = self._questions[key] = tuple(
                _Question(names, tuple(requirements.get(names, ())), tuple(terms.get(names, ())))
                for names in self.layout.subjects
            )
        return found

    def _several_of(self, schema: pa.Schema) -> frozenset[str]:
        """The columns of several statements; most chunks are of the same table."""
        known = self._schema
        if known is None or not known[0].equals(schema):
            known = self._schema = (schema, self.layout.several(schema))
        return known[1]

    def _found(self, names: tuple[str, ...], rows: Rows, form: dict[str, Part]) -> tuple[_Found, _Plan]:
        """What rows say of a subject; the parts of the request form are left in `form`."""
        shaped = [pair for name in names for pair in self._reader.parts(name, rows)]
        shapes, parts = [shape for shape, _ in shaped], [part for _, part in shaped]
        form |= {shape.attribute: part for shape, part in shaped}
        if len(parts) > 1 and prod(part.size for part in parts) > _MOST_COMBINATIONS:
            parts = [self._joined(rows.words, parts)]
        # The plan holds on to the meanings: while it is known, nothing else has their places.
        key = (*shapes, *((id(part.meanings), part.nullable) for part in parts))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plan(names, shapes, parts)
            if len(self._plans) >= _REMEMBERED_PLANS:
                self._plans.clear()
            if len(plan.told) <= MOST_SHARED:
                self._plans[key] = plan
        return _Found(rows.words, parts, plan), plan

    @staticmethod
    def _joined(words: Words, parts: Sequence[Part]) -> Part:
        """Columns as one, whose codes are the combinations that occur."""
        codes, found = words.joined([part.codes() for part in parts])
        each = [_meanings(part) for part in parts]
        meanings = tuple(
            tuple(own[code] for own, code in zip(each, combination, strict=True)) for combination in found
        )
        return Indexed(words, meanings, codes, None)

    def _plan(self, names: tuple[str, ...], shapes: Sequence[Shape], parts: Sequence[Part]) -> _Plan:
        if len(parts) == len(shapes):
            combinations: Iterable[tuple[Meaning, ...]] = product(*map(_meanings, parts))
        else:
            combinations = parts[0].meanings
        told, refused, warned = [], 0, 0
        for place, combination in enumerate(combinations):
            said = self._said(shapes, combination)
            told.append(_NOTHING if said is None else self._weighed(names, said))
            refused |= (said is None) << place
            warned |= told[-1].warned << place
        held = tuple(part.meanings for part in parts)
        return _Plan(held, tuple(part.size for part in parts), told, refused, warned)

    def _said(self, shapes: Sequence[Shape], combination: tuple[Meaning, ...]) -> frozenset[Statement] | None:
        """What a combination of meanings says, or None where the case reader refuses it."""
        cells: dict[str, dict[str, Meaning]] = {}
        for shape, meaning in zip(shapes, combination, strict=True):
            cells.setdefault(shape.attribute, {})[shape.column] = meaning
        said: set[Statement] = set()
        for name, cell in cells.items():
            found = self._reader.said(name, cell)
            if found is None:
                return None
            said |= found
        return frozenset(said)

    def _weighed(self, names: tuple[str, ...], said: frozenset[Statement]) -> Told:
        key = said or names
        if key not in self._told:
            if len(self._told) >= _REMEMBERED:
                self._told.clear()
            self._told[key] = self._weigh(names, said)
        return self._told[key]

    def _weigh(self, names: tuple[str, ...], said: frozenset[Statement]) -> Told:
        """What the rules find of statements, as the case that makes them."""
        topic = self._topics.of[names[0]]
        inputs = self._encoder.inputs(self._excerpt(names, said))
        weighed = self._weigher.weigh(topic, inputs)
        own = {requirement for requirement in weighed.states if self._attribute_of.get(requirement) in names}
        form = {constant(name) for name in names}
        return Told(
            frozenset(c for c in own if weighed.states[c] in ("met", "conflicting")),
            frozenset(c for c in own if weighed.states[c] in ("not_met", "conflicting")),
            frozenset(term for term in weighed.requested if term.args[1] in form),
            bool(weighed.atoms["warning"]),
        )

    def _excerpt(self, names: tuple[str, ...], said: frozenset[Statement]) -> Excerpt:
        samples = {name: self._meanings[name].sample for name in names}
        if names[0] in self.layout.vocabulary.request_attributes:
            return Excerpt({name: samples[name](value) for name, value, _, _ in said}, ())
        documents = []
        ordered = sorted(said, key=lambda statement: (statement[3], repr(statement)))
        for place, (name, value, flags, order) in enumerate(ordered):
            states = {name: samples[name](value)}
            qualifiers = self.layout.qualifiers.get(name, ())
            states |= {q: f for q, f in zip(qualifiers, flags, strict=True) if f is not None}
            day = datetime.date.fromisoformat(day_of(order))
            documents.append(Stated(str(place), self.layout.usual_type(name), day, states))
        return Excerpt({}, documents)


class _Steady:
    """What is to be done to a record batch, block by block.

    What needs no look at the rows is written down once; the other columns are read block by block.
    """

    def __init__(
        self, columns: Columns, batch: pa.RecordBatch, asked: Sequence[_Question], warned: bool
    ) -> None:
        self._columns = columns
        self._warned = warned
        self._several = columns.layout.several(batch.schema)
        sketch = Sketch(batch.num_rows)
        rows = Rows(batch, sketch, self._several)
        steady = {question.names for question in asked if columns.steady(question.names, rows)}
        # Those of which one's value goes only with another's are looked at together.
        pairs = columns.layout.vocabulary.only_with
        bound = {(name,) for pair in pairs for name in (pair[0], pair[2])}
        self._bound_elsewhere = not bound <= steady
        steady -= bound if self._bound_elsewhere else set()
        self._others = [question for question in asked if question.names not in steady]
        self._answers = columns.answers([q for q in asked if q.names in steady], rows, warned)
        if not self._bound_elsewhere:
            self._answers.bad |= columns.unfit(sketch, self._answers)
        told = self._answers
        each = (told.supported, told.refuted, told.requested, told.warned)
        self._tape = Tape(sketch, [*(step for held in each for step in held.values()), told.bad])
        layout = columns.layout
        names = {name for question in self._others for name in question.names}
        kept = {ID, *names, *(column for name in names for column in layout.beside(name))}
        # Absent columns have to be answered for too.
        self._rest = batch.select([name for name in batch.schema.names if name in kept])

    def planes(self, words: ArrayWords, start: int) -> Planes:
        """The planes of the rows from `start` on; good until the next are made."""
        made = self._tape.run(words, start)
        told = self._answers
        supported = {requirement: made[step] for requirement, step in told.supported.items()}
        refuted = {requirement: made[step] for requirement, step in told.refuted.items()}
        requested = {term: made[step] for term, step in told.requested.items()}
        states = told.states
        warned = {names: made[step] for names, step in told.warned.items()}
        bad = made[told.bad]
        if self._others or self._rest.num_columns:
            rows = Rows(self._rest.slice(start, words.rows), words, self._several)
            found = self._columns.answers(self._others, rows, self._warned)
            supported |= found.supported
            refuted |= found.refuted
            requested |= found.requested
            states = states | found.states
            bad = bad | found.bad | self._columns.nameless(rows)
            warned |= found.warned
            if self._bound_elsewhere:
                bad = bad | self._columns.unfit(words, found)
        return Planes(words, supported, refuted, requested, bad, states, warned)
