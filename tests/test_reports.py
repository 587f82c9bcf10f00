"""Small inputs that once went wrong, each with what it should come to: a row of a `rows.toml` each.

Every folder of `tests/reports/` is one kind of fault. A row runs its command in that folder, and
holds it to an exit code, to texts that the output has to show, and to texts that it must not show.
A row that `waits` for a change of the rules is expected to fail until then.
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge.cli.main import main
from tests.conftest import ROOT

pytestmark = pytest.mark.subprocess

REPORTS = Path(__file__).resolve().parent / "reports"


@dataclass(frozen=True)
class Row:
    """One input that once went wrong.

    Attributes:
        folder: the folder of its kind, in which the command runs, or one beneath it.
        command: `pyclingo-bridge ...`, or another program that finds it on the path.
        exit: the exit code that it has to end with.
        shows: texts that its output has to hold; runs of blanks and line ends count as one blank.
        hides: texts that its output must not hold.
        waits: what it waits for, where it fails until then.
    """

    folder: Path
    name: str
    command: str
    exit: int
    shows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    waits: str = ""

    def outcome(self, scratch: Path) -> tuple[int, str]:
        """The exit code, and what is written to both outputs."""
        name, *args = (word.replace("{tmp}", str(scratch)) for word in shlex.split(self.command))
        if name == "pyclingo-bridge":
            return _within(self.folder, args)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        places = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        env = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(places)}
        done = subprocess.run(
            [name, *args], cwd=self.folder, env=env, capture_output=True, text=True, timeout=120
        )
        return done.returncode, done.stdout + done.stderr


def _within(folder: Path, args: list[str]) -> tuple[int, str]:
    """A command of this package, run in this process: starting another takes most of the time."""
    outputs, before, argv = io.StringIO(), Path.cwd(), sys.argv
    code: Any = 0
    with contextlib.redirect_stdout(outputs), contextlib.redirect_stderr(outputs):
        try:
            os.chdir(folder)
            sys.argv = ["pyclingo-bridge", *args]
            main()
        except SystemExit as ended:
            code = ended.code
        finally:
            os.chdir(before)
            sys.argv = argv
    return int(code or 0), outputs.getvalue()


def _rows() -> list[Row]:
    found = []
    for path in sorted(REPORTS.glob("*/rows.toml")):
        for told in tomllib.loads(path.read_text(encoding="utf-8"))["row"]:
            place = path.parent / told.pop("in", "")
            found.append(Row(place, **told))
    return found


def _marked(row: Row) -> Any:
    waits = [pytest.mark.xfail(reason=f"waits for {row.waits}", strict=True)] if row.waits else []
    kind = row.folder.relative_to(REPORTS).parts[0]
    return pytest.param(row, id=f"{kind}-{row.name}", marks=waits)


@pytest.mark.slow
@pytest.mark.parametrize("row", [_marked(row) for row in _rows()])
def test_an_input_that_once_went_wrong_comes_to_what_it_should(row: Row, tmp_path: Path) -> None:
    code, output = row.outcome(tmp_path)
    output = " ".join(output.split())
    assert code == row.exit, output
    assert [text for text in row.shows if text not in output] == [], output
    assert [text for text in row.hides if text in output] == [], output
    assert "Traceback" not in output
