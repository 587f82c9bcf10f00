"""Findings, comparisons and interpretations as lines for a reader, and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pyclingo_bridge.analysis.findings import (
    SEVERITIES,
    CheckReport,
    Comparison,
    Difference,
    Finding,
    Severity,
    Verdict,
    Witness,
)
from pyclingo_bridge.analysis.interpretations import AmbiguityReport, InterpretationResult
from pyclingo_bridge.core.decision import PolicyInfo, value_text
from pyclingo_bridge.questions.missing import MissingSet
from pyclingo_bridge.questions.obtaining import cost_in_words


@dataclass(frozen=True)
class Line:
    """One line of a report.

    Attributes:
        kind: a title, a heading, an item of a list, a detail of an item, or a sentence.
        text: its text; backquotes mark names.
        severity: the severity that it tells of, if any.
        mark: what stands before an item: what it adds, takes away or changes.
    """

    kind: Literal["title", "heading", "item", "detail", "text"]
    text: str
    severity: Severity | None = None
    mark: Literal["-", "+", "~", ""] = ""


_HEADINGS: dict[Severity, str] = {
    "error": "Errors",
    "warning": "Warnings",
    "info": "For the reader",
}


def counted(number: int, name: str, names: str | None = None) -> str:
    """A number of things, in words; `names` where more than one are not told by an s."""
    return f"{number or 'no'} {name if number == 1 else names or f'{name}s'}"


# Checks


def check_lines(report: CheckReport, brief: bool = False) -> Iterator[Line]:
    """A check, the gravest findings first, then everything that was asked.

    Args:
        report: the check.
        brief: the findings alone, without the cases that show them.
    """
    found = {severity: _of(report, severity) for severity in SEVERITIES}
    totals = [
        counted(len(found["error"]), "error"),
        counted(len(found["warning"]), "warning"),
        counted(len(found["info"]), "remark"),
    ]
    gravest = report.gravest()
    yield Line("title", f"{report.name}: {', '.join(totals)}", gravest)
    if report.policy:
        yield Line("text", _policy(report.policy))
        if report.interpretations:
            yield Line("text", f"Interpretations: {_pairs(report.interpretations)}.")
    for severity in SEVERITIES:
        if found[severity]:
            yield Line("heading", _HEADINGS[severity], severity)
            for finding in found[severity]:
                yield from _finding(finding, brief, report.interpretations)
    if report.proofs and not brief:
        yield Line("heading", "What was asked, of every case there can be")
        for proof in report.proofs:
            answer = counted(proof.found, "finding") if proof.found else "nothing found"
            yield Line("item", f"{proof.question} {answer} ({proof.kind}, {proof.asked} asked)")
    yield from _left_out(report.left_out)


def _of(report: CheckReport, severity: Severity) -> list[Finding]:
    return [finding for finding in report.findings if finding.severity == severity]


def _finding(finding: Finding, brief: bool, interpretations: Mapping[str, str]) -> Iterator[Line]:
    yield Line("item", f"{finding.kind}: {finding.text}", finding.severity)
    if finding.because:
        yield Line("detail", f"why: {finding.because}")
    if finding.locators:
        yield Line("detail", f"where: {'; '.join(finding.locators)}")
    if finding.witness and not brief:
        yield from _witness(finding.witness, interpretations)


def _left_out(left_out: Iterable[str], not_compared: Collection[str] = ()) -> Iterator[Line]:
    if not_compared:
        yield Line("heading", "What was not compared")
        for entry in not_compared:
            yield Line("item", entry)
    entries = [entry for entry in left_out if entry not in not_compared]
    if entries:
        yield Line("heading", "What was left out")
        for entry in entries:
            yield Line("item", entry)


def _policy(info: PolicyInfo) -> str:
    return f"Policy {info.name}: {info.document}, revision {info.revision}."


def _pairs(interpretations: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in interpretations.items())


# Witnesses


def _witness(
    witness: Witness, interpretations: Mapping[str, str] | None = None, names: Sequence[str] = ()
) -> Iterator[Line]:
    """A case and what is decided of it, by sides of these names if there are two."""
    yield Line("detail", f"case {witness.case['id']}: {case_text(witness.case)}")
    called = names or [verdict.policy for verdict in witness.verdicts]
    for name, verdict in zip(called, witness.verdicts, strict=True):
        yield Line(
            "detail",
            f"{_who(verdict, name, witness.verdicts, interpretations)}: {verdict_text(verdict)}",
        )


def _who(
    verdict: Verdict,
    name: str,
    verdicts: tuple[Verdict, ...],
    interpretations: Mapping[str, str] | None,
) -> str:
    """The policy that decided, and what it read otherwise than the others, or than was asked for."""
    told = {
        word: value
        for word, value in verdict.interpretations.items()
        if any(each.interpretations.get(word, value) != value for each in verdicts)
        or (interpretations is not None and interpretations.get(word, value) != value)
    }
    if len({each.policy for each in verdicts}) > 1 or not told:
        return f"decided by {name}"
    return f"decided with {_pairs(dict(sorted(told.items())))}"


def verdict_text(verdict: Verdict) -> str:
    """A decision in a few words."""
    if verdict.outcome == "approve":
        months = f" for {verdict.approval_months} months" if verdict.approval_months else ""
        return f"approve by {verdict.section}{months}"
    if verdict.outcome == "refer":
        return f"refer to {verdict.refer_to}" if verdict.refer_to else "refer, to nowhere"
    kind = verdict.denial_kind.replace("_", " ") if verdict.denial_kind else ""
    return f"deny, {kind}"


def case_text(case: Mapping[str, Any]) -> str:
    """A case in one line: what the form says, then what documents state."""
    form = ", ".join(f"{name}={value_text(value)}" for name, value in case["request"].items())
    told = [
        f"{document['type']} ({document['date']}): "
        + ", ".join(f"{name}={value_text(value)}" for name, value in document["states"].items())
        for document in case["documents"]
    ]
    return "; ".join([f"form: {form}", *(told or ["no documents"])])


# Comparisons

_RELATIONS = {
    "equivalent": "approve the same cases",
    "stricter": "the first approves only some of what the second does",
    "looser": "the first approves all that the second does, and more",
    "incomparable": "each approves cases that the other does not",
    "disjoint": "no case is approved by both",
    "not_compared": "alike in all cases that were compared, and not all were",
}


def comparison_lines(report: Comparison, brief: bool = False) -> Iterator[Line]:
    """A comparison: what changes for whom, by the clause that causes it.

    Args:
        report: the comparison.
        brief: the differences alone, without the cases that show them.
    """
    names = _names(report)
    compared = ", in the cases that were compared" if report.not_compared else ""
    relation = _RELATIONS[report.relation] + compared * (report.relation != "not_compared")
    yield Line("title", f"{names[0]} against {names[1]}: {relation}")
    for info, interpretations in zip((report.first, report.second), report.interpretations, strict=True):
        chosen = f" Interpretations: {_pairs(interpretations)}." if interpretations else ""
        yield Line("text", _policy(info) + chosen)
    if report.vocabulary:
        yield Line("heading", "Where the vocabularies differ")
        for told in report.vocabulary:
            yield Line("item", told.text)
    if not report.differences:
        which = " that was compared" if report.not_compared else ""
        yield Line("text", f"No case{which} is treated otherwise.")
    for favoured in dict.fromkeys(d.favours for d in report.differences if d.favours):
        other = next(name for name in names if name != favoured)
        yield Line("heading", f"{favoured} approves, {other} does not")
        # From the first to the second: what the second alone approves is added.
        sign: Literal["-", "+"] = "-" if favoured == names[0] else "+"
        for entry in report.differences:
            if entry.favours == favoured:
                yield from _difference(sign, entry, brief, names)
    rest = [entry for entry in report.differences if entry.favours is None]
    if rest:
        yield Line("heading", "What else differs")
        for entry in rest:
            yield from _difference("~", entry, brief, names)
    if report.sections:
        yield Line("heading", "Section by section")
        for pair in report.sections:
            if pair.relation == "not_compared":
                text = "not compared; no case that was compared meets either"
                yield Line("item", f"{pair.first} against {pair.second}: {text}")
            elif pair.relation:
                yield Line("item", f"{pair.first} against {pair.second}: {pair.relation}{compared}")
            else:
                yield Line("item", f"{pair.first or pair.second}: in {names[not pair.first]} alone")
    for name, requirements in zip(
        names, (report.requirements_of_first, report.requirements_of_second), strict=True
    ):
        if requirements:
            yield Line("heading", f"Asked by {name} alone")
            for requirement in requirements:
                yield Line("item", requirement)
    yield from _left_out(report.left_out, report.not_compared)


def _names(report: Comparison) -> list[str]:
    """The sides' names as the differences use them."""
    first, second = report.first, report.second
    if first.name != second.name:
        return [first.name, second.name]
    if first.revision != second.revision:
        return [f"{first.name} of {first.revision}", f"{second.name} of {second.revision}"]
    return [f"{first.name} (first)", f"{second.name} (second)"]


def _difference(
    sign: Literal["-", "+", "~"], entry: Difference, brief: bool, names: Sequence[str]
) -> Iterator[Line]:
    yield Line("item", entry.text.split(", for want of ", 1)[-1], mark=sign)
    if entry.locators:
        yield Line("detail", f"where: {'; '.join(entry.locators)}")
    if not brief:
        yield from _witness(entry.witness, names=names)


# Interpretations

_APPROVED = {
    "every": "approved under every interpretation",
    "some": "approved under some interpretations",
    "none": "approved under no interpretation",
}


def ambiguity_lines(report: AmbiguityReport) -> Iterator[Line]:
    """A case under every interpretation."""
    outcomes = {result.outcome for result in report.results}
    told = _APPROVED[report.approved]
    if report.approved == "none" and len(outcomes) == 1:
        told = f"{_DONE[min(outcomes)]} under every interpretation"
    yield Line("title", f"{report.case}: {told}")
    yield Line(
        "text",
        f"Policy {report.policy}, {counted(report.combinations, 'combination')} of interpretations.",
    )
    if report.turns_on:
        yield Line("text", f"It turns on {', '.join(report.turns_on)}.")
        for result in report.results:
            yield Line("heading", f"{result.outcome}: {counted(result.combinations, 'combination')}")
            for interpretations in result.interpretations:
                yield Line("item", f"wherever {_pairs(interpretations)}")
    if report.approved != "every":
        yield from _robust(report)
    yield from _left_out(report.left_out)


def _result(result: InterpretationResult) -> str:
    if result.approval_months:
        return f"{result.outcome} for {result.approval_months} months"
    return f"{result.outcome} to {result.refer_to}" if result.refer_to else result.outcome


_DONE = {"approve": "approved", "deny": "denied", "refer": "referred"}


def _robust(report: AmbiguityReport) -> Iterator[Line]:
    if not report.missing:
        yield Line("text", "No missing document would have every interpretation approve.")
        return
    yield Line("heading", "What documents would have to show for every interpretation to approve")
    for missing in report.missing:
        yield Line("item", _missing(missing))
    if report.more_missing:
        yield Line("text", "... and more (--first 0 lists all)")


def _missing(missing: MissingSet) -> str:
    requirements = "; ".join(
        f"{requirement.text} [{', '.join(requirement.criteria)}]" for requirement in missing.requirements
    )
    return f"{requirements} ({cost_in_words(missing.cost, missing.documents, missing.unshown)})"


# Markdown

_SPECIAL = re.compile(r"([\\*_\[\]<>#|])")
_MARKS = {"title": "## ", "heading": "### ", "item": "- ", "detail": "  - ", "text": ""}


def as_markdown(lines: Iterable[Line]) -> str:
    """The lines as Markdown, for a page or a review."""
    told: list[str] = []
    previous = ""
    for line in lines:
        listed = line.kind in ("item", "detail")
        if told and not (listed and previous in ("item", "detail")):
            told.append("")
        mark = f"`{line.mark}` " if line.mark else ""
        told.append(_MARKS[line.kind] + mark + _escaped(line.text))
        previous = line.kind
    return "\n".join(told)


def _escaped(text: str) -> str:
    """Text with what Markdown would take for its own made plain, but for names in backquotes."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return _SPECIAL.sub(r"\\\1", text.replace("`", "'"))
    return "`".join(piece if index % 2 else _SPECIAL.sub(r"\\\1", piece) for index, piece in enumerate(pieces))
