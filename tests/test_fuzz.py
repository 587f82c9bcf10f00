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
    (("documents", "0", "states"), '{"diagnosis": "Lung cancer"}'),
    (("documents", "0", "states"), '{"diagnosis": []}'),
    (("documents", "0", "states"), '{"diagnosis": ["nsclc", "crc"]}'),
    (("documents", "0", "states"), '{"diagnosis": ["C18.7", "nsclc"]}'),
    (("documents", "0", "states"), '{"diagnosis": ["nsclc", 1]}'),
    (("request", "date"), '"2025-03"'),
    (("request", "date"), "null"),
    (("request", "drug"), '""'),
    (("request", "tumor"), '"--"'),
    (("documents", "0", "tumor"), '" "'),
    (("documents", "0", "status"), '"Final"'),
    (("documents", "0", "status"), '"entered in error"'),
    (("documents", "0", "replaces"), '"nobody"'),
    (("documents", "0", "replaces"), '"d"'),
    (("documents", "0", "replaces"), "null"),
    (("documents", "0", "date"), '"2025-13"'),
    (("documents", "0", "date"), '"25"'),
    (("documents", "0", "date"), "2025"),
    (("documents", "0", "states"), '{"age": {}}'),
    (("documents", "0", "states"), '{"age": {"at_least": 18, "at_most": 17}}'),
    (("documents", "0", "states"), '{"age": {"at_least": 18, "below": 20}}'),
    (("documents", "0", "states"), '{"age": {"at_least": 18, "at_least": 18}}'),
    (("documents", "0", "states"), '{"age": {"at_least": {"at_least": 18}}}'),
    (("documents", "0", "states"), '{"ecog_performance_status": {"at_most": 6}}'),
    (("documents", "0", "states"), '{"days_on_therapy_at_scan": {"at_least": 30}}'),
    (("documents", "0", "states"), '{"pd_l1_tps_percent": {"at_least": 1}}'),
    (("request", "dose_mg_per_day"), '{"at_most": 960}'),
    (("documents", "0", "states"), '{"birth_date": "1899-12-31"}'),
    (("documents", "0", "states"), '{"birth_date": "1953-02-30"}'),
    (("documents", "0", "states"), '{"label_change_date": 2025}'),
    (("documents", "0", "states"), '{"specimen": "blood"}'),
    (("documents", "0", "states"), '{"current_dose_mg_per_day": -1}'),
    (("documents", "0", "states"), '{"generic_not_tolerated": "true"}'),
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
        (("documents", "0", "states"), '{"diagnosis": "C34.90"}'),
        (("documents", "0", "states"), '{"diagnosis": "c3490"}'),
        (("documents", "0", "states"), '{"diagnosis": ["C18.7", "crc", "colon_adenocarcinoma"]}'),
        (("request", "date"), '"2024-02-29"'),
        (("request", "drug"), '"Krazati"'),
        (("request", "tumor"), '"left lung"'),
        (("documents", "0", "tumor"), '"2"'),
        (("documents", "0", "status"), '"entered-in-error"'),
        (("documents", "0", "status"), '"preliminary"'),
        (("documents", "0", "date"), '"2024-02"'),
        (("documents", "0", "date"), '"1899"'),
        (("documents", "0", "states"), '{"age": {"at_least": 18}}'),
        (("documents", "0", "states"), '{"age": {"at_most": 18, "at_least": 18}}'),
        (("documents", "0", "states"), '{"birth_date": "1900", "specimen": "plasma"}'),
        (("documents", "0", "states"), '{"therapy_start_date": "2025-02", "current_dose_mg_per_day": 0}'),
    ],
)
def test_the_second_reader_takes_what_the_specification_does(place: tuple[str, ...], value: str) -> None:
    assert judged(_with(place, value)) == ("good", "")


@pytest.mark.parametrize(
    ("replaced", "expected"),
    [
        ({1: "a", 2: "b"}, "good"),
        ({1: "a", 2: "a"}, "good"),
        ({0: "b", 1: "c", 2: "a"}, "bad"),
        ({0: "b", 1: "a"}, "bad"),
        ({2: "c"}, "bad"),
        ({0: "d"}, "bad"),
    ],
)
def test_documents_replace_one_another_in_chains_alone(replaced: dict[int, str], expected: str) -> None:
    case = whole()
    papers = [{"id": name, "type": "literature", "date": "2025", "states": {}} for name in "abc"]
    for number, name in replaced.items():
        papers[number]["replaces"] = name
    case["documents"] = papers
    assert judged(json.dumps(case).encode())[0] == expected


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
        ("is bad\na.json: is worse", "does not name its source"),
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
