"""A policy that makes no sense is refused with its place and a remedy, before any case is decided."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pyclingo_bridge import BridgeError, InterpretationError, Policy, PolicyError
from pyclingo_bridge.base.terms import plain
from tests.conftest import POLICIES

ASTHMA = POLICIES / "severe_asthma"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ASTHMA, tmp_path / "policy")
    return tmp_path / "policy"


def added(folder: Path, rules: str) -> Path:
    with (folder / "policy.lp").open("a") as file:
        file.write(rules + "\n")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ('requiers("1.1", yes(smoker)).', "unknown word `requiers/2`; did you mean `requires`"),
        ('requires("1.1", yes(smoker), 3).', "`requires` has 2 arguments"),
        ('requires("1.1", yse(smoker)).', "neither a declared criterion nor a requirement"),
        ('only_if("1.1", yse(smoker)).', "neither a declared criterion nor a requirement"),
        ('requires("1.1", yes(smokre)).', "`smokre`, which is not an attribute"),
        ('requires("1.1", yes(years)).', "does not fit the values"),
        ('requires("1.1", at_least(years, adult)).', "does not fit|undefined"),
        ('requires("1.1", is(condition, flu)).', "not a value that the vocabulary lists"),
        ('requires("1.1", among(condition, airways)).', "`airways`, which has no members"),
        ('requires("1", "1.9").', "neither a declared criterion nor a requirement"),
        ('requires("7", yes(smoker)).', "criterion `7` is used but not declared"),
        ('criterion("1.9", "x"). requires("1", "1.9").', "asks for nothing"),
        ('requires("1.1", "1").', "stands in its own wording"),
        ('section("9", 2).', "`9`"),
        ('section("1.1", 1). route("1.1", yes(first_request)).', "both have place `1`"),
        ('use_condition("4", is(condition, asthma)).', "`4` is not a section"),
        (
            "attribute(weight, latest). domain(weight, whole_number).",
            "nothing|shown|no document type",
        ),
        ("document_type(gift, 0).", "a whole number from 1 to 1000000"),
        ("document_type(gift, 1000001).", "a whole number from 1 to 1000000"),
        ('document_type(gift, "1").', "is text; write the number 1$"),
        ("establishes(gift, smoker).", "`gift` is not a document type"),
        ('duration("1", lesser(8, weeks), yes(first_request)).', "has the duration"),
        ('duration("1", lesser(5000000, years), yes(first_request)).', "has the duration"),
        ("changeable(eosinophils, 2).", "changeable, which only what the request form says"),
        ("changeable(first_request, 0).", "changing `first_request` costs `0`"),
        ("changeable(first_request, 1). changeable(first_request, 2).", "two costs"),
        ("resolving(1). resolving(2).", "two costs are given for changing `resolving`"),
        ("resolving(0).", "from 1 to 1000000"),
        ("strength(eosinophils, 0).", "has the strength"),
        ('policy(other, "Other").', "two `policy` facts"),
        ('criterion(4, "four"). locator(4, "four").', "in quotes"),
        ("attribute(height, latest). domain(height, whole_number).", "no least value"),
        ('met(documented, "1").', "derived by the engine"),
        ('requires("1.1", yes(smoker)) :- asthma_season.', "nothing defines `asthma_season/0`"),
        ("{ smoker }.", "a policy's rule has one atom"),
        (":- smoker.", "a policy's rule has one atom"),
        ("#script (lua) function f() end #end.", "a policy has rules alone"),
        ("#program later.", "a policy has rules alone"),
        ("#minimize { 1 : smoker }.", "a policy has rules alone"),
        ('requires("1.1", yes(smoker)', "the bracket opened at column 9 is not closed"),
    ],
)
def test_a_fault_is_told_with_its_remedy(folder: Path, rules: str, message: str) -> None:
    if "attribute(weight" in rules:
        rules += ' requires("1.1", at_least(weight, 20)).'
    with pytest.raises(PolicyError, match=message):
        Policy.load(added(folder, rules))


SEEN_ON = "attribute(seen_on, latest). domain(seen_on, date). minimum(seen_on, 20000101). "
SEEN_ON += "establishes(visit, seen_on). "
FEV = "attribute(fev, latest). domain(fev, decimal). establishes(visit, fev). "
BORN = "attribute(born, detail). domain(born, date). establishes(visit, born). "
DOSE = (
    "attribute((raised; puffs), request). domain(raised, flag). default(raised, false). "
    "domain(puffs, whole_number). minimum(puffs, 1). default(puffs, 1). "
)
NAMED = "attribute(illness, stable). domain(illness, name). listed(illness, flu). establishes(visit, illness). "


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("effective(20240230).", "`20240230` is not a day: write year, month and day as one number"),
        ("effective(20240301, 20240229).", "in force from `20240301` to `20240229`, which is earlier"),
        ("effective(20240301). effective(20240401).", "two of `effective`"),
        ("revised(20241301).", "`20241301` is not a day"),
        ("revised(20240102).", "revised on `20240102`, and its source is of `2024-01-01`"),
        ('notice(smoking, "stop it").', "nothing says when `smoking` applies: add `told_when"),
        ('caution(smoking, "stop it").', "nothing says when `smoking` applies: add `told_when"),
        ("told_when(smoking, yes(smoker)).", "there is no notice or caution `smoking`: add `notice"),
        ('notice(smoking, "stop it"). told_when(smoking, yes(smokre)).', "`smokre`, which is not an attribute"),
        ('notice(smoking, "stop it"). told_when(smoking, "1").', "takes a requirement, and `1` is a criterion"),
        ('locator(smoking, "part 1").', "`smoking` is not a criterion, notice or caution"),
        ("grows(yeers, years).", "there is no attribute `yeers`; did you mean `years`"),
        ("grows(years, months).", "grow by `years` or by `days`, not by `months`"),
        ("grows(smoker, years).", "`smoker` has the domain `flag`, which cannot have this"),
        ("grows(first_request, days).", "`first_request` is of the request form"),
        (
            "grows(years, years). also_states(condition, copd, years, 40).",
            "`years` grows with time, and what `condition` states of it",
        ),
        (BORN + "dates(born, years, decades).", "a day counts as `years`, `days` or `within_months"),
        (BORN + "dates(born, smoker, years).", "`smoker` has the domain `flag`"),
        (BORN + "dates(born, years, within_months(6)).", "`years` has the domain `whole_number`"),
        (BORN + "dates(born, smoker, within_months(0)).", "`0` is not a number from 1 to 1000000"),
        ("dates(eosinophils, years, years).", "`eosinophils` has the domain `whole_number`"),
        ("stale(smokr, 6).", "there is no attribute `smokr`; did you mean `smoker`"),
        ("stale(smoker, 0).", "`0` is not a number from 1 to 1000000"),
        ("stale(first_request, 6).", "is of the request form"),
        ("of_tumor(first_request).", "is of the request form"),
        ("only_from(smoker, vist).", "`vist` is not a document type; did you mean `visit`"),
        ("only_from(first_request, visit).", "is of the request form"),
        ("silent_with(smoker, maybe, daily_steroids, true).", "`maybe` is not a value of `smoker`"),
        ("silent_with(smoker, false, daily_steroids, often).", "`often` is not a value of `daily_steroids`"),
        ("unlikely(yes(smokre), 3).", "there is no attribute `smokre`"),
        ("unlikely(smoker, 3).", "neither a declared criterion nor a requirement"),
        ("unlikely(yes(smoker), 0).", "`0` is not a number from 1 to 1000000"),
        ("clarifying(1000001).", "`1000001` is not a number from 1 to 1000000"),
        ("covers(condition, wheeze, asthma).", "`condition` has the domain `choice`"),
        (NAMED + "covers(illnes, cold, flu).", "there is no attribute `illnes`; did you mean `illness`"),
        (
            NAMED + "covers(illness, cold, (flu; chill)). covers(illness, chill, flu).",
            "`chill`, which `cold` stands",
        ),
        (
            NAMED + "covers(illness, cold, (flu; ague)). counts_as(illness, cold, flu). listed(illness, cold).",
            "`cold` stands for several values, and cannot count as `flu`",
        ),
        (NAMED + 'code(illness, "J11", flue).', "`flue` is neither a word that `illness` lists"),
        (NAMED + "code(illness, j11, flu).", "`j11` is not a code"),
        (DOSE + "increase(raised, puffs, smoker).", "`smoker` has the domain `flag`"),
        (DOSE + "increase(raised, puffs, puffs).", "`puffs` is of the request form"),
        (DOSE + "increase(raised, years, eosinophils).", "`years` is not part of the request form"),
        (DOSE + FEV + "minimum(fev, 0). maximum(fev, 9). increase(raised, puffs, fev).", "do not compare"),
        ('requires("1.1", within(controllers, inhaled)).', "names the set `inhaled`, which has no members"),
        ('requires("1.1", within(smoker, inhaled)). member(inhaled, biologic).', "does not fit the values"),
        (SEEN_ON + 'requires("1.1", at_least(seen_on, 20240230)).', "names `20240230`, which is not a day"),
        (SEEN_ON + 'requires("1.1", at_least(seen_on, 19990101)).', None),
        (SEEN_ON + 'requires("1.1", at_most(seen_on, 19990101)).', "beyond what `seen_on` can be"),
        (
            FEV + 'minimum(fev, 0). requires("1.1", at_least(fev, 2500)).',
            "no greatest value of 1000000 or less",
        ),
        (FEV + 'maximum(fev, 9). requires("1.1", at_least(fev, 2500)).', "no least value"),
        (FEV + "maximum(fev, 9). minimum(fev, -1000001).", "give -1000000 or more"),
        (FEV + 'minimum(fev, 0). maximum(fev, 9). requires("1.1", at_least(fev, 2500)).', None),
        (
            FEV + 'minimum(fev, 0). maximum(fev, 9). requires("1.1", at_least(fev, 9002)).',
            "beyond what `fev` can be",
        ),
        (
            "attribute(seen, cumulative). domain(seen, flag). establishes(visit, seen). "
            'requires("1.1", yes(seen)).',
            None,
        ),
        (
            "attribute(seen, cumulative). domain(seen, choice). listed(seen, once). establishes(visit, seen). "
            'requires("1.1", is(seen, once)).',
            "needs `list`, `drugs` or `flag`",
        ),
    ],
)
def test_a_new_word_is_held_to_what_is_declared(folder: Path, rules: str, message: str | None) -> None:
    if message is None:
        assert Policy.load(added(folder, rules)).info.name == "severe_asthma"
        return
    with pytest.raises(PolicyError, match=message) as caught:
        Policy.load(added(folder, rules))
    assert "policy.lp:" in str(caught.value)


def test_a_criterion_without_a_locator_is_at_fault_where_none_is_made_from_ids(folder: Path) -> None:
    path = folder / "policy.lp"
    path.write_text(path.read_text().replace('default_locator("part", "line").', 'locator("1.3", "part 1").'))
    with pytest.raises(PolicyError) as caught:
        Policy.load(folder)
    faulty = {text.split("`")[1] for kind, text in caught.value.faults if kind == "no_locator"}
    assert faulty == {"1", "1.1", "1.2", "1.4", "2"}


def test_a_criterion_without_a_locator_stands_where_its_id_says(folder: Path) -> None:
    rules = 'locator("1.3", "appendix"). requires("1.1", ("1.1.a"; "1.1.a.10")).'
    rules += ' criterion(("1.1.a"; "1.1.a.10"), "x"). requires(("1.1.a"; "1.1.a.10"), yes(smoker)).'
    loaded = Policy.load(added(folder, rules))
    assert {plain(name): place for name, place in loaded.structure.locators.items()} == {
        "1": "part 1",
        "1.1": "part 1, line 1",
        "1.1.a": "part 1, line 1.a",
        "1.1.a.10": "part 1, line 1.a.10",
        "1.2": "part 1, line 2",
        "1.3": "appendix",
        "1.4": "part 1, line 4",
        "2": "part 2",
    }


def test_a_fault_in_a_file_is_told_with_its_line(folder: Path) -> None:
    lines = len((folder / "policy.lp").read_text().splitlines())
    with pytest.raises(PolicyError, match=rf"policy\.lp:{lines + 1}: unknown word"):
        Policy.load(added(folder, "secton(1, 2)."))


def test_a_policy_may_have_concepts_of_its_own(folder: Path) -> None:
    rules = 'strict_year(2024). requires("1.1", yes(advice_given)) :- strict_year(Y), Y > 2020.'
    loaded = Policy.load(added(folder, rules))
    assert loaded.info.name == "severe_asthma"


def test_a_file_of_the_working_directory_never_takes_an_included_ones_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoy = folder.parent / "elsewhere"
    decoy.mkdir()
    (decoy / "vocabulary.lp").write_text("this is no program")
    monkeypatch.chdir(decoy)
    assert Policy.load(folder).vocabulary.name == "respiratory"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cp_phr_549", "did you mean `cp_phar_549`"),
        ("nowhere/at/all", "or a folder that holds"),
        (".", "holds no `policy.lp`"),
    ],
)
def test_a_policy_that_is_not_there_is_told_with_what_is(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PolicyError, match=message):
        Policy.load(name)


@pytest.mark.parametrize(
    ("interpretations", "message"),
    [
        ({"prior_therapy_scop": "appendix_b"}, "did you mean `prior_therapy_scope`"),
        ({"prior_therapy_scope": "apendix_b"}, "did you mean `appendix_b`"),
        ({"x). approve. y(": "z"}, "no ambiguity"),
        ({"prior_therapy_scope": 'x"). approve.'}, "has no interpretation"),
    ],
)
def test_a_interpretation_that_is_not_there_is_told_with_what_is(
    interpretations: dict[str, str], message: str
) -> None:
    with pytest.raises(InterpretationError, match=message) as caught:
        Policy.load("cp_phar_549", interpretations=interpretations)
    assert isinstance(caught.value, BridgeError)
