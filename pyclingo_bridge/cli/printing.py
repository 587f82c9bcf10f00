"""Errors on a terminal: in color where it has any, plain elsewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from pyclingo_bridge.base.errors import BridgeError, CaseError, EngineError, shown_path
from pyclingo_bridge.base.messages import Message, Piece, Spot, laid_out

_LINE = re.compile(r"(?P<file>.+):(?P<line>[1-9]\d{0,8})")
"""How the line of a file is named that holds one case."""

_COLORS = {
    "error": "bold red",
    "found": "bold",
    "place": "bold",
    "margin": "blue",
    "mark": "bold red",
    "help": "bold cyan",
}
"""What each kind of piece looks like, where there is color."""


def error_lines(error: BridgeError) -> list[list[Piece]]:
    """An error as lines of pieces."""
    source, messages = placed(error)
    messages = [message.at(file=_near(message.file)) for message in messages]
    return laid_out(messages, source, "defect" if isinstance(error, EngineError) else "error")


def placed(error: BridgeError) -> tuple[str, list[Message]]:
    """The file that an error is about, and its messages; those of one line of a file tell that line."""
    source = shown_path(error.source) if isinstance(error, CaseError) else ""
    messages = list(error.messages)
    if (line := _LINE.fullmatch(source)) and all(message.line in (None, 1) for message in messages):
        source, number = line["file"], int(line["line"])
        messages = [message.at(spot=_on_line(message.spot, number)) for message in messages]
    return source, messages


def _on_line(spot: Spot | None, number: int) -> Spot:
    """The place in a file of which one line is a case."""
    return Spot(number, 0, 1, "") if spot is None else spot._replace(line=number)


def _near(path: str) -> str:
    """A path as it is seen from here, where it is beneath."""
    try:
        return str(Path(path).relative_to(Path.cwd())) if path else ""
    except (OSError, ValueError):
        return path


def named(error: CaseError, name: str) -> CaseError:
    """The error of the case in a file, with the lines of that, where what knows the case alone has found it."""
    if error.source == name or not error.source.startswith("case ") or name == "-":
        return error
    from pyclingo_bridge.cases.case_problems import in_text

    try:
        text = Path(name).read_text("utf-8-sig")
    except (OSError, ValueError):
        return error
    return CaseError(name, in_text(error.problems, text))


def error_text(error: BridgeError) -> str:
    """An error as plain text, as it is shown on a terminal without color."""
    return "\n".join("".join(piece.text for piece in line) for line in error_lines(error))


def print_error(error: BridgeError) -> None:
    """Say what went wrong; where that cannot be written, the exit code alone says so."""
    try:
        if sys.stderr is not None:
            _print(error)
    except BrokenPipeError:
        raise
    except OSError:
        # Python would try once more when it ends, and change the exit code for it.
        sys.stderr = None


def _print(error: BridgeError) -> None:
    if not _colored():
        print(error_text(error), file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for line in error_lines(error):
        console.print(Text.assemble(*((piece.text, _COLORS.get(piece.style, "")) for piece in line)))
    sys.stderr.flush()


def _colored() -> bool:
    """Whether the error stream may have color; rich has the rules of it, and takes a moment to say so."""
    import os

    return sys.stderr.isatty() or bool(os.environ.get("FORCE_COLOR"))
