"""The versions that answers carry."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from pyclingo_bridge.base.solver import solver_version


def _package_version() -> str:
    try:
        return version("pyclingo-bridge")
    except PackageNotFoundError:
        return "unknown"


ENGINE = {"pyclingo-bridge": _package_version(), "clingo": solver_version()}
"""The versions of this package and of the solver."""
