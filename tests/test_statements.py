"""What a check finds in a policy's statements: pools, sets that nothing uses, histories."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import Case, Policy
from pyclingo_bridge.analysis.findings import Finding
from tests.conftest import POLICIES, policy
from tests.revisions import Edit, revised_asthma

LINE = 'requires("1.1", is(condition, asthma)).'
PLACE = "policy.lp:19"
"""Where that line stands in the asthma policy."""


def found(folder: Path, *edits: Edit) -> list[Finding]:
    return list(revised_asthma(folder / "changed", *edits).check().findings)


def pools(findings: Iterable[Finding]) -> list[tuple[str, str, str]]:
    return [
        (finding.kind, finding.severity, finding.subjects[0])
        for finding in findings
        if finding.kind.startswith("pooled_")
    ]


LIKELY = {
    "values of one attribute": ('requires("1.1", (is(condition, asthma); is(condition, copd))).', "1.1"),
    "a pool within a requirement": ('requires("1.1", is(condition, (asthma; copd))).', "1.1"),
    "bounds without room between": ('requires("1.1", (at_least(years, 65); at_most(years, 11))).', "1.1"),
    "a flag and its denial": ('requires("1.4", (yes(smoker); no(smoker))).', "1.4"),
    "sets that share a value": (
        'member(one, asthma). member(two, (asthma; copd)). '
        'requires("1.4", (among(condition, one); among(condition, two))).',
        "1.4",
    ),
    "values that a rule looks up": (
        'both_of(asthma, copd). requires("1.4", (is(condition, X); is(condition, Y))) :- both_of(X, Y).',
        "1.4",
    ),
    "conditions that bind nobody": ('only_if("1.4", is(condition, (asthma; copd))).', "1.4"),
    "uses that nobody has": ('use_condition("1", (is(condition, asthma); is(condition, copd))).', "1"),
    "a part": (
        'requires("1.4", part("1.4", p)). requires(part("1.4", p), is(condition, (asthma; copd))).',
        'part("1.4",p)',
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", LIKELY)
def test_a_pool_that_asks_for_alternatives_is_warned_of_with_its_place(name: str, tmp_path: Path) -> None:
    statement, criterion = LIKELY[name]
    findings = found(tmp_path, (LINE, statement))
    assert pools(findings) == [("pooled_alternatives", "warning", criterion)]
    (text,) = (f.text for f in findings if f.kind == "pooled_alternatives")
    assert text.startswith(f"{PLACE}: the pool in `")


MEANT = {
    "criteria": 'requires("1", ("1.1"; "1.2")).',
    "a range": 'requires("1.1", (at_least(years, 6); at_most(years, 65))).',
    "what is denied together": 'requires("1.4", (no(smoker); excludes(controllers, biologic))).',
    "alternatives": 'any_of("1.4", is(condition, (asthma; copd))).',
    "excuses": 'unless("1.4", is(condition, (asthma; copd))).',
    "statements that stand apart": 'requires("1.4", is(condition, copd)). requires("1.4", yes(smoker)).',
    "one requirement of several criteria": 'requires(("1.1"; "1.4"), is(condition, asthma)).',
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", MEANT)
def test_a_pool_that_means_all_of_it_is_not_spoken_of(name: str, tmp_path: Path) -> None:
    assert not pools(found(tmp_path, (LINE, f"{LINE} {MEANT[name]}")))


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    [
        'requires("1.4", (yes(daily_steroids); yes(smoker))).',
        'requires("1.4", includes(controllers, (bronchodilator; inhaled_steroid))).',
    ],
)
def test_a_pool_of_requirements_that_may_all_be_meant_is_only_remarked(statement: str, tmp_path: Path) -> None:
    findings = found(tmp_path, (LINE, f"{LINE} {statement}"))
    assert pools(findings) == [("pooled_requirements", "info", "1.4")]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cp_phar_549", "cp_phar_549_2024", "codebreak100", "label"])
def test_the_shipped_policies_pool_criteria_alone(name: str) -> None:
    assert not pools(policy(name).check().findings)


# Sets


def unused(findings: Iterable[Finding]) -> set[str]:
    return {finding.subjects[0] for finding in findings if finding.kind == "unused_set"}


SETS = {
    "of another set": 'member(some, asthma). member(more, D) :- member(some, D). requires("1.1", among(condition, more)).',  # noqa: E501
    "of requirements": 'member(some, (copd)). requires("1.1", complement(is(condition, D))) :- member(some, D).',  # noqa: E501
    "of an impossibility": "member(some, copd). impossible(1, (among(condition, some); yes(smoker))).",
    "of any set": 'member(some, asthma). wanted(some). requires("1.1", is(condition, D)) :- wanted(S), member(S, D).',  # noqa: E501
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_a_set_that_something_looks_up_is_used(name: str, tmp_path: Path) -> None:
    assert not unused(found(tmp_path, (LINE, f"{LINE} {SETS[name]}")))


def test_a_set_that_nothing_names_is_unused_wherever_it_stands_in_the_folder(
    tmp_path: Path,
) -> None:
    edits = [
        (LINE, f"{LINE} member(mine, asthma). member(mine, D) :- member(mine, D)."),
        ("vocabulary(respiratory).", "vocabulary(respiratory). member(theirs, copd)."),
    ]
    assert unused(found(tmp_path, *edits)) == {"mine", "theirs"}


def test_a_set_of_a_shared_vocabulary_is_not_the_policys_to_use(tmp_path: Path) -> None:
    include = f'#include "{POLICIES / "small" / "vocabulary.lp"}".'
    text = f"""{include}
policy(p, "p"). source("s", "1").
section("S", 1). route("S", yes(asked)). criterion("S", "s"). locator("S", "s").
requires("S", yes(p)).
member(own, (a; b)).
"""
    (tmp_path / "policy.lp").write_text(text)
    assert unused(Policy.load(tmp_path).check().findings) == {"own"}


# Histories, by every case of two documents

HISTORY = """vocabulary(v).
attribute(asked, request). domain(asked, flag). default(asked, true).
attribute(h, history). domain(h, drugs). {qualifier}
attribute(m, cumulative). domain(m, list). listed(m, (x; y)).
attribute(l, latest). domain(l, list). listed(l, (x; y)).
drug(u; v; w). member(uv, (u; v)).
document_type(note, 1). establishes(note, (h; m; l)).
policy(p, "p"). source("s", "1").
section("S", 1). route("S", yes(asked)). criterion("S", "s"). locator("S", "s").
criterion("T", "t"). locator("T", "t"). requires("S", at_least(n, 1)). requires("S", "T").
attribute(n, stable). domain(n, whole_number). minimum(n, 0). establishes(note, n).
{wording}
"""
WORDINGS = [
    'requires("T", includes(h, u)).',
    'requires("T", excludes(h, u)).',
    'requires("T", empty(h)).',
    'requires("T", includes_any(h, uv)).',
    'requires("T", includes(h, u)). requires("T", excludes(h, v)).',
    'any_of("T", (includes(h, u); excludes(h, u))).',
    'any_of("T", (includes(h, u); excludes(h, v))).',
    'requires("T", includes(h, u)). requires("T", empty(h)).',
    'requires("T", includes(m, x)). only_if("T", includes(h, u)).',
    'any_of("T", (includes(m, x); excludes(m, x))).',
    'requires("T", includes(l, x)). requires("T", empty(l)).',
    'any_of("T", (empty(l); includes(l, x); includes(l, y))).',
]
LISTS: dict[str, list[list[str]]] = {
    "h": [[], ["u"], ["v"], ["u", "v"], ["w"], ["unheard of"]],
    "m": [[], ["x"], ["y"], ["x", "y"]],
    "l": [[], ["x"], ["y"], ["x", "y"]],
}


def every_case(name: str, qualified: bool) -> Iterable[dict[str, Any]]:
    """Every case of one or two documents that list something of one attribute."""
    flags = [True, False] if qualified and name == "h" else [False]
    papers = [{name: told, **({"whole": True} if flag else {})} for told in LISTS[name] for flag in flags]
    for chosen in [(), *((one,) for one in papers), *itertools.product(papers, repeat=2)]:
        documents = [
            {"id": f"d{day}", "type": "note", "date": f"2025-01-0{day}", "states": states}
            for day, states in enumerate(chosen, 1)
        ]
        yield {"id": "c", "request": {}, "documents": documents}


@pytest.mark.slow
@pytest.mark.parametrize("qualified", [True, False])
@pytest.mark.parametrize("wording", WORDINGS)
def test_what_no_case_meets_or_fails_is_so_in_every_case_of_two_documents(
    wording: str, qualified: bool, tmp_path: Path
) -> None:
    qualifier = "qualifies(whole, h)." if qualified else ""
    (tmp_path / "policy.lp").write_text(HISTORY.format(qualifier=qualifier, wording=wording))
    checked = Policy.load(tmp_path)
    kinds = {(f.kind, f.subjects[-1]) for f in checked.check().findings if f.subjects}
    names = [name for name in LISTS if f"({name}," in wording or f"({name})" in wording]
    statuses = set()
    for data in every_case(names[0], qualified):
        case = Case.model_validate(data, context={"vocabulary": checked.vocabulary})
        statuses.add(checked.decide(case).criteria["T"].status)
    if "met" in statuses:
        assert ("section_never_met", "S") not in kinds
    elif len(names) == 1:
        assert ("section_never_met", "S") in kinds
    # Of a history that nothing qualifies, what is undocumented stays so: that turns people down.
    turned_down = "not_met" in statuses or (not qualified and names[0] == "h")
    assert (("never_fails", "T") in kinds) <= (not turned_down)
    if len(names) == 1 and "met" in statuses and not turned_down:
        assert ("never_fails", "T") in kinds
