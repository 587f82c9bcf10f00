"""What the library answers: a decision, with every criterion's status and the evidence for it.

All models are frozen, and serialize to JSON with `model_dump_json()`.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
    computed_field,
    model_validator,
)
from pydantic_core.core_schema import (
    CoreSchema,
    no_info_wrap_validator_function,
    plain_serializer_function_ser_schema,
)

from pyclingo_bridge.base.doors import OwnReading, first_problem
from pyclingo_bridge.base.errors import ArgumentError, ChangeError, quoted
from pyclingo_bridge.cases.days import DayField

Outcome = Literal["approve", "deny", "refer"]
DenialKind = Literal["insufficient_documentation", "conflicting_documentation", "criteria_not_met"]
Status = Literal["met", "undocumented", "conflicting", "not_met"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""The nearest to an approval first."""

Operator = Literal[
    "is",
    "yes",
    "no",
    "among",
    "at_least",
    "at_most",
    "includes",
    "includes_any",
    "excludes",
    "empty",
    "within",
]

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])\Z")

FORMAT_VERSION = "4.0"
"""The version of the JSON that this package writes; a new first number breaks its readers."""


class Answer(OwnReading, BaseModel):
    """Base of everything that the library answers.

    Data that are none are an ArgumentError, which names the first field that is wrong.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def own_error(cls, error: ValidationError, data: Any) -> ArgumentError:
        """What is wrong with data that are to be such an answer."""
        return ArgumentError(f"no {cls._called()} of version {FORMAT_VERSION}: {first_problem(error)}")

    @classmethod
    def _called(cls) -> str:
        """What a message calls it."""
        return quoted(cls.__name__)


class Requirement(Answer):
    """A condition on one attribute.

    Attributes:
        term: the requirement as the rules write it, such as `at_least(age,18)`; unique in a policy.
        attribute: what it is about.
        operator: the kind of condition.
        complement: whether the requirement is that the condition does *not* hold.
        value: a name or number; the sorted members for `among` and `includes_any`; a flag for
            `yes` and `no`; None for `empty`.
        text: the requirement for a reader.
    """

    term: str
    attribute: str
    operator: Operator
    complement: bool = False
    value: str | int | bool | tuple[str, ...] | None
    text: str


class Evidence(Answer):
    """What one document, or the request form, says of a requirement.

    Attributes:
        document: the document's id; None for the request form.
        type: the document's type; None for the request form.
        date: the document's date; None for the request form.
        attribute: the attribute that it states.
        value: the value, as it states it.
        by_default: whether the request form leaves it out, so that the default holds.
        details: the details, such as measurements, from which it follows that the document states it;
            empty where it states it itself.
        read_as: how names in it were read, where that is more than their spelling; else None.
        status: the document's status where it is not final, such as `preliminary`; else None.
        effect: whether that supports or refutes the requirement; `superseded` where a later document
            has taken its place; `not_counted` where documents of its type, or on its tumor, do not count;
            `silent` where it decides nothing, as an incomplete list does.
    """

    document: str | None
    type: str | None
    date: DayField | None
    attribute: str
    value: Any
    by_default: bool = False
    details: dict[str, Any] = {}
    read_as: str | None = None
    status: str | None = None
    effect: Literal["supports", "refutes", "superseded", "silent", "not_counted"]


def value_text(value: object) -> str:
    """A stated value for a reader.

    Examples:
        >>> value_text(True), value_text({"at_least": 30}), value_text("2025-03"), value_text(["red"])
        ('yes', 'at least 30', 'March 2025', '[red]')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return range_text(value) if isinstance(value, Mapping) else day_text(value)


def range_text(value: Mapping[str, object]) -> str:
    """A range of numbers for a reader."""
    low, high = value.get("at_least"), value.get("at_most")
    if low is None:
        return f"at most {high}"
    return f"at least {low}" if high is None else f"{low} to {high}"


def day_text(value: object) -> str:
    """A day for a reader, also one of which only the month or the year is known; any other value as it is."""
    month = _MONTH.match(str(value))
    return f"{calendar.month_name[int(month[2])]} {month[1]}" if month else str(value)


def statement_text(attribute: str, value: object, details: Mapping[str, Any]) -> str:
    """A statement for a reader, with the details that it follows from, if it does."""
    text = f"{attribute} = {value_text(value)}"
    drawn_from = ", ".join(f"{name} = {value_text(of)}" for name, of in details.items())
    return f"{text} (by its details: {drawn_from})" if drawn_from else text


class RequirementResult(Answer):
    """A requirement in a criterion's wording, its status, and who says so.

    Attributes:
        kind: tells it from a criterion and from a part.
        requirement: what is required.
        status: its status in this case.
        evidence: the statements that bear on it.
    """

    kind: Literal["requirement"] = "requirement"
    requirement: Requirement
    status: Status
    evidence: tuple[Evidence, ...]


class CriterionRef(Answer):
    """A criterion in another one's wording, by its id.

    Attributes:
        kind: tells it from a requirement and from a part.
        id: its number in the source.
    """

    kind: Literal["criterion"] = "criterion"
    id: str


class Part(Answer):
    """A part of a criterion that the source does not number.

    Attributes:
        kind: tells it from a requirement and from a criterion.
        status: its status in this case.
        needs: what has to be met, all of it.
        alternatives: of these, one has to be met, if there are any.
        excuses: if one of these is met, nothing else has to be.
    """

    kind: Literal["part"] = "part"
    status: Status
    needs: tuple[Item, ...] = ()
    alternatives: tuple[Item, ...] = ()
    excuses: tuple[Item, ...] = ()


Item: TypeAlias = Annotated["RequirementResult | CriterionRef | Part", Field(discriminator="kind")]


class CriterionResult(Answer):
    """One numbered criterion of the policy, with its status in this case.

    It is met where all of `needs` and one of `alternatives` (if there are any) are met, or one of
    `excuses` is.

    Attributes:
        id: its number in the source, such as `2.b`.
        label: what it asks for, in this project's own words.
        locator: its place in the source.
        status: met, undocumented (documents could show it), conflicting (a contradiction has to be
            resolved) or not_met (what is requested, or on file, rules it out).
        needs: what has to be met, all of it.
        alternatives: of these, one has to be met, if there are any.
        excuses: if one of these is met, nothing else has to be.
    """

    id: str
    label: str
    locator: str
    status: Status
    needs: tuple[Item, ...] = ()
    alternatives: tuple[Item, ...] = ()
    excuses: tuple[Item, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _without_what_follows(cls, data: Any) -> Any:
        """Let the answer be read back from its own JSON, which has `evidence` too."""
        if isinstance(data, dict) and "evidence" in data:
            return {key: value for key, value in data.items() if key != "evidence"}
        return data

    def requirements(self) -> Iterator[RequirementResult]:
        """The requirements in the criterion's own wording, its parts included."""
        yield from requirements_in(wording(self))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All that is said of the criterion's own requirements, each statement once."""
        return tuple(
            {
                repr(entry): entry for requirement in self.requirements() for entry in requirement.evidence
            }.values()
        )


def wording(holder: CriterionResult | Part) -> tuple[Item, ...]:
    """All items in the wording of a criterion or a part, in order."""
    return (*holder.needs, *holder.alternatives, *holder.excuses)


def requirements_in(items: Iterable[Item]) -> Iterator[RequirementResult]:
    """The requirements among these, those in parts included."""
    for item in items:
        if isinstance(item, RequirementResult):
            yield item
        elif isinstance(item, Part):
            yield from requirements_in(wording(item))


class SectionResult(Answer):
    """A section of criteria that the request was routed to.

    Attributes:
        id: the criterion that stands for the whole section.
        status: that criterion's status.
        addresses: whether the section can address the requested use.
        use_conditions: what it says of the use: its disease, the patient's age, the regimen.
    """

    id: str
    status: Status
    addresses: bool
    use_conditions: tuple[Item, ...]


class PolicyInfo(Answer):
    """Which policy decided, and from which source.

    Attributes:
        name: the policy's name, as `Policy.load` takes it.
        title: what it is about.
        document: the source that locators point into.
        revision: the source's revision.
        rules: a fingerprint of the rules files and the interpretations.
    """

    name: str
    title: str
    document: str
    revision: str
    rules: str


class Referral(Answer):
    """Where a request goes that no section addresses.

    Attributes:
        target: the policy that takes it.
        basis: the id of the item that says so.
        label: that item, in this project's words.
        locator: its place in the source.
        notes: what a reader should know of it.
        reasons: the requirements that it rests on.
    """

    target: str
    basis: str
    label: str
    locator: str
    notes: tuple[str, ...] = ()
    reasons: tuple[RequirementResult, ...] = ()


class Notice(Answer):
    """What the policy tells a reader of a decision beside its criteria.

    Attributes:
        id: its name.
        text: what it tells.
        locator: its place in the source.
    """

    id: str
    text: str
    locator: str = ""


_MISSING = frozenset({"count", "documents_count", "missing", "more", "documents", "more_documents"})
"""The fields on missing sets that are written beside a decision."""


class WholeDecision(Answer):
    """A `Decision` with every field put together: what is written as JSON, and read from it."""

    model_config = ConfigDict(title="Decision")

    version: str = FORMAT_VERSION
    engine: dict[str, str]
    case: str
    case_digest: str
    policy: PolicyInfo
    interpretations: dict[str, str]
    outcome: Outcome
    denial_kind: DenialKind | None = None
    outcome_word: str
    section: str | None = None
    approval_months: int | None = None
    refer_to: str | None = None
    referral: Referral | None = None
    sections: tuple[SectionResult, ...]
    criteria: dict[str, CriterionResult]
    request_date: datetime.date | None = None
    notices: tuple[Notice, ...] = ()
    warnings: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _without_what_is_missing(cls, data: Any) -> Any:
        """Let a decision be read from what `decide --json` writes, which has the missing sets too."""
        if cls is WholeDecision and isinstance(data, dict) and _MISSING & data.keys():
            return {key: value for key, value in data.items() if key not in _MISSING}
        return data

    @classmethod
    def _called(cls) -> str:
        return "decision"

    def __repr_name__(self) -> str:
        return "Decision"


class Decision:
    """Whether a request meets a policy, and why: the outcome at once, the reasons when first asked for.

    Attributes:
        version: the version of this JSON format.
        engine: the versions of this package and of the solver.
        case: the case's id.
        case_digest: a fingerprint of the case's content, see `Case.digest`.
        policy: which policy decided.
        interpretations: each ambiguity of the wording, with the interpretation chosen.
        outcome: approve, deny or refer.
        outcome_word: the policy's own word for the outcome.
        denial_kind: for a denial, whether documents, or resolving a contradiction, can cure it.
        section: for an approval, the section that approves.
        approval_months: for an approval, for how long.
        refer_to: for a referral, the policy that takes the request.
        referral: for a referral, more of it.
        sections: the sections that the request was routed to, in the policy's order.
        criteria: every criterion of those sections, by its id, in the source's order.
        request_date: the day of the request: as given, else the latest date of a document that counts.
        notices: what the policy tells beside its criteria.
        warnings: what a reader should know of the input, one sentence each.
    """

    __slots__ = (
        "_digest",
        "_reasons",
        "_statuses",
        "_whole",
        "approval_months",
        "case",
        "denial_kind",
        "engine",
        "interpretations",
        "outcome",
        "outcome_word",
        "policy",
        "refer_to",
        "section",
        "version",
    )
    version: str
    engine: dict[str, str]
    case: str
    policy: PolicyInfo
    interpretations: dict[str, str]
    outcome: Outcome
    outcome_word: str
    denial_kind: DenialKind | None
    section: str | None
    approval_months: int | None
    refer_to: str | None
    _digest: Callable[[], str]
    _statuses: Callable[[], dict[str, Status]]
    _reasons: Callable[[], dict[str, Any]]
    _whole: WholeDecision | None

    def __init__(
        self,
        *,
        version: str,
        engine: dict[str, str],
        case: str,
        policy: PolicyInfo,
        interpretations: dict[str, str],
        outcome: Outcome,
        outcome_word: str,
        denial_kind: DenialKind | None,
        section: str | None,
        approval_months: int | None,
        refer_to: str | None,
        digest: Callable[[], str],
        statuses: Callable[[], dict[str, Status]],
        reasons: Callable[[], dict[str, Any]],
    ) -> None:
        """Take what is known at once.

        Args:
            digest: gives the fingerprint of the case.
            statuses: gives the status of each criterion.
            reasons: gives the other fields.
        """
        put = object.__setattr__
        put(self, "version", version)
        put(self, "engine", engine)
        put(self, "case", case)
        put(self, "policy", policy)
        put(self, "interpretations", interpretations)
        put(self, "outcome", outcome)
        put(self, "outcome_word", outcome_word)
        put(self, "denial_kind", denial_kind)
        put(self, "section", section)
        put(self, "approval_months", approval_months)
        put(self, "refer_to", refer_to)
        put(self, "_digest", digest)
        put(self, "_statuses", statuses)
        put(self, "_reasons", reasons)
        put(self, "_whole", None)

    def __setattr__(self, name: str, value: object) -> None:
        raise ChangeError("a Decision cannot be changed; make another one, as by `model_copy(update=...)`")

    @classmethod
    def of(cls, whole: WholeDecision) -> Decision:
        """The decision that is put together already."""
        known = {name: getattr(whole, name) for name in _AT_ONCE}
        decision = cls(
            **known,
            digest=lambda: whole.case_digest,
            statuses=lambda: {name: criterion.status for name, criterion in whole.criteria.items()},
            reasons=dict,
        )
        object.__setattr__(decision, "_whole", whole)
        return decision

    @property
    def whole(self) -> WholeDecision:
        """The decision with every field put together."""
        whole = self._whole
        if whole is None:
            # Two threads may both put it together, and come to the same.
            known = {name: getattr(self, name) for name in _AT_ONCE}
            whole = WholeDecision.model_construct(**known, case_digest=self._digest(), **self._reasons())
            object.__setattr__(self, "_whole", whole)
        return whole

    @property
    def case_digest(self) -> str:
        """A fingerprint of the case's content; made when it is first asked for, as hashing takes time."""
        return self._digest()

    @property
    def statuses(self) -> dict[str, Status]:
        """The status of each criterion, by its id; known sooner than `criteria`, which give the reasons."""
        return self._statuses()

    @property
    def referral(self) -> Referral | None:
        """For a referral, more of it."""
        return self.whole.referral

    @property
    def sections(self) -> tuple[SectionResult, ...]:
        """The sections that the request was routed to, in the policy's order."""
        return self.whole.sections

    @property
    def criteria(self) -> dict[str, CriterionResult]:
        """Every criterion of those sections, by its id, in the source's order."""
        return self.whole.criteria

    @property
    def request_date(self) -> datetime.date | None:
        """The day of the request: as given, else the latest date of a document that counts."""
        return self.whole.request_date

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What the policy tells beside its criteria."""
        return self.whole.notices

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know of the input, one sentence each."""
        return self.whole.warnings

    @classmethod
    def model_validate(cls, data: Any) -> Decision:
        """The decision in plain data, as `model_dump` gives them.

        Errors: ArgumentError, which names the first field that is wrong.
        """
        return data if isinstance(data, cls) else cls.of(WholeDecision.model_validate(data))

    @classmethod
    def model_validate_json(cls, text: str | bytes) -> Decision:
        """The decision in JSON, as `model_dump_json` gives it.

        Errors: ArgumentError, which names the first field that is wrong.
        """
        return cls.of(WholeDecision.model_validate_json(text))

    @classmethod
    def model_json_schema(cls, **options: Any) -> dict[str, Any]:
        """The JSON schema of a decision."""
        return WholeDecision.model_json_schema(**options)

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """The decision as plain data; the options are pydantic's.

        With `include` of fields that are known at once the reasons are not put together.
        """
        included = options.get("include")
        if self._whole is None and isinstance(included, set) and included <= _WITHOUT_REASONS:
            known = {name: getattr(self, name) for name in included}
            return WholeDecision.model_construct(**known).model_dump(**options)
        return self.whole.model_dump(**options)

    def model_dump_json(self, **options: Any) -> str:
        """The decision as JSON; the options are pydantic's."""
        return self.whole.model_dump_json(**options)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Decision:
        """A copy, with these fields changed; as pydantic's, it does not check them."""
        return Decision.of(self.whole.model_copy(update=update, deep=deep))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.whole)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decision) and self.whole == other.whole

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self.whole)

    def __reduce__(self) -> tuple[Any, ...]:
        return Decision.of, (self.whole,)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        whole = handler.generate_schema(WholeDecision)

        def read(data: Any, read_whole: ValidatorFunctionWrapHandler) -> Decision:
            return data if isinstance(data, cls) else cls.of(read_whole(data))

        written = plain_serializer_function_ser_schema(lambda decision: decision.whole, return_schema=whole)
        return no_info_wrap_validator_function(read, whole, serialization=written)

    def beneath(self, name: str) -> Iterator[str]:
        """The ids of the criteria anywhere in a criterion's wording, in order."""
        yield from _beneath(self, self.criteria[name])


def sections_at_stake(decision: Decision) -> tuple[SectionResult, ...]:
    """The sections that address the requested use, and the one that approves: it can do so without that."""
    return tuple(entry for entry in decision.sections if entry.addresses or entry.id == decision.section)


def nearest_sections(decision: Decision) -> frozenset[str]:
    """The ids of the sections that address the requested use and come nearest to an approval."""
    addressing = {section.id: section.status for section in decision.sections if section.addresses}
    best = min(addressing.values(), key=STATUSES.index, default="not_met")
    return frozenset(name for name, status in addressing.items() if status == best)


_AT_ONCE = (
    *("version", "engine", "case", "policy", "interpretations", "outcome", "outcome_word"),
    *("denial_kind", "section", "approval_months", "refer_to"),
)


_WITHOUT_REASONS = frozenset({*_AT_ONCE, "case_digest"})


def _beneath(decision: Decision, holder: CriterionResult | Part) -> Iterator[str]:
    for item in wording(holder):
        if isinstance(item, CriterionRef):
            yield item.id
            yield from _beneath(decision, decision.criteria[item.id])
        elif isinstance(item, Part):
            yield from _beneath(decision, item)


Part.model_rebuild()
CriterionResult.model_rebuild()
