"""Cedar: one policy that permits for each section, one more for a referral; the set parsed once."""

from __future__ import annotations

import json
from typing import Any

import cedarpy

from benchmarks.peers.rows import Row
from benchmarks.peers.rules import Condition, Formula, Rules, fold
from benchmarks.peers.words import joined, listed, literal, quoted

_LONG = 8
"""Sets of more members than these are attributes of the resource, and not built at each decision."""


class Sets:
    """The long sets of a policy, by the names of the attributes that hold them."""

    def __init__(self) -> None:
        self.names: dict[tuple[Any, ...], str] = {}

    def text(self, values: tuple[Any, ...]) -> str:
        """A set in Cedar."""
        if len(values) <= _LONG:
            return listed(values)
        return "resource." + self.names.setdefault(values, f"set_{len(self.names)}")

    def entities(self) -> list[dict[str, Any]]:
        """The resource."""
        attributes = {name: list(values) for values, name in self.names.items()}
        return [{"uid": {"type": "Policy", "id": "policy"}, "attrs": attributes, "parents": []}]


def condition(one: Condition, sets: Sets) -> str:
    """A condition in Cedar; an attribute that is not there is asked for first."""
    name = f"context.{one.attribute}"
    have = [f"context has {one.attribute}"]
    if one.qualifier:
        have += [f"context has {one.qualifier}", f"context.{one.qualifier}"]
    return joined([*have, _test(one, name, sets)], "&&", "true")


def _test(one: Condition, name: str, sets: Sets) -> str:
    match one.test:
        case "in" | "not_in" if isinstance(one.values[0], bool):
            equal = name if one.values[0] else f"!{name}"
            return equal if one.test == "in" else f"!({equal})"
        case "in" if len(one.values) == 1:
            return f"{name} == {quoted(one.values[0])}"
        case "not_in" if len(one.values) == 1:
            return f"{name} != {quoted(one.values[0])}"
        case "in":
            return f"{sets.text(one.values)}.contains({name})"
        case "not_in":
            return f"!({sets.text(one.values)}.contains({name}))"
        case "at_least":
            return f"{name} >= {one.values[0]}"
        case "at_most":
            return f"{name} <= {one.values[0]}"
        case "empty":
            return f"{name}.isEmpty()"
        case "not_empty":
            return f"!({name}.isEmpty())"
        case "holds" if len(one.values) == 1:
            return f"{name}.contains({quoted(one.values[0])})"
        case "holds":
            return f"{name}.containsAny({sets.text(one.values)})"
        case "within":
            return f"{sets.text(one.values)}.containsAll({name})"
        case "exceeds":
            return f"!({sets.text(one.values)}.containsAll({name}))"
    return f"!({name}.containsAny({sets.text(one.values)}))"


def text(rules: Rules, sets: Sets) -> str:
    """The policy set; its policies are numbered by Cedar in this order."""
    worded = literal(rules, lambda one: condition(one, sets), "&&", "||", "!")

    def whole(formula: Formula) -> str:
        return fold(
            formula,
            worded,
            lambda parts: joined(parts, "&&", "true"),
            lambda parts: joined(parts, "||", "false"),
        )

    wanted = [*(rules.approves(section) for section in rules.sections), rules.refers()]
    return "\n".join(f"permit(principal, action, resource) when {{ {whole(formula)} }};" for formula in wanted)


class Cedar:
    """Bare decisions: one call of `is_authorized` a case."""

    tells = "outcome"

    def __init__(self, rules: Rules) -> None:
        sets = Sets()
        self._policies = cedarpy.PolicySet.from_str(text(rules, sets))
        self._entities = cedarpy.Entities.from_json_str(json.dumps(sets.entities()))
        self._approving = {f"policy{place}" for place in range(len(rules.sections))}

    def prepare(self, rows: list[Row]) -> list[dict[str, Any]]:
        """The requests, as texts beforehand; what is not stated is left out."""
        return [
            {
                "principal": 'Plan::"plan"',
                "action": 'Action::"approve"',
                "resource": 'Policy::"policy"',
                "context": json.dumps({k: v for k, v in row.items() if v is not None}),
            }
            for row in rows
        ]

    def answers(self, requests: list[dict[str, Any]]) -> list[str]:
        """The outcomes: of an approval Cedar tells the policies, of a denial nothing."""
        return [self._outcome(request) for request in requests]

    def _outcome(self, request: dict[str, Any]) -> str:
        found = cedarpy.is_authorized(request, self._policies, self._entities)
        if not found.allowed:
            return "deny"
        approving = self._approving.intersection(found.diagnostics.reasons)
        return "approve" if approving else "refer"
