"""What a Parquet file can hold and a case cannot: bytes that are no text, numbers of 16 bits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")

import pyarrow as pa
import pyarrow.parquet as pq

from pyclingo_bridge.base.errors import TableError
from pyclingo_bridge.io.run import BatchOptions, run_batch
from tests.conftest import FACTS, case, made, policy, request


def whole() -> pa.Table:
    """Three rows of one approved case, which differ in nothing but their ids."""
    return policy().batch_table(case({**made(request(), FACTS), "id": name}) for name in ("a", "b", "c"))


def texts(*cells: bytes) -> pa.Array:
    """These bytes as a column of texts, whatever they are."""
    held = pa.array(cells, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(cells), held.buffers())


def listed(members: pa.Array) -> pa.Array:
    """A list of each."""
    return pa.ListArray.from_arrays(pa.array(range(len(members) + 1), pa.int32()), members)


def with_column(name: str, values: pa.Array) -> pa.Table:
    table = whole()
    return table.set_column(table.column_names.index(name), name, values)


NAMES = texts(b"nsclc", b"nsc\xfflc", b"nsclc")
BROKEN = [
    ("diagnosis", NAMES),
    ("diagnosis", NAMES.dictionary_encode()),
    ("diagnosis", listed(NAMES)),
    ("prior_therapies", listed(texts(b"carboplatin", b"\xff", b"carboplatin"))),
    ("prior_therapies", listed(listed(texts(b"carboplatin", b"\xff", b"carboplatin")))),
    ("id", texts(b"a", b"\xff", b"c")),
]


@pytest.mark.parametrize(("name", "values"), BROKEN)
def test_bytes_that_are_no_text_spoil_their_own_row_alone(name: str, values: pa.Array, tmp_path: Path) -> None:
    table = with_column(name, values)
    pq.write_table(table, tmp_path / "in.parquet")
    summary = run_batch(policy(), tmp_path / "in.parquet", tmp_path / "out.jsonl")
    (told,) = map(json.loads, Path(summary.rejects or "").read_text("utf-8").splitlines())
    assert (told["row"], told["reason"]) == (2, f"column `{name}`: is not UTF-8 text")
    assert told["id"] == (None if name == "id" else "b")
    decided = map(json.loads, (tmp_path / "out.jsonl").read_text("utf-8").splitlines())
    assert [row["id"] for row in decided] == ["a", "c"]
    with pytest.raises(TableError, match=f"no UTF-8 text in `{name}`"):
        policy().decide_batch(table)


def halves(*numbers: float | None) -> pa.Array:
    numpy = pytest.importorskip("numpy")
    return pa.array([None if n is None else numpy.float16(n) for n in numbers], pa.float16())


@pytest.mark.parametrize("several", [False, True])
def test_numbers_of_16_bits_with_fractions_are_read_as_wider_ones_are(several: bool, tmp_path: Path) -> None:
    ages: Any = halves(64, 64.5, None)
    table = with_column("age", listed(ages) if several else ages)
    found = policy().decide_batch(table, warnings=True).to_pylist()
    assert [row["outcome"] for row in found] == ["approve", None, "deny"]
    assert found[1]["error"].endswith(".age: has to be a whole number, not `64.5`")
    pq.write_table(table, tmp_path / "in.parquet")
    options = BatchOptions(rows=2)
    summary = run_batch(policy(), tmp_path / "in.parquet", tmp_path / "out.jsonl", options)
    assert (summary.outcomes, summary.rejected) == ({"approve": 1, "deny": 1}, 1)
