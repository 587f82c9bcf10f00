"""The library's front: load a policy, decide cases, list what is missing."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pyclingo_bridge.analysis.check import Check
from pyclingo_bridge.analysis.compare import Compare
from pyclingo_bridge.analysis.findings import CheckReport, Comparison
from pyclingo_bridge.analysis.interpretations import AmbiguityReport, Interpretations
from pyclingo_bridge.base.errors import CaseError, listing, quoted, suggestion
from pyclingo_bridge.base.extras import need
from pyclingo_bridge.base.spelling import VALUE
from pyclingo_bridge.core.assembly import Assembly, Known
from pyclingo_bridge.core.assessment import Findings, TopicFindings
from pyclingo_bridge.core.case import Case
from pyclingo_bridge.core.decision import (
    FORMAT_VERSION,
    STATUS_OF,
    Decision,
    Outcome,
    PolicyInfo,
    Status,
)
from pyclingo_bridge.core.evidence import SIGNATURES as EVIDENCE_SIGNATURES
from pyclingo_bridge.core.evidence import Weigher
from pyclingo_bridge.core.facts import UNREAD, Encoder, Topics
from pyclingo_bridge.core.judge import Decider, Judge, SolverJudge
from pyclingo_bridge.core.limits import Limits
from pyclingo_bridge.core.minimal import AT_ONCE, check_count
from pyclingo_bridge.core.rule_files import (
    RulesFile,
    engine_fingerprint,
    engine_program,
)
from pyclingo_bridge.core.solver import Program
from pyclingo_bridge.core.terms import Term, Value, constant, plain
from pyclingo_bridge.core.versions import ENGINE
from pyclingo_bridge.core.warnings import warnings
from pyclingo_bridge.fast.cache import remembered
from pyclingo_bridge.fast.compiler import CompileError
from pyclingo_bridge.fast.diagrams.family import Family
from pyclingo_bridge.fast.judge import CompiledJudge
from pyclingo_bridge.fast.policy import CompiledPolicy
from pyclingo_bridge.fast.results import Results
from pyclingo_bridge.impact.answers import Impact
from pyclingo_bridge.loading.authoring import policy_words
from pyclingo_bridge.loading.limits import LoadLimits
from pyclingo_bridge.loading.load import (
    PolicyFacts,
    all_named,
    policy_facts,
    read_policy,
    refuse_interpretations,
)
from pyclingo_bridge.questions.changes import Changes
from pyclingo_bridge.questions.counterfactuals import Counterfactual, CounterfactualSearch
from pyclingo_bridge.questions.missing import DocumentSet, MissingSearch, MissingSet
from pyclingo_bridge.questions.next_document import STRATEGIES, Plan, Strategy, plan
from pyclingo_bridge.questions.reasons import Reasons, ReasonSearch
from pyclingo_bridge.questions.repairs import Repair, RepairSearch
from pyclingo_bridge.questions.session import Session
from pyclingo_bridge.questions.sweep import Sweep, swept
from pyclingo_bridge.questions.what_if import Asked, WhatIf

JudgedBy = Literal["compiled", "clingo"]

if TYPE_CHECKING:
    import pyarrow

    from pyclingo_bridge.fast.columns.batch import Batch
    from pyclingo_bridge.fast.columns.judging import Judges
    from pyclingo_bridge.fast.columns.results import Tabulator
    from pyclingo_bridge.published.answers import EvidenceReport


class Policy:
    """A policy under chosen interpretations of its wording, grounded once.

    Example:
        >>> from pyclingo_bridge import Case, Policy
        >>> policy = Policy.load("cp_phar_549")
        >>> case = Case.load("examples/cases/deny/molecular_report_missing.json")
        >>> policy.decide(case).denial_kind
        'insufficient_documentation'
        >>> [[requirement.text for requirement in missing.requirements] for missing in policy.missing(case)]
        [['KRAS G12C mutation found']]

    Threads may share a policy, and the cases and answers that go in and out: the answers are those
    of one thread alone. Only a `Session`, and what `deciding` gives, are for one thread at a time.
    A policy may be copied, and sent to another process: it is made anew of the rules that it was
    loaded from, whose files need not be there. A forked child can go on with it.
    """

    def __init__(
        self,
        files: list[RulesFile],
        interpretations: Mapping[str, str],
        judged_by: JudgedBy = "compiled",
        named: Collection[Term] = (),
        read: PolicyFacts | None = None,
    ) -> None:
        """Use `Policy.load`."""
        read = read or policy_facts(files, interpretations, named)
        self.files = files
        self.judged_by = judged_by
        self._others: dict[tuple[tuple[str, str], ...], Policy] = {}
        self._named = read.named
        self.interpretations = read.interpretations
        self.alternatives = read.alternatives
        self.vocabulary = read.vocabulary
        self.structure = read.structure
        facts, words = read.facts, policy_words() - UNREAD
        self.words = {name: facts[name] for name, _ in words | {("label", 2)}}
        encoder = Encoder(self.vocabulary, facts)
        self.facts = encoder.policy_facts(facts, [name for name, _ in sorted(words)])
        self._encoder = encoder
        self._topics = Topics(self.vocabulary, facts)

    def __reduce__(self) -> tuple[Any, ...]:
        # What the solver has read cannot be copied, but it can be read anew.
        return type(self), (self.files, self.interpretations, self.judged_by)

    @classmethod
    def load(
        cls,
        name_or_folder: str | Path,
        interpretations: Mapping[str, str] | None = None,
        judged_by: JudgedBy = "compiled",
        limits: LoadLimits | None = None,
    ) -> Policy:
        """A shipped policy, by its name, or the one in a folder that holds a `policy.lp`.

        Policies are code. One that does not come with this package is refused where grounding it takes
        more time or memory than its limits.

        Args:
            name_or_folder: see `shipped_policies()` for the names.
            interpretations: how to read ambiguities of the wording; the others keep their default.
            judged_by: `compiled` for code made from the solver's own ground program, the fastest
                way; `clingo` to have the solver itself judge every case, and find every missing set.
                The answers are the same.
            limits: what grounding a policy that is not shipped may take, by default what the
                environment sets, else 30 seconds and 2,000 MB.

        Errors: PolicyError where the policy is missing or wrong, or beyond its limits;
        InterpretationError for an ambiguity or an interpretation that it does not have; ValueError for another
        `judged_by`.
        """
        if judged_by not in get_args(JudgedBy):
            known = listing(get_args(JudgedBy))
            raise ValueError(f"nothing is judged by {quoted(judged_by)} (known: {known})")
        read = read_policy(name_or_folder, interpretations, limits)
        return cls(read.files, read.interpretations, judged_by, read=read)

    def _program(self, entry: str, options: Sequence[str] = (), facts: Iterable[Term] = ()) -> Program:
        # The policy is read once; every program for cases takes it as the facts that it came to.
        engine = engine_program(entry)
        return Program(engine, [*self.facts, *facts], options)

    @cached_property
    def compiled(self) -> CompiledPolicy:
        """The decision rules as a circuit, made from the solver's own ground program.

        Errors: CompileError where a rule is of a kind that no circuit can be made of.
        """
        files = [*engine_program("compiled"), *engine_program("together"), *self.files]
        # What is asked of the program beside the circuit counts too: it is kept with it.
        asked = repr(EVIDENCE_SIGNATURES)
        texts = [*(file.text for file in files), repr(self.interpretations), repr(ENGINE), asked]
        return remembered(
            texts,
            lambda: CompiledPolicy.of(self._program, self.facts, EVIDENCE_SIGNATURES),
            lambda known: known.fits(self.facts, EVIDENCE_SIGNATURES),
        )

    @cached_property
    def _decider(self) -> Decider:
        judge, facts = self._compiled_judge() or self._solver_judge()
        weigher = Weigher(facts, self._topics.attributes)
        return Decider(judge, weigher, self._encoder, self._topics, self.structure)

    def _compiled_judge(self) -> tuple[Judge, dict[str, list[Term]]] | None:
        if self.judged_by == "clingo":
            return None
        requirements: dict[str, list[Value]] = {topic: [] for topic in self._topics.attributes}
        for requirement, attribute in self.structure.attribute_of.items():
            if requirement in self.structure.requirements:
                requirements[self._topics.of[attribute]].append(requirement)
        try:
            judge = CompiledJudge(self.compiled, requirements, self.structure.nodes)
        except CompileError:
            # The solver takes every policy; only what is compiled is limited.
            return None
        facts: dict[str, list[Term]] = {name: [] for name, _ in EVIDENCE_SIGNATURES}
        for fact in self.compiled.facts:
            facts[fact.name].append(fact)
        return judge, facts

    def _solver_judge(self) -> tuple[Judge, dict[str, list[Term]]]:
        judge = SolverJudge(self._program, self.structure)
        return judge, judge.program.facts(*EVIDENCE_SIGNATURES)

    @property
    def folder(self) -> Path:
        """The folder that the policy's files are read from."""
        return self.files[0].path.parent

    def requirement_statuses(self, case: Case) -> dict[Value, Status]:
        """How the case stands to each requirement that the policy names, by the rules' own terms.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        states = self._find(case).states
        return {
            requirement: STATUS_OF[states[kept]]
            for requirement, kept in self.structure.table("same_as").items()
            if kept in states
        }

    @cached_property
    def info(self) -> PolicyInfo:
        """Which policy this is, and from which source."""
        ((name, title),) = self.structure.table("policy").items()
        ((document, revision),) = self.structure.table("source").items()
        # Which files draw conclusions is told by their names, and not by the texts.
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

    @property
    def engine(self) -> dict[str, str]:
        """The versions of this package and of the solver."""
        return ENGINE

    def under(self, interpretations: Mapping[str, str]) -> Policy:
        """This policy under other interpretations; those that are not given stay as they are.

        Errors: InterpretationError for an ambiguity or an interpretation that it does not have.
        """
        chosen = {**self.interpretations, **interpretations}
        if chosen == self.interpretations:
            return self
        key = tuple(sorted(chosen.items()))
        if key not in self._others:
            self._others[key] = Policy(self.files, chosen, self.judged_by, self._named)
        return self._others[key]

    def hold(self, interpretations: Mapping[str, str]) -> None:
        """Refuse the policy's files where they are at fault under these interpretations.

        Errors: PolicyError, one line for each fault.
        """
        refuse_interpretations(self.files, self._named, interpretations)

    @property
    def named(self) -> list[Term]:
        """What the policy's rules name, as facts for the rules that find faults."""
        return all_named(self.files, self._named)

    def check(self) -> CheckReport:
        """What is wrong with the policy, proved over every case there can be.

        Findings that a case can show come with a smallest one, decided anew before it is told.
        """
        return Check(self).report()

    def compare(self, other: Policy) -> Comparison:
        """Who is treated otherwise by the other policy, and because of which clause.

        Every difference comes with a smallest case, decided by both before it is told.

        Errors: PolicyError where the two have no cases in common.
        """
        return Compare(self, other).comparison()

    @cached_property
    def all_interpretations(self) -> Interpretations:
        """The policy under every combination of interpretations of its wording."""
        return Interpretations(self)

    def ambiguities(self, case: Case, first: int = 20) -> AmbiguityReport:
        """Under which interpretations of the wording the case is approved, and what would make it all of them.

        Args:
            case: the case.
            first: how many of the missing sets with which every interpretation approves; 0 for all.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        return self.all_interpretations.report(case, first)

    def decide(self, case: Case) -> Decision:
        """Whether the case meets the policy, and why.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        return self._decision(self._find(case), {})

    def deciding(self) -> Callable[[Case], Decision]:
        """A function that decides as `decide` does, and remembers what cases have in common.

        Faster for cases one after another of which most says the same. For one thread.
        """
        topics: Mapping[str, TopicFindings] = {}
        known: Known = {}

        def decide(case: Case) -> Decision:
            nonlocal topics
            findings = self._decider.find(case, topics)
            topics = findings.topics
            return self._decision(findings, known)

        return decide

    def _decision(self, findings: Findings, known: Known) -> Decision:
        verdict = findings.verdict
        told = {
            "version": FORMAT_VERSION,
            "engine": dict(ENGINE),
            "case": findings.case.id,
            "policy": self.info,
            "interpretations": dict(self.interpretations),
            "outcome": verdict.outcome,
            "outcome_word": self._outcome_words[verdict.outcome],
            "denial_kind": verdict.denial_kind,
            "section": verdict.section_id,
            "approval_months": verdict.approval_months,
            "refer_to": verdict.refer_to,
        }
        assembly = Assembly(self.structure, findings, self._warnings, known)
        return Decision.told_later(told, partial(verdict.statuses, self.structure), assembly.rest)

    @cached_property
    def _outcome_words(self) -> dict[Outcome, str]:
        words = self.structure.table("outcome_word")
        return {outcome: str(plain(words.get(constant(outcome), outcome))) for outcome in get_args(Outcome)}

    def _warnings(self, findings: Findings) -> tuple[str, ...]:
        request = {
            name: value for topic in findings.topics.values() for name, value in topic.excerpt.request.items()
        }
        return warnings(findings, self.structure, self._decider.amount_warnings(request))

    def _find(self, case: Case) -> Findings:
        if not isinstance(case, Case):
            raise CaseError("case", [f"is a {type(case).__name__}; make a Case of it first"])
        return self._decider.find(case)

    @cached_property
    def _search(self) -> MissingSearch:
        by_families = self.judged_by == "compiled"
        return MissingSearch(self.structure, self._program, by_families)

    @cached_property
    def batch(self) -> Batch:
        """What decides tables of cases.

        Errors: ExtraError where the packages for tables are not installed.
        """
        # Tables take packages that nothing else here needs.
        need("batch")
        from pyclingo_bridge.fast.columns.batch import Batch

        return Batch(
            self.vocabulary,
            self.structure,
            self._decider,
            self._judges,
            lambda: self._search,
            self._warnings,
        )

    def _judges(self, tabulator: Tabulator) -> Judges:
        from pyclingo_bridge.fast.columns.judging import ByCircuit, BySolver

        if self.judged_by == "compiled":
            with contextlib.suppress(CompileError):
                return ByCircuit(Results(self.compiled, self.structure))
        return BySolver(SolverJudge(self._program, self.structure), tabulator)

    def batch_schema(self, several: Collection[str] = ()) -> pyarrow.Schema:
        """The columns of a table of cases, one row a case, with the types that serve best.

        Columns bear the names of attributes as in case files; null is what is not stated. Every
        column but those that the request form requires may be left out.

        Args:
            several: attributes of which a row is to hold any number of statements.
        """
        return self.batch.layout.schema(several)

    def batch_table(self, cases: Iterable[Case]) -> pyarrow.Table:
        """The cases as a table that `decide_batch` takes, in their order.

        Errors: CaseError for a case that breaks the policy's vocabulary, or that no row can hold.
        """
        return self.batch.converter.table(cases)

    def decide_batch(
        self,
        table: pyarrow.Table,
        *,
        statuses: bool = False,
        missing: bool = False,
        warnings: bool = False,
        only: Collection[str] | None = None,
        limits: Limits | None = None,
    ) -> pyarrow.Table:
        """The decisions on a table of cases: one row a case, in the same order.

        The columns are `id`, `outcome`, `denial_kind`, `section`, `approval_months`, `refer_to` and
        `error`, which tells what is wrong with a row that is no case; of such a row nothing else
        but the id is told.

        Args:
            table: the cases; see `batch_schema`.
            statuses: tell how each criterion stands too, as `status ID`; null where the request
                does not go to its section.
            missing: tell the cheapest missing set too, as `missing_cost`, `missing_requirements` (terms)
                and `missing_documents` (document types); null where there is none.
            warnings: tell each row's warnings too, as `warnings`; null where there is none.
            only: of the columns that follow from the rules, tell just these.
            limits: how many problems of a row are told; without them, as the vocabulary says.

        Errors: TableError for a column that is unknown, missing, or of a type that does not do.
        """
        return self.batch.decide(
            table, statuses=statuses, missing=missing, warnings=warnings, only=only, limits=limits
        )

    def decide_cases(
        self,
        texts: Iterable[str | bytes],
        *,
        statuses: bool = False,
        missing: bool = False,
        warnings: bool = False,
        limits: Limits | None = None,
    ) -> pyarrow.Table:
        """The decisions on cases told as JSON, one text a case, as `decide_batch` gives them.

        A text that is no case gives a row of which only the error is told. A case may hold as much as
        `limits` say; without them, as the vocabulary does.
        """
        return self.batch.decide_cases(
            texts, statuses=statuses, missing=missing, warnings=warnings, limits=limits
        )

    def missing(self, case: Case) -> Iterator[MissingSet]:
        """Every minimal set of requirements that documents would have to establish for an approval.

        Lazily, by cost, then size, then text. None for an approval or a referral, nor for a denial
        that no document can turn.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        yield from self._search.sets_of(self._find(case))

    def family(self, case: Case) -> Family:
        """The same minimal sets all at once: counted, looked up, drawn at random, however many.

        Empty for an approval or a referral, and for a denial that no document can turn.

        Errors: CaseError where the case breaks the policy's vocabulary; TooLargeError where the sets
        are too tangled to be counted.
        """
        return self._search.family(self._find(case))

    def missing_documents(self, case: Case) -> Iterator[DocumentSet]:
        """Every minimal set of document types that could establish some missing set, cheapest first.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        yield from self._search.documents_of(self._find(case))

    @cached_property
    def _repairs(self) -> RepairSearch:
        return RepairSearch(self.structure, self._program, self._search.obtaining)

    @cached_property
    def _counterfactuals(self) -> CounterfactualSearch:
        return CounterfactualSearch(self.structure, self._program, self._search.obtaining)

    @cached_property
    def _reasons(self) -> ReasonSearch:
        return ReasonSearch(self.structure, self._program, self._search, self._counterfactuals)

    def repairs(self, case: Case, resolving: bool = True) -> Iterator[Repair]:
        """Every minimal set of documents, resolutions and changes that would make an approval.

        Lazily, by cost, then size, then text. None for an approval, nor where nothing of the kind
        helps. Those without changes and resolutions are the missing sets.

        Args:
            case: the case.
            resolving: whether contradictions between documents may be resolved.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        findings = self._find(case)
        if not _approved(findings):
            yield from self._repairs.repairs(findings, resolving)

    def counterfactuals(self, case: Case) -> Iterator[Counterfactual]:
        """Every least set of requirements that would have to be true, and are not established.

        Lazily, those first of which the fewest are denied by anybody. None for an approval, nor
        where the policy approves no case of this type.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        findings = self._find(case)
        if not _approved(findings):
            yield from self._counterfactuals.counterfactuals(findings)

    def reasons(self, case: Case, first: int = 20) -> Reasons:
        """What the decision rests on: what is enough, what is critical, what forces it.

        Args:
            case: the case.
            first: how many sets of each kind; 0 for all.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        check_count(first)
        findings = self._find(case)
        decision = self._decision(findings, {})
        return self._reasons.reasons(findings, decision, first, self._outcome)

    def _outcome(self, case: Case) -> Outcome:
        return self._find(case).verdict.outcome

    def ask_next(self, case: Case, by: Strategy = "requests", without: Iterable[str] = ()) -> Plan:
        """Which document type to request first, and what after that.

        Args:
            case: the case.
            by: choose by the number of requests in the worst case, by how many sets a type is in,
                or by its cost.
            without: document types that cannot be had, or were asked for and did not show it.

        Errors: CaseError where the case breaks the policy's vocabulary, or for a document type
        that the vocabulary does not have; ValueError for another `by`.
        """
        if by not in STRATEGIES:
            raise ValueError(f"no strategy {quoted(by)} (known: {listing(STRATEGIES)})")
        findings = self._find(case)
        decision = self._decision(findings, {})
        names = frozenset([without] if isinstance(without, str) else without)
        self._check_types(names)
        sets = self._search.documents_of(findings)
        missing = islice(self._search.sets_of(findings), AT_ONCE)
        family = (frozenset(entry.documents) for entry in sets)
        return plan(
            decision,
            frozenset(documents for documents in family if not documents & names),
            (requirement for found in missing for requirement in found.requirements),
            self.vocabulary.document_types,
            by,
            names,
        )

    def _check_types(self, names: frozenset[str]) -> None:
        known = self.vocabulary.document_types
        unknown = [
            f"no document type {quoted(name)}{suggestion(name, known, VALUE)} (known: {listing(known)})"
            for name in sorted(names - known.keys())
        ]
        if unknown:
            raise CaseError("without", unknown)

    def what_if(self, case: Case, changes: Changes | Mapping[str, Any], first: int = 20) -> WhatIf:
        """What becomes of the decision with these changes, made together.

        Example:
            >>> policy = Policy.load("cp_phar_549")
            >>> case = Case.load("examples/cases/approve/nsclc_whole.json")
            >>> policy.what_if(case, {"set": {"dose_mg_per_day": 961}}).outcome
            ('approve', 'deny')

        Args:
            case: the case as it is, which stays so.
            changes: `Changes`, or a mapping of its fields, such as `{"set": {"age": 17}}`, or one
                of attributes alone, `{"age": 17}`, in which None leaves an attribute unset.
            first: how many of the missing sets that are gained, and lost, are told; 0 for all.

        Errors: CaseError where the case, or the changed one, breaks the policy's vocabulary;
        InterpretationError for an ambiguity or an interpretation that the policy does not have.
        """
        check_count(first)
        return Asked(self, case, first).what_if(changes)

    def what_if_each(
        self, case: Case, changes: Changes | Mapping[str, Any], first: int = 20
    ) -> Iterator[WhatIf]:
        """What becomes of the decision with each of these changes alone, one after the other.

        Args and errors are those of `what_if`.
        """
        check_count(first)
        yield from Asked(self, case, first).each(changes)

    def sweep(self, case: Case, attribute: str, low: int | None = None, high: int | None = None) -> Sweep:
        """The decision for every value that an attribute can have, by regions of values.

        Example:
            >>> policy = Policy.load("cp_phar_549")
            >>> case = Case.load("examples/cases/approve/nsclc_whole.json")
            >>> sweep = policy.sweep(case, "dose_mg_per_day")
            >>> [region.outcome for region in sweep.regions]
            ['approve', 'deny']

        Args:
            case: the case, in which the attribute is set to one value after another.
            attribute: of the request form, or one that documents state.
            low: of numbers, the least to look at; without it the least there is.
            high: of numbers, the greatest to look at; without it there is no end.

        Errors: CaseError where the case breaks the policy's vocabulary, which has to have the
        attribute and the range.
        """
        return swept(self, self._program, case, attribute, low, high)

    def impact(
        self,
        source: str | Path | pyarrow.Table | Iterable[pyarrow.Table],
        other: Policy,
        *,
        rows: int | None = None,
        examples: int = 5,
    ) -> Impact:
        """What becomes of many cases when another policy takes the place of this one.

        Args:
            source: a .parquet, .csv, .jsonl or .ndjson file of cases, the last three also with .gz behind;
                or a table, or tables one after the other, whose columns either policy knows.
            other: the policy that would decide.
            rows: rows that are decided at once; by default as many as suit the format.
            examples: the most ids that are told for each cause.

        Errors: BatchError where the file cannot be read, or has a column that neither policy knows;
        ExtraError without the extra `batch`.
        """
        need("batch", "numpy")
        from pyclingo_bridge.impact.counting import impact_of

        return impact_of(self, other, source, rows=rows, examples=examples)

    def evidence(self, case: Case) -> EvidenceReport:
        """What is published on patients like this one, and behind the criteria of the decision.

        It tells of groups of patients; it predicts nothing for one, and changes no decision.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        from pyclingo_bridge.published.evidence import evidence_report

        return evidence_report(self, case)

    def session(self, case: Case) -> Session:
        """The case, kept open: it takes one change after another, and tells the decision after each.

        The given case stays as it is.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        self._find(case)
        return Session(case, self.structure, self._decider, self._search, self._decision, self.session)


def _approved(findings: Findings) -> bool:
    return findings.verdict.outcome == "approve"
