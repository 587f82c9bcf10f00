"""What has to be true of every policy and every case, checked as properties of this one."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge.core.decision import Status
from tests.conftest import case, policy, scaled
from tests.oracle import decide as oracle_decide
from tests.random_cases import random_case, shuffled
from tests.supplied import Supply

ORDER: list[Status] = ["not_met", "conflicting", "undocumented", "met"]
RANDOM = st.integers(min_value=0, max_value=2**32).map(random.Random)


@settings(max_examples=scaled(80))
@given(rng=RANDOM)
def test_every_case_has_one_outcome_and_every_criterion_one_status(rng: random.Random) -> None:
    decision = policy().decide(case(random_case(rng)))
    assert decision.outcome in ("approve", "deny", "refer")
    assert (decision.denial_kind is None) == (decision.outcome != "deny")
    assert (decision.section is None) == (decision.outcome != "approve")
    assert (decision.refer_to is None) == (decision.outcome != "refer")
    assert all(result.status in ORDER for result in decision.criteria.values())


@settings(max_examples=scaled(150))
@given(rng=RANDOM)
def test_there_is_a_missing_set_just_where_documentation_is_insufficient(
    rng: random.Random,
) -> None:
    made = case(random_case(rng))
    some = bool(policy().missing(made))
    assert some == (policy().decide(made).denial_kind == "insufficient_documentation")
    assert some == (bool(policy().missing(made).documents))


@settings(max_examples=scaled(120))
@given(rng=RANDOM)
def test_establishing_an_open_requirement_makes_no_status_worse(rng: random.Random) -> None:
    data = random_case(rng)
    before = policy().decide(case(data))
    for missing in itertools.islice(policy().missing(case(data)), 2):
        for requirement in missing.requirements:
            alone = missing.model_copy(update={"requirements": (requirement,), "clarifications": ()})
            if requirement.operator not in ("yes", "no", "at_least", "at_most"):
                # These documents show more than the one requirement: see the test of whole sets.
                continue
            after = policy().decide(case(Supply(policy(), data, alone).case()))
            for name, result in before.criteria.items():
                assert ORDER.index(after.criteria[name].status) >= ORDER.index(result.status)


@settings(max_examples=scaled(80))
@given(rng=RANDOM)
def test_the_order_and_the_names_of_documents_change_nothing(rng: random.Random) -> None:
    data = random_case(rng)
    ours, theirs = (policy().decide(case(entry)) for entry in (data, shuffled(rng, data)))
    assert ours.outcome == theirs.outcome
    assert ours.denial_kind == theirs.denial_kind
    assert {name: result.status for name, result in ours.criteria.items()} == {
        name: result.status for name, result in theirs.criteria.items()
    }
    assert len(ours.warnings) == len(theirs.warnings)


@pytest.mark.oracle
@settings(max_examples=scaled(6))
@given(rng=RANDOM, documents=st.sampled_from([5, 9, 20, 60]))
def test_a_case_is_decided_alike_whatever_program_has_room_for_it(rng: random.Random, documents: int) -> None:
    data = random_case(rng)
    silent = [
        {
            "id": f"silent-{number}",
            "type": "literature",
            "date": f"19{number:02}-01-01",
            "states": {},
        }
        for number in range(documents)
    ]
    larger = {**data, "documents": [*data["documents"], *silent]}
    ours, theirs = policy().decide(case(data)), policy().decide(case(larger))
    assert theirs.outcome == ours.outcome == oracle_decide(larger, {}).outcome
    assert theirs.criteria == ours.criteria
    assert theirs.warnings == ours.warnings
