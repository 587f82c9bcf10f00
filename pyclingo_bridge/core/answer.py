"""What answers about one decision have in common."""

from __future__ import annotations

from typing import Any

from pyclingo_bridge.core.decision import (
    FORMAT_VERSION,
    Answer,
    Decision,
    DenialKind,
    Outcome,
    PolicyInfo,
)


class AfterDecision(Answer):
    """An answer about one decision.

    Attributes:
        version: the version of this JSON format.
        engine: the versions of this package and of the solver.
        case: the case's id.
        case_digest: a fingerprint of the case's content, see `Case.digest`.
        policy: which policy decided.
        interpretations: each ambiguity of the wording, with the interpretation chosen.
        outcome: the outcome of the case as it is.
        denial_kind: for a denial, its kind.
    """

    version: str = FORMAT_VERSION
    engine: dict[str, str]
    case: str
    case_digest: str
    policy: PolicyInfo
    interpretations: dict[str, str]
    outcome: Outcome
    denial_kind: DenialKind | None


def about(decision: Decision) -> dict[str, Any]:
    """What such an answer takes over from the decision."""
    return {
        "engine": decision.engine,
        "case": decision.case,
        "case_digest": decision.case_digest,
        "policy": decision.policy,
        "interpretations": decision.interpretations,
        "outcome": decision.outcome,
        "denial_kind": decision.denial_kind,
    }
