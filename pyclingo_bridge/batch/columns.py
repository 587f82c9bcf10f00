"""From the columns of a table to the state of each claim: two planes a claim, supported and refuted.

What a row says of a subject is one of few things. Each is put to the evidence rules once, as the
case it would be; what they find of it holds for every row that says the same. Nothing is judged
here, and what the case reader refuses is told of as bad, never guessed at.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa

from pyclingo_bridge.batch.layout import ID, Layout, day_of
from pyclingo_bridge.batch.meanings import Meaning, Meanings
from pyclingo_bridge.batch.parts import Indexed, Part
from pyclingo_bridge.batch.reading import Reader, Rows, Shape, Statement
from pyclingo_bridge.batch.words import Plane, Words, words_for
from pyclingo_bridge.case import Stated
from pyclingo_bridge.facts import Encoder, Excerpt, Topics
from pyclingo_bridge.terms import Term, Value, constant, plain
from pyclingo_bridge.weigh import Weigher

CHUNK = 262_144
"""How many rows are best looked at together: what one column comes to stays near the processor."""

_MOST_COMBINATIONS = 512
"""How many things may be said of a subject by columns that are looked at one by one."""


_REMEMBERED = 1_000_000
_REMEMBERED_PLANS = 1_000


class Told(NamedTuple):
    """What the rules find of what is said of a subject.

    Attributes:
        supported: the claims that are supported.
        refuted: the claims that are refuted.
        requested: what the request form gives, as `value` terms.
    """

    supported: frozenset[Value]
    refuted: frozenset[Value]
    requested: frozenset[Term]


_NOTHING = Told(frozenset(), frozenset(), frozenset())


@dataclass(frozen=True)
class Planes:
    """The states of claims in some rows.

    Attributes:
        words: how planes of these rows are held.
        supported: for each claim, the rows in which it is supported.
        refuted: for each claim, the rows in which it is refuted.
        requested: for each `value` term of the request form, the rows whose form gives it.
        bad: the rows that are no cases, of which the other planes tell nothing. Where rows have no
            column of ids, they are not asked for one.
    """

    words: Words
    supported: Mapping[Value, Plane]
    refuted: Mapping[Value, Plane]
    requested: Mapping[Term, Plane]
    bad: Plane


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
        sets: for each thing asked of, the combinations that lead to it.
        trees: each set, taken apart column by column.
    """

    meanings: tuple[tuple[Meaning, ...], ...]
    sizes: tuple[int, ...]
    told: list[Told]
    refused: int
    sets: dict[tuple[str, Value], int] = field(default_factory=dict)
    trees: dict[int, _Tree] = field(default_factory=dict)

    def members(self, kind: str, value: Value) -> int:
        """The combinations of whose findings some kind holds a value."""
        key = (kind, value)
        if key not in self.sets:
            self.sets[key] = sum(
                1 << place for place, told in enumerate(self.told) if value in getattr(told, kind)
            )
        return self.sets[key]


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
    """Reads tables of cases for one policy under its readings."""

    def __init__(
        self,
        layout: Layout,
        encoder: Encoder,
        weigher: Weigher,
        topics: Topics,
        attribute_of: Mapping[Value, str],
    ) -> None:
        """Take the layout, how values are encoded and weighed, and what each claim is about."""
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
    def claims(self) -> frozenset[Value]:
        """The claims that have planes: of those that are true of the same values, one."""
        return frozenset(self._attribute_of)

    def planes(
        self,
        rows: pa.Table | pa.RecordBatch,
        wanted: Collection[Value] | None = None,
        requested: Iterable[Term] = (),
        *,
        arrays: bool | None = None,
    ) -> Planes:
        """The states of claims in the rows, best about `CHUNK` of them, of a table.

        Args:
            rows: rows with columns as the layout has them; see `Layout.check`.
            wanted: the claims to tell of; all of them where none are given.
            requested: the `value` terms of the request form to tell of.
            arrays: whether planes are NumPy's arrays; where it is installed, unless told otherwise.
        """
        words = words_for(rows.num_rows, arrays=arrays)
        table = Rows(rows, words, self._several_of(rows.schema))
        form: dict[str, Part] = {}
        found = {names: self._found(names, table, form) for names in self.layout.subjects}
        supported, refuted = {}, {}
        for claim in self.claims if wanted is None else wanted:
            one, plan = found[self._subject[self._attribute_of[claim]]]
            supported[claim] = one.plane(plan.members("supported", claim))
            refuted[claim] = one.plane(plan.members("refuted", claim))
        given = {}
        for term in requested:
            one, plan = found[self._subject[str(plain(term.args[1]))]]
            given[term] = one.plane(plan.members("requested", term))
        bad = self._reader.unfit(words, form)
        if ID in rows.schema.names:
            bad = bad | self._reader.nameless(table)
        for one, plan in found.values():
            if plan.refused:
                bad = bad | one.plane(plan.refused)
        return Planes(words, supported, refuted, given, bad)

    def _several_of(self, schema: pa.Schema) -> frozenset[str]:
        """The columns of several statements; most chunks are of the same table."""
        if self._schema is None or not self._schema[0].equals(schema):
            self._schema = (schema, self.layout.several(schema))
        return self._schema[1]

    def _found(
        self, names: tuple[str, ...], rows: Rows, form: dict[str, Part]
    ) -> tuple[_Found, _Plan]:
        """What rows say of a subject; the parts of the request form are left in `form`."""
        shaped = [pair for name in names for pair in self._reader.parts(name, rows)]
        shapes, parts = [shape for shape, _ in shaped], [part for _, part in shaped]
        form |= {shape.attribute: part for shape, part in shaped}
        if len(parts) > 1 and prod(part.size for part in parts) > _MOST_COMBINATIONS:
            parts = [self._joined(rows.words, parts)]
        # The plan holds on to the meanings: while it is known, nothing else has their places.
        key = (*shapes, *((id(part.meanings), part.nullable) for part in parts))
        if key not in self._plans:
            if len(self._plans) >= _REMEMBERED_PLANS:
                self._plans.clear()
            self._plans[key] = self._plan(names, shapes, parts)
        plan = self._plans[key]
        return _Found(rows.words, parts, plan), plan

    @staticmethod
    def _joined(words: Words, parts: Sequence[Part]) -> Part:
        """Columns as one, whose codes are the combinations that occur."""
        codes, found = words.joined([part.codes() for part in parts])
        each = [_meanings(part) for part in parts]
        meanings = tuple(
            tuple(own[code] for own, code in zip(each, combination, strict=True))
            for combination in found
        )
        return Indexed(words, meanings, codes, None)

    def _plan(
        self, names: tuple[str, ...], shapes: Sequence[Shape], parts: Sequence[Part]
    ) -> _Plan:
        if len(parts) == len(shapes):
            combinations: Iterable[tuple[Meaning, ...]] = product(*map(_meanings, parts))
        else:
            combinations = parts[0].meanings
        told, refused = [], 0
        for place, combination in enumerate(combinations):
            said = self._said(shapes, combination)
            told.append(_NOTHING if said is None else self._weighed(names, said))
            refused |= (said is None) << place
        held = tuple(part.meanings for part in parts)
        return _Plan(held, tuple(part.size for part in parts), told, refused)

    def _said(
        self, shapes: Sequence[Shape], combination: tuple[Meaning, ...]
    ) -> frozenset[Statement] | None:
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
        own = {claim for claim in weighed.states if self._attribute_of.get(claim) in names}
        form = {constant(name) for name in names}
        return Told(
            frozenset(c for c in own if weighed.states[c] in ("established", "conflicting")),
            frozenset(c for c in own if weighed.states[c] in ("refuted", "conflicting")),
            frozenset(term for term in weighed.requested if term.args[1] in form),
        )

    def _excerpt(self, names: tuple[str, ...], said: frozenset[Statement]) -> Excerpt:
        samples = {name: self._meanings[name].sample for name in names}
        if names[0] in self.layout.vocabulary.request_attributes:
            return Excerpt({name: samples[name](value) for name, value, _, _ in said}, ())
        kind = min(self.layout.vocabulary.document_types)
        documents = []
        ordered = sorted(said, key=lambda statement: (statement[3], repr(statement)))
        for place, (name, value, flags, order) in enumerate(ordered):
            states = {name: samples[name](value)}
            qualifiers = self.layout.qualifiers.get(name, ())
            states |= {q: f for q, f in zip(qualifiers, flags, strict=True) if f is not None}
            day = datetime.date.fromisoformat(day_of(order))
            documents.append(Stated(str(place), kind, day, states))
        return Excerpt({}, documents)
