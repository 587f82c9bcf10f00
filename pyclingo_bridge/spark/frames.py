"""Decides the rows of a Spark DataFrame, batch by batch, in Spark's own worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_schema

from pyclingo_bridge.impact.answers import Impact
from pyclingo_bridge.impact.counting import Counting, Tally
from pyclingo_bridge.io.deciding import Columns
from pyclingo_bridge.io.reader import Chunk, FileColumns, check_columns
from pyclingo_bridge.policy import Policy

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Batches = Iterator[Any]
_TALLY = pa.schema([("tally", pa.string())])

ROWS_SETTING = "spark.sql.execution.arrow.maxRecordsPerBatch"
"""Spark's own setting of how many rows a batch has; 100,000 and more are decided fastest."""


@cache
def _policy(name: str, interpretations: tuple[tuple[str, str], ...], plan: str | None = None) -> Policy:
    """A policy, loaded once a worker process."""
    return Policy.load(name, interpretations=dict(interpretations), plan=plan)


@cache
def _counting(policies: tuple[tuple[str, tuple[tuple[str, str], ...]], ...], examples: int) -> Counting:
    first, second = (_policy(name, interpretations) for name, interpretations in policies)
    return Counting(first, second, examples)


def _chosen(interpretations: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((interpretations or {}).items()))


def decide_frame(
    df: DataFrame,
    policy: str | Path,
    interpretations: Mapping[str, str] | None = None,
    *,
    statuses: bool = False,
    missing: bool = False,
    warnings: bool = False,
    plan: str | Path | None = None,
) -> DataFrame:
    """Decide every row of a DataFrame.

    Args:
        df: one row a case; its columns are those of `Policy.batch_schema`, in any order.
        policy: a shipped policy's name, or a folder with a `policy.lp` that every worker can read.
        interpretations: how to read ambiguities of the wording; the others keep their default.
        statuses: give every criterion's status too.
        missing: give the cheapest missing set too.
        warnings: give each row's warnings too.
        plan: a plan file that every worker can read: what the plan knows for all its cases.

    Returns: one row for each row, with the columns of `Policy.decide_batch`; `error` says why a row is
    bad, and is null elsewhere. A DataFrame has no order: `id` says which row is which.

    Errors: PolicyError, InterpretationError; BatchError where a column is unknown, or `id` is not there.
    """
    key = str(policy), _chosen(interpretations), None if plan is None else str(plan)
    loaded = _policy(*key)
    columns = Columns(statuses=statuses, missing=missing, warnings=warnings)
    check_columns(Path("DataFrame"), df.columns, [FileColumns(loaded.batch_schema(), loaded.vocabulary)])
    empty = loaded.batch_schema().empty_table()
    schema = _plain(loaded.decide_batch(empty, **columns).schema)

    def decided(batches: Batches) -> Batches:
        for batch in batches:
            table = pa.Table.from_batches([batch])
            answers = _policy(*key).decide_batch(table, **columns)
            yield from answers.cast(schema).to_batches()

    return df.mapInArrow(decided, from_arrow_schema(schema))


def impact_frame(
    df: DataFrame,
    first: str | Path,
    second: str | Path,
    first_interpretations: Mapping[str, str] | None = None,
    second_interpretations: Mapping[str, str] | None = None,
    *,
    examples: int = 5,
) -> Impact:
    """What becomes of a DataFrame's rows when the second policy takes the place of the first.

    Every partition is counted where it is, and the counts are added up here. Examples, and the numbers of
    bad rows, are those of their partitions.

    Args:
        df: one row a case; its columns are those that either policy knows.
        first: the policy that decides now; see `decide_frame`.
        second: the policy that would.
        first_interpretations: how to read the first.
        second_interpretations: how to read the second.
        examples: the most ids that are given for each cause.

    Errors: PolicyError, InterpretationError; BatchError where neither knows a column.
    """
    policies = (
        (str(first), _chosen(first_interpretations)),
        (str(second), _chosen(second_interpretations)),
    )
    counting = _counting(policies, examples)
    check_columns(Path("DataFrame"), df.columns, counting.layouts)
    tallies = df.mapInArrow(_counted(policies, examples), from_arrow_schema(_TALLY))
    whole = Tally()
    for row in tallies.toLocalIterator():
        whole.add(Tally.model_validate_json(row["tally"]), examples)
    return counting.impact(whole)


def _counted(policies: Any, examples: int) -> Callable[[Batches], Batches]:
    """Counts a partition's rows into one row."""

    def counted(batches: Batches) -> Batches:
        whole = Tally()
        for batch in batches:
            numbers = range(whole.rows + 1, whole.rows + 1 + batch.num_rows)
            chunk = Chunk(pa.Table.from_batches([batch]), [], numbers)
            whole.add(_counting(policies, examples).count(chunk).tally, examples)
        yield pa.RecordBatch.from_pylist([{"tally": whole.model_dump_json()}], _TALLY)

    return counted


def _plain(schema: Any) -> Any:
    """The schema without dictionaries, which Spark does not know."""
    return pa.schema(
        [
            (
                field.name,
                field.type.value_type if pa.types.is_dictionary(field.type) else field.type,
            )
            for field in schema
        ]
    )
