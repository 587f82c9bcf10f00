"""Repairs, what a decision rests on, and what to ask for next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyclingo_bridge.core.decision import Decision, Evidence, Outcome, RequirementResult, day_text, value_text
from pyclingo_bridge.core.evidence import Means
from pyclingo_bridge.explain.phrases import (
    DONE,
    MORE,
    cost_text,
    counted,
    one_of,
    statements_text,
    to_show_text,
)
from pyclingo_bridge.explain.report import Block, Heading, Item, Paragraph, detailed, section
from pyclingo_bridge.questions.counterfactuals import Counterfactual
from pyclingo_bridge.questions.next_document import Plan, Step, Strategy
from pyclingo_bridge.questions.reasons import DocumentRole, Reasons
from pyclingo_bridge.questions.repairs import Repair, RequestChange, Resolution
from pyclingo_bridge.questions.requirements import RequirementSet

_OUTCOMES: dict[Outcome, str] = {**DONE, "refer": "referred elsewhere"}

_ESTABLISH: dict[Means, str] = {
    "documents": "document",
    "clarification": "find out",
    "both": "find out, and document",
    "either": "document, or find out",
}

# Repairs


def repairs_report(decision: Decision, repairs: Sequence[Repair], more: bool) -> Iterator[Block]:
    """The repairs of a case: what all of them need, then each."""
    if decision.outcome == "approve":
        yield Heading("Nothing has to be repaired.")
        return
    if not repairs:
        yield Heading(
            "Nothing that is still undocumented, no contradiction resolved and no change that the requester "
            "can make would repair it."
        )
        return
    common = [] if more or len(repairs) < 2 else _common(repairs)
    yield from section(f"What every one of the {len(repairs)} repairs needs", common)
    yield Heading(f"{'and' if common else 'What would make it an approval:'} {one_of(repairs, more)}")
    for number, repair in enumerate(repairs, 1):
        which = f"repair {number}, for {', '.join(repair.sections)} {cost_text(repair)}"
        yield detailed(which, (text for text in _elements(repair) if text not in common))
    if more:
        yield Item(MORE)
    if any(repair.changes for repair in repairs):
        yield Paragraph("Whether a change suits the patient is for the prescriber to judge.")


def _common(repairs: Sequence[Repair]) -> list[str]:
    first, *others = map(_elements, repairs)
    return [text for text in first if all(text in elements for elements in others)]


def _elements(repair: Repair) -> list[str]:
    return [
        *(f"change the request: {_change(change)}" for change in repair.changes),
        *(f"resolve: {_resolution(resolution)}" for resolution in repair.resolutions),
        *(
            f"{_ESTABLISH[requirement.means]}: {to_show_text(requirement)}"
            for requirement in repair.requirements
        ),
    ]


def _change(change: RequestChange) -> str:
    return f"{change.text} (now {value_text(change.before)})"


def _resolution(resolution: Resolution) -> str:
    opposing = _speakers(resolution.opposing)
    way = "a newer document would resolve it" if resolution.newer else f"{opposing} would have to be corrected"
    return (
        f"{resolution.requirement.text} [{', '.join(resolution.criteria)}], "
        f"as {_speakers(resolution.supporting)} {_say(resolution.supporting)}; "
        f"{opposing} {_say(resolution.opposing)} otherwise: {way}"
    )


def _speakers(evidence: Iterable[Evidence]) -> str:
    return " and ".join(dict.fromkeys(entry.document or "the request form" for entry in evidence))


def _say(evidence: Iterable[Evidence]) -> str:
    return "says" if len({entry.document for entry in evidence}) == 1 else "say"


# Counterfactuals


def counterfactuals_report(counterfactuals: Sequence[Counterfactual], more: bool) -> Iterator[Block]:
    """What would have to be different."""
    if not counterfactuals:
        yield Heading("The policy approves no request of this kind, whatever is stated.")
        return
    yield Heading(f"What would have to be different for an approval: {one_of(counterfactuals, more)}")
    for entry in counterfactuals:
        requirements = (
            "; ".join(filter(None, (_otherwise(requirement), _renewal(requirement, entry))))
            for requirement in entry.requirements
        )
        yield detailed(f"for {', '.join(entry.sections)}", requirements)
    if more:
        yield Item(MORE)


def _renewal(requirement: RequirementResult, answer: Counterfactual | Reasons) -> str:
    """Whether a document could have a requirement met that others deny, without any of them being wrong."""
    if requirement.requirement.term not in answer.renewable:
        return ""
    which = "further" if requirement.requirement.term in answer.of_any_date else "later"
    return f"a {which} document could change it"


def _otherwise(requirement: RequirementResult) -> str:
    if requirement.status == "undocumented":
        return f"{requirement.requirement.text} (nobody says)"
    return f"{requirement.requirement.text} ({statements_text(requirement, 'refutes')})"


# Reasons


def reasons_report(reasons: Reasons) -> Iterator[Block]:
    """What a decision rests on."""
    if reasons.outcome == "approve":
        yield from _for_approval(reasons)
    elif reasons.forcing:
        yield from _against(reasons)
    else:
        yield Heading("Nothing that is stated forces this: documents could change it.")


def _for_approval(reasons: Reasons) -> Iterator[Block]:
    texts = {requirement.requirement.term: requirement.requirement.text for requirement in reasons.critical}
    yield Heading("The approval falls without any one of these")
    yield from (Item(_shown(requirement)) for requirement in reasons.critical)
    rest = [
        [_shown(requirement) for requirement in found.requirements if requirement.requirement.term not in texts]
        for found in reasons.sufficient
    ]
    # A set that has nothing more is enough, whatever says the same in other words.
    if all(rest):
        sets = (detailed(f"set {number}", requirements) for number, requirements in enumerate(rest, 1))
        yield from section("and unless one of these sets holds", sets)
    else:
        yield Paragraph("These are enough.")
    if reasons.more:
        yield Item(MORE)
    yield Heading("What depends on each document")
    for document in reasons.documents:
        yield detailed(_role(document), (f"it alone shows: {texts[term]}" for term in document.alone))


def _shown(requirement: RequirementResult) -> str:
    return f"{requirement.requirement.text} ({statements_text(requirement, 'supports')})"


def _role(document: DocumentRole) -> str:
    fates = []
    if document.withdrawn:
        fates.append(f"withdrawn, the request is {_OUTCOMES[document.outcome_without]}")
    if document.contradicted:
        fates.append("contradicted, the approval falls")
    fate = "; ".join(fates) or "the approval stands without it"
    return f"{document.id} ({document.type}, {day_text(document.date)}): {fate}"


def _against(reasons: Reasons) -> Iterator[Block]:
    outcome = _OUTCOMES[reasons.outcome]
    yield Heading(f"What forces it to be {outcome}: {one_of(reasons.forcing, reasons.more)}")
    for number, found in enumerate(reasons.forcing, 1):
        yield detailed(f"reason {number}", _denials(found))
    # Not that it is untrue now: a further document may say more, or something newer.
    what = "be different" if reasons.renewable else "be true instead"
    several = ": any one of these" if len(reasons.corrections) > 1 else ""
    yield Heading(f"What would have to {what}, though documents may also be missing{several}")
    for found in reasons.corrections:
        yield Item(" and ".join(_corrected(requirement, reasons) for requirement in found.requirements))
    if reasons.more:
        yield Item(MORE)


def _corrected(requirement: RequirementResult, reasons: Reasons) -> str:
    renewal = _renewal(requirement, reasons)
    return f"{requirement.requirement.text}{f' ({renewal})' if renewal else ''}"


def _denials(found: RequirementSet) -> Iterator[str]:
    """The statements, each with all that it denies: one of them can deny several requirements."""
    denied: dict[str, list[str]] = {}
    for requirement in found.requirements:
        statements = statements_text(requirement, "refutes")
        denied.setdefault(statements, []).append(requirement.requirement.text)
    for statements, requirements in denied.items():
        yield f"{statements}; rules out: {'; '.join(requirements)}"


# What to ask for next

_BY: dict[Strategy, str] = {
    "requests": "the fewest requests in the worst case",
    "sets": "in the most sets",
    "cost": "the cheapest",
}


def plan_report(plan: Plan) -> Iterator[Block]:
    """What to ask for, one request after another."""
    if not plan.steps:
        yield Heading(_nothing_to_ask(plan))
        return
    first = plan.steps[0].text
    yield Heading(f"Ask for first: {first} ({_BY[plan.strategy]})")
    for strategy, name in plan.first_by.items():
        if name != first:
            yield Item(f"{_BY[strategy]} would be: {name}")
    yield Heading("One request after another, as long as each shows what it can")
    yield from (_step(number, step) for number, step in enumerate(plan.steps, 1))
    most = counted(plan.most_requests, "request")
    yield Paragraph(
        f"If each shows all that a missing set needs of it, or nothing: decided after {most} at most."
    )
    yield Paragraph("If one shows a part, add it to the case and ask again.")


def _nothing_to_ask(plan: Plan) -> str:
    if plan.outcome == "approve":
        return "Nothing is missing."
    if plan.without and plan.denial_kind == "insufficient_documentation":
        return f"Without {', '.join(plan.without)} no set of documents is left."
    return "Nothing that is still undocumented would change it."


def _step(number: int, step: Step) -> Item:
    sets = f"in {step.in_sets} of {counted(step.of_sets, 'set')}"
    shows = [f"can show: {requirement.text} [{', '.join(requirement.criteria)}]" for requirement in step.shows]
    instead = f"ask for {step.instead}" if step.instead else "no set is left without it"
    return detailed(
        f"request {number}: {step.text} (cost {step.cost}, {sets})",
        [*shows, f"if it shows nothing of it: {instead}"],
    )
