"""A rules file's comments, includes and nesting, read as the solver's own lexer reads them.

The solver follows an `#include` wherever its lexer sees one, and its parser goes down as deep as
terms are nested. So both are looked at before it gets the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyclingo_bridge.base.errors import PolicyError

DEEPEST = 100
"""How deep terms may be nested. The solver's parser runs out of stack at some ten thousand."""

# Blanks within block comments: these nest, and a line comment in one hides what ends it.
_WITHIN = re.compile(r"%\*|\*%|%[^\n]*")
STRING = r'"(?:[^"\\\n]|\\["\\n])*"'
"""A text in quotes, as a regular expression."""

_TOKEN = re.compile(rf"%\*|%[^\n]*|#![^\n]*|{STRING}")
_INCLUDE = re.compile(r'^([ \t\r]*)#include[ \t]*"([^"\n]+)"[ \t]*\.[ \t\r]*$', re.MULTILINE)
_SHAPE = re.compile(rf"{STRING}|#[a-z]+|:-|[(\[{{]|[)\]}}]|\.\.|[.,;:]|[-+*/\\&^?~|@<>=!]")


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Where each comment begins and ends.

    Errors: ValueError, with the place, where a block comment is not closed.
    """
    place = 0
    while found := _TOKEN.search(text, place):
        place = found.end()
        if found.group() == "%*":
            place = _end_of_block(text, place, found.start())
        if found.group()[0] != '"':
            yield found.start(), place


def _end_of_block(text: str, place: int, begin: int) -> int:
    depth = 1
    while found := _WITHIN.search(text, place):
        place = found.end()
        depth += {"%*": 1, "*%": -1}.get(found.group(), 0)
        if not depth:
            return place
    raise ValueError(begin)


def without_includes(text: str, place: str) -> tuple[str, list[tuple[int, str]]]:
    """A file's text in which no `#include` is left, and the files that it includes: line and name.

    Every other character keeps its line and column. However the solver reads what is returned, it
    finds no `#include` to follow.

    Args:
        text: the text.
        place: the file, as errors name it.

    Errors: PolicyError for an include that is not alone on its line, and for a comment that is
    not closed.
    """
    if "\0" in text:
        raise PolicyError(f"{place}:{_line(text, text.index(chr(0)))}: holds a NUL character")
    if "#include" not in text and "%*" not in text:
        return text, []
    parts, last = [], 0
    for begin, end in _comments(text, place):
        parts += [text[last:begin], text[begin:end].replace("#include", " include")]
        last = end
    text = "".join([*parts, text[last:]])
    names = [(_line(text, found.start(1)), found[2]) for found in _INCLUDE.finditer(text)]
    text = _INCLUDE.sub(lambda found: " " * len(found.group()), text)
    if (at := text.find("#include")) >= 0:
        raise PolicyError(
            f'{place}:{_line(text, at)}: write each include alone on its line: #include "file.lp".'
        )
    return text, names


def _comments(text: str, place: str) -> Iterator[tuple[int, int]]:
    try:
        yield from comments(text)
    except ValueError as error:
        line = _line(text, error.args[0])
        raise PolicyError(f"{place}:{line}: the comment that begins here is not closed") from None


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def check_nesting(text: str, place: str) -> None:
    """Refuse terms that are nested too deeply, and scripts.

    Brackets count, and operators that follow one another without a comma, as `1+1+1` nests too.

    Errors: PolicyError, which names the line.
    """
    code = code_of(text, place)
    # For each open bracket, how deep the term nests that is being read between it and the next comma.
    depths = [0]
    for found in _SHAPE.finditer(code):
        token = found.group()
        if token in "([{":
            depths.append(0)
        elif token in ")]}":
            inner = depths.pop() if len(depths) > 1 else 0
            depths[-1] += inner + 1
        elif token in (",", ";", ":", ":-", "."):
            depths[-1] = 0
        elif token == "#script":
            raise PolicyError(
                f"{place}:{_line(code, found.start())}: a policy has rules alone; remove `#script`"
            )
        elif token[0] not in '"#':
            depths[-1] += 1
        if len(depths) > DEEPEST or depths[-1] > DEEPEST:
            raise PolicyError(
                f"{place}:{_line(code, found.start())}: nested too deeply: at most {DEEPEST} "
                "brackets and operators within one another"
            )


def code_of(text: str, place: str = "") -> str:
    """A text without its comments; what is left keeps its lines.

    Errors: PolicyError where a block comment is not closed.
    """
    parts, last = [], 0
    for begin, end in _comments(text, place):
        parts += [text[last:begin], "\n" * text.count("\n", begin, end) or " "]
        last = end
    return "".join([*parts, text[last:]])
