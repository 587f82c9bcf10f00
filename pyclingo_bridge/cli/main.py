"""The command line: reads case files, asks the library, words the answers, sets the exit code.

This module itself imports nothing: what takes time is imported where Ctrl-C ends in one line, as
is everything else that can stop a command.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pyclingo_bridge.cli.all import app

__all__ = ["app", "main"]

TRACEBACK_VARIABLE = "PYCLINGO_BRIDGE_TRACEBACK"
_REPORT = f"this is a fault of the program: report it, with what {TRACEBACK_VARIABLE}=1 shows"

CLOSED_PIPE = 141
"""The exit code, as a shell reports a program whose output nobody reads any more."""


def __getattr__(name: str) -> object:
    if name == "app":
        from pyclingo_bridge.cli.all import app

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    """Run the command line; what a user got wrong is reported in a line, never in a traceback."""
    try:
        from pyclingo_bridge.cli.interrupts import ending_soon

        with ending_soon():
            _run()
    except KeyboardInterrupt:
        from pyclingo_bridge.cli.interrupts import INTERRUPTED, report_once

        report_once()
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        # Whoever read the output has closed it; there is nobody left to tell.
        sys.stdout = sys.stderr = None
        raise SystemExit(CLOSED_PIPE) from None


def _run() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A name that the terminal cannot show is no reason to lose the answer.
            stream.reconfigure(errors="replace")
    from pyclingo_bridge.base.errors import BridgeError, EngineError
    from pyclingo_bridge.cli.all import ExitCode, Stopped
    from pyclingo_bridge.cli.printing import print_error
    from pyclingo_bridge.cli.shared import buffer_output

    buffer_output()
    try:
        try:
            code = _commanded()
        finally:
            # Here, and not when Python ends, somebody can still say that it failed.
            for stream in filter(None, (sys.stdout, sys.stderr)):
                stream.flush()
    except Stopped as stopped:
        raise (stopped.__cause__ or stopped) from None
    except BridgeError as error:
        print_error(error)
        failed = isinstance(error, EngineError)
        raise SystemExit(ExitCode.FAILURE if failed else ExitCode.BAD_INPUT) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        print_error(BridgeError(f"cannot write: {error.strerror}"))
        sys.stdout = None
        raise SystemExit(ExitCode.BAD_INPUT) from None
    except Exception as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        print_error(EngineError(f"{type(error).__name__}: {error}; {_REPORT}"))
        raise SystemExit(ExitCode.FAILURE) from None
    raise SystemExit(code)


def _commanded() -> int:
    """Run the command that was asked for; its exit code.

    Errors: UsageError for a command line that cannot be understood.
    """
    from typer import Abort, BadParameter

    from pyclingo_bridge.cli.all import app
    from pyclingo_bridge.cli.usage import usage_error

    # All that is said of a command line is of the class beneath this one's.
    refused: Any = BadParameter.__mro__[2]
    try:
        code = app(standalone_mode=False)
    except Abort:
        raise KeyboardInterrupt from None
    except refused as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()
            return int(error.exit_code)
        raise usage_error(error) from None
    return code if isinstance(code, int) else 0
