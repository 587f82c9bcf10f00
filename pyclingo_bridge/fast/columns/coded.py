"""A column of some rows as small codes, and the rows whose code is one of some.

What a code means is for others to say; here it is a place in a tuple of classes. Columns are
taken as Arrow keeps them: flags are bits already, names are indices into a dictionary.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyclingo_bridge.fast.columns.planes import BitPlanes, Codes, Plane
from pyclingo_bridge.fast.columns.values import ValueClass

MOST_CODES = 256
"""How many codes eight bits can tell apart."""


class CodedColumn:
    """One column of some rows; as it stands, one in which all rows have the only code.

    Sets of codes are numbers whose bits are the codes.

    Attributes:
        planes: makes planes of these rows.
        classes: what each code means but the last, which means that nothing is stated, where
            that occurs; the same tuple for columns whose codes mean the same.
        nullable: whether that occurs.
    """

    def __init__(self, planes: BitPlanes, classes: tuple[ValueClass, ...], valid: Plane | None = None) -> None:
        """Take the classes, and the rows that state something, where that is not all of them."""
        self.planes = planes
        self.classes = classes
        self.nullable = valid is not None
        self._valid = planes.ones if valid is None else valid
        self._stated = (1 << len(classes)) - 1
        self._every = self._stated << self.nullable | self.nullable
        self._known: dict[int, Plane] = {
            0: planes.zeros,
            self._stated: self._valid,
            self._every: planes.ones,
        }

    @property
    def size(self) -> int:
        """How many codes there are."""
        return len(self.classes) + self.nullable

    def rows(self, codes: int) -> Plane:
        """The rows whose code is in a set."""
        plane = self._known.get(codes)
        if plane is None:
            plane = self._known[codes] = self._combined(codes)
        return plane

    def _combined(self, codes: int) -> Plane:
        if codes > self._stated:  # Nothing stated is in the set: of what is not, it is not.
            return self.rows(self._every ^ codes) ^ self.planes.ones
        other = self._known.get(self._stated ^ codes)
        if other is not None:
            return other ^ self._valid
        plane = self._rows(codes)
        return plane & self._valid if self.nullable else plane

    def _rows(self, codes: int) -> Plane:
        """The rows whose code is in a set, whatever stands where nothing is stated."""
        raise NotImplementedError

    def codes(self) -> Codes:
        """Every row's code."""
        return self.planes.sums([(self.rows(1 << code), code) for code in range(self.size)])


class FlagColumn(CodedColumn):
    """Flags as a plane: the codes are no, yes, and nothing stated."""

    def __init__(
        self, planes: BitPlanes, classes: tuple[ValueClass, ...], true: Plane, valid: Plane | None
    ) -> None:
        super().__init__(planes, classes, valid)
        self._true = true

    def _rows(self, codes: int) -> Plane:
        return self._true if codes == 2 else self._true ^ self.planes.ones


class IndexedColumn(CodedColumn):
    """Places in a list of values."""

    def __init__(
        self, planes: BitPlanes, classes: tuple[ValueClass, ...], places: Codes, valid: Plane | None
    ) -> None:
        super().__init__(planes, classes, valid)
        self._places = places
        self._bits: dict[int, Plane] = {}
        self._pieces: dict[tuple[int, int, int], Plane] = {}

    def _rows(self, codes: int) -> Plane:
        count = len(self.classes)
        if count > MOST_CODES:
            chosen = [codes >> code & 1 for code in range(count)]
            return self.planes.bit(self.planes.looked_up(self._places, chosen), 0)
        return self._piece(codes, max(count - 1, 0).bit_length(), count)

    def _piece(self, codes: int, width: int, count: int) -> Plane:
        """The rows whose lowest `width` bits are in a set, none of them being `count` or more."""
        if not codes:
            return self.planes.zeros
        if codes == (1 << count) - 1:
            return self.planes.ones
        key = (codes, width, count)
        if key not in self._pieces:
            self._pieces[key] = self._split(codes, width, count)
        return self._pieces[key]

    def _split(self, codes: int, width: int, count: int) -> Plane:
        half = 1 << width - 1
        if count <= half:
            return self._piece(codes, width - 1, count)
        low, high = codes & (1 << half) - 1, codes >> half
        if not (low ^ high) & (1 << count - half) - 1:
            return self._piece(low, width - 1, half)
        return self._chosen(
            self._bit(width - 1),
            self._piece(low, width - 1, half),
            self._piece(high, width - 1, count - half),
        )

    def _chosen(self, bit: Plane, low: Plane, high: Plane) -> Plane:
        """Of two planes the one or the other, as the bit is unset or set."""
        zeros, ones = self.planes.zeros, self.planes.ones
        if low is zeros:
            return bit if high is ones else bit & high
        if low is ones:
            return bit ^ ones if high is zeros else (bit ^ ones) | high
        if high is zeros:
            return low ^ (bit & low)
        return bit | low if high is ones else low ^ (bit & (low ^ high))

    def _bit(self, place: int) -> Plane:
        if place not in self._bits:
            self._bits[place] = self.planes.bit(self.planes.small(self._places), place)
        return self._bits[place]

    def codes(self) -> Codes:
        """Every row's code."""
        if not self.nullable:
            return self._places
        count = len(self.classes)
        return self.planes.replaced(self._places, self.rows(1 << count), count)


class NumberColumn(CodedColumn):
    """Whole numbers by the region that they are in."""

    def __init__(
        self,
        planes: BitPlanes,
        classes: tuple[ValueClass, ...],
        starts: Sequence[int],
        numbers: Codes,
        valid: Plane | None,
    ) -> None:
        """Take the regions' classes, where each but the first starts, and the numbers."""
        super().__init__(planes, classes, valid)
        self._starts = starts
        self._numbers = numbers
        self._edges: dict[int, Plane] = {}

    def _from(self, place: int) -> Plane:
        """The rows whose number is in the region after the one at a place, or beyond it."""
        if place not in self._edges:
            # Hardly a number is outside the outermost bounds, which is cheaper to see at once.
            likely = True if place == 0 else False if place == len(self._starts) - 1 else None
            start = self._starts[place]
            self._edges[place] = self.planes.at_least(self._numbers, start, likely)
        return self._edges[place]

    def _rows(self, codes: int) -> Plane:
        # Each edge between a region in the set and one outside turns the answer over.
        plane = self.planes.ones if codes & 1 else self.planes.zeros
        turns = codes ^ codes >> 1
        for place in range(len(self._starts)):
            if turns >> place & 1:
                edge = self._from(place)
                if edge is not self.planes.zeros:
                    plane = edge if plane is self.planes.zeros else plane ^ edge
        return plane
