"""Random valid cases for CP.PHAR.549, made to sit close to the edges of its rules.

A case starts as a patient who would be approved for a chosen disease. How much of that then gets
lost, contradicted or replaced is itself random: many cases have a single flaw, some lack nearly
everything. Values are picked at and beside every threshold, dates from so few days that
documents often share one, and drug names in every spelling that a case file may use. An `old_style_case`
does without what `tests/random_twists.py` adds: partial dates, codes, corrections and the like.

    >>> random_case(random.Random(7)) == random_case(random.Random(7))
    True
    >>> len(all_interpretations())
    512
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from tests.random_twists import day_of, random_plan, twist, with_day

INTERPRETATIONS: dict[str, tuple[str, str]] = {
    "prior_therapy_scope": ("any_systemic", "appendix_b"),
    "continuation_30_days": ("second_limb", "both_limbs"),
    "advanced_disease": ("locally_advanced_or_metastatic", "as_named"),
    "ampullary_progression": ("as_written", "as_revision_log"),
    "dose_increase_other_indications": ("as_written", "all_covered"),
    "stable_disease_is_response": ("yes", "no"),
    "prior_therapy_kind": ("systemic", "any_treatment"),
    "dose_is_part_of_the_use": ("when_label_changed", "never"),
    "covered_indication": ("diagnosis", "as_in_section_i"),
}
"""Each ambiguity with its two interpretations, the default first."""


def all_interpretations() -> list[dict[str, str]]:
    """Every combination of one interpretation for each ambiguity, all defaults first."""
    return [dict(zip(INTERPRETATIONS, chosen, strict=True)) for chosen in product(*INTERPRETATIONS.values())]


def some_interpretations(rng: random.Random, number: int) -> list[dict[str, str]]:
    """The defaults, all the others, and combinations drawn at random: that many in all."""
    names = list(INTERPRETATIONS)
    ends = [dict(zip(names, side, strict=True)) for side in zip(*INTERPRETATIONS.values(), strict=True)]
    drawn = [{name: rng.choice(both) for name, both in INTERPRETATIONS.items()} for _ in range(number)]
    return [*ends, *drawn][:number]


DATES = ("2024-11-30", "2025-01-01", "2025-01-02", "2025-02-07")

DOCUMENT_TYPES = (
    "chart_note", "pathology_report", "molecular_report", "imaging_report", "treatment_history",
    "pharmacy_claims", "benefit_record", "literature",
)  # fmt: skip

EXTENTS = ("early", "recurrent", "locally_advanced", "advanced", "metastatic")

LISTED = (
    "nsclc", "crc", "ampullary_adenocarcinoma", "pancreatic_adenocarcinoma",
    "small_bowel_adenocarcinoma",
)  # fmt: skip
CRC_NAMES = (
    "crc", "colon_adenocarcinoma", "rectal_adenocarcinoma", "appendiceal_adenocarcinoma",
)  # fmt: skip
UNLISTED = ("melanoma", "nslc", "pancreatic_adenocarcinom", "gastric_adenocarcinoma")

USUAL_THERAPIES: dict[str, tuple[str, ...]] = {
    "nsclc": (
        "cisplatin", "carboplatin", "durvalumab", "pembrolizumab", "cemiplimab", "nivolumab",
        "atezolizumab", "ipilimumab", "tremelimumab",
    ),
    "crc": ("fluorouracil", "capecitabine", "oxaliplatin", "irinotecan", "folfox", "folfiri"),
    "ampullary_adenocarcinoma": ("capecitabine", "irinotecan", "capox", "folfirinox"),
    "pancreatic_adenocarcinoma": ("gemcitabine", "fluorouracil", "capecitabine", "nalirifox"),
    "small_bowel_adenocarcinoma": ("fluorouracil", "oxaliplatin", "folfox", "folfirinox"),
}  # fmt: skip
OTHER_THERAPIES = (
    "docetaxel", "pemetrexed", "bevacizumab", "panitumumab", "cetuximab", "ramucirumab",
    "osimertinib", "erlotinib",
)  # fmt: skip
REGIMENS = ("folfox", "folfiri", "folfirinox", "nalirifox", "capox")
SUPPORTIVE = ("ondansetron", "dexamethasone", "omeprazole")
UNKNOWN = ("adagrasibb", "trialdrug_17", "carboplatinn", "panitumumabb")
BRANDS = {
    "adagrasib": "krazati", "panitumumab": "vectibix", "cetuximab": "erbitux",
    "pembrolizumab": "keytruda", "sotorasib": "lumakras",
}  # fmt: skip
ANY_DRUG = tuple(
    dict.fromkeys(
        (*(name for names in USUAL_THERAPIES.values() for name in names), *OTHER_THERAPIES,
         *REGIMENS, *SUPPORTIVE, "adagrasib", "sotorasib")
    )
)  # fmt: skip

RESPONSES = ("cr", "pr", "sd", "pd")


class Statement(NamedTuple):
    """Something that one document is to state; `complete` goes with a treatment list only."""

    attribute: str
    value: Any
    complete: bool | None = None


class Spoiling(NamedTuple):
    """How likely a fact of an approvable patient is left out, false, or contradicted."""

    lost: float
    false: float
    disputed: float


SPOILINGS = (
    Spoiling(0.0, 0.0, 0.0),
    Spoiling(0.08, 0.0, 0.1),
    Spoiling(0.12, 0.03, 0.05),
    Spoiling(0.05, 0.05, 0.1),
    Spoiling(0.03, 0.0, 0.25),
    Spoiling(0.3, 0.03, 0.03),
    Spoiling(0.6, 0.05, 0.1),
    Spoiling(0.2, 0.3, 0.3),
)

FLAWS = (Spoiling(1.0, 0.0, 0.0), Spoiling(0.0, 1.0, 0.0), Spoiling(0.0, 0.0, 1.0))
"""A fact certainly left out, false, or contradicted."""


def random_case(rng: random.Random) -> dict[str, Any]:
    """A valid case file, the same one for a generator in the same state."""
    case = old_style_case(rng)
    twist(rng, case)
    return case


def random_case_and_plan(rng: random.Random) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """A valid case file, and for every third one a plan file."""
    case = random_case(rng)
    if rng.random() < 0.65:
        return case, None
    return with_day(case), random_plan(rng, day_of(case))


def old_style_case(rng: random.Random) -> dict[str, Any]:
    """A case whose documents say what they say on a day, and of nothing but what is known."""
    kind = rng.choice(("initial", "initial", "continuation"))
    disease = rng.choice(("nsclc", "nsclc", "crc", "crc", *LISTED[2:]))
    facts = initial_facts(rng, disease) if kind == "initial" else continuation_facts(rng)
    one_flaw = rng.random() < 0.35
    spoiling = SPOILINGS[0] if one_flaw else rng.choice(SPOILINGS)
    spoilings = dict.fromkeys(facts, spoiling)
    if one_flaw:
        spoilings[rng.choice(facts)] = rng.choice(FLAWS)
    stated = stray_statements(rng)
    for name in facts:
        stated += fact_statements(rng, name, disease, spoilings[name])
    return {
        "id": f"random-{rng.randrange(10**9)}",
        "request": random_request(rng, kind, disease, spoiling),
        "documents": [] if rng.random() < 0.04 else filed(rng, stated),
    }


# --- The request form ---------------------------------------------------------------------------


def random_request(rng: random.Random, kind: str, disease: str, spoiling: Spoiling) -> dict[str, Any]:
    """A request form for the disease; keys that have a default are often absent."""
    request: dict[str, Any] = {
        "type": kind,
        "line_of_business": rng.choice(("commercial", "him", "medicaid")),
        "product": rng.choice(("brand", "brand", "brand", "generic")),
        "dose_mg_per_day": rng.choice((960, 960, 960, 240, 959, 961, 1, 1200, 1920)),
        "concurrent_drugs": concurrent_drugs(rng, disease, spoiling),
    }
    if kind == "continuation" and rng.random() < 0.55:
        request["dose_increase"] = True
    elif rng.random() < 0.3:
        request["dose_increase"] = False
    if rng.random() < 0.6:
        request["duration_months"] = rng.choice((1, 3, 5, 6, 7, 11, 12, 13, 24))
    if rng.random() < 0.5:
        request["on_formulary"] = rng.random() < 0.5
    return request


def concurrent_drugs(rng: random.Random, disease: str, spoiling: Spoiling) -> list[str]:
    """Drugs that usually fit the disease, with companions that do not count mixed in."""
    fitting: tuple[str, ...] = ()
    if disease == "crc" and rng.random() < 0.55:
        fitting = rng.choice((("panitumumab",), ("cetuximab",), ("panitumumab", "cetuximab")))
    names = list(fitting)
    if rng.random() < spoiling.false + 0.08:
        names = [rng.choice((*OTHER_THERAPIES, *REGIMENS, *UNKNOWN, "adagrasib"))]
    if rng.random() < 0.2:
        names.append(rng.choice((*SUPPORTIVE, "sotorasib")))
    if rng.random() < spoiling.false / 3:
        names.append(rng.choice((*UNKNOWN, *OTHER_THERAPIES)))
    return spelt(rng, names)


def spelt(rng: random.Random, names: Sequence[str]) -> list[str]:
    """The names in some order, some of them as brands and some of them capitalised."""
    spellings = [
        rng.choice((str.lower, str.lower, str.lower, str.upper, str.capitalize))(
            BRANDS[name] if name in BRANDS and rng.random() < 0.4 else name
        )
        for name in dict.fromkeys(names)
    ]
    rng.shuffle(spellings)
    return spellings


# --- What there is to state ---------------------------------------------------------------------


def initial_facts(rng: random.Random, disease: str) -> list[str]:
    """The attributes that an initial request for the disease turns on."""
    facts = ["age", "diagnosis", "disease_extent", "oncology_prescriber", "kras_g12c"]
    facts += ["prior_therapies", rng.choice(("generic_available", "generic_contraindicated"))]
    if rng.random() < 0.2:
        facts += ["no_generic_route"]
    own = {"crc": "egfr_inhibitor_intolerance", "ampullary_adenocarcinoma": "disease_progression"}
    if disease in own and rng.random() < 0.8:
        facts.append(own[disease])
    sometimes = ("dose_supported_by_evidence", "regimen_recommended")
    return facts + [name for name in sometimes if rng.random() < 0.5]


def continuation_facts(rng: random.Random) -> list[str]:
    """The attributes that a request to go on with the drug turns on."""
    facts = ["diagnosis", "responding_positively", "days_on_therapy"]
    facts += rng.choice((
        ["currently_receiving_via_plan"],
        ["currently_receiving_for_covered_indication"],
        ["currently_receiving_for_covered_indication", "currently_receiving_via_plan"],
    ))  # fmt: skip
    sometimes = ("dose_supported_by_evidence", "regimen_recommended", "age")
    return facts + [name for name in sometimes if rng.random() < 0.5]


def fact_statements(rng: random.Random, name: str, disease: str, spoiling: Spoiling) -> list[Statement]:
    """Statements that make a fact true, or false, or both, or none at all."""
    if rng.random() < spoiling.lost:
        return []
    if name == "no_generic_route":
        flags = {"generic_available": True, "generic_contraindicated": False, "generic_not_tolerated": False}
        return [Statement(flag, value) for flag, value in flags.items()]
    truth = rng.random() >= spoiling.false
    stated = [statement(rng, name, disease, truth)]
    if rng.random() < spoiling.disputed:
        stated.append(statement(rng, name, disease, not truth))
    # Several lists of treatments are the way to a complete history that did not stay complete.
    while rng.random() < (0.4 if name == "prior_therapies" else 0.12):
        stated.append(statement(rng, name, disease, truth))
    return stated


def statement(rng: random.Random, name: str, disease: str, truth: bool) -> Statement:
    """One statement that speaks for the fact, or one that speaks against it."""
    match name:
        case "age":
            return Statement(name, rng.choice((18, 19, 64) if truth else (17, 16, 0)))
        case "days_on_therapy":
            return Statement(name, rng.choice((30, 31, 200) if truth else (29, 28, 0)))
        case "diagnosis":
            return Statement(name, diagnosis(rng, disease, truth))
        case "disease_extent":
            return Statement(name, extents(rng, truth))
        case "prior_therapies":
            return treatment_list(rng, disease, truth)
        case "responding_positively":
            return response(rng, truth)
        case "generic_available":
            return Statement(name, not truth)
    return Statement(name, truth)


def diagnosis(rng: random.Random, disease: str, truth: bool) -> str:
    """A name of the disease, or of another one that the policy may or may not list."""
    if truth:
        return rng.choice(CRC_NAMES) if disease == "crc" else disease
    others = [name for name in (*LISTED, *CRC_NAMES) if name != disease]
    return rng.choice(UNLISTED if rng.random() < 0.5 else others)


def extents(rng: random.Random, truth: bool) -> list[str]:
    """Stages of the disease, the later ones among them where the fact is to hold."""
    if not truth:
        return rng.choice((["early"], ["early"], ["recurrent"], ["early", "recurrent"]))
    main = rng.choice(("metastatic", "metastatic", "locally_advanced", "advanced", "recurrent"))
    more = [name for name in EXTENTS if name != main and rng.random() < 0.15]
    return rng.sample([main, *more], k=1 + len(more))


def response(rng: random.Random, truth: bool) -> Statement:
    """A response as a flag or as a RECIST category."""
    if rng.random() < 0.5:
        return Statement("responding_positively", truth)
    return Statement("recist_response", rng.choice(("cr", "pr", "sd") if truth else ("pd", "sd")))


def treatment_list(rng: random.Random, disease: str, truth: bool) -> Statement:
    """Drugs given before, whole or in part, or a list that speaks against approval."""
    names = list(rng.sample(USUAL_THERAPIES[disease], k=rng.randint(1, 2)))
    if rng.random() < 0.25:
        names = [rng.choice(OTHER_THERAPIES)]
    if not truth:
        names = rng.choice(([], ["adagrasib"], [*names, "adagrasib"], ["sotorasib"], []))
    if rng.random() < 0.12:
        names = [*names, rng.choice((*SUPPORTIVE, "sotorasib", *ANY_DRUG))]
    if rng.random() < 0.07:
        names = [*names, rng.choice(UNKNOWN)]
    complete = rng.choice((True, True, True, False, None))
    return Statement("prior_therapies", spelt(rng, names), complete)


def stray_statements(rng: random.Random) -> list[Statement]:
    """Statements that no plan asked for, the label change that decides a referral among them."""
    stray: list[Statement] = []
    while rng.random() < 0.3:
        stray.append(Statement("recent_label_change", rng.random() < 0.7))
    while rng.random() < 0.25:
        name = rng.choice((
            "generic_available", "generic_contraindicated", "egfr_inhibitor_intolerance",
            "dose_supported_by_evidence", "regimen_recommended", "disease_progression",
            "currently_receiving_via_plan", "prior_therapies", "responding_positively",
            "disease_extent", "days_on_therapy", "age", "kras_g12c",
        ))  # fmt: skip
        stray.append(statement(rng, name, rng.choice(LISTED), rng.random() < 0.6))
    return stray


# --- The file -----------------------------------------------------------------------------------


def filed(rng: random.Random, stated: Sequence[Statement]) -> list[dict[str, Any]]:
    """Documents that state all of it, no document one attribute twice, and none nothing."""
    dates = rng.sample(DATES, k=rng.randint(1, len(DATES)))
    contents: list[dict[str, Any]] = [{} for _ in range(rng.randint(1, 6))]
    for one in rng.sample(stated, k=len(stated)):
        content = rng.choice(contents)
        if one.attribute in content:
            content = {}
            contents.append(content)
        content[one.attribute] = one.value
        if one.complete is not None:
            content["complete_treatment_history"] = one.complete
    return [
        {
            "id": f"doc-{number}",
            "type": rng.choice(DOCUMENT_TYPES),
            "date": rng.choice(dates),
            "states": content,
        }
        for number, content in enumerate(filter(None, contents), start=1)
    ]


def shuffled(rng: random.Random, case: Mapping[str, Any]) -> dict[str, Any]:
    """The same case with its documents in another order and under other names."""
    documents = rng.sample(case["documents"], k=len(case["documents"]))
    names = {document["id"]: f"renamed-{number}" for number, document in enumerate(documents)}
    renamed = [
        {**document, "id": names[document["id"]]}
        | ({"replaces": names[document["replaces"]]} if "replaces" in document else {})
        for document in documents
    ]
    return {**case, "documents": renamed}
