"""Twists that give a plain random case all that a case file may say: dates, codes, corrections, tumors.

Each twist changes a case in place and leaves it valid. Numbers, birthdays and label changes are put at the
ends of what the policy asks for, and one to either side of them.

    >>> case = {"id": "x", "request": {"type": "initial"}, "documents": [
    ...     {"id": "a", "type": "chart_note", "date": "2025-01-02", "states": {"age": 18}}]}
    >>> born(random.Random(2), case)
    >>> sorted(case["documents"][0]["states"])
    ['birth_date']
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from tests.oracle_days import before, moved, span
from tests.oracle_evidence import request_day

Data = dict[str, Any]
Twist = Callable[[random.Random, Data], None]

DAYS = (
    "2024-02-29", "2024-08-07", "2024-11-30", "2025-01-01", "2025-01-02", "2025-01-31", "2025-02-07",
    "2025-02-08", "2025-02-28", "2025-03-01", "2025-08-08",
)  # fmt: skip
PARTIAL = ("2024", "2025", "2024-12", "2025-01", "2025-02", "2025-03")

HOME = ("metformin", "lisinopril", "atorvastatin", "amlodipine", "levothyroxine")
TREATMENTS = ("radiation_therapy", "surgery", "transplant")
UNKNOWN = ("wonderdrug", "trialdrug_17", "herbal tea", "Adagrasb")

CODES = {
    "nsclc": ("C34.90", "c34.1", "C34.31", "lung_adenocarcinoma", "lung_squamous_cell_carcinoma", "nsclc"),
    "crc": ("C18.9", "C19", "C20", "crc", "colon_adenocarcinoma"),
    "ampullary_adenocarcinoma": ("C24.1", "ampullary_adenocarcinoma"),
    "pancreatic_adenocarcinoma": ("C25.0", "C25", "C25.9", "C25.7", "pancreatic_adenocarcinoma"),
    "small_bowel_adenocarcinoma": ("C17.0", "C17.9", "small_bowel_adenocarcinoma"),
}
OTHER_CODES = (
    "C25.4", "C7A.020", "C21.0", "C43.9", "C24.0", "C78.00", "C79.31", "C77.9", "C7B.02", "Z85.118", "D02.20",
    "D37.4", "C24.8", "C24", "C26.9", "C76.2", "C80.1", "E11.9", "I10",
)  # fmt: skip
TUMORS = ("lung", "Lung", "left lung", "Left-Lung", "left_lung", "colon 2012")


def documents_that_state(case: Data, *names: str) -> list[Data]:
    """The documents that state one of these."""
    return [one for one in case["documents"] if not one["states"].keys().isdisjoint(names)]


def day_of(case: Data) -> date:
    """The day of the request; of an empty file any day."""
    return request_day(case) or date(2025, 2, 7)


def new_document(rng: random.Random, case: Data, kind: str, states: Data) -> Data:
    """A further document, of a date that another one has, or of the request's day."""
    dates = [one["date"] for one in case["documents"]] or [str(day_of(case))]
    document = {
        "id": f"more-{len(case['documents'])}",
        "type": kind,
        "date": rng.choice(dates),
        "states": states,
    }
    case["documents"].append(document)
    return document


# --- Dates --------------------------------------------------------------------------------------


def dated(rng: random.Random, case: Data) -> None:
    """Documents of few days, many of them shared, and of months and years that overlap them."""
    some = rng.sample(DAYS, k=rng.randint(1, 4))
    for document in case["documents"]:
        if rng.random() < 0.5:
            document["date"] = rng.choice(PARTIAL if rng.random() < 0.3 else some)


def received(rng: random.Random, case: Data) -> None:
    """A day of the request: among the documents' days, before some of them, or after all."""
    latest = day_of(case)
    days = [span(one["date"]).first for one in case["documents"]] or [latest]
    case["request"]["date"] = str(
        rng.choice((latest, latest, rng.choice(days), latest + timedelta(rng.choice((1, 10, 29, 30, 200)))))
    )


def born(rng: random.Random, case: Data) -> None:
    """Birth dates in place of ages, or beside them: the birthday on the day, a day off, or on 29 February."""
    for document in documents_that_state(case, "age"):
        states, day = document["states"], day_of(case)
        age = states["age"] if rng.random() < 0.3 else states.pop("age")
        birthday = moved(day, -12 * (age if isinstance(age, int) else 64)) + timedelta(rng.choice((-1, 0, 1)))
        birthday = rng.choice((birthday, birthday, birthday, date(2004, 2, 29), date(2007, 3, 1)))
        text = str(birthday)
        states["birth_date"] = rng.choice((text, text, text[:7], text[:4]))


def aged(rng: random.Random, case: Data) -> None:
    """Ages stated years before the request, or a range of them."""
    for document in documents_that_state(case, "age"):
        years = rng.choice((0, 1, 1, 2, 10))
        if rng.random() < 0.5:
            document["date"] = str(moved(day_of(case), -12 * years) + timedelta(rng.choice((-1, 0, 0, 1))))
            document["states"]["age"] = max(0, rng.choice((16, 17, 18, 18)) - years + rng.choice((0, 0, 1)))
        else:
            document["states"]["age"] = number_range(rng, (16, 17, 18, 19, 64))


def number_range(rng: random.Random, numbers: Sequence[int]) -> Data:
    """A range between two of the numbers, or from or to one of them."""
    low, high = sorted((rng.choice(numbers), rng.choice(numbers)))
    return rng.choice(({"at_least": low}, {"at_most": high}, {"at_least": low, "at_most": high}))


def on_therapy(rng: random.Random, case: Data) -> None:
    """Days on therapy by their first day, as a range, or counted to a day near the request."""
    for document in documents_that_state(case, "days_on_therapy"):
        states, day = document["states"], day_of(case)
        way = rng.random()
        if way < 0.4:
            if rng.random() < 0.8:
                states.pop("days_on_therapy")
            text = str(day - timedelta(rng.choice((29, 30, 31, 200, 0, -3))))
            states["therapy_start_date"] = rng.choice((text, text, text[:7], text[:4]))
        elif way < 0.7:
            states["days_on_therapy"] = number_range(rng, (0, 20, 29, 30, 31, 200))
        else:
            days = rng.choice((0, 1, 10, 30))
            document["date"] = str(day - timedelta(days))
            states["days_on_therapy"] = max(0, rng.choice((29, 30, 31)) - rng.choice((0, days)))


def label_changed(rng: random.Random, case: Data) -> None:
    """A label change by its day: at either end of the six months, beside the revision, or after the request."""
    day = day_of(case)
    ends = (before(day, 6), day, date(2025, 2, 7), before(day, 3))
    text = str(rng.choice(ends) + timedelta(rng.choice((-1, 0, 0, 1))))
    document = new_document(rng, case, rng.choice(("literature", "benefit_record")), {})
    document["states"]["label_change_date"] = rng.choice((text, text, text, text[:7], text[:4]))


# --- Names --------------------------------------------------------------------------------------


def coded(rng: random.Random, case: Data) -> None:
    """Diagnoses as codes and histologies, one or several of one disease, and codes that say something else."""
    for document in documents_that_state(case, "diagnosis"):
        states = document["states"]
        words = CODES.get(states["diagnosis"])
        if words and rng.random() < 0.7:
            several = rng.sample(words, k=min(len(words), rng.choice((1, 1, 2))))
            states["diagnosis"] = several if len(several) > 1 or rng.random() < 0.2 else several[0]
        elif rng.random() < 0.4:
            states["diagnosis"] = rng.choice(OTHER_CODES)


def spelt_with_care(rng: random.Random, case: Data) -> None:
    """Drugs with signs, strengths and brackets, and several in one entry."""
    for listed in _lists(case):
        for place, name in enumerate(listed):
            ways = [f"{name}®", f"{name} 200 mg IV", f"{name} 100 mg tablet", f"{name}\u2122", f" {name} "]
            if name.lower() == "carboplatin":
                ways.append(f"{name} AUC 5")
            if name not in TREATMENTS:
                listed[place] = rng.choice((name, *ways))
        if len(listed) > 1 and rng.random() < 0.3:
            listed[:] = [rng.choice((" + ", "/", ", ", " and ", " with ", " plus ")).join(listed)]


def _lists(case: Data) -> list[list[str]]:
    documents = documents_that_state(case, "prior_therapies")
    return [case["request"]["concurrent_drugs"], *(one["states"]["prior_therapies"] for one in documents)]


def bracketed(rng: random.Random, case: Data) -> None:
    """A brand with its generic name in brackets, either way."""
    pairs = (("Keytruda", "pembrolizumab"), ("Krazati", "adagrasib"), ("Vectibix", "panitumumab"))
    for listed in _lists(case):
        for brand, generic in pairs:
            if generic in listed and rng.random() < 0.6:
                listed[listed.index(generic)] = rng.choice((f"{brand} ({generic})", f"{generic} ({brand}®)"))


def unknown_on_form(rng: random.Random, case: Data) -> None:
    """An unknown name among the drugs given with it."""
    listed = case["request"]["concurrent_drugs"]
    listed.insert(rng.randint(0, len(listed)), rng.choice(UNKNOWN))
    if rng.random() < 0.2:
        listed.append("carboplatin/secondwonder")


def unknown_in_lists(rng: random.Random, case: Data) -> None:
    """Unknown names in earlier therapies; the same one may be in two documents."""
    for document in documents_that_state(case, "prior_therapies"):
        if rng.random() < 0.6:
            document["states"]["prior_therapies"].append(rng.choice(UNKNOWN[:2]))


def no_therapies(rng: random.Random, case: Data) -> None:
    """Medicines taken at home, and treatments that are no drugs."""
    for listed in _lists(case):
        if rng.random() < 0.6:
            listed += rng.sample((*HOME, *TREATMENTS, *TREATMENTS, "ondansetron"), k=rng.randint(1, 2))
            listed[:] = dict.fromkeys(listed)


def earlier_treatment(rng: random.Random, case: Data) -> None:
    """A list of nothing but treatments that are no drugs, whole or not."""
    for document in documents_that_state(case, "prior_therapies"):
        document["states"]["prior_therapies"] = rng.sample(TREATMENTS, k=rng.randint(1, 2))


# --- Documents ----------------------------------------------------------------------------------


def with_status(rng: random.Random, case: Data) -> None:
    """Documents that are preliminary, amended or entered in error."""
    for document in case["documents"]:
        if rng.random() < 0.3:
            document["status"] = rng.choice(
                ("final", "preliminary", "amended", "entered_in_error", "entered-in-error")
            )


def corrected(rng: random.Random, case: Data) -> None:
    """Chains of documents each of which replaces one, some of them in error, some of them twice."""
    for old in list(case["documents"]):
        while rng.random() < 0.35:
            new = new_document(rng, case, old["type"], dict(old["states"]))
            new["replaces"] = old["id"]
            if rng.random() < 0.3:
                new["status"] = rng.choice(("amended", "entered_in_error"))
            if new["states"] and rng.random() < 0.3:
                dropped = rng.choice([name for name in new["states"] if name != "complete_treatment_history"])
                new["states"].pop(dropped)
                if dropped == "prior_therapies":
                    new["states"].pop("complete_treatment_history", None)
            if rng.random() < 0.5:
                old = new


def of_tumors(rng: random.Random, case: Data) -> None:
    """Names of tumors on documents and on the request, the same one or not."""
    names = rng.sample(TUMORS, k=2)
    for place in (case["request"], *case["documents"]):
        if rng.random() < 0.5:
            place["tumor"] = rng.choice((names[0], names[0], names[0], names[1]))


def specimens(rng: random.Random, case: Data) -> None:
    """What a sample of tissue or of blood showed, in reports of their own."""
    for document in documents_that_state(case, "kras_g12c"):
        found = document["states"].pop("kras_g12c")
        states = {"kras_g12c": found if rng.random() < 0.7 else not found}
        if rng.random() < 0.8:
            states["specimen"] = rng.choice(("tissue", "plasma", "plasma"))
        new_document(rng, case, "molecular_report", states)["date"] = document["date"]
    if rng.random() < 0.4:
        new_document(rng, case, "molecular_report", {"kras_g12c": False, "specimen": "plasma"})


def from_literature(rng: random.Random, case: Data) -> None:
    """Evidence on dose and regimen in literature of its own."""
    for name in ("dose_supported_by_evidence", "regimen_recommended"):
        for document in documents_that_state(case, name):
            value = document["states"].pop(name)
            new_document(rng, case, "literature", {name: value})


def present_dose(rng: random.Random, case: Data) -> None:
    """The dose that the patient takes now, at, below and above the one requested; or a range of it."""
    asked = case["request"]["dose_mg_per_day"]
    doses = [max(1, asked + more) for more in (-1, 0, 0, 1, -240, 240)]
    for _ in range(rng.choice((1, 1, 2))):
        value = rng.choice(doses) if rng.random() < 0.7 else number_range(rng, doses)
        new_document(
            rng, case, rng.choice(("chart_note", "pharmacy_claims")), {"current_dose_mg_per_day": value}
        )


def generic_taken(rng: random.Random, case: Data) -> None:
    """Whether the generic was tolerated, beside a generic that is on the market."""
    states: Data = {"generic_not_tolerated": rng.random() < 0.8}
    if rng.random() < 0.5:
        states["generic_available"] = True
    new_document(rng, case, "chart_note", states)


def staged(rng: random.Random, case: Data) -> None:
    """Extent and mutation for a patient on therapy, which one interpretation of II.A asks for."""
    states: Data = {"disease_extent": [rng.choice(("metastatic", "advanced", "early", "recurrent"))]}
    if rng.random() < 0.8:
        states["kras_g12c"] = rng.random() < 0.9
    new_document(rng, case, "molecular_report", states)


def named(rng: random.Random, case: Data) -> None:
    """The drug that the request is for."""
    case["request"]["drug"] = rng.choice(("sotorasib", "Lumakras", "Sotorasib"))


TWISTS: dict[Twist, float] = {
    from_literature: 0.8, dated: 0.6, staged: 0.15, generic_taken: 0.15, present_dose: 0.15, received: 0.4,
    aged: 0.2, on_therapy: 0.4, born: 0.2, label_changed: 0.25, coded: 0.35, no_therapies: 0.3,
    earlier_treatment: 0.05, bracketed: 0.3, spelt_with_care: 0.2, unknown_on_form: 0.12,
    unknown_in_lists: 0.15, specimens: 0.25, corrected: 0.15, with_status: 0.12, of_tumors: 0.15, named: 0.1,
}  # fmt: skip
"""How likely each twist is, in the order in which they are made: what needs dates comes after them."""


def twist(rng: random.Random, case: Data) -> None:
    """Make some of the twists; a case of every tenth is left as it is."""
    if rng.random() < 0.1:
        return
    keen = rng.choice((0.4, 1.0, 1.0, 1.6))
    for change, likely in TWISTS.items():
        if rng.random() < likely * keen:
            change(rng, case)
    if not any(one["states"] for one in case["documents"]) and rng.random() < 0.5:
        case["documents"] = []


# --- Plans --------------------------------------------------------------------------------------


def with_day(case: Data) -> Data:
    """The case with the day of its request, which a plan file needs."""
    case["request"].setdefault("date", str(day_of(case)))
    return case


def random_plan(rng: random.Random, day: date) -> Data:
    """A plan file: facts that hold on this day, that have ended, or that begin on it."""
    facts = []
    for name, value in _plan_values(rng, day):
        first = day - timedelta(rng.choice((0, 1, 300)))
        last = rng.choice((None, day, day, day - timedelta(1), day + timedelta(20)))
        if last is not None and last < first:
            first = last
        fact: Data = {"attribute": name, "value": value, "from": str(first), "to": last and str(last)}
        if rng.random() < 0.4:
            lines = ("commercial", "him", "medicaid")
            fact["line_of_business"] = rng.sample(lines, k=rng.randint(1, 2))
        facts.append(fact)
    return {"plan": "Example Health", "facts": facts}


def _plan_values(rng: random.Random, day: date) -> list[tuple[str, Any]]:
    """One value for each of some attributes, so that no two facts differ."""
    changed = str(rng.choice((before(day, 6), day)) - timedelta(rng.choice((-1, 0, 1))))
    values: list[tuple[str, Any]] = [
        ("generic_available", rng.random() < 0.3),
        rng.choice((("recent_label_change", rng.random() < 0.7), ("label_change_date", changed))),
        ("on_formulary", rng.random() < 0.4),
    ]
    return rng.sample(values, k=rng.randint(1, 3))
