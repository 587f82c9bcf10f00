"""What a check says of policies whose faults are known, and of the shipped ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks.policies import write_policy
from pyclingo_bridge import Case, Policy
from pyclingo_bridge.analysis.check import PolicyCheck
from pyclingo_bridge.analysis.draft import check_policy
from pyclingo_bridge.analysis.findings import CheckReport, Finding
from pyclingo_bridge.base.terms import Term
from pyclingo_bridge.explain.analysis import check_report
from pyclingo_bridge.explain.report import as_markdown
from tests.conftest import POLICIES

Told = set[tuple[str, str, tuple[str, ...]]]


@cache
def report(name: str) -> CheckReport:
    folder = POLICIES / name
    return check_policy(folder if folder.is_dir() else name)


def told(name: str) -> Told:
    """Severity, kind and subjects of each finding but the authors' own notes."""
    found = report(name).findings
    return {(f.severity, f.kind, f.subjects) for f in found if f.kind != "note"}


def finding(name: str, kind: str, *subjects: str) -> Finding:
    (found,) = (f for f in report(name).findings if (f.kind, f.subjects) == (kind, subjects))
    return found


PLANTED: dict[str, Told] = {
    "planted_criteria": {
        ("warning", "never_met", ("A.4", "at_least(score,11)")),
        ("warning", "never_fails", ("A", "A.5")),
        ("warning", "redundant", ("A", "A.2")),
        ("warning", "subsumed", ("A.3", 'part("A.3",both)')),
        ("warning", "subsumed", ("A.7", "is(condition,hives)")),
        ("warning", "idle_ambiguity", ("of_no_account",)),
        ("info", "live_ambiguity", ("specialist_enough",)),
        ("warning", "unused_criterion", ("B",)),
        ("warning", "unused_set", ("left_over",)),
        ("warning", "no_label", ("A.8",)),
    },
    "planted_sections": {
        ("error", "section_never_met", ("D",)),
        ("error", "no_duration", ("C",)),
        ("error", "no_target", ()),
        ("warning", "overlap_of_durations", ("A", "B")),
        ("warning", "two_durations", ("E",)),
        ("warning", "gap", ("A", "age")),
        ("warning", "unrouted", ()),
        ("info", "end", ("A", "condition")),
    },
    "planted_rules": {
        ("error", "no_attribute", ()),
        ("error", "no_value", ()),
        ("error", "unfit", ()),
        ("error", "shown_by_nothing", ()),
        ("error", "no_locator", ()),
        ("error", "negation", ()),
        ("error", "unknown_word", ()),
        ("error", "no_single_head", ()),
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_every_planted_fault_is_found_and_nothing_else(name: str) -> None:
    assert told(name) == PLANTED[name]
    assert len(report(name).findings) == len(PLANTED[name])


def test_more_than_twelve_kinds_of_fault_are_planted() -> None:
    assert len({kind for found in PLANTED.values() for _, kind, _ in found}) >= 24


WORDS = [
    ("planted_criteria", "redundant", ("A", "A.2"), "`A.1` (an adult with asthma)"),
    ("planted_criteria", "subsumed", ("A.3", 'part("A.3",both)'), '"severe"'),
    ("planted_criteria", "subsumed", ("A.7", "is(condition,hives)"), "no case that meets"),
    ("planted_sections", "section_never_met", ("D",), "`D.1` (asthma), or without `D.2` (eczema)"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind", "subjects", "cause"), WORDS)
def test_a_finding_tells_its_cause(name: str, kind: str, subjects: tuple[str, ...], cause: str) -> None:
    assert cause in str(finding(name, kind, *subjects).because)


def test_a_gap_names_its_values_and_where_they_end_up() -> None:
    assert "age 6 to 8 is denied" in finding("planted_sections", "gap", "A", "age").text


def test_a_referral_without_a_target_names_the_choices_that_lead_to_it() -> None:
    assert "kind: first; plan: silver" in finding("planted_sections", "no_target").text
    assert "kind: again" in finding("planted_sections", "unrouted").text


# Every witness, decided anew by a policy loaded afresh, shows what it is a witness of.


def replay(name: str, found: Finding) -> list[tuple[str, str | None, int | None]]:
    assert found.witness
    answers: list[tuple[str, str | None, int | None]] = []
    for verdict in found.witness.verdicts:
        policy = Policy.load(POLICIES / name if name in PLANTED else name, verdict.interpretations)
        case = Case.model_validate(found.witness.case, context={"vocabulary": policy.vocabulary})
        decision = policy.decide(case)
        assert (decision.outcome, decision.denial_kind) == (verdict.outcome, verdict.denial_kind)
        answers.append((decision.outcome, decision.section, decision.approval_months))
    return answers


@pytest.mark.slow
@pytest.mark.parametrize("name", ["planted_criteria", "planted_sections"])
def test_every_witness_is_decided_as_told(name: str) -> None:
    shown = [found for found in report(name).findings if found.witness]
    assert len(shown) >= 3
    for found in shown:
        replay(name, found)


def stated(found: Finding) -> dict[str, Any]:
    assert found.witness
    return {
        name: value
        for document in found.witness.case["documents"]
        for name, value in document["states"].items()
    }


def test_the_witness_of_an_overlap_is_of_an_age_that_both_sections_take() -> None:
    found = finding("planted_sections", "overlap_of_durations", "A", "B")
    assert 12 <= stated(found)["age"] <= 17
    assert replay("planted_sections", found) == [("approve", "A", 6)]


def test_the_witness_of_a_gap_is_of_an_age_in_the_gap() -> None:
    found = finding("planted_sections", "gap", "A", "age")
    assert 6 <= stated(found)["age"] <= 8
    assert [outcome for outcome, _, _ in replay("planted_sections", found)] == ["deny"]


def test_the_witness_of_a_missing_duration_asks_for_the_silver_plan() -> None:
    found = finding("planted_sections", "no_duration", "C")
    assert found.witness
    assert found.witness.case["request"]["plan"] == "silver"
    assert replay("planted_sections", found) == [("approve", "C", None)]


def test_the_witness_of_a_live_ambiguity_is_not_severe_and_has_a_specialist() -> None:
    found = finding("planted_criteria", "live_ambiguity", "specialist_enough")
    assert stated(found)["specialist"] is True
    assert "severe" not in stated(found)
    assert [outcome for outcome, _, _ in replay("planted_criteria", found)] == ["deny", "approve"]


def test_the_witness_of_a_redundant_criterion_is_of_a_patient_too_young_for_both() -> None:
    assert stated(finding("planted_criteria", "redundant", "A", "A.2")).get("age", 0) < 16


# The shipped policies

AMBIGUITIES = (
    "advanced_disease",
    "ampullary_progression",
    "continuation_30_days",
    "covered_indication",
    "dose_increase_other_indications",
    "dose_is_part_of_the_use",
    "prior_therapy_kind",
    "prior_therapy_scope",
    "stable_disease_is_response",
)


@pytest.mark.slow
def test_the_footnote_is_implied_where_the_drug_is_given_alone_and_nowhere_else() -> None:
    redundant = {subjects for _, kind, subjects in told("cp_phar_549") if kind == "redundant"}
    assert redundant == {("I.A.9", "I.A.9.n"), ("I.C.8", "I.C.8.n")}


@pytest.mark.slow
def test_the_drug_alone_is_a_colorectal_regimen_by_each_antibody_that_may_be_left_out() -> None:
    subsumed = {subjects for _, kind, subjects in told("cp_phar_549") if kind == "subsumed"}
    assert subsumed == {("I.B.8.n", "empty(concurrent_drugs)")}


@pytest.mark.slow
def test_every_ambiguity_of_the_policy_decides_some_case() -> None:
    live = {subjects for _, kind, subjects in told("cp_phar_549") if kind == "live_ambiguity"}
    assert live == {(name,) for name in AMBIGUITIES}
    for name in AMBIGUITIES:
        found = finding("cp_phar_549", "live_ambiguity", name)
        assert len(set(replay("cp_phar_549", found))) == 2


@pytest.mark.slow
def test_requests_beyond_the_sections_are_referred() -> None:
    ends = {(kind, subjects) for _, kind, subjects in told("cp_phar_549") if kind == "end"}
    assert ends == {
        ("end", ("I.A", "age")),
        ("end", ("I.A", "diagnosis")),
        ("end", ("I.A", "concurrent_drugs")),
        ("end", ("II.A", "diagnosis")),
    }
    assert "age in years 0 to 17" in finding("cp_phar_549", "end", "I.A", "age").text
    assert stated(finding("cp_phar_549", "end", "I.A", "age"))["age"] == 17


def test_the_policy_has_no_finding_but_those() -> None:
    kinds = {kind for _, kind, _ in told("cp_phar_549")}
    assert kinds == {"redundant", "subsumed", "end", "live_ambiguity"}
    assert report("cp_phar_549").gravest() == "warning"


def test_the_oddities_of_the_source_are_notes_with_locators() -> None:
    notes = [found for found in report("cp_phar_549").findings if found.kind == "note"]
    subjects = {found.subjects[0] for found in notes}
    assert {"I.A.7", "I.C.1.a", "I.D.2", "II.A", "II.A.3.a"} <= subjects
    assert all(found.locators for found in notes)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["codebreak100", "label", "cp_phar_549_2024"])
def test_the_other_shipped_policies_have_no_error(name: str) -> None:
    assert report(name).gravest() != "error"
    assert not {kind for _, kind, _ in told(name)} & {"never_met", "never_fails", "unused_set"}


def test_every_kind_of_question_is_told_of_with_how_often_it_was_asked() -> None:
    proofs = {proof.kind: proof for proof in report("cp_phar_549").proofs}
    assert proofs["section_never_met"].asked == 4
    assert proofs["worse_with_more"].found == 0
    assert proofs["redundant"].found == 2
    assert all(proof.asked for proof in proofs.values())


def test_a_check_gives_the_same_report_every_time() -> None:
    assert Policy.load("label").check() == report("label")


def test_a_report_is_json_that_can_be_read_back() -> None:
    text = report("planted_sections").model_dump_json()
    assert CheckReport.model_validate_json(text) == report("planted_sections")


def test_markdown_keeps_names_and_makes_the_rest_plain() -> None:
    text = as_markdown(check_report(report("planted_criteria")))
    assert text.startswith("## ")
    assert "`A.2` (sixteen or older)" in text
    assert "no\\_label" in text


def test_a_policy_of_no_sections_is_told_of_and_not_asked(tmp_path: Path) -> None:
    (tmp_path / "policy.lp").write_text('policy(p, "p"). source("s", "r"). vocabulary(v).\n')
    found = check_policy(tmp_path)
    assert [entry.kind for entry in found.findings] == ["no_sections"]
    assert found.policy is None
    assert found.left_out


def test_every_fault_of_one_line_is_found_and_its_neighbours_are_kept(tmp_path: Path) -> None:
    text = (POLICIES / "planted_sections" / "policy.lp").read_text()
    text = text.replace('"../planted', f'"{POLICIES}/planted')
    text += 'nonsense("é"). criterion("G", "kept"). locator("G", "G"). { requires("G", yes(severe)) }.\n'
    (tmp_path / "policy.lp").write_text(text)
    kinds = [entry.kind for entry in check_policy(tmp_path).findings]
    assert kinds == ["no_single_head", "unknown_word"]


def test_a_number_that_another_section_asks_for_is_no_gap_where_some_section_takes_it(
    tmp_path: Path,
) -> None:
    lines = [
        'policy(two, "two"). source("nowhere", "now"). vocabulary(two).',
        "attribute(asked, request). domain(asked, flag). default(asked, true).",
        "attribute((p; q), stable). domain((p; q), flag).",
        "attribute(n, latest). domain(n, whole_number). minimum(n, 0).",
        "document_type(note, 1). establishes(note, (n; p; q)).",
        'section("A", 1). route("A", yes(asked)). criterion("A", "a"). locator("A", "a").',
        'section("B", 2). route("B", yes(asked)). criterion("B", "b"). locator("B", "b").',
        'requires("A", at_least(n, 2)). requires("A", yes(p)).',
        'requires("B", at_least(n, 10)). requires("B", yes(q)).',
    ]
    (tmp_path / "policy.lp").write_text("\n".join(lines) + "\n", encoding="utf-8")
    kinds = {finding.kind for finding in Policy.load(tmp_path).check().findings}
    assert "overlap" in kinds
    assert "gap" not in kinds


def test_a_section_that_no_case_is_about_takes_nothing_from_the_others(tmp_path: Path) -> None:
    lines = [
        'policy(two, "two"). source("nowhere", "now"). vocabulary(two).',
        "attribute((here; there), request). domain((here; there), flag).",
        "attribute((p; q), stable). domain((p; q), flag).",
        "document_type(note, 1). establishes(note, (p; q)).",
        "impossible(saying_so, yes(here)). impossible(denying_it, no(here)).",
        'section("A", 1). route("A", yes(here)). criterion("A", "a"). locator("A", "a").',
        'section("B", 2). route("B", yes(there)). criterion("B", "b"). locator("B", "b").',
        'requires("A", yes(p)). requires("B", yes(q)).',
    ]
    (tmp_path / "policy.lp").write_text("\n".join(lines) + "\n", encoding="utf-8")
    seen = PolicyCheck(Policy.load(tmp_path).loaded).of_sections()
    assert Term("can_be_met", ("B",)) in seen
    assert not {term for term in seen if "A" in term.args}


@pytest.mark.slow
def test_what_is_said_of_one_section_bears_on_no_other_asked_in_the_same_program(
    tmp_path: Path,
) -> None:
    # Of twenty sections for twenty diseases no two are met together, yet each can be met.
    folder = write_policy(tmp_path / "made", 200).folder
    check = PolicyCheck(Policy.load(folder).loaded)
    names = {f"S{number}" for number in range(20)}
    seen = check.of_sections()
    assert {term.args[0] for term in seen if term.name == "can_be_met"} >= names
    across = check.across_sections()
    assert {term.args[0] for term in across if term.name == "only_section"} == names
    assert not {term for term in across if term.name == "together"}
