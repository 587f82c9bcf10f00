"""A report on a terminal: readable in 80 columns and without color."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table as ShownTable
from rich.text import Text
from rich.tree import Tree as ShownTree

from pyclingo_bridge.core.decision import STATUSES, Status
from pyclingo_bridge.explain.report import (
    NOT_NEEDED,
    STATUS_WORDS,
    Block,
    Emphasis,
    Gap,
    Heading,
    Item,
    Report,
    Table,
    Title,
    Tree,
    cells_in_words,
    status_mark,
)

_STATUSES: dict[Status, str] = {
    "met": "green",
    "undocumented": "yellow",
    "conflicting": "magenta",
    "not_met": "red",
}
_EMPHASES: dict[Emphasis, str] = {
    "approve": "bold green",
    "deny": "bold red",
    "refer": "bold yellow",
    "error": "bold red",
    "warning": "yellow",
    "info": "cyan",
}
_QUIET = "dim"
_STATUS_STYLES: dict[str, str] = {**dict(_STATUSES.items()), NOT_NEEDED: _QUIET}
_OUTCOMES: dict[str, str] = dict(_EMPHASES.items())

_WIDEST_LINE = 110
"""Longer lines are hard to read; tables take what there is."""

_UNWRAPPED = 100_000

_TEXT_NEEDS = 18
"""The columns that texts in tables can do with."""

_BETWEEN = 2


class _Trimmed(Console):
    """A console that leaves no blanks at the end of a line."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as any console does, and trim."""
        with self.capture() as captured:
            super().print(*objects, **options)
        self.file.write(re.sub(r"[ \t]+((?:\x1b\[[0-9;]*m)*)$", r"\1", captured.get(), flags=re.MULTILINE))

    def on_broken_pipe(self) -> None:
        """Leave it to the command line to end: this is called while the error is being handled."""
        raise

    @property
    def wraps(self) -> bool:
        """Whether lines are wrapped."""
        return self.width < _UNWRAPPED


def show(report: Report) -> None:
    """Write a report to standard output."""
    console = _Trimmed(width=_width(), highlight=False, soft_wrap=False, emoji=False)
    for number, block in enumerate(report):
        _show(console, block, first=not number)


def _width() -> int:
    """The columns of the terminal, or as many as COLUMNS says; text that goes elsewhere is not wrapped."""
    known = os.environ.get("COLUMNS", "")
    terminal = sys.stdout is not None and sys.stdout.isatty()
    if terminal or (known.isdecimal() and int(known)):
        return shutil.get_terminal_size((80, 24)).columns
    return _UNWRAPPED


def _show(console: _Trimmed, block: Block, first: bool) -> None:
    if isinstance(block, Gap) or (isinstance(block, Heading | Table) and not first):
        console.print()
    if isinstance(block, Table):
        console.print(_table(block, console))
    elif isinstance(block, Item):
        _show_item(console, block, 2)
    elif isinstance(block, Tree):
        for item in block.items:
            console.print(_tree(item), width=_line(console))
    elif isinstance(block, Title | Heading):
        _print(console, Text(block.text, style=_EMPHASES[block.emphasis] if block.emphasis else "bold"))
    elif not isinstance(block, Gap):
        _print(console, Text(block.text))


def _line(console: _Trimmed) -> int:
    return min(console.width, _WIDEST_LINE) if console.wraps else console.width


def _show_item(console: _Trimmed, item: Item, indent: int) -> None:
    # What does not fit into a line goes on under its text, not under its bullet.
    lead = f"{item.mark or status_mark(item)} " if item.bullet else ""
    style = _STATUSES[item.status] if item.status else ""
    line = ShownTable.grid()
    line.add_column(no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(Text(" " * indent + lead, style=style), Text(item.text))
    console.print(line, width=_line(console))
    for each in item.under:
        _show_item(console, each, indent + 2)


def _tree(item: Item) -> ShownTree:
    """An entry and what is under it, by guide lines: plain characters where the encoding has no others."""
    tree = ShownTree(_reason(item), guide_style=_QUIET)
    _grow(tree, item)
    return tree


def _grow(tree: ShownTree, item: Item, quiet: bool = False) -> None:
    for each in item.under:
        # No alarm where what is above comes nearer to being met by something else.
        under = quiet or _better(item.status, each.status)
        _grow(tree.add(_reason(each, under)), each, under)


def _better(above: Status | None, status: Status | None) -> bool:
    return above is not None and status is not None and STATUSES.index(above) < STATUSES.index(status)


def _reason(item: Item, quiet: bool = False) -> Text:
    """A line of a tree."""
    if item.status is None:
        return Text(item.text)
    return Text.assemble((status_mark(item), _QUIET if quiet else _STATUSES[item.status]), f" {item.text}")


def _print(console: _Trimmed, text: Text, indent: int = 0) -> None:
    console.print(Padding(text, (0, 0, 0, indent), expand=False), width=_line(console))


def _table(table: Table, console: _Trimmed) -> ShownTable:
    shown = ShownTable(
        title=escape(table.title) or None,
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
    )
    for place, column in enumerate(table.columns):
        shown.add_column(
            escape(column.head),
            justify="right" if column.kind == "number" else "left",
            no_wrap=column.kind in ("number", "status", "outcome"),
            min_width=max(map(len, STATUS_WORDS.values())) if column.kind == "status" else None,
            width=_width_of_names(table, place, console.width) if column.kind == "name" else None,
            overflow="ellipsis" if column.kind == "status" else "fold",
        )
    for number, row in enumerate(table.rows):
        quiet = number in table.quiet
        shown.add_row(*_cells(table, row, quiet, console.wraps), style=_QUIET if quiet else None)
    return shown


def _width_of_names(table: Table, place: int, width: int) -> int:
    """What names take, since they are typed again, as far as the other columns leave room for it."""
    rows = (tuple(column.head for column in table.columns), *table.rows)
    widths = [max(map(cell_len, cells)) for cells in zip(*rows, strict=True)]
    others = [
        min(each, _TEXT_NEEDS) if column.kind == "text" else each
        for number, (each, column) in enumerate(zip(widths, table.columns, strict=True))
        if number != place
    ]
    left = width - sum(others) - _BETWEEN * len(others)
    return max(1, min(widths[place], max(left, width // 4)))


def _cells(table: Table, row: tuple[str, ...], quiet: bool, wraps: bool) -> Iterator[Text]:
    for column, cell, text in zip(table.columns, row, cells_in_words(table.columns, row), strict=True):
        style = "" if quiet else _cell_style(column.kind, cell)
        yield Text(text if wraps else "; ".join(text.split("\n")), style=style)


def _cell_style(kind: str, cell: str) -> str:
    if kind == "outcome":
        return _OUTCOMES.get(cell.split(" ")[0].lower(), "bold")
    return _STATUS_STYLES[cell] if kind == "status" else ""
