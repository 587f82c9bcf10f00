"""Decide prior-authorization requests against medical policies written as logic rules.

Example:
    >>> from pyclingo_bridge import Case, Policy
    >>> policy = Policy.load("cp_phar_549")
    >>> policy.decide(Case.load("examples/cases/approve/nsclc_whole.json")).outcome
    'approve'
"""

# Nothing is imported here, not even `typing`: whoever starts the command line can stop it at once.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyclingo_bridge.analysis.ambiguity import AmbiguityReport, ReadingResult
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
    from pyclingo_bridge.attributes import Attribute
    from pyclingo_bridge.case import Case, Document
    from pyclingo_bridge.decision import (
        Claim,
        ClaimResult,
        CriterionResult,
        Decision,
        Evidence,
        Referral,
        SectionResult,
    )
    from pyclingo_bridge.errors import (
        BridgeError,
        CaseError,
        EngineError,
        EvidenceError,
        PolicyError,
        ReadingError,
        TooLargeError,
    )
    from pyclingo_bridge.families.family import DocumentFamily, Family
    from pyclingo_bridge.followup.asking import Plan, Step
    from pyclingo_bridge.followup.changes import Changes
    from pyclingo_bridge.followup.claims import ClaimSet
    from pyclingo_bridge.followup.counterfactuals import Counterfactual
    from pyclingo_bridge.followup.live import LiveCase
    from pyclingo_bridge.followup.reasons import DocumentRole, Reasons
    from pyclingo_bridge.followup.repairs import Repair, RequestChange, Settlement
    from pyclingo_bridge.followup.sweep import Region, Sweep
    from pyclingo_bridge.followup.what_if import ClaimChange, CriterionChange, WhatIf
    from pyclingo_bridge.limits import Limits
    from pyclingo_bridge.loading import LoadLimits
    from pyclingo_bridge.missing import DocumentSet, MissingSet
    from pyclingo_bridge.obtaining import MissingClaim
    from pyclingo_bridge.policy import Policy
    from pyclingo_bridge.sources import shipped_policies
    from pyclingo_bridge.studies.answers import EvidenceReport, StudyCheck, StudyEvidence
    from pyclingo_bridge.studies.study import Study, shipped_studies
    from pyclingo_bridge.vocabulary import Vocabulary

__all__ = [
    "AmbiguityReport",
    "Attribute",
    "BridgeError",
    "Case",
    "CaseError",
    "Changes",
    "CheckReport",
    "Claim",
    "ClaimChange",
    "ClaimResult",
    "ClaimSet",
    "Comparison",
    "Counterfactual",
    "CriterionChange",
    "CriterionResult",
    "Decision",
    "Difference",
    "Document",
    "DocumentFamily",
    "DocumentRole",
    "DocumentSet",
    "EngineError",
    "Evidence",
    "EvidenceError",
    "EvidenceReport",
    "Family",
    "Finding",
    "Limits",
    "LiveCase",
    "LoadLimits",
    "MissingClaim",
    "MissingSet",
    "Plan",
    "Policy",
    "PolicyError",
    "Proof",
    "ReadingError",
    "ReadingResult",
    "Reasons",
    "Referral",
    "Region",
    "Repair",
    "RequestChange",
    "SectionRelation",
    "SectionResult",
    "Settlement",
    "Step",
    "Study",
    "StudyCheck",
    "StudyEvidence",
    "Sweep",
    "TooLargeError",
    "Verdict",
    "Vocabulary",
    "WhatIf",
    "Witness",
    "check_policy",
    "shipped_policies",
    "shipped_studies",
]

# Each is imported when somebody first asks for it: to say what the options of the command line are
# takes none of them.
_HOMES = {
    "analysis.ambiguity": ("AmbiguityReport", "ReadingResult"),
    "analysis.draft": ("check_policy",),
    "analysis.findings": (
        "CheckReport",
        "Comparison",
        "Difference",
        "Finding",
        "Proof",
        "SectionRelation",
        "Verdict",
        "Witness",
    ),
    "attributes": ("Attribute",),
    "case": ("Case", "Document"),
    "decision": (
        "Claim",
        "ClaimResult",
        "CriterionResult",
        "Decision",
        "Evidence",
        "Referral",
        "SectionResult",
    ),
    "errors": (
        "BridgeError",
        "CaseError",
        "EngineError",
        "EvidenceError",
        "PolicyError",
        "ReadingError",
        "TooLargeError",
    ),
    "families.family": ("DocumentFamily", "Family"),
    "followup.asking": ("Plan", "Step"),
    "followup.changes": ("Changes",),
    "followup.claims": ("ClaimSet",),
    "followup.counterfactuals": ("Counterfactual",),
    "followup.live": ("LiveCase",),
    "followup.reasons": ("DocumentRole", "Reasons"),
    "followup.repairs": ("Repair", "RequestChange", "Settlement"),
    "followup.sweep": ("Region", "Sweep"),
    "followup.what_if": ("ClaimChange", "CriterionChange", "WhatIf"),
    "limits": ("Limits",),
    "loading": ("LoadLimits",),
    "missing": ("DocumentSet", "MissingSet"),
    "obtaining": ("MissingClaim",),
    "policy": ("Policy",),
    "sources": ("shipped_policies",),
    "studies.answers": ("EvidenceReport", "StudyCheck", "StudyEvidence"),
    "studies.study": ("Study", "shipped_studies"),
    "vocabulary": ("Vocabulary",),
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
