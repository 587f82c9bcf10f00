"""The command: `python -m tests.fuzz --inputs 20000`; exit code 1 where something was found."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import tests.fuzz
from tests.fuzz.inputs import SHARES, Asked, keep, planned
from tests.fuzz.workers import ask_all


class Tally:
    """What inputs came to; findings of one kind and place are told once, with the first inputs."""

    def __init__(self, folder: Path | None = None) -> None:
        self.answers: Counter[str] = Counter()
        self.found: dict[tuple[str, str], list[Asked]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self.slowest: tuple[float, Asked | None] = (0.0, None)
        self._folder = folder

    def take(self, asked: Asked, answer: dict[str, Any]) -> None:
        """Count an answer."""
        self.answers[f"{asked.kind}: {answer['answer']}"] += 1
        self.slowest = max(self.slowest, (answer["seconds"], asked))
        for finding in answer["found"]:
            key = finding["kind"], finding["where"]
            if key not in self.found:
                self.texts[key] = finding["text"]
                print(f"{asked.kind}:{asked.number} {': '.join(key)}", flush=True)
                if self._folder is not None:
                    kept = keep(asked, self._folder)
                    kept.with_name(f"{kept.name}.found.txt").write_text("\n".join([*key, finding["text"]]))
            self.found.setdefault(key, []).append(asked)

    def report(self) -> str:
        """All of it in lines."""
        lines = [f"  {name}: {number}" for name, number in sorted(self.answers.items())]
        seconds, asked = self.slowest
        lines.append(f"slowest: {seconds:.1f} s of the processor, {asked}")
        for key, inputs in sorted(self.found.items(), key=lambda entry: -len(entry[1])):
            names = ", ".join(f"{asked.kind}:{asked.number}" for asked in inputs[:4])
            lines.append(f"{len(inputs)} x {': '.join(key)} ({names})")
            lines += [f"    {line[:300]}" for line in self.texts[key].splitlines()[:4]]
        return "\n".join(lines)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=tests.fuzz.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=[*SHARES, "hostile"], help="only inputs of this kind")
    parser.add_argument("--only", metavar="KIND:NUMBER", help="this one input")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes ask")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write inputs with findings there")
    options = parser.parse_args()
    inputs = planned(options.inputs, options.seed, options.kind)
    if options.only:
        kind, number = options.only.split(":")
        inputs = [Asked(kind, options.seed, int(number))]
    tally = Tally(options.keep)
    ask_all(inputs, min(options.jobs, len(inputs)), tally.take)
    print(f"seed {options.seed}: {len(inputs)} inputs, {len(tally.found)} findings")
    print(tally.report())
    return 1 if tally.found else 0


if __name__ == "__main__":
    sys.exit(main())
