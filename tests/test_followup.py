"""Repairs, counterfactuals, reasons and what to ask for next, against brute force and by hand."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Case, Policy
from tests import brute_followup as brute
from tests import oracle, small
from tests.brute_followup import CaseData, Claims, Repair, hitting
from tests.conftest import ROOT, policy
from tests.differential import as_oracle_claim, as_oracle_claims
from tests.handmade import HANDMADE, Handmade
from tests.oracle_followup import DOSE, DRUGS, Sotorasib, form_changes, region
from tests.random_cases import random_case
from tests.small import Claim, Small
from tests.synthetic import EMPTY_CASE

SEEDS = st.integers(min_value=0, max_value=10**9)
CASES_A_POLICY = 6
MOST_CLAIMS = 12
"""Cases with more claims stated otherwise are not looked through for what forces their denial."""
EXAMPLES = ROOT / "examples" / "cases"


# The library's answers. Nothing below this part knows their shape.


class Ask:
    """A policy of the library, asked about cases as plain data."""

    def __init__(self, loaded: Policy) -> None:
        self.policy: Any = loaded

    def case(self, data: CaseData) -> Case:
        return Case.from_json(json.dumps(data), "test", self.policy.vocabulary)

    def outcome(self, data: CaseData) -> str:
        return str(self.policy.decide(self.case(data)).outcome)

    def repairs(self, data: CaseData) -> Iterator[Any]:
        found: Iterator[Any] = self.policy.repairs(self.case(data))
        return found

    def counterfactuals(self, data: CaseData) -> list[Any]:
        return list(self.policy.counterfactuals(self.case(data)))

    def reasons(self, data: CaseData) -> Any:
        return self.policy.reasons(self.case(data))

    def plan(self, data: CaseData, by: str) -> tuple[list[str], int]:
        """The types to ask for one after another, and the most requests that it can take."""
        found = self.policy.ask_next(self.case(data), by=by)
        return [step.document_type for step in found.steps], found.most_requests


def claim_terms(repair: Any) -> list[str]:
    return [claim.term for claim in repair.claims]


def settled_terms(repair: Any) -> list[str]:
    return [settlement.claim.term for settlement in repair.settlements]


def stated_terms(results: Any) -> list[str]:
    """The claims of a counterfactual, of a reason, or the critical ones."""
    return [result.claim.term for result in results]


def claims_told(results: Any) -> list[Any]:
    return [result.claim for result in results]


def states_of(results: Any) -> list[str]:
    return [result.state for result in results]


def document_marks(reasons: Any) -> dict[str, tuple[bool, bool]]:
    """The documents that are critical: when withdrawn, when contradicted."""
    marks = {entry.id: (entry.withdrawn, entry.contradicted) for entry in reasons.documents}
    return {name: found for name, found in marks.items() if any(found)}


def new_values(repair: Any) -> dict[str, Any]:
    return {change.attribute: change.value for change in repair.changes}


def region_of(change: Any) -> brute.Change:
    """A change of the small vocabulary as brute force tells it."""
    name, values = change.attribute, small.DOMAINS[change.attribute]
    heard = small.heard(name, change.value)
    if name in brute.NUMBERS:
        high = max(values) if change.high is None else change.high
        assert change.low <= heard <= high
        return name, frozenset(value for value in values if change.low <= value <= high)
    return name, frozenset({heard})


# From there to what brute force knows


def meant(term: str) -> Claim:
    """What a term of the rules means."""
    if term.startswith("complement("):
        return meant(term.removeprefix("complement(")[:-1]).complement()
    return small.claim_of(term)


def all_meant(terms: Iterable[str]) -> Claims:
    return frozenset(map(meant, terms))


def as_brute(repair: Any, made: Small, data: CaseData) -> Repair:
    """A repair as brute force tells it; of a list that is changed the whole region."""
    changes = set()
    for name, values in map(region_of, repair.changes):
        (region,) = (r for r in brute.regions(made, data, name) if r & values)
        changes.add((name, values if name in brute.NUMBERS else region))
    return Repair(
        all_meant(claim_terms(repair)), all_meant(settled_terms(repair)), frozenset(changes)
    )


def loaded(made: Small) -> Ask:
    with tempfile.TemporaryDirectory() as folder:
        return Ask(Policy.load(made.write(Path(folder))))


class Question(NamedTuple):
    """A small policy both ways, and a case."""

    ask: Ask
    made: Small
    data: CaseData


def questions(seed: int, outcomes: str) -> Iterator[Question]:
    """A random policy with some cases that have one of these outcomes."""
    rng = random.Random(seed)
    made, data = brute.random_question(rng)
    cases = [data]
    while len(cases) < CASES_A_POLICY:
        cases.append(brute.random_documents(rng))
    fitting = [data for data in cases if brute.outcome(made, data)[0] in outcomes.split()]
    if fitting:
        ask = loaded(made)
        yield from (Question(ask, made, data) for data in fitting)


def no_doubles(found: list[Any]) -> bool:
    return len(found) == len(set(found))


# Repairs


def first_lack(one: Iterable[Any], other: Iterable[Any]) -> int:
    """-1 where the first thing that only one of two sets has is the first one's, 1, or 0."""
    apart = set(one) ^ set(other)
    return 0 if not apart else -1 if min(apart) in set(one) else 1


def precedence(one: Any, other: Any) -> int:
    """How two repairs follow each other: by cost, by size, by lists, by claims, by changes."""
    keys = (one.cost, _size(one), _members(one)), (other.cost, _size(other), _members(other))
    if keys[0] != keys[1]:
        return -1 if keys[0] < keys[1] else 1
    terms = first_lack(_terms(one), _terms(other))
    return terms or first_lack(_spots(one), _spots(other))


def _size(repair: Any) -> int:
    return len(repair.claims) + len(repair.settlements) + len(repair.changes)


def _members(repair: Any) -> int:
    """How many members the changed lists have."""
    values = [change.value for change in repair.changes]
    return sum(len(value) for value in values if isinstance(value, list))


def _terms(repair: Any) -> list[str]:
    return claim_terms(repair) + settled_terms(repair)


def _spots(repair: Any) -> set[tuple[str, int]]:
    """The changes in their order; of values that are no numbers the text is not told."""
    return {
        (change.attribute, change.low if change.attribute in brute.NUMBERS else 0)
        for change in repair.changes
    }


@settings(max_examples=30)
@given(seed=SEEDS)
def test_repairs_equal_brute_force(seed: int) -> None:
    for ask, made, data in questions(seed, "approve deny refer"):
        told = list(ask.repairs(data))
        found = [as_brute(repair, made, data) for repair in told]
        assert no_doubles(found)
        assert set(found) == brute.repairs(made, data)
        assert [repair.cost for repair in told] == list(map(brute.cost, found))
        for repair, plain in zip(told, found, strict=True):
            assert tuple(repair.documents) == brute.cheapest(brute.shown(plain))[1]
            assert list(repair.sections) == brute.sections_met(made, data, plain)
            assert all(small.state(claim, data) == "open" for claim in plain.claims)
            assert all(small.state(claim, data) == "conflicting" for claim in plain.settlements)


@settings(max_examples=30)
@given(seed=SEEDS)
def test_repairs_come_by_cost_then_size_then_text(seed: int) -> None:
    for ask, _, data in questions(seed, "deny refer"):
        told = list(ask.repairs(data))
        assert all(precedence(one, other) <= 0 for one, other in pairwise(told))


@settings(max_examples=30)
@given(seed=SEEDS)
def test_a_repair_that_is_made_is_approved_and_nothing_less_is(seed: int) -> None:
    for ask, made, data in questions(seed, "deny refer"):
        for repair in islice(ask.repairs(data), 4):
            plain = as_brute(repair, made, data)
            done = brute.made_so(made, data, plain)
            done["request"].update(new_values(repair))
            if established(made, done) >= brute.world(made, data, plain)[1]:
                assert ask.outcome(done) == "approve"
            for less in brute.subsets_of(plain):
                tried = brute.made_so(made, data, less)
                # What some documents cannot but establish besides can be enough.
                if established(made, tried) == brute.world(made, data, less)[1]:
                    assert ask.outcome(tried) != "approve"


def established(made: Small, data: CaseData) -> Claims:
    claims = brute.scope(made, data).claims()
    return frozenset(claim for claim in claims if small.state(claim, data) == "established")


# Counterfactuals


@settings(max_examples=30)
@given(seed=SEEDS)
def test_counterfactuals_equal_brute_force_and_come_in_order(seed: int) -> None:
    for ask, made, data in questions(seed, "deny refer"):
        told = ask.counterfactuals(data)
        found = [all_meant(stated_terms(entry.claims)) for entry in told]
        assert no_doubles(found)
        assert set(found) == brute.counterfactuals(made, data)
        keys = []
        for entry in told:
            terms, states = stated_terms(entry.claims), states_of(entry.claims)
            assert states == [small.state(meant(term), data) for term in terms]
            against = (states.count("refuted"), states.count("conflicting"))
            keys.append((against, len(terms), sorted(terms)))
        assert keys == sorted(keys)


@settings(max_examples=20)
@given(seed=SEEDS)
def test_nothing_has_to_be_different_for_what_is_approved(seed: int) -> None:
    for ask, _, data in questions(seed, "approve"):
        assert not list(ask.repairs(data))
        assert not any(entry.claims for entry in ask.counterfactuals(data))


# Reasons


def in_order(reasons: Iterable[Any]) -> bool:
    keys = [(len(entry.claims), sorted(stated_terms(entry.claims))) for entry in reasons]
    return keys == sorted(keys)


@settings(max_examples=30)
@given(seed=SEEDS)
def test_reasons_for_an_approval_equal_brute_force(seed: int) -> None:
    for ask, made, data in questions(seed, "approve"):
        reasons = ask.reasons(data)
        found = [all_meant(stated_terms(entry.claims)) for entry in reasons.sufficient]
        assert no_doubles(found)
        assert set(found) == brute.sufficient(made, data)
        assert in_order(reasons.sufficient)
        assert all(set(states_of(entry.claims)) <= {"established"} for entry in reasons.sufficient)
        critical = stated_terms(reasons.critical)
        assert no_doubles(critical)
        assert all_meant(critical) == brute.critical(made, data)
        assert not reasons.forcing


@settings(max_examples=30)
@given(seed=SEEDS)
def test_documents_are_critical_as_deciding_without_them_shows(seed: int) -> None:
    for ask, made, data in questions(seed, "approve"):
        marks = document_marks(ask.reasons(data))
        expected = brute.documents(made, data)
        assert marks == {name: found for name, found in expected.items() if any(found)}
        for entry in data["documents"]:
            rest = [other for other in data["documents"] if other is not entry]
            withdrawn, _ = marks.get(entry["id"], (False, False))
            assert withdrawn == (ask.outcome({**data, "documents": rest}) != "approve")


@settings(max_examples=30)
@given(seed=SEEDS)
def test_reasons_against_an_approval_equal_brute_force(seed: int) -> None:
    for ask, made, data in questions(seed, "deny refer"):
        if len(brute.stated_otherwise(made, data)) > MOST_CLAIMS:
            continue
        reasons = ask.reasons(data)
        found = [all_meant(stated_terms(entry.claims)) for entry in reasons.forcing]
        assert no_doubles(found)
        # Where nothing could be approved at all, that no claim is needed may be told or not.
        assert {claims for claims in found if claims} == brute.forcing(made, data) - {frozenset()}
        assert in_order(reasons.forcing)
        assert not reasons.sufficient
        assert not reasons.critical


@settings(max_examples=30)
@given(seed=SEEDS)
def test_what_forces_a_denial_hits_every_correction_and_the_reverse(seed: int) -> None:
    for ask, made, data in questions(seed, "deny refer"):
        forcing = {all_meant(stated_terms(entry.claims)) for entry in ask.reasons(data).forcing} - {
            frozenset()
        }
        corrections = {
            claims & brute.stated_otherwise(made, data) for claims in brute.differences(made, data)
        }
        least = {c for c in corrections if not any(other < c for other in corrections)}
        if least and sum(map(len, least)) <= MOST_CLAIMS:
            assert forcing == brute.hitting(least)
            assert least == brute.hitting(forcing)


# Made by hand


@pytest.mark.parametrize("known", HANDMADE, ids=lambda known: known.name)
def test_the_library_finds_what_is_known_by_hand(known: Handmade) -> None:
    ask, data = loaded(known.made), known.case
    if known.repairs is not None:
        told = list(ask.repairs(data))
        assert {as_brute(r, known.made, data): r.cost for r in told} == known.repairs
        assert len(told) == len(known.repairs)
    if known.counterfactuals is not None:
        found = [all_meant(stated_terms(entry.claims)) for entry in ask.counterfactuals(data)]
        assert sorted(map(repr, map(sorted, found))) == sorted(
            map(repr, map(sorted, known.counterfactuals))
        )
    reasons = ask.reasons(data)
    if known.sufficient is not None:
        assert {all_meant(stated_terms(e.claims)) for e in reasons.sufficient} == known.sufficient
    if known.critical is not None:
        assert all_meant(stated_terms(reasons.critical)) == known.critical
    if known.forcing is not None:
        assert {all_meant(stated_terms(e.claims)) for e in reasons.forcing} == known.forcing
    if known.documents is not None:
        critical = {name: found for name, found in known.documents.items() if any(found)}
        assert document_marks(reasons) == critical


# What to ask for next

STRATEGIES = ("requests", "sets", "cost")
TYPES = "abcde"


def write_plan(folder: Path, family: set[frozenset[str]], costs: dict[str, int]) -> Path:
    """A policy whose missing documents, with nothing sent, are these sets of types."""
    lines = [
        'policy(plans, "plans"). source("nowhere", "now"). vocabulary(plans).',
        "attribute(asked, request). domain(asked, flag). default(asked, true).",
        'section("S", 1). route("S", yes(asked)). criterion("S", "s"). locator("S", "s").',
    ]
    for name in sorted(frozenset().union(*family)):
        lines.append(f"attribute(f_{name}, stable). domain(f_{name}, flag).")
        lines.append(f"document_type({name}, {costs[name]}). establishes({name}, f_{name}).")
    for place, types in enumerate(sorted(map(sorted, family))):
        lines.append(f'any_of("S", "S.{place}"). criterion("S.{place}", "one way").')
        lines.append(f'locator("S.{place}", "S.{place}").')
        lines += [f'requires("S.{place}", yes(f_{name})).' for name in types]
    (folder / "policy.lp").write_text("\n".join(lines) + "\n")
    return folder


def random_family(rng: random.Random) -> tuple[set[frozenset[str]], dict[str, int]]:
    """Some sets of document types of which none holds another, and what the types cost."""
    drawn = [
        frozenset(rng.sample(TYPES, rng.choice([1, 2, 2, 3]))) for _ in range(rng.randint(1, 5))
    ]
    family = {some for some in drawn if not any(other < some for other in drawn)}
    return family, {name: rng.randint(1, 3) for name in TYPES}


def assert_planned(family: set[frozenset[str]], costs: dict[str, int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ask = Ask(Policy.load(write_plan(Path(folder), family, costs)))
    for strategy in STRATEGIES:
        types, most = ask.plan(json.loads(EMPTY_CASE), strategy)
        assert (types[0], most) == brute.plan_first(family, costs, strategy)
        assert types == list(brute.plan(family, costs, strategy))


@settings(max_examples=30)
@given(seed=SEEDS)
def test_plans_equal_the_best_of_every_game(seed: int) -> None:
    assert_planned(*random_family(random.Random(seed)))


def test_two_documents_in_the_middle_of_a_chain_spare_the_fourth_request() -> None:
    # With a and b, b and c, or c and d it is enough. Asked for b first, c or a is next if it
    # comes, and c with d if not: three at most. Asked for a first, it can take all four.
    chain = {frozenset("ab"), frozenset("bc"), frozenset("cd")}
    costs = {"a": 1, "b": 2, "c": 2, "d": 2}
    assert brute.plan_first(chain, costs, "requests") == ("b", 3)
    assert brute.plan_first(chain, costs, "cost") == ("a", 4)
    assert_planned(chain, costs)


@settings(max_examples=30)
@given(seed=SEEDS)
def test_what_to_ask_for_next_comes_from_the_missing_sets(seed: int) -> None:
    for ask, made, data in questions(seed, "deny"):
        sets = brute.document_sets(small.missing(brute.scope(made, data), data))
        for strategy in STRATEGIES:
            types, most = ask.plan(data, strategy)
            first, requests = brute.plan_first(sets, brute.COSTS, strategy)
            assert (types[:1], most) == ([first] if first else [], requests)


# The policy on sotorasib, against its oracle


Plain = tuple[frozenset[oracle.Claim], frozenset[tuple[str, Any]]]


def oracle_repairs(data: CaseData) -> set[Plain]:
    """Every repair without settlements: what is missing after each change, and of that the least.

    A request that would still be referred is none to repair: each use condition is among what its
    section asks for, and no open claim makes a refuted one true.
    """
    found: list[Plain] = []
    for change in form_changes(data):
        form = {**data["request"], **change}
        later = {**data, "request": form}
        regions = frozenset((name, region(form, name)) for name in change)
        approved = oracle.decide(later, {}).outcome == "approve"
        sets = {frozenset[oracle.Claim]()} if approved else oracle.missing(later, {})
        found += [(claims, regions) for claims in sets]
    return {entry for entry in found if not any(_below(other, entry) for other in found)}


def _below(one: Plain, other: Plain) -> bool:
    """Whether one asks for less than the other."""
    return _within(one, other) and not _within(other, one)


def _within(one: Plain, other: Plain) -> bool:
    mine, theirs = oracle.regions(one[0]), oracle.regions(other[0])
    return one[1] <= other[1] and oracle.follows(mine, theirs)


def as_plain(repair: Any, data: CaseData) -> Plain:
    form = {**data["request"], **new_values(repair)}
    regions = frozenset((name, region(form, name)) for name in new_values(repair))
    return as_oracle_claims(repair), regions


@cache
def sotorasib() -> Ask:
    return Ask(policy())


@settings(max_examples=30)
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_repairs_without_settlements_equal_the_oracles(rng: random.Random) -> None:
    data = random_case(rng)
    told = [repair for repair in sotorasib().repairs(data) if not repair.settlements]
    if oracle.decide(data, {}).outcome == "approve":
        assert not told
        return
    found = [as_plain(repair, data) for repair in told]
    assert no_doubles(found)
    assert set(found) == oracle_repairs(data)
    if oracle.decide(data, {}).outcome == "deny":
        ask = sotorasib()
        missing = list(ask.policy.missing(ask.case(data)))
        plain = [repair for repair in told if not repair.changes]
        assert list(map(claim_terms, plain)) == list(map(claim_terms, missing))
        assert [repair.cost for repair in plain] == [entry.cost for entry in missing]


def as_known(results: Any, known: Sotorasib) -> frozenset[oracle.Claim]:
    """The claims of a counterfactual or a reason as the oracle tells them."""
    return known.known(map(as_oracle_claim, claims_told(results)))


@settings(max_examples=30)
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_all_repairs_of_real_requests_equal_brute_force_over_the_oracle(rng: random.Random) -> None:
    data = random_case(rng)
    known = Sotorasib(data)
    found = []
    for repair in sotorasib().repairs(data):
        claims, regions = as_plain(repair, data)
        settled = map(as_oracle_claim, (entry.claim for entry in repair.settlements))
        found.append((known.known([*claims, *settled]), regions))
    assert no_doubles(found)
    approved = oracle.decide(data, {}).outcome == "approve"
    assert set(found) == (set() if approved else known.repairs())


@settings(max_examples=30)
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_counterfactuals_and_reasons_of_real_requests_equal_brute_force(rng: random.Random) -> None:
    data = random_case(rng)
    known = Sotorasib(data)
    reasons = sotorasib().reasons(data)
    if oracle.decide(data, {}).outcome == "approve":
        found = [as_known(entry.claims, known) for entry in reasons.sufficient]
        assert no_doubles(found)
        assert set(found) == known.sufficient()
        return
    found = [as_known(entry.claims, known) for entry in sotorasib().counterfactuals(data)]
    assert no_doubles(found)
    assert set(found) == known.counterfactuals()
    forcing = {as_known(entry.claims, known) for entry in reasons.forcing}
    # Either family is all that hits the other.
    assert all(reason & correction for reason in forcing for correction in known.corrections())
    assert known.corrections() == hitting(forcing)


@settings(max_examples=30)
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_a_change_alone_that_repairs_is_approved_by_the_oracle(rng: random.Random) -> None:
    data = random_case(rng)
    for repair in sotorasib().repairs(data):
        if not repair.claims and not repair.settlements:
            later = {**data, "request": {**data["request"], **new_values(repair)}}
            assert oracle.decide(later, {}).outcome == "approve"


@settings(max_examples=30)
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_repairs_of_real_requests_come_in_order(rng: random.Random) -> None:
    told = list(sotorasib().repairs(random_case(rng)))
    assert all(precedence(one, other) <= 0 for one, other in pairwise(told))


@settings(max_examples=30)
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_documents_of_real_approvals_are_critical_as_the_oracle_decides(rng: random.Random) -> None:
    data = random_case(rng)
    if oracle.decide(data, {}).outcome != "approve":
        return
    marks = document_marks(sotorasib().reasons(data))
    for entry in data["documents"]:
        rest = [other for other in data["documents"] if other is not entry]
        falls = oracle.decide({**data, "documents": rest}, {}).outcome != "approve"
        assert marks.get(entry["id"], (False, False))[0] == falls


# The policy on sotorasib, by hand


def example(name: str) -> CaseData:
    data: CaseData = json.loads((EXAMPLES / f"{name}.json").read_text())
    return data


def told_repairs(name: str) -> list[tuple[list[str], list[str], dict[str, Any]]]:
    return [
        (sorted(claim_terms(repair)), sorted(settled_terms(repair)), new_values(repair))
        for repair in sotorasib().repairs(example(name))
    ]


def told_counterfactuals(name: str) -> list[list[str]]:
    found = sotorasib().counterfactuals(example(name))
    return [sorted(stated_terms(entry.claims)) for entry in found]


def told_forcing(name: str) -> set[frozenset[str]]:
    reasons = sotorasib().reasons(example(name))
    return {frozenset(stated_terms(entry.claims)) for entry in reasons.forcing}


ANTIBODIES = ("panitumumab", "cetuximab")


def antibodies(change: dict[str, Any]) -> frozenset[str]:
    """The two antibodies of I.B.6 that a change brings, and nothing but changed drugs."""
    assert set(change) == {DRUGS}
    return oracle.translate(change[DRUGS]) & set(ANTIBODIES)


EVERY_ANTIBODY = [frozenset({name}) for name in ANTIBODIES] + [frozenset(ANTIBODIES)]
"""With the one, with the other, with both: three regions, since I.B.6 asks for each by name."""


def diagnosis(name: str) -> str:
    return f"is(diagnosis,{name})"


OFF_LABEL = [
    diagnosis(f"{name}_adenocarcinoma") for name in ("ampullary", "pancreatic", "small_bowel")
]
EGFR = "yes(egfr_inhibitor_intolerance)"


def test_a_negative_test_is_all_that_stands_in_the_way_and_nothing_repairs_it() -> None:
    # I.A.1 to I.A.9 hold but I.A.4. I.B.4 and I.C.4 ask for the mutation as well, so no section can
    # do without it, and no document, settlement or change of the form brings it.
    assert told_repairs("deny/kras_negative") == []
    # What I.B and I.C would need besides the mutation holds the mutation alone.
    assert told_counterfactuals("deny/kras_negative") == [["yes(kras_g12c)"]]
    assert told_forcing("deny/kras_negative") == {frozenset({"yes(kras_g12c)"})}


def test_a_dose_a_little_too_high_is_lowered_or_supported() -> None:
    # I.A.9 takes a dose of at most 960 mg, or evidence, of which nothing is said. All else holds.
    # The diagnosis keeps I.B and I.C out, and they would ask for the same.
    told = list(sotorasib().repairs(example("deny/dose_961_without_literature")))
    assert len(told) == 2
    (evidence,) = (repair for repair in told if not repair.changes)
    assert claim_terms(evidence) == ["yes(dose_supported_by_evidence)"]
    assert (tuple(evidence.documents), evidence.cost) == (("literature",), 3)
    (lower,) = (repair for repair in told if repair.changes)
    assert not claim_terms(lower)
    (change,) = lower.changes
    assert (change.attribute, change.low, change.high) == (DOSE, 1, 960)
    assert 1 <= change.value <= 960
    assert [tuple(repair.sections) for repair in told] == [("I.A",), ("I.A",)]
    # Evidence is open, the dose refuted: what nobody denies comes first, and forces nothing.
    assert told_counterfactuals("deny/dose_961_without_literature") == [
        ["yes(dose_supported_by_evidence)"],
        ["at_most(dose_mg_per_day,960)"],
    ]
    assert told_forcing("deny/dose_961_without_literature") == set()


def test_colorectal_cancer_treated_alone_takes_a_reason_or_an_antibody() -> None:
    # All of I.B holds but I.B.6: with panitumumab, with cetuximab, or alone and not tolerated.
    # The diagnosis is established, so that I.A and I.C are out of reach.
    name = "deny/crc_alone_without_egfr_reason"
    told = told_repairs(name)
    assert [claims for claims, _, _ in told if claims] == [[EGFR]]
    changed = [antibodies(change) for claims, _, change in told if not claims]
    assert sorted(changed, key=sorted) == sorted(EVERY_ANTIBODY, key=sorted)
    assert len(told) == 4
    assert all(not settled for _, settled, _ in told)
    # With another of the diagnoses the same facts are enough: metastatic is an extent of each,
    # therapy came before, no adagrasib in a whole history, given alone. One refuted claim each.
    refuted = ["includes(concurrent_drugs,cetuximab)", "includes(concurrent_drugs,panitumumab)"]
    refuted += [diagnosis("nsclc"), *OFF_LABEL]
    assert told_counterfactuals(name) == [[EGFR], *([term] for term in sorted(refuted))]
    assert told_forcing(name) == set()


def test_a_drug_too_many_is_left_out_and_the_referral_becomes_an_approval() -> None:
    # I.A fails in I.A.5 and in its use condition alone, so the request is referred. Given alone it
    # is approved. With an antibody I.B would need colorectal cancer, and documents say otherwise.
    name = "refer/nsclc_with_pembrolizumab"
    (repair,) = sotorasib().repairs(example(name))
    assert _terms(repair) == []
    assert new_values(repair) == {DRUGS: []}
    assert (tuple(repair.documents), tuple(repair.sections)) == ((), ("I.A",))
    # I.B asks for one antibody and the diagnosis; the rest of it holds. I.C asks for it alone.
    crc, alone = diagnosis("crc"), "empty(concurrent_drugs)"
    panitumumab, cetuximab = (f"includes(concurrent_drugs,{drug})" for drug in ANTIBODIES)
    assert told_counterfactuals(name) == [[alone], [cetuximab, crc], [panitumumab, crc]]
    # To keep it out, it is not given alone, and it is not crc or there is neither antibody.
    assert told_forcing(name) == {
        frozenset({alone, crc}),
        frozenset({alone, panitumumab, cetuximab}),
    }


def test_a_contradicted_diagnosis_is_settled_either_way() -> None:
    # Lung or colorectal cancer. Settled as the first, I.A holds as it is. As the second, I.B.6 is
    # left: alone and not tolerated, which is open, or one antibody, the other, or both.
    name = "deny/documents_disagree_on_diagnosis"
    told = told_repairs(name)
    # A chart note shows the diagnosis, and the intolerance as well: as cheap, but one element more.
    assert told[0] == ([], [diagnosis("nsclc")], {})
    assert told[1] == ([EGFR], [diagnosis("crc")], {})
    assert all((claims, settled) == ([], [diagnosis("crc")]) for claims, settled, _ in told[2:])
    changed = [antibodies(change) for _, _, change in told[2:]]
    assert sorted(changed, key=sorted) == sorted(EVERY_ANTIBODY, key=sorted)
    # No document says that it is another of the covered diagnoses, but that would be enough too.
    # What some document says comes before what none does.
    assert told_counterfactuals(name) == [
        [diagnosis("nsclc")],
        [diagnosis("crc"), EGFR],
        *([term] for term in sorted(OFF_LABEL)),
        ["includes(concurrent_drugs,cetuximab)", diagnosis("crc")],
        ["includes(concurrent_drugs,panitumumab)", diagnosis("crc")],
    ]
    assert told_forcing(name) == {frozenset({*OFF_LABEL, diagnosis("nsclc"), diagnosis("crc")})}


def test_an_approval_without_alternatives_rests_on_everything_that_it_asks_for() -> None:
    # The nine items of I.A, and each in one way only: the generic is not on the market (the
    # product is the brand, and nothing is said against taking a generic), and the dose is within
    # the limit, without evidence for it.
    reasons = sotorasib().reasons(example("approve/nsclc_whole"))
    (reason,) = reasons.sufficient
    terms = sorted(term for term in stated_terms(reason.claims) if "disease_extent" not in term)
    assert terms == [
        "at_least(age,18)",
        "at_most(dose_mg_per_day,960)",
        "empty(concurrent_drugs)",
        "excludes(prior_therapies,adagrasib)",
        "includes_any(prior_therapies,systemic)",
        diagnosis("nsclc"),
        "no(generic_available)",
        "yes(kras_g12c)",
        "yes(oncology_prescriber)",
    ]
    assert len(reason.claims) == len(terms) + 1
    assert sorted(stated_terms(reasons.critical)) == sorted(stated_terms(reason.claims))
    # Each document brings some of that alone. What the scan says of the extent accumulates.
    assert document_marks(reasons) == {
        "path-1": (True, True),
        "ngs-1": (True, True),
        "ct-1": (True, False),
        "hx-1": (True, True),
        "note-1": (True, True),
        "ben-1": (True, True),
    }
    assert not list(sotorasib().repairs(example("approve/nsclc_whole")))
