"""A peer in a process of its own: `python -m benchmarks.peers.worker MODULE:CLASS TASK`.

One line of standard input is one round to measure, one line of standard output its time. Whatever
is timed is compared with the expected answers, in every round; the first round is for that alone.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, TextIO


class Work:
    """A peer and what it is to do."""

    def __init__(self, place: str, task: dict[str, Any]) -> None:
        from benchmarks.peers.rules import Rules

        module, name = place.split(":")
        kind = getattr(importlib.import_module(f"benchmarks.peers.{module}"), name)
        self._peer = kind(Rules.of(task["rules"]))
        self._rounds = task["rounds"]
        self._prepared: Any = None

    def measure(self, number: int) -> float:
        """Microseconds a case of one round, its answers checked.

        Errors: AssertionError with the first wrong answer.
        """
        if getattr(self._peer, "batch", False):
            return self._batch()
        told = self._rounds[number][: getattr(self._peer, "most", None)]
        prepared = self._peer.prepare([entry["row"] for entry in told])
        taken, found = self._timed(prepared)
        if hasattr(self._peer, "told"):
            found = self._peer.told(found)
        wanted = [self._wanted(entry) for entry in told]
        for one, other, entry in zip(found, wanted, told, strict=True):
            assert one == other, f"{one} is not {other} for {entry['row']}"
        return taken / len(told) * 1e6

    def _wanted(self, entry: dict[str, Any]) -> Any:
        if self._peer.tells == "outcome":
            return entry["outcome"]
        if self._peer.tells == "sets":
            return entry["sets"]
        return entry["outcome"], entry["statuses"]

    def _batch(self) -> float:
        entries = [entry for told in self._rounds for entry in told]
        if self._prepared is None:
            self._prepared = self._peer.prepare([entry["row"] for entry in entries])
        taken, found = self._timed(self._prepared)
        size = self._peer.check(found, [entry["outcome"] for entry in entries])
        return taken / int(size) * 1e6

    def _timed(self, prepared: Any) -> tuple[float, Any]:
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        found = self._peer.answers(prepared)
        taken = time.perf_counter() - start
        gc.enable()
        return taken, found


def serve(place: str, task: Path, said: TextIO, answers: TextIO) -> None:
    """Measure rounds as they are asked for; a peer that cannot be says so and ends."""
    try:
        work = Work(place, json.loads(task.read_text()))
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), file=answers, flush=True)
        return
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in said:
        try:
            told: dict[str, Any] = {"us": work.measure(int(line))}
        except Exception as error:
            told = {"error": f"{type(error).__name__}: {error}"[:2000]}
        print(json.dumps(told), file=answers, flush=True)


def main() -> None:
    """Serve on standard input and output; what a peer prints goes elsewhere."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(sys.argv[1], Path(sys.argv[2]), sys.stdin, answers)


if __name__ == "__main__":
    main()
