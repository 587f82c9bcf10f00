"""Evidence by masks comes to what the rules of evidence come to, for whatever is stated and whenever."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any

import pytest

from pyclingo_bridge import Case, Policy
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.core.evidence import CaseEvidence, EvidenceEngine, EvidenceRules
from pyclingo_bridge.core.judge import SolverJudge
from tests.conftest import request, scaled
from tests.random_cases import random_case

SHIPPED = ("cp_phar_549", "cp_phar_549_2024", "codebreak100", "label")
ORDERS = (
    (1, 1, 1),
    (1, 1, 2),
    (1, 2, 1),
    (2, 1, 1),
    (1, 2, 2),
    (2, 1, 2),
    (2, 2, 1),
    *((1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)),
)
"""Every order in which three statements can come, ties included."""

DATES = {1: "2024-11-30", 2: "2025-01-31", 3: "2025-03"}
"""The last of them is a month: it may be before, on or after the day of the request."""

DAY = "2025-03-15"


@cache
def engines(name: str) -> tuple[Policy, EvidenceEngine, EvidenceEngine]:
    """A policy, its masks, and what asks the solver."""
    policy = Policy.load(name)
    judge = SolverJudge(policy.loaded.program, policy.structure)
    rules = EvidenceRules(policy.structure, policy.loaded.encoder, policy.loaded.facts, judge.requested)
    return policy, policy.loaded.assessor.evidence_engine, rules


def found(evidence: CaseEvidence) -> dict[str, Any]:
    """All that anybody can ask of what a case's statements come to."""
    details = evidence.details
    return {
        "statuses": evidence.statuses,
        "effects": details.effects,
        "speakers": {name: set(speakers) for name, speakers in details.speakers.items()},
        "superseded": details.superseded,
        "not counted": details.not_counted,
        "warnings": set(details.warnings),
    }


def same_by_both(name: str, data: dict[str, Any]) -> None:
    """Hold the masks to the solver on one case."""
    policy, masks, rules = engines(name)
    said = Case.from_json(json.dumps(data), vocabulary=policy.vocabulary).statements(policy.vocabulary)
    ours, theirs = found(masks.weigh(said)), found(rules.weigh(said))
    known = policy.vocabulary.attributes
    for part in ("effects", "speakers"):
        # Of details, which no requirement is about, the solver has more to say.
        ours[part], theirs[part] = (
            {key: value for key, value in entry.items() if (key if part == "speakers" else key[1]) in known}
            for entry in (ours[part], theirs[part])
        )
    for part in ours:
        assert ours[part] == theirs[part], (part, data)


def values(attribute: Attribute, policy: Policy) -> list[Any]:
    """The values of an attribute that requirements tell apart, with such as cover several."""
    if attribute.domain == "flag":
        return [True, False]
    if attribute.domain in ("whole_number", "decimal"):
        return numbers(attribute, policy)
    if attribute.domain == "date":
        return ["2024-09-14", "2024-09-15", "2025-02-08", "2025-03-15", "2025-03-16", "2025-03", "2025"]
    if attribute.domain == "choice":
        return list(attribute.listed)
    if attribute.domain == "name":
        return [*attribute.listed[:8], "another_name", "C34.90", "C18.2", "C50.9", "Z85.1"]
    if attribute.domain == "list":
        return [[name] for name in attribute.listed] + [list(attribute.listed[:2])]
    return [
        ["adagrasib"],
        ["carboplatin"],
        ["metformin"],
        ["nobody_knows_it"],
        ["carboplatin", "nobody_knows_it"],
        [],
    ]


def numbers(attribute: Attribute, policy: Policy) -> list[Any]:
    """Numbers beside every threshold, and ranges about them."""
    probes = policy.loaded.encoder.probes(attribute.name)
    scale = 1000 if attribute.domain == "decimal" else 1
    exact = [probe / scale if scale > 1 else probe for probe in probes[:5]]
    low, high = exact[0], exact[-1]
    return [*exact, {"at_least": high}, {"at_most": low}, {"at_least": low, "at_most": high}]


def statements(name: str, policy: Policy) -> list[dict[str, Any]]:
    """What one document can state of an attribute, alone or with what belongs to it."""
    attribute = policy.vocabulary.all[name]
    plain = [{name: value} for value in values(attribute, policy)]
    flags = [flag for flag, listed in policy.vocabulary.qualifiers.items() if listed == name]
    return [*plain, *({**states, flag: True} for flag in flags for states in plain)]


def triples(name: str, policy: Policy, rng: random.Random, most: int) -> list[list[tuple[dict[str, Any], int]]]:
    """Up to three statements of an attribute, in every order of their dates; of too many as many at random."""
    alone = statements(name, policy)
    one = [[(states, date)] for states in alone for date in DATES]
    every: list[tuple[tuple[dict[str, Any], ...], tuple[int, ...]]]
    if len(alone) ** 3 * len(ORDERS) <= 4 * most:
        every = list(product(product(alone, repeat=3), ORDERS))
        rng.shuffle(every)
    else:
        every = [(tuple(rng.choices(alone, k=3)), rng.choice(ORDERS)) for _ in range(most)]
    return [*one, *([*zip(states, dates, strict=True)] for states, dates in every[:most])]


def documents(
    name: str, policy: Policy, stated: Sequence[tuple[dict[str, Any], int]]
) -> Iterator[dict[str, Any]]:
    """A document for each statement, of a type that may state it."""
    shown_by = policy.vocabulary.shown_by.get(name) or sorted(policy.vocabulary.document_types)
    for place, (states, date) in enumerate(stated):
        yield {"id": f"{name} {place}", "type": shown_by[0], "date": DATES[date], "states": states}


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_up_to_three_statements_of_every_attribute_in_every_order_come_to_what_the_rules_say(name: str) -> None:
    policy, _, _ = engines(name)
    rng = random.Random(name)
    most = scaled(1200)
    form = {**request(), "date": DAY}
    known = policy.vocabulary
    names = [
        one for one in known.statable if known.statable[one].kind != "detail" or known.all[one].domain == "date"
    ]
    # What is stated of one attribute bears on no other, so one case holds statements of all of them.
    every = {one: triples(one, policy, rng, most) for one in names}
    for place in range(max(map(len, every.values()))):
        stated = [
            document
            for one, ways in every.items()
            if place < len(ways)
            for document in documents(one, policy, ways[place])
        ]
        same_by_both(name, {"id": f"{name} {place}", "request": form, "documents": stated})


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_random_cases_come_to_what_the_rules_say(name: str) -> None:
    rng = random.Random(f"{name} cases")
    for _ in range(scaled(150)):
        same_by_both(name, random_case(rng))
