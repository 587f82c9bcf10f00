"""What consistent undocumented requirements entail is never refuted or conflicting, whatever documents say.

That a denied case has missing sets exactly where its documentation is insufficient rests on it.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Policy
from tests import small
from tests.conftest import case, scaled

DATES = (("2024-01-01", "2024-01-01"), ("2024-01-01", "2024-02-01"), ("2024-02-01", "2024-01-01"))
HISTORIES = [sorted(words) for words in small._lists(["u", "V", "Novel"])]
COMPLEMENTS = ("is(c,a)", "is(c,b)", "among(c,bd)", "includes_any(l,xy)", "among(m,xy)", "empty(h)")

States = Mapping[small.Requirement, str]


def incoherent(states: States) -> list[tuple[str, Any]]:
    """Attributes and values of them, of which undocumented requirements entail what documents deny.

    The undocumented requirements that are true of one value are consistent, and every consistent set of them is
    part of such a set: more requirements entail more.
    """
    found = []
    for attribute in {requirement.attribute for requirement in states}:
        for value in small.DOMAINS[attribute]:
            together = frozenset(
                requirement
                for requirement, state in states.items()
                if requirement.attribute == attribute
                and state == "undocumented"
                and value in requirement.values
            )
            entailed = small.entailed(together, states) if together else ()
            if any(states[requirement] in ("not_met", "conflicting") for requirement in entailed):
                found.append((attribute, value))
    return found


def with_every_requirement() -> small.Small:
    """A policy that names every requirement of the small vocabulary, and some complements."""
    terms = [*small.TERMS, *(f"complement({term})" for term in COMPLEMENTS)]
    made = small.Small(sections=["S0"], uses={"S0": []})
    made.needs, made.offers, made.unless, made.only_if = (
        {"S0": []},
        {"S0": terms},
        {"S0": []},
        {"S0": []},
    )
    return made


def _requirement(term: str) -> small.Requirement:
    inner = term.removeprefix("complement(")
    return small.requirement_of(term) if inner == term else small.requirement_of(inner[:-1]).complement()


def _states(policy: Policy, data: dict[str, Any]) -> States:
    findings = policy.assess(case(data, policy))
    return {_requirement(str(term)): state for term, state in findings.statuses.items()}


def _evidence(attribute: str) -> Iterator[list[dict[str, Any]]]:
    """What at most two documents can say of an attribute, one after the other or on one day."""
    values = HISTORIES if attribute == "h" else small.DOMAINS[attribute]
    words = [sorted(value) if isinstance(value, frozenset) else value for value in values]
    states: list[dict[str, Any]] = [{attribute: word} for word in words]
    if attribute == "h":
        states += [{"h": word, "all_told": True} for word in words]
    yield []
    for one in states:
        yield [{"date": "2024-01-01", "states": one}]
    for one, other in itertools.product(states, repeat=2):
        for first, second in DATES:
            yield [{"date": first, "states": one}, {"date": second, "states": other}]


@pytest.fixture(scope="module")
def every_requirement(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return Policy.load(with_every_requirement().write(tmp_path_factory.mktemp("every_requirement")))


@pytest.mark.slow
def test_evidence_of_at_most_two_documents_is_coherent(every_requirement: Policy) -> None:
    # What is said of one attribute bears on no other: a case tries a piece of evidence of each.
    told = [list(_evidence(name)) for name in ("p", "r", "n", "c", "l", "m", "h")]
    for said in itertools.zip_longest(*told, fillvalue=()):
        entries = [
            {"id": f"d{number}", "type": "cheap", **entry}
            for number, entry in enumerate(itertools.chain(*said))
        ]
        data = {"id": "small", "request": {"given": []}, "documents": entries}
        states = _states(every_requirement, data)
        assert len(set(states.values())) > 1
        assert incoherent(states) == [], data


@settings(max_examples=scaled(60))
@given(seed=st.integers(min_value=0, max_value=10**9))
def test_evidence_of_random_cases_is_coherent(every_requirement: Policy, seed: int) -> None:
    data = small.random_small_case(random.Random(seed))
    assert incoherent(_states(every_requirement, data)) == [], data


def test_states_that_no_evidence_gives_are_told_from_those_that_it_does() -> None:
    # 4 or more entails 2 or more: no document leaves the one open and denies the other.
    states = {
        small.requirement_of("at_least(n,4)"): "undocumented",
        small.requirement_of("at_least(n,2)"): "not_met",
    }
    assert incoherent(states) == [("n", number) for number in range(4, 9)]
    states = {
        small.requirement_of("at_least(n,4)"): "not_met",
        small.requirement_of("at_least(n,2)"): "undocumented",
    }
    assert incoherent(states) == []
