"""The product: the whole call and the solve alone of a decision, and the batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from benchmarks.peers.control import Answer
from benchmarks.peers.rows import Flattener, Row
from benchmarks.peers.rules import Rules
from benchmarks.peers.tables import SIZE, base_table, check, places, width
from pyclingo_bridge import Case, Decision, Policy

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


class Solve(Decide):
    """The solve alone: from the states of the claims to the verdict, with all statuses."""

    def prepare(self, rows: list[Row]) -> list[Any]:
        """What the solve takes."""
        self._solve, taken = solver(self._policy)
        return [taken(case) for case in super().prepare(rows)]

    def answers(self, cases: list[Any]) -> list[Any]:
        """The verdicts."""
        solve = self._solve
        return [solve(*case) for case in cases]

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


def solver(policy: Policy) -> tuple[Callable[..., Any], Callable[[Case], Any]]:
    """What solves, past everything that is remembered, and what makes its arguments of a case.

    Errors: NotYet where the decision is made otherwise than is known here.
    """
    judge = getattr(policy._decider, "_judge", None)
    solve = getattr(judge, "_judge", None)
    if judge is None or solve is None:
        raise NotYet("no way to the solve alone")
    requested = judge._requested

    def taken(case: Case) -> Any:
        weighed = [topic.weighed for topic in policy._find(case).topics.values()]
        return [(one.claim_inputs, one.requested & requested) for one in weighed]

    return solve, taken


class Batch:
    """`Policy.decide_batch` over a table with dictionary columns, for the outcomes."""

    batch = True
    options: Mapping[str, Any] = MappingProxyType({"columns": ["outcome"]})

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._decide = getattr(Policy.load(POLICY), "decide_batch", None)
        if self._decide is None:
            raise NotYet("`Policy.decide_batch` is not there")

    def prepare(self, rows: list[Row]) -> pa.Table:
        """The batch as it comes from Arrow."""
        return base_table(self._rules, rows).take(places(rows, SIZE, 1)).combine_chunks()

    def answers(self, table: pa.Table) -> pa.Table:
        """The table of answers."""
        assert self._decide is not None
        return self._decide(table, **self.options)

    def check(self, found: pa.Table, expected: list[str]) -> int:
        """See `tables.check`; a case that had no answer fails it."""
        return check(found.column("outcome").combine_chunks(), expected)


class BatchStatuses(Batch):
    """The same, with all statuses."""

    options = MappingProxyType({"statuses": True})


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
