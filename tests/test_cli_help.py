"""Help, completion and progress: what a user sees before and beside the answers."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from pyclingo_bridge.cli import completion, progress
from pyclingo_bridge.cli.command import TASKS
from pyclingo_bridge.cli.main import app
from tests.conftest import ROOT
from tests.test_cli import APPROVE, DENY, MISSING, _policies_grounded_once, readable, run

__all__ = ["_policies_grounded_once"]

GROUP: Any = typer.main.get_command(app)
NAMES = sorted(GROUP.commands)


def test_the_commands_are_listed_by_task_with_their_whole_first_sentence() -> None:
    text = run("--help").out
    readable(text)
    assert "..." not in text.replace("[ARGS]...", "")
    headings = re.findall(r"^(\S[^:]*):$", text, re.MULTILINE)
    assert headings[:3] == ["One case", "Many cases", "A policy"]
    assert headings[-2:] == ["Options", "Examples"]
    assert "Other" not in headings
    for name in NAMES:
        assert re.search(rf"^  {name} +\S", text, re.MULTILINE), name


def test_every_task_names_commands_once() -> None:
    listed = [name for names in TASKS.values() for name in names]
    assert len(listed) == len(set(listed))
    assert set(NAMES) <= set(listed)


def test_short_names_do_the_same() -> None:
    assert run("-h").out == run("--help").out
    assert run("-V").out == run("--version").out
    assert run("decide", "-h").out == run("decide", "--help").out


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_a_command_ends_with_examples_and_cuts_nothing(name: str) -> None:
    text = run(name, "--help").out
    readable(text)
    usage, rest = text.split("\n", 1)
    assert "..." not in re.sub(r"\[?[A-Z]+\.\.\.|\[FIELD,\.\.\.\]", "", rest)
    assert "{" not in usage
    assert "list[str]" not in text
    assert "\nExamples:\n  pyclingo-bridge " in text
    assert text.index("Examples:") > text.index("Options:")


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_command_are_commands(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for line in GROUP.commands[name].epilog.splitlines()[1:]:
        words = shlex.split(re.split(r"\s{2,}| > ", line.strip())[0])
        if words[0] != "pyclingo-bridge":
            continue
        command = GROUP.commands[words[1]]
        with command.make_context(words[1], words[2:], parent=GROUP.context_class(GROUP)) as context:
            assert context.params, line


def test_options_are_grouped_with_what_every_command_has_last() -> None:
    text = run("decide", "--help").out
    headings = re.findall(r"^(\S[^:\n]*):$", text, re.MULTILINE)
    assert headings == ["Arguments", "Policy", "Output", "Limits", "Options", "Examples"]


# Completion


def test_completion_can_be_installed() -> None:
    assert "--install-completion" in run("--help").out


def test_names_of_policies_and_their_interpretations_are_offered() -> None:
    context: Any = SimpleNamespace(params={})
    assert "cp_phar_549" in completion.policy_names("cp")
    assert completion.policy_names("nothing") == []
    offered = completion.interpretation_choices(context, "prior_therapy_scope")
    assert offered == ["prior_therapy_scope=any_systemic", "prior_therapy_scope=appendix_b"]
    context.params["policy"] = "no such policy"
    assert completion.interpretation_choices(context, "") == []


def test_attributes_are_offered_with_their_values() -> None:
    context: Any = SimpleNamespace(params={})
    assert completion.assignments(context, "kras") == ["kras_g12c="]
    assert completion.assignments(context, "kras_g12c=") == ["kras_g12c=true", "kras_g12c=false"]
    assert completion.assignments(context, "product=b") == ["product=brand"]
    assert "age" in completion.attribute_names(context, "ag")


@pytest.mark.subprocess
def test_a_shell_is_offered_what_there_is() -> None:
    words = {"COMP_WORDS": "pyclingo-bridge decide --policy cp", "COMP_CWORD": "3"}
    env = {**os.environ, **words, "_PYCLINGO_BRIDGE_COMPLETE": "complete_bash", "PYTHONPATH": str(ROOT)}
    code = "import sys; sys.argv[0] = 'pyclingo-bridge'; from pyclingo_bridge.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "cp_phar_549_2024" in done.stdout.split(), done.stderr


# Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """The error stream as a terminal. No fixture: pytest gives the stream anew to each part of a test."""
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def test_cases_are_counted_on_a_terminal_while_the_answers_go_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = watched(monkeypatch)
    assert list(progress.each_with_progress("cases", [1, 2, 3])) == [1, 2, 3]
    assert "3/3" in terminal.getvalue()
    assert capsys.readouterr().out == ""


def test_where_answers_are_written_to_the_terminal_there_is_no_bar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = watched(monkeypatch)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert list(progress.each_with_progress("cases", [1, 2])) == [1, 2]
    assert terminal.getvalue() == ""
    assert list(progress.each_with_progress("cases", [1, 2], collected=True)) == [1, 2]
    assert "2/2" in terminal.getvalue()


def test_one_case_needs_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    assert list(progress.each_with_progress("cases", [1])) == [1]
    assert terminal.getvalue() == ""


def test_rows_are_counted_from_before_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with progress.row_progress("deciding") as report:
        report(0, 100, 0)
        report(50, 100, 1_200)
    assert "1,200 rows" in terminal.getvalue()


def test_what_takes_long_is_named_while_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with progress.waiting("checking a policy"):
        pass
    assert "checking a policy" in terminal.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), None], ids=["pipe", "closed"])
def test_nothing_is_written_where_nobody_watches(stream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(sys, "stderr", stream)
    with progress.waiting("x"), progress.row_progress("y") as report:
        report(1, 2, 3)
    assert list(progress.each_with_progress("cases", [1, 2])) == [1, 2]
    assert stream is None or stream.getvalue() == ""


def test_a_pipe_gets_answers_alone() -> None:
    told = run("decide", APPROVE, DENY, MISSING, "--json=outcome")
    assert told.err == ""
    assert len(told.lines) == 3


def test_ids_of_criteria_are_offered_where_a_name_may_be_explained() -> None:
    context: Any = SimpleNamespace(params={"policy": "cp_phar_549"})
    offered = completion.criterion_ids(context, "I.A.9")
    assert offered == ["I.A.9", "I.A.9.a", "I.A.9.b", "I.A.9.n"]
    # Files come first: where nothing is typed yet, the shell offers them.
    assert completion.criterion_ids(context, "") == []
