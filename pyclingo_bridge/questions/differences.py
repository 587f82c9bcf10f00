"""What differs between two decisions, and whether the policy or the case is another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyclingo_bridge.base.versions import ENGINE
from pyclingo_bridge.core.decision import (
    FORMAT_VERSION,
    Answer,
    Decision,
    DenialKind,
    Evidence,
    Outcome,
    PolicyInfo,
    Requirement,
)
from pyclingo_bridge.core.structure import natural_key
from pyclingo_bridge.questions.what_if import CriterionChange, criterion_changes, requirements_of


class DecisionHead(Answer):
    """A decision in short.

    Attributes:
        version: the version of the format that it was written in.
        engine: the versions of this package and of the solver that made it.
        case: the case's id.
        case_digest: a fingerprint of the case's content, see `Case.digest`.
        policy: which policy decided.
        interpretations: each ambiguity of the wording, with the interpretation chosen.
        outcome: the decision.
        denial_kind: for a denial, its kind.
        section: for an approval, the section that approves.
        approval_months: for an approval, for how long.
        refer_to: for a referral, the policy that takes the request.
    """

    version: str
    engine: dict[str, str]
    case: str
    case_digest: str
    policy: PolicyInfo
    interpretations: dict[str, str]
    outcome: Outcome
    denial_kind: DenialKind | None
    section: str | None
    approval_months: int | None
    refer_to: str | None

    @classmethod
    def of(cls, decision: Decision) -> DecisionHead:
        """The short form of a decision."""
        return cls(**{name: getattr(decision, name) for name in cls.model_fields})


class EvidenceChange(Answer):
    """A requirement of which documents, or the form, say something else.

    Attributes:
        requirement: the requirement, as the later decision words it where it has it.
        criteria: the criteria whose wording asks for it.
        gained: what is said only after.
        lost: what was said only before.
    """

    requirement: Requirement
    criteria: tuple[str, ...]
    gained: tuple[Evidence, ...]
    lost: tuple[Evidence, ...]


class DecisionDifference(Answer):
    """What differs between two decisions.

    Attributes:
        version: the version of this format.
        engine: the versions of this package and of the solver that compared them.
        before: the earlier decision in short.
        after: the later one.
        changed: which fields of these differ; `policy` where anything of it does, its fingerprint included.
        criteria: every criterion whose status is another one, or that only one decision has.
        evidence: every requirement of which something else is said.
        warnings_gained: warnings that only the later decision has.
        warnings_lost: warnings that only the earlier one has.
    """

    version: str = FORMAT_VERSION
    engine: dict[str, str]
    before: DecisionHead
    after: DecisionHead
    changed: tuple[str, ...]
    criteria: tuple[CriterionChange, ...]
    evidence: tuple[EvidenceChange, ...]
    warnings_gained: tuple[str, ...]
    warnings_lost: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether they decide the same for the same reasons, whoever decided, and of which case."""
        results = {"outcome", "denial_kind", "section", "approval_months", "refer_to"}
        others = (self.criteria, self.evidence, self.warnings_gained, self.warnings_lost)
        return results.isdisjoint(self.changed) and not any(others)


def decision_difference(before: Decision, after: Decision) -> DecisionDifference:
    """What differs between two decisions, on one case or on two."""
    old, new = DecisionHead.of(before), DecisionHead.of(after)
    return DecisionDifference(
        engine=dict(ENGINE),
        before=old,
        after=new,
        changed=tuple(name for name in DecisionHead.model_fields if getattr(old, name) != getattr(new, name)),
        criteria=tuple(criterion_changes(before, after)),
        evidence=tuple(_evidence_changes(before, after)),
        warnings_gained=_only_in(after.warnings, before.warnings),
        warnings_lost=_only_in(before.warnings, after.warnings),
    )


def _only_in(these: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    known = set(others)
    return tuple(text for text in these if text not in known)


def _evidence_changes(before: Decision, after: Decision) -> Iterator[EvidenceChange]:
    was, now = requirements_of(before), requirements_of(after)
    asked_by = _asked_by(before, after)
    for term in (*now, *(term for term in was if term not in now)):
        old = was[term].evidence if term in was else ()
        new = now[term].evidence if term in now else ()
        gained, lost = _without(new, old), _without(old, new)
        # What only one decision asks for is told with the criteria.
        if term in was and term in now and (gained or lost):
            criteria = tuple(sorted(asked_by.get(term, ()), key=natural_key))
            yield EvidenceChange(requirement=now[term].requirement, criteria=criteria, gained=gained, lost=lost)


def _asked_by(*decisions: Decision) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for decision in decisions:
        for name, criterion in decision.criteria.items():
            for one in criterion.requirements():
                found.setdefault(one.requirement.term, set()).add(name)
    return found


def _without(these: Iterable[Evidence], others: Iterable[Evidence]) -> tuple[Evidence, ...]:
    known = list(others)
    return tuple(entry for entry in these if entry not in known)
