"""How evidence is told to a reader: names, days, ranges, documents that do not count, and tumors."""

from __future__ import annotations

from typing import Any

import pytest

from pyclingo_bridge.core.decision import Evidence, day_text, value_text
from pyclingo_bridge.explain.decision import decision_report, explanation, explanation_report
from pyclingo_bridge.explain.phrases import evidence_text
from pyclingo_bridge.explain.report import as_text
from tests.conftest import FACTS, case, made, policy, request

DAY = "2025-03-02"


def told(**facts: Any) -> str:
    """The whole tree of reasons, its lines put together."""
    return of(made(request(), FACTS, **facts))


def of(data: dict[str, Any]) -> str:
    reasons = explanation(policy().decide(case(data)), full=True)
    return " ".join(as_text(explanation_report(reasons), 80).split())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"at_least": 30}, "at least 30"),
        ({"at_most": 5}, "at most 5"),
        ({"at_least": 30, "at_most": 40}, "30 to 40"),
        ("2025-03", "March 2025"),
        ("2025", "2025"),
        ("2025-03-02", "2025-03-02"),
        ("2025-13", "2025-13"),
        (2.5, "2.5"),
    ],
)
def test_ranges_and_partial_days_are_told_in_words(value: Any, text: str) -> None:
    assert value_text(value) == text


def test_a_day_that_is_known_in_part_is_told_in_words() -> None:
    data = made(request(), FACTS)
    data["documents"][0]["date"] = "2025-02"
    assert "chart note age (February 2025)" in of(data)
    assert day_text("2024") == "2024"


def test_how_names_were_read_is_told_once() -> None:
    text = told(prior_therapies=["Keytruda (pembrolizumab)", "carboplatin AUC 5"])
    assert "read as Keytruda (pembrolizumab): keytruda; carboplatin AUC 5: carboplatin" in text
    assert "diagnosis: nsclc, read as" not in text
    assert "diagnosis: C34.90, read as lung cancer" in told(diagnosis="C34.90")


def test_what_may_mean_several_things_is_not_told_of_as_a_list() -> None:
    text = told(diagnosis="C34.90")
    assert "does not decide it, as it may mean more than one thing: diagnosis: C34.90" in text


def test_documents_that_are_not_final_are_told_as_what_they_are() -> None:
    data = made(request(), FACTS)
    data["documents"][0]["status"] = "preliminary"
    assert "chart note age (2025-03-02, preliminary)" in of(data)
    (entry,) = policy().decide(case(data)).criteria["I.A.3"].evidence
    assert entry.status == "preliminary"
    assert policy().decide(case(made(request(), FACTS))).criteria["I.A.3"].evidence[0].status is None


def test_what_does_not_count_is_told_as_such() -> None:
    data = made(request(dose_mg_per_day=1200), FACTS)
    states = {"dose_supported_by_evidence": True}
    data["documents"].append({"id": "note", "type": "chart_note", "date": DAY, "states": states})
    assert "chart note note (2025-03-02) does not count here: dose supported by evidence: yes" in of(data)


def test_every_effect_has_words() -> None:
    for effect in ("supports", "refutes", "superseded", "silent", "not_counted"):
        entry = Evidence(document="d", type="t", date="2025", attribute="a", value=1, effect=effect)
        assert evidence_text(entry).endswith("a: 1")


def test_the_day_of_the_request_is_told() -> None:
    assert "request of 2025-04-01" in of(made(request(date="2025-04-01"), FACTS))
    assert f"request of {DAY}" in of(made(request(), FACTS))
    assert "request of" not in of({"id": "none", "request": request(), "documents": []})


def test_what_the_policy_notes_is_told_with_its_place() -> None:
    decision = policy().decide(case(made(request(line_of_business="medicaid"), FACTS)))
    assert decision.notices
    for text in (
        " ".join(as_text(decision_report(decision), 80).split()),
        of(made(request(line_of_business="medicaid"), FACTS)),
    ):
        assert all(notice.text in text and notice.locator in text for notice in decision.notices)


TWO = {"id": "colon", "type": "pathology_report", "date": "2012-04-01", "states": {"diagnosis": "crc"}}


def test_of_two_tumors_without_names_it_is_told_how_to_tell_them_apart() -> None:
    data = made(request(), FACTS)
    data["documents"].append(TWO)
    decision = policy().decide(case(data))
    assert decision.denial_kind == "conflicting_documentation"
    assert any("if these are two tumors, name the tumor" in warning for warning in decision.warnings)
    data["request"]["tumor"] = "lung"
    data["documents"][-1] = {**TWO, "tumor": "colon 2012"}
    assert policy().decide(case(data)).outcome == "approve"
    # Where all are named and agree, nothing is to be told apart.
    for document in data["documents"]:
        document["tumor"] = "lung"
    decision = policy().decide(case(data))
    assert decision.outcome == "deny"
    assert not any("two tumors" in warning for warning in decision.warnings)


def test_flags_and_ages_are_no_tumors() -> None:
    data = made(request(), FACTS)
    data["documents"].append(
        {"id": "b", "type": "benefit_record", "date": DAY, "states": {"generic_available": True}}
    )
    decision = policy().decide(case(data))
    assert not any("two tumors" in warning for warning in decision.warnings)


def test_the_withdrawal_of_the_latest_document_moves_the_day_of_the_request() -> None:
    # Of age on the day of the last document alone. Nothing else speaks of what that document states.
    data = made(request(), FACTS, age=None, birth_date="2007-03-01")
    for document in data["documents"]:
        document["date"] = "2025-02-20"
    data["documents"].append(
        {"id": "last", "type": "chart_note", "date": DAY, "states": {"measurable_disease": True}}
    )
    (role,) = (one for one in policy().reasons(case(data)).documents if one.id == "last")
    assert (role.withdrawn, role.outcome_without) == (True, "refer")
