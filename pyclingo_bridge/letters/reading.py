"""How hard a letter is to read: the Flesch-Kincaid grade, by an estimate of syllables."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SILENT = re.compile(r"(?:[^laeiouycghsxz]es|[^dt]ed|[^aeiouyl]e|[aeiou]les?)$")
"""Endings whose vowel is not spoken: notes, used, change, file; it is in places, needed, table."""

_APART_VOWELS = re.compile(r"i[ao](?!u)|(?<![gq])ua|[aeou]ing|eo(?!u)")
"""Vowels in a row that are spoken apart, as in dialog, manual, doing, but for those of `_TOGETHER`."""

_TOGETHER = re.compile(r"[cst]i[ao]")
"""As in social and decision."""

_VOWELS = re.compile(r"[aeiouy]+")
_WORD = re.compile(r"[A-Za-z]+(?:['\u2019][A-Za-z]+)?")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)")

_RUNNING = frozenset({"p", "li", "dd"})
_APART = frozenset({"head", "style", "script", "address", "table", "mark", "h1", "h2", "h3", "footer"})
"""What nobody reads as sentences: addresses, tables, headings, marks of empty slots."""

_PLACE = "place"
"""The class of a place in the source, such as "(section 2, item 4)", which is no sentence either."""


def syllables(word: str) -> int:
    """How many syllables an English word has, by its groups of vowels: an estimate, wrong for some words.

    Example:
        >>> [syllables(word) for word in ("plan", "cover", "approved", "medical", "table", "documents")]
        [1, 2, 2, 3, 2, 3]
    """
    letters = re.sub(r"[^a-z]", "", word.lower())
    spoken = _SILENT.sub(lambda end: end[0][0], letters)
    groups = len(_VOWELS.findall(spoken))
    return max(1, groups + len(_APART_VOWELS.findall(spoken)) - len(_TOGETHER.findall(spoken)))


def grade(sentences: list[str]) -> float | None:
    """The Flesch-Kincaid grade of some sentences: years of school in the United States.

    0.39 times words a sentence, plus 11.8 times syllables a word, less 15.59 (Kincaid and others, 1975).
    None of a text without words.
    """
    words = [_WORD.findall(sentence) for sentence in sentences]
    counted = [found for found in words if found]
    number = sum(map(len, counted))
    if not number:
        return None
    spoken = sum(syllables(word) for found in counted for word in found)
    return round(0.39 * number / len(counted) + 11.8 * spoken / number - 15.59, 1)


def sentences_of(html: str) -> list[str]:
    """The sentences of a page: of its paragraphs and lists, an entry of a list being one at least."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [
        sentence
        for block in reader.blocks
        for piece in _SENTENCE_END.split(" ".join(block.split()))
        if (sentence := piece.strip())
    ]


def reading_grade(html: str) -> float | None:
    """The Flesch-Kincaid grade of a page's sentences, an estimate; None where it has none."""
    return grade(sentences_of(html))


class _Reader(HTMLParser):
    """Collects the text of each paragraph and each entry of a list."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        place = _PLACE in (dict(attrs).get("class") or "").split()
        if tag in _RUNNING:
            self.blocks.append("")
        if tag in _RUNNING or tag in _APART or tag == "span":
            self._open.append((tag, tag in _APART or place))

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        running = any(name in _RUNNING for name, _ in self._open)
        if running and not any(apart for _, apart in self._open):
            self.blocks[-1] += data
