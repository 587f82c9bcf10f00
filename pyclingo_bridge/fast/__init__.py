"""What is compiled from clingo's own ground program, and held equal to it: judging single cases, and tables.

Optional: nothing outside this folder imports it, but for `core`, which asks for the functions here by the
folder's name, and does without where there is no such folder. Each function takes what it needs of a policy,
and imports what it uses when it is called: tables take packages that nothing else needs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pyclingo_bridge.core.assessment import Findings
from pyclingo_bridge.core.evidence import SIGNATURES
from pyclingo_bridge.core.facts import Topics
from pyclingo_bridge.core.judge import Decider, Judge, SolverJudge
from pyclingo_bridge.core.minimal import Build
from pyclingo_bridge.core.rule_files import RulesFile, engine_program
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.core.terms import Term, Value
from pyclingo_bridge.core.versions import ENGINE

if TYPE_CHECKING:
    from pyclingo_bridge.fast.columns.batch import Batch, MissingSearch
    from pyclingo_bridge.fast.columns.judging import TableJudge
    from pyclingo_bridge.fast.columns.results import ResultColumns
    from pyclingo_bridge.fast.compiled import CompiledPolicy


def compiled_policy(
    files: Iterable[RulesFile],
    interpretations: Mapping[str, str],
    facts: Sequence[Term],
    program: Build,
) -> CompiledPolicy:
    """The decision rules as a circuit, compiled anew or taken from disk.

    Args:
        files: the policy's files.
        interpretations: the interpretations in force.
        facts: the facts that the policy came to.
        program: grounds a program with these facts.

    Errors: CompileError where a rule is of a kind that no circuit can be made of.
    """
    from pyclingo_bridge.fast.cache import remembered
    from pyclingo_bridge.fast.compiled import CompiledPolicy

    rules = [*engine_program("compiled"), *engine_program("together"), *files]
    # What is kept of the policy besides the circuit counts too.
    texts = [*(file.text for file in rules), repr(dict(interpretations)), repr(ENGINE), repr(SIGNATURES)]
    return remembered(
        texts,
        lambda: CompiledPolicy.of(program, facts, SIGNATURES),
        lambda known: known.fits(facts, SIGNATURES),
    )


def judge(
    compiled: Callable[[], CompiledPolicy], structure: Structure, topics: Topics
) -> tuple[Judge, dict[str, list[Term]]] | None:
    """The judge of single cases, and the facts of the evidence rules; None where no circuit can be made.

    Args:
        compiled: gives the compiled policy; see `compiled_policy`.
        structure: the policy's structure.
        topics: its attributes, put together where what is said of one bears on another.
    """
    from pyclingo_bridge.fast.compiled_judge import CompiledJudge
    from pyclingo_bridge.fast.compiler import CompileError

    requirements: dict[str, list[Value]] = {topic: [] for topic in topics.attributes}
    for requirement, attribute in structure.attribute_of.items():
        if requirement in structure.requirements:
            requirements[topics.of[attribute]].append(requirement)
    try:
        policy = compiled()
        made = CompiledJudge(policy, requirements, structure.nodes)
    except CompileError:
        # The solver takes every policy; only what is compiled is limited.
        return None
    facts: dict[str, list[Term]] = {name: [] for name, _ in SIGNATURES}
    for fact in policy.facts:
        facts[fact.name].append(fact)
    return made, facts


def tables(
    compiled: Callable[[], CompiledPolicy] | None,
    program: Build,
    structure: Structure,
    decider: Decider,
    search: Callable[[], MissingSearch],
    warnings: Callable[[Findings], tuple[str, ...]],
) -> Batch:
    """What decides tables of cases.

    Args:
        compiled: gives the compiled policy; None to have the solver judge.
        program: grounds a program with the policy's facts.
        structure: the policy's structure.
        decider: decides single cases.
        search: makes what finds missing sets, when first asked.
        warnings: words the warnings of a case.

    Errors: ExtraError where the packages for tables are not installed.
    """
    from pyclingo_bridge.fast.columns.batch import Batch
    from pyclingo_bridge.fast.columns.compiled_answers import CompiledAnswers
    from pyclingo_bridge.fast.columns.judging import CompiledTableJudge, SolverTableJudge
    from pyclingo_bridge.fast.compiler import CompileError

    def judge_of(results: ResultColumns) -> TableJudge:
        if compiled is not None:
            with contextlib.suppress(CompileError):
                return CompiledTableJudge(CompiledAnswers(compiled(), structure))
        return SolverTableJudge(SolverJudge(program, structure), results)

    return Batch(structure, decider, judge_of, search, warnings)
