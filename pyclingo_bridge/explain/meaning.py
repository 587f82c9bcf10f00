"""What a name in an answer means: a criterion, a finding, a status, an interpretation, an attribute."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, TypeAlias

from pyclingo_bridge.analysis.wording import KIND_OF, QUESTIONS
from pyclingo_bridge.base.rule_files import rules_root
from pyclingo_bridge.base.spelling import WORD, nearest
from pyclingo_bridge.base.terms import Term, Value, original, plain
from pyclingo_bridge.core.decision import FORMAT_VERSION, Answer, PolicyInfo
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import Place, Structure, readable
from pyclingo_bridge.explain import report
from pyclingo_bridge.explain.report import Block, Paragraph, Title, section

_FINDINGS: dict[str, tuple[str, str]] = {
    "section_never_met": ("error", "No case meets the section, so nobody is approved by it."),
    "section_never_fails": ("error", "Every documented request meets the section: it turns nobody down."),
    "never_met": ("warning", "No case meets this alternative, so it helps nobody."),
    "never_fails": (
        "warning",
        "Once all is documented, the needed item fails for nobody: it only asks for documents.",
    ),
    "redundant": (
        "warning",
        "The needed item is never the only obstacle: without it the same requests would be approved, because "
        "other items ask for as much.",
    ),
    "idle_alternatives": (
        "warning",
        "One of the alternatives always holds, so that asking for one asks nothing.",
    ),
    "subsumed": (
        "warning",
        "The alternative is never the only route to an approval: whoever uses it could use another one.",
    ),
    "section_subsumed": ("warning", "Whoever meets the section meets another one too: nobody needs it."),
    "overlap": ("info", "One request can meet both sections, which approve for as long."),
    "overlap_of_durations": (
        "warning",
        "One request can meet both sections, which approve for different durations; the first in the policy's "
        "order decides.",
    ),
    "no_duration": ("error", "The section can approve without a duration, though the policy has durations."),
    "two_durations": ("warning", "Two different durations apply to one approval."),
    "gap": (
        "warning",
        "Numbers between those that sections accept are accepted by none for the same patients.",
    ),
    "end": ("info", "Values that no section accepts, and where such a request goes."),
    "unrouted": ("warning", "Some request form goes to no section."),
    "no_target": ("error", "Some request is referred, and the policy does not say where to."),
    "outcomes_other_than_one": ("error", "Some case has no outcome, or more than one: a defect of the rules."),
    "worse_with_more": ("error", "More documents can make a criterion's status worse: a defect of the rules."),
    "idle_ambiguity": ("warning", "No decision depends on how the ambiguity is interpreted."),
    "live_ambiguity": ("info", "Some decision depends on how the ambiguity is interpreted."),
    "unused_criterion": ("warning", "No section and no referral asks for the criterion."),
    "unused_set": ("warning", "No requirement names the set."),
    "unused_locator": ("warning", "A place in the source is given for what is no criterion."),
    "unused_note": ("warning", "A note is on what is no criterion."),
    "unused_strength": ("warning", "The product comes in units of what the request form does not have."),
    "one_interpretation": ("warning", "The ambiguity has one interpretation only."),
    "undeclared_ambiguity": ("warning", "Interpretations are given of what is not declared as an ambiguity."),
    "pooled_alternatives": (
        "warning",
        "A clause asks for all of several values of one attribute, which are probably meant as alternatives.",
    ),
    "pooled_requirements": (
        "info",
        "A clause asks for all of several requirements at once; maybe one is meant.",
    ),
    "unreadable": ("error", "A file of the policy cannot be read as rules."),
    "unknown_word": ("error", "The policy uses a word that policies do not have: it would have no effect."),
    "no_label": ("warning", "The criterion's label is empty."),
    "no_place": ("warning", "The criterion's place in the source is empty."),
    "note": ("info", "A note of the policy's authors on its source."),
}
"""How grave each kind of finding is, and what it says."""

_STATUSES = {
    "met": "What is on file meets it. Nothing is needed.",
    "undocumented": "Nothing on file rules it out, and documents that are not there yet could show it.",
    "conflicting": "Documents contradict each other about it; the contradiction has to be resolved first.",
    "not_met": "What is requested, or on file, rules it out. Different facts would be needed, or a later "
    "document that says something else.",
}

_NOT_NEEDED = "It is not met, and need not be: an alternative to it, or an exception, makes up for it."

_ENDS = {
    "approve": "Some section of the policy is met.",
    "deny": "No section that addresses the requested use is met; the kind of denial says what could help.",
    "refer": "No section addresses the requested use: the request goes to another policy.",
    "insufficient_documentation": "A denial that further documents could reverse: `missing` lists what they "
    "would have to show.",
    "conflicting_documentation": "A denial that is due to documents that contradict each other: they have to "
    "be corrected or explained first.",
    "criteria_not_met": "A denial that no further document of today could reverse: what is requested, or on "
    "file, rules an approval out.",
}

_FAULT = re.compile(r'^fault_text\(F,"((?:[^"\\]|\\.)*)"\).*F = ([a-z_]+)', re.MULTILINE)
_MOST_NEAR = 3


class Clause(Answer):
    """A line of a policy's files.

    Attributes:
        file: the file, as seen from the policy's folder.
        line: its number.
        text: what stands there.
    """

    file: str
    line: int
    text: str


class AskedFor(Answer):
    """Something that a criterion asks for.

    Attributes:
        text: a requirement or criterion in words, or how those under it belong together.
        id: the criterion's id, if it is one.
        under: what it consists of, if it is a group.
    """

    text: str
    id: str | None = None
    under: tuple[AskedFor, ...] = ()


class Meaning(Answer):
    """What a name means.

    Attributes:
        version: the version of this JSON format.
        engine: the versions of this package and of the solver.
        policy: the policy that it was looked up in.
        interpretations: the interpretations of its wording, which may decide what a criterion asks.
        id: the name.
        kind: what it is the name of: section, criterion, interpretation, attribute, document type, status,
            outcome, value, finding or fault.
        text: what it means, in a sentence; of a criterion its label.
        locator: its place in the source, if it has one.
        details: more about it, a sentence each.
        asks: for a criterion, what it asks for.
        asked_by: for a criterion, the criteria whose wording it is part of.
        notes: what the policy's authors note of it.
        clauses: for a criterion or an interpretation, where the policy's files speak of it.
    """

    version: str = FORMAT_VERSION
    engine: dict[str, str]
    policy: PolicyInfo
    interpretations: dict[str, str]
    id: str
    kind: str
    text: str
    locator: str | None = None
    details: tuple[str, ...] = ()
    asks: tuple[AskedFor, ...] = ()
    asked_by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()


def meaning(policy: LoadedPolicy, name: str) -> Meaning | None:
    """What a name means in a policy's answers; None where nothing is called so."""
    for look_up in _LOOK_UPS:
        found = look_up(policy, name)
        if found is not None:
            about = {"policy": policy.info, "interpretations": policy.interpretations, "engine": policy.engine}
            return Meaning(**about, id=name, **found)
    return None


def nearest_names(policy: LoadedPolicy, name: str) -> tuple[str, ...]:
    """The names that `name` may be meant to be, a few."""
    structure = policy.structure
    criteria = [str(plain(key)) for key in structure.labels]
    others = [*policy.alternatives, *structure.vocabulary.all, *structure.vocabulary.document_types]
    known = [*criteria, *others, *_STATUSES, *_ENDS, *_FINDINGS, *_faults()]
    near = nearest(name, known, WORD) or get_close_matches(name, known, n=_MOST_NEAR)
    return tuple(near[:_MOST_NEAR])


# Each kind of name


_Found: TypeAlias = dict[str, Any]
"""The fields of a meaning that are not about the policy."""


def _found(kind: str, text: str, **more: Any) -> _Found:
    return {"kind": kind, "text": text, **more}


def _criterion(policy: LoadedPolicy, name: str) -> _Found | None:
    structure = policy.structure
    key = next((key for key in structure.labels if str(plain(original(key))) == name), None)
    if key is None:
        return None
    notes = (str(plain(term.args[1])) for term in structure.facts["note"] if term.args[0] == key)
    return _found(
        "section" if key in structure.sections else "criterion",
        structure.labels[key],
        locator=structure.locators.get(key),
        asks=tuple(_asks(structure, key)),
        asked_by=tuple(_asking(structure, key)),
        notes=tuple(sorted(notes)),
        clauses=tuple(_clauses(policy, f'"{name}"')),
    )


def _interpretation(policy: LoadedPolicy, name: str) -> _Found | None:
    key, _, value = name.partition("=")
    about = next(
        (term for term in policy.structure.facts["ambiguity"] if str(plain(term.args[0])) == key), None
    )
    if about is None or (value and value not in policy.alternatives.get(key, ())):
        return None
    default, chosen = policy.alternatives[key][0], policy.interpretations[key]
    details = []
    for term in policy.structure.facts["alternative"]:
        other = str(plain(term.args[1]))
        if str(plain(term.args[0])) == key and value in ("", other):
            marks = ["the default"] * (other == default) + ["chosen"] * (other == chosen)
            marked = f" ({', '.join(marks)})" if marks else ""
            details.append(f"{key}={other}{marked}: {plain(term.args[2])}.")
    return _found(
        "interpretation",
        str(plain(about.args[1])),
        locator=str(plain(about.args[2])),
        details=tuple(details),
        clauses=tuple(_clauses(policy, f"interpretation({key},")),
    )


def _attribute(policy: LoadedPolicy, name: str) -> _Found | None:
    vocabulary = policy.vocabulary
    attribute = vocabulary.all.get(name)
    if attribute is None:
        return None
    where = "the request form" if attribute.kind == "request" else "documents"
    kind = attribute.domain.replace("_", " ")
    details = [f"Stated by {where}; its values are of the type {kind}."]
    if attribute.domain in ("choice", "list") and attribute.main:
        details.append(f"Its values: {', '.join(attribute.main)}.")
    if vocabulary.shown_by.get(name):
        details.append(f"Usually shown by: {', '.join(vocabulary.shown_by[name])}.")
    structure = policy.structure
    asking = {
        key for key in structure.labels for one in structure.wording(key)[1] if _is_on(structure, one, name)
    }
    label = vocabulary.labels.get(name) or vocabulary.labels.get(f"yes({name})") or readable(name)
    asked_by = tuple(key for key in policy.structure.criteria_of(structure.sections) if key in asking)
    return _found("attribute", label, details=tuple(details), asked_by=asked_by)


def _is_on(structure: Structure, requirement: Value, name: str) -> bool:
    return structure.attribute_of.get(requirement) == name


def _document_type(policy: LoadedPolicy, name: str) -> _Found | None:
    vocabulary = policy.vocabulary
    if name not in vocabulary.document_types:
        return None
    shows = sorted(key for key, types in vocabulary.shown_by.items() if name in types)
    details = (f"It usually shows: {', '.join(shows)}.",) if shows else ()
    return _found("document type", vocabulary.labels.get(name) or readable(name), details=details)


def _value(policy: LoadedPolicy, name: str) -> _Found | None:
    vocabulary = policy.vocabulary
    of = [key for key, about in vocabulary.all.items() if about.domain != "drugs" and name in about.listed]
    if not of:
        return None
    details = (f"A value of {', '.join(sorted(of))}.",)
    return _found("value", vocabulary.labels.get(name) or readable(name), details=details)


def _status(policy: LoadedPolicy, name: str) -> _Found | None:
    key = name.replace(" ", "_")
    if key == "not_needed":
        return _found("status", _NOT_NEEDED)
    if key in _STATUSES:
        return _found("status", _STATUSES[key])
    return _found("outcome", _ENDS[key]) if key in _ENDS else None


def _finding(policy: LoadedPolicy, name: str) -> _Found | None:
    if name not in _FINDINGS:
        return None
    severity, text = _FINDINGS[name]
    question = QUESTIONS.get(KIND_OF.get(name, name), "")
    asked = [f"It answers the question: {question}"] if question else []
    return _found("finding", text, details=(f"Its severity is {severity}.", *asked))


def _fault(policy: LoadedPolicy, name: str) -> _Found | None:
    texts = _faults().get(name, ())
    if not texts:
        return None
    remedy = "The policy cannot be loaded until it is mended; `check` tells where it is."
    return _found("fault", texts[0], details=(*texts[1:], remedy))


def _faults() -> dict[str, tuple[str, ...]]:
    """What is said of each kind of fault, with dots for what it is about."""
    text = (rules_root() / "engine" / "faults" / "texts.lp").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for words, name in _FAULT.findall(text):
        said = re.sub(r"\{[^}]*\}", "...", words.replace('\\"', '"'))
        found[name] = (*found.get(name, ()), said)
    return found


_LOOK_UPS: tuple[Callable[[LoadedPolicy, str], _Found | None], ...] = (
    _criterion,
    _interpretation,
    _attribute,
    _document_type,
    _value,
    _status,
    _finding,
    _fault,
)


# What a criterion asks for


_GROUPS: tuple[tuple[Place, str], ...] = (
    ("needs", "all of:"),
    ("offers", "one of:"),
    ("excuse", "or else:"),
)


def _asks(structure: Structure, node: Value) -> Iterator[AskedFor]:
    for place, words in _GROUPS:
        items = [_asked(structure, item) for item in structure.items(place, node)]
        if place == "needs" or (place == "offers" and len(items) == 1):
            yield from items
        elif items:
            yield AskedFor(text=words, under=tuple(items))


def _asked(structure: Structure, item: Value) -> AskedFor:
    if item in structure.labels:
        return AskedFor(text=structure.labels[item], id=str(plain(original(item))))
    if item in structure.nodes:
        return AskedFor(text="all of:", under=tuple(_asks(structure, item)))
    return AskedFor(text=structure.requirements[structure.representative[item]].text)


def _asking(structure: Structure, key: Value) -> Iterator[str]:
    """The criteria in whose own wording a criterion stands."""
    for other in structure.labels:
        if key in _inside(structure, other):
            yield str(plain(original(other)))


def _inside(structure: Structure, node: Value) -> set[Value]:
    items = {item for place, _ in _GROUPS for item in structure.items(place, node)}
    parts = {item for item in items if isinstance(item, Term) and item in structure.nodes}
    return items.union(*(_inside(structure, part) for part in parts - structure.labels.keys()))


def _clauses(policy: LoadedPolicy, text: str) -> Iterator[Clause]:
    for file in policy.files:
        within = file.path.is_relative_to(policy.folder)
        name = file.path.relative_to(policy.folder) if within else file.path
        for number, line in enumerate(file.text.splitlines(), 1):
            if text in line and not line.lstrip().startswith("%"):
                yield Clause(file=str(name), line=number, text=line.strip())


# For a reader


def meaning_report(answer: Meaning) -> Iterator[Block]:
    """What a name means, what it asks for, and where that stands."""
    yield Title(f"{answer.id} ({answer.kind}): {answer.text}")
    if answer.kind in ("section", "criterion", "interpretation"):
        yield Paragraph(f"Policy {answer.policy.name}: {answer.policy.document}, {answer.locator}.")
    yield from (Paragraph(detail, apart=False) for detail in answer.details)
    yield from section("It asks for", map(_asked_item, answer.asks))
    if answer.asked_by:
        how = "Asked for by" if answer.kind == "attribute" else "Part of"
        yield Paragraph(f"{how} {', '.join(answer.asked_by)}.")
    yield from section("Notes", answer.notes)
    yield from section("In the policy's files", _clause_items(answer.clauses))


def _asked_item(asked: AskedFor) -> report.Item:
    name = f"{asked.id} " if asked.id else ""
    return report.Item(f"{name}{asked.text}", tuple(map(_asked_item, asked.under)))


def _clause_items(clauses: Iterable[Clause]) -> Iterator[str]:
    yield from (f"{clause.file}:{clause.line}: {clause.text}" for clause in clauses)
