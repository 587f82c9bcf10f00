"""Numbers as they are written: one with more digits than are kept must not be taken for another."""

from __future__ import annotations

import sys
from decimal import Decimal, InvalidOperation


class Rounded(float):
    """A number that was written with more digits than are kept of it; no attribute takes it."""


def fraction(text: str) -> float:
    """The number that digits with a point or an exponent tell; `Rounded` where it is another one.

    Example:
        >>> fraction("0.999"), type(fraction("0.99999999999999999999"))
        (0.999, <class 'pyclingo_bridge.base.written_numbers.Rounded'>)
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
