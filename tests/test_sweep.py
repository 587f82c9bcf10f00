"""A sweep is exact: each value of a region is decided as the region says, and no value is left out."""

from __future__ import annotations

import json
import random
from collections.abc import Hashable
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pyclingo_bridge import Case, CaseError, Decision, Policy, Region, Sweep
from pyclingo_bridge.cli.schema import json_schema
from pyclingo_bridge.explain.changes import region_text, sweep_report
from pyclingo_bridge.explain.report import as_text
from pyclingo_bridge.questions import sweep as module
from pyclingo_bridge.questions.changes import changed
from tests.changing import CHEAPEST, FLAG, REQUEST, altered, random_value
from tests.conftest import CONTINUING, FACTS, ROOT, case, made, policy, request, scaled
from tests.random_cases import ANY_DRUG, EXTENTS, random_case
from tests.test_second_policy import ASTHMA, WHOLE, asthma_case

CASES = ROOT / "examples" / "cases"
RANDOM = st.integers(min_value=0, max_value=2**32).map(random.Random)
NUMBERS = ("dose_mg_per_day", "duration_months", "age", "days_on_therapy")
LARGEST = 2**31 - 1


def kind(decision: Decision) -> Hashable:
    """All of a decision but evidence and warnings."""
    return (
        (decision.outcome, decision.denial_kind, decision.section, decision.approval_months),
        decision.refer_to,
        tuple((entry.id, entry.addresses) for entry in decision.sections),
        tuple((name, entry.status) for name, entry in decision.criteria.items()),
    )


def fresh(of: Policy, data: dict[str, Any], name: str, value: Any) -> Hashable:
    """What is decided with the value set; None where the form cannot combine it with the rest."""
    then = altered(data, {"set": {name: value}})
    assert then is not None
    try:
        return kind(of.decide(case(then, of)))
    except CaseError:
        return None


def told(region: Region) -> Hashable:
    """What a region says, which has to be what its decision says."""
    if region.decision is None:
        assert region.not_possible
        assert region.outcome is None
        return None
    decision = region.decision
    for name in ("outcome", "denial_kind", "section", "approval_months", "refer_to"):
        assert getattr(region, name) == getattr(decision, name)
    return kind(decision)


def ends(region: Region) -> tuple[int, int | None]:
    """The ends of a region of whole numbers."""
    assert isinstance(region.low, int)
    assert isinstance(region.high, int | None)
    return region.low, region.high


def within(region: Region, number: int) -> bool:
    low, high = ends(region)
    return low <= number and (high is None or number <= high)


# Numbers


@settings(max_examples=scaled(25))
@given(rng=RANDOM)
def test_numbers_are_decided_one_by_one_as_their_region_says(rng: random.Random) -> None:
    data, name = random_case(rng), rng.choice(NUMBERS)
    low, high = rng.choice(((None, None), (rng.randint(1, 40), rng.randint(40, 1000))))
    found = policy().sweep(case(data), name, low, high)
    check_partition(found, low, high)
    for region in found.regions:
        first, last = ends(region)
        end = LARGEST if last is None else last
        tried = {first, first + 1, end, end - 1, rng.randint(first, end)}
        for number in tried:
            if within(region, number):
                assert fresh(policy(), data, name, number) == told(region)


def check_partition(found: Sweep, low: int | None, high: int | None) -> None:
    regions = found.regions
    minimum = policy().vocabulary.attributes[found.attribute].minimum
    assert regions[0].low == (minimum if low is None else low)
    assert regions[-1].high == high
    for one, next_one in pairwise(regions):
        _, last = ends(one)
        assert last is not None
        assert next_one.low == last + 1
        assert told(one) != told(next_one)
    assert all(not region.values and not region.any_other for region in regions)


@pytest.mark.parametrize(("name", "most"), [("age", 130), ("dose_mg_per_day", 1000)])
def test_every_single_number_is_in_the_region_that_decides_it_so(name: str, most: int) -> None:
    data = made(request(), FACTS)
    found = policy().sweep(case(data), name)
    numbers = range(1, most) if most < 200 else [*range(1, 1000, 37), *range(955, 966)]
    for number in numbers:
        (region,) = [entry for entry in found.regions if within(entry, number)]
        assert fresh(policy(), data, name, number) == told(region)


def regions(found: Sweep) -> list[tuple[Any, ...]]:
    return [(entry.low, entry.high, entry.outcome, entry.obstacles) for entry in found.regions]


def test_a_dose_above_the_limit_wants_for_what_supports_it() -> None:
    case_file = Case.load(CASES / "approve" / "nsclc_whole.json")
    found = policy().sweep(case_file, "dose_mg_per_day")
    assert regions(found) == [(1, 960, "approve", ()), (961, None, "deny", ("I.A.9",))]
    assert found.regions[1].denial_kind == "insufficient_documentation"
    assert (found.regions[0].section, found.regions[0].approval_months) == ("I.A", 12)
    assert found.regions[1].decision is not None
    assert as_text(sweep_report(found)).splitlines()[1:] == [
        "- 1 to 960: approve by I.A for 12 months",
        "- 961 and more: deny, insufficient documentation: I.A.9",
    ]


def test_an_age_below_18_is_referred_and_30_days_are_a_months_supply() -> None:
    found = policy().sweep(case(made(request(), FACTS)), "age")
    assert regions(found) == [(0, 17, "refer", ()), (18, None, "approve", ())]
    assert found.regions[0].refer_to == "CP.CPA.09"
    going_on = case(made(request(type="continuation"), CONTINUING))
    found = policy().sweep(going_on, "days_on_therapy")
    assert regions(found) == [(0, 29, "deny", ("II.A.1",)), (30, None, "approve", ())]


def test_each_requested_month_up_to_the_limit_is_a_region_of_its_own() -> None:
    found = policy().sweep(case(made(request(), FACTS)), "duration_months")
    assert [(entry.low, entry.high, entry.approval_months) for entry in found.regions] == [
        *((months, months, months) for months in range(1, 12)),
        (12, None, 12),
    ]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (960, 961, [(960, 960), (961, 961)]),
        (961, None, [(961, None)]),
        (None, 960, [(1, 960)]),
        (500, 500, [(500, 500)]),
        (None, 1, [(1, 1)]),
        (LARGEST, LARGEST, [(LARGEST, LARGEST)]),
        (900, 2000, [(900, 960), (961, 2000)]),
    ],
)
def test_a_range_is_looked_at_alone(low: Any, high: Any, expected: list[Any]) -> None:
    found = policy().sweep(case(made(request(), FACTS)), "dose_mg_per_day", low, high)
    assert [(entry.low, entry.high) for entry in found.regions] == expected


def test_an_attribute_with_a_greatest_number_ends_there() -> None:
    trial = policy("codebreak100")
    found = trial.sweep(case(made(request(), FACTS)), "ecog_performance_status")
    assert [(entry.low, entry.high) for entry in found.regions] == [(0, 1), (2, 5)]


def test_a_number_that_no_rule_asks_for_is_one_region() -> None:
    found = policy().sweep(case(made(request(), FACTS)), "prior_lines_of_therapy")
    assert [(entry.low, entry.high) for entry in found.regions] == [(0, None)]


# Names, flags and choices


@settings(max_examples=scaled(25))
@given(rng=RANDOM)
def test_values_are_decided_one_by_one_as_their_region_says(rng: random.Random) -> None:
    data = random_case(rng)
    name = rng.choice(sorted({*REQUEST, *CHEAPEST} - {*NUMBERS}))
    found = policy().sweep(case(data), name)
    kinds = [told(region) for region in found.regions]
    assert len(set(kinds)) == len(kinds)
    for region in found.regions:
        for value in region.values:
            given_value = list(value) if isinstance(value, tuple) else value
            assert fresh(policy(), data, name, given_value) == told(region)
    value = random_value(rng, name)
    if name != "prior_therapies":
        assert fresh(policy(), data, name, value) in kinds


def values(found: Sweep) -> list[Any]:
    return [value for entry in found.regions for value in entry.values]


def test_every_flag_choice_and_listed_name_is_looked_at_once() -> None:
    start = case(made(request(), FACTS))
    for name, attribute in policy().vocabulary.attributes.items():
        found = policy().sweep(start, name)
        if attribute.domain in ("choice", "name"):
            assert sorted(values(found)) == list(attribute.listed)
        if attribute.domain == "flag":
            assert sorted(values(found)) == [False, True]
        others = sum(entry.any_other for entry in found.regions)
        assert others == (attribute.domain == "name")


def test_one_name_stands_for_all_that_are_not_listed() -> None:
    data = made(request(), FACTS)
    found = policy().sweep(case(data), "diagnosis")
    (region,) = [entry for entry in found.regions if entry.any_other]
    # Listed are some of which no section asks, as codes stand for them.
    other = ("anal_cancer", "bile_duct_cancer", "other_cancer", "pancreatic_neuroendocrine_tumor")
    assert (region.outcome, region.refer_to, region.values) == ("refer", "CP.CPA.09", other)
    assert region_text(region) == f"{', '.join(other)}, any other name"
    assert fresh(policy(), data, "diagnosis", "melanoma") == told(region)
    (colon,) = [entry for entry in found.regions if "colon_adenocarcinoma" in entry.values]
    assert "crc" in colon.values
    assert colon.obstacles == ("I.B.6",)


def test_what_the_form_cannot_combine_is_not_possible_and_says_why() -> None:
    found = policy().sweep(case(made(request(), FACTS)), "dose_increase")
    (region,) = [entry for entry in found.regions if entry.not_possible]
    assert region.values == (True,)
    assert (region.outcome, region.decision) == (None, None)
    assert region.not_possible == ("dose_increase: may be `true` only where `type` is `continuation`")
    going_on = case(made(request(type="continuation", dose_increase=True), CONTINUING))
    found = policy().sweep(going_on, "type")
    (region,) = [entry for entry in found.regions if entry.not_possible]
    assert region.values == ("initial",)
    assert "may be `true` only where `type`" in str(region.not_possible)


def test_the_flag_that_a_list_is_whole_is_swept_where_the_list_is_stated() -> None:
    data = made(request(), FACTS)
    found = policy().sweep(case(data), FLAG)
    outcomes = {value: entry.outcome for entry in found.regions for value in entry.values}
    assert outcomes == {True: "approve", False: "deny"}
    bare = case(made(request(), FACTS, prior_therapies=None))
    assert [entry.outcome for entry in policy().sweep(bare, FLAG).regions] == [None]


# Lists


@pytest.mark.parametrize("interpretation", ["locally_advanced_or_metastatic", "as_named"])
def test_lists_of_listed_values_are_decided_as_all_their_subsets_are(interpretation: str) -> None:
    of = policy(advanced_disease=interpretation)
    data = made(request(), FACTS, diagnosis=None)
    found = of.sweep(case(data), "disease_extent")
    subsets = [list(some) for size in range(1, 6) for some in combinations(EXTENTS, size)]
    assert {told(region) for region in found.regions} == {
        fresh(of, data, "disease_extent", some) for some in subsets
    }


@pytest.mark.slow
@settings(max_examples=scaled(30))
@given(rng=RANDOM)
def test_any_list_of_known_drugs_is_decided_as_some_region_is(rng: random.Random) -> None:
    of = policy(prior_therapy_scope=rng.choice(("any_systemic", "appendix_b")))
    data = made(request(), FACTS, diagnosis=rng.choice(("nsclc", "crc", None)))
    for name in ("prior_therapies", "concurrent_drugs"):
        found = _swept(of, data, name)
        drugs = rng.sample(ANY_DRUG, k=rng.randint(0, 4))
        assert fresh(of, data, name, drugs) in {told(region) for region in found.regions}


def _swept(of: Policy, data: dict[str, Any], name: str) -> Sweep:
    return of.sweep(case(data), name)


def test_lists_are_smallest_ones_of_names_that_the_vocabulary_knows() -> None:
    found = policy().sweep(case(made(request(), FACTS)), "concurrent_drugs")
    assert [region.values for region in found.regions if region.outcome == "approve"] == [((),)]
    shown = values(found)
    # None; one antibody, the other, or any other drug; two of these three; and all three, of which
    # continuations are warned.
    assert sorted(map(len, shown)) == [0, 1, 1, 1, 2, 2, 2, 3]
    assert all(name in policy().vocabulary.drugs for names in shown for name in names)
    assert ("cetuximab", "panitumumab") in shown


def test_too_many_lists_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LISTS", 4)
    start = case(made(request(), FACTS))
    with pytest.raises(CaseError, match="more than 4 lists apart; set the ones in question"):
        policy().sweep(start, "concurrent_drugs")
    monkeypatch.setattr(module, "MOST_LISTS", 8)
    assert len(values(policy().sweep(start, "concurrent_drugs"))) == 8


# What is told


def test_another_policys_attributes_are_swept_as_well() -> None:
    asthma = policy(ASTHMA)
    start = case(asthma_case(WHOLE), asthma)
    found = asthma.sweep(start, "eosinophils")
    assert [(entry.low, entry.outcome) for entry in found.regions] == [
        (0, "deny"),
        (150, "deny"),
        (300, "approve"),
    ]
    for name in asthma.vocabulary.attributes:
        assert asthma.sweep(start, name).regions


def test_the_case_stays_as_it_is() -> None:
    data = made(request(), FACTS)
    start = case(data)
    for name in policy().vocabulary.attributes:
        policy().sweep(start, name)
    assert start == case(data)


def test_obstacles_are_those_of_the_sections_that_come_nearest() -> None:
    found = policy().sweep(case(made(request(), FACTS, age=None)), "kras_g12c")
    obstacles = {value: entry.obstacles for entry in found.regions for value in entry.values}
    assert obstacles == {True: ("I.A.3",), False: ("I.A.3", "I.A.4")}


@pytest.mark.slow
def test_the_answer_follows_its_schema_and_is_read_back_from_its_json() -> None:
    for name in ("dose_increase", "diagnosis", "concurrent_drugs", "age"):
        found = policy().sweep(case(made(request(), FACTS)), name)
        line = found.model_dump_json()
        Draft202012Validator(json_schema("sweep")).validate(json.loads(line))
        assert Sweep.model_validate_json(line) == found


WRONG: list[tuple[tuple[Any, ...], str]] = [
    (("agee",), "sweep: unknown attribute `agee`; did you mean `age`?"),
    (("age", 5, 4), "sweep of `age`: `5` is above `4`; give the lesser first"),
    (("age", -1), "sweep of `age`: `-1` is out of bounds (allowed: 0 or more)"),
    (("dose_mg_per_day", 0, 5), "`0` is out of bounds (allowed: 1 or more)"),
    (("age", None, 2**31), "is out of bounds"),
    (("ecog_performance_status", 0, 6), "`6` is out of bounds (allowed: 0 to 5)"),
    (("age", True), "`True` is no whole number"),
    (("age", "1"), "`1` is no whole number"),
    (("kras_g12c", 0, 1), "its values are no numbers; leave out the range"),
    (("concurrent_drugs", 0), "its values are no numbers; leave out the range"),
    (("diagnosis", None, 3), "its values are no numbers; leave out the range"),
    ((FLAG, 0), "its values are no numbers; leave out the range"),
]


@pytest.mark.parametrize(("asked", "words"), WRONG, ids=lambda value: str(value)[:40])
def test_what_cannot_be_swept_is_told_with_the_remedy(asked: tuple[Any, ...], words: str) -> None:
    with pytest.raises(CaseError) as caught:
        policy().sweep(case(made(request(), FACTS)), *asked)
    assert words in str(caught.value)


# Corners that no shipped policy has

CORNERS = """
policy(corners, "corners"). source("nowhere", "now"). vocabulary(corners).
attribute((asked; level; rush; tags), request).
domain((asked; rush), flag). domain(level, whole_number). domain(tags, list).
minimum(level, 2). maximum(level, 40).
default(asked, true). default(rush, false).
listed(tags, (a; b; c; old_b)). counts_as(tags, old_b, b).
only_with(level, 7, rush, true).
attribute((note; marks), (stable)). domain(note, flag). domain(marks, list).
listed(marks, (x; y; z)). non_empty(marks).
document_type(paper, 1). establishes(paper, (note; marks)).
section("S", 1). route("S", yes(asked)). criterion("S", "s"). locator("S", "s").
any_of("S", ("S.1"; "S.2")).
criterion("S.1", "b, and not c"). locator("S.1", "s").
requires("S.1", includes(tags, b)). requires("S.1", excludes(tags, c)). requires("S.1", yes(note)).
criterion("S.2", "level"). locator("S.2", "s").
requires("S.2", is(level, 20)).
"""


def corners(folder: Path) -> tuple[Policy, Case]:
    (folder / "policy.lp").write_text(CORNERS)
    of = Policy.load(folder)
    data = {"id": "c", "request": {"level": 3, "tags": []}, "documents": []}
    return of, case(data, of)


def test_a_number_that_the_form_cannot_combine_is_a_region_of_its_own(tmp_path: Path) -> None:
    of, start = corners(tmp_path)
    assert [
        (entry.low, entry.high, entry.outcome, entry.obstacles) for entry in of.sweep(start, "level").regions
    ] == [
        (2, 6, "deny", ("S",)),
        (7, 7, None, ()),
        (8, 19, "deny", ("S",)),
        (20, 20, "approve", ()),
        (21, 40, "deny", ("S",)),
    ]
    assert of.sweep(start, "level", 7, 7).regions[0].not_possible is not None
    rushed = changed(start, {"set": {"rush": True}}, of.vocabulary)
    assert [entry.low for entry in of.sweep(rushed, "level").regions] == [2, 20, 21]


def test_a_member_that_counts_as_another_is_looked_at_under_that_name(tmp_path: Path) -> None:
    of, start = corners(tmp_path)
    noted = changed(start, {"set": {"note": True}}, of.vocabulary)
    found = of.sweep(noted, "tags")
    told = {value: entry.outcome for entry in found.regions for value in entry.values}
    assert told == {(): "deny", ("b",): "approve", ("c",): "deny", ("b", "c"): "deny"}


def test_a_list_that_no_requirement_asks_for_is_shown_by_one_that_can_be_stated(
    tmp_path: Path,
) -> None:
    of, start = corners(tmp_path)
    assert values(of.sweep(start, "marks")) == [("x",)]
    asthma = policy(ASTHMA)
    assert values(asthma.sweep(case(asthma_case(WHOLE), asthma), "controllers"))[0] == ()
