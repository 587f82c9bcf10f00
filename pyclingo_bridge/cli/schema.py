"""JSON schemas: of a case file, by its vocabulary, and of everything that the library answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from pyclingo_bridge.analysis.findings import CheckReport, Comparison
from pyclingo_bridge.analysis.interpretations import AmbiguityReport
from pyclingo_bridge.core.attributes import Attribute
from pyclingo_bridge.core.case_problems import LONGEST_NAME
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
        return case_schema(vocabulary or default_vocabulary())
    return {
        "$schema": _DIALECT,
        "version": FORMAT_VERSION,
        **ANSWERS[name].model_json_schema(mode="serialization"),
    }


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
