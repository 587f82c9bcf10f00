"""A decision: its criteria in tables, and its reasons as a tree, short or whole.

The tree is data first (`Explanation`, which serializes to JSON), then a report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from pyclingo_bridge.base.doors import check_type
from pyclingo_bridge.base.errors import ArgumentError, listing, quoted
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
    sections_at_stake,
)
from pyclingo_bridge.explain import report
from pyclingo_bridge.explain.phrases import (
    counted,
    evidence_text,
    listed_text,
    notices_section,
    read_as_text,
    warnings_section,
    who_text,
)
from pyclingo_bridge.explain.report import (
    NOT_NEEDED,
    Block,
    Column,
    Gap,
    Heading,
    Paragraph,
    Table,
    Title,
    Tree,
)
from pyclingo_bridge.explain.view import PLAIN, View

KINDS: dict[str, str] = {
    "insufficient_documentation": "insufficient documentation",
    "conflicting_documentation": "conflicting documentation",
    "criteria_not_met": "criteria not met",
}

_CURES: dict[str, str] = {
    "insufficient_documentation": "Nothing on file rules an approval out: documents are missing.",
    "conflicting_documentation": "Documents on file contradict each other; further documents alone cannot "
    "reverse this denial.",
    # Not that the facts would have to be different: of some attributes a later document says more, or
    # something newer. What could change each requirement is said with the counterfactuals.
    "criteria_not_met": "What is requested, or on file, rules an approval out; what is still undocumented "
    "cannot reverse that.",
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
        known = ("text", "markdown", "json")
        if format not in known:
            raise ArgumentError(f"`format` cannot be {quoted(format)} (allowed: {listing(known)})")
        if format == "json":
            return self.model_dump_json(indent=2)
        blocks = explanation_report(self)
        return (
            report.as_markdown(blocks, names=False) if format == "markdown" else report.as_text(blocks, width)
        )


def explanation(decision: Decision, full: bool = False, view: View = PLAIN) -> Explanation:
    """The reasons of a decision.

    Args:
        decision: the decision.
        full: every criterion of every section that the request was routed to, with all that is
            said of each requirement; else the one sufficient line of reasons for an approval, what
            blocks a denial, and for a referral why no section addresses the use.
        view: the words for names; without it names are written with blanks.

    Errors: ArgumentError for what is no decision.
    """
    check_type("decision", decision, Decision, "a Decision")
    return Explanation(
        **about(decision),
        headline=headline(decision),
        details=tuple(_details(decision, view)),
        reasons=tuple(_Tree(decision, full, view).sections()),
        notices=decision.notices,
        warnings=decision.warnings,
    )


def headline(decision: Decision) -> str:
    """The case, the verdict on it, and the verdict's kind in a few words."""
    start = f"{decision.case}: {decision.outcome_word.upper()}"
    if decision.outcome == "approve":
        months = f", for {counted(decision.approval_months, 'month')}" if decision.approval_months else ""
        return f"{start} under {decision.section}{months}"
    if decision.outcome == "refer":
        return f"{start} to {decision.refer_to or 'nowhere: the policy names no place'}"
    return f"{start}, {KINDS[str(decision.denial_kind)]}"


def _details(decision: Decision, view: View) -> Iterator[str]:
    yield from _by_which_policy(decision, view)
    if decision.denial_kind:
        yield _CURES[decision.denial_kind]
    if decision.referral:
        yield f"{decision.referral.basis} ({decision.referral.locator}): {decision.referral.label}."
        yield from _referral_reasons(decision, view)
        yield from (f"Note: {note}." for note in decision.referral.notes)


def _by_which_policy(decision: Decision, view: View) -> Iterator[str]:
    info = decision.policy
    day = f"; request of {decision.request_date}" if decision.request_date else ""
    yield f"{info.document}, revision {info.revision}{day}"
    settings = view.settings(decision.interpretations)
    if settings and view.defaults is not None:
        what = "Interpretations" if view.verbose else "Interpretations other than the default"
        yield f"{what}: {settings}"


def _referral_reasons(decision: Decision, view: View) -> Iterator[str]:
    for reason in decision.referral.reasons if decision.referral else ():
        stated = [entry for entry in reason.evidence if entry.document and entry.effect == "supports"]
        yield from (f"{reason.requirement.text}: {evidence_text(entry, view)}." for entry in stated)


class _Tree:
    def __init__(self, decision: Decision, full: bool, view: View) -> None:
        self._decision = decision
        self._criteria = decision.criteria
        self._full = full
        self._view = view

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
        children = [
            ReasonNode(kind="evidence", text=evidence_text(entry, self._view))
            for entry in shown[:_MOST_EVIDENCE]
        ]
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


def head_report(decision: Decision, view: View = PLAIN) -> Iterator[Block]:
    """The verdict, and by which policy."""
    yield Title(headline(decision), decision.outcome)
    yield from (Paragraph(detail, apart=False) for detail in _by_which_policy(decision, view))


def framed(decision: Decision, report: Iterable[Block], view: View = PLAIN) -> Iterator[Block]:
    """A report on a decision: the verdict before it, and warnings after it."""
    yield from head_report(decision, view)
    yield from report
    yield from warnings_section(decision.warnings)


def decision_report(
    decision: Decision, full: bool = False, view: View = PLAIN, steps: Iterable[Block] = ()
) -> Iterator[Block]:
    """The verdict, what to do next, why, and the rest.

    Args:
        decision: the decision.
        full: every section that the request was routed to, with its locators.
        view: the words for names.
        steps: what to do next, as `next_steps` has it.
    """
    told = [*steps]
    yield from head_report(decision, view)
    yield from told
    yield Heading("Why")
    yield from _in_a_sentence(decision, view)
    yield from _tables(decision, full, view)
    yield from _rest(decision, bool(told))


def reasons_report_of(
    decision: Decision, full: bool = False, view: View = PLAIN, steps: Iterable[Block] = ()
) -> Iterator[Block]:
    """The verdict, what to do next, and the whole tree of reasons; arguments as for `decision_report`."""
    told = [*steps]
    yield from head_report(decision, view)
    yield from told
    yield Heading("Why")
    yield from _in_a_sentence(decision, view)
    everything = full or decision.outcome == "refer"
    shown = decision.sections if everything else sections_at_stake(decision)
    ids = [one.id for one in shown]
    yield Gap()
    yield Tree(tuple(_reason(one) for one in explanation(decision, full, view).reasons if one.id in ids))
    yield from _others(decision, shown)
    yield from _rest(decision, bool(told))


def _in_a_sentence(decision: Decision, view: View) -> Iterator[Block]:
    if decision.outcome == "approve":
        yield Paragraph(f"All that {decision.section} asks for is met.")
    if decision.denial_kind:
        yield Paragraph(_CURES[decision.denial_kind])
    referral = decision.referral
    if referral:
        yield Paragraph(f"{referral.basis} ({referral.locator}): {referral.label}.")
        yield from map(Paragraph, _referral_reasons(decision, view))


def _rest(decision: Decision, with_steps: bool) -> Iterator[Block]:
    """What stands at the end of every answer: notes, notices and warnings."""
    notes = decision.referral.notes if decision.referral else ()
    yield from report.section("Notes", notes)
    # An approval has its notices with what to do next.
    there = with_steps and decision.outcome == "approve"
    yield from notices_section(() if there else decision.notices)
    yield from warnings_section(decision.warnings)


def _tables(decision: Decision, full: bool, view: View) -> Iterator[Block]:
    """A table for each section that matters, and the others in a line; of a referral the tree of reasons."""
    if decision.outcome == "refer" and not full:
        yield Gap()
        yield Tree(tuple(map(_reason, explanation(decision, view=view).reasons)))
        return
    shown = decision.sections if full else sections_at_stake(decision)
    for section in shown:
        if full or decision.outcome != "approve" or section.id == decision.section:
            yield _criteria_table(decision, section, full, view)
    yield from _others(decision, shown)


def _others(decision: Decision, shown: Iterable[SectionResult]) -> Iterator[Block]:
    """The sections that are not shown, in a line."""
    known = [entry.id for entry in shown]
    others = [entry.id for entry in decision.sections if entry.id not in known]
    if others:
        yield Gap()
        names = listed_text([f"{name} ({decision.criteria[name].label})" for name in others])
        do = "does" if len(others) == 1 else "do"
        yield Paragraph(f"{names} {do} not address this use (--full shows more).")


def _criteria_table(decision: Decision, section: SectionResult, full: bool, view: View) -> Table:
    within = frozenset(decision.beneath(section.id))
    shown = [result for name, result in decision.criteria.items() if name in within]
    criterion = decision.criteria[section.id]
    open_ones, nearest = _unmet(decision, section.id), _unmet(decision, section.id, nearest=True)
    return Table(
        f"{section.id} {criterion.label}: {report.STATUS_WORDS[section.status]} ({criterion.locator})",
        (
            Column("Criterion", "name"),
            Column("Status", "status"),
            Column("Asks for"),
            Column("Who says what"),
        ),
        tuple(
            (
                one.id,
                one.status if one.status == "met" or one.id in open_ones else NOT_NEEDED,
                one.label + f" ({one.locator})" * full,
                _shown_by(decision, one, open_ones, view),
            )
            for one in shown
        ),
        tuple(index for index, one in enumerate(shown) if one.status != "met" and one.id not in nearest),
    )


def _unmet(decision: Decision, section: str, nearest: bool = False) -> frozenset[str]:
    """The criteria that keep a section from being met: those that nothing makes up for.

    Args:
        decision: the decision.
        section: the section's id.
        nearest: of alternatives those alone that come nearest to being met.
    """

    def beneath(holder: CriterionResult | Part) -> Iterator[str]:
        if holder.status == "met":
            return
        met = any(_status_of(decision, item) == "met" for item in holder.alternatives)
        offered = (*(() if met else holder.alternatives), *holder.excuses)
        chosen = [one for one in offered if not nearest or _status_of(decision, one) == holder.status]
        for item in (*holder.needs, *chosen):
            if isinstance(item, CriterionRef) and _status_of(decision, item) != "met":
                yield item.id
                yield from beneath(decision.criteria[item.id])
            elif isinstance(item, Part):
                yield from beneath(item)

    return frozenset(beneath(decision.criteria[section]))


def _status_of(decision: Decision, item: Item | CriterionResult) -> Status:
    if isinstance(item, CriterionRef):
        return decision.criteria[item.id].status
    return item.status


def _shown_by(decision: Decision, result: CriterionResult, unmet: frozenset[str], view: View) -> str:
    # Of a criterion that is met, what meets it; of another, what stands in its way.
    met = result.status == "met"
    if not met and result.id not in unmet:
        return _instead_of(decision, result.id)
    matters = [each for each in result.requirements() if (each.status == "met") == met]
    lines = [line for requirement in matters for line in _statements(requirement, view)]
    return "\n".join(dict.fromkeys(lines)) or _by_items(decision, result)


def _instead_of(decision: Decision, name: str) -> str:
    """What is met in place of a criterion."""
    for holder in decision.criteria.values():
        offered = [item.id for item in holder.alternatives if isinstance(item, CriterionRef)]
        met = [other for other in offered if decision.criteria[other].status == "met"]
        if name in offered and met:
            return f"{met[0]} is met instead"
    return "something else makes up for it"


def _by_items(decision: Decision, result: CriterionResult) -> str:
    """The numbered items that a criterion rests on, or fails by."""
    met = result.status == "met"
    items = frozenset(decision.beneath(result.id))
    chosen = [name for name, one in decision.criteria.items() if name in items and (one.status == "met") == met]
    return f"see {listed_text(chosen)}" if chosen else ""


def _statements(requirement: RequirementResult, view: View) -> list[str]:
    decisive = [
        _stated(entry, view) for entry in requirement.evidence if entry.effect in ("supports", "refutes")
    ]
    silent = [
        f"not decided by {_stated(entry, view)}" for entry in requirement.evidence if entry.effect == "silent"
    ]
    none = [f"no document says: {requirement.requirement.text}"]
    return decisive[:_MOST_STATEMENTS] or silent[:_MOST_STATEMENTS] or none


def _stated(entry: Evidence, view: View) -> str:
    who = "by default" if entry.by_default else who_text(entry, view)
    text = view.statement(entry.attribute, entry.value)
    return f"{text}{read_as_text(entry)} ({who}{', by its details' if entry.details else ''})"
