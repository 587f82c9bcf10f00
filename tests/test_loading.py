"""Policies are code: one that does not end, or not soon, is refused within its loading."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pyclingo_bridge import EngineError, Policy, PolicyError
from pyclingo_bridge.base import store
from pyclingo_bridge.base.rule_files import RulesFile, read_program, rules_root
from pyclingo_bridge.base.solver import evaluate
from pyclingo_bridge.cli.main import app
from pyclingo_bridge.loading import limits as loading
from pyclingo_bridge.loading.authoring import policy_words
from pyclingo_bridge.loading.growth import MOST_ATOMS, endless, unbounded
from pyclingo_bridge.loading.limits import LoadLimits
from pyclingo_bridge.published.study import Study
from tests.conftest import POLICIES
from tests.predicates import used

GOOD = Path(__file__).parent / "reports" / "authoring" / "good"
LETTERS = ";".join("abcdefghijklmnopqrstuvwxyz")

ENDLESS = {
    "numbers": "member(odd, 1). member(odd, N+2) :- member(odd, N).",
    "numbers told backwards": "member(odd, 1). member(odd, N) :- member(odd, N-2).",
    "terms": "member(s, a). member(s, f(X)) :- member(s, X).",
    "two rules": "member(s, a). member(t, f(X)) :- member(s, X). member(s, X) :- member(t, X).",
    "a comparison": "member(s, 1). member(s, Y) :- member(s, X), Y = X + 1.",
    "an aggregate": "member(s, 1). member(s, N) :- member(s, X), N = #sum { X+1 }.",
    "a variable's set": "member(s, 1). member(S, f(N)) :- member(S, N).",
    "a range": "step(1..2000000000). label(X, x) :- step(X).",
    "a range of a range": "member(s, (1..99999, 1..99999)).",
    "a variable range": "member(s, 9). member(t, 1..N) :- member(s, N).",
    "a pool": f"member(s, ({', '.join([f'({LETTERS})'] * 8)})).",
    "a join": f"member(s, ({LETTERS})). member(t, (A,B,C,D,E,F)) :- "
    + ", ".join(f"member(s, {name})" for name in "ABCDEF")
    + ".",
    "a condition": f"member(s, ({LETTERS})). a :- #count {{ A,B,C,D,E : "
    + ", ".join(f"member(s, {name})" for name in "ABCDE")
    + " } > 1.",
    "terms of terms": "member(s0, x). "
    + " ".join(f"member(s{n + 1}, f(X,X)) :- member(s{n}, X)." for n in range(40)),
    "terms of terms in one rule": "member(s, a). member(t, E) :- member(s, A), B = f(A,A), "
    "C = f(B,B,B,B,B,B,B,B), D = f(C,C,C,C,C,C,C,C,C), E = f(D,D,D,D,D,D,D).",
    "an interpretation": "ambiguity(n, x, y). default_interpretation(n, f(X)) :- interpretation(n, X).",
    "amounts": "strength(dose, (1; 2000000000)).",
    "a function": "member(s, @f(1)).",
    "many literals": "a :- " + ", ".join(["member(s, a)"] * 60) + ".",
}


def program(text: str) -> list[RulesFile]:
    return [RulesFile(Path("policy.lp"), text)]


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_rules_that_may_come_to_much_are_told_from_their_text(text: str) -> None:
    reason = unbounded(program(text))
    assert reason is not None
    assert reason.startswith("policy.lp")


@pytest.mark.parametrize(
    "text",
    [
        "member(s, (a;b;c)). member(t, X) :- member(s, X).",
        "step(1..100).",
        "member(s, N*2+1) :- member(t, N). member(t, (1;2;3)).",
        "member(s, f(X)) :- member(t, X). member(t, a).",
        "a :- b. b :- a.",
        "member(s, a) :- interpretation(n, yes).",
        "member(s, N) :- N = #max { M : member(t, M) }. member(t, (1;2)).",
        "strength(dose, (120; 240; 320)).",
        'label(x, "1..2000000000. a(X) :- a(f(X))").',
        "% member(s, f(X)) :- member(s, X).",
    ],
)
def test_rules_that_come_to_little_need_no_trial(text: str) -> None:
    assert unbounded(program(text)) is None


@pytest.mark.parametrize(
    ("text", "atoms"),
    [
        ("member(s, (a;b)).", 2),
        ("member(s, (a;b), (c;d;e)).", 6),
        ("member(s;t). member(s, x; t, (y;z)).", 5),
        ("member(s, 1..20).", 20),
        ("member(s, (a;b)). member(t, (X,Y)) :- member(s, X), member(s, Y).", 6),
        ("member(s, (a;b)). member(T, x) :- T = (u;v;w).", 5),
        ("a :- not b. member(s, X) :- member(t, X). member((t;u), (1;2)).", 7),
    ],
)
def test_no_program_comes_to_more_than_is_told(text: str, atoms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    files = program(text)
    names = [("member", 1), ("member", 2), ("member", 3), ("a", 0)]
    found = evaluate(program("#defined b/0. " + text), [], names)
    assert sum(map(len, found.values())) == atoms
    monkeypatch.setattr("pyclingo_bridge.loading.growth.MOST_ATOMS", atoms - 1)
    assert unbounded(files) is not None


def random_rule(rng: random.Random) -> str:
    """A rule on sets and numbers, with a pool, a range or arithmetic now and then."""
    ground = ["a", "b", "1", "2", "(a;b)", "1..3", "f(a)"]
    if rng.random() < 0.4:
        return f"p{rng.randrange(4)}({rng.choice(ground[:4])}, {rng.choice(ground)})."
    head = f"p{rng.randrange(4)}({rng.choice('abX')}, {rng.choice(['X', 'f(X)', '(X,Y)', '(X;Y)'])})"
    body = [
        f"p{rng.randrange(4)}({rng.choice('abST')}, X)",
        rng.choice(["Y = X", "Y = f(X)", "Y = (a;b)", "Y = 1..2"])
        if rng.random() < 0.5
        else f"p{rng.randrange(4)}({rng.choice('abST')}, Y)",
    ]
    body += rng.sample(["X != Y", "not p0(a, X)", "Z = (a;b)", "p1(_, Z)"], rng.randrange(2))
    return f"{head} :- {', '.join(body)}."


@pytest.mark.slow
def test_no_random_program_comes_to_more_than_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(3)
    held = 0
    names = [(f"p{number}", 2) for number in range(4)]
    declared = "".join(f"#defined {name}/2. " for name, _ in names)
    for _ in range(600):
        text = "\n".join(random_rule(rng) for _ in range(rng.randint(2, 6)))
        files = program(text)
        if unbounded(files) is not None:
            continue
        try:
            found = evaluate(program(declared + text), [], names)
        except EngineError:
            continue
        with monkeypatch.context() as patch:
            patch.setattr("pyclingo_bridge.loading.growth.MOST_ATOMS", sum(map(len, found.values())) - 1)
            assert unbounded(files) is not None, text
        held += ":-" in text
    assert held > 50


def test_every_shipped_policy_is_seen_to_come_to_little_but_for_its_size() -> None:
    for entry in (rules_root() / "policies").glob("*/policy.lp"):
        assert unbounded(read_program(entry)) is None
    assert MOST_ATOMS < 1_000


def test_only_interpretations_are_both_asked_for_by_policies_and_derived_by_the_engine() -> None:
    # `growth` takes all else that a policy's rules ask for as what its own rules derive.
    # A comparison derives `also_states` too, from the facts that policies came to before. The rules by
    # which brands stand for drugs are counted with the policy's own.
    engine = set().union(*(used(path)[0] for path in (rules_root() / "engine").rglob("*.lp")))
    assert policy_words() & engine == {("interpretation", 2), ("also_states", 4), ("stands_for", 2)}


@pytest.mark.parametrize("word", ["stands_for", "brand", "regimen"])
def test_what_rules_come_to_by_names_of_drugs_is_counted_whatever_the_names_are_told_by(
    word: str,
) -> None:
    names = " ".join(f"{word}(n{number}, d)." for number in range(40))
    both = "pair(X, Y) :- stands_for(X, _), stands_for(Y, _)."
    assert unbounded(program(names)) is None
    assert unbounded(program(f"{names} {both}")) is not None


# --- Conclusions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "concludes(D, a, N) :- states(D, b, N). concludes(D, a, N+1) :- concludes(D, a, N).",
        "n(D, N) :- states(D, b, N). n(D, N) :- n(D, N-1).",
        "n(D, f(N)) :- m(D, N). m(D, N) :- n(D, N). m(D, N) :- states(D, b, N).",
        "n(D, 1..N) :- states(D, b, N).",
        "n(D) :- states(D,l,A), states(D,l,B), states(D,l,C), states(D,l,E).",
        "m(D,A,B) :- states(D,l,A), states(D,l,B). n(D) :- m(D,A,B), m(D,C,E).",
        "n(D) :- states(D,A,_), states(E,A,_), states(F,A,_), states(G,A,_).",
        "{ n(D) } :- states(D,l,_).",
        "k(1..1000). n(D) :- states(D,b,V), k(X), k(Y), k(Z), X+Y+Z = V.",
        "k(1..1000). n(D,X,Y,Z) :- states(D,b,V), k(X), k(Y), k(Z).",
        "k(1..200). m(D,X,Y) :- states(D,b,_), k(X), k(Y). n(D) :- m(D,X,Y), m(D,Y,Z).",
        "n(D) :- states(D,b,V), X = 1..2000, Y = 1..1000, X*Y = V.",
        "k(1..3000). n(D) :- states(D,b,V), #sum { X*Y : k(X), k(Y) } > V.",
        "k(1..3000). n(D,X) :- states(D,l,_), k(X).",
        "k(1..100000000). n(D) :- states(D,b,_), k(7).",
        "k(1..2000). n(D,X,Y) :- n(D,X,_), n(D,_,Y). n(D,X,1) :- states(D,b,_), k(X).",
        "n(D) :- states(D,l,X), states(D,l,Y), X < Y, k(Z). k(1..3).",
    ],
)
def test_conclusions_that_might_not_end_soon_are_told_from_their_text(text: str) -> None:
    assert endless(program(text), {"b": 1, "l": 1000}) is not None


@pytest.mark.parametrize(
    "text",
    [
        "concludes(D, a, small) :- states(D, b, N), states(D, c, M), N*M <= 3600.",
        "bmi(D, W*1000/(H*H)) :- states(D, b, W), states(D, c, H), H > 0.",
        "n(D, M) :- states(D, _, _), M = #min { N : states(D, b, N) }.",
        "n(D, X, Z) :- n(D, X, Y), states(D, b, Z). n(D, 1, 2) :- states(D, b, _).",
        "k(1..100). n(D) :- states(D,b,V), k(X), k(Y), X*Y = V.",
        "n(D) :- states(D,l,X), states(D,l,Y), with(X,Y). with(p,(q;r;s)). with(q,(r;s)).",
        "n(D) :- states(D,l,X), k(X), m(X). k((p;q)). m((p;q)).",
        "n(D,X+Y) :- X = #count { A : states(D,l,A) }, Y = #count { A : states(D,k,A) }, states(D,b,_).",
        "is_a(p,q). is_a(q,r). is_a(X,Z) :- is_a(X,Y), is_a(Y,Z). n(D) :- states(D,l,X), is_a(X,r).",
    ],
)
def test_conclusions_that_end_are_taken(text: str) -> None:
    assert endless(program(text), {"b": 1, "c": 1, "l": 1000}) is None


@pytest.mark.slow
def test_the_shipped_conclusions_would_be_taken_from_anybody(tmp_path: Path) -> None:
    shutil.copytree(rules_root() / "vocabularies" / "oncology", tmp_path / "oncology")
    shutil.copytree(rules_root() / "policies" / "label", tmp_path / "policy")
    entry = tmp_path / "policy" / "policy.lp"
    text = entry.read_text().replace("../../vocabularies/oncology", "../oncology")
    entry.write_text(text)
    loaded = Policy.load(tmp_path / "policy")
    assert len(loaded.vocabulary.details) == len(Policy.load("label").vocabulary.details)


def test_a_policy_with_conclusions_without_end_is_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(GOOD, tmp_path / "policy")
    rules = folder / "conclusions.lp"
    rules.write_text(rules.read_text() + "n(D,N) :- states(D,weight_kg,N).\nn(D,N+1) :- n(D,N).\n")
    # What loading grounds has no documents, so nothing shows there.
    with pytest.raises(PolicyError, match=r"conclusions\.lp:\d+: the rule makes new terms of `n`"):
        Policy.load(folder)


# --- In another process ----------------------------------------------------------------------------


def added(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "policy"
    shutil.copytree(GOOD, folder)
    path = folder / "policy.lp"
    path.write_text(f"{path.read_text()}\n{text}\n")
    return folder


def tried(monkeypatch: pytest.MonkeyPatch, code: int | None = 0) -> list[str]:
    """Grows with every process that would be started; none is, and each would end so."""
    asked: list[str] = []

    def run(told: str, wall: float | None) -> int | None:
        asked.append(told)
        return code

    monkeypatch.setattr(loading, "_run", run)
    monkeypatch.setattr(loading, "_WITHIN", set())
    return asked


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["numbers", "a range"])
def test_a_policy_without_end_is_refused_in_bounded_time_and_memory(tmp_path: Path, kind: str) -> None:
    folder = added(tmp_path, ENDLESS[kind])
    with pytest.raises(PolicyError, match=r"policy\.lp: grounding the rules takes more than") as told:
        Policy.load(folder, limits=LoadLimits(seconds=1, megabytes=150))
    assert "PYCLINGO_BRIDGE_LOAD_" in str(told.value)
    assert told.value.faults[0][0] == "beyond_limits"


@pytest.mark.slow
def test_a_large_policy_is_tried_once_and_then_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(store.FOLDER_VARIABLE, str(tmp_path / "cache"))
    folder = added(
        tmp_path,
        "".join(f'stands_for(x{n}, prednisone). label(x{n}, "x"). ' for n in range(MOST_ATOMS)),
    )
    asked = tried(monkeypatch)
    Policy.load(folder)
    Policy.load(folder)
    assert len(asked) == 1
    monkeypatch.setattr(loading, "_WITHIN", set())
    Policy.load(folder)
    assert len(asked) == 1
    Policy.load(folder, limits=LoadLimits(seconds=60))
    (folder / "policy.lp").write_text((folder / "policy.lp").read_text() + "stands_for(more, prednisone).\n")
    Policy.load(folder)
    assert len(asked) == 3


def test_a_large_policy_that_ends_is_loaded(tmp_path: Path) -> None:
    folder = added(
        tmp_path,
        "".join(f'stands_for(x{n}, prednisone). label(x{n}, "x"). ' for n in range(MOST_ATOMS)),
    )
    assert Policy.load(folder).vocabulary.labels["x7"] == "x"


def test_neither_shipped_policies_nor_small_ones_need_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tried(monkeypatch)
    for policy in ("cp_phar_549", "label", POLICIES / "severe_asthma", GOOD):
        Policy.load(policy)
    assert asked == []


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (None, "more than 30 seconds"),
        (loading.RAN_OUT, "more than 2000 MB of memory.*--load-megabytes"),
        (-9, "more than 2000 MB of memory"),
        (-11, r"makes the solver break down \(-11\)"),
    ],
)
def test_what_ran_out_is_told_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int | None, message: str
) -> None:
    folder = added(tmp_path, ENDLESS["terms"])
    asked = tried(monkeypatch, code)
    with pytest.raises(PolicyError, match=f"(?s){message}") as told:
        Policy.load(folder)
    assert "`member` rests on itself" in str(told.value)
    report = CliRunner().invoke(app, ["check", str(folder), "--json"])
    assert "grounding the rules" in report.output
    # Once to load it, and once to check it.
    assert len(asked) == 2


def test_limits_are_set_by_the_environment_and_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = added(tmp_path, ENDLESS["terms"])
    tried(monkeypatch, None)
    monkeypatch.setenv(loading.SECONDS_VARIABLE, "7")
    with pytest.raises(PolicyError, match="more than 7 seconds"):
        Policy.load(folder)
    result = CliRunner().invoke(
        app, ["--load-seconds", "8", "decide", "--policy", str(folder), str(GOOD / "case.json")]
    )
    assert "more than 8 seconds" in str(result.exception)
    for wrong in ("soon", "-1", "nan", "inf"):
        monkeypatch.setenv(loading.SECONDS_VARIABLE, wrong)
        with pytest.raises(PolicyError, match=r"LOAD_SECONDS is `.*`: set it to a number"):
            Policy.load(folder)
    with pytest.raises(PolicyError, match="0 or more"):
        LoadLimits(seconds=-1)


def test_where_both_limits_are_0_nothing_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tried(monkeypatch)
    folder = added(
        tmp_path,
        "".join(f'stands_for(x{n}, prednisone). label(x{n}, "x"). ' for n in range(MOST_ATOMS)),
    )
    Policy.load(folder, limits=LoadLimits(0, 0))
    assert asked == []


@pytest.mark.subprocess
def test_where_no_process_can_be_started_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(PolicyError, match="no process can be started"):
        Policy.load(added(tmp_path, ENDLESS["terms"]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "member(d, f(0,x)). member(d, f(N+1,g(X))) :- member(d, f(N,X)), N < 1000. "
        'label(X, "x") :- member(d, X).',
        "impossible(f(0,x), yes(specialist)). impossible(f(N+1,g(X)), yes(specialist)) :- "
        "impossible(f(N,X), yes(specialist)), N < 150.",
        "member(s0, x). "
        + " ".join(f"member(s{n + 1}, {'f(' * 90}X{')' * 90}) :- member(s{n}, X)." for n in range(9)),
    ],
)
def test_terms_that_rules_nest_too_deeply_are_an_error(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried(monkeypatch)
    with pytest.raises(PolicyError, match="make terms that are nested too deeply"):
        Policy.load(added(tmp_path, text))


# --- Studies ---------------------------------------------------------------------------------------


def study(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.lp").write_text('study(s, "S"). report("r", "2020-01-01"). briefly(s, "S").\n' + text)
    return folder


def test_a_study_is_bounded_as_a_policy_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tried(monkeypatch, None)
    with pytest.raises(PolicyError, match="grounding the rules takes more than"):
        Study.load(study(tmp_path, "n(1). n(N+1) :- n(N)."))
    assert len(asked) == 1


@pytest.mark.parametrize(
    "text", ["#external a.", "#show a/1.", "#const a = 1.", "#script (lua) #end.", "{ a }."]
)
def test_a_study_has_rules_alone(tmp_path: Path, text: str) -> None:
    with pytest.raises(PolicyError, match=r"study\.lp:2: a policy"):
        Study.load(study(tmp_path, text))


def test_a_figure_of_a_study_has_no_more_decimals_than_a_number(tmp_path: Path) -> None:
    text = 'population(g, "G"). quantity(q, g, "Q"). figure(q, value, percent(1, 2000000000), p).'
    with pytest.raises(PolicyError, match="is no value of `q`"):
        Study.load(study(tmp_path, text))
