"""Looks for approvals that rest on what must not carry one, among random cases; the oracle is the judge.

    python -m tests.approvals --cases 100000 --seed 1

Each case is decided by the library. Of every approval it is asked whether it would stand

- with each unknown name taken for any one of several drugs: an unknown name may be any;
- without the statements of documents that may not make them: of the wrong type, on another tumor, in error, or
  replaced by another document;
- with the regimen of the footnote: none, panitumumab or cetuximab with it, or a document of literature that
  recommends it.

Prints how many approvals there were, of how many kinds, and stops at the first that would not stand.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pyclingo_bridge import Case, Policy
from tests import oracle
from tests.differential import POLICY
from tests.oracle_evidence import counts, replaced
from tests.oracle_names import ANTICANCER, read, read_all
from tests.random_cases import ANY_DRUG, UNKNOWN, random_case, some_interpretations

LISTS = ("concurrent_drugs", "prior_therapies")
MAY_BE = ("adagrasib", "cetuximab", "panitumumab", "docetaxel", "metformin")
"""What an unknown name may be: barred, in a regimen, in none, and no anticancer drug at all."""

COMBINATIONS = 20
"""Under how many combinations of interpretations cases are decided."""

LITERATURE = "literature"
RECOMMENDED = "regimen_recommended"
SECTIONS_OF_ONE_ANTIBODY = ("I.B", "II.A")


class Unfounded(AssertionError):
    """An approval that rests on what must not carry it."""


def tempted(rng: random.Random, case: dict[str, Any]) -> dict[str, Any]:
    """The case with what might carry an approval wrongly: other drugs, unknown names, other documents."""
    request, documents = case["request"], case["documents"]
    if rng.random() < 0.5:
        more = rng.choices((*ANY_DRUG, *UNKNOWN, "adagrasib"), k=rng.randint(1, 2))
        request["concurrent_drugs"] = [*request["concurrent_drugs"], *more]
    lists = [document for document in documents if "prior_therapies" in document["states"]]
    if lists and rng.random() < 0.4:
        states = rng.choice(lists)["states"]
        states["prior_therapies"] = [*states["prior_therapies"], rng.choice(UNKNOWN)]
    for document in documents:
        if rng.random() < 0.1:
            document["status"] = rng.choice(("entered_in_error", "preliminary"))
        if rng.random() < 0.1:
            document["tumor"], request["tumor"] = rng.choice(("lung 2025", "colon 2012")), "lung 2025"
    return case


def readings_of(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The case with every unknown name taken for one drug, for each of several.

    With an unknown name no history is whole, so none is here either: what a whole one would contradict once the
    name is known is another question.
    """
    if any(read_all(names)[1] for names in listed(case)):
        for drug in MAY_BE:
            yield with_names(case, drug)


def listed(case: dict[str, Any]) -> Iterator[list[str]]:
    """The lists of drugs of a case."""
    for states in (case["request"], *(document["states"] for document in case["documents"])):
        yield from (states[name] for name in LISTS if name in states)


def with_names(case: dict[str, Any], drug: str) -> dict[str, Any]:
    """The case with a drug in the place of every unknown name."""

    def meant(states: dict[str, Any]) -> dict[str, Any]:
        known = {
            name: [part for one in states[name] for part in parts(one, drug)]
            for name in LISTS
            if name in states
        }
        flag = "complete_treatment_history"
        return {**states, **known, **({flag: False} if flag in states else {})}

    documents = [{**document, "states": meant(document["states"])} for document in case["documents"]]
    return {**case, "request": meant(case["request"]), "documents": documents}


def parts(name: str, drug: str) -> list[str]:
    """The drugs that a name stands for, and a drug where a part of it is unknown."""
    known, unknown = read(name)
    return [*sorted(known), *([drug] if unknown else [])] if unknown else [name]


def heard(case: dict[str, Any]) -> dict[str, Any]:
    """The case without what documents state and may not."""
    documents = []
    for document in case["documents"]:
        status = document.get("status", "final").replace("-", "_")
        gone = status == "entered_in_error" or replaced(document, case["documents"])
        states = {
            name: value
            for name, value in document["states"].items()
            if not gone and (name == "complete_treatment_history" or counts(document, name, case))
        }
        if "prior_therapies" not in states:
            states.pop("complete_treatment_history", None)
        documents.append({**document, "states": states})
    return {**case, "documents": documents}


def regimen_stands(case: dict[str, Any], section: str, interpretations: dict[str, str]) -> bool:
    """Whether the drugs given with it are a regimen of the section, or literature recommends it."""
    increase = (
        section != "II.A" or case["request"].get("dose_increase") or "current_dose_mg_per_day" in str(case)
    )
    known, unknown = read_all(case["request"]["concurrent_drugs"])
    given = {name for name in known if name in ANTICANCER} - {"sotorasib"}
    own = [set(), {"panitumumab"}, {"cetuximab"}] if section in SECTIONS_OF_ONE_ANTIBODY else [set()]
    recommended = any(
        document["type"] == LITERATURE and document["states"].get(RECOMMENDED)
        for document in heard(case)["documents"]
    )
    return recommended or not increase or (given in own and not unknown)


def check(case: dict[str, Any], policy: Policy, interpretations: dict[str, str]) -> str | None:
    """The section that approves a case, if one does. Errors: Unfounded."""
    decision = policy.decide(Case.from_json(json.dumps(case)))
    if decision.outcome != "approve":
        return None
    assert decision.section is not None
    stands = {
        "the oracle": [case],
        "whatever unknown names are": list(readings_of(heard(case))),
        "without what does not count": [heard(case)],
    }
    for what, variants in stands.items():
        for variant in variants:
            if oracle.decide(variant, interpretations).outcome != "approve":
                raise Unfounded(
                    f"not approved: {what}\n{interpretations}\n{json.dumps(case)}\n{json.dumps(variant)}"
                )
    if decision.section != "II.A" and not regimen_stands(case, decision.section, interpretations):
        raise Unfounded(f"the regimen carries it\n{interpretations}\n{json.dumps(case)}")
    return decision.section


def run(cases: int, seed: int) -> Counter[str]:
    """Look at that many random cases; how many approvals there were, by section."""
    rng = random.Random(seed)
    found: Counter[str] = Counter()
    chosen = some_interpretations(rng, COMBINATIONS)
    for interpretations in chosen:
        policy = Policy.load(POLICY, interpretations)
        for _ in range(cases // len(chosen)):
            section = check(tempted(rng, random_case(rng)), policy, interpretations)
            if section:
                found[section] += 1
    return found


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    try:
        found = run(options.cases, options.seed)
    except Unfounded as unfounded:
        print(unfounded)
        return 1
    print(f"{options.cases} cases, {sum(found.values())} approvals, each well founded: {dict(found)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
