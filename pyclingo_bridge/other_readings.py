"""What is wrong with a policy under readings of its wording that nobody chose yet.

A clause that depends on a reading is no part of the policy under another one, so its faults do not
show there. Whoever asks about all readings has to know of them all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from pyclingo_bridge.arithmetic import calculations
from pyclingo_bridge.authoring import policy_complaint
from pyclingo_bridge.conclusions import drawing_conclusions
from pyclingo_bridge.errors import PolicyError
from pyclingo_bridge.solve import LiveProgram
from pyclingo_bridge.sources import RulesFile, engine_program, shipped
from pyclingo_bridge.terms import Term

Hold = Callable[[Mapping[str, str]], None]
"""Raises PolicyError where a policy is at fault under these readings."""


def refuse_single_readings(
    alternatives: Mapping[str, Sequence[str]], chosen: Mapping[str, str], hold: Hold
) -> None:
    """Refuse a policy that is at fault once a single ambiguity is read in another way.

    Errors: PolicyError, naming the reading, and file and line of each fault.
    """
    for name, values in alternatives.items():
        for value in values:
            if value != chosen[name]:
                _hold({**chosen, name: value}, {name: value}, hold)


def refuse_all_readings(
    files: Sequence[RulesFile],
    given: Iterable[Term],
    combinations: Iterable[Mapping[str, str]],
    alternatives: Mapping[str, Sequence[str]],
    hold: Hold,
) -> None:
    """Refuse a policy that is at fault under some of these combinations of readings.

    What comes with this package is held by its tests, and costs nothing here.

    Errors: PolicyError, naming the readings, and file and line of each fault.
    """
    if all(shipped(file.path) for file in files) or not _may_be_at_fault(files, given):
        return
    for readings in combinations:
        other = {name: value for name, value in readings.items() if value != alternatives[name][0]}
        _hold(readings, other, hold)


def _may_be_at_fault(files: Sequence[RulesFile], given: Iterable[Term]) -> bool:
    """Whether all combinations of readings together show anything; most often nothing is to be found."""
    drawing = {file.path for file in drawing_conclusions(files)}
    found = calculations(
        tuple(file for file in files if not shipped(file.path) and file.path not in drawing)
    )
    rules = [*engine_program("other_readings"), *files, *([found.probes] if found else [])]
    try:
        program = LiveProgram(rules, given, complain=policy_complaint)
    except PolicyError:
        # Which combination it is of is told by looking at each.
        return True
    told: dict[str, list[Term]] = {}
    for term in program.watch(*found.signatures) if found else ():
        told.setdefault(term.name, []).append(term)
    return bool(program.possible() or found.beyond(told))


def _hold(readings: Mapping[str, str], told: Mapping[str, str], hold: Hold) -> None:
    try:
        hold(readings)
    except PolicyError as error:
        under = ", ".join(f"{name}={value}" for name, value in told.items())
        if not under:
            raise
        raise PolicyError.of(
            (kind, f"{line} (with the reading {under})") for kind, line in error.faults
        ) from None
