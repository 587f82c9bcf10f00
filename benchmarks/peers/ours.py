"""The product: the whole call and the solve alone of a decision, and the batch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import pyarrow as pa

from benchmarks.peers.control import Answer
from benchmarks.peers.rows import Flattener, Row
from benchmarks.peers.rules import Rules
from benchmarks.peers.tables import SIZE, base_table, check, places, width
from pyclingo_bridge import Case, Decision, Policy
from pyclingo_bridge.compiled.judge import CompiledJudge

POLICY = "cp_phar_549"


class NotYet(Exception):
    """The product does not offer what is to be measured."""


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
        return [
            (one.outcome, {name: entry.status for name, entry in one.criteria.items()})
            for one in found
        ]


class DecideAndRead(Decide):
    """The same, and each status read from the decision."""

    def answers(self, cases: list[Case]) -> list[Any]:
        """The outcomes and statuses."""
        return super().told(super().answers(cases))

    def told(self, found: list[Any]) -> list[Answer]:
        """What was read."""
        return found


class Solve(Decide):
    """The solve alone: from what was found of the claims to the verdict, and all statuses."""

    def prepare(self, rows: list[Row]) -> list[Any]:
        """What was found of the cases, in which the states of the claims stand."""
        return [self._policy._find(case).weighed for case in super().prepare(rows)]

    def answers(self, cases: list[Any]) -> list[Any]:
        """The verdicts, with how the criteria stand."""
        judge = self._policy._decider.judge
        if not isinstance(judge, CompiledJudge):
            # The solver's judge remembers verdicts, which are known from preparing the cases.
            raise NotYet("the policy is not judged by its compiled rules")
        verdict = judge.verdict
        return [(found := verdict(case), found.standing)[0] for case in cases]

    def told(self, found: list[Any]) -> list[Answer]:
        """What the verdicts tell, of the sections' criteria alone."""
        structure = self._policy.structure
        return [
            (
                one.outcome,
                {str(name): one.standing[name] for name in structure.criteria_of(one.routed)},
            )
            for one in found
        ]


def outcomes(policy: Policy) -> Callable[[pa.Table], pa.Table]:
    """What decides a table for the outcomes, with as little beside them as the product offers.

    Errors: NotYet.
    """
    decide = getattr(policy, "decide_batch", None)
    if decide is None:
        raise NotYet("`Policy.decide_batch` is not there")
    narrow = "columns" in inspect.signature(decide).parameters
    return partial(decide, columns=["outcome"]) if narrow else decide


class Batch:
    """`Policy.decide_batch` over a table with dictionary columns, for the outcomes."""

    batch = True

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._policy = Policy.load(POLICY)
        self._decide = outcomes(self._policy)

    def prepare(self, rows: list[Row]) -> pa.Table:
        """The batch as it comes from Arrow."""
        return base_table(self._rules, rows).take(places(rows, SIZE, 1)).combine_chunks()

    def answers(self, table: pa.Table) -> pa.Table:
        """The table of answers."""
        return self._decide(table)

    def check(self, found: pa.Table, expected: list[str]) -> int:
        """See `tables.check`; a case that had no answer fails it."""
        return check(found.column("outcome").combine_chunks(), expected)


class BatchStatuses(Batch):
    """The same, with all statuses."""

    def answers(self, table: pa.Table) -> pa.Table:
        """The table of answers, a column for each criterion in it."""
        found = self._policy.decide_batch(table, statuses=True)
        assert found.num_columns > len(self._policy.structure.labels) // 2
        return found


class BatchWithoutNumpy(Batch):
    """The same as `Batch`, in a process that has no NumPy."""


class Bandwidth:
    """How fast this machine reads: a sum over numbers in memory, far more than any cache holds."""

    batch = True

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def prepare(self, rows: list[Row]) -> Any:
        """The numbers; a row of the table is so many bytes of them."""
        import numpy as np

        self._width = width(self._rules, base_table(self._rules, rows))
        return np.ones(1 << 25, np.uint64)

    def answers(self, numbers: Any) -> int:
        """Their sum."""
        return int(numbers.sum())

    def check(self, found: int, expected: list[str]) -> float:
        """To how many rows of the table what was read comes."""
        assert found == 1 << 25
        return found * 8 / self._width
