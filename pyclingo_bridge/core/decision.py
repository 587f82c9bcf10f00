"""What the library answers: a decision, with every criterion's status and the evidence for it.

All models are frozen, and serialize to JSON with `model_dump_json()`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    computed_field,
    model_serializer,
    model_validator,
)

Outcome = Literal["approve", "deny", "refer"]
DenialKind = Literal["insufficient_documentation", "conflicting_documentation", "criteria_not_met"]
Status = Literal["met", "undocumented", "conflicting", "not_met"]
RequirementState = Literal["met", "undocumented", "conflicting", "not_met"]
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
]

FORMAT_VERSION = "1.0"
"""The version of the JSON that this package writes; a new first number breaks its readers."""


class Answer(BaseModel):
    """Base of everything that the library answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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
        effect: whether that supports or refutes the requirement; `superseded` where a later document
            has taken its place; `silent` where it decides nothing, as an incomplete list does.
    """

    document: str | None
    type: str | None
    date: datetime.date | None
    attribute: str
    value: Any
    by_default: bool = False
    details: dict[str, Any] = {}
    effect: Literal["supports", "refutes", "superseded", "silent"]


def value_text(value: object) -> str:
    """A stated value for a reader."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value)


def statement_text(attribute: str, value: object, details: Mapping[str, Any]) -> str:
    """A statement for a reader, with the details that it follows from, if it does."""
    text = f"{attribute} = {value_text(value)}"
    told = ", ".join(f"{name} = {value_text(of)}" for name, of in details.items())
    return f"{text} (by its details: {told})" if told else text


class RequirementResult(Answer):
    """A requirement in a criterion's wording, its state, and who says so."""

    kind: Literal["requirement"] = "requirement"
    requirement: Requirement
    state: RequirementState
    evidence: tuple[Evidence, ...]

    @property
    def status(self) -> Status:
        """The state in the words used of criteria."""
        return STATUS_OF[self.state]


STATUS_OF: dict[RequirementState, Status] = {
    "met": "met",
    "undocumented": "undocumented",
    "conflicting": "conflicting",
    "not_met": "not_met",
}
"""The state of a requirement in the words used of criteria."""


class CriterionRef(Answer):
    """A criterion in another one's wording, by its id."""

    kind: Literal["criterion"] = "criterion"
    id: str


class Part(Answer):
    """A part of a criterion that the source does not number."""

    kind: Literal["part"] = "part"
    status: Status
    needs: tuple[Item, ...] = ()
    alternatives: tuple[Item, ...] = ()
    excuses: tuple[Item, ...] = ()


Item: TypeAlias = Annotated["RequirementResult | CriterionRef | Part", Field(discriminator="kind")]


class CriterionResult(Answer):
    """One numbered criterion of the policy, as this case stands to it.

    It is met where all of `needs` and one of `alternatives` (if there are any) are met, or one of
    `excuses` is.

    Attributes:
        id: its number in the source, such as `2.b`.
        label: what it asks for, in this project's words.
        locator: where in the source it stands.
        status: met, undocumented (documents could show it), conflicting (a contradiction has to be
            resolved) or not_met (what is requested, or on file, rules it out).
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
        """Let the answer be read back from its own JSON, in which `evidence` is told too."""
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
    """All that stands in the wording of a criterion or a part, in order."""
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
        addresses: whether the section may address the requested use at all.
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
        locator: where in the source it stands.
        notes: what a reader should know of it.
        reasons: the requirements that it rests on.
    """

    target: str
    basis: str
    label: str
    locator: str
    notes: tuple[str, ...] = ()
    reasons: tuple[RequirementResult, ...] = ()


class Decision(Answer):
    """Whether a request meets a policy, and why.

    Attributes:
        version: the version of this JSON format.
        engine: the versions of this package and of the solver.
        case: the case's id.
        policy: which policy decided.
        interpretations: each ambiguity of the wording, and how it was read.
        outcome: approve, deny or refer; `outcome_word` is the policy's own word for it.
        denial_kind: for a denial, whether documents, or resolving a contradiction, can cure it.
        section: for an approval, the section that approves.
        approval_months: for an approval, for how long.
        refer_to: for a referral, the policy that takes the request.
        referral: for a referral, more of it.
        sections: the sections that the request was routed to, in the policy's order.
        criteria: every criterion of those sections, by its id, in the source's order.
        warnings: what a reader should know of the input, one sentence each.
    """

    version: str = FORMAT_VERSION
    engine: dict[str, str]
    case: str
    policy: PolicyInfo
    interpretations: dict[str, str]
    outcome: Outcome
    outcome_word: str
    denial_kind: DenialKind | None = None
    section: str | None = None
    approval_months: int | None = None
    refer_to: str | None = None
    referral: Referral | None = None
    sections: tuple[SectionResult, ...]
    criteria: dict[str, CriterionResult]
    warnings: tuple[str, ...] = ()

    @classmethod
    def told_later(
        cls,
        told: dict[str, Any],
        statuses: Callable[[], dict[str, Status]],
        rest: Callable[[], dict[str, Any]],
    ) -> Decision:
        """A decision of which some fields are only put together when one of them is asked for.

        Args:
            told: the fields that are known, in the place of this model's own validation.
            statuses: gives the status of each criterion.
            rest: gives the other fields.
        """
        decision = cls.__new__(cls)
        object.__setattr__(decision, "__dict__", told)
        object.__setattr__(decision, "__pydantic_fields_set__", _FIELDS_OF_DECISION)
        object.__setattr__(decision, "__pydantic_extra__", None)
        object.__setattr__(decision, "__pydantic_private__", {"_rest": rest, "_statuses": statuses})
        return decision

    @property
    def statuses(self) -> dict[str, Status]:
        """How each criterion stands, by its id; told sooner than `criteria`, which tell why."""
        told = (self.__pydantic_private__ or {}).get("_statuses")
        if told is None:
            return {name: criterion.status for name, criterion in self.criteria.items()}
        return cast(dict[str, Status], told())

    def whole(self) -> Self:
        """This decision, with every field put together."""
        rest = (self.__pydantic_private__ or {}).get("_rest")
        if rest is not None:
            fields = {**self.__dict__, **rest()}
            # At once: another thread may be interpretation it.
            told = {name: fields[name] for name in type(self).model_fields}
            object.__setattr__(self, "__dict__", told)
            # From here on it is as if it had been made whole.
            object.__setattr__(self, "__pydantic_private__", None)
        return self

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if name in _FIELDS_OF_DECISION and name not in self.__dict__:
                return self.whole().__dict__[name]
            return super().__getattr__(name)

    @model_serializer(mode="wrap")
    def _serialized(self, handler: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        # Without a type of its own the schema of the answer stays that of the fields.
        return handler(self.whole())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Decision):
            self.whole(), other.whole()
        return super().__eq__(other)

    def __iter__(self) -> Iterator[tuple[str, Any]]:  # type: ignore[override]
        return super(Decision, self.whole()).__iter__()

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return super(Decision, self.whole()).__repr_args__()

    def __copy__(self) -> Self:
        return super(Decision, self.whole()).__copy__()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return super(Decision, self.whole()).__deepcopy__(memo)

    def __getstate__(self) -> dict[Any, Any]:
        return super(Decision, self.whole()).__getstate__()

    def beneath(self, name: str) -> Iterator[str]:
        """The ids of the criteria that stand anywhere in a criterion's wording, in order."""
        yield from _beneath(self, self.criteria[name])


_FIELDS_OF_DECISION = set(Decision.model_fields)


def _beneath(decision: Decision, holder: CriterionResult | Part) -> Iterator[str]:
    for item in wording(holder):
        if isinstance(item, CriterionRef):
            yield item.id
            yield from _beneath(decision, decision.criteria[item.id])
        elif isinstance(item, Part):
            yield from _beneath(decision, item)


Part.model_rebuild()
CriterionResult.model_rebuild()
