"""What the README shows is what happens."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
TRANSCRIPTS = re.findall(r"```console\n\$ ([^\n]+)\n(.*?)```", README, re.DOTALL)


def run(command: str) -> str:
    """What a command of the README prints, from the root of the repository, 80 columns wide."""
    words = shlex.split(command)
    if words[0] == "pyclingo-bridge":
        words = [sys.executable, "-m", "pyclingo_bridge", *words[1:]]
    elif words[0] == "python":
        words = [sys.executable, *words[1:]]
    env = {**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


def test_the_readme_has_transcripts() -> None:
    assert len(TRANSCRIPTS) >= 5


@pytest.mark.subprocess
@pytest.mark.slow
@pytest.mark.parametrize(("command", "output"), TRANSCRIPTS, ids=[command for command, _ in TRANSCRIPTS])
def test_a_transcript_is_what_the_command_prints(command: str, output: str) -> None:
    assert run(command) == output


@pytest.mark.slow
def test_the_python_session_is_what_python_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    session = doctest.DocTestParser().get_doctest(README, {}, "README", "README.md", 0)
    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(session)
    assert results.attempted >= 8
    assert results.failed == 0


@pytest.mark.slow
def test_the_docstrings_sessions_are_what_python_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    import pyclingo_bridge
    import pyclingo_bridge.policy

    monkeypatch.chdir(ROOT)
    for module in (pyclingo_bridge, pyclingo_bridge.policy):
        results = doctest.testmod(module)
        assert results.attempted >= 2
        assert results.failed == 0


def test_the_two_commands_are_one_line_each_and_name_what_exists() -> None:
    main, test = (re.search(rf"<!-- {name} -->\n```sh\n([^\n]+)\n```", README) for name in ("main", "test"))
    assert main
    assert test
    case = re.search(r"decide (\S+\.json)", main[1])
    assert case
    assert (ROOT / case[1]).is_file()
    assert "-m pytest" in test[1]
    ci = (ROOT / ".ci" / "run").read_text()
    assert "command_of test" in ci


def test_links_lead_somewhere() -> None:
    for path in [
        ROOT / "README.md",
        *(ROOT / "docs").glob("*.md"),
        ROOT / "CONTRIBUTING.md",
        ROOT / "examples" / "README.md",
    ]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path}: {target}"
