"""Which cases a command line names: files, folders, patterns, lines of a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyclingo_bridge.cli.sources import expanded
from tests.test_cli import APPROVE, DENY, MISSING, _policies_grounded_once, run

__all__ = ["_policies_grounded_once"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two case files, one of them in a folder of its own, and a file with three lines."""
    monkeypatch.chdir(tmp_path)
    inner = tmp_path / "cases" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "cases" / "c.json").write_bytes(Path(APPROVE).read_bytes())
    (inner / "a.json").write_bytes(Path(DENY).read_bytes())
    (inner / "notes.txt").write_text("no case")
    one, other = (json.dumps(json.loads(Path(path).read_text())) for path in (APPROVE, MISSING))
    (tmp_path / "lines.jsonl").write_text(f"{one}\n\n{{bad\n{other}")
    return tmp_path


def sources(*words: str) -> list[str]:
    return [line.get("case") or line["source"] for line in run("decide", "--json", *words).lines]


def test_a_folder_stands_for_every_case_file_beneath_it_by_name(folder: Path) -> None:
    assert expanded(["cases"]) == [str(Path("cases/b/a.json")), str(Path("cases/c.json"))]
    assert sources("cases") == ["kras_negative", "nsclc_whole"]


def test_a_pattern_stands_for_the_files_that_fit_it(folder: Path) -> None:
    assert sources("cases/*.json") == ["nsclc_whole"]
    assert sources("cases/**/*.json") == ["kras_negative", "nsclc_whole"]


def test_each_line_of_a_file_is_a_case_that_is_named_by_its_number(folder: Path) -> None:
    told = run("decide", "--json", "lines.jsonl")
    assert told.code == 2
    first, bad, last = told.lines
    assert (first["case"], last["case"]) == ("nsclc_whole", "nothing_documented")
    assert bad["source"] == "lines.jsonl:3"


def test_one_line_of_a_file_can_be_named(folder: Path) -> None:
    assert sources("lines.jsonl:4") == ["nothing_documented"]
    (found,) = run("what-if", "lines.jsonl:1", "--set", "age=17", "--json").lines
    assert found["case"] == "nsclc_whole"
    assert "cannot be read" in run("decide", "lines.jsonl:2", "--json").lines[0]["errors"][0]


@pytest.mark.parametrize("command", ["explain", "missing", "repairs", "reasons", "ask"])
def test_every_command_that_takes_cases_takes_them_so(command: str, folder: Path) -> None:
    found = run(command, "cases", "lines.jsonl:1", "--json=case").lines
    assert [entry["case"] for entry in found] == ["kras_negative", "nsclc_whole", "nsclc_whole"]


def test_the_facts_of_a_folder_are_written_too(folder: Path) -> None:
    assert run("facts", "cases").out.count("% case: ") == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [("empty", "ends with .json"), ("none*.json", "none fits it as a pattern"), ("none.jsonl", "it has none")],
)
def test_what_holds_no_case_says_so_and_keeps_no_other_from_an_answer(
    name: str, words: str, folder: Path
) -> None:
    (folder / "empty").mkdir()
    (folder / "none.jsonl").write_text("\n \n")
    told = run("decide", "--json", name, APPROVE)
    assert told.code == 2
    assert told.lines[0]["source"] == name
    assert words in told.lines[0]["errors"][0]
    assert told.lines[1]["outcome"] == "approve"


def test_a_file_whose_name_is_a_pattern_is_that_file(folder: Path) -> None:
    (folder / "[c].json").write_bytes(Path(DENY).read_bytes())
    (folder / "c.json").write_bytes(Path(APPROVE).read_bytes())
    assert sources("[c].json") == ["kras_negative"]


def test_lines_in_the_place_of_a_case_are_told_to_go_into_a_file_of_lines(tmp_path: Path) -> None:
    case = json.dumps(json.loads(Path(APPROVE).read_text()))
    told = run("decide", "-", given=f"{case}\n\n{case}\n")
    assert (told.code, told.out) == (2, "")
    assert "standard input: holds several cases, one a line" in told.err
    assert "`.jsonl`" in told.err
    # A case that is wrong is no list of cases.
    assert "several cases" not in run("decide", "-", given='{"id": "a"}\n').err
    assert "several cases" not in run("decide", "-", given=json.dumps(json.loads(case), indent=1)[:-1]).err
