"""Repairs made on cases: what the repaired case comes to is asked of the decision itself."""

from __future__ import annotations

import random
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Case, Policy
from pyclingo_bridge.base.terms import Term, Value
from pyclingo_bridge.core.loaded import JudgedBy
from pyclingo_bridge.questions.missing import MissingSearch
from tests import oracle
from tests.conftest import CONTINUING, FACTS, case, made, policy, request, scaled
from tests.oracle_questions import changed
from tests.random_cases import random_case

RANDOM = st.integers(min_value=0, max_value=2**32).map(random.Random)

Data = dict[str, Any]


def new_values(repair: Any) -> Data:
    return {change.attribute: change.value for change in repair.changes}


def repairs(data: Data, of: Policy | None = None) -> list[Any]:
    return list((of or policy()).repairs(case(data)))


def plain(repair: Any) -> tuple[list[str], Data]:
    """The terms that are to be established or resolved, and the changes."""
    terms = [entry.term for entry in repair.requirements]
    terms += [entry.requirement.term for entry in repair.resolutions]
    return sorted(terms), new_values(repair)


def holding(of: Policy, data: Data, repair: Any) -> set[Term]:
    """The requirements that hold in the changed case once what is supposed is established."""
    statuses = of.assess(case(data)).statuses
    by_term = {str(term): term for term in of.structure.requirements}
    supposed = [by_term[term] for term in plain(repair)[0]]
    assert all(statuses[term] in ("undocumented", "conflicting") for term in supposed)
    # What together follows from the supposed is the business of others; alone it is enough here.
    implied: set[Value] = {weaker for term in supposed for weaker in of.structure.implied(term)}
    held = {term for term, status in statuses.items() if status == "met"} | implied | set(supposed)
    return {Term("met", (term,)) for term in held}


@settings(max_examples=scaled(60))
@given(rng=RANDOM)
def test_a_repair_whose_changes_are_made_lacks_what_it_supposes_and_nothing_else(rng: random.Random) -> None:
    of, data = policy(), random_case(rng)
    search = of.loaded.once(MissingSearch.of)
    for repair in islice(of.repairs(case(data)), 12):
        then = changed(data, new_values(repair))
        if not plain(repair)[0]:
            assert of.decide(case(then)).outcome == "approve"
            assert oracle.decide(then, {}).outcome == "approve"
        elif not repair.resolutions:
            assert of.decide(case(then)).outcome != "approve"
            assert search.suffices(holding(of, then, repair))


@settings(max_examples=scaled(60))
@given(rng=RANDOM)
def test_with_one_change_less_it_is_no_repair(rng: random.Random) -> None:
    of, data = policy(), random_case(rng)
    for repair in islice(of.repairs(case(data)), 12):
        if plain(repair)[0]:
            continue
        for change in repair.changes:
            rest = {name: value for name, value in new_values(repair).items() if name != change.attribute}
            assert of.decide(case(changed(data, rest))).outcome != "approve"


@settings(max_examples=scaled(40))
@given(rng=RANDOM)
def test_every_number_of_a_region_repairs_alike(rng: random.Random) -> None:
    of, data = policy(), random_case(rng)
    for repair in islice(of.repairs(case(data)), 8):
        for change in repair.changes:
            if not isinstance(change.low, int) or not isinstance(change.high, int | None):
                continue
            values = new_values(repair)
            ends = [change.low, change.high if change.high is not None else change.low + 5000]
            cases = [case(changed(data, {**values, change.attribute: end})) for end in (*ends, change.value)]
            found = [of.decide(one) for one in cases]
            assert len({(one.outcome, one.denial_kind, str(one.statuses)) for one in found}) == 1


# By hand


def continuing(dose: int, **documented: Any) -> Data:
    form = request(type="continuation", dose_mg_per_day=dose, concurrent_drugs=["docetaxel"])
    return made(form, CONTINUING, **documented)


def test_a_dose_above_the_present_one_is_repaired_by_the_present_one() -> None:
    # II.A.3 asks of an increase that nothing else is given, or the regimen is recommended. At 480 mg there is
    # none.
    (repair,) = (
        repair
        for repair in repairs(continuing(900, current_dose_mg_per_day=480))
        if new_values(repair).keys() == {"dose_mg_per_day"}
    )
    (change,) = repair.changes
    assert (change.value, change.low, change.high) == (480, 1, 480)
    assert not repair.requirements


@pytest.mark.parametrize(("dose", "needs"), [(479, False), (480, False), (481, True)])
def test_whether_the_dose_needs_repair_turns_at_the_present_one(dose: int, needs: bool) -> None:
    assert bool(repairs(continuing(dose, current_dose_mg_per_day=480))) == needs


def test_a_present_dose_that_is_a_range_leaves_a_segment_open() -> None:
    # Between 480 and 600 it may be an increase. It is none up to 480, and is one above 600.
    data = continuing(900, current_dose_mg_per_day={"at_least": 480, "at_most": 600})
    lists = [
        change for repair in repairs(data) for change in repair.changes if change.attribute == "dose_mg_per_day"
    ]
    assert (1, 480) in [(change.low, change.high) for change in lists]
    open_ones = [repair for repair in repairs(data) if (481, 600) in [(c.low, c.high) for c in repair.changes]]
    assert all(repair.requirements for repair in open_ones)


def test_an_unknown_name_on_the_form_is_found_out_about_or_left_out() -> None:
    found = repairs(made(request(concurrent_drugs=["wonderdrug"]), FACTS))
    assert [plain(repair) for repair in found] == [
        (["empty(concurrent_drugs)"], {}),
        ([], {"concurrent_drugs": []}),
    ]
    (told,) = found[0].clarifications
    assert (told.document, told.attribute, told.name) == (None, "concurrent_drugs", "wonderdrug")


def test_a_known_drug_is_left_out_and_an_unknown_name_may_stay() -> None:
    found = repairs(made(request(concurrent_drugs=["wonderdrug", "docetaxel"]), FACTS))
    assert [plain(repair) for repair in found] == [
        ([], {"concurrent_drugs": []}),
        (["empty(concurrent_drugs)"], {"concurrent_drugs": ["wonderdrug"]}),
    ]


def test_treatments_that_are_no_drugs_stay_in_the_list() -> None:
    found = repairs(made(request(concurrent_drugs=["radiation_therapy", "docetaxel"]), FACTS))
    assert [plain(repair) for repair in found] == [([], {"concurrent_drugs": ["radiation_therapy"]})]


@pytest.mark.parametrize("judged_by", ["compiled", "clingo"])
def test_repairs_are_the_same_whoever_judges(judged_by: JudgedBy) -> None:
    of = Policy.load("cp_phar_549", judged_by=judged_by)
    for data in (
        made(request(concurrent_drugs=["wonderdrug", "docetaxel"]), FACTS),
        continuing(900, current_dose_mg_per_day=480),
        made(request(dose_mg_per_day=1200), FACTS, age=None),
    ):
        asked = Case.model_validate(data)
        assert list(of.repairs(asked)) == list(policy().repairs(asked))
        assert list(of.counterfactuals(asked)) == list(policy().counterfactuals(asked))
        assert of.reasons(asked) == policy().reasons(asked)
