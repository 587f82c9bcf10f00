"""Documents that show an attribute by stating another, or by details, are named as what is missing."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from clingo import Control

from pyclingo_bridge import Policy
from pyclingo_bridge.base.rule_files import read_program, rules_root
from pyclingo_bridge.base.terms import Term
from pyclingo_bridge.loading.conclusion_rules import conclusion_rules
from tests.conftest import ROOT, case, policy

VOCABULARY = """
policy(p, "made up"). source("made up", "now"). vocabulary(v).
attribute(first, request). domain(first, flag). default(first, true).
document_type((scan; note; exam; letter), 1).
document_type(panel, 9).
attribute(grade, latest). domain(grade, choice). listed(grade, (low; middle; high)).
attribute(well, latest). domain(well, flag).
attribute(score, latest). domain(score, whole_number). minimum(score, 0).
attribute(size, detail). domain(size, whole_number). minimum(size, 0).
attribute(sites, cumulative). domain(sites, list). listed(sites, (bone; liver; skin)).
establishes(panel, (well; score; sites; grade)).
establishes(note, grade).
establishes(scan, size).
also_states(grade, high, well, true).
also_states(grade, low, well, false).
also_states(grade, middle, score, 5).
also_states(grade, low, score, 2).
also_states(grade, high, sites, bone).
section("A", 1). route("A", yes(first)). criterion("A", "a"). locator("A", "a").
"""
CONCLUSIONS = """#defined states/3.
concludes(D, grade, high) :- states(D, size, N), N > 10.
"""


def written(folder: Path, *requirements: str) -> Path:
    needs = "\n".join(f'requires("A", {requirement}).' for requirement in requirements)
    (folder / "policy.lp").write_text(f'{VOCABULARY}{needs}\n#include "conclusions.lp".\n')
    (folder / "conclusions.lp").write_text(CONCLUSIONS)
    return folder


EMPTY: dict[str, Any] = {"id": "made", "request": {}, "documents": []}

# By hand. `note` states any grade, `scan` only that it is high, by its size; `panel` states everything.
SHOWN = [
    (("yes(well)",), [("note",), ("scan",), ("panel",)]),
    (("no(well)",), [("note",), ("panel",)]),
    (("is(grade,high)",), [("note",), ("scan",), ("panel",)]),
    (("is(grade,middle)",), [("note",), ("panel",)]),
    (("at_least(score,3)",), [("note",), ("panel",)]),
    (("at_least(score,6)",), [("panel",)]),
    # 5 is at least 3 and at most 5; no grade says 3 or 4.
    (("at_least(score,3)", "at_most(score,5)"), [("note",), ("panel",)]),
    (("at_least(score,3)", "at_most(score,4)"), [("panel",)]),
    (("includes(sites,bone)",), [("note",), ("scan",), ("panel",)]),
    (("includes(sites,liver)",), [("panel",)]),
    (("includes(sites,bone)", "excludes(sites,skin)"), [("note",), ("scan",), ("panel",)]),
    (("yes(well)", "at_least(score,6)"), [("panel",)]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("requirements", "sets"), SHOWN)
def test_every_type_that_could_establish_a_requirement_is_told_and_no_other(
    requirements: tuple[str, ...], sets: list[tuple[str, ...]], tmp_path: Path
) -> None:
    loaded = Policy.load(written(tmp_path, *requirements))
    made = case(EMPTY, loaded)
    told = [entry.documents for entry in loaded.missing(made).documents]
    assert sorted(told) == sorted(sets)
    (missing,) = loaded.missing(made)
    assert missing.cost == (9 if sets == [("panel",)] else 1)
    assert {kind for requirement in missing.requirements for kind in requirement.document_types} >= {
        kind for one in sets for kind in one
    }
    by_clingo = Policy.load(tmp_path, judged_by="clingo")
    assert list(by_clingo.missing(made)) == [missing]


def by_plain_clingo(folder: Path, *facts: str) -> set[frozenset[str]]:
    control = Control(["--warn=none", "--heuristic=Domain", "--enum-mode=domRec", "-n", "0"])
    for file in (ROOT / "asp" / "documents.lp", folder / "policy.lp"):
        control.load(str(file))
    control.add("base", [], "\n".join(facts))
    control.ground([("base", [])])
    found: set[frozenset[str]] = set()
    control.solve(
        on_model=lambda model: found.add(
            frozenset(str(symbol.arguments[0]) for symbol in model.symbols(shown=True))
        )
    )
    return found


@pytest.mark.parametrize(("requirements", "sets"), SHOWN[:6])
def test_plain_clingo_tells_the_same_where_the_vocabulary_says_what_conclusions_rest_on(
    requirements: tuple[str, ...], sets: list[tuple[str, ...]], tmp_path: Path
) -> None:
    folder = written(tmp_path, *requirements)
    assert by_plain_clingo(folder, "concluded_from(grade, high, 1, size).") == set(map(frozenset, sets))


@pytest.mark.slow
def test_documents_that_could_establish_a_requirement_do_when_they_state_what_shows_it(
    tmp_path: Path,
) -> None:
    # Each set of types that is told, made out of what its documents can state, is approved.
    sayings: dict[str, list[dict[str, Any]]] = {
        "note": [{"grade": grade} for grade in ("low", "middle", "high")],
        "scan": [{"size": 11}, {"size": 3}],
        "panel": [
            *({"well": well} for well in (True, False)),
            *({"score": score} for score in (4, 7)),
            *({"grade": grade} for grade in ("middle", "high")),
            *({"sites": [site]} for site in ("bone", "liver")),
            {"score": 9, "well": True},
        ],
    }
    for number, (requirements, sets) in enumerate(SHOWN):
        folder = tmp_path / str(number)
        folder.mkdir()
        loaded = Policy.load(written(folder, *requirements))
        for kinds in itertools.chain(sets, [("exam",), ("letter",)]):
            (kind,) = kinds
            approved = False
            for states in sayings.get(kind, [{}]):
                document = {"id": "d", "type": kind, "date": "2025-01-01", "states": states}
                made = case({**EMPTY, "documents": [document]}, loaded)
                approved |= loaded.decide(made).outcome == "approve"
            assert approved == (kinds in sets), (requirements, kind)


def test_an_attribute_that_only_conclusions_speak_of_is_shown_by_what_they_rest_on(
    tmp_path: Path,
) -> None:
    folder = written(tmp_path, "yes(well)")
    text = (folder / "policy.lp").read_text()
    text = text.replace("establishes(panel, (well; score; sites; grade)).", "establishes(panel, score).")
    (folder / "policy.lp").write_text(text.replace("establishes(note, grade).", ""))
    loaded = Policy.load(folder)
    assert [one.documents for one in loaded.missing(case(EMPTY, loaded)).documents] == [("scan",)]


def test_the_shipped_vocabulary_says_what_its_conclusions_rest_on() -> None:
    files = tuple(read_program(rules_root() / "vocabularies" / "oncology" / "conclusions.lp"))
    read = {(one.attribute, one.value, one.needs) for one in conclusion_rules(files).conclusions}
    told: dict[tuple[str, str, int], set[str]] = {}
    for term in policy().loaded.all_facts["concluded_from"]:
        attribute, value, way, name = term.args
        assert isinstance(term, Term)
        assert isinstance(way, int)
        told.setdefault((str(attribute), str(value), way), set()).add(str(name))
    assert {(key[0], key[1], frozenset(needs)) for key, needs in told.items()} == read
