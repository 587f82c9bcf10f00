"""Which known name a misspelt one may stand for: one within a few edits, or none.

A hint far off misleads more than none: it sends a reader to another drug, to a disease of another
organ, or from a fact to its opposite. So what counts is the number of edits for the length, and
names of drugs, diseases and facts are held to more. Case, blanks and other signs between words
count for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

_NEVER = 10**9


@dataclass(frozen=True)
class Likeness:
    """How like a known name has to be.

    Attributes:
        one: the letters that a name needs for a hint at one that is one edit away. An edit is
            a letter that is missing, too many or wrong, or two neighbors that changed places.
        two: the letters that both names need where they are two edits apart.
        same_start: whether both have to start with the same letter. A prefix can turn a
            name into its opposite.
        each_word: whether every word has to be so alike, not only the whole. `renal` is not
            `rectal`, whatever stands behind them.
        digits: whether their digits have to be the same, or only where they have as many, or not
            at all. Regimens and trials are numbered: another number is another thing.
        same_sense: whether every word has to be a slip of the facing one that cannot have another
            sense: `usable` is not `unusable`, and `v600k` is not `v600e`.
        light_words: whether it is enough that the names differ in words that say nothing, as `per`.
    """

    one: int
    two: int = _NEVER
    same_start: bool = False
    each_word: bool = False
    digits: Literal["any", "same", "same_if_as_many"] = "any"
    same_sense: bool = False
    light_words: bool = False

    def most(self, letters: int, known: int) -> int:
        """How many edits apart a name and a known name may be, by their lengths."""
        return 2 if min(letters, known) >= self.two else 1 if known >= self.one else 0


WORD = Likeness(3, 8, digits="same", light_words=True)
"""Words of the program itself: keys, options, the words that policies are written in."""

FACT = Likeness(3, 8, digits="same", same_sense=True, light_words=True)
"""What a fact is stated under: attributes, columns, interpretations, criteria. Whoever follows a hint to
another fact, or to the opposite, is decided for what the patient does not have."""

VALUE = Likeness(5, digits="same", same_sense=True)
"""Values of a closed choice and names of policies, which are all listed next to it: a real word two
edits away is more likely another word than a slip."""

NAME = Likeness(5, 8, same_start=True, each_word=True, digits="same")
"""Names of drugs and diseases."""

TRIAL = Likeness(5, 8, same_start=True, digits="same_if_as_many")
"""Names of published studies."""

_SIGNS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+")
_NUMBERED = re.compile(r"\d|^[ivx]+$")
_PART = Likeness(5, 8)
"""How like a word of a name has to be; shorter ones are held to more."""

_LIGHT = frozenset({"at", "by", "day", "of", "per", "the"})
"""Words that may be left out, or be too many: the others tell what is meant. None of `from`, `in`,
`off`, `on`, `to`, `with` is here: one of them can stand for its opposite."""

_VOWELS = frozenset("aeiou")
_OPPOSED = (
    ("hypo", "hyper"),
    ("micro", "macro"),
    ("inter", "intra"),
    ("endo", "exo"),
    ("ab", "ad"),
)
"""Starts of words that differ by as little as a slip does, and begin alike."""

_FARTHEST = 2
_LONGEST = 64
"""No known name is longer: what is, is like none, and need not be looked at."""


def folded(name: str) -> str:
    """A name in small letters, its words joined by underscores, without any other sign.

    Examples:
        >>> folded("Stage-two disease of the knee ")
        'stage_two_disease_of_the_knee'
    """
    return _SIGNS.sub("_", name[: 4 * _LONGEST].lower()).strip("_")


def alike(name: str, known: Iterable[str], rule: Likeness = WORD) -> str | None:
    """The known name that `name` may be meant to be, of several as near the first by alphabet.

    None where none is near enough. It depends on nothing but the names: not on their order.
    """
    return next(iter(nearest(name, known, rule)), None)


def nearest(name: str, known: Iterable[str], rule: Likeness = WORD) -> tuple[str, ...]:
    """The known names that `name` may be meant to be, all that are as near as the nearest, by alphabet."""
    word = folded(name)
    if not word or len(word) > _LONGEST:
        return ()
    near = list(_near(word, _index(frozenset(known)), rule))
    least = min((edits for edits, _ in near), default=0)
    return tuple(sorted({known_name for edits, known_name in near if edits == least}))


def _near(word: str, index: _Index, rule: Likeness) -> Iterator[tuple[int, str]]:
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
    if rule.light_words and "_" in word:
        heavy = _heavy(word)
        for entries in index.values():
            for key, _, name in entries:
                if len(heavy) > 1 and heavy == _heavy(key):
                    yield _FARTHEST + abs(len(word) - len(key)), name


def _heavy(name: str) -> list[str]:
    """The words that tell what is meant."""
    return [word for word in name.split("_") if word not in _LIGHT]


def _fits(word: str, key: str, rule: Likeness) -> bool:
    if rule.same_start and word[0] != key[0]:
        return False
    if rule.digits != "any":
        number, other = _NUMBER.findall(word), _NUMBER.findall(key)
        as_many = len("".join(number)) == len("".join(other))
        if number != other and (rule.digits == "same" or as_many):
            return False
    ours, theirs = word.split("_"), key.split("_")
    if not (rule.each_word or rule.same_sense) or "".join(ours) == "".join(theirs):
        return True
    pairs = zip(ours, theirs, strict=False)
    return len(ours) == len(theirs) and all(
        _same_sense(*pair) if rule.same_sense else _near_enough(*pair, rule) for pair in pairs
    )


def _near_enough(one: str, other: str, rule: Likeness) -> bool:
    return distance(one, other) <= rule.most(len(one), len(other))


def _same_sense(one: str, known: str) -> bool:
    """Whether a word is a known one, or a slip for it that is no other word of medicine."""
    if one == known:
        return True
    # Genes, mutations and stages are numbered: one letter beside a digit makes another of them.
    if any(map(_NUMBERED.search, (one, known))):
        return False
    if one[0] != known[0] or _opposed(one, known):
        return False
    return _short_slip(one, known) or _near_enough(one, known, _PART)


def _opposed(one: str, other: str) -> bool:
    """Whether two words that begin with the same letter are opposites, as far as their starts tell."""
    shorter, longer = sorted((one, other), key=len)
    if longer in (f"un{shorter}", f"in{shorter}"):
        return True
    starts = [(a, b) for pair in _OPPOSED for a, b in (pair, pair[::-1])]
    return any(one.startswith(a) and other.startswith(b) for a, b in starts)


def _short_slip(one: str, known: str) -> bool:
    """Whether a short word lacks a vowel or has one twice, or is a plural or singular.

    Another letter makes another abbreviation: CML is not CMML, nor MET a slip for MEK.
    """
    shorter, longer = sorted((one, known), key=len)
    if len(known) < 3 or len(longer) != len(shorter) + 1:
        return False
    if len(shorter) > 3 and longer == f"{shorter}s":
        return True
    places = [at for at in range(1, len(longer)) if longer[:at] + longer[at + 1 :] == shorter]
    doubled = longer == one
    return any(longer[at] in _VOWELS and (not doubled or longer[at] == longer[at - 1]) for at in places)


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

    Examples:
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
