"""What the statements of one case come to: which requirements, who says so, and what to know of the input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from pyclingo_bridge.base.terms import Term, Value
from pyclingo_bridge.cases.statements import CaseStatements
from pyclingo_bridge.core.evidence import (
    NO_NAMES,
    CaseEvidence,
    Effect,
    EvidenceDetails,
    Speaker,
    UnknownNames,
)
from pyclingo_bridge.core.facts import Encoder
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.evidence import EvidenceFold
from pyclingo_bridge.fast.remarks import Remarks
from pyclingo_bridge.fast.statements import ListStatement, Statements, ValueStatement
from pyclingo_bridge.fast.unknown_names import NamesOnLists


class EvidenceMasks(EvidenceFold):
    """Weighs the statements of cases under one policy and its interpretations."""

    def __init__(self, structure: Structure, encoder: Encoder, watched: frozenset[Term]) -> None:
        """Take the policy, how its values are told apart, and the `value` terms that durations rest on."""
        super().__init__(structure, encoder, watched)
        self.unknown_names = NamesOnLists(structure, self)

    def weigh(self, said: CaseStatements) -> CaseEvidence:
        """What these statements come to."""
        supports, refutes = self.fold(self.statements(said), said.request)
        requested = self.requested(said.request)
        details = partial(self._details, said)
        names = partial(self._names, said, supports, refutes)
        return CaseEvidence(self.masks.order, supports, refutes, requested, details, names)

    def _names(self, said: CaseStatements, supports: int, refutes: int) -> UnknownNames:
        """The unknown names of a case; mostly there are none, which a look at its lists tells."""
        if not self._names_unknown(said):
            return NO_NAMES
        return self.unknown_names.found(self.statements(said), said, supports, refutes)

    def _names_unknown(self, said: CaseStatements) -> bool:
        of_list = self.masks.of_list
        for states in (said.request, *[document.states for document in said.documents]):
            for name, attribute in self.drug_lists.items():
                if name in states and of_list(attribute, tuple(states[name])).unread:
                    return True
        return False

    # Who says what

    def _details(self, said: CaseStatements) -> EvidenceDetails:
        heard = self.statements(said)
        effects = dict(self._effects(said, heard))
        return EvidenceDetails(
            effects,
            self._speakers(said, heard),
            frozenset(self._superseded(heard)),
            frozenset(
                (place, name)
                for place, document in enumerate(said.documents)
                for name in self.bars.of(document, said.tumor)
                if name in document.states
            ),
            tuple(sorted(Remarks(self, self._structure, said, heard).found(), key=str)),
        )

    def _effects(
        self, said: CaseStatements, heard: Statements
    ) -> Iterator[tuple[tuple[Speaker, str, Value], Effect]]:
        for name, values in heard.values.items():
            flags = {one.impact.flag for one in values}
            for one in self.counting(name, values):
                if name in self._pooled and (
                    one.impact.flag is None or (True in flags and not one.impact.flag)
                ):
                    continue
                yield from self._each(one.place, one.impact.own, one.impact.supports, one.impact.refutes)
        for name, lists in heard.lists.items():
            for listed, supports, refutes in self.decided(name, lists):
                yield from self._each(listed.place, name, supports, refutes)
        documented = {flag for flag in self.decided_flags if self.increases(flag, said.request, heard)}
        for impact in self.form(said.request, heard):
            if impact.attribute not in documented:
                yield from self._each(None, impact.own, impact.supports, impact.refutes)
        for flag in documented:
            for one, impact in self.increases(flag, said.request, heard):
                yield from self._each(one.place, impact.own, impact.supports, impact.refutes)

    def _each(
        self, speaker: Speaker, own: str, supports: int, refutes: int
    ) -> Iterator[tuple[tuple[Speaker, str, Value], Effect]]:
        for place in bits(supports):
            yield (speaker, own, self.masks.order[place]), "supports"
        for place in bits(refutes):
            yield (speaker, own, self.masks.order[place]), "refutes"

    def _speakers(self, said: CaseStatements, heard: Statements) -> dict[str, list[tuple[Speaker, str]]]:
        found: dict[str, dict[tuple[Speaker, str], None]] = {}
        for name in self._vocabulary.request_attributes:
            found.setdefault(name, {})[None, name] = None
        for name, values in heard.values.items():
            for one in values:
                found.setdefault(name, {})[one.place, one.impact.own] = None
        for name, lists in heard.lists.items():
            for listed in lists:
                found.setdefault(name, {})[listed.place, name] = None
        for flag in self.decided_flags:
            for one, impact in self.increases(flag, said.request, heard):
                found.setdefault(flag, {})[one.place, impact.own] = None
        return {name: list(speakers) for name, speakers in found.items()}

    def _superseded(self, heard: Statements) -> Iterator[tuple[Speaker, str]]:
        stated: list[tuple[str, Sequence[ValueStatement | ListStatement]]] = [
            *heard.values.items(),
            *heard.lists.items(),
        ]
        for name, values in stated:
            counting = {one.place for one in self.counting(name, values)}
            yield from ((one.place, name) for one in values if one.place not in counting)


def bits(mask: int) -> Iterator[int]:
    """The places of a mask's bits, the lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
