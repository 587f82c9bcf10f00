"""A policy of another field, from a folder of its own: nothing in the bridge is about oncology."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pyclingo_bridge import Case, CaseError
from pyclingo_bridge.cases.vocabulary import LINE
from pyclingo_bridge.loading.authoring import policy_words
from tests.conftest import POLICIES, ROOT, case, policy

ASTHMA = POLICIES / "severe_asthma"


def asthma_case(*documents: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "asthma",
        "request": {},
        "documents": [
            {"id": f"d{number}", "type": "visit", "date": "2024-05-01", "states": states}
            for number, states in enumerate(documents)
        ],
    }


WHOLE = {
    "condition": "asthma",
    "years": 6,
    "eosinophils": 300,
    "controllers": ["inhaled_steroid"],
    "smoker": False,
}


def test_a_whole_request_is_approved_for_the_policys_own_months() -> None:
    decision = policy(ASTHMA).decide(case(asthma_case(WHOLE), policy(ASTHMA)))
    assert (decision.outcome, decision.outcome_word) == ("approve", "covered")
    assert (decision.section, decision.approval_months) == ("1", 4)


@pytest.mark.parametrize(
    ("eosinophils", "steroids", "status"),
    [(299, False, "not_met"), (300, False, "met"), (149, True, "not_met"), (150, True, "met")],
)
def test_thresholds_are_the_policys_own(eosinophils: int, steroids: bool, status: str) -> None:
    states = {**WHOLE, "eosinophils": eosinophils, "daily_steroids": steroids}
    decision = policy(ASTHMA).decide(case(asthma_case(states), policy(ASTHMA)))
    assert decision.criteria["1.2"].status == status


def test_another_condition_is_referred_to_the_policys_own_target() -> None:
    decision = policy(ASTHMA).decide(case(asthma_case({**WHOLE, "condition": "copd"}), policy(ASTHMA)))
    assert (decision.outcome, decision.refer_to) == ("refer", "A-2")


def test_missing_sets_name_the_policys_own_document_types() -> None:
    states = {key: value for key, value in WHOLE.items() if key != "eosinophils"}
    found = list(policy(ASTHMA).missing(case(asthma_case(states), policy(ASTHMA))))
    assert [[requirement.term for requirement in missing.requirements] for missing in found] == [
        ["at_least(eosinophils,300)"],
        ["at_least(eosinophils,150)", "yes(daily_steroids)"],
    ]
    assert [missing.documents for missing in found] == [("blood_count",), ("blood_count", "visit")]


def test_an_exclusion_on_a_cumulative_list_is_undone_once_the_member_was_stated() -> None:
    later = {"controllers": ["biologic"]}
    decision = policy(ASTHMA).decide(case(asthma_case(WHOLE, later), policy(ASTHMA)))
    assert decision.criteria["1.3"].status == "not_met"


def test_a_criterion_binds_only_where_its_condition_may_be_true() -> None:
    smoker = {**WHOLE, "smoker": True, "advice_given": False}
    unknown = {key: value for key, value in WHOLE.items() if key != "smoker"}
    statuses = [
        policy(ASTHMA).decide(case(asthma_case(states), policy(ASTHMA))).criteria["1.4"].status
        for states in (WHOLE, smoker, unknown)
    ]
    assert statuses == ["met", "not_met", "undocumented"]


def test_a_case_of_one_vocabulary_is_refused_by_another() -> None:
    with pytest.raises(CaseError, match="unknown attribute"):
        Case.from_json(
            '{"id": "x", "request": {}, "documents": [{"id": "d", "type": "chart_note",'
            ' "date": "2024-01-01", "states": {"eosinophils": 3}}]}'
        )
    theirs = case(asthma_case(WHOLE), policy(ASTHMA))
    with pytest.raises(CaseError, match="request"):
        policy().decide(theirs)


def test_no_word_of_a_policy_stands_in_the_bridge() -> None:
    words = set()
    for path in (ROOT / "asp" / "policies").rglob("*.lp"):
        rules = re.sub(r"%.*", "", path.read_text())
        words |= set(re.findall(r'criterion\("([^"]+)"', rules))
        words |= set(re.findall(r"\b(\d{2,})\b", re.sub(r'"[^"]*"', "", rules)))
    for path in (ROOT / "asp" / "vocabularies").rglob("*.lp"):
        rules = re.sub(r"%.*", "", path.read_text())
        for facts in re.findall(r"\b(?:anticancer|supportive|brand|regimen)\(([^.]*)\)\.", rules):
            words |= {word for word in re.findall(r"[a-z_0-9]+", facts) if len(word) > 3}
        for facts in re.findall(r"\blisted\([^,]*,([^.]*)\)\.", rules):
            words |= {word for word in re.findall(r"[a-z_0-9]+", facts) if len(word) > 3}
        for facts in re.findall(r"\battribute\(([^.]*)\)\.", rules):
            words |= {word for word in re.findall(r"[a-z_0-9]+", facts) if "_" in word}
    words -= {name for name, _ in policy_words()}
    # A key of plan files and of catalogues, whatever the policy.
    words -= {LINE}
    assert len(words) > 500
    for path in (ROOT / "pyclingo_bridge").rglob("*.py"):
        code = re.sub(r">>> .*|^    \S.*'$", "", path.read_text(), flags=re.MULTILINE)
        quoted = set(re.findall(r"[\w.]+", code))
        assert not {word for word in words & quoted if not word.isdigit()}, path
        assert not {word for word in words & quoted if word.isdigit() and len(word) > 2}, path
