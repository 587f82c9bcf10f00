"""Runs the commands of a page as its reader would, in a folder that holds what a clone holds.

The package's own commands run in this process: a process for each would take a second only to start.
"""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from pyclingo_bridge.cli.main import main
from tests.conftest import ROOT

COPIED = ("examples",)
"""What a page may write into."""

LINKED = ("asp", "tests", "benchmarks")
"""What a page only reads."""

NARROW = {"COLUMNS": "80"}

PROGRAM = "pyclingo-bridge"


@dataclass
class Shell:
    """What the commands of one page share: their folder, and the last exit code."""

    folder: Path
    code: int = 0
    variables: Mapping[str, str] = field(default_factory=lambda: NARROW)

    def run(self, command: str) -> str:
        """What a command writes, its errors with it, as a terminal shows both."""
        if command == "echo $?":
            return f"{self.code}\n"
        first, *piped = command.split(" | ")
        words = shlex.split(first, comments=True)
        if words[0] == PROGRAM:
            output, self.code = run_program(words[1:], self.folder, self.variables)
        else:
            output = self._outside([sys.executable, *words[1:]] if words[0] == "python" else words)
        for each in piped:
            output = self._outside(shlex.split(each), output)
        # The folder has another name each time, and a reader has none of them.
        return output.replace(f"{self.folder}/", "")

    def _outside(self, words: list[str], given: str = "") -> str:
        env = {**os.environ, **self.variables, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=env,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.code = done.returncode
        return done.stdout


@contextmanager
def shell(variables: Mapping[str, str] = NARROW) -> Iterator[Shell]:
    """A shell in a new folder, which is gone afterwards."""
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for copied in COPIED:
            shutil.copytree(ROOT / copied, folder / copied)
        for linked in LINKED:
            (folder / linked).symlink_to(ROOT / linked)
        yield Shell(folder, variables=variables)


def run_program(words: list[str], folder: Path, variables: Mapping[str, str]) -> tuple[str, int]:
    """What the command line writes in a folder, and its exit code."""
    before = dict(os.environ)
    kept = sys.argv, sys.stdin, sys.stdout, sys.stderr
    written = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    try:
        os.environ.update(variables)
        sys.argv = [PROGRAM, *words]
        sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO()), written, written
        with chdir(folder):
            code = _exit_code()
    finally:
        sys.argv, sys.stdin, sys.stdout, sys.stderr = kept
        os.environ.clear()
        os.environ.update(before)
    written.seek(0)
    return written.read(), code


def _exit_code() -> int:
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0
