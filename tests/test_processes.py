"""Threads, forks and copies: whoever asks a policy, and from where, the answers are the same."""

from __future__ import annotations

import copy
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from pyclingo_bridge import Case, EngineError, Policy, forks
from pyclingo_bridge.solve import LiveProgram
from pyclingo_bridge.sources import RulesFile
from pyclingo_bridge.terms import Term
from tests.conftest import ROOT

CASES = sorted((ROOT / "examples" / "cases").glob("*/*.json"))

PIGEONS = """
#external long. #external short.
place(1..14). bird(1..15).
{ in(B,P) : place(P) } = 1 :- bird(B), long.
:- long, in(B,P), in(C,P), B < C.
chosen :- short.
#show chosen/0.
"""
"""With `long` there is no answer, and to prove it takes the solver for ever."""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


def in_child(work: Callable[[], object], seconds: float = 20) -> int:
    """Fork, do the work in the child, and end it as any program ends; its exit code, -1 if it hangs."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = int(not work())
        finally:
            os._exit(code)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return -1


@contextmanager
def asking(program: LiveProgram) -> Iterator[None]:
    """Another thread in the middle of a search that does not end."""
    thread = threading.Thread(target=program.best, args=({Term("long")},), daemon=True)
    thread.start()
    time.sleep(0.2)
    assert thread.is_alive()
    yield
    assert thread.is_alive()
    program._control.interrupt()
    thread.join()


@needs_fork
def test_a_child_asks_a_program_that_another_thread_was_asking_when_it_was_forked() -> None:
    program = LiveProgram([RulesFile(Path("pigeons.lp"), PIGEONS)])
    watched = program.watch(("chosen", 0))

    def answers() -> bool:
        found = program.read({Term("short")}, lambda holds: list(map(holds, watched.values())))
        return found == [True] and program.best({Term("short")}) == [Term("chosen")]

    with asking(program):
        assert in_child(answers) == 0
        assert in_child(answers) == 0
    assert answers()


@needs_fork
def test_clauses_that_were_required_hold_in_the_child_too() -> None:
    program = LiveProgram([RulesFile(Path("pigeons.lp"), PIGEONS)])
    (chosen,) = program.watch(("chosen", 0)).values()
    program.require([-chosen])
    with asking(program):
        assert in_child(lambda: program.best({Term("short")}) is None) == 0


@needs_fork
def test_a_child_that_asks_nothing_ends_though_a_search_was_going_on() -> None:
    program = LiveProgram([RulesFile(Path("pigeons.lp"), PIGEONS)])
    with asking(program):
        child = os.fork()
        if child == 0:
            # What the interpreter does at its end: it frees every object.
            program._control.__del__()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@needs_fork
def test_a_child_decides_while_threads_decide_and_ask_for_missing_sets() -> None:
    cases = [Case.load(path) for path in CASES[:6]]
    for judged_by in ("compiled", "clingo"):
        policy = Policy.load("cp_phar_549", judged_by=judged_by)
        alone = [(policy.decide(case), list(policy.missing(case))) for case in cases]
        over = threading.Event()

        def ask(policy: Policy = policy, over: threading.Event = over) -> None:
            fresh = Policy.load("cp_phar_549", judged_by=policy.judged_by)
            while not over.is_set():
                for case in cases:
                    for one in (policy, fresh):
                        one.decide(case)
                        list(one.missing(case))

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            for turn in range(4):
                time.sleep(0.03 * turn)
                code = in_child(
                    lambda: alone == [(policy.decide(c), list(policy.missing(c))) for c in cases]
                )
                assert code == 0
        finally:
            over.set()
            for thread in threads:
                thread.join()


@needs_fork
def test_a_fork_waits_until_nobody_reads_rules() -> None:
    inside = threading.Event()

    def read() -> None:
        with forks.making_symbols:
            inside.set()
            time.sleep(0.3)

    thread = threading.Thread(target=read)
    thread.start()
    inside.wait()
    assert in_child(lambda: not thread.is_alive() and Policy.load("cp_phar_549")) == 0
    thread.join()


@needs_fork
def test_a_fork_that_cannot_wait_makes_a_child_that_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forks, "SECONDS", 0.01)
    inside, over = threading.Event(), threading.Event()

    def read() -> None:
        with forks.making_symbols:
            inside.set()
            over.wait()

    def refused() -> bool:
        with pytest.raises(EngineError, match="while another thread was reading a policy") as said:
            Policy.load("cp_phar_549")
        return "spawn" in str(said.value)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    inside.wait()
    code = in_child(refused)
    over.set()
    thread.join()
    assert code == 0
    assert Policy.load("cp_phar_549")
