"""Policies of any size, made by rule, with faults whose number is known."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

_PER_SECTION = 10


@dataclass(frozen=True)
class Made:
    """A made policy: its folder, and how many findings of each kind are planted in it."""

    folder: Path
    criteria: int
    redundant: int
    subsumed: int


def write_policy(folder: Path, criteria: int, seed: int = 1) -> Made:
    """A policy of sections with ten criteria each, every section for a disease of its own.

    A criterion asks for a flag, a number, a drug before, or offers two or three alternatives; every
    fifth section has one criterion that another implies, and one alternative that another covers.
    """
    rng = random.Random(seed)
    sections = criteria // _PER_SECTION
    lines = [*_HEAD, *_vocabulary(sections)]
    redundant = subsumed = 0
    for number in range(sections):
        planted = number % 5 == 0
        lines += _section(number, rng, planted)
        redundant += planted
        subsumed += planted
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.lp").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Made(folder, criteria, redundant, subsumed)


_HEAD = [
    'policy(made, "made by rule"). source("nowhere", "now"). vocabulary(made).',
    "attribute(kind, request). domain(kind, choice). listed(kind, (first;again)).",
    "attribute(disease, stable). domain(disease, name). document_type(note, 1).",
    "attribute(drugs_before, history). domain(drugs_before, drugs).",
    "qualifies(all_told, drugs_before). establishes(note, (disease;drugs_before)).",
    'referral(part("other",all), 1, "elsewhere"). criterion("other", "other uses").',
    'locator("other", "end"). requires(part("other",all), is(kind, first)).',
    'requires(part("again",all), is(kind, again)). criterion("again", "again").',
    'locator("again", "end"). referral(part("again",all), 1, "elsewhere").',
    'any_of("other", part("other",all)). any_of("again", part("again",all)).',
]


def _vocabulary(sections: int) -> list[str]:
    lines = []
    for number in range(sections):
        flags = "; ".join(f"flag_{number}_{place}" for place in range(9))
        lines += [
            f"listed(disease, disease_{number}). anticancer(drug_{number}). drug(drug_{number}).",
            f"attribute(({flags}), stable). domain(({flags}), flag). establishes(note, ({flags})).",
            f"attribute(score_{number}, latest). domain(score_{number}, whole_number).",
            f"minimum(score_{number}, 0). establishes(note, score_{number}).",
        ]
    return lines


def _section(number: int, rng: random.Random, planted: bool) -> list[str]:
    name = f"S{number}"
    items = "; ".join(f'"{name}.{place}"' for place in range(1, _PER_SECTION))
    lines = [
        f'section("{name}", {number + 1}). route("{name}", is(kind, (first;again))).',
        f'use_condition("{name}", is(disease, disease_{number})).',
        f'criterion("{name}", "section {number}"). locator("{name}", "{name}").',
        f'requires("{name}", ({items})).',
    ]
    for place in range(1, _PER_SECTION):
        key = f"{name}.{place}"
        lines.append(f'criterion("{key}", "criterion {place}"). locator("{key}", "{key}").')
        lines += _clauses(key, number, place, rng, planted)
    return lines


def _clauses(key: str, number: int, place: int, rng: random.Random, planted: bool) -> list[str]:
    flag = f"flag_{number}_{place - 1}"
    least = rng.randint(5, 20)
    if place == 1:
        return [f'requires("{key}", is(disease, disease_{number})).']
    if place == 2:
        return [f'requires("{key}", at_least(score_{number}, 30)).']
    if place == 3:
        implied = f"at_least(score_{number}, {least})" if planted else f"yes({flag})"
        return [f'requires("{key}", {implied}).']
    if place == 4:
        return [f'requires("{key}", includes(drugs_before, drug_{number})).']
    if place == 5:
        covered = f"at_most(score_{number}, 80)" if planted else f"yes({flag})"
        return [f'any_of("{key}", (at_most(score_{number}, 90); {covered})).']
    if place == 6:
        return [f'any_of("{key}", (yes({flag}); no(flag_{number}_0))).']
    if place == 7:
        return [f'requires("{key}", yes({flag})). unless("{key}", yes(flag_{number}_1)).']
    return [f'requires("{key}", yes({flag})).']
