"""What a letter needs beside the decision: names, addresses, the plan's own texts. Nothing of it is made up."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from pyclingo_bridge.base.errors import LetterError, listing, quoted, shown_path, suggestion
from pyclingo_bridge.cases.days import WHOLE
from pyclingo_bridge.core.decision import Outcome
from pyclingo_bridge.letters.wording import long_day

Recipient = Literal["provider", "member"]
RECIPIENTS: tuple[Recipient, ...] = ("provider", "member")

CASES = "cases"
"""The table of a file of slots that has those of each case, by its id."""

TODAY = "today"
"""As the letter's date: the day by this computer's clock."""


class Slot(NamedTuple):
    """Something that a letter needs, and no decision tells.

    Attributes:
        name: as files and options give it.
        title: what stands in a letter where it is empty.
        kind: text in one line, in several lines, or in paragraphs.
        own: whether it is of one case, so that no two cases can share it. A clinician who reviewed one
            denial has not reviewed all of a batch.
        to: whose letters have it.
        outcomes: letters on which outcomes have it.
        needed: whether a letter is incomplete without it.
    """

    name: str
    title: str
    kind: Literal["line", "lines", "paragraphs"] = "line"
    own: bool = False
    to: tuple[Recipient, ...] = RECIPIENTS
    outcomes: tuple[Outcome, ...] = ("approve", "deny", "refer")
    needed: bool = True

    def belongs(self, to: Recipient, outcome: Outcome) -> bool:
        """Whether letters of this kind have it."""
        return to in self.to and outcome in self.outcomes


SLOTS: tuple[Slot, ...] = (
    Slot("plan_name", "plan name"),
    Slot("plan_address", "plan address", "lines"),
    Slot("letter_date", "date of the letter"),
    Slot("reference", "reference number", own=True),
    Slot("member_name", "member name", own=True),
    Slot("member_id", "member ID", own=True),
    Slot("member_address", "member address", "lines", own=True, to=("member",)),
    Slot("provider_name", "provider name", own=True),
    Slot("provider_address", "provider address", "lines", own=True, to=("provider",)),
    Slot("approval_start", "first day of the approval", own=True, outcomes=("approve",)),
    Slot("reviewer_name", "name of the reviewing clinician", own=True, outcomes=("deny",)),
    Slot("reviewer_credentials", "credentials of the reviewing clinician", own=True, outcomes=("deny",)),
    Slot("appeal_rights", "the plan's own text on the right to appeal", "paragraphs", outcomes=("deny",)),
    Slot("contact", "how to reach the plan"),
    Slot("closing", "closing text", "paragraphs", needed=False),
)

BY_NAME = {slot.name: slot for slot in SLOTS}
REVIEWER = ("reviewer_name", "reviewer_credentials")
_DATES = ("letter_date", "approval_start")

SlotValues: TypeAlias = Mapping[str, Any]


def filled_slots(values: SlotValues, place: str = "slots") -> dict[str, str]:
    """The slots that have a text, with days in words.

    Args:
        values: by slot; a text, or a number. A date such as 2025-03-04 is written out.
        place: what errors call them.

    Errors: LetterError for an unknown slot or a value that is no text.
    """
    return {name: text for name, value in values.items() if (text := _text(name, value, place))}


def _text(name: str, value: Any, place: str) -> str:
    if name not in BY_NAME:
        raise LetterError(
            f"{place}: {quoted(name)} is no slot of a letter{suggestion(name, BY_NAME) or _known()}"
        )
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        value = value.isoformat()
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise LetterError(f"{place}: slot {quoted(name)}: {quoted(value)} is no text; write it in quotes")
    text = str(value).strip()
    return _day(name, text, place) if name in _DATES else text


def _known() -> str:
    return f" (known: {listing(BY_NAME, 20)})"


def _day(name: str, text: str, place: str) -> str:
    """A day in words; whatever else somebody wrote stays as it is."""
    if text.lower() == TODAY:
        return long_day(datetime.date.today())
    if not re.fullmatch(WHOLE, text):
        return text
    try:
        return long_day(datetime.date.fromisoformat(text))
    except ValueError:
        raise LetterError(f"{place}: slot {quoted(name)}: {quoted(text)} is no real date") from None


class SlotSource:
    """The slots of several letters: those that all share, and those of each case."""

    def __init__(self, shared: Mapping[str, str], of_case: Mapping[str, Mapping[str, str]]) -> None:
        """Use `read_slots`."""
        self.shared = dict(shared)
        self._of_case = of_case

    def of(self, case: str) -> dict[str, str]:
        """The slots of a case's letter."""
        return {**self.shared, **self._of_case.get(case, {})}

    def refuse_sharing(self) -> None:
        """Refuse to put one member's name or number, or one reviewer, into the letters of several cases.

        Errors: LetterError.
        """
        own = [name for name in self.shared if BY_NAME[name].own]
        if own:
            raise LetterError(
                f"{listing(own)} would be the same in the letters of all cases: give what is of one case "
                f"in a file of slots, in a table of its own for each: [{CASES}.ID]"
            )


def read_slots(file: Path | None, given: Iterable[str] = ()) -> SlotSource:
    """The slots of a TOML or JSON file, and those given as NAME=VALUE, which win.

    Errors: LetterError where the file cannot be read, for an unknown slot, or one that is given twice.
    """
    data = {} if file is None else _read(file)
    place = "slots" if file is None else shown_path(file)
    cases = data.pop(CASES, {})
    if not isinstance(cases, dict) or not all(isinstance(one, dict) for one in cases.values()):
        raise LetterError(f"{place}: {quoted(CASES)} holds a table of slots for each case, by its id")
    shared = filled_slots(data, place)
    of_case = {case: filled_slots(values, f"{place}: {CASES}.{case}") for case, values in cases.items()}
    options = filled_slots(dict(_pairs(given)), "--slot")
    return SlotSource({**shared, **options}, {case: {**own, **options} for case, own in of_case.items()})


def _pairs(given: Iterable[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for entry in given:
        name, equals, value = entry.partition("=")
        if not (name and equals):
            raise LetterError(f"--slot: {quoted(entry)} fills no slot: write NAME=VALUE")
        if name in seen:
            raise LetterError(f"--slot: {quoted(name)} is given twice; keep one of them")
        seen.add(name)
        # An option has no line breaks of its own: the two signs stand for one.
        yield name, value.replace("\\n", "\n")


def _read(file: Path) -> dict[str, Any]:
    shown = shown_path(file)
    try:
        text = file.read_text(encoding="utf-8")
        data = json.loads(text) if file.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise LetterError(f"{shown}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LetterError(f"{shown}: is no text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise LetterError(f"{shown}:{error.lineno}:{error.colno}: is no JSON: {error.msg}") from None
    except tomllib.TOMLDecodeError as error:
        raise LetterError(f"{shown}: is no TOML: {error} (a file of JSON ends with .json)") from None
    if not isinstance(data, dict):
        raise LetterError(f"{shown}: holds no slots: write an object of them, by name")
    return data
