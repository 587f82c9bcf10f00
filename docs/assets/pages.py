"""Puts pages that the navigation does not name at the end of the section that they belong to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SECTIONS = {"how-to": "How to", ".": "Reference"}
"""By folder: the section of the navigation that takes what it does not name."""


def on_config(config: Any) -> Any:
    """Add to the navigation every page of these folders that is not in it."""
    folder = Path(config["docs_dir"])
    named = set(_named(config["nav"]))
    sections = {
        title: pages for entry in config["nav"] if isinstance(entry, dict) for title, pages in entry.items()
    }
    for inner, title in SECTIONS.items():
        found = sorted(path.relative_to(folder).as_posix() for path in (folder / inner).glob("*.md"))
        sections[title] += [page for page in found if page not in named]
    return config


def _named(entries: Any) -> list[str]:
    if isinstance(entries, str):
        return [entries]
    if isinstance(entries, dict):
        entries = list(entries.values())
    return [page for entry in entries for page in _named(entry)]
