"""Repairs, reasons and requests as lines for a reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyclingo_bridge.core.decision import (
    Decision,
    Evidence,
    Outcome,
    RequirementResult,
    statement_text,
    value_text,
)
from pyclingo_bridge.explain.analysis import Line, counted
from pyclingo_bridge.explain.decision import explanation
from pyclingo_bridge.questions.counterfactuals import Counterfactual
from pyclingo_bridge.questions.next_document import Plan, Step, Strategy
from pyclingo_bridge.questions.obtaining import MissingRequirement, cost_in_words, types_in_words
from pyclingo_bridge.questions.reasons import DocumentRole, Reasons
from pyclingo_bridge.questions.repairs import Repair, RequestChange, Resolution
from pyclingo_bridge.questions.requirements import RequirementSet

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
            "Nothing that is still open, no contradiction resolved and no change that the requester "
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
        *(f"resolve: {_resolution(resolution)}" for resolution in repair.resolutions),
        *(f"document: {_missing(requirement)}" for requirement in repair.requirements),
    ]


def _change(change: RequestChange) -> str:
    return f"{change.text} (now {value_text(change.before)})"


def _resolution(resolution: Resolution) -> str:
    serves = ", ".join(resolution.criteria)
    opposing = resolution.opposing
    way = (
        "a newer document would resolve it"
        if resolution.newer
        else f"{_speakers(opposing)} would have to be corrected"
    )
    return (
        f"{resolution.requirement.text} [{serves}], as {_speakers(resolution.supporting)} "
        f"{_verb(resolution.supporting, 'says')}; {_speakers(opposing)} "
        f"{_verb(opposing, 'says')} otherwise: {way}"
    )


def _missing(requirement: MissingRequirement) -> str:
    return (
        f"{requirement.text} [{', '.join(requirement.criteria)}] ({types_in_words(requirement.document_types)})"
    )


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
        for requirement in entry.requirements:
            turned = _turned(requirement, entry)
            yield Line("detail", f"{_otherwise(requirement)}{'; ' if turned else ''}{turned}")
    if more:
        yield Line("item", MORE)


def _turned(requirement: RequirementResult, told: Counterfactual | Reasons) -> str:
    """Whether a document could turn a requirement that others deny, without any of them being wrong."""
    if requirement.requirement.term not in told.renewable:
        return ""
    which = "further" if requirement.requirement.term in told.of_any_date else "later"
    return f"a {which} document could turn it"


def _otherwise(requirement: RequirementResult) -> str:
    if requirement.state == "undocumented":
        return f"{requirement.requirement.text} (nobody says)"
    return f"{requirement.requirement.text} ({_statements(requirement, 'refutes')})"


def _statements(requirement: RequirementResult, effect: str) -> str:
    told = [entry for entry in requirement.evidence if entry.effect == effect]
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
    critical = {requirement.requirement.term for requirement in reasons.critical}
    yield Line("heading", "The approval falls without any one of these")
    for requirement in reasons.critical:
        yield Line("item", _shown(requirement))
    rest = [
        [requirement for requirement in found.requirements if requirement.requirement.term not in critical]
        for found in reasons.sufficient
    ]
    if any(rest):
        yield Line("heading", "and unless one of these sets stands")
        for number, requirements in enumerate(rest, 1):
            yield Line("item", f"set {number}")
            for requirement in requirements:
                yield Line("detail", _shown(requirement))
    else:
        yield Line("text", "These are enough.")
    if reasons.more:
        yield Line("item", MORE)
    yield Line("heading", "What it owes to each document")
    texts = {requirement.requirement.term: requirement.requirement.text for requirement in reasons.critical}
    for document in reasons.documents:
        yield Line("item", _role(document))
        for term in document.alone:
            yield Line("detail", f"it alone shows: {texts[term]}")


def _shown(requirement: RequirementResult) -> str:
    return f"{requirement.requirement.text} ({_statements(requirement, 'supports')})"


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
    yield Line("heading", f"What forces it to be {outcome}: {'this' if one else 'any one of these'}")
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
        yield Line(
            "item",
            " and ".join(_corrected(requirement, reasons) for requirement in found.requirements),
        )
    if reasons.more:
        yield Line("item", MORE)


def _corrected(requirement: RequirementResult, reasons: Reasons) -> str:
    turned = _turned(requirement, reasons)
    return f"{requirement.requirement.text}{f' ({turned})' if turned else ''}"


def _denials(found: RequirementSet) -> Iterator[Line]:
    """The statements, each with all that it denies: one of them can deny several requirements."""
    denied: dict[str, list[str]] = {}
    for requirement in found.requirements:
        denied.setdefault(_statements(requirement, "refutes"), []).append(requirement.requirement.text)
    for statement, requirements in denied.items():
        yield Line("detail", f"{statement}; rules out: {'; '.join(requirements)}")


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
    for requirement in step.shows:
        yield Line("detail", f"can show: {requirement.text} [{', '.join(requirement.criteria)}]")
    yield Line("detail", f"if it shows nothing of it: {_instead(step)}")


def _instead(step: Step) -> str:
    return f"ask for {step.instead}" if step.instead else "no set is left without it"
