"""What a reader should know of a case's input, as `asp/engine/evidence/warnings.lp` would say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyclingo_bridge.base.terms import LARGEST, Term, Value, constant
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.days import day_number, first_day, last_day, months_after
from pyclingo_bridge.cases.statements import CaseStatements, Stated
from pyclingo_bridge.core.facts import REQUEST, number_span, speakers, word_term
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.evidence import EvidenceFold
from pyclingo_bridge.fast.statements import Statements


class Remarks:
    """The warnings of one case."""

    def __init__(
        self, evidence: EvidenceFold, structure: Structure, said: CaseStatements, heard: Statements
    ) -> None:
        """Take what weighs the evidence, the policy, the case, and its statements that are heard."""
        self._evidence = evidence
        self._structure = structure
        self._vocabulary = structure.vocabulary
        self._said = said
        self._heard = heard
        self._names = speakers(said.documents)
        self._input = evidence.expected_input

    def found(self) -> Iterator[Term]:
        """The warnings; some may come more than once."""
        for name, value in self._said.request.items():
            yield from self._of_value(REQUEST, self._vocabulary.request_attributes[name], value)
        yield from self._implausible_on_form()
        yield from self._of_form_lists()
        for place, document in enumerate(self._said.documents):
            yield from self._of_document(self._names[place], document)
        yield from self._implausible()
        yield from self._disagreements()
        yield from self._overruled()
        yield from self._histories()
        yield from self._not_in_force()

    # What is stated

    def _of_document(self, name: Value, document: Stated) -> Iterator[Term]:
        not_heard = dict.fromkeys(self._evidence.bars.reasons(document, self._said.tumor))
        yield from (_warning("not_heard", name, constant(own), constant(why)) for own, why in not_heard)
        barred = {own for own, _ in not_heard}
        for own, value in document.states.items():
            attribute = self._vocabulary.all.get(own)
            if attribute is None or own in barred:
                continue
            if self._is_unusual(document, attribute, value):
                yield _warning("unusual_document", name, constant(own), constant(document.type))
            yield from self._of_value(name, attribute, value)
            yield from self._stale(name, document, own)
        yield from self._of_status(name, document)

    def _of_value(self, name: Value, attribute: Attribute, value: Any) -> Iterator[Term]:
        about = constant(attribute.name)
        if attribute.domain == "drugs":
            for word in value:
                for unknown in self._vocabulary.names.read_drugs(word).unknown:
                    yield _warning("unknown_drug", name, about, unknown)
        elif attribute.domain == "name":
            words = self._vocabulary.names.read_value(attribute.name, value).words
            covering = self._vocabulary.covers.get(attribute.name, frozenset())
            for word in words:
                if word not in attribute.listed and word not in covering:
                    yield _warning("unlisted_value", name, about, word_term(self._vocabulary, attribute, word))

    def _implausible_on_form(self) -> Iterator[Term]:
        for name, value in self._said.request.items():
            span = number_span(self._vocabulary.request_attributes[name], value)
            if span and span[0] > self._input.plausible.get(name, LARGEST):
                yield _warning("implausible", REQUEST, constant(name), span[0])

    def _implausible(self) -> Iterator[Term]:
        """Numbers that are unlikely, as they are stated, or as they come to on the day of the request."""
        for name, most in self._input.plausible.items():
            for one in self._heard.values.get(name, ()):
                if one.impact.low > most:
                    yield _warning("implausible", self._names[one.place], constant(name), one.impact.low)

    def _is_unusual(self, document: Stated, attribute: Attribute, value: Any) -> bool:
        usual = self._vocabulary.shown_by.get(attribute.name, ())
        if document.type in usual or document.type not in self._input.asked_for:
            return False
        return not self._input.is_concluded(document.type, attribute, value)

    def _of_form_lists(self) -> Iterator[Term]:
        for name, attribute in self._vocabulary.request_attributes.items():
            for word in self._said.request.get(name, ()) if attribute.domain == "drugs" else ():
                for drug, why in self._evidence.masks.dismissed(attribute, word):
                    yield _warning("not_counted", constant(name), drug, constant(why))

    # Documents and their dates

    def _of_status(self, name: Value, document: Stated) -> Iterator[Term]:
        if document.status == "preliminary":
            yield _warning("preliminary", name)
        if document.status == "amended" and not document.replaces:
            yield _warning("amends_nothing", name)
        if self._said.day and first_day(document.date) > self._said.day:
            yield _warning("after_request", name)

    def _stale(self, name: Value, document: Stated, own: str) -> Iterator[Term]:
        months = self._input.stale.get(own)
        if months is not None and self._said.day:
            oldest = months_after(self._said.day, -months)
            if last_day(document.date) < oldest:
                yield _warning("stale", name, constant(own), months)

    def _not_in_force(self) -> Iterator[Term]:
        day = self._said.day
        if day is not None and any(not start <= day_number(day) <= end for start, end in self._input.in_force):
            yield _warning("not_in_force", day_number(day))

    # What statements come to together

    def _disagreements(self) -> Iterator[Term]:
        for name, values in self._heard.values.items():
            attribute = self._vocabulary.attributes[name]
            if attribute.kind in ("stable", "latest"):
                supports = refutes = 0
                for one in self._evidence.counting(name, values):
                    supports, refutes = supports | one.impact.supports, refutes | one.impact.refutes
                if supports & refutes:
                    yield _warning("disagreement", constant(name))

    def _overruled(self) -> Iterator[Term]:
        for flag in self._evidence.decided_flags:
            given = self._said.request.get(flag)
            for _, impact in self._evidence.increases(flag, self._said.request, self._heard):
                if given is not None and impact.flag is not None and impact.flag != given:
                    yield _warning("form_overruled", constant(flag), constant(impact.own))

    def _histories(self) -> Iterator[Term]:
        for name, lists in self._heard.lists.items():
            if self._vocabulary.attributes[name].kind != "history":
                continue
            unread = any(one.held.unread for one in lists)
            for one in lists:
                if not one.whole:
                    continue
                who = self._names[one.place]
                if unread:
                    yield _warning("unclear_history", who, constant(name))
                for drug in self._evidence.masks.drugs(self._evidence.overtaking(one, lists)):
                    yield _warning("overtaken_history", who, constant(name), drug)


def _warning(kind: str, *args: Value) -> Term:
    return Term(kind, args)
