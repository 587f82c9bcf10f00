"""A table of many cases, from few: the same one for every peer that takes a batch."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from benchmarks.peers.rows import Row
from benchmarks.peers.rules import Rules

SIZE = int(os.environ.get("BENCHMARK_ROWS", 1 << 21))
"""Rows of a batch: a column of one byte a row is larger than the caches nearest to the core."""


def base_table(rules: Rules, rows: list[Row], listed: bool = False) -> pa.Table:
    """The rows as columns: flags as bits, numbers short, names and lists as dictionaries.

    Args:
        rules: the policy.
        rows: the rows.
        listed: keep lists as plain columns of lists, for those who know no dictionary of lists.
    """
    columns: dict[str, pa.Array] = {"id": pa.array([str(place) for place in range(len(rows))])}
    for name in rows[0]:
        values = [row[name] for row in rows]
        domain = rules.attributes[name][1] if name in rules.attributes else "flag"
        columns[name] = _column(domain, values, listed)
    return pa.table(columns)


def _column(domain: str, values: list[Any], listed: bool) -> pa.Array:
    if domain == "flag":
        return pa.array(values, pa.bool_())
    if domain == "whole_number":
        return pa.array(values, pa.int16())
    if domain in ("list", "drugs"):
        return pa.array(values, pa.list_(pa.string())) if listed else _dictionary_of_lists(values)
    found = pa.array(values, pa.string()).dictionary_encode()
    small = pa.int8() if len(found.dictionary) < 128 else pa.int16()
    return pa.DictionaryArray.from_arrays(found.indices.cast(small), found.dictionary)


def _dictionary_of_lists(values: list[Any]) -> pa.Array:
    known: dict[tuple[str, ...], int] = {}
    indices = [None if value is None else known.setdefault(tuple(value), len(known)) for value in values]
    dictionary = pa.array([list(key) for key in known], pa.list_(pa.string()))
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int16()), dictionary)


def places(rows: Sequence[object], size: int, seed: int) -> pa.Array:
    """Which of the rows stands in each place of a batch."""
    return pa.array(random.Random(seed).choices(range(len(rows)), k=size), pa.int32())


def width(rules: Rules, table: pa.Table) -> float:
    """Bytes a row of the columns that some requirement is about, without what dictionaries hold."""
    conditions = [
        one for requirement in rules.requirements for one in (*requirement.supports, *requirement.refutes)
    ]
    total = 0
    for name in {x for one in conditions for x in (one.attribute, one.qualifier) if x}:
        for chunk in table.column(name).chunks:
            array = chunk.indices if pa.types.is_dictionary(chunk.type) else chunk
            total += array.nbytes
    return total / len(table)


def check(found: pa.Array, expected: list[str], seed: int = 1) -> int:
    """The number of a batch's outcomes, when all are the expected ones of their rows.

    Errors: AssertionError.
    """
    where = places(expected, SIZE, seed)
    assert found.cast(pa.string()).equals(pa.array(expected).take(where))
    return len(found)
