"""What a check finds in a report's numbers: in the report itself, and in reports with a fault planted."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from scipy.stats import beta

from pyclingo_bridge import Study, StudyCheck
from pyclingo_bridge.base.rule_files import RulesFile, read_program, rules_root
from pyclingo_bridge.base.solver import evaluate
from pyclingo_bridge.published.clopper_pearson import bounds, fitting

FOLDER = rules_root() / "studies" / "codebreak100"


@cache
def check() -> StudyCheck:
    """The check of the report as it stands."""
    return Study.load("codebreak100").check()


def changed(file: str, old: str, new: str) -> Study:
    """The study with one thing in one of its files changed."""
    files = []
    for one in read_program(FOLDER / "study.lp"):
        text = one.text
        if one.path.name == file:
            assert text.count(old) == 1, (old, text.count(old))
            text = text.replace(old, new)
        files.append(RulesFile(Path(one.path), text))
    return Study(files)


@pytest.mark.slow
def test_the_one_percentage_that_does_not_follow_from_its_count_is_found() -> None:
    (finding,) = check().findings
    assert finding.kind == "share"
    assert "16 of 46 is 34.8%, and is printed as 34.7%" in finding.text
    assert finding.places == ("Results, Efficacy, paragraph 2",)


@pytest.mark.slow
def test_both_intervals_of_a_count_are_those_that_are_printed() -> None:
    told = {one.text for one in check().confirmed if one.kind == "interval"}
    assert told == {
        "objective response: the interval of 46 of 124 is 28.6 to 46.2",
        "disease control: the interval of 100 of 124 is 72.6 to 87.2",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "counts"),
    [
        ("PD-L1 negative", {(21, 44)}),
        ("PD-L1 assessed", {(36, 86)}),
        ("low tumor mutational burden", {(26, 62), (27, 64), (28, 66), (29, 69)}),
        ("high tumor mutational burden", {(6, 15)}),
        ("co-occurring mutations assessed", {(41, 104)}),
        ("STK11 mutated and KEAP1 wild-type", {(11, 22)}),
        ("STK11 and KEAP1 mutated", {(3, 13)}),
        ("KEAP1 mutated and STK11 wild-type", {(1, 7)}),
    ],
)
def test_a_percentage_without_a_count_is_that_of_these(label: str, counts: set[tuple[int, int]]) -> None:
    (text,) = [
        one.text
        for one in check().confirmed
        if one.kind == "fit" and one.text.startswith(f"objective response, {label}:")
    ]
    assert {(int(n), int(m)) for n, m in re.findall(r"(\d+) of (\d+)", text)} == counts


@pytest.mark.parametrize(("count", "size"), [(46, 124), (100, 124), (0, 20), (20, 20), (1, 7)])
def test_bounds_are_those_of_the_beta_distribution(count: int, size: int) -> None:
    low = beta.ppf(0.025, count, size - count + 1) if count else 0.0
    high = beta.ppf(0.975, count + 1, size - count) if count < size else 1.0
    assert bounds(count, size, 1) == (round(low * 1000), round(high * 1000))


def test_fitting_finds_what_trying_everything_finds() -> None:
    tried = {
        (count, size)
        for size in range(1, 60)
        for count in range(size + 1)
        if abs(2 * (50 * size - 100 * count)) <= size and bounds(count, size, 0) == (28, 72)
    }
    assert set(fitting(50, 28, 72, 0, range(1, 60))) == tried != set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "file", "old", "new", "said"),
    [
        (
            "share",
            "table_1.lp",
            "baseline(female, 63, 500)",
            "baseline(female, 64, 500)",
            "64 of 126 is 50.8%, and is printed as 50.0%",
        ),
        (
            "quoted",
            "exposure.lp",
            "counted(baseline(checkpoint), 116, 921,",
            "counted(baseline(checkpoint), 117, 929,",
            "117 (Results, Patients, paragraph 3)",
        ),
        (
            "parts",
            "table_3.lp",
            "events(diarrhea, (40, 317), (35, 278), (5, 40), 0, 0)",
            "events(diarrhea, (40, 317), (34, 270), (5, 40), 0, 0)",
            "come to 39",
        ),
        (
            "some",
            "efficacy.lp",
            "counted(local_stable_disease, 69, 548,",
            "counted(local_stable_disease, 73, 579,",
            "come to 127",
        ),
        (
            "counted_among",
            "exposure.lp",
            "counted(treated_9_months, 41, 325,",
            "counted(treated_9_months, 61, 484,",
            "cannot be among",
        ),
        (
            "either",
            "table_1.lp",
            "baseline(pd1_pdl1, 115, 913)",
            "baseline(pd1_pdl1, 114, 905)",
            "are not",
        ),
        (
            "inside",
            "efficacy.lp",
            "interval(progression_free_at_6_months, percent(426,1)",
            "interval(progression_free_at_6_months, percent(526,1)",
            "does not lie in",
        ),
        (
            "later",
            "efficacy.lp",
            "estimate(progression_free_at_9_months, percent(375,1)",
            "estimate(progression_free_at_9_months, percent(575,1)",
            "which is more",
        ),
        (
            "above",
            "design.lp",
            "amount(benchmark_response, percent(23,0), (statistics(1); discussion(2)))",
            "amount(benchmark_response, percent(29,0), (statistics(1); discussion(2)))",
            "is not above 29%",
        ),
        (
            "median",
            "exposure.lp",
            "median(previous_lines, lines(2,0), patients(3))",
            "median(previous_lines, lines(1,0), patients(3))",
            "do not give",
        ),
        (
            "interval",
            "table_2.lp",
            "interval(disease_control, percent(726,1), percent(872,1)",
            "interval(disease_control, percent(725,1), percent(872,1)",
            "is 72.6 to 87.2, and is printed as",
        ),
        (
            "fit",
            "biomarkers.lp",
            "interval(response_in(pd_l1_negative), percent(32,0)",
            "interval(response_in(pd_l1_negative), percent(20,0)",
            "no count gives 48% with 20 to 63",
        ),
        (
            "halves",
            "groups.lp",
            "size(tmb_assessed, 84, biomarkers(1))",
            "size(tmb_assessed, 85, biomarkers(1))",
            "no sizes",
        ),
    ],
)
def test_a_planted_fault_is_found(kind: str, file: str, old: str, new: str, said: str) -> None:
    found = changed(file, old, new).check().findings
    assert any(one.kind == kind and said in one.text for one in found), found
    assert all(one.places for one in found)


def test_every_kind_of_check_is_made_of_this_report_and_has_its_planted_fault() -> None:
    kinds = {one.kind for one in check().confirmed}
    (planted,) = [
        {entry[0] for entry in mark.args[1]}
        for mark in test_a_planted_fault_is_found.pytestmark  # type: ignore[attr-defined]
        if mark.name == "parametrize"
    ]
    assert kinds == planted


def test_a_percentage_halfway_between_two_may_be_rounded_either_way() -> None:
    for tenths in (62, 63):
        facts = f"size(g, 16, p). quantity(q, g, l). counted(q, 1, {tenths}, p)."
        rules = read_program(rules_root() / "studies" / "rules" / "checks.lp")
        found = evaluate([*rules, RulesFile(Path("facts"), facts)], [], [("wrong", 1)])
        assert found["wrong"] == []


def test_what_nothing_can_check_is_told() -> None:
    assert any(text.startswith("follow-up: median") for text in check().unreached)
    assert any("progression-free at 6 months (Kaplan-Meier)" in text for text in check().unreached)
    assert any(text.startswith("planned sample size: amount") for text in check().unreached)
    assert 0 < check().numbers - check().checked < 60
    assert not any(text.startswith("objective response:") for text in check().unreached)


def test_every_check_says_where_its_numbers_stand() -> None:
    assert all(one.places for one in check().confirmed)
    assert len(check().confirmed) > 300
