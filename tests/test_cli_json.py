"""The JSON of every command: one head, a schema that it fits, and the fields that were asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pyclingo_bridge import Case, Decision
from pyclingo_bridge.cli.fields import ANSWERS_OF
from pyclingo_bridge.cli.schema import ANSWERS, json_schema, model_of
from tests.test_cli import APPROVE, ASTHMA, DENY, MISSING, REFER, _policies_grounded_once, run, write

__all__ = ["_policies_grounded_once"]

HEAD = [
    *("version", "engine", "case", "case_digest"),
    *("policy", "interpretations", "outcome", "denial_kind"),
]

ON_A_CASE = [
    ("decision", ("decide",)),
    ("ambiguities", ("decide", "--all-interpretations")),
    ("explanation", ("explain",)),
    ("missing", ("missing",)),
    ("missing", ("missing", "--count")),
    ("repairs", ("repairs",)),
    ("reasons", ("reasons",)),
    ("plan", ("ask",)),
    ("evidence", ("evidence",)),
]


def line(*words: str) -> Any:
    (found,) = run(*words).lines
    return found


def fits(name: str, data: Any) -> None:
    Draft202012Validator(json_schema(name)).validate(data)


@pytest.mark.parametrize(("name", "words"), ON_A_CASE, ids=lambda value: "-".join(value))
@pytest.mark.parametrize("path", [DENY, MISSING], ids=["denied", "undocumented"])
def test_every_answer_on_a_case_begins_with_one_head_and_fits_its_schema(
    name: str, words: tuple[str, ...], path: str
) -> None:
    data = line(*words, path, "--json")
    assert [*data][: len(HEAD)] == HEAD
    assert data["version"] == "4.0"
    assert data["case"] == Path(path).stem
    assert data["case_digest"] == Case.load(path).digest
    assert data["policy"]["rules"] == line("decide", path, "--json")["policy"]["rules"]
    assert data["outcome"] == "deny"
    fits(name, data)


def test_what_compares_two_decisions_tells_the_case_and_the_policy_in_the_same_places() -> None:
    for name, words in (
        ("what-if", ("--set", "age=17")),
        ("sweep", ("--sweep", "age")),
    ):
        data = line("what-if", APPROVE, *words, "--json")
        assert [*data][: len(HEAD)] == HEAD
        fits(name, data)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("meaning", ("explain", "kras_g12c")),
        ("policies", ("policies",)),
        ("check-evidence", ("check-evidence",)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_answers_on_no_case_fit_their_schemas_too(name: str, words: tuple[str, ...]) -> None:
    for data in run(*words, "--json").lines:
        assert data["version"] == "4.0"
        assert set(data["engine"]) == {"pyclingo-bridge", "clingo"}
        fits(name, data)


def test_a_bad_case_fits_the_schema_of_bad_cases() -> None:
    fits("bad-case", line("decide", "none.json", "--json"))


def test_every_schema_is_one_and_every_command_answers_by_one_of_them() -> None:
    for name in ANSWERS:
        Draft202012Validator.check_schema(json_schema(name))
        assert model_of(name).__doc__
    assert {name for names in ANSWERS_OF.values() for name in names} <= ANSWERS.keys()


def test_format_json_is_json() -> None:
    assert run("decide", MISSING, "--format", "json").out == run("decide", MISSING, "--json").out
    assert run("missing", MISSING, "--format", "json").out == run("missing", MISSING, "--json").out


@pytest.mark.parametrize(
    "words",
    [
        ("decide", MISSING),
        ("missing", MISSING),
        ("ask", MISSING),
        ("repairs", MISSING),
        ("reasons", DENY),
        ("explain", DENY),
        ("what-if", APPROVE, "--set", "age=17"),
        ("diff", APPROVE, DENY),
        ("policies",),
        ("explain", "redundant"),
    ],
    ids=lambda words: words[0],
)
def test_every_command_writes_markdown(words: tuple[str, ...]) -> None:
    text = run(*words, "--format", "markdown").out
    assert text.startswith("## ")
    assert "\x1b" not in text
    assert "\n\n\n" not in text


# The missing sets of a decision


def test_a_decision_tells_what_is_missing_as_the_command_for_it_does() -> None:
    decided, missing = line("decide", MISSING, "--json"), line("missing", MISSING, "--json")
    fields = ("count", "documents_count", "missing", "more", "documents", "more_documents")
    assert {name: decided[name] for name in fields} == {name: missing[name] for name in fields}
    assert decided["count"] == len(decided["missing"]) == 15
    assert run("decide", MISSING, "--json", "--first", "2").lines[0]["more"] is True


@pytest.mark.parametrize("path", [APPROVE, REFER, DENY], ids=["approve", "refer", "not-met"])
def test_where_no_document_is_missing_none_is_told(path: str) -> None:
    decided = line("decide", path, "--json")
    assert (decided["missing"], decided["documents"], decided["more"]) == ([], [], False)


def test_a_decision_is_read_from_what_the_command_writes() -> None:
    for path in (APPROVE, MISSING):
        read = Decision.model_validate_json(run("decide", path, "--json").out)
        assert read.case_digest == Case.load(path).digest
        assert read.case == Path(path).stem
        fits("decision", json.loads(read.model_dump_json()))


def test_counted_sets_are_not_listed() -> None:
    counted = line("missing", MISSING, "--count", "--json")
    assert counted["count"] == 15
    assert {counted[name] for name in ("missing", "more", "documents", "more_documents")} == {None}


# The digest of a case


def changed(**changes: Any) -> dict[str, Any]:
    return {**json.loads(Path(APPROVE).read_text()), **changes}


def test_the_order_of_documents_and_keys_makes_no_other_digest() -> None:
    data = changed()
    turned = {key: data[key] for key in reversed(data)}
    turned["documents"] = [dict(reversed(entry.items())) for entry in reversed(data["documents"])]
    turned["request"] = dict(reversed(data["request"].items()))
    assert Case.model_validate(turned).digest == Case.load(APPROVE).digest


def test_another_value_makes_another_digest() -> None:
    data = changed()
    data["documents"][4]["states"]["age"] = 65
    assert Case.model_validate(data).digest != Case.load(APPROVE).digest
    assert Case.model_validate(changed(id="other")).digest != Case.load(APPROVE).digest


# Fields


def test_only_the_fields_that_are_asked_for_are_written_in_that_order() -> None:
    assert run("decide", DENY, APPROVE, "--json", "outcome,case").out.splitlines() == [
        '{"outcome":"deny","case":"kras_negative"}',
        '{"outcome":"approve","case":"nsclc_whole"}',
    ]
    assert run("decide", "--json=outcome", DENY).out == '{"outcome":"deny"}\n'


def test_fields_of_fields_are_named_with_points() -> None:
    found = line("decide", DENY, "--json=policy.name,criteria.I.A.4.status,sections.id,referral.target")
    assert found["policy.name"] == "cp_phar_549"
    assert found["criteria.I.A.4.status"] == "not_met"
    assert found["sections.id"][:2] == ["I.A", "I.B"]
    assert found["referral.target"] is None


def test_a_word_that_names_no_field_is_a_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, json.loads(Path(APPROVE).read_text()), "outcomes")
    assert line("decide", "--json", "outcomes")["case"] == "nsclc_whole"
    write(tmp_path, json.loads(Path(APPROVE).read_text()), "outcome,cas")
    assert line("decide", "--json", "outcome,cas")["case"] == "nsclc_whole"
    assert line("decide", "--json", "folder/outcom")["source"] == "folder/outcom"
    assert line("decide", "--json", "outcome.json")["source"] == "outcome.json"


@pytest.mark.parametrize(
    ("word", "wrong", "hint"),
    [
        ("outcome,foo", "foo", "there are: "),
        ("outcom", "outcom", "did you mean `outcome`?"),
        ("policy.nam,case", "policy.nam", "did you mean `name`?"),
        ("outcome.word", "outcome.word", "it would be part of a value"),
        ("criteria.I.A.sttus", "criteria.I.A.sttus", "did you mean `status`?"),
        ("missing.documents.foo", "missing.documents.foo", ""),
    ],
)
def test_a_mistyped_field_behind_the_flag_is_no_case(word: str, wrong: str, hint: str) -> None:
    told = run("decide", DENY, "--json", word)
    assert (told.code, told.out) == (2, "")
    assert f"no field `{wrong}`" in told.err
    assert hint in " ".join(told.err.split())


def test_a_name_to_explain_is_no_mistyped_field() -> None:
    # It is near to `details`, a field of the answer.
    assert line("explain", "--json", "undocumented")["id"] == "undocumented"


def test_fields_of_a_criterion_that_an_answer_does_not_have_are_null() -> None:
    data = line("decide", DENY, "--json", "criteria.I.Z.status,criteria.I.A.status,criteria.I.A.evidence.value")
    assert data["criteria.I.Z.status"] is None
    assert data["criteria.I.A.status"] == line("decide", DENY, "--json")["criteria"]["I.A"]["status"]
    assert data["criteria.I.A.evidence.value"] == []


def test_fields_that_are_known_at_once_need_no_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = line("decide", MISSING, "--json")
    names = ["case", "outcome", "denial_kind", "case_digest", "policy", "interpretations"]

    def refused(*_: Any) -> Any:
        raise AssertionError("the reasons were put together")

    monkeypatch.setattr("pyclingo_bridge.core.decision.Decision.whole", property(refused))
    assert line("decide", MISSING, "--json", ",".join(names)) == {name: whole[name] for name in names}
    with pytest.raises(AssertionError):
        run("decide", MISSING, "--json", "case,criteria")


def test_the_line_of_a_case_is_that_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(json.loads(Path(APPROVE).read_text())) + '\n{"id": 3}\n')
    _, bad = run("decide", str(file), "--json").lines
    assert bad["source"] == f"{file}:2"
    assert {problem["line"] for problem in bad["problems"]} == {2}
    fits("bad-case", bad)


def test_facts_are_a_list_of_texts() -> None:
    data = line("facts", APPROVE, "--json")
    fits("facts", data)
    assert data["case_digest"] == Case.load(APPROVE).digest
    plain = run("facts", APPROVE).out.splitlines()
    assert [f"{fact}." for fact in data["facts"]] == plain[1:]
    assert run("facts", APPROVE, "--format", "markdown").out.splitlines() == ["```", *plain, "```"]


@pytest.mark.parametrize(
    ("command", "name"), [("ask", "plan"), ("decide", "decision"), ("compare", "comparison")]
)
def test_a_schema_is_found_by_the_command_too(command: str, name: str) -> None:
    assert run("schema", command).out == run("schema", name).out


def test_a_schema_that_there_is_not_is_told_with_all_that_there_are() -> None:
    told = run("schema", "xyz").err
    assert all(name in told for name in ANSWERS)
    assert "did you mean `missing`?" in run("schema", "missng").err


@pytest.mark.parametrize(
    ("field", "hint"),
    [("outcme", "did you mean `outcome`?"), ("policy.nmae", "did you mean `name`?"), ("xyz", "there are: ")],
)
def test_an_unknown_field_is_an_error_with_the_nearest_name(field: str, hint: str) -> None:
    told = run("decide", DENY, f"--json={field}")
    assert told.code == 2
    assert not told.out
    # A narrow terminal may break the line anywhere.
    assert hint in " ".join(told.err.split())


def test_a_bad_case_is_written_whole_whatever_fields_are_asked_for() -> None:
    assert set(line("decide", "none.json", "--json=outcome")) == {"version", "source", "errors", "problems"}


def test_what_is_not_asked_for_is_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("the missing sets were looked for")

    monkeypatch.setattr("pyclingo_bridge.policy.Policy.missing", never)
    assert line("decide", MISSING, "--json=outcome") == {"outcome": "deny"}


def test_the_schema_of_a_case_follows_the_policy_and_takes_the_name_of_a_schema(tmp_path: Path) -> None:
    data = changed(**{"$schema": "case.schema.json"})
    fits("case", data)
    assert line("decide", write(tmp_path, data), "--json=outcome") == {"outcome": "approve"}
    data["documents"][0]["$schema"] = "x"
    assert run("decide", write(tmp_path, data)).code == 2
    assert "$schema" in run("schema", "case", "--policy", ASTHMA).out
