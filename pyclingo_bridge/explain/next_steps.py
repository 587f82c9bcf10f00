"""What to do next with a decision: what to get, have corrected or change, or where to send the request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyclingo_bridge.base.errors import quoted
from pyclingo_bridge.core.decision import Decision
from pyclingo_bridge.explain.missing import Listed, common_requirements, large_number
from pyclingo_bridge.explain.phrases import counted, listed_text, means_text, notices_items, to_show_text
from pyclingo_bridge.explain.reasons import change_text, otherwise_text, resolution_text
from pyclingo_bridge.explain.report import Block, Heading, Item, Paragraph, detailed
from pyclingo_bridge.explain.view import PLAIN, View
from pyclingo_bridge.questions.counterfactuals import Counterfactual
from pyclingo_bridge.questions.missing import MissingSet
from pyclingo_bridge.questions.obtaining import MissingRequirement, clarify_in_words
from pyclingo_bridge.questions.repairs import Repair
from pyclingo_bridge.questions.unknown_names import LikelySlip

_MOST = 3


@dataclass(frozen=True)
class Remedies:
    """What could make an approval of a request that is not approved.

    Attributes:
        missing: its missing sets, where documents can reverse the denial.
        repairs: the first repairs.
        more_repairs: whether there are more of them.
        counterfactuals: what would have to be different.
        more_counterfactuals: whether there is more of that.
        slips: values that may be misspelled.
    """

    missing: Listed | None = None
    repairs: Sequence[Repair] = ()
    more_repairs: bool = False
    counterfactuals: Sequence[Counterfactual] = ()
    more_counterfactuals: bool = False
    slips: Sequence[LikelySlip] = ()


def next_steps(decision: Decision, remedies: Remedies, view: View = PLAIN) -> Iterator[Block]:
    """What to do next, for a reader."""
    yield Heading("What to do next")
    yield from (Paragraph(_slip_text(slip, view)) for slip in remedies.slips)
    if decision.outcome == "approve":
        yield from _approved(decision)
    elif decision.outcome == "refer":
        yield from _referred(decision, remedies, view)
    elif decision.denial_kind == "insufficient_documentation":
        yield from _documents(remedies.missing, view)
        yield from _changes(remedies, view, instead=True)
    elif decision.denial_kind == "conflicting_documentation":
        yield from _conflict(decision, remedies, view)
    else:
        yield from _not_met(decision, remedies, view)


def _approved(decision: Decision) -> Iterator[Block]:
    section = f"{decision.section} ({decision.criteria[str(decision.section)].label})"
    months = f" for {counted(decision.approval_months, 'month')}" if decision.approval_months else ""
    yield Paragraph(f"Approve{months}, under {section}.")
    yield from notices_items(decision.notices)


def _referred(decision: Decision, remedies: Remedies, view: View) -> Iterator[Block]:
    if decision.refer_to:
        yield Paragraph(f"Send the request to {decision.refer_to}: this policy does not decide it.")
    else:
        yield Paragraph("This policy does not decide the request, and names no place to send it to.")
    yield from _changes(remedies, view)


def _slip_text(slip: LikelySlip, view: View) -> str:
    where = f"document {quoted(slip.document)}" if slip.document else "the request form"
    return (
        f"Check the spelling of {quoted(slip.name)} ({view.name(slip.attribute)}, in {where}): if "
        f"{quoted(slip.nearest)} is meant, correct that first and decide again."
    )


# Documents are missing


def _documents(listed: Listed | None, view: View) -> Iterator[Block]:
    if listed is None or not listed.sets:
        yield Paragraph("No document of a known type is known to help.")
        return
    first = listed.sets[0]
    yield Paragraph(_get(first, view, others=listed.more or len(listed.sets) > 1))
    for requirement in first.requirements:
        yield Item(needed_text(requirement, first, view))
    yield from _other_ways(listed)


def _get(missing: MissingSet, view: View, others: bool) -> str:
    cost = f" (cost {missing.cost})" if view.verbose else ""
    documents = [_article(view.name(name)) for name in missing.documents]
    clarify = [clarify_in_words(missing.clarifications)] if missing.clarifications else []
    get = [f"get {listed_text(documents)}"] if documents else []
    what = listed_text([*clarify, *get]) or f"no document is known to show this, which is what is missing{cost}"
    if clarify and not documents:
        what += f"{cost}; until then it is open whether"
    elif documents:
        singular = len(documents) == 1 and not documents[0].endswith("s")
        what += f"{cost} that {'together ' if len(documents) > 1 else ''}{'shows' if singular else 'show'}"
    return f"{'With the least effort: ' if others else ''}{what if others else what[:1].upper() + what[1:]}:"


def _article(name: str) -> str:
    # Words for documents are countable; those in the plural take no article.
    if name.endswith("s"):
        return name
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def needed_text(requirement: MissingRequirement, missing: MissingSet, view: View) -> str:
    """What a document has to show, for which criteria, and which document where there are several."""
    said = requirement.means == "clarification" or not _unclear(requirement, missing)
    which = "" if said else f" ({means_text(requirement, view)})"
    return f"{requirement.text} [{', '.join(requirement.criteria)}]{which}"


def _unclear(requirement: MissingRequirement, missing: MissingSet) -> bool:
    """Whether it does not go without saying which document shows a requirement."""
    return len(missing.documents) != 1 or bool(requirement.clarifications or missing.unshown)


def _other_ways(listed: Listed) -> Iterator[Block]:
    number = listed.number
    if number is None:
        yield Paragraph("There are very many other ways; `missing` lists them.")
    elif number > 1:
        others = "one other way" if number == 2 else f"{large_number(number - 1)} other ways"
        yield Paragraph(f"There {'is' if number == 2 else 'are'} {others}; `missing` lists all.")
    if number == 1 or len(listed.sets) < 2:
        return
    shared = common_requirements(listed)
    if shared and len(shared) < len(listed.sets[0].requirements):
        shown = [requirement.text for requirement in shared[:_MOST]]
        rest = [f"{len(shared) - _MOST} more"] if len(shared) > _MOST else []
        yield Paragraph(f"All ways need: {listed_text([*shown, *rest])}.")
    elif not shared:
        yield Paragraph("No single finding is needed in all of them.")


# Documents contradict each other


def _conflict(decision: Decision, remedies: Remedies, view: View) -> Iterator[Block]:
    resolving = [repair for repair in remedies.repairs if repair.resolutions]
    if not resolving:
        yield Paragraph("Have the documents that contradict each other corrected, or get a newer one.")
        yield from _differences(decision, remedies, view)
        return
    yield Paragraph("Documents disagree. Ask which of them is right, and have the other corrected.")
    if any(one.requirement.attribute in view.of_tumor for repair in resolving for one in repair.resolutions):
        yield Paragraph(
            "If they speak of two tumors, neither is wrong: name the tumor of each document and that of the "
            "request, with `tumor`."
        )
    yield Paragraph(f"An approval would follow{_any_of(resolving, remedies.more_repairs)}:")
    for repair in resolving[:_MOST]:
        further = [f"also show: {to_show_text(one, view)}" for one in repair.requirements]
        changes = [f"also change the request: {change_text(one, view)}" for one in repair.changes]
        first, *others = (f"if {resolution_text(one, view)}" for one in repair.resolutions)
        yield detailed(first, [*(f"and {one}" for one in others), *further, *changes])


def _any_of(entries: Sequence[object], more: bool) -> str:
    return " in any one of these cases" if len(entries) > 1 or more else " in this case"


# Criteria are not met


def _not_met(decision: Decision, remedies: Remedies, view: View) -> Iterator[Block]:
    yield from _changes(remedies, view)
    yield from _differences(decision, remedies, view)


def _differences(decision: Decision, remedies: Remedies, view: View) -> Iterator[Block]:
    if not remedies.counterfactuals:
        yield Paragraph("The policy approves no request of this kind, whatever is stated.")
        return
    found = _of_this_use(decision, remedies.counterfactuals)
    renewable = any(entry.renewable for entry in found)
    start = "Only newer findings can help." if renewable else "Documents cannot help."
    several = " one of these" if len(found) > 1 else ""
    yield Paragraph(f"{start} An approval would need{several}:")
    for entry in found[:_MOST]:
        texts = [otherwise_text(requirement, entry, view) for requirement in entry.requirements]
        if len(texts) == 1:
            yield Item(texts[0])
        else:
            yield detailed("all of these:", texts)
    if len(found) < len(remedies.counterfactuals) or len(found) > _MOST or remedies.more_counterfactuals:
        yield Paragraph("`reasons` lists all that would have to be different.")
    yield Paragraph("If what is on file is wrong, have it corrected.")


def _of_this_use(decision: Decision, found: Sequence[Counterfactual]) -> Sequence[Counterfactual]:
    """Those for the use that is requested, if there are any: nobody gets another disease for an approval."""
    addressing = {section.id for section in decision.sections if section.addresses}
    kept = [entry for entry in found if not addressing.isdisjoint(entry.sections)]
    return kept or found


def _changes(remedies: Remedies, view: View, instead: bool = False) -> Iterator[Block]:
    """How the request itself could be changed, where that would make it an approval.

    Args:
        remedies: what could make an approval.
        view: the words for names.
        instead: only changes that need no document besides, as documents alone can do it too.
    """
    changing = [
        repair
        for repair in remedies.repairs
        if repair.changes and not (instead and (repair.requirements or repair.resolutions))
    ]
    if not changing:
        return
    start = "Or the request itself" if instead else "The request itself"
    yield Paragraph(f"{start} could be changed, if the prescriber finds it right for the patient:")
    for repair in changing[:_MOST]:
        texts = [change_text(change, view) for change in repair.changes]
        also = [f"and show: {to_show_text(one, view)}" for one in repair.requirements]
        also += [f"and {resolution_text(one, view)}" for one in repair.resolutions]
        yield detailed(" and ".join(texts), also)
    if len(changing) > _MOST:
        yield Paragraph("There are others; `repairs` lists them.")


# In a few words


def first_step(decision: Decision, remedies: Remedies, view: View = PLAIN) -> str:
    """What to do first, in a few words; of an approval nothing."""
    if decision.outcome != "approve" and remedies.slips:
        slip = remedies.slips[0]
        return f"spelling of {quoted(slip.name)}: {quoted(slip.nearest)}?"
    if decision.denial_kind == "insufficient_documentation" and remedies.missing and remedies.missing.sets:
        first = remedies.missing.sets[0]
        told = [f"what {quoted(one.name)} is" for one in first.clarifications]
        return listed_text([*told, *map(view.name, first.documents)]) or "no known document"
    if decision.denial_kind == "conflicting_documentation":
        speakers = _contradicting(remedies.repairs)
        return f"which is right: {listed_text(speakers, 'or')}" if speakers else "which document is right"
    if decision.outcome == "refer":
        return f"send to {decision.refer_to}" if decision.refer_to else ""
    changing = [repair for repair in remedies.repairs if repair.changes]
    if changing:
        return f"another {listed_text([view.name(one.attribute) for one in changing[0].changes])}"
    if any(entry.renewable for entry in remedies.counterfactuals):
        return "newer findings"
    return "nothing: documents cannot help" if decision.outcome == "deny" else ""


def _contradicting(repairs: Iterable[Repair]) -> list[str]:
    names = (
        entry.document or "the request form"
        for repair in repairs
        for resolution in repair.resolutions
        for entry in (*resolution.supporting, *resolution.opposing)
    )
    return list(dict.fromkeys(names))
