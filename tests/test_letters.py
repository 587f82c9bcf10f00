"""Letters on decisions: what they tell, and that they make up nothing."""

from __future__ import annotations

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
from tests.conftest import POLICIES, ROOT, case, policy, request

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
    assert "The approval is for 6 months, starting March 15, 2025." in text
    assert "- The state's own rules for Medicaid go before this policy" in text
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


def test_no_other_treatment_is_proposed_where_papers_are_enough() -> None:
    assert all(not way.changes for way in content("conflict").ways.ways)
    told = content("deny/dose_1200_literature_does_not_support")
    assert [way.changes for way in told.ways.ways] == [("daily dose in mg: at most 960",)]


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
    assert text.count("This is what we read in the request: dose asked for, in mg a day: 1200.") == 1
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
