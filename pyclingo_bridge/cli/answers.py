"""Answers of the command line that put together several of the library's, and how each is found."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict

from pyclingo_bridge.base.errors import TooLargeError
from pyclingo_bridge.core.answer import AfterDecision, about
from pyclingo_bridge.core.decision import FORMAT_VERSION, Answer, Decision, PolicyInfo, WholeDecision
from pyclingo_bridge.explain.missing import Listed
from pyclingo_bridge.questions.counterfactuals import Counterfactual
from pyclingo_bridge.questions.minimal_sets import take
from pyclingo_bridge.questions.missing import DocumentSet, MissingSet, MissingSets
from pyclingo_bridge.questions.repairs import Repair
from pyclingo_bridge.questions.what_if import CriterionChange, WhatIf

if TYPE_CHECKING:
    from pyclingo_bridge.core.assessment import Assessment
    from pyclingo_bridge.policy import Policy

_MOST_BITS = 13_000
"""Python writes no number of more than four thousand digits."""


class DecidedCase(WholeDecision):
    """A decision as `decide --json` writes it: with the missing sets.

    Attributes, besides those of `Decision`:
        count: how many missing sets there are; none where they are too tangled to be counted.
        documents_count: how many sets of document types there are, likewise.
        missing: the missing sets, by rank; the first few. None for an approval, a referral, or a denial that
            no document can turn.
        more: whether there are more of them.
        documents: the sets of document types, likewise.
        more_documents: whether there are more of them.
    """

    model_config = ConfigDict(title="Decision, with what is missing")

    count: int | None = None
    documents_count: int | None = None
    missing: tuple[MissingSet, ...] = ()
    more: bool = False
    documents: tuple[DocumentSet, ...] = ()
    more_documents: bool = False


class MissingAnswer(AfterDecision):
    """What is missing in a case, as `missing --json` writes it.

    Attributes, besides those of `AfterDecision`:
        count: how many missing sets there are; none where they are too tangled to be counted.
        documents_count: how many sets of document types there are, likewise.
        missing: the missing sets, by rank, or drawn at random; the first few. None where they are counted
            only, as the fields that follow.
        more: whether there are more of them.
        documents: the sets of document types, likewise.
        more_documents: whether there are more of them.
    """

    count: int | None
    documents_count: int | None
    missing: tuple[MissingSet, ...] | None
    more: bool | None
    documents: tuple[DocumentSet, ...] | None
    more_documents: bool | None


class RepairsAnswer(AfterDecision):
    """What would make an approval of a case, as `repairs --json` writes it.

    Attributes, besides those of `AfterDecision`:
        repairs: the smallest repairs, by cost; the first few.
        more: whether there are more of them.
        counterfactuals: the least sets of requirements that would have to be true, and are not met.
        more_counterfactuals: whether there are more of them.
    """

    repairs: tuple[Repair, ...]
    more: bool
    counterfactuals: tuple[Counterfactual, ...]
    more_counterfactuals: bool


class WhatIfAnswer(AfterDecision):
    """What becomes of a case's decision with some changes, as `what-if --json` writes it.

    Its head is of the case with the changes.

    Attributes, besides those of `AfterDecision`:
        outcome: the outcome with the changes.
        denial_kind: for a denial with the changes, its kind.
        changes: each change for a reader, such as `set age = 17`.
        before: the decision on the case as it is.
        after: the decision on the case with the changes.
        changed: which of `outcome`, `denial_kind`, `section`, `approval_months` and `refer_to` differ.
        criteria: every criterion whose status is another one, in the source's order.
        missing_gained: missing sets after that were none before, cheapest first; the first few.
        more_gained: whether there are more of them.
        missing_lost: missing sets before that are none after, likewise.
        more_lost: whether there are more of them.
        missing_complete: whether all missing sets were compared; else only the cheapest were.
    """

    changes: tuple[str, ...]
    before: Decision
    after: Decision
    changed: tuple[str, ...]
    criteria: tuple[CriterionChange, ...]
    missing_gained: tuple[MissingSet, ...]
    more_gained: bool
    missing_lost: tuple[MissingSet, ...]
    more_lost: bool
    missing_complete: bool


class FactsAnswer(Answer):
    """A case as facts, as `facts --format json` writes it.

    Attributes:
        version: the version of this JSON format.
        engine: the versions of this package and of the solver.
        case: the case's id.
        case_digest: a fingerprint of the case's content, see `Case.digest`.
        policy: the policy whose vocabulary the facts are of.
        facts: each fact, without the period at its end.
    """

    version: str = FORMAT_VERSION
    engine: dict[str, str]
    case: str
    case_digest: str
    policy: PolicyInfo
    facts: tuple[str, ...]


class PolicyAnswer(Answer):
    """A policy, as `policies --json` writes it.

    Attributes:
        version: the version of this JSON format.
        engine: the versions of this package and of the solver.
        policy: the policy.
        ambiguities: the interpretations of each ambiguity of its wording, the default first.
    """

    version: str = FORMAT_VERSION
    engine: dict[str, str]
    policy: PolicyInfo
    ambiguities: dict[str, tuple[str, ...]]


class BadCase(Answer):
    """What stands in the place of an answer on a case that cannot be read.

    Attributes:
        version: the version of this JSON format.
        source: the file, or where else the case is from.
        errors: what is wrong, a line for each problem.
    """

    model_config = ConfigDict(extra="allow", title="A bad case")

    version: str = FORMAT_VERSION
    source: str
    errors: tuple[str, ...]


MISSING_FIELDS = tuple(name for name in DecidedCase.model_fields if name not in WholeDecision.model_fields)
"""What `decide --json` says beside the decision."""


def first_missing(missing: MissingSets, first: int) -> Listed:
    """The first so many missing sets, and sets of document types; 0 for all."""
    sets, more = take(missing, first)
    documents, more_documents = take(missing.documents, first)
    return Listed(sets, more, documents, more_documents, **_of_all(missing))


def drawn_missing(missing: MissingSets, size: int, seed: int | None) -> Listed:
    """So many missing sets, and sets of document types, drawn at random."""
    sets, documents = missing.sample(size, seed), missing.documents.sample(size, seed)
    more, more_documents = missing.count() > size, missing.documents.count() > size
    return Listed(sets, more, documents, more_documents, drawn=True, **_of_all(missing))


def missing_answer(decision: Decision, found: Listed, count: bool = False) -> MissingAnswer:
    """The missing sets of a case as an answer; with `count` alone how many there are."""
    return MissingAnswer(**about(decision), **{**_listed(found), **(_NONE_LISTED if count else {})})


def decided_case(policy: Policy, case: Assessment, decision: Decision, first: int) -> DecidedCase:
    """A decision, with the first so many missing sets; 0 for all."""
    found = first_missing(policy.missing(case), first) if decision.outcome == "deny" else _NOTHING
    return DecidedCase.model_construct(**dict(decision), **_listed(found))


def what_if_answer(found: WhatIf) -> WhatIfAnswer:
    """A what-if with the head that every answer on one case has."""
    same = {name: getattr(found, name) for name in WhatIfAnswer.model_fields if name in _OF_WHAT_IF}
    pairs = ("outcome", "denial_kind", "section", "approval_months", "refer_to")
    changed = tuple(name for name in pairs if getattr(found, name) is not None)
    return WhatIfAnswer(**about(found.after), **same, changed=changed)


_OF_WHAT_IF = WhatIf.model_fields.keys() - AfterDecision.model_fields.keys()


def repairs_answer(policy: Policy, case: Assessment, resolving: bool, first: int) -> RepairsAnswer:
    """The first so many repairs of a case, and what would have to be otherwise."""
    repairs, more = take(policy.repairs(case, resolving), first)
    otherwise, more_otherwise = take(policy.counterfactuals(case), first)
    return RepairsAnswer(
        **about(policy.decide(case)),
        repairs=tuple(repairs),
        more=more,
        counterfactuals=tuple(otherwise),
        more_counterfactuals=more_otherwise,
    )


_NOTHING = Listed((), False, (), False, 0, 0)
_NONE_LISTED = dict.fromkeys(("missing", "more", "documents", "more_documents"))


def _listed(found: Listed) -> dict[str, Any]:
    return {
        "count": _exact(found.number),
        "documents_count": _exact(found.documents_number),
        "missing": tuple(found.sets),
        "more": found.more,
        "documents": tuple(found.documents),
        "more_documents": found.more_documents,
    }


def _of_all(missing: MissingSets) -> dict[str, Any]:
    """What is said of all sets, listed or not, as far as they are not too tangled for it."""
    known: dict[str, Any] = {}
    with suppress(TooLargeError):
        known["number"] = missing.count()
        known["in_every"] = frozenset(requirement.term for requirement in missing.in_every)
        known["documents_number"] = missing.documents.count()
    return known


def _exact(count: int | None) -> int | None:
    """A count as JSON can hold it."""
    return None if count is None or count.bit_length() > _MOST_BITS else count
