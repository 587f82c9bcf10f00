"""The facts transcribed from a report, held to a list of its numbers that was made apart from them.

`tests/test_study_source.py` holds that list to the report itself, where that is at hand.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from pyclingo_bridge import Policy, PolicyError, Study, shipped_policies, shipped_studies
from pyclingo_bridge.base.rule_files import policy_entry, read_program
from pyclingo_bridge.base.solver import evaluate
from pyclingo_bridge.base.terms import Term, plain
from pyclingo_bridge.published.printed import printed
from tests.test_study_source import numbers

STUDY = Study.load("codebreak100")

Number = tuple[str, str]
"""A number as it is printed, and its locator."""

NOT_LISTED: dict[Number, str] = {
    ("0", "Methods, Patients, paragraph 1"): "the ends of the ECOG scale, beside its limits",
    ("5", "Methods, Patients, paragraph 1"): "the same",
    ("0", "Table 1, notes"): "the same",
    ("5", "Table 1, notes"): "the same",
    ("1.1", "Methods, Patients, paragraph 1"): "the version of RECIST",
    ("1.1", "Methods, Trial Design and End Points, paragraph 2"): "the same",
    ("1.1", "Methods, Trial Design and End Points, paragraph 3"): "the same",
    ("5.0", "Methods, Trial Design and End Points, paragraph 3"): "the version of the CTCAE",
    ("5.0", "Table 3, notes"): "the same",
    ("1", "Abstract, Methods"): "once daily, in words",
    ("1", "Methods, Trial Design and End Points, paragraph 1"): "the same",
    ("1", "Methods, Trial Design and End Points, paragraph 3"): "one dose and one lesion, in words",
    ("1", "Results, Patients, paragraph 1"): "one dose, in words",
    ("6", "Results, Efficacy, paragraph 2"): "the week of the first assessment",
    ("5", "Table 3"): "from which share on events are listed",
    ("3", "Table 3"): "from which grade on",
    ("0", "Results, Safety, paragraph 2"): "no event of grade 5, in words",
    ("23", "Discussion, paragraph 2"): "of another trial",
    ("4.5", "Discussion, paragraph 2"): "of another trial",
}
"""Numbers that are facts, and that the list leaves out by its own rules."""


def facts() -> Counter[Number]:
    """Every printed number of the facts, with its locator, once a fact."""
    found: Counter[Number] = Counter()
    for _, _, value, place in (term.args for term in STUDY.facts["figure"]):
        text = "NE" if value == Term("not_reached") else printed(value)
        found[text, STUDY.place(place)] += 1
    return found


def test_every_number_of_the_facts_is_printed_where_they_say() -> None:
    listed = {(number.printed, number.locator) for number in numbers()}
    assert {pair for pair in facts() if pair not in listed and pair not in NOT_LISTED} == set()


def test_every_number_of_the_report_is_a_fact() -> None:
    known = set(facts())
    assert [number for number in numbers() if (number.printed, number.locator) not in known] == []


def test_what_is_left_out_of_the_list_is_a_fact_and_is_not_on_it() -> None:
    listed = {(number.printed, number.locator) for number in numbers()}
    assert set(NOT_LISTED) <= set(facts())
    spoken_twice = {pair for pair in NOT_LISTED if pair in listed}
    # A number may be printed at a place for two reasons, of which the list holds one.
    assert spoken_twice <= {
        ("0", "Methods, Patients, paragraph 1"),
        ("1", "Results, Patients, paragraph 1"),
    }


def test_tables_are_transcribed_whole() -> None:
    cells = Counter(number.locator for number in numbers() if number.locator.startswith("Table "))
    told = facts()
    for locator, number in cells.items():
        got = sum(count for (_, place), count in told.items() if place == locator)
        assert got >= number, locator


def test_every_quantity_and_every_group_has_a_label_and_every_figure_a_quantity() -> None:
    for quantity, part, _, place in (term.args for term in STUDY.facts["figure"]):
        assert STUDY.label(quantity), part
        assert STUDY.place(place)
    groups = {group for group, _ in STUDY.quantities.values()}
    assert groups <= set(STUDY.groups)


def test_no_label_is_a_sentence_of_the_report() -> None:
    labels = [*STUDY.groups.values(), *(label for _, label in STUDY.quantities.values())]
    assert all(len(label.split()) <= 14 for label in labels)


@pytest.mark.parametrize("name", ["cp_phar_549", "cp_phar_549_2024", "label"])
def test_evidence_is_linked_to_criteria_that_there_are(name: str) -> None:
    policy = Policy.load(name)
    trial = Policy.load("codebreak100")
    links = read_program(policy_entry(name).parent / "evidence.lp")
    found = evaluate(links, [], [("evidence_for", 4)])["evidence_for"]
    assert found
    criteria = set(policy.structure.labels)
    for criterion, study, basis, remark in (term.args for term in found):
        assert criterion in criteria or (name == "cp_phar_549_2024" and criterion == "I.A.5")
        assert str(plain(study)) in shipped_studies()
        assert isinstance(basis, Term)
        if basis.name == "did":
            assert STUDY.place(basis.args[0])
        elif basis.name == "measured":
            assert basis.args[0] in STUDY.quantities
        else:
            assert basis.args[0] in trial.structure.labels
        assert len(str(plain(remark))) < 160


def test_links_are_no_part_of_a_policy() -> None:
    for name in shipped_policies():
        assert all(file.path.name != "evidence.lp" for file in Policy.load(name).loaded.files)


def test_an_unknown_study_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(PolicyError, match="codebreak100"):
        Study.load("codebreak10")


SMALL = """
study(small, "A small study"). briefly(small, "Small"). report("A report", "2020-01-01").
population(all, "all patients"). size(all, 10, text). label(text, "Results").
quantity(cured, all, "cured"). counted(cured, 3, {tenths}, text).
"""


def test_a_study_in_a_folder_of_ones_own_is_checked(tmp_path: Path) -> None:
    (tmp_path / "study.lp").write_text(SMALL.format(tenths=300), encoding="utf-8")
    assert Study.load(tmp_path).check().findings == ()
    (tmp_path / "study.lp").write_text(SMALL.format(tenths=333), encoding="utf-8")
    (finding,) = Study.load(tmp_path).check().findings
    assert finding.text == "cured: 3 of 10 is 30.0%, and is printed as 33.3%"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("size(other, 5, text).", "add `population(other, LABEL).`"),
        ("size(all, 0, text).", "a whole number of 1 or more"),
        ('size(all, "10", text).', "a whole number of 1 or more"),
        ("median(cured, 11, text).", "write UNIT(NUMBER, DECIMALS)"),
        ('amount(cured, "abc", text).', "write UNIT(NUMBER, DECIMALS)"),
        ('quantity(died, nobody, "died").', "add `population(nobody, LABEL).`"),
    ],
)
def test_senseless_facts_of_a_study_are_named(tmp_path: Path, facts: str, said: str) -> None:
    (tmp_path / "study.lp").write_text(SMALL.format(tenths=300) + facts, encoding="utf-8")
    with pytest.raises(PolicyError, match=re.escape(said)):
        Study.load(tmp_path)


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        # Numbers of units that nothing here can compare are not confirmed.
        (
            "median(cured, doses(50,2), text). interval(cured, doses(70,2), doses(90,2), text).",
            set(),
        ),
        (
            "median(cured, months(50,0), text). interval(cured, weeks(1,0), weeks(2,0), text).",
            set(),
        ),
        (
            "median(cured, weeks(50,0), text). interval(cured, weeks(70,0), weeks(90,0), text).",
            {"inside"},
        ),
        (
            "median(cured, ratio(50,2), text). interval(cured, ratio(70,2), ratio(90,2), text).",
            {"inside"},
        ),
        # The same number to fewer digits is the same.
        ('share(cured, percent(30,0), more). label(more, "More").', set()),
        ('share(cured, percent(31,0), more). label(more, "More").', {"quoted", "share"}),
        # Two sizes are no denominator, and are told of.
        ('size(all, 11, more). label(more, "More").', {"quoted"}),
        # A count of more than there are has no interval.
        (
            "interval(cured, percent(1,0), percent(9,0), text). counted(cured, 12, text).",
            {"quoted", "inside", "interval", "share"},
        ),
    ],
)
def test_what_cannot_be_compared_is_neither_confirmed_nor_found(
    tmp_path: Path, facts: str, kinds: set[str]
) -> None:
    (tmp_path / "study.lp").write_text(SMALL.format(tenths=300) + facts, encoding="utf-8")
    check = Study.load(tmp_path).check()
    assert {one.kind for one in check.findings} == kinds
    assert "inside" not in {one.kind for one in check.confirmed}


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ('study(small, "A small study").', "`study(NAME, TITLE).` once, not 0 times"),
        ('report("A report", "2020-01-01").', "`report(SOURCE, DAY).` once"),
        ('label(text, "Results").', "add `label(text, TEXT).`"),
    ],
)
def test_a_study_that_leaves_something_out_is_told_of_it(tmp_path: Path, left_out: str, said: str) -> None:
    text = SMALL.format(tenths=333)
    assert left_out in text
    (tmp_path / "study.lp").write_text(text.replace(left_out, ""), encoding="utf-8")
    with pytest.raises(PolicyError, match=re.escape(said)):
        Study.load(tmp_path).check()
