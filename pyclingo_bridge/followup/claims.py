"""Claims with their states and who says so, as the questions after a decision tell them."""

from __future__ import annotations

from collections.abc import Iterable

from pyclingo_bridge.decision import Answer, Claim, ClaimResult
from pyclingo_bridge.evidence import Findings
from pyclingo_bridge.structure import Structure
from pyclingo_bridge.terms import Value
from pyclingo_bridge.vocabulary import Vocabulary

_MORE_MEMBERS = ("includes", "includes_any", "among")


def renewable(claim: Claim, vocabulary: Vocabulary) -> bool:
    """Whether a further document can turn a claim that documents deny, and leave them as they are.

    It can where only the latest one counts, and where more members of a list are enough.
    """
    attribute = vocabulary.attributes[claim.attribute]
    if attribute.kind == "latest":
        return True
    grows = attribute.kind in ("cumulative", "history")
    return grows and (claim.operator in _MORE_MEMBERS) != claim.complement


def renewable_among(
    told: Iterable[ClaimResult], vocabulary: Vocabulary
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of claims that are denied those that are renewable, and of these those that add up.

    What adds up is turned by a further document of whatever date, all else by a later one alone.
    """
    claims = [entry.claim for entry in told if entry.state != "open"]
    found = [claim for claim in claims if renewable(claim, vocabulary)]
    adds_up = [one for one in found if vocabulary.attributes[one.attribute].kind != "latest"]
    return tuple(claim.term for claim in found), tuple(claim.term for claim in adds_up)


class ClaimSet(Answer):
    """A set of claims, each with its state and who says so.

    Attributes:
        claims: the claims, sorted by their terms.
    """

    claims: tuple[ClaimResult, ...]


def claim_results(
    claims: Iterable[Value], structure: Structure, findings: Findings
) -> tuple[ClaimResult, ...]:
    """The claims as they stand in a case, sorted by their terms."""
    return tuple(claim_result(claim, structure, findings) for claim in sorted(claims, key=str))


def claim_result(claim: Value, structure: Structure, findings: Findings) -> ClaimResult:
    """A claim as it stands in a case."""
    told = structure.claims[claim]
    evidence = findings.evidence(claim, told.attribute)
    return ClaimResult(claim=told, state=findings.states[claim], evidence=evidence)
