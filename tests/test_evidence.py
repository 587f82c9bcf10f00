"""The published evidence beside a decision: ten cases traced by hand, and what may not go wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pyclingo_bridge import Case, EvidenceError, EvidenceReport, StudyCheck
from pyclingo_bridge.base.rule_files import rules_root
from pyclingo_bridge.cli.schema import json_schema
from pyclingo_bridge.published.answers import FigurePart, Result, StudyEvidence
from pyclingo_bridge.published.forest_plot import draw_forest, drawn
from pyclingo_bridge.published.study import Study
from tests.conftest import ROOT, case, policy
from tests.test_cli import Told, _policies_grounded_once, run, worded
from tests.test_second_policy import ASTHMA, WHOLE, asthma_case

__all__ = ["_policies_grounded_once", "worded"]

FOLDER = ROOT / "examples" / "evidence"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
LITERATURE = {
    "id": "lit",
    "type": "literature",
    "date": "2025-03-06",
    "states": {"cited_trials": ["codebreak100"]},
}
TRACED: dict[str, Any] = json.loads((ROOT / "tests/studies/traced.json").read_text("utf-8"))


def data(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def report(name: str) -> EvidenceReport:
    return policy().evidence(Case.load(FOLDER / f"{name}.json"))


def study(name: str) -> StudyEvidence:
    (only,) = report(name).studies
    return only


def changed(name: str, document: str, **states: Any) -> Case:
    """An example in which a document states other values; None is what it no longer states."""
    told = data(name)
    (entry,) = [one for one in told["documents"] if one["id"] == document]
    entry["states"] = {key: value for key, value in {**entry["states"], **states}.items() if value is not None}
    return Case.model_validate(told)


def numbers(result: Result) -> list[float | str]:
    """The numbers of a result in the order in which they were written down by hand."""
    found: list[float | str] = []
    count = result.figure("count")
    found += [count.value] if count and count.value is not None else []
    found += [] if result.patients is None else [result.patients]
    rest: tuple[FigurePart, ...] = (
        "share",
        "estimate",
        "median",
        "low",
        "high",
        "range_low",
        "range_high",
    )
    for figure in map(result.figure, rest):
        if figure:
            found.append("NE" if figure.value is None else figure.value)
    return found


def first_told(of: StudyEvidence) -> list[Result]:
    return [one for one in of.results if one.chapter is not None]


def test_ten_cases_were_traced_by_hand() -> None:
    assert len(NAMES) == 10
    assert set(TRACED) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_population_is_as_traced(name: str) -> None:
    found = study(name)
    assert found.inclusion == TRACED[name]["inclusion"]
    assert {one.id: one.status for one in found.criteria} == TRACED[name]["criteria"]


@pytest.mark.parametrize("name", NAMES)
def test_the_results_are_as_traced(name: str) -> None:
    found, expected = first_told(study(name)), TRACED[name]["results"]
    # A zero is a count too; the rest of its row prints nothing.
    assert [numbers(one) for one in found] == [one["numbers"] for one in expected]
    for result, line in zip(found, expected, strict=True):
        assert line["place"] in {place for one in result.figures for place in one.places}


@pytest.mark.parametrize("name", NAMES)
def test_groups_without_numbers_and_unknown_marks_are_as_traced(name: str) -> None:
    found, expected = study(name), TRACED[name]
    assert sorted(one.places[0] for one in found.without_numbers) == sorted(
        entry["place"] for entry in expected["without_numbers"]
    )
    words = {"undocumented": "not documented", "conflicting": "documents disagree"}
    marks = {"PD-L1": "PD-L1 expression", "TMB": "tumor mutational burden"}
    assert set(found.unknown) == {
        f"{marks.get(mark, mark)}: {words[why]}" for mark, why in expected["unknown"].items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_was_not_studied_is_as_traced(name: str) -> None:
    found, expected = study(name).not_studied, TRACED[name]["not_studied"]
    assert {one.criterion for one in found} == {entry["criterion"] for entry in expected}
    for one in found:
        places = {
            place
            for entry in expected
            if entry["criterion"] == one.criterion
            for place in [*entry["places"], *entry.get("also", [])]
        }
        assert set(one.places) <= places


@pytest.mark.parametrize("name", NAMES)
def test_literature_is_held_to_the_trial_as_traced(name: str) -> None:
    found = [
        {
            "document": one.document,
            "name": one.name,
            "answer": one.answer,
            **{aspect.name: aspect.answer for aspect in one.aspects},
        }
        for one in report(name).literature
    ]
    expected = [
        {
            key: entry[key]
            for key in ("document", "name", "answer", "disease", "dose", "regimen")
            if key in ("document", "name", "answer") or entry[key] is not None
        }
        for entry in TRACED[name]["literature"]
    ]
    assert found == expected


def test_measured_lesions_come_to_the_category_traced() -> None:
    name = "continuation_by_measured_lesions"
    given = Case.load(FOLDER / f"{name}.json")
    assert TRACED[name]["recist"]["category"] == "pr"
    assert policy().decide(given).statuses["II.A.2"] == "met"
    said = given.statements(policy().vocabulary)
    assert [one.states["recist_response"] for one in said.documents if one.id == "ct-1"] == ["pr"]


# What it never does


@pytest.mark.parametrize("name", NAMES)
def test_evidence_changes_no_decision(name: str) -> None:
    given = Case.load(FOLDER / f"{name}.json")
    before = policy().decide(given).model_dump_json()
    found = policy().evidence(given)
    assert policy().decide(given).model_dump_json() == before
    assert found.outcome == policy().decide(given).outcome
    told = data(name)
    for document in told["documents"]:
        for mark in ("cited_trials", "pd_l1_tps_percent", "tmb_per_megabase"):
            document["states"].pop(mark, None)
        for mark in ("stk11_mutated", "keap1_mutated", "tp53_mutated"):
            document["states"].pop(mark, None)
    told["documents"] = [one for one in told["documents"] if one["states"]]
    without = policy().decide(Case.model_validate(told))
    assert (without.outcome, without.statuses) == (found.outcome, policy().decide(given).statuses)


# Subgroups, at their thresholds


@pytest.mark.parametrize(
    ("percent", "groups"),
    [
        (0, ["PD-L1 below 1%"]),
        (0.999, ["PD-L1 below 1%"]),
        (1, ["PD-L1 of 1% or more"]),
        (49.999, ["PD-L1 of 1% or more"]),
        (50, ["PD-L1 of 1% or more"]),
        (100, ["PD-L1 of 1% or more"]),
    ],
)
def test_pd_l1_is_grouped_at_one_percent(percent: float, groups: list[str]) -> None:
    given = changed("inside_with_every_marker", "ngs-1", pd_l1_tps_percent=percent)
    (found,) = policy().evidence(given).studies
    told = [one.group for one in found.results if one.marks == 1]
    told += [one.text for one in found.without_numbers]
    assert [name for name in groups if any(name in text for text in told)] == groups
    assert sum("PD-L1" in text for text in told) == 1


@pytest.mark.parametrize(("burden", "number"), [(9.999, "42"), (10, "40"), (10.001, "40")])
def test_tumor_mutational_burden_is_grouped_at_ten(burden: float, number: str) -> None:
    given = changed("inside_with_every_marker", "ngs-1", tmb_per_megabase=burden)
    (found,) = policy().evidence(given).studies
    (told,) = [one for one in found.results if "mutational burden" in one.label]
    share = told.figure("share")
    assert share is not None
    assert share.printed == number


@pytest.mark.parametrize(
    ("stk11", "keap1", "printed"),
    [(True, False, ["50"]), (True, True, ["23"]), (False, True, ["14"]), (False, False, [])],
)
def test_two_genes_together_are_told_first(stk11: bool, keap1: bool, printed: list[str]) -> None:
    given = changed("inside_with_every_marker", "ngs-1", stk11_mutated=stk11, keap1_mutated=keap1)
    (found,) = policy().evidence(given).studies
    shares = [one.figure("share") for one in found.results if one.marks == 2]
    assert [share.printed for share in shares if share] == printed
    assert [one.marks for one in found.results][: len(printed)] == [2] * len(printed)


def test_a_group_stated_as_such_counts_like_a_measured_one() -> None:
    given = changed(
        "inside_with_every_marker",
        "ngs-1",
        pd_l1_tps_percent=None,
        pd_l1_expression="under_one_percent",
    )
    (found,) = policy().evidence(given).studies
    assert any(one.group == "patients with PD-L1 below 1%" for one in found.results)


def test_exploratory_results_come_with_the_caution_of_the_report() -> None:
    found = study("inside_with_every_marker")
    assert all(one.exploratory for one in found.results if one.marks)
    assert any(one.text.startswith("exploratory") for one in found.cautions)
    assert not any(
        one.text.startswith("exploratory") for one in study("nothing_on_the_trial_conditions").cautions
    )


@pytest.mark.parametrize(
    ("document", "states", "criterion"),
    [
        # Stated a day before the request: 17 may have come to be 18 by then, 16 no more than 17.
        ("note-1", {"age": 16}, "INC.1"),
        ("path-1", {"diagnosis": "crc"}, "INC.2"),
        ("ct-1", {"disease_extent": ["early"]}, "INC.2"),
        ("ngs-1", {"kras_g12c": False}, "INC.3"),
        ("ct-1", {"disease_progression": False}, "INC.4"),
        ("note-1", {"ecog_performance_status": 2}, "INC.5"),
        ("ct-1", {"measurable_disease": False}, "INC.6"),
        ("ct-1", {"active_untreated_brain_metastases": True}, "EXC.1"),
        ("hx-1", {"prior_lines_of_therapy": 4}, "EXC.2"),
        ("hx-1", {"days_since_systemic_therapy": 27}, "EXC.3"),
        ("hx-1", {"days_since_radiotherapy": 13}, "EXC.4"),
        ("hx-1", {"prior_therapies": ["carboplatin", "adagrasib"]}, "EXC.5"),
    ],
)
def test_each_condition_of_the_trial_alone_puts_a_patient_outside(
    document: str, states: dict[str, Any], criterion: str
) -> None:
    (found,) = policy().evidence(changed("inside_with_every_marker", document, **states)).studies
    assert found.inclusion == "not_met"
    assert found.results == ()
    assert found.without_numbers == ()
    assert criterion in {one.criterion for one in found.not_studied}
    assert all(one.places for one in found.not_studied)


def test_another_dose_and_other_drugs_are_told_apart() -> None:
    told = data("inside_with_every_marker")
    told["request"]["dose_mg_per_day"] = 480
    (found,) = policy().evidence(Case.model_validate(told)).studies
    assert [one.text for one in found.not_studied] == ["another dose than 960 mg once daily"]
    told["request"].update(dose_mg_per_day=960, concurrent_drugs=["panitumumab"])
    (found,) = policy().evidence(Case.model_validate(told)).studies
    (text,) = [one.text for one in found.not_studied]
    assert "combinations" in text


# Patients on treatment


def treated(*further: str, **request: Any) -> dict[str, Any]:
    """The patient inside of the trial, now on the drug, after these drugs too."""
    told = data("inside_with_every_marker")
    told["request"] |= {"type": "continuation", **request}
    (history,) = [one for one in told["documents"] if one["id"] == "hx-1"]
    history["states"]["prior_therapies"] += ["sotorasib", *further]
    history["states"]["days_since_systemic_therapy"] = 0
    return told


def on_treatment(*further: str, **request: Any) -> StudyEvidence:
    (found,) = policy().evidence(Case.model_validate(treated(*further, **request))).studies
    return found


def test_another_drug_of_the_class_before_keeps_a_treated_patient_outside() -> None:
    found = on_treatment("adagrasib")
    assert found.inclusion == "not_met"
    assert [one.criterion for one in found.not_studied] == ["EXC.5"]


def test_a_complete_response_does_not_put_a_patient_outside() -> None:
    told = treated()
    told["documents"].append(
        {
            "id": "scan",
            "type": "imaging_report",
            "date": "2025-06-01",
            "states": {"measurable_disease": False, "recist_response": "cr"},
        }
    )
    (found,) = policy().evidence(Case.model_validate(told)).studies
    assert found.inclusion == "met"
    assert "INC.6" in {one.id for one in found.criteria if one.set_aside}


def test_a_reduced_dose_is_told_as_such_of_literature_too() -> None:
    told = treated(dose_mg_per_day=480)
    told["documents"].append(LITERATURE)
    (found,) = policy().evidence(Case.model_validate(told)).literature
    assert found.answer == "yes"
    assert {one.name: one.answer for one in found.aspects}["dose"] == "set_aside"


def test_treatment_itself_does_not_put_a_patient_outside() -> None:
    for dose in (960, 480):
        found = on_treatment(dose_mg_per_day=dose)
        assert found.inclusion == "met"
        assert found.not_studied == ()
        assert found.results
        aside = {one.id for one in found.criteria if one.set_aside}
        assert aside == {"EXC.3", "EXC.5"} | ({"TRT"} if dose == 480 else set())
    assert any("not held against this one" in one.text for one in found.cautions)


def test_a_higher_dose_or_another_drug_on_treatment_was_not_studied() -> None:
    higher = on_treatment(dose_mg_per_day=1200)
    assert (higher.inclusion, [one.criterion for one in higher.not_studied]) == (
        "not_met",
        ["TRT"],
    )
    combined = on_treatment(dose_mg_per_day=480, concurrent_drugs=["panitumumab"])
    assert combined.inclusion == "not_met"
    (text,) = [one.text for one in combined.not_studied]
    assert "combinations" in text


def test_before_treatment_the_same_statements_count() -> None:
    found = on_treatment(type="initial")
    assert found.inclusion == "not_met"
    assert not any(one.set_aside for one in found.criteria)


# Literature


def cited(*names: str, **changes: Any) -> list[Any]:
    told = data("inside_with_every_marker")
    told["request"] |= changes
    told["documents"].append(
        {
            "id": "lit",
            "type": "literature",
            "date": "2025-03-06",
            "states": {"cited_trials": list(names), "dose_supported_by_evidence": True},
        }
    )
    return list(policy().evidence(Case.model_validate(told)).literature)


def test_the_trial_is_evidence_for_what_it_studied_by_each_of_its_names() -> None:
    for name in ("codebreak100", "codebreak_100", "nct03600883"):
        (found,) = cited(name)
        assert (found.answer, found.study, found.criteria) == ("yes", "codebreak100", ("I.A.9.b",))
        assert {aspect.answer for aspect in found.aspects} == {"yes"}


def test_the_trial_is_no_evidence_for_another_dose_or_a_combination() -> None:
    (dose,) = cited("codebreak100", dose_mg_per_day=961)
    assert [one.name for one in dose.aspects if one.answer == "no"] == ["dose"]
    (regimen,) = cited("codebreak100", concurrent_drugs=["cetuximab"])
    assert [one.name for one in regimen.aspects if one.answer == "no"] == ["regimen"]


def test_a_trial_of_which_nothing_is_held_is_named_so() -> None:
    (found,) = cited("krystal_1")
    assert (found.study, found.answer, found.aspects, found.nearest) == (None, None, (), None)
    (spelt_right,) = cited("codebreak101")
    assert (spelt_right.study, spelt_right.nearest) == (None, None)
    (misspelt,) = cited("codebreak_1oo")
    assert (misspelt.study, misspelt.nearest) == (None, "codebreak_100")


def test_literature_on_other_patients_is_told_to_be() -> None:
    told = data("inside_with_every_marker")
    (scan,) = [one for one in told["documents"] if one["id"] == "ct-1"]
    scan["states"]["active_untreated_brain_metastases"] = True
    told["documents"].append(LITERATURE)
    (found,) = policy().evidence(Case.model_validate(told)).literature
    assert (found.answer, found.otherwise) == ("yes", ("EXC.1",))


def test_a_note_that_names_a_trial_speaks_for_no_criterion_as_literature() -> None:
    told = data("inside_with_every_marker")
    (note,) = [one for one in told["documents"] if one["id"] == "note-1"]
    note["states"]["cited_trials"] = ["codebreak100"]
    given = Case.model_validate(told)
    (found,) = policy().evidence(given).literature
    assert found.criteria == ()
    assert any("`cited_trials`" in line for line in policy().decide(given).warnings)


def test_an_undocumented_disease_leaves_literature_open() -> None:
    told = data("dose_of_1200_citing_the_trial")
    told["request"]["dose_mg_per_day"] = 960
    told["documents"] = [one for one in told["documents"] if one["id"] != "ngs-1"]
    (found,) = policy().evidence(Case.model_validate(told)).literature
    assert found.answer == "untold"
    assert {one.name: one.answer for one in found.aspects}["disease"] == "untold"


# Other policies


def test_criteria_that_no_evidence_supports_are_told_so() -> None:
    found = {one.id: one for one in report("inside_with_every_marker").criteria}
    for name in ("I.A.2", "I.A.8", "I.A.9.b"):
        assert found[name].backing == ()
    assert found["I.A.3"].backing[0].of == "INC.1"
    assert found["I.A.9"].divided
    crc = report("colorectal_with_panitumumab").criteria
    assert crc
    assert all(one.backing == () for one in crc)


@pytest.mark.parametrize("name", ["label", "cp_phar_549_2024"])
def test_other_policies_of_the_drug_have_evidence_behind_them(name: str) -> None:
    given = Case.load(FOLDER / "inside_with_every_marker.json")
    found = policy(name).evidence(given)
    assert found.studies[0].inclusion == "met"
    assert any(one.backing for one in found.criteria)


def test_the_trials_own_criteria_are_not_linked_to_themselves() -> None:
    found = policy("codebreak100").evidence(Case.load(FOLDER / "inside_with_every_marker.json"))
    assert found.criteria == ()
    assert found.studies[0].inclusion == "met"


def test_a_policy_of_another_drug_has_no_study_here() -> None:
    other = policy(ASTHMA)
    assert other.evidence(case(asthma_case(WHOLE), other)).studies == ()


# Output


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_fits_its_schema_and_comes_back_from_its_json(name: str) -> None:
    found = report(name)
    text = found.model_dump_json()
    Draft202012Validator(json_schema("evidence")).validate(json.loads(text))
    assert EvidenceReport.model_validate_json(text) == found


def test_a_check_fits_its_schema_and_comes_back_from_its_json() -> None:
    check = Study.load("codebreak100").check()
    text = check.model_dump_json()
    Draft202012Validator(json_schema("check-evidence")).validate(json.loads(text))
    assert StudyCheck.model_validate_json(text) == check


def test_the_command_tells_the_evidence_and_that_it_predicts_nothing() -> None:
    told = run("evidence", str(FOLDER / "inside_with_every_marker.json"))
    assert told.code == 0
    text = " ".join(told.out.split())
    assert "46 of 124, 37.1%, 95% CI 28.6 to 46.2" in text
    assert "It predicts nothing for one of them, and changes no decision." in text
    assert all(len(line) <= 80 for line in told.out.splitlines())


def test_every_result_is_told_in_full() -> None:
    told = run("evidence", str(FOLDER / "inside_with_every_marker.json"), "--full")
    text = " ".join(told.out.split())
    assert "treatment-related, lipase increase, grade 3: 1 of 126 (Table 3, lipase increase, grade 3)" in text
    assert "16 of 46 (Results, Efficacy, paragraph 2), 34.7%" in text
    assert "by its count it would be 34.8%" in text
    assert "further result" not in text


@pytest.mark.slow
def test_the_check_of_the_report_sets_the_exit_code_where_asked(
    worded: Callable[..., Told],
) -> None:
    assert run("check-evidence").code == 0
    assert run("check-evidence", "--exit-code").code == 3
    assert "16 of 46 is 34.8%" in " ".join(run("check-evidence", "codebreak100").out.split())
    told = worded("check-evidence", "codebreak")
    assert told.code == 2
    assert "codebreak100" in told.err
    assert "Traceback" not in told.err


def test_a_bad_case_or_picture_is_told_of_without_a_traceback(
    tmp_path: Path, worded: Callable[..., Told]
) -> None:
    name = str(FOLDER / "inside_with_every_marker.json")
    for arguments in (
        ("evidence", str(tmp_path / "no.json")),
        ("evidence", name, "--plot", str(tmp_path / "picture.pdf")),
        ("evidence", name, "--plot", str(tmp_path / "no" / "picture.svg")),
        ("evidence", name, name, "--plot", str(tmp_path / "picture.svg")),
        (
            "evidence",
            str(FOLDER / "performance_status_two.json"),
            "--plot",
            str(tmp_path / "a.svg"),
        ),
    ):
        told = worded(*arguments)
        assert told.code == 2, arguments
        assert told.err.strip()
        assert "Traceback" not in told.err


@pytest.mark.slow
def test_the_picture_shows_each_interval_and_is_the_same_each_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    found = report("inside_with_every_marker")
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    draw_forest(found, first)
    draw_forest(found, second)
    text = first.read_text(encoding="utf-8")
    assert text == second.read_text(encoding="utf-8")
    results = drawn(found.studies[0])
    assert len(results) == 12
    for one in results:
        low, high = one.figure("low"), one.figure("high")
        assert low is not None
        assert high is not None
        assert f"({low.printed}-{high.printed})" in text
        assert one.label in text
    colors = {word for word in text.split('"') if word.startswith("#") and len(word) == 7}
    assert all(color[1:3] == color[3:5] == color[5:7] for color in colors)
    draw_forest(found, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_to_draw_is_said(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    with pytest.raises(EvidenceError, match="nothing to draw"):
        draw_forest(report("performance_status_two"), tmp_path / "a.svg")


def test_without_its_package_a_check_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, worded: Callable[..., Told]
) -> None:
    monkeypatch.setattr("pyclingo_bridge.base.extras.find_spec", lambda name: None)
    told = worded("check-evidence")
    assert told.code == 2
    assert "pip install 'pyclingo-bridge[evidence]'" in told.err
    assert run("evidence", str(FOLDER / "performance_status_two.json")).code == 0


def shell(entry: str, facts: str, folder: Path) -> str:
    """What plain clingo shows of a study by an entry file."""
    (folder / "facts.lp").write_text(facts, encoding="utf-8")
    files = [
        rules_root() / entry,
        rules_root() / "studies" / "codebreak100" / "study.lp",
        folder / "facts.lp",
    ]
    command = [sys.executable, "-m", "clingo", *map(str, files), "--warn=all", "-V0"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.stderr == ""
    return found.stdout


@pytest.mark.subprocess
def test_plain_clingo_tells_which_results_apply(tmp_path: Path) -> None:
    facts = 'stands("INC.1",met). stands(tmb_low,met). stands(is(diagnosis,nsclc),met).'
    shown = shell("published.lp", facts, tmp_path)
    assert "applies(response_in(tmb_low),tmb_low,1)" in shown
    assert "applies(objective_response,response_set,0)" in shown
    assert "tmb_high" not in shown
    assert "studied_as(disease,untold)" in shown
    assert "inclusion(undocumented)" in shown
    outside = shell("published.lp", 'stands("INC.5",not_met).', tmp_path)
    assert "inclusion(not_met)" in outside
    assert "applies(" not in outside


@pytest.mark.subprocess
def test_plain_clingo_finds_the_percentage_that_is_off(tmp_path: Path) -> None:
    # Without recomputed intervals these are findings too; the percentage needs none.
    shown = shell("check_evidence.lp", "recomputed(46,124,1,286,462).", tmp_path)
    assert "finding(share(responding_at_cutoff,efficacy(2)))" in shown
    assert "nearest(share(responding_at_cutoff,efficacy(2)),348,1)" in shown
    assert "finding(interval(objective_response))" not in shown
