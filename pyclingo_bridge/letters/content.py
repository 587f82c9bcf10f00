"""What a letter tells, as data: what templates are given, and a plan's own program can read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pyclingo_bridge.core.decision import Answer, DenialKind, Outcome, PolicyInfo, Status

Effect = Literal["supports", "refutes", "superseded", "silent", "not_counted"]

Use = Literal[
    "counted",
    "in_part",
    "out_of_date",
    "not_counted",
    "not_settled",
    "not_asked",
    "entered_in_error",
    "replaced",
]
"""What became of a statement, or of a whole document; those used first."""


class Named(Answer):
    """What something is called.

    Attributes:
        text: for a clinician.
        plain: for a member; the same where the policy has no plain label.
    """

    text: str
    plain: str


class Said(Answer):
    """What a document, or the request form, says.

    Attributes:
        text: the statement, in words, with what it follows from or was read as.
        plain: the statement for a member.
        source: the document, with its type and date, or the request form.
        document: the document's id; None for the request form.
        effect: what it does to the requirement, as `Evidence.effect` has it.
        remark: the same in words.
    """

    text: str
    plain: str
    source: Named
    document: str | None
    effect: Effect
    remark: str


class CriterionPlace(Answer):
    """A criterion of the policy.

    Attributes:
        id: its number in the source.
        name: what it asks for, in our words.
        locator: its place in the source.
    """

    id: str
    name: Named
    locator: str


class Reason(Answer):
    """What is not met of a criterion, or of a part of it.

    Attributes:
        criterion: the criterion; None for a requirement in its wording, or an unnumbered part.
        name: what it asks for.
        status: undocumented, conflicting or not_met.
        statements: who says what of it, where it is one requirement.
        refuting: all that says otherwise, of it and of its parts, each statement once.
        asks: the requirement, where all that is not met of a criterion is one.
        partial: whether some of what it asks for is met.
        any_one: whether any one of the parts would be enough.
        parts: what is not met in its wording.
    """

    criterion: CriterionPlace | None
    name: Named
    status: Status
    statements: tuple[Said, ...] = ()
    refuting: tuple[Said, ...] = ()
    asks: Named | None = None
    partial: bool = False
    any_one: bool = False
    parts: tuple[Reason, ...] = ()


class SectionReasons(Answer):
    """A section of the policy, and what of it is not met.

    Attributes:
        section: the section.
        status: its status.
        reasons: its criteria that are not met, in the source's order.
    """

    section: CriterionPlace
    status: Status
    reasons: tuple[Reason, ...]


class SubmittedStatement(Answer):
    """A statement of a submitted document.

    Attributes:
        text: the statement, in words.
        use: what became of it.
        remark: the same in words.
    """

    text: str
    use: Use
    remark: str


class Submitted(Answer):
    """A document that came with the request.

    Attributes:
        id: its id.
        type: its type.
        date: its date, in words.
        status: `preliminary` or `amended`, where it is not final.
        states: its statements.
        use: the best that became of any of them.
        remark: the same in words.
    """

    id: str
    type: Named
    date: str
    status: str | None
    states: tuple[SubmittedStatement, ...]
    use: Use
    remark: str


class ToClarify(Answer):
    """A name that nobody knows, and somebody has to tell the meaning of.

    Attributes:
        name: the name, as it is written.
        source: where it is written.
        nearest: the known names that it may be a slip for.
    """

    name: str
    source: Named
    nearest: tuple[str, ...]


class ToShow(Answer):
    """A requirement that has to be shown.

    Attributes:
        name: the requirement.
        criteria: the criteria that it serves.
        documents: the types of document that can show it, any one of them, least effort first.
        by_stating: what such a document has to state, where that is not plain from the name.
        clarifications: the names whose meaning settles it.
        means: `documents`, `clarification` of the names, `both` or `either`.
        any_name: whether the meaning of one of the names is enough.
    """

    name: Named
    criteria: tuple[CriterionPlace, ...]
    documents: tuple[Named, ...]
    by_stating: Named | None = None
    clarifications: tuple[ToClarify, ...] = ()
    means: Literal["documents", "clarification", "both", "either"] = "documents"
    any_name: bool = False


class ToResolve(Answer):
    """A contradiction, and which way it would have to be resolved.

    Attributes:
        name: what would have to be found true.
        criteria: the criteria that it serves.
        newer: whether a newer document settles it; else the opposing ones would have to be corrected.
        supporting: the statements that say so.
        opposing: the statements that say otherwise.
    """

    name: Named
    criteria: tuple[CriterionPlace, ...]
    newer: bool
    supporting: tuple[Said, ...]
    opposing: tuple[Said, ...]


class Way(Answer):
    """One way to an approval.

    Attributes:
        sections: the sections that would be met.
        documents: the types of document that would do with the least effort.
        shows: what has to be shown, beside what all ways share.
        clarifications: names to find out about, beside those that what has to be shown tells.
        resolutions: the contradictions to resolve.
        changes: how the request itself would have to change, in words.
    """

    sections: tuple[CriterionPlace, ...]
    documents: tuple[Named, ...]
    shows: tuple[ToShow, ...]
    clarifications: tuple[ToClarify, ...] = ()
    resolutions: tuple[ToResolve, ...] = ()
    changes: tuple[str, ...] = ()


class Ways(Answer):
    """The ways to an approval, least effort first.

    Attributes:
        shared: what every one of them has to show, with the criteria that it serves in those listed.
        ways: those that are listed.
        count: how many there are; None where they were not counted.
        more: whether there are more than are listed.
        by_request: ways that only change the request, each enough without any document.
        more_by_request: whether there are more of these than are listed.
    """

    shared: tuple[ToShow, ...] = ()
    ways: tuple[Way, ...] = ()
    count: int | None = None
    more: bool = False
    by_request: tuple[Way, ...] = ()
    more_by_request: bool = False


class Contradiction(Answer):
    """Statements that contradict each other.

    Attributes:
        name: what they are about.
        criteria: the criteria that it keeps open.
        statements: the statements, newest first.
        newer: whether a newer document settles it; else one of these would have to be corrected.
        two_tumors: whether it may be none, as the documents may be about two tumors: not all of them, and
            the request, name theirs.
        tumors: the tumors that the documents name, as far as the request names none; else empty.
    """

    name: Named
    criteria: tuple[CriterionPlace, ...]
    statements: tuple[Said, ...]
    newer: bool = False
    two_tumors: bool = False
    tumors: tuple[str, ...] = ()


class Detail(Answer):
    """An entry of the request form.

    Attributes:
        name: what it is.
        value: its value, in words.
        plain: its value, in words for a member.
    """

    name: Named
    value: str
    plain: str


class Approval(Answer):
    """What an approval gives.

    Attributes:
        section: the section that approves.
        months: for how long; None where the policy does not say.
        last_day: its last day, in words, where `months` and the slot `approval_start` say so.
        approved: what of the request the section's criteria look at, such as the dose.
        met: the section's criteria.
    """

    section: CriterionPlace
    months: int | None
    last_day: str | None = None
    approved: tuple[Detail, ...] = ()
    met: tuple[CriterionPlace, ...]


class LetterReferral(Answer):
    """Where a request goes, and why.

    Attributes:
        target: the policy that takes it; None where the policy names none.
        basis: the item that says so.
        because: what that item rests on.
        elsewhere: the sections that do not address the use, each with what of the use it does not address.
        nearest: those of them that fail to address the fewest points of the use.
    """

    target: str | None
    basis: CriterionPlace | None
    because: tuple[Said, ...]
    elsewhere: tuple[SectionReasons, ...]
    nearest: tuple[SectionReasons, ...]


class LetterNotice(Answer):
    """What the policy tells besides.

    Attributes:
        name: what it tells.
        locator: its place in the source; empty where the policy names none.
    """

    name: Named
    locator: str


class LetterContent(Answer):
    """Everything that a letter can tell: what its template is given.

    Attributes:
        to: `provider` or `member`.
        outcome: approve, deny or refer; `outcome_word` is the policy's own word for it.
        denial_kind: for a denial, whether documents, or resolving a contradiction, can reverse it.
        case: the case's id.
        drug: the drug of the request, where the case or the policy names just one.
        request_date: the day of the request in words: as given, else the latest date of a document that counts.
        policy: which policy decided, from which source.
        request: the request form.
        submitted: the documents, in the order given.
        approval: for an approval, what it gives.
        referral: for a referral, where to and why.
        sections: for a denial, what is not met, in the sections that come nearest to an approval.
        contradictions: for a denial, the statements that contradict each other.
        ways: for a denial, what would lead to an approval, where anything does.
        notices: what the policy tells besides.
        warnings: what a reader should know of the input and the slots; for whoever sends the letter.
        slots: the filled slots, by name.
        empty_slots: the names of the slots that this letter needs and that are empty.
        reviewed: for a denial, whether the slots name a reviewing clinician; else None.
    """

    to: Literal["provider", "member"]
    outcome: Outcome
    outcome_word: str
    denial_kind: DenialKind | None
    case: str
    drug: str | None
    request_date: str | None
    policy: PolicyInfo
    request: tuple[Detail, ...]
    submitted: tuple[Submitted, ...]
    approval: Approval | None = None
    referral: LetterReferral | None = None
    sections: tuple[SectionReasons, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    ways: Ways = Ways()
    notices: tuple[LetterNotice, ...] = ()
    warnings: tuple[str, ...] = ()
    slots: dict[str, str] = Field(default_factory=dict)
    empty_slots: tuple[str, ...] = ()
    reviewed: bool | None = None
