"""The pictures of two how-to pages: `python -m tests.documentation pictures` makes them anew."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pyclingo_bridge import Case, Policy
from pyclingo_bridge.impact.picture import picture as impact_picture
from pyclingo_bridge.pictures import Picture
from pyclingo_bridge.pictures.asking import PictureKind
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "how-to" / "pictures"

SHOWN: dict[PictureKind, tuple[str, ...]] = {
    "matrix": (
        "approve/nsclc_whole",
        "deny/molecular_report_missing",
        "deny/kras_negative",
        "deny/documents_disagree_on_diagnosis",
    ),
    "missing": ("deny/nothing_documented",),
    "timeline": ("approve/amended_pathology_report",),
    "tree": ("deny/dose_961_without_literature",),
}

IMPACT = "impact"


def paths() -> list[Path]:
    """The file of each picture."""
    return [FOLDER / f"{kind}.svg" for kind in (*SHOWN, IMPACT)]


@cache
def doc_pictures() -> dict[Path, Picture]:
    """Each picture by its file."""
    policy = Policy.load("cp_phar_549")
    cases = ROOT / "examples" / "cases"
    pictures = [
        policy.plot(kind, *(Case.load(cases / f"{name}.json") for name in names))
        for kind, names in SHOWN.items()
    ]
    before = Policy.load("cp_phar_549_2024")
    pictures.append(impact_picture(before.impact(ROOT / "examples" / "requests.jsonl", policy)))
    return dict(zip(paths(), pictures, strict=True))


def text(path: Path) -> str:
    """A picture as it is drawn now."""
    with TemporaryDirectory() as folder:
        drawn = Path(folder) / path.name
        doc_pictures()[path].save(drawn)
        return drawn.read_text(encoding="utf-8")
