"""What another version of a policy changes: counted right, and laid at the right criterion's door."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("numpy", reason="the extra `batch` is not installed")

import pyarrow as pa
import pyarrow.parquet as pq
from typer.testing import CliRunner

from pyclingo_bridge import BridgeError, Case, CaseError, Policy, PolicyError
from pyclingo_bridge.cli.main import app
from pyclingo_bridge.explain.report import as_markdown
from pyclingo_bridge.impact.answers import Impact, ImpactGroup
from pyclingo_bridge.impact.causes import Causes, Ruled
from pyclingo_bridge.impact.counting import impact_of
from pyclingo_bridge.impact.text import impact_report
from tests.conftest import CONTINUING, FACTS, POLICIES, case, made, policy, request
from tests.random_cases import random_case
from tests.revisions import revised_asthma

EARLIER, LATER = "cp_phar_549_2024", "cp_phar_549"


def impact(*cases: Case, first: str = EARLIER, second: str = LATER, **options: Any) -> Impact:
    table = policy(first).batch_table(cases)
    return policy(first).impact(table, policy(second), **options)


def only_group(*cases: Case, **sides: str) -> ImpactGroup:
    (group,) = impact(*cases, **sides).groups
    assert group.rows == len(cases)
    return group


def told(group: ImpactGroup) -> tuple[str, tuple[str, ...], str]:
    return group.kind, group.criteria, group.favors


OTHER_DRUG = ["bevacizumab"]
CRC = {"diagnosis": "crc", "disease_extent": ["metastatic"]}
SMALL_BOWEL = "small_bowel_adenocarcinoma"
PANCREAS = "pancreatic_adenocarcinoma"

# Each read off the two versions' rules by hand: (form, facts, what differs, the expected cause).
CAUSES: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str, tuple[str, ...], str]]] = [
    (
        "another anticancer drug, which the later version forbids",
        request(concurrent_drugs=OTHER_DRUG),
        {"regimen_recommended": True},
        ("criterion", ("I.A.5",), "first"),
    ),
    (
        "a pancreas without a mutation, which the later version asks for",
        request(),
        {"diagnosis": PANCREAS, "kras_g12c": False},
        ("criterion", ("I.C.4",), "first"),
    ),
    (
        "a pancreas without earlier therapy, which the later version asks for",
        request(),
        {"diagnosis": PANCREAS, "prior_therapies": []},
        ("criterion", ("I.C.5",), "first"),
    ),
    (
        "a pancreas without either",
        request(),
        {"diagnosis": PANCREAS, "kras_g12c": False, "prior_therapies": []},
        ("criterion", ("I.C.4", "I.C.5"), "first"),
    ),
    (
        "an early pancreatic cancer, of which the later version asks the extent",
        request(),
        {"diagnosis": PANCREAS, "disease_extent": ["early"]},
        ("criterion", ("I.C.1.b",), "first"),
    ),
    (
        "an early cancer of the small bowel",
        request(),
        {"diagnosis": SMALL_BOWEL, "disease_extent": ["early"]},
        ("criterion", ("I.C.1.c",), "first"),
    ),
    (
        "a colorectal cancer, for which the later version has a section",
        request(concurrent_drugs=["panitumumab"]),
        {**CRC, "prior_therapies": ["carboplatin"]},
        ("section", ("I.B",), "second"),
    ),
    (
        "the same alone after chemotherapy, for which the later version has no place in I.C",
        request(),
        {
            **CRC,
            "prior_therapies": ["irinotecan", "oxaliplatin", "capecitabine"],
            "egfr_inhibitor_intolerance": False,
        },
        ("criterion", ("I.C.1.d",), "first"),
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "changes", "cause"),
    [entry[1:] for entry in CAUSES],
    ids=[entry[0] for entry in CAUSES],
)
def test_a_change_is_laid_at_the_door_of_the_criterion_that_makes_it(
    form: dict[str, Any], changes: dict[str, Any], cause: tuple[str, tuple[str, ...], str]
) -> None:
    entry = case(made(form, FACTS, **changes))
    first, second = (policy(name).decide(entry) for name in (EARLIER, LATER))
    assert "approve" in (first.outcome, second.outcome)
    group = only_group(entry)
    assert told(group) == cause
    (flow,) = group.flows
    assert (flow.before.outcome, flow.after.outcome) == (first.outcome, second.outcome)
    assert group.examples == ("made",)
    # The other way round it is the same cause, and the other policy that is favored.
    other = only_group(entry, first=LATER, second=EARLIER)
    sides = {"first": "second", "second": "first"}
    assert told(other) == (cause[0], cause[1], sides[cause[2]])


def test_a_continued_request_with_an_antibody_is_a_matter_of_its_footnote() -> None:
    form = request(type="continuation", concurrent_drugs=["cetuximab"], dose_increase=True)
    group = only_group(case(made(form, CONTINUING, diagnosis="crc")))
    assert told(group) == ("criterion", ("II.A.3.n",), "second")
    assert group.text == "`II.A.3.n` (the regimen is approved or recommended)"
    assert group.locators == ("section II.A, footnote to item 3",)


def test_a_denial_that_becomes_a_referral_is_a_matter_of_the_uses_that_sections_speak_of() -> None:
    entry = case(made(request(concurrent_drugs=OTHER_DRUG), FACTS, kras_g12c=False))
    assert policy(EARLIER).decide(entry).denial_kind == "criteria_not_met"
    assert policy(LATER).decide(entry).outcome == "refer"
    group = only_group(entry)
    # The later version asks of these sections' uses that nothing be given with the drug; I.B is new.
    assert told(group) == ("use_condition", ("I.A", "I.B", "I.C"), "first")


@cache
def many() -> tuple[Case, ...]:
    rng = random.Random(23)
    found: list[Case] = []
    while len(found) < 120:
        one = case({**random_case(rng), "id": f"case-{len(found)}"})
        if fits_a_row(one):
            found.append(one)
    return tuple(found)


def fits_a_row(one: Case) -> bool:
    """Rows hold no document that replaces another, and no diagnosis by several names."""
    try:
        policy().batch_table([one])
    except CaseError:
        return False
    return True


@pytest.mark.slow
def test_changes_are_those_of_single_decisions_and_each_is_in_one_group() -> None:
    found = impact(*many(), examples=len(many()))
    table = policy().batch_table(many())
    pairs: Counter[Any] = Counter()
    changed = set()
    sides = [policy(name).decide_batch(table).to_pylist() for name in (EARLIER, LATER)]
    for row, other in zip(*sides, strict=True):
        rulings = [(side["outcome"], side["denial_kind"]) for side in (row, other)]
        pairs[tuple(rulings)] += 1
        if rulings[0] != rulings[1]:
            changed.add(row["id"])
    flows = {
        ((f.before.outcome, f.before.denial_kind), (f.after.outcome, f.after.denial_kind)): f.rows
        for f in found.flows
    }
    assert flows == dict(pairs)
    assert len(changed) > 20
    assert found.changed == len(changed) == sum(group.rows for group in found.groups)
    named = [name for group in found.groups for name in group.examples]
    assert sorted(named) == sorted(changed)
    assert [group.rows for group in found.groups] == sorted(
        (group.rows for group in found.groups), reverse=True
    )
    for group in found.groups:
        assert sum(flow.rows for flow in group.flows) == group.rows


@pytest.mark.slow
def test_every_named_criterion_stands_otherwise_on_the_two_sides() -> None:
    """What a cause says holds of every changed row, by the decisions' own statuses."""
    by_id = {entry.id: entry for entry in many()}
    found = impact(*many(), examples=len(many()))
    rank = {"not_met": 0, "conflicting": 1, "undocumented": 2, "met": 3}
    looked_at = 0
    for group in found.groups:
        for name in group.examples if group.kind == "criterion" else ():
            decisions = [_decided(side, by_id[name]) for side in (EARLIER, LATER)]
            better, worse = decisions if group.favors == "first" else decisions[::-1]
            for criterion in group.criteria:
                looked_at += 1
                if criterion in better and criterion in worse:
                    assert rank[worse[criterion]] < rank[better[criterion]]
                elif criterion in worse:
                    assert worse[criterion] != "met"
                else:
                    assert better[criterion] != "not_met"
    assert looked_at > 10


def _decided(side: str, entry: Case) -> dict[str, str]:
    row = policy(side).decide_batch(policy().batch_table([entry]), statuses=True).to_pylist()[0]
    return {
        name.removeprefix("status "): value
        for name, value in row.items()
        if name.startswith("status ") and value is not None
    }


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1, 17, 120])
def test_chunks_and_tables_one_after_the_other_count_the_same(rows: int) -> None:
    whole = impact(*many())
    table = policy().batch_table(many())
    parts = [table.slice(0, 50), table.slice(50, 0), table.slice(50)]
    assert policy(EARLIER).impact(table, policy(LATER), rows=rows) == whole
    assert policy(EARLIER).impact(iter(parts), policy(LATER), rows=rows) == whole


def test_a_policy_changes_nothing_against_itself() -> None:
    found = impact(*many(), first=LATER, second=LATER)
    assert (found.changed, found.groups) == (0, ())
    assert found.details == {"section": 0, "approval_months": 0, "refer_to": 0}
    assert found.names == ("cp_phar_549 (first)", "cp_phar_549 (second)")
    assert sum(flow.rows for flow in found.flows) == len(many())


def test_another_interpretation_is_a_version_of_its_own() -> None:
    """An extent called advanced is locally advanced or metastatic, or a word of its own."""
    entry = case(made(request(), FACTS, disease_extent=["advanced"]))
    table = policy().batch_table([entry])
    found = policy().impact(table, policy(advanced_disease="as_named"))
    (group,) = found.groups
    assert told(group) == ("criterion", ("I.A.1",), "first")
    assert found.interpretations[0]["advanced_disease"] == "locally_advanced_or_metastatic"
    assert found.interpretations[1]["advanced_disease"] == "as_named"


def test_what_the_plan_knows_is_a_version_of_its_own(tmp_path: Path) -> None:
    """A brand is asked for, and nobody documented the market: a plan that knows of no generic approves it."""
    plan = tmp_path / "plan.json"
    fact = {"attribute": "generic_available", "value": False, "from": "2025-04-01", "to": "2025-04-30"}
    plan.write_text(json.dumps({"plan": "made", "facts": [fact]}))
    facts = {name: value for name, value in FACTS.items() if name != "generic_available"}
    dates = ["2025-04-01", "2025-04-30", "2025-05-01"]
    cases = [case({**made(request(product="brand", date=date), facts), "id": date}) for date in dates]
    found = policy().impact(policy().batch_table(cases), LOAD(LATER, plan=plan))
    (group,) = found.groups
    assert told(group) == ("criterion", ("I.A.8",), "second")
    # Both ends of the period count, and the day behind it no more.
    assert (found.changed, group.examples) == (2, ("2025-04-01", "2025-04-30"))


def test_the_same_outcome_by_another_section_is_a_detail() -> None:
    """A colorectal cancer after all the chemotherapy, with an antibody, is approved by I.C, then by I.B."""
    facts = {**CRC, "prior_therapies": ["irinotecan", "oxaliplatin", "capecitabine"]}
    form = request(concurrent_drugs=["panitumumab"])
    entry = case(made(form, FACTS, **facts, regimen_recommended=True))
    found = impact(entry)
    assert found.changed == 0
    assert found.details["section"] == 1


def test_no_rows_change_nothing() -> None:
    found = impact()
    assert (found.rows, found.changed, found.flows, found.groups) == (0, 0, (), ())
    assert "0 of 0 outcomes change" in as_markdown(impact_report(found))


@pytest.mark.slow
def test_policies_of_different_shape_are_compared_by_the_sections_they_have() -> None:
    """The trial has one section, the policy others: who enters the one and not the other?"""
    found = impact(*many(), second="codebreak100")
    assert found.changed == sum(group.rows for group in found.groups) > 0
    assert {group.kind for group in found.groups} <= {"section", "use_condition"}


# Causes, on made-up statuses


def cause_of(first: Ruled, second: Ruled) -> tuple[Any, ...]:
    return tuple(Causes(policy(LATER).structure, policy(LATER).structure).of(first, second))


def statuses(**low: int) -> dict[str, int]:
    """All criteria of the later version met, but for these; `_` stands for a dot."""
    names = policy(LATER).structure.criteria_of(policy(LATER).structure.sections)
    return {name: low.get(name.replace(".", "_"), 3) for name in names}


OTHERS = {"I_B": 0, "I_C": 0, "II_A": 0}
"""The other sections give no hope."""


@cache
def approved() -> Ruled:
    return Ruled(4, "I.A", statuses())


def test_of_criteria_beneath_one_another_the_deepest_is_named() -> None:
    worse = statuses(I_A=0, I_A_9=0, I_A_9_n=0)
    assert cause_of(approved(), Ruled(1, None, worse)) == ("criterion", ("I.A.9.n",), "first")


def test_a_criterion_that_differs_without_harm_is_not_named() -> None:
    """I.A.9 is met by the other alternative all the same."""
    worse = statuses(I_A=0, I_A_4=0, I_A_9_b=0)
    assert cause_of(approved(), Ruled(1, None, worse)) == ("criterion", ("I.A.4",), "first")


def test_where_nothing_beneath_differs_the_criterions_own_wording_is_named() -> None:
    worse = statuses(I_A=2, I_A_9=2)
    assert cause_of(approved(), Ruled(3, None, worse)) == ("criterion", ("I.A.9",), "first")


def test_a_criterion_no_worse_than_its_section_was_is_not_named() -> None:
    better = Ruled(3, None, statuses(I_A=2, I_A_4=2, **OTHERS))
    worse = Ruled(1, None, statuses(I_A=0, I_A_2=0, I_A_3=2, I_A_4=2, **OTHERS))
    assert cause_of(better, worse) == ("criterion", ("I.A.2",), "first")


def test_a_section_that_the_request_is_not_routed_to_is_named_so() -> None:
    worse = {**statuses(), **{name: -1 for name in statuses() if name.startswith("I.A")}}
    assert cause_of(Ruled(0, None, worse), approved()) == ("routing", ("I.A",), "second")


def test_a_section_that_stands_as_well_as_before_points_to_the_uses() -> None:
    same = statuses(I_A=2, **OTHERS)
    assert cause_of(Ruled(3, None, same), Ruled(0, None, same)) == ("use_condition", (), "first")


# Files and the command


def run(*words: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(
        app, [str(word) for word in words], env={"COLUMNS": "80"}, catch_exceptions=False
    )
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    pq.write_table(policy().batch_table(many()), tmp_path / "in.parquet", row_group_size=50)
    return tmp_path / "in.parquet"


@pytest.fixture(autouse=True)
def _policies_grounded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (EARLIER, LATER):
        policy(name)

    def load(
        name: str, interpretations: Any = None, judged_by: str = "compiled", plan: str | None = None
    ) -> Policy:
        assert (judged_by, plan) == ("compiled", None)
        return LOAD(name, interpretations) if interpretations or name not in (EARLIER, LATER) else policy(name)

    monkeypatch.setattr("pyclingo_bridge.policy.Policy.load", load)


LOAD = Policy.load


SIDES = ("--from", EARLIER, "--to", LATER)


@pytest.mark.slow
def test_the_command_tells_counts_causes_and_examples(parquet: Path) -> None:
    expected = impact(*many())
    code, out, _ = run("impact", parquet, *SIDES)
    assert code == 0
    assert f"{expected.changed} of 120 outcomes change" in out
    assert "Causes" in out
    assert "approve" in out
    for group in expected.groups[:3]:
        assert group.examples[0] in out
    assert max(map(len, out.splitlines())) <= 80


def test_the_command_writes_the_answer_as_json_and_as_markdown(parquet: Path) -> None:
    code, out, _ = run("impact", parquet, *SIDES, "--json", "--examples", "2")
    found = Impact.model_validate(json.loads(out))
    assert code == 0
    assert found == impact(*many(), examples=2)
    assert max(len(group.examples) for group in found.groups) == 2
    _, out, _ = run("impact", parquet, *SIDES, "--format", "markdown")
    rows = [line for line in out.splitlines() if line.startswith("|")]
    changed = [flow for flow in found.flows if flow.before != flow.after]
    assert len(rows) == 4 + len(changed) + len(found.groups)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["changed.csv", "changed.parquet", "changed.jsonl"])
def test_the_changed_rows_are_written_with_their_cause(name: str, parquet: Path, tmp_path: Path) -> None:
    code, out, _ = run("impact", parquet, *SIDES, "--json", "--out", tmp_path / name, "--chunk", "35")
    assert code == 0
    found = Impact.model_validate(json.loads(out))
    if name.endswith("jsonl"):
        rows = [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
    elif name.endswith("csv"):
        rows = pa.csv.read_csv(tmp_path / name).to_pylist()
    else:
        rows = pq.read_table(tmp_path / name).to_pylist()
    assert len(rows) == found.changed
    causes = Counter((row["cause_kind"], row["cause"], row["favors"]) for row in rows)
    assert causes == {(g.kind, ";".join(g.criteria), g.favors): g.rows for g in found.groups}
    for row in rows:
        assert (row["first_outcome"], row["first_denial_kind"] or None) != (
            row["second_outcome"],
            row["second_denial_kind"] or None,
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "in.parquet"])


def test_a_file_of_case_files_counts_the_same(tmp_path: Path) -> None:
    few = many()[:40]
    lines = "".join(entry.model_dump_json() + "\n" for entry in few)
    (tmp_path / "in.jsonl").write_text(lines)
    found = impact_of(policy(EARLIER), policy(LATER), tmp_path / "in.jsonl", rows=7)
    outcomes = [[policy(name).decide(entry) for entry in few] for name in (EARLIER, LATER)]
    changed = sum(
        (one.outcome, one.denial_kind) != (two.outcome, two.denial_kind)
        for one, two in zip(*outcomes, strict=True)
    )
    assert found.changed == changed > 0


def test_policies_whose_cases_say_other_things_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("{}\n")
    with pytest.raises(PolicyError, match="no cases in common: `oncology` and `respiratory`"):
        policy(LATER).impact(tmp_path / "in.jsonl", policy(POLICIES / "severe_asthma"))


def test_two_folders_of_one_policy_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for name in ("old", "new"):
        shutil.copytree(POLICIES / "severe_asthma", tmp_path / name)
    sides = [Policy.load(tmp_path / name) for name in ("old", "new")]
    assert impact_of(sides[0], sides[1], sides[0].batch_table([])).names == ("old", "new")
    assert impact_of(sides[0], sides[0], sides[0].batch_table([])).names[0].endswith(" (first)")


def test_bad_rows_count_nowhere_and_are_told_of(tmp_path: Path) -> None:
    header = "id,type,line_of_business,product,dose_mg_per_day,concurrent_drugs"
    rows = ["a,initial,commercial,brand,960,[]", "b,initial,commercial,brand,much,[]", "c,initial"]
    (tmp_path / "in.csv").write_text("\n".join([header, *rows]))
    code, out, _ = run("impact", tmp_path / "in.csv", *SIDES, "--json")
    found = Impact.model_validate(json.loads(out))
    assert code == 2
    assert (found.rows, found.rejected) == (3, 2)
    assert sum(flow.rows for flow in found.flows) == 1
    assert sorted(found.bad) == [
        "row 2: column `dose_mg_per_day`: has to be a whole number, not the text `much`",
        "row 3: line 4 has 2 cells, and the header 6",
    ]
    _, out, _ = run("impact", tmp_path / "in.csv", *SIDES)
    assert "2 rows are bad and count nowhere" in out


@pytest.mark.slow
def test_the_picture_tells_every_number_in_words_too(parquet: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    code, out, _ = run("impact", parquet, *SIDES, "--json", "--plot", tmp_path / "x.svg")
    found = Impact.model_validate(json.loads(out))
    text = (tmp_path / "x.svg").read_text()
    assert code == 0
    assert f"{found.changed} of 120 outcomes change" in text
    approvals = sum(
        flow.rows for flow in found.flows if flow.before != flow.after and flow.before.outcome == "approve"
    )
    assert f"approve: {approvals}" in text
    assert found.groups[0].criteria[0] in text
    first = (tmp_path / "x.svg").read_bytes()
    run("impact", parquet, *SIDES, "--plot", tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_bytes() == first
    run("impact", parquet, *SIDES, "--plot", tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_picture_of_nothing_can_be_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from pyclingo_bridge.impact.picture import draw

    draw(impact(*many()[:5], first=LATER, second=LATER), tmp_path / "x.svg")
    assert "0 of 5 outcomes change" in (tmp_path / "x.svg").read_text()


def test_what_cannot_be_done_is_told_before_anything_is_decided(parquet: Path, tmp_path: Path) -> None:
    refused: list[tuple[tuple[str | Path, ...], str]] = [
        (("--plot", tmp_path / "x.gif"), "a picture ends with .svg or .png"),
        (("--plot", tmp_path / "no" / "x.svg"), "there is no such folder"),
        (("--out", tmp_path / "x.txt"), "the name tells no format"),
        (("--out", parquet), "is the input"),
    ]
    before = parquet.read_bytes()
    for words, expected in refused:
        with pytest.raises(BridgeError, match=expected):
            run("impact", parquet, *SIDES, *words)
    assert parquet.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_a_column_has_to_be_known_to_one_of_the_two() -> None:
    table = pa.table({"id": ["a"], "agee": [3]})
    with pytest.raises(BridgeError, match="unknown column `agee`; did you mean `age`"):
        policy(EARLIER).impact(table, policy(LATER))
    with pytest.raises(BridgeError, match="unknown column `agee`"):
        policy(EARLIER).impact([table], policy(LATER))


def test_what_one_version_alone_knows_is_passed_over_where_the_other_reads_case_files(
    tmp_path: Path,
) -> None:
    later = revised_asthma(
        tmp_path / "later",
        (
            "label(eos",
            "attribute(ill, latest). domain(ill, flag). establishes(visit, ill).\nlabel(eos",
        ),
        ('duration("1"', 'requires("1.1", no(ill)).\nduration("1"'),
    )
    states = {"condition": "asthma", "years": 6, "eosinophils": 300, "smoker": False, "ill": True}
    states |= {"controllers": ["inhaled_steroid"]}
    document = {"id": "d", "type": "visit", "date": "2025-01-01", "states": states}
    known = {"id": "known", "request": {}, "documents": [document]}
    unknown = {**known, "id": "unknown", "request": {"nobody": 1}}
    lines = [json.dumps(known), json.dumps(unknown), json.dumps(known)[:-2] + ', "id": "x"}]}']
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n")
    found = impact_of(policy(POLICIES / "severe_asthma"), later, tmp_path / "in.jsonl")
    assert (found.rows, found.rejected, found.changed) == (3, 2, 1)
    assert "nobody" in found.bad[0]
    (group,) = found.groups
    assert (group.favors, group.criteria, group.examples) == ("first", ("1.1",), ("known",))
