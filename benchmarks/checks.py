"""How the time of checks and comparisons grows with a policy.

    python -m benchmarks.checks [CRITERIA...]

Made policies of 30, 300 and 3,000 criteria, in which the number of faults is known: each answer is
checked before its time is told. Times drift with the machine; how they grow from one size to the
next holds. Every kind of question has a line.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.policies import Made, write_policy
from pyclingo_bridge import Policy
from pyclingo_bridge.analysis.check import PolicyCheck

SIZES = (30, 300, 3_000)
Answer = TypeVar("Answer")


def timed(name: str, times: dict[str, float], question: Callable[[], Answer]) -> Answer:
    """The answer to a question, and its time kept under a name, in seconds."""
    start = time.perf_counter()
    answer = question()
    times[name] = time.perf_counter() - start
    return answer


def measure(made: Made) -> dict[str, float]:
    """The time of each kind of question to a made policy, its answers checked."""
    times: dict[str, float] = {}
    policy = timed("Policy.load", times, lambda: Policy.load(made.folder))
    check = PolicyCheck(policy.loaded)
    seen = timed("never met, never failing, only obstacle, only route", times, check.of_sections)
    across = timed("overlaps, durations, unrouted, no target", times, check.across_sections)
    assert not {term.name for term in across} & {"together", "no_target", "unrouted"}
    ends = timed("gaps, ends", times, lambda: check.beyond_sections(seen | across))
    assert {str(term.args[3]) for term in ends if term.name == "ends"} == {"refer"}
    assert not timed("more documentation", times, lambda: list(check.monotone()))
    report = timed("Policy.check, all of these and their cases", times, policy.check)
    kinds = Counter(finding.kind for finding in report.findings)
    assert kinds == {"redundant": made.redundant, "subsumed": made.subsumed, "end": 1}
    other = Policy.load(_edited(made))
    found = timed("Policy.compare with one clause changed", times, lambda: policy.compare(other))
    assert [entry.clauses for entry in found.differences] == [("S0.2",)]
    assert found.relation == "looser"
    return times


def _edited(made: Made) -> Path:
    """The policy with one threshold raised."""
    folder = made.folder.parent / "edited"
    folder.mkdir()
    text = (made.folder / "policy.lp").read_text(encoding="utf-8")
    changed = text.replace('"S0.2", at_least(score_0, 30)', '"S0.2", at_least(score_0, 31)')
    assert changed != text
    (folder / "policy.lp").write_text(changed, encoding="utf-8")
    return folder


def main() -> None:
    """Measure and print a line for each kind of question, a column for each size."""
    sizes = [int(word) for word in sys.argv[1:]] or list(SIZES)
    columns: list[dict[str, float]] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            columns.append(measure(write_policy(Path(folder) / "made", size)))
    print(f"{'seconds, for a policy of so many criteria':52}" + "".join(f"{n:>10,}" for n in sizes))
    for name in columns[0]:
        print(f"{name:52}" + "".join(f"{column[name]:10.2f}" for column in columns))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory of the process: {peak} MB")


if __name__ == "__main__":
    main()
