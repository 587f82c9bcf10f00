"""Changes of days, tumors and the documents themselves, by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import Case, CaseError, Policy
from pyclingo_bridge.questions.changes import Changes, changed
from tests.conftest import CONTINUING, FACTS, case, made, policy, request

DAY = "2025-03-02"


def with_changes(data: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The changed case as data."""
    found = changed(case(data), changes, policy().vocabulary)
    return dict(json.loads(found.model_dump_json()))


def document(data: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (one for one in data["documents"] if one["id"] == name)
    return dict(found)


def data(**documents: Any) -> dict[str, Any]:
    """An approved case, in which some documents have further keys."""
    found = made(request(), FACTS)
    for name, keys in documents.items():
        document_ = next(one for one in found["documents"] if one["id"] == name)
        document_.update(keys)
    return found


def test_the_day_the_drug_and_the_tumor_of_the_request_can_be_set_and_unset() -> None:
    then = with_changes(data(), {"set": {"date": "2025-04-01", "drug": "sotorasib", "tumor": "lung"}})
    assert {name: then["request"][name] for name in ("date", "drug", "tumor")} == {
        "date": "2025-04-01",
        "drug": "sotorasib",
        "tumor": "lung",
    }
    assert "date" not in with_changes(then, {"unset": ("date",)})["request"]
    with pytest.raises(CaseError, match=r"set\.date"):
        with_changes(data(), {"set": {"date": "2025-13-01"}})
    with pytest.raises(CaseError, match="there is nothing to unset"):
        with_changes(data(), {"unset": ("tumor",)})


def test_an_age_takes_the_place_of_a_birth_date_and_a_birth_date_of_an_age() -> None:
    born = made(request(), FACTS, age=None, birth_date="1960-05-01")
    assert document(with_changes(born, {"set": {"age": 17}}), "birth_date")["states"] == {"age": 17}
    then = with_changes(data(), {"set": {"birth_date": "1960-05"}})
    assert document(then, "age")["states"] == {"birth_date": "1960-05"}
    assert policy().decide(case(then)).outcome == "approve"
    assert document(with_changes(born, {"unset": ("age",)}), "birth_date")["states"] == {}


@pytest.mark.parametrize("keys", [{"status": "entered_in_error"}, {"tumor": "colon 2012"}])
def test_a_document_that_does_not_count_stays_as_it_is_and_a_new_one_states_the_value(
    keys: dict[str, str],
) -> None:
    before = data(diagnosis=keys)
    before["request"]["tumor"] = "lung"
    then = with_changes(before, {"set": {"diagnosis": "crc"}})
    assert document(then, "diagnosis")["states"] == {"diagnosis": "nsclc"}
    assert document(then, "what-if")["states"] == {"diagnosis": "crc"}


def test_what_only_literature_shows_is_set_in_literature() -> None:
    before = data()
    before["documents"].append(
        {"id": "note", "type": "chart_note", "date": DAY, "states": {"regimen_recommended": True}}
    )
    then = with_changes(before, {"set": {"regimen_recommended": False}})
    assert document(then, "note")["states"] == {"regimen_recommended": True}
    assert document(then, "what-if")["type"] == "literature"


def test_a_negative_result_is_not_set_in_a_report_on_plasma_which_would_say_nothing() -> None:
    before = data()
    next(one for one in before["documents"] if one["id"] == "kras_g12c")["states"]["specimen"] = "plasma"
    then = with_changes(before, {"set": {"kras_g12c": False}})
    assert document(then, "kras_g12c")["states"] == {"kras_g12c": True, "specimen": "plasma"}
    assert document(then, "what-if")["states"] == {"kras_g12c": False}


def test_a_new_document_is_of_the_day_of_the_request_or_of_the_latest_document_that_counts() -> None:
    late = {"status": "entered_in_error", "date": "2025-06-01"}
    for keys, day, expected in (
        ({}, None, DAY),
        ({}, "2025-04-01", "2025-04-01"),
        ({}, "2025-01-01", DAY),
        ({"age": late}, None, DAY),
        ({"diagnosis": {"date": "2025-05"}}, None, "2025-05-31"),
    ):
        before = data(**keys)
        before["request"].update({"date": day} if day else {})
        then = with_changes(before, {"set": {"recent_label_change": False}})
        assert document(then, "what-if")["date"] == expected


def test_a_document_can_be_given_another_status_day_or_tumor_and_they_can_be_left_out() -> None:
    told = policy().what_if(case(data()), {"amend_documents": {"kras_g12c": {"status": "entered_in_error"}}})
    assert told.changes == ("status of document kras_g12c = entered_in_error",)
    assert told.outcome == ("approve", "deny")
    before = data(kras_g12c={"status": "preliminary", "tumor": "lung"})
    then = with_changes(
        before, {"amend_documents": {"kras_g12c": {"status": None, "tumor": None, "date": "2025"}}}
    )
    assert document(then, "kras_g12c") == {**document(data(), "kras_g12c"), "date": "2025"}


@pytest.mark.parametrize(
    ("amended", "words"),
    [
        ({"nobody": {"status": "final"}}, "no document `nobody`"),
        ({"age": {"staus": "final"}}, "did you mean `status`?"),
        ({"age": {"status": "lost"}}, r"amend_documents\.age\.status"),
        ({"age": {"replaces": "age"}}, r"amend_documents\.age\.replaces"),
        ({"age": {"replaces": "nobody"}}, r"amend_documents\.age\.replaces"),
        ({"age": {"date": 5}}, r"amend_documents\.age\.date"),
    ],
)
def test_what_cannot_be_amended_is_told_where_it_was_asked_for(amended: Any, words: str) -> None:
    with pytest.raises(CaseError, match=words):
        with_changes(data(), {"amend_documents": amended})


def test_what_replaces_a_document_that_is_withdrawn_replaces_none() -> None:
    before = data(kras_g12c={"replaces": "age"})
    then = with_changes(before, {"without_documents": ("age",)})
    assert "replaces" not in document(then, "kras_g12c")
    # And withdrawn itself, it leaves what it replaced to count again.
    assert (
        policy().decide(case(with_changes(before, {"without_documents": ("kras_g12c",)}))).statuses["I.A.3"]
        == "met"
    )


def test_each_change_of_a_document_can_be_made_alone() -> None:
    changes = Changes(amend_documents={"age": {"date": "2025", "status": "preliminary"}})
    assert [one.texts for one in changes.each()] == [
        ("date of document age = 2025",),
        ("status of document age = preliminary",),
    ]


PLAN = {
    "plan": "example",
    "facts": [{"attribute": "generic_available", "value": True, "from": "2025-01-01", "to": None}],
}


def planned(tmp_path: Path) -> Policy:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(PLAN))
    return Policy.load("cp_phar_549", plan=path)


def test_what_is_set_is_not_what_the_plan_knows(tmp_path: Path) -> None:
    # The plan knows of a generic, so that the brand needs a reason.
    of = planned(tmp_path)
    before = made(request(date=DAY), FACTS, generic_available=None)
    asked = Case.from_json(json.dumps(before), "test", of.vocabulary)
    assert of.decide(asked).outcome == "deny"
    assert of.what_if(asked, {"generic_available": False}).outcome == ("deny", "approve")
    gained = of.what_if(asked, {"generic_available": None}).missing_gained
    assert [[one.term for one in entry.requirements] for entry in gained] == [["no(generic_available)"]]
    live = of.session(asked)
    live.set("generic_available", False)
    assert live.outcome == "approve"
    live.set("generic_available", True)
    assert str(live.outcome) == "deny"
    regions = of.sweep(asked, "generic_available").regions
    assert {region.values: region.outcome for region in regions} == {(True,): "deny", (False,): "approve"}
    with pytest.raises(CaseError, match=r"request\.date"):
        live.unset("date")


# Sweeps


def test_an_age_stated_years_ago_is_swept_by_what_it_means_now() -> None:
    # Stated three full years and a day before the request, n means n+3 or n+4.
    before = data(age={"date": "2022-03-01"})
    regions = policy().sweep(case(before), "age").regions
    assert [(region.low, region.high, region.outcome) for region in regions] == [
        (0, 13, "refer"),
        (14, 14, "deny"),
        (15, None, "approve"),
    ]


def test_days_of_the_request_are_swept_one_by_one() -> None:
    born = made(request(), FACTS, age=None, birth_date="2007-03-20")
    regions = policy().sweep(case(born), "date", "2025-03-01", "2025-04-01").regions
    assert [(region.low, region.high, region.outcome) for region in regions] == [
        ("2025-03-01", "2025-03-19", "refer"),
        ("2025-03-20", "2025-04-01", "approve"),
    ]


def test_the_day_of_a_document_is_swept() -> None:
    # The newer of two benefit records counts: of one day they contradict each other.
    before = data()
    before["documents"].append(
        {"id": "ben", "type": "benefit_record", "date": "2025-02-01", "states": {"generic_available": True}}
    )
    regions = policy().sweep(case(before), "ben.date", "2025-03-01", "2025-03-03").regions
    assert [(region.low, region.denial_kind, region.outcome) for region in regions] == [
        ("2025-03-01", None, "approve"),
        ("2025-03-02", "insufficient_documentation", "deny"),
    ]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (None, None, "give the first and the last"),
        ("2025-03-01", None, "give the first and the last"),
        ("2025-03", "2025-04-01", "YYYY-MM-DD"),
        (1, 2, "YYYY-MM-DD"),
        ("2025-03-02", "2025-03-01", "is after"),
        ("1900-01-01", "2025-03-01", "more than 3660 days"),
    ],
)
def test_days_that_cannot_be_swept_are_refused(low: Any, high: Any, words: str) -> None:
    with pytest.raises(CaseError, match=words):
        policy().sweep(case(data()), "date", low, high)


def test_a_dose_is_swept_by_what_documents_state_of_it() -> None:
    form = request(type="continuation", dose_mg_per_day=900, concurrent_drugs=["docetaxel"])
    before = made(form, CONTINUING, current_dose_mg_per_day=480)
    regions = policy().sweep(case(before), "dose_mg_per_day", 400, 500).regions
    assert [(region.low, region.high, region.outcome) for region in regions] == [
        (400, 480, "approve"),
        (481, 500, "deny"),
    ]
    regions = policy().sweep(case(before), "current_dose_mg_per_day", 800, 1000).regions
    assert [(region.low, region.high, region.outcome) for region in regions] == [
        (800, 899, "deny"),
        (900, 1000, "approve"),
    ]


def test_a_range_without_an_end_turns_nothing_past_the_last_number() -> None:
    form = request(type="continuation", dose_mg_per_day=900)
    before = made(form, CONTINUING, current_dose_mg_per_day={"at_least": 480})
    regions = policy().sweep(case(before), "dose_mg_per_day").regions
    assert all(region.outcome is not None for region in regions)
    assert regions[-1].high is None
