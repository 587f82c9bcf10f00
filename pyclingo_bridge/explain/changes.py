"""What-ifs and sweeps as lines for a reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from pyclingo_bridge.core.decision import Decision, Status
from pyclingo_bridge.explain.analysis import Line, counted
from pyclingo_bridge.explain.decision import STATUS_WORDS, evidence_text
from pyclingo_bridge.questions.changes import value_shown
from pyclingo_bridge.questions.missing import MissingSet
from pyclingo_bridge.questions.obtaining import cost_in_words
from pyclingo_bridge.questions.sweep import Region, Sweep, obstacles
from pyclingo_bridge.questions.what_if import CriterionChange, RequirementChange, WhatIf

_MOST_VALUES = 12
_MOST_OBSTACLES = 12


def outcome_text(answer: Decision | Region, obstacles: Sequence[str] = ()) -> str:
    """A decision in a few words, with what stands in the way of an approval."""
    if answer.outcome == "approve":
        months = f" for {counted(answer.approval_months, 'month')}" if answer.approval_months else ""
        return f"approve by {answer.section}{months}"
    if answer.outcome == "refer":
        return f"refer to {answer.refer_to}" if answer.refer_to else "refer, to nowhere"
    kind = str(answer.denial_kind).replace("_", " ")
    shown = ", ".join(obstacles[:_MOST_OBSTACLES])
    more = len(obstacles) - _MOST_OBSTACLES
    rest = f" and {more} more" if more > 0 else ""
    return f"deny, {kind}{': ' if shown else ''}{shown}{rest}"


# What if


def what_if_lines(answer: WhatIf) -> Iterator[Line]:
    """What becomes of the decision, why, and what documents would then help."""
    before, after = answer.before, answer.after
    yield Line("title", f"{answer.case}: {'; '.join(answer.changes) or 'nothing changed'}")
    yield Line("text", f"Policy {answer.policy.name}: {answer.policy.document}.")
    yield Line("text", f"before: {outcome_text(before, obstacles(before))}")
    yield Line("text", f"after: {outcome_text(after, obstacles(after))}")
    if answer.same:
        yield Line("text", "The decision stays as it is, and so does what is missing.")
    yield from _criteria_lines(answer)
    yield from _missing_lines("Missing documentation now", "+", answer.missing_gained, answer.more_gained)
    yield from _missing_lines("Not asked for any more", "-", answer.missing_lost, answer.more_lost)
    if not answer.missing_complete:
        yield Line("text", "Only the cheapest of very many missing sets were compared.")
    warned = [text for text in after.warnings if text not in before.warnings]
    if warned:
        yield Line("heading", "Warnings")
        yield from (Line("item", text) for text in warned)


def _criteria_lines(answer: WhatIf) -> Iterator[Line]:
    near = {name for side in (answer.before, answer.after) for name in _near(side)}
    both = [entry for entry in answer.criteria if entry.before and entry.after]
    told = [entry for entry in both if entry.id in near]
    requirements = {
        requirement.requirement.term: requirement for entry in answer.criteria for requirement in entry.because
    }
    if requirements:
        yield Line("heading", "What is established otherwise")
        yield from (Line("item", _requirement(requirement), mark="~") for requirement in requirements.values())
    if told:
        yield Line("heading", "Criteria that stand otherwise")
        yield from (Line("item", _criterion(entry), mark="~") for entry in told)
    if len(told) < len(both):
        number = counted(len(both) - len(told), "criterion", "criteria")
        where = "of sections that do not address this use"
        yield Line("text", f"{'So do' if told else 'Otherwise stand'} {number} {where}.")
    for text, alone in (
        ("Not in scope any more", [entry for entry in answer.criteria if not entry.after]),
        ("In scope now", [entry for entry in answer.criteria if not entry.before]),
    ):
        if alone:
            yield Line("heading", text)
            yield from _scope(alone)


def _near(decision: Decision) -> Iterator[str]:
    """The criteria of the sections that address the use."""
    for section in decision.sections:
        if section.addresses:
            yield section.id
            yield from decision.beneath(section.id)


def _criterion(entry: CriterionChange) -> str:
    states = f"{_standing(entry.before)} before, {_standing(entry.after)} after"
    return f"{entry.id} {entry.label}: {states} ({entry.locator})"


def _standing(status: Status | None) -> str:
    return STATUS_WORDS[status] if status else "not in scope"


def _requirement(entry: RequirementChange) -> str:
    told = [evidence_text(one) for one in entry.evidence if one.effect in ("supports", "refutes")]
    said = f" ({'; '.join(told[:3])})" if told else ""
    before, after = entry.before or "not asked for", entry.after or "not asked for"
    return f"{entry.requirement.text}: {before} before, {after} after{said}"


def _scope(alone: Iterable[CriterionChange]) -> Iterator[Line]:
    """Many criteria in few lines: those of one standing together."""
    standing: dict[str, list[str]] = {}
    for entry in alone:
        standing.setdefault(_standing(entry.after or entry.before), []).append(entry.id)
    for text, names in standing.items():
        yield Line("item", f"{text}: {', '.join(names)}")


def _missing_lines(
    heading: str, mark: Literal["+", "-"], sets: Sequence[MissingSet], more: bool
) -> Iterator[Line]:
    if sets:
        yield Line("heading", heading)
        for missing in sets:
            requirements = "; ".join(
                f"{requirement.text} [{', '.join(requirement.criteria)}]"
                for requirement in missing.requirements
            )
            cost = f"({cost_in_words(missing.cost, missing.documents, missing.unshown)})"
            yield Line("item", f"{requirements} {cost}", mark=mark)
        if more:
            yield Line("text", "... and more (--first 0 lists all)")


# Sweeps


def sweep_lines(answer: Sweep) -> Iterator[Line]:
    """Each region and its decision; those that come to the same words are put together."""
    regions = list(_alike(answer.regions))
    yield Line("title", f"{answer.case}: {answer.attribute} in {counted(len(regions), 'region')}")
    for region in regions:
        values = region_text(region, answer.stand_ins)
        yield Line("item", f"{values}: {_region_answer(region)}")
    if any(isinstance(value, tuple) and value for region in regions for value in region.values):
        yield Line("text", "A list stands for every list that no rule tells from it.")


def _alike(regions: Iterable[Region]) -> Iterator[Region]:
    """The regions as far as their words differ: neighbours among numbers, any other values."""
    found: dict[tuple[int, str], Region] = {}
    run, last = 0, ""
    for region in regions:
        words = _region_answer(region)
        if region.low is not None and words != last:
            run += 1
        last = words
        known = found.get((run, words))
        found[run, words] = _joined(known, region) if known else region
    yield from found.values()


def _joined(one: Region, other: Region) -> Region:
    wider = {"high": other.high, "values": (*one.values, *other.values)}
    return one.model_copy(update={**wider, "any_other": one.any_other or other.any_other})


def _region_answer(region: Region) -> str:
    if region.outcome is None:
        return f"not possible: {region.not_possible}"
    return outcome_text(region, region.obstacles)


def region_text(region: Region, stand_ins: Sequence[str] = ()) -> str:
    """The values of a region for a reader.

    Args:
        region: the region.
        stand_ins: members of lists that stand for any other one.
    """
    if region.low is not None:
        if region.high is None:
            return f"{region.low} and more"
        same = region.low == region.high
        return str(region.low) if same else f"{region.low} to {region.high}"
    shown = [_value(value, stand_ins) for value in region.values[:_MOST_VALUES]]
    if len(region.values) > _MOST_VALUES:
        shown.append(f"{len(region.values) - _MOST_VALUES} more")
    if region.any_other:
        shown.append("any other name" if shown else "any name that is not listed")
    return ", ".join(shown)


def _value(value: object, stand_ins: Sequence[str]) -> str:
    if isinstance(value, tuple):
        return value_shown(["another one" if each in stand_ins else each for each in value])
    return value_shown(value)
