"""What a case states: its documents in one order, with what is concluded from their details."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from operator import attrgetter
from typing import Any, NamedTuple

from pyclingo_bridge.base.errors import CaseError, quoted
from pyclingo_bridge.base.frozen import FrozenDict
from pyclingo_bridge.cases.conclusions import Concluded, unfit
from pyclingo_bridge.cases.vocabulary import Vocabulary

IN_ORDER = attrgetter("date", "id")
"""Documents in the one order in which all answers list them: by date, then by id."""


class Stated(NamedTuple):
    """What a document states, or some of it.

    Attributes:
        id: the document's id.
        type: its type.
        date: its date.
        states: the values, by attribute; lists as tuples.
        concluded: the attributes among them that it states by its details, of lists some members.
        details: what these details are.
    """

    id: str
    type: str
    date: datetime.date
    states: Mapping[str, Any]
    concluded: frozenset[str] = frozenset()
    details: Mapping[str, Any] = FrozenDict()


class CaseStatements(NamedTuple):
    """What a case states under a vocabulary.

    Attributes:
        request: the request form, by attribute; lists as tuples.
        documents: the documents, by date, then id, with what is concluded from their details in the
            place of these; a document that states several values of an attribute that has one,
            by its details or besides, is there once for each.
        short: documents whose details come to no value of an attribute: the id, the attribute, and
            the name of the reason.
    """

    request: Mapping[str, Any]
    documents: tuple[Stated, ...]
    short: tuple[tuple[str, str, str], ...] = ()


def with_conclusions(case_id: str, given: CaseStatements, vocabulary: Vocabulary) -> CaseStatements:
    """These statements, with conclusions in the place of details.

    Errors: CaseError where nothing can be concluded from what a document states.
    """
    details = vocabulary.details.keys()
    drawn = {
        one.id: vocabulary.conclusions.of(one.states, vocabulary.all)
        for one in given.documents
        if not details.isdisjoint(one.states)
    }
    faults = [
        f"document {quoted(name)}: {fault}"
        for name, concluded in drawn.items()
        for fault in concluded.faults or _faults(concluded, vocabulary)
    ]
    if faults:
        raise CaseError(f"case {quoted(case_id)}", faults)
    documents: list[Stated] = []
    for one in given.documents:
        documents += _concluding(one, drawn[one.id], vocabulary) if one.id in drawn else (one,)
    short = ((name, *entry) for name, concluded in drawn.items() for entry in concluded.short)
    return CaseStatements(given.request, tuple(documents), tuple(short))


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
    states = {name: value for name, value in document.states.items() if name not in vocabulary.details}
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
