"""Unknown names on lists of drugs, and what it takes to establish what they leave open, by masks.

The rules are in `asp/engine/evidence/unknown_names.lp`; this gives the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from pyclingo_bridge.base.terms import Value, plain
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.statements import CaseStatements
from pyclingo_bridge.core.evidence import Means, Place, Speaker, UnknownNames
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.masks import ValueMasks
from pyclingo_bridge.fast.statements import ListStatement, Statements


class Weighing(Protocol):
    """What weighs statements, as far as unknown names have to do with it.

    Attributes:
        masks: what values and lists say of requirements.
        drug_lists: the attributes that are lists of drugs, by name.
    """

    masks: ValueMasks
    drug_lists: dict[str, Attribute]

    def counting(self, name: str, values: Sequence[Any]) -> Sequence[Any]:
        """Of the statements on an attribute those that count."""
        ...

    def overtaking(self, one: ListStatement, lists: Sequence[ListStatement]) -> int:
        """The anticancer drugs that a list lacks, and one that is not surely earlier holds."""
        ...


class _Lists(NamedTuple):
    """The lists of one attribute that count, where some name in them is unknown.

    Attributes:
        attribute: the attribute.
        places: where the unknown names stand.
        whole: the lists that are whole but for unknown names.
        read: those of them that have no such name.
        unread: the lists that have one.
        all: all lists that count.
    """

    attribute: Attribute
    places: list[Place]
    whole: list[ListStatement]
    read: list[ListStatement]
    unread: list[ListStatement]
    all: Sequence[ListStatement]

    def never_overtaken(self, one: ListStatement) -> bool:
        """Whether no list with an unknown name may overtake a whole one."""
        return not any(other.last >= one.first for other in self.unread)

    def earlier(self, speaker: Speaker, one: ListStatement) -> bool:
        """Whether the list of a document is surely earlier than a whole one."""
        return not any(other.place == speaker and other.last >= one.first for other in self.unread)


class NamesOnLists:
    """Finds the unknown names of cases under one policy and its interpretations."""

    def __init__(self, structure: Structure, evidence: Weighing) -> None:
        self._structure = structure
        self._evidence = evidence
        facts = structure.facts
        self._routes: list[tuple[int, int]] = []
        self._positive = {term.args[0] for term in facts["positive"]}
        self._treatment = {term.args[0] for term in facts["names_treatment"]}
        overtaking = {term.args[0] for name in ("anticancer", "requested_drug") for term in facts[name]}
        drugs = structure.vocabulary.attributes
        self._requirements: dict[str, list[Value]] = {}
        for requirement in structure.ordered:
            name = structure.attribute_of[requirement]
            if name in drugs and drugs[name].domain == "drugs":
                self._requirements.setdefault(name, []).append(requirement)
        regimen_lists = {str(plain(term.args[0])) for term in facts["regimen_list"]}
        dismissed = {
            term.args[0] for name in ("supportive", "treatment", "requested_drug") for term in facts[name]
        }
        demands: dict[Value, set[Value]] = {}
        for term in facts["demands"]:
            demands.setdefault(term.args[0], set()).add(term.args[1])
        self._nameable = {
            requirement
            for name, requirements in self._requirements.items()
            for requirement in requirements
            if requirement in self._positive
            and demands.get(requirement, set()) - (dismissed if name in regimen_lists else set())
        }
        self._overtaking = {one for one in self._nameable if demands[one] & overtaking}

    def found(self, heard: Statements, said: CaseStatements, supports: int, refutes: int) -> UnknownNames:
        """The unknown names of a case.

        Args:
            heard: what its documents say that counts.
            said: what it states.
            supports: the requirements that something supports, as a mask.
            refutes: those that something refutes.
        """
        decided, asked = supports | refutes, self._asked_for(supports & ~refutes)
        places: set[Place] = set()
        whole: set[str] = set()
        can_be: set[tuple[Place, Value]] = set()
        can_join: set[Value] = set()
        takes: dict[Value, Means] = {}
        for lists in self._lists(heard, said):
            name = lists.attribute.name
            places.update(lists.places)
            settled = self._whole_but_for_names(lists, asked)
            whole.update([name] if settled else [])
            named = {(place, one) for one in self._asked(name) for place in self._can_be(lists, one)}
            can_be |= named
            can_join.update(one for one in self._asked(name) if self._can_join(lists, one))
            takes.update(self._takes(lists, {one for _, one in named}, decided, settled))
        return UnknownNames(frozenset(places), frozenset(whole), frozenset(can_be), frozenset(can_join), takes)

    def _asked(self, name: str) -> Iterable[Value]:
        return [one for one in self._requirements.get(name, ()) if one in self._nameable]

    def _lists(self, heard: Statements, said: CaseStatements) -> Iterator[_Lists]:
        evidence = self._evidence
        for name, attribute in evidence.drug_lists.items():
            if attribute.kind == "request":
                found = self._places(None, attribute, said.request.get(name, ()))
                if found:
                    yield _Lists(attribute, found, [], [], [], [])
                continue
            lists = evidence.counting(name, heard.lists.get(name, ()))
            unread = [one for one in lists if one.held.unread]
            if not unread:
                continue
            whole = [one for one in lists if one.whole and not evidence.overtaking(one, lists)]
            if attribute.kind != "history":
                whole = []
            words: Mapping[int, Sequence[str]] = {
                one.place: said.documents[one.place].states[name] for one in unread
            }
            found = [place for one in unread for place in self._places(one.place, attribute, words[one.place])]
            yield _Lists(attribute, found, whole, [one for one in whole if not one.held.unread], unread, lists)

    def _places(self, speaker: Speaker, attribute: Attribute, words: Iterable[str]) -> list[Place]:
        names = dict.fromkeys(
            str(plain(name)) for word in words for name in self._evidence.masks.unread(attribute, word)
        )
        return [Place(speaker, attribute.name, name) for name in names]

    def _asked_for(self, met: int) -> int:
        """The requirements that the sections ask for which a request goes to, by what is met."""
        if not self._routes:
            place, structure = self._evidence.masks.place, self._structure
            for section, requirement in (term.args for term in structure.facts["route"]):
                beneath = structure.beneath[section] & structure.requirements.keys()
                kept = structure.representative[requirement]
                self._routes.append((1 << place(kept), sum(1 << place(one) for one in beneath)))
        found = 0
        for route, scope in self._routes:
            found |= scope if met & route else 0
        return found

    def _whole_but_for_names(self, lists: _Lists, asked: int) -> bool:
        """Whether some list is whole once the names are known, and none denies what others say."""
        masks = self._evidence.masks
        said = 0
        for one in lists.all:
            said |= one.held.hits
        said &= asked & masks.on[lists.attribute.name] & masks.positive & ~masks.of_treatments
        denying = [one for one in lists.read if said & ~one.held.hits]
        if len(lists.read) < len(lists.whole):
            return not any(lists.never_overtaken(one) for one in denying)
        return bool(lists.whole) and not denying

    def _at_odds(self, lists: _Lists, one: Value) -> bool:
        return bool(lists.read) and one not in self._overtaking and one not in self._treatment

    def _can_be(self, lists: _Lists, one: Value) -> list[Place]:
        if len(lists.places) > 1:
            return lists.places
        if self._at_odds(lists, one):
            return []
        if one in self._treatment:
            return lists.places
        return [
            place
            for place in lists.places
            if not any(lists.earlier(place.speaker, whole) for whole in lists.read)
        ]

    def _can_join(self, lists: _Lists, one: Value) -> bool:
        if len(lists.read) == len(lists.whole) or self._at_odds(lists, one):
            return False
        return not any(lists.never_overtaken(whole) for whole in lists.read)

    def _takes(
        self, lists: _Lists, named: set[Value], decided: int, settled: bool
    ) -> Iterator[tuple[Value, Means]]:
        kind = lists.attribute.kind
        for requirement in self._requirements.get(lists.attribute.name, ()):
            if decided >> self._evidence.masks.place(requirement) & 1:
                continue
            positive = requirement in self._positive
            if kind == "request" or (kind == "cumulative" and not positive):
                yield requirement, "clarification"
            elif kind == "history" and not positive:
                yield requirement, "clarification" if settled else "both"
            else:
                yield requirement, "documents" if positive and requirement not in named else "either"
