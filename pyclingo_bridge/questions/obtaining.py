"""Which documents to obtain for some requirements, what they cost, and which criteria these serve."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Term, Value, constant, original, plain, written
from pyclingo_bridge.core.decision import Requirement
from pyclingo_bridge.core.structure import Structure, natural_key
from pyclingo_bridge.questions.minimal_sets import precedence

NO_TYPE = "no document type of the vocabulary is known to show it"


class MissingRequirement(Requirement):
    """A requirement that documents would have to show.

    Attributes:
        criteria: the ids of the criteria that it serves, in the section that would be met.
        document_types: the types of document that could show it, cheapest first.
    """

    criteria: tuple[str, ...]
    document_types: tuple[str, ...]


class Obtaining:
    """What it takes to have requirements documented, by one policy's vocabulary."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._covers: dict[frozenset[Value], tuple[int, tuple[str, ...], frozenset[Value]]] = {}
        self._known: dict[tuple[Value, frozenset[Value]], MissingRequirement] = {}

    @cached_property
    def _cover(self) -> Program:
        files = engine_program("cover")
        facts = self._structure.facts
        types = sorted(self._structure.vocabulary.document_types)
        order = precedence(map(constant, types))
        predicates = ("document_type", "on", "shows", "serves", "unsuited")
        return Program(files, [*(fact for name in predicates for fact in facts[name]), *order])

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
        return not self._by_some_value and documented <= self._by_any_value.keys()

    def shown_by(self, requirement: Value) -> tuple[str, ...]:
        """The document types that could show a requirement, cheapest first."""
        costs = self._structure.vocabulary.document_types
        some_value = self._by_some_value.get(requirement, frozenset())
        kinds = some_value | self._by_any_value.get(self._structure.attribute_of[requirement], frozenset())
        return tuple(sorted(kinds, key=lambda kind: (costs[kind], kind)))

    @cached_property
    def _first_on(self) -> dict[str, Value]:
        """Of each attribute one requirement, where it makes no difference which: all are shown alike."""
        differing = {self._structure.attribute_of[requirement] for requirement in self._by_some_value}
        first: dict[str, Value] = {}
        for requirement in self._structure.requirements:
            name = self._structure.attribute_of[requirement]
            if name not in differing:
                first.setdefault(name, requirement)
        return first

    def requirement(self, term: Value, sections: Iterable[Value]) -> MissingRequirement:
        """A requirement to be shown, for these sections."""
        key = (term, frozenset(sections))
        if key not in self._known:
            self._known[key] = MissingRequirement(
                **self._structure.requirements[term].model_dump(),
                criteria=self.served(term, key[1]),
                document_types=self.shown_by(term),
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
        cost, documents, _ = self._covered(requirements)
        return cost, documents

    def unshown(self, requirements: Collection[Value]) -> tuple[str, ...]:
        """Of these requirements the terms of those that no document type is known to show with the others."""
        _, _, unshown = self._covered(requirements)
        return tuple(
            sorted(written(requirement) for requirement in requirements if self._alike(requirement) in unshown)
        )

    def _alike(self, requirement: Value) -> Value:
        """A requirement, or the one that stands for it: shown by the same types whatever they ask."""
        return self._first_on.get(self._structure.attribute_of[requirement], requirement)

    def _covered(self, requirements: Iterable[Value]) -> tuple[int, tuple[str, ...], frozenset[Value]]:
        asked = frozenset(map(self._alike, requirements))
        if asked not in self._covers:
            found = self._cover.best({Term("needed", (requirement,)) for requirement in asked}) or ()
            documents = document_names(term for term in found if term.name == "obtain")
            unshown = frozenset(term.args[0] for term in found if term.name == "unshown")
            self._covers[asked] = (self.cost(documents), documents, unshown)
        return self._covers[asked]

    def cost(self, documents: Iterable[str]) -> int:
        """What documents of these types cost to obtain."""
        return sum(self._structure.vocabulary.document_types[name] for name in documents)


def cost_in_words(cost: int, documents: Sequence[str], unshown: Sequence[str]) -> str:
    """What a set of requirements costs, for a reader."""
    if not unshown:
        return f"cost {cost}{': ' if documents else ''}{', '.join(documents)}"
    if not documents and not cost:
        return f"cost unknown: {NO_TYPE}"
    some = "one of these" if len(unshown) == 1 else f"{len(unshown)} of these"
    return f"cost {cost}: {', '.join(documents) or 'no documents'}; for {some} {NO_TYPE}"


def types_in_words(documents: Sequence[str]) -> str:
    """The document types that can show a requirement, for a reader."""
    return " or ".join(documents) or NO_TYPE


def document_names(obtained: Iterable[Term]) -> tuple[str, ...]:
    """The document types of `obtain` atoms, sorted."""
    return tuple(sorted(str(plain(term.args[0])) for term in obtained))
