"""Phrases that several reports share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from pyclingo_bridge.analysis.findings import Verdict
from pyclingo_bridge.core.decision import (
    Decision,
    Evidence,
    Notice,
    Outcome,
    PolicyInfo,
    RequirementResult,
    day_text,
)
from pyclingo_bridge.explain.report import Block, Item, section
from pyclingo_bridge.explain.view import PLAIN, View
from pyclingo_bridge.questions.missing import MissingSet
from pyclingo_bridge.questions.obtaining import NO_TYPE, MissingRequirement, clarify_in_words, place_in_words
from pyclingo_bridge.questions.repairs import Repair
from pyclingo_bridge.questions.requirements import asks_for_more
from pyclingo_bridge.questions.sweep import Region

MORE = "... and more (--first 0 lists all)"

DONE: dict[Outcome, str] = {"approve": "approved", "deny": "denied", "refer": "referred"}

_MOST_OBSTACLES = 12

_EFFECTS = {
    "supports": "says so",
    "refutes": "says otherwise",
    "superseded": "is out of date, as a later document speaks of it",
    "silent": "does not decide it, as the list is not known to be complete",
    "not_counted": "does not count here",
}
_MAY_MEAN_SEVERAL = "does not decide it, as it may mean more than one thing"


Entry = TypeVar("Entry")


def counted(number: int, name: str, names: str | None = None) -> str:
    """A number of things, in words; `names` where the plural does not end in a mere s."""
    return f"{number or 'no'} {name if number == 1 else names or f'{name}s'}"


def listed_text(names: Sequence[str], word: str = "and") -> str:
    """Names in a row: `a, b and c`."""
    return f" {word} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def one_of(entries: Collection[object], more: bool = False) -> str:
    """That one of those listed is enough."""
    return "this" if len(entries) == 1 and not more else "any one of these"


def choices_text(interpretations: Mapping[str, str]) -> str:
    """Interpretations as the command line takes them."""
    return ", ".join(f"{name}={value}" for name, value in interpretations.items())


def policy_text(info: PolicyInfo, interpretations: Mapping[str, str] | None = None) -> str:
    """Which policy, from which source, under which interpretations if these are given and any."""
    chosen = f" Interpretations: {choices_text(interpretations)}." if interpretations else ""
    return f"Policy {info.name}: {info.document}, revision {info.revision}.{chosen}"


def outcome_text(answer: Decision | Region | Verdict, obstacles: Sequence[str] = ()) -> str:
    """A decision in a few words, with what prevents an approval."""
    if answer.outcome == "approve":
        months = f" for {counted(answer.approval_months, 'month')}" if answer.approval_months else ""
        return f"approve by {answer.section}{months}"
    if answer.outcome == "refer":
        return f"refer to {answer.refer_to}" if answer.refer_to else "refer, to nowhere"
    kind = str(answer.denial_kind).replace("_", " ")
    shown = ", ".join(obstacles[:_MOST_OBSTACLES])
    more = len(obstacles) - _MOST_OBSTACLES
    rest = f" and {more} more" if more > 0 else ""
    return f"deny, {kind}{': ' if shown else ''}{shown}{rest}"


def evidence_text(entry: Evidence, view: View = PLAIN) -> str:
    """Who says what, and to what effect."""
    who = "the request form"
    if entry.document:
        who = f"{view.name(entry.type or 'document')} {entry.document} ({dated_text(entry)})"
    if entry.by_default:
        who = "the request form, by default,"
    effect = _EFFECTS[entry.effect]
    if entry.effect == "silent" and not isinstance(entry.value, list | tuple):
        effect = _MAY_MEAN_SEVERAL
    return f"{who} {effect}: {stated_text(entry, view)}"


def dated_text(entry: Evidence) -> str:
    """When a document was written, and what is to be known of it besides."""
    return day_text(entry.date) + (f", {entry.status}" if entry.status else "")


def stated_text(entry: Evidence, view: View = PLAIN) -> str:
    """What is stated, and how names in it were read."""
    return view.statement(entry.attribute, entry.value, entry.details) + read_as_text(entry)


def read_as_text(entry: Evidence) -> str:
    """How names in a statement were read, where that is more than their spelling."""
    return f", read as {entry.read_as.removeprefix(f'{entry.value}: ')}" if entry.read_as else ""


def who_text(entry: Evidence, view: View = PLAIN, form: str = "request form") -> str:
    """Who says something: a document with its type and day, or the form."""
    if entry.by_default:
        return f"{form}, by default"
    if not entry.document:
        return form
    return f"{view.name(entry.type or 'document')} {entry.document}, {dated_text(entry)}"


def source_text(entry: Evidence, form: str = "request form", view: View = PLAIN) -> str:
    """Who says what."""
    return f"{who_text(entry, view, form)}: {stated_text(entry, view)}"


def cost_text(answer: MissingSet | Repair, least: int, view: View = PLAIN) -> str:
    """What the documents of a set take, and the names to find out about, in brackets."""
    told = answer.clarifications
    names = f"; clarify {' and '.join(place_in_words(one) for one in told)}" if told else ""
    seldom = isinstance(answer, MissingSet) and answer.seldom
    effort, documents = view.effort(answer.cost, least, seldom), view.types(answer.documents, " and ")
    if not answer.unshown:
        return f"({effort}{': ' if documents else ''}{documents}{names})"
    if not documents and not answer.cost:
        return f"(effort not known: {NO_TYPE}{names})"
    some = "one of these" if len(answer.unshown) == 1 else f"{len(answer.unshown)} of these"
    return f"({effort}: {documents or 'no documents'}{names}; for {some} {NO_TYPE})"


def to_show_text(requirement: MissingRequirement, view: View = PLAIN) -> str:
    """A requirement that is to be established: which criteria it serves, and what can do it."""
    serves = ", ".join(requirement.criteria)
    return f"{requirement.text} [{serves}] ({means_text(requirement, view)})"


def means_text(requirement: MissingRequirement, view: View = PLAIN) -> str:
    """What establishes a requirement."""
    types = view.types(requirement.document_types, " or ") or NO_TYPE
    if requirement.by_stating is not None and requirement.document_types:
        types += f", by stating the {view.name(requirement.by_stating)}"
    if requirement.means == "documents" or not requirement.clarifications:
        return types
    names = clarify_in_words(requirement.clarifications, "or" if asks_for_more(requirement) else "and")
    if requirement.means == "clarification" or not requirement.document_types:
        return names
    return f"{types}; {'and' if requirement.means == 'both' else 'or'} {names}"


def missing_text(missing: MissingSet, least: int, view: View = PLAIN) -> str:
    """A missing set in one line."""
    texts = (f"{requirement.text} [{', '.join(requirement.criteria)}]" for requirement in missing.requirements)
    return f"{'; '.join(texts)} {cost_text(missing, least, view)}"


def statements_text(requirement: RequirementResult, effect: str, view: View = PLAIN) -> str:
    """All that is said of a requirement to this effect, each statement once."""
    entries = [entry for entry in requirement.evidence if entry.effect == effect]
    return "; ".join(dict.fromkeys(source_text(entry, view=view) for entry in entries))


def notices_section(notices: Iterable[Notice]) -> Iterator[Block]:
    """What the policy says beside its criteria, with where it does."""
    yield from section("Notices", notices_items(notices))


def notices_items(notices: Iterable[Notice]) -> Iterator[Item]:
    """What the policy says beside its criteria, with where it does, as a list."""
    yield from (Item(f"{one.text}{f' ({one.locator})' if one.locator else ''}") for one in notices)


def warnings_section(warnings: Iterable[str]) -> Iterator[Block]:
    """What a reader should know of the input."""
    yield from section("Warnings", warnings)
