"""What to ask for next: a document type, or what an unknown name means, and the sequence from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, TypeAlias

from pyclingo_bridge.base.errors import (
    ArgumentError,
    CaseError,
    TooLargeError,
    listing,
    nearest_few,
    quoted,
    suggestion,
)
from pyclingo_bridge.base.spelling import VALUE
from pyclingo_bridge.core.answer import AfterDecision, about
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import Answer
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import Structure, natural_key
from pyclingo_bridge.questions.minimal_sets import AT_ONCE
from pyclingo_bridge.questions.missing import MissingSearch, MissingSet
from pyclingo_bridge.questions.obtaining import MissingRequirement, clarify_in_words
from pyclingo_bridge.questions.requirements import asks_for_more
from pyclingo_bridge.questions.unknown_names import Clarification, order

Strategy = Literal["requests", "sets", "cost"]
STRATEGIES: tuple[Strategy, ...] = ("requests", "sets", "cost")

MOST_TYPES = 12
"""With more to ask for than that in play, the worst case is not looked through."""

MOST_STATES = 1_000
"""Nor is it where more states than this would have to be looked at."""

Choices = frozenset[frozenset[str]]
"""Sets of what can be asked for, any one of which is enough."""

Need: TypeAlias = tuple[str, frozenset[str]]
"""What has to be shown, and what can show it."""

Candidate: TypeAlias = frozenset[Need]
"""What is still to be shown for one missing set."""

State: TypeAlias = frozenset[Candidate]


class Step(Answer):
    """One request, as long as each brings what it was made for.

    Attributes:
        document_type: what to ask for; None where it is what a name means.
        clarification: the name to find out about; None where it is a document.
        cost: what it costs to obtain, in the vocabulary's own unit.
        in_sets: in how many of the sets that are still open it is.
        of_sets: how many these are.
        shows: the requirements that it can show, out of what the missing sets ask for; what tells the
            sets apart comes first, and of that what is asked for in the first set in order.
        instead: what to ask for next if it does not show them; None where nothing can help then.
    """

    document_type: str | None
    clarification: Clarification | None = None
    cost: int
    in_sets: int
    of_sets: int
    shows: tuple[MissingRequirement, ...]
    instead: str | None

    @property
    def text(self) -> str:
        """What to ask for, for a reader."""
        return self.document_type or clarify_in_words([self.clarification] if self.clarification else [])


class Plan(AfterDecision):
    """What to ask for next.

    It has the attributes of every answer on a case too: `case`, `policy`, `outcome` and so on.

    Attributes:
        strategy: by what the first request was chosen: least requests in the worst case, most sets, or
            least cost. What names mean is asked for first, by any strategy.
        without: the document types that are not to be asked for.
        first_by: what each strategy would ask for first.
        steps: the sequence; empty where no document can turn the case.
        most_requests: how many requests it can take until the case is decided, where each shows all that
            one of the missing sets needs of it, or nothing of that.
    """

    strategy: Strategy
    without: tuple[str, ...]
    first_by: dict[Strategy, str]
    steps: tuple[Step, ...]
    most_requests: int


@dataclass
class Planner:
    """Plans requests over missing sets, any one of which is enough.

    Attributes:
        costs: what each request costs.
        at_once: the requests that come before all others.
        implied: whether a requirement that was shown shows another one too.
        excluded: whether it rules another one out.
    """

    costs: Mapping[str, int]
    at_once: frozenset[str]
    implied: Callable[[str, str], bool]
    excluded: Callable[[str, str], bool]
    _depths: dict[State, int] = field(default_factory=dict)
    _choices: dict[State, Choices] = field(default_factory=dict)
    _known: dict[tuple[State, Strategy], int] = field(default_factory=dict)

    def strategy(self, state: State, wanted: Strategy) -> Strategy:
        """The strategy that is followed: the worst case is looked through where that can be done."""
        if wanted != "requests":
            return wanted
        try:
            self._depth(state)
        except TooLargeError:
            return "sets"
        return wanted

    def choices(self, state: State) -> Choices:
        """The minimal sets of requests that could show all of some missing set."""
        if state not in self._choices:
            self._choices[state] = _least(one for candidate in state for one in _hitting(candidate))
        return self._choices[state]

    @staticmethod
    def all_choices(state: State) -> Choices:
        """For each missing set the minimal sets of requests that could show it, whatever others take."""
        return frozenset(one for candidate in state for one in _hitting(candidate))

    def first(self, state: State, strategy: Strategy) -> str | None:
        """What to ask for first; None where there is nothing to ask for."""
        choices = self.choices(state)
        counts = Counter(name for some in choices for name in some)
        pressing = self.at_once & (counts.keys() | _without_alternative(state))
        if pressing:
            counts = Counter({name: counts[name] for name in pressing})

        def order(name: str) -> tuple[int, ...]:
            ties = (self._cheapest_with(choices, name), -counts[name], self.costs[name])
            if strategy == "cost":
                return self.costs[name], *ties
            if strategy == "sets":
                return -counts[name], *ties
            return self._after(state, name), *ties

        try:
            return min(sorted(counts), key=order, default=None)
        except TooLargeError:
            return self.first(state, "sets")

    def _cheapest_with(self, choices: Choices, name: str) -> int:
        """The cost of the cheapest set that a request is in: it is what is hoped for."""
        costs = (sum(self.costs[other] for other in some) for some in choices if name in some)
        return min(costs, default=0)

    def most_requests(self, state: State, strategy: Strategy) -> int:
        """How many requests it takes in the worst case.

        Where that cannot be looked through: how many there are to make at all.
        """
        try:
            return self._most(state, strategy)
        except TooLargeError:
            return len(_requests(state))

    def _most(self, state: State, strategy: Strategy) -> int:
        key = (state, strategy)
        if key not in self._known:
            self._check(len(self._known))
            name = self.first(state, strategy)
            after = [] if name is None else self.outcomes(state, name)
            self._known[key] = max((1 + self._most(one, strategy) for one in after), default=0)
        return self._known[key]

    def _depth(self, state: State) -> int:
        """The least number of requests that decides in every case."""
        if state not in self._depths:
            self._check(len(self._depths), len(_requests(state)))
            names = sorted({name for some in self.choices(state) for name in some})
            best = len(_requests(state))
            for name in names:
                best = min(best, self._after(state, name, best))
            self._depths[state] = best
        return self._depths[state]

    def _after(self, state: State, name: str, enough: int = MOST_STATES) -> int:
        """How many requests it takes with this one first; or a number that is no less than what is enough."""
        worst = 0
        for left in self.outcomes(state, name):
            worst = max(worst, 1 + self._depth(left))
            if worst >= enough:
                break
        return worst

    @staticmethod
    def _check(states: int, requests: int = 0) -> None:
        if states > MOST_STATES or requests > MOST_TYPES:
            raise TooLargeError

    def outcomes(self, state: State, name: str) -> list[State]:
        """What may be left: where a request shows all that one missing set needs of it, or nothing."""
        parts: set[frozenset[str]] = {
            frozenset(need for need, by in candidate if name in by) for candidate in state
        }
        parts.add(frozenset())
        left = {self.left(state, name, part) for part in parts}
        # Where most is left it most likely takes long.
        return sorted(left, key=lambda one: -len(one))

    def left(self, state: State, name: str, shown: frozenset[str]) -> State:
        """What is left to show once a request has shown just this; nothing where some set is shown."""
        needs = {need for candidate in state for need, _ in candidate}
        met = {need for need in needs if any(self.implied(one, need) for one in shown)}
        lost = {need for need in needs - met if any(self.excluded(one, need) for one in shown)}
        found: set[Candidate] = set()
        for candidate in state:
            rest = _rest(candidate, name, met, lost)
            if rest is not None:
                if not rest:
                    return frozenset()
                found.add(rest)
        return frozenset(one for one in found if not any(other < one for other in found))

    def all_shown(self, state: State, name: str) -> State:
        """What is left where a request shows all that it can, for each missing set."""
        found = {frozenset(need for need in candidate if name not in need[1]) for candidate in state}
        return (
            frozenset()
            if frozenset() in found
            else frozenset(one for one in found if not any(other < one for other in found))
        )

    def refused(self, state: State, name: str) -> State:
        """What is left where it never shows anything."""
        return self.left(state, name, frozenset())


def _rest(candidate: Candidate, name: str, met: set[str], lost: set[str]) -> Candidate | None:
    """What is left to show of a set without a request; None where something can no longer be shown."""
    rest: list[Need] = []
    for need, by in candidate:
        if need in met:
            continue
        if name not in by:
            kept = by
        elif len(by) > 1:
            kept = by - {name}
        else:
            return None
        if need in lost:
            return None
        rest.append((need, kept))
    return frozenset(rest)


def _hitting(candidate: Candidate) -> Choices:
    """The minimal sets of requests that show all that a candidate needs."""
    found: Choices = frozenset({frozenset()})
    for _, by in sorted(candidate, key=lambda need: (len(need[1]), need[0])):
        more = {some | {name} for some in found if not some & by for name in by}
        found = _least([*(some for some in found if some & by), *more])
        if len(found) > MOST_STATES:
            raise TooLargeError
    return found


def _least(sets: Iterable[frozenset[str]]) -> Choices:
    found: list[frozenset[str]] = []
    for some in sorted(set(sets), key=len):
        if not any(less <= some for less in found):
            found.append(some)
    return frozenset(found)


def _without_alternative(state: State) -> set[str]:
    """The requests that alone can show something which some missing set needs."""
    return {name for candidate in state for _, by in candidate if len(by) == 1 for name in by}


def _requests(state: State) -> set[str]:
    return {name for candidate in state for _, by in candidate for name in by}


def next_document(
    policy: LoadedPolicy, assessment: Assessment, by: Strategy, without: Iterable[str] = ()
) -> Plan:
    """What to ask for after a decision.

    Args:
        policy: the policy.
        assessment: of the case, by this policy.
        by: by what to choose.
        without: document types that are not to be asked for.

    Errors: CaseError for a document type that the vocabulary does not have; ArgumentError for another `by`.
    """
    if by not in STRATEGIES:
        raise ArgumentError(f"there is no strategy {quoted(by)} (known: {listing(STRATEGIES)})")
    refused_types = frozenset([without] if isinstance(without, str) else without)
    _check_types(refused_types, policy.vocabulary.document_types)
    asking = _Asking(policy, assessment, refused_types)
    strategy = asking.planner.strategy(asking.state, by)
    return Plan(
        **about(policy.decision(assessment)),
        strategy=strategy,
        first_by=dict(asking.first_by()),
        without=tuple(sorted(refused_types)),
        steps=tuple(asking.steps(strategy)),
        most_requests=asking.planner.most_requests(asking.state, strategy),
    )


def _check_types(names: frozenset[str], known: Mapping[str, int]) -> None:
    unknown = [
        f"there is no document type {quoted(name)}{suggestion(name, known, VALUE)} "
        f"(known: {nearest_few(name, known)})"
        for name in sorted(names - known.keys())
    ]
    if unknown:
        raise CaseError("without", unknown)


class _Asking:
    """What can be asked for in one case, and what each request could show."""

    def __init__(self, policy: LoadedPolicy, assessment: Assessment, without: frozenset[str]) -> None:
        self._structure = policy.structure
        search = policy.once(MissingSearch.of)
        missing = search.missing(assessment)
        self._listed = list(islice(missing, AT_ONCE + 1))
        told = {one for found in self._listed for each in found.requirements for one in each.clarifications}
        self._names = {_key(one): one for one in sorted(told, key=order)}
        costs = {**policy.vocabulary.document_types, **{key: one.cost for key, one in self._names.items()}}
        known = _Known(policy.structure)
        self.planner = Planner(costs, frozenset(self._names), known.implied, known.excluded)
        state = frozenset(filter(None, (_candidate(found, without) for found in self._listed)))
        if len(self._listed) > AT_ONCE or not self._manageable(state):
            # By what to ask for alone: what each of that is to show is left aside.
            sets = search.requests(assessment) or [frozenset(one.documents) for one in missing.documents]
            state = frozenset(
                frozenset((name, frozenset({name})) for name in map(_name, some))
                for some in sets
                if not without.intersection(some)
            )
        self.state = state

    def _manageable(self, state: State) -> bool:
        try:
            self.planner.choices(state)
        except TooLargeError:
            return False
        return True

    def first_by(self) -> Iterator[tuple[Strategy, str]]:
        """What each strategy would ask for first."""
        for strategy in STRATEGIES:
            name = self.planner.first(self.state, self.planner.strategy(self.state, strategy))
            if name is not None:
                yield strategy, self._text(name)

    def _text(self, name: str) -> str:
        return clarify_in_words([self._names[name]]) if name in self._names else name

    def steps(self, strategy: Strategy) -> Iterator[Step]:
        """The sequence of requests as long as each brings what it was made for."""
        planner, state, left = self.planner, self.state, self._to_show()
        while (name := planner.first(state, strategy)) is not None:
            shows = [one for one in left if name in _shown_by(one)]
            left = [one for one in left if name not in _shown_by(one)]
            choices = planner.choices(state)
            if not any(name in some for some in choices):
                choices = planner.all_choices(state)
            instead = planner.first(planner.refused(state, name), strategy)
            yield Step(
                document_type=None if name in self._names else name,
                clarification=self._names.get(name),
                cost=planner.costs[name],
                in_sets=sum(name in some for some in choices),
                of_sets=len(choices),
                shows=tuple(shows),
                instead=None if instead is None else self._text(instead),
            )
            state = planner.all_shown(state, name)

    def _to_show(self) -> list[MissingRequirement]:
        """What the sets ask for: first the attributes that tell them apart, of each what is likely first."""
        merged = _merged(one for found in self._listed[:AT_ONCE] for one in found.requirements)
        telling = {
            one.attribute
            for one in merged.values()
            for other in merged.values()
            if one.attribute == other.attribute and self.planner.excluded(one.term, other.term)
        }
        place = {term: number for number, term in enumerate(merged)}
        return sorted(
            merged.values(), key=lambda one: (one.attribute not in telling, one.attribute, place[one.term])
        )


class _Known:
    """What requirements say of each other, by their terms."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._terms = {str(term): term for term in structure.requirements}
        self._true: dict[str, set[object]] = {}
        probes = {(str(term.args[0]), term.args[1]) for term in structure.facts["probe"]}
        for requirement, value in (term.args for term in structure.facts["true_of"]):
            name = str(requirement)
            if name in self._terms and (structure.attribute_of[requirement], value) in probes:
                self._true.setdefault(name, set()).add(value)

    def implied(self, one: str, other: str) -> bool:
        """Whether a requirement is true whenever another one is."""
        if one == other:
            return True
        return (
            other in self._terms
            and one in self._terms
            and (self._terms[other] in self._structure.implied(self._terms[one]))
        )

    def excluded(self, one: str, other: str) -> bool:
        """Whether two requirements on an attribute that has one value are never true together."""
        if one not in self._true or other not in self._true:
            return False
        attribute = self._structure.attribute_of
        same = attribute[self._terms[one]] == attribute[self._terms[other]]
        return same and self._true[one].isdisjoint(self._true[other])


def _candidate(found: MissingSet, without: frozenset[str]) -> Candidate | None:
    """What is to be shown for a set, and by what; None where nothing that can be asked for shows a part."""
    needs: set[Need] = set()
    for one in found.requirements:
        types = frozenset(one.document_types) - without
        names = frozenset(map(_key, one.clarifications))
        if one.means in ("both", "clarification") and not asks_for_more(one):
            needs.update((name, frozenset({name})) for name in names)
            names = frozenset()
            if one.means == "clarification":
                continue
        needs.add((one.term, types | names))
    if found.unshown or not all(by for _, by in needs):
        return None
    return frozenset(needs)


def _shown_by(one: MissingRequirement) -> set[str]:
    return {*one.document_types, *map(_key, one.clarifications)}


def _key(told: Clarification) -> str:
    return "\0".join(order(told))


def _name(item: str | Clarification) -> str:
    return item if isinstance(item, str) else _key(item)


def _merged(requirements: Iterable[MissingRequirement]) -> dict[str, MissingRequirement]:
    """Each requirement once, with all the criteria that it serves in one set or another."""
    found: dict[str, MissingRequirement] = {}
    for requirement in requirements:
        known = found.get(requirement.term, requirement).criteria
        criteria = sorted({*known, *requirement.criteria}, key=natural_key)
        found[requirement.term] = requirement.model_copy(update={"criteria": tuple(criteria)})
    return found
