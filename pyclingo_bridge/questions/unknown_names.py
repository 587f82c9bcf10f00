"""The unknown names of one case, as far as missing sets have to do with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyclingo_bridge.base.terms import Term, Value, constant
from pyclingo_bridge.cases.attributes import is_code
from pyclingo_bridge.cases.statements import CaseStatements
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import Answer
from pyclingo_bridge.core.evidence import Means, Place, UnknownNames
from pyclingo_bridge.core.facts import REQUEST
from pyclingo_bridge.core.structure import Structure


class Clarification(Answer):
    """Finding out what an unknown name in one place means.

    Attributes:
        document: the id of the document that has it; None for the request form.
        attribute: the list that it is in.
        name: the name, as it is written there.
        nearest: the known names that it may be a slip for.
        cost: what it costs to find out, in the vocabulary's own unit.
    """

    document: str | None
    attribute: str
    name: str
    nearest: tuple[str, ...]
    cost: int


@dataclass(frozen=True)
class LikelySlip:
    """A value that the vocabulary does not list, and that may be a slip for one that it does.

    Attributes:
        document: the id of the document that states it; None for the request form.
        attribute: what it is stated of.
        name: the value as written.
        nearest: the listed value.
    """

    document: str | None
    attribute: str
    name: str
    nearest: str


def likely_slips(vocabulary: Vocabulary, said: CaseStatements) -> tuple[LikelySlip, ...]:
    """The values in a case that are not listed and are near to one that is; as they stand, each is its own."""
    speakers: list[tuple[str | None, Mapping[str, Any]]] = [(None, said.request)]
    speakers += [(document.id, document.states) for document in said.documents]
    found: dict[LikelySlip, None] = {}
    for speaker, states in speakers:
        for name, value in states.items():
            about = vocabulary.attributes.get(name)
            if about is None or about.domain != "name":
                continue
            for word in value if isinstance(value, list | tuple) else (value,):
                near = None if word in about.listed or is_code(word) else about.meant(word)
                if near:
                    found[LikelySlip(speaker, name, word, near)] = None
    return tuple(found)


class NamesOnFile:
    """The unknown names because of which requirements are open that the sections ask for.

    Attributes:
        facts: what programs have to know of them.
        items: the places as the programs' order names them, first to last.
    """

    def __init__(
        self, structure: Structure, names: UnknownNames, said: CaseStatements, attributes: Collection[str]
    ) -> None:
        """Use `names_on_file`."""
        self._structure = structure
        self._takes = names.takes
        self._positive = {term.args[0] for term in structure.facts["positive"]}
        places = [place for place in names.places if place.attribute in attributes]
        told = {place: self._clarification(place, said) for place in places}
        ordered = sorted(places, key=lambda place: (order(told[place]), _number(place)))
        self._terms = {place: _term(place) for place in ordered}
        self._told = {self._terms[place]: told[place] for place in ordered}
        self.items = [Term("clarification", self._terms[place].args) for place in ordered]
        self._can_be: dict[Value, list[Place]] = {}
        for place, requirement in names.can_be:
            if place in told:
                self._can_be.setdefault(requirement, []).append(place)
        self._of_list = {name: [place for place in ordered if place.attribute == name] for name in attributes}
        self.facts = sorted(self._facts(names.whole, names.can_join), key=str)

    def _clarification(self, place: Place, said: CaseStatements) -> Clarification:
        hint = self._structure.vocabulary.names.drug_hint(place.name)
        (cost,) = [term.args[0] for term in self._structure.facts["clarifying"]] or [0]
        assert isinstance(cost, int)
        return Clarification(
            document=None if place.speaker is None else said.documents[place.speaker].id,
            attribute=place.attribute,
            name=place.name,
            nearest=() if hint is None else (hint,),
            cost=cost,
        )

    def _facts(self, whole: Iterable[str], can_join: Iterable[Value]) -> Iterator[Term]:
        yield from (Term("unknown_name", term.args) for term in self._told)
        for name in whole:
            if name in self._of_list:
                yield Term("whole_but_for_names", (constant(name),))
        for requirement, places in self._can_be.items():
            yield from (Term("can_be", (*self._terms[place].args, requirement)) for place in places)
        yield from (Term("can_join", (requirement,)) for requirement in can_join)

    def clarifications(self, terms: Iterable[Term]) -> tuple[Clarification, ...]:
        """What `clarify` atoms of a program's answer say, in order."""
        return tuple(sorted((self._told[term] for term in terms if term in self._told), key=order))

    def asked(self, requirement: Value) -> bool:
        """Whether a requirement is on a list that has such names."""
        return self._structure.attribute_of[requirement] in self._of_list

    def means(self, requirement: Value) -> Means:
        """What it takes to establish a requirement."""
        return self._takes.get(requirement, "documents") if self.asked(requirement) else "documents"

    def of(self, requirement: Value) -> tuple[Clarification, ...]:
        """The names that it takes: any one of them where the requirement asks for a member, else all."""
        if not self.asked(requirement) or self.means(requirement) == "documents":
            return ()
        places: Sequence[Place] = self._of_list[self._structure.attribute_of[requirement]]
        if requirement in self._positive:
            places = self._can_be.get(requirement, ())
        return self.clarifications(self._terms[place] for place in places)


def names_on_file(structure: Structure, assessment: Assessment, asked: Collection[Value]) -> NamesOnFile | None:
    """The unknown names that matter to some requirements; None where none does."""
    return names_among(structure, assessment.weighed.names, assessment.said, asked)


def names_among(
    structure: Structure, names: UnknownNames, said: CaseStatements, asked: Collection[Value]
) -> NamesOnFile | None:
    """The same, from what was found of a case that states this."""
    if not names.places:
        return None
    open_ones = [requirement for requirement in names.takes if requirement in asked]
    attributes = {structure.attribute_of[requirement] for requirement in open_ones}
    return NamesOnFile(structure, names, said, attributes) if attributes else None


def order(told: Clarification) -> tuple[str, str, str]:
    """The order of clarifications: those of the form first, then by document, list and name."""
    return told.document or "", told.attribute, told.name


def _number(place: Place) -> int:
    return -1 if place.speaker is None else place.speaker


def _term(place: Place) -> Term:
    speaker: Value = REQUEST if place.speaker is None else place.speaker
    return Term("clarify", (speaker, constant(place.attribute), place.name))
