"""Published evidence, and checks of it, as lines for a reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from pyclingo_bridge.core.decision import Evidence, Status, statement_text
from pyclingo_bridge.explain.analysis import Line, counted
from pyclingo_bridge.explain.decision import STATUS_WORDS
from pyclingo_bridge.published.answers import (
    Aspect,
    Backing,
    Cited,
    CriterionEvidence,
    EvidenceReport,
    Figure,
    Remark,
    Result,
    StudyCheck,
    StudyEvidence,
    TrialCriterion,
)
from pyclingo_bridge.published.study import NOT_EVALUABLE

DISCLAIMER = "It tells of groups of patients. It predicts nothing for one, and changes no decision."

_INCLUSION: dict[Status, str] = {
    "met": "this patient is one whom the study could have taken in, by its key conditions",
    "not_met": "this patient is outside of those whom the study took in",
    "undocumented": "documents do not tell whether the study could have taken this patient in",
    "conflicting": "documents contradict each other on whether the study could have taken this patient in",
}

_DECISIVE: dict[Status, tuple[str, ...]] = {
    "met": ("supports",),
    "not_met": ("refutes",),
    "undocumented": (),
    "conflicting": ("supports", "refutes"),
}
"""What is told of a criterion that stands so, unless everything is."""


def evidence_lines(report: EvidenceReport, full: bool = False) -> Iterator[Line]:
    """The evidence beside a decision, study by study, then criterion by criterion.

    Args:
        report: the evidence.
        full: tell every result, not only those told first.
    """
    if not report.studies:
        yield Line("heading", "No study of this policy's drug is held here.")
    for study in report.studies:
        yield from _study_lines(study, full)
    yield from _criteria_lines(report)
    yield from _literature_lines(report.literature)
    yield Line("heading", DISCLAIMER)


def _study_lines(study: StudyEvidence, full: bool) -> Iterator[Line]:
    yield Line("heading", f"{study.title}: {study.source}")
    yield Line("heading", f"Population: {_INCLUSION[study.inclusion]}")
    for criterion in study.criteria:
        if full or criterion.status != "met":
            yield from _criterion_lines(criterion, full)
    met = [one.id for one in study.criteria if one.status == "met"]
    if met and not full:
        yield Line("text", f"Met: {', '.join(met)}.")
    if study.not_studied:
        yield Line("heading", "Not studied of this patient")
        for one in study.not_studied:
            yield Line("item", f"{one.text} ({one.criterion}; {'; '.join(one.places)})")
    if study.results:
        yield from _result_lines(study, full)
    elif study.inclusion == "not_met":
        text = "No result of the study is one on patients like this one."
        yield Line("heading", text)
    yield from _told_lines("Cautions", study.cautions)


def _criterion_lines(criterion: TrialCriterion, full: bool) -> Iterator[Line]:
    status = STATUS_WORDS[criterion.status]
    yield Line("item", f"[{status}] {criterion.id} {criterion.label} ({criterion.locator})")
    if criterion.set_aside:
        yield Line("detail", "set aside: it is of the time before treatment, or changed by it")
    effects = ("supports", "refutes", "silent") if full else _DECISIVE[criterion.status]
    told = (_said(entry) for entry in criterion.evidence if entry.effect in effects)
    yield from (Line("detail", text) for text in dict.fromkeys(told))


def _said(entry: Evidence) -> str:
    who = f"{entry.document}, {entry.date}" if entry.document else "the request form"
    return f"{who}: {statement_text(entry.attribute, entry.value, entry.details)}"


def _told_lines(heading: str, told: Iterable[Remark]) -> Iterator[Line]:
    told = list(told)
    if told:
        yield Line("heading", heading)
        yield from (Line("item", f"{one.text} ({'; '.join(one.places)})") for one in told)


def _result_lines(study: StudyEvidence, full: bool) -> Iterator[Line]:
    if study.inclusion == "met":
        yield Line("heading", "Results on patients like this one")
    else:
        yield Line("heading", "Results that would be on patients like this one, if documents bore it out")
    shown = [one for one in study.results if one.chapter is not None]
    for chapter, results in groupby(shown, key=lambda one: one.chapter):
        yield Line("item", f"{chapter}")
        yield from (Line("detail", result_text(one, full)) for one in results)
    rest = [one for one in study.results if one.chapter is None]
    if full and rest:
        yield Line("item", "Further")
        yield from (Line("detail", result_text(one, full)) for one in rest)
    elif rest:
        yield Line("text", f"{counted(len(rest), 'further result')}: --full tells all.")
    if any(figure.printed == NOT_EVALUABLE for one in shown for figure in one.figures):
        yield Line("text", f"{NOT_EVALUABLE}: could not be evaluated.")
    yield from _told_lines("Told of without numbers", study.without_numbers)
    if study.unknown:
        yield Line("heading", "Not known of this patient, though results are told by it")
        yield from (Line("item", text) for text in study.unknown)


def result_text(result: Result, full: bool = False) -> str:
    """A result in one line: what, of whom, how much, and where it stands.

    Args:
        result: the result.
        full: tell every place of every number; otherwise the one that prints the most of them.
    """
    marked = "; exploratory" if result.exploratory else ""
    marked += "".join(f"; {remark}" for remark in result.remarks)
    told = list(_numbers(result))
    if full:
        numbers = ", ".join(f"{text} ({'; '.join(places)})" for text, places in told if places)
        rest = "".join(f", {text}" for text, places in told if not places)
        return f"{result.label}: {numbers}{rest}{marked}"
    numbers = ", ".join(text for text, _ in told)
    return f"{result.label}: {numbers} ({_best(result)}{marked})"


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
        of = "" if count else f" of {_whom(result)}"
        yield f"{share.printed}%{of}", share.places
    for part, name in (("median", "median "), ("estimate", "")):
        one = next((figure for figure in result.figures if figure.part == part), None)
        if one:
            yield f"{name}{_with_unit(one)}", one.places
    for ends, name in ((("low", "high"), "95% CI"), (("range_low", "range_high"), "range")):
        found = [figure for figure in result.figures if figure.part in ends]
        if len(found) == 2:
            yield f"{name} {found[0].printed} to {found[1].printed}", found[0].places
    if not count and not share and result.patients is not None:
        yield f"n = {result.patients}, {result.group}", ()


def _whom(result: Result) -> str:
    if result.patients is None:
        return "a group whose size is not told"
    return str(result.patients)


def _with_unit(figure: Figure) -> str:
    if figure.unit == "percent":
        return f"{figure.printed}%"
    return f"{figure.printed} {figure.unit}"


# Criteria


def _criteria_lines(report: EvidenceReport) -> Iterator[Line]:
    if not report.criteria:
        return
    yield Line("heading", "What stands behind the criteria")
    for criterion in report.criteria:
        if criterion.backing or not criterion.divided:
            status = STATUS_WORDS[criterion.status]
            yield Line("item", f"[{status}] {criterion.id} {criterion.label}")
            yield from _backing_lines(criterion, report)


def _backing_lines(criterion: CriterionEvidence, report: EvidenceReport) -> Iterator[Line]:
    titles = {study.study: study.brief for study in report.studies}
    for backing in criterion.backing:
        yield Line("detail", _backing_text(backing, titles[backing.study]))
    if not criterion.backing:
        yield Line("detail", "no evidence here")


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
    "no": "the report held here does not bear the request out",
    "untold": "documents do not tell whether the report held here bears the request out",
}

_ASPECTS = {
    "yes": "the same",
    "no": "differs",
    "untold": "not documented",
    "contradicted": "documents disagree",
    "set_aside": "reduced on treatment, as in the study",
}


def _literature_lines(cited: Iterable[Cited]) -> Iterator[Line]:
    cited = list(cited)
    if not cited:
        return
    yield Line("heading", "Literature in the case")
    for one in cited:
        if one.answer is None:
            near = f"; did you mean `{one.nearest}`?" if one.nearest else ""
            text = f"`{one.document}` names `{one.name}`: no results of it are held here{near}"
            yield Line("item", text)
            continue
        for_what = f", for {', '.join(one.criteria)}," if one.criteria else ""
        text = f"`{one.document}`{for_what} names `{one.name}`: {_ANSWERS[one.answer]}"
        yield Line("item", text)
        yield from (Line("detail", _aspect_text(aspect)) for aspect in one.aspects)
        if one.otherwise:
            unmet = ", ".join(one.otherwise)
            yield Line("detail", f"but it is of other patients: {unmet} not met")


def _aspect_text(aspect: Aspect) -> str:
    studied = "; ".join(f"{one.text} ({'; '.join(one.places)})" for one in aspect.studied)
    return f"{aspect.name}: {_ASPECTS[aspect.answer]}; it studied {studied}"


# Checks of a report


def study_check_lines(check: StudyCheck, full: bool = False) -> Iterator[Line]:
    """A check of a report's numbers.

    Args:
        check: the check.
        full: tell everything that was confirmed, not only how much.
    """
    yield Line("title", f"{check.study}: {check.title}")
    numbers = counted(check.numbers, "printed number")
    text = f"{check.source}: {numbers}, of which {check.checked} can be held to others."
    yield Line("text", text)
    yield Line("heading", f"What does not agree: {counted(len(check.findings), 'finding')}")
    for finding in check.findings:
        yield Line("item", finding.text)
        yield Line("detail", "; ".join(finding.places))
    yield Line("heading", f"What agrees: {counted(len(check.confirmed), 'check')}")
    for kind, found in groupby(check.confirmed, key=lambda one: one.kind):
        confirmed = list(found)
        yield Line("item", f"{_KINDS[kind]}: {len(confirmed)}")
        if full or kind in ("interval", "fit", "halves"):
            for one in confirmed:
                yield Line("detail", f"{one.text} ({'; '.join(one.places)})")
    if check.not_recomputed:
        intervals = counted(len(check.not_recomputed), "interval")
        yield Line("heading", f"What was not recomputed, as it takes SciPy: {intervals}")
        yield from (Line("item", text) for text in check.not_recomputed)
    if check.left_out:
        checks = counted(len(check.left_out), "more check")
        yield Line("heading", f"What was not checked, as it takes SciPy: {checks}")
        yield from (Line("item", text) for text in check.left_out)
    yield Line("heading", "What nothing here can check")
    shown = check.unreached if full else check.unreached[:3]
    yield from (Line("item", text) for text in shown)
    if len(shown) < len(check.unreached):
        left = counted(len(check.unreached) - len(shown), "more quantity", "more quantities")
        yield Line("text", f"{left}: --full tells all.")
    yield from _told_lines("What a reader should know", check.remarks)


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
    "median": "medians that follow from the numbers told",
}
