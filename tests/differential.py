"""Hold the library to the oracle on random cases: every status, every missing family, every reading.

    python -m tests.differential --cases 20000 --seed 1 --readings one
    python -m tests.differential --cases 500 --seed 2 --readings all

With `one`, the cases go round the 64 combinations of readings; with `all`, every case is decided
under each of them. Prints the seed and the counts, and stops at the first difference.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from typing import Any

from pyclingo_bridge import Case, MissingSet, Policy
from tests import oracle
from tests.random_cases import all_readings, random_case

POLICY = "cp_phar_549"
MANY = 60


class Difference(AssertionError):
    """The library and the oracle disagree."""


def as_oracle_claims(missing: MissingSet) -> frozenset[oracle.Claim]:
    """A missing set in the oracle's words."""
    return frozenset(map(as_oracle_claim, missing.claims))


def as_oracle_claim(claim: Any) -> oracle.Claim:
    """A claim in the oracle's words."""
    assert not claim.complement
    if isinstance(claim.value, tuple):
        members = oracle.SYSTEMIC if len(claim.value) > MANY else frozenset(claim.value)
        return oracle.Claim(claim.operator, claim.attribute, members)
    value = None if claim.operator in ("yes", "no", "empty") else claim.value
    return oracle.Claim(claim.operator, claim.attribute, value)


def compare(policy: Policy, case: dict[str, Any], readings: dict[str, str]) -> str:
    """Decide a case both ways, and list its missing sets both ways; returns the kind of outcome.

    Errors: Difference, with the case as JSON.
    """
    theirs = oracle.decide(case, readings)
    parsed = Case.model_validate_json(json.dumps(case))
    ours = policy.decide(parsed)
    statuses = {name: result.status for name, result in ours.criteria.items()}
    pairs: dict[str, tuple[object, object]] = {
        "outcome": (ours.outcome, theirs.outcome),
        "denial_kind": (ours.denial_kind, theirs.denial_kind),
        "section": (ours.section, theirs.section),
        "approval_months": (ours.approval_months, theirs.approval_months),
        "refer_to": (ours.refer_to, theirs.refer_to),
        "statuses": (statuses, theirs.statuses),
    }
    listed = [as_oracle_claims(missing) for missing in policy.missing(parsed)]
    pairs["missing"] = (
        sorted(map(sorted_text, listed)),
        sorted(map(sorted_text, oracle.missing(case, readings))),
    )
    for name, (our, their) in pairs.items():
        if our != their:
            raise Difference(
                f"{name}: ours {our}\noracle {their}\nreadings {readings}\n{json.dumps(case)}"
            )
    return f"{ours.outcome} {ours.denial_kind or ''}".strip()


def sorted_text(claims: frozenset[oracle.Claim]) -> list[str]:
    """A set of claims as something that sorts."""
    return sorted(
        repr(
            (
                claim.operator,
                claim.attribute,
                sorted(claim.value) if isinstance(claim.value, frozenset) else claim.value,
            )
        )
        for claim in claims
    )


def run(cases: int, seed: int, every: bool, part: int = 0, parts: int = 1) -> dict[str, int]:
    """Compare that many random cases; of the combinations of readings, take only those of a part.

    Returns how many answers there were of each outcome.
    """
    combinations = list(enumerate(all_readings()))
    counts: dict[str, int] = {}
    for index, readings in combinations:
        if index % parts != part:
            continue
        policy = Policy.load(POLICY, readings=readings)
        rng = random.Random(seed if every else f"{seed}-{index}")
        share = cases if every else cases // 64 + (index < cases % 64)
        for _ in range(share):
            outcome = compare(policy, random_case(rng), readings)
            counts[outcome] = counts.get(outcome, 0) + 1
    return counts


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--readings", choices=["one", "all"], default="one")
    parser.add_argument(
        "--part", default="1/1", help="only a part of the combinations, such as 2/4"
    )
    options = parser.parse_args()
    part, parts = (int(piece) for piece in options.part.split("/"))
    try:
        counts = run(options.cases, options.seed, options.readings == "all", part - 1, parts)
    except Difference as difference:
        print(difference)
        return 1
    print(
        f"seed {options.seed}: {sum(counts.values())} decisions and missing families equal to the oracle's"
    )
    for outcome, count in sorted(counts.items()):
        print(f"  {outcome}: {count}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
