"""What the rules find of a case: the status of each requirement, who says so, and how the criteria stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from pyclingo_bridge.base.solver import Signature
from pyclingo_bridge.base.terms import Term, Value, plain
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.statements import Stated
from pyclingo_bridge.core.decision import (
    DenialKind,
    Evidence,
    Outcome,
    RequirementResult,
    Status,
    statement_text,
)
from pyclingo_bridge.core.evidence import Effect, Weighed
from pyclingo_bridge.core.facts import CaseInputs, Encoder, Excerpt
from pyclingo_bridge.core.structure import Structure


@dataclass(frozen=True, eq=False)
class TopicAssessment:
    """What the rules find of one case's statements on a topic.

    Attributes:
        excerpt: what the case says of it.
        encoder: tells how the rules saw it.
        weighed: what it comes to.
        told: requirements that were put together for a reader already, by their terms.
        sentences: warnings that were put into words already, by their terms.
    """

    excerpt: Excerpt
    encoder: Encoder
    weighed: Weighed
    told: dict[Value, RequirementResult] = field(default_factory=dict)
    sentences: dict[Term, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> CaseInputs:
        """What the case says of it, as the rules saw it."""
        return self.encoder.inputs(self.excerpt)

    def document(self, place: Value) -> Stated:
        """The document at a place."""
        return self.inputs.documents[cast(int, place) - 1]

    def statements(self, place: Value, attribute: Value) -> list[str]:
        """What the document at a place states of an attribute, or of another that speaks of it."""
        document = self.document(place)
        speakers = self.weighed.speakers[str(plain(attribute))]
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
        return self.inputs.said.get((speaker, str(plain(attribute)), value), [])

    def uncounted(self, attribute: str) -> list[str]:
        """The members of the request form's list, in its own words, of which none of it counts."""
        dismissed = {
            told.args[1]
            for (told,) in self.weighed.atoms["warning"]
            if isinstance(told, Term) and told.name == "not_counted" and str(plain(told.args[0])) == attribute
        }
        counted = {
            word
            for (_, name, value), words in self.inputs.said.items()
            if name == attribute and value not in dismissed
            for word in words
        }
        return [word for word in self.excerpt.request.get(attribute, ()) if word not in counted]

    def evidence(self, requirement: Value, attribute: str) -> tuple[Evidence, ...]:
        """Who says what of a requirement: the request form first, then the latest document."""
        return tuple(sorted(self._evidence(requirement, attribute), key=_newest_first))

    def _evidence(self, requirement: Value, attribute: str) -> Iterator[Evidence]:
        for speaker, stated in self.weighed.speakers.get(attribute, ()):
            effect: Effect = self.weighed.effects.get((speaker, requirement, stated), "silent")
            name = str(plain(stated))
            if isinstance(speaker, int):
                document = self.document(speaker)
                overtaken = (speaker, attribute) in self.weighed.superseded
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
        -entry.date.toordinal() if entry.date else -(10**9),
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
"""The atoms that a verdict is read from, but for how the criteria stand."""


@dataclass(eq=False)
class Verdict:
    """What the decision rules make of the statuses of the requirements, whosever case it is.

    Attributes:
        outcome: the outcome.
        denial_kind: for a denial, of what kind it is.
        section: for an approval, the section that approves.
        approval_months: for an approval, for how many months.
        referred: for a referral, the criterion or part that it rests on, and the target.
        routed: the sections that the request goes to.
        addressed: those that may address the requested use.
        stand: tells how each criterion, and each part of one, stands beneath the routed sections
            and their use conditions, when first asked.
    """

    outcome: Outcome
    denial_kind: DenialKind | None
    section: Value | None
    approval_months: int | None
    referred: tuple[Value, Value] | None
    routed: frozenset[Value]
    addressed: frozenset[Value]
    stand: Callable[[], Mapping[Value, Status]]

    @cached_property
    def standing(self) -> Mapping[Value, Status]:
        """How each criterion, and each part of one, stands beneath the routed sections."""
        return self.stand()

    def statuses(self, structure: Structure) -> dict[str, Status]:
        """How each criterion of the sections stands that the request goes to, by its id, in order."""
        standing = self.standing
        return {name: standing[name] for name in structure.criteria_of(self.routed)}

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
        """Whether documents can turn a denial: then, and only then, there are missing sets."""
        return self.denial_kind == "insufficient_documentation"


@dataclass(eq=False)
class Assessment:
    """What the rules find of a case: made once, and handed to every question about it.

    Attributes:
        case: the case.
        by: the assessor that found it; to a policy with another one it says nothing.
        told: tells what they find of its statements on each topic, when first asked.
        weighed: what these statements come to, by topic.
        topic_of: the topic of each attribute.
        verdict: how the criteria stand, and what follows.
    """

    case: Case
    by: object
    told: Callable[[], Mapping[str, TopicAssessment]]
    weighed: Mapping[str, Weighed]
    topic_of: Mapping[str, str]
    verdict: Verdict

    @cached_property
    def topics(self) -> Mapping[str, TopicAssessment]:
        """What the rules find of the case's statements on each topic."""
        return self.told()

    def topic(self, attribute: str) -> TopicAssessment:
        """What the rules find of the statements on an attribute, and on those linked to it."""
        return self.topics[self.topic_of[attribute]]

    @cached_property
    def statuses(self) -> dict[Value, Status]:
        """The status of each requirement."""
        return {
            requirement: status
            for weighed in self.weighed.values()
            for requirement, status in weighed.statuses.items()
        }

    @cached_property
    def requirement_inputs(self) -> set[Term]:
        """The statuses as inputs of the searches; a requirement in none of them is not met."""
        return {term for weighed in self.weighed.values() for term in weighed.requirement_inputs}

    def evidence(self, requirement: Value, attribute: str) -> tuple[Evidence, ...]:
        """Who says what of a requirement: the request form first, then the latest document."""
        return self.topic(attribute).evidence(requirement, attribute)

    @cached_property
    def supporters(self) -> dict[Value, set[str]]:
        """For each requirement that documents support the ids of these."""
        found: dict[Value, set[str]] = {}
        for topic in self.topics.values():
            for (speaker, requirement, _), effect in topic.weighed.effects.items():
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
            for attribute, speakers in topic.weighed.speakers.items():
                for speaker, _ in speakers:
                    if isinstance(speaker, int):
                        found.setdefault(topic.document(speaker).id, set()).add(attribute)
        return found
