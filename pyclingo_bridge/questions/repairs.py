"""What would change a denial into an approval: documents, resolved contradictions, a changed request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from pyclingo_bridge.base.solver import Signature
from pyclingo_bridge.base.terms import LARGEST, Term, Value, plain, written
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import Answer, Evidence, Requirement
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import readable
from pyclingo_bridge.questions.minimal_sets import Answer as Atoms
from pyclingo_bridge.questions.minimal_sets import MinimalSets, sections_met, supposed
from pyclingo_bridge.questions.missing import MissingSearch
from pyclingo_bridge.questions.obtaining import MissingRequirement
from pyclingo_bridge.questions.stand_ins import stand_ins


class Resolution(Answer):
    """A contradiction between documents, and which way it would have to be resolved.

    Attributes:
        requirement: what would have to be resolved as true.
        criteria: the ids of the criteria that it serves.
        supporting: the statements that say so.
        opposing: the statements that say otherwise.
        newer: whether a newer document resolves it; else the opposing statements would have to be
            corrected, and all else that their documents show kept.
    """

    requirement: Requirement
    criteria: tuple[str, ...]
    supporting: tuple[Evidence, ...]
    opposing: tuple[Evidence, ...]
    newer: bool


class RequestChange(Answer):
    """A change of the request, to a region of values that no rule in play distinguishes.

    Attributes:
        attribute: what is changed.
        before: what the form says now, or leaves to its default.
        value: a value of the region, as a case file would write it: of numbers the nearest, of
            lists the present one with as few members added and left out as the region takes.
        low: of numbers the least of the region; else None.
        high: of numbers the greatest, None where there is none.
        values: of names the region's values; `other` stands for any that is not listed.
        kept: of a list, the members of now that never count, and so can stay; they are in `value`.
        text: the change for a reader.
        cost: what it costs, in the vocabulary's own unit.
    """

    attribute: str
    before: Any
    value: Any
    low: int | None = None
    high: int | None = None
    values: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    text: str
    cost: int


class Repair(Answer):
    """A minimal set of what would change a denial into an approval.

    Attributes:
        requirements: what documents would have to establish.
        resolutions: which contradictions would have to be resolved, and which way.
        changes: how the request would have to be changed.
        sections: the sections that would be met.
        cost: the least that it costs, of documents, resolutions and changes, in the vocabulary's
            own unit.
        documents: the types of document that show the requirements, and resolve what newer ones can.
        unshown: the terms of the requirements that no document type is known to show together with the
            others; what these cost nobody knows, and `cost` leaves them out.
    """

    requirements: tuple[MissingRequirement, ...]
    resolutions: tuple[Resolution, ...]
    changes: tuple[RequestChange, ...]
    sections: tuple[str, ...]
    cost: int
    documents: tuple[str, ...]
    unshown: tuple[str, ...] = ()


_LISTS: tuple[Signature, ...] = (
    ("then_lists", 2),
    ("added", 2),
    ("left_out", 2),
    ("stands_by", 3),
)
"""The predicates for a change of a list."""


class RepairSearch:
    """The search for repairs over one policy under its interpretations."""

    def __init__(self, policy: LoadedPolicy) -> None:
        self._structure = policy.structure
        self._obtaining = policy.once(MissingSearch.of).obtaining
        self._minimal = MinimalSets(
            policy.program,
            "repairs",
            closure=(("moved", 2), ("added", 2), ("left_out", 2)),
            written=(("moved", 2), ("turned_on", 1), ("rewritten", 1)),
            also=(("to_correct", 1), ("by_correction", 1), *_LISTS, ("in_region", 2)),
        )

    def repairs(self, assessment: Assessment, resolving: bool) -> Iterator[Repair]:
        """The repairs of a case, in order; of an approval there are none."""
        if assessment.verdict.outcome == "approve":
            return
        known = self._minimal.program.watch(("value", 3))
        inputs = assessment.requirement_inputs | self._listed_now(assessment, known)
        if not resolving:
            inputs = {term for term in inputs if term.name != "conflicting"}
        for answer in self._minimal.sets(inputs, self._size):
            yield self._repair(answer, assessment)

    def _size(self, answer: Atoms) -> tuple[int, ...]:
        requirements = supposed(answer)
        changed = _changed(answer)
        unshown = len(self._obtaining.unshown(_to_show(answer)))
        return unshown, self._cost(answer, changed), len(requirements) + len(changed)

    def _cost(self, answer: Atoms, changed: Iterable[str]) -> int:
        corrected = sum(term.name == "to_correct" for term in answer)
        vocabulary = self._structure.vocabulary
        changes = sum(vocabulary.changeable[name] for name in changed)
        return self._obtaining.cheapest(_to_show(answer))[0] + changes + corrected * vocabulary.resolving

    def _repair(self, answer: Atoms, assessment: Assessment) -> Repair:
        sections = sections_met(answer)
        requirements = supposed(answer)
        changed = _changed(answer)
        statuses = assessment.statuses
        return Repair(
            requirements=tuple(
                self._obtaining.requirement(requirement, sections)
                for requirement in requirements
                if statuses[requirement] == "undocumented"
            ),
            resolutions=tuple(
                self._resolution(requirement, sections, assessment)
                for requirement in requirements
                if statuses[requirement] == "conflicting"
            ),
            changes=tuple(self._change(name, answer, assessment) for name in changed),
            sections=self._obtaining.sections(sections),
            cost=self._cost(answer, changed),
            documents=self._obtaining.cheapest(_to_show(answer))[1],
            unshown=self._obtaining.unshown(_to_show(answer)),
        )

    def _resolution(self, requirement: Value, sections: Iterable[Value], assessment: Assessment) -> Resolution:
        asked = self._structure.requirements[requirement]
        evidence = assessment.evidence(requirement, asked.attribute)
        return Resolution(
            requirement=asked,
            criteria=self._obtaining.served(requirement, sections),
            supporting=tuple(entry for entry in evidence if entry.effect == "supports"),
            opposing=tuple(entry for entry in evidence if entry.effect == "refutes"),
            newer=self._structure.vocabulary.attributes[asked.attribute].kind == "latest",
        )

    def _change(self, name: str, answer: Atoms, assessment: Assessment) -> RequestChange:
        attribute = self._structure.vocabulary.attributes[name]
        before = assessment.case.request.get(name, attribute.default)
        if any(term.name == "rewritten" and str(term.args[0]) == name for term in answer):
            fields = self._list(name, answer, assessment)
        elif attribute.domain == "whole_number":
            fields = self._numbers(name, answer, before)
        else:
            fields = self._names(name, answer)
        label = self._structure.vocabulary.labels.get(name, readable(name))
        cost = self._structure.vocabulary.changeable[name]
        text = f"{label}: {fields.pop('text')}"
        return RequestChange(attribute=name, before=before, cost=cost, text=text, **fields)

    def _list(self, name: str, answer: Atoms, assessment: Assessment) -> dict[str, Any]:
        new = sorted(_members(name, "added", answer), key=str)
        others = stand_ins(self._minimal.program, name)
        there = self._there(name, answer, assessment)
        words = [*there, *(str(plain(member)) for member in new)]
        shown = [*there, *("another one" if one in others else str(plain(one)) for one in new)]
        kept = assessment.topic(name).uncounted(name)
        text = " and ".join(map(readable, sorted(shown, key=readable))) or "none"
        return {"value": [*sorted(words), *kept], "kept": tuple(kept), "text": text}

    def _there(self, name: str, answer: Atoms, assessment: Assessment) -> list[str]:
        """What the request lists and the change leaves there: in its own words, as far as these stay."""
        attribute = self._structure.vocabulary.attributes[name]
        left_out = _members(name, "left_out", answer)
        gone = {
            term.args[2]
            for term in answer
            if term.name == "stands_by" and str(term.args[0]) == name and term.args[1] in left_out
        }
        topic = assessment.topic(name)
        uncounted = topic.uncounted(name)
        there: list[str] = []
        for word in topic.excerpt.request.get(name, ()):
            if attribute.domain != "drugs":
                parts = [(word, term) for term in topic.encoder.terms(attribute, (word,))]
            else:
                parts = topic.encoder.listed(attribute, word)
            stays = [part for part, term in parts if term not in gone]
            if word not in uncounted:
                there += [word] if len(stays) == len(parts) else stays
        return list(dict.fromkeys(there))

    def _numbers(self, name: str, answer: Atoms, before: Any) -> dict[str, Any]:
        places = [cast(int, value) for value in _region(name, answer)]
        low, high = min(places), self._last(name, max(places))
        value = low if before < low or high is None else high
        least = self._structure.vocabulary.attributes[name].minimum
        text = _range(None if low == least else low, high)
        return {"value": value, "low": low, "high": high, "text": text}

    def _last(self, name: str, place: int) -> int | None:
        """The greatest number that no requirement distinguishes from this one."""
        probes = [
            cast(int, term.args[1]) for term in self._structure.facts["probe"] if str(term.args[0]) == name
        ]
        beyond = [probe for probe in probes if probe > place]
        greatest = self._structure.vocabulary.attributes[name].maximum
        if beyond:
            return min(beyond) - 1
        return None if greatest == LARGEST else greatest

    def _names(self, name: str, answer: Atoms) -> dict[str, Any]:
        values = sorted(_word(value) for value in _region(name, answer))
        labels = self._structure.vocabulary.labels
        texts = [labels.get(value, readable(value)) for value in values]
        value: Any = values[0]
        if self._structure.vocabulary.attributes[name].domain == "flag":
            value = values[0] == "true"
            texts = ["yes" if value else "no"]
        return {"value": value, "values": tuple(values), "text": " or ".join(texts)}


def _range(low: int | None, high: int | None) -> str:
    """A range of numbers; None where it has no end that matters."""
    if low == high and low is not None:
        return str(low)
    if low is None:
        return "any" if high is None else f"at most {high}"
    return f"at least {low}" if high is None else f"{low} to {high}"


def _to_show(answer: Atoms) -> list[Value]:
    """The requirements that documents have to show: a correction of what is on file needs none."""
    corrected = {term.args[0] for term in answer if term.name == "by_correction"}
    return [requirement for requirement in supposed(answer) if requirement not in corrected]


def _changed(answer: Atoms) -> list[str]:
    """The names of the attributes that are changed."""
    changed = {str(term.args[0]) for term in answer if term.name in ("moved", "rewritten")}
    return sorted(changed)


def _members(name: str, predicate: str, answer: Atoms) -> set[Value]:
    """The members of an attribute's list that an answer names by some predicate."""
    return {term.args[1] for term in answer if term.name == predicate and str(term.args[0]) == name}


def _region(name: str, answer: Atoms) -> list[Value]:
    return [term.args[1] for term in answer if term.name == "in_region" and str(term.args[0]) == name]


def _word(value: Value) -> str:
    """A value as a case file writes it; `other` where it stands for whatever is not listed."""
    return value.name if isinstance(value, Term) else written(value)
