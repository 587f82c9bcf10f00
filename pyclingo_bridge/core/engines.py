"""Which engine answers: the compiled one where it is there and wanted, else the solver."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType

from pyclingo_bridge.base.errors import ExtraError

_FAST = "pyclingo_bridge.fast"


@cache
def fast() -> ModuleType | None:
    """What is compiled from the solver's own ground program; None where it is not on disk.

    It is looked for when first asked, and never imported by name, so that everything but tables
    works without it.
    """
    try:
        return import_module(_FAST)
    except ModuleNotFoundError as error:
        if error.name != _FAST:
            raise
        return None


def tables() -> ModuleType:
    """The same, for what only the compiled engine can do.

    Errors: ExtraError where it is not there.
    """
    found = fast()
    if found is None:
        raise ExtraError(
            "tables of cases are decided by the compiled rules, which this copy of the package lacks"
        )
    return found
