"""Hold the library to the oracle on random cases: every status, every missing family, some interpretations.

    python -m tests.differential --cases 20000 --seed 1 --interpretations one
    python -m tests.differential --cases 500 --seed 2 --interpretations all

Of the 512 combinations of interpretations a sample is taken, the defaults and all the others among them.
With `one`, the cases go round the sample; with `all`, every case is decided under each combination of it.
Under every other combination a plan's facts count too. Prints the seed and the counts, and stops at the
first difference.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from pyclingo_bridge import Case, MissingSet, Policy
from tests import oracle
from tests.oracle_evidence import Plan
from tests.oracle_names import ANTICANCER, KNOWN, TREATMENTS
from tests.oracle_requirements import ANY_TREATMENT, SYSTEMIC
from tests.random_cases import random_case, some_interpretations
from tests.random_twists import random_plan, with_day

POLICY = "cp_phar_549"
COMBINATIONS = 64


class Difference(AssertionError):
    """The library and the oracle disagree."""


def as_oracle_requirements(missing: MissingSet) -> frozenset[oracle.Requirement]:
    """A missing set in the oracle's words."""
    return frozenset(map(as_oracle_requirement, missing.requirements))


def as_oracle_requirement(requirement: Any) -> oracle.Requirement:
    """A requirement in the oracle's words."""
    assert not requirement.complement
    value = requirement.value
    if requirement.operator in ("among", "includes_any", "within"):
        value = as_oracle_names(value if isinstance(value, tuple) else (value,))
    if requirement.operator in ("yes", "no", "empty"):
        value = None
    return oracle.Requirement(requirement.operator, requirement.attribute, value)


def as_oracle_names(names: tuple[str, ...]) -> frozenset[str]:
    """A set of names in the oracle's words, which knows fewer drugs and has two words for many of them."""
    found = frozenset(names)
    if found >= ANTICANCER:
        return SYSTEMIC if found.isdisjoint(TREATMENTS) else ANY_TREATMENT
    return found & KNOWN or found


def compare(
    policy: Policy, case: dict[str, Any], interpretations: dict[str, str], plan: Plan | None = None
) -> str:
    """Decide a case both ways, and list its missing sets both ways; returns the kind of outcome.

    The policy is loaded under these interpretations and with this plan.

    Errors: Difference, with the case as JSON.
    """
    theirs = oracle.decide(case, interpretations, plan)
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
        sorted(map(sorted_text, oracle.missing(case, interpretations, plan))),
    )
    for name, (our, their) in pairs.items():
        if our != their:
            raise Difference(
                f"{name}: ours {our}\noracle {their}\ninterpretations {interpretations}\n"
                f"plan {json.dumps(plan)}\n{json.dumps(case)}"
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


def run(
    cases: int,
    seed: int,
    every: bool,
    part: int = 0,
    parts: int = 1,
    combinations: int = COMBINATIONS,
) -> dict[str, int]:
    """Compare that many random cases; of the combinations of interpretations, take only those of a part.

    Returns how many answers there were of each outcome.
    """
    counts: dict[str, int] = {}
    for index, interpretations in enumerate(some_interpretations(random.Random(seed), combinations)):
        if index % parts != part:
            continue
        rng = random.Random(seed if every else f"{seed}-{index}")
        plan = random_plan(rng, date(2025, 2, 7)) if index % 2 else None
        policy = loaded(interpretations, plan)
        share = cases if every else cases // combinations + (index < cases % combinations)
        for _ in range(share):
            case = random_case(rng)
            outcome = compare(policy, with_day(case) if plan else case, interpretations, plan)
            counts[outcome] = counts.get(outcome, 0) + 1
    return counts


def loaded(interpretations: dict[str, str], plan: Plan | None) -> Policy:
    """The policy under these interpretations, with a plan's facts if there are any."""
    if plan is None:
        return Policy.load(POLICY, interpretations=interpretations)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_text(json.dumps(plan), encoding="utf-8")
        return Policy.load(POLICY, interpretations=interpretations, plan=path)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--interpretations", choices=["one", "all"], default="one")
    parser.add_argument("--combinations", type=int, default=COMBINATIONS)
    parser.add_argument("--part", default="1/1", help="only a part of the combinations, such as 2/4")
    options = parser.parse_args()
    part, parts = (int(piece) for piece in options.part.split("/"))
    every, combinations = options.interpretations == "all", options.combinations
    try:
        counts = run(options.cases, options.seed, every, part - 1, parts, combinations)
    except Difference as difference:
        print(difference)
        return 1
    print(f"seed {options.seed}: {sum(counts.values())} decisions and missing families equal to the oracle's")
    for outcome, count in sorted(counts.items()):
        print(f"  {outcome}: {count}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
