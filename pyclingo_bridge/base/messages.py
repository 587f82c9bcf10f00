"""What a message is made of: where something is wrong, what was found, what is allowed, what to do.

A message is one line of text, and its parts are read from it. For that every message of this package says
what is wrong first; behind `; ` or `: ` what to do, which begins with a verb; and what is allowed last, in
parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

_PLACE = re.compile(r"(?P<place>[a-z_]+(?:\[\d+\]|\.[^\s:`]+)*): ")
_FILE = re.compile(r"(?P<file>[^`\n]+?):(?P<line>[1-9]\d{0,8})(?::(?P<column>[1-9]\d{0,8}))?: ")
_TOML = re.compile(
    r"(?P<file>[^`\n]+?): (?P<found>.*) \(at line (?P<line>[1-9]\d{0,8}), column (?P<column>[1-9]\d{0,8})\)\Z"
)
"""How Python's own reader of TOML tells a place."""

_QUOTED = re.compile(r"`[^`\n]*`")
_ALLOWED = re.compile(r" \((?:allowed|known|listed|shipped): [^()]*\)")
_VERBS = (
    "add break check choose close copy declare decide did end fill give graph include install keep leave let "
    "list look make mend move name open put quote read remove rename replace round run save say see send "
    "separate set spell swap take try turn type use wait write"
)
_HELP = re.compile(rf"[;:,]? ?(?:(?<=;) |(?<=:) |(?<=\() )(?=(?:{'|'.join(_VERBS.split())})\b)")
_COLUMN = re.compile(r"\bcolumn ([1-9]\d{0,5})\b")
_FIRST_WORD = re.compile(r"\A(\w+)")
_LONGEST_SHOWN = 100
"""How much of a long line is shown around the place."""

_MOST_WHOLE = 10
"""How many problems of one error are shown with their lines and what to do."""

_LARGEST_SHOWN = 1_000_000
"""The size of a file, in bytes, of which a line is still shown."""


class Spot(NamedTuple):
    """Where something stands in a text.

    Attributes:
        line: its line, from 1.
        column: its first character's column, from 1.
        width: how many characters of that line it takes.
        text: the line.
    """

    line: int
    column: int
    width: int
    text: str

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Spot:
        """The spot from one character of a text to another."""
        begin = text.rfind("\n", 0, start) + 1
        stop = text.find("\n", start)
        line = text[begin : len(text) if stop < 0 else stop].rstrip("\r")
        width = max(1, min(end, begin + len(line)) - start)
        return cls(text.count("\n", 0, start) + 1, start - begin + 1, width, line)

    def lines(self) -> tuple[str, str]:
        """The line, as far as it fits, and a line of carets beneath what is meant."""
        first = max(0, self.column - 1 - _LONGEST_SHOWN // 2) if len(self.text) > _LONGEST_SHOWN else 0
        shown = self.text[first : first + _LONGEST_SHOWN]
        before, after = "..." * (first > 0), "..." * (first + len(shown) < len(self.text))
        at = len(before) + self.column - 1 - first
        width = max(1, min(self.width, len(before) + len(shown) - at))
        line = f"{before}{shown}{after}"
        return "".join(char if char.isprintable() else " " for char in line), " " * at + "^" * width


class Message(str):
    """One thing that is wrong, in one line. It is a text; its parts are attributes.

    Attributes:
        place: where in the data it is, such as `documents[0].states.age`; empty where that is all of them.
        where: the same as a user knows it, such as ``document `ngs-1`, states.age``.
        found: what is wrong.
        allowed: what would be right, or names that are known; empty where `found` says it.
        help: what to do, empty where that is plain.
        file: the file, if another than the error's own source.
        spot: where it stands in the text of the file, if that is known.
    """

    place: str = ""
    where: str = ""
    found: str = ""
    allowed: str = ""
    help: str = ""
    file: str = ""
    spot: Spot | None = None

    def __new__(cls, text: str, **parts: Any) -> Message:
        """The message of a text, with parts in the place of those that are read from it."""
        message = super().__new__(cls, text)
        message.__dict__.update({**_parts(text), **parts})
        return message

    @property
    def line(self) -> int | None:
        """The line in the file, from 1, if it is known."""
        return self.spot and self.spot.line

    @property
    def column(self) -> int | None:
        """The column in the line, from 1, if it is known."""
        return (self.spot and self.spot.column) or None

    def at(self, **parts: Any) -> Message:
        """The same message with other parts."""
        return Message(str(self), **{**self.__dict__, **parts})

    def told(self) -> str:
        """The message in one line, with the place as a user knows it."""
        where = f"{self.where}: " if self.where else ""
        rest = f"; {self.help}" if self.help else ""
        allowed = f" ({self.allowed})" if self.allowed else ""
        return f"{where}{self.found}{rest}{allowed}"

    def parts(self) -> dict[str, Any]:
        """The parts that it has, as plain data."""
        named = {name: getattr(self, name) for name in ("place", "where", "found", "allowed", "help", "file")}
        return {**{name: part for name, part in named.items() if part}, **self._numbers()}

    def _numbers(self) -> dict[str, int]:
        numbers = {"line": self.line, "column": self.column}
        return {name: number for name, number in numbers.items() if number}


def _parts(text: str) -> dict[str, Any]:
    """The parts of a message's text."""
    parts: dict[str, Any] = {}
    if toml := _TOML.match(text):
        spot = Spot(int(toml["line"]), int(toml["column"]), 1, "")
        return {"file": toml["file"], "found": toml["found"], "spot": spot}
    if place := _FILE.match(text):
        column = int(place["column"] or 0)
        parts = {"file": place["file"], "spot": Spot(int(place["line"]), column, 1, "")}
    elif place := _PLACE.match(text):
        parts = {"place": place["place"], "where": place["place"]}
    rest = text[place.end() if place else 0 :]
    # What a user wrote stands in backticks, and is no part of how the message is built.
    plain = _QUOTED.sub(lambda quoted: "`" + "\0" * (len(quoted.group()) - 2) + "`", rest)
    if allowed := _ALLOWED.search(plain):
        start, end = allowed.span()
        parts["allowed"] = rest[start + 2 : end - 1]
        rest, plain = rest[:start] + rest[end:], plain[:start] + plain[end:]
    help_at = _HELP.search(plain)
    if help_at and help_at.start() > 0:
        parts["help"] = rest[help_at.end() :]
        rest = rest[: help_at.start()].rstrip(" ;:,(")
    return {"found": rest, **parts}


def message_of(text: str) -> Message:
    """A text as a message."""
    return text if isinstance(text, Message) else Message(text)


def spot_in_file(path: str, message: Message) -> Spot | None:
    """Where in a file a message is about, with the line as it is now; None where the file cannot be read."""
    if message.spot is None or message.spot.text:
        return message.spot
    try:
        file = Path(path)
        if not file.is_file() or file.stat().st_size > _LARGEST_SHOWN:
            return message.spot
        lines = file.read_text("utf-8", "replace").replace("\r\n", "\n").split("\n")
    except (OSError, ValueError):
        return message.spot
    number, column = message.spot.line, message.spot.column
    if number > len(lines):
        return message.spot
    return _marked(number, column, lines[number - 1], message.found)


def _marked(number: int, column: int, line: str, found: str) -> Spot:
    """The spot in a line: at its column, else what the message quotes of it, else all of it."""
    told = _COLUMN.search(found)
    if column or told:
        return Spot(number, column or int(told[1] if told else 1), 1, line)
    names = [quoted[1:-1] for quoted in _QUOTED.findall(found)]
    # Where none is there as it is quoted, its first word may be: the solver writes terms without blanks.
    for words in (*names, *(word for name in names for word in _FIRST_WORD.findall(name))):
        if words.strip() and (at := re.search(_alone(words), line)):
            return Spot(number, at.start() + 1, at.end() - at.start(), line)
    start = len(line) - len(line.lstrip())
    return Spot(number, start + 1, max(1, len(line.strip())), line)


def _alone(words: str) -> str:
    """A pattern for words that are no part of longer ones."""
    before = r"(?<!\w)" if re.match(r"\w", words) else ""
    behind = r"(?!\w)" if re.search(r"\w\Z", words) else ""
    return f"{before}{re.escape(words)}{behind}"


class Piece(NamedTuple):
    """A piece of a message on a terminal, and what it is: `error`, `place`, `mark`, `help`, or plain text."""

    text: str
    style: str = ""


def laid_out(messages: Sequence[Message], source: str = "", word: str = "error") -> list[list[Piece]]:
    """Messages for a terminal, as lines of pieces: a head, then each with its place, its line and what to do.

    Args:
        messages: what is wrong.
        source: where it is, in words or the file's name; empty where the messages say that themselves.
        word: what the head begins with.
    """
    head = [Piece(f"{word}: ", "error")]
    if len(messages) == 1:
        return [[*head, *_first_line(messages[0], source)], *_body(messages[0], source)]
    files = {message.file for message in messages}
    common = source or (next(iter(files)) if len(files) == 1 else "")
    number = sum(not message.startswith("and ") for message in messages)
    lines = [[*head, Piece(f"{number} problems{f' in {common}' if common else ''}", "found")]]
    for place, message in enumerate(messages):
        first = _first_line(message.at(file="") if message.file == common else message, "", within=bool(common))
        # Whoever made very many mistakes made one many times: a line each is enough of the later ones.
        lines += [[Piece("  "), *first], *(_body(message, source or common) if place < _MOST_WHOLE else ())]
    return lines


def _first_line(message: Message, source: str, within: bool = False) -> list[Piece]:
    file = message.file or source
    spot = message.spot
    numbers = [str(number) for number in (message.line, message.column) if number] if spot else []
    place = ":".join([*([file] if file else []), *([] if not file and not within else numbers)])
    pieces = [Piece(f"{place}: ", "place")] if place else []
    where = [Piece(f"{message.where}: ", "place")] if message.where else []
    return [*pieces, *where, Piece(message.found, "found")]


def _body(message: Message, source: str) -> Iterable[list[Piece]]:
    """The lines beneath the first: the line of the file, what is allowed and what to do."""
    spot = spot_in_file(message.file or source, message)
    margin = "    "
    if spot and spot.text.strip():
        number = str(spot.line)
        line, carets = spot.lines()
        margin = " " * (len(number) + 3)
        yield [Piece(f"{margin}|", "margin")]
        yield [Piece(f"  {number} |", "margin"), Piece(f" {line}")]
        yield [Piece(f"{margin}|", "margin"), Piece(f" {carets}", "mark")]
    if message.allowed:
        yield [Piece("  "), Piece(message.allowed)]
    if message.help:
        yield [Piece("  "), Piece("help: ", "help"), Piece(message.help)]
