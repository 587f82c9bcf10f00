"""The pages of the documentation, and the blocks of code in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

DOCS = ROOT / "docs"

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE
)
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """One block of code of a page.

    Attributes:
        language: what stands behind the fence, such as `console`.
        title: the name of the file that it shows, where it shows one.
        body: its lines, without the indent of the fence.
        start, end: where the body is in the page's text.
        indent: what stands before the fence.
    """

    language: str
    title: str
    body: str
    start: int
    end: int
    indent: str

    def text(self, body: str) -> str:
        """A new body as it stands in the page."""
        return "".join(f"{self.indent}{line}" if line.strip() else line for line in body.splitlines(True))


def pages() -> list[Path]:
    """Every page that somebody wrote, README first; generated ones hold no transcripts."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def blocks(text: str) -> Iterator[Block]:
    """The blocks of code of a page, in order."""
    for found in _FENCE.finditer(text):
        language, _, rest = found["info"].strip().partition(" ")
        title = _TITLE.search(rest)
        indent = found["indent"]
        body = "".join(line.removeprefix(indent) for line in found["body"].splitlines(True))
        yield Block(language, title[1] if title else "", body, found.start("body"), found.end("body"), indent)
