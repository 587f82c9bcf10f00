"""The compiled policy gives what the solver gives, and refuses by name what it cannot take."""

from __future__ import annotations

import copy
import json
import pickle
import random
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import Case, CaseError, Policy
from pyclingo_bridge.base.rule_files import RulesFile
from pyclingo_bridge.base.solver import ground
from pyclingo_bridge.base.store import FOLDER_VARIABLE
from pyclingo_bridge.base.terms import Term, constant
from pyclingo_bridge.core.assessment import RulesVerdict
from pyclingo_bridge.core.decision import Decision, Status
from pyclingo_bridge.core.evidence import NO_NAMES, CaseEvidence, EvidenceDetails
from pyclingo_bridge.core.judge import SolverJudge
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast import compiled_policy
from pyclingo_bridge.fast.circuit import FALSE, TRUE, Circuit
from pyclingo_bridge.fast.code import code, integer_code
from pyclingo_bridge.fast.columns.compiled_answers import AnswerBits, AnswerCode, CompiledAnswers, KnownStatuses
from pyclingo_bridge.fast.compiled_judge import CompiledJudge
from pyclingo_bridge.fast.compiler import CompileError, circuit_of
from tests import small
from tests.conftest import case, request, scaled, whole
from tests.random_cases import random_case

STATES: tuple[Status, ...] = ("met", "undocumented", "conflicting", "not_met")
SHIPPED = ("cp_phar_549", "cp_phar_549_2024", "codebreak100", "label")


def both(name: str | Path, **interpretations: str) -> tuple[Policy, Policy]:
    """A policy by its compiled rules, and by the solver."""
    return Policy.load(name, interpretations), Policy.load(name, interpretations, judged_by="clingo")


def random_states(policy: Policy, rng: random.Random) -> CaseEvidence:
    """The requirements on a form that there can be; and any state of any other requirement.

    Whether documents could bring these states about does not matter to a judge.
    """
    structure = policy.structure
    found = policy.assess(case(random_case(rng), policy)).weighed
    doubt = rng.random()
    supported = refuted = 0
    for place, requirement in enumerate(structure.ordered):
        state = rng.choice(STATES) if rng.random() < doubt else "met"
        kind = policy.vocabulary.attributes[structure.attribute_of[requirement]].kind
        chosen = found.statuses[requirement] if kind == "request" else state
        supported |= (chosen in ("met", "conflicting")) << place
        refuted |= (chosen in ("not_met", "conflicting")) << place
    details = found.find_details
    return CaseEvidence(structure.ordered, supported, refuted, found.requested, details, lambda: NO_NAMES)


def details_of_nothing() -> EvidenceDetails:
    """Who says what in a case of which nothing but the statuses is known."""
    return EvidenceDetails({}, {}, frozenset(), frozenset(), ())


def judges(policy: Policy) -> tuple[CompiledJudge, SolverJudge]:
    """The two judges of a policy."""
    compiled = policy.loaded.once(compiled_policy)
    fast = CompiledJudge(compiled, policy.structure.ordered, policy.structure.nodes)
    return fast, SolverJudge(policy.loaded.program, policy.structure)


def told(verdict: RulesVerdict, structure: Structure) -> tuple[Any, ...]:
    """All of a verdict that anybody can ask for."""
    names = structure.criteria_of(verdict.routed)
    return (
        verdict.outcome,
        verdict.denial_kind,
        verdict.section,
        verdict.approval_months,
        verdict.referred,
        verdict.routed,
        verdict.addressed,
        {name: verdict.node_statuses[name] for name in names},
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_of_any_states_of_the_requirements_both_judges_say_the_same(name: str) -> None:
    policy = Policy.load(name)
    fast, slow = judges(policy)
    rng = random.Random(549)
    for _ in range(scaled(400)):
        states = random_states(policy, rng)
        assert told(fast.verdict(states), policy.structure) == told(slow.verdict(states), policy.structure)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(scaled(25)))
def test_a_random_small_policy_is_compiled_and_decides_as_the_solver_does(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    made = small.random_policy(rng)
    fast, slow = both(made.write(tmp_path))
    assert fast.loaded.once(compiled_policy).circuit.nodes
    assert isinstance(fast.loaded.assessor.judge, CompiledJudge)
    for _ in range(10):
        data = small.random_small_case(rng)
        found, expected = (each.decide(case(data, each)) for each in (fast, slow))
        assert found.model_dump() == expected.model_dump()


def test_a_duration_that_was_asked_for_is_granted_up_to_the_limit() -> None:
    fast, slow = both("cp_phar_549")
    for line in ("commercial", "medicaid"):
        for months in (None, 1, 5, 6, 7, 11, 12, 13, 40):
            form = request(line_of_business=line)
            form |= {} if months is None else {"duration_months": months}
            data = {**whole(), "request": form}
            found = [policy.decide(case(data, policy)).approval_months for policy in (fast, slow)]
            assert found[0] == found[1] is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_many_cases_at_once_are_judged_as_one_by_one(name: str) -> None:
    policy = Policy.load(name)
    fast, _ = judges(policy)
    rng = random.Random(7)
    rows = [random_states(policy, rng) for _ in range(scaled(300))]
    results = CompiledAnswers(policy.loaded.once(compiled_policy), policy.structure)
    judged = results.code((*results.decided(), *results.statuses()), KnownStatuses())
    ones = (1 << len(rows)) - 1
    words = [sum(holds(atom, row) << place for place, row in enumerate(rows)) for atom in judged.inputs]
    columns = {bits.column.name: bits for bits in on_integers(judged, words, ones)}

    def at(name: str, place: int) -> Any:
        bits = columns[name]
        if not bits.there >> place & 1:
            return None
        return bits.column.values[sum((word >> place & 1) << bit for bit, word in enumerate(bits.bits))]

    for place, row in enumerate(rows):
        verdict = fast.verdict(row)
        assert at("outcome", place) == verdict.outcome
        assert at("denial_kind", place) == verdict.denial_kind
        assert at("section", place) == verdict.section
        assert at("approval_months", place) == verdict.approval_months
        assert at("refer_to", place) == (verdict.referred and str(verdict.referred[1]))
        asked = policy.structure.criteria_of(verdict.routed)
        for column in results.statuses():
            criterion = column.name.removeprefix("status ")
            expected = verdict.node_statuses[criterion] if criterion in asked else None
            assert at(column.name, place) == expected


def on_integers(code: AnswerCode, words: list[int], ones: int) -> list[AnswerBits]:
    """The answers by the same steps on Python's integers, a bit a row."""
    return code.by_column(integer_code(code.steps).run(words, 0, ones))


def holds(atom: Term, evidence: CaseEvidence) -> int:
    """Whether an input of the code for many cases holds in one."""
    if atom.name == "value":
        return int(atom in evidence.requested)
    mask = evidence.supported if atom.name == "supported" else evidence.refuted
    return mask >> evidence.requirements.index(atom.args[0]) & 1


def test_what_is_known_of_all_rows_shortens_the_code_and_changes_no_answer() -> None:
    policy = Policy.load("cp_phar_549")
    fast, _ = judges(policy)
    results = CompiledAnswers(policy.loaded.once(compiled_policy), policy.structure)
    rng = random.Random(3)
    calm = {requirement: rng.choice((1, 2, 3, 9, 10, 11)) for requirement in policy.structure.requirements}
    columns = (*results.decided()[:2], *results.statuses())
    plain = results.code(columns, KnownStatuses())
    short = results.code(columns, KnownStatuses(statuses=tuple(calm.items())))
    assert short.steps.operations < plain.steps.operations
    for _ in range(scaled(300)):
        states = {
            requirement: rng.choice([s for bit, s in enumerate(STATES) if mask >> bit & 1])
            for requirement, mask in calm.items()
        }
        order = policy.structure.ordered
        supported = sum((states[one] in ("met", "conflicting")) << place for place, one in enumerate(order))
        refuted = sum((states[one] in ("not_met", "conflicting")) << place for place, one in enumerate(order))
        row = CaseEvidence(order, supported, refuted, frozenset(), details_of_nothing, lambda: NO_NAMES)
        (outcome, kind, *_) = on_integers(short, [holds(atom, row) for atom in short.inputs], 1)
        verdict = fast.verdict(row)
        number = sum(word << bit for bit, word in enumerate(outcome.bits))
        assert outcome.column.values[number] == verdict.outcome
        assert bool(kind.there) == (verdict.denial_kind is not None)


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ("{ a }. b :- a.", "a choice about `a`"),
        ("a | b. c :- a.", "a disjunction about"),
        ("#external a. :- a.", "a constraint about `a`"),
        ("#external x(1..3). a :- #sum { N : x(N) } >= 3.", "an aggregate"),
        ("#external a. #minimize { 1 : a }.", "a preference"),
        ("#external a. #heuristic a. [1,true]", "a heuristic about `a`"),
        ("#external x. a :- b. b :- a. a :- x.", "these rest on one another"),
        ("#external x. a :- not b, x. b :- not a, x.", "these rest on one another"),
        ("#external x. a :- not a, x.", "these rest on one another: `a`"),
        ("#external a. #external b. a :- b.", "the input `a` follows from rules too"),
    ],
)
def test_what_no_circuit_can_be_made_of_is_refused_by_name(rules: str, named: str) -> None:
    program = ground([RulesFile(Path("rules.lp"), rules)], [])
    with pytest.raises(CompileError) as caught:
        circuit_of(program, [("a", 0), ("b", 0)])
    assert named in str(caught.value)


def test_plain_rules_with_negation_come_to_what_they_say() -> None:
    rules = "#external x. #external y. a :- x, not y. b :- not a. c :- b, y. c :- x. d."
    program = ground([RulesFile(Path("rules.lp"), rules)], [])
    circuit, literals = circuit_of(program, [(name, 0) for name in "abcd"])
    run = code(circuit, [literals[Term(name)] for name in "abcd"])
    order = [str(leaf.atom) for leaf in run.leaves]  # type: ignore[union-attr]
    for x in (0, 1):
        for y in (0, 1):
            given = {"x": x, "y": y}
            a = x and not y
            b = not a
            expected = (a, b, (b and y) or x, True)
            assert run.run([given[name] for name in order], 0, 1) == tuple(map(int, expected))


def test_equal_terms_are_one_node_however_they_are_written() -> None:
    circuit = Circuit()
    x, y, z = (circuit.given(Term(name)) for name in "xyz")
    assert circuit.all_of([x, y]) == circuit.all_of([y, x, TRUE, x])
    assert circuit.any_of([x, circuit.all_of([x, y])]) == x
    assert circuit.all_of([x, circuit.any_of([x, z])]) == x
    assert circuit.all_of([x, circuit.negate(x)]) == FALSE
    assert circuit.any_of([x, circuit.negate(x)]) == TRUE
    requirement = constant("requirement")
    assert circuit.any_of([circuit.look(requirement, 1), circuit.look(requirement, 2)]) == circuit.look(
        requirement, 3
    )
    assert circuit.all_of([circuit.look(requirement, 1), circuit.look(requirement, 2)]) == FALSE


# The setting, and what it must not change.


def test_statuses_are_those_of_the_criteria_before_and_after_these_are_put_together() -> None:
    policy = Policy.load("cp_phar_549")
    for data in (whole(), whole(kras_g12c=None), whole(age=17)):
        decision = policy.decide(case(data, policy))
        early = decision.statuses
        assert early == {name: entry.status for name, entry in decision.criteria.items()}
        assert list(early) == list(decision.criteria)
        assert decision.statuses == Decision.model_validate(decision.model_dump()).statuses == early


def test_nothing_is_judged_by_what_is_not_known() -> None:
    with pytest.raises(ValueError, match="allowed: `compiled`, `clingo`"):
        Policy.load("label", judged_by="coin")  # type: ignore[arg-type]


def test_a_policy_that_cannot_be_compiled_is_judged_by_the_solver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pyclingo_bridge.fast import compiled as module

    monkeypatch.setenv(FOLDER_VARIABLE, "")
    monkeypatch.setattr(module, "_MOST_WAYS", 0)
    policy = Policy.load("cp_phar_549")
    with pytest.raises(CompileError, match="can be true together in"):
        assert policy.loaded.once(compiled_policy)
    assert policy.decide(case(whole(), policy)).outcome == "approve"


def test_a_case_with_another_form_is_checked_and_decided_anew() -> None:
    policy = Policy.load("cp_phar_549")
    loaded = case(whole(), policy)
    assert policy.decide(loaded).outcome == "approve"

    def other(**form: Any) -> Case:
        return loaded.model_copy(update={"request": {**loaded.request, **form}})

    assert policy.decide(other(dose_mg_per_day=961)).outcome == "deny"
    with pytest.raises(CaseError, match="dose_mg_per_day"):
        policy.decide(other(dose_mg_per_day=True))
    with pytest.raises(CaseError, match="concurrent_drugs"):
        policy.decide(other(concurrent_drugs=["ondansetron", 7]))
    assert policy.decide(loaded).outcome == "approve"


@pytest.mark.slow
@pytest.mark.parametrize(
    "use",
    [
        lambda decision: decision.model_dump(),
        lambda decision: json.loads(decision.model_dump_json()),
        lambda decision: dict(decision),
        repr,
        lambda decision: copy.copy(decision).criteria,
        lambda decision: copy.deepcopy(decision).criteria,
        lambda decision: pickle.loads(pickle.dumps(decision)),
        lambda decision: decision.model_copy().warnings,
        lambda decision: [decision, decision.sections],
        lambda decision: Decision.model_validate(decision.model_dump()),
    ],
)
def test_a_decision_is_whole_however_it_is_looked_at(use: Any) -> None:
    policy = Policy.load("cp_phar_549")
    loaded = case(whole(), policy)
    before = policy.decide(loaded)
    assert before.criteria
    assert use(policy.decide(loaded)) == use(before)
    assert policy.decide(loaded) == before
    assert Decision.model_validate(before.model_dump()) == policy.decide(loaded)
    assert not hasattr(policy.decide(loaded), "no_such_field")
