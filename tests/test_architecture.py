"""What may import what, what is imported when, and what is left where the compiled engine is not on disk."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "pyclingo_bridge"
EXAMPLES = ROOT / "examples" / "cases"

LATE = ("clingo", "numpy", "pyarrow", "pydantic", "rich", "scipy")
"""Packages that take long to import; whoever asks for help alone does not wait for them."""


@cache
def modules() -> list[tuple[str, ast.Module]]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return [(str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def python(*args: str, path: Path = ROOT, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run Python with the package that stands in a folder."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(path), str(ROOT)])}
    return subprocess.run(
        [sys.executable, *args], cwd=path, env=env, capture_output=True, text=True, check=False, **options
    )


@pytest.mark.subprocess
def test_every_import_contract_holds() -> None:
    pytest.importorskip("importlinter", reason="import-linter is not installed")
    program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(cache_dir=None))"
    done = python("-c", program)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.slow
def test_no_two_public_classes_have_one_name() -> None:
    homes = defaultdict(list)
    for name, module in modules():
        for node in module.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(name)
    doubles = {name: where for name, where in homes.items() if len(where) > 1}
    assert not doubles


def test_nothing_but_the_compiled_engine_itself_imports_it_by_name() -> None:
    fast, found = "pyclingo_bridge.fast", []
    for name, module in modules():
        if name.startswith("pyclingo_bridge/fast/"):
            continue
        for node in ast.walk(module):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [f"{name}: {each}" for each in names if f"{each}.".startswith(f"{fast}.")]
    assert not found


@pytest.mark.subprocess
@pytest.mark.parametrize(
    "words",
    [
        ("-c", "import pyclingo_bridge"),
        ("-c", "import sys; sys.argv[1:] = ['--help']; from pyclingo_bridge.cli.main import main; main()"),
    ],
    ids=["import", "help"],
)
def test_neither_importing_the_package_nor_asking_for_help_imports_what_takes_long(
    words: tuple[str, str],
) -> None:
    done = python("-X", "importtime", *words)
    assert done.returncode == 0, done.stderr
    imported = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "pyclingo_bridge" in imported
    assert imported.isdisjoint(LATE)


def answers() -> dict[str, Any]:
    """What every example comes to: its decision, its explanation and its missing sets."""
    from pyclingo_bridge import Case, Policy, explanation

    policy = Policy.load("cp_phar_549")
    told = {}
    for path in sorted(EXAMPLES.rglob("*.json")):
        case = Case.load(path)
        decision, missing = policy.decide(case), policy.missing(case)
        told[path.stem] = {
            "decision": decision.model_dump(mode="json"),
            "explanation": explanation(decision, full=True).render(),
            "missing": sorted(sorted(one.term for one in entry.requirements) for entry in missing),
            "documents": sorted(sorted(entry.documents) for entry in missing.documents),
            "count": missing.count(),
        }
    return told


ALONE = """
import json, sys
from pathlib import Path
import pyclingo_bridge
from pyclingo_bridge.core.engines import fast
from tests.test_architecture import answers

assert Path(pyclingo_bridge.__file__).parent.parent == Path(sys.argv[1]).resolve()
assert fast() is None
json.dump(answers(), sys.stdout)
"""


@pytest.mark.subprocess
@pytest.mark.slow
def test_without_the_compiled_engine_on_disk_every_example_is_answered_alike(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("fast", "__pycache__"))
    shutil.copytree(ROOT / "asp", tmp_path / "asp")
    done = python("-c", ALONE, str(tmp_path), path=tmp_path)
    assert done.returncode == 0, done.stderr
    alone, whole = json.loads(done.stdout), answers()
    assert len(alone) == len(list(EXAMPLES.rglob("*.json"))) > 20
    for name, told in json.loads(json.dumps(whole)).items():
        assert alone[name] == told, name
