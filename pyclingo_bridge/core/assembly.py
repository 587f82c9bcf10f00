"""From the evidence and the statuses that the rules find, to a `Decision`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from pyclingo_bridge.base.terms import Term, Value, plain
from pyclingo_bridge.core.assessment import Assessment, RulesVerdict
from pyclingo_bridge.core.decision import (
    CriterionRef,
    CriterionResult,
    Item,
    Notice,
    Part,
    Referral,
    Requirement,
    RequirementResult,
    SectionResult,
    Status,
)
from pyclingo_bridge.core.structure import Place, Structure

_FIELDS: tuple[tuple[Literal["needs", "alternatives", "excuses"], Place], ...] = (
    ("needs", "needs"),
    ("alternatives", "offers"),
    ("excuses", "excuse"),
)


@lru_cache(maxsize=10_000)
def _reference(name: str) -> CriterionRef:
    return CriterionRef(id=name)


@lru_cache(maxsize=10_000)
def _silent(requirement: Requirement, status: Status) -> RequirementResult:
    """A requirement that nobody speaks of: alike in every case."""
    return RequirementResult(requirement=requirement, status=status, evidence=())


Known: TypeAlias = dict[str, tuple[tuple[object, ...], CriterionResult]]
"""Criteria that were put together before, by their ids, each with what it rested on."""


@dataclass(frozen=True)
class Assembly:
    """One decision in the making.

    Attributes:
        structure: the policy's own shape.
        assessment: what the rules find of the case.
        warnings: gives what a reader should know of the input.
        known: criteria put together before, kept up to date: a case that changed little shares most.
    """

    structure: Structure
    assessment: Assessment
    warnings: Callable[[Assessment], tuple[str, ...]]
    known: Known = field(default_factory=dict)
    _requirements: dict[Value, RequirementResult] = field(default_factory=dict)

    @property
    def _verdict(self) -> RulesVerdict:
        return self.assessment.verdict

    def rest(self) -> dict[str, Any]:
        """The reasons: all of a decision but the outcome and what goes with it."""
        return {
            "referral": self._referral(),
            "sections": tuple(self._section(name) for name in self._routed()),
            "criteria": self._criteria(),
            "request_date": self.assessment.said.day,
            "notices": tuple(self._notices()),
            "warnings": self.warnings(self.assessment),
        }

    def _notices(self) -> Iterator[Notice]:
        locators = self.structure.table("locator")
        for name, text in sorted(self.structure.notices.items(), key=str):
            if self.structure.told(name, self.assessment.statuses):
                locator = str(plain(locators.get(name, "")))
                yield Notice(id=str(plain(name)), text=text, locator=locator)

    def _routed(self) -> list[Value]:
        return [name for name in self.structure.sections if name in self._verdict.routed]

    def _section(self, name: Value) -> SectionResult:
        conditions = self.structure.use_conditions.get(name, ())
        return SectionResult(
            id=str(plain(name)),
            status=self._verdict.node_statuses[name],
            addresses=name in self._verdict.addressed,
            use_conditions=tuple(map(self._item, conditions)),
        )

    def _criteria(self) -> dict[str, CriterionResult]:
        names = self.structure.criteria_of(self._verdict.routed)
        return {name: self._criterion(name) for name in names}

    def _criterion(self, name: str) -> CriterionResult:
        """The criterion; the one made before where it and all in its wording are as they were."""
        parts, requirements = self.structure.wording(name)
        statuses = self._verdict.node_statuses
        now = (
            statuses[name],
            *(statuses[part] for part in parts),
            *map(self._requirement, requirements),
        )
        before = self.known.get(name)
        if before is None or before[0] != now:
            before = self.known[name] = (now, self._new_criterion(name))
        return before[1]

    def _new_criterion(self, name: str) -> CriterionResult:
        return CriterionResult(
            id=name,
            label=self.structure.labels[name],
            locator=self.structure.locators[name],
            status=self._verdict.node_statuses[name],
            **self._parts(name),
        )

    def _parts(self, node: Value) -> dict[str, tuple[Item, ...]]:
        return {
            field: tuple(self._item(entry) for entry in self.structure.items(place, node))
            for field, place in _FIELDS
        }

    def _item(self, item: Value) -> Item:
        if item in self.structure.labels:
            return _reference(str(plain(item)))
        if item in self.structure.nodes:
            return Part(status=self._verdict.node_statuses[item], **self._parts(item))
        return self._requirement(self.structure.representative[item])

    def _requirement(self, term: Value) -> RequirementResult:
        if term not in self._requirements:
            requirement = self.structure.requirements[term]
            status = self.assessment.statuses[term]
            evidence = self.assessment.evidence(term, requirement.attribute)
            result = (
                RequirementResult(requirement=requirement, status=status, evidence=evidence)
                if evidence
                else _silent(requirement, status)
            )
            self._requirements[term] = result
        return self._requirements[term]

    def _referral(self) -> Referral | None:
        if self._verdict.referred is None:
            return None
        place, target = self._verdict.referred
        basis = place.args[0] if isinstance(place, Term) and place.name == "part" else place
        notes = [str(plain(term.args[1])) for term in self.structure.facts["note"] if term.args[0] == basis]
        return Referral(
            target=str(plain(target)),
            basis=str(plain(basis)),
            label=self.structure.labels[basis],
            locator=self.structure.locators[basis],
            notes=tuple(sorted(notes)),
            reasons=tuple(
                self._requirement(self.structure.representative[item])
                for item in self.structure.items("needs", place)
                if item in self.structure.representative
            ),
        )
