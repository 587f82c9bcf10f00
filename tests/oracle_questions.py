"""Brute force over what the oracle's policy on sotorasib comes to, under the default interpretations.

The sections and the states of requirements are the oracle's. Here every set of requirements is tried that an
attribute's values leave room for, as `tests/brute_questions.py` does for small policies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property, reduce
from itertools import combinations, product
from operator import and_
from typing import Any

from tests import oracle
from tests.oracle_evidence import requested, state_of
from tests.oracle_names import read_all
from tests.oracle_requirements import Requirement, is_true_of

ANTIBODIES = frozenset({"panitumumab", "cetuximab"})
ANOTHER = "docetaxel"
DOSE, PRODUCT, DRUGS = "dose_mg_per_day", "product", "concurrent_drugs"
FORMS: dict[str, tuple[Any, ...]] = {
    DOSE: (960, 961),
    PRODUCT: ("brand", "generic"),
    DRUGS: tuple(
        map(
            frozenset,
            (
                [],
                ["panitumumab"],
                ["cetuximab"],
                ["panitumumab", "cetuximab"],
                ["docetaxel"],
                ["panitumumab", "docetaxel"],
                ["cetuximab", "docetaxel"],
            ),
        )
    ),
    "dose_increase": (True, False),
}
"""A value of the form for each that some requirement of the policy tells apart."""

CaseData = dict[str, Any]
Requirements = frozenset[Requirement]
Worth = Callable[[Requirements], bool]


@cache
def _true_of(requirement: Requirement) -> int:
    values = FORMS.get(requirement.attribute) or oracle.domain(requirement.attribute)
    return sum(1 << bit for bit, value in enumerate(values) if is_true_of(requirement, value))


def _entailed(requirements: Requirements, among: Iterable[Requirement]) -> Requirements:
    """Of requirements on one attribute, those that these entail."""
    if not requirements:
        return frozenset()
    left = reduce(and_, map(_true_of, requirements))
    return frozenset(requirement for requirement in among if not left & ~_true_of(requirement))


def _subsets(requirements: Iterable[Requirement]) -> Iterator[Requirements]:
    pool = sorted(requirements, key=repr)
    for size in range(len(pool) + 1):
        yield from map(frozenset, combinations(pool, size))


def _consistent(requirements: Requirements) -> bool:
    return bool(reduce(and_, map(_true_of, requirements), -1))


def doses(data: CaseData) -> tuple[int, ...]:
    """A dose on each side of the limit, and of what documents state of the present dose."""
    ends: set[int] = set()
    for entry in data["documents"]:
        stated = entry["states"].get("current_dose_mg_per_day", ())
        numbers = stated.values() if isinstance(stated, dict) else [stated] if stated else []
        ends |= {dose for number in numbers for dose in (number, number + 1)}
    return tuple(sorted({1, *FORMS[DOSE], *ends}))


def region(data: CaseData, name: str) -> Any:
    """What the policy tells apart of an attribute of the form that can be changed.

    A list with an unknown name is in a region of its own, as it may be in several. Whether a dose is an
    increase matters to continuations alone.
    """
    form = data["request"]
    value = requested(form, name)
    if name == DOSE and form["type"] == "continuation":
        stated = oracle.statements(data, oracle.Interpretations())
        increased = state_of(Requirement("yes", "dose_increase", None), stated)
        assert isinstance(value, int)
        return value <= 960, increased
    if isinstance(value, frozenset):
        antibodies = [frozenset({antibody}) for antibody in ANTIBODIES]
        told = [found for one in antibodies for found in (one <= value, value <= one)]
        return not value, *told, bool(_unknown(form))
    return value <= 960 if isinstance(value, int) else value


def _unknown(form: dict[str, Any]) -> frozenset[str]:
    return read_all(form[DRUGS])[1]


def changed(data: CaseData, change: dict[str, Any]) -> CaseData:
    """The case with another request."""
    return {**data, "request": {**data["request"], **change}}


def _one_a_region(data: CaseData) -> list[int]:
    """One dose of each region."""
    found = {region(changed(data, {DOSE: dose}), DOSE): dose for dose in doses(data)}
    return sorted(found.values())


def steps(data: CaseData, places: Iterable[tuple[str, Any]]) -> list[frozenset[Any]]:
    """Every way to come to these regions: of the drugs each sort that is added or left out."""
    now = requested(data["request"], DRUGS)
    assert isinstance(now, frozenset)
    sorts = (now & ANTIBODIES) | ({ANOTHER} if now - ANTIBODIES else set())
    sorts |= {"what is unknown"} if _unknown(data["request"]) else set()
    ways: list[list[frozenset[Any]]] = []
    for name, place in places:
        if name != DRUGS:
            ways.append([frozenset({(name, place)})])
            continue
        lists = [frozenset(some) for size in range(4) for some in combinations([*ANTIBODIES, ANOTHER], size)]
        unknown = _unknown(data["request"])
        fitting = [some for some in lists if region(changed(data, {DRUGS: sorted(some)}), DRUGS) == place]
        fitting += [
            some | {"what is unknown"}
            for some in lists
            if unknown and region(changed(data, {DRUGS: [*some, *unknown]}), DRUGS) == place
        ]
        ways.append([frozenset((DRUGS, one) for one in some ^ sorts) for some in fitting])
    return [frozenset().union(*chosen) for chosen in product(*ways)]


def form_changes(data: CaseData) -> Iterator[dict[str, Any]]:
    """A value for each region of each attribute that can be changed, the present ones left out.

    Only initial requests are asked for the generic product. What is unknown in a list may stay there.
    """
    form = data["request"]
    lists = [sorted(value) for value in FORMS[DRUGS]]
    unknown = sorted(_unknown(form))
    known = {
        **FORMS,
        DOSE: _one_a_region(data),
        DRUGS: [*lists, *([*some, *unknown] for some in lists if unknown)],
    }
    names = (DOSE, DRUGS, PRODUCT) if form["type"] == "initial" else (DOSE, DRUGS)
    ways: list[list[dict[str, Any]]] = [
        [{}]
        + [
            {name: value}
            for value in known[name]
            if region(changed(data, {name: value}), name) != region(data, name)
        ]
        for name in names
    ]
    for chosen in product(*ways):
        yield {name: value for change in chosen for name, value in change.items()}


class Sotorasib:
    """A case, and what the policy makes of requirements about it; equal requirements are one."""

    def __init__(self, data: CaseData) -> None:
        self._data = data
        self._sections = oracle.sections(data["request"]["type"], oracle.Interpretations())
        named = {c for part in self._sections for c in oracle.requirements_of(part.criterion)}
        self._same: dict[Requirement, Requirement] = {}
        for requirement in sorted(named, key=repr):
            self._same[requirement] = next(
                (c for c in self._same.values() if _alike(c, requirement)), requirement
            )
        self.requirements = frozenset(self._same.values())
        stated = oracle.statements(data, oracle.Interpretations())
        self.states = {c: state_of(c, stated) for c in self.requirements}
        names = {requirement.attribute for requirement in self.requirements}
        self._groups = {n: {c for c in self.requirements if c.attribute == n} for n in sorted(names)}

    def known(self, requirements: Iterable[Requirement]) -> Requirements:
        """Requirements as those that stand here for all that are equal to them."""
        return frozenset(self._same[requirement] for requirement in requirements)

    def within(self, *states: str) -> Requirements:
        """The requirements in these states."""
        return frozenset(requirement for requirement in self.requirements if self.states[requirement] in states)

    def met(self, holds: Requirements) -> bool:
        """Whether some section is met where exactly these requirements hold."""
        held = {requirement for requirement, one in self._same.items() if one in holds}
        return any(oracle.evaluate(part.criterion, held, {}) for part in self._sections)

    def _met_beside(self, sure: Requirements) -> Worth:
        return lambda holds: self.met(sure | holds)

    def _least(self, candidates: Requirements, enough: Worth) -> list[Requirements]:
        """The least closures, among the candidates, of sets of them that are enough."""
        ways = {}
        for name, group in self._groups.items():
            sets = (chosen for chosen in _subsets(group & candidates) if _consistent(chosen))
            ways[name] = [(closed & candidates, closed) for closed in self._closed(sets, group)]
        return _least(ways, enough)

    def _closed(self, sets: Iterable[Requirements], group: set[Requirement]) -> set[Requirements]:
        return {_entailed(chosen, group) for chosen in sets}

    @cached_property
    def differences(self) -> list[Requirements]:
        """The least differences of worlds that approve."""
        sure = self.within("met")
        ways = {}
        for name, group in self._groups.items():
            held = self._closed(filter(_consistent, _subsets(group)), group) | {sure & group}
            ways[name] = [(holds - sure, holds) for holds in held]
        return _least(ways, self.met)

    def counterfactuals(self) -> set[Requirements]:
        """The least differences, in every way to write them."""
        return {chosen for gain in self.differences for chosen in self._wordings(gain)}

    def corrections(self) -> set[Requirements]:
        """What the differences hold of requirements that are stated otherwise, the least of it."""
        against = self.within("not_met", "conflicting")
        found = {gain & against for gain in self.differences}
        return {some for some in found if not any(other < some for other in found)}

    def sufficient(self) -> set[Requirements]:
        """The reasons for an approval, in every way to write them."""
        closures = self._least(self.within("met"), self.met)
        return {chosen for gain in closures for chosen in self._wordings(gain)}

    def repairs(self) -> set[tuple[Requirements, frozenset[tuple[str, Any]]]]:
        """Every repair of a case that is not approved: requirements to establish or resolve, and changes.

        Of those that say the same the shortest is told, then the first by the alphabet.
        """
        found: list[tuple[Requirements, frozenset[tuple[str, Any]]]] = []
        for change in form_changes(self._data):
            form = {**self._data["request"], **change}
            later = Sotorasib({**self._data, "request": form})
            places = frozenset((name, region({**self._data, "request": form}, name)) for name in change)
            free = later.within("undocumented", "conflicting")
            gains = self._least(free, self._met_beside(later.within("met")))
            found += [(gain, places) for gain in gains]
        ways = [(gain, way, places) for gain, places in found for way in steps(self._data, places)]
        return {
            (min(self._wordings(gain), key=oracle.order), places)
            for gain, way, places in ways
            if not any(
                less <= gain and fewer <= way and (less, fewer) != (gain, way) for less, fewer, _ in ways
            )
        }

    def _wordings(self, gain: Requirements) -> Iterator[Requirements]:
        """The sets of requirements that entail all of these, and none of them for nothing."""
        choices = [
            [
                chosen
                for chosen in _subsets(group & gain)
                if _entailed(chosen, group & gain) == group & gain
                and not any(_entailed(chosen - {requirement}, {requirement}) for requirement in chosen)
            ]
            for group in self._groups.values()
        ]
        for chosen in product(*choices):
            yield frozenset().union(*chosen)


def _alike(one: Requirement, other: Requirement) -> bool:
    return one.attribute == other.attribute and _true_of(one) == _true_of(other)


def _least(ways: dict[str, list[tuple[Requirements, Requirements]]], enough: Worth) -> list[Requirements]:
    """The least gains, of one way an attribute, with which what holds is enough.

    A branch that could not be enough with everything still to come is left, for more requirements never
    undo a criterion; so is one that gains no less than what is known to be enough.
    """
    names = sorted(ways, key=lambda name: len(ways[name]))
    ahead = [
        frozenset().union(*(holds for name in names[place:] for _, holds in ways[name]))
        for place in range(len(names) + 1)
    ]
    found: list[Requirements] = []

    def look(place: int, gain: Requirements, holds: Requirements) -> None:
        if any(known <= gain for known in found) or not enough(holds | ahead[place]):
            return
        if place == len(names):
            found[:] = [known for known in found if not gain < known] + [gain]
            return
        # The most first of what gains as much: nothing that holds less is then looked at.
        order = sorted(ways[names[place]], key=lambda way: (len(way[0]), -len(way[1])))
        for more, held in order:
            look(place + 1, gain | more, holds | held)

    look(0, frozenset(), frozenset())
    return found
