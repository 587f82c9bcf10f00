"""Repairs, reasons and requests as lines for a reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyclingo_bridge.analysis.report import Line, counted
from pyclingo_bridge.decision import (
    ClaimResult,
    Decision,
    Evidence,
    Outcome,
    statement_text,
    value_text,
)
from pyclingo_bridge.explanation import explanation
from pyclingo_bridge.followup.asking import Plan, Step, Strategy
from pyclingo_bridge.followup.claims import ClaimSet
from pyclingo_bridge.followup.counterfactuals import Counterfactual
from pyclingo_bridge.followup.reasons import DocumentRole, Reasons
from pyclingo_bridge.followup.repairs import Repair, RequestChange, Settlement
from pyclingo_bridge.obtaining import MissingClaim, cost_in_words, types_in_words

MORE = "... and more (--first 0 lists all)"

_OUTCOMES: dict[Outcome, str] = {
    "approve": "approved",
    "deny": "denied",
    "refer": "referred elsewhere",
}


def warning_lines(decision: Decision) -> Iterator[Line]:
    """What a reader should know of the input."""
    if decision.warnings:
        yield Line("heading", "Warnings")
        yield from (Line("item", text) for text in decision.warnings)


def head_lines(decision: Decision) -> Iterator[Line]:
    """The outcome and whose it is."""
    reasons = explanation(decision)
    yield Line("title", reasons.headline)
    for detail in reasons.details:
        yield Line("text", detail)


# Repairs


def repair_lines(decision: Decision, repairs: Sequence[Repair], more: bool) -> Iterator[Line]:
    """The repairs of a case: what all of them need, then each."""
    if decision.outcome == "approve":
        yield Line("heading", "Nothing has to be repaired.")
        return
    if not repairs:
        yield Line(
            "heading",
            "Nothing that is still open, no contradiction settled and no change that the requester "
            "can make would repair it.",
        )
        return
    common = [] if more or len(repairs) < 2 else _common(repairs)
    if common:
        yield Line("heading", f"What every one of the {len(repairs)} repairs needs")
        yield from (Line("item", text) for text in common)
    every = "this" if len(repairs) == 1 and not more else "any one of these"
    yield Line("heading", f"{'and' if common else 'What would make it an approval:'} {every}")
    for number, repair in enumerate(repairs, 1):
        yield Line("item", f"repair {number}, for {', '.join(repair.sections)} ({_cost(repair)})")
        yield from (Line("detail", text) for text in _elements(repair) if text not in common)
    if more:
        yield Line("item", MORE)
    if any(repair.changes for repair in repairs):
        yield Line("text", "Whether a change suits the patient is for the prescriber to judge.")


def _common(repairs: Sequence[Repair]) -> list[str]:
    first, *others = [_elements(repair) for repair in repairs]
    return [text for text in first if all(text in told for told in others)]


def _cost(repair: Repair) -> str:
    return cost_in_words(repair.cost, repair.documents, repair.unshown)


def _elements(repair: Repair) -> list[str]:
    return [
        *(f"change the request: {_change(change)}" for change in repair.changes),
        *(f"settle: {_settlement(settlement)}" for settlement in repair.settlements),
        *(f"document: {_missing(claim)}" for claim in repair.claims),
    ]


def _change(change: RequestChange) -> str:
    return f"{change.text} (now {value_text(change.before)})"


def _settlement(settlement: Settlement) -> str:
    serves = ", ".join(settlement.criteria)
    opposing = settlement.opposing
    way = (
        "a newer document would settle it"
        if settlement.newer
        else f"{_speakers(opposing)} would have to be corrected"
    )
    return (
        f"{settlement.claim.text} [{serves}], as {_speakers(settlement.supporting)} "
        f"{_verb(settlement.supporting, 'says')}; {_speakers(opposing)} "
        f"{_verb(opposing, 'says')} otherwise: {way}"
    )


def _missing(claim: MissingClaim) -> str:
    return f"{claim.text} [{', '.join(claim.criteria)}] ({types_in_words(claim.document_types)})"


def _speakers(evidence: Iterable[Evidence]) -> str:
    told = (_speaker(entry) for entry in evidence)
    return " and ".join(dict.fromkeys(told))


def _speaker(entry: Evidence) -> str:
    return entry.document if entry.document else "the request form"


def _verb(evidence: Iterable[Evidence], verb: str) -> str:
    return verb if len({entry.document for entry in evidence}) == 1 else verb.removesuffix("s")


# Counterfactuals


def counterfactual_lines(found: Sequence[Counterfactual], more: bool) -> Iterator[Line]:
    """What would have to be otherwise."""
    if not found:
        yield Line("heading", "The policy approves no request of this kind, whatever is stated.")
        return
    every = "this" if len(found) == 1 and not more else "any one of these"
    yield Line("heading", f"What would have to be otherwise for an approval: {every}")
    for entry in found:
        yield Line("item", f"for {', '.join(entry.sections)}")
        for claim in entry.claims:
            turned = _turned(claim, entry)
            yield Line("detail", f"{_otherwise(claim)}{'; ' if turned else ''}{turned}")
    if more:
        yield Line("item", MORE)


def _turned(claim: ClaimResult, told: Counterfactual | Reasons) -> str:
    """Whether a document could turn a claim that others deny, without any of them being wrong."""
    if claim.claim.term not in told.renewable:
        return ""
    which = "further" if claim.claim.term in told.of_any_date else "later"
    return f"a {which} document could turn it"


def _otherwise(claim: ClaimResult) -> str:
    if claim.state == "open":
        return f"{claim.claim.text} (nobody says)"
    return f"{claim.claim.text} ({_statements(claim, 'refutes')})"


def _statements(claim: ClaimResult, effect: str) -> str:
    told = [entry for entry in claim.evidence if entry.effect == effect]
    return "; ".join(dict.fromkeys(map(_said, told)))


def _said(entry: Evidence) -> str:
    stated = statement_text(entry.attribute, entry.value, entry.details)
    if entry.document is None:
        return f"request form: {stated}"
    return f"{entry.document}, {entry.date}: {stated}"


# Reasons


def reason_lines(reasons: Reasons) -> Iterator[Line]:
    """What a decision rests on."""
    if reasons.outcome == "approve":
        yield from _for_approval(reasons)
    elif reasons.forcing:
        yield from _against(reasons)
    else:
        yield Line("heading", "Nothing that is stated forces this: documents could turn it.")


def _for_approval(reasons: Reasons) -> Iterator[Line]:
    critical = {claim.claim.term for claim in reasons.critical}
    yield Line("heading", "The approval falls without any one of these")
    for claim in reasons.critical:
        yield Line("item", _shown(claim))
    rest = [
        [claim for claim in found.claims if claim.claim.term not in critical]
        for found in reasons.sufficient
    ]
    if any(rest):
        yield Line("heading", "and unless one of these sets stands")
        for number, claims in enumerate(rest, 1):
            yield Line("item", f"set {number}")
            for claim in claims:
                yield Line("detail", _shown(claim))
    else:
        yield Line("text", "These are enough.")
    if reasons.more:
        yield Line("item", MORE)
    yield Line("heading", "What it owes to each document")
    texts = {claim.claim.term: claim.claim.text for claim in reasons.critical}
    for document in reasons.documents:
        yield Line("item", _role(document))
        for term in document.alone:
            yield Line("detail", f"it alone shows: {texts[term]}")


def _shown(claim: ClaimResult) -> str:
    return f"{claim.claim.text} ({_statements(claim, 'supports')})"


def _role(document: DocumentRole) -> str:
    name = f"{document.id} ({document.type}, {document.date})"
    fates = []
    if document.withdrawn:
        fates.append(f"withdrawn, the request is {_OUTCOMES[document.outcome_without]}")
    if document.contradicted:
        fates.append("contradicted, the approval falls")
    return f"{name}: {'; '.join(fates) or 'the approval stands without it'}"


def _against(reasons: Reasons) -> Iterator[Line]:
    one = len(reasons.forcing) == 1 and not reasons.more
    outcome = _OUTCOMES[reasons.outcome]
    yield Line(
        "heading", f"What forces it to be {outcome}: {'this' if one else 'any one of these'}"
    )
    for number, found in enumerate(reasons.forcing, 1):
        yield Line("item", f"reason {number}")
        yield from _denials(found)
    # Not that it is untrue now: a further document may say more, or something newer.
    what = "be otherwise" if reasons.renewable else "be true instead"
    yield Line(
        "heading",
        f"What would have to {what}, though documents may be missing besides"
        + (": any one of these" if len(reasons.corrections) > 1 else ""),
    )
    for found in reasons.corrections:
        yield Line("item", " and ".join(_corrected(claim, reasons) for claim in found.claims))
    if reasons.more:
        yield Line("item", MORE)


def _corrected(claim: ClaimResult, reasons: Reasons) -> str:
    turned = _turned(claim, reasons)
    return f"{claim.claim.text}{f' ({turned})' if turned else ''}"


def _denials(found: ClaimSet) -> Iterator[Line]:
    """The statements, each with all that it denies: one of them can deny several claims."""
    denied: dict[str, list[str]] = {}
    for claim in found.claims:
        denied.setdefault(_statements(claim, "refutes"), []).append(claim.claim.text)
    for statement, claims in denied.items():
        yield Line("detail", f"{statement}; rules out: {'; '.join(claims)}")


# What to ask for next

_BY: dict[Strategy, str] = {
    "requests": "the fewest requests in the worst case",
    "sets": "in the most sets",
    "cost": "the cheapest",
}


def plan_lines(plan: Plan) -> Iterator[Line]:
    """What to ask for, one request after another."""
    if not plan.steps:
        yield Line("heading", _nothing_to_ask(plan))
        return
    first = plan.steps[0].document_type
    yield Line("heading", f"Ask for first: {first} ({_BY[plan.strategy]})")
    for strategy, name in plan.first_by.items():
        if name != first:
            yield Line("item", f"{_BY[strategy]} would be: {name}")
    yield Line("heading", "One request after another, as long as each shows what it can")
    for number, step in enumerate(plan.steps, 1):
        yield from _step(number, step)
    most = counted(plan.most_requests, "request")
    yield Line("text", f"If each shows all that it can or nothing: decided after {most} at most.")
    yield Line("text", "If one shows a part, add it to the case and ask again.")


def _nothing_to_ask(plan: Plan) -> str:
    if plan.outcome == "approve":
        return "Nothing is missing."
    if plan.without and plan.denial_kind == "insufficient_documentation":
        return f"Without {', '.join(plan.without)} no set of documents is left."
    return "Nothing that is still open would turn it."


def _step(number: int, step: Step) -> Iterator[Line]:
    sets = f"in {step.in_sets} of {counted(step.of_sets, 'set')}"
    yield Line("item", f"request {number}: {step.document_type} (cost {step.cost}, {sets})")
    for claim in step.shows:
        yield Line("detail", f"can show: {claim.text} [{', '.join(claim.criteria)}]")
    yield Line("detail", f"if it shows nothing of it: {_instead(step)}")


def _instead(step: Step) -> str:
    return f"ask for {step.instead}" if step.instead else "no set is left without it"
