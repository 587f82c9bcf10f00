"""What is compiled from the solver's own ground program, and held equal to it. Nothing else imports it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyclingo_bridge.core.evidence import SIGNATURES
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.rule_files import engine_program
from pyclingo_bridge.core.terms import Term, Value
from pyclingo_bridge.core.versions import ENGINE
from pyclingo_bridge.fast.cache import remembered
from pyclingo_bridge.fast.compiler import CompileError
from pyclingo_bridge.fast.judge import CompiledJudge
from pyclingo_bridge.fast.policy import CompiledPolicy

if TYPE_CHECKING:
    from pyclingo_bridge.fast.columns.batch import Batch
    from pyclingo_bridge.fast.columns.judging import Judges
    from pyclingo_bridge.fast.columns.results import Tabulator


def compiled_policy(policy: LoadedPolicy) -> CompiledPolicy:
    """The decision rules as a circuit, made from the solver's own ground program; use `policy.once`.

    Errors: CompileError where a rule is of a kind that no circuit can be made of.
    """
    files = [*engine_program("compiled"), *engine_program("together"), *policy.files]
    # What is asked of the program beside the circuit counts too: it is kept with it.
    asked = repr(SIGNATURES)
    texts = [*(file.text for file in files), repr(policy.interpretations), repr(ENGINE), asked]
    return remembered(
        texts,
        lambda: CompiledPolicy.of(policy.program, policy.facts, SIGNATURES),
        lambda known: known.fits(policy.facts, SIGNATURES),
    )


def judge(policy: LoadedPolicy) -> tuple[CompiledJudge, dict[str, list[Term]]] | None:
    """What judges by the compiled rules, and the facts on evidence that go with it.

    None where no circuit can be made: the solver takes every policy; only what is compiled is limited.
    """
    topics, structure = policy.topics, policy.structure
    requirements: dict[str, list[Value]] = {topic: [] for topic in topics.attributes}
    for requirement, attribute in structure.attribute_of.items():
        if requirement in structure.requirements:
            requirements[topics.of[attribute]].append(requirement)
    try:
        rules = policy.once(compiled_policy)
        found = CompiledJudge(rules, requirements, structure.nodes)
    except CompileError:
        return None
    facts: dict[str, list[Term]] = {name: [] for name, _ in SIGNATURES}
    for fact in rules.facts:
        facts[fact.name].append(fact)
    return found, facts


def batch(policy: LoadedPolicy, missing: Callable[[], Any]) -> Batch:
    """What decides tables of cases.

    Args:
        policy: the policy.
        missing: gives the search for its missing sets.

    Errors: ExtraError where the packages for tables are not installed.
    """
    # Tables take packages that nothing else here needs.
    from pyclingo_bridge.base.extras import need

    need("batch")
    from pyclingo_bridge.fast.columns.batch import Batch

    return Batch(
        policy.vocabulary,
        policy.structure,
        policy.assessor,
        lambda tabulator: _judges(policy, tabulator),
        missing,
        policy.warnings,
    )


def _judges(policy: LoadedPolicy, tabulator: Tabulator) -> Judges:
    from pyclingo_bridge.core.judge import SolverJudge
    from pyclingo_bridge.fast.columns.judging import ByCircuit, BySolver
    from pyclingo_bridge.fast.results import Results

    if policy.judged_by == "compiled":
        try:
            return ByCircuit(Results(policy.once(compiled_policy), policy.structure))
        except CompileError:
            pass
    return BySolver(SolverJudge(policy.program, policy.structure), tabulator)
