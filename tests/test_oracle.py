"""The library against an oracle in plain Python, which shares no line and no rule with it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import differential
from tests.conftest import case, policy, scaled
from tests.differential import as_oracle_requirements
from tests.oracle_supply import missing_documents, supply
from tests.random_cases import random_case, some_interpretations

pytestmark = [pytest.mark.slow, pytest.mark.oracle]

PARTS = 4
CASES = scaled(1280)


@pytest.mark.parametrize("part", range(PARTS))
def test_statuses_and_missing_sets_equal_the_oracles_under_many_interpretations(part: int) -> None:
    counts = differential.run(cases=CASES, seed=7, every=False, part=part, parts=PARTS)
    assert sum(counts.values()) == CASES // PARTS
    assert {outcome.split()[0] for outcome in counts} == {"approve", "deny", "refer"}


SOME = some_interpretations(random.Random(11), 5)


@settings(max_examples=scaled(150))
@given(
    rng=st.integers(min_value=0, max_value=2**32).map(random.Random),
    interpretations=st.sampled_from(SOME),
)
def test_cases_of_hypothesis_are_decided_as_by_the_oracle(
    rng: random.Random, interpretations: dict[str, str]
) -> None:
    differential.compare(policy(**interpretations), random_case(rng), interpretations)


@settings(max_examples=scaled(60))
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_document_sets_equal_the_oracles(rng: random.Random) -> None:
    data = random_case(rng)
    structure = policy().structure
    establishes: dict[str, set[str]] = {}
    for attribute, types in structure.vocabulary.shown_by.items():
        for name in types:
            establishes.setdefault(name, set()).add(attribute)
    ours = [frozenset(entry.documents) for entry in policy().missing(case(data)).documents]
    assert len(ours) == len(set(ours))
    assert set(ours) == {frozenset(entry) for entry in missing_documents(data, {}, establishes)}


@settings(max_examples=scaled(60))
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_whoever_supplies_a_missing_set_as_the_oracle_does_is_approved(rng: random.Random) -> None:
    data = random_case(rng)
    for missing in policy().missing(case(data)).cheapest(2):
        supplied = supply(data, as_oracle_requirements(missing))
        assert policy().decide(case(dict(supplied))).outcome == "approve"
