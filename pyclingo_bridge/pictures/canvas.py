"""A sheet to draw on, in points from its upper left corner; it becomes as high as what is drawn on it.

Texts are measured before they are placed, so that nothing overlaps, however long they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pyclingo_bridge.base.errors import PictureError
from pyclingo_bridge.base.extras import need
from pyclingo_bridge.base.pictures import FONT, WIDTH, Complain, TextAlternative, drawing

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

POINTS = 72
PAGE = WIDTH * POINTS
"""The usual width of a sheet, in points."""

MARGIN = 18.0
INK = "#1a1a1a"
FAINT = "#6b6b6b"
LINE = "#c4c4c4"

Align = Literal["left", "center", "right"]


class Box(NamedTuple):
    """A rectangle, by its upper left corner, in points."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2


class Canvas:
    """A sheet; what is drawn on it is kept until it is saved."""

    def __init__(self, width: float = PAGE) -> None:
        """Take the width in points.

        Errors: ExtraError without the extra `plot`.
        """
        need("plot")
        self.width = width
        self.bottom = 0.0
        self._drawn: list[Callable[[Axes], Artist]] = []

    def save(
        self, path: Path, salt: str, alternative: TextAlternative, complain: Complain = PictureError
    ) -> None:
        """Write the sheet to a file.

        Errors: what `complain` makes, where that cannot be done.
        """
        height = self.bottom + MARGIN
        inches = (height / POINTS, self.width / POINTS)
        with drawing(path, inches[0], salt, complain, alternative, inches[1], None) as figure:
            axes = figure.add_axes((0, 0, 1, 1))
            axes.set_xlim(0, self.width)
            axes.set_ylim(height, 0)
            axes.set_axis_off()
            for depth, draw in enumerate(self._drawn, 1):
                # What is drawn later lies on top, of whatever kind it is.
                draw(axes).set_zorder(depth)

    def reach(self, y: float) -> None:
        """Make the sheet reach down to there."""
        self.bottom = max(self.bottom, y)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 8,
        *,
        bold: bool = False,
        color: str = INK,
        align: Align = "left",
        upward: bool = False,
    ) -> None:
        """Write a line, whose middle is at `y`; upward, it begins at `y` and its middle is at `x`."""
        # Of letters without tails, the middle is about a third of the size above the line they stand on.
        shift = 0.36 * size
        place = (x + shift, y) if upward else (x, y + shift)
        self.reach(y if upward else y + size / 2)
        options: dict[str, Any] = {"rotation": 90, "rotation_mode": "anchor"} if upward else {}
        self._drawn.append(
            lambda axes: axes.text(
                *place,
                text,
                fontsize=size,
                fontweight="bold" if bold else "normal",
                color=color,
                ha=align,
                va="baseline",
                parse_math=False,
                **options,
            )
        )

    def lines(self, x: float, y: float, lines: Sequence[str], size: float = 8, **style: Any) -> float:
        """Write lines beneath each other, the first one's top at `y`; gives where the last one ends."""
        for line in lines:
            self.text(x, y + leading(size) / 2, line, size, **style)
            y += leading(size)
        return y

    def boxes(
        self,
        boxes: Iterable[Box],
        face: str,
        *,
        edge: str = "none",
        hatch: str | None = None,
        name: str | None = None,
        linewidth: float = 0.6,
    ) -> None:
        """Draw rectangles of one look; `name` is the id of their group in an SVG file."""
        corners = [
            [(b.x, b.y), (b.x + b.width, b.y), (b.x + b.width, b.y + b.height), (b.x, b.y + b.height)]
            for b in boxes
        ]
        if not corners:
            return
        self.reach(max(corner[2][1] for corner in corners))

        def draw(axes: Axes) -> Artist:
            from matplotlib.collections import PolyCollection

            made = PolyCollection(
                corners, facecolors=face, edgecolors=edge, linewidths=linewidth, hatch=hatch, gid=name
            )
            axes.add_collection(made, autolim=False)
            return made

        self._drawn.append(draw)

    def line(
        self,
        points: Sequence[tuple[float, float]],
        color: str = LINE,
        width: float = 0.8,
        dashes: tuple[float, ...] = (),
    ) -> None:
        """Draw a line through points."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        self.reach(max(ys))
        style: Any = (0, dashes) if dashes else "-"
        self._drawn.append(
            lambda axes: axes.plot(
                xs, ys, color=color, linewidth=width, linestyle=style, solid_capstyle="butt", clip_on=False
            )[0]
        )

    def signs(
        self,
        sign: str,
        middles: Iterable[tuple[float, float]],
        size: float = 9,
        color: str = INK,
        name: str | None = None,
    ) -> None:
        """Draw one sign, a few letters at most, around many points."""
        places = list(middles)
        if not places:
            return
        xs, ys = [x for x, _ in places], [y for _, y in places]
        self.reach(max(ys) + size / 2)

        def draw(axes: Axes) -> Artist:
            path, extent = _sign(sign, size)
            (made,) = axes.plot(
                xs, ys, linestyle="none", marker=path, markersize=extent, color=color,
                markeredgewidth=0, gid=name, clip_on=False,
            )  # fmt: skip
            return made

        self._drawn.append(draw)

    def shape(
        self, points: Sequence[tuple[float, float]], codes: Sequence[int], face: str, hatch: str | None
    ) -> None:
        """Draw a shape with curves, by matplotlib's codes of a path."""

        def draw(axes: Axes) -> Artist:
            from matplotlib.patches import PathPatch
            from matplotlib.path import Path as Curve

            made = PathPatch(
                Curve(list(points), list(codes)), facecolor=face, edgecolor="0.25", hatch=hatch, linewidth=0.5
            )
            axes.add_patch(made)
            return made

        self.reach(max(y for _, y in points))
        self._drawn.append(draw)


def leading(size: float) -> float:
    """The height of a line of text."""
    return size * 1.35


def width_of(text: str, size: float = 8, bold: bool = False) -> float:
    """The width of a line of text, in points; a little more, as a screen's pixels take it."""
    return _unit_width(text, bold) * size / 10 * 1.02


def wrapped(text: str, width: float, size: float = 8, bold: bool = False) -> list[str]:
    """A text in lines that are no wider than that; a word that is wider is broken.

    Args:
        text: the text.
        width: in points.
        size: of the letters, in points.
        bold: whether they are bold.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if width_of(longer, size, bold) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _broken(word, width, size, bold)
        lines += whole
    return [*lines, line] if line or not lines else lines


def shortened(text: str, width: float, size: float = 8, bold: bool = False) -> str:
    """A text that is no wider than that: its middle is left out, where it is."""
    if width_of(text, size, bold) <= width:
        return text
    kept = len(text)
    while kept > 2:
        kept -= 1
        shown = f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"
        if width_of(shown, size, bold) <= width:
            return shown
    return "…"


def _broken(word: str, width: float, size: float, bold: bool) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and width_of(pieces[-1] + letter, size, bold) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


@lru_cache(maxsize=20_000)
def _unit_width(text: str, bold: bool) -> float:
    """The width of a text in letters of 10 points."""
    import warnings

    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=FONT, weight="bold" if bold else "normal", size=10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width)


@lru_cache(maxsize=200)
def _sign(sign: str, size: float) -> tuple[Any, float]:
    """A sign as a path around its middle, and the size to give matplotlib for it."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path as Curve
    from matplotlib.textpath import TextPath

    made = TextPath((0, 0), sign, size=size, prop=FontProperties(family=FONT, weight="bold"))
    low, high = made.vertices.min(axis=0), made.vertices.max(axis=0)
    vertices = made.vertices - (low + high) / 2
    return Curve(vertices, made.codes), 2 * float(abs(vertices).max())
