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
        case: the case's id.
        policy: which policy decided.
        interpretations: each ambiguity of the wording, with the interpretation chosen.
        outcome: the outcome of the case as it is.
        denial_kind: for a denial, its kind.
    """

    version: str = FORMAT_VERSION
    case: str
    policy: PolicyInfo
    interpretations: dict[str, str]
    outcome: Outcome
    denial_kind: DenialKind | None


def about(decision: Decision) -> dict[str, Any]:
    """What such an answer takes over from the decision."""
    return {
        "case": decision.case,
        "policy": decision.policy,
        "interpretations": decision.interpretations,
        "outcome": decision.outcome,
        "denial_kind": decision.denial_kind,
    }
