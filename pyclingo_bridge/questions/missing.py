"""What documentation would turn a denial into an approval: every minimal set, cheapest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from pyclingo_bridge.base.errors import TooLargeError
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import Answer
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.minimal import (
    AT_ONCE,
    Build,
    MinimalSets,
    precedence,
    sections_met,
    supposed,
)
from pyclingo_bridge.core.minimal import Answer as Atoms
from pyclingo_bridge.core.solver import Program
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.core.terms import Term, constant
from pyclingo_bridge.questions.obtaining import MissingRequirement, Obtaining, document_names

if TYPE_CHECKING:
    from pyclingo_bridge.fast.diagrams.build import Families
    from pyclingo_bridge.fast.diagrams.family import Family

Found = TypeVar("Found")


class MissingSet(Answer):
    """A minimal set of requirements; once documents establish them, the case is approved.

    Attributes:
        requirements: the requirements, sorted by their terms.
        sections: the sections that would be met.
        cost: the least that documents establishing all of them cost to obtain, in the
            vocabulary's own unit.
        documents: the document types that cost that; of several such sets one of the smallest.
        unshown: the terms of the requirements that no document type is known to show together with the
            others; what these cost nobody knows, and `cost` leaves them out.
    """

    requirements: tuple[MissingRequirement, ...]
    sections: tuple[str, ...]
    cost: int
    documents: tuple[str, ...]
    unshown: tuple[str, ...] = ()


class DocumentSet(Answer):
    """A minimal set of document types that could establish some missing set.

    Attributes:
        documents: the document types, sorted.
        cost: what they cost to obtain together, in the vocabulary's own unit.
    """

    documents: tuple[str, ...]
    cost: int


class MissingSearch:
    """The searches over one policy under its interpretations; their programs are grounded when first used."""

    def __init__(self, structure: Structure, build: Build, by_families: bool = False) -> None:
        """Take a policy and what grounds programs with its rules.

        Args:
            by_families: whether `sets_of` and `documents_of` may go by decision diagrams. They tell
                the same, sooner; without them the solver is asked, and nothing else.
        """
        self._structure = structure
        self._build = build
        self._by_families = by_families
        self.obtaining = Obtaining(structure)
        self._minimal = MinimalSets(build, "missing")

    @classmethod
    def of(cls, policy: LoadedPolicy) -> MissingSearch:
        """The search over a policy; use `policy.once`."""
        return cls(policy.structure, policy.program, policy.judged_by == "compiled")

    @cached_property
    def families(self) -> Families:
        """What makes the families of missing sets."""
        from pyclingo_bridge.fast.diagrams.build import Families

        return Families(self._structure, self._build, self.obtaining)

    def family(self, assessment: Assessment) -> Family:
        """The missing sets of a case, none of them listed yet.

        Errors: TooLargeError where they are too tangled for a diagram.
        """
        if not assessment.verdict.curable:
            return self.families.nothing()
        states = (weighed.requirement_inputs for weighed in assessment.weighed.values())
        return self.families.family(states, assessment.verdict.routed)

    def sets_of(self, assessment: Assessment) -> Iterator[MissingSet]:
        """The missing sets of a case, in order, whichever way they are found."""
        if not assessment.verdict.curable:
            return iter(())
        if not self._by_families:
            return self.sets(assessment.requirement_inputs)
        return _sooner(lambda: self.family(assessment).sets(), lambda: self.sets(assessment.requirement_inputs))

    def documents_of(self, assessment: Assessment) -> Iterator[DocumentSet]:
        """The minimal sets of document types of a case, in order, whichever way they are found."""
        if not assessment.verdict.curable:
            return iter(())
        if not self._by_families:
            return self.document_sets(assessment.requirement_inputs)
        return _sooner(
            lambda: self.family(assessment).documents.sets(),
            lambda: self.document_sets(assessment.requirement_inputs),
        )

    @cached_property
    def _by_documents(self) -> Program:
        return self._build("documents", ["--heuristic=Domain"])

    def _size(self, answer: Atoms) -> tuple[int, ...]:
        requirements = supposed(answer)
        unshown = len(self.obtaining.unshown(requirements))
        return unshown, self.obtaining.cheapest(requirements)[0], len(requirements)

    def sets(self, inputs: set[Term]) -> Iterator[MissingSet]:
        """The missing sets of a case whose requirements have these states, in order, by the solver."""
        yield from map(self._missing, self._minimal.sets(inputs, self._size))

    def suffices(self, inputs: set[Term]) -> bool:
        """Whether requirements with these states meet a section, or could with more documents."""
        return self._minimal.possible(inputs)

    def _missing(self, answer: Atoms) -> MissingSet:
        sections = sections_met(answer)
        terms = supposed(answer)
        requirements = [self.obtaining.requirement(term, sections) for term in terms]
        cost, documents = self.obtaining.cheapest(terms)
        return MissingSet(
            requirements=tuple(sorted(requirements, key=lambda requirement: requirement.term)),
            sections=self.obtaining.sections(sections),
            cost=cost,
            documents=documents,
            unshown=self.obtaining.unshown(terms),
        )

    def document_sets(self, inputs: set[Term]) -> Iterator[DocumentSet]:
        """The minimal sets of document types, by cost, then size, then name, by the solver."""
        watched = self._by_documents.watch(("obtain", 1))
        choices = self._by_documents.answers(inputs, watched, minimal=True, most=AT_ONCE + 1)
        if len(choices) > AT_ONCE:
            yield from self._documents_in_order(inputs)
            return
        found = [self._document_set(choice) for choice in choices]
        yield from sorted(found, key=lambda entry: (entry.cost, len(entry.documents), entry.documents))

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


def _sooner(
    by_family: Callable[[], Iterator[Found]], by_solver: Callable[[], Iterator[Found]]
) -> Iterator[Found]:
    """What a family tells, and where it has to give up, the rest by the solver: both have one order."""
    told = 0
    try:
        for found in by_family():
            yield found
            told += 1
    except TooLargeError:
        yield from islice(by_solver(), told, None)
