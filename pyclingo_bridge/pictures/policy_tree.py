"""A policy as a tree, with the way that one case took through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from pyclingo_bridge.base.errors import shown_path
from pyclingo_bridge.base.pictures import TextAlternative
from pyclingo_bridge.base.terms import plain
from pyclingo_bridge.core.decision import (
    STATUSES,
    CriterionRef,
    CriterionResult,
    Decision,
    Item,
    Part,
    RequirementResult,
    SectionResult,
    Status,
    nearest_sections,
    sections_at_stake,
)
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.pictures.canvas import FAINT, INK, MARGIN, Box, Canvas, leading, width_of, wrapped
from pyclingo_bridge.pictures.looks import STATUS_LOOKS, headed, legend, outcome_words, swatch
from pyclingo_bridge.pictures.matrix import item_status
from pyclingo_bridge.pictures.picture import Picture

_INDENT = 22.0
_GAP = 4.0
_SIDE = 12.0

Branch = Literal["all", "one", "unless"]
"""How a line hangs on the one above: all of its kind are needed, one is enough, or it is an exception."""


class TreeNode(NamedTuple):
    """A line of the tree.

    Attributes:
        id: of a section or criterion its id.
        text: the line.
        status: its status; None for a section that the request does not go to.
        branch: how it hangs on the line above; `word` says so.
        on_path: whether the decision rests on it.
        children: what is beneath it.
    """

    id: str
    text: str
    status: Status | None
    branch: Branch = "all"
    on_path: bool = False
    children: tuple[TreeNode, ...] = ()
    word: str = ""


def tree(decision: Decision, structure: Structure | None = None) -> Picture:
    """A picture of the policy as a tree, with the statuses of a case and what its decision rests on.

    Args:
        decision: the case's decision.
        structure: the policy's own, to show the sections too that the request does not go to.
    """
    roots = tuple(_sections(decision, _labels(structure)))
    return Picture("tree", _alternative(decision, roots), lambda: _draw(decision, roots))


def _labels(structure: Structure | None) -> dict[str, str]:
    if structure is None:
        return {}
    return {str(plain(name)): structure.labels[name] for name in structure.sections}


# The tree


def _sections(decision: Decision, labels: Mapping[str, str]) -> Iterator[TreeNode]:
    routed = {section.id: section for section in decision.sections}
    order = [*labels, *(name for name in routed if name not in labels)]
    for name in order:
        if name in routed:
            yield _section(decision, routed[name])
        else:
            yield TreeNode(name, f"{labels[name]}: for another kind of request", None)


def _section(decision: Decision, section: SectionResult) -> TreeNode:
    label = decision.criteria[section.id].label
    if decision.outcome == "approve":
        on_path = section.id == decision.section
    else:
        on_path = section.id in nearest_sections(decision)
    if section in sections_at_stake(decision):
        return _criterion(decision, section.id, "all", on_path)
    failing = [item for item in section.use_conditions if item_status(decision, item) == "not_met"]
    refers = decision.outcome == "refer"
    children = tuple(_item(decision, item, "all", refers) for item in failing)
    return TreeNode(section.id, f"{label}: does not address this use", section.status, "all", refers, children)


def _criterion(decision: Decision, name: str, branch: Branch, on_path: bool) -> TreeNode:
    result = decision.criteria[name]
    children = _children(decision, result, on_path)
    if len(children) == 1 and not children[0].children and not children[0].id:
        # What its only requirement says its label says already.
        children = ()
    return TreeNode(name, result.label, result.status, branch, on_path, children)


def _children(decision: Decision, holder: CriterionResult | Part, on_path: bool) -> tuple[TreeNode, ...]:
    chosen = _rests_on(decision, holder) if on_path else []

    def made(item: Item, branch: Branch) -> TreeNode:
        return _item(decision, item, branch, any(item is one for one in chosen))

    alone = len(holder.alternatives) == 1
    only_excuses = not holder.needs and not holder.alternatives
    found = [
        *(made(item, "all") for item in holder.needs),
        *(made(item, "all" if alone else "one") for item in holder.alternatives),
        *(made(item, "one" if only_excuses else "unless") for item in holder.excuses),
    ]
    branches = [child.branch for child in found]
    return tuple(
        child._replace(word=_word(child.branch, child.branch in branches[:place]))
        for place, child in enumerate(found)
    )


def _word(branch: Branch, again: bool) -> str:
    first, others = {"all": ("", ""), "one": ("either", "or"), "unless": ("unless", "or unless")}[branch]
    return others if again else first


def _rests_on(decision: Decision, holder: CriterionResult | Part) -> list[Item]:
    """What makes it met, or what stands in the way."""
    met = [item for item in holder.alternatives if item_status(decision, item) == "met"]
    if holder.status == "met":
        excuses = [item for item in holder.excuses if item_status(decision, item) == "met"]
        return excuses[:1] or [*holder.needs, *met[:1]]
    unmet = [item for item in holder.needs if item_status(decision, item) != "met"]
    return [*unmet, *([] if met else holder.alternatives), *holder.excuses]


def _item(decision: Decision, item: Item, branch: Branch, on_path: bool) -> TreeNode:
    if isinstance(item, CriterionRef):
        return _criterion(decision, item.id, branch, on_path)
    if isinstance(item, RequirementResult):
        return TreeNode("", item.requirement.text, item.status, branch, on_path)
    text = "all of these" if len(item.needs) > 1 else "one of these"
    return TreeNode("", text, item.status, branch, on_path, _children(decision, item, on_path))


# In words


def _alternative(decision: Decision, roots: Sequence[TreeNode]) -> TextAlternative:
    info = decision.policy
    name = shown_path(decision.case)
    lines = [
        f"Policy {info.name}, revision {info.revision}. {name}: {outcome_words(decision)}.",
        "An arrow (→) marks what the decision rests on.",
    ]
    for root in roots:
        lines += _lines(root, 0)
    return TextAlternative(f"{info.title} as a tree, with the case {name}", "\n".join(lines))


def _lines(node: TreeNode, depth: int) -> Iterator[str]:
    arrow = "→ " if node.on_path else ""
    status = STATUS_LOOKS[node.status].words if node.status else "not asked"
    word = f"{node.word}: " if node.word else ""
    yield f"{'  ' * depth}{arrow}{word}{f'{node.id} {node.text}'.strip()}: {status}"
    for child in node.children:
        yield from _lines(child, depth + 1)


# As a picture


def _draw(decision: Decision, roots: Sequence[TreeNode]) -> Canvas:
    canvas = Canvas()
    info = decision.policy
    about = [
        f"{shown_path(decision.case)}: {outcome_words(decision)}. {info.document}, revision {info.revision}.",
        "Bold lines: what the decision rests on. Dashed lines: alternatives, one of which is enough. "
        "Dotted lines: exceptions. White boxes: the decision does not rest on them.",
    ]
    y = headed(canvas, f"{info.title}: the policy as a tree", about)
    for root in roots:
        y, _ = _node(canvas, root, MARGIN, y)
        y += 6
    legend(canvas, y + 4, [STATUS_LOOKS[status] for status in STATUSES])
    return canvas


def _node(canvas: Canvas, node: TreeNode, x: float, y: float) -> tuple[float, float]:
    """Draw a line and all beneath it; gives where that ends, and the middle of the line's box."""
    top = y
    ink = INK if node.on_path else "#4a4a4a" if node.status else FAINT
    left = x + _SIDE + 8
    if node.word:
        canvas.text(left, top + leading(8.5) / 2, node.word, 7.5, color=FAINT)
        left += width_of(node.word, 7.5) + 6
    if node.id:
        canvas.text(left, top + leading(8.5) / 2, node.id, 8.5, bold=True, color=ink)
        left += width_of(node.id, 8.5, bold=True) + 8
    lines = wrapped(node.text, canvas.width - MARGIN - left, 8.5, bold=node.on_path)
    y = canvas.lines(left, top, lines, 8.5, bold=node.on_path, color=ink) + _GAP
    middle = top + leading(8.5) / 2
    box = Box(x, middle - _SIDE / 2, _SIDE + 2, _SIDE)
    if node.status:
        look = STATUS_LOOKS[node.status]
        plain_look = look._replace(face="#ffffff", ink=FAINT)
        swatch(canvas, box, look if node.on_path or node.status == "met" else plain_look)
    else:
        canvas.boxes([box], "#ffffff", edge="#b0b0b0")
    return _beneath(canvas, node.children, x, y, box), middle


def _beneath(canvas: Canvas, children: Sequence[TreeNode], x: float, y: float, box: Box) -> float:
    stem = x + box.width / 2
    above = box.y + box.height
    ends: list[tuple[TreeNode, float]] = []
    for child in children:
        y, middle = _node(canvas, child, x + _INDENT, y)
        ends.append((child, middle))
    # Bold lines last, so that they lie on top of the others.
    for child, middle in sorted(ends, key=lambda end: (end[0].on_path, -end[1])):
        dashes = {"all": (), "one": (3.0, 2.0), "unless": (0.8, 2.0)}[child.branch]
        color, width = (INK, 2.2) if child.on_path else ("#a0a0a0", 0.9)
        canvas.line([(stem, middle), (x + _INDENT, middle)], color, width, dashes)
        canvas.line([(stem, above), (stem, middle)], color, width, () if child.on_path else dashes)
    return y
