"""Files that commands write at a user's wish: never over one that is there, unless that is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from pyclingo_bridge.base.errors import CaseError
from pyclingo_bridge.base.whole_files import write_whole

Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]


def check_free(path: Path, force: bool) -> None:
    """Refuse to write over a file.

    Errors: CaseError, where there is a file already, or no folder for it.
    """
    try:
        there, folder = path.exists(), path.parent.is_dir()
    except (OSError, ValueError):
        raise CaseError(str(path), ["cannot be written: no file can have that name"]) from None
    if path.is_dir():
        raise CaseError(str(path), ["is a folder; name a file"])
    if there and not force:
        raise CaseError(str(path), ["is there already; give --force to replace it, or name another file"])
    if not folder:
        raise CaseError(str(path), [f"cannot be written: there is no folder {path.parent}"])


def save_text(path: Path, text: str) -> None:
    """Write a file.

    Errors: CaseError.
    """
    try:
        write_whole(path, text.encode("utf-8"))
    except OSError as error:
        raise CaseError(str(path), [f"cannot be written: {error.strerror}"]) from None


def as_case_file(data: Any) -> str:
    """A case as the text of a file that is to be read and edited."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
