"""The command line: exit codes, answers for people and for programs, and errors told in a line."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from clingo import Control
from jsonschema import Draft202012Validator
from rich.cells import cell_len
from typer.testing import CliRunner

from pyclingo_bridge import Case, LoadLimits, Policy
from pyclingo_bridge.cli.main import app, main
from pyclingo_bridge.cli.schema import json_schema
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.judge import Assessor
from tests.conftest import FACTS, POLICIES, ROOT, made, request

CASES = ROOT / "examples" / "cases"
EXAMPLES = sorted(CASES.rglob("*.json"))
APPROVE = str(CASES / "approve" / "nsclc_whole.json")
DENY = str(CASES / "deny" / "kras_negative.json")
MISSING = str(CASES / "deny" / "nothing_documented.json")
REFER = str(CASES / "refer" / "unlisted_diagnosis.json")
CALLED_ADVANCED = str(CASES / "approve" / "nsclc_called_advanced.json")
ASTHMA = str(POLICIES / "severe_asthma")
AMBIGUITIES = {
    "prior_therapy_scope": ["any_systemic", "appendix_b"],
    "prior_therapy_kind": ["systemic", "any_treatment"],
    "dose_is_part_of_the_use": ["when_label_changed", "never"],
    "covered_indication": ["diagnosis", "as_in_section_i"],
    "continuation_30_days": ["second_limb", "both_limbs"],
    "advanced_disease": ["locally_advanced_or_metastatic", "as_named"],
    "ampullary_progression": ["as_written", "as_revision_log"],
    "dose_increase_other_indications": ["as_written", "all_covered"],
    "stable_disease_is_response": ["yes", "no"],
}
"""The interpretations of each ambiguity, the default first."""

TERMINAL = {
    "COLUMNS": "80",
    "TERM": "xterm-256color",
    "FORCE_COLOR": None,
    "PY_COLORS": None,
    "NO_COLOR": None,
    "GITHUB_ACTIONS": None,
}
"""No terminal, as it may be described to the command all the same."""


@cache
def grounded(
    load: Callable[..., Policy],
    name: str,
    interpretations: tuple[tuple[str, str], ...],
    judged_by: str,
) -> Policy:
    return load(name, interpretations=dict(interpretations), judged_by=judged_by)


@pytest.fixture(autouse=True)
def _policies_grounded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    load = LOAD

    def once(
        name: str | Path,
        interpretations: Mapping[str, str] | None = None,
        judged_by: str = "compiled",
        limits: LoadLimits | None = None,
        plan: str | None = None,
    ) -> Policy:
        if limits or plan:
            return LOAD(name, interpretations, "clingo" if judged_by == "clingo" else "compiled", limits, plan)
        return grounded(load, str(name), tuple(sorted((interpretations or {}).items())), judged_by)

    monkeypatch.setattr(Policy, "load", once)


LOAD = Policy.load


class Told:
    """What a command wrote, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def lines(self) -> list[Any]:
        """The JSON objects, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def run(*words: str, given: str | bytes = b"") -> Told:
    """Run a command in this process; what is no exit code is raised."""
    result = CliRunner().invoke(
        app, list(words), input=given, env=TERMINAL, catch_exceptions=False, prog_name="bridge"
    )
    return Told(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def worded(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """Runs a command as `main` does, which words errors."""
    for name, value in TERMINAL.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)

    def call(*words: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["bridge", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfd.readouterr()
        code = left.value.code
        return Told(code if isinstance(code, int) else 0, out, err)

    return call


def process(*words: str, given: bytes = b"", **env: str) -> Told:
    """Run a command in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in TERMINAL}
    set_ = {name: value for name, value in TERMINAL.items() if value is not None}
    done = subprocess.run(
        [sys.executable, "-m", "pyclingo_bridge", *words],
        cwd=ROOT,
        env={**kept, **set_, "PYTHONPATH": str(ROOT), **env},
        input=given,
        capture_output=True,
        check=False,
    )
    return Told(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8"))


def write(folder: Path, data: Any, name: str = "case.json") -> str:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return str(path)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    """A case with two faults."""
    data = made(request(dose_mg_per_day="960", line_of_business="comercial"), FACTS)
    return write(tmp_path, data, "bad.json")


def readable(text: str) -> None:
    """Nothing for a terminal alone: 80 columns, no blanks at the ends, no escape codes."""
    for line in text.split("\n"):
        assert cell_len(line) <= 80, line
        assert line == line.rstrip(), line
        assert line.isprintable(), ascii(line)


# Exit codes


@pytest.mark.parametrize(
    ("path", "code"), [(APPROVE, 0), (DENY, 3), (MISSING, 3), (REFER, 4)], ids=["a", "d", "m", "r"]
)
@pytest.mark.parametrize("options", [(), ("--json",), ("--full",)], ids=str)
def test_the_exit_code_of_decide_is_the_outcome(path: str, code: int, options: tuple[str, ...]) -> None:
    assert run("decide", path, *options).code == code


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        ([APPROVE, APPROVE], 0),
        ([APPROVE, REFER], 4),
        ([APPROVE, DENY], 3),
        ([REFER, DENY], 3),
        ([APPROVE, REFER, DENY], 3),
        ([APPROVE, "bad"], 2),
        ([REFER, "bad"], 2),
        ([DENY, "bad"], 2),
        ([DENY, "bad", APPROVE, REFER], 2),
        (["bad"], 2),
        (["bad", "bad"], 2),
    ],
    ids=lambda value: "-".join(Path(entry).stem for entry in value) if isinstance(value, list) else "",
)
def test_the_exit_code_of_several_cases_is_that_of_the_gravest_in_any_order(
    paths: list[str], code: int, bad: str
) -> None:
    for order in (paths, paths[::-1]):
        words = [bad if path == "bad" else path for path in order]
        assert run("decide", "--json", *words).code == code


@pytest.mark.parametrize("command", ["explain", "missing", "facts"])
def test_another_commands_exit_code_tells_bad_input_alone(command: str, bad: str) -> None:
    for path in (APPROVE, DENY, MISSING, REFER):
        assert run(command, path).code == 0
    assert run(command, APPROVE, DENY, REFER).code == 0
    assert run(command, bad).code == 2
    assert run(command, APPROVE, bad, DENY).code == 2


@pytest.mark.parametrize("words", [("policies",), ("schema",), ("--version",), ("--help",)])
def test_a_command_without_a_case_exits_with_0(words: tuple[str, ...]) -> None:
    told = run(*words)
    assert (told.code, told.err) == (0, "")
    assert told.out


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("decide",),
        ("explain",),
        ("missing",),
        ("facts",),
        ("decde", APPROVE),
        ("decide", "--bogus", APPROVE),
        ("decide", "--interpret"),
        ("decide", APPROVE, "--policy"),
        ("decide", "--first", "-1", APPROVE),
        ("missing", "--first", "-1", APPROVE),
        ("missing", "--first", "few", APPROVE),
        ("missing", "--first", "1.5", APPROVE),
        ("explain", "--format", "xml", APPROVE),
        ("schema", "cases"),
        ("schema", "case", "decision"),
        ("policies", "cp_phar_549"),
    ],
    ids=lambda words: " ".join(words).replace(str(ROOT), "")[:30],
)
def test_a_wrong_use_exits_with_2_and_says_how_to_use_it(words: tuple[str, ...]) -> None:
    told = run(*words)
    assert told.code == 2
    assert re.search("Usage: |requires an argument", told.err + told.out)
    assert "Traceback" not in told.err + told.out


# Cases and where they come from


def test_a_case_is_read_from_standard_input() -> None:
    text = Path(DENY).read_bytes()
    told = run("decide", "--json", "-", given=text)
    assert told.code == 3
    assert told.lines == run("decide", "--json", DENY).lines


def test_standard_input_is_one_of_several_cases() -> None:
    told = run("decide", "--json", APPROVE, "-", REFER, given=Path(DENY).read_bytes())
    assert [line["outcome"] for line in told.lines] == ["approve", "deny", "refer"]


@pytest.mark.parametrize("given", [b"", b"\n", b"{", b"[]", b"\xff\xfe", b"{}{}", b"[" * 100_000, b"\x00"])
def test_standard_input_that_is_no_case_is_bad_input_with_its_name(given: bytes) -> None:
    told = run("decide", "-", given=given)
    assert (told.code, told.out) == (2, "")
    assert re.match("error: (standard input:|[0-9]+ problems in standard input\n)", told.err)


def test_standard_input_is_read_once(worded: Callable[..., Told], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(APPROVE).read_bytes())))
    told = worded("decide", "-", "-")
    assert told.code == 2
    assert "standard input: " in told.err
    assert "is empty" not in told.err


def test_standard_input_that_is_closed_is_bad_input(
    worded: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    told = worded("decide", "-")
    assert (told.code, told.out) == (2, "")
    assert told.err == "error: standard input: is closed\n"


def test_standard_input_may_begin_with_a_byte_order_mark() -> None:
    assert run("decide", "-", given=b"\xef\xbb\xbf" + Path(APPROVE).read_bytes()).code == 0


def test_the_problems_of_a_bad_case_are_told_under_one_head_on_standard_error(bad: str) -> None:
    for command in ("decide", "explain", "missing", "facts"):
        told = run(command, bad)
        head, *lines = told.err.splitlines()
        assert head == f"error: 2 problems in {bad}"
        assert len([line for line in lines if re.match(r"  1:[0-9]+: request\.", line)]) == 2
        assert any("help: did you mean `commercial`" in line for line in lines)
        assert any("whole number" in line for line in lines)


def test_a_bad_case_does_not_keep_the_others_from_an_answer(bad: str) -> None:
    told = run("decide", bad, APPROVE, bad, DENY)
    assert told.code == 2
    rows = [line.split() for line in told.out.splitlines()]
    assert ["nsclc_whole", "approve"] in rows
    assert ["kras_negative", "deny", "I.A.4"] in [row[:3] for row in rows]


def test_several_cases_are_a_table_in_their_order_with_a_row_for_each_bad_one(bad: str) -> None:
    told = run("decide", REFER, bad, APPROVE, str(CASES / "deny" / "molecular_report_missing.json"))
    assert (told.code, told.err.count("error: ")) == (2, 1)
    # A long name goes on in a line of its own.
    rows = [line.split() for line in told.out.splitlines() if re.search(" (refer|deny|approve|cannot) ?", line)]
    assert [row[1] for row in rows[:4]] == ["refer", "cannot", "approve", "deny"]
    assert rows[0][0] == "unlisted_diagnosis"
    assert rows[2][0] == "nsclc_whole"
    assert rows[3][0].startswith("molecular_report_miss")
    assert rows[3][2:4] == ["I.A.4", "molecular"]
    assert "4 cases: 1 approve, 1 deny (1 for documents), 1 refer, 1 cannot be read" in told.out
    readable(told.out)


def test_several_cases_are_shown_at_length_where_asked() -> None:
    told = run("decide", "--full", APPROVE, DENY)
    assert "nsclc_whole: APPROVE under I.A" in told.out
    assert "kras_negative: DENY, " in told.out
    assert told.out.endswith("2 cases: 1 approve, 1 deny (1 for criteria not met)\n")


def test_a_bad_case_leaves_no_trace_among_the_answers_for_people(bad: str) -> None:
    for command in ("explain", "missing", "facts"):
        plain = run(command, APPROVE).out
        assert run(command, bad, APPROVE).out == plain
        assert run(command, APPROVE, bad).out == plain


@pytest.mark.parametrize(
    "name",
    ["none.json", ".", "x" * 5_000, "none/none.json", "caf\udce9.json", "[bold]{0}.json", "a\nb"],
    ids=lambda name: ascii(name)[:20],
)
def test_a_file_that_cannot_be_read_is_bad_input_with_its_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = run("decide", "--json", name, APPROVE)
    assert told.code == 2
    first, second = told.lines
    assert first["source"] == name
    assert "cannot be read" in first["errors"][0]
    assert second["outcome"] == "approve"


def test_a_case_in_a_file_of_any_name_is_decided(tmp_path: Path) -> None:
    names = ["caf\udce9.json", "a b.json", "[bold].json", "{0}", "%s", "a\nb", "x.lp", "-x"]
    for name in names:
        path = write(tmp_path, Path(APPROVE).read_bytes(), name)
        assert run("decide", path).code == 0


@pytest.mark.slow
def test_a_file_nested_to_any_depth_is_bad_input_and_no_defect(tmp_path: Path) -> None:
    for levels in range(850, 1_010):
        path = write(tmp_path, b"[" * levels + b"]" * levels)
        assert run("decide", path).code == 2


# JSON


@pytest.mark.parametrize("command", ["decide", "explain", "missing"])
def test_json_is_one_object_a_line_in_the_order_of_the_cases(command: str, bad: str) -> None:
    told = run(command, "--json", DENY, bad, APPROVE, "none.json", REFER)
    assert told.code == 2
    assert len(told.lines) == 5
    assert all(isinstance(line, dict) for line in told.lines)
    ids = ["kras_negative", None, "nsclc_whole", None, "unlisted_diagnosis"]
    for line, name in zip(told.lines, ids, strict=True):
        if name is None:
            assert {"source", "errors"} <= set(line) <= {"version", "source", "errors", "problems"}
            assert line["errors"]
        else:
            assert name in (line.get("case") or line["headline"])
    assert told.lines[1]["source"] == bad
    assert len(told.lines[1]["errors"]) == 2
    assert told.lines[3]["source"] == "none.json"


def test_json_of_decide_and_explain_fits_the_schema_that_the_command_writes() -> None:
    for command, name in (("decide", "decision"), ("explain", "explanation")):
        schema = json.loads(run("schema", name).out)
        for line in run(command, "--json", APPROVE, DENY, MISSING, REFER).lines:
            Draft202012Validator(schema).validate(line)


def test_json_of_missing_holds_sets_that_fit_the_schemas_that_the_command_writes() -> None:
    sets, documents = (
        Draft202012Validator(json.loads(run("schema", name).out)) for name in ("missing-set", "document-set")
    )
    lines = run("missing", "--json", APPROVE, DENY, MISSING, REFER).lines
    told = [(line["outcome"], line["denial_kind"]) for line in lines]
    assert told == [
        ("approve", None),
        ("deny", "criteria_not_met"),
        ("deny", "insufficient_documentation"),
        ("refer", None),
    ]
    assert [bool(line["missing"]) for line in lines] == [False, False, True, False]
    assert [bool(line["documents"]) for line in lines] == [False, False, True, False]
    for line in lines:
        assert (line["more"], line["more_documents"]) == (False, False)
        for entry in line["missing"]:
            sets.validate(entry)
        for entry in line["documents"]:
            documents.validate(entry)


@pytest.mark.slow
def test_json_is_plain_however_hostile_the_texts(tmp_path: Path) -> None:
    for text in ("[bold]x[/]", '"}\n'[:2], "\\u0000", "你😀", "</script>"):
        data = made(request(concurrent_drugs=[text]), FACTS)
        told = run("decide", "--json", write(tmp_path, {**data, "id": text}))
        assert (told.code, told.lines[0]["case"]) == (3, text)


# Interpretations and policies


def test_a_interpretation_decides_and_is_told_of() -> None:
    assert run("decide", CALLED_ADVANCED).code == 0
    words = ("--interpret", "advanced_disease=as_named", CALLED_ADVANCED)
    told = run("decide", "--json", *words)
    assert told.code == 3
    assert told.lines[0]["interpretations"]["advanced_disease"] == "as_named"
    for command in ("decide", "explain", "missing"):
        assert "advanced_disease=as_named" in run(command, *words).out


def test_several_interpretations_hold_together() -> None:
    words = [
        "--interpret",
        "advanced_disease=as_named",
        "--interpret",
        "prior_therapy_scope=appendix_b",
    ]
    (told,) = run("decide", "--json", *words, APPROVE).lines
    expected = {name: values[0] for name, values in AMBIGUITIES.items()}
    expected |= {"advanced_disease": "as_named", "prior_therapy_scope": "appendix_b"}
    assert told["interpretations"] == expected


def test_a_default_interpretation_may_be_named() -> None:
    words = ("--interpret", "advanced_disease=locally_advanced_or_metastatic")
    named, silent = (run("decide", "--json", *given, APPROVE) for given in (words, ()))
    assert named.out == silent.out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("interpretations", "message"),
    [
        (["prior_therapy_scope"], "NAME=VALUE"),
        (["=appendix_b"], "NAME=VALUE"),
        (["prior_therapy_scope="], "NAME=VALUE"),
        (["="], "NAME=VALUE"),
        ([""], "NAME=VALUE"),
        (["prior_therapy_scop=appendix_b"], "did you mean `prior_therapy_scope`"),
        (["prior_therapy_scope=apendix_b"], "did you mean `appendix_b`"),
        (["prior_therapy_scope=Appendix_b"], "did you mean `appendix_b`"),
        (["scope=x"], "`prior_therapy_scope`"),
        (["prior_therapy_scope=x"], "`any_systemic`, `appendix_b`"),
        (["prior_therapy_scope=any_systemic=x"], "`any_systemic`, `appendix_b`"),
        (
            ["prior_therapy_scope=appendix_b", "prior_therapy_scope=any_systemic"],
            "two interpretations",
        ),
        (["x). approve. y(=z"], "no ambiguity"),
        (['prior_therapy_scope=x"). approve.'], "no interpretation"),
        (["not=not"], "no ambiguity"),
        (["X=Y"], "no ambiguity"),
        (["_=_"], "no ambiguity"),
        (["a\nb=c"], "no ambiguity"),
        (["[bold]=x"], "no ambiguity `[bold]`"),
        ([f"{'x' * 100_000}=y"], "no ambiguity"),
        (["\udcff=x"], "no ambiguity"),
        (["prior_therapy_scope=\udcff"], "no interpretation"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_interpretation_that_is_not_there_is_told_in_a_line(
    interpretations: list[str], message: str, worded: Callable[..., Told]
) -> None:
    words = [word for entry in interpretations for word in ("--interpret", entry)]
    told = worded("decide", *words, APPROVE)
    assert (told.code, told.out) == (2, "")
    assert message in told.err
    assert told.err.startswith("error: ")
    assert told.err.count("\n") <= 3
    assert len(told.err) < 1_000


def test_the_default_policy_may_be_named() -> None:
    named, silent = (run("decide", "--json", *given, APPROVE) for given in (("--policy", "cp_phar_549"), ()))
    assert named.out == silent.out
    assert named.lines[0]["policy"]["name"] == "cp_phar_549"


@pytest.mark.slow
def test_a_policy_is_taken_from_a_folder(tmp_path: Path) -> None:
    states = {
        "condition": "asthma",
        "years": 6,
        "eosinophils": 300,
        "controllers": ["inhaled_steroid"],
        "smoker": False,
    }
    document = {"id": "visit", "type": "visit", "date": "2024-05-01", "states": states}
    path = write(tmp_path, {"id": "asthma", "request": {}, "documents": [document]})
    told = run("decide", "--json", "--policy", ASTHMA, path)
    assert told.code == 0
    assert told.lines[0]["policy"]["name"] == "severe_asthma"
    for command in ("decide", "explain", "missing", "facts"):
        assert run(command, "--policy", ASTHMA, path).code == 0
    # The words of one policy are not those of another.
    assert run("decide", path).code == 2
    assert run("decide", "--policy", ASTHMA, APPROVE).code == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cp_phr_549", "did you mean `cp_phar_549`"),
        ("none", "`cp_phar_549`"),
        ("", "no policy"),
        (str(CASES), "policy.lp"),
        (APPROVE, "is a file; a policy is a folder"),
        ("x" * 5_000, "no policy"),
        ("a\nb", "no policy"),
        ("\udcff", "no policy"),
        ("../policies/cp_phar_549", "no policy"),
    ],
    ids=lambda value: ascii(value).replace(str(ROOT), "")[:30],
)
@pytest.mark.parametrize("words", [("decide", APPROVE), ("schema", "case")], ids=lambda w: w[0])
def test_a_policy_that_is_not_there_is_told_in_a_line(
    name: str, message: str, words: tuple[str, ...], worded: Callable[..., Told]
) -> None:
    told = worded(*words, "--policy", name)
    assert (told.code, told.out) == (2, "")
    assert message in told.err
    assert told.err.startswith("error: ")
    assert told.err.count("\n") <= 3
    assert len(told.err) < 1_000


def test_the_policies_are_listed_with_every_interpretation() -> None:
    short, text = run("policies").out, run("policies", "--full").out
    assert "cp_phar_549" in short
    assert "2025-02-07" in short
    assert "(default)" not in short
    for name, values in AMBIGUITIES.items():
        assert f"{name}={values[0]} (default)" in text
        assert values[1] in text
    readable(text)
    told = {line["policy"]["name"]: line["ambiguities"] for line in run("policies", "--json").lines}
    assert sorted(told) == ["codebreak100", "cp_phar_549", "cp_phar_549_2024", "label"]
    assert told["cp_phar_549"] == AMBIGUITIES
    assert told["label"] == {}


# What is shown


def test_decide_shows_other_sections_only_where_asked() -> None:
    short, long = (run("decide", *options, APPROVE).out for options in ((), ("--full",)))
    for number in ("I.A.1", "I.A.9.n"):
        assert re.search(rf"^{re.escape(number)} ", short, re.MULTILINE)
    for number in ("I.B.1", "I.C.1.c", "I.C.8.n"):
        assert not re.search(rf"^{re.escape(number)} ", short, re.MULTILINE)
        assert re.search(rf"^{re.escape(number)} ", long, re.MULTILINE)


def test_a_denial_is_shown_with_what_is_missing() -> None:
    path = str(CASES / "deny" / "molecular_report_missing.json")
    for command in ("decide", "missing"):
        text = run(command, path).out
        assert "KRAS G12C" in text
        assert "molecular report" in text
        assert "molecular_report " not in text
        assert "cost 10" not in text
        assert "cost 10" in run(command, "--verbose", path).out
    assert "Nothing that is still undocumented would change this" in run("missing", DENY).out
    assert "Nothing is missing" in run("missing", APPROVE).out


def test_explain_shows_what_decides_and_everything_only_where_asked() -> None:
    short, long = (run("explain", *options, DENY).out for options in ((), ("--full",)))
    assert "I.A.4 " in short
    assert "I.A.3 " not in short
    assert "I.B (colorectal cancer)" in short
    assert "does not address this use (section" not in short
    assert "I.A.3 " in long
    assert len(run("explain", "--json", DENY).out) < len(run("explain", "--json", "--full", DENY).out)


def test_an_explanation_is_written_in_the_format_asked_for() -> None:
    text = run("explain", DENY).out
    assert run("explain", "--format", "text", DENY).out == text
    assert text.startswith("kras_negative: DENY, criteria not met\n")
    markdown = run("explain", "--format", "markdown", DENY).out
    assert markdown.startswith("## kras\\_negative: DENY, criteria not met\n")
    tree = json.loads(run("explain", "--format", "json", DENY).out)
    assert [tree] == run("explain", "--json", DENY).lines
    assert tree["headline"].startswith("kras_negative: DENY, ")


def test_at_most_so_many_missing_sets_are_listed_and_that_there_are_more_is_told() -> None:
    every = run("missing", "--json", "--first", "0", MISSING).lines[0]
    count = len(every["missing"])
    assert count > 3
    assert every["more"] is False
    assert run("missing", "--json", MISSING).lines == [every]
    for first in (1, 3, count - 1, count, count + 1):
        (line,) = run("missing", "--json", "--first", str(first), MISSING).lines
        assert line["missing"] == every["missing"][:first]
        assert line["more"] is (first < count)
        for words in (("missing",), ("decide", "--full")):
            text = run(*words, "--first", str(first), MISSING).out
            assert len(re.findall(r"^ +set \d+,", text, re.MULTILINE)) == min(first, count)
            assert ("... and more" in text) is (first < count)


def test_the_version_of_the_package_and_of_the_solver_are_told() -> None:
    assert re.fullmatch(r"pyclingo-bridge \d\S*, clingo \d\S*\n", run("--version").out)


@pytest.mark.parametrize("name", ["case", "decision", "missing", "document-set", "explanation"])
def test_a_schema_is_written_as_json(name: str) -> None:
    schema = json.loads(run("schema", name).out)
    Draft202012Validator.check_schema(schema)
    assert schema == json_schema(name)
    assert json.loads(run("schema").out) == json_schema("case")


def test_the_schema_of_a_case_follows_the_policys_vocabulary() -> None:
    text = run("schema", "case", "--policy", ASTHMA).out
    assert "eosinophils" in text
    assert "kras_g12c" not in text
    assert run("schema", "--policy", "cp_phar_549").out == run("schema").out


# Facts


def decided(facts: str) -> list[str]:
    """The outcome that plain clingo finds of a case as facts."""
    control = Control()
    control.load(str(ROOT / "asp" / "decide.lp"))
    control.load(str(ROOT / "asp" / "policies" / "cp_phar_549" / "policy.lp"))
    control.add("base", [], facts)
    control.ground([("base", [])])
    shown: list[str] = []
    control.solve(on_model=lambda model: shown.append(str(model)))
    return re.findall(r"outcome\((\w+)\)", shown[-1])


def test_a_case_is_written_as_facts_a_line_each() -> None:
    told = run("facts", APPROVE)
    lines = told.out.splitlines()
    assert "request(type,initial)." in lines
    assert "request(dose_mg_per_day,960)." in lines
    assert all(re.fullmatch(r"\w+\(.*\)\.|%.*|", line) for line in lines)
    assert decided(told.out) == ["approve"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ['"). outcome(approve', "x). approve. y(1", "\\", "%", '\\"', "{0}", "'", "é 你"]
)
def test_facts_hold_hostile_texts_and_decide_the_same(text: str, tmp_path: Path) -> None:
    data = made(request(), FACTS, prior_therapies=["carboplatin", text])
    for entry in data["documents"]:
        entry["id"] += text
    path = write(tmp_path, {**data, "id": text})
    assert run("decide", path).code == 3
    assert decided(run("facts", path).out) == ["deny"]


def test_a_bad_case_leaves_the_facts_facts(bad: str) -> None:
    told = run("facts", bad, APPROVE)
    assert told.code == 2
    assert decided(told.out) == ["approve"]


def test_the_facts_of_several_cases_are_told_apart() -> None:
    told = run("facts", APPROVE, REFER).out
    assert "nsclc_whole" in told
    assert "unlisted_diagnosis" in told


# How it reads


SHOWN = [
    ("decide",),
    ("decide", "--full"),
    ("explain",),
    ("explain", "--full"),
    ("missing",),
    ("repairs",),
    ("reasons",),
    ("ask",),
]


@pytest.mark.slow
@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_what_is_shown_fits_80_columns_without_color(words: tuple[str, ...]) -> None:
    paths = [str(path) for path in EXAMPLES[::8]]
    told = run(*words, *paths, MISSING)
    readable(told.out)
    assert told.err == ""
    for path in paths:
        # Several cases are a table with `decide`, in which a long name goes on in the next line.
        name = Path(path).stem[:15] if words == ("decide",) else f"{Path(path).stem}: (APPROVE|DENY|REFER)"
        assert re.search(f"^{name}", told.out, re.MULTILINE)


LONG = ["x" * 200, "x-" * 100, "你" * 200, "😀" * 200, "a b " * 50, "e\u0301" * 100, "[bold]" * 33]


@pytest.mark.slow
@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
@pytest.mark.parametrize("text", LONG, ids=lambda text: ascii(text)[:10])
def test_long_and_wide_texts_fit_80_columns_too(text: str, words: tuple[str, ...], tmp_path: Path) -> None:
    data = made(request(concurrent_drugs=[text]), FACTS, prior_therapies=["carboplatin", text])
    for number, entry in enumerate(data["documents"]):
        entry["id"] = f"{number}{text}"[:200]
    del data["documents"][4]
    first = write(tmp_path, {**data, "id": text}, "first.json")
    data["request"] = request()
    second = write(tmp_path, {**data, "id": text}, "second.json")
    readable(run(*words, first, second).out)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["[bold]x[/bold]", "[/]", "[red", "{0}", ":smile:", "%s", "\\[x]"])
def test_a_text_is_shown_as_it_is(text: str, tmp_path: Path) -> None:
    data = made(request(concurrent_drugs=[text]), FACTS)
    for entry in data["documents"]:
        entry["id"] = f"{entry['id']}{text}"
    path = write(tmp_path, {**data, "id": text})
    for words in SHOWN:
        out = run(*words, path).out
        assert out.startswith(f"{text}: DENY, ")
        assert f"`{text}`" in out


@pytest.mark.parametrize("columns", ["0", "1", "20", "40", "x", "-5", "1000", ""])
def test_a_terminal_of_any_width_is_written_to(columns: str) -> None:
    result = CliRunner().invoke(app, ["decide", APPROVE], env={**TERMINAL, "COLUMNS": columns})
    assert result.exit_code == 0
    if columns in ("40",):
        assert all(cell_len(line) <= int(columns) for line in result.stdout.splitlines())


@pytest.mark.parametrize(
    "words",
    [(), ("decide",), ("explain",), ("missing",), ("facts",), ("policies",), ("schema",)],
    ids=lambda words: "".join(words) or "all",
)
def test_the_help_reads_well_too(words: tuple[str, ...]) -> None:
    told = run(*words, "--help")
    assert told.code == 0
    readable(told.out)


def test_what_a_command_writes_ends_with_one_line_break() -> None:
    for words in (*SHOWN, ("facts",), ("explain", "--format", "markdown"), ("decide", "--json")):
        out = run(*words, MISSING).out
        assert out.endswith("\n")
        assert not out.endswith("\n\n")
        assert not out.startswith("\n")


# As a process


@pytest.mark.slow
@pytest.mark.subprocess
def test_the_module_decides_as_the_command_does(bad: str) -> None:
    told = process("decide", "--json", APPROVE, bad, "-", given=Path(REFER).read_bytes())
    assert told.code == 2
    outcomes = [line.get("outcome") for line in told.lines]
    assert outcomes == ["approve", None, "refer"]
    assert told.err.startswith(f"error: 2 problems in {bad}\n")
    assert process("decide", DENY).code == 3


@pytest.mark.subprocess
def test_a_wrong_policy_is_told_in_a_line_by_the_module() -> None:
    told = process("decide", "--policy", "cp_phr_549", APPROVE)
    assert (told.code, told.out) == (2, "")
    first, *_, last = told.err.splitlines()
    assert first == "error: there is no policy `cp_phr_549`"
    assert last == "  help: did you mean `cp_phar_549`?"


@pytest.mark.slow
@pytest.mark.subprocess
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("decide", "nofile"), 2),
        (("--bogus",), 2),
        (("decide", "--bogus"), 2),
        (("batch", "nofile", "out.csv"), 2),
        (("decide", DENY), 3),
    ],
)
def test_an_error_that_cannot_be_told_ends_with_the_same_exit_code(words: tuple[str, ...], code: int) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pyclingo_bridge", *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=full,
            check=False,
        )
    assert done.returncode == code


@pytest.mark.slow
@pytest.mark.subprocess
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_an_output_that_cannot_show_every_character_is_still_written(encoding: str, tmp_path: Path) -> None:
    data = made(request(concurrent_drugs=["你"]), FACTS)
    told = process("decide", write(tmp_path, {**data, "id": "é你"}), PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (told.code, told.err) == (3, "")
    assert "DENY" in told.out


@pytest.mark.subprocess
def test_an_output_that_is_closed_early_is_no_traceback() -> None:
    command = [sys.executable, "-m", "pyclingo_bridge", "explain", "--full", *[MISSING] * 40]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""


@pytest.mark.parametrize("command", ["decide", "explain", "missing", "repairs", "reasons", "ask", "evidence"])
def test_a_command_assesses_each_case_once(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case.load(MISSING)
    assess = Assessor.assess
    times: Counter[Assessor] = Counter()

    def counted(self: Assessor, given: Case, *rest: Any) -> Assessment:
        times[self] += given == case
        return assess(self, given, *rest)

    monkeypatch.setattr(Assessor, "assess", counted)
    assert run(command, MISSING).code in (0, 3)
    # By the policy itself, which is the first: for evidence the policies of trials assess the case too.
    assert next(iter(times.values())) == 1
