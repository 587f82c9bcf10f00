"""The criteria of a policy in many cases: one row a criterion, one column a case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from pyclingo_bridge.base.errors import PictureError, shown_path
from pyclingo_bridge.base.pictures import TextAlternative
from pyclingo_bridge.core.decision import (
    STATUSES,
    CriterionRef,
    CriterionResult,
    Decision,
    Item,
    Part,
    Status,
    sections_at_stake,
)
from pyclingo_bridge.core.structure import natural_key
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
from pyclingo_bridge.pictures.looks import (
    APPROVE,
    DENIALS,
    REFER,
    STATUS_LOOKS,
    Appearance,
    headed,
    legend,
    outcome_look,
    outcome_words,
)
from pyclingo_bridge.pictures.picture import Picture

MOST_CASES = 1000
_SIDE_BY_SIDE = 140
_WORDED = 8
"""So many cases at most have columns that are wide enough for words."""

_LABELS = 290.0
_CELL = 15.0
_WIDE = 88.0
_NAMES = 190.0
_IDS = 62.0

Cell = Status | Literal["not_needed", "elsewhere", "not_asked"]
"""What a case has of a criterion: a status; `not_needed` where it is not met and does not stand in the way;
`elsewhere` where its section does not address the use; `not_asked` where the request does not go there."""

_CELL_LOOKS: dict[Cell, Appearance] = {
    "met": STATUS_LOOKS["met"],
    "undocumented": STATUS_LOOKS["undocumented"],
    "conflicting": STATUS_LOOKS["conflicting"],
    "not_met": STATUS_LOOKS["not_met"],
    "not_needed": Appearance(
        "not met, and not needed: an alternative or an exception is met", "○", "#f4f4f4", FAINT
    ),
    "elsewhere": Appearance("its section does not address this use", "-", "#ffffff", FAINT),
    "not_asked": Appearance("the request does not go to its section", "", "#ffffff", FAINT),
}


class Row(NamedTuple):
    """A criterion.

    Attributes:
        id: its id.
        label: what it asks for.
        depth: 0 for a section, 1 for its items, and so on.
        cells: what each case has of it.
    """

    id: str
    label: str
    depth: int
    cells: tuple[Cell, ...]


class _Column(NamedTuple):
    """What is asked of one decision, again and again."""

    decision: Decision
    beneath: Mapping[str, frozenset[str]]
    elsewhere: frozenset[str]
    needless: frozenset[str]


def matrix(decisions: Sequence[Decision]) -> Picture:
    """A picture of the criteria in these cases, by sections, with the outcomes.

    Args:
        decisions: decisions by one policy under one interpretation, at most `MOST_CASES`.

    Errors: PictureError for none, too many, or more than one policy.
    """
    _check(decisions)
    rows, folded = criteria_rows(decisions)
    return Picture("matrix", _alternative(decisions, rows, folded), lambda: _draw(decisions, rows, folded))


def criteria_rows(decisions: Sequence[Decision]) -> tuple[list[Row], dict[str, str]]:
    """The criteria of the sections that address some case, in order, and the labels of the other sections."""
    columns = [_column(decision) for decision in decisions]
    labels: dict[str, str] = {}
    addressed: set[str] = set()
    for decision in decisions:
        for section in decision.sections:
            labels.setdefault(section.id, decision.criteria[section.id].label)
        addressed.update(section.id for section in sections_at_stake(decision))
    rows: list[Row] = []
    for section_id in sorted(addressed, key=natural_key):
        rows += _section(section_id, columns)
    folded = {name: labels[name] for name in sorted(labels.keys() - addressed, key=natural_key)}
    return rows, folded


def _check(decisions: Sequence[Decision]) -> None:
    if not decisions:
        raise PictureError("there is no case to draw: give one at least")
    if len(decisions) > MOST_CASES:
        raise PictureError(
            f"a matrix shows {MOST_CASES:,} cases at most, and these are {len(decisions):,}: "
            "give fewer of them, or have `batch` count them"
        )
    if len({decision.policy.rules for decision in decisions}) > 1:
        names = sorted({decision.policy.name for decision in decisions})
        raise PictureError(
            f"a matrix shows cases of one policy, and these are of {', '.join(names)}: draw one for each"
        )


def _column(decision: Decision) -> _Column:
    beneath = {section.id: frozenset(decision.beneath(section.id)) for section in decision.sections}
    here = {section.id for section in sections_at_stake(decision)}
    elsewhere = frozenset(section.id for section in decision.sections if section.id not in here)
    return _Column(decision, beneath, elsewhere, needless(decision))


def needless(decision: Decision) -> frozenset[str]:
    """The criteria that are not met, and stand in nobody's way: what they are an alternative to is met."""
    blocking: set[str] = set()
    if decision.outcome != "approve":
        for section in sections_at_stake(decision):
            _block(decision, section.id, blocking)
    return frozenset(
        name
        for name, criterion in decision.criteria.items()
        if criterion.status != "met" and name not in blocking
    )


def _block(decision: Decision, name: str, found: set[str]) -> None:
    criterion = decision.criteria[name]
    if criterion.status != "met" and name not in found:
        found.add(name)
        for below in _in_the_way(decision, criterion):
            _block(decision, below, found)


def _in_the_way(decision: Decision, holder: CriterionResult | Part) -> Iterator[str]:
    """The criteria in an unmet wording that could meet it; of alternatives none where one is met."""
    met = any(item_status(decision, item) == "met" for item in holder.alternatives)
    for item in (*holder.needs, *(() if met else holder.alternatives), *holder.excuses):
        if isinstance(item, CriterionRef):
            yield item.id
        elif isinstance(item, Part) and item.status != "met":
            yield from _in_the_way(decision, item)


def item_status(decision: Decision, item: Item) -> Status:
    """The status of what stands in a wording."""
    return decision.criteria[item.id].status if isinstance(item, CriterionRef) else item.status


def _section(section_id: str, columns: Sequence[_Column]) -> Iterator[Row]:
    labels: dict[str, str] = {}
    for column in columns:
        if section_id not in column.beneath:
            continue
        for name in (section_id, *column.beneath[section_id]):
            labels.setdefault(name, column.decision.criteria[name].label)
    depths = {name: _depth(name, section_id) for name in labels}
    for name in sorted(labels, key=lambda name: (name != section_id, natural_key(name))):
        cells = tuple(_cell(column, section_id, name) for column in columns)
        yield Row(name, labels[name], depths[name], cells)


def _depth(name: str, section_id: str) -> int:
    if name == section_id:
        return 0
    return name.removeprefix(f"{section_id}.").count(".") + 1 if name.startswith(f"{section_id}.") else 1


def _cell(column: _Column, section_id: str, name: str) -> Cell:
    if section_id not in column.beneath or name not in column.decision.criteria:
        return "not_asked"
    if section_id in column.elsewhere:
        return "elsewhere"
    return "not_needed" if name in column.needless else column.decision.criteria[name].status


# In words


def _alternative(
    decisions: Sequence[Decision], rows: Sequence[Row], folded: Mapping[str, str]
) -> TextAlternative:
    info = decisions[0].policy
    counts = Counter(outcome_look(decision).words for decision in decisions)
    cases = "1 case" if len(decisions) == 1 else f"{len(decisions):,} cases"
    title = f"Criteria of {info.title}: {cases}"
    lines = [
        f"Policy {info.name}, revision {info.revision}. Rows are criteria, columns are cases.",
        "Outcomes: " + "; ".join(f"{words}: {number:,}" for words, number in counts.items()) + ".",
    ]
    if folded:
        lines.append(_folded_text(folded))
    lines += [_case_text(place, decision, rows) for place, decision in enumerate(decisions)]
    return TextAlternative(title, "\n".join(lines))


def _folded_text(folded: Mapping[str, str]) -> str:
    names = ", ".join(f"{name} {label}" for name, label in folded.items())
    return f"Sections that address none of these uses: {names}."


def _case_text(place: int, decision: Decision, rows: Sequence[Row]) -> str:
    by_status: dict[str, list[str]] = {}
    for row in rows:
        if row.depth:
            by_status.setdefault(row.cells[place], []).append(row.id)
    told = [
        f"{STATUS_LOOKS[status].words} {', '.join(by_status[status])}"
        for status in STATUSES
        if status in by_status
    ]
    if "not_needed" in by_status:
        told.append(f"not needed {', '.join(by_status['not_needed'])}")
    rest = f": {'; '.join(told)}" if told else ""
    return f"{shown_path(decision.case)}: {outcome_words(decision)}{rest}."


# As a picture


def _draw(decisions: Sequence[Decision], rows: Sequence[Row], folded: Mapping[str, str]) -> Canvas:
    wide = len(decisions) <= _WORDED
    cell = _WIDE if wide else _CELL
    in_a_row = min(len(decisions), _SIDE_BY_SIDE)
    canvas = Canvas(max(PAGE, 2 * MARGIN + _IDS + _LABELS + cell * in_a_row))
    info = decisions[0].policy
    cases = "one case" if len(decisions) == 1 else f"{len(decisions):,} cases"
    source = f"{info.document}, revision {info.revision}. Each row is a criterion, each column a case."
    y = headed(canvas, f"{info.title}: the criteria in {cases}", [source])
    for start in range(0, len(decisions), _SIDE_BY_SIDE):
        part = slice(start, start + _SIDE_BY_SIDE)
        shown = [row._replace(cells=row.cells[part]) for row in rows]
        y = _Panel(canvas, decisions[part], shown, cell).draw(y) + 14
    if folded:
        y = canvas.lines(MARGIN, y, wrapped(_folded_text(folded), canvas.width - 2 * MARGIN)) + 6
    y = legend(canvas, y, _CELL_LOOKS.values())
    legend(canvas, y + 2, [APPROVE, *DENIALS.values(), REFER])
    return canvas


class _Panel:
    """Cases side by side."""

    def __init__(self, canvas: Canvas, decisions: Sequence[Decision], rows: Sequence[Row], cell: float) -> None:
        self._canvas, self._decisions, self._rows = canvas, decisions, rows
        self._cell = cell
        self._left = MARGIN + _IDS + _LABELS
        self._boxes: dict[Cell, list[Box]] = {}

    @property
    def _wide(self) -> bool:
        return self._cell > _CELL

    def draw(self, y: float) -> float:
        y = self._names(y)
        y = self._outcomes(y) + 4
        for row in self._rows:
            y = self._row(row, y)
        self._cells()
        return y

    def _names(self, y: float) -> float:
        names = [shown_path(decision.case) for decision in self._decisions]
        if self._wide:
            # An underscore is a good place to break a name.
            loose = [name.replace("_", "_ ") for name in names]
            texts = [[line.replace("_ ", "_") for line in wrapped(name, self._cell - 6, 7)] for name in loose]
            height = max(len(lines) for lines in texts) * leading(7)
            for place, lines in enumerate(texts):
                top = y + height - len(lines) * leading(7)
                self._canvas.lines(self._middle(place), top, lines, 7, align="center")
            return y + height + 4
        shown = [shortened(name, _NAMES, 7) for name in names]
        height = max(width_of(name, 7) for name in shown)
        for place, name in enumerate(shown):
            self._canvas.text(self._middle(place), y + height, name, 7, upward=True)
        return y + height + 4

    def _middle(self, place: int) -> float:
        return self._left + (place + 0.5) * self._cell

    def _outcomes(self, y: float) -> float:
        self._canvas.text(MARGIN, y + _CELL / 2, "Outcome", 8, bold=True)
        height = _CELL
        for look in (APPROVE, *DENIALS.values(), REFER):
            places = [at for at, one in enumerate(self._decisions) if outcome_look(one) == look]
            boxes = [Box(self._left + at * self._cell, y, self._cell, height) for at in places]
            self._canvas.boxes(boxes, look.face, edge="#5a5a5a")
            middles = [box.middle for box in boxes]
            name = f"outcome-{look.sign}"
            if not self._wide:
                self._canvas.signs(look.sign, middles, 7, look.ink, name)
                continue
            for x, middle in middles:
                word = look.words.partition(",")[0]
                self._canvas.text(
                    x, middle, f"{look.sign}  {word}", 7.5, bold=True, color=look.ink, align="center"
                )
        return y + height

    def _row(self, row: Row, y: float) -> float:
        section = row.depth == 0
        y += 7 if section else 0
        indent = max(row.depth - 1, 0) * 8
        size = 8.5 if section else 8
        lines = wrapped(row.label, _LABELS - 10 - indent, size, bold=section)
        height = max(_CELL, len(lines) * leading(size) + 3)
        top = y + (height - len(lines) * leading(size)) / 2
        name = shortened(row.id, _IDS - 4, size, bold=True)
        self._canvas.text(MARGIN, top + leading(size) / 2, name, size, bold=True)
        self._canvas.lines(MARGIN + _IDS + indent, top, lines, size, bold=section)
        if section:
            self._canvas.line([(MARGIN, y), (self._left + self._cell * len(row.cells), y)], INK, 0.9)
        for place, cell in enumerate(row.cells):
            self._boxes.setdefault(cell, []).append(Box(self._left + place * self._cell, y, self._cell, height))
        return y + height

    def _cells(self) -> None:
        """All cells of one status at once: of many cases there are thousands."""
        for cell, boxes in self._boxes.items():
            look = _CELL_LOOKS[cell]
            if not look.sign:
                self._canvas.boxes(boxes, "#ffffff", edge="#e4e4e4", linewidth=0.4)
                continue
            self._canvas.boxes(boxes, look.face, edge=LINE, linewidth=0.4)
            if self._wide and cell in STATUS_LOOKS:
                self._canvas.signs(
                    look.sign, [(box.x + 10, box.middle[1]) for box in boxes], 7.5, look.ink, f"cells-{cell}"
                )
                for box in boxes:
                    self._canvas.text(box.x + 19, box.middle[1], look.words, 7, color=look.ink)
            else:
                self._canvas.signs(look.sign, [box.middle for box in boxes], 7.5, look.ink, f"cells-{cell}")
