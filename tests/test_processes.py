"""Threads, forks and copies: whoever asks a policy, and from where, the answers are the same."""

from __future__ import annotations

import copy
import json
import os
import pickle
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import (
    BridgeError,
    Case,
    CaseError,
    Decision,
    EngineError,
    Policy,
    PolicyError,
    TooLargeError,
)
from pyclingo_bridge.base import forks
from pyclingo_bridge.base.rule_files import RulesFile
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Term
from pyclingo_bridge.cases.statements import CaseStatements, with_conclusions
from pyclingo_bridge.core.loaded import JudgedBy
from tests.batch_tables import fits_a_row
from tests.conftest import ROOT, scaled

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

TIMES = scaled(60, least=30)

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
def asking(program: Program) -> Iterator[None]:
    """Another thread in the middle of a search that does not end."""
    thread = threading.Thread(target=program.best, args=({Term("long")},), daemon=True)
    thread.start()
    time.sleep(0.2)
    assert thread.is_alive()
    yield
    assert thread.is_alive()
    program._control.interrupt()
    thread.join()


@pytest.mark.subprocess
@needs_fork
def test_a_child_asks_a_program_that_another_thread_was_asking_when_it_was_forked() -> None:
    program = Program([RulesFile(Path("pigeons.lp"), PIGEONS)])
    watched = program.watch(("chosen", 0))

    def answers() -> bool:
        found = program.read({Term("short")}, lambda holds: list(map(holds, watched.values())))
        return found == [True] and program.best({Term("short")}) == [Term("chosen")]

    with asking(program):
        assert in_child(answers) == 0
        assert in_child(answers) == 0
    assert answers()


@pytest.mark.subprocess
@needs_fork
def test_clauses_that_were_required_hold_in_the_child_too() -> None:
    program = Program([RulesFile(Path("pigeons.lp"), PIGEONS)])
    (chosen,) = program.watch(("chosen", 0)).values()
    program.require([-chosen])
    with asking(program):
        assert in_child(lambda: program.best({Term("short")}) is None) == 0


@needs_fork
def test_a_child_that_asks_nothing_ends_though_a_search_was_going_on() -> None:
    program = Program([RulesFile(Path("pigeons.lp"), PIGEONS)])
    with asking(program):
        child = os.fork()
        if child == 0:
            # What the interpreter does at its end: it frees every object.
            program._control.__del__()  # type: ignore[no-untyped-call]
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.subprocess
@pytest.mark.slow
@needs_fork
@pytest.mark.parametrize("judged_by", ["compiled", "clingo"])
def test_a_child_decides_while_threads_decide_and_ask_for_missing_sets(
    judged_by: JudgedBy,
) -> None:
    cases = [Case.load(path) for path in CASES[:6]]
    policy = Policy.load("cp_phar_549", judged_by=judged_by)
    alone = [(policy.decide(case), list(policy.missing(case))) for case in cases]
    over = threading.Event()

    def ask() -> None:
        fresh = Policy.load("cp_phar_549", judged_by=judged_by)
        while not over.is_set():
            for case in cases:
                for one in (policy, fresh):
                    one.decide(case)
                    list(one.missing(case))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(3):
            time.sleep(0.03 * turn)
            code = in_child(lambda: alone == [(policy.decide(c), list(policy.missing(c))) for c in cases])
            assert code == 0
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.subprocess
@pytest.mark.slow
@needs_fork
def test_a_child_finds_a_lock_free_that_many_threads_were_waiting_for() -> None:
    guard, over = forks.Guard(), threading.Event()

    def hold() -> None:
        while not over.is_set():
            with guard:
                sum(range(300))

    def take() -> bool:
        with guard:
            return True

    threads = [threading.Thread(target=hold) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        # A lock that changes hands is not told as locked for a moment: every tenth fork met that.
        assert [in_child(take, seconds=5) for _ in range(TIMES) if take()] == [0] * TIMES
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.subprocess
@needs_fork
def test_a_lock_that_the_forking_thread_holds_is_held_in_the_child() -> None:
    guard = forks.Guard()
    with guard:
        assert in_child(lambda: not guard.half_done and not guard._lock.acquire(blocking=False)) == 0
    assert in_child(lambda: guard._lock.acquire(blocking=False)) == 0


@pytest.mark.subprocess
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


@pytest.mark.subprocess
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


@contextmanager
def _threads_in_turn() -> Iterator[None]:
    """Threads take turns after a few instructions, not after 5 ms."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _answers(policy: Policy, case: Case) -> object:
    decision = policy.decide(case)
    missing = policy.missing(case)
    return (
        decision.outcome,
        decision.statuses,
        decision.model_dump_json(),
        list(missing),
        list(missing.documents),
        missing.count(),
        [found.text for repair in policy.repairs(case) for found in repair.requirements],
    )


@pytest.mark.slow
@pytest.mark.parametrize("judged_by", ["compiled", "clingo"])
def test_threads_that_share_a_policy_and_its_cases_get_the_answers_of_one_alone(
    judged_by: JudgedBy,
) -> None:
    expected = [
        _answers(Policy.load("cp_phar_549", judged_by=judged_by), Case.load(path)) for path in CASES[::20]
    ]
    # A fresh one: whatever is made when it is first asked for is asked for by all threads at once.
    policy = Policy.load("cp_phar_549", judged_by=judged_by)
    cases = [Case.load(path) for path in CASES[::20]]
    start = threading.Barrier(3)

    def ask(_: int) -> list[object]:
        start.wait()
        return [_answers(policy, case) for case in cases]

    with _threads_in_turn(), ThreadPoolExecutor(3) as pool:
        for found in pool.map(ask, range(3)):
            assert found == expected


@pytest.mark.slow
def test_a_thread_does_not_see_a_case_whose_conclusions_another_one_is_drawing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy = Policy.load("cp_phar_549")
    path = ROOT / "examples" / "cases" / "approve" / "nsclc_whole.json"
    assert policy.decide(Case.load(path)).outcome == "approve"

    def slowly(*args: Any) -> CaseStatements:
        time.sleep(0.02)
        return with_conclusions(*args)

    monkeypatch.setattr("pyclingo_bridge.cases.statements.with_conclusions", slowly)
    case = Case.load(path)
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(lambda _: policy.decide(case).outcome, range(3)))
    assert outcomes == ["approve"] * 3


def test_threads_that_share_a_decision_see_it_whole() -> None:
    policy = Policy.load("cp_phar_549")
    case = Case.load(CASES[0])
    expected = policy.decide(case).model_dump()
    with _threads_in_turn(), ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            decision = policy.decide(case)
            start = threading.Barrier(4)

            def read(
                _: int, decision: Decision = decision, start: threading.Barrier = start
            ) -> tuple[Any, Any, Any]:
                start.wait()
                return decision.criteria, decision.outcome, decision.model_dump()

            for criteria, outcome, told in pool.map(read, range(4)):
                assert (outcome, told) == (expected["outcome"], expected)
                assert criteria.keys() == expected["criteria"].keys()


@pytest.mark.slow
def test_threads_that_share_a_policy_decide_tables_as_one_alone_does() -> None:
    pytest.importorskip("pyarrow")
    policy = Policy.load("cp_phar_549")
    whole = [case for case in map(Case.load, CASES) if fits_a_row(case)]
    small = policy.batch_table([case for case in whole if policy.decide(case).outcome == "approve"][:4])
    tables = [
        small,
        small.drop_columns(["age"]),
        policy.batch_table([case for case in whole if policy.decide(case).outcome == "refer"]),
    ]
    expected = [policy.decide_batch(table, statuses=True) for table in tables]
    fresh = Policy.load("cp_phar_549")
    start = threading.Barrier(3)

    def ask(first: int) -> list[tuple[int, object]]:
        start.wait()
        order = [(first + place) % 3 for place in range(4)]
        return [(place, fresh.decide_batch(tables[place], statuses=True)) for place in order]

    with _threads_in_turn(), ThreadPoolExecutor(3) as pool:
        for answers in pool.map(ask, range(3)):
            assert all(found == expected[place] for place, found in answers)


COPIES = [copy.deepcopy, copy.copy, lambda found: pickle.loads(pickle.dumps(found))]


@pytest.mark.slow
@pytest.mark.parametrize("copied", COPIES)
def test_a_copy_of_a_policy_answers_as_the_policy_does(copied: Callable[[Any], Any]) -> None:
    case = Case.load(ROOT / "examples" / "cases" / "deny" / "molecular_report_missing.json")
    interpretations = {name: values[-1] for name, values in Policy.load("cp_phar_549").alternatives.items()}
    for policy in (
        Policy.load("cp_phar_549", judged_by="clingo"),
        Policy.load("cp_phar_549", interpretations),
    ):
        expected = policy.decide(case), list(policy.missing(case))
        again = copied(policy)
        assert (again.decide(case), list(again.missing(case))) == expected
        assert (again.loaded.judged_by, again.interpretations) == (
            policy.loaded.judged_by,
            policy.interpretations,
        )


@pytest.mark.subprocess
def test_a_policy_is_sent_to_a_process_where_its_folder_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "policy"
    shutil.copytree(ROOT / "tests" / "policies" / "severe_asthma", folder)
    policy = Policy.load(folder)
    told = pickle.dumps(policy)
    shutil.rmtree(folder)
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer).info.model_dump_json())"
    done = subprocess.run([sys.executable, "-c", code], input=told, capture_output=True, check=True)
    assert json.loads(done.stdout) == policy.info.model_dump()


@pytest.mark.slow
@pytest.mark.parametrize("copied", COPIES)
def test_a_copy_of_a_live_case_goes_its_own_way(copied: Callable[[Any], Any]) -> None:
    case = Case.load(ROOT / "examples" / "cases" / "deny" / "molecular_report_missing.json")
    live = Policy.load("cp_phar_549").session(case)
    live.set("age", 50)
    again = copied(live)
    assert again.decision == live.decision
    again.set("kras_g12c", True)
    assert (again.outcome, live.outcome) == ("approve", "deny")


@pytest.fixture(scope="module")
def answers() -> list[Any]:
    """A case, and an answer of each kind."""
    policy = Policy.load("cp_phar_549")
    case = Case.load(ROOT / "examples" / "cases" / "deny" / "molecular_report_missing.json")
    return [
        case,
        policy.decide(case),
        *policy.missing(case),
        *policy.missing(case).documents,
        *policy.repairs(case),
        *policy.counterfactuals(case),
        policy.reasons(case),
        policy.ask_next(case),
        policy.what_if(case, {"age": 17}),
        policy.sweep(case, "age"),
        policy.evidence(case),
        policy.ambiguities(case, 3),
        Policy.load(ROOT / "tests" / "policies" / "severe_asthma").check(),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("copied", COPIES)
def test_cases_and_answers_are_copied_whole(copied: Callable[[Any], Any], answers: list[Any]) -> None:
    policy, case = Policy.load("cp_phar_549"), answers[0]
    assert [copied(answer) for answer in answers] == answers
    assert policy.decide(copied(case)) == policy.decide(case)
    assert copied(policy.vocabulary).all == policy.vocabulary.all


def test_what_decides_tables_says_what_to_send_instead() -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(TypeError, match="send its policy"):
        pickle.dumps(Policy.load("label").batch)


def test_missing_sets_are_copied_as_themselves_and_say_why_they_are_not_sent() -> None:
    case = Case.load(ROOT / "examples" / "cases" / "deny" / "molecular_report_missing.json")
    missing = Policy.load("cp_phar_549").missing(case)
    for found in (missing, missing.documents):
        assert copy.deepcopy(found) is copy.copy(found) is found
        with pytest.raises(TypeError, match="send the case, and ask for them there"):
            pickle.dumps(found)


@pytest.mark.parametrize(
    "error",
    [
        CaseError("a.json", ["id: is missing"]),
        PolicyError("x", [("kind", "line")]),
        TooLargeError(),
        EngineError("y"),
    ],
)
def test_an_error_comes_back_from_another_process_as_it_was(error: BridgeError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
