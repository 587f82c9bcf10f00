"""Asks the decision rules about a case: one program grounded once, from the status of each requirement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias, cast, get_args

from pyclingo_bridge.base.errors import EngineError
from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Build, Holds, evaluate
from pyclingo_bridge.base.terms import Term, Value, constant
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.cases.statements import Stated
from pyclingo_bridge.core.assessment import VERDICT, Assessment, RulesVerdict, TopicAssessment
from pyclingo_bridge.core.decision import DenialKind, Outcome, Status
from pyclingo_bridge.core.evidence import EvidenceRules, TopicEvidence
from pyclingo_bridge.core.facts import Encoder, Excerpt, TopicKey, Topics
from pyclingo_bridge.core.structure import Structure

_REMEMBERED = 4_096
_MOST_KEYS = 8_192
_APPROVE, _DENY, _REFER = map(constant, get_args(Outcome))


_STATUSES: tuple[Status, ...] = ("met", "not_met", "undocumented", "conflicting")
_Statuses: TypeAlias = list[tuple[Status, int]]
_Table: TypeAlias = list[tuple[tuple[Value, ...], int]]


class Judge(Protocol):
    """Judges by the statuses of the requirements."""

    def verdict(self, evidence: Mapping[str, TopicEvidence]) -> RulesVerdict:
        """What follows from what is found of each topic."""
        ...


class SolverJudge:
    """Judges by the statuses of the requirements, by the rules of one policy under its interpretations.

    Attributes:
        program: the decision rules.
        requested: the `value` terms of the request form that durations rest on.
    """

    def __init__(self, build: Build, structure: Structure) -> None:
        self.program = build("decide")
        self.requested = frozenset(self.program.watch(("value", 3)))
        self._shown = {name: self._table(name, arity) for name, arity in VERDICT}
        self._status_literals = self._nodes(structure)
        self._known = lru_cache(maxsize=_REMEMBERED)(self._judge)

    def _table(self, name: str, arity: int) -> _Table:
        """The atoms of a signature by their arguments, each with its literal."""
        return [(term.args, literal) for term, literal in self.program.watch((name, arity)).items()]

    def _nodes(self, structure: Structure) -> dict[Value, list[tuple[Value, _Statuses]]]:
        """For each section, all nodes beneath it and its use conditions, each with its possible statuses."""
        literals = dict(self._table("standing", 2))
        asked: dict[Value, set[Value]] = {name: set(structure.beneath[name]) for name in structure.sections}
        for section, conditions in structure.use_conditions.items():
            asked[section].update(*(structure.beneath.get(item, ()) for item in conditions))
        return {
            section: [
                (
                    node,
                    [(status, literals[key]) for status, key in _status_arguments(node) if key in literals],
                )
                for node in items & structure.nodes
            ]
            for section, items in asked.items()
        }

    def verdict(self, evidence: Mapping[str, TopicEvidence]) -> RulesVerdict:
        """What follows from what is found of each topic."""
        found = evidence.values()
        return self._known(*((one.requirement_inputs, one.requested & self.requested) for one in found))

    def of_statuses(self, inputs: frozenset[Term], requested: frozenset[Term]) -> RulesVerdict:
        """What the statuses of all requirements, and what the request form asks for, lead to."""
        return self._known((inputs, requested & self.requested))

    def _judge(self, *inputs: tuple[frozenset[Term], frozenset[Term]]) -> RulesVerdict:
        terms = {term for pair in inputs for part in pair for term in part}
        verdict = self.program.read(terms, self._read)
        if verdict is None:
            raise EngineError("the decision rules have no answer")
        return verdict

    def _read(self, holds: Holds) -> RulesVerdict:
        # Asking costs most: what goes with an outcome is asked of that outcome alone.
        def holding(name: str) -> list[tuple[Value, ...]]:
            return [args for args, literal in self._shown[name] if holds(literal)]

        ((outcome,),) = holding("outcome")
        kind = holding("denial_kind") if outcome == _DENY else []
        section = holding("approved_section")[0][0] if outcome == _APPROVE else None
        months = [args[1] for args in holding("months") if args[0] == section] if section else []
        referred = holding("referred") if outcome == _REFER else []
        routed = frozenset(args[0] for args in holding("routed"))
        return RulesVerdict(
            outcome=cast(Outcome, str(outcome)),
            denial_kind=cast(DenialKind, str(kind[0][0])) if kind else None,
            section=section,
            approval_months=cast(int, months[-1]) if months else None,
            referred=cast(tuple[Value, Value], referred[0]) if referred else None,
            routed=routed,
            addressed=frozenset(args[0] for args in holding("addressed")),
            find_node_statuses=dict(self._node_statuses(routed, holds)).copy,
        )

    def _node_statuses(self, routed: Iterable[Value], holds: Holds) -> Iterator[tuple[Value, Status]]:
        for section in routed:
            for node, statuses in self._status_literals[section]:
                yield node, next(status for status, literal in statuses if holds(literal))


def _status_arguments(node: Value) -> Iterator[tuple[Status, tuple[Value, ...]]]:
    return ((status, (node, constant(status))) for status in _STATUSES)


class Assessor:
    """Assesses cases by the rules of one policy under its interpretations.

    Attributes:
        encoder: encodes cases for the rules.
        topics: the attributes, grouped where statements on one bear on another.
        judge: asks the decision rules.
        evidence_rules: asks the evidence rules.
        plan: what a plan knows for all its cases, if that is given.
    """

    def __init__(
        self,
        judge: Judge,
        evidence_rules: EvidenceRules,
        encoder: Encoder,
        topics: Topics,
        structure: Structure,
        plan: PlanFacts | None = None,
    ) -> None:
        self.judge = judge
        self.plan = plan
        self.evidence_rules = evidence_rules
        self.encoder = encoder
        self.topics = topics
        self._vocabulary = structure.vocabulary
        self._strengths = tuple(structure.facts["strength"])
        silence = self.encoder.inputs(Excerpt({}, ()))
        self._silent = {topic: evidence_rules.ask(topic, silence) for topic in topics.attributes}
        self._known: dict[str, dict[TopicKey, TopicEvidence]] = {topic: {} for topic in topics.attributes}

    def assess(
        self,
        case: Case,
        known: Mapping[str, TopicAssessment] = MappingProxyType({}),
    ) -> Assessment:
        """What the rules find of a case.

        Args:
            case: the case.
            known: what was found of topics before; used where the case still says the same.

        Errors: CaseError where the case breaks the policy's vocabulary.
        """
        said = case.statements(self._vocabulary, self.plan)
        request, papers = said.request, said.documents
        evidence = self._silent.copy()
        for topic, key in self.topics.keys(request, papers, self.encoder).items():
            evidence[topic] = self._known[topic].get(key) or self._ask(topic, key, request, papers)
        verdict = self.judge.verdict(evidence)
        topics = partial(self._topic_assessments, request, papers, evidence, known)
        return Assessment(case, self, topics, evidence, self.topics.of, verdict)

    def _ask(
        self, topic: str, key: TopicKey, request: Mapping[str, Any], papers: Sequence[Stated]
    ) -> TopicEvidence:
        excerpt = self.topics.excerpt(topic, request, papers)
        found = self.evidence_rules.ask(topic, self.encoder.inputs(excerpt))
        known = self._known[topic]
        if len(known) >= _MOST_KEYS:
            known.clear()
        known[key] = found
        return found

    def _topic_assessments(
        self,
        request: Mapping[str, Any],
        papers: Sequence[Stated],
        evidence: Mapping[str, TopicEvidence],
        known: Mapping[str, TopicAssessment],
    ) -> dict[str, TopicAssessment]:
        """What the rules find of each topic, with who said what."""
        assessments: dict[str, TopicAssessment] = {}
        for topic, concluded in evidence.items():
            excerpt = self.topics.excerpt(topic, request, papers)
            old = known.get(topic)
            if old is None or old.excerpt != excerpt:
                old = TopicAssessment(excerpt, self.encoder, concluded)
            assessments[topic] = old
        return assessments

    @cached_property
    def counted(self) -> frozenset[str]:
        """The attributes of the request form that are amounts of the product's strengths."""
        return frozenset(str(term.args[0]) for term in self._strengths)

    def warned_amounts(self, name: str, values: Iterable[int]) -> frozenset[int]:
        """Of some values of such an attribute, those that the product's strengths do not make up."""
        requests = [Term("request", (constant(name), value)) for value in values]
        found = evaluate(engine_program("amounts"), [*self._strengths, *requests], [("warning", 1)])["warning"]
        amounts = (term.args[1] for (term,) in (w.args for w in found) if isinstance(term, Term))
        return frozenset(amount for amount in amounts if isinstance(amount, int))

    def amount_warnings(self, request: Mapping[str, Any]) -> list[Term]:
        """Warnings of amounts on the request form that the product's strengths do not make up."""
        return [
            warning
            for name, value in request.items()
            if name in self.counted
            for warning in warnings_of_amount(self._strengths, name, value)
        ]


@lru_cache(maxsize=1024)
def warnings_of_amount(strengths: tuple[Term, ...], name: str, value: int) -> list[Term]:
    """What the rules warn of where the request form gives an attribute with strengths this amount."""
    files = engine_program("amounts")
    request = Term("request", (constant(name), value))
    return evaluate(files, [*strengths, request], [("warning", 1)])["warning"]
