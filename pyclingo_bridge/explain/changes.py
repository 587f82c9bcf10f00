"""What-ifs and sweeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from pyclingo_bridge.core.decision import Decision, Status, sections_at_stake
from pyclingo_bridge.explain.phrases import (
    DONE,
    MORE,
    counted,
    evidence_text,
    missing_text,
    outcome_text,
    warnings_section,
)
from pyclingo_bridge.explain.report import STATUS_WORDS, Block, Heading, Item, Paragraph, Title, section
from pyclingo_bridge.explain.view import PLAIN, View
from pyclingo_bridge.questions.changes import value_shown
from pyclingo_bridge.questions.missing import MissingSet
from pyclingo_bridge.questions.sweep import Region, Sweep, obstacles
from pyclingo_bridge.questions.what_if import CriterionChange, RequirementChange, WhatIf

_MOST_VALUES = 6


def what_if_report(answer: WhatIf, view: View = PLAIN) -> Iterator[Block]:
    """What becomes of the decision, why, and what documents would then help."""
    before, after = answer.before, answer.after
    yield Title(f"{answer.case}: {after.outcome_word.upper()}, {_in_short(answer)}", after.outcome)
    yield Paragraph(f"{answer.policy.document}, revision {answer.policy.revision}", apart=False)
    yield from settings_lines(before.interpretations, view)
    yield from section("What was changed", answer.changes)
    yield Heading("What becomes of the decision")
    yield Item(f"before: {outcome_text(before, obstacles(before))}")
    yield Item(f"after: {outcome_text(after, obstacles(after))}")
    if answer.same:
        yield Paragraph("The decision does not change, and neither does what is missing.")
    yield from _changed_criteria(answer, view)
    yield from _sets("Missing documentation now", "+", answer.missing_gained, answer.more_gained, view)
    yield from _sets("No longer asked for", "-", answer.missing_lost, answer.more_lost, view)
    if not answer.missing_complete:
        yield Paragraph("Only the cheapest of very many missing sets were compared.")
    yield from warnings_section(text for text in after.warnings if text not in before.warnings)


def settings_lines(interpretations: Mapping[str, str], view: View) -> Iterator[Block]:
    """The interpretations that are not the default, or all, where it is known what that is."""
    settings = view.settings(interpretations)
    if settings and view.defaults is not None:
        what = "Interpretations" if view.verbose else "Interpretations other than the default"
        yield Paragraph(f"{what}: {settings}", apart=False)


def _in_short(answer: WhatIf) -> str:
    if not answer.changes:
        return "nothing changed"
    if answer.before.outcome == answer.after.outcome:
        return f"still {DONE[answer.after.outcome]} with {counted(len(answer.changes), 'change')}"
    return f"{DONE[answer.after.outcome]} instead of {DONE[answer.before.outcome]}"


def _changed_criteria(answer: WhatIf, view: View) -> Iterator[Block]:
    near = {name for decision in (answer.before, answer.after) for name in _near(decision)}
    both = [entry for entry in answer.criteria if entry.before and entry.after]
    shown = [entry for entry in both if entry.id in near]
    requirements = {
        requirement.requirement.term: requirement for entry in answer.criteria for requirement in entry.because
    }
    changes = (Item(changed_requirement(requirement, view), mark="~") for requirement in requirements.values())
    yield from section("Requirements whose state changes", changes)
    yield from section(
        "Criteria whose status changes", (Item(changed_criterion(entry), mark="~") for entry in shown)
    )
    if len(shown) < len(both):
        number = counted(len(both) - len(shown), "criterion", "criteria")
        where = "of sections that do not address this use"
        yield Paragraph(f"{'Also changed' if shown else 'Changed'}: {number} {where}.")
    yield from section("No longer in scope", _scope(entry for entry in answer.criteria if not entry.after))
    yield from section("In scope now", _scope(entry for entry in answer.criteria if not entry.before))


def _near(decision: Decision) -> Iterator[str]:
    """The criteria of the sections that address the use."""
    for entry in sections_at_stake(decision):
        yield entry.id
        yield from decision.beneath(entry.id)


def changed_criterion(entry: CriterionChange) -> str:
    """A criterion with its status before and after."""
    states = f"{_status(entry.before)} before, {_status(entry.after)} after"
    return f"{entry.id} {entry.label}: {states} ({entry.locator})"


def _status(status: Status | None, none: str = "not in scope") -> str:
    return STATUS_WORDS[status] if status else none


def changed_requirement(entry: RequirementChange, view: View) -> str:
    """A requirement with its status before and after, and who says so after."""
    stated = [evidence_text(one, view) for one in entry.evidence if one.effect in ("supports", "refutes")]
    said = f" ({'; '.join(stated[:3])})" if stated else ""
    before, after = (_status(state, "not asked for") for state in (entry.before, entry.after))
    return f"{entry.requirement.text}: {before} before, {after} after{said}"


def _scope(criteria: Iterable[CriterionChange]) -> list[str]:
    """Many criteria in few lines: those of one status together."""
    names: dict[str, list[str]] = {}
    for entry in criteria:
        names.setdefault(_status(entry.after or entry.before), []).append(entry.id)
    return [f"{status}: {', '.join(ids)}" for status, ids in names.items()]


def _sets(
    heading: str, mark: Literal["+", "-"], sets: Sequence[MissingSet], more: bool, view: View
) -> Iterator[Block]:
    least = min((missing.cost for missing in sets), default=0)
    yield from section(heading, (Item(missing_text(missing, least, view), mark=mark) for missing in sets))
    if sets and more:
        yield Paragraph(MORE)


# Sweeps


def sweep_report(answer: Sweep, view: View = PLAIN) -> Iterator[Block]:
    """Each region and its decision; those that come to the same words are put together."""
    regions = list(_alike(answer.regions))
    yield Title(f"{answer.case}: {answer.attribute} in {counted(len(regions), 'region')}")
    yield from settings_lines(answer.interpretations, view)
    for region in regions:
        yield Item(f"{region_text(region, answer.stand_ins)}: {_region_answer(region)}")
    if any(isinstance(value, tuple) and value for region in regions for value in region.values):
        yield Paragraph("A list stands for every list that no rule distinguishes from it.")


def _alike(regions: Iterable[Region]) -> Iterator[Region]:
    """The regions as far as their words differ: neighbors among numbers, any other values."""
    joined: dict[tuple[int, str], Region] = {}
    run, last = 0, ""
    for region in regions:
        answer = _region_answer(region)
        if region.low is not None and answer != last:
            run += 1
        last = answer
        known = joined.get((run, answer))
        joined[run, answer] = _joined(known, region) if known else region
    yield from joined.values()


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
        return str(region.low) if region.low == region.high else f"{region.low} to {region.high}"
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
