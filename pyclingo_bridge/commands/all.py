"""The application with all of its commands."""

from pyclingo_bridge.commands import batch, cases, evidence, followup, policies
from pyclingo_bridge.commands.shared import ExitCode, Stopped, app

__all__ = ["ExitCode", "Stopped", "app", "batch", "cases", "evidence", "followup", "policies"]
