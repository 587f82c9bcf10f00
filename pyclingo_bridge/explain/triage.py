"""Several cases in one table: the verdict on each, what blocks it, and what to ask for first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from pyclingo_bridge.core.decision import Decision, Outcome
from pyclingo_bridge.explain.next_steps import Remedies, first_step
from pyclingo_bridge.explain.phrases import DONE, counted
from pyclingo_bridge.explain.report import Block, Column, Gap, Paragraph, Table
from pyclingo_bridge.explain.view import PLAIN, View
from pyclingo_bridge.questions.sweep import obstacles

_MOST = 2

UNREADABLE = "cannot be read"

_FOR: dict[str, str] = {
    "insufficient_documentation": "for documents",
    "conflicting_documentation": "for contradictions",
    "criteria_not_met": "for criteria not met",
}


@dataclass(frozen=True)
class Triaged:
    """A case in the table.

    Attributes:
        case: its id, or the name of a file that cannot be read.
        verdict: in a few words.
        blocked_by: the criteria that block it.
        first: what to ask for first.
        warnings: how many warnings there are.
        outcome: the outcome; None of a file that cannot be read.
        denial_kind: of a denial, its kind.
    """

    case: str
    verdict: str
    blocked_by: str = ""
    first: str = ""
    warnings: int = 0
    outcome: Outcome | None = None
    denial_kind: str | None = None


def triaged(decision: Decision, remedies: Remedies, view: View = PLAIN) -> Triaged:
    """A decision as a row of the table."""
    blocking = obstacles(decision) if decision.outcome == "deny" else ()
    more = [f"and {len(blocking) - _MOST} more"] if len(blocking) > _MOST else []
    return Triaged(
        case=decision.case,
        verdict=decision.outcome_word,
        blocked_by=" ".join([", ".join(blocking[:_MOST]), *more]),
        first=first_step(decision, remedies, view),
        warnings=len(decision.warnings),
        outcome=decision.outcome,
        denial_kind=decision.denial_kind,
    )


def unreadable(name: str) -> Triaged:
    """A file that cannot be read, as a row of the table; messages have the whole path."""
    return Triaged(case=PurePath(name).name or name, verdict=UNREADABLE)


def triage_report(rows: Sequence[Triaged]) -> Iterator[Block]:
    """The table, in the order of the cases, and a line that counts them."""
    yield Table(
        "",
        (
            Column("Case", "name"),
            Column("Verdict", "outcome"),
            Column("Blocked by"),
            Column("Ask for first"),
            Column("Warnings", "number"),
        ),
        tuple((row.case, row.verdict, row.blocked_by, row.first, str(row.warnings or "")) for row in rows),
    )
    yield Gap()
    yield Paragraph(summary_text(rows), apart=False)
    yield Paragraph(
        "--full shows each case at length; `missing`, `repairs` and `explain` say more about one.", apart=False
    )


def summary_text(rows: Sequence[Triaged]) -> str:
    """How many cases have each verdict: `3 cases: 1 approve, 2 deny (1 for documents, ...)`."""
    outcomes = Counter(row.outcome for row in rows)
    kinds = Counter(row.denial_kind for row in rows if row.denial_kind)
    denied = ", ".join(f"{kinds[kind]} {words}" for kind, words in _FOR.items() if kinds[kind])
    parts = [
        f"{outcomes[outcome]} {outcome}{f' ({denied})' if outcome == 'deny' else ''}"
        for outcome in DONE
        if outcomes[outcome]
    ]
    if outcomes[None]:
        parts.append(f"{outcomes[None]} {UNREADABLE}")
    return f"{counted(len(rows), 'case')}: {', '.join(parts)}"
