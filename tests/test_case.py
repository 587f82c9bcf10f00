"""A case is checked strictly: what is wrong is told with its place, and no text changes a decision."""

from __future__ import annotations

import copy
import datetime
import enum
import json
import math
import os
import pickle
import re
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from pyclingo_bridge import BridgeError, Case, CaseError, Decision, Limits
from pyclingo_bridge.base.json_text import Doubled, Rounded
from pyclingo_bridge.cases.case import _accepted
from pyclingo_bridge.cases.case_problems import case_problems
from pyclingo_bridge.cli.schema import json_schema
from pyclingo_bridge.explain.decision import explanation
from tests.conftest import CONTINUING, FACTS, ROOT, case, made, policy, request, whole

Path_ = tuple[str | int, ...]

EXAMPLES = sorted((ROOT / "examples" / "cases").rglob("*.json"))
LARGEST = 2_147_483_647
"""The greatest whole number of 32 bits with a sign."""

MOST_SECONDS = 60
"""What it may take to decide a case with ten thousand statements."""


INDEX = {entry["id"]: index for index, entry in enumerate(whole()["documents"])}


def stated(attribute: str) -> Path_:
    """The path of what the case states of an attribute."""
    return ("documents", INDEX[attribute], "states", attribute)


def changed(path: Path_, value: Any, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """The case with another value in one place."""
    found: Any = data or whole()
    holder = found
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return found if isinstance(found, dict) else {}


def without(path: Path_) -> dict[str, Any]:
    """The case without the key at the end of a path."""
    data = changed(path, None)
    holder: Any = data
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    return data


def place(path: Path_) -> str:
    """A path as messages write it."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".")


def complaints(given: Any) -> tuple[str, ...]:
    """What is wrong with a case, given as text or as data; there is something wrong with it."""
    text = given if isinstance(given, str | bytes) else json.dumps(given)
    with pytest.raises(CaseError) as caught:
        Case.from_json(text, "file.json")
    assert caught.value.problems
    assert caught.value.source == "file.json"
    return caught.value.problems


def complaint(given: Any, path: Path_) -> str:
    """The one thing that is wrong with a case, which is in this place."""
    (only,) = complaints(given)
    assert only.startswith(f"{place(path)}: "), only
    return only


def written(value: str, text: str = json.dumps(whole())) -> str:
    """The case with another text in the place of its dose."""
    assert text.count('"dose_mg_per_day": 960') == 1
    return text.replace('"dose_mg_per_day": 960', f'"dose_mg_per_day": {value}')


# What is accepted


def test_the_case_that_these_tests_change_is_approved_for_a_year() -> None:
    decision = policy().decide(case(whole()))
    assert (decision.outcome, decision.approval_months) == ("approve", 12)


def test_a_case_without_documents_is_accepted_and_nothing_of_it_is_documented() -> None:
    decision = policy().decide(case({**whole(), "documents": []}))
    assert (decision.outcome, decision.denial_kind) == ("deny", "insufficient_documentation")


def test_a_document_may_state_nothing() -> None:
    data = whole()
    silent = {"id": "silent", "type": "literature", "date": "1999-12-31", "states": {}}
    assert policy().decide(case({**data, "documents": [*data["documents"], silent]})).warnings == (
        policy().decide(case(data)).warnings
    )


def test_an_empty_list_of_other_drugs_is_monotherapy() -> None:
    decision = policy().decide(case(changed(("request", "concurrent_drugs"), [])))
    assert (decision.outcome, decision.warnings) == ("approve", ())


@pytest.mark.parametrize(("complete", "status"), [(True, "not_met"), (False, "undocumented")])
def test_an_empty_history_says_something_only_where_it_is_complete(complete: bool, status: str) -> None:
    states = {"prior_therapies": [], "complete_treatment_history": complete}
    path = ("documents", INDEX["prior_therapies"], "states")
    decision = policy().decide(case(changed(path, states)))
    assert decision.criteria["I.A.6"].status == status


def test_a_member_named_twice_says_no_more_than_once() -> None:
    twice = changed(stated("disease_extent"), ["metastatic", "metastatic"])
    twice = changed(stated("prior_therapies"), ["cisplatin", "Cisplatin", "cisplatin"], twice)
    assert policy().decide(case(twice)).outcome == "approve"


def test_the_defaults_of_the_form_may_be_written_out() -> None:
    form = request(dose_increase=False, on_formulary=True)
    assert policy().decide(case(made(form, FACTS))).outcome == "approve"


def test_a_byte_order_mark_is_skipped() -> None:
    text = json.dumps(whole())
    assert Case.from_json("\ufeff" + text) == Case.from_json(text)
    assert Case.from_json(b"\xef\xbb\xbf" + text.encode()) == Case.from_json(text)


def test_blanks_around_the_object_mean_nothing() -> None:
    text = json.dumps(whole())
    assert Case.from_json(f"\n\t {text} \r\n\n") == Case.from_json(text)


@pytest.mark.parametrize("day", ["2024-02-29", "0001-01-01", "9999-12-31", "2000-02-29"])
def test_a_day_that_exists_is_accepted(day: str) -> None:
    loaded = case(changed(("documents", 0, "date"), day))
    assert loaded.documents[0].date == datetime.date.fromisoformat(day)


# Whole numbers

NUMBERS: list[tuple[Path_, int]] = [
    (("request", "dose_mg_per_day"), 1),
    (("request", "duration_months"), 1),
    (stated("age"), 0),
    (("documents", 0, "states", "days_on_therapy"), 0),
]


@pytest.mark.parametrize(("path", "least"), NUMBERS)
def test_a_whole_number_from_its_minimum_to_32_bits_is_accepted(path: Path_, least: int) -> None:
    for number in (least, least + 1, LARGEST - 1, LARGEST):
        assert case(changed(path, number)).id == "made"


@pytest.mark.parametrize(("path", "least"), NUMBERS)
def test_a_whole_number_out_of_bounds_is_refused_with_the_bounds(path: Path_, least: int) -> None:
    for number in (least - 1, -1, -(2**31), LARGEST + 1, 2**32, 2**63, 2**64, 10**30):
        told = complaint(changed(path, number), path)
        assert f"`{number}`" in told or number > 2**64
        assert (f"{least} or more" if number < least else f"{least} to {LARGEST}") in told


@pytest.mark.parametrize(("path", "least"), NUMBERS)
@pytest.mark.parametrize(
    "value", ["960", "", True, False, 960.0, 0.5, -0.0, 1e300, None, [], [960], {}, {"value": 960}]
)
def test_what_is_no_whole_number_is_refused(path: Path_, least: int, value: Any) -> None:
    assert "whole number" in complaint(changed(path, value), path)


@pytest.mark.parametrize("number", ["1e3", "1E3", "960.0", "9.6e2", "1e400", "-1e400"])
def test_a_number_with_a_fraction_or_an_exponent_is_no_whole_number(number: str) -> None:
    assert "whole number" in complaint(written(number), ("request", "dose_mg_per_day"))


@pytest.mark.parametrize("number", ["00960", "0x3c0", "960_0", "+960", ".5", "960.", "٩٦٠"])
def test_a_number_that_json_does_not_know_is_refused_with_its_line(number: str) -> None:
    (told,) = complaints(written(number))
    assert "JSON" in told
    assert "line 1" in told


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_not_finite_is_refused(constant: str) -> None:
    (told,) = complaints(written(constant))
    assert constant in told
    assert "whole number" in told


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_not_finite_is_told_with_its_place(constant: str) -> None:
    (told,) = complaints(written(constant))
    assert re.search(r"request\.dose_mg_per_day|line 1", told), told


@pytest.mark.parametrize("digits", [4_000, 5_000, 100_000])
def test_a_number_of_thousands_of_digits_is_refused_in_the_words_of_a_case(digits: int) -> None:
    (told,) = complaints(written("9" * digits))
    assert len(told) < 500
    assert "request.dose_mg_per_day" in told
    assert str(LARGEST) in told
    assert "sys." not in told


@pytest.mark.parametrize(
    "path", [("request", "dose_mg_per_day"), stated("age"), ("documents", 0, "states", "pd_l1_tps_percent")]
)
def test_a_number_of_thousands_of_digits_in_data_is_refused_with_its_place(path: Path_) -> None:
    with pytest.raises(CaseError) as caught:
        Case.model_validate(changed(path, 10**5_000))
    assert [problem.place for problem in caught.value.problems] == [place(path)]


# Flags, names, texts and lists


@pytest.mark.parametrize("path", [("request", "on_formulary"), stated("kras_g12c")])
@pytest.mark.parametrize("value", [1, 0, "true", "yes", "", None, [], [True], {}, 1.0])
def test_a_flag_is_true_or_false_and_nothing_else(path: Path_, value: Any) -> None:
    assert "`true` or `false`" in complaint(changed(path, value), path)


@pytest.mark.parametrize(
    ("path", "value", "nearest"),
    [
        (("request", "line_of_business"), "comercial", "commercial"),
        (("request", "line_of_business"), "Commercial", "commercial"),
        (("request", "line_of_business"), "him ", "him"),
        (("request", "type"), "intial", "initial"),
        (("request", "product"), "brnad", "brand"),
        (("documents", 0, "type"), "molecular_reprot", "molecular_report"),
        (("documents", 0, "type"), "chart note", "chart_note"),
        ((*stated("disease_extent"), 0), "metastatc", "metastatic"),
        ((*stated("disease_extent"), 0), "Locally_Advanced", "locally_advanced"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_and_the_allowed_ones(
    path: Path_, value: str, nearest: str
) -> None:
    told = complaint(changed(path, value), path)
    assert f"`{value}`" in told
    assert f"did you mean `{nearest}`" in told
    assert re.search(rf"allowed: .*`{nearest}`", told)


@pytest.mark.parametrize("value", ["xyz", "", 3, None, ["commercial"], True])
def test_what_is_like_no_line_of_business_is_refused_with_those_allowed(value: Any) -> None:
    told = complaint(changed(("request", "line_of_business"), value), ("request", "line_of_business"))
    assert "`commercial`, `him`, `medicaid`" in told
    assert "did you mean" not in told


DOCUMENT_TYPES = [
    "chart_note",
    "pathology_report",
    "molecular_report",
    "imaging_report",
    "treatment_history",
    "pharmacy_claims",
    "benefit_record",
    "literature",
]


@pytest.mark.parametrize("value", ["x-ray", "", 3, None, ["chart_note"], True])
def test_what_is_like_no_document_type_is_refused_with_some_of_those_allowed(value: Any) -> None:
    told = complaint(changed(("documents", 0, "type"), value), ("documents", 0, "type"))
    listed = [name for name in DOCUMENT_TYPES if f"`{name}`" in told.partition("(allowed: ")[2]]
    # With the plan's own record there is one more.
    assert 1 <= len(listed) <= 4
    assert f"and {len(DOCUMENT_TYPES) + 1 - len(listed)} more)" in told


@pytest.mark.parametrize("value", ["CR", "sD", "partial", 1, None])
def test_what_is_no_response_category_is_refused_with_those_allowed(value: Any) -> None:
    path = ("documents", 0, "states", "recist_response")
    assert "`cr`, `pd`, `pr`, `sd`" in complaint(changed(path, value), path)


@pytest.mark.parametrize("path", [("id",), ("documents", 0, "id")])
@pytest.mark.parametrize("value", ["", "   ", 3, True, None, ["x"], {}, "x" * 201])
def test_an_id_is_a_text_of_1_to_200_characters(path: Path_, value: Any) -> None:
    complaint(changed(path, value), path)
    case(changed(path, "x" * 200))


@pytest.mark.parametrize("value", [None, "metastatic", {}, 3, True])
@pytest.mark.parametrize(
    "path",
    [("request", "concurrent_drugs"), stated("disease_extent"), stated("prior_therapies")],
)
def test_what_is_no_list_is_refused_where_a_list_belongs(path: Path_, value: Any) -> None:
    assert "list" in complaint(changed(path, value), path)


@pytest.mark.parametrize("value", [None, "", " ", 3, True, ["cisplatin"], {}, "x" * 201])
@pytest.mark.parametrize("path", [("request", "concurrent_drugs"), stated("prior_therapies")])
def test_a_drug_is_told_by_a_text_of_1_to_200_characters(path: Path_, value: Any) -> None:
    complaint(changed(path, ["cisplatin", value]), (*path, 1))


def test_an_empty_extent_of_disease_is_refused() -> None:
    path = stated("disease_extent")
    told = complaint(changed(path, []), path)
    assert "empty" in told
    assert "`metastatic`" in told


def test_a_complete_history_without_its_list_is_refused_whether_true_or_false() -> None:
    path = ("documents", 0, "states", "complete_treatment_history")
    for value in (True, False):
        assert "`prior_therapies`" in complaint(changed(path, value), path)


def test_the_list_of_another_document_is_no_list_of_this_one() -> None:
    data = whole()
    del data["documents"][INDEX["prior_therapies"]]["states"]["prior_therapies"]
    data["documents"][0]["states"]["prior_therapies"] = ["cisplatin"]
    path = ("documents", INDEX["prior_therapies"], "states", "complete_treatment_history")
    complaint(data, path)


def test_a_dose_is_increased_only_in_a_continuation() -> None:
    path = ("request", "dose_increase")
    assert "`continuation`" in complaint(changed(path, True), path)
    form = request(type="continuation", dose_increase=True)
    assert case(made(form, CONTINUING)).request["dose_increase"] is True


@pytest.mark.parametrize(
    ("value", "nearest"),
    [
        ("NSCLC", "nsclc"),
        ("Nsclc", "nsclc"),
        ("CRC", "crc"),
        ("Colon Adenocarcinoma", "colon_adenocarcinoma"),
        ("pancreatic adenocarcinoma", "pancreatic_adenocarcinoma"),
        ("small-bowel-adenocarcinoma", "small_bowel_adenocarcinoma"),
        (" nsclc", "nsclc"),
        ("nsclc ", "nsclc"),
    ],
)
def test_a_diagnosis_in_another_spelling_is_refused_with_the_nearest_one(value: str, nearest: str) -> None:
    told = complaint(changed(stated("diagnosis"), value), stated("diagnosis"))
    assert "small letters" in told
    assert f"`{nearest}`" in told


@pytest.mark.parametrize("value", ["", " ", "_nsclc", "1nsclc", "ñsclc", "a-b", None, 3, []])
def test_what_is_no_lower_snake_case_name_is_no_diagnosis(value: Any) -> None:
    complaint(changed(stated("diagnosis"), value), stated("diagnosis"))


def test_an_unlisted_diagnosis_is_legal_and_warned_of_with_the_nearest_one() -> None:
    decision = policy().decide(case(whole(diagnosis="nscl")))
    assert decision.outcome == "refer"
    assert any("`nscl`" in text and "`nsclc`" in text for text in decision.warnings)


# Dates


@pytest.mark.parametrize(
    "value",
    [
        "2025-02-30",
        "2023-02-29",
        "2025-2-3",
        "2025-13-01",
        "2025-00-10",
        "2025-01-00",
        "0000-01-01",
        "10000-01-01",
        "20250202",
        "2025-W07-1",
        "2025-033",
        "02/03/2025",
        "2025/02/03",
        "2025-02-03T00:00:00",
        "2025-02-03T00:00:00Z",
        "2025-02-03 00:00",
        " 2025-02-03",
        "2025-02-03 ",
        "2025-02-03\n",
        "２０２５-０２-０３",  # noqa: RUF001 - digits, but not those of a date
        "٢٠٢٥-٠٢-٠٣",
        "2025\u201102\u201103",
        "-2025-02-03",
        "",
        20250202,
        1738540800,
        1.5,
        True,
        None,
        [],
        {},
    ],
)
def test_what_is_no_real_date_is_refused_with_the_form_of_one(value: Any) -> None:
    path = ("documents", 0, "date")
    assert "YYYY-MM-DD" in complaint(changed(path, value), path)


def test_a_date_with_a_time_is_no_date_in_data_either() -> None:
    data = changed(("documents", 0, "date"), datetime.datetime(2025, 2, 3))
    with pytest.raises(CaseError, match="YYYY-MM-DD"):
        Case.model_validate(data)
    data["documents"][0]["date"] = datetime.date(2025, 2, 3)
    assert Case.model_validate(data).documents[0].date == datetime.date(2025, 2, 3)


# Keys


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        (("documnets",), "documents"),
        (("requests",), "request"),
        (("ID",), None),
        (("request", "dose_mg_day"), "dose_mg_per_day"),
        (("request", "line_of_busines"), "line_of_business"),
        (("request", "patient"), None),
        (("documents", 0, "sates"), "states"),
        (("documents", 0, "text"), None),
        (("documents", 0, "states", "krasg12c"), "kras_g12c"),
        (("documents", 0, "states", "complete_treatment_histroy"), "complete_treatment_history"),
        (("documents", 0, "states", "weight"), None),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_and_the_allowed_ones(
    path: Path_, nearest: str | None
) -> None:
    told = complaint(changed(path, None), path)
    assert "unknown" in told
    assert "allowed: `" in told
    if nearest:
        assert f"did you mean `{nearest}`" in told


@pytest.mark.parametrize("name", ["line_of_business", "dose_mg_per_day", "concurrent_drugs"])
def test_what_the_form_says_is_refused_in_a_document_and_sent_to_the_form(name: str) -> None:
    path = ("documents", 0, "states", name)
    assert "request form" in complaint(changed(path, 960), path)


@pytest.mark.parametrize("name", ["age", "diagnosis", "kras_g12c", "complete_treatment_history"])
def test_what_documents_state_is_refused_in_the_form(name: str) -> None:
    complaint(changed(("request", name), True), ("request", name))


REQUIRED: list[Path_] = [
    ("id",),
    ("request",),
    ("documents",),
    ("request", "type"),
    ("request", "line_of_business"),
    ("request", "product"),
    ("request", "dose_mg_per_day"),
    ("request", "concurrent_drugs"),
    ("documents", 3, "id"),
    ("documents", 3, "type"),
    ("documents", 3, "date"),
    ("documents", 3, "states"),
]


@pytest.mark.parametrize("path", REQUIRED)
def test_a_missing_key_is_told_by_its_place(path: Path_) -> None:
    assert "missing" in complaint(without(path), path)


@pytest.mark.parametrize("path", REQUIRED)
def test_null_is_no_value(path: Path_) -> None:
    assert "null" in complaint(changed(path, None), path)


@pytest.mark.parametrize("path", [stated(name) for name in INDEX])
def test_null_is_no_statement(path: Path_) -> None:
    assert "null" in complaint(changed(path, None), path)


@pytest.mark.parametrize("path", [("documents",), ("documents", 0, "states"), ("request",)])
@pytest.mark.parametrize("value", ["", "x", 3, True])
def test_a_plain_value_is_refused_where_an_object_or_a_list_belongs(path: Path_, value: Any) -> None:
    complaint(changed(path, value), path)


@pytest.mark.parametrize("value", [None, "x", 3, [], [[]]])
def test_an_entry_that_is_no_document_is_refused(value: Any) -> None:
    path = ("documents", 0)
    assert "JSON object" in complaint(changed(path, value), path)


def test_an_id_of_two_documents_is_refused_with_both_places() -> None:
    path = ("documents", 4, "id")
    told = complaint(changed(path, "age"), path)
    assert "`age`" in told
    assert "documents[0]" in told


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"id": "made"', '"id": "made", "id": "made"', "id"),
        ('"documents": [', '"documents": [], "documents": [', "documents"),
        ('"type": "initial"', '"type": "initial", "type": "continuation"', "type"),
        ('"type": "initial"', '"type": "initial", "t\\u0079pe": "continuation"', "type"),
        ('"age": 64', '"age": 64, "age": 17', "age"),
        ('"id": "age"', '"id": "age", "id": "b"', "id"),
    ],
)
def test_a_key_given_twice_is_refused(old: str, new: str, key: str) -> None:
    text = json.dumps(whole())
    assert text.count(old) == 1
    (told,) = complaints(text.replace(old, new))
    assert f"`{key}` twice" in told


def test_a_key_given_twice_is_told_with_its_place() -> None:
    text = json.dumps(whole()).replace('"age": 64', '"age": 64, "age": 17')
    (told,) = complaints(text)
    assert re.search(r"documents\[0\]\.states|line 1", told), told


def test_a_key_is_told_as_it_is_written() -> None:
    (told,) = complaints(changed((".id",), 1))
    assert told.partition(": ")[0].strip("`") == ".id"
    (told,) = complaints(changed(("",), 1))
    assert "`" in told.partition(": ")[0] or '""' in told.partition(": ")[0], told


def test_every_problem_is_told_at_once_and_in_one_line_each() -> None:
    data = changed(("request", "dose_mg_per_day"), "960")
    data = changed(("documents", 1, "type"), "chart", data)
    data = changed((*stated("disease_extent"), 0), "early\nlate", data)
    data = changed(("note",), 1, data)
    with pytest.raises(CaseError) as caught:
        Case.from_json(json.dumps(data), "folder/file.json")
    assert sorted(told.partition(": ")[0] for told in caught.value.problems) == [
        "documents[1].type",
        "documents[2].states.disease_extent[0]",
        "note",
        "request.dose_mg_per_day",
    ]
    head, *lines = str(caught.value).splitlines()
    assert head == "folder/file.json: 4 problems"
    assert len(lines) == 4
    assert all(re.match(r"  1:\d+: ", line) for line in lines)
    assert isinstance(caught.value, BridgeError)
    assert isinstance(caught.value, ValueError)


# What is no JSON object


@pytest.mark.parametrize("text", ["", " ", "\n\t \r\n", "\ufeff", b"", b"\xef\xbb\xbf", b"\n"])
def test_an_empty_text_is_refused(text: str | bytes) -> None:
    assert "empty" in complaints(text)[0]


@pytest.mark.parametrize("between", ["", "\n", ",", " \n\n"])
def test_two_cases_in_one_text_are_refused(between: str) -> None:
    text = json.dumps(whole())
    (told,) = complaints(f"{text}{between}{text}")
    assert "one case" in told


@pytest.mark.parametrize("text", ["[]", "null", "true", "3", '"case"', "[{}]", "NaN"])
def test_what_is_no_object_is_no_case(text: str) -> None:
    complaints(text)


def test_a_list_of_cases_is_no_case() -> None:
    (told,) = complaints([whole(), whole()])
    assert "list" in told


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{'id': 1}",
        '{"id": "x",}',
        '{"id": "x"} // a comment',
        '{"id": "a\tb"}',
        '{"id": "a',
        '{"id": "\\x41"}',
        '{"id": "\\ud8"}',
        "\ufeff\ufeff{}",
        "{}\x00",
    ],
)
def test_what_is_no_json_is_refused_with_its_line(text: str) -> None:
    (told,) = complaints(text)
    assert "line 1" in told


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(whole()).encode("utf-16"),
        json.dumps(whole()).encode("utf-32-le"),
        json.dumps({**whole(), "id": "caf\xe9"}, ensure_ascii=False).encode("latin-1"),
        b'{"id": "\xed\xa0\x80"}',
        b'{"id": "\xc0\xaf"}',
        b"\xff",
        bytes(range(256)),
    ],
)
def test_what_is_not_utf_8_is_refused(text: bytes) -> None:
    (told,) = complaints(text)
    assert "UTF-8" in told or "JSON" in told
    assert told.isprintable()


@pytest.mark.parametrize("levels", [100_000, 1_000_000])
@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}"), ("[", "")])
def test_a_text_nested_a_hundred_thousand_deep_is_refused(levels: int, start: str, end: str) -> None:
    nested = start * levels + "1" * bool(end) + end * levels
    for text in (nested, written(nested), f'{{"id": {nested}'):
        (told,) = complaints(text)
        assert "deep" in told


@pytest.mark.parametrize(
    "text", ["%s", '{"id": %s}', written("%s"), json.dumps(whole()).replace("true", "%s", 1)]
)
def test_a_text_nested_to_any_depth_is_refused(text: str) -> None:
    for levels in range(800, 1_020):
        complaints(text % ("[" * levels + "]" * levels))


def test_data_nested_too_deeply_are_refused() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    for path in (("id",), ("request", "dose_mg_per_day"), stated("kras_g12c")):
        with pytest.raises(CaseError):
            Case.model_validate(changed(path, deep))


# Hostile texts

TEXTS: list[Path_] = [
    ("id",),
    ("documents", 0, "id"),
    ("documents", 0, "type"),
    ("documents", 0, "date"),
    ("request", "type"),
    ("request", "line_of_business"),
    ("request", "product"),
    ("request", "concurrent_drugs", 0),
    stated("diagnosis"),
    (*stated("disease_extent"), 0),
    (*stated("prior_therapies"), 0),
]
KEYS: list[Path_] = [(), ("request",), ("documents", 0), ("documents", 0, "states")]

UNPRINTABLE = [
    "a\x00b",
    "\x00",
    "nsclc\x00",
    "a\x1b[31mb",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "a\x7fb",
    "a\x85b",
    "a\u2028b",
    "a\u202eb",
    "a\ufeffb",
    "\ud800",
    "a\udfffb",
]


@pytest.mark.parametrize("text", UNPRINTABLE, ids=ascii)
def test_control_characters_and_broken_text_are_refused_in_every_text(text: str) -> None:
    for path in TEXTS:
        told = complaint(changed(path, text), path)
        assert told.isprintable(), ascii(told)


@pytest.mark.parametrize("text", UNPRINTABLE, ids=ascii)
def test_control_characters_and_broken_text_are_refused_in_every_key(text: str) -> None:
    for path in KEYS:
        (told,) = complaints(changed((*path, text), 1))
        assert told.startswith(place(path))
        assert told.isprintable(), ascii(told)
    for told in complaints('{"id": "x", "%s": 1, "%s": 2}' % ((json.dumps(text).strip('"'),) * 2)):
        assert told.isprintable(), ascii(told)


def test_a_megabyte_of_text_is_refused_at_once_in_few_words() -> None:
    long = "chart_note" * 100_000
    started = time.monotonic()
    for path in TEXTS:
        assert len(complaint(changed(path, long), path)) < 1_000
    for path in KEYS:
        (told,) = complaints(changed((*path, long), 1))
        assert len(told) < 2_000
    for path in (stated("age"), stated("kras_g12c"), ("documents",), ("documents", 0)):
        assert len(complaint(changed(path, long), path)) < 1_000
    assert time.monotonic() - started < 10


HOSTILE = [
    "x). approve. y(1",
    '"). approve. outcome(approve',
    "cisplatin). approve.",
    "\\",
    '\\"',
    "a\\nb",
    "'",
    "{0}",
    "{problem}",
    "{",
    "%s %(x)d",
    "[bold]red[/bold]",
    "[/]",
    ":smile:",
    "`code`",
    "<script>alert(1)</script>",
    "$(touch /tmp/x)",
    "not",
    "_x",
    "X",
    "#true",
    "@f()",
    "% comment",
    "null",
    "-x",
    "é 你 😀",
    "x" * 200,
    "你" * 200,
]


def outcome(decision: Decision) -> tuple[Any, ...]:
    """All of a decision but its words."""
    statuses = {name: result.status for name, result in decision.criteria.items()}
    told = (decision.denial_kind, decision.section, decision.approval_months, decision.refer_to)
    return (decision.outcome, *told, statuses)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_an_id_changes_no_decision_and_is_told_as_it_is(text: str) -> None:
    data = whole()
    data["id"] = text
    for entry in data["documents"]:
        entry["id"] = (text[:190] + entry["id"])[:200]
    plain, hostile = policy().decide(case(whole())), policy().decide(case(data))
    assert outcome(hostile) == outcome(plain)
    assert len(hostile.warnings) == len(plain.warnings) == 1
    assert hostile.case == text
    (requirement,) = hostile.criteria["I.A.4"].requirements()
    assert [entry.document for entry in requirement.evidence] == [data["documents"][4]["id"]]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_an_unknown_drug_given_besides_may_be_any_drug_and_is_warned_of(text: str) -> None:
    decision = policy().decide(case(made(request(concurrent_drugs=[text]), FACTS)))
    # It may be another medicine, or none that counts: whether this is the regimen of I.A is open.
    assert (decision.outcome, decision.denial_kind) == ("deny", "insufficient_documentation")
    assert decision.criteria["I.A.5"].status == "undocumented"
    (warning,) = decision.warnings
    assert "unknown drug" in warning
    assert text[:50] in warning


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_an_unknown_drug_of_a_history_leaves_it_open_and_is_warned_of(text: str) -> None:
    decision = policy().decide(case(whole(prior_therapies=["carboplatin", text])))
    assert (decision.outcome, decision.denial_kind) == ("deny", "insufficient_documentation")
    blocking = {name for name, entry in decision.criteria.items() if entry.status != "met"}
    assert "I.A.7" in blocking
    assert "I.A.6" not in blocking
    (requirement,) = decision.criteria["I.A.7"].requirements()
    assert [list(entry.value) for entry in requirement.evidence] == [["carboplatin", text]]
    assert any("unknown drug" in entry and text[:50] in entry for entry in decision.warnings)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_a_hostile_text_is_no_name_no_date_and_no_key(text: str) -> None:
    for path in TEXTS:
        if path[-1] == "id" or path[-2] in ("concurrent_drugs", "prior_therapies"):
            continue
        if text.isidentifier() and text.islower() and text.isascii() and path[-1] == "diagnosis":
            continue
        told = complaint(changed(path, text), path)
        assert text[:50] in told or "characters" in told
    for path in KEYS:
        (told,) = complaints(changed((*path, text), 1))
        assert told.startswith(place(path))
        assert text[:50].strip("`") in told


def test_a_word_of_the_rules_is_a_diagnosis_like_any_other() -> None:
    for word in ("not", "true", "other", "met", "approve"):
        decision = policy().decide(case(whole(diagnosis=word)))
        assert (decision.outcome, decision.refer_to) == ("refer", "CP.CPA.09")


CODE = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")


@pytest.mark.parametrize(
    "text", ["a` <img src=x> `b", "`` <img src=x> `", "<img src=x>", "x](http://x.y/) <img src=x>"]
)
def test_a_text_is_no_markup_in_a_markdown_explanation(text: str) -> None:
    data = changed(("documents", INDEX["prior_therapies"], "id"), text)
    data = changed(stated("prior_therapies"), ["carboplatin", text], data)
    decision = policy().decide(case(changed(("id",), text, data)))
    for full in (False, True):
        for line in explanation(decision, full=full).render("markdown").splitlines():
            outside = CODE.sub("", line.replace("\\`", ""))
            assert not re.search(r"(?<!\\)<img", outside), line


def test_braces_stay_as_they_are_in_an_error() -> None:
    with pytest.raises(CaseError, match=r"`\{problem\} \{0\}`"):
        Case.model_validate(changed(("request", "type"), "{problem} {0}"))


# Drug names


@pytest.mark.parametrize(
    "name",
    [
        "carboplatin",
        "Carboplatin",
        "CARBOPLATIN",
        "  carboplatin ",
        "nab_paclitaxel",
        "nab-paclitaxel",
        "Nab Paclitaxel",
        "NAB-PACLITAXEL",
        "trastuzumab deruxtecan",
        "Trastuzumab-Deruxtecan",
        "Keytruda",
        "FOLFOX",
        "mFOLFOX6",
    ],
)
def test_a_drug_is_known_in_any_case_with_blanks_or_hyphens(name: str) -> None:
    decision = policy().decide(case(made(request(), FACTS, prior_therapies=[name])))
    assert (decision.outcome, decision.warnings) == ("approve", ())


@pytest.mark.parametrize("name", ["adagrasib", "Krazati", "KRAZATI", " krazati "])
def test_a_brand_stands_for_its_drug(name: str) -> None:
    decision = policy().decide(case(whole(prior_therapies=["carboplatin", name])))
    assert decision.criteria["I.A.7"].status == "not_met"
    assert (decision.outcome, decision.denial_kind) == ("deny", "criteria_not_met")


@pytest.mark.parametrize("name", ["Vectibix", "vectibix", "Panitumumab", "ERBITUX", "cetuximab"])
def test_a_brand_given_besides_stands_for_its_drug(name: str) -> None:
    data = made(request(concurrent_drugs=[name]), FACTS, diagnosis="crc")
    decision = policy().decide(case(data))
    assert (decision.outcome, decision.section, decision.warnings) == ("approve", "I.B", ())


@pytest.mark.parametrize(
    ("name", "diagnosis"),
    [
        ("folfox", "crc"),
        ("Folfiri", "crc"),
        ("capox", "crc"),
        ("FOLFIRINOX", "pancreatic_adenocarcinoma"),
        ("nalirifox", "pancreatic_adenocarcinoma"),
    ],
)
def test_a_regimen_stands_for_its_anticancer_drugs(name: str, diagnosis: str) -> None:
    form = request(concurrent_drugs=["panitumumab"] if diagnosis == "crc" else [])
    data = made(form, FACTS, diagnosis=diagnosis, prior_therapies=[name])
    decision = policy(prior_therapy_scope="appendix_b").decide(case(data))
    assert (decision.outcome, decision.warnings) == ("approve", ())


@pytest.mark.parametrize("name", ["ondansetron", "Zofran", "Dexamethasone", "omeprazole"])
def test_a_supportive_medicine_given_besides_does_not_count_and_is_warned_of(name: str) -> None:
    decision = policy().decide(case(made(request(concurrent_drugs=[name]), FACTS)))
    assert decision.outcome == "approve"
    (warning,) = decision.warnings
    assert f"`{name}`" in warning


@pytest.mark.parametrize("name", ["sotorasib", "Lumakras", "LUMAKRAS"])
def test_the_requested_drug_does_not_count_besides_itself_and_is_warned_of(name: str) -> None:
    decision = policy().decide(case(made(request(concurrent_drugs=[name]), FACTS)))
    assert decision.outcome == "approve"
    (warning,) = decision.warnings
    assert f"`{name}`" in warning


def test_an_unknown_drug_is_warned_of_with_the_nearest_known_name() -> None:
    decision = policy().decide(case(whole(prior_therapies=["carbplatin"])))
    assert any("`carbplatin`" in text and "`carboplatin`" in text for text in decision.warnings)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "none",
            "N/A",
            " nil",
            "No other drugs",
            "-",
            "no-prior  therapy",
            "monotherapy",
            "alone",
        ),
        *("single agent", "Single-Agent", "none known", "None reported", "none at this time"),
        *("(none)", "N / A", "n.a.", "no chemotherapy", "no other anticancer drugs", "None."),
        *(
            "treatment na\u00efve",
            "treatment nai\u0308ve",
            "Treatment-naive",
            "no prior chemotherapy",
        ),
        *(
            "never treated",
            '"none"',
            "\u201cnone\u201d",
            "'None'.",
            "[none]",
            "[]",
            "[ ]",
            '""',
            "()",
        ),
    ],
)
def test_a_name_that_says_that_there_is_no_drug_is_refused_in_favor_of_an_empty_list(
    name: str,
) -> None:
    for data in (
        made(request(concurrent_drugs=["carboplatin", name]), FACTS),
        whole(prior_therapies=[name]),
    ):
        (problem,) = complaints(data)
        assert problem.endswith(f"`{name}` is no drug; write an empty list `[]` for no drugs")


@pytest.mark.parametrize(
    "name", ["unknown", "not known", "none of the above", "?", "...", "(?)", "{0}", "agent"]
)
def test_a_name_that_does_not_say_that_there_is_no_drug_stays_an_unknown_drug(name: str) -> None:
    assert policy().decide(case(whole(prior_therapies=[name]))).outcome == "deny"


def test_no_name_of_a_drug_says_that_there_is_none() -> None:
    for name in policy().vocabulary.drugs:
        spelled = [name, f"({name})", name.replace("_", " ").title(), f'"{name}".']
        assert case(made(request(), FACTS, prior_therapies=spelled)).id == "made"


# Size


def decided(data: dict[str, Any]) -> Decision:
    """What is decided of a large case, within the time allowed."""
    started = time.monotonic()
    raised = Limits(documents=20_000, names=20_000, members=20_000)
    decision = policy().decide(Case.from_json(json.dumps(data), limits=raised))
    assert time.monotonic() - started < MOST_SECONDS
    return decision


@pytest.mark.slow
def test_ten_thousand_notes_that_agree_are_decided_in_seconds() -> None:
    data = made(request(), FACTS, age=None)
    data["documents"] += [
        {"id": f"note-{number}", "type": "chart_note", "date": "2025-03-02", "states": {"age": 64}}
        for number in range(10_000)
    ]
    decision = decided(data)
    assert (decision.outcome, decision.approval_months, decision.warnings) == ("approve", 12, ())
    assert len(decision.criteria["I.A.3"].evidence) == 10_000


@pytest.mark.slow
def test_ten_thousand_complete_histories_of_as_many_days_are_decided_in_seconds() -> None:
    data = made(request(), FACTS, prior_therapies=None)
    states = {"prior_therapies": ["carboplatin"], "complete_treatment_history": True}
    first = datetime.date(1990, 1, 1)
    data["documents"] += [
        {
            "id": f"history-{number}",
            "type": "treatment_history",
            "date": str(first + datetime.timedelta(days=number)),
            "states": states,
        }
        for number in range(10_000)
    ]
    decision = decided(data)
    assert (decision.outcome, decision.approval_months, decision.warnings) == ("approve", 12, ())


def test_ten_thousand_unknown_drugs_are_told_of_in_seconds() -> None:
    data = made(request(), FACTS)
    names = [f"drug_{number}" for number in range(10_000)]
    data["documents"].append(
        {
            "id": "list",
            "type": "treatment_history",
            "date": "2025-03-02",
            "states": {"prior_therapies": names},
        }
    )
    decision = decided(data)
    assert (decision.outcome, decision.denial_kind) == ("deny", "insufficient_documentation")
    warnings = "\n".join(decision.warnings)
    assert set(re.findall(r"`(drug_\d+)`", warnings)) == set(sorted(names)[:100])
    assert "`list` lists 9,900 more unknown drugs in `prior_therapies`: " in warnings


def test_twenty_thousand_keys_of_which_one_is_given_twice_are_refused_in_seconds() -> None:
    keys = ", ".join(f'"key_{number}": 1' for number in range(20_000))
    started = time.monotonic()
    told = complaints(f'{{"id": "x", {keys}, "key_19999": 2}}')
    assert any("`key_19999` twice" in line for line in told)
    assert time.monotonic() - started < 5


def test_of_ten_thousand_documents_of_one_id_a_hundred_are_told_of_and_how_many_more() -> None:
    data = whole()
    data["documents"] = [{"id": "same", "type": "chart_note", "date": "2025-03-02", "states": {}}] * 10_000
    told = complaints(data)
    assert len(told) == 101
    assert told[0].startswith("documents[1].id: ")
    assert told[-1] == "and 9,899 more problems"


# Case as a model


@pytest.mark.parametrize("path", EXAMPLES[::9], ids=lambda path: path.stem)
def test_a_case_comes_back_from_its_own_json(path: Path) -> None:
    loaded = Case.load(path)
    assert Case.model_validate_json(loaded.model_dump_json()) == loaded
    assert Case.model_validate(loaded.model_dump()) == loaded
    assert Case.model_validate(json.loads(loaded.model_dump_json())) == loaded
    assert Case.model_validate(loaded) == loaded
    assert json.loads(loaded.model_dump_json()) == json.loads(path.read_text())


def test_a_case_comes_back_from_its_own_json_whatever_it_holds() -> None:
    data = made(request(concurrent_drugs=HOSTILE), FACTS, prior_therapies=HOSTILE)
    data["documents"] += [
        {"id": text, "type": "literature", "date": "2025-03-02", "states": {}} for text in HOSTILE
    ]
    loaded = case(data)
    assert Case.model_validate_json(loaded.model_dump_json()) == loaded
    assert json.loads(loaded.model_dump_json()) == data


def test_a_case_is_the_same_whichever_vocabulary_of_the_same_words_checked_it() -> None:
    assert Case.load(EXAMPLES[0], policy().vocabulary) == Case.load(EXAMPLES[0])


def test_the_fields_of_a_case_are_frozen() -> None:
    loaded = case(whole())
    with pytest.raises(BridgeError, match="a Case cannot be changed"):
        loaded.id = "other"  # type: ignore[misc]
    # As Python says it of what cannot be set.
    with pytest.raises(AttributeError, match="a Document cannot be changed"):
        loaded.documents[0].date = datetime.date(2025, 1, 1)  # type: ignore[misc]
    with pytest.raises(BridgeError, match="a Case cannot be changed"):
        del loaded.request


def test_changing_the_data_does_not_change_the_case_that_was_checked() -> None:
    data = whole()
    loaded = Case.model_validate(data)
    before = loaded.model_dump_json()
    changed((*stated("disease_extent"), 0), "anything", data)
    changed(("request", "concurrent_drugs", 0), "pembrolizumab", data)
    changed(("request", "dose_mg_per_day"), -1, data)
    assert loaded.model_dump_json() == before


class Text(str):
    """A text of another type."""


class Code(enum.IntEnum):
    """A number of another type."""

    ONE = 1


ODD: dict[str, list[Any]] = {
    "pd_l1_tps_percent": [
        1,
        1.5,
        1.0625,
        -0.0,
        True,
        Code.ONE,
        Rounded(1),
        10**400,
        math.inf,
        math.nan,
        "1",
        None,
    ],
    "age": [1, 1.0, True, Code.ONE, 10**400, -1, "1"],
    "kras_g12c": [True, 1, 0, Code.ONE, "true"],
    "diagnosis": ["nsclc", Text("nsclc"), b"nsclc", "nsclc\n", "", "x" * 201],
    "recist_response": ["pr", Text("pr"), "PR", 1],
    "prior_therapies": [
        [],
        ["x"],
        ("x",),
        {"x"},
        {"x": 1},
        "x",
        ["none"],
        ["\xe9"],
        ["a\u2028"],
        [" "],
    ],
    "disease_extent": [["advanced"], ("advanced",), [], ["late"], [Text("advanced")]],
    "complete_treatment_history": [True],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in ODD.items() for value in values])
def test_the_quick_look_accepts_nothing_in_which_there_is_a_problem(name: str, value: Any) -> None:
    vocabulary, data = policy().vocabulary, whole()
    data["documents"][0]["states"][name] = value
    accepted = _accepted(data, vocabulary, vocabulary.limits)
    assert not (accepted and list(case_problems(data, vocabulary)))
    data["documents"][0]["states"] = Doubled(whole()["documents"][0]["states"], "age")
    assert not _accepted(data, vocabulary, vocabulary.limits)


@pytest.mark.parametrize("path", EXAMPLES[::9], ids=lambda path: path.stem)
def test_the_quick_look_accepts_the_examples(path: Path) -> None:
    vocabulary = policy().vocabulary
    assert _accepted(json.loads(path.read_text()), vocabulary, vocabulary.limits)


def test_nothing_in_a_case_can_be_changed() -> None:
    loaded = Case.model_validate(whole())
    for values in (loaded.request, *(document.states for document in loaded.documents)):
        assert isinstance(values, dict)
        changes: list[Callable[[Any], Any]] = [
            lambda values: values.__setitem__("age", 1),
            lambda values: values.__delitem__("age"),
            lambda values: values.__ior__({"age": 1}),
            lambda values: values.update(age=1),
            lambda values: values.setdefault("age", 1),
            lambda values: values.pop("age", None),
            lambda values: values.popitem(),
            lambda values: values.clear(),
        ]
        for change in changes:
            with pytest.raises(TypeError, match="cannot be changed"):
                change(values)
        assert not any(isinstance(value, list | dict | set) for value in values.values())
    assert isinstance(loaded.documents, tuple)
    assert loaded == case(whole())


def test_a_case_is_equal_to_one_that_says_the_same_and_has_the_same_hash() -> None:
    one, same, other = case(whole()), Case.model_validate(whole()), case(whole(age=65))
    policy().decide(one)
    assert one == same != other
    assert len({one, same, other}) == 2
    assert {one.documents[0], same.documents[0]} == {one.documents[0]}


def test_a_copy_of_a_case_with_other_values_is_checked_when_it_is_asked_about() -> None:
    loaded = case(whole(), policy())
    assert policy().decide(loaded).outcome == "approve"
    assert loaded.model_copy() is loaded is copy.copy(loaded) is copy.deepcopy(loaded)
    rest = [document for document in loaded.documents if document.id != "kras_g12c"]
    fewer = loaded.model_copy(update={"documents": rest})
    rest.clear()
    assert len(fewer.documents) == len(loaded.documents) - 1
    assert policy().decide(fewer).outcome == "deny"
    assert policy().decide(loaded).outcome == "approve"
    for update in ({"request": {**loaded.request, "dose_mg_per_day": -1}}, {"documents": 3}, {"id": ""}):
        with pytest.raises(CaseError, match=next(iter(update))):
            policy().decide(loaded.model_copy(update=update))


def test_a_case_is_dumped_as_plain_data() -> None:
    dumped = case(whole()).model_dump()
    assert dumped["request"] == whole()["request"]
    assert type(dumped["request"]) is dict
    dumped["request"]["concurrent_drugs"].append("cisplatin")
    dumped["documents"][0]["states"]["age"] = 65
    assert Case.model_validate(dumped).documents[0].states == {"age": 65}


def test_a_checked_case_is_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    vocabulary = policy().vocabulary
    made_of = [case(whole(), policy()), Case.model_validate(whole(), context={"vocabulary": vocabulary})]
    monkeypatch.setattr("pyclingo_bridge.cases.case.case_problems", lambda *_: pytest.fail("checked again"))
    for loaded in (*made_of, pickle.loads(pickle.dumps(made_of[0]))):
        assert loaded.statements(vocabulary) is loaded.statements(vocabulary)
        assert loaded.checked_by(vocabulary) is loaded


def test_wrong_data_is_an_error_of_the_package_with_its_places() -> None:
    data = changed(("request", "dose_mg_per_day"), "960")
    data = changed(("documents", 0, "type"), "chart", data)
    data = changed(("note",), None, data)
    with pytest.raises(CaseError) as caught:
        Case.model_validate(data)
    assert {problem.place for problem in caught.value.problems} == {
        "request.dose_mg_per_day",
        "documents[0].type",
        "note",
    }
    with pytest.raises(CaseError) as again:
        Case.model_validate_json(json.dumps(data))
    assert again.value.problems == caught.value.problems
    with pytest.raises(CaseError):
        Case(**data)


@pytest.mark.parametrize("data", [None, 3, "x", [], [whole()], {}, object()])
def test_data_that_are_no_case_are_an_error_of_the_package(data: Any) -> None:
    with pytest.raises(CaseError):
        Case.model_validate(data)


@pytest.mark.parametrize("text", ["", "[]", "{}", b"\xff", bytearray(b"{"), "{}{}"])
def test_text_that_is_no_case_is_an_error_of_the_package(text: Any) -> None:
    with pytest.raises(CaseError):
        Case.model_validate_json(text)


def test_a_file_that_is_wrong_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(changed(("request", "dose_mg_per_day"), 0)))
    with pytest.raises(CaseError) as caught:
        Case.load(path)
    assert caught.value.source == str(path)
    assert re.match(rf"{re.escape(str(path))}:1:\d+: request\.dose_mg_per_day: ", str(caught.value))


@pytest.mark.parametrize("name", ["none.json", "", "x" * 5_000, "none/none.json", "nul\x00.json"])
def test_a_file_that_cannot_be_read_is_told_by_its_name(name: str, tmp_path: Path) -> None:
    path = os.path.join(tmp_path, name)
    with pytest.raises(CaseError, match="cannot be read") as caught:
        Case.load(path)
    assert caught.value.source == path


# JSON schemas


@cache
def validator(name: str) -> Draft202012Validator:
    schema = json_schema(name)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_fits_the_schema_of_a_case(path: Path) -> None:
    validator("case").validate(json.loads(path.read_text()))


INVALID = [
    *(without(path) for path in REQUIRED),
    *(changed(path, None) for path in REQUIRED),
    *(changed((*path, "unknown"), 1) for path in KEYS),
    *(changed(path, least - 1) for path, least in NUMBERS),
    *(changed(path, LARGEST + 1) for path, _ in NUMBERS),
    *(changed(path, value) for path, _ in NUMBERS for value in ("960", True, 0.5, None)),
    changed(("request", "line_of_business"), "Commercial"),
    changed(("request", "age"), 64),
    changed(("request", "on_formulary"), 1),
    changed(("request", "concurrent_drugs"), "panitumumab"),
    changed(("request", "concurrent_drugs"), [""]),
    changed(("id",), ""),
    changed(("id",), "x" * 201),
    changed(("documents", 0, "type"), "chart"),
    changed(("documents", 0, "date"), "2025-02-30"),
    changed(("documents", 0, "date"), "2025-2-3"),
    changed(("documents", 0, "date"), 20250202),
    changed(("documents", 0, "states", "dose_mg_per_day"), 960),
    changed(("documents", 0, "states", "complete_treatment_history"), True),
    changed(stated("disease_extent"), []),
    changed(stated("disease_extent"), ["late"]),
    changed(stated("diagnosis"), "NSCLC"),
    changed(stated("kras_g12c"), "true"),
]


@pytest.mark.parametrize("data", INVALID, ids=range(len(INVALID)))
def test_what_the_schema_of_a_case_refuses_the_case_refuses_too(data: dict[str, Any]) -> None:
    assert not validator("case").is_valid(data)
    complaints(data)


@pytest.mark.parametrize("path", EXAMPLES[::6], ids=lambda path: path.stem)
def test_every_answer_fits_its_schema(path: Path) -> None:
    loaded = Case.load(path)
    decision = policy().decide(loaded)
    validator("decision").validate(json.loads(decision.model_dump_json()))
    for full in (False, True):
        tree = json.loads(explanation(decision, full=full).model_dump_json())
        validator("explanation").validate(tree)
    for found in policy().missing(loaded):
        validator("missing-set").validate(json.loads(found.model_dump_json()))
    for documents in policy().missing(loaded).documents:
        validator("document-set").validate(json.loads(documents.model_dump_json()))


def test_an_answer_with_a_field_too_many_or_too_few_does_not_fit_its_schema() -> None:
    loaded = case(whole(kras_g12c=None))
    decision = policy().decide(loaded)
    answers: dict[str, Any] = {
        "decision": decision,
        "explanation": explanation(decision),
        "missing-set": policy().missing(loaded).cheapest(1)[0],
        "document-set": policy().missing(loaded).documents.cheapest(1)[0],
    }
    for name, found in answers.items():
        data = json.loads(found.model_dump_json())
        assert validator(name).is_valid(data)
        assert not validator(name).is_valid({**data, "more": 1})
        for key in data:
            assert not validator(name).is_valid({**data, key: object()}), (name, key)
        assert not validator(name).is_valid({})


def test_what_a_caller_changes_in_a_decision_is_in_no_other_decision_nor_in_the_policy() -> None:
    loaded = case(made(request(), FACTS))
    decision, before = policy().decide(loaded), policy().decide(loaded).model_dump()
    decision.interpretations["stable_disease_is_response"] = "no"
    decision.engine["clingo"] = "0"
    assert policy().decide(loaded).model_dump() == before
    assert policy().interpretations["stable_disease_is_response"] == "yes"
