"""A program over every case there can be, and the cases that it answers with."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeAlias, cast

from pyclingo_bridge.analysis.alignment import Facts
from pyclingo_bridge.base.errors import EngineError
from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Program, Signature
from pyclingo_bridge.base.terms import Term, Value, original, plain
from pyclingo_bridge.cases.attributes import DATE, NUMBERS, Attribute
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.days import day_number, day_of_number
from pyclingo_bridge.cases.vocabulary import SIGNATURES as VOCABULARY_SIGNATURES
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.facts import Encoder
from pyclingo_bridge.core.structure import SIGNATURES, Structure
from pyclingo_bridge.questions.stand_ins import UNKNOWN_DRUG

_CASE = (("request", 2), ("states", 3), ("states_between", 4), ("states_list", 2), ("ranked", 2))
_FIRST_DAY = datetime.date(2025, 3, 1)

UNASKED = frozenset(
    {
        *("notice", "caution", "effective", "revised", "serves_line", "unlikely", "clarifying"),
        *("unit", "stale", "grows", "dates", "of_tumor", "only_from", "silent_with"),
    }
)
"""Facts of a policy that tell no case from another here: each document of a program's case states one
thing, counts, and is of the day of the request."""
_States: TypeAlias = dict[str, tuple[Attribute | None, list[Any]]]
MoreFacts: TypeAlias = Callable[[Mapping[Value, Value]], Iterable[Term]]
"""The name that a shown case gives a drug that the vocabulary does not know."""


def program_facts(
    own: Facts, vocabulary: Vocabulary, more: MoreFacts | None = None
) -> tuple[list[Term], dict[str, list[Term]]]:
    """A policy's facts as programs over cases need them, and what the engine makes of them.

    Args:
        own: the facts, by predicate.
        vocabulary: what cases state.
        more: further facts, given for each drug the one that stands for it.
    """
    program = Program(
        engine_program("outline"),
        sorted((term for terms in own.values() for term in terms), key=str),
    )
    signatures = {(name, len(terms[0].args)) for name, terms in own.items() if terms}
    facts = program.facts(*{*SIGNATURES, *VOCABULARY_SIGNATURES, *signatures})
    names = sorted(name for name in own if own[name] and name != "label")
    encoder = Encoder(vocabulary, facts)
    found = [*encoder.policy_facts(facts, names), *(more(encoder.kinds) if more else ())]
    return sorted(found, key=str), facts


class CaseSpace:
    """Every case of a policy, or of several, as one program's choices.

    The program is grounded once. A question is an atom of it; the solver proves that it holds in
    some case, or in none.
    """

    def __init__(self, entry: str, facts: Iterable[Term]) -> None:
        files = engine_program(entry)
        # Sorted, so that the same question shows the same case every time.
        told = (term for term in facts if term.name not in UNASKED)
        self._program = Program(files, sorted(told, key=str), ["--opt-strategy=usc"])

    def witnessed(self) -> set[Term]:
        """The questions that some case answers: `X` for each `witnessed(X)`."""
        return {_inner(term) for term in self._program.possible()}

    def questions(self) -> set[Term]:
        """Everything that was asked: `X` for each `question(X)`."""
        return {_inner(term) for term in self._program.facts(("question", 1))["question"]}

    def smallest(self, question: Term, *others: Term) -> frozenset[Term]:
        """The statements of a smallest case that answers the question, and these others."""
        literals = self._program.watch(("witnessed", 1))
        assumed = [literals[Term("witnessed", (each,))] for each in (question, *others)]
        found = self._program.smallest(self._program.watch(*_CASE), assumed)
        if found is None:
            raise EngineError(f"no case shows `{question}`, which some case was found to show")
        return found

    def smallest_with(self, signature: Signature, exactly: frozenset[Term]) -> frozenset[Term]:
        """The statements of a smallest case in which of a predicate's atoms just these hold."""
        literals = self._program.watch(signature)
        assumed = [literal if term in exactly else -literal for term, literal in literals.items()]
        found = self._program.smallest(self._program.watch(*_CASE), assumed)
        if found is None:
            raise EngineError(f"no case shows `{sorted(map(str, exactly))}`, though one was found")
        return found

    def facts(self, *signatures: Signature) -> dict[str, list[Term]]:
        """The program's facts of these signatures."""
        return self._program.facts(*signatures)


def _inner(term: Term) -> Term:
    inner = term.args[0]
    assert isinstance(inner, Term)
    return inner


def document_types(vocabulary: Vocabulary) -> dict[str, Sequence[str]]:
    """The types of document in which each attribute's statements count, the usual ones, cheapest first."""
    usual: dict[str, Sequence[str]] = {**vocabulary.shown_by}
    for name, only in vocabulary.only_from.items():
        usual[name] = [kind for kind in usual.get(name, ()) if kind in only] or sorted(only)
    return usual


@dataclass(frozen=True)
class Dating:
    """What a shown case's documents must be like, so that all that they state counts as it is stated.

    Attributes:
        first: the day of the documents that are not earlier or later than others.
        growing: the attributes whose numbers grow with the time since they were stated.
        silent: pairs of attributes: stated beside the second, a value of the first says nothing.
    """

    first: datetime.date = _FIRST_DAY
    growing: frozenset[str] = frozenset()
    silent: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, structure: Structure) -> Dating:
        """What holds of a policy's cases; documents are of its period, where it names one."""
        facts = structure.facts
        first = _FIRST_DAY
        for days in (term.args for term in facts["effective"] if all(isinstance(d, int) for d in term.args)):
            start, end = (day_of_number(cast(int, day)) for day in (days[0], days[-1]))
            first = max(first, start) if len(days) == 1 or first <= end else start
        return cls(
            first,
            frozenset(str(plain(term.args[0])) for term in facts["grows"]),
            frozenset((str(plain(t.args[0])), str(plain(t.args[2]))) for t in facts["silent_with"]),
        )

    def silenced(self, names: Collection[str]) -> bool:
        """Whether one document that states all these may say nothing by some of them."""
        return any(one in names and other in names for one, other in self.silent)


class CaseBuilder:
    """Writes a case file from the statements of a program's answer."""

    _alone: frozenset[str] = frozenset()
    """What is not put into one document with anything that another document states."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        document_types: Mapping[str, Sequence[str]],
        strengths: Mapping[str, Sequence[int]],
        dating: Dating | None = None,
    ) -> None:
        """Take the types of document for each attribute, the cheapest first, and the product's units."""
        self._vocabulary = vocabulary
        self._types = document_types
        self._strengths = strengths
        self._dating = dating or Dating()

    @classmethod
    def of(cls, structure: Structure) -> Self:
        """A builder for the cases of a policy."""
        strengths: dict[str, list[int]] = {}
        for term in structure.facts["strength"]:
            if isinstance(term.args[1], int):
                strengths.setdefault(str(plain(term.args[0])), []).append(term.args[1])
        types = document_types(structure.vocabulary)
        return cls(structure.vocabulary, types, strengths, Dating.of(structure))

    def case(self, name: str, statements: Iterable[Term]) -> Case:
        """The case, checked like any other."""
        return Case.model_validate(self.data(name, statements), context={"vocabulary": self._vocabulary})

    def data(self, name: str, statements: Iterable[Term]) -> dict[str, Any]:
        """The case as a file would give it."""
        found = sorted(statements, key=str)
        return {"id": name, "request": self._request(found), "documents": self._documents(found)}

    def _attribute(self, name: Value) -> Attribute | None:
        """What a statement of the program is about; None for a qualifier, which is no attribute."""
        return self._vocabulary.attributes.get(str(plain(name)))

    def _form(self) -> Iterable[Attribute]:
        """The attributes of the request form."""
        return self._vocabulary.request_attributes.values()

    def _request(self, statements: list[Term]) -> dict[str, Any]:
        given: dict[str, tuple[Attribute | None, list[Value]]] = {}
        for term in statements:
            if term.name == "request":
                about = self._attribute(term.args[0])
                _, values = given.setdefault(str(plain(original(term.args[0]))), (about, []))
                values.append(term.args[1])
        form: dict[str, Any] = {}
        # By name: a shown case does not depend on the order in which a vocabulary is written.
        for attribute in sorted(self._form(), key=lambda attribute: attribute.name):
            name = attribute.name
            if name in given:
                form[name] = _json(*given[name])
            elif attribute.domain in ("list", "drugs"):
                form[name] = []
            elif attribute.required:
                form[name] = self._any(attribute)
        return form

    def _any(self, attribute: Attribute) -> Any:
        """A value of no consequence."""
        if attribute.domain == "flag":
            return False
        if attribute.domain in NUMBERS:
            return max(self._strengths.get(attribute.name, [attribute.minimum]))
        if attribute.domain == DATE:
            day = min(max(attribute.minimum, day_number(self._dating.first)), attribute.maximum)
            return day_of_number(day).isoformat()
        return attribute.listed[0] if attribute.listed else f"any_{attribute.name}"

    def _documents(self, statements: list[Term]) -> list[dict[str, Any]]:
        ranks = {term.args[0]: cast(int, term.args[1]) for term in statements if term.name == "ranked"}
        spoken: dict[Value, _States] = {}
        for term in statements:
            if term.name in ("states", "states_list", "states_between"):
                name = str(plain(original(term.args[1])))
                about = self._attribute(term.args[1])
                _, values = spoken.setdefault(term.args[0], {}).setdefault(name, (about, []))
                values.append(term.args[2:]) if term.name == "states_between" else values.extend(term.args[2:])
        latest = max((ranks.get(source, 1) for source in spoken), default=1)
        documents: list[dict[str, Any]] = []
        for source, states in sorted(spoken.items(), key=lambda entry: str(entry[0])):
            rank = ranks.get(source, 1)
            if rank == 1 and not self._dating.growing.isdisjoint(states):
                # What grows with time is stated on the day of the request: it is the number itself then.
                rank = latest
            self._put(documents, states, self._dating.first + datetime.timedelta(days=rank - 1))
        return documents

    def _put(
        self,
        documents: list[dict[str, Any]],
        states: _States,
        day: datetime.date,
    ) -> None:
        """Add statements to a document of their type and date that does not speak of them yet."""
        values = {name: _json(*given) for name, given in states.items()}
        lists = [name for name, (attribute, _) in states.items() if attribute]
        known = [self._types[name][0] for name in lists if self._types.get(name)]
        kind = known[0] if known else self._any_type()
        for document in documents:
            same = (document["type"], document["date"]) == (kind, day.isoformat())
            names = document["states"].keys()
            apart = names & values.keys() or self._alone & (names | values.keys())
            if same and not apart and not self._dating.silenced(names | values.keys()):
                document["states"].update(values)
                return
        number = 1 + sum(document["type"] == kind for document in documents)
        documents.append({"id": f"{kind}-{number}", "type": kind, "date": day.isoformat(), "states": values})

    def _any_type(self) -> str:
        return min(self._vocabulary.document_types)


def _json(attribute: Attribute | None, values: Sequence[Any]) -> Any:
    """Values of the rules as a case file gives them; of a qualifier, which is no attribute, a flag."""
    if attribute is None or attribute.domain == "flag":
        return plain(values[0]) == "true"
    if isinstance(values[0] if values else None, tuple):
        return {
            name: _word(attribute, end) for name, end in zip(("at_least", "at_most"), values[0], strict=True)
        }
    words = [_word(attribute, value) for value in values]
    return words if attribute.domain in ("list", "drugs") else words[0]


def _word(attribute: Attribute, value: Value) -> str | int | float:
    if isinstance(value, int) and attribute.domain == DATE:
        return day_of_number(value).isoformat()
    if isinstance(value, int) and attribute.domain == "decimal":
        return value / 1000 if value % 1000 else value // 1000
    if isinstance(value, Term) and value.name == "other":
        return UNKNOWN_DRUG if attribute.domain == "drugs" else f"another_{attribute.name}"
    return plain(value)
