"""How long repairs, counterfactuals and reasons take, beside a decision as the yardstick.

    python -m benchmarks.repairs

Every answer is checked before it is timed. Times drift with the machine; the ratios of one run hold.
"""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path

from benchmarks.decisions import EXAMPLE, NOTHING, POLICY, ROOT, median_ms
from pyclingo_bridge import Case, Policy
from tests.synthetic import EMPTY_CASE, write_choices

WHOLE = ROOT / "examples" / "cases" / "approve" / "nsclc_whole.json"


def nothing_documented(policy: Policy) -> None:
    """The first and all repairs of a request with nothing documented."""
    case = Case.load(NOTHING)
    found = list(policy.repairs(case))
    plain = [entry for entry in found if not entry.changes and not entry.resolutions]
    assert [entry.requirements for entry in plain] == [entry.requirements for entry in policy.missing(case)]
    assert sorted(entry.rank for entry in found) == [entry.rank for entry in found]
    yardstick = median_ms(lambda: policy.decide(case), 50)
    print(f"nothing documented: a decision, seen before  {yardstick:9.2f} ms")
    questions = {
        "  all missing sets": lambda: list(policy.missing(case)),
        "  the first repair": lambda: next(policy.repairs(case)),
        f"  all {len(found)} repairs": lambda: list(policy.repairs(case)),
        "  all counterfactuals": lambda: list(policy.counterfactuals(case)),
        "  what to ask for next": lambda: policy.ask_next(case),
    }
    for name, question in questions.items():
        taken = median_ms(question, 20)
        print(f"{name:45}{taken:9.2f} ms   {taken / yardstick:6.1f} times that")


def documented(policy: Policy) -> None:
    """Reasons for an approval, repairs of a denial that lacks one report."""
    whole, lacking = Case.load(WHOLE), Case.load(EXAMPLE)
    assert policy.reasons(whole).critical
    assert [entry.cost for entry in policy.repairs(lacking)] == [10]
    yardstick = median_ms(lambda: policy.decide(whole), 50)
    print(f"all documented: a decision, seen before      {yardstick:9.2f} ms")
    for name, taken in {
        "  its reasons, document by document": median_ms(lambda: policy.reasons(whole), 20),
        "one report lacking: all repairs": median_ms(lambda: list(policy.repairs(lacking)), 20),
    }.items():
        print(f"{name:45}{taken:9.2f} ms   {taken / yardstick:6.1f} times that")


def many() -> None:
    """The first repairs of 100,000, in order."""
    with tempfile.TemporaryDirectory() as folder:
        policy = Policy.load(write_choices(Path(folder), groups=5, options=10))
    case = Case.from_json(EMPTY_CASE, "benchmark", policy.vocabulary)
    costs = [entry.cost for entry in islice(policy.repairs(case), 10)]
    assert costs == [5, 6, 6, 6, 6, 6, 7, 7, 7, 7]
    for number in (1, 10):
        taken = median_ms(lambda number=number: list(islice(policy.repairs(case), number)), 3)  # type: ignore[misc]
        print(f"of 100,000 repairs the first {number:2}              {taken:9.2f} ms")


def main() -> None:
    """Measure and print."""
    policy = Policy.load(POLICY)
    nothing_documented(policy)
    documented(policy)
    many()


if __name__ == "__main__":
    main()
