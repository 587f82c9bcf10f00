"""Pictures as files: what they are called, what they say in words, and how they are written.

They need the extra `plot`.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyclingo_bridge.base.errors import BridgeError, quoted, shown_path
from pyclingo_bridge.base.extras import need
from pyclingo_bridge.base.whole_files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Complain = Callable[[str], BridgeError]

WIDTH = 11.0
"""In inches, of pictures that do not ask for more."""

FONT = "DejaVu Sans"
"""It comes with matplotlib, so that a picture is the same wherever it is made."""

_DPI = 150
_MOST_PIXELS = 30_000
"""On either side of a PNG; larger pictures are written with fewer pixels an inch."""


class TextAlternative(NamedTuple):
    """What a picture shows, in words, for whoever cannot see it.

    Attributes:
        title: what it is a picture of, in a line.
        description: everything that it shows, in lines.
    """

    title: str
    description: str

    def __str__(self) -> str:
        return f"{self.title}\n{self.description}"


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
def drawing(
    path: Path,
    height: float,
    salt: str,
    complain: Complain,
    alternative: TextAlternative,
    width: float = WIDTH,
    layout: str | None = "constrained",
) -> Iterator[Figure]:
    """A figure to draw on, which is written to the file at the end.

    Args:
        path: an .svg or .png file.
        height: in inches.
        salt: tells the parts of one kind of picture from those of another.
        complain: makes the error where it cannot be written.
        alternative: what it shows in words; it is written into the file too.
        width: in inches.
        layout: matplotlib's own name of what arranges the parts; None where they have their places.
    """
    check_picture(path, complain)
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    # Letters are drawn as shapes: a viewer without the font shows the same. The same answer makes the same
    # file.
    with rc_context(
        {"svg.hashsalt": salt, "svg.fonttype": "path", "font.family": FONT, "hatch.linewidth": 0.7}
    ):
        figure = Figure(figsize=(width, height), layout=layout)  # type: ignore[arg-type]
        yield figure
        try:
            write_whole(path, _written(figure, path.suffix.lower(), alternative, salt))
        except OSError as error:
            raise complain(f"{shown_path(path)}: cannot be written: {error.strerror or error}") from None


def _written(figure: Figure, suffix: str, alternative: TextAlternative, salt: str) -> bytes:
    drawn = BytesIO()
    with warnings.catch_warnings():
        # A letter that the font does not have is drawn as a box; the words are in the text alternative.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        if suffix == ".svg":
            figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
            return _described(drawn.getvalue().decode(), alternative, salt).encode()
        dpi = min(_DPI, _MOST_PIXELS / max(figure.get_size_inches()))
        words = {"Title": alternative.title, "Description": str(alternative), "Software": None}
        figure.savefig(drawn, format="png", dpi=dpi, metadata=words)
    return drawn.getvalue()


def _described(svg: str, alternative: TextAlternative, salt: str) -> str:
    """The picture with its text alternative, as screen readers look for it."""
    # Several pictures may stand in one page: their ids differ.
    name = f"{salt}-{hashlib.sha256(str(alternative).encode()).hexdigest()[:8]}"
    start = svg.index("<svg ") + len("<svg ")
    end = svg.index(">", start) + 1
    role = f'role="img" aria-labelledby="{name}-title {name}-desc" '
    words = (
        f'\n <title id="{name}-title">{escape(alternative.title, quote=False)}</title>'
        f'\n <desc id="{name}-desc">{escape(alternative.description, quote=False)}</desc>'
    )
    return svg[:start] + role + svg[start:end] + words + svg[end:]
