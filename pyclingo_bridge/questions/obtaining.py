"""Which documents to obtain for some requirements, what they cost, and which criteria these serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary

from pyclingo_bridge.base.errors import quoted
from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Term, Value, constant, original, plain, written
from pyclingo_bridge.core.decision import Requirement
from pyclingo_bridge.core.evidence import Means
from pyclingo_bridge.core.structure import Structure, natural_key
from pyclingo_bridge.questions.minimal_sets import precedence
from pyclingo_bridge.questions.unknown_names import Clarification, NamesOnFile

NO_TYPE = "no document type of the vocabulary is known to show it"


class MissingRequirement(Requirement):
    """A requirement that is open, and what would establish it.

    Attributes:
        criteria: the ids of the criteria that it serves, in the section that would be met.
        document_types: the types of document that could show it, cheapest first.
        means: `documents`, finding out what unknown names mean (`clarification`), `both`, or `either`.
        clarifications: the unknown names that leave it open: any one of them where it asks for a member of
            a list, else all of them.
        by_stating: what documents have to state for it, where that is not the attribute that it is about.
    """

    criteria: tuple[str, ...]
    document_types: tuple[str, ...]
    means: Means = "documents"
    clarifications: tuple[Clarification, ...] = ()
    by_stating: str | None = None


class Cover(NamedTuple):
    """The cheapest means that establish some requirements.

    Attributes:
        cost: what the documents cost.
        documents: their types, sorted.
        clarifications: the names to find out about.
        unshown: the requirements that nothing is known to establish together with the others.
    """

    cost: int
    documents: tuple[str, ...]
    clarifications: tuple[Clarification, ...]
    unshown: frozenset[Value]

    @property
    def rank(self) -> int:
        """What they cost with the clarifications."""
        return self.cost + sum(one.cost for one in self.clarifications)


class Obtaining:
    """What it takes to have requirements documented, by one policy's vocabulary."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._covers: dict[frozenset[Value], Cover] = {}
        self._beside: WeakKeyDictionary[NamesOnFile, tuple[Program, dict[frozenset[Value], Cover]]] = (
            WeakKeyDictionary()
        )
        self._known: dict[tuple[Value, frozenset[Value]], MissingRequirement] = {}

    @cached_property
    def _cover(self) -> Program:
        return self._cover_with(None)

    def _cover_with(self, names: NamesOnFile | None) -> Program:
        files = engine_program("cover")
        facts = self._structure.facts
        predicates = ["document_type", "on", "shows", "serves", "unsuited", "never_shown", "clarifying"]
        found = [*self.order(names)]
        if names is not None:
            predicates += ["positive", "negative", "names_treatment"]
            attributes = self._structure.vocabulary.attributes
            found += [
                Term("attribute", (constant(name), constant(one.kind))) for name, one in attributes.items()
            ]
            found += names.facts
        return Program(files, [*(fact for name in predicates for fact in facts[name]), *found])

    def order(self, names: NamesOnFile | None) -> list[Term]:
        """The order by name of document types, and of unknown names."""
        types = sorted(self._structure.vocabulary.document_types)
        return precedence([*map(constant, types), *(() if names is None else names.items)])

    @cached_property
    def _unlikely(self) -> dict[Value, int]:
        """What is added to the rank of sets with a requirement."""
        found: defaultdict[Value, int] = defaultdict(int)
        for requirement, number in (term.args for term in self._structure.facts["unlikely"]):
            kept = self._structure.representative.get(requirement)
            if kept is not None and isinstance(number, int):
                found[kept] += number
        return dict(found)

    def unlikely(self, requirements: Iterable[Value]) -> int:
        """What is added to the rank of a set because of requirements that are rarely true."""
        known = self._unlikely
        return sum(known.get(requirement, 0) for requirement in requirements) if known else 0

    @property
    def some_unlikely(self) -> bool:
        """Whether anything is said to be rarely true."""
        return bool(self._unlikely)

    @cached_property
    def _by_any_value(self) -> dict[str, frozenset[str]]:
        """The document types that can state any value of an attribute."""
        types: dict[str, set[str]] = {}
        for kind, attribute in (term.args for term in self._structure.facts["shows"]):
            types.setdefault(str(plain(original(attribute))), set()).add(str(plain(kind)))
        return {name: frozenset(kinds) for name, kinds in types.items()}

    @cached_property
    def _by_some_value(self) -> dict[Value, frozenset[str]]:
        """The document types that can state some value that shows a requirement, and not any."""
        types: dict[Value, set[str]] = {}
        for kind, requirement, _ in (term.args for term in self._structure.facts["serves"]):
            name = self._structure.attribute_of[requirement]
            if str(plain(kind)) not in self._by_any_value.get(name, ()):
                types.setdefault(requirement, set()).add(str(plain(kind)))
        return {requirement: frozenset(kinds) for requirement, kinds in types.items()}

    @cached_property
    def by_attribute(self) -> bool:
        """Whether requirements are shown by types that can state any value of the attribute, and no others."""
        known = self._structure.vocabulary.attributes
        asked = {self._structure.attribute_of[requirement] for requirement in self._structure.requirements}
        documented = {name for name in asked if name in known and known[name].kind != "request"}
        if self._by_some_value or self._structure.facts["never_shown"]:
            return False
        return documented <= self._by_any_value.keys()

    def shown_by(self, requirement: Value) -> tuple[str, ...]:
        """The document types that could show a requirement, cheapest first."""
        costs = self._structure.vocabulary.document_types
        if requirement in self._never_shown:
            return ()
        some_value = self._by_some_value.get(requirement, frozenset())
        kinds = some_value | self._by_any_value.get(self._structure.attribute_of[requirement], frozenset())
        return tuple(sorted(kinds, key=lambda kind: (costs[kind], kind)))

    @cached_property
    def _by_stating(self) -> dict[str, str]:
        """The flags of the form that follow from what documents state, each with that."""
        found = (term.args for term in self._structure.facts["increase"])
        return {str(plain(flag)): str(plain(documented)) for flag, _, documented in found}

    @cached_property
    def _never_shown(self) -> frozenset[Value]:
        return frozenset(term.args[0] for term in self._structure.facts["never_shown"])

    @cached_property
    def _first_on(self) -> dict[str, Value]:
        """Of each attribute one requirement, where it makes no difference which: all are shown alike."""
        unlike = (*self._by_some_value, *self._never_shown)
        differing = {self._structure.attribute_of[requirement] for requirement in unlike}
        first: dict[str, Value] = {}
        for requirement in self._structure.requirements:
            name = self._structure.attribute_of[requirement]
            if name not in differing:
                first.setdefault(name, requirement)
        return first

    def requirement(
        self, term: Value, sections: Iterable[Value], names: NamesOnFile | None = None
    ) -> MissingRequirement:
        """A requirement to be shown, for these sections, in a case with these unknown names."""
        if names is not None and names.asked(term):
            means, clarifications = names.means(term), names.of(term)
            known = self.requirement(term, sections)
            types = () if means == "clarification" else known.document_types
            return known.model_copy(
                update={"means": means, "clarifications": clarifications, "document_types": types}
            )
        key = (term, frozenset(sections))
        if key not in self._known:
            self._known[key] = MissingRequirement(
                **self._structure.requirements[term].model_dump(),
                criteria=self.served(term, key[1]),
                document_types=self.shown_by(term),
                by_stating=self._by_stating.get(self._structure.attribute_of[term]),
            )
        return self._known[key]

    def served(self, requirement: Value, sections: Iterable[Value]) -> tuple[str, ...]:
        """The ids of the criteria that a requirement serves in these sections."""
        served = {name for section in sections for name in self._structure.served(requirement, section)}
        return tuple(sorted(served, key=natural_key))

    def sections(self, names: Iterable[Value]) -> tuple[str, ...]:
        """The ids of these sections, in the policy's order."""
        wanted = set(names)
        ordered = [name for name in self._structure.sections if name in wanted]
        return tuple(dict.fromkeys(str(plain(original(name))) for name in ordered))

    def cheapest(self, requirements: Iterable[Value]) -> tuple[int, tuple[str, ...]]:
        """The cost of the cheapest documents that can show these requirements, and which they are.

        Requirements that no document type is known to show cost nothing here; see `unshown`.
        """
        found = self.cover(requirements)
        return found.cost, found.documents

    def unshown(self, requirements: Collection[Value]) -> tuple[str, ...]:
        """Of these requirements the terms of those that no document type is known to show with the others."""
        return self.unshown_by(self.cover(requirements), requirements, None)

    def unshown_by(
        self, cover: Cover, requirements: Iterable[Value], names: NamesOnFile | None
    ) -> tuple[str, ...]:
        """Of requirements the terms of those that means for all of them do not establish."""
        if not cover.unshown:
            return ()
        return tuple(sorted(written(one) for one in requirements if self._alike(one, names) in cover.unshown))

    def _alike(self, requirement: Value, names: NamesOnFile | None) -> Value:
        """A requirement, or the one that stands for it: shown by the same types whatever they ask."""
        if names is not None and names.asked(requirement):
            return requirement
        return self._first_on.get(self._structure.attribute_of[requirement], requirement)

    def cover(self, requirements: Iterable[Value], names: NamesOnFile | None = None) -> Cover:
        """The cheapest means that establish these requirements in a case with these unknown names."""
        asked = frozenset([self._alike(one, names) for one in requirements])
        program, covers = self._program(names)
        found = covers.get(asked)
        if found is None:
            found = covers[asked] = self._best(program(), asked, names)
        return found

    def _program(
        self, names: NamesOnFile | None
    ) -> tuple[Callable[[], Program], dict[frozenset[Value], Cover]]:
        if names is None:
            return lambda: self._cover, self._covers
        if names not in self._beside:
            self._beside[names] = self._cover_with(names), {}
        program, covers = self._beside[names]
        return lambda: program, covers

    def _best(self, program: Program, asked: frozenset[Value], names: NamesOnFile | None) -> Cover:
        answer = program.best({Term("needed", (requirement,)) for requirement in asked}) or []
        documents = document_names(term for term in answer if term.name == "obtain")
        unshown = frozenset(term.args[0] for term in answer if term.name == "unshown")
        told = () if names is None else names.clarifications(answer)
        return Cover(self.cost(documents), documents, told, unshown)

    def cost(self, documents: Iterable[str]) -> int:
        """What documents of these types cost to obtain."""
        return sum(self._structure.vocabulary.document_types[name] for name in documents)


def clarify_in_words(told: Sequence[Clarification], word: str = "and") -> str:
    """To find out about names, for a reader: all of them, or any one with the word `or`."""
    return "clarify " + f" {word} ".join(map(name_in_words, told))


def name_in_words(told: Clarification) -> str:
    """An unknown name, where it is, and what it may be a slip for."""
    near = f" (nearest known name: {', '.join(told.nearest)})" if told.nearest else ""
    return f"{place_in_words(told)}{near}"


def place_in_words(told: Clarification) -> str:
    """An unknown name, and where it is."""
    where = "on the request form" if told.document is None else f"in {quoted(told.document)}"
    return f"{quoted(told.name)} {where}"


def document_names(obtained: Iterable[Term]) -> tuple[str, ...]:
    """The document types of `obtain` atoms, sorted."""
    return tuple(sorted(str(plain(term.args[0])) for term in obtained))
