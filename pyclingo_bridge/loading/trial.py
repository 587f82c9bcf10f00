"""What a process of its own does that `limits` starts: it grounds rules, and ends within its limits."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyclingo_bridge.base.rule_files import RulesFile, engine_program
from pyclingo_bridge.base.solver import Program, evaluate
from pyclingo_bridge.base.terms import plain
from pyclingo_bridge.core.judge import warnings_of_amount
from pyclingo_bridge.loading.authoring import check_sources, policy_words
from pyclingo_bridge.loading.limits import RAN_OUT
from pyclingo_bridge.loading.load import loaded

_WATCHED = 0.02
"""Seconds between two looks at how much memory is in use."""

Steps = list[Callable[[], object]]


def ground_within(task: dict[str, Any]) -> None:
    """Ground rules as loading them does, within limits; for a process that does nothing else."""
    files, rules = _files(task["files"]), _files(task["rules"])
    facts_of = [(str(name), int(arity)) for name, arity in task["facts_of"]]
    steps = _steps(files) if not facts_of else [lambda: evaluate([*rules, *files], [], facts_of)]
    _restrict(task["seconds"], task["megabytes"])
    for step in steps:
        try:
            step()
        except MemoryError:
            os._exit(RAN_OUT)
        except Exception:
            # What is wrong with the rules shows in the process that goes on to read them.
            continue
    os._exit(0)


def _files(entries: list[Any]) -> list[RulesFile]:
    return [RulesFile(Path(path), text, tuple(map(Path, includes))) for path, text, includes in entries]


def _steps(files: list[RulesFile]) -> Steps:
    """What loading a policy, and deciding with it, make of its rules."""

    def read_all() -> None:
        # Under every interpretation of the wording at once, which is more than under any one of them.
        program = Program([*engine_program("variants"), *files])
        for term in program.watch(*policy_words()):
            str(term)

    def count_amounts() -> None:
        strengths = tuple(loaded(files, {}, named=check_sources(files)).structure.facts["strength"])
        # A warning of one amount of an attribute, as decisions give it, makes the rules count them all.
        for name in {str(plain(term.args[0])) for term in strengths}:
            warnings_of_amount(strengths, name, 1)

    return [read_all, count_amounts]


def _restrict(seconds: float, megabytes: float) -> None:
    try:
        import resource
    except ImportError:
        # Windows: the process is ended by the clock alone.
        return
    if seconds:
        whole = math.ceil(time.process_time() + seconds)
        # At the first a signal of its own says why it was ended.
        _set(resource.RLIMIT_CPU, whole, whole + 2)
    _set(resource.RLIMIT_CORE, 0, 0)
    if megabytes:
        # Where the system does not hold a process to its address space, as macOS, the watch does.
        threading.Thread(target=_watch, args=(megabytes,), daemon=True).start()
        most = int((megabytes + _address_space()) * 1e6)
        _set(resource.RLIMIT_AS, most, most)


def _set(which: int, soft: int, hard: int) -> None:
    import resource

    # Where it fails, a stricter limit is in force already, or the system knows none.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(which, (soft, hard))


def _address_space() -> float:
    """The megabytes of addresses that are taken already; much more than is used."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError):
        return 1_000


def _watch(megabytes: float) -> None:
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit < megabytes * 1e6:
        time.sleep(_WATCHED)
    os._exit(RAN_OUT)
