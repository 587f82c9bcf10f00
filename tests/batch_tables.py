"""Tables for tests: rows with faults, in every way that Arrow can keep them, and what is expected."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Mapping
from typing import Any

import pyarrow as pa

from pyclingo_bridge import Case, CaseError, Decision, Policy
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.case_problems import case_problems, problem_lines

TYPES: dict[str, pa.DataType] = {
    "flag": pa.bool_(),
    "whole_number": pa.int64(),
    "decimal": pa.float64(),
    "date": pa.string(),
    "text": pa.string(),
    "choice": pa.string(),
    "name": pa.string(),
    "list": pa.list_(pa.string()),
    "drugs": pa.list_(pa.string()),
}
INDICES = (pa.int8(), pa.int16(), pa.int32(), pa.uint8(), pa.int64())


def row_of(decision: Decision, criteria: Collection[str]) -> dict[str, Any]:
    """The row that a decision on a case should be, with the statuses of these criteria."""
    told = {
        "id": decision.case,
        "outcome": decision.outcome,
        "denial_kind": decision.denial_kind,
        "section": decision.section,
        "approval_months": decision.approval_months,
        "refer_to": decision.refer_to,
        "error": None,
    }
    for name in criteria:
        found = decision.criteria.get(name)
        told[f"status {name}"] = found.status if found else None
    return told


def fits_a_row(case: Case) -> bool:
    """Whether a row can hold a case: none replaces a document there, or has several names of one thing."""
    return all(
        one.replaces is None and not isinstance(one.states.get("diagnosis"), tuple) for one in case.documents
    )


def criteria_of(table: pa.Table) -> list[str]:
    """The criteria whose statuses a table tells."""
    return [name.removeprefix("status ") for name in table.column_names if name[:7] == "status "]


def expected(policy: Policy, table: pa.Table, criteria: Collection[str]) -> list[dict[str, Any]]:
    """What each row of a table should come to, one case after the other."""
    layout = policy.batch.layout
    several = layout.several(table.schema)
    found = []
    for row in table.to_pylist():
        lines = problems_of(policy, row, several)
        if lines:
            columns = ["outcome", "denial_kind", "section", "approval_months", "refer_to"]
            nothing = dict.fromkeys([*columns, *(f"status {name}" for name in criteria)])
            found.append({"id": row["id"], **nothing, "error": "; ".join(lines)})
        else:
            data = layout.case_of_row(row, several)
            case = Case.model_validate(data, context={"vocabulary": policy.vocabulary})
            found.append(row_of(policy.decide(case), criteria))
    return found


def problems_of(policy: Policy, row: Mapping[str, Any], several: Collection[str]) -> list[str]:
    """What is wrong with a row: the case reader, and the plan, say so of its case."""
    layout, vocabulary = policy.batch.layout, policy.vocabulary
    data = layout.case_of_row(row, several)
    problems = [*layout.row_problems(row, several), *case_problems(data, vocabulary)]
    lines = list(map(str, problem_lines(problems)))
    if lines or policy.loaded.plan is None:
        return lines
    try:
        Case.model_validate(data, context={"vocabulary": vocabulary}).statements(vocabulary, policy.loaded.plan)
    except CaseError as error:
        return list(error.problems)
    return []


_THE_ROW = re.compile(
    "`the row's [a-z0-9_]+( [0-9]+)?`(, `the row's [a-z0-9_]+( [0-9]+)?`)*( and [0-9]+ more)?"
)


def of_the_row(line: str) -> str:
    """A case's warning, speaking of the row where it names documents of it, however many."""
    line = _THE_ROW.sub("the row", line)
    return line.replace("the row are ", "the row is ")


def assert_warned_of_as_alone(of: Policy, table: pa.Table) -> list[list[str] | None]:
    """See that a table's rows are warned of as their cases are; give these warnings."""
    layout = of.batch.layout
    several, context = layout.several(table.schema), {"vocabulary": of.vocabulary}
    expected: list[list[str] | None] = []
    for row in table.to_pylist():
        if problems_of(of, row, several):
            expected.append(None)
            continue
        warnings = of.decide(Case.model_validate(layout.case_of_row(row, several), context=context)).warnings
        expected.append(sorted(set(map(of_the_row, warnings))) or None)
    found = of.batch.decide(table, warnings=True, size=16)
    for told, own in zip(found.column("warnings").to_pylist(), expected, strict=True):
        assert told == own
    assert found.drop_columns(["warnings"]).to_pylist() == of.batch.decide(table).to_pylist()
    return expected


# --- random rows ---


def random_value(rng: random.Random, attribute: Attribute, faulty: float) -> Any:
    """A value of an attribute, sometimes one that the case reader refuses."""
    bad = rng.random() < faulty
    if attribute.domain == "flag":
        return rng.random() < 0.6
    if attribute.domain == "whole_number":
        if bad:
            return rng.choice([-1, attribute.minimum - 1, attribute.maximum + 1, 2**40, -(2**62)])
        return rng.choice([attribute.minimum, 3, 4, 5, 6, 12, 17, 18, 29, 30, 960, 961])
    if attribute.domain == "date":
        return random_day(rng, faulty) if rng.random() < 0.5 else rng.choice(BIRTHS)
    if attribute.domain == "decimal":
        return rng.choice([-1.0, 1e9, 0.12345] if bad else [0.0, 0.5, 1.0, 2.5, 49.999, 50.0])
    if attribute.domain == "choice":
        return rng.choice(["nonesuch", "", "A B"] if bad else attribute.listed)
    if attribute.domain == "name":
        odd = ["", "Not Snake", "x" * 201, "tab\there"] if bad else ["melanoma", "nslc"]
        return rng.choice(odd if bad or rng.random() < 0.2 else attribute.listed)
    members: list[Any] = rng.sample(attribute.listed, min(rng.choice([0, 1, 1, 2, 3]), len(attribute.listed)))
    if attribute.domain == "drugs":
        members = [rng.choice([word, word.upper()]) for word in members]
        members += ["Novel drug"] if rng.random() < 0.1 else []
    return [*members, rng.choice([None, "", "\n", "nonesuch!"])] if bad else members


DAYS = (
    "2026-03-01",
    "2026-02-28",
    "2025-09-01",
    "2025-08-31",
    "2025-02-07",
    "2025-02-06",
    "2024-02-29",
    "2026-03-02",
)
PARTS = ("2026-02", "2026", "2025-09")
BIRTHS = ("2008-03-01", "2008-03-02", "2008", "1950-07-14", "2008-03", "2027-01-01")
TUMORS = ("lung 2025", "Lung-2025", "colon 2012")


def random_day(rng: random.Random, faulty: float, partial: bool = True) -> str:
    """A day near the edges of what is counted, sometimes none."""
    if rng.random() < faulty:
        return rng.choice(["", "2025-02-30", "03/01/2026", "soon"])
    return rng.choice((*DAYS, *PARTS) if partial else DAYS)


def random_rows(
    rng: random.Random, policy: Policy, several: Collection[str], rows: int, faulty: float = 0.02
) -> dict[str, list[Any]]:
    """Columns of random rows, in those of `several` any number of statements a row."""
    layout = policy.batch.layout
    columns: dict[str, list[Any]] = {"id": []}
    for number in range(rows):
        odd = rng.choice([None, "", " ", "x" * 201, "bell\a", "\u00e9\u00e8", "a b", "\u200b"])
        columns["id"].append(odd if rng.random() < faulty else f"row {number}")
    for name, entry in policy.vocabulary.request_attributes.items():
        left_out = faulty if entry.required else 0.4
        columns[name] = [
            None if rng.random() < left_out else random_value(rng, entry, faulty) for _ in range(rows)
        ]
    columns |= {name: [_about(rng, name, faulty) for _ in range(rows)] for name in ("date", "drug", "tumor")}
    for column, field in layout.row_wide.items():
        columns[column] = [_random_field(rng, policy, field, faulty) for _ in range(rows)]
    for name, entry in layout.stated.items():
        own = (name, *layout.more_columns(name))
        columns |= {column: [] for column in own}
        for _ in range(rows):
            cell = _random_cell(rng, policy, entry, own, name in several, faulty)
            for column in own:
                columns[column].append(cell[column])
    return columns


def _about(rng: random.Random, name: str, faulty: float) -> str | None:
    if rng.random() < 0.3:
        return None
    if name == "date":
        return random_day(rng, faulty / 4, partial=False)
    return rng.choice(TUMORS) if name == "tumor" else "sotorasib"


def _random_field(rng: random.Random, policy: Policy, field: str, faulty: float) -> str | None:
    if rng.random() < 0.7:
        return None
    if field == "date":
        return random_day(rng, faulty / 4)
    if rng.random() < faulty / 4:
        return rng.choice(["", "\t", "-"])
    if field == "status":
        return rng.choice(["final", "preliminary", "entered_in_error", "entered-in-error"])
    if field == "type":
        return rng.choice(sorted(policy.vocabulary.document_types))
    return rng.choice(TUMORS if field == "tumor" else policy.vocabulary.all[field].listed)


def _random_cell(
    rng: random.Random, policy: Policy, entry: Attribute, columns: tuple[str, ...], several: bool, faulty: float
) -> dict[str, Any]:
    statements = [
        _random_statement(rng, policy, entry, columns, faulty)
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3]) if several else 1)
    ]
    if not several:
        return statements[0] if rng.random() < 0.6 else dict.fromkeys(columns)
    found: dict[str, Any] = {c: [one[c] for one in statements] for c in columns}
    if rng.random() < faulty:  # Of different lengths.
        column = rng.choice(columns)
        found[column] = found[column][:-1] if rng.random() < 0.5 else None
    return found if statements or rng.random() < 0.5 else dict.fromkeys(columns)


def _random_statement(
    rng: random.Random, policy: Policy, entry: Attribute, columns: tuple[str, ...], faulty: float
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    ranged = rng.random() < 0.2
    for column in columns:
        field = column.removeprefix(f"{entry.name} ")
        if column == entry.name:
            gone = rng.random() < faulty or (
                ranged and f"{column} at least" in columns and rng.random() > faulty
            )
            found[column] = None if gone else random_value(rng, entry, faulty)
        elif field in ("at least", "at most"):
            found[column] = random_value(rng, entry, faulty / 4) if ranged and rng.random() < 0.6 else None
        elif column in policy.vocabulary.qualifiers:
            found[column] = rng.choice([None, True, True, False])
        else:
            found[column] = _random_field(rng, policy, field, faulty)
    return found


# --- ways to keep them ---


def plain_type(policy: Policy, column: str, several: Collection[str]) -> pa.DataType:
    """The type of a column without any encoding."""
    kind = pa.string() if column == "id" else TYPES[policy.batch.layout.domain(column)]
    return pa.list_(kind) if column in several else kind


def kept(rng: random.Random, values: list[Any], kind: pa.DataType) -> pa.ChunkedArray:
    """Values of a plain type as a column, encoded and cut up at random."""
    array = pa.array(values, kind)
    if not pa.types.is_nested(kind) and rng.random() < 0.5:
        array = _encoded(rng, array)
    elif pa.types.is_list(kind) and rng.random() < 0.3:
        array = _indexed_lists(values, kind)
    elif pa.types.is_list(kind) and rng.random() < 0.5:
        array = array.cast(pa.large_list(kind.value_type))
    elif pa.types.is_string(kind) and rng.random() < 0.3:
        array = array.cast(pa.large_string())
    return cut_up(rng, array)


def one_piece(rng: random.Random, values: list[Any], kind: pa.DataType) -> pa.ChunkedArray:
    """Values of a plain type as a column of one chunk, encoded or not."""
    array = pa.array(values, kind)
    encode = not pa.types.is_nested(kind) and rng.random() < 0.7
    return pa.chunked_array([_encoded(rng, array) if encode else array])


def _encoded(rng: random.Random, array: pa.Array) -> pa.Array:
    found = array.dictionary_encode()
    indices = rng.choice(INDICES)
    if len(found.dictionary) > 100:
        indices = pa.int32()
    return pa.DictionaryArray.from_arrays(found.indices.cast(indices), found.dictionary)


def _indexed_lists(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Lists by their place in a dictionary of lists."""
    known: list[Any] = []
    for value in values:
        if value is not None and value not in known:
            known.append(value)
    places = [None if value is None else known.index(value) for value in values]
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int16()), pa.array(known, kind))


def cut_up(rng: random.Random, array: pa.Array) -> pa.ChunkedArray:
    """An array as chunks, each a slice that begins at an odd place of something longer."""
    if rng.random() < 0.3:
        return pa.chunked_array([array])
    cut = rng.randint(0, len(array))
    chunks = []
    for part in (array.slice(0, cut), array.slice(cut)):
        before = rng.choice([1, 3, 7, 8, 13])
        longer = pa.concat_arrays([array.slice(0, min(before, len(array))), part, array.slice(0, 2)])
        chunks.append(longer.slice(min(before, len(array)), len(part)))
    return pa.chunked_array(chunks)


def random_table(
    rng: random.Random, policy: Policy, rows: int, faulty: float = 0.02, whole: bool = False
) -> pa.Table:
    """A random table for a policy: columns left out, several statements, any encoding.

    A whole one has columns of one chunk each, none of which is a dictionary of lists.
    """
    stated = sorted(policy.batch.layout.stated)
    chosen = {name for name in stated if rng.random() < 0.3}
    several = {c for name in chosen for c in (name, *policy.batch.layout.more_columns(name))}
    columns: Mapping[str, list[Any]] = random_rows(rng, policy, chosen, rows, faulty)
    form = policy.vocabulary.request_attributes
    needed = {"id", *(name for name, entry in form.items() if entry.required)}
    # Few tables have all there is: most leave out most of what tells more of statements.
    more = rng.choice([0.0, 0.05, 0.3, 0.9])
    rare = {name for name in columns if " " in name} | {"tumor", *policy.batch.layout.row_wide}
    arrays = {
        name: (one_piece if whole else kept)(rng, values, plain_type(policy, name, several))
        for name, values in columns.items()
        if name in needed or rng.random() < (more if name in rare else 0.9)
    }
    return pa.table(arrays)
