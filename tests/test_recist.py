"""What follows from measured lesions, held to responses that were worked out by hand."""

from __future__ import annotations

import csv
import json
import random
from fractions import Fraction
from typing import Any

import pytest

from pyclingo_bridge import Case, CaseError, Policy, explanation
from pyclingo_bridge.base.errors import TableError
from pyclingo_bridge.base.rule_files import policy_entry, read_program, rules_root
from pyclingo_bridge.base.solver import evaluate
from pyclingo_bridge.base.terms import Term, constant
from pyclingo_bridge.cases.conclusions import Conclusions, plain_values
from pyclingo_bridge.explain.view import View
from tests.conftest import ROOT, policy

TABLE = ROOT / "tests" / "studies" / "recist_cases.csv"
CONTINUATION = ROOT / "examples" / "cases" / "approve" / "continuation_stable_disease.json"
_NUMBERS = {
    "target_lesions_baseline_mm",
    "target_lesions_nadir_mm",
    "target_lesions_now_mm",
    "days_on_therapy",
}


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def stated(row: dict[str, str]) -> dict[str, Any]:
    """What the document of a row states."""
    found: dict[str, Any] = {}
    for name, text in row.items():
        if not text or name in ("id", "category", "why"):
            continue
        if name in _NUMBERS:
            found[name] = float(text) if "." in text else int(text)
        else:
            found[name] = {"true": True, "false": False}.get(text, text)
    return found


def scan(states: dict[str, Any], **changes: Any) -> Case:
    """A request to continue, responding by a scan of which this is told."""
    data = json.loads(CONTINUATION.read_text(encoding="utf-8"))
    for document in data["documents"]:
        for name in ("responding_positively", "recist_response"):
            document["states"].pop(name, None)
    report = {"id": "scan", "type": "imaging_report", "date": "2025-05-01", "states": states}
    data["documents"].append({**report, **changes})
    return Case.model_validate(data)


def of_rules(name: str, value: Any) -> int | Term:
    """A stated value as the rules have it: sums in thousandths of a mm."""
    if isinstance(value, (bool, str)):
        return constant(str(value).lower())
    return round(Fraction(str(value)) * 1000) if name.endswith("_mm") else int(value)


def concluded(states: dict[str, Any]) -> list[str]:
    said = scan(states).statements(policy("cp_phar_549").vocabulary)
    return [
        paper.states["recist_response"]
        for paper in said.documents
        if paper.id == "scan" and "recist_response" in paper.states
    ]


def test_the_table_has_each_category_often_enough() -> None:
    categories = [row["category"] for row in rows()]
    assert len(categories) >= 150
    assert all(categories.count(name) >= 10 for name in ("cr", "pr", "sd", "pd", ""))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_lesions_give_the_response_worked_out_by_hand(row: dict[str, str]) -> None:
    expected = [row["category"]] if row["category"] else []
    assert concluded(stated(row)) == expected, row["why"]


def test_plain_clingo_draws_the_same_conclusions() -> None:
    files = read_program(rules_root() / "vocabularies" / "oncology" / "conclusions.lp")
    facts = [
        Term("states", (row["id"], constant(name), of_rules(name, value)))
        for row in rows()
        for name, value in stated(row).items()
    ]
    found = evaluate(files, facts, [("concludes", 3)])["concludes"]
    by_plain_clingo = {(str(term.args[0]), str(term.args[2])) for term in found}
    assert by_plain_clingo == {(row["id"], row["category"]) for row in rows() if row["category"]}


def by_the_specification(states: dict[str, Any]) -> str | None:
    """The category as docs/specification, 31.1, has it, in fractions and without any rule."""
    before, least, now = (
        None if states.get(name) is None else Fraction(str(states[name]))
        for name in (
            "target_lesions_baseline_mm",
            "target_lesions_nadir_mm",
            "target_lesions_now_mm",
        )
    )
    normal = states.get("remaining_target_nodes_normal") is True
    others = states.get("non_target_lesions")
    grew = now is not None and any(
        now >= sum_before * Fraction(6, 5) and now >= sum_before + 5
        for sum_before in (before, least)
        if sum_before is not None
    )
    if (grew and not normal) or states.get("new_lesions") is True or others == "progression":
        return "pd"
    if before is None or least is None or now is None:
        return None
    if normal and (grew or now >= before * Fraction(2, 3)):
        return None
    if states.get("new_lesions") is not False or others is None:
        return None
    if min(before, least) == 0 and now > 0 and not normal:
        return None
    gone = now == 0 or normal
    if gone and others in ("none_present", "complete_response"):
        return "cr"
    if gone or now <= before * Fraction(7, 10):
        return "pr"
    days = states.get("days_on_therapy_at_scan", states.get("days_on_therapy", 0))
    return "sd" if days >= 35 else None


def random_report(dice: random.Random) -> dict[str, Any]:
    """Lesions near a threshold, some of it left out."""
    before = dice.choice([10, 25, 33.3, 50, 66.667, 100])
    least = dice.choice([0, before, round(before * 0.4, 3), round(before * 0.7, 3), before + 3])
    low = min(before, least)
    near = dice.choice([before * 0.7, low * 1.2, low + 5, low, before, 0, 3])
    now = max(0.0, round(near + dice.choice([-0.001, 0, 0.001, 0.4]), 3))
    report = {
        "target_lesions_baseline_mm": before,
        "target_lesions_nadir_mm": least,
        "target_lesions_now_mm": now,
        "new_lesions": dice.random() < 0.1,
        "non_target_lesions": dice.choice(
            ["none_present", "complete_response", "non_cr_non_pd", "not_evaluated"] * 3 + ["progression"]
        ),
        "days_on_therapy": dice.choice([0, 34, 35, 200]),
    }
    if dice.random() < 0.4:
        report["days_on_therapy_at_scan"] = dice.choice([0, 34, 35, 200])
    if dice.random() < 0.15:
        report["remaining_target_nodes_normal"] = dice.random() < 0.8
    return {name: value for name, value in report.items() if dice.random() > 0.06}


@pytest.mark.slow
def test_random_reports_come_to_what_the_specification_says() -> None:
    dice = random.Random(17)
    reports = {f"scan {number}": random_report(dice) for number in range(4000)}
    vocabulary = policy("cp_phar_549").vocabulary
    facts = [
        Term("states", (name, constant(attribute), term))
        for name, states in reports.items()
        for attribute, value in states.items()
        for term in plain_values(vocabulary.all[attribute], value)
    ]
    files = read_program(rules_root() / "vocabularies" / "oncology" / "conclusions.lp")
    found = evaluate(files, facts, [("concludes", 3)])["concludes"]
    concluded_of = [(str(term.args[0]), str(term.args[2])) for term in found]
    assert len(concluded_of) == len({name for name, _ in concluded_of})
    expected = {name: by_the_specification(states) for name, states in reports.items()}
    assert dict(concluded_of) == {name: one for name, one in expected.items() if one}
    assert all(list(expected.values()).count(one) > 100 for one in ("cr", "pr", "sd", "pd", None))


PARTIAL = {
    "target_lesions_baseline_mm": 100,
    "target_lesions_nadir_mm": 70,
    "target_lesions_now_mm": 70,
    "new_lesions": False,
    "non_target_lesions": "none_present",
}
GROWN = {**PARTIAL, "target_lesions_now_mm": 84}
STEADY = {**PARTIAL, "target_lesions_now_mm": 83.9}


def criterion(states: dict[str, Any], **interpretations: str) -> str:
    chosen = policy("cp_phar_549", **interpretations)
    return chosen.decide(scan(states)).statuses["II.A.2"]


def test_a_partial_response_by_measurement_is_a_response() -> None:
    assert criterion(PARTIAL) == "met"


def test_progression_by_measurement_is_none() -> None:
    assert criterion(GROWN) == "not_met"


def test_stable_disease_by_measurement_is_left_to_the_interpretation() -> None:
    steady = {**STEADY, "days_on_therapy": 35}
    assert criterion(steady) == "met"
    assert criterion(steady, stable_disease_is_response="no") == "not_met"


def test_stable_disease_before_five_weeks_says_nothing_and_that_is_told() -> None:
    early = {**STEADY, "days_on_therapy": 34}
    assert criterion(early) == "undocumented"
    warnings = policy("cp_phar_549").decide(scan(early)).warnings
    assert any("takes 35 days" in line and "fewer" in line for line in warnings)


def test_measurements_without_a_nadir_say_nothing_and_that_is_told() -> None:
    states = {name: value for name, value in PARTIAL.items() if name != "target_lesions_nadir_mm"}
    decision = policy("cp_phar_549").decide(scan(states))
    assert decision.statuses["II.A.2"] == "undocumented"
    assert any("`scan`" in line and "sums" in line for line in decision.warnings)


def test_a_category_stated_against_the_measurements_is_a_contradiction() -> None:
    assert criterion({**GROWN, "recist_response": "pr"}) == "conflicting"
    assert criterion({**GROWN, "responding_positively": True}) == "conflicting"


def test_a_category_stated_as_measured_is_no_contradiction() -> None:
    assert criterion({**PARTIAL, "recist_response": "pr"}) == "met"


def test_a_stated_category_stands_whatever_the_days_on_therapy() -> None:
    assert criterion({"recist_response": "sd", "days_on_therapy": 34}) == "met"


def test_a_later_scan_takes_the_place_of_an_earlier_one() -> None:
    data = scan(PARTIAL).model_dump(mode="json")
    later = {"id": "later", "type": "imaging_report", "date": "2025-06-01", "states": GROWN}
    data["documents"].append(later)
    decision = policy("cp_phar_549").decide(Case.model_validate(data))
    assert decision.statuses["II.A.2"] == "not_met"


def test_measurements_in_two_documents_are_not_put_together() -> None:
    halves = {"target_lesions_now_mm": 70}
    rest = {name: value for name, value in PARTIAL.items() if name not in halves}
    data = scan(rest).model_dump(mode="json")
    data["documents"].append({"id": "other", "type": "imaging_report", "date": "2025-05-01", "states": halves})
    decision = policy("cp_phar_549").decide(Case.model_validate(data))
    assert decision.statuses["II.A.2"] == "undocumented"


def test_both_ways_of_judging_and_a_table_agree() -> None:
    by_clingo = Policy.load("cp_phar_549", judged_by="clingo")
    compiled = policy("cp_phar_549")
    cases = [scan(stated(row), id=f"scan {place}") for place, row in enumerate(rows()) if place % 7 == 0]
    for one in cases:
        assert by_clingo.decide(one).statuses == compiled.decide(one).statuses
    kept = [one for one in cases if "days_on_therapy" not in one.documents[-1].states]
    table = compiled.decide_batch(compiled.batch_table(kept)).column("outcome").to_pylist()
    assert table == [compiled.decide(one).outcome for one in kept]


def test_a_live_case_takes_measurements_one_by_one() -> None:
    compiled = policy("cp_phar_549")
    live = compiled.session(scan(PARTIAL))
    found = [live.statuses["II.A.2"]]
    live.state("scan", "target_lesions_now_mm", 84)
    found.append(live.statuses["II.A.2"])
    live.unstate("scan", "new_lesions")
    found.append(live.statuses["II.A.2"])
    live.state("scan", "target_lesions_now_mm", 83.9)
    found.append(live.statuses["II.A.2"])
    assert found == ["met", "not_met", "not_met", "undocumented"]


def test_the_evidence_says_that_it_is_by_the_details() -> None:
    loaded = policy("cp_phar_549")
    text = explanation(loaded.decide(scan(PARTIAL)), view=View.of(loaded.loaded)).render()
    assert (
        "imaging report scan (2025-05-01) says so: RECIST response: partial response (from its details: "
        "sum of the target lesions before treatment, in mm: 100; least sum of the target lesions since "
        "treatment began, in mm: 70; sum of the target lesions now, in mm: 70; no new lesions; what became of "
        "the non-target lesions: there were none)"
    ) in " ".join(text.split())


def test_a_contradiction_within_a_document_tells_which_statement_is_by_its_details() -> None:
    decision = policy("cp_phar_549").decide(scan({**GROWN, "recist_response": "pr"}))
    (warning,) = [line for line in decision.warnings if "disagree" in line]
    assert "states recist_response = pr;" in warning
    assert "recist_response = pd (by its details: target_lesions_baseline_mm = 100" in warning


def test_a_scan_before_treatment_is_no_reason_for_a_warning() -> None:
    baseline = scan({"target_lesions_baseline_mm": 84.5})
    assert not any("details" in line for line in policy("cp_phar_549").decide(baseline).warnings)


def test_the_days_of_the_scan_are_usual_in_an_imaging_report() -> None:
    steady = scan({**STEADY, "days_on_therapy_at_scan": 35})
    decision = policy("cp_phar_549").decide(steady)
    assert decision.statuses["II.A.2"] == "met"
    assert decision.warnings == ()


def test_the_days_of_the_scan_count_before_those_of_the_note_on_it() -> None:
    early = {**STEADY, "days_on_therapy_at_scan": 34, "days_on_therapy": 60}
    assert criterion(early) == "undocumented"
    assert criterion({**early, "days_on_therapy_at_scan": 35, "days_on_therapy": 34}) == "met"


@pytest.mark.parametrize(
    ("states", "warned"),
    [
        ({"target_lesions_baseline_mm": 80, "non_target_lesions": "none_present"}, False),
        ({"target_lesions_baseline_mm": 80, "target_lesions_nadir_mm": 60}, True),
        ({"remaining_target_nodes_normal": True}, True),
        ({"non_target_lesions": "non_cr_non_pd"}, True),
        ({"target_lesions_now_mm": 60, "recist_response": "pr"}, False),
    ],
)
def test_measurements_that_come_to_nothing_are_told_of_where_they_should_come_to_something(
    states: dict[str, Any], warned: bool
) -> None:
    warnings = policy("cp_phar_549").decide(scan(states)).warnings
    told = [line for line in warnings if "the details of `scan` do not settle" in line]
    assert bool(told) == warned
    assert all("other documents" in line for line in told)


def test_details_in_an_unusual_document_count_and_are_warned_of() -> None:
    decision = policy("cp_phar_549").decide(scan(PARTIAL, type="chart_note"))
    assert decision.statuses["II.A.2"] == "met"
    assert any("`target_lesions_now_mm`" in line and "usual" in line for line in decision.warnings)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("target_lesions_now_mm", -1, "out of bounds"),
        ("target_lesions_baseline_mm", 0.5, "out of bounds"),
        ("target_lesions_now_mm", 10.1234, "more than 3 digits"),
        ("target_lesions_now_mm", "12", "has to be a number"),
        ("target_lesions_now_mm", True, "has to be a number"),
        ("target_lesions_now_mm", float("nan"), "has to be a number"),
        ("target_lesions_now_mm", 10**40, "out of bounds"),
        ("non_target_lesions", "gone", "unknown value"),
        ("new_lesions", "no", "`true` or `false`"),
    ],
)
def test_a_detail_that_cannot_be_is_refused(name: str, value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        scan({name: value})


def test_a_sweep_of_a_detail_says_why_there_is_none() -> None:
    with pytest.raises(CaseError, match="no requirement is about it"):
        policy("cp_phar_549").sweep(scan(PARTIAL), "target_lesions_now_mm")


def test_what_if_takes_a_detail() -> None:
    changed = policy("cp_phar_549").what_if(scan(PARTIAL), {"set": {"target_lesions_now_mm": 84.0}})
    assert changed.outcome == ("approve", "deny")


@pytest.mark.slow
def test_a_policy_with_a_requirement_on_a_detail_is_refused(tmp_path: Any) -> None:
    source = policy_entry("label").read_text(encoding="utf-8")
    root = rules_root()
    text = source.replace('"../../', f'"{root}/').replace(
        '#include "nsclc.lp"', f'#include "{root}/policies/label/nsclc.lp"'
    )
    text = text.replace('#include "crc.lp"', f'#include "{root}/policies/label/crc.lp"')
    extra = 'requires("LBL.NSCLC.1", yes(new_lesions)).\n'
    (tmp_path / "policy.lp").write_text(text + extra, encoding="utf-8")
    with pytest.raises(ValueError, match="a detail: make it about what is concluded"):
        Policy.load(tmp_path)


def test_a_table_has_no_column_for_a_detail_and_says_so() -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
    compiled = policy("cp_phar_549")
    table = compiled.batch_table([scan(PARTIAL)])
    assert table.column("recist_response").to_pylist() == ["pr"]
    wider = table.append_column("target_lesions_now_mm", pyarrow.array([70.0]))
    with pytest.raises(TableError, match="is a detail"):
        compiled.decide_batch(wider)


def test_conclusions_drawn_of_many_documents_at_once_are_those_of_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vocabulary = policy("cp_phar_549").vocabulary
    reports = [stated(row) for row in rows()]
    apart = [vocabulary.conclusions.of(one, vocabulary.all) for one in reports]
    monkeypatch.setattr("pyclingo_bridge.cases.conclusions._KNOWN", {})
    anew = Conclusions(read_program(rules_root() / "vocabularies" / "oncology" / "vocabulary.lp"))
    anew.learn(reports, vocabulary.all)
    assert [anew.of(one, vocabulary.all) for one in reports] == apart


def test_a_file_of_measured_cases_is_decided_as_each_case_is() -> None:
    pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
    compiled = policy("cp_phar_549")
    cases = [scan(stated(row), id=f"scan {place}") for place, row in enumerate(rows())]
    cases = [one.model_copy(update={"id": f"case {place}"}) for place, one in enumerate(cases)]
    table = compiled.decide_cases([one.model_dump_json() for one in cases], statuses=True)
    found = table.column("status II.A.2").to_pylist()
    assert found == [compiled.decide(one).statuses["II.A.2"] for one in cases]
    assert {"met", "not_met", "undocumented"} <= set(found)


def test_the_order_of_details_in_a_document_changes_nothing_that_is_told() -> None:
    compiled = policy("cp_phar_549")
    one, other = scan(PARTIAL), scan(dict(reversed(PARTIAL.items())))
    assert compiled.decide(one).model_dump_json() == compiled.decide(other).model_dump_json()
    assert compiled.reasons(one).model_dump_json() == compiled.reasons(other).model_dump_json()
