"""A built wheel carries the rules and decides a case, outside the checkout, in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.subprocess]

CASE = ROOT / "examples" / "cases" / "approve" / "nsclc_whole.json"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_holds_every_rules_file_and_the_marker_of_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    rules = {f"pyclingo_bridge/{path.relative_to(ROOT)}" for path in (ROOT / "asp").rglob("*.lp")}
    assert len(rules) > 60
    assert rules <= names
    assert "pyclingo_bridge/py.typed" in names
    assert not (ROOT / "pyclingo_bridge" / "asp").exists()


def test_the_wheel_holds_the_pages_of_the_documentation(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    pages = {f"pyclingo_bridge/{path.relative_to(ROOT)}" for path in (ROOT / "docs").rglob("*.md")}
    assert len(pages) > 30
    assert {*pages, "pyclingo_bridge/mkdocs.yml", "pyclingo_bridge/docs/assets/pages.py"} <= names


def test_the_wheel_decides_a_case_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "fresh", with_pip=True)
    python = tmp_path / "fresh" / "bin" / "python"
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    install = [str(python), "-m", "pip", "install", "--quiet", str(wheel)]
    done = subprocess.run(install, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    program = (
        "import sys, pyclingo_bridge as b\n"
        "decision = b.Policy.load('cp_phar_549').decide(b.Case.load(sys.argv[1]))\n"
        "print(b.__file__, decision.outcome, decision.section, decision.approval_months)\n"
    )
    script = [str(python), "-c", program, str(CASE)]
    done = subprocess.run(script, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    place, *answer = done.stdout.split()
    assert str(tmp_path) in place
    assert answer == ["approve", "I.A", "12"]
    command = [str(tmp_path / "fresh" / "bin" / "pyclingo-bridge"), "decide", str(CASE)]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "APPROVE under I.A" in done.stdout
