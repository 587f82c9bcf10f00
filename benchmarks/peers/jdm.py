"""ZEN: one compiled expression for the outcome, and a decision of the same as a JDM graph."""

from __future__ import annotations

import json
from typing import Any

import zen

from benchmarks.peers.rows import Row
from benchmarks.peers.rules import Condition, Formula, Rules, fold
from benchmarks.peers.words import joined, listed, literal, quoted


def condition(one: Condition) -> str:
    """A condition in ZEN's expression language."""
    have = [f"{one.attribute} != null"]
    if one.qualifier:
        have.append(f"{one.qualifier} == true")
    return joined([*have, _test(one)], "and", "true")


def _test(one: Condition) -> str:
    name = one.attribute
    match one.test:
        case "in" if len(one.values) == 1:
            return f"{name} == {quoted(one.values[0])}"
        case "not_in" if len(one.values) == 1:
            return f"{name} != {quoted(one.values[0])}"
        case "in":
            return f"{name} in {listed(one.values)}"
        case "not_in":
            return f"{name} not in {listed(one.values)}"
        case "at_least":
            return f"{name} >= {one.values[0]}"
        case "at_most":
            return f"{name} <= {one.values[0]}"
        case "empty":
            return f"len({name}) == 0"
        case "not_empty":
            return f"len({name}) > 0"
        case "holds":
            return f"some({name}, # in {listed(one.values)})"
        case "within":
            return f"all({name}, # in {listed(one.values)})"
        case "exceeds":
            return f"some({name}, # not in {listed(one.values)})"
    return f"none({name}, # in {listed(one.values)})"


def expressions(rules: Rules) -> dict[str, str]:
    """An expression for each section's approval, and one for a referral."""
    worded = literal(rules, condition, "and", "or", "not ")

    def whole(formula: Formula) -> str:
        return fold(
            formula,
            worded,
            lambda parts: joined(parts, "and", "true"),
            lambda parts: joined(parts, "or", "false"),
        )

    found = {f"approve_{place}": whole(rules.approves(section)) for place, section in enumerate(rules.sections)}
    return {**found, "refer": whole(rules.refers())}


def _outcome(names: list[str]) -> str:
    approve = joined(names[:-1], "or", "false")
    return f'{approve} ? "approve" : {names[-1]} ? "refer" : "deny"'


class Expression:
    """One compiled expression, evaluated once a case."""

    tells = "outcome"

    def __init__(self, rules: Rules) -> None:
        parts = [f"({expression})" for expression in expressions(rules).values()]
        self._compiled = zen.compile_expression(_outcome(parts))

    def prepare(self, rows: list[Row]) -> list[Row]:
        """The rows as they are."""
        return rows

    def answers(self, rows: list[Row]) -> list[str]:
        """The outcomes."""
        return [self._compiled.evaluate(row) for row in rows]


class Decision:
    """A decision made of a JDM graph: input, an expression for each section, outcome, output."""

    tells = "outcome"

    def __init__(self, rules: Rules) -> None:
        self._decision = zen.ZenEngine().create_decision(json.dumps(graph(rules)))

    def prepare(self, rows: list[Row]) -> list[Row]:
        """The rows as they are."""
        return rows

    def answers(self, rows: list[Row]) -> list[str]:
        """The outcomes."""
        return [self._decision.evaluate(row)["result"]["outcome"] for row in rows]


def graph(rules: Rules) -> dict[str, Any]:
    """The JDM graph."""
    found = expressions(rules)
    lines = [*found.items(), ("outcome", _outcome([f"$.{name}" for name in found]))]
    content = {
        "expressions": [{"id": key, "key": key, "value": value} for key, value in lines],
        "passThrough": False,
    }
    nodes = [
        {"id": "in", "name": "request", "type": "inputNode"},
        {"id": "policy", "name": "policy", "type": "expressionNode", "content": content},
        {"id": "out", "name": "response", "type": "outputNode"},
    ]
    ways = [("in", "policy"), ("policy", "out")]
    edges = [{"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in ways]
    return {"nodes": nodes, "edges": edges}
