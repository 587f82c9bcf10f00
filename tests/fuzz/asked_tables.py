"""Files of cases: every row is decided as its case would be, or reported; none is lost, none is guessed at."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from pyclingo_bridge import Case
from tests.fuzz import trees
from tests.fuzz.acceptance import DETAILS, PARTIAL, REQUEST, STATED, judged, judged_tree
from tests.fuzz.asked_cases import policy
from tests.fuzz.findings import Findings
from tests.fuzz.mutations import a_value, broken, case_bytes, misspelled, seeds
from tests.fuzz.trees import Pairs, Raw

WHOLE_LIST = "complete_treatment_history"
STATABLE = [name for name, kind in STATED.items() if name not in DETAILS or kind == PARTIAL]
DAYS = [name for name in STATABLE if STATED[name] == PARTIAL]
FROM_LITERATURE = ("dose_supported_by_evidence", "regimen_recommended")
IN_FORCE = "2025-02-07"
"""The first day of the policy, of which statements are in a row that gives no date."""

COLUMNS = ["id", *REQUEST, *STATABLE]
ANSWERS = ("outcome", "denial_kind", "section", "approval_months", "refer_to")

CELLS = (
    "true", "TRUE", "True", "1", "0", "yes", "960", "960.0", " 960 ", "9.6e2", "+960", "0960", "-0", "-1",
    "2147483648",
    "9223372036854775808", "99999999999999999999999999", "1" * 5000, "NaN", "null", "[]", "[", "[[]]",
    "[null]", "[[], []]",
    "[true, false]", "[1, 2]", "[1.0]", '["a"]', '[["a"], ["b"]]', '{"a": 1}', "a;b", ";", "a;;b", " ",
    "none", "N/A",
    "=1+1", "+2", "@x", "-x", "metastatic", "metastatic;early", "nsclc", "carboplatin; pembrolizumab",
    "KRAZATI",
    "two\nlines", 'a "quoted" word', "a, b", "\u0663", "\uff11", "1_000", "0x10", "1 000", "True;False",
    "'=1+1",
)  # fmt: skip


class Table(NamedTuple):
    """A file of cases.

    Attributes:
        name: the file's name, whose end tells its format.
        data: what it holds.
        out: the name of the file of answers.
    """

    name: str
    data: bytes
    out: str


def made_csv(rng: Random) -> Table:
    """A CSV file of some rows, with cells, rows, quotes or bytes that are wrong or odd."""
    columns = [name for name in COLUMNS if name in ("id", *REQUEST) or rng.random() < 0.7]
    rows = [_cells(f"row-{number}-", columns, rng) for number in range(rng.choice((1, 2, 4, 8, 8, 30)))]
    for _ in range(rng.choice((0, 0, 1, 1, 2, 5))):
        rng.choice((_other_cell, _other_cell, _other_cell, _other_row))(rows, rng)
    if rng.random() < 0.15:
        at = rng.randrange(len(columns))
        columns[at] = rng.choice((misspelled(columns[at], rng), rng.choice(COLUMNS), "age order"))
    stream = io.StringIO()
    style: dict[str, Any] = {"lineterminator": rng.choice(("\n", "\n", "\n", "\r\n"))}
    if rng.random() < 0.1:
        style["quoting"] = csv.QUOTE_ALL
    if rng.random() < 0.05:
        style["delimiter"] = rng.choice(";\t|")
    csv.writer(stream, **style).writerows([columns, *rows])
    text = stream.getvalue()
    if rng.random() < 0.15:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(('"', '""', '"\n', ',"', '\n"', "\n\n", ",", "\n", "\r")) + text[at:]
    data = text.encode("utf-8", "surrogatepass")
    return _packed("cases.csv", data, rng)


def _packed(name: str, data: bytes, rng: Random) -> Table:
    if rng.random() < 0.1:
        data = broken(data, rng)
    elif rng.random() < 0.08:
        name, data = f"{name}.gz", gzip.compress(data, 1, mtime=0)
        data = broken(data, rng) if rng.random() < 0.3 else data
    return Table(name, data, rng.choice(("out.jsonl", "out.jsonl", "out.csv")))


def _cells(name: str, columns: list[str], rng: Random) -> list[str]:
    """An example case as a row."""
    case = json.loads(rng.choice(seeds())[1])
    said: dict[str, Any] = {"id": name, **case["request"]}
    for paper in case["documents"]:
        said = {**paper["states"], **said}
    if "prior_therapies" not in columns:
        said.pop(WHOLE_LIST, None)
    return [_cell(said.get(column)) for column in columns]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(value) if value and not any(";" in name for name in value) else json.dumps(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _other_cell(rows: list[list[str]], rng: Random) -> None:
    row = rng.choice(rows)
    if row:
        at = rng.randrange(len(row))
        spelled = misspelled(row[at], rng).replace("\ud800", "").replace("\udfff", "")
        near = _cell(trees.plain(a_value(rng.choice(STATABLE), rng)))
        row[at] = rng.choice((rng.choice(CELLS), rng.choice(CELLS), spelled, near, ""))


def _other_row(rows: list[list[str]], rng: Random) -> None:
    row = rng.choice(rows)
    match rng.randrange(4):
        case 0:
            row.append(rng.choice(("", "x")))
        case 1 if row:
            row.pop()
        case 2:
            rows.append(list(row))
        case _:
            rows.insert(rng.randrange(len(rows)), rng.choice(([], [""], [" "])))


def made_lines(rng: Random) -> Table:
    """A JSON Lines file: case files one a line, and lines that are none."""
    lines = []
    for _ in range(rng.choice((1, 2, 3, 5))):
        line = case_bytes(rng)
        if len(line) > 50_000:
            line = line[:50_000]
        lines.append(
            rng.choice((line, line, line, line, b"", b"  ", b"null", broken(line, rng))).replace(b"\n", b" ")
        )
    data = rng.choice((b"\n", b"\n", b"\n", b"\r\n")).join(lines) + rng.choice((b"", b"\n"))
    return _packed(rng.choice(("cases.jsonl", "cases.ndjson")), data, rng)


class Answered(NamedTuple):
    """What a file came to: the answers in their order, and the reason of each bad row."""

    answers: list[dict[str, Any]]
    bad: dict[int, str]
    told: str


def check(table: Table, folder: Path, findings: Findings) -> None:
    """Decide a file of cases, and hold every row to its case."""
    answered = None
    with findings.guarded("deciding a file"):
        answered = _answered(table, folder, findings)
    if answered is None:
        findings.answer = "refused"
        return
    findings.answer = "some bad" if answered.bad else "all decided"
    for reason in answered.bad.values():
        # A row's problems stand on one line.
        findings.message(reason.replace("; ", "\n"), "a bad row")
    data = gzip.decompress(table.data) if table.name.endswith(".gz") else table.data
    expected = _expected_csv(data) if ".csv" in table.name else _expected_lines(data)
    if expected is None:
        _nothing_lost(data, answered, findings)
    else:
        with findings.guarded("deciding the rows by themselves"):
            _row_by_row(expected, answered, findings)


def _answered(table: Table, folder: Path, findings: Findings) -> Answered:
    from pyclingo_bridge.io.run import BatchOptions, run_batch

    source, target = folder / table.name, folder / table.out
    source.write_bytes(table.data)
    summary = run_batch(policy(), source, target, BatchOptions(overwrite=True, restart=True))
    rejects = folder / f"{table.out}.rejects.jsonl"
    text = rejects.read_text(encoding="utf-8") if summary.rejects else ""
    bad = [json.loads(line) for line in text.split("\n") if line]
    written = target.read_bytes().decode("utf-8")
    if table.out.endswith(".csv"):
        answers = list(csv.DictReader(io.StringIO(written, newline="")))
    else:
        answers = [json.loads(line) for line in written.split("\n") if line]
    decided = sum(summary.outcomes.values())
    findings.hold(len(answers) == decided, "rows", "the summary counts others than are there")
    findings.hold(len(bad) == summary.rejected, "rows", "the summary counts other rejects")
    findings.hold(decided + len(bad) == summary.rows, "rows", "do not add up", summary)
    return Answered(answers, {entry["row"]: entry["reason"] for entry in bad}, written + text)


Expected = tuple[str, Any]
"""A row's judgment, and the case that it stands for, if it is one."""


def _expected_lines(data: bytes) -> list[tuple[int, Expected]] | None:
    found: list[tuple[int, Expected]] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip(b" \t\r"):
            judgment, _ = judged(line)
            found.append((number, (judgment, line)))
    return found


_SIMPLE = re.compile(r'(?:[^",\r\n]*|"(?:[^"\r\n]|"")*")(?:,(?:[^",\r\n]*|"(?:[^"\r\n]|"")*"))*')


def _expected_csv(data: bytes) -> list[tuple[int, Expected]] | None:
    """What each row should come to; None where the file's lines are not plainly its rows."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    ends = "\r\n" if "\r\n" in text else "\n"
    lines = text.removesuffix(ends).split(ends)
    if not all(line.strip() and _SIMPLE.fullmatch(line) for line in lines) or "\x00" in text:
        return None
    rows = [next(csv.reader([line])) for line in lines]
    columns = rows[0]
    if not set(columns) <= set(COLUMNS) or "id" not in columns or len(set(columns)) < len(columns):
        return None
    return [(number, _expected_row(columns, row)) for number, row in enumerate(rows[1:], 1)]


def _expected_row(columns: list[str], row: list[str]) -> Expected:
    if len(row) != len(columns):
        return "bad", None
    form, papers, doubtful = Pairs(), [], False
    cells = dict(zip(columns, row, strict=True))
    day = cells.get("date", "").strip()
    if not day and any(cells[name].strip() for name in DAYS if name in cells):
        # A row without any date cannot state what time is counted from.
        return "bad", None
    for name, cell in cells.items():
        if name in ("id", WHOLE_LIST):
            continue
        try:
            said, sure = _statements(cell.strip(), {**REQUEST, **STATED}[name])
        except ValueError:
            return "bad", None
        doubtful |= not sure
        if name in REQUEST:
            if len(said) > 1:
                return "either", None
            form.extend([name, value] for value in said)
        for number, value in enumerate(() if name in REQUEST else said):
            papers.append(_paper(f"{name} {number}", name, value, day))
    flag = cells.get(WHOLE_LIST, "").strip()
    if flag:
        lists = [paper for paper in papers if paper[3][1][0][0] == "prior_therapies"]
        if len(lists) > 1 or flag.startswith("["):
            return "either", None
        if flag.lower() not in ("true", "false") or not lists:
            return "bad", None
        lists[0][3][1].append([WHOLE_LIST, flag.lower() == "true"])
    tree = Pairs([["id", cells["id"]], ["request", form], ["documents", papers]])
    judgment, _ = judged_tree(tree)
    told = trees.write(tree, ascii_only=True).encode("ascii") if judgment != "bad" else None
    return ("either" if doubtful and judgment == "good" else judgment), told


def _paper(name: str, attribute: str, value: Any, day: str) -> Pairs:
    """A document of the day of the request that states one thing, of a type in which it counts."""
    kind = "literature" if attribute in FROM_LITERATURE else "chart_note"
    states = Pairs([[attribute, value]])
    return Pairs([["id", name], ["type", kind], ["date", day or IN_FORCE], ["states", states]])


def _statements(cell: str, kind: Any) -> tuple[list[Any], bool]:
    """The statements that a cell makes, by the table of section 28.2, and whether they are certain.

    Errors: ValueError where it makes none that could be meant.
    """
    fields = getattr(kind, "_fields", ())
    listed, whole = "snake" in fields, "most" in fields
    if not cell:
        return [], True
    if cell.startswith("["):
        tree = trees.read(cell)
        if not isinstance(tree, list):
            raise ValueError("no list")
        if listed and not any(isinstance(entry, list) for entry in tree):
            return [tree], True
        return [entry for entry in tree if entry is not None], None not in tree and bool(tree)
    if listed:
        names = [name.strip() for name in cell.split(";")]
        # Whether several names are meant by a comma or a bar nobody can tell: the row may be bad.
        return [names], "" not in names and not re.search("[,|]", cell)
    if kind == "flag":
        return [{"true": True, "false": False}.get(cell.lower(), cell)], True
    if whole:
        if re.fullmatch(r"-?[0-9]+", cell):
            return [Raw(re.sub(r"^(-?)0+(?=\d)", r"\1", cell))], not re.match(r"-?0\d", cell)
        # Programs that write tables make 960.0 of 960, and it says the same.
        same = re.fullmatch(r"(-?[0-9]+)\.0*", cell)
        return [Raw(same.group(1))] if same else [cell], not same
    return [cell], True


def _row_by_row(expected: list[tuple[int, Expected]], answered: Answered, findings: Findings) -> None:
    decided = iter(answered.answers)
    rows = {number for number, _ in expected}
    findings.hold(answered.bad.keys() <= rows, "rows", "a reject of no row", answered.bad)
    count = len(answered.bad) + len(answered.answers)
    findings.hold(count == len(expected), "rows", "are lost", f"{count} of {len(expected)}")
    for number, (judgment, told) in expected:
        if number in answered.bad:
            reason = re.sub(r"`.*?`|\d+", "..", answered.bad[number])[:80]
            findings.hold(judgment != "good", "refused a row", reason, f"{told}\n{answered.bad[number]}")
            continue
        answer = next(decided, None)
        findings.hold(judgment != "bad", "coercion", "a bad row is decided", f"row {number}: {told}")
        if judgment == "good" and answer is not None and told is not None:
            _as_its_case(told, answer, findings)


def _as_its_case(told: bytes, answer: dict[str, Any], findings: Findings) -> None:
    decision = policy().decide(Case.from_json(told, "row", policy().vocabulary))
    ours = [str(getattr(decision, name) or "") for name in ANSWERS]
    theirs = [str(answer[name] or "") for name in ANSWERS]
    findings.hold(ours == theirs, "rows", "are decided differently from cases", f"{told!r}: {ours} {theirs}")
    same = answer["id"].removeprefix("'") == decision.case.removeprefix("'")
    findings.hold(same, "rows", "have another's id", f"{answer['id']} {decision.case}")


def _nothing_lost(data: bytes, answered: Answered, findings: Findings) -> None:
    """Each row that has a name of its own is in an answer, in a reject, or in the lines of one."""
    text = data.decode("utf-8", "replace")
    spans = [(int(a), int(b)) for a, b in re.findall(r"lines? (\d+) to (?:line )?(\d+)", answered.told)]
    spans += [(int(a), 10**9) for a in re.findall(r"from line (\d+) (?:to the end|on)", answered.told)]
    for number, line in enumerate(_lines(text), 1):
        for name in re.findall(r"row-\d+-", line)[:1]:
            told = name in answered.told or any(a <= number <= b for a, b in spans)
            findings.hold(told, "rows", "one is lost in silence", f"{name}: line {number}")


def _lines(text: str) -> Iterator[str]:
    yield from re.split(r"\r\n|\n|\r", text)
