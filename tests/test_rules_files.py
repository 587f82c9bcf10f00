"""The rules files are held to their headers, to one meaning a word, and to plain clingo."""

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
from clingo.ast import AST, ASTType, parse_string
from hypothesis import given, settings
from hypothesis import strategies as st

from pyclingo_bridge import Case
from pyclingo_bridge.core.facts import plain_facts
from pyclingo_bridge.loading.authoring import policy_words
from pyclingo_bridge.loading.rule_syntax import predicates_of
from tests.conftest import ROOT, case, policy
from tests.random_cases import random_case

FILES = sorted([*(ROOT / "asp").rglob("*.lp"), *(ROOT / "tests" / "policies").rglob("*.lp")])
NAMES = [str(path.relative_to(ROOT)) for path in FILES]
ENTRIES = {
    "decide.lp",
    "missing.lp",
    "documents.lp",
    "evidence_shown.lp",
    "ordered_missing.lp",
    "obtained.lp",
}
ENTRIES |= {"check.lp", "checks.lp", "causes.lp", "differences.lp", "ambiguities.lp", "monotone.lp"}
ENTRIES |= {
    "interpretations_of_case.lp",
    "across.lp",
    "ends.lp",
    "repairs_shown.lp",
    "supposed_shown.lp",
}
ENTRIES |= {
    "among.lp",
    "nowhere.lp",
    "other_interpretations.lp",
    "hitting.lp",
    "repairs.lp",
    "reasons.lp",
    "counterfactuals.lp",
}
ENTRIES |= {"check_evidence.lp", "published.lp"}
FAULTS = ROOT / "asp" / "faults.lp"
HEADER = re.compile(
    r"\A% Purpose: .+?\n% Input:   (?P<input>.+?)\n% Output:  (?P<output>.+?)\n(?!%)", re.DOTALL
)
ENTRY = re.compile(r"^(?P<name>[a-z_]+)\((?P<args>[^)]*)\) - (?P<meaning>.+)$")
MOST_LINES = 60
LONGER = {"texts.lp", "section_i_a.lp", "section_i_b.lp", "section_i_c.lp", "section_ii_a.lp"}

Predicate = tuple[str, int]


def told(path: Path, part: str) -> dict[Predicate, str]:
    """The predicates that a header tells of, each with its meaning."""
    header = HEADER.match(path.read_text())
    assert header, f"{path} has no header"
    text = header.group(part)
    if text == "none":
        return {}
    joined = re.sub(r"\n%            +", " ", "\n% " + text)
    found = {}
    for line in joined.strip().splitlines():
        entry = ENTRY.match(line.removeprefix("%").strip())
        assert entry, f"{path}: {line!r} is no `name(Args) - meaning`"
        found[entry["name"], entry["args"].count(",") + 1] = entry["meaning"]
    return found


@cache
def used(path: Path) -> tuple[set[Predicate], set[Predicate]]:
    """The predicates in heads, and those in bodies."""
    heads: set[Predicate] = set()
    bodies: set[Predicate] = set()

    def note(statement: AST) -> None:
        if statement.ast_type == ASTType.Rule:
            heads.update(predicates(head_atoms(statement.head)))
            bodies.update(predicates(conditions(statement.head)))
            bodies.update(predicates(statement.body))
        elif statement.ast_type == ASTType.External:
            heads.update(predicates([statement.atom]))
            bodies.update(predicates(statement.body))
        elif statement.ast_type in (ASTType.Heuristic, ASTType.Minimize):
            bodies.update(predicates([statement]))

    parse_string(re.sub(r"#include.*", "", path.read_text()), note)
    return heads, bodies


def head_atoms(head: AST) -> list[AST]:
    return [element.literal for element in head.elements] if head.ast_type == ASTType.Aggregate else [head]


def conditions(head: AST) -> list[AST]:
    if head.ast_type != ASTType.Aggregate:
        return []
    return [condition for element in head.elements for condition in element.condition]


def predicates(nodes: Iterable[AST]) -> Iterator[Predicate]:
    for node in nodes:
        if node.ast_type == ASTType.SymbolicAtom:
            yield from predicates_of(node.symbol)
            continue
        for key in node.child_keys:
            child = getattr(node, key)
            entries = child if isinstance(child, Iterable) else [child]
            yield from predicates(entry for entry in entries if isinstance(entry, AST))


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_header_tells_what_the_file_uses_and_makes(path: Path) -> None:
    heads, bodies = used(path)
    assert set(told(path, "output")) == heads
    inputs = set(told(path, "input"))
    assert bodies - heads <= inputs <= bodies


def test_a_predicate_has_one_meaning_in_all_headers() -> None:
    meanings: dict[Predicate, dict[str, str]] = {}
    for path in FILES:
        for part in ("input", "output"):
            for predicate, meaning in told(path, part).items():
                meanings.setdefault(predicate, {})[meaning] = str(path.relative_to(ROOT))
    assert {predicate: texts for predicate, texts in meanings.items() if len(texts) > 1} == {}


def test_every_predicate_that_a_body_uses_is_made_somewhere_or_is_a_word_or_an_input() -> None:
    made = set().union(*(used(path)[0] for path in FILES))
    inputs = {("request", 2), ("document", 2), ("dated", 2), ("states", 3), ("states_list", 2)}
    inputs |= {
        ("chosen_interpretation", 2),
        ("slots", 1),
        ("names", 1),
        ("kind", 1),
        ("precedence", 3),
    }
    inputs |= {
        ("pooled", 4),
        ("consulted", 1),
        ("borrowed", 1),
        ("own", 2),
        ("falls_to", 2),
        ("must_give", 1),
    }
    inputs |= {("variant", 1), ("of_variant", 2), ("adjacent", 5), ("by_default", 5)}
    inputs |= {("suspect", 2), ("wanted", 1), ("denies", 1), ("counterpart", 2), ("possible", 1)}
    inputs |= {("swept", 1), ("suspect_requirement", 1), ("largest", 3), ("in_largest", 4)}
    inputs |= {
        ("stands", 2),
        ("recomputed", 5),
        ("fits", 3),
        ("tried", 1),
        ("mentioned", 2),
        ("was_read", 1),
        ("under_interpretation", 1),
        ("not_defined", 2),
        ("spelled", 2),
        ("cites", 2),
        ("item", 1),
        ("holds", 2),
    }
    for path in FILES:
        assert used(path)[1] - made - inputs - policy_words() == set(), path


def test_every_word_of_the_policy_language_is_used_by_some_shipped_file() -> None:
    files = [path for path in FILES if "engine" not in path.parts]
    heads = set().union(*(used(path)[0] for path in files))
    bodies = set().union(*(used(path)[1] for path in FILES))
    assert policy_words() - heads - bodies == set()


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_has_one_purpose_and_about_fifty_lines(path: Path) -> None:
    rules = [line for line in path.read_text().splitlines() if line and not line.startswith(("%", "#defined"))]
    assert len(rules) <= (130 if path.name in LONGER else MOST_LINES)
    assert path == FAULTS or path.name in ENTRIES or "#show" not in path.read_text()


def test_choices_stand_only_where_the_question_is_a_search() -> None:
    choices = {
        str(path.relative_to(ROOT)) for path in FILES if re.search(r"^(1 )?\{", path.read_text(), re.MULTILINE)
    }
    assert choices == {
        "asp/engine/decision/tries.lp",
        "asp/engine/decision/together.lp",
        "asp/engine/suppose/suppose.lp",
        "asp/engine/suppose/premises.lp",
        "asp/engine/missing/obtain.lp",
        "asp/engine/repairs/changes.lp",
        "asp/engine/counterfactuals/otherwise.lp",
        "asp/engine/reasons/hitting.lp",
        "asp/engine/missing/cover.lp",
        "asp/engine/cases/request.lp",
        "asp/engine/cases/documents.lp",
        "asp/engine/checks/monotone.lp",
        "asp/engine/differences/waive.lp",
        "asp/engine/alignment/lists_and_dates.lp",
        "asp/engine/regions/lists.lp",
        "asp/bridge/variants.lp",
        "asp/bridge/other_interpretations.lp",
    }


def test_every_criterion_of_a_shipped_policy_has_a_short_label_and_a_locator() -> None:
    for path in (ROOT / "asp" / "policies").rglob("section_*.lp"):
        labels = dict(re.findall(r'^criterion\("([^"]+)", "([^"]+)"\)\.', path.read_text(), re.MULTILINE))
        located = set(re.findall(r'^locator\("([^"]+)", "[^"]+"\)\.', path.read_text(), re.MULTILINE))
        assert set(labels) == located
        assert all(len(label) <= 72 for label in labels.values())


def shell(entry: str, facts: Path, *options: str) -> str:
    """What plain clingo says, from the repository's root; a word on standard error is a failure."""
    command = [sys.executable, "-m", "clingo", f"asp/{entry}.lp"]
    command += ["asp/policies/cp_phar_549/policy.lp", str(facts), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert "SATISFIABLE" in done.stdout
    return done.stdout


CASE = ROOT / "examples" / "clingo" / "molecular_report_missing.lp"


def test_plain_clingo_decides_a_case() -> None:
    out = shell("decide", CASE, "--quiet=1")
    assert "outcome(deny)" in out
    assert "denial_kind(insufficient_documentation)" in out
    assert 'status("I.A.4",undocumented)' in out


def test_plain_clingo_lists_missing_sets_and_documents() -> None:
    options = ("-n", "0", "--heuristic=Domain", "--enum-mode=domRec")
    assert re.findall(r"suppose\(.*", shell("missing", CASE, *options)) == ["suppose(yes(kras_g12c))"]
    assert re.findall(r"obtain\(.*", shell("documents", CASE, *options)) == ["obtain(molecular_report)"]


FOLLOWED = ["deny/dose_961_without_literature", "refer/nsclc_with_pembrolizumab"]
FOLLOWED += ["deny/documents_disagree_on_diagnosis", "approve/nsclc_whole"]


@pytest.mark.parametrize("name", FOLLOWED)
def test_plain_clingo_lists_repairs_counterfactuals_and_reasons(name: str, tmp_path: Path) -> None:
    loaded = Case.load(ROOT / "examples" / "cases" / f"{name}.json")
    facts = tmp_path / "case.lp"
    terms = plain_facts(loaded, policy().vocabulary)
    facts.write_text("".join(f"{term}.\n" for term in terms))

    def supposed(entry: str) -> list[list[str]]:
        out = shell(entry, facts, "-n", "0", "--heuristic=Domain", "--enum-mode=domRec")
        answers = re.findall(r"^Answer: .*\n(.*)$", out, re.MULTILINE)
        atoms = (re.findall(r"suppose\((\S+)\)(?= |$)", answer) for answer in answers)
        return sorted(sorted(terms) for terms in atoms)

    if loaded.id == "nsclc_whole":
        reasons = policy().reasons(loaded).sufficient
        assert supposed("reasons") == sorted(
            sorted(requirement.requirement.term for requirement in found.requirements) for found in reasons
        )
        return
    assert supposed("counterfactuals") == sorted(
        sorted(requirement.requirement.term for requirement in found.requirements)
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


def test_plain_clingo_tells_what_some_case_witnesses_of_a_policy() -> None:
    nothing = ROOT / "asp" / "policies" / "default.lp"
    out = shell("check", nothing, "-n", "0", "--enum-mode=brave", "--quiet=1")
    assert 'witnessed(only_obstacle("I.A","I.A.5"))' in out
    assert 'witnessed(only_obstacle("I.A.9","I.A.9.n"))' not in out
    assert 'witnessed(only_obstacle("II.A.3","II.A.3.n"))' in out


def test_plain_clingo_finds_what_is_wrong_with_a_policy(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.lp"
    wrong.write_text("default(dose_increas, false).\n")
    found = re.findall(r"\b(?:at_)?fault(?:_text)?\(.*", shell("faults", wrong))
    (shown,) = found
    fault = "undeclared(attribute,dose_increas)"
    assert sorted(re.split(r" (?=\w+\()", shown)) == [
        f"at_fault({fault},default(dose_increas,false))",
        f"fault({fault})",
        f'fault_text({fault},"{{2}} is no {{1:bare}}")',
    ]


def test_the_clingo_example_is_the_json_example_as_facts() -> None:
    path = ROOT / "examples" / "cases" / "deny" / "molecular_report_missing.json"
    facts = plain_facts(Case.load(path), policy().vocabulary)
    assert CASE.read_text().splitlines()[1:] == [f"{fact}." for fact in facts]


@settings(max_examples=25)
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
