"""How long a change of a session takes, beside a decision on a fresh case and a fresh control.

    python -m benchmarks.sessions

The same random changes, one attribute at a time and each to another value, are made for every
question. Every answer is checked against a fresh decision first. The questions take turns, so that
all of them see the machine as it drifts; their ratios hold. Answers that a policy remembers are told
too: as it meets them, the first time through, and again when it has met them all.
"""

from __future__ import annotations

import copy
import random
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.decisions import EXAMPLE, POLICY, fresh_control
from pyclingo_bridge import Case, Policy, Session

CHANGES = 400
CONTROLS = 20

VALUES: dict[str, tuple[Any, ...]] = {
    "age": (17, 18, 40, 64, 121),
    "diagnosis": ("nsclc", "crc", "colon_adenocarcinoma", "small_bowel_adenocarcinoma", "melanoma"),
    "disease_extent": (["metastatic"], ["early"], ["recurrent", "advanced"], ["locally_advanced"]),
    "kras_g12c": (True, False),
    "oncology_prescriber": (True, False),
    "prior_therapies": (["carboplatin"], ["FOLFOX"], ["adagrasib"], ["dexamethasone"], []),
    "generic_available": (True, False),
    "generic_contraindicated": (True, False),
    "egfr_inhibitor_intolerance": (True, False),
    "dose_supported_by_evidence": (True, False),
    "product": ("brand", "generic"),
    "line_of_business": ("commercial", "him", "medicaid"),
    "dose_mg_per_day": (240, 480, 960, 961, 1200),
    "concurrent_drugs": ([], ["panitumumab"], ["cetuximab", "ondansetron"], ["docetaxel"]),
}


class Step(NamedTuple):
    """A change, and the case that it makes."""

    attribute: str
    value: Any
    case: Case


def steps(policy: Policy, seed: int) -> list[Step]:
    """A random way through the values; no change leaves a value as it was."""
    rng = random.Random(seed)
    live = policy.session(Case.load(EXAMPLE))
    made: list[Step] = []
    now: dict[str, Any] = {}
    while len(made) < CHANGES:
        name = rng.choice(sorted(VALUES))
        value = rng.choice([value for value in VALUES[name] if value != now.get(name)])
        before = live.case
        live.set(name, copy.deepcopy(value))
        now[name] = value
        if live.case != before:
            made.append(Step(name, value, live.case))
    return made


Question = Callable[[Policy, Session], object]

QUESTIONS: dict[str, Question] = {
    "a change alone": lambda policy, live: None,
    "  and the outcome": lambda policy, live: live.outcome,
    "  and all statuses": lambda policy, live: live.statuses,
    "  and the whole decision": lambda policy, live: live.decision,
    "  and all missing sets": lambda policy, live: list(live.missing()),
}
AFRESH = "Policy.decide on a fresh case"
MISSING = "Policy.missing on a fresh case"


def check(policy: Policy, way: list[Step]) -> None:
    """A session, by another policy object than the fresh decisions, tells the same all along."""
    live = Policy.load(POLICY).session(Case.load(EXAMPLE))
    outcomes = set()
    for step in way:
        live.set(step.attribute, step.value)
        fresh = policy.decide(step.case)
        assert live.decision == fresh
        assert live.outcome == fresh.outcome
        assert live.statuses == {name: entry.status for name, entry in fresh.criteria.items()}
        assert list(live.missing()) == list(policy.missing(step.case))
        outcomes.add((fresh.outcome, fresh.denial_kind))
    assert len(outcomes) >= 3, outcomes


def timed(question: Callable[[], object]) -> float:
    """Microseconds of one call."""
    start = time.perf_counter()
    question()
    return (time.perf_counter() - start) * 1e6


def change(policy: Policy, live: Session, step: Step, question: Question) -> None:
    """Make a change and ask a question."""
    live.set(step.attribute, step.value)
    question(policy, live)


def measure(way: list[Step], policies: dict[str, Policy]) -> dict[str, list[float]]:
    """Microseconds of each question at each step; the questions take turns."""
    found: dict[str, list[float]] = {name: [] for name in policies}
    cases = {name: policies[name].session(Case.load(EXAMPLE)) for name in QUESTIONS}
    for name, live in cases.items():
        QUESTIONS[name](policies[name], live)
    for step in way:
        for name, question in QUESTIONS.items():
            policy, live = policies[name], cases[name]
            found[name].append(timed(lambda: change(policy, live, step, question)))  # noqa: B023
        found[AFRESH].append(timed(lambda: policies[AFRESH].decide(step.case)))  # noqa: B023
        found[MISSING].append(timed(lambda: list(policies[MISSING].missing(step.case))))  # noqa: B023
    return found


def told(found: dict[str, list[float]], yardstick: float) -> None:
    """Print the medians, and how many times each of them a fresh control and decision take."""
    afresh = statistics.median(found[AFRESH])
    print(f"{'':32} {'median us':>10} {'control':>9} {'decide':>8}")
    for name, taken in found.items():
        median = statistics.median(taken)
        print(f"{name:32} {median:10.0f} {yardstick / median:8.1f}x {afresh / median:7.1f}x")


def main() -> None:
    """Measure and print."""
    policy = Policy.load(POLICY)
    way = steps(policy, seed=1)
    check(policy, way)
    # Each question has a policy of its own, so that none profits from what another one asked.
    policies = {name: Policy.load(POLICY) for name in (*QUESTIONS, AFRESH, MISSING)}
    warm = steps(policy, seed=2)
    measure(warm, policies)
    control = [timed(lambda: fresh_control(step.case, policy)) for step in way[:CONTROLS]]  # noqa: B023
    yardstick = statistics.median(control)
    print(f"a fresh control, statuses alone  {yardstick:10.0f} us")
    print(f"\n{CHANGES} changes, as they come")
    told(measure(way, policies), yardstick)
    print(f"\nthe same {CHANGES} changes, when all has been asked before")
    told(measure(way, policies), yardstick)


if __name__ == "__main__":
    main()
