"""The trial, the label and the earlier version: their own thresholds, obstacles and routes, and
what the earlier version decides otherwise. Expectations are read off the sources."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pyclingo_bridge import CaseError, Decision
from pyclingo_bridge.questions.obtaining import MissingRequirement
from tests.conftest import CONTINUING, FACTS, case, made, policy, request

Changes = dict[str, Any]
EARLIER = "cp_phar_549_2024"
ALONE: Changes = {}
WITH_PANITUMUMAB: Changes = {"concurrent_drugs": ["panitumumab"]}

LUNG: Changes = {
    "age": 64,
    "diagnosis": "nsclc",
    "disease_extent": ["metastatic"],
    "kras_g12c": True,
    "prior_therapies": ["carboplatin", "pemetrexed"],
}
COLON: Changes = {**LUNG, "diagnosis": "crc", "prior_therapies": ["folfirinox"]}
TRIAL: Changes = {
    **LUNG,
    "disease_progression": True,
    "ecog_performance_status": 1,
    "measurable_disease": True,
    "active_untreated_brain_metastases": False,
    "prior_lines_of_therapy": 3,
    "days_since_systemic_therapy": 28,
    "days_since_radiotherapy": 14,
}
BASES: dict[str, tuple[str, Changes, Changes]] = {
    "ELIGIBILITY": ("codebreak100", TRIAL, ALONE),
    "LBL.NSCLC": ("label", LUNG, ALONE),
    "LBL.CRC": ("label", COLON, WITH_PANITUMUMAB),
}
"""Each section with its policy, what documents state of whoever it is met for, and the form."""

SECTIONS = sorted(BASES)
WORDS = {"codebreak100": ("eligible", "not eligible"), "label": ("on label", "off label")}
INHIBITORS = [
    *("adagrasib", "divarasib", "fulzerasib", "garsorasib"),
    *("glecirasib", "olomorasib", "opnurasib", "sotorasib"),
]


def base(section: str, facts: Changes = ALONE, form: Changes = ALONE) -> dict[str, Any]:
    """The case that meets this section, with these changes."""
    _, stated, asked = BASES[section]
    return made(request(**{**asked, **form}), {}, **{**stated, **facts})


def decided(name: str, data: dict[str, Any], **interpretations: str) -> Decision:
    of = policy(name, **interpretations)
    return of.decide(case(data, of))


def decided_as(section: str, facts: Changes = ALONE, form: Changes = ALONE) -> Decision:
    return decided(BASES[section][0], base(section, facts, form))


def unmet(decision: Decision, section: str) -> dict[str, str]:
    """The section's own criteria that are not met, each with its status."""
    own = section if section != "ELIGIBILITY" else ""
    return {
        name: result.status
        for name, result in decision.criteria.items()
        if name.startswith(own) and name != section and result.status != "met"
    }


def in_words(requirement: MissingRequirement) -> str:
    """The requirement as the specification writes it: a policy's own sets by their members."""
    if requirement.operator == "among":
        assert isinstance(requirement.value, tuple)
        return f"among({requirement.attribute},{{{','.join(requirement.value)}}})"
    return requirement.term


def missing(name: str, data: dict[str, Any], **interpretations: str) -> list[list[str]]:
    of = policy(name, **interpretations)
    found = of.missing(case(data, of))
    return sorted(sorted(in_words(requirement) for requirement in entry.requirements) for entry in found)


@pytest.mark.parametrize("kind", ["initial", "continuation"])
@pytest.mark.parametrize("section", SECTIONS)
def test_whoever_meets_everything_is_approved_whatever_the_type_of_request(section: str, kind: str) -> None:
    decision = decided_as(section, form={"type": kind})
    assert (decision.outcome, decision.section) == ("approve", section)
    assert decision.outcome_word == WORDS[BASES[section][0]][0]
    assert decision.approval_months is None
    assert unmet(decision, section) == {}


OBSTACLES: list[tuple[str, str, Changes, Changes]] = [
    ("ELIGIBILITY", "INC.2", {"diagnosis": "crc"}, ALONE),
    ("ELIGIBILITY", "INC.2", {"diagnosis": "cholangiocarcinoma"}, ALONE),
    ("ELIGIBILITY", "INC.2", {"disease_extent": ["early", "recurrent", "advanced"]}, ALONE),
    ("ELIGIBILITY", "INC.3", {"kras_g12c": False}, ALONE),
    ("ELIGIBILITY", "INC.4", {"disease_progression": False}, ALONE),
    ("ELIGIBILITY", "INC.4", {"prior_therapies": ["docetaxel", "ipilimumab"]}, ALONE),
    ("ELIGIBILITY", "INC.5", {"ecog_performance_status": 5}, ALONE),
    ("ELIGIBILITY", "INC.6", {"measurable_disease": False}, ALONE),
    ("ELIGIBILITY", "EXC.1", {"active_untreated_brain_metastases": True}, ALONE),
    *(
        ("ELIGIBILITY", "EXC.5", {"prior_therapies": ["cisplatin", inhibitor]}, ALONE)
        for inhibitor in [*INHIBITORS, "Krazati", "Lumakras"]
    ),
    ("ELIGIBILITY", "TRT", {}, WITH_PANITUMUMAB),
    ("LBL.NSCLC", "LBL.NSCLC.2", {"diagnosis": "crc"}, ALONE),
    ("LBL.NSCLC", "LBL.NSCLC.2", {"disease_extent": ["early", "recurrent", "advanced"]}, ALONE),
    ("LBL.NSCLC", "LBL.NSCLC.3", {"kras_g12c": False}, ALONE),
    ("LBL.NSCLC", "LBL.NSCLC.4", {"prior_therapies": []}, ALONE),
    ("LBL.NSCLC", "LBL.NSCLC.4", {"prior_therapies": ["sotorasib", "ondansetron"]}, ALONE),
    ("LBL.NSCLC", "LBL.NSCLC.5", {}, WITH_PANITUMUMAB),
    ("LBL.CRC", "LBL.CRC.2", {"diagnosis": "nsclc"}, ALONE),
    ("LBL.CRC", "LBL.CRC.2", {"disease_extent": ["locally_advanced", "advanced"]}, ALONE),
    ("LBL.CRC", "LBL.CRC.3", {"kras_g12c": False}, ALONE),
    ("LBL.CRC", "LBL.CRC.4", {}, {"concurrent_drugs": []}),
    ("LBL.CRC", "LBL.CRC.4", {}, {"concurrent_drugs": ["cetuximab"]}),
    ("LBL.CRC", "LBL.CRC.4", {}, {"concurrent_drugs": ["panitumumab", "bevacizumab"]}),
    ("LBL.CRC", "LBL.CRC.5", {"prior_therapies": ["oxaliplatin", "irinotecan"]}, ALONE),
    ("LBL.CRC", "LBL.CRC.5", {"prior_therapies": ["folfiri"]}, ALONE),
    ("LBL.CRC", "LBL.CRC.5", {"prior_therapies": ["capox"]}, ALONE),
]


@pytest.mark.parametrize(("section", "criterion", "facts", "form"), OBSTACLES)
def test_each_criterion_alone_keeps_out(section: str, criterion: str, facts: Changes, form: Changes) -> None:
    decision = decided_as(section, facts, form)
    assert (decision.outcome, decision.denial_kind) == ("deny", "criteria_not_met")
    assert decision.outcome_word == WORDS[BASES[section][0]][1]
    assert unmet(decision, section) == {criterion: "not_met"}


THRESHOLDS = [
    ("ELIGIBILITY", "INC.1", "age", {17: False, 18: True, 19: True}),
    ("ELIGIBILITY", "INC.5", "ecog_performance_status", {0: True, 1: True, 2: False}),
    ("ELIGIBILITY", "EXC.2", "prior_lines_of_therapy", {2: True, 3: True, 4: False}),
    ("ELIGIBILITY", "EXC.3", "days_since_systemic_therapy", {27: False, 28: True, 29: True}),
    ("ELIGIBILITY", "EXC.4", "days_since_radiotherapy", {13: False, 14: True, 15: True}),
    ("ELIGIBILITY", "TRT", "dose_mg_per_day", {959: False, 960: True, 961: False}),
    ("LBL.NSCLC", "LBL.NSCLC.1", "age", {17: False, 18: True, 19: True}),
    ("LBL.CRC", "LBL.CRC.1", "age", {17: False, 18: True, 19: True}),
]


@pytest.mark.parametrize(
    ("section", "criterion", "attribute", "value", "met"),
    [(*row[:3], value, met) for row in THRESHOLDS for value, met in row[3].items()],
)
def test_each_threshold_stands_where_its_source_puts_it(
    section: str, criterion: str, attribute: str, value: int, met: bool
) -> None:
    change = {attribute: value}
    on_form = attribute == "dose_mg_per_day"
    decision = decided_as(section, ALONE if on_form else change, change if on_form else ALONE)
    assert decision.outcome == ("approve" if met else "deny")
    assert decision.denial_kind == (None if met else "criteria_not_met")
    assert unmet(decision, section) == ({} if met else {criterion: "not_met"})


AFTER = [f"includes_any(prior_therapies,{name})" for name in ("pd1_pdl1", "platinum")]
ROUTES = {
    "pd1_pdl1": ["pembrolizumab", "Opdivo", "atezolizumab", "durvalumab"],
    "platinum": ["cisplatin", "carboplatin"],
}


@pytest.mark.parametrize(
    ("drug", "route"), [(drug, route) for route, drugs in ROUTES.items() for drug in drugs]
)
def test_immunotherapy_or_platinum_before_is_enough_alone_for_the_trial(drug: str, route: str) -> None:
    decision = decided_as("ELIGIBILITY", {"prior_therapies": [drug]})
    assert decision.outcome == "approve"
    states = {result.requirement.term: result.status for result in decision.criteria["INC.4"].requirements()}
    assert [term for term in AFTER if states[term] == "met"] == [f"includes_any(prior_therapies,{route})"]


@pytest.mark.parametrize(
    ("section", "facts"),
    [
        ("ELIGIBILITY", {"disease_extent": ["locally_advanced"]}),
        ("LBL.NSCLC", {"disease_extent": ["locally_advanced"]}),
        ("LBL.NSCLC", {"prior_therapies": ["docetaxel"]}),
        ("LBL.CRC", {"prior_therapies": ["fluorouracil", "oxaliplatin", "irinotecan"]}),
        ("LBL.CRC", {"prior_therapies": ["capecitabine", "oxaliplatin", "irinotecan"]}),
        ("LBL.CRC", {"prior_therapies": ["tegafur_uracil", "oxaliplatin", "irinotecan"]}),
    ],
)
def test_each_alternative_is_enough_alone(section: str, facts: Changes) -> None:
    assert decided_as(section, facts).section == section


NEVER_INHIBITED = [f"excludes(prior_therapies,{drug})" for drug in INHIBITORS]
THREE_DRUGS = [
    "includes(prior_therapies,irinotecan)",
    "includes(prior_therapies,oxaliplatin)",
    "includes_any(prior_therapies,fluoropyrimidine)",
]
LOCAL_OR_METASTATIC = "among(disease_extent,{locally_advanced,metastatic})"
ASKED: dict[str, dict[str, list[str]]] = {
    "ELIGIBILITY": {
        "INC.1": ["at_least(age,18)"],
        "INC.2": ["is(diagnosis,nsclc)", LOCAL_OR_METASTATIC],
        "INC.3": ["yes(kras_g12c)"],
        "INC.4": ["yes(disease_progression)"],
        "INC.5": ["at_most(ecog_performance_status,1)"],
        "INC.6": ["yes(measurable_disease)"],
        "EXC.1": ["no(active_untreated_brain_metastases)"],
        "EXC.2": ["at_most(prior_lines_of_therapy,3)"],
        "EXC.3": ["at_least(days_since_systemic_therapy,28)"],
        "EXC.4": ["at_least(days_since_radiotherapy,14)"],
    },
    "LBL.NSCLC": {
        "LBL.NSCLC.1": ["at_least(age,18)"],
        "LBL.NSCLC.2": ["is(diagnosis,nsclc)", LOCAL_OR_METASTATIC],
        "LBL.NSCLC.3": ["yes(kras_g12c)"],
    },
    "LBL.CRC": {
        "LBL.CRC.1": ["at_least(age,18)"],
        "LBL.CRC.2": ["is(diagnosis,crc)", "among(disease_extent,{metastatic})"],
        "LBL.CRC.3": ["yes(kras_g12c)"],
    },
}
"""The one requirement that each fact other than prior therapies has to show, by section and criterion."""

HISTORY: dict[str, tuple[list[str], list[list[str]]]] = {
    "ELIGIBILITY": (["INC.4", "EXC.5"], [[*NEVER_INHIBITED, after] for after in AFTER]),
    "LBL.NSCLC": (["LBL.NSCLC.4"], [["includes_any(prior_therapies,systemic)"]]),
    "LBL.CRC": (["LBL.CRC.5"], [THREE_DRUGS]),
}
"""What the history of treatment has to show, in one of these ways, and for which criteria."""

UNDOCUMENTED: list[tuple[str, str, list[str], list[list[str]]]] = [
    (section, re.split(r"[(,)]", requirement)[1], [criterion], [[requirement]])
    for section, criteria in ASKED.items()
    for criterion, requirements in criteria.items()
    for requirement in requirements
]
UNDOCUMENTED += [(name, "prior_therapies", *asked) for name, asked in HISTORY.items()]


@pytest.mark.parametrize(("section", "left_out", "criteria", "sets"), UNDOCUMENTED)
def test_each_fact_left_out_is_what_is_missing(
    section: str, left_out: str, criteria: list[str], sets: list[list[str]]
) -> None:
    decision = decided_as(section, {left_out: None})
    assert (decision.outcome, decision.denial_kind) == ("deny", "insufficient_documentation")
    assert unmet(decision, section) == dict.fromkeys(criteria, "undocumented")
    assert missing(BASES[section][0], base(section, {left_out: None})) == sets


@pytest.mark.parametrize("kind", ["initial", "continuation"])
@pytest.mark.parametrize("section", SECTIONS)
def test_of_nobody_at_all_everything_is_missing(section: str, kind: str) -> None:
    name, facts, form = BASES[section]
    nothing = made(request(**{**form, "type": kind}), {})
    common = [requirement for requirements in ASKED[section].values() for requirement in requirements]
    assert len(common) + 1 == len(facts)
    assert decided(name, nothing).denial_kind == "insufficient_documentation"
    assert missing(name, nothing) == [sorted([*common, *way]) for way in HISTORY[section][1]]


def test_a_history_not_known_to_be_whole_leaves_open_that_no_inhibitor_was_given() -> None:
    data = base("ELIGIBILITY")
    for document in data["documents"]:
        document["states"].pop("complete_treatment_history", None)
    assert unmet(decided("codebreak100", data), "ELIGIBILITY") == {"EXC.5": "undocumented"}
    assert missing("codebreak100", data) == [NEVER_INHIBITED]


@pytest.mark.parametrize("status", [-1, 6])
@pytest.mark.parametrize("name", sorted(WORDS))
def test_a_performance_status_off_the_scale_is_bad_input(name: str, status: int) -> None:
    data = made(request(), {}, **{**TRIAL, "ecog_performance_status": status})
    with pytest.raises(CaseError, match=r"ecog_performance_status.*0 to 5"):
        case(data, policy(name))


@pytest.mark.parametrize("kind", ["initial", "continuation"])
@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize(
    ("facts", "form"),
    [
        ({"diagnosis": "cholangiocarcinoma"}, {}),
        ({"diagnosis": "cholangiocarcinoma", "recent_label_change": True}, {}),
        ({"age": 17}, {"line_of_business": "medicaid"}),
        ({}, {"concurrent_drugs": ["pembrolizumab"], "on_formulary": False}),
    ],
)
def test_neither_the_trial_nor_the_label_refers_anybody(
    section: str, kind: str, facts: Changes, form: Changes
) -> None:
    decision = decided_as(section, facts, {**form, "type": kind})
    assert (decision.outcome, decision.denial_kind) == ("deny", "criteria_not_met")
    assert decision.refer_to is None


def told(name: str, data: dict[str, Any], **interpretations: str) -> str:
    """The outcome in one word: the section that approves, the kind of denial, or the referral."""
    decision = decided(name, data, **interpretations)
    return decision.section or decision.denial_kind or decision.refer_to or ""


GOES_ON = {"type": "continuation"}
RAISED = {"type": "continuation", "dose_increase": True}
BESIDE = {"concurrent_drugs": ["pembrolizumab"]}
RECOMMENDED = {"regimen_recommended": True}
AMPULLARY = {"diagnosis": "ampullary_adenocarcinoma"}
UNADVISED = {**AMPULLARY, "oncology_prescriber": False}
PANCREATIC = {"diagnosis": "pancreatic_adenocarcinoma"}
SMALL_BOWEL = {"diagnosis": "small_bowel_adenocarcinoma"}
AFTER_THREE = {"diagnosis": "crc", "prior_therapies": ["folfirinox"]}
AFTER_TWO = {"diagnosis": "crc", "prior_therapies": ["folfox"]}
GENERIC = {"generic_available": True, "generic_contraindicated": False, "generic_not_tolerated": False}
INTOLERABLE = {"generic_available": True, "generic_not_tolerated": True}
FOLFIRI = {"prior_therapies": ["folfiri"]}
IROX = {"prior_therapies": ["irinotecan", "oxaliplatin"]}
HARMFUL = {"generic_available": True, "generic_contraindicated": True}
TOLERANT = {**AFTER_THREE, "egfr_inhibitor_intolerance": False}
NEGATIVE = {"kras_g12c": False}
OFF_PLAN = {"currently_receiving_via_plan": False}
COVERED = "currently_receiving_for_covered_indication"
EARLY = {"disease_extent": ["early"]}
NO, UNKNOWN, ELSEWHERE = "criteria_not_met", "insufficient_documentation", "CP.CPA.09"
DIFFERENCES: list[tuple[str, Changes, Changes, str, str]] = [
    ("lung, with another drug", RECOMMENDED, BESIDE, "I.A", ELSEWHERE),
    ("colon, alone after three", TOLERANT, {}, "I.C", NO),
    ("colon, early", {**AFTER_THREE, **EARLY, **RECOMMENDED}, WITH_PANITUMUMAB, "I.C", NO),
    ("colon, with panitumumab", {**AFTER_THREE, **RECOMMENDED}, WITH_PANITUMUMAB, "I.C", "I.B"),
    ("colon, no irinotecan", AFTER_TWO, WITH_PANITUMUMAB, NO, "I.B"),
    ("colon, no oxaliplatin", {**AFTER_TWO, **FOLFIRI}, WITH_PANITUMUMAB, NO, "I.B"),
    ("colon, no fluorouracil", {**AFTER_TWO, **IROX}, WITH_PANITUMUMAB, NO, "I.B"),
    ("rectum", {**TOLERANT, "diagnosis": "rectal_adenocarcinoma"}, {}, "I.C", NO),
    ("appendix", {**TOLERANT, "diagnosis": "appendiceal_adenocarcinoma"}, {}, "I.C", NO),
    ("ampulla, no mutation", {**AMPULLARY, **NEGATIVE}, {}, "I.C", NO),
    ("ampulla, no therapy", {**AMPULLARY, "prior_therapies": []}, {}, "I.C", NO),
    ("ampulla, with another drug", {**AMPULLARY, **RECOMMENDED}, BESIDE, "I.C", ELSEWHERE),
    ("pancreas, early", {**PANCREATIC, **EARLY}, {}, "I.C", NO),
    ("pancreas, extent unknown", {**PANCREATIC, "disease_extent": None}, {}, "I.C", UNKNOWN),
    ("small bowel, early", {**SMALL_BOWEL, **EARLY}, {}, "I.C", NO),
    # What was so before is so still.
    ("lung, alone", {}, {}, "I.A", "I.A"),
    ("lung, just adult", {"age": 18}, {}, "I.A", "I.A"),
    ("lung, recurrent", {"disease_extent": ["recurrent"]}, {}, "I.A", "I.A"),
    ("lung, locally advanced", {"disease_extent": ["locally_advanced"]}, {}, "I.A", "I.A"),
    ("lung, no oncologist", {"oncology_prescriber": False}, {}, NO, NO),
    ("lung, no mutation", {**NEGATIVE, "age": 18}, {}, NO, NO),
    ("lung, no therapy", {"prior_therapies": []}, {}, NO, NO),
    ("lung, after adagrasib", {"prior_therapies": ["cisplatin", "adagrasib"]}, {}, NO, NO),
    ("ampulla, after adagrasib", {**AMPULLARY, "prior_therapies": ["Krazati"]}, {}, "I.C", "I.C"),
    ("ampulla, just adult", {**AMPULLARY, "age": 18}, {}, "I.C", "I.C"),
    ("ampulla, minor", {**AMPULLARY, "age": 17}, {}, ELSEWHERE, ELSEWHERE),
    ("ampulla, no oncologist", {**UNADVISED, "age": 18}, {}, NO, NO),
    ("lung, after three drugs", {**NEGATIVE, "prior_therapies": ["folfirinox"]}, {}, NO, NO),
    ("lung, generic to be had", GENERIC, {}, NO, NO),
    ("ampulla, generic to be had", {**AMPULLARY, **GENERIC}, {}, NO, NO),
    ("lung, generic harmful", HARMFUL, {}, "I.A", "I.A"),
    ("lung, generic not tolerated", INTOLERABLE, {}, "I.A", "I.A"),
    ("lung, generic, reasons unknown", {"generic_available": True}, {}, UNKNOWN, UNKNOWN),
    ("ampulla, generic harmful", {**AMPULLARY, **HARMFUL}, {}, "I.C", "I.C"),
    ("pancreas, no oncologist", {**UNADVISED, **PANCREATIC}, {}, NO, NO),
    ("lung, 961 mg", {}, {"dose_mg_per_day": 961}, UNKNOWN, UNKNOWN),
    ("ampulla, 961 mg", AMPULLARY, {"dose_mg_per_day": 961}, UNKNOWN, UNKNOWN),
    ("continued, 29 days", {**OFF_PLAN, "days_on_therapy": 29}, GOES_ON, NO, NO),
    ("continued, another use", {**OFF_PLAN, COVERED: False}, GOES_ON, NO, NO),
    ("raised to 961 mg", {}, {**RAISED, "dose_mg_per_day": 961}, UNKNOWN, UNKNOWN),
    ("minor", {"age": 17}, {}, ELSEWHERE, ELSEWHERE),
    ("another disease", {"diagnosis": "cholangiocarcinoma"}, {}, ELSEWHERE, ELSEWHERE),
]


@pytest.mark.parametrize(
    ("facts", "form", "before", "now"),
    [row[1:] for row in DIFFERENCES],
    ids=[row[0] for row in DIFFERENCES],
)
def test_the_revision_changed_what_its_log_says_and_nothing_else(
    facts: Changes, form: Changes, before: str, now: str
) -> None:
    data = made(request(**form), {**FACTS, **CONTINUING}, **facts)
    assert (told(EARLIER, data), told("cp_phar_549", data)) == (before, now)


def test_colorectal_cancer_was_an_off_label_use_and_no_section_of_its_own() -> None:
    decision = decided(EARLIER, made(request(), FACTS, **AFTER_THREE))
    assert [section.id for section in decision.sections] == ["I.A", "I.C"]
    met = [letter for letter in "abcd" if decision.criteria[f"I.C.1.{letter}"].status == "met"]
    assert met == ["d"]


ON_PLAN = {"currently_receiving_via_plan": True, "days_on_therapy": 29}
STABLE = {"responding_positively": None, "recist_response": "sd"}
ADVANCED = {"disease_extent": ["advanced"]}
INTERPRETATIONS: list[tuple[str, Changes, Changes, dict[str, str]]] = [
    ("small_bowel_listed", SMALL_BOWEL, {}, {"yes": "I.C", "no": ELSEWHERE}),
    ("small_bowel_listed", SMALL_BOWEL, GOES_ON, {"yes": "II.A", "no": ELSEWHERE}),
    ("dose_increase_indications", AFTER_TWO, RAISED, {"nsclc_and_crc": "II.A", "nsclc": UNKNOWN}),
    ("dose_increase_indications", {}, RAISED, {"nsclc_and_crc": "II.A", "nsclc": "II.A"}),
    ("continuation_30_days", ON_PLAN, GOES_ON, {"second_limb": "II.A", "both_limbs": NO}),
    ("continuation_30_days", {}, GOES_ON, {"second_limb": "II.A", "both_limbs": "II.A"}),
    ("stable_disease_is_response", STABLE, GOES_ON, {"yes": "II.A", "no": NO}),
    ("advanced_disease", ADVANCED, {}, {"locally_advanced_or_metastatic": "I.A", "as_named": NO}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("interpretation", "facts", "form", "expected"), INTERPRETATIONS)
def test_each_interpretation_of_the_earlier_version_decides_a_case(
    interpretation: str, facts: Changes, form: Changes, expected: dict[str, str]
) -> None:
    data = made(request(**form), {**FACTS, **CONTINUING}, **facts)
    found = {value: told(EARLIER, data, **{interpretation: value}) for value in expected}
    assert found == expected
    assert told(EARLIER, data) == next(iter(expected.values()))


@pytest.mark.parametrize(
    ("line", "asked", "first", "further"),
    [
        ("commercial", 11, 11, 11),
        ("commercial", 13, 12, 12),
        ("medicaid", 3, 6, 12),
        ("him", 24, 6, 12),
    ],
)
def test_an_approval_of_the_earlier_version_lasts_as_long_as_now(
    line: str, asked: int, first: int, further: int
) -> None:
    term = {"line_of_business": line, "duration_months": asked}
    for facts, form, months in [({}, {}, first), (AMPULLARY, {}, first), ({}, GOES_ON, further)]:
        data = made(request(**term, **form), {**FACTS, **CONTINUING}, **facts)
        found = [decided(name, data).approval_months for name in (EARLIER, "cp_phar_549")]
        assert found == [months, months]
