"""Asks the decision rules about a case: one program grounded once, from the state of each claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias, cast, get_args

from pyclingo_bridge.case import Case
from pyclingo_bridge.decision import DenialKind, Outcome, Status
from pyclingo_bridge.errors import EngineError
from pyclingo_bridge.evidence import Findings, TopicFindings, Verdict
from pyclingo_bridge.facts import Encoder, Excerpt, Topics
from pyclingo_bridge.minimal import Build
from pyclingo_bridge.solve import Holds, Signature, evaluate
from pyclingo_bridge.sources import engine_program
from pyclingo_bridge.structure import Structure
from pyclingo_bridge.terms import Term, Value, constant
from pyclingo_bridge.weigh import SIGNATURES, Weigher

_REMEMBERED = 4_096
_APPROVE, _DENY, _REFER = map(constant, get_args(Outcome))


_STATUSES: tuple[Status, ...] = ("met", "not_met", "undocumented", "conflicting")
_SHOWN: tuple[Signature, ...] = (
    ("outcome", 1),
    ("denial_kind", 1),
    ("approved_section", 1),
    ("months", 2),
    ("referred", 2),
    ("routed", 1),
    ("addressed", 1),
)

_Statuses: TypeAlias = list[tuple[Status, int]]
_Table: TypeAlias = list[tuple[tuple[Value, ...], int]]


class Judge:
    """Judges by the states of the claims, by the rules of one policy under its readings.

    Attributes:
        program: the decision rules.
        requested: the `value` terms of the request form that durations rest on.
    """

    def __init__(self, build: Build, structure: Structure) -> None:
        self.program = build("decide")
        self.requested = frozenset(self.program.watch(("value", 3)))
        self._shown = {name: self._table(name, arity) for name, arity in _SHOWN}
        self._standing = self._nodes(structure)
        self._known = lru_cache(maxsize=_REMEMBERED)(self._judge)

    def _table(self, name: str, arity: int) -> _Table:
        """The atoms of a signature by their arguments, each with its literal."""
        return [(term.args, literal) for term, literal in self.program.watch((name, arity)).items()]

    def _nodes(self, structure: Structure) -> dict[Value, list[tuple[Value, _Statuses]]]:
        """For each section, all nodes beneath it and its use conditions, and how each can stand."""
        literals = dict(self._table("standing", 2))
        asked: dict[Value, set[Value]] = {
            name: set(structure.beneath[name]) for name in structure.sections
        }
        for section, conditions in structure.use_conditions.items():
            asked[section].update(*(structure.beneath.get(item, ()) for item in conditions))
        return {
            section: [
                (
                    node,
                    [
                        (status, literals[key])
                        for status, key in _standings(node)
                        if key in literals
                    ],
                )
                for node in items & structure.nodes
            ]
            for section, items in asked.items()
        }

    def verdict(self, topics: Iterable[TopicFindings]) -> Verdict:
        """What these findings lead to."""
        found = (topic.weighed for topic in topics)
        return self._known(*((one.claim_inputs, one.requested & self.requested) for one in found))

    def of_states(self, inputs: frozenset[Term], requested: frozenset[Term]) -> Verdict:
        """What the states of all claims, and what the request form asks for, lead to."""
        return self._known((inputs, requested & self.requested))

    def _judge(self, *inputs: tuple[frozenset[Term], frozenset[Term]]) -> Verdict:
        terms = {term for pair in inputs for part in pair for term in part}
        verdict = self.program.read(terms, self._read)
        if verdict is None:
            raise EngineError("the decision rules have no answer")
        return verdict

    def _read(self, holds: Holds) -> Verdict:
        # Asking costs most: what goes with an outcome is asked of that outcome alone.
        def told(name: str) -> list[tuple[Value, ...]]:
            return [args for args, literal in self._shown[name] if holds(literal)]

        ((outcome,),) = told("outcome")
        kind = told("denial_kind") if outcome == _DENY else []
        section = told("approved_section")[0][0] if outcome == _APPROVE else None
        months = [args[1] for args in told("months") if args[0] == section] if section else []
        referred = told("referred") if outcome == _REFER else []
        routed = frozenset(args[0] for args in told("routed"))
        return Verdict(
            outcome=cast(Outcome, str(outcome)),
            denial_kind=cast(DenialKind, str(kind[0][0])) if kind else None,
            section=section,
            approval_months=cast(int, months[-1]) if months else None,
            referred=cast(tuple[Value, Value], referred[0]) if referred else None,
            routed=routed,
            addressed=frozenset(args[0] for args in told("addressed")),
            standing={
                node: next(status for status, literal in statuses if holds(literal))
                for section in routed
                for node, statuses in self._standing[section]
            },
        )


def _standings(node: Value) -> Iterator[tuple[Status, tuple[Value, ...]]]:
    return ((status, (node, constant(status))) for status in _STATUSES)


class Decider:
    """Decides cases by the rules of one policy under its readings.

    Attributes:
        encoder: how cases are told to the rules.
        topics: the attributes, put together where what is said of one bears on another.
        judge: asks the decision rules.
        weigher: asks the evidence rules.
    """

    def __init__(
        self, build: Build, encoder: Encoder, topics: Topics, structure: Structure
    ) -> None:
        self.encoder = encoder
        self.topics = topics
        self.judge = Judge(build, structure)
        self.weigher = Weigher(self.judge.program.facts(*SIGNATURES), topics.attributes)
        self._strengths = tuple(structure.facts["strength"])

    def find(
        self, case: Case, known: Mapping[str, TopicFindings] = MappingProxyType({})
    ) -> Findings:
        """What the rules find of a case that was checked against the vocabulary.

        Args:
            case: the case.
            known: what was found of topics before; what the case still says holds still.
        """
        topics: dict[str, TopicFindings] = {}
        for name, excerpt in self.topics.excerpts(case).items():
            old = known.get(name)
            same = old is not None and old.excerpt == excerpt
            topics[name] = old if old is not None and same else self._topic(name, excerpt)
        return Findings(case, topics, self.topics.of, self.judge.verdict(topics.values()))

    def _topic(self, name: str, excerpt: Excerpt) -> TopicFindings:
        inputs = self.encoder.inputs(excerpt)
        weighed = self.weigher.weigh(name, inputs)
        return TopicFindings(excerpt, inputs, weighed, self.encoder.defaults)

    def amount_warnings(self, request: Mapping[str, Any]) -> list[Term]:
        """Warnings of amounts on the request form that the product's strengths do not make up."""
        counted = {str(term.args[0]) for term in self._strengths}
        return [
            warning
            for name, value in request.items()
            if name in counted
            for warning in _amount_warnings(self._strengths, name, value)
        ]


@lru_cache(maxsize=1024)
def _amount_warnings(strengths: tuple[Term, ...], name: str, value: int) -> list[Term]:
    files = engine_program("amounts")
    request = Term("request", (constant(name), value))
    return evaluate(files, [*strengths, request], [("warning", 1)])["warning"]
