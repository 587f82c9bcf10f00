"""One model of a report, and the same report on a screen, as plain text, as Markdown and as data."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from pyclingo_bridge.explain import terminal
from pyclingo_bridge.explain.report import (
    Block,
    Column,
    Gap,
    Heading,
    Item,
    Paragraph,
    Table,
    Title,
    Tree,
    as_data,
    as_markdown,
    as_text,
    detailed,
    section,
)
from tests.conftest import ROOT

REPORT: tuple[Block, ...] = (
    Title("a case: DENY", "deny"),
    Paragraph("One line.", apart=False),
    Paragraph("Another line.", apart=False),
    Gap(),
    Tree((Item("I.A `use`", (Item("chart says so"),), status="not_met"),)),
    *section("Missing", [detailed("set 1", ["a finding"], "+"), "set 2"]),
    Table("Counts", (Column("Status", "status"), Column("Rows", "number")), (("not_met", "2"),)),
)


def test_a_report_is_shown_on_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show(REPORT)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:10] == [
        "a case: DENY",
        "One line.",
        "Another line.",
        "",
        "[not met] I.A `use`",
        "└── chart says so",
        "",
        "Missing",
        "  + set 1",
        "    a finding",
    ]
    assert lines[10:12] == ["  - set 2", ""]
    assert [line.split() for line in lines[12:]] == [["Counts"], ["Status", "Rows"], ["not", "met", "2"]]


def test_a_report_is_written_as_plain_text_within_its_width() -> None:
    assert as_text(REPORT[:6], 20).splitlines() == [
        "a case: DENY",
        "One line.",
        "Another line.",
        "",
        "[not met] I.A `use`",
        "  - chart says so",
        "",
        "Missing:",
    ]
    assert as_text([Item("a text of many words")], 12).splitlines() == ["- a text of", "  many words"]
    assert as_text(REPORT[-1:]).splitlines() == ["", "Counts", "Status  Rows", "not met  2"]


def test_a_report_is_written_as_markdown() -> None:
    assert as_markdown(REPORT).splitlines() == [
        "## a case: DENY",
        "",
        "One line.  ",
        "Another line.  ",
        "",
        "- **not met** I.A `use`",
        "  - chart says so",
        "",
        "### Missing",
        "",
        "- `+` set 1",
        "  - a finding",
        "- set 2",
        "",
        "### Counts",
        "",
        "| Status | Rows |",
        "| --- | ---: |",
        "| not met | 2 |",
    ]


@pytest.mark.parametrize("names", [True, False])
def test_what_somebody_wrote_is_no_markup(names: bool) -> None:
    for text in ("<img src=x>", "a` <img src=x>", "[x](y) | *z*\n# h"):
        written = as_markdown([Paragraph(text), Table(text, (Column(text),), ((text,),))], names)
        assert "<img" not in written.replace("\\<img", "")
        assert "\n# h" not in written
        assert "| *" not in written.replace("\\| \\*", "")


def test_a_report_is_data_that_json_can_hold() -> None:
    data = json.loads(json.dumps(as_data(REPORT)))
    assert [block["kind"] for block in data][:4] == ["title", "paragraph", "paragraph", "gap"]
    assert data[0] == {"kind": "title", "text": "a case: DENY", "emphasis": "deny"}
    assert data[4]["items"][0]["under"][0]["text"] == "chart says so"


def test_a_list_without_entries_has_no_heading() -> None:
    assert [*section("Nothing", [])] == []
    assert [*section("One", ["entry"])] == [Heading("One"), Item("entry")]


@pytest.mark.subprocess
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["decide", "--help"], ["schema", "--help"]])
def test_help_imports_nothing_that_takes_time(words: list[str]) -> None:
    code = f"""
import sys
from pyclingo_bridge.cli.main import main
sys.argv = ["pyclingo-bridge", *{words!r}]
try:
    main()
finally:
    # Typer itself may need pydantic for the options of a command.
    heavy = ("clingo", "rich", "numpy", "pyarrow", "pyclingo_bridge.core", "pyclingo_bridge.policy")
    print(sorted(set(heavy) & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")
    assert done.stdout


def test_lines_of_a_cell_are_set_apart_in_markdown() -> None:
    table = Table("", (Column("Case"), Column("Says")), (("one", "a fact\nanother | fact\n"),))
    assert as_markdown([table]).splitlines()[-1] == "| one | a fact; another \\| fact |"
