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
    statement_text,
)
from pyclingo_bridge.explain.report import Block, section
from pyclingo_bridge.questions.missing import MissingSet
from pyclingo_bridge.questions.obtaining import MissingRequirement, cost_in_words, means_in_words
from pyclingo_bridge.questions.repairs import Repair
from pyclingo_bridge.questions.sweep import Region

MORE = "... and more (--first 0 lists all)"

DONE: dict[Outcome, str] = {"approve": "approved", "deny": "denied", "refer": "referred"}

_MOST_OBSTACLES = 12

_EFFECTS = {
    "supports": "says so",
    "refutes": "says otherwise",
    "superseded": "is out of date, a later document speaks of it",
    "silent": "does not decide it, the list is not known to be whole",
    "not_counted": "does not count here",
}
_MAY_MEAN_SEVERAL = "does not decide it, it may mean more than one thing"


Entry = TypeVar("Entry")


def counted(number: int, name: str, names: str | None = None) -> str:
    """A number of things, in words; `names` where the plural does not end in a mere s."""
    return f"{number or 'no'} {name if number == 1 else names or f'{name}s'}"


def one_of(entries: Collection[object], more: bool = False) -> str:
    """That one of those listed is enough."""
    return "this" if len(entries) == 1 and not more else "any one of these"


def choices_text(interpretations: Mapping[str, str]) -> str:
    """Interpretations as the command line takes them."""
    return ", ".join(f"{name}={value}" for name, value in interpretations.items())


def policy_text(info: PolicyInfo, interpretations: Mapping[str, str] | None = None) -> str:
    """Which policy, from which source, under which interpretations if these are given."""
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


def evidence_text(entry: Evidence) -> str:
    """Who says what, and to what effect."""
    who = "the request form"
    if entry.document:
        who = f"{entry.document} ({entry.type}, {dated_text(entry)})"
    if entry.by_default:
        who = "the request form, by default,"
    effect = _EFFECTS[entry.effect]
    if entry.effect == "silent" and not isinstance(entry.value, list | tuple):
        effect = _MAY_MEAN_SEVERAL
    return f"{who} {effect}: {stated_text(entry)}"


def dated_text(entry: Evidence) -> str:
    """When a document was written, and what is to be known of it besides."""
    return day_text(entry.date) + (f", {entry.status}" if entry.status else "")


def stated_text(entry: Evidence) -> str:
    """What is stated, and how names in it were read."""
    return statement_text(entry.attribute, entry.value, entry.details) + read_as_text(entry)


def read_as_text(entry: Evidence) -> str:
    """How names in a statement were read, where that is more than their spelling."""
    return f", read as {entry.read_as.removeprefix(f'{entry.value}: ')}" if entry.read_as else ""


def source_text(entry: Evidence, form: str = "request form") -> str:
    """Who says what."""
    who = f"{entry.document}, {dated_text(entry)}" if entry.document else form
    return f"{who}: {stated_text(entry)}"


def cost_text(answer: MissingSet | Repair) -> str:
    """What the documents of a set cost, and the names to find out about, in brackets."""
    words = cost_in_words(answer.cost, answer.documents, answer.unshown, answer.clarifications)
    return f"({words})"


def to_show_text(requirement: MissingRequirement) -> str:
    """A requirement that is to be established: which criteria it serves, and what can do it."""
    serves = ", ".join(requirement.criteria)
    return f"{requirement.text} [{serves}] ({means_in_words(requirement)})"


def missing_text(missing: MissingSet) -> str:
    """A missing set in one line."""
    texts = (f"{requirement.text} [{', '.join(requirement.criteria)}]" for requirement in missing.requirements)
    return f"{'; '.join(texts)} {cost_text(missing)}"


def statements_text(requirement: RequirementResult, effect: str) -> str:
    """All that is said of a requirement to this effect, each statement once."""
    entries = [entry for entry in requirement.evidence if entry.effect == effect]
    return "; ".join(dict.fromkeys(map(source_text, entries)))


def notices_section(notices: Iterable[Notice]) -> Iterator[Block]:
    """What the policy tells beside its criteria, with where it does."""
    texts = (f"{one.text}{f' ({one.locator})' if one.locator else ''}" for one in notices)
    yield from section("Notices", texts)


def warnings_section(warnings: Iterable[str]) -> Iterator[Block]:
    """What a reader should know of the input."""
    yield from section("Warnings", warnings)
