"""What documentation would turn a denial into an approval: every minimal set, cheapest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Protocol

from pyclingo_bridge.decision import Answer, Claim
from pyclingo_bridge.solve import LiveProgram
from pyclingo_bridge.sources import engine_program
from pyclingo_bridge.structure import Structure, natural_key
from pyclingo_bridge.terms import Term, Value, constant, original, plain

AT_ONCE = 1_000
"""Families up to this size are listed whole and sorted; larger ones are asked for one by one."""

_RANKS_A_PRIORITY = 24


class Build(Protocol):
    """Grounds the program of an entry file with the policy's rules."""

    def __call__(
        self, entry: str, options: Sequence[str] = (), facts: Iterable[Term] = ()
    ) -> LiveProgram:
        """Ground `asp/bridge/<entry>.lp` with these solver options and further facts."""
        ...


class MissingClaim(Claim):
    """A claim that documents would have to establish.

    Attributes:
        criteria: the ids of the criteria that it serves, in the section that would be met.
        document_types: the types of document that could show it, cheapest first.
    """

    criteria: tuple[str, ...]
    document_types: tuple[str, ...]


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
        self._covers: dict[frozenset[str], tuple[int, tuple[str, ...]]] = {}

    @cached_property
    def _all(self) -> LiveProgram:
        return self._build("missing", ["--heuristic=Domain"])

    @cached_property
    def _by_documents(self) -> LiveProgram:
        return self._build("documents", ["--heuristic=Domain"])

    @cached_property
    def _cover(self) -> LiveProgram:
        files = engine_program("cover")
        facts = self._structure.facts
        types = sorted(self._structure.vocabulary.document_types)
        order = _precedence(map(constant, types))
        return LiveProgram(files, [*facts["document_type"], *facts["establishes"], *order])

    def sets(self, inputs: set[Term]) -> Iterator[MissingSet]:
        """The missing sets of a case whose claims have these states, in order."""
        gained = self._all.watch(("gained", 1))
        closures = self._all.answers(inputs, gained, minimal=True, most=AT_ONCE + 1)
        if len(closures) > AT_ONCE:
            yield from self._in_order(inputs)
            return
        found = [
            self._missing(answer)
            for closure in closures
            for answer in self._with_closure(inputs, closure, gained)
        ]
        yield from sorted(found, key=_order)

    def _with_closure(
        self, inputs: set[Term], closure: frozenset[Term], gained: dict[Term, int]
    ) -> list[frozenset[Term]]:
        """The irredundant sets that entail just these claims: rarely more than one."""
        exactly = [literal if term in closure else -literal for term, literal in gained.items()]
        watched = self._all.watch(("suppose", 1), ("enough", 1))
        return self._all.answers(inputs, watched, assumptions=exactly)

    def _in_order(self, inputs: set[Term]) -> Iterator[MissingSet]:
        """The sets one by one, each found as the best of what is left, in a program of its own.

        The best answer may still hold a smaller one that costs as much: a check finds it, and bars
        all that hold more than that. Memory grows with the sets asked for, not with the family.
        """
        program = self._build("ordered", facts=_precedence(sorted(self._structure.claims, key=str)))
        gained = program.watch(("gained", 1))
        supposed = program.watch(("suppose", 1))
        mine = self._all.watch(("gained", 1))
        while (answer := program.best(inputs)) is not None:
            closure = frozenset(term for term in answer if term.name == "gained")
            outside = [-literal for term, literal in mine.items() if term not in closure]
            (least,) = self._all.answers(inputs, mine, minimal=True, most=1, assumptions=outside)
            inside = [-gained[term] for term in least]
            program.require(
                *([*inside, -literal] for term, literal in gained.items() if term not in least)
            )
            if least == closure:
                yield self._missing(answer)
                program.require(
                    [-literal if term in answer else literal for term, literal in supposed.items()]
                )

    def _missing(self, answer: Iterable[Term]) -> MissingSet:
        terms = list(answer)
        sections = [term.args[0] for term in terms if term.name == "enough"]
        claims = [self._claim(term.args[0], sections) for term in terms if term.name == "suppose"]
        cost, documents = self._cheapest(frozenset(claim.attribute for claim in claims))
        return MissingSet(
            claims=tuple(sorted(claims, key=lambda claim: claim.term)),
            sections=tuple(
                dict.fromkeys(
                    str(plain(original(name)))
                    for name in self._structure.sections
                    if name in sections
                )
            ),
            cost=cost,
            documents=documents,
        )

    def _claim(self, term: Value, sections: list[Value]) -> MissingClaim:
        claim = self._structure.claims[term]
        return MissingClaim(
            **claim.model_dump(),
            criteria=self._served(term, sections),
            document_types=self._structure.document_types_for.get(claim.attribute, ()),
        )

    def _served(self, claim: Value, sections: list[Value]) -> tuple[str, ...]:
        served = {name for section in sections for name in self._structure.served(claim, section)}
        return tuple(sorted(served, key=natural_key))

    def _cheapest(self, attributes: frozenset[str]) -> tuple[int, tuple[str, ...]]:
        """The cost of the cheapest documents that speak of these attributes, and which they are."""
        if attributes not in self._covers:
            needed = {Term("needed", (constant(name),)) for name in attributes}
            documents = _types(self._cover.best(needed) or ())
            self._covers[attributes] = (self._cost(documents), documents)
        return self._covers[attributes]

    def _cost(self, documents: Iterable[str]) -> int:
        return sum(self._structure.vocabulary.document_types[name] for name in documents)

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
        program = self._build("ordered_documents", facts=_precedence(map(constant, types)))
        watched = program.watch(("obtain", 1))
        while (answer := program.best(inputs)) is not None:
            yield self._document_set(answer)
            program.require([-watched[term] for term in answer])

    def _document_set(self, obtained: Iterable[Term]) -> DocumentSet:
        documents = _types(obtained)
        return DocumentSet(documents=documents, cost=self._cost(documents))


def _types(obtained: Iterable[Term]) -> tuple[str, ...]:
    return tuple(sorted(str(plain(term.args[0])) for term in obtained))


def _precedence(ordered: Iterable[Value]) -> list[Term]:
    """The order of claims or document types, as weights: an earlier one outweighs all later ones."""
    size = _RANKS_A_PRIORITY
    return [
        Term("precedence", (item, -1 - place // size, 2 ** (size - place % size)))
        for place, item in enumerate(ordered)
    ]


def _order(missing: MissingSet) -> tuple[int, int, list[str]]:
    return (missing.cost, len(missing.claims), [claim.term for claim in missing.claims])
