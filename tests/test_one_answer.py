"""One input has one output, to the byte: whatever the hash seed, and the order of documents and keys."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.answers import COMMANDS, answer, reordered
from tests.conftest import ROOT, scaled
from tests.random_cases import random_case

EXAMPLES = sorted((ROOT / "examples" / "cases").rglob("*.json"))
SEEDS = [str(seed) for seed in range(scaled(5, least=2))]
DICE = random.Random(23)
RANDOM = [random_case(DICE) for _ in range(12)]


def of_one_day(data: dict[str, Any]) -> dict[str, Any]:
    """The case with all its documents of one day, which no date brings into an order."""
    again: dict[str, Any] = json.loads(json.dumps(data))
    for document in again["documents"]:
        document["date"] = "2025-03-01"
    return again


@pytest.mark.subprocess
@pytest.mark.slow
def test_no_answer_depends_on_the_hash_seed(tmp_path: Path) -> None:
    paths = [str(path) for path in EXAMPLES[::17]]
    for number, data in enumerate(RANDOM[:2]):
        (tmp_path / f"{number}.json").write_text(json.dumps(of_one_day(data)))
        paths.append(str(tmp_path / f"{number}.json"))
    told = {}
    for seed in SEEDS:
        done = subprocess.run(
            [sys.executable, "-m", "tests.answers", *paths],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        told[seed] = done.stdout.splitlines()
    assert len(told["0"]) == len(paths) * len(COMMANDS)
    for seed in SEEDS[1:]:
        assert told[seed] == told["0"]


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(EXAMPLES)), ids=[path.stem for path in EXAMPLES])
def test_no_answer_to_an_example_depends_on_the_order_of_documents_and_keys(place: int) -> None:
    data = json.loads(EXAMPLES[place].read_text(encoding="utf-8"))
    dice = random.Random(place)
    for one in (data, of_one_day(data)):
        for command in dice.sample(COMMANDS, scaled(3)):
            assert answer(reordered(one, dice), command) == answer(one, command), command


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(RANDOM)))
def test_no_answer_to_a_random_case_depends_on_the_order_of_documents_and_keys(place: int) -> None:
    dice = random.Random(place)
    data = of_one_day(RANDOM[place]) if place % 2 else RANDOM[place]
    for command in dice.sample(COMMANDS, scaled(5)):
        assert answer(reordered(data, dice), command) == answer(data, command), command


def test_of_one_day_documents_are_told_by_their_ids() -> None:
    data = of_one_day(json.loads(EXAMPLES[0].read_text(encoding="utf-8")))
    told = json.loads(answer(data, ("decide", "--json"))[1])
    for criterion in told["criteria"].values():
        names = [one["document"] for one in criterion["evidence"] if one["document"]]
        assert names == sorted(names)
