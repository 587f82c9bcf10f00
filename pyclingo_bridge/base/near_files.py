"""What to say where a file is not there: the file that may have been meant."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from pyclingo_bridge.base.errors import quoted, suggestion
from pyclingo_bridge.base.spelling import WORD

_MOST_LOOKED_AT = 10_000


def near_file(path: Path) -> str:
    """ "; did you mean `x`?" of a file that is not there, or which folder is not; else nothing."""
    try:
        if path.exists():
            return ""
        if not path.parent.is_dir():
            return f"; there is no folder {quoted(str(path.parent), 200)}"
        names = [one.name for one in islice(path.parent.iterdir(), _MOST_LOOKED_AT)]
    except (OSError, ValueError):
        return ""
    near = suggestion(path.name, names, WORD)
    return near if path.parent == Path() else near.replace("`", f"`{path.parent}/", 1)
