"""Some rows of a table: what is said of attributes that bear on one another, as codes, each with what it means.

Where columns give no more than values, they are taken as they are. Where they give days, tumors and the like,
or several statements a row, what each statement says is looked up first; a row is then a set of such.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from pyclingo_bridge.base.frozen import FrozenDict
from pyclingo_bridge.base.terms import plain
from pyclingo_bridge.cases.days import Day, PartialDay, first_day, last_day, read_day
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.cases.statements import PLAN, CaseStatements, Stated, with_conclusions
from pyclingo_bridge.cases.statuses import IN_ERROR
from pyclingo_bridge.cases.vocabulary import ABOUT_REQUEST, LINE, PLAN_RECORD
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.columns.classes import TableClasses
from pyclingo_bridge.fast.columns.coded import CodedColumn, IndexedColumn
from pyclingo_bridge.fast.columns.heard import Heard, Mention, RowEvidence, When
from pyclingo_bridge.fast.columns.layout import DAY, TUMOR, Layout, own_column
from pyclingo_bridge.fast.columns.planes import Codes, Plane
from pyclingo_bridge.fast.columns.reader import ColumnReader, Entries, Rows
from pyclingo_bridge.fast.columns.values import REFUSED, REFUSED_MEMBER, ValueClass

_REMEMBERED = 100_000

Content = tuple[str, CodedColumn]
"""A column, and its codes; without a name all that documents say of a group's attributes."""


class ColumnGroup(NamedTuple):
    """Attributes that bear on one another.

    Attributes:
        form: those of the request form.
        stated: those that documents state.
        compared: whether a number of the form is compared with one that documents state.
    """

    form: tuple[str, ...]
    stated: tuple[str, ...]
    compared: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.form, *self.stated)


class ColumnGroups:
    """The groups of a policy's attributes."""

    def __init__(self, layout: Layout, structure: Structure) -> None:
        self._layout = layout
        facts = structure.facts
        self._linked = [(str(plain(term.args[0])), str(plain(term.args[2]))) for term in facts["also_states"]]
        self._linked += [(str(plain(term.args[0])), str(plain(term.args[1]))) for term in facts["dates"]]
        self._compared = [tuple(str(plain(arg)) for arg in term.args) for term in facts["increase"]]
        self._known: dict[frozenset[str], list[ColumnGroup]] = {}

    def of(self, block: Block) -> list[ColumnGroup]:
        """The groups as some rows need them: numbers are compared where documents state any."""
        documented = frozenset(name for _, _, name in self._compared if block.is_stated(name))
        if documented not in self._known:
            self._known[documented] = self._grouped(documented)
        return self._known[documented]

    def _grouped(self, documented: frozenset[str]) -> list[ColumnGroup]:
        names = [*self._layout.vocabulary.request_attributes, *self._layout.stated]
        group = {name: {name} for name in names}
        compared = [terms for terms in self._compared if terms[2] in documented]
        links = [pair for flag, asked, stated in compared for pair in ((flag, asked), (flag, stated))]
        for one, other in (*self._linked, *links):
            if one in group and other in group and group[one] is not group[other]:
                group[one] |= group[other]
                for name in group[other]:
                    group[name] = group[one]
        flags = {terms[0] for terms in compared}
        form = self._layout.vocabulary.request_attributes
        found = dict.fromkeys(tuple(name for name in names if name in group[each]) for each in names)
        return [
            ColumnGroup(
                tuple(name for name in own if name in form),
                tuple(name for name in own if name not in form),
                not flags.isdisjoint(own),
            )
            for own in found
        ]


class Block:
    """Some rows of a table.

    Attributes:
        rows: the rows.
        warned: whether there are warnings to look for.
        bad: the rows that are no cases by what they say of the request, and of all their statements.
        days: each row's day of the request, as `date.toordinal` numbers days; 0 where there is none.
    """

    def __init__(
        self,
        rows: Rows,
        layout: Layout,
        classes: TableClasses,
        reader: ColumnReader,
        evidence: RowEvidence,
        plan: PlanFacts | None,
        warned: bool,
    ) -> None:
        self.rows = rows
        self.warned = warned
        self._layout = layout
        self._classes = classes
        self._reader = reader
        self._evidence = evidence
        self._entries: dict[tuple[str, bool], Entries] = {}
        self._form: dict[tuple[str, bool], CodedColumn] = {}
        self._wide_timings: dict[tuple[Any, ...], tuple[Codes, list[When | None]]] = {}
        self._about = {
            name: reader.column(rows, name, classes.about[name]) for name in (*ABOUT_REQUEST, *layout.row_wide)
        }
        self._wide = {field: self._about[column] for column, field in layout.row_wide.items()}
        self._dated = {name for name in layout.stated if self._has(own_column(name, "date"))}
        self.bad: Plane = rows.planes.zeros
        for column in self._about.values():
            self.bad = self.bad | _where(column, lambda one: one is REFUSED)
        self.days = self._days()
        self._known_by_plan = self._of_plan(plan)

    def _has(self, column: str) -> bool:
        return self.rows.column(column) is not None

    def _gives(self, field: str) -> bool:
        """Whether a column about all statements of a row gives something."""
        return self._wide[field].classes != (None,)

    def is_stated(self, name: str) -> bool:
        """Whether some row, or the plan, states an attribute."""
        columns = (name, *self._layout.bounds(name).values())
        return any(map(self._has, columns)) or name in self._known_by_plan

    # --- the day of the request ---

    def _days(self) -> Codes:
        """Each row's day: as given, else the latest that its statements give."""
        given = _by_code(self._about[DAY], lambda day: day.toordinal() if (day := _day(day)) else 0)
        if not (self._dated or self._gives("date")) or given.all():
            return given
        latest = np.zeros(self.rows.planes.rows, np.int32)
        for name in self._layout.stated:
            entries = self._of(name, exact=True)
            if not entries.columns:
                continue
            _, last = self._own_days(name, entries)
            counts = self._counting(name, entries)
            if entries.rows is None:
                np.maximum(latest, np.where(counts, last, 0), out=latest)
            else:
                np.maximum.at(latest, entries.rows, np.where(counts, last, 0))
        return np.where(given > 0, given, latest)

    def _own_days(self, name: str, entries: Entries) -> tuple[Codes, Codes]:
        """The first and last day that each statement's own date, or that of its row, may be; 0 for none."""
        firsts, lasts = self._wide_days
        first, last = entries.placed(firsts), entries.placed(lasts)
        own = entries.columns.get(own_column(name, "date"))
        if own is None:
            return first, last
        own_first, own_last = _day_codes(own)
        return np.where(own_first > 0, own_first, first), np.where(own_last > 0, own_last, last)

    @cached_property
    def _wide_days(self) -> tuple[Codes, Codes]:
        return _day_codes(self._wide["date"])

    def _counting(self, name: str, entries: Entries) -> Any:
        """Which entries are statements, not entered in error."""
        counts = np.zeros(entries.planes.rows, bool)
        for column in (name, *self._layout.bounds(name).values()):
            if column in entries.columns:
                counts |= _by_code(entries.columns[column], lambda value: int(value is not None)) > 0
        in_error = entries.placed(_by_code(self._wide["status"], lambda one: int(one == IN_ERROR)))
        own = entries.columns.get(own_column(name, "status"))
        if own is not None:
            told = _by_code(own, lambda one: 1 if one is None else 2 if one == IN_ERROR else 0)
            in_error = np.where(told == 1, in_error, told > 1)
        return counts & (in_error == 0)

    # --- what a plan knows ---

    def _of_plan(self, plan: PlanFacts | None) -> set[str]:
        """What the plan knows in each row: the attributes of documents that it speaks of."""
        self._plan_codes: Codes | None = None
        self._plan_form: list[Mapping[str, Any]] = []
        self._plan_heard: list[Heard] = []
        if plan is None:
            return set()
        form = self._layout.vocabulary.request_attributes
        default: str | None = None
        columns = [self._about[DAY]]
        if LINE in form:
            columns.append(self.form(LINE))
            default = str(form[LINE].default) if form[LINE].default is not None else None
        self.bad = self.bad | _where(self._about[DAY], lambda one: one is None)
        self._plan_codes, combinations = self.rows.planes.combined([column.codes() for column in columns])
        for codes in combinations:
            day, *lines = (_class(column, code) for column, code in zip(columns, codes, strict=True))
            line = next((one for one in lines if isinstance(one, str)), default)
            asked = _day(day)
            known = plan.at(asked, line) if asked else {}
            self._plan_form.append({name: value for name, value in known.items() if name in form})
            states = {name: value for name, value in known.items() if name not in form}
            self._plan_heard.append(self._record(states, asked) if states and asked else Heard())
        return {
            name
            for heard in self._plan_heard
            for name in (*(one.attribute for one in heard.values), *(one[0] for one in heard.lists))
        }

    def _record(self, states: Mapping[str, Any], day: datetime.date) -> Heard:
        """What the plan's own document says."""
        record = Stated(PLAN, PLAN_RECORD, day, FrozenDict(states))
        said = with_conclusions(PLAN, CaseStatements(FrozenDict(), (record,), day=day), self._layout.vocabulary)
        heard = [self._evidence.of_document(one, day, None, self.warned) for one in said.documents]
        return Heard(
            tuple(impact for one in heard for impact in one.values),
            tuple(entry for one in heard for entry in one.lists),
            any(one.warned for one in heard),
        )

    # --- groups ---

    def form(self, name: str, exact: bool = False) -> CodedColumn:
        """A column of the request form, with what the plan fills in."""
        key = (name, exact)
        if key not in self._form:
            classes = self._classes.form(name, exact)
            found = self._reader.column(self.rows, name, classes)
            if any(name in known for known in self._plan_form):
                found = self._filled(name, found, classes.of)
            self._form[key] = found
        return self._form[key]

    def _filled(self, name: str, column: CodedColumn, of: Callable[[Any], ValueClass]) -> CodedColumn:
        codes, combinations = self.rows.planes.combined([column.codes(), self._plan_codes])
        values = []
        for own, known in combinations:
            value = _class(column, own)
            values.append(of(_listed(self._plan_form[known].get(name))) if value is None else value)
        return IndexedColumn(self.rows.planes, self._reader.same_tuple(tuple(values)), codes, None)

    def contents(self, group: ColumnGroup) -> list[Content]:
        """What rows say of a group."""
        found = [(name, self.form(name, exact=group.compared)) for name in group.form]
        if not group.stated:
            return found
        if group.compared or any(map(self._is_more, group.stated)):
            return [*found, ("", self._mentions(group))]
        for name in group.stated:
            columns = self._of(name, exact=False).columns
            found += columns.items() or [(name, CodedColumn(self.rows.planes, (None,)))]
        return found

    def _of(self, name: str, exact: bool) -> Entries:
        key = (name, exact)
        if key not in self._entries:
            self._entries[key] = self._reader.entries(self.rows, self._classes.columns(name, exact))
        return self._entries[key]

    def _is_more(self, name: str) -> bool:
        """Whether more is given of an attribute than one value a row."""
        if name in self._known_by_plan:
            return True
        layout, several = self._layout, self.rows.several
        if not any(map(self._has, (name, *layout.more_columns(name)))):
            return False
        flags = layout.qualifiers.get(name, ())
        if name in several or any(self._has(one) for one in layout.more_columns(name) if one not in flags):
            return True
        fields = {field for field in layout.fields(name) if field in self._wide and self._gives(field)}
        timed = self._evidence.is_timed(name)
        if "date" in fields and not (timed or self.warned):
            fields.discard("date")
        return bool(fields) or name in layout.counted_from or not several.isdisjoint(flags)

    def _mentions(self, group: ColumnGroup) -> CodedColumn:
        """What documents say of a group's attributes: of each row a set of mentions."""
        known: dict[Heard, int] = {}
        parts: list[tuple[Codes, Codes, Codes, Codes]] = []
        for name in group.stated:
            entries = self._of(name, exact=True)
            if entries.columns:
                parts.append(self._part(name, entries, known))
        if not self._known_by_plan.isdisjoint(group.stated):
            parts.append(self._plan_part(group, known))
        rows, codes, first, last = (
            np.concatenate([np.zeros(0, np.int64), *(part[place] for part in parts)]) for place in range(4)
        )
        order = np.argsort(rows, kind="stable")
        rows, codes, first, last = rows[order], codes[order], first[order], last[order]
        first, last = _ranks(rows, first, last)
        planes = self.rows.planes
        numbers, combinations = planes.combined([codes, first, last]) if len(rows) else (codes, [])
        heard = list(known)
        sets = [
            REFUSED_MEMBER if code == _REFUSED else 2 << place
            for place, (code, _, _) in enumerate(combinations)
        ]
        ends = np.searchsorted(rows, np.arange(planes.rows + 1))
        unions, members = planes.unions(ends, planes.member_sets(numbers, sets))
        meant = [
            None if code == _REFUSED else Mention(heard[code], first, last)
            for code, first, last in combinations
        ]
        classes = tuple(
            REFUSED if union & REFUSED_MEMBER else frozenset(meant[place] for place in _bits(union >> 1))
            for union in members
        )
        return IndexedColumn(planes, self._reader.same_tuple(classes), unions, None)

    def _part(self, name: str, entries: Entries, known: dict[Heard, int]) -> tuple[Codes, Codes, Codes, Codes]:
        """The statements on an attribute: each one's row, what it says, and its first and last day."""
        first, last = self._own_days(name, entries)
        day = entries.placed(self.days)
        first, last = np.where(first > 0, first, day), np.where(last > 0, last, day)
        columns: list[tuple[str, CodedColumn, bool]] = [
            (column, coded, False)
            for column, coded in entries.columns.items()
            if column != own_column(name, "date")
        ]
        for field in self._layout.fields(name):
            if field in self._wide and field != "date" and self._gives(field):
                columns.append((own_column(name, field), self._wide[field], True))
        if any(column == own_column(name, TUMOR) for column, _, _ in columns):
            columns.append((TUMOR, self._about[TUMOR], True))
        alike, made = self._made(name, entries, (first, last, day))
        columns = [entry for entry in columns if entry[0] not in made[0][0]]
        each = [entries.placed(coded.codes()) if wide else coded.codes() for _, coded, wide in columns]
        codes, combinations = entries.planes.combined([alike, *each])
        said = [self._said(name, columns, found, *made[one], known) for one, *found in combinations]
        numbers = np.asarray(said, np.int64)[codes] if said else np.zeros(0, np.int64)
        if own_column(name, "date") in entries.columns:
            refused = _by_code(entries.columns[own_column(name, "date")], lambda one: int(one is REFUSED))
            numbers = np.where(refused > 0, _REFUSED, numbers)
        if name in self._layout.counted_from:
            # Without a day of the request nobody can tell what such a day comes to.
            numbers = np.where((numbers != _NOTHING) & (day == 0), _REFUSED, numbers)
        rows = np.arange(entries.planes.rows) if entries.rows is None else entries.rows
        there = numbers != _NOTHING
        return rows[there], numbers[there], first[there], last[there]

    def _said(
        self,
        name: str,
        columns: Sequence[tuple[str, CodedColumn, bool]],
        codes: Sequence[int],
        value: Mapping[str, ValueClass],
        when: When | None,
        known: dict[Heard, int],
    ) -> int:
        """The number of what a statement says."""
        cells = dict(value)
        for (column, coded, _), code in zip(columns, codes, strict=True):
            # What all statements of a row have comes last, and gives way to what one has of its own.
            if cells.get(column) is None:
                cells[column] = _class(coded, code)
        tumor = cells.pop(TUMOR, None)
        heard = self._evidence.heard(name, cells, when, tumor if tumor is not REFUSED else None, self.warned)
        if heard is REFUSED:
            return _REFUSED
        return known.setdefault(heard, len(known)) if isinstance(heard, Heard) else _NOTHING

    def _made(
        self, name: str, entries: Entries, days: tuple[Codes, Codes, Codes]
    ) -> tuple[Codes, list[tuple[dict[str, ValueClass], When | None]]]:
        """When statements were made, as far as that matters, with the value where time bears on it.

        Returns: a number for each statement, and for each number what stands for all statements of it.
        """
        timed = self._evidence.is_timed(name)
        if not (timed or self.warned):
            return np.zeros(len(days[0]), np.int64), [({}, None)]
        timings, whens = self._timings(name, entries, days)
        if not timed or any(column in entries.columns for column in self._layout.bounds(name).values()):
            return timings, [({}, when) for when in whens]
        column = entries.columns.get(name)
        if column is None:
            return timings, [({name: None}, when) for when in whens]
        codes, combinations = entries.planes.combined([column.codes(), timings])
        numbers: dict[Any, int] = {}
        made: list[tuple[dict[str, ValueClass], When | None]] = []
        table = []
        for code, timing in combinations:
            value, when = _class(column, code), whens[timing]
            key = value
            if isinstance(value, int | float | str):
                key = self._evidence.alike(name, value, when, self.warned)
            if key not in numbers:
                numbers[key] = len(made)
                made.append(({name: value}, when))
            table.append(numbers[key])
        return np.asarray(table, np.int64)[codes] if table else codes, made or [({name: None}, None)]

    def _timings(
        self, name: str, entries: Entries, days: tuple[Codes, Codes, Codes]
    ) -> tuple[Codes, list[When | None]]:
        """How long before the request statements were made, as far as that matters."""
        if entries.rows is not None or name in self._dated:
            return self._timed(name, days)
        # Of most attributes the statements are of the date that all of their row have.
        key = self._evidence.measure(name)
        if key not in self._wide_timings:
            self._wide_timings[key] = self._timed(name, days)
        return self._wide_timings[key]

    def _timed(self, name: str, days: tuple[Codes, Codes, Codes]) -> tuple[Codes, list[When | None]]:
        codes, combinations = self.rows.planes.combined(days)
        numbers: dict[Any, int] = {}
        whens: list[When | None] = []
        table = []
        for one in combinations:
            when = _when(*one) if one[2] else None
            key = self._evidence.timing(name, when, self.warned) if when else None
            if key not in numbers:
                numbers[key] = len(whens)
                whens.append(when)
            table.append(numbers[key])
        return np.asarray(table, np.int64)[codes] if table else codes, whens or [None]

    def _plan_part(self, group: ColumnGroup, known: dict[Heard, int]) -> tuple[Codes, Codes, Codes, Codes]:
        own = frozenset(group.stated)
        table = []
        for heard in self._plan_heard:
            values = tuple(one for one in heard.values if one.attribute in own)
            lists = tuple(entry for entry in heard.lists if entry[0] in own)
            said = Heard(values, lists, heard.warned)
            table.append(known.setdefault(said, len(known)) if values or lists else _NOTHING)
        numbers = np.asarray(table, np.int64)[self._plan_codes]
        there = numbers != _NOTHING
        return np.flatnonzero(there), numbers[there], self.days[there], self.days[there]


_NOTHING, _REFUSED = -1, -2


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _class(column: CodedColumn, code: int) -> ValueClass:
    """What a code of a column means."""
    return column.classes[code] if code < len(column.classes) else None


def _listed(value: Any) -> Any:
    """A value as a table gives it."""
    return list(value) if isinstance(value, tuple) else value


def _by_code(column: CodedColumn, number: Callable[[ValueClass], int]) -> Codes:
    """For each row the number of what stands there."""
    table = [number(one) for one in (*column.classes, None)]
    return np.asarray(table, np.int32)[column.codes()]


def _where(column: CodedColumn, holds: Callable[[ValueClass], bool]) -> Plane:
    classes = (*column.classes, *((None,) if column.nullable else ()))
    return column.rows(sum(1 << code for code, one in enumerate(classes) if holds(one)))


def _day(value: ValueClass) -> datetime.date | None:
    """The day that is given, if it is known in full."""
    return datetime.date.fromisoformat(value) if isinstance(value, str) else None


def _day_codes(column: CodedColumn) -> tuple[Codes, Codes]:
    """The first and last day that each row may mean; 0 where none is given."""

    def first(value: ValueClass) -> int:
        return first_day(read_day(value)).toordinal() if isinstance(value, str) else 0

    def last(value: ValueClass) -> int:
        return last_day(read_day(value)).toordinal() if isinstance(value, str) else 0

    return _by_code(column, first), _by_code(column, last)


@lru_cache(maxsize=_REMEMBERED)
def _when(first: int, last: int, day: int) -> When:
    start, end = datetime.date.fromordinal(first), datetime.date.fromordinal(last)
    date: Day = start if start == end else PartialDay("", start, end)
    return When(date, datetime.date.fromordinal(day))


def _ranks(rows: Codes, first: Codes, last: Codes) -> tuple[Codes, Codes]:
    """The places of days in the order of those of one row, the rows being in order."""
    both = np.concatenate([first, last])
    once = bool((rows[1:] != rows[:-1]).all())
    if once or (both == both[0]).all():
        return np.zeros(len(first), np.int64), np.zeros(len(last), np.int64)
    owners = np.concatenate([rows, rows])
    order = np.lexsort((both, owners))
    days, own = both[order], owners[order]
    begins = np.r_[True, own[1:] != own[:-1]]
    later = np.cumsum(np.r_[True, (days[1:] != days[:-1]) | begins[1:]])
    start = np.maximum.accumulate(np.where(begins, np.arange(len(own)), 0))
    ranks = np.empty(len(both), np.int64)
    ranks[order] = later - later[start]
    return ranks[: len(first)], ranks[len(first) :]
