"""Pictures as files: what they are called, and how they are written. They need the extra `plot`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from pyclingo_bridge.base.errors import BridgeError, quoted, shown_path
from pyclingo_bridge.base.extras import need
from pyclingo_bridge.base.whole_files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Complain = Callable[[str], BridgeError]

WIDTH = 11
"""In inches, of every picture."""


def check_picture(path: Path, complain: Complain) -> None:
    """Refuse what cannot become a picture, before anything is computed.

    Args:
        path: where it is to go.
        complain: makes the error for a name that is neither .svg nor .png, or no folder's.

    Errors: also ExtraError without the extra `plot`.
    """
    if path.suffix.lower() not in (".svg", ".png"):
        other = quoted(path.stem + ".svg")
        raise complain(f"{shown_path(path)}: a picture ends with .svg or .png; name it {other}, for example")
    if not path.resolve().parent.is_dir():
        raise complain(f"{shown_path(path)}: there is no such folder")
    need("plot")


@contextmanager
def drawing(path: Path, height: float, salt: str, complain: Complain) -> Iterator[Figure]:
    """A figure to draw on, which is written to the file at the end.

    Args:
        path: an .svg or .png file.
        height: in inches.
        salt: tells the parts of one kind of picture from those of another.
        complain: makes the error where it cannot be written.
    """
    check_picture(path, complain)
    import matplotlib
    from matplotlib.figure import Figure

    # The same answer makes the same file, and its words stay words.
    with matplotlib.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        yield figure
        try:
            vector = path.suffix.lower() == ".svg"
            drawn = BytesIO()
            kind = path.suffix.lower().removeprefix(".")
            figure.savefig(drawn, format=kind, dpi=150, metadata={"Date": None} if vector else None)
            write_whole(path, drawn.getvalue())
        except OSError as error:
            raise complain(f"{shown_path(path)}: cannot be written: {error.strerror or error}") from None
