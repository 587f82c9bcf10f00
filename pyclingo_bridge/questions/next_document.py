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
from pyclingo_bridge.core.minimal import AT_ONCE
from pyclingo_bridge.core.structure import natural_key
from pyclingo_bridge.questions.missing import MissingSearch
from pyclingo_bridge.questions.obtaining import MissingRequirement

Strategy = Literal["requests", "sets", "cost"]
STRATEGIES: tuple[Strategy, ...] = ("requests", "sets", "cost")

MOST_TYPES = 12
"""With more document types than that in play, the worst case is not looked through."""

Family = frozenset[frozenset[str]]


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

    Attributes beside those of `AfterDecision`:
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
    _depths: dict[Family, int] = field(default_factory=dict)

    def strategy(self, family: Family, wanted: Strategy) -> Strategy:
        """The strategy that is followed: the worst case is looked through for few types alone."""
        return "sets" if wanted == "requests" and len(_types(family)) > MOST_TYPES else wanted

    def first(self, family: Family, strategy: Strategy) -> str | None:
        """What to ask for first; None where there is nothing to ask for."""
        counts = Counter(name for documents in family for name in documents)

        def order(name: str) -> tuple[int, ...]:
            ties = (self._cheapest_with(family, name), -counts[name], self.costs[name])
            if strategy == "cost":
                return self.costs[name], *ties
            if strategy == "sets":
                return -counts[name], *ties
            return self._after(family, name), *ties

        return min(sorted(counts), key=order, default=None)

    def _cheapest_with(self, family: Family, name: str) -> int:
        """The cost of the cheapest set that a document type is in: it is what is hoped for."""
        return min(sum(self.costs[other] for other in documents) for documents in family if name in documents)

    def most_requests(self, family: Family, strategy: Strategy) -> int:
        """How many requests it takes in the worst case."""
        name = self.first(family, strategy)
        if name is None:
            return 0
        return 1 + max(
            self.most_requests(shown(family, name), strategy),
            self.most_requests(refused(family, name), strategy),
        )

    def _depth(self, family: Family) -> int:
        """The least number of requests that decides in every case."""
        if family not in self._depths:
            after = (self._after(family, name) for name in _types(family))
            self._depths[family] = min(after, default=0)
        return self._depths[family]

    def _after(self, family: Family, name: str) -> int:
        return 1 + max(self._depth(shown(family, name)), self._depth(refused(family, name)))


def shown(family: Family, name: str) -> Family:
    """What is left to obtain once a document type has shown all that it is to show."""
    left = {documents - {name} for documents in family}
    return frozenset(documents for documents in left if not any(other < documents for other in left))


def refused(family: Family, name: str) -> Family:
    """What is left once a document type will never show it."""
    return frozenset(documents for documents in family if name not in documents)


def _types(family: Iterable[frozenset[str]]) -> set[str]:
    return {name for documents in family for name in documents}


def next_document(policy: LoadedPolicy, assessment: Assessment, by: Strategy, without: Iterable[str]) -> Plan:
    """What to ask for after a decision.

    Args:
        policy: the policy.
        assessment: of the case, by this policy.
        by: by what to choose.
        without: document types that cannot be had, or did not show it.

    Errors: CaseError for a document type that the vocabulary does not have; ValueError for another
    `by`.
    """
    if by not in STRATEGIES:
        raise ValueError(f"no strategy {quoted(by)} (known: {listing(STRATEGIES)})")
    types = policy.vocabulary.document_types
    left_out = frozenset([without] if isinstance(without, str) else without)
    _check_types(left_out, types)
    search = policy.once(MissingSearch.of)
    sets = (frozenset(entry.documents) for entry in search.documents_of(assessment))
    family = frozenset(documents for documents in sets if not documents & left_out)
    missing = islice(search.sets_of(assessment), AT_ONCE)
    requirements = (requirement for found in missing for requirement in found.requirements)
    planner = Planner(types)
    strategy = planner.strategy(family, by)
    first_by = {name: planner.first(family, planner.strategy(family, name)) for name in STRATEGIES}
    return Plan(
        **about(policy.decision(assessment)),
        strategy=strategy,
        first_by={name: first for name, first in first_by.items() if first},
        without=tuple(sorted(left_out)),
        steps=steps(planner, family, strategy, requirements),
        most_requests=planner.most_requests(family, strategy),
    )


def steps(
    planner: Planner, family: Family, strategy: Strategy, requirements: Iterable[MissingRequirement]
) -> tuple[Step, ...]:
    """The sequence of requests as long as each brings what it was made for.

    Args:
        planner: knows what documents cost.
        family: the sets of document types, any one of which is enough.
        strategy: by what to choose.
        requirements: what the missing sets ask for.
    """
    left = _merged(requirements)
    found = []
    while (name := planner.first(family, strategy)) is not None:
        shows = [requirement for requirement in left.values() if name in requirement.document_types]
        for requirement in shows:
            del left[requirement.term]
        found.append(
            Step(
                document_type=name,
                cost=planner.costs[name],
                in_sets=sum(name in documents for documents in family),
                of_sets=len(family),
                shows=tuple(sorted(shows, key=lambda requirement: requirement.term)),
                instead=planner.first(refused(family, name), strategy),
            )
        )
        family = shown(family, name)
    return tuple(found)


def _merged(requirements: Iterable[MissingRequirement]) -> dict[str, MissingRequirement]:
    """Each requirement once, with all the criteria that it serves in one set or another."""
    found: dict[str, MissingRequirement] = {}
    for requirement in requirements:
        known = found.get(requirement.term, requirement).criteria
        criteria = sorted({*known, *requirement.criteria}, key=natural_key)
        found[requirement.term] = requirement.model_copy(update={"criteria": tuple(criteria)})
    return found


def _check_types(names: frozenset[str], known: Mapping[str, int]) -> None:
    unknown = [
        f"no document type {quoted(name)}{suggestion(name, known, VALUE)} (known: {listing(known)})"
        for name in sorted(names - known.keys())
    ]
    if unknown:
        raise CaseError("without", unknown)
