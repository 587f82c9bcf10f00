"""Which values of a column are alike: of those that nothing tells apart, one stands for all.

Whether a value is refused is asked of the case reader, and what it means of the masks of evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, Final, TypeAlias

from pyclingo_bridge.base.terms import Term, Value, plain
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.case_problems import Problem, value_problems
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.facts import Encoder, number_span
from pyclingo_bridge.fast.columns.layout import as_given
from pyclingo_bridge.fast.weighing import EvidenceMasks


class NoValue(Enum):
    """What is no value."""

    REFUSED = "refused"


REFUSED: Final = NoValue.REFUSED
"""What stands for whatever the case reader refuses."""

ValueClass: TypeAlias = Any
"""The value that stands for a class, lists as tuples; None where there is none, or REFUSED."""

REFUSED_MEMBER = 1
"""The bit of what no list can hold."""

_REMEMBERED = 100_000


class PlainClasses:
    """Values of which each is a class of its own, but for spelling."""

    def __init__(
        self, problems: Callable[[Any], Iterable[Problem]], spelled: Callable[[Any], Any] = lambda value: value
    ) -> None:
        """Take what finds problems, and what spells a value in the one way that is used."""
        self._problems = problems
        self._spelled = spelled

    def of(self, value: Any) -> ValueClass:
        """What stands for a value as a table gives it, or for None."""
        if value is None:
            return None
        value = as_given(value)
        return REFUSED if any(self._problems(value)) else self._spelled(value)


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
        vocabulary: Vocabulary,
        evidence: EvidenceMasks,
        encoder: Encoder,
        single: Iterable[Value] = (),
        by_name: bool = False,
    ) -> None:
        """Take how values are told apart, and whether in a list every anticancer drug is a class of its own."""
        self.attribute = attribute
        self.single = frozenset(same_value(attribute, value) for value in single)
        self.listlike = attribute.domain in ("list", "drugs")
        self._vocabulary = vocabulary
        self._masks = evidence.masks
        self._encoder = encoder
        self._plausible = evidence.expected_input.plausible.get(attribute.name)
        self._by_name = by_name
        self._first: dict[Any, Any] = {}
        self._members: dict[Any, int] = {}
        self._bits: dict[Any, int] = {}
        self._words: list[str] = []

    def of(self, value: Any) -> ValueClass:
        """What stands for a value as a table gives it, or for None."""
        if value is None:
            return None
        value = as_given(value)
        if any(value_problems(value, self.attribute, ())):
            return REFUSED
        if self.listlike:
            return self.of_union(self._union(value))
        if value in self.single:
            return value
        return self._first.setdefault(self._meaning(value), value)

    @property
    def is_whole(self) -> bool:
        """Whether its values are whole numbers."""
        return self.attribute.domain == "whole_number"

    @property
    def edges(self) -> set[int]:
        """The numbers from which on a whole number may mean something else."""
        kept = {edge for number in self.single for edge in (int(number), int(number) + 1)}
        kept |= {self._plausible + 1} if self._plausible is not None else set()
        return {*self._encoder.probes(self.attribute.name), *kept}

    def _meaning(self, value: Any) -> Any:
        """What tells a value from others."""
        attribute = self.attribute
        if attribute.domain == "name":
            words = self._vocabulary.names.read_value(attribute.name, value).words
            known = {*attribute.listed, *self._vocabulary.covers.get(attribute.name, ())}
            return self._masks.impacts(attribute, value), known.issuperset(words)
        span = number_span(attribute, value)
        if span is None:
            return value
        unlikely = self._plausible is not None and span[0] > self._plausible
        return self._encoder.region(attribute.name, span[0]), unlikely

    # --- lists ---

    def _union(self, words: Iterable[Any]) -> int:
        found = 0
        for word in words:
            found |= self.member(word)
        return found

    def member(self, word: Any) -> int:
        """A list's member as bits: members that mean the same have the same."""
        if word not in self._members:
            if len(self._members) >= _REMEMBERED:
                self._members.clear()
            self._members[word] = self._member(word)
        return self._members[word]

    def _member(self, word: Any) -> int:
        # The list's own problem, that it is empty, is no problem of a member.
        if any(place for place, _, _ in value_problems([word], self.attribute, ())):
            return REFUSED_MEMBER
        held = self._masks.of_member(self.attribute, word)
        if not self._by_name:
            held = held._replace(anticancer=0)
        dismissed = tuple(self._masks.dismissed(self.attribute, word))
        key = (held, self._masks.listed_besides(self.attribute, (word,)), bool(dismissed))
        if key not in self._bits:
            self._words.append(word)
            self._bits[key] = REFUSED_MEMBER << len(self._words)
        return self._bits[key]

    def of_union(self, members: int) -> ValueClass:
        """What stands for a list whose members come to these bits."""
        if members & REFUSED_MEMBER or (self.attribute.non_empty and not members):
            return REFUSED
        return tuple(word for place, word in enumerate(self._words, 1) if members >> place & 1)
