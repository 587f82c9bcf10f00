"""What another version of a policy changes, as an answer."""

from __future__ import annotations

from typing import Literal

from pyclingo_bridge.core.decision import FORMAT_VERSION, Answer, DenialKind, Outcome, PolicyInfo

CauseKind = Literal["criterion", "section", "routing", "use_condition"]


class Ruling(Answer):
    """An outcome, with its kind where it is a denial.

    Attributes:
        outcome: approve, deny or refer.
        denial_kind: for a denial, its kind.
    """

    outcome: Outcome
    denial_kind: DenialKind | None = None

    @property
    def text(self) -> str:
        """The ruling for a reader."""
        kind = f", {self.denial_kind.replace('_', ' ')}" if self.denial_kind else ""
        return f"{self.outcome}{kind}"


RULINGS: tuple[Ruling, ...] = (
    Ruling(outcome="refer"),
    Ruling(outcome="deny", denial_kind="criteria_not_met"),
    Ruling(outcome="deny", denial_kind="conflicting_documentation"),
    Ruling(outcome="deny", denial_kind="insufficient_documentation"),
    Ruling(outcome="approve"),
)
"""Every ruling, from the one with the least hope for this request to the one with the most."""


class Flow(Answer):
    """How many rows have one ruling under the first policy and one under the second.

    Attributes:
        before: the ruling under the first.
        after: the ruling under the second.
        rows: how many rows there are of them.
    """

    before: Ruling
    after: Ruling
    rows: int


class ImpactGroup(Answer):
    """The rows whose outcome changes for one and the same cause.

    Attributes:
        kind: a criterion's status; a section that only one policy has; a section that only one
            routes the request to; or what the sections say of the uses that they speak of.
        criteria: the ids of the criteria or sections that cause it, in the source's order.
        favors: the policy with the better ruling: `first` or `second`.
        text: the cause for a reader.
        locators: where in the source of a policy that has them the criteria stand.
        rows: how many rows change for this cause.
        flows: those, by their rulings, most first.
        examples: the ids of the first of them.
    """

    kind: CauseKind
    criteria: tuple[str, ...]
    favors: Literal["first", "second"]
    text: str
    locators: tuple[str, ...]
    rows: int
    flows: tuple[Flow, ...]
    examples: tuple[str, ...]


class Impact(Answer):
    """What becomes of many cases when one policy takes the place of another.

    Attributes:
        version: the version of this JSON format.
        engine: the versions of this package and of the solver.
        first: the policy that decides now.
        second: the policy that would.
        names: what to call the two.
        interpretations: each policy's interpretations of its wording.
        rows: how many rows there are, bad ones too.
        rejected: how many rows are bad under one of the policies; they count nowhere else.
        bad: the first of those, in words.
        changed: how many rows have another outcome, or another kind of denial.
        flows: all rows that are not bad by their two rulings, changed or not.
        groups: the changed rows by the cause, most first; each row is in one group.
        details: rows with the same ruling, of which the section, the months of an approval or the
            target of a referral differ.
    """

    version: str = FORMAT_VERSION
    engine: dict[str, str]
    first: PolicyInfo
    second: PolicyInfo
    names: tuple[str, str]
    interpretations: tuple[dict[str, str], dict[str, str]]
    rows: int
    rejected: int
    bad: tuple[str, ...] = ()
    changed: int
    flows: tuple[Flow, ...]
    groups: tuple[ImpactGroup, ...]
    details: dict[str, int]
