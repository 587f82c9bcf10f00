"""Large families in a process of their own: `python -m benchmarks.peers.large`, answers as JSON.

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

from benchmarks.peers.reading import read_rules
from benchmarks.peers.sets import DomRec
from pyclingo_bridge import Case, Policy
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


def hundred_thousand() -> dict[str, float]:
    """All of 10 ** 5 sets: counted, listed as masks, and by clingo."""
    policy, folder = made(5)
    family_of: Any = getattr(policy, "family", None)
    if family_of is None:
        return {}
    family_of(case(policy, "f_1_9")).masks()
    whole = case(policy)
    taken, (family, masks) = timed(lambda: listed(family_of(whole)))
    assert family.count == len(masks) == len(set(masks)) == TEN**5
    rules = read_rules(folder)
    theirs = DomRec(rules)
    row = {
        name: True if kind == "request" else None for name, (kind, _) in rules.attributes.items()
    }
    ((established, askable),) = theirs.prepare([row])
    slow, found = timed(lambda: list(theirs.sets(established, askable)))
    # A mask's bits are the claims in the order of their texts, the first one the highest.
    terms = sorted(rules.claims[one].term for one in askable)
    bits = {term: 1 << place for place, term in enumerate(reversed(terms))}
    wanted = {sum(bits[rules.claims[claim].term] for claim in one) for one in found}
    same = wanted == set(masks)
    if not same:
        read = {frozenset(claim.term for claim in family.read(mask).claims) for mask in masks}
        same = read == {frozenset(rules.claims[claim].term for claim in one) for one in found}
    assert same
    return {"family_ms": taken, "domrec_ms": slow}


def listed(family: Any) -> tuple[Any, list[int]]:
    """A family, counted and listed."""
    assert family.count
    return family, family.masks()


def beyond_listing() -> dict[str, float]:
    """10 ** 52 sets counted, and the ten cheapest of them."""
    policy, _ = made(52)
    family_of: Any = getattr(policy, "family", None)
    if family_of is None:
        return {}
    counted(family_of(case(policy, "f_7_9")))
    whole = case(policy)
    taken, (count, cheapest) = timed(lambda: counted(family_of(whole)))
    assert count == TEN**52
    assert [one.cost for one in cheapest] == [52, *[53] * (TEN - 1)]
    return {"counted_ms": taken}


def counted(family: Any) -> tuple[int, list[Any]]:
    """A family's number, and its ten cheapest sets."""
    return family.count, family.cheapest(TEN)


def main() -> None:
    """Measure and print; what anything else prints goes elsewhere."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(json.dumps({**hundred_thousand(), **beyond_listing()}), file=answers)


if __name__ == "__main__":
    main()
