"""The command line: reads case files, asks the library, words the answers, sets the exit code."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import typer

from pyclingo_bridge.commands import batch, cases, evidence, followup, policies
from pyclingo_bridge.commands.shared import ExitCode, app, buffer_output
from pyclingo_bridge.errors import BridgeError, EngineError

__all__ = ["app", "batch", "cases", "evidence", "followup", "main", "policies"]


def main() -> None:
    """Run the command line; what a user got wrong is told in a line, never in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal cannot show is no reason to lose the answer.
            stream.reconfigure(errors="replace")
    buffer_output()
    try:
        try:
            app()
        finally:
            # Here, and not when Python ends, somebody can still say that it failed.
            if sys.stdout is not None:
                sys.stdout.flush()
    except EngineError as error:
        typer.echo(f"defect: {error}", err=True)
        raise SystemExit(ExitCode.FAILURE) from None
    except BridgeError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(ExitCode.BAD_INPUT) from None
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            print(f"error: cannot write: {error.strerror}", file=sys.stderr)
            sys.stdout = None
            raise SystemExit(ExitCode.BAD_INPUT) from None
        # Whoever read the output has closed it; there is nobody left to tell.
        sys.stdout = None
        raise SystemExit(ExitCode.FAILURE) from None
