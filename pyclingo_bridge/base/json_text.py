"""JSON that is read without loss: a key given twice, or a number with too many digits, does not pass unseen."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

from pyclingo_bridge.base.messages import Message, Spot

LONGEST_NUMBER = 40
"""The most digits that are read of a whole number; every number with more is out of bounds anyhow."""


class Rounded(float):
    """A number that was written with more digits than are kept of it; no attribute accepts it."""


class Doubled(dict[str, Any]):
    """A JSON object that gives a key twice: both values cannot stand."""

    def __init__(self, values: dict[str, Any], key: str) -> None:
        super().__init__(values)
        self.key = key


def fraction(text: str) -> float:
    """The number that digits with a point or an exponent mean; `Rounded` where it cannot be kept exactly.

    Examples:
        >>> fraction("0.999"), type(fraction("0.99999999999999999999"))
        (0.999, <class 'pyclingo_bridge.base.json_text.Rounded'>)
    """
    value = float(text)
    # So few digits are kept as they are: they are not worth a closer look.
    if len(text) <= sys.float_info.dig and "e" not in text.lower():
        return value
    try:
        exact = Decimal(text) == Decimal(repr(value))
    except InvalidOperation:  # the exponent itself is too large to be read
        exact = False
    return value if exact else Rounded(value)


_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[-+.0-9][-+.0-9A-Za-z_]*")
_WORDS = {"True": "true", "False": "false", "None": "null", "yes": "true", "no": "false", "undefined": "null"}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_json(data: str | bytes | bytearray, what: str = "case", megabytes: int | None = None) -> Any:
    """The one JSON value that a text holds; an object with a key given twice is a `Doubled`.

    Args:
        data: the text.
        what: what messages call it.
        megabytes: its greatest size, in millions of bytes; any size where none is given.

    Errors: ValueError, which says what is wrong with the text; its argument is a `Message`.
    """
    if megabytes is not None and len(data) > megabytes * 1_000_000:
        limit = f"the limit `megabytes`; `--limit megabytes={2 * megabytes}` allows more"
        raise ValueError(f"has more than {megabytes:,} million bytes ({limit})")
    text = json_text(data)
    if not text.strip():
        raise ValueError(f"is empty; write one JSON object into it, as a {what} is one")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_int=_whole, parse_float=fraction)
    except json.JSONDecodeError as error:
        raise ValueError(_no_json(text, error, what)) from None
    except RecursionError:
        raise ValueError(f"is nested too deeply; a {what} has at most five levels") from None


SCHEMA_KEY = "$schema"
"""The key under which a file names its schema, for an editor that checks it and offers what may be written."""


def without_schema(data: Any) -> Any:
    """Data without the name of their schema: it says nothing of what they hold."""
    if not isinstance(data, dict) or SCHEMA_KEY not in data:
        return data
    rest = {key: value for key, value in data.items() if key != SCHEMA_KEY}
    return Doubled(rest, data.key) if isinstance(data, Doubled) else rest


def json_text(data: str | bytes | bytearray) -> str:
    """The text that bytes are, without a mark of their order.

    Errors: ValueError where they are no UTF-8.
    """
    if not isinstance(data, str):
        raw = bytes(data)
        try:
            data = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            if raw[:2] in _UTF_16:
                raise ValueError("is not UTF-8 text but UTF-16; save it as UTF-8") from None
            raise ValueError(f"is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    return data.removeprefix("\ufeff")


def message_in(error: ValueError) -> Message:
    """What an error of `read_json` says, with its parts."""
    text = error.args[0] if error.args else error
    return text if isinstance(text, Message) else Message(str(text))


def _no_json(text: str, error: json.JSONDecodeError, what: str) -> Message:
    """Why a text is no JSON, with the place and the remedy."""
    if error.msg == "Extra data":
        spot = Spot.of(text, error.pos, error.pos + 1)
        found, remedy = "goes on after the first JSON value", f"give one {what} a file"
        if what == "case" and text.startswith("{", error.pos):
            remedy += ", or one a line in a `.jsonl` file"
        return Message(f"{found} (line {spot.line}); {remedy}", found=found, help=remedy, spot=spot)
    why, remedy, (start, end) = _mistake(text, error)
    spot = Spot.of(text, start, end)
    rest = f"; {remedy}" if remedy else ""
    line = f"is not JSON: {why} (line {spot.line}, column {spot.column}){rest}"
    return Message(line, found=f"is not JSON: {why}", help=remedy, spot=spot)


def _mistake(text: str, error: json.JSONDecodeError) -> tuple[str, str, tuple[int, int]]:
    """What is wrong, what to do, and where: the mistakes that people make, before those that there are."""
    at, here = error.pos, text[error.pos : error.pos + 1]
    before = text[:at].rstrip()
    whole = at, at + 1
    if here in ("/", "#"):
        return "comments are not allowed", "remove the comment", whole
    if here in ("'", "\u2018", "\u2019", "\u201c", "\u201d"):
        return f"`{here}` is no quote of JSON", 'put names and texts in double quotes, `"`', whole
    if not text[at:].strip():
        return "it ends before everything is closed", _closing(before), (len(before) - 1, len(before))
    if before.endswith(",") and here in ("}", "]"):
        return f"no comma may stand before `{here}`", "remove the comma", (len(before) - 1, len(before))
    if error.msg.startswith("Illegal trailing comma"):
        # So newer versions of Python say it, and point to the comma.
        return f"no comma may stand before `{text[at + 1 :].lstrip()[:1]}`", "remove the comma", whole
    return _wrong_word(text, at) or _other_mistake(text, error, before)


def _wrong_word(text: str, at: int) -> tuple[str, str, tuple[int, int]] | None:
    """Where a word or a number is none of JSON."""
    start = at
    while start and (text[start - 1].isalnum() or text[start - 1] in "+-._"):
        start -= 1
    for form, what in ((_NUMBER, "number"), (_WORD, "word")):
        found = form.match(text, start)
        if not found or found.end() < at:
            continue
        meant = _WORDS.get(found.group(), "")
        remedy = (
            f"write `{meant}`"
            if meant
            else "put it in quotes if it is a name or a text"
            if what == "word"
            else ""
        )
        remedy = remedy or "write it in digits, without a zero in front"
        if what == "word" and re.match(r"\s*:", text[found.end() :][:20]):
            name = f"the name `{found.group()[:40]}` has no quotes"
            return name, "put it in double quotes", (start, found.end())
        return f"`{found.group()[:40]}` is no {what} of JSON", remedy, (start, found.end())
    return None


def _other_mistake(text: str, error: json.JSONDecodeError, before: str) -> tuple[str, str, tuple[int, int]]:
    at = error.pos
    if error.msg.startswith("Expecting ',' delimiter"):
        return (
            "a comma is missing",
            "put a comma between one entry and the next",
            (len(before), len(before) + 1),
        )
    if error.msg.startswith("Expecting ':' delimiter"):
        return "a colon is missing", "write `:` between a name and its value", (len(before), len(before) + 1)
    if error.msg.startswith("Unterminated string"):
        return "the text that begins here is not closed", 'close it with `"`', (at, at + 1)
    if error.msg.startswith("Invalid control character") and text[at] in "\r\n":
        begin = before.rfind('"')
        return "the text that begins here is not closed in its line", 'close it with `"`', (begin, begin + 1)
    if error.msg.startswith("Invalid control character"):
        return "a text holds a tab, or another control character", "write `\\t` for a tab", (at, at + 1)
    if "escape" in error.msg:
        return "a text holds a backslash that means nothing", "write `\\\\` for a backslash", (at, at + 1)
    return f"{error.msg[:1].lower()}{error.msg[1:]}", "", (at, at + 1)


def _closing(text: str) -> str:
    """What closes all that a text leaves open."""
    plain = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    opened: list[str] = []
    for char in plain:
        if char in "{[":
            opened.append("}" if char == "{" else "]")
        elif char in "}]" and opened:
            opened.pop()
    return f"close what is open: `{''.join(reversed(opened))[:20]}`" if opened else "complete it"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) == len(pairs):
        return values
    return Doubled(values, Counter(key for key, _ in pairs).most_common(1)[0][0])


def _whole(digits: str) -> int:
    # Python refuses to read thousands of digits.
    return int(digits[: LONGEST_NUMBER + 1])
