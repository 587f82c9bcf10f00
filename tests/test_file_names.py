"""Names that no file of answers can have are refused before anything is decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyclingo_bridge.base.errors import BatchError
from tests.conftest import policy

pytest.importorskip("pyarrow")


def run(tmp_path: Path, target: Path, rejects: Path | None = None) -> None:
    from pyclingo_bridge.io.run import BatchOptions, run_batch

    source = tmp_path / "in.csv"
    source.write_text("id\nx\n", encoding="utf-8")
    run_batch(policy(), source, target, BatchOptions(rejects=rejects))


@pytest.mark.parametrize("name", [".", "", "/"])
def test_an_output_without_a_name_is_an_error_that_lists_the_formats(tmp_path: Path, name: str) -> None:
    with pytest.raises(BatchError, match=r"\.parquet"):
        run(tmp_path, Path(name))


def test_an_output_whose_name_is_too_long_is_an_error_that_names_it(tmp_path: Path) -> None:
    long = tmp_path / f"{'x' * 300}.csv"
    with pytest.raises(BatchError, match=r"xxx\.csv: cannot be written: File name too long"):
        run(tmp_path, long)
    with pytest.raises(BatchError, match=r"xxx\.csv: cannot be written: File name too long"):
        run(tmp_path, tmp_path / "out.csv", long)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
