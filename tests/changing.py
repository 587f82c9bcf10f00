"""Changes to plain case data, made independently of the package, and random ones to try."""

from __future__ import annotations

import copy
import itertools
import random
from typing import Any, cast

from tests import oracle_evidence, random_cases
from tests.oracle_days import span

REQUEST = {
    "type", "line_of_business", "product", "dose_mg_per_day", "concurrent_drugs",
    "dose_increase", "duration_months", "on_formulary",
}  # fmt: skip
FLAG, LIST = "complete_treatment_history", "prior_therapies"
CHEAPEST = {
    "diagnosis": "chart_note", "disease_extent": "chart_note", "kras_g12c": "molecular_report",
    "disease_progression": "chart_note", "age": "benefit_record",
    "oncology_prescriber": "chart_note", "prior_therapies": "chart_note",
    "egfr_inhibitor_intolerance": "chart_note", "days_on_therapy": "chart_note",
    "responding_positively": "chart_note", "recist_response": "chart_note",
    "generic_available": "benefit_record", "generic_contraindicated": "chart_note",
    "dose_supported_by_evidence": "literature", "regimen_recommended": "literature",
    "currently_receiving_via_plan": "benefit_record",
    "currently_receiving_for_covered_indication": "chart_note",
    "recent_label_change": "benefit_record",
}  # fmt: skip
"""The cheapest type of document for each attribute, read off docs/specification, the first by name."""


DAYS = {
    "age": "birth_date",
    "days_on_therapy": "therapy_start_date",
    "recent_label_change": "label_change_date",
}
"""The days that stand for a statement of an attribute."""


def altered(data: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any] | None:
    """The case as data with these changes; None where one of them cannot be made."""
    found = copy.deepcopy(data)
    documents = found["documents"]
    for name in changes.get("without_documents", ()):
        if not any(entry["id"] == name for entry in documents):
            return None
        documents[:] = [entry for entry in documents if entry["id"] != name]
    for entry in documents:
        if entry.get("replaces") in changes.get("without_documents", ()):
            del entry["replaces"]
    documents += copy.deepcopy(list(changes.get("add_documents", ())))
    places = [found["request"], *(entry["states"] for entry in documents)]
    for name in changes.get("unset", ()):
        if not any({name, DAYS.get(name)} & place.keys() for place in places):
            return None
    for name in changes.get("unset", ()):
        for place in places:
            place.pop(name, None)
            place.pop(DAYS.get(name), None)
            if name == LIST:
                place.pop(FLAG, None)
    wanted = copy.deepcopy(changes.get("set", {}))
    further: dict[str, dict[str, Any]] = {}
    for name, value in wanted.items():
        if name in REQUEST:
            found["request"][name] = value
        elif name != FLAG:
            speaking = [entry for entry in _counting(found) if _speaks(found, entry, name, value)]
            for entry in speaking:
                entry["states"].pop(DAYS.get(name), None)
                entry["states"][name] = value
            if not speaking:
                further.setdefault(CHEAPEST[name], {})[name] = value
    days = [str(span(entry["date"]).last) for entry in _counting(found)]
    days += [found["request"]["date"]] if "date" in found["request"] else []
    last = max(days, default="2025-02-07")
    free = (f"what-if-{number}" if number > 1 else "what-if" for number in itertools.count(1))
    for kind, states in sorted(further.items()):
        name = next(name for name in free if name not in {entry["id"] for entry in documents})
        documents.append({"id": name, "type": kind, "date": last, "states": states})
    if FLAG in wanted:
        speaking = [entry for entry in _counting(found) if LIST in entry["states"]]
        for entry in speaking:
            entry["states"][FLAG] = wanted[FLAG]
        if not speaking:
            return None
    return found


def _counting(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents that are neither in error nor replaced."""
    return cast(list[dict[str, Any]], oracle_evidence.counting(case))


def _speaks(case: dict[str, Any], entry: dict[str, Any], name: str, value: Any) -> bool:
    """Whether a document speaks of an attribute, and would be listened to if it stated this value."""
    if entry["states"].keys().isdisjoint({name, DAYS.get(name)}):
        return False
    return oracle_evidence.counts({**entry, "states": {**entry["states"], name: value}}, name, case)


def random_value(rng: random.Random, name: str) -> Any:
    """A value of the attribute, at or beside a threshold where it has some."""
    match name:
        case "type":
            return rng.choice(("initial", "continuation"))
        case "line_of_business":
            return rng.choice(("commercial", "him", "medicaid"))
        case "product":
            return rng.choice(("brand", "generic"))
        case "dose_mg_per_day":
            return rng.choice((1, 240, 959, 960, 961, 5000))
        case "duration_months":
            return rng.choice((1, 5, 6, 7, 11, 12, 13, 100))
        case "age":
            return rng.choice((0, 17, 18, 19, 64, 121))
        case "days_on_therapy":
            return rng.choice((0, 29, 30, 31))
        case "diagnosis":
            known = (*random_cases.LISTED, *random_cases.CRC_NAMES)
            return rng.choice((*known, *random_cases.UNLISTED))
        case "disease_extent":
            return rng.sample(random_cases.EXTENTS, k=rng.randint(1, 3))
        case "recist_response":
            return rng.choice(random_cases.RESPONSES)
        case "concurrent_drugs" | "prior_therapies":
            names = (*random_cases.ANY_DRUG, *random_cases.UNKNOWN)
            return random_cases.spelt(rng, rng.sample(names, k=rng.randint(0, 3)))
    return rng.random() < 0.5


def random_changes(rng: random.Random, data: dict[str, Any]) -> dict[str, Any]:
    """Some changes to a case, nearly all of which can be made."""
    names = sorted({*REQUEST, *CHEAPEST, FLAG})
    stated = sorted({name for entry in data["documents"] for name in entry["states"]})
    present = [entry["id"] for entry in data["documents"]]
    chosen = rng.sample(names, k=rng.choice((0, 1, 1, 2, 4)))
    unset = [*rng.sample(stated, k=min(len(stated), rng.choice((0, 0, 1, 2))))]
    unset += ["on_formulary", "duration_months", "product"][: rng.choice((0, 0, 0, 1, 3))]
    changes = {
        "set": {name: random_value(rng, name) for name in chosen},
        "unset": tuple(unset),
        "without_documents": tuple(rng.sample(present, k=min(len(present), rng.choice((0, 0, 1))))),
        "add_documents": (),
    }
    if rng.random() < 0.3:
        name = rng.choice(sorted(CHEAPEST))
        states = {name: random_value(rng, name)}
        entry = {"id": "added", "type": "chart_note", "date": "2025-01-02", "states": states}
        changes["add_documents"] = (entry,)
    return changes
