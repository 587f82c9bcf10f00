"""The missing sets of a case: one row a set, one column for each document to get and each thing to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from pyclingo_bridge.base.errors import shown_path
from pyclingo_bridge.base.pictures import TextAlternative
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.decision import Decision
from pyclingo_bridge.core.structure import natural_key, readable
from pyclingo_bridge.explain.missing import large_number
from pyclingo_bridge.explain.view import PLAIN
from pyclingo_bridge.pictures.canvas import (
    FAINT,
    INK,
    LINE,
    MARGIN,
    PAGE,
    Box,
    Canvas,
    leading,
    shortened,
    width_of,
    wrapped,
)
from pyclingo_bridge.pictures.looks import Appearance, headed, legend, outcome_words, sentence
from pyclingo_bridge.pictures.picture import Picture
from pyclingo_bridge.questions.missing import MissingSet

_ROW = 17.0
_LABELS = 150.0
_HEADS = 165.0
_EFFORT = 130.0
_LEAST = 22.0
_WIDEST = 150.0
_NARROWEST = 85.0
_ROOM = PAGE - 2 * MARGIN - _LABELS - _EFFORT - 30

Kind = Literal["document", "name", "requirement"]

_GROUPS: dict[Kind, str] = {
    "document": "Get",
    "name": "Find out",
    "requirement": "To be shown",
}
_GET = Appearance("document to get, or name to find out about", "■", "#f0b840", INK)
_SHOW = Appearance("what has to be shown", "●", "#dceee0", INK)
_UNSHOWN = Appearance("to be shown as well, and no type of document is known to show it", "○", "#ffffff", INK)


class GridColumn(NamedTuple):
    """What sets need.

    Attributes:
        kind: a document to get, a name to find out about, or what they have to show.
        name: its name in the answer.
        text: what it is called.
        rows: the places of the sets that need it.
        unshown: those among them for which nothing is known to show it.
    """

    kind: Kind
    name: str
    text: str
    rows: frozenset[int]
    unshown: frozenset[int] = frozenset()


def missing(
    decision: Decision,
    sets: Sequence[MissingSet],
    vocabulary: Vocabulary,
    number: int | None = None,
    more: bool = False,
) -> Picture:
    """A picture of what each missing set of a case needs.

    Args:
        decision: the case's decision.
        sets: its missing sets, or the first of them, in their order.
        vocabulary: the policy's.
        number: how many there are in all, where that is known.
        more: whether there are more than these.
    """
    told = _number(len(sets), number, more)
    columns = grid_columns(sets, vocabulary)
    alternative = _alternative(decision, sets, columns, told)
    return Picture("missing", alternative, lambda: _draw(decision, sets, columns, told))


def grid_columns(sets: Sequence[MissingSet], vocabulary: Vocabulary) -> list[GridColumn]:
    """What some set needs: documents by their cost, then names, then what is needed most often first."""
    found: dict[tuple[Kind, str], set[int]] = {}
    unshown: dict[str, set[int]] = {}
    texts: dict[str, str] = {}
    criteria: dict[str, set[str]] = {}
    for row, one in enumerate(sets):
        for kind in one.documents:
            found.setdefault(("document", kind), set()).add(row)
            texts[kind] = _document(kind, vocabulary.labels)
        for clarification in one.clarifications:
            name = f"{clarification.attribute} {clarification.name}"
            found.setdefault(("name", name), set()).add(row)
            texts[name] = f"what “{clarification.name}” is ({readable(clarification.attribute)})"
        for requirement in one.requirements:
            found.setdefault(("requirement", requirement.term), set()).add(row)
            criteria.setdefault(requirement.term, set()).update(requirement.criteria)
            texts[requirement.term] = requirement.text
        for term in one.unshown:
            unshown.setdefault(term, set()).add(row)
    for term, names in criteria.items():
        texts[term] += f" [{', '.join(sorted(names, key=natural_key))}]"
    costs = vocabulary.document_types
    order: list[Kind] = ["document", "name", "requirement"]
    keys = sorted(found, key=lambda key: (order.index(key[0]), costs.get(key[1], 0), -len(found[key]), key[1]))
    return [
        GridColumn(kind, name, texts[name], frozenset(found[kind, name]), frozenset(unshown.get(name, ())))
        for kind, name in keys
    ]


def _document(kind: str, labels: Mapping[str, str]) -> str:
    return labels.get(kind, readable(kind))


# In words


def _alternative(
    decision: Decision, sets: Sequence[MissingSet], columns: Sequence[GridColumn], told: str
) -> TextAlternative:
    title = f"Missing sets of {shown_path(decision.case)}: {told}"
    lines = [f"{shown_path(decision.case)}: {outcome_words(decision)}."]
    if not sets:
        lines.append(_none(decision))
    common = [column.text for column in columns if len(column.rows) == len(sets) > 1]
    if common:
        lines.append(f"Needed by every set shown: {'; '.join(common)}.")
    lines += (_set_text(row, sets, columns) for row in range(len(sets)))
    return TextAlternative(title, "\n".join(lines))


def _number(shown: int, number: int | None, more: bool) -> str:
    if not more:
        return "1 set" if shown == 1 else f"{shown or 'no'} sets"
    return f"the first {shown} of {'very many' if number is None else large_number(number)} sets"


def _none(decision: Decision) -> str:
    if decision.outcome == "approve":
        return "Nothing is missing."
    return "No further document would change this decision."


def _set_text(row: int, sets: Sequence[MissingSet], columns: Sequence[GridColumn]) -> str:
    one = sets[row]
    of_all = {column.name for column in columns if len(column.rows) == len(sets) > 1}
    get = [column.text for column in columns if column.kind == "document" and row in column.rows]
    find = [column.text for column in columns if column.kind == "name" and row in column.rows]
    show = [
        f"{requirement.text} [{', '.join(requirement.criteria)}]"
        for requirement in one.requirements
        if requirement.term not in of_all
    ]
    todo = [
        *([f"get {', '.join(get)}"] if get else []),
        *([f"find out {', '.join(find)}"] if find else []),
    ]
    besides = " besides" if of_all else ""
    shown = f" To show{besides}: {'; '.join(show)}." if show else ""
    unshown = [column.text for column in columns if row in column.unshown]
    lacking = f" No type of document is known to show: {'; '.join(unshown)}." if unshown else ""
    head = f"Set {row + 1} ({_effort(one, sets)}), for {', '.join(one.sections)}"
    return f"{head}: {'; '.join(todo) or 'no document is needed'}.{shown}{lacking}"


def _effort(one: MissingSet, sets: Sequence[MissingSet]) -> str:
    least = min(other.cost for other in sets)
    return PLAIN.effort(one.cost, least, one.seldom)


# As a picture


def _draw(decision: Decision, sets: Sequence[MissingSet], columns: Sequence[GridColumn], told: str) -> Canvas:
    # Of few columns the heads are written as one reads them, of many upward.
    wide = min(_WIDEST, _ROOM / max(len(columns), 1))
    upward = wide < _NARROWEST
    texts = [wrapped(column.text, _HEADS if upward else wide - 8, 7.5) for column in columns]
    widths = [max(_LEAST, len(lines) * leading(7.5) + 9) if upward else wide for lines in texts]
    canvas = Canvas(max(PAGE, 2 * MARGIN + _LABELS + sum(widths) + 3 * 10 + _EFFORT))
    info = decision.policy
    about = [
        f"{info.title}. {sentence(outcome_words(decision))} Each row is a way to an approval; any is enough."
    ]
    title = f"{shown_path(decision.case)}: what is missing, {told}"
    y = headed(canvas, title, about if sets else [_none(decision)])
    if sets:
        y = _Grid(canvas, sets, columns, widths, upward).draw(y, texts)
        looks = [_GET, _SHOW, *([_UNSHOWN] if any(column.unshown for column in columns) else [])]
        legend(canvas, y + 10, looks)
    return canvas


class _Grid:
    def __init__(
        self,
        canvas: Canvas,
        sets: Sequence[MissingSet],
        columns: Sequence[GridColumn],
        widths: Sequence[float],
        upward: bool,
    ) -> None:
        self._upward = upward
        self._canvas, self._sets, self._columns, self._widths = canvas, sets, columns, widths
        self._lefts: list[float] = []
        x, last = MARGIN + _LABELS, None
        for column, width in zip(columns, widths, strict=True):
            x += 10 if last not in (None, column.kind) else 0
            self._lefts.append(x)
            x, last = x + width, column.kind
        self._right = x

    def draw(self, y: float, texts: Sequence[Sequence[str]]) -> float:
        y = self._heads(y, texts)
        bottom = y + _ROW * len(self._sets)
        for left, width, column in zip(self._lefts, self._widths, self._columns, strict=True):
            if len(column.rows) == len(self._sets) > 1:
                self._canvas.boxes([Box(left, y, width, bottom - y)], "#ececec")
        for row, one in enumerate(self._sets):
            self._row(row, one, y + _ROW * row)
        self._canvas.line([(MARGIN, bottom), (self._right, bottom)], LINE)
        self._marks(y)
        if any(len(column.rows) == len(self._sets) > 1 for column in self._columns):
            self._canvas.text(MARGIN, bottom + 9, "Gray columns: every set needs it.", 7.5, color=FAINT)
            bottom += 14
        return bottom

    def _heads(self, y: float, texts: Sequence[Sequence[str]]) -> float:
        kinds = dict.fromkeys(column.kind for column in self._columns)
        groups = {kind: wrapped(_GROUPS[kind], max(self._room(kind), 32), 8, bold=True) for kind in kinds}
        for kind, lines in groups.items():
            left = next(x for x, column in zip(self._lefts, self._columns, strict=True) if column.kind == kind)
            self._canvas.lines(left, y, lines, 8, bold=True)
        y += leading(8) * max(map(len, groups.values())) + 6
        return self._upward_heads(y, texts) if self._upward else self._level_heads(y, texts)

    def _level_heads(self, y: float, texts: Sequence[Sequence[str]]) -> float:
        height = max(map(len, texts)) * leading(7.5)
        for left, width, lines in zip(self._lefts, self._widths, texts, strict=True):
            top = y + height - len(lines) * leading(7.5)
            self._canvas.lines(left + width / 2, top, lines, 7.5, align="center")
        return y + height + 5

    def _upward_heads(self, y: float, texts: Sequence[Sequence[str]]) -> float:
        height = max(width_of(line, 7.5) for lines in texts for line in lines)
        for left, width, lines in zip(self._lefts, self._widths, texts, strict=True):
            x = left + width / 2 - (len(lines) - 1) * leading(7.5) / 2
            for at, line in enumerate(lines):
                self._canvas.text(x + at * leading(7.5), y + height, line, 7.5, upward=True)
        return y + height + 7

    def _room(self, kind: Kind) -> float:
        return sum(w for w, column in zip(self._widths, self._columns, strict=True) if column.kind == kind)

    def _row(self, row: int, one: MissingSet, y: float) -> None:
        middle = y + _ROW / 2
        self._canvas.line([(MARGIN, y), (self._right, y)], LINE, 0.5)
        label = shortened(f"for {', '.join(one.sections)}", _LABELS - 50, 8)
        self._canvas.text(MARGIN, middle, f"Set {row + 1}", 8, bold=True)
        self._canvas.text(MARGIN + 46, middle, label, 8)
        length = 60 * one.cost / (max(other.cost for other in self._sets) or 1)
        left = self._right + 8
        self._canvas.boxes([Box(left, y + 5, max(length, 1.5), _ROW - 10)], "#8a8a8a")
        effort = _effort(one, self._sets)
        # Of rows that take alike, the first says so.
        if not row or effort != _effort(self._sets[row - 1], self._sets):
            self._canvas.text(left + length + 5, middle, effort, 7.5, bold=effort == "least effort")

    def _marks(self, top: float) -> None:
        for look, kinds, unshown in ((_GET, ("document", "name"), False), (_SHOW, ("requirement",), False),
                                     (_UNSHOWN, ("requirement",), True)):  # fmt: skip
            boxes = [
                Box(left + 2, top + row * _ROW + 2, width - 4, _ROW - 4)
                for left, width, column in zip(self._lefts, self._widths, self._columns, strict=True)
                if column.kind in kinds
                for row in sorted(column.unshown if unshown else column.rows - column.unshown)
            ]
            self._canvas.boxes(boxes, look.face, edge="#8a8a8a", linewidth=0.4)
            name = f"marks-{'unshown' if unshown else kinds[0]}"
            self._canvas.signs(look.sign, [box.middle for box in boxes], 8, look.ink, name)
