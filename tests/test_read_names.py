"""What a value states besides, it states by whatever name it is written: a brand, a word that counts as it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyclingo_bridge import Case, Policy
from pyclingo_bridge.loading.load import loaded as load
from tests.test_conclusions import by_plain_clingo, by_the_library

RULES = """
policy(p, "made up"). source("made up", "now"). vocabulary(v).
attribute(first, request). domain(first, flag). default(first, true).
document_type(note, 1).
drug((metformin; sitagliptin; insulin)). brand(glucophage, metformin).
stands_for(metformin_hcl, metformin). regimen(janumet, (metformin; sitagliptin)).
attribute(before, history). domain(before, drugs).
attribute(disease, stable). domain(disease, choice). listed(disease, (diabetes; niddm; gout)).
counts_as(disease, niddm, diabetes).
attribute((tried; fits), latest). domain((tried; fits), flag).
establishes(note, (before; disease; tried; fits)).
also_states(before, metformin, tried, true). also_states(disease, diabetes, fits, true).
section("A", 1). route("A", yes(first)). criterion("A", "a"). locator("A", "a").
requires("A", ("A.1"; "A.2")). criterion(("A.1"; "A.2"), "a"). locator(("A.1"; "A.2"), "a").
requires("A.1", yes(tried)). requires("A.2", yes(fits)).
"""

# The drug and the disease as written, and the criteria that are met.
WRITTEN = [
    ("metformin", "diabetes", {"A.1", "A.2"}),
    ("Glucophage", "niddm", {"A.1", "A.2"}),
    ("Metformin HCl", "gout", {"A.1"}),
    ("Janumet", "gout", {"A.1"}),
    ("insulin", "niddm", {"A.2"}),
]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    folder: Path = tmp_path_factory.mktemp("names")
    (folder / "policy.lp").write_text(RULES)
    return Policy.load(folder)


@pytest.mark.parametrize(("drug", "disease", "met"), WRITTEN)
def test_a_name_states_what_it_stands_for_states_in_every_engine(
    drug: str, disease: str, met: set[str], loaded: Policy
) -> None:
    states = {"before": [drug], "disease": disease}
    documents = [{"id": "n", "type": "note", "date": "2025-01-01", "states": states}]
    text = json.dumps({"id": "made", "request": {}, "documents": documents})
    case = Case.from_json(text, "test", loaded.vocabulary)
    decision = loaded.decide(case)
    assert {name for name, one in decision.criteria.items() if one.status == "met"} - {"A"} == met
    assert by_plain_clingo(loaded, case) == by_the_library(loaded, case)
    by_the_solver = Policy(load(loaded.loaded.files, {}, "clingo"))
    assert by_the_solver.decide(case).criteria == decision.criteria


def test_a_part_may_be_made_of_what_it_requires_alone(tmp_path: Path) -> None:
    (tmp_path / "policy.lp").write_text(
        RULES + 'any_of("A.2", part("A.2", other)). requires(part("A.2", other), yes(tried)).\n'
    )
    policy = Policy.load(tmp_path)
    documents = [{"id": "n", "type": "note", "date": "2025-01-01", "states": {"fits": True, "tried": False}}]
    text = json.dumps({"id": "made", "request": {}, "documents": documents})
    case = Case.from_json(text, "test", policy.vocabulary)
    # A.2 asks for what it requires, and for one of its alternatives: the part, which is not met.
    assert policy.decide(case).statuses["A.2"] == "not_met"
