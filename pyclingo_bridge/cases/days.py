"""Days, also such of which only the month or the year is known, and how time is counted between them."""

from __future__ import annotations

import calendar
import datetime
import re
from functools import lru_cache
from typing import Annotated, Any, NoReturn, TypeAlias

from pydantic import GetPydanticSchema
from pydantic_core import core_schema

from pyclingo_bridge.base.errors import quoted

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_PART = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?\Z")
_YEAR_FIRST = re.compile(
    r"([0-9]{4})(?:[-/.]([0-9]{1,2})[-/.]|([0-9]{2})(?=[0-9]{2}\Z))([0-9]{1,2})(?:[T ].*)?\Z"
)
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})\Z")
WHOLE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
"""What the text of a day looks like."""

PARTIAL = "^[0-9]{4}(-(0[1-9]|1[0-2]))?$"
"""What the text of a month or a year looks like."""


class PartialDay:
    """A day of which only the month or the year is known.

    Attributes:
        text: how it is written, `2025-03` or `2025`.
        first: the first day that it may be.
        last: the last one.
    """

    # No dataclass: pydantic would take one apart where a model that holds it is dumped.
    __slots__ = ("first", "last", "text")
    text: str
    first: datetime.date
    last: datetime.date

    def __init__(self, text: str, first: datetime.date, last: datetime.date) -> None:
        """Use `read_day`."""
        for name, value in (("text", text), ("first", first), ("last", last)):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a day cannot be changed; read another one")

    __delattr__ = __setattr__  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"PartialDay({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, PartialDay) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __reduce__(self) -> tuple[Any, ...]:
        return read_day, (self.text,)


Day: TypeAlias = datetime.date | PartialDay
"""A day, or what is known of it."""


@lru_cache(maxsize=4096)
def read_day(text: str) -> Day:
    """The day that a text of the form YYYY-MM-DD gives, or the month (YYYY-MM) or year (YYYY).

    Errors: ValueError, which says what is wrong with the text.

    Examples:
        >>> read_day("2024-02-29"), read_day("2024-02").last
        (datetime.date(2024, 2, 29), datetime.date(2024, 2, 29))
    """
    part = _PART.match(text)
    try:
        if part:
            return _partial(text, int(part[1]), int(part[2] or 0))
        if _DAY.match(text):
            return datetime.date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{quoted(text)} is no date of the form YYYY-MM-DD{_as_written(text)}")


def _as_written(text: str) -> str:
    """How to write a day that is given in another form."""
    if _DAY.match(text):
        return "; the calendar has no such day"
    if year_first := _YEAR_FIRST.match(text.strip()):
        orders = [tuple(filter(None, year_first.groups()))]
    elif year_last := _YEAR_LAST.match(text.strip()):
        first, second, year = year_last.groups()
        orders = [(year, first, second), (year, second, first)]
    else:
        orders = []
    meant = dict.fromkeys(f"{year}-{int(month):02}-{int(day):02}" for year, month, day in orders)
    real = [f"`{day}`" for day in meant if _is_real(day)]
    if not real:
        return "; write year, month and day, or YYYY-MM or YYYY where no more is known"
    return f"; write {' or '.join(real)}{', whichever is meant' if len(real) > 1 else ''}"


def _is_real(day: str) -> bool:
    try:
        datetime.date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _partial(text: str, year: int, month: int) -> PartialDay:
    # A month of 00 is none; a text without a month has no month at all.
    if len(text) > len("YYYY") and not month:
        raise ValueError
    first, last = (month, month) if month else (1, 12)
    return PartialDay(
        text,
        datetime.date(year, first, 1),
        datetime.date(year, last, calendar.monthrange(year, last)[1]),
    )


def first_day(day: Day) -> datetime.date:
    """The first day that it may be."""
    return day.first if day.__class__ is PartialDay else day  # type: ignore[return-value]


def last_day(day: Day) -> datetime.date:
    """The last day that it may be."""
    return day.last if day.__class__ is PartialDay else day  # type: ignore[return-value]


def day_number(day: datetime.date) -> int:
    """A day as the rules write it.

    Examples:
        >>> day_number(datetime.date(2026, 1, 31))
        20260131
    """
    return day.year * 10_000 + day.month * 100 + day.day


def day_of_number(number: int) -> datetime.date:
    """The day that a number YYYYMMDD means.

    Errors: ValueError where there is no such day.
    """
    return datetime.date(number // 10_000, number // 100 % 100, number % 100)


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day of the month so many months later, or earlier; the month's last where there is none.

    Examples:
        >>> months_after(datetime.date(2025, 8, 31), -6)
        datetime.date(2025, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year < datetime.MINYEAR:
        return datetime.date.min
    if year > datetime.MAXYEAR:
        return datetime.date.max
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def years_after(day: datetime.date, years: int) -> datetime.date:
    """The same day so many years later, or earlier; of 29 February the 28th where there is none."""
    return months_after(day, 12 * years)


def full_months(start: datetime.date, end: datetime.date) -> int:
    """How many months have passed in full from a day to another; where that is earlier, rounded down.

    Examples:
        >>> full_months(datetime.date(2025, 1, 31), datetime.date(2025, 2, 28))
        1
        >>> full_months(datetime.date(2025, 1, 31), datetime.date(2025, 1, 30))
        -1
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if months_after(start, months) <= end else months - 1


def full_years(start: datetime.date, end: datetime.date) -> int:
    """How many years have passed in full from a day to another; where that is earlier, rounded down.

    Examples:
        >>> full_years(datetime.date(2004, 2, 29), datetime.date(2022, 2, 28))
        18
    """
    return full_months(start, end) // 12


def full_days(start: datetime.date, end: datetime.date) -> int:
    """How many days lie between a day and another; where that is earlier, below 0."""
    return (end - start).days


def _day(value: Any) -> Day:
    if isinstance(value, str):
        return read_day(value)
    if isinstance(value, PartialDay) or (
        isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
    ):
        return value
    raise ValueError("is no day")


DayField: TypeAlias = Annotated[
    Day,
    GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_plain_validator_function(
            _day, serialization=core_schema.plain_serializer_function_ser_schema(str, when_used="json")
        ),
        lambda _schema, _handler: {
            "type": "string",
            "anyOf": [{"format": "date", "pattern": WHOLE}, {"pattern": PARTIAL}],
        },
    ),
]
"""A field of a model that holds a day; JSON has it as it was written."""
