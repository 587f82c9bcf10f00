"""A decision: its criteria in tables, and its reasons as a tree, short or whole.

The tree is data first (`Explanation`, which serializes to JSON), then a report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from pyclingo_bridge.core.answer import AfterDecision, about
from pyclingo_bridge.core.decision import (
    STATUSES,
    Answer,
    CriterionRef,
    CriterionResult,
    Decision,
    Evidence,
    Item,
    Notice,
    Outcome,
    Part,
    RequirementResult,
    SectionResult,
    Status,
    nearest_sections,
    value_text,
)
from pyclingo_bridge.explain import report
from pyclingo_bridge.explain.phrases import (
    choices_text,
    dated_text,
    evidence_text,
    notices_section,
    policy_text,
    read_as_text,
    warnings_section,
)
from pyclingo_bridge.explain.report import STATUS_WORDS, Block, Column, Gap, Paragraph, Table, Title, Tree

_CURES: dict[str, str] = {
    "insufficient_documentation": "Documents could reverse this denial: nothing on file rules an approval out.",
    "conflicting_documentation": "What is still undocumented cannot reverse this denial: documents contradict "
    "each other, and the contradiction has to be resolved first.",
    # Not that the facts would have to be different: of some attributes a later document says more, or
    # something newer. What could change each requirement is said with the counterfactuals.
    "criteria_not_met": "What is still undocumented cannot reverse this denial: what is requested, or on file, "
    "rules an approval out.",
}

_MOST_EVIDENCE = 5
_MOST_STATEMENTS = 3


class ReasonNode(Answer):
    """One line of the tree, and the lines beneath it.

    Attributes:
        kind: section, criterion, part, requirement, evidence or note.
        status: its status, for all but evidence and notes.
        id: the criterion's id.
        text: the line itself.
        locator: its place in the source.
        children: the lines beneath it.
    """

    kind: Literal["section", "criterion", "part", "requirement", "evidence", "note"]
    status: Status | None = None
    id: str | None = None
    text: str
    locator: str | None = None
    children: tuple[ReasonNode, ...] = ()


class Explanation(AfterDecision):
    """Why a case was decided as it was.

    Attributes, besides those of `AfterDecision`:
        headline: the outcome in one sentence.
        details: further sentences about it.
        reasons: the tree.
        notices: what the policy tells beside its criteria.
        warnings: what a reader should know of the input.
    """

    headline: str
    details: tuple[str, ...]
    reasons: tuple[ReasonNode, ...]
    notices: tuple[Notice, ...] = ()
    warnings: tuple[str, ...]

    def render(self, format: Literal["text", "markdown", "json"] = "text", width: int = 80) -> str:
        """The explanation as plain text, Markdown or JSON.

        Args:
            format: which of them.
            width: for plain text, the most columns to use.
        """
        if format == "json":
            return self.model_dump_json(indent=2)
        blocks = explanation_report(self)
        return (
            report.as_markdown(blocks, names=False) if format == "markdown" else report.as_text(blocks, width)
        )


def explanation(decision: Decision, full: bool = False) -> Explanation:
    """The reasons of a decision.

    Args:
        decision: the decision.
        full: every criterion of every section that the request was routed to, with all that is
            said of each requirement; else the one sufficient line of reasons for an approval, what
            blocks a denial, and for a referral why no section addresses the use.
    """
    return Explanation(
        **about(decision),
        headline=_headline(decision),
        details=tuple(_details(decision)),
        reasons=tuple(_Tree(decision, full).sections()),
        notices=decision.notices,
        warnings=decision.warnings,
    )


def _headline(decision: Decision) -> str:
    start = f"{decision.case}: {decision.outcome_word.upper()}"
    if decision.outcome == "approve":
        months = f", for {decision.approval_months} months" if decision.approval_months else ""
        return f"{start} under {decision.section}{months}"
    if decision.outcome == "refer":
        return f"{start} to {decision.refer_to or 'nowhere: the policy names no place'}"
    return f"{start}, {str(decision.denial_kind).replace('_', ' ')}"


def _details(decision: Decision) -> Iterator[str]:
    yield policy_text(decision.policy)
    if decision.request_date:
        yield f"Request of {decision.request_date}."
    if decision.interpretations:
        yield f"Interpretations: {choices_text(decision.interpretations)}."
    if decision.denial_kind:
        yield _CURES[decision.denial_kind]
    if decision.referral:
        yield f"{decision.referral.basis} ({decision.referral.locator}): {decision.referral.label}."
        for reason in decision.referral.reasons:
            stated = [entry for entry in reason.evidence if entry.document and entry.effect == "supports"]
            yield from (f"{reason.requirement.text}: {evidence_text(entry)}." for entry in stated)
        yield from (f"Note: {note}." for note in decision.referral.notes)


class _Tree:
    def __init__(self, decision: Decision, full: bool) -> None:
        self._decision = decision
        self._criteria = decision.criteria
        self._full = full

    def sections(self) -> Iterator[ReasonNode]:
        for section in self._decision.sections:
            if self._full:
                yield self._criterion(section.id, self._everything, "section")
            elif self._decision.outcome == "approve":
                if section.id == self._decision.section:
                    yield self._criterion(section.id, self._sufficient, "section")
            elif section.id in nearest_sections(self._decision):
                yield self._criterion(section.id, self._obstacles, "section")
            else:
                yield self._elsewhere(section)

    def _elsewhere(self, section: SectionResult) -> ReasonNode:
        result = self._criteria[section.id]
        failing = [item for item in section.use_conditions if self._status(item) == "not_met"]
        why = "does not address this use" if failing else "further from approval"
        return ReasonNode(
            kind="section",
            status=section.status,
            id=section.id,
            text=f"{result.label}: {why}",
            locator=result.locator,
            children=tuple(self._item(item, self._obstacles) for item in failing),
        )

    def _criterion(
        self, name: str, choose: Choice, kind: Literal["section", "criterion"] = "criterion"
    ) -> ReasonNode:
        result = self._criteria[name]
        return ReasonNode(
            kind=kind,
            status=result.status,
            id=name,
            text=result.label,
            locator=result.locator,
            children=tuple(self._children(result, choose)),
        )

    def _children(self, holder: CriterionResult | Part, choose: Choice) -> Iterator[ReasonNode]:
        needs, alternatives, excuses = choose(holder)
        needed = [self._item(item, choose) for item in needs]
        # A sub-item's letter comes before a footnote: alternatives first where they are numbered.
        numbered = bool(alternatives) and isinstance(alternatives[0], CriterionRef)
        yield from self._group("one of:", alternatives, choose) if numbered else needed
        yield from needed if numbered else self._group("one of:", alternatives, choose)
        yield from self._group("or else:" if needed or alternatives else "one of:", excuses, choose)

    def _group(self, text: str, items: tuple[Item, ...], choose: Choice) -> list[ReasonNode]:
        children = [self._item(item, choose) for item in items]
        if len(children) < 2 and text == "one of:":
            return children
        status = min((self._status(item) for item in items), key=STATUSES.index, default="not_met")
        return [ReasonNode(kind="part", status=status, text=text, children=tuple(children))] if children else []

    def _item(self, item: Item, choose: Choice) -> ReasonNode:
        if isinstance(item, CriterionRef):
            return self._criterion(item.id, choose)
        if isinstance(item, Part):
            text = "all of:" if len(item.needs) > 1 else "one of:"
            needs, alternatives, excuses = choose(item)
            children = tuple(self._item(entry, choose) for entry in (*needs, *alternatives, *excuses))
            return ReasonNode(kind="part", status=item.status, text=text, children=children)
        return self._requirement(item)

    def _requirement(self, result: RequirementResult) -> ReasonNode:
        shown = [entry for entry in result.evidence if self._full or self._matters(entry, result)]
        children = [ReasonNode(kind="evidence", text=evidence_text(entry)) for entry in shown[:_MOST_EVIDENCE]]
        if len(shown) > _MOST_EVIDENCE:
            children.append(ReasonNode(kind="note", text=f"and {len(shown) - _MOST_EVIDENCE} more statements"))
        if not shown:
            children.append(ReasonNode(kind="note", text="no document states it"))
        return ReasonNode(
            kind="requirement",
            status=result.status,
            text=result.requirement.text,
            children=tuple(children),
        )

    @staticmethod
    def _matters(entry: Evidence, result: RequirementResult) -> bool:
        return entry.effect != "silent" or result.status == "undocumented"

    def _status(self, item: Item) -> Status:
        return self._criteria[item.id].status if isinstance(item, CriterionRef) else item.status

    def _everything(self, holder: CriterionResult | Part) -> Chosen:
        return holder.needs, holder.alternatives, holder.excuses

    def _sufficient(self, holder: CriterionResult | Part) -> Chosen:
        """One line of reasons that is enough: an excuse, or the needs and an alternative."""
        excuses = tuple(item for item in holder.excuses if self._status(item) == "met")
        if excuses:
            return (), (), excuses[:1]
        met = tuple(item for item in holder.alternatives if self._status(item) == "met")
        return holder.needs, met[:1], ()

    def _obstacles(self, holder: CriterionResult | Part) -> Chosen:
        """What is not met, and why: a met need is no obstacle, nor is a met alternative's rival."""
        needs = tuple(item for item in holder.needs if self._status(item) != "met")
        met = any(self._status(item) == "met" for item in holder.alternatives)
        return needs, () if met else holder.alternatives, holder.excuses


Chosen = tuple[tuple[Item, ...], tuple[Item, ...], tuple[Item, ...]]
Choice = Callable[[CriterionResult | Part], Chosen]


# Reports


def explanation_report(reasons: Explanation, outcome: Outcome | None = None) -> Iterator[Block]:
    """An explanation: the outcome, the tree, and warnings."""
    yield Title(reasons.headline, outcome)
    yield from (Paragraph(detail, apart=False) for detail in reasons.details)
    yield Gap()
    yield Tree(tuple(map(_reason, reasons.reasons)))
    yield from notices_section(reasons.notices)
    yield from warnings_section(reasons.warnings)


def _reason(node: ReasonNode) -> report.Item:
    name = f"{node.id} " if node.id else ""
    place = f" ({node.locator})" if node.locator else ""
    return report.Item(f"{name}{node.text}{place}", tuple(map(_reason, node.children)), status=node.status)


def head_report(decision: Decision) -> Iterator[Block]:
    """The outcome, and by which policy."""
    yield Title(_headline(decision), decision.outcome)
    yield from (Paragraph(detail, apart=False) for detail in _details(decision))


def framed(decision: Decision, report: Iterable[Block]) -> Iterator[Block]:
    """A report on a decision: the outcome before it, and warnings after it."""
    yield from head_report(decision)
    yield from report
    yield from warnings_section(decision.warnings)


def decision_report(decision: Decision, full: bool = False) -> Iterator[Block]:
    """The outcome, a table of criteria for each section that addresses the use, and warnings.

    Args:
        decision: the decision.
        full: every section that the request was routed to, with its locators.
    """
    if decision.outcome == "refer" and not full:
        yield from explanation_report(explanation(decision), decision.outcome)
        return
    yield from head_report(decision)
    shown = [entry for entry in decision.sections if full or entry.addresses]
    for section in shown:
        if full or decision.outcome != "approve" or section.id == decision.section:
            yield _criteria_table(decision, section, full)
    yield Gap()
    yield Paragraph(f"Source of the criteria: {decision.policy.document}.")
    for section in decision.sections:
        if section not in shown:
            label = decision.criteria[section.id].label
            yield Paragraph(f"{section.id} {label}: does not address this use (--full shows it)")
    yield from notices_section(decision.notices)
    yield from warnings_section(decision.warnings)


def _criteria_table(decision: Decision, section: SectionResult, full: bool) -> Table:
    within = set(decision.beneath(section.id))
    criterion = decision.criteria[section.id]
    return Table(
        f"{section.id} {criterion.label}: {STATUS_WORDS[section.status]} ({criterion.locator})",
        (
            Column("Criterion", "name"),
            Column("Status", "status"),
            Column("Asks for", share=3),
            Column("Who says what", share=4),
        ),
        tuple(
            (name, result.status, result.label + f" ({result.locator})" * full, _shown_by(result))
            for name, result in decision.criteria.items()
            if name in within
        ),
    )


def _shown_by(result: CriterionResult) -> str:
    # Of a criterion that is met, what meets it; of another, what stands in its way.
    met = result.status == "met"
    matters = [each for each in result.requirements() if (each.status == "met") == met]
    lines = [line for requirement in matters for line in _statements(requirement)]
    return "\n".join(dict.fromkeys(lines)) or "see its items"


def _statements(requirement: RequirementResult) -> list[str]:
    decisive = [_stated(entry) for entry in requirement.evidence if entry.effect in ("supports", "refutes")]
    silent = [f"not decided by {_stated(entry)}" for entry in requirement.evidence if entry.effect == "silent"]
    none = [f"nothing on: {requirement.requirement.text}"]
    return decisive[:_MOST_STATEMENTS] or silent[:_MOST_STATEMENTS] or none


def _stated(entry: Evidence) -> str:
    who = f"{entry.document}, {dated_text(entry)}" if entry.document else "request form"
    if entry.by_default:
        who = "default"
    if entry.details:
        who += ", by its details"
    return f"{entry.attribute}: {value_text(entry.value)}{read_as_text(entry)} ({who})"
