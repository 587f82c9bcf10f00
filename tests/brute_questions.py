"""Brute force over what would turn a small case, why it stands, and what to ask for next.

Written from sections 22 to 25 of docs/specification alone: requirements are the sets of values they are
true of, and every set of requirements, every change and every resolution is tried. What is left out of
the trying says why nothing is lost.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple, TypeVar

from tests import small
from tests.small import (
    ASKED,
    DOMAINS,
    KINDS,
    Requirement,
    Small,
    consistent,
    entailed,
    requirement_of,
)

CHANGEABLE = {"given": 4, "amount": 2}
RESOLVING = 3
COSTS = {"cheap": 1, "middling": 2, "dear": 5}
SHOWS = {
    "cheap": frozenset("pnm"),
    "middling": frozenset("qcln"),
    "dear": frozenset("rhc"),
}
NUMBERS = ("n", "amount")

CaseData = dict[str, Any]
Requirements = frozenset[Requirement]
Region = frozenset[Any]
Change = tuple[str, Region]
T = TypeVar("T")


class Repair(NamedTuple):
    """Open requirements to establish, conflicting ones to resolve, and changes of the request."""

    requirements: Requirements
    resolutions: Requirements
    changes: frozenset[Change]


class Option(NamedTuple):
    """What a way to take one attribute gains, and which of its requirements then hold."""

    gain: Requirements
    holds: Requirements


# What the request goes to


def _is_request(requirement: Requirement) -> bool:
    return KINDS.get(requirement.attribute) == "request"


def _routes(made: Small, section: str) -> Requirements:
    return frozenset(map(requirement_of, made.routes.get(section, [ASKED])))


def _established(requirements: Iterable[Requirement], case: CaseData) -> Requirements:
    return frozenset(c for c in requirements if small.state(c, case) == "met")


def routed(made: Small, case: CaseData) -> list[str]:
    """The sections that the request goes to."""
    return [name for name in made.sections if _established(_routes(made, name), case)]


def part(made: Small, sections: Collection[str]) -> Small:
    """The policy of these sections alone."""
    inner: set[str] = set()
    outer = set(sections)
    while outer:
        inner |= outer
        below = {item for name in outer for item in (*made.needs[name], *made.offers[name])}
        outer = {item for item in below if item in made.needs} - inner
    tables = {
        word: {name: items for name, items in getattr(made, word).items() if name in inner}
        for word in ("needs", "offers", "unless", "only_if")
    }
    kept = [name for name in made.sections if name in sections]
    return replace(made, sections=kept, **tables)


def scope(made: Small, case: CaseData) -> Small:
    """The policy of the sections that the request goes to."""
    return part(made, routed(made, case))


def outcome(made: Small, case: CaseData) -> tuple[str, str | None]:
    """The outcome, and for a denial its kind, where sections may have routes of their own."""
    return small.outcome(scope(made, case), case)


def _met(made: Small, holding: Requirements) -> list[str]:
    return [section for section in made.sections if made.met(section, holding)]


# The least ways to an approval


def _grouped(requirements: Iterable[Requirement]) -> dict[str, Requirements]:
    found: dict[str, set[Requirement]] = {}
    for requirement in requirements:
        found.setdefault(requirement.attribute, set()).add(requirement)
    return {name: frozenset(group) for name, group in sorted(found.items())}


def _subsets(items: Iterable[Any]) -> Iterator[frozenset[Any]]:
    pool = sorted(items, key=repr)
    for size in range(len(pool) + 1):
        yield from map(frozenset, itertools.combinations(pool, size))


def _best(options: Iterable[Option]) -> list[Option]:
    """Without those that gain as much as another and hold less: more requirements never hurt."""
    found = set(options)
    return [
        option
        for option in found
        if not any(option.gain == other.gain and option.holds < other.holds for other in found)
    ]


def least(ways: Mapping[str, list[Option]], enough: Callable[[Requirements], bool]) -> set[Requirements]:
    """The least gains, of one option an attribute, with which what holds is enough.

    A branch is left where it gains no less than what is known to be enough, and where it would not
    be enough if every option of the attributes to come were had at once. Nothing is lost, since
    more requirements never undo a criterion.
    """
    names = sorted(ways, key=lambda name: len(ways[name]))
    ahead = [
        frozenset().union(*(option.holds for name in names[place:] for option in ways[name]))
        for place in range(len(names) + 1)
    ]
    found: set[Requirements] = set()

    def look(place: int, gain: Requirements, holds: Requirements) -> None:
        if any(known <= gain for known in found) or not enough(holds | ahead[place]):
            return
        if place == len(names):
            found.difference_update([known for known in found if gain < known])
            found.add(gain)
            return
        for option in sorted(ways[names[place]], key=lambda option: len(option.gain)):
            look(place + 1, gain | option.gain, holds | option.holds)

    look(0, frozenset(), frozenset())
    return found


def _wordings(gain: Requirements) -> Iterator[Requirements]:
    """The sets of requirements that entail all of these, and none of them for nothing."""
    choices = [
        [
            chosen
            for chosen in _subsets(group)
            if entailed(chosen, group) == group
            and not any(entailed(chosen - {requirement}, {requirement}) for requirement in chosen)
        ]
        for group in _grouped(gain).values()
    ]
    for chosen in itertools.product(*choices):
        yield frozenset().union(*chosen)


# Repairs


@cache
def _forms() -> list[dict[str, Any]]:
    """Every way to fill in what can be changed."""
    return [
        dict(zip(CHANGEABLE, values, strict=True))
        for values in itertools.product(*(DOMAINS[name] for name in CHANGEABLE))
    ]


def _spelled(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def changed(case: CaseData, values: Mapping[str, Any]) -> CaseData:
    """The case with other values on its form."""
    spelled = {name: _spelled(value) for name, value in values.items()}
    return {**case, "request": {**case["request"], **spelled}}


def regions(made: Small, case: CaseData, attribute: str) -> list[Region]:
    """The greatest sets of values of an attribute of the form that no weighed requirement tells apart."""
    reach = {name for form in _forms() for name in routed(made, changed(case, form))}
    weighed = part(made, reach).requirements().union(*(_routes(made, name) for name in reach))
    mine = sorted((requirement for requirement in weighed if requirement.attribute == attribute), key=repr)
    told = [(tuple(value in requirement.values for requirement in mine), value) for value in DOMAINS[attribute]]
    if attribute in NUMBERS:
        runs = itertools.groupby(told, key=lambda entry: entry[0])
        return [frozenset(value for _, value in run) for _, run in runs]
    groups: dict[tuple[bool, ...], set[Any]] = {}
    for key, value in told:
        groups.setdefault(key, set()).add(value)
    return [frozenset(group) for group in groups.values()]


def present(case: CaseData, attribute: str) -> Any:
    """What the form says of an attribute, as a value of its domain."""
    return small.heard(attribute, small.requested(case, attribute))


def _all_changes(made: Small, case: CaseData) -> Iterator[frozenset[Change]]:
    choices: list[list[Change | None]] = [
        [None] + [(name, region) for region in regions(made, case, name) if present(case, name) not in region]
        for name in CHANGEABLE
    ]
    for chosen in itertools.product(*choices):
        yield frozenset(change for change in chosen if change)


def after(case: CaseData, changes: Iterable[Change]) -> CaseData:
    """The case with the form changed to some value of each region."""
    return changed(case, {name: min(region, key=_spelled) for name, region in changes})


def repairs(made: Small, case: CaseData) -> set[Repair]:
    """Every repair, by trying every change beside every set of open and conflicting requirements."""
    if outcome(made, case)[0] == "approve":
        return set()
    found: dict[tuple[frozenset[Change], Requirements], Small] = {}
    for changes in _all_changes(made, case):
        law = scope(made, after(case, changes))
        for gain in _gains(law, case, after(case, changes)):
            found[changes, gain] = law
    every = made.requirements()
    closed = {key: entailed(key[1], every) for key in found}
    steps = {key: list(_steps(case, key[0])) for key in found}
    taken = {(way, closed[key]) for key, ways in steps.items() for way in ways}
    tight = [key for key in found if any(_tight(way, closed[key], taken) for way in steps[key])]
    return {
        Repair(
            frozenset(c for c in chosen if small.state(c, case) == "undocumented"),
            frozenset(c for c in chosen if small.state(c, case) == "conflicting"),
            changes,
        )
        for changes, gain in tight
        for chosen in _wordings(gain)
    }


def _steps(case: CaseData, changes: Iterable[Change]) -> Iterator[frozenset[Any]]:
    """Every way to make changes: of a list each member that is added or left out, else the region."""
    ways: list[list[frozenset[Any]]] = [
        [frozenset((name, member) for member in value ^ present(case, name)) for value in region]
        if isinstance(present(case, name), frozenset)
        else [frozenset({(name, region)})]
        for name, region in changes
    ]
    for chosen in itertools.product(*ways):
        yield frozenset().union(*chosen)


def _tight(
    steps: frozenset[Any], gain: Requirements, taken: Iterable[tuple[frozenset[Any], Requirements]]
) -> bool:
    """Whether nothing that is enough takes fewer of these steps, or gains less with them."""
    return not any(fewer <= steps and less <= gain and (fewer, less) != (steps, gain) for fewer, less in taken)


def _gains(law: Small, case: CaseData, later: CaseData) -> set[Requirements]:
    """The least closures of sets of requirements and resolutions that are enough after a change.

    Only sets with the same changes are weighed here, so leaving out those that are not least is
    no loss: they hold another's closure.
    """
    mentioned = law.requirements()
    sure = _established((c for c in mentioned if not _is_request(c)), case)
    sure |= _established((c for c in mentioned if _is_request(c)), later)
    free = {c for c in mentioned if small.state(c, case) in ("undocumented", "conflicting")}
    ways = {
        name: _best(
            Option(entailed(chosen, group), _had(chosen, mentioned, case))
            for chosen in _subsets(group)
            if consistent(chosen)
        )
        for name, group in _grouped(free).items()
    }
    return least(ways, lambda holds: bool(_met(law, sure | holds)))


def world(made: Small, case: CaseData, repair: Repair) -> tuple[Small, Requirements]:
    """What the changed request goes to, and the requirements that hold once a repair is made."""
    later = after(case, repair.changes)
    law = scope(made, later)
    sure = _established(law.requirements(), later)
    chosen = repair.requirements | repair.resolutions
    had = (_had(group, law.requirements(), case) for group in _grouped(chosen).values())
    return law, sure.union(*had)


def _had(chosen: Requirements, mentioned: Iterable[Requirement], case: CaseData) -> Requirements:
    """What requirements of one attribute bring about: of what is resolved, nothing that all deny."""
    found = entailed(chosen, mentioned)
    if any(small.state(requirement, case) == "conflicting" for requirement in chosen):
        return frozenset(requirement for requirement in found if small.state(requirement, case) != "not_met")
    return found


def sections_met(made: Small, case: CaseData, repair: Repair) -> list[str]:
    """The sections that a repaired request meets."""
    return _met(*world(made, case, repair))


def cheapest(attributes: Iterable[str]) -> tuple[int, tuple[str, ...]]:
    """The cheapest documents that show these attributes: the fewest, then the first by name."""
    wanted = frozenset(attributes)
    covers = (
        (sum(COSTS[name] for name in chosen), len(chosen), tuple(sorted(chosen)))
        for chosen in _subsets(COSTS)
        if wanted <= frozenset().union(*(SHOWS[name] for name in chosen))
    )
    cost, _, types = min(covers)
    return cost, types


def shown(repair: Repair) -> set[str]:
    """The attributes that documents have to show; what is not latest is resolved by corrections."""
    newer = {requirement for requirement in repair.resolutions if KINDS.get(requirement.attribute) == "latest"}
    return {requirement.attribute for requirement in repair.requirements | newer}


def cost(repair: Repair) -> int:
    """What documents, changes and corrections cost together."""
    documents, _ = cheapest(shown(repair))
    corrected = {requirement.attribute for requirement in repair.resolutions} - {
        name for name, kind in KINDS.items() if kind == "latest"
    }
    changes = sum(CHANGEABLE[name] for name, _ in repair.changes)
    return documents + RESOLVING * len(corrected) + changes


# Repairs made


def made_so(made: Small, case: CaseData, repair: Repair) -> CaseData:
    """The case with the form changed, opposing statements removed, and documents added.

    The documents of an attribute are of one, the last, day, and state every value that the requirements
    leave room for. So just what the requirements entail is established by them, if anything can do that.
    """
    law, _ = world(made, case, repair)
    sure = _established(law.requirements(), case)
    documents = [_silenced(entry, repair.resolutions, case) for entry in case["documents"]]
    for name, group in _grouped(repair.requirements).items():
        documents += _documents(name, group | {c for c in sure if c.attribute == name})
    return {**after(case, repair.changes), "documents": documents}


def _silenced(entry: dict[str, Any], resolved: Requirements, case: CaseData) -> dict[str, Any]:
    dropped = {c.attribute for c in resolved if entry["id"] in _speaking(c.complement(), case)}
    if "h" in dropped:
        dropped.add("all_told")
    states = {name: value for name, value in entry["states"].items() if name not in dropped}
    return {**entry, "states": states}


def _documents(name: str, requirements: Requirements) -> list[dict[str, Any]]:
    values = [
        value for value in DOMAINS[name] if all(value in requirement.values for requirement in requirements)
    ]
    whole = {"all_told": True} if name == "h" else {}
    if name == "h":
        values = [value for value in values if small.UNKNOWN not in value]
    if KINDS.get(name) == "cumulative":
        values = values[:1]
    return [
        {
            "id": f"more-{name}-{place}",
            "type": "dear",
            "date": "2024-12-31",
            "states": {name: _spelled(value), **whole},
        }
        for place, value in enumerate(values)
    ]


def subsets_of(repair: Repair) -> Iterator[Repair]:
    """The repair without some of its elements."""
    for requirements in _subsets(repair.requirements):
        for resolutions in _subsets(repair.resolutions):
            for changes in _subsets(repair.changes):
                if (requirements, resolutions, changes) != repair:
                    yield Repair(requirements, resolutions, changes)


# Counterfactuals


def _otherwise(law: Small, case: CaseData) -> dict[str, list[Option]]:
    """For each attribute every way in which it can keep its requirements or be otherwise."""
    found: dict[str, list[Option]] = {}
    for name, group in _grouped(law.requirements()).items():
        sure = _established(group, case)
        closed = {entailed(chosen, group) for chosen in _subsets(group) if consistent(chosen)}
        found[name] = _best(Option(holds - sure, holds) for holds in {sure, *closed})
    return found


def differences(made: Small, case: CaseData) -> set[Requirements]:
    """The least differences of worlds that approve."""
    law = scope(made, case)
    return least(_otherwise(law, case), lambda holds: bool(_met(law, holds)))


def counterfactuals(made: Small, case: CaseData) -> set[Requirements]:
    """The least differences of approving worlds, in every way to write them."""
    found = differences(made, case)
    return {chosen for difference in found for chosen in _wordings(difference)}


# Reasons


def stated_otherwise(made: Small, case: CaseData) -> Requirements:
    """The requirements beneath the routed sections that are refuted or conflicting."""
    requirements = scope(made, case).requirements()
    return frozenset(c for c in requirements if small.state(c, case) in ("not_met", "conflicting"))


def closures(made: Small, case: CaseData) -> set[Requirements]:
    """The least closures of sufficient sets of met requirements."""
    law = scope(made, case)
    mentioned = law.requirements()
    sure = _established(mentioned, case)
    ways = {
        name: _best(
            Option(entailed(chosen, group), _had(chosen, mentioned, case))
            for chosen in _subsets(group)
            if consistent(chosen)
        )
        for name, group in _grouped(sure).items()
    }
    return least(ways, lambda holds: bool(_met(law, holds)))


def sufficient(made: Small, case: CaseData) -> set[Requirements]:
    """The sufficient reasons of an approval."""
    return {chosen for gain in closures(made, case) for chosen in _wordings(gain)}


def critical(made: Small, case: CaseData) -> Requirements:
    """The requirements that an approval cannot do without, but those that another of them entails."""
    found = closures(made, case)
    shared = frozenset.intersection(*found) if found else frozenset()
    return frozenset(
        requirement
        for requirement in shared
        if not any(other != requirement and entailed(frozenset({other}), {requirement}) for other in shared)
    )


def documents(made: Small, case: CaseData) -> dict[str, tuple[bool, bool]]:
    """Each document of an approved case: whether it falls if that is withdrawn, or contradicted."""
    law = scope(made, case)
    sure = _established(law.requirements(), case)
    found = {}
    for entry in case["documents"]:
        rest = [other for other in case["documents"] if other is not entry]
        contradicted = {
            requirement
            for requirement in sure
            if KINDS.get(requirement.attribute) != "cumulative" and entry["id"] in _speaking(requirement, case)
        }
        found[entry["id"]] = (
            outcome(made, {**case, "documents": rest})[0] != "approve",
            not _met(law, sure - contradicted),
        )
    return found


def _speaking(requirement: Requirement, case: CaseData) -> set[str]:
    """The documents that support a requirement, out of those that count, but for what accumulates."""
    name, kind = requirement.attribute, KINDS.get(requirement.attribute, "stable")
    if kind == "request":
        return set()
    told = [entry for entry in case["documents"] if name in entry["states"]]
    if kind == "latest" and told:
        last = max(entry["date"] for entry in told)
        told = [entry for entry in told if entry["date"] == last]
    values = [small.heard(name, entry["states"][name]) for entry in told]
    if kind == "history" and not requirement.rising:
        return {
            entry["id"]
            for entry, value in zip(told, values, strict=True)
            if value in requirement.values and small.is_whole(entry, told)
        }
    return {entry["id"] for entry, value in zip(told, values, strict=True) if value in requirement.values}


def forcing(made: Small, case: CaseData) -> set[Requirements]:
    """The least sets of requirements stated otherwise without all of which no world approves."""
    law = scope(made, case)
    found: set[Requirements] = set()
    for chosen in _subsets(stated_otherwise(made, case)):
        if not any(known <= chosen for known in found) and not _approves(law, case, chosen):
            found.add(chosen)
    return found


def _approves(law: Small, case: CaseData, untrue: Requirements) -> bool:
    """Whether some world approves in which none of these requirements is true.

    Of what an attribute can be in such a world the greatest is enough: more requirements never hurt.
    """
    choices = [
        _greatest((option.holds for option in options), untrue) for options in _otherwise(law, case).values()
    ]
    return any(_met(law, frozenset().union(*held)) for held in itertools.product(*choices))


def corrections(made: Small, case: CaseData) -> set[Requirements]:
    """The least of what approving worlds differ in from what is stated otherwise.

    Here what an attribute gains are only the requirements on it that are stated otherwise.
    """
    law = scope(made, case)
    against = stated_otherwise(made, case)
    ways = {
        name: _best(Option(option.gain & against, option.holds) for option in options)
        for name, options in _otherwise(law, case).items()
    }
    return least(ways, lambda holds: bool(_met(law, holds)))


def overturning(made: Small, case: CaseData) -> set[Requirements]:
    """The least sets of met requirements that an approval cannot do without."""
    law = scope(made, case)
    sure = _established(law.requirements(), case)
    found: set[Requirements] = set()
    for chosen in _subsets(sure):
        if any(known <= chosen for known in found):
            continue
        choices = [
            _greatest((entailed(some, group) for some in _subsets(group)), chosen)
            for group in _grouped(sure).values()
        ]
        worlds = (frozenset().union(*held) for held in itertools.product(*choices))
        if not any(_met(law, held) for held in worlds):
            found.add(chosen)
    return found


def _greatest(sets: Iterable[Requirements], without: Requirements) -> list[Requirements]:
    """Of the sets that hold none of these requirements those that no other one exceeds."""
    allowed = {some for some in sets if not some & without}
    return [some for some in allowed if not any(some < more for more in allowed)]


def hitting(sets: Collection[frozenset[T]]) -> set[frozenset[T]]:
    """The least sets that share a requirement with each of these."""
    found: set[frozenset[T]] = set()
    for chosen in _subsets(frozenset().union(*sets)):
        if not any(known <= chosen for known in found) and all(chosen & some for some in sets):
            found.add(chosen)
    return found


# What to ask for next


def document_sets(missing: Iterable[Requirements]) -> set[frozenset[str]]:
    """The least sets of document types that can establish some set of requirements."""
    wanted = [{requirement.attribute for requirement in requirements} for requirements in missing]
    found: set[frozenset[str]] = set()
    for chosen in _subsets(COSTS):
        shown = frozenset().union(*(SHOWS[name] for name in chosen))
        if any(names <= shown for names in wanted) and not any(less <= chosen for less in found):
            found.add(chosen)
    return found


Family = frozenset[frozenset[str]]


def _smallest(sets: Iterable[frozenset[str]]) -> Family:
    pool = frozenset(sets)
    return frozenset(some for some in pool if not any(less < some for less in pool))


def _answered(sets: Family, name: str) -> tuple[Family, Family]:
    """What is left to ask for when a document of the type came, and when it never will."""
    came = _smallest(some - {name} for some in sets)
    return came, frozenset(some for some in sets if name not in some)


def plan_first(
    sets: Collection[frozenset[str]], costs: Mapping[str, int], strategy: str
) -> tuple[str | None, int]:
    """The type to ask for first, and the most requests until the case is decided."""
    family = _smallest(sets)
    if not family or frozenset() in family:
        return None, 0
    names = frozenset().union(*family)

    @cache
    def worst(name: str) -> int:
        return 1 + max(plan_first(left, costs, strategy)[1] for left in _answered(family, name))

    def key(name: str) -> tuple[Any, ...]:
        share = -sum(name in some for some in family)
        hoped = min(sum(costs[each] for each in some) for some in family if name in some)
        ties = (hoped, share, costs[name], name)
        by = {"requests": lambda: worst(name), "sets": lambda: share, "cost": lambda: costs[name]}
        return (by[strategy](), *ties)

    first = min(names, key=key)
    return first, worst(first)


def plan(sets: Collection[frozenset[str]], costs: Mapping[str, int], strategy: str) -> Iterator[str]:
    """What is asked for, one type after another, as long as each request brings it."""
    first, _ = plan_first(sets, costs, strategy)
    while first is not None:
        yield first
        sets, _ = _answered(_smallest(sets), first)
        first, _ = plan_first(sets, costs, strategy)


# Policies and cases that there is something to ask about


def random_question(rng: random.Random) -> tuple[Small, CaseData]:
    """A small policy that asks of the form too, and a case."""
    made = small.random_policy(rng)
    form = [term for term in small.TERMS if requirement_of(term).attribute in CHANGEABLE]
    for table in (made.needs, made.offers):
        for items in table.values():
            if items and rng.random() < 0.25:
                items[rng.randrange(len(items))] = rng.choice(form)
    if rng.random() < 0.3:
        # A list may hold an unknown name, so that it decides no route.
        numbers = [term for term in form if requirement_of(term).attribute in NUMBERS]
        made.routes = {name: rng.sample(numbers, rng.choice([1, 1, 2])) for name in made.sections}
    return made, random_documents(rng)


def random_documents(rng: random.Random) -> CaseData:
    """A small case with documents of one day that may contradict each other."""
    case = small.random_small_case(rng)
    while rng.random() < 0.5:
        for entry in small.random_small_case(rng)["documents"][:1]:
            more = {**entry, "id": f"d{len(case['documents'])}", "date": "2024-03-01"}
            case["documents"].append(more)
    return case
