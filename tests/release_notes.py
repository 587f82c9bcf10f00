"""The release notes of a version, from the changelog: `python -m tests.release_notes 0.4.0`.

Without a version, those of the version in pyproject.toml.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import Counter

from tests.conftest import ROOT

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


def release_notes(changelog: str, version: str) -> str:
    """What a changelog says of a version, without its heading.

    Errors: ValueError where it says nothing of the version, or has a heading twice.
    """
    headings = list(_HEADING.finditer(changelog))
    twice = sorted(name for name, times in Counter(one[1] for one in headings).items() if times > 1)
    if twice:
        raise ValueError(f"the changelog has more than one heading for {', '.join(twice)}; make them one")
    for place, heading in enumerate(headings):
        if heading[1] == version:
            end = headings[place + 1].start() if place + 1 < len(headings) else len(changelog)
            notes = changelog[heading.end() : end].strip()
            if notes:
                return notes + "\n"
    known = ", ".join(heading[1] for heading in headings)
    raise ValueError(f"the changelog says nothing of version {version}; it has {known}")


def package_version() -> str:
    """The version in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def main(words: list[str]) -> None:
    """Write the notes of the version that was asked for."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    try:
        sys.stdout.write(release_notes(changelog, words[0] if words else package_version()))
    except ValueError as error:
        raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
