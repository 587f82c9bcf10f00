"""Reads a policy's ground rules into plain data, requirements as tests of a row's values among it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any

from benchmarks.peers.rules import UNKNOWN_DRUG, Condition, Node, Requirement, Rules, Section, Test
from pyclingo_bridge.base.rule_files import engine_program, policy_entry, read_program
from pyclingo_bridge.base.solver import Program, Signature
from pyclingo_bridge.base.terms import Term, Value, plain, written

_READ: tuple[Signature, ...] = (
    ("canonical", 1), ("same_as", 2), ("on", 2), ("positive", 1), ("demands", 2), ("forbids", 2),
    ("true_of", 2), ("probe", 2), ("element", 2), ("listlike", 1), ("non_empty", 1),
    ("attribute", 2), ("domain", 2), ("also_states", 4), ("qualifies", 2), ("member", 2),
    ("node", 1), ("needs", 2), ("offers", 2), ("excuse", 2), ("beneath", 2), ("criterion", 2),
    ("section", 2), ("route", 2), ("use_condition", 2),
)  # fmt: skip

_MOST_REQUIREMENTS = 12
"""Requirements on one attribute whose sets are still gone through one by one."""

Facts = dict[str, list[tuple[Value, ...]]]
Items = dict[str, dict[Value, list[Value]]]


class Refused(Exception):
    """A policy says something that no peer is told of yet."""


def read_rules(name_or_folder: str | Path, sets: bool = True) -> Rules:
    """A policy's rules under its default interpretations.

    Args:
        name_or_folder: as `Policy.load` takes it.
        sets: whether to tell which requirements entail or exclude others, as searches for sets need it.

    Errors: Refused, naming what has no translation.
    """
    return Reader(read_facts(name_or_folder)).rules(sets)


def read_facts(name_or_folder: str | Path) -> Facts:
    """The arguments of a policy's facts under its default interpretations, by predicate."""
    files = [*engine_program("outline"), *read_program(policy_entry(name_or_folder))]
    told = Program(files).facts(*_READ)
    return {name: [term.args for term in terms] for name, terms in told.items()}


class Reader:
    """The facts of a ground policy, by what they are about."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.requirements = sorted((args[0] for args in facts["canonical"]), key=str)
        self.number = {requirement: place for place, requirement in enumerate(self.requirements)}
        self.kind = self._names("attribute")
        self.domain = self._names("domain")
        self.on = {args[0]: str(plain(args[1])) for args in facts["on"]}
        self.qualifier = {str(plain(a)): str(plain(q)) for q, a in facts["qualifies"]}
        self.lists = {str(plain(args[0])) for args in facts["listlike"]}
        self.positive = {args[0] for args in facts["positive"]}
        self.non_empty = {str(plain(args[0])) for args in facts["non_empty"]}
        self.items: Items = {name: _table(facts[name]) for name in ("needs", "offers", "excuse")}
        self.demands, self.forbids, self.true_of = (
            {key: set(values) for key, values in _table(facts[name]).items()}
            for name in ("demands", "forbids", "true_of")
        )
        self.probes, self.elements = (
            {str(plain(key)): set(values) for key, values in _table(facts[name]).items()}
            for name in ("probe", "element")
        )
        self.beneath = _table(facts["beneath"])
        self.same = {args[0]: args[1] for args in facts["same_as"]}

    def _names(self, name: str) -> dict[str, str]:
        return {str(plain(key)): str(plain(value)) for key, value in self.facts[name]}

    def rules(self, sets: bool = True) -> Rules:
        """The whole policy as plain data."""
        return Rules(
            requirements=tuple(map(self._requirement, self.requirements)),
            nodes=tuple(map(self._node, self._ordered())),
            sections=tuple(self._sections()),
            attributes={name: (kind, self.domain[name]) for name, kind in self.kind.items()},
            entailed=tuple(self._entailed()) if sets else (),
            excluded=tuple(self._excluded()) if sets else (),
        )

    # --- Requirements --------------------------------------------------------------------------------

    def _requirement(self, requirement: Value) -> Requirement:
        attribute = self.on[requirement]
        supports = list(self._conditions(requirement, attribute, True))
        refutes = list(self._conditions(requirement, attribute, False))
        for speaker, value, other, stated in self.facts["also_states"]:
            if str(plain(other)) == attribute:
                side = supports if stated in self.true_of.get(requirement, ()) else refutes
                side.append(Condition(str(plain(speaker)), "in", (plain(value),)))
        return Requirement(str(requirement), attribute, tuple(supports), tuple(refutes))

    def _conditions(self, requirement: Value, attribute: str, truth: bool) -> Iterator[Condition]:
        """What a statement on the attribute itself has to be like for the requirement, or against it."""
        if attribute in self.lists:
            yield self._of_list(requirement, attribute, truth)
            return
        core, turned = _core(requirement)
        if core.name in ("at_least", "at_most"):
            yield self._of_number(core, attribute, truth != turned)
            return
        alike = truth != turned
        if core.name in ("yes", "no"):
            yield Condition(attribute, "in", ((core.name == "yes") == alike,))
            return
        yield Condition(attribute, "in" if alike else "not_in", tuple(self._values(core)))

    def _values(self, core: Term) -> Iterable[Any]:
        if core.name == "is":
            return [plain(core.args[1])]
        if core.name == "among":
            members = (args[1] for args in self.facts["member"] if args[0] == core.args[1])
            return sorted(str(plain(member)) for member in members)
        raise Refused(f"no translation of the requirement {core}")

    def _of_number(self, core: Term, attribute: str, truth: bool) -> Condition:
        number = core.args[1]
        assert isinstance(number, int)
        if (core.name == "at_least") == truth:
            return Condition(attribute, "at_least", (number + (core.name == "at_most"),))
        return Condition(attribute, "at_most", (number - (core.name == "at_least"),))

    def _of_list(self, requirement: Value, attribute: str, truth: bool) -> Condition:
        """A list is looked through for members that make a requirement true, or that make it false."""
        core, _ = _core(requirement)
        found = requirement in self.positive
        members = tuple(self._members(core))
        some = truth == found
        if core.name == "empty":
            test: Test = "not_empty" if some else "empty"
        elif core.name == "within":
            test = "exceeds" if some else "within"
        else:
            test = "holds" if some else "lacks"
        if some or self.kind[attribute] != "history":
            return Condition(attribute, test, members)
        whole = self.qualifier[attribute]
        return Condition(attribute, test, (*members, UNKNOWN_DRUG), whole)

    def _members(self, core: Term) -> Iterable[str]:
        if core.name == "empty":
            return []
        if core.name in ("includes", "excludes"):
            return [str(plain(core.args[1]))]
        if core.name in ("includes_any", "among", "within"):
            members = (args[1] for args in self.facts["member"] if args[0] == core.args[1])
            return sorted(str(plain(member)) for member in members)
        raise Refused(f"no translation of the requirement {core}")

    # --- Criteria ------------------------------------------------------------------------------

    def _ordered(self) -> list[Value]:
        """The nodes, items before what they are in."""
        nodes = {args[0] for args in self.facts["node"]}
        order: dict[Value, None] = {}

        def visit(node: Value) -> None:
            if node in nodes and node not in order:
                for table in self.items.values():
                    for item in table.get(node, ()):
                        visit(item)
                order[node] = None

        for node in sorted(nodes, key=str):
            visit(node)
        return list(order)

    def _ref(self, item: Value) -> int | str:
        return self.number[item] if item in self.number else _name(item)

    def _refs(self, place: str, node: Value) -> tuple[int | str, ...]:
        return tuple(self._ref(item) for item in sorted(self.items[place].get(node, ()), key=str))

    def _node(self, node: Value) -> Node:
        needs, offers, excuse = (self._refs(place, node) for place in ("needs", "offers", "excuse"))
        return Node(_name(node), needs, offers, excuse, tuple(self.worlds(node)))

    def _sections(self) -> Iterator[Section]:
        routes = _table(self.facts["route"])
        uses = _table(self.facts["use_condition"])
        criteria = {args[0] for args in self.facts["criterion"]}
        for name, _ in sorted(self.facts["section"], key=_place):
            yield Section(
                name=_name(name),
                routes=tuple(self.number[self.same[requirement]] for requirement in routes[name]),
                uses=tuple(self._ref(self.same.get(use, use)) for use in uses.get(name, ())),
                criteria=tuple(sorted(_name(x) for x in self.beneath[name] if x in criteria)),
                requirements=tuple(sorted(self.number[x] for x in self.beneath[name] if x in self.number)),
            )

    # --- Requirements that exclude one another -------------------------------------------------------

    def worlds(self, node: Value) -> Iterator[tuple[int, ...]]:
        """What to leave out of hope, each time as little as makes the rest consistent."""
        requirements = [item for item in self.beneath[node] if item in self.number]
        choices: list[list[set[Value]]] = []
        for attribute in sorted({self.on[requirement] for requirement in requirements}):
            if self.kind[attribute] == "request":
                continue
            demanded = self._demanded(node, attribute, {})
            if all(self._consistent(part, attribute) for part in demanded):
                continue
            mine = {requirement for requirement in requirements if self.on[requirement] == attribute}
            choices.append([mine - kept for kept in self._largest(mine, attribute)])
        if choices:
            for left_out in product(*choices):
                yield tuple(sorted(self.number[requirement] for part in left_out for requirement in part))

    def _demanded(
        self, item: Value, attribute: str, known: dict[Value, set[frozenset[Value]]]
    ) -> set[frozenset[Value]]:
        """The sets of requirements on an attribute with which, and others, an item can be met."""
        if item in self.number:
            return {frozenset([item]) if self.on[item] == attribute else frozenset()}
        if item not in known:
            needs, offers, excuse = (
                [self._demanded(x, attribute, known) for x in self.items[place].get(item, ())]
                for place in ("needs", "offers", "excuse")
            )
            asked = [*needs, set().union(*offers)] if offers else needs
            found = {frozenset().union(*parts) for parts in product(*asked)} if asked else set()
            known[item] = found.union(*excuse)
        return known[item]

    def _consistent(self, requirements: Iterable[Value], attribute: str) -> bool:
        requirements = set(requirements)
        if attribute not in self.lists:
            values = [self.true_of.get(requirement, set()) for requirement in requirements]
            return not requirements or bool(self.probes[attribute].intersection(*values))
        barred = set().union(*(self.forbids.get(requirement, set()) for requirement in requirements))
        if any(
            not self.demands.get(requirement, set()) - barred for requirement in requirements & self.positive
        ):
            return False
        return attribute not in self.non_empty or bool(self.elements[attribute] - barred)

    def _small_sets(self) -> Iterator[tuple[str, tuple[Value, ...]]]:
        """The sets of requirements on one attribute that documents state, the smallest first."""
        by_attribute: defaultdict[str, list[Value]] = defaultdict(list)
        for requirement in self.requirements:
            if self.kind[self.on[requirement]] != "request":
                by_attribute[self.on[requirement]].append(requirement)
        for attribute, requirements in by_attribute.items():
            if len(requirements) > _MOST_REQUIREMENTS:
                raise Refused(f"more than {_MOST_REQUIREMENTS} requirements on `{attribute}`")
            for size in range(1, len(requirements) + 1):
                for chosen in combinations(requirements, size):
                    yield attribute, chosen

    def _excluded(self) -> Iterator[tuple[int, ...]]:
        found: list[set[Value]] = []
        for attribute, chosen in self._small_sets():
            smaller = any(known <= set(chosen) for known in found)
            if not smaller and not self._consistent(chosen, attribute):
                found.append(set(chosen))
                yield tuple(self.number[requirement] for requirement in chosen)

    def _entailed(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        found: defaultdict[Value, list[set[Value]]] = defaultdict(list)
        for attribute, chosen in self._small_sets():
            if not self._consistent(chosen, attribute):
                continue
            for requirement in (x for x in self.requirements if self.on[x] == attribute and x not in chosen):
                smaller = any(known <= set(chosen) for known in found[requirement])
                if not smaller and self._follows(requirement, chosen, attribute):
                    found[requirement].append(set(chosen))
                    yield self.number[requirement], tuple(self.number[one] for one in chosen)

    def _follows(self, requirement: Value, chosen: Iterable[Value], attribute: str) -> bool:
        """Whether every value that satisfies a consistent set satisfies the requirement."""
        chosen = set(chosen)
        if attribute not in self.lists:
            values = [self.true_of.get(one, set()) for one in chosen]
            possible = self.probes[attribute].intersection(*values)
            return possible <= self.true_of.get(requirement, set())
        barred = set().union(*(self.forbids.get(one, set()) for one in chosen))
        if requirement not in self.positive:
            return self.forbids.get(requirement, set()) <= barred
        wanted = self.demands.get(requirement, set())
        held = (self.demands.get(one, set()) for one in chosen & self.positive)
        some = [*held, *([self.elements[attribute]] if attribute in self.non_empty else [])]
        return any(members - wanted <= barred for members in some)

    def _largest(self, requirements: set[Value], attribute: str) -> list[set[Value]]:
        """The largest consistent sets of requirements on an attribute."""
        found: list[set[Value]] = []
        for size in range(len(requirements), -1, -1):
            for chosen in combinations(sorted(requirements, key=str), size):
                part = set(chosen)
                new = not any(part <= larger for larger in found)
                if new and self._consistent(part, attribute):
                    found.append(part)
        return found


def _table(facts: Iterable[tuple[Value, ...]]) -> dict[Value, list[Value]]:
    found: defaultdict[Value, list[Value]] = defaultdict(list)
    for key, value in facts:
        found[key].append(value)
    return dict(found)


def _place(args: tuple[Value, ...]) -> int:
    assert isinstance(args[1], int)
    return args[1]


def _name(item: Value) -> str:
    return item if isinstance(item, str) else written(item)


def _core(requirement: Value) -> tuple[Term, bool]:
    """A requirement inside a complement, and whether there is one."""
    assert isinstance(requirement, Term)
    if requirement.name != "complement":
        return requirement, False
    core = requirement.args[0]
    assert isinstance(core, Term)
    return core, True
