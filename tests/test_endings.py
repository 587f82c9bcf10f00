"""How a command ends that somebody stops: by Ctrl-C, or by reading no more of what it writes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pyclingo_bridge.cli.main import main
from tests.conftest import ROOT

pytestmark = pytest.mark.subprocess

CASE = str(ROOT / "examples" / "cases" / "deny" / "molecular_report_missing.json")
SMALL = str(ROOT / "tests" / "policies" / "severe_asthma")
COMMAND = [sys.executable, "-m", "pyclingo_bridge"]

posix = pytest.mark.skipif(os.name == "nt", reason="signals and pipes as POSIX has them")


def started(command: list[str]) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
@posix
@pytest.mark.parametrize(
    ("words", "own"),
    [
        (["--help"], 0),
        (["decide", CASE], 3),
        (["missing", CASE], 3),
        (["check", SMALL], 0),
        (["evidence", CASE], 0),
    ],
)
def test_a_command_whose_output_nobody_reads_ends_quietly(words: list[str], own: int) -> None:
    process = started([*COMMAND, *words])
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(timeout=60)
    assert errors == b""
    assert process.returncode in (141, own)


@posix
def test_a_command_ends_quietly_where_the_reader_stops_in_the_middle() -> None:
    # Far more than a pipe holds.
    process = started([*COMMAND, "decide", "--json", *[CASE] * 60])
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"{")
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (141, b"")


@posix
@pytest.mark.parametrize("words", [["decide", "nowhere.json"], ["decide"], ["check", "nowhere"]])
def test_an_error_that_nobody_reads_ends_the_command_quietly(words: list[str]) -> None:
    process = started([*COMMAND, *words])
    assert process.stderr is not None
    process.stderr.close()
    process.stderr = None
    out, _ = process.communicate(timeout=60)
    assert (process.returncode in (141, 2), out) == (True, b"")


def interrupted(code: str) -> tuple[int, bytes, bytes]:
    """Run a program that sends itself what Ctrl-C sends."""
    process = started([sys.executable, "-c", code])
    out, errors = process.communicate(timeout=60)
    # A process that the signal itself ended: to a shell it is the same.
    code_ = 130 if process.returncode == -signal.SIGINT else process.returncode
    return code_, out, errors


WHILE_IMPORTING = """
import os, signal, sys
class Once:
    def find_spec(self, name, *rest):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Once())
from pyclingo_bridge.cli.main import main
sys.argv = ["pyclingo-bridge", "decide", {case!r}]
main()
"""


@pytest.mark.slow
@posix
@pytest.mark.parametrize("name", ["pydantic", "clingo", "typer", "pyclingo_bridge.policy", "rich.console"])
def test_an_interrupt_while_modules_are_imported_is_told_in_a_line(name: str) -> None:
    told = interrupted(WHILE_IMPORTING.format(name=name, case=CASE))
    assert told == (130, b"", b"interrupted\n")


def test_the_entry_imports_nothing_that_takes_time() -> None:
    code = (
        "import sys; known = set(sys.modules); import pyclingo_bridge.cli.main; "
        "print(*set(sys.modules) - known)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert set(done.stdout.split()) == {"pyclingo_bridge", "pyclingo_bridge.cli", "pyclingo_bridge.cli.main"}


WHILE_SEARCHING = """
import os, signal, threading
from pyclingo_bridge.cli import main as cli
from pyclingo_bridge.cli import interrupts
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.rule_files import RulesFile
from pathlib import Path
from tests.test_processes import PIGEONS
from pyclingo_bridge.base.terms import Term
interrupts.SECONDS = 0.2
program = Program([RulesFile(Path("pigeons.lp"), PIGEONS)])
cli._run = lambda: program.best({Term("long")})
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
cli.main()
"""


@posix
def test_an_interrupt_ends_a_search_that_would_not_end() -> None:
    assert interrupted(WHILE_SEARCHING) == (130, b"", b"interrupted\n")


WHILE_AT_A_COMMAND = """
import os, signal, sys
from pyclingo_bridge import Policy
from pyclingo_bridge.cli.main import main
def stop(*args, **options):
    os.kill(os.getpid(), signal.SIGINT)
    raise AssertionError("not interrupted")
Policy.{method} = stop
sys.argv = ["pyclingo-bridge", *{words!r}]
main()
"""


@pytest.mark.slow
@posix
@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("decide", ["decide", CASE]),
        ("missing", ["missing", CASE]),
        ("load", ["policies"]),
    ],
)
def test_an_interrupt_of_a_command_is_told_in_a_line(method: str, words: list[str]) -> None:
    told = interrupted(WHILE_AT_A_COMMAND.format(method=method, words=words))
    assert told == (130, b"", b"interrupted\n")


@posix
def test_a_command_that_is_told_to_terminate_does(tmp_path: Path) -> None:
    process = started([sys.executable, "-c", WHILE_SEARCHING.replace("SIGINT", "SIGTERM")])
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (-signal.SIGTERM, b"")


@pytest.mark.slow
@posix
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-"])
def test_a_standard_output_that_is_closed_is_an_error(closed: str) -> None:
    command = [*COMMAND, "decide", CASE]
    process = started(["bash", "-c", f'"$@" {closed}', "bash", *command])
    output, errors = process.communicate(timeout=60)
    told = b"" if "2" in closed else b"error: cannot write: standard output is closed\n"
    assert (output, errors, process.returncode) == (b"", told, 2)


def test_a_fault_of_the_program_is_told_in_a_line_and_not_as_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing() -> int:
        raise KeyError("lost")

    monkeypatch.setattr("pyclingo_bridge.cli.main._commanded", failing)
    monkeypatch.delenv("PYCLINGO_BRIDGE_TRACEBACK", raising=False)
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert told.startswith("defect: KeyError: 'lost'")
    assert "Traceback" not in told
    monkeypatch.setenv("PYCLINGO_BRIDGE_TRACEBACK", "1")
    with pytest.raises(KeyError):
        main()
