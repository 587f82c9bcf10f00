"""The same policy and the same cases, decided by other engines and by this package.

    python -m benchmarks.peers [--cases N] [--rounds N] [--parts PART...] [--only WORD...]

Every peer runs in a process of its own, on a program generated from the ground rules of CP.PHAR.549
(see `rules.py`), and its answers are compared with clingo's before it is timed and in every round.
No round repeats a case, and no two cases put all requirements in the same states, so no decision can be
one that was remembered; what statements on one topic come to may be. What can be compiled or built
beforehand is, for every peer: policies, inputs in the form that the peer takes fastest, solvers. The peers
take turns, and the least time of each counts: times drift with the machine, the ratios of one run hold.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.peers.cases import sets_task, task
from benchmarks.peers.table import Entry, Result, Target, judged, run, told, verdict

SINGLE = [
    Entry("control:Fresh", "a fresh control, the shipped rules", "all statuses; rules as text"),
    Entry("control:FreshGenerated", "a fresh control, generated rules", "all statuses; as text"),
    Entry("control:LiveShipped", "a live control, the shipped rules", "outcome; externals"),
    Entry("control:Live", "a live control, generated rules", "outcome; externals"),
    Entry("control:LiveAssumed", "a live control, generated rules", "outcome; assumptions"),
    Entry("control:LiveStatuses", "a live control, generated rules", "all statuses; externals"),
    Entry("control:Chunks", "grounding in chunks", "all statuses"),
    Entry("control:ChunksOutcome", "grounding in chunks", "outcome"),
    Entry("walk:Walk", "plain Python, a tree walk", "all statuses, from requirements' states"),
    Entry("walk:Function", "plain Python, a generated function", "outcome"),
    Entry("jdm:Expression", "zen-engine, a compiled expression", "outcome"),
    Entry("jdm:Decision", "zen-engine, a decision graph", "outcome"),
    Entry("cedar:Cedar", "cedarpy, a bare decision", "outcome"),
    Entry("rego:Rego", "regopy, a query of a bundle", "outcome"),
    Entry("smt:Solver", "z3-solver, a check by assumptions", "outcome, from requirements' states"),
    Entry("ours:Solve", "ours, the solve alone", "all statuses, from requirements' states"),
    Entry("ours:Decide", "ours, Policy.decide", "Case to Decision, told when asked"),
    Entry("ours:DecideAndRead", "ours, Policy.decide, and reading", "the same, every status read"),
]
BATCH = [
    Entry("batch:Bandwidth", "reading as many bytes", "a sum by NumPy"),
    Entry("batch:Batch", "ours, decide_batch", "outcome, from Arrow's columns"),
    Entry("batch:BatchStatuses", "ours, decide_batch", "all statuses, from Arrow's columns"),
    Entry("frames:Lazy", "polars, lazy", "outcome; one thread"),
    Entry("frames:Eager", "polars, eager", "outcome; one thread"),
    Entry("frames:LazyGivenLists", "polars, lazy", "outcome; requirements on lists given"),
    Entry("frames:EagerGivenLists", "polars, eager", "outcome; requirements on lists given"),
]
SETS = [
    Entry("sets:FreshShipped", "a fresh control, the shipped rules", "domRec"),
    Entry("sets:FreshDomRec", "a fresh control, generated rules", "domRec"),
    Entry("sets:DomRec", "a live control, generated rules", "domRec"),
    Entry("sets:ClingExplaid", "clingexplaid, a live control", "minimal unsatisfiable sets"),
    Entry("sets:Z3", "z3-solver", "smallest models, blocked"),
    Entry("sets:Sat", "python-sat, minisat", "smallest models, blocked"),
    Entry("sets:Diagram", "ours, the diagram alone", "every set as a mask, from requirements' states"),
    Entry("sets:Missing", "ours, Policy.missing", "Case to every set with its words"),
]
TARGETS = [
    Target("live clingo against fresh, shipped rules", "control:LiveShipped", "control:Fresh", 60),
    Target("live clingo against fresh, generated", "control:Live", "control:FreshGenerated", 60),
    Target("the solve alone against the tree walk", "ours:Solve", "walk:Walk", 2),
    Target("Policy.decide against cedarpy's decision", "ours:Decide", "cedar:Cedar", 1),
    Target("the same, every status read", "ours:DecideAndRead", "cedar:Cedar", 1),
    Target("batch against one live control", "batch:Batch", "control:LiveAssumed", 3_000),
    Target("batch against polars lazy", "batch:Batch", "frames:Lazy", 1.8),
    Target("the same, lists given to polars", "batch:Batch", "frames:LazyGivenLists", 1.8),
    Target("batch of statuses against chunks", "batch:BatchStatuses", "control:Chunks", 50_000),
]
SET_TARGETS = [
    Target("all missing sets against a fresh control", "sets:Diagram", "sets:FreshDomRec", 10),
    Target("the same, words and all", "sets:Missing", "sets:FreshDomRec", 10),
    Target("all missing sets against clingexplaid", "sets:Diagram", "sets:ClingExplaid", 20),
    Target("all missing sets against z3", "sets:Diagram", "sets:Z3", 50),
]
SHARE, MOST_MS = 0.25, 10
PARTS = ["decisions", "batch", "sets", "large"]
ROOT = Path(__file__).resolve().parents[2]


def kept(entries: list[Entry], words: list[str]) -> list[Entry]:
    """The peers whose places hold one of the words; all of them where there are none."""
    return [one for one in entries if not words or any(word in one.place for word in words)]


def measured(task: dict[str, Any], entries: list[Entry], rounds: int) -> dict[str, Result]:
    """The peers' times on a task."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "task.json"
        file.write_text(json.dumps(task))
        return run(entries, file, rounds)


def least(results: dict[str, Result], place: str) -> float | None:
    """What was measured of a peer, in microseconds."""
    return results[place].least if place in results else None


def of_batch(results: dict[str, Result]) -> list[str]:
    """What the batch has to show by itself."""
    batch, bandwidth = (least(results, f"batch:{name}") for name in ("Batch", "Bandwidth"))
    if not batch or not bandwidth:
        return []
    share = f"batch: {bandwidth / batch:.0%} of the read bandwidth, {SHARE:.0%} wanted"
    return [verdict(bandwidth / batch >= SHARE, share)]


def of_many_sets() -> list[str]:
    """What many sets have to show, measured in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers.large"], capture_output=True, text=True, cwd=ROOT
    )
    if done.returncode:
        return [f"not measured  many sets: {done.stderr.strip().splitlines()[-1]}"]
    found = json.loads(done.stdout)
    times, counted = found["domrec_ms"] / found["listed_ms"], found["counted_ms"]
    told = f"10^5 sets: {found['listed_ms']:.1f} ms, domRec {times:,.3g} times that, 100 wanted"
    more = f"10^52 sets counted, ten cheapest listed: {counted:.2f} ms, less than {MOST_MS} wanted"
    return [verdict(times >= 100, told), verdict(counted < MOST_MS, more)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000, help="cases a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the best counts")
    parser.add_argument("--only", nargs="*", default=[], help="peers whose class holds a word")
    parser.add_argument("--parts", nargs="*", default=PARTS, choices=PARTS)
    options = parser.parse_args()
    # One more round than is timed: the first is for the check, and to warm up.
    rounds = options.rounds + 1
    if "decisions" in options.parts or "batch" in options.parts:
        entries = [*SINGLE] if "decisions" in options.parts else [SINGLE[4], SINGLE[6]]
        entries += BATCH if "batch" in options.parts else []
        work = task(rounds, options.cases)
        results = measured(work, kept(entries, options.only), options.rounds)
        print("\n".join([*told(results, "walk:Walk"), ""]))
        print("\n".join([*judged(TARGETS, results), *of_batch(results), ""]), flush=True)
    if "sets" in options.parts:
        work = sets_task(rounds, max(options.cases // 5, 1))
        results = measured(work, kept(SETS, options.only), options.rounds)
        print("\n".join([*told(results, "sets:FreshDomRec"), ""]))
        print("\n".join(judged(SET_TARGETS, results)), flush=True)
    if "large" in options.parts:
        print("\n".join(of_many_sets()))


if __name__ == "__main__":
    main()
