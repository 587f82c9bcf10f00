"""From a policy's files to a `LoadedPolicy`: read, grounded first where they are foreign, held to be sound."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import get_args

from pyclingo_bridge.base.errors import (
    ArgumentError,
    InterpretationError,
    listing,
    nearest_few,
    quoted,
    suggestion,
)
from pyclingo_bridge.base.rule_files import RulesFile, engine_program, policy_entry, read_program, shipped
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.spelling import FACT
from pyclingo_bridge.base.terms import Term, constant, plain
from pyclingo_bridge.cases.vocabulary import SIGNATURES as VOCABULARY_SIGNATURES
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.facts import UNREAD
from pyclingo_bridge.core.loaded import JudgedBy, LoadedPolicy, alternatives
from pyclingo_bridge.core.structure import SIGNATURES, Structure
from pyclingo_bridge.loading.arithmetic import refuse_large_numbers
from pyclingo_bridge.loading.authoring import check_sources, policy_complaint, policy_words
from pyclingo_bridge.loading.conclusion_rules import ConclusionNumbers, concluded_from, refuse_conclusions
from pyclingo_bridge.loading.faults import refuse_faults
from pyclingo_bridge.loading.limits import (
    LoadLimits,
    check_conclusions,
    check_limits,
    check_terms,
    too_deep,
)
from pyclingo_bridge.loading.other_interpretations import refuse_single_interpretations


def load(
    name_or_folder: str | Path,
    interpretations: Mapping[str, str] | None = None,
    judged_by: JudgedBy = "compiled",
    limits: LoadLimits | None = None,
) -> LoadedPolicy:
    """A shipped policy, by its name, or the one in a folder that holds a `policy.lp`.

    Args and errors are those of `Policy.load`.
    """
    if judged_by not in get_args(JudgedBy):
        known = get_args(JudgedBy)
        near = suggestion(str(judged_by), known, FACT)
        raise ArgumentError(f"`judged_by` cannot be {quoted(judged_by)}{near} (allowed: {listing(known)})")
    if interpretations is not None and not isinstance(interpretations, Mapping):
        kind = type(interpretations).__name__
        raise InterpretationError(f"interpretations are a mapping, not a {kind}; give them as {{NAME: VALUE}}")
    files = read_program(policy_entry(name_or_folder))
    named = check_sources(files)
    check_limits(files, limits=limits)
    try:
        policy = loaded(files, dict(interpretations or {}), judged_by, named)
        check_terms(files, policy.facts)
        if not all(shipped(file.path) for file in files):
            refuse_single_interpretations(policy, lambda chosen: hold(policy, chosen))
    except RecursionError:
        raise too_deep(files) from None
    check_conclusions(files, policy.vocabulary.all)
    return policy


def loaded(
    files: list[RulesFile],
    interpretations: Mapping[str, str],
    judged_by: JudgedBy = "compiled",
    named: Collection[Term] = (),
) -> LoadedPolicy:
    """The policy that these files make under chosen interpretations.

    Errors: PolicyError, one line for each fault; InterpretationError for an ambiguity or an
    interpretation that it does not have.
    """
    chosen = [_chosen(str(name), str(value)) for name, value in interpretations.items()]
    given = [*chosen, *named, *concluded_from(files)]
    outline = _outline(files, given, authored=bool(named))
    predicates = policy_words() - UNREAD
    facts = outline.facts(*{*SIGNATURES, *VOCABULARY_SIGNATURES, *predicates})
    in_force = _interpretations(facts, interpretations)
    refuse_large_numbers(files, lambda more: _outline(more, chosen))
    refuse_faults(outline, files, given)
    vocabulary = Vocabulary.from_facts(facts, files, ConclusionNumbers(files))
    structure = Structure(facts, vocabulary)
    refuse_conclusions(files, vocabulary, facts["also_states"])
    names = {name for name, _ in predicates}
    return LoadedPolicy(files, in_force, judged_by, named, facts, names, vocabulary, structure, loaded)


def hold(policy: LoadedPolicy, interpretations: Mapping[str, str]) -> None:
    """Refuse a policy's files where they are at fault under other interpretations.

    Errors: PolicyError, one line for each fault.
    """
    chosen = [_chosen(name, value) for name, value in interpretations.items()]
    given = [*chosen, *policy.named, *concluded_from(policy.files)]
    outline = _outline(policy.files, given, authored=bool(policy.named))
    refuse_large_numbers(policy.files, lambda more: _outline(more, chosen))
    refuse_faults(outline, policy.files, given)


def _outline(files: Iterable[RulesFile], given: Iterable[Term], authored: bool = False) -> Program:
    engine = [*engine_program("outline"), *(engine_program("authored") if authored else ())]
    return Program([*engine, *files], given, complain=policy_complaint)


def _chosen(name: str, value: str) -> Term:
    # What is no plain name can be no interpretation either: as a text it matches none, and is refused below.
    terms = (constant(word) if word.isidentifier() and word.isascii() else "" for word in (name, value))
    return Term("chosen_interpretation", tuple(terms))


def _interpretations(facts: Mapping[str, list[Term]], chosen: Mapping[str, str]) -> dict[str, str]:
    """The interpretation chosen for each ambiguity.

    Errors: InterpretationError for an ambiguity or an interpretation that the policy does not have.
    """
    known = alternatives(facts)
    for name, value in chosen.items():
        if not isinstance(value, str):
            raise InterpretationError(
                f"the interpretation of {quoted(name)} has to be a name, not {quoted(value)}"
            )
        if name not in known:
            raise InterpretationError(
                f"there is no ambiguity {quoted(name)}{suggestion(name, known, FACT)} "
                f"(known: {nearest_few(name, known) or 'none'})"
            )
        if value not in known[name]:
            hint = suggestion(value, known[name], FACT)
            raise InterpretationError(
                f"{quoted(name)} has no interpretation {quoted(value)}{hint} "
                f"(known: {nearest_few(value, known[name])})"
            )
    default = {str(plain(term.args[0])): str(plain(term.args[1])) for term in facts["default_interpretation"]}
    return dict(sorted({**default, **chosen}.items()))
