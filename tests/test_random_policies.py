"""The engine against brute force, on policies made at random: every requirement form, kind and domain."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Case, MissingSet, Policy
from tests import small
from tests.conftest import scaled

pytestmark = [pytest.mark.slow, pytest.mark.oracle]

CASES_A_POLICY = 12
MOST_OPEN = 9


def requirements_of(missing: MissingSet) -> frozenset[small.Requirement]:
    """A missing set as brute force tells it."""
    found = []
    for requirement in missing.requirements:
        inner = requirement.term.removeprefix("complement(")
        meant = small.requirement_of(inner[:-1] if requirement.complement else inner)
        found.append(meant.complement() if requirement.complement else meant)
    return frozenset(found)


@settings(max_examples=scaled(40))
@given(seed=st.integers(min_value=0, max_value=10**9))
def test_statuses_outcomes_and_missing_sets_equal_brute_force(seed: int) -> None:
    rng = random.Random(seed)
    made = small.random_policy(rng)
    with tempfile.TemporaryDirectory() as folder:
        policy = Policy.load(made.write(Path(folder)))
    for _ in range(CASES_A_POLICY):
        data = small.random_small_case(rng)
        if (
            sum(small.state(requirement, data) == "undocumented" for requirement in made.requirements())
            > MOST_OPEN
        ):
            continue
        case = Case.from_json(json.dumps(data), "test", policy.vocabulary)
        decision = policy.decide(case)
        told = {name: result.status for name, result in decision.criteria.items()}
        assert told == small.statuses(made, data)
        assert (decision.outcome, decision.denial_kind) == small.outcome(made, data)
        listed = [requirements_of(missing) for missing in policy.missing(case)]
        assert len(listed) == len(set(listed))
        assert set(listed) == small.missing(made, data)
