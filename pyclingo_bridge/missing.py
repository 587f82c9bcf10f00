"""What documentation would turn a denial into an approval: every minimal set, cheapest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from pyclingo_bridge.decision import Answer
from pyclingo_bridge.minimal import AT_ONCE, Build, MinimalSets, precedence, sections_met, supposed
from pyclingo_bridge.minimal import Answer as Atoms
from pyclingo_bridge.obtaining import MissingClaim, Obtaining, document_names
from pyclingo_bridge.solve import LiveProgram
from pyclingo_bridge.structure import Structure
from pyclingo_bridge.terms import Term, constant


class MissingSet(Answer):
    """A minimal set of claims; once documents establish them, the case is approved.

    Attributes:
        claims: the claims, sorted by their terms.
        sections: the sections that would be met.
        cost: the least that documents establishing all of them cost to obtain, in the
            vocabulary's own unit.
        documents: the document types that cost that; of several such sets one of the smallest.
    """

    claims: tuple[MissingClaim, ...]
    sections: tuple[str, ...]
    cost: int
    documents: tuple[str, ...]


class DocumentSet(Answer):
    """A minimal set of document types that could establish some missing set.

    Attributes:
        documents: the document types, sorted.
        cost: what they cost to obtain together, in the vocabulary's own unit.
    """

    documents: tuple[str, ...]
    cost: int


class MissingSearch:
    """The searches over one policy under its readings; their programs are grounded when first used."""

    def __init__(self, structure: Structure, build: Build) -> None:
        self._structure = structure
        self._build = build
        self.obtaining = Obtaining(structure)
        self._minimal = MinimalSets(build, "missing")

    @cached_property
    def _by_documents(self) -> LiveProgram:
        return self._build("documents", ["--heuristic=Domain"])

    def _size(self, answer: Atoms) -> tuple[int, ...]:
        claims = supposed(answer)
        attributes = frozenset(self._structure.claims[claim].attribute for claim in claims)
        return self.obtaining.cheapest(attributes)[0], len(claims)

    def sets(self, inputs: set[Term]) -> Iterator[MissingSet]:
        """The missing sets of a case whose claims have these states, in order."""
        yield from map(self._missing, self._minimal.sets(inputs, self._size))

    def suffices(self, inputs: set[Term]) -> bool:
        """Whether claims with these states meet a section, or could with more documents."""
        return self._minimal.possible(inputs)

    def _missing(self, answer: Atoms) -> MissingSet:
        sections = sections_met(answer)
        claims = [self.obtaining.claim(term, sections) for term in supposed(answer)]
        cost, documents = self.obtaining.cheapest(frozenset(claim.attribute for claim in claims))
        return MissingSet(
            claims=tuple(sorted(claims, key=lambda claim: claim.term)),
            sections=self.obtaining.sections(sections),
            cost=cost,
            documents=documents,
        )

    def document_sets(self, inputs: set[Term]) -> Iterator[DocumentSet]:
        """The minimal sets of document types, by cost, then size, then name."""
        watched = self._by_documents.watch(("obtain", 1))
        choices = self._by_documents.answers(inputs, watched, minimal=True, most=AT_ONCE + 1)
        if len(choices) > AT_ONCE:
            yield from self._documents_in_order(inputs)
            return
        found = [self._document_set(choice) for choice in choices]
        yield from sorted(
            found, key=lambda entry: (entry.cost, len(entry.documents), entry.documents)
        )

    def _documents_in_order(self, inputs: set[Term]) -> Iterator[DocumentSet]:
        """The sets one by one; every document costs something, so the best of the rest is minimal."""
        types = sorted(self._structure.vocabulary.document_types)
        program = self._build("ordered_documents", facts=precedence(map(constant, types)))
        watched = program.watch(("obtain", 1))
        while (answer := program.best(inputs)) is not None:
            yield self._document_set(answer)
            program.require([-watched[term] for term in answer])

    def _document_set(self, obtained: Iterable[Term]) -> DocumentSet:
        documents = document_names(obtained)
        return DocumentSet(documents=documents, cost=self.obtaining.cost(documents))
