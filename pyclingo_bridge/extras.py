"""Packages that only some of the answers need: they come with an extra, and are asked for by its name."""

from __future__ import annotations

from importlib.util import find_spec

from pyclingo_bridge.errors import ExtraError

_NEEDS: dict[str, tuple[str, ...]] = {
    "batch": ("pyarrow",),
    "spark": ("pyspark", "pandas", "pyarrow", "numpy"),
    "plot": ("matplotlib",),
    "evidence": ("scipy",),
}


def need(extra: str, *also: str) -> None:
    """Refuse to go on without the packages of an extra.

    Args:
        extra: the extra.
        also: packages of it that are needed here, and can be done without elsewhere.

    Errors: ExtraError, which says what to install.
    """
    absent = [name for name in (*_NEEDS[extra], *also) if find_spec(name) is None]
    if absent:
        raise ExtraError(
            f"this needs {' and '.join(absent)}: pip install 'pyclingo-bridge[{extra}]'"
        )
