"""What checks and comparisons answer with: findings, the cases that show them, and reports."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import Field

from pyclingo_bridge.core.decision import Answer, Decision, DenialKind, Outcome, PolicyInfo

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The severities, the gravest first."""


class Verdict(Answer):
    """What one policy decides of a case, in short.

    Attributes:
        policy: the policy's name.
        interpretations: the interpretations that it was decided under.
        outcome: the decision.
        denial_kind: what kind of denial it is, if one.
        section: the section that approves, if one does.
        approval_months: the approval's duration in months, if it has one.
        refer_to: where a referred request goes, if the policy says.
    """

    policy: str
    interpretations: dict[str, str]
    outcome: Outcome
    denial_kind: DenialKind | None
    section: str | None
    approval_months: int | None
    refer_to: str | None

    @classmethod
    def of(cls, decision: Decision) -> Verdict:
        """The short form of a decision."""
        return cls(
            policy=decision.policy.name,
            interpretations=decision.interpretations,
            outcome=decision.outcome,
            denial_kind=decision.denial_kind,
            section=decision.section,
            approval_months=decision.approval_months,
            refer_to=decision.refer_to,
        )


class Witness(Answer):
    """A case that shows a finding, decided anew before it is reported.

    Attributes:
        case: the case file, as `decide` takes it.
        verdicts: what each policy decides of it; one for a check.
        read: where the policies' vocabularies differ in what the case says, the case as far as each of
            them knows it, in the order of the verdicts; that is what each decides.
    """

    case: dict[str, Any]
    verdicts: tuple[Verdict, ...]
    read: tuple[dict[str, Any], ...] = ()


class Finding(Answer):
    """Something that holds of a policy over every case there can be.

    Attributes:
        kind: the kind of finding, such as `redundant`.
        severity: error, warning or info.
        subjects: the ids that it is about: sections, criteria, attributes or ambiguities.
        text: the finding for a reader.
        because: what it rests on, where the rules themselves give a cause.
        locators: where in the source its subjects stand.
        witness: a smallest case that shows it, if a case can.
    """

    kind: str
    severity: Severity
    subjects: tuple[str, ...]
    text: str
    because: str | None = None
    locators: tuple[str, ...] = ()
    witness: Witness | None = None


class Proof(Answer):
    """One kind of question put to the policy, and how it came out.

    Attributes:
        kind: the kind of finding that it looks for.
        question: what was asked.
        asked: how many places it was asked of.
        found: in how many the answer is a finding.
    """

    kind: str
    question: str
    asked: int
    found: int


class CheckReport(Answer):
    """What a check found.

    Attributes:
        version: the version of this format.
        engine: the versions of this package and of the solver.
        policy: which policy, from which source; None where its rules cannot be read.
        name: the policy's name, or the folder that was named.
        interpretations: the interpretations of its wording that were checked.
        findings: the findings, the gravest first.
        proofs: every kind of question, with how it came out.
        left_out: what was not looked at, and at which bound.
    """

    version: str
    engine: dict[str, str]
    policy: PolicyInfo | None
    name: str
    interpretations: dict[str, str]
    findings: tuple[Finding, ...]
    proofs: tuple[Proof, ...]
    left_out: tuple[str, ...] = ()

    def gravest(self) -> Severity | None:
        """The gravest severity that a finding has; None where there is no finding."""
        found = {finding.severity for finding in self.findings}
        return next((severity for severity in SEVERITIES if severity in found), None)


Relation = Literal["equivalent", "stricter", "looser", "incomparable", "disjoint", "not_compared"]
"""How one policy compares with the other, by the cases that each approves.

`not_compared` where nothing tells them apart, but not all cases were compared.
"""


class SectionRelation(Answer):
    """How two sections lie to each other.

    Attributes:
        first: the section of the first policy; None where no section of it bears the second's id or
            takes a case that the second takes.
        second: the section of the second; None likewise.
        relation: the first against the second: it is stricter where it takes only a part of the
            cases that the second takes; None for a section that stands alone; `not_compared` where no
            case that was compared meets either.
    """

    first: str | None
    second: str | None
    relation: Relation | None


class Difference(Answer):
    """A group of cases that two policies treat otherwise, for one cause.

    Attributes:
        kind: `approval`, `outcome`, `duration` or `referral`.
        favors: the policy that approves, where one alone does.
        clauses: the ids of the clauses of the other that are not met; all of them have to change.
        text: the difference for a reader.
        locators: where those clauses stand in their source.
        witness: a smallest case, with both decisions.
    """

    kind: Literal["approval", "outcome", "duration", "referral"]
    favors: str | None
    clauses: tuple[str, ...]
    text: str
    locators: tuple[str, ...] = ()
    witness: Witness


VocabularyKind = Literal[
    "attribute",
    "value",
    "kind",
    "domain",
    "bounds",
    "default",
    "qualifier",
    "drug",
    "set",
    "document_type",
    "meaning",
]


class VocabularyDifference(Answer):
    """Something that the vocabularies of two policies have otherwise.

    Attributes:
        kind: what differs: `attribute`, `value`, `kind`, `domain`, `bounds`, `default`, `qualifier`,
            `drug`, `set`, `document_type` or `meaning`.
        subjects: the names that it is about, the attribute, drug, set or type first.
        text: the difference for a reader, and what was made of it.
    """

    kind: VocabularyKind
    subjects: tuple[str, ...]
    text: str


class Comparison(Answer):
    """How two policies differ.

    Attributes:
        version: the version of this format.
        engine: the versions of this package and of the solver.
        first: which policy the first is.
        second: which policy the second is.
        interpretations: the interpretations of each one's wording.
        relation: the first against the second, by the cases that each approves.
        sections: how the sections that share cases, or a name, lie to each other.
        differences: every cause for which a case is treated otherwise, each with a witness.
        requirements_of_first: what only the first asks for.
        requirements_of_second: what only the second asks for.
        vocabulary: in what the policies' vocabularies differ. What one does not know is left open
            on its side, or at its default on the request form.
        left_out: what was not looked at, and at which bound.
        not_compared: of that, the cases that were not compared, as the policies' vocabularies differ.
    """

    version: str
    engine: dict[str, str]
    first: PolicyInfo
    second: PolicyInfo
    interpretations: tuple[dict[str, str], dict[str, str]]
    relation: Relation
    sections: tuple[SectionRelation, ...]
    differences: tuple[Difference, ...]
    requirements_of_first: tuple[str, ...]
    requirements_of_second: tuple[str, ...]
    vocabulary: tuple[VocabularyDifference, ...] = ()
    left_out: tuple[str, ...] = Field(default=())
    not_compared: tuple[str, ...] = Field(default=())
