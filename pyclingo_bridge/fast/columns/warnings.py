"""The warnings of rows: planes show which rows have any; what these say is looked at once, as its case."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pyclingo_bridge.base.errors import quoted
from pyclingo_bridge.base.terms import LARGEST
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.days import day_number
from pyclingo_bridge.cases.vocabulary import LINE
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.judge import Assessor
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.columns.layout import (
    DAY,
    ID,
    TUMOR,
    Layout,
    as_given,
    is_list,
    own_column,
    undictionaried,
)
from pyclingo_bridge.fast.columns.reader import whole_array
from pyclingo_bridge.fast.columns.statuses import RowStatuses
from pyclingo_bridge.fast.weighing import EvidenceMasks

_REMEMBERED = 100_000
_NO_ID = "row"
_SEVERAL_TIMES = re.compile("the row(?:, the row)*(?: and [0-9]+ more)?( (?:are|is))?(?![a-z])")
"""A row that is named once for each of its statements."""
_BETWEEN = "\x1f"
"""Stands between the names of a list; none of them holds it, as it is no printable character."""


class _Warned(NamedTuple):
    """Some rows, and what each is warned of: a place in a list of warnings."""

    rows: Any
    places: Any
    lines: list[tuple[str, ...]]


class RowWarnings:
    """Words the warnings of rows.

    Args:
        layout: the columns.
        structure: the policy.
        assess: finds what there is to warn of in a case.
        wording: puts it into words.
        decider: tells which amounts are warned of.
        evidence: weighs what rows state.
        dated: whether every row has to give its day.
    """

    def __init__(
        self,
        layout: Layout,
        structure: Structure,
        assess: Callable[[Case], Assessment],
        wording: Callable[[Assessment], tuple[str, ...]],
        decider: Assessor,
        evidence: EvidenceMasks,
        dated: bool,
    ) -> None:
        self._layout = layout
        self._evidence = evidence
        self._dated = dated
        self._structure = structure
        self._assess = assess
        self._wording = wording
        self._decider = decider
        self._cautions = frozenset(structure.cautions.values())
        self._known: dict[str, tuple[str, ...]] = {}
        self._amounts: dict[str, dict[int, bool]] = {}

    def column(self, rows: pa.Table, statuses: RowStatuses) -> pa.Array:
        """The warnings of each row; null where there are none, and of what is no case."""
        lines: list[tuple[str, ...]] = [()]
        codes = pa.repeat(pa.scalar(0, pa.int64()), rows.num_rows)
        days = _with_days(rows, statuses)
        for warned in (
            *self._of_groups(days, statuses),
            *self._of_days(days, statuses),
            *self._of_amounts(rows, statuses),
            *self._of_texts(statuses),
        ):
            # Of both together one code, of which few occur.
            own = pc.replace_with_mask(codes, warned.rows, warned.places)
            own = pc.if_else(warned.rows, own, pa.scalar(len(warned.lines)))
            both = pc.add(pc.multiply(codes, pa.scalar(len(warned.lines) + 1)), own).dictionary_encode()
            pairs = [divmod(code, len(warned.lines) + 1) for code in both.dictionary.to_pylist()]
            each = [*warned.lines, ()]
            lines = [tuple(sorted({*lines[one], *each[other]})) for one, other in pairs]
            codes = both.indices.cast(pa.int64())
        return pa.array([list(entry) or None for entry in lines], pa.list_(pa.string())).take(codes)

    def _of_groups(self, rows: pa.Table, statuses: RowStatuses) -> Iterator[_Warned]:
        fine = statuses.bad ^ statuses.planes.ones
        for names, plane in statuses.warned.items():
            if (plane & fine).any():
                yield self._worded(names, rows, statuses.planes.flags(plane & fine))

    def _of_days(self, rows: pa.Table, statuses: RowStatuses) -> Iterator[_Warned]:
        """The rows whose day is none on which the policy is in force."""
        days, which = np.unique(statuses.days, return_inverse=True)
        outside = [bool(day) and self._is_outside(datetime.date.fromordinal(day)) for day in days.tolist()]
        if any(outside):
            fine = statuses.planes.flags(statuses.bad ^ statuses.planes.ones)
            among = pc.and_(pa.array(np.asarray(outside)[which.reshape(-1)]), fine)
            yield self._worded((), rows.select([DAY]), among)

    def _is_outside(self, day: datetime.date) -> bool:
        periods = self._evidence.expected_input.in_force
        return any(not start <= day_number(day) <= end for start, end in periods)

    def _of_texts(self, statuses: RowStatuses) -> Iterator[_Warned]:
        """What the policy itself warns of, where all that it rests on is met; and of dates and the like."""
        ones = statuses.planes.ones
        texts = dict(statuses.texts)
        for name, text in self._structure.cautions.items():
            plane = ones
            for requirement in self._structure.told_of(name):
                plane = plane & statuses.supported[requirement] & (statuses.refuted[requirement] ^ ones)
            texts[text] = texts.get(text, statuses.planes.zeros) | plane
        for text, plane in texts.items():
            among = statuses.planes.flags(plane & (statuses.bad ^ ones))
            count = pc.sum(among).as_py()
            if count:
                yield _Warned(among, pa.array(np.zeros(count, np.int64)), [(text,)])

    def _of_amounts(self, rows: pa.Table, statuses: RowStatuses) -> Iterator[_Warned]:
        """The rows that ask for amounts which the product's strengths do not make up."""
        fine = statuses.planes.flags(statuses.bad ^ statuses.planes.ones)
        for name in sorted(self._decider.counted.intersection(rows.column_names)):
            column = rows.column(name).combine_chunks()
            column = column.cast(undictionaried(column.type))
            distinct = pc.unique(column)
            warned = self._warned(name, distinct.to_pylist())
            if any(warned):
                among = pc.is_in(column, value_set=distinct.filter(pa.array(warned)))
                yield self._worded((name,), rows, pc.and_(among, fine))

    def _warned(self, name: str, values: list[Any]) -> list[bool]:
        """Which of some values there is a warning of."""
        numbers = [as_given(value) for value in values]
        fit = {number for number in numbers if isinstance(number, int) and 0 <= number <= LARGEST}
        known = self._amounts.setdefault(name, {})
        if asked := fit - known.keys():
            warned = self._decider.warned_amounts(name, asked)
            known |= {number: number in warned for number in asked}
        flags = [number in fit and known[number] for number in numbers]
        if len(known) > _REMEMBERED:
            known.clear()
        return flags

    def _worded(self, names: Collection[str], rows: pa.Table, among: Any) -> _Warned:
        """The warnings of a subject in some rows."""
        layout = self._layout
        columns = {column for name in names for column in (name, *self._more(name))}
        if self._dated or not names or self._depend_on_dates(names, rows):
            columns |= {DAY, "document date", LINE}
        if self._dated:
            # What a plan fills in is looked at with what else the form gives.
            columns |= {other for name, _, other, _ in layout.vocabulary.only_with if name in names}
        if not layout.stated.keys().isdisjoint(names):
            columns |= {TUMOR, *(name for name in layout.row_wide if name != "document date")}
        said = rows.select([name for name in rows.column_names if name in columns]).filter(among)
        places, first = _alike(said)
        several = self._layout.several(said.schema)
        lines = [self._lines(row, several) for row in said.take(first).to_pylist()]
        return _Warned(among, places, lines)

    def _lines(self, row: dict[str, Any], several: frozenset[str]) -> tuple[str, ...]:
        key = repr(row)
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            data = self._layout.case_of_row({**row, ID: _NO_ID}, several)
            case = Case.of_checked(data, self._layout.vocabulary)
            texts = set(self._wording(self._assess(case))) - self._cautions
            self._known[key] = tuple(sorted({_of_row(text, data) for text in texts}))
        return self._known[key]

    def _depend_on_dates(self, names: Collection[str], rows: pa.Table) -> bool:
        """Whether what there is to warn of in what is said of some attributes may depend on dates.

        What is said of dates themselves is told by `RowStatuses.texts`.
        """
        times = self._evidence.times
        timed = any(name in times.grows or name in times.dates for name in names)
        return timed or any(own_column(name, "date") in rows.column_names for name in names)

    def _more(self, name: str) -> tuple[str, ...]:
        return self._layout.more_columns(name) if name in self._layout.stated else ()


def _with_days(rows: pa.Table, statuses: RowStatuses) -> pa.Table:
    """Rows with the day of each one's request, where they come to one."""
    if not statuses.days.any():
        return rows
    days, which = np.unique(statuses.days, return_inverse=True)
    texts = [datetime.date.fromordinal(day).isoformat() if day else None for day in days.tolist()]
    column = pa.array(texts, pa.string()).take(pa.array(which.reshape(-1)))
    rows = rows.drop_columns([DAY]) if DAY in rows.column_names else rows
    return rows.append_column(DAY, column)


def _of_row(text: str, data: Mapping[str, Any]) -> str:
    """A warning that speaks of the row, in place of the documents that a row has only for the rules."""
    for document in data["documents"]:
        text = text.replace(quoted(document["id"]), "the row")
    return _SEVERAL_TIMES.sub(lambda found: "the row is" if found[1] else "the row", text)


def _alike(rows: pa.Table) -> tuple[Any, Any]:
    """Rows that say the same, by a number from 0 on, and the first row of each number."""
    codes = pa.repeat(pa.scalar(0), rows.num_rows)
    for column in rows.columns:
        encoded = _encoded(whole_array(column))
        count = len(encoded.dictionary)
        own = encoded.indices.cast(pa.int64()).fill_null(count)
        both = pc.add(pc.multiply(codes, pa.scalar(count + 1)), own)
        codes = both.dictionary_encode().indices.cast(pa.int64())
    places = pa.array(range(rows.num_rows), pa.int64())
    groups = pa.table({"code": codes, "place": places}).group_by("code").aggregate([("place", "min")])
    return codes, groups.sort_by("code").column("place_min").combine_chunks()


def _encoded(column: Any) -> Any:
    """A column as numbers of what stands in it; the same may have several numbers."""
    if pa.types.is_dictionary(column.type):
        return column
    if not is_list(column.type):
        return column.dictionary_encode()
    if pa.types.is_string(column.type.value_type):
        return pc.binary_join(column, _BETWEEN).dictionary_encode()
    return pa.array(
        [None if cell is None else repr(cell) for cell in column.to_pylist()], pa.string()
    ).dictionary_encode()
