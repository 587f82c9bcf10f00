"""How long missing sets take as they grow in number, compared with the solver's own enumeration.

    python -m benchmarks.missing_sets

From the states of a case's requirements on: a diagram is made, its sets are counted, all of them are written
out as numbers while there are no more than a hundred thousand, and the ten cheapest are listed as the
library's answers. The solver enumerates minimal closures (`--enum-mode=domRec`) in a program that
is grounded before. Both are checked against each other before they are timed, as far as the solver
comes to an end, and against what is known of the policy.

    python -m benchmarks.missing_sets --fast    leaves out what takes the solver more than a second
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.decisions import POLICY
from pyclingo_bridge import Case, MissingSets, Policy
from pyclingo_bridge.base.terms import Term
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.fast.diagrams.policy import PolicyDiagrams
from pyclingo_bridge.fast.diagrams.sets import RequirementSets
from pyclingo_bridge.questions.missing import MissingSearch
from tests.conftest import case, made, request
from tests.random_cases import random_case
from tests.synthetic import EMPTY_CASE, write_choices, write_tangle

Found = TypeVar("Found")

GROWING = ((1, 1), (1, 10), (3, 10), (4, 10), (5, 10), (12, 10), (52, 10))
"""Groups of so many alternatives: their powers are the numbers of sets."""
BY_SOLVER = 100_000
TANGLES = ((20, 6, 9), (72, 4, 12))
"""Criteria, alternatives of each, and how many neighbors share requirements."""
CASES = 200


def timed(question: Callable[[], Found], repeat: int = 7) -> tuple[float, Found]:
    """Milliseconds of one call, the median, and what it answered."""
    taken = []
    for _ in range(repeat):
        start = time.perf_counter()
        answer = question()
        taken.append((time.perf_counter() - start) * 1e3)
    return statistics.median(taken), answer


class Asked:
    """A case of a policy, ready to be asked about its missing sets."""

    def __init__(self, policy: Policy, asked: Case) -> None:
        self.findings: Assessment = policy.assess(asked)
        self._search = policy.loaded.once(MissingSearch.of)
        self._diagrams: PolicyDiagrams = policy.loaded.once(MissingSearch.of).diagrams
        self._program = policy.loaded.once(MissingSearch.of)._minimal.program
        self._watched = self._program.watch(("suppose", 1), ("gained", 1))

    def missing(self) -> MissingSets:
        """The missing sets, by what is known of earlier cases."""
        return self._search.missing(self.findings)

    def fresh(self) -> tuple[MissingSets, int]:
        """The missing sets and their count, as of the first case of all."""
        self._diagrams.forget()
        missing = self.missing()
        return missing, missing.count()

    def diagram(self) -> RequirementSets:
        """The same as a diagram."""
        sets: RequirementSets = self._search.diagram(self.findings)
        return sets

    def all(self) -> list[int]:
        """All sets as numbers."""
        return self.diagram().masks()

    def by_solver(self) -> list[frozenset[Term]]:
        """All minimal closures, by the solver."""
        return self._program.answers(self.findings.requirement_inputs, self._watched, minimal=True)

    def check(self) -> None:
        """Both find the same sets. Where a closure has two ways, the solver finds one of them."""
        diagram = self.diagram()
        ours = {frozenset(diagram.names(mask)) for mask in diagram.masks()}
        theirs = {
            frozenset(str(term.args[0]) for term in answer if term.name == "suppose")
            for answer in self.by_solver()
        }
        assert theirs <= ours
        if len(theirs) < len(ours):
            listed = self._search.sets(self.findings.requirement_inputs)
            assert ours == {
                frozenset(requirement.term for requirement in entry.requirements) for entry in listed
            }


def line(name: str, *cells: str) -> None:
    print(f"{name:26}" + "".join(f"{cell:>14}" for cell in cells), flush=True)


def ms(taken: float | None) -> str:
    return "" if taken is None else f"{taken:,.2f}"


def tell(name: str, asked: Asked, solver: bool) -> None:
    """Measure one case and print a line."""
    building, (missing, count) = timed(asked.fresh)
    listing = timed(asked.all)[0] if count <= BY_SOLVER else None
    # Sets that were read before are remembered: the first time is a new policy's.
    cheapest, ten = timed(lambda: missing.cheapest(10), 1)
    again, _ = timed(lambda: missing.cheapest(10))
    assert [entry.cost for entry in ten] == sorted(entry.cost for entry in ten)
    assert all(entry in missing for entry in ten)
    theirs = timed(asked.by_solver, 3 if count < 10_000 else 1)[0] if solver else None
    ratio = "" if theirs is None else f"{theirs / building:,.0f}x"
    line(name, ms(building), ms(listing), ms(cheapest), ms(again), ms(theirs), ratio)


def growing(fast: bool) -> None:
    """Independent choices."""
    for groups, options in GROWING:
        with tempfile.TemporaryDirectory() as folder:
            policy = Policy.load(write_choices(Path(folder), groups, options))
        asked = Asked(policy, Case.from_json(EMPTY_CASE, "benchmark", policy.vocabulary))
        missing, count = asked.fresh()
        assert count == options**groups
        assert [entry.cost for entry in missing.cheapest(1)] == [groups]
        solver = count <= (1_000 if fast else BY_SOLVER)
        if solver:
            asked.check()
        tell(f"{options}^{groups}", asked, solver)


def tangled() -> None:
    """Criteria whose alternatives share requirements with those of their neighbors."""
    for criteria, options, window in TANGLES:
        with tempfile.TemporaryDirectory() as folder:
            policy = Policy.load(write_tangle(Path(folder), criteria, options, window))
        asked = Asked(policy, Case.from_json(EMPTY_CASE, "benchmark", policy.vocabulary))
        missing, count = asked.fresh()
        solver = count <= 20_000
        if solver:
            asked.check()
        for entry in missing.sample(20, seed=1):
            assert entry in missing
        tell(f"tangled, {count:,}", asked, solver)


def each(asked: list[Asked], question: Callable[[Asked], object]) -> float:
    """Milliseconds a case."""
    start = time.perf_counter()
    for one in asked:
        question(one)
    return (time.perf_counter() - start) * 1e3 / len(asked)


def realistic() -> None:
    """Random denied cases of a shipped policy that documents could turn."""
    policy = Policy.load(POLICY)
    rng = random.Random(1)
    asked: list[Asked] = []
    while len(asked) < CASES:
        one = Asked(policy, case(random_case(rng), policy))
        if one.findings.verdict.curable:
            asked.append(one)
    nothing = Asked(policy, case(made(request(), {}), policy))
    for one in (*asked, nothing):
        one.check()
    for name, some in (("a realistic denial", asked), ("nothing documented", [nothing])):
        each(some, Asked.all)
        ours = statistics.median(each(some, Asked.all) for _ in range(7))
        theirs = statistics.median(each(some, Asked.by_solver) for _ in range(3))
        print(
            f"{name}: all sets, seen before {ours * 1e3:,.0f} us; the solver, live,"
            f" {theirs * 1e3:,.0f} us, {theirs / ours:,.0f} times that"
        )


def main() -> None:
    """Measure and print."""
    line("milliseconds", "made, counted", "all listed", "ten cheapest", "again", "domRec", "")
    growing("--fast" in sys.argv[1:])
    tangled()
    realistic()


if __name__ == "__main__":
    main()
