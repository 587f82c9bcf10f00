"""What a case file tells of the request and its documents: days, tumors, statuses, replacements, ranges."""

from __future__ import annotations

import copy
import datetime
import json
import operator
import pickle
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from pyclingo_bridge import Case, CaseError, Document, PolicyError, Vocabulary
from pyclingo_bridge.base.json_text import Doubled
from pyclingo_bridge.base.rule_files import names_program, read_program
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.cases.case import _accepted
from pyclingo_bridge.cases.case_problems import case_problems
from pyclingo_bridge.cases.case_schema import case_json_schema
from pyclingo_bridge.cases.days import PartialDay, read_day
from pyclingo_bridge.cases.statements import CaseStatements, folded_tumor
from pyclingo_bridge.cases.statuses import SetAside
from pyclingo_bridge.cases.vocabulary import SIGNATURES, default_vocabulary, load_vocabulary
from pyclingo_bridge.core.decision import value_text
from pyclingo_bridge.loading.conclusion_rules import ConclusionNumbers
from tests.conftest import case as case_of
from tests.conftest import request

RULES = """
vocabulary(dated).
attribute((kind; dose; asked_day), request).
domain(kind, choice). listed(kind, (first; again)).
domain(dose, whole_number). minimum(dose, 1). default(dose, 5).
domain(asked_day, date). optional(asked_day).
attribute((age; weight; seen), latest).
domain(age, whole_number). minimum(age, 0). maximum(age, 120).
domain(weight, decimal). minimum(weight, 1). maximum(weight, 500).
domain(seen, date). minimum(seen, 20200101). maximum(seen, 20261231).
attribute(mutated, stable). domain(mutated, flag).
attribute(born, detail). domain(born, date). minimum(born, 19000101).
attribute(specimen, detail). domain(specimen, choice). listed(specimen, (tissue; plasma)).
silent_with(mutated, false, specimen, plasma).
attribute(remark, detail). domain(remark, choice). listed(remark, short).
document_type((note; scan), 1).
"""


@cache
def _vocabulary(folder: Path) -> Vocabulary:
    return load_vocabulary(folder / "vocabulary.lp")


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    folder = tmp_path_factory.mktemp("dated")
    declared = "#defined optional/1. #defined silent_with/4. #defined default/2."
    (folder / "vocabulary.lp").write_text(RULES + declared)
    return _vocabulary(folder)


def document(name: str, date: str = "2025-03-02", **more: Any) -> dict[str, Any]:
    return {"id": name, "type": "note", "date": date, "states": {}, **more}


def data(*documents: dict[str, Any], **form: Any) -> dict[str, Any]:
    return {"id": "made", "request": {"kind": "first", **form}, "documents": list(documents)}


def read(words: Vocabulary, given: dict[str, Any]) -> Case:
    return Case.from_json(json.dumps(given), "test", words)


def stated(words: Vocabulary, given: dict[str, Any]) -> CaseStatements:
    return read(words, given).statements(words)


def complaint(words: Vocabulary, given: dict[str, Any]) -> str:
    """What is said of a case that is refused; the quick look and the JSON schema never take it."""
    with pytest.raises(CaseError) as error:
        read(words, given)
    assert not _accepted(given, words, words.limits)
    return "\n".join(error.value.problems)


def good(words: Vocabulary, given: dict[str, Any]) -> Case:
    """A case that is taken, by the quick look, by the slow one and by the JSON schema, and given back."""
    assert not list(case_problems(given, words))
    assert _accepted(given, words, words.limits)
    schema = case_json_schema(words)
    Draft202012Validator.check_schema(schema)
    assert not list(Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(given))
    case = read(words, given)
    assert json.loads(case.model_dump_json()) == given == case.model_dump(mode="json")
    assert Case.model_validate_json(case.model_dump_json(), context={"vocabulary": words}) == case
    assert Case.model_validate(case.model_dump(), context={"vocabulary": words}) == case
    assert Case.of_checked(copy.deepcopy(given), words) == case == pickle.loads(pickle.dumps(case))
    return case


# --- The request ------------------------------------------------------------------------------------


def test_a_request_tells_its_day_drug_and_tumor(words: Vocabulary) -> None:
    case = good(words, data(date="2025-03-09", drug="Lumakras", tumor="Lung, left"))
    assert (case.request["date"], case.request["drug"], case.request["tumor"]) == (
        "2025-03-09",
        "Lumakras",
        "Lung, left",
    )
    said = case.statements(words)
    assert (said.day, said.tumor) == (datetime.date(2025, 3, 9), "lung, left")
    # Of the form alone are the attributes.
    assert said.request == {"kind": "first"}


def test_a_day_of_python_is_taken_for_its_text(words: Vocabulary) -> None:
    given = data(date=datetime.date(2025, 3, 9))
    case = Case.model_validate(given, context={"vocabulary": words})
    assert case == read(words, data(date="2025-03-09"))
    with pytest.raises(ValueError, match="date"):
        Case.model_validate(data(date=datetime.datetime(2025, 3, 9)), context={"vocabulary": words})


@pytest.mark.parametrize("value", ["2025-03", "2025"])
def test_the_day_of_a_request_is_known_in_full(words: Vocabulary, value: str) -> None:
    assert complaint(words, data(date=value)) == (
        f"request.date: `{value}` is no whole date; write it as YYYY-MM-DD"
    )


@pytest.mark.parametrize("value", ["2025-02-29", "", "soon", 20250309, None, True, ["2025-03-09"], {}])
def test_what_is_no_day_is_none_of_a_request(words: Vocabulary, value: Any) -> None:
    assert complaint(words, data(date=value)).startswith("request.date: ")


@pytest.mark.parametrize("key", ["drug", "tumor"])
@pytest.mark.parametrize("value", ["", "  ", 5, None, True, ["sotorasib"], "a\nb", "x" * 201])
def test_a_drug_and_a_tumor_are_names(words: Vocabulary, key: str, value: Any) -> None:
    assert complaint(words, data(**{key: value})).startswith(f"request.{key}: ")


def test_an_unknown_key_of_a_request_names_the_near_one(words: Vocabulary) -> None:
    assert "did you mean `tumor`?" in complaint(words, data(tumour="lung"))


def test_without_a_day_the_last_document_that_counts_gives_it(words: Vocabulary) -> None:
    assert stated(words, data()).day is None
    two = [document("a", "2025-03-02"), document("b", "2024-12-31")]
    assert stated(words, data(*two)).day == datetime.date(2025, 3, 2)
    # Of a month its last day.
    assert stated(words, data(*two, document("c", "2025-03"))).day == datetime.date(2025, 3, 31)
    assert stated(words, data(*two, document("c", "2025"))).day == datetime.date(2025, 12, 31)
    late = document("c", "2025-06-01", status="entered_in_error")
    assert stated(words, data(*two, late)).day == datetime.date(2025, 3, 2)
    given = read(words, data(*two, document("c", "2025-06-01"), date="2025-04-01"))
    assert given.day == given.statements(words).day == datetime.date(2025, 4, 1)


@pytest.mark.parametrize("name", ["date", "drug", "tumor"])
def test_no_vocabulary_has_a_form_attribute_of_that_name(tmp_path: Path, name: str) -> None:
    text = f"vocabulary(v). attribute({name}, request). domain({name}, flag). document_type(note, 1)."
    (tmp_path / "vocabulary.lp").write_text(text)
    with pytest.raises(PolicyError, match=f"attribute `{name}` of the request form"):
        load_vocabulary(tmp_path / "vocabulary.lp")


# --- Days of documents ------------------------------------------------------------------------------


def test_a_document_may_be_of_a_month_or_a_year(words: Vocabulary) -> None:
    case = good(words, data(document("a", "2025-03"), document("b", "2025"), document("c", "2025-03-01")))
    assert [str(one.date) for one in case.documents] == ["2025-03", "2025", "2025-03-01"]
    assert isinstance(case.documents[0].date, PartialDay)


def test_documents_come_by_first_day_last_day_then_name(words: Vocabulary) -> None:
    days = {
        "e": "2025-03",
        "d": "2025-03-01",
        "c": "2025-03-01",
        "b": "2025-02-28",
        "a": "2025",
        "f": "2025-03-31",
    }
    said = stated(words, data(*(document(name, date) for name, date in days.items())))
    assert [one.id for one in said.documents] == ["a", "b", "c", "d", "e", "f"]
    month = said.documents[4]
    assert (month.first, month.last) == (datetime.date(2025, 3, 1), datetime.date(2025, 3, 31))
    assert month.date == read_day("2025-03")


@pytest.mark.parametrize(
    "value", ["2025-13", "2025-00", "25", "2025-3", "2025-02-29", 2025, None, {}, ["2025"]]
)
def test_what_is_no_day_month_or_year_is_no_date(words: Vocabulary, value: Any) -> None:
    assert complaint(words, data(document("a", date=value))).startswith("documents[0].date: ")


# --- Statuses and replacements ----------------------------------------------------------------------


def aside(words: Vocabulary, *documents: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    said = stated(words, data(*documents))
    found: dict[str, tuple[str, str | None]] = {one.id: (one.why, one.by) for one in said.set_aside}
    assert {one.id for one in said.documents} == {one["id"] for one in documents} - found.keys()
    return found


def test_a_document_counts_as_final_unless_it_says_otherwise(words: Vocabulary) -> None:
    case = good(
        words, data(document("a"), document("b", status="preliminary"), document("c", status="amended"))
    )
    assert [one.status for one in case.documents] == ["final", "preliminary", "amended"]
    said = case.statements(words)
    assert [one.status for one in said.documents] == ["final", "preliminary", "amended"]
    assert said.set_aside == ()


def test_what_was_entered_in_error_counts_for_nothing(words: Vocabulary) -> None:
    good(words, data(document("a", status="entered_in_error")))
    assert aside(words, document("a", status="entered_in_error"), document("b")) == {
        "a": ("entered_in_error", None)
    }


def test_the_spelling_of_fhir_is_taken_too(words: Vocabulary) -> None:
    case = read(words, data(document("a", status="entered-in-error")))
    assert case.documents[0].status == "entered_in_error"
    assert case == Case.model_validate_json(case.model_dump_json(), context={"vocabulary": words})
    assert case.statements(words).set_aside == (SetAside("a", "entered_in_error"),)


@pytest.mark.parametrize("value", ["Final", "draft", "", "entered in error", None, True, 1, ["final"], {}])
def test_an_unknown_status_is_refused_with_those_there_are(words: Vocabulary, value: Any) -> None:
    text = complaint(words, data(document("a", status=value)))
    assert text.startswith("documents[0].status: ")
    assert "`final`, `preliminary`, `amended`, `entered_in_error`" in text


def test_what_another_replaces_counts_for_nothing(words: Vocabulary) -> None:
    case = good(words, data(document("a"), document("b", replaces="a", status="amended")))
    assert case.documents[1].replaces == "a"
    assert aside(words, document("a"), document("b", replaces="a")) == {"a": ("replaced", "b")}
    # Its own day does not matter: the older may replace the newer.
    assert aside(words, document("a"), document("b", "2020-01-01", replaces="a")) == {"a": ("replaced", "b")}


def test_of_a_chain_the_last_counts(words: Vocabulary) -> None:
    chain = [document("c", replaces="b"), document("b", replaces="a"), document("a")]
    expected = {"a": ("replaced", "b"), "b": ("replaced", "c")}
    assert aside(words, *chain) == expected == aside(words, *reversed(chain))


def test_what_is_in_error_replaces_nothing(words: Vocabulary) -> None:
    assert aside(words, document("a"), document("b", replaces="a", status="entered_in_error")) == {
        "b": ("entered_in_error", None)
    }


def test_what_is_in_error_replaces_if_it_is_replaced_itself(words: Vocabulary) -> None:
    wrong = document("b", replaces="a", status="entered_in_error")
    assert aside(words, document("a"), wrong, document("c", replaces="b")) == {
        "a": ("replaced", "b"),
        "b": ("entered_in_error", "c"),
    }
    # Nothing that counts takes its place here: the first one stands.
    last = document("c", replaces="b", status="entered_in_error")
    assert aside(words, document("a"), wrong, last) == {
        "b": ("entered_in_error", None),
        "c": ("entered_in_error", None),
    }


def test_of_two_that_replace_one_the_one_that_counts_is_named(words: Vocabulary) -> None:
    wrong = document("b", replaces="a", status="entered_in_error")
    assert aside(words, document("a"), wrong, document("c", replaces="a")) == {
        "a": ("replaced", "c"),
        "b": ("entered_in_error", None),
    }


def test_a_long_chain_is_followed_to_its_end(words: Vocabulary) -> None:
    chain = [document("n0"), *(document(f"n{n}", replaces=f"n{n - 1}") for n in range(1, 3000))]
    said = stated(words, data(*chain))
    assert [one.id for one in said.documents] == ["n2999"]
    assert len(said.set_aside) == 2999


@pytest.mark.parametrize(
    ("replaces", "told"),
    [
        ({"a": "a"}, "documents[0].replaces: a document cannot replace itself"),
        ({"a": "z"}, "documents[0].replaces: there is no document `z` here"),
        (
            {"a": "b", "b": "a"},
            "documents[0].replaces: documents replace one another in a circle: `a` replaces `b` replaces `a`",
        ),
        (
            {"a": "b", "b": "c", "c": "d", "d": "b"},
            "documents[1].replaces: documents replace one another in a circle: "
            "`b` replaces `c` replaces `d` replaces `b`",
        ),
    ],
)
def test_what_replaces_no_other_document_is_refused(
    words: Vocabulary, replaces: dict[str, str], told: str
) -> None:
    documents = [
        document(name, **({"replaces": replaces[name]} if name in replaces else {})) for name in "abcd"
    ]
    text = complaint(words, data(*documents))
    assert text.startswith(told)
    # A circle is one fault, however many documents are in it.
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("value", ["", None, 1, True, ["a"], {}])
def test_what_a_document_replaces_is_told_by_an_id(words: Vocabulary, value: Any) -> None:
    assert complaint(words, data(document("a"), document("b", replaces=value))).startswith(
        "documents[1].replaces: "
    )


def test_a_case_without_a_document_has_no_link_to_it(words: Vocabulary) -> None:
    case = read(words, data(document("a"), document("b", replaces="a"), document("c", replaces="b")))
    fewer = case.without(["b"])
    assert [(one.id, one.replaces) for one in fewer.documents] == [("a", None), ("c", None)]
    assert fewer.statements(words).set_aside == ()
    assert json.loads(fewer.model_dump_json())["documents"] == [document("a"), document("c")]
    assert case.without([]) is case


def test_a_copy_of_a_document_has_what_was_given_and_no_more(words: Vocabulary) -> None:
    one = read(words, data(document("a"))).documents[0]
    other = one.model_copy(update={"id": "b"})
    assert json.loads(other.model_dump_json()) == document("b")
    amended = one.model_copy(update={"status": "amended"})
    assert json.loads(amended.model_dump_json()) == document("a", status="amended")


def test_what_a_case_holds_cannot_be_changed(words: Vocabulary) -> None:
    case = read(words, data(document("a", states={"age": {"at_least": 30}}), date="2025-03-09"))
    form: Any = case.request
    for change in (
        lambda: setattr(case.documents[0], "status", "amended"),
        lambda: operator.setitem(form, "date", "2020-01-01"),
        lambda: case.documents[0].states["age"].__setitem__("at_least", 1),
    ):
        with pytest.raises((TypeError, ValueError)):
            change()
    assert isinstance(case.documents[0], Document)
    assert hash(case.documents[0].states["age"]) == hash(case.documents[0].states["age"])


# --- Tumors -----------------------------------------------------------------------------------------


def test_names_of_tumors_are_compared_folded(words: Vocabulary) -> None:
    names = ["Colon 2012", "colon-2012", "COLON__2012", " colon - 2012 "]
    assert {folded_tumor(name) for name in names} == {"colon 2012"}
    assert folded_tumor("colon2012") != folded_tumor("colon 2012")
    case = good(words, data(document("a", tumor="Colon-2012"), document("b"), tumor="lung"))
    assert case.documents[0].tumor == "Colon-2012"
    said = case.statements(words)
    assert ([one.tumor for one in said.documents], said.tumor) == (["colon 2012", None], "lung")


@pytest.mark.parametrize("value", ["", " ", "-", "_ -", None, 1, ["lung"], "a\x00b"])
def test_a_tumors_name_has_a_letter_or_a_digit(words: Vocabulary, value: Any) -> None:
    assert complaint(words, data(document("a", tumor=value))).startswith("documents[0].tumor: ")


# --- Ranges -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("age", {"at_least": 30}),
        ("age", {"at_most": 0}),
        ("age", {"at_least": 30, "at_most": 30}),
        ("age", {"at_most": 120, "at_least": 0}),
        ("weight", {"at_least": 2.5, "at_most": 80}),
        ("weight", {"at_most": 0.999e1}),
    ],
)
def test_a_document_may_give_a_number_by_its_ends(words: Vocabulary, name: str, value: Any) -> None:
    case = good(words, data(document("a", states={name: value})))
    assert case.statements(words).documents[0].states[name] == value


@pytest.mark.parametrize(
    ("name", "value", "place", "text"),
    [
        ("age", {"at_least": 31, "at_most": 30}, "age", "no number is at least 31 and at most 30"),
        ("age", {"at_least": -1}, "age.at_least", "out of bounds (allowed: 0 to 120)"),
        ("age", {"at_most": 121}, "age.at_most", "out of bounds (allowed: 0 to 120)"),
        ("age", {"at_least": 30.5}, "age.at_least", "has to be a whole number"),
        ("age", {"at_least": "30"}, "age.at_least", "has to be a whole number"),
        ("age", {"at_least": True}, "age.at_least", "has to be a whole number"),
        ("age", {"at_least": None}, "age.at_least", "has to be a whole number"),
        ("age", {"at_least": {"at_least": 3}}, "age.at_least", "has to be a whole number"),
        ("age", {"at_least": 30, "at_mots": 40}, "age.at_mots", "unknown key `at_mots`"),
        ("age", {}, "age", 'a range is written `{"at_least": n, "at_most": m}`'),
        ("age", {"minimum": 3}, "age", 'a range is written `{"at_least": n, "at_most": m}`'),
        ("age", [30, 40], "age", 'a range is written `{"at_least": n, "at_most": m}`'),
        ("age", Doubled({"at_least": 4}, "at_least"), "age", "has the key `at_least` twice"),
        ("weight", {"at_least": 0.5}, "weight.at_least", "out of bounds (allowed: 1 to 500)"),
        ("weight", {"at_least": 2.0005}, "weight.at_least", "more than 3 digits behind the point"),
        ("weight", {"at_most": float("nan")}, "weight.at_most", "has to be a number"),
        ("weight", {"at_least": 3, "at_most": 2.999}, "weight", "no number is at least 3 and at most 2.999"),
        ("mutated", {"at_least": 1}, "mutated", "has to be `true` or `false`"),
        ("seen", {"at_least": "2025-01-01"}, "seen", "has to be a date"),
    ],
)
def test_what_is_no_range_is_refused(words: Vocabulary, name: str, value: Any, place: str, text: str) -> None:
    given = data(document("a", states={name: value}))
    assert not _accepted(given, words, words.limits)
    ((where, told, _),) = case_problems(given, words)
    assert ".".join(map(str, where)) == f"documents.0.states.{place}"
    assert text in told


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"at_least": 5}, "at least 5"),
        ({"at_most": 0}, "at most 0"),
        ({"at_most": 8, "at_least": 2.5}, "2.5 to 8"),
    ],
)
def test_a_reader_is_told_a_range_in_words(value: Any, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize("value", [{"at_least": 5}, {"at_least": 5, "at_most": 5}])
def test_the_request_form_gives_no_range(words: Vocabulary, value: Any) -> None:
    assert complaint(words, data(dose=value)) == "request.dose: is a range; the request form gives one number"


# --- Days that documents state ----------------------------------------------------------------------


@pytest.mark.parametrize("value", ["2025-03-02", "2025-03", "2025", "2020", "2026-12-31"])
def test_a_document_may_state_a_day_a_month_or_a_year(words: Vocabulary, value: str) -> None:
    case = good(words, data(document("a", states={"seen": value, "born": value})))
    # What the rules conclude nothing from stays as the file gives it.
    assert case.statements(words).documents[0].states == {"seen": value, "born": value}


@pytest.mark.parametrize("value", ["2019", "2019-12-31", "2027", "2027-01-01"])
def test_a_day_is_out_of_bounds_where_it_surely_is(words: Vocabulary, value: str) -> None:
    text = complaint(words, data(document("a", states={"seen": value})))
    assert text == (
        f"documents[0].states.seen: `{value}` is out of bounds (allowed: from 2020-01-01 to 2026-12-31)"
    )


def test_a_bound_on_one_side_is_told_alone(words: Vocabulary) -> None:
    assert complaint(words, data(document("a", states={"born": "1899-12-31"}))).endswith(
        "(allowed: from 1900-01-01)"
    )


@pytest.mark.parametrize("value", [20250302, 2025, None, True, "", "2025-02-30", "today", ["2025"], {}])
def test_what_is_no_day_is_not_stated_as_one(words: Vocabulary, value: Any) -> None:
    assert complaint(words, data(document("a", states={"seen": value}))).startswith(
        "documents[0].states.seen: "
    )


def test_a_day_on_the_form_is_known_in_full(words: Vocabulary) -> None:
    good(words, data(asked_day="2025-03-02"))
    assert complaint(words, data(asked_day="2025-03")).startswith(
        "request.asked_day: `2025-03` is no whole date"
    )


def test_what_silences_other_statements_stays_beside_them(words: Vocabulary) -> None:
    states = {"mutated": False, "specimen": "plasma", "remark": "short"}
    said = stated(words, data(document("a", states=states)))
    # A detail that concerns nothing else gives way to what is concluded from it: nothing here.
    assert said.documents[0].states == {"mutated": False, "specimen": "plasma"}


# --- Conclusions ------------------------------------------------------------------------------------

STEADY = {
    "target_lesions_baseline_mm": 50,
    "target_lesions_nadir_mm": 50,
    "target_lesions_now_mm": 50,
    "new_lesions": False,
    "non_target_lesions": "none_present",
}
"""Measurements of stable disease, which takes 35 days on therapy."""


def scan(**states: Any) -> Case:
    entry = {"id": "scan", "type": "imaging_report", "date": "2025-03-02", "states": {**STEADY, **states}}
    return case_of({"id": "made", "request": request(), "documents": [entry]})


def test_a_range_beside_measurements_is_not_taken_for_a_number() -> None:
    words = default_vocabulary()
    (known,) = scan(days_on_therapy=35).statements(words).documents
    assert known.states["recist_response"] == "sd"
    said = scan(days_on_therapy={"at_least": 35}).statements(words)
    assert said.documents[0].states == {"days_on_therapy": {"at_least": 35}}
    assert said.short == (("scan", "recist_response", "days_untold"),)


@pytest.mark.parametrize("name", ["target_lesions_now_mm", "days_on_therapy_at_scan"])
def test_what_is_measured_is_one_number(name: str) -> None:
    with pytest.raises(CaseError) as error:
        scan(**{name: {"at_most": 50}})
    text = "is a range, and conclusions are drawn from it; give one number, or leave it out"
    assert error.value.problems == (f"documents[0].states.{name}: {text}",)


SEEN = """
vocabulary(v).
attribute(kind, request). domain(kind, choice). listed(kind, (first; again)).
document_type(note, 1).
attribute((opened; closed), detail). domain((opened; closed), date).
attribute(lately, latest). domain(lately, flag). establishes(note, (opened; closed; lately)).
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    folder = tmp_path_factory.mktemp("seen")
    # The comment names the other day: that is no use of it.
    rules = (
        "#defined states/3. % not closed\nconcludes(D, lately, true) :- states(D, opened, N), N >= 20250101.\n"
    )
    (folder / "conclusions.lp").write_text(rules)
    (folder / "vocabulary.lp").write_text(f'{SEEN}\n#include "conclusions.lp".\n')
    files = read_program(folder / "vocabulary.lp")
    facts = Program([*names_program(), *files]).facts(*SIGNATURES)
    return Vocabulary.from_facts(facts, files, ConclusionNumbers(files))


@pytest.mark.parametrize(("value", "lately"), [("2024-12-31", None), ("2025-01-01", True)])
def test_rules_that_name_a_day_have_it_as_a_number(seen: Vocabulary, value: str, lately: bool | None) -> None:
    given = data(document("a", states={"opened": value, "closed": "2025"}))
    (said,) = read(seen, given).statements(seen).documents
    assert said.states.get("lately") is lately
    assert (said.states["opened"], said.states["closed"]) == (value, "2025")


def test_rules_that_name_a_day_need_the_whole_of_it(seen: Vocabulary) -> None:
    given = data(document("a", states={"opened": "2025-03"}))
    assert complaint(seen, given) == (
        "documents[0].states.opened: `2025-03` is no whole date, and conclusions are drawn from it; "
        "write it as YYYY-MM-DD"
    )
    properties = case_json_schema(seen)["properties"]["documents"]["items"]["properties"]["states"][
        "properties"
    ]
    assert properties["opened"]["format"] == "date"
    assert "anyOf" in properties["closed"]
