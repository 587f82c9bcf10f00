"""A slow stand-in: decides a table row by row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pyclingo_bridge.case import Case
from pyclingo_bridge.errors import BridgeError, CaseError
from pyclingo_bridge.structure import natural_key
from pyclingo_bridge.terms import plain

if TYPE_CHECKING:
    from pyclingo_bridge.policy import Policy

_WORDS = pa.dictionary(pa.int8(), pa.string())
_NAMES = pa.dictionary(pa.int16(), pa.string())
_TYPES = {
    "flag": pa.bool_(),
    "whole_number": pa.int64(),
    "choice": pa.string(),
    "name": pa.string(),
}


def batch_schema(policy: Policy) -> pa.Schema:
    """The columns of a table of cases."""
    vocabulary = policy.vocabulary
    fields = [pa.field("id", pa.string())]
    for name, entry in vocabulary.attributes.items():
        fields.append(pa.field(name, _TYPES.get(entry.domain, pa.list_(pa.string()))))
    fields += [pa.field(name, pa.bool_()) for name in vocabulary.qualifiers]
    return pa.schema(fields)


def batch_table(policy: Policy, cases: Iterable[Case]) -> pa.Table:
    """Cases as a table."""
    schema = batch_schema(policy)
    columns: dict[str, list[Any]] = {name: [] for name in schema.names}
    for case in cases:
        statements: dict[str, list[Any]] = {}
        for document in case.documents:
            for name, value in document.states.items():
                statements.setdefault(name, []).append((document.date, value))
        columns["id"].append(case.id)
        for name in schema.names[1:]:
            if name in policy.vocabulary.request_attributes:
                columns[name].append([case.request[name]] if name in case.request else None)
                continue
            said = statements.get(name, [])
            entry = policy.vocabulary.attributes.get(name)
            if entry is not None and entry.kind == "latest" and said:
                last = max(date for date, _ in said)
                said = [pair for pair in said if pair[0] == last]
            columns[name].append([value for _, value in said] or None)
    arrays = []
    for field in schema:
        values = columns[field.name]
        if field.name == "id":
            arrays.append(pa.array(values, field.type))
        elif all(value is None or len(value) == 1 for value in values):
            arrays.append(pa.array([value and value[0] for value in values], field.type))
        else:
            arrays.append(pa.array(values, pa.list_(field.type)))
    return pa.Table.from_arrays(arrays, names=schema.names)


def _case(policy: Policy, row: Mapping[str, Any], schema: pa.Schema) -> dict[str, Any]:
    vocabulary = policy.vocabulary
    request = {}
    documents: list[dict[str, Any]] = []
    for name, value in row.items():
        if value is None or name == "id":
            continue
        plain_list = isinstance(value, list) and pa.types.is_list(schema.field(name).type)
        several = isinstance(value, list) and (
            not plain_list or any(isinstance(each, list) for each in value)
        )
        if name in vocabulary.request_attributes:
            request[name] = value[0] if several else value
            continue
        for place, each in enumerate(value if several else [value]):
            while len(documents) <= place:
                documents.append({})
            documents[place][name] = each
    kind = next(iter(vocabulary.document_types))
    return {
        "id": row["id"],
        "request": request,
        "documents": [
            {"id": f"d{n}", "type": kind, "date": "2025-01-01", "states": states}
            for n, states in enumerate(documents)
        ],
    }


def _criteria(policy: Policy) -> list[str]:
    found = policy.structure.criteria_of(policy.structure.sections)
    return sorted(found, key=natural_key)


def _answers(policy: Policy, data: Any, statuses: bool, missing: bool) -> dict[str, Any]:
    try:
        text = data if isinstance(data, str) else json.dumps(data)
        case = Case.from_json(text, "case", policy.vocabulary)
        decision = policy.decide(case)
    except (CaseError, ValueError) as error:
        told = "; ".join(error.problems) if isinstance(error, CaseError) else str(error)
        return {"error": told, "id": data.get("id") if isinstance(data, dict) else None}
    row: dict[str, Any] = {
        "id": case.id,
        "outcome": decision.outcome,
        "denial_kind": decision.denial_kind,
        "section": decision.section,
        "approval_months": decision.approval_months,
        "refer_to": decision.refer_to,
    }
    if statuses:
        for name, result in decision.criteria.items():
            row[f"status {name}"] = result.status
    if missing:
        first = next(islice(policy.missing(case), 1), None)
        if first is not None:
            row["missing_cost"] = first.cost
            row["missing_claims"] = [claim.term for claim in first.claims]
            row["missing_documents"] = list(first.documents)
    return row


def _schema(policy: Policy, statuses: bool, missing: bool) -> pa.Schema:
    fields = [
        ("id", pa.string()),
        ("outcome", _WORDS),
        ("denial_kind", _WORDS),
        ("section", _NAMES),
        ("approval_months", pa.int16()),
        ("refer_to", _NAMES),
    ]
    if statuses:
        fields += [(f"status {name}", _WORDS) for name in _criteria(policy)]
    if missing:
        texts = pa.list_(pa.string())
        fields += [
            ("missing_cost", pa.int32()),
            ("missing_claims", texts),
            ("missing_documents", texts),
        ]
    return pa.schema([*fields, ("error", pa.string())])


_SEEN: dict[Any, dict[str, Any]] = {}


def _table(
    policy: Policy, rows: Iterator[dict[str, Any]], statuses: bool, missing: bool
) -> pa.Table:
    schema = _schema(policy, statuses, missing)
    found = list(rows)
    return pa.Table.from_arrays(
        [pa.array([row.get(field.name) for row in found], field.type) for field in schema],
        schema=schema,
    )


def decide_batch(
    policy: Policy, table: pa.Table, *, statuses: bool = False, missing: bool = False
) -> pa.Table:
    """Decide each row."""
    known = batch_schema(policy).names
    unknown = [name for name in table.column_names if name not in known]
    if unknown or "id" not in table.column_names:
        raise BridgeError(f"columns: {unknown}")
    schema = pa.schema(
        [
            pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type)
            for f in batch_schema(policy)
        ]
    )

    def rows() -> Iterator[dict[str, Any]]:
        for row in table.to_pylist():
            told = {**row, "id": row["id"] is None}
            key = (policy.info.rules, statuses, missing, repr(told))
            if key not in _SEEN:
                _SEEN[key] = _answers(policy, _case(policy, row, schema), statuses, missing)
            yield {**_SEEN[key], "id": row["id"]}

    return _table(policy, rows(), statuses, missing)


def decide_cases(
    policy: Policy, lines: Iterable[str], *, statuses: bool = False, missing: bool = False
) -> pa.Table:
    """Decide each case file."""
    answers = (_answers(policy, line, statuses, missing) for line in lines)
    return _table(policy, answers, statuses, missing)


__all__ = ["batch_schema", "batch_table", "decide_batch", "decide_cases", "plain"]
