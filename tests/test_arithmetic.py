"""Rules that would count further than 32 bits are refused, and never wrap."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from clingo import Control
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Case, CaseError, Policy, PolicyError
from pyclingo_bridge.base.rule_files import RulesFile
from pyclingo_bridge.base.solver import evaluate
from pyclingo_bridge.base.terms import Term
from pyclingo_bridge.loading.arithmetic import calculations
from tests.conftest import case, scaled

LARGEST = 2**31 - 1
VOCABULARY = """
policy(p, "made up"). source("made up", "now"). vocabulary(v).
attribute(first, request). domain(first, flag). default(first, true).
document_type(note, 1).
attribute((x; y), detail). domain((x; y), whole_number). minimum((x; y), 0).
attribute(found, latest). domain(found, flag). establishes(note, (x; y; found)).
attribute(n, latest). domain(n, whole_number). minimum(n, 0). establishes(note, n).
section("A", 1). route("A", yes(first)). criterion("A", "a"). locator("A", "a").
"""


def found_beyond(rules: str, *facts: Term) -> list[str]:
    """Where these rules count too far, given these facts."""
    file = RulesFile(Path("x.lp"), f"#defined n/1. #defined m/2.\n{rules}")
    places = calculations((file,))
    told = evaluate([file, places.probes], facts, places.signatures)
    return [beyond.where for beyond in places.beyond(told)]


def numbers(*values: int) -> list[Term]:
    return [Term("n", (value,)) for value in values]


# Each comes to 2147483647 with the first numbers, and to one more with the others.
EDGES = [
    ("a(X+1) :- n(X).", [LARGEST - 1], [LARGEST]),
    ("a(X-1) :- n(X).", [-LARGEST], [-LARGEST - 1]),
    ("a(-X) :- n(X).", [-LARGEST], [-LARGEST - 1]),
    ("a(|X|) :- n(X).", [-LARGEST], [-LARGEST - 1]),
    ("a :- n(X), n(Y), X < Y, X*Y > 5.", [2, 1073741823], [2, 1073741824]),
    ("a :- n(X), not b(X*2).  b(1).", [1073741823], [1073741824]),
    ("a :- n(X), X**2 > 3.", [46340], [46341]),
    ("a :- n(X), Y = X*X, Y > 3.", [46340], [46341]),
    ("a(Y) :- n(X), Y = X-9..X+1.", [LARGEST - 2], [LARGEST]),
    ("a(f(2*X)) :- n(X).", [1073741823], [1073741824]),
    ("a :- n(X), 1 < 2*X < 9.", [1073741823], [1073741824]),
    ("a :- n(X), b(Y) : Y = 1, Y < 3*X. b(1).", [715827882], [715827883]),
    ("a :- #sum { X : n(X) } > 4.", [LARGEST - 1, 1], [LARGEST - 1, 2]),
    ("a(S) :- S = #sum { X, Y : m(X, Y) }.", [], []),
    ("a :- 3 < #count { X*2 : n(X) }.", [1073741823], [1073741824]),
    ("b(2*X) :- n(X). a :- b(X), 2*X > 1.", [536870911], [536870912]),
]


@pytest.mark.parametrize(("rules", "inside", "outside"), EDGES, ids=lambda value: str(value)[:40])
def test_the_last_number_that_can_be_counted_to_is_no_fault_and_the_next_is(
    rules: str, inside: list[int], outside: list[int]
) -> None:
    assert found_beyond(rules, *numbers(*inside)) == []
    assert found_beyond(rules, *numbers(*outside)) == (["x.lp:2"] if outside else [])


def test_a_sum_takes_each_element_once_and_each_group_by_itself() -> None:
    rules = "a(Y) :- m(_, Y), #sum { X, Z : m(X, (Y, Z)) } > 3. a(Y) :- m(_, Y), #sum { X : m(X, Y) } > 3."
    one, two = Term("", (Term("g"), 1)), Term("", (Term("g"), 2))
    half = 2**30
    # A number that two elements share counts once where the number alone tells them apart.
    assert found_beyond(rules, Term("m", (half, 1)), Term("m", (half, 2))) == []
    assert found_beyond(rules, Term("m", (half, one)), Term("m", (half, two))) == []
    rules = "a :- #sum { X, Z : m(X, Z) } > 3."
    assert found_beyond(rules, Term("m", (half, one)), Term("m", (half, two))) == ["x.lp:2"]


# By hand: 2000000000 twice is past 2147483647; 1000000000 twice is not, three times is.
SUMS = [
    ("{2000000000,a; 2000000000,b}", None, True),
    ("{2000000000,a; 2000000000,a}", None, False),
    ("{2000000000,(a;b)}", None, True),
    ("{-2000000000,(a;b)}", None, True),
    ("{2000000000,a; -2000000000,b}", None, False),
    ("{X,a : n(X); X,b : n(X)}", 2000000000, True),
    ("{X,a : n(X); X,b : n(X)}", 1000000000, False),
    ("{X,a : n(X); X,a : n(X), X > 1}", 2000000000, False),
    ("{X,a : n(X); 2000000000,b}", 2000000000, True),
    ("{X*2,a : n(X); X,(b;c) : n(X)}", 536870911, False),
    ("{X*2,a : n(X); X,(b;c) : n(X)}", 536870912, True),
    ("{X,1..2 : n(X)}", 1000000000, False),
    ("{X,1..3 : n(X)}", 1000000000, True),
    ("{1..900}", None, False),
    ("{1..100000}", None, True),
]


@pytest.mark.parametrize(("elements", "number", "too_far"), SUMS)
@pytest.mark.parametrize("sum_", ["S = #sum ", "0 < #sum ", "3 <= #sum "])
def test_all_elements_of_a_sum_are_added_up_and_each_member_counts_once(
    elements: str, number: int | None, too_far: bool, sum_: str
) -> None:
    given = numbers(number) if number is not None else []
    assert found_beyond(f"a :- {sum_}{elements}.", *given) == (["x.lp:2"] if too_far else [])


def test_a_sum_of_what_is_above_zero_passes_over_the_rest() -> None:
    assert found_beyond("a :- 0 < #sum+ {X,a : n(X); X,b : n(X)}.", *numbers(2000000000)) == ["x.lp:2"]


# Of each rule, whether 0 of `x` (or true of `f`) is refused, and what the case with it comes to if not.
UNDEFINED = [
    ("states(D,x,X), 100/X > 3", "`100/X` has no value with X = 0: it divides by zero"),
    ("states(D,x,X), 7 \\ (2*X) > 3", "add the condition `2*X != 0` to the rule"),
    ("states(D,x,X), X**(0-1) > 3", "it takes zero to a power below zero"),
    ("states(D,x,X), 100/X > 3, 50/X > 2", "`100/X` has no value"),
    ("states(D,x,X), Y = 100/X, Z = 50/X, Y > Z", "`50/X` has no value"),
    ("states(D,x,_), 1 < #sum { Y : states(D,x,X), Y = 100/X }", "`100/X` has no value"),
    ("states(D,x,_), 1 < #count { 100/X : states(D,x,X) }", "`100/X` has no value"),
    ("states(D,x,X), 2*X >= 0, 100/X > 3", "`100/X` has no value"),
    ("states(D,f,X), X+1 > 3", "`X+1` has no value with X = true: `true` is no number"),
    ("states(D,f,_), 1 < #sum { X : states(D,f,X) }", "`true` is no number"),
    ("states(D,x,X), X > 0, 100/X > 3", None),
    ("states(D,x,X), 100/X > 3, X != 0", None),
    ("states(D,x,X), 2*X > 0, 100/X > 3", None),
    ("states(D,x,X), Y = X+0, Y > 0, 100/X > 3", None),
    ("states(D,x,_), 1 < #sum { 100/X : states(D,x,X), X > 0 }", None),
    ("states(D,x,X), not states(D,x,0), 100/X > 3", None),
]


@pytest.mark.parametrize(("body", "refused"), UNDEFINED)
def test_a_case_is_refused_where_a_conclusion_has_no_value_unless_the_rule_does_not_apply(
    body: str, refused: str | None, tmp_path: Path
) -> None:
    rules = """requires("A", yes(found)). attribute(f, detail). domain(f, flag). establishes(note, f)."""
    loaded = Policy.load(written(tmp_path, rules, f"concludes(D, found, true) :- {body}."))
    zero = told(loaded, x=0, f=True)
    if refused is None:
        assert loaded.decide(zero).outcome == "deny"
        assert loaded.decide(told(loaded, x=5)).outcome == "approve"
        return
    with pytest.raises(CaseError) as error:
        loaded.decide(zero)
    (*_, problem) = error.value.problems
    assert problem.startswith(f"document `d`: {tmp_path}")
    assert "conclusions.lp:2: " in problem
    assert any(refused in one for one in error.value.problems)


def test_of_many_documents_only_the_one_without_a_value_is_refused(tmp_path: Path) -> None:
    rule = "concludes(D, found, true) :- states(D, x, X), 100/X > 3."
    loaded = Policy.load(written(tmp_path, 'requires("A", yes(found)).', rule))
    details = loaded.vocabulary.all
    loaded.vocabulary.conclusions.learn([{"x": x} for x in range(60)], details)
    of = [loaded.vocabulary.conclusions.of({"x": x}, details) for x in (0, 25, 26)]
    assert [bool(one.faults) for one in of] == [True, False, False]
    assert [one.statements for one in of] == [(), (("found", True),), ()]


NO_VALUE = [
    ('requires("A", at_least(n, 100/0)).', "`(100/0)` has no value: it divides by zero"),
    ('requires("A", at_least(n, 100/X)) :- bound(X). bound(0).', "where it divides by zero"),
    ('requires("A", at_least(n, a-b)).', "takes whole numbers alone"),
    ('requires("A", at_least(n, X)) :- X = 1..2147483647.', "end with 2147483646 at most"),
    ('requires("A", at_least(n, 2147483640..(2147483647))).', "end with 2147483646 at most"),
]


@pytest.mark.parametrize(("rules", "told_of"), NO_VALUE)
def test_a_policy_with_a_calculation_that_has_no_value_is_refused_with_the_reason(
    rules: str, told_of: str, tmp_path: Path
) -> None:
    with pytest.raises(PolicyError) as refused:
        Policy.load(written(tmp_path, rules))
    assert told_of in str(refused.value)
    assert "policy.lp:9: " in str(refused.value)


def test_conclusions_with_a_calculation_that_never_has_a_value_are_refused(tmp_path: Path) -> None:
    for body, told_of in (("1/0", "it divides by zero"), ("1..2147483647", "2147483646 at most")):
        rule = f"concludes(D, found, true) :- states(D, x, X), X = {body}."
        with pytest.raises(PolicyError, match=told_of):
            Policy.load(written(tmp_path, 'requires("A", yes(found)).', rule))


OPERATIONS = (
    "X+Y",
    "X-Y",
    "X*Y",
    "X/Y",
    "X\\Y",
    "-X",
    "|X|",
    "X*Y-X",
    "2*X+3*Y",
    "X**2",
    "X&Y",
    "X?Y",
    "X^Y",
)


@settings(max_examples=scaled(120))
@given(seed=st.integers(min_value=0, max_value=10**9))
def test_what_is_not_told_of_comes_to_what_the_solver_says(seed: int) -> None:
    dice = random.Random(seed)
    text = dice.choice(OPERATIONS)
    pair = [dice.choice([1, 7, 46340, 46341, 2**30, LARGEST, dice.randint(1, LARGEST)]) for _ in "XY"]
    pair = [value * dice.choice([1, -1]) for value in pair]
    exact = (
        eval(
            text.replace("/", "//").replace("|X|", "abs(X)").replace("?", "|"),
            {"X": pair[0], "Y": pair[1]},
        )
        if not set("/\\") & set(text)
        else None
    )
    beyond = found_beyond(f"a({text}) :- m(X, Y).", Term("m", tuple(pair)))
    if exact is None:
        assert beyond == []
        return
    assert bool(beyond) == (
        _past(exact)
        or (text == "X*Y-X" and _past(pair[0] * pair[1]))
        or (text == "2*X+3*Y" and (_past(2 * pair[0]) or _past(3 * pair[1])))
    )
    if not beyond:
        assert _by_clingo(text, pair) == exact


def _past(number: int) -> bool:
    return not -LARGEST - 1 <= number <= LARGEST


def _by_clingo(text: str, pair: list[int]) -> int:
    control = Control(["--warn=none"])
    control.add("base", [], f"a({text}) :- m(X, Y). m({pair[0]}, {pair[1]}).")
    control.ground([("base", [])])
    (atom,) = control.symbolic_atoms.by_signature("a", 1)
    return atom.symbol.arguments[0].number


def written(folder: Path, rules: str, conclusions: str = "") -> Path:
    (folder / "policy.lp").write_text(f'{VOCABULARY}{rules}\n#include "conclusions.lp".\n')
    (folder / "conclusions.lp").write_text(f"#defined states/3.\n{conclusions}\n")
    return folder


def told(of: Policy, **states: Any) -> Case:
    document = {"id": "d", "type": "note", "date": "2025-01-01", "states": states}
    return case({"id": "made", "request": {}, "documents": [document]}, of)


def test_a_case_of_which_conclusions_count_too_far_is_refused_and_no_other(tmp_path: Path) -> None:
    rule = "concludes(D, found, true) :- states(D, x, X), states(D, y, Y), X*Y >= 6."
    loaded = Policy.load(written(tmp_path, 'requires("A", yes(found)).', rule))
    assert loaded.decide(told(loaded, x=46340, y=46341)).outcome == "approve"
    assert loaded.decide(told(loaded, x=LARGEST, y=1)).outcome == "approve"
    with pytest.raises(CaseError) as refused:
        loaded.decide(told(loaded, x=46341, y=46341))
    (problem,) = refused.value.problems
    assert problem.startswith(f"document `d`: {tmp_path}")
    assert "conclusions.lp:2: `X*Y` grows past 2147483647 with X = 46341, Y = 46341" in problem


def test_of_a_file_of_cases_only_the_one_that_counts_too_far_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
    rule = "concludes(D, found, true) :- states(D, x, X), X*X >= 6."
    loaded = Policy.load(written(tmp_path, 'requires("A", yes(found)).', rule))
    texts = [told(loaded, x=x).model_dump_json() for x in (3, 46341, 2)]
    rows = loaded.decide_cases(texts).to_pylist()
    assert [row["outcome"] for row in rows] == ["approve", None, "deny"]
    assert [bool(row["error"]) for row in rows] == [False, True, False]
    assert "grows past 2147483647" in rows[1]["error"]


def test_a_live_case_refuses_a_change_of_which_conclusions_count_too_far(tmp_path: Path) -> None:
    rule = "concludes(D, found, true) :- states(D, x, X), X*X >= 6."
    loaded = Policy.load(written(tmp_path, 'requires("A", yes(found)).', rule))
    live = loaded.session(told(loaded, x=3))
    with pytest.raises(CaseError, match="grows past"):
        live.set("x", 46341)
    assert live.outcome == "approve"
    assert live.case.documents[0].states == {"x": 3}


BAD_POLICIES = [
    'requires("A", at_least(n, 65536*65536)).',
    'requires("A", at_least(n, X*X)) :- bound(X). bound(65536).',
    'requires("A", yes(found)) :- bound(X), X*X < 0. bound(65536).',
    'requires("A", at_least(n, S)) :- S = #sum { X, Y : bound(X, Y) }. bound(2147483647, (1;2)).',
    'requires("A", at_least(n, N)) :- N = #sum { 2000000000,a; 2000000000,b }.',
]


@pytest.mark.parametrize("rules", BAD_POLICIES)
def test_a_policy_whose_own_rules_count_too_far_is_refused(rules: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="grows past 2147483647") as refused:
        Policy.load(written(tmp_path, rules))
    assert f"{tmp_path}" in str(refused.value)


def test_the_complement_of_the_last_number_that_can_be_counted_to_is_never_true(
    tmp_path: Path,
) -> None:
    # Every number is at most 2147483647, so the criterion binds whatever `n` is.
    rules = 'requires("A", yes(found)). only_if("A", at_most(n, 2147483647)).'
    loaded = Policy.load(written(tmp_path, rules))
    assert loaded.decide(told(loaded, n=5)).outcome == "deny"
    assert loaded.decide(told(loaded, n=LARGEST)).outcome == "deny"


def test_amounts_made_up_of_large_strengths_are_found(tmp_path: Path) -> None:
    rules = """requires("A", yes(first)). strength(dose, (50000; 75000)).
    attribute(dose, request). domain(dose, whole_number). minimum(dose, 1). optional(dose)."""
    loaded = Policy.load(written(tmp_path, rules))
    for dose, fits in (
        (125000, True),
        (75000, True),
        (50000, True),
        (25000, False),
        (60000, False),
    ):
        made = case({"id": "made", "request": {"dose": dose}, "documents": []}, loaded)
        assert (loaded.decide(made).warnings == ()) == fits, dose
