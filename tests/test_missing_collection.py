"""Missing sets as a collection: what it tells without a list is what the list tells, however large."""

from __future__ import annotations

import doctest
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations, islice, product
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Case, CaseError, MissingSet, MissingSets, Policy, TooLargeError
from pyclingo_bridge.core.loaded import JudgedBy
from pyclingo_bridge.explain.missing import large_number
from pyclingo_bridge.fast.diagrams import diagram, entailment, order
from pyclingo_bridge.fast.diagrams import sets as sets_module
from pyclingo_bridge.fast.diagrams.diagram import EMPTY, NONE, DiagramNode, Diagrams
from pyclingo_bridge.fast.diagrams.sets import RequirementSets
from pyclingo_bridge.fast.diagrams.written_sets import WrittenSets
from pyclingo_bridge.questions import missing as missing_module
from pyclingo_bridge.questions.missing import MissingSearch
from tests import small
from tests.conftest import FACTS, ROOT, case, made, policy, request, scaled
from tests.random_cases import random_case
from tests.synthetic import EMPTY_CASE, write_choices
from tests.test_cli import MISSING, Told, run, worded
from tests.test_missing import cheapest, key

__all__ = ["worded"]

SUPPLY = str(ROOT / "examples" / "cases" / "deny" / "generic_availability_unknown.json")
"""A case that any of four document types could turn, by either of two requirements."""

SEEDS = st.integers(min_value=0, max_value=2**32).map(random.Random)


def by_solver(policy: Policy, case: Case) -> MissingSets:
    """The same sets by the solver alone, without any diagram."""
    return MissingSearch(policy.structure, policy.loaded.program).missing(policy.assess(case))


def assert_told_right(policy: Policy, case: Case) -> int:
    """What is said of the whole is what the solver's list shows; how many sets there are."""
    alone = by_solver(policy, case)
    sets, documents = list(alone), list(alone.documents)
    told = policy.missing(case)
    assert list(told) == sets == list(told)
    assert list(told.documents) == documents
    for one in (told, alone):
        assert (one.count(), one.documents.count()) == (len(sets), len(documents))
        assert (bool(one), bool(one.documents)) == (bool(sets), bool(documents))
        assert all(found in one for found in sets)
        assert all(found in one.documents for found in documents)
        assert_common(policy, case, one)
    # What was counted is listed once more from there.
    assert (list(alone), list(alone.documents)) == (sets, documents)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sets_module, "LISTED", 0)
        assert list(policy.missing(case)) == sets
    return len(sets)


def assert_common(policy: Policy, case: Case, told: MissingSets) -> None:
    """What is in every set and in none of them, from the list."""
    sets = [{requirement.term for requirement in found.requirements} for found in told]
    every = set.intersection(*sets) if sets else set()
    assert [requirement.term for requirement in told.in_every] == sorted(every)
    in_none = {requirement.term for requirement in told.in_none}
    assert in_none.isdisjoint(set().union(*sets))
    if sets:
        findings = policy.assess(case)
        routed = set().union(*(policy.structure.beneath[name] for name in findings.verdict.routed))
        could = {
            str(term) for term, state in findings.statuses.items() if state == "undocumented" and term in routed
        }
        assert in_none == could - set().union(*sets)
    types = [set(found.documents) for found in told.documents]
    shared = set.intersection(*types) if types else set()
    assert told.documents.in_every == tuple(sorted(shared))
    unused = policy.vocabulary.document_types.keys() - set().union(*types)
    assert told.documents.in_none == tuple(sorted(unused))


# Equal to what the solver lists


@pytest.mark.slow
@settings(max_examples=scaled(12))
@given(rng=SEEDS)
def test_sets_of_small_policies_made_at_random_are_the_solvers(rng: random.Random) -> None:
    made_policy = small.random_policy(rng)
    with tempfile.TemporaryDirectory() as folder:
        loaded = Policy.load(made_policy.write(Path(folder)))
    for _ in range(6):
        assert_told_right(loaded, case(small.random_small_case(rng), loaded))


@pytest.mark.slow
@settings(max_examples=scaled(10))
@given(rng=SEEDS)
def test_sets_over_requirements_that_entail_and_exclude_each_other_are_the_solvers(
    rng: random.Random,
) -> None:
    made_policy = small.Small()
    for number in range(rng.choice([1, 2, 3])):
        section = f"S{number}"
        attributes = rng.sample("lmhnc", 2)
        terms = [term for term in small.TERMS if term.split("(")[1][0] in attributes]
        made_policy.sections.append(section)
        made_policy.uses[section] = []
        small._grow(made_policy, section, [t for t in terms if "amount" not in t], rng, 0)
    with tempfile.TemporaryDirectory() as folder:
        loaded = Policy.load(made_policy.write(Path(folder)))
    silent: dict[str, Any] = {"id": "silent", "request": {"given": []}, "documents": []}
    for data in (silent, small.random_small_case(rng), small.random_small_case(rng)):
        assert_told_right(loaded, case(data, loaded))


@settings(max_examples=scaled(30))
@given(rng=SEEDS)
def test_sets_of_a_shipped_policy_are_the_solvers(rng: random.Random) -> None:
    interpretations = rng.choice([{}, {"prior_therapy_scope": "appendix_b"}])
    loaded = policy(**interpretations)
    assert_told_right(loaded, case(random_case(rng), loaded))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["codebreak100", "label", "cp_phar_549_2024"])
def test_sets_of_the_other_shipped_policies_are_the_solvers(name: str) -> None:
    loaded = policy(name)
    rng = random.Random(5)
    found = []
    for _ in range(25):
        try:
            asked = case(random_case(rng), loaded)
        except ValueError:
            continue
        found.append(assert_told_right(loaded, asked))
    form = request()
    found.append(assert_told_right(loaded, case({"id": "x", "request": form, "documents": []}, loaded)))
    assert any(found)


# By hand


def written(tmp_path: Path, requirements: str, **tables: Mapping[str, Sequence[str]]) -> Policy:
    """A small policy of one section."""
    made_policy = small.Small(sections=["S"], uses={"S": []})
    made_policy.needs["S"] = requirements.split()
    for table in (made_policy.offers, made_policy.unless, made_policy.only_if):
        table["S"] = []
    for name, given_table in tables.items():
        for criterion, items in given_table.items():
            for other in (
                made_policy.needs,
                made_policy.offers,
                made_policy.unless,
                made_policy.only_if,
            ):
                other.setdefault(criterion, [])
            getattr(made_policy, name)[criterion] = list(items)
    return Policy.load(made_policy.write(tmp_path))


def nothing_said(of: Policy) -> Case:
    return case({"id": "silent", "request": {"given": []}, "documents": []}, of)


def terms(found: Iterable[MissingSet]) -> list[list[str]]:
    return [[requirement.term for requirement in entry.requirements] for entry in found]


def test_of_two_ways_to_ask_for_the_same_the_first_in_order_is_told_and_counted(tmp_path: Path) -> None:
    # Who is of a or b, and of b or d, is b; and b is all of that.
    loaded = written(tmp_path, "is(c,b) among(c,ab) among(c,bd) yes(p)")
    told = loaded.missing(nothing_said(loaded))
    assert told.count() == 1
    assert terms(told.cheapest(5)) == [["is(c,b)", "yes(p)"]]
    assert told.contains(["is(c,b)", "yes(p)"])
    assert not told.contains(["among(c,ab)", "is(c,b)", "yes(p)"])
    assert [requirement.term for requirement in told.in_every] == ["is(c,b)", "yes(p)"]
    assert [requirement.term for requirement in told.in_none] == ["among(c,ab)", "among(c,bd)"]
    assert terms(told.sample(2, seed=1)) == [["is(c,b)", "yes(p)"]]


def test_a_value_that_cannot_be_together_with_another_is_in_no_set(tmp_path: Path) -> None:
    loaded = written(tmp_path, "A B", offers={"A": ["is(c,a)", "yes(p)"], "B": ["is(c,b)", "yes(q)"]})
    told = loaded.missing(nothing_said(loaded))
    # Not: a and b.
    assert sorted(terms(told)) == [
        ["is(c,a)", "yes(q)"],
        ["is(c,b)", "yes(p)"],
        ["yes(p)", "yes(q)"],
    ]
    assert not told.contains(["is(c,a)", "is(c,b)"])


def test_a_weaker_requirement_takes_the_place_of_a_stronger_one(tmp_path: Path) -> None:
    loaded = written(tmp_path, "A yes(p)", offers={"A": ["at_least(n,4)", "at_least(n,2)"]})
    told = loaded.missing(nothing_said(loaded))
    assert terms(told) == [["at_least(n,2)", "yes(p)"]]
    assert [requirement.term for requirement in told.in_none] == ["at_least(n,4)"]


def test_what_no_document_turns_has_no_sets() -> None:
    for changes in ({}, {"diagnosis": "cholangiocarcinoma"}, {"kras_g12c": False}):
        told = policy().missing(case(made(request(), FACTS, **changes)))
        assert (told.count(), bool(told), list(told), told.sample(3)) == (0, False, [], [])
        assert (told.in_every, told.in_none, told.contains([])) == ((), (), False)
        assert (told.documents.count(), list(told.documents), told.documents.in_every) == (0, [], ())
        assert not told.documents.contains([])
        assert told.documents.in_none == tuple(sorted(policy().vocabulary.document_types))


# Membership


@settings(max_examples=scaled(12))
@given(rng=SEEDS)
def test_near_misses_are_not_among_the_sets(rng: random.Random) -> None:
    told = policy().missing(case(random_case(rng)))
    sets = {frozenset(found) for found in terms(told)}
    names = sorted(str(term) for term in policy().structure.requirements)
    for found in sets:
        near = [found - {term} for term in found]
        near += [found | {rng.choice(names)} for _ in range(10)]
        near += [found - {term} | {rng.choice(names)} for term in found]
        for other in near:
            assert told.contains(other) == (other in sets)
    assert not told.contains(["yes(nothing_of_the_kind)"])
    assert 3 not in told
    types = sorted(policy().vocabulary.document_types)
    listed = {frozenset(found.documents) for found in told.documents}
    for size in (1, 2, 3):
        for chosen in combinations(types, size):
            assert told.documents.contains(chosen) == (frozenset(chosen) in listed)
    assert not told.documents.contains(["hearsay"])


# However large


@pytest.mark.slow
@pytest.mark.parametrize(("groups", "options"), [(1, 1), (2, 5), (5, 10), (52, 10)])
def test_as_many_sets_are_counted_as_there_are_ways_to_choose(
    groups: int, options: int, tmp_path: Path
) -> None:
    loaded = Policy.load(write_choices(tmp_path, groups, options))
    told = loaded.missing(Case.from_json(EMPTY_CASE, "test", loaded.vocabulary))
    assert told.count() == options**groups == told.documents.count()
    assert told.in_none == ()
    assert len(told.in_every) == (groups if options == 1 else 0)
    drawn = told.sample(3, seed=7)
    assert len(drawn) == min(3, told.count())
    for found in drawn:
        assert found in told
        picked = [requirement.term.removeprefix("yes(f_").split("_")[0] for requirement in found.requirements]
        assert sorted(picked) == sorted(map(str, range(groups)))
        assert found.documents in told.documents
    assert [found.cost for found in told.cheapest(2)] == [groups, groups + 1][: told.count()]


def test_the_first_hundred_of_ten_thousand_million_come_in_order(tmp_path: Path) -> None:
    loaded = Policy.load(write_choices(tmp_path, groups=10, options=10))
    asked = Case.from_json(EMPTY_CASE, "test", loaded.vocabulary)
    expected = [
        [f"yes(f_{group}_{option})" for group, option in enumerate(choice)] for choice in cheapest(10, 10, 100)
    ]
    assert terms(loaded.missing(asked).cheapest(100)) == expected
    assert terms(list(islice(loaded.missing(asked), 100))) == expected
    documents = loaded.missing(asked).documents.cheapest(100)
    assert [found.cost for found in documents] == [sum(c) + 10 for c in cheapest(10, 10, 100)]


def test_all_sets_as_numbers_are_the_sets(tmp_path: Path) -> None:
    loaded = Policy.load(write_choices(tmp_path, groups=3, options=4))
    asked = Case.from_json(EMPTY_CASE, "test", loaded.vocabulary)
    diagram = loaded.loaded.once(MissingSearch.of).diagram(loaded.assess(asked))
    assert isinstance(diagram, RequirementSets)
    masks = diagram.masks()
    assert len(set(masks)) == len(masks) == 64
    assert sorted(map(list, map(diagram.names, masks))) == sorted(terms(loaded.missing(asked)))
    assert sorted(masks) == sorted(diagram.in_order())


# Documents that show several requirements


def write_shared(folder: Path, groups: int, options: int, types: Mapping[str, tuple[int, list[str]]]) -> Path:
    """The choices of `write_choices`, with document types and costs as given."""
    text = (write_choices(folder, groups, options) / "policy.lp").read_text()
    lines = [line.split(" any_of(")[-1] for line in text.splitlines() if "document_type" not in line]
    rewritten = [f"any_of({line}" if "yes(f_" in line else line for line in lines]
    for name, (cost, shows) in types.items():
        rewritten.append(f"document_type({name}, {cost}).")
        rewritten += [f"establishes({name}, {flag})." for flag in shows]
    (folder / "policy.lp").write_text("\n".join(rewritten) + "\n")
    return folder


def in_order(
    groups: int, options: int, types: Mapping[str, tuple[int, list[str]]]
) -> list[tuple[int, list[str], tuple[str, ...]]]:
    """Every choice with its cost and documents, by trying all sets of document types."""
    purchases = [
        (sum(types[name][0] for name in chosen), len(chosen), chosen)
        for size in range(len(types) + 1)
        for chosen in combinations(sorted(types), size)
    ]
    purchases.sort()
    shown = {chosen: set(chain(*(types[name][1] for name in chosen))) for _, _, chosen in purchases}
    found = []
    for choice in product(range(options), repeat=groups):
        flags = [f"f_{group}_{option}" for group, option in enumerate(choice)]
        cost, _, bought = next(p for p in purchases if shown[p[2]].issuperset(flags))
        found.append((cost, [f"yes({flag})" for flag in flags], bought))
    return sorted(found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_documents_that_show_several_requirements_are_paid_for_once(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    flags = [f"f_{group}_{option}" for group in range(4) for option in range(3)]
    types = {f"t_{n}": (rng.randint(1, 6), rng.sample(flags, rng.choice([1, 2, 4]))) for n in range(8)}
    types["last"] = (9, flags)
    loaded = Policy.load(write_shared(tmp_path, 4, 3, types))
    asked = Case.from_json(EMPTY_CASE, "test", loaded.vocabulary)
    expected = in_order(4, 3, types)
    for listed in (sets_module.LISTED, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sets_module, "LISTED", listed)
            told = loaded.missing(asked)
            found = [(entry.cost, key(entry)[2], entry.documents) for entry in told]
        assert found == expected
        assert terms(told.cheapest(7)) == [requirements for _, requirements, _ in expected[:7]]
    minimal = [set(entry.documents) for entry in loaded.missing(asked).documents]
    assert not any(one < other for one in minimal for other in minimal)
    assert {"last"} in minimal


# Drawn at random


def test_every_set_is_drawn_as_often_as_another(tmp_path: Path) -> None:
    loaded = written(
        tmp_path,
        "A B",
        offers={
            "A": ["is(c,b)", "among(c,ab)", "yes(p)", "yes(q)", "includes(l,x)"],
            "B": ["is(c,b)", "yes(p)", "yes(r)", "includes(l,y)"],
        },
    )
    told = loaded.missing(nothing_said(loaded))
    assert told.count() >= 8
    draws = 400 * told.count()
    found = Counter(tuple(terms(told.sample(1, seed=seed))[0]) for seed in range(draws))
    assert len(found) == told.count()
    deviation = sum((number - 400) ** 2 / 400 for number in found.values())
    # Of collections as large, one in ten thousand strays further.
    assert deviation < told.count() + 6 * (2 * told.count()) ** 0.5


def test_a_sample_has_no_set_twice_and_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    loaded = Policy.load(write_choices(tmp_path, groups=2, options=5))
    told = loaded.missing(Case.from_json(EMPTY_CASE, "test", loaded.vocabulary))
    for size in (0, 1, 5, 20, 24, 25, 26):
        drawn = terms(told.sample(size, seed=3))
        assert len({tuple(found) for found in drawn}) == len(drawn) == min(size, 25)
        assert drawn == terms(told.sample(size, seed=3))
    assert terms(told.sample(5, seed=3)) != terms(told.sample(5, seed=4))
    assert {found.documents for found in told.documents.sample(25)} == {
        found.documents for found in told.documents
    }


# Too tangled, or told to leave it to the solver


def test_what_is_too_tangled_to_count_is_still_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = Policy.load("cp_phar_549")
    asked = case(made(request(), {}))
    alone = by_solver(loaded, asked)
    expected = list(alone), list(alone.documents)
    assert len(expected[0]) > 3
    monkeypatch.setattr(diagram, "MOST_NODES", 3)
    told = loaded.missing(asked)
    for question in (
        told.count,
        told.documents.count,
        lambda: told.sample(1),
        lambda: expected[0][0] in told,
        lambda: told.in_every,
        lambda: told.in_none,
    ):
        with pytest.raises(TooLargeError, match="one by one"):
            question()
    assert (list(told), list(told.documents)) == expected
    assert told
    assert told.cheapest(2) == expected[0][:2]


def test_a_policy_with_too_many_consequences_is_left_to_the_solver(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaded = written(tmp_path, "excludes(l,x) includes_any(l,xy) includes(l,y) yes(p)")
    asked = nothing_said(loaded)
    expected = list(by_solver(loaded, asked))
    monkeypatch.setattr(entailment, "MOST_PREMISES", 0)
    assert list(loaded.missing(asked)) == expected != []
    with pytest.raises(TooLargeError):
        loaded.missing(asked).count()


def test_where_too_many_documents_are_shared_the_solver_goes_on_from_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flags = [f"f_{group}_{option}" for group in range(3) for option in range(2)]
    types = {f"t_{n}": (n + 2, flags[n : n + 2]) for n in range(5)} | {"last": (30, flags)}
    loaded = Policy.load(write_shared(tmp_path, 3, 2, types))
    asked = Case.from_json(EMPTY_CASE, "test", loaded.vocabulary)
    monkeypatch.setattr(sets_module, "LISTED", 0)
    expected = [requirements for _, requirements, _ in in_order(3, 2, types)]
    for most in (0, 5, 8, 12):
        monkeypatch.setattr(order, "MOST_PURCHASES", most)
        assert terms(loaded.missing(asked)) == expected


# By the solver alone


@pytest.fixture
def no_diagrams(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where there is no folder `pyclingo_bridge/fast/` on disk."""
    monkeypatch.setattr(missing_module, "fast", lambda: None)


@pytest.mark.usefixtures("no_diagrams")
def test_without_the_diagrams_on_disk_every_answer_is_the_same(tmp_path: Path) -> None:
    loaded = Policy.load(write_choices(tmp_path, groups=3, options=4))
    asked = Case.from_json(EMPTY_CASE, "test", loaded.vocabulary)
    assert loaded.loaded.once(MissingSearch.of).diagrams is None
    told = loaded.missing(asked)
    expected = [
        [f"yes(f_{group}_{option})" for group, option in enumerate(choice)] for choice in cheapest(3, 4, 64)
    ]
    assert terms(told.cheapest(10)) == expected[:10]
    assert (told.count(), told.documents.count()) == (64, 64)
    assert terms(told) == expected
    assert (told.in_every, told.in_none, told.documents.in_every) == ((), (), ())
    assert told.contains(expected[7])
    assert not told.contains(expected[7][:2])
    drawn = terms(told.sample(9, seed=3))
    assert len({tuple(found) for found in drawn}) == 9
    assert all(found in expected for found in drawn)
    assert drawn == terms(loaded.missing(asked).sample(9, seed=3)) != terms(told.sample(9, seed=4))
    assert sorted(terms(told.sample(100))) == sorted(expected)


def test_a_policy_judged_by_clingo_asks_no_diagram(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = Policy.load("cp_phar_549", judged_by="clingo")
    compiled = policy()
    asked = case(made(request(), {}))
    by_diagrams = compiled.missing(asked)
    expected = (list(by_diagrams), by_diagrams.count(), by_diagrams.in_every, list(by_diagrams.documents))
    monkeypatch.setattr(diagram, "MOST_NODES", 0)
    told = loaded.missing(asked)
    assert (list(told), told.count(), told.in_every, list(told.documents)) == expected


def test_the_solver_alone_counts_no_more_than_it_can_list(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaded = Policy.load(write_choices(tmp_path, groups=2, options=4), judged_by="clingo")
    asked = Case.from_json(EMPTY_CASE, "test", loaded.vocabulary)
    for most in (15, 16):
        monkeypatch.setattr(missing_module, "MOST_COUNTED", most)
        told = loaded.missing(asked)
        for sets in (told, told.documents):
            if most == 16:
                assert sets.count() == 16
            else:
                with pytest.raises(TooLargeError):
                    sets.count()
        assert len(list(told)) == len(list(told.documents)) == 16


def test_fewer_than_no_sets_are_none_whoever_is_asked(tmp_path: Path) -> None:
    folder = write_choices(tmp_path, groups=2, options=4)
    for judged_by in get_args(JudgedBy):
        loaded = Policy.load(folder, judged_by=judged_by)
        told = loaded.missing(Case.from_json(EMPTY_CASE, "test", loaded.vocabulary))
        assert told.sample(-1) == []
        assert told.documents.sample(-1) == []


def test_the_docstrings_session_is_what_python_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    results = doctest.testmod(missing_module)
    assert (results.failed, results.attempted) == (0, 8)


def test_a_case_that_is_none_is_refused_when_it_is_asked_about() -> None:
    with pytest.raises(CaseError):
        policy().missing(cast(Any, "case.json"))


# The diagrams themselves


def pairs(f: DiagramNode, path: tuple[tuple[int, int], ...] = ()) -> Iterator[frozenset[tuple[int, int]]]:
    """Every element, as the closed set that it gives each level."""
    if f is EMPTY:
        yield frozenset(path)
    for label, child in f.edges:
        yield from pairs(child, (*path, (f.level, label)) if label else path)


class Unnamed(WrittenSets):
    """The sets of a diagram whose elements have no names."""

    def names(self, mask: int) -> tuple[str, ...]:
        return ()


Element = frozenset[tuple[int, int]]


def holds(more: Element, less: Element) -> bool:
    given = dict(more)
    return all(given.get(level, 0) & label == label for level, label in less)


def least(elements: set[Element]) -> set[Element]:
    return {e for e in elements if not any(o != e and holds(e, o) for o in elements)}


def close(one: int, other: int) -> int | None:
    """Three requirements on a level: the first two together entail the third, which excludes a fourth."""
    both = one | other
    both |= 4 if both & 3 == 3 else 0
    return None if both & 12 == 12 else both


def joined(one: Element, other: Element) -> Element | None:
    found = dict(one)
    for level, label in other:
        both = close(found.get(level, 0), label)
        if both is None:
            return None
        found[level] = both
    return frozenset(found.items())


@settings(max_examples=scaled(150))
@given(rng=SEEDS)
def test_operations_on_diagrams_are_those_on_lists(rng: random.Random) -> None:
    diagrams = Diagrams([close] * 4)
    labels = [label for label in range(1, 16) if close(label, 0) == label]

    def one() -> tuple[DiagramNode, set[Element]]:
        node, listed = NONE, set()
        for _ in range(rng.randint(0, 5)):
            levels = sorted(rng.sample(range(4), rng.randint(1, 3)), reverse=True)
            single = EMPTY
            for level in levels:
                single = diagrams.node(level, [(rng.choice(labels), single)])
            node = diagrams.union(node, single)
            listed |= set(pairs(single))
        return node, least(listed)

    (f, of_f), (g, of_g) = one(), one()
    assert set(pairs(f)) == of_f
    assert set(pairs(diagrams.union(f, g))) == least(of_f | of_g)
    both = (joined(a, b) for a in of_f for b in of_g)
    assert set(pairs(diagrams.join(f, g))) == least({e for e in both if e is not None})
    left = {a for a in of_f if not any(holds(a, b) for b in of_g)}
    assert set(pairs(diagrams.without(f, g))) == left
    assert Unnamed(f, lambda level, label: (1 << (16 * level) + label,)).count == len(of_f)


# The command line


@pytest.mark.slow
def test_the_count_stands_beside_the_list() -> None:
    (line,) = run("missing", "--json", "--first", "2", MISSING).lines
    (every,) = run("missing", "--json", "--first", "0", MISSING).lines
    assert line["count"] == every["count"] == len(every["missing"]) > 2
    assert line["documents_count"] == every["documents_count"] == len(every["documents"])
    text = run("missing", "--first", "2", MISSING).out
    assert f"one of {every['count']} sets (2 first listed)" in text
    (text,) = [run("missing", "--first", "2", SUPPLY).out]
    assert "any one of 4 sets (2 first listed)" in text
    assert f"{every['count']} sets" in run("missing", "--first", "0", MISSING).out


@pytest.mark.slow
def test_sets_are_counted_or_drawn_on_request() -> None:
    (every,) = run("missing", "--json", "--first", "0", MISSING).lines
    told = run("missing", "--count", SUPPLY, MISSING).out
    assert told.splitlines()[0] == ("generic_availability_unknown: 3 missing sets, 4 sets of document types")
    assert f"{every['case']}: {every['count']} missing sets, 1 set of document types" in told
    assert run("missing", "--count", "--json", MISSING).lines[0]["count"] == every["count"]
    (drawn,) = run("missing", "--sample", "2", "--seed", "1", "--json", MISSING).lines
    assert len(drawn["missing"]) == 2
    assert all(found in every["missing"] for found in drawn["missing"])
    assert drawn["more"] is True
    assert "(2 drawn at random)" in run("missing", "--sample", "2", MISSING).out
    refused = run("missing", "--sample", "2", "--count", MISSING)
    assert refused.code == 2
    assert "leave out" in refused.err


@pytest.mark.slow
def test_what_was_not_counted_is_said_to_be_so(
    monkeypatch: pytest.MonkeyPatch, worded: Callable[..., Told]
) -> None:
    monkeypatch.setattr(diagram, "MOST_NODES", 0)
    (line,) = run("missing", "--json", MISSING).lines
    assert line["count"] is None
    assert line["documents_count"] is None
    assert len(line["missing"]) > 2
    assert "one of these sets" in run("missing", MISSING).out
    assert "too many" in run("missing", "--count", MISSING).out
    refused = worded("missing", "--sample", "1", MISSING)
    assert (refused.code, refused.out) == (2, "")
    assert "too tangled" in refused.err


def test_a_huge_number_can_be_read() -> None:
    told = {
        1: "1",
        24: "24",
        1_234_567: "1,234,567",
        10**15: "about 1.0e15",
        10**52: "about 1.0e52",
        10**52 - 1: "about 9.9e51",
        37 * 10**5_000: "about 3.7e5001",
    }
    assert {number: large_number(number) for number in told} == told


@pytest.mark.slow
def test_json_holds_a_huge_count_exactly(tmp_path: Path) -> None:
    folder = write_choices(tmp_path, groups=30, options=10)
    (tmp_path / "case.json").write_text(EMPTY_CASE)
    words = ("--policy", str(folder), str(tmp_path / "case.json"))
    told = run("missing", "--count", "--json", *words)
    assert json.loads(told.out)["count"] == 10**30
    assert "about 1.0e30 missing sets" in run("missing", "--count", *words).out
