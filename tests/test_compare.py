"""What a comparison says of policies whose differences are known."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import Case, Policy, PolicyError
from pyclingo_bridge.analysis.findings import Comparison, Difference
from pyclingo_bridge.explain.analysis import comparison_report
from pyclingo_bridge.explain.report import as_markdown
from pyclingo_bridge.explain.view import View
from tests.conftest import POLICIES, policy

SHIPPED = ["cp_phar_549", "cp_phar_549_2024", "codebreak100", "label"]


@cache
def comparison(first: str, second: str) -> Comparison:
    return policy(first).compare(policy(second))


def difference(first: str, second: str, *clauses: str) -> list[Difference]:
    return [d for d in comparison(first, second).differences if d.clauses == clauses]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_policy_does_not_differ_from_itself(name: str) -> None:
    found = comparison(name, name)
    assert found.relation == "equivalent"
    assert not found.differences
    assert not found.requirements_of_first
    assert not found.requirements_of_second
    assert {pair.relation for pair in found.sections} == {"equivalent"}


def stated(found: Difference) -> dict[str, Any]:
    return {
        name: value
        for document in found.witness.case["documents"]
        for name, value in document["states"].items()
    }


# (first, second, whom it favors, the clause of the other, what the witness states or asks for)
KNOWN: list[tuple[str, str, str, str, str, Any]] = [
    ("cp_phar_549", "label", "label", "I.A.7", "prior_therapies", "adagrasib"),
    ("cp_phar_549", "label", "label", "I.A.8", "generic_available", True),
    ("cp_phar_549", "label", "label", "I.A.2", "oncology_prescriber", False),
    ("cp_phar_549", "label", "cp_phar_549", "LBL.CRC.4", "egfr_inhibitor_intolerance", True),
    ("cp_phar_549", "label", "cp_phar_549", "LBL.NSCLC.2", "disease_extent", "recurrent"),
    ("cp_phar_549", "codebreak100", "cp_phar_549", "INC.2", "disease_extent", "recurrent"),
    ("cp_phar_549", "codebreak100", "cp_phar_549", "INC.5", "ecog_performance_status", 2),
    ("cp_phar_549", "codebreak100", "cp_phar_549", "EXC.2", "prior_lines_of_therapy", 4),
    ("cp_phar_549", "codebreak100", "cp_phar_549", "EXC.3", "days_since_systemic_therapy", 27),
    ("cp_phar_549", "codebreak100", "cp_phar_549", "EXC.4", "days_since_radiotherapy", 13),
    ("cp_phar_549", "codebreak100", "cp_phar_549", "EXC.1", "active_untreated_brain_metastases", True),
    ("cp_phar_549", "codebreak100", "cp_phar_549", "INC.6", "measurable_disease", False),
    ("cp_phar_549", "codebreak100", "codebreak100", "I.A.8", "generic_available", True),
    ("cp_phar_549_2024", "cp_phar_549", "cp_phar_549_2024", "I.C.4", "kras_g12c", False),
    ("cp_phar_549_2024", "cp_phar_549", "cp_phar_549_2024", "I.C.5", "complete_treatment_history", True),
    ("cp_phar_549_2024", "cp_phar_549", "cp_phar_549_2024", "I.C.1.b", "diagnosis", "pancreatic_adenocarcinoma"),  # noqa: E501
    ("cp_phar_549_2024", "cp_phar_549", "cp_phar_549", "I.C.1.d", "diagnosis", "crc"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("first", "second", "favors", "clause", "attribute", "value"), KNOWN)
def test_a_known_difference_is_found_on_a_telling_case(
    first: str, second: str, favors: str, clause: str, attribute: str, value: Any
) -> None:
    found = [d for d in difference(first, second, clause) if d.favors == favors]
    assert found
    assert all(entry.locators for entry in found)
    told = [{**entry.witness.case["request"], **stated(entry)}.get(attribute) for entry in found]
    assert any(value in entry if isinstance(entry, list) else entry == value for entry in told)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("cp_phar_549", "label"),
        ("cp_phar_549", "codebreak100"),
        ("cp_phar_549_2024", "cp_phar_549"),
    ],
)
def test_every_witness_is_decided_as_told_by_policies_loaded_afresh(first: str, second: str) -> None:
    sides = [Policy.load(first), Policy.load(second)]
    for entry in comparison(first, second).differences:
        case = Case.model_validate(entry.witness.case)
        for side, verdict in zip(sides, entry.witness.verdicts, strict=True):
            decision = side.decide(case)
            assert (decision.outcome, decision.section) == (verdict.outcome, verdict.section)
            assert decision.approval_months == verdict.approval_months
        outcomes = [verdict.outcome for verdict in entry.witness.verdicts]
        assert (entry.kind == "approval") == (outcomes.count("approve") == 1)


def test_each_cause_is_told_once() -> None:
    for second in ("label", "codebreak100"):
        texts = [entry.text for entry in comparison("cp_phar_549", second).differences]
        assert len(texts) == len(set(texts))


def test_sections_are_compared_where_they_share_cases() -> None:
    pairs = {(p.first, p.second) for p in comparison("cp_phar_549", "label").sections}
    assert ("I.A", "LBL.NSCLC") in pairs
    assert ("I.A", "LBL.CRC") not in pairs
    relations = {(p.first, p.second): p.relation for p in comparison(*SHIPPED[:2]).sections}
    assert relations["I.A", "I.A"] == "stricter"
    assert relations["II.A", "II.A"] == "looser"


def test_a_section_that_shares_no_case_with_the_other_side_is_told_to_stand_alone() -> None:
    found = comparison("cp_phar_549", "label").sections
    assert [(pair.first, pair.second) for pair in found if pair.relation is None] == [("I.C", None)]
    versions = comparison("cp_phar_549_2024", "cp_phar_549").sections
    assert not [pair for pair in versions if pair.relation is None]


def test_what_only_one_side_asks_for_is_told() -> None:
    found = comparison("cp_phar_549", "codebreak100")
    assert "ECOG performance status at most 1" in found.requirements_of_second
    assert "prescribed by, or with, an oncologist" in found.requirements_of_first
    assert not {"age in years at least 18", "KRAS G12C mutation found"} & {
        *found.requirements_of_first,
        *found.requirements_of_second,
    }


def test_interpretations_of_one_policy_can_be_compared() -> None:
    strict = policy(prior_therapy_scope="appendix_b")
    found = policy().compare(strict)
    assert found.relation == "looser"
    assert {entry.clauses for entry in found.differences} == {("I.A.6",), ("I.B.5",), ("I.C.5",)}
    assert {entry.favors for entry in found.differences} == {"cp_phar_549 (first)"}


def edited(folder: Path, old: str, new: str) -> Policy:
    shutil.copytree(POLICIES / "planted_sections", folder / "changed")
    path = folder / "changed" / "policy.lp"
    text = path.read_text().replace('"../planted', f'"{POLICIES}/planted')
    assert old in text
    path.write_text(text.replace(old, new))
    return Policy.load(folder / "changed")


EDITS = [
    ("at_least(age, 12)", "at_least(age, 13)", "looser", {("approval", ("A",))}),
    ("at_most(age, 5)", "at_most(age, 6)", "stricter", {("approval", ("C",))}),
    ('duration("B", exactly(3)', 'duration("B", exactly(4)', "equivalent", {("duration", ())}),
    ('1, "elsewhere"', '1, "nowhere else"', "equivalent", {("referral", ())}),
    ('use_condition("E"', 'use_condition("E", yes(tested)). use_condition("E"', "equivalent", {("outcome", ())}),  # noqa: E501
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new", "relation", "kinds"), EDITS)
def test_one_edit_makes_just_its_own_difference(
    tmp_path: Path, old: str, new: str, relation: str, kinds: set[tuple[str, tuple[str, ...]]]
) -> None:
    before = Policy.load(POLICIES / "planted_sections")
    found = before.compare(edited(tmp_path, old, new))
    assert found.relation == relation
    assert {(entry.kind, entry.clauses) for entry in found.differences} >= kinds
    approvals = {e.clauses for e in found.differences if e.kind == "approval"}
    assert approvals == {clauses for kind, clauses in kinds if kind == "approval"}


def test_policies_of_different_vocabularies_have_no_cases_in_common() -> None:
    with pytest.raises(PolicyError, match="different vocabularies"):
        policy().compare(policy(POLICIES / "severe_asthma"))


def test_a_comparison_is_json_and_markdown() -> None:
    found = comparison("cp_phar_549", "codebreak100")
    assert Comparison.model_validate_json(found.model_dump_json()) == found
    views = [View.of(policy(name).loaded) for name in ("cp_phar_549", "codebreak100")]
    text = as_markdown(comparison_report(found, views=views))
    assert "- `-` `INC.5` (ECOG performance status 0 or 1)" in text
    assert "ECOG performance status: 2" in text
