"""The cases of a run, and what clingo makes of them: the answers that every peer has to give."""

from __future__ import annotations

from collections import Counter
from typing import Any

from benchmarks.peers.control import Fresh, LiveStatuses
from benchmarks.peers.reading import read_rules
from benchmarks.peers.rows import Flattener, Row, distinct_rows
from benchmarks.peers.rules import POLICY, Rules
from pyclingo_bridge import Policy
from pyclingo_bridge.questions.minimal_sets import MinimalSets, supposed
from tests import oracle
from tests.random_cases import old_style_case

FRESH = 20
"""How many cases a fresh control answers too."""


def task(rounds: int, cases: int, seed: int = 1, fresh: int = FRESH) -> dict[str, Any]:
    """The rules, and so many rounds of cases with their answers; no case comes twice.

    A live control answers all, fresh ones with the shipped rules the first few, and an implementation in
    plain Python that shares nothing with the rules all of them; they have to agree.
    """
    policy = Policy.load(POLICY)
    rules = read_rules(POLICY)
    flattener = Flattener(policy, rules)
    rows = distinct_rows(flattener, rules, rounds * cases, seed, old_style_case)
    answers = answered(rules, flattener, rows, fresh)
    entries = [
        {"row": row, "outcome": outcome, "statuses": statuses}
        for row, (outcome, statuses) in zip(rows, answers, strict=True)
    ]
    return {
        "rules": rules.data(),
        "rounds": [entries[start : start + cases] for start in range(0, len(entries), cases)],
    }


def sets_task(rounds: int, cases: int, seed: int = 2) -> dict[str, Any]:
    """The rules, and so many rounds of denied cases with all their missing sets, by the shipped rules.

    The cases are realistic in that a request as it comes lacks a few things; some lack everything.
    """
    policy = Policy.load(POLICY)
    rules = read_rules(POLICY)
    flattener = Flattener(policy, rules)
    search = MinimalSets(policy.loaded.program, "missing")
    entries = []
    for row in distinct_rows(flattener, rules, 8 * rounds * cases, seed, old_style_case):
        found = policy.assess(flattener.checked_case(row, "case"))
        if found.verdict.denial_kind == "insufficient_documentation":
            sets = [supposed(one) for one in search.sets(found.requirement_inputs, lambda _: ())]
            told = sorted(sorted(str(requirement) for requirement in requirements) for requirements in sets)
            entries.append({"row": row, "sets": told})
        if len(entries) == rounds * cases:
            break
    return {
        "rules": rules.data(),
        "rounds": [entries[start : start + cases] for start in range(0, len(entries), cases)],
    }


def answered(rules: Rules, flattener: Flattener, rows: list[Row], few: int) -> list[tuple[str, Any]]:
    """What has to be answered.

    Errors: AssertionError where two of those that are asked disagree, or an outcome is missing.
    """
    live = LiveStatuses(rules)
    found: list[Any] = live.answers(live.prepare(rows))
    fresh = Fresh(rules)
    assert fresh.answers(fresh.prepare(rows[:few])) == found[:few]
    for row, answer in zip(rows, found, strict=True):
        other = oracle.decide(flattener.case(row, "case"), {})
        assert answer == (other.outcome, other.statuses), row
    assert set(Counter(outcome for outcome, _ in found)) == {"approve", "deny", "refer"}
    return found
