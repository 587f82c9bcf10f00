"""The columns of a table of cases: what they may be, what cases become of them, how planes are held."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pyclingo_bridge import CaseError, Policy
from pyclingo_bridge.base.errors import TableError
from pyclingo_bridge.fast.columns.planes import BitPlanes
from tests import small
from tests.conftest import FACTS, ROOT, case, made, policy, request

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
    (pa.float64(), [960.0, 960.5], [None, "is a whole number, not `960.5`"]),
    (pa.float64(), [960.0, math.nan], [None, "is a whole number, not `NaN`"]),
    (pa.float64(), [960.0, math.inf], [None, "is a whole number, not `Infinity`"]),
    (pa.float64(), [960.0, 1e300], [None, "is out of bounds"]),
    (pa.float64(), [960.0, 2.0**31], [None, "`2147483648` is out of bounds"]),
    (pa.float64(), [960.0, None], [None, "is missing"]),
    (pa.float32(), [960.0, 0.5], [None, "is a whole number, not `0.5`"]),
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
    assert "is a whole number, not `64.5`" in decided[0]["error"]


def test_an_order_that_is_no_whole_number_is_refused() -> None:
    name = next(name for name in policy().batch_schema().names if name.endswith(" order"))
    attribute = name.removesuffix(" order")
    table = pa.table(approved(**{attribute: [True], name: pa.array([1.5])}))
    assert "no real date" in policy().decide_batch(table).column("error")[0].as_py()


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
    table = policy().batch_table([case(made(request(), FACTS))])
    assert table.schema == policy().batch_schema()
    assert policy().batch_table([]).schema == policy().batch_schema()


# --- what cases become ---


def test_of_several_dates_only_what_still_counts_is_kept() -> None:
    row = row_with(
        document("a", "2024-01-01", age=64, kras_g12c=True),
        document("b", "2024-02-01", age=65, kras_g12c=True),
    )
    assert row == {"age": 65, "kras_g12c": True}


def test_contradictions_of_one_date_are_kept() -> None:
    row = row_with(document("a", "2024-02-01", age=17), document("b", "2024-02-01", age=18))
    assert row == {"age": [17, 18]}


def test_a_history_that_a_later_one_goes_beyond_is_no_longer_whole() -> None:
    first = document("a", "2024-01-01", prior_therapies=["carboplatin"], complete_treatment_history=True)
    more = document("b", "2024-02-01", prior_therapies=["pemetrexed"])
    same = document("b", "2024-02-01", prior_therapies=["Carboplatin"])
    assert row_with(first, more)["complete_treatment_history"] == [False, None]
    assert row_with(first, same)["complete_treatment_history"] == [True, None]


def test_statements_that_speak_for_one_another_keep_their_order() -> None:
    row = row_with(
        document("a", "2024-03-01", responding_positively=True),
        document("b", "2024-02-01", recist_response="pd"),
    )
    assert row == {
        "responding_positively": True,
        "responding_positively order": 2,
        "recist_response": "pd",
        "recist_response order": 1,
    }


def test_a_case_that_no_row_can_hold_is_refused_by_name() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = small.random_policy(random.Random(1)).write(Path(folder)) / "policy.lp"
        path.write_text(path.read_text() + "also_states(c, a, l, x).\n")
        of = Policy.load(path.parent)
    parted = {"id": "parted", "request": {"given": []}, "documents": []}
    joined = {**parted, "id": "joined", "documents": [
        {"id": "d", "type": "cheap", "date": "2024-01-01", "states": {"c": "a", "l": ["y"]}}
    ]}  # fmt: skip
    assert of.batch_table([case(parted, of)]).num_rows == 1
    with pytest.raises(CaseError, match="case `joined`: `d` states both `l` and `c`"):
        of.batch_table([case(joined, of)])


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
