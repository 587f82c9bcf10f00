"""Everything that is made: for each file the text that it has to have."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests import doc_pictures
from tests.documentation import chart, reference, screens, transcripts
from tests.documentation.pages import DOCS, blocks, pages
from tests.mistakes import running as mistakes


def with_transcripts() -> list[Path]:
    """The pages that show what commands print, but for the page of messages, which is made otherwise."""
    return [
        path
        for path in pages()
        if path != mistakes.PAGE
        and any(block.language == "console" for block in blocks(path.read_text(encoding="utf-8")))
    ]


def made() -> dict[Path, Callable[[], str]]:
    """For each file that is made: what makes its text."""
    files: dict[Path, Callable[[], str]] = {
        path: partial(transcripts.rewritten, path) for path in with_transcripts()
    }
    for screen in screens.SCREENS:
        for width in screens.WIDTHS:
            files[screens.path_of(screen, width)] = partial(screens.picture, screen, width)
    files[DOCS / "screens.md"] = screens.page
    files[chart.PATH] = chart.chart
    files[mistakes.PAGE] = mistakes.page
    for path in doc_pictures.paths():
        files[path] = partial(doc_pictures.text, path)
    for name in ("command-line", "api", "policy-words", "case-file", "json"):
        files[DOCS / "reference" / f"{name}.md"] = partial(_reference, name)
    return files


def _reference(name: str) -> str:
    return reference.pages()[name]
