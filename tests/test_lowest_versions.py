"""The versions that CI runs a smoke test with are the lowest ones that `pyproject.toml` allows."""

from __future__ import annotations

import tomllib

import pytest

from tests.conftest import ROOT

LOWEST = ROOT / ".ci" / "lowest.txt"


@pytest.mark.skipif(not LOWEST.exists(), reason="what is built from the sources has no .ci")
def test_the_smoke_test_takes_the_lowest_versions_that_are_allowed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    floors = {}
    for wanted in (*project["dependencies"], *project["optional-dependencies"]["batch"]):
        name, version = wanted.split(">=")
        floors[name] = _numbers(version)
    lines = LOWEST.read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    assert {name: _numbers(version) for name, version in pinned.items()} == floors


def _numbers(version: str) -> tuple[int, ...]:
    """A version's three numbers: 2.7 and 2.7.0 are one."""
    found = [int(number) for number in version.split(".")]
    return (*found, 0, 0)[:3]
