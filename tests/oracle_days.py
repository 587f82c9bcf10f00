"""Days for the oracle: whole ones and those of which only the month or the year is known.

>>> span("2024-02")
Span(first=datetime.date(2024, 2, 1), last=datetime.date(2024, 2, 29))
>>> years_since(date(2004, 2, 29), date(2022, 2, 28))
18
>>> sorted(years_gone(span("2015-03-01"), date(2025, 3, 1)))
[10]
>>> sorted(years_gone(span("2015-03-02"), date(2025, 3, 1)))
[9, 10]
>>> before(date(2025, 8, 31), 6)
datetime.date(2025, 2, 28)
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple


class Span(NamedTuple):
    """The days that a date may mean, both ends included."""

    first: date
    last: date


@cache
def span(text: str) -> Span:
    """A day, a month or a year as the days that it may be."""
    year, *rest = map(int, text.split("-"))
    if len(rest) == 2:
        day = date(year, *rest)
        return Span(day, day)
    months = rest or [1, 12]
    return Span(date(year, months[0], 1), date(year, months[-1], monthrange(year, months[-1])[1]))


def days_of(known: Span) -> Iterator[date]:
    """Each day that it may be."""
    for number in range((known.last - known.first).days + 1):
        yield known.first + timedelta(number)


def moved(day: date, months: int) -> date:
    """The same day of a month so many months later, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def before(day: date, months: int) -> date:
    """The same day so many months earlier, or that month's last."""
    return moved(day, -months)


def years_since(start: date, day: date) -> int:
    """Full years from one day to another that is no earlier."""
    years = day.year - start.year
    return years if moved(start, 12 * years) <= day else years - 1


def _birthdays(stated: date, asked: date) -> set[int]:
    """How much older than stated someone may be on the day that is asked about; less than 0 before it."""
    early, late = sorted((stated, asked))
    years = years_since(early, late)
    grown = {years} if moved(early, 12 * years) == late else {years, years + 1}
    return grown if stated <= asked else {-number for number in grown}


@cache
def years_gone(stated: Span, asked: date) -> frozenset[int]:
    """The years by which an age may have grown since it was stated."""
    return frozenset(number for day in days_of(stated) for number in _birthdays(day, asked))


@cache
def days_gone(stated: Span, asked: date) -> frozenset[int]:
    """The days by which a time on therapy may have grown: any number, as therapy may have stopped."""
    passed = [(asked - day).days for day in days_of(stated)]
    return frozenset(range(min(0, *passed), max(0, *passed) + 1))
