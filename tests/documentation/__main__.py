"""`python -m tests.documentation [PART...]` makes anew what the documentation shows.

With parts of names, such as `screens` or `how-to`, only the files that have one of them in their path.
"""

from __future__ import annotations

import sys

from tests.conftest import ROOT
from tests.documentation.made import made


def main(parts: list[str]) -> None:
    """Write each file that is not as it has to be."""
    for path, text in made().items():
        name = str(path.relative_to(ROOT))
        if parts and not any(part in name for part in parts):
            continue
        new = text()
        if not path.exists() or path.read_text(encoding="utf-8") != new:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(new, encoding="utf-8")
            print(name, flush=True)


main(sys.argv[1:])
