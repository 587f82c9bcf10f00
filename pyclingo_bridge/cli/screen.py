"""Answers on a terminal: tables and trees, readable in 80 columns and without colour."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from math import log10
from typing import Any, Literal, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pyclingo_bridge.analysis.findings import Severity
from pyclingo_bridge.core.decision import (
    CriterionResult,
    Decision,
    Evidence,
    RequirementResult,
    SectionResult,
    Status,
    value_text,
)
from pyclingo_bridge.core.structure import natural_key
from pyclingo_bridge.explain.analysis import Line
from pyclingo_bridge.explain.decision import (
    STATUS_WORDS,
    Explanation,
    Node,
    explanation,
    marker,
    node_text,
)
from pyclingo_bridge.impact.text import Table as Numbers
from pyclingo_bridge.policy import Policy
from pyclingo_bridge.questions.missing import DocumentSet, MissingSet
from pyclingo_bridge.questions.obtaining import MissingRequirement, cost_in_words, types_in_words

_STYLES: dict[Status, str] = {
    "met": "green",
    "undocumented": "yellow",
    "conflicting": "magenta",
    "not_met": "red",
}
_OUTCOMES = {"approve": "bold green", "deny": "bold red", "refer": "bold yellow"}


class _Trimmed(Console):
    """A console that leaves no blanks at the end of a line."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as any console does, and trim."""
        with self.capture() as captured:
            super().print(*objects, **options)
        self.file.write(re.sub(r"[ \t]+$", "", captured.get(), flags=re.MULTILINE))

    def on_broken_pipe(self) -> None:
        """Leave it to the command line to end: this is called while the error is being handled."""
        raise


def _console() -> Console:
    width = shutil.get_terminal_size((80, 24)).columns
    return _Trimmed(width=min(width, 110), highlight=False, soft_wrap=False, emoji=False)


def _print(console: Console, text: str, style: str = "", indent: int = 0) -> None:
    console.print(Padding(Text(text, style=style), (0, 0, 0, indent), expand=False))


def show_outcome(decision: Decision) -> None:
    """The outcome and whose it is."""
    console = _console()
    reasons = explanation(decision)
    _print(console, reasons.headline, _OUTCOMES[decision.outcome])
    for detail in reasons.details:
        _print(console, detail)


def show_decision(decision: Decision, full: bool) -> None:
    """The outcome, a table of criteria for each section that addresses the use, and warnings."""
    show_outcome(decision)
    console = _console()
    if decision.outcome == "refer" and not full:
        console.print()
        for node in explanation(decision).reasons:
            _show_node(console, node, 0)
        _warn(console, decision.warnings)
        return
    shown = [entry for entry in decision.sections if full or entry.addresses]
    for section in shown if full or decision.outcome != "approve" else _approving(decision):
        console.print()
        console.print(_table(decision, section, full))
    console.print()
    _print(console, f"Source of the criteria: {decision.policy.document}.")
    for section in decision.sections:
        if section not in shown:
            label = decision.criteria[section.id].label
            _print(console, f"{section.id} {label}: does not address this use (--full shows it)")
    _warn(console, decision.warnings)


def show_warnings(decision: Decision) -> None:
    """What a reader should know of the input."""
    _warn(_console(), decision.warnings)


def _approving(decision: Decision) -> list[SectionResult]:
    return [section for section in decision.sections if section.id == decision.section]


def _warn(console: Console, warnings: Sequence[str]) -> None:
    if warnings:
        console.print()
        _print(console, "Warnings", "bold")
        for warning in warnings:
            _print(console, f"- {warning}", indent=2)


def _table(decision: Decision, section: SectionResult, full: bool) -> Table:
    criterion = decision.criteria[section.id]
    title = f"{section.id} {criterion.label}: {STATUS_WORDS[section.status]} ({criterion.locator})"
    table = Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        expand=True,
    )
    table.add_column("Criterion", no_wrap=True)
    table.add_column("Status", no_wrap=True, min_width=12)
    table.add_column("Asks for", ratio=3, overflow="fold")
    table.add_column("Who says what", ratio=4, overflow="fold")
    within = set(decision.beneath(section.id))
    for name, result in decision.criteria.items():
        if name in within:
            status = Text(STATUS_WORDS[result.status], style=_STYLES[result.status])
            place = f" ({result.locator})" if full else ""
            table.add_row(name, status, Text(result.label + place), Text(_shown_by(result)))
    return table


def _shown_by(result: CriterionResult) -> str:
    # Of a criterion that is met, what meets it; of another, what stands in its way.
    met = result.status == "met"
    requirements = [
        requirement for requirement in result.requirements() if (requirement.status == "met") == met
    ]
    told = [line for requirement in requirements for line in _requirement_lines(requirement)]
    return "\n".join(dict.fromkeys(told)) or "see its items"


def _requirement_lines(requirement: RequirementResult) -> list[str]:
    told = [_said(entry) for entry in requirement.evidence if entry.effect in ("supports", "refutes")]
    silent = [f"not decided by {_said(entry)}" for entry in requirement.evidence if entry.effect == "silent"]
    return told[:3] or silent[:3] or [f"nothing on: {requirement.requirement.text}"]


def _said(entry: Evidence) -> str:
    who = f"{entry.document}, {entry.date}" if entry.document else "request form"
    if entry.by_default:
        who = "default"
    if entry.details:
        who += ", by its details"
    return f"{entry.attribute}: {value_text(entry.value)} ({who})"


def show_explanation(reasons: Explanation) -> None:
    """The tree of reasons."""
    console = _console()
    _print(console, reasons.headline, "bold")
    for detail in reasons.details:
        _print(console, detail)
    console.print()
    for node in reasons.reasons:
        _show_node(console, node, 0)
    _warn(console, reasons.warnings)


def _show_node(console: Console, node: Node, depth: int) -> None:
    line = Text(marker(node), style=_STYLES[node.status] if node.status else "")
    line.append(f" {node_text(node)}", style="")
    console.print(Padding(line, (0, 0, 0, 2 * depth), expand=False))
    for child in node.children:
        _show_node(console, child, depth + 1)


class Listed(NamedTuple):
    """What is listed of the missing sets, and how many there are.

    Attributes:
        sets: missing sets: the first ones in order.
        more: whether there are more.
        documents: sets of document types, in the same way.
        more_documents: whether there are more.
        number: how many missing sets there are; None where they were not counted.
        documents_number: how many sets of document types there are.
        drawn: whether they were drawn at random instead.
        in_every: the terms of the requirements that all missing sets have, listed or not.
    """

    sets: Sequence[MissingSet]
    more: bool
    documents: Sequence[DocumentSet]
    more_documents: bool
    number: int | None = None
    documents_number: int | None = None
    drawn: bool = False
    in_every: frozenset[str] = frozenset()


def count_line(decision: Decision, found: Listed) -> str:
    """How many missing sets a case has, in a line."""
    if not found.sets:
        return f"{decision.case}: no missing sets"
    sets = _sets(found.number, "missing set")
    return f"{decision.case}: {sets}, {_sets(found.documents_number, 'set')} of document types"


def _sets(count: int | None, word: str) -> str:
    if count is None:
        return f"too many {word}s to count"
    return f"{counted(count)} {word}" + ("" if count == 1 else "s")


def counted(count: int) -> str:
    """A number for a reader: exact where that can be read."""
    if count < 10**15:
        return f"{count:,}"
    exponent = int(log10(count))
    # The logarithm is rounded: at a power of ten it can be on the wrong side.
    exponent += (count >= 10 ** (exponent + 1)) - (count < 10**exponent)
    first = count // 10 ** (exponent - 1)
    return f"about {first // 10}.{first % 10}e{exponent}"


def show_missing(decision: Decision, found: Listed) -> None:
    """The missing sets: what every one of them needs, then what each needs besides."""
    console = _console()
    sets = found.sets
    console.print()
    if not sets:
        nothing = "Nothing is missing." if decision.outcome == "approve" else _NO_CURE
        _print(console, nothing)
        return
    these = _these(len(found.documents), found.documents_number, found.drawn)
    of = f"any one of {these}" if found.documents else _UNSHOWN
    _print(console, f"Documents to obtain: {of}", "bold")
    for entry in found.documents:
        _print(console, f"- {', '.join(entry.documents)} (cost {entry.cost})", indent=2)
    _show_rest(console, found.more_documents, found.drawn)
    console.print()
    common = _common(sets, found.in_every if found.more else None) if len(sets) > 1 else []
    if common:
        every = counted(found.number or len(sets))
        _print(console, f"What they must show: every one of the {every} sets needs", "bold")
        _show_requirements(console, common)
        console.print()
    these = _these(len(sets), found.number, found.drawn)
    several = found.more or len(sets) > 1
    shown = f"What they must show: one of {these}" if several else "What they must show"
    _print(console, f"and one of {these}" if common else shown, "bold")
    for number, missing in enumerate(sets, 1):
        _show_set(console, number, missing, {requirement.term for requirement in common})
    _show_rest(console, found.more, found.drawn)


def _show_rest(console: Console, more: bool, drawn: bool) -> None:
    if more and not drawn:
        _print(console, _MORE, indent=2)


def _these(listed: int, count: int | None, drawn: bool) -> str:
    if count is None or count == 1:
        return "these sets"
    if listed == count:
        return f"these {counted(count)} sets"
    which = "drawn at random" if drawn else "first listed"
    return f"{counted(count)} sets ({listed} {which})"


_UNSHOWN = "each set needs something that no document type of the vocabulary is known to show"
_NO_CURE = "Nothing that is still open would change this."
_MORE = "... and more (--first 0 lists all)"


def _show_set(console: Console, number: int, missing: MissingSet, told: set[str]) -> None:
    cost = cost_in_words(missing.cost, missing.documents, missing.unshown)
    _print(console, f"set {number}, for {', '.join(missing.sections)} ({cost})", indent=2)
    _show_requirements(
        console,
        [requirement for requirement in missing.requirements if requirement.term not in told],
        4,
    )


def _common(sets: Sequence[MissingSet], among: frozenset[str] | None) -> list[MissingRequirement]:
    """The requirements that all sets need, each with all the criteria that it serves in one of those listed.

    Args:
        sets: the sets that are listed.
        among: where these are not all, the terms of the requirements that all sets need.
    """
    by_term: dict[str, list[MissingRequirement]] = {}
    for requirement in (requirement for missing in sets for requirement in missing.requirements):
        by_term.setdefault(requirement.term, []).append(requirement)
    return [
        same[0].model_copy(update={"criteria": _criteria(same)})
        for same in by_term.values()
        if len(same) == len(sets) and (among is None or same[0].term in among)
    ]


def _criteria(requirements: Sequence[MissingRequirement]) -> tuple[str, ...]:
    names = {name for requirement in requirements for name in requirement.criteria}
    return tuple(sorted(names, key=natural_key))


def _show_requirements(console: Console, requirements: Sequence[MissingRequirement], indent: int = 2) -> None:
    for requirement in requirements:
        serves = ", ".join(requirement.criteria)
        _print(
            console,
            f"- {requirement.text} [{serves}] ({types_in_words(requirement.document_types)})",
            indent=indent,
        )


def show_policy(policy: Policy) -> None:
    """A policy's name, source, and the interpretations of its wording."""
    console = _console()
    info = policy.info
    _print(console, f"{info.name}: {info.title}", "bold")
    _print(console, f"{info.document}, revision {info.revision}", indent=2)
    for name, values in policy.alternatives.items():
        _print(
            console,
            f"--interpret {name}={values[0]} (default), or {', '.join(values[1:])}",
            indent=2,
        )


_SEVERITIES: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def show_lines(lines: Iterable[Line]) -> None:
    """A report."""
    console = _console()
    for line in lines:
        style = _SEVERITIES[line.severity] if line.severity and line.kind != "item" else ""
        if line.kind == "heading":
            console.print()
        if line.kind in ("item", "detail"):
            depth = 2 if line.kind == "item" else 4
            mark = f"{line.mark or '-'} " if line.kind == "item" else ""
            text = Text(mark + line.text)
            console.print(Padding(text, (0, 0, 0, depth), expand=False))
        else:
            bold = "bold" if line.kind in ("title", "heading") else ""
            _print(console, line.text, style or bold)


def show_tables(headline: str, sentences: Iterable[str], tables: Iterable[Numbers]) -> None:
    """A headline, sentences, and tables of texts and numbers."""
    console = _console()
    _print(console, headline, "bold")
    for sentence in sentences:
        _print(console, sentence)
    for entry in tables:
        console.print()
        table = Table(
            title=escape(entry.title),
            title_justify="left",
            title_style="bold",
            box=None,
            pad_edge=False,
        )
        for place, head in enumerate(entry.heads):
            number = place in entry.numbers
            justify: Literal["left", "right"] = "right" if number else "left"
            table.add_column(escape(head), justify=justify, no_wrap=number, overflow="fold")
        for row in entry.rows:
            table.add_row(*map(Text, row))
        console.print(table)
