"""A case that holds too much is refused early, and by name; whoever needs more raises the limit."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import Case, CaseError, Limits, Policy, PolicyError
from tests.conftest import FACTS, ROOT, case, made, policy, request, whole
from tests.test_cli import run

ASTHMA = ROOT / "tests" / "policies" / "severe_asthma"


def notes(number: int) -> dict[str, Any]:
    """A case of so many documents."""
    note = {"type": "chart_note", "date": "2025-03-02", "states": {}}
    return {**whole(), "documents": [{**note, "id": f"note {place}"} for place in range(number)]}


def lists(*sizes: int) -> dict[str, Any]:
    """A case whose documents list so many drugs each, and whose form lists none."""
    data = made(request(), FACTS, prior_therapies=None)
    for place, size in enumerate(sizes):
        states = {"prior_therapies": ["cisplatin"] * size}
        history = {"id": f"list {place}", "type": "treatment_history", "date": "2025-03-02"}
        data["documents"].append({**history, "states": states})
    return data


def extents() -> int:
    """How many names the lists of such a case hold besides."""
    said = [entry["states"] for entry in lists()["documents"]]
    return sum(len(value) for states in said for value in states.values() if isinstance(value, list))


def complaints(data: Any, **limits: int) -> tuple[str, ...]:
    """What is wrong with a case under these limits, the usual ones for the rest."""
    text = data if isinstance(data, str) else json.dumps(data)
    try:
        Case.from_json(text, limits=Limits(**limits))
    except CaseError as error:
        return error.problems
    return ()


def test_the_usual_limits_are_those_that_the_specification_tells() -> None:
    told = (ROOT / "docs" / "specification" / "case-file.md").read_text(encoding="utf-8")
    for name, most in vars(Limits()).items():
        assert f"| `{name}` | {most:,} |" in told
    assert policy().vocabulary.limits == Limits()


@pytest.mark.parametrize("most", [1, 5])
def test_as_many_documents_as_the_limit_are_accepted_and_one_more_is_refused(most: int) -> None:
    for number in (most - 1, most):
        assert complaints(notes(number), documents=most) == ()
    (told,) = complaints(notes(most + 1), documents=most)
    assert told == (
        f"documents: are {most + 1}; at most {most} are allowed "
        "(the limit `documents`; `--limit documents=N` sets another)"
    )


def test_as_many_members_as_the_limit_are_accepted_and_one_more_is_refused() -> None:
    assert complaints(lists(4, 5, 5), members=5) == ()
    first, second = complaints(lists(6, 5, 7), members=5)
    assert first.startswith(f"documents[{len(FACTS) - 1}].states.prior_therapies: has 6 members; ")
    assert "at most 5 are allowed (the limit `members`; " in second
    form = made(request(concurrent_drugs=["x"] * 6), FACTS)
    (told,) = complaints(form, members=5)
    assert told.startswith("request.concurrent_drugs: has 6 members; ")


def test_as_many_names_as_the_limit_are_accepted_and_one_more_is_refused() -> None:
    most = 7 + extents()
    for sizes in ((3, 3), (3, 4)):
        assert complaints(lists(*sizes), names=most) == ()
    (told,) = complaints(lists(4, 4), names=most)
    assert told.startswith(f"its lists name {most + 1} members; at most {most} are allowed (")


def test_the_usual_limits_hold_where_nobody_sets_others() -> None:
    usual = Limits()
    assert len(complaints(notes(usual.documents + 1))) == 1
    assert len(complaints(lists(usual.members + 1))) == 1
    assert complaints(lists(usual.members)) == ()
    assert len(complaints(lists(*[usual.members] * 11))) == 1


def test_of_many_problems_as_many_as_the_limit_are_told_and_how_many_more() -> None:
    data = whole()
    data["documents"] = [{}] * 30
    every = complaints(data, problems=1_000)
    assert len(every) == 4 * 30
    assert complaints(data, problems=120) == every
    assert complaints(data, problems=119) == (*every[:119], "and 1 more problem")
    assert complaints(data) == (*every[:100], "and 20 more problems")


def test_a_text_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    text = json.dumps(whole())
    path.write_text(text.ljust(1_000_000))
    assert Case.load(path, limits=Limits(megabytes=1)).id == whole()["id"]
    path.write_text(text.ljust(1_000_001))
    with pytest.raises(CaseError, match=r"more than 1 million bytes \(the limit `megabytes`"):
        Case.load(path, limits=Limits(megabytes=1))
    with pytest.raises(CaseError, match="more than 1 million bytes"):
        Case.load("/dev/zero", limits=Limits(megabytes=1))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"id":' * 200_000,
        '{"id": ' + "[" * 100_000 + "]" * 100_000 + "}",
        json.dumps({**whole(), "request": {"dose_mg_per_day": 1}})[:-1] + ', "x": ' + "9" * 100_000 + "}",
        json.dumps({**whole(), "k" * 1_000_000: 1}),
        json.dumps({**whole(), "id": "i" * 1_000_000}),
        json.dumps(whole()).replace("960", "9" * 1_000_000),
        json.dumps(whole()).replace("960", "-" + "9" * 1_000_000),
        json.dumps(whole()).replace("960", "1e999999999"),
        json.dumps(whole()).replace("960", "0." + "9" * 1_000_000),
        json.dumps({**whole(), "documents": [[]] * 9_999}),
    ],
    ids=lambda text: f"{len(text)} {text[:8]}",
)
def test_what_is_deep_or_long_is_refused_soon_and_briefly(text: str) -> None:
    started = time.process_time()
    told = "\n".join(complaints(text))
    assert 0 < len(told) < 16 * 1024
    assert time.process_time() - started < 3


def test_many_unknown_keys_are_told_briefly_in_time_in_proportion() -> None:
    def seconds(number: int) -> float:
        data = whole()
        data["documents"][0]["states"] = {f"attribut{place}": 1 for place in range(number)}
        started = time.process_time()
        told = complaints(data)
        assert told[-1] == f"and {number - 100:,} more problems"
        assert sum(map(len, told)) < 16 * 1024
        assert sum("(allowed: " in line for line in told) == 1
        return time.process_time() - started

    few = min(seconds(2_000) for _ in range(3))
    assert seconds(20_000) < 25 * few + 0.5


def test_of_many_unknown_drugs_a_hundred_are_told_whatever_their_order() -> None:
    names = [f"drug {place:04}" for place in range(1_000)]
    told = [policy().decide(case(whole(prior_therapies=order))).warnings for order in (names, names[::-1])]
    assert told[0] == told[1]
    assert sum("lists an unknown drug" in line for line in told[0]) == 100
    assert any("lists 900 more unknown drugs in `prior_therapies`" in line for line in told[0])


def test_a_policy_sets_limits_for_its_cases(tmp_path: Path) -> None:
    def limits(facts: str) -> Limits:
        folder = tmp_path / str(abs(hash(facts)))
        shutil.copytree(ASTHMA, folder)
        with (folder / "policy.lp").open("a") as file:
            file.write(facts)
        return Policy.load(folder).vocabulary.limits

    raised = limits("\nlimit(documents, 20000). limit(documents, 15000). limit(members, 7).\n")
    assert raised == Limits(documents=20_000, members=7)
    for facts, fault in [
        ("limit(document, 5).", "there is no limit `document`; did you mean `documents`"),
        ("limit(documents, 0).", "a whole number of 1 or more"),
        ('limit(documents, "5").', '`"5"` is text'),
    ]:
        with pytest.raises(PolicyError, match=fault):
            limits(facts)


@pytest.mark.slow
def test_the_command_line_sets_limits_for_every_command_that_reads_cases(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(whole()))
    number = len(whole()["documents"])
    for command in (
        "decide",
        "explain",
        "missing",
        "facts",
        "repairs",
        "reasons",
        "ask",
        "evidence",
    ):
        few = run(command, str(path), "--limit", f"documents={number - 1}")
        assert few.code == 2
        assert f"documents: are {number}; at most {number - 1} are allowed" in few.err
    few = run("what-if", str(path), "--set", "age=17", "--limit", f"documents={number - 1}")
    assert few.code == 2
    path.write_text(json.dumps(notes(10_001)))
    assert run("facts", str(path)).code == 2
    enough = run("facts", str(path), "--limit", "documents=10001", "--limit", "problems=5")
    assert enough.code == 0
    assert run("facts", "-", "--limit", "megabytes=1", given=" " * 1_000_001).code == 2


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("documents", "a limit is a whole number of 1 or more"),
        ("documents=0", "a limit is a whole number of 1 or more"),
        ("documents=-5", "a limit is a whole number of 1 or more"),
        ("documents=many", "a limit is a whole number of 1 or more"),
        ("documents=" + "9" * 5_000, "a limit is a whole number of 1 or more"),
        ("document=5", "no limit `document`; did you mean `documents`? (known: `megabytes`, "),
    ],
)
def test_what_is_no_limit_is_bad_input(entry: str, fault: str) -> None:
    with pytest.raises(CaseError) as caught:
        run("decide", "-", "--limit", entry, given=json.dumps(whole()))
    assert fault in str(caught.value)


@pytest.mark.slow
def test_reasons_of_many_documents_that_say_the_same_take_time_in_proportion() -> None:
    data = made(request(), FACTS, age=None)
    note = {"type": "chart_note", "date": "2025-03-02", "states": {"age": 64}}
    data["documents"] += [{**note, "id": f"note {number}"} for number in range(2_000)]
    started = time.process_time()
    found = policy().reasons(case(data))
    assert time.process_time() - started < 10
    roles = [role for role in found.documents if role.id.startswith("note ")]
    assert len(roles) == 2_000
    assert {(role.withdrawn, role.contradicted, role.alone) for role in roles} == {(False, True, ())}
