"""`init`: a case that loads as it is written, and a guide to what may be written in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import Case, Policy
from pyclingo_bridge.cases.vocabulary import default_vocabulary
from tests.test_cli import ASTHMA, _policies_grounded_once, readable, run, worded

__all__ = ["_policies_grounded_once", "worded"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_case_is_written_that_is_decided_at_once_without_a_warning(here: Path) -> None:
    told = run("init")
    assert told.code == 0
    assert "pyclingo-bridge decide case.json" in told.out
    (decided,) = run("decide", "case.json", "--json").lines
    assert (decided["outcome"], decided["denial_kind"]) == ("deny", "insufficient_documentation")
    assert decided["missing"]
    assert decided["warnings"] == []


def test_it_has_every_field_of_the_form_that_has_to_be_filled_in_and_every_document_type(here: Path) -> None:
    run("init", "mine.json")
    data = json.loads((here / "mine.json").read_text())
    vocabulary = default_vocabulary()
    needed = {name for name, one in vocabulary.request_attributes.items() if one.required}
    assert needed <= data["request"].keys()
    assert data["request"]["drug"] == "sotorasib"
    types = [entry["type"] for entry in data["documents"]]
    assert sorted(types) == sorted(set(vocabulary.document_types) - {"plan_record"})


def test_the_guide_names_every_choice_and_what_each_document_may_state(here: Path) -> None:
    run("init", "mine.json")
    guide = (here / "mine.guide.txt").read_text()
    readable(guide)
    vocabulary = default_vocabulary()
    for name, one in vocabulary.all.items():
        if one.kind == "request" or vocabulary.shown_by.get(name):
            assert f"  {name}: " in guide, name
    assert "type: one of continuation, initial (needed)" in guide
    assert "on_formulary: true or false (true if left out)" in guide
    assert "ecog_performance_status: a whole number, 0 to 5" in guide
    assert "complete_treatment_history: true where the list is complete" in guide


def test_another_policy_has_a_case_of_its_own(here: Path) -> None:
    assert run("init", "--policy", ASTHMA).code == 0
    assert run("decide", "case.json", "--policy", ASTHMA).code in (3, 4)


@pytest.mark.parametrize("name", ["case.json", "case.guide.txt"])
def test_nothing_is_written_over_unless_that_is_asked_for(name: str, here: Path, worded: Any) -> None:
    (here / name).write_text("mine")
    told = worded("init")
    assert told.code == 2
    assert "is there already\n" in told.err
    assert "give --force to replace it" in told.err
    assert [path.name for path in here.iterdir()] == [name]
    assert run("init", "--force").code == 0
    assert Case.load(here / "case.json").id == "case-1"


def test_a_folder_that_is_not_there_is_told(worded: Any) -> None:
    told = worded("init", "none/case.json")
    assert told.code == 2
    assert "there is no folder none" in told.err


def answers(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def test_a_case_is_written_from_answers(here: Path) -> None:
    # The form: name, day, then its fields in order; an empty answer takes what is offered, or leaves it out.
    form = ["asked", "2025-03-02", "", "", "generic", "much", "960", "", "", "", ""]
    chart = ["chart_note", "2025-03-01", "64", "perhaps", "yes", *[""] * 18]
    told = run("init", "--ask", given=answers(*form, *chart, *[""] * 5))
    assert told.code == 0, told.out
    assert "has to be a whole number, written in digits, not `much`" in told.out
    assert "has to be `true` or `false` (or `yes`, `no`), not `perhaps`" in told.out
    data = json.loads((here / "case.json").read_text())
    assert data["request"] == {
        "date": "2025-03-02",
        "drug": "sotorasib",
        "type": "initial",
        "line_of_business": "commercial",
        "product": "generic",
        "dose_mg_per_day": 960,
        "concurrent_drugs": [],
        "dose_increase": False,
        "on_formulary": True,
    }
    (note,) = data["documents"]
    assert note == {
        "id": "chart-note-1",
        "type": "chart_note",
        "date": "2025-03-01",
        "states": {"age": 64, "oncology_prescriber": True},
    }
    assert Policy.load("cp_phar_549").decide(Case.load(here / "case.json")).outcome == "deny"
    assert not (here / "case.guide.txt").exists()


def test_an_answer_out_of_bounds_is_asked_again(here: Path) -> None:
    form = ["asked", "no day", "2025-03-02", "", "", "", "0", "600", "", "", "", "", "99", ""]
    told = run("init", "--ask", given=answers(*form))
    assert told.code == 0, told.out
    assert "is no day; write YYYY-MM-DD" in told.out
    assert "is a number from 1 to 8" in told.out
    assert json.loads((here / "case.json").read_text())["request"]["dose_mg_per_day"] == 600
