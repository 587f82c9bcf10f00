"""Transcripts: blocks of `console`, whose lines after `$ ` are commands, and all others what these write.

The blocks of one page are one session. A block with a title shows a file: it is written before what follows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.documentation.commands import Shell, shell
from tests.documentation.pages import Block, blocks

PROMPT = "$ "
MORE = "> "


def rewritten(path: Path) -> str:
    """A page with every transcript as it is when its commands are run now."""
    text = path.read_text(encoding="utf-8")
    found = [block for block in blocks(text) if block.title or _commands(block)]
    if not any(_commands(block) for block in found):
        return text
    parts, done = [], 0
    with shell() as running:
        for block in found:
            parts += [text[done : block.start], block.text(_made(block, running))]
            done = block.end
    return "".join([*parts, text[done:]])


def _made(block: Block, running: Shell) -> str:
    if not _commands(block):
        write_file(block, running.folder)
        return block.body
    made = []
    for lines in _commands(block):
        # A command may go over several lines, each but the last with a backslash at its end.
        parts = (line.removeprefix(PROMPT).removeprefix(MORE).removesuffix("\\").strip() for line in lines)
        output = running.run(" ".join(parts))
        made += [*(f"{line}\n" for line in lines), output]
    return "".join(made)


def write_file(block: Block, folder: Path) -> None:
    """Write the file that a block shows."""
    path = folder / block.title
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.body, encoding="utf-8")


def _commands(block: Block) -> list[list[str]]:
    return list(commands(block.body)) if block.language == "console" else []


def commands(body: str) -> Iterator[list[str]]:
    """The lines of each command of a transcript."""
    lines = iter(body.splitlines())
    for line in lines:
        if line.startswith(PROMPT):
            command = [line]
            while command[-1].endswith("\\"):
                command.append(next(lines))
            yield command
