"""A number that no list is as long as asks for all there is."""

from __future__ import annotations

import json

import pytest

from tests.conftest import ROOT
from tests.fuzz.command import ran

pytestmark = pytest.mark.slow

CASE = ROOT / "examples" / "cases" / "deny" / "molecular_report_missing.json"


@pytest.mark.parametrize(
    "command",
    [
        "decide",
        "decide --all-interpretations",
        "missing",
        "repairs",
        "reasons",
        "what-if --set age=17",
    ],
)
def test_more_than_can_be_counted_lists_everything(command: str) -> None:
    given = [*command.split(), "--json", str(CASE)]
    everything = ran([*given, "--first", "0"], ROOT)
    very_many = ran([*given, "--first", "99999999999999999999"], ROOT)
    assert very_many == everything
    assert json.loads(everything.output)
