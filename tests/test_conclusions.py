"""Everything that is concluded from the details of a document counts, as plain clingo takes it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from clingo import Control
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Case, CaseError, EngineError, Policy, PolicyError
from pyclingo_bridge.base.rule_files import read_program, rules_root
from pyclingo_bridge.base.solver import evaluate
from pyclingo_bridge.base.terms import Term, constant
from pyclingo_bridge.cases.conclusions import Conclusions, conclusion_files, plain_values
from pyclingo_bridge.cases.vocabulary import load_vocabulary
from pyclingo_bridge.core.decision import RequirementResult
from pyclingo_bridge.core.facts import plain_facts
from pyclingo_bridge.loading.conclusion_rules import ConclusionNumbers
from tests.conftest import ROOT, case, scaled

VOCABULARY = """
policy(p, "made up"). source("made up", "now"). vocabulary(v).
attribute(first, request). domain(first, flag). default(first, true).
document_type(note, 1).
attribute((x; y), detail). domain((x; y), whole_number). minimum((x; y), 0).
attribute(flag, latest). domain(flag, flag).
attribute(score, stable). domain(score, whole_number). minimum(score, 0). maximum(score, 9).
attribute(grade, latest). domain(grade, choice). listed(grade, (low; middle; high)).
attribute(marks, stable). domain(marks, list). listed(marks, (red; green; blue)).
attribute(sites, cumulative). domain(sites, list). listed(sites, (bone; liver; skin)).
attribute(given, history). domain(given, drugs). qualifies(all_given, given).
drug((druga; drugb; drugc)).
establishes(note, (x; y; flag; score; grade; marks; sites; given)).
also_states(grade, high, flag, true).
also_states(grade, low, flag, false).
section("A", 1). route("A", yes(first)). criterion("A", "a"). locator("A", "a").
"""
REQUIREMENTS = (
    *("yes(flag)", "at_least(score,3)", "at_most(score,5)", "is(grade,middle)"),
    *(
        "includes(marks,red)",
        "excludes(marks,green)",
        "includes(sites,bone)",
        "excludes(sites,skin)",
    ),
    *("includes(given,druga)", "excludes(given,drugb)"),
)
CONCLUSIONS = """#defined states/3.
concludes(D, flag, true) :- states(D, x, N), N >= 2.
concludes(D, flag, false) :- states(D, y, N), N >= 3.
concludes(D, score, N) :- states(D, x, N), N <= 9.
concludes(D, score, N) :- states(D, y, N), N <= 9.
concludes(D, grade, high) :- states(D, x, N), N >= 4.
concludes(D, grade, low) :- states(D, y, N), N >= 4.
concludes(D, grade, middle) :- states(D, x, 3).
concludes(D, marks, red) :- states(D, x, N), N >= 1.
concludes(D, marks, green) :- states(D, y, N), N >= 5.
concludes(D, sites, bone) :- states(D, x, N), N >= 3.
concludes(D, sites, (skin; liver)) :- states(D, y, N), N >= 4.
concludes(D, given, druga) :- states(D, x, N), N >= 2.
concludes(D, given, drugb) :- states(D, y, N), N >= 2.
"""


def written(folder: Path, rules: str, conclusions: str = CONCLUSIONS) -> Path:
    (folder / "policy.lp").write_text(f'{VOCABULARY}{rules}\n#include "conclusions.lp".\n')
    (folder / "conclusions.lp").write_text(conclusions)
    return folder


def rules_of(requirements: tuple[str, ...]) -> str:
    """A criterion for each requirement, so that each has a status of its own."""
    lines = [
        f'any_of("A", "A.{n}"). criterion("A.{n}", "a"). locator("A.{n}", "a"). '
        f'requires("A.{n}", {requirement}).'
        for n, requirement in enumerate(requirements)
    ]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return Policy.load(written(tmp_path_factory.mktemp("conclusions"), rules_of(REQUIREMENTS)))


def told(states: dict[str, Any], of: Policy, **more: dict[str, Any]) -> Case:
    documents = [
        {"id": name, "type": "note", "date": "2025-01-01", "states": said}
        for name, said in {"n": states, **more}.items()
    ]
    return case({"id": "made", "request": {}, "documents": documents}, of)


def by_plain_clingo(of: Policy, made: Case) -> set[str]:
    control = Control(["--warn=none"])
    control.load(str(ROOT / "asp" / "decide.lp"))
    control.load(str(of.folder / "policy.lp"))
    control.add("base", [], "\n".join(f"{fact}." for fact in plain_facts(made, of.vocabulary)))
    control.ground([("base", [])])
    shown: list[str] = []
    control.solve(on_model=lambda model: shown.append(str(model)))
    return {atom for atom in shown[-1].split() if atom.startswith(("status", "outcome", "denial"))}


def by_the_library(of: Policy, made: Case) -> set[str]:
    decision = of.decide(made)
    found = {f'status("{name}",{result.status})' for name, result in decision.criteria.items()}
    found.add(f"outcome({decision.outcome})")
    return found | ({f"denial_kind({decision.denial_kind})"} if decision.denial_kind else set())


def random_states(dice: random.Random) -> dict[str, Any]:
    every: dict[str, Any] = {
        "x": dice.randint(0, 6),
        "y": dice.randint(0, 6),
        "flag": dice.random() < 0.5,
        "score": dice.randint(0, 9),
        "grade": dice.choice(["low", "middle", "high"]),
        "marks": dice.sample(["red", "green", "blue"], dice.randint(0, 2)),
        "sites": dice.sample(["bone", "liver", "skin"], dice.randint(0, 2)),
        "given": dice.sample(["druga", "drugb", "drugc", "Novel"], dice.randint(0, 2)),
    }
    chosen = {name: every[name] for name in every if dice.random() < (0.8 if name in "xy" else 0.3)}
    return {**chosen, "all_given": dice.random() < 0.7} if "given" in chosen else chosen


@settings(max_examples=scaled(60))
@given(dice=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_python_and_plain_clingo_take_the_same_conclusions(every_kind: Policy, dice: random.Random) -> None:
    made = told(random_states(dice), every_kind, second=random_states(dice))
    assert by_the_library(every_kind, made) == by_plain_clingo(every_kind, made)


@settings(max_examples=scaled(30))
@given(dice=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_a_table_of_cases_and_a_live_case_take_the_same_conclusions(
    every_kind: Policy, dice: random.Random
) -> None:
    pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
    states = random_states(dice)
    made = told(states, every_kind)
    expected = every_kind.decide(made)
    lines = every_kind.decide_cases([made.model_dump_json()], statuses=True).to_pylist()
    assert {name: lines[0][f"status {name}"] for name in expected.statuses} == expected.statuses
    live = every_kind.session(told({}, every_kind))
    live.without_document("n")
    live.add_document(made.documents[0])
    assert live.decision.criteria == expected.criteria
    rows = every_kind.decide_batch(every_kind.batch_table([made]), statuses=True).to_pylist()
    assert {name: rows[0][f"status {name}"] for name in expected.statuses} == expected.statuses


def test_two_conclusions_contradict_each_other_as_two_statements_do(every_kind: Policy) -> None:
    # 3 is `true` and 3 for the score by x, 4 is `false`, 4 for the score and `low` by y.
    made = told({"x": 3, "y": 4}, every_kind)
    decision = every_kind.decide(made)
    assert decision.statuses["A.0"] == "conflicting"
    requirement = decision.criteria["A.0"].needs[0]
    assert isinstance(requirement, RequirementResult)
    assert [(entry.value, entry.effect) for entry in requirement.evidence if entry.attribute == "flag"] == [
        (False, "refutes"),
        (True, "supports"),
    ]
    assert any("states flag = yes" in line and "states flag = no" in line for line in decision.warnings)


def test_what_is_concluded_for_a_list_stands_beside_what_is_stated(every_kind: Policy) -> None:
    made = told({"x": 3, "marks": ["blue"]}, every_kind)
    decision = every_kind.decide(made)
    requirement = decision.criteria["A.4"].needs[0]
    assert isinstance(requirement, RequirementResult)
    assert [entry.value for entry in requirement.evidence] == [["blue", "red"]]
    assert requirement.evidence[0].details == {"x": 3}


BAD_VALUES = [
    ("score", "10", "a whole number from 0 to 9, as `10`"),
    ("grade", "lowest", "of which the vocabulary lists no `lowest`"),
    ("grade", '"low"', "without quotes"),
    ("flag", "yes", "a flag, as `yes`"),
]
"""Values that no document could state; the rule takes them from a fact, where loading sees none."""


@pytest.mark.parametrize(("attribute", "value", "words"), BAD_VALUES)
def test_a_conclusion_that_no_document_could_state_refuses_the_case(
    attribute: str, value: str, words: str, tmp_path: Path
) -> None:
    rule = (
        "#defined states/3.\n"
        f"concludes(D, {attribute}, V) :- states(D, x, N), N > 1, meant(V).\nmeant({value}).\n"
    )
    loaded = Policy.load(written(tmp_path, rules_of(REQUIREMENTS[:1]), rule))
    assert loaded.decide(told({"x": 1}, loaded)).outcome == "deny"
    with pytest.raises(CaseError, match=r"conclusions\.lp") as refused:
        loaded.decide(told({"x": 2}, loaded))
    assert words in str(refused.value)


BAD_RULES = [
    (
        "concludes(D, flag, true) :- states(D, x, _), states(E, y, _).",
        "a conclusion is drawn from one document",
    ),
    (
        "concludes(D, flag, true) :- big(D). big(D) :- states(D, x, N), N = #max { M : states(_, x, M) }.",
        "a conclusion is drawn from one document",
    ),
    ("concludes(D, flag, true) :- states(D, score, _).", "a conclusion rests on a detail"),
    (
        "concludes(D, score, 1) :- seen(D). concludes(D, flag, true) :- seen(D), states(D, score, _). "
        "seen(D) :- states(D, x, _).",
        "`score` is itself concluded",
    ),
    ("concludes(D, y, N) :- states(D, x, N).", "`y` is a detail, which documents state"),
    ("short_of(D, y, few) :- states(D, x, N).", "`y` is a detail, which documents state"),
    *(
        (f"concludes(D, score, 1) :- states(D, x, 1). {rules}", "`score` is itself concluded")
        for rules in (
            "concludes(D, flag, true) :- concludes(D, score, 1).",
            "concludes(D, flag, true) :- states(D, x, _), not concludes(D, score, 1).",
            "concludes(D, flag, true) :- states(D, x, _), #count { V : concludes(D, score, V) } < 1.",
            "rated(D) :- concludes(D, score, _). concludes(D, flag, true) :- states(D, x, _), rated(D).",
        )
    ),
    (
        "concludes(D, score, 1) :- states(D, x, 1). concludes(D, flag, true) :- concludes(D, A, 1).",
        "what it asks for is itself concluded",
    ),
    (
        "concludes(D, flag, true) :- states(D, x, _), states(D, A, _), A != y.",
        "`states(D,A,_)` names no attribute",
    ),
    (
        "meant(flag). concludes(D, A, true) :- states(D, x, _), meant(A).",
        "`concludes(D,A,true)` names no attribute",
    ),
]


POLICY_WORDS = [
    "interpretation(wording, wide)",
    "not interpretation(wording, wide)",
    "member(pair, druga)",
    "maximum(score, M), N < M",
    "policy(_, _)",
    "attribute(_, latest)",
    "#count { A : attribute(A, latest) } > 1",
    "own_word(N)",
]
"""What a policy tells that no document states; `own_word` is a fact of the policy, not of its conclusions."""


@pytest.mark.parametrize("asked", POLICY_WORDS)
@pytest.mark.parametrize("first", ["", "#defined {word}. "], ids=["plain", "defined"])
def test_a_conclusion_on_what_the_policy_tells_is_refused_with_its_place(
    asked: str, first: str, tmp_path: Path
) -> None:
    # With the policy such a rule finds what it asks for; where it runs by itself it never would.
    atom = asked.removeprefix("not ").rpartition(": ")[2].partition(")")[0] + ")"
    word = f"{atom.partition('(')[0]}/{atom.count(',') + 1}"
    rule = f"{first.format(word=word)}concludes(D, flag, true) :- states(D, x, N), {asked}."
    rules = f"{rules_of(REQUIREMENTS[:1])}\nmember(pair, druga) :- own_word(1). own_word(1).\n" + (
        'ambiguity(wording, "how wide?", "A"). alternative(wording, (wide; narrow), "so"). '
        "default_interpretation(wording, wide)."
    )
    folder = written(tmp_path, rules, f"#defined states/3.\n{rule}\n")
    with pytest.raises(PolicyError, match=r"conclusions\.lp:2: nothing in") as refused:
        Policy.load(folder)
    assert f"makes `{atom.replace(', ', ',')}`" in str(refused.value)


def test_a_conclusion_on_a_set_that_the_policy_alone_has_is_refused(tmp_path: Path) -> None:
    rules = f"{rules_of(REQUIREMENTS[:1])}\nmember(pair, druga)."
    own = "member(mine, drugb).\nconcludes(D, flag, true) :- states(D, x, _), member({set}, drugb)."
    Policy.load(written(tmp_path, rules, "#defined states/3.\n" + own.format(set="mine")))
    folder = written(tmp_path, rules, "#defined states/3.\n" + own.format(set="pair"))
    with pytest.raises(PolicyError, match=r"conclusions\.lp:3: .* makes `member\(pair,"):
        Policy.load(folder)


MORE_THAN_ONE_DOCUMENT = [
    "seen(x) :- states(D, x, _). concludes(D, flag, true) :- seen(x), states(D, y, _).",
    "concludes(D, flag, true) :- states(D, x, _), #count { E : states(E, x, _) } > 1.",
    "concludes(D, flag, true) :- states(D, x, N), N = #max { M : states(_, x, M) }.",
    "concludes(D, flag, true) :- states(D, x, _), not states(_, y, _).",
    "concludes(D, flag, true) :- states(D, x, N), N > M : states(E, x, M).",
    "has(D) :- states(D, x, _). concludes(D, flag, true) :- states(D, x, _), has(E), D != E.",
    "has(0). has(D) :- states(D, y, _). concludes(D, flag, true) :- states(D, x, _), has(D).",
    "has(D, E) :- states(D, x, _), E = D. concludes(D, flag, true) :- states(D, y, _), has(_, D).",
    "has(f(D)) :- states(D, x, _). concludes(D, flag, true) :- states(D, y, _), has(f(D)).",
    "concludes(D, flag, true) :- states((D; E), x, _), E = D.",
    "concludes(D, flag, true) :- states(D, x, _), D > 0.",
    "concludes(D, score, D) :- states(D, x, _).",
    "concludes(D, score, N) :- states(D, x, _), N = D + 1.",
    "first(0..3). concludes(D, flag, true) :- states(D, x, _), first(D).",
    "concludes(D, flag, true) :- states(D, x, _), #sum { E, N : states(D, y, N), E = D } > 1.",
]
"""Rules that would see another document, or the place of one among those that are asked about together."""


@pytest.mark.parametrize("rules", MORE_THAN_ONE_DOCUMENT)
def test_a_conclusion_never_sees_another_document(rules: str, tmp_path: Path) -> None:
    rule = f"#defined states/3.\n{rules}\n"
    with pytest.raises(PolicyError, match=r"conclusions\.lp:2:.* document"):
        Policy.load(written(tmp_path, rules_of(REQUIREMENTS[:1]), rule))


def test_documents_asked_about_together_come_to_what_each_comes_to_alone(
    every_kind: Policy,
) -> None:
    dice, attributes = random.Random(7), every_kind.vocabulary.all
    drawn = Conclusions(every_kind.loaded.files, ConclusionNumbers(every_kind.loaded.files))
    said = list({drawn._stated(random_states(dice), attributes) for _ in range(60)})
    together = drawn._draw(said)
    assert all(drawn._draw([one]) == {one: together[one]} for one in said)


@pytest.mark.parametrize(("rules", "words"), BAD_RULES)
def test_rules_that_draw_no_conclusion_of_one_documents_details_are_refused(
    rules: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(PolicyError, match=r"conclusions\.lp:2: ") as refused:
        Policy.load(written(tmp_path, rules_of(REQUIREMENTS[:1]), f"#defined states/3.\n{rules}\n"))
    assert words in str(refused.value)


def test_what_is_concluded_and_speaks_for_a_list_too_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, f"{rules_of(REQUIREMENTS[:1])}\nalso_states(grade, high, marks, red).")
    with pytest.raises(PolicyError, match="`grade` is concluded, and also states the list `marks`"):
        Policy.load(folder)


def test_many_documents_are_asked_about_in_as_many_goes_as_their_matches_take(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rules = (
        "#defined states/3.\nk(1..1000). pair(D, A, B) :- states(D, x, N), k(A), k(B).\n"
        "concludes(D, flag, true) :- pair(D, 2, 3).\n"
    )
    loaded = Policy.load(written(tmp_path, rules_of(REQUIREMENTS[:1]), rules))
    asked: list[int] = []

    def learned(self: Conclusions, block: Sequence[object]) -> None:
        asked.append(len(block))

    monkeypatch.setattr(Conclusions, "_learn", learned)
    drawn = Conclusions(loaded.loaded.files, ConclusionNumbers(loaded.loaded.files))
    drawn.learn([{"x": number} for number in range(10)], loaded.vocabulary.all)
    assert asked == [1] * 10


@pytest.mark.parametrize("name", ["druga", "DrugA", " DRUGA "])
def test_conclusions_know_a_drug_however_its_name_is_spelled(name: str, tmp_path: Path) -> None:
    rule = "#defined states/3.\nconcludes(D, flag, true) :- states(D, given, druga), states(D, x, _).\n"
    loaded = Policy.load(written(tmp_path, rules_of(REQUIREMENTS[:1]), rule))
    made = told({"x": 1, "given": [name]}, loaded)
    assert loaded.decide(made).criteria["A.0"].status == "met"
    assert by_plain_clingo(loaded, made) == by_the_library(loaded, made)


@pytest.mark.parametrize(
    "entry",
    sorted((rules_root() / "vocabularies").glob("*/vocabulary.lp")),
    ids=lambda entry: entry.parent.name,
)
def test_no_number_that_a_document_may_state_leads_shipped_conclusions_too_far(entry: Path) -> None:
    files = read_program(entry)
    details = load_vocabulary(entry).details.values()
    exact = ConclusionNumbers(files)
    ends: list[list[Term]] = []
    for one in details:
        if one.domain in ("whole_number", "decimal"):
            values = [value for end in (one.minimum, one.maximum) for value in plain_values(one, end)]
        elif one.domain in ("flag", "choice"):
            values = [constant(name) for name in one.listed or ("true", "false")]
        else:
            continue
        ends.append([Term(one.name, (value,)) for value in values])
    facts = [
        Term("states", (place, constant(statement.name), *statement.args))
        for place, document in enumerate(product(*ends))
        for statement in document
    ]
    undefined: list[str] = []
    rules = [*conclusion_files(files), *exact.probes]
    found = evaluate(rules, facts, exact.signatures, undefined=undefined)
    assert any(found.values()) or not exact.signatures
    assert (exact.faults(found, True), undefined) == ([], [])


def test_rules_of_others_draw_no_conclusions_without_exact_numbers(every_kind: Policy) -> None:
    with pytest.raises(EngineError, match="nothing watches over the numbers"):
        Conclusions(every_kind.loaded.files)
