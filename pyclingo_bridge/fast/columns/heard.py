"""What statements of rows say and come to: asked of the masks of evidence, as of the case that makes them."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from pyclingo_bridge.base.errors import quoted
from pyclingo_bridge.base.frozen import FrozenDict
from pyclingo_bridge.base.terms import Term
from pyclingo_bridge.cases.case_problems import value_problems
from pyclingo_bridge.cases.days import Day, first_day, last_day, months_after
from pyclingo_bridge.cases.statements import CaseStatements, Stated
from pyclingo_bridge.cases.statuses import FINAL, IN_ERROR
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.core.warnings import OF_DOCUMENTS as OF_DOCUMENT
from pyclingo_bridge.core.warnings import document_warnings, in_error
from pyclingo_bridge.fast.columns.layout import OF_DOCUMENTS, Layout, own_column
from pyclingo_bridge.fast.columns.values import REFUSED, NoValue, ValueClass
from pyclingo_bridge.fast.masks import ListMasks, Saying
from pyclingo_bridge.fast.remarks import Remarks
from pyclingo_bridge.fast.statements import ListStatement, Statements, ValueStatement
from pyclingo_bridge.fast.weighing import EvidenceMasks

_REMEMBERED = 100_000
_ROW = "row"


def _of_row(texts: Iterable[str]) -> frozenset[str]:
    """Warnings of a document that stands for a row."""
    return frozenset(text.replace(quoted(_ROW), "the row") for text in texts)


class Heard(NamedTuple):
    """What a statement says.

    Attributes:
        values: of attributes that have one value.
        lists: the lists, each with its attribute, and whether it is called whole.
        warned: whether there is something to warn of in what it says.
        texts: what there is to warn of in its document, its date and its status, in words.
    """

    values: tuple[Saying, ...] = ()
    lists: tuple[tuple[str, ListMasks, bool], ...] = ()
    warned: bool = False
    texts: frozenset[str] = frozenset()


class Mention(NamedTuple):
    """What a statement says, and its place in the order of the days that its row gives.

    Attributes:
        heard: what it says.
        first: the place of the first day that its document may be of.
        last: that of the last one.
    """

    heard: Heard
    first: int = 0
    last: int = 0


class HeardTogether(NamedTuple):
    """What statements, and a request form, come to.

    Attributes:
        supports: the requirements that something supports, a bit each.
        refutes: the requirements that something refutes.
        requested: what the request form gives, as `value` terms.
        warned: whether there may be something to warn of that depends on what the row says.
        texts: what else there is to warn of.
        unread: whether a list holds a name that nobody knows.
    """

    supports: int = 0
    refutes: int = 0
    requested: frozenset[Term] = frozenset()
    warned: bool = False
    texts: frozenset[str] = frozenset()
    unread: bool = False


class When(NamedTuple):
    """How long before the request a statement was made: by one pair of days that stands for all alike.

    Attributes:
        date: the date of the statement's document.
        day: the day of the request, if it is known.
    """

    date: Day
    day: datetime.date | None


_Timing: TypeAlias = tuple[Any, ...]


class RowEvidence:
    """Asks what statements of rows say, and come to, under one policy.

    Attributes:
        layout: the columns.
        masks: what is asked.
    """

    def __init__(self, layout: Layout, structure: Structure, masks: EvidenceMasks) -> None:
        self.layout = layout
        self.masks = masks
        self._structure = structure
        self._compared = {str(term.args[2]) for term in structure.facts["increase"]}
        self._heard: dict[Any, Heard | NoValue | None] = {}
        self._concluded: dict[Any, HeardTogether] = {}

    # --- one statement ---

    def measure(self, name: str) -> tuple[Any, ...]:
        """What the time since a statement matters for: of attributes that have it in common, it is alike."""
        months = self.masks.expected_input.stale.get(name)
        return self.masks.times.grows.get(name), name in self.masks.times.dates, months

    def timing(self, name: str, when: When, warned: bool) -> _Timing:
        """What of the time since a statement matters: where it is the same, so is what is said."""
        times, (date, day) = self.masks.times, when
        if day is None:
            return ()
        how = times.grows.get(name)
        found: _Timing = times.grown(how, 0, 0, date, day) if how else ()
        if name in times.dates:
            found = (day,)
        return (*found, *self._oddness(name, when)) if warned else found

    def _oddness(self, name: str, when: When) -> tuple[bool, ...]:
        """Whether a statement is stale, and whether it is later than the request."""
        date, day = when
        if day is None:
            return ()
        months = self.masks.expected_input.stale.get(name)
        return months is not None and last_day(date) < months_after(day, -months), first_day(date) > day

    def alike(self, name: str, value: Any, when: When | None, warned: bool) -> tuple[Any, ...]:
        """What a value that time bears on says: where it is the same, so is what is heard of it."""
        date, day = when or When(self.layout.undated, None)
        impacts = self.masks.read(name, value, date, day)
        says: tuple[Any, ...] = tuple((one.attribute, one.supports, one.refutes, one.flag) for one in impacts)
        if not self._compared.isdisjoint(one.attribute for one in impacts):
            says = (*says, *((one.low, one.high) for one in impacts))
        if not warned:
            return says
        most = self.masks.expected_input.plausible.get(name)
        unlikely = most is not None and any(one.low > most for one in impacts)
        return (says, unlikely, self._oddness(name, when) if when else ())

    def is_timed(self, name: str) -> bool:
        """Whether what is stated of an attribute depends on the time since then."""
        return name in self.masks.times.grows or name in self.masks.times.dates

    def heard(
        self, name: str, cells: Mapping[str, ValueClass], when: When | None, tumor: str | None, warned: bool
    ) -> Heard | NoValue | None:
        """What a statement says; None where there is none, REFUSED where the case reader refuses it.

        Args:
            name: the attribute.
            cells: what stands in its columns.
            when: how long before the request it was made; None where that does not matter.
            tumor: the tumor of the request, if one is named.
            warned: look for what there is to warn of.
        """
        key = (name, tuple(cells.items()), when, tumor, warned)
        if key not in self._heard:
            if len(self._heard) >= _REMEMBERED:
                self._heard.clear()
            self._heard[key] = self._hear(name, cells, when, tumor, warned)
        return self._heard[key]

    def _hear(
        self, name: str, cells: Mapping[str, ValueClass], when: When | None, tumor: str | None, warned: bool
    ) -> Heard | NoValue | None:
        if any(value is REFUSED for value in cells.values()):
            return REFUSED
        states = self.layout.states(name, cells)
        if not states:
            return None
        ranged = any(cells.get(column) is not None for column in self.layout.bounds(name).values())
        if name not in states or (ranged and cells.get(name) is not None):
            return REFUSED
        if ranged and any(value_problems(states[name], self.layout.stated[name], ())):
            return REFUSED
        fields = {field: cells.get(own_column(name, field)) for field in self.layout.fields(name)}
        about = {field: value for field, value in fields.items() if value is not None}
        states |= {field: value for field, value in about.items() if field not in OF_DOCUMENTS}
        date, day = when or When(self.layout.undated, None)
        document = Stated(
            _ROW,
            about.get("type", self.layout.usual_type(name)),
            date,
            FrozenDict(states),
            status=about.get("status", FINAL),
            tumor=about.get("tumor"),
        )
        return self.of_document(document, day, tumor, warned)

    def of_document(
        self, document: Stated, day: datetime.date | None, tumor: str | None, warned: bool
    ) -> Heard:
        """What a document says that stands alone."""
        if document.status == IN_ERROR:
            texts = _of_row({in_error(document.id)} if warned else ())
            return Heard(warned=warned and self._is_unusual(document), texts=texts)
        said = CaseStatements(FrozenDict(), (document,), day=day, tumor=tumor)
        statements = self.masks.statements(said)
        values = [one.impact for own in statements.values.values() for one in own]
        lists = [(name, one.held, one.whole) for name, own in statements.lists.items() for one in own]
        remarks = self._remarks(said, statements) if warned else []
        return Heard(
            tuple(map(self._told_apart, values)),
            tuple(lists),
            any(term.name not in OF_DOCUMENT for term in remarks) or (warned and self._is_unusual(document)),
            _of_row(document_warnings(remarks, self._structure)),
        )

    def _told_apart(self, impact: Saying) -> Saying:
        """What a value says, without the number itself where nothing is compared with it."""
        return impact if impact.attribute in self._compared else impact._replace(low=0, high=0)

    def _remarks(self, said: CaseStatements, statements: Statements) -> list[Term]:
        """What there is to warn of, but for the day of the request."""
        remarks = Remarks(self.masks, self._structure, said, statements).found()
        return [term for term in remarks if term.name != "not_in_force"]

    def _is_unusual(self, document: Stated) -> bool:
        """Whether a document is of a type that does not usually show a detail that it states."""
        vocabulary = self.layout.vocabulary
        details = vocabulary.details.keys() & document.states.keys()
        return any(document.type not in vocabulary.shown_by.get(name, ()) for name in details)

    # --- all statements on attributes that bear on one another ---

    def concluded(
        self, mentions: frozenset[Mention], request: Mapping[str, Any], form: Collection[str], warned: bool
    ) -> HeardTogether:
        """What statements, and what the request form gives of some attributes, come to."""
        key = (mentions, tuple(request.items()), tuple(form), warned)
        if key not in self._concluded:
            if len(self._concluded) >= _REMEMBERED:
                self._concluded.clear()
            self._concluded[key] = self._conclude(mentions, request, form, warned)
        return self._concluded[key]

    def _conclude(
        self, mentions: frozenset[Mention], request: Mapping[str, Any], form: Collection[str], warned: bool
    ) -> HeardTogether:
        statements = Statements({}, {})
        documents = []
        for place, mention in enumerate(mentions):
            first, last = (self.layout.undated + datetime.timedelta(at) for at in mention[1:])
            documents.append(Stated(str(place), "", first, FrozenDict()))
            for impact in mention.heard.values:
                said = ValueStatement(place, first, last, impact)
                statements.values.setdefault(impact.attribute, []).append(said)
            for name, held, whole in mention.heard.lists:
                statements.lists.setdefault(name, []).append(ListStatement(place, first, last, held, whole))
        supports, refutes = self.masks.fold(statements, request, form)
        said_together = CaseStatements(FrozenDict(request), tuple(documents))
        remarked = warned and (
            any(mention.heard.warned for mention in mentions) or bool(self._remarks(said_together, statements))
        )
        return HeardTogether(
            supports,
            refutes,
            self.masks.requested(request),
            remarked,
            frozenset(text for mention in mentions for text in mention.heard.texts),
            self.masks.is_unread(statements, request),
        )
