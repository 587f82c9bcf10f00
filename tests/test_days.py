"""Days, months and years that texts give, and how time is counted between days."""

from __future__ import annotations

import datetime
import itertools
import pickle

import pytest
from pydantic import BaseModel, ValidationError

from pyclingo_bridge.cases.days import (
    DayField,
    PartialDay,
    day_number,
    day_of_number,
    first_day,
    full_days,
    full_months,
    full_years,
    last_day,
    months_after,
    read_day,
    years_after,
)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-03-02", "2025-03-02", "2025-03-02"),
        ("2025-03", "2025-03-01", "2025-03-31"),
        ("2025-02", "2025-02-01", "2025-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2000-02", "2000-02-01", "2000-02-29"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("2025-12", "2025-12-01", "2025-12-31"),
        ("2025", "2025-01-01", "2025-12-31"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999-12", "9999-12-01", "9999-12-31"),
    ],
)
def test_a_text_gives_all_days_that_it_may_mean(text: str, first: str, last: str) -> None:
    known = read_day(text)
    assert (str(known), first_day(known), last_day(known)) == (text, day(first), day(last))
    assert isinstance(known, PartialDay) == (len(text) < 10)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "2025-13", "2025-00", "2025-00-01", "2025-02-29", "2025-04-31", "0000", "0000-01"),
        *("25", "202", "20250", "2025-3", "2025-3-2", "20250302", "2025/03/02", "02.03.2025", "2025-W09-7"),
        *("2025-03-02T00:00", "2025-03-02 ", " 2025", "2025\n", "2025-03\n", "2025-", "2025-03-", "+2025"),
        *("\uff12\uff10\uff12\uff15", "2025\u201303", "March 2025", "2025-Q1", "unknown"),
    ],
)
def test_what_is_no_day_month_or_year_is_refused_with_the_forms_that_are(text: str) -> None:
    with pytest.raises(ValueError, match="no date of the form YYYY-MM-DD"):
        read_day(text)


def test_a_month_is_not_its_first_day() -> None:
    assert read_day("2025-03") != read_day("2025-03-01") != read_day("2025")
    assert read_day("2025-03") == pickle.loads(pickle.dumps(read_day("2025-03")))
    assert len({read_day("2025-03"), read_day("2025-03"), read_day("2025")}) == 2
    with pytest.raises(AttributeError):
        read_day("2025-03").text = "2025"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2025-08-31", -6, "2025-02-28"),
        ("2024-08-31", -6, "2024-02-29"),
        ("2025-08-28", -6, "2025-02-28"),
        ("2025-03-01", -6, "2024-09-01"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2025-12-31", 1, "2026-01-31"),
        ("2025-05-31", -1, "2025-04-30"),
        ("2025-01-15", -1, "2024-12-15"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2025-02-28", -12, "2024-02-28"),
        ("2025-06-30", 0, "2025-06-30"),
    ],
)
def test_months_are_counted_to_the_same_day_or_the_months_last(start: str, months: int, end: str) -> None:
    assert months_after(day(start), months) == day(end)


def test_no_count_of_months_leaves_the_calendar() -> None:
    assert months_after(day("0001-01-31"), -1) == datetime.date.min
    assert months_after(day("9999-12-01"), 1) == datetime.date.max
    assert years_after(day("2025-01-01"), -10_000) == datetime.date.min


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2007-03-02", "2025-03-01", 17),
        ("2007-03-02", "2025-03-02", 18),
        ("2007-03-02", "2025-03-03", 18),
        ("2004-02-29", "2022-02-27", 17),
        ("2004-02-29", "2022-02-28", 18),
        ("2004-02-29", "2024-02-28", 19),
        ("2004-02-29", "2024-02-29", 20),
        ("2025-03-02", "2025-03-02", 0),
        # The other way round, rounded down: -1 is less than a year before, or just one.
        ("2025-03-02", "2025-03-01", -1),
        ("2025-03-02", "2024-03-02", -1),
        ("2025-03-02", "2024-03-01", -2),
    ],
)
def test_years_pass_on_the_birthday_and_that_of_29_february_is_the_28th(
    start: str, end: str, years: int
) -> None:
    assert full_years(day(start), day(end)) == years


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2025-01-31", "2025-02-27", 0),
        ("2025-01-31", "2025-02-28", 1),
        ("2025-01-31", "2025-03-30", 1),
        ("2025-01-31", "2025-03-31", 2),
        ("2025-02-28", "2025-03-27", 0),
        ("2025-02-28", "2025-03-28", 1),
        ("2025-03-15", "2025-03-14", -1),
        ("2025-03-15", "2025-02-15", -1),
        ("2025-03-15", "2025-02-14", -2),
    ],
)
def test_full_months_by_hand(start: str, end: str, months: int) -> None:
    assert full_months(day(start), day(end)) == months


def test_full_months_are_the_most_that_do_not_lead_past_the_end() -> None:
    days = [day("2023-12-01") + datetime.timedelta(days=5 * n) for n in range(90)]
    days += [day(text) for text in ("2024-01-31", "2024-02-29", "2025-02-28", "2024-12-31")]
    for start, end in itertools.product(days, repeat=2):
        months = full_months(start, end)
        assert months_after(start, months) <= end < months_after(start, months + 1)


def test_days_are_counted_both_ways() -> None:
    assert full_days(day("2024-02-28"), day("2024-03-01")) == 2
    assert full_days(day("2025-03-01"), day("2025-02-28")) == -1


def test_a_day_is_a_number_to_the_rules_and_back() -> None:
    assert day_number(day("2025-02-07")) == 20250207
    assert day_of_number(20250207) == day("2025-02-07")
    for number in (20250230, 20251301, 0, -20250207, 2025, 10**12):
        with pytest.raises((ValueError, OverflowError)):
            day_of_number(number)


class Dated(BaseModel):
    day: DayField


@pytest.mark.parametrize("text", ["2025-03-02", "2025-03", "2025"])
def test_a_field_of_a_model_is_written_as_it_was_given(text: str) -> None:
    one = Dated.model_validate_json(f'{{"day": "{text}"}}')
    assert one.day == read_day(text)
    assert one.model_dump() == {"day": read_day(text)}
    assert one.model_dump_json() == f'{{"day":"{text}"}}'
    assert Dated.model_validate(one.model_dump()) == one


@pytest.mark.parametrize("value", [2025, None, datetime.datetime(2025, 3, 2), "soon", [2025]])
def test_a_field_of_a_model_holds_nothing_else(value: object) -> None:
    with pytest.raises(ValidationError):
        Dated.model_validate({"day": value})
