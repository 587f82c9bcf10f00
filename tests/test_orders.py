"""Many sets are asked for one by one: in the same order, and the same sets, as few that are listed at once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Case
from pyclingo_bridge.questions import minimal_sets
from tests.conftest import case, policy, scaled
from tests.random_cases import random_case

MOST = 12

Question = Callable[[Case], Iterable[object]]


def questions() -> Iterator[Question]:
    for interpretations in ({}, {"prior_therapy_scope": "appendix_b"}):
        loaded = policy(**interpretations)
        yield loaded.missing
        yield loaded.repairs
        yield loaded.counterfactuals
        yield lambda case, loaded=loaded: loaded.reasons(case, 0).sufficient  # type: ignore[misc]


@settings(max_examples=scaled(8))
@given(seed=st.integers(min_value=0, max_value=10**9))
def test_one_by_one_is_as_all_at_once(seed: int) -> None:
    asked = case(random_case(random.Random(seed)))
    for question in questions():
        with pytest.MonkeyPatch.context() as patch:
            at_once = list(islice(question(asked), MOST))
            patch.setattr(minimal_sets, "AT_ONCE", 0)
            assert list(islice(question(asked), MOST)) == at_once
