"""The command that shows the documentation."""

from __future__ import annotations

import logging
import webbrowser
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from pyclingo_bridge.base.errors import BridgeError, ExtraError
from pyclingo_bridge.base.extras import lacks
from pyclingo_bridge.cli.shared import app, examples

_PACKAGE = Path(__file__).resolve().parent.parent

_INDEX = Path("search", "search_index.js")
"""What a site has that was built here, and hardly another folder."""


@app.command(
    epilog=examples(
        "pyclingo-bridge docs                   open them in a browser",
        "pyclingo-bridge docs --build site/     only build the site",
    )
)
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
    if build:
        folder = _free(build.absolute())
        build_site(root, folder)
    else:
        folder = _kept(root)
    first = folder / "index.html"
    typer.echo(str(first))
    if not build:
        webbrowser.open(first.as_uri())


def documentation_root() -> Path:
    """Where `mkdocs.yml` and `docs` are: inside an installed package, or next to the package in a checkout."""
    return _PACKAGE if (_PACKAGE / "mkdocs.yml").is_file() else _PACKAGE.parent


def _free(folder: Path) -> Path:
    """A folder that may be filled: what is in it is removed when a site is built."""
    taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    if taken and not (folder / _INDEX).is_file():
        raise BridgeError(
            f"{folder} is no empty folder, and no documentation that was built before: name another"
        )
    return folder


def _kept(root: Path) -> Path:
    """The site of just these pages, in a folder of the user's; it is built where it is not there yet."""
    from pyclingo_bridge.base.store import cache_folder, key_of

    cache = cache_folder()
    if cache is None:
        raise BridgeError("there is no folder to keep the documentation in: name one with --build FOLDER")
    pages = sorted(path for path in (root / "docs").rglob("*") if path.is_file())
    states = [f"{path}: {path.stat().st_mtime_ns}" for path in [root / "mkdocs.yml", *pages]]
    folder = cache / "documentation" / key_of(*states)[:16]
    if not folder.is_dir():
        # Built beside it, so that a run that is stopped leaves no half of a site to be opened.
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as new:
            build_site(root, Path(new) / "site")
            # Another run may have been first.
            with suppress(OSError):
                (Path(new) / "site").rename(folder)
    return folder


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
