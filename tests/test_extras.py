"""What is answered where packages that only an extra brings are not installed, or are broken."""

from __future__ import annotations

import importlib
import json
import sys
from types import ModuleType
from typing import Any

import pytest

from pyclingo_bridge import Study
from pyclingo_bridge.base.errors import ExtraError
from pyclingo_bridge.base.extras import lacks, need
from pyclingo_bridge.cli.main import main
from tests.conftest import ROOT
from tests.test_cli import run

CASE = str(ROOT / "examples" / "cases" / "approve" / "nsclc_whole.json")


@pytest.fixture
def without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)


def test_a_report_is_checked_without_scipy_but_for_its_intervals(without_scipy: None) -> None:
    check = Study.load("codebreak100").check()
    assert [finding.kind for finding in check.findings] == ["share"]
    assert len(check.not_recomputed) == 10
    assert "objective response: 28.6 to 46.2" in check.not_recomputed
    assert not {"interval", "fit", "halves"} & {one.kind for one in check.confirmed}
    # Of the ten, two belong to counts; each of the others is a check of its own, and two groups are halves.
    assert len(check.left_out) == 8 + 1
    low = "objective response, low tumor mutational burden: whether some count gives"
    assert any(text.startswith(low) for text in check.left_out)
    assert "more mutations per megabase: whether they can make up the whole" in check.left_out[-1]
    # What was only left out this time is not told as what nothing can check.
    assert not [text for text in check.unreached if text.startswith("disease control")]


def test_check_evidence_says_which_intervals_were_not_recomputed(without_scipy: None) -> None:
    told = run("check-evidence")
    assert told.code == 2
    assert "What was not recomputed, as it takes SciPy: 10 intervals" in told.out
    assert "disease control: 72.6 to 87.2" in told.out
    assert "What was not checked, as it takes SciPy: 9 more checks" in told.out
    assert (
        "intervals were not recomputed, nor what rests on them: this needs scipy, which is not installed\n"
        in told.err
    )
    assert "pip install" in told.err
    assert run("check-evidence", "--exit-code").code == 3
    assert len(json.loads(run("check-evidence", "--json").out)["not_recomputed"]) == 10


def test_evidence_beside_a_case_takes_no_scipy(without_scipy: None) -> None:
    told = run("evidence", CASE)
    assert (told.code, told.err) == (0, "")


@pytest.mark.parametrize(
    ("hidden", "words", "extra"),
    [
        ("matplotlib", ("evidence", "--plot", "x.svg", CASE), "plot"),
        ("matplotlib", ("plot", "tree", "-o", "x.svg", CASE), "plot"),
        ("pyarrow", ("batch", "in.csv", "out.csv"), "batch"),
        ("jinja2", ("letter", CASE), "letters"),
        ("weasyprint", ("letter", CASE, "-o", "x.pdf"), "letters"),
        ("numpy", ("impact", "--from", "cp_phar_549", "--to", "label", "in.csv"), "batch"),
    ],
)
def test_a_command_names_the_extra_that_it_lacks(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    hidden: str,
    words: tuple[str, ...],
    extra: str,
) -> None:
    monkeypatch.setitem(sys.modules, hidden, None)
    monkeypatch.setattr(sys, "argv", ["pyclingo-bridge", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    errors = capsys.readouterr().err
    assert hidden in errors
    assert f"pip install 'pyclingo-bridge[{extra}]'" in errors


def test_spark_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(ExtraError, match=r"pyspark, .*`pip install 'pyclingo-bridge\[spark\]'`"):
        need("spark")


def test_a_package_that_is_there_and_cannot_be_imported_is_told_of_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(name: str, *rest: Any) -> ModuleType:
        raise ImportError("built for another NumPy\nthan this one")

    monkeypatch.setattr("pyclingo_bridge.base.extras.import_module", broken)
    assert lacks("evidence") == (
        "this needs scipy, which cannot be imported (built for another NumPy than this one); "
        "run `pip install '.[evidence]'` in a clone, or `pip install 'pyclingo-bridge[evidence]'`"
    )
    importlib.invalidate_caches()
