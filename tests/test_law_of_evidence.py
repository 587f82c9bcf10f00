"""What statements come to, worked out by hand from the specification, by the masks and by the rules."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from pyclingo_bridge import Case, Policy
from tests.conftest import request

ADULT = "at_least(age,18)"
THIRTY = "at_least(days_on_therapy,30)"
LUNG, BOWEL = "is(diagnosis,nsclc)", "is(diagnosis,crc)"
ALONE = "empty(concurrent_drugs)"
NO_KRAZATI = "excludes(prior_therapies,adagrasib)"
TREATED = "includes_any(prior_therapies,systemic)"
CHANGED = "yes(recent_label_change)"
NOT_RAISED = "no(dose_increase)"
BOTH = ("compiled", "clingo")


@cache
def policy(judged_by: Any) -> Policy:
    """The policy, judged by the masks or by the solver."""
    return Policy.load("cp_phar_549", judged_by=judged_by)


def document(
    states: dict[str, Any], date: str = "2025-03-10", kind: str = "chart_note", **more: Any
) -> dict[str, Any]:
    """A document that states this; its id is its date and what it states first."""
    name = more.pop("id", f"{date} {next(iter(states))} {kind}")
    return {"id": name, "type": kind, "date": date, "states": states, **more}


def status(judged_by: str, requirement: str, documents: list[dict[str, Any]], **form: Any) -> str:
    """How a requirement stands in a case of 10 March 2025."""
    data = {"id": "case", "request": {**request(), "date": "2025-03-10", **form}, "documents": documents}
    loaded = policy(judged_by).loaded
    statuses = loaded.requirement_statuses(Case.from_json(json.dumps(data)))
    return {str(term): found for term, found in statuses.items()}[requirement]


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("age", "date", "expected"),
    [
        (17, "2015-03-10", "met"),  # ten years to the day: 27
        (17, "2024-03-10", "met"),  # a year to the day: 18
        (17, "2024-03-11", "undocumented"),  # a day less: 17 or 18
        (17, "2024-03-09", "met"),  # a year and a day: 18 or 19
        (17, "2024-12-10", "undocumented"),  # three months: 17 or 18
        (17, "2025-03-10", "not_met"),  # on the day itself
        (16, "2024-12-10", "not_met"),  # 16 or 17
        (18, "2025-06-10", "undocumented"),  # three months later: 17 or 18 on the day of the request
        (18, "2026-03-10", "not_met"),  # exactly a year later: 17
        (19, "2026-03-10", "met"),  # 18
        (19, "2026-03-11", "undocumented"),  # 17 or 18
        (17, "2024-03", "undocumented"),  # of some day of March: not surely a year ago
        (17, "2024", "undocumented"),
        (17, "2023", "met"),  # a year and more ago, whatever the day: 18 at least
        ({"at_least": 17}, "2024-03-10", "met"),
        ({"at_least": 16}, "2024-03-10", "undocumented"),
        ({"at_least": 16, "at_most": 16}, "2024-03-10", "not_met"),
        ({"at_most": 17}, "2025-03-10", "not_met"),
        ({"at_most": 17}, "2025-03-09", "undocumented"),
    ],
)
def test_an_age_grows_with_the_years_since_it_was_stated(
    judged_by: str, age: Any, date: str, expected: str
) -> None:
    assert status(judged_by, ADULT, [document({"age": age}, date)]) == expected


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("born", "on", "expected"),
    [
        ("2007-03-10", "2025-03-10", "met"),
        ("2007-03-11", "2025-03-10", "not_met"),
        ("2007-03", "2025-03-10", "undocumented"),
        ("2007-02", "2025-03-10", "met"),
        ("2007", "2025-03-10", "undocumented"),
        ("2004-02-29", "2022-02-28", "met"),  # the birthday falls on the 28th
        ("2004-02-29", "2022-02-27", "not_met"),
        ("2006-02-28", "2024-02-28", "met"),
        ("2030-01-01", "2025-03-10", "not_met"),
    ],
)
def test_a_birth_date_gives_the_age_on_the_day_of_the_request(
    judged_by: str, born: str, on: str, expected: str
) -> None:
    assert status(judged_by, ADULT, [document({"birth_date": born})], date=on) == expected


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("days", "date", "expected"),
    [
        (30, "2025-03-10", "met"),
        (29, "2025-03-10", "not_met"),
        (29, "2025-02-28", "undocumented"),  # ten days: 29 to 39
        (30, "2025-02-28", "met"),
        (30, "2025-03-11", "undocumented"),  # a day later: 29 or 30
        (31, "2025-03-11", "met"),
        (0, "2020-01-01", "undocumented"),
    ],
)
def test_days_on_therapy_may_have_gone_on(judged_by: str, days: int, date: str, expected: str) -> None:
    found = status(judged_by, THIRTY, [document({"days_on_therapy": days}, date)], type="continuation")
    assert found == expected


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("start", "expected"),
    [("2025-02-08", "met"), ("2025-02-09", "not_met"), ("2025-02", "undocumented"), ("2025-04-01", "not_met")],
)
def test_the_day_on_which_therapy_began_gives_the_days_exactly(
    judged_by: str, start: str, expected: str
) -> None:
    found = status(judged_by, THIRTY, [document({"therapy_start_date": start})], type="continuation")
    assert found == expected


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("changed", "on", "expected"),
    [
        ("2025-02-07", "2025-03-10", "not_met"),  # the policy's own revision reflects it
        ("2025-02-08", "2025-03-10", "met"),
        ("2025-03-10", "2025-03-10", "met"),
        ("2025-03-11", "2025-03-10", "not_met"),  # after the request
        ("2025-03", "2025-03-10", "undocumented"),  # before or after it
        ("2025-03-15", "2025-09-15", "met"),  # six months, both ends included
        ("2025-03-14", "2025-09-15", "not_met"),
        ("2025-02-28", "2025-08-31", "met"),  # the month has no 31st: its last day
        ("2025-02-27", "2025-08-31", "not_met"),
        ("2019-03-01", "2025-03-10", "not_met"),
    ],
)
def test_a_label_change_is_recent_within_six_months_and_after_the_revision(
    judged_by: str, changed: str, on: str, expected: str
) -> None:
    found = status(judged_by, CHANGED, [document({"label_change_date": changed}, kind="literature")], date=on)
    assert found == expected


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (("2025-03-01", "2025-03-05"), "met"),  # the later one is true
        (("2025-03-05", "2025-03-01"), "not_met"),
        (("2025-03-05", "2025-03-05"), "conflicting"),
        (("2025-03", "2025-03-05"), "conflicting"),  # either may be the later
        (("2025-02", "2025-03-05"), "met"),
        (("2025-03-05", "2025"), "conflicting"),
    ],
)
def test_of_the_latest_documents_those_count_that_none_is_surely_later_than(
    judged_by: str, dates: tuple[str, str], expected: str
) -> None:
    papers = [
        document({"egfr_inhibitor_intolerance": value}, date, id=str(place))
        for place, (value, date) in enumerate(zip((False, True), dates, strict=True))
    ]
    assert status(judged_by, "yes(egfr_inhibitor_intolerance)", papers) == expected


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("diagnoses", "lung", "bowel"),
    [
        (["C34.90"], "undocumented", "not_met"),
        (["c34_90"], "undocumented", "not_met"),
        (["C34.90", "nsclc"], "met", "not_met"),
        (["C34.90", "crc"], "not_met", "conflicting"),
        (["C18.7"], "not_met", "undocumented"),
        (["C50.9"], "not_met", "not_met"),
        (["C78.7"], "undocumented", "undocumented"),
        (["Z85.118"], "undocumented", "undocumented"),
        (["lung_adenocarcinoma"], "met", "not_met"),
        (["small_cell_lung_cancer"], "not_met", "not_met"),
        ([["C34.90", "lung_squamous_cell_carcinoma"]], "met", "not_met"),
    ],
)
def test_codes_and_words_that_cover_several_diseases_settle_what_is_true_of_all(
    judged_by: str, diagnoses: list[Any], lung: str, bowel: str
) -> None:
    papers = [document({"diagnosis": one}, id=str(place)) for place, one in enumerate(diagnoses)]
    assert status(judged_by, LUNG, papers) == lung
    assert status(judged_by, BOWEL, papers) == bowel


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("drugs", "expected"),
    [
        ([], "met"),
        (["metformin", "Zofran®", "Lumakras"], "met"),
        (["radiation_therapy"], "met"),
        (["wonderdrug"], "undocumented"),
        (["wonderdrug", "metformin"], "undocumented"),
        (["wonderdrug", "pembrolizumab 200 mg IV"], "not_met"),
    ],
)
def test_an_unknown_name_on_the_form_leaves_open_what_the_others_do_not_decide(
    judged_by: str, drugs: list[str], expected: str
) -> None:
    assert status(judged_by, ALONE, [], concurrent_drugs=drugs) == expected


def history(drugs: list[str], date: str = "2025-03-01", whole: bool = True) -> dict[str, Any]:
    """A list of treatments."""
    states = {"prior_therapies": drugs, "complete_treatment_history": whole}
    return document(states, date, kind="treatment_history", id=f"{date} {drugs} {whole}")


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("papers", "treated", "no_krazati"),
    [
        ([history(["carboplatin"])], "met", "met"),
        ([history(["carboplatin"], whole=False)], "met", "undocumented"),
        ([history(["Adagrasb", "carboplatin"])], "met", "undocumented"),
        ([history(["Adagrasb"])], "undocumented", "undocumented"),
        ([history(["Krazati 200 mg tablet"])], "met", "not_met"),
        ([history([])], "not_met", "met"),
        ([history(["metformin"])], "not_met", "met"),
        ([history(["radiation_therapy"])], "not_met", "met"),
        # A list of the same day names an anticancer drug that this one lacks; a home medicine spoils nothing.
        ([history([]), history(["carboplatin"], whole=False)], "met", "undocumented"),
        ([history([]), history(["metformin"], whole=False)], "not_met", "met"),
        ([history([], "2025-03-02"), history(["carboplatin"], whole=False)], "conflicting", "met"),
        ([history([], "2025-03"), history(["carboplatin"], "2025-03-05", whole=False)], "met", "undocumented"),
        ([history([]), history(["sotorasib"], "2025-03-05", whole=False)], "undocumented", "undocumented"),
    ],
)
def test_a_history_is_whole_as_long_as_no_list_may_be_of_more(
    judged_by: str, papers: list[dict[str, Any]], treated: str, no_krazati: str
) -> None:
    assert status(judged_by, TREATED, papers) == treated
    assert status(judged_by, NO_KRAZATI, papers) == no_krazati


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([True], "met"),
        ([False], "not_met"),
        ([False, True], "met"),
        ([True, False], "met"),
        ([], "undocumented"),
    ],
)
def test_a_flag_that_accumulates_is_true_once_a_document_says_so(
    judged_by: str, values: list[bool], expected: str
) -> None:
    papers = [
        document({"oncology_prescriber": value}, f"2025-03-0{place + 1}") for place, value in enumerate(values)
    ]
    assert status(judged_by, "yes(oncology_prescriber)", papers) == expected


def molecular(**states: Any) -> list[dict[str, Any]]:
    """A report on the tumor's genes."""
    return [document(states, kind="molecular_report")]


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("papers", "requirement", "expected"),
    [
        ([document({"regimen_recommended": True})], "yes(regimen_recommended)", "undocumented"),
        ([document({"regimen_recommended": True}, kind="literature")], "yes(regimen_recommended)", "met"),
        (molecular(kras_g12c=False, specimen="plasma"), "yes(kras_g12c)", "undocumented"),
        (molecular(kras_g12c=True, specimen="plasma"), "yes(kras_g12c)", "met"),
        (molecular(kras_g12c=False, specimen="tissue"), "yes(kras_g12c)", "not_met"),
        ([document({"diagnosis": "crc"}, status="entered_in_error")], LUNG, "undocumented"),
        ([document({"diagnosis": "crc"}, status="preliminary")], LUNG, "not_met"),
        ([document({"diagnosis": "crc"}, tumor="colon 2012")], LUNG, "undocumented"),
        ([document({"diagnosis": "crc"}, tumor="Left-Lung")], LUNG, "not_met"),
        ([document({"prior_therapies": ["adagrasib"]}, tumor="colon 2012")], NO_KRAZATI, "not_met"),
    ],
)
def test_what_a_document_may_not_state_says_nothing(
    judged_by: str, papers: list[dict[str, Any]], requirement: str, expected: str
) -> None:
    assert status(judged_by, requirement, papers, tumor="left lung") == expected


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("final", "final", "final"), "met"),  # of the chain c, b, a the last counts
        (("final", "final", "entered_in_error"), "not_met"),  # then b replaces c
        (("final", "entered_in_error", "final"), "met"),  # c is named by one that is replaced
        (("final", "entered_in_error", "entered-in-error"), "not_met"),  # c is named by none that counts
    ],
)
def test_of_a_chain_of_documents_the_last_that_is_not_in_error_counts(
    judged_by: str, statuses: tuple[str, str, str], expected: str
) -> None:
    papers = [
        document({"diagnosis": "breast_cancer"}, id="c", status=statuses[0]),
        document({"diagnosis": "crc"}, id="b", status=statuses[1], replaces="c"),
        document({"diagnosis": "nsclc"}, id="a", status=statuses[2], replaces="b"),
    ]
    assert status(judged_by, LUNG, papers) == expected


@pytest.mark.parametrize("judged_by", BOTH)
@pytest.mark.parametrize(
    ("doses", "form", "expected"),
    [
        ([], True, "not_met"),
        ([], False, "met"),
        ([960], True, "met"),  # 960 asked for, 960 taken: no increase, whatever the form says
        ([959], False, "not_met"),
        ([961], True, "met"),
        ([{"at_least": 900}], False, "undocumented"),
        ([{"at_most": 959}], False, "not_met"),
        ([{"at_least": 960}], True, "met"),
        ([480, 960], False, "conflicting"),
    ],
)
def test_a_dose_increase_follows_from_the_dose_that_documents_give(
    judged_by: str, doses: list[Any], form: bool, expected: str
) -> None:
    papers = [document({"current_dose_mg_per_day": dose}, id=str(place)) for place, dose in enumerate(doses)]
    found = status(judged_by, NOT_RAISED, papers, type="continuation", dose_increase=form)
    assert found == expected
