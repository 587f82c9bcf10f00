"""Checks and comparisons of policies, and a case under every interpretation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pyclingo_bridge.analysis.findings import (
    SEVERITIES,
    CheckReport,
    Comparison,
    Difference,
    Finding,
    SectionRelation,
    Severity,
    Verdict,
    Witness,
)
from pyclingo_bridge.analysis.interpretations import AmbiguityReport
from pyclingo_bridge.core.decision import PolicyInfo, value_text
from pyclingo_bridge.explain.phrases import (
    DONE,
    MORE,
    choices_text,
    counted,
    missing_text,
    outcome_text,
    policy_text,
)
from pyclingo_bridge.explain.report import (
    Block,
    Heading,
    Item,
    Paragraph,
    Title,
    detailed,
    section,
)

_HEADINGS: dict[Severity, str] = {
    "error": "Errors",
    "warning": "Warnings",
    "info": "For the reader",
}


# Checks


def check_report(check: CheckReport, brief: bool = False) -> Iterator[Block]:
    """A check, the gravest findings first, then everything that was asked.

    Args:
        check: the check.
        brief: the findings alone, without the cases that show them.
    """
    by_severity = {severity: _of(check, severity) for severity in SEVERITIES}
    names = {"error": "error", "warning": "warning", "info": "remark"}
    totals = ", ".join(counted(len(found), names[severity]) for severity, found in by_severity.items())
    yield Title(f"{check.name}: {totals}", check.gravest())
    if check.policy:
        yield Paragraph(policy_text(check.policy))
        if check.interpretations:
            yield Paragraph(f"Interpretations: {choices_text(check.interpretations)}.")
    for severity, findings in by_severity.items():
        entries = (_finding(finding, brief, check.interpretations) for finding in findings)
        yield from section(_HEADINGS[severity], entries, severity)
    if not brief:
        proofs = (
            f"{proof.question} {counted(proof.found, 'finding') if proof.found else 'nothing found'} "
            f"({proof.kind}, {proof.asked} asked)"
            for proof in check.proofs
        )
        yield from section("What was asked, of every case there can be", proofs)
    yield from _left_out(check.left_out)


def _of(check: CheckReport, severity: Severity) -> list[Finding]:
    return [finding for finding in check.findings if finding.severity == severity]


def _finding(finding: Finding, brief: bool, interpretations: Mapping[str, str]) -> Item:
    details = [f"why: {finding.because}"] if finding.because else []
    details += _where(finding)
    if finding.witness and not brief:
        details += _witness(finding.witness, interpretations)
    return detailed(f"{finding.kind}: {finding.text}", details)


def _where(entry: Finding | Difference) -> list[str]:
    return [f"where: {'; '.join(entry.locators)}"] if entry.locators else []


def _left_out(left_out: Iterable[str], not_compared: Collection[str] = ()) -> Iterator[Block]:
    yield from section("What was not compared", not_compared)
    yield from section("What was left out", (entry for entry in left_out if entry not in not_compared))


# Witnesses


def _witness(
    witness: Witness, interpretations: Mapping[str, str] | None = None, names: Sequence[str] = ()
) -> Iterator[str]:
    """A case and what is decided of it, by policies of these names if there are two."""
    yield f"case {witness.case['id']}: {case_text(witness.case)}"
    called = names or [verdict.policy for verdict in witness.verdicts]
    for name, verdict in zip(called, witness.verdicts, strict=True):
        yield f"{_who(verdict, name, witness.verdicts, interpretations)}: {outcome_text(verdict)}"


def _who(
    verdict: Verdict,
    name: str,
    verdicts: tuple[Verdict, ...],
    interpretations: Mapping[str, str] | None,
) -> str:
    """The policy that decided, or its interpretations that the others, or what was asked for, do not have."""
    differing = {
        word: value
        for word, value in verdict.interpretations.items()
        if any(each.interpretations.get(word, value) != value for each in verdicts)
        or (interpretations is not None and interpretations.get(word, value) != value)
    }
    if len({each.policy for each in verdicts}) > 1 or not differing:
        return f"decided by {name}"
    return f"decided with {choices_text(dict(sorted(differing.items())))}"


def case_text(case: Mapping[str, Any]) -> str:
    """A case in one line: what the form says, then what documents state."""
    documents = [
        f"{document['type']} ({document['date']}): {_values(document['states'])}"
        for document in case["documents"]
    ]
    return "; ".join([f"form: {_values(case['request'])}", *(documents or ["no documents"])])


def _values(stated: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value_text(value)}" for name, value in stated.items())


# Comparisons

_RELATIONS = {
    "equivalent": "approve the same cases",
    "stricter": "the first approves only some of what the second does",
    "looser": "the first approves all that the second does, and more",
    "incomparable": "each approves cases that the other does not",
    "disjoint": "no case is approved by both",
    "not_compared": "alike in all cases that were compared, and not all were",
}


def comparison_report(comparison: Comparison, brief: bool = False) -> Iterator[Block]:
    """A comparison: what changes for whom, by the clause that causes it.

    Args:
        comparison: the comparison.
        brief: the differences alone, without the cases that show them.
    """
    names = _names(comparison)
    compared = ", in the cases that were compared" if comparison.not_compared else ""
    relation = _RELATIONS[comparison.relation] + compared * (comparison.relation != "not_compared")
    yield Title(f"{names[0]} against {names[1]}: {relation}")
    for info, interpretations in zip(
        (comparison.first, comparison.second), comparison.interpretations, strict=True
    ):
        yield Paragraph(policy_text(info, interpretations))
    differing = (difference.text for difference in comparison.vocabulary)
    yield from section("Where the vocabularies differ", differing)
    yield from _differences(comparison, names, brief)
    pairs_of_sections = (_sections(pair, names, compared) for pair in comparison.sections)
    yield from section("Section by section", pairs_of_sections)
    yield from section(f"Asked by {names[0]} alone", comparison.requirements_of_first)
    yield from section(f"Asked by {names[1]} alone", comparison.requirements_of_second)
    yield from _left_out(comparison.left_out, comparison.not_compared)


def _names(comparison: Comparison) -> list[str]:
    """The two policies' names as the differences use them."""
    first, second = comparison.first, comparison.second
    if first.name != second.name:
        return [first.name, second.name]
    if first.revision != second.revision:
        return [f"{first.name} of {first.revision}", f"{second.name} of {second.revision}"]
    return [f"{first.name} (first)", f"{second.name} (second)"]


def _differences(comparison: Comparison, names: Sequence[str], brief: bool) -> Iterator[Block]:
    if not comparison.differences:
        which = " that was compared" if comparison.not_compared else ""
        yield Paragraph(f"No case{which} is decided differently.")
    for favored in dict.fromkeys(entry.favors for entry in comparison.differences if entry.favors):
        other = next(name for name in names if name != favored)
        # From the first to the second: what the second alone approves is added.
        mark: Literal["-", "+"] = "-" if favored == names[0] else "+"
        entries = [entry for entry in comparison.differences if entry.favors == favored]
        approves = f"{favored} approves, {other} does not"
        yield from section(approves, (_difference(mark, entry, brief, names) for entry in entries))
    rest = (_difference("~", entry, brief, names) for entry in comparison.differences if entry.favors is None)
    yield from section("What else differs", rest)


def _difference(mark: Literal["-", "+", "~"], entry: Difference, brief: bool, names: Sequence[str]) -> Item:
    details = [*_where(entry), *([] if brief else _witness(entry.witness, names=names))]
    return detailed(entry.text.split(", for want of ", 1)[-1], details, mark)


def _sections(pair: SectionRelation, names: Sequence[str], compared: str) -> str:
    if not pair.relation:
        return f"{pair.first or pair.second}: in {names[not pair.first]} alone"
    relation = (
        "not compared; no case that was compared meets either"
        if pair.relation == "not_compared"
        else f"{pair.relation}{compared}"
    )
    return f"{pair.first} against {pair.second}: {relation}"


# Interpretations

_APPROVED = {
    "every": "approved under every interpretation",
    "some": "approved under some interpretations",
    "none": "approved under no interpretation",
}


def ambiguity_report(ambiguities: AmbiguityReport) -> Iterator[Block]:
    """A case under every interpretation."""
    outcomes = {result.outcome for result in ambiguities.results}
    approved = _APPROVED[ambiguities.approved]
    if ambiguities.approved == "none" and len(outcomes) == 1:
        approved = f"{DONE[min(outcomes)]} under every interpretation"
    yield Title(f"{ambiguities.case}: {approved}")
    number = counted(ambiguities.combinations, "combination")
    yield Paragraph(f"Policy {ambiguities.policy.name}, {number} of interpretations.")
    if ambiguities.turns_on:
        yield Paragraph(f"It depends on {', '.join(ambiguities.turns_on)}.")
        for result in ambiguities.results:
            yield Heading(f"{result.outcome}: {counted(result.combinations, 'combination')}")
            yield from (Item(f"wherever {choices_text(chosen)}") for chosen in result.interpretations)
    if ambiguities.approved != "every":
        yield from _for_every_interpretation(ambiguities)
    yield from _left_out(ambiguities.left_out)


def _for_every_interpretation(ambiguities: AmbiguityReport) -> Iterator[Block]:
    if not ambiguities.missing:
        yield Paragraph("No missing document would have every interpretation approve.")
        return
    heading = "What documents would have to show for every interpretation to approve"
    yield from section(heading, map(missing_text, ambiguities.missing))
    if ambiguities.more_missing:
        yield Paragraph(MORE)


def policy_report(info: PolicyInfo, alternatives: Mapping[str, Sequence[str]]) -> Iterator[Block]:
    """A policy's name and source, and the interpretations of each ambiguity, the default first."""
    yield Title(f"{info.name}: {info.title}")
    yield Item(f"{info.document}, revision {info.revision}", bullet=False)
    for name, (default, *others) in alternatives.items():
        yield Item(f"--interpret {name}={default} (default), or {', '.join(others)}", bullet=False)
