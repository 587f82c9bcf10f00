"""JSON schemas: of a case file, by its vocabulary, and of everything that the library answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from pyclingo_bridge.analysis.findings import CheckReport, Comparison
from pyclingo_bridge.analysis.interpretations import AmbiguityReport
from pyclingo_bridge.core.case_schema import case_json_schema
from pyclingo_bridge.core.decision import FORMAT_VERSION, Decision
from pyclingo_bridge.core.vocabulary import Vocabulary, default_vocabulary
from pyclingo_bridge.explain.decision import Explanation
from pyclingo_bridge.impact.answers import Impact
from pyclingo_bridge.io.summary import BatchSummary
from pyclingo_bridge.published.answers import EvidenceReport, StudyCheck
from pyclingo_bridge.questions.counterfactuals import Counterfactual
from pyclingo_bridge.questions.missing import DocumentSet, MissingSet
from pyclingo_bridge.questions.next_document import Plan
from pyclingo_bridge.questions.reasons import Reasons
from pyclingo_bridge.questions.repairs import Repair
from pyclingo_bridge.questions.sweep import Sweep
from pyclingo_bridge.questions.what_if import WhatIf

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

ANSWERS: dict[str, type[BaseModel] | type[Decision]] = {
    "decision": Decision,
    "missing": MissingSet,
    "documents": DocumentSet,
    "explanation": Explanation,
    "check": CheckReport,
    "comparison": Comparison,
    "ambiguities": AmbiguityReport,
    "repair": Repair,
    "counterfactual": Counterfactual,
    "reasons": Reasons,
    "plan": Plan,
    "what-if": WhatIf,
    "sweep": Sweep,
    "batch": BatchSummary,
    "impact": Impact,
    "evidence": EvidenceReport,
    "check-evidence": StudyCheck,
}
"""What the library answers, by the name that `json_schema` takes."""


def json_schema(name: str, vocabulary: Vocabulary | None = None) -> dict[str, Any]:
    """The JSON schema of `case`, or of one of `ANSWERS`.

    Args:
        name: what to describe.
        vocabulary: for a case: whose attributes it may state.
    """
    if name == "case":
        return {"$schema": _DIALECT, **case_json_schema(vocabulary or default_vocabulary())}
    return {
        "$schema": _DIALECT,
        "version": FORMAT_VERSION,
        **ANSWERS[name].model_json_schema(mode="serialization"),
    }
