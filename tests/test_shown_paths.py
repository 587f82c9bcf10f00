"""File names in messages and answers: printable characters on one line, whatever the file is called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pyclingo_bridge import Case, CaseError, Policy, PolicyError
from pyclingo_bridge.analysis.draft import check_policy
from pyclingo_bridge.base.errors import BatchError, shown_path
from pyclingo_bridge.cli.batch import _show_summary
from pyclingo_bridge.io.run import run_batch
from tests.conftest import FACTS, case, made, policy, request

NAMES = {
    "new\nline": r"new\nline",
    "esc\x1b[31m": r"esc\x1b[31m",
    "bidi\u202e": r"bidi\u202e",
    "undecodable\udcff": r"undecodable\udcff",
}


@pytest.fixture(params=NAMES, ids=list(NAMES.values()))
def name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    try:
        (tmp_path / request.param).touch()
    except (OSError, UnicodeError):
        pytest.skip("no file can have that name here")
    os.unlink(tmp_path / request.param)
    return str(request.param)


def test_a_file_name_is_shown_in_printable_characters(name: str) -> None:
    assert shown_path(Path("a") / name) == f"a{os.sep}{NAMES[name]}"
    assert shown_path("häufig 1.json") == "häufig 1.json"


def test_an_error_in_a_case_names_its_file_so(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with pytest.raises(CaseError) as missing:
        Case.load(path)
    path.write_text("{")
    with pytest.raises(CaseError) as broken:
        Case.load(path)
    for error in (missing.value, broken.value):
        assert str(error).startswith(f"{tmp_path}{os.sep}{NAMES[name]}:")
        assert str(error).isprintable()


@pytest.mark.parametrize("rules", ["x(", '#include "nowhere.lp".', 'x("a"). x(1)..', None])
def test_an_error_in_a_policy_names_its_folder_so(name: str, rules: str | None, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    if rules:
        (folder / "policy.lp").write_text(rules)
        (finding, *_) = check_policy(folder).findings
        assert NAMES[name] in finding.text
        assert finding.text.replace("\n", "").isprintable()
    with pytest.raises(PolicyError) as error:
        Policy.load(folder)
    assert all(line.isprintable() for line in str(error.value).splitlines())
    assert name not in str(error.value)


def test_a_batch_names_its_files_so(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyarrow")
    source, target = tmp_path / f"{name}.jsonl", tmp_path / f"{name}.csv"
    with pytest.raises(BatchError) as error:
        run_batch(policy(), source, target)
    assert NAMES[name] in str(error.value)
    source.write_text(case(made(request(), FACTS)).model_dump_json() + "\n{}\n")
    _show_summary(run_batch(policy(), source, target))
    told = capsys.readouterr().out
    assert f"{NAMES[name]}.csv" in told
    assert told.replace("\n", "").isprintable()
