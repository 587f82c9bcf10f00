"""What the statements of a case come to: the status of each requirement, and who says so.

The rules of evidence are in `asp/engine/evidence/`. `EvidenceRules` puts a case to them as facts; what is
compiled from them, in `pyclingo_bridge.fast`, gives the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, Protocol, TypeAlias, cast

from pyclingo_bridge.base.errors import EngineError
from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Program, Signature
from pyclingo_bridge.base.terms import Term, Value, plain
from pyclingo_bridge.cases.days import day_number
from pyclingo_bridge.cases.statements import CaseStatements
from pyclingo_bridge.core.decision import STATUSES, Status
from pyclingo_bridge.core.facts import REQUEST, Encoder, drug_terms, speakers, statement_facts
from pyclingo_bridge.core.structure import Structure

Effect = Literal["supports", "refutes", "superseded", "silent", "not_counted"]
Speaker: TypeAlias = int | None
"""A document by its place among those that count, or None: the request form."""


Means = Literal["documents", "clarification", "both", "either"]
"""What establishes an open requirement: documents, what unknown names turn out to mean, both, or either."""


class Place(NamedTuple):
    """Where an unknown name stands.

    Attributes:
        speaker: the document by its place, or the form.
        attribute: the list.
        name: the name as it is written.
    """

    speaker: Speaker
    attribute: str
    name: str


class UnknownNames(NamedTuple):
    """The unknown names of a case, on the lists that count, and what it takes to find out about them.

    Attributes:
        places: where they stand.
        whole: the attributes of which some list is whole, were it not for unknown names.
        can_be: which name can come to meet which requirement, by itself.
        can_join: the requirements that names of whole lists can come to meet, and leave the lists whole.
        takes: what each open requirement on a list with such names takes.
    """

    places: frozenset[Place] = frozenset()
    whole: frozenset[str] = frozenset()
    can_be: frozenset[tuple[Place, Value]] = frozenset()
    can_join: frozenset[Value] = frozenset()
    takes: Mapping[Value, Means] = {}


NO_NAMES = UnknownNames()


class EvidenceDetails(NamedTuple):
    """Who says what.

    Attributes:
        effects: what a speaker does to a requirement by stating an attribute, where it decides something.
        speakers: for each attribute who speaks of it, and by stating which one.
        superseded: whose word on which attribute is out of date.
        not_counted: whose word on which attribute does not count.
        warnings: what a reader should know of the input, as the rules write it; documents by `speakers`.
    """

    effects: Mapping[tuple[Speaker, str, Value], Effect]
    speakers: Mapping[str, list[tuple[Speaker, str]]]
    superseded: frozenset[tuple[Speaker, str]]
    not_counted: frozenset[tuple[Speaker, str]]
    warnings: tuple[Term, ...]


@dataclass(eq=False)
class CaseEvidence:
    """What the statements of one case come to.

    Attributes:
        requirements: the requirements, a bit each in the two masks.
        supported: those that something which counts supports.
        refuted: those that something which counts refutes.
        requested: what the request form gives of what durations rest on, as `value` terms.
        find_details: finds who says what; called when that is first asked for.
        find_names: finds the unknown names in the same way.
    """

    requirements: Sequence[Value]
    supported: int
    refuted: int
    requested: frozenset[Term]
    find_details: Callable[[], EvidenceDetails]
    find_names: Callable[[], UnknownNames]

    @cached_property
    def names(self) -> UnknownNames:
        """The unknown names, and what it takes to find out about them."""
        return self.find_names()

    @cached_property
    def details(self) -> EvidenceDetails:
        """Who says what."""
        return self.find_details()

    def mask(self, status: Status) -> int:
        """The requirements with a status."""
        everything = (1 << len(self.requirements)) - 1
        match status:
            case "met":
                return self.supported & ~self.refuted
            case "not_met":
                return self.refuted & ~self.supported
            case "conflicting":
                return self.supported & self.refuted
        return everything & ~(self.supported | self.refuted)

    @cached_property
    def statuses(self) -> dict[Value, Status]:
        """The status of each requirement."""
        masks = [(name, self.mask(name)) for name in STATUSES]
        return {
            requirement: next(name for name, mask in masks if mask >> place & 1)
            for place, requirement in enumerate(self.requirements)
        }

    @cached_property
    def requirement_inputs(self) -> frozenset[Term]:
        """The statuses as inputs of other programs; a requirement in none of them is not met."""
        return frozenset(
            Term(status, (requirement,)) for requirement, status in self.statuses.items() if status != "not_met"
        )


class EvidenceEngine(Protocol):
    """What weighs the statements of cases under one policy."""

    def weigh(self, said: CaseStatements) -> CaseEvidence:
        """What these statements come to."""
        ...


_SHOWN: tuple[Signature, ...] = (
    ("met", 1),
    ("conflicting", 1),
    ("not_met", 1),
    ("effect", 4),
    ("speaks", 3),
    ("speaks_besides", 3),
    ("superseded", 2),
    ("unheard", 2),
    ("value", 3),
    ("warning", 1),
    ("unknown_name", 3),
    ("whole_but_for_names", 1),
    ("can_be", 4),
    ("can_join", 1),
    ("takes", 2),
)


class EvidenceRules:
    """Asks the solver what a case's statements come to, by the rules of evidence, one case after another."""

    def __init__(
        self, structure: Structure, encoder: Encoder, facts: Iterable[Term], watched: frozenset[Term]
    ) -> None:
        """Take the policy, its facts as programs for cases take them, and the `value` terms of durations."""
        self._structure = structure
        self._encoder = encoder
        self._facts = list(facts)
        self._watched = watched
        self._of_drugs: dict[Value, list[Term]] = {}
        for name in ("drug", "supportive", "anticancer", "treatment", "requested_drug", "member"):
            for term in structure.facts.get(name, ()):
                self._of_drugs.setdefault(term.args[-1], []).append(term)

    def weigh(self, said: CaseStatements) -> CaseEvidence:
        """What these statements come to."""
        atoms = self._atoms(said)
        order = self._structure.ordered
        place = {requirement: 1 << number for number, requirement in enumerate(order)}

        def mask(*names: str) -> int:
            return sum(place[args[0]] for name in names for args in atoms[name])

        return CaseEvidence(
            order,
            mask("met", "conflicting"),
            mask("not_met", "conflicting"),
            frozenset(self._requested(atoms["value"])),
            lambda: self._details(said, atoms),
            lambda: self.names_of(said, atoms),
        )

    def _atoms(self, said: CaseStatements) -> dict[str, list[tuple[Value, ...]]]:
        facts = dict.fromkeys([*self._facts, *self.case_facts(said)])
        found = Program(engine_program("evidence"), facts).best(set())
        if found is None:
            raise EngineError("the evidence rules have no answer")
        atoms: dict[str, list[tuple[Value, ...]]] = {name: [] for name, _ in _SHOWN}
        for term in found:
            atoms.setdefault(term.name, []).append(term.args)
        return atoms

    def case_facts(self, said: CaseStatements) -> Iterator[Term]:
        """The statements as facts, with those on the drugs that they name; some may be there already."""
        yield from self._named(said)
        yield from statement_facts(said, self._structure.vocabulary)
        if said.day is not None:
            yield Term("request_day", (day_number(said.day),))

    def _named(self, said: CaseStatements) -> Iterable[Term]:
        """The facts on the drugs that a case names: of the others the programs know their kinds alone."""
        vocabulary = self._structure.vocabulary
        lists = [name for name, one in vocabulary.attributes.items() if one.domain == "drugs"]
        states = (said.request, *(one.states for one in said.documents))
        words = {word for values in states for name in lists for word in values.get(name, ())}
        for word in sorted(words):
            for term in drug_terms(vocabulary, word):
                meant = self._encoder.stands_for(term)
                yield from (Term("stands_for", (term, drug)) for drug in meant if drug != term)
                for drug in meant:
                    yield from self._of_drugs.get(drug, ())

    def _requested(self, values: Iterable[tuple[Value, ...]]) -> Iterable[Term]:
        for speaker, attribute, value in values:
            if speaker == REQUEST and isinstance(value, int):
                term = Term("value", (REQUEST, attribute, self._encoder.region(str(plain(attribute)), value)))
                if term in self._watched:
                    yield term

    @staticmethod
    def _places(said: CaseStatements) -> dict[Value, Speaker]:
        return {**{name: at for at, name in enumerate(speakers(said.documents))}, REQUEST: None}

    def names_of(self, said: CaseStatements, atoms: Mapping[str, list[tuple[Value, ...]]]) -> UnknownNames:
        """The unknown names that an answer of the rules tells of."""
        places = self._places(said)

        def place(speaker: Value, attribute: Value, name: Value) -> Place:
            return Place(places[speaker], str(plain(attribute)), str(plain(name)))

        found = frozenset(place(*args) for args in atoms["unknown_name"])
        lists = {one.attribute for one in found}
        attribute_of = self._structure.attribute_of
        takes = {one: cast(Means, plain(how)) for one, how in atoms["takes"] if attribute_of[one] in lists}
        return UnknownNames(
            found,
            frozenset(str(plain(args[0])) for args in atoms["whole_but_for_names"]),
            frozenset((place(*args[:3]), args[3]) for args in atoms["can_be"]),
            frozenset(args[0] for args in atoms["can_join"]),
            takes,
        )

    @classmethod
    def _details(cls, said: CaseStatements, atoms: Mapping[str, list[tuple[Value, ...]]]) -> EvidenceDetails:
        places = cls._places(said)
        spoken: dict[str, list[tuple[Speaker, str]]] = {}
        for speaker, attribute, own in (*atoms["speaks"], *atoms["speaks_besides"]):
            spoken.setdefault(str(plain(attribute)), []).append((places[speaker], str(plain(own))))

        def of(name: str) -> frozenset[tuple[Speaker, str]]:
            return frozenset((places[speaker], str(plain(attribute))) for speaker, attribute in atoms[name])

        return EvidenceDetails(
            {
                (places[speaker], str(plain(own)), requirement): cast(Effect, plain(effect))
                for speaker, requirement, own, effect in atoms["effect"]
            },
            spoken,
            of("superseded"),
            frozenset(
                (speaker, name)
                for speaker, name in of("unheard")
                if speaker is not None and name in said.documents[speaker].states
            ),
            tuple(sorted((args[0] for args in atoms["warning"] if isinstance(args[0], Term)), key=str)),
        )
