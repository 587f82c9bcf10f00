"""JSON schemas: of a case file, by its vocabulary, and of everything that the library answers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

    from pyclingo_bridge.cases.vocabulary import Vocabulary

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

ANSWERS = {
    "decision": "cli.answers.DecidedCase",
    "explanation": "explain.decision.Explanation",
    "meaning": "explain.meaning.Meaning",
    "missing": "cli.answers.MissingAnswer",
    "repairs": "cli.answers.RepairsAnswer",
    "reasons": "questions.reasons.Reasons",
    "plan": "questions.next_document.Plan",
    "what-if": "cli.answers.WhatIfAnswer",
    "sweep": "questions.sweep.Sweep",
    "diff": "questions.differences.DecisionDifference",
    "ambiguities": "analysis.interpretations.AmbiguityReport",
    "check": "analysis.findings.CheckReport",
    "comparison": "analysis.findings.Comparison",
    "policies": "cli.answers.PolicyAnswer",
    "facts": "cli.answers.FactsAnswer",
    "batch": "io.summary.BatchSummary",
    "impact": "impact.answers.Impact",
    "evidence": "published.answers.EvidenceReport",
    "check-evidence": "published.answers.StudyCheck",
    "bad-case": "cli.answers.BadCase",
    # Parts of answers that the library gives by themselves
    "missing-set": "questions.missing.MissingSet",
    "document-set": "questions.missing.DocumentSet",
    "repair": "questions.repairs.Repair",
    "counterfactual": "questions.counterfactuals.Counterfactual",
}
"""What the library answers, by the name that `json_schema` takes: where the model of each is."""


def json_schema(name: str, vocabulary: Vocabulary | None = None) -> dict[str, Any]:
    """The JSON schema of `case`, or of one of `ANSWERS`.

    Args:
        name: what to describe.
        vocabulary: for a case: whose attributes it may state.
    """
    from pyclingo_bridge.cases.vocabulary import default_vocabulary
    from pyclingo_bridge.core.decision import FORMAT_VERSION

    if name == "case":
        from pyclingo_bridge.cases.case_schema import case_json_schema

        return {"$schema": _DIALECT, **case_json_schema(vocabulary or default_vocabulary())}
    schema = model_of(name).model_json_schema(mode="serialization")
    return {"$schema": _DIALECT, "version": FORMAT_VERSION, **schema}


def model_of(name: str) -> type[BaseModel]:
    """The model of one of `ANSWERS`."""
    module, _, model = ANSWERS[name].rpartition(".")
    found: type[BaseModel] = getattr(import_module(f"pyclingo_bridge.{module}"), model)
    return found
