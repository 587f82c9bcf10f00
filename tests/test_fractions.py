"""A measurement counts as it is written: one with more digits than are kept is not taken for another."""

from __future__ import annotations

import json

import pytest

from pyclingo_bridge import Case, CaseError
from pyclingo_bridge.cli.changes import changes_given
from tests.conftest import policy, whole


def with_score(digits: str) -> str:
    """A case file that states a PD-L1 score, in these digits."""
    case = whole()
    case["documents"][0]["states"]["pd_l1_tps_percent"] = "SCORE"
    return json.dumps(case).replace('"SCORE"', digits)


@pytest.mark.parametrize(
    "digits",
    [
        "0.99999999999999999999",  # under one percent, and the nearest float is one
        "49.99999999999999999999",
        "12.3450000000000000001",
        "99.0000000000000000000000000000000000000000000000001",
        "1e-400",
        "1e-99999999999999999999",
    ],
)
def test_a_detail_with_more_digits_than_are_kept_is_refused(digits: str) -> None:
    with pytest.raises(CaseError, match=r"pd_l1_tps_percent: has more than 3 digits behind the p"):
        Case.from_json(with_score(digits), "case.json")


@pytest.mark.parametrize(
    ("digits", "score"),
    [("0.999", 0.999), ("12.3450000000000000000000000", 12.345), ("50.0", 50.0), ("100", 100)],
)
def test_a_detail_with_up_to_three_decimals_is_taken_as_it_is(digits: str, score: float) -> None:
    case = Case.from_json(with_score(digits), "case.json")
    stated = case.documents[0].states["pd_l1_tps_percent"]
    assert (stated, type(stated)) == (score, type(score))


@pytest.mark.parametrize("digits", ["0.99999999999999999999", f"9.{'9' * 60}"])
def test_a_change_with_more_digits_than_are_kept_is_refused(digits: str) -> None:
    ours = policy()
    case = Case.from_json(with_score("12"), "case.json", ours.vocabulary)
    assigned = [f"pd_l1_tps_percent={digits}"]
    changes = changes_given(
        ours.vocabulary, assigned=assigned, unset=[], withdrawn=[], documents=[], interpretations={}
    )
    with pytest.raises(CaseError, match=r"more than 3 digits behind the point"):
        ours.what_if(case, changes)
