"""What is compiled from clingo's own ground program, and held equal to it: single cases, missing sets, tables.

Optional: nothing outside this folder imports it. `core.engines` looks for it by name, and does without where
there is no such folder. What only some need is imported when it is called for: tables take packages that
nothing else does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Build, Signature
from pyclingo_bridge.base.versions import ENGINE
from pyclingo_bridge.core.evidence import EvidenceEngine
from pyclingo_bridge.core.judge import Judge, SolverJudge
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import Structure

if TYPE_CHECKING:
    from pyclingo_bridge.fast.columns.batch import Batch, MissingSetFinder
    from pyclingo_bridge.fast.columns.judging import TableJudge
    from pyclingo_bridge.fast.columns.results import ResultColumns
    from pyclingo_bridge.fast.compiled import CompiledPolicy
    from pyclingo_bridge.fast.diagrams.numbering import ShownBy, Unlikely
    from pyclingo_bridge.fast.diagrams.policy import PolicyDiagrams


CANONICAL: tuple[Signature, ...] = (("canonical", 1),)
"""What is kept of a policy beside its circuit: its requirements."""


def compiled_policy(policy: LoadedPolicy) -> CompiledPolicy:
    """The decision rules as a circuit, compiled anew or taken from disk; use `policy.once`.

    Errors: CompileError where a rule is of a kind that no circuit can be made of.
    """
    from pyclingo_bridge.fast.cache import remembered
    from pyclingo_bridge.fast.compiled import CompiledPolicy

    rules = [*engine_program("compiled"), *engine_program("together"), *policy.files]
    # What is kept of the policy besides the circuit counts too.
    texts = [*(file.text for file in rules), repr(policy.interpretations), repr(ENGINE), repr(CANONICAL)]
    return remembered(
        texts,
        lambda: CompiledPolicy.of(policy.program, policy.facts, CANONICAL),
        lambda known: known.fits(policy.facts, CANONICAL),
    )


def judge(policy: LoadedPolicy) -> tuple[Judge, EvidenceEngine] | None:
    """What judges single cases, and what weighs their statements; None where no circuit can be made."""
    from pyclingo_bridge.fast.compiled_judge import CompiledJudge
    from pyclingo_bridge.fast.compiler import CompileError
    from pyclingo_bridge.fast.weighing import EvidenceMasks

    structure = policy.structure
    try:
        made = CompiledJudge(policy.once(compiled_policy), structure.ordered, structure.nodes)
    except CompileError:
        # The solver takes every policy; only what is compiled is limited.
        return None
    return made, EvidenceMasks(structure, policy.encoder, made.requested)


def missing_diagrams(
    structure: Structure, build: Build, shown_by: ShownBy, unlikely: Unlikely
) -> PolicyDiagrams:
    """What has the missing sets of a policy's cases without a list of them.

    Args:
        structure: the policy's structure.
        build: grounds a program with the policy's facts.
        shown_by: the document types that can show a requirement.
        unlikely: what a requirement adds to the rank of sets with it.
    """
    from pyclingo_bridge.fast.diagrams.policy import PolicyDiagrams

    return PolicyDiagrams(structure, build, shown_by, unlikely)


def tables(policy: LoadedPolicy, search: Callable[[], MissingSetFinder]) -> Batch:
    """What decides tables of cases.

    Args:
        policy: the policy.
        search: makes what finds its missing sets, when first asked.

    Errors: ExtraError where the packages for tables are not installed.
    """
    from pyclingo_bridge.base.extras import need

    need("batch")
    from pyclingo_bridge.fast.columns.batch import Batch
    from pyclingo_bridge.fast.columns.compiled_answers import CompiledAnswers
    from pyclingo_bridge.fast.columns.judging import CompiledTableJudge, SolverTableJudge
    from pyclingo_bridge.fast.compiler import CompileError
    from pyclingo_bridge.fast.weighing import EvidenceMasks

    def judge_of(results: ResultColumns) -> TableJudge:
        if policy.judged_by == "compiled":
            with contextlib.suppress(CompileError):
                return CompiledTableJudge(CompiledAnswers(policy.once(compiled_policy), policy.structure))
        return SolverTableJudge(SolverJudge(policy.program, policy.structure), results)

    engine = policy.assessor.evidence_engine
    if not isinstance(engine, EvidenceMasks):
        requested = SolverJudge(policy.program, policy.structure).requested
        engine = EvidenceMasks(policy.structure, policy.encoder, requested)
    return Batch(
        policy.structure, policy.assessor, judge_of, search, policy.warnings, evidence=engine, plan=policy.plan
    )
