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
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pyclingo_bridge.base.errors import PolicyError, quoted
from pyclingo_bridge.base.lexing import DEEPEST
from pyclingo_bridge.base.store import keep, kept, key_of
from pyclingo_bridge.core.attributes import Attribute
from pyclingo_bridge.core.conclusions import drawing_conclusions, most_values
from pyclingo_bridge.core.judge import warnings_of_amount
from pyclingo_bridge.core.rule_files import RulesFile, engine_fingerprint, engine_program, shipped
from pyclingo_bridge.core.solver import Program
from pyclingo_bridge.core.terms import Term, Value, plain
from pyclingo_bridge.core.versions import ENGINE
from pyclingo_bridge.loading.growth import LARGEST_TERM, endless, unbounded

if TYPE_CHECKING:
    from pyclingo_bridge.core.loaded import LoadedPolicy

SECONDS_VARIABLE = "PYCLINGO_BRIDGE_LOAD_SECONDS"
"""The environment variable for how many seconds of computing time grounding may take; 0 for any."""

MEGABYTES_VARIABLE = "PYCLINGO_BRIDGE_LOAD_MEGABYTES"
"""The environment variable for how many megabytes of memory it may take; 0 for any."""

BEYOND_LIMITS = "beyond_limits"
"""The kind of fault that a policy is which takes too much."""

SECONDS, MEGABYTES = 30.0, 2_000.0

_STARTING = 10.0
"""Seconds on the clock that a process may take beyond its computing time, to start for example."""

_WATCHED = 0.02
_WITHIN: set[str] = set()
"""What was found to be within its limits in this process."""

Task = Literal["policy", "study"]


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


def check_limits(files: Sequence[RulesFile], task: Task = "policy", limits: LoadLimits | None = None) -> None:
    """Refuse rules that cannot be grounded within their limits; see the module's description.

    Args:
        files: the rules. Those that come with this package are trusted.
        task: what they are.
        limits: by default those of the environment.

    Errors: PolicyError that says what ran out, and how to allow for more.
    """
    limits = limits or LoadLimits.of_environment()
    if _trusted(files) or not (limits.seconds or limits.megabytes):
        return
    told = [task, repr(limits), repr(ENGINE), engine_fingerprint()]
    name = key_of("within-1", *told, *(text for file in files for text in _told(file))) + ".within"
    if name in _WITHIN:
        return
    if kept(name) is None and (reason := unbounded(files)) is not None:
        _ground_apart(files, task, limits, reason)
        keep(name, "")
    _WITHIN.add(name)


def _trusted(files: Iterable[RulesFile]) -> bool:
    return all(shipped(file.path) for file in files)


def _told(file: RulesFile) -> tuple[str, str]:
    return ("shipped" if shipped(file.path) else "own", file.text)


def _ground_apart(files: Sequence[RulesFile], task: Task, limits: LoadLimits, reason: str) -> None:
    """Ground rules in another process; what else is wrong with them is told when they are read here."""
    wall = limits.seconds + _STARTING if limits.seconds else None
    code = _run(json.dumps(_asked(files, task, limits)), wall)
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

    They run for each case, so no trial at loading can tell: their text has to show that they end.

    Errors: PolicyError, with the place.
    """
    drawing = drawing_conclusions(files)
    own = [file for file in drawing if not shipped(file.path)]
    check_endless(own, drawing, most_values(attributes))


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


_RAN_OUT = 91
_OUT_OF_TIME = {-getattr(signal, "SIGXCPU", 24)}
# A system that is short of memory ends processes by SIGKILL; the solver may abort where it gets none.
_OUT_OF_MEMORY = {_RAN_OUT, -getattr(signal, "SIGKILL", 9), -signal.SIGABRT}


def _asked(files: Sequence[RulesFile], task: Task, limits: LoadLimits) -> dict[str, Any]:
    return {
        "path": [entry or os.getcwd() for entry in sys.path],
        "files": [[str(file.path), file.text, [str(path) for path in file.includes]] for file in files],
        "task": task,
        "seconds": limits.seconds,
        "megabytes": limits.megabytes,
    }


_CHILD = (
    "import json, sys; told = json.load(sys.stdin); sys.path[:] = told['path']; "
    "from pyclingo_bridge.loading.limits import ground_here; ground_here(told)"
)


def _run(told: str, wall: float | None) -> int | None:
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
        process.communicate(told.encode(), timeout=wall)
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


# --- In the other process --------------------------------------------------------------------------


def ground_here(told: dict[str, Any]) -> None:
    """Ground rules as loading them does, within limits; for a process that does nothing else."""
    files = [RulesFile(Path(path), text, tuple(map(Path, includes))) for path, text, includes in told["files"]]
    steps = list(_STEPS[told["task"]](files))
    _restrict(told["seconds"], told["megabytes"])
    for step in steps:
        try:
            step()
        except MemoryError:
            os._exit(_RAN_OUT)
        except Exception:
            # What is wrong with the rules is told by the process that goes on to read them.
            continue
    os._exit(0)


def _policy_steps(files: list[RulesFile]) -> Iterator[Callable[[], object]]:
    from pyclingo_bridge.loading.authoring import check_sources
    from pyclingo_bridge.loading.load import loaded

    # Under every interpretation of the wording at once, which is more than under any one of them.
    yield lambda: _read_all(Program([*engine_program("variants"), *files]))
    yield lambda: _count_amounts(loaded(files, {}, named=check_sources(files)))


def _read_all(program: Program) -> None:
    """Read every word of a policy as whoever loads it does."""
    from pyclingo_bridge.loading.authoring import policy_words

    for term in program.watch(*policy_words()):
        str(term)


def _count_amounts(policy: LoadedPolicy) -> None:
    """Warn of an amount of each attribute, as decisions do: the rules count all amounts for that."""
    strengths = tuple(policy.structure.facts["strength"])
    for name in {str(plain(term.args[0])) for term in strengths}:
        warnings_of_amount(strengths, name, 1)


def _study_steps(files: list[RulesFile]) -> Iterator[Callable[[], object]]:
    from pyclingo_bridge.published.study import Study

    yield lambda: Study(files)


_STEPS: dict[str, Callable[[list[RulesFile]], Iterator[Callable[[], object]]]] = {
    "policy": _policy_steps,
    "study": _study_steps,
}


def _restrict(seconds: float, megabytes: float) -> None:
    try:
        import resource
    except ImportError:
        # Windows: the process is ended by the clock alone.
        return
    if seconds:
        whole = math.ceil(time.process_time() + seconds)
        # At the first a signal of its own tells why it was ended.
        _set(resource.RLIMIT_CPU, whole, whole + 2)
    _set(resource.RLIMIT_CORE, 0, 0)
    if megabytes:
        # Where the system does not hold a process to its address space, as macOS, the watch does.
        threading.Thread(target=_watch, args=(megabytes,), daemon=True).start()
        most = int((megabytes + _address_space()) * 1e6)
        _set(resource.RLIMIT_AS, most, most)


def _set(which: int, soft: int, hard: int) -> None:
    import resource

    # Where it fails, a stricter limit is in force already, or the system knows none.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(which, (soft, hard))


def _address_space() -> float:
    """The megabytes of addresses that are taken already; much more than is used."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError):
        return 1_000


def _watch(megabytes: float) -> None:
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit < megabytes * 1e6:
        time.sleep(_WATCHED)
    os._exit(_RAN_OUT)
