"""Which known name a misspelt one may stand for: one within a few edits, or none.

A hint far off misleads more than none: it sends a reader to another drug, or to a disease of
another organ. So what counts is the number of edits for the length, and names of drugs and
diseases are held to more. Case, blanks and other signs between words count for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

_NEVER = 10**9


@dataclass(frozen=True)
class Rule:
    """How like a known name has to be.

    Attributes:
        one: the letters that a known name needs to be told of one that is one edit away. An edit is
            a letter that is missing, too many or wrong, or two neighbors that changed places.
        two: the letters that both names need where they are two edits apart.
        same_start: whether both have to start with the same letter. A prefix can turn a
            name into its opposite.
        each_word: whether every word has to be so alike, not only the whole. `renal` is not
            `rectal`, whatever stands behind them.
        digits: whether their digits have to be the same, or only where they have as many, or not
            at all. Regimens and trials are numbered: another number is another thing.
        some_words: whether it is enough that one word is left out, or too many, or that half of the
            words or more are left out at the end.
    """

    one: int
    two: int = _NEVER
    same_start: bool = False
    each_word: bool = False
    digits: Literal["any", "same", "same_if_as_many"] = "any"
    some_words: bool = False

    def most(self, letters: int, known: int) -> int:
        """How many edits apart a name and a known name may be, by their lengths."""
        return 2 if min(letters, known) >= self.two else 1 if known >= self.one else 0


WORD = Rule(3, 8, some_words=True)
"""Words of the program itself: keys, columns, options, readings."""

VALUE = Rule(5)
"""Values of a closed choice and names of policies, which are all listed beside: a real word two
edits away is more likely another word than a slip."""

NAME = Rule(5, 8, same_start=True, each_word=True, digits="same")
"""Names of drugs and diseases."""

TRIAL = Rule(5, 8, same_start=True, digits="same_if_as_many")
"""Names of published studies."""

_SIGNS = re.compile(r"[\W_]+")
_NO_DIGITS = re.compile(r"\D+")
_FARTHEST = 2
_LONGEST = 64
"""No known name is longer: what is, is like none, and need not be looked at."""


def folded(name: str) -> str:
    """A name in small letters, its words joined by underscores, without any other sign.

    Example:
        >>> folded("Non-small cell lung cancer ")
        'non_small_cell_lung_cancer'
    """
    return _SIGNS.sub("_", name[: 4 * _LONGEST].lower()).strip("_")


def alike(name: str, known: Iterable[str], rule: Rule = WORD) -> str | None:
    """The known name that `name` may be meant to be, of several as near the first by alphabet.

    None where none is near enough. It depends on nothing but the names: not on their order.
    """
    word = folded(name)
    if not word or len(word) > _LONGEST:
        return None
    near = min(_near(word, _index(frozenset(known)), rule), default=None)
    return near[1] if near else None


def _near(word: str, index: _Index, rule: Rule) -> Iterator[tuple[int, str]]:
    """Every known name that is near enough, with how many edits away."""
    letters = _letters(word)
    for length in range(len(word) - _FARTHEST, len(word) + _FARTHEST + 1):
        most = rule.most(len(word), length)
        for key, held, name in index.get(length, ()):
            # An edit changes two letters of the set at most: most names need no closer look.
            if (held ^ letters).bit_count() <= 2 * most and _fits(word, key, rule):
                edits = distance(word, key)
                if edits <= most:
                    yield edits, name
    if rule.some_words and "_" in word:
        yield from _of_some_words(word, index)


def _of_some_words(word: str, index: _Index) -> Iterator[tuple[int, str]]:
    for entries in index.values():
        for key, _, name in entries:
            if "_" in key and _has_words(word.split("_"), key.split("_")):
                yield _FARTHEST + abs(len(word) - len(key)), name


def _fits(word: str, key: str, rule: Rule) -> bool:
    if rule.same_start and word[0] != key[0]:
        return False
    if rule.digits != "any":
        number, other = _NO_DIGITS.sub("", word), _NO_DIGITS.sub("", key)
        if number != other and (rule.digits == "same" or len(number) == len(other)):
            return False
    return not rule.each_word or _fits_by_words(word.split("_"), key.split("_"), rule)


def _fits_by_words(ours: list[str], theirs: list[str], rule: Rule) -> bool:
    if len(ours) != len(theirs):
        return "".join(ours) == "".join(theirs)
    return all(
        distance(one, other) <= rule.most(len(one), len(other))
        for one, other in zip(ours, theirs, strict=True)
    )


def _has_words(ours: list[str], theirs: list[str]) -> bool:
    if ours == theirs[: len(ours)] and 2 * len(ours) >= len(theirs):
        return True
    fewer, more = sorted((ours, theirs), key=len)
    return len(fewer) > 1 and any(
        fewer == [*more[:place], *more[place + 1 :]] for place in range(len(more))
    )


_Index: TypeAlias = dict[int, list[tuple[str, int, str]]]
"""By length: each name as it is compared, the set of its letters, and as it is spelled."""


@lru_cache(maxsize=64)
def _index(known: frozenset[str]) -> _Index:
    found: _Index = {}
    for name in sorted(known):
        key = folded(name)
        if key:
            found.setdefault(len(key), []).append((key, _letters(key), name))
    return found


def _letters(word: str) -> int:
    held = 0
    for letter in word:
        held |= 1 << ord(letter) % 61
    return held


def distance(one: str, other: str) -> int:
    """The edits between two words; two neighbors that changed places are one edit.

    Example:
        >>> distance("carbplatin", "carboplatin"), distance("brnad", "brand")
        (1, 1)
    """
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one):
        before, last, row = row, before, [place + 1]
        for at, facing in enumerate(other):
            cost = min(before[at] + (letter != facing), before[at + 1] + 1, row[at] + 1)
            if place and at and letter == other[at - 1] and facing == one[place - 1]:
                cost = min(cost, last[at - 1] + 1)
            row.append(cost)
    return row[-1]
