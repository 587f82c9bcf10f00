"""Many missing sets in a process of their own: `python -m benchmarks.peers.large`, answers as JSON.

The policies are made of groups of alternatives, so that the number of sets is known. A case is
timed that the policy has not seen; another one, alike but for a flag, was asked about before it.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clingo import Control

from pyclingo_bridge import Case, MissingSet, MissingSets, Policy
from pyclingo_bridge.questions.missing import MissingSearch
from tests.synthetic import write_choices

TEN = 10


def case(policy: Policy, flag: str = "", truth: bool = False) -> Case:
    """A case that documents nothing, or one flag alone."""
    note = {"id": "n", "type": "t_0_0", "date": "2025-01-01", "states": {flag: truth}}
    told = {"id": "case", "request": {}, "documents": [note] if flag else []}
    return Case.from_json(json.dumps(told), "benchmark", policy.vocabulary)


def timed(question: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds, and the answer."""
    start = time.perf_counter()
    answer = question()
    return (time.perf_counter() - start) * 1000, answer


def made(groups: int) -> tuple[Policy, Path]:
    """A policy whose denial of a case with nothing documented has 10 ** groups missing sets."""
    folder = write_choices(Path(tempfile.mkdtemp()), groups, TEN)
    return Policy.load(folder), folder


def by_clingo(groups: int) -> list[frozenset[str]]:
    """The sets by domRec, on the barest program there is for them: faster than one for any policy."""
    text = f"group(0..{groups - 1}). option(0..{TEN - 1}). 1 {{ s(I,J) : option(J) }} :- group(I)."
    text += "#heuristic s(I,J) : group(I), option(J). [1,false]"
    control = Control(["--heuristic=Domain", "--enum-mode=domRec", "0"])
    control.add("base", [], text)
    control.ground([("base", [])])
    atoms = [
        (f"yes(f_{atom.symbol.arguments[0]}_{atom.symbol.arguments[1]})", atom.literal)
        for atom in control.symbolic_atoms.by_signature("s", 2)
    ]
    found = []
    with control.solve(yield_=True) as handle:
        for model in handle:
            holds = model.is_true
            found.append(frozenset(term for term, literal in atoms if holds(literal)))
    return found


def hundred_thousand(groups: int = 5) -> dict[str, float]:
    """All of 10 ** 5 sets: counted, listed as masks, and by clingo."""
    policy, _ = made(groups)
    listed(policy, case(policy, "f_1_9"))
    whole = case(policy)
    taken, (diagram, masks) = timed(lambda: listed(policy, whole))
    assert diagram.count == len(masks) == len(set(masks)) == TEN**groups
    slow, found = timed(lambda: by_clingo(groups))
    read = {frozenset(diagram.names(mask)) for mask in masks}
    assert len(found) == TEN**groups
    assert read == set(found)
    return {"listed_ms": taken, "domrec_ms": slow}


def listed(policy: Policy, one: Case) -> tuple[Any, list[int]]:
    """The missing sets of a case as a diagram, counted and listed."""
    diagram = policy.loaded.once(MissingSearch.of).diagram(policy.assess(one))
    assert diagram.count
    return diagram, diagram.masks()


def beyond_listing() -> dict[str, float]:
    """10 ** 52 sets counted, and the ten cheapest of them."""
    policy, _ = made(52)
    counted(policy.missing(case(policy, "f_7_9")))
    whole = case(policy)
    taken, (count, cheapest) = timed(lambda: counted(policy.missing(whole)))
    assert count == TEN**52
    assert [one.cost for one in cheapest] == [52, *[53] * (TEN - 1)]
    return {"counted_ms": taken}


def counted(missing: MissingSets) -> tuple[int, list[MissingSet]]:
    """How many missing sets there are, and the ten cheapest."""
    return missing.count(), missing.cheapest(TEN)


def main() -> None:
    """Measure and print; what anything else prints goes elsewhere."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(json.dumps({**hundred_thousand(), **beyond_listing()}), file=answers)


if __name__ == "__main__":
    main()
