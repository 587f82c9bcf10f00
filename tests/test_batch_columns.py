"""The columns of a table of cases: what they may be, what cases become of them, how planes are held."""

from __future__ import annotations

import datetime
import json
import math
import random
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from pyclingo_bridge import CaseError, Policy
from pyclingo_bridge.base.errors import TableError
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.fast.columns.planes import BitPlanes
from tests.batch_tables import assert_warned_of_as_alone, criteria_of, fits_a_row, random_table
from tests.batch_tables import expected as expected_rows
from tests.conftest import FACTS, ROOT, case, made, policy, request
from tests.random_cases import random_case

FORM = {
    "id": ["one"],
    "type": ["initial"],
    "line_of_business": ["commercial"],
    "product": ["brand"],
    "dose_mg_per_day": [960],
    "concurrent_drugs": [[]],
}


def outcomes(columns: dict[str, Any]) -> list[str | None]:
    found: list[str | None] = policy().decide_batch(pa.table(columns)).column("outcome").to_pylist()
    return found


def approved(**changes: Any) -> dict[str, Any]:
    """The columns of a row that is approved, with these changes."""
    stated = {name: [value] for name, (_, value) in FACTS.items()}
    return {**FORM, **stated, "complete_treatment_history": [True], **changes}


def document(name: str, date: str, **states: Any) -> dict[str, Any]:
    return {"id": name, "type": "chart_note", "date": date, "states": states}


def row_with(*documents: dict[str, Any]) -> dict[str, Any]:
    """The row that a case with these documents becomes."""
    told = {"id": "told", "request": request(), "documents": list(documents)}
    (row,) = policy().batch_table([case(told)]).to_pylist()
    return {name: value for name, value in row.items() if value is not None and name not in FORM}


# --- what columns may be ---


def test_one_row_tells_a_whole_case() -> None:
    assert outcomes(approved()) == ["approve"]
    assert outcomes(approved(age=[17])) == ["refer"]
    assert outcomes(approved(kras_g12c=[None])) == ["deny"]


def test_a_column_of_lists_tells_several_statements_that_may_contradict_each_other() -> None:
    decided = policy().decide_batch(pa.table(approved(kras_g12c=[[True, False]]))).to_pylist()
    assert decided[0]["denial_kind"] == "conflicting_documentation"
    assert outcomes(approved(kras_g12c=[[True, True]])) == ["approve"]
    assert outcomes(approved(kras_g12c=[[]])) == ["deny"]


def test_an_unknown_column_is_refused_with_the_name_that_was_meant() -> None:
    with pytest.raises(TableError, match="unknown column `krasg12c`; did you mean `kras_g12c`"):
        outcomes(approved(krasg12c=[True]))


def test_a_column_that_every_case_needs_is_asked_for() -> None:
    for name in FORM:
        columns = {key: value for key, value in approved().items() if key != name}
        with pytest.raises(TableError, match=f"no column `{name}`"):
            outcomes(columns)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("age", ["64"]),
        ("kras_g12c", [1]),
        ("kras_g12c", [[[True]]]),
        ("type", [["initial"]]),
        ("prior_therapies", ["carboplatin"]),
        ("diagnosis", [4]),
        ("id", [7]),
    ],
)
def test_a_column_of_another_type_is_refused_by_name(name: str, values: list[Any]) -> None:
    with pytest.raises(TableError, match=f"the column `{name}` is of type .*; make it"):
        outcomes(approved(**{name: values}))


# (the column's type, values, what is said of each)
FRACTIONS: list[tuple[Any, list[Any], list[str | None]]] = [
    (pa.float64(), [960.0, 960.0], [None, None]),
    (pa.float64(), [960.0, 960.5], [None, "has to be a whole number, not `960.5`"]),
    (pa.float64(), [960.0, math.nan], [None, "has to be a whole number, not `NaN`"]),
    (pa.float64(), [960.0, math.inf], [None, "has to be a whole number, not `Infinity`"]),
    (pa.float64(), [960.0, 1e300], [None, "is out of bounds"]),
    (pa.float64(), [960.0, 2.0**31], [None, "`2147483648` is out of bounds"]),
    (pa.float64(), [960.0, None], [None, "is missing"]),
    (pa.float32(), [960.0, 0.5], [None, "has to be a whole number, not `0.5`"]),
    (pa.float16(), [960.0, 960.0], [None, None]),
    (pa.decimal128(4, 1), [Decimal(960), Decimal("960.5")], [None, "not `960.5`"]),
]


@pytest.mark.parametrize(("kind", "values", "told"), FRACTIONS, ids=[f"{k}-{v}" for k, v, _ in FRACTIONS])
@pytest.mark.parametrize("encoded", [False, True])
def test_whole_values_of_a_type_with_fractions_are_whole_numbers_and_others_bad_rows(
    kind: Any, values: list[Any], told: list[str | None], encoded: bool
) -> None:
    doses = pa.array(values, kind)
    if encoded and pa.types.is_float16(kind):
        pytest.skip("Arrow encodes no numbers of 16 bits")
    twice = {name: column * 2 for name, column in approved().items()}
    table = pa.table({**twice, "dose_mg_per_day": doses.dictionary_encode() if encoded else doses})
    found = policy().decide_batch(table).to_pylist()
    for row, text in zip(found, told, strict=True):
        assert row["outcome"] == (None if text else "approve")
        assert (text or "") in (row["error"] or "")
        assert row["error"] is None or row["error"].startswith("request.dose_mg_per_day: ")


def test_several_numbers_of_a_type_with_fractions_are_whole_too() -> None:
    assert outcomes(approved(age=pa.array([[64.0, 65.0]]))) == ["approve"]
    decided = policy().decide_batch(pa.table(approved(age=pa.array([[64.0, 64.5]])))).to_pylist()
    assert "has to be a whole number, not `64.5`" in decided[0]["error"]


def test_a_column_given_twice_is_refused() -> None:
    table = pa.table(approved())
    with pytest.raises(TableError, match="`age` is there twice"):
        policy().decide_batch(table.append_column("age", pa.array([3])))


def test_a_table_without_rows_gives_a_table_without_rows() -> None:
    decided = policy().decide_batch(pa.table(approved()).slice(0, 0), statuses=True, missing=True)
    assert decided.num_rows == 0
    assert decided.schema == policy().decide_batch(pa.table(approved()), statuses=True, missing=True).schema


def test_columns_without_a_type_or_a_value_are_as_if_they_were_not_there() -> None:
    bare = {name: value for name, value in approved().items() if name in FORM}
    stated = policy().vocabulary.stated_attributes
    nothing = {name: pa.nulls(1) for name in stated}
    typed = {
        name: pa.nulls(1, kind)
        for name, kind in zip(policy().batch_schema().names, policy().batch_schema().types, strict=True)
        if name in stated
    }
    expected = policy().decide_batch(pa.table(bare), statuses=True)
    assert policy().decide_batch(pa.table({**bare, **nothing}), statuses=True).equals(expected)
    assert policy().decide_batch(pa.table({**bare, **typed}), statuses=True).equals(expected)


def test_the_schema_fits_a_table_made_of_cases() -> None:
    whole = policy().batch_schema()
    for cases in ([case(made(request(), FACTS))], []):
        own = policy().batch_table(cases).schema
        assert own == pa.schema([field for field in whole if field.name in own.names])
        assert set(own.names) >= {"id", *policy().vocabulary.attributes}


# --- what cases become ---


def test_statements_of_one_date_have_it_in_common() -> None:
    row = row_with(document("a", "2024-02-01", age=17), document("b", "2024-02-01", kras_g12c=True))
    assert row == {"document date": "2024-02-01", "age": 17, "kras_g12c": True, "kras_g12c type": "chart_note"}


def test_statements_of_several_dates_keep_each_its_own() -> None:
    row = row_with(document("a", "2024-01-01", age=17), document("b", "2024-02", age=18))
    assert row == {"age": [17, 18], "age date": ["2024-01-01", "2024-02"]}


def test_a_row_keeps_status_tumor_specimen_and_ranges() -> None:
    row = row_with(
        {**document("a", "2024-01-01", kras_g12c=False, specimen="plasma"), "tumor": "Lung-1"},
        {**document("b", "2024-01-01", age={"at_least": 18}), "status": "preliminary"},
    )
    assert row == {
        "document date": "2024-01-01",
        "age at least": 18,
        "age status": "preliminary",
        "kras_g12c": False,
        "kras_g12c type": "chart_note",
        "kras_g12c tumor": "lung 1",
        "kras_g12c specimen": "plasma",
    }


def test_what_no_row_can_hold_is_refused_with_what_to_do_instead() -> None:
    old, new = document("a", "2024-01-01", age=17), document("b", "2024-02-01", age=18)
    with pytest.raises(CaseError, match=r"`b` replaces another document: .*by itself, or as JSON"):
        row_with(old, {**new, "replaces": "a"})


def test_a_day_of_the_request_that_no_statement_gives_is_kept() -> None:
    row = row_with(document("a", "2024-01-01", age=17), document("b", "2024-05-01"))
    assert (row["date"], row["document date"]) == ("2024-05-01", "2024-01-01")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_rows_made_of_cases_are_those_cases(seed: int) -> None:
    rng, of = random.Random(seed), policy()
    cases = [one for _ in range(80) if fits_a_row(one := case(random_case(rng)))]
    table = of.batch_table(cases)
    layout = of.batch.layout
    again = [case(layout.case_of_row(row, layout.several(table.schema))) for row in table.to_pylist()]
    # What is said of documents is in other words, as they have other names.
    assert [of.decide(one).criteria for one in again] != []
    for one, other in zip(cases, again, strict=True):
        assert of.requirement_statuses(one) == of.requirement_statuses(other)
        assert one.statements(of.vocabulary).day == other.statements(of.vocabulary).day
    assert of.batch_table(again).to_pylist() == table.to_pylist()


# --- days, tumors, ranges, and what a plan knows ---


def outcome(of: Policy | None = None, /, **changes: Any) -> str | None:
    """The outcome of a row that would be approved, with these changes; None leaves a column out."""
    columns = {name: [value] for name, value in changes.items() if value is not None}
    spared = {name for name, value in changes.items() if value is None}
    row = {name: value for name, value in {**approved(), **columns}.items() if name not in spared}
    found: str | None = (of or policy()).decide_batch(pa.table(row)).column("outcome")[0].as_py()
    return found


@pytest.mark.parametrize(
    ("born", "expected"),
    [("2008-03-01", "approve"), ("2008-03-02", "refer"), ("2008-03", "deny"), ("2007", "approve")],
)
def test_a_birth_date_gives_the_age_on_the_day_of_the_request(born: str, expected: str) -> None:
    assert outcome(age=None, birth_date=born, date="2026-03-01") == expected


def test_days_may_be_of_the_type_of_days() -> None:
    days = {"date": pa.array([datetime.date(2026, 3, 1)]), "birth_date": pa.array([datetime.date(2008, 3, 2)])}
    assert outcomes({**{k: v for k, v in approved().items() if k != "age"}, **days}) == ["refer"]


def test_a_birth_date_without_a_day_of_the_request_makes_a_bad_row() -> None:
    row = {name: value for name, value in approved(birth_date=["2000-01-01"]).items() if name != "age"}
    (told,) = policy().decide_batch(pa.table(row)).to_pylist()
    text = "request.date: is missing; what `birth_date` comes to depends on the day of the request"
    assert (told["outcome"], told["error"]) == (None, text)


@pytest.mark.parametrize(
    ("column", "day", "expected"),
    [
        # 17 stated ten years ago is 27 or 28 now; stated three months ago it may be 17 or 18.
        ("age date", "2016-03-02", "approve"),
        ("age date", "2025-12-01", "deny"),
        ("document date", "2016-03-02", "approve"),
        ("document date", "2026-03-01", "refer"),
    ],
)
def test_an_age_grows_from_the_date_of_its_statement(column: str, day: str, expected: str) -> None:
    assert outcome(age=17, date="2026-03-01", **{column: day}) == expected


def test_ranges_stand_in_columns_of_their_own() -> None:
    assert outcome(**{"age": None, "age at least": 18}) == "approve"
    assert outcome(**{"age": None, "age at most": 17}) == "refer"
    assert outcome(**{"age": None, "age at least": 17}) == "deny"
    row = pa.table(approved(**{"age": [18], "age at least": [18]}))
    (told,) = policy().decide_batch(row).to_pylist()
    assert "age: is a number, and a range is given too" in told["error"]


def test_what_is_stated_of_another_tumor_does_not_count() -> None:
    assert outcome(tumor="lung", **{"kras_g12c tumor": "Lung"}) == "approve"
    assert outcome(tumor="lung", **{"kras_g12c tumor": "colon 2012"}) == "deny"
    assert outcome(tumor="lung", **{"document tumor": "colon 2012"}) == "deny"
    assert outcome(**{"kras_g12c tumor": "colon 2012"}) == "approve"


def test_a_negative_plasma_test_says_nothing() -> None:
    def kind(**changes: Any) -> str | None:
        row = pa.table(approved(kras_g12c=[False], **changes))
        found: str | None = policy().decide_batch(row).column("denial_kind")[0].as_py()
        return found

    assert kind() != "insufficient_documentation"
    assert kind(specimen=["plasma"]) == "insufficient_documentation"
    assert kind(specimen=["tissue"]) == kind()
    assert kind(**{"kras_g12c specimen": ["plasma"]}) == "insufficient_documentation"


def test_what_was_entered_in_error_does_not_count() -> None:
    assert outcome(**{"kras_g12c status": "preliminary"}) == "approve"
    assert outcome(**{"kras_g12c status": "entered_in_error"}) == "deny"
    assert outcome(**{"document status": "entered_in_error"}) == "deny"


def test_what_tells_more_of_no_statement_is_looked_at_all_the_same() -> None:
    assert outcome(**{"recist_response date": "2026-03-01"}) == "approve"
    (told,) = policy().decide_batch(pa.table(approved(**{"recist_response date": ["soon"]}))).to_pylist()
    assert told["error"].startswith("recist_response date: `soon` is no date")


@pytest.fixture(scope="module")
def knowing() -> Policy:
    """The policy, with a plan that knew of no generic in 2025, and knows of one since."""
    facts = [
        {"attribute": "generic_available", "value": False, "from": "2025-01-01", "to": "2025-12-31"},
        {
            "attribute": "generic_available",
            "value": True,
            "from": "2026-01-01",
            "line_of_business": ["commercial"],
        },
        {"attribute": "duration_months", "value": 12, "from": "2025-01-01"},
        {"attribute": "label_change_date", "value": "2024-02", "from": "2025-01-01"},
        {"attribute": "current_dose_mg_per_day", "value": 480, "from": "2026-03-01"},
    ]
    plan = PlanFacts.from_json(json.dumps({"plan": "example", "facts": facts}))
    return Policy.load("cp_phar_549", plan=plan)


def test_a_plans_facts_count_on_the_day_and_for_the_line_of_each_row(knowing: Policy) -> None:
    def decided(date: str | None, line: str = "commercial") -> str | None:
        return outcome(knowing, generic_available=None, date=date, line_of_business=line)

    assert decided("2025-12-31") == "approve"
    assert decided("2026-01-01") == "deny"
    # Of a Medicaid request of 2026 it knows nothing: the row is short of it.
    assert decided("2026-01-01", "medicaid") == "deny"
    assert decided(None) is None


def test_rows_with_a_plan_are_decided_and_warned_of_as_their_cases_are(knowing: Policy) -> None:
    for seed in range(3):
        table = random_table(random.Random(500 + seed), knowing, 60, faulty=0.005)
        found = knowing.batch.decide(table, statuses=True)
        assert found.to_pylist() == expected_rows(knowing, table, criteria_of(found))
        assert_warned_of_as_alone(knowing, table)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_the_rules_themselves_decide_rows_with_days_and_tumors_alike(seed: int) -> None:
    table = random_table(random.Random(600 + seed), policy(), 40, faulty=0.0)
    found = policy().batch.decide(table, statuses=True)
    solving = Policy.load("cp_phar_549", judged_by="clingo")
    assert found.to_pylist() == expected_rows(solving, table, criteria_of(found))


def test_texts_that_are_no_cases_give_rows_of_errors_in_their_place() -> None:
    good = json.dumps(made(request(), FACTS))
    decided = policy().decide_cases([good, "{", good.replace("initial", "first"), good]).to_pylist()
    assert [row["outcome"] for row in decided] == ["approve", None, None, "approve"]
    assert decided[1]["error"].startswith("is not JSON")
    assert "unknown value `first`" in decided[2]["error"]
    assert decided[1]["id"] is None


# --- how planes are held ---


def bits(planes: BitPlanes, plane: Any) -> set[int]:
    return set(planes.places(plane))


@pytest.mark.parametrize("rows", [1, 7, 8, 63, 64, 65, 200])
def test_planes_hold_the_rows_that_they_are_made_of(rows: int) -> None:
    rng = random.Random(rows)
    for offset in (0, 1, 3, 8, 13, 64, 67):
        flags = [rng.random() < 0.5 for _ in range(offset + rows + 5)]
        codes = [rng.randrange(-3, 100) for _ in range(rows)]
        lists = [[rng.randrange(5) for _ in range(rng.choice([0, 0, 1, 3]))] for _ in range(rows)]
        members = [member for one in lists for member in one]
        ends = [0]
        for one in lists:
            ends.append(ends[-1] + len(one))
        planes = BitPlanes(rows)
        plane = planes.bitmap(pa.array(flags).buffers()[1], offset)
        true = {at for at in range(rows) if flags[offset + at]}
        assert bits(planes, plane) == true
        assert planes.flags(plane).to_pylist() == [at in true for at in range(rows)]
        assert bits(planes, plane ^ planes.ones) == set(range(rows)) - true
        held = planes.codes(pa.array(codes, pa.int16()))
        high = planes.at_least(held, 50)
        assert bits(planes, high) == {at for at in range(rows) if codes[at] >= 50}
        assert bits(planes, planes.at_least(held, -3, True)) == set(range(rows))
        assert bits(planes, planes.at_least(held, 100, False)) == set()
        odd = planes.bit(planes.small(held), 0)
        assert bits(planes, odd) == {at for at in range(rows) if codes[at] % 2}
        placed = planes.numbers([plane & (high ^ planes.ones)], plane, 2)
        assert placed.to_pylist() == [
            None if at not in true else 0 if codes[at] >= 50 else 1 for at in range(rows)
        ]
        numbers, found = planes.combined([held, planes.sums([(plane, 2), (high, 1)])])
        pairs = [found[code] for code in list(pa.array(numbers).to_pylist())]
        assert pairs == [(codes[at], 2 * (at in true) + (codes[at] >= 50)) for at in range(rows)]
        inner = BitPlanes(len(members))
        sets = inner.member_sets(inner.codes(pa.array(members, pa.int32())), [1, 2, 4, 8, 1 << 80])
        numbers, found_sets = planes.unions(planes.codes(pa.array(ends, pa.int32())), sets)
        unions = [found_sets[code] for code in pa.array(numbers).to_pylist()]
        sizes = [1, 2, 4, 8, 1 << 80]
        assert unions == [sum(sizes[member] for member in set(one)) for one in lists]


# --- what has to be installed ---


def run_without(module: str) -> subprocess.CompletedProcess[str]:
    script = f"""
import sys
sys.modules[{module!r}] = None
from pyclingo_bridge import Case, Policy
policy = Policy.load("cp_phar_549")
import pyclingo_bridge.base.errors as errors
case = Case.load({str(ROOT / "examples/cases/approve/nsclc_whole.json")!r})
assert policy.decide(case).outcome == "approve"
from pyclingo_bridge.core.judge import SolverJudge
assert not isinstance(policy.loaded.assessor.judge, SolverJudge)
try:
    policy.batch_schema()
except errors.ExtraError as error:
    print(error)
"""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.subprocess
@pytest.mark.parametrize("module", ["numpy", "pyarrow"])
def test_without_arrow_or_numpy_the_extra_that_is_needed_is_named(module: str) -> None:
    done = run_without(module)
    assert f"this needs {module}" in done.stdout, done.stderr
    assert "pip install 'pyclingo-bridge[batch]'" in done.stdout, done.stderr
