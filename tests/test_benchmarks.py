"""The benchmarks do the work that they time: their programs answer as the rules do, at small sizes."""

from __future__ import annotations

import importlib
import json
import random
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers.cases import sets_task, task
from benchmarks.peers.control import Chunks, LiveStatuses
from benchmarks.peers.reading import read_rules
from benchmarks.peers.rows import ESTABLISHED, OPEN, REFUTED, Flattener, states
from benchmarks.peers.rules import Rules
from benchmarks.peers.sets import DomRec
from benchmarks.peers.table import Entry, Result, Target, judged, run, told
from benchmarks.peers.walk import Function, Walk
from benchmarks.peers.worker import Work
from pyclingo_bridge import Policy
from tests import small
from tests.conftest import scaled

PYTHON_PEERS = ("walk:Walk", "walk:Function")
CLINGO_PEERS = (
    "control:Live", "control:LiveAssumed", "control:LiveStatuses",
    "control:LiveShipped", "control:Chunks", "control:ChunksOutcome",
)  # fmt: skip
OURS = ("ours:Decide", "ours:DecideAndRead", "ours:Solve", "sets:Missing")
SETS = ("sets:DomRec", "sets:FreshDomRec", "sets:FreshShipped")
OTHERS = {
    "cedar:Cedar": "cedarpy",
    "jdm:Expression": "zen",
    "jdm:Decision": "zen",
    "smt:Solver": "z3",
    "sets:Z3": "z3",
    "sets:Sat": "pysat",
    "sets:ClingExplaid": "clingexplaid",
    "sets:Diagram": "pyclingo_bridge.fast.diagrams",
}


@pytest.fixture(scope="module")
def tasks() -> dict[str, dict[str, Any]]:
    return {"one": task(1, 50, seed=3, fresh=2), "sets": sets_task(1, 14, seed=4)}


def work(place: str, tasks: dict[str, dict[str, Any]]) -> Work:
    """A peer, ready to answer the cases of its kind of task."""
    return Work(place, tasks["sets" if place.startswith("sets:") else "one"])


@pytest.mark.slow
@pytest.mark.parametrize("place", [*PYTHON_PEERS, *CLINGO_PEERS, *OURS, *SETS])
def test_a_peer_that_needs_no_other_package_answers_as_the_rules_do(
    place: str, tasks: dict[str, dict[str, Any]]
) -> None:
    assert work(place, tasks).measure(0) > 0


@pytest.mark.slow
@pytest.mark.parametrize("place", list(OTHERS))
def test_a_peer_that_is_installed_answers_as_the_rules_do(place: str, tasks: dict[str, dict[str, Any]]) -> None:
    pytest.importorskip(OTHERS[place])
    assert work(place, tasks).measure(0) > 0


def test_rego_answers_as_the_rules_do_in_a_process_of_its_own(
    tmp_path: Path, tasks: dict[str, dict[str, Any]]
) -> None:
    if find_spec("regopy") is None:
        pytest.skip("regopy is not installed")
    file = tmp_path / "task.json"
    whole = tasks["one"]
    file.write_text(json.dumps({**whole, "rounds": [part[:10] for part in whole["rounds"]] * 2}))
    results = run([Entry("rego:Rego", "regopy")], file, 1)
    assert results["rego:Rego"].error == ""
    assert results["rego:Rego"].least


@pytest.mark.slow
@pytest.mark.parametrize(
    "place", ["frames:Lazy", "frames:EagerGivenLists", "batch:Batch", "batch:BatchStatuses"]
)
def test_a_batch_answers_as_the_rules_do(
    place: str, tasks: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    if place.startswith("frames"):
        pytest.importorskip("polars")
    for name in (place.split(":")[0], "tables"):
        monkeypatch.setattr(importlib.import_module(f"benchmarks.peers.{name}"), "SIZE", 1_000)
    assert work(place, tasks).measure(0) > 0


@pytest.mark.slow
def test_a_wrong_answer_is_never_timed(tasks: dict[str, dict[str, Any]]) -> None:
    entries = [dict(entry) for entry in tasks["one"]["rounds"][0]]
    other = {"approve": "deny", "deny": "refer", "refer": "approve"}
    entries[7]["outcome"] = other[entries[7]["outcome"]]
    for place in ("walk:Walk", "control:Live"):
        with pytest.raises(AssertionError):
            Work(place, {**tasks["one"], "rounds": [entries]}).measure(0)


def test_every_outcome_is_among_the_cases(tasks: dict[str, dict[str, Any]]) -> None:
    outcomes = {entry["outcome"] for entry in tasks["one"]["rounds"][0]}
    assert outcomes == {"approve", "deny", "refer"}
    assert max(len(entry["sets"]) for entry in tasks["sets"]["rounds"][0]) > 1


def test_rules_stay_the_same_on_their_way_through_json() -> None:
    rules = read_rules("cp_phar_549")
    assert Rules.of(json.loads(json.dumps(rules.data()))) == rules


@pytest.mark.parametrize("seed", range(scaled(10)))
def test_programs_from_policies_made_at_random_answer_as_the_policies_do(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    folder = small.random_policy(rng).write(tmp_path)
    policy, rules = Policy.load(folder), read_rules(folder)
    flattener = Flattener(policy, rules)
    rows = [flattener.row(small.random_small_case(rng)) for _ in range(10)]
    cases = [flattener.checked_case(row, "case") for row in rows]
    decided = [policy.decide(one) for one in cases]
    for row, one in zip(rows, cases, strict=True):
        own = {str(requirement): state for requirement, state in policy.assess(one).statuses.items()}
        names = ("not_met", "conflicting", "undocumented", "met")
        read = [names[state] for state in states(rules, row)]
        assert dict(zip((requirement.term for requirement in rules.requirements), read, strict=True)) == own
    wanted = [(one.outcome, {name: entry.status for name, entry in one.criteria.items()}) for one in decided]
    for peer in (Walk(rules), LiveStatuses(rules), Chunks(rules)):
        prepared: Any = peer.prepare(rows)
        assert peer.answers(prepared) == wanted
    outcome = Function(rules)
    assert outcome.answers(outcome.prepare(rows)) == [one.outcome for one in decided]
    denied = [n for n, one in enumerate(decided) if one.denial_kind == "insufficient_documentation"]
    search = DomRec(rules)
    found = search.told(search.answers(search.prepare([rows[n] for n in denied])))
    for number, sets in zip(denied, found, strict=True):
        listed = policy.missing(cases[number])
        assert sets == sorted(sorted(requirement.term for requirement in one.requirements) for one in listed)


EXCLUSIVE = """
policy(p, "p"). source("nowhere", "now"). vocabulary(v).
attribute(kind, request). domain(kind, choice). listed(kind, first). default(kind, first).
attribute(disease, stable). domain(disease, choice). listed(disease, (one;two;three)).
document_type(note, 1). establishes(note, disease).
section("S", 1). route("S", is(kind, first)). criterion("S", "s"). locator("S", "s").
requires("S", ("S.1";"S.2")). criterion(("S.1";"S.2"), "c"). locator(("S.1";"S.2"), "c").
any_of("S.1", (is(disease, one); is(disease, two))).
any_of("S.2", (is(disease, two); is(disease, three))).
"""


def test_requirements_that_exclude_one_another_are_not_hoped_for_together(tmp_path: Path) -> None:
    (tmp_path / "policy.lp").write_text(EXCLUSIVE)
    rules = read_rules(tmp_path)
    places = {requirement.term: place for place, requirement in enumerate(rules.requirements)}
    walk = Walk(rules)

    def status(one: int, two: int, three: int) -> str:
        found = [ESTABLISHED] * len(places)
        for name, state in (("one", one), ("two", two), ("three", three)):
            found[places[f"is(disease,{name})"]] = state
        ((_, statuses),) = walk.answers([found])
        return statuses["S"]

    assert status(OPEN, OPEN, OPEN) == "undocumented"
    # One and three meet each half, but no disease is both.
    assert status(OPEN, REFUTED, OPEN) == "not_met"
    assert status(REFUTED, OPEN, REFUTED) == "undocumented"


def test_a_target_tells_whether_it_was_reached() -> None:
    results = {
        name: Result(Entry(name, name), rounds)
        for name, rounds in {"quick": [3.0, 2.0], "slow": [9.0, 8.0]}.items()
    }
    targets = [Target("t", "quick", "slow", 4), Target("t", "quick", "slow", 5)]
    lines = judged([*targets, Target("t", "none", "slow", 1)], results)
    assert lines[0] == "reached       t: 4 times, at least 4 wanted"
    assert lines[1] == "NOT REACHED   t: 4 times, at least 5 wanted"
    assert lines[2].startswith("not measured")
    assert len(told(results, "slow")) == 3


def test_a_peer_that_fails_is_told_in_the_table(tmp_path: Path) -> None:
    file = tmp_path / "task.json"
    file.write_text(json.dumps({"rules": read_rules("cp_phar_549").data(), "rounds": [[], []]}))
    results = run([Entry("walk:NoSuchPeer", "nobody")], file, 1)
    assert "NoSuchPeer" in results["walk:NoSuchPeer"].error
    assert "NoSuchPeer" in told(results, "walk:Walk")[1]


@pytest.mark.slow
def test_random_states_and_all_states_of_a_criterion_are_compared_with_clingo() -> None:
    pytest.importorskip("numpy")
    equality = importlib.import_module("benchmarks.equality")
    space = equality.Space(Policy.load("cp_phar_549"), "cp_phar_549")
    live, ours = equality.Live(space), equality.CompiledSide(space)
    rows = space.random(200, seed=5)
    theirs = live.answers(rows)
    assert {equality.OUTCOMES[number] for number in theirs["outcome"]} == {
        "approve",
        "deny",
        "refer",
    }
    equality.compared(ours.answers(rows, list(theirs)), theirs, rows)
    # Three flags of documents, and an attribute of the request form that the requirement tells in two ways.
    part = space.section("I.A", "I.A.8")
    assert part.points == 4 * 4 * 4 * 2
    assert equality.exhausted(ours, live, part, direct=True) == part.points


def test_one_wrong_status_among_all_states_is_found() -> None:
    pytest.importorskip("numpy")
    equality = importlib.import_module("benchmarks.equality")
    space = equality.Space(Policy.load("cp_phar_549"), "cp_phar_549")
    live, ours = equality.Live(space), equality.CompiledSide(space)
    part = space.section("I.A", "I.A.8")

    class Wrong:
        def answers(self, rows: Any, wanted: Any) -> Any:
            found = ours.answers(rows, wanted)
            found["status I.A.8"][-1] ^= 1
            return found

    with pytest.raises(AssertionError, match=r"status I\.A\.8"):
        equality.exhausted(Wrong(), live, part, direct=False)
