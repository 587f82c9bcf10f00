"""Rego: a rule for each requirement, criterion and section; built once, one query of the bundle a case."""

from __future__ import annotations

from itertools import count
from typing import Any

import regopy

from benchmarks.peers.rows import Row
from benchmarks.peers.rules import Condition, Formula, Kind, Rules
from benchmarks.peers.words import quoted


class Module:
    """A Rego module, grown rule by rule; each formula gets a rule of its own, the same one once."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._names: dict[object, str] = {}
        self._number = count()
        self.sets: dict[str, dict[str, bool]] = {}
        """Sets of names, as objects to look members up in: much faster than sets in the rules."""
        self.lines = ["package policy", "import rego.v1"]
        approve = [self.formula(rules.approves(section)) for section in rules.sections]
        self.lines += [f"approved if {name}" for name in approve]
        self.lines += [f"referred if {self.formula(rules.refers())}"]
        self.lines += [
            'outcome := "approve" if approved',
            'else := "refer" if referred',
            'else := "deny"',
        ]

    def _rule(self, key: object, bodies: list[list[str]]) -> str:
        """The name of a rule that holds when one of the bodies does, written where it is new."""
        if key not in self._names:
            name = self._names[key] = f"r{next(self._number)}"
            for body in bodies:
                self.lines.append(f"{name} if {{ {'; '.join(body or ['true'])} }}")
            if not bodies:
                self.lines.append(f"{name} if false")
        return self._names[key]

    def formula(self, formula: Formula) -> str:
        """The name of the rule for a formula."""
        word, *rest = formula
        if word not in ("all", "any"):
            return self._literal(word, rest[0])
        parts = [self.formula(part) for part in rest]
        bodies = [parts] if word == "all" else [[part] for part in parts]
        return parts[0] if len(parts) == 1 else self._rule((word, *parts), bodies)

    def _side(self, conditions: tuple[Condition, ...]) -> str:
        return self._rule(conditions, [self._condition(one) for one in conditions])

    def _literal(self, kind: Kind, number: int) -> str:
        requirement = self._rules.requirements[number]
        one, other = requirement.supports, requirement.refutes
        if kind == "fails":
            one, other = other, one
        found = self._side(one)
        if not requirement.certain:
            found = self._rule(("only", one), [[found, f"not {self._side(other)}"]])
        return self._rule(("not", found), [[f"not {found}"]]) if kind == "lacks" else found

    def _set(self, values: tuple[Any, ...]) -> str:
        members = {str(value): True for value in values}
        for name, known in self.sets.items():
            if known == members:
                return f"data.sets.{name}"
        name = f"s{len(self.sets)}"
        self.sets[name] = members
        return f"data.sets.{name}"

    def _condition(self, one: Condition) -> list[str]:
        body = [f"input.{one.qualifier} == true"] if one.qualifier else []
        name = f"input.{one.attribute}"
        match one.test:
            case "in" if len(one.values) == 1:
                return [*body, f"{name} == {quoted(one.values[0])}"]
            case "not_in" if len(one.values) == 1:
                return [*body, f"{name} != {quoted(one.values[0])}"]
            case "in":
                return [*body, f"{self._set(one.values)}[{name}]"]
            case "not_in":
                return [*body, name, f"not {self._set(one.values)}[{name}]"]
            case "at_least":
                return [*body, f"{name} >= {one.values[0]}"]
            case "at_most":
                return [*body, f"{name} <= {one.values[0]}"]
            case "empty":
                return [*body, f"count({name}) == 0"]
            case "not_empty":
                return [*body, f"count({name}) > 0"]
            case "holds":
                return [*body, f"some x in {name}", f"{self._set(one.values)}[x]"]
            case "exceeds":
                return [*body, f"some x in {name}", f"not {self._set(one.values)}[x]"]
        some = Condition(one.attribute, "exceeds" if one.test == "within" else "holds", one.values)
        return [*body, f"count({name}) >= 0", f"not {self._side((some,))}"]


class Rego:
    """One query a case, of a bundle built once."""

    tells = "outcome"

    def __init__(self, rules: Rules) -> None:
        self._interpreter = regopy.Interpreter()
        module = Module(rules)
        self._interpreter.add_data({"sets": module.sets})
        self._interpreter.add_module("policy", "\n".join(module.lines))
        self._bundle = self._interpreter.build("data.policy.outcome")

    def prepare(self, rows: list[Row]) -> list[regopy.Input]:
        """The inputs, built beforehand; what is not stated is left out."""
        return [regopy.Input({key: value for key, value in row.items() if value is not None}) for row in rows]

    def answers(self, inputs: list[regopy.Input]) -> list[str]:
        """The outcomes."""
        return [self._outcome(told) for told in inputs]

    def _outcome(self, told: regopy.Input) -> str:
        self._interpreter.set_input(told)
        # The answer lives as long as what it is read from: that needs a name.
        found = self._interpreter.query_bundle(self._bundle)
        return str(found.expressions().at(0).value)
