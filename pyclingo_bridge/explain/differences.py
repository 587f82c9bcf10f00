"""Two decisions: what differs between them."""

from __future__ import annotations

from collections.abc import Iterator

from pyclingo_bridge.analysis.findings import Verdict
from pyclingo_bridge.explain.changes import changed_criterion, changed_requirement, settings_lines
from pyclingo_bridge.explain.phrases import evidence_text, outcome_text
from pyclingo_bridge.explain.report import Block, Gap, Item, Paragraph, Title, section
from pyclingo_bridge.explain.view import PLAIN, View
from pyclingo_bridge.questions.differences import DecisionDifference, DecisionHead, EvidenceChange

_SAID = {
    "outcome": "outcome",
    "denial_kind": "kind of denial",
    "section": "section that approves",
    "approval_months": "months of the approval",
    "refer_to": "policy that takes the request",
}
_VERDICT = tuple(name for name in Verdict.model_fields if name != "policy")


def difference_report(answer: DecisionDifference, view: View = PLAIN) -> Iterator[Block]:
    """What differs: the outcome, what was decided by whom, criteria, evidence and warnings."""
    before, after = answer.before, answer.after
    case = before.case if before.case == after.case else f"{before.case}, then {after.case}"
    differs = [words for name, words in _SAID.items() if name in answer.changed]
    verdict = "the same decision" if not differs else f"another {differs[0]}"
    yield Title(f"{case}: {verdict}", after.outcome if "outcome" in answer.changed else None)
    yield Paragraph(f"before: {_outcome(before)}", apart=False)
    yield Paragraph(f"after: {_outcome(after)}", apart=False)
    # Those that the two do not share are told with what differs.
    shared = dict(before.interpretations.items() & after.interpretations.items())
    yield from settings_lines(shared, view)
    yield from section("What went in differs", _settings(answer))
    statuses = (entry for entry in answer.criteria if entry.before and entry.after)
    yield from section(
        "Criteria whose status changed", (Item(changed_criterion(entry), mark="~") for entry in statuses)
    )
    scope = (entry for entry in answer.criteria if not (entry.before and entry.after))
    yield from section(
        "Criteria that only one of them has", (Item(changed_criterion(entry), mark="~") for entry in scope)
    )
    requirements = {one.requirement.term: one for entry in answer.criteria for one in entry.because}
    yield from section(
        "Requirements whose status changed",
        (Item(changed_requirement(one, view), mark="~") for one in requirements.values()),
    )
    yield from section("What documents or the form say", (_evidence(one, view) for one in answer.evidence))
    yield from section("New warnings", answer.warnings_gained)
    yield from section("Warnings that are gone", answer.warnings_lost)
    if answer.same:
        yield Gap()
        yield Paragraph("Criteria, evidence and warnings are the same too.")


def _outcome(head: DecisionHead) -> str:
    verdict = Verdict(policy=head.policy.name, **{name: getattr(head, name) for name in _VERDICT})
    return f"{outcome_text(verdict)} (policy {head.policy.name}, revision {head.policy.revision})"


def _settings(answer: DecisionDifference) -> Iterator[str]:
    before, after = answer.before, answer.after
    if "case_digest" in answer.changed:
        yield "the case: its content"
    if before.policy.name != after.policy.name:
        yield f"the policy: {before.policy.name}, then {after.policy.name}"
    elif "policy" in answer.changed and before.policy.revision != after.policy.revision:
        yield f"the policy: revision {before.policy.revision}, then {after.policy.revision}"
    elif before.policy.rules != after.policy.rules and before.interpretations == after.interpretations:
        yield "the policy: its rules (another fingerprint)"
    for name in sorted({*before.interpretations, *after.interpretations}):
        pair = [head.interpretations.get(name, "none") for head in (before, after)]
        if pair[0] != pair[1]:
            yield f"the interpretation of {name}: {pair[0]}, then {pair[1]}"
    if "engine" in answer.changed:
        pairs = (
            ", ".join(f"{name} {version}" for name, version in head.engine.items()) for head in (before, after)
        )
        yield f"the programs: {'; then '.join(pairs)}"


def _evidence(entry: EvidenceChange, view: View) -> Item:
    said = [Item(evidence_text(one, view), mark="-") for one in entry.lost]
    said += [Item(evidence_text(one, view), mark="+") for one in entry.gained]
    return Item(f"{entry.requirement.text} [{', '.join(entry.criteria)}]", tuple(said))
