"""A written name is read where every word of it is understood, and is unknown otherwise."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pyclingo_bridge import CaseError
from pyclingo_bridge.base.rule_files import names_program, read_program
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import pairs, plain
from pyclingo_bridge.cases.case_schema import case_json_schema
from pyclingo_bridge.cases.names import NameReader, ReadDrugs
from pyclingo_bridge.cases.vocabulary import default_vocabulary, load_vocabulary
from tests.conftest import ROOT, case, made, request, whole

VOCABULARY = default_vocabulary()
NAMES = VOCABULARY.names
ENTRY = ROOT / "asp" / "vocabularies" / "oncology" / "vocabulary.lp"


def facts(predicate: str, arity: int) -> list[tuple[str, ...]]:
    """The facts of the vocabulary under plain clingo, as words."""
    program = Program([*names_program(), *read_program(ENTRY)])
    found = program.facts((predicate, arity))[predicate]
    return [tuple(str(plain(arg)) for arg in term.args) for term in found]


SUPPORTIVE = {name for (name,) in facts("supportive", 1)}
ANTICANCER = {name for (name,) in facts("anticancer", 1)}
TREATMENTS = {name for (name,) in facts("treatment", 1)}
STANDS_FOR = facts("stands_for", 2)


def meaning(names: tuple[str, ...]) -> set[str]:
    """The drugs that names of the vocabulary stand for."""
    known = {name: {drug for other, drug in STANDS_FOR if other == name} for name in names}
    return {drug for name, drugs in known.items() for drug in (drugs or {name})}


# Drugs

READ = [
    ("KRAZATI", ["krazati"]),
    ("  krazati ", ["krazati"]),
    ("KRAZATI®", ["krazati"]),
    ("Keytruda(R)", ["keytruda"]),
    ("Vectibix™", ["vectibix"]),
    ("Krazati 200 mg tablet", ["krazati"]),
    ("carboplatin AUC 5", ["carboplatin"]),
    ("carboplatin (AUC = 5)", ["carboplatin"]),
    ("pembrolizumab 200 mg IV q3w x 4 cycles", ["pembrolizumab"]),
    ("pembrolizumab 2 mg/kg every 3 weeks", ["pembrolizumab"]),
    ("Pembrolizumab 100mg/4mL injection", ["pembrolizumab"]),
    ("5-FU 400 mg/m²", ["5_fu"]),
    ("5-FU", ["5_fu"]),
    ("cytarabine 1,000 mg/m2 twice daily", ["cytarabine"]),
    ("gemcitabine 1000 mg/m2 on days 1, 8, and 15", ["gemcitabine"]),
    ("prednisone 5-10 mg p.o. b.i.d.", ["prednisone"]),
    ("dexamethasone 2 tablets daily", ["dexamethasone"]),
    ("lisinopril-hydrochlorothiazide 20-12.5 mg oral tablet", ["lisinopril_hydrochlorothiazide"]),
    ("lidocaine 5% patch", ["lidocaine"]),
    ("albuterol HFA inhaler 2 puffs q4h prn", ["albuterol"]),
    ("nab\u2011paclitaxel", ["nab_paclitaxel"]),
    ("nab paclitaxel", ["nab_paclitaxel"]),
    ("nabpaclitaxel", ["nabpaclitaxel"]),
    ("mFOLFOX-6", ["mfolfox6"]),
    ("FOLFOX x 6 cycles", ["folfox"]),
    ("gemcitabine HCl", ["gemcitabine"]),
    ("interferon \u03b1-2b", ["interferon_alpha_2b"]),
    ("oral tretinoin 10 mg capsule", ["oral_tretinoin"]),
    ("pémbrolizumab", ["pembrolizumab"]),
    ("Keytruda (pembrolizumab)", ["keytruda"]),
    ("pembrolizumab [Keytruda®] 200 mg", ["pembrolizumab"]),
    ("Lonsurf (trifluridine/tipiracil)", ["lonsurf"]),
    ("FOLFOX (5-FU, leucovorin, oxaliplatin) + bevacizumab", ["folfox", "bevacizumab"]),
    ("carboplatin/pemetrexed", ["carboplatin", "pemetrexed"]),
    ("FOLFOX + bevacizumab", ["folfox", "bevacizumab"]),
    ("carboplatin, paclitaxel, and bevacizumab", ["carboplatin", "paclitaxel", "bevacizumab"]),
    ("carboplatin w/ pemetrexed", ["carboplatin", "pemetrexed"]),
    ("carboplatin with pemetrexed plus pembrolizumab", ["carboplatin", "pemetrexed", "pembrolizumab"]),
    ("nivolumab & ipilimumab", ["nivolumab", "ipilimumab"]),
    ("carboplatin AUC 5 + pemetrexed 500 mg/m2", ["carboplatin", "pemetrexed"]),
    ("carboplatin-pemetrexed", ["carboplatin", "pemetrexed"]),
    ("carboplatin \u2013 pemetrexed", ["carboplatin", "pemetrexed"]),
    ("nab-paclitaxel-carboplatin", ["nab_paclitaxel", "carboplatin"]),
    ("netupitant/palonosetron", ["netupitant_palonosetron"]),
    ("trifluridine/tipiracil", ["trifluridine_tipiracil"]),
    ("decitabine and cedazuridine", ["decitabine_and_cedazuridine"]),
    ("decitabine/cedazuridine", ["decitabine_and_cedazuridine"]),
    ("daunorubicin and cytarabine liposome (Vyxeos)", ["daunorubicin_and_cytarabine_liposome"]),
    ("5-FU/LV", ["5_fu_lv"]),
    ("rituximab and hyaluronidase + lenalidomide", ["rituximab_and_hyaluronidase", "lenalidomide"]),
    ("SBRT 50 Gy in 5 fractions", ["sbrt"]),
    ("whole-brain radiation", ["whole_brain_radiation"]),
    ("radiation with carboplatin", ["radiation", "carboplatin"]),
    ("cisplatin/magnesium", ["cisplatin", "magnesium"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "known"), READ)
def test_a_name_is_read_with_its_strength_brand_and_composites(text: str, known: list[str]) -> None:
    read = NAMES.read_drugs(text)
    assert (list(read.known), read.unknown, read.no_drug) == (known, (), None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("KRAZATI", None),
        ("nab paclitaxel", None),
        ("FOLFOX-6", None),
        ("KRAZATI®", ("krazati",)),
        ("carboplatin AUC 5", ("carboplatin",)),
        ("carboplatin/pemetrexed", ("carboplatin", "pemetrexed")),
        ("wonderdrug", None),
    ],
)
def test_what_was_read_is_told_where_it_is_more_than_case_hyphens_and_blanks(
    text: str, told: tuple[str, ...] | None
) -> None:
    assert NAMES.read_drugs(text).read_as == told


UNKNOWN = [
    *("anti-pembrolizumab antibody", "no pembrolizumab", "pembrolizumab declined", "pembrolizumab allergy"),
    *("trial of drug X vs pembrolizumab", "pembrolizumab?", "non-pembrolizumab", "without pembrolizumab"),
    *("pembrolizumab or nivolumab", "carboplatin and/or pemetrexed", "carboplatin w/o pemetrexed"),
    *("pembrolizumab, declined", "pembrolizumab, stopped early", "pembrolizumab, withheld"),
    *("pembrolizumab + not carboplatin", "pembrolizumab with progression", "carboplatin; wonderdrug"),
    *("anti-pembrolizumab/nivolumab", "no pembrolizumab/nivolumab", "pembrolizumab (declined)"),
    *("Keytruda (nivolumab)", "Keytruda (wonderdrug)", "wonderdrug (Keytruda)", "FOLFOX (oxaliplatin)"),
    *("Zofran (dexamethasone)", "pembrolizumab (", "pembrolizumab and", "+ pembrolizumab", "carboplatin +"),
    *("pembrolizumab 0 mg", "pembrolizumab x 0 cycles", "pembrolizumab 200", "FOLFOX 5"),
    *("200 mg", "200 mg tablet", "IV", "5", "AUC 5", "mg", "(200 mg)", "q3w", "tablet", "?"),
    *("topical fluorouracil 5%", "fluorouracil cream", "mitomycin intravesical", "carmustine wafer"),
    *("carboplatin-wonderdrug", "wonder-carboplatin", "no vantrone", "TACE", "chemoradiation"),
    *("Tylenol #3", "drug", "chemotherapy", "tretinoin", "carboplatin pemetrexed", "biopsy"),
]  # fmt: skip


@pytest.mark.parametrize("text", UNKNOWN)
def test_a_name_with_anything_that_is_not_understood_is_unknown_as_a_whole(text: str) -> None:
    assert NAMES.read_drugs(text) == ReadDrugs((), (text,))


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("FOLFOX + wonderdrug", ("folfox",), ("wonderdrug",)),
        ("Wonderdrug® 20 mg/carboplatin", ("carboplatin",), ("Wonderdrug",)),
        ("wonderdrug and carboplatin", ("carboplatin",), ("wonderdrug",)),
        ("carboplatin, wonderdrug", ("carboplatin",), ("wonderdrug",)),
        ("carboplatin with wonderdrug", ("carboplatin",), ("wonderdrug",)),
        ("wonderdrug + drug-x", (), ("wonderdrug + drug-x",)),
    ],
)
def test_an_unknown_part_beside_known_ones_stays_unknown_as_written(
    text: str, known: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    read = NAMES.read_drugs(text)
    assert (read.known, read.unknown) == (known, unknown)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("none", "`none` is no drug; write an empty list `[]` for no drugs"),
        ("N/A", "`N/A` is no drug; write an empty list `[]` for no drugs"),
        ("carboplatin + none", "`none` in `carboplatin + none` is no drug; leave it out"),
        ("carboplatin, n/a", "`n/a` in `carboplatin, n/a` is no drug; leave it out"),
        ("none (treatment naïve)", "is no drug; leave it out"),
        ("no chemo/no therapy", "`no chemo` in `no chemo/no therapy` is no drug; leave it out"),
        ("folfox", None),
        ("pembrolizumab monotherapy", None),
    ],
)
def test_a_part_that_says_that_there_is_no_drug_is_an_error(text: str, told: str | None) -> None:
    problem = NAMES.drug_problem(text)
    assert problem is None if told is None else told in str(problem)
    if told:
        with pytest.raises(CaseError, match=re.escape(told)):
            case(whole(prior_therapies=[text]))
        with pytest.raises(CaseError, match=re.escape(told)):
            case(made(request(concurrent_drugs=[text]), {}))


def test_every_known_name_is_read_in_every_dress_as_what_it_is() -> None:
    for name in VOCABULARY.drugs:
        own, words = meaning((name,)), name.replace("_", " ")
        assert NAMES.read_drugs(name) == ReadDrugs((name,))
        for text in (f"{words.title()}®", f"{words} 200 mg IV q3w x 6 cycles", f"{words} ({words})"):
            assert meaning(NAMES.read_drugs(text).known) == own, text
        for text in (f"{words} + pembrolizumab", f"pembrolizumab/{words}", f"pembrolizumab, {words}"):
            assert meaning(NAMES.read_drugs(text).known) == own | {"pembrolizumab"}, text


def test_no_name_is_known_where_something_denies_or_doubts_it() -> None:
    for name in VOCABULARY.drugs:
        words = name.replace("_", " ")
        for text in (f"no {words}", f"{words} declined", f"anti-{words}", f"{words}?", f"{words} (not given)"):
            assert NAMES.read_drugs(text).known == (), text


def test_reading_a_long_name_takes_no_long_time_and_reads_nothing_into_it() -> None:
    for text in ("a/" * 100, "pembrolizumab " * 14, "(" * 200, "iv " * 66, "q1" * 100, "5-" * 100, "1," * 100):
        assert NAMES.read_drugs(text).known == ()


# Hints


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Adagrasb", "adagrasib"),
        ("metformn", "metformin"),
        ("lobectmy", "lobectomy"),
        ("pembrolizumb 200 mg", "pembrolizumab"),
        ("carbo", None),
        ("wonderdrug", None),
        ("herbal tea", None),
    ],
)
def test_a_hint_is_a_known_name_within_a_few_letters(name: str, hint: str | None) -> None:
    assert NAMES.drug_hint(name) == hint


SMALL = """
vocabulary(v). document_type(note, 1).
attribute(before, history). domain(before, drugs). establishes(note, before).
drug((abcdefin; abcdefan; abcdefon; xyzutinib)). supportive((abcdefin; xyzutinib)). treatment(abcdefon).
brand(xyzutinab, abcdefan).
"""


def test_no_hint_is_given_where_names_of_two_uses_are_equally_near(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.lp").write_text(SMALL)
    names = load_vocabulary(tmp_path / "vocabulary.lp").names
    assert names.drug_hint("abcdefxn") is None
    assert names.drug_hint("xyzutinyb") is None
    assert names.drug_hint("xyzutinibb") == "xyzutinib"


# Values

CODES = [
    ("C34.90", "lung_cancer"),
    ("c34_90", "lung_cancer"),
    ("c3490", "lung_cancer"),
    ("ICD-10 C34.90", "lung_cancer"),
    ("icd10cm:C34.90", "lung_cancer"),
    ("C34.90 (upper lobe)", "lung_cancer"),
    ("C34.90 (Malignant neoplasm of unspecified part of unspecified bronchus or lung)", "lung_cancer"),
    ("Z85.118 (Personal history of other malignant neoplasm of bronchus and lung)", "not_told_by_code"),
    ("C34.90 (history of)", None),
    ("C34.90 (suspected)", None),
    ("C34.90 (lung?)", None),
    ("C34", "lung_cancer"),
    ("C17.0", "small_bowel_cancer"),
    ("C18.7", "colon_cancer"),
    ("C18.1", "appendiceal_cancer"),
    ("C19", "rectosigmoid_cancer"),
    ("C20", "rectal_cancer"),
    ("C21.0", "anal_cancer"),
    ("C24.1", "ampullary_cancer"),
    ("C25", "pancreatic_cancer"),
    ("C25.0", "pancreatic_cancer"),
    ("C25.4", "pancreatic_neuroendocrine_tumor"),
    ("C25.9", "pancreatic_cancer"),
    ("C7A.090", "neuroendocrine_tumor"),
    *((code, "other_cancer") for code in ("C00.0", "C16.9", "C22.0", "C4A.9", "C50.911", "C64.9", "C96.9")),
    *((code, "not_told_by_code") for code in ("C24", "C24.8", "C24.9", "C26.0", "C76.1", "C77.0", "C78.01")),
    *((code, "not_told_by_code") for code in ("C79.31", "C7B.01", "C80.1", "D02.20", "D14.3", "D37.4")),
    *((code, "not_told_by_code") for code in ("Z85.118", "Z51.11", "E11.9", "I10", "R91.1", "U07.1", "D49.1")),
    *((code, None) for code in ("t1a", "M1A", "n2b", "C27", "C36.1", "C99.9", "U50", "C34.90 (ruled out)")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "word"), CODES)
def test_a_code_is_read_by_its_longest_known_beginning(code: str, word: str | None) -> None:
    assert NAMES.code_word("diagnosis", code) == word


FIVE = {
    "nsclc", "crc", "ampullary_adenocarcinoma", "pancreatic_adenocarcinoma", "small_bowel_adenocarcinoma",
}  # fmt: skip


@pytest.mark.parametrize(
    ("word", "of_the_five"),
    [
        ("C34.1", {"nsclc"}),
        ("C18.9", {"crc"}),
        ("C19", {"crc"}),
        ("C20", {"crc"}),
        ("C17.1", {"small_bowel_adenocarcinoma"}),
        ("C24.1", {"ampullary_adenocarcinoma"}),
        ("C25.9", {"pancreatic_adenocarcinoma"}),
        ("C25.4", set()),
        ("C7A.8", set()),
        ("C21.1", set()),
        ("C24.0", set()),
        ("C61", set()),
        ("C80.1", FIVE),
        ("Z85.038", FIVE),
        ("lung_cancer", {"nsclc"}),
        ("colon_cancer", {"crc"}),
        ("bowel_cancer", {"crc", "small_bowel_adenocarcinoma"}),
        ("pancreatic_cancer", {"pancreatic_adenocarcinoma"}),
        ("adenocarcinoma", FIVE),
        ("small_cell_lung_cancer", set()),
    ],
)
def test_a_code_or_word_may_mean_its_organs_disease_and_always_another_one(
    word: str, of_the_five: set[str]
) -> None:
    values = set(NAMES.may_mean("diagnosis", word))
    assert values & FIVE == of_the_five
    assert values - FIVE, "no code or word of an organ tells which tumor it is"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nsclc", {"nsclc"}),
        ("C34.90", {"lung_cancer"}),
        ("kidney_cancer", {"kidney_cancer"}),
        (["nsclc"], {"nsclc"}),
        (["nsclc", "C34.90"], {"nsclc"}),
        (["C34.90", "lung_adenocarcinoma"], {"lung_adenocarcinoma"}),
        (["nsclc", "lung_adenocarcinoma"], {"lung_adenocarcinoma"}),
        (["lung_adenocarcinoma", "lung_squamous_cell_carcinoma"], {"nsclc"}),
        (["colon_adenocarcinoma", "rectal_adenocarcinoma"], {"crc"}),
        (["adenocarcinoma", "C34.90"], {"nsclc"}),
        (["C79.31", "C34.90"], {"lung_cancer"}),
        (["C34.90", "small_cell_lung_cancer"], {"small_cell_lung_cancer"}),
        (["C25", "C25.4"], {"pancreatic_neuroendocrine_tumor"}),
        (["C7A.090", "C34.90"], {"lung_neuroendocrine_tumor"}),
        (["bowel_cancer", "C17.0"], {"small_bowel_cancer"}),
        (["C64.9", "kidney_cancer"], {"kidney_cancer"}),
        (["C21.0", "anal_squamous_cell_carcinoma"], {"anal_squamous_cell_carcinoma"}),
        (["C80.1", "crc"], {"crc"}),
        (["kidney_cancer", "renal_tumor"], {"kidney_cancer"}),
        (["C34.90", "C18.9"], set()),
        (["C34.90", "crc"], set()),
        (["C34.90", "C64.9"], set()),
        (["nsclc", "small_cell_lung_cancer"], set()),
        (["nsclc", "kidney_cancer"], set()),
        (["C25.4", "pancreatic_adenocarcinoma"], set()),
        (["C21.0", "C20"], set()),
    ],
)
def test_a_list_means_what_all_of_its_words_and_codes_may_mean(given: str | list[str], words: set[str]) -> None:
    assert set(NAMES.read_value("diagnosis", given).words) == words
    if isinstance(given, list):
        assert set(NAMES.read_value("diagnosis", given[::-1]).words) == words


def test_what_a_code_was_read_as_is_told_in_words() -> None:
    assert NAMES.read_value("diagnosis", "nsclc").read_as is None
    assert NAMES.read_value("diagnosis", "C34.90").read_as == "C34.90: lung cancer of an unspecified kind"
    told = NAMES.read_value("diagnosis", ["C64.9", "C80.1"]).read_as
    assert told == "C64.9: a cancer of another organ, or of blood; C80.1: a code that does not say which tumor"


def test_words_of_a_list_with_nothing_in_common_are_told_with_what_each_may_mean() -> None:
    with pytest.raises(CaseError) as caught:
        case(whole(diagnosis=["C18.9", "lung_adenocarcinoma"]))
    (told,) = caught.value.problems
    assert told.startswith("documents[3].states.diagnosis: names nothing in common: `C18.9` may mean `crc`, ")
    assert told.endswith("; `lung_adenocarcinoma` means `lung_adenocarcinoma`")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (["nsclc", "t1a"], "documents[3].states.diagnosis[1]: `t1a` looks like an ICD-10-CM code, but is none"),
        (
            ["NSCLC"],
            "documents[3].states.diagnosis[0]: `NSCLC` is not written in small letters, digits",
        ),
        ([["nsclc"]], "documents[3].states.diagnosis[0]: has to be a text, not a list"),
        ([3], "documents[3].states.diagnosis[0]: has to be a text, not a number"),
        ([], "documents[3].states.diagnosis: is empty; leave it out, or name what is meant"),
        ("C99", "documents[3].states.diagnosis: `C99` looks like an ICD-10-CM code, but is none"),
    ],
)
def test_what_is_wrong_with_a_diagnosis_is_told_with_its_place(value: Any, told: str) -> None:
    with pytest.raises(CaseError) as caught:
        case(whole(diagnosis=value))
    (problem,) = caught.value.problems
    assert problem.startswith(told)


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("nsclc", True),
        ("C34.90", True),
        ("icd10cm:c34.90 (lung)", True),
        (["nsclc", "C34.90"], True),
        ("Non-small cell lung cancer", False),
        ([], False),
        ([3], False),
    ],
)
def test_the_schema_of_a_case_takes_names_codes_and_lists_of_them(value: Any, good: bool) -> None:
    validator = jsonschema.Draft202012Validator(case_json_schema(VOCABULARY))
    assert validator.is_valid(whole(diagnosis=value)) == good


# The vocabulary's data


def test_the_vocabulary_knows_what_patients_take_and_undergo() -> None:
    assert len(SUPPORTIVE) >= 400
    words = {name for name, drug in STANDS_FOR if drug in TREATMENTS} | TREATMENTS
    assert len(words) >= 60
    for name in ("metformin", "lisinopril", "atorvastatin", "levothyroxine", "aspirin", "albuterol"):
        assert name in SUPPORTIVE


def test_no_name_has_two_uses_and_every_other_name_has_a_known_target() -> None:
    drugs = SUPPORTIVE | ANTICANCER | TREATMENTS
    assert len(drugs) == len(SUPPORTIVE) + len(ANTICANCER) + len(TREATMENTS)
    assert {drug for _, drug in STANDS_FOR} <= drugs
    assert not {name for name, _ in STANDS_FOR} & drugs
    regimens = {name for name, _ in facts("regimen", 2)}
    targets: dict[str, set[str]] = {}
    for name, drug in STANDS_FOR:
        targets.setdefault(name, set()).add(drug)
    assert {name for name, found in targets.items() if len(found) > 1} <= regimens


# What can treat a cancer, whatever else it treats. Octreotide, megestrol, steroids and denosumab have always
# stood among supportive medicines here.
MAY_TREAT = [
    *("methotrexate", "hydroxyurea", "mercaptopurine", "tretinoin", "tretinoin_oral", "isotretinoin"),
    *("thalidomide", "lenalidomide", "interferon", "interferon_alfa_2b", "peginterferon", "aldesleukin"),
    *("cyclophosphamide", "rituximab", "everolimus", "sirolimus", "ruxolitinib", "imiquimod", "bcg"),
    *("tamoxifen", "raloxifene", "anastrozole", "leuprolide", "bicalutamide", "ketoconazole"),
    *("estradiol", "estrogens", "medroxyprogesterone", "testosterone", "lanreotide", "mitotane"),
    *("anagrelide", "bexarotene", "arsenic_trioxide", "fluorouracil", "mitomycin", "bleomycin"),
]  # fmt: skip


@pytest.mark.parametrize("name", MAY_TREAT)
def test_what_can_treat_a_cancer_is_no_home_medicine(name: str) -> None:
    assert not meaning((name,)) & SUPPORTIVE


def test_no_treatment_that_is_no_drug_is_systemic_and_what_carries_drugs_is_none() -> None:
    assert not TREATMENTS & {drug for name, drug in facts("member", 2) if name == "systemic"}
    for name in ("TACE", "HIPEC", "chemoradiation", "isolated limb perfusion", "CAR-T"):
        assert NAMES.read_drugs(name).known == ()


def test_tegafur_and_its_kin_are_fluoropyrimidines() -> None:
    entry = ROOT / "asp" / "vocabularies" / "oncology" / "drugs" / "classes.lp"
    found = Program(read_program(entry)).facts(("member", 2))["member"]
    members = {str(plain(drug)) for name, drug in pairs(found) if str(plain(name)) == "fluoropyrimidine"}
    assert {"fluorouracil", "capecitabine", "tegafur", "tegafur_uracil"} <= members <= ANTICANCER


OUTRIGHT = {"anal_cancer", "bile_duct_cancer", "pancreatic_neuroendocrine_tumor", "other_cancer"}

NEVER_OF_THE_FIVE = [
    *("small_cell_lung_cancer", "neuroendocrine_tumor", "gist", "lymphoma", "melanoma", "sarcoma"),
    *("mesothelioma", "lung_carcinoid", "gastric_adenocarcinoma", "cholangiocarcinoma", "anal_cancer"),
]  # fmt: skip


@pytest.mark.parametrize("name", NEVER_OF_THE_FIVE)
def test_other_tumors_mean_none_of_the_listed_diseases(name: str) -> None:
    diseases = set(VOCABULARY.attributes["diagnosis"].listed) - OUTRIGHT
    assert not set(NAMES.may_mean("diagnosis", name)) & diseases


def test_every_listed_kind_of_a_disease_counts_as_one_of_the_five() -> None:
    kinds = {value: other for attribute, value, other in facts("counts_as", 3) if attribute == "diagnosis"}
    listed = set(VOCABULARY.attributes["diagnosis"].listed)
    # What codes say outright is listed too, so that it is no surprise.
    assert listed == FIVE | kinds.keys() | OUTRIGHT
    assert set(kinds.values()) <= FIVE
    for value, part in (("lung", "nsclc"), ("colon", "crc"), ("duoden", "small_bowel_adenocarcinoma")):
        assert {kinds[name] for name in kinds if value in name} == {part}


def test_a_reader_can_be_sent_to_another_process() -> None:
    again: NameReader = pickle.loads(pickle.dumps(NAMES))
    assert again.read_drugs("Keytruda (pembrolizumab)") == NAMES.read_drugs("Keytruda (pembrolizumab)")


def test_the_rules_are_data_that_a_browser_can_use() -> None:
    data = json.loads((ROOT / "pyclingo_bridge" / "cases" / "names.json").read_text(encoding="utf-8"))
    patterns = [
        *data["parts"].values(),
        *data["dosage"],
        *(data[key] for key in ("separator", "code", "stage")),
    ]
    # JavaScript knows no named groups of Python's kind, no flags within, and no possessive repeats.
    assert not [text for text in patterns if re.search(r"\(\?P|\(\?[a-z]+[):]|[*+?}]\+", text)]


REPORTED = [
    ("brand_and_generic", {"pembrolizumab"}, "nsclc"),
    ("slash", {"carboplatin", "pemetrexed"}, "nsclc"),
    ("plus", {"panitumumab", "fluorouracil", "oxaliplatin", "bevacizumab"}, "colon_adenocarcinoma"),
    ("strength_in_history", {"carboplatin", "pembrolizumab"}, "nsclc"),
    ("krazati_plain", {"carboplatin", "adagrasib"}, "nsclc"),
    ("krazati_registered", {"carboplatin", "adagrasib"}, "nsclc"),
    ("krazati_strength", {"carboplatin", "adagrasib"}, "nsclc"),
    ("vectibix_trademark", {"panitumumab", "fluorouracil", "oxaliplatin"}, "colon_adenocarcinoma"),
    ("zofran_registered", {"ondansetron", "carboplatin", "pembrolizumab"}, "nsclc"),
    ("home_medicines", {"metformin", "lisinopril", "atorvastatin", "carboplatin", "pembrolizumab"}, "nsclc"),
    ("icd10", {"carboplatin", "pembrolizumab"}, "lung_cancer"),
    ("icd10_lower", {"carboplatin", "pembrolizumab"}, "lung_cancer"),
    ("lung_squamous_cell_carcinoma", {"carboplatin", "pembrolizumab"}, "lung_squamous_cell_carcinoma"),
    ("small_cell_lung_cancer", {"carboplatin", "pembrolizumab"}, "small_cell_lung_cancer"),
    ("far_hints", set(), "nsclc"),
]


@pytest.mark.parametrize(("name", "drugs", "disease"), REPORTED)
def test_names_that_once_went_wrong_are_read(name: str, drugs: set[str], disease: str) -> None:
    data = json.loads((ROOT / "tests" / "reports" / "names" / f"{name}.json").read_text(encoding="utf-8"))
    states: dict[str, Any] = {}
    for document in data["documents"]:
        states |= document["states"]
    texts = [*data["request"]["concurrent_drugs"], *states["prior_therapies"]]
    assert {drug for text in texts for drug in meaning(NAMES.read_drugs(text).known)} == drugs
    assert NAMES.read_value("diagnosis", states["diagnosis"]).words == (disease,)
    if name == "far_hints":
        assert [NAMES.drug_hint(text) for text in texts] == [None] * len(texts)
