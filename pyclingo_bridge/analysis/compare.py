"""Compares two policies over every case there can be: who is decided differently, and by which clauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Literal, cast

from pyclingo_bridge.analysis.alignment import Union
from pyclingo_bridge.analysis.cases import CaseBuilder, CaseSpace, program_facts
from pyclingo_bridge.analysis.common_cases import SharedCaseBuilder, restricted
from pyclingo_bridge.analysis.findings import (
    Comparison,
    Difference,
    Relation,
    SectionRelation,
    Verdict,
    Witness,
)
from pyclingo_bridge.analysis.vocabulary_differences import apart, drug_meanings, vocabulary_differences
from pyclingo_bridge.analysis.wording import Wording
from pyclingo_bridge.base.errors import EngineError
from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Term, Value, constant, original, plain
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.case_problems import LONGEST_NAME
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.decision import FORMAT_VERSION, Decision
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import Structure, natural_key, owner

MOST_CAUSES = 200
"""Causes of a difference that are listed for each direction."""

_SIDES = ("first", "second")
Kind = Literal["outcome", "duration", "referral"]


class Compare:
    """One comparison of two policies under their interpretations."""

    def __init__(self, first: LoadedPolicy, second: LoadedPolicy) -> None:
        self._policies = (first, second)
        self._wordings = (Wording(first.structure), Wording(second.structure))
        self._left_out: list[str] = []
        structures = (first.structure, second.structure)
        differ = apart(structures)
        meanings = [drug_meanings(structure) for structure in structures] if differ else []
        union = Union([first.all_facts, second.all_facts], _SIDES, meanings)
        self._builder = SharedCaseBuilder(structures) if differ else CaseBuilder.of(first.structure)
        facts: dict[str, list[Term]] = {}
        for term in union.facts:
            facts.setdefault(term.name, []).append(term)
        more = union.drug_names if differ else None
        self._facts, outline = program_facts(facts, first.vocabulary, more)
        self._structure = Structure(outline, Vocabulary.from_facts(outline))
        self._sections: list[list[Value]] = [
            [
                term.args[1]
                for term in sorted(facts["ordered"], key=lambda term: cast(int, term.args[2]))
                if term.args[0] == constant(side)
            ]
            for side in _SIDES
        ]

    @cached_property
    def _space(self) -> CaseSpace:
        return CaseSpace("differences", [*self._facts, *self._counterparts(0)])

    def _counterparts(self, place: int) -> list[Term]:
        """The sections of one policy, each with that of the other with the same id."""
        other = {original(section): section for section in self._sections[1 - place]}
        return [
            Term("counterpart", (section, other[original(section)]))
            for section in self._sections[place]
            if original(section) in other
        ]

    def comparison(self) -> Comparison:
        """Everything in which the two differ."""
        seen = self._space.witnessed()
        alone = [Term("approves_alone", (constant(side),)) in seen for side in _SIDES]
        differences = [
            *(entry for place in (0, 1) if alone[place] for entry in self._approvals(place)),
            *self._others(seen),
        ]
        first, second = self._policies
        asked = [self._requirements(place) for place in (0, 1)]
        vocabulary, unseen = vocabulary_differences(
            (first.structure, second.structure), (self._name(0), self._name(1))
        )
        relation = _relation(Term("both_approve") in seen, *alone)
        if relation == "equivalent" and unseen:
            relation = "not_compared"
        return Comparison(
            version=FORMAT_VERSION,
            engine=first.engine,
            first=first.info,
            second=second.info,
            interpretations=(first.interpretations, second.interpretations),
            relation=relation,
            sections=tuple(sorted(self._relations(seen, bool(unseen)), key=_pair_key)),
            differences=tuple(differences),
            requirements_of_first=self._texts(asked[0], asked[1]),
            requirements_of_second=self._texts(asked[1], asked[0]),
            vocabulary=vocabulary,
            left_out=(*self._left_out, *unseen),
            not_compared=unseen,
        )

    # Sections

    def _relations(self, seen: set[Term], unseen: bool) -> Iterator[SectionRelation]:
        paired: set[Value] = set()
        for term in self._space.facts(("couple", 2))["couple"]:
            one, other = term.args
            both = Term("both_met", term.args) in seen
            if both or original(one) == original(other):
                alone = [Term(f"{side}_alone", term.args) in seen for side in _SIDES]
                # Where all cases were looked at, none that meets either is that of two alike.
                nothing = unseen and not both and not any(alone)
                relation = "not_compared" if nothing else _relation(both, *alone)
                yield SectionRelation(first=_id(one), second=_id(other), relation=relation)
                paired |= {one, other}
        for one in self._sections[0]:
            if one not in paired:
                yield SectionRelation(first=_id(one), second=None, relation=None)
        for other in self._sections[1]:
            if other not in paired:
                yield SectionRelation(first=None, second=_id(other), relation=None)

    def _requirements(self, place: int) -> set[Value]:
        """The requirements that one policy's sections ask for."""
        return {
            item
            for section in self._sections[place]
            for item in self._structure.beneath[section]
            if item in self._structure.requirements
        }

    def _texts(self, requirements: set[Value], others: set[Value]) -> tuple[str, ...]:
        """The requirements that are not among the others, whichever policy's attribute they are about."""
        known = {self._meant(requirement) for requirement in others}
        alone = {requirement for requirement in requirements if self._meant(requirement) not in known}
        return tuple(sorted({self._structure.requirements[requirement].text for requirement in alone}))

    def _meant(self, requirement: Value) -> tuple[object, ...]:
        """What a requirement asks: a class of drugs is one, whichever policy's drugs it holds."""
        core = requirement
        if self._structure.requirements[requirement].complement and isinstance(requirement, Term):
            core = requirement.args[0]
        named = core.args[1] if isinstance(core, Term) and len(core.args) > 1 else None
        if named is None or original(named) in self._classes:
            return original(requirement), None
        return original(requirement), self._structure.members.get(named)

    @cached_property
    def _classes(self) -> set[Value]:
        """The classes of drugs that are part of both vocabularies."""
        classes = [policy.structure.facts["drug_class"] for policy in self._policies]
        first, second = ({term.args[0] for term in terms} for terms in classes)
        return first & second

    # Approvals

    def _approvals(self, place: int) -> Iterator[Difference]:
        """Cases that one policy approves and the other does not, by the clauses of the other."""
        denies = 1 - place
        wanted = [
            *(Term("wanted", (section,)) for section in self._sections[denies]),
            Term("denies", (constant(_SIDES[denies]),)),
            *self._counterparts(place),
        ]
        causes = self._causes(wanted)
        if len(causes) > MOST_CAUSES:
            self._left_out.append(
                f"causes for which {self._name(denies)} alone does not approve: the first {MOST_CAUSES}"
            )
        cases = CaseSpace("cases_of_difference", [*self._facts, *wanted])
        for cause in sorted(causes[:MOST_CAUSES], key=_cause_key):
            yield self._approval(place, cases, cause)

    def _causes(self, wanted: list[Term]) -> list[frozenset[Term]]:
        """The minimal sets of what is waived; their program is gone when they are given."""
        files = engine_program("causes_of_difference")
        program = Program(files, [*self._facts, *wanted], ["--heuristic=Domain"])
        watched = program.watch(("waived", 2))
        return program.answers(set(), watched, minimal=True, most=MOST_CAUSES + 1)

    def _approval(self, place: int, cases: CaseSpace, cause: frozenset[Term]) -> Difference:
        denies = 1 - place
        clauses = [
            (original(term.args[0]), original(term.args[1]))
            for term in sorted(cause, key=lambda term: natural_key(str(original(term))))
        ]
        ids = list(dict.fromkeys(str(plain(owner(clause))) for clause, _ in clauses))
        name = "-".join([f"{self._name(place)}-approves", *(_id(x) for pair in clauses for x in pair)])
        case, decisions = self._decided(name, cases.smallest_with(("waived", 2), cause))
        if decisions[place].outcome != "approve" or decisions[denies].outcome == "approve":
            raise EngineError(f"the case found for {', '.join(ids)} is decided otherwise")
        wording = self._wordings[denies]
        asks = "; ".join(wording.clause(*clause) for clause in clauses)
        return Difference(
            kind="approval",
            favors=self._name(place),
            clauses=tuple(ids),
            text=f"{self._name(place)} approves what {self._name(denies)} does not, for want of "
            + (asks or "a section that takes the request"),
            locators=wording.locators([clause for clause, _ in clauses]),
            witness=self._witness(case, decisions),
        )

    def _decided(self, name: str, statements: Iterable[Term]) -> tuple[dict[str, Any], list[Decision]]:
        """A case as a file gives it, and what each policy decides on what it knows of it."""
        data = self._builder.data(name[:LONGEST_NAME], statements)
        cases = [
            Case.model_validate(each, context={"vocabulary": policy.vocabulary})
            for each, policy in zip(self._read(data), self._policies, strict=True)
        ]
        pairs = zip(self._policies, cases, strict=True)
        return data, [policy.decide(case) for policy, case in pairs]

    def _read(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        return [restricted(data, policy.vocabulary) for policy in self._policies]

    def _witness(self, data: dict[str, Any], decisions: list[Decision]) -> Witness:
        read = self._read(data)
        alike = all(each == data for each in read)
        return Witness(
            case=data,
            verdicts=tuple(map(Verdict.of, decisions)),
            read=() if alike else tuple(read),
        )

    def _name(self, place: int) -> str:
        mine, other = self._policies[place].info, self._policies[1 - place].info
        if mine.name != other.name:
            return mine.name
        if mine.revision != other.revision:
            return f"{mine.name} of {mine.revision}"
        return f"{mine.name} ({_SIDES[place]})"

    # What else can differ

    def _others(self, seen: set[Term]) -> Iterator[Difference]:
        for question in sorted(seen, key=str):
            names = [_id(arg) for arg in question.args]
            if question.name == "outcomes" and "approve" not in names:
                yield self._other("outcome", question, f"{_DOES[names[0]]}, {_DOES[names[1]]}")
            elif question.name == "months":
                yield self._other("duration", question, f"approves by {names[0]}, by {names[1]}")
            elif question.name == "timed_alone":
                yield self._other("duration", question, "only one of them gives a duration")
            elif question.name == "targets":
                yield self._other("referral", question, f"refers to {names[0]}, to {names[1]}")

    def _other(self, kind: Kind, question: Term, text: str) -> Difference:
        name = "-".join([kind, *(_id(arg) for arg in question.args)])
        case, decisions = self._decided(name, self._space.smallest(question))
        results = [_result(kind, decision) for decision in decisions]
        if results[0] == results[1]:
            raise EngineError(f"the case found for `{question}` is decided alike")
        words = text.split(", ", 1)
        return Difference(
            kind=kind,
            favors=None,
            clauses=(),
            text=_difference_text(kind, [self._name(0), self._name(1)], decisions, words),
            witness=self._witness(case, decisions),
        )


_DOES = {"approve": "approves", "deny": "denies", "refer": "refers elsewhere"}


def _result(kind: str, decision: Decision) -> object:
    return {
        "outcome": decision.outcome,
        "duration": decision.approval_months,
        "referral": decision.refer_to,
    }[kind]


def _difference_text(kind: str, names: list[str], decisions: list[Decision], words: list[str]) -> str:
    if kind == "outcome":
        return f"{names[0]} {words[0]} what {names[1]} {words[1]}"
    if kind == "duration":
        spans = [
            f"{decision.approval_months} months" if decision.approval_months else "no stated time"
            for decision in decisions
        ]
        places = [f"section {decision.section}" for decision in decisions]
        return f"{names[0]} approves for {spans[0]} ({places[0]}), {names[1]} for {spans[1]} ({places[1]})"
    return f"{names[0]} refers to {decisions[0].refer_to}, {names[1]} to {decisions[1].refer_to}"


def _relation(both: bool, first_alone: bool, second_alone: bool) -> Relation:
    if not both and (first_alone or second_alone):
        return "disjoint" if first_alone and second_alone else "looser" if first_alone else "stricter"
    if first_alone:
        return "incomparable" if second_alone else "looser"
    return "stricter" if second_alone else "equivalent"


def _id(value: Value) -> str:
    return str(plain(original(value)))


def _pair_key(pair: SectionRelation) -> tuple[object, ...]:
    return (natural_key(pair.first or pair.second or ""), natural_key(pair.second or ""))


def _cause_key(cause: frozenset[Term]) -> tuple[object, ...]:
    return (len(cause), sorted(natural_key(str(original(term))) for term in cause))
