"""The rules of `names.json`: what may be left out of a written name, what joins names, what a code looks like.

They are data so that other programs can read names by the same rules. Nothing here knows any name.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyclingo_bridge.base.errors import quoted

HIDDEN = re.compile(r"\([^()]*\)")
"""What stands in parentheses."""

_SIGNS = re.compile(r"[\s_/+&,;-]+")
_HYPHENS = re.compile(r"[\s_-]+")
_COUNT = re.compile(r"0*[1-9][0-9]*")
_LONGEST_PHRASE = 4
_GAP = re.compile(r"[\s-]+")
_AROUND_SLASH = re.compile(r"\s*([/\\])\s*")
_AROUND_NAME = "()[]{}<>\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb.,;:!*_"


class Unread(Exception):
    """A name, or a part of one, that is not understood."""


@dataclass(frozen=True)
class Rules:
    """The rules of `names.json`, ready for use."""

    characters: dict[int, str]
    marks: re.Pattern[str]
    around: str
    dosage: tuple[re.Pattern[str], ...]
    separator: re.Pattern[str]
    loose: re.Pattern[str]
    joiners: frozenset[str]
    name: re.Pattern[str]
    words: frozenset[str]
    local_words: frozenset[str]
    salts: frozenset[str]
    counted: frozenset[str]
    never: frozenset[str]
    code: re.Pattern[str]
    doubts: frozenset[str]
    official: tuple[str, ...]
    stage: re.Pattern[str]

    def plain_text(self, text: str) -> str:
        """A name without accents, trademark signs and the many kinds of hyphens and blanks."""
        text = unicodedata.normalize("NFKD", text.translate(self.characters)).translate(self.characters)
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
        return " ".join(self.marks.sub("", text).split())

    def without_dosage(self, text: str) -> str:
        """A name without strengths, frequencies and counts of cycles."""
        for pattern in self.dosage:
            text = pattern.sub(" ", text)
        return " ".join(text.split())


@cache
def name_rules() -> Rules:
    """The rules, read once."""
    data = json.loads(Path(__file__).with_name("names.json").read_text(encoding="utf-8"))
    parts: dict[str, str] = {}
    for name, text in data["parts"].items():
        parts[name] = _filled(text, parts)
    # What stands for a strength is no part of a longer word.
    dosage = (f"(?<![a-z0-9])(?:{_filled(text, parts)})(?![a-z0-9])" for text in data["dosage"])
    return Rules(
        characters={ord(one): other for one, other in data["characters"].items()},
        marks=_pattern(data["marks"]),
        around=data["around"],
        dosage=tuple(map(_pattern, dosage)),
        separator=_pattern(data["separator"]),
        loose=_pattern(data["loose"]),
        joiners=frozenset(data["joiners"]),
        name=_pattern(data["name"]),
        words=frozenset(data["words"]),
        local_words=frozenset(data["local_words"]),
        salts=frozenset(data["salts"]),
        counted=frozenset(data["counted"]),
        never=frozenset(data["never"]),
        code=_pattern(data["code"]),
        doubts=frozenset(data["doubts"]),
        official=tuple(data["official"]),
        stage=_pattern(data["stage"]),
    )


def _filled(text: str, parts: Mapping[str, str]) -> str:
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return text


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.ASCII)


def code_pattern() -> str:
    """What codes look like, for a schema."""
    return name_rules().code.pattern


def code_in(text: str) -> str | None:
    """The ICD-10-CM code that a text is, in capital letters without its dot; None of a stage or a name.

    A description may stand behind it in parentheses, but for one that says that the code is not meant so.

    Examples:
        >>> code_in("icd10cm:c34.90 (lung)"), code_in("t1a"), code_in("C34.90 (ruled out)")
        ('C3490', None, None)
    """
    known = name_rules()
    match = known.code.fullmatch(text.strip())
    if not match or known.stage.fullmatch(match[1]):
        return None
    return None if _is_doubted(match[2] or "") else bare_code(match[1])


def _is_doubted(description: str) -> bool:
    """Whether a description says that its code is not meant so; the classification's own words do not."""
    known = name_rules()
    said = known.plain_text(description).lower()
    for words in known.official:
        said = said.replace(words, " ")
    return "?" in said or not known.doubts.isdisjoint(re.split(r"[\s,;:.]+", said))


def bare_code(text: str) -> str:
    """A code, or the beginning of one, in capital letters without its dot."""
    return re.sub(r"[\s._]+", "", text).upper()


def words_of(text: str) -> list[str]:
    """The words of a name in small letters, without the signs between them."""
    # Periods in abbreviations say nothing: `p.o.`, `b.i.d.`; those in numbers do.
    words = (word if word[:1].isdigit() else word.replace(".", "") for word in _SIGNS.split(text.lower()))
    return [word for word in words if word]


def without_signs(text: str) -> str:
    """A name in small letters without its hyphens and blanks."""
    return _HYPHENS.sub("", text.lower())


def parts_of(text: str) -> tuple[list[int], list[int], list[str]]:
    """Where the parts of a composite start and end, and the signs between; what is in parentheses is one part.

    Errors: Unread where a part is empty.
    """
    masked = HIDDEN.sub(lambda match: "(" + "x" * (len(match[0]) - 2) + ")", text)
    signs = list(name_rules().separator.finditer(masked))
    starts = [0, *(sign.end() for sign in signs)]
    ends = [*(sign.start() for sign in signs), len(text)]
    if any(end <= start for start, end in zip(starts, ends, strict=True)):
        raise Unread
    return starts, ends, [sign[0].lower() for sign in signs]


def left_out_before(
    words: Sequence[str], phrases: frozenset[str], step: int = 1
) -> list[tuple[str, ...] | None]:
    """For each number of words from the start: the phrases that they are made of, if they are of such alone.

    With the step -1 the words are in the reverse order.
    """
    found: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(words) + 1):
        made: tuple[str, ...] | None = None
        for start in range(max(0, end - _LONGEST_PHRASE), end):
            phrase = "_".join(words[start:end][::step])
            if (front := found[start]) is not None and _may_go(phrase, phrases):
                made = (*front, phrase)
                break
        found.append(made)
    return found


def _may_go(phrase: str, phrases: frozenset[str]) -> bool:
    if phrase in phrases:
        return True
    number, _, counted = phrase.partition("_")
    return bool(_COUNT.fullmatch(number)) and counted in name_rules().counted


def is_local(phrases: Iterable[str]) -> bool:
    """Whether one of these words says that a medicine is used where it is put, such as a cream."""
    local = name_rules().local_words
    return any(phrase in local or phrase.partition("_")[2] in local for phrase in phrases)


def drug_key(name: str) -> str:
    """A drug's name as the vocabulary spells it: lower case, words joined by underscores."""
    return _GAP.sub("_", name.strip().lower())


def no_drug_key(name: str) -> str:
    """A name as it is compared with those that say that there is no drug.

    Such words are typed in many ways: in brackets or quotes, with a period, or with an accent.

    Examples:
        >>> no_drug_key('"None."'), no_drug_key("N / A"), no_drug_key("treatment na\u00efve")
        ('none', 'n/a', 'treatment_naive')
    """
    if not name.isascii():
        name = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    key = drug_key(_AROUND_SLASH.sub(r"\1", name) if "/" in name or "\\" in name else name)
    bare = key.strip(_AROUND_NAME)
    # What is nothing but signs is what it is: a question mark does not say that there is no drug.
    return bare if any(map(str.isalpha, bare)) else "".join(name.split())


def no_drug_problem(part: str, name: str) -> str:
    """What is wrong with a name in a list of drugs of which a part, or all, says that there is none."""
    if part == name:
        return f"{quoted(name)} is no drug; write an empty list `[]` for no drugs"
    return f"{quoted(part)} in {quoted(name)} is no drug; leave it out, or write `[]` for no drugs"
