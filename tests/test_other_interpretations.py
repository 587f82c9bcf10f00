"""A fault that only another interpretation of the wording has is told all the same."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from pyclingo_bridge import Policy, PolicyError
from pyclingo_bridge.base.rule_files import shipped_policies
from pyclingo_bridge.loading.load import hold
from pyclingo_bridge.loading.other_interpretations import refuse_single_interpretations
from tests.conftest import case, policy

VOCABULARY = """
policy(p, "made up"). source("made up", "now"). vocabulary(v).
attribute(first, request). domain(first, flag). default(first, true).
document_type(note, 1). attribute(p, latest). domain(p, flag). establishes(note, p).
attribute(n, latest). domain(n, whole_number). minimum(n, 0). establishes(note, n).
section("A", 1). route("A", yes(first)). criterion("A", "a"). locator("A", "a").
requires("A", yes(p)).
ambiguity((x; y), "open", "A"). alternative((x; y), (a; b), "label"). default_interpretation((x; y), a).
bound(2000000000).
"""
FAULTS = [
    ('route("A", yes(p))', "`A` has the route `yes(p)`, but documents state `p`"),
    ('requires("A", yes(nothing))', "is not an attribute of the vocabulary"),
    ('requires("A", at_least(n, 2*X))', "`2*X` grows past 2147483647 with X = 2000000000"),
    ('requires("A", at_least(n, 7/0*X))', "`(7/0)` has no value: it divides by zero"),
]


def written(folder: Path, rules: str) -> Path:
    (folder / "policy.lp").write_text(f"{VOCABULARY}{rules}\n")
    return folder


@pytest.mark.parametrize(("head", "fault"), FAULTS)
def test_a_policy_is_refused_for_a_fault_that_one_other_interpretation_has(
    head: str, fault: str, tmp_path: Path
) -> None:
    written(tmp_path, f"{head} :- bound(X), X > 3, interpretation(x, b).")
    with pytest.raises(PolicyError) as refused:
        Policy.load(tmp_path)
    assert fault in str(refused.value)
    assert f"{tmp_path}/policy.lp:10: " in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize(("head", "fault"), FAULTS[:3])
def test_whoever_asks_about_all_interpretations_is_told_of_a_fault_that_two_have_together(
    head: str, fault: str, tmp_path: Path
) -> None:
    written(tmp_path, f"{head} :- bound(X), X > 3, interpretation(x, b), interpretation(y, b).")
    loaded = Policy.load(tmp_path)
    made = case({"id": "made", "request": {}, "documents": []}, loaded)
    assert loaded.decide(made).outcome == "deny"
    for ask in (lambda: loaded.ambiguities(made), loaded.check):
        with pytest.raises(PolicyError) as refused:
            ask()
        assert fault in str(refused.value)
        assert "(with the interpretation x=b, y=b)" in str(refused.value)


@pytest.mark.parametrize("name", shipped_policies())
def test_no_shipped_policy_has_a_fault_under_another_interpretation(name: str) -> None:
    loaded = policy(name)
    refuse_single_interpretations(loaded.loaded, partial(hold, loaded.loaded))
