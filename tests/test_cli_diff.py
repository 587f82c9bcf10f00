"""`diff`, `what-if --save` and `explain ID`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pyclingo_bridge import Case, Policy
from pyclingo_bridge.cli.schema import json_schema
from tests.test_cli import APPROVE, DENY, MISSING, Told, _policies_grounded_once, readable, run, worded, write

__all__ = ["_policies_grounded_once", "worded"]


def decision(folder: Path, path: str, name: str, *words: str) -> str:
    (folder / name).write_text(run("decide", path, "--json", *words).out)
    return str(folder / name)


def difference(old: str, new: str) -> Any:
    (found,) = run("diff", old, new, "--json").lines
    Draft202012Validator(json_schema("diff")).validate(found)
    return found


def younger(folder: Path) -> str:
    """The approved case with a patient of 17 years."""
    data = json.loads(Path(APPROVE).read_text())
    data["documents"][4]["states"]["age"] = 17
    return write(folder, data, "younger.json")


def test_a_decision_and_its_own_case_do_not_differ(tmp_path: Path) -> None:
    found = difference(decision(tmp_path, MISSING, "a.json"), MISSING)
    assert (found["changed"], found["criteria"], found["evidence"]) == ([], [], [])
    told = run("diff", str(tmp_path / "a.json"), MISSING)
    assert told.out.startswith("nothing_documented: the same decision")
    assert run("diff", str(tmp_path / "a.json"), MISSING, "--exit-code").code == 0


def test_what_a_changed_case_changes_is_told_down_to_the_evidence(tmp_path: Path) -> None:
    found = difference(decision(tmp_path, APPROVE, "a.json"), younger(tmp_path))
    assert {"case_digest", "outcome", "denial_kind"} <= set(found["changed"])
    assert not {"policy", "interpretations", "case"} & set(found["changed"])
    assert (found["before"]["outcome"], found["after"]["outcome"]) == ("approve", "deny")
    statuses = {entry["id"]: (entry["before"], entry["after"]) for entry in found["criteria"]}
    # At 17 a later birthday may have passed: the age grows, and is not known to stay below 18.
    assert statuses["I.A.3"] == ("met", "undocumented")
    assert "I.A.4" not in statuses
    (evidence,) = (entry for entry in found["evidence"] if "I.A.3" in entry["criteria"])
    assert [entry["value"] for entry in evidence["lost"]] == [64]
    assert [entry["value"] for entry in evidence["gained"]] == [17]
    told = run("diff", APPROVE, younger(tmp_path), "--exit-code")
    assert told.code == 3
    assert "the case: its content" in told.out
    readable(told.out)


def test_another_interpretation_is_told_as_such(tmp_path: Path) -> None:
    other = decision(tmp_path, APPROVE, "a.json", "--interpret", "prior_therapy_scope=appendix_b")
    found = difference(other, APPROVE)
    assert {"policy", "interpretations"} <= set(found["changed"])
    assert "case_digest" not in found["changed"]
    told = run("diff", other, APPROVE).out
    assert "the interpretation of prior_therapy_scope: appendix_b, then any_systemic" in " ".join(told.split())
    assert "fingerprint" not in told


def test_other_rules_under_one_name_are_told_by_their_fingerprint(tmp_path: Path) -> None:
    path = decision(tmp_path, APPROVE, "a.json")
    data = json.loads(Path(path).read_text())
    data["policy"]["rules"] = "0" * 16
    data["warnings"] = ["an old warning"]
    Path(path).write_text(json.dumps(data))
    found = difference(path, APPROVE)
    assert found["changed"] == ["policy"]
    assert found["warnings_lost"] == ["an old warning"]
    assert "its rules (another fingerprint)" in run("diff", path, APPROVE).out


def test_another_policy_is_told_with_the_criteria_that_only_one_has(tmp_path: Path) -> None:
    old = decision(tmp_path, APPROVE, "a.json", "--policy", "label")
    told = " ".join(run("diff", old, APPROVE).out.split())
    assert "the policy: label, then cp_phar_549" in told
    assert "Criteria that only one of them has" in told


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"outcome": "deny", "version": "3.0"}, "is a decision of version `3.0` of the format"),
        ({"outcome": "deny", "version": "4.0"}, "is no decision of version 4.0: engine: "),
        ({"no": 1}, "request: is missing"),
        (b"{", "is not JSON"),
    ],
)
def test_what_is_neither_a_decision_nor_a_case_is_told(
    data: Any, words: str, tmp_path: Path, worded: Any
) -> None:
    told: Told = worded("diff", write(tmp_path, data, "x.json"), APPROVE)
    assert told.code == 2
    assert words in told.err


def test_several_cases_in_the_place_of_one_are_told(worded: Any, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        write(tmp_path, json.loads(Path(APPROVE).read_text()), name)
    told = worded("diff", str(tmp_path), APPROVE).err
    assert "holds 2 cases\n" in told
    assert "name one of them, such as " in told


# what-if --save


CHANGES = [
    ("--set", "age=17"),
    ("--unset", "kras_g12c"),
    ("--without-document", "ct-1"),
    ("--set", "product=generic", "--set", "dose_mg_per_day=961"),
]


@pytest.mark.parametrize("words", CHANGES, ids=lambda words: "-".join(words).strip("-"))
def test_the_saved_case_is_decided_as_the_changed_one_was(words: tuple[str, ...], tmp_path: Path) -> None:
    path = str(tmp_path / "changed.json")
    told = run("what-if", APPROVE, *words, "--save", path, "--json")
    (after,) = (line["after"] for line in told.lines)
    (saved,) = run("decide", path, "--json").lines
    # It is another case, and its id says so.
    assert (after.pop("case"), saved["case"]) == ("nsclc_whole", "nsclc_whole-what-if")
    assert after.pop("case_digest") != saved["case_digest"]
    assert {name: saved[name] for name in after} == after
    assert f"Wrote {path}" in told.err
    assert "it says what is supposed here, and not what was submitted" in told.err


def test_a_saved_case_has_the_id_that_was_given(tmp_path: Path) -> None:
    path = tmp_path / "changed.json"
    run("what-if", APPROVE, "--set", "age=17", "--save", str(path), "--id", "supposed 1")
    data = json.loads(path.read_text())
    assert data["id"] == "supposed 1"
    ids = [document["id"] for document in data["documents"]]
    assert ids == [document["id"] for document in json.loads(Path(APPROVE).read_text())["documents"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--sweep", "age", "--save", "FILE"), "nothing is changed, and --save writes the changed case"),
        (("--set", "age=17", "--save", "-"), "--save cannot write to standard output"),
        (("--set", "age=17", "--id", "x"), "--id names the case that --save writes"),
        (("--set", "age=17", "--save", "FILE", "--id", " "), "id"),
    ],
)
def test_what_cannot_be_saved_is_told_and_nothing_is_written(
    words: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "changed.json"
    told = run("what-if", APPROVE, *(word.replace("FILE", str(path)) for word in words))
    assert (told.code, told.out) == (2, "")
    assert message in told.err
    assert not path.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("explain", APPROVE, "--json"), "is what `explain --json` writes, and no decision"),
        (("what-if", APPROVE, "--set", "age=17", "--json"), "is what `what-if --json` writes, and no decision"),
        (("decide", APPROVE, "--json", "outcome"), "holds some fields of a decision only (`outcome`)"),
        (("decide", APPROVE, "--json", "policy.name,case"), "holds some fields of a decision only"),
    ],
    ids=["explanation", "what-if", "one-field", "several-fields"],
)
def test_what_is_no_decision_is_told_with_its_file_and_what_it_is(
    words: tuple[str, ...], message: str, tmp_path: Path, worded: Any
) -> None:
    file = tmp_path / "b.json"
    file.write_text(run(*words).out)
    told = worded("diff", APPROVE, str(file))
    assert (told.code, told.out) == (2, "")
    assert str(file) in told.err
    assert message in told.err
    assert "`decide --json`" in told.err


def test_interpretations_that_both_decisions_share_are_told_where_they_are_not_the_default(
    tmp_path: Path,
) -> None:
    other = ("--interpret", "prior_therapy_scope=appendix_b")
    line = "Interpretations other than the default: prior_therapy_scope=appendix_b"
    old = decision(tmp_path, APPROVE, "a.json", *other)
    assert line in run("diff", old, APPROVE, *other).out
    # Of two decisions nobody has loaded the policy; the shipped one tells what its defaults are.
    assert line in run("diff", old, old).out
    assert line not in run("diff", old, APPROVE).out


def test_a_saved_case_is_told_with_the_interpretations_that_no_file_holds(tmp_path: Path) -> None:
    path = str(tmp_path / "changed.json")
    told = run(
        "what-if", APPROVE, "--set", "age=17", "--interpret", "prior_therapy_scope=appendix_b", "--save", path
    )
    assert f"decide {path} --interpret prior_therapy_scope=appendix_b" in told.err
    assert Case.load(path).digest != Case.load(APPROVE).digest


def test_a_file_that_is_there_is_not_saved_over(tmp_path: Path, worded: Any) -> None:
    path = write(tmp_path, {"mine": 1})
    told = worded("what-if", APPROVE, "--set", "age=17", "--save", path)
    assert (told.code, told.out) == (2, "")
    assert "give --force" in told.err
    assert json.loads(Path(path).read_text()) == {"mine": 1}
    assert run("what-if", APPROVE, "--set", "age=17", "--save", path, "--force").code == 0
    assert Policy.load("cp_phar_549").decide(Case.load(path)).outcome == "deny"


def test_one_file_holds_no_case_for_each_change(tmp_path: Path) -> None:
    assert run("what-if", APPROVE, "--set", "age=17", "--each", "--save", str(tmp_path / "x.json")).code == 2


# explain ID


def meant(name: str, *words: str) -> Any:
    (found,) = run("explain", name, "--json", *words).lines
    Draft202012Validator(json_schema("meaning")).validate(found)
    return found


def test_a_criterion_is_told_with_its_place_what_it_asks_and_its_clauses() -> None:
    found = meant("I.A.8")
    assert (found["kind"], found["text"]) == ("criterion", "generic sotorasib first")
    assert found["locator"] == "section I.A, item 8"
    assert found["asks"][0]["text"] == "product is generic"
    assert [entry["text"] for entry in found["asks"][1]["under"]] == [
        "no generic is available",
        "the generic is contraindicated",
        "the generic was not tolerated",
    ]
    assert found["asked_by"] == ["I.A"]
    own = [clause["text"] for clause in found["clauses"] if clause["file"] == "section_i_a.lp"]
    assert 'requires("I.A.8", is(product, generic)).' in own
    text = run("explain", "I.A.8").out
    assert "section I.A, item 8" in text
    readable(text)


def test_notes_of_a_criterion_are_told() -> None:
    assert any("bars after" in note or "barred after" in note for note in meant("I.A.7")["notes"])


def test_an_interpretation_is_told_with_its_alternatives_and_which_is_chosen() -> None:
    found = meant("prior_therapy_scope", "--interpret", "prior_therapy_scope=appendix_b")
    assert found["kind"] == "interpretation"
    assert found["details"] == [
        "prior_therapy_scope=any_systemic (the default): any systemic anticancer drug.",
        "prior_therapy_scope=appendix_b (chosen): only what Appendix B lists for the disease.",
    ]
    assert len(meant("prior_therapy_scope=appendix_b")["details"]) == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("I.A", "section"),
        ("redundant", "finding"),
        ("no_policy", "fault"),
        ("not_met", "status"),
        ("insufficient_documentation", "outcome"),
        ("kras_g12c", "attribute"),
        ("molecular_report", "document type"),
    ],
)
def test_every_kind_of_name_is_known(name: str, kind: str) -> None:
    found = meant(name)
    assert found["kind"] == kind
    assert found["text"]
    readable(run("explain", name).out)


def test_every_kind_of_finding_that_a_check_can_make_is_explained() -> None:
    from pyclingo_bridge.analysis.wording import _WRITERS, QUESTIONS

    asked_of_all = {"unused", "unsaid", "pooled"}
    for name in {*_WRITERS, *QUESTIONS} - asked_of_all:
        assert meant(name)["kind"] == "finding"


def test_a_name_and_a_case_can_be_explained_together() -> None:
    told = run("explain", "redundant", DENY, "--json")
    assert [line.get("id") or line["case"] for line in told.lines] == ["redundant", "kras_negative"]


@pytest.mark.parametrize(
    ("name", "near"), [("redundnt", "`redundant`"), ("kras_g12", "`kras_g12c`"), ("I.A.99", "`I.A.9`")]
)
def test_what_is_no_name_is_an_error_with_the_nearest(name: str, near: str, worded: Any) -> None:
    told: Told = worded("explain", name)
    assert (told.code, told.out) == (2, "")
    assert near in told.err
    assert "Traceback" not in told.err


def test_what_looks_like_a_file_is_one_that_is_not_there() -> None:
    (line,) = run("explain", "none.json", "--json").lines
    assert "cannot be read" in line["errors"][0]
