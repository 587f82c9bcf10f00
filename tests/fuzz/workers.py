"""Processes that are asked inputs one by one, killed where they hang and made anew where they die."""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import IO, Any

from tests.conftest import ROOT
from tests.fuzz.inputs import Asked, judge

PATIENCE = 180
"""How many seconds an answer may take on a machine that has other things to do."""

Told = Callable[[Asked, dict[str, Any]], None]


class Worker:
    """A process of its own, and what it writes when it dies."""

    def __init__(self) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._start()

    def _start(self) -> None:
        self._errors.seek(0)
        self._errors.truncate()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.workers"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        )

    def ask(self, asked: Asked) -> dict[str, Any]:
        """What an input comes to; where it kills the process or hangs, that is a finding."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        # A process that is dead already is found out when it is read from.
        with contextlib.suppress(BrokenPipeError):
            stdin.write(f"{json.dumps(asked)}\n".encode())
            stdin.flush()
        ready, _, _ = select.select([stdout], [], [], PATIENCE)
        line = stdout.readline() if ready else b""
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        if not ready:
            self._process.kill()
        return self._lost(self._process.wait(), hung=not ready)

    def _lost(self, code: int, hung: bool) -> dict[str, Any]:
        self._errors.seek(0)
        text = self._errors.read().decode("utf-8", "replace")[-20_000:]
        kind = "hang" if hung or code == -signal.SIGXCPU else f"process died: {code}"
        places = re.findall(r'File ".*?(pyclingo_bridge/[^"]+)", line (\d+) in (\w+)', text)
        where = "{}:{} {}".format(*places[0]) if places else "?"
        self.close()
        self._start()
        found = {"kind": kind, "where": where, "text": text[-2000:]}
        return {"answer": "lost", "found": [found], "seconds": 0.0}

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                if stream is not None:
                    stream.close()
        self._process.wait()


def ask_all(inputs: Iterable[Asked], jobs: int, told: Told) -> None:
    """Ask all inputs in so many processes; what each comes to is reported as it comes, one at a time."""
    waiting: SimpleQueue[Asked] = SimpleQueue()
    answers: SimpleQueue[tuple[Asked, dict[str, Any]] | None] = SimpleQueue()
    for asked in inputs:
        waiting.put(asked)

    def work() -> None:
        worker = Worker()
        try:
            while True:
                asked = waiting.get_nowait()
                answers.put((asked, worker.ask(asked)))
        except Empty:
            pass
        finally:
            worker.close()
            answers.put(None)

    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(work) for _ in range(jobs)]
        left = jobs
        while left:
            answer = answers.get()
            if answer is None:
                left -= 1
            else:
                told(*answer)
        for future in running:
            future.result()


def serve() -> None:
    """Answer each line of standard input by one line of standard output."""
    faulthandler.enable()
    if hasattr(signal, "SIGXCPU"):
        # Where it hung is told before the process ends as it would without this.
        faulthandler.register(signal.SIGXCPU, chain=True)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What is printed by chance is no answer.
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(f"{json.dumps(judge(Asked(*json.loads(line))))}\n")
        answers.flush()


if __name__ == "__main__":
    serve()
