"""From the evidence and the statuses that the rules find, to a `Decision`."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal, cast

from pyclingo_bridge.decision import (
    Claim,
    ClaimResult,
    ClaimState,
    CriterionRef,
    CriterionResult,
    Decision,
    DenialKind,
    Item,
    Outcome,
    Part,
    PolicyInfo,
    Referral,
    SectionResult,
    Status,
)
from pyclingo_bridge.evidence import Findings
from pyclingo_bridge.structure import Place, Structure, natural_key
from pyclingo_bridge.terms import Term, Value, plain

_FIELDS: tuple[tuple[Literal["needs", "alternatives", "excuses"], Place], ...] = (
    ("needs", "needs"),
    ("alternatives", "offers"),
    ("excuses", "excuse"),
)


@lru_cache(maxsize=10_000)
def _reference(name: str) -> CriterionRef:
    return CriterionRef(id=name)


@lru_cache(maxsize=10_000)
def _silent(claim: Claim, state: ClaimState) -> ClaimResult:
    """A claim that nobody speaks of: alike in every case."""
    return ClaimResult(claim=claim, state=state, evidence=())


@dataclass(frozen=True)
class Assembly:
    """One decision in the making."""

    structure: Structure
    findings: Findings
    warnings: tuple[str, ...]
    _claims: dict[Value, ClaimResult] = field(default_factory=dict)

    @cached_property
    def standing(self) -> dict[Value, Status]:
        """How each criterion stands."""
        return {
            item: cast(Status, plain(status)) for item, status in self.findings.atoms["standing"]
        }

    def decision(
        self, policy: PolicyInfo, readings: dict[str, str], engine: dict[str, str]
    ) -> Decision:
        """The decision, whole."""
        outcome = cast(Outcome, self._only("outcome"))
        section = self._only("approved_section")
        referral = self._referral()
        return Decision(
            engine=engine,
            case=self.findings.case.id,
            policy=policy,
            readings=readings,
            outcome=outcome,
            outcome_word=self._outcome_word(outcome),
            denial_kind=cast(DenialKind | None, self._only("denial_kind")),
            section=section,
            approval_months=self.findings.months.get(section) if section else None,
            refer_to=referral.target if referral else None,
            referral=referral,
            sections=tuple(self._section(name) for name in self._routed()),
            criteria=self._criteria(),
            warnings=self.warnings,
        )

    def _only(self, name: str) -> str | None:
        found = [str(plain(args[0])) for args in self.findings.atoms[name]]
        return found[0] if found else None

    def _outcome_word(self, outcome: Outcome) -> str:
        words = self.structure.table("outcome_word")
        return str(plain(words.get(Term(outcome), outcome)))

    def _routed(self) -> list[Value]:
        routed = {args[0] for args in self.findings.atoms["routed"]}
        return [section for section in self.structure.sections if section in routed]

    def _section(self, name: Value) -> SectionResult:
        conditions = [
            term.args[1] for term in self.structure.facts["use_condition"] if term.args[0] == name
        ]
        return SectionResult(
            id=str(plain(name)),
            status=self.standing[name],
            addresses=(name,) in self.findings.atoms["addressed"],
            use_conditions=tuple(
                self._item(entry) for entry in sorted(conditions, key=lambda term: str(term))
            ),
        )

    def _criteria(self) -> dict[str, CriterionResult]:
        found = [self.structure.criteria_of(section) for section in self._routed()]
        names = sorted({name for names in found for name in names}, key=natural_key)
        return {name: self._criterion(name) for name in names}

    def _criterion(self, name: str) -> CriterionResult:
        return CriterionResult(
            id=name,
            label=self.structure.labels[name],
            locator=self.structure.locators[name],
            status=self.standing[name],
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
            return Part(status=self.standing[item], **self._parts(item))
        return self._claim(self.structure.representative[item])

    def _claim(self, term: Value) -> ClaimResult:
        if term not in self._claims:
            claim, state = self.structure.claims[term], self.findings.states[term]
            evidence = self.findings.evidence(term, claim.attribute)
            told = ClaimResult(claim=claim, state=state, evidence=evidence) if evidence else None
            self._claims[term] = told or _silent(claim, state)
        return self._claims[term]

    def _referral(self) -> Referral | None:
        found = self.findings.atoms["referred"]
        if not found:
            return None
        place, target = found[0]
        basis = place.args[0] if isinstance(place, Term) and place.name == "part" else place
        notes = [
            str(plain(term.args[1]))
            for term in self.structure.facts["note"]
            if term.args[0] == basis
        ]
        return Referral(
            target=str(plain(target)),
            basis=str(plain(basis)),
            label=self.structure.labels[basis],
            locator=self.structure.locators[basis],
            notes=tuple(sorted(notes)),
            reasons=tuple(
                self._claim(self.structure.representative[item])
                for item in self.structure.items("needs", place)
                if item in self.structure.representative
            ),
        )
