"""CP.PHAR.549 clause by clause: regimens, the generic, the dose as part of the use, continued therapy, and what
is warned of or told. Expectations are read off the policy's text; the version before stands at the end."""

from __future__ import annotations

from typing import Any

import pytest

from pyclingo_bridge import Decision
from tests.conftest import CONTINUING, FACTS, case, made, policy, request

CONTINUATION = {"type": "continuation"}
AMPULLARY = {"diagnosis": "ampullary_adenocarcinoma"}
SECTIONS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("I.A", {}, []),
    ("I.B", {"diagnosis": "crc"}, ["panitumumab"]),
    ("I.C", AMPULLARY, []),
]
"""A section of the policy, the facts that lead to it, and a regimen that it has."""


def decided(data: dict[str, Any], of: str = "cp_phar_549", **interpretations: str) -> Decision:
    return policy(of, **interpretations).decide(case(data))


def result(data: dict[str, Any], of: str = "cp_phar_549", **interpretations: str) -> tuple[str, str | None]:
    decision = decided(data, of, **interpretations)
    return decision.outcome, decision.section or decision.denial_kind or decision.refer_to


def status(data: dict[str, Any], criterion: str, **interpretations: str) -> str:
    return decided(data, **interpretations).criteria[criterion].status


def on(data: dict[str, Any], day: str) -> dict[str, Any]:
    """The same case, received on this day and with all of its documents of it."""
    data["request"] = {**data["request"], "date": day}
    data["documents"] = [{**document, "date": day} for document in data["documents"]]
    return data


def stated(data: dict[str, Any], kind: str, day: str, **states: Any) -> dict[str, Any]:
    """The same case with one more document of this type and day."""
    number = len(data["documents"])
    data["documents"].append({"id": f"more-{number}", "type": kind, "date": day, "states": states})
    return data


def warned(decision: Decision, text: str) -> bool:
    return any(text in warning for warning in decision.warnings)


# The regimen


REGIMENS = [
    ([], "met"),
    (["panitumumab"], "met"),
    (["cetuximab"], "met"),
    (["Vectibix", "ondansetron"], "met"),
    (["panitumumab", "cetuximab"], "undocumented"),
    (["panitumumab", "adagrasib"], "undocumented"),
    (["cetuximab", "bevacizumab"], "undocumented"),
    (["panitumumab", "cetuximab", "adagrasib"], "undocumented"),
    (["bevacizumab"], "undocumented"),
    (["panitumumab", "wonderdrug"], "undocumented"),
]


@pytest.mark.parametrize(("drugs", "expected"), REGIMENS)
def test_a_colorectal_regimen_is_recognized_only_without_another_drug(drugs: list[str], expected: str) -> None:
    first = made(request(concurrent_drugs=drugs), FACTS, diagnosis="crc")
    assert status(first, "I.B.8.n") == expected
    form = request(**CONTINUATION, dose_increase=True, concurrent_drugs=drugs)
    assert status(made(form, CONTINUING, diagnosis="crc"), "II.A.3.n") == expected


@pytest.mark.parametrize(("drugs", "expected"), REGIMENS)
def test_literature_that_recommends_a_regimen_is_enough_and_one_that_does_not_is_none(
    drugs: list[str], expected: str
) -> None:
    form = request(concurrent_drugs=drugs)
    recommended = made(form, FACTS, diagnosis="crc", regimen_recommended=True)
    assert status(recommended, "I.B.8.n") == "met"
    unknown = "wonderdrug" in drugs
    against = made(form, FACTS, diagnosis="crc", regimen_recommended=False)
    assert status(against, "I.B.8.n") == (expected if expected == "met" or unknown else "not_met")


def test_a_third_drug_leaves_a_colorectal_request_short_of_literature() -> None:
    drugs = ["panitumumab", "cetuximab", "adagrasib"]
    data = made(request(concurrent_drugs=drugs), FACTS, diagnosis="crc")
    assert result(data) == ("deny", "insufficient_documentation")
    (missing,) = policy().missing(case(data))
    assert [requirement.term for requirement in missing.requirements] == ["yes(regimen_recommended)"]
    assert result(stated(data, "literature", "2025-03-02", regimen_recommended=True)) == ("approve", "I.B")


@pytest.mark.parametrize("attribute", ["regimen_recommended", "dose_supported_by_evidence"])
def test_a_chart_note_is_no_literature(attribute: str) -> None:
    form = request(concurrent_drugs=["panitumumab", "cetuximab"], dose_mg_per_day=1200)
    both = {"regimen_recommended": True, "dose_supported_by_evidence": True}
    whole = made(form, FACTS, diagnosis="crc", **both)
    assert result(whole) == ("approve", "I.B")
    for document in whole["documents"]:
        if attribute in document["states"]:
            document["type"] = "chart_note"
    assert result(whole) == ("deny", "insufficient_documentation")


@pytest.mark.parametrize("order", [(True, False), (False, True)])
def test_a_paper_that_does_not_support_a_dose_contradicts_none_that_does(order: tuple[bool, bool]) -> None:
    data = made(request(dose_mg_per_day=1200), FACTS)
    for supports in order:
        stated(data, "literature", "2025-03-02", dose_supported_by_evidence=supports)
    assert result(data) == ("approve", "I.A")


def test_in_lung_cancer_the_footnote_takes_literature_and_the_section_still_asks_for_the_drug_alone() -> None:
    data = made(request(concurrent_drugs=["pembrolizumab"]), FACTS, regimen_recommended=True)
    assert status(data, "I.A.9.n") == "met"
    assert status(data, "I.A.5") == "not_met"
    assert result(data) == ("refer", "CP.CPA.09")


# The generic


GENERIC = {"I.A": "I.A.8", "I.B": "I.B.7", "I.C": "I.C.7"}
REASONS = ("generic_contraindicated", "generic_not_tolerated")


@pytest.mark.parametrize(("section", "facts", "drugs"), SECTIONS)
@pytest.mark.parametrize(
    ("form", "generic", "expected"),
    [
        ({"product": "generic"}, {"generic_available": True}, "met"),
        ({}, {"generic_available": False}, "met"),
        ({}, {"generic_available": True, "generic_contraindicated": True}, "met"),
        ({}, {"generic_available": True, "generic_not_tolerated": True}, "met"),
        ({}, {"generic_available": True}, "undocumented"),
        ({}, {"generic_available": True, "generic_contraindicated": False}, "undocumented"),
        ({}, {"generic_available": True, "generic_not_tolerated": False}, "undocumented"),
        ({}, {"generic_available": True, **dict.fromkeys(REASONS, False)}, "not_met"),
    ],
)
def test_the_generic_comes_first_but_for_four_ways_past_it(
    section: str,
    facts: dict[str, Any],
    drugs: list[str],
    form: dict[str, Any],
    generic: dict[str, Any],
    expected: str,
) -> None:
    data = made(request(concurrent_drugs=drugs, **form), FACTS, **facts, **generic)
    assert status(data, GENERIC[section]) == expected
    assert result(data)[0] == ("approve" if expected == "met" else "deny")


@pytest.mark.parametrize(("available", "expected"), [(False, True), (None, False), (True, False)])
def test_a_generic_that_is_not_on_the_market_is_warned_of(available: bool | None, expected: bool) -> None:
    decision = decided(made(request(product="generic"), FACTS, generic_available=available))
    assert decision.outcome == "approve"
    assert warned(decision, "none is on the market") == expected


# Prior therapy


OFF_LABEL = ["ampullary_adenocarcinoma", "pancreatic_adenocarcinoma", "small_bowel_adenocarcinoma"]


@pytest.mark.parametrize(
    ("diagnosis", "drug", "listed"),
    [
        ("nsclc", "ipilimumab", False),
        ("nsclc", "tremelimumab", False),
        ("nsclc", "Opdivo", True),
        ("nsclc", "durvalumab", True),
        ("crc", "tegafur_uracil", True),
        ("crc", "s_1", True),
        ("crc", "capecitabine", True),
        ("crc", "oxaliplatin", True),
        ("crc", "irinotecan", True),
        ("crc", "bevacizumab", False),
        ("ampullary_adenocarcinoma", "tegafur_uracil", True),
        ("small_bowel_adenocarcinoma", "gemcitabine", False),
        ("pancreatic_adenocarcinoma", "oxaliplatin", True),
        ("pancreatic_adenocarcinoma", "olaparib", True),
    ],
)
def test_appendix_b_lists_classes_and_examples_as_its_source_does(
    diagnosis: str, drug: str, listed: bool
) -> None:
    facts = {"diagnosis": diagnosis, "prior_therapies": [drug], "egfr_inhibitor_intolerance": True}
    data = made(request(), FACTS, **facts)
    assert result(data)[0] == "approve"
    assert result(data, prior_therapy_scope="appendix_b")[0] == ("approve" if listed else "deny")


@pytest.mark.parametrize("therapy", ["radiation_therapy", "surgery"])
@pytest.mark.parametrize("diagnosis", OFF_LABEL)
@pytest.mark.parametrize("scope", ["any_systemic", "appendix_b"])
def test_treatment_that_is_no_drug_counts_off_the_label_under_its_interpretation_alone(
    therapy: str, diagnosis: str, scope: str
) -> None:
    data = made(request(), FACTS, diagnosis=diagnosis, prior_therapies=[therapy])
    assert status(data, "I.C.5", prior_therapy_scope=scope) == "not_met"
    assert status(data, "I.C.5", prior_therapy_scope=scope, prior_therapy_kind="any_treatment") == "met"


def test_any_treatment_counts_every_anticancer_drug_whatever_the_appendix_lists() -> None:
    data = made(request(), FACTS, **AMPULLARY, prior_therapies=["gemcitabine"])
    assert status(data, "I.C.5", prior_therapy_scope="appendix_b") == "not_met"
    both = {"prior_therapy_scope": "appendix_b", "prior_therapy_kind": "any_treatment"}
    assert status(data, "I.C.5", **both) == "met"


@pytest.mark.parametrize(("diagnosis", "criterion"), [("nsclc", "I.A.6"), ("crc", "I.B.5")])
def test_on_the_label_prior_therapy_is_systemic_under_every_interpretation(
    diagnosis: str, criterion: str
) -> None:
    data = made(request(), FACTS, diagnosis=diagnosis, prior_therapies=["radiation_therapy"])
    assert status(data, criterion, prior_therapy_kind="any_treatment") == "not_met"


def test_a_whole_list_of_drugs_does_not_say_that_there_was_no_other_treatment() -> None:
    data = made(request(), FACTS, **AMPULLARY, prior_therapies=[])
    assert status(data, "I.C.5") == "not_met"
    assert status(data, "I.C.5", prior_therapy_kind="any_treatment") == "undocumented"


# The dose


@pytest.mark.parametrize(("section", "facts", "drugs"), SECTIONS)
@pytest.mark.parametrize(
    ("dose", "changed", "interpretation", "expected"),
    [
        (959, True, "when_label_changed", "approve"),
        (960, True, "when_label_changed", "approve"),
        (961, True, "when_label_changed", "refer"),
        (961, False, "when_label_changed", "deny"),
        (961, None, "when_label_changed", "deny"),
        (961, True, "never", "deny"),
        (960, True, "never", "approve"),
    ],
)
def test_a_dose_above_the_limit_is_another_use_where_the_label_changed(
    section: str,
    facts: dict[str, Any],
    drugs: list[str],
    dose: int,
    changed: bool | None,
    interpretation: str,
    expected: str,
) -> None:
    form = request(dose_mg_per_day=dose, concurrent_drugs=drugs)
    data = made(form, FACTS, **facts, recent_label_change=changed)
    target = {"approve": section, "deny": "insufficient_documentation", "refer": "CP.CPA.190"}[expected]
    assert result(data, dose_is_part_of_the_use=interpretation) == (expected, target)


def test_a_supported_dose_is_approved_though_the_label_changed() -> None:
    facts = {"recent_label_change": True, "dose_supported_by_evidence": True}
    assert result(made(request(dose_mg_per_day=961), FACTS, **facts)) == ("approve", "I.A")


@pytest.mark.parametrize(("dose", "expected"), [(959, False), (960, False), (961, True)])
@pytest.mark.parametrize(("form", "facts"), [({}, FACTS), (CONTINUATION, CONTINUING)])
def test_a_dose_above_the_maximum_is_warned_of_on_every_request(
    dose: int, expected: bool, form: dict[str, Any], facts: dict[str, tuple[str, Any]]
) -> None:
    decision = decided(made(request(**form, dose_mg_per_day=dose), facts))
    assert warned(decision, "above the maximum of 960 mg a day") == expected


# Continued therapy


EXTENTS = ["early", "recurrent", "locally_advanced", "advanced", "metastatic"]
AS_IN_SECTION_I = {"covered_indication": "as_in_section_i", "advanced_disease": "as_named"}


@pytest.mark.parametrize("extent", EXTENTS)
@pytest.mark.parametrize(
    ("diagnosis", "named"),
    [
        ("nsclc", {"recurrent", "locally_advanced", "metastatic"}),
        ("crc", {"advanced", "metastatic"}),
        ("ampullary_adenocarcinoma", set(EXTENTS)),
        ("pancreatic_adenocarcinoma", {"locally_advanced", "recurrent", "metastatic"}),
        ("small_bowel_adenocarcinoma", {"advanced", "metastatic"}),
    ],
)
def test_an_indication_is_the_diagnosis_or_all_that_section_one_asks_of_the_disease(
    extent: str, diagnosis: str, named: set[str]
) -> None:
    facts = {"diagnosis": diagnosis, "disease_extent": [extent], "kras_g12c": True}
    data = made(request(**CONTINUATION), CONTINUING, **facts)
    assert result(data) == ("approve", "II.A")
    expected = ("approve", "II.A") if extent in named else ("deny", "criteria_not_met")
    assert result(data, **AS_IN_SECTION_I) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"kras_g12c": True}, "insufficient_documentation"),
        ({"disease_extent": ["metastatic"]}, "insufficient_documentation"),
        ({"disease_extent": ["metastatic"], "kras_g12c": False}, "criteria_not_met"),
    ],
)
def test_extent_and_mutation_are_each_asked_where_an_indication_is_read_so(
    facts: dict[str, Any], expected: str
) -> None:
    data = made(request(**CONTINUATION), CONTINUING, **facts)
    assert result(data, **AS_IN_SECTION_I) == ("deny", expected)
    assert result(data) == ("approve", "II.A")


def test_ampullary_cancer_need_not_have_progressed_to_be_an_indication() -> None:
    facts = {**AMPULLARY, "kras_g12c": True, "disease_progression": False}
    data = made(request(**CONTINUATION), CONTINUING, **facts)
    assert result(data, covered_indication="as_in_section_i", ampullary_progression="as_revision_log") == (
        "approve",
        "II.A",
    )


def test_the_interpretation_of_an_indication_refers_nobody() -> None:
    data = made(request(**CONTINUATION), CONTINUING, disease_extent=["early"], kras_g12c=True)
    assert result(data, **AS_IN_SECTION_I)[0] == "deny"
    other = made(request(**CONTINUATION), CONTINUING, diagnosis="cholangiocarcinoma")
    assert result(other, **AS_IN_SECTION_I) == ("refer", "CP.CPA.09")


@pytest.mark.parametrize(
    ("form", "current", "expected"),
    [
        ({}, 959, "undocumented"),
        ({}, 960, "met"),
        ({}, 961, "met"),
        ({"dose_increase": True}, 959, "undocumented"),
        ({"dose_increase": True}, 960, "met"),
        ({"dose_increase": True}, 961, "met"),
        ({}, {"at_most": 959}, "undocumented"),
        ({}, {"at_least": 960}, "met"),
        ({"dose_increase": True}, {"at_least": 960}, "met"),
        ({}, {"at_least": 959, "at_most": 960}, "undocumented"),
        ({}, None, "met"),
        ({"dose_increase": True}, None, "undocumented"),
    ],
)
def test_whether_a_dose_is_an_increase_follows_from_the_present_one(
    form: dict[str, Any], current: Any, expected: str
) -> None:
    # Pancreatic cancer has no ceiling of its own in II.A.3.a, so any new dose needs literature.
    facts = {"diagnosis": "pancreatic_adenocarcinoma", "current_dose_mg_per_day": current}
    data = made(request(**CONTINUATION, **form), CONTINUING, **facts)
    assert status(data, "II.A.3") == expected


def test_an_increase_that_is_open_misses_the_present_dose_or_literature() -> None:
    facts = {"diagnosis": "pancreatic_adenocarcinoma", "current_dose_mg_per_day": {"at_least": 720}}
    data = made(request(**CONTINUATION), CONTINUING, **facts)
    sets = [{r.attribute for r in entry.requirements} for entry in policy().missing(case(data))]
    assert sorted(map(sorted, sets)) == [["dose_increase"], ["dose_supported_by_evidence"]]


@pytest.mark.parametrize(
    ("diagnosis", "drugs", "text"),
    [
        ("nsclc", ["pembrolizumab"], "no regimen of section I has"),
        ("crc", ["panitumumab", "bevacizumab"], "no regimen of section I has"),
        ("crc", ["panitumumab", "cetuximab"], "together"),
        ("nsclc", ["panitumumab"], "for colorectal cancer alone"),
        ("ampullary_adenocarcinoma", ["cetuximab"], "for colorectal cancer alone"),
    ],
)
def test_a_regimen_that_section_one_does_not_have_is_warned_of_in_continued_therapy(
    diagnosis: str, drugs: list[str], text: str
) -> None:
    decision = decided(made(request(**CONTINUATION, concurrent_drugs=drugs), CONTINUING, diagnosis=diagnosis))
    assert decision.outcome == "approve"
    assert [warning for warning in decision.warnings if text in warning] == list(decision.warnings)
    assert len(decision.warnings) == 1


@pytest.mark.parametrize(
    ("diagnosis", "drugs"), [("nsclc", []), ("crc", []), ("crc", ["panitumumab"]), ("crc", ["cetuximab"])]
)
def test_a_regimen_of_section_one_is_not_warned_of(diagnosis: str, drugs: list[str]) -> None:
    data = made(request(**CONTINUATION, concurrent_drugs=drugs), CONTINUING, diagnosis=diagnosis)
    assert decided(data).warnings == ()


@pytest.mark.parametrize(("age", "expected"), [(17, True), (18, False), (19, False)])
def test_a_minor_on_therapy_is_warned_of(age: int, expected: bool) -> None:
    decision = decided(made(request(**CONTINUATION), CONTINUING, age=age))
    assert decision.outcome == "approve"
    assert warned(decision, "below 18") == expected


# Notices, and the days a policy is in force


@pytest.mark.parametrize("line", ["commercial", "him", "medicaid"])
def test_medicaid_is_told_of_state_provisions(line: str) -> None:
    told = " ".join(map(str, decided(made(request(line_of_business=line), FACTS)).notices))
    assert ("own rules for Medicaid" in told) == (line == "medicaid")


@pytest.mark.parametrize(
    ("diagnosis", "expected"), [("nsclc", False), ("cholangiocarcinoma", True), (None, False)]
)
def test_an_indication_of_no_section_is_told_of_the_evidence_of_coverage(
    diagnosis: str | None, expected: bool
) -> None:
    told = " ".join(map(str, decided(made(request(), FACTS, diagnosis=diagnosis)).notices))
    assert ("evidence of coverage" in told) == expected


@pytest.mark.parametrize("kind", ["initial", "continuation"])
def test_a_referral_as_any_other_use_says_what_a_change_of_the_label_would_do(kind: str) -> None:
    data = made(request(type=kind), {**FACTS, **CONTINUING}, diagnosis="cholangiocarcinoma")
    referral = decided(data).referral
    assert referral is not None
    assert any("change of the label within the last six months" in note for note in referral.notes)
    assert any("evidence of coverage" in note for note in referral.notes)


@pytest.mark.parametrize(
    ("name", "day", "in_force"),
    [
        ("cp_phar_549", "2025-02-06", False),
        ("cp_phar_549", "2025-02-07", True),
        ("cp_phar_549", "2025-02-08", True),
        ("cp_phar_549_2024", "2024-11-18", False),
        ("cp_phar_549_2024", "2024-11-19", True),
        ("cp_phar_549_2024", "2024-11-20", True),
        ("cp_phar_549_2024", "2025-02-05", True),
        ("cp_phar_549_2024", "2025-02-06", True),
        ("cp_phar_549_2024", "2025-02-07", False),
    ],
)
def test_a_request_outside_the_days_a_policy_is_in_force_is_warned_of(
    name: str, day: str, in_force: bool
) -> None:
    decision = decided(on(made(request(), FACTS), day), name)
    assert decision.outcome == "approve"
    assert (decision.warnings == ()) == in_force


# Days


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("2007-03-01", ("approve", "I.A")),
        ("2007-03-02", ("approve", "I.A")),
        ("2007-03-03", ("refer", "CP.CPA.09")),
        ("2007-02", ("approve", "I.A")),
        ("2007-03", ("deny", "insufficient_documentation")),
        ("2007-04", ("refer", "CP.CPA.09")),
    ],
)
def test_adults_are_eighteen_on_the_day_of_the_request(born: str, expected: tuple[str, str]) -> None:
    assert result(on(made(request(), FACTS, age=None, birth_date=born), "2025-03-02")) == expected


@pytest.mark.parametrize(
    ("start", "expected"), [("2025-02-28", "met"), ("2025-03-01", "met"), ("2025-03-02", "undocumented")]
)
def test_thirty_days_are_counted_from_the_start_to_the_request(start: str, expected: str) -> None:
    # On 2025-03-31 the first of March is thirty days ago. Coverage by the plan stays open.
    facts = {"days_on_therapy": None, "therapy_start_date": start}
    data = on(made(request(**CONTINUATION), CONTINUING, **facts), "2025-03-31")
    assert status(data, "II.A.1") == expected


@pytest.mark.parametrize(
    ("day", "changed", "target"),
    [
        # Within six months before the request, both ends included
        ("2025-10-31", "2025-04-29", "CP.CPA.09"),
        ("2025-10-31", "2025-04-30", "CP.CPA.190"),
        ("2025-10-31", "2025-05-01", "CP.CPA.190"),
        ("2025-10-31", "2025-10-31", "CP.CPA.190"),
        ("2025-10-31", "2025-11-01", "CP.CPA.09"),
        # After the policy's own revision, which reflects what came before
        ("2025-03-02", "2025-02-06", "CP.CPA.09"),
        ("2025-03-02", "2025-02-07", "CP.CPA.09"),
        ("2025-03-02", "2025-02-08", "CP.CPA.190"),
        # A month lies within as a whole, or leaves it open
        ("2025-10-31", "2025-05", "CP.CPA.190"),
        ("2025-10-31", "2025-04", "CP.CPA.09"),
    ],
)
def test_a_change_of_the_label_is_recent_for_six_months(day: str, changed: str, target: str) -> None:
    facts = {"diagnosis": "cholangiocarcinoma", "label_change_date": changed}
    assert result(on(made(request(), FACTS, **facts), day)) == ("refer", target)


# What one more document says


@pytest.mark.parametrize(
    ("found", "specimen", "expected"),
    [
        (True, "plasma", "met"),
        (True, "tissue", "met"),
        (False, "tissue", "not_met"),
        (False, "plasma", "undocumented"),
        (False, None, "not_met"),
    ],
)
def test_a_negative_result_of_plasma_says_nothing(found: bool, specimen: str | None, expected: str) -> None:
    states = {"kras_g12c": found, **({"specimen": specimen} if specimen else {})}
    data = stated(made(request(), FACTS, kras_g12c=None), "molecular_report", "2025-03-02", **states)
    assert status(data, "I.A.4") == expected


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ([False, True], "met"),
        ([True, False], "met"),
        ([True], "met"),
        ([False], "not_met"),
        ([], "undocumented"),
    ],
)
def test_one_visit_with_an_oncologist_is_enough(visits: list[bool], expected: str) -> None:
    data = made(request(), FACTS, oncology_prescriber=None)
    for place, oncologist in enumerate(visits, start=1):
        stated(data, "chart_note", f"2025-03-0{place}", oncology_prescriber=oncologist)
    assert status(data, "I.A.2") == expected


def test_an_empty_file_is_asked_for_lung_cancer_before_what_is_rare() -> None:
    first = [
        requirement.value
        for entry in policy().missing(case(made(request(), {})))
        for requirement in entry.requirements
        if requirement.attribute == "diagnosis"
    ]
    order = list(dict.fromkeys(first))
    assert order[0] == "nsclc"
    assert set(order[-2:]) == {"ampullary_adenocarcinoma", "small_bowel_adenocarcinoma"}
    assert order.index("pancreatic_adenocarcinoma") == 2


# The version before


def earlier(data: dict[str, Any], **interpretations: str) -> tuple[str, str | None]:
    return result(on(data, "2025-01-15"), "cp_phar_549_2024", **interpretations)


THREE_DRUGS = {"diagnosis": "crc", "prior_therapies": ["folfox", "irinotecan"]}
EARLIER: list[tuple[str, dict[str, Any], str]] = [
    ("I.A", {}, "I.A.8"),
    ("I.C", AMPULLARY, "I.C.7"),
    ("I.C", THREE_DRUGS, "I.C.7"),
]


@pytest.mark.parametrize(("section", "facts", "criterion"), EARLIER)
def test_the_version_before_takes_a_generic_not_tolerated_too(
    section: str, facts: dict[str, Any], criterion: str
) -> None:
    available = {**facts, "generic_available": True}
    for reason in REASONS:
        assert earlier(made(request(), FACTS, **available, **{reason: True})) == ("approve", section)
    assert earlier(made(request(), FACTS, **available)) == ("deny", "insufficient_documentation")
    none = made(request(), FACTS, **available, **dict.fromkeys(REASONS, False))
    assert earlier(none) == ("deny", "criteria_not_met")
    assert decided(none, "cp_phar_549_2024").criteria[criterion].status == "not_met"


@pytest.mark.parametrize(("section", "facts", "criterion"), EARLIER)
@pytest.mark.parametrize(
    ("dose", "changed", "interpretation", "expected"),
    [
        (960, True, "when_label_changed", "approve"),
        (961, True, "when_label_changed", "refer"),
        (961, None, "when_label_changed", "deny"),
        (961, False, "when_label_changed", "deny"),
        (961, True, "never", "deny"),
    ],
)
def test_the_version_before_refers_a_dose_after_a_change_of_the_label_too(
    section: str,
    facts: dict[str, Any],
    criterion: str,
    dose: int,
    changed: bool | None,
    interpretation: str,
    expected: str,
) -> None:
    data = made(request(dose_mg_per_day=dose), FACTS, **facts, recent_label_change=changed)
    assert earlier(data, dose_is_part_of_the_use=interpretation)[0] == expected


@pytest.mark.parametrize(
    ("drug", "expected"), [("fluorouracil", "approve"), ("tegafur_uracil", "approve"), ("gemcitabine", "deny")]
)
def test_the_version_before_takes_any_fluoropyrimidine(drug: str, expected: str) -> None:
    facts = {"diagnosis": "crc", "prior_therapies": [drug, "oxaliplatin", "irinotecan"]}
    assert earlier(made(request(), FACTS, **facts))[0] == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"disease_extent": ["metastatic"], "kras_g12c": True}, "approve"),
        ({"disease_extent": ["early"], "kras_g12c": True}, "deny"),
        ({"disease_extent": ["metastatic"], "kras_g12c": False}, "deny"),
        ({"disease_extent": ["metastatic"]}, "deny"),
        ({"diagnosis": "pancreatic_adenocarcinoma"}, "approve"),
        ({"diagnosis": "crc"}, "approve"),
    ],
)
def test_an_indication_of_the_version_before_asks_extent_and_mutation_of_lung_cancer_alone(
    facts: dict[str, Any], expected: str
) -> None:
    data = made(request(**CONTINUATION), CONTINUING, **facts)
    assert earlier(data)[0] == "approve"
    assert earlier(data, covered_indication="as_in_section_i")[0] == expected


@pytest.mark.parametrize(("dose", "age"), [(960, 18), (961, 18), (960, 17), (961, 17)])
def test_the_version_before_warns_of_dose_and_age_too(dose: int, age: int) -> None:
    data = on(made(request(**CONTINUATION, dose_mg_per_day=dose), CONTINUING, age=age), "2025-01-15")
    decision = decided(data, "cp_phar_549_2024")
    assert warned(decision, "above the maximum of 960 mg a day") == (dose > 960)
    assert warned(decision, "below 18") == (age < 18)
