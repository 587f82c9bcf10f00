"""The oracle alone, on cases worked out by hand: all that the law's second version changes.

The patient is one whom section I.A approves; each test changes what it is about.
"""

from __future__ import annotations

import datetime
import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import scaled
from tests.oracle import Requirement, decide, missing, requirement_state
from tests.oracle_days import span, years_gone
from tests.oracle_evidence import Case
from tests.oracle_names import diseases
from tests.oracle_requirements import (
    ANY_TREATMENT,
    SYSTEMIC,
    at_least,
    empty,
    excludes,
    includes,
    includes_any,
    is_,
    no,
    within,
    yes,
)
from tests.oracle_supply import Means, Weights, means, means_of_each, missing_documents, rank, supplies, supply
from tests.random_cases import old_style_case, random_case_and_plan, shuffled, some_interpretations

REPORTS = Path(__file__).resolve().parent / "reports"
Data = dict[str, Any]

FORM = {
    "type": "initial", "line_of_business": "commercial", "product": "brand", "dose_mg_per_day": 960,
    "concurrent_drugs": [], "date": "2025-06-15",
}  # fmt: skip
ADULT = at_least("age", 18)
THIRTY = at_least("days_on_therapy", 30)
TREATED = includes_any("prior_therapies", SYSTEMIC)
NO_ADAGRASIB = excludes("prior_therapies", "adagrasib")
MUTATION = yes("kras_g12c")
CHANGED = yes("recent_label_change")
NSCLC, CRC = is_("diagnosis", "nsclc"), is_("diagnosis", "crc")


def document(name: str, kind: str = "chart_note", /, **states: Any) -> Data:
    """A document; `date`, `status`, `replaces` and `tumor` are keys of its own."""
    own: Data = {"date": "2025-06-15"}
    for key in ("date", "status", "replaces", "tumor"):
        if key in states:
            own[key] = states.pop(key)
    return {"id": name, "type": kind, **own, "states": states}


def history(name: str, *drugs: str, date: str = "2025-06-15", whole: bool | None = True) -> Data:
    """A list of earlier therapies; `whole` None leaves out what it says of that."""
    said = {} if whole is None else {"complete_treatment_history": whole}
    return document(name, "treatment_history", date=date, prior_therapies=list(drugs), **said)


def case(*documents: Data, **form: Any) -> Data:
    """These documents with a form of which some is changed; a key that is None is left out."""
    request = {name: value for name, value in {**FORM, **form}.items() if value is not None}
    return {"id": "x", "request": request, "documents": list(documents)}


def patient(*more: Data, leaving: str = "", disease: str = "nsclc", **form: Any) -> Data:
    """A patient whom section I.A approves, some documents left out and others added."""
    usual = [
        document("note", age=64, oncology_prescriber=True),
        document("path", "pathology_report", diagnosis=disease, disease_extent=["metastatic"]),
        document("ngs", "molecular_report", kras_g12c=True),
        history("hx", "carboplatin"),
        document("ben", "benefit_record", generic_available=False),
    ]
    return case(*(one for one in usual if one["id"] not in leaving.split()), *more, **form)


def continuing(*more: Data, **form: Any) -> Data:
    """A patient whom section II.A approves."""
    usual = document(
        "note",
        diagnosis="nsclc",
        currently_receiving_via_plan=True,
        responding_positively=True,
    )
    return case(usual, *more, **{"type": "continuation", **form})


def state(requirement: Requirement, data: Case, plan: Data | None = None, /, **interpretations: str) -> str:
    """The state of a requirement."""
    return requirement_state(data, requirement, interpretations, plan)


def answer(data: Case, plan: Data | None = None, /, **interpretations: str) -> str:
    """The outcome, with the section, the kind of denial or the target of a referral."""
    told = decide(data, interpretations, plan)
    return f"{told.outcome} {told.section or told.denial_kind or told.refer_to}"


def sets(data: Data, **interpretations: str) -> set[frozenset[Requirement]]:
    """The missing sets."""
    return missing(data, interpretations)


INSUFFICIENT = "deny insufficient_documentation"
CONFLICTING = "deny conflicting_documentation"
NOT_MET = "deny criteria_not_met"


def test_the_usual_patient_is_approved() -> None:
    assert answer(patient()) == "approve I.A"
    assert answer(continuing()) == "approve II.A"


# Fine print 1: theorem 3 on cases


def test_supplied_documents_are_of_the_day_of_the_request_or_of_the_latest_document() -> None:
    early = patient(leaving="ngs")
    (wanted,) = sets(early)
    assert supply(early, wanted)["documents"][-1]["date"] == "2025-06-15"
    late = patient(document("later", date="2025-07"), leaving="ngs")
    assert supply(late, wanted)["documents"][-1]["date"] == "2025-07-31"


def test_a_supplied_list_holds_what_all_lists_on_file_hold() -> None:
    lists = history("a", "docetaxel", whole=None), history("b", "FOLFIRI", date="2025-01-01", whole=None)
    data = patient(*lists, leaving="hx")
    assert sets(data) == {frozenset({NO_ADAGRASIB})}
    states = supply(data, {NO_ADAGRASIB})["documents"][-1]["states"]
    assert {"docetaxel", "FOLFIRI"} <= set(states["prior_therapies"])
    assert states["complete_treatment_history"]


def test_whoever_supplies_an_age_after_the_request_states_one_that_is_enough_for_its_day() -> None:
    # 18 stated a month after the request might have been 17 on its day.
    data = patient(document("later", date="2025-07-15"), leaving="note")
    (wanted,) = sets(data)
    assert wanted == {ADULT, yes("oncology_prescriber")}
    assert answer(supply(data, wanted)) == "approve I.A"


@pytest.mark.slow
def test_supplying_a_missing_set_approves_and_all_but_one_attribute_of_it_does_not() -> None:
    rng = random.Random(5)
    tried = 0
    for _ in range(scaled(600)):
        data, plan = random_case_and_plan(rng)
        (interpretations,) = rng.sample(some_interpretations(rng, 6), 1)
        told = sorted(missing(data, interpretations, plan), key=str)
        for wanted in rng.sample(told, k=min(3, len(told))):
            ways = list(supplies(data, wanted, interpretations, plan))
            assert ways
            assert {decide(way, interpretations, plan).outcome for way in ways} == {"approve"}
            for attribute in {one.attribute for one in wanted}:
                rest = {one for one in wanted if one.attribute != attribute}
                less = supply(data, rest, interpretations, plan)
                assert decide(less, interpretations, plan).outcome != "approve"
            tried += 1
    assert tried > 50


# Fine print 2: whole histories


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (history("b", "docetaxel", date="2025-06-14", whole=None), "met"),
        (history("b", "docetaxel", date="2025-06-15", whole=None), "undocumented"),
        (history("b", "docetaxel", date="2025-06-16", whole=None), "undocumented"),
        (history("b", "carboplatin", date="2025-06-16", whole=None), "met"),
        (history("b", "sotorasib", date="2025-06-16", whole=None), "undocumented"),
        (history("b", "metformin", "ondansetron", date="2025-06-16", whole=None), "met"),
        (history("b", "radiation_therapy", date="2025-06-16", whole=None), "met"),
        (history("b", "docetaxel", date="2025-06", whole=None), "undocumented"),
        (history("b", "docetaxel", date="2025-05", whole=None), "met"),
        (history("b", "wonderdrug", date="2020-01-01", whole=None), "undocumented"),
    ],
)
def test_a_list_is_whole_unless_one_not_surely_earlier_has_an_anticancer_drug_more(
    other: Data, expected: str
) -> None:
    assert state(NO_ADAGRASIB, case(history("a", "carboplatin"), other)) == expected


def test_a_whole_list_of_drugs_says_nothing_of_treatments_that_are_no_drugs() -> None:
    data = case(history("a"))
    assert state(TREATED, data) == "not_met"
    assert state(includes_any("prior_therapies", ANY_TREATMENT), data) == "undocumented"


# Fine print 3: means


def test_an_unknown_name_on_the_form_takes_a_clarification() -> None:
    data = patient(concurrent_drugs=["wonderdrug"])
    assert answer(data) == INSUFFICIENT
    assert sets(data) == {frozenset({empty("concurrent_drugs")})}
    assert means(data, {empty("concurrent_drugs")}) == {
        Means(frozenset(), frozenset({("request", "wonderdrug")}))
    }


def test_of_an_exclusion_every_unknown_name_is_cleared_up_and_a_list_shown_where_none_is_whole() -> None:
    names = frozenset({("a", "wonderdrug"), ("b", "wonderdrug")})
    lists = [history("a", "wonderdrug", date="2025-06-01"), history("b", "wonderdrug", whole=None)]
    # b is later than a; what it lists is no cancer drug, if the means are to be enough.
    assert means(case(*lists), {NO_ADAGRASIB}) == {Means(frozenset(), names)}
    lists[0]["states"]["complete_treatment_history"] = False
    assert means(case(*lists), {NO_ADAGRASIB}) == {Means(frozenset({"prior_therapies"}), names)}


def test_of_an_inclusion_a_document_and_a_clarification_are_alternatives() -> None:
    document_alone = Means(frozenset({"prior_therapies"}), frozenset())
    name_alone = Means(frozenset(), frozenset({("a", "wonderdrug")}))
    assert means(case(history("a", "wonderdrug", whole=None)), {TREATED}) == {document_alone, name_alone}


def test_a_name_that_a_later_whole_history_would_hold_need_not_be_cleared_up() -> None:
    # Were it an anticancer drug, b would lack it though b is whole: the two would contradict each other.
    lists = history("a", "wonderdrug", date="2025-01-01", whole=None), history("b")
    document_alone = Means(frozenset({"prior_therapies"}), frozenset())
    assert means(case(*lists), {TREATED}) == {document_alone}


def test_the_means_of_requirements_on_one_list_are_judged_together() -> None:
    data = case(history("a", "wonderdrug"))
    name = frozenset({("a", "wonderdrug")})
    assert means_of_each(data, {TREATED, NO_ADAGRASIB}) == {
        TREATED: {Means(frozenset({"prior_therapies"}), frozenset()), Means(frozenset(), name)},
        NO_ADAGRASIB: {Means(frozenset(), name)},
    }
    # The name may be an anticancer drug other than adagrasib, and the list is whole then.
    assert means(data, {TREATED, NO_ADAGRASIB}) == {Means(frozenset(), name)}
    empty_file = case()
    assert means(empty_file, {TREATED, NO_ADAGRASIB}) == {Means(frozenset({"prior_therapies"}), frozenset())}
    (added,) = supply(empty_file, {TREATED, NO_ADAGRASIB})["documents"]
    assert added["states"]["complete_treatment_history"]
    assert "complete_treatment_history" not in supply(empty_file, {TREATED})["documents"][0]["states"]


def test_a_name_that_is_cleared_up_takes_a_further_list_where_an_old_one_would_then_contradict_another() -> (
    None
):
    # The name keeps b from being whole. Without it, b would say that nobody was given pembrolizumab, which
    # the earlier list names: Appendix B's therapy is established now, and would be conflicting.
    lists = [
        history("a", "pembrolizumab", "wonderdrug", date="2025-01-01", whole=None),
        history("b", "erlotinib", date="2025-03-01"),
    ]
    data = patient(*lists, leaving="hx")
    appendix_b = {"prior_therapy_scope": "appendix_b"}
    assert sets(data, **appendix_b) == {frozenset({NO_ADAGRASIB})}
    name = frozenset({("a", "wonderdrug")})
    both = {Means(frozenset({"prior_therapies"}), name)}
    assert means(data, {NO_ADAGRASIB}, appendix_b) == both
    assert answer(supply(data, {NO_ADAGRASIB}, appendix_b), **appendix_b) == "approve I.A"
    # Any systemic therapy is on both lists, and b then contradicts nothing.
    assert means(data, {NO_ADAGRASIB}) == {Means(frozenset(), name)}


def test_a_rank_has_documents_once_each_name_in_its_place_and_what_is_unlikely() -> None:
    weights = Weights(
        costs={"chart_note": 1, "treatment_history": 2, "pathology_report": 6, "molecular_report": 10},
        shown_by={
            "prior_therapies": ["treatment_history"], "birth_date": ["chart_note"], "age": ["pathology_report"],
            "diagnosis": ["chart_note", "pathology_report"], "kras_g12c": ["molecular_report"],
        },
        clarifying=3,
        unlikely={NSCLC: 20},
    )  # fmt: skip
    # One chart note shows the age, by way of the birth date, and the diagnosis.
    assert rank(case(), {ADULT, CRC}, weights) == (1, 1, 1, ("chart_note",))
    assert rank(case(), {ADULT, NSCLC}, weights) == (21, 1, 1, ("chart_note",))
    assert rank(case(), {MUTATION, CRC}, weights) == (11, 11, 2, ("chart_note", "molecular_report"))
    # A list costs less than to clear up the name; to exclude adagrasib, that has to be done in both places.
    lists = history("a", "wonderdrug", whole=None), history("b", "wonderdrug", whole=None)
    assert rank(case(*lists), {TREATED}, weights) == (2, 2, 1, ("treatment_history",))
    assert rank(case(*lists), {NO_ADAGRASIB}, weights) == (8, 2, 1, ("treatment_history",))
    assert rank(case(*lists), {TREATED}, weights._replace(clarifying=1)) == (1, 0, 0, ())


# Fine print 4: sets that entail each other


def test_of_sets_that_say_the_same_one_is_told() -> None:
    # An increase to 961 mg on an unknown drug: II.A.3.n asks for monotherapy, or for crc with one antibody.
    # crc is refuted; but within each of the two antibodies says the same as monotherapy.
    data = continuing(
        document("lit", "literature", dose_supported_by_evidence=True),
        dose_increase=True,
        dose_mg_per_day=961,
        concurrent_drugs=["wonderdrug"],
    )
    assert sets(data) == {frozenset({empty("concurrent_drugs")}), frozenset({yes("regimen_recommended")})}


# Fine print 5: dates


def test_the_request_is_of_the_last_day_of_the_latest_document_that_counts() -> None:
    born = document("a", date="2025-01-01", birth_date="2007-03-31")
    assert state(ADULT, case(born, document("b", date="2025-03"), date=None)) == "met"
    assert state(ADULT, case(born, document("b", date="2025-03-30"), date=None)) == "not_met"
    wrong = document("b", date="2025-03", status="entered_in_error")
    assert state(ADULT, case(born, wrong, date=None)) == "not_met"


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2025-03-10", "conflicting"), ("2025-03", "conflicting"), ("2025", "conflicting"), ("2025-02", "met")],
)
def test_a_document_of_a_partial_date_is_among_the_latest_unless_another_is_surely_later(
    day: str, expected: str
) -> None:
    said = [
        document("a", date="2025-03-10", disease_progression=True),
        document("b", date=day, disease_progression=False),
    ]
    assert state(yes("disease_progression"), case(*said)) == expected


def test_of_two_partial_dates_that_do_not_meet_the_later_one_counts() -> None:
    said = [
        document("a", date="2024", disease_progression=True),
        document("b", date="2025-01", disease_progression=False),
    ]
    assert state(yes("disease_progression"), case(*said)) == "not_met"


@pytest.mark.parametrize(
    ("born", "day", "expected"),
    [
        ("2004-02-29", "2022-02-27", "not_met"), ("2004-02-29", "2022-02-28", "met"),
        ("2004-02-29", "2024-02-29", "met"), ("2007-06-15", "2025-06-14", "not_met"),
        ("2007-06-15", "2025-06-15", "met"), ("2007-06", "2025-06-15", "undocumented"),
        ("2007-05", "2025-06-15", "met"), ("2007", "2025-06-15", "undocumented"), ("2006", "2025-06-15", "met"),
        ("2008", "2025-06-15", "not_met"), ("2030-01-01", "2025-06-15", "not_met"),
    ],
)  # fmt: skip
def test_a_birthday_counts_on_its_day_and_of_29_february_on_the_28th(
    born: str, day: str, expected: str
) -> None:
    assert state(ADULT, case(document("a", birth_date=born), date=day)) == expected


# Fine print 6: documents that do not count


def test_of_a_chain_of_replacements_the_last_counts() -> None:
    chain = [
        document("a", diagnosis="crc"),
        document("b", diagnosis="melanoma", replaces="a"),
        document("c", diagnosis="nsclc", replaces="b"),
    ]
    assert (state(NSCLC, case(*chain)), state(CRC, case(*chain))) == ("met", "not_met")


def test_what_is_in_error_replaces_nothing_unless_it_is_replaced_itself() -> None:
    old = document("a", diagnosis="crc")
    wrong = document("b", diagnosis="nsclc", replaces="a", status="entered-in-error")
    assert state(CRC, case(old, wrong)) == "met"
    last = document("c", diagnosis="nsclc", replaces="b")
    assert state(CRC, case(old, wrong, last)) == "not_met"


@pytest.mark.parametrize("status", ["preliminary", "amended", "final"])
def test_what_is_preliminary_or_amended_counts(status: str) -> None:
    assert state(NSCLC, case(document("a", diagnosis="nsclc", status=status))) == "met"


# Fine print 7: label changes


@pytest.mark.parametrize(
    ("changed", "day", "expected"),
    [
        ("2025-03-31", "2025-09-30", "met"), ("2025-03-29", "2025-09-30", "not_met"),
        ("2025-03-30", "2025-09-30", "met"), ("2025-09-30", "2025-09-30", "met"),
        ("2025-10-01", "2025-09-30", "not_met"), ("2025-02-28", "2025-08-31", "met"),
        ("2025-02-27", "2025-08-31", "not_met"), ("2025-02-07", "2025-06-15", "not_met"),
        ("2025-02-08", "2025-06-15", "met"), ("2025-02", "2025-06-15", "undocumented"),
        ("2025-03", "2025-06-15", "met"), ("2025-01", "2025-06-15", "not_met"),
        ("2025", "2025-06-15", "undocumented"),
    ],
)  # fmt: skip
def test_a_label_change_is_recent_for_six_months_and_after_the_revision(
    changed: str, day: str, expected: str
) -> None:
    label = document("a", "literature", label_change_date=changed)
    assert state(CHANGED, case(label, date=day)) == expected


# Fine print 8 and 9: what grows


def test_dates_count_as_statements_of_what_they_tell() -> None:
    # Both are of the latest day, and the two do not agree.
    data = case(document("a", birth_date="2000-01-01"), document("b", age=17))
    assert state(ADULT, data) == "conflicting"
    # An earlier birth date is out of date like an earlier age.
    assert (
        state(ADULT, case(document("a", date="2025-06-14", birth_date="2000-01-01"), document("b", age=17)))
        == "not_met"
    )


@pytest.mark.parametrize(
    ("stated", "asked", "grown"),
    [
        ("2025-06-15", "2025-06-15", {0}), ("2025-06-14", "2025-06-15", {0, 1}),
        ("2024-06-15", "2025-06-15", {1}),
        ("2024-06-14", "2025-06-15", {1, 2}), ("2024-06-16", "2025-06-15", {0, 1}),
        ("2025-06-16", "2025-06-15", {-1, 0}),
        ("2026-06-15", "2025-06-15", {-1}), ("2026-06-16", "2025-06-15", {-2, -1}),
        ("2024-02-29", "2025-02-28", {1}),
        ("2024", "2025-06-15", {0, 1, 2}), ("2025-06", "2025-06-15", {-1, 0, 1}),
    ],
)  # fmt: skip
def test_an_age_grows_by_the_full_years_and_perhaps_one_more(stated: str, asked: str, grown: set[int]) -> None:
    assert years_gone(span(stated), datetime.date.fromisoformat(asked)) == grown


@pytest.mark.parametrize(
    ("age", "day", "expected"),
    [
        (17, "2015-06-15", "met"), (17, "2025-03-15", "undocumented"), (17, "2024-06-15", "met"),
        (16, "2024-06-14", "undocumented"), (16, "2024-06-15", "not_met"), (18, "2025-06-16", "undocumented"),
        (19, "2025-06-16", "met"), (18, "2026-06-15", "not_met"), (0, "2026-06-15", "not_met"),
    ],
)  # fmt: skip
def test_an_age_of_another_day_may_be_more_or_less(age: int, day: str, expected: str) -> None:
    assert state(ADULT, case(document("a", date=day, age=age))) == expected


@pytest.mark.parametrize(
    ("days", "day", "expected"),
    [
        (29, "2025-06-05", "undocumented"), (29, "2025-06-15", "not_met"), (30, "2025-06-15", "met"),
        (30, "2024-06-05", "met"), (20, "2025-06-05", "undocumented"), (19, "2025-06-05", "not_met"),
        (30, "2025-06-16", "undocumented"), (31, "2025-06-16", "met"), (29, "2025-06", "undocumented"),
    ],
)  # fmt: skip
def test_days_on_therapy_may_have_gone_on_or_not(days: int, day: str, expected: str) -> None:
    assert state(THIRTY, case(document("a", date=day, days_on_therapy=days))) == expected


@pytest.mark.parametrize(
    ("started", "expected"),
    [
        ("2025-05-16", "met"), ("2025-05-17", "not_met"), ("2025-05", "undocumented"), ("2025-04", "met"),
        ("2025-06-20", "not_met"),
    ],
)  # fmt: skip
def test_the_start_of_therapy_is_exact(started: str, expected: str) -> None:
    # Of an old note too: the days are counted to the request.
    data = case(document("a", date="2025-05-20", therapy_start_date=started))
    assert state(THIRTY, data) == expected


# Fine print 10 and 16: the dose now


@pytest.mark.parametrize(
    ("now", "word", "expected"),
    [
        (960, True, "met"), (959, False, "not_met"), (961, True, "met"), ({"at_least": 960}, True, "met"),
        ({"at_most": 959}, False, "not_met"), ({"at_least": 240}, False, "undocumented"),
        ({"at_least": 959, "at_most": 960}, True, "undocumented"), (None, True, "not_met"),
        (None, False, "met"),
    ],
)  # fmt: skip
def test_an_increase_follows_from_the_dose_now_whatever_the_form_says(
    now: Any, word: bool, expected: str
) -> None:
    more = [] if now is None else [document("a", current_dose_mg_per_day=now)]
    assert state(no("dose_increase"), continuing(*more, dose_increase=word)) == expected


def test_the_latest_dose_counts_and_two_of_one_day_can_conflict() -> None:
    doses = [document("a", current_dose_mg_per_day=240), document("b", current_dose_mg_per_day=960)]
    assert state(no("dose_increase"), continuing(*doses)) == "conflicting"
    doses[0]["date"] = "2025-06-14"
    assert state(no("dose_increase"), continuing(*doses)) == "met"


def test_an_open_increase_misses_the_dose_now() -> None:
    data = continuing(document("a", current_dose_mg_per_day={"at_least": 240}), dose_mg_per_day=1200)
    wanted = frozenset({no("dose_increase")})
    assert sets(data) == {wanted, frozenset({yes("dose_supported_by_evidence")})}
    assert means(data, wanted) == {Means(frozenset({"current_dose_mg_per_day"}), frozenset())}
    assert answer(supply(data, wanted)) == "approve II.A"


# Fine print 11: diagnoses


@pytest.mark.parametrize(
    ("code", "may_be"),
    [
        ("C34.90", {"nsclc"}), ("c34_90", {"nsclc"}), ("C18.9", {"crc"}), ("C19", {"crc"}), ("C20", {"crc"}),
        ("C17.1", {"small_bowel_adenocarcinoma"}), ("C24.1", {"ampullary_adenocarcinoma"}),
        ("C25.0", {"pancreatic_adenocarcinoma"}), ("C25.9", {"pancreatic_adenocarcinoma"}),
        ("C25", {"pancreatic_adenocarcinoma"}), ("C25.4", set()), ("C7A.020", set()), ("C21.1", set()),
        ("C43.9", set()), ("C24.0", set()), ("C4A.9", set()),
        ("small_cell_lung_cancer", set()), ("melanoma", set()),
    ],
)  # fmt: skip
def test_a_code_of_a_tumor_refutes_what_it_cannot_be(code: str, may_be: set[str]) -> None:
    data = case(document("a", diagnosis=code))
    for name in (
        "nsclc",
        "crc",
        "ampullary_adenocarcinoma",
        "pancreatic_adenocarcinoma",
        "small_bowel_adenocarcinoma",
    ):
        assert state(is_("diagnosis", name), data) == ("undocumented" if name in may_be else "not_met")


@pytest.mark.parametrize(
    "code",
    ["C77.9", "C78.00", "C79.31", "C7B.02", "Z85.118", "D02.20", "D49.1", "C24", "C24.8", "C24.9", "C26.9",
     "C76.2", "C80.1", "E11.9", "I10"],
)  # fmt: skip
def test_a_code_of_something_else_says_nothing_of_the_diagnosis(code: str) -> None:
    assert state(NSCLC, case(document("a", diagnosis=code))) == "undocumented"
    assert state(NSCLC, case(document("a", diagnosis=code), document("b", diagnosis="nsclc"))) == "met"
    assert diseases([code, "nsclc"]) == {"nsclc"}


def test_of_several_names_of_one_disease_what_all_may_mean_counts() -> None:
    assert diseases(["C34.90", "lung_squamous_cell_carcinoma"]) == {"nsclc"}
    assert diseases(["C18.9", "C19"]) == {"crc", "another tumor of the large bowel"}
    with pytest.raises(ValueError, match="no disease"):
        diseases(["nsclc", "C18.9"])


# Fine print 12: tumors


def test_what_is_of_another_tumor_does_not_count_but_prior_therapies_do() -> None:
    old = document("old", date="2012-04-01", tumor="colon", diagnosis="crc", prior_therapies=["adagrasib"])
    assert state(NSCLC, patient(old, tumor="lung")) == "met"
    assert state(NO_ADAGRASIB, patient(old, tumor="lung")) == "conflicting"
    assert state(NSCLC, patient(old)) == "conflicting"
    for attribute in ("kras_g12c", "disease_progression", "responding_positively"):
        said = document("a", tumor="colon", **{attribute: False})
        assert state(yes(attribute), case(said, tumor="lung")) == "undocumented"
        assert state(yes(attribute), case(said)) == "not_met"
    assert state(
        yes("responding_positively"), case(document("a", tumor="colon", recist_response="pd"), tumor="lung")
    ) == ("undocumented")


def test_tumors_agree_whatever_their_case_blanks_and_hyphens() -> None:
    said = document("a", diagnosis="nsclc", tumor="Left-Lung")
    assert state(NSCLC, case(said, tumor="left  lung")) == "met"


# Fine print 13: the new interpretations


def test_any_treatment_counts_for_off_label_uses_whatever_the_scope() -> None:
    disease = "ampullary_adenocarcinoma"
    radiated = patient(history("hx", "radiation_therapy"), leaving="hx", disease=disease)
    assert answer(radiated) == NOT_MET
    assert answer(radiated, prior_therapy_kind="any_treatment") == "approve I.C"
    both = {"prior_therapy_kind": "any_treatment", "prior_therapy_scope": "appendix_b"}
    assert answer(radiated, **both) == "approve I.C"
    assert answer(patient(history("hx", "docetaxel"), leaving="hx", disease=disease), **both) == "approve I.C"
    # Section I.A points to Appendix B and asks for systemic therapy.
    assert (
        answer(patient(history("hx", "surgery"), leaving="hx"), prior_therapy_kind="any_treatment") == NOT_MET
    )


def test_a_covered_indication_may_take_extent_and_mutation() -> None:
    as_in_section_i = {"covered_indication": "as_in_section_i"}
    data = continuing()
    assert answer(data) == "approve II.A"
    assert answer(data, **as_in_section_i) == INSUFFICIENT
    assert {one.attribute for wanted in sets(data, **as_in_section_i) for one in wanted} == {
        "disease_extent",
        "kras_g12c",
    }
    staged = document("b", "molecular_report", disease_extent=["metastatic"], kras_g12c=True)
    assert answer(continuing(staged), **as_in_section_i) == "approve II.A"
    early = document("b", "molecular_report", disease_extent=["early"], kras_g12c=True)
    # Its use condition stays the diagnosis: no referral.
    assert answer(continuing(early), **as_in_section_i) == NOT_MET


def test_progression_of_ampullary_cancer_is_no_part_of_a_covered_indication() -> None:
    data = continuing(document("b", kras_g12c=True))
    data["documents"][0]["states"]["diagnosis"] = "ampullary_adenocarcinoma"
    both = {"covered_indication": "as_in_section_i", "ampullary_progression": "as_revision_log"}
    assert answer(data, **both) == "approve II.A"


# Fine print 14: ranges, exclusions


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"at_least": 18}, "met"), ({"at_least": 17}, "undocumented"), ({"at_most": 17}, "not_met"),
        ({"at_most": 18}, "undocumented"), ({"at_least": 17, "at_most": 18}, "undocumented"),
        ({"at_least": 18, "at_most": 18}, "met"),
    ],
)  # fmt: skip
def test_a_range_is_all_that_lies_in_it(given: Data, expected: str) -> None:
    assert state(ADULT, case(document("a", age=given))) == expected


def test_a_range_grows_at_both_ends() -> None:
    assert state(ADULT, case(document("a", date="2024-06-15", age={"at_least": 17}))) == "met"
    assert state(ADULT, case(document("a", date="2024-06-15", age={"at_most": 17}))) == "undocumented"
    assert state(ADULT, case(document("a", date="2024-06-15", age={"at_most": 16}))) == "not_met"


# Fine print 15: the plan


def plan(*facts: Data) -> Data:
    """A plan file with these facts, each since 2025-01-01 unless it says otherwise."""
    return {"plan": "p", "facts": [{"from": "2025-01-01", "to": None, **fact} for fact in facts]}


def test_a_fact_of_the_plan_counts_on_its_first_and_last_day_and_not_beside_them() -> None:
    fact = {"attribute": "generic_available", "value": False, "from": "2025-06-01", "to": "2025-06-30"}
    data = patient(leaving="ben")
    for day, holds in (
        ("2025-05-31", False),
        ("2025-06-01", True),
        ("2025-06-30", True),
        ("2025-07-01", False),
    ):
        data["request"]["date"] = day
        assert answer(data, plan(fact)) == ("approve I.A" if holds else INSUFFICIENT)


def test_a_fact_of_the_plan_is_of_its_lines_of_business_and_of_the_day_of_the_request() -> None:
    fact = {"attribute": "generic_available", "value": False, "line_of_business": ["medicaid", "him"]}
    assert answer(patient(leaving="ben"), plan(fact)) == INSUFFICIENT
    assert answer(patient(leaving="ben", line_of_business="him"), plan(fact)) == "approve I.A"
    fact = {"attribute": "generic_available", "value": True}
    assert state(no("generic_available"), patient(), plan(fact)) == "conflicting"
    older = document("ben", "benefit_record", date="2025-06-14", generic_available=False)
    assert state(no("generic_available"), patient(older, leaving="ben"), plan(fact)) == "not_met"


def test_a_fact_of_the_plan_fills_what_the_form_leaves_out() -> None:
    facts = plan(
        {"attribute": "on_formulary", "value": False}, {"attribute": "recent_label_change", "value": True}
    )
    melanoma = patient(line_of_business="medicaid", disease="melanoma")
    assert answer(melanoma, facts) == "refer CP.PMN.16"
    melanoma["request"]["on_formulary"] = True
    assert answer(melanoma, facts) == "refer CP.PMN.255"


def test_a_plan_is_no_literature() -> None:
    facts = plan({"attribute": "dose_supported_by_evidence", "value": True})
    assert state(yes("dose_supported_by_evidence"), patient(), facts) == "undocumented"


# Section 3 and 4: names, types of documents, specimens


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (["Keytruda (pembrolizumab)"], "met"), (["pembrolizumab (Keytruda®)"], "met"),
        (["carboplatin AUC 5"], "met"),
        (["carboplatin/pemetrexed"], "met"), (["pemetrexed 500 mg/m2 IV + carboplatin"], "met"),
        (["metformin", "lisinopril"], "not_met"), (["wonderdrug"], "undocumented"), (["surgery"], "not_met"),
        (["carboplatin and wonderdrug"], "met"), (["ondansetron with wonderdrug"], "undocumented"),
    ],
)  # fmt: skip
def test_names_are_read_with_care(listed: list[str], expected: str) -> None:
    assert state(TREATED, case(history("a", *listed))) == expected


@pytest.mark.parametrize(
    ("requirement", "listed", "expected"),
    [
        (empty("concurrent_drugs"), ["wonderdrug"], "undocumented"),
        (empty("concurrent_drugs"), ["wonderdrug", "docetaxel"], "not_met"),
        (empty("concurrent_drugs"), ["metformin", "surgery", "sotorasib", "ondansetron"], "met"),
        (includes("concurrent_drugs", "cetuximab"), ["cetuximab", "wonderdrug"], "met"),
        (includes("concurrent_drugs", "cetuximab"), ["wonderdrug"], "undocumented"),
        (includes("concurrent_drugs", "cetuximab"), ["docetaxel"], "not_met"),
        (within("concurrent_drugs", ["cetuximab"]), [], "met"),
        (within("concurrent_drugs", ["cetuximab"]), ["Erbitux"], "met"),
        (within("concurrent_drugs", ["cetuximab"]), ["cetuximab", "wonderdrug"], "undocumented"),
        (within("concurrent_drugs", ["cetuximab"]), ["cetuximab", "panitumumab"], "not_met"),
        (excludes("concurrent_drugs", "adagrasib"), ["Adagrasb"], "undocumented"),
        (excludes("concurrent_drugs", "adagrasib"), ["Adagrasb", "Krazati"], "not_met"),
    ],
)
def test_known_members_of_the_forms_list_decide_where_they_can(
    requirement: Requirement, listed: list[str], expected: str
) -> None:
    assert state(requirement, patient(concurrent_drugs=listed)) == expected


@pytest.mark.parametrize("attribute", ["dose_supported_by_evidence", "regimen_recommended"])
def test_evidence_counts_from_literature_alone(attribute: str) -> None:
    assert state(yes(attribute), case(document("a", **{attribute: True}))) == "undocumented"
    assert state(yes(attribute), case(document("a", **{attribute: False}))) == "undocumented"
    assert state(yes(attribute), case(document("a", "literature", **{attribute: True}))) == "met"
    assert state(yes(attribute), case(document("a", "literature", **{attribute: False}))) == "not_met"


def test_a_flag_that_was_once_true_stays_true() -> None:
    visits = [
        document("a", oncology_prescriber=False),
        document("b", date="2025-01-01", oncology_prescriber=True),
    ]
    assert state(yes("oncology_prescriber"), case(*visits)) == "met"
    assert state(no("oncology_prescriber"), case(*visits)) == "not_met"
    assert state(yes("oncology_prescriber"), case(visits[0])) == "not_met"
    assert state(no("oncology_prescriber"), case(visits[0])) == "met"


@pytest.mark.parametrize(
    ("found", "specimen", "expected"),
    [
        (False, "plasma", "undocumented"),
        (True, "plasma", "met"),
        (False, "tissue", "not_met"),
        (False, None, "not_met"),
    ],
)
def test_a_negative_plasma_result_says_nothing(found: bool, specimen: str | None, expected: str) -> None:
    said = {"specimen": specimen} if specimen else {}
    assert state(MUTATION, case(document("a", "molecular_report", kras_g12c=found, **said))) == expected


# Section 8: the corrected criteria


@pytest.mark.parametrize(
    ("drugs", "expected"),
    [
        ([], INSUFFICIENT), (["panitumumab"], "approve I.B"), (["cetuximab"], "approve I.B"),
        (["panitumumab", "cetuximab"], INSUFFICIENT), (["panitumumab", "adagrasib"], INSUFFICIENT),
        (["panitumumab", "FOLFIRI"], INSUFFICIENT), (["panitumumab", "metformin"], "approve I.B"),
    ],
)  # fmt: skip
def test_i_b_8_n_takes_one_antibody_and_no_other_drug(drugs: list[str], expected: str) -> None:
    data = patient(disease="crc", concurrent_drugs=drugs)
    assert answer(data) == expected
    recommended = document("lit", "literature", regimen_recommended=True)
    if drugs:
        assert answer({**data, "documents": [*data["documents"], recommended]}) == "approve I.B"


@pytest.mark.parametrize(
    ("disease", "drugs", "expected"),
    [
        ("crc", [], "approve II.A"), ("crc", ["panitumumab"], "approve II.A"),
        ("crc", ["cetuximab"], "approve II.A"),
        ("crc", ["cetuximab", "panitumumab"], INSUFFICIENT), ("crc", ["cetuximab", "docetaxel"], INSUFFICIENT),
        ("nsclc", ["cetuximab"], INSUFFICIENT), ("nsclc", [], "approve II.A"),
    ],
)  # fmt: skip
def test_ii_a_3_n_takes_one_antibody_for_colorectal_cancer(
    disease: str, drugs: list[str], expected: str
) -> None:
    data = continuing(dose_increase=True, concurrent_drugs=drugs)
    data["documents"][0]["states"]["diagnosis"] = disease
    assert answer(data) == expected


@pytest.mark.parametrize("reason", ["generic_contraindicated", "generic_not_tolerated"])
@pytest.mark.parametrize(
    ("disease", "section"), [("nsclc", "I.A"), ("crc", "I.B"), ("ampullary_adenocarcinoma", "I.C")]
)
def test_a_generic_on_the_market_need_not_be_taken_for_either_reason(
    reason: str, disease: str, section: str
) -> None:
    drugs = ["panitumumab"] if disease == "crc" else []
    market = document("ben", "benefit_record", generic_available=True)
    data = patient(market, leaving="ben", disease=disease, concurrent_drugs=drugs)
    assert answer(data) == INSUFFICIENT
    assert {yes(reason)} in sets(data)
    data["documents"].append(document("why", **{reason: True}))
    assert answer(data) == f"approve {section}"


@pytest.mark.parametrize(
    ("disease", "drugs", "expected"),
    [
        ("nsclc", ["ipilimumab"], NOT_MET), ("nsclc", ["tremelimumab"], NOT_MET),
        ("nsclc", ["ipilimumab", "nivolumab"], "approve I.A"), ("nsclc", ["docetaxel"], NOT_MET),
        ("ampullary_adenocarcinoma", ["tegafur"], "approve I.C"),
        ("ampullary_adenocarcinoma", ["docetaxel"], NOT_MET),
        ("small_bowel_adenocarcinoma", ["capox"], "approve I.C"),
        ("pancreatic_adenocarcinoma", ["docetaxel"], "approve I.C"),
        ("pancreatic_adenocarcinoma", ["surgery"], NOT_MET),
    ],
)  # fmt: skip
def test_appendix_b_lists_what_counts_by_itself(disease: str, drugs: list[str], expected: str) -> None:
    data = patient(history("hx", *drugs), leaving="hx", disease=disease)
    assert answer(data, prior_therapy_scope="appendix_b") == expected


@pytest.mark.parametrize(
    ("dose", "changed", "expected"),
    [
        (961, True, "refer CP.CPA.190"), (960, True, "approve I.A"), (961, False, INSUFFICIENT),
        (961, None, INSUFFICIENT),
    ],
)  # fmt: skip
def test_a_high_dose_is_another_use_once_the_label_changed(
    dose: int, changed: bool | None, expected: str
) -> None:
    more = [] if changed is None else [document("lab", "literature", recent_label_change=changed)]
    data = patient(*more, dose_mg_per_day=dose)
    assert answer(data) == expected
    never = INSUFFICIENT if dose == 961 else expected
    assert answer(data, dose_is_part_of_the_use="never") == never


def test_a_high_dose_with_evidence_is_approved_though_the_label_changed() -> None:
    label = document("lab", "literature", recent_label_change=True, dose_supported_by_evidence=True)
    assert answer(patient(label, dose_mg_per_day=961)) == "approve I.A"


def test_documents_that_disagree_on_the_label_leave_a_high_dose_in_its_section() -> None:
    labels = [
        document("a", "literature", recent_label_change=True),
        document("b", "literature", recent_label_change=False),
    ]
    assert answer(patient(*labels, dose_mg_per_day=961)) == INSUFFICIENT


def test_an_increase_that_documents_show_takes_what_ii_a_3_asks() -> None:
    now = document("a", current_dose_mg_per_day=960)
    assert answer(continuing(now, dose_mg_per_day=1200, dose_increase=False)) == INSUFFICIENT
    assert answer(continuing(now, dose_mg_per_day=960, dose_increase=True)) == "approve II.A"
    # The other disease has no usual dose of its own.
    bowel = continuing(document("a", current_dose_mg_per_day=480))
    bowel["documents"][0]["states"]["diagnosis"] = "small_bowel_adenocarcinoma"
    assert answer(bowel) == INSUFFICIENT
    assert answer(bowel, dose_increase_other_indications="all_covered") == "approve II.A"


# Reports of what once went wrong


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("wrong_answers/unknown_in_form_refers", INSUFFICIENT),
        ("wrong_answers/unknown_in_form_approves", INSUFFICIENT),
        ("wrong_answers/crc_three_more_drugs", INSUFFICIENT),
        ("wrong_answers/crc_four_more_drugs", INSUFFICIENT),
        ("wrong_answers/unknown_in_history", INSUFFICIENT),
        ("wrong_answers/unknown_in_history_then_whole", INSUFFICIENT),
        ("wrong_answers/chart_note_as_literature", INSUFFICIENT),
        ("wrong_answers/chart_note_as_regimen_literature", INSUFFICIENT),
        ("names/lung_adenocarcinoma", "approve I.A"), ("names/lung_squamous_cell_carcinoma", "approve I.A"),
        ("names/nsclc_and_lung_adenocarcinoma", "approve I.A"),
        ("names/small_cell_lung_cancer", "refer CP.CPA.09"),
        ("names/icd10", INSUFFICIENT), ("names/icd10_lower", INSUFFICIENT), ("names/krazati_plain", NOT_MET),
        ("names/krazati_registered", NOT_MET), ("names/krazati_strength", NOT_MET),
        ("names/vectibix_trademark", "approve I.B"), ("names/zofran_registered", "approve I.A"),
        ("names/strength_in_history", "approve I.A"), ("names/brand_and_generic", "approve I.A"),
        ("names/slash", "approve I.A"), ("names/plus", "approve I.B"), ("names/home_medicines", "approve I.A"),
        ("dates/age_17_ten_years_ago", "approve I.A"), ("dates/birth_date", "approve I.A"),
        ("dates/request_date", "approve I.A"), ("dates/all_1999", "approve I.A"),
        ("dates/old_benefit_record", "approve I.A"), ("dates/label_change_2019", "refer CP.CPA.190"),
        ("dates/month", "approve I.A"), ("documents/two_primaries", CONFLICTING),
        ("documents/two_primaries_named", "approve I.A"), ("documents/status_entered_in_error", "approve I.A"),
        ("documents/status_amended", "approve I.A"), ("documents/order_a", "approve I.B"),
        ("documents/order_b", "approve I.B"),
    ],
)  # fmt: skip
def test_reports_come_to_what_they_should(name: str, expected: str) -> None:
    assert answer(report(name)) == expected


def report(name: str) -> Data:
    """The case of a report."""
    data: Data = json.loads((REPORTS / f"{name}.json").read_text(encoding="utf-8"))
    return data


def cleared(*places: tuple[str, str]) -> Means:
    """Nothing but these names cleared up."""
    return Means(frozenset(), frozenset(places))


def test_reports_of_unknown_names_take_their_clarification() -> None:
    data = report("wrong_answers/unknown_in_form_refers")
    assert sets(data) == {frozenset({empty("concurrent_drugs")})}
    assert means(data, {empty("concurrent_drugs")}) == {cleared(("request", "wonderdrug"))}
    data = report("wrong_answers/unknown_in_form_approves")
    alone = frozenset({within("concurrent_drugs", ["panitumumab"])})
    assert sets(data) == {alone, frozenset({yes("regimen_recommended")})}
    assert means(data, alone) == {cleared(("request", "wonderdrug"))}
    data = report("wrong_answers/unknown_in_history")
    assert sets(data) == {frozenset({NO_ADAGRASIB})}
    assert means(data, {NO_ADAGRASIB}) == {cleared(("hx", "adagrasb"))}
    data = report("wrong_answers/unknown_in_history_then_whole")
    assert sets(data) == {frozenset({NO_ADAGRASIB})}
    assert means(data, {NO_ADAGRASIB}) == {cleared(("hx", "adagrasb"))}


def test_reports_of_regimens_and_doses_take_literature() -> None:
    recommended = frozenset({yes("regimen_recommended")})
    for name in ("crc_three_more_drugs", "crc_four_more_drugs", "chart_note_as_regimen_literature"):
        assert sets(report(f"wrong_answers/{name}")) == {recommended}
    wanted = {frozenset({yes("dose_supported_by_evidence")})}
    assert sets(report("wrong_answers/chart_note_as_literature")) == wanted
    shows = {"literature": ["dose_supported_by_evidence"], "chart_note": ["age"]}
    found = missing_documents(report("wrong_answers/chart_note_as_literature"), {}, shows)
    assert found == {frozenset({"literature"})}


def test_a_report_of_a_code_leaves_the_lung_open_and_refutes_the_bowel() -> None:
    data = report("names/icd10")
    assert (state(NSCLC, data), state(CRC, data)) == ("undocumented", "not_met")
    assert sets(data) == {frozenset({NSCLC})}


def test_a_label_change_by_its_day_is_no_recent_one_after_years() -> None:
    data = report("dates/label_change_2019")
    data["documents"][-1]["states"] = {"label_change_date": "2019-03-01"}
    assert answer(data) == "refer CP.CPA.09"


# The oracle and its random cases


@pytest.mark.slow
def test_the_order_and_names_of_documents_change_nothing() -> None:
    rng = random.Random(3)
    for _ in range(scaled(300)):
        data, facts = random_case_and_plan(rng)
        assert decide(data, {}, facts) == decide(shuffled(rng, data), {}, facts)


@pytest.mark.slow
def test_there_is_a_missing_set_where_documents_are_insufficient_and_nowhere_else() -> None:
    rng = random.Random(4)
    outcomes = set()
    for _ in range(scaled(600)):
        data, facts = random_case_and_plan(rng)
        (interpretations,) = rng.sample(some_interpretations(rng, 6), 1)
        told = decide(data, interpretations, facts)
        assert bool(missing(data, interpretations, facts)) == (told.denial_kind == "insufficient_documentation")
        outcomes.add((told.outcome, told.denial_kind))
    assert len(outcomes) == 5


def test_random_cases_are_valid_in_what_hangs_together() -> None:
    rng = random.Random(6)
    for _ in range(300):
        data, facts = random_case_and_plan(rng)
        assert json.loads(json.dumps([data, facts])) == [data, facts]
        form, documents = data["request"], data["documents"]
        names = [one["id"] for one in documents]
        assert len(names) == len(set(names))
        assert "plan" not in names
        assert not form.get("dose_increase") or form["type"] == "continuation"
        assert facts is None or "date" in form
        for one in documents:
            states = one["states"]
            assert "complete_treatment_history" not in states or "prior_therapies" in states
            assert "specimen" not in states or one["type"] == "molecular_report"
            assert "replaces" not in one or names.index(one["replaces"]) < names.index(one["id"])
            assert states.get("disease_extent", ["early"])


def test_cases_of_the_old_kind_have_nothing_of_the_new() -> None:
    rng = random.Random(8)
    for _ in range(200):
        data = old_style_case(rng)
        assert "date" not in data["request"]
        assert all(one.keys() == {"id", "type", "date", "states"} for one in data["documents"])
