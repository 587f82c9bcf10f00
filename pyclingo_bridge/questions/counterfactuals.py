"""What would have to be otherwise for an approval, and what of that documents state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Term, Value
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.questions.minimal_sets import (
    AT_ONCE,
    MinimalSets,
    precedence,
    sections_met,
    supposed,
)
from pyclingo_bridge.questions.minimal_sets import Answer as Atoms
from pyclingo_bridge.questions.missing import MissingSearch
from pyclingo_bridge.questions.requirements import (
    RequirementSet,
    renewable_among,
    requirement_results,
)


class Counterfactual(RequirementSet):
    """A least difference between the case and one that is approved.

    Attributes:
        requirements: what would have to be true and is not: not met or conflicting, so that
            somebody says otherwise, or undocumented.
        sections: the sections that would be met.
        renewable: those of the not met and conflicting requirements, by their terms, that a newer document
            can change, documents on file staying as they are.
        of_any_date: those of the renewable requirements that a further document changes, whatever its date.
    """

    sections: tuple[str, ...]
    renewable: tuple[str, ...]
    of_any_date: tuple[str, ...] = ()


class CounterfactualSearch:
    """The search for differences over one policy under its interpretations, and for what rules them out."""

    def __init__(self, policy: LoadedPolicy) -> None:
        self._structure = policy.structure
        self._build = policy.program
        self._obtaining = policy.once(MissingSearch.of).obtaining

    def counterfactuals(self, assessment: Assessment) -> Iterator[Counterfactual]:
        """The least differences, the fewest unmet requirements first; of an approval there are none."""
        if assessment.verdict.outcome == "approve":
            return
        inputs = {*assessment.requirement_inputs}
        statuses = assessment.statuses

        def size(answer: Atoms) -> tuple[int, ...]:
            found = Counter(statuses[requirement] for requirement in supposed(answer))
            return found["not_met"], found["conflicting"], found.total()

        for answer in self._minimal.sets(inputs, size):
            results = requirement_results(supposed(answer), self._structure, assessment)
            renewable, of_any_date = renewable_among(results, self._structure.vocabulary)
            yield Counterfactual(
                requirements=results,
                sections=self._obtaining.sections(sections_met(answer)),
                renewable=renewable,
                of_any_date=of_any_date,
            )

    @cached_property
    def _minimal(self) -> MinimalSets:
        return MinimalSets(self._build, "counterfactuals")

    @cached_property
    def _corrections(self) -> Program:
        return self._build("corrections", ["--heuristic=Domain"])

    def corrections(self, assessment: Assessment) -> list[RequirementSet]:
        """The least sets of requirements that somebody denies and that would have to be true.

        At most a thousand and one; empty where nobody's denial is in the way.
        """
        watched = self._corrections.watch(("corrected", 1))
        inputs = {*assessment.requirement_inputs}
        found = self._corrections.answers(inputs, watched, minimal=True, most=AT_ONCE + 1)
        sets = [self._requirement_set(answer, assessment) for answer in found if answer]
        return sorted(sets, key=_by_text)

    def forcing(self, assessment: Assessment) -> Iterator[RequirementSet]:
        """The least sets of denied requirements of which every correction has one, the fewest first.

        One program proposes the least set that shares a requirement with every correction known so far;
        the other looks for a correction that it misses. Where there is none, the set forces the
        outcome, and whatever holds it is left out from then on.
        """
        inputs = {*assessment.requirement_inputs}
        corrected = self._corrections.watch(("corrected", 1))
        proposals = self._proposals(assessment)
        forced = proposals.watch(("forced", 1))
        while (proposed := proposals.best(set())) is not None:
            missed = [-literal for term, literal in corrected.items() if _as_forced(term) in proposed]
            found = self._corrections.answers(inputs, corrected, minimal=True, most=1, assumptions=missed)
            if found and not found[0]:
                return
            if found:
                proposals.require([forced[_as_forced(term)] for term in found[0]])
            else:
                yield self._requirement_set(proposed, assessment)
                proposals.require([-forced[term] for term in proposed])

    def _proposals(self, assessment: Assessment) -> Program:
        requirements = sorted(_denied(assessment) & self._structure.requirements.keys(), key=str)
        facts = [Term("suspect_requirement", (requirement,)) for requirement in requirements]
        return Program(engine_program("hitting"), [*facts, *precedence(requirements)])

    def _requirement_set(self, answer: Iterable[Term], assessment: Assessment) -> RequirementSet:
        requirements = [term.args[0] for term in answer]
        return RequirementSet(requirements=requirement_results(requirements, self._structure, assessment))


def _denied(assessment: Assessment) -> set[Value]:
    """The requirements that some document, or the form, says are not true."""
    return {
        requirement
        for requirement, status in assessment.statuses.items()
        if status in ("not_met", "conflicting")
    }


def _as_forced(term: Term) -> Term:
    return Term("forced", term.args)


def _by_text(found: RequirementSet) -> tuple[int, list[str]]:
    return len(found.requirements), [entry.requirement.term for entry in found.requirements]
