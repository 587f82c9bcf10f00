"""Published evidence, and checks of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from pyclingo_bridge.core.decision import Status
from pyclingo_bridge.explain.phrases import counted, source_text
from pyclingo_bridge.explain.report import (
    STATUS_WORDS,
    Block,
    Heading,
    Item,
    Paragraph,
    Title,
    detailed,
    section,
)
from pyclingo_bridge.explain.view import PLAIN, View
from pyclingo_bridge.published.answers import (
    Aspect,
    Backing,
    Cited,
    EvidenceReport,
    Figure,
    Remark,
    Result,
    StudyCheck,
    StudyEvidence,
    TrialCriterion,
)
from pyclingo_bridge.published.printed import NOT_EVALUABLE

DISCLAIMER = "This describes groups of patients. It predicts nothing for one of them, and changes no decision."

_INCLUSION: dict[Status, str] = {
    "met": "this patient could have been enrolled in the study, by its key conditions",
    "not_met": "this patient is outside the population of the study",
    "undocumented": "documents do not show whether this patient could have been enrolled",
    "conflicting": "documents contradict each other on whether this patient could have been enrolled",
}

_DECISIVE: dict[Status, tuple[str, ...]] = {
    "met": ("supports",),
    "not_met": ("refutes",),
    "undocumented": (),
    "conflicting": ("supports", "refutes"),
}
"""What is shown of a criterion with this status, unless everything is."""


def evidence_report(report: EvidenceReport, full: bool = False, view: View = PLAIN) -> Iterator[Block]:
    """The evidence for a decision, study by study, then criterion by criterion.

    Args:
        report: the evidence.
        full: every result, not only those shown first.
        view: the words for names.
    """
    if not report.studies:
        yield Heading("No study of this policy's drug is held here.")
    for study in report.studies:
        yield from _study(study, full, view)
    yield from section("Evidence behind the criteria", _criteria(report))
    yield from section("Literature in the case", map(_cited, report.literature))
    yield Heading(DISCLAIMER)


def _study(study: StudyEvidence, full: bool, view: View) -> Iterator[Block]:
    yield Heading(f"{study.title}: {study.source}")
    yield Heading(f"Population: {_INCLUSION[study.inclusion]}")
    for criterion in study.criteria:
        if full or criterion.status != "met":
            yield _criterion(criterion, full, view)
    met = [one.id for one in study.criteria if one.status == "met"]
    if met and not full:
        yield Paragraph(f"Met: {', '.join(met)}.")
    not_studied = (f"{one.text} ({one.criterion}; {'; '.join(one.places)})" for one in study.not_studied)
    yield from section("Not studied of this patient", not_studied)
    if study.results:
        yield from _results(study, full)
    elif study.inclusion == "not_met":
        yield Heading("No result of the study is one on patients like this one.")
    yield from section("Cautions", map(_placed, study.cautions))


def _criterion(criterion: TrialCriterion, full: bool, view: View) -> Item:
    details = ["set aside: it is of the time before treatment, or changed by it"] * criterion.set_aside
    effects = ("supports", "refutes", "silent") if full else _DECISIVE[criterion.status]
    said = (source_text(one, "the request form", view) for one in criterion.evidence if one.effect in effects)
    status = STATUS_WORDS[criterion.status]
    return detailed(
        f"[{status}] {criterion.id} {criterion.label} ({criterion.locator})",
        [*details, *dict.fromkeys(said)],
    )


def _placed(statement: Remark) -> str:
    return f"{statement.text} ({'; '.join(statement.places)})"


def _results(study: StudyEvidence, full: bool) -> Iterator[Block]:
    if study.inclusion == "met":
        yield Heading("Results on patients like this one")
    else:
        yield Heading(
            "Results for patients like this one, if documents confirm that this one could be enrolled"
        )
    shown = [one for one in study.results if one.chapter is not None]
    for chapter, results in groupby(shown, key=lambda one: one.chapter):
        yield detailed(f"{chapter}", (result_text(one, full) for one in results))
    rest = [one for one in study.results if one.chapter is None]
    if full and rest:
        yield detailed("Further", (result_text(one, full) for one in rest))
    elif rest:
        yield Paragraph(f"{counted(len(rest), 'further result')}: --full shows all.")
    if any(figure.printed == NOT_EVALUABLE for one in shown for figure in one.figures):
        yield Paragraph(f"{NOT_EVALUABLE}: could not be evaluated.")
    yield from section("Reported without numbers", map(_placed, study.without_numbers))
    yield from section("Not known of this patient, though results are reported by it", study.unknown)


def result_text(result: Result, full: bool = False) -> str:
    """A result in one line: what, of whom, how much, and its place in the report.

    Args:
        result: the result.
        full: every place of every number; otherwise the one that prints the most of them.
    """
    marked = "; exploratory" if result.exploratory else ""
    marked += "".join(f"; {remark}" for remark in result.remarks)
    numbers = list(_numbers(result))
    if full:
        placed = ", ".join(f"{text} ({'; '.join(places)})" for text, places in numbers if places)
        rest = "".join(f", {text}" for text, places in numbers if not places)
        return f"{result.label}: {placed}{rest}{marked}"
    texts = ", ".join(text for text, _ in numbers)
    return f"{result.label}: {texts} ({_best(result)}{marked})"


def _best(result: Result) -> str:
    places = Counter(place for one in result.figures for place in one.places)
    return places.most_common(1)[0][0]


def _numbers(result: Result) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The numbers of a result as a reader expects them, each with its places; no place for a size."""
    count, share = result.figure("count"), result.figure("share")
    whole = f" of {result.patients}" if result.patients is not None else ""
    if count:
        yield f"{count.printed}{whole}", count.places
    if share:
        size = "a group of unstated size" if result.patients is None else result.patients
        of = "" if count else f" of {size}"
        yield f"{share.printed}%{of}", share.places
    for part, name in (("median", "median "), ("estimate", "")):
        one = next((figure for figure in result.figures if figure.part == part), None)
        if one:
            yield f"{name}{_with_unit(one)}", one.places
    for ends, name in ((("low", "high"), "95% CI"), (("range_low", "range_high"), "range")):
        bounds = [figure for figure in result.figures if figure.part in ends]
        if len(bounds) == 2:
            yield f"{name} {bounds[0].printed} to {bounds[1].printed}", bounds[0].places
    if not count and not share and result.patients is not None:
        yield f"n = {result.patients}, {result.group}", ()


def _with_unit(figure: Figure) -> str:
    if figure.unit == "percent":
        return f"{figure.printed}%"
    return f"{figure.printed} {figure.unit}"


# Criteria


def _criteria(report: EvidenceReport) -> Iterator[Item]:
    titles = {study.study: study.brief for study in report.studies}
    for criterion in report.criteria:
        if criterion.backing or not criterion.divided:
            backing = [_backing_text(backing, titles[backing.study]) for backing in criterion.backing]
            status = STATUS_WORDS[criterion.status]
            text = f"[{status}] {criterion.id} {criterion.label}"
            yield detailed(text, backing or ["no evidence here"])


_BACKING = {
    "asked": "asked the same of its patients",
    "asked_less": "studied less than this covers",
    "measured": "measured it",
    "did": "treated its patients so",
}


def _backing_text(backing: Backing, title: str) -> str:
    remark = f"; {backing.remark}" if backing.remark else ""
    if backing.kind == "did":
        return f"{title} {_BACKING[backing.kind]}: {backing.remark} ({backing.places[0]})"
    of = backing.label if backing.kind == "measured" else f"{backing.of} {backing.label}"
    # A quantity is printed at many places; the first is enough to find it.
    place = backing.places[0] if backing.places else ""
    return f"{title} {_BACKING[backing.kind]}: {of} ({place}){remark}"


# Literature


_ANSWERS = {
    "yes": "the report held here is of this disease, dose and regimen",
    "no": "the report held here does not support the request",
    "untold": "documents do not show whether the report held here supports the request",
}

_ASPECTS = {
    "yes": "the same",
    "no": "differs",
    "untold": "not documented",
    "contradicted": "documents disagree",
    "set_aside": "reduced on treatment, as in the study",
}


def _cited(cited: Cited) -> Item:
    if cited.answer is None:
        near = f"; did you mean `{cited.nearest}`?" if cited.nearest else ""
        return Item(f"`{cited.document}` names `{cited.name}`: no results of it are held here{near}")
    for_what = f", for {', '.join(cited.criteria)}," if cited.criteria else ""
    details = [_aspect_text(aspect) for aspect in cited.aspects]
    if cited.otherwise:
        details.append(f"but it is of other patients: {', '.join(cited.otherwise)} not met")
    text = f"`{cited.document}`{for_what} names `{cited.name}`: {_ANSWERS[cited.answer]}"
    return detailed(text, details)


def _aspect_text(aspect: Aspect) -> str:
    studied = "; ".join(map(_placed, aspect.studied))
    return f"{aspect.name}: {_ASPECTS[aspect.answer]}; it studied {studied}"


# Checks of a report


def study_check_report(check: StudyCheck, full: bool = False) -> Iterator[Block]:
    """A check of a report's numbers.

    Args:
        check: the check.
        full: everything that was confirmed, not only how much.
    """
    yield Title(f"{check.study}: {check.title}")
    numbers = counted(check.numbers, "printed number")
    yield Paragraph(f"{check.source}: {numbers}, of which {check.checked} can be checked against others.")
    yield Heading(f"What does not agree: {counted(len(check.findings), 'finding')}")
    yield from (detailed(finding.text, ["; ".join(finding.places)]) for finding in check.findings)
    yield Heading(f"What agrees: {counted(len(check.confirmed), 'check')}")
    for kind, found in groupby(check.confirmed, key=lambda one: one.kind):
        confirmed = [f"{one.text} ({'; '.join(one.places)})" for one in found]
        listed = full or kind in ("interval", "fit", "halves")
        yield detailed(f"{_KINDS[kind]}: {len(confirmed)}", confirmed if listed else ())
    intervals = counted(len(check.not_recomputed), "interval")
    yield from section(f"What was not recomputed, as it takes SciPy: {intervals}", check.not_recomputed)
    checks = counted(len(check.left_out), "more check")
    yield from section(f"What was not checked, as it takes SciPy: {checks}", check.left_out)
    yield Heading("What nothing here can check")
    shown = check.unreached if full else check.unreached[:3]
    yield from map(Item, shown)
    if len(shown) < len(check.unreached):
        left = counted(len(check.unreached) - len(shown), "more quantity", "more quantities")
        yield Paragraph(f"{left}: --full shows all.")
    yield from section("What a reader should know", map(_placed, check.remarks))


_KINDS = {
    "share": "percentages that follow from their counts",
    "interval": "confidence intervals recomputed by the method of Clopper and Pearson",
    "fit": "percentages without a count that some count gives, with their intervals",
    "halves": "groups that can make up the whole",
    "parts": "parts that add up to their whole",
    "some": "parts that are no more than their whole",
    "either": "groups that overlap as they should",
    "counted_among": "groups that are no larger than what they are part of",
    "quoted": "numbers printed at several places, each time the same",
    "inside": "numbers inside of their interval or range",
    "later": "estimates that fall with time",
    "above": "intervals above their benchmark",
    "median": "medians that follow from the numbers given",
}
