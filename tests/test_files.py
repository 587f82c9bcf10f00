"""Files of cases: every format, what a cell can say, bad rows, and what is refused before anything is lost."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from typer.testing import CliRunner

from pyclingo_bridge import BridgeError, Case, Policy
from pyclingo_bridge.base.whole_files import sync, sync_folder
from pyclingo_bridge.cli.main import app
from pyclingo_bridge.io.cells import list_text
from pyclingo_bridge.io.csv_rows import LONGEST_LINE
from pyclingo_bridge.io.reader import FileColumns, open_source
from pyclingo_bridge.io.repeats import keys, repeated
from pyclingo_bridge.io.run import BatchOptions, run_batch
from tests.batch_tables import fits_a_row
from tests.conftest import CONTINUING, FACTS, ROOT, case, made, policy, request
from tests.random_cases import random_case

COLUMNS = ("id", "outcome", "denial_kind", "section", "approval_months", "refer_to")
INPUTS = ("parquet", "csv", "jsonl", "ndjson", "csv.gz", "jsonl.gz")
OUTPUTS = ("parquet", "csv", "jsonl", "ndjson", "csv.gz", "jsonl.gz")

Row = dict[str, Any]


@cache
def cases() -> tuple[Case, ...]:
    """An approval, denials of each kind, a referral, and a continued request."""
    told = [
        made(request(), FACTS),
        made(request(), FACTS, kras_g12c=None),
        made(request(), FACTS, kras_g12c=False),
        made(request(dose_mg_per_day=961), FACTS),
        made(request(), FACTS, diagnosis="melanoma"),
        made(request(type="continuation"), CONTINUING),
    ]
    data = {"id": "both", "type": "molecular_report", "date": "2025-03-02"}
    disputed = made(request(), FACTS)
    disputed["documents"].append({**data, "states": {"kras_g12c": False}})
    return tuple(
        case({**entry, "id": f'case {place}, "{place}"'}) for place, entry in enumerate([*told, disputed])
    )


def answers(of: Sequence[Case]) -> list[Row]:
    """What `Policy.decide` says of each."""
    decisions = [policy().decide(entry) for entry in of]
    return [{"id": d.case, **{name: getattr(d, name) for name in COLUMNS[1:]}} for d in decisions]


def cell(name: str, value: Any) -> str:
    """A value of a column as a cell of a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        kind = policy().batch_schema().field(name).type
        plain = value and isinstance(value[0], str) and pa.types.is_list(kind)
        return ";".join(value) if plain else json.dumps(value)
    return str(value)


def write(path: Path, of: Sequence[Case]) -> Path:
    """The cases as a file of the format that its name tells."""
    opened = gzip.open if path.name.endswith(".gz") else open
    kind = path.name.removesuffix(".gz").rpartition(".")[2]
    if kind in ("jsonl", "ndjson"):
        with opened(path, "wt", encoding="utf-8") as file:
            file.writelines(entry.model_dump_json() + "\n" for entry in of)
        return path
    table = policy().batch_table(of)
    if kind == "parquet":
        pq.write_table(table, path, row_group_size=3)
        return path
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        writer.writerows([cell(*pair) for pair in row.items()] for row in table.to_pylist())
    return path


def read(path: Path) -> list[Row]:
    """The rows of a file, read by other means than wrote it, without the warnings of answers."""
    return [{n: v for n, v in row.items() if n != "warnings"} for row in whole_rows(path)]


def whole_rows(path: Path) -> list[Row]:
    """The rows of a file of answers with their warnings, as lists."""
    if path.suffix == ".parquet":
        return [dict(row) for row in pq.read_table(path).to_pylist()]
    opened = gzip.open if path.name.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        text = file.read()
    if path.name.removesuffix(".gz").endswith(("jsonl", "ndjson")):
        return [json.loads(line) for line in text.splitlines()]
    rows = [dict(row) for row in csv.DictReader(io.StringIO(text))]
    for row in rows:
        told = row.get("warnings")
        row["warnings"] = (json.loads(told) if told[0] == "[" else told.split(";")) if told else None
        row.update({name: value or None for name, value in row.items()})
        row["approval_months"] = int(row["approval_months"]) if row["approval_months"] else None
    return rows


def run(source: Path, target: Path, **options: Any) -> Any:
    return run_batch(policy(), source, target, BatchOptions(**options))


def rejected(target: Path) -> list[Row]:
    return read(target.with_name(f"{target.name}.rejects.jsonl"))


def bridge(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pyclingo_bridge", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


# Formats


@pytest.mark.parametrize("target", OUTPUTS)
@pytest.mark.parametrize("source", INPUTS)
def test_every_format_in_and_out_gives_what_a_single_decision_gives(
    source: str, target: str, tmp_path: Path
) -> None:
    given = write(tmp_path / f"in.{source}", cases())
    summary = run(given, tmp_path / f"out.{target}")
    assert read(tmp_path / f"out.{target}") == answers(cases())
    assert (summary.rows, summary.rejected, summary.rejects) == (7, 0, None)
    assert summary.outcomes == {"approve": 2, "deny": 4, "refer": 1}
    assert summary.denial_kinds == {
        "conflicting_documentation": 1,
        "criteria_not_met": 1,
        "insufficient_documentation": 2,
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == [given.name, f"out.{target}"]


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 7, 1000])
@pytest.mark.parametrize("source", ["parquet", "csv", "jsonl"])
def test_the_size_of_chunks_changes_no_answer(source: str, rows: int, tmp_path: Path) -> None:
    given = write(tmp_path / f"in.{source}", cases())
    run(given, tmp_path / "out.parquet", rows=rows)
    assert read(tmp_path / "out.parquet") == answers(cases())


def test_a_parquet_output_is_one_that_other_readers_read_too(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    run(write(tmp_path / "in.parquet", cases()), tmp_path / "out.parquet", rows=2, missing=True)
    found = polars.read_parquet(tmp_path / "out.parquet").to_dicts()
    assert [{name: row[name] for name in COLUMNS} for row in found] == answers(cases())
    file = pq.ParquetFile(tmp_path / "out.parquet")
    assert [file.metadata.row_group(place).num_rows for place in range(4)] == [2, 2, 2, 1]
    assert file.read_row_group(3).column("id").to_pylist() == [cases()[6].id]


@pytest.mark.parametrize("target", ["parquet", "csv", "jsonl"])
def test_statuses_and_the_cheapest_missing_set_are_columns_of_their_own(target: str, tmp_path: Path) -> None:
    given = write(tmp_path / "in.jsonl", cases())
    run(given, tmp_path / f"out.{target}", statuses=True, missing=True)
    for row, entry in zip(read(tmp_path / f"out.{target}"), cases(), strict=True):
        decision = policy().decide(entry)
        told = {name: row[f"status {name}"] for name in decision.criteria}
        assert told == {name: result.status for name, result in decision.criteria.items()}
        first = next(iter(policy().missing(entry)), None)
        if decision.denial_kind == "insufficient_documentation":
            assert first is not None
            requirements = [requirement.term for requirement in first.requirements]
            assert int(row["missing_cost"]) == first.cost
            assert row["missing_requirements"] in (requirements, ";".join(requirements))
            assert row["missing_documents"] in (list(first.documents), ";".join(first.documents))
        else:
            assert row["missing_cost"] is None


@pytest.mark.parametrize("source", ["parquet", "csv", "jsonl", "jsonl.gz"])
@pytest.mark.parametrize("target", ["parquet", "csv", "jsonl", "csv.gz"])
def test_an_empty_input_makes_an_empty_output(source: str, target: str, tmp_path: Path) -> None:
    given = write(tmp_path / f"in.{source}", ())
    assert run(given, tmp_path / f"out.{target}").rows == 0
    assert read(tmp_path / f"out.{target}") == []
    if target == "csv":
        assert (tmp_path / "out.csv").read_text() == ",".join([*COLUMNS, "warnings"]) + "\n"
    if target == "parquet":
        assert tuple(pq.read_table(tmp_path / "out.parquet").column_names) == (*COLUMNS, "warnings")


def test_rows_with_the_same_id_are_rows_of_their_own(tmp_path: Path) -> None:
    twice = [cases()[0].model_copy(update={"id": "x"}), cases()[1].model_copy(update={"id": "x"})]
    run(write(tmp_path / "in.csv", twice), tmp_path / "out.csv")
    found = [(row["id"], row["outcome"]) for row in read(tmp_path / "out.csv")]
    assert found == [("x", "approve"), ("x", "deny")]


@pytest.mark.subprocess
@pytest.mark.slow
@pytest.mark.parametrize("source", ["parquet", "csv", "jsonl"])
def test_how_many_rows_have_the_id_of_a_row_before_is_counted_over_chunks_and_runs(
    source: str, tmp_path: Path
) -> None:
    ids = ["a", "b", "a", "c", "a", "b", "x" * 150]
    few = [entry.model_copy(update={"id": name}) for entry, name in zip(cases(), ids, strict=True)]
    given, target = write(tmp_path / f"in.{source}", few), tmp_path / "out.csv"
    assert run(given, target).repeated_ids == 3
    for rows in (1, 2, 5):
        interrupted(given, target, 1, rows=rows, overwrite=True)
        assert run(given, target, rows=rows, overwrite=True).repeated_ids == 3
    told = bridge("batch", given, target, "--overwrite")
    assert "with an id that an earlier row has: 3\n" in told.stdout


def test_ids_are_told_apart_by_all_of_their_characters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rng = random.Random(8)
    names = ["".join(rng.choices("aé0 ", k=rng.randrange(1, 90))) for _ in range(900)]
    names += [*rng.choices(names, k=300), "a" * 8, "a" * 9, "a" * 16, "a" * 17]
    files, expected = [tmp_path / "one", tmp_path / "two"], len(names) - len(set(names))
    files[0].write_bytes(keys(pa.chunked_array([names[:500], [None, *names[500:700]]])))
    files[1].write_bytes(keys(pa.array(names[700:])))
    assert sum(path.stat().st_size for path in files) == 8 * len(names)
    for most in (4_194_304, 100, 7):
        monkeypatch.setattr("pyclingo_bridge.io.repeats._AT_ONCE", most)
        assert repeated(files) == expected


# Warnings


@pytest.mark.parametrize("source", INPUTS)
@pytest.mark.parametrize("target", ["parquet", "csv", "jsonl"])
def test_each_rows_warnings_are_a_column_and_counted(source: str, target: str, tmp_path: Path) -> None:
    odd = made(request(concurrent_drugs=["wonderdrug"]), FACTS, age=121)
    few = [cases()[0], case({**odd, "id": "odd"}), case(made(request(dose_mg_per_day=961), FACTS))]
    summary = run(write(tmp_path / f"in.{source}", few), tmp_path / f"out.{target}", rows=2)
    none, warned, amount = (row["warnings"] for row in whole_rows(tmp_path / f"out.{target}"))
    assert (summary.warned, none) == (2, None)
    assert len(warned) == 2
    assert "lists an unknown drug `wonderdrug` in `concurrent_drugs`" in "".join(warned)
    assert "`age` is 121, which is unlikely" in "".join(warned)
    assert [text.rpartition(" ")[2] for text in amount] == ["961", "day"]
    if "json" in source:
        assert [tuple(warned), tuple(amount)] == [policy().decide(c).warnings for c in few[1:]]


@pytest.mark.subprocess
@pytest.mark.slow
def test_warnings_can_be_left_out(tmp_path: Path) -> None:
    given = write(tmp_path / "in.csv", cases())
    done = bridge("batch", given, tmp_path / "out.csv", "--no-warnings", "--json")
    assert json.loads(done.stdout)["warned"] == 0
    assert (tmp_path / "out.csv").read_text().splitlines()[0] == ",".join(COLUMNS)


# What a spreadsheet would take for a formula


FORMULAS = ["=1+1", "+2", "-3", "@x", "'=1", "''+1", "\uff1d1"]
HARMLESS = ["1=1", "a+b", "'x", "''", " =1", "x-1"]


def test_ids_that_a_spreadsheet_would_run_are_written_to_csv_so_that_it_does_not(
    tmp_path: Path,
) -> None:
    names = [*FORMULAS, *HARMLESS]
    few = [cases()[0].model_copy(update={"id": name}) for name in names]
    given = write(tmp_path / "in.jsonl", few)
    for target in ("out.csv", "out.csv.gz"):
        run(given, tmp_path / target)
        found = [row["id"] for row in read(tmp_path / target)]
        assert found == [*(f"'{name}" for name in FORMULAS), *HARMLESS]
        # Taking one apostrophe from before what begins as a formula gives each id back.
        assert [re.sub(r"^'(?='*[=+@\-\uff1d])", "", name) for name in found] == names
    for target in ("out.jsonl", "out.parquet"):
        run(given, tmp_path / target)
        assert [row["id"] for row in read(tmp_path / target)] == names


def test_random_cases_come_out_the_same_by_way_of_every_format(tmp_path: Path) -> None:
    rng = random.Random(5)
    few = [one for _ in range(50) if fits_a_row(one := case(random_case(rng)))]
    table = policy().batch_table(few)
    expected = policy().decide_batch(table, statuses=True).drop_columns(["error"]).to_pylist()
    for kind in ("parquet", "csv"):
        given = write(tmp_path / f"in.{kind}", few)
        run(given, tmp_path / f"out_{kind}.parquet", statuses=True, rows=11)
        assert read(tmp_path / f"out_{kind}.parquet") == expected


# Cells


def test_drugs_that_commas_part_are_several_drugs(tmp_path: Path) -> None:
    told = chunk_of('id,prior_therapies\na,"carboplatin, pemetrexed"\n', tmp_path)
    assert not told.unread
    cells = {name: [value] for name, (_, value) in FACTS.items()} | {"prior_therapies": told.table.column(1)}
    form = {name: [value] for name, value in request().items()}
    row = {"id": ["a"], **form, **cells, "complete_treatment_history": [True]}
    decided = policy().decide_batch(pa.table(row), warnings=True).to_pylist()
    assert (decided[0]["outcome"], decided[0]["warnings"]) == ("approve", None)


@pytest.mark.parametrize("text", [">=30", "\u2265 30", "18-20", "<18"])
def test_a_range_in_a_cell_is_refused_with_the_columns_that_take_it(text: str, tmp_path: Path) -> None:
    told = chunk_of(f"id,age\na,{text}\n", tmp_path)
    assert "a range stands in the columns `age at least` and `age at most`" in told.unread[0]


def test_days_and_ranges_are_cells_like_others(tmp_path: Path) -> None:
    names = "id,date,age at least,age date,birth_date,document tumor"
    told = chunk_of(f"{names}\na,2026-03-01,30,2025-03,2008,lung\n", tmp_path)
    assert not told.unread
    assert told.table.to_pylist() == [
        {
            "id": "a",
            "date": "2026-03-01",
            "age at least": 30,
            "age date": "2025-03",
            "birth_date": "2008",
            "document tumor": "lung",
        }
    ]


@pytest.mark.slow
def test_a_plan_file_counts_for_every_row_of_a_file(tmp_path: Path) -> None:
    fact = {"attribute": "generic_available", "value": False, "from": "2026-01-01"}
    (tmp_path / "plan.json").write_text(json.dumps({"plan": "example", "facts": [fact]}))
    given = made(request(date="2026-03-01"), {**FACTS}, generic_available=None)
    (tmp_path / "in.jsonl").write_text(json.dumps(given) + "\n")
    told = policy().batch_table([case(given)])
    pq.write_table(told, tmp_path / "in.parquet")
    for kind in ("jsonl", "parquet"):
        source, out = str(tmp_path / f"in.{kind}"), tmp_path / f"{kind}.parquet"
        for options, expected in (([], "deny"), (["--plan", str(tmp_path / "plan.json")], "approve")):
            # The plan's facts are part of what a run is: another plan begins anew.
            done = CliRunner().invoke(app, ["batch", source, str(out), "--overwrite", "--restart", *options])
            assert done.exit_code == 0, done.output
            assert [row["outcome"] for row in read(out)] == [expected]


HEADER = "id,type,line_of_business,product,dose_mg_per_day,concurrent_drugs"
FORM = "initial,commercial,brand,960"


def chunk_of(text: str | bytes, tmp_path: Path) -> Any:
    """The only chunk of a CSV file."""
    path = tmp_path / "cells.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    layout = FileColumns(policy().batch_schema(), policy().vocabulary)
    (chunk,) = open_source(path, [layout]).chunks()
    return chunk


# (column, cell, the value)
CELLS: list[tuple[str, str, Any]] = [
    ("age", "64", 64),
    ("age", " 64 ", 64),
    ("age", "-1", -1),
    ("age", "64.0", 64),
    ("age", "64.", 64),
    ("age", "-1.00", -1),
    ("age", "", None),
    ("age", '""', None),
    ("age", '"[64, 65]"', [64, 65]),
    ("kras_g12c", "true", True),
    ("kras_g12c", "FALSE", False),
    ("kras_g12c", '"[true, false]"', [True, False]),
    ("diagnosis", "nsclc", "nsclc"),
    ("disease_extent", "early", ["early"]),
    ("disease_extent", "early; metastatic", ["early", "metastatic"]),
    ("disease_extent", '"[""early""]"', ["early"]),
    ("disease_extent", '"[[""early""], [""advanced"", ""metastatic""]]"', [["early"], ["advanced", "metastatic"]]),  # noqa: E501
    ("prior_therapies", "[]", []),
    ("prior_therapies", '"[""a, b"", ""c;d""]"', ["a, b", "c;d"]),
    ("prior_therapies", '"one ""quoted"" name"', ['one "quoted" name']),
    ("prior_therapies", "", None),
    ("complete_treatment_history", "True", True),
]  # fmt: skip


@pytest.mark.parametrize(("column", "text", "value"), CELLS, ids=[f"{c}-{t}" for c, t, _ in CELLS])
def test_a_cell_says_what_it_says(column: str, text: str, value: Any, tmp_path: Path) -> None:
    chunk = chunk_of(f"id,{column}\nx,{text}\n", tmp_path)
    assert chunk.table.column(column).to_pylist() == [value]
    assert chunk.unread == {}


def test_several_statements_in_one_row_make_single_ones_of_the_others(tmp_path: Path) -> None:
    chunk = chunk_of('id,kras_g12c\na,true\nb,\nc,"[true,false]"\n', tmp_path)
    assert chunk.table.column("kras_g12c").to_pylist() == [[True], None, [True, False]]


# (column, cell, what is told)
WRONG: list[tuple[str, str, str]] = [
    ("age", "old", "has to be a whole number, not the text `old`"),
    ("age", "64.5", "has to be a whole number, not the text `64.5`"),
    ("age", "64.01", "has to be a whole number"),
    ("age", ".0", "has to be a whole number"),
    # A spreadsheet writes 1E+03 of 1234 too.
    ("age", "1e3", "has to be a whole number"),
    ("age", "1e400", "has to be a whole number"),
    ("age", "NaN", "has to be a whole number"),
    ("age", "inf", "has to be a whole number"),
    ("age", '"1,000"', "has to be a whole number, not the text `1,000`"),
    ("age", "[64.0]", "has to be a whole number"),
    ("age", "9" * 30, "out of bounds"),
    ("age", "[64", "is not JSON"),
    ("age", "[true]", "has to be a whole number"),
    ("age", '"[""64""]"', "has to be a whole number"),
    ("kras_g12c", "1", "has to be `true` or `false`"),
    ("kras_g12c", "yes", "has to be `true` or `false`"),
    ("kras_g12c", "[1]", "has to be `true` or `false`"),
    ("diagnosis", "[1]", "has to be a text"),
    ("disease_extent", '"[[""early""], ""advanced""]"', "has to be a list of names"),
    ("prior_therapies", "[null]", "has to be a text, not null"),
    (
        "prior_therapies",
        "one|two",
        'write `;` between names, as in `one; two`, or `["one|two"]`',
    ),
    ("prior_therapies", "one|two;three", "write `;` between names, as in `one; two`"),
    ("disease_extent", '"early, metastatic"', "write `;` between names"),
    ("prior_therapies", ";".join(["a"] * 1001), "holds 1,001 values; at most 1,000"),
    ("age", '"[' + ",".join(["1"] * 1001) + ']"', "holds 1,001 values; at most 1,000"),
]


@pytest.mark.parametrize(("column", "text", "told"), WRONG, ids=[f"{c}-{t[:30]}" for c, t, _ in WRONG])
def test_a_cell_that_cannot_be_read_makes_a_bad_row_of_its_own_row_alone(
    column: str, text: str, told: str, tmp_path: Path
) -> None:
    chunk = chunk_of(f"id,{column}\na,\nb,{text}\nc,\n", tmp_path)
    assert list(chunk.unread) == [1]
    assert f"column `{column}`" in chunk.unread[1]
    assert told in chunk.unread[1]
    assert chunk.table.column(column).to_pylist() == [None, None, None]


@pytest.mark.parametrize("names", [["a"], ["a", "b"], [], ["a;b"], ["[a"], [" a"], [""], ["é", "x y"]])
def test_a_list_written_into_a_cell_is_read_back(names: list[str], tmp_path: Path) -> None:
    text = io.StringIO()
    csv.writer(text).writerow(["x", list_text(names)])
    chunk = chunk_of(f"id,prior_therapies\n{text.getvalue()}", tmp_path)
    assert chunk.table.column("prior_therapies").to_pylist() == [names]


def test_rows_that_do_not_fit_the_header_are_bad_and_keep_the_numbers_of_the_others(
    tmp_path: Path,
) -> None:
    lines = [
        HEADER,
        f'"one, ""1""",{FORM},[]',
        f"two,{FORM}",
        f"three,{FORM},[],,",
        f"four,{FORM},panitumumab",
        f"five,{FORM},[]",
        "six",
    ]
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n")
    for rows in (1, 2, 100):
        target = tmp_path / f"out{rows}.csv"
        summary = run(tmp_path / "in.csv", target, rows=rows)
        assert (summary.rows, summary.rejected) == (6, 3)
        assert [row["id"] for row in read(target)] == ['one, "1"', "four", "five"]
        assert [(row["row"], row["id"], row["reason"]) for row in rejected(target)] == [
            (2, None, "line 3 has 5 cells, and the header 6"),
            (3, None, "line 4 has 8 cells, and the header 6"),
            (6, None, "line 7 has 1 cell, and the header 6"),
        ]


def test_bytes_that_are_no_text_spoil_their_own_row_alone(tmp_path: Path) -> None:
    text = HEADER.encode() + b",diagnosis\n"
    for name, diagnosis in (
        (b"a", b"nsclc"),
        (b"b", b"\xff\xfe"),
        (b"\xff", b"crc"),
        (b"d", b"crc"),
    ):
        text += name + b"," + FORM.encode() + b",[]," + diagnosis + b"\n"
    (tmp_path / "in.csv").write_bytes(text)
    assert run(tmp_path / "in.csv", tmp_path / "out.csv").rejected == 2
    assert [row["id"] for row in read(tmp_path / "out.csv")] == ["a", "d"]
    found = [(row["row"], row["id"], row["reason"]) for row in rejected(tmp_path / "out.csv")]
    assert found == [
        (2, "b", "column `diagnosis`: is not UTF-8 text (byte 0)"),
        (3, None, "column `id`: is not UTF-8 text"),
    ]


def test_a_mark_of_byte_order_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert chunk_of(b"\xef\xbb\xbfid,age\nx,3\n", tmp_path).table.column_names == ["id", "age"]


# Case files, one a line


def test_blank_lines_hold_no_case_but_count_as_lines(tmp_path: Path) -> None:
    good = cases()[0].model_dump_json()
    (tmp_path / "in.jsonl").write_text(f"\n{good}\n   \n{{}}\n{good}")
    for rows in (1, 2, 100):
        target = tmp_path / f"out{rows}.jsonl"
        summary = run(tmp_path / "in.jsonl", target, rows=rows)
        assert (summary.rows, summary.rejected) == (3, 1)
        assert len(read(target)) == 2
        assert [row["row"] for row in rejected(target)] == [4]


def test_a_line_that_is_no_case_is_bad_with_its_reason(tmp_path: Path) -> None:
    lines = [
        cases()[0].model_dump_json().encode(),
        b"{",
        b"\xff",
        json.dumps(made(request(dose_mg_per_day=0), FACTS)).encode(),
        json.dumps({"id": "long", "request": {}, "documents": ["x" * LONGEST_LINE]}).encode(),
        cases()[1].model_dump_json().encode(),
    ]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    assert run(tmp_path / "in.jsonl", tmp_path / "out.csv").rejected == 4
    assert read(tmp_path / "out.csv") == answers(cases()[:2])
    found = rejected(tmp_path / "out.csv")
    assert [row["row"] for row in found] == [2, 3, 4, 5]
    parts = ["is not JSON", "is not UTF-8 text (byte 0)", "`0` is out of bounds", "is longer than"]
    for row, part in zip(found, parts, strict=True):
        assert part in row["reason"]
    assert f"{LONGEST_LINE:,} bytes" in found[3]["reason"]


# Bad rows


def with_bad_rows(path: Path) -> Path:
    """Four rows, of which the second and the last are bad."""
    table = policy().batch_table([cases()[0]] * 4)
    doses = pa.array([960, 0, 960, None], pa.int64())
    ids = pa.array(["a", "b", "c", "d"])
    for name, column in (("dose_mg_per_day", doses), ("id", ids)):
        table = table.set_column(table.schema.get_field_index(name), name, column)
    pq.write_table(table, path)
    return path


@pytest.mark.subprocess
@pytest.mark.slow
def test_bad_rows_go_to_the_reject_file_and_the_others_go_on(tmp_path: Path) -> None:
    given = with_bad_rows(tmp_path / "in.parquet")
    done = bridge("batch", given, tmp_path / "out.csv", "--json")
    assert (done.returncode, done.stderr) == (2, "")
    summary = json.loads(done.stdout)
    assert (summary["rows"], summary["rejected"], summary["outcomes"]) == (4, 2, {"approve": 2})
    assert [row["id"] for row in read(tmp_path / "out.csv")] == ["a", "c"]
    first, second = read(Path(summary["rejects"]))
    assert (first["row"], first["id"], second["row"], second["id"]) == (2, "b", 4, "d")
    assert "`0` is out of bounds" in first["reason"]
    assert "is missing" in second["reason"]


@pytest.mark.subprocess
@pytest.mark.slow
def test_the_reject_file_can_be_named_and_is_told_of(tmp_path: Path) -> None:
    given = with_bad_rows(tmp_path / "in.parquet")
    done = bridge("batch", given, tmp_path / "out.jsonl", "--rejects", tmp_path / "bad.jsonl")
    assert done.returncode == 2
    assert f"bad: 2, listed in {tmp_path / 'bad.jsonl'}" in done.stdout
    assert len(read(tmp_path / "bad.jsonl")) == 2
    assert not list(tmp_path.glob("*.rejects.jsonl"))


@pytest.mark.subprocess
@pytest.mark.slow
def test_strict_stops_at_the_first_bad_row_and_the_same_command_without_it_goes_on(
    tmp_path: Path,
) -> None:
    given = with_bad_rows(tmp_path / "in.parquet")
    words = ("batch", given, tmp_path / "out.csv", "--chunk", "1")
    done = bridge(*words, "--strict")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "row 2, id `b`: " in done.stderr
    assert "`0` is out of bounds" in done.stderr
    assert done.stderr.count("\n") == 2
    assert not (tmp_path / "out.csv").exists()
    done = bridge(*words, "--json")
    assert json.loads(done.stdout)["resumed"] == 1
    assert [row["id"] for row in read(tmp_path / "out.csv")] == ["a", "c"]


def test_strict_stops_too_where_an_earlier_run_met_the_bad_row(tmp_path: Path) -> None:
    given = with_bad_rows(tmp_path / "in.parquet")
    stop = interrupted(given, tmp_path / "out.csv", chunks=3, rows=1)
    assert stop == 3
    with pytest.raises(BridgeError, match="row 2, id `b`"):
        run(given, tmp_path / "out.csv", rows=1, strict=True)


def interrupted(source: Path, target: Path, chunks: int, **options: Any) -> int:
    """Stop a run when so many chunks are written and last; how many rows that are."""

    class Stop(Exception):
        pass

    seen: list[int] = []

    def report(_: int, __: int, rows: int) -> None:
        seen.append(rows)
        # The first report is that it begins, when no chunk is done.
        if len(seen) > chunks + 1:
            raise Stop

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pyclingo_bridge.io.workspace.SECONDS_BETWEEN_PARTS", -1.0)
        with pytest.raises(Stop):
            run_batch(policy(), source, target, BatchOptions(**options), report)
    return seen[-1]


# Going on


@pytest.mark.slow
@pytest.mark.parametrize("target", OUTPUTS)
@pytest.mark.parametrize("source", ["parquet", "csv", "jsonl"])
def test_a_run_stopped_behind_any_chunk_comes_out_byte_for_byte_the_same(
    source: str, target: str, tmp_path: Path
) -> None:
    given = write(tmp_path / f"in.{source}", cases())
    whole, resumed = tmp_path / f"whole.{target}", tmp_path / f"resumed.{target}"
    run(given, whole, rows=2)
    for chunks in (1, 2, 3, 4):
        rows = interrupted(given, resumed, chunks, rows=2)
        assert not resumed.exists()
        summary = run(given, resumed, rows=2)
        assert (summary.resumed, summary.rows) == (rows, 7)
        assert resumed.read_bytes() == whole.read_bytes()
        resumed.unlink()


def test_a_run_that_is_stopped_again_and_again_loses_and_doubles_no_row(tmp_path: Path) -> None:
    lines = [
        HEADER,
        *(f"{number},{FORM}{',[]' if number % 3 else ''}" for number in range(1, 31)),
    ]
    (tmp_path / "in.csv").write_text("\n".join(lines))
    target = tmp_path / "out.parquet"
    for chunks in (1, 3, 2, 1):
        interrupted(tmp_path / "in.csv", target, chunks, rows=2)
    summary = run(tmp_path / "in.csv", target, rows=2)
    assert (summary.rows, summary.rejected) == (30, 10)
    good = [row["id"] for row in read(target)]
    bad = [str(row["row"]) for row in rejected(target)]
    assert sorted([*good, *bad], key=int) == [str(number) for number in range(1, 31)]
    assert good == sorted(good, key=int)


# What is done last, and what an earlier run may have been stopped behind: (what fails, is the output there)
LAST_STEPS = [
    ("pyclingo_bridge.io.workspace.repeated", False),
    ("pyclingo_bridge.io.workspace.replacing", False),
    ("pyclingo_bridge.io.workspace.shutil.copyfileobj", False),
    ("pyclingo_bridge.io.workspace.move_lasting", False),
    ("pyclingo_bridge.base.whole_files.sync_folder", None),
    ("pyclingo_bridge.io.workspace.Workspace._retire", True),
]


@pytest.mark.parametrize(("step", "there"), LAST_STEPS, ids=[step for step, _ in LAST_STEPS])
def test_a_run_stopped_at_its_last_steps_is_brought_to_its_end(
    step: str, there: bool | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = with_bad_rows(tmp_path / "in.parquet")
    whole = tmp_path / "whole.csv"
    run(given, whole)
    target = tmp_path / "out.csv"

    def fail(*_: object) -> None:
        raise RuntimeError("stopped")

    with monkeypatch.context() as patch:
        patch.setattr(step, fail)
        with pytest.raises(RuntimeError):
            run(given, target)
    if there is not None:
        assert target.exists() is there
    assert run(given, target).rejected == 2
    assert target.read_bytes() == whole.read_bytes()
    assert rejected(target) == rejected(whole)
    assert not list(tmp_path.glob(".*"))


class Stopped(Exception):
    """Stands for a crash."""


@contextmanager
def stopping_at(step: int) -> Iterator[list[str]]:
    """Crash instead of the step of that number, out of those that make files last or give them names."""
    steps: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def stopping(*given: Any) -> Any:
            steps.append(name)
            if len(steps) == step:
                raise Stopped
            return real(*given)

        return stopping

    with pytest.MonkeyPatch.context() as patch:
        for name in ("fsync", "replace", "rename"):
            patch.setattr(os, name, counted(name))
        yield steps


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_run_stopped_at_any_step_on_disk_goes_on_and_comes_out_the_same(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = with_bad_rows(tmp_path / "in.parquet")
    whole, target = tmp_path / f"whole.{kind}", tmp_path / f"out.{kind}"
    monkeypatch.setattr("pyclingo_bridge.io.workspace.SECONDS_BETWEEN_PARTS", -1.0)
    with stopping_at(0) as steps:
        run(given, whole, rows=2)
    assert len(steps) > 20
    for step in range(1, len(steps) + 1):
        with stopping_at(step), pytest.raises(Stopped):
            run(given, target, rows=2)
        assert run(given, target, rows=2).rejected == 2
        assert target.read_bytes() == whole.read_bytes()
        assert rejected(target) == rejected(whole)
        assert not list(tmp_path.glob(".*"))
        target.unlink()
        target.with_name(f"{target.name}.rejects.jsonl").unlink()


def test_a_run_stopped_right_after_its_first_part_got_its_name_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, target = write(tmp_path / "in.jsonl", cases()), tmp_path / "out.jsonl"
    rename = Path.rename

    def stopping(path: Path, name: Path) -> Path:
        rename(path, name)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", stopping)
        with pytest.raises(KeyboardInterrupt):
            run(given, target, rows=2)
    assert run(given, target, rows=2).resumed == 2


def test_a_part_bears_its_name_only_when_all_of_it_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def noting(word: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def noted(path: Path, *rest: Path) -> Any:
            steps.append(f"{word} {path.name}")
            return real(path, *rest)

        return noted

    monkeypatch.setattr("pyclingo_bridge.io.workspace.sync", noting("sync", sync))
    monkeypatch.setattr("pyclingo_bridge.io.workspace.sync_folder", noting("folder", sync_folder))
    monkeypatch.setattr(Path, "rename", noting("rename", Path.rename))
    run(write(tmp_path / "in.csv", cases()), tmp_path / "out.csv")
    files = {"sync answers.arrow", "sync rejects.jsonl", "sync ids", "sync part.json"}
    assert set(steps[:4]) == files
    assert steps[4:8] == ["folder unfinished", "rename unfinished", "folder .out.csv.batch", "sync output"]


# (what is changed, what is told)
def _touched(given: Path, options: Row) -> None:
    os.utime(given, ns=(1, 1))


def _middle(given: Path, options: Row) -> None:
    """Other rows in the middle, of the same size and with the same time of writing."""
    stat, lines = given.stat(), given.read_text().splitlines(keepends=True)
    given.write_text("".join([lines[0], *reversed(lines[1:-1]), lines[-1]]))
    os.utime(given, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def _longer(given: Path, options: Row) -> None:
    given.write_text(given.read_text() + cases()[0].model_dump_json() + "\n")


def _statuses(given: Path, options: Row) -> None:
    options["statuses"] = True


def _chunks(given: Path, options: Row) -> None:
    options["rows"] = 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_touched, "another input"),
        (_middle, "another input"),
        (_longer, "another input"),
        (_statuses, "another choice of columns"),
        (_chunks, "another size of chunks"),
    ],
)
def test_a_run_goes_on_only_where_nothing_has_changed(
    change: Callable[[Path, Row], None], told: str, tmp_path: Path
) -> None:
    given, target = write(tmp_path / "in.jsonl", cases()), tmp_path / "out.jsonl"
    options: Row = {"rows": 2}
    interrupted(given, target, chunks=2, **options)
    with pytest.MonkeyPatch.context() as patch:
        # A file as large as a sample would be told by its bytes.
        patch.setattr("pyclingo_bridge.io.workspace._SAMPLE", 1 if change is _middle else 1 << 20)
        change(given, options)
    with pytest.raises(BridgeError, match=f"{told}; give --restart to begin anew"):
        run(given, target, **options)
    summary = run(given, target, **options, restart=True)
    assert summary.resumed == 0
    assert len(read(target)) == summary.rows


def test_a_run_under_another_policy_or_interpretation_does_not_go_on(tmp_path: Path) -> None:
    given, target = write(tmp_path / "in.jsonl", cases()), tmp_path / "out.jsonl"
    interrupted(given, target, chunks=2, rows=2)
    for other in (policy("cp_phar_549_2024"), policy(advanced_disease="as_named")):
        with pytest.raises(BridgeError, match="another policy and another choice of interpretations"):
            run_batch(other, given, target, BatchOptions(rows=2))


def test_what_a_stopped_run_left_in_disorder_is_not_believed(tmp_path: Path) -> None:
    given, target = write(tmp_path / "in.jsonl", cases()), tmp_path / "out.jsonl"
    first, second = "chunks-0000000001-0000000001", "chunks-0000000002-0000000002"
    for name, text in (
        (f"{first}/part.json", "{"),
        (f"{first}/ids", ""),
        (f"{second}/answers.arrow", ""),
        (f"{second}/rejects.jsonl", "x"),
        ("plan.json", ""),
        ("plan.json", "[]"),
    ):
        interrupted(given, target, chunks=2, rows=2)
        path = tmp_path / ".out.jsonl.batch" / name
        assert path.exists()
        path.write_text(text)
        with pytest.raises(BridgeError, match="give --restart to begin anew"):
            run(given, target, rows=2)
        assert run(given, target, rows=2, restart=True).rows == 7
        target.unlink()


def test_a_part_that_is_gone_or_spoilt_is_told_of(tmp_path: Path) -> None:
    given, target = write(tmp_path / "in.jsonl", cases()), tmp_path / "out.jsonl"
    folder = tmp_path / ".out.jsonl.batch"
    interrupted(given, target, chunks=2, rows=2)
    shutil.rmtree(folder / "chunks-0000000001-0000000001")
    with pytest.raises(BridgeError, match="does not follow the part before; give --restart to begin anew"):
        run(given, target, rows=2)
    run(given, target, rows=2, restart=True)
    target.unlink()
    interrupted(given, target, chunks=2, rows=2)
    answers = folder / "chunks-0000000001-0000000001" / "answers.arrow"
    answers.write_bytes(b"x" * answers.stat().st_size)
    with pytest.raises(BridgeError, match="what is there cannot be read; give --restart to begin anew"):
        run(given, target, rows=2)


# What is refused


def test_an_output_that_is_there_is_replaced_only_when_asked(tmp_path: Path) -> None:
    given, target = write(tmp_path / "in.jsonl", cases()), tmp_path / "out.csv"
    target.write_text("precious")
    with pytest.raises(BridgeError, match="is there already; give --overwrite to replace it"):
        run(given, target)
    assert target.read_text() == "precious"
    run(given, target, overwrite=True)
    assert read(target) == answers(cases())


def test_rejects_of_an_earlier_output_do_not_outlive_it(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    run(with_bad_rows(tmp_path / "bad.parquet"), target)
    assert len(rejected(target)) == 2
    run(write(tmp_path / "in.jsonl", cases()), target, overwrite=True)
    assert not list(tmp_path.glob("*.rejects.jsonl"))


def test_the_input_is_never_the_output(tmp_path: Path) -> None:
    given = write(tmp_path / "in.jsonl", cases())
    before = given.read_bytes()
    (tmp_path / "soft.jsonl").symlink_to(given)
    (tmp_path / "hard.jsonl").hardlink_to(given)
    for name in ("in.jsonl", "soft.jsonl", "hard.jsonl"):
        with pytest.raises(BridgeError, match="is the input; name another output"):
            run(given, tmp_path / name, overwrite=True)
        with pytest.raises(BridgeError, match="is the input; name another reject file"):
            run(given, tmp_path / "out.csv", rejects=tmp_path / name, overwrite=True)
    assert given.read_bytes() == before


def test_a_device_or_a_pipe_is_no_place_for_answers(tmp_path: Path) -> None:
    given = write(tmp_path / "in.jsonl", cases())
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "full.csv").symlink_to("/dev/full")
    for name in ("pipe.csv", "full.csv"):
        with pytest.raises(BridgeError, match="is a device or a pipe"):
            run(given, tmp_path / name, overwrite=True)
        with pytest.raises(BridgeError, match="is a device or a pipe"):
            run(given, tmp_path / "out.csv", rejects=tmp_path / name, overwrite=True)


REFUSED: list[tuple[str, str, str]] = [
    ("id,agee\nx,3\n", "out.csv", "unknown column `agee`; did you mean `age`?"),
    ("id,age,age\nx,3,3\n", "out.csv", "`age` stands twice in the header"),
    ("age\n3\n", "out.csv", "there is no column `id`"),
    ("", "out.csv", "cannot be read: it is empty; it needs a header line"),
    ("id,age\nx,3\n", "out.txt", "the name tells no format"),
    ("id,age\nx,3\n", "out.parquet.gz", "the name tells no format"),
    ("id,age\nx,3\n", "no/out.csv", "there is no folder"),
]


@pytest.mark.parametrize(("text", "target", "told"), REFUSED, ids=[told for *_, told in REFUSED])
def test_what_cannot_be_done_is_told_before_anything_is_written(
    text: str, target: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text(text)
    with pytest.raises(BridgeError) as error:
        run(tmp_path / "in.csv", tmp_path / target)
    assert told in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize("name", ["in.parquet", "in.csv.gz", "in.jsonl.gz"])
def test_a_damaged_file_is_told_of_in_a_line_and_nothing_is_left(name: str, tmp_path: Path) -> None:
    given = write(tmp_path / name, cases())
    given.write_bytes(given.read_bytes()[: given.stat().st_size // 2])
    with pytest.raises(BridgeError, match="cannot be read: ") as error:
        run(given, tmp_path / "out.csv")
    assert "\n" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.subprocess
@pytest.mark.slow
def test_a_file_that_is_not_there_is_told_of_in_a_line(tmp_path: Path) -> None:
    for name in ("no.parquet", "no.csv", "no.jsonl", "no.csv.gz"):
        done = bridge("batch", tmp_path / name, tmp_path / "out.csv")
        assert done.returncode == 2
        assert done.stderr == f"error: {tmp_path / name}: cannot be read: No such file or directory\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.subprocess
@pytest.mark.slow
def test_a_full_disk_is_told_of_and_the_next_run_goes_on(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the system refuses to write all the same."""
    given = tmp_path / "in.csv"
    rows = (f"{number:0100},{FORM},[]" for number in range(3000))
    given.write_text("\n".join([HEADER, *rows]))

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    words = ("batch", given, tmp_path / "out.csv", "--chunk", "100")
    done = bridge(*words, preexec_fn=limited)
    assert done.returncode == 2
    assert "cannot be written: File too large" in done.stderr
    assert "the same command goes on" in done.stderr
    assert done.stderr.count("\n") == 1
    done = bridge(*words, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["resumed"] > 0
    assert [int(row["id"]) for row in read(tmp_path / "out.csv")] == list(range(3000))


@pytest.mark.slow
@pytest.mark.subprocess
def test_without_its_packages_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = write(tmp_path / "in.jsonl", cases())
    monkeypatch.setattr("pyclingo_bridge.base.extras.find_spec", lambda name: None)
    remedy = r"pip install 'pyclingo-bridge\[batch\]'"
    with pytest.raises(BridgeError, match=remedy):
        Policy.load("label").batch_schema()
    with pytest.raises(BridgeError, match=remedy):
        policy().impact(given, policy())
    monkeypatch.undo()
    hidden = "import sys; sys.modules['pyarrow'] = None; from pyclingo_bridge.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hidden, "policies"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    # All that needs no tables goes on without them.
    assert (done.returncode, done.stderr) == (0, "")


def test_the_summary_fits_the_schema_that_is_told_of_it(tmp_path: Path) -> None:
    from jsonschema import Draft202012Validator

    from pyclingo_bridge.cli.schema import json_schema

    summary = run(write(tmp_path / "in.jsonl", cases()), tmp_path / "out.csv")
    told = json.loads(summary.model_dump_json())
    Draft202012Validator(json_schema("batch")).validate(told)
    assert type(summary).model_validate(told) == summary
