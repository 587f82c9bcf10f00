"""A report on a terminal: readable in 80 columns and without color."""

from __future__ import annotations

import re
import shutil
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table as ShownTable
from rich.text import Text

from pyclingo_bridge.core.decision import Status
from pyclingo_bridge.explain.report import (
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


class _Trimmed(Console):
    """A console that leaves no blanks at the end of a line."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as any console does, and trim."""
        with self.capture() as captured:
            super().print(*objects, **options)
        self.file.write(re.sub(r"[ \t]+$", "", captured.get(), flags=re.MULTILINE))

    def on_broken_pipe(self) -> None:
        """Leave it to the command line to end: this is called while the error is being handled."""
        raise


def show(report: Report) -> None:
    """Write a report to standard output."""
    width = shutil.get_terminal_size((80, 24)).columns
    console = _Trimmed(width=min(width, 110), highlight=False, soft_wrap=False, emoji=False)
    for block in report:
        _show(console, block)


def _show(console: Console, block: Block) -> None:
    if isinstance(block, Gap | Heading | Table):
        console.print()
    if isinstance(block, Table):
        console.print(_table(block))
    elif isinstance(block, Item):
        _show_item(console, block, 2)
    elif isinstance(block, Tree):
        for item in block.items:
            _show_item(console, item, 0)
    elif isinstance(block, Title | Heading):
        _print(console, Text(block.text, style=_EMPHASES[block.emphasis] if block.emphasis else "bold"))
    elif not isinstance(block, Gap):
        _print(console, Text(block.text))


def _show_item(console: Console, item: Item, indent: int) -> None:
    mark = item.mark or status_mark(item)
    line = Text(mark if item.bullet else "", style=_STATUSES[item.status] if item.status else "")
    _print(console, line.append(f"{' ' if item.bullet else ''}{item.text}", style=""), indent)
    for each in item.under:
        _show_item(console, each, indent + 2)


def _print(console: Console, text: Text, indent: int = 0) -> None:
    console.print(Padding(text, (0, 0, 0, indent), expand=False))


def _table(table: Table) -> ShownTable:
    shown = ShownTable(
        title=escape(table.title),
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        expand=any(column.share for column in table.columns),
    )
    for column in table.columns:
        shown.add_column(
            escape(column.head),
            justify="right" if column.kind == "number" else "left",
            no_wrap=column.kind != "text",
            min_width=max(map(len, STATUS_WORDS.values())) if column.kind == "status" else None,
            ratio=column.share,
            overflow="ellipsis" if column.kind in ("name", "status") else "fold",
        )
    styles: dict[str, str] = dict(_STATUSES.items())
    for row in table.rows:
        cells = zip(table.columns, row, cells_in_words(table.columns, row), strict=True)
        shown.add_row(
            *(Text(text, style=styles[cell] if column.kind == "status" else "") for column, cell, text in cells)
        )
    return shown
