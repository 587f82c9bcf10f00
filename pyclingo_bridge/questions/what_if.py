"""What if: two decisions, before and after some changes, and what lies between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import (
    FORMAT_VERSION,
    Answer,
    CriterionRef,
    CriterionResult,
    Decision,
    DenialKind,
    Evidence,
    Outcome,
    Part,
    PolicyInfo,
    Requirement,
    RequirementResult,
    Status,
    requirements_in,
    wording,
)
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import natural_key
from pyclingo_bridge.questions.changes import Changes, assessed_with
from pyclingo_bridge.questions.minimal_sets import check_count
from pyclingo_bridge.questions.missing import MissingSearch, MissingSet

MOST_COMPARED = 1_000
"""How many missing sets of each decision are compared, the cheapest first."""


class RequirementChange(Answer):
    """A requirement with another status.

    Attributes:
        requirement: the requirement, as the later decision words it where it has it.
        before: its status before; None where that decision does not ask for it.
        after: its status after; None likewise.
        evidence: who says what of it after.
    """

    requirement: Requirement
    before: Status | None
    after: Status | None
    evidence: tuple[Evidence, ...]


class CriterionChange(Answer):
    """A criterion whose status changes, or that only one decision has.

    Attributes:
        id: its number in the source.
        label: what it asks for.
        locator: where in the source it stands.
        before: its status before; None where it was not in scope.
        after: its status after; None where it is not in scope any more.
        because: the requirements beneath it with another status.
    """

    id: str
    label: str
    locator: str
    before: Status | None
    after: Status | None
    because: tuple[RequirementChange, ...]


class WhatIf(Answer):
    """What becomes of a case's decision with some changes.

    A pair is what was before and what is after; it is None where both are the same.

    Attributes:
        version: the version of this format.
        engine: the versions of this package and of the solver.
        case: the case's id.
        case_digest: a fingerprint of the case as it is, see `Case.digest`.
        policy: which policy decided; the fingerprint is that of the interpretations before.
        interpretations: each ambiguity of the wording, with the interpretation chosen before.
        changes: each change for a reader, such as `set age = 17`.
        before: the decision on the case as it is.
        after: the decision on the case with the changes.
        outcome: the outcomes.
        denial_kind: the kinds of denial; None in a pair where it is no denial.
        section: the sections that approve; None in a pair where none does.
        approval_months: the durations; None in a pair where there is none.
        refer_to: the targets of referral; None in a pair where there is none.
        criteria: every criterion whose status is another one, in the source's order.
        missing_gained: missing sets after that were none before, cheapest first; the first few.
        more_gained: whether there are more of them.
        missing_lost: missing sets before that are none after, likewise.
        more_lost: whether there are more of them.
        missing_complete: whether all missing sets were compared; else only the cheapest were,
            as far as either list goes.
    """

    version: str = FORMAT_VERSION
    engine: dict[str, str]
    case: str
    case_digest: str
    policy: PolicyInfo
    interpretations: dict[str, str]
    changes: tuple[str, ...]
    before: Decision
    after: Decision
    outcome: tuple[Outcome, Outcome] | None = None
    denial_kind: tuple[DenialKind | None, DenialKind | None] | None = None
    section: tuple[str | None, str | None] | None = None
    approval_months: tuple[int | None, int | None] | None = None
    refer_to: tuple[str | None, str | None] | None = None
    criteria: tuple[CriterionChange, ...] = ()
    missing_gained: tuple[MissingSet, ...] = ()
    more_gained: bool = False
    missing_lost: tuple[MissingSet, ...] = ()
    more_lost: bool = False
    missing_complete: bool = True

    @property
    def same(self) -> bool:
        """Whether the two decisions, and what is missing, differ in nothing that this answer compares."""
        pairs = (self.outcome, self.denial_kind, self.section, self.approval_months, self.refer_to)
        return not any((*pairs, self.criteria, self.missing_gained, self.missing_lost))


class Comparing:
    """A case whose decision is compared with others; it is decided once."""

    def __init__(self, policy: LoadedPolicy, assessment: Assessment, first: int) -> None:
        check_count(first)
        self._policy = policy
        self._case = assessment.case
        self._first = first
        self._before = _Decided.of(policy, assessment)

    def what_if(self, changes: Changes | Mapping[str, Any]) -> WhatIf:
        """The difference that these changes make together."""
        wanted = Changes.of(changes)
        policy = self._policy.under(wanted.interpretations)
        after = _Decided.of(policy, assessed_with(policy, self._case, wanted))
        gained, lost = after.not_in(self._before), self._before.not_in(after)
        shown = self._first or None
        return WhatIf(
            engine=self._policy.engine,
            case=self._case.id,
            case_digest=self._case.digest,
            policy=self._policy.info,
            interpretations=self._policy.interpretations,
            changes=wanted.texts,
            before=self._before.decision,
            after=after.decision,
            criteria=tuple(criterion_changes(self._before.decision, after.decision)),
            missing_gained=tuple(gained[:shown]),
            more_gained=len(gained) > len(gained[:shown]),
            missing_lost=tuple(lost[:shown]),
            more_lost=len(lost) > len(lost[:shown]),
            missing_complete=self._before.all_listed and after.all_listed,
            **_pairs(self._before.decision, after.decision),
        )

    def each(self, changes: Changes | Mapping[str, Any]) -> Iterator[WhatIf]:
        """The difference that each change makes by itself."""
        return map(self.what_if, Changes.of(changes).each())


def _pairs(before: Decision, after: Decision) -> dict[str, Any]:
    fields = ("outcome", "denial_kind", "section", "approval_months", "refer_to")
    both = {name: (getattr(before, name), getattr(after, name)) for name in fields}
    return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


# Missing sets

_Key = tuple[int, int, int, list[str]]


@dataclass(frozen=True)
class _Decided:
    decision: Decision
    missing: list[MissingSet]
    all_listed: bool

    @classmethod
    def of(cls, policy: LoadedPolicy, assessment: Assessment) -> _Decided:
        decision = policy.decision(assessment)
        sets = iter(policy.once(MissingSearch.of).missing(assessment))
        missing = list(islice(sets, MOST_COMPARED))
        return cls(decision, missing, next(sets, None) is None)

    def not_in(self, other: _Decided) -> list[MissingSet]:
        """The sets that the other decision does not have.

        A list that was cut says nothing of sets that would come after its last one.
        """
        theirs = {_terms(entry) for entry in other.missing}
        mine = [entry for entry in self.missing if _terms(entry) not in theirs]
        if other.all_listed:
            return mine
        return [entry for entry in mine if _key(entry) < _key(other.missing[-1])]


def _terms(missing: MissingSet) -> frozenset[str]:
    return frozenset(requirement.term for requirement in missing.requirements)


def _key(missing: MissingSet) -> _Key:
    unshown = len(missing.unshown)
    return (
        unshown,
        missing.cost,
        len(missing.requirements),
        [requirement.term for requirement in missing.requirements],
    )


# Criteria


def criterion_changes(before: Decision, after: Decision) -> Iterator[CriterionChange]:
    """Every criterion whose status is another one, or that only one decision has, in the source's order."""
    requirements = requirements_of(before), requirements_of(after)
    for name in sorted({*before.criteria, *after.criteria}, key=natural_key):
        was, now = before.criteria.get(name), after.criteria.get(name)
        criterion = now or was
        if criterion is not None and (was and was.status) != (now and now.status):
            yield CriterionChange(
                id=name,
                label=criterion.label,
                locator=criterion.locator,
                before=was.status if was else None,
                after=now.status if now else None,
                because=tuple(_changes_beneath((before, was), (after, now), requirements)),
            )


def requirements_of(decision: Decision) -> dict[str, RequirementResult]:
    """Every requirement in the decision's reasons, by its term."""
    reasons = decision.referral.reasons if decision.referral else ()
    wordings = [wording(criterion) for criterion in decision.criteria.values()]
    wordings += [section.use_conditions for section in decision.sections]
    return {
        requirement.requirement.term: requirement
        for items in (reasons, *wordings)
        for requirement in requirements_in(items)
    }


def _beneath(decision: Decision, holder: CriterionResult | Part | None) -> Iterator[RequirementResult]:
    """The requirements of a criterion's own wording and of everything in it, in order."""
    for item in wording(holder) if holder else ():
        if isinstance(item, RequirementResult):
            yield item
        elif isinstance(item, CriterionRef):
            yield from _beneath(decision, decision.criteria[item.id])
        else:
            yield from _beneath(decision, item)


_Scoped = tuple[Decision, CriterionResult | None]
_Requirements = tuple[dict[str, RequirementResult], dict[str, RequirementResult]]


def _changes_beneath(was: _Scoped, now: _Scoped, requirements: _Requirements) -> Iterator[RequirementChange]:
    asked = {
        requirement.requirement.term: requirement.requirement
        for requirement in (*_beneath(*was), *_beneath(*now))
    }
    in_both = was[1] is not None and now[1] is not None
    for term, requirement in asked.items():
        before, after = (found.get(term) for found in requirements)
        # What only one decision asks for matters only where its criterion is in both.
        known = before is not None and after is not None
        if (known or in_both) and (before and before.status) != (after and after.status):
            yield RequirementChange(
                requirement=after.requirement if after else requirement,
                before=before.status if before else None,
                after=after.status if after else None,
                evidence=after.evidence if after else (),
            )
