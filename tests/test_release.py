"""What a version is published with: one version everywhere, notes from the changelog, and a citation."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.conftest import ROOT
from tests.release_notes import main, package_version, release_notes

CHANGELOG = "# Changelog\n\n## 0.2.0\n\n### Engine\n\n- Faster.\n\n## 0.1.0\n\n- The first.\n\n## 0.0.1\n"


def test_the_notes_of_a_version_are_its_part_of_the_changelog() -> None:
    assert release_notes(CHANGELOG, "0.2.0") == "### Engine\n\n- Faster.\n"
    assert release_notes(CHANGELOG, "0.1.0") == "- The first.\n"


@pytest.mark.parametrize("version", ["0.3.0", "0.2", "0.0.1"])
def test_a_version_of_which_nothing_is_told_has_no_notes(version: str) -> None:
    with pytest.raises(
        ValueError, match=re.escape(f"says nothing of version {version}; it has 0.2.0, 0.1.0, 0.0.1")
    ):
        release_notes(CHANGELOG, version)


def test_a_changelog_with_two_headings_of_one_version_has_no_notes() -> None:
    # Which of the two would be published is anybody's guess, for the other versions too.
    for version in ("0.1.0", "0.2.0"):
        with pytest.raises(ValueError, match=r"more than one heading for 0\.1\.0; make them one"):
            release_notes(CHANGELOG + "\n## 0.1.0\n\n- Again.\n", version)


def test_the_version_of_the_package_has_notes_on_policies_and_on_what_else_changed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main([])
    notes = capsys.readouterr().out
    first, *others = re.findall(r"(?m)^### (.+)$", notes)
    assert first == "Policies"
    assert others
    assert "## 0.3.0" not in notes
    with pytest.raises(SystemExit, match=r"says nothing of version 9\.9\.9"):
        main(["9.9.9"])


def test_the_citation_names_the_version_license_and_home_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    fields = dict(line.split(": ", 1) for line in lines if re.match(r"[a-z-]+: \S", line))
    assert fields["title"] == project["name"]
    assert fields["version"] == package_version()
    assert fields["license"] == project["license"]
    assert fields["repository-code"] == project["urls"]["Repository"]
    assert f"  - name: {project['authors'][0]['name']}" in lines


def test_the_package_names_where_to_read_more_and_where_to_report() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["urls"]) == {"Homepage", "Documentation", "Repository", "Changelog", "Issues"}
    assert all(address.startswith(project["urls"]["Homepage"]) for address in project["urls"].values())
