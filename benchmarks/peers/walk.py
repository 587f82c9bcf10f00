"""Plain Python: a function for the outcome alone, and a tree walk that tells every status."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks.peers.rows import CONFLICTING, ESTABLISHED, OPEN, REFUTED, Row, states
from benchmarks.peers.rules import Condition, Formula, Node, Rules, Section, fold
from benchmarks.peers.words import joined, literal

_STATUS = {ESTABLISHED: "met", OPEN: "undocumented", CONFLICTING: "conflicting", REFUTED: "not_met"}


class Step(NamedTuple):
    """A node of the tree as places in the array of statuses, requirements first."""

    place: int
    needs: tuple[int, ...]
    offers: tuple[int, ...]
    excuse: tuple[int, ...]
    worlds: tuple[tuple[int, ...], ...]
    beneath: tuple[int, ...]


class Walk:
    """Walks the tree of criteria: a whole is as hopeful as the least of what it needs.

    Items come before what they are in, so that one way through a list is the walk. Where open
    requirements exclude one another, what is beneath is walked once for each way to be consistent.
    """

    tells = "statuses"

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        requirements = len(rules.requirements)
        self._places = {node.name: requirements + place for place, node in enumerate(rules.nodes)}
        self._steps = {self._places[node.name]: self._step(node) for node in rules.nodes}
        self._rows = [0] * len(rules.nodes)
        self._sections = [self._section(section) for section in rules.sections]

    def _place(self, item: int | str) -> int:
        return item if isinstance(item, int) else self._places[item]

    def _step(self, node: Node) -> Step:
        needs, offers, excuse = (
            tuple(map(self._place, items)) for items in (node.needs, node.offers, node.excuse)
        )
        beneath = tuple(dict.fromkeys(map(self._place, self._beneath(node))))
        return Step(self._place(node.name), needs, offers, excuse, node.worlds, beneath)

    def _beneath(self, node: Node) -> Iterator[str]:
        """All nodes beneath one, and at last itself."""
        for item in (*node.needs, *node.offers, *node.excuse):
            if isinstance(item, str):
                yield from self._beneath(self._rules.by_name[item])
        yield node.name

    def _section(self, section: Section) -> tuple[Any, ...]:
        """Where to begin, what to walk, what to ask of the uses, and what to tell."""
        place, uses = self._place(section.name), [self._place(use) for use in section.uses]
        walked = dict.fromkeys(self._steps[place].beneath)
        walked |= {one: None for use in uses if use in self._steps for one in self._steps[use].beneath}
        steps = [self._steps[one] for one in walked]
        told = [(name, self._place(name)) for name in section.criteria]
        return section.routes, steps, place, uses, told

    def prepare(self, rows: list[Row]) -> list[list[int]]:
        """The states of the requirements."""
        return [states(self._rules, row) for row in rows]

    def answers(self, cases: list[list[int]]) -> list[tuple[str, dict[str, str]]]:
        """Outcomes with the statuses of all criteria of the sections that the request goes to."""
        return [self._decide(case) for case in cases]

    def _decide(self, case: list[int]) -> tuple[str, dict[str, str]]:
        found = case + self._rows
        told: dict[str, str] = {}
        approved = addressed = False
        for routes, steps, place, uses, criteria in self._sections:
            if not any(case[requirement] == ESTABLISHED for requirement in routes):
                continue
            self._walk(steps, found)
            approved = approved or found[place] == ESTABLISHED
            addressed = addressed or all(found[use] != REFUTED for use in uses)
            for name, where in criteria:
                told[name] = _STATUS[found[where]]
        return "approve" if approved else "deny" if addressed else "refer", told

    def _walk(self, steps: list[Step], found: list[int]) -> None:
        for step in steps:
            status = _status(step, found)
            if step.worlds and status != ESTABLISHED:
                status = max(self._within(step, found, world) for world in step.worlds)
            found[step.place] = status

    def _within(self, step: Step, found: list[int], left_out: tuple[int, ...]) -> int:
        """The status where some requirements count only if they are established."""
        changed = list(found)
        for requirement in left_out:
            if changed[requirement] != ESTABLISHED:
                changed[requirement] = REFUTED
        for place in step.beneath:
            changed[place] = _status(self._steps[place], changed)
        return changed[step.place]


def _status(step: Step, found: list[int]) -> int:
    status = REFUTED
    if step.needs or step.offers:
        status = ESTABLISHED
        for item in step.needs:
            if found[item] < status:
                status = found[item]
        if step.offers:
            offered = max([found[item] for item in step.offers])
            if offered < status:
                status = offered
    for item in step.excuse:
        if found[item] > status:
            status = found[item]
    return status


class Function:
    """One generated function of a row, for the outcome alone: as fast as plain Python gets."""

    tells = "outcome"

    def __init__(self, rules: Rules) -> None:
        space: dict[str, Callable[[Row], str]] = {}
        exec(compile(text(rules), "<generated>", "exec"), space)
        self._outcome = space["outcome"]

    def prepare(self, rows: list[Row]) -> list[Row]:
        """The rows as they are."""
        return rows

    def answers(self, rows: list[Row]) -> list[str]:
        """The outcomes."""
        return [self._outcome(row) for row in rows]


def text(rules: Rules) -> str:
    """The function's source."""
    worded = literal(rules, condition, "and", "or", "not ")

    def whole(formula: Formula) -> str:
        return fold(
            formula,
            worded,
            lambda parts: joined(parts, "and", "True"),
            lambda parts: joined(parts, "or", "False"),
        )

    lines = ["def outcome(row):", "    false = False"]
    for section in rules.sections:
        lines += [f"    if {whole(rules.approves(section))}:", "        return 'approve'"]
    return "\n".join([*lines, f"    return 'refer' if {whole(rules.refers())} else 'deny'"])


def condition(one: Condition) -> str:
    """A condition in Python."""
    name = f"row[{one.attribute!r}]"
    have = [f"{name} is not None"]
    if one.qualifier:
        have.append(f"row[{one.qualifier!r}]")
    values = "{" + ", ".join(map(repr, one.values)) + "}"
    tests = {
        "in": f"{name} in {values}",
        "not_in": f"{name} not in {values}",
        "at_least": f"{name} >= {one.values and one.values[0]}",
        "at_most": f"{name} <= {one.values and one.values[0]}",
        "empty": f"not {name}",
        "not_empty": f"{name}",
        "holds": f"not {values}.isdisjoint({name})",
        "lacks": f"{values}.isdisjoint({name})",
        "exceeds": f"not {values}.issuperset({name})",
        "within": f"{values}.issuperset({name})",
    }
    return joined([*have, tests[one.test]], "and", "True")
