"""Numbers of the form beside what documents state of the same: where flags that compare the two turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from pyclingo_bridge.base.terms import LARGEST, Term, Value, constant, plain
from pyclingo_bridge.cases.attributes import Attribute, as_given
from pyclingo_bridge.cases.statements import CaseStatements
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.facts import number_span
from pyclingo_bridge.core.loaded import LoadedPolicy

_Masks: TypeAlias = tuple[int, int]


class Segment(NamedTuple):
    """Numbers of the form over which flags that follow from the comparison are the same.

    Attributes:
        low: the least, as the rules count.
        high: the greatest; None where there is no end.
        supported: the requirements on such flags that something then supports.
        refuted: those that something refutes.
    """

    low: int
    high: int | None
    supported: tuple[Value, ...]
    refuted: tuple[Value, ...]


class Segments:
    """The segments of the changeable numbers of one policy's request form."""

    def __init__(self, policy: LoadedPolicy) -> None:
        self._policy = policy
        self._attributes = policy.vocabulary.all
        self._bits = {requirement: 1 << place for place, requirement in enumerate(policy.structure.ordered)}

    @cached_property
    def _compared(self) -> dict[str, list[tuple[str, str]]]:
        """Of each changeable number the flags that follow from it, each with what documents state for that."""
        found: dict[str, list[tuple[str, str]]] = {}
        for term in self._policy.structure.facts["increase"]:
            flag, asked, documented = (str(plain(arg)) for arg in term.args)
            if asked in self._policy.vocabulary.changeable:
                found.setdefault(asked, []).append((flag, documented))
        return found

    @cached_property
    def _moving(self) -> frozenset[str]:
        """The attributes of which what a document states means another number as time passes."""
        facts = self._policy.structure.facts
        return frozenset(
            str(plain(name))
            for name in (*(term.args[0] for term in facts["grows"]), *(term.args[1] for term in facts["dates"]))
        )

    def flags_of(self, number: str) -> set[str]:
        """The flags that follow from a number of the form."""
        return {flag for flag, _ in self._compared.get(number, ())}

    def of(self, assessment: Assessment) -> dict[str, list[Segment]]:
        """The segments of each number, the least first; none of a number that makes no difference."""
        said = assessment.said
        found = {name: list(self._segments(name, said)) for name in self._compared if name in said.request}
        return {name: segments for name, segments in found.items() if len(segments) > 1}

    def inputs(self, segments: Mapping[str, Sequence[Segment]]) -> frozenset[Term]:
        """The segments as inputs of the search."""
        return frozenset(
            term
            for name, found in segments.items()
            for place, segment in enumerate(found)
            for term in self._inputs(name, place, segment)
        )

    def _inputs(self, name: str, place: int, segment: Segment) -> Iterator[Term]:
        probes = self._policy.encoder.probes(name)
        for probe, following in zip(probes, (*probes[1:], LARGEST + 1), strict=True):
            if segment.low < following and (segment.high is None or probe <= segment.high):
                yield Term("placed", (constant(name), probe, place))
        yield from (Term("supported_at", (requirement, place)) for requirement in segment.supported)
        yield from (Term("refuted_at", (requirement, place)) for requirement in segment.refuted)

    def _segments(self, name: str, said: CaseStatements) -> Iterator[Segment]:
        attribute = self._attributes[name]
        ends = self._ends(name, said)
        known: dict[int, _Masks] = {}

        def masks(place: int) -> _Masks:
            """What is said of the flags by a number just above an end; at the first place, by the least."""
            if place not in known:
                number = ends[place - 1] + 1 if place else least_of(attribute)
                known[place] = self._masks(name, said, number)
            return known[place]

        low, now = least_of(attribute), masks(0)
        for place in _turns(masks, 0, len(ends)):
            yield self._segment(low, ends[place - 1], now)
            low, now = ends[place - 1] + 1, masks(place)
        yield self._segment(low, None, now)

    def _segment(self, low: int, high: int | None, masks: _Masks) -> Segment:
        supported, refuted = (
            tuple(requirement for requirement, bit in self._bits.items() if mask & bit) for mask in masks
        )
        return Segment(low, high, supported, refuted)

    def _ends(self, name: str, said: CaseStatements) -> Sequence[int]:
        """The last numbers after which something can be otherwise, in their order."""
        least = least_of(self._attributes[name])
        compared = {documented for _, documented in self._compared[name]}
        if compared & self._moving:
            return range(least, LARGEST)
        ends = {end for other in compared for end in self._stated(other, said)}
        return sorted(end for end in ends if least <= end < LARGEST)

    def _stated(self, name: str, said: CaseStatements) -> Iterable[int]:
        for document in said.documents:
            if name in document.states:
                yield from number_span(self._attributes[name], document.states[name]) or ()

    def _masks(self, name: str, said: CaseStatements, number: int) -> _Masks:
        """What is said of the flags if the form gives this number: asked of the rules of evidence."""
        moved = said._replace(request={**said.request, name: as_given(self._attributes[name], number)})
        weighed = self._policy.assessor.evidence_engine.weigh(moved)
        flags = self.flags_of(name)
        attribute_of = self._policy.structure.attribute_of
        mine = sum(bit for requirement, bit in self._bits.items() if attribute_of[requirement] in flags)
        return weighed.supported & mine, weighed.refuted & mine


def _turns(masks: Any, low: int, high: int) -> Iterator[int]:
    """The places at which something else is said than before, in their order.

    With growing numbers a flag comes to be supported once, and stops being refuted once: where both ends of a
    range say the same, so does all between.
    """
    if masks(low) == masks(high):
        return
    if high == low + 1:
        yield high
        return
    middle = (low + high) // 2
    yield from _turns(masks, low, middle)
    yield from _turns(masks, middle, high)


def least_of(attribute: Attribute) -> int:
    """The least number of an attribute, as the rules count."""
    return attribute.minimum * 1000 if attribute.domain == "decimal" else attribute.minimum
