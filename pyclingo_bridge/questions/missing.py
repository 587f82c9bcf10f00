"""What documentation would change a denial into an approval: every minimal set, cheapest first.

Where `pyclingo_bridge.fast` is there, decision diagrams count the sets, draw some and look one up without a
list. Where it is not, or sets are too tangled for a diagram, the solver lists them. Both have one order.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property, partial
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

from pyclingo_bridge.base.errors import TooLargeError
from pyclingo_bridge.base.solver import Build, Program
from pyclingo_bridge.base.terms import Term, Value, constant
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import Answer, Requirement
from pyclingo_bridge.core.engines import fast
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.questions.minimal_sets import (
    AT_ONCE,
    MinimalSets,
    precedence,
    sections_met,
    supposed,
)
from pyclingo_bridge.questions.minimal_sets import Answer as Atoms
from pyclingo_bridge.questions.obtaining import MissingRequirement, Obtaining, document_names

MOST_COUNTED = 10_000
"""The solver counts sets by listing them; more than about so many it does not count."""

_REMEMBERED = 20_000
_STAYS = "missing sets stay in their process: send the case, and ask for them there"

Found = TypeVar("Found")
Element = TypeVar("Element")


class MissingSet(Answer):
    """A minimal set of requirements; once documents show them, the case is approved.

    Attributes:
        requirements: the requirements, sorted by their terms.
        sections: the sections that would be met.
        cost: the least that documents which show all of them cost to obtain, in the
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
    """A minimal set of document types that could show some missing set.

    Attributes:
        documents: the document types, sorted.
        cost: what they cost to obtain together, in the vocabulary's own unit.
    """

    documents: tuple[str, ...]
    cost: int


class CountedSets(Protocol):
    """All sets of a case, each a number of its own: what `pyclingo_bridge.fast.diagrams` has without a list."""

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    @property
    def common(self) -> Collection[str]:
        """The names of what every set has; of no sets, none."""
        ...

    @property
    def used(self) -> Collection[str]:
        """The names of what some set has."""
        ...

    def in_order(self) -> Iterable[int]:
        """All sets lazily, by cost, then size, then text.

        Errors: TooLargeError, maybe after some of them.
        """
        ...

    def sample(self, size: int, seed: int | None) -> list[int]:
        """So many different sets, every choice of them as likely; all, if fewer."""
        ...

    def contains(self, names: Collection[str]) -> bool:
        """Whether just these elements are one of the sets."""
        ...


class _Listed:
    """Sets of names that were listed; their numbers are their places."""

    def __init__(self, sets: Iterable[Collection[str]]) -> None:
        self._sets = list(map(frozenset, sets))
        self._known = set(self._sets)
        self.count = len(self._sets)
        self.used = frozenset[str]().union(*self._sets)
        self.common = self.used.intersection(*self._sets)

    def in_order(self) -> Iterable[int]:
        return range(self.count)

    def sample(self, size: int, seed: int | None) -> list[int]:
        return random.Random(seed).sample(range(self.count), max(0, min(size, self.count)))

    def contains(self, names: Collection[str]) -> bool:
        return frozenset(names) in self._known


class _Sets(ABC, Generic[Found, Element]):
    """Sets of one case, none of them looked for before it is asked for. Any number of threads may ask.

    What is said of all sets together raises TooLargeError where they are too tangled for that, or the solver
    alone is asked and they are too many; then they can still be listed one by one.
    """

    def __init__(self, search: MissingSearch, assessment: Assessment) -> None:
        """Use `Policy.missing`."""
        self._search = search
        self._assessment = assessment

    def __iter__(self) -> Iterator[Found]:
        """All of them lazily, in order, each time from the first."""
        if not self._assessment.verdict.curable:
            return
        given = 0
        if self._search.diagrams or "_whole" in vars(self):
            try:
                sets, read = self._whole
                for number in sets.in_order():
                    yield read(number)
                    given += 1
                return
            except TooLargeError:
                # The solver goes on from there: both have one order.
                pass
        yield from islice(self._by_solver(), given, None)

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    def count(self) -> int:
        """How many there are: exactly, however many."""
        return self._whole[0].count

    def cheapest(self, most: int) -> list[Found]:
        """The first so many of them, in order."""
        return list(islice(self, most))

    def sample(self, size: int, seed: int | None = None) -> list[Found]:
        """So many different ones drawn at random, all of them as likely; all, if there are fewer.

        Args:
            size: how many.
            seed: the same number draws the same sets.
        """
        sets, read = self._whole
        return [read(number) for number in sets.sample(size, seed)]

    def contains(self, elements: Iterable[Element | str]) -> bool:
        """Whether just these elements, or those of these names, are one of the sets."""
        return self._whole[0].contains(self._names(elements))

    def __contains__(self, found: object) -> bool:
        return isinstance(found, Iterable) and self.contains(found)

    @property
    def in_every(self) -> tuple[Element, ...]:
        """What every set has, by its text; of no sets, nothing."""
        return self._named(self._whole[0].common)

    @property
    def in_none(self) -> tuple[Element, ...]:
        """What could be asked for, and no set has, by its text."""
        return self._named(self._askable() - frozenset(self._whole[0].used))

    @cached_property
    def _whole(self) -> tuple[CountedSets, Callable[[int], Found]]:
        """All sets, and what reads one."""
        if self._search.diagrams and self._assessment.verdict.curable:
            return self._diagram()
        listed = self._by_solver_at_once() if self._assessment.verdict.curable else []
        if listed is None:
            raise TooLargeError
        return _Listed(map(self._names, listed)), listed.__getitem__

    @abstractmethod
    def _diagram(self) -> tuple[CountedSets, Callable[[int], Found]]:
        """All sets as a diagram, and what reads one. Errors: TooLargeError."""

    @abstractmethod
    def _by_solver(self) -> Iterator[Found]:
        """The sets in order, one by one."""

    @abstractmethod
    def _by_solver_at_once(self) -> list[Found] | None:
        """All sets in order; None where there are too many."""

    @abstractmethod
    def _names(self, elements: Found | Iterable[Element | str]) -> set[str]:
        """The names of elements, or of those of a set."""

    @abstractmethod
    def _named(self, names: Collection[str]) -> tuple[Element, ...]:
        """The elements of these names, by their text."""

    @abstractmethod
    def _askable(self) -> frozenset[str]:
        """The names of what could be asked for."""

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(_STAYS)

    def __deepcopy__(self, memo: dict[int, Any]) -> _Sets[Found, Element]:
        # Nothing changes it.
        return self

    def __copy__(self) -> _Sets[Found, Element]:
        return self


class MissingSets(_Sets[MissingSet, Requirement]):
    """The missing sets of one case: lazily by cost, then size, then text, and counted without a list.

    There are none for an approval or a referral, nor for a denial that no document can reverse. Elements are
    requirements, and their names the requirements' terms. What is said of all sets together raises
    TooLargeError where they are too tangled for that; then they can still be listed one by one.

    Example:
        >>> from pyclingo_bridge import Case, Policy
        >>> policy = Policy.load("cp_phar_549")
        >>> case = Case.load("examples/cases/deny/molecular_report_missing.json")
        >>> missing = policy.missing(case)
        >>> for found in missing:
        ...     print(found.cost, [requirement.text for requirement in found.requirements])
        10 ['KRAS G12C mutation found']
        >>> (cheapest,) = missing.cheapest(1)
        >>> missing.count(), cheapest.requirements in missing
        (1, True)
        >>> [found.documents for found in missing.documents.cheapest(2)]
        [('molecular_report',)]
    """

    @cached_property
    def documents(self) -> DocumentSets:
        """The minimal sets of document types that could show some missing set, cheapest first."""
        return DocumentSets(self._search, self._assessment)

    def _diagram(self) -> tuple[CountedSets, Callable[[int], MissingSet]]:
        sets = self._search.diagram(self._assessment)
        return sets, partial(self._search.read, sets)

    def _by_solver(self) -> Iterator[MissingSet]:
        return self._search.sets(self._assessment.requirement_inputs)

    def _by_solver_at_once(self) -> list[MissingSet] | None:
        return self._search.sets_at_once(self._assessment.requirement_inputs, MOST_COUNTED)

    def _names(self, elements: MissingSet | Iterable[Requirement | str]) -> set[str]:
        requirements = elements.requirements if isinstance(elements, MissingSet) else elements
        return {one.term if isinstance(one, Requirement) else one for one in requirements}

    def _named(self, names: Collection[str]) -> tuple[Requirement, ...]:
        return tuple(self._search.requirements[name] for name in sorted(names))

    def _askable(self) -> frozenset[str]:
        return self._search.askable(self._assessment)


class DocumentSets(_Sets[DocumentSet, str]):
    """The minimal sets of document types of one case: lazily by cost, then size, then name.

    `MissingSets` says when it raises TooLargeError.
    """

    def _diagram(self) -> tuple[CountedSets, Callable[[int], DocumentSet]]:
        sets = self._search.diagram(self._assessment).documents()
        return sets, lambda number: self._search.document_set(sets.names(number))

    def _by_solver(self) -> Iterator[DocumentSet]:
        return self._search.document_sets(self._assessment.requirement_inputs)

    def _by_solver_at_once(self) -> list[DocumentSet] | None:
        return self._search.document_sets_at_once(self._assessment.requirement_inputs, MOST_COUNTED)

    def _names(self, elements: DocumentSet | Iterable[str]) -> set[str]:
        return set(elements.documents if isinstance(elements, DocumentSet) else elements)

    def _named(self, names: Collection[str]) -> tuple[str, ...]:
        return tuple(sorted(names))

    def _askable(self) -> frozenset[str]:
        return self._search.document_types


class MissingSearch:
    """The searches over one policy under its interpretations; their programs are grounded when first used."""

    def __init__(self, structure: Structure, build: Build, by_diagrams: bool = False) -> None:
        """Take a policy and what grounds programs with its rules.

        Args:
            by_diagrams: whether to use decision diagrams where they are there. They give the same answers,
                sooner; without them the solver is asked, and nothing else.
        """
        self._structure = structure
        self._build = build
        self._by_diagrams = by_diagrams
        self.obtaining = Obtaining(structure)
        self._minimal = MinimalSets(build, "missing")
        self._read: dict[tuple[int, tuple[Value, ...]], MissingSet] = {}

    @classmethod
    def of(cls, policy: LoadedPolicy) -> MissingSearch:
        """The search over a policy; use `policy.once`."""
        return cls(policy.structure, policy.program, policy.judged_by == "compiled")

    def missing(self, assessment: Assessment) -> MissingSets:
        """The missing sets of a case."""
        return MissingSets(self, assessment)

    def suffices(self, inputs: set[Term]) -> bool:
        """Whether requirements with these statuses meet a section, or could with more documents."""
        return self._minimal.possible(inputs)

    # By diagrams

    @cached_property
    def diagrams(self) -> Any:
        """What has missing sets without a list, a `PolicyDiagrams`; None where the solver is to answer."""
        engine = fast() if self._by_diagrams else None
        return engine and engine.missing_diagrams(self._structure, self._build, self.obtaining.shown_by)

    def diagram(self, assessment: Assessment) -> Any:
        """The missing sets of a denial that documents can reverse, as `RequirementSets`, none of them listed.

        Errors: TooLargeError where they are too tangled for a diagram, or the policy is.
        """
        # What a set costs must depend on its attributes alone, whichever requirements it has of them.
        if not self.obtaining.by_attribute:
            raise TooLargeError
        states = [assessment.requirement_inputs]
        return self.diagrams.sets(states, assessment.verdict.routed)

    def read(self, sets: Any, number: int) -> MissingSet:
        """The set of a number."""
        sections = sets.sections(number)
        key = (number, sections)
        found = self._read.get(key)
        if found is None:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            terms, cost, documents = sets.describe(number)
            found = self._read[key] = self._missing_set(terms, sections, cost, documents)
        return found

    # By the solver

    def sets(self, inputs: set[Term]) -> Iterator[MissingSet]:
        """The missing sets of a case whose requirements have these statuses, in order."""
        return map(self._missing, self._minimal.sets(inputs, self._size))

    def sets_at_once(self, inputs: set[Term], most: int) -> list[MissingSet] | None:
        """The same as a list; None where there are more than about so many."""
        listed = self._minimal.listed(inputs, self._size, most)
        return None if listed is None else list(map(self._missing, listed))

    def _size(self, answer: Atoms) -> tuple[int, ...]:
        requirements = supposed(answer)
        unshown = len(self.obtaining.unshown(requirements))
        return unshown, self.obtaining.cheapest(requirements)[0], len(requirements)

    def _missing(self, answer: Atoms) -> MissingSet:
        terms = supposed(answer)
        cost, documents = self.obtaining.cheapest(terms)
        return self._missing_set(terms, sections_met(answer), cost, documents, self.obtaining.unshown(terms))

    def _missing_set(
        self,
        terms: Iterable[Value],
        sections: Collection[Value],
        cost: int,
        documents: tuple[str, ...],
        unshown: tuple[str, ...] = (),
    ) -> MissingSet:
        return MissingSet(
            requirements=tuple([self.obtaining.requirement(term, sections) for term in terms]),
            sections=self.obtaining.sections(sections),
            cost=cost,
            documents=documents,
            unshown=unshown,
        )

    def document_sets(self, inputs: set[Term]) -> Iterator[DocumentSet]:
        """The minimal sets of document types, by cost, then size, then name."""
        whole = self.document_sets_at_once(inputs, AT_ONCE)
        yield from self._documents_in_order(inputs) if whole is None else whole

    def document_sets_at_once(self, inputs: set[Term], most: int) -> list[DocumentSet] | None:
        """The same as a list; None where there are more than so many."""
        program = self._by_documents
        choices = program.answers(inputs, program.watch(("obtain", 1)), minimal=True, most=most + 1)
        if len(choices) > most:
            return None
        sets = [self.document_set(document_names(choice)) for choice in choices]
        return sorted(sets, key=lambda entry: (entry.cost, len(entry.documents), entry.documents))

    @cached_property
    def _by_documents(self) -> Program:
        return self._build("documents", ["--heuristic=Domain"])

    def _documents_in_order(self, inputs: set[Term]) -> Iterator[DocumentSet]:
        """The sets one by one; every document costs something, so the best of the rest is minimal."""
        types = sorted(self.document_types)
        program = self._build("ordered_documents", facts=precedence(map(constant, types)))
        watched = program.watch(("obtain", 1))
        while (answer := program.best(inputs)) is not None:
            yield self.document_set(document_names(answer))
            program.require([-watched[term] for term in answer])

    def document_set(self, documents: tuple[str, ...]) -> DocumentSet:
        """A set of document types with what it costs."""
        return DocumentSet(documents=documents, cost=self.obtaining.cost(documents))

    # What sets consist of

    @property
    def document_types(self) -> frozenset[str]:
        """The document types of the vocabulary."""
        return frozenset(self._structure.vocabulary.document_types)

    @cached_property
    def requirements(self) -> dict[str, Requirement]:
        """The policy's requirements by their terms."""
        return {requirement.term: requirement for requirement in self._structure.requirements.values()}

    def askable(self, assessment: Assessment) -> frozenset[str]:
        """The terms of the requirements that documents could show, if they can reverse the denial."""
        if not assessment.verdict.curable:
            return frozenset()
        asked = frozenset[Value]().union(*(self._structure.beneath[one] for one in assessment.verdict.routed))
        return frozenset(
            str(term)
            for term, status in assessment.statuses.items()
            if status == "undocumented" and term in asked and term in self._structure.requirements
        )
