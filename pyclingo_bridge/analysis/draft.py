"""A policy as its authors left it: where its rules cannot be read as they stand, that is a finding."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pyclingo_bridge.analysis.check import PolicyCheck
from pyclingo_bridge.analysis.findings import CheckReport, Finding
from pyclingo_bridge.base.errors import PolicyError, shown_path
from pyclingo_bridge.base.rule_files import policy_entry, read_program
from pyclingo_bridge.base.versions import ENGINE
from pyclingo_bridge.core.decision import FORMAT_VERSION
from pyclingo_bridge.loading.authoring import read_sources, source_faults, without
from pyclingo_bridge.loading.limits import BEYOND_LIMITS, check_conclusions, check_limits, too_deep
from pyclingo_bridge.loading.load import load, loaded


def check_policy(name_or_folder: str | Path, interpretations: Mapping[str, str] | None = None) -> CheckReport:
    """What is wrong with a policy, one whose rules cannot be read as they stand too.

    Args:
        name_or_folder: a shipped policy's name, or a folder that holds a `policy.lp`.
        interpretations: how to read ambiguities of the wording; the others keep their default.

    Errors: PolicyError where there is no such policy; InterpretationError for an ambiguity or an interpretation
    that it does not have.
    """

    entry = policy_entry(name_or_folder)
    try:
        return PolicyCheck(load(name_or_folder, interpretations)).report()
    except PolicyError as error:
        return CheckReport(
            version=FORMAT_VERSION,
            engine=ENGINE,
            policy=None,
            name=shown_path(name_or_folder),
            interpretations=dict(interpretations or {}),
            findings=tuple(
                Finding(kind=kind, severity="error", subjects=(), text=text)
                for kind, text in _faults(entry, error)
            ),
            proofs=(),
            left_out=("every question about cases: the rules have to be mended first",),
        )


def _faults(entry: Path, error: PolicyError) -> list[tuple[str, str]]:
    """Everything that is wrong with a policy's files: what stands there, then what follows from it.

    Statements at fault are left aside, so that the others are looked at too.
    """

    try:
        files = read_program(entry)
        found = source_faults(files)
    except PolicyError as unread:
        return list(unread.faults)
    faults = [(fault.kind, fault.text) for fault in found]
    if any(kind == BEYOND_LIMITS for kind, _ in error.faults):
        # To try again would take as long again.
        return faults + list(error.faults)
    kept = without(files, found)
    try:
        named = read_sources(kept).named()
        check_limits(kept)
        check_conclusions(kept, loaded(kept, {}, named=named).vocabulary.all)
    except PolicyError as further:
        faults += further.faults
    except RecursionError:
        faults += too_deep(kept).faults
    return faults
