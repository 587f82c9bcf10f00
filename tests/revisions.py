"""Revisions of small policies, whose vocabularies change, and random cases of both versions."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyclingo_bridge import Policy
from pyclingo_bridge.cases.attributes import Attribute
from tests.conftest import POLICIES

Edit = tuple[str, str]
"""What stands in a file, and what stands there instead."""

HISTORY = """\
vocabulary(shelf).
attribute((asked; amount; with_it), request).
domain(asked, flag). default(asked, true).
domain(amount, whole_number). minimum(amount, 1). maximum(amount, 9). default(amount, 4).
domain(with_it, drugs). regimen_list(with_it).
attribute(before, history). domain(before, drugs). qualifies(all_told, before).
attribute((well; worse), latest). domain((well; worse), flag).
attribute(course, latest). domain(course, choice). listed(course, (up; down; flat)).
also_states(course, up, well, true).
attribute(places, cumulative). domain(places, list). listed(places, (home; ward)). non_empty(places).
attribute(organ, stable). domain(organ, name). listed(organ, (liver; lung; lobe)).
counts_as(organ, lobe, lung).
drug(one; two; three; fluid). supportive(fluid).
stands_for(brandone, one). stands_for(both, (one; two)).
document_type(note, 1). establishes(note, (before; well; worse; course; places; organ)).
member(early, (one; two)).

policy(shelf, "a policy of many attributes").
source("Shelf", "first").
section("A", 1).
route("A", yes(asked)).
use_condition("A", among(organ, chest)).
member(chest, (lung; liver)).
criterion("A", "the section"). locator("A", "A").
requires("A", ("A.1"; "A.2"; "A.3")).
criterion("A.1", "drugs"). locator("A.1", "A.1").
requires("A.1", includes_any(before, early)).
requires("A.1", excludes(before, three)).
criterion("A.2", "state"). locator("A.2", "A.2").
any_of("A.2", yes(well)).
any_of("A.2", includes(places, ward)).
criterion("A.3", "the request"). locator("A.3", "A.3").
requires("A.3", at_most(amount, 6)).
requires("A.3", excludes(with_it, two)).
duration("A", exactly(6), at_most(amount, 3)).
duration("A", exactly(12), at_least(amount, 4)).
referral("R", 1, "elsewhere").
criterion("R", "other organs"). locator("R", "R").
requires("R", yes(asked)).
"""
"""A policy with an attribute of nearly every kind."""


def revised(folder: Path, *edits: Edit, text: str = HISTORY) -> Policy:
    """The policy of many attributes, with changes."""
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.lp").write_text(text)
    return Policy.load(folder)


def revised_asthma(folder: Path, *edits: Edit) -> Policy:
    """The asthma policy with a vocabulary of its own, and changes in either file."""
    shutil.copytree(POLICIES / "severe_asthma", folder)
    for old, new in edits:
        changed = 0
        for name in ("policy.lp", "vocabulary.lp"):
            text = (folder / name).read_text()
            changed += old in text
            (folder / name).write_text(text.replace(old, new))
        assert changed, old
    return Policy.load(folder)


def random_case(rng: random.Random, sides: Iterable[Policy]) -> dict[str, Any]:
    """A case of which each of the policies knows a part, with few documents."""
    known = [policy.vocabulary for policy in sides]
    form = {
        name: _value(rng, each.request_attributes[name])
        for each in known
        for name in each.request_attributes
        if each.request_attributes[name].required or rng.random() < 0.5
    }
    documents = []
    for number in range(rng.choice([1, 1, 2, 3])):
        states: dict[str, Any] = {}
        for each in known:
            for name, attribute in each.stated_attributes.items():
                if rng.random() < (0.7 if number == 0 else 0.3):
                    states[name] = _value(rng, attribute)
            for flag, listed in each.qualifiers.items():
                if listed in states and rng.random() < 0.7:
                    states[flag] = True
        kinds = sorted({kind for each in known for kind in each.document_types})
        entry = {"id": f"d{number}", "type": rng.choice(kinds), "states": states}
        documents.append({**entry, "date": f"2025-01-0{rng.randint(1, 2)}"})
    return {"id": "random", "request": form, "documents": documents}


def _value(rng: random.Random, attribute: Attribute) -> Any:
    if attribute.domain == "flag":
        return rng.random() < 0.5
    if attribute.domain == "whole_number":
        return rng.choice([*range(attribute.minimum, attribute.minimum + 10), 150, 300])
    if attribute.domain == "choice":
        return rng.choice(attribute.listed)
    if attribute.domain == "name":
        return rng.choice([*attribute.listed, "novel"])
    names = [*attribute.listed, *(["Novel"] if attribute.domain == "drugs" else [])]
    return rng.sample(names, rng.randint(attribute.non_empty, min(3, len(names))))
