"""What a decision rests on: what is enough for an approval, and what forces the lack of one."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator

from pyclingo_bridge.case import IN_ORDER, Case, Document
from pyclingo_bridge.decision import (
    Answer,
    ClaimResult,
    Decision,
    Outcome,
)
from pyclingo_bridge.evidence import Findings
from pyclingo_bridge.followup.answer import AfterDecision, about
from pyclingo_bridge.followup.claims import ClaimSet, claim_result, claim_results, renewable_among
from pyclingo_bridge.followup.counterfactuals import CounterfactualSearch
from pyclingo_bridge.minimal import Answer as Atoms
from pyclingo_bridge.minimal import Build, MinimalSets, supposed, take
from pyclingo_bridge.missing import MissingSearch
from pyclingo_bridge.structure import Structure
from pyclingo_bridge.terms import Value


class DocumentRole(Answer):
    """What an approval owes to one document.

    Attributes:
        id: the document's id.
        type: its type.
        date: its date.
        withdrawn: whether the case is not approved without it.
        outcome_without: the outcome without it.
        contradicted: whether the case is not approved if all that it supports is contradicted.
        claims: the critical claims that it supports.
        alone: those of them that no other document supports.
    """

    id: str
    type: str
    date: datetime.date
    withdrawn: bool
    outcome_without: Outcome
    contradicted: bool
    claims: tuple[str, ...]
    alone: tuple[str, ...]


class Reasons(AfterDecision):
    """What a decision rests on.

    Attributes beside those of `AfterDecision`:
        section: for an approval, the section that approves.
        sufficient: for an approval, the least sets of established claims that are enough.
        critical: for an approval, the claims without which it falls.
        documents: for an approval, what it owes to each document.
        forcing: against an approval, the least sets of refuted or conflicting claims that force it.
        corrections: against an approval, the least sets of such claims that would have to be true.
        renewable: those of the claims in corrections, by their terms, that a further document can turn,
            documents on file staying as they are.
        of_any_date: those of them that such a document turns whatever its date.
        more: whether sets were left out.
    """

    section: str | None
    sufficient: tuple[ClaimSet, ...] = ()
    critical: tuple[ClaimResult, ...] = ()
    documents: tuple[DocumentRole, ...] = ()
    forcing: tuple[ClaimSet, ...] = ()
    corrections: tuple[ClaimSet, ...] = ()
    renewable: tuple[str, ...] = ()
    of_any_date: tuple[str, ...] = ()
    more: bool = False


class ReasonSearch:
    """The search for reasons over one policy under its readings."""

    def __init__(
        self,
        structure: Structure,
        build: Build,
        missing: MissingSearch,
        counterfactuals: CounterfactualSearch,
    ) -> None:
        self._structure = structure
        self._missing = missing
        self._counterfactuals = counterfactuals
        self._minimal = MinimalSets(build, "reasons")

    def reasons(
        self,
        findings: Findings,
        decision: Decision,
        first: int,
        outcome_of: Callable[[Case], Outcome],
    ) -> Reasons:
        """The reasons for a decision.

        Args:
            findings: what the rules find of the case.
            decision: the decision on it.
            first: how many sets of each kind; 0 for all.
            outcome_of: decides a case with fewer documents.
        """
        of_either = (
            self._approval(findings, first, outcome_of)
            if decision.outcome == "approve"
            else self._against(findings, first)
        )
        return Reasons(
            **about(decision),
            section=decision.section,
            **of_either,
        )

    def _approval(
        self, findings: Findings, first: int, outcome_of: Callable[[Case], Outcome]
    ) -> dict[str, object]:
        sufficient, more = take(self.sufficient(findings), first)
        critical = self.critical(findings)
        return {
            "sufficient": sufficient,
            "critical": claim_results(critical, self._structure, findings),
            "documents": tuple(self._documents(findings, critical, outcome_of)),
            "more": more,
        }

    def _against(self, findings: Findings, first: int) -> dict[str, object]:
        forcing, more = take(self._counterfactuals.forcing(findings), first)
        found = self._counterfactuals.corrections(findings) if forcing else []
        corrections, further = take(iter(found), first)
        claims = {entry.claim.term: entry for one in corrections for entry in one.claims}
        told = [claims[term] for term in sorted(claims)]
        turned, adding_up = renewable_among(told, self._structure.vocabulary)
        return {
            "forcing": forcing,
            "corrections": corrections,
            "renewable": turned,
            "of_any_date": adding_up,
            "more": more or further,
        }

    def sufficient(self, findings: Findings) -> Iterator[ClaimSet]:
        """The least sets of established claims that are enough, the fewest claims first."""
        for answer in self._minimal.sets(findings.claim_inputs, _count):
            claims = claim_results(supposed(answer), self._structure, findings)
            yield ClaimSet(claims=claims)

    def critical(self, findings: Findings) -> list[Value]:
        """The claims that every sufficient set holds or entails, none entailed by another one."""
        inputs = findings.claim_inputs
        program = self._minimal.program
        gained = program.watch(("gained", 1))
        (some,) = program.answers(inputs, gained, minimal=True, most=1)
        needed = [
            term.args[0]
            for term in some
            if not program.answers(inputs, {}, most=1, assumptions=[-gained[term]])
        ]
        return [
            claim
            for claim in needed
            if not any(claim in self._structure.implied(other) - {other} for other in needed)
        ]

    def _documents(
        self,
        findings: Findings,
        critical: Iterable[Value],
        outcome_of: Callable[[Case], Outcome],
    ) -> Iterator[DocumentRole]:
        supports = findings.supporters
        terms = {claim: self._term(claim, findings) for claim in critical}
        without_alike: dict[str, tuple[Outcome, bool]] = {}
        for document in sorted(findings.case.documents, key=IN_ORDER):
            # Documents that say the same on the same day are alike in all but their ids.
            said = f"{document.type} {document.date} {sorted(document.states.items())}"
            if said not in without_alike:
                without_alike[said] = (
                    self._without(findings, document, outcome_of),
                    not self._stands_without(findings, document),
                )
            without, contradicted = without_alike[said]
            mine = [claim for claim in terms if document.id in supports.get(claim, ())]
            yield DocumentRole(
                id=document.id,
                type=document.type,
                date=document.date,
                withdrawn=without != "approve",
                outcome_without=without,
                contradicted=contradicted,
                claims=tuple(sorted(terms[claim] for claim in mine)),
                alone=tuple(sorted(terms[c] for c in mine if len(supports[c]) == 1)),
            )

    def _without(
        self, findings: Findings, document: Document, outcome_of: Callable[[Case], Outcome]
    ) -> Outcome:
        """The outcome without a document.

        Its withdrawal can change nothing but the claims on what it speaks of. Where these are not
        needed, nothing has to be decided anew.
        """
        spoken = findings.spoken_of(document.id)
        lost = {claim for claim, name in self._structure.attribute_of.items() if name in spoken}
        if self._stands_on(findings, lost):
            return "approve"
        rest = tuple(entry for entry in findings.case.documents if entry.id != document.id)
        return outcome_of(findings.case.model_copy(update={"documents": rest}))

    def _term(self, claim: Value, findings: Findings) -> str:
        return claim_result(claim, self._structure, findings).claim.term

    def _stands_without(self, findings: Findings, document: Document) -> bool:
        """Whether the approval stands if what a document supports is contradicted.

        What accumulates no further document can take back.
        """
        kinds = self._structure.vocabulary.attributes
        lost = {
            claim
            for claim, speakers in findings.supporters.items()
            if document.id in speakers
            and kinds[self._structure.attribute_of[claim]].kind != "cumulative"
        }
        return self._stands_on(findings, lost)

    def _stands_on(self, findings: Findings, lost: set[Value]) -> bool:
        """Whether the approval stands without these claims."""
        left = {
            term
            for term in findings.claim_inputs
            if term.name == "established" and term.args[0] not in lost
        }
        return self._missing.suffices(left)


def _count(answer: Atoms) -> tuple[int, ...]:
    return (len(supposed(answer)),)
