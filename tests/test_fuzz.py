"""A few hundred inputs that nobody should send, and that the fuzzer itself finds what it looks for."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pyclingo_bridge import EngineError, PolicyError
from tests.conftest import ROOT, scaled, whole
from tests.fuzz import trees
from tests.fuzz.__main__ import Tally
from tests.fuzz.acceptance import judged
from tests.fuzz.findings import Findings
from tests.fuzz.inputs import Asked, made, planned
from tests.fuzz.mutations import seeds, shuffled
from tests.fuzz.workers import Worker, ask_all

INPUTS, SEED = scaled(300), 13


@pytest.mark.subprocess
@pytest.mark.slow
def test_no_input_ends_in_a_traceback_a_hang_or_a_guess() -> None:
    tally = Tally()
    ask_all(planned(INPUTS, SEED), 1, tally.take)
    assert not tally.found, f"python -m tests.fuzz --seed {SEED} --only ...\n{tally.report()}"
    assert sum(tally.answers.values()) == INPUTS


@pytest.mark.parametrize("kind", ["case", "bytes", "csv", "jsonl", "options", "policy", "hostile"])
def test_an_input_is_made_from_its_seed_kind_and_number_alone(kind: str) -> None:
    if kind in ("csv", "jsonl"):
        pytest.importorskip("pyarrow")
    one, two = made(Asked(kind, 1, 2)), made(Asked(kind, 1, 2))
    assert one == two
    assert any(made(Asked(kind, 1, number)) != one for number in range(3, 9))


@pytest.mark.subprocess
@pytest.mark.slow
def test_a_process_that_dies_is_found_and_made_anew() -> None:
    worker = Worker()
    os.kill(worker._process.pid, signal.SIGSEGV)
    worker._process.wait()
    lost = worker.ask(Asked("case", 1, 1))
    assert [found["kind"] for found in lost["found"]] == ["process died: -11"]
    assert worker.ask(Asked("case", 1, 1))["answer"] in ("refused", "approve", "deny", "refer")
    worker.close()


@pytest.mark.parametrize(("name", "text"), seeds(), ids=[name for name, _ in seeds()])
def test_every_example_is_a_case_by_the_specification_alone(name: str, text: str) -> None:
    assert judged(text.encode()) == ("good", "")
    assert judged(f"\ufeff{text}".encode()) == ("good", "")


SPOILED: list[tuple[tuple[str, ...], str]] = [
    (("request", "dose_mg_per_day"), "960.0"),
    (("request", "dose_mg_per_day"), "1e3"),
    (("request", "dose_mg_per_day"), '"960"'),
    (("request", "dose_mg_per_day"), "true"),
    (("request", "dose_mg_per_day"), "2147483648"),
    (("request", "dose_mg_per_day"), "0"),
    (("request", "dose_mg_per_day"), "NaN"),
    (("request", "concurrent_drugs"), '"ondansetron"'),
    (("request", "concurrent_drugs"), '[" "]'),
    (("request", "concurrent_drugs"), '["a\\u200bb"]'),
    (("request", "concurrent_drugs"), '["\\ud800"]'),
    (("request", "on_formulary"), "1"),
    (("request", "dose_increase"), "true"),
    (("id",), "null"),
    (("documents",), "{}"),
    (("documents", "0", "date"), '"2023-02-29"'),
    (("documents", "0", "date"), '"2025-1-1"'),
    (("documents", "0", "states"), '{"age": -1}'),
    (("documents", "0", "states"), '{"kras_g12c": "true"}'),
    (("documents", "0", "states"), '{"kras_g12c": true, "kras_g12c": true}'),
    (("documents", "0", "states"), '{"complete_treatment_history": false}'),
    (("documents", "0", "states"), '{"disease_extent": []}'),
    (("documents", "0", "states"), '{"diagnosis": "C34.90"}'),
    (("documents", "0", "states"), '{"pd_l1_tps_percent": 12.3456}'),
    (("documents", "0", "states"), '{"ecog_performance_status": 6}'),
]


@pytest.mark.parametrize(("place", "value"), SPOILED)
def test_the_second_reader_refuses_what_the_specification_does(place: tuple[str, ...], value: str) -> None:
    assert judged(_with(place, value))[0] == "bad"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("request", "dose_mg_per_day"), "2147483647"),
        (("request", "concurrent_drugs"), '["a \\u00e9", "a \\u00e9"]'),
        (("documents",), "[]"),
        (("documents", "0", "date"), '"2024-02-29"'),
        (("documents", "0", "states"), '{"pd_l1_tps_percent": 12.345}'),
        (("documents", "0", "states"), '{"pd_l1_tps_percent": 12.0}'),
        (("documents", "0", "states"), '{"diagnosis": "melanoma"}'),
    ],
)
def test_the_second_reader_takes_what_the_specification_does(place: tuple[str, ...], value: str) -> None:
    assert judged(_with(place, value)) == ("good", "")


def _with(place: tuple[str, ...], value: str) -> bytes:
    """An ordinary case in which something else stands at a place."""
    case = trees.read(json.dumps(whole()))
    holder: Any = case
    for name in place[:-1]:
        holder = holder[int(name)] if name.isdigit() else holder.get(name)
    holder[:] = [entry for entry in holder if entry[0] != place[-1]]
    holder.append([place[-1], trees.Raw(value)])
    return trees.write(case).encode()


def test_a_shuffled_case_says_the_same() -> None:
    for _, text in seeds()[:5]:
        case = trees.read(text)
        other = trees.plain(shuffled(case, Random(1)))
        assert other | {"documents": 0} == trees.plain(case) | {"documents": 0}
        assert sorted(map(str, map(sorted, other["documents"]))) == sorted(
            map(str, map(sorted, trees.plain(case)["documents"]))
        )


def test_values_of_other_types_are_not_the_same() -> None:
    assert trees.same({"a": [1, "x", None]}, {"a": [1, "x", None]})
    for other in (1.0, True, "1", None, [1]):
        assert not trees.same(1, other)


def test_what_is_no_error_of_the_package_is_a_finding_with_its_place() -> None:
    findings = Findings()
    with findings.guarded("dividing"):
        raise ZeroDivisionError("by nothing")
    with findings.guarded("a defect"):
        raise EngineError("never")
    with findings.guarded("a policy", "policy.lp"):
        raise PolicyError("policy.lp:1: is wrong")
    assert [found.kind for found in findings.found] == ["ZeroDivisionError", "EngineError"]
    assert findings.found[0].where.startswith("test_fuzz.py:")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "is empty"),
        ("a.json: \x1b[31m", "cannot be printed"),
        ("a.json: is bad\nis worse", "does not name its source"),
        ("a.json: " + "x" * 20_000, "too long a line"),
        ("a.json: bad\n" * 20_000 + "a.json:", "is too long"),
    ],
)
def test_a_message_that_nobody_can_use_is_a_finding(text: str, where: str) -> None:
    findings = Findings()
    findings.message(text, "reading", "a.json" if text else None)
    assert where in "; ".join(found.where for found in findings.found)


def test_inputs_with_findings_are_kept(tmp_path: Path) -> None:
    tally = Tally(tmp_path)
    told = {"kind": "TypeError", "where": "x.py:1 f", "text": "no"}
    for number in (4, 5):
        tally.take(Asked("case", 1, number), {"answer": "lost", "found": [told], "seconds": 0.1})
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "case-1-4.json",
        "case-1-4.json.found.txt",
    ]
    assert "2 x TypeError: x.py:1 f (case:4, case:5)" in tally.report()


def test_the_examples_are_what_is_changed() -> None:
    assert len(seeds()) == len(list((ROOT / "examples" / "cases").rglob("*.json"))) + len(
        list((ROOT / "examples" / "evidence").glob("*.json"))
    )
