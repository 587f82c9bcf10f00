"""Repairs, what a decision rests on, and what to ask for next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyclingo_bridge.core.decision import Decision, Evidence, Outcome, RequirementResult, day_text
from pyclingo_bridge.core.evidence import Means
from pyclingo_bridge.explain.phrases import (
    DONE,
    MORE,
    cost_text,
    counted,
    listed_text,
    one_of,
    stated_text,
    statements_text,
    to_show_text,
)
from pyclingo_bridge.explain.report import Block, Heading, Item, Paragraph, detailed, section
from pyclingo_bridge.explain.view import PLAIN, View
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


def repairs_report(
    decision: Decision, repairs: Sequence[Repair], more: bool, view: View = PLAIN
) -> Iterator[Block]:
    """The repairs of a case: what all of them need, then each."""
    if decision.outcome == "approve":
        yield Heading("Nothing has to be repaired.")
        return
    if not repairs:
        yield Heading(
            "No document, no contradiction resolved and no change that the requester can make would repair it."
        )
        return
    common = [] if more or len(repairs) < 2 else _common(repairs, view)
    yield from section(f"What every one of the {len(repairs)} repairs needs", common)
    yield Heading(f"{'and' if common else 'What would make it an approval:'} {one_of(repairs, more)}")
    least = min(repair.cost for repair in repairs)
    for number, repair in enumerate(repairs, 1):
        which = f"repair {number}, for {', '.join(repair.sections)} {cost_text(repair, least, view)}"
        yield detailed(which, (text for text in _elements(repair, view) if text not in common))
    if more:
        yield Item(MORE)
    if any(repair.changes for repair in repairs):
        yield Paragraph("Whether a change is right for the patient is for the prescriber to judge.")


def _common(repairs: Sequence[Repair], view: View) -> list[str]:
    first, *others = (_elements(repair, view) for repair in repairs)
    return [text for text in first if all(text in elements for elements in others)]


def _elements(repair: Repair, view: View) -> list[str]:
    return [
        *(f"change the request: {change_text(change, view)}" for change in repair.changes),
        *(f"resolve: {resolution_text(resolution, view)}" for resolution in repair.resolutions),
        *(
            f"{_ESTABLISH[requirement.means]}: {to_show_text(requirement, view)}"
            for requirement in repair.requirements
        ),
    ]


def change_text(change: RequestChange, view: View = PLAIN) -> str:
    """How the request would have to be changed, and what it says now."""
    return f"{change.text} (now {view.value(change.attribute, change.before)})"


def resolution_text(resolution: Resolution, view: View = PLAIN) -> str:
    """Which contradiction would have to be resolved, and which way."""
    opposing = _speakers(resolution.opposing, view)
    verb = "says" if len({entry.document for entry in resolution.opposing}) == 1 else "say"
    said = "; ".join(dict.fromkeys(stated_text(entry, view) for entry in resolution.opposing))
    way = "a newer document would resolve it" if resolution.newer else f"have {opposing} corrected"
    return (
        f"{resolution.requirement.text} [{', '.join(resolution.criteria)}], "
        f"as {_speakers(resolution.supporting, view)} {_say(resolution.supporting)}; "
        f"{opposing} {verb} {said}: {way}"
    )


def _speakers(evidence: Iterable[Evidence], view: View) -> str:
    names = (
        f"{view.name(entry.type or 'document')} {entry.document}" if entry.document else "the request form"
        for entry in evidence
    )
    return listed_text(list(dict.fromkeys(names)))


def _say(evidence: Iterable[Evidence]) -> str:
    return "says" if len({entry.document for entry in evidence}) == 1 else "say"


# Counterfactuals


def counterfactuals_report(
    counterfactuals: Sequence[Counterfactual], more: bool, view: View = PLAIN
) -> Iterator[Block]:
    """What would have to be different."""
    if not counterfactuals:
        yield Heading("The policy approves no request of this kind, whatever is stated.")
        return
    yield Heading(f"What would have to be different for an approval: {one_of(counterfactuals, more)}")
    for entry in counterfactuals:
        requirements = (otherwise_text(requirement, entry, view) for requirement in entry.requirements)
        yield detailed(f"for {', '.join(entry.sections)}", requirements)
    if more:
        yield Item(MORE)


def _renewal(requirement: RequirementResult, answer: Counterfactual | Reasons) -> str:
    """Whether a document could have a requirement met that others deny, without any of them being wrong."""
    if requirement.requirement.term not in answer.renewable:
        return ""
    which = "further" if requirement.requirement.term in answer.of_any_date else "later"
    return f"a {which} document could change it"


def otherwise_text(requirement: RequirementResult, entry: Counterfactual, view: View = PLAIN) -> str:
    """What would have to be true, and who says otherwise."""
    stated = "not documented"
    if requirement.status != "undocumented":
        stated = statements_text(requirement, "refutes", view)
    text = f"{requirement.requirement.text} ({stated})"
    return "; ".join(filter(None, (text, _renewal(requirement, entry))))


# Reasons


def reasons_report(reasons: Reasons, view: View = PLAIN) -> Iterator[Block]:
    """What a decision rests on."""
    if reasons.outcome == "approve":
        yield from _for_approval(reasons, view)
    elif reasons.forcing:
        yield from _against(reasons, view)
    else:
        yield Heading("Nothing that is stated forces this: documents could change it.")


def _for_approval(reasons: Reasons, view: View) -> Iterator[Block]:
    texts = {requirement.requirement.term: requirement.requirement.text for requirement in reasons.critical}
    yield Heading("The approval falls without any one of these")
    yield from (Item(_shown(requirement, view)) for requirement in reasons.critical)
    rest = [
        [
            _shown(requirement, view)
            for requirement in found.requirements
            if requirement.requirement.term not in texts
        ]
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
        yield detailed(_role(document, view), (f"it alone shows: {texts[term]}" for term in document.alone))


def _shown(requirement: RequirementResult, view: View) -> str:
    return f"{requirement.requirement.text} ({statements_text(requirement, 'supports', view)})"


def _role(document: DocumentRole, view: View) -> str:
    fates = []
    if document.withdrawn:
        fates.append(f"without it, the request is {_OUTCOMES[document.outcome_without]}")
    if document.contradicted:
        fates.append("if another document contradicts it, the approval falls")
    fate = "; ".join(fates) or "the approval stands without it"
    return f"{view.name(document.type)} {document.id} ({day_text(document.date)}): {fate}"


def _against(reasons: Reasons, view: View) -> Iterator[Block]:
    outcome = _OUTCOMES[reasons.outcome]
    yield Heading(f"What forces it to be {outcome}: {one_of(reasons.forcing, reasons.more)}")
    for number, found in enumerate(reasons.forcing, 1):
        yield detailed(f"reason {number}", _denials(found, view))
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


def _denials(found: RequirementSet, view: View) -> Iterator[str]:
    """The statements, each with all that it denies: one of them can deny several requirements."""
    denied: dict[str, list[str]] = {}
    for requirement in found.requirements:
        statements = statements_text(requirement, "refutes", view)
        denied.setdefault(statements, []).append(requirement.requirement.text)
    for statements, requirements in denied.items():
        yield f"{statements}; rules out: {'; '.join(requirements)}"


# What to ask for next

_BY: dict[Strategy, str] = {
    "requests": "the fewest requests in the worst case",
    "sets": "in the most sets",
    "cost": "the least effort",
}


def plan_report(plan: Plan, view: View = PLAIN) -> Iterator[Block]:
    """What to ask for, one request after another."""
    if not plan.steps:
        yield Heading(_nothing_to_ask(plan, view))
        return
    first = plan.steps[0].text
    yield Heading(f"Ask for first: {view.name(first)} ({_BY[plan.strategy]})")
    for strategy, name in plan.first_by.items():
        if name != first:
            yield Item(f"{_BY[strategy]} would be: {view.name(name)}")
    yield Heading("One request after another, as long as each shows what it can")
    least = min(step.cost for step in plan.steps)
    yield from (_step(number, step, least, view) for number, step in enumerate(plan.steps, 1))
    most = counted(plan.most_requests, "request")
    yield Paragraph(
        f"If each document shows everything needed of it, or nothing: decided after {most} at most."
    )
    yield Paragraph("If one shows only a part, add it to the case and ask again.")


def _nothing_to_ask(plan: Plan, view: View) -> str:
    if plan.outcome == "approve":
        return "Nothing is missing."
    if plan.without and plan.denial_kind == "insufficient_documentation":
        return f"Without {view.types(plan.without, ' and ')} no set of documents is left."
    return "Nothing that is still undocumented would change it."


def _step(number: int, step: Step, least: int, view: View) -> Item:
    sets = f"in {step.in_sets} of {counted(step.of_sets, 'set')}"
    shows = [f"can show: {requirement.text} [{', '.join(requirement.criteria)}]" for requirement in step.shows]
    instead = f"ask for {view.name(step.instead)}" if step.instead else "no set is left without it"
    return detailed(
        f"request {number}: {view.name(step.text)} ({view.effort(step.cost, least)}, {sets})",
        [*shows, f"if it shows none of this: {instead}"],
    )
