"""Which items of a policy's criteria are of no account: all proved by this package, and by z3.

    python -m benchmarks.redundancy [--limit SECONDS] [CRITERIA...]

An item is of account if in some case it is the only obstacle, or the only route, to its section. The
same question goes to a check and to z3, which is asked in two ways: of the whole policy in one
solver, and of each section in a solver of its own. z3 is told what documents can leave established
of each attribute, in its own terms. Every side runs in a process of its own; told is the processor's
time, which a busy machine changes least, from the loaded policy to the last answer. Answers are held
to each other before a time is told. What has not ended when its time is up is stopped, and told so
with the number of answers that it had.

Needs z3: pip install 'pyclingo-bridge[bench]'.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.policies import write_policy
from pyclingo_bridge import Policy
from pyclingo_bridge.analysis.check import PolicyCheck
from pyclingo_bridge.base.terms import Term, Value, written
from pyclingo_bridge.core.structure import Place, Structure

SIZES = (30, 300, 3_000)
SIDES = ("check", "z3, the whole policy", "z3, a section at a time")
LIMIT = 300
_PLACES: tuple[Place, ...] = ("needs", "offers", "excuse")


class Item(NamedTuple):
    """What a criterion needs, offers or is excused by."""

    criterion: Value
    place: Place
    item: Value

    def __str__(self) -> str:
        return f"{written(self.criterion)} {self.place} {written(self.item)}"


def items_of(structure: Structure, section: Value) -> Iterator[Item]:
    """Every item of a section's criteria."""
    for node in sorted(structure.beneath[section] & structure.nodes, key=written):
        for place in _PLACES:
            for item in structure.items(place, node):
                yield Item(node, place, item)


# This package


def by_check(policy: Policy, answered: Callable[[Item, bool], None]) -> None:
    """What a check finds of each item."""
    seen = PolicyCheck(policy.loaded).of_sections()
    for section in policy.structure.sections:
        for item in items_of(policy.structure, section):
            name = "only_obstacle" if item.place == "needs" else "only_route"
            answered(item, Term(name, (item.criterion, item.item)) in seen)


# z3


class Requirements:
    """What documents can leave established, of the attributes of a made policy."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self.limits: dict[str, Any] = {}

    def established(self, requirement: Value) -> Any:
        """The formula for a requirement that is established."""
        import z3

        assert isinstance(requirement, Term)
        name = str(requirement.args[0])
        if requirement.name in ("yes", "no"):
            # Contradictory documents, or none, establish neither.
            yes, no = z3.Bool(f"{name} yes"), z3.Bool(f"{name} no")
            self.limits[name] = z3.Not(z3.And(yes, no))
            return yes if requirement.name == "yes" else no
        if requirement.name in ("at_least", "at_most"):
            # Documents state numbers between these two, if they state any.
            known, low, high = (
                z3.Bool(f"{name} said"),
                z3.Int(f"{name} low"),
                z3.Int(f"{name} high"),
            )
            self.limits[name] = z3.And(low >= 0, low <= high)
            bound = (
                low >= requirement.args[1] if requirement.name == "at_least" else high <= requirement.args[1]
            )
            return z3.And(known, bound)
        if requirement.name == "is":
            values = [term.args[1] for term in self._structure.facts["probe"]]
            return z3.Int(name) == values.index(requirement.args[1])
        assert requirement.name == "includes", requirement
        return z3.Bool(f"{name} {requirement.args[1]}")


class Circuit:
    """The criteria as formulas, with a formula for what each item decides."""

    def __init__(self, policy: Policy) -> None:
        self._structure = policy.structure
        self._requirements = Requirements(policy.structure)
        self._routes: dict[Value, list[Value]] = {}
        for term in policy.loaded.facts:
            if term.name == "route":
                self._routes.setdefault(term.args[0], []).append(term.args[1])

    def section(self, section: Value) -> tuple[list[Any], dict[Item, Any]]:
        """What has to hold whatever is asked, and for each item a formula: it decides the section."""
        import z3

        self._told: list[Any] = []
        self._requirements.limits = {}
        self._met: dict[Value, Any] = {}
        decisive: dict[Item, Any] = {}
        routed = z3.Or([self._requirements.established(requirement) for requirement in self._routes[section]])
        self._turn(section, routed, decisive)
        return [*self._told, *self._requirements.limits.values()], decisive

    def _formula(self, item: Value) -> Any:
        import z3

        if item not in self._structure.nodes:
            return self._requirements.established(item)
        if item not in self._met:
            needs, offers, excuses = self._parts(item)
            self._met[item] = z3.Bool(f"met {written(item)}")
            way = z3.And([*needs, z3.Or(offers)] if offers else needs)
            self._told.append(self._met[item] == z3.Or([way, *excuses]))
        return self._met[item]

    def _parts(self, node: Value) -> list[list[Any]]:
        return [[self._formula(item) for item in self._structure.items(place, node)] for place in _PLACES]

    def _turn(self, node: Value, critical: Any, into: dict[Item, Any]) -> None:
        """Top down: an item decides where its criterion does, and all that stands beside it leaves
        the decision to it."""
        import z3

        parts = dict(zip(_PLACES, self._parts(node), strict=True))
        met = {place: z3.And(of) if place == "needs" else z3.Or(of) for place, of in parts.items()}
        for place in _PLACES:
            for number, item in enumerate(self._structure.items(place, node)):
                formula = parts[place][number]
                others = parts[place][:number] + parts[place][number + 1 :]
                offered = met["offers"] if parts["offers"] else z3.BoolVal(True)
                beside = {
                    "needs": [*others, offered, z3.Not(met["excuse"])],
                    "offers": [met["needs"], z3.Not(z3.Or(others)), z3.Not(met["excuse"])],
                    "excuse": [z3.Not(z3.And(met["needs"], offered)), z3.Not(z3.Or(others))],
                }[place]
                turns = z3.Bool(f"turns {written(node)} {place} {number}")
                self._told.append(turns == z3.And(critical, *beside))
                wanted = z3.Not(formula) if place == "needs" else formula
                into[Item(node, place, item)] = z3.And(turns, wanted)
                if item in self._structure.nodes:
                    self._turn(item, turns, into)


def by_z3(policy: Policy, whole: bool, answered: Callable[[Item, bool], None]) -> None:
    """What z3 finds of each item: some case in which it decides its section, or none."""
    import z3

    circuit = Circuit(policy)
    told = [circuit.section(section) for section in policy.structure.sections]
    groups = (
        [([f for facts, _ in told for f in facts], [d for _, d in told])]
        if whole
        else [(facts, [decisive]) for facts, decisive in told]
    )
    for facts, questions in groups:
        solver = z3.Solver()
        solver.add(facts)
        for decisive in questions:
            for item, formula in decisive.items():
                asked = z3.Bool(f"asked {item}")
                solver.add(z3.Implies(asked, formula))
                answered(item, solver.check(asked) == z3.sat)


# Side by side


class Run:
    """One side's answers to one policy, from a process of its own."""

    def __init__(self, side: str, folder: Path, limit: int) -> None:
        options = ["--side", side, str(folder), str(limit)]
        command = [sys.executable, "-m", "benchmarks.redundancy", *options]
        with tempfile.TemporaryFile("w+") as told:
            self.whole = subprocess.run(command, stdout=told, text=True).returncode == 0
            told.seek(0)
            self._lines = [json.loads(line) for line in told if line.endswith("\n")]

    @cached_property
    def answers(self) -> dict[str, bool]:
        """Whether each item is of account, as far as it was answered."""
        return {line["item"]: line["counts"] for line in self._lines if "item" in line}

    @property
    def seconds(self) -> float:
        """From the loaded policy to the last answer."""
        return float(self._lines[-1]["seconds"])

    @property
    def memory(self) -> int:
        """The most memory that the process held, in megabytes; 0 where it was stopped."""
        return int(self._lines[-1].get("megabytes", 0))


def _answer(side: str, folder: Path, limit: int) -> None:
    """Answer for one side, a line for each item; the process is ended when its time is up."""
    policy = Policy.load(folder)
    if side != SIDES[0]:
        import z3  # noqa: F401  (its loading is not the question)
    start = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(start) + limit, ceil(start) + limit))

    def answered(item: Item, counts: bool) -> None:
        line = {"item": str(item), "counts": counts, "seconds": time.process_time() - start}
        print(json.dumps(line), flush=side != SIDES[0])

    if side == SIDES[0]:
        by_check(policy, answered)
    else:
        by_z3(policy, side == SIDES[1], answered)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": seconds, "megabytes": peak}))


def _compare(size: int, limit: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        made = write_policy(Path(name) / "made", size)
        runs = {side: Run(side, made.folder, limit) for side in SIDES}
    ours = runs[SIDES[0]]
    assert ours.whole, "the check did not end"
    for side, run in runs.items():
        apart = [item for item, counts in run.answers.items() if ours.answers[item] != counts]
        assert not apart, (side, apart)
        assert not run.whole or run.answers.keys() == ours.answers.keys(), side
    idle = sum(not counts for counts in ours.answers.values())
    assert idle >= made.redundant + made.subsumed
    yield f"{size:,} criteria: {len(ours.answers):,} items, {idle} of no account"
    for side, run in runs.items():
        if run.whole:
            ratio = run.seconds / ours.seconds
            yield f"  {side:26}{run.seconds:10.2f} s {ratio:8.1f} times {run.memory:7,} MB"
        else:
            done = f"{len(run.answers):,} of {len(ours.answers):,} answers"
            yield f"  {side:26} stopped after {limit} s with {done}, all equal"


def main() -> None:
    """Ask every side at every size, and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.redundancy")
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--limit", type=int, default=LIMIT, help="seconds for each side")
    arguments = parser.parse_args()
    for size in arguments.sizes:
        for line in _compare(size, arguments.limit):
            print(line, flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--side"]:
        _answer(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
