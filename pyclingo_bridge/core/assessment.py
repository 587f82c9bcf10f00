"""What the rules find of a case: the statuses of its requirements and criteria, and who says what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from pyclingo_bridge.base.solver import Signature
from pyclingo_bridge.base.terms import Term, Value, plain
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.days import first_day
from pyclingo_bridge.cases.statements import CaseStatements, Stated
from pyclingo_bridge.cases.statuses import FINAL
from pyclingo_bridge.core.decision import (
    DenialKind,
    Evidence,
    Outcome,
    Status,
    statement_text,
)
from pyclingo_bridge.core.evidence import CaseEvidence, Effect, Speaker
from pyclingo_bridge.core.facts import Encoder
from pyclingo_bridge.core.structure import Structure

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


class AssessedBy(Protocol):
    """What assessed a case."""

    @property
    def encoder(self) -> Encoder:
        """Tells what the names in lists stand for."""
        ...

    def read_as(self, attribute: str, value: Any) -> str | None:
        """How a stated value was read, where that is more than its spelling."""
        ...


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
        said: what the case states.
        weighed: what that comes to.
        verdict: the outcome, and the statuses of the criteria.
        defaults: what the form says where it does not say it, by attribute.
    """

    case: Case
    by: AssessedBy
    said: CaseStatements
    weighed: CaseEvidence
    verdict: RulesVerdict
    defaults: Mapping[str, Any]

    @property
    def statuses(self) -> dict[Value, Status]:
        """The status of each requirement."""
        return self.weighed.statuses

    @property
    def requirement_inputs(self) -> frozenset[Term]:
        """The statuses as inputs of the searches; a requirement in none of them is not met."""
        return self.weighed.requirement_inputs

    def document(self, speaker: int) -> Stated:
        """The document at a place."""
        return self.said.documents[speaker]

    def statements(self, speaker: int, attribute: str) -> list[str]:
        """What the document at a place states of an attribute, or of another that speaks of it."""
        document = self.document(speaker)
        stated = [own for place, own in self.weighed.details.speakers[attribute] if place == speaker]
        return [
            statement_text(name, document.states[name], document.details if name in document.concluded else {})
            for name in stated
        ]

    def evidence(self, requirement: Value, attribute: str) -> tuple[Evidence, ...]:
        """Who says what of a requirement: the request form first, then the latest document."""
        return tuple(sorted(self._evidence(requirement, attribute), key=_newest_first))

    def _evidence(self, requirement: Value, attribute: str) -> Iterator[Evidence]:
        details = self.weighed.details
        for speaker, name in self._speaking.get(attribute, ()):
            effect: Effect = details.effects.get((speaker, name, requirement), "silent")
            if speaker is None:
                yield self._of_form(name, effect)
                continue
            if (speaker, name) in details.not_counted or (speaker, attribute) in details.not_counted:
                effect = "not_counted"
            elif (speaker, attribute) in details.superseded:
                effect = "superseded"
            document = self.document(speaker)
            yield Evidence(
                document=document.id,
                type=document.type,
                date=document.date,
                attribute=name,
                value=_own(document.states[name]),
                details=dict(document.details) if name in document.concluded else {},
                read_as=self.by.read_as(name, document.states[name]),
                status=None if document.status == FINAL else document.status,
                effect=effect,
            )

    def _of_form(self, name: str, effect: Effect) -> Evidence:
        given = name in self.said.request
        value = self.said.request[name] if given else self.defaults.get(name)
        return Evidence(
            document=None,
            type=None,
            date=None,
            attribute=name,
            value=_own(value),
            by_default=not given,
            read_as=self.by.read_as(name, value),
            effect=effect,
        )

    @cached_property
    def _speaking(self) -> dict[str, list[tuple[Speaker, str]]]:
        """Who speaks of each attribute by which, those too whose word does not count."""
        details = self.weighed.details
        found = {name: list(speakers) for name, speakers in details.speakers.items()}
        for speaker, name in sorted(details.not_counted, key=str):
            if (speaker, name) not in found.setdefault(name, []):
                found[name].append((speaker, name))
        return found

    @cached_property
    def supporters(self) -> dict[Value, set[str]]:
        """For each requirement that documents support the ids of these."""
        found: dict[Value, set[str]] = {}
        for (speaker, _, requirement), effect in self.weighed.details.effects.items():
            if effect == "supports" and speaker is not None:
                found.setdefault(requirement, set()).add(self.document(speaker).id)
        return found

    def spoken_of(self, document: str) -> set[str]:
        """The attributes that the document of an id speaks of, by stating them or others."""
        return self._spoken.get(document, set())

    @cached_property
    def _spoken(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for attribute, speakers in self.weighed.details.speakers.items():
            for speaker, _ in speakers:
                if speaker is not None:
                    found.setdefault(self.document(speaker).id, set()).add(attribute)
        return found


def _own(value: Any) -> Any:
    """A value as a case file has it, which can be changed without a trace in the case."""
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _newest_first(entry: Evidence) -> tuple[int, str, str]:
    day = entry.date
    newest = -first_day(day).toordinal() if day else -(10**9)
    return newest, entry.document or "", entry.attribute
