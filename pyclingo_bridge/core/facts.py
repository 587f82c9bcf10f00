"""A case as inputs of the rules: typed terms, in the vocabulary's own names.

The rules are grounded once, for any case. So documents go in as places in the order of their
dates, numbers as the probe that stands for them, and drugs as the kind that no requirement tells from
them, beside a number of their own. Nothing is judged here: what follows is up to the rules.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from pyclingo_bridge.base.terms import Term, Value, constant, plain
from pyclingo_bridge.cases.attributes import Attribute, drug_key
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.conclusions import plain_values
from pyclingo_bridge.cases.days import day_number, first_day
from pyclingo_bridge.cases.statements import IN_ORDER, CaseStatements, Stated
from pyclingo_bridge.cases.vocabulary import Vocabulary

_REQUEST = constant("request")

UNREAD = frozenset({("brand", 2), ("regimen", 2), ("stands_for", 2), ("label", 2), ("locator", 2)})
UNREAD |= {("default_locator", 2), ("no_drug", 1), ("limit", 2)}
"""Facts of a policy that no program for cases reads."""

_OF_DRUGS = frozenset({"drug", "supportive", "anticancer", "requested_drug", "member"})


def plain_facts(case: Case, vocabulary: Vocabulary) -> list[Term]:
    """A case in its own words, as the entry files for the shell take it, in one order."""
    facts = [
        Term("request", (constant(name), term))
        for name, value in sorted(case.request.items())
        if name in vocabulary.attributes
        for term in _plain_values(vocabulary.attributes[name], value, vocabulary)
    ]
    for document in sorted(case.documents, key=IN_ORDER):
        day = day_number(first_day(document.date))
        facts.append(Term("document", (document.id, constant(document.type))))
        facts.append(Term("dated", (document.id, day)))
        for name, value in sorted(document.states.items()):
            attribute = vocabulary.all.get(name)
            if attribute and attribute.domain in ("list", "drugs", "names"):
                facts.append(Term("states_list", (document.id, constant(name))))
            terms = _plain_values(attribute, value, vocabulary) if attribute else [_flag(value)]
            facts += [Term("states", (document.id, constant(name), term)) for term in terms]
    return facts


def _plain_values(attribute: Attribute, value: Any, vocabulary: Vocabulary) -> list[Value]:
    if attribute.domain == "drugs":
        return [vocabulary.drugs.get(drug_key(name), name) for name in value]
    return plain_values(attribute, value)


class Excerpt(NamedTuple):
    """What a case says, or some of it.

    Attributes:
        request: what the request form gives, by attribute.
        documents: what documents state, in the order of their dates.
    """

    request: Mapping[str, Any]
    documents: Sequence[Stated]


@dataclass
class CaseInputs:
    """A case, or an excerpt of one, encoded.

    Attributes:
        terms: the inputs.
        documents: the documents, by place; the first place is 1.
        names: the drugs of the histories, by their numbers; the first number is 1.
        words: the words behind each encoded value, by speaker (a place, or the request), attribute
            and value.
    """

    terms: set[Term] = field(default_factory=set)
    documents: Sequence[Stated] = ()
    names: list[str] = field(default_factory=list)
    words: dict[tuple[Value, str, Value], list[str]] = field(default_factory=lambda: defaultdict(list))
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """The number of a drug among the case's own."""
        if name not in self._numbers:
            self.names.append(name)
            self._numbers[name] = len(self.names)
        return self._numbers[name]


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

    def encode(self, case: Case) -> CaseInputs:
        """The inputs for a case that was checked against the vocabulary."""
        said = case.statements(self._vocabulary)
        return self.inputs(Excerpt(said.request, said.documents))

    def inputs(self, excerpt: Excerpt) -> CaseInputs:
        """The inputs for an excerpt of such a case."""
        inputs = CaseInputs(documents=excerpt.documents)
        for name, value in excerpt.request.items():
            attribute = self._vocabulary.attributes[name]
            for term in self._values(inputs, _REQUEST, attribute, value):
                inputs.terms.add(Term("request", (constant(name), term)))
        dates = sorted({document.first for document in excerpt.documents})
        days = {day: rank for rank, day in enumerate(dates, 1)}
        for place, document in enumerate(excerpt.documents, 1):
            inputs.terms.add(Term("document", (place, constant(document.type))))
            inputs.terms.add(Term("ranked", (place, days[document.first])))
            for name, value in document.states.items():
                self._state(inputs, place, name, value)
        return inputs

    def terms(self, attribute: Attribute, value: Any) -> frozenset[Value]:
        """A stated value as the rules see it; those that no requirement tells apart are the same."""
        return frozenset(term for _, term in self._encoded(attribute, value))

    def listed(self, attribute: Attribute, word: str) -> list[tuple[str, Value]]:
        """What a word in a list of drugs stands for: each drug by its name, and as the rules see it."""
        return [
            (str(plain(drug)), self._kinds.get(drug, _other(attribute))) for drug in self._substances([word])
        ]

    def probes(self, attribute: str) -> tuple[int, ...]:
        """The numbers of an attribute that stand for themselves and all up to the next one."""
        return tuple(self._probes[attribute])

    def _state(self, inputs: CaseInputs, place: int, name: str, value: Any) -> None:
        attribute = self._vocabulary.attributes.get(name)
        if attribute is None:
            inputs.terms.add(Term("states", (place, constant(name), _flag(value))))
            return
        if attribute.domain in ("list", "drugs"):
            inputs.terms.add(Term("states_list", (place, constant(name))))
        for term in self._values(inputs, place, attribute, value):
            inputs.terms.add(Term("states", (place, constant(name), term)))
        if attribute.kind == "history":
            # An unknown name needs no number: it keeps every list from being whole.
            for drug in (drug for drug in self._substances(value) if drug in self._kinds):
                inputs.terms.add(Term("mentions", (place, constant(name), inputs.number(str(plain(drug))))))

    def _values(self, inputs: CaseInputs, speaker: Value, attribute: Attribute, value: Any) -> Iterable[Value]:
        for word, term in self._encoded(attribute, value):
            inputs.words[(speaker, attribute.name, term)].append(word)
            yield term

    def _encoded(self, attribute: Attribute, value: Any) -> Iterable[tuple[str, Value]]:
        if attribute.domain == "flag":
            yield ("yes" if value else "no"), _flag(value)
        elif attribute.domain == "whole_number":
            yield str(value), self.region(attribute.name, value)
        elif attribute.domain == "drugs":
            for name in value:
                for drug in self._substances([name]):
                    yield name, self._kinds.get(drug, _other(attribute))
        else:
            for name in [value] if isinstance(value, str) else value:
                yield name, constant(name) if name in attribute.listed else _other(attribute)

    def region(self, attribute: str, value: int) -> int:
        """The greatest probe that is not above the value: no requirement tells the two apart."""
        probes = self._probes[attribute]
        return probes[bisect.bisect_right(probes, value) - 1]

    def _substances(self, names: Iterable[str]) -> Iterable[Value]:
        """The drugs that names stand for; an unknown name stands for itself."""
        for name in names:
            known = self._vocabulary.drugs.get(drug_key(name))
            if known is None:
                yield name
            else:
                yield from self._meanings.get(known, [known])


def _flag(value: bool) -> Term:
    return constant("true" if value else "false")


def _other(attribute: Attribute) -> Term:
    return Term("other", (constant(attribute.name),))


TopicKey: TypeAlias = tuple[Any, ...]
"""What a case says on a topic, in a form that can be looked up."""


class Topics:
    """The attributes of a vocabulary, grouped where statements on one bear on another."""

    def __init__(self, vocabulary: Vocabulary, facts: Mapping[str, list[Term]]) -> None:
        """Take the facts `also_states` from an outline."""
        self.of = {name: name for name in vocabulary.attributes}
        """Each attribute's topic, by its first attribute; a qualifier's is its list's."""
        # Each program costs its grounding: the form is one topic, which is small all the same.
        form = list(vocabulary.request_attributes)
        for one, other in pairwise(form):
            self._join(one, other)
        for term in facts["also_states"]:
            self._join(str(plain(term.args[0])), str(plain(term.args[2])))
        self.of |= {flag: self.of[listed] for flag, listed in vocabulary.qualifiers.items()}
        self.attributes: dict[str, frozenset[str]] = {
            topic: frozenset(name for name in vocabulary.attributes if self.of[name] == topic)
            for topic in sorted(set(self.of.values()))
        }
        """The attributes of each topic."""
        self._forms = {self.of[name] for name in form}
        self.names = {
            topic: frozenset(name for name, other in self.of.items() if other == topic)
            for topic in self.attributes
        }
        """The attributes of each topic, and the flags that say of their lists that they are whole."""

    def _join(self, one: str, other: str) -> None:
        both = {self.of[one], self.of[other]}
        self.of |= {name: min(both) for name, topic in self.of.items() if topic in both}

    def keys(
        self, request: Mapping[str, Any], papers: Sequence[Stated], encoder: Encoder
    ) -> dict[str, TopicKey]:
        """What a case says of each topic that it speaks of, by the order of dates alone.

        Cases with the same key on a topic are alike in all that the rules find on it.

        Args:
            request: the request form, lists as tuples.
            papers: the documents, likewise, in the order of their dates.
            encoder: tells which numbers no requirement tells apart.
        """
        of, region = self.of, encoder.region
        stated: dict[str, list[Any]] = {}
        for paper in papers:
            for name, value in paper.states.items():
                topic = of[name]
                if value.__class__ is int:
                    value = region(name, value)
                if topic in stated:
                    stated[topic] += (paper, name, value)
                else:
                    stated[topic] = [paper, name, value]
        found = {
            topic: (one[0].type, one[1], one[2]) if len(one) == 3 else _ordered(one)
            for topic, one in stated.items()
        }
        for topic in {of[name] for name in request} if len(self._forms) > 1 else self._forms:
            form = tuple(
                (name, region(name, value) if value.__class__ is int else value)
                for name, value in request.items()
                if of[name] == topic
            )
            found[topic] = (form, found.get(topic))
        return found

    def excerpts(self, stated: CaseStatements) -> dict[str, Excerpt]:
        """What a case says of each topic."""
        return {topic: self.excerpt(topic, stated.request, stated.documents) for topic in self.attributes}

    def excerpt(self, topic: str, request: Mapping[str, Any], papers: Sequence[Stated]) -> Excerpt:
        """What a case says of one topic; the documents in the order of their dates."""
        names = self.names[topic]
        parts = (
            (paper, {name: value for name, value in paper.states.items() if name in names}) for paper in papers
        )
        return Excerpt(
            {name: value for name, value in request.items() if name in names},
            [paper._replace(states=states) for paper, states in parts if states],
        )


def _ordered(stated: Sequence[Any]) -> TopicKey:
    """Several statements, each with its document: these, and their dates, by their order alone."""
    papers = stated[::3]
    first = papers[0]
    if all(paper is first for paper in papers):
        return (first.type, *stated[1::3], *stated[2::3])
    days = sorted({paper.first for paper in papers})
    words: list[Any] = []
    before = None
    for paper, name, value in zip(papers, stated[1::3], stated[2::3], strict=True):
        if paper is not before:
            words += (days.index(paper.first), paper.type)
            before = paper
        words += (name, value)
    return tuple(words)


def _kinds(facts: Mapping[str, list[Term]]) -> dict[Value, Value]:
    """For each known drug, the first of those that no set, requirement or other fact distinguishes from it."""
    marks: dict[Value, set[tuple[str, tuple[Value, ...]]]] = {term.args[0]: set() for term in facts["drug"]}
    for name in ("member", "supportive", "requested_drug", "demands", "forbids"):
        for term in facts[name]:
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
