"""The product's batch, over a table as Arrow has it, and how fast this machine reads as much."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pyarrow as pa

from benchmarks.peers.rows import Row
from benchmarks.peers.rules import POLICY, Rules
from benchmarks.peers.tables import SIZE, base_table, check, places, width
from pyclingo_bridge import Policy


def outcomes(policy: Policy) -> Callable[[pa.Table], pa.Table]:
    """What decides a table for the outcomes, with as little beside them as the product offers."""
    return partial(policy.decide_batch, only=["outcome"])


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
