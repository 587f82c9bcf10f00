"""A column of some rows as small codes, and the rows whose code is one of some.

What a code means is for others to say; here it is a place in a tuple of meanings. Columns are
taken as Arrow keeps them: flags are bits already, names are indices into a dictionary.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyclingo_bridge.batch.meanings import Meaning
from pyclingo_bridge.batch.words import Codes, Plane, Words

MOST_CODES = 256
"""How many codes eight bits can tell apart."""


class Part:
    """One column of some rows.

    Attributes:
        words: how planes of these rows are held.
        meanings: what each code means; a code that means nothing stated means None.
    """

    def __init__(self, words: Words, meanings: Sequence[Meaning]) -> None:
        self.words = words
        self.meanings = tuple(meanings)
        self._every = (1 << len(self.meanings)) - 1
        self._found: dict[int, Plane] = {0: words.zeros, self._every: words.ones}

    def rows(self, codes: int) -> Plane:
        """The rows whose code is in a set, told as a number whose bits are the codes."""
        plane = self._found.get(codes)
        if plane is None:
            other = self._found.get(self._every ^ codes)
            plane = self._rows(codes) if other is None else other ^ self.words.ones
            self._found[codes] = plane
        return plane

    def _rows(self, codes: int) -> Plane:
        raise NotImplementedError

    def codes(self) -> Codes:
        """Every row's code."""
        count = len(self.meanings)
        return self.words.spread([(self.rows(1 << code), code) for code in range(count)])


class Flags(Part):
    """Flags, and whether they are there, as planes: the codes are no, yes, and nothing stated."""

    def __init__(
        self, words: Words, meanings: Sequence[Meaning], true: Plane, valid: Plane | None
    ) -> None:
        super().__init__(words, meanings)
        self._true = true
        self._valid = valid

    def _rows(self, codes: int) -> Plane:
        if self._valid is None:
            return self._true if codes == 2 else self._true ^ self.words.ones
        if codes in (2, 5):
            yes = self._found.setdefault(2, self._true & self._valid)
            return yes if codes == 2 else yes ^ self.words.ones
        if codes in (4, 3):
            return self._valid if codes == 3 else self._valid ^ self.words.ones
        no = self._valid & (self._true ^ self.words.ones)
        return no if codes == 1 else no ^ self.words.ones


class Indexed(Part):
    """Places in a list of values; nothing stated, where that occurs, has the last code."""

    def __init__(
        self, words: Words, meanings: Sequence[Meaning], places: Codes, valid: Plane | None
    ) -> None:
        """Take the meanings of the values alone, the places, and the rows that state something."""
        super().__init__(words, [*meanings, *([] if valid is None else [None])])
        self._count = len(meanings)
        self._places = places
        self._valid = valid
        self._bits: dict[int, Plane] = {}
        self._pieces: dict[tuple[int, int, int], Plane] = {}

    def _rows(self, codes: int) -> Plane:
        inner = codes & (1 << self._count) - 1
        plane = self._placed(inner)
        if self._valid is None:
            return plane
        if codes >> self._count:
            if plane is self.words.ones:
                return plane
            return plane | (self._valid ^ self.words.ones)
        return self._valid if plane is self.words.ones else plane & self._valid

    def _placed(self, codes: int) -> Plane:
        if self._count > MOST_CODES:
            chosen = [codes >> code & 1 for code in range(self._count)]
            return self.words.bit(self.words.looked_up(self._places, chosen), 0)
        if not self._bits:
            self._places = self.words.small(self._places)
        return self._piece(codes, max(self._count - 1, 0).bit_length(), self._count)

    def _piece(self, codes: int, width: int, count: int) -> Plane:
        """The rows whose lowest `width` bits are in a set, none of them being `count` or more."""
        if not codes:
            return self.words.zeros
        if codes == (1 << count) - 1:
            return self.words.ones
        key = (codes, width, count)
        if key not in self._pieces:
            half = 1 << width - 1
            if count <= half:
                return self._piece(codes, width - 1, count)
            low, high = codes & (1 << half) - 1, codes >> half
            if not (low ^ high) & (1 << count - half) - 1:
                return self._piece(low, width - 1, half)
            self._pieces[key] = self._chosen(
                self._bit(width - 1),
                self._piece(low, width - 1, half),
                self._piece(high, width - 1, count - half),
            )
        return self._pieces[key]

    def _chosen(self, bit: Plane, low: Plane, high: Plane) -> Plane:
        zeros, ones = self.words.zeros, self.words.ones
        if low is zeros:
            return bit if high is ones else bit & high
        if low is ones:
            return bit ^ ones if high is zeros else (bit ^ ones) | high
        if high is zeros:
            return (bit ^ ones) & low
        return bit | low if high is ones else low ^ (bit & (low ^ high))

    def _bit(self, place: int) -> Plane:
        if place not in self._bits:
            self._bits[place] = self.words.bit(self._places, place)
        return self._bits[place]

    def codes(self) -> Codes:
        """Every row's code."""
        if self._valid is None:
            return self._places
        return self.words.replaced(self._places, self.rows(1 << self._count), self._count)


class Numbers(Part):
    """Whole numbers by the region that they are in; nothing stated has the last code."""

    def __init__(
        self,
        words: Words,
        meanings: Sequence[Meaning],
        starts: Sequence[int],
        numbers: Codes,
        valid: Plane | None,
    ) -> None:
        """Take the regions' meanings, where each but the first starts, and the numbers."""
        super().__init__(words, [*meanings, *([] if valid is None else [None])])
        self._starts = starts
        self._numbers = numbers
        self._valid = valid
        self._edges: dict[int, Plane] = {}

    def from_on(self, number: int) -> Plane:
        """The rows whose number, if there is one, is not below this one."""
        if number not in self._edges:
            self._edges[number] = self.words.at_least(self._numbers, number)
        return self._edges[number]

    def exactly(self, number: int) -> Plane:
        """The rows that state this number."""
        found = self.from_on(number) & (self.from_on(number + 1) ^ self.words.ones)
        return found if self._valid is None else found & self._valid

    def _rows(self, codes: int) -> Plane:
        # Each edge between a region in the set and one outside turns the answer over.
        plane = self.words.ones if codes & 1 else self.words.zeros
        for place, start in enumerate(self._starts):
            if (codes >> place ^ codes >> place + 1) & 1:
                plane = plane ^ self.from_on(start)
        if self._valid is None:
            return plane
        stated = plane & self._valid
        null = codes >> len(self._starts) + 1
        return stated | (self._valid ^ self.words.ones) if null else stated
