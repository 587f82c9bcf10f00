"""What another version of a policy changes, as tables for a reader: plain data, and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pyclingo_bridge.impact.answers import Flow, Impact, ImpactGroup


class Table(NamedTuple):
    """A table: its title, the heads of its columns, its rows; the places of columns of numbers."""

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: tuple[int, ...] = ()


def headline(impact: Impact) -> str:
    """How much changes, in one line."""
    good = impact.rows - impact.rejected
    share = f" ({100 * impact.changed / good:.1f}%)" if good else ""
    return f"{impact.names[0]} to {impact.names[1]}: {impact.changed:,} of {good:,} outcomes change{share}"


def sentences(impact: Impact) -> Iterator[str]:
    """What else there is to say."""
    for info, interpretations in zip((impact.first, impact.second), impact.interpretations, strict=True):
        chosen = ", ".join(f"{name}={value}" for name, value in interpretations.items())
        yield f"Policy {info.name}: {info.document}, revision {info.revision}." + (
            f" Interpretations: {chosen}." if chosen else ""
        )
    for name, number in impact.details.items():
        if number:
            have = "has" if number == 1 else "have"
            yield f"With the same outcome, {number:,} {have} another {name.replace('_', ' ')}."
    if impact.rejected:
        many = impact.rejected > 1
        rows = f"{impact.rejected:,} rows are" if many else "1 row is"
        yield f"{rows} bad and {'count' if many else 'counts'} nowhere: {'; '.join(impact.bad)}."


def tables(impact: Impact) -> list[Table]:
    """How the outcomes change, and the causes of that."""
    changed = [flow for flow in impact.flows if flow.before != flow.after]
    if not changed:
        return []
    return [
        Table(
            "Outcomes before and after",
            (impact.names[0], impact.names[1], "Rows"),
            [(flow.before.text, flow.after.text, f"{flow.rows:,}") for flow in changed],
            (2,),
        ),
        Table(
            "Causes",
            ("Rows", "Cause", "Changes", "For example"),
            [_row(impact, group) for group in impact.groups],
            (0,),
        ),
    ]


def _row(impact: Impact, group: ImpactGroup) -> tuple[str, ...]:
    better = impact.names[0 if group.favours == "first" else 1]
    cause = f"{group.text}; better under {better}".replace("`", "")
    return f"{group.rows:,}", cause, _flows(group.flows), ", ".join(group.examples)


def _flows(flows: Sequence[Flow]) -> str:
    texts = [f"{flow.before.text} to {flow.after.text}: {flow.rows:,}" for flow in flows[:3]]
    return "; ".join(texts) + ("; ..." if len(flows) > 3 else "")


def as_markdown(impact: Impact) -> str:
    """All of it as Markdown."""
    lines = [f"## {_escaped(headline(impact))}", ""]
    lines += [f"{_escaped(sentence)}\n" for sentence in sentences(impact)]
    for table in tables(impact):
        lines += [f"### {table.title}", ""]
        lines.append(f"| {' | '.join(map(_escaped, table.heads))} |")
        rule = ["---:" if place in table.numbers else "---" for place in range(len(table.heads))]
        lines.append(f"| {' | '.join(rule)} |")
        lines += [f"| {' | '.join(map(_escaped, row))} |" for row in table.rows]
        lines.append("")
    return "\n".join(lines).rstrip("\n")


_SPECIAL = re.compile(r"([\\*_\[\]<>#|`])")


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
