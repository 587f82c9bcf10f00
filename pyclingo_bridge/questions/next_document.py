"""What to ask for next: the document type to request first, and the sequence from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from pyclingo_bridge.base.errors import CaseError, listing, quoted, suggestion
from pyclingo_bridge.base.spelling import VALUE
from pyclingo_bridge.core.answer import AfterDecision, about
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import Answer
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import natural_key
from pyclingo_bridge.questions.minimal_sets import AT_ONCE
from pyclingo_bridge.questions.missing import MissingSearch
from pyclingo_bridge.questions.obtaining import MissingRequirement

Strategy = Literal["requests", "sets", "cost"]
STRATEGIES: tuple[Strategy, ...] = ("requests", "sets", "cost")

MOST_TYPES = 12
"""With more document types than that in play, the worst case is not looked through."""

Choices = frozenset[frozenset[str]]
"""Sets of document types, any one of which is enough."""


class Step(Answer):
    """One request, as long as each brings what it was made for.

    Attributes:
        document_type: what to ask for.
        cost: what it costs to obtain, in the vocabulary's own unit.
        in_sets: in how many of the sets that are still open it is.
        of_sets: how many these are.
        shows: the requirements that it can show, out of what the missing sets ask for.
        instead: what to ask for next if it does not show them; None where nothing can help then.
    """

    document_type: str
    cost: int
    in_sets: int
    of_sets: int
    shows: tuple[MissingRequirement, ...]
    instead: str | None


class Plan(AfterDecision):
    """What to ask for next.

    Attributes, besides those of `AfterDecision`:
        strategy: by what the first document type was chosen: least requests in the worst case,
            most sets, or least cost.
        without: the document types that are not to be asked for.
        first_by: the document type that each strategy would ask for first.
        steps: the sequence; empty where no document can turn the case.
        most_requests: how many requests it can take until the case is decided.
    """

    strategy: Strategy
    without: tuple[str, ...]
    first_by: dict[Strategy, str]
    steps: tuple[Step, ...]
    most_requests: int


@dataclass
class Planner:
    """Plans requests over sets of document types, any one of which is enough."""

    costs: Mapping[str, int]
    _depths: dict[Choices, int] = field(default_factory=dict)

    def strategy(self, choices: Choices, wanted: Strategy) -> Strategy:
        """The strategy that is followed: the worst case is looked through for few types alone."""
        return "sets" if wanted == "requests" and len(_types(choices)) > MOST_TYPES else wanted

    def first(self, choices: Choices, strategy: Strategy) -> str | None:
        """What to ask for first; None where there is nothing to ask for."""
        counts = Counter(name for documents in choices for name in documents)

        def order(name: str) -> tuple[int, ...]:
            ties = (self._cheapest_with(choices, name), -counts[name], self.costs[name])
            if strategy == "cost":
                return self.costs[name], *ties
            if strategy == "sets":
                return -counts[name], *ties
            return self._after(choices, name), *ties

        return min(sorted(counts), key=order, default=None)

    def _cheapest_with(self, choices: Choices, name: str) -> int:
        """The cost of the cheapest set that a document type is in: it is what is hoped for."""
        return min(sum(self.costs[other] for other in documents) for documents in choices if name in documents)

    def most_requests(self, choices: Choices, strategy: Strategy) -> int:
        """How many requests it takes in the worst case."""
        name = self.first(choices, strategy)
        if name is None:
            return 0
        return 1 + max(
            self.most_requests(shown(choices, name), strategy),
            self.most_requests(refused(choices, name), strategy),
        )

    def _depth(self, choices: Choices) -> int:
        """The least number of requests that decides in every case."""
        if choices not in self._depths:
            after = (self._after(choices, name) for name in _types(choices))
            self._depths[choices] = min(after, default=0)
        return self._depths[choices]

    def _after(self, choices: Choices, name: str) -> int:
        return 1 + max(self._depth(shown(choices, name)), self._depth(refused(choices, name)))


def shown(choices: Choices, name: str) -> Choices:
    """What is left to obtain once a document type has shown all that it is to show."""
    left = {documents - {name} for documents in choices}
    return frozenset(documents for documents in left if not any(other < documents for other in left))


def refused(choices: Choices, name: str) -> Choices:
    """What is left once a document type will never show it."""
    return frozenset(documents for documents in choices if name not in documents)


def _types(choices: Iterable[frozenset[str]]) -> set[str]:
    return {name for documents in choices for name in documents}


def next_document(
    policy: LoadedPolicy, assessment: Assessment, by: Strategy, without: Iterable[str] = ()
) -> Plan:
    """What to ask for after a decision.

    Args:
        policy: the policy.
        assessment: of the case, by this policy.
        by: by what to choose.
        without: document types that are not to be asked for.

    Errors: CaseError for a document type that the vocabulary does not have; ValueError for another `by`.
    """
    if by not in STRATEGIES:
        raise ValueError(f"no strategy {quoted(by)} (known: {listing(STRATEGIES)})")
    refused_types = frozenset([without] if isinstance(without, str) else without)
    _check_types(refused_types, policy.vocabulary.document_types)
    missing = policy.once(MissingSearch.of).missing(assessment)
    every = frozenset(frozenset(one.documents) for one in missing.documents)
    choices = frozenset(documents for documents in every if not documents & refused_types)
    requirements = (requirement for one in islice(missing, AT_ONCE) for requirement in one.requirements)
    planner = Planner(policy.vocabulary.document_types)
    strategy = planner.strategy(choices, by)
    first_by = {name: planner.first(choices, planner.strategy(choices, name)) for name in STRATEGIES}
    return Plan(
        **about(policy.decision(assessment)),
        strategy=strategy,
        first_by={name: first for name, first in first_by.items() if first},
        without=tuple(sorted(refused_types)),
        steps=steps(planner, choices, strategy, requirements),
        most_requests=planner.most_requests(choices, strategy),
    )


def _check_types(names: frozenset[str], known: Mapping[str, int]) -> None:
    unknown = [
        f"no document type {quoted(name)}{suggestion(name, known, VALUE)} (known: {listing(known)})"
        for name in sorted(names - known.keys())
    ]
    if unknown:
        raise CaseError("without", unknown)


def steps(
    planner: Planner, choices: Choices, strategy: Strategy, requirements: Iterable[MissingRequirement]
) -> tuple[Step, ...]:
    """The sequence of requests as long as each brings what it was made for.

    Args:
        planner: knows what documents cost.
        choices: the sets of document types, any one of which is enough.
        strategy: by what to choose.
        requirements: what the missing sets ask for.
    """
    left = _merged(requirements)
    sequence = []
    while (name := planner.first(choices, strategy)) is not None:
        shows = [requirement for requirement in left.values() if name in requirement.document_types]
        for requirement in shows:
            del left[requirement.term]
        sequence.append(
            Step(
                document_type=name,
                cost=planner.costs[name],
                in_sets=sum(name in documents for documents in choices),
                of_sets=len(choices),
                shows=tuple(sorted(shows, key=lambda requirement: requirement.term)),
                instead=planner.first(refused(choices, name), strategy),
            )
        )
        choices = shown(choices, name)
    return tuple(sequence)


def _merged(requirements: Iterable[MissingRequirement]) -> dict[str, MissingRequirement]:
    """Each requirement once, with all the criteria that it serves in one set or another."""
    found: dict[str, MissingRequirement] = {}
    for requirement in requirements:
        known = found.get(requirement.term, requirement).criteria
        criteria = sorted({*known, *requirement.criteria}, key=natural_key)
        found[requirement.term] = requirement.model_copy(update={"criteria": tuple(criteria)})
    return found
