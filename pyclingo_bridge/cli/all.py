"""The application with all of its commands."""

from pyclingo_bridge.cli import (
    batch,
    cases,
    diffs,
    docs,
    evidence,
    letters,
    pictures,
    policies,
    questions,
    starting,
)
from pyclingo_bridge.cli.shared import ExitCode, Stopped, app

__all__ = [
    "ExitCode",
    "Stopped",
    "app",
    "batch",
    "cases",
    "diffs",
    "docs",
    "evidence",
    "letters",
    "pictures",
    "policies",
    "questions",
    "starting",
]
