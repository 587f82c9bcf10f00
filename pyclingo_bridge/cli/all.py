"""The application with all of its commands."""

from pyclingo_bridge.cli import batch, cases, docs, evidence, policies, questions
from pyclingo_bridge.cli.shared import ExitCode, Stopped, app

__all__ = ["ExitCode", "Stopped", "app", "batch", "cases", "docs", "evidence", "policies", "questions"]
