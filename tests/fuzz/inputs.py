"""An input by its kind, seed and number, and what is asked of it."""

from __future__ import annotations

import importlib.util
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tests.fuzz import asked_cases, asked_options, asked_policies
from tests.fuzz.findings import Findings
from tests.fuzz.mutations import bytes_input, case_bytes

SHARES = {"case": 62, "bytes": 14, "csv": 7, "jsonl": 4, "options": 7, "policy": 6}
"""Of each hundred inputs, how many are of a kind. A `hostile` policy is only had by name."""

NEED_TABLES = ("csv", "jsonl")

SECONDS = 5.0
"""How much time of a processor an input may take."""

LAST_SECONDS = 20
"""After how much the process is killed."""


class Asked(NamedTuple):
    """Which input."""

    kind: str
    seed: int
    number: int

    def rng(self, what: str) -> Random:
        """Chance that depends on the input alone, and on what it is for."""
        return Random(f"{self.kind} {self.seed} {self.number} {what}")


def kinds() -> list[str]:
    """The kinds that can be had here."""
    tables = all(importlib.util.find_spec(name) for name in ("pyarrow", "numpy"))
    return [kind for kind in SHARES if tables or kind not in NEED_TABLES]


def planned(inputs: int, seed: int, kind: str | None = None) -> list[Asked]:
    """So many inputs, of one kind or of all in their shares."""
    if kind is not None:
        return [Asked(kind, seed, number) for number in range(inputs)]
    chosen = kinds()
    rng = Random(seed)
    drawn = rng.choices(chosen, [SHARES[kind] for kind in chosen], k=inputs)
    return [Asked(kind, seed, number) for number, kind in enumerate(drawn)]


def made(asked: Asked) -> Any:
    """The input."""
    rng = asked.rng("made")
    if asked.kind in NEED_TABLES:
        from tests.fuzz import asked_tables

        return asked_tables.made_csv(rng) if asked.kind == "csv" else asked_tables.made_lines(rng)
    makers: dict[str, Callable[[Random], Any]] = {
        "case": case_bytes,
        "bytes": bytes_input,
        "options": asked_options.made,
        "policy": asked_policies.made,
        "hostile": lambda rng: asked_policies.made(rng, hostile=True),
    }
    return makers[asked.kind](rng)


def judge(asked: Asked) -> dict[str, Any]:
    """Ask an input, and tell what it came to: `answer`, `found` and `seconds` of the processor."""
    findings, given = Findings(), made(asked)
    rng = asked.rng("asked")
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        before = _limited()
        folder = Path(name)
        if asked.kind in ("case", "bytes"):
            asked_cases.check(given, rng, findings)
        elif asked.kind == "options":
            asked_options.check(given, folder, findings)
        elif asked.kind in NEED_TABLES:
            from tests.fuzz import asked_tables

            asked_tables.check(given, folder, findings)
        else:
            asked_policies.check(given, rng, folder, findings)
        seconds = time.process_time() - before
    if seconds > SECONDS:
        findings.add("slow", f"{asked.kind} {findings.answer}", f"{seconds:.1f} s")
    found = [finding.as_plain() for finding in findings.found]
    return {"answer": findings.answer, "found": found, "seconds": seconds}


def _limited() -> float:
    """Set the time at which the system ends this process, and tell how much is used by now."""
    used = time.process_time()
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + LAST_SECONDS, hard))
    return used


def keep(asked: Asked, folder: Path) -> Path:
    """Write an input down, to be looked at; the path of the file, or of the folder of a policy."""
    given, name = made(asked), f"{asked.kind}-{asked.seed}-{asked.number}"
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(given, dict):
        place = folder / name
        place.mkdir(exist_ok=True)
        for file, data in given.items():
            (place / file).write_bytes(data)
        return place
    if asked.kind in NEED_TABLES:
        place, data = folder / f"{name}-{given.name}", given.data
    elif asked.kind == "options":
        place, data = (
            folder / f"{name}.txt",
            (json.dumps(list(given)).encode() + b"\n" + given.given),
        )
    else:
        place, data = folder / f"{name}.json", given
    place.write_bytes(data)
    return place
