"""The library's front: each question about a case, or about a policy, is handed to its own module."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyclingo_bridge.base.doors import check_type
from pyclingo_bridge.base.errors import ArgumentError
from pyclingo_bridge.base.extras import need
from pyclingo_bridge.base.terms import Value
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.limits import Limits
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import Decision, PolicyInfo, Status
from pyclingo_bridge.core.engines import tables
from pyclingo_bridge.core.loaded import JudgedBy, LoadedPolicy
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.loading.limits import LoadLimits
from pyclingo_bridge.loading.load import load

if TYPE_CHECKING:
    import pyarrow

    from pyclingo_bridge.analysis.findings import CheckReport, Comparison
    from pyclingo_bridge.analysis.interpretations import AmbiguityReport
    from pyclingo_bridge.impact.answers import Impact
    from pyclingo_bridge.letters.letter import Letter
    from pyclingo_bridge.letters.slots import Recipient
    from pyclingo_bridge.pictures import Picture
    from pyclingo_bridge.pictures.asking import PictureKind
    from pyclingo_bridge.published.answers import EvidenceReport
    from pyclingo_bridge.questions.changes import Changes
    from pyclingo_bridge.questions.counterfactuals import Counterfactual
    from pyclingo_bridge.questions.missing import MissingSets
    from pyclingo_bridge.questions.next_document import Plan, Strategy
    from pyclingo_bridge.questions.reasons import Reasons
    from pyclingo_bridge.questions.repairs import Repair
    from pyclingo_bridge.questions.session import Session
    from pyclingo_bridge.questions.sweep import Sweep
    from pyclingo_bridge.questions.what_if import WhatIf


class Policy:
    """A policy under chosen interpretations of its wording, grounded once.

    Every question takes a case, or what `assess` made of it: who asks several questions about one
    case assesses it once.

    Examples:
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

    Attributes:
        loaded: what the questions start from.
    """

    def __init__(self, loaded: LoadedPolicy) -> None:
        """Use `Policy.load`."""
        self.loaded = loaded

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.loaded,)

    @classmethod
    def load(
        cls,
        name_or_folder: str | Path,
        interpretations: Mapping[str, str] | None = None,
        judged_by: JudgedBy = "compiled",
        limits: LoadLimits | None = None,
        plan: str | Path | PlanFacts | None = None,
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
            plan: a plan file, or the `PlanFacts` of one: what the plan knows for all its cases. Each case
                has to tell the day of its request then.

        Errors: PolicyError where the policy is missing or wrong, or beyond its limits;
        InterpretationError for an ambiguity or an interpretation that it does not have; ArgumentError for
        another `judged_by`, or an argument of another type; CaseError for a plan file that cannot be read or
        breaks the policy's vocabulary.
        """
        check_type("name_or_folder", name_or_folder, (str, PathLike), "the name of a policy, or its folder")
        check_type("plan", plan, (str, PathLike, PlanFacts, type(None)), "the name of a file, or PlanFacts")
        loaded = load(name_or_folder, interpretations, judged_by, limits)
        if plan is not None and not isinstance(plan, PlanFacts):
            plan = PlanFacts.load(plan, loaded.vocabulary)
        return cls(loaded.with_plan(plan and plan.checked_by(loaded.vocabulary)))

    # What it is

    @property
    def info(self) -> PolicyInfo:
        """Which policy this is, and from which source."""
        return self.loaded.info

    @property
    def interpretations(self) -> dict[str, str]:
        """Each ambiguity of the wording, with the interpretation chosen."""
        return self.loaded.interpretations

    @property
    def alternatives(self) -> dict[str, list[str]]:
        """The interpretations of each ambiguity of the wording, the default first."""
        return self.loaded.alternatives

    @property
    def plan(self) -> PlanFacts | None:
        """What a plan knows for all its cases, if that was given."""
        return self.loaded.plan

    @property
    def vocabulary(self) -> Vocabulary:
        """What its cases may say."""
        return self.loaded.vocabulary

    @property
    def structure(self) -> Structure:
        """Its sections, criteria and requirements."""
        return self.loaded.structure

    @property
    def folder(self) -> Path:
        """The folder that the policy's files are read from."""
        return self.loaded.folder

    @property
    def engine(self) -> dict[str, str]:
        """The versions of this package and of the solver."""
        return self.loaded.engine

    def under(self, interpretations: Mapping[str, str]) -> Policy:
        """This policy under other interpretations; those that are not given stay as they are.

        Errors: InterpretationError for an ambiguity or an interpretation that it does not have.
        """
        return Policy(self.loaded.under(interpretations))

    # A case

    def assess(self, case: Case | Assessment) -> Assessment:
        """What the rules find of a case, to be given to every question about it in the case's place.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        return self.loaded.assess(case)

    def decide(self, case: Case | Assessment) -> Decision:
        """Whether the case meets the policy, and why.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        return self.loaded.decide(case)

    def deciding(self) -> Callable[[Case], Decision]:
        """A function that decides as `decide` does, and remembers what cases have in common.

        Faster for cases one after another of which most says the same. For one thread.
        """
        return self.loaded.deciding()

    def requirement_statuses(self, case: Case | Assessment) -> dict[Value, Status]:
        """The status of each requirement that the policy names, in this case, by the rules' own terms.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        return self.loaded.requirement_statuses(case)

    def missing(self, case: Case | Assessment) -> MissingSets:
        """Every minimal set of requirements that documents would have to show for an approval.

        One lazy collection: iterate it (by cost, then size, then text), or ask it for its `count()`,
        the `cheapest(k)`, some drawn at random (`sample`), whether it `contains` some requirements,
        what is `in_every` set, and for the `documents` that could show them. There are none for an
        approval or a referral, nor for a denial that no document can turn.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        from pyclingo_bridge.questions.missing import MissingSearch

        return self.loaded.once(MissingSearch.of).missing(self.assess(case))

    def repairs(self, case: Case | Assessment, resolving: bool = True) -> Iterator[Repair]:
        """Every minimal set of documents, resolutions and changes that would make an approval.

        Lazily, by cost, then size, then text. None for an approval, nor where nothing of the kind
        helps. Those without changes and resolutions are the missing sets.

        Args:
            case: the case.
            resolving: whether contradictions between documents may be resolved.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        from pyclingo_bridge.questions.repairs import RepairSearch

        yield from self.loaded.once(RepairSearch).repairs(self.assess(case), resolving)

    def counterfactuals(self, case: Case | Assessment) -> Iterator[Counterfactual]:
        """Every least set of requirements that would have to be true, and are not met.

        Lazily, those first of which the fewest are denied by anybody. None for an approval, nor
        where the policy approves no case of this type.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        from pyclingo_bridge.questions.counterfactuals import CounterfactualSearch

        yield from self.loaded.once(CounterfactualSearch).counterfactuals(self.assess(case))

    def reasons(self, case: Case | Assessment, first: int = 20) -> Reasons:
        """What the decision rests on: what is enough, what is critical, what forces it.

        Args:
            case: the case.
            first: how many sets of each kind; 0 for all.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        from pyclingo_bridge.questions.reasons import ReasonSearch

        return self.loaded.once(ReasonSearch).reasons(self.assess(case), first)

    def ask_next(self, case: Case | Assessment, by: Strategy = "requests", without: Iterable[str] = ()) -> Plan:
        """Which document type to request first, and what after that.

        Args:
            case: the case.
            by: choose by the number of requests in the worst case, by how many sets a type is in,
                or by its cost.
            without: document types that cannot be had, or were asked for and did not show it.

        Errors: CaseError where the case breaks the policy's vocabulary, or for a document type
        that the vocabulary does not have; ArgumentError for another `by`.
        """
        from pyclingo_bridge.questions.next_document import next_document

        return next_document(self.loaded, self.assess(case), by, without)

    def what_if(self, case: Case | Assessment, changes: Changes | Mapping[str, Any], first: int = 20) -> WhatIf:
        """What becomes of the decision with these changes, made together.

        Examples:
            >>> policy = Policy.load("cp_phar_549")
            >>> case = Case.load("examples/cases/approve/nsclc_whole.json")
            >>> policy.what_if(case, {"set": {"dose_mg_per_day": 961}}).outcome
            ('approve', 'deny')

        Args:
            case: the case as it is, which stays so.
            changes: `Changes`, or a mapping of its fields, such as `{"set": {"age": 17}}`, or one
                of attributes alone, `{"age": 17}`, in which None leaves an attribute unset.
            first: how many of the missing sets that are gained, and lost, are listed; 0 for all.

        Errors: CaseError where the case, or the changed one, breaks the policy's vocabulary;
        InterpretationError for an ambiguity or an interpretation that the policy does not have.
        """
        from pyclingo_bridge.questions.what_if import Comparing

        return Comparing(self.loaded, self.assess(case), first).what_if(changes)

    def what_if_each(
        self, case: Case | Assessment, changes: Changes | Mapping[str, Any], first: int = 20
    ) -> Iterator[WhatIf]:
        """What becomes of the decision with each of these changes alone, one after the other.

        Args and errors are those of `what_if`.
        """
        from pyclingo_bridge.questions.what_if import Comparing

        yield from Comparing(self.loaded, self.assess(case), first).each(changes)

    def sweep(
        self,
        case: Case | Assessment,
        attribute: str,
        low: int | float | str | None = None,
        high: int | float | str | None = None,
        changes: Changes | Mapping[str, Any] | None = None,
    ) -> Sweep:
        """The decision for every value that an attribute can have, by regions of values.

        Examples:
            >>> policy = Policy.load("cp_phar_549")
            >>> case = Case.load("examples/cases/approve/nsclc_whole.json")
            >>> sweep = policy.sweep(case, "dose_mg_per_day")
            >>> [region.outcome for region in sweep.regions]
            ['approve', 'deny']

        Args:
            case: the case, in which the attribute is set to one value after another.
            attribute: of the request form, or one that documents state; or `date`, the day of the request,
                or `ID.date`, the date of a document.
            low: of numbers, the least to look at; without it the least there is. Of days the first; it and
                the last are needed then.
            high: of numbers, the greatest to look at; without it there is no end. Of days the last.
            changes: what else is otherwise in the case, as `what_if` takes it.

        Errors: CaseError where the case breaks the policy's vocabulary, which has to have the
        attribute and the range.
        """
        from pyclingo_bridge.questions.sweep import swept

        return swept(self.loaded, self.assess(case).case, attribute, low, high, changes)

    def session(self, case: Case | Assessment) -> Session:
        """The case, kept open: it takes one change after another, with the decision after each.

        The given case stays as it is.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        from pyclingo_bridge.questions.session import Session

        return Session(self.loaded, self.assess(case).case)

    def evidence(self, case: Case | Assessment) -> EvidenceReport:
        """What is published on patients like this one, and behind the criteria of the decision.

        It describes groups of patients; it predicts nothing for one, and changes no decision.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        from pyclingo_bridge.published.evidence import evidence_report

        return evidence_report(self.loaded, self.assess(case))

    def ambiguities(self, case: Case | Assessment, first: int = 20) -> AmbiguityReport:
        """Under which interpretations of the wording the case is approved, and what would make it all of them.

        Args:
            case: the case.
            first: how many of the missing sets with which every interpretation approves; 0 for all.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        from pyclingo_bridge.analysis.interpretations import Interpretations

        return self.loaded.once(Interpretations).report(self.assess(case).case, first)

    def plot(self, kind: PictureKind, *cases: Case | Assessment, first: int = 40) -> Picture:
        """A picture of cases: `plot("tree", case).save("tree.svg")` writes it, and returns it in words.

        Args:
            kind: `matrix` for the criteria in any number of cases; of one case `missing` for its missing
                sets, `timeline` for its documents in time, `tree` for its way through the policy.
            cases: the cases.
            first: of `missing`, how many sets are shown; 0 for all.

        Errors: CaseError where a case breaks the policy's vocabulary; PictureError for another kind, or as
        many cases as it cannot show; saving it without the extra `plot` ExtraError.
        """
        from pyclingo_bridge.pictures.asking import picture_of

        return picture_of(self.loaded, kind, [self.assess(case) for case in cases], first)

    def letter(
        self,
        case: Case | Assessment,
        to: Recipient = "provider",
        slots: Mapping[str, Any] | None = None,
        templates: str | Path | None = None,
        first: int = 5,
    ) -> Letter:
        """The letter that tells the decision to the provider or to the member.

        What no decision tells, such as names and the text on appeals, are slots. Those that are empty are
        marked in the letter, and listed in its `empty_slots`.

        Examples:
            >>> policy = Policy.load("cp_phar_549")
            >>> case = Case.load("examples/cases/deny/molecular_report_missing.json")
            >>> letter = policy.letter(case, slots={"plan_name": "Example Health"})
            >>> [way.shows[0].name.text for way in letter.content.ways.ways]
            ['KRAS G12C mutation found']

        Args:
            case: the case.
            to: `provider` or `member`.
            slots: texts, by the names of `letters.slots`.
            templates: a folder of templates that take the place of those that are shipped.
            first: how many of the ways to an approval it lists, least effort first; 0 for all.

        Errors: CaseError where the case breaks the policy's vocabulary; LetterError for a slot that letters
        do not have.
        """
        from pyclingo_bridge.letters.letter import letter

        folder = None if templates is None else Path(templates)
        return letter(self.loaded, self.assess(case), to, slots or {}, folder, first)

    # The policy itself

    def check(self) -> CheckReport:
        """What is wrong with the policy, proved over every case there can be.

        Findings that a case can show come with a smallest one, decided anew before it is reported.
        """
        from pyclingo_bridge.analysis.check import PolicyCheck

        return PolicyCheck(self.loaded).report()

    def compare(self, other: Policy) -> Comparison:
        """Who is decided differently by the other policy, and by which clause.

        Every difference comes with a smallest case, decided by both before it is reported.

        Errors: PolicyError where the two have no cases in common; ArgumentError for what is no policy.
        """
        check_type("other", other, Policy, "a Policy")
        from pyclingo_bridge.analysis.compare import Compare

        return Compare(self.loaded, other.loaded).comparison()

    # Tables of cases

    @property
    def plan_digest(self) -> str | None:
        """A fingerprint of what the plan knows for all cases, if that was given."""
        return None if self.loaded.plan is None else self.loaded.plan.digest

    @cached_property
    def batch(self) -> Any:
        """What decides tables of cases, by the compiled engine: its type is the engine's own.

        Errors: ExtraError where the packages for tables are not installed.
        """
        from pyclingo_bridge.questions.missing import MissingSearch

        return tables().tables(self.loaded, lambda: self.loaded.once(MissingSearch.of))

    def batch_schema(self, several: Collection[str] = ()) -> pyarrow.Schema:
        """The columns of a table of cases, one row a case, with the types that serve best.

        Columns bear the names of attributes as in case files; null is what is not stated. Every
        column but those that the request form requires may be left out. `date`, `drug` and `tumor` are the
        request's; `document date` is the date of a row's statements, `age date` that of its `age`. What other
        columns there are the module `fast.columns.layout` tells.

        Args:
            several: attributes of which a row is to hold any number of statements.
        """
        return self.batch.layout.schema(several)

    def batch_table(self, cases: Iterable[Case]) -> pyarrow.Table:
        """The cases as a table that `decide_batch` takes, in their order.

        Errors: CaseError for a case that breaks the policy's vocabulary, or that no row can hold.
        """
        return self.batch.table(cases)

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
        `error`, which says what is wrong with a row that is no case; of such a row nothing else
        but the id is given.

        Args:
            table: the cases; see `batch_schema`.
            statuses: give the status of each criterion too, as `status ID`; null where the request
                does not go to its section.
            missing: give the cheapest missing set too, as `missing_cost`, `missing_requirements` (terms),
                `missing_documents` (document types) and `missing_clarifications` (unknown names to find out
                about, each behind its attribute); null where there is none.
            warnings: give each row's warnings too, as `warnings`; null where there is none.
            only: of the columns that follow from the rules, give just these.
            limits: how many problems of a row are reported; without them, as the vocabulary says.

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
        """The decisions on cases given as JSON, one text a case, as `decide_batch` gives them.

        A text that is no case gives a row of which only the error is given. A case may hold as much as
        `limits` say; without them, as the vocabulary does.

        Errors: ArgumentError for one text in the place of several, and for what is no text.
        """
        if isinstance(texts, str | bytes):
            raise ArgumentError("`texts` has to be several texts, one a case; put a single one in a list")
        return self.batch.decide_cases(
            map(_text, texts), statuses=statuses, missing=missing, warnings=warnings, limits=limits
        )

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
            examples: the most ids that are listed for each cause.

        Errors: BatchError where the file cannot be read, or has a column that neither policy knows;
        PolicyError where the policies have no cases in common; ArgumentError for what is no policy; ExtraError
        without the extra `batch`.
        """
        check_type("other", other, Policy, "a Policy")
        need("batch")
        from pyclingo_bridge.impact.counting import impact_of

        return impact_of(self, other, source, rows=rows, examples=examples)


def _text(given: str | bytes) -> str | bytes:
    check_type("texts", given, (str, bytes, bytearray), "texts, each a case as JSON")
    return given
