"""Whoever supplies what a missing set asks for, as it says, gets the approval; without any part of it, not."""

from __future__ import annotations

import copy
import random
import tempfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import MissingSet, Policy, Step
from tests import small
from tests.conftest import case, policy, scaled
from tests.random_cases import random_case, some_interpretations
from tests.supplied import Data, Supply, lost, newly_met, parts, told

SEEDS = st.integers(min_value=0, max_value=2**32).map(random.Random)
NAMES = ("Adagrasb", "qqmab", "docetaxel", "pembrolizumab", "metformin", "ondansetron", "folfox", "radiation")
LISTS = ("prior_therapies", "concurrent_drugs", "h", "given")
DAYS = ("2024-12-01", "2025-01", "2025-01-01", "2025-01-02", "2025-02-07", "2025-02")


def with_lists(rng: random.Random, data: Data) -> Data:
    """A case of which much is open, with lists that hold unknown names."""
    data = copy.deepcopy(data)
    kept = rng.randint(0, len(data["documents"]))
    data["documents"] = [one for one in data["documents"][:kept] if "replaces" not in one]
    ids = {one["id"] for one in data["documents"]}
    data["documents"] = [one for one in data["documents"] if one.get("replaces", one["id"]) in ids]
    if rng.random() < 0.4:
        data["request"]["concurrent_drugs"] = rng.sample(NAMES, rng.randint(1, 2))
    for number in range(rng.choice([0, 1, 1, 2, 3])):
        states: Data = {"prior_therapies": rng.sample(NAMES, rng.randint(1, 3))}
        if rng.random() < 0.6:
            states["complete_treatment_history"] = True
        document = {"id": f"list-{number}", "type": "treatment_history", "date": rng.choice(DAYS)}
        data["documents"].append({**document, "states": states})
    return data


def small_case(rng: random.Random) -> Data:
    data = small.random_small_case(rng)
    for number in range(rng.choice([0, 1, 2, 3])):
        states: Data = {"h": rng.sample(["u", "v", "s", "Novel", "Newer"], rng.randint(1, 3))}
        if rng.random() < 0.6:
            states["all_told"] = True
        date = f"2024-0{rng.randint(1, 4)}-01"
        data["documents"].append({"id": f"h{number}", "type": "dear", "date": date, "states": states})
    return data


def assert_supplied(loaded: Policy, data: Data, sets: Iterable[MissingSet]) -> tuple[int, int]:
    """Hold some missing sets of a case to it; how many were, and how many also without each part."""
    held = alone = 0
    for found in sets:
        if found.unshown:
            continue
        supply = Supply(loaded, data, found)
        whole = supply.case()
        if any(attribute_of(loaded, one) not in LISTS for one in lost(loaded, data, whole)):
            # Something else is no longer met: what was stated could not leave it so.
            continue
        decision = loaded.decide(case(whole, loaded))
        assert decision.outcome == "approve", (data, whole, told(found))
        held += 1
        asked = {one.term for one in found.requirements}
        gained = newly_met(loaded, data, whole)
        entailed = {str(one) for term in asked for one in implied(loaded, term)}
        if {str(one) for one in gained} <= entailed:
            alone += 1
            for part in parts(found):
                less = supply.case(part)
                if lost(loaded, data, less):
                    # A list on file that is whole by then denies what another one says: there a further list is
                    # always asked for, though the sections may do without what is denied.
                    continue
                outcome = loaded.decide(case(less, loaded)).outcome
                assert outcome != "approve", (data, less, part, told(found))
    return held, alone


def attribute_of(loaded: Policy, requirement: Any) -> str:
    return loaded.loaded.structure.attribute_of[requirement]


def implied(loaded: Policy, term: str) -> set[Any]:
    structure = loaded.loaded.structure
    return structure.implied(next(one for one in structure.requirements if str(one) == term))


@settings(max_examples=scaled(60))
@given(rng=SEEDS)
def test_a_case_of_a_shipped_policy_is_approved_by_what_is_missing_and_by_no_less(rng: random.Random) -> None:
    name = rng.choice(["cp_phar_549"] * 4 + ["cp_phar_549_2024", "label"])
    (interpretations,) = some_interpretations(rng, 1) if name == "cp_phar_549" else [{}]
    loaded = policy(name, **interpretations)
    data = with_lists(rng, random_case(rng))
    try:
        asked = case(data, loaded)
    except ValueError:
        return
    assert_supplied(loaded, data, islice(loaded.missing(asked), 5))


@pytest.mark.slow
@settings(max_examples=scaled(40))
@given(rng=SEEDS)
def test_a_case_of_a_small_policy_is_approved_by_what_is_missing_and_by_no_less(rng: random.Random) -> None:
    made_policy = small.random_policy(rng)
    # Not by a list of drugs, which unknown names leave open: that is no route.
    made_policy.routes.clear()
    with tempfile.TemporaryDirectory() as folder:
        loaded = Policy.load(made_policy.write(Path(folder)))
    for _ in range(8):
        data = small_case(rng)
        assert_supplied(loaded, data, islice(loaded.missing(case(data, loaded)), 6))


def play(loaded: Policy, data: Data, rng: random.Random) -> tuple[int, int, list[Any]]:
    """Ask for one thing after another: each brings what some missing set needs of it, or nothing.

    Returns how many requests the first plan promised at most, how many it took, and what was asked for.
    """
    promised = loaded.ask_next(case(data, loaded)).most_requests
    asked: list[str] = []
    log: list[Any] = []
    while True:
        now = case(data, loaded)
        plan = loaded.ask_next(now, without=asked)
        if not plan.steps:
            return promised, len(log), log
        step = plan.steps[0]
        useful = [found for found in islice(loaded.missing(now), 40) if serves(step, found)]
        brings = bool(useful) and (step.document_type is None or rng.random() < 0.65)
        log.append((step.text, brings))
        if step.document_type is not None:
            asked.append(step.document_type)
        if brings:
            data = Supply(loaded, data, rng.choice(useful)).answered(step)
        elif step.document_type is None:
            return promised, len(log), log


def serves(step: Step, found: MissingSet) -> bool:
    """Whether a set asks for what a request can show."""
    if found.unshown:
        return False
    if step.document_type is not None:
        return any(step.document_type in one.document_types for one in found.requirements)
    return any(step.clarification in one.clarifications for one in found.requirements)
