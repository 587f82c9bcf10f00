"""What a decision rests on: what is enough for an approval, and what forces the lack of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyclingo_bridge.base.terms import Value
from pyclingo_bridge.cases.case import Document
from pyclingo_bridge.cases.days import DayField
from pyclingo_bridge.cases.statements import IN_ORDER
from pyclingo_bridge.core.answer import AfterDecision, about
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import (
    Answer,
    Outcome,
    RequirementResult,
)
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.questions.counterfactuals import CounterfactualSearch
from pyclingo_bridge.questions.minimal_sets import Answer as Atoms
from pyclingo_bridge.questions.minimal_sets import MinimalSets, check_count, supposed, take
from pyclingo_bridge.questions.missing import MissingSearch
from pyclingo_bridge.questions.requirements import (
    RequirementSet,
    renewable_among,
    requirement_result,
    requirement_results,
)


class DocumentRole(Answer):
    """How an approval depends on one document.

    Attributes:
        id: the document's id.
        type: its type.
        date: its date.
        withdrawn: whether the case is not approved without it.
        outcome_without: the outcome without it.
        contradicted: whether the case is not approved if all that it supports is contradicted.
        requirements: the critical requirements that it supports.
        alone: those of them that no other document supports.
    """

    id: str
    type: str
    date: DayField
    withdrawn: bool
    outcome_without: Outcome
    contradicted: bool
    requirements: tuple[str, ...]
    alone: tuple[str, ...]


class Reasons(AfterDecision):
    """What a decision rests on.

    It has the attributes of every answer on a case too: `case`, `policy`, `outcome` and so on.

    Attributes:
        section: for an approval, the section that approves.
        sufficient: for an approval, the least sets of met requirements that are enough.
        critical: for an approval, the requirements without which it falls.
        documents: for an approval, how it depends on each document.
        forcing: against an approval, the least sets of not met or conflicting requirements that force it.
        corrections: against an approval, the least sets of such requirements that would have to be true.
        renewable: those of the requirements in corrections, by their terms, that a further document can turn,
            documents on file staying as they are.
        of_any_date: those of them that such a document turns whatever its date.
        more: whether sets were left out.
    """

    section: str | None
    sufficient: tuple[RequirementSet, ...] = ()
    critical: tuple[RequirementResult, ...] = ()
    documents: tuple[DocumentRole, ...] = ()
    forcing: tuple[RequirementSet, ...] = ()
    corrections: tuple[RequirementSet, ...] = ()
    renewable: tuple[str, ...] = ()
    of_any_date: tuple[str, ...] = ()
    more: bool = False


class ReasonSearch:
    """The search for reasons over one policy under its interpretations."""

    def __init__(self, policy: LoadedPolicy) -> None:
        self._policy = policy
        self._structure = policy.structure
        self._missing = policy.once(MissingSearch.of)
        self._counterfactuals = policy.once(CounterfactualSearch)
        self._minimal = MinimalSets(policy.program, "reasons")

    def reasons(self, assessment: Assessment, first: int) -> Reasons:
        """The reasons for a decision.

        Args:
            assessment: of the case, by this policy.
            first: how many sets of each kind; 0 for all.
        """
        check_count(first)
        decision = self._policy.decision(assessment)
        of_either = (
            self._approval(assessment, first)
            if decision.outcome == "approve"
            else self._against(assessment, first)
        )
        return Reasons(
            **about(decision),
            section=decision.section,
            **of_either,
        )

    def _approval(self, assessment: Assessment, first: int) -> dict[str, object]:
        sufficient, more = take(self.sufficient(assessment), first)
        critical = self.critical(assessment)
        return {
            "sufficient": sufficient,
            "critical": requirement_results(critical, self._structure, assessment),
            "documents": tuple(self._documents(assessment, critical)),
            "more": more,
        }

    def _against(self, assessment: Assessment, first: int) -> dict[str, object]:
        forcing, more = take(self._counterfactuals.forcing(assessment), first)
        found = self._counterfactuals.corrections(assessment) if forcing else []
        corrections, further = take(iter(found), first)
        requirements = {entry.requirement.term: entry for one in corrections for entry in one.requirements}
        results = [requirements[term] for term in sorted(requirements)]
        renewable, of_any_date = renewable_among(results, self._structure.vocabulary)
        return {
            "forcing": forcing,
            "corrections": corrections,
            "renewable": renewable,
            "of_any_date": of_any_date,
            "more": more or further,
        }

    def sufficient(self, assessment: Assessment) -> Iterator[RequirementSet]:
        """The least sets of met requirements that are enough, the fewest requirements first."""
        for answer in self._minimal.sets({*assessment.requirement_inputs}, _count):
            requirements = requirement_results(supposed(answer), self._structure, assessment)
            yield RequirementSet(requirements=requirements)

    def critical(self, assessment: Assessment) -> list[Value]:
        """The requirements that every sufficient set holds or entails, none entailed by another one."""
        inputs = {*assessment.requirement_inputs}
        program = self._minimal.program
        gained = program.watch(("gained", 1))
        (some,) = program.answers(inputs, gained, minimal=True, most=1)
        needed = [
            term.args[0]
            for term in some
            if not program.answers(inputs, {}, most=1, assumptions=[-gained[term]])
        ]
        return [
            requirement
            for requirement in needed
            if not any(requirement in self._structure.implied(other) - {other} for other in needed)
        ]

    def _documents(self, assessment: Assessment, critical: Iterable[Value]) -> Iterator[DocumentRole]:
        supports = assessment.supporters
        terms = {requirement: self._term(requirement, assessment) for requirement in critical}
        without_alike: dict[str, tuple[Outcome, bool]] = {}
        for document in sorted(assessment.case.documents, key=IN_ORDER):
            # Documents that say the same on the same day are alike in all but their ids.
            said = f"{document.type} {document.date} {document.status} {document.tumor} "
            said += f"{document.replaces} {sorted(document.states.items())}"
            if said not in without_alike:
                without_alike[said] = (
                    self._without(assessment, document),
                    not self._approved_without(assessment, document),
                )
            without, contradicted = without_alike[said]
            mine = [requirement for requirement in terms if document.id in supports.get(requirement, ())]
            yield DocumentRole(
                id=document.id,
                type=document.type,
                date=document.date,
                withdrawn=without != "approve",
                outcome_without=without,
                contradicted=contradicted,
                requirements=tuple(sorted(terms[requirement] for requirement in mine)),
                alone=tuple(sorted(terms[c] for c in mine if len(supports[c]) == 1)),
            )

    def _without(self, assessment: Assessment, document: Document) -> Outcome:
        """The outcome without a document.

        Its withdrawal can change nothing but the requirements on what it speaks of, as long as the request is
        of the same day and no other document comes to count. Where these are not needed, nothing has to be
        decided anew.
        """
        rest = assessment.case.without([document.id])
        if document.replaces is None and rest.day == assessment.case.day:
            spoken = assessment.spoken_of(document.id)
            lost = {requirement for requirement, name in self._structure.attribute_of.items() if name in spoken}
            if self._approved_lacking(assessment, lost):
                return "approve"
        return self._policy.assess(rest).verdict.outcome

    def _term(self, requirement: Value, assessment: Assessment) -> str:
        return requirement_result(requirement, self._structure, assessment).requirement.term

    def _approved_without(self, assessment: Assessment, document: Document) -> bool:
        """Whether the case is still approved if what a document supports is contradicted.

        What accumulates no further document can take back.
        """
        kinds = self._structure.vocabulary.attributes
        lost = {
            requirement
            for requirement, speakers in assessment.supporters.items()
            if document.id in speakers and kinds[self._structure.attribute_of[requirement]].kind != "cumulative"
        }
        return self._approved_lacking(assessment, lost)

    def _approved_lacking(self, assessment: Assessment, lost: set[Value]) -> bool:
        """Whether the case is approved without these requirements."""
        left = {
            term for term in assessment.requirement_inputs if term.name == "met" and term.args[0] not in lost
        }
        return self._missing.suffices(left)


def _count(answer: Atoms) -> tuple[int, ...]:
    return (len(supposed(answer)),)
