"""What becomes of a decision with some changes: always what a fresh decision on that case would be."""

from __future__ import annotations

import datetime
import doctest
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pyclingo_bridge import (
    Case,
    CaseError,
    Changes,
    Decision,
    InterpretationError,
    Policy,
    RequirementResult,
    WhatIf,
)
from pyclingo_bridge.questions import changes as changes_module
from pyclingo_bridge.questions import what_if as module
from pyclingo_bridge.questions.changes import changed, day_in_force
from tests.changing import altered, random_changes
from tests.conftest import FACTS, ROOT, case, made, policy, request, scaled
from tests.random_cases import INTERPRETATIONS, random_case
from tests.test_second_policy import ASTHMA, WHOLE, asthma_case

CASES = ROOT / "examples" / "cases"
RANDOM = st.integers(min_value=0, max_value=2**32).map(random.Random)


def example(name: str) -> Case:
    return Case.load(CASES / f"{name}.json")


def approved() -> Case:
    return case(made(request(), FACTS))


def valid(data: dict[str, Any] | None) -> Case | None:
    try:
        return case(data) if data is not None else None
    except CaseError:
        return None


def terms(of: Policy, made_case: Case) -> set[frozenset[str]]:
    return {frozenset(requirement.term for requirement in one.requirements) for one in of.missing(made_case)}


# Any case, any changes


@settings(max_examples=scaled(60))
@given(rng=RANDOM)
def test_a_what_if_is_two_fresh_decisions_and_their_difference(rng: random.Random) -> None:
    data = random_case(rng)
    changes = random_changes(rng, data)
    then = valid(altered(data, changes))
    before = case(data)
    if then is None:
        with pytest.raises(CaseError):
            policy().what_if(before, changes)
        return
    told = policy().what_if(before, changes, first=0)
    assert told.before == policy().decide(case(data))
    assert told.after == policy().decide(then)
    check_difference(told, policy(), before, then)
    assert before == case(data)


def check_difference(told: WhatIf, of: Policy, before: Case, after: Case) -> None:
    for name in ("outcome", "denial_kind", "section", "approval_months", "refer_to"):
        pair = (getattr(told.before, name), getattr(told.after, name))
        assert getattr(told, name) == (None if pair[0] == pair[1] else pair)
    statuses = [
        {name: entry.status for name, entry in decision.criteria.items()}
        for decision in (told.before, told.after)
    ]
    assert {entry.id: (entry.before, entry.after) for entry in told.criteria} == {
        name: (statuses[0].get(name), statuses[1].get(name))
        for name in {*statuses[0], *statuses[1]}
        if statuses[0].get(name) != statuses[1].get(name)
    }
    mine, theirs = terms(of, before), terms(of, after)
    gained = [frozenset(requirement.term for requirement in one.requirements) for one in told.missing_gained]
    lost = [frozenset(requirement.term for requirement in one.requirements) for one in told.missing_lost]
    assert (set(gained), set(lost)) == (theirs - mine, mine - theirs)
    assert (told.more_gained, told.more_lost, told.missing_complete) == (False, False, True)


@settings(max_examples=scaled(60))
@given(rng=RANDOM)
def test_a_changed_case_is_the_independently_changed_one(rng: random.Random) -> None:
    data = random_case(rng)
    changes = random_changes(rng, data)
    then = valid(altered(data, changes))
    if then is not None:
        undated = day_in_force(policy().structure.facts)
        once = changed(case(data), changes, policy().vocabulary, undated=undated)
        assert once == then
        again = {"set": changes["set"]}
        assert changed(once, again, policy().vocabulary, undated=undated) == once


@settings(max_examples=scaled(30))
@given(rng=RANDOM)
def test_every_criterion_that_gets_another_status_in_place_has_a_reason(
    rng: random.Random,
) -> None:
    data = random_case(rng)
    changes = {"set": random_changes(rng, data)["set"]}
    if valid(altered(data, changes)) is None:
        return
    told = policy().what_if(case(data), changes)
    for entry in told.criteria:
        if entry.before and entry.after:
            assert entry.because
        for requirement in entry.because:
            assert requirement.before != requirement.after
            assert state(told.before, requirement.requirement.term) == requirement.before
            assert state(told.after, requirement.requirement.term) == requirement.after


def state(decision: Decision, term: str) -> str | None:
    found = {
        requirement.status
        for criterion in decision.criteria.values()
        for requirement in criterion.requirements()
        if requirement.requirement.term == term
    }
    assert len(found) <= 1
    return next(iter(found), None)


@pytest.mark.slow
@settings(max_examples=scaled(15))
@given(rng=RANDOM)
def test_interpretations_are_those_of_the_policy_read_so(rng: random.Random) -> None:
    data = random_case(rng)
    name = rng.choice(sorted(INTERPRETATIONS))
    told = policy().what_if(case(data), {"interpretations": {name: INTERPRETATIONS[name][1]}})
    assert told.before == policy().decide(case(data))
    assert told.after == policy(**{name: INTERPRETATIONS[name][1]}).decide(case(data))
    assert told.changes == (f"interpretation {name} = {INTERPRETATIONS[name][1]}",)


# Examples, checked by hand


def test_a_dose_above_the_limit_takes_the_approval_away_and_literature_brings_it_back() -> None:
    told = policy().what_if(example("approve/nsclc_whole"), {"set": {"dose_mg_per_day": 961}})
    assert told.outcome == ("approve", "deny")
    assert told.denial_kind == (None, "insufficient_documentation")
    assert (told.section, told.approval_months) == (("I.A", None), (12, None))
    assert told.refer_to is None
    changes = {entry.id: (entry.before, entry.after) for entry in told.criteria}
    assert changes["I.A.9"] == ("met", "undocumented")
    assert changes["I.A.9.a"] == ("met", "not_met")
    assert "I.A.9.b" not in changes
    (item,) = [entry for entry in told.criteria if entry.id == "I.A.9.a"]
    (requirement,) = item.because
    assert (requirement.requirement.term, requirement.before, requirement.after) == (
        "at_most(dose_mg_per_day,960)",
        "met",
        "not_met",
    )
    assert [entry.value for entry in requirement.evidence] == [961]
    (missing,) = told.missing_gained
    assert [entry.term for entry in missing.requirements] == ["yes(dose_supported_by_evidence)"]
    back = {"dose_mg_per_day": 961, "dose_supported_by_evidence": True}
    assert policy().what_if(example("approve/nsclc_whole"), {"set": back}).outcome is None


def test_a_report_that_comes_in_turns_the_denial_and_its_missing_set_is_gone() -> None:
    report = {"id": "ngs", "type": "molecular_report", "date": "2025-03-05",
              "states": {"kras_g12c": True}}  # fmt: skip
    told = policy().what_if(example("deny/molecular_report_missing"), {"add_documents": [report]})
    assert told.outcome == ("deny", "approve")
    assert [[requirement.term for requirement in one.requirements] for one in told.missing_lost] == [
        ["yes(kras_g12c)"]
    ]
    assert not told.missing_gained
    assert told.changes == ("add document ngs",)


def test_criteria_of_another_section_come_into_scope_and_leave_it() -> None:
    told = policy().what_if(example("approve/nsclc_whole"), {"set": {"type": "continuation"}})
    scope = {entry.id: (entry.before, entry.after) for entry in told.criteria}
    assert scope["I.A"] == ("met", None)
    assert scope["II.A"] == (None, "undocumented")
    assert all(None in pair for pair in scope.values())


def test_a_withdrawn_document_that_nobody_needs_changes_nothing() -> None:
    data = made(request(), FACTS)
    spare = {"id": "spare", "type": "chart_note", "date": "2024-01-01", "states": {"age": 63}}
    data["documents"].append(spare)
    told = policy().what_if(case(data), {"without_documents": ["spare"]})
    assert told.same
    assert not told.criteria


def test_an_implied_statement_stays_and_can_contradict_what_is_set() -> None:
    data = made(request(type="continuation"), {}, recist_response="pd", age=60)
    told = policy().what_if(case(data), {"set": {"responding_positively": True}})
    assert told.after.criteria["II.A.2"].status == "conflicting"


def test_the_changes_are_told_in_a_stable_order() -> None:
    note = {"id": "late", "type": "chart_note", "date": "2025-04-01", "states": {"age": 70}}
    changes = Changes(
        set={"generic_available": True, "concurrent_drugs": ["Vectibix", "x"]},
        unset=("kras_g12c",),
        without_documents=("age",),
        add_documents=(note,),
        interpretations={"advanced_disease": "as_named"},
    )
    texts = (
        "add document late",
        "without document age",
        "unset kras_g12c",
        "set generic_available = true",
        "set concurrent_drugs = [Vectibix, x]",
        "interpretation advanced_disease = as_named",
    )
    assert changes.texts == texts
    assert tuple(one.text for one in changes.each()) == texts
    assert changes.text == "; ".join(texts)
    told = list(policy().what_if_each(approved(), changes))
    assert tuple(one.changes for one in told) == tuple((text,) for text in texts)
    assert [one.after for one in told] == [policy().what_if(approved(), one).after for one in changes.each()]


def test_changes_together_are_not_the_sum_of_changes_alone() -> None:
    both = {"set": {"generic_available": True, "generic_contraindicated": True}}
    alone = list(policy().what_if_each(approved(), both))
    assert [one.outcome for one in alone] == [("approve", "deny"), None]
    assert policy().what_if(approved(), both).outcome is None


# Where nobody states it


def documents(changes: dict[str, Any], data: dict[str, Any] | None = None) -> list[Any]:
    start = case(data if data is not None else made(request(), {}, age=60))
    return [
        (entry.id, entry.type, str(entry.date), entry.states)
        for entry in changed(start, changes, policy().vocabulary).documents
    ]


def test_what_nobody_states_is_stated_by_further_documents_of_the_cheapest_types() -> None:
    values = {"kras_g12c": True, "regimen_recommended": True, "recist_response": "cr",
              "egfr_inhibitor_intolerance": False}  # fmt: skip
    assert documents({"set": values})[1:] == [
        ("what-if", "chart_note", "2025-03-02",
         {"egfr_inhibitor_intolerance": False, "recist_response": "cr"}),
        ("what-if-2", "literature", "2025-03-02", {"regimen_recommended": True}),
        ("what-if-3", "molecular_report", "2025-03-02", {"kras_g12c": True}),
    ]  # fmt: skip


def test_a_further_document_takes_an_id_that_is_free_and_the_last_date() -> None:
    added = [
        {"id": "what-if", "type": "chart_note", "date": "2026-01-31", "states": {}},
        {"id": "what-if-3", "type": "chart_note", "date": "2024-01-31", "states": {}},
    ]
    found = documents({"add_documents": added, "set": {"kras_g12c": True, "generic_available": True}})
    assert found[3:] == [
        ("what-if-2", "benefit_record", "2026-01-31", {"generic_available": True}),
        ("what-if-4", "molecular_report", "2026-01-31", {"kras_g12c": True}),
    ]


def test_without_documents_a_further_one_is_of_a_day_that_stays_the_same() -> None:
    found = documents({"set": {"age": 3}}, {**made(request(), {}), "documents": []})
    assert found == [("what-if", "benefit_record", "2000-01-01", {"age": 3})]


def test_a_list_and_the_flag_that_it_is_whole_go_into_one_document() -> None:
    values = {"complete_treatment_history": True, "prior_therapies": []}
    assert documents({"set": values})[1:] == [
        ("what-if", "chart_note", "2025-03-02",
         {"prior_therapies": (), "complete_treatment_history": True}),
    ]  # fmt: skip


def test_the_flag_is_set_wherever_its_list_is_stated() -> None:
    data = made(request(), FACTS)
    requirements = {"id": "rx", "type": "pharmacy_claims", "date": "2025-01-01",
              "states": {"prior_therapies": ["docetaxel"]}}  # fmt: skip
    data["documents"].append(requirements)
    found = changed(case(data), {"set": {"complete_treatment_history": False}}, policy().vocabulary)
    flags = [
        entry.states["complete_treatment_history"]
        for entry in found.documents
        if "prior_therapies" in entry.states
    ]
    assert flags == [False, False]


def test_with_an_unset_list_goes_its_flag_and_the_document_stays() -> None:
    found = changed(approved(), {"unset": ["prior_therapies"]}, policy().vocabulary)
    (history,) = [entry for entry in found.documents if entry.id == "prior_therapies"]
    assert history.states == {}
    alone = changed(approved(), {"unset": ["complete_treatment_history"]}, policy().vocabulary)
    (history,) = [entry for entry in alone.documents if entry.id == "prior_therapies"]
    assert list(history.states) == ["prior_therapies"]


def test_withdrawing_and_adding_come_before_unsetting_and_that_before_setting() -> None:
    note = {"id": "age", "type": "pathology_report", "date": "2025-03-02", "states": {"age": 7}}
    start = case(made(request(), {}, age=60))
    vocabulary = policy().vocabulary
    replaced = {"without_documents": ["age"], "add_documents": [note]}
    assert changed(start, replaced, vocabulary).documents[0].states == {"age": 7}
    unset = changed(start, {**replaced, "unset": ["age"]}, vocabulary)
    assert [entry.states for entry in unset.documents] == [{}]
    anew = changed(start, {**replaced, "unset": ["age"], "set": {"age": 5}}, vocabulary)
    assert [entry.states for entry in anew.documents] == [{}, {"age": 5}]
    kept = changed(start, {**replaced, "set": {"age": 5}}, vocabulary)
    assert [entry.states for entry in kept.documents] == [{"age": 5}]


def test_a_required_item_of_the_form_may_be_unset_where_it_is_set_anew() -> None:
    changes = {"unset": ["product"], "set": {"product": "generic"}}
    assert changed(approved(), changes, policy().vocabulary).request["product"] == "generic"


def test_another_vocabulary_has_attributes_and_documents_of_its_own() -> None:
    asthma = policy(ASTHMA)
    start = case(asthma_case(WHOLE), asthma)
    assert asthma.what_if(start, {"set": {"eosinophils": 299}}).outcome == ("approve", "deny")
    with pytest.raises(CaseError, match="unknown attribute `kras_g12c`"):
        changed(start, {"set": {"kras_g12c": True}}, asthma.vocabulary)


# Nothing is altered


def test_neither_the_case_nor_the_given_changes_share_anything_with_the_outcome() -> None:
    start = approved()
    drugs = ["panitumumab"]
    given_changes = {"set": {"concurrent_drugs": drugs, "prior_therapies": drugs}}
    changes = Changes.of(given_changes)
    drugs.append("cetuximab")
    found = changed(start, changes, policy().vocabulary)
    assert found.request["concurrent_drugs"] == ("panitumumab",)
    drugs.clear()
    assert found.request["concurrent_drugs"] == ("panitumumab",)
    assert changes.set == {"concurrent_drugs": ["panitumumab"], "prior_therapies": ["panitumumab"]}
    assert start == approved()


# Bounds


@pytest.mark.parametrize("most", [1, 3, 7])
def test_a_cut_comparison_tells_only_what_it_is_sure_of(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    start = example("deny/nothing_documented")
    changes = {"set": {"diagnosis": "nsclc"}}
    whole = policy().what_if(start, changes, first=0)
    assert whole.missing_complete
    monkeypatch.setattr(module, "MOST_COMPARED", most)
    cut = policy().what_if(start, changes, first=0)
    assert not cut.missing_complete
    assert set(map(str, cut.missing_gained)) <= set(map(str, whole.missing_gained))
    assert set(map(str, cut.missing_lost)) <= set(map(str, whole.missing_lost))


def test_at_most_so_many_missing_sets_are_told_and_that_there_are_more() -> None:
    start = example("deny/nothing_documented")
    changes = {"set": {"diagnosis": "nsclc"}}
    whole, first = policy().what_if(start, changes), policy().what_if(start, changes, first=1)
    assert len(whole.missing_gained) > 1
    assert first.missing_gained == whole.missing_gained[:1]
    assert first.missing_lost == whole.missing_lost[:1]
    assert (first.more_gained, first.more_lost) == (True, True)
    assert (whole.more_gained, whole.more_lost) == (False, False)


# What is no change


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"set": {"dose_mg": 3}}, "set: unknown attribute `dose_mg`; did you mean `dose_mg_per_day`?"),
    ({"unset": ["agee"]}, "unset: unknown attribute `agee`; did you mean `age`?"),
    ({"unset": ["regimen_recommended"]}, "unset: nobody states `regimen_recommended`"),
    ({"unset": ["on_formulary"]}, "unset: nobody states `on_formulary`"),
    ({"unset": ["product"]}, "unset: `product` has to be on the form"),
    ({"without_documents": ["ages"]}, "without_documents: there is no document `ages` (known: `age`,"),
    ({"without_documents": ["age"], "unset": ["age"]}, "unset: nobody states `age`"),
    ({"set": {"age": -1}}, "set.age: `-1` is out of bounds (allowed: 0 or more)"),
    ({"set": {"age": True}}, "set.age: has to be a whole number, not `true`"),
    ({"set": {"age": 17.0}}, "set.age: has to be a whole number"),
    ({"set": {"age": None}}, "set.age: has to be a whole number"),
    ({"set": {"kras_g12c": "yes"}}, "set.kras_g12c: has to be `true` or `false`"),
    ({"set": {"product": "brnd"}}, "set.product: unknown value `brnd`; did you mean `brand`?"),
    ({"set": {"diagnosis": "NSCLC"}}, "set.diagnosis: `NSCLC` is not written in small letters"),
    ({"set": {"disease_extent": []}}, "set.disease_extent: is empty"),
    ({"set": {"prior_therapies": "folfox"}}, "set.prior_therapies: has to be a list of names"),
    ({"set": {"prior_therapies": [""]}}, "set.prior_therapies[0]: is empty"),
    ({"set": {"dose_increase": True}}, "set.dose_increase: may be `true` only where `type`"),
    ({"unset": ["prior_therapies"], "set": {"complete_treatment_history": True}},
     "set.complete_treatment_history: says something of `prior_therapies`"),
    ({"add_documents": [{"id": "age", "type": "chart_note", "date": "2025-01-01", "states": {}}]},
     "add_documents[0].id: `age` is the id of another document"),
    ({"add_documents": [{"id": "x", "type": "note", "date": "2025-02-30", "states": {"x": 1}}]},
     "add_documents[0].date: `2025-02-30` is no date of the form YYYY-MM-DD; the calendar"),
    ({"add_documents": [{"id": "x"}]}, "add_documents[0].date: is missing"),
    ({"add_documents": [{}, {}]}, "add_documents[1].states: is missing"),
    ({"add_documents": ["x"]}, "add_documents[0]: "),
    ({"unset": "age"}, "unset: "),
    ({"set": {}, "sett": {"age": 1}}, "sett: is no kind of change; did you mean `set`? (known: `set`,"),
    ({"set": [1]}, "set: "),
    ({"interpretations": {"advanced_disease": 1}}, "interpretations.advanced_disease: "),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), WRONG, ids=lambda value: str(value)[:40])
def test_a_change_that_cannot_be_made_is_told_with_its_place(changes: dict[str, Any], words: str) -> None:
    start = approved()
    with pytest.raises(CaseError) as caught:
        policy().what_if(start, changes)
    assert any(line.startswith(words) for line in caught.value.problems), caught.value.problems
    assert caught.value.source == "changes"
    assert start == approved()


def test_every_unknown_name_is_told_at_once() -> None:
    with pytest.raises(CaseError) as caught:
        policy().what_if(approved(), {"set": {"agee": 1, "kras": 1}, "without_documents": ["x"]})
    assert len(caught.value.problems) == 3


def test_what_is_no_case_is_told_of() -> None:
    with pytest.raises(CaseError, match="make a Case of it first"):
        policy().what_if({}, {})  # type: ignore[arg-type]
    with pytest.raises(CaseError, match="make a Case of it first"):
        changed({}, {}, policy().vocabulary)  # type: ignore[arg-type]


def test_a_copy_of_a_case_that_is_wrong_is_told_of() -> None:
    start = approved()
    start = start.model_copy(update={"request": {**start.request, "dose_mg_per_day": 0}})
    with pytest.raises(CaseError, match=r"case `made`: request\.dose_mg_per_day"):
        changed(start, {}, policy().vocabulary)


def test_a_interpretation_that_is_not_there_is_told_of() -> None:
    with pytest.raises(InterpretationError, match="no ambiguity `x`"):
        policy().what_if(approved(), {"interpretations": {"x": "y"}})


# The answer


def test_the_example_of_changes_is_what_python_prints() -> None:
    results = doctest.testmod(changes_module)
    assert (results.attempted, results.failed) == (1, 0)


def test_the_answer_follows_its_schema_and_is_read_back_from_its_json() -> None:
    told = policy().what_if(example("deny/nothing_documented"), {"set": {"type": "continuation"}})
    line = told.model_dump_json()
    Draft202012Validator(WhatIf.model_json_schema(mode="serialization")).validate(json.loads(line))
    assert WhatIf.model_validate_json(line) == told


def test_no_changes_make_no_difference() -> None:
    told = policy().what_if(approved(), Changes())
    assert told.same
    assert told.before == told.after
    assert told.changes == ()


@pytest.mark.parametrize("path", sorted(CASES.rglob("*.json"))[::6], ids=lambda path: path.stem)
def test_an_example_without_any_one_document_is_the_file_without_it(path: Path) -> None:
    data = json.loads(path.read_text())
    for place, entry in enumerate(data["documents"]):
        rest = {**data, "documents": data["documents"][:place] + data["documents"][place + 1 :]}
        told = policy().what_if(case(data), {"without_documents": (entry["id"],)})
        assert told.after == policy().decide(case(rest))


def test_a_mapping_of_attributes_sets_them_and_none_leaves_one_unset() -> None:
    asked = case(made(request(), FACTS))
    short = policy().what_if(asked, {"dose_mg_per_day": 480, "age": None})
    assert short == policy().what_if(asked, {"set": {"dose_mg_per_day": 480}, "unset": ("age",)})
    with pytest.raises(CaseError, match="unknown attribute `sett`"):
        policy().what_if(asked, {"sett": {"age": 17}})


def test_a_new_document_in_a_case_without_documents_has_the_same_day_every_day() -> None:
    told = policy().what_if(example("deny/nothing_documented"), {"set": {"age": 40}})
    (requirement,) = told.after.criteria["I.A.3"].needs
    assert isinstance(requirement, RequirementResult)
    assert [entry.date for entry in requirement.evidence] == [datetime.date(2025, 2, 7)]
