"""What is wrong with a rules file that cannot be read, in the words of whoever wrote it.

The solver's own messages say what its grammar expected. Here the text is read once more, word by
word, for what most likely went wrong: a quote, a bracket, a period, a character from a PDF.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pyclingo_bridge.base.lexing import comments

Problem: TypeAlias = tuple[int, str]
"""A line, from 1, and what is wrong there."""

_PLAIN = re.compile(r"[\t\n\r\f\x20-\x7e]*\Z")
_TOKEN = re.compile(
    r"""(?P<comment>%\*.*?\*%|%(?!\*)[^\n]*)
    |(?P<open_comment>%\*)
    |(?P<string>"(?:[^"\\\n]|\\["\\n])*")
    |(?P<escape>"(?:[^"\\\n]|\\[^\n])*")
    |(?P<open_quote>")
    |(?P<decimal>(?<![\w.])\d+\.\d+(?!\w))
    |(?P<number>\d+)
    |(?P<variable>_*[A-Z][\w']*|_+(?![\w']))
    |(?P<name>[_']*[a-z][A-Za-z0-9_']*)
    |(?P<mark>:-|\.\.|[!<>=]=|\#[a-z]+|[ -~])
    |(?P<space>[ \t\n\r]+)
    |(?P<strange>.)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ERROR = re.compile(r"^<string>:(\d+):(\d+)[-\d:]*: error: (.*)", re.MULTILINE)
_OPENING = {"(": ")", "[": "]", "{": "}"}
_INSTEAD = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    "\u2265": ">=",
    "\u2264": "<=",
    "\u2260": "!=",
    "\uff1b": ";",
    "\uff0c": ",",
}
"""What a text program makes of a keyboard's characters, and what was meant."""
_OF_ATTRIBUTES = ("at_least", "at_most", "is", "default")
"""What states the value of an attribute."""
_SINGLE_QUOTES = "\u2018\u2019\u201a\u201b"


@dataclass(frozen=True)
class Token:
    """A word of a rules file: its kind and text, its line and its column in characters, from 1."""

    kind: str
    text: str
    line: int
    column: int


def _tokens(text: str) -> Iterator[Token]:
    line, begin, place = 1, 0, 0
    while match := _TOKEN.match(text, place):
        kind, word = str(match.lastgroup), match.group()
        # Spaces are matched by their own alternative or as marks; neither says anything.
        if kind != "space" and word != " ":
            yield Token(kind, word, line, match.start() - begin + 1)
        place = match.end()
        if kind == "open_quote":
            # What stands behind it was meant to be in quotes.
            end = text.find("\n", place)
            place = len(text) if end < 0 else end
        if breaks := text.count("\n", match.start(), place):
            line += breaks
            begin = text.rindex("\n", 0, place) + 1


def refused(text: str) -> list[Problem]:
    """What the solver must not be given: characters outside of quotes and comments that it cannot read.

    It aborts the process where it writes of half a character.
    """
    return [] if _PLAIN.match(text) else _problems(_without_comments(text))


def _without_comments(text: str) -> str:
    """The text with blanks for its comments, which are whole: every other character keeps its place."""
    chars = list(text)
    for begin, end in comments(text):
        chars[begin:end] = (char if char == "\n" else " " for char in text[begin:end])
    return "".join(chars)


def explained(text: str, messages: Iterable[str]) -> list[Problem]:
    """What most likely is wrong with a text that the solver could not parse, by its own messages."""
    found = _problems(text)
    if found:
        return found
    errors = [_ERROR.search(message) for message in messages]
    first = next((error for error in errors if error), None)
    if first is None:
        return []
    return [_at(text, int(first[1]), int(first[2]))]


def _problems(text: str) -> list[Problem]:
    found: list[Problem] = []
    tokens = list(_tokens(text))
    lines = text.split("\n")
    for place, token in enumerate(tokens):
        said = _problem(token, tokens[max(0, place - 4) : place], lines[token.line - 1])
        if said:
            found.append((token.line, said))
    return found


def _problem(token: Token, before: Sequence[Token], line: str) -> str | None:
    at = f"column {token.column}"
    if token.kind == "open_quote":
        curly = next((mark for mark in line[token.column :] if _INSTEAD.get(mark) == '"'), None)
        hint = f': `{curly}` does not close it, `"` does' if curly else ""
        return f"the quote opened at {at} is not closed on its line{hint or '; close it'}"
    if token.kind == "escape":
        return f'in the text at {at}, write `\\\\` for `\\` and `\\"` for a quote'
    if token.kind == "open_comment":
        return f"the comment that `%*` opens at {at} is never closed: write `*%` behind it"
    if token.kind == "decimal":
        return _decimal(token, before)
    return _strange(token.text, at) if token.kind == "strange" else None


def _decimal(token: Token, before: Sequence[Token]) -> str:
    shapes = [(entry.kind, entry.text) for entry in before]
    if [kind for kind, _ in shapes] == ["name", "mark", "name", "mark"] and shapes[1][1] == "(":
        word, attribute = shapes[0][1], shapes[2][1]
        if word in _OF_ATTRIBUTES:
            return f"`{attribute}` is a whole number, and {token.text} is none"
        return f"`{word}` of `{attribute}` takes a whole number, and {token.text} is none"
    return (
        f"{token.text} at column {token.column} is no whole number; where details are compared, "
        "decimals are written in thousandths"
    )


def _strange(char: str, at: str) -> str:
    name = unicodedata.name(char, f"code {ord(char)}").lower()
    if char == "\ufeff":
        return f"there is a byte order mark at {at}: save the file as UTF-8 without one"
    if char in _INSTEAD:
        return f"`{char}` at {at} is not of the language: write `{_INSTEAD[char]}`"
    if char in _SINGLE_QUOTES:
        return f'`{char}` at {at} is not of the language: names have no quotes, texts have `"`'
    if unicodedata.category(char) in ("Zs", "Zl", "Zp", "Cf", "Cc"):
        return f"what looks like a space at {at} is none ({name}): type a space instead"
    return (
        f"`{char}` at {at} ({name}) can stand in quotes only: names have the letters a to z, "
        "digits and underscores"
    )


def _at(text: str, line: int, column: int) -> Problem:
    """What is wrong where the solver could read no further; its columns count bytes."""
    tokens = [token for token in _tokens(text) if token.kind != "comment"]
    there = text.split("\n")[line - 1 : line] or [""]
    chars = len(there[0].encode()[: column - 1].decode(errors="replace")) + 1
    here = next(
        (i for i, token in enumerate(tokens) if (token.line, token.column) >= (line, chars)),
        len(tokens),
    )
    start = next((i + 1 for i in range(here - 1, -1, -1) if tokens[i].text == "."), 0)
    statement = tokens[start:here]
    last = tokens[here] if here < len(tokens) else None
    return _unbalanced(statement, last) or _misplaced(statement, last, line)


def _unbalanced(statement: Sequence[Token], last: Token | None) -> Problem | None:
    """A bracket that is not closed, or closes none, where the statement could be read no further."""
    opened: list[Token] = []
    for token in statement:
        if token.text in _OPENING:
            opened.append(token)
        elif token.text in _OPENING.values() and opened:
            opened.pop()
    if last and last.text in _OPENING.values():
        if not opened:
            return last.line, f"the bracket `{last.text}` at column {last.column} closes none"
        wanted = _OPENING[opened[-1].text]
        if wanted != last.text:
            return last.line, f"`{last.text}` at column {last.column} should be `{wanted}`"
    if opened and (last is None or last.text in (".", ":-") or last.line > statement[-1].line):
        begun = opened[-1]
        return begun.line, f"the bracket opened at column {begun.column} is not closed"
    return None


def _misplaced(statement: Sequence[Token], last: Token | None, line: int) -> Problem:
    before = statement[-1] if statement else None
    if before is None:
        return (last.line if last else line), f"{_named(last)} cannot begin a statement"
    if last is None or (last.line > before.line and before.text != ","):
        return before.line, f"the statement that ends in {_named(before)} has no period behind it; add `.`"
    if before.kind == "variable" and last.text == "(":
        return before.line, (f"{_named(before)} begins as variables do; names begin with a small letter")
    if (before.text, last.text) == (":", "="):
        return last.line, "write `:-` for if, not `:=`"
    if (before.text, last.text) == ("=", "<"):
        return last.line, "write `<=` for at most, not `=<`"
    if before.text in (",", ";"):
        return before.line, f"something is missing behind {_named(before)}"
    if last.kind in ("name", "variable", "string", "number"):
        return last.line, f"{_named(last)} cannot stand here: is `,` or `;` missing before it?"
    return last.line, f"{_named(last)} cannot stand here"


def _named(token: Token | None) -> str:
    return f"`{token.text[:40]}` at column {token.column}" if token else "the end of the file"
