"""Every example case gets the decision that was worked out for it by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import Case, Policy, explanation
from tests.conftest import ROOT, policy

CASES = ROOT / "examples" / "cases"
EXPECTED: dict[str, dict[str, Any]] = json.loads((ROOT / "examples" / "expected.json").read_text())
NAMES = sorted(str(path.relative_to(CASES).with_suffix("")) for path in CASES.rglob("*.json"))


def test_there_is_an_expectation_and_a_line_of_the_readme_for_every_case() -> None:
    readme = (ROOT / "examples" / "README.md").read_text()
    assert sorted(EXPECTED) == NAMES
    assert len(NAMES) >= 20
    assert [name for name in NAMES if Path(name).name not in readme] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_decided_as_its_folder_and_its_author_say(name: str) -> None:
    expected = EXPECTED[name]
    case = Case.load(CASES / f"{name}.json")
    assert case.id == Path(name).name
    decision = policy().decide(case)
    assert decision.outcome == Path(name).parent.name == expected["outcome"]
    told = ("denial_kind", "section", "approval_months", "refer_to")
    assert {key: getattr(decision, key) for key in told} == {key: expected.get(key) for key in told}
    statuses = {key: decision.criteria[key].status for key in expected.get("statuses", {})}
    assert statuses == expected.get("statuses", {})
    sets = [sorted(requirement.term for requirement in entry.requirements) for entry in policy().missing(case)]
    assert sorted(sets) == sorted(sorted(entry) for entry in expected.get("missing", []))
    for text in expected.get("warnings", []):
        assert any(text in warning for warning in decision.warnings), decision.warnings
    if not expected.get("warnings"):
        assert decision.warnings == ()


def test_what_the_plan_knows_approves_what_the_file_leaves_open() -> None:
    case = Case.load(CASES / "deny" / "generic_left_to_the_plan.json")
    with_plan = Policy.load("cp_phar_549", plan=ROOT / "examples" / "plan.json")
    decision = with_plan.decide(case)
    assert (decision.outcome, decision.section) == ("approve", "I.A")


DEPENDENT = [(name, index) for name in NAMES for index in range(len(EXPECTED[name].get("interpretations", [])))]
FEW = [
    entry for entry in DEPENDENT if len(EXPECTED[entry[0]]["interpretations"][entry[1]]["interpretations"]) == 1
]


@pytest.mark.parametrize(("name", "index"), FEW)
def test_an_example_that_depends_on_a_interpretation_is_decided_by_it(name: str, index: int) -> None:
    expected = EXPECTED[name]["interpretations"][index]
    decision = policy(**expected["interpretations"]).decide(Case.load(CASES / f"{name}.json"))
    assert decision.outcome == expected["outcome"]
    assert decision.denial_kind == expected.get("denial_kind")


@pytest.mark.parametrize("name", NAMES)
def test_an_explanation_names_what_decides(name: str) -> None:
    decision = policy().decide(Case.load(CASES / f"{name}.json"))
    text = explanation(decision).render()
    assert all(len(line) <= 80 for line in text.splitlines())
    shown = set(re.findall(r"\] (I[\w.]*) ", text))
    if decision.outcome == "approve":
        assert decision.section in shown
        assert not re.search(r"\[(undocumented|conflicting|not met)\]", text)
    elif decision.outcome == "deny":
        blocking = {section.id for section in decision.sections if section.addresses}
        assert shown & blocking
        assert "[met]" not in text
    else:
        assert decision.refer_to is not None
        assert decision.refer_to in text
    for evidence in re.findall(r"- ([\w-]+) \((\w+), (\d{4}-\d\d-\d\d)\)", text):
        assert any(evidence == (d.id, d.type, str(d.date)) for d in Case.load(CASES / f"{name}.json").documents)


@pytest.mark.parametrize("name", NAMES[::7])
def test_a_whole_explanation_names_every_criterion_in_every_format(name: str) -> None:
    decision = policy().decide(Case.load(CASES / f"{name}.json"))
    for form in ("text", "markdown"):
        told = explanation(decision, full=True).render(form)
        assert all(re.search(rf"(^|\W){re.escape(key)} ", told) for key in decision.criteria)
    data = json.loads(explanation(decision, full=True).render("json"))
    ids: list[str] = []

    def walk(node: dict[str, Any]) -> None:
        if node["id"]:
            ids.append(node["id"])
        for child in node["children"]:
            walk(child)

    for node in data["reasons"]:
        walk(node)
    assert set(ids) == set(decision.criteria)
