"""Comparisons of versions whose vocabularies differ: what one side does not know is left open there."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from clingo.ast import parse_string
from typer.testing import CliRunner

from pyclingo_bridge import Case, Policy, PolicyError
from pyclingo_bridge.analysis.common_cases import restricted
from pyclingo_bridge.analysis.findings import Comparison
from pyclingo_bridge.cli.main import app
from pyclingo_bridge.explain.analysis import comparison_report
from pyclingo_bridge.explain.report import as_markdown, as_text
from tests.conftest import POLICIES, ROOT, scaled
from tests.revisions import Edit, random_case, revised, revised_asthma

FLAGS = "attribute((daily_steroids; smoker; advice_given), latest)."
FLAG_DOMAINS = "domain((daily_steroids; smoker; advice_given), flag)."
LABEL = 'label(eosinophils, "eosinophils per microliter").'
FIRST, SECOND = "severe_asthma (first)", "severe_asthma (second)"

# What changes in the asthma policy; the relation; who alone approves, for want of which clause of
# the other, and what the shown case says then; what is said of the vocabularies.
ASTHMA: dict[str, tuple[list[Edit], str, list[tuple[str, str, str, Any]], str]] = {
    "an attribute added": (
        [
            (LABEL, f"attribute(ill, latest). domain(ill, flag). establishes(visit, ill).\n{LABEL}"),
            ('duration("1"', 'requires("1.1", no(ill)).\nduration("1"'),
        ],
        "looser",
        [(FIRST, "1.1", "ill", True)],
        f"`ill` is unknown to {FIRST}: left open there",
    ),
    "an attribute renamed": (
        [("smoker", "smokes")],
        "incomparable",
        [(FIRST, "1.4", "smokes", True), (SECOND, "1.4", "smoker", True)],
        f"`smokes` is unknown to {FIRST}: left open there",
    ),
    "a value listed": (
        [
            ("(asthma; copd)", "(asthma; copd; overlap)"),
            ('requires("1.1", is(condition, asthma)).', 'requires("1.1", among(condition, airways)).'),
            ('duration("1"', 'member(airways, (asthma; overlap)).\nduration("1"'),
        ],
        "stricter",
        [(SECOND, "1.1", "condition", "overlap")],
        f"value `overlap` of `condition` is unknown to {FIRST}: left open there",
    ),
    "a member of lists": (
        [
            ("bronchodilator; biologic", "bronchodilator; biologic; copy"),
            ('duration("1"', 'requires("1.3", excludes(controllers, copy)).\nduration("1"'),
        ],
        "looser",
        [(FIRST, "1.3", "controllers", ["copy", "inhaled_steroid"])],
        f"value `copy` of `controllers` is unknown to {FIRST}: left out of lists there",
    ),
    "a kind": (
        [(FLAGS, "attribute((daily_steroids; advice_given), latest). attribute(smoker, stable).")],
        "looser",
        [(FIRST, "1.4", "smoker", True)],
        f"`smoker` is of kind latest for {FIRST}, of kind stable for {SECOND}",
    ),
    "a greatest value": (
        [(LABEL, f"maximum(years, 120).\n{LABEL}")],
        "looser",
        [(FIRST, "1.1", "years", 121)],
        f"`years` above 120 is unknown to {SECOND}: left open there",
    ),
    "a least value": (
        [("minimum((years; eosinophils), 0).", "minimum(eosinophils, 0). minimum(years, 8).")],
        # Of 6 years the second knows nothing; of 5 in one document and 8 in another only the 8.
        "incomparable",
        [(FIRST, "1.1", "years", 6), (SECOND, "1.1", "years", 5)],
        f"`years` below 8 is unknown to {SECOND}: left open there",
    ),
    "a default": (
        [("default(first_request, true)", "default(first_request, false)")],
        "looser",
        [(FIRST, "", "first_request", None)],
        f"where the form leaves out `first_request`: for {FIRST} it is `true`; for {SECOND} it is `false`",
    ),
    "a type of document": (
        [("document_type(visit", "document_type(letter"), ("establishes(visit", "establishes(letter")],
        "equivalent",
        [],
        f"document type `letter` is unknown to {FIRST}: such a document is read there as one of "
        "another type, which decides nothing",
    ),
    "an attribute that goes on the form": (
        [(FLAGS, "attribute((daily_steroids; advice_given), latest). attribute(smoker, request).")],
        "incomparable",
        [(FIRST, "1.4", "smoker", True), (SECOND, "1.4", "smoker", False)],
        f"`smoker` is of kind latest for {FIRST}, of kind request for {SECOND}: what is given of it "
        "for the one says nothing to the other",
    ),
    "a flag that becomes a number": (
        [
            (FLAG_DOMAINS, "domain((daily_steroids; advice_given), flag). domain(smoker, whole_number)."
             " minimum(smoker, 0)."),
            ("yes(smoker)", "at_least(smoker, 1)"),
        ],
        "incomparable",
        [(FIRST, "1.4", "smoker", 1), (SECOND, "1.4", "smoker", 0)],
        f"`smoker` is a flag for {FIRST}, a whole number for {SECOND}: what is given of it for the "
        "one is left open for the other",
    ),
    "lists of which the latest counts": (
        [("attribute(controllers, cumulative)", "attribute(controllers, latest)")],
        "incomparable",
        [(FIRST, "1.3", "controllers", []), (SECOND, "1.3", "controllers", ["biologic"])],
        f"`controllers` is of kind cumulative for {FIRST}, of kind latest for {SECOND}",
    ),
    "names that are listed or not": (
        [("domain(condition, choice)", "domain(condition, name)")],
        "looser",
        [(FIRST, "1.1", "condition", "another_condition")],
        f"`condition` is a name out of a list for {FIRST}, a name, listed or not for {SECOND}",
    ),
}  # fmt: skip


def said(case: dict[str, Any], name: str) -> list[Any]:
    """All that a case says of an attribute; None where the form is silent."""
    stated = [d["states"][name] for d in case["documents"] if name in d["states"]]
    return [case["request"].get(name), *stated]


def assert_replays(sides: tuple[Policy, Policy], found: Comparison) -> None:
    """Hold every shown case to what policies make of what they know of it."""
    for entry in found.differences:
        witness = entry.witness
        read = witness.read or (witness.case, witness.case)
        assert [restricted(witness.case, p.vocabulary) for p in sides] == list(read)
        for side, data, verdict in zip(sides, read, witness.verdicts, strict=True):
            case = Case.from_json(json.dumps(data), "shown", side.vocabulary)
            decision = side.decide(case)
            assert (decision.outcome, decision.section, decision.approval_months) == (
                verdict.outcome,
                verdict.section,
                verdict.approval_months,
            )


@pytest.mark.slow
@pytest.mark.parametrize("change", ASTHMA)
def test_a_change_of_the_vocabulary_makes_the_difference_that_it_should(change: str, tmp_path: Path) -> None:
    edits, relation, known, told = ASTHMA[change]
    sides = Policy.load(POLICIES / "severe_asthma"), revised_asthma(tmp_path / "later", *edits)
    found = sides[0].compare(sides[1])
    assert found.relation == relation
    assert told in [entry.text for entry in found.vocabulary]
    approvals = {(d.favors, d.clauses): d for d in found.differences if d.kind == "approval"}
    assert set(approvals) == {(who, (clause,) if clause else ()) for who, clause, _, _ in known}
    for who, clause, name, value in known:
        witness = approvals[who, (clause,) if clause else ()].witness
        assert value in said(witness.case, name)
    assert_replays(sides, found)
    backwards = sides[1].compare(sides[0])
    opposite = {"looser": "stricter", "stricter": "looser"}
    assert backwards.relation == opposite.get(relation, relation)


SHELF: dict[str, tuple[list[Edit], str, set[tuple[str, str]], str]] = {
    # Of a list with `four`, in the history or on the form, the first cannot say what it lacks.
    "a drug added": (
        [("drug(one; two; three;", "drug(one; two; three; four;")],
        "stricter",
        {("shelf (second)", "A.1"), ("shelf (second)", "A.3")},
        "drug `four` is unknown to shelf (first): a name like any unknown one there",
    ),
    "a synonym moved": (
        [("stands_for(brandone, one)", "stands_for(brandone, three)")],
        "looser",
        {("shelf (first)", "A.1")},
        "`brandone` stands for `one` to shelf (first) and for `three` to shelf (second)",
    ),
    "a regimen of other drugs": (
        [("stands_for(both, (one; two))", "stands_for(both, (one; three))")],
        "incomparable",
        {("shelf (first)", "A.1"), ("shelf (second)", "A.3")},
        "`both` stands for `one`, `two` to shelf (first) and for `one`, `three` to shelf (second)",
    ),
    "a supportive medicine": (
        [("supportive(fluid)", "supportive(two; fluid)")],
        "stricter",
        {("shelf (second)", "A.3")},
        "`two` is a supportive medicine for shelf (second) alone",
    ),
    "a flag that no longer qualifies": (
        [(" qualifies(all_told, before).", "")],
        "looser",
        {("shelf (first)", "A.1")},
        "`all_told` says of `before` that it is whole for shelf (first) alone",
    ),
    "a history that becomes a list of all": (
        [("attribute(before, history)", "attribute(before, cumulative)")],
        "stricter",
        {("shelf (second)", "A.1")},
        "`before` is of kind history for shelf (first), of kind cumulative for shelf (second)",
    ),
    "a set with one member less": (
        [("member(early, (one; two))", "member(early, one)")],
        "looser",
        {("shelf (first)", "A.1")},
        "",
    ),
    "a bound of the form": (
        [("maximum(amount, 9)", "maximum(amount, 5)")],
        "stricter",
        {("shelf (second)", "A.3")},
        "`amount` above 5 is unknown to shelf (second): at its default there, `4`",
    ),
    "a value that counts as none other": (
        [("counts_as(organ, lobe, lung).\n", "")],
        "equivalent",
        set(),
        "`lobe` of `organ` counts as `lung` for shelf (first) alone",
    ),
    "what one statement implies of another": (
        [("also_states(course, up, well, true).\n", "")],
        "looser",
        {("shelf (first)", "A.2")},
        "`up` of `course` also states `true` of `well` for shelf (first) alone",
    ),
    "a form that has to be filled in": (
        [(" default(amount, 4).", "")],
        "not_compared",
        set(),
        "where the form leaves out `amount`: for shelf (first) it is `4`; for shelf (second) the "
        "request is not one",
    ),
    "a type of list": (
        [
            ("domain(places, list). listed(places, (home; ward)). non_empty(places).",
             "domain(places, drugs)."),
            ("includes(places, ward)", "includes(places, one)"),
        ],
        "incomparable",
        {("shelf (first)", "A.2"), ("shelf (second)", "A.2")},
        "`places` is a list of names for shelf (first), a list of drugs for shelf (second): what is "
        "given of it for the one is left open for the other",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("change", SHELF)
def test_drugs_lists_and_forms_may_change_too(change: str, tmp_path: Path) -> None:
    edits, relation, known, told = SHELF[change]
    sides = revised(tmp_path / "a"), revised(tmp_path / "b", *edits)
    found = sides[0].compare(sides[1])
    assert found.relation == relation
    assert not told or told in [entry.text for entry in found.vocabulary]
    assert bool(told) == bool(found.vocabulary)
    approvals = {(d.favors, d.clauses[0]) for d in found.differences if d.kind == "approval"}
    assert approvals == known
    assert_replays(sides, found)


def test_a_value_that_counts_otherwise_turns_a_denial_into_a_referral(tmp_path: Path) -> None:
    sides = (
        revised(tmp_path / "a"),
        revised(tmp_path / "b", ("counts_as(organ, lobe, lung).\n", "")),
    )
    (entry,) = sides[0].compare(sides[1]).differences
    assert [verdict.outcome for verdict in entry.witness.verdicts] == ["deny", "refer"]
    assert said(entry.witness.case, "organ") == [None, "lobe"]


@pytest.mark.slow
def test_random_cases_are_decided_otherwise_only_as_the_comparison_says(tmp_path: Path) -> None:
    before = revised(tmp_path / "a")
    for number, change in enumerate(list(SHELF)[:6]):
        sides = before, revised(tmp_path / str(number), *SHELF[change][0])
        found = sides[0].compare(sides[1])
        alone = {entry.favors for entry in found.differences if entry.kind == "approval"}
        others = {tuple(verdict.outcome for verdict in entry.witness.verdicts) for entry in found.differences}
        rng = random.Random(number)
        for _ in range(40):
            data = random_case(rng, sides)
            try:
                cases = [
                    Case.model_validate(
                        restricted(data, side.vocabulary), context={"vocabulary": side.vocabulary}
                    )
                    for side in sides
                ]
            except ValueError:
                # The form lacks what one side cannot do without.
                continue
            one, other = (s.decide(c).outcome for s, c in zip(sides, cases, strict=True))
            if (one == "approve") != (other == "approve"):
                assert f"shelf ({'first' if one == 'approve' else 'second'})" in alone, data
            elif one != other:
                assert (one, other) in others, data


def test_a_request_that_cannot_be_made_to_both_is_an_error_that_names_it(tmp_path: Path) -> None:
    changed = revised(
        tmp_path / "b",
        ("domain(amount, whole_number). minimum(amount, 1). maximum(amount, 9). default(amount, 4).",
         "domain(amount, flag). default(amount, true)."),
        ("at_most(amount, 6)", "yes(amount)"),
        ("at_most(amount, 3)", "no(amount)"),
        ("at_least(amount, 4)", "yes(amount)"),
    )  # fmt: skip
    with pytest.raises(PolicyError, match="`amount` of the request form"):
        revised(tmp_path / "a").compare(changed)


@pytest.mark.slow
def test_what_was_not_compared_is_never_called_equivalent(tmp_path: Path) -> None:
    edits = [
        ("(initial; continuation)", "(initial; renewal)"),
        ("is(type, continuation)", "is(type, renewal)"),
    ]
    base = revised_typed(tmp_path / "a")
    found = base.compare(revised_typed(tmp_path / "b", *edits))
    assert found.differences == ()
    assert found.relation == "not_compared"
    assert [(one.first, one.relation) for one in found.sections] == [
        ("1", "equivalent"),
        ("2", "not_compared"),
    ]
    assert found.not_compared == (
        "requests that typed (first) does not take: value `renewal` of `type`",
        "requests that typed (second) does not take: value `continuation` of `type`",
    )
    for told in (
        as_markdown(comparison_report(found)),
        as_text(comparison_report(found), width=1_000),
    ):
        assert "approve the same cases" not in told
        assert "No case is decided differently" not in told
        assert "2 against 2: not compared" in told
        assert "1 against 1: equivalent, in the cases that were compared" in told
    sides = [str(tmp_path / "a"), str(tmp_path / "b")]
    assert CliRunner().invoke(app, ["compare", *sides, "--exit-code"]).exit_code == 3
    assert CliRunner().invoke(app, ["compare", sides[0], sides[0], "--exit-code"]).exit_code == 0


TYPED = """policy(typed, "t"). source("s", "now"). vocabulary(typed). requested_drug(druga). drug(druga).
attribute(type, request). domain(type, choice). listed(type, (initial; continuation)).
attribute(ill, latest). domain(ill, flag). document_type(note, 1). establishes(note, ill).
section("1", 1). route("1", is(type, initial)). section("2", 2). route("2", is(type, continuation)).
criterion(("1"; "2"), "c"). locator(("1"; "2"), "c"). requires("1", yes(ill)). requires("2", no(ill)).
"""


def revised_typed(folder: Path, *edits: Edit) -> Policy:
    text = TYPED
    for old, new in edits:
        text = text.replace(old, new)
    folder.mkdir()
    (folder / "policy.lp").write_text(text)
    return Policy.load(folder)


@pytest.mark.slow
def test_versions_of_one_name_are_told_apart_where_they_decide(tmp_path: Path) -> None:
    earlier = revised_typed(tmp_path / "a")
    later = revised_typed(tmp_path / "b", ('requires("2", no(ill))', 'requires("2", yes(ill))'))
    lines = as_text(comparison_report(earlier.compare(later)), width=1_000).splitlines()
    decided = {line.strip().partition(":")[0] for line in lines if line.strip().startswith("decided by")}
    assert decided == {"decided by typed (first)", "decided by typed (second)"}


def test_what_no_case_of_a_comparison_shows_is_told_as_left_out(tmp_path: Path) -> None:
    rule = 'impossible(1, (yes(worse); yes(well))).\nsection("A", 1).'
    later = revised(tmp_path / "b", ('section("A", 1).', rule))
    found = revised(tmp_path / "a").compare(later)
    assert found.left_out == (
        "cases that shelf (second) alone holds impossible: `yes(well)`, `yes(worse)` together",
    )


def test_a_case_is_restricted_to_what_a_vocabulary_knows(tmp_path: Path) -> None:
    vocabulary = revised(tmp_path).vocabulary
    states = {
        "before": ["Nobody knows", "One"],
        "all_told": True,
        "places": ["home", "moon"],
        "well": "yes",
        "course": "sideways",
        "organ": "spleen",
        "novel": 1,
    }
    alone = {"places": ["moon"], "all_told": True}
    data = {
        "id": "x",
        "request": {"asked": True, "amount": 99, "with_it": [], "novel": 1},
        "documents": [
            {"id": "d", "type": "letter", "date": "2025-01-01", "states": states},
            {"id": "e", "type": "note", "date": "2025-01-01", "states": alone},
        ],
    }
    known = {
        "before": ["Nobody knows", "One"],
        "all_told": True,
        "places": ["home"],
        "organ": "spleen",
    }
    assert restricted(data, vocabulary) == {
        "id": "x",
        "request": {"asked": True, "with_it": []},
        "documents": [{"id": "d", "type": "note", "date": "2025-01-01", "states": known}],
    }


@pytest.mark.slow
def test_the_command_writes_a_case_for_each_side_and_says_what_differs(tmp_path: Path) -> None:
    edits = ASTHMA["an attribute added"][0]
    revised_asthma(tmp_path / "later", *edits)
    sides = [str(POLICIES / "severe_asthma"), str(tmp_path / "later")]
    shown = tmp_path / "shown"
    options = ["--exit-code", "--cases", str(shown)]
    done = CliRunner().invoke(app, ["compare", *sides, *options])
    assert done.exit_code == 3
    assert "`ill` is unknown to severe_asthma (first): left open there" in " ".join(done.output.split())
    files = sorted(shown.iterdir())
    assert [path.suffixes[-2] for path in files] == [".first", ".second"]
    outcomes = [
        CliRunner().invoke(app, ["decide", "--policy", side, str(path)]).exit_code
        for side, path in zip(sides, files, strict=True)
    ]
    assert outcomes == [0, 3]


def test_a_comparison_of_vocabularies_is_json_and_markdown(tmp_path: Path) -> None:
    later = revised_asthma(tmp_path / "later", *ASTHMA["an attribute added"][0])
    found = Policy.load(POLICIES / "severe_asthma").compare(later)
    assert Comparison.model_validate_json(found.model_dump_json()) == found
    text = as_markdown(comparison_report(found))
    assert "### Where the vocabularies differ\n\n- `ill` is unknown to severe\\_asthma (first)" in text


# One input, one output


def shuffled(path: Path, seed: int) -> None:
    """Write a policy's statements in another order."""
    statements: list[str] = []
    parse_string(path.read_text(), lambda statement: statements.append(str(statement)))
    rest = statements[1:]
    random.Random(seed).shuffle(rest)
    path.write_text("\n".join(rest) + "\n")


def without_digest(text: str) -> str:
    """JSON without the fingerprints of rules, which their order does change."""
    return json.dumps(json.loads(text, object_hook=lambda o: {k: v for k, v in o.items() if k != "rules"}))


@pytest.mark.slow
def test_the_order_of_statements_changes_no_check_and_no_comparison(tmp_path: Path) -> None:
    later = revised(tmp_path / "later", *SHELF["a regimen of other drugs"][0])
    texts = set()
    for seed in range(3):
        folder = tmp_path / str(seed)
        revised(folder)
        if seed:
            shuffled(folder / "policy.lp", seed)
        policy = Policy.load(folder)
        answers = policy.check().model_dump_json(), policy.compare(later).model_dump_json()
        texts.add(tuple(map(without_digest, answers)))
    assert len(texts) == 1


@pytest.mark.subprocess
@pytest.mark.slow
def test_the_hash_seed_changes_no_check_and_no_comparison(tmp_path: Path) -> None:
    revised(tmp_path / "a")
    revised(tmp_path / "b", *SHELF["a regimen of other drugs"][0])
    code = (
        "from pyclingo_bridge import Policy; a, b = Policy.load('a'), Policy.load('b');"
        "print(a.check().model_dump_json(), a.compare(b).model_dump_json())"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(scaled(3, least=2))
    }
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("more", "unseen"),
    [
        ("grows(amount_seen, days).", "statements that are older than the request"),
        ("only_from(amount_seen, note).", "statements in documents in which they count"),
        ("of_tumor(amount_seen).", "statements of another tumor"),
        ("silent_with(amount_seen, 4, well, true).", "statements that say nothing beside others"),
    ],
)
def test_what_one_side_alone_says_of_statements_is_told_and_not_called_alike(
    more: str, unseen: str, tmp_path: Path
) -> None:
    seen = "attribute(amount_seen, latest). domain(amount_seen, whole_number). minimum(amount_seen, 0). "
    seen += "establishes(note, amount_seen). "
    place = "member(early, (one; two))."
    sides = (
        revised(tmp_path / "a", (place, f"{place} {seen}")),
        revised(tmp_path / "b", (place, f"{place} {seen} {more}")),
    )
    found = sides[0].compare(sides[1])
    assert found.relation == "not_compared"
    assert [text for text in found.not_compared if text.startswith(unseen)]
    assert [entry for entry in found.vocabulary if "amount_seen" in entry.subjects]
