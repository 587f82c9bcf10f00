"""The pictures of docs/how-to/pictures.md: `python -m tests.doc_pictures` makes them anew."""

from __future__ import annotations

from pathlib import Path

from pyclingo_bridge import Case, Policy
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


def doc_pictures() -> dict[Path, Picture]:
    """Each picture by its file."""
    policy = Policy.load("cp_phar_549")
    cases = ROOT / "examples" / "cases"
    return {
        FOLDER / f"{kind}.svg": policy.plot(kind, *(Case.load(cases / f"{name}.json") for name in names))
        for kind, names in SHOWN.items()
    }


if __name__ == "__main__":
    for path, picture in doc_pictures().items():
        picture.save(path)
