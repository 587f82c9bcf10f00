"""A policy that was read and grounded: what every question about a case starts from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, cast, get_args

from pyclingo_bridge.base.errors import CaseError, EngineError
from pyclingo_bridge.base.rule_files import RulesFile, engine_fingerprint, engine_program
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Term, Value, constant, plain
from pyclingo_bridge.base.versions import ENGINE
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.assembly import Assembly, Known
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import FORMAT_VERSION, Decision, Outcome, PolicyInfo, Status
from pyclingo_bridge.core.engines import fast
from pyclingo_bridge.core.evidence import EvidenceEngine, EvidenceRules
from pyclingo_bridge.core.facts import Encoder
from pyclingo_bridge.core.judge import Assessor, Judge, SolverJudge
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.core.warnings import warnings

JudgedBy = Literal["compiled", "clingo"]
T = TypeVar("T")


class Loader(Protocol):
    """Reads a policy's files under chosen interpretations, and refuses what is at fault."""

    def __call__(
        self,
        files: list[RulesFile],
        interpretations: Mapping[str, str],
        judged_by: JudgedBy,
        named: Collection[Term],
    ) -> LoadedPolicy:
        """The policy.

        Errors: PolicyError, one line for each fault; InterpretationError for an ambiguity or an
        interpretation that the policy does not have.
        """
        ...


class LoadedPolicy:
    """A policy under chosen interpretations of its wording.

    Attributes:
        files: the files that it was read from.
        interpretations: each ambiguity of the wording, with the interpretation chosen.
        judged_by: `compiled` or `clingo`.
        named: what its own rules name, as facts for the rules that find faults.
        vocabulary: what its cases may say.
        structure: its sections, criteria and requirements.
        all_facts: its facts, by predicate, labels too.
        facts: its facts as every program for cases takes them.
        plan: what a plan knows for all its cases, if that was given; see `with_plan`.
    """

    def __init__(
        self,
        files: list[RulesFile],
        interpretations: Mapping[str, str],
        judged_by: JudgedBy,
        named: Collection[Term],
        facts: dict[str, list[Term]],
        predicates: Collection[str],
        vocabulary: Vocabulary,
        structure: Structure,
        loader: Loader,
    ) -> None:
        """Use `loading.load`."""
        self.files = files
        self.interpretations = dict(interpretations)
        self.judged_by = judged_by
        self.named = named
        self.vocabulary = vocabulary
        self.structure = structure
        self.all_facts = {name: facts[name] for name in {*predicates, "label"}}
        self._loader = loader
        self._encoder = Encoder(vocabulary, facts)
        self.facts = self._encoder.policy_facts(facts, sorted(predicates))
        self.plan: PlanFacts | None = None
        self._kept: dict[Callable[[LoadedPolicy], Any], Any] = {}
        self._others: dict[tuple[tuple[str, str], ...], LoadedPolicy] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        # What the solver has read cannot be copied, but it can be read anew.
        made_of = (self.files, self.interpretations, self.judged_by, ())
        return _made_again, (self._loader, made_of, self.plan)

    def with_plan(self, plan: PlanFacts | None) -> LoadedPolicy:
        """This policy, with what a plan knows: for one that was just loaded, and was asked nothing yet.

        Errors: EngineError where it was asked something.
        """
        if "assessor" in self.__dict__ or self._kept:
            raise EngineError("a policy was asked before it was given a plan's facts")
        self.plan = plan
        return self

    def program(self, entry: str, options: Sequence[str] = (), facts: Iterable[Term] = ()) -> Program:
        """The engine's program of this name, with the policy's facts, ready to be asked."""
        # The policy is read once; every program for cases takes it as the facts that it came to.
        return Program(engine_program(entry), [*self.facts, *facts], options)

    def once(self, kind: Callable[[LoadedPolicy], T]) -> T:
        """What `kind` makes of this policy: made when first asked for, then kept with it."""
        if kind not in self._kept:
            self._kept[kind] = kind(self)
        return cast(T, self._kept[kind])

    def under(self, interpretations: Mapping[str, str]) -> LoadedPolicy:
        """This policy under other interpretations; those that are not given stay as they are.

        Errors: InterpretationError for an ambiguity or an interpretation that it does not have.
        """
        chosen = {**self.interpretations, **interpretations}
        if chosen == self.interpretations:
            return self
        key = tuple(sorted(chosen.items()))
        if key not in self._others:
            other = self._loader(self.files, chosen, self.judged_by, self.named)
            self._others[key] = other.with_plan(self.plan)
        return self._others[key]

    def assess(self, case: Case | Assessment) -> Assessment:
        """What the rules find of a case; every question about it starts here.

        Args:
            case: the case, or what this policy, or another one, found of it.

        Errors: CaseError where the case breaks the policy's vocabulary, or asks for another drug.
        """
        if isinstance(case, Assessment):
            if case.by is self.assessor:
                return case
            case = case.case
        if not isinstance(case, Case):
            raise CaseError(
                "case", [f"is a {type(case).__name__}, not a Case; make a Case of it first, as by `Case.load`"]
            )
        return self.assessor.assess(case, self.plan)

    def decide(self, case: Case | Assessment) -> Decision:
        """Whether the case meets the policy, and why.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        return self.decision(self.assess(case))

    def deciding(self) -> Callable[[Case], Decision]:
        """A function that decides as `decide` does, and remembers what cases have in common.

        Faster for cases one after another of which most says the same. For one thread.
        """
        known: Known = {}
        return lambda case: self.decision(self.assess(case), known)

    def decision(self, assessment: Assessment, known: Known | None = None) -> Decision:
        """The decision on an assessed case; its reasons are put together when first asked for.

        Args:
            assessment: of a case, by this policy.
            known: criteria that were put together before, kept up to date.
        """
        verdict = assessment.verdict
        assembly = Assembly(self.structure, assessment, self.warnings, {} if known is None else known)
        return Decision(
            version=FORMAT_VERSION,
            engine=dict(ENGINE),
            case=assessment.case.id,
            policy=self.info,
            interpretations=dict(self.interpretations),
            outcome=verdict.outcome,
            outcome_word=self._outcome_words[verdict.outcome],
            denial_kind=verdict.denial_kind,
            section=verdict.section_id,
            approval_months=verdict.approval_months,
            refer_to=verdict.refer_to,
            digest=lambda: assessment.case.digest,
            statuses=partial(verdict.statuses, self.structure),
            reasons=assembly.rest,
        )

    def requirement_statuses(self, case: Case | Assessment) -> dict[Value, Status]:
        """The status of each requirement that the policy names, in this case, by the rules' own terms.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        statuses = self.assess(case).statuses
        return {
            requirement: statuses[kept]
            for requirement, kept in self.structure.table("same_as").items()
            if kept in statuses
        }

    @cached_property
    def assessor(self) -> Assessor:
        """Assesses cases: by the compiled rules, or the solver where it is to judge or they cannot."""
        judge, evidence_engine = self._compiled() or self._solver()
        return Assessor(judge, evidence_engine, self._encoder, self.structure)

    def _compiled(self) -> tuple[Judge, EvidenceEngine] | None:
        engine = fast() if self.judged_by == "compiled" else None
        return engine.judge(self) if engine else None

    def _solver(self) -> tuple[Judge, EvidenceEngine]:
        judge = SolverJudge(self.program, self.structure)
        return judge, EvidenceRules(self.structure, self._encoder, self.facts, judge.requested)

    @property
    def encoder(self) -> Encoder:
        """Which values of an attribute no requirement tells apart."""
        return self._encoder

    @cached_property
    def alternatives(self) -> dict[str, list[str]]:
        """The interpretations of each ambiguity of the wording, the default first."""
        return alternatives(self.structure.facts)

    @property
    def engine(self) -> dict[str, str]:
        """The versions of this package and of the solver."""
        return ENGINE

    @property
    def folder(self) -> Path:
        """The folder that the policy's files are read from."""
        return self.files[0].path.parent

    @cached_property
    def info(self) -> PolicyInfo:
        """Which policy this is, and from which source."""
        ((name, title),) = self.structure.table("policy").items()
        ((document, revision),) = self.structure.table("source").items()
        # Which files draw conclusions shows in their names, not in the texts.
        texts = [*(file.text for file in self.files), self.vocabulary.conclusions.text]
        whole = "\0".join([engine_fingerprint(), *texts, repr(self.interpretations)])
        digest = hashlib.sha256(whole.encode()).hexdigest()
        return PolicyInfo(
            name=str(plain(name)),
            title=str(plain(title)),
            document=str(plain(document)),
            revision=str(plain(revision)),
            rules=digest[:16],
        )

    @cached_property
    def _outcome_words(self) -> dict[Outcome, str]:
        words = self.structure.table("outcome_word")
        return {outcome: str(plain(words.get(constant(outcome), outcome))) for outcome in get_args(Outcome)}

    def warnings(self, assessment: Assessment) -> tuple[str, ...]:
        """What a reader of the decision should know of the input."""
        return warnings(assessment, self.structure, self.assessor.amount_warnings(assessment.said.request))


def _made_again(loader: Loader, made_of: tuple[Any, ...], plan: PlanFacts | None) -> LoadedPolicy:
    return loader(*made_of).with_plan(plan)


def alternatives(facts: Mapping[str, list[Term]]) -> dict[str, list[str]]:
    """The interpretations of each ambiguity that a policy's facts name, the default first."""
    default = {term.args[0]: term.args[1] for term in facts["default_interpretation"]}
    found: dict[str, list[str]] = {}
    for name, value, _ in (term.args for term in facts["alternative"]):
        place = 0 if default.get(name) == value else len(found.get(str(plain(name)), []))
        found.setdefault(str(plain(name)), []).insert(place, str(plain(value)))
    return dict(sorted(found.items()))
