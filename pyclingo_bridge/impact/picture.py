"""What another version of a policy changes, as a picture: all cases, flows of those that change, and causes.

Outcomes differ by gray and hatching, and every number is written out: no color is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pyclingo_bridge.base.errors import BatchError, shown_path
from pyclingo_bridge.base.pictures import TextAlternative
from pyclingo_bridge.impact.answers import RULINGS, Flow, Impact, ImpactGroup, Ruling
from pyclingo_bridge.pictures.canvas import (
    FAINT,
    INK,
    MARGIN,
    PAGE,
    Align,
    Box,
    Canvas,
    leading,
    shortened,
    width_of,
    wrapped,
)
from pyclingo_bridge.pictures.looks import headed
from pyclingo_bridge.pictures.picture import Picture

MOST_BARS = 12
_GAP = 15.0
_FLOWS = 250.0
_BAR = 9.0
_SIDE = 215.0
_HATCHES = (None, "////", "....", "\\\\\\\\", "xxxx")
_GRAYS = ("#e6e6e6", "#c7c7c7", "#a8a8a8", "#8a8a8a", "#f7f7f7")
_ORDER = {ruling: place for place, ruling in enumerate(reversed(RULINGS))}


class Band(NamedTuple):
    """Where a ruling's rows stand on one side: from the top down, as shares of the height of all."""

    ruling: Ruling
    top: float
    height: float
    rows: int


def draw(impact: Impact, path: Path) -> None:
    """Draw what changes, and what does not.

    Args:
        impact: what changes.
        path: an .svg or .png file.

    Errors: BatchError where it cannot be written; ExtraError without the extra `plot`.
    """
    picture(impact).save(path, BatchError)


def picture(impact: Impact) -> Picture:
    """A picture of what changes, and what does not."""
    return Picture("impact", _alternative(impact), lambda: _draw(impact))


def bands(impact: Impact) -> tuple[list[Band], list[Band]]:
    """The rulings of the rows that change, on either side, the most hopeful on top."""
    changed = [flow for flow in impact.flows if flow.before != flow.after]
    return _stacked(changed, "before"), _stacked(changed, "after")


def _stacked(flows: Sequence[Flow], side: str) -> list[Band]:
    total = sum(flow.rows for flow in flows)
    stacked: list[Band] = []
    top = 0.0
    for ruling in _ORDER:
        rows = sum(flow.rows for flow in flows if getattr(flow, side) == ruling)
        if rows:
            stacked.append(Band(ruling, top, rows / total, rows))
            top += rows / total
    return stacked


def unchanged(impact: Impact) -> list[tuple[Ruling, int]]:
    """The rows that keep their ruling, by it, the most hopeful first."""
    kept = {flow.before: flow.rows for flow in impact.flows if flow.before == flow.after}
    return [(ruling, kept[ruling]) for ruling in _ORDER if ruling in kept]


# In words


def _title(impact: Impact) -> str:
    return f"{impact.changed:,} of {impact.rows - impact.rejected:,} outcomes change"


def _alternative(impact: Impact) -> TextAlternative:
    first, second = map(shown_path, impact.names)
    lines = [f"From {first} to {second}."]
    lines += (f"Unchanged, {ruling.text}: {rows:,}." for ruling, rows in unchanged(impact))
    changed = (flow for flow in impact.flows if flow.before != flow.after)
    lines += (f"From {flow.before.text} to {flow.after.text}: {flow.rows:,}." for flow in changed)
    for group in impact.groups:
        better = first if group.favors == "first" else second
        lines.append(f"Cause: {_plain(group.text)}: {group.rows:,}, better under {better}.")
    if impact.rejected:
        lines.append(f"Rows that cannot be read as cases: {impact.rejected:,}.")
    return TextAlternative(_title(impact), "\n".join(lines))


def _plain(text: str) -> str:
    return text.replace("`", "")


# As a picture


def _draw(impact: Impact) -> Canvas:
    canvas = Canvas()
    first, second = map(shown_path, impact.names)
    y = headed(canvas, _title(impact), [f"From {first} to {second}"])
    y = _all_rows(canvas, impact, y) + 16
    if impact.changed:
        y = _heading(canvas, "The cases that change, by their outcomes before and after", y)
        y = _flows(canvas, impact, y) + 16
        y = _heading(canvas, _causes_title(impact), y)
        y = _bars(canvas, impact, y) + 14
    _legend(canvas, impact, y)
    return canvas


def _heading(canvas: Canvas, text: str, y: float) -> float:
    return canvas.lines(MARGIN, y, wrapped(text, PAGE - 2 * MARGIN, 10, bold=True), 10, bold=True) + 4


def _all_rows(canvas: Canvas, impact: Impact, y: float) -> float:
    """One bar of all cases: those that change first, then the others by their outcome."""
    total = impact.rows - impact.rejected
    if not total:
        return y
    y = _heading(canvas, "All cases", y)
    x, height, full = MARGIN, 22.0, PAGE - 2 * MARGIN
    parts: list[tuple[str, int, str, str | None]] = []
    if impact.changed:
        parts.append(("change", impact.changed, INK, None))
    for ruling, rows in unchanged(impact):
        shade = _ORDER[ruling]
        parts.append((f"unchanged, {ruling.text}", rows, _GRAYS[shade], _HATCHES[shade]))
    for _, rows, face, hatch in parts:
        box = Box(x, y, full * rows / total, height)
        canvas.boxes([box], face, edge=INK, hatch=hatch, name="all-cases")
        x += box.width
    y += height + 6
    x = MARGIN
    for text, rows, face, hatch in parts:
        label = f"{text}: {rows:,} ({_share(rows, total)})"
        width = 18 + width_of(label) + 14
        if x > MARGIN and x + width > PAGE - MARGIN:
            x, y = MARGIN, y + 15
        canvas.boxes([Box(x, y, 13, 10)], face, edge=INK, hatch=hatch)
        canvas.text(x + 18, y + 5, label)
        x += width
    return y + 12


def _share(rows: int, total: int) -> str:
    share = 100 * rows / total
    return f"{share:.0f}%" if share >= 10 or share == 0 else f"{share:.1f}%" if share >= 0.1 else "under 0.1%"


def _flows(canvas: Canvas, impact: Impact, y: float) -> float:
    left, right = bands(impact)
    inner = MARGIN + _SIDE, PAGE - MARGIN - _SIDE
    top = y + leading(9) + 6
    ends: list[float] = []
    sides: tuple[tuple[float, Align, list[Band], int], ...] = (
        (inner[0], "right", left, 0),
        (inner[1], "left", right, 1),
    )
    for x, align, side, name in sides:
        shown = shortened(shown_path(impact.names[name]), _SIDE, 9, bold=True)
        canvas.text(x, y + leading(9) / 2, shown, 9, bold=True, align=align)
        ends.append(_side(canvas, x, align, side, top))
    # Narrow ones lie on top of wide ones.
    for ribbon in sorted(_ribbons(impact, left, right), key=lambda ribbon: -ribbon[2]):
        _ribbon(canvas, inner[0], inner[1], top, *ribbon)
    return max(ends)


def _side(canvas: Canvas, x: float, align: Align, side: Sequence[Band], top: float) -> float:
    end = top
    for place, band in enumerate(side):
        start = top + band.top * _FLOWS + place * _GAP
        height = band.height * _FLOWS
        left = x - _BAR if align == "right" else x
        canvas.boxes([Box(left, start, _BAR, height)], INK)
        text = f"{band.ruling.text}: {band.rows:,}"
        beside = x - _BAR - 6 if align == "right" else x + _BAR + 6
        canvas.text(beside, start + height / 2, text, 8.5, align=align)
        end = start + max(height, leading(8.5))
    return end


def _ribbons(
    impact: Impact, left: Sequence[Band], right: Sequence[Band]
) -> Iterator[tuple[float, float, float, int]]:
    """Where each flow begins and ends beneath the top, how high it is, and the place of its outcome before."""
    total = sum(band.rows for band in left)
    leaves = {band.ruling: band.top * _FLOWS + place * _GAP for place, band in enumerate(left)}
    enters = {band.ruling: band.top * _FLOWS + place * _GAP for place, band in enumerate(right)}
    changed = [flow for flow in impact.flows if flow.before != flow.after]
    for flow in sorted(changed, key=lambda flow: (_ORDER[flow.before], _ORDER[flow.after])):
        height = flow.rows / total * _FLOWS
        yield leaves[flow.before], enters[flow.after], height, _ORDER[flow.before]
        leaves[flow.before] += height
        enters[flow.after] += height


def _ribbon(
    canvas: Canvas, left: float, right: float, top: float, start: float, end: float, height: float, shade: int
) -> None:
    from matplotlib.path import Path as Curve

    half = (left + right) / 2
    start, end = top + start, top + end
    points = [
        (left, start), (half, start), (half, end), (right, end),
        (right, end + height), (half, end + height), (half, start + height), (left, start + height),
        (left, start),
    ]  # fmt: skip
    bend = [int(Curve.CURVE4)] * 3
    codes = [int(Curve.MOVETO), *bend, int(Curve.LINETO), *bend, int(Curve.CLOSEPOLY)]
    canvas.shape(points, codes, _GRAYS[shade], _HATCHES[shade])


def _causes_title(impact: Impact) -> str:
    more = len(impact.groups) - MOST_BARS
    return "Causes" + (f", the first {MOST_BARS} of {len(impact.groups)}" if more > 0 else "")


def _bars(canvas: Canvas, impact: Impact, y: float) -> float:
    shown = impact.groups[:MOST_BARS]
    most = max((group.rows for group in shown), default=1)
    left, room = MARGIN + 330, PAGE - 2 * MARGIN - 330 - 60
    for group in shown:
        lines = wrapped(_label(group), 315, 8)
        height = max(len(lines) * leading(8), 14.0)
        middle = y + height / 2
        canvas.lines(MARGIN, middle - len(lines) * leading(8) / 2, lines)
        width = max(room * group.rows / most, 1.0)
        face, hatch = _BETTER[group.favors]
        canvas.boxes([Box(left, middle - 6, width, 12)], face, edge=INK, hatch=hatch, name="causes")
        canvas.text(left + width + 5, middle, f"{group.rows:,}", bold=True)
        y += height + 5
    return y


_BETTER: dict[str, tuple[str, str | None]] = {"second": ("#dddddd", None), "first": ("#7d7d7d", "////")}


def _label(group: ImpactGroup) -> str:
    before = "uses of " if group.kind == "use_condition" else ""
    text = _plain(group.text)
    # Of very long causes the ids are enough: they tell them apart.
    return text if len(text) <= 260 or not group.criteria else before + ", ".join(group.criteria)


def _legend(canvas: Canvas, impact: Impact, y: float) -> None:
    """What the grays mean: of flows the outcome before, of bars the policy with the better outcome."""
    changing = {flow.before for flow in impact.flows if flow.before != flow.after}
    entries = [
        (f"{ruling.text} before", _GRAYS[place], _HATCHES[place])
        for ruling, place in _ORDER.items()
        if ruling in changing
    ]
    groups = {group.favors for group in impact.groups[:MOST_BARS]}
    for favors, name in zip(("first", "second"), impact.names, strict=True):
        if favors in groups:
            entries.append((f"better under {shortened(shown_path(name), 260)}", *_BETTER[favors]))
    x = MARGIN
    for text, face, hatch in entries:
        width = 18 + width_of(text) + 16
        if x > MARGIN and x + width > PAGE - MARGIN:
            x, y = MARGIN, y + 15
        canvas.boxes([Box(x, y, 13, 10)], face, edge=INK, hatch=hatch)
        canvas.text(x + 18, y + 5, text)
        x += width
    if impact.rejected:
        text = f"{impact.rejected:,} more rows cannot be read as cases, and are left out."
        canvas.text(MARGIN, y + 22, text, color=FAINT)
