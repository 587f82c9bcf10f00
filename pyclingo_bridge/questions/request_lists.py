"""A list on the request form, word by word: what counts of it, what never does, and what nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pyclingo_bridge.base.terms import Term, Value, constant
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.core.facts import Encoder, drug_terms
from pyclingo_bridge.core.structure import Structure


class NamedMember(NamedTuple):
    """One member that a word of a list stands for.

    Attributes:
        name: it, as a case file may write it.
        term: it, as the rules see it; those that no requirement tells apart are the same.
        known: whether the vocabulary knows it.
        counts: whether requirements look at it; of what is given with the product some members never do.
    """

    name: str
    term: Value
    known: bool
    counts: bool


class RequestLists:
    """The lists of one policy's request form."""

    def __init__(self, structure: Structure, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vocabulary = structure.vocabulary
        facts = structure.facts
        self._regimens = {str(term.args[0]) for term in facts["regimen_list"]}
        never = ("supportive", "treatment", "requested_drug")
        self._never = {term.args[0] for name in never for term in facts[name]}

    def parts(self, attribute: Attribute, word: str) -> list[NamedMember]:
        """What a word in a list of this attribute stands for."""
        if attribute.domain != "drugs":
            return [NamedMember(word, term, True, True) for term in self._encoder.terms(attribute, (word,))]
        read = drug_terms(self._vocabulary, word)
        unknown = {term for term in read if isinstance(term, str)}
        uncounted = self._never if attribute.name in self._regimens else frozenset()
        return [
            NamedMember(name, term, name not in unknown, constant(name) not in uncounted)
            for name, term in self._encoder.listed(attribute, word)
        ]

    def uncounted(self, attribute: Attribute, words: Sequence[str]) -> list[str]:
        """The words of which nothing counts."""
        return [word for word in words if not any(part.counts for part in self.parts(attribute, word))]

    def members(self, attribute: Attribute, words: Sequence[str]) -> set[Value]:
        """The known members that count, as the rules see them."""
        parts = (part for word in words for part in self.parts(attribute, word))
        return {part.term for part in parts if part.known and part.counts}

    def unclear(self, attribute: Attribute, words: Sequence[str]) -> bool:
        """Whether the list holds a name that nobody knows."""
        return any(not part.known for word in words for part in self.parts(attribute, word))


def value_input(name: str, member: Value) -> Term:
    """That the form's list of an attribute holds a member, as an input of the searches."""
    return Term("value", (constant("request"), constant(name), member))
