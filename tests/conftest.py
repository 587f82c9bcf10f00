"""What tests share: how much they try, policies grounded once a process, cases as plain data."""

from __future__ import annotations

import copy
import json
import os
import signal
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from pyclingo_bridge import Case, Policy

ROOT = Path(__file__).resolve().parent.parent
POLICIES = Path(__file__).resolve().parent / "policies"

SHARES = {"fast": 0.2, "ci": 0.4, "nightly": 1.0}
"""How much of all random inputs a profile tries: at once, before a change lands, and in the night."""

PROFILE = os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "fast")


def scaled(number: int, least: int = 1) -> int:
    """How many of so many random inputs are tried under this profile; all of them in the night."""
    return max(least, ceil(number * SHARES[PROFILE]))


if PROFILE not in SHARES:
    raise pytest.UsageError(f"HYPOTHESIS_PROFILE: {PROFILE!r} is none of {', '.join(SHARES)}")
settings.register_profile(
    PROFILE,
    deadline=None,
    derandomize=PROFILE == "ci",
    max_examples=scaled(100),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile(PROFILE)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts the tests in the background has them ignore Ctrl-C, and so every command in them.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@cache
def _policy(name: str, interpretations: tuple[tuple[str, str], ...]) -> Policy:
    return Policy.load(name, interpretations=dict(interpretations))


def policy(name: str | Path = "cp_phar_549", **interpretations: str) -> Policy:
    """A policy under these interpretations, grounded once a process."""
    return _policy(str(name), tuple(sorted(interpretations.items())))


def case(data: dict[str, Any], of: Policy | None = None) -> Case:
    """The case that plain data tell, by way of JSON."""
    return Case.from_json(json.dumps(data), "test", of.vocabulary if of else None)


def request(**changes: Any) -> dict[str, Any]:
    """A request form for a first, ordinary request, with these changes."""
    form = {
        "type": "initial",
        "line_of_business": "commercial",
        "product": "brand",
        "dose_mg_per_day": 960,
        "concurrent_drugs": [],
    }
    return {**form, **changes}


FACTS: dict[str, tuple[str, Any]] = {
    "age": ("chart_note", 64),
    "oncology_prescriber": ("chart_note", True),
    "disease_extent": ("imaging_report", ["metastatic"]),
    "diagnosis": ("pathology_report", "nsclc"),
    "kras_g12c": ("molecular_report", True),
    "prior_therapies": ("treatment_history", ["carboplatin", "pembrolizumab"]),
    "generic_available": ("benefit_record", False),
}
"""What documents state of an ordinary patient with lung cancer, whose request is approved."""

CONTINUING: dict[str, tuple[str, Any]] = {
    "diagnosis": ("pathology_report", "nsclc"),
    "currently_receiving_for_covered_indication": ("chart_note", True),
    "days_on_therapy": ("pharmacy_claims", 30),
    "responding_positively": ("chart_note", True),
}
"""What documents state of a patient who goes on with the drug, whose request is approved."""


LITERATURE = dict.fromkeys(("dose_supported_by_evidence", "regimen_recommended"), ("literature", True))
"""What literature alone can state."""


def made(form: dict[str, Any], facts: dict[str, tuple[str, Any]], **changes: Any) -> dict[str, Any]:
    """A case with one document a fact. A change replaces or adds a fact; None leaves it out."""
    stated = {name: value for name, (_, value) in facts.items()}
    stated.update(changes)
    documents = []
    for name, value in stated.items():
        if value is None:
            continue
        states: dict[str, Any] = {name: value}
        if name == "prior_therapies":
            states["complete_treatment_history"] = True
        kind = {**CONTINUING, **FACTS, **LITERATURE}.get(name, ("chart_note", None))[0]
        documents.append({"id": name, "type": kind, "date": "2025-03-02", "states": states})
    return {"id": "made", "request": form, "documents": documents}


def whole(**changes: Any) -> dict[str, Any]:
    """A case that is approved, of one document a fact, and shares nothing with other cases."""
    return copy.deepcopy(made(request(concurrent_drugs=["ondansetron"]), FACTS, **changes))
