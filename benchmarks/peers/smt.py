"""Z3: the outcome as defined constants over two Booleans a requirement, asked under assumptions."""

from __future__ import annotations

import z3

from benchmarks.peers.rows import ESTABLISHED, REFUTED, Row, states
from benchmarks.peers.rules import Formula, Kind, Rules, fold


class Requirements:
    """The Booleans of the requirements: established, and refuted (and not supported)."""

    def __init__(self, rules: Rules) -> None:
        self.established = [z3.Bool(f"e{place}") for place in range(len(rules.requirements))]
        self.refuted = [z3.Bool(f"f{place}") for place in range(len(rules.requirements))]

    def expression(self, formula: Formula) -> z3.BoolRef:
        """A formula in Z3."""
        return fold(formula, self._literal, lambda parts: z3.And(parts), lambda parts: z3.Or(parts))

    def _literal(self, kind: Kind, requirement: int) -> z3.BoolRef:
        if kind == "fails":
            return self.refuted[requirement]
        return self.established[requirement] if kind == "holds" else z3.Not(self.established[requirement])


class Solver:
    """One check a case, by one solver that knows the policy, and two values of its model."""

    tells = "outcome"

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._requirements = Requirements(rules)
        self._solver = z3.SolverFor("QF_FD")
        self._approve, self._refer = z3.Bool("approve"), z3.Bool("refer")
        approving = [self._requirements.expression(rules.approves(section)) for section in rules.sections]
        self._solver.add(self._approve == z3.Or(approving))
        self._solver.add(self._refer == self._requirements.expression(rules.refers()))

    def prepare(self, rows: list[Row]) -> list[list[z3.BoolRef]]:
        """The assumptions: a literal for each Boolean of each requirement."""
        return [self._assumptions(states(self._rules, row)) for row in rows]

    def _assumptions(self, found: list[int]) -> list[z3.BoolRef]:
        facts: list[z3.BoolRef] = []
        for requirement, state in enumerate(found):
            for known, one in (
                (ESTABLISHED, self._requirements.established),
                (REFUTED, self._requirements.refuted),
            ):
                facts.append(one[requirement] if state == known else z3.Not(one[requirement]))
        return facts

    def answers(self, cases: list[list[z3.BoolRef]]) -> list[str]:
        """The outcomes."""
        return [self._outcome(case) for case in cases]

    def _outcome(self, case: list[z3.BoolRef]) -> str:
        assert self._solver.check(*case) == z3.sat
        model = self._solver.model()
        if z3.is_true(model.eval(self._approve)):
            return "approve"
        return "refer" if z3.is_true(model.eval(self._refer)) else "deny"
