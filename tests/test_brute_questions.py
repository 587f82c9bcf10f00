"""The brute force of what follows a decision, held to its definitions and to what is known by hand."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests import brute_questions as brute
from tests import small
from tests.brute_questions import CaseData, Repair, Requirements
from tests.conftest import scaled
from tests.handmade import HANDMADE, Handmade
from tests.small import Requirement, Small

pytestmark = [pytest.mark.slow, pytest.mark.oracle]

SEEDS = st.integers(min_value=0, max_value=10**9)
MOST_REQUIREMENTS = 9
"""Cases with more requirements to try are not looked through without pruning."""


# The definitions as they stand, with nothing left out of the trying


def _subsets(requirements: Iterable[Requirement]) -> Iterator[Requirements]:
    pool = sorted(requirements, key=repr)
    for size in range(len(pool) + 1):
        yield from map(frozenset, itertools.combinations(pool, size))


def _within(requirements: Iterable[Requirement], case: CaseData, *states: str) -> Requirements:
    return frozenset(requirement for requirement in requirements if small.state(requirement, case) in states)


def _changes(made: Small, case: CaseData) -> Iterator[frozenset[brute.Change]]:
    entries = [
        (name, region)
        for name in brute.CHANGEABLE
        for region in brute.regions(made, case, name)
        if brute.present(case, name) not in region
    ]
    for size in range(len(brute.CHANGEABLE) + 1):
        for chosen in itertools.combinations(entries, size):
            if len({name for name, _ in chosen}) == len(chosen):
                yield frozenset(chosen)


def plain_repairs(made: Small, case: CaseData) -> set[Repair]:
    """Every sufficient set of elements with its closure, and those of them that are least."""
    if brute.outcome(made, case)[0] == "approve":
        return set()
    enough: dict[Repair, tuple[Requirements, frozenset[brute.Change]]] = {}
    for changes in _changes(made, case):
        beneath = brute.scope(made, brute.after(case, changes)).requirements()
        for chosen in _subsets(_within(beneath, case, "undocumented", "conflicting")):
            repair = Repair(
                _within(chosen, case, "undocumented"), _within(chosen, case, "conflicting"), changes
            )
            if small.consistent(chosen) and brute.sections_met(made, case, repair):
                closed = small.entailed(chosen, made.requirements())
                enough[repair] = closed, changes
    made_by = {
        (repair, closed, frozenset(members), numbers)
        for repair, (closed, changes) in enough.items()
        for members, numbers in _made_by(case, changes)
    }
    return {
        repair
        for repair, closed, members, numbers in made_by
        if _irredundant(repair.requirements | repair.resolutions)
        and not any(
            less <= closed
            and fewer <= members
            and others <= numbers
            and (less, fewer, others) != (closed, members, numbers)
            for _, less, fewer, others in made_by
        )
    }


def _made_by(
    case: CaseData, changes: frozenset[brute.Change]
) -> Iterator[tuple[set[str], frozenset[brute.Change]]]:
    """Each way to make changes: the members of the one list that there is, and the other changes."""
    lists = [region for name, region in changes if name == "given"]
    others = frozenset(change for change in changes if change[0] != "given")
    now = brute.present(case, "given")
    for value in lists[0] if lists else [now]:
        yield {f"add {one}" for one in value - now} | {f"drop {one}" for one in now - value}, others


def _irredundant(requirements: Requirements) -> bool:
    return not any(small.entailed(requirements - {requirement}, {requirement}) for requirement in requirements)


def plain_differences(made: Small, case: CaseData) -> set[Requirements]:
    """The differences of all approving worlds: every attribute as it is, or otherwise."""
    law = brute.scope(made, case)
    groups: dict[str, set[Requirement]] = {}
    for requirement in law.requirements():
        groups.setdefault(requirement.attribute, set()).add(requirement)
    choices = [
        {_within(group, case, "met")}
        | {small.entailed(some, group) for some in _subsets(group) if small.consistent(some)}
        for group in groups.values()
    ]
    worlds = (frozenset[Requirement]().union(*held) for held in itertools.product(*choices))
    return {
        world - _within(law.requirements(), case, "met")
        for world in worlds
        if any(law.met(section, world) for section in law.sections)
    }


def _least(sets: set[Requirements]) -> set[Requirements]:
    return {some for some in sets if not any(other < some for other in sets)}


# Tests


def question(seed: int) -> tuple[Small, CaseData]:
    return brute.random_question(random.Random(seed))


@settings(max_examples=scaled(150))
@given(seed=SEEDS)
def test_repairs_are_the_least_of_all_sets_of_elements(seed: int) -> None:
    made, case = question(seed)
    assume(len(_within(made.requirements(), case, "undocumented", "conflicting")) <= MOST_REQUIREMENTS)
    assert brute.repairs(made, case) == plain_repairs(made, case)


@settings(max_examples=scaled(150))
@given(seed=SEEDS)
def test_repairs_without_changes_and_resolutions_are_missing_sets(seed: int) -> None:
    made, case = question(seed)
    law = brute.scope(made, case)
    assume(len(_within(law.requirements(), case, "undocumented")) <= MOST_REQUIREMENTS)
    plain = {r.requirements for r in brute.repairs(made, case) if not r.changes | r.resolutions}
    if brute.outcome(made, case)[0] == "deny":
        assert plain == small.missing(law, case)


@settings(max_examples=scaled(150))
@given(seed=SEEDS)
def test_counterfactuals_are_the_least_differences_of_all_worlds(seed: int) -> None:
    made, case = question(seed)
    assume(len(brute.scope(made, case).requirements()) <= MOST_REQUIREMENTS)
    differences = plain_differences(made, case)
    assert brute.differences(made, case) == _least(differences)
    told = brute.counterfactuals(made, case)
    assert all(map(_irredundant, told))
    against = brute.stated_otherwise(made, case)
    assert brute.corrections(made, case) == _least({found & against for found in differences})


@settings(max_examples=scaled(150))
@given(seed=SEEDS)
def test_what_forces_a_denial_and_what_corrects_it_hit_each_other(seed: int) -> None:
    made, case = question(seed)
    assume(len(brute.stated_otherwise(made, case)) <= MOST_REQUIREMENTS)
    forcing, corrections = brute.forcing(made, case), brute.corrections(made, case)
    assert forcing == brute.hitting(corrections)
    assert corrections == brute.hitting(forcing)


@settings(max_examples=scaled(150))
@given(seed=SEEDS)
def test_what_an_approval_rests_on_and_what_it_cannot_do_without_hit_each_other(seed: int) -> None:
    made, case = question(seed)
    if brute.outcome(made, case)[0] != "approve":
        assert not brute.closures(made, case)
        return
    closures, overturning = brute.closures(made, case), brute.overturning(made, case)
    assert overturning == brute.hitting(closures)
    assert closures == brute.hitting(overturning)
    alone = {
        requirement for requirements in overturning if len(requirements) == 1 for requirement in requirements
    }
    critical = brute.critical(made, case)
    assert critical <= alone
    assert alone <= small.entailed(critical, alone)


@pytest.mark.parametrize("known", HANDMADE, ids=lambda known: known.name)
def test_brute_force_finds_what_is_known_by_hand(known: Handmade) -> None:
    made, case = known.made, known.case
    if known.repairs is not None:
        assert {found: brute.cost(found) for found in brute.repairs(made, case)} == known.repairs
    for word in ("counterfactuals", "sufficient", "critical", "forcing", "documents"):
        if (expected := getattr(known, word)) is not None:
            assert getattr(brute, word)(made, case) == expected, word


def sets(*words: str) -> set[frozenset[str]]:
    return {frozenset(word) for word in words}


@pytest.mark.parametrize(
    ("family", "strategy", "expected"),
    [
        # Nothing to ask for, or nothing left that has to be.
        (sets(), "requests", (None, 0)),
        ({frozenset[str]()}, "requests", (None, 0)),
        # Both are needed; without either the case is decided.
        (sets("ab"), "requests", ("a", 2)),
        # a is in both sets; once it is there, b and then c remain. No first request does better.
        (sets("ab", "ac"), "requests", ("a", 3)),
        (sets("ab", "ac"), "cost", ("a", 3)),
        # After b come a or c, or c with d: two more. After a, b or both of the others: three more.
        (sets("ab", "bc", "cd"), "requests", ("b", 3)),
        (sets("ab", "bc", "cd"), "sets", ("b", 3)),
        (sets("ab", "bc", "cd"), "cost", ("a", 4)),
    ],
)
def test_a_plan_is_the_best_of_every_game(
    family: set[frozenset[str]], strategy: str, expected: tuple[str | None, int]
) -> None:
    costs = dict(zip("abcd", range(1, 5), strict=True))
    assert brute.plan_first(family, costs, strategy) == expected
