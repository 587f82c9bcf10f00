"""What a written name stands for: drugs with strengths, brands and composites, words and codes of diseases.

The rules are those of `name_rules`; which names are known is a vocabulary's to say. A name is read only where
every word of it is understood: what is not leaves it unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pyclingo_bridge.base.spelling import NAME, nearest
from pyclingo_bridge.base.terms import Term, Value, plain, written
from pyclingo_bridge.cases.name_rules import (
    HIDDEN,
    Unread,
    bare_code,
    code_in,
    drug_key,
    is_local,
    left_out_before,
    name_rules,
    no_drug_key,
    no_drug_problem,
    parts_of,
    without_signs,
    words_of,
)

_MOST_KEPT = 50_000
"""How many names are kept as they were read, before all are read anew."""

_SHORTEST_JOINED = 4
"""The letters that a name needs to be found however its words are joined, with hyphens or without."""

_BRACKETS = re.compile(r"\(([^()]*)\)")
_AROUND_HYPHEN = re.compile(r"\s*-\s*")

_K = TypeVar("_K")
_T = TypeVar("_T")


@dataclass(frozen=True)
class ReadDrugs:
    """What one name in a list of drugs was read as.

    Attributes:
        known: the drugs, brands and regimens it names, by their names in the vocabulary.
        unknown: the parts that no reading makes known, as they were written.
        read_as: what was read, where that is more than case, hyphens and blanks.
        no_drug: the part that says that there is no drug, if one does; such a name is an error.
    """

    known: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    read_as: tuple[str, ...] | None = None
    no_drug: str | None = None


@dataclass(frozen=True)
class ReadValue:
    """What a name, a code or a list of them was read as.

    Attributes:
        words: the value, or several, one of which is meant; none where a list names nothing in common.
        read_as: what was read, where that is more than the word as it was written.
    """

    words: tuple[str, ...]
    read_as: str | None = None


class _NoDrug(Exception):
    """A part of a name that says that there is no drug."""


@dataclass(frozen=True)
class _Read:
    """What a part of a name was read as: names of the vocabulary, and whether it is said to be used locally."""

    names: tuple[str, ...]
    local: bool = False


@dataclass(frozen=True, eq=False)
class _Values:
    """The words of one attribute, as the vocabulary has them.

    Attributes:
        listed: its listed values.
        kinds: what each value counts as, by way of others too.
        covered: the values that a word stands for, one of which is meant.
        codes: the word of each beginning of a code.
        labels: words for a reader.
        named: every value that the vocabulary names.
        settled: the listed values that no code says: what they are is settled by their names.
    """

    listed: frozenset[str]
    kinds: Mapping[str, frozenset[str]]
    covered: Mapping[str, frozenset[str]]
    codes: Mapping[str, str]
    labels: Mapping[str, str]
    named: frozenset[str] = field(init=False)
    settled: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        values = (value for values in self.covered.values() for value in values)
        object.__setattr__(self, "named", self.listed | set(values) | set(self.codes.values()))
        object.__setattr__(self, "settled", self.listed - set(self.codes.values()))

    def of_code(self, code: str) -> str | None:
        """The word of a code: that of the longest beginning."""
        found = (self.codes.get(code[:length]) for length in range(len(code), 0, -1))
        return next((word for word in found if word is not None), None)

    def meant(self, word: str) -> frozenset[str]:
        """The values that a word may mean."""
        return self.covered.get(word, frozenset((word,)))

    def agree(self, one: str, other: str) -> str | None:
        """The value that is meant where two name one thing: the narrower, or what both are kinds of."""
        if one == other or other in self.kinds.get(one, ()):
            return one
        if one in self.kinds.get(other, ()):
            return other
        if shared := self.kinds.get(one, frozenset()) & self.kinds.get(other, frozenset()):
            return min(shared)
        # Of a name of which the vocabulary knows nothing, it is not known what else it is called.
        unheard = [value for value in (one, other) if value not in self.named]
        return min(unheard) if unheard and not {one, other} & self.settled else None


class NameReader:
    """Reads names by a vocabulary. What was read once is kept."""

    def __init__(
        self,
        meanings: Mapping[str, frozenset[str]],
        uses: Mapping[str, str],
        no_drugs: frozenset[str],
        values: Mapping[str, _Values],
    ) -> None:
        """Take each known drug name with what it stands for, the use of each drug, and words of values."""
        self._meanings = meanings
        self._uses = uses
        self._no_drugs = no_drugs
        self._values = values
        self._joined = _joined(meanings)
        self._longest = max((name.count("_") + 1 for name in meanings), default=0)
        self._drugs: dict[str, ReadDrugs] = {}
        self._words: dict[tuple[str, str | tuple[str, ...]], ReadValue] = {}

    @classmethod
    def from_facts(
        cls, facts: Mapping[str, list[Term]], drugs: Mapping[str, Value], no_drugs: frozenset[str]
    ) -> NameReader:
        """The reader of a vocabulary's facts.

        Args:
            facts: the facts, by predicate.
            drugs: the known names of drugs.
            no_drugs: names that say that there is no drug, as `no_drug_key` spells them.
        """
        meanings: dict[str, set[str]] = {name: set() for name in drugs}
        for name, drug in _names(facts, "stands_for", 2):
            meanings[name].add(drug)
        uses = {drug: use for use in ("supportive", "treatment") for (drug,) in _names(facts, use, 1)}
        whole = {name: frozenset(found or (name,)) for name, found in meanings.items()}
        return cls(whole, uses, no_drugs, _values(facts))

    # Drugs

    def read_drugs(self, text: str) -> ReadDrugs:
        """What a name in a list of drugs stands for.

        A name of the vocabulary is read as it is. Otherwise strengths, routes and the like are left out,
        composites are taken apart, and a name with another one in parentheses is one drug where the two
        agree. What is not understood in it leaves the whole name unknown; so does a contradiction.
        """
        return _kept(self._drugs, text, lambda: self._read_drugs(text))

    def drug_problem(self, text: str) -> str | None:
        """What is wrong with a name in a list of drugs, if anything is: that it says that there is none."""
        part = self.read_drugs(text).no_drug
        return None if part is None else no_drug_problem(part, text)

    def drug_hint(self, name: str) -> str | None:
        """The known name that an unknown one may be a slip for.

        None where names of different uses are equally near: a home medicine is no hint for what may be
        an anticancer drug, nor the reverse.
        """
        near = nearest(self._plain(name), self._meanings, NAME)
        return near[0] if len({self._use(one) for one in near}) == 1 else None

    def _plain(self, name: str) -> str:
        return name_rules().without_dosage(name_rules().plain_text(name))

    def _use(self, name: str) -> frozenset[str]:
        return frozenset(self._uses.get(drug, "") for drug in self._meanings[name])

    def _read_drugs(self, text: str) -> ReadDrugs:
        key = drug_key(text)
        if key in self._meanings:
            return ReadDrugs((key,))
        if no_drug_key(text) in self._no_drugs:
            return ReadDrugs((), no_drug=text)
        rules = name_rules()
        cleaned = rules.plain_text(text).strip(rules.around)
        try:
            known, unknown = self._composite(cleaned)
        except _NoDrug as part:
            return ReadDrugs((), no_drug=str(part))
        except Unread:
            return ReadDrugs((), (text.strip(),))
        if not known:
            return ReadDrugs((), (text.strip(),))
        same = not unknown and len(known) == 1 and without_signs(text) == without_signs(known[0])
        return ReadDrugs(known, unknown, None if same else known)

    def _composite(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The known names of a text, and its unknown ones.

        Errors: Unread where something in it is not understood, _NoDrug where a part says that there is none.
        """
        parts_of(text)
        for written_so in (text, name_rules().without_dosage(text)):
            if whole := self._named(words_of(written_so)):
                return (whole,), ()
        return self._joined_names(name_rules().without_dosage(text))

    def _joined_names(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        starts, ends, signs = parts_of(text)
        found: list[_Read] = []
        unknown: list[str] = []
        at = 0
        while at < len(starts):
            # The longest run of parts that is a name: a name may hold a sign that joins others.
            for last in range(min(len(starts), at + self._longest) - 1, at - 1, -1):
                part = text[starts[at] : ends[last]]
                if read := self._single(part):
                    found.append(read)
                    break
                if no_drug_key(HIDDEN.sub("", part)) in self._no_drugs:
                    raise _NoDrug(part)
            else:
                last = at
                unknown.append(self._unknown_part(text[starts[at] : ends[at]], signs))
            at = last + 1
        names = tuple(dict.fromkeys(name for read in found for name in read.names))
        if any(read.local for read in found) and not all(map(self._beside, names)):
            # A cream or an instillation of an anticancer drug is another thing than the drug.
            raise Unread
        return names, tuple(unknown)

    def _beside(self, name: str) -> bool:
        return all(self._uses.get(drug) for drug in self._meanings[name])

    def _unknown_part(self, part: str, signs: Sequence[str]) -> str:
        """A part that may be an unknown drug beside known ones.

        Errors: Unread where it may be a remark on them, such as `declined`.
        """
        rules = name_rules()
        remark = any(word in rules.never or self._named([word]) for word in words_of(part))
        # What may be left out of a known name may be left out of an unknown one, too.
        pieces = [piece for piece in part.split() if piece.lower().strip(".,") not in rules.words]
        name = " ".join(pieces)
        if remark or not rules.name.fullmatch(name) or any(map(rules.loose.search, signs)):
            raise Unread
        return name

    def _single(self, text: str) -> _Read | None:
        """A name with what may be left out of it, and with its other name in parentheses."""
        if "(" in text or ")" in text:
            return self._bracketed(text)
        words = words_of(text)
        # A salt belongs to the name before it, but not across a sign: many are medicines of their own.
        salts = frozenset() if name_rules().separator.search(text) else name_rules().salts
        if read := self._span(words, salts):
            return read
        left_out = left_out_before(words, name_rules().words | name_rules().local_words)[-1]
        return _Read((), is_local(left_out)) if left_out else self._hyphened(text)

    def _bracketed(self, text: str) -> _Read | None:
        insides = [inside.strip(name_rules().around) for inside in _BRACKETS.findall(text)]
        outside = " ".join(_BRACKETS.sub(" ", text).split())
        if "(" in outside or ")" in outside or not insides:
            return None
        read = [self._wholly(inside) for inside in insides if inside]
        first = self._single(outside) if outside else _Read(())
        if first is None or None in read:
            return None
        parts = [part for part in (first, *read) if part is not None]
        named = [part for part in parts if part.names]
        local = any(part.local for part in parts)
        if not named:
            return _Read((), local)
        agreed = all(self._agree(named[0], other) for other in named[1:])
        return _Read(named[0].names, local) if agreed else None

    def _wholly(self, text: str) -> _Read | None:
        try:
            parts_of(text)
            if read := self._single(text):
                return read
            known, unknown = self._joined_names(text)
        except (Unread, _NoDrug):
            return None
        return _Read(known) if known and not unknown else None

    def _agree(self, one: _Read, other: _Read) -> bool:
        """Whether two names are of the same drugs; a regimen may be told with what is given beside it."""
        first, second = (
            {drug for name in read.names for drug in self._meanings[name]} for read in (one, other)
        )
        treating = {drug for drug in first | second if self._uses.get(drug) != "supportive"}
        return first == second or (bool(treating) and first & treating == second & treating)

    def _span(self, words: Sequence[str], salts: frozenset[str]) -> _Read | None:
        """The longest run of words that is a name, where nothing stands around it but what may be left out."""
        rules = name_rules()
        light = rules.words | rules.local_words
        before = left_out_before(words, light)
        behind = [found and found[::-1] for found in left_out_before(words[::-1], light | salts, -1)][::-1]
        for length in range(min(len(words), self._longest + 1), 0, -1):
            for start in range(len(words) - length + 1):
                front, back = before[start], behind[start + length]
                if (
                    front is not None
                    and back is not None
                    and (name := self._named(words[start : start + length]))
                ):
                    return _Read((name,), is_local((*front, *back)))
        return None

    def _named(self, words: Sequence[str]) -> str | None:
        name = "_".join(words)
        if name in self._meanings:
            return name
        joiners = name_rules().joiners
        if not words or words[0] in joiners or words[-1] in joiners or not name_rules().never.isdisjoint(words):
            return None
        return self._joined.get("".join(word for word in words if word not in joiners))

    def _hyphened(self, text: str) -> _Read | None:
        """The names of a composite that is joined by hyphens, where all of its parts are known."""
        tokens = _AROUND_HYPHEN.sub("-", text).split()
        composite = [token for token in tokens if "-" in token]
        others = [word for token in tokens if token not in composite for word in words_of(token)]
        if len(composite) != 1 or left_out_before(others, name_rules().words)[-1] is None:
            return None
        names = self._parts(words_of(composite[0]))
        return _Read(names) if names else None

    def _parts(self, words: Sequence[str]) -> tuple[str, ...]:
        for length in range(min(len(words), self._longest), 0, -1):
            if name := self._named(words[:length]):
                rest = self._parts(words[length:])
                if rest or length == len(words):
                    return tuple(dict.fromkeys((name, *rest)))
        return ()

    # Values of attributes

    def read_value(self, attribute: str, value: str | Sequence[str]) -> ReadValue:
        """What a name, a code, or a list of them that all name one thing, means for an attribute."""
        key = value if isinstance(value, str) else tuple(value)
        return _kept(self._words, (attribute, key), lambda: self._read_value(self._values[attribute], key))

    def covering(self, attribute: str) -> frozenset[str]:
        """The words of an attribute that stand for several values, one of which is meant."""
        return frozenset(self._values[attribute].covered) if attribute in self._values else frozenset()

    def reads_codes(self, attribute: str) -> bool:
        """Whether codes are read for an attribute."""
        return attribute in self._values and bool(self._values[attribute].codes)

    def code_word(self, attribute: str, text: str) -> str | None:
        """The word that a code is read as; None of what is no code, or of one that does not exist."""
        code = code_in(text)
        return self._values[attribute].of_code(code) if code else None

    def may_mean(self, attribute: str, text: str) -> tuple[str, ...]:
        """The values that a name or a code may mean, sorted."""
        values = self._values[attribute]
        return tuple(sorted(values.meant(self.code_word(attribute, text) or text)))

    def _read_value(self, values: _Values, value: str | tuple[str, ...]) -> ReadValue:
        given = (value,) if isinstance(value, str) else value
        words = [self._word(values, text) for text in given]
        told = [
            f"{text}: {values.labels.get(word, word)}"
            for text, word in zip(given, words, strict=True)
            if word != text or word in values.covered
        ]
        read_as = "; ".join(dict.fromkeys(told)) or None
        if len(set(words)) == 1:
            return ReadValue((words[0],), read_as)
        return ReadValue(_common(values, words), read_as)

    def _word(self, values: _Values, text: str) -> str:
        code = code_in(text) if values.codes else None
        return (values.of_code(code) if code else None) or text


def _common(values: _Values, words: Sequence[str]) -> tuple[str, ...]:
    """What all words may mean: one of these."""
    left = values.meant(words[0])
    for word in words[1:]:
        pairs = (values.agree(one, other) for one in left for other in values.meant(word))
        left = frozenset(value for value in pairs if value is not None)
    by_word = [word for word in words if values.covered.get(word) == left]
    return (by_word[0],) if by_word else tuple(sorted(left))


def _kept(found: dict[_K, _T], key: _K, read: Callable[[], _T]) -> _T:
    known = found.get(key)
    if known is None:
        if len(found) >= _MOST_KEPT:
            found.clear()
        known = found[key] = read()
    return known


def _names(facts: Mapping[str, list[Term]], predicate: str, arity: int) -> Iterator[tuple[str, ...]]:
    for term in facts.get(predicate, ()):
        if len(term.args) == arity:
            yield tuple(str(plain(arg)) for arg in term.args)


def _values(facts: Mapping[str, list[Term]]) -> dict[str, _Values]:
    """The words of every attribute whose values are names."""
    labels = {written(term.args[0]): str(plain(term.args[1])) for term in facts.get("label", ())}
    listed = _by_attribute(_names(facts, "listed", 2))
    kinds = _by_attribute(_names(facts, "counts_as", 3))
    covered = _by_attribute(_names(facts, "covers", 3))
    codes = _by_attribute(_names(facts, "code", 3))
    found: dict[str, _Values] = {}
    for attribute, domain in _names(facts, "domain", 2):
        if domain == "name":
            found[attribute] = _Values(
                listed=frozenset(value for (value,) in listed.get(attribute, ())),
                kinds=_closed(_sets(kinds.get(attribute, ()))),
                covered={word: frozenset(values) for word, values in _sets(covered.get(attribute, ())).items()},
                codes={bare_code(code): word for code, word in sorted(codes.get(attribute, ()))},
                labels=labels,
            )
    return found


def _by_attribute(facts: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for attribute, *rest in facts:
        found.setdefault(attribute, []).append(tuple(rest))
    return found


def _sets(pairs: Iterable[tuple[str, ...]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
    return found


def _closed(kinds: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    """What each value counts as, by way of others too."""
    found: dict[str, frozenset[str]] = {}
    for value in kinds:
        reached, ahead = {value}, [value]
        while ahead:
            more = kinds.get(ahead.pop(), set()) - reached
            reached |= more
            ahead += more
        found[value] = frozenset(reached - {value})
    return found


def _joined(meanings: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Each name by its letters and digits alone, where all names with these mean the same."""
    joiners = name_rules().joiners
    found: dict[str, set[str]] = {}
    for name in meanings:
        words = [word for word in words_of(name) if word not in joiners]
        if len(key := "".join(words)) >= _SHORTEST_JOINED:
            found.setdefault(key, set()).add(name)
    return {key: min(names) for key, names in found.items() if len({meanings[name] for name in names}) == 1}
