"""Messages: where, what was found, what is allowed and what to do; and that no error is another package's."""

from __future__ import annotations

import io
import json
import pickle
import re
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from pyclingo_bridge import (
    BridgeError,
    Case,
    CaseError,
    Changes,
    Decision,
    Document,
    Explanation,
    Limits,
    PlanFacts,
    Policy,
    PolicyError,
    Sweep,
    WhatIf,
)
from pyclingo_bridge.base.errors import ArgumentError, nearest_few
from pyclingo_bridge.base.json_places import spots_in
from pyclingo_bridge.base.messages import Message, Spot, laid_out
from pyclingo_bridge.catalogue import Catalogue
from pyclingo_bridge.cli.printing import error_text, print_error
from pyclingo_bridge.core.decision import PolicyInfo
from pyclingo_bridge.explain.decision import explanation
from tests.conftest import policy, whole
from tests.mistakes import running
from tests.mistakes.listed import GROUPS

READABLE: tuple[type[BaseModel], ...] = (WhatIf, Sweep, Explanation, PolicyInfo)
"""Answers that a program may read back."""

MISTAKES = [mistake for _, mistakes in GROUPS for mistake in mistakes]


@cache
def made() -> str:
    """The page of messages, as the package makes it now."""
    return running.page()


# Typical mistakes


def test_the_page_of_messages_is_what_the_mistakes_on_it_get() -> None:
    assert made() == running.PAGE.read_text("utf-8"), (
        "run python -m tests.mistakes write, and read what changed"
    )


def test_there_are_sixty_mistakes_and_more_each_told_once() -> None:
    assert len({mistake.run for mistake in MISTAKES}) == len(MISTAKES) >= 60
    assert len({mistake.what for mistake in MISTAKES}) >= len(MISTAKES) - 1


def test_no_message_shows_a_traceback_or_a_word_of_another_package() -> None:
    for word in ("Traceback", "pydantic", "ValidationError", "Input should", "validation error", 'File "'):
        assert word not in made().replace("by the method of pydantic", ""), word


def test_every_message_of_a_command_has_one_prefix() -> None:
    told = re.findall(r"^\$ pyclingo-bridge .*\n(.*)$", made(), re.MULTILINE)
    assert len(told) == sum(len(mistakes) for heading, mistakes in GROUPS if heading != "In Python")
    assert [line for line in told if not line.startswith("error: ")] == []


def test_no_message_lists_more_than_a_few_names() -> None:
    for line in made().split("\n"):
        listed = re.search(r"(?:allowed|known|listed|shipped): (.*)", line)
        assert listed is None or listed[1].count("`") <= 2 * 6, line


def test_every_input_is_of_some_mistake() -> None:
    said = " ".join(mistake.run for mistake in MISTAKES)
    unused = [path.name for path in running.INPUTS.iterdir() if path.name not in said]
    assert unused == []


# The parts of a message


def test_a_message_is_a_text_whose_parts_are_read_from_it() -> None:
    text = "request.age: unknown key `age`; did you mean `ages`? (allowed: `ages`, `b`)"
    message = Message(text)
    assert message == text
    assert (message.where, message.found) == ("request.age", "unknown key `age`")
    assert (message.help, message.allowed) == ("did you mean `ages`?", "allowed: `ages`, `b`")


def test_what_a_user_wrote_is_no_part_of_how_a_message_is_built() -> None:
    message = Message("unknown value `x; write y (allowed: z)`; write `v`")
    assert (message.found, message.help) == ("unknown value `x; write y (allowed: z)`", "write `v`")
    assert message.allowed == ""


def test_the_place_in_a_file_is_read_from_a_message() -> None:
    message = Message("folder/policy.lp:12: `x` is no day: write a number")
    assert (message.file, message.line, message.found, message.help) == (
        "folder/policy.lp",
        12,
        "`x` is no day",
        "write a number",
    )


def test_a_message_survives_pickling_with_its_parts() -> None:
    error = CaseError("a.json", [Message("id: is missing; add a name", spot=Spot(1, 2, 1, "{}"))])
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.problems) == (str(error), error.problems)
    assert [(one.help, one.line, one.column) for one in again.problems] == [("add a name", 1, 2)]


def test_several_problems_are_told_under_one_head_and_of_many_the_first() -> None:
    few = CaseError("a.json", ["id: is empty", "request: is missing"])
    assert str(few) == "a.json: 2 problems\n  id: is empty\n  request: is missing"
    many = CaseError("a.json", [f"key{number}: is missing" for number in range(100)])
    assert len(str(many).split("\n")) < 15
    assert str(many).endswith("and 90 more, see `problems`")
    assert len(many.problems) == 100


def test_of_a_long_choice_the_names_most_like_the_given_one_are_told() -> None:
    names = [f"drug_{letter}" for letter in "abcdefgh"] + ["chart_note"]
    assert nearest_few("chart note", names) == "`chart_note`, and 8 more"
    assert nearest_few("chart", names[:6]).count("`") == 12


# Lines and columns


@pytest.mark.parametrize(
    ("text", "place", "key", "shown"),
    [
        ('{"a": {"b": 12}}', ("a", "b"), False, (1, 13, 2)),
        ('{"a": {"b": 12}}', ("a", "b"), True, (1, 8, 3)),
        ('{"a": [1,\n true]}', ("a", 1), False, (2, 2, 4)),
        ('{"a": {"b": 12}}', ("a", "c"), False, (1, 7, 1)),
        ('{"a": 1, "a": 2}', ("a",), True, (1, 10, 3)),
        ('{"\\u0061": [{}, "x"]}', ("a", 1), False, (1, 17, 3)),
        ('[{"a": "\\"}"}, 7]', (1,), False, (1, 16, 1)),
    ],
)
def test_a_place_is_found_in_a_text(text: str, place: Any, key: bool, shown: tuple[int, int, int]) -> None:
    spot = spots_in(text, [place], [place] if key else [])[place]
    assert spot[:3] == shown


def test_no_place_is_found_in_what_cannot_be_read() -> None:
    assert spots_in('{"a": ', [("a",)]) == {}
    assert spots_in("[" * 100_000, [(0,) * 5]) == {}


def test_a_problem_of_a_file_has_its_line_and_column_and_the_id_of_its_document() -> None:
    data = whole(age="64")
    text = json.dumps(data, indent=1)
    with pytest.raises(CaseError) as caught:
        Case.from_json(text, "file.json")
    (problem,) = caught.value.problems
    line = text.split("\n")[(problem.line or 0) - 1]
    assert line[(problem.column or 0) - 1 :].startswith('"64"')
    assert (problem.place, problem.where) == ("documents[0].states.age", "document `age`, states.age")
    assert problem.help == "write 64, without quotes"


def test_the_line_is_shown_with_carets_beneath_what_is_meant() -> None:
    assert Spot(1, 3, 2, "a bc d").lines() == ("a bc d", "  ^^")
    line, carets = Spot(1, 301, 4, "x" * 300 + "here" + "y" * 300).lines()
    assert line[carets.index("^") : carets.rindex("^") + 1] == "here"
    assert len(line) < 120


def test_a_line_of_a_policy_that_is_gone_by_now_is_no_second_error(tmp_path: Path) -> None:
    error = PolicyError(f"{tmp_path}/policy.lp:7: there is no `x`")
    assert error_text(error) == f"error: {tmp_path}/policy.lp:7: there is no `x`"


def test_a_place_in_toml_is_shown_as_that_in_any_other_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('policy = "label"\nplan plan.json\n')
    error = BridgeError(f"{path}: is no TOML: Expected '=' after a key (at line 2, column 6)")
    assert error_text(error) == "\n".join(
        [
            f"error: {path}:2:6: is no TOML: Expected '=' after a key",
            "    |",
            "  2 | plan plan.json",
            "    |      ^",
        ]
    )


def test_a_case_that_is_a_line_of_a_file_is_shown_with_that_line() -> None:
    with pytest.raises(CaseError) as caught:
        Case.from_json('{"id": 1, "request": {}, "documents": 3}', "cases.jsonl:12")
    text = error_text(caught.value)
    assert "in cases.jsonl\n  12:8: id: has to be a text, not a number\n" in text
    assert "  12 | {" in text


# On a terminal


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_message_has_color_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    error = CaseError("a.json", ["id: is missing; add a name"])
    for name in ("NO_COLOR", "FORCE_COLOR", "PY_COLORS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    shown = []
    for stream in (io.StringIO(), _Terminal()):
        monkeypatch.setattr(sys, "stderr", stream)
        print_error(error)
        shown.append(stream.getvalue())
    assert shown[0] == "error: a.json: id: is missing\n  help: add a name\n"
    assert "\x1b[" in shown[1]
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown[1]) == shown[0]


def test_problems_of_several_files_are_each_told_with_their_file() -> None:
    messages = [Message("a.lp:1: one; add it"), Message("b.lp:2: two")]
    lines = ["".join(piece.text for piece in line) for line in laid_out(messages)]
    assert lines == ["error: 2 problems", "  a.lp:1: one", "  help: add it", "  b.lp:2: two"]


# The doors of the library


@pytest.mark.parametrize(
    "given",
    [
        lambda: Case.model_validate_json("{"),
        lambda: Case.model_validate_json(b"\xff\xfe"),
        lambda: Case.model_validate_json(json.dumps({**whole(), "id": 3})),
        lambda: Case.model_validate({**whole(), "documents": None}),
        lambda: Case.model_validate(None),
        lambda: Case(**{**whole(), "id": ""}),
        lambda: Case.from_json("[]"),
        lambda: Case.load("nowhere.json"),
        lambda: Document(id=1, type="x", date="y", states={}),  # type: ignore[arg-type]
        lambda: PlanFacts.load("nowhere.json"),
        lambda: PlanFacts.from_json('{"plan": 1}'),
        lambda: Policy.load("nowhere"),
        lambda: Policy.load("label", judged_by="nobody"),  # type: ignore[arg-type]
        lambda: Policy.load("label", interpretations={"a": "b"}),
        lambda: Policy.load("label", interpretations=["a"]),  # type: ignore[arg-type]
        lambda: Changes(nothing=1),  # type: ignore[call-arg]
        lambda: Changes(set=[]),  # type: ignore[arg-type]
        lambda: Changes.model_validate({"unset": 3}),
        lambda: Changes.model_validate_json("{"),
        lambda: policy().what_if(Case.model_validate(whole()), {"set": 1}),
        lambda: policy().decide_batch([]),
        lambda: policy().decide(whole()),  # type: ignore[arg-type]
        lambda: Decision.model_validate({"outcome": "maybe"}),
        lambda: Decision.model_validate_json("{"),
        lambda: Case.model_validate_strings({"id": "a"}),
        lambda: Case.load(None),  # type: ignore[arg-type]
        lambda: Case.load("nowhere.json", vocabulary="oncology"),  # type: ignore[arg-type]
        lambda: Case.load("nowhere.json", limits=3),  # type: ignore[arg-type]
        lambda: Case.from_json(3),  # type: ignore[arg-type]
        lambda: Case.model_validate(whole(), context={"vocabulary": "oncology"}),
        lambda: Policy.load(None),  # type: ignore[arg-type]
        lambda: Policy.load("label", plan={}),  # type: ignore[arg-type]
        lambda: policy().compare("label"),  # type: ignore[arg-type]
        lambda: policy().impact("cases.csv", "label"),  # type: ignore[arg-type]
        lambda: policy().decide_cases([1]),  # type: ignore[list-item]
        lambda: policy().decide_cases("{}"),
        lambda: Catalogue.of("cp_phar_549"),
        lambda: Limits(members=0),
        lambda: explanation("approve"),  # type: ignore[arg-type]
        lambda: explanation(policy().decide(Case(**whole()))).render("xml"),  # type: ignore[arg-type]
        *(lambda model=model: model.model_validate_json("{}") for model in READABLE),
        *(lambda model=model: model.model_validate({}) for model in READABLE),
        *(lambda model=model: model.model_validate_strings({}) for model in READABLE),
    ],
)
def test_every_error_of_the_library_is_its_own(given: Any) -> None:
    with pytest.raises(BridgeError) as caught:
        given()
    assert not isinstance(caught.value, ValidationError)
    assert len(str(caught.value)) < 2_000


def test_a_limit_that_there_is_not_is_an_error_with_the_nearest_one() -> None:
    with pytest.raises(ArgumentError, match=r"did you mean `members`\?"):
        Limits(member=3)  # type: ignore[call-arg]
    assert replace(Limits(members=3), names=4) == Limits(64, 10_000, 4, 3)


def test_what_python_says_of_a_field_is_told_without_how_it_came_by_it() -> None:
    with pytest.raises(CaseError) as caught:
        Document(id="a", type="x", date="2025-02-30", states={})  # type: ignore[arg-type]
    assert caught.value.problems[0].startswith("date: `2025-02-30` is no date")


def test_no_answer_can_be_changed() -> None:
    decision = policy().decide(Case(**whole()))
    for changed in (decision, decision.policy, decision.whole):
        with pytest.raises(AttributeError, match="cannot be changed") as caught:
            changed.version = "5"  # type: ignore[misc]
        assert isinstance(caught.value, BridgeError)


class Mail(BaseModel):
    """A model of somebody else, with a case in it."""

    case: Case


def test_a_case_can_be_a_field_of_another_model_whose_errors_are_pydantics() -> None:
    assert Mail.model_validate({"case": whole()}).case == Case.model_validate(whole())
    assert Mail.model_validate_json(json.dumps({"case": whole()})).case.id == "made"
    with pytest.raises(ValidationError) as caught:
        Mail.model_validate({"case": {**whole(), "id": 3}})
    assert [error["loc"] for error in caught.value.errors()] == [("case", "id")]
    with pytest.raises(ValidationError):
        Mail.model_validate_json(json.dumps({"case": {**whole(), "id": 3}}))
