"""What a CSV file's cell cannot say makes its own row bad, and no other, whatever stands in it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")

from pyclingo_bridge.base.errors import BatchError
from pyclingo_bridge.cli.main import app
from pyclingo_bridge.impact.text import sentences
from pyclingo_bridge.io.run import BatchOptions, run_batch
from pyclingo_bridge.io.summary import BatchSummary
from tests.conftest import FACTS, made, policy, request

RUNNER = CliRunner()

GOOD = {
    "id": "a",
    "type": "initial",
    "line_of_business": "commercial",
    "product": "brand",
    "dose_mg_per_day": "960",
    "concurrent_drugs": "[]",
    "diagnosis": "nsclc",
    "disease_extent": "metastatic",
    "kras_g12c": "true",
    "age": "64",
    "oncology_prescriber": "true",
    "prior_therapies": "carboplatin",
    "complete_treatment_history": "true",
    "generic_available": "false",
    "on_formulary": "true",
}

OUT = "is out of bounds (allowed: 0 to 2147483647)"
ONE = "is a list of statements, and the request form makes one; write its value alone"
BROKEN = "`\N{REPLACEMENT CHARACTER}` holds a control character or broken text; remove it"

WRONG = [
    ("age", "2147483648", f"`2147483648` {OUT}"),
    ("age", "2147483648.0", f"`2147483648` {OUT}"),
    ("age", "[64,2147483648]", f"`2147483648` {OUT}"),
    ("age", "-2147483649", "`-2147483649` is out of bounds (allowed: 0 or more)"),
    ("age", "9223372036854775807", f"`9223372036854775807` {OUT}"),
    ("age", "9223372036854775808", f"`9223372036854775808` {OUT}"),
    (
        "dose_mg_per_day",
        "2147483648",
        "`2147483648` is out of bounds (allowed: 1 to 2147483647)",
    ),
    ("dose_mg_per_day", "[960]", f"`[960]` {ONE}"),
    ("dose_mg_per_day", "[]", f"`[]` {ONE}"),
    ("line_of_business", '["commercial","him"]', f'`["commercial","him"]` {ONE}'),
    ("concurrent_drugs", "[[],[]]", f"`[[],[]]` {ONE}"),
    ("on_formulary", "[true]", f"`[true]` {ONE}"),
    ("diagnosis", r'["\ud800"]', BROKEN),
    ("prior_therapies", r'["\ud800"]', BROKEN),
    ("prior_therapies", r'[["\udfff"],["cisplatin"]]', BROKEN),
    ("concurrent_drugs", r'["\ud800"]', BROKEN),
    ("kras_g12c", r'["\ud800"]', "has to be `true` or `false`, not the text `\N{REPLACEMENT CHARACTER}`"),
    ("diagnosis", "[1e999]", "has to be a text, not a number"),
    ("diagnosis", '[{"a":1,"a":2}]', "has to be a text, not an object"),
]


def written(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(GOOD))
    writer.writeheader()
    writer.writerows({**GOOD, **row} for row in rows)
    path.write_bytes(text.getvalue().encode())
    return path


def ran(source: Path, options: BatchOptions | None = None) -> tuple[BatchSummary, list[str]]:
    """How a run went, and the reasons of the bad rows."""
    target = source.with_name("out.jsonl")
    summary = run_batch(policy(), source, target, options)
    rejects = target.with_name("out.jsonl.rejects.jsonl")
    lines = rejects.read_text("utf-8").splitlines() if rejects.exists() else []
    return summary, [json.loads(line)["reason"] for line in lines]


def between_good_rows(tmp_path: Path) -> Path:
    """A file of all the wrong cells, each in a row of its own between good rows."""
    rows = ({column: cell, "id": f"row {place}"} for place, (column, cell, _) in enumerate(WRONG))
    return written(tmp_path / "in.csv", (each for row in rows for each in ({}, row)))


@pytest.mark.parametrize("rows", [None, 3])
def test_a_wrong_cell_spoils_its_own_row_alone(rows: int | None, tmp_path: Path) -> None:
    summary, reasons = ran(between_good_rows(tmp_path), BatchOptions(rows=rows))
    assert reasons == [f"column `{column}`: {why}" for column, _, why in WRONG]
    assert summary.outcomes == {"approve": len(WRONG)}


def test_a_wrong_cell_is_a_bad_row_to_impact_too(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    found = policy().impact(between_good_rows(tmp_path), policy())
    assert (found.rows, found.rejected) == (2 * len(WRONG), len(WRONG))
    assert [entry.split(":")[0] for entry in found.bad] == [f"row {n}" for n in (2, 4, 6, 8, 10)]


def test_the_largest_number_is_read(tmp_path: Path) -> None:
    summary, reasons = ran(written(tmp_path / "in.csv", [{"age": "2147483647"}, {}]))
    assert (summary.rejected, reasons) == (0, [])


def test_an_emoji_in_two_escaped_halves_is_one_character(tmp_path: Path) -> None:
    cell = json.dumps(["cisplatin \N{PILL}"])
    assert "\\ud83d\\udc8a" in cell
    _, reasons = ran(written(tmp_path / "in.csv", [{"prior_therapies": cell}]))
    assert reasons == []


@pytest.mark.slow
def test_a_limit_of_the_command_line_holds_for_cells_and_for_lines(tmp_path: Path) -> None:
    text = json.dumps(made(request(), FACTS))
    lines = tmp_path / "in.jsonl"
    lines.write_text(text + "\n", "utf-8")
    cells = written(tmp_path / "in.csv", [{"prior_therapies": "carboplatin;cisplatin"}])
    for source, few in ((lines, "documents=1"), (cells, "members=1")):
        for limit, code in (([f"--limit={few}"], 2), ([], 0), (["--limit=members=2"], 0)):
            target = tmp_path / f"{source.name}.parquet"
            batch = ["batch", str(source), str(target), "--overwrite", *limit]
            both = ["--from", "cp_phar_549", "--to", "cp_phar_549"]
            impact = ["impact", str(source), *both, *limit]
            assert [RUNNER.invoke(app, words).exit_code for words in (batch, impact)] == [code] * 2


def test_a_run_goes_on_only_under_the_same_limits(tmp_path: Path) -> None:
    source = written(tmp_path / "in.csv", [{}, {"age": "x"}])
    with pytest.raises(BatchError, match="row 2"):
        ran(source, BatchOptions(strict=True, rows=1))
    other = replace(policy().vocabulary.limits, members=2)
    with pytest.raises(BatchError, match="begun with another limit of a case"):
        ran(source, BatchOptions(rows=1, limits=other))


def test_the_limit_of_told_problems_holds_for_rows_too(tmp_path: Path) -> None:
    source = written(tmp_path / "in.csv", [{"type": "x", "product": "y", "disease_extent": "z"}])
    limits = replace(policy().vocabulary.limits, problems=1)
    _, (reason,) = ran(source, BatchOptions(limits=limits))
    assert reason.startswith("request.type: unknown value `x`")
    assert reason.endswith("; and 2 more problems")


def test_of_a_row_of_nothing_but_commas_it_is_told_that_it_is_empty(tmp_path: Path) -> None:
    rows = [{}, dict.fromkeys(GOOD, ""), {**dict.fromkeys(GOOD, ""), "age": "64"}]
    _, reasons = ran(written(tmp_path / "in.csv", rows))
    assert reasons[0] == "the row is empty; delete it"
    assert reasons[1].startswith("id: is missing; add ")
    assert "; request.type: is missing; add one of `continuation`, `initial`; " in reasons[1]


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_line_that_is_cut_short_is_told_of_by_its_own_column(end: str, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(f'{{"id":{end}'.encode())
    _, reasons = ran(source)
    assert reasons == [
        "is not JSON: it ends before everything is closed (line 1, column 6); close what is open: `}`"
    ]


def test_a_warning_of_a_row_speaks_of_the_row(tmp_path: Path) -> None:
    ran(written(tmp_path / "in.csv", [{"prior_therapies": "unknown", "age": "[64, 121]"}]))
    decided = json.loads((tmp_path / "out.jsonl").read_text("utf-8"))
    told = "\n".join(decided["warnings"])
    assert "the row lists an unknown drug `unknown` in `prior_therapies`: " in told
    assert "in the row, `age` is 121, which is unlikely" in told


def test_impact_tells_bad_rows_in_their_order_and_one_of_them_as_one(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    source = written(tmp_path / "in.csv", [{"age": "x"}, {}])
    one = policy().impact(source, policy())
    assert list(sentences(one))[-1].startswith("1 row is bad and counts nowhere: row 1: column `age`")
    source.write_bytes(source.read_bytes() + b'"a"x,y\r\n' + b",,\r\n")
    found = policy().impact(source, policy())
    assert [told.split(":")[0] for told in found.bad] == ["row 1", "row 3", "row 4"]
