"""Where in a JSON text a value or a key stands: looked for only when there is something to say about it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from json import decoder

from pyclingo_bridge.base.messages import Spot

Place = tuple[str | int, ...]

LARGEST_SEARCHED = 4_000_000
"""The most characters of a text in which places are looked for."""

_BLANKS = re.compile(r"[ \t\r\n]*")
_KEYS = decoder.scanstring  # type: ignore[attr-defined]
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


def spots_in(text: str, places: Collection[Place], keys: Collection[Place] = ()) -> dict[Place, Spot]:
    """Where places are in a JSON text that can be read.

    Args:
        text: the text.
        places: what to look for, each by its keys and indices. What is not there, such as a key that is
            missing, is shown by the object that it is missing from.
        keys: those of them of which the key is meant, and not the value; of a key given twice the second.

    Example:
        >>> spots_in('{"a": [1, true]}', [("a", 1)])[("a", 1)].column
        11
    """
    if len(text) > LARGEST_SEARCHED:
        return {}
    search = _Search(text, places)
    try:
        search.value(0, ())
    except (ValueError, IndexError, RecursionError):
        # The text was read in another way before; without a place the message stands all the same.
        return {}
    return {place: spot for place in places if (spot := search.spot(place, place in keys))}


class _Search:
    """Walks a text, and into those of its values that hold something asked for."""

    def __init__(self, text: str, places: Collection[Place]) -> None:
        self._text = text
        self._wanted = {place[:length] for place in places for length in range(len(place) + 1)}
        self._holding = {place[:length] for place in places for length in range(len(place))}
        self._values: dict[Place, tuple[int, int]] = {}
        self._keys: dict[Place, tuple[int, int]] = {}

    def spot(self, place: Place, key: bool) -> Spot | None:
        if key and place in self._keys:
            return Spot.of(self._text, *self._keys[place])
        if place in self._values:
            start, end = self._values[place]
            # Of all there is, and of what fills more than a line, its beginning is enough.
            whole = place and "\n" not in self._text[start:end]
            return Spot.of(self._text, start, end if whole else start + 1)
        parent = next((place[:n] for n in range(len(place) - 1, -1, -1) if place[:n] in self._values), None)
        if parent is None:
            return None
        start = self._values[parent][0]
        return Spot.of(self._text, start, start + 1)

    def value(self, at: int, place: Place) -> int:
        """Pass a value, and return where it ends."""
        at = self._blanks(at)
        opening = self._text[at]
        if place in self._holding and opening in "{[":
            end = (self._members if opening == "{" else self._items)(at + 1, place)
        else:
            end = _DECODER.raw_decode(self._text, at)[1]
        if place in self._wanted:
            self._values[place] = (at, end)
        return end

    def _members(self, at: int, place: Place) -> int:
        for start in self._entries(at, "}"):
            key, end = _KEYS(self._text, start + 1, True)
            here = (*place, key)
            if here in self._wanted:
                self._keys[here] = (start, end)
            self._at = self.value(self._blanks(end) + 1, here)
        return self._at

    def _items(self, at: int, place: Place) -> int:
        for index, start in enumerate(self._entries(at, "]")):
            self._at = self.value(start, (*place, index))
        return self._at

    def _entries(self, at: int, closing: str) -> Iterator[int]:
        """Where each entry begins; who takes one says by `_at` where it ends."""
        self._at = at
        while self._text[start := self._blanks(self._at)] != closing:
            if self._text[start] == ",":
                start = self._blanks(start + 1)
            yield start
        self._at = start + 1

    def _blanks(self, at: int) -> int:
        found = _BLANKS.match(self._text, at)
        return found.end() if found else at
