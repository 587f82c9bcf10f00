"""Pictures of cases: what they say in words, that everything is in them, and what files they are."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from pyclingo_bridge import Case, PictureError, Policy
from pyclingo_bridge.base.errors import ExtraError
from pyclingo_bridge.pictures import matrix, missing, tree
from pyclingo_bridge.pictures.asking import KINDS
from pyclingo_bridge.pictures.matrix import MOST_CASES, criteria_rows
from pyclingo_bridge.pictures.missing_grid import grid_columns
from pyclingo_bridge.pictures.timeline import timeline_rows
from tests.conftest import ROOT
from tests.doc_pictures import doc_pictures
from tests.test_cli import Told, run, worded

__all__ = ["worded"]

EXAMPLES = ROOT / "examples" / "cases"
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


def example(name: str) -> Case:
    (path,) = EXAMPLES.glob(f"*/{name}.json")
    return Case.load(path)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy.load("cp_phar_549")


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def drawn(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()


def number_in(svg: ElementTree.Element, name: str) -> int:
    """How many signs there are in the group of a name."""
    groups = [group for group in svg.iter(f"{SVG}g") if group.get("id") == name]
    return sum(1 for group in groups for one in group.iter(f"{SVG}use"))


# The criteria in many cases


def test_a_matrix_tells_the_status_of_each_criterion(policy: Policy) -> None:
    picture = policy.plot("matrix", example("molecular_report_missing"), example("nsclc_whole"))
    # By the cases' own files: a whole case, and one that lacks only the test of I.A.4. The dose is within the
    # limit (I.A.9.a), so that nobody has to give evidence for a higher one (I.A.9.b).
    met = "I.A.5, I.A.6, I.A.7, I.A.8, I.A.9, I.A.9.a, I.A.9.n"
    assert picture.alternative.title == "Criteria of Prior authorization of sotorasib (Lumakras): 2 cases"
    assert lines(picture.alternative.description)[1:] == [
        "Outcomes: deny, documents are missing: 1; approve: 1.",
        "Sections that address none of these uses: I.B colorectal cancer, "
        "I.C off-label uses that NCCN recommends.",
        f"molecular_report_missing: deny, documents are missing: met I.A.1, I.A.2, I.A.3, {met}; "
        "undocumented I.A.4; not needed I.A.9.b.",
        f"nsclc_whole: approve under I.A for 12 months: met I.A.1, I.A.2, I.A.3, I.A.4, {met}; "
        "not needed I.A.9.b.",
    ]


def test_an_alternative_stands_in_the_way_only_where_none_is_met(policy: Policy) -> None:
    within, above = policy.decide(example("nsclc_whole")), policy.decide(example("dose_961_without_literature"))
    rows = {row.id: row.cells for row in criteria_rows([within, above])[0]}
    assert rows["I.A.9.a"] == ("met", "not_met")
    assert rows["I.A.9.b"] == ("not_needed", "undocumented")


def test_a_criterion_of_a_section_for_other_uses_has_no_status_in_the_matrix(policy: Policy) -> None:
    names = ("nsclc_whole", "small_bowel_after_folfox", "continuation_at_29_days")
    decisions = [policy.decide(example(name)) for name in names]
    rows = {row.id: row.cells for row in criteria_rows(decisions)[0]}
    assert rows["I.C.1"][:2] == ("elsewhere", "met")
    assert rows["II.A.1"][:2] == ("not_asked", "not_asked")
    assert rows["I.A.1"][-1] == "not_asked"


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 5, 9, 131])
def test_every_cell_is_drawn_and_read_without_color(policy: Policy, tmp_path: Path, number: int) -> None:
    paths = sorted(EXAMPLES.glob("*/*.json"))
    decisions = [policy.decide(Case.load(path)) for path in paths[-number:]]
    picture = matrix(decisions)
    picture.save(tmp_path / "x.svg")
    svg = drawn(tmp_path / "x.svg")
    cells = Counter(cell for row in criteria_rows(decisions)[0] for cell in row.cells)
    for cell in ("met", "undocumented", "conflicting", "not_met", "not_needed", "elsewhere"):
        # Each cell has a sign.
        assert number_in(svg, f"cells-{cell}") == cells[cell], cell
    assert cells.total() % number == 0


def test_no_column_of_a_matrix_lies_on_another(policy: Policy, tmp_path: Path) -> None:
    long = example("nsclc_whole").model_copy(update={"id": "a name that goes on and on " * 5})
    picture = matrix([policy.decide(long)] * 3)
    picture.save(tmp_path / "x.svg")
    places = {float(use.get("x", 0)) for use in drawn(tmp_path / "x.svg").iter(f"{SVG}use") if use.get("y")}
    assert len(places) >= 3
    # Cells of so few cases are wide enough for words.
    signs = next(g for g in drawn(tmp_path / "x.svg").iter(f"{SVG}g") if g.get("id") == "cells-met")
    columns = sorted({round(float(use.attrib["x"]), 2) for use in signs.iter(f"{SVG}use")})
    assert [round(after - before, 1) for before, after in pairwise(columns)] == [88.0, 88.0]


def test_a_matrix_is_of_one_policy_and_of_as_many_cases_as_anybody_can_read(policy: Policy) -> None:
    decision = policy.decide(example("nsclc_whole"))
    other = Policy.load("label").decide(example("nsclc_whole"))
    with pytest.raises(PictureError, match="of one policy, and these are of cp_phar_549, label"):
        matrix([decision, other])
    with pytest.raises(PictureError, match="there is no case to draw"):
        matrix([])
    with pytest.raises(PictureError, match=f"at most, and these are {MOST_CASES + 1:,}"):
        matrix([decision] * (MOST_CASES + 1))


# Missing sets


def test_the_missing_sets_are_told_with_what_each_needs(policy: Policy) -> None:
    picture = policy.plot("missing", example("molecular_report_missing"))
    assert str(picture.alternative).splitlines() == [
        "Missing sets of molecular_report_missing: 1 set",
        "molecular_report_missing: deny, documents are missing.",
        "Set 1 (least effort), for I.A: get molecular report. To show: KRAS G12C mutation found [I.A.4].",
    ]


def test_a_name_to_find_out_about_is_told_where_no_document_helps(policy: Policy) -> None:
    told = policy.plot("missing", example("unknown_drug_beside_the_drug")).alternative.description
    assert "Set 1 (least effort), for I.A: find out what “study_drug_104” is (concurrent drugs)." in told


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 3])
def test_every_need_of_every_set_is_in_the_grid(policy: Policy, tmp_path: Path, times: int) -> None:
    case = example("nothing_documented")
    sets = list(policy.missing(case)) * times
    columns = grid_columns(sets, policy.vocabulary)
    for row, one in enumerate(sets):
        shown = {(column.kind, column.name) for column in columns if row in column.rows}
        wanted = {("document", kind) for kind in one.documents}
        assert shown == wanted | {("requirement", each.term) for each in one.requirements}
    picture = missing(policy.decide(case), sets, policy.vocabulary)
    picture.save(tmp_path / "x.svg")
    svg = drawn(tmp_path / "x.svg")
    assert number_in(svg, "marks-document") == sum(len(one.documents) for one in sets)
    assert number_in(svg, "marks-requirement") == sum(len(one.requirements) for one in sets)


def test_what_no_document_shows_has_a_sign_of_its_own(policy: Policy, tmp_path: Path) -> None:
    case = example("molecular_report_missing")
    (found,) = policy.missing(case)
    unshown = found.model_copy(update={"unshown": (found.requirements[0].term,), "documents": ()})
    picture = missing(policy.decide(case), [unshown], policy.vocabulary)
    assert "No type of document is known to show: KRAS G12C mutation found [I.A.4]." in str(picture.alternative)
    picture.save(tmp_path / "x.svg")
    assert number_in(drawn(tmp_path / "x.svg"), "marks-unshown") == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nsclc_whole", "Nothing is missing."),
        ("kras_negative", "No further document would change this decision."),
    ],
)
def test_a_case_without_missing_sets_has_a_picture_that_says_so(
    policy: Policy, tmp_path: Path, name: str, words: str
) -> None:
    picture = policy.plot("missing", example(name))
    assert words in picture.alternative.description
    picture.save(tmp_path / "x.png")
    assert picture.alternative.title.endswith("no sets")


def test_of_more_sets_than_are_shown_the_number_is_told(policy: Policy) -> None:
    assert policy.missing(example("nothing_documented")).count() == 15
    picture = policy.plot("missing", example("nothing_documented"), first=4)
    assert picture.alternative.title == "Missing sets of nothing_documented: the first 4 of 15 sets"


# Documents in time


def test_each_document_is_told_with_its_date_and_what_counts_of_it(policy: Policy) -> None:
    picture = policy.plot("timeline", example("amended_pathology_report"))
    assert lines(picture.alternative.description) == [
        "amended_pathology_report: approve under I.A for 6 months.",
        "Day of the request: 2025-05-20 (the day of the latest document, as the form tells none).",
        "path-1, pathology report, 2025-01-14 (replaced by path-2): counts for nothing.",
        "path-2, pathology report, 2025-01-28 (amended, replaces path-1): diagnosis: non-small cell lung "
        "cancer; extent of disease: metastatic.",
        "ngs-1, molecular report, 2025-02-04: KRAS G12C mutation found.",
        "hx-1, treatment history, 2025-05-19: prior therapies: carboplatin, pemetrexed, pembrolizumab (the "
        "whole list).",
        "ben-1, benefit record, 2025-05-20: no generic is available.",
        "note-1, chart note, 2025-05-20: age in years: 59; prescribed by, or with, an oncologist.",
    ]


def test_a_day_that_is_known_to_the_month_is_a_span(policy: Policy, tmp_path: Path) -> None:
    picture = policy.plot("timeline", example("days_known_to_the_month"))
    assert "path-1, pathology report, May 2024" in picture.alternative.description
    assert "Day of the request: 2025-03-19 (as the form tells it)." in picture.alternative.description
    picture.save(tmp_path / "x.svg")
    # Two of its five documents have no day of their own, and no sign on one.
    assert number_in(drawn(tmp_path / "x.svg"), "document-counts") == 3


def test_marks_tell_what_is_preliminary_in_error_overtaken_or_later_than_the_request(policy: Policy) -> None:
    data = example("nsclc_whole").model_dump(mode="json")
    data["request"]["date"] = "2025-03-05"
    first = next(one for one in data["documents"] if one["type"] == "benefit_record")
    data["documents"].append({**first, "id": "ben-2", "date": "2025-03-06", "status": "preliminary"})
    data["documents"].append({**first, "id": "ben-3", "date": "2025-03-07", "status": "entered_in_error"})
    case = Case.model_validate(data)
    assessment = policy.assess(case)
    rows = {row.id: row for row in timeline_rows(assessment, policy.decide(assessment), policy.vocabulary)}
    assert rows["ben-2"].marks == ("preliminary", "after the day of the request")
    assert rows["ben-3"].marks == ("entered in error", "after the day of the request")
    assert rows["ben-3"].counts == ()
    assert rows[first["id"]].overtaken == ("no generic is available",)


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 60])
def test_every_document_of_a_case_has_its_row(policy: Policy, tmp_path: Path, number: int) -> None:
    data = example("nothing_documented").model_dump(mode="json")
    data["documents"] = [
        {
            "id": f"note-{at}",
            "type": "chart_note",
            "date": f"20{at % 25:02d}-04-03",
            "states": {},
        }
        for at in range(number)
    ]
    picture = policy.plot("timeline", Case.model_validate(data))
    assert f"{number or 'no'} documents" in picture.alternative.title
    picture.save(tmp_path / "x.svg")
    svg = drawn(tmp_path / "x.svg")
    assert number_in(svg, "document-counts") == number
    signs = [group for group in svg.iter(f"{SVG}g") if group.get("id") == "document-counts"]
    heights = sorted(float(use.attrib["y"]) for group in signs for use in group.iter(f"{SVG}use"))
    assert all(after - before > 12 for before, after in pairwise(heights))


# The policy as a tree


def test_the_tree_marks_what_the_decision_rests_on(policy: Policy) -> None:
    told = policy.plot("tree", example("molecular_report_missing")).alternative.description.splitlines()
    path = [line for line in told if line.strip().startswith("→")]
    assert path == [
        "→ I.A non-small cell lung cancer: undocumented",
        "  → I.A.4 the tumor carries KRAS G12C: undocumented",
    ]
    assert "    either: I.A.9.a at most 960 mg a day: met" in told
    assert "    or: I.A.9.b evidence supports the dose: undocumented" in told
    assert told[-1].startswith("II.A continued therapy, for an indication of section I: for another kind of")


def test_of_an_approval_the_path_has_one_way_and_no_other(policy: Policy) -> None:
    told = tree(policy.decide(example("nsclc_whole"))).alternative.description.splitlines()
    path = {line.strip().removeprefix("→ ") for line in told if line.strip().startswith("→")}
    assert "either: I.A.9.a at most 960 mg a day: met" in path
    assert "unless: no generic is available: met" in path
    # The product is a brand: that it is no generic is excused, and not what the approval rests on.
    assert not any("product is generic" in line or "I.A.9.b" in line for line in path)
    assert not any(line.startswith("II.A") for line in told)


def test_a_referral_shows_why_no_section_addresses_the_use(policy: Policy) -> None:
    told = policy.plot("tree", example("code_of_the_bile_duct")).alternative.description.splitlines()
    assert "  → diagnosis is colorectal cancer: not met" in told


# Files


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_a_file_of_its_kind_with_its_words_and_the_same_each_time(
    policy: Policy, tmp_path: Path, kind: Any
) -> None:
    case = example("molecular_report_missing")
    text = policy.plot(kind, case).save(tmp_path / "x.svg")
    first = (tmp_path / "x.svg").read_bytes()
    svg = drawn(tmp_path / "x.svg")
    title, description = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert svg.get("role") == "img"
    assert title is not None
    assert description is not None
    assert svg.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert f"{title.text}\n{description.text}" == text
    # No letter depends on a font of the viewer's, and nothing on the day.
    assert not list(svg.iter(f"{SVG}text"))
    assert b"<dc:date>" not in first
    policy.plot(kind, case).save(tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_bytes() == first
    policy.plot(kind, case).save(tmp_path / "x.PNG")
    png = (tmp_path / "x.PNG").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert title.text is not None
    assert title.text.encode() in png


def references(svg: ElementTree.Element) -> Iterator[str]:
    for one in svg.iter():
        yield from (value for name, value in one.attrib.items() if name in (LINK, "href"))


def test_a_picture_asks_for_nothing_outside_itself(policy: Policy, tmp_path: Path) -> None:
    policy.plot("tree", example("kras_negative")).save(tmp_path / "x.svg")
    assert all(reference.startswith("#") for reference in references(drawn(tmp_path / "x.svg")))


def test_odd_names_do_not_break_a_picture(policy: Policy, tmp_path: Path) -> None:
    case = example("molecular_report_missing").model_copy(update={"id": 'a <b> & "c" $x^2$ -- 肺癌 \\n'})
    for kind in KINDS:
        policy.plot(kind, case).save(tmp_path / "x.svg")
        description = drawn(tmp_path / "x.svg").find(f"{SVG}desc")
        assert description is not None
        assert '<b> & "c" $x^2$ -- 肺癌' in (description.text or "")


def test_the_words_take_no_extra_and_the_drawing_names_it(
    policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    picture = policy.plot("tree", example("nsclc_whole"))
    assert "approve under I.A" in picture.alternative.description
    with pytest.raises(ExtraError, match=r"pip install 'pyclingo-bridge\[plot\]'"):
        picture.save(tmp_path / "x.svg")


def test_the_pictures_of_the_documentation_show_what_is_answered_now() -> None:
    # Not every byte: another version of matplotlib may draw a letter differently.
    for path, picture in doc_pictures().items():
        title, description = drawn(path).find(f"{SVG}title"), drawn(path).find(f"{SVG}desc")
        assert title is not None
        assert description is not None
        told = f"{title.text}\n{description.text}"
        assert told == str(picture.alternative), f"{path}: run `python -m tests.documentation pictures`"


# The command


def test_plot_writes_a_picture_and_tells_it_in_words(tmp_path: Path) -> None:
    case = EXAMPLES / "deny" / "molecular_report_missing.json"
    told = run("plot", "missing", str(case), "-o", str(tmp_path / "x.svg"), "--alt")
    assert (told.code, told.err) == (0, "")
    assert "get molecular report. To show: KRAS G12C mutation found [I.A.4]." in told.out
    assert drawn(tmp_path / "x.svg").get("role") == "img"
    silent = run("plot", "matrix", str(case), str(case), "--out", str(tmp_path / "x.png"))
    assert (silent.code, silent.out, silent.err) == (0, "", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("tree",), "say where the picture goes (-o FILE.svg), or ask for it in words (--alt)"),
        (("tree", "-o", "x.gif"), "x.gif: a picture ends with .svg or .png"),
        (("tree", "-o", "no/such/x.svg"), "there is no such folder"),
    ],
)
def test_plot_refuses_what_it_cannot_write(
    worded: Callable[..., Told], words: tuple[str, ...], message: str
) -> None:
    told = worded("plot", *words, str(EXAMPLES / "deny" / "kras_negative.json"))
    assert told.code == 2
    assert message in told.err


def test_plot_of_one_case_refuses_several(worded: Callable[..., Told]) -> None:
    paths = [str(EXAMPLES / "deny" / f"{name}.json") for name in ("kras_negative", "prior_krazati")]
    told = worded("plot", "timeline", *paths, "--alt")
    assert told.code == 2
    assert "a timeline picture shows one case\n  help: name one, or draw a matrix of all" in told.err


def test_a_bad_case_is_told_and_the_others_are_drawn(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    told = run("plot", "matrix", str(bad), str(EXAMPLES / "deny" / "kras_negative.json"), "--alt")
    assert told.code == 2
    assert "bad.json" in told.err
    assert "Criteria of Prior authorization of sotorasib (Lumakras): 1 case" in told.out
