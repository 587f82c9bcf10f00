"""What is wrong with a policy under interpretations of its wording that nobody chose yet.

A clause that depends on an interpretation is no part of the policy under another one, so its faults do not
show there. Whoever asks about all interpretations has to know of them all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from pyclingo_bridge.base.errors import PolicyError
from pyclingo_bridge.base.rule_files import RulesFile, engine_program, shipped
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Term
from pyclingo_bridge.cases.conclusions import conclusion_files
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.loading.arithmetic import calculations
from pyclingo_bridge.loading.authoring import policy_complaint
from pyclingo_bridge.loading.conclusion_rules import concluded_from

Hold = Callable[[Mapping[str, str]], None]
"""Raises PolicyError where a policy is at fault under these interpretations."""


def refuse_single_interpretations(policy: LoadedPolicy, hold: Hold) -> None:
    """Refuse a policy that is at fault once a single ambiguity is read in another way.

    Errors: PolicyError, naming the interpretation, and file and line of each fault.
    """
    chosen = policy.interpretations
    for name, values in policy.alternatives.items():
        for value in values:
            if value != chosen[name]:
                _hold({**chosen, name: value}, {name: value}, hold)


def refuse_all_interpretations(
    policy: LoadedPolicy, combinations: Iterable[Mapping[str, str]], hold: Hold
) -> None:
    """Refuse a policy that is at fault under some of these combinations of interpretations.

    What comes with this package is held by its tests, and costs nothing here.

    Errors: PolicyError, naming the interpretations, and file and line of each fault.
    """
    files, alternatives = policy.files, policy.alternatives
    given = [*policy.named, *concluded_from(files)]
    if all(shipped(file.path) for file in files) or not _may_be_at_fault(files, given):
        return
    for interpretations in combinations:
        other = {name: value for name, value in interpretations.items() if value != alternatives[name][0]}
        _hold(interpretations, other, hold)


def _may_be_at_fault(files: Sequence[RulesFile], given: Iterable[Term]) -> bool:
    """Whether all combinations of interpretations together show anything; most often nothing is to be found."""
    concluding = {file.path for file in conclusion_files(files)}
    found = calculations(
        tuple(file for file in files if not shipped(file.path) and file.path not in concluding)
    )
    rules = [*engine_program("other_interpretations"), *files, *([found.probes] if found else [])]
    try:
        program = Program(rules, given, complain=policy_complaint)
    except PolicyError:
        # Which combination it is of shows by looking at each.
        return True
    atoms: dict[str, list[Term]] = {}
    for term in program.watch(*found.signatures) if found else ():
        atoms.setdefault(term.name, []).append(term)
    return bool(program.possible() or found.beyond(atoms))


def _hold(interpretations: Mapping[str, str], shown: Mapping[str, str], hold: Hold) -> None:
    try:
        hold(interpretations)
    except PolicyError as error:
        under = ", ".join(f"{name}={value}" for name, value in shown.items())
        if not under:
            raise
        raise PolicyError.of(
            (kind, f"{line} (with the interpretation {under})") for kind, line in error.faults
        ) from None
