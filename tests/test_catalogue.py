"""A folder of policies, and the one of them for a case: by its drug, its line of business and its day."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import Case, CaseError, Catalogue, InterpretationError, Policy, PolicyError
from pyclingo_bridge.core.in_force import in_force, is_about, period
from tests.conftest import case as case_of
from tests.conftest import policy as shipped
from tests.conftest import request, whole
from tests.test_cli import Told, run, worded

__all__ = ["worded"]

RULES = """
policy(p, "A small one"). source("s", "2025-01-01"). default_locator("part", "line").
outcome_word(approve, "a"). outcome_word(deny, "d"). outcome_word(refer, "r").
vocabulary(small).
attribute((kind; line_of_business), request).
domain(kind, choice). listed(kind, (first; again)).
domain(line_of_business, choice). listed(line_of_business, (north; south)). default(line_of_business, north).
attribute(well, latest). domain(well, flag).
document_type((note; plan_record), 1). establishes(note, well).
drug((red; green; blue)). stands_for(ruby, red). stands_for(scarlet, red). stands_for(traffic, (red; green)).
section("A", 1). criterion("A", "all of it"). locator("A", "A").
route("A", is(kind, first)). route("A", is(kind, again)). requires("A", yes(well)).
duration("A", exactly(6), yes(well)).
ambiguity(n, "how many", "A"). alternative(n, few, "few"). alternative(n, many, "many").
default_interpretation(n, few).
"""
OLD, NEW = "effective(20240101, 20241231).", "effective(20250101)."


def placed(root: Path, **texts: str) -> Path:
    """A folder of policies, by folder what each says besides; `_` in its name stands for a slash."""
    for name, text in texts.items():
        folder = root / name.replace("_", "/")
        folder.mkdir(parents=True)
        (folder / "policy.lp").write_text(RULES + text)
    return root


def request_of(date: str | None = "2025-03-05", **form: Any) -> dict[str, Any]:
    dated = {} if date is None else {"date": date}
    return {"id": "c", "request": {"kind": "first", **dated, **form}, "documents": []}


def chosen(catalogue: Catalogue, **form: Any) -> str:
    """The name of the policy for a case."""
    policy = catalogue.policy_for(catalogue.read(json.dumps(request_of(**form))))
    return next(entry.name for entry in catalogue.entries if entry.policy is policy)


def refusal(catalogue: Catalogue, **form: Any) -> list[str]:
    """What is said where there is no policy for a case."""
    with pytest.raises((PolicyError, CaseError)) as error:
        chosen(catalogue, **form)
    return str(error.value).splitlines()


# --- By day -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    root = tmp_path_factory.mktemp("versions")
    return Catalogue.load(
        placed(root, red_old=f"requested_drug(red). {OLD}", red_new=f"requested_drug(red). {NEW}")
    )


@pytest.mark.parametrize(
    ("date", "name"),
    [
        ("2024-01-01", "red/old"),
        ("2024-12-31", "red/old"),
        ("2025-01-01", "red/new"),
        ("2199-01-01", "red/new"),
    ],
)
def test_the_version_in_force_on_the_day_of_the_request_decides(
    versions: Catalogue, date: str, name: str
) -> None:
    assert chosen(versions, date=date) == name


def test_where_none_is_in_force_all_are_listed_with_their_periods(versions: Catalogue) -> None:
    first, *others = refusal(versions, date="2023-12-31")
    assert first.startswith("case `c`: no policy is in force on 2023-12-31; ")
    assert others == [
        "  `red/new` on `red`: in force from 2025-01-01",
        "  `red/old` on `red`: in force from 2024-01-01 to 2024-12-31",
    ]


def test_the_latest_document_tells_the_day_where_the_request_does_not(versions: Catalogue) -> None:
    data = request_of(None)
    data["documents"] = [{"id": "a", "type": "note", "date": "2024-12", "states": {}}]
    assert versions.policy_for(versions.read(json.dumps(data))) is versions.entries[1].policy
    data["documents"][0] |= {"date": "2025-01-01", "status": "entered_in_error"}
    with pytest.raises(CaseError, match=r"request\.date: is missing, and no document has a date either"):
        versions.policy_for(versions.read(json.dumps(data)))


def test_several_in_force_are_an_error_that_lists_them(tmp_path: Path) -> None:
    both = Catalogue.load(placed(tmp_path, a=NEW, b="effective(20250301, 20250331).", c=OLD))
    assert chosen(both, date="2025-04-01") == "a"
    assert refusal(both, date="2025-03-31")[1:] == [
        "  `a` on any drug: in force from 2025-01-01",
        "  `b` on any drug: in force from 2025-03-01 to 2025-03-31",
    ]
    assert refusal(both, date="2025-03-31")[0].startswith("case `c`: 2 policies are in force on 2025-03-31; ")


def test_a_policy_that_is_in_force_for_a_period_goes_before_those_that_always_are(tmp_path: Path) -> None:
    catalogue = Catalogue.load(placed(tmp_path, a="", b=OLD))
    assert [chosen(catalogue, date=date) for date in ("2024-12-31", "2025-01-01")] == ["b", "a"]
    always = Catalogue.load(placed(tmp_path / "more", a="", b="", c=OLD))
    assert chosen(always, date="2024-12-31") == "c"
    assert refusal(always, date="2025-01-01")[1:] == [
        "  `a` on any drug: in force always",
        "  `b` on any drug: in force always",
    ]


def test_a_policy_of_several_periods_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="two of `effective`"):
        Catalogue.load(placed(tmp_path, a=f"{OLD} effective(20260101)."))


def test_a_policy_without_a_period_needs_no_day(tmp_path: Path) -> None:
    assert chosen(Catalogue.load(placed(tmp_path, a="")), date=None) == "a"


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (
            "effective(20250230).",
            "`20250230` is not a day: write year, month and day as one number, such as 20250207",
        ),
        ("effective(2025).", "`2025` is not a day"),
        ("effective(0).", "`0` is not a day"),
        ("effective(20250207, 20259999).", "`20259999` is not a day"),
        ('effective("2025-02-07").', "`2025-02-07` is not a day"),
        ("effective(soon).", "`soon` is not a day"),
        ("effective(-20250207).", "`-20250207` is not a day"),
        ("effective(20250207, 20250206).", "in force from `20250207` to `20250206`, which is earlier"),
    ],
)
def test_a_period_that_is_none_is_refused_with_its_file(tmp_path: Path, fact: str, told: str) -> None:
    placed(tmp_path, a=fact)
    with pytest.raises(PolicyError) as error:
        Policy.load(tmp_path / "a")
    with pytest.raises(PolicyError, match=re.escape(str(error.value))):
        Catalogue.load(tmp_path)
    line = (tmp_path / "a" / "policy.lp").read_text().splitlines().index(fact) + 1
    assert str(error.value).startswith(f"{tmp_path / 'a' / 'policy.lp'}:{line}: ")
    assert told in str(error.value)


# --- By drug ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drugs(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    root = tmp_path_factory.mktemp("drugs")
    return Catalogue.load(placed(root, red="requested_drug(red).", green="requested_drug(green)."))


@pytest.mark.parametrize(
    ("drug", "name"),
    [("red", "red"), ("Ruby", "red"), ("SCARLET", "red"), (" red ", "red"), ("green", "green")],
)
def test_a_drug_is_known_by_any_of_its_names(drugs: Catalogue, drug: str, name: str) -> None:
    assert chosen(drugs, drug=drug) == name


@pytest.mark.parametrize("drug", ["blue", "rad", "traffic", "red and green", "none of them"])
def test_a_drug_without_a_policy_is_an_error_that_lists_what_there_is(drugs: Catalogue, drug: str) -> None:
    first, *others = refusal(drugs, drug=drug)
    assert first.startswith(f"case `c`: no policy is about `{drug}`; ")
    assert others == [
        "  `green` on `green`: in force always",
        "  `red` on `red`: in force always",
    ]


def test_among_policies_on_several_drugs_the_request_names_one(drugs: Catalogue) -> None:
    assert refusal(drugs) == [
        "case `c`: request.drug: is missing; the catalogue has policies on several drugs (`green`, `red`)"
    ]


def test_a_policy_on_any_drug_is_one_for_each(tmp_path: Path) -> None:
    catalogue = Catalogue.load(placed(tmp_path, any="", old=f"requested_drug(red). {OLD}"))
    assert chosen(catalogue, drug="blue") == "any" == chosen(catalogue, drug="red")
    in_2024 = {drug: chosen(catalogue, drug=drug, date="2024-06-01") for drug in ("blue", "red")}
    assert in_2024 == {"blue": "any", "red": "old"}


@pytest.mark.parametrize(
    ("drug", "about"),
    [
        ("sotorasib", True),
        ("Lumakras", True),
        ("LUMAKRAS", True),
        ("adagrasib", False),
        ("Krazati", False),
        ("sotorasb", False),
        ("folfox", False),
    ],
)
def test_a_policy_refuses_a_request_for_another_drug(drug: str, about: bool) -> None:
    policy = shipped()
    assert is_about(drug, policy.structure) == about
    one = case_of({**whole(), "request": request(drug=drug)})
    if about:
        assert policy.decide(one).outcome == "approve"
        return
    with pytest.raises(CaseError) as error:
        policy.decide(one)
    told = f"`{drug}` is not the drug that this policy is about (`sotorasib`)"
    assert error.value.problems == (f"request.drug: {told}; choose the policy for it",)


# --- By line of business ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    root = tmp_path_factory.mktemp("lines")
    return Catalogue.load(placed(root, n="serves_line(north).", s="serves_line(south)."))


def test_each_line_of_business_has_its_policy(lines: Catalogue) -> None:
    assert chosen(lines, line_of_business="north") == "n"
    assert chosen(lines, line_of_business="south") == "s"
    # The default of the form counts where it says nothing.
    assert chosen(lines) == "n"


def test_a_policy_that_names_no_line_serves_all(tmp_path: Path) -> None:
    catalogue = Catalogue.load(placed(tmp_path, all=OLD, s=f"serves_line(south). {NEW}"))
    assert chosen(catalogue, date="2024-05-05", line_of_business="south") == "all"
    assert refusal(catalogue, line_of_business="north")[1:] == [
        "  `all` on any drug: in force from 2024-01-01 to 2024-12-31"
    ]


def test_a_line_without_a_policy_is_an_error_that_lists_what_there_is(tmp_path: Path) -> None:
    catalogue = Catalogue.load(placed(tmp_path, s="serves_line(south)."))
    first, other = refusal(catalogue, line_of_business="north")
    assert first.startswith("case `c`: no policy is for the line of business `north`; ")
    assert other == "  `s` on any drug for `south`: in force always"


def test_a_line_of_business_that_no_case_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="soth"):
        Catalogue.load(placed(tmp_path, a="serves_line(soth)."))


# --- The folder -------------------------------------------------------------------------------------


def test_a_folder_that_holds_no_policy_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    for name, told in (
        ("empty", "no folder in it holds a `policy.lp`"),
        ("none", "is no folder"),
        ("file", "is no folder"),
        ("a\0b", "is no folder"),
    ):
        with pytest.raises(PolicyError, match=told):
            Catalogue.load(f"{tmp_path}/{name}")
    with pytest.raises(PolicyError, match="a catalogue of no policies"):
        Catalogue.of([])


def test_a_policy_at_fault_is_told_with_its_file(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"bad.policy\.lp"):
        Catalogue.load(placed(tmp_path, good="", bad='requires("A", yes(wel)).'))


def test_a_folder_of_a_shipped_policys_name_is_not_that_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(tmp_path, label="")
    monkeypatch.chdir(tmp_path)
    (entry,) = Catalogue.load(".").entries
    assert (entry.name, entry.policy.info.name) == ("label", "p")


def test_shipped_versions_follow_one_another() -> None:
    catalogue = Catalogue.of(["cp_phar_549", "cp_phar_549_2024"])
    days = {
        "2024-11-19": "cp_phar_549_2024",
        "2025-02-06": "cp_phar_549_2024",
        "2025-02-07": "cp_phar_549",
        "2026-11-27": "cp_phar_549",
    }
    for date, name in days.items():
        one = case_of({**whole(), "request": request(date=date)})
        assert catalogue.policy_for(one).info.name == name
    with pytest.raises(PolicyError, match="no policy is in force on 2024-11-18"):
        catalogue.policy_for(case_of({**whole(), "request": request(date="2024-11-18")}))


def test_the_period_is_told_of_one_policy_too() -> None:
    later, earlier = shipped().structure, shipped("cp_phar_549_2024").structure
    assert (str(period(later)), str(period(earlier))) == ("from 2025-02-07", "from 2024-11-19 to 2025-02-06")
    assert period(shipped("label").structure) is None
    one = case_of(whole())
    assert one.day is not None
    assert (in_force(later, one.day), in_force(earlier, one.day)) == (True, False)
    assert in_force(shipped("label").structure, one.day)


def test_a_case_is_read_by_whichever_policys_vocabulary_has_its_words(tmp_path: Path) -> None:
    pulse = (
        "attribute(pulse, latest). domain(pulse, whole_number). minimum(pulse, 0). establishes(note, pulse)."
    )
    more = f"{pulse} requested_drug(green)."
    catalogue = Catalogue.load(placed(tmp_path, a="requested_drug(red).", b=more))
    data = request_of(drug="green")
    data["documents"] = [{"id": "a", "type": "note", "date": "2025-03-02", "states": {"pulse": 60}}]
    one = catalogue.read(json.dumps(data))
    assert catalogue.policy_for(one).decide(one).denial_kind == "insufficient_documentation"
    # Under the policy on red it is no case.
    data["request"]["drug"] = "red"
    other = catalogue.read(json.dumps(data))
    with pytest.raises(CaseError, match="unknown attribute `pulse`"):
        catalogue.policy_for(other).decide(other)
    with pytest.raises(CaseError, match="unknown attribute `puls`"):
        catalogue.read(json.dumps(data).replace("pulse", "puls"), "x.json")


def test_every_policy_of_a_catalogue_has_the_plan(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(
        json.dumps({"plan": "p", "facts": [{"attribute": "well", "value": True, "from": "2025-01-01"}]})
    )
    catalogue = Catalogue.load(placed(tmp_path, a=OLD, b=NEW), plan=tmp_path / "plan.json")
    for date, outcome in (("2024-06-01", "deny"), ("2025-06-01", "approve")):
        one = catalogue.read(json.dumps(request_of(date)))
        assert catalogue.policy_for(one).decide(one).outcome == outcome


# --- The command line -------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Path]:
    placed(tmp_path / "policies", old=OLD, new=f'{NEW} requires("A", is(kind, first)).')
    document = {"id": "a", "type": "note", "date": "2024-01-01", "states": {"well": True}}
    for name, form in {
        "then": request_of("2024-06-01", kind="again"),
        "now": request_of("2025-06-01", kind="again"),
        "before": request_of("2023-06-01"),
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({**form, "id": name, "documents": [document]}))
    yield tmp_path
    shutil.rmtree(tmp_path)


def test_each_case_is_decided_by_its_own_policy(files: Path) -> None:
    folder = str(files / "policies")
    told = run(
        "decide", *(str(files / f"{name}.json") for name in ("then", "now")), "--policies", folder, "--json"
    )
    assert [line["outcome"] for line in told.lines] == ["approve", "deny"]
    assert told.code == 3


def test_a_case_without_a_policy_keeps_no_other_from_its_answer(files: Path) -> None:
    folder = str(files / "policies")
    told = run(
        "decide", *(str(files / f"{name}.json") for name in ("before", "then")), "--policies", folder, "--json"
    )
    assert told.code == 2
    assert "no policy is in force on 2023-06-01" in told.err
    assert "`new` on any drug: in force from 2025-01-01" in told.err
    refused, approved = told.lines
    assert (refused["source"], approved["outcome"]) == (str(files / "before.json"), "approve")


@pytest.mark.parametrize(
    "command",
    [
        ("explain",),
        ("missing",),
        ("ask",),
        ("repairs",),
        ("reasons",),
        ("what-if", "--set", "kind=first"),
        ("decide", "--all-interpretations"),
    ],
    ids=lambda words: words[0],
)
def test_every_command_that_decides_a_case_takes_a_folder(files: Path, command: tuple[str, ...]) -> None:
    words = [command[0], str(files / "then.json"), *command[1:], "--policies", str(files / "policies")]
    assert run(*words).code == 0
    assert run(*words[:1], "-", *words[2:], given=(files / "then.json").read_bytes()).code == 0


def test_an_interpretation_is_that_of_the_cases_policy(files: Path) -> None:
    words = ("decide", str(files / "then.json"), "--policies", str(files / "policies"), "--json")
    (line,) = run(*words, "--interpret", "n=many").lines
    assert line["interpretations"] == {"n": "many"}
    with pytest.raises(InterpretationError, match="no ambiguity `m`"):
        run(*words, "--interpret", "m=many")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--policies", "nowhere"), "there is no folder `nowhere`"),
        (("--policies", ""), "policy.lp"),
        (("--policies", "policies", "--policy", "label"), "leave out --policy, or --policies"),
    ],
)
def test_what_cannot_decide_is_told_in_a_line(
    files: Path, worded: Callable[..., Told], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    (files / "empty").mkdir()
    shutil.copy(files / "then.json", files / "empty")
    monkeypatch.chdir(files / ("." if "policies" in words else "empty"))
    answer = worded("decide", "then.json", *words)
    assert answer.code not in (0, 3, 4)
    assert told in answer.err
    assert "Traceback" not in answer.err


def test_the_library_gives_policies_like_any_other(files: Path) -> None:
    catalogue = Catalogue.load(files / "policies")
    one = Case.load(files / "then.json", catalogue.entries[0].policy.vocabulary)
    policy = catalogue.policy_for(one)
    assert isinstance(policy, Policy)
    assert policy.decide(one).outcome == "approve"
