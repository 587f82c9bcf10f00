"""What another version of a policy changes, as a picture: flows between outcomes, and bars by cause.

Flows differ by gray and hatching, and every number is written out: no color is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pyclingo_bridge.base.errors import BatchError
from pyclingo_bridge.base.pictures import drawing
from pyclingo_bridge.impact.answers import RULINGS, Flow, Impact, ImpactGroup, Ruling

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS = 12
_LONGEST_LABEL = 70
_GAP = 0.04
_BAR = 0.03
_HATCHES = ("", "////", "....", "\\\\\\\\", "xxxx")
_GREYS = ("0.90", "0.78", "0.66", "0.54", "0.42")


class Band(NamedTuple):
    """Where a ruling's rows stand on one side: from the top down, as shares of the height."""

    ruling: Ruling
    top: float
    height: float
    rows: int


def draw(impact: Impact, path: Path) -> None:
    """Draw what changes.

    Args:
        impact: what changes.
        path: an .svg or .png file.

    Errors: BatchError where it cannot be written; ExtraError without the extra `plot`.
    """
    bars = 1 + 0.45 * max(min(len(impact.groups), MOST_BARS), 1)
    with drawing(path, 4.5 + bars, "impact", BatchError) as figure:
        halves: Any = figure.subfigures(2, 1, height_ratios=[4.5, bars])
        _flows(halves[0].subplots(), impact)
        _bars(halves[1].subplots(), impact)


def bands(impact: Impact) -> tuple[list[Band], list[Band]]:
    """The rulings of the rows that change, on either side, the most hopeful on top."""
    changed = [flow for flow in impact.flows if flow.before != flow.after]
    return _stacked(changed, "before"), _stacked(changed, "after")


def _stacked(flows: Sequence[Flow], side: str) -> list[Band]:
    total = sum(flow.rows for flow in flows)
    stacked: list[Band] = []
    top = 1.0
    for ruling in reversed(RULINGS):
        rows = sum(flow.rows for flow in flows if getattr(flow, side) == ruling)
        if rows:
            stacked.append(Band(ruling, top, rows / total, rows))
            top -= rows / total + _GAP
    return stacked


def _flows(axes: Axes, impact: Impact) -> None:
    axes.set_axis_off()
    good = impact.rows - impact.rejected
    title = f"{impact.changed:,} of {good:,} outcomes change"
    axes.set_title(title, loc="left", fontweight="bold")
    left, right = bands(impact)
    if not left:
        return
    lowest = min(band.top - band.height for band in (*left, *right))
    axes.set_xlim(-0.5, 1.5)
    axes.set_ylim(lowest - 0.02, 1.1)
    for x, align, side, name in ((0.0, "right", left, 0), (1.0, "left", right, 1)):
        axes.text(x, 1.04, impact.names[name], ha=align, fontweight="bold")
        _side(axes, x, align, side)
    _ribbons(axes, impact, left, right)


def _side(axes: Axes, x: float, align: Any, side: Sequence[Band]) -> None:
    from matplotlib.patches import Rectangle

    for band in side:
        start = x - _BAR if align == "right" else x
        corner = (start, band.top - band.height)
        axes.add_patch(Rectangle(corner, _BAR, band.height, facecolor="0.15", edgecolor="0.15"))
        place = start - 0.02 if align == "right" else start + _BAR + 0.02
        text = f"{band.ruling.text}: {band.rows:,}"
        axes.text(place, band.top - band.height / 2, text, ha=align, va="center", fontsize=9)


def _ribbons(axes: Axes, impact: Impact, left: Sequence[Band], right: Sequence[Band]) -> None:
    total = sum(band.rows for band in left)
    leaves = {band.ruling: band.top for band in left}
    enters = {band.ruling: band.top for band in right}
    order = {ruling: place for place, ruling in enumerate(reversed(RULINGS))}
    changed = [flow for flow in impact.flows if flow.before != flow.after]
    for flow in sorted(changed, key=lambda flow: (order[flow.before], order[flow.after])):
        height = flow.rows / total
        _ribbon(axes, leaves[flow.before], enters[flow.after], height, order[flow.before])
        leaves[flow.before] -= height
        enters[flow.after] -= height


def _ribbon(axes: Axes, start: float, end: float, height: float, shade: int) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Curve

    points = [
        (0.0, start), (0.5, start), (0.5, end), (1.0, end),
        (1.0, end - height), (0.5, end - height), (0.5, start - height), (0.0, start - height),
        (0.0, start),
    ]  # fmt: skip
    bend = [Curve.CURVE4] * 3
    codes = [Curve.MOVETO, *bend, Curve.LINETO, *bend, Curve.CLOSEPOLY]
    patch = PathPatch(
        Curve(points, codes),
        facecolor=_GREYS[shade],
        edgecolor="0.25",
        hatch=_HATCHES[shade],
        linewidth=0.6,
        alpha=0.85,
    )
    axes.add_patch(patch)


def _bars(axes: Axes, impact: Impact) -> None:
    shown = impact.groups[:MOST_BARS]
    more = len(impact.groups) - len(shown)
    rest = f", the first {MOST_BARS} of {len(impact.groups)}" if more else ""
    axes.set_title(f"Causes{rest}", loc="left", fontweight="bold")
    if not shown:
        axes.set_axis_off()
        return
    names = [_label(group) for group in shown]
    # To the right, what the second policy favors; to the left, what the first does.
    lengths = [group.rows if group.favors == "second" else -group.rows for group in shown]
    greys = ["0.75" if length > 0 else "0.40" for length in lengths]
    places = range(len(shown))
    axes.barh(places, lengths, color=greys, edgecolor="0.15", height=0.7)
    axes.set_yticks(places, names, fontsize=8)
    axes.invert_yaxis()
    axes.axvline(0, color="0.15", linewidth=0.8)
    axes.margins(x=0.12)
    for place, length in enumerate(lengths):
        number = f" {abs(length):,} "
        axes.text(length, place, number, ha="left" if length > 0 else "right", va="center", fontsize=8)
    axes.set_xticks([])
    axes.set_xlabel(f"better under {impact.names[0]}   |   better under {impact.names[1]}")
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)


def _label(group: ImpactGroup) -> str:
    text = group.text.replace("`", "")
    if len(text) > _LONGEST_LABEL and group.criteria:
        # Ids are shorter than their labels, and tell the groups apart.
        before = "uses of " if group.kind == "use_condition" else ""
        text = before + ", ".join(group.criteria)
    shown = text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 3]}..."
    return shown.replace("$", r"\$")
