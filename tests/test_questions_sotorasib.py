"""Repairs, counterfactuals and reasons of requests for sotorasib, against an oracle and by hand."""

from __future__ import annotations

import json
import random
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import oracle
from tests.brute_questions import CaseData, hitting
from tests.conftest import policy, scaled
from tests.differential import as_oracle_requirement, as_oracle_requirements
from tests.following import (
    EXAMPLES,
    Ask,
    asked_terms,
    document_marks,
    new_values,
    no_doubles,
    precedence,
    requirement_terms,
    requirements_told,
    resolved_terms,
    stated_terms,
)
from tests.oracle_questions import DOSE, DRUGS, Sotorasib, changed, form_changes, region, steps
from tests.random_cases import random_case

# The policy on sotorasib, against its oracle


Plain = tuple[frozenset[oracle.Requirement], frozenset[tuple[str, Any]]]


def oracle_repairs(data: CaseData) -> set[Plain]:
    """Every repair without resolutions: what is missing after each change, and of that the least.

    What would still be referred can be met too: where the label has changed, a section does not address a
    higher dose that literature supports.
    """
    found: list[Plain] = []
    for change in form_changes(data):
        form = {**data["request"], **change}
        later = {**data, "request": form}
        regions = frozenset((name, region(later, name)) for name in change)
        approved = oracle.decide(later, {}).outcome == "approve"
        sets = {frozenset[oracle.Requirement]()} if approved else oracle.to_approve(later, {})
        found += [(requirements, regions) for requirements in sets]
    ways = [(requirements, way, regions) for requirements, regions in found for way in steps(data, regions)]
    return {
        (requirements, regions)
        for requirements, way, regions in ways
        if not any(_below((less, fewer), (requirements, way)) for less, fewer, _ in ways)
    }


def _below(one: tuple[Any, frozenset[Any]], other: tuple[Any, frozenset[Any]]) -> bool:
    """Whether one asks for less than the other."""
    return _within(one, other) and not _within(other, one)


def _within(one: tuple[Any, frozenset[Any]], other: tuple[Any, frozenset[Any]]) -> bool:
    mine, theirs = oracle.regions(one[0]), oracle.regions(other[0])
    return one[1] <= other[1] and oracle.follows(mine, theirs)


def as_plain(repair: Any, data: CaseData) -> Plain:
    later = changed(data, new_values(repair))
    regions = frozenset((name, region(later, name)) for name in new_values(repair))
    return as_oracle_requirements(repair), regions


@cache
def sotorasib() -> Ask:
    return Ask(policy())


@pytest.mark.oracle
@settings(max_examples=scaled(30))
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_repairs_without_resolutions_equal_the_oracles(rng: random.Random) -> None:
    data = random_case(rng)
    told = [repair for repair in sotorasib().repairs(data) if not repair.resolutions]
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
        assert list(map(requirement_terms, plain)) == list(map(requirement_terms, missing))
        assert [repair.cost for repair in plain] == [entry.cost for entry in missing]


def as_known(results: Any, known: Sotorasib) -> frozenset[oracle.Requirement]:
    """The requirements of a counterfactual or a reason as the oracle tells them."""
    return known.known(map(as_oracle_requirement, requirements_told(results)))


@pytest.mark.oracle
@settings(max_examples=scaled(30))
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_all_repairs_of_real_requests_equal_brute_force_over_the_oracle(rng: random.Random) -> None:
    data = random_case(rng)
    known = Sotorasib(data)
    found = []
    for repair in sotorasib().repairs(data):
        requirements, regions = as_plain(repair, data)
        resolved = map(as_oracle_requirement, (entry.requirement for entry in repair.resolutions))
        found.append((known.known([*requirements, *resolved]), regions))
    assert no_doubles(found)
    approved = oracle.decide(data, {}).outcome == "approve"
    assert set(found) == (set() if approved else known.repairs())


@pytest.mark.oracle
@settings(max_examples=scaled(30))
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_counterfactuals_and_reasons_of_real_requests_equal_brute_force(rng: random.Random) -> None:
    data = random_case(rng)
    known = Sotorasib(data)
    reasons = sotorasib().reasons(data)
    if oracle.decide(data, {}).outcome == "approve":
        found = [as_known(entry.requirements, known) for entry in reasons.sufficient]
        assert no_doubles(found)
        assert set(found) == known.sufficient()
        return
    found = [as_known(entry.requirements, known) for entry in sotorasib().counterfactuals(data)]
    assert no_doubles(found)
    assert set(found) == known.counterfactuals()
    forcing = {as_known(entry.requirements, known) for entry in reasons.forcing}
    # Either family is all that hits the other.
    assert all(reason & correction for reason in forcing for correction in known.corrections())
    assert known.corrections() == hitting(forcing)


@pytest.mark.oracle
@settings(max_examples=scaled(30))
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_a_change_alone_that_repairs_is_approved_by_the_oracle(rng: random.Random) -> None:
    data = random_case(rng)
    for repair in sotorasib().repairs(data):
        if not repair.requirements and not repair.resolutions:
            later = {**data, "request": {**data["request"], **new_values(repair)}}
            assert oracle.decide(later, {}).outcome == "approve"


@settings(max_examples=scaled(30))
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_repairs_of_real_requests_come_in_order(rng: random.Random) -> None:
    told = list(sotorasib().repairs(random_case(rng)))
    assert all(precedence(one, other) <= 0 for one, other in pairwise(told))


@pytest.mark.oracle
@settings(max_examples=scaled(30))
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
        (sorted(requirement_terms(repair)), sorted(resolved_terms(repair)), new_values(repair))
        for repair in sotorasib().repairs(example(name))
    ]


def told_counterfactuals(name: str) -> list[list[str]]:
    found = sotorasib().counterfactuals(example(name))
    return [sorted(stated_terms(entry.requirements)) for entry in found]


def told_forcing(name: str) -> set[frozenset[str]]:
    reasons = sotorasib().reasons(example(name))
    return {frozenset(stated_terms(entry.requirements)) for entry in reasons.forcing}


ANTIBODIES = ("panitumumab", "cetuximab")


def antibodies(change: dict[str, Any]) -> frozenset[str]:
    """The two antibodies of I.B.6 that a change brings, and nothing but changed drugs."""
    assert set(change) == {DRUGS}
    return oracle.translate(change[DRUGS]) & set(ANTIBODIES)


EVERY_ANTIBODY = [frozenset({name}) for name in ANTIBODIES]
"""With the one or with the other: where one is enough, both have more in them than it takes."""


def diagnosis(name: str) -> str:
    return f"is(diagnosis,{name})"


OFF_LABEL = [diagnosis(f"{name}_adenocarcinoma") for name in ("ampullary", "pancreatic", "small_bowel")]
EGFR = "yes(egfr_inhibitor_intolerance)"


@pytest.mark.oracle
def test_a_negative_test_is_all_that_stands_in_the_way_and_nothing_repairs_it() -> None:
    # I.A.1 to I.A.9 hold but I.A.4. I.B.4 and I.C.4 ask for the mutation as well, so no section can
    # do without it, and no document, resolution or change of the form brings it.
    assert told_repairs("deny/kras_negative") == []
    # What I.B and I.C would need besides the mutation holds the mutation alone.
    assert told_counterfactuals("deny/kras_negative") == [["yes(kras_g12c)"]]
    assert told_forcing("deny/kras_negative") == {frozenset({"yes(kras_g12c)"})}


@pytest.mark.oracle
def test_a_dose_a_little_too_high_is_lowered_or_supported() -> None:
    # I.A.9 takes a dose of at most 960 mg, or evidence, of which nothing is said. All else holds.
    # The diagnosis keeps I.B and I.C out, and they would ask for the same.
    told = list(sotorasib().repairs(example("deny/dose_961_without_literature")))
    assert len(told) == 2
    (evidence,) = (repair for repair in told if not repair.changes)
    assert requirement_terms(evidence) == ["yes(dose_supported_by_evidence)"]
    assert (tuple(evidence.documents), evidence.cost) == (("literature",), 3)
    (lower,) = (repair for repair in told if repair.changes)
    assert not requirement_terms(lower)
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


@pytest.mark.oracle
def test_colorectal_cancer_treated_alone_takes_a_reason_or_an_antibody() -> None:
    # All of I.B holds but I.B.6: with panitumumab, with cetuximab, or alone and not tolerated.
    # The diagnosis is established, so that I.A and I.C are out of reach.
    name = "deny/crc_alone_without_egfr_reason"
    told = told_repairs(name)
    assert [requirements for requirements, _, _ in told if requirements] == [[EGFR]]
    changed = [antibodies(change) for requirements, _, change in told if not requirements]
    assert sorted(changed, key=sorted) == sorted(EVERY_ANTIBODY, key=sorted)
    assert len(told) == 3
    assert all(not resolved for _, resolved, _ in told)
    # With another of the diagnoses the same facts are enough: metastatic is an extent of each,
    # therapy came before, no adagrasib in a whole history, given alone. One refuted requirement each.
    refuted = ["includes(concurrent_drugs,cetuximab)", "includes(concurrent_drugs,panitumumab)"]
    refuted += [diagnosis("nsclc"), *OFF_LABEL]
    assert told_counterfactuals(name) == [[EGFR], *([term] for term in sorted(refuted))]
    assert told_forcing(name) == set()


@pytest.mark.oracle
def test_a_drug_too_many_is_left_out_and_the_referral_becomes_an_approval() -> None:
    # I.A fails in I.A.5 and in its use condition alone, so the request is referred. Given alone it
    # is approved. With an antibody I.B would need colorectal cancer, and documents say otherwise.
    name = "refer/nsclc_with_pembrolizumab"
    (repair,) = sotorasib().repairs(example(name))
    assert asked_terms(repair) == []
    assert new_values(repair) == {DRUGS: []}
    assert (tuple(repair.documents), tuple(repair.sections)) == ((), ("I.A",))
    # I.B asks for one antibody and the diagnosis, and for that antibody alone or a regimen that is recommended,
    # of which nobody says anything. I.C asks for it alone. Nothing beside one antibody, nor beside the other,
    # is nothing at all.
    crc, alone = diagnosis("crc"), "empty(concurrent_drugs)"
    panitumumab, cetuximab = (f"includes(concurrent_drugs,{drug})" for drug in ANTIBODIES)
    within = {drug: f"within(concurrent_drugs,only_{drug})" for drug in ANTIBODIES}
    recommended = "yes(regimen_recommended)"
    assert sorted(told_counterfactuals(name)) == sorted(
        [
            [alone],
            sorted(within.values()),
            [cetuximab, crc, recommended],
            [panitumumab, crc, recommended],
            *(sorted([f"includes(concurrent_drugs,{drug})", crc, within[drug]]) for drug in ANTIBODIES),
        ]
    )
    # To keep it out: it is not given alone, for which it is enough that something is beside the one antibody or
    # the other; and it is not crc, or there is neither antibody.
    assert told_forcing(name) == {
        frozenset({one, *others})
        for one in (alone, *within.values())
        for others in ([crc], [panitumumab, cetuximab])
    }


@pytest.mark.oracle
def test_a_contradicted_diagnosis_is_resolved_either_way() -> None:
    # Lung or colorectal cancer. Resolved as the first, I.A holds as it is. As the second, I.B.6 is
    # left: alone and not tolerated, which is open, or one antibody, or the other.
    name = "deny/documents_disagree_on_diagnosis"
    told = told_repairs(name)
    # A chart note shows the diagnosis, and the intolerance as well: as cheap, but one element more.
    assert told[0] == ([], [diagnosis("nsclc")], {})
    assert told[1] == ([EGFR], [diagnosis("crc")], {})
    assert all((requirements, resolved) == ([], [diagnosis("crc")]) for requirements, resolved, _ in told[2:])
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


@pytest.mark.oracle
def test_an_approval_without_alternatives_rests_on_everything_that_it_asks_for() -> None:
    # The nine items of I.A, and each in one way only: the generic is not on the market (the
    # product is the brand, and nothing is said against taking a generic), and the dose is within
    # the limit, without evidence for it.
    reasons = sotorasib().reasons(example("approve/nsclc_whole"))
    # Given alone is the same in other words: nothing beside the one antibody, nor beside the other.
    reason, in_other_words = reasons.sufficient
    within = {f"within(concurrent_drugs,only_{drug})" for drug in ANTIBODIES}
    others = {*stated_terms(reason.requirements), *within} - {"empty(concurrent_drugs)"}
    assert set(stated_terms(in_other_words.requirements)) == others
    terms = sorted(term for term in stated_terms(reason.requirements) if "disease_extent" not in term)
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
    assert len(reason.requirements) == len(terms) + 1
    assert sorted(stated_terms(reasons.critical)) == sorted(stated_terms(reason.requirements))
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
