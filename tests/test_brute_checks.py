"""Checks and comparisons against brute force over every case that small policies can have."""

from __future__ import annotations

import random
import tempfile
from copy import deepcopy
from functools import reduce
from itertools import permutations
from operator import and_, or_
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Policy
from pyclingo_bridge.analysis.cases import CaseSpace
from pyclingo_bridge.analysis.check import PolicyCheck
from pyclingo_bridge.analysis.findings import Comparison, Difference, Verdict, Witness
from pyclingo_bridge.base.terms import Term
from pyclingo_bridge.cases.case_problems import LONGEST_NAME
from tests import brute, small
from tests.brute import MOST_CASES, Ask, Law, OneCase, Question, Space
from tests.conftest import scaled
from tests.small import Small

pytestmark = [pytest.mark.slow, pytest.mark.oracle]

SEEDS = st.integers(min_value=0, max_value=10**9)
ASKED = ("can_be_met", "can_fail", "only_obstacle", "only_route", "together")
NAMES = ("small (first)", "small (second)")
CUT = LONGEST_NAME
"""The name of a shown case, which tells what was waived, is cut off after so many characters."""
UNTOLD = "?"


def loaded(made: Small) -> Policy:
    with tempfile.TemporaryDirectory() as folder:
        return Policy.load(made.write(Path(folder)))


# Policies like one another, and policies whose criteria stand in several places


def mutated(made: Small, rng: random.Random) -> Small:
    """A copy with one or two of its clauses changed."""
    copy = deepcopy(made)
    for _ in range(rng.choice([1, 1, 2])):
        rng.choice([_replace, _drop, _move, _excuse, _condition])(copy, rng)
    return copy


def _places(made: Small) -> list[tuple[dict[str, list[str]], str, int]]:
    return [
        (table, name, place)
        for table in (made.needs, made.offers)
        for name in table
        for place in range(len(table[name]))
    ]


def _replace(made: Small, rng: random.Random) -> None:
    table, name, place = rng.choice(_places(made))
    table[name][place] = rng.choice(small.TERMS)


def _drop(made: Small, rng: random.Random) -> None:
    table, name, place = rng.choice(_places(made))
    if len(made.needs[name]) + len(made.offers[name]) > 1:
        del table[name][place]


def _move(made: Small, rng: random.Random) -> None:
    table, name, place = rng.choice(_places(made))
    other = made.offers if table is made.needs else made.needs
    other[name].append(table[name].pop(place))


def _excuse(made: Small, rng: random.Random) -> None:
    name = rng.choice(sorted(made.needs))
    rng.choice([made.unless, made.only_if])[name].append(rng.choice(small.TERMS))


def _condition(made: Small, rng: random.Random) -> None:
    made.uses[rng.choice(made.sections)] = rng.sample(small.TERMS, rng.choice([0, 1]))


def entwined(made: Small, rng: random.Random) -> Small:
    """A copy in which criteria stand in several places, sections too."""
    copy = deepcopy(made)
    for _ in range(rng.choice([1, 2, 3])):
        table, name, place = rng.choice(_places(copy))
        others = [other for other in sorted(copy.needs) if not _above(copy, other, name)]
        if others:
            table[name].insert(place, rng.choice(others))
    return copy


def _above(made: Small, upper: str, lower: str) -> bool:
    below = [*made.needs[upper], *made.offers[upper]]
    return upper == lower or any(_above(made, item, lower) for item in below if item in made.needs)


def for_diseases(rng: random.Random) -> Small:
    """A section of alternatives, each for patients with one disease, and with criteria of its own."""
    made = Small(sections=["S"], uses={"S": rng.sample(["among(c,abd)"], rng.choice([0, 1]))})
    _criterion(made, "S", rng.sample(_ANY, rng.choice([0, 1])), [])
    for disease in rng.sample(["is(c,a)", "is(c,b)", "among(c,bd)"], rng.choice([1, 2])):
        name = f"S.{len(made.needs)}"
        made.offers["S"].append(name)
        _criterion(made, name, [disease, *rng.sample(_ANY, rng.choice([0, 1]))], [])
        made.offers[name] = rng.sample(_ANY, rng.choice([0, 2]))
        if rng.random() < 0.5:
            made.needs[name].append(f"{name}.0")
            _criterion(made, f"{name}.0", rng.sample(_ANY, 1), rng.sample(_ANY, rng.choice([0, 2])))
    if rng.random() < 0.5:
        made.offers["S"].append(rng.choice(_ANY))
    return made


_ANY = ["yes(p)", "yes(q)", "no(q)", "at_least(n,4)", "includes(l,x)", "includes_any(h,uv)"]


def apart(made: Small, rng: random.Random) -> Small:
    """A copy in which most sections are for patients with one disease, often not the same."""
    copy = deepcopy(made)
    for section in copy.sections:
        copy.needs[section] += rng.sample(["is(c,a)", "is(c,b)", "among(c,bd)"], rng.choice([1, 1, 1, 0]))
    return copy


def _criterion(made: Small, name: str, needs: list[str], offers: list[str]) -> None:
    made.needs[name], made.offers[name] = needs, offers
    made.unless[name], made.only_if[name] = [], []


# What is held to brute force


def assert_answered(made: Small) -> None:
    """Hold every question of a check to brute force."""
    space = Space(brute.requirements_of(made))
    if space.size > MOST_CASES:
        return
    answers = Law(made, space).answers()
    asked, witnessed = put_to_the_rules(loaded(made))
    # Of two sections that obviously cannot be met at once it is not asked whether they can.
    assert {question for question in answers if question[0] != "together"} <= asked <= set(answers)
    assert witnessed == {question for question, cases in answers.items() if cases}


def put_to_the_rules(policy: Policy) -> tuple[set[Question], set[Question]]:
    """What a check asks of each section and of all together, and what of it some case shows."""
    whole = [*policy.loaded.facts, *sides(policy)]
    spaces = [CaseSpace("checks", whole), CaseSpace("across", policy.loaded.facts)]
    asked = {question for space in spaces for question in space.questions()}
    check = PolicyCheck(policy.loaded)
    witnessed = check.of_sections() | check.across_sections()
    return _of_interest(asked), _of_interest(witnessed)


def sides(policy: Policy) -> list[Term]:
    """The policy as the only side of a question."""
    sections = enumerate(policy.structure.sections, 1)
    return [Term("side", (1,)), *(Term("ordered", (1, name, n)) for n, name in sections)]


def _of_interest(terms: set[Term]) -> set[Question]:
    return {brute.question_of(term) for term in terms if term.name in ASKED}


def assert_replays(sides: list[Small], witness: Witness) -> None:
    told = [(verdict.outcome, verdict.denial_kind) for verdict in witness.verdicts]
    assert told == [brute.outcome(made, witness.case) for made in sides]


def assert_compared(first: Small, second: Small) -> Comparison | None:
    """Hold a comparison to brute force over the cases of both policies."""
    sides = [first, second]
    space = Space(brute.requirements_of(first) | brute.requirements_of(second))
    if space.size > MOST_CASES:
        return None
    laws = [Law(made, space) for made in sides]
    told = loaded(first).compare(loaded(second))
    assert not told.left_out
    assert told.relation == brute.relation(laws[0].approve, laws[1].approve)
    assert_sections(laws, told)
    assert_outcomes(laws, told)
    for place in (0, 1):
        assert_causes(laws, told, place)
    for difference in told.differences:
        assert_replays(sides, difference.witness)
        assert len(set(map(_told, difference.witness.verdicts))) == 2
        if difference.kind == "approval":
            assert_cause(sides, difference)
    return told


def _told(verdict: Verdict) -> str:
    return verdict.outcome


def assert_sections(laws: list[Law], told: Comparison) -> None:
    expected: set[tuple[str | None, str | None, str | None]] = set()
    for one, mine in laws[0].satisfied.items():
        for other, theirs in laws[1].satisfied.items():
            if mine & theirs or one == other:
                expected.add((one, other, brute.relation(mine, theirs)))
    paired = [{pair[place] for pair in expected} for place in (0, 1)]
    expected |= {(one, None, None) for one in laws[0].satisfied if one not in paired[0]}
    expected |= {(None, other, None) for other in laws[1].satisfied if other not in paired[1]}
    assert {(pair.first, pair.second, pair.relation) for pair in told.sections} == expected


def assert_outcomes(laws: list[Law], told: Comparison) -> None:
    """Hold the outcomes other than approvals that can differ to those that some case shows."""
    expected = {
        pair
        for pair in permutations(("deny", "refer"))
        if laws[0].outcomes[pair[0]] & laws[1].outcomes[pair[1]]
    }
    listed = [
        tuple(map(_told, difference.witness.verdicts))
        for difference in told.differences
        if difference.kind == "outcome"
    ]
    assert len(listed) == len(set(listed))
    assert set(listed) == expected


def assert_causes(laws: list[Law], told: Comparison, place: int) -> None:
    """Hold the causes for which one side alone approves to the cases that it alone approves."""
    approves, denies = laws[place], laws[1 - place]
    alone = approves.approve & ~denies.approve
    causes = [_cause(entry) for entry in told.differences if entry.favors == NAMES[place]]
    assert bool(causes) == bool(alone)
    assert not any(one < other for one, other in permutations(causes, 2))
    assert len(causes) == len(set(causes))
    if any(UNTOLD in {ask.about for ask in cause} for cause in causes):
        return
    shown = [reduce(and_, map(denies.lacking, cause)) for cause in causes]
    assert not alone & ~reduce(or_, shown, 0)
    expected = denies.causes(approves)
    assert expected is None or set(causes) == expected


def _cause(difference: Difference) -> frozenset[Ask]:
    """What is waived, of which a difference itself tells only the criteria."""
    name = str(difference.witness.case["id"])
    if len(name) == CUT:
        return frozenset(Ask(criterion, UNTOLD) for criterion in difference.clauses)
    words = name.split("-approves-")[1].split("-")
    return frozenset(map(Ask, words[::2], words[1::2]))


def assert_cause(sides: list[Small], difference: Difference) -> None:
    """In the case shown the side that denies would approve without the clauses, and without less not."""
    assert difference.favors in NAMES
    place = NAMES.index(difference.favors)
    space = OneCase(difference.witness.case)
    approves, denies = Law(sides[place], space), Law(sides[1 - place], space)
    cause = _cause(difference)
    assert {ask.criterion for ask in cause} == set(difference.clauses)
    assert denies.approvable_without(cause, approves)
    assert not any(denies.approvable_without(cause - {ask}, approves) for ask in cause)


# Tests


@settings(max_examples=scaled(60))
@given(seed=SEEDS)
def test_no_case_puts_requirements_into_states_that_brute_force_leaves_out(seed: int) -> None:
    case = small.random_small_case(random.Random(seed))
    requirements = sorted({small.requirement_of(term) for term in small.TERMS}, key=repr)
    for attribute in small.DOMAINS:
        group = [requirement for requirement in requirements if requirement.attribute == attribute]
        group += [requirement.complement() for requirement in group]
        assert tuple(small.state(requirement, case) for requirement in group) in brute.vectors(group)


@settings(max_examples=scaled(40))
@given(seed=SEEDS)
def test_every_question_of_a_check_is_answered_as_every_case_answers_it(seed: int) -> None:
    assert_answered(small.random_policy(random.Random(seed)))


@settings(max_examples=scaled(30))
@given(seed=SEEDS)
def test_an_item_is_asked_about_in_its_one_place_where_criteria_stand_in_several(seed: int) -> None:
    rng = random.Random(seed)
    assert_answered(entwined(small.random_policy(rng), rng))


@settings(max_examples=scaled(40))
@given(seed=SEEDS)
def test_sections_asked_together_answer_as_the_whole_policy_does(seed: int) -> None:
    rng = random.Random(seed)
    made = small.random_policy(rng)
    made = rng.choice([made, entwined(made, rng), apart(made, rng), for_diseases(rng)])
    policy = loaded(made)
    check = PolicyCheck(policy.loaded)
    whole = CaseSpace("checks", [*policy.loaded.facts, *sides(policy)])
    assert check.of_sections() == whole.witnessed()
    assert check.across_sections() == CaseSpace("across", policy.loaded.facts).witnessed()


@settings(max_examples=scaled(15))
@given(seed=SEEDS)
def test_every_case_that_a_check_shows_is_decided_as_it_tells(seed: int) -> None:
    rng = random.Random(seed)
    made = small.random_policy(rng)
    made = rng.choice([made, entwined(made, rng)])
    for finding in loaded(made).check().findings:
        if finding.witness:
            assert_replays([made], finding.witness)


@settings(max_examples=scaled(15))
@given(seed=SEEDS)
def test_two_policies_differ_where_some_case_tells_them_apart(seed: int) -> None:
    rng = random.Random(seed)
    assert_compared(small.random_policy(rng), small.random_policy(rng))


@settings(max_examples=scaled(25))
@given(seed=SEEDS)
def test_a_policy_differs_from_a_slightly_changed_copy_where_some_case_does(seed: int) -> None:
    rng = random.Random(seed)
    made = small.random_policy(rng)
    made = rng.choice([made, made, entwined(made, rng)])
    assert_compared(made, mutated(made, rng))


@settings(max_examples=scaled(20))
@given(seed=SEEDS)
def test_where_alternatives_are_for_diseases_each_difference_has_a_cause(seed: int) -> None:
    rng = random.Random(seed)
    made = for_diseases(rng)
    assert_compared(made, rng.choice([mutated(made, rng), for_diseases(rng)]))


@settings(max_examples=scaled(8))
@given(seed=SEEDS)
def test_a_policy_does_not_differ_from_itself(seed: int) -> None:
    made = small.random_policy(random.Random(seed))
    told = assert_compared(made, made)
    assert told is None or (told.relation, told.differences) == ("equivalent", ())
