"""What a case states: its documents in one order, with what is concluded from their details."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pyclingo_bridge.base.errors import CaseError, quoted
from pyclingo_bridge.base.frozen import FrozenDict
from pyclingo_bridge.cases.case_problems import only_with_problems, problem_line
from pyclingo_bridge.cases.conclusions import Concluded, unfit
from pyclingo_bridge.cases.days import Day, PartialDay, first_day, last_day, read_day
from pyclingo_bridge.cases.statuses import FINAL, Replacing, SetAside, set_aside
from pyclingo_bridge.cases.vocabulary import ABOUT_REQUEST, LINE, PLAN_RECORD, Vocabulary

if TYPE_CHECKING:
    from pyclingo_bridge.cases.plan import PlanFacts

PLAN = "plan"
"""The id of the document that a plan's own facts are."""

_GAP = re.compile(r"[\s_-]+")


class Stated(NamedTuple):
    """What a document states, or some of it.

    Attributes:
        id: the document's id.
        type: its type.
        date: its date, or what is known of it.
        states: the values, by attribute; lists as tuples. Ranges, and days, are as the file gives them.
        concluded: the attributes among them that it states by its details, of lists some members.
        details: what these details are.
        status: `final`, `preliminary` or `amended`.
        tumor: the tumor that it speaks of, as names of tumors are compared, if it names one.
        replaces: the document whose place it takes, if any.
    """

    id: str
    type: str
    date: Day
    states: Mapping[str, Any]
    concluded: frozenset[str] = frozenset()
    details: Mapping[str, Any] = FrozenDict()
    status: str = FINAL
    tumor: str | None = None
    replaces: str | None = None

    @property
    def first(self) -> datetime.date:
        """The first day that its date may be."""
        return first_day(self.date)

    @property
    def last(self) -> datetime.date:
        """The last day that its date may be."""
        return last_day(self.date)


class CaseStatements(NamedTuple):
    """What a case states under a vocabulary.

    Attributes:
        request: the form's attributes, with what a plan fills in of them; lists as tuples.
        documents: the documents that count, by first day, last day, then id, with what is concluded
            from their details in the place of these; a document that states several values of an
            attribute that has one, by its details or besides, is there once for each. Details that are
            days stay among what a document states. The facts of a plan are one of the documents.
        short: documents whose details come to no value of an attribute: the id, the attribute, and
            the name of the reason.
        day: the day of the request: as given, else the latest day of the documents that count, if any.
        tumor: the tumor that the request is about, as names of tumors are compared, if it names one.
        set_aside: the documents that count for nothing.
    """

    request: Mapping[str, Any]
    documents: tuple[Stated, ...]
    short: tuple[tuple[str, str, str], ...] = ()
    day: datetime.date | None = None
    tumor: str | None = None
    set_aside: tuple[SetAside, ...] = ()


class _Document(Replacing, Protocol):
    """A document of a case."""

    @property
    def type(self) -> str: ...

    @property
    def date(self) -> Day: ...

    @property
    def states(self) -> Mapping[str, Any]: ...

    @property
    def tumor(self) -> str | None: ...


class _Dated(Protocol):
    """A document, as far as its place among others depends on it."""

    @property
    def id(self) -> str: ...

    @property
    def date(self) -> Day: ...


def IN_ORDER(document: _Dated) -> tuple[datetime.date, datetime.date, str]:
    """A document's place in the one order of all answers: by first day, last day, then id."""
    day = document.date
    if isinstance(day, PartialDay):
        return day.first, day.last, document.id
    return day, day, document.id


@lru_cache(maxsize=1024)
def folded_tumor(name: str) -> str:
    """A tumor's name as it is compared with others.

    Examples:
        >>> folded_tumor("Colon  2012") == folded_tumor("colon-2012 ")
        True
    """
    return _GAP.sub(" ", name.lower()).strip()


def case_statements(
    case_id: str,
    request: Mapping[str, Any],
    documents: Sequence[_Document],
    vocabulary: Vocabulary,
    plan: PlanFacts | None = None,
) -> CaseStatements:
    """What a case that was checked states.

    Errors: CaseError where nothing can be concluded from what a document states, or what the plan
    knows cannot be told.
    """
    ordered = sorted(documents, key=IN_ORDER)
    aside = _set_aside(ordered)
    if aside:
        without = {one.id for one in aside}
        ordered = [one for one in ordered if one.id not in without]
    stated = tuple(
        Stated(
            one.id,
            one.type,
            one.date,
            one.states,
            status=one.status,
            tumor=None if one.tumor is None else folded_tumor(one.tumor),
            replaces=one.replaces,
        )
        for one in ordered
    )
    given = _of_form(request, stated, aside)
    if plan is not None:
        given = _with_plan(case_id, given, {one.id for one in documents}, "date" in request, vocabulary, plan)
    return with_conclusions(case_id, given, vocabulary)


def day_of_request(request: Mapping[str, Any], documents: Sequence[_Document]) -> datetime.date | None:
    """The day of a request: as given, else the latest day of the documents that count, if any."""
    if "date" in request:
        return first_day(read_day(request["date"]))
    without = {one.id for one in _set_aside(documents)}
    return max((last_day(one.date) for one in documents if one.id not in without), default=None)


def _set_aside(documents: Sequence[_Document]) -> tuple[SetAside, ...]:
    if all(one.status == FINAL and one.replaces is None for one in documents):
        return ()
    return set_aside(documents)


def _of_form(
    request: Mapping[str, Any], documents: tuple[Stated, ...], aside: tuple[SetAside, ...]
) -> CaseStatements:
    if ABOUT_REQUEST.isdisjoint(request):
        return CaseStatements(request, documents, (), _latest(documents), None, aside)
    date, tumor = request.get("date"), request.get("tumor")
    return CaseStatements(
        FrozenDict({name: value for name, value in request.items() if name not in ABOUT_REQUEST}),
        documents,
        day=first_day(read_day(date)) if date else _latest(documents),
        tumor=folded_tumor(tumor) if tumor else None,
        set_aside=aside,
    )


def _latest(documents: Iterable[Stated]) -> datetime.date | None:
    return max((last_day(one.date) for one in documents), default=None)


def _with_plan(
    case_id: str,
    given: CaseStatements,
    ids: set[str],
    dated: bool,
    vocabulary: Vocabulary,
    plan: PlanFacts,
) -> CaseStatements:
    """These statements, with what the plan knows on the day of the request."""
    source = f"case {quoted(case_id)}"
    if not dated or given.day is None:
        text = "is missing; with a plan file it is needed, as what the plan knows depends on the day"
        raise CaseError(source, [f"request.date: {text}"])
    if PLAN in ids:
        text = f"no document may have the id {quoted(PLAN)} where a plan file is given; give it another one"
        raise CaseError(source, [f"documents: {text}"])
    known = plan.at(given.day, _line(given.request, vocabulary))
    form = {name: value for name, value in known.items() if name in vocabulary.request_attributes}
    states = FrozenDict({name: value for name, value in known.items() if name not in form})
    request = FrozenDict({**form, **given.request})
    problems = [problem_line(place, text) for place, text, _ in only_with_problems(request, vocabulary)]
    if problems:
        raise CaseError(source, [f"{line} (with what the plan file fills in)" for line in problems])
    documents = given.documents
    if states:
        record = Stated(PLAN, PLAN_RECORD, given.day, states)
        documents = tuple(sorted((*documents, record), key=IN_ORDER))
    return given._replace(request=request, documents=documents)


def _line(request: Mapping[str, Any], vocabulary: Vocabulary) -> Any:
    """The line of business of a request."""
    attribute = vocabulary.attributes.get(LINE)
    return request.get(LINE, attribute.default if attribute else None)


def with_conclusions(case_id: str, given: CaseStatements, vocabulary: Vocabulary) -> CaseStatements:
    """These statements, with conclusions in the place of details.

    Errors: CaseError where nothing can be concluded from what a document states.
    """
    drawing = vocabulary.drawing
    drawn = {
        one.id: vocabulary.conclusions.of(one.states, vocabulary.all)
        for one in given.documents
        if not drawing.isdisjoint(one.states)
    }
    faults = [
        f"document {quoted(name)}: {fault}"
        for name, concluded in drawn.items()
        for fault in concluded.faults or _faults(concluded, vocabulary)
    ]
    if faults:
        raise CaseError(f"case {quoted(case_id)}", faults)
    if not drawn:
        return given
    documents: list[Stated] = []
    for one in given.documents:
        documents += _concluding(one, drawn[one.id], vocabulary) if one.id in drawn else (one,)
    short = ((name, *entry) for name, concluded in drawn.items() for entry in concluded.short)
    return given._replace(documents=tuple(documents), short=tuple(short))


def _faults(concluded: Concluded, vocabulary: Vocabulary) -> list[str]:
    """Conclusions that no document could state."""
    return [
        f"{vocabulary.conclusions.place}: the rules conclude {quoted(name)}, {why}"
        for name, value in concluded.statements
        if name not in vocabulary.qualifiers
        if (why := unfit(vocabulary.all.get(name), value))
    ]


def _concluding(document: Stated, concluded: Concluded, vocabulary: Vocabulary) -> list[Stated]:
    """A document with its conclusions, then further ones for values that contradict what it states."""
    states = {name: value for name, value in document.states.items() if name not in vocabulary.measured}
    by_details: set[str] = set()
    further: list[dict[str, Any]] = []
    for name, value in concluded.statements:
        attribute = vocabulary.attributes.get(name)
        if attribute is None:
            # A flag that calls a list whole: one that says so is enough.
            states[name] = bool(states.get(name)) or value
        elif attribute.domain in ("list", "drugs"):
            if value not in states.get(name, ()):
                states[name] = (*states.get(name, ()), value)
                by_details.add(name)
        elif name not in states:
            states[name] = value
            by_details.add(name)
        elif value != states[name]:
            free = next((more for more in further if name not in more), None)
            if free is None:
                further.append(free := {})
            free[name] = value
    names = {name for name, _ in concluded.statements}
    drawn_from = vocabulary.conclusions.drawn_from(document.states)
    document = document._replace(
        details=FrozenDict({name: value for name, value in drawn_from.items() if name not in names})
    )
    return [
        document._replace(states=FrozenDict(states), concluded=frozenset(by_details)),
        *(document._replace(states=FrozenDict(more), concluded=frozenset(more)) for more in further),
    ]
