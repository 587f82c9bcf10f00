"""How statuses and outcomes look in all pictures: a sign, and a color whose lightness tells them apart too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pyclingo_bridge.core.decision import Decision, DenialKind, Status
from pyclingo_bridge.explain.report import STATUS_WORDS
from pyclingo_bridge.pictures.canvas import INK, MARGIN, Box, Canvas, leading, width_of, wrapped


class Appearance(NamedTuple):
    """How something looks.

    Attributes:
        words: what it is called.
        sign: one or two letters for it.
        face: its color.
        ink: the color of the sign on it.
    """

    words: str
    sign: str
    face: str
    ink: str


STATUS_LOOKS: dict[Status, Appearance] = {
    "met": Appearance(STATUS_WORDS["met"], "✓", "#dceee0", INK),
    "undocumented": Appearance(STATUS_WORDS["undocumented"], "?", "#f0b840", INK),
    "conflicting": Appearance(STATUS_WORDS["conflicting"], "!", "#7d5ba6", "#ffffff"),
    "not_met": Appearance(STATUS_WORDS["not_met"], "✗", "#8c1d18", "#ffffff"),
}

APPROVE = Appearance("approve", "A", "#dceee0", INK)
REFER = Appearance("refer", "R", "#c9d6e8", INK)
DENIALS: dict[DenialKind, Appearance] = {
    "insufficient_documentation": Appearance("deny, documents are missing", "D?", "#f0b840", INK),
    "conflicting_documentation": Appearance("deny, documents conflict", "D!", "#7d5ba6", "#ffffff"),
    "criteria_not_met": Appearance("deny, criteria are not met", "D✗", "#8c1d18", "#ffffff"),
}


def outcome_look(decision: Decision) -> Appearance:
    """How the outcome of a decision looks."""
    if decision.denial_kind:
        return DENIALS[decision.denial_kind]
    return APPROVE if decision.outcome == "approve" else REFER


def outcome_words(decision: Decision) -> str:
    """The outcome of a decision in words, with what belongs to it."""
    words = outcome_look(decision).words
    if decision.outcome == "approve":
        months = f" for {decision.approval_months} months" if decision.approval_months else ""
        return f"{words} under {decision.section}{months}"
    return f"{words} to {decision.refer_to}" if decision.refer_to else words


def sentence(text: str) -> str:
    """A text as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:]}."


def headed(canvas: Canvas, title: str, lines: Iterable[str]) -> float:
    """Write the title of a picture and lines beneath it; gives where the picture itself can begin."""
    room = canvas.width - 2 * MARGIN
    y = canvas.lines(MARGIN, MARGIN, wrapped(title, room, 12, bold=True), 12, bold=True)
    for line in lines:
        y = canvas.lines(MARGIN, y, wrapped(line, room), color="#404040")
    return y + 8


def legend(canvas: Canvas, y: float, entries: Iterable[Appearance], left: float = MARGIN) -> float:
    """Explain looks, one beside the other, in as many rows as it takes; gives where it ends."""
    x, side = left, 12.0
    for entry in entries:
        width = side + 5 + width_of(entry.words, 8) + 16
        if x > left and x + width > canvas.width - MARGIN:
            x, y = left, y + side + 5
        box = Box(x, y, side + 4, side)
        swatch(canvas, box, entry)
        canvas.text(x + side + 9, y + side / 2, entry.words, 8)
        x += width + 4
    return y + side + leading(8) / 2


def swatch(canvas: Canvas, box: Box, look: Appearance) -> None:
    """A single box with its sign."""
    canvas.boxes([box], look.face, edge="#7a7a7a")
    if look.sign:
        canvas.signs(look.sign, [box.middle], 7.5, look.ink)
