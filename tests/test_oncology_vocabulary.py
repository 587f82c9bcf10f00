"""What the oncology vocabulary says of its attributes: how long a statement is fresh, and whether it is of one
tumor or of the patient."""

from __future__ import annotations

from typing import Any

import pytest

from pyclingo_bridge import Decision
from tests.conftest import CONTINUING, FACTS, case, made, policy, request

CONTINUATION = {"type": "continuation"}
REQUEST_DAY = "2025-09-30"


def decided(data: dict[str, Any], of: str = "cp_phar_549") -> Decision:
    named = policy(of)
    return named.decide(case(data, named))


def with_document(facts: dict[str, tuple[str, Any]], form: dict[str, Any], **document: Any) -> dict[str, Any]:
    """A case of these facts on the day of the request, and this document."""
    data = made(request(**form, date=REQUEST_DAY), facts)
    for other in data["documents"]:
        other["date"] = REQUEST_DAY
    data["documents"].append({"id": "one", "type": "chart_note", "date": REQUEST_DAY, **document})
    return data


FRESH = [
    # Six months before 30 September is 30 March, three months 30 June, one month 30 August.
    ("generic_available", False, "2025-03-30", "2025-03-29"),
    ("recent_label_change", False, "2025-03-30", "2025-03-29"),
    ("disease_progression", True, "2025-03-30", "2025-03-29"),
    ("responding_positively", True, "2025-03-30", "2025-03-29"),
    ("recist_response", "pr", "2025-03-30", "2025-03-29"),
    ("prior_lines_of_therapy", 2, "2025-03-30", "2025-03-29"),
    ("currently_receiving_via_plan", True, "2025-06-30", "2025-06-29"),
    ("currently_receiving_for_covered_indication", True, "2025-06-30", "2025-06-29"),
    ("current_dose_mg_per_day", 960, "2025-06-30", "2025-06-29"),
    ("measurable_disease", True, "2025-06-30", "2025-06-29"),
    ("active_untreated_brain_metastases", False, "2025-06-30", "2025-06-29"),
    ("ecog_performance_status", 1, "2025-06-30", "2025-06-29"),
    ("days_since_systemic_therapy", 40, "2025-08-30", "2025-08-29"),
    ("days_since_radiotherapy", 40, "2025-08-30", "2025-08-29"),
    ("oncology_prescriber", True, "2024-09-30", "2024-09-29"),
]


@pytest.mark.parametrize(("attribute", "value", "fresh", "old"), FRESH)
def test_a_statement_is_old_after_its_months(attribute: str, value: Any, fresh: str, old: str) -> None:
    facts = {name: fact for name, fact in FACTS.items() if name != attribute}
    of = "cp_phar_549" if attribute not in ONLY_OF_THE_TRIAL else "codebreak100"
    for day, expected in ((fresh, False), (old, True)):
        data = with_document(facts, {}, date=day, states={attribute: value})
        told = [warning for warning in decided(data, of).warnings if attribute in warning]
        aged = [warning for warning in told if "do not usually show" not in warning]
        assert bool(aged) == expected


ONLY_OF_THE_TRIAL = {
    "prior_lines_of_therapy",
    "measurable_disease",
    "active_untreated_brain_metastases",
    "ecog_performance_status",
    "days_since_systemic_therapy",
    "days_since_radiotherapy",
}


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("age", 64),
        ("birth_date", "1960-01-01"),
        ("diagnosis", "nsclc"),
        ("kras_g12c", True),
        ("disease_extent", ["metastatic"]),
        ("prior_therapies", ["carboplatin"]),
        ("egfr_inhibitor_intolerance", True),
        ("generic_contraindicated", True),
        ("generic_not_tolerated", True),
    ],
)
def test_what_stays_true_or_grows_by_itself_is_never_old(attribute: str, value: Any) -> None:
    facts = {name: fact for name, fact in FACTS.items() if name != attribute}
    data = with_document(facts, {}, type="pathology_report", date="2010-01-01", states={attribute: value})
    told = [warning for warning in decided(data).warnings if attribute in warning]
    assert [warning for warning in told if "do not usually show" not in warning] == []


OF_THE_TUMOR: list[tuple[str, dict[str, tuple[str, Any]], dict[str, Any], str, Any]] = [
    ("I.A.1", FACTS, {}, "diagnosis", "crc"),
    ("I.A.4", FACTS, {}, "kras_g12c", False),
    ("II.A.2", CONTINUING, CONTINUATION, "responding_positively", False),
    ("II.A.2", CONTINUING, CONTINUATION, "recist_response", "pd"),
]
OF_THE_PATIENT: list[tuple[str, dict[str, tuple[str, Any]], dict[str, Any], str, Any]] = [
    ("I.A.3", FACTS, {}, "age", 17),
    ("I.A.7", FACTS, {}, "prior_therapies", ["adagrasib"]),
    ("I.A.8", FACTS, {}, "generic_available", True),
    ("II.A.1", CONTINUING, CONTINUATION, "days_on_therapy", 29),
]


@pytest.mark.parametrize(
    ("criterion", "facts", "form", "attribute", "value", "of_tumor"),
    [(*row, True) for row in OF_THE_TUMOR] + [(*row, False) for row in OF_THE_PATIENT],
)
def test_another_tumors_document_says_nothing_of_this_tumor_and_all_of_the_patient(
    criterion: str,
    facts: dict[str, tuple[str, Any]],
    form: dict[str, Any],
    attribute: str,
    value: Any,
    of_tumor: bool,
) -> None:
    # Beside documents of the same day that meet the criterion, one that contradicts them.
    lung = {**form, "tumor": "lung"}
    for tumor, counts in (("colon", not of_tumor), ("Lung", True), (None, True)):
        named = {"tumor": tumor} if tumor else {}
        decision = decided(with_document(facts, lung, states={attribute: value}, **named))
        assert (decision.criteria[criterion].status != "met") == counts


def test_an_extent_of_another_tumor_makes_no_disease_advanced() -> None:
    facts = {**FACTS, "disease_extent": ("imaging_report", ["early"])}
    for tumor, expected in (("colon", "not_met"), ("lung", "met")):
        data = with_document(facts, {"tumor": "lung"}, tumor=tumor, states={"disease_extent": ["metastatic"]})
        assert decided(data).criteria["I.A.1"].status == expected


@pytest.mark.parametrize("attribute", ["stk11_mutated", "keap1_mutated", "tp53_mutated", "kras_g12c"])
def test_a_specimen_is_tissue_or_plasma(attribute: str) -> None:
    data = with_document(FACTS, {}, type="molecular_report", states={attribute: True, "specimen": "plasma"})
    assert decided(data).outcome == "approve"
