"""What follows a decision, as the library answers it and as brute force knows it."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from pyclingo_bridge import Case, Policy
from tests import brute_questions as brute
from tests import small
from tests.brute_questions import CaseData, Repair, Requirements
from tests.conftest import ROOT
from tests.small import Requirement, Small

SEEDS = st.integers(min_value=0, max_value=10**9)
CASES_A_POLICY = 6
MOST_REQUIREMENTS = 12
"""Cases with more requirements stated otherwise are not looked through for what forces their denial."""
EXAMPLES = ROOT / "examples" / "cases"


# The library's answers. Nothing below this part knows their shape.


class Ask:
    """A policy of the library, asked about cases as plain data."""

    def __init__(self, loaded: Policy) -> None:
        self.policy: Any = loaded

    def case(self, data: CaseData) -> Case:
        return Case.from_json(json.dumps(data), "test", self.policy.vocabulary)

    def outcome(self, data: CaseData) -> str:
        return str(self.policy.decide(self.case(data)).outcome)

    def repairs(self, data: CaseData) -> Iterator[Any]:
        found: Iterator[Any] = self.policy.repairs(self.case(data))
        return found

    def counterfactuals(self, data: CaseData) -> list[Any]:
        return list(self.policy.counterfactuals(self.case(data)))

    def reasons(self, data: CaseData) -> Any:
        return self.policy.reasons(self.case(data))

    def plan(self, data: CaseData, by: str) -> tuple[list[str], int]:
        """The types to ask for one after another, and the most requests that it can take."""
        found = self.policy.ask_next(self.case(data), by=by)
        return [step.document_type for step in found.steps], found.most_requests


def requirement_terms(repair: Any) -> list[str]:
    return [requirement.term for requirement in repair.requirements]


def resolved_terms(repair: Any) -> list[str]:
    return [resolution.requirement.term for resolution in repair.resolutions]


def stated_terms(results: Any) -> list[str]:
    """The requirements of a counterfactual, of a reason, or the critical ones."""
    return [result.requirement.term for result in results]


def requirements_told(results: Any) -> list[Any]:
    return [result.requirement for result in results]


def states_of(results: Any) -> list[str]:
    return [result.status for result in results]


def document_marks(reasons: Any) -> dict[str, tuple[bool, bool]]:
    """The documents that are critical: when withdrawn, when contradicted."""
    marks = {entry.id: (entry.withdrawn, entry.contradicted) for entry in reasons.documents}
    return {name: found for name, found in marks.items() if any(found)}


def new_values(repair: Any) -> dict[str, Any]:
    return {change.attribute: change.value for change in repair.changes}


def region_of(change: Any) -> brute.Change:
    """A change of the small vocabulary as brute force tells it."""
    name, values = change.attribute, small.DOMAINS[change.attribute]
    heard = small.heard(name, change.value)
    if name in brute.NUMBERS:
        high = max(values) if change.high is None else change.high
        assert change.low <= heard <= high
        return name, frozenset(value for value in values if change.low <= value <= high)
    return name, frozenset({heard})


# From there to what brute force knows


def meant(term: str) -> Requirement:
    """What a term of the rules means."""
    if term.startswith("complement("):
        return meant(term.removeprefix("complement(")[:-1]).complement()
    return small.requirement_of(term)


def all_meant(terms: Iterable[str]) -> Requirements:
    return frozenset(map(meant, terms))


def as_brute(repair: Any, made: Small, data: CaseData) -> Repair:
    """A repair as brute force tells it; of a list that is changed the whole region."""
    changes = set()
    for name, values in map(region_of, repair.changes):
        (region,) = (r for r in brute.regions(made, data, name) if r & values)
        changes.add((name, values if name in brute.NUMBERS else region))
    return Repair(all_meant(requirement_terms(repair)), all_meant(resolved_terms(repair)), frozenset(changes))


def loaded(made: Small) -> Ask:
    with tempfile.TemporaryDirectory() as folder:
        return Ask(Policy.load(made.write(Path(folder))))


class Question(NamedTuple):
    """A small policy both ways, and a case."""

    ask: Ask
    made: Small
    data: CaseData


def questions(seed: int, outcomes: str) -> Iterator[Question]:
    """A random policy with some cases that have one of these outcomes."""
    rng = random.Random(seed)
    made, data = brute.random_question(rng)
    cases = [data]
    while len(cases) < CASES_A_POLICY:
        cases.append(brute.random_documents(rng))
    fitting = [data for data in cases if brute.outcome(made, data)[0] in outcomes.split()]
    if fitting:
        ask = loaded(made)
        yield from (Question(ask, made, data) for data in fitting)


def no_doubles(found: list[Any]) -> bool:
    return len(found) == len(set(found))


# Repairs


def first_lack(one: Iterable[Any], other: Iterable[Any]) -> int:
    """-1 where the first thing that only one of two sets has is the first one's, 1, or 0."""
    apart = set(one) ^ set(other)
    return 0 if not apart else -1 if min(apart) in set(one) else 1


def precedence(one: Any, other: Any) -> int:
    """How two repairs follow each other: by what cannot be shown, rank, size, requirements, changes."""
    keys = [(len(repair.unshown), repair.rank, _size(repair)) for repair in (one, other)]
    if keys[0] != keys[1]:
        return -1 if keys[0] < keys[1] else 1
    terms = first_lack(asked_terms(one), asked_terms(other))
    return terms or first_lack(_spots(one), _spots(other))


def _size(repair: Any) -> int:
    return len(repair.requirements) + len(repair.resolutions) + len(repair.changes)


def asked_terms(repair: Any) -> list[str]:
    return requirement_terms(repair) + resolved_terms(repair)


def _spots(repair: Any) -> set[tuple[str, int]]:
    """The changes in their order; of values that are no numbers the text is not told."""
    return {
        (change.attribute, change.low if change.attribute in brute.NUMBERS else 0) for change in repair.changes
    }


def established(made: Small, data: CaseData) -> Requirements:
    requirements = brute.scope(made, data).requirements()
    return frozenset(requirement for requirement in requirements if small.state(requirement, data) == "met")


def in_order(reasons: Iterable[Any]) -> bool:
    keys = [(len(entry.requirements), sorted(stated_terms(entry.requirements))) for entry in reasons]
    return keys == sorted(keys)
