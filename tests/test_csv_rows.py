"""Rows of CSV files: one line a row, whatever quotes and ends of lines do; no line is lost in silence."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")

from pyclingo_bridge import BridgeError
from pyclingo_bridge.io import csv_rows
from pyclingo_bridge.io.csv_rows import CsvRows
from pyclingo_bridge.io.run import BatchOptions, run_batch
from tests.conftest import ROOT, policy

HEADER = "id,type,line_of_business,product,dose_mg_per_day,concurrent_drugs"
FORM = "initial,commercial,brand,960,[]"


def rows(data: bytes, block: int = 1 << 20) -> list[tuple[int, int | None, str | None, Any]]:
    """Each row's number, line and text, and its cells, or why it has none."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_rows, "_BLOCK", block)
        for part in CsvRows(Path("x.csv"), io.BytesIO(data)).blocks():
            cells = iter(part.texts.to_pylist())
            for number in range(part.first, part.first + part.count):
                read = part.lost.get(number) or tuple(v or b"" for v in next(cells).values())
                found.append((number, *part.original(number), read))
    return found


def outcome(text: str | bytes, tmp_path: Path, size: int | None = None) -> tuple[Any, list[str], Any]:
    """The summary, the ids of the answers, and the bad rows."""
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    summary = run_batch(policy(), source, target, BatchOptions(rows=size, overwrite=True))
    with target.open(newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    path = tmp_path / "out.csv.rejects.jsonl"
    bad = [json.loads(line) for line in path.read_text().splitlines()] if summary.rejects else []
    assert summary.rows == len(ids) + len(bad)
    return summary, ids, bad


def lines(*ids: str) -> str:
    return "\n".join([HEADER, *(f"{name},{FORM}" for name in ids)]) + "\n"


def test_a_quote_that_closes_some_lines_later_makes_bad_rows_of_all_lines_between(
    tmp_path: Path,
) -> None:
    text = lines("a", '"b', "c", 'd"', "e")
    for size in (1, 2, 3, 100):
        summary, ids, bad = outcome(text, tmp_path, size)
        assert (summary.rows, summary.rejected, ids) == (5, 3, ["a", "e"])
        assert [(row["row"], row["line"], row["text"]) for row in bad] == [
            (2, 3, f'"b,{FORM}'),
            (3, 4, f"c,{FORM}"),
            (4, 5, f'd",{FORM}'),
        ]
        opened = "as the quote that line 3 opens in cell 1 (`id`) is closed only in line 5"
        assert all(row["reason"].startswith(f"lines 3 to 5 are one row, {opened}") for row in bad)


def test_a_quote_that_closes_400_lines_later_loses_none_of_them(tmp_path: Path) -> None:
    names = [f'"{n}' if n == 10 else f'{n}"' if n == 410 else str(n) for n in range(600)]
    for size in (7, 1000):
        summary, ids, bad = outcome(lines(*names), tmp_path, size)
        assert (summary.rows, summary.rejected) == (600, 401)
        assert ids == [str(n) for n in (*range(10), *range(411, 600))]
        assert [row["text"].split(",")[0].strip('"') for row in bad] == [str(n) for n in range(10, 411)]
        assert "lines 12 to 412 are one row" in bad[0]["reason"]


@pytest.mark.parametrize("cell", ['"b', 'b,"x'])
def test_a_quote_that_never_closes_is_told_with_all_lines_behind_it(cell: str, tmp_path: Path) -> None:
    _, ids, bad = outcome(lines("a", cell, "c", "d"), tmp_path)
    assert (ids, [row["row"] for row in bad]) == (["a"], [2, 3, 4])
    assert "lines 3 to 5 are one row, as the quote that line 3 opens in cell" in bad[2]["reason"]
    assert "is never closed" in bad[2]["reason"]


def test_a_quote_that_is_open_in_the_last_cell_of_all_is_told_too(tmp_path: Path) -> None:
    _, ids, bad = outcome(f'{lines("a")}b,initial,commercial,brand,960,"[]', tmp_path)
    assert ids == ["a"]
    assert (
        "line 3 is one row, as the quote that line 3 opens in cell 6 (`concurrent_drugs`)" in bad[0]["reason"]
    )


def test_a_quote_that_stays_open_for_too_long_is_given_up_and_loses_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_rows, "LONGEST_LINE", 200)
    monkeypatch.setattr(csv_rows, "_BLOCK", 100)
    names = ["a", '"b', *map(str, range(50)), 'y"', "z"]
    _, ids, bad = outcome(lines(*names), tmp_path)
    assert (ids, len(bad)) == (["a", "z"], 52)
    assert all("is not closed within 200 bytes" in row["reason"] for row in bad)


def test_a_line_that_is_too_long_stops_the_run_and_is_named_with_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_rows, "LONGEST_LINE", 1000)
    monkeypatch.setattr(csv_rows, "_BLOCK", 100)
    with pytest.raises(BridgeError, match=r"in\.csv:3: the line is longer than 1,000 bytes"):
        outcome(lines("a", "b" * 2000), tmp_path)


# (what the file holds behind the header `a,b`, its rows: line, and cells or a part of the reason)
READ: list[tuple[bytes, list[tuple[int, Any]]]] = [
    (b"", []),
    (b"\n\r\n\n", []),
    (b"1,2", [(2, (b"1", b"2"))]),
    (b"1,2\r\n3,4\r5,6\n", [(2, (b"1", b"2")), (3, (b"3", b"4")), (4, (b"5", b"6"))]),
    (b"\n1,2\n\n3,4\n\n", [(3, (b"1", b"2")), (5, (b"3", b"4"))]),
    (b"1,2\r\r\n3,4\r\r\n", [(2, (b"1", b"2")), (4, (b"3", b"4"))]),
    (b'"1","2"\n', [(2, (b"1", b"2"))]),
    (b'"a ""b""",\n', [(2, (b'a "b"', b""))]),
    (b'a "b",c"\n', [(2, (b'a "b"', b'c"'))]),
    (b'"a,b",c\n', [(2, (b"a,b", b"c"))]),
    (b'"a\nb",c\n1,2\n', [(2, "lines 2 to 3"), (3, "lines 2 to 3"), (4, (b"1", b"2"))]),
    (b'"a\n\nb",c\n', [(2, "lines 2 to 4"), (4, "lines 2 to 4")]),
    (b'"a\rb",c\n', [(2, "lines 2 to 3"), (3, "lines 2 to 3")]),
    (b'"a\n",c,"\n",e\n', [(2, "lines 2 to 4"), (3, "lines 2 to 4"), (4, "lines 2 to 4")]),
    (b"1,2,\n", [(2, "line 2 has 3 cells, and the header 2")]),
    (b"1\n", [(2, "line 2 has 1 cell, and the header 2")]),
    (b"   \n", [(2, "line 2 has 1 cell, and the header 2")]),
    (b",\n", [(2, (b"", b""))]),
    (b"\x00,\xff\n", [(2, (b"\x00", b"\xff"))]),
    (b"1,2\n\xef\xbb\xbf3,4\n", [(2, (b"1", b"2")), (3, (b"\xef\xbb\xbf3", b"4"))]),
    (b'""x,2\n', [(2, "line 2: the quote of cell 1 (`a`) is closed before `x`")]),
    (b'"1"x,2\n3,4\n', [(2, "closed before `x`; double it"), (3, (b"3", b"4"))]),
    (b'1,"[""a"]"\n', [(2, "the quote of cell 2 (`b`) is closed before `]\"`")]),
    (b'"a,"x,2\n', [(2, "the quote of cell 1 (`a`) is closed before `x`")]),
    (b'1,"2"x', [(2, "the quote of cell 2 (`b`) is closed before `x`")]),
    (b'"1" ,"2"\t\n', [(2, (b"1 ", b"2\t"))]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), READ, ids=[repr(data) for data, _ in READ])
def test_lines_are_rows_whatever_they_end_with(data: bytes, expected: list[tuple[int, Any]]) -> None:
    for start in (b"a,b\n", b"\xef\xbb\xbfa,b\r\n", b'"a","b"\r'):
        for block in (1, 2, 3, 1000):
            if start.endswith(b"\r") and data.startswith(b"\n"):
                continue
            found = rows(start + data, block)
            assert [number for number, *_ in found] == list(range(1, len(expected) + 1))
            for (_, line, _, read), (place, told) in zip(found, expected, strict=True):
                assert line == place
                assert told in read if isinstance(told, str) else read == told


@pytest.mark.slow
def test_every_line_of_a_random_file_is_a_row_with_the_cells_that_python_reads_or_is_told() -> None:
    rng = random.Random(4)
    pieces = [
        b"x,y\n",
        b'"x","y"\r\n',
        b'x"\n',
        b'"x,y\n',
        b'x,"y\n',
        b"\n",
        b'"x"",y",z\n',
        b'"',
        b",",
        b"\r",
        b"x",
    ]
    for _ in range(300):
        data = b"a,b\n" + b"".join(rng.choices(pieces, k=rng.randrange(12)))
        found = rows(data)
        there = [(n, text.decode()) for n, text in enumerate(data.splitlines(), 1) if text and n > 1]
        assert [(line, text) for _, line, text, _ in found] == there
        for _, _, text, read in found:
            if isinstance(read, tuple):
                (cells,) = csv.reader([text or ""])
                assert [cell.decode() for cell in read] == cells
        for block in (1, 5, 11):
            assert rows(data, block) == found


HEADERS = [
    (b"", "it is empty; it needs a header line"),
    (b"\n\n", "it is empty; it needs a header line"),
    (b'id,"type\nx",1\n', ":1: the quote that is opened in cell 2 of the header is not closed in its line"),
    (b"id;type\nx;y\n", ":1: the cells of the header are separated by `;`; separate them by commas"),
    (b"id\ttype\nx\ty\n", "separated by tabs; separate them by commas"),
    ("id,type\n".encode("utf-16-le"), ":1: the header holds bytes of value 0, as UTF-16 text does"),
    ("id,type\n".encode("utf-16-be"), "save it as UTF-8"),
    (b"sep=,\nid,type\n", ":1: `sep=,` tells Excel how cells are separated, and is no header"),
    (b"sep=;\r\nid;type\r\n", "delete the line, and separate cells by commas"),
    (b'"id"x,type\n', ":1: the quote of cell 1 of the header is closed before `x`"),
    (",".join(f"x{n}" for n in range(14)).encode(), "`x11`; and 2 more (known: `id`"),
    ("id,type\n".encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
    (b"id,type,\nx,y,\n", "cell 3 of the header is empty; give it a name, or leave out the comma"),
    (b"id,type,type\nx,y,z\n", "`type` stands twice in the header"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "told"), HEADERS, ids=[told for _, told in HEADERS])
def test_a_header_that_cannot_be_read_is_told_of(data: bytes, told: str, tmp_path: Path) -> None:
    with pytest.raises(BridgeError) as error:
        outcome(data, tmp_path)
    assert told in str(error.value)


def test_the_texts_of_bad_rows_mended_make_a_file_that_is_decided(tmp_path: Path) -> None:
    _, _, bad = outcome(lines("a", '"b', 'c"', "d,x"), tmp_path)
    mended = [row["text"].replace('"', "").replace("x,", "") for row in bad]
    _, ids, bad = outcome("\n".join([HEADER, *mended]), tmp_path)
    assert (ids, bad) == (["b", "c", "d"], [])


def test_compressed_rows_are_told_with_their_lines_too(tmp_path: Path) -> None:
    source = tmp_path / "in.csv.gz"
    source.write_bytes(gzip.compress(lines("a", '"b').encode()) + gzip.compress(b'c"\n'))
    summary = run_batch(policy(), source, tmp_path / "out.jsonl")
    assert (summary.rows, summary.rejected) == (3, 2)
    assert "lines 3 to 4 are one row" in (summary.first_bad or "")


REPORTS = ROOT / "tests" / "reports" / "files"


def test_the_reject_file_has_all_that_a_quote_swallowed_and_each_way_to_say_no_drugs(
    tmp_path: Path,
) -> None:
    text = (REPORTS / "stray_quotes.csv").read_text()
    _, ids, bad = outcome(text, tmp_path)
    assert ids == ["r1", "r2", "r8", "r9", "r10"]
    assert [row["text"] for row in bad] == text.splitlines()[3:8]
    _, ids, bad = outcome((REPORTS / "none.csv").read_text(), tmp_path)
    # A comma in a cell joins names, as it does in a case file.
    assert ids == ["empty_list", "comma"]
    assert len(bad) == 4
    for row, name in zip(bad, ("none", "None", "N/A", "no other drugs"), strict=True):
        assert f"`{name}` is no drug; write an empty list `[]`" in row["reason"]


ENDS = """
import gc, os, sys
from pathlib import Path
from pyclingo_bridge.io.reader import FileColumns, open_source
from tests.conftest import ROOT, policy

layout = FileColumns(policy().batch_schema(), policy().vocabulary)
source = open_source(Path(sys.argv[1]), [layout], 10)
chunks = source.chunks()
next(chunks)
os.write(1, b"ended\\n")
"""


@pytest.mark.subprocess
@pytest.mark.slow
def test_a_process_that_ends_while_a_bad_file_is_read_is_not_aborted(tmp_path: Path) -> None:
    # Arrow reads ahead in threads of its own; if these called Python at its end, they would abort it.
    path = tmp_path / "in.csv"
    path.write_text(HEADER + "\n" + f"x,{FORM}\nx,initial\n" * 200_000)
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", ENDS, str(path)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"ended\n", b"")


def test_a_piece_is_well_quoted_where_each_of_its_lines_is() -> None:
    draw = random.Random(20261127)
    seen = {True: 0, False: 0}
    for _ in range(20_000):
        line = bytes(draw.choice(b'""",,a \t') for _ in range(draw.randint(0, 12)))
        measure = csv_rows._measured(line)
        good = not measure.opened and measure.cut is None
        assert bool(csv_rows._WELL_QUOTED.fullmatch(line)) == good, line
        if not measure.opened:
            assert bool(csv_rows._WELL_QUOTED.fullmatch(b'x,"y"\r\n' + line + b"\rz")) == good, line
        seen[good] += 1
    assert min(seen.values()) > 5_000
