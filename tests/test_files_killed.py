"""A batch that is killed at any moment, and two of them at once: no row is lost, and none is doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")

import pyarrow as pa
import pyarrow.parquet as pq

from pyclingo_bridge.io.run import BatchOptions, run_batch
from tests.conftest import FACTS, ROOT, case, made, policy, request

pytestmark = [pytest.mark.slow, pytest.mark.subprocess]

ROWS = 400
PATIENCE = 60


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of a few kinds, in an order of no pattern; every fiftieth is bad."""
    rng = random.Random(3)
    kinds = [made(request(), FACTS), made(request(), FACTS, kras_g12c=None)]
    kinds += [made(request(), FACTS, age=17), made(request(), FACTS, diagnosis="melanoma")]
    table = policy().batch_table([case(kind) for kind in kinds])
    table = table.take(pa.array([rng.randrange(len(kinds)) for _ in range(ROWS)]))
    ids = pa.array([f"row-{number}" for number in range(ROWS)])
    doses = pa.array([0 if number % 50 == 0 else 960 for number in range(ROWS)], pa.int64())
    for name, column in (("id", ids), ("dose_mg_per_day", doses)):
        table = table.set_column(table.schema.get_field_index(name), name, column)
    path = tmp_path_factory.mktemp("source") / "in.parquet"
    pq.write_table(table, path, row_group_size=130)
    return path


def words(source: Path, target: Path) -> list[str]:
    # One row a chunk, so that there is much to be killed in.
    command = [sys.executable, "-m", "pyclingo_bridge", "batch", str(source), str(target)]
    return [*command, "--chunk", "1", "--json"]


@contextmanager
def started(source: Path, target: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, in a process of its own."""
    process = subprocess.Popen(
        words(source, target),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def parts(target: Path) -> set[str]:
    """The parts that are done."""
    return {path.name for path in target.with_name(f".{target.name}.batch").glob("chunks-*")}


def wait_for_more(process: subprocess.Popen[str], target: Path) -> bool:
    """Whether more rows came to last before the process ended."""
    before = parts(target)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if parts(target) - before:
            return True
        time.sleep(0.002)
    return False


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C as POSIX has it")
def test_a_batch_that_ctrl_c_stops_says_so_in_a_line_and_goes_on(source: Path, tmp_path: Path) -> None:
    whole, target = tmp_path / "whole.csv", tmp_path / "out.csv"
    run_batch(policy(), source, whole, BatchOptions(rows=1))
    with started(source, target) as process:
        assert wait_for_more(process, target)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode in (130, -signal.SIGINT), out, err) == (True, "", "interrupted\n")
    with started(source, target) as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert (err, json.loads(out)["resumed"] > 0) == ("", True)
    assert target.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("name", ["out.parquet", "out.csv.gz"])
def test_a_batch_that_is_killed_again_and_again_comes_out_as_if_it_never_was(
    name: str, source: Path, tmp_path: Path
) -> None:
    whole = tmp_path / "whole" / name
    whole.parent.mkdir()
    run_batch(policy(), source, whole, BatchOptions(rows=1))
    target = tmp_path / name
    rng = random.Random(name)
    killed = 0
    for _ in range(3):
        with started(source, target) as process:
            if wait_for_more(process, target):
                time.sleep(rng.random() * 0.1)
                process.send_signal(signal.SIGKILL)
                killed += process.wait() == -signal.SIGKILL
    assert killed >= 2
    with started(source, target) as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert err == ""
    told = json.loads(out)
    assert (told["rows"], told["rejected"]) == (ROWS, ROWS // 50)
    assert told["resumed"] > 0
    assert target.read_bytes() == whole.read_bytes()
    assert rejects(target) == rejects(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["whole", name, f"{name}.rejects.jsonl"])


def rejects(target: Path) -> list[Any]:
    lines = target.with_name(f"{target.name}.rejects.jsonl").read_text().splitlines()
    found = [json.loads(line)["row"] for line in lines]
    assert found == list(range(1, ROWS + 1, 50))
    return lines


def test_two_runs_do_not_write_one_output_but_a_dead_one_blocks_none(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    with started(source, target) as process:
        assert wait_for_more(process, target)
        process.send_signal(signal.SIGSTOP)
        with started(source, target) as other:
            _, err = other.communicate(timeout=PATIENCE)
        assert other.returncode == 2
        assert err == f"error: {target}: another run is writing it\n  help: wait for that, or write elsewhere\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    with started(source, target) as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (2, "")
    assert json.loads(out)["resumed"] > 0
    assert len(target.read_text().splitlines()) == 1 + ROWS - ROWS // 50
