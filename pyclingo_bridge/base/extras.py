"""Packages that only some of the answers need: they come with an extra, and are asked for by its name."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from pyclingo_bridge.base.errors import ExtraError

_NEEDS: dict[str, tuple[str, ...]] = {
    "batch": ("pyarrow", "numpy"),
    "spark": ("pyspark", "pandas", "pyarrow", "numpy"),
    "plot": ("matplotlib",),
    "evidence": ("scipy",),
    "letters": ("jinja2",),
    "docs": ("mkdocs", "material", "mkdocstrings"),
}


def need(extra: str, *also: str) -> None:
    """Refuse to go on without the packages of an extra.

    Args:
        extra: the extra.
        also: packages of it that are needed here, and can be done without elsewhere.

    Errors: ExtraError, which says what to install.
    """
    names = (*_NEEDS[extra], *also)
    absent = [name for name in names if find_spec(name) is None]
    if absent:
        raise ExtraError(
            f"this needs {' and '.join(absent)}, which {_are(absent)} not installed; {install(extra)}"
        )
    for name in names:
        try:
            import_module(name)
        except ImportError as error:
            # Such as one that was built for another version of what it needs itself.
            reason = " ".join(str(error).split())[:200]
            raise ExtraError(
                f"this needs {name}, which cannot be imported ({reason}); {install(extra)}"
            ) from None


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def lacks(extra: str) -> str:
    """Why an extra cannot be used, as `need` says it; nothing where it can."""
    try:
        need(extra)
    except ExtraError as error:
        return str(error)
    return ""


def install(extra: str) -> str:
    """The commands that install an extra: from a clone, and as a package from an index."""
    return f"run `pip install '.[{extra}]'` in a clone, or `pip install 'pyclingo-bridge[{extra}]'`"
