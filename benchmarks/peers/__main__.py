"""The same policy and the same cases, decided by other engines and by this package.

    python -m benchmarks.peers [--cases N] [--rounds N] [--only WORD...]

Every peer runs in a process of its own, on a program generated from the ground rules of CP.PHAR.549
(see `rules.py`), and its answers are compared with clingo's before it is timed and in every round.
No round repeats a case, and no two cases put all claims in the same states, so no decision can be
one that was remembered; what single claims come to may be. What can be compiled or built beforehand is,
for every peer: policies, inputs in the form that the peer takes fastest, solvers. The peers take
turns, and the least time of each counts: times drift with the machine, the ratios of one run hold.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.peers.table import Entry, Target, judged, run, told

SINGLE = [
    Entry("control:Fresh", "a fresh control, the shipped rules", "all statuses; rules as text"),
    Entry("control:FreshGenerated", "a fresh control, generated rules", "all statuses; as text"),
    Entry("control:LiveShipped", "a live control, the shipped rules", "outcome; externals"),
    Entry("control:Live", "a live control, generated rules", "outcome; externals"),
    Entry("control:LiveAssumed", "a live control, generated rules", "outcome; assumptions"),
    Entry("control:LiveStatuses", "a live control, generated rules", "all statuses; externals"),
    Entry("control:Chunks", "grounding in chunks", "all statuses"),
    Entry("control:ChunksOutcome", "grounding in chunks", "outcome"),
    Entry("walk:Walk", "plain Python, a tree walk", "all statuses, from claims' states"),
    Entry("walk:Function", "plain Python, a generated function", "outcome"),
    Entry("jdm:Expression", "zen-engine, a compiled expression", "outcome"),
    Entry("jdm:Decision", "zen-engine, a decision graph", "outcome"),
    Entry("cedar:Cedar", "cedarpy, a bare decision", "outcome"),
    Entry("rego:Rego", "regopy, a query of a bundle", "outcome"),
    Entry("smt:Solver", "z3-solver, a check by assumptions", "outcome, from claims' states"),
    Entry("ours:Solve", "ours, the solve alone", "all statuses, from claims' states"),
    Entry("ours:Decide", "ours, Policy.decide", "Case to Decision: all it tells"),
]
BATCH = [
    Entry("ours:Bandwidth", "reading as many bytes", "a sum by NumPy"),
    Entry("ours:Batch", "ours, decide_batch", "outcome, from Arrow's columns"),
    Entry("ours:BatchStatuses", "ours, decide_batch", "all statuses, from Arrow's columns"),
    Entry(
        "ours:BatchWithoutNumpy", "ours, decide_batch, no NumPy", "outcome, from Arrow's columns"
    ),
    Entry("frames:Lazy", "polars, lazy", "outcome; one thread"),
    Entry("frames:Eager", "polars, eager", "outcome; one thread"),
    Entry("frames:LazyGivenLists", "polars, lazy", "outcome; claims on lists given"),
    Entry("frames:EagerGivenLists", "polars, eager", "outcome; claims on lists given"),
]
TARGETS = [
    Target("live clingo against fresh, shipped rules", "control:LiveShipped", "control:Fresh", 60),
    Target("live clingo against fresh, generated", "control:Live", "control:FreshGenerated", 60),
    Target("the solve alone against the tree walk", "ours:Solve", "walk:Walk", 2),
    Target("Policy.decide against cedarpy's decision", "ours:Decide", "cedar:Cedar", 1),
    Target("batch against one live control", "ours:Batch", "control:LiveAssumed", 3_000),
    Target("batch against polars lazy", "ours:Batch", "frames:Lazy", 1.8),
    Target("the same, lists given to polars", "ours:Batch", "frames:LazyGivenLists", 1.8),
    Target("batch of statuses against chunks", "ours:BatchStatuses", "control:Chunks", 50_000),
]
SHARE, RATE = 0.25, 10e6


def main() -> None:
    """Measure and print."""
    from benchmarks.peers.cases import task

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=1_000, help="cases a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[], help="peers whose names hold a word")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "task.json"
        # One more round than is timed: the first is for the check, and to warm up.
        file.write_text(json.dumps(task(options.rounds + 1, options.cases)))
        kept = [
            entry
            for entry in (*SINGLE, *BATCH)
            if not options.only or any(word in entry.place for word in options.only)
        ]
        results = run(kept, file, options.rounds)
    print("\n".join(told(results, "walk:Walk")))
    print()
    print("\n".join(judged(TARGETS, results)))
    batch, bandwidth, pure = (
        results[place].least if place in results else None
        for place in ("ours:Batch", "ours:Bandwidth", "ours:BatchWithoutNumpy")
    )
    if batch and bandwidth:
        word = "reached" if bandwidth / batch >= SHARE else "NOT REACHED"
        print(f"{word:13} batch: {bandwidth / batch:.0%} of the read bandwidth, {SHARE:.0%} wanted")
    if pure:
        word = "reached" if 1e6 / pure >= RATE else "NOT REACHED"
        print(f"{word:13} without NumPy: {1e6 / pure:,.0f} cases a second, {RATE:,.0f} wanted")


if __name__ == "__main__":
    main()
