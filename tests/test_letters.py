"""Letters on decisions: what they tell, and that they make up nothing."""

from __future__ import annotations

import datetime
import doctest
import re
import zlib
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import BridgeError, Case, Letter, LetterContent, LetterError
from pyclingo_bridge.letters import pdf
from pyclingo_bridge.letters.reading import grade, reading_grade, sentences_of, syllables
from pyclingo_bridge.letters.slots import RECIPIENTS, SLOTS, read_slots
from pyclingo_bridge.letters.templates import export_templates
from pyclingo_bridge.letters.wording import last_day
from tests.conftest import CONTINUING, POLICIES, ROOT, case, made, policy, request, whole

CASES = ROOT / "examples" / "cases"

SLOTS_OF_ONE = {
    "plan_name": "Example Health Plan",
    "plan_address": "100 Main Street\nSpringfield, IL 62701",
    "letter_date": "2025-03-10",
    "reference": "PA-0042",
    "member_name": "Ana Example",
    "member_id": "E123456",
    "member_address": "7 Oak Road\nSpringfield, IL 62702",
    "provider_name": "Dr. Sam Sample",
    "provider_address": "12 Elm Street\nSpringfield, IL 62703",
    "approval_start": "2025-03-15",
    "reviewer_name": "Pat Reviewer",
    "reviewer_credentials": "MD",
    "appeal_rights": "You can appeal within 180 days.\n\nCall or write.",
    "contact": "Call 1-800-555-0100.",
}

EXAMPLES = {
    "approval": "approve/nsclc_medicaid_six_months",
    "one document": "deny/molecular_report_missing",
    "many ways": "deny/nothing_documented",
    "conflict": "deny/documents_disagree_on_diagnosis",
    "not met": "deny/krazati_with_its_sign_and_strength",
    "referral": "refer/unlisted_diagnosis",
    "unknown name": "deny/history_with_misspelled_drug",
}


@cache
def letter(example: str, to: Any = "provider", filled: bool = True, first: int = 5) -> Letter:
    given = Case.load(CASES / f"{EXAMPLES.get(example, example)}.json")
    return policy().letter(given, to, SLOTS_OF_ONE if filled else {}, first=first)


def content(example: str, **options: Any) -> LetterContent:
    return letter(example, **options).content


# What letters tell


def test_an_approval_tells_for_how_long_and_under_which_section() -> None:
    approval = content("approval").approval
    assert approval is not None
    assert (approval.section.id, approval.section.locator, approval.months) == ("I.A", "section I.A", 6)
    assert [one.id for one in approval.met] == [f"I.A.{number}" for number in range(1, 10)]
    text = letter("approval").markdown()
    # Six months from March 15 end on the day before September 15.
    assert "The approval is for 6 months, starting March 15, 2025; its last day is September 14, 2025." in text
    assert "- Where the state's own rules for Medicaid differ from this policy, they come first" in text
    to_member = letter("approval", to="member").markdown()
    assert "- Your state has its own rules for Medicaid. If they differ from ours" in to_member
    assert "appeal" not in text


def test_a_denial_names_the_criterion_with_its_place_and_the_document_that_would_do() -> None:
    told = content("one document")
    (section,) = told.sections
    (reason,) = section.reasons
    assert reason.criterion is not None
    assert (reason.criterion.id, reason.criterion.locator) == ("I.A.4", "section I.A, item 4")
    assert (reason.name.text, reason.status) == ("the tumor carries KRAS G12C", "undocumented")
    (way,) = told.ways.ways
    assert [show.name.text for show in way.shows] == ["KRAS G12C mutation found"]
    assert [[kind.text for kind in show.documents] for show in way.shows] == [["molecular report"]]


def test_what_all_ways_share_comes_first_and_no_way_repeats_it() -> None:
    ways = content("many ways").ways
    shared = [show.name.text for show in ways.shared]
    # Whatever the tumor is, these four are asked for.
    assert shared == [
        "prescribed by, or with, an oncologist",
        "age in years at least 18",
        "KRAS G12C mutation found",
        "prior therapies include a systemic anticancer drug",
    ]
    # The first five ways are ways to meet sections I.A and I.B, of all ways some are to meet I.C.
    everything = content("many ways", first=0).ways
    assert [place.id for place in ways.shared[0].criteria] == ["I.A.2", "I.B.2"]
    assert [place.id for place in everything.shared[0].criteria] == ["I.A.2", "I.B.2", "I.C.2"]
    assert all(show.name.text not in shared for way in ways.ways for show in way.shows)
    assert (len(ways.ways), ways.more) == (5, True)


def test_as_many_ways_are_listed_as_are_asked_for_the_least_effort_first() -> None:
    few, everything = content("many ways", first=2).ways, content("many ways", first=0).ways
    assert (len(few.ways), few.more) == (2, True)
    assert (len(everything.ways), everything.more) == (everything.count, False)
    assert few.ways == everything.ways[:2]
    costs = policy().vocabulary.document_types
    labels = {policy().vocabulary.labels[name]: cost for name, cost in costs.items()}
    efforts = [sum(labels[kind.text] for kind in way.documents) for way in everything.ways]
    assert efforts[0] == min(efforts)
    assert efforts[0] < max(efforts)


def test_a_conflict_names_both_documents_and_what_would_settle_it() -> None:
    told = content("conflict")
    (contradiction,) = told.contradictions
    assert contradiction.name.text == "diagnosis"
    assert {said.document: said.text for said in contradiction.statements} == {
        "path-1": "diagnosis: non-small cell lung cancer",
        "path-2": "diagnosis: colon adenocarcinoma",
    }
    resolutions = [way.resolutions[0] for way in told.ways.ways]
    assert [one.name.text for one in resolutions] == [
        "diagnosis is non-small cell lung cancer",
        "diagnosis is colorectal cancer",
    ]
    assert [[said.document for said in one.opposing] for one in resolutions] == [["path-2"], ["path-1"]]


def test_a_change_of_the_request_that_is_enough_alone_is_told_beside_the_documents() -> None:
    for example, change, documents in (
        ("deny/generic_available_reason_unstated", "Product: generic", True),
        ("deny/dose_1200_without_literature", "Daily dose in mg: at most 960", True),
        ("deny/dose_1200_literature_does_not_support", "Daily dose in mg: at most 960", False),
    ):
        ways = content(example).ways
        assert bool(ways.ways) == documents
        assert all(not way.changes for way in ways.ways)
        told = "Or change" if documents else "Change"
        for written in (letter(example).markdown(), letter(example).html()):
            assert f"{told} the request, if you find it right for the patient. This change is enough" in written
            assert change in written
        to_member = letter(example, to="member").markdown()
        assert "Your doctor may also change the request. Ask your doctor about this." in to_member
        assert change not in to_member
    assert not content("one document").ways.by_request
    assert "change the request" not in letter("one document", to="member").markdown()


def test_of_changes_of_the_request_no_more_are_listed_than_are_asked_for() -> None:
    both = content("deny/crc_alone_without_egfr_reason", first=0).ways
    # The section asks for one of two antibodies with the drug.
    assert [way.changes for way in both.by_request] == [
        ("anticancer drugs given with it: cetuximab",),
        ("anticancer drugs given with it: panitumumab",),
    ]
    assert not both.more_by_request
    one = content("deny/crc_alone_without_egfr_reason", first=1).ways
    assert (one.by_request, one.more_by_request) == (both.by_request[:1], True)


def test_of_alternatives_a_member_reads_what_is_on_file_against_each() -> None:
    text = letter("deny/generic_available_reason_unstated", to="member").markdown()
    assert "One of these is enough. This is what we found:" in text
    for told in (
        "  - The request is for the generic drug. This does not fit what we read in the request: "
        "kind of drug: brand-name drug.",
        "  - There is no generic drug. This does not fit what we read in a record of your benefits, "
        "dated July 15, 2025: there is a generic drug.",
        "  - The generic drug is not safe for you. We did not get proof of this.",
    ):
        assert f"{told}\n" in text
    raised = letter("deny/dose_1200_without_literature", to="member").markdown()
    assert "- The dose is at most 960 mg a day. This does not fit what we read in the request" in raised
    assert "in mg a day: 1200" in raised


def test_a_member_who_is_on_the_drug_for_too_short_a_time_reads_of_the_days_and_of_the_limit() -> None:
    text = letter("deny/continuation_at_29_days", to="member").markdown()
    assert "- You have been on the drug for 30 days or more. This does not fit what we read in" in text
    assert "days on the drug: 29" in text
    # The use that is covered is on file, and not among what is not shown.
    ((reason,),) = [section.reasons for section in content("deny/continuation_at_29_days").sections]
    assert {part.name.text for part in reason.parts} == {
        "receives the drug through the plan",
        "days on the drug at least 30",
    }


def test_of_a_criterion_that_is_met_in_part_a_member_reads_which_part_is_not() -> None:
    given = whole(disease_extent=None)
    told = policy().letter(case(given), "member", SLOTS_OF_ONE)
    ((reason,),) = [section.reasons for section in told.content.sections]
    assert reason.partial
    line = "We did not get proof of this part: the cancer came back, is advanced, or has spread."
    assert line in told.markdown()
    assert line in told.html()


def test_of_a_dose_that_is_low_enough_no_proof_is_asked_where_only_the_regimen_is_open() -> None:
    given = whole()
    given["request"]["concurrent_drugs"] = ["pembrolizumb"]
    told = policy().letter(case(given), "member", SLOTS_OF_ONE)
    (reason,) = [
        one for one in told.content.sections[0].reasons if one.criterion and one.criterion.id == "I.A.9"
    ]
    assert reason.partial
    assert [part.criterion.id for part in reason.parts if part.criterion] == ["I.A.9.n"]
    line = "  - The drugs are approved or advised for use this way. We did not get proof of this."
    assert line in told.markdown()


def test_alternatives_of_alternatives_are_told_as_one_list() -> None:
    given = made(
        request(type="continuation", dose_mg_per_day=1200),
        CONTINUING,
        current_dose_mg_per_day=960,
    )
    ((reason,),) = [
        section.reasons for section in policy().letter(case(given), slots=SLOTS_OF_ONE).content.sections
    ]
    assert reason.any_one
    named = [part.criterion.id if part.criterion else part.name.text for part in reason.parts]
    assert named == ["II.A.3.a", "II.A.3.b", "the dose is not increased"]


def test_a_provider_reads_what_is_asked_for_beside_what_is_on_file() -> None:
    text = letter("deny/dose_1200_without_literature").markdown()
    assert "- Asked for: daily dose in mg at most 960\n    - Request form: daily dose in mg: 1200\n" in text


def test_both_sides_of_a_contradiction_are_told_and_none_is_taken() -> None:
    given = case(whole())
    other = {"id": "k2", "type": "molecular_report", "date": "2025-03-20", "states": {"kras_g12c": False}}
    data = given.model_dump(mode="json")
    told = policy().letter(case({**data, "documents": [*data["documents"], other]}), slots=SLOTS_OF_ONE)
    (contradiction,) = told.content.contradictions
    assert contradiction.name.text == "KRAS G12C mutation found, or not"
    assert (contradiction.newer, contradiction.two_tumors, contradiction.tumors) == (False, True, ())
    for text in (told.markdown(), re.sub("<[^>]+>", "", told.html())):
        assert "Please tell us which is right, and have the other corrected." in text
        assert "If they are about two tumors, name the tumor of each of them" in text
        assert "This depends on which document is right:" in text
        assert "Says so: Molecular report kras_g12c of March 2, 2025: KRAS G12C mutation found" in text
        assert "Says otherwise: Molecular report k2 of March 20, 2025: no KRAS G12C mutation found" in text
        assert "If it is true" not in text
    several = letter("conflict").markdown()
    assert "Which of these ways is open depends on which document is right:" in several
    assert "least effort" not in several


def test_where_documents_name_a_tumor_and_the_request_does_not_its_tumor_is_asked_for() -> None:
    old = {
        "id": "p0",
        "type": "pathology_report",
        "date": "2015-03-01",
        "tumor": "colon 2015",
        "states": {"diagnosis": "crc"},
    }
    data = whole()
    given = {**data, "documents": [*data["documents"], old]}
    told = policy().letter(case(given), slots=SLOTS_OF_ONE)
    (contradiction,) = told.content.contradictions
    assert contradiction.tumors == ("colon 2015",)
    assert "documents name colon 2015: fill in the tumor of the request (`tumor`)" in told.markdown()
    to_member = policy().letter(case(given), "member", SLOTS_OF_ONE)
    assert "Are the papers about two tumors?" in to_member.markdown()
    # And that does settle it.
    named = {**given, "request": {**data["request"], "tumor": "lung"}}
    assert policy().decide(case(named)).outcome == "approve"


def test_no_second_tumor_is_asked_for_where_a_contradiction_is_of_the_patient() -> None:
    data = whole()
    other = {"id": "b2", "type": "benefit_record", "date": "2025-03-02", "states": {"generic_available": True}}
    told = policy().letter(case({**data, "documents": [*data["documents"], other]}), slots=SLOTS_OF_ONE)
    (contradiction,) = told.content.contradictions
    assert (contradiction.newer, contradiction.two_tumors) == (True, False)
    assert "have the other corrected, or send a newer document." in told.markdown()
    assert "two tumors" not in told.markdown()


def test_a_member_reads_which_fact_sends_the_request_elsewhere() -> None:
    text = letter("refer/nsclc_with_pembrolizumab", to="member").markdown()
    assert "You take no other cancer drug with it.** This does not fit what we read in the request" in text
    assert "cancer drugs taken with it: pembrolizumab" in text
    assert "ny one of these" not in text
    referral = content("refer/nsclc_with_pembrolizumab").referral
    assert referral is not None
    # The other sections do not fit the diagnosis either.
    assert [one.section.id for one in referral.nearest] == ["I.A"]
    changed = letter("refer/label_change_medicaid_off_formulary", to="member").markdown()
    assert "the drug's label changed not long ago" in changed
    assert "the drug is not on our drug list" in changed


def test_an_approval_names_what_of_the_request_it_is_for_and_its_last_day() -> None:
    text = letter("approval", to="member").markdown()
    assert "We will pay for sotorasib for 6 months. This starts on March 15, 2025." in text
    assert "The last day is September 14, 2025." in text
    assert "- Kind of drug: brand-name drug\n- Dose asked for, in mg a day: 960\n" in text
    unknown = policy().letter(
        Case.load(CASES / "approve/nsclc_medicaid_six_months.json"), slots={"approval_start": "next Monday"}
    )
    assert unknown.content.approval is not None
    assert unknown.content.approval.last_day is None
    assert "last day" not in unknown.markdown()


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        ("2025-03-15", 6, "2025-09-14"),
        ("2025-03-01", 12, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2025-10-01", 3, "2025-12-31"),
    ],
)
def test_the_last_day_of_some_months_is_the_day_before_the_same_day_of_the_month(
    first: str, months: int, last: str
) -> None:
    assert last_day(datetime.date.fromisoformat(first), months) == datetime.date.fromisoformat(last)


def test_clinic_words_are_put_plainly_to_a_member() -> None:
    text = letter("deny/continuation_progressive_disease", to="member").markdown()
    assert "RECIST" not in text
    assert "it grew or spread" in text
    early = letter("deny/early_stage_disease", to="member").markdown()
    assert "how far the cancer has come: it is at an early stage" in early
    elsewhere = letter("referral", to="member").markdown()
    assert "Diagnosis is one of" not in elsewhere
    assert "ampullary, pancreas, or small bowel (adenocarcinoma)" in elsewhere


def test_criteria_that_are_not_met_are_told_with_who_says_so() -> None:
    told = content("not met")
    ((reason,),) = [section.reasons for section in told.sections]
    assert reason.criterion is not None
    assert (reason.criterion.id, reason.status) == ("I.A.7", "not_met")
    (said,) = reason.statements
    assert (said.document, said.effect) == ("hx-1", "refutes")
    assert said.text.endswith("Krazati® 200 mg tablet (names read as: Krazati® 200 mg tablet: krazati)")
    assert said.source.text == "treatment history hx-1 of April 14, 2025"
    assert not told.ways.ways


def test_a_member_reads_what_is_on_file_against_the_request_once() -> None:
    text = letter("deny/dose_1200_literature_does_not_support", to="member").markdown()
    assert text.count("what we read in the request: dose asked for, in mg a day: 1200.") == 1
    text = letter("not met", to="member").markdown()
    assert "You never took the drug adagrasib (Krazati)." in text
    assert "dated April 14, 2025: past treatments: carboplatin, pemetrexed" in text


def test_a_referral_tells_where_to_and_what_no_section_addresses() -> None:
    referral = content("referral").referral
    assert referral is not None
    assert referral.basis is not None
    assert (referral.target, referral.basis.id) == ("CP.CPA.09", "I.D.2")
    because = [said.text for said in referral.because]
    assert because == ["line of business: commercial", "type of request: initial"]
    assert [one.section.id for one in referral.elsewhere] == ["I.A", "I.B", "I.C"]
    said = {said.text for one in referral.elsewhere for reason in one.reasons for said in reason.statements}
    assert said == {"diagnosis: cholangiocarcinoma"}


def test_an_unknown_name_is_to_be_told_the_meaning_of_and_no_document_asked_for() -> None:
    (way,) = content("unknown name").ways.ways
    (show,) = way.shows
    (name,) = show.clarifications
    assert (show.means, show.documents) == ("clarification", ())
    assert (name.name, name.nearest, name.source.text) == (
        "Krazatti",
        ("krazati",),
        "treatment history hx-1 of April 14, 2025",
    )
    assert 'Tell us what "Krazatti" in the treatment history hx-1' in letter("unknown name").markdown()


def test_it_is_told_of_each_document_what_became_of_it() -> None:
    uses = {one.id: one.use for one in content("one document").submitted}
    assert set(uses.values()) == {"counted"}
    (image,) = [one for one in content("one document").submitted if one.id == "ct-1"]
    # No item of section I.A asks for progression.
    assert [(one.text, one.use) for one in image.states] == [
        ("extent of disease: metastatic", "counted"),
        ("progressed on prior therapy", "not_asked"),
    ]
    (history,) = [one for one in content("unknown name").submitted if one.id == "hx-1"]
    assert history.use == "in_part"


def test_a_document_in_error_or_replaced_or_overtaken_is_told_as_such() -> None:
    def uses(example: str) -> set[str]:
        return {one.use for one in content(example).submitted}

    assert "entered_in_error" in uses("deny/only_report_entered_in_error")
    assert "replaced" in uses("approve/amended_pathology_report")
    overtaken = [
        (one.date, one.use)
        for one in content("deny/continuation_later_scan_shows_progression").submitted
        if one.type.text == "imaging report"
    ]
    assert overtaken[0][1] == "out_of_date"
    assert overtaken[-1][1] == "counted"


def test_any_one_of_alternatives_and_excuses_is_told_to_be_enough() -> None:
    ((generic,),) = [section.reasons for section in content("deny/generic_availability_unknown").sections]
    assert generic.criterion is not None
    assert (generic.criterion.id, generic.any_one) == ("I.A.8", True)
    assert [part.name.text for part in generic.parts] == [
        "product is generic",
        "no generic is available",
        "the generic is contraindicated",
        "the generic was not tolerated",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(CASES.glob("*/*.json")), ids=lambda path: path.stem)
def test_letters_on_every_example_are_written_and_agree_with_the_decision(path: Path) -> None:
    given = Case.load(path)
    decision = policy().decide(given)
    for to in RECIPIENTS:
        told = policy().letter(given, to, SLOTS_OF_ONE)
        assert told.content.outcome == path.parent.name
        assert (told.content.approval is None) == (decision.outcome != "approve")
        assert (told.content.referral is None) == (decision.outcome != "refer")
        assert bool(told.content.sections) == (decision.outcome == "deny")
        assert not told.empty_slots
        for written in (told.markdown(), told.html()):
            assert "None" not in written
            assert "not filled in" not in written


def asthma_case(**states: Any) -> dict[str, Any]:
    document = {"id": "d1", "type": "visit", "date": "2024-05-01", "states": states}
    return {"id": "asthma", "request": {}, "documents": [document] if states else []}


def test_letters_are_written_by_a_policy_with_a_vocabulary_and_outcome_words_of_its_own() -> None:
    own = policy(POLICIES / "severe_asthma")
    whole = {"condition": "asthma", "years": 6, "eosinophils": 300, "smoker": False}
    approved = own.letter(case(asthma_case(**whole, controllers=["inhaled_steroid"]), own))
    assert "## Decision: Approved (covered)" in approved.markdown()
    # A policy without plain words is told to the member in its own.
    denied = own.letter(case(asthma_case(**whole), own), "member")
    asked = [reason.name for section in denied.content.sections for reason in section.reasons]
    assert asked
    assert all(name.plain == name.text for name in asked)
    assert asked[0].text in denied.markdown().lower()
    assert own.letter(case(asthma_case(), own)).html()


def test_the_content_can_be_written_as_json_and_read_again() -> None:
    for example in EXAMPLES:
        told = content(example)
        assert LetterContent.model_validate_json(told.model_dump_json()) == told


# Slots


def test_empty_slots_are_listed_and_marked_where_they_stand() -> None:
    empty = letter("one document", filled=False)
    needed = {slot.name for slot in SLOTS if slot.needed and slot.belongs("provider", "deny")}
    assert set(empty.empty_slots) == needed
    assert "member_address" not in needed
    assert "approval_start" not in needed
    for written in (empty.markdown(), empty.html()):
        assert "[plan name: not filled in]" in written
        assert "right to appeal: not filled in]" in written
        assert "Ana" not in written


def test_a_denial_without_a_reviewing_clinician_says_that_it_must_not_be_sent() -> None:
    stop = "Not reviewed by a clinician yet: do not send"
    for to in ("provider", "member"):
        assert stop in letter("one document", to=to, filled=False).markdown()
        assert stop in letter("one document", to=to, filled=False).html()
        assert stop not in letter("one document", to=to).html()
        assert stop not in letter("approval", to=to, filled=False).html()
    named_alone = policy().letter(
        Case.load(CASES / "deny/molecular_report_missing.json"), slots={"reviewer_name": "Pat Reviewer"}
    )
    assert named_alone.content.reviewed is False


def test_a_day_is_written_out_and_other_text_stays_as_it_is() -> None:
    given = Case.load(CASES / "approve/nsclc_whole.json")
    for text, told in (("2025-03-04", "March 4, 2025"), ("the fourth of March", "the fourth of March")):
        assert policy().letter(given, slots={"letter_date": text}).content.slots["letter_date"] == told


def test_no_letter_has_a_date_that_nobody_gave() -> None:
    assert "letter_date" in letter("one document", filled=False).empty_slots
    assert "date of the letter: not filled in" in letter("one document", filled=False).markdown()


def test_a_letter_dated_before_the_request_is_warned_of() -> None:
    given = Case.load(CASES / "deny/molecular_report_missing.json")
    for day, told in (("2025-03-03", 1), ("2025-03-04", 0), ("2025-03-05", 0), ("some day", 0)):
        found = policy().letter(given, slots={"letter_date": day}).content.warnings
        assert (
            len([text for text in found if "is before the day of the request, March 4, 2025" in text]) == told
        )


def test_todays_date_is_only_taken_where_it_is_asked_for() -> None:
    told = policy().letter(Case.load(CASES / "approve/nsclc_whole.json"), slots={"letter_date": "today"})
    assert re.fullmatch(r"[A-Z][a-z]+ \d{1,2}, \d{4}", told.content.slots["letter_date"])


@pytest.mark.parametrize(
    ("slots", "told"),
    [
        ({"plan_nmae": "x"}, "`plan_nmae` is no slot of a letter; did you mean `plan_name`?"),
        ({"plan_name": ["x"]}, "slot `plan_name`: `list` is no text"),
        ({"plan_name": True}, "slot `plan_name`: `True` is no text"),
        ({"letter_date": "2025-02-30"}, "slot `letter_date`: `2025-02-30` is no real date"),
    ],
)
def test_a_slot_that_is_wrong_is_refused_with_what_to_do(slots: dict[str, Any], told: str) -> None:
    with pytest.raises(LetterError, match=re.escape(told)):
        policy().letter(Case.load(CASES / "approve/nsclc_whole.json"), slots=slots)


def test_a_letter_goes_to_a_provider_or_a_member_alone() -> None:
    with pytest.raises(LetterError, match="no letter goes to `membr`; did you mean `member`"):
        policy().letter(Case.load(CASES / "approve/nsclc_whole.json"), to="membr")  # type: ignore[arg-type]


def test_slots_come_from_toml_or_json_and_options_win(tmp_path: Path) -> None:
    toml, json = tmp_path / "s.toml", tmp_path / "s.json"
    toml.write_text('plan_name = "One"\nmember_id = 12345\n[cases.c1]\nmember_name = "Ana"\n')
    json.write_text('{"plan_name": "One", "member_id": 12345, "cases": {"c1": {"member_name": "Ana"}}}')
    for file in (toml, json):
        source = read_slots(file, ["plan_name=Two"])
        assert source.of("c1") == {"plan_name": "Two", "member_id": "12345", "member_name": "Ana"}
        assert source.of("c2") == {"plan_name": "Two", "member_id": "12345"}
        with pytest.raises(LetterError, match=r"`member_id` would be the same .* \[cases\.ID\]"):
            source.refuse_sharing()


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("s.toml", "plan_name = ", "s.toml: is no TOML"),
        ("s.json", '{"plan_name": }', "s.json:1:15: is no JSON"),
        ("s.json", "[]", "holds no slots"),
        ("s.toml", "cases = 3", "`cases` holds a table of slots for each case"),
        ("s.toml", '[cases.c1]\nmembr_name = "x"', "cases.c1: `membr_name` is no slot"),
    ],
)
def test_a_file_of_slots_that_is_wrong_is_refused_with_its_place(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(LetterError, match=re.escape(told)):
        read_slots(tmp_path / name)


# How letters are written


HOSTILE = "<b>&lt;x | `y` *z* [w](v)"


def test_what_is_filled_in_is_text_and_never_markup() -> None:
    given = Case.load(CASES / "deny/molecular_report_missing.json")
    told = policy().letter(given, slots={**SLOTS_OF_ONE, "member_name": HOSTILE, "contact": "# Not\n- a list"})
    assert "&lt;b&gt;&amp;lt;x | `y` *z*" in told.html()
    assert r"\<b>\&lt;x \| \`y\` \*z\* \[w\](v)" in told.markdown()
    assert "\n\\# Not  \n\\- a list\n" in told.markdown()


def test_a_name_of_a_case_is_text_and_never_markup() -> None:
    data = Case.load(CASES / "deny/history_with_misspelled_drug.json").model_dump(mode="json")
    data["documents"][2]["states"]["prior_therapies"][-1] = "<script>alert(1)</script>"
    told = policy().letter(case(data), slots=SLOTS_OF_ONE)
    assert "<script>" not in told.html()
    assert "&lt;script&gt;" in told.html()


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("to", ["provider", "member"])
def test_a_page_needs_no_other_file_and_can_be_read_aloud(example: str, to: str) -> None:
    page = _Page(letter(example, to=to).html())
    names = [name for name, _ in page.tags]
    assert dict(page.tags)["html"] == {"lang": "en"}
    assert names.count("h1") == 1
    levels = [int(name[1]) for name in names if re.fullmatch("h[1-6]", name)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert not {"img", "link", "script", "iframe"}.intersection(names)
    assert not any("src" in attributes or "href" in attributes for _, attributes in page.tags)
    heads = [attributes for name, attributes in page.tags if name == "th"]
    assert heads
    assert all(one.get("scope") in ("row", "col", "rowgroup") for one in heads)


def test_letters_of_every_kind_say_the_same_in_both_formats() -> None:
    def words(text: str) -> set[str]:
        return set(re.findall(r"[A-Za-z][A-Za-z-]{5,}", text))

    for example in EXAMPLES:
        for to in ("provider", "member"):
            told = letter(example, to=to)
            body = re.sub(r"<[^>]+>", " ", told.html().split("<main>")[1])
            assert words(told.markdown().split("\n# ")[1]) - words(body) <= {"Decision"}


# Templates


@pytest.fixture
def own(tmp_path: Path) -> Path:
    export_templates(tmp_path / "own")
    return tmp_path / "own"


def written_by(folder: Path, to: Any = "member") -> str:
    given = Case.load(CASES / "deny/molecular_report_missing.json")
    return policy().letter(given, to, SLOTS_OF_ONE, templates=folder).markdown()


def test_exported_templates_write_the_shipped_letters(own: Path) -> None:
    assert written_by(own) == letter("one document", to="member").markdown()


def test_a_plan_can_replace_one_template_and_keep_the_others(tmp_path: Path) -> None:
    (tmp_path / "member.md.jinja").write_text("Hello {{ slot.member_name }}: {{ letter.outcome }}\n")
    assert written_by(tmp_path) == "Hello Ana Example: deny\n"
    assert written_by(tmp_path, "provider") == letter("one document").markdown()


def test_templates_are_never_exported_over_others(own: Path) -> None:
    with pytest.raises(LetterError, match=r"has .*`member\.md\.jinja`.* already"):
        export_templates(own)


def test_a_folder_without_templates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "membr.md.jinja").write_text("x")
    with pytest.raises(LetterError, match="has none of the templates"):
        written_by(tmp_path)
    with pytest.raises(LetterError, match="there is no such folder"):
        written_by(tmp_path / "none")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{{ letter.polcy.title }}", "there is no `polcy`; did you mean `policy`?"),
        ("{{ slot.plan_nam }}", "there is no `plan_nam`; did you mean `plan_name`?"),
        ("{% if %}", "Expected an expression"),
        ("{{ 1 + 'a' }}", "TypeError"),
        ("{{ letter.approval }}", "prints something that this letter does not have"),
        ("{{ letter.case.__class__.__mro__ }}", "there is no `__class__`"),
        ("{% include 'none.jinja' %}", "there is no template `none.jinja`"),
    ],
)
def test_an_error_of_a_template_names_the_file_and_the_line(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "member.md.jinja").write_text(f"# Letter\n\n{line}\n")
    with pytest.raises(LetterError, match=re.escape(told)) as caught:
        written_by(tmp_path)
    if "include" not in line:
        assert f"{tmp_path / 'member.md.jinja'}:3: " in str(caught.value)


def test_a_template_can_call_nothing_of_the_package(tmp_path: Path) -> None:
    for line in ("{{ letter.model_dump() }}", "{{ letter.parse_file('/etc/hostname') }}"):
        (tmp_path / "member.md.jinja").write_text(line)
        with pytest.raises(LetterError, match="there is no"):
            written_by(tmp_path)


# Reading grade


def test_the_grade_is_that_of_the_formula() -> None:
    # 6 words in one sentence, of 7 syllables: 0.39 * 6 + 11.8 * 7 / 6 - 15.59.
    assert grade(["The cat sat on the table"]) == pytest.approx(0.5, abs=0.05)
    # 5 words in one sentence, of 15 syllables: 0.39 * 5 + 11.8 * 15 / 5 - 15.59.
    assert grade(["Medical policies determine pharmacy coverage"]) == pytest.approx(21.8, abs=0.05)
    assert grade([]) is None


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("the", 1), ("plan", 1), ("cover", 2), ("approved", 2), ("request", 2), ("table", 2), ("needed", 2),
        ("medical", 3), ("documents", 3), ("decision", 3), ("papers", 2), ("lung", 1), ("cancer", 2),
        ("report", 2), ("appeal", 2), ("because", 2), ("used", 1), ("taken", 2), ("policy", 3),
        ("file", 1), ("any", 2), ("places", 2), ("initial", 3), ("manual", 3), ("notes", 1), ("diagnosis", 4),
    ],
)  # fmt: skip
def test_syllables_of_common_words_are_counted(word: str, number: int) -> None:
    assert syllables(word) == number


def test_sentences_are_those_of_paragraphs_and_lists_without_addresses_tables_and_marks() -> None:
    page = (
        "<h1>Head.</h1><address>Here. There.</address><p>One two. Three <b>four</b>!</p>"
        "<table><tr><td>Cell.</td></tr></table>"
        '<ul><li>Five <span class="place">(item 9)</span></li><li>Six<ul><li>Seven</li></ul></li></ul>'
        '<p>Eight <mark class="empty">nine</mark></p>'
    )
    assert sentences_of(page) == ["One two", "Three four", "Five", "Six", "Seven", "Eight"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_members_letter_can_be_read_after_eight_years_of_school(example: str) -> None:
    found = letter(example, to="member").reading_grade
    assert found is not None
    assert found <= 8


def test_the_plans_own_text_counts_in_the_grade() -> None:
    hard = "Notwithstanding contractual limitations, administrative reconsideration necessitates documentation."
    given = Case.load(CASES / "deny/molecular_report_missing.json")
    told = policy().letter(given, "member", {**SLOTS_OF_ONE, "appeal_rights": hard})
    plain = letter("one document", to="member").reading_grade
    assert told.reading_grade is not None
    assert plain is not None
    assert told.reading_grade > plain
    assert told.reading_grade == reading_grade(told.html())


# PDF


def needs_pango() -> None:
    pytest.importorskip("jinja2")
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):
        pytest.skip("WeasyPrint, or Pango, is not on this system")


def test_a_pdf_is_tagged_and_made_of_the_page_alone() -> None:
    needs_pango()
    made = letter("one document").pdf()
    assert made.startswith(b"%PDF-")
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    inside = made + b"".join(zlib.decompress(one) for one in streams if one.startswith(b"x"))
    for part in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang (en)", b"pdfuaid"):
        assert part in inside


def test_a_page_that_would_fetch_something_makes_no_pdf(tmp_path: Path) -> None:
    needs_pango()
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"x")
    with pytest.raises(LetterError, match="needs no other file"):
        pdf.as_pdf(f'<html lang="en"><title>x</title><img alt="x" src="{secret.as_uri()}"></html>')


def test_without_pango_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*names: str) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(pdf, "need", absent)
    with pytest.raises(BridgeError, match="apt-get install libpango"):
        pdf.as_pdf("<html></html>")


def test_a_case_without_documents_says_that_none_came() -> None:
    told = policy().letter(case({"id": "c", "request": request(), "documents": []}), slots=SLOTS_OF_ONE)
    assert told.content.submitted == ()
    assert "No documents came with the request." in told.html()


# The page that tells how


def test_the_page_on_letters_names_every_slot_and_field_and_its_session_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = (ROOT / "docs" / "how-to" / "letters.md").read_text()
    cells = {name for line in text.splitlines() if line[:3] == "| `" for name in re.findall(r"`(\w+)`", line)}
    assert {slot.name for slot in SLOTS} <= cells
    assert set(LetterContent.model_fields) - {"slots", "empty_slots"} <= cells
    monkeypatch.chdir(ROOT)
    session = doctest.DocTestParser().get_doctest(text, {}, "letters", "letters.md", 0)
    results = doctest.DocTestRunner().run(session)
    assert (results.attempted >= 8, results.failed) == (True, 0)


def test_the_shipped_file_of_slots_leaves_none_empty() -> None:
    source = read_slots(ROOT / "examples" / "letters" / "slots.toml")
    for path in (CASES / "deny" / "molecular_report_missing.json", CASES / "approve" / "nsclc_whole.json"):
        for to in RECIPIENTS:
            assert policy().letter(Case.load(path), to, source.of(path.stem)).empty_slots == ()
