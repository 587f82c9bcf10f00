"""Loading a policy that does not come with this package takes bounded time and memory.

Rules are code: a few characters can keep the solver busy for ever, and nothing stops it from
outside. So rules that are not seen to come to little (`growth`) are grounded once in a process of
their own, which is ended where it takes more than it may. What ended well is remembered.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pyclingo_bridge.base.errors import PolicyError, quoted
from pyclingo_bridge.base.lexing import DEEPEST
from pyclingo_bridge.base.rule_files import RulesFile, engine_fingerprint, shipped
from pyclingo_bridge.base.solver import Signature
from pyclingo_bridge.base.store import keep, kept, key_of
from pyclingo_bridge.base.terms import Term, Value
from pyclingo_bridge.base.versions import ENGINE
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.conclusions import conclusion_files, most_values
from pyclingo_bridge.loading.growth import LARGEST_TERM, endless, unbounded

SECONDS_VARIABLE = "PYCLINGO_BRIDGE_LOAD_SECONDS"
"""The environment variable for how many seconds of computing time grounding may take; 0 for any."""

MEGABYTES_VARIABLE = "PYCLINGO_BRIDGE_LOAD_MEGABYTES"
"""The environment variable for how many megabytes of memory it may take; 0 for any."""

BEYOND_LIMITS = "beyond_limits"
"""The kind of fault that a policy is which takes too much."""

SECONDS, MEGABYTES = 30.0, 2_000.0

_STARTING = 10.0
"""Seconds on the clock that a process may take beyond its computing time, to start for example."""

_WITHIN: set[str] = set()
"""What was found to be within its limits in this process."""


class FactsOf(NamedTuple):
    """Rules that are no policy's, but give facts of these predicates together with others of the package."""

    rules: Sequence[RulesFile] = ()
    signatures: Sequence[Signature] = ()


_A_POLICY = FactsOf()


@dataclass(frozen=True)
class LoadLimits:
    """What grounding the rules of a policy may take; 0 for any amount.

    Attributes:
        seconds: of computing time.
        megabytes: of memory.
    """

    seconds: float = SECONDS
    megabytes: float = MEGABYTES

    def __post_init__(self) -> None:
        for name, value in (("seconds", self.seconds), ("megabytes", self.megabytes)):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise PolicyError(f"{name} of a limit are a number, not {quoted(value)}")
            if not 0 <= value < math.inf:
                raise PolicyError(f"{name} of a limit are 0 or more, not {quoted(value)}")

    @classmethod
    def of_environment(cls) -> LoadLimits:
        """The limits that the environment sets, else those by default.

        Errors: PolicyError where a variable is no number of 0 or more.
        """
        return cls(_number(SECONDS_VARIABLE, SECONDS), _number(MEGABYTES_VARIABLE, MEGABYTES))


def _number(variable: str, default: float) -> float:
    text = os.environ.get(variable, "")
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1
    if not 0 <= value < math.inf:
        raise PolicyError(f"{variable} is {quoted(text)}: set it to a number of 0 or more")
    return value


def check_limits(
    files: Sequence[RulesFile], facts_of: FactsOf = _A_POLICY, limits: LoadLimits | None = None
) -> None:
    """Refuse rules that cannot be grounded within their limits; see the module's description.

    Args:
        files: the rules. Those that come with this package are trusted.
        facts_of: how they are grounded, where they are no policy's.
        limits: by default those of the environment.

    Errors: PolicyError that says what ran out, and how to allow for more.
    """
    limits = limits or LoadLimits.of_environment()
    if _trusted(files) or not (limits.seconds or limits.megabytes):
        return
    asked = [repr(facts_of.signatures), repr(limits), repr(ENGINE), engine_fingerprint()]
    texts = (text for file in files for text in ("shipped" if shipped(file.path) else "own", file.text))
    name = key_of("within-1", *asked, *texts) + ".within"
    if name in _WITHIN:
        return
    if kept(name) is None and (reason := unbounded(files)) is not None:
        _ground_apart(files, facts_of, limits, reason)
        keep(name, "")
    _WITHIN.add(name)


def _trusted(files: Iterable[RulesFile]) -> bool:
    return all(shipped(file.path) for file in files)


def _ground_apart(files: Sequence[RulesFile], facts_of: FactsOf, limits: LoadLimits, reason: str) -> None:
    """Ground rules in another process; what else is wrong with them shows when they are read here."""
    wall = limits.seconds + _STARTING if limits.seconds else None
    code = _run(json.dumps(_task(files, facts_of, limits)), wall)
    if code == 0:
        return
    if code is None or code in _OUT_OF_TIME:
        what, variable = f"takes more than {limits.seconds:g} seconds", SECONDS_VARIABLE
    elif code in _OUT_OF_MEMORY:
        what, variable = f"takes more than {limits.megabytes:g} MB of memory", MEGABYTES_VARIABLE
    else:
        raise _refused(files, f"makes the solver break down ({code})\n{reason}")
    option = variable.removeprefix("PYCLINGO_BRIDGE_").lower().replace("_", "-")
    raise _refused(
        files,
        f"{what}, the limit for what does not come with this package\n{reason}: where that is as "
        f"it should be, allow for more with `--{option}` or {variable}",
    )


def _refused(files: Sequence[RulesFile], what: str) -> PolicyError:
    text = f"{files[0].path}: grounding the rules {what}"
    return PolicyError(text, [(BEYOND_LIMITS, text)])


def check_conclusions(files: Sequence[RulesFile], attributes: Mapping[str, Attribute]) -> None:
    """Refuse rules that draw conclusions and might not end, whatever documents state.

    They run for each case, so no trial at loading can show it: their text has to show that they end.

    Errors: PolicyError, with the place.
    """
    concluding = conclusion_files(files)
    own = [file for file in concluding if not shipped(file.path)]
    check_endless(own, concluding, most_values(attributes))


def check_endless(
    own: Collection[RulesFile], rules: Sequence[RulesFile], most: Mapping[str, int] | None = None
) -> None:
    """Refuse rules on facts that are not known yet, where they might not end whatever these are.

    Args:
        own: those of the files that do not come with this package; without any, all are trusted.
        rules: the files.
        most: how many values a document can state of each attribute, where that is known.

    Errors: PolicyError, with the place.
    """
    reason = endless(rules, most) if own else None
    if reason:
        text = f"{reason}: rules on what a case says have to end soon whatever it says"
        raise PolicyError(text, [(BEYOND_LIMITS, text)])


def check_terms(files: Sequence[RulesFile], terms: Iterable[Term]) -> None:
    """Refuse terms that rules made so deep or so large that they cannot be gone through.

    Errors: PolicyError.
    """
    if _trusted(files):
        return
    known: dict[Value, tuple[int, int]] = {}

    def measured(value: Value) -> tuple[int, int]:
        if not isinstance(value, Term):
            return 0, 1
        if value not in known:
            inner = [measured(arg) for arg in value.args]
            depth = 1 + max((depth for depth, _ in inner), default=0)
            known[value] = depth, 1 + sum(size for _, size in inner)
        return known[value]

    for term in terms:
        depth, size = measured(term)
        if depth > DEEPEST or size > LARGEST_TERM:
            raise too_deep(files)


def too_deep(files: Sequence[RulesFile]) -> PolicyError:
    """The error for terms that rules made too deep or too large."""
    text = (
        f"{files[0].path}: the rules make terms that are nested too deeply, or are too large: at most "
        f"{DEEPEST} within one another, and {LARGEST_TERM} names and numbers in one"
    )
    return PolicyError(text, [(BEYOND_LIMITS, text)])


RAN_OUT = 91
"""How the process ends that ran out of memory."""

_OUT_OF_TIME = {-getattr(signal, "SIGXCPU", 24)}
# A system that is short of memory ends processes by SIGKILL; the solver may abort where it gets none.
_OUT_OF_MEMORY = {RAN_OUT, -getattr(signal, "SIGKILL", 9), -signal.SIGABRT}


def _task(files: Sequence[RulesFile], facts_of: FactsOf, limits: LoadLimits) -> dict[str, Any]:
    def as_json(program: Sequence[RulesFile]) -> list[list[object]]:
        return [[str(file.path), file.text, [str(path) for path in file.includes]] for file in program]

    return {
        "path": [entry or os.getcwd() for entry in sys.path],
        "files": as_json(files),
        "rules": as_json(facts_of.rules),
        "facts_of": list(facts_of.signatures),
        "seconds": limits.seconds,
        "megabytes": limits.megabytes,
    }


_CHILD = (
    "import json, sys; task = json.load(sys.stdin); sys.path[:] = task['path']; "
    "from pyclingo_bridge.loading.trial import ground_within; ground_within(task)"
)


def _run(task: str, wall: float | None) -> int | None:
    """The exit code of the process, or None where its time on the clock ran out.

    Errors: PolicyError where no process can be started.
    """
    # Without the working directory among the places that modules are looked for in.
    command = [sys.executable, "-P", "-c", _CHILD]
    try:
        if not sys.executable or getattr(sys, "frozen", False):
            raise OSError("this program is no Python that could be started again")
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise PolicyError(
            f"no process can be started in which to ground the rules within limits: {error}; where you "
            f"trust the policy, set {SECONDS_VARIABLE} and {MEGABYTES_VARIABLE} to 0"
        ) from None
    try:
        process.communicate(task.encode(), timeout=wall)
        return process.returncode
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
    process.wait()
