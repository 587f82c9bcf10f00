"""JSON that is read without loss: a key given twice, or a number with too many digits, does not pass unseen."""

from __future__ import annotations

import json
import sys
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

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


def read_json(data: str | bytes | bytearray, what: str = "case", megabytes: int | None = None) -> Any:
    """The one JSON value that a text holds; an object with a key given twice is a `Doubled`.

    Args:
        data: the text.
        what: what messages call it.
        megabytes: its greatest size, in millions of bytes; any size where none is given.

    Errors: ValueError, which says what is wrong with the text.
    """
    if megabytes is not None and len(data) > megabytes * 1_000_000:
        limit = f"the limit `megabytes`; `--limit megabytes={2 * megabytes}` allows more"
        raise ValueError(f"has more than {megabytes:,} million bytes ({limit})")
    if not isinstance(data, str):
        try:
            data = bytes(data).decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"is not UTF-8 text (byte {error.start})") from None
    data = data.removeprefix("\ufeff")
    if not data.strip():
        raise ValueError(f"is empty; a {what} is one JSON object")
    try:
        return json.loads(data, object_pairs_hook=_object, parse_int=_whole, parse_float=fraction)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise ValueError(
                f"goes on after the first JSON value (line {error.lineno}); give one {what} a file"
            ) from None
        raise ValueError(f"is not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise ValueError(f"is nested too deeply; a {what} has at most five levels") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) == len(pairs):
        return values
    return Doubled(values, Counter(key for key, _ in pairs).most_common(1)[0][0])


def _whole(digits: str) -> int:
    # Python refuses to read thousands of digits.
    return int(digits[: LONGEST_NUMBER + 1])
