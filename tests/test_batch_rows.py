"""Tables are decided row for row as their cases are one by one, however the rows are kept."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pyclingo_bridge import Policy
from pyclingo_bridge.base.errors import TableError
from tests import small
from tests.batch_tables import (
    assert_warned_of_as_alone,
    criteria_of,
    expected,
    fits_a_row,
    random_table,
    row_of,
)
from tests.conftest import POLICIES, case, policy, scaled, whole
from tests.random_cases import INTERPRETATIONS, random_case

SHIPPED = ("cp_phar_549", "cp_phar_549_2024", "label", "codebreak100")
OTHER_INTERPRETATIONS = {name: values[1] for name, values in INTERPRETATIONS.items()}


def assert_decided_as_alone(of: Policy, count: int, seed: int, make: Any = random_case) -> None:
    rng = random.Random(seed)
    cases = [one for _ in range(count) if fits_a_row(one := case(make(rng), of))]
    assert len(cases) > count / 3
    decided = of.decide_batch(of.batch_table(cases), statuses=True)
    criteria = criteria_of(decided)
    assert decided.to_pylist() == [row_of(of.decide(one), criteria) for one in cases]


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_a_table_made_of_cases_is_decided_as_the_cases_are(name: str) -> None:
    assert_decided_as_alone(policy(name), 120, seed=11)


@pytest.mark.slow
def test_other_interpretations_decide_a_table_as_they_do_its_cases() -> None:
    assert_decided_as_alone(policy(**OTHER_INTERPRETATIONS), 120, seed=12)


@pytest.mark.slow
def test_a_table_made_under_one_interpretation_serves_every_other() -> None:
    rng = random.Random(13)
    cases = [one for _ in range(100) if fits_a_row(one := case(random_case(rng)))]
    table = policy().batch_table(cases)
    other = policy(stable_disease_is_response="no")
    decided = other.decide_batch(table, statuses=True)
    criteria = criteria_of(decided)
    assert decided.to_pylist() == [row_of(other.decide(one), criteria) for one in cases]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(scaled(6)))
def test_tables_of_policies_made_at_random_are_decided_as_their_cases_are(seed: int) -> None:
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        made = Policy.load(small.random_policy(rng).write(Path(folder)))
    assert_decided_as_alone(made, 60, seed, small.random_small_case)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(scaled(8)))
def test_rows_with_faults_are_told_of_as_the_case_reader_does_and_the_rest_decided(
    seed: int,
) -> None:
    rng = random.Random(seed)
    of = policy(SHIPPED[seed % len(SHIPPED)])
    table = random_table(rng, of, 50, faulty=0.01)
    decided = of.batch.decide(table, statuses=True)
    told = decided.to_pylist()
    assert told == expected(of, table, criteria_of(decided))
    assert {row["outcome"] is None for row in told} == {True, False}


@pytest.mark.parametrize("seed", range(scaled(8)))
def test_tables_of_a_vocabulary_with_every_kind_and_domain_are_read_right(seed: int) -> None:
    rng = random.Random(100 + seed)
    with tempfile.TemporaryDirectory() as folder:
        of = Policy.load(small.random_policy(rng).write(Path(folder)))
    table = random_table(rng, of, 70)
    decided = of.batch.decide(table, statuses=True)
    assert decided.to_pylist() == expected(of, table, criteria_of(decided))


def test_a_vocabulary_without_drugs_or_choices_of_the_form_serves_too() -> None:
    of = policy(POLICIES / "severe_asthma")
    table = random_table(random.Random(3), of, 100)
    decided = of.batch.decide(table, statuses=True)
    assert decided.to_pylist() == expected(of, table, criteria_of(decided))


def test_the_cheapest_missing_set_of_each_row_is_the_first_that_its_case_has() -> None:
    of, rng = policy(), random.Random(14)
    cases = [one for _ in range(60) if fits_a_row(one := case(random_case(rng), of))]
    decided = of.decide_batch(of.batch_table(cases), missing=True).to_pylist()
    for one, row in zip(cases, decided, strict=True):
        first = next(iter(of.missing(one)), None)
        names = ("cost", "requirements", "documents", "clarifications")
        told = tuple(row[f"missing_{name}"] for name in names)
        if first is None:
            assert told == (None, None, None, None)
        else:
            requirements = [requirement.term for requirement in first.requirements]
            unknown = [f"{one.attribute}: {one.name}" for one in first.clarifications]
            assert told == (first.cost, requirements, list(first.documents), unknown)
    assert any(row["missing_cost"] for row in decided)
    assert any(row["missing_clarifications"] for row in decided)


def test_views_of_lists_are_refused_by_their_type() -> None:
    told = policy().batch_table([case(whole())])
    for kind in (pa.list_view(pa.string()), pa.large_list_view(pa.string())):
        place = told.column_names.index("disease_extent")
        table = told.set_column(place, "disease_extent", pa.array([["metastatic"]], kind))
        with pytest.raises(TableError, match=r"`disease_extent` is of type .*list_view"):
            policy().decide_batch(table)


def test_what_is_no_table_is_refused_and_a_record_batch_is_one() -> None:
    told = policy().batch_table([case(whole())])
    (batch,) = told.to_batches()
    assert policy().decide_batch(batch).to_pylist() == policy().decide_batch(told).to_pylist()
    for wrong in (None, [1], {"id": "a"}):
        with pytest.raises(TableError, match=r"make a pyarrow\.Table of it"):
            policy().decide_batch(wrong)
    only = policy().decide_batch(told, only="outcome")
    assert only.column_names == ["id", "outcome", "error"]


def test_half_a_character_in_an_id_is_a_bad_row_and_no_more() -> None:
    good = json.dumps(whole())
    broken = good.replace('"id": "made"', '"id": "\\ud800"', 1)
    assert broken != good
    first, second = policy().decide_cases([broken, good]).to_pylist()
    assert (first["id"], first["outcome"]) == ("?", None)
    assert first["error"].startswith("id: ")
    assert second["outcome"] == "approve"


def test_the_warnings_of_rows_are_those_of_the_cases_that_they_are() -> None:
    rng = random.Random(12)
    table = policy().batch_table(one for _ in range(90) if fits_a_row(one := case(random_case(rng))))
    warned = assert_warned_of_as_alone(policy(), table)
    assert sum(lines is not None for lines in warned) > 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(scaled(6)))
def test_rows_with_dates_tumors_and_ranges_are_warned_of_as_their_cases_are(seed: int) -> None:
    rng = random.Random(400 + seed)
    of = policy(SHIPPED[seed % len(SHIPPED)])
    assert any(assert_warned_of_as_alone(of, random_table(rng, of, 40, faulty=0.01)))
