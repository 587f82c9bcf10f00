"""How long a decision and a family of missing sets take, beside a fresh control as the yardstick.

    python -m benchmarks.decisions

Every answer is checked before it is timed. Times drift with the machine; the ratios of one run hold.
"""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from clingo import Control

from pyclingo_bridge import Case, Policy
from pyclingo_bridge.base.rule_files import read_program, rules_root
from pyclingo_bridge.core.facts import plain_facts
from tests.random_cases import random_case
from tests.synthetic import EMPTY_CASE, write_choices

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "cases" / "deny" / "molecular_report_missing.json"
NOTHING = ROOT / "examples" / "cases" / "deny" / "nothing_documented.json"
POLICY = "cp_phar_549"


def median_ms(question: Callable[[], object], times: int) -> float:
    """The median of that many calls, after one that is not counted, in milliseconds."""
    question()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        question()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def once_ms(question: Callable[[], object]) -> float:
    """One call, in milliseconds."""
    start = time.perf_counter()
    question()
    return (time.perf_counter() - start) * 1000


def fresh_control(case: Case, policy: Policy) -> set[str]:
    """The yardstick: read, ground and solve everything for this one case, with plain clingo."""
    entries = [rules_root() / "decide.lp", rules_root() / "policies" / POLICY / "policy.lp"]
    control = Control()
    control.add("base", [], "\n".join(file.text for file in read_program(*entries)))
    control.add("base", [], "\n".join(f"{fact}." for fact in plain_facts(case, policy.vocabulary)))
    control.ground([("base", [])])
    answer: list[str] = []
    control.solve(on_model=lambda model: answer.append(str(model)))
    return set(answer[-1].split())


def strangers(policy: Policy, seed: int, count: int) -> list[Case]:
    """Random cases, no two alike: a policy remembers what it was asked before."""
    rng = random.Random(seed)
    texts = {json.dumps(random_case(rng)) for _ in range(count)}
    return [Case.from_json(text, "benchmark", policy.vocabulary) for text in sorted(texts)]


def decisions(policy: Policy) -> None:
    """One decision, whole, against the yardstick; both give the same statuses."""
    cases = strangers(policy, 1, 200)
    for case in strangers(policy, 2, 100):
        policy.decide(case)
    ours, theirs = [], []
    for place, case in enumerate(cases):
        ours.append(once_ms(lambda: policy.decide(case)))  # noqa: B023
        if place % 10 == 0:
            theirs.append(once_ms(lambda: fresh_control(case, policy)))  # noqa: B023
            decided = policy.decide(case).criteria.items()
            told = {f'status("{name}",{entry.status})' for name, entry in decided}
            assert told < fresh_control(case, policy)
    yardstick, taken = statistics.median(theirs), statistics.median(ours)
    print(f"Policy.decide, {len(cases)} cases not seen before    {taken:9.2f} ms")
    times = f"{yardstick / taken:6.1f} times ours"
    print(f"  a fresh control, statuses alone            {yardstick:9.2f} ms   {times}")
    statuses(policy, strangers(policy, 3, 400))
    again = statistics.median(once_ms(lambda: policy.decide(case)) for case in cases)  # noqa: B023
    print(f"  the same cases again                       {again:9.2f} ms")


def statuses(policy: Policy, cases: list[Case]) -> None:
    """From a case that nobody saw before to every status: by masks, and by the rules of evidence themselves."""
    slow = Policy.load(POLICY, judged_by="clingo")
    ours, theirs = [], []
    for place, case in enumerate(cases):
        ours.append(once_ms(lambda: policy.decide(case).statuses))  # noqa: B023
        if place % 20 == 0:
            theirs.append(once_ms(lambda: slow.decide(case).statuses))  # noqa: B023
            assert slow.decide(case).statuses == policy.decide(case).statuses
    yardstick, taken = statistics.median(theirs), statistics.median(ours)
    print(f"  every status of a case not seen before     {taken:9.3f} ms")
    times = f"{yardstick / taken:6.1f} times ours"
    print(f"  the same by clingo alone                   {yardstick:9.2f} ms   {times}")


def families(policy: Policy) -> None:
    """Every missing set of a request with nothing documented."""
    case = Case.load(NOTHING)
    expected = json.loads((ROOT / "examples" / "expected.json").read_text())["deny/nothing_documented"][
        "missing"
    ]
    found = list(policy.missing(case))
    assert sorted(sorted(requirement.term for requirement in entry.requirements) for entry in found) == sorted(
        map(sorted, expected)
    )
    taken = median_ms(lambda: list(policy.missing(case)), 50)
    first = median_ms(lambda: next(iter(policy.missing(case))), 50)
    documents = median_ms(lambda: list(policy.missing(case).documents), 50)
    print(f"nothing documented: all {len(found)} missing sets        {taken:9.2f} ms")
    print(f"  the first of them                          {first:9.2f} ms")
    print(f"  all sets of document types                 {documents:9.2f} ms")


def many() -> None:
    """The first ten of 100,000 missing sets, in order."""
    with tempfile.TemporaryDirectory() as folder:
        policy = Policy.load(write_choices(Path(folder), groups=5, options=10))
    case = Case.from_json(EMPTY_CASE, "benchmark", policy.vocabulary)
    costs = [entry.cost for entry in islice(policy.missing(case), 10)]
    assert costs == [5, 6, 6, 6, 6, 6, 7, 7, 7, 7]
    for number in (1, 10, 40):
        taken = median_ms(lambda number=number: list(islice(policy.missing(case), number)), 3)  # type: ignore[misc]
        print(f"of 100,000 sets the first {number:2}                 {taken:9.2f} ms")
    tracemalloc.start()
    list(islice(policy.missing(case), 10))
    print(f"  Python's peak memory for ten               {tracemalloc.get_traced_memory()[1] / 1e6:9.2f} MB")


def main() -> None:
    """Measure and print."""
    start = time.perf_counter()
    policy = Policy.load(POLICY)
    print(f"Policy.load, grounding once                  {(time.perf_counter() - start) * 1000:9.2f} ms")
    decisions(policy)
    families(policy)
    many()


if __name__ == "__main__":
    main()
