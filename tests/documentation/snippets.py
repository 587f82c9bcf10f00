"""Snippets of Python: sessions (`>>>`) are run by doctest, any other block of `py` or `python` is executed.

The snippets of one page share their names, and a folder that holds what a clone holds.
"""

from __future__ import annotations

import doctest
from contextlib import chdir
from pathlib import Path
from typing import Any

from tests.documentation.commands import shell
from tests.documentation.pages import Block, blocks
from tests.documentation.transcripts import write_file

LANGUAGES = ("py", "python")


def snippets(path: Path) -> list[Block]:
    """A page's snippets of Python."""
    return [block for block in blocks(path.read_text(encoding="utf-8")) if block.language in LANGUAGES]


def run(path: Path) -> dict[str, Any]:
    """Run a page's snippets, and give the names that they leave.

    Errors: AssertionError where a session does not print what the page shows.
    """
    names: dict[str, Any] = {"__name__": "__page__"}
    with shell() as running, chdir(running.folder):
        for block in blocks(path.read_text(encoding="utf-8")):
            if block.title:
                write_file(block, running.folder)
            if block.language in LANGUAGES:
                _run(block, names, path)
    return names


def _run(block: Block, names: dict[str, Any], path: Path) -> None:
    if ">>> " not in block.body:
        exec(compile(block.body, f"{path.name}, a snippet", "exec"), names)
        return
    session = doctest.DocTestParser().get_doctest(block.body, {}, path.name, str(path), 0)
    session.globs = names
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(session, out=told.append, clear_globs=False)
    assert not told, "".join(told)
