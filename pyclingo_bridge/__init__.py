"""Decide prior-authorization requests against medical policies written as logic rules.

Examples:
    >>> from pyclingo_bridge import Case, Policy
    >>> policy = Policy.load("cp_phar_549")
    >>> policy.decide(Case.load("examples/cases/approve/nsclc_whole.json")).outcome
    'approve'
"""

# Nothing is imported here, not even `typing`: whoever starts the command line can stop it at once.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyclingo_bridge.analysis.draft import check_policy
    from pyclingo_bridge.analysis.findings import (
        CheckReport,
        Comparison,
        Difference,
        Finding,
        Proof,
        SectionRelation,
        Verdict,
        Witness,
    )
    from pyclingo_bridge.analysis.interpretations import AmbiguityReport, InterpretationResult
    from pyclingo_bridge.base.errors import (
        ArgumentError,
        BatchError,
        BridgeError,
        CaseError,
        ChangeError,
        EngineError,
        EvidenceError,
        ExtraError,
        InterpretationError,
        LetterError,
        PictureError,
        PolicyError,
        TableError,
        TooLargeError,
    )
    from pyclingo_bridge.base.rule_files import shipped_policies
    from pyclingo_bridge.cases.attributes import Attribute
    from pyclingo_bridge.cases.case import Case, Document
    from pyclingo_bridge.cases.days import PartialDay
    from pyclingo_bridge.cases.limits import Limits
    from pyclingo_bridge.cases.plan import PlanFact, PlanFacts
    from pyclingo_bridge.cases.vocabulary import Vocabulary
    from pyclingo_bridge.catalogue import Catalogue
    from pyclingo_bridge.core.decision import (
        CriterionResult,
        Decision,
        Evidence,
        Referral,
        Requirement,
        RequirementResult,
        SectionResult,
    )
    from pyclingo_bridge.explain.decision import Explanation, explanation
    from pyclingo_bridge.letters.content import LetterContent
    from pyclingo_bridge.letters.letter import Letter
    from pyclingo_bridge.loading.limits import LoadLimits
    from pyclingo_bridge.policy import Policy
    from pyclingo_bridge.published.answers import EvidenceReport, StudyCheck, StudyEvidence
    from pyclingo_bridge.published.study import Study, shipped_studies
    from pyclingo_bridge.questions.changes import Changes
    from pyclingo_bridge.questions.counterfactuals import Counterfactual
    from pyclingo_bridge.questions.differences import DecisionDifference, decision_difference
    from pyclingo_bridge.questions.missing import DocumentSet, DocumentSets, MissingSet, MissingSets
    from pyclingo_bridge.questions.next_document import Plan, Step
    from pyclingo_bridge.questions.obtaining import MissingRequirement
    from pyclingo_bridge.questions.reasons import DocumentRole, Reasons
    from pyclingo_bridge.questions.repairs import Repair, RequestChange, Resolution
    from pyclingo_bridge.questions.requirements import RequirementSet
    from pyclingo_bridge.questions.session import Session
    from pyclingo_bridge.questions.sweep import Region, Sweep
    from pyclingo_bridge.questions.unknown_names import Clarification
    from pyclingo_bridge.questions.what_if import CriterionChange, RequirementChange, WhatIf

__all__ = [
    "AmbiguityReport",
    "ArgumentError",
    "Attribute",
    "BatchError",
    "BridgeError",
    "Case",
    "CaseError",
    "Catalogue",
    "ChangeError",
    "Changes",
    "CheckReport",
    "Clarification",
    "Comparison",
    "Counterfactual",
    "CriterionChange",
    "CriterionResult",
    "Decision",
    "DecisionDifference",
    "Difference",
    "Document",
    "DocumentRole",
    "DocumentSet",
    "DocumentSets",
    "EngineError",
    "Evidence",
    "EvidenceError",
    "EvidenceReport",
    "Explanation",
    "ExtraError",
    "Finding",
    "InterpretationError",
    "InterpretationResult",
    "Letter",
    "LetterContent",
    "LetterError",
    "Limits",
    "LoadLimits",
    "MissingRequirement",
    "MissingSet",
    "MissingSets",
    "PartialDay",
    "PictureError",
    "Plan",
    "PlanFact",
    "PlanFacts",
    "Policy",
    "PolicyError",
    "Proof",
    "Reasons",
    "Referral",
    "Region",
    "Repair",
    "RequestChange",
    "Requirement",
    "RequirementChange",
    "RequirementResult",
    "RequirementSet",
    "Resolution",
    "SectionRelation",
    "SectionResult",
    "Session",
    "Step",
    "Study",
    "StudyCheck",
    "StudyEvidence",
    "Sweep",
    "TableError",
    "TooLargeError",
    "Verdict",
    "Vocabulary",
    "WhatIf",
    "Witness",
    "check_policy",
    "decision_difference",
    "explanation",
    "shipped_policies",
    "shipped_studies",
]

# Each is imported when somebody first asks for it: to say what the options of the command line are
# takes none of them.
_HOMES = {
    "analysis.interpretations": ("AmbiguityReport", "InterpretationResult"),
    "analysis.draft": ("check_policy",),
    "analysis.findings": (
        "CheckReport",
        "Clarification",
        "Comparison",
        "Difference",
        "Finding",
        "Proof",
        "SectionRelation",
        "Verdict",
        "Witness",
    ),
    "cases.attributes": ("Attribute",),
    "cases.case": ("Case", "Document"),
    "core.decision": (
        "Requirement",
        "RequirementResult",
        "CriterionResult",
        "Decision",
        "Evidence",
        "Referral",
        "SectionResult",
    ),
    "base.errors": (
        "ArgumentError",
        "BatchError",
        "BridgeError",
        "CaseError",
        "ChangeError",
        "EngineError",
        "EvidenceError",
        "ExtraError",
        "PictureError",
        "PolicyError",
        "InterpretationError",
        "LetterError",
        "TableError",
        "TooLargeError",
    ),
    "letters.content": ("LetterContent",),
    "letters.letter": ("Letter",),
    "explain.decision": ("Explanation", "explanation"),
    "questions.next_document": ("Plan", "Step"),
    "questions.changes": ("Changes",),
    "questions.differences": ("DecisionDifference", "decision_difference"),
    "questions.requirements": ("RequirementSet",),
    "questions.counterfactuals": ("Counterfactual",),
    "questions.session": ("Session",),
    "questions.reasons": ("DocumentRole", "Reasons"),
    "questions.repairs": ("Repair", "RequestChange", "Resolution"),
    "questions.sweep": ("Region", "Sweep"),
    "questions.what_if": ("RequirementChange", "CriterionChange", "WhatIf"),
    "cases.days": ("PartialDay",),
    "cases.limits": ("Limits",),
    "cases.plan": ("PlanFact", "PlanFacts"),
    "catalogue": ("Catalogue",),
    "loading.limits": ("LoadLimits",),
    "questions.missing": ("DocumentSet", "DocumentSets", "MissingSet", "MissingSets"),
    "questions.obtaining": ("MissingRequirement",),
    "questions.unknown_names": ("Clarification",),
    "policy": ("Policy",),
    "base.rule_files": ("shipped_policies",),
    "published.answers": ("EvidenceReport", "StudyCheck", "StudyEvidence"),
    "published.study": ("Study", "shipped_studies"),
    "cases.vocabulary": ("Vocabulary",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
