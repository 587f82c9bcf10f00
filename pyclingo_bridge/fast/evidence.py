"""What a case's statements come to, by masks: a fold over what each says, one for each kind of attribute.

The rules of evidence, in `asp/engine/evidence/`, say what is right; this gives the same answers, for one
case and for the rows of tables.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from pyclingo_bridge.base.terms import Term, constant, plain
from pyclingo_bridge.cases.attributes import DETAIL, Attribute
from pyclingo_bridge.cases.days import Day, first_day, last_day, read_day
from pyclingo_bridge.cases.statements import CaseStatements
from pyclingo_bridge.core.facts import REQUEST, Encoder, number_span
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.bars import Bars
from pyclingo_bridge.fast.expected_input import ExpectedInput
from pyclingo_bridge.fast.masks import Saying, Times, ValueMasks
from pyclingo_bridge.fast.statements import ListStatement as ListStatement
from pyclingo_bridge.fast.statements import Statements as Statements
from pyclingo_bridge.fast.statements import ValueStatement as ValueStatement

ReadValue: TypeAlias = Callable[[Any, Day, "datetime.date | None"], Iterable[Saying]]
"""What stating a value in a document of some day says, by the day of the request."""


class EvidenceFold:
    """Reads what documents state under one policy and its interpretations, and adds it up."""

    def __init__(self, structure: Structure, encoder: Encoder, watched: frozenset[Term]) -> None:
        """Take the policy, how its values are told apart, and the `value` terms that durations rest on."""
        self._structure = structure
        self._vocabulary = vocabulary = structure.vocabulary
        self._encoder = encoder
        self._watched = watched
        self._durations = {str(plain(term.args[1])) for term in watched}
        self.masks = ValueMasks(structure, encoder)
        self.times = Times(structure)
        self.bars = Bars(structure)
        self.expected_input: ExpectedInput = ExpectedInput(structure)
        self._increases = [tuple(str(plain(arg)) for arg in term.args) for term in structure.facts["increase"]]
        self.decided_flags = {flag for flag, _, _ in self._increases}
        self._lists = {name: one for name, one in vocabulary.all.items() if one.domain in ("list", "drugs")}
        self.drug_lists = {name: one for name, one in self._lists.items() if one.domain == "drugs"}
        self._flags_of_lists = {listed: flag for flag, listed in vocabulary.qualifiers.items()}
        self._readers = {
            name: self._reader(one)
            for name, one in vocabulary.all.items()
            if name not in self._lists and (one.kind != DETAIL or name in self.times.dates)
        }
        self._defaults = {
            name: one.default for name, one in vocabulary.request_attributes.items() if one.default is not None
        }
        self._kinds = {name: one.kind for name, one in vocabulary.attributes.items()}
        self._pooled = {
            name
            for name, one in vocabulary.attributes.items()
            if (one.kind, one.domain) == ("cumulative", "flag")
        }

    # From documents to statements

    def statements(self, said: CaseStatements) -> Statements:
        """What the documents say that is heard, each statement with what it says of requirements."""
        found = Statements({}, {})
        readers, day = self._readers, said.day
        for place, document in enumerate(said.documents):
            date, states = document.date, document.states
            days = place, first_day(date), last_day(date)
            barred = self.bars.of(document, said.tumor)
            for name, value in states.items():
                if name in barred:
                    continue
                read = readers.get(name)
                if read is not None:
                    self._hear(found, days, read(value, date, day), barred)
                elif name in self._lists:
                    attribute = self._lists[name]
                    whole = states.get(self._flags_of_lists.get(name, ""), False)
                    found.add_list(name, ListStatement(*days, self.masks.of_list(attribute, value), whole))
                    self._hear(found, days, self.masks.listed_besides(attribute, value), barred)
        return found

    @staticmethod
    def _hear(
        found: Statements,
        days: tuple[int, datetime.date, datetime.date],
        sayings: Iterable[Saying],
        barred: frozenset[str],
    ) -> None:
        """Take what a document at its place says, but for what of it does not count."""
        for one in sayings:
            if one.attribute in barred:
                continue
            if one.held is not None:
                found.add_list(one.attribute, ListStatement(*days, one.held, False))
            elif (values := found.values.get(one.attribute)) is None:
                found.values[one.attribute] = [ValueStatement(*days, one)]
            else:
                values.append(ValueStatement(*days, one))

    def read(self, name: str, value: Any, date: Day, day: datetime.date | None) -> Iterable[Saying]:
        """What stating a value that is no list says, in a document of some day, by the day of the request."""
        return self._readers[name](value, date, day)

    def _reader(self, attribute: Attribute) -> ReadValue:
        """What reads a stated value of an attribute that is no list."""
        if attribute.name in self.times.dates:
            return self._day_reader(attribute)
        if attribute.domain not in ("whole_number", "decimal", "date"):
            return lambda value, _date, _day: self.masks.impacts(attribute, value)
        how = self.times.grows.get(attribute.name)
        besides = self.masks.speaks_for(attribute.name)

        def read(value: Any, date: Day, day: datetime.date | None) -> Iterable[Saying]:
            span = number_span(attribute, value)
            assert span is not None
            alone = span[0] == span[1] and not isinstance(value, Mapping)
            if how and day:
                span_then = self.times.grown(how, *span, date, day)
                found = self.masks.of_number(attribute, attribute.name, *span_then)
            elif alone:
                found = self.masks.of_stated_number(attribute, span[0])
            else:
                found = self.masks.of_number(attribute, attribute.name, *span)
            if besides and alone:
                return (*found, *self.masks.stated_besides(attribute.name, span[0]))
            return found

        return read

    def _day_reader(self, attribute: Attribute) -> ReadValue:
        """What reads a stated day that counts as a statement of another attribute."""
        name, how = self.times.dates[attribute.name]
        about = self._vocabulary.attributes[name]

        def read(value: Any, _date: Day, day: datetime.date | None) -> Iterable[Saying]:
            stated = read_day(value)
            if day is None:
                return ()
            if isinstance(how, Term) and how.args:
                inside, outside = self.times.recent(how, stated, day)
                return (self.masks.of_flag(name, attribute.name, None if inside and outside else inside),)
            return self.masks.of_number(about, attribute.name, *self.times.since(str(how), stated, day))

        return read

    # From statements to what is supported and refuted

    def fold(
        self, said: Statements, request: Mapping[str, Any], form: Iterable[str] | None = None
    ) -> tuple[int, int]:
        """The requirements that something supports, and those that something refutes.

        Args:
            said: what documents say.
            request: the request form.
            form: the attributes of the form that are asked about; all of them where none are given.
        """
        supports = refutes = 0
        for name, values in said.values.items():
            s, r = self._folded(name, values)
            supports, refutes = supports | s, refutes | r
        for name, lists in said.lists.items():
            for _, s, r in self.decided(name, lists):
                supports, refutes = supports | s, refutes | r
        for impact in self.form(request, said, form):
            supports, refutes = supports | impact.supports, refutes | impact.refutes
        return supports, refutes

    def _folded(self, name: str, values: Sequence[ValueStatement]) -> tuple[int, int]:
        if name in self._pooled:
            return self._pool(name, values)
        supports = refutes = 0
        for one in self.counting(name, values):
            supports, refutes = supports | one.impact.supports, refutes | one.impact.refutes
        return supports, refutes

    def counting(self, name: str, values: Sequence[Any]) -> Sequence[Any]:
        """Of the statements on an attribute those that count: of the latest only what may be the latest."""
        if len(values) < 2 or self._kinds[name] != "latest":
            return values
        newest = max(one.first for one in values)
        return [one for one in values if one.last >= newest]

    def _pool(self, name: str, values: Sequence[ValueStatement]) -> tuple[int, int]:
        """Of a flag that is true once some document says so."""
        flags = {one.impact.flag for one in values}
        told = True if True in flags else False if False in flags else None
        if told is None:
            return 0, 0
        impact = self.masks.of_flag(name, name, told)
        return impact.supports, impact.refutes

    def decided(self, name: str, lists: Sequence[ListStatement]) -> Iterator[tuple[ListStatement, int, int]]:
        """What each list that counts supports and refutes, by what it holds and by what it leaves out."""
        on, kind = self.masks.on[name], self._kinds[name]
        lists = self.counting(name, lists)
        everything = 0
        unread = False
        for one in lists:
            everything |= one.held.hits
            unread |= one.held.unread
        for one in lists:
            hits, absent = one.held.hits, on & ~one.held.hits
            if kind == "history":
                absent = absent & ~self.masks.of_treatments if self._is_whole(one, lists, unread) else 0
            elif kind == "cumulative":
                absent = 0 if unread else on & ~everything
            elif one.held.unread:
                absent = 0
            positive, negative = self.masks.positive, self.masks.negative
            yield one, positive & hits | negative & absent, negative & hits | positive & absent

    def _is_whole(self, one: ListStatement, lists: Sequence[ListStatement], unread: bool) -> bool:
        """Whether what a list of treatments leaves out did not happen."""
        return one.whole and not unread and not self.overtaking(one, lists)

    @staticmethod
    def overtaking(one: ListStatement, lists: Sequence[ListStatement]) -> int:
        """The anticancer drugs that a list lacks, and one that is not surely earlier holds."""
        found = 0
        for other in lists:
            if other.last >= one.first:
                found |= other.held.anticancer
        return found & ~one.held.anticancer

    def form(
        self, request: Mapping[str, Any], said: Statements, names: Iterable[str] | None = None
    ) -> Iterator[Saying]:
        """What the request form says of some attributes; a flag that documents decide is left to them."""
        known = self._vocabulary.request_attributes
        for name in known if names is None else names:
            attribute = known[name]
            if name in self._lists:
                yield self._form_list(attribute, tuple(request.get(name, ())))
            elif (name in request or name in self._defaults) and not (
                name in self.decided_flags and self.increases(name, request, said)
            ):
                yield from self._form_value(attribute, request.get(name, self._defaults.get(name)))
        for flag in self.decided_flags:
            for _, impact in self.increases(flag, request, said):
                yield impact

    def _form_value(self, attribute: Attribute, value: Any) -> Iterable[Saying]:
        if attribute.domain in ("whole_number", "decimal", "date"):
            span = number_span(attribute, value)
            assert span is not None
            return self.masks.of_stated_number(attribute, span[0])
        return self.masks.impacts(attribute, value)[:1]

    def _form_list(self, attribute: Attribute, members: tuple[str, ...]) -> Saying:
        held = self.masks.of_list(attribute, members)
        positive, negative = self.masks.positive, self.masks.negative
        absent = 0 if held.unread else self.masks.on[attribute.name] & ~held.hits
        supports = positive & held.hits | negative & absent
        return Saying(attribute.name, attribute.name, supports, negative & held.hits | positive & absent)

    def is_unread(self, said: Statements, request: Mapping[str, Any]) -> bool:
        """Whether some list that counts, or one of the form, holds a name that nobody knows."""
        if any(one.held.unread for lists in said.lists.values() for one in lists):
            return True
        return any(
            self.masks.of_list(self._lists[name], tuple(value)).unread
            for name, value in request.items()
            if name in self._lists
        )

    def increases(
        self, flag: str, request: Mapping[str, Any], said: Statements
    ) -> list[tuple[ValueStatement, Saying]]:
        """What documents say of a flag by a number that the form's number is compared with."""
        found: list[tuple[ValueStatement, Saying]] = []
        for name, asked, documented in self._increases:
            if name != flag or asked not in request:
                continue
            for one in self.counting(documented, said.values.get(documented, ())):
                above, below = request[asked] > one.impact.high, request[asked] <= one.impact.low
                told = True if above else False if below else None
                found.append((one, self.masks.of_flag(flag, documented, told)))
        return found

    def requested(self, request: Mapping[str, Any]) -> frozenset[Term]:
        """What the form gives of what durations rest on, as `value` terms."""
        terms = (
            Term("value", (REQUEST, constant(name), self._encoder.region(name, request[name])))
            for name in self._durations
            if name in request
        )
        return frozenset(term for term in terms if term in self._watched)
