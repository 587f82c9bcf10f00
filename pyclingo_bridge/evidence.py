"""What the evidence rules find of a case: the state of each claim, and who says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, cast

from pyclingo_bridge.case import Case, Document
from pyclingo_bridge.decision import ClaimState, Evidence, value_text
from pyclingo_bridge.facts import CaseInputs
from pyclingo_bridge.terms import Term, Value, plain

Effect = Literal["supports", "refutes", "superseded", "silent"]


@dataclass(frozen=True)
class Findings:
    """What the rules find of a case.

    Attributes:
        case: the case.
        inputs: the case as the rules saw it.
        defaults: what holds of a request attribute that the form leaves out.
        atoms: the arguments of the atoms that hold, by predicate, as `bridge/answer.lp` shows them.
    """

    case: Case
    inputs: CaseInputs
    defaults: Mapping[str, object]
    atoms: Mapping[str, list[tuple[Value, ...]]]

    @cached_property
    def states(self) -> dict[Value, ClaimState]:
        """The state of each claim."""
        names: tuple[ClaimState, ...] = ("established", "open", "conflicting", "refuted")
        return {args[0]: name for name in names for args in self.atoms[name]}

    @cached_property
    def claim_inputs(self) -> set[Term]:
        """The states as inputs of the searches; a claim in none of them is refuted."""
        return {
            Term(name, args)
            for name in ("established", "open", "conflicting")
            for args in self.atoms[name]
        }

    @cached_property
    def months(self) -> dict[Value, int]:
        """For how many months each section would approve."""
        return {section: cast(int, months) for section, months in self.atoms["months"]}

    @cached_property
    def _effects(self) -> dict[tuple[Value, Value, Value], Effect]:
        return {
            (speaker, claim, stated): cast(Effect, plain(effect))
            for speaker, claim, stated, effect in self.atoms["effect"]
        }

    @cached_property
    def _speakers(self) -> dict[str, list[tuple[Value, Value]]]:
        found: dict[str, list[tuple[Value, Value]]] = {}
        for speaker, attribute, stated in self.atoms["speaks"]:
            found.setdefault(str(plain(attribute)), []).append((speaker, stated))
        return found

    @cached_property
    def _superseded(self) -> frozenset[tuple[Value, str]]:
        return frozenset(
            (speaker, str(plain(attribute))) for speaker, attribute in self.atoms["superseded"]
        )

    @cached_property
    def _documents(self) -> dict[str, Document]:
        return {document.id: document for document in self.case.documents}

    def document(self, place: Value) -> Document:
        """The document at a place."""
        return self._documents[self.inputs.documents[cast(int, place) - 1]]

    def statements(self, place: Value, attribute: Value) -> list[str]:
        """What the document at a place states of an attribute, or of another that speaks of it."""
        states = self.document(place).states
        stated = [
            name for speaker, name in self._speakers[str(plain(attribute))] if speaker == place
        ]
        return [f"{plain(name)} = {value_text(states[str(plain(name))])}" for name in stated]

    def words(self, speaker: Value, attribute: Value, value: Value) -> list[str]:
        """The words that the speaker used for an encoded value."""
        return self.inputs.said.get((speaker, str(plain(attribute)), value), [])

    def evidence(self, claim: Value, attribute: str) -> tuple[Evidence, ...]:
        """Who says what of a claim: the request form first, then the latest document."""
        return tuple(sorted(self._evidence(claim, attribute), key=_newest_first))

    def _evidence(self, claim: Value, attribute: str) -> Iterator[Evidence]:
        for speaker, stated in self._speakers.get(attribute, ()):
            effect: Effect = self._effects.get((speaker, claim, stated), "silent")
            name = str(plain(stated))
            if isinstance(speaker, int):
                document = self.document(speaker)
                yield Evidence(
                    document=document.id,
                    type=document.type,
                    date=document.date,
                    attribute=name,
                    value=document.states[name],
                    effect="superseded" if (speaker, attribute) in self._superseded else effect,
                )
            else:
                given = name in self.case.request
                yield Evidence(
                    document=None,
                    type=None,
                    date=None,
                    attribute=name,
                    value=self.case.request[name] if given else self.defaults.get(name),
                    by_default=not given,
                    effect=effect,
                )


def _newest_first(entry: Evidence) -> tuple[int, str, str]:
    return (
        -entry.date.toordinal() if entry.date else -(10**9),
        entry.document or "",
        entry.attribute,
    )
