"""Decides a folder of Parquet files on Spark, or tells what another version changes.

spark-submit examples/spark_job.py decide IN OUT --policy NAME
spark-submit examples/spark_job.py impact IN OUT --policy NAME --to OTHER
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pyspark.sql import SparkSession

from pyclingo_bridge.spark import ROWS_SETTING, decide_frame, impact_frame


def main() -> None:
    """Read, decide, write."""
    parser = argparse.ArgumentParser(description="Decide cases on Spark.")
    parser.add_argument("task", choices=["decide", "impact"])
    parser.add_argument("source", help="Parquet files with one row a case")
    parser.add_argument("target", help="for answers: a folder of Parquet files; for impact: a JSON file")
    parser.add_argument("--policy", required=True, help="the policy that decides")
    parser.add_argument("--to", help="for impact: the policy that would decide")
    parser.add_argument("--statuses", action="store_true", help="each criterion's status too")
    parser.add_argument("--plan", help="a plan file: what the plan knows for all its cases")
    given = parser.parse_args()
    spark = SparkSession.builder.config(ROWS_SETTING, 262_144).getOrCreate()
    frame = spark.read.parquet(given.source)
    if given.task == "decide":
        answers = decide_frame(frame, given.policy, statuses=given.statuses, plan=given.plan)
        answers.write.parquet(given.target)
    else:
        found = impact_frame(frame, given.policy, given.to or given.policy)
        Path(given.target).write_text(found.model_dump_json(indent=2), encoding="utf-8")
    spark.stop()


if __name__ == "__main__":
    main()
