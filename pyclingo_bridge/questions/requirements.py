"""Requirements with their statuses and who says so, as the questions after a decision report them."""

from __future__ import annotations

from collections.abc import Iterable

from pyclingo_bridge.base.terms import Value
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import Answer, Requirement, RequirementResult
from pyclingo_bridge.core.structure import Structure

_MORE_MEMBERS = ("includes", "includes_any", "among")


def renewable(requirement: Requirement, vocabulary: Vocabulary) -> bool:
    """Whether a further document can change a requirement that documents deny, without correcting them.

    It can where only the latest one counts, and where more members of a list are enough.
    """
    attribute = vocabulary.attributes[requirement.attribute]
    if attribute.kind == "latest":
        return True
    if attribute.kind == "cumulative" and attribute.domain == "flag":
        # True once any document says so; false no longer then.
        return (requirement.operator == "yes") != requirement.complement
    return attribute.kind in ("cumulative", "history") and asks_for_more(requirement)


def asks_for_more(requirement: Requirement) -> bool:
    """Whether a requirement on a list asks for a member, so that more members never make it untrue."""
    return (requirement.operator in _MORE_MEMBERS) != requirement.complement


def renewable_among(
    results: Iterable[RequirementResult], vocabulary: Vocabulary
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of requirements that are denied those that are renewable, and of these those that add up.

    What adds up is changed by a further document of any date, all else only by a later one.
    """
    requirements = [entry.requirement for entry in results if entry.status != "undocumented"]
    found = [requirement for requirement in requirements if renewable(requirement, vocabulary)]
    adds_up = [one for one in found if vocabulary.attributes[one.attribute].kind != "latest"]
    return tuple(requirement.term for requirement in found), tuple(requirement.term for requirement in adds_up)


class RequirementSet(Answer):
    """A set of requirements, each with its status and who says so.

    Attributes:
        requirements: the requirements, sorted by their terms.
    """

    requirements: tuple[RequirementResult, ...]


def requirement_results(
    requirements: Iterable[Value], structure: Structure, assessment: Assessment
) -> tuple[RequirementResult, ...]:
    """The requirements with their statuses in a case, sorted by their terms."""
    return tuple(
        requirement_result(requirement, structure, assessment) for requirement in sorted(requirements, key=str)
    )


def requirement_result(requirement: Value, structure: Structure, assessment: Assessment) -> RequirementResult:
    """A requirement with its status in a case."""
    asked = structure.requirements[requirement]
    evidence = assessment.evidence(requirement, asked.attribute)
    return RequirementResult(requirement=asked, status=assessment.statuses[requirement], evidence=evidence)
