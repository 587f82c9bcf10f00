"""What a vocabulary says of one whole number holds of that number alone, for every engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pyclingo_bridge import Case, Policy
from pyclingo_bridge.loading.load import loaded as load
from tests.test_conclusions import by_plain_clingo, by_the_library

VOCABULARY = """
policy(p, "made up"). source("made up", "now"). vocabulary(v). requested_drug(druga). drug(druga).
attribute((months; dose), request). domain((months; dose), whole_number). minimum((months; dose), 1).
default(months, 12). optional(dose). only_with(dose, 40, months, 8).
document_type(note, 1).
attribute((grade; stage; step), latest). domain((grade; stage; step), whole_number).
minimum((grade; stage; step), 0). maximum(grade, 5).
attribute(severe, latest). domain(severe, flag).
establishes(note, (grade; severe; stage; step)).
also_states(grade, 3, severe, true). also_states(grade, 2, stage, 7). counts_as(step, 9, 4).
section("A", 1). route("A", at_least(months, 1)). criterion("A", "a"). locator("A", "a").
any_of("A", ("A.1"; "A.2"; "A.3"; "A.4")).
criterion(("A.1"; "A.2"; "A.3"; "A.4"), "a"). locator(("A.1"; "A.2"; "A.3"; "A.4"), "a").
requires("A.1", yes(severe)). requires("A.2", at_least(months, 5)).
requires("A.3", is(stage, 7)). requires("A.4", at_most(step, 4)).
"""

# What is stated, or asked for on the form; what follows: the criteria that are met.
MET: list[tuple[dict[str, Any], dict[str, Any], set[str]]] = [
    ({"months": 1}, {"grade": 2}, {"A.3"}),
    ({"months": 1}, {"grade": 3}, {"A.1"}),
    *(({"months": 1}, {"grade": grade}, set()) for grade in (0, 1, 4, 5)),
    ({"months": 1}, {"stage": 6}, set()),
    ({"months": 1}, {"stage": 7}, {"A.3"}),
    ({"months": 1}, {"stage": 8}, set()),
    ({"months": 1}, {"step": 4}, {"A.4"}),
    ({"months": 1}, {"step": 5}, set()),
    ({"months": 1}, {"step": 8}, set()),
    ({"months": 1}, {"step": 9}, {"A.4"}),
    ({"months": 1}, {"step": 10}, set()),
    ({}, {"grade": 0}, {"A.2"}),
    ({"months": 4}, {"grade": 0}, set()),
    ({"months": 5}, {"grade": 0}, {"A.2"}),
]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    folder = tmp_path_factory.mktemp("whole")
    (folder / "policy.lp").write_text(VOCABULARY)
    return Policy.load(folder)


def asked(form: dict[str, Any], states: dict[str, Any], of: Policy) -> Case:
    documents = [{"id": "n", "type": "note", "date": "2025-01-01", "states": states}]
    text = json.dumps({"id": "made", "request": form, "documents": documents})
    return Case.from_json(text, "test", of.vocabulary)


@pytest.mark.parametrize(("form", "states", "met"), MET)
def test_a_number_that_states_something_more_does_so_by_itself_alone(
    form: dict[str, Any], states: dict[str, Any], met: set[str], loaded: Policy
) -> None:
    case = asked(form, states, loaded)
    decision = loaded.decide(case)
    found = {name for name, result in decision.criteria.items() if result.status == "met"}
    assert found - {"A"} == met
    assert by_plain_clingo(loaded, case) == by_the_library(loaded, case)
    by_the_solver = Policy(load(loaded.loaded.files, {}, "clingo"))
    assert by_the_solver.decide(case).criteria == decision.criteria


def test_a_table_takes_each_number_as_a_case_does(loaded: Policy) -> None:
    rows = [{"id": str(place), **form, **states} for place, (form, states, _) in enumerate(MET)]
    names = ("months", "grade", "stage", "step")
    columns = {name: pa.array([row.get(name) for row in rows], pa.int64()) for name in names}
    table = pa.table({"id": [row["id"] for row in rows], **columns})
    told = loaded.decide_batch(table)
    outcomes = ["approve" if met else "deny" for _, _, met in MET]
    assert pa.table(told).column("outcome").to_pylist() == outcomes


def test_a_comparison_tells_a_number_from_those_beside_it(loaded: Policy, tmp_path: Path) -> None:
    changed = VOCABULARY.replace("also_states(grade, 3,", "also_states(grade, 4,")
    (tmp_path / "policy.lp").write_text(changed)
    found = loaded.compare(Policy.load(tmp_path))
    assert found.relation == "incomparable"
    stated = {
        document["states"]["grade"]
        for difference in found.differences
        for document in difference.witness.case["documents"]
        if "grade" in document["states"]
    }
    assert stated == {3, 4}
