"""Decide prior-authorization requests against medical policies written as logic rules.

Example:
    >>> from pyclingo_bridge import Case, Policy
    >>> policy = Policy.load("cp_phar_549")
    >>> policy.decide(Case.load("examples/cases/approve/nsclc_whole.json")).outcome
    'approve'
"""

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
from pyclingo_bridge.errors import BridgeError, CaseError, EngineError, PolicyError, ReadingError
from pyclingo_bridge.missing import DocumentSet, MissingClaim, MissingSet
from pyclingo_bridge.policy import Policy
from pyclingo_bridge.sources import shipped_policies
from pyclingo_bridge.vocabulary import Attribute, Vocabulary

__all__ = [
    "Attribute",
    "BridgeError",
    "Case",
    "CaseError",
    "Claim",
    "ClaimResult",
    "CriterionResult",
    "Decision",
    "Document",
    "DocumentSet",
    "EngineError",
    "Evidence",
    "MissingClaim",
    "MissingSet",
    "Policy",
    "PolicyError",
    "ReadingError",
    "Referral",
    "SectionResult",
    "Vocabulary",
    "shipped_policies",
]
