"""Which documents to obtain for some claims, what they cost, and which criteria the claims serve."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from pyclingo_bridge.decision import Claim
from pyclingo_bridge.minimal import precedence
from pyclingo_bridge.solve import LiveProgram
from pyclingo_bridge.sources import engine_program
from pyclingo_bridge.structure import Structure, natural_key
from pyclingo_bridge.terms import Term, Value, constant, original, plain


class MissingClaim(Claim):
    """A claim that documents would have to establish.

    Attributes:
        criteria: the ids of the criteria that it serves, in the section that would be met.
        document_types: the types of document that could show it, cheapest first.
    """

    criteria: tuple[str, ...]
    document_types: tuple[str, ...]


class Obtaining:
    """What it takes to have claims documented, by one policy's vocabulary."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._covers: dict[frozenset[str], tuple[int, tuple[str, ...]]] = {}

    @cached_property
    def _cover(self) -> LiveProgram:
        files = engine_program("cover")
        facts = self._structure.facts
        types = sorted(self._structure.vocabulary.document_types)
        order = precedence(map(constant, types))
        return LiveProgram(files, [*facts["document_type"], *facts["establishes"], *order])

    def claim(self, term: Value, sections: Iterable[Value]) -> MissingClaim:
        """A claim to be shown, for these sections."""
        claim = self._structure.claims[term]
        return MissingClaim(
            **claim.model_dump(),
            criteria=self.served(term, sections),
            document_types=self._structure.vocabulary.shown_by.get(claim.attribute, ()),
        )

    def served(self, claim: Value, sections: Iterable[Value]) -> tuple[str, ...]:
        """The ids of the criteria that a claim serves in these sections."""
        served = {name for section in sections for name in self._structure.served(claim, section)}
        return tuple(sorted(served, key=natural_key))

    def sections(self, names: Iterable[Value]) -> tuple[str, ...]:
        """The ids of these sections, in the policy's order."""
        wanted = set(names)
        ordered = [name for name in self._structure.sections if name in wanted]
        return tuple(dict.fromkeys(str(plain(original(name))) for name in ordered))

    def cheapest(self, attributes: frozenset[str]) -> tuple[int, tuple[str, ...]]:
        """The cost of the cheapest documents that speak of these attributes, and which they are."""
        if attributes not in self._covers:
            needed = {Term("needed", (constant(name),)) for name in attributes}
            documents = document_names(self._cover.best(needed) or ())
            self._covers[attributes] = (self.cost(documents), documents)
        return self._covers[attributes]

    def cost(self, documents: Iterable[str]) -> int:
        """What documents of these types cost to obtain."""
        return sum(self._structure.vocabulary.document_types[name] for name in documents)


def document_names(obtained: Iterable[Term]) -> tuple[str, ...]:
    """The document types of `obtain` atoms, sorted."""
    return tuple(sorted(str(plain(term.args[0])) for term in obtained))
