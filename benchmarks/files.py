"""A file of many cases: rows a second, peak memory, and how that compares with reading the file alone.

    python -m benchmarks.files --rows 1000000 --policy cp_phar_549

Each measurement runs in a process of its own, of which the peak memory is the system's own figure. Reading
alone takes the same columns in the same chunks; `--answers` names the format of the output.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pyclingo_bridge import Case, CaseError, Policy

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "cases"


def write(policy: Policy, path: Path, rows: int) -> None:
    """Rows of the example cases, in an order of no pattern; names as Parquet dictionaries."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    cases = [Case.load(file, policy.vocabulary) for file in sorted(EXAMPLES.rglob("*.json"))]
    table = policy.batch_table(_plain(policy, cases))
    rng = np.random.default_rng(1)
    step = 1_048_576
    with pq.ParquetWriter(path, table.schema) as writer:
        for start in range(0, rows, step):
            number = min(step, rows - start)
            part = table.take(pa.array(rng.integers(0, table.num_rows, number)))
            ids = pa.array(np.arange(start, start + number)).cast(pa.string())
            writer.write_table(part.set_column(0, "id", ids))


def _plain(policy: Policy, cases: list[Case]) -> list[Case]:
    """The cases that a row can hold without a column of several statements, as most files have none."""
    plain = []
    for case in cases:
        try:
            schema = policy.batch_table([case]).schema
        except CaseError:
            continue
        if schema == policy.batch_schema().empty_table().select(schema.names).schema:
            plain.append(case)
    return plain


def read_alone(path: Path) -> int:
    """Read a file as a batch does, and do nothing with it."""
    from pyclingo_bridge.io.reader import FileColumns, open_source

    policy = Policy.load(sys.argv[3])
    source = open_source(path, [FileColumns(policy.batch_schema(), policy.vocabulary)])
    return sum(len(chunk.numbers) for chunk in source.chunks())


def decide(path: Path, target: Path) -> int:
    """Decide a file."""
    from pyclingo_bridge.io.run import run_batch

    return run_batch(Policy.load(sys.argv[3]), path, target).rows


def child() -> None:
    """One measurement: seconds and peak memory, as JSON."""
    task, path = sys.argv[2], Path(sys.argv[4])
    Policy.load(sys.argv[3])
    start = time.perf_counter()
    rows = read_alone(path) if task == "read" else decide(path, Path(sys.argv[5]))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "peak": peak}))


def measured(*words: str) -> dict[str, Any]:
    """A measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.files", "--child", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def main() -> None:
    """Write the file, measure, print."""
    if sys.argv[1:2] == ["--child"]:
        child()
        return
    parser = argparse.ArgumentParser(description="Measure a batch file.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--policy", default="cp_phar_549")
    parser.add_argument("--answers", default="parquet", choices=["parquet", "csv", "jsonl"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, target = Path(folder) / "in.parquet", Path(folder) / f"out.{given.answers}"
        write(Policy.load(given.policy), path, given.rows)
        print(f"{given.rows:,} rows, {path.stat().st_size / 1e6:,.1f} MB of Parquet")
        alone = measured("read", given.policy, str(path))
        batch = measured("decide", given.policy, str(path), str(target))
        for name, found in (("reading alone", alone), ("the whole batch", batch)):
            rate = found["rows"] / found["seconds"] / 1e6
            print(f"{name:16} {found['seconds']:8.2f} s {rate:8.2f} million rows/s", end="")
            print(f" {found['peak'] / 2**20:8.0f} MiB at most")
        print(f"the batch takes {batch['seconds'] / alone['seconds']:.2f} times the reading")


if __name__ == "__main__":
    main()
