"""The rules files are held to the dictionary of their predicates, and to plain clingo."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from clingo import Control
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Case
from pyclingo_bridge.base.rule_files import read_program, shipped_policies
from pyclingo_bridge.base.solver import evaluate
from pyclingo_bridge.base.terms import plain
from pyclingo_bridge.core.facts import plain_facts
from pyclingo_bridge.loading.authoring import engine_predicates, policy_words
from tests.conftest import ROOT, case, policy, scaled
from tests.predicates import Predicate, used
from tests.random_cases import random_case

ASP = ROOT / "asp"
FILES = sorted(ASP.rglob("*.lp"))
RULES = [path for path in FILES if "dictionary" not in path.relative_to(ASP).parts]
MOST_LINES = 70
LONGER = {"texts.lp", "efficacy.lp", "table_3.lp", "other_names.lp", "supportive.lp"}


@cache
def dictionary() -> dict[str, dict[Predicate, tuple[str, str]]]:
    """The entries of each of the dictionary's files: a predicate's arguments, and what it means."""
    entries: dict[str, dict[Predicate, tuple[str, str]]] = {}
    for path in sorted((ASP / "dictionary").glob("*.lp")):
        listed = evaluate(read_program(path), [], [("predicate", 4)])["predicate"]
        told = [tuple(map(plain, term.args)) for term in listed]
        entries[path.stem] = {
            (str(name), int(str(arity))): (str(args), str(text)) for name, arity, args, text in told
        }
        lines = [line for line in path.read_text().splitlines() if line.startswith("predicate(")]
        assert len(lines) == len(entries[path.stem]), f"{path} has a predicate twice"
    return entries


def defined_under(*folders: str) -> set[Predicate]:
    """The predicates in heads of the files in these folders of `asp/`."""
    paths = [path for folder in folders for path in (ASP / folder).rglob("*.lp")]
    return set().union(*(used(path)[0] for path in paths))


def test_a_file_says_its_purpose_first_and_leaves_predicates_to_the_dictionary() -> None:
    for path in FILES:
        text = path.read_text()
        assert text.startswith("% Purpose: "), path
        assert not re.search(r"^% (Input|Output):", text, re.MULTILINE), path


def test_the_dictionary_has_every_predicate_of_the_rules_files_once() -> None:
    listed = [predicate for entries in dictionary().values() for predicate in entries]
    assert len(listed) == len(set(listed))
    everything = set().union(*(heads | bodies for heads, bodies in map(used, RULES))) | policy_words()
    assert set(listed) == everything


def test_the_dictionary_names_each_argument_of_a_predicate_and_says_what_it_means() -> None:
    for entries in dictionary().values():
        for (name, arity), (args, text) in entries.items():
            named = args.split(", ")
            assert len(named) == arity, name
            assert all(re.fullmatch("[A-Z][A-Za-z0-9]*", argument) for argument in named), name
            assert re.search("[^.]$", text), name


def test_the_dictionary_tells_a_policys_words_from_what_others_define() -> None:
    listed = {part: set(entries) for part, entries in dictionary().items()}
    words = policy_words()
    engine = defined_under("engine") - words
    assert listed["policy"] == words
    assert listed["engine"] == engine == engine_predicates()
    assert listed["bridge"] == defined_under("bridge") - words - engine
    own = defined_under("policies", "vocabularies") - words
    assert listed["vocabularies"] == own
    assert listed["studies"] == defined_under("studies") - words - engine - own
    assert not listed["given"] & set().union(*(used(path)[0] for path in RULES))


@pytest.mark.parametrize("part", ["engine", "bridge", "vocabularies", "studies"])
def test_an_entry_stands_under_the_file_that_defines_it(part: str) -> None:
    path = None
    for line in (ASP / "dictionary" / f"{part}.lp").read_text().splitlines():
        heading = re.fullmatch(r"% (\S+\.lp)", line)
        path = ASP / heading[1] if heading else path
        entry = re.match(r"predicate\((\w+), (\d+),", line)
        if entry:
            assert path is not None
            assert (entry[1], int(entry[2])) in used(path)[0], line


def included(path: Path) -> Iterator[Path]:
    """The files that a file includes, directly and by another, each as often as it is."""
    for name in re.findall(r'^#include "(.+)"\.$', path.read_text(), re.MULTILINE):
        file = (path.parent / name).resolve()
        yield file
        yield from included(file)


def test_no_entry_includes_a_file_twice() -> None:
    for path in [*ASP.glob("*.lp"), *(ASP / "bridge").glob("*.lp"), *(ASP / "policies").glob("*/policy.lp")]:
        files = list(included(path))
        assert len(files) == len(set(files)), path


def test_every_file_of_the_engine_is_included_by_some_entry() -> None:
    entries = [*ASP.glob("*.lp"), *(ASP / "bridge").glob("*.lp")]
    used_files = {file for path in entries for file in included(path)}
    assert set((ASP / "engine").rglob("*.lp")) - used_files == set()


def test_every_word_of_the_policy_language_is_used_by_some_shipped_file() -> None:
    files = [path for path in FILES if "engine" not in path.parts]
    heads = set().union(*(used(path)[0] for path in files))
    bodies = set().union(*(used(path)[1] for path in FILES))
    assert policy_words() - heads - bodies == set()


def test_a_file_has_one_purpose_and_few_lines() -> None:
    for path in RULES:
        rules = [
            line for line in path.read_text().splitlines() if line and not line.startswith(("%", "#defined"))
        ]
        assert len(rules) <= (130 if path.name in LONGER else MOST_LINES), path
        entry = path.parent in (ASP, ASP / "bridge")
        assert entry or "#show" not in path.read_text(), path


def test_choices_stand_only_where_the_question_is_a_search() -> None:
    choices = {
        str(path.relative_to(ROOT)) for path in RULES if re.search(r"^(1 )?\{", path.read_text(), re.MULTILINE)
    }
    assert choices == {
        "asp/engine/decision/contested_search.lp",
        "asp/engine/decision/contested_sets.lp",
        "asp/engine/suppose/suppose.lp",
        "asp/engine/suppose/premises.lp",
        "asp/engine/missing/clarify.lp",
        "asp/engine/missing/obtain.lp",
        "asp/engine/repairs.lp",
        "asp/engine/repairs/segments.lp",
        "asp/engine/counterfactuals.lp",
        "asp/engine/counterfactuals/hitting.lp",
        "asp/engine/cases/request.lp",
        "asp/engine/cases/documents.lp",
        "asp/engine/cases/vague.lp",
        "asp/engine/checks/monotone.lp",
        "asp/engine/differences/waive.lp",
        "asp/engine/alignment/two_vocabularies.lp",
        "asp/engine/regions/lists.lp",
        "asp/bridge/variants.lp",
        "asp/bridge/other_interpretations.lp",
    }


@pytest.mark.parametrize("name", shipped_policies())
def test_every_criterion_of_a_shipped_policy_has_a_short_label_and_a_locator(name: str) -> None:
    structure = policy(name).structure
    assert structure.labels.keys() == structure.locators.keys()
    assert all(0 < len(label) <= 72 for label in structure.labels.values())
    assert all(structure.locators.values())


def shell(entry: str, facts: Path, *options: str) -> str:
    """What plain clingo says, from the repository's root; a word on standard error is a failure."""
    command = [sys.executable, "-m", "clingo", f"asp/{entry}.lp"]
    command += ["asp/policies/cp_phar_549/policy.lp", str(facts), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert "SATISFIABLE" in done.stdout or "OPTIMUM FOUND" in done.stdout
    return done.stdout


CASE = ROOT / "examples" / "clingo" / "molecular_report_missing.lp"


@pytest.mark.subprocess
def test_plain_clingo_decides_a_case() -> None:
    out = shell("decide", CASE, "--quiet=1")
    assert "outcome(deny)" in out
    assert "denial_kind(insufficient_documentation)" in out
    assert 'status("I.A.4",undocumented)' in out


@pytest.mark.subprocess
def test_plain_clingo_lists_missing_sets_and_documents() -> None:
    options = ("-n", "0", "--heuristic=Domain", "--enum-mode=domRec")
    assert re.findall(r"suppose\(.*", shell("missing", CASE, *options)) == ["suppose(yes(kras_g12c))"]
    assert re.findall(r"obtain\(.*", shell("documents", CASE, *options)) == ["obtain(molecular_report)"]


FOLLOWED = ["deny/dose_961_without_literature", "refer/nsclc_with_pembrolizumab"]
FOLLOWED += ["deny/documents_disagree_on_diagnosis", "approve/nsclc_whole"]


@pytest.mark.slow
@pytest.mark.subprocess
@pytest.mark.parametrize("name", FOLLOWED)
def test_plain_clingo_lists_repairs_counterfactuals_and_reasons(name: str, tmp_path: Path) -> None:
    loaded = Case.load(ROOT / "examples" / "cases" / f"{name}.json")
    facts = tmp_path / "case.lp"
    terms = plain_facts(loaded, policy().vocabulary)
    facts.write_text("".join(f"{term}.\n" for term in terms))

    def one_a_meaning(sets: Iterable[Iterable[str]]) -> list[list[str]]:
        """Of sets that say the same in other words one, as the solver lists but one of them.

        Nothing beside one antibody, nor beside the other, is nothing at all.
        """
        alone, within = "empty(concurrent_drugs)", "within(concurrent_drugs,only_"
        found = set()
        for terms in sets:
            both = [term for term in terms if term.startswith(within)]
            found.add(frozenset({*terms, alone} - {*both} if len(both) == 2 else terms))
        return sorted(map(sorted, found))

    def supposed(entry: str) -> list[list[str]]:
        out = shell(entry, facts, "-n", "0", "--heuristic=Domain", "--enum-mode=domRec")
        answers = re.findall(r"^Answer: .*\n(.*)$", out, re.MULTILINE)
        atoms = (re.findall(r"suppose\((\S+)\)(?= |$)", answer) for answer in answers)
        return sorted(sorted(terms) for terms in atoms)

    if loaded.id == "nsclc_whole":
        reasons = policy().reasons(loaded).sufficient
        assert one_a_meaning(supposed("reasons")) == one_a_meaning(
            [requirement.requirement.term for requirement in found.requirements] for found in reasons
        )
        return
    assert one_a_meaning(supposed("counterfactuals")) == one_a_meaning(
        [requirement.requirement.term for requirement in found.requirements]
        for found in policy().counterfactuals(loaded)
    )
    assert supposed("repairs") == sorted(
        sorted(
            [
                *(requirement.term for requirement in found.requirements),
                *(resolved.requirement.term for resolved in found.resolutions),
            ]
        )
        for found in policy().repairs(loaded)
    )


@pytest.mark.subprocess
def test_plain_clingo_tells_what_some_case_witnesses_of_a_policy() -> None:
    nothing = ROOT / "asp" / "policies" / "default.lp"
    out = shell("check", nothing, "-n", "0", "--enum-mode=brave", "--quiet=1")
    assert 'witnessed(only_obstacle("I.A","I.A.5"))' in out
    assert 'witnessed(only_obstacle("I.A.9","I.A.9.n"))' not in out
    assert 'witnessed(only_obstacle("II.A.3","II.A.3.n"))' in out


@pytest.mark.subprocess
def test_plain_clingo_finds_what_is_wrong_with_a_policy(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.lp"
    wrong.write_text("default(dose_increas, false).\n")
    found = re.findall(r"\b(?:at_)?fault(?:_text)?\(.*", shell("faults", wrong))
    (shown,) = found
    fault = "undeclared(attribute,dose_increas)"
    assert sorted(re.split(r" (?=\w+\()", shown)) == [
        f"at_fault({fault},default(dose_increas,false))",
        f"fault({fault})",
        f'fault_text({fault},"there is no {{1:bare}} {{2}}")',
    ]


def test_the_clingo_example_is_the_json_example_as_facts() -> None:
    path = ROOT / "examples" / "cases" / "deny" / "molecular_report_missing.json"
    facts = plain_facts(Case.load(path), policy().vocabulary)
    assert CASE.read_text().splitlines()[1:] == [f"{fact}." for fact in facts]


@settings(max_examples=scaled(25))
@given(rng=st.integers(min_value=0, max_value=2**32).map(random.Random))
def test_plain_clingo_and_the_library_give_the_same_answers(rng: random.Random) -> None:
    made = case(random_case(rng))
    facts = "\n".join(f"{fact}." for fact in plain_facts(made, policy().vocabulary))
    control = Control()
    for file in (
        ROOT / "asp" / "decide.lp",
        ROOT / "asp" / "policies" / "cp_phar_549" / "policy.lp",
    ):
        control.load(str(file))
    control.add("base", [], facts)
    control.ground([("base", [])])
    shown: list[str] = []
    control.solve(on_model=lambda model: shown.append(str(model)))
    decision = policy().decide(made)
    expected = {f"outcome({decision.outcome})"}
    expected |= {f'status("{name}",{result.status})' for name, result in decision.criteria.items()}
    if decision.denial_kind:
        expected.add(f"denial_kind({decision.denial_kind})")
    if decision.section:
        expected.add(f'approved_section("{decision.section}")')
        expected.add(f"approval_months({decision.approval_months})")
    if decision.refer_to:
        expected.add(f'refer_to("{decision.refer_to}")')
    answer = set(re.findall(r"(?:[^\s\"]|\"(?:[^\"\\\\]|\\\\.)*\")+", shown[-1]))
    assert {atom for atom in answer if not atom.startswith("warning(")} == expected
    assert any(atom.startswith("warning(") for atom in answer) == bool(decision.warnings)
