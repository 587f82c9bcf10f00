"""The library's front: load a policy, decide cases, list what is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyclingo_bridge.analysis.ambiguity import AmbiguityReport, Readings
from pyclingo_bridge.analysis.check import Check
from pyclingo_bridge.analysis.compare import Compare
from pyclingo_bridge.analysis.findings import CheckReport, Comparison
from pyclingo_bridge.assemble import Assembly, Known
from pyclingo_bridge.authoring import (
    check_sources,
    policy_complaint,
    policy_words,
    refuse_faults,
)
from pyclingo_bridge.impact.answers import Impact
from pyclingo_bridge.case import Case
from pyclingo_bridge.decide import Decider
from pyclingo_bridge.decision import Decision, Outcome, PolicyInfo
from pyclingo_bridge.errors import CaseError, ReadingError, listing, quoted, suggestion
from pyclingo_bridge.evidence import Findings
from pyclingo_bridge.extras import need
from pyclingo_bridge.facts import UNREAD, Encoder, Topics
from pyclingo_bridge.followup.asking import STRATEGIES, Plan, Strategy, plan
from pyclingo_bridge.followup.changes import Changes
from pyclingo_bridge.followup.counterfactuals import Counterfactual, CounterfactualSearch
from pyclingo_bridge.followup.live import LiveCase
from pyclingo_bridge.followup.reasons import Reasons, ReasonSearch
from pyclingo_bridge.followup.repairs import Repair, RepairSearch
from pyclingo_bridge.followup.sweep import Sweep, swept
from pyclingo_bridge.followup.what_if import Asked, WhatIf
from pyclingo_bridge.minimal import AT_ONCE, check_count
from pyclingo_bridge.missing import DocumentSet, MissingSearch, MissingSet
from pyclingo_bridge.notices import warnings
from pyclingo_bridge.solve import LiveProgram, solver_version
from pyclingo_bridge.sources import (
    RulesFile,
    engine_program,
    policy_entry,
    read_program,
    rules_root,
)
from pyclingo_bridge.structure import SIGNATURES, Structure
from pyclingo_bridge.terms import Term, constant, plain
from pyclingo_bridge.vocabulary import SIGNATURES as VOCABULARY_SIGNATURES
from pyclingo_bridge.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa


class Policy:
    """A policy under chosen readings of its wording, grounded once.

    Example:
        >>> from pyclingo_bridge import Case, Policy
        >>> policy = Policy.load("cp_phar_549")
        >>> case = Case.load("examples/cases/deny/molecular_report_missing.json")
        >>> policy.decide(case).denial_kind
        'insufficient_documentation'
        >>> [[claim.text for claim in missing.claims] for missing in policy.missing(case)]
        [['KRAS G12C mutation found']]
    """

    def __init__(self, files: list[RulesFile], readings: Mapping[str, str]) -> None:
        """Use `Policy.load`."""
        self.files = files
        self._others: dict[tuple[tuple[str, str], ...], Policy] = {}
        engine = engine_program("outline")
        chosen = [_chosen(str(name), str(value)) for name, value in readings.items()]
        outline = LiveProgram([*engine, *files], chosen, complain=policy_complaint)
        words = policy_words() - UNREAD
        facts = outline.facts(*{*SIGNATURES, *VOCABULARY_SIGNATURES, *words})
        self.vocabulary = Vocabulary.from_facts(facts)
        self.structure = Structure(facts, self.vocabulary)
        self.readings = self._readings(readings)
        refuse_faults(outline)
        self.words = {name: facts[name] for name, _ in words | {("label", 2)}}
        encoder = Encoder(self.vocabulary, facts)
        self.facts = encoder.policy_facts(facts, [name for name, _ in sorted(words)])
        topics = Topics(self.vocabulary, facts)
        self._decider = Decider(self._program, encoder, topics, self.structure)

    @classmethod
    def load(cls, name_or_folder: str | Path, readings: Mapping[str, str] | None = None) -> Policy:
        """A shipped policy, by its name, or the one in a folder that holds a `policy.lp`.

        Args:
            name_or_folder: see `shipped_policies()` for the names.
            readings: how to read ambiguities of the wording; the others keep their default.

        Errors: PolicyError where the policy is missing or wrong; ReadingError for an ambiguity or
        a reading that it does not have.
        """
        files = read_program(policy_entry(name_or_folder))
        check_sources(files)
        return cls(files, dict(readings or {}))

    def _program(
        self, entry: str, options: Sequence[str] = (), facts: Iterable[Term] = ()
    ) -> LiveProgram:
        # The policy is read once; every program for cases takes it as the facts that it came to.
        engine = engine_program(entry)
        return LiveProgram(engine, [*self.facts, *facts], options)

    def _readings(self, chosen: Mapping[str, str]) -> dict[str, str]:
        known = self.alternatives
        for name, value in chosen.items():
            if not isinstance(value, str):
                raise ReadingError(f"the reading of {quoted(name)} is a name, not {quoted(value)}")
            if name not in known:
                raise ReadingError(
                    f"no ambiguity {quoted(name)}{suggestion(name, known)} (known: {listing(known) or 'none'})"
                )
            if value not in known[name]:
                hint = suggestion(value, known[name])
                raise ReadingError(
                    f"{quoted(name)} has no reading {quoted(value)}{hint} (known: {listing(known[name])})"
                )
        default = {
            str(plain(name)): str(plain(value))
            for name, value in self.structure.table("default_reading").items()
        }
        return dict(sorted({**default, **chosen}.items()))

    @cached_property
    def alternatives(self) -> dict[str, list[str]]:
        """The readings of each ambiguity of the wording, the default first."""
        default = self.structure.table("default_reading")
        found: dict[str, list[str]] = {}
        for name, value, _ in (term.args for term in self.structure.facts["alternative"]):
            place = 0 if default.get(name) == value else len(found.get(str(plain(name)), []))
            found.setdefault(str(plain(name)), []).insert(place, str(plain(value)))
        return dict(sorted(found.items()))

    @cached_property
    def info(self) -> PolicyInfo:
        """Which policy this is, and from which source."""
        ((name, title),) = self.structure.table("policy").items()
        ((document, revision),) = self.structure.table("source").items()
        engine = read_program(*sorted((rules_root() / "engine").rglob("*.lp")))
        texts = [file.text for file in (*engine, *self.files)]
        digest = hashlib.sha256("\n".join([*texts, repr(self.readings)]).encode()).hexdigest()
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

    def read(self, readings: Mapping[str, str]) -> Policy:
        """This policy under other readings; those that are not given stay as they are.

        Errors: ReadingError for an ambiguity or a reading that it does not have.
        """
        chosen = {**self.readings, **readings}
        if chosen == self.readings:
            return self
        key = tuple(sorted(chosen.items()))
        if key not in self._others:
            self._others[key] = Policy(self.files, chosen)
        return self._others[key]

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
    def all_readings(self) -> Readings:
        """The policy under every combination of readings of its wording."""
        return Readings(self)

    def ambiguities(self, case: Case, first: int = 20) -> AmbiguityReport:
        """Under which readings of the wording the case is approved, and what would make it all of them.

        Args:
            case: the case.
            first: how many of the missing sets with which every reading approves; 0 for all.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        return self.all_readings.report(case, first)

    def decide(self, case: Case) -> Decision:
        """Whether the case meets the policy, and why.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        return self._decision(self._find(case), {})

    def _decision(self, findings: Findings, known: Known) -> Decision:
        amounts = self._decider.amount_warnings(findings.case.request)
        told = warnings(findings, self.structure, amounts)
        assembly = Assembly(self.structure, findings, told, known)
        return assembly.decision(self.info, self.readings, ENGINE)

    def _checked(self, case: Case) -> Case:
        if not isinstance(case, Case):
            raise CaseError("case", [f"is a {type(case).__name__}; make a Case of it first"])
        return case.checked_by(self.vocabulary)

    def _find(self, case: Case) -> Findings:
        return self._decider.find(self._checked(case))

    @cached_property
    def _search(self) -> MissingSearch:
        return MissingSearch(self.structure, self._program)

    def missing(self, case: Case) -> Iterator[MissingSet]:
        """Every minimal set of claims that documents would have to establish for an approval.

        Lazily, by cost, then size, then text. None for an approval or a referral, nor for a denial
        that no document can turn.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        findings = self._find(case)
        if findings.verdict.curable:
            yield from self._search.sets(findings.claim_inputs)

    def missing_documents(self, case: Case) -> Iterator[DocumentSet]:
        """Every minimal set of document types that could establish some missing set, cheapest first.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        findings = self._find(case)
        if findings.verdict.curable:
            yield from self._search.document_sets(findings.claim_inputs)

    @cached_property
    def _repairs(self) -> RepairSearch:
        return RepairSearch(self.structure, self._program, self._search.obtaining)

    @cached_property
    def _counterfactuals(self) -> CounterfactualSearch:
        return CounterfactualSearch(self.structure, self._program, self._search.obtaining)

    @cached_property
    def _reasons(self) -> ReasonSearch:
        return ReasonSearch(self.structure, self._program, self._search, self._counterfactuals)

    def repairs(self, case: Case, settling: bool = True) -> Iterator[Repair]:
        """Every minimal set of documents, settlements and changes that would make an approval.

        Lazily, by cost, then size, then text. None for an approval, nor where nothing of the kind
        helps. Those without changes and settlements are the missing sets.

        Args:
            case: the case.
            settling: whether contradictions between documents may be settled.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        findings = self._find(case)
        if not _approved(findings):
            yield from self._repairs.repairs(findings, settling)

    def counterfactuals(self, case: Case) -> Iterator[Counterfactual]:
        """Every least set of claims that would have to be true, and are not established.

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
        inputs = findings.claim_inputs if findings.verdict.curable else None
        sets = () if inputs is None else self._search.document_sets(inputs)
        missing = () if inputs is None else islice(self._search.sets(inputs), AT_ONCE)
        family = (frozenset(entry.documents) for entry in sets)
        return plan(
            decision,
            frozenset(documents for documents in family if not documents & names),
            (claim for found in missing for claim in found.claims),
            self.vocabulary.document_types,
            by,
            names,
        )

    def _check_types(self, names: frozenset[str]) -> None:
        known = self.vocabulary.document_types
        unknown = [
            f"no document type {quoted(name)}{suggestion(name, known)} (known: {listing(known)})"
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
        ReadingError for an ambiguity or a reading that the policy does not have.
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

    def sweep(
        self, case: Case, attribute: str, low: int | None = None, high: int | None = None
    ) -> Sweep:
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

    def batch_schema(self) -> pa.Schema:
        """The columns of a table of cases."""
        need("batch")
        from pyclingo_bridge.batch import engine

        return engine.batch_schema(self)

    def batch_table(self, cases: Iterable[Case]) -> pa.Table:
        """Cases as a table, one row a case."""
        need("batch")
        from pyclingo_bridge.batch import engine

        return engine.batch_table(self, cases)

    def decide_batch(
        self, table: pa.Table, *, statuses: bool = False, missing: bool = False
    ) -> pa.Table:
        """Decide a table of cases, one row each."""
        need("batch")
        from pyclingo_bridge.batch import engine

        return engine.decide_batch(self, table, statuses=statuses, missing=missing)

    def decide_cases(
        self, lines: Iterable[str], *, statuses: bool = False, missing: bool = False
    ) -> pa.Table:
        """Decide the JSON texts of case files, one row each."""
        need("batch")
        from pyclingo_bridge.batch import engine

        return engine.decide_cases(self, lines, statuses=statuses, missing=missing)

    def impact(
        self,
        source: str | Path | pa.Table | Iterable[pa.Table],
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
        need("batch")
        from pyclingo_bridge.impact.counting import impact_of

        return impact_of(self, other, source, rows=rows, examples=examples)

    def live(self, case: Case) -> LiveCase:
        """The case, kept open: it takes one change after another, and tells the decision after each.

        The given case stays as it is.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        return LiveCase(
            self._checked(case), self.structure, self._decider, self._search, self._decision
        )


def _approved(findings: Findings) -> bool:
    return findings.verdict.outcome == "approve"


def _chosen(name: str, value: str) -> Term:
    # What is no plain name can be no reading either: as a text it matches none, and is refused below.
    terms = (
        constant(word) if word.isidentifier() and word.isascii() else "" for word in (name, value)
    )
    return Term("chosen_reading", tuple(terms))


def _package_version() -> str:
    try:
        return version("pyclingo-bridge")
    except PackageNotFoundError:
        return "unknown"


ENGINE = {"pyclingo-bridge": _package_version(), "clingo": solver_version()}
"""The versions of this package and of the solver."""
