"""What would be published: a wheel that decides outside the checkout, made from an sdist that has all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.subprocess]

CASE = ROOT / "examples" / "cases" / "approve" / "nsclc_whole.json"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(published: Path) -> Path:
    (found,) = published.glob("*.whl")
    return found


def test_the_index_of_packages_would_take_both_files(published: Path) -> None:
    pytest.importorskip("twine", reason="twine is not installed")
    files = sorted(map(str, published.iterdir()))
    assert [Path(name).suffix for name in files] == [".whl", ".gz"]
    command = [sys.executable, "-m", "twine", "check", "--strict", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == 2


def test_the_sdist_has_what_the_tests_read(published: Path) -> None:
    (sdist,) = published.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    folders = ("asp", "benchmarks", "docs", "examples", "tests")
    kinds = ("*.lp", "*.json", "*.py", "*.md", "*.svg")
    wanted = {
        str(path.relative_to(ROOT))
        for folder in folders
        for kind in kinds
        for path in (ROOT / folder).rglob(kind)
    }
    assert len(wanted) > 400
    assert wanted <= names
    top = {
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CITATION.cff",
        "LICENSE",
        "pyproject.toml",
    }
    assert top <= names


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


def test_the_page_on_the_index_of_packages_has_no_link_that_only_the_repository_knows(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = (one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
    metadata = message_from_bytes(archive.read(name))
    assert metadata["Description-Content-Type"] == "text/markdown"
    page = metadata.get_payload()
    assert isinstance(page, str)
    targets = re.findall(r"\]\(([^)]*)\)", page)
    ours = "https://github.com/pyclingo-bridge/pyclingo-bridge/blob/main/"
    pictures = "https://raw.githubusercontent.com/pyclingo-bridge/pyclingo-bridge/main/"
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []
    # Each leads to what the README leads to.
    wanted = re.findall(r"\]\((?!https:|#)([^)]*)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [
        target.removeprefix(ours).removeprefix(pictures) for target in targets if ".com/pyclingo" in target
    ] == wanted
    assert {target for target in targets if target.endswith(".svg")} == {
        f"{pictures}{target}" for target in wanted if target.endswith(".svg")
    }
    assert len(wanted) > 30


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
    assert "nsclc_whole: APPROVE under I.A, for 12 months" in done.stdout
