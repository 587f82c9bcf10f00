"""Exact confidence intervals of a share, by the method of Clopper and Pearson, as reports print them."""

from __future__ import annotations

import math
from collections.abc import Iterator

LEVEL = 0.95


def bounds(count: int, size: int, decimals: int) -> tuple[int, int]:
    """The ends of the 95% interval of a share, in units of the last decimal of a percent.

    Args:
        count: the patients counted.
        size: of how many.
        decimals: the digits behind the point.

    It takes SciPy, of the extra `evidence`.
    """
    from scipy.stats import binomtest

    found = binomtest(count, size).proportion_ci(LEVEL, method="exact")
    scale = 100 * 10**decimals
    return round(found.low * scale), round(found.high * scale)


def fitting(share: int, low: int, high: int, decimals: int, sizes: range) -> Iterator[tuple[int, int]]:
    """Every count and size that give a share and its interval as they are printed.

    Args:
        share: the share in units of the last decimal of a percent, the ends of the interval likewise.
        low: the lower end.
        high: the upper end.
        decimals: the digits behind the point.
        sizes: the sizes to look at.
    """
    scale = 100 * 10**decimals
    for size in sizes:
        first = max(0, math.ceil((2 * share - 1) * size / (2 * scale)))
        last = min(size, math.floor((2 * share + 1) * size / (2 * scale)))
        for count in range(first, last + 1):
            if bounds(count, size, decimals) == (low, high):
                yield count, size
