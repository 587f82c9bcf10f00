"""What has to be true of every policy and every case, checked as properties of this one."""

from __future__ import annotations

import itertools
import datetime
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Case, MissingRequirement, MissingSet
from pyclingo_bridge.core.decision import Status
from tests.conftest import case, policy, scaled
from tests.oracle import decide as oracle_decide
from tests.random_cases import random_case, shuffled

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


def value_for(requirements: list[MissingRequirement], listed: list[str]) -> Any:
    """A value that satisfies all these requirements on one attribute; for a list, beside what is listed."""
    operators = {requirement.operator: requirement for requirement in requirements}
    if operators.keys() & {"includes_any", "includes", "excludes", "among"} and _is_list(requirements[0]):
        barred = {str(requirement.value) for requirement in requirements if requirement.operator == "excludes"}
        wanted = [
            requirement.value
            for requirement in requirements
            if requirement.operator in ("includes_any", "among")
        ]
        chosen = [
            next(v for v in sorted(values) if v not in barred) for values in wanted if isinstance(values, tuple)
        ]
        return sorted({*listed, *chosen})
    (requirement,) = requirements
    if requirement.operator == "among":
        assert isinstance(requirement.value, tuple)
        return requirement.value[0]
    return requirement.value


def _is_list(requirement: MissingRequirement) -> bool:
    return requirement.attribute in ("prior_therapies", "disease_extent")


def with_documents(data: dict[str, Any], requirements: list[MissingRequirement]) -> Case:
    """The case with one more document for each attribute, showing the requirements.

    They are of the day of the request, or of the latest document where that is later.
    """
    vocabulary = policy().vocabulary
    said = case(data).statements(vocabulary)
    days = [one.last for one in said.documents] + ([said.day] if said.day else [])
    day = max(days, default=datetime.date(2025, 3, 1)).isoformat()
    documents = list(data["documents"])
    by_attribute: dict[str, list[MissingRequirement]] = {}
    for requirement in requirements:
        by_attribute.setdefault(requirement.attribute, []).append(requirement)
    for name, group in by_attribute.items():
        listed = (
            [drug for entry in documents for drug in entry["states"].get(name, [])]
            if _is_list(group[0])
            else []
        )
        states: dict[str, Any] = {name: value_for(group, listed)}
        if any(requirement.operator == "excludes" for requirement in group):
            states["complete_treatment_history"] = True
        kind = min(vocabulary.only_from.get(name, {"chart_note"}))
        documents.append({"id": f"new-{name}", "type": kind, "date": day, "states": states})
    return case({**data, "documents": documents})


def can_be_shown_alone(missing: MissingSet) -> bool:
    """Whether further documents can show just these requirements, and nothing besides.

    A history that rules a drug out has to be whole, which tells of all drugs; and a document that
    states one diagnosis shows more than that it is one of several.
    """
    return not any(
        requirement.attribute == "prior_therapies"
        or (requirement.operator == "among" and not _is_list(requirement))
        for requirement in missing.requirements
    )


@settings(max_examples=scaled(150))
@given(rng=RANDOM)
def test_a_missing_set_once_documented_is_enough_and_no_part_of_it_is(rng: random.Random) -> None:
    data = random_case(rng)
    for missing in itertools.islice(policy().missing(case(data)), 4):
        if not can_be_shown_alone(missing):
            continue
        assert policy().decide(with_documents(data, list(missing.requirements))).outcome == "approve"
        for left_out in missing.requirements:
            part = [requirement for requirement in missing.requirements if requirement is not left_out]
            assert policy().decide(with_documents(data, part)).outcome != "approve"


@settings(max_examples=scaled(100))
@given(rng=RANDOM)
def test_a_history_that_shows_what_is_missing_is_enough(rng: random.Random) -> None:
    data = random_case(rng)
    known = all("unknown drug" not in warning for warning in policy().decide(case(data)).warnings)
    for missing in itertools.islice(policy().missing(case(data)), 4):
        if known:
            assert policy().decide(with_documents(data, list(missing.requirements))).outcome == "approve"


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
            if requirement.operator not in ("yes", "no", "at_least", "at_most"):
                # These documents show more than the one requirement: see the test of whole sets.
                continue
            after = policy().decide(with_documents(data, [requirement]))
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
            "date": f"20{number:02}-01-01",
            "states": {},
        }
        for number in range(documents)
    ]
    larger = {**data, "documents": [*data["documents"], *silent]}
    ours, theirs = policy().decide(case(data)), policy().decide(case(larger))
    assert theirs.outcome == ours.outcome == oracle_decide(larger, {}).outcome
    assert theirs.criteria == ours.criteria
    assert theirs.warnings == ours.warnings
