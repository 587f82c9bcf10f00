"""Checks and comparisons of policies, and a case under every interpretation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

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
from pyclingo_bridge.core.decision import PolicyInfo
from pyclingo_bridge.explain.phrases import (
    DONE,
    MORE,
    choices_text,
    counted,
    missing_text,
    outcome_text,
)
from pyclingo_bridge.explain.report import (
    Block,
    Column,
    Gap,
    Heading,
    Item,
    Paragraph,
    Table,
    Title,
    detailed,
    section,
)
from pyclingo_bridge.explain.view import PLAIN, View

_HEADINGS: dict[Severity, str] = {
    "error": "Errors",
    "warning": "Warnings",
    "info": "For the reader",
}


# Checks


def check_report(
    check: CheckReport, brief: bool = False, full: bool = False, view: View = PLAIN
) -> Iterator[Block]:
    """A check: the findings, the gravest first, then what was asked, in a line.

    Args:
        check: the check.
        brief: the findings alone, without the cases that show them.
        full: also the cases that show remarks, and every question that was asked.
        view: the words for names.
    """
    by_severity = {severity: _of(check, severity) for severity in SEVERITIES}
    names = {"error": "error", "warning": "warning", "info": "remark"}
    totals = ", ".join(counted(len(found), names[severity]) for severity, found in by_severity.items())
    yield Title(f"{check.name}: {totals}", check.gravest())
    if check.policy:
        yield Paragraph(f"{check.policy.document}, revision {check.policy.revision}", apart=False)
        yield from _settings(check.interpretations, view)
    for severity, findings in by_severity.items():
        shown = not brief and (full or severity != "info")
        entries = (_finding(finding, shown, check.interpretations, view) for finding in findings)
        yield from section(_HEADINGS[severity], entries, severity)
    if not brief:
        yield from _asked(check, full)
    yield from _left_out(check.left_out)


def _settings(interpretations: Mapping[str, str], view: View, whose: str = "") -> Iterator[Block]:
    settings = view.settings(interpretations)
    if settings:
        yield Paragraph(f"Interpretations{whose}: {settings}", apart=False)


def _of(check: CheckReport, severity: Severity) -> list[Finding]:
    return [finding for finding in check.findings if finding.severity == severity]


def _finding(finding: Finding, shown: bool, interpretations: Mapping[str, str], view: View) -> Item:
    details = [f"why: {finding.because}"] if finding.because else []
    items = [Item(text, bullet=False) for text in (*details, *_where(finding))]
    if finding.witness and shown:
        items += _witness(finding.witness, interpretations, view=view)
    return Item(f"{finding.kind}: {finding.text}", tuple(items))


def _where(entry: Finding | Difference) -> list[str]:
    return [f"where: {'; '.join(entry.locators)}"] if entry.locators else []


def _asked(check: CheckReport, full: bool) -> Iterator[Block]:
    """What was asked: in a line how much, or each question with how it came out."""
    if not check.proofs:
        return
    heading = "What was asked, of every case there can be"
    if full:
        proofs = (
            f"{proof.question} {counted(proof.found, 'finding') if proof.found else 'nothing found'} "
            f"({proof.kind}, asked {counted(proof.asked, 'time')})"
            for proof in check.proofs
        )
        yield from section(heading, proofs)
        return
    asked = sum(proof.asked for proof in check.proofs)
    clean = sum(not proof.found for proof in check.proofs)
    yield Gap()
    yield Paragraph(
        f"{heading}: {counted(len(check.proofs), 'kind')} of questions, {asked:,} in all; {clean} kinds found "
        "nothing (--full lists them, and a case for each remark)."
    )


def _left_out(left_out: Iterable[str], not_compared: Collection[str] = ()) -> Iterator[Block]:
    yield from section("What was not compared", not_compared)
    yield from section("What was left out", (entry for entry in left_out if entry not in not_compared))


# Witnesses


def _witness(
    witness: Witness,
    interpretations: Mapping[str, str] | None = None,
    names: Sequence[str] = (),
    view: View = PLAIN,
) -> Iterator[Item]:
    """A case and what is decided of it, by policies of these names if there are two."""
    lines = [Item(text, bullet=False) for text in case_lines(witness.case, view)]
    yield Item(f"case {witness.case['id']}", tuple(lines), bullet=False)
    called = names or [verdict.policy for verdict in witness.verdicts]
    for name, verdict in zip(called, witness.verdicts, strict=True):
        who = _who(verdict, name, witness.verdicts, interpretations)
        yield Item(f"{who}: {outcome_text(verdict)}", bullet=False)


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


def case_lines(case: Mapping[str, Any], view: View = PLAIN) -> Iterator[str]:
    """A case for a reader: what the form says, then what each document states, a line each."""
    yield f"request form: {_values(case['request'], view)}"
    for document in case["documents"]:
        yield f"{view.name(document['type'])} ({document['date']}): {_values(document['states'], view)}"
    if not case["documents"]:
        yield "no documents"


def _values(stated: Mapping[str, Any], view: View) -> str:
    return "; ".join(view.statement(name, value) for name, value in stated.items())


# Comparisons

_RELATIONS = {
    "equivalent": "approve the same cases",
    "stricter": "the first approves only some of what the second does",
    "looser": "the first approves all that the second does, and more",
    "incomparable": "each approves cases that the other does not",
    "disjoint": "no case is approved by both",
    "not_compared": "alike in all cases that were compared, and not all were",
}


def comparison_report(
    comparison: Comparison, brief: bool = False, views: Sequence[View] = (PLAIN, PLAIN)
) -> Iterator[Block]:
    """A comparison: what changes for whom, by the clause that causes it.

    Args:
        comparison: the comparison.
        brief: the differences alone, without the cases that show them.
        views: each policy's words, and how its ambiguities are read by default.
    """
    names = _names(comparison)
    compared = ", in the cases that were compared" if comparison.not_compared else ""
    relation = _RELATIONS[comparison.relation] + compared * (comparison.relation != "not_compared")
    yield Title(f"{names[0]} against {names[1]}: {relation}")
    for name, info in zip(names, (comparison.first, comparison.second), strict=True):
        yield Paragraph(f"{name}: {info.document}, revision {info.revision}", apart=False)
    yield from _differing_settings(comparison, names, views)
    differing = (difference.text for difference in comparison.vocabulary)
    yield from section("Where the vocabularies differ", differing)
    yield from _differences(comparison, names, brief, views[1])
    pairs_of_sections = (_sections(pair, names, compared) for pair in comparison.sections)
    yield from section("Section by section", pairs_of_sections)
    yield from section(f"Asked by {names[0]} alone", comparison.requirements_of_first)
    yield from section(f"Asked by {names[1]} alone", comparison.requirements_of_second)
    yield from _left_out(comparison.left_out, comparison.not_compared)


def _differing_settings(comparison: Comparison, names: Sequence[str], views: Sequence[View]) -> Iterator[Block]:
    """The interpretations that the two do not share, and those that are not the default."""
    both = comparison.interpretations
    for name, view, mine, others in zip(names, views, both, reversed(both), strict=True):
        unlike = {word for word, value in mine.items() if others.get(word, value) != value}
        default = view.defaults or mine
        shown = {
            word: value
            for word, value in mine.items()
            if view.verbose or word in unlike or default.get(word, value) != value
        }
        if shown:
            text = f"Interpretations of {name}: {choices_text(dict(sorted(shown.items())))}"
            yield Paragraph(text, apart=False)


def _names(comparison: Comparison) -> list[str]:
    """The two policies' names as the differences use them."""
    first, second = comparison.first, comparison.second
    if first.name != second.name:
        return [first.name, second.name]
    if first.revision != second.revision:
        return [f"{first.name} of {first.revision}", f"{second.name} of {second.revision}"]
    return [f"{first.name} (first)", f"{second.name} (second)"]


def _differences(comparison: Comparison, names: Sequence[str], brief: bool, view: View) -> Iterator[Block]:
    if not comparison.differences:
        which = " that was compared" if comparison.not_compared else ""
        yield Paragraph(f"No case{which} is decided differently.")
    for favored in dict.fromkeys(entry.favors for entry in comparison.differences if entry.favors):
        other = next(name for name in names if name != favored)
        # From the first to the second: what the second alone approves is added.
        mark: Literal["-", "+"] = "-" if favored == names[0] else "+"
        entries = [entry for entry in comparison.differences if entry.favors == favored]
        approves = f"{favored} approves, {other} does not"
        yield from section(approves, (_difference(mark, entry, brief, names, view) for entry in entries))
    rest = (
        _difference("~", entry, brief, names, view) for entry in comparison.differences if entry.favors is None
    )
    yield from section("What else differs", rest)


def _difference(
    mark: Literal["-", "+", "~"], entry: Difference, brief: bool, names: Sequence[str], view: View
) -> Item:
    items = [Item(text, bullet=False) for text in _where(entry)]
    if not brief:
        items += _witness(entry.witness, names=names, view=view)
    return Item(entry.text.split(", for want of ", 1)[-1], tuple(items), mark)


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


def ambiguity_report(
    ambiguities: AmbiguityReport, view: View = PLAIN, questions: Mapping[str, str] | None = None
) -> Iterator[Block]:
    """A case under every interpretation.

    Args:
        ambiguities: the answer.
        view: the words for names.
        questions: what each ambiguity leaves open.
    """
    outcomes = {result.outcome for result in ambiguities.results}
    approved = _APPROVED[ambiguities.approved]
    if ambiguities.approved == "none" and len(outcomes) == 1:
        approved = f"{DONE[min(outcomes)]} under every interpretation"
    yield Title(f"{ambiguities.case}: {approved}")
    number = counted(ambiguities.combinations, "combination")
    yield Paragraph(f"Policy {ambiguities.policy.name}, {number} of interpretations.", apart=False)
    if ambiguities.combinations == 1:
        yield Paragraph("There is nothing to interpret: the policy names no ambiguity of its wording.")
    if ambiguities.turns_on:
        asked = questions or {}
        yield from section(
            "It depends on how the wording is interpreted",
            (f"{name}: {asked[name]}" if name in asked else name for name in ambiguities.turns_on),
        )
        for result in ambiguities.results:
            yield Heading(f"{result.outcome}: {counted(result.combinations, 'combination')}")
            yield from (Item(f"wherever {choices_text(chosen)}") for chosen in result.interpretations)
    if ambiguities.approved != "every":
        yield from _for_every_interpretation(ambiguities, view)
    yield from _left_out(ambiguities.left_out)


def _for_every_interpretation(ambiguities: AmbiguityReport, view: View) -> Iterator[Block]:
    if not ambiguities.missing:
        yield Paragraph("No missing document would have every interpretation approve.")
        return
    heading = "What documents would have to show for every interpretation to approve"
    least = min(missing.cost for missing in ambiguities.missing)
    yield from section(heading, (missing_text(missing, least, view) for missing in ambiguities.missing))
    if ambiguities.more_missing:
        yield Paragraph(MORE)


# Policies


class Listing(NamedTuple):
    """A policy in the list of policies.

    Attributes:
        info: which it is, and from which source.
        ambiguities: each ambiguity of its wording: what is open, and its interpretations with what each
            means, the default first.
    """

    info: PolicyInfo
    ambiguities: Mapping[str, tuple[str, Mapping[str, str]]]


def policies_report(listings: Sequence[Listing], full: bool = False) -> Iterator[Block]:
    """Policies in a table.

    Args:
        listings: the policies.
        full: also how each ambiguity of their wording can be read.
    """
    yield Title(counted(len(listings), "policy", "policies"))
    yield Table(
        "",
        (Column("Policy", "name"), Column("About"), Column("Source"), Column("Ambiguities", "number")),
        tuple(
            (
                one.info.name,
                one.info.title,
                f"{one.info.document}, revision {one.info.revision}",
                str(len(one.ambiguities) or ""),
            )
            for one in listings
        ),
    )
    if not full:
        yield Gap()
        yield Paragraph("--full lists the ambiguities of the wording, and how each can be interpreted.")
        return
    for one in listings:
        items = (_ambiguity(name, *known) for name, known in one.ambiguities.items())
        yield from section(f"How the wording of {one.info.name} can be interpreted (--interpret)", items)


def _ambiguity(name: str, question: str, alternatives: Mapping[str, str]) -> Item:
    default = next(iter(alternatives))
    lines = (
        f"{name}={value}{' (default)' if value == default else ''}: {text}"
        for value, text in alternatives.items()
    )
    return detailed(question, lines)
