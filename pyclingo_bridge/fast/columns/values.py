"""The values of an attribute by classes: those that no requirement tells apart are one class.

Whether a value is refused is asked of the case reader, and what it means of the encoder.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any, Final, NamedTuple, TypeAlias

from pyclingo_bridge.base.terms import Term, Value, plain
from pyclingo_bridge.cases.attributes import Attribute, drug_key
from pyclingo_bridge.cases.case_problems import value_problems
from pyclingo_bridge.core.facts import Encoder


class NoValue(Enum):
    """What is no value."""

    REFUSED = "refused"


REFUSED: Final = NoValue.REFUSED
"""The class of whatever the case reader refuses."""

ValueClass: TypeAlias = Any
"""What a value comes to; None where there is none, REFUSED for what the case reader refuses. For
a list a number whose bits are its members' meanings."""

REFUSED_MEMBER = 1
"""The bit of what no list can hold."""


_REMEMBERED = 100_000


class SingleValue(NamedTuple):
    """The class of one value alone, for what the form asks of it."""

    value: bool | int | str


def same_value(attribute: Attribute, value: Value) -> bool | int | str:
    """What a case file gives for a value of the vocabulary's."""
    return value == Term("true") if attribute.domain == "flag" else plain(value)


class ValueClasses:
    """The classes of one attribute's values.

    Attributes:
        attribute: the attribute.
        listlike: whether its values are lists.
        single: values that are classes of their own.
    """

    def __init__(
        self,
        attribute: Attribute,
        encoder: Encoder,
        single: Iterable[Value] = (),
        by_name: bool = False,
    ) -> None:
        """Take how values are encoded, and whether every drug's name is a class of its own."""
        self.attribute = attribute
        self.single = frozenset(same_value(attribute, value) for value in single)
        self.listlike = attribute.domain in ("list", "drugs")
        self._encoder = encoder
        self._by_name = by_name
        self._samples: dict[Value, Any] = {}
        self._members: dict[Any, int] = {}
        self._bits: dict[frozenset[Value] | str, int] = {}
        self._names: list[str] = []
        if self.listlike and not by_name:
            # One drug after another, before the names that stand for several.
            known = sorted(attribute.listed, key=lambda word: len(encoder.terms(attribute, [word])))
            for word in known:
                self.member(word)

    def of(self, value: Any) -> ValueClass:
        """The meaning of a value as a case file gives it, or of None."""
        if value is None:
            return None
        if any(value_problems(value, self.attribute, ())):
            return REFUSED
        if self.listlike:
            return self.union(value)
        if value in self.single:
            return SingleValue(value)
        (term,) = self._encoder.terms(self.attribute, value)
        self._samples.setdefault(term, value)
        return term

    def union(self, words: Any) -> int:
        """The meaning of a list of these members."""
        found = 0
        for word in words:
            found |= self.member(word)
        return found

    def member(self, word: Any) -> int:
        """The meaning of a list's member, as a list's meaning holds it."""
        if word not in self._members:
            if len(self._members) >= _REMEMBERED:
                self._members.clear()
            self._members[word] = self._member(word)
        return self._members[word]

    def _member(self, word: Any) -> int:
        # The list's own problem, that it is empty, is no problem of a member.
        if any(place for place, _, _ in value_problems([word], self.attribute, ())):
            return REFUSED_MEMBER
        if self._by_name:
            return self._bit(drug_key(word), word)
        terms = self._encoder.terms(self.attribute, [word])
        alone = [frozenset({term}) for term in terms]
        if len(terms) > 1 and all(one in self._bits for one in alone):
            return sum(self._bits[one] for one in alone)
        return self._bit(terms, word)

    def _bit(self, key: frozenset[Value] | str, word: str) -> int:
        if key not in self._bits:
            self._names.append(word)
            self._bits[key] = REFUSED_MEMBER << len(self._names)
        return self._bits[key]

    def of_union(self, members: int) -> ValueClass:
        """The meaning of a list whose members' meanings have this union."""
        empty = self.attribute.non_empty and not members
        return REFUSED if empty or members & REFUSED_MEMBER else members

    def sample(self, meaning: ValueClass) -> Any:
        """A value that has a meaning."""
        if not self.listlike:
            if isinstance(meaning, SingleValue):
                return meaning.value
            return self._samples.get(meaning, meaning)
        return [word for place, word in enumerate(self._names, 1) if meaning & REFUSED_MEMBER << place]
