"""Checks of what some policies have alone: days, decimals, compared numbers, words of several values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import Case, Policy
from pyclingo_bridge.analysis.findings import CheckReport

HEAD = """
policy(made, "made"). source("nowhere", "2024-05-01"). vocabulary(made). default_locator("part", "line").
effective(20240601). revised(20240501).
section("A", 1). route("A", yes(asked)).
attribute(asked, request). domain(asked, flag). default(asked, true).
document_type(note, 1). document_type(paper, 3).
"""

ONE = 'criterion("A", "a"). requires("A", ("A.1"; "A.2")). criterion("A.1", "one"). criterion("A.2", "two").'
ILLNESS = """
attribute(illness, stable). domain(illness, name). listed(illness, (flu; gout; cramp)).
establishes(note, illness). member(fg, (flu; gout)). member(fc, (flu; cramp)).
"""
DOSE = """
attribute((dose; raised), request). domain(dose, whole_number). minimum(dose, 1).
domain(raised, flag). default(raised, false). increase(raised, dose, dose_now).
attribute(dose_now, latest). domain(dose_now, whole_number). minimum(dose_now, 1). establishes(note, dose_now).
"""
SEEN = "attribute(seen, latest). domain(seen, date). minimum(seen, 20000101). establishes(note, seen)."
DRUGS = """
drug(quinine; willow). anticancer(quinine; willow). drug(massage). treatment(massage).
attribute(taken, history). domain(taken, drugs). qualifies(all_told, taken). establishes(note, taken).
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def checked(folder: Path, *rules: str) -> tuple[Policy, CheckReport]:
    (folder / "policy.lp").write_text("\n".join([HEAD, *rules]) + "\n")
    loaded = Policy.load(folder)
    return loaded, loaded.check()


def kinds(report: CheckReport) -> set[tuple[str, tuple[str, ...]]]:
    """What is wrong, but for the requests that go to no section: those that do not ask."""
    wrong = (one for one in report.findings if one.severity != "info" and one.kind != "unrouted")
    return {(one.kind, one.subjects) for one in wrong}


def test_a_word_of_several_values_can_contradict_one_value_and_not_its_like(folder: Path) -> None:
    """Flu in one document and an ache, gout or cramp, in another contradict that it is flu.

    Both go with flu or gout, and with flu or cramp.
    """
    rules = ONE + 'requires("A.1", among(illness, fg)). requires("A.1", among(illness, fc)). '
    rules += 'requires("A.2", is(illness, flu)).'
    ache = "covers(illness, ache, (gout; cramp)). covers(illness, pain, (gout; cramp))."
    assert ("redundant", ("A", "A.2")) in kinds(checked(folder, ILLNESS, rules)[1])
    assert kinds(checked(folder, ILLNESS, ache, rules)[1]) == {("redundant", ("A", "A.1"))}


def test_a_dose_can_be_raised_without_a_word_on_the_form(folder: Path) -> None:
    rules = 'criterion("A", "a"). requires("A", (at_most(dose, 960); no(raised))).'
    loaded, report = checked(folder, DOSE, rules)
    assert kinds(report) == set()
    decided = {
        now: loaded.decide(
            Case.model_validate(
                {
                    "id": "c",
                    "request": {"dose": 900},
                    "documents": [
                        {"id": "n", "type": "note", "date": "2024-07-01", "states": {"dose_now": now}}
                    ],
                },
                context={"vocabulary": loaded.vocabulary},
            )
        ).outcome
        for now in (899, 900, 901)
    }
    assert decided == {899: "deny", 900: "approve", 901: "approve"}


def test_a_raise_to_more_than_all_doses_below_it_is_no_other_requirement(folder: Path) -> None:
    """A dose of 2 can be raised from 1 alone: a number between two thresholds is looked at on both sides."""
    rules = 'criterion("A", "a"). requires("A", (at_least(dose, 2); at_most(dose, 2); yes(raised))).'
    assert kinds(checked(folder, DOSE, rules)[1]) == set()
    # From less than 1 nothing can be raised; the form's own word counts where no document states the dose.
    rules = 'criterion("A", "a"). requires("A", (at_most(dose, 1); yes(raised))).'
    assert kinds(checked(folder, DOSE, rules)[1]) == set()


@pytest.mark.parametrize(
    ("first", "last", "met"),
    [
        (20240228, 20240301, True),
        (20240229, 20240229, True),
        (20240302, 20240301, False),
    ],
)
def test_only_days_that_there_are_meet_a_section(folder: Path, first: int, last: int, met: bool) -> None:
    rules = f'criterion("A", "a"). requires("A", (at_least(seen, {first}); at_most(seen, {last}))).'
    assert (("section_never_met", ("A",)) not in kinds(checked(folder, SEEN, rules)[1])) == met


def test_no_day_lies_between_the_last_of_a_month_and_the_first_of_the_next(folder: Path) -> None:
    rules = (
        'criterion("A", "a"). requires("A", (at_least(seen, 20230301); complement(at_least(seen, 20230301)))).'
    )
    between = 'criterion("A", "a"). requires("A", complement(at_most(seen, 20230228))). requires("A", '
    between += "complement(at_least(seen, 20230301)))."
    assert ("section_never_met", ("A",)) in kinds(checked(folder, SEEN, rules)[1])
    assert ("section_never_met", ("A",)) in kinds(checked(folder, SEEN, between)[1])


def test_shown_cases_state_days_and_decimals_as_case_files_do(folder: Path) -> None:
    fev = "attribute(fev, latest). domain(fev, decimal). minimum(fev, 0). maximum(fev, 9). "
    fev += "establishes(note, fev)."
    rules = (
        ONE
        + 'requires("A.1", at_least(fev, 2500)). '
        + 'requires("A.2", (at_least(fev, 2400); at_least(seen, 20240229))).'
    )
    _, report = checked(folder, SEEN, fev, rules)
    (found,) = (one for one in report.findings if one.kind == "redundant")
    assert found.subjects == ("A.2", "at_least(fev,2400)")
    assert found.witness is not None
    states: dict[str, Any] = {}
    for document in found.witness.case["documents"]:
        states.update(document["states"])
        assert document["date"] >= "2024-06-01"
    assert states["fev"] < 2.4
    assert isinstance(states.get("seen", "2024-02-29"), str)


def test_a_requirement_that_counts_in_some_documents_alone_is_shown_by_those(folder: Path) -> None:
    rules = "attribute(backed, cumulative). domain(backed, flag). establishes((note; paper), backed). "
    rules += "only_from(backed, paper). attribute(told, stable). domain(told, flag). establishes(note, told). "
    rules += ONE + 'requires("A.1", yes(backed)). requires("A.2", yes(backed)). requires("A.2", yes(told)).'
    _, report = checked(folder, rules)
    case = next(one.witness.case for one in report.findings if one.kind == "redundant" and one.witness)
    assert {one["type"] for one in case["documents"] if "backed" in one["states"]} <= {"paper"}


def test_one_drug_given_and_another_never_given_are_two_requirements(folder: Path) -> None:
    """That a drug was never given takes a whole list that no other list overtakes."""
    rules = ONE + 'requires("A.1", includes(taken, quinine)). requires("A.2", excludes(taken, willow)).'
    assert kinds(checked(folder, DRUGS, rules)[1]) == set()


def test_no_whole_list_says_that_there_was_no_massage(folder: Path) -> None:
    rules = ONE + 'requires("A.1", includes(taken, quinine)). requires("A.2", excludes(taken, massage)).'
    assert ("section_never_met", ("A",)) in kinds(checked(folder, DRUGS, rules)[1])
    # That there was one nobody can refute, but it can stay undocumented.
    rules = ONE + 'requires("A.1", includes(taken, quinine)). requires("A.2", includes(taken, massage)).'
    assert kinds(checked(folder, DRUGS, rules)[1]) == set()


def test_a_gap_between_decimals_is_told_in_their_own_unit(folder: Path) -> None:
    """Up to 2 and from 2.5 on there is a section, and between them none."""
    fev = "attribute(fev, latest). domain(fev, decimal). minimum(fev, 0). maximum(fev, 9). "
    fev += 'establishes(note, fev). section("B", 2). route("B", yes(asked)). '
    rules = 'criterion("A", "a"). requires("A", at_most(fev, 2000)). '
    rules += 'criterion("B", "b"). requires("B", at_least(fev, 2500)).'
    _, report = checked(folder, fev, rules)
    (gap,) = (one for one in report.findings if one.kind == "gap")
    assert "2.001 to 2.499" in gap.text
    assert gap.witness is not None
    (document,) = gap.witness.case["documents"]
    assert 2 < document["states"]["fev"] < 2.5
