"""What the rules find of a case: the statuses of its requirements and criteria, and who says what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from pyclingo_bridge.base.solver import Signature
from pyclingo_bridge.base.terms import Term, Value, plain
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.days import first_day
from pyclingo_bridge.cases.statements import Stated
from pyclingo_bridge.core.decision import (
    DenialKind,
    Evidence,
    Outcome,
    RequirementResult,
    Status,
    statement_text,
)
from pyclingo_bridge.core.evidence import Effect, TopicEvidence
from pyclingo_bridge.core.facts import CaseInputs, Encoder, Excerpt
from pyclingo_bridge.core.structure import Structure


@dataclass(frozen=True, eq=False)
class TopicAssessment:
    """What the rules find of one case's statements on a topic.

    Attributes:
        excerpt: what the case says of it.
        encoder: encodes it for the rules.
        topic_evidence: what the evidence rules conclude from that.
        requirements: those that were put together for a reader already, by their terms.
        sentences: warnings that were put into words already, by their terms.
    """

    excerpt: Excerpt
    encoder: Encoder
    topic_evidence: TopicEvidence
    requirements: dict[Value, RequirementResult] = field(default_factory=dict)
    sentences: dict[Term, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> CaseInputs:
        """What the case says of it, as the rules take it."""
        return self.encoder.inputs(self.excerpt)

    def document(self, place: Value) -> Stated:
        """The document at a place."""
        return self.inputs.documents[cast(int, place) - 1]

    def statements(self, place: Value, attribute: Value) -> list[str]:
        """What the document at a place states of an attribute, or of another that speaks of it."""
        document = self.document(place)
        speakers = self.topic_evidence.speakers[str(plain(attribute))]
        stated = [str(plain(name)) for speaker, name in speakers if speaker == place]
        return [
            statement_text(
                name,
                document.states[name],
                document.details if name in document.concluded else {},
            )
            for name in stated
        ]

    def words(self, speaker: Value, attribute: Value, value: Value) -> list[str]:
        """The words that the speaker used for an encoded value."""
        return self.inputs.words.get((speaker, str(plain(attribute)), value), [])

    def uncounted(self, attribute: str) -> list[str]:
        """The members of the request form's list, in its own words, of which none of it counts."""
        dismissed = {
            term.args[1]
            for (term,) in self.topic_evidence.atoms["warning"]
            if isinstance(term, Term) and term.name == "not_counted" and str(plain(term.args[0])) == attribute
        }
        counted = {
            word
            for (_, name, value), words in self.inputs.words.items()
            if name == attribute and value not in dismissed
            for word in words
        }
        return [word for word in self.excerpt.request.get(attribute, ()) if word not in counted]

    def evidence(self, requirement: Value, attribute: str) -> tuple[Evidence, ...]:
        """Who says what of a requirement: the request form first, then the latest document."""
        return tuple(sorted(self._evidence(requirement, attribute), key=_newest_first))

    def _evidence(self, requirement: Value, attribute: str) -> Iterator[Evidence]:
        for speaker, stated in self.topic_evidence.speakers.get(attribute, ()):
            effect: Effect = self.topic_evidence.effects.get((speaker, requirement, stated), "silent")
            name = str(plain(stated))
            if isinstance(speaker, int):
                document = self.document(speaker)
                overtaken = (speaker, attribute) in self.topic_evidence.superseded
                yield Evidence(
                    document=document.id,
                    type=document.type,
                    date=document.date,
                    attribute=name,
                    value=_own(document.states[name]),
                    details=dict(document.details) if name in document.concluded else {},
                    effect="superseded" if overtaken else effect,
                )
            else:
                given = name in self.excerpt.request
                yield Evidence(
                    document=None,
                    type=None,
                    date=None,
                    attribute=name,
                    value=_own(self.excerpt.request[name]) if given else self.encoder.defaults.get(name),
                    by_default=not given,
                    effect=effect,
                )


def _own(value: Any) -> Any:
    """A value as a case file has it, which can be changed without a trace in the case."""
    return list(value) if isinstance(value, tuple) else value


def _newest_first(entry: Evidence) -> tuple[int, str, str]:
    return (
        -first_day(entry.date).toordinal() if entry.date else -(10**9),
        entry.document or "",
        entry.attribute,
    )


VERDICT: tuple[Signature, ...] = (
    ("outcome", 1),
    ("denial_kind", 1),
    ("approved_section", 1),
    ("months", 2),
    ("referred", 2),
    ("routed", 1),
    ("addressed", 1),
)
"""The atoms that a verdict is read from, but for the statuses of the criteria."""


@dataclass(eq=False)
class RulesVerdict:
    """What the decision rules conclude from the statuses of the requirements, of whatever case.

    Attributes:
        outcome: the outcome.
        denial_kind: for a denial, of what kind it is.
        section: for an approval, the section that approves.
        approval_months: for an approval, for how many months.
        referred: for a referral, the criterion or part that it rests on, and the target.
        routed: the sections that the request goes to.
        addressed: those that may address the requested use.
        find_node_statuses: finds the status of each criterion, and of each part of one, beneath the
            routed sections and their use conditions; called when they are first asked for.
    """

    outcome: Outcome
    denial_kind: DenialKind | None
    section: Value | None
    approval_months: int | None
    referred: tuple[Value, Value] | None
    routed: frozenset[Value]
    addressed: frozenset[Value]
    find_node_statuses: Callable[[], Mapping[Value, Status]]

    @cached_property
    def node_statuses(self) -> Mapping[Value, Status]:
        """The status of each criterion, and of each part of one, beneath the routed sections."""
        return self.find_node_statuses()

    def statuses(self, structure: Structure) -> dict[str, Status]:
        """The status of each criterion of the sections that the request goes to, by its id, in order."""
        return {name: self.node_statuses[name] for name in structure.criteria_of(self.routed)}

    @property
    def section_id(self) -> str | None:
        """For an approval, the id of the section that approves."""
        return None if self.section is None else str(plain(self.section))

    @property
    def refer_to(self) -> str | None:
        """For a referral, the policy that takes the request."""
        return None if self.referred is None else str(plain(self.referred[1]))

    @property
    def curable(self) -> bool:
        """Whether documents can reverse a denial: then, and only then, there are missing sets."""
        return self.denial_kind == "insufficient_documentation"


@dataclass(eq=False)
class Assessment:
    """What the rules find of a case: made once, and handed to every question about it.

    Attributes:
        case: the case.
        by: the assessor that made it; a policy with another one assesses the case anew.
        find_topics: finds who says what on each topic; called when that is first asked for.
        topic_evidence: what the evidence rules conclude from these statements, by topic.
        topic_of: the topic of each attribute.
        verdict: the outcome, and the statuses of the criteria.
    """

    case: Case
    by: object
    find_topics: Callable[[], Mapping[str, TopicAssessment]]
    topic_evidence: Mapping[str, TopicEvidence]
    topic_of: Mapping[str, str]
    verdict: RulesVerdict

    @cached_property
    def topics(self) -> Mapping[str, TopicAssessment]:
        """What the rules find of the case's statements on each topic."""
        return self.find_topics()

    def topic(self, attribute: str) -> TopicAssessment:
        """What the rules find of the statements on an attribute, and on those linked to it."""
        return self.topics[self.topic_of[attribute]]

    @cached_property
    def statuses(self) -> dict[Value, Status]:
        """The status of each requirement."""
        return {
            requirement: status
            for evidence in self.topic_evidence.values()
            for requirement, status in evidence.statuses.items()
        }

    @cached_property
    def requirement_inputs(self) -> set[Term]:
        """The statuses as inputs of the searches; a requirement in none of them is not met."""
        return {term for evidence in self.topic_evidence.values() for term in evidence.requirement_inputs}

    def evidence(self, requirement: Value, attribute: str) -> tuple[Evidence, ...]:
        """Who says what of a requirement: the request form first, then the latest document."""
        return self.topic(attribute).evidence(requirement, attribute)

    @cached_property
    def supporters(self) -> dict[Value, set[str]]:
        """For each requirement that documents support the ids of these."""
        found: dict[Value, set[str]] = {}
        for topic in self.topics.values():
            for (speaker, requirement, _), effect in topic.topic_evidence.effects.items():
                if effect == "supports" and isinstance(speaker, int):
                    found.setdefault(requirement, set()).add(topic.document(speaker).id)
        return found

    def spoken_of(self, document: str) -> set[str]:
        """The attributes that the document of an id speaks of, by stating them or others."""
        return self._spoken.get(document, set())

    @cached_property
    def _spoken(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for topic in self.topics.values():
            for attribute, speakers in topic.topic_evidence.speakers.items():
                for speaker, _ in speakers:
                    if isinstance(speaker, int):
                        found.setdefault(topic.document(speaker).id, set()).add(attribute)
        return found
