"""What another version of a policy changes, as a report for a reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyclingo_bridge.explain.phrases import policy_text
from pyclingo_bridge.explain.report import Block, Column, Paragraph, Table, Title
from pyclingo_bridge.impact.answers import Flow, Impact, ImpactGroup


def impact_report(impact: Impact) -> Iterator[Block]:
    """How much changes, from what to what, and why."""
    yield Title(_headline(impact))
    yield from map(Paragraph, sentences(impact))
    changed = [flow for flow in impact.flows if flow.before != flow.after]
    if changed:
        first, second = impact.names
        yield Table(
            "Outcomes before and after",
            (Column(first), Column(second), Column("Rows", "number")),
            tuple((flow.before.text, flow.after.text, f"{flow.rows:,}") for flow in changed),
        )
        yield Table(
            "Causes",
            (Column("Rows", "number"), Column("Cause"), Column("Changes"), Column("For example")),
            tuple(_row(impact, group) for group in impact.groups),
        )


_DETAILS = {
    "section": "another section",
    "approval_months": "another number of months of approval",
    "refer_to": "another place to refer to",
}
"""What rows with the same outcome can differ in, by its key."""


def _headline(impact: Impact) -> str:
    good = impact.rows - impact.rejected
    share = f" ({100 * impact.changed / good:.1f}%)" if good else ""
    return f"{impact.names[0]} to {impact.names[1]}: {impact.changed:,} of {good:,} outcomes change{share}"


def sentences(impact: Impact) -> Iterator[str]:
    """What else there is to say."""
    policies = (impact.first, impact.second)
    both = impact.interpretations
    for info, mine, others in zip(policies, both, reversed(both), strict=True):
        # What the two share explains no difference.
        yield policy_text(
            info, {name: value for name, value in mine.items() if others.get(name, value) != value}
        )
    for name, number in impact.details.items():
        if number:
            have = "has" if number == 1 else "have"
            yield f"With the same outcome, {number:,} {have} {_DETAILS[name]}."
    if impact.rejected:
        many = impact.rejected > 1
        rows = f"{impact.rejected:,} rows are" if many else "1 row is"
        yield f"{rows} bad and {'count' if many else 'counts'} nowhere: {'; '.join(impact.bad)}."


def _row(impact: Impact, group: ImpactGroup) -> tuple[str, ...]:
    better = impact.names[0 if group.favors == "first" else 1]
    cause = f"{group.text}; better under {better}".replace("`", "")
    return f"{group.rows:,}", cause, _flows(group.flows), ", ".join(group.examples)


def _flows(flows: Sequence[Flow]) -> str:
    texts = [f"{flow.before.text} to {flow.after.text}: {flow.rows:,}" for flow in flows[:3]]
    return "; ".join(texts) + ("; ..." if len(flows) > 3 else "")
