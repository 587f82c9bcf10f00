"""Hold the library to the oracle on random cases: every status, every missing family, every interpretation.

    python -m tests.differential --cases 20000 --seed 1 --interpretations one
    python -m tests.differential --cases 500 --seed 2 --interpretations all

With `one`, the cases go round the 64 combinations of interpretations; with `all`, every case is decided
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
from tests.random_cases import all_interpretations, random_case

POLICY = "cp_phar_549"
MANY = 60


class Difference(AssertionError):
    """The library and the oracle disagree."""


def as_oracle_requirements(missing: MissingSet) -> frozenset[oracle.Requirement]:
    """A missing set in the oracle's words."""
    return frozenset(map(as_oracle_requirement, missing.requirements))


def as_oracle_requirement(requirement: Any) -> oracle.Requirement:
    """A requirement in the oracle's words."""
    assert not requirement.complement
    if isinstance(requirement.value, tuple):
        members = oracle.SYSTEMIC if len(requirement.value) > MANY else frozenset(requirement.value)
        return oracle.Requirement(requirement.operator, requirement.attribute, members)
    value = None if requirement.operator in ("yes", "no", "empty") else requirement.value
    return oracle.Requirement(requirement.operator, requirement.attribute, value)


def compare(policy: Policy, case: dict[str, Any], interpretations: dict[str, str]) -> str:
    """Decide a case both ways, and list its missing sets both ways; returns the kind of outcome.

    Errors: Difference, with the case as JSON.
    """
    theirs = oracle.decide(case, interpretations)
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
    listed = [as_oracle_requirements(missing) for missing in policy.missing(parsed)]
    pairs["missing"] = (
        sorted(map(sorted_text, listed)),
        sorted(map(sorted_text, oracle.missing(case, interpretations))),
    )
    for name, (our, their) in pairs.items():
        if our != their:
            raise Difference(
                f"{name}: ours {our}\noracle {their}\nreadings {interpretations}\n{json.dumps(case)}"
            )
    return f"{ours.outcome} {ours.denial_kind or ''}".strip()


def sorted_text(requirements: frozenset[oracle.Requirement]) -> list[str]:
    """A set of requirements as something that sorts."""
    return sorted(
        repr(
            (
                requirement.operator,
                requirement.attribute,
                sorted(requirement.value) if isinstance(requirement.value, frozenset) else requirement.value,
            )
        )
        for requirement in requirements
    )


def run(cases: int, seed: int, every: bool, part: int = 0, parts: int = 1) -> dict[str, int]:
    """Compare that many random cases; of the combinations of interpretations, take only those of a part.

    Returns how many answers there were of each outcome.
    """
    combinations = list(enumerate(all_interpretations()))
    counts: dict[str, int] = {}
    for index, interpretations in combinations:
        if index % parts != part:
            continue
        policy = Policy.load(POLICY, interpretations=interpretations)
        rng = random.Random(seed if every else f"{seed}-{index}")
        share = cases if every else cases // 64 + (index < cases % 64)
        for _ in range(share):
            outcome = compare(policy, random_case(rng), interpretations)
            counts[outcome] = counts.get(outcome, 0) + 1
    return counts


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--interpretations", choices=["one", "all"], default="one")
    parser.add_argument("--part", default="1/1", help="only a part of the combinations, such as 2/4")
    options = parser.parse_args()
    part, parts = (int(piece) for piece in options.part.split("/"))
    try:
        counts = run(options.cases, options.seed, options.interpretations == "all", part - 1, parts)
    except Difference as difference:
        print(difference)
        return 1
    print(f"seed {options.seed}: {sum(counts.values())} decisions and missing families equal to the oracle's")
    for outcome, count in sorted(counts.items()):
        print(f"  {outcome}: {count}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
