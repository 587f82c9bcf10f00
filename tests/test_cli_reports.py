"""The command line's reports on policies: exit codes, forms, cases to replay, and errors in a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pyclingo_bridge.cli.schema import json_schema
from tests.conftest import POLICIES, ROOT
from tests.test_cli import process, run, worded

__all__ = ["worded"]

CRITERIA = str(POLICIES / "planted_criteria")
SECTIONS = str(POLICIES / "planted_sections")
RULES = str(POLICIES / "planted_rules")
CASES = ROOT / "examples" / "cases"


FAIL_ON = [
    (SECTIONS, "error", 3),
    (SECTIONS, "never", 0),
    (CRITERIA, "error", 0),
    (CRITERIA, "warning", 3),
    (CRITERIA, "info", 3),
    ("label", "warning", 0),
    ("label", "info", 3),
    (RULES, "error", 2),
    (RULES, "never", 2),
]


@pytest.mark.slow
@pytest.mark.parametrize(("policy", "severity", "code"), FAIL_ON)
def test_the_exit_code_tells_whether_a_finding_is_as_grave(policy: str, severity: str, code: int) -> None:
    assert run("check", policy, "--fail-on", severity).code == code


@pytest.mark.slow
def test_without_a_severity_an_error_is_what_fails() -> None:
    assert run("check", CRITERIA).code == 0
    assert run("check", CRITERIA, SECTIONS).code == 3


@pytest.mark.slow
def test_several_policies_are_reported_one_after_the_other() -> None:
    told = run("check", CRITERIA, RULES, "--json")
    assert [len(line["findings"]) for line in told.lines] == [10, 8]
    assert [line["name"] for line in told.lines] == ["planted_criteria", RULES]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("check", ("check", SECTIONS, "--json")),
        ("check", ("check", RULES, "--format", "json")),
        ("comparison", ("compare", "label", "codebreak100", "--json")),
        ("ambiguities", ("decide", "--all-interpretations", "--json", str(CASES / "deny" / "kras_negative.json"))),  # noqa: E501
    ],
)  # fmt: skip
def test_json_answers_follow_their_schemas(name: str, words: tuple[str, ...]) -> None:
    (line,) = run(*words).lines
    Draft202012Validator(json_schema(name)).validate(line)


@pytest.mark.slow
def test_every_shown_case_is_written_and_decided_as_told(tmp_path: Path) -> None:
    told = run("check", SECTIONS, "--json", "--cases", str(tmp_path / "cases")).lines[0]
    shown = [finding["witness"] for finding in told["findings"] if finding["witness"]]
    assert len(list((tmp_path / "cases").glob("*.json"))) == len(shown) >= 8
    for witness in shown:
        (path,) = (tmp_path / "cases").glob(f"{witness['case']['id']}.json")
        assert json.loads(path.read_text()) == witness["case"]
        (answer,) = run("decide", "--policy", SECTIONS, "--json", str(path)).lines
        assert answer["outcome"] == witness["verdicts"][0]["outcome"]


@pytest.mark.slow
def test_a_comparison_writes_its_cases_too(tmp_path: Path) -> None:
    told = run("compare", "cp_phar_549", "label", "--json", "--cases", str(tmp_path)).lines[0]
    assert len(list(tmp_path.glob("*.json"))) == len(told["differences"])


@pytest.mark.slow
def test_a_comparison_exits_with_three_only_where_it_is_asked_to_and_they_differ() -> None:
    assert run("compare", "label", "codebreak100").code == 0
    assert run("compare", "label", "codebreak100", "--exit-code").code == 3
    assert run("compare", "label", "label", "--exit-code").code == 0


def test_each_side_of_a_comparison_has_its_own_interpretations() -> None:
    told = run("compare", "cp_phar_549", "cp_phar_549", "--brief",
               "--other-interpret", "ampullary_progression=as_revision_log")  # fmt: skip
    assert "`I.C.1.a` (ampullary adenocarcinoma)" in told.out
    assert "cp_phar_549 (first) approves, cp_phar_549 (second) does not" in told.out


INTERPRETATIONS = [
    ("approve/nsclc_whole", 0, "approved under every interpretation"),
    ("approve/docetaxel_alone_before", 3, "approved under some interpretations"),
    ("deny/kras_negative", 3, "denied under every interpretation"),
    ("refer/unlisted_diagnosis", 4, "referred under every interpretation"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("case", "code", "words"), INTERPRETATIONS)
def test_all_interpretations_exit_with_the_least_sure_outcome(case: str, code: int, words: str) -> None:
    told = run("decide", "--all-interpretations", str(CASES / f"{case}.json"))
    assert told.code == code
    assert words in told.out


@pytest.mark.slow
def test_brief_leaves_out_cases_and_questions() -> None:
    whole, brief = run("check", SECTIONS).out, run("check", SECTIONS, "--brief").out
    assert "request form: kind: first" in whole
    assert "request form" not in brief
    assert "What was asked" not in brief
    assert "no case meets section `D`" in brief


@pytest.mark.slow
def test_markdown_is_written_for_a_review() -> None:
    told = run("compare", "cp_phar_549_2024", "cp_phar_549", "--format", "markdown").out
    assert told.startswith("## ")
    assert "\n### " in told


WRONG = [
    ("check", "no_such_policy"),
    ("compare", "label", "no_such_policy"),
    ("check", "label", "--interpret", "nothing=at_all"),
    ("compare", "label", str(POLICIES / "severe_asthma")),
    ("check", str(POLICIES)),
    ("check", "label", "--fail-on", "always"),
]


@pytest.mark.slow
@pytest.mark.parametrize("words", WRONG, ids=lambda words: " ".join(words)[:40])
def test_bad_input_is_told_in_a_line_with_exit_code_2(words: tuple[str, ...]) -> None:
    told = process(*words)
    assert told.code == 2
    assert "Traceback" not in told.err + told.out
    assert told.err.strip()


def test_a_folder_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = process("check", SECTIONS, "--cases", str(tmp_path / "file" / "cases"))
    assert told.code == 2
    assert "file/cases: cannot be made" in told.err


@pytest.mark.slow
def test_two_cases_of_one_name_are_two_files(tmp_path: Path) -> None:
    shown = run("check", SECTIONS, SECTIONS, "--json", "--cases", str(tmp_path)).lines
    count = sum(finding["witness"] is not None for line in shown for finding in line["findings"])
    assert len(list(tmp_path.glob("*.json"))) == count


def test_a_policy_that_is_not_there_does_not_keep_the_others_from_a_report() -> None:
    told = run("check", "nowhere", "label", "--json")
    assert told.code == 2
    assert [line["name"] for line in told.lines] == ["label"]
    assert "no policy `nowhere`" in told.err


def test_every_interpretation_and_one_interpretation_cannot_both_be_asked_for() -> None:
    case = str(CASES / "approve" / "nsclc_whole.json")
    told = process("decide", "--all-interpretations", "--interpret", "advanced_disease=as_named", case)
    assert told.code == 2
    assert "leave out --interpret," in told.err
