"""The same answers over a Spark DataFrame: Spark spreads the rows, starts again what fails, and writes.

Each worker process loads a policy once and decides batch after batch of rows with it, as
`Policy.decide_batch` does. A DataFrame has the columns of `Policy.batch_schema`; what one does not have is
null in every row. This package has to be installed where the workers run, with the extra `spark`, and a
policy that is no shipped one has to lie in a folder that all of them can read.
"""

from pyclingo_bridge.base.extras import need

need("spark")

from pyclingo_bridge.spark.frames import ROWS_SETTING, decide_frame, impact_frame  # noqa: E402

__all__ = ["ROWS_SETTING", "decide_frame", "impact_frame"]
