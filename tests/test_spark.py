"""Spark gives the answers of a local run, whatever happens to a worker on the way."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
    pytest.skip("Spark needs Java, which is not there", allow_module_level=True)

import pyarrow as pa
import pyarrow.parquet as pq

from pyclingo_bridge import BridgeError
from tests.batch_tables import fits_a_row
from tests.conftest import ROOT, case, policy
from tests.documentation import snippets
from tests.random_cases import random_case

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = [pytest.mark.slow, pytest.mark.subprocess]

EARLIER, LATER = "cp_phar_549_2024", "cp_phar_549"
ROWS = 60


@pytest.fixture(scope="module")
def table() -> Any:
    """Random cases; one of them is bad."""
    rng = random.Random(12)
    drawn = (one for _ in range(9 * ROWS) if fits_a_row(case(one := random_case(rng))))
    cases = [case({**one, "id": f"case-{number}"}) for number, one in enumerate(islice(drawn, ROWS))]
    made = policy().batch_table(cases)
    place = made.schema.get_field_index("dose_mg_per_day")
    doses = made.column(place).to_pylist()
    doses[17] = 0
    return made.set_column(place, made.schema.field(place), pa.array(doses, made.schema.types[place]))


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    # Two workers at a time, and four tries for each task.
    session = (
        SparkSession.builder.master("local[2,4]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "7")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture
def frame(spark: SparkSession, table: Any, tmp_path: Path) -> DataFrame:
    pq.write_table(table, tmp_path / "in.parquet")
    return spark.read.parquet(str(tmp_path / "in.parquet")).repartition(5)


def rows(found: DataFrame) -> list[dict[str, Any]]:
    """The rows by their ids; a DataFrame has no order."""
    return sorted((row.asDict() for row in found.collect()), key=lambda row: str(row["id"]))


def local(table: Any, **options: Any) -> list[dict[str, Any]]:
    found = policy(LATER).decide_batch(table, **options).to_pylist()
    return sorted(found, key=lambda row: str(row["id"]))


def killing_once(marker: Path) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """Kills the first worker that has passed on a batch, as a machine that is lost would."""
    place = str(marker)

    def passed(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            yield batch
            try:
                os.close(os.open(place, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)

    return passed


def test_spark_decides_row_for_row_as_a_local_run_does(frame: DataFrame, table: Any) -> None:
    from pyclingo_bridge.spark import decide_frame

    assert frame.rdd.getNumPartitions() == 5
    found = rows(decide_frame(frame, LATER, statuses=True, missing=True))
    assert found == local(table, statuses=True, missing=True)
    (bad,) = (row for row in found if row["error"])
    assert bad["id"] == "case-17"
    assert bad["outcome"] is None


def test_a_worker_killed_in_the_middle_changes_nothing(frame: DataFrame, table: Any, tmp_path: Path) -> None:
    from pyclingo_bridge.spark import decide_frame

    killed = killing_once(tmp_path / "killed")
    decided = decide_frame(frame, LATER)
    found = rows(decided.mapInArrow(killed, decided.schema))
    assert (tmp_path / "killed").exists()
    assert found == local(table)


def test_impact_over_spark_counts_what_a_local_run_counts(frame: DataFrame, table: Any, tmp_path: Path) -> None:
    from pyclingo_bridge.spark import impact_frame

    killed = frame.mapInArrow(killing_once(tmp_path / "killed"), frame.schema)
    found = impact_frame(killed, EARLIER, LATER, examples=ROWS)
    here = policy(EARLIER).impact(table, policy(LATER), examples=ROWS)
    assert (tmp_path / "killed").exists()
    assert found.changed > 0
    assert found.rejected == 1

    def counted(impact: Any) -> Any:
        told = impact.model_dump(exclude={"bad"})
        for group in told["groups"]:
            group["examples"] = sorted(group["examples"])
        return told

    assert counted(found) == counted(here)


def test_interpretations_reach_the_workers(frame: DataFrame, table: Any) -> None:
    from pyclingo_bridge.spark import decide_frame, impact_frame

    interpretations = {"advanced_disease": "as_named"}
    expected = policy(LATER, **interpretations).decide_batch(table).column("outcome").to_pylist()
    outcomes = [row["outcome"] for row in rows(decide_frame(frame, LATER, interpretations))]
    assert sorted(map(str, outcomes)) == sorted(map(str, expected))
    found = impact_frame(frame, LATER, LATER, None, interpretations)
    assert found.interpretations[1]["advanced_disease"] == "as_named"
    here = policy(LATER).impact(table, policy(LATER, **interpretations))
    assert found.changed == here.changed > 0


def test_an_unknown_column_is_told_before_anything_runs(frame: DataFrame) -> None:
    from pyclingo_bridge.spark import decide_frame

    with pytest.raises(BridgeError, match=r"unknown column `agee`; did you mean `age`\?"):
        decide_frame(frame.withColumnRenamed("age", "agee"), LATER)


def test_the_snippet_of_the_documentation_decides_and_compares(spark: SparkSession) -> None:
    names = snippets.run(ROOT / "docs" / "how-to" / "spark.md")
    (answer,) = names["answers"].select("id", "outcome").collect()
    assert (answer["id"], answer["outcome"]) == ("nsclc_whole", "approve")
    assert names["impact"].rows == 1


def test_the_job_of_the_readme_writes_answers_and_counts(table: Any, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    good = table.filter(pa.compute.greater(table.column("dose_mg_per_day"), 0)).slice(0, 40)
    pq.write_table(good, tmp_path / "in" / "part.parquet")
    job = [sys.executable, str(ROOT / "examples" / "spark_job.py")]
    python = {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable}
    env = {**os.environ, **python, "SPARK_LOCAL_IP": "127.0.0.1"}
    words = [str(tmp_path / "in"), str(tmp_path / "out"), "--policy", LATER]
    done = subprocess.run([*job, "decide", *words], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = pq.read_table(tmp_path / "out").select(["id", "outcome"]).to_pylist()
    expected = policy(LATER).decide_batch(good).select(["id", "outcome"]).to_pylist()
    assert sorted(found, key=lambda row: row["id"]) == sorted(expected, key=lambda row: row["id"])
