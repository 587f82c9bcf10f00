"""The words that a reader meets: no phrase that nobody would say, and no misspelling."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

STILTED = (
    "anywise",
    "bore it out",
    "borne out",
    "by and by",
    "gone on with",
    "hitherto",
    "in its stead",
    "is hereby",
    "is of no account",
    "is told where",
    "laid to",
    "let the two",
    "nobody knows",
    "nobody says",
    "of no account",
    "on this wise",
    "seldom",
    "stands for itself",
    "stands otherwise",
    "that are not told",
    "that is not told",
    "thereof",
    "therein",
    "told of",
    "whereof",
    "whosever",
    "withal",
)
"""What nobody would say: found by reading the output and the documentation aloud."""

_PHRASE = re.compile(rf"\b(?:{'|'.join(map(re.escape, STILTED))})\b", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def prose() -> Iterator[Path]:
    """The documentation."""
    yield from (ROOT / name for name in ("README.md", "CHANGELOG.md", "examples/README.md"))
    yield from sorted((ROOT / "docs").rglob("*.md"))


def labels() -> Iterator[Path]:
    """The rules files: labels, notes, notices, texts of faults and warnings, and the dictionary."""
    yield from sorted((ROOT / "asp").rglob("*.lp"))


def modules() -> Iterator[Path]:
    """The package."""
    yield from sorted((ROOT / "pyclingo_bridge").rglob("*.py"))


def phrases(text: str) -> list[str]:
    """The stilted phrases in a text, its lines put together."""
    return _PHRASE.findall(" ".join(text.split()))


def texts_of_module(path: Path) -> Iterator[str]:
    """What a module may write: its texts, but for docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.value


def test_a_stilted_phrase_is_found_in_any_spelling_and_across_lines() -> None:
    assert phrases("It is Gone on\nwith.") == ["Gone on with"]
    assert phrases("untold offers, and he is relaid to") == []


@pytest.mark.parametrize("path", [*prose()], ids=lambda path: str(path.relative_to(ROOT)))
def test_the_documentation_has_no_stilted_phrase(path: Path) -> None:
    assert phrases(path.read_text(encoding="utf-8")) == []


def test_no_label_or_text_of_the_rules_has_a_stilted_phrase() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in labels()
        for text in _QUOTED.findall(path.read_text(encoding="utf-8"))
        if phrases(text)
    }
    assert found == set()


def test_nothing_that_the_package_writes_has_a_stilted_phrase() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in modules()
        for text in texts_of_module(path)
        if phrases(text)
    }
    assert found == set()


@pytest.mark.subprocess
def test_everything_is_spelled_right() -> None:
    pytest.importorskip("codespell_lib", reason="codespell is not installed: pip install '.[test]'")
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.subprocess
def test_a_misspelling_is_found(tmp_path: Path) -> None:
    pytest.importorskip("codespell_lib", reason="codespell is not installed: pip install '.[test]'")
    (tmp_path / "page.md").write_text("A documnet.\n")
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "documnet ==> document" in done.stdout
