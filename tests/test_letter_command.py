"""The command `letter`: what it writes, where, and what it tells whoever sends the letter."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pyclingo_bridge.cli.main import app, main
from tests.conftest import POLICIES, ROOT
from tests.test_letters import needs_pango

CASES = ROOT / "examples" / "cases"
ONE = str(CASES / "deny" / "molecular_report_missing.json")
APPROVED = str(CASES / "approve" / "nsclc_whole.json")


def letter(*args: str) -> Any:
    return CliRunner().invoke(app, ["letter", *args], catch_exceptions=False)


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: str) -> str:
    """What the command says of a wrong command line, which ends with 2 and writes no letter."""
    monkeypatch.setattr("sys.argv", ["pyclingo-bridge", "letter", *args])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    return told.err


def test_a_letter_is_written_as_markdown_and_warnings_go_to_the_error_stream() -> None:
    result = letter(ONE)
    assert result.exit_code == 0
    assert "**I.A.4** The tumor carries KRAS G12C: **not documented** (section I.A, item 4)" in result.stdout
    assert "warning" not in result.stdout
    assert "warning: molecular_report_missing: not reviewed by a clinician yet: do not send" in result.stderr
    assert "empty slots: plan_name, plan_address," in result.stderr


def test_the_reading_grade_of_a_members_letter_is_told() -> None:
    told = letter(ONE, "--to", "member").stderr
    found = re.search(r"reading grade (-?\d+\.\d) \(Flesch-Kincaid, an estimate\)", told)
    assert found is not None
    assert float(found[1]) <= 8
    assert "reading grade" not in letter(ONE).stderr


def test_filled_slots_are_in_the_letter_and_no_longer_warned_of(tmp_path: Path) -> None:
    slots = tmp_path / "plan.toml"
    slots.write_text('plan_name = "Example Health"\nreviewer_name = "Pat"\nreviewer_credentials = "MD"\n')
    result = letter(ONE, "--slots", str(slots), "--slot", "plan_address=100 Main Street\\nSpringfield")
    assert "**Example Health**  \n100 Main Street  \nSpringfield\n" in result.stdout
    assert "do not send" not in result.stdout + result.stderr
    assert "plan_name" not in result.stderr
    assert "appeal_rights" in result.stderr


@pytest.mark.parametrize(("name", "start"), [("a.html", b"<!DOCTYPE html>"), ("a.md", b"`["), ("a.txt", b"`[")])
def test_the_name_of_the_file_says_the_format(tmp_path: Path, name: str, start: bytes) -> None:
    path = tmp_path / name
    assert letter(ONE, "-o", str(path)).exit_code == 0
    assert path.read_bytes().lstrip(b"*").startswith(start)


def test_a_pdf_is_written_to_a_file(tmp_path: Path) -> None:
    needs_pango()
    path = tmp_path / "a.pdf"
    result = letter(APPROVED, "--to", "member", "-o", str(path))
    assert (result.exit_code, result.stdout) == (0, "")
    assert path.read_bytes().startswith(b"%PDF-")


def test_letters_on_several_cases_go_to_a_folder_each_with_its_own_slots(tmp_path: Path) -> None:
    slots = tmp_path / "slots.toml"
    slots.write_text('plan_name = "P"\n[cases.nsclc_whole]\nmember_name = "Ana"\n')
    folder = tmp_path / "letters"
    result = letter(ONE, APPROVED, "--to", "member", "--slots", str(slots), "-o", str(folder))
    assert result.exit_code == 0
    names = ["molecular_report_missing.member.md", "nsclc_whole.member.md"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert "Ana" in (folder / names[1]).read_text()
    assert "Ana" not in (folder / names[0]).read_text()


def test_letters_to_files_leave_nothing_on_standard_output(tmp_path: Path) -> None:
    result = letter(ONE, APPROVED, "-o", str(tmp_path / "letters"))
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize("number", [1, 2])
def test_a_folder_of_cases_goes_to_a_folder_of_letters_however_many_they_are(
    tmp_path: Path, number: int
) -> None:
    cases = tmp_path / "cases"
    cases.mkdir()
    for path in (ONE, APPROVED)[:number]:
        (cases / Path(path).name).write_text(Path(path).read_text())
    for folder in (str(tmp_path / "letters"), f"{tmp_path}/others/"):
        assert letter(str(cases), "-o", folder).exit_code == 0
        assert len(list(Path(folder).glob("*.provider.md"))) == number


def test_one_case_goes_to_a_folder_that_ends_with_a_slash_and_to_a_file_that_is_named(tmp_path: Path) -> None:
    assert letter(ONE, "-o", f"{tmp_path}/letters/").exit_code == 0
    assert (tmp_path / "letters" / "molecular_report_missing.provider.md").is_file()
    cases = tmp_path / "cases"
    cases.mkdir()
    (cases / "one.json").write_text(Path(ONE).read_text())
    assert letter(str(cases), "-o", str(tmp_path / "a.html")).exit_code == 0
    assert (tmp_path / "a.html").is_file()
    # One letter can also be read at once.
    assert "**I.A.4**" in letter(str(cases)).stdout


def test_a_reviewer_signs_the_letter_on_the_case_that_was_reviewed_alone(tmp_path: Path) -> None:
    other = str(CASES / "deny" / "kras_negative.json")
    slots = tmp_path / "slots.toml"
    slots.write_text('[cases.kras_negative]\nreviewer_name = "Pat"\nreviewer_credentials = "MD"\n')
    result = letter(ONE, other, "--slots", str(slots), "-o", str(tmp_path / "letters"))
    signed = (tmp_path / "letters" / "kras_negative.provider.md").read_text()
    unsigned = (tmp_path / "letters" / "molecular_report_missing.provider.md").read_text()
    assert "Reviewed by Pat, MD." in signed
    assert "do not send" not in signed
    assert "Reviewed by Pat" not in unsigned
    assert "do not send" in unsigned
    assert "warning: molecular_report_missing: not reviewed by a clinician" in result.stderr


def test_warnings_of_the_decision_are_told_to_whoever_sends_the_letter() -> None:
    for to in ("provider", "member"):
        result = letter(str(CASES / "refer" / "misspelled_diagnosis.json"), "--to", to)
        assert (
            "warning: misspelled_diagnosis: `path-1` states a `diagnosis` that is not listed" in result.stderr
        )
        assert "the nearest listed name is `nsclc`" in result.stderr
        assert "nearest listed name" not in result.stdout


def test_a_bad_case_does_not_keep_the_others_from_their_letters(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    result = letter(str(bad), APPROVED, "-o", str(tmp_path / "letters"))
    assert result.exit_code == 2
    assert "bad.json" in result.stderr
    assert (tmp_path / "letters" / "nsclc_whole.provider.md").exists()


def test_an_id_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    text = Path(APPROVED).read_text().replace('"nsclc_whole"', '"../../x y"', 1)
    (tmp_path / "odd.json").write_text(text)
    folder = tmp_path / "letters"
    folder.mkdir()
    assert letter(str(tmp_path / "odd.json"), "-o", str(folder)).exit_code == 0
    (written,) = folder.iterdir()
    assert written.name == "_.._x_y.provider.md"


def test_templates_are_written_out_and_used(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    result = letter("--export-templates", str(folder))
    assert result.exit_code == 0
    assert "provider.html.jinja" in result.stdout
    (folder / "provider.md.jinja").write_text("Only {{ letter.outcome }}.\n")
    assert letter(ONE, "--templates", str(folder)).stdout == "Only deny.\n"


def test_the_policy_and_the_number_of_ways_can_be_chosen(tmp_path: Path) -> None:
    nothing = str(CASES / "deny" / "nothing_documented.json")
    assert "### Way 2" not in letter(nothing, "--first", "1").stdout
    assert "### Way 15" in letter(nothing, "--first", "0").stdout
    asthma = tmp_path / "asthma.json"
    asthma.write_text('{"id": "asthma", "request": {}, "documents": []}')
    result = letter(str(asthma), "--policy", str(POLICIES / "severe_asthma"))
    assert result.exit_code == 0
    assert "asthma" in result.stdout


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "name a case to write a letter on"),
        ((ONE, APPROVED), "letters on several cases go to a folder; add -o FOLDER"),
        ((ONE, APPROVED, "-o", "letters.pdf"), "letters.pdf: letters on several cases go to a folder"),
        ((ONE, "--format", "pdf"), "a PDF goes to a file; add -o FILE"),
        ((ONE, "-o", "/none/such/a.md"), "/none/such/a.md: there is no such folder"),
        (
            (ONE, "--slot", "plan_nmae=x"),
            "`plan_nmae` is no slot of a letter; did you mean `plan_name`?",
        ),
        ((ONE, "--slot", "x"), "--slot: `x` fills no slot; write NAME=VALUE"),
        ((ONE, "--slot", "contact=1", "--slot", "contact=2"), "`contact` is given twice"),
        ((ONE, "--slots", "/none.toml"), "/none.toml: cannot be read"),
        ((ONE, "--templates", "/none"), "/none: there is no such folder of templates"),
        ((ONE, "--export-templates", "x"), "leave out the cases"),
        (
            (ONE, APPROVED, "-o", "x", "--slot", "member_name=Ana"),
            "`member_name` would be the same in",
        ),
        (
            (ONE, APPROVED, "-o", "x", "--slot", "reviewer_name=Pat"),
            "`reviewer_name` would be the same in",
        ),
    ],
)
def test_a_wrong_command_line_is_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], told: str
) -> None:
    said = refused(monkeypatch, capsys, *args)
    assert said.startswith("error: ")
    assert told in re.sub(r"\n  help: ", "; ", said)
