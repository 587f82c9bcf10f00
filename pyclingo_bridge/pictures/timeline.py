"""The documents of a case in time, the day of its request, and what each states that counts."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from pyclingo_bridge.base.errors import shown_path
from pyclingo_bridge.base.pictures import TextAlternative
from pyclingo_bridge.cases.case import Document
from pyclingo_bridge.cases.days import Day, first_day, last_day
from pyclingo_bridge.cases.statements import Stated
from pyclingo_bridge.cases.statuses import FINAL, SetAside
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import Decision, Evidence, day_text, value_text
from pyclingo_bridge.core.structure import readable
from pyclingo_bridge.pictures.canvas import (
    FAINT,
    INK,
    LINE,
    MARGIN,
    PAGE,
    Box,
    Canvas,
    leading,
    width_of,
    wrapped,
)
from pyclingo_bridge.pictures.looks import headed, outcome_words, sentence
from pyclingo_bridge.pictures.picture import Picture

_NAMES = 150.0
_AXIS = 300.0
_SIZE = 7.5

State = Literal["counts", "preliminary", "amended", "replaced", "entered_in_error"]

_SIGNS: dict[State, str] = {
    "counts": "●",
    "preliminary": "◐",
    "amended": "◆",
    "replaced": "○",
    "entered_in_error": "✗",
}
_STATES: dict[State, str] = {
    "counts": "document that counts",
    "preliminary": "preliminary",
    "amended": "amended",
    "replaced": "replaced, does not count",
    "entered_in_error": "entered in error, does not count",
}
_DEAD: tuple[State, ...] = ("replaced", "entered_in_error")


class TimelineRow(NamedTuple):
    """A document.

    Attributes:
        id: its id.
        kind: its type, in words.
        date: its date, or what is known of it.
        state: whether it counts.
        marks: what else is to be known of it.
        counts: what it states that criteria count, each in words.
        overtaken: what a later document says anew.
        others: how many more statements there are, on which no criterion rests.
    """

    id: str
    kind: str
    date: Day
    state: State
    marks: tuple[str, ...]
    counts: tuple[str, ...]
    overtaken: tuple[str, ...]
    others: int


def timeline(assessment: Assessment, decision: Decision, vocabulary: Vocabulary) -> Picture:
    """A picture of the documents of a case in time.

    Args:
        assessment: what the rules find of the case.
        decision: its decision.
        vocabulary: the policy's.
    """
    rows = timeline_rows(assessment, decision, vocabulary)
    request = decision.request_date
    given = "date" in assessment.case.request
    return Picture(
        "timeline", _alternative(decision, rows, request, given), lambda: _draw(decision, rows, request, given)
    )


# What each document is


class _Statement(NamedTuple):
    """A statement of a document, and to which effects criteria take it."""

    entry: Evidence
    effects: set[str]

    @property
    def counts(self) -> bool:
        return not self.effects.isdisjoint(("supports", "refutes"))

    @property
    def overtaken(self) -> bool:
        return not self.counts and "superseded" in self.effects


def timeline_rows(assessment: Assessment, decision: Decision, vocabulary: Vocabulary) -> list[TimelineRow]:
    """The documents by date, with what each states that counts."""
    said = _said(decision)
    ids = {one.id for one in assessment.case.documents}
    documents: list[Document | Stated] = list(assessment.case.documents)
    # What a plan knows for all its cases is one more.
    documents += (one for one in assessment.said.documents if one.id not in ids)
    aside = {one.id: one for one in assessment.said.set_aside}
    rows = [
        _row(one, said.get(one.id, []), aside.get(one.id), decision.request_date, vocabulary)
        for one in documents
    ]
    return sorted(rows, key=lambda row: (first_day(row.date), last_day(row.date), row.id))


def _row(
    document: Document | Stated,
    said: Sequence[_Statement],
    aside: SetAside | None,
    request: datetime.date | None,
    vocabulary: Vocabulary,
) -> TimelineRow:
    state = _state(document.status, aside)
    counts = [one.entry for one in said if one.counts]
    overtaken = [one.entry for one in said if one.overtaken]
    used = {name for entry in (*counts, *overtaken) for name in (entry.attribute, *entry.details)}
    used |= {flag for flag, listed in vocabulary.qualifiers.items() if listed in used}
    return TimelineRow(
        shown_path(document.id),
        vocabulary.labels.get(document.type, readable(document.type)),
        document.date,
        state,
        tuple(_marks(document, state, aside, request)),
        tuple(_words(entry, document, vocabulary) for entry in counts),
        tuple(_words(entry, document, vocabulary) for entry in overtaken),
        0 if state in _DEAD else len(document.states.keys() - used),
    )


def _marks(
    document: Document | Stated, state: State, aside: SetAside | None, request: datetime.date | None
) -> Iterator[str]:
    if state in ("preliminary", "amended", "entered_in_error"):
        yield readable(state)
    if aside is not None and aside.by is not None:
        yield f"replaced by {shown_path(aside.by)}"
    if document.replaces is not None:
        yield f"replaces {shown_path(document.replaces)}"
    if request is not None and first_day(document.date) > request:
        yield "after the day of the request"


def _state(status: str, aside: SetAside | None) -> State:
    if aside is not None:
        return aside.why
    if status == "preliminary":
        return "preliminary"
    return "counts" if status == FINAL else "amended"


def _said(decision: Decision) -> dict[str, list[_Statement]]:
    """What each document states to which effects, in the criteria of all sections that the request goes to."""
    found: dict[str, dict[str, _Statement]] = {}
    for criterion in decision.criteria.values():
        for entry in criterion.evidence:
            if entry.document is not None:
                key = f"{entry.attribute} {entry.value!r}"
                statements = found.setdefault(entry.document, {})
                statements.setdefault(key, _Statement(entry, set())).effects.add(entry.effect)
    return {name: [one for _, one in sorted(statements.items())] for name, statements in found.items()}


def _words(entry: Evidence, document: Document | Stated, vocabulary: Vocabulary) -> str:
    """A statement in the words that the vocabulary has for it."""
    labels, name = vocabulary.labels, entry.attribute
    text = f"{labels.get(name, readable(name))}: {_value(entry.value, labels)}"
    if isinstance(entry.value, bool):
        text = _flag(name, entry.value, labels) or text
    flags = [flag for flag, listed in vocabulary.qualifiers.items() if listed == name]
    if any(document.states.get(flag) is True for flag in flags):
        text += " (the whole list)"
    if entry.details:
        details = ", ".join(f"{readable(one)} {value_text(value)}" for one, value in entry.details.items())
        text += f" (by its details: {details})"
    return text


def _flag(name: str, value: bool, labels: Mapping[str, str]) -> str | None:
    own = labels.get(f"{'yes' if value else 'no'}({name})")
    other = labels.get(f"{'no' if value else 'yes'}({name})")
    return own or (f"not so: {other}" if other else None)


def _value(value: object, labels: Mapping[str, str]) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_value(one, labels) for one in value) or "none"
    text = value_text(value)
    return labels.get(text, readable(text)) if isinstance(value, str) else text


# In words


def _alternative(
    decision: Decision, rows: Sequence[TimelineRow], request: datetime.date | None, given: bool
) -> TextAlternative:
    name = shown_path(decision.case)
    number = "1 document" if len(rows) == 1 else f"{len(rows) or 'no'} documents"
    lines = [f"{name}: {outcome_words(decision)}.", _request_text(request, given)]
    lines += [f"{row.id}, {row.kind}, {day_text(row.date)}{_told(row)}" for row in rows]
    return TextAlternative(f"Documents of {name} in time: {number}", "\n".join(lines))


def _request_text(request: datetime.date | None, given: bool) -> str:
    if request is None:
        return "The day of the request is not known: the form does not tell it, and no document counts."
    told = "as the form tells it" if given else "the day of the latest document, as the form tells none"
    return f"Day of the request: {request} ({told})."


def _told(row: TimelineRow) -> str:
    marks = f" ({', '.join(row.marks)})" if row.marks else ""
    return f"{marks}: {' '.join(_sentences(row))}"


def _sentences(row: TimelineRow) -> Iterator[str]:
    if row.state in _DEAD:
        yield "counts for nothing."
        return
    yield f"{'; '.join(row.counts)}." if row.counts else "states nothing on which a criterion rests."
    if row.overtaken:
        yield f"Later documents say anew: {'; '.join(row.overtaken)}."
    if row.others:
        yield f"And {row.others} more, on which no criterion rests."


# As a picture


def _draw(
    decision: Decision, rows: Sequence[TimelineRow], request: datetime.date | None, given: bool
) -> Canvas:
    canvas = Canvas(PAGE)
    name = shown_path(decision.case)
    about = [f"{decision.policy.title}. {sentence(outcome_words(decision))}", _request_text(request, given)]
    title = f"{name}: its documents in time" if rows else f"{name}: no documents"
    y = headed(canvas, title, about)
    days = [*(first_day(row.date) for row in rows), *(last_day(row.date) for row in rows)]
    if request is not None:
        days.append(request)
    if not rows or not days:
        canvas.reach(y)
        return canvas
    axis = _Axis(min(days), max(days))
    return _Rows(canvas, axis, request).draw(rows, y)


class _Axis:
    """Where days are on the sheet."""

    def __init__(self, first: datetime.date, last: datetime.date) -> None:
        spare = max((last - first).days // 12, 3)
        self._first = first.toordinal() - spare
        self._days = max((last - first).days + 2 * spare, 1)
        self.left = MARGIN + _NAMES
        self._ends = first, last

    def x(self, day: datetime.date) -> float:
        return self.left + _AXIS * (day.toordinal() - self._first) / self._days

    def ticks(self) -> list[tuple[datetime.date, str]]:
        """Days to write at the top: at most six of them, as round as can be."""
        first, last = self._ends
        for months in (1, 2, 3, 6, *(12 * years for years in (1, 2, 5, 10, 20, 50, 100, 500))):
            found = list(_every(first, last, months))
            if len(found) <= 6:
                break
        if len(found) < 2:
            return (
                [(first, str(first)), (last, str(last))]
                if self.x(last) - self.x(first) > 70
                else [(last, str(last))]
            )
        return [(day, str(day.year) if months >= 12 else f"{day:%Y-%m}") for day in found]


def _every(first: datetime.date, last: datetime.date, months: int) -> Iterator[datetime.date]:
    number = -(-(first.year * 12 + first.month - 1) // months) * months
    while number <= last.year * 12 + last.month - 1:
        if 12 <= number < 12 * 10_000:
            day = datetime.date(number // 12, number % 12 + 1, 1)
            if first <= day <= last:
                yield day
        number += months


class _Rows:
    def __init__(self, canvas: Canvas, axis: _Axis, request: datetime.date | None) -> None:
        self._canvas, self._axis, self._request = canvas, axis, request
        self._text = axis.left + _AXIS + 14

    def draw(self, rows: Sequence[TimelineRow], y: float) -> Canvas:
        top = self._ticks(y)
        y = top + 4
        placed: list[tuple[TimelineRow, float, float, list[tuple[str, str]]]] = []
        for row in rows:
            told = self._told(row)
            names = self._names(row)
            height = max(len(told), len(names)) * leading(_SIZE) + 7
            placed.append((row, y, height, told))
            y += height
        self._guides(top, y)
        for row, start, height, told in placed:
            self._row(row, start, height, told)
        self._canvas.line([(MARGIN, y), (self._canvas.width - MARGIN, y)], LINE, 0.5)
        self._legend(y + 12)
        return self._canvas

    def _ticks(self, y: float) -> float:
        self._canvas.text(MARGIN, y + 6, "Document", 8, bold=True)
        self._canvas.text(self._text, y + 6, "What it states that counts", 8, bold=True)
        for day, text in self._axis.ticks():
            self._canvas.text(self._axis.x(day), y + 6, text, 7.5, color="#404040", align="center")
        y += 16
        if self._request is not None:
            x = self._axis.x(self._request)
            half = width_of("day of the request", 7.5, bold=True) / 2
            x = min(max(x, self._axis.left + half), self._axis.left + _AXIS - half)
            self._canvas.text(x, y + 4, "day of the request", 7.5, bold=True, align="center")
        return y + 12

    def _guides(self, top: float, bottom: float) -> None:
        for day, _ in self._axis.ticks():
            x = self._axis.x(day)
            self._canvas.line([(x, top), (x, bottom)], "#e2e2e2", 0.7)
        if self._request is not None:
            x = self._axis.x(self._request)
            self._canvas.line([(x, top - 2), (x, bottom)], INK, 1.4, (4, 2))

    def _names(self, row: TimelineRow) -> list[tuple[str, bool]]:
        room = _NAMES - 10
        return [
            *((line, True) for line in wrapped(row.id, room, _SIZE, bold=True)),
            *((line, False) for line in wrapped(f"{row.kind}, {day_text(row.date)}", room, _SIZE)),
        ]

    def _told(self, row: TimelineRow) -> list[tuple[str, str]]:
        room = self._canvas.width - MARGIN - self._text
        lines: list[tuple[str, str]] = []

        def add(text: str, color: str) -> None:
            lines.extend((line, color) for line in wrapped(text, room, _SIZE))

        if row.marks:
            text = ", ".join(row.marks)
            add(text[:1].upper() + text[1:], "#8c1d18")
        if row.state in _DEAD:
            add("Counts for nothing", FAINT)
            return lines
        for text in row.counts:
            add(text, INK)
        if not row.counts:
            add("Nothing on which a criterion rests", FAINT)
        if row.overtaken:
            add(f"A later document says anew: {'; '.join(row.overtaken)}", FAINT)
        if row.others:
            add(f"and {row.others} more, on which no criterion rests", FAINT)
        return lines

    def _row(self, row: TimelineRow, y: float, height: float, told: Sequence[tuple[str, str]]) -> None:
        self._canvas.line([(MARGIN, y), (self._canvas.width - MARGIN, y)], LINE, 0.5)
        color = FAINT if row.state in _DEAD else INK
        top = y + 3.5
        for line, bold in self._names(row):
            self._canvas.text(MARGIN, top + leading(_SIZE) / 2, line, _SIZE, bold=bold, color=color)
            top += leading(_SIZE)
        top = y + 3.5
        for line, ink in told:
            self._canvas.text(self._text, top + leading(_SIZE) / 2, line, _SIZE, color=ink)
            top += leading(_SIZE)
        self._when(row, y + height / 2)

    def _when(self, row: TimelineRow, middle: float) -> None:
        start, end = self._axis.x(first_day(row.date)), self._axis.x(last_day(row.date))
        if first_day(row.date) != last_day(row.date):
            bar = Box(start, middle - 4, max(end - start, 2), 8)
            self._canvas.boxes([bar], "#f4f4f4", edge=INK, hatch="////", linewidth=0.7)
            # Beside it, as a sign on it would look like a day.
            start = end = start - 9
            if row.state == "counts":
                return
        self._canvas.signs(_SIGNS[row.state], [((start + end) / 2, middle)], 9, INK, f"document-{row.state}")

    def _legend(self, y: float) -> None:
        x = MARGIN
        for state, sign in _SIGNS.items():
            self._canvas.signs(sign, [(x + 5, y + 5)], 9)
            self._canvas.text(x + 14, y + 5, _STATES[state], 8)
            x += 14 + width_of(_STATES[state], 8) + 16
        self._canvas.boxes([Box(x, y + 1, 22, 8)], "#f4f4f4", edge=INK, hatch="////", linewidth=0.7)
        self._canvas.text(x + 27, y + 5, "some day within that time", 8)
