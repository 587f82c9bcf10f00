"""What a plan knows for all its cases: the plan file, its periods, and how it counts in a case."""

from __future__ import annotations

import datetime
import json
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import Case, CaseError, Decision, PlanFacts, Policy, Vocabulary
from pyclingo_bridge.cases.statements import CaseStatements
from pyclingo_bridge.cases.vocabulary import load_vocabulary
from tests.test_cli import Told, run, worded

__all__ = ["worded"]

RULES = """
vocabulary(planned).
attribute((kind; line_of_business; dose; listed_here; raised), request).
domain(kind, choice). listed(kind, (first; again)).
domain(line_of_business, choice). listed(line_of_business, (north; south)). default(line_of_business, north).
domain(dose, whole_number). minimum(dose, 1). maximum(dose, 9). default(dose, 5).
domain((listed_here; raised), flag). default(listed_here, true). default(raised, false).
only_with(raised, true, kind, again).
attribute((copy; stock; shops), latest).
domain(copy, flag).
domain(stock, whole_number). minimum(stock, 0). maximum(stock, 99).
domain(shops, list). listed(shops, (harbor; market; station)).
"""
PRINTED = "attribute(printed, detail). domain(printed, date)."
POLICY = """
policy(planned, "A planned one"). source("s", "2025-01-01"). default_locator("part", "line").
outcome_word(approve, "a"). outcome_word(deny, "d"). outcome_word(refer, "r").
section("A", 1). criterion("A", "all of it").
requires("A", yes(copy)). requires("A", at_least(stock, 3)). requires("A", yes(listed_here)).
document_type((note; plan_record), 1). establishes(note, (copy; stock; shops)).
ambiguity(n, "how many", "A"). alternative(n, few, "few"). alternative(n, many, "many").
default_interpretation(n, few).
duration("A", exactly(6), yes(listed_here)).
"""


@cache
def _vocabulary(entry: Path) -> Vocabulary:
    return load_vocabulary(entry)


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return written(tmp_path_factory.mktemp("planned"), "document_type((note; plan_record), 1).")


def written(folder: Path, more: str) -> Vocabulary:
    (folder / "vocabulary.lp").write_text(RULES + PRINTED + more)
    return _vocabulary(folder / "vocabulary.lp")


def fact(attribute: Any = "copy", value: Any = True, start: Any = "2025-01-01", **more: Any) -> dict[str, Any]:
    return {"attribute": attribute, "value": value, "from": start, **more}


def plan_of(words: Vocabulary, *facts: Any) -> PlanFacts:
    return PlanFacts.from_json(json.dumps({"plan": "example", "facts": list(facts)}), "plan.json", words)


def complaint(words: Vocabulary, *facts: Any) -> list[str]:
    with pytest.raises(CaseError) as error:
        plan_of(words, *facts)
    assert error.value.source == "plan.json"
    return list(error.value.problems)


def case(words: Vocabulary, *documents: dict[str, Any], **form: Any) -> Case:
    data = {"id": "made", "request": {"kind": "first", **form}, "documents": list(documents)}
    return Case.from_json(json.dumps(data), "test", words)


def note(name: str = "n", date: str = "2025-03-02", **states: Any) -> dict[str, Any]:
    return {"id": name, "type": "note", "date": date, "states": states}


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


# --- The file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "line", "known"),
    [
        ("2024-12-31", "north", {}),
        ("2025-01-01", "north", {"copy": False}),
        ("2025-06-30", "north", {"copy": False}),
        ("2025-07-01", "north", {"copy": True}),
        ("2025-07-01", "south", {"copy": True, "stock": 7}),
        ("2099-01-01", "south", {"copy": True, "stock": 7}),
        ("2025-07-01", None, {"copy": True}),
    ],
)
def test_a_fact_holds_in_its_period_for_its_lines_of_business(
    words: Vocabulary, date: str, line: str | None, known: dict[str, Any]
) -> None:
    plan = plan_of(
        words,
        fact("copy", False, "2025-01-01", to="2025-06-30"),
        fact("copy", True, "2025-07-01", to=None),
        fact("stock", 7, "2025-07-01", line_of_business=["south"]),
    )
    assert plan.at(day(date), line) == known


def test_a_plan_knows_what_documents_and_forms_can_say(words: Vocabulary) -> None:
    plan = plan_of(
        words,
        fact("stock", {"at_least": 3}),
        fact("shops", ["market", "harbor"]),
        fact("printed", "2025-02"),
        fact("dose", 4),
        fact("kind", "again", line_of_business=["north", "south"]),
    )
    assert plan.name == "example"
    assert plan.at(day("2025-02-01"), "south") == {
        "stock": {"at_least": 3},
        "shops": ("market", "harbor"),
        "printed": "2025-02",
        "dose": 4,
        "kind": "again",
    }


@pytest.mark.parametrize(
    ("entry", "place", "text"),
    [
        (fact("copi"), "attribute", "unknown attribute `copi` (allowed: `copy`"),
        (fact(5), "attribute", "has to be a name"),
        (fact(None), "attribute", "has to be a name"),
        (fact("line_of_business", "north"), "attribute", "tells which facts hold for a request"),
        (fact("copy", "yes"), "value", "has to be `true` or `false`"),
        (fact("copy", None), "value", "has to be `true` or `false`"),
        (fact("stock", 100), "value", "out of bounds (allowed: 0 to 99)"),
        (fact("stock", {"at_least": 5, "at_most": 4}), "value", "no number is at least 5 and at most 4"),
        (fact("dose", {"at_least": 5}), "value", "the request form gives one number"),
        (fact("shops", ["harbour"]), "value[0]", "did you mean `harbor`?"),
        (fact("printed", "2025-13"), "value", "no date of the form"),
        (fact(start="2025-02-30"), "from", "no date of the form"),
        (fact(start="2025-02"), "from", "no whole date"),
        (fact(start=None), "from", "has to be a date"),
        (fact(start=20250101), "from", "has to be a date"),
        (fact(to="2025"), "to", "no whole date"),
        (fact(to=False), "to", "has to be a date"),
        (fact(to="2024-12-31"), "to", "is before `2025-01-01`"),
        (fact(line_of_business=[]), "line_of_business", "is empty"),
        (fact(line_of_business="north"), "line_of_business", "put it in brackets"),
        (fact(line_of_business=["nort"]), "line_of_business[0]", "did you mean `north`?"),
        (fact(line_of_business=None), "line_of_business", "has to be a list"),
        (fact(until="2025-12-31"), "until", "unknown key `until`"),
        ({"attribute": "copy", "value": True}, "from", "is missing"),
        ({"value": True, "from": "2025-01-01"}, "attribute", "is missing"),
        ({"attribute": "copy", "from": "2025-01-01"}, "value", "is missing"),
    ],
)
def test_what_is_wrong_with_a_fact_is_told_with_its_place(
    words: Vocabulary, entry: Any, place: str, text: str
) -> None:
    (line,) = complaint(words, fact("stock", 1), entry)
    assert line.startswith(f"facts[1].{place}: ")
    assert text in line


@pytest.mark.parametrize("entry", [5, None, [], "copy", True])
def test_a_fact_is_an_object(words: Vocabulary, entry: Any) -> None:
    (line,) = complaint(words, entry)
    assert line.startswith("facts[0]: a fact is a JSON object")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("[]", "a plan file is a JSON object, not a list"),
        ("{", "is not JSON"),
        ('{"plan": "p"}', "facts: is missing"),
        ('{"facts": []}', "plan: is missing"),
        ('{"plan": "", "facts": []}', "plan: is empty"),
        ('{"plan": 5, "facts": []}', "plan: has to be a text"),
        ('{"plan": "p", "facts": {}}', "facts: has to be a list of facts, not an object"),
        ('{"plan": "p", "facts": null}', "facts: has to be a list of facts, not null"),
        ('{"plan": "p", "plan": "q", "facts": []}', "has the key `plan` twice"),
        ('{"plan": "p", "facts": [], "version": 1}', "unknown key `version`"),
        ('{"plan": "p", "facts": []} {}', "goes on after the first JSON value"),
        ("\udcff", "UTF-8"),
    ],
)
def test_what_is_no_plan_file_is_refused(words: Vocabulary, text: str, told: str) -> None:
    with pytest.raises(CaseError, match=told):
        PlanFacts.from_json(text.encode("utf-8", "surrogateescape"), vocabulary=words)


def test_a_plan_file_has_no_more_facts_than_a_case_documents(words: Vocabulary) -> None:
    many = [fact("stock", n % 90, f"{1000 + n}-01-01", to=f"{1000 + n}-12-31") for n in range(9000)]
    assert len(plan_of(words, *many).facts) == 9000
    (line,) = complaint(words, *[{}] * 10_001)
    assert line == "facts: are 10,001; a plan file has at most 10,000"


def test_a_plan_of_no_facts_knows_nothing(words: Vocabulary) -> None:
    assert plan_of(words).at(day("2025-01-01"), "north") == {}


def test_a_file_is_read_from_its_place(tmp_path: Path, words: Vocabulary) -> None:
    (tmp_path / "plan.json").write_text(json.dumps({"plan": "p", "facts": [fact()]}))
    plan = PlanFacts.load(tmp_path / "plan.json", words)
    assert plan.at(day("2025-01-01")) == {"copy": True}
    with pytest.raises(CaseError, match="cannot be read"):
        PlanFacts.load(tmp_path / "none.json", words)
    with pytest.raises(CaseError, match="no file can have that name"):
        PlanFacts.load("a\0b", words)


@pytest.mark.parametrize(
    ("one", "other", "first"),
    [
        (fact(), fact(value=False), "2025-01-01"),
        (fact(to="2025-06-30"), fact(value=False, start="2025-06-30"), "2025-06-30"),
        (fact(start="2025-03-01"), fact(value=False, start="2024-01-01", to="2025-03-01"), "2025-03-01"),
        (fact(), fact(value=False, line_of_business=["south"]), "2025-01-01"),
        (
            fact(line_of_business=["north", "south"]),
            fact(value=False, line_of_business=["south"]),
            "2025-01-01",
        ),
        (fact("stock", 1), fact("stock", {"at_least": 1, "at_most": 1}), "2025-01-01"),
        (fact("shops", ["harbor"]), fact("shops", []), "2025-01-01"),
    ],
)
def test_facts_that_hold_on_one_day_and_differ_are_refused(
    words: Vocabulary, one: Any, other: Any, first: str
) -> None:
    name = one["attribute"]
    told = f"facts[2]: says something else of `{name}` than facts[0], and both hold on {first}"
    assert complaint(words, one, fact("dose", 1), other) == [told]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (fact(to="2025-06-30"), fact(value=False, start="2025-07-01")),
        (fact(line_of_business=["north"]), fact(value=False, line_of_business=["south"])),
        (fact(), fact()),
        (fact("shops", ["harbor", "market"]), fact("shops", ["market", "harbor"])),
    ],
)
def test_facts_that_never_disagree_on_a_day_are_taken(words: Vocabulary, one: Any, other: Any) -> None:
    assert len(plan_of(words, one, other).facts) == 2


def test_a_vocabulary_without_plan_records_has_no_plan_state_anything(tmp_path: Path) -> None:
    bare = written(tmp_path, "document_type(note, 1).")
    (line,) = complaint(bare, fact("copy"))
    assert "`copy` is nothing that a plan can state" in line
    assert plan_of(bare, fact("dose", 4)).at(day("2025-01-01")) == {"dose": 4}


def test_facts_are_checked_again_by_another_vocabulary(tmp_path: Path, words: Vocabulary) -> None:
    plan = plan_of(words, fact("stock", 50))
    assert plan.checked_by(words) is plan
    narrow = written(tmp_path, "document_type((note; plan_record), 1). minimum(stock, 60).")
    with pytest.raises(CaseError, match=r"facts\[0\].value: `50` is out of bounds"):
        plan.checked_by(narrow)


# --- In a case --------------------------------------------------------------------------------------


def stated(words: Vocabulary, plan: PlanFacts, *documents: dict[str, Any], **form: Any) -> CaseStatements:
    return case(words, *documents, **form).statements(words, plan)


def test_what_a_plan_knows_is_one_document_of_the_requests_day(words: Vocabulary) -> None:
    plan = plan_of(words, fact("copy"), fact("stock", 7), fact("printed", "2025-02"))
    early, late = note("a", "2025-03-01"), note("z", "2025-03-09")
    said = stated(words, plan, early, late, date="2025-03-05")
    assert [one.id for one in said.documents] == ["a", "plan", "z"]
    record = said.documents[1]
    assert (record.type, record.date, record.status, record.tumor) == (
        "plan_record",
        day("2025-03-05"),
        "final",
        None,
    )
    assert record.states == {"copy": True, "stock": 7, "printed": "2025-02"}
    assert said.day == day("2025-03-05")


def test_what_a_plan_knows_of_the_form_fills_what_that_leaves_out(words: Vocabulary) -> None:
    plan = plan_of(words, fact("dose", 4), fact("listed_here", False))
    said = stated(words, plan, date="2025-03-05", dose=8)
    assert said.request == {"kind": "first", "dose": 8, "listed_here": False}
    # There is no document where no document could have said it.
    assert said.documents == ()


def test_the_line_of_business_is_that_of_the_form_or_its_default(words: Vocabulary) -> None:
    plan = plan_of(
        words, fact("stock", 7, line_of_business=["south"]), fact("dose", 4, line_of_business=["north"])
    )
    south = stated(words, plan, date="2025-03-05", line_of_business="south")
    assert [one.states for one in south.documents] == [{"stock": 7}]
    assert "dose" not in south.request
    north = stated(words, plan, date="2025-03-05")
    assert (north.request["dose"], north.documents) == (4, ())


def test_with_a_plan_the_day_of_the_request_is_needed(words: Vocabulary) -> None:
    with pytest.raises(CaseError, match=r"request\.date: is missing; with a plan file it is needed"):
        stated(words, plan_of(words, fact()), note())


def test_no_document_has_the_plans_id_even_where_it_counts_for_nothing(words: Vocabulary) -> None:
    plan = plan_of(words)
    for one in (note("plan"), {**note("plan"), "status": "entered_in_error"}):
        with pytest.raises(CaseError, match="no document may have the id `plan`"):
            stated(words, plan, one, date="2025-03-05")
        assert case(words, one, date="2025-03-05").statements(words)


def test_what_a_plan_fills_in_is_held_to_the_rules_of_the_form(words: Vocabulary) -> None:
    plan = plan_of(words, fact("raised", True))
    with pytest.raises(CaseError, match=r"request\.raised: may be `true` only where `kind` is `again`"):
        stated(words, plan, date="2025-03-05")
    assert stated(words, plan, date="2025-03-05", kind="again").request["raised"] is True


def test_one_case_keeps_apart_what_several_plans_know(words: Vocabulary) -> None:
    one = case(words, date="2025-03-05")
    plans = [plan_of(words, fact("stock", number)) for number in (1, 2)]
    found = [one.statements(words, plan).documents[0].states["stock"] for plan in (*plans, *plans)]
    assert found == [1, 2, 1, 2]
    assert one.statements(words).documents == ()


# --- In a policy ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("policy")
    routes = 'route("A", is(kind, first)). route("A", is(kind, again)). locator("A", "A"). label(copy, "c").'
    (place / "policy.lp").write_text(RULES + POLICY + routes)
    facts = [fact("copy"), fact("stock", 7, line_of_business=["south"])]
    (place / "plan.json").write_text(json.dumps({"plan": "p", "facts": facts}))
    form = {"kind": "first", "date": "2025-03-05", "line_of_business": "south"}
    (place / "case.json").write_text(json.dumps({"id": "c", "request": form, "documents": []}))
    return place


def decided(policy: Policy, **form: Any) -> Decision:
    return policy.decide(case(policy.vocabulary, **{"date": "2025-03-05", "line_of_business": "south", **form}))


def test_a_request_is_not_short_of_what_the_plan_itself_knows(folder: Path) -> None:
    bare, planned = Policy.load(folder), Policy.load(folder, plan=folder / "plan.json")
    assert (bare.plan, decided(bare).outcome, decided(planned).outcome) == (None, "deny", "approve")
    # In the north, the plan does not know how many are in stock.
    assert decided(planned, line_of_business="north").denial_kind == "insufficient_documentation"
    assert decided(planned, date="2024-12-31").denial_kind == "insufficient_documentation"
    with pytest.raises(CaseError, match=r"request\.date"):
        planned.decide(case(planned.vocabulary))


def test_other_interpretations_and_copies_keep_the_plan(folder: Path) -> None:
    planned = Policy.load(folder, plan=folder / "plan.json")
    for other in (planned.under({"n": "many"}), pickle.loads(pickle.dumps(planned))):
        assert other.plan is not None
        assert decided(other).outcome == "approve"
    again = pickle.loads(pickle.dumps(planned.under({"n": "many"})))
    assert (again.interpretations, decided(again).outcome) == ({"n": "many"}, "approve")


def test_facts_that_were_read_before_are_checked_by_the_policy(folder: Path, words: Vocabulary) -> None:
    plan = plan_of(words, fact("copy"), fact("stock", 7))
    assert decided(Policy.load(folder, plan=plan)).outcome == "approve"
    with pytest.raises(CaseError, match="unknown attribute `copy`"):
        Policy.load("cp_phar_549", plan=plan)


def test_tables_count_with_a_plan_as_cases_do(folder: Path) -> None:
    pytest.importorskip("pyarrow")
    planned = Policy.load(folder, plan=folder / "plan.json")
    told = Case.load(folder / "case.json", planned.vocabulary)
    (row,) = planned.decide_batch(planned.batch_table([told])).to_pylist()
    assert row["outcome"] == planned.decide(told).outcome


def test_the_command_line_takes_a_plan_file(folder: Path) -> None:
    words = ("decide", str(folder / "case.json"), "--policy", str(folder), "--json")
    assert run(*words).code == 3
    told = run(*words, "--plan", str(folder / "plan.json"))
    assert (told.code, told.lines[0]["outcome"]) == (0, "approve")
    for command in ("explain", "missing", "ask", "repairs", "reasons"):
        told = run(command, *words[1:], "--plan", str(folder / "plan.json"))
        assert (command, told.code, told.lines[0].get("outcome", "approve")) == (command, 0, "approve")


def test_a_plan_file_that_is_wrong_ends_a_command_in_lines(
    folder: Path, tmp_path: Path, worded: Callable[..., Told]
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({"plan": "p", "facts": [fact("copi")]}))
    for name in (str(wrong), str(tmp_path / "none.json")):
        told = worded("decide", str(folder / "case.json"), "--policy", str(folder), "--plan", name)
        assert told.code == 2
        assert name in told.err
        assert "Traceback" not in told.err
