"""What would change a denial into an approval: documents, resolved contradictions, a changed request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from pyclingo_bridge.base.solver import Program, Signature
from pyclingo_bridge.base.terms import LARGEST, Term, Value, constant, plain, written
from pyclingo_bridge.cases.attributes import Attribute, as_given
from pyclingo_bridge.cases.days import day_of_number
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import Answer, Evidence, Requirement
from pyclingo_bridge.core.facts import REQUEST, number_span
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import readable
from pyclingo_bridge.questions.changes import applied
from pyclingo_bridge.questions.minimal_sets import Answer as Atoms
from pyclingo_bridge.questions.minimal_sets import MinimalSets, sections_met, supposed
from pyclingo_bridge.questions.missing import MissingSearch
from pyclingo_bridge.questions.obtaining import Cover, MissingRequirement
from pyclingo_bridge.questions.request_lists import RequestLists, value_input
from pyclingo_bridge.questions.segments import Segment, Segments, least_of
from pyclingo_bridge.questions.stand_ins import stand_ins
from pyclingo_bridge.questions.unknown_names import Clarification, NamesOnFile, names_on_file


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
        low: of numbers and days the least of the region; else None.
        high: of numbers and days the greatest, None where there is none.
        values: of names the region's values; `other` stands for any that is not listed.
        kept: of a list, the members of now that never count, and so can stay; they are in `value`.
        text: the change for a reader.
        cost: what it costs, in the vocabulary's own unit.
    """

    attribute: str
    before: Any
    value: Any
    low: int | float | str | None = None
    high: int | float | str | None = None
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
        clarifications: the unknown names to find out about besides; of a list that is changed, those that
            stay in it.
        rank: the cost, that of the clarifications, and what is added for what is rarely true.
        unshown: the terms of the requirements that no document type is known to show together with the
            others; what these cost is unknown, and `cost` leaves them out.
    """

    requirements: tuple[MissingRequirement, ...]
    resolutions: tuple[Resolution, ...]
    changes: tuple[RequestChange, ...]
    sections: tuple[str, ...]
    cost: int
    documents: tuple[str, ...]
    unshown: tuple[str, ...] = ()
    clarifications: tuple[Clarification, ...] = ()
    rank: int


_LISTS: tuple[Signature, ...] = (
    ("then_lists", 2),
    ("added", 2),
    ("left_out", 2),
    ("stands_by", 3),
)
"""The predicates for a change of a list."""

_UNKNOWN_NAMES = constant("unknown_names")
"""What the rules call those names of a list that nobody knows."""


class RepairSearch:
    """The search for repairs over one policy under its interpretations.

    Attributes:
        policy: the policy.
        lists: the lists of its request form.
        obtaining: tells what documents cost.
        program: the program that finds all repairs.
    """

    def __init__(self, policy: LoadedPolicy) -> None:
        self.policy = policy
        self.lists = RequestLists(policy.structure, policy.encoder)
        self.obtaining = policy.once(MissingSearch.of).obtaining
        self._segments = Segments(policy)
        self._minimal = MinimalSets(
            policy.program,
            "repairs",
            one_wording=True,
            closure=(("moved", 2), ("at_segment", 2), ("added", 2), ("left_out", 2)),
            written=(("moved", 2), ("at_segment", 2), ("turned_on", 1), ("rewritten", 1)),
            also=(("to_correct", 1), ("by_correction", 1), *_LISTS, ("in_region", 2)),
        )

    def flags_of(self, numbers: Iterable[str]) -> set[str]:
        """The flags of the form that documents may decide otherwise where these numbers change."""
        return {flag for name in numbers for flag in self._segments.flags_of(name)}

    @property
    def program(self) -> Program:
        """The program that finds all repairs."""
        return self._minimal.program

    def repairs(self, assessment: Assessment, resolving: bool) -> Iterator[Repair]:
        """The repairs of a case, in order; of an approval there are none."""
        if assessment.verdict.outcome == "approve":
            return
        segments = self._segments.of(assessment)
        inputs = {
            *assessment.requirement_inputs,
            *self._of_lists(assessment.said.request),
            *self._segments.inputs(segments),
        }
        if not resolving:
            inputs = {term for term in inputs if term.name != "conflicting"}
        repairing = _Repairing(self, assessment, segments)
        facts = repairing.names.facts if repairing.names else ()
        for answer in self._minimal.sets(inputs, repairing.size, facts):
            yield _Found(repairing, answer).repair()

    def _of_lists(self, request: Mapping[str, Any]) -> Iterator[Term]:
        """What changeable lists hold, as inputs of the search."""
        known = self.program.watch(("value", 3))
        for name in self.policy.vocabulary.changeable:
            attribute = self.policy.vocabulary.attributes[name]
            if attribute.domain in ("list", "drugs"):
                words = tuple(request.get(name, ()))
                inputs = (value_input(name, member) for member in self.lists.members(attribute, words))
                yield from (term for term in inputs if term in known)
                if self.lists.unclear(attribute, words):
                    yield Term("unclear", (REQUEST, constant(name)))


class _Repairing:
    """The repairs of one case.

    Attributes:
        search: the search that finds them.
        assessment: what the rules find of the case.
        segments: where changes of a number turn what documents state.
        names: the unknown names of the case that matter.
    """

    def __init__(
        self, search: RepairSearch, assessment: Assessment, segments: Mapping[str, Sequence[Segment]]
    ) -> None:
        self.search = search
        self.assessment = assessment
        self.segments = segments
        structure = search.policy.structure
        self.names = names_on_file(structure, assessment, structure.requirements)

    def size(self, answer: Atoms) -> tuple[int, ...]:
        """What comes first in the order of repairs."""
        cover, names = self.cover(answer)
        unshown = len(self.search.obtaining.unshown_by(cover, _to_show(answer), names))
        return unshown, self.rank(answer, cover), len(supposed(answer)) + len(_changed(answer))

    def cover(self, answer: Atoms) -> tuple[Cover, NamesOnFile | None]:
        """The cheapest means for what an answer supposes, with the names that are unknown then."""
        names = self.names
        if names is not None and self._may_differ(answer):
            found = _Found(self, answer)
            structure = self.search.policy.structure
            names = names_on_file(structure, found.then(found.changes()), structure.requirements)
        return self.search.obtaining.cover(_to_show(answer), names), names

    def _may_differ(self, answer: Atoms) -> bool:
        """Whether something is supposed of a list that is changed."""
        attribute_of = self.search.policy.structure.attribute_of
        rewritten = {str(term.args[0]) for term in answer if term.name == "rewritten"}
        return any(attribute_of[requirement] in rewritten for requirement in supposed(answer))

    def cost(self, answer: Atoms, cover: Cover) -> int:
        """What an answer costs: documents, corrections and changes."""
        corrected = sum(term.name == "to_correct" for term in answer)
        vocabulary = self.search.policy.vocabulary
        changes = sum(vocabulary.changeable[name] for name in _changed(answer))
        return cover.cost + changes + corrected * vocabulary.resolving

    def rank(self, answer: Atoms, cover: Cover) -> int:
        """Its place in the order: its cost, with that of clarifications, and what is rarely true."""
        unlikely = self.search.obtaining.unlikely(supposed(answer))
        return self.cost(answer, cover) + cover.rank - cover.cost + unlikely


class _Found:
    """A repair that was found, on its way to words."""

    def __init__(self, repairing: _Repairing, answer: Atoms) -> None:
        self._repairing = repairing
        self._search = repairing.search
        self._answer = answer
        self._assessment = repairing.assessment
        self._segments = repairing.segments
        self._structure = self._search.policy.structure
        self._vocabulary = self._search.policy.vocabulary
        self._request = repairing.assessment.said.request

    def repair(self) -> Repair:
        """The repair."""
        sections = sections_met(self._answer)
        changes = self.changes()
        then = self.then(changes)
        cover, names = self._repairing.cover(self._answer)
        requirements = supposed(self._answer)
        obtaining = self._search.obtaining
        return Repair(
            requirements=tuple(
                obtaining.requirement(requirement, sections, names)
                for requirement in requirements
                if then.statuses[requirement] == "undocumented"
            ),
            resolutions=tuple(
                self._resolution(requirement, sections, then)
                for requirement in requirements
                if then.statuses[requirement] == "conflicting"
            ),
            changes=changes,
            sections=obtaining.sections(sections),
            cost=self._repairing.cost(self._answer, cover),
            documents=cover.documents,
            unshown=obtaining.unshown_by(cover, _to_show(self._answer), names),
            clarifications=cover.clarifications,
            rank=self._repairing.rank(self._answer, cover),
        )

    def changes(self) -> tuple[RequestChange, ...]:
        """How the request would have to be changed."""
        return tuple(map(self._change, _changed(self._answer)))

    def then(self, changes: Sequence[RequestChange]) -> Assessment:
        """What the rules find of the case once the request is changed.

        Changes that leave what is supposed as it is need no look.
        """
        names = {self._structure.attribute_of[requirement] for requirement in supposed(self._answer)}
        moved = {change.attribute for change in changes}
        if not names & (moved | self._search.flags_of(moved)):
            return self._assessment
        values = {change.attribute: change.value for change in changes}
        return self._search.policy.assess(applied(self._assessment.case, {"set": values}, self._vocabulary))

    def _resolution(self, requirement: Value, sections: Iterable[Value], then: Assessment) -> Resolution:
        asked = self._structure.requirements[requirement]
        evidence = then.evidence(requirement, asked.attribute)
        corrected = {term.args[0] for term in self._answer if term.name == "by_correction"}
        return Resolution(
            requirement=asked,
            criteria=self._search.obtaining.served(requirement, sections),
            supporting=tuple(entry for entry in evidence if entry.effect == "supports"),
            opposing=tuple(entry for entry in evidence if entry.effect == "refutes"),
            newer=requirement not in corrected,
        )

    def _change(self, name: str) -> RequestChange:
        attribute = self._vocabulary.attributes[name]
        before = self._request.get(name, attribute.default)
        if any(term.name == "rewritten" and str(term.args[0]) == name for term in self._answer):
            fields = self._list(attribute)
            before = list(before or ())
        elif attribute.domain in ("whole_number", "decimal", "date"):
            fields = self._numbers(attribute, before)
        else:
            fields = self._names(attribute)
        label = self._vocabulary.labels.get(name, readable(name))
        cost = self._vocabulary.changeable[name]
        text = f"{label}: {fields.pop('text')}"
        return RequestChange(attribute=name, before=before, cost=cost, text=text, **fields)

    def _list(self, attribute: Attribute) -> dict[str, Any]:
        name = attribute.name
        new = sorted(_members(name, "added", self._answer), key=str)
        others = stand_ins(self._search.program, name)
        there = self._there(attribute)
        words = [*there, *(str(plain(member)) for member in new)]
        shown = [*there, *("another one" if one in others else str(plain(one)) for one in new)]
        kept = self._search.lists.uncounted(attribute, self._request.get(name, ()))
        text = " and ".join(map(readable, sorted(shown, key=readable))) or "none"
        return {"value": [*sorted(words), *kept], "kept": tuple(kept), "text": text}

    def _there(self, attribute: Attribute) -> list[str]:
        """What the request lists and the change leaves there: in its own words, as far as these stay."""
        name, lists = attribute.name, self._search.lists
        left_out = _members(name, "left_out", self._answer)
        gone = {
            term.args[2]
            for term in self._answer
            if term.name == "stands_by" and str(term.args[0]) == name and term.args[1] in left_out
        }
        there: list[str] = []
        for word in self._request.get(name, ()):
            parts = lists.parts(attribute, word)
            stays = [
                part.name
                for part in parts
                if (part.term not in gone if part.known else _UNKNOWN_NAMES not in left_out)
            ]
            if any(part.counts for part in parts):
                there += [word] if len(stays) == len(parts) else stays
        return list(dict.fromkeys(there))

    def _numbers(self, attribute: Attribute, before: Any) -> dict[str, Any]:
        low, high = self._range(attribute)
        now = None if before is None else number_span(attribute, before)
        nearest = low if now is None or now[0] < low or high is None else high
        text = _range(
            None if low == least_of(attribute) else as_given(attribute, low),
            None if high is None else as_given(attribute, high),
        )
        return {
            "value": as_given(attribute, nearest),
            "low": as_given(attribute, low),
            "high": None if high is None else as_given(attribute, high),
            "text": text,
        }

    def _range(self, attribute: Attribute) -> tuple[int, int | None]:
        """The least and the greatest number that a change leads to; None where there is none."""
        name = attribute.name
        places = [cast(int, value) for value in _region(name, self._answer)]
        low, high = min(places), self._last(attribute, max(places))
        for term in self._answer:
            if term.name == "at_segment" and str(term.args[0]) == name:
                segment = self._segments[name][cast(int, term.args[1])]
                low = max(low, segment.low)
                high = min((end for end in (high, segment.high) if end is not None), default=None)
        if attribute.domain == "date":
            low, high = _real_day(low, 1), None if high is None else _real_day(high, -1)
        return low, high

    def _last(self, attribute: Attribute, place: int) -> int | None:
        """The greatest number that no requirement distinguishes from this one."""
        probes = self._search.policy.encoder.probes(attribute.name)
        beyond = [probe for probe in probes if probe > place]
        if beyond:
            return min(beyond) - 1
        if attribute.maximum == LARGEST:
            return None
        return attribute.maximum * 1000 if attribute.domain == "decimal" else attribute.maximum

    def _names(self, attribute: Attribute) -> dict[str, Any]:
        values = sorted(_word(value) for value in _region(attribute.name, self._answer))
        labels = self._vocabulary.labels
        texts = [labels.get(value, readable(value)) for value in values]
        value: Any = values[0]
        if attribute.domain == "flag":
            value = values[0] == "true"
            texts = ["yes" if value else "no"]
        return {"value": value, "values": tuple(values), "text": " or ".join(texts)}


def _real_day(number: int, step: int) -> int:
    """The next day, or the one before, that there is: the rules look at numbers between months, too."""
    while True:
        try:
            day_of_number(number)
        except ValueError:
            number += step
        else:
            return number


def _range(low: Any, high: Any) -> str:
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
