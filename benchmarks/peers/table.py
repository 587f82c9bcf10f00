"""Runs the peers in turn, round by round, and keeps the least time of each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

_ROOT = Path(__file__).resolve().parents[2]


class Entry(NamedTuple):
    """A peer as the table tells of it: its class, its name, what it does and does not do."""

    place: str
    name: str
    note: str = ""


@dataclass
class Result:
    """What was measured of a peer: microseconds a case, the least of its rounds, or why not."""

    entry: Entry
    rounds: list[float] = field(default_factory=list)
    error: str = ""

    @property
    def least(self) -> float | None:
        """The least time: other work on the machine only ever adds."""
        return min(self.rounds) if self.rounds and not self.error else None


class Process:
    """A peer's process."""

    def __init__(self, entry: Entry, task: Path) -> None:
        self.result = Result(entry)
        environment = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.peers.worker", entry.place, str(task)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if not os.environ.get("BENCH_DEBUG") else None,
            text=True,
            cwd=_ROOT,
            env=environment,
        )
        self._read()

    def measure(self, number: int) -> float | None:
        """The time of a round, or None where the peer failed, now or before."""
        if self.result.error:
            return None
        assert self._process.stdin is not None
        print(number, file=self._process.stdin, flush=True)
        found = self._read()
        return float(found["us"]) if "us" in found else None

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found: dict[str, Any] = json.loads(line) if line else {"error": "its process ended"}
        self.result.error = str(found.get("error", ""))
        return found

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)


def run(entries: list[Entry], task: Path, rounds: int) -> dict[str, Result]:
    """Results by place. All peers see each round before any sees the next; the first one is not timed."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        processes = [stack.enter_context(Process(entry, task)) for entry in entries]
        for number in range(rounds + 1):
            for process in processes:
                taken = process.measure(number)
                if taken is not None and number:
                    process.result.rounds.append(taken)
        return {process.result.entry.place: process.result for process in processes}


def told(results: dict[str, Result], yardstick: str) -> list[str]:
    """The table's lines: microseconds a case, cases a second, and the time in the yardstick's."""
    base = results[yardstick].least if yardstick in results else None
    lines = [f"{'':34} {'':36} {'us a case':>10} {'a second':>13} {'ratio':>9}"]
    for result in results.values():
        name = f"{result.entry.name:34} {result.entry.note:36}"
        if result.least is None:
            lines.append(f"{name} {'-':>10}   {result.error.splitlines()[0][:100]}")
            continue
        ratio = f"{result.least / base:9.3g}" if base else ""
        lines.append(f"{name} {result.least:10.4g} {1e6 / result.least:13,.0f} {ratio}")
    return lines


class Target(NamedTuple):
    """A ratio that has to be reached: how often the slower peer's time holds the faster one's."""

    text: str
    faster: str
    slower: str
    times: float


def judged(targets: list[Target], results: dict[str, Result]) -> list[str]:
    """A line for each target, reached or not."""
    return [_judged(target, results) for target in targets]


def _judged(target: Target, results: dict[str, Result]) -> str:
    times = []
    for place in (target.slower, target.faster):
        found = results.get(place)
        if found is None or found.least is None:
            return f"not measured  {target.text}: at least {target.times:,g} times"
        times.append(found.least)
    ratio = times[0] / times[1]
    told = f"{target.text}: {ratio:,.4g} times, at least {target.times:,g} wanted"
    return verdict(ratio >= target.times, told)


def verdict(reached: bool, text: str) -> str:
    """What was wanted, and whether it was reached."""
    return f"{'reached' if reached else 'NOT REACHED':13} {text}"
