"""How far a command has come, on the error stream, where that is a terminal; nothing anywhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

    from pyclingo_bridge.io.run import ReportProgress

_T = TypeVar("_T")


def is_terminal(stream: object) -> bool:
    """Whether somebody watches a stream: it is a terminal that can move its cursor."""
    is_tty = getattr(stream, "isatty", None)
    return bool(is_tty and is_tty()) and os.environ.get("TERM") != "dumb"


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say what takes so long, and for how long it has, while it is done."""
    if not is_terminal(sys.stderr):
        yield
        return
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    with _bar(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()) as bar:
        bar.add_task(what, total=None)
        yield


@contextmanager
def row_progress(what: str) -> Iterator[ReportProgress]:
    """A bar for rows of a file, from before its first row."""
    if not is_terminal(sys.stderr):
        yield lambda seen, size, rows: None
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with _bar(*columns) as bar:
        task = bar.add_task(what, total=None, rows=0)

        def report(seen: int, size: int, rows: int) -> None:
            bar.update(task, completed=seen, total=size, rows=rows)

        yield report


def each_with_progress(what: str, entries: Sequence[_T], collected: bool = False) -> Iterator[_T]:
    """The entries, with a bar that tells how many are done.

    Args:
        what: what is done with them.
        entries: the entries.
        collected: whether answers are written only at the end. Else there is no bar where they are written to
            a terminal too: they tell themselves how far it has come.
    """
    watched = is_terminal(sys.stderr) and (collected or not is_terminal(sys.stdout))
    if len(entries) < 2 or not watched:
        yield from entries
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with _bar(*columns) as bar:
        task = bar.add_task(what, total=len(entries))
        for entry in entries:
            yield entry
            bar.advance(task)


def _bar(*columns: ProgressColumn) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    # What is written to standard output stays there; errors are written above the bar.
    return Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
