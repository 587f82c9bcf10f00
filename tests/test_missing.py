"""Missing sets: all of them, each minimal, in order, and as cheap to ask for as to use."""

from __future__ import annotations

import random
import tracemalloc
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Case, MissingSet, Policy
from pyclingo_bridge.questions import minimal_sets
from pyclingo_bridge.questions import missing as missing_module
from pyclingo_bridge.questions.missing import MissingSearch
from tests.conftest import FACTS, case, made, policy, request, scaled
from tests.random_cases import random_case
from tests.synthetic import EMPTY_CASE, write_choices


def key(found: MissingSet) -> tuple[int, int, list[str]]:
    return (
        found.rank,
        len(found.requirements),
        [requirement.term for requirement in found.requirements],
    )


def terms(data: dict[str, object], **interpretations: str) -> list[list[str]]:
    return [key(found)[2] for found in policy(**interpretations).missing(case(data))]


def test_the_one_document_missing_is_the_one_set() -> None:
    (found,) = policy().missing(case(made(request(), FACTS, kras_g12c=None)))
    (requirement,) = found.requirements
    assert (requirement.attribute, requirement.operator, requirement.value) == (
        "kras_g12c",
        "yes",
        True,
    )
    assert requirement.criteria == ("I.A.4",)
    assert requirement.document_types == ("molecular_report",)
    assert (found.documents, found.sections) == (("molecular_report",), ("I.A",))


def test_alternatives_give_a_set_each() -> None:
    assert terms(made(request(), FACTS, generic_available=None)) == [
        ["no(generic_available)"],
        ["yes(generic_contraindicated)"],
        ["yes(generic_not_tolerated)"],
    ]


def test_a_dose_above_the_limit_asks_for_evidence() -> None:
    data = made(request(dose_mg_per_day=1200), FACTS)
    assert terms(data) == [["yes(dose_supported_by_evidence)"]]


def test_a_stronger_requirement_is_not_asked_for_where_a_weaker_one_does() -> None:
    form = request(type="continuation", dose_increase=True, concurrent_drugs=[])
    facts = {
        "currently_receiving_via_plan": ("benefit_record", True),
        "responding_positively": ("chart_note", True),
    }
    sets = terms(made(form, facts))
    # To know that it is lung or colorectal cancer is enough; which of the two need not be shown.
    assert ["among(diagnosis,diagnoses_ii_a_3_a)"] in sets
    assert not any("is(diagnosis,crc)" in found for found in sets)


def test_an_antibody_beside_a_raised_dose_asks_for_the_disease_it_is_given_in() -> None:
    form = request(type="continuation", dose_increase=True, concurrent_drugs=["panitumumab"])
    facts = {
        "currently_receiving_via_plan": ("benefit_record", True),
        "responding_positively": ("chart_note", True),
    }
    assert ["is(diagnosis,crc)"] in terms(made(form, facts))


def test_two_diagnoses_are_never_asked_for_together() -> None:
    for found in terms(made(request(), {}), prior_therapy_scope="appendix_b"):
        assert sum(term.startswith("is(diagnosis,") for term in found) == 1


def test_nothing_is_missing_from_an_approval_a_referral_or_a_hopeless_denial() -> None:
    for changes in ({}, {"diagnosis": "cholangiocarcinoma"}, {"kras_g12c": False}):
        data = made(request(), FACTS, **changes)
        assert list(policy().missing(case(data))) == []
        assert list(policy().missing(case(data)).documents) == []


def test_one_document_can_show_several_requirements_and_is_paid_for_once() -> None:
    (found,) = policy().missing(case(made(request(), FACTS, age=None, oncology_prescriber=None)))
    assert (found.documents, found.cost) == (("chart_note",), 1)


@settings(max_examples=scaled(60))
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_sets_come_without_doubles_by_rank_then_size_then_text(rng: random.Random) -> None:
    keys = [key(found) for found in policy().missing(case(random_case(rng)))]
    assert all(before < after for before, after in pairwise(keys))


@settings(max_examples=scaled(25))
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_sets_asked_for_one_by_one_are_those_listed_at_once(rng: random.Random) -> None:
    findings = policy().assess(case(random_case(rng)))
    sets = MissingSearch(policy().structure, policy().loaded.program).missing(findings)
    listed = list(sets)
    documents = list(sets.documents)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(minimal_sets, "AT_ONCE", 0)
        patch.setattr(missing_module, "AT_ONCE", 0)
        assert list(sets) == listed
        assert list(sets.documents) == documents


def test_iterators_asked_in_turns_do_not_disturb_each_other() -> None:
    first, second = (made(request(), FACTS, **{name: None}) for name in ("kras_g12c", "generic_available"))
    mixed = [iter(policy().missing(case(data))) for data in (first, second)]
    turns = [next(mixed[1]), next(mixed[0]), next(mixed[1])]
    assert policy().decide(case(first)).outcome == "deny"
    assert [key(found)[2] for found in turns] == [
        ["no(generic_available)"],
        ["yes(kras_g12c)"],
        ["yes(generic_contraindicated)"],
    ]


def cheapest(groups: int, options: int, most: int) -> list[list[int]]:
    """For each cost in turn, every way to choose an option a group, in the order of the text."""
    found: list[list[int]] = []
    for extra in range(most):
        for choice in _choices(groups, options, extra):
            found.append(choice)
            if len(found) == most:
                return found
    return found


def _choices(groups: int, options: int, extra: int) -> list[list[int]]:
    if groups == 0:
        return [[]] if extra == 0 else []
    return [
        [n, *rest] for n in range(min(options, extra + 1)) for rest in _choices(groups - 1, options, extra - n)
    ]


def test_the_first_ten_of_a_hundred_thousand_sets_come_without_the_rest(tmp_path: Path) -> None:
    many = Policy.load(write_choices(tmp_path, groups=5, options=10))
    empty = Case.from_json(EMPTY_CASE, "test", many.vocabulary)
    next(iter(many.missing(empty)))
    tracemalloc.start()
    found = list(islice(many.missing(empty), 10))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # A list of them all would take more than a kilobyte each.
    assert peak < 20_000_000
    expected = [
        [f"yes(f_{group}_{option})" for group, option in enumerate(choice)] for choice in cheapest(5, 10, 10)
    ]
    assert [key(entry)[2] for entry in found] == expected
    documents = many.missing(empty).documents.cheapest(10)
    assert [entry.cost for entry in documents] == [entry.cost for entry in found]


UNSHOWN = """
policy(p, "made up"). source("made up", "now"). vocabulary(v).
attribute(first, request). domain(first, flag). default(first, true).
document_type(lab, 7). document_type(scan, 3).
attribute((x; y), detail). domain((x; y), whole_number). minimum((x; y), 0).
establishes(lab, x). establishes(scan, y).
attribute(level, latest). domain(level, choice). listed(level, (low; mid; high)).
attribute(severe, latest). domain(severe, flag). also_states(level, low, severe, false).
section("A", 1). route("A", yes(first)). criterion("A", "a"). locator("A", "a").
any_of("A", (is(level, mid); is(level, high); no(severe))).
#include "conclusions.lp".
"""
CONCLUSIONS = """
concludes(D, level, high) :- states(D, x, X), X > 100.
concludes(D, level, low) :- states(D, y, Y), Y < 5.
"""


@pytest.mark.parametrize("at_once", [0, 1_000])
def test_what_no_document_type_can_show_comes_last_and_says_so(
    at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minimal_sets, "AT_ONCE", at_once)
    monkeypatch.setattr(missing_module, "AT_ONCE", at_once)
    (tmp_path / "policy.lp").write_text(UNSHOWN)
    (tmp_path / "conclusions.lp").write_text("#defined states/3.\n" + CONCLUSIONS)
    loaded = Policy.load(tmp_path)
    empty = Case.from_json(EMPTY_CASE, "test", loaded.vocabulary)
    # A scan shows by a low level that it is not severe, a lab a high one; nothing shows a middle one.
    by_hand = [
        (["no(severe)"], 3, ("scan",), ()),
        (["is(level,high)"], 7, ("lab",), ()),
        (["is(level,mid)"], 0, (), ("is(level,mid)",)),
    ]
    for found in (loaded.missing(empty), loaded.repairs(empty)):
        told = [
            (
                [requirement.term for requirement in one.requirements],
                one.cost,
                one.documents,
                one.unshown,
            )
            for one in found
        ]
        assert told == by_hand
    sets = [(entry.documents, entry.cost) for entry in loaded.missing(empty).documents]
    assert sets == [(("scan",), 3), (("lab",), 7)]


def test_what_follows_from_usual_details_is_nothing_unusual(tmp_path: Path) -> None:
    (tmp_path / "policy.lp").write_text(UNSHOWN)
    (tmp_path / "conclusions.lp").write_text("#defined states/3.\n" + CONCLUSIONS)

    def told(kind: str, **states: object) -> list[str]:
        document = {"id": "d", "type": kind, "date": "2025-01-01", "states": states}
        data = {"id": "made", "request": {}, "documents": [document]}
        found = [
            Policy.load(tmp_path, judged_by=judged_by).decide(case(data, loaded)).warnings
            for judged_by in ("compiled", "clingo")
        ]
        assert found[0] == found[1]
        return [text for text in map(str, found[0]) if "do not usually show" in text]

    loaded = Policy.load(tmp_path)
    # A lab usually shows `x`, of which a high level follows; a low one it could not conclude.
    assert told("lab", x=101) == []
    assert told("lab", level="high") == []
    (low,) = told("lab", level="low")
    assert "`level`, which such documents do not usually show; it counts anyway" in low
    (other,) = told("lab", y=7)
    assert "`y`, which such documents do not usually show (usual: `scan`)" in other
