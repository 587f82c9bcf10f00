"""How a reader is told: the vocabulary's words for names, and how much is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.decision import range_text, value_text
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import readable


@dataclass(frozen=True)
class View:
    """What a reader sees of names and numbers.

    Attributes:
        labels: the vocabulary's words, by its own terms; a name without one is written with blanks.
        listed: the values that the vocabulary lists, by attribute.
        qualifiers: flags that say of a list that it is complete, whose labels are sentences.
        defaults: how the policy's ambiguities are read by default; None where that is not known.
        of_tumor: the attributes that are of one tumor.
        verbose: whether settings are all shown, and costs as numbers.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, Collection[str]] = field(default_factory=dict)
    qualifiers: Collection[str] = ()
    defaults: Mapping[str, str] | None = None
    verbose: bool = False
    of_tumor: Collection[str] = ()

    @classmethod
    def of(cls, policy: LoadedPolicy, verbose: bool = False) -> View:
        """A policy's words."""
        defaults = {name: values[0] for name, values in policy.alternatives.items()}
        return cls.in_words_of(policy.vocabulary, defaults, verbose)

    @classmethod
    def in_words_of(
        cls, vocabulary: Vocabulary, defaults: Mapping[str, str] | None = None, verbose: bool = False
    ) -> View:
        """A vocabulary's words."""
        listed = {name: frozenset(one.listed) for name, one in vocabulary.all.items()}
        return cls(vocabulary.labels, listed, vocabulary.qualifiers, defaults, verbose, vocabulary.of_tumor)

    def name(self, name: str) -> str:
        """An attribute, a value or a type of document in words."""
        return self.labels.get(name) or readable(name)

    def types(self, names: Iterable[str], word: str = ", ") -> str:
        """Types of document in words."""
        return word.join(map(self.name, names))

    def value(self, attribute: str, value: object) -> str:
        """A stated value in words: names that the vocabulary lists by their labels, others as written."""
        if isinstance(value, list | tuple):
            return ", ".join(self.value(attribute, one) for one in value) or "none"
        if isinstance(value, Mapping):
            return range_text(value)
        if isinstance(value, str) and value in self.listed.get(attribute, ()):
            return self.name(value)
        return value_text(value)

    def statement(self, attribute: str, value: object, details: Mapping[str, Any] | None = None) -> str:
        """What is stated in words: a sentence for a flag, else the attribute and its value."""
        text = self._flag(attribute, value) if isinstance(value, bool) else None
        text = text or f"{self.name(attribute)}: {self.value(attribute, value)}"
        drawn_from = "; ".join(self.statement(name, of) for name, of in (details or {}).items())
        return f"{text} (from its details: {drawn_from})" if drawn_from else text

    def _flag(self, attribute: str, value: bool) -> str | None:
        yes, no = (self.labels.get(f"{word}({attribute})") for word in ("yes", "no"))
        if attribute in self.qualifiers:
            yes = yes or self.labels.get(attribute)
        if value:
            return yes
        return no or (f"not: {yes}" if yes else None)

    def effort(self, cost: int, least: int, seldom: bool = False) -> str:
        """What something costs: in words beside the least of its like, or the number.

        Args:
            cost: the cost.
            least: the least cost of its like.
            seldom: whether what has to be shown is rarely true.
        """
        effort = f"cost {cost}" if self.verbose else f"{'least' if cost <= least else 'more'} effort"
        return f"{effort}, but rarely true" if seldom else effort

    def settings(self, chosen: Mapping[str, str]) -> str:
        """The interpretations that are worth telling: what differs from the default, or all."""
        known = self.defaults if self.defaults is not None else chosen
        shown = chosen if self.verbose else {a: b for a, b in chosen.items() if known.get(a, b) != b}
        return ", ".join(f"{name}={value}" for name, value in sorted(shown.items()))


PLAIN = View()
"""Names with blanks, for who has no vocabulary at hand."""
