"""A report: what an answer comes to for a reader, as headings, sentences, lists and tables.

The other modules of this package make reports of answers, in words. Here is how a report is written as
plain text, as Markdown and as data; `terminal` shows it on a screen.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from pyclingo_bridge.core.decision import Outcome, Status

STATUS_WORDS: dict[Status, str] = {
    "met": "met",
    "undocumented": "undocumented",
    "conflicting": "conflicting",
    "not_met": "not met",
}

NOT_NEEDED = "not_needed"
"""Stands in a column of statuses where something is not met, and something else makes up for it."""

Emphasis: TypeAlias = Outcome | Literal["error", "warning", "info"]
"""What a title or a heading reports, where that is worth a color: an outcome, or how grave a finding is."""


@dataclass(frozen=True)
class Title:
    """The first line of a report."""

    text: str
    emphasis: Emphasis | None = None


@dataclass(frozen=True)
class Heading:
    """The heading of what follows."""

    text: str
    emphasis: Emphasis | None = None


@dataclass(frozen=True)
class Paragraph:
    """A sentence or more.

    Attributes:
        text: its text.
        apart: whether it is a paragraph of its own in Markdown, and not a line of one.
    """

    text: str
    apart: bool = True


@dataclass(frozen=True)
class Gap:
    """A blank line."""


@dataclass(frozen=True)
class Item:
    """An entry of a list.

    Attributes:
        text: its text.
        under: the entries under it.
        mark: of a difference: what it adds, takes away or changes.
        bullet: whether a dash stands before it on a screen.
        status: in a tree of reasons, how it stands; none of evidence and notes.
    """

    text: str
    under: tuple[Item, ...] = ()
    mark: Literal["", "+", "-", "~"] = ""
    bullet: bool = True
    status: Status | None = None


@dataclass(frozen=True)
class Tree:
    """Reasons, and the reasons of each under it."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        head: what it is called.
        kind: texts, which may take several lines; names and numbers, which take one; statuses; or outcomes.
    """

    head: str
    kind: Literal["text", "name", "number", "status", "outcome"] = "text"


@dataclass(frozen=True)
class Table:
    """A table; a cell of a column of statuses holds a `Status`, or `NOT_NEEDED`.

    Attributes:
        title: its title; empty for none.
        columns: its columns.
        rows: its cells.
        quiet: the numbers of the rows that do not matter for the outcome.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    quiet: tuple[int, ...] = ()


Block: TypeAlias = Title | Heading | Paragraph | Gap | Item | Tree | Table
Report: TypeAlias = Iterable[Block]


def detailed(text: str, details: Iterable[str], mark: Literal["", "+", "-", "~"] = "") -> Item:
    """An entry of a list, and further lines under it."""
    return Item(text, tuple(Item(detail, bullet=False) for detail in details), mark)


def section(heading: str, entries: Iterable[str | Item], emphasis: Emphasis | None = None) -> Iterator[Block]:
    """A list under a heading; nothing where the list is empty."""
    items = [Item(entry) if isinstance(entry, str) else entry for entry in entries]
    if items:
        yield Heading(heading, emphasis)
        yield from items


def status_mark(item: Item) -> str:
    """The status of a reason in brackets, or a dash."""
    return f"[{STATUS_WORDS[item.status]}]" if item.status else "-"


def cells_in_words(columns: Iterable[Column], row: Iterable[str]) -> Iterator[str]:
    """The cells of a row for a reader."""
    words: dict[str, str] = {**dict(STATUS_WORDS.items()), NOT_NEEDED: "not needed"}
    for column, cell in zip(columns, row, strict=True):
        yield words[cell] if column.kind == "status" else cell


def as_data(report: Report) -> list[dict[str, Any]]:
    """A report as data that JSON can hold: each block with its kind."""
    return [{"kind": type(block).__name__.lower(), **asdict(block)} for block in report]


# Plain text


def as_text(report: Report, width: int = 80) -> str:
    """A report as plain text, in lines of at most so many columns."""
    return "\n".join(line for block in report for line in _text_lines(block, width))


def _text_lines(block: Block, width: int) -> Iterator[str]:
    if isinstance(block, Gap):
        yield ""
    elif isinstance(block, Tree | Item):
        for item in block.items if isinstance(block, Tree) else (block,):
            yield from _item_text(item, 0, width, 4 if isinstance(block, Tree) else 2)
    elif isinstance(block, Heading):
        yield ""
        yield from _filled(block.text if block.text.endswith((".", ":")) else f"{block.text}:", "", "", width)
    elif isinstance(block, Table):
        yield from ("", block.title) if block.title else ("",)
        yield "  ".join(column.head for column in block.columns)
        yield from ("  ".join(cells_in_words(block.columns, row)) for row in block.rows)
    else:
        yield from _filled(block.text, "", "", width)


def _item_text(item: Item, depth: int, width: int, hanging: int) -> Iterator[str]:
    indent = "  " * depth
    bullet = f"{item.mark or status_mark(item)} " if item.bullet else ""
    yield from _filled(f"{bullet}{item.text}", indent, indent + " " * hanging, width)
    for each in item.under:
        yield from _item_text(each, depth + 1, width, hanging)


def _filled(text: str, indent: str, hanging: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False)


# Markdown

_SPECIAL = re.compile(r"([\\*_\[\]<>#|])")


def as_markdown(report: Report, names: bool = True) -> str:
    """A report as Markdown, for a page or a review.

    Args:
        report: the report.
        names: whether backquotes are around names, and not part of what somebody has written.
    """
    lines: list[str] = []
    previous: Block | None = None
    for block in report:
        joined = isinstance(block, Item | Paragraph) and type(block) is type(previous)
        if lines and lines[-1] and not (joined and not getattr(block, "apart", False)):
            lines.append("")
        lines += _markdown_lines(block, names)
        previous = block
    return "\n".join(lines)


def _markdown_lines(block: Block, names: bool) -> Iterator[str]:
    if isinstance(block, Tree | Item):
        for item in block.items if isinstance(block, Tree) else (block,):
            yield from _item_markdown(item, 0, names)
    elif isinstance(block, Title | Heading):
        yield f"{'##' if isinstance(block, Title) else '###'} {escaped(block.text, names)}"
    elif isinstance(block, Paragraph):
        # Two blanks at its end keep a line apart from the next one.
        yield f"{escaped(block.text, names)}{'' if block.apart else '  '}"
    elif isinstance(block, Table):
        if block.title:
            yield from (f"### {escaped(block.title, names)}", "")
        yield _row(escaped(column.head, False) for column in block.columns)
        yield _row("---:" if column.kind == "number" else "---" for column in block.columns)
        for row in block.rows:
            # A row is one line: what stands in several lines of a cell is set apart by semicolons.
            cells = (filter(None, cell.split("\n")) for cell in cells_in_words(block.columns, row))
            yield _row("; ".join(escaped(line, False) for line in lines) for lines in cells)


def _item_markdown(item: Item, depth: int, names: bool) -> Iterator[str]:
    mark = f"`{item.mark}` " if item.mark else f"**{STATUS_WORDS[item.status]}** " if item.status else ""
    yield f"{'  ' * depth}- {mark}{escaped(item.text, names)}"
    for each in item.under:
        yield from _item_markdown(each, depth + 1, names)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def escaped(text: str, names: bool = True) -> str:
    """Text with what Markdown would take for its own made plain, but for names in backquotes."""
    text = " ".join(text.split())
    if not names:
        return _SPECIAL.sub(r"\\\1", text).replace("`", "\\`")
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        pieces = [text.replace("`", "'")]
    return "`".join(piece if index % 2 else _SPECIAL.sub(r"\\\1", piece) for index, piece in enumerate(pieces))
