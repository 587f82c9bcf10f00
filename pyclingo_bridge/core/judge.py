"""Asks the decision rules about a case: one program grounded once, from the status of each requirement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, Protocol, TypeAlias, cast, get_args

from pyclingo_bridge.base.errors import EngineError
from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Build, Holds, evaluate
from pyclingo_bridge.base.terms import Term, Value, constant
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.core.assessment import VERDICT, Assessment, RulesVerdict
from pyclingo_bridge.core.decision import DenialKind, Outcome, Status
from pyclingo_bridge.core.evidence import CaseEvidence, EvidenceEngine
from pyclingo_bridge.core.facts import Encoder, read_as
from pyclingo_bridge.core.in_force import refuse_other_drug
from pyclingo_bridge.core.structure import Structure

_REMEMBERED = 4_096
_APPROVE, _DENY, _REFER = map(constant, get_args(Outcome))


_STATUSES: tuple[Status, ...] = ("met", "not_met", "undocumented", "conflicting")
_Statuses: TypeAlias = list[tuple[Status, int]]
_Table: TypeAlias = list[tuple[tuple[Value, ...], int]]


class Judge(Protocol):
    """Judges by the statuses of the requirements."""

    def verdict(self, evidence: CaseEvidence) -> RulesVerdict:
        """What follows from what a case's statements come to."""
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

    def verdict(self, evidence: CaseEvidence) -> RulesVerdict:
        """What follows from what a case's statements come to."""
        return self.of_statuses(evidence.requirement_inputs, evidence.requested)

    def of_statuses(self, inputs: frozenset[Term], requested: frozenset[Term]) -> RulesVerdict:
        """What the statuses of all requirements, and what the request form asks for, lead to."""
        return self._known(inputs, requested & self.requested)

    def _judge(self, inputs: frozenset[Term], requested: frozenset[Term]) -> RulesVerdict:
        verdict = self.program.read({*inputs, *requested}, self._read)
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
        encoder: tells which values no requirement tells apart.
        judge: asks the decision rules.
        evidence_engine: weighs what cases state.
    """

    def __init__(
        self, judge: Judge, evidence_engine: EvidenceEngine, encoder: Encoder, structure: Structure
    ) -> None:
        self.judge = judge
        self.evidence_engine = evidence_engine
        self.encoder = encoder
        self._structure = structure
        self._vocabulary = structure.vocabulary
        self._strengths = tuple(structure.facts["strength"])

    def assess(self, case: Case, plan: PlanFacts | None = None) -> Assessment:
        """What the rules find of a case, and of what a plan knows on the day of the request.

        Errors: CaseError where the case breaks the policy's vocabulary, or is about another drug.
        """
        refuse_other_drug(case, self._structure)
        said = case.statements(self._vocabulary, plan)
        weighed = self.evidence_engine.weigh(said)
        return Assessment(case, self, said, weighed, self.judge.verdict(weighed), self.encoder.defaults)

    def read_as(self, attribute: str, value: Any) -> str | None:
        """How a stated name, or a list of names, was read, where that is more than its spelling."""
        return read_as(self._vocabulary, attribute, value)

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
