"""The shipped templates of letters: files that a plan can replace, one by one."""

from __future__ import annotations

from pathlib import Path

from pyclingo_bridge.base.errors import LetterError, listing, shown_path
from pyclingo_bridge.base.whole_files import write_whole

SHIPPED = (
    "base.html.jinja",
    "member.html.jinja",
    "member.md.jinja",
    "provider.html.jinja",
    "provider.md.jinja",
)
"""The templates by name; `base.html.jinja` is the page and its style, which the other two of HTML fill."""


def shipped_folder() -> Path:
    """Where the shipped templates are."""
    return Path(__file__).parent


def export_templates(folder: Path) -> tuple[Path, ...]:
    """Write the shipped templates to a folder, for a plan to start from; nothing there is replaced.

    Errors: LetterError where one of them is there already, or they cannot be written.
    """
    there = [name for name in SHIPPED if (folder / name).exists()]
    if there:
        raise LetterError(f"{shown_path(folder)}: has {listing(there)} already; name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in SHIPPED:
            write_whole(folder / name, (shipped_folder() / name).read_bytes())
    except OSError as error:
        raise LetterError(f"{shown_path(folder)}: cannot be written: {error.strerror}") from None
    return tuple(folder / name for name in SHIPPED)
