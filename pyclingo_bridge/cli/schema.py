"""JSON schemas: of a case file, by its vocabulary, and of everything that the library answers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyclingo_bridge.core.attributes import Attribute
    from pyclingo_bridge.core.vocabulary import Vocabulary

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

ANSWERS = {
    "decision": "core.decision.Decision",
    "missing": "questions.missing.MissingSet",
    "documents": "questions.missing.DocumentSet",
    "explanation": "explain.decision.Explanation",
    "check": "analysis.findings.CheckReport",
    "comparison": "analysis.findings.Comparison",
    "ambiguities": "analysis.interpretations.AmbiguityReport",
    "repair": "questions.repairs.Repair",
    "counterfactual": "questions.counterfactuals.Counterfactual",
    "reasons": "questions.reasons.Reasons",
    "plan": "questions.next_document.Plan",
    "what-if": "questions.what_if.WhatIf",
    "sweep": "questions.sweep.Sweep",
    "batch": "io.summary.BatchSummary",
    "impact": "impact.answers.Impact",
    "evidence": "published.answers.EvidenceReport",
    "check-evidence": "published.answers.StudyCheck",
}
"""What the library answers, by the name that `json_schema` takes: where the model of each is."""


def json_schema(name: str, vocabulary: Vocabulary | None = None) -> dict[str, Any]:
    """The JSON schema of `case`, or of one of `ANSWERS`.

    Args:
        name: what to describe.
        vocabulary: for a case: whose attributes it may state.
    """
    from pyclingo_bridge.core.decision import FORMAT_VERSION
    from pyclingo_bridge.core.vocabulary import default_vocabulary

    if name == "case":
        return case_schema(vocabulary or default_vocabulary())
    module, _, model = ANSWERS[name].rpartition(".")
    schema = getattr(import_module(f"pyclingo_bridge.{module}"), model).model_json_schema(mode="serialization")
    return {"$schema": _DIALECT, "version": FORMAT_VERSION, **schema}


def case_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """The JSON schema of a case file under a vocabulary.

    It tells all that a schema can: not that ids are unique, nor what one value asks of another.
    """
    request = vocabulary.request_attributes
    stated = {name: _value(entry, vocabulary) for name, entry in vocabulary.statable.items()}
    flags = {name: _titled({"type": "boolean"}, name, vocabulary) for name in vocabulary.qualifiers}
    needs = {name: [listed] for name, listed in vocabulary.qualifiers.items()}
    document = _closed(
        {
            "id": _text(),
            "type": {"enum": sorted(vocabulary.document_types)},
            "date": {"type": "string", "format": "date"},
            "states": {**_closed({**stated, **flags}, []), "dependentRequired": needs},
        },
        ["id", "type", "date", "states"],
    )
    form = {name: _value(entry, vocabulary) for name, entry in request.items()}
    return {
        "$schema": _DIALECT,
        "title": f"A case, in the vocabulary `{vocabulary.name}`",
        **_closed(
            {
                "id": _text(),
                "request": _closed(form, [name for name, entry in request.items() if entry.required]),
                "documents": {"type": "array", "items": document},
            },
            ["id", "request", "documents"],
        ),
    }


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _text() -> dict[str, Any]:
    from pyclingo_bridge.core.case_problems import LONGEST_NAME

    return {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}


def _titled(schema: dict[str, Any], name: str, vocabulary: Vocabulary) -> dict[str, Any]:
    title = vocabulary.labels.get(name) or vocabulary.labels.get(f"yes({name})")
    return {"title": title, **schema} if title else schema


def _value(attribute: Attribute, vocabulary: Vocabulary) -> dict[str, Any]:
    schemas: dict[str, dict[str, Any]] = {
        "flag": {"type": "boolean"},
        "whole_number": {
            "type": "integer",
            "minimum": attribute.minimum,
            "maximum": attribute.maximum,
        },
        "decimal": {
            "type": "number",
            "minimum": attribute.minimum,
            "maximum": attribute.maximum,
        },
        "choice": {"enum": list(attribute.listed)},
        "name": {**_text(), "pattern": "^[a-z][a-z0-9_]*$", "examples": list(attribute.listed)},
        "list": {"type": "array", "items": {"enum": list(attribute.listed)}},
        "drugs": {"type": "array", "items": _text()},
        "names": {"type": "array", "items": {**_text(), "pattern": "^[a-z][a-z0-9_]*$"}},
    }
    schema = schemas[attribute.domain]
    if attribute.non_empty:
        schema["minItems"] = 1
    return _titled(schema, attribute.name, vocabulary)
