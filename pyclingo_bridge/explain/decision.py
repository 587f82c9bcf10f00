"""A decision's reasons as a tree of lines: short for what matters to the outcome, or whole.

The tree is data first (`Explanation`, which serializes to JSON), then text or Markdown.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import Literal

from pyclingo_bridge.core.decision import (
    FORMAT_VERSION,
    Answer,
    CriterionRef,
    CriterionResult,
    Decision,
    Evidence,
    Item,
    Part,
    RequirementResult,
    SectionResult,
    Status,
    statement_text,
)

STATUS_WORDS: dict[Status, str] = {
    "met": "met",
    "undocumented": "undocumented",
    "conflicting": "conflicting",
    "not_met": "not met",
}

_CURES: dict[str, str] = {
    "insufficient_documentation": "Documents could turn this denial: nothing on file rules an approval out.",
    "conflicting_documentation": "What is still open cannot turn this denial: documents contradict "
    "each other, and the contradiction has to be resolved first.",
    # Not that the facts would have to be different: of some attributes a later document says more, or
    # something newer. What could turn each requirement is told with it, where counterfactuals are.
    "criteria_not_met": "What is still open cannot turn this denial: what is requested, or on file, "
    "rules an approval out.",
}

_MOST_EVIDENCE = 5

_HOPE: tuple[Status, ...] = ("met", "undocumented", "conflicting", "not_met")


class Node(Answer):
    """One line of the tree, and what stands beneath it.

    Attributes:
        kind: section, criterion, part, requirement, evidence or note.
        status: how it stands, for all but evidence and notes.
        id: the criterion's id.
        text: the line itself.
        locator: where in the source it stands.
        children: the lines beneath it.
    """

    kind: Literal["section", "criterion", "part", "requirement", "evidence", "note"]
    status: Status | None = None
    id: str | None = None
    text: str
    locator: str | None = None
    children: tuple[Node, ...] = ()


class Explanation(Answer):
    """Why a case was decided as it was.

    Attributes:
        version: the version of this JSON format.
        headline: the outcome in one sentence.
        details: further sentences about it.
        reasons: the tree.
        warnings: what a reader should know of the input.
    """

    version: str = FORMAT_VERSION
    headline: str
    details: tuple[str, ...]
    reasons: tuple[Node, ...]
    warnings: tuple[str, ...]

    def render(self, format: Literal["text", "markdown", "json"] = "text", width: int = 80) -> str:
        """The explanation as plain text, Markdown or JSON."""
        if format == "json":
            return self.model_dump_json(indent=2)
        return _markdown(self) if format == "markdown" else _text(self, width)


def explanation(decision: Decision, full: bool = False) -> Explanation:
    """The reasons of a decision.

    Args:
        full: every criterion of every section that the request was routed to, with all that is
            said of each requirement; else the one sufficient line of reasons for an approval, what
            blocks a denial, and for a referral why no section addresses the use.
    """
    tree = _Tree(decision, full)
    return Explanation(
        headline=_headline(decision),
        details=tuple(_details(decision)),
        reasons=tuple(tree.sections()),
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
    policy = decision.policy
    yield f"Policy {policy.name}: {policy.document}, revision {policy.revision}."
    if decision.interpretations:
        yield (
            "Interpretations: "
            + ", ".join(f"{name}={value}" for name, value in decision.interpretations.items())
            + "."
        )
    if decision.denial_kind:
        yield _CURES[decision.denial_kind]
    if decision.referral:
        yield f"{decision.referral.basis} ({decision.referral.locator}): {decision.referral.label}."
        for reason in decision.referral.reasons:
            told = [entry for entry in reason.evidence if entry.document and entry.effect == "supports"]
            yield from (f"{reason.requirement.text}: {evidence_text(entry)}." for entry in told)
        yield from (f"Note: {note}." for note in decision.referral.notes)


class _Tree:
    def __init__(self, decision: Decision, full: bool) -> None:
        self._decision = decision
        self._criteria = decision.criteria
        self._full = full

    def sections(self) -> Iterator[Node]:
        for section in self._decision.sections:
            if self._full:
                yield self._criterion(section.id, self._everything, "section")
            elif self._decision.outcome == "approve":
                if section.id == self._decision.section:
                    yield self._criterion(section.id, self._sufficient, "section")
            elif section.addresses and section.status == self._best():
                yield self._criterion(section.id, self._obstacles, "section")
            else:
                yield self._elsewhere(section)

    def _best(self) -> Status:
        addressing = [section.status for section in self._decision.sections if section.addresses]
        return min(addressing, key=_HOPE.index, default="not_met")

    def _elsewhere(self, section: SectionResult) -> Node:
        result = self._criteria[section.id]
        failing = [item for item in section.use_conditions if self._status(item) == "not_met"]
        text = (
            f"{result.label}: does not address this use"
            if failing
            else f"{result.label}: further from approval"
        )
        children = tuple(self._item(item, self._obstacles) for item in failing)
        return Node(
            kind="section",
            status=section.status,
            id=section.id,
            text=text,
            locator=result.locator,
            children=children,
        )

    def _criterion(
        self, name: str, choose: Choice, kind: Literal["section", "criterion"] = "criterion"
    ) -> Node:
        result = self._criteria[name]
        return Node(
            kind=kind,
            status=result.status,
            id=name,
            text=result.label,
            locator=result.locator,
            children=tuple(self._children(result, choose)),
        )

    def _children(self, holder: CriterionResult | Part, choose: Choice) -> Iterator[Node]:
        needs, alternatives, excuses = choose(holder)
        told = [self._item(item, choose) for item in needs]
        # A sub-item's letter comes before a footnote: alternatives first where they are numbered.
        numbered = bool(alternatives) and isinstance(alternatives[0], CriterionRef)
        yield from self._group("one of:", alternatives, choose) if numbered else told
        yield from told if numbered else self._group("one of:", alternatives, choose)
        yield from self._group("or else:" if told or alternatives else "one of:", excuses, choose)

    def _group(self, words: str, items: tuple[Item, ...], choose: Choice) -> list[Node]:
        children = [self._item(item, choose) for item in items]
        if len(children) < 2 and words == "one of:":
            return children
        status = min((self._status(item) for item in items), key=_HOPE.index, default="not_met")
        return [Node(kind="part", status=status, text=words, children=tuple(children))] if children else []

    def _item(self, item: Item, choose: Choice) -> Node:
        if isinstance(item, CriterionRef):
            return self._criterion(item.id, choose)
        if isinstance(item, Part):
            words = "all of:" if len(item.needs) > 1 else "one of:"
            needs, alternatives, excuses = choose(item)
            children = tuple(self._item(entry, choose) for entry in (*needs, *alternatives, *excuses))
            return Node(kind="part", status=item.status, text=words, children=children)
        return self._requirement(item)

    def _requirement(self, result: RequirementResult) -> Node:
        told = (
            result.evidence
            if self._full
            else [entry for entry in result.evidence if self._matters(entry, result)]
        )
        children = [Node(kind="evidence", text=evidence_text(entry)) for entry in told[:_MOST_EVIDENCE]]
        if len(told) > _MOST_EVIDENCE:
            children.append(Node(kind="note", text=f"and {len(told) - _MOST_EVIDENCE} more statements"))
        if not told:
            children.append(Node(kind="note", text="no document states it"))
        return Node(
            kind="requirement",
            status=result.status,
            text=result.requirement.text,
            children=tuple(children),
        )

    @staticmethod
    def _matters(entry: Evidence, result: RequirementResult) -> bool:
        return entry.effect != "silent" or result.state == "undocumented"

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

_EFFECTS = {
    "supports": "says so",
    "refutes": "says otherwise",
    "superseded": "is out of date, a later document speaks of it",
    "silent": "does not decide it, the list is not known to be whole",
}


def evidence_text(entry: Evidence) -> str:
    """Who says what, and to what effect."""
    who = f"{entry.document} ({entry.type}, {entry.date})" if entry.document else "the request form"
    if entry.by_default:
        who = "the request form, by default,"
    stated = statement_text(entry.attribute, entry.value, entry.details)
    return f"{who} {_EFFECTS[entry.effect]}: {stated}"


def node_text(node: Node) -> str:
    """A node's line without its place in the tree."""
    name = f"{node.id} " if node.id else ""
    place = f" ({node.locator})" if node.locator else ""
    return f"{name}{node.text}{place}"


def marker(node: Node) -> str:
    """The status of a node in brackets, or a dash."""
    return f"[{STATUS_WORDS[node.status]}]" if node.status else "-"


def _text(reasons: Explanation, width: int) -> str:
    lines = _filled(reasons.headline, "", width)
    for detail in reasons.details:
        lines += _filled(detail, "", width)
    lines.append("")
    for node in reasons.reasons:
        lines += _node_lines(node, 0, width)
    if reasons.warnings:
        lines += ["", "Warnings:"]
        for warning in reasons.warnings:
            lines += _filled(f"- {warning}", "", width, "  ")
    return "\n".join(lines)


def _node_lines(node: Node, depth: int, width: int) -> list[str]:
    indent = "  " * depth
    lines = _filled(f"{marker(node)} {node_text(node)}", indent, width, indent + "    ")
    for child in node.children:
        lines += _node_lines(child, depth + 1, width)
    return lines


def _filled(text: str, indent: str, width: int, hanging: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=hanging or indent,
        break_long_words=True,
        break_on_hyphens=False,
    )


_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|"})


def _markdown(reasons: Explanation) -> str:
    lines = [f"## {reasons.headline.translate(_SPECIAL)}", ""]
    lines += [f"{detail.translate(_SPECIAL)}  " for detail in reasons.details]
    lines.append("")
    for node in reasons.reasons:
        lines += _markdown_lines(node, 0)
    if reasons.warnings:
        lines += ["", "### Warnings", ""]
        lines += [f"- {warning.translate(_SPECIAL)}" for warning in reasons.warnings]
    return "\n".join(lines)


def _markdown_lines(node: Node, depth: int) -> list[str]:
    status = f"**{STATUS_WORDS[node.status]}** " if node.status else ""
    lines = [f"{'  ' * depth}- {status}{node_text(node).translate(_SPECIAL)}"]
    for child in node.children:
        lines += _markdown_lines(child, depth + 1)
    return lines
