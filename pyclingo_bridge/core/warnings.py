"""The warnings of a decision, in words. The rules find them; nothing is judged here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from pyclingo_bridge.base.errors import EngineError, listing, quoted
from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import evaluate
from pyclingo_bridge.base.spelling import NAME, alike
from pyclingo_bridge.base.terms import Term, Value, plain
from pyclingo_bridge.cases.attributes import is_code
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.case_problems import A_CODE
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.assessment import Assessment, TopicAssessment
from pyclingo_bridge.core.structure import Structure

_Writer = Callable[[TopicAssessment, Structure, tuple[Value, ...]], Iterator[str]]


def warnings(
    assessment: Assessment,
    structure: Structure,
    more: Iterable[Term] = (),
    plan: PlanFacts | None = None,
) -> tuple[str, ...]:
    """One sentence for each warning, sorted; `more` are warnings of amounts that cannot be made up."""
    vocabulary = structure.vocabulary
    short = assessment.case.statements(vocabulary, plan).short
    warned = (topic for topic in assessment.topics.values() if topic.topic_evidence.atoms["warning"])
    lines = {line for topic in warned for line in _sentences(topic, structure)}
    lines.update(_no_such_amount(*_arguments(term)) for term in more)
    lines.update(_short_of(*entry, vocabulary) for entry in short)
    lines.update(_unusual_details(assessment.case, vocabulary))
    return tuple(sorted(lines))


@cache
def _texts() -> dict[str, str]:
    """How warnings read, by their kinds."""
    found = evaluate(engine_program("warning_texts"), [], [("warning_text", 2)], EngineError)["warning_text"]
    return {str(plain(term.args[0])): str(plain(term.args[1])) for term in found}


def _text(kind: str, attribute: Value, **parts: object) -> str:
    """A warning on an attribute, with these parts in their places."""
    return _texts()[kind].format(attribute=f"`{plain(attribute)}`", **parts)


def _arguments(warning: Term) -> tuple[Value, ...]:
    (term,) = warning.args
    return term.args if isinstance(term, Term) else ()


def _sentences(topic: TopicAssessment, structure: Structure) -> Iterator[str]:
    found = (args[0] for args in topic.topic_evidence.atoms["warning"])
    for term in {_group(term): term for term in found if isinstance(term, Term)}.values():
        if term not in topic.sentences:
            topic.sentences[term] = tuple(_WORDINGS[term.name](topic, structure, term.args))
        yield from topic.sentences[term]


def _group(term: Term) -> tuple[str, tuple[Value, ...]]:
    """Warnings that one sentence covers together."""
    if term.name == "unusual_document":
        return term.name, term.args[1:]
    return term.name, term.args[:2] if term.name == "overtaken_history" else term.args


def _who(assessment: TopicAssessment, speaker: Value) -> str:
    return quoted(assessment.document(speaker).id) if isinstance(speaker, int) else "the request form"


def _unknown_drug(assessment: TopicAssessment, structure: Structure, args: tuple[Value, ...]) -> Iterator[str]:
    speaker, attribute, value = args
    effect = _text("effect_on_documents" if isinstance(speaker, int) else "effect_on_request", attribute)
    who = _who(assessment, speaker)
    names = sorted(set(assessment.words(speaker, attribute, value)))
    for name in names[:_MOST_NAMES]:
        hint = alike(name, structure.vocabulary.drugs, NAME)
        near = f"; the nearest known name is `{hint}`" if hint else ""
        yield _text("unknown_drug", attribute, who=who, value=quoted(name), effect=effect, near=near)
    if len(names) > _MOST_NAMES:
        count = f"{len(names) - _MOST_NAMES:,}"
        yield _text("more_unknown_drugs", attribute, who=who, count=count, effect=effect)


def _unlisted_value(
    assessment: TopicAssessment, structure: Structure, args: tuple[Value, ...]
) -> Iterator[str]:
    speaker, attribute, value = args
    about = structure.vocabulary.attributes[str(plain(attribute))]
    for name in assessment.words(speaker, attribute, value):
        hint = about.meant(name)
        near = f"; the nearest listed name is `{hint}`" if hint else ""
        near = f": it {A_CODE}" if is_code(name) else near
        who, listed = _who(assessment, speaker), listing(about.listed)
        yield _text("unlisted_value", attribute, who=who, value=quoted(name), near=near, listed=listed)


_MOST_STATEMENTS = 6
_MOST_NAMES = 100


def _not_counted(assessment: TopicAssessment, structure: Structure, args: tuple[Value, ...]) -> Iterator[str]:
    attribute, value, why = args
    for name in assessment.words(Term("request"), attribute, value):
        yield _text(str(plain(why)), attribute, value=quoted(name))


def _implausible(assessment: TopicAssessment, structure: Structure, args: tuple[Value, ...]) -> Iterator[str]:
    speaker, attribute, value = args
    for word in assessment.words(speaker, attribute, value):
        yield _text("implausible", attribute, who=_who(assessment, speaker), value=word)


def _unusual_document(
    assessment: TopicAssessment, structure: Structure, args: tuple[Value, ...]
) -> Iterator[str]:
    # One sentence for all documents of the type, however many there are.
    _, attribute, kind = args
    places = (
        term.args[0]
        for (term,) in assessment.topic_evidence.atoms["warning"]
        if isinstance(term, Term) and term.name == "unusual_document" and term.args[1:] == args[1:]
    )
    names = sorted({assessment.document(place).id for place in places})
    yield _unusual(names, str(plain(kind)), str(plain(attribute)), structure.vocabulary)


def _disagreement(assessment: TopicAssessment, structure: Structure, args: tuple[Value, ...]) -> Iterator[str]:
    attribute = args[0]
    places = {place for name, place, _ in assessment.topic_evidence.atoms["disagreement"] if name == attribute}
    statements = sorted(
        f"{_who(assessment, place)} states {statement}"
        for place in places
        for statement in assessment.statements(place, attribute)
    )
    shown = "; ".join(statements[:_MOST_STATEMENTS])
    more = f"; and {len(statements) - _MOST_STATEMENTS} more" if len(statements) > _MOST_STATEMENTS else ""
    yield _text("disagreement", attribute, statements=shown, more=more)


def _overtaken_history(
    assessment: TopicAssessment, structure: Structure, args: tuple[Value, ...]
) -> Iterator[str]:
    place, attribute, _ = args
    terms = (entry[0] for entry in assessment.topic_evidence.atoms["warning"])
    # A kind of drugs has no name; its members have numbers of their own too.
    names = sorted(
        assessment.inputs.names[term.args[2] - 1]
        for term in terms
        if isinstance(term, Term)
        and term.name == "overtaken_history"
        and term.args[:2] == (place, attribute)
        and isinstance(term.args[2], int)
    )
    yield _text("overtaken_history", attribute, who=_who(assessment, place), names=listing(names))


def _unclear_history(
    assessment: TopicAssessment, structure: Structure, args: tuple[Value, ...]
) -> Iterator[str]:
    place, attribute = args
    yield _text("unclear_history", attribute, who=_who(assessment, place))


def _unusual_details(case: Case, vocabulary: Vocabulary) -> Iterator[str]:
    """Details in documents of a type that does not usually show them."""
    found: dict[tuple[str, str], list[str]] = {}
    for document in case.documents:
        for name in document.states:
            usual = vocabulary.shown_by.get(name, ())
            if name in vocabulary.details and document.type not in usual:
                found.setdefault((name, document.type), []).append(document.id)
    for (name, kind), ids in found.items():
        yield _unusual(sorted(ids), kind, name, vocabulary)


def _unusual(names: list[str], kind: str, attribute: str, vocabulary: Vocabulary) -> str:
    usual = listing(vocabulary.shown_by.get(attribute, ()))
    usual = f" (usual: {usual})" if usual else ""
    who = listing(names, _MOST_STATEMENTS)
    return _text("unusual_document", attribute, who=who, type=f"`{kind}`", usual=usual)


def _short_of(document: str, attribute: str, why: str, vocabulary: Vocabulary) -> str:
    reason = vocabulary.labels.get(why, why)
    return _text("short_of", attribute, who=quoted(document), reason=reason)


def _no_such_amount(attribute: Value, value: Value) -> str:
    return _text("no_such_amount", attribute, value=plain(value))


_WORDINGS: dict[str, _Writer] = {
    "unknown_drug": _unknown_drug,
    "unlisted_value": _unlisted_value,
    "not_counted": _not_counted,
    "implausible": _implausible,
    "unusual_document": _unusual_document,
    "disagreement": _disagreement,
    "overtaken_history": _overtaken_history,
    "unclear_history": _unclear_history,
}
