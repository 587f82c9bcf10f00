"""The product's decision: the whole call, and the solve alone."""

from __future__ import annotations

from typing import Any

from benchmarks.peers.control import Answer
from benchmarks.peers.rows import Flattener, Row
from benchmarks.peers.rules import POLICY, NotYet, Rules
from pyclingo_bridge import Case, Decision, Policy
from pyclingo_bridge.fast.compiled_judge import CompiledJudge


class Decide:
    """`Policy.decide`: a `Case` goes in, a `Decision` comes out, with all statuses and reasons."""

    tells = "statuses"

    def __init__(self, rules: Rules) -> None:
        self._policy = Policy.load(POLICY)
        self._flattener = Flattener(self._policy, rules)

    def prepare(self, rows: list[Row]) -> list[Case]:
        """The cases, read and checked."""
        return [self._flattener.checked_case(row, str(place)) for place, row in enumerate(rows)]

    def answers(self, cases: list[Case]) -> list[Decision]:
        """The decisions."""
        return [self._policy.decide(case) for case in cases]

    def told(self, found: list[Decision]) -> list[Answer]:
        """What the decisions tell."""
        return [(one.outcome, {name: entry.status for name, entry in one.criteria.items()}) for one in found]


class DecideAndRead(Decide):
    """The same, and each status read from the decision."""

    def answers(self, cases: list[Case]) -> list[Any]:
        """The outcomes and statuses."""
        return super().told(super().answers(cases))

    def told(self, found: list[Any]) -> list[Answer]:
        """What was read."""
        return found


class Solve(Decide):
    """The solve alone: from what was found of the requirements to the verdict, and all statuses."""

    def prepare(self, rows: list[Row]) -> list[Any]:
        """What was found of the cases, in which the states of the requirements stand."""
        return [self._policy.assess(case).weighed for case in super().prepare(rows)]

    def answers(self, cases: list[Any]) -> list[Any]:
        """The verdicts, with how the criteria stand."""
        judge = self._policy.loaded.assessor.judge
        if not isinstance(judge, CompiledJudge):
            # The solver's judge remembers verdicts, which are known from preparing the cases.
            raise NotYet("the policy is not judged by its compiled rules")
        verdict = judge.verdict
        return [(found := verdict(case), found.node_statuses)[0] for case in cases]

    def told(self, found: list[Any]) -> list[Answer]:
        """What the verdicts tell, of the sections' criteria alone."""
        structure = self._policy.structure
        return [
            (
                one.outcome,
                {str(name): one.node_statuses[name] for name in structure.criteria_of(one.routed)},
            )
            for one in found
        ]
