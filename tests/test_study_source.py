"""The numbers listed of the report of CodeBreaK 100 stand where its own text has them.

The list was made from the article apart from the facts, and is held against them elsewhere. The
article itself is not part of the project: name its text in PYCLINGO_BRIDGE_CODEBREAK100.
"""

from __future__ import annotations

import csv
import os
import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT

LISTED = ROOT / "tests" / "studies" / "codebreak100_numbers.csv"
SOURCE = "PYCLINGO_BRIDGE_CODEBREAK100"

SECTIONS = (
    ("METHODS", "Abstract, Methods"),
    ("RESULTS", "Abstract, Results"),
    ("CONCLUSIONS", ""),
    ("Methods", ""),
    ("Patients", "Methods, Patients"),
    ("TrialDesignandEndPoints", "Methods, Trial Design and End Points"),
    ("TrialOversight", ""),
    ("StatisticalAnalysis", "Methods, Statistical Analysis"),
    ("Results", ""),
    ("Patients", "Results, Patients"),
    ("Efficacy", "Results, Efficacy"),
    ("ExploratoryBiomarkers", "Results, Exploratory Biomarkers"),
    ("Safety", "Results, Safety"),
    ("Discussion", "Discussion"),
)
"""Headings in the article's order, without their spaces, and the part that each of them opens."""

TABLES = ("Table 1", "Table 2", "Table 3")
FIGURES = ("Figure 1", "Figure 2")
PARTS = (
    *(part for _, part in SECTIONS if part),
    *TABLES,
    *(f"{table}, notes" for table in TABLES if table != "Table 3"),
    *(f"{figure}, legend" for figure in FIGURES),
)
"""Every part that numbers are listed of; the notes of Table 3 give none."""

WINDOW = 60
"""How many characters may stand between an anchor and its number."""

SPELLED = {"2": r"[Tt]wo", "3": r"[Tt]hree", "NE": r"could not be evaluated"}
"""What the article writes out in some places; the list has the short form everywhere."""


class Number(NamedTuple):
    """A number as the article prints it, where it stands, and words close before it."""

    printed: str
    locator: str
    anchor: str


def numbers() -> tuple[Number, ...]:
    """The numbers listed, in the order in which each part of the article has them."""
    with LISTED.open(encoding="utf-8", newline="") as file:
        return tuple(Number(**row) for row in csv.DictReader(file, strict=True))


def part_of(locator: str) -> str:
    """The part of the article that a locator lies in: its section, table, notes or legend."""
    if locator.startswith("Table"):
        table, _, place = locator.partition(", ")
        return locator if place == "notes" else table
    return re.sub(r", paragraph \d+$", "", locator)


def plain(text: str) -> str:
    """The text without line breaks, and without the hyphens between or within words."""
    joined = re.sub(r"[-\u2010\u2011]\n\s*", "", text)
    joined = re.sub(r"(?<=[^\W\d])[-\u2010\u2011](?=[^\W\d])", "", joined)
    return " ".join(joined.split())


def parts(text: str) -> dict[str, str]:
    """The text of every part: first tables and legends are taken out, then sections are cut.

    A table or legend goes on to the next line that begins with a space, where the extracted text
    takes up the column it interrupts, or to the foot of the page.
    """
    found: dict[str, str] = {}
    for name in (*TABLES, *FIGURES):
        block = re.compile(
            rf"^ ?{name}(?:\.| \().*?(?=^ \S|^The New England Journal|\Z)", re.DOTALL | re.MULTILINE
        )
        (match,) = block.finditer(text)
        text = text[: match.start()] + text[match.end() :]
        if name in TABLES:
            found[name], found[f"{name}, notes"] = re.split(
                r"^\*\s", match.group(), maxsplit=1, flags=re.MULTILINE
            )
        else:
            found[f"{name}, legend"] = match.group()
    lines = text.splitlines()
    packed = [line.replace(" ", "") for line in lines]
    starts: list[int] = []
    for heading, _ in SECTIONS:
        starts.append(packed.index(heading, starts[-1] + 1 if starts else 0))
    for (_, part), start, end in zip(SECTIONS, starts, [*starts[1:], len(lines)], strict=True):
        if part:
            found[part] = "\n".join(lines[start + 1 : end])
    return {part: plain(body) for part, body in found.items()}


def pattern(printed: str) -> re.Pattern[str]:
    """What matches a printed number, standing as a number of its own."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", printed):
        day = date.fromisoformat(printed)
        form = f"{day:%B} {day.day}, {day.year}"
    else:
        form = re.escape(printed)
        if printed in SPELLED:
            form = f"{form}|{SPELLED[printed]}"
    return re.compile(rf"(?<![\w.,+-])(?:{form})(?![\w+]|[.,]\d)")


def place(number: Number, text: str, after: int) -> int | None:
    """The end of the first place beyond another where the number follows its anchor closely."""
    anchor = re.compile(rf"(?<!\w){re.escape(plain(number.anchor))}(?!\w)")
    for match in pattern(number.printed).finditer(text, after):
        start = max(0, match.start() - WINDOW - len(number.anchor))
        if anchor.search(text, start, match.start()):
            return match.end()
    return None


def astray(listed: list[Number], text: str) -> list[Number]:
    """The numbers that are not found beyond the number before them, each at a place of its own."""
    missed = []
    reached = 0
    for number in listed:
        end = place(number, text, reached)
        if end is None:
            missed.append(number)
        else:
            reached = end
    return missed


@pytest.fixture(scope="module")
def article() -> dict[str, str]:
    path = os.environ.get(SOURCE)
    if not path:
        pytest.skip(f"the article is not at hand: {SOURCE} does not name the file of its text")
    return parts(Path(path).read_text(encoding="utf-8"))


def test_the_list_is_in_good_form_and_has_numbers_of_every_part() -> None:
    listed = numbers()
    form = re.compile(r"\d+(\.\d+)?\+?|NE|\d{4}-\d\d-\d\d")
    assert [number for number in listed if not form.fullmatch(number.printed)] == []
    assert [number for number in listed if not 0 < len(number.anchor) <= 40] == []
    assert [number for number in listed if len(number.anchor.split()) > 3] == []
    assert {part_of(number.locator) for number in listed} == set(PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_every_number_listed_follows_its_anchor_in_the_article(part: str, article: dict[str, str]) -> None:
    listed = [number for number in numbers() if part_of(number.locator) == part]
    assert astray(listed, article[part]) == []


def test_a_number_that_is_another_or_only_a_piece_of_one_is_astray() -> None:
    text = plain("Response in 46 pa-\ntients (37.1%; 28.6\u201346.2), on March 15,\n2021, of two.")
    right = ["46", "37.1", "28.6", "46.2", "2021-03-15", "2"]
    assert astray([Number(printed, "", "Response") for printed in right], text) == []
    for wrong in ("4", "37", "7.1", "46.2+", "2021-03-16", "3", "NE"):
        number = Number(wrong, "", "Response")
        assert astray([number], text) == [number]
    twice = [Number("46", "", "Response")] * 2
    assert astray(twice, text) == twice[1:]
    assert astray([Number("37.1", "", "patients")], text) == []
    assert astray([Number("46", "", "patients")], text) == [Number("46", "", "patients")]
