"""The warnings of a decision, in words. The rules find them; nothing is judged here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from pyclingo_bridge.base.errors import EngineError, listing, quoted
from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import evaluate
from pyclingo_bridge.base.terms import Term, Value, plain
from pyclingo_bridge.cases.attributes import is_code
from pyclingo_bridge.cases.case_problems import A_CODE
from pyclingo_bridge.cases.days import day_of_number
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.facts import REQUEST
from pyclingo_bridge.core.structure import Structure

_MOST_STATEMENTS = 6
_MOST_NAMES = 100

OF_DOCUMENTS = frozenset({"stale", "preliminary", "amends_nothing", "after_request"})
"""The warnings that rest on a document's date and status alone."""


def warnings(assessment: Assessment, structure: Structure, more: Iterable[Term] = ()) -> tuple[str, ...]:
    """One sentence for each warning, sorted; `more` are warnings of amounts that cannot be made up."""
    vocabulary = structure.vocabulary
    found = _Found(assessment, structure)
    lines = {line for kind in found.kinds for line in _WORDINGS.get(kind, _Found.plainly)(found, kind)}
    lines.update(_no_such_amount(*_arguments(term)) for term in more)
    lines.update(_short_of(*entry, vocabulary) for entry in assessment.said.short)
    lines.update(_unusual_details(assessment, vocabulary))
    lines.update(_set_aside(assessment))
    lines.update(_cautions(assessment, structure))
    return tuple(sorted(lines))


def document_warnings(found: Iterable[Term], structure: Structure) -> frozenset[str]:
    """What these warnings say, of those that rest on a document's date and status alone."""
    told = _Found.of_terms(found, structure)
    kinds = OF_DOCUMENTS.intersection(told.kinds)
    return frozenset(line for kind in kinds for line in _WORDINGS.get(kind, _Found.plainly)(told, kind))


def in_error(document: str) -> str:
    """The warning of a document that was entered in error."""
    return _text("entered_in_error", who=quoted(document), by="")


@cache
def _texts() -> dict[str, str]:
    """How warnings read, by their kinds."""
    found = evaluate(engine_program("warning_texts"), [], [("warning_text", 2)], EngineError)["warning_text"]
    return {str(plain(term.args[0])): str(plain(term.args[1])) for term in found}


def _text(kind: str, attribute: Value = "", **parts: object) -> str:
    """A warning on an attribute, with these parts in their places."""
    return _texts()[kind].format(attribute=f"`{plain(attribute)}`", **parts)


def _arguments(warning: Term) -> tuple[Value, ...]:
    (term,) = warning.args
    return term.args if isinstance(term, Term) else ()


def _who(speaker: Value) -> str:
    """Who states something: the request form, or a document by its id."""
    if speaker == REQUEST:
        return "the request form"
    return quoted(str(plain(speaker.args[0] if isinstance(speaker, Term) else speaker)))


class _Found:
    """The warnings that the rules find of a case, by kind."""

    def __init__(self, assessment: Assessment, structure: Structure) -> None:
        self.assessment = assessment
        self._take(assessment.weighed.details.warnings, structure)

    @classmethod
    def of_terms(cls, found: Iterable[Term], structure: Structure) -> _Found:
        """These warnings, without the case that they are of: enough for those of `OF_DOCUMENTS`."""
        made = cls.__new__(cls)
        made._take(found, structure)
        return made

    def _take(self, found: Iterable[Term], structure: Structure) -> None:
        self.vocabulary = structure.vocabulary
        self.kinds: dict[str, list[tuple[Value, ...]]] = {}
        for term in dict.fromkeys(found):
            self.kinds.setdefault(term.name, []).append(term.args)

    def plainly(self, kind: str) -> Iterator[str]:
        """Warnings of a document alone: one sentence for all of them."""
        names = sorted({_who(speaker) for speaker, *_ in self.kinds[kind]})
        yield _text(kind, who=_listed(names), verb="is" if len(names) == 1 else "are")

    def grouped(self, kind: str, *places: int) -> dict[tuple[Value, ...], list[tuple[Value, ...]]]:
        """Warnings of a kind by what stands at some places."""
        found: dict[tuple[Value, ...], list[tuple[Value, ...]]] = {}
        for args in self.kinds[kind]:
            found.setdefault(tuple(args[place] for place in places), []).append(args)
        return found

    def unknown_drugs(self, kind: str) -> Iterator[str]:
        for (speaker, attribute), entries in self.grouped(kind, 0, 1).items():
            effect = _text("effect_on_request" if speaker == REQUEST else "effect_on_documents", attribute)
            names = sorted({str(plain(value)) for _, _, value in entries})
            for name in names[:_MOST_NAMES]:
                hint = self.vocabulary.names.drug_hint(name)
                near = f"; the nearest known name is `{hint}`" if hint else ""
                value = quoted(name)
                yield _text(kind, attribute, who=_who(speaker), value=value, effect=effect, near=near)
            if len(names) > _MOST_NAMES:
                count = f"{len(names) - _MOST_NAMES:,}"
                yield _text("more_unknown_drugs", attribute, who=_who(speaker), count=count, effect=effect)

    def unlisted(self, kind: str) -> Iterator[str]:
        for speaker, attribute, value in self.kinds[kind]:
            about, name = self.vocabulary.attributes[str(plain(attribute))], str(plain(value))
            hint = about.meant(name)
            near = f"; the nearest listed name is `{hint}`" if hint else ""
            near = f": it {A_CODE}" if is_code(name) else near
            who, listed = _who(speaker), listing(about.main)
            yield _text(kind, attribute, who=who, value=quoted(name), near=near, listed=listed)

    def not_counted(self, kind: str) -> Iterator[str]:
        for attribute, value, why in self.kinds[kind]:
            for word in self._written(str(plain(attribute)), value):
                yield _text(str(plain(why)), attribute, value=quoted(word))

    def _written(self, attribute: str, drug: Value) -> list[str]:
        """The names on the request form that were read as a drug."""
        encoder = self.assessment.by.encoder
        return [word for word in self.assessment.said.request[attribute] if drug in encoder.substances(word)]

    def implausible(self, kind: str) -> Iterator[str]:
        for speaker, attribute, value in self.kinds[kind]:
            yield _text(kind, attribute, who=_who(speaker), value=plain(value))

    def unusual(self, kind: str) -> Iterator[str]:
        for (attribute, document_type), entries in self.grouped(kind, 1, 2).items():
            names = sorted({_who(speaker) for speaker, *_ in entries})
            yield _unusual(names, str(plain(document_type)), str(plain(attribute)), self.vocabulary)

    def disagreements(self, kind: str) -> Iterator[str]:
        for (attribute,) in self.kinds[kind]:
            statements = sorted(self._disagreeing(str(plain(attribute))))
            shown = "; ".join(statements[:_MOST_STATEMENTS])
            rest = len(statements) - _MOST_STATEMENTS
            more = f"; and {rest} more" if rest > 0 else ""
            tumors = self._two_tumors(str(plain(attribute)))
            yield _text(kind, attribute, statements=shown, more=more, tumors=tumors)

    def _two_tumors(self, attribute: str) -> str:
        """How to tell tumors apart, where a contradiction may be none but for that."""
        if attribute not in self.vocabulary.of_tumor:
            return ""
        speaking = self.assessment.weighed.details.speakers[attribute]
        documents = [self.assessment.document(place) for place, _ in speaking if place is not None]
        named = self.assessment.said.tumor is not None and all(one.tumor is not None for one in documents)
        return "" if named else _text("two_tumors")

    def _disagreeing(self, attribute: str) -> set[str]:
        """What is stated for and against what is in conflict."""
        weighed, speaking = self.assessment.weighed, self.assessment.weighed.details.speakers[attribute]
        disputed = {one for one, status in weighed.statuses.items() if status == "conflicting"}
        found: set[str] = set()
        for speaker, own in speaking:
            if speaker is not None and any((speaker, own, one) in weighed.details.effects for one in disputed):
                who = quoted(self.assessment.document(speaker).id)
                found |= {
                    f"{who} states {statement}" for statement in self.assessment.statements(speaker, attribute)
                }
        return found

    def overtaken(self, kind: str) -> Iterator[str]:
        for (speaker, attribute), entries in self.grouped(kind, 0, 1).items():
            names = sorted(str(plain(value)) for _, _, value in entries)
            yield _text(kind, attribute, who=_who(speaker), names=listing(names))

    def unclear(self, kind: str) -> Iterator[str]:
        for speaker, attribute in self.kinds[kind]:
            yield _text(kind, attribute, who=_who(speaker))

    def stale(self, kind: str) -> Iterator[str]:
        for (attribute, months), entries in self.grouped(kind, 1, 2).items():
            names = sorted({_who(speaker) for speaker, *_ in entries})
            verb = "is" if len(names) == 1 else "are"
            yield _text(kind, attribute, who=_listed(names), months=plain(months), verb=verb)

    def not_heard(self, kind: str) -> Iterator[str]:
        for (why, attribute), entries in self.grouped(kind, 2, 1).items():
            names = sorted({_who(speaker) for speaker, *_ in entries})
            types = listing(self.vocabulary.only_from.get(str(plain(attribute)), ()))
            yield _text(str(plain(why)), attribute, who=_listed(names), types=types)

    def not_in_force(self, kind: str) -> Iterator[str]:
        for (day,) in self.kinds[kind]:
            assert isinstance(day, int)
            yield _text(kind, day=day_of_number(day).isoformat())

    def overruled(self, kind: str) -> Iterator[str]:
        for flag, stated in self.kinds[kind]:
            yield _text(kind, flag, stated=f"`{plain(stated)}`")


def _listed(names: list[str]) -> str:
    rest = len(names) - _MOST_STATEMENTS
    return ", ".join(names[:_MOST_STATEMENTS]) + (f" and {rest} more" if rest > 0 else "")


def _set_aside(assessment: Assessment) -> Iterator[str]:
    for one in assessment.said.set_aside:
        by = quoted(one.by) if one.by is not None else ""
        yield _text(one.why, who=quoted(one.id), by=by)


def _cautions(assessment: Assessment, structure: Structure) -> Iterator[str]:
    """What the policy itself warns of."""
    yield from (text for name, text in structure.cautions.items() if structure.told(name, assessment.statuses))


def _unusual_details(assessment: Assessment, vocabulary: Vocabulary) -> Iterator[str]:
    """Details in documents of a type that does not usually show them."""
    found: dict[tuple[str, str], list[str]] = {}
    aside = {one.id for one in assessment.said.set_aside}
    for document in (one for one in assessment.case.documents if one.id not in aside):
        for name in document.states:
            usual = vocabulary.shown_by.get(name, ())
            if name in vocabulary.details and document.type not in usual:
                found.setdefault((name, document.type), []).append(quoted(document.id))
    for (name, kind), ids in found.items():
        yield _unusual(sorted(ids), kind, name, vocabulary)


def _unusual(names: list[str], kind: str, attribute: str, vocabulary: Vocabulary) -> str:
    usual = listing(vocabulary.shown_by.get(attribute, ()))
    usual = f" (usual: {usual})" if usual else ""
    who = _listed(names)
    return _text("unusual_document", attribute, who=who, type=f"`{kind}`", usual=usual)


def _short_of(document: str, attribute: str, why: str, vocabulary: Vocabulary) -> str:
    reason = vocabulary.labels.get(why, why)
    return _text("short_of", attribute, who=quoted(document), reason=reason)


def _no_such_amount(attribute: Value, value: Value) -> str:
    return _text("no_such_amount", attribute, value=plain(value))


_WORDINGS: dict[str, Callable[[_Found, str], Iterator[str]]] = {
    "unknown_drug": _Found.unknown_drugs,
    "unlisted_value": _Found.unlisted,
    "not_counted": _Found.not_counted,
    "implausible": _Found.implausible,
    "unusual_document": _Found.unusual,
    "disagreement": _Found.disagreements,
    "overtaken_history": _Found.overtaken,
    "unclear_history": _Found.unclear,
    "stale": _Found.stale,
    "not_heard": _Found.not_heard,
    "not_in_force": _Found.not_in_force,
    "form_overruled": _Found.overruled,
}
