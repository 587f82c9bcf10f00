"""A hint is told only where a known name is a few edits away, and never towards another thing."""

from __future__ import annotations

import itertools
import random
import string

import pytest

from pyclingo_bridge import CaseError
from pyclingo_bridge.base.spelling import (
    FACT,
    NAME,
    TRIAL,
    VALUE,
    WORD,
    Likeness,
    alike,
    distance,
    folded,
)
from pyclingo_bridge.cases.attributes import is_code
from tests.conftest import FACTS, case, made, policy, request, whole

DRUGS = policy().vocabulary.drugs
DISEASES = policy().vocabulary.attributes["diagnosis"]


def slow_distance(one: str, other: str) -> int:
    """The edits between two words, by their definition."""
    if not one or not other:
        return len(one) + len(other)
    found = min(
        slow_distance(one[1:], other) + 1,
        slow_distance(one, other[1:]) + 1,
        slow_distance(one[1:], other[1:]) + (one[0] != other[0]),
    )
    if one[:2] == other[1::-1] and len(one) > 1:
        found = min(found, slow_distance(one[2:], other[2:]) + 1)
    return found


def test_edits_are_counted_as_they_are_defined() -> None:
    words = ["".join(letters) for n in range(5) for letters in itertools.product("ab", repeat=n)]
    dice = random.Random(3)
    words += ["".join(dice.choices("abc", k=6)) for _ in range(6)]
    for one, other in itertools.combinations(words, 2):
        assert distance(one, other) == distance(other, one) == slow_distance(one, other)


@pytest.mark.parametrize(
    ("name", "drug"),
    [
        ("Adagrasb", "adagrasib"),
        ("carbplatin", "carboplatin"),
        ("Krazatti", "krazati"),
        ("mfolfx6", "mfolfox6"),
        ("opdvio", "opdivo"),
        ("nab paclitaxol", "nab_paclitaxel"),
    ],
)
def test_a_slip_in_a_drugs_name_is_told_with_the_name(name: str, drug: str) -> None:
    assert alike(name, DRUGS, NAME) == drug


@pytest.mark.parametrize(
    "name",
    [
        *("carbo", "unknowndrug", "zzz", "herbal tea", "wonderdrug", "proton", "tace", "hipec"),
        *("J9271", "0006-3026-02", "387017005", "C34.90", "folfox5", "", "-", "x" * 10_000),
        *("lebrikizumab", "nemolizumab", "evinacumab", "spesolimab", "eculizumab", "ravulizumab"),
    ],
)
def test_what_is_no_slip_in_a_drugs_name_gets_no_hint(name: str) -> None:
    assert alike(name, DRUGS, NAME) is None
    assert policy().vocabulary.names.drug_hint(name) is None


@pytest.mark.parametrize(
    ("name", "disease"),
    [
        ("nscl", "nsclc"),
        ("NSCLC", "nsclc"),
        ("Non-small cell lung cancer", "nsclc"),
        ("non_small_cell_lung_cancer", "nsclc"),
        ("Colorectal cancer", "crc"),
        ("pancreatic_adenocarcinom", "pancreatic_adenocarcinoma"),
        ("smallbowel_adenocarcinoma", "small_bowel_adenocarcinoma"),
        ("sclc", None),
        ("small_cell_lung_cancer", None),
        ("lung_adenocarcinom", "lung_adenocarcinoma"),
        ("liver_adenocarcinoma", None),
        ("gastric_adenocarcinoma", None),
        ("ovarian_adenocarcinoma", None),
        ("mucinous_ovarian_adenocarcinoma", None),
        ("renal_squamous_cell_carcinoma", None),
        ("large_cell_liver_carcinoma", None),
        ("biliary_ductal_adenocarcinoma", None),
        ("renal_adenocarcinoma", None),
        ("c34_90", None),
        ("c18", None),
        ("ccrcc", None),
    ],
)
def test_a_hint_never_leads_to_a_disease_of_another_organ(name: str, disease: str | None) -> None:
    assert DISEASES.meant(name) == disease


@pytest.mark.parametrize(
    ("name", "known", "rule", "hint"),
    [
        ("medicare", ["commercial", "him", "medicaid"], VALUE, None),
        ("comercial", ["commercial", "him", "medicaid"], VALUE, "commercial"),
        ("HIM ", ["commercial", "him", "medicaid"], VALUE, "him"),
        ("ham", ["commercial", "him", "medicaid"], VALUE, None),
        ("agee", ["age", "kras_g12c"], WORD, "age"),
        ("dose_mg_day", ["dose_mg_per_day", "product"], WORD, "dose_mg_per_day"),
        ("dose_mg", ["dose_mg_per_day", "product"], WORD, "dose_mg_per_day"),
        ("prior_therapy", ["prior_lines_of_therapy", "age"], WORD, None),
        ("kras", ["kras_g12c"], WORD, None),
        ("dose_mg_day", ["dose_mg_per_day", "product"], FACT, "dose_mg_per_day"),
        ("treatment_history", ["complete_treatment_history"], FACT, None),
        ("dose_decrease", ["dose_increase"], FACT, None),
        ("prior_hypothyroidism", ["prior_hyperthyroidism"], FACT, None),
        ("microcytic_anemia", ["macrocytic_anemia"], FACT, None),
        ("unutilized", ["utilized"], FACT, None),
        ("cml", ["cmml"], FACT, None),
        ("prior_mek_inhibitor", ["prior_met_inhibitor"], FACT, None),
        ("braf_v600k", ["braf_v600e"], FACT, None),
        ("pd_l1_1", ["pd_l11"], FACT, None),
        ("stage_ii", ["stage_iii"], VALUE, None),
        ("atypical", ["typical"], VALUE, None),
        ("appendix_c", ["appendix_b"], FACT, None),
        ("cp_phar_548", ["cp_phar_549"], VALUE, None),
        ("cp_phar_594", ["cp_phar_549"], VALUE, None),
        ("cp_phar_549_2023", ["cp_phar_549_2024"], VALUE, None),
        ("cp_phr_549", ["cp_phar_549"], VALUE, "cp_phar_549"),
        ("codebreak_1oo", ["codebreak_100"], TRIAL, "codebreak_100"),
        ("keynote_042", ["keynote_024"], TRIAL, None),
    ],
)
def test_what_is_near_enough_goes_by_what_is_named(
    name: str, known: list[str], rule: Likeness, hint: str | None
) -> None:
    assert alike(name, known, rule) == hint


OTHER_FACTS = [
    *("kras_g12", "kras_g12d", "kras_g12v", "kras_g13c", "nras_g12c", "hras_g12c", "kras_g12c_negative"),
    *("no_kras_g12c", "keap2_mutated", "stk12_mutated", "stk11_unmutated", "stk11_not_mutated"),
    *("tp53_not_mutated", "tp53_unmutated", "tp63_mutated", "pd_l2_expression", "pd_1_expression"),
    *("generic_unavailable", "generic_not_available", "generic_indicated", "generic_uncontraindicated"),
    *("egfr_inhibitor_tolerance", "vegfr_inhibitor_intolerance", "no_disease_progression"),
    *("disease_regression", "incomplete_treatment_history", "treatment_history"),
    *("active_treated_brain_metastases", "inactive_untreated_brain_metastases", "brain_metastases"),
    *("unmeasurable_disease", "non_measurable_disease", "not_responding_positively"),
    *("responding_negatively", "dose_unsupported_by_evidence", "dose_not_supported_by_evidence"),
    *("regimen_not_recommended", "no_new_lesions", "old_lesions", "target_lesions"),
    *("days_off_therapy", "days_without_therapy", "currently_receiving", "not_currently_receiving_via_plan"),
    *("non_oncology_prescriber", "target_lesions_mm", "dose_decrease", "off_formulary"),
]  # fmt: skip


@pytest.mark.parametrize("name", OTHER_FACTS)
def test_a_hint_never_leads_to_another_fact_or_to_its_opposite(name: str) -> None:
    vocabulary = policy().vocabulary
    with pytest.raises(CaseError) as caught:
        case(whole(**{name: True}))
    assert "unknown attribute" in str(caught.value)
    assert "did you mean" not in str(caught.value)
    assert alike(name, [*vocabulary.all, *vocabulary.qualifiers], FACT) is None


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("krasg12c", "kras_g12c"),
        ("KRAS-G12C", "kras_g12c"),
        ("agee", "age"),
        ("oncology_perscriber", "oncology_prescriber"),
        ("desease_progresion", "disease_progression"),
        ("generic_availble", "generic_available"),
        ("generic_contraindcated", "generic_contraindicated"),
        ("stk11_mutatted", "stk11_mutated"),
        ("pdl1_expression", "pd_l1_expression"),
        ("pd_l1_expresion", "pd_l1_expression"),
        ("ecog_perfomance_statis", "ecog_performance_status"),
        ("days_on_theraphy", "days_on_therapy"),
        ("prior_therapeis", "prior_therapies"),
        ("egfr_inhibitor_intollerance", "egfr_inhibitor_intolerance"),
        ("dose_supported_evidence", "dose_supported_by_evidence"),
        ("complete_treatment_histroy", "complete_treatment_history"),
        ("new_lesion", "new_lesions"),
        ("diseaes_extent", "disease_extent"),
    ],
)
def test_a_slip_in_the_name_of_a_fact_is_told_with_the_name(name: str, fact: str) -> None:
    vocabulary = policy().vocabulary
    assert alike(name, [*vocabulary.all, *vocabulary.qualifiers], FACT) == fact


def test_of_names_as_near_the_first_by_alphabet_is_told_whatever_their_order() -> None:
    known = ["bandy", "brandy", "bands", "candy"]
    for order in itertools.permutations(known):
        assert alike("band", order, Likeness(5)) == "bands"
        assert alike("dandy", order, Likeness(5)) == "bandy"


def test_every_known_name_with_one_letter_doubled_leads_back_to_a_drug_of_that_start() -> None:
    dice = random.Random(5)
    for name in dice.sample(sorted(DRUGS), 150):
        at = dice.randrange(1, len(name))
        slip = name[:at] + name[at - 1] + name[at:]
        found = alike(slip, DRUGS, NAME)
        if len(folded(name)) >= 8 and name[at - 1] in string.ascii_letters and slip not in DRUGS:
            words = [len(word) for word in name.split("_")]
            assert found is not None or min(words) < 5, slip
        assert found is None or distance(folded(slip), folded(found)) <= 2


@pytest.mark.parametrize(
    "code",
    [
        *("C34.90", "c34_90", "C18", "c3490", "C7A.00", "C84.A0", "H40.10X0", " e11.9 ", "C 34.90"),
        *("ICD-10 C34.90", "ICD-10-CM: C34.90", "icd10_c34_90", "icd10cm:C34.90", "C34.90 (lung)", "M1A.0"),
    ],
)
def test_an_icd_10_code_is_taken_wherever_a_disease_belongs(code: str) -> None:
    assert is_code(code)
    assert case(whole(diagnosis=code)).documents


@pytest.mark.parametrize(
    "code", ["t1a", "M1A", "n2b", "C99", "C27.1", "U50.1", "c36", "C34.90 (ruled out)", "C34 (history of)"]
)
def test_what_only_looks_like_an_icd_10_code_is_refused_as_one_without_a_hint(code: str) -> None:
    with pytest.raises(CaseError) as caught:
        case(whole(diagnosis=code))
    assert "looks like an ICD-10-CM code, but is none; write the code that is meant, or the name" in str(
        caught.value
    )
    assert "nearest" not in str(caught.value)


@pytest.mark.parametrize("name", ["crc", "nsclc", "icd10", "c34 lung", "g12c", "c34_lung", "stage_4", "b_cell"])
def test_what_is_no_icd_10_code_is_not_called_one(name: str) -> None:
    assert not is_code(name)


def test_a_sentence_without_a_hint_ends_where_its_meaning_does() -> None:
    decided = policy().decide(case(made(request(concurrent_drugs=["zzz"]), FACTS)))
    (warning,) = decided.warnings
    assert warning == (
        "the request form lists an unknown drug `zzz` in `concurrent_drugs`: "
        "it may be any drug, so what is asked of `concurrent_drugs` is open "
        "where the other names do not decide it"
    )
