"""What the library answers of published studies."""

from __future__ import annotations

from typing import Literal

from pyclingo_bridge.core.answer import AfterDecision
from pyclingo_bridge.core.decision import Answer, Evidence, Status

FigurePart = Literal["count", "share", "low", "high", "median", "range_low", "range_high", "estimate", "amount"]


class Figure(Answer):
    """A number that a report prints.

    Attributes:
        part: what it is of its quantity: a count of patients, a share of them, an end of the 95%
            confidence interval (low, high) or of the range, a median, a Kaplan-Meier estimate, or
            another amount.
        printed: the number as it is printed, without its unit; `NE` for an end of an interval that
            could not be evaluated; a `+` behind it where the value is censored.
        value: the number, in `unit`; None for `NE`, and for a date.
        unit: the unit: patients, percent, months, years, ...
        places: every place of the report where it is printed.
    """

    part: FigurePart
    printed: str
    value: float | None
    unit: str
    places: tuple[str, ...]


class Result(Answer):
    """What a study reports of some patients.

    Attributes:
        id: the quantity, as the facts name it.
        label: what it is, for a reader.
        chapter: what it is a result on, where it is one of those reported first; None otherwise.
        group: the patients that it is about.
        patients: how many they are; None where the report does not say.
        marks: how many marks of the tumor define the group: the more, the more specific.
        exploratory: whether it is from an analysis that the report itself calls exploratory.
        figures: the numbers.
        remarks: what is wrong with them, if anything is.
    """

    id: str
    label: str
    chapter: str | None
    group: str
    patients: int | None
    marks: int
    exploratory: bool
    figures: tuple[Figure, ...]
    remarks: tuple[str, ...] = ()

    def figure(self, part: FigurePart) -> Figure | None:
        """The number that is this part of the result, if the report prints it."""
        return next((one for one in self.figures if one.part == part), None)


class Remark(Answer):
    """A remark, in this project's words, and where in the report it comes from.

    Attributes:
        text: the remark.
        places: its places in the report.
    """

    text: str
    places: tuple[str, ...]


class NotStudied(Answer):
    """What of this patient a study did not study.

    Attributes:
        criterion: the criterion of the study that the patient does not meet.
        text: who was not studied.
        places: where in the report that stands.
    """

    criterion: str
    text: str
    places: tuple[str, ...]


class TrialCriterion(Answer):
    """What a study asked of its patients, and the status of that for this one.

    Attributes:
        id: the criterion's id in the policy that tells who could enter.
        label: what it asks for.
        locator: where in the report it stands.
        status: met, undocumented, conflicting or not_met.
        set_aside: whether it is not held against a patient on treatment, which can itself have
            brought it about.
        evidence: who says what of it.
    """

    id: str
    label: str
    locator: str
    status: Status
    set_aside: bool
    evidence: tuple[Evidence, ...]


class Aspect(Answer):
    """Whether a study was of what the request asks for, in one respect.

    Attributes:
        name: disease, dose or regimen.
        answer: yes, no, untold (it is not documented), contradicted (documents disagree) or set_aside
            (it differs, as it did in the course of the study).
        studied: what the study was of, with its places; of `no`, that in which the request differs.
    """

    name: str
    answer: Literal["yes", "no", "untold", "contradicted", "set_aside"]
    studied: tuple[Remark, ...]


class Cited(Answer):
    """A study that literature in the case names, held against what is requested.

    Attributes:
        document: the document's id.
        criteria: the criteria of the policy that the document speaks for.
        name: the study's name as the document gives it.
        study: the study, by its name here; None where no results of it are held.
        nearest: a name of a study held here that is much like it, where none is of that name.
        answer: whether the study was of what is requested, by its aspects: yes, no or untold; None
            where no results of it are held.
        aspects: why.
        otherwise: the study's other conditions that the patient does not meet.
    """

    document: str
    criteria: tuple[str, ...] = ()
    name: str
    study: str | None
    nearest: str | None = None
    answer: Literal["yes", "no", "untold"] | None
    aspects: tuple[Aspect, ...] = ()
    otherwise: tuple[str, ...] = ()


class Backing(Answer):
    """What a study has to do with a criterion.

    Attributes:
        study: the study.
        kind: asked (its patients had to meet the same), asked_less (it studied less than the
            criterion covers), measured (it measured what the criterion asks for) or did (how it
            treated its patients bears on the criterion).
        of: the trial's criterion, or the quantity that was measured; empty for how it treated them.
        label: that, for a reader.
        places: where in the report it stands.
        remark: what to know of it.
    """

    study: str
    kind: Literal["asked", "asked_less", "measured", "did"]
    of: str
    label: str
    places: tuple[str, ...]
    remark: str


class CriterionEvidence(Answer):
    """A criterion of the policy, and the published evidence behind it.

    Attributes:
        id: the criterion.
        label: what it asks for.
        locator: where in the policy's source it stands.
        status: how the case stands to it.
        divided: whether it has items of its own, which are reported by themselves.
        backing: the evidence; empty where there is none here.
    """

    id: str
    label: str
    locator: str
    status: Status
    divided: bool
    backing: tuple[Backing, ...]


class StudyEvidence(Answer):
    """What one study says for one case.

    Attributes:
        study: the study's name here.
        title: its name for a reader.
        brief: the same in passing.
        source: the report that the numbers are from.
        published: when that was published.
        inclusion: whether the patient is one whom the study could have taken in: met (inside), not_met
            (outside), undocumented or conflicting (documents do not say).
        criteria: what it asked of its patients.
        results: the results on patients like this one, the most specific group first; none where
            the patient is outside.
        without_numbers: groups that the patient is in, of which the report's text prints no number.
        unknown: marks of the tumor of which documents do not say anything, or contradict each other, and
            results would be reported.
        not_studied: what of this patient the study did not study.
        cautions: what the report itself says of its results.
    """

    study: str
    title: str
    brief: str
    source: str
    published: str
    inclusion: Status
    criteria: tuple[TrialCriterion, ...]
    results: tuple[Result, ...]
    without_numbers: tuple[Remark, ...]
    unknown: tuple[str, ...]
    not_studied: tuple[NotStudied, ...]
    cautions: tuple[Remark, ...]


class EvidenceReport(AfterDecision):
    """The published evidence for a decision. It predicts nothing, and changes no decision.

    It has the attributes of every answer on a case too: `case`, `policy`, `outcome` and so on.

    Attributes:
        section: for an approval, the section that approves.
        studies: the studies of the policy's drug that are held here.
        criteria: the criteria of the sections that address the use, each with the evidence behind it;
            none where the policy links none of its criteria to studies.
        literature: studies that documents of the case name.
    """

    section: str | None
    studies: tuple[StudyEvidence, ...]
    criteria: tuple[CriterionEvidence, ...]
    literature: tuple[Cited, ...]


class Check(Answer):
    """Numbers of a report that were held to each other, and what came of it.

    Attributes:
        kind: what they were held to: quoted, share, parts, some, counted_among, either, inside,
            later, above, median, interval, fit or halves.
        text: whether they agree, with the numbers.
        places: where in the report they stand.
    """

    kind: str
    text: str
    places: tuple[str, ...]


class StudyCheck(Answer):
    """Whether the numbers of a report agree with each other.

    Attributes:
        version: the version of this JSON format.
        engine: the versions of this package and of the solver.
        study: the study's name here.
        title: its name for a reader.
        source: the report.
        numbers: how many numbers the report prints, each place counted.
        checked: how many of them some check reaches.
        findings: what does not agree.
        confirmed: what does.
        unreached: numbers that nothing here can check, as the report alone knows how they came about.
        not_recomputed: intervals that were not computed anew, for want of the extra `evidence`.
        left_out: the other checks that were not made, for want of it too.
        remarks: what else a reader should know.
    """

    version: str
    engine: dict[str, str]
    study: str
    title: str
    source: str
    numbers: int
    checked: int
    findings: tuple[Check, ...]
    confirmed: tuple[Check, ...]
    unreached: tuple[str, ...]
    not_recomputed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    remarks: tuple[Remark, ...]
