"""`what-if` on the command line: what is asked, what is told, and what was got wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pyclingo_bridge import CaseError, Sweep, WhatIf
from pyclingo_bridge.cli.changes import changes_given
from pyclingo_bridge.cli.schema import json_schema
from tests.conftest import CONTINUING, FACTS, POLICIES, case, made, policy, request
from tests.test_cli import (
    APPROVE,
    LONG,
    MISSING,
    Told,
    _policies_grounded_once,
    process,
    readable,
    run,
    worded,
    write,
)

__all__ = ["_policies_grounded_once", "worded"]

NOTE = {"id": "late", "type": "chart_note", "date": "2025-06-01", "states": {"age": 17}}


def asked(*words: str, of: str = APPROVE, given: str | bytes = b"") -> Told:
    return run("what-if", of, *words, given=given)


def changes(*words: str, of: str = APPROVE) -> tuple[str, ...]:
    """The changes that are made of what a user wrote."""
    (line,) = asked(*words, "--json", of=of).lines
    return tuple(line["changes"])


# What is told


def test_both_decisions_and_what_lies_between_them_are_shown() -> None:
    told = asked("--set", "dose_mg_per_day=961")
    assert told.code == 0
    assert told.out.splitlines()[:9] == [
        "nsclc_whole: DENY, denied instead of approved",
        "Centene clinical policy CP.PHAR.549, revision 2025-02-07",
        "",
        "What was changed",
        "  - set dose_mg_per_day = 961",
        "",
        "What becomes of the decision",
        "  - before: approve by I.A for 12 months",
        "  - after: deny, insufficient documentation: I.A.9",
    ]
    assert "daily dose in mg at most 960: met before, not met after" in told.out
    assert "~ I.A.9.a at most 960 mg a day: met before, not met after" in told.out
    assert "I.A.9.b" in told.out
    assert "Missing documentation now" in told.out
    readable(told.out)


def test_a_sweep_is_shown_region_by_region() -> None:
    told = asked("--sweep", "dose_mg_per_day", "--sweep", "age=10..20")
    assert told.out.splitlines() == [
        "nsclc_whole: dose_mg_per_day in 2 regions",
        "  - 1 to 960: approve by I.A for 12 months",
        "  - 961 and more: deny, insufficient documentation: I.A.9",
        "",
        # The note is of the day before the request: who was 17 then may be 18 now.
        "nsclc_whole: age in 3 regions",
        "  - 10 to 16: refer to CP.CPA.09",
        "  - 17: deny, insufficient documentation: I.A.3",
        "  - 18 to 20: approve by I.A for 12 months",
    ]
    assert told.code == 0


def test_a_sweep_starts_from_the_changed_case_and_with_each_from_the_case() -> None:
    words = ("--set", "age=16", "--sweep", "dose_mg_per_day", "--json")
    first, second = asked(*words).lines
    assert first["after"]["outcome"] == "refer"
    assert [entry["outcome"] for entry in second["regions"]] == ["refer", "refer"]
    *_, alone = asked(*words, "--each").lines
    assert [entry["outcome"] for entry in alone["regions"]] == ["approve", "deny"]


@pytest.mark.slow
def test_a_sweep_is_taken_under_the_interpretation_asked_for() -> None:
    words = (
        "--interpret",
        "prior_therapy_scope=appendix_b",
        "--sweep",
        "prior_therapies",
        "--json",
    )
    _, swept = asked(*words).lines
    assert swept["interpretations"]["prior_therapy_scope"] == "appendix_b"
    expected = policy(prior_therapy_scope="appendix_b").sweep(
        case(json.loads(Path(APPROVE).read_text())), "prior_therapies"
    )
    assert Sweep.model_validate(swept, strict=False) == expected


def test_each_change_is_made_alone_where_that_is_asked_for() -> None:
    words = ("--set", "age=16", "--unset", "kras_g12c", "--each", "--json")
    lines = asked(*words).lines
    assert [line["changes"] for line in lines] == [["unset kras_g12c"], ["set age = 16"]]
    assert [line["after"]["outcome"] for line in lines] == ["deny", "refer"]
    readable(asked(*words[:-1]).out)


def test_the_json_is_the_librarys_answer_with_the_head_of_the_changed_case() -> None:
    told = asked("--set", "dose_mg_per_day=961", "--first", "0", "--json")
    (line,) = told.lines
    Draft202012Validator(json_schema("what-if")).validate(line)
    start = case(json.loads(Path(APPROVE).read_text()))
    expected = policy().what_if(start, {"set": {"dose_mg_per_day": 961}}, first=0)
    found = json.loads(expected.model_dump_json())
    for name in (
        "changes",
        "before",
        "after",
        "criteria",
        "missing_gained",
        "missing_lost",
        "missing_complete",
    ):
        assert line[name] == found[name]
    assert line["outcome"] == found["after"]["outcome"] == "deny"
    assert line["denial_kind"] == found["after"]["denial_kind"] == "insufficient_documentation"
    assert line["case_digest"] == found["after"]["case_digest"] != found["before"]["case_digest"]
    assert line["changed"] == ["outcome", "denial_kind", "section", "approval_months"]
    assert WhatIf.model_validate_json(expected.model_dump_json()) == expected


def test_interpretations_that_are_not_the_default_are_told() -> None:
    usual, other = "prior_therapy_scope=any_systemic", "prior_therapy_scope=appendix_b"
    told = "Interpretations other than the default: prior_therapy_scope=appendix_b"
    assert told in asked("--set", "age=17", "--from-interpret", other).out
    assert told in asked("--sweep", "age", "--from-interpret", other).out
    assert "other than the default" not in asked("--set", "age=17", "--from-interpret", usual).out


def test_a_folder_is_no_case_and_says_which_there_are(tmp_path: Path, worded: Any) -> None:
    for name in ("a.json", "b.json"):
        write(tmp_path, json.loads(Path(APPROVE).read_text()), name)
    told = worded("what-if", str(tmp_path), "--set", "age=17")
    assert (told.code, told.out) == (2, "")
    assert "holds 2 cases" in told.err
    assert "name one of them" in told.err


def test_nothing_that_differs_is_told_too() -> None:
    told = asked("--set", "dose_mg_per_day=960")
    assert "The decision does not change, and neither does what is missing." in told.out


def test_interpretations_before_and_after_are_told_apart() -> None:
    words = ("--from-interpret", "prior_therapy_scope=appendix_b",
             "--interpret", "prior_therapy_scope=any_systemic", "--json")  # fmt: skip
    (line,) = asked(*words).lines
    assert line["before"]["interpretations"]["prior_therapy_scope"] == "appendix_b"
    assert line["after"]["interpretations"]["prior_therapy_scope"] == "any_systemic"


@pytest.mark.parametrize("outcome", ["0", "1"])
def test_the_number_of_missing_sets_is_bounded(outcome: str) -> None:
    words = ("--set", "diagnosis=nsclc", "--first", outcome, "--json")
    (line,) = asked(*words, of=MISSING).lines
    assert line["more_gained"] == (outcome == "1")
    assert (len(line["missing_gained"]) == 1) == (outcome == "1")


# What is asked


VALUES = [
    ("kras_g12c=no", "set kras_g12c = false"),
    ("kras_g12c=True", "set kras_g12c = true"),
    ("kras_g12c = yes", "set kras_g12c = true"),
    ("dose_mg_per_day=0480", "set dose_mg_per_day = 480"),
    ("diagnosis= crc ", "set diagnosis = crc"),
    ("concurrent_drugs=", "set concurrent_drugs = []"),
    ("concurrent_drugs=[]", "set concurrent_drugs = []"),
    ("concurrent_drugs=Vectibix, folfox", "set concurrent_drugs = [Vectibix, folfox]"),
    ('concurrent_drugs=["a, b", "c=d"]', "set concurrent_drugs = [a, b, c=d]"),
    ("disease_extent=early", "set disease_extent = [early]"),
    ("complete_treatment_history=false", "set complete_treatment_history = false"),
]


@pytest.mark.parametrize(("entry", "text"), VALUES)
def test_a_value_is_read_as_its_attributes_values_are(entry: str, text: str) -> None:
    assert changes("--set", entry) == (text,)


def test_the_same_change_twice_is_one() -> None:
    assert changes("--set", "age=17", "--set", "age=17") == ("set age = 17",)
    assert changes("--unset", "age", "--unset", "age") == ("unset age",)


def test_a_document_is_added_from_a_file_or_from_standard_input(tmp_path: Path) -> None:
    path = write(tmp_path, NOTE, "note.json")
    (line,) = asked("--add-document", path, "--json").lines
    assert line["changes"] == ["add document late"]
    assert line["after"]["outcome"] == "refer"
    piped = asked("--add-document", "-", "--json", given=json.dumps(NOTE))
    assert piped.lines == [line]
    whole = run("what-if", "-", "--add-document", path, "--json", given=Path(APPROVE).read_bytes())
    assert whole.lines == [line]


def test_a_document_is_withdrawn() -> None:
    assert changes("--without-document", "ngs-1") == ("without document ngs-1",)


def test_another_policy_has_its_own_attributes(tmp_path: Path) -> None:
    data = {"id": "a", "request": {}, "documents": []}
    words = ("--policy", str(POLICIES / "severe_asthma"), "--set", "years=6", "--json")
    (line,) = asked(*words, of=write(tmp_path, data)).lines
    assert line["changes"] == ["set years = 6"]


# What was got wrong


WRONG = [
    ((), "nothing is changed: give --set"),
    (("--each",), "nothing is changed: give --set"),
    (("--set", "age"), "--set `age`: is no change: write NAME=VALUE"),
    (("--set", "=3"), "--set `=3`: is no change: write NAME=VALUE"),
    (("--set", "agee=3"), "unknown attribute `agee`; did you mean `age`?"),
    (("--set", "age="), "`age` has to be a whole number, written in digits, not ``"),
    (("--set", "age=1.5"), "`age` has to be a whole number, written in digits, not `1.5`"),
    (("--set", "age=" + "9" * 5000), "out of bounds"),
    (("--set", "age=-1"), "set.age: `-1` is out of bounds (allowed: 0 or more)"),
    (("--set", "kras_g12c=maybe"), "`kras_g12c` has to be `true` or `false` (or `yes`, `no`), not `maybe`"),
    (("--set", "product=brnd"), "set.product: unknown value `brnd`; did you mean `brand`?"),
    (("--set", "concurrent_drugs=[a"), "is no JSON; write names with commas between them"),
    (("--set", "concurrent_drugs=[1]"), "set.concurrent_drugs[0]: has to be a text, not a number"),
    (("--set", "concurrent_drugs=a,,b"), "set.concurrent_drugs[1]: is empty"),
    (("--set", "disease_extent="), "set.disease_extent: is empty"),
    (("--set", "age=1", "--set", "age=2"), "`age` is set to two values; keep one of them"),
    (("--set", "dose_increase=yes"), "may be `true` only where `type` is `continuation`"),
    (("--unset", "agee"), "unknown attribute `agee`; did you mean `age`?"),
    (("--unset", "dose_increase"), "nobody states `dose_increase`"),
    (("--unset", "product"), "`product` has to be on the form"),
    (("--without-document", "x"), "there is no document `x` (known: `ben-1`"),
    (("--add-document", "no/such/file"), "--add-document no/such/file: cannot be read"),
    (("--sweep", "agee"), "unknown attribute `agee`; did you mean `age`?"),
    (("--sweep", "age=1"), "--sweep `age=1`: is no range: write NAME or NAME=LOW..HIGH"),
    (("--sweep", "age=a..b"), "is no range: write NAME or NAME=LOW..HIGH"),
    (("--sweep", "=1..2"), "is no range: write NAME or NAME=LOW..HIGH"),
    (("--sweep", "age=-..2"), "written in digits, not `-`"),
    (("--sweep", "age=9..2"), "`9` is above `2`; give the lesser first"),
    (("--sweep", "product=1..2"), "its values are no numbers; leave out the range"),
    (("--sweep", ""), "unknown attribute ``"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("words", "text"), WRONG, ids=lambda value: str(value)[:40])
def test_what_cannot_be_asked_is_told_in_a_line_with_exit_code_2(words: tuple[str, ...], text: str) -> None:
    told = asked(*words)
    assert told.code == 2
    assert told.out == ""
    assert told.err.startswith("error: ")
    (line,) = asked(*words, "--json").lines
    assert text in f"{line['source']}: {'; '.join(line['errors'])}"


DOCUMENTS = [
    ("", "is empty"),
    ("[]", "holds no JSON object"),
    ("{", "is not JSON"),
    ("{} {}", "give one document a file"),
    ('{"id": "a", "id": "b"}', "has the key `id` twice in one object"),
    ('{"states": {"age": 1, "age": 2}}', "has the key `age` twice in one object"),
    ("{}", "add_documents[0].id: is missing"),
    (json.dumps({**NOTE, "id": "ngs-1"}), "`ngs-1` is the id of another document"),
    (json.dumps({**NOTE, "type": "note"}), "unknown document type `note`"),
]


@pytest.mark.parametrize(("text", "words"), DOCUMENTS)
def test_a_document_that_is_none_is_told_of(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_text(text)
    told = asked("--add-document", str(path))
    assert told.code == 2
    assert words in told.err


def test_a_bad_case_is_told_of_as_it_is_by_the_other_commands(tmp_path: Path) -> None:
    path = write(tmp_path, {"id": "x", "request": {}, "documents": []})
    told = asked("--set", "age=1", of=path)
    assert told.code == 2
    assert "request.type: is missing" in told.err


PROCESSES: list[tuple[tuple[str, ...], str]] = [
    (("--interpret", "x=y"), "no ambiguity `x`"),
    (("--from-interpret", "advanced_disease"), "write NAME=VALUE"),
    (("--policy", "nowhere", "--set", "age=1"), "no policy `nowhere`"),
    (("--add-document", "-", "--add-document", "-"), "standard input: can be read once"),
    (("--first", "-1"), "--first"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("words", "text"), PROCESSES, ids=lambda value: str(value)[:40])
def test_a_wrong_option_is_told_in_a_line(words: tuple[str, ...], text: str) -> None:
    told = process("what-if", APPROVE, *words)
    assert told.code == 2
    assert text in told.err
    assert "Traceback" not in told.err


# How it reads


@pytest.mark.parametrize("text", LONG, ids=lambda text: ascii(text)[:10])
def test_long_and_wide_texts_fit_80_columns_too(text: str, tmp_path: Path) -> None:
    data = made(request(concurrent_drugs=[text]), FACTS)
    for number, entry in enumerate(data["documents"]):
        entry["id"] = f"{number}{text}"[:200]
    path = write(tmp_path, {**data, "id": text})
    words: list[str] = ["--without-document", f"1{text}"[:200], "--set", "age=17"]
    told = asked(*words, "--set", f"prior_therapies={json.dumps([text])}", of=path)
    assert told.code == 0
    readable(told.out)


@pytest.mark.slow
def test_everything_that_can_be_shown_fits_80_columns(tmp_path: Path) -> None:
    start = made(request(type="continuation", dose_increase=True), CONTINUING)
    names: list[Any] = sorted(policy().vocabulary.attributes)
    words = [word for name in names for word in ("--sweep", name)]
    for of in (APPROVE, MISSING, write(tmp_path, start)):
        told = asked("--set", "type=continuation", "--unset", "diagnosis", of=of)
        readable(told.out or "x\n")
        told = asked("--set", "dose_mg_per_day=1", *words, of=of)
        assert told.code == 0
        readable(told.out)


def test_the_help_reads_well() -> None:
    readable(run("what-if", "--help").out)


# Days, tumors, documents and ranges


def changes_of(*words: str) -> dict[str, Any]:
    found = changes_given(policy().vocabulary, assigned=words)
    return {"set": found.set, "amend": found.amend_documents}


def test_documents_and_the_request_are_changed_by_their_names() -> None:
    told = asked("--set", "ngs-1.status=entered_in_error", "--set", "date=2025-04-01", "--json")
    (line,) = told.lines
    assert line["changes"] == ["status of document ngs-1 = entered_in_error", "set date = 2025-04-01"]
    assert (line["before"]["outcome"], line["outcome"]) == ("approve", "deny")
    (line,) = asked("--unset", "ngs-1.tumor", "--json").lines
    assert line["changes"] == ["tumor of document ngs-1 = none"]
    told = asked("--set", "nobody.status=final")
    assert told.code == 2
    assert "no document `nobody`" in told.err


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("days_on_therapy=30..", {"at_least": 30}),
        ("days_on_therapy=..5", {"at_most": 5}),
        ("days_on_therapy=30..40", {"at_least": 30, "at_most": 40}),
        ("days_on_therapy=30", 30),
        ("birth_date=1960-05", "1960-05"),
        ('diagnosis=["C34.90", "nsclc"]', ["C34.90", "nsclc"]),
        ("tumor= left lung ", "left lung"),
    ],
)
def test_ranges_days_and_lists_of_names_are_read(words: str, value: Any) -> None:
    assert changes_of(words)["set"] == {words.partition("=")[0]: value}


@pytest.mark.parametrize("words", ["days_on_therapy=..", "days_on_therapy=a..b", "dose_mg_per_day=1..x"])
def test_what_is_no_range_is_refused(words: str) -> None:
    with pytest.raises(CaseError, match="whole number"):
        changes_of(words)


def test_a_range_on_the_form_is_refused() -> None:
    told = asked("--set", "dose_mg_per_day=100..960")
    assert told.code == 2
    assert "dose_mg_per_day" in told.err


def test_days_are_swept_on_the_command_line() -> None:
    told = asked("--sweep", "date=2025-03-01..2025-03-10")
    assert told.code == 0
    assert "  - 2025-03-01 to 2025-03-10: approve by I.A for 12 months" in told.out.splitlines()
    assert asked("--sweep", "date").code == 2
    assert asked("--sweep", "ngs-1.date=2025-03-01..2025-03-02").code == 0
