"""One case under every interpretation of the policy's wording."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, islice
from typing import Literal, cast

from pyclingo_bridge.analysis.alignment import Union
from pyclingo_bridge.analysis.cases import program_facts
from pyclingo_bridge.analysis.variants import (
    MOST_COMBINATIONS,
    Variant,
    every_combination,
    variants,
)
from pyclingo_bridge.base.errors import EngineError
from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Term, Value
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.statements import CaseStatements
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.answer import AfterDecision, about
from pyclingo_bridge.core.decision import Answer, Outcome
from pyclingo_bridge.core.evidence import EvidenceRules
from pyclingo_bridge.core.facts import Encoder
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.loading.load import hold
from pyclingo_bridge.loading.other_interpretations import refuse_all_interpretations
from pyclingo_bridge.questions.missing import MissingSearch, MissingSet
from pyclingo_bridge.questions.unknown_names import NamesOnFile, names_among

_APART = re.compile(r"by\(\d+,([^()]*)\)")
"""A name as it is kept apart from what it means under another interpretation."""

_STATES = ("met", "undocumented", "conflicting")


class InterpretationResult(Answer):
    """What the policy decides of the case under some combinations of interpretations.

    Attributes:
        outcome: the decision.
        approval_months: an approval's duration in months, if it has one.
        refer_to: where a referral goes, if the policy says.
        combinations: under how many combinations of interpretations it is that.
        interpretations: all smallest sets of interpretations under which it is that, however the other
            ambiguities are read.
    """

    outcome: Outcome
    approval_months: int | None
    refer_to: str | None
    combinations: int
    interpretations: tuple[dict[str, str], ...]


Result = tuple[Outcome, int | None, str | None]
"""An outcome, and its duration or target."""


class AmbiguityReport(AfterDecision):
    """A case under every interpretation of a policy's wording.

    It has the attributes of every answer on a case too: `case`, `policy`, `outcome` and so on, which are of the
    interpretations that were chosen.

    Attributes:
        combinations: how many combinations of interpretations there are.
        approved: under every interpretation, under some, or under none.
        turns_on: the ambiguities on whose interpretation the outcome, its duration or its target turns: once
            they are read, it is resolved, and with fewer of them it is not.
        results: each outcome that some interpretation leads to, with its duration or target.
        missing: the smallest sets of documentation with which every interpretation approves, cheapest
            first; the first few.
        more_missing: whether there are more of them.
        left_out: what was not looked at, and at which bound.
    """

    combinations: int
    approved: Literal["every", "some", "none"]
    turns_on: tuple[str, ...]
    results: tuple[InterpretationResult, ...]
    missing: tuple[MissingSet, ...]
    more_missing: bool
    left_out: tuple[str, ...] = ()


class Interpretations:
    """A policy under all combinations of interpretations, in one program."""

    _alone = False

    def __init__(self, policy: LoadedPolicy) -> None:
        self._policy = policy
        combined = every_combination(policy.alternatives)
        refuse_all_interpretations(policy, combined, partial(hold, policy))
        self.variants, self.whole, self.every_fact = variants(
            policy.files, policy.alternatives, alone=self._alone
        )
        union = Union([variant.facts for variant in self.variants])
        self.tags: Sequence[Value] = union.tags
        facts: dict[str, list[Term]] = {}
        for term in union.facts:
            facts.setdefault(term.name, []).append(term)
        self.facts, outline = program_facts(facts, policy.vocabulary)
        vocabulary = Vocabulary.from_facts(outline)
        self._structure = Structure(outline, vocabulary)
        names = {"stands_for": policy.structure.facts["stands_for"]}
        encoder = Encoder(policy.vocabulary, {**outline, **names})
        self._rules = EvidenceRules(Structure(outline, policy.vocabulary), encoder, self.facts, frozenset())
        self._search = MissingSearch(self._structure, self._build)

    def _build(self, entry: str, options: Sequence[str] = (), facts: Iterable[Term] = ()) -> Program:
        files = [*engine_program(entry), *engine_program("for_every_side")]
        return Program(files, [*self.facts, *facts], options)

    def report(self, case: Case, first: int) -> AmbiguityReport:
        """The case under every interpretation, with the first so many missing sets (0: all)."""
        said = case.statements(self._policy.vocabulary, self._policy.plan)
        holds = self._ask(said)
        decided = self._decided(holds)
        found = {outcome for _, (outcome, _, _) in decided}
        approved: Literal["every", "some", "none"] = (
            "none" if "approve" not in found else "every" if len(found) == 1 else "some"
        )
        states = {term for term in holds if term.name in _STATES}
        missing = () if approved == "every" else self._missing(states, self._names(said, holds))
        taken = list(islice(missing, min(first + 1, sys.maxsize) if first else None))
        turns_on = _essential(decided)
        return AmbiguityReport(
            **about(self._policy.decide(case)),
            combinations=len(decided),
            approved=approved,
            turns_on=turns_on,
            results=tuple(_results(decided, turns_on)),
            missing=tuple(taken[: first or None]),
            more_missing=bool(first) and len(taken) > first,
            left_out=() if self.whole else (LEFT_OUT,),
        )

    def _names(self, said: CaseStatements, holds: list[Term]) -> NamesOnFile | None:
        """The unknown names that matter to some interpretation."""
        atoms: defaultdict[str, list[tuple[Value, ...]]] = defaultdict(list)
        for term in holds:
            atoms[term.name].append(term.args)
        names = self._rules.names_of(said, atoms)
        return names_among(self._structure, names, said, self._structure.requirements)

    def _ask(self, said: CaseStatements) -> list[Term]:
        files = engine_program("interpretations_of_case")
        inputs = self._rules.case_facts(said)
        holds = Program(files, dict.fromkeys([*self.facts, *inputs])).best(set())
        if holds is None:
            raise EngineError("the decision rules have no answer")
        return holds

    def _decided(self, holds: list[Term]) -> list[tuple[Variant, Result]]:
        """Each combination of interpretations with what it comes to."""
        answers: dict[str, dict[Value, Value]] = {"decides": {}, "lasts": {}, "sends": {}}
        for term in holds:
            if term.name in answers:
                answers[term.name][term.args[0]] = term.args[1]
        return [
            (
                variant,
                (
                    cast(Outcome, str(answers["decides"][tag])),
                    cast(int | None, answers["lasts"].get(tag)),
                    cast(str | None, answers["sends"].get(tag)),
                ),
            )
            for variant, tag in zip(self.variants, self.tags, strict=True)
        ]

    def _missing(self, states: set[Term], names: NamesOnFile | None) -> Iterator[MissingSet]:
        """The missing sets, each requirement once, whatever attribute it is taken to be about."""
        for found in self._search.sets(states, names):
            requirements = {
                (requirement.attribute, requirement.text): requirement
                for requirement in reversed(found.requirements)
            }
            kept = tuple(
                requirement.model_copy(update={"term": _APART.sub(r"\1", requirement.term)})
                for requirement in found.requirements
                if requirement in requirements.values()
            )
            yield found.model_copy(update={"requirements": kept})


class OneAtATime(Interpretations):
    """A policy under each interpretation with every other ambiguity read by default, in one program."""

    _alone = True


LEFT_OUT = (
    f"combinations of interpretations: there are more than {MOST_COMBINATIONS}, so each interpretation was "
    "looked at with every other ambiguity read by default"
)


def _essential(decided: Sequence[tuple[Variant, Result]]) -> tuple[str, ...]:
    """The ambiguities that two combinations differ in alone, and in the outcome."""
    outcomes = {tuple(sorted(variant.interpretations.items())): outcome for variant, outcome in decided}
    names = list(decided[0][0].interpretations)
    values = {name: sorted({v.interpretations[name] for v, _ in decided}) for name in names}
    found = []
    for name in names:
        if any(
            outcomes.get(tuple(sorted({**variant.interpretations, name: value}.items())), outcome) != outcome
            for variant, outcome in decided
            for value in values[name]
        ):
            found.append(name)
    return tuple(sorted(found))


def _results(
    decided: Sequence[tuple[Variant, Result]], turns_on: Sequence[str]
) -> Iterator[InterpretationResult]:
    order: tuple[Outcome, ...] = ("approve", "deny", "refer")
    found = {result for _, result in decided}
    for result in sorted(found, key=lambda each: (order.index(each[0]), str(each[1:]))):
        mine = [variant.interpretations for variant, each in decided if each == result]
        others = [variant.interpretations for variant, each in decided if each != result]
        yield InterpretationResult(
            outcome=result[0],
            approval_months=result[1],
            refer_to=result[2],
            combinations=len(mine),
            interpretations=tuple(_smallest(mine, others, turns_on)),
        )


def _smallest(
    mine: Sequence[Mapping[str, str]], others: Sequence[Mapping[str, str]], names: Sequence[str]
) -> list[dict[str, str]]:
    """The smallest sets of interpretations that hold in some of `mine` and in none of `others`."""
    found: list[dict[str, str]] = []
    for size in range(len(names) + 1):
        for chosen in combinations(names, size):
            for part in sorted({tuple((n, interpretations[n]) for n in chosen) for interpretations in mine}):
                new = dict(part)
                if any(entry.items() <= new.items() for entry in found):
                    continue
                if not any(new.items() <= interpretations.items() for interpretations in others):
                    found.append(new)
    return found
