"""What documentation would change a denial into an approval: every minimal set, by rank.

Where `pyclingo_bridge.fast` is there, decision diagrams count the sets, draw some and look one up without a
list. Where it is not, or sets are too tangled for a diagram, or it matters what unknown names mean, the solver
lists them. Both have one order.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property, partial
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

from pyclingo_bridge.base.errors import TooLargeError
from pyclingo_bridge.base.solver import Build, Program
from pyclingo_bridge.base.terms import Term, Value
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import Answer, Requirement
from pyclingo_bridge.core.engines import fast
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.questions.minimal_sets import (
    AT_ONCE,
    MinimalSets,
    sections_met,
    supposed,
)
from pyclingo_bridge.questions.minimal_sets import Answer as Atoms
from pyclingo_bridge.questions.obtaining import Cover, MissingRequirement, Obtaining, document_names
from pyclingo_bridge.questions.unknown_names import Clarification, NamesOnFile, names_on_file

MOST_COUNTED = 10_000
"""The solver counts sets by listing them; more than about so many it does not count."""

_REMEMBERED = 20_000
_STAYS = "missing sets stay in their process: send the case, and ask for them there"

Found = TypeVar("Found")
Element = TypeVar("Element")


class MissingSet(Answer):
    """A minimal set of requirements; once they are established, the case is approved.

    Attributes:
        requirements: the requirements, sorted by their terms.
        sections: the sections that would be met.
        cost: what the documents of the cheapest means for all of them cost to obtain, in the vocabulary's
            own unit.
        documents: the document types of these means; of several that cost as much one of the smallest.
        unshown: the terms of the requirements that nothing is known to establish together with the
            others; what these cost is unknown, and `cost` leaves them out.
        clarifications: the unknown names to find out about, by these means.
        rank: what comes first in the order: the cost, that of the clarifications, and what is added for
            requirements that are rarely true.
    """

    requirements: tuple[MissingRequirement, ...]
    sections: tuple[str, ...]
    cost: int
    documents: tuple[str, ...]
    unshown: tuple[str, ...] = ()
    clarifications: tuple[Clarification, ...] = ()
    rank: int

    @property
    def seldom(self) -> bool:
        """Whether something in it is rarely true, so that it comes later than its cost says."""
        return self.rank > self.cost + sum(one.cost for one in self.clarifications)


class DocumentSet(Answer):
    """A minimal set of document types that could show some missing set.

    Attributes:
        documents: the document types, sorted.
        clarifications: the unknown names to find out about besides.
        cost: what the documents cost to obtain together, in the vocabulary's own unit.
        rank: the cost, that of the clarifications, and what is added where the documents can only show what
            is rarely true.
    """

    documents: tuple[str, ...]
    clarifications: tuple[Clarification, ...] = ()
    cost: int
    rank: int

    @property
    def seldom(self) -> bool:
        """Whether these documents can show only what is rarely true."""
        return self.rank > self.cost + sum(one.cost for one in self.clarifications)


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
        """All sets lazily, by rank, then size, then text.

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

    @cached_property
    def _names(self) -> NamesOnFile | None:
        """The unknown names that matter."""
        return self._search.names(self._assessment)

    def __iter__(self) -> Iterator[Found]:
        """All of them lazily, in order, each time from the first."""
        if not self._assessment.verdict.curable:
            return
        given = 0
        # What a set costs beside unknown names the diagrams do not know.
        if self._names is None and (self._search.diagrams or "_whole" in vars(self)):
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
        return self._whole[0].contains(self._named_by(elements))

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
        if self._search.diagrams and self._assessment.verdict.curable and self._in_diagrams:
            return self._diagram()
        listed = self._by_solver_at_once() if self._assessment.verdict.curable else []
        if listed is None:
            raise TooLargeError
        return _Listed(map(self._named_by, listed)), listed.__getitem__

    @property
    def _in_diagrams(self) -> bool:
        """Whether diagrams have these sets, if not their order."""
        return True

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
    def _named_by(self, elements: Found | Iterable[Element | str]) -> set[str]:
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
    """The missing sets of one case: lazily by rank, then size, then text, and counted without a list.

    There are none for an approval or a referral, nor for a denial that no document can reverse. Elements are
    requirements, and their names the requirements' terms. Of sets that entail each other the first in the
    order stands for all. What is said of all sets together raises
    TooLargeError where they are too tangled for that; then they can still be listed one by one.

    Examples:
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
        return sets, partial(self._search.read, sets, names=self._names)

    def _by_solver(self) -> Iterator[MissingSet]:
        return self._search.sets(self._assessment.requirement_inputs, self._names)

    def _by_solver_at_once(self) -> list[MissingSet] | None:
        return self._search.sets_at_once(self._assessment.requirement_inputs, MOST_COUNTED, self._names)

    def _named_by(self, elements: MissingSet | Iterable[Requirement | str]) -> set[str]:
        requirements = elements.requirements if isinstance(elements, MissingSet) else elements
        return {one.term if isinstance(one, Requirement) else one for one in requirements}

    def _named(self, names: Collection[str]) -> tuple[Requirement, ...]:
        return tuple(self._search.requirements[name] for name in sorted(names))

    def _askable(self) -> frozenset[str]:
        return self._search.askable(self._assessment)


class DocumentSets(_Sets[DocumentSet, str]):
    """The minimal sets of document types of one case: lazily by rank, then size, then name.

    `MissingSets` says when it raises TooLargeError.
    """

    def _diagram(self) -> tuple[CountedSets, Callable[[int], DocumentSet]]:
        sets = self._search.diagram(self._assessment).documents()
        return sets, lambda number: self._search.document_set(sets.names(number), sets.unlikely(number))

    @property
    def _in_diagrams(self) -> bool:
        return self._names is None

    def _by_solver(self) -> Iterator[DocumentSet]:
        return self._search.document_sets(self._assessment.requirement_inputs, self._names)

    def _by_solver_at_once(self) -> list[DocumentSet] | None:
        return self._search.document_sets_at_once(
            self._assessment.requirement_inputs, MOST_COUNTED, self._names
        )

    def _named_by(self, elements: DocumentSet | Iterable[str]) -> set[str]:
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
        self._minimal = MinimalSets(build, "missing", one_wording=True)
        self._read: dict[tuple[int, tuple[Value, ...]], MissingSet] = {}

    @classmethod
    def of(cls, policy: LoadedPolicy) -> MissingSearch:
        """The search over a policy; use `policy.once`."""
        return cls(policy.structure, policy.program, policy.judged_by == "compiled")

    def missing(self, assessment: Assessment) -> MissingSets:
        """The missing sets of a case."""
        return MissingSets(self, assessment)

    def suffices(self, inputs: AbstractSet[Term]) -> bool:
        """Whether requirements with these statuses meet a section, or could with more documents."""
        return self._minimal.possible(inputs)

    # By diagrams

    @cached_property
    def diagrams(self) -> Any:
        """What has missing sets without a list, a `PolicyDiagrams`; None where the solver is to answer."""
        engine = fast() if self._by_diagrams else None
        obtaining = self.obtaining
        return engine and engine.missing_diagrams(
            self._structure,
            self._build,
            obtaining.shown_by,
            lambda requirement: obtaining.unlikely([requirement]),
        )

    def diagram(self, assessment: Assessment) -> Any:
        """The missing sets of a denial that documents can reverse, as `RequirementSets`, none of them listed.

        Errors: TooLargeError where they are too tangled for a diagram, or the policy is.
        """
        # What a set costs must depend on its attributes alone, whichever requirements it has of them.
        if not self.obtaining.by_attribute:
            raise TooLargeError
        weighed = assessment.weighed
        return self.diagrams.sets(weighed.mask("met"), weighed.mask("undocumented"), assessment.verdict.routed)

    def read(self, sets: Any, number: int, names: NamesOnFile | None = None) -> MissingSet:
        """The set of a number."""
        sections = sets.sections(number)
        if names is not None:
            return self._missing_set(sets.terms(number), sections, names)
        key = (number, sections)
        found = self._read.get(key)
        if found is None:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            terms, cost, documents = sets.describe(number)
            cover = Cover(cost, documents, (), frozenset())
            found = self._read[key] = self._missing_set(terms, sections, None, cover)
        return found

    # By the solver

    def sets(self, inputs: AbstractSet[Term], names: NamesOnFile | None = None) -> Iterator[MissingSet]:
        """The missing sets of a case whose requirements have these statuses, in order.

        Args:
            inputs: the statuses.
            names: the unknown names of the case that matter.
        """
        facts = names.facts if names else ()
        return map(self._reader(names), self._minimal.sets(inputs, partial(self._size, names), facts))

    def sets_at_once(
        self, inputs: AbstractSet[Term], most: int, names: NamesOnFile | None = None
    ) -> list[MissingSet] | None:
        """The same as a list; None where there are more than about so many."""
        listed = self._minimal.listed(inputs, partial(self._size, names), most)
        return None if listed is None else list(map(self._reader(names), listed))

    def _size(self, names: NamesOnFile | None, answer: Atoms) -> tuple[int, ...]:
        requirements = supposed(answer)
        cover = self.obtaining.cover(requirements, names)
        unshown = len(self.obtaining.unshown_by(cover, requirements, names))
        return unshown, cover.rank + self.obtaining.unlikely(requirements), len(requirements)

    def _reader(self, names: NamesOnFile | None) -> Callable[[Atoms], MissingSet]:
        return lambda answer: self._missing_set(supposed(answer), sections_met(answer), names)

    def _missing_set(
        self,
        terms: Sequence[Value],
        sections: Collection[Value],
        names: NamesOnFile | None,
        cover: Cover | None = None,
    ) -> MissingSet:
        cover = cover or self.obtaining.cover(terms, names)
        return MissingSet(
            requirements=tuple([self.obtaining.requirement(term, sections, names) for term in terms]),
            sections=self.obtaining.sections(sections),
            cost=cover.cost,
            documents=cover.documents,
            unshown=self.obtaining.unshown_by(cover, terms, names),
            clarifications=cover.clarifications,
            rank=cover.rank + self.obtaining.unlikely(terms),
        )

    def document_sets(
        self, inputs: AbstractSet[Term], names: NamesOnFile | None = None
    ) -> Iterator[DocumentSet]:
        """The minimal sets of document types, by rank, then size, then name."""
        whole = None if self._weighted(names) else self._listed_documents(inputs, AT_ONCE)
        yield from self._documents_in_order(inputs, names) if whole is None else whole

    def document_sets_at_once(
        self, inputs: AbstractSet[Term], most: int, names: NamesOnFile | None = None
    ) -> list[DocumentSet] | None:
        """The same as a list; None where there are more than so many."""
        listed = self._listed_documents(inputs, most, names)
        if listed is None or not self._weighted(names):
            return listed
        return list(self._documents_in_order(inputs, names))

    def _weighted(self, names: NamesOnFile | None) -> bool:
        """Whether more counts than what documents cost."""
        return names is not None or self.obtaining.some_unlikely

    def _listed_documents(
        self, inputs: AbstractSet[Term], most: int, names: NamesOnFile | None = None
    ) -> list[DocumentSet] | None:
        program = self._by_documents if names is None else self._documents_with(names)
        choices = program.answers(inputs, program.watch(("obtain", 1)), minimal=True, most=most + 1)
        if len(choices) > most:
            return None
        sets = [self.document_set(document_names(choice)) for choice in choices]
        return sorted(sets, key=lambda entry: (entry.cost, len(entry.documents), entry.documents))

    @cached_property
    def _by_documents(self) -> Program:
        return self._documents_with(None)

    def _documents_with(self, names: NamesOnFile | None) -> Program:
        return self._build("documents", ["--heuristic=Domain"], names.facts if names else ())

    def _documents_in_order(
        self, inputs: AbstractSet[Term], names: NamesOnFile | None
    ) -> Iterator[DocumentSet]:
        """The sets one by one, each found as the best of what is left.

        The best answer may still hold a smaller set, which can only show what is less likely, or takes more
        names: a check finds it, and bars all that hold more than that.
        """
        order = [*self.obtaining.order(names), *(names.facts if names else ())]
        program = self._build("ordered_documents", facts=order)
        watched = program.watch(("obtain", 1))
        least_of = self._by_documents if names is None else self._documents_with(names)
        mine = least_of.watch(("obtain", 1))
        while (answer := program.best(inputs)) is not None:
            chosen = frozenset(term for term in answer if term.name == "obtain")
            outside = [-literal for term, literal in mine.items() if term not in chosen]
            (least,) = least_of.answers(inputs, mine, minimal=True, most=1, assumptions=outside)
            inside = [-watched[term] for term in least]
            program.require(*([*inside, -literal] for term, literal in watched.items() if term not in least))
            if least == chosen:
                told = names.clarifications(answer) if names else ()
                gained = [term.args[0] for term in answer if term.name == "gained"]
                yield self.document_set(document_names(chosen), self.obtaining.unlikely(gained), told)
                program.require(inside)

    def document_set(
        self, documents: tuple[str, ...], unlikely: int = 0, told: tuple[Clarification, ...] = ()
    ) -> DocumentSet:
        """A set of document types with what it costs.

        Args:
            documents: the types.
            unlikely: what is added to its rank for what is rarely true.
            told: the names to find out about besides.
        """
        cost = self.obtaining.cost(documents)
        rank = cost + unlikely + sum(one.cost for one in told)
        return DocumentSet(documents=documents, clarifications=told, cost=cost, rank=rank)

    def requests(self, assessment: Assessment) -> list[frozenset[str | Clarification]] | None:
        """The minimal sets of what can be asked for: document types, and what names mean.

        None where no unknown name matters: these are the sets of document types then.
        """
        names = self.names(assessment)
        if names is None or not assessment.verdict.curable:
            return None
        program = self._build("requests", ["--heuristic=Domain"], names.facts)
        watched = program.watch(("obtain", 1), ("clarify", 3))
        found = program.answers(assessment.requirement_inputs, watched, minimal=True, most=MOST_COUNTED)
        return [frozenset([*document_names(_obtained(one)), *names.clarifications(one)]) for one in found]

    def names(self, assessment: Assessment) -> NamesOnFile | None:
        """The unknown names that matter to what a case's sections ask for; None where none does."""
        if not assessment.weighed.names.places:
            return None
        return names_on_file(self._structure, assessment, self._asked(assessment))

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
        asked = self._asked(assessment)
        return frozenset(
            str(term)
            for term, status in assessment.statuses.items()
            if status == "undocumented" and term in asked and term in self._structure.requirements
        )

    def _asked(self, assessment: Assessment) -> frozenset[Value]:
        """What the sections ask for that the request goes to."""
        return frozenset[Value]().union(*(self._structure.beneath[one] for one in assessment.verdict.routed))


def _obtained(answer: Iterable[Term]) -> Iterator[Term]:
    return (term for term in answer if term.name == "obtain")
