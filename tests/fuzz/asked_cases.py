"""Case files: read strictly or refused, and answered alike however they are asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from itertools import islice
from random import Random
from typing import Any

from pyclingo_bridge import Case, CaseError, Policy
from pyclingo_bridge.core.facts import plain_facts
from pyclingo_bridge.explain.decision import explanation
from tests import differential
from tests.fuzz import trees
from tests.fuzz.acceptance import DETAILS, PARTIAL, STATED, judged
from tests.fuzz.findings import Findings
from tests.fuzz.mutations import shuffled
from tests.oracle_names import CODE, COVERED, WORDS, read
from tests.random_cases import all_interpretations

NAME = "input.json"
CONCLUDED_FROM = {name for name in DETAILS if STATED[name] != PARTIAL} - {"specimen"}
"""Details of which the second implementation knows nothing."""

STATUSES = {"met", "undocumented", "conflicting", "not_met"}
KINDS = {"insufficient_documentation", "conflicting_documentation", "criteria_not_met"}


@cache
def policy(judged_by: str = "compiled", interpretations: int = 0) -> Policy:
    """The policy under some combination of interpretations."""
    chosen = all_interpretations()[interpretations]
    return Policy.load(differential.POLICY, interpretations=chosen, judged_by=judged_by)  # type: ignore[arg-type]


def check(data: bytes, rng: Random, findings: Findings) -> None:
    """Read bytes as a case, and, where they are one, ask everything about it."""
    judgment, why = judged(data)
    case = None
    with findings.guarded("reading a case"):
        try:
            case = Case.from_json(data, NAME, policy().vocabulary)
        except CaseError as error:
            findings.answer = "refused"
            findings.message(str(error), "reading a case", NAME)
            if judgment == "good":
                findings.add("refused a case", _anonymous(error.problems[0]), error)
    if case is None:
        return
    findings.hold(judgment != "bad", "coercion", f"accepted: {why}", data[:1000])
    given = trees.read(data.decode("utf-8").removeprefix("\ufeff"))
    with findings.guarded("writing a case"):
        kept = trees.same(_in_one_spelling(trees.plain(given)), json.loads(case.model_dump_json()))
        findings.hold(kept, "coercion", "what is written out is not what was read")
    interpretations = rng.choice((0, 0, 0, 9, 27, 36, 63))
    with findings.guarded("deciding a case"):
        _decided(case, given, interpretations, rng, findings)


def _in_one_spelling(case: Any) -> Any:
    """The case with the two spellings of one status as one."""
    for paper in case["documents"]:
        if paper.get("status") == "entered-in-error":
            paper["status"] = "entered_in_error"
    return case


def _anonymous(problem: str) -> str:
    """A problem without the user's words and its place."""
    return re.sub(r"`.*?`|\d+", "..", problem.split(": ", 1)[-1])[:80]


def _decided(case: Case, given: Any, interpretations: int, rng: Random, findings: Findings) -> None:
    ours = policy("compiled", interpretations)
    decision = ours.decide(case)
    findings.answer = decision.outcome
    _sound(decision, findings)
    some = bool(ours.missing(case))
    lacking = decision.denial_kind == "insufficient_documentation"
    findings.hold(some is lacking, "missing sets", "there iff documentation is insufficient")
    told = decision.model_dump_json()
    if rng.random() < 0.4:
        theirs = policy("clingo", interpretations).decide(case).model_dump_json()
        findings.equal(told, theirs, "judges", "compiled and clingo differ")
    if rng.random() < 0.5:
        _in_another_order(given, told, ours, rng, findings)
    if rng.random() < 0.5:
        _beside_the_oracle(trees.plain(given), ours, interpretations, findings)
    if rng.random() < 0.25:
        _followed_up(case, ours, rng, findings)


def _sound(decision: Any, findings: Findings) -> None:
    outcome, kind = decision.outcome, decision.denial_kind
    findings.hold(outcome in ("approve", "deny", "refer"), "decision", "outcome", outcome)
    findings.hold((kind in KINDS) is (outcome == "deny"), "decision", "kind of denial", kind)
    findings.hold((decision.section is None) is (outcome != "approve"), "decision", "section")
    months = decision.approval_months
    findings.hold((months is None) is (outcome != "approve"), "decision", "months", months)
    findings.hold((decision.refer_to is None) is (outcome != "refer"), "decision", "referral")
    odd = {result.status for result in decision.criteria.values()} - STATUSES
    findings.hold(not odd, "decision", "statuses", odd)


def _in_another_order(given: Any, told: str, ours: Policy, rng: Random, findings: Findings) -> None:
    """Ask the same of the case in another order of documents and keys."""
    other = Case.from_json(trees.write(shuffled(given, rng), True), NAME, ours.vocabulary)
    again = ours.decide(other).model_dump_json()
    findings.equal(told, again, "order", "the decision depends on it")
    first = Case.from_json(trees.write(given, True), NAME, ours.vocabulary)
    for what, ask in _questions(ours).items():
        findings.equal(ask(first), ask(other), "order", f"{what} depend on it")


def _questions(ours: Policy) -> dict[str, Callable[[Case], str]]:
    return {
        "missing sets": lambda case: str(ours.missing(case).cheapest(4)),
        "missing documents": lambda case: str(ours.missing(case).documents.cheapest(4)),
        "repairs": lambda case: str(list(islice(ours.repairs(case), 4))),
        "counterfactuals": lambda case: str(list(islice(ours.counterfactuals(case), 4))),
        "reasons": lambda case: ours.reasons(case).model_dump_json(),
        "facts": lambda case: "\n".join(map(str, plain_facts(case, ours.vocabulary))),
    }


def _beside_the_oracle(case: dict[str, Any], ours: Policy, interpretations: int, findings: Findings) -> None:
    """Compare with the second implementation, where it knows all that the case speaks of."""
    lists = [case["request"]["concurrent_drugs"]]
    for paper in case["documents"]:
        if paper["states"].keys() & CONCLUDED_FROM or _beyond(paper["states"].get("diagnosis", [])):
            return
        lists.append(paper["states"].get("prior_therapies", []))
    if any(_reads_more(name, ours) for names in lists for name in names):
        return
    try:
        differential.compare(ours, case, all_interpretations()[interpretations])
    except differential.Difference as difference:
        findings.add("oracle", str(difference).split(":")[0], difference)


def _beyond(diagnosis: str | list[str]) -> bool:
    """Whether a diagnosis is a word that the second implementation has never heard of."""
    stated = [diagnosis] if isinstance(diagnosis, str) else diagnosis
    known = {*COVERED, *WORDS}
    return not all(name in known or CODE.fullmatch(name) for name in stated)


def _reads_more(name: str, ours: Policy) -> bool:
    """Whether the package may know a part of a drug's name that the second implementation does not."""
    known, unknown = read(name)
    words = {_letters(word) for word in (name, *re.split(r"[^a-z0-9]+", name.lower()), *unknown)}
    return bool(unknown) and (bool(known) or not words.isdisjoint(map(_letters, ours.vocabulary.drugs)))


def _letters(name: str) -> str:
    """A name without what stands between its letters and digits, which may be read as nothing."""
    return re.sub(r"[\W_]", "", name.lower())


def _followed_up(case: Case, ours: Policy, rng: Random, findings: Findings) -> None:
    """Ask one thing more; whatever it is, it must come to an answer."""
    asked: dict[str, Callable[[], object]] = {
        "explanation": lambda: explanation(ours.decide(case), full=True).render("markdown"),
        "missing documents": lambda: ours.missing(case).documents.cheapest(3),
        "repairs": lambda: list(islice(ours.repairs(case), 3)),
        "counterfactuals": lambda: list(islice(ours.counterfactuals(case), 3)),
        "reasons": lambda: ours.reasons(case),
        "ask next": lambda: ours.ask_next(case, rng.choice(("requests", "sets", "cost"))),
        "every reading": lambda: ours.ambiguities(case, 2),
        "evidence": lambda: ours.evidence(case),
        "count of missing sets": lambda: ours.missing(case).count(),
        "sweep": lambda: ours.sweep(case, rng.choice(("age", "diagnosis", "prior_therapies"))),
        "live": lambda: _alive(case, ours, findings),
        "table": lambda: ours.decide_batch(ours.batch_table([case])),
    }
    name = rng.choice(list(asked))
    with findings.guarded(name):
        asked[name]()


def _alive(case: Case, ours: Policy, findings: Findings) -> None:
    """A session that was changed decides as the case that it has become."""
    live = ours.session(case)
    live.set("age", 17)
    live.set("dose_mg_per_day", 2147483647)
    live.unset("diagnosis")
    one, two = live.decision.model_dump_json(), ours.decide(live.case).model_dump_json()
    findings.equal(one, two, "live", "decides differently from its case")
