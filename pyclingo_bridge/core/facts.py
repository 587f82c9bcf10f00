"""A case as facts for the rules, and which values of a policy's attributes its requirements tell apart.

Nothing is judged here: what follows is up to the rules.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyclingo_bridge.base.terms import LARGEST, Term, Value, constant, plain
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.conclusions import plain_values, scaled
from pyclingo_bridge.cases.days import Day, PartialDay, day_number, first_day, last_day, read_day
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.cases.statements import IN_ORDER, CaseStatements, Stated
from pyclingo_bridge.cases.vocabulary import Vocabulary

REQUEST = constant("request")
"""The request form, where the rules name who states something."""

UNREAD = frozenset({("brand", 2), ("regimen", 2), ("label", 2), ("plain_label", 2), ("locator", 2)})
UNREAD |= {("default_locator", 2), ("no_drug", 1), ("limit", 2), ("code", 3), ("notice", 2), ("caution", 2)}
"""Facts of a policy that no program for cases reads."""

_OF_DRUGS = frozenset({"drug", "supportive", "anticancer", "treatment", "requested_drug", "member"})


def plain_facts(case: Case, vocabulary: Vocabulary, plan: PlanFacts | None = None) -> list[Term]:
    """A case in its own words, as the entry files for the shell take it, in one order.

    Errors: CaseError where the case breaks the vocabulary.
    """
    said = case.statements(vocabulary, plan)
    counting = {one.id for one in said.documents}
    aside = [
        Stated(one.id, one.type, one.date, one.states, status=one.status, replaces=one.replaces)
        for one in sorted(case.documents, key=IN_ORDER)
        if one.id not in counting
    ]
    given = [] if "date" not in case.request or said.day is None else [said.day]
    return [
        *(Term("request_day", (day_number(day),)) for day in given),
        *statement_facts(said, vocabulary),
        *(fact for one in aside for fact in _document_facts(one, one.id, vocabulary)),
    ]


def statement_facts(said: CaseStatements, vocabulary: Vocabulary) -> Iterator[Term]:
    """What the request form and the documents that count state, each document by `speakers`' name."""
    if said.tumor is not None:
        yield Term("request_tumor", (said.tumor,))
    for name, value in sorted(said.request.items()):
        yield from (Term("request", (constant(name), term)) for term in _terms(vocabulary, name, value))
    for one, speaker in zip(said.documents, speakers(said.documents), strict=True):
        yield from _document_facts(one, speaker, vocabulary)


def speakers(documents: Sequence[Stated]) -> list[Value]:
    """How the rules name each document: by its id, a further one of the same id by a number too."""
    found: list[Value] = []
    known: dict[str, int] = {}
    for one in documents:
        known[one.id] = known.get(one.id, 0) + 1
        found.append(one.id if known[one.id] == 1 else Term("again", (one.id, known[one.id])))
    return found


def _document_facts(document: Stated, name: Value, vocabulary: Vocabulary) -> Iterator[Term]:
    yield Term("document", (name, constant(document.type)))
    first, last = first_day(document.date), last_day(document.date)
    if first == last:
        yield Term("dated", (name, day_number(first)))
    else:
        yield Term("dated_between", (name, day_number(first), day_number(last)))
    if document.status != "final":
        yield Term("document_status", (name, constant(document.status)))
    if document.replaces is not None:
        yield Term("replaces", (name, document.replaces))
    if document.tumor is not None:
        yield Term("document_tumor", (name, document.tumor))
    for attribute, value in sorted(document.states.items()):
        yield from _stated(name, attribute, value, vocabulary)


def _stated(document: Value, name: str, value: Any, vocabulary: Vocabulary) -> Iterator[Term]:
    attribute, about = vocabulary.all.get(name), constant(name)
    if attribute is None:
        yield Term("states", (document, about, _flag(value)))
        return
    span = number_span(attribute, value)
    if span is not None:
        word, ends = (
            ("states", span[:1])
            if span[0] == span[1] and not isinstance(value, Mapping)
            else ("states_between", span)
        )
        yield Term(word, (document, about, *ends))
        return
    if attribute.domain in ("list", "drugs", "names"):
        yield Term("states_list", (document, about))
    terms = _terms(vocabulary, name, value)
    one = attribute.domain != "name" or len(terms) == 1
    yield from (Term("states" if one else "states_one_of", (document, about, term)) for term in terms)


def number_span(attribute: Attribute, value: Any) -> tuple[int, int] | None:
    """The least and greatest number that a stated value may mean, as the rules count; None where it is none."""
    if attribute.domain == "date":
        day: Day = read_day(value)
        return (
            (day_number(day.first), day_number(day.last))
            if isinstance(day, PartialDay)
            else (day_number(day),) * 2
        )
    if attribute.domain not in ("whole_number", "decimal"):
        return None
    count = scaled if attribute.domain == "decimal" else int
    if isinstance(value, Mapping):
        low, high = value.get("at_least", attribute.minimum), value.get("at_most")
        return count(low), LARGEST if high is None else count(high)
    return count(value), count(value)


def _terms(vocabulary: Vocabulary, name: str, value: Any) -> list[Value]:
    """The terms of what is stated of an attribute: of a list its members, of a name what it may be."""
    attribute = vocabulary.all[name]
    if attribute.domain == "drugs":
        return [term for word in value for term in drug_terms(vocabulary, word)]
    if attribute.domain == "name":
        words = vocabulary.names.read_value(name, value).words
        return [word_term(vocabulary, attribute, word) for word in words]
    if attribute.domain == "date":
        return [day_number(first_day(read_day(value)))]
    return plain_values(attribute, value)


def drug_terms(vocabulary: Vocabulary, word: str) -> list[Value]:
    """What a name in a list of drugs is read as: known names, and unknown parts as they are written."""
    read = vocabulary.names.read_drugs(word)
    return [*(vocabulary.drugs[known] for known in read.known), *read.unknown]


def word_term(vocabulary: Vocabulary, attribute: Attribute, word: str) -> Value:
    """A name as the rules take it; one that the vocabulary does not know stays a text."""
    covering = vocabulary.covers.get(attribute.name, ())
    return constant(word) if word in attribute.listed or word in covering else word


def read_as(vocabulary: Vocabulary, name: str, value: Any) -> str | None:
    """How a stated name, or a list of names, was read, where that is more than its spelling."""
    attribute = vocabulary.all.get(name)
    if attribute is None or value is None:
        return None
    if attribute.domain == "name":
        return vocabulary.names.read_value(name, value).read_as
    if attribute.domain != "drugs":
        return None
    read = [(word, vocabulary.names.read_drugs(word).read_as) for word in value]
    return "; ".join(f"{word}: {', '.join(parts)}" for word, parts in read if parts is not None) or None


def _flag(value: bool) -> Term:
    return constant("true" if value else "false")


class Encoder:
    """Encodes cases for one policy under its interpretations."""

    def __init__(self, vocabulary: Vocabulary, facts: Mapping[str, list[Term]]) -> None:
        """Take the facts `probe`, `stands_for` and those that distinguish drugs, from an outline."""
        self._vocabulary = vocabulary
        self.defaults = {name: entry.default for name, entry in vocabulary.attributes.items()}
        self._meanings: dict[Value, list[Value]] = defaultdict(list)
        for term in facts["stands_for"]:
            self._meanings[term.args[0]].append(term.args[1])
        self._kinds = _kinds(facts)
        self._probes: dict[str, list[int]] = defaultdict(list)
        for term in facts["probe"]:
            if isinstance(term.args[1], int):
                self._probes[str(plain(term.args[0]))].append(term.args[1])
        for numbers in self._probes.values():
            numbers.sort()

    @property
    def kinds(self) -> Mapping[Value, Value]:
        """For each known drug the one that represents all that no requirement distinguishes from it."""
        return self._kinds

    def policy_facts(self, facts: Mapping[str, list[Term]], words: Iterable[str]) -> list[Term]:
        """Of a policy's facts, by predicate, those that its programs for cases need.

        A drug that another stands for is left out, unless its name is some attribute's value too.
        """
        kept = {*self._kinds.values(), *(term.args[1] for term in facts["listed"])}
        spared = self._kinds.keys() - kept
        found = [
            term
            for word in words
            for term in facts[word]
            if word not in _OF_DRUGS or term.args[-1] not in spared
        ]
        return [
            *found,
            *(Term("kind", (drug,)) for drug in sorted(set(self._kinds.values()), key=str)),
        ]

    def terms(self, attribute: Attribute, value: Any) -> frozenset[Value]:
        """A value as the rules see it; those that no requirement tells apart are the same."""
        return frozenset(self._encoded(attribute, value))

    def listed(self, attribute: Attribute, word: str) -> list[tuple[str, Value]]:
        """What a word in a list of drugs stands for: each drug by its name, and as the rules see it."""
        return [(str(plain(drug)), self._kinds.get(drug, _other(attribute))) for drug in self.substances(word)]

    def probes(self, attribute: str) -> tuple[int, ...]:
        """The numbers of an attribute that stand for themselves and all up to the next one."""
        return tuple(self._probes[attribute])

    def _encoded(self, attribute: Attribute, value: Any) -> Iterable[Value]:
        if attribute.domain == "flag":
            yield _flag(value)
        elif attribute.domain in ("whole_number", "decimal", "date"):
            span = number_span(attribute, value)
            assert span is not None
            yield self.region(attribute.name, span[0])
        elif attribute.domain == "drugs":
            for name in value:
                for drug in self.substances(name):
                    yield self._kinds.get(drug, _other(attribute))
        else:
            for name in [value] if isinstance(value, str) else value:
                yield constant(name) if name in attribute.listed else _other(attribute)

    def region(self, attribute: str, value: int) -> int:
        """The greatest probe that is not above the value: no requirement tells the two apart."""
        probes = self._probes[attribute]
        return probes[bisect.bisect_right(probes, value) - 1]

    def substances(self, name: str) -> list[Value]:
        """The drugs that a name in a list stands for; an unknown part stands for itself."""
        return [
            drug for term in drug_terms(self._vocabulary, name) for drug in self._meanings.get(term, [term])
        ]

    def stands_for(self, drug: Value) -> list[Value]:
        """The drugs that a known name stands for."""
        return self._meanings.get(drug, [drug])


def _other(attribute: Attribute) -> Term:
    return Term("other", (constant(attribute.name),))


def _kinds(facts: Mapping[str, list[Term]]) -> dict[Value, Value]:
    """For each known drug, the first of those that no set, requirement or other fact distinguishes from it."""
    marks: dict[Value, set[tuple[str, tuple[Value, ...]]]] = {term.args[0]: set() for term in facts["drug"]}
    for name in ("member", "supportive", "anticancer", "treatment", "requested_drug", "demands", "forbids"):
        for term in facts.get(name, ()):
            if term.args[-1] in marks:
                marks[term.args[-1]].add((name, term.args[:-1]))
    for name in ("also_states", "counts_as", "only_with"):
        # Programs on pairs of policies have facts on what differs between them alone.
        for term in facts.get(name, ()):
            for place, value in enumerate(term.args):
                if value in marks:
                    marks[value].add((name, (place, *term.args)))
    first: dict[frozenset[tuple[str, tuple[Value, ...]]], Value] = {}
    return {drug: first.setdefault(frozenset(marks[drug]), drug) for drug in sorted(marks, key=str)}
