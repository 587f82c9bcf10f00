"""Rows for all peers alike: a request form, and each attribute stated at most once.

A row is one flat object, as users of these engines send it. Names are the vocabulary's own already
(no brands, no regimens), lists are whole or not, and what nobody states is None.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from benchmarks.peers.rules import UNKNOWN_DRUG, Condition, Requirement, Rules
from pyclingo_bridge import Case, Policy
from pyclingo_bridge.base.terms import Value, plain
from pyclingo_bridge.cases.attributes import drug_key

Row = dict[str, Any]


class Flattener:
    """Makes rows of random cases, and cases of rows, for one policy."""

    def __init__(self, policy: Policy, rules: Rules) -> None:
        self._policy = policy
        self._vocabulary = policy.vocabulary
        self._rules = rules
        facts = policy.structure.facts
        self._parts: defaultdict[Value, list[str]] = defaultdict(list)
        for term in facts["stands_for"]:
            self._parts[term.args[0]].append(str(plain(term.args[1])))
        self._uncounted = {
            str(plain(term.args[0])) for word in ("supportive", "requested_drug") for term in facts[word]
        }
        self._only_from = {
            str(plain(term.args[0])): str(plain(term.args[1]))
            for term in policy.loaded.all_facts.get("only_from", ())
        }
        self._counts_as = {
            (str(plain(term.args[0])), str(plain(term.args[1]))): str(plain(term.args[2]))
            for term in policy.loaded.all_facts.get("counts_as", ())
        }

    def row(self, case: dict[str, Any]) -> Row:
        """A case with the last statement of each attribute alone."""
        stated: Row = {}
        for document in sorted(case["documents"], key=lambda one: str(one["date"])):
            states = document["states"]
            for qualifier, listed in self._vocabulary.qualifiers.items():
                if listed in states:
                    stated[qualifier] = states.get(qualifier)
            stated |= states
        row: Row = {}
        for name, attribute in self._vocabulary.attributes.items():
            given = case["request"] if attribute.kind == "request" else stated
            row[name] = self._value(name, given.get(name, attribute.default))
        for qualifier in self._vocabulary.qualifiers:
            row[qualifier] = stated.get(qualifier)
        return row

    def _value(self, name: str, value: Any) -> Any:
        attribute = self._vocabulary.attributes[name]
        if isinstance(value, dict):
            # Peers know numbers; a range of them is no question that they are asked.
            return None
        if value is None or attribute.domain not in ("drugs", "list", "name"):
            return value
        if attribute.domain == "drugs":
            drugs = {drug for word in value for drug in self._drugs(word)}
            # What the form leaves open is no question that peers are asked.
            ignored = self._uncounted | {UNKNOWN_DRUG}
            return sorted(drugs - ignored if attribute.kind == "request" else drugs)
        if attribute.domain == "list":
            return sorted(set(value))
        return self._counts_as.get((name, value), value)

    def _drugs(self, word: str) -> list[str]:
        known = self._vocabulary.drugs.get(drug_key(word))
        if known is None:
            return [UNKNOWN_DRUG]
        return self._parts.get(known) or [str(plain(known))]

    def case(self, row: Row, name: str) -> dict[str, Any]:
        """The case file of a row: the request, and the rest in documents of one day.

        A document states all but what counts in one type of document alone, which is in one of that type.
        """
        given = {key: value for key, value in row.items() if value is not None}
        form = {key for key, (kind, _) in self._rules.attributes.items() if kind == "request"}
        states = {key: value for key, value in given.items() if key not in form}
        papers: defaultdict[str, Row] = defaultdict(dict)
        for key, value in states.items():
            papers[self._only_from.get(key, self._document_type)][key] = value
        return {
            "id": name,
            "request": {key: value for key, value in given.items() if key in form},
            "documents": [
                {"id": kind, "type": kind, "date": "2025-03-02", "states": stated}
                for kind, stated in papers.items()
            ],
        }

    @property
    def _document_type(self) -> str:
        return min(self._vocabulary.document_types)

    def checked_case(self, row: Row, name: str) -> Case:
        """The case of a row, read and checked."""
        text = json.dumps(self.case(row, name))
        return Case.from_json(text, "benchmark", self._vocabulary)


def distinct_rows(
    flattener: Flattener,
    rules: Rules,
    count: int,
    seed: int,
    make: Callable[[random.Random], dict[str, Any]],
) -> list[Row]:
    """Random rows; no two put all requirements in the same states, so that nothing remembered decides one."""
    rng = random.Random(seed)
    found: dict[tuple[int, ...], Row] = {}
    while len(found) < count:
        row = flattener.row(make(rng))
        found.setdefault(tuple(states(rules, row)), row)
    return list(found.values())


# --- The state of each requirement in a row ------------------------------------------------------------

REFUTED, CONFLICTING, OPEN, ESTABLISHED = range(4)
"""The states of a requirement, the more hopeful the higher."""


def states(rules: Rules, row: Row) -> list[int]:
    """The state of each requirement in a row."""
    return [_state(requirement, row) for requirement in rules.requirements]


def _state(requirement: Requirement, row: Row) -> int:
    supported = any(holds(condition, row) for condition in requirement.supports)
    refuted = any(holds(condition, row) for condition in requirement.refutes)
    if supported:
        return CONFLICTING if refuted else ESTABLISHED
    return REFUTED if refuted else OPEN


def holds(condition: Condition, row: Row) -> bool:
    """Whether a row states the condition's attribute, and it passes the test."""
    value = row[condition.attribute]
    if value is None or (condition.qualifier and not row[condition.qualifier]):
        return False
    match condition.test:
        case "in":
            return value in condition.values
        case "not_in":
            return value not in condition.values
        case "at_least":
            return bool(value >= condition.values[0])
        case "at_most":
            return bool(value <= condition.values[0])
        case "empty":
            return not value
        case "not_empty":
            return bool(value)
        case "holds":
            return not set(condition.values).isdisjoint(value)
        case "lacks":
            return set(condition.values).isdisjoint(value)
        case "exceeds":
            return not set(condition.values).issuperset(value)
        case "within":
            return set(condition.values).issuperset(value)
