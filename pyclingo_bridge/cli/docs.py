"""The command that shows the documentation."""

from __future__ import annotations

import logging
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from pyclingo_bridge.base.errors import BridgeError, ExtraError
from pyclingo_bridge.base.extras import lacks
from pyclingo_bridge.cli.shared import app

_PACKAGE = Path(__file__).resolve().parent.parent


@app.command()
def docs(
    build: Annotated[
        Path | None,
        typer.Option("--build", metavar="FOLDER", help="Only build it, in this folder, and open nothing."),
    ] = None,
) -> None:
    """Open the documentation in a browser; it is built from the package's own pages, without a network."""
    # Pages show what this version does, so they come with it, and are made into a site here.
    root = documentation_root()
    if missing := lacks("docs"):
        raise ExtraError(f"{missing}; the pages themselves are text: {root / 'docs' / 'index.md'}")
    folder = build.absolute() if build else _built_before(root)
    first = folder / "index.html"
    if build or not first.is_file():
        build_site(root, folder)
    typer.echo(str(first))
    if not build:
        webbrowser.open(first.as_uri())


def documentation_root() -> Path:
    """Where `mkdocs.yml` and `docs` are: inside an installed package, or next to the package in a checkout."""
    return _PACKAGE if (_PACKAGE / "mkdocs.yml").is_file() else _PACKAGE.parent


def _built_before(root: Path) -> Path:
    """The folder of the user's for the site of just these pages."""
    from pyclingo_bridge.base.store import cache_folder, key_of

    folder = cache_folder()
    if folder is None:
        raise BridgeError("there is no folder to keep the documentation in: name one with --build FOLDER")
    pages = sorted(path for path in (root / "docs").rglob("*") if path.is_file())
    states = [f"{path}: {path.stat().st_mtime_ns}" for path in [root / "mkdocs.yml", *pages]]
    return folder / "docs" / key_of(*states)[:16]


def build_site(root: Path, folder: Path, strict: bool = False) -> None:
    """Build the site.

    Args:
        root: where `mkdocs.yml` and `docs` are.
        folder: where the site goes.
        strict: whether a warning is an error; else it is not told: only whoever writes pages can mend them.

    Errors: BridgeError where it cannot be built.
    """
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import MkDocsException

    logging.getLogger("mkdocs").setLevel(logging.WARNING if strict else logging.ERROR)
    try:
        config = load_config(str(root / "mkdocs.yml"), site_dir=str(folder), strict=strict)
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
        config.plugins.on_shutdown()
    except (MkDocsException, OSError) as error:
        raise BridgeError(f"the documentation cannot be built in {folder}: {error}") from None
