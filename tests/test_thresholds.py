"""Each threshold at one less, itself and one more; each criterion as the only obstacle; each
alternative as the only route. Expectations are the policy's own, read off its text."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import CONTINUING, FACTS, case, made, policy, request

CONTINUATION = {"type": "continuation"}
COLON = {"diagnosis": "crc"}
NO_REASON = {"generic_contraindicated": False, "generic_not_tolerated": False}
ALONE_INTOLERANT = {"egfr_inhibitor_intolerance": True}


def outcome(data: dict[str, Any], **interpretations: str) -> tuple[str, str | None]:
    decision = policy(**interpretations).decide(case(data))
    return decision.outcome, decision.section or decision.denial_kind or decision.refer_to


@pytest.mark.parametrize(
    ("age", "expected"),
    [(17, ("refer", "CP.CPA.09")), (18, ("approve", "I.A")), (19, ("approve", "I.A"))],
)
def test_adults_begin_at_eighteen(age: int, expected: tuple[str, str]) -> None:
    assert outcome(made(request(), FACTS, age=age)) == expected


@pytest.mark.parametrize(
    ("dose", "expected"),
    [(959, "approve"), (960, "approve"), (961, "deny")],
)
@pytest.mark.parametrize(
    ("changes", "drugs", "section"),
    [
        ({}, [], "I.A"),
        (COLON, ["panitumumab"], "I.B"),
        ({"diagnosis": "ampullary_adenocarcinoma"}, [], "I.C"),
    ],
)
def test_the_daily_limit_is_960_mg_in_every_section(
    dose: int, expected: str, changes: dict[str, Any], drugs: list[str], section: str
) -> None:
    form = request(dose_mg_per_day=dose, concurrent_drugs=drugs)
    found = outcome(made(form, FACTS, **changes))
    assert found == (expected, section if expected == "approve" else "insufficient_documentation")
    assert outcome(made(form, FACTS, **changes, dose_supported_by_evidence=True)) == (
        "approve",
        section,
    )


@pytest.mark.parametrize(("days", "expected"), [(29, "deny"), (30, "approve"), (31, "approve")])
def test_continuation_from_elsewhere_needs_thirty_days(days: int, expected: str) -> None:
    assert outcome(made(request(**CONTINUATION), CONTINUING, days_on_therapy=days))[0] == expected


@pytest.mark.parametrize(("interpretation", "expected"), [("second_limb", "approve"), ("both_limbs", "deny")])
def test_the_interpretation_says_whether_thirty_days_bind_the_plans_own_members(
    interpretation: str, expected: str
) -> None:
    facts = {**CONTINUING, "currently_receiving_via_plan": ("benefit_record", True)}
    data = made(request(**CONTINUATION), facts, days_on_therapy=29)
    assert outcome(data, continuation_30_days=interpretation)[0] == expected


@pytest.mark.parametrize(
    ("line", "asked", "months"),
    [
        ("commercial", None, 12),
        ("commercial", 11, 11),
        ("commercial", 12, 12),
        ("commercial", 13, 12),
        ("medicaid", 3, 6),
        ("medicaid", None, 6),
        ("him", 24, 6),
    ],
)
def test_a_first_approval_lasts_as_long_as_the_line_of_business_says(
    line: str, asked: int | None, months: int
) -> None:
    form = request(line_of_business=line, **({"duration_months": asked} if asked else {}))
    assert policy().decide(case(made(form, FACTS))).approval_months == months


@pytest.mark.parametrize(
    ("line", "asked", "months"), [("commercial", 1, 1), ("medicaid", 3, 12), ("him", None, 12)]
)
def test_a_continuation_lasts_as_long_as_the_line_of_business_says(
    line: str, asked: int | None, months: int
) -> None:
    form = request(line_of_business=line, **CONTINUATION, **({"duration_months": asked} if asked else {}))
    assert policy().decide(case(made(form, CONTINUING))).approval_months == months


OBSTACLES = [
    ("I.A.2", {"oncology_prescriber": False}, {}),
    ("I.A.4", {"kras_g12c": False}, {}),
    ("I.A.6", {"prior_therapies": ["ondansetron"]}, {}),
    ("I.A.7", {"prior_therapies": ["carboplatin", "Krazati"]}, {}),
    ("I.A.8", {"generic_available": True, **NO_REASON}, {}),
    ("I.A.1", {"disease_extent": ["early"]}, {}),
    ("I.A.9", {"dose_supported_by_evidence": False}, {"dose_mg_per_day": 1200}),
]


@pytest.mark.parametrize(("criterion", "facts", "form"), OBSTACLES)
def test_each_criterion_alone_denies_lung_cancer(
    criterion: str, facts: dict[str, Any], form: dict[str, Any]
) -> None:
    decision = policy().decide(case(made(request(**form), FACTS, **facts)))
    assert decision.denial_kind == "criteria_not_met"
    children = {item for item in decision.criteria if item.count(".") == 2 and item.startswith("I.A.")}
    assert {name for name in children if decision.criteria[name].status != "met"} == {criterion}


@pytest.mark.parametrize(
    ("left_out", "criterion"),
    [
        ("age", "I.A.3"),
        ("oncology_prescriber", "I.A.2"),
        ("disease_extent", "I.A.1"),
        ("diagnosis", "I.A.1"),
        ("kras_g12c", "I.A.4"),
        ("generic_available", "I.A.8"),
    ],
)
def test_each_fact_left_out_is_what_is_missing(left_out: str, criterion: str) -> None:
    data = made(request(), FACTS, **{left_out: None})
    decision = policy().decide(case(data))
    assert decision.denial_kind == "insufficient_documentation"
    assert decision.criteria[criterion].status == "undocumented"
    assert any(
        {requirement.attribute for requirement in entry.requirements} == {left_out}
        for entry in policy().missing(case(data))
    )


@pytest.mark.parametrize(
    ("form", "facts"),
    [
        ({"product": "generic"}, {"generic_available": True}),
        ({}, {"generic_available": False}),
        ({}, {"generic_available": True, "generic_contraindicated": True}),
        ({}, {"generic_available": True, "generic_not_tolerated": True}),
    ],
)
def test_each_way_past_the_generic_is_enough_alone(form: dict[str, Any], facts: dict[str, Any]) -> None:
    assert outcome(made(request(**form), FACTS, **facts)) == ("approve", "I.A")


@pytest.mark.parametrize(
    ("drugs", "facts", "route"),
    [
        (["Vectibix"], {}, "I.B.6.a"),
        (["cetuximab"], {}, "I.B.6.b"),
        ([], ALONE_INTOLERANT, "I.B.6.c"),
    ],
)
def test_each_way_to_give_it_in_colorectal_cancer_is_the_only_route(
    drugs: list[str], facts: dict[str, Any], route: str
) -> None:
    decision = policy().decide(case(made(request(concurrent_drugs=drugs), FACTS, **COLON, **facts)))
    assert (decision.outcome, decision.section) == ("approve", "I.B")
    met = [name for name in ("I.B.6.a", "I.B.6.b", "I.B.6.c") if decision.criteria[name].status == "met"]
    assert met == [route]


@pytest.mark.parametrize("extent", ["recurrent", "locally_advanced", "advanced", "metastatic"])
@pytest.mark.parametrize(
    ("diagnosis", "criterion", "named"),
    [
        ("nsclc", "I.A.1", {"recurrent", "locally_advanced", "metastatic"}),
        ("crc", "I.B.1", {"advanced", "metastatic"}),
        ("pancreatic_adenocarcinoma", "I.C.1.b", {"locally_advanced", "recurrent", "metastatic"}),
        ("small_bowel_adenocarcinoma", "I.C.1.c", {"advanced", "metastatic"}),
    ],
)
@pytest.mark.parametrize("interpretation", ["as_named", "locally_advanced_or_metastatic"])
def test_each_extent_of_disease_counts_where_it_is_named_or_read_so(
    extent: str, diagnosis: str, criterion: str, named: set[str], interpretation: str
) -> None:
    wide = named | {"advanced", "locally_advanced"}
    decision = policy(advanced_disease=interpretation).decide(
        case(made(request(), FACTS, diagnosis=diagnosis, disease_extent=[extent]))
    )
    counted = extent in (named if interpretation == "as_named" else wide)
    assert decision.criteria[criterion].status == ("met" if counted else "not_met")


@pytest.mark.parametrize(
    ("diagnosis", "drug", "listed"),
    [
        ("nsclc", "nivolumab", True),
        ("nsclc", "ipilimumab", False),
        ("nsclc", "docetaxel", False),
        ("crc", "irinotecan", True),
        ("crc", "bevacizumab", False),
        ("ampullary_adenocarcinoma", "folfox", True),
        ("ampullary_adenocarcinoma", "gemcitabine", False),
        ("pancreatic_adenocarcinoma", "gemcitabine", True),
        ("pancreatic_adenocarcinoma", "oxaliplatin", True),
        ("small_bowel_adenocarcinoma", "capecitabine", True),
    ],
)
def test_the_appendixs_own_list_counts_under_its_interpretation_alone(
    diagnosis: str, drug: str, listed: bool
) -> None:
    facts = {"diagnosis": diagnosis, "prior_therapies": [drug], **ALONE_INTOLERANT}
    data = made(request(), FACTS, **facts)
    assert outcome(data)[0] == "approve"
    expected = "approve" if listed else "deny"
    assert outcome(data, prior_therapy_scope="appendix_b")[0] == expected


@pytest.mark.parametrize(
    ("line", "formulary", "changed", "target"),
    [
        ("commercial", True, True, "CP.CPA.190"),
        ("him", True, True, "HIM.PA.33"),
        ("medicaid", True, True, "CP.PMN.255"),
        ("commercial", False, True, "CP.CPA.190"),
        ("him", False, True, "HIM.PA.103"),
        ("medicaid", False, True, "CP.PMN.16"),
        ("commercial", True, None, "CP.CPA.09"),
        ("him", False, False, "HIM.PA.154"),
        ("medicaid", True, None, "CP.PMN.53"),
    ],
)
@pytest.mark.parametrize("kind", ["initial", "continuation"])
def test_other_uses_are_referred_by_line_of_business_and_label_change(
    line: str, formulary: bool, changed: bool | None, target: str, kind: str
) -> None:
    form = request(type=kind, line_of_business=line, on_formulary=formulary)
    data = made(form, {**FACTS, **CONTINUING}, diagnosis="cholangiocarcinoma", recent_label_change=changed)
    assert policy().decide(case(data)).refer_to == target


@pytest.mark.parametrize(
    ("diagnosis", "interpretation", "expected"),
    [
        ("nsclc", "as_written", "approve"),
        ("crc", "as_written", "approve"),
        ("pancreatic_adenocarcinoma", "as_written", "deny"),
        ("pancreatic_adenocarcinoma", "all_covered", "approve"),
    ],
)
def test_the_interpretation_says_whose_dose_may_be_raised(
    diagnosis: str, interpretation: str, expected: str
) -> None:
    form = request(**CONTINUATION, dose_increase=True)
    data = made(form, CONTINUING, diagnosis=diagnosis)
    assert outcome(data, dose_increase_other_indications=interpretation)[0] == expected
    assert outcome(made(form, CONTINUING, diagnosis=diagnosis, dose_supported_by_evidence=True))[0] == "approve"


@pytest.mark.parametrize(
    ("category", "interpretation", "status"),
    [
        ("cr", "yes", "met"),
        ("pr", "no", "met"),
        ("sd", "yes", "met"),
        ("sd", "no", "not_met"),
        ("pd", "yes", "not_met"),
    ],
)
def test_a_response_category_counts_as_the_documents_statement(
    category: str, interpretation: str, status: str
) -> None:
    data = made(request(**CONTINUATION), CONTINUING, responding_positively=None, recist_response=category)
    decision = policy(stable_disease_is_response=interpretation).decide(case(data))
    assert decision.criteria["II.A.2"].status == status


def test_a_flag_and_a_category_of_one_document_can_contradict_each_other() -> None:
    data = made(request(**CONTINUATION), CONTINUING, responding_positively=None)
    states = {"responding_positively": True, "recist_response": "pd"}
    data["documents"].append({"id": "scan", "type": "imaging_report", "date": "2025-03-02", "states": states})
    decision = policy().decide(case(data))
    assert decision.criteria["II.A.2"].status == "conflicting"
    effects = {entry.attribute: entry.effect for entry in decision.criteria["II.A.2"].evidence}
    assert effects == {"responding_positively": "supports", "recist_response": "refutes"}
