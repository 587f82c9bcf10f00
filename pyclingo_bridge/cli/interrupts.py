"""Ctrl-C: a line and an exit code, whatever the command is at."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

INTERRUPTED = 130
"""The exit code, as a shell reports a program that Ctrl-C has ended."""

SECONDS = 2.0
"""How long a command may take to end after Ctrl-C: the solver does not listen while it searches."""

reported = threading.Event()
"""Whether it was reported that the command was interrupted."""


def report_once() -> None:
    """Say so, once; whoever presses Ctrl-C once more ends the program at once."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if not reported.is_set():
        reported.set()
        with suppress(OSError, ValueError):
            print("interrupted", file=sys.stderr, flush=True)


@contextmanager
def ending_soon() -> Iterator[None]:
    """End the process where Ctrl-C has not ended it after a while.

    Python raises KeyboardInterrupt when the solver returns, which can take for ever. So a thread
    waits for the signal itself. What a batch has written by then is whole: it may end at any time.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    over = threading.Event()
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_end, args=(reading, over), daemon=True).start()
    try:
        yield
    except KeyboardInterrupt:
        # Threads that are still at work keep Python from ending: the thread goes on waiting.
        raise
    except BaseException:
        over.set()
        raise
    else:
        over.set()
    finally:
        signal.set_wakeup_fd(before)
        os.close(writing)


def _end(reading: int, over: threading.Event) -> None:
    """End the process some time after a byte for Ctrl-C has come."""
    while (came := os.read(reading, 1)) and came[0] != signal.SIGINT:
        pass
    os.close(reading)
    if came and not over.wait(SECONDS):
        # A bar of progress hides the cursor; nobody else is going to show it again.
        shown = "\x1b[?25h" if sys.stderr is not None and sys.stderr.isatty() else ""
        with suppress(OSError):
            os.write(2, f"{shown}{'' if reported.is_set() else 'interrupted'}\n".encode())
        os._exit(INTERRUPTED)
