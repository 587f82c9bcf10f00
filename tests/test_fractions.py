"""A measurement counts as it is written: one with more digits than are kept is not taken for another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyclingo_bridge import Case, CaseError, Policy
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


POLICY = """% Purpose: thresholds that the rules count in other units than a reader.
policy(thresholds, "Thresholds").
source("Example policy S-1", "2025-01-01").
default_locator("section", "item").
vocabulary(thresholds).
attribute(asked, request).
domain(asked, flag).
attribute((hba1c; seen), latest).
domain(hba1c, decimal).
minimum(hba1c, 3).
maximum(hba1c, 20).
domain(seen, date).
minimum(seen, 20000101).
document_type(lab, 1).
establishes(lab, (hba1c; seen)).
label(hba1c, "HbA1c").
section("A", 1).
route("A", yes(asked)).
criterion("A", "all of it").
requires("A", (at_least(hba1c, 6500); at_most(hba1c, 19999); at_least(seen, 20240229); is(hba1c, 7000))).
duration("A", exactly(3), yes(asked)).
"""


def test_a_threshold_is_told_as_a_reader_writes_it(tmp_path: Path) -> None:
    (tmp_path / "policy.lp").write_text(POLICY)
    texts = {requirement.text for requirement in Policy.load(tmp_path).structure.requirements.values()}
    assert {"HbA1c at least 6.5", "HbA1c at most 19.999", "HbA1c is 7", "seen at least 2024-02-29"} <= texts
    assert not any("6500" in text or "20240229" in text for text in texts)
