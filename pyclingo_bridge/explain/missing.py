"""Missing documentation: which documents to obtain, and what they must show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import log10
from typing import NamedTuple

from pyclingo_bridge.core.decision import Decision
from pyclingo_bridge.core.structure import natural_key
from pyclingo_bridge.explain.phrases import MORE, cost_text, to_show_text
from pyclingo_bridge.explain.report import Block, Gap, Heading, Item, Paragraph
from pyclingo_bridge.explain.view import PLAIN, View
from pyclingo_bridge.questions.missing import DocumentSet, MissingSet
from pyclingo_bridge.questions.obtaining import MissingRequirement, clarify_in_words


class Listed(NamedTuple):
    """What is listed of the missing sets, and how many there are.

    Attributes:
        sets: missing sets: the first ones in order.
        more: whether there are more.
        documents: sets of document types, in the same way.
        more_documents: whether there are more.
        number: how many missing sets there are; None where they were not counted.
        documents_number: how many sets of document types there are.
        drawn: whether they were drawn at random instead.
        in_every: the terms of the requirements that all missing sets have, listed or not.
    """

    sets: Sequence[MissingSet]
    more: bool
    documents: Sequence[DocumentSet]
    more_documents: bool
    number: int | None = None
    documents_number: int | None = None
    drawn: bool = False
    in_every: frozenset[str] = frozenset()


def count_text(decision: Decision, listed: Listed) -> str:
    """How many missing sets a case has, in a line."""
    if not listed.sets:
        return f"{decision.case}: no missing sets"
    sets, documents = _sets(listed.number, "missing set"), _sets(listed.documents_number, "set")
    return f"{decision.case}: {sets}, {documents} of document types"


def _sets(count: int | None, name: str) -> str:
    if count is None:
        return f"too many {name}s to count"
    return f"{large_number(count)} {name}{'' if count == 1 else 's'}"


def large_number(count: int) -> str:
    """A number for a reader: exact where that can be read."""
    if count < 10**15:
        return f"{count:,}"
    exponent = int(log10(count))
    # The logarithm is rounded: at a power of ten it can be on the wrong side.
    exponent += (count >= 10 ** (exponent + 1)) - (count < 10**exponent)
    first = count // 10 ** (exponent - 1)
    return f"about {first // 10}.{first % 10}e{exponent}"


def missing_report(decision: Decision, listed: Listed, view: View = PLAIN) -> Iterator[Block]:
    """The missing sets: what every one of them needs, then what else each needs."""
    sets = listed.sets
    if not sets:
        yield Gap()
        none = "Nothing that is still undocumented would change this; `repairs` lists what would."
        yield Paragraph("Nothing is missing." if decision.outcome == "approve" else none)
        return
    yield from _documents(listed, view)
    common = common_requirements(listed)
    if common:
        every = large_number(listed.number or len(sets))
        yield Heading(f"What they must show: every one of the {every} sets needs")
        yield from (Item(to_show_text(requirement, view)) for requirement in common)
    these = f"one of {_these(len(sets), listed.number, listed.drawn)}"
    several = listed.more or len(sets) > 1
    heading = f"What they must show: {these}" if several else "What they must show"
    yield Heading(f"and {these}" if common else heading)
    in_common = {requirement.term for requirement in common}
    least = min(missing.cost for missing in sets)
    yield from (_set(number, missing, in_common, least, view) for number, missing in enumerate(sets, 1))
    yield from _rest(listed.more, listed.drawn)


def _documents(listed: Listed, view: View) -> Iterator[Block]:
    these = _these(len(listed.documents), listed.documents_number, listed.drawn)
    unshown = "each set needs something that no document type of the vocabulary is known to show"
    several = f"any one of {these}" if len(listed.documents) > 1 or listed.more_documents else "this"
    yield Heading(f"Documents to obtain: {several if listed.documents else unshown}")
    least = min((entry.cost for entry in listed.documents), default=0)
    for entry in listed.documents:
        yield Item(document_set_text(entry, least, view))
    yield from _rest(listed.more_documents, listed.drawn)


def document_set_text(entry: DocumentSet, least: int, view: View = PLAIN) -> str:
    """A set of document types in a line, with the names to find out about."""
    names = clarify_in_words(entry.clarifications) if entry.clarifications else ""
    documents = view.types(entry.documents)
    if not documents:
        return f"{names}; no document is needed" if names else "no document is needed"
    return f"{documents} ({view.effort(entry.cost, least, entry.seldom)}){f'; and {names}' if names else ''}"


def _rest(more: bool, drawn: bool) -> Iterator[Block]:
    if more and not drawn:
        yield Item(MORE, bullet=False)


def _these(listed: int, count: int | None, drawn: bool) -> str:
    if count is None or count == 1:
        return "these sets"
    if listed == count:
        return f"these {large_number(count)} sets"
    which = "drawn at random" if drawn else "first listed"
    return f"{large_number(count)} sets ({listed} {which})"


def _set(number: int, missing: MissingSet, in_common: set[str], least: int, view: View) -> Item:
    requirements = (each for each in missing.requirements if each.term not in in_common)
    return Item(
        f"set {number}, for {', '.join(missing.sections)} {cost_text(missing, least, view)}",
        tuple(Item(to_show_text(requirement, view)) for requirement in requirements),
        bullet=False,
    )


def common_requirements(listed: Listed) -> list[MissingRequirement]:
    """The requirements that all missing sets need, where there are several."""
    if len(listed.sets) < 2:
        return []
    return _common(listed.sets, listed.in_every if listed.more else None)


def _common(sets: Sequence[MissingSet], among: frozenset[str] | None) -> list[MissingRequirement]:
    """The requirements that all sets need, each with all the criteria that it serves in one of those listed.

    Args:
        sets: the sets that are listed.
        among: where these are not all, the terms of the requirements that all sets need.
    """
    by_term: dict[str, list[MissingRequirement]] = {}
    for requirement in (requirement for missing in sets for requirement in missing.requirements):
        by_term.setdefault(requirement.term, []).append(requirement)
    return [
        same[0].model_copy(update={"criteria": _criteria(same)})
        for same in by_term.values()
        if len(same) == len(sets) and (among is None or same[0].term in among)
    ]


def _criteria(requirements: Iterable[MissingRequirement]) -> tuple[str, ...]:
    names = {name for requirement in requirements for name in requirement.criteria}
    return tuple(sorted(names, key=natural_key))
