"""Brute force over every case that small policies can have.

The cases stand in a row, one for each way in which documents can leave the requirements, and a set of
cases is a number with a bit for each. So a question is asked of all of them at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, reduce
from math import prod
from operator import and_, or_
from typing import Any, NamedTuple

from pyclingo_bridge.base.terms import Term, Value
from tests import small
from tests.small import DOMAINS, KINDS, TERMS, UNKNOWN, Requirement, Small, requirement_of

MOST_CASES = 1 << 20
"""Policies with more cases than this are not looked at."""

Item = Requirement | str
"""A requirement, or the id of a criterion."""

Question = tuple[str, *tuple[Item, ...]]

ALTERNATIVES = "alternatives"
ASKED = requirement_of("yes(asked)")
CHOICES = ("c",)
"""The attributes whose value is one of a choice."""

MOST_ASKS = 10
"""Policies that ask more than this are not looked through for what causes a difference."""

SORTS = ("needs", "offers", "excuse")


class Place(NamedTuple):
    """An item of a criterion, or its choice of alternatives, as something that can be struck out."""

    criterion: str
    sort: str
    item: Item


class Ask(NamedTuple):
    """What a criterion itself asks of an attribute, or its choice of alternatives."""

    criterion: str
    about: str


# Every set of documents, one attribute at a time


def _document(attribute: str, value: Any, whole: bool = False, day: int = 1) -> dict[str, Any]:
    states = {attribute: sorted(value) if isinstance(value, frozenset) else value}
    if whole:
        states["all_told"] = True
    return {"id": "d", "type": "cheap", "date": f"2024-01-0{day}", "states": states}


def _told_apart(attribute: str) -> list[Any]:
    """One value for each group of values that no requirement tells apart."""
    requirements = [
        requirement for requirement in map(requirement_of, TERMS) if requirement.attribute == attribute
    ]
    groups = {
        tuple(value in requirement.values for requirement in requirements): value
        for value in DOMAINS[attribute]
    }
    return list(groups.values())


def _subsets(entries: list[dict[str, Any]], most: int) -> Iterator[list[dict[str, Any]]]:
    for size in range(most + 1):
        yield from map(list, itertools.combinations(entries, size))


def _documents(attribute: str) -> Iterator[list[dict[str, Any]]]:
    """Every set of documents about an attribute that can matter.

    Of histories three lists together, whole ones of two dates; of numbers one range at most.
    """
    kind = KINDS.get(attribute, "stable")
    if kind == "history":
        # An unknown drug spoils every list, whatever else stands beside it.
        known = [value for value in DOMAINS[attribute] if UNKNOWN not in value]
        entries = [_document(attribute, value, whole) for value in known for whole in (True, False)]
        entries += [_document(attribute, value, True, 2) for value in known]
        yield from _subsets([*entries, _document(attribute, frozenset({UNKNOWN}))], 3)
    else:
        apart = _told_apart(attribute)
        entries = [_document(attribute, value) for value in apart]
        most = 1 if kind == "cumulative" else len(entries)
        for documents in _subsets(entries, most):
            yield documents
            if attribute == "n":
                ranges = ({"at_least": low, "at_most": high} for low in apart for high in apart if low < high)
                yield from ([*documents, _document(attribute, each)] for each in ranges)


@cache
def _cases(attribute: str) -> list[dict[str, Any]]:
    if KINDS.get(attribute) == "request":
        forms = [_document(attribute, value)["states"] for value in DOMAINS[attribute]]
        return [{"request": form, "documents": []} for form in forms]
    return [{"request": {}, "documents": documents} for documents in _documents(attribute)]


@cache
def _states(requirement: Requirement) -> list[str]:
    return [small.state(requirement, case) for case in _cases(requirement.attribute)]


def vectors(requirements: list[Requirement]) -> list[tuple[str, ...]]:
    """Every combination of states that requirements on one attribute can be in."""
    return sorted(set(zip(*map(_states, requirements), strict=True)))


# The cases of one or two policies


class Space:
    """Every case, as far as these requirements can tell cases apart."""

    def __init__(self, requirements: Iterable[Requirement]) -> None:
        groups: dict[str, set[Requirement]] = {}
        for requirement in {*requirements, ASKED}:
            groups.setdefault(requirement.attribute, set()).add(requirement)
        self._requirements = {name: sorted(group, key=repr) for name, group in sorted(groups.items())}
        self._vectors = {name: vectors(group) for name, group in self._requirements.items()}
        self.size = prod(map(len, self._vectors.values()))
        self.every = (1 << self.size) - 1
        self._found: dict[tuple[Requirement, str], int] = {}

    def where(self, requirement: Requirement, state: str) -> int:
        """The cases in which the requirement is in this state."""
        if (requirement, state) not in self._found:
            self._found[requirement, state] = self._laid_out(requirement, state)
        return self._found[requirement, state]

    def _laid_out(self, requirement: Requirement, state: str) -> int:
        names = list(self._vectors)
        later = names[names.index(requirement.attribute) + 1 :]
        stride = prod(len(self._vectors[name]) for name in later)
        place = self._requirements[requirement.attribute].index(requirement)
        told = "".join(
            ("1" if vector[place] == state else "0") * stride for vector in self._vectors[requirement.attribute]
        )
        return int(told * (self.size // len(told)), 2)


class OneCase(Space):
    """A single case: all that there is, to the same questions."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self._case = dict(case)
        self.size = self.every = 1

    def where(self, requirement: Requirement, state: str) -> int:
        return int(small.state(requirement, self._case) == state)


# One policy


def requirements_of(made: Small) -> set[Requirement]:
    """Every requirement of a policy, those of use conditions too."""
    uses = {requirement_of(term) for terms in made.uses.values() for term in terms}
    return made.requirements() | uses


def _item(text: str) -> Item:
    return requirement_of(text) if "(" in text else text


class Law:
    """What a policy comes to, over all the cases of a space."""

    def __init__(self, made: Small, space: Space) -> None:
        self._made = made
        self._space = space
        self.sections = made.sections
        self._items = {name: self._clauses(name) for name in made.needs}
        self.inside = {section: self._beneath(section) for section in made.sections}
        self.inner = sorted(set().union(*self.inside.values()))
        self.places = {
            Place(name, sort, item) for name in self.inner for sort in SORTS for item in self._items[name][sort]
        }
        self.routed = space.where(ASKED, "met")
        self.met = self.met_if({})
        self.satisfied = {section: self.met[section] & self.routed for section in self.sections}
        self.approve = _union(self.satisfied.values())
        addressed = _union(self.routed & ~self.foreign(section) for section in self.sections)
        self.outcomes = {
            "approve": self.approve,
            "deny": addressed & ~self.approve,
            "refer": space.every & ~addressed & ~self.approve,
        }

    def _clauses(self, name: str) -> dict[str, frozenset[Item]]:
        made = self._made
        excuses = {requirement_of(term) for term in made.unless[name]}
        excuses |= {requirement_of(term).complement() for term in made.only_if[name]}
        return {
            "needs": frozenset(map(_item, made.needs[name])),
            "offers": frozenset(map(_item, made.offers[name])),
            "excuse": frozenset(excuses),
        }

    def _below(self, name: str) -> set[Item]:
        return set().union(*self._items[name].values())

    def _beneath(self, name: str) -> set[str]:
        """The criterion itself and every criterion of its wording."""
        below = (item for item in self._below(name) if isinstance(item, str))
        return {name}.union(*map(self._beneath, below))

    def _requirements_beneath(self, name: str) -> set[Requirement]:
        items = set().union(*map(self._below, self._beneath(name)))
        return {item for item in items if isinstance(item, Requirement)}

    def foreign(self, section: str) -> int:
        """The cases whose use the section does not address."""
        terms = self._made.uses[section]
        return _union(self._space.where(requirement_of(term), "not_met") for term in terms)

    def met_if(self, changed: Mapping[Place, int]) -> dict[str, int]:
        """The cases in which each criterion is met, if some places counted otherwise."""
        found: dict[str, int] = {}

        def value(item: Item) -> int:
            if isinstance(item, Requirement):
                return self._space.where(item, "met")
            if item not in found:
                found[item] = worth(item)
            return found[item]

        def counted(name: str, sort: str) -> list[int]:
            places = [Place(name, sort, item) for item in self._items[name][sort]]
            return [changed[place] if place in changed else value(place.item) for place in places]

        def worth(name: str) -> int:
            needed = reduce(and_, counted(name, "needs"), self._space.every)
            offered = _union(counted(name, "offers")) if self._items[name]["offers"] else needed
            offered = changed.get(Place(name, ALTERNATIVES, ""), offered)
            return needed & offered | _union(counted(name, "excuse"))

        return {name: value(name) for name in self._items}

    # What a check asks

    def answers(self) -> dict[Question, int]:
        """Every question of a check, with the cases that answer it for some section."""
        found: dict[Question, int] = {}
        for section in self.sections:
            for asked, cases in self._of_section(section):
                found[asked] = found.get(asked, 0) | cases
        for one, other in itertools.combinations(self.sections, 2):
            found["together", one, other] = self.satisfied[one] & self.satisfied[other]
        return found

    def _of_section(self, section: str) -> Iterator[tuple[Question, int]]:
        for name in self.inside[section]:
            yield ("can_be_met", name), self.routed & self.met[name]
            yield ("can_fail", name), self.routed & self._resolved(name) & ~self.met[name]
            if self._items[name]["offers"]:
                choice = Place(name, ALTERNATIVES, "")
                yield ("only_obstacle", name, ALTERNATIVES), self._turned(section, choice, True)
        for place in self._places_of(section):
            name, sort, item = place
            if isinstance(item, Requirement):
                yield ("can_be_met", item), self._space.where(item, "met")
                yield ("can_fail", item), self._space.where(item, "not_met")
            needed = sort == "needs"
            question = "only_obstacle" if needed else "only_route"
            yield (question, name, item), self._turned(section, place, needed)

    def _places_of(self, section: str) -> list[Place]:
        return [place for place in self.places if place.criterion in self.inside[section]]

    def _resolved(self, name: str) -> int:
        """The cases in which every requirement beneath is established or refuted."""
        states = [
            self._space.where(requirement, "met") | self._space.where(requirement, "not_met")
            for requirement in self._requirements_beneath(name)
        ]
        return reduce(and_, states, self._space.every)

    def _turned(self, section: str, place: Place, counts: bool) -> int:
        """The cases in which the section changes if the place counts, or does not."""
        changed: dict[Place, int] = {place: self._space.every if counts else 0}
        return self.routed & (self.met[section] ^ self.met_if(changed)[section])

    # What a comparison waives

    def approves_by(self) -> dict[str, int]:
        """The cases that each section approves, out of several the first."""
        found: dict[str, int] = {}
        for section, cases in self.satisfied.items():
            found[section] = cases & ~_union(found.values())
        return found

    def approvable_without(self, waived: Iterable[Ask], other: Law) -> int:
        """The cases that this side would approve, as the other does, but for what some criteria ask.

        A section has to address the use, if any does. Where the other side's section bears the id of
        one that does, it has to be that one.
        """
        met = self._met_without(frozenset(waived))
        addressing = {section: self.routed & ~self.foreign(section) for section in self.sections}
        addressed = _union(addressing.values())
        found = 0
        for theirs, cases in other.approves_by().items():
            for mine in self.sections:
                compared = cases if mine == theirs else cases & ~addressing.get(theirs, 0)
                found |= compared & met[mine] & self.routed & (addressing[mine] | ~addressed)
        return found

    def _met_without(self, asks: frozenset[Ask]) -> dict[str, int]:
        every = self._space.every
        changed: dict[Place, int] = {place: every for place in self.places if _asked(place) in asks}
        for name, about in asks:
            if about == ALTERNATIVES:
                changed[Place(name, ALTERNATIVES, "")] = every
        return self.met_if(changed)

    def lacking(self, ask: Ask) -> int:
        """The cases in which a criterion does not get what it asks."""
        if ask.about == ALTERNATIVES:
            values = [self._worth(item) for item in self._items[ask.criterion]["offers"]]
            return self._space.every & ~_union(values)
        asked = [self._worth(place.item) for place in self.places if _asked(place) == ask]
        return self._space.every & ~reduce(and_, asked)

    def _worth(self, item: Item) -> int:
        if isinstance(item, Requirement):
            return self._space.where(item, "met")
        return self.met[item]

    def causes(self, other: Law) -> set[frozenset[Ask]] | None:
        """Every smallest set of asks that keeps a case from being approved, as the other side does.

        None where there is too much to try, or where alternatives say whom they are for, so that
        which of them are looked into is another matter.
        """
        cases = other.approve & ~self.approve
        throughout = set().union(*map(self._throughout, self.sections))
        choices = [ask for ask in self._asks() if ask.criterion in throughout and self.lacking(ask) & cases]
        marked = any(ask.about in CHOICES for ask in self._asks() if ask.criterion not in throughout)
        if marked or len(choices) > MOST_ASKS:
            return None
        found: list[frozenset[Ask]] = []
        for size in range(len(choices) + 1):
            for cause in map(frozenset, itertools.combinations(choices, size)):
                smaller = any(known <= cause for known in found)
                if not smaller and cases & self.approvable_without(cause, other):
                    found.append(cause)
        return set(found)

    def _asks(self) -> list[Ask]:
        asks = {ask for ask in map(_asked, self.places) if ask}
        asks |= {Ask(name, ALTERNATIVES) for name in self.inner if self._items[name]["offers"]}
        return sorted(asks)

    def _throughout(self, name: str) -> set[str]:
        """The criterion itself and those that it cannot be met without, but for excuses."""
        needed = (item for item in self._items[name]["needs"] if isinstance(item, str))
        return {name}.union(*map(self._throughout, needed))


def _asked(place: Place) -> Ask | None:
    if place.sort != "needs" or isinstance(place.item, str):
        return None
    return Ask(place.criterion, place.item.attribute)


def _union(parts: Iterable[int]) -> int:
    return reduce(or_, parts, 0)


def question_of(term: Term) -> Question:
    """A question of the rules, with requirements as the values that they are true of."""
    return (term.name, *map(_meant, term.args))


def _meant(value: Value) -> Item:
    if not isinstance(value, Term):
        return str(value)
    if value.name == "complement":
        inner = _meant(value.args[0])
        assert isinstance(inner, Requirement)
        return inner.complement()
    return _item(str(value))


# Two policies


def relation(first: int, second: int) -> str:
    """How a set of cases lies to another."""
    if first == second:
        return "equivalent"
    if first and second and not first & second:
        return "disjoint"
    if not second & ~first:
        return "looser"
    return "incomparable" if first & ~second else "stricter"


def outcome(made: Small, case: Mapping[str, Any]) -> tuple[str, str | None]:
    """The outcome of a case, of one that goes to no section too."""
    return small.outcome(made, dict(case)) if case["request"]["asked"] else ("refer", None)
