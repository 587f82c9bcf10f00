"""Letters that the solver cannot read: outside of texts and comments, rules are printable ASCII.

What the solver says of another letter is a part of it, which is no text; its Python binding ends the
whole process over that. So such letters are looked for before the solver sees them.
"""

from __future__ import annotations

import re
import unicodedata

from pyclingo_bridge.errors import PolicyError

_TOKEN = re.compile(r'%\*|%[^\n]*|"(?:[^"\\\n]|\\.)*"|[^\n\r\t -~]')
_PLAIN = re.compile(r"[\n\r\t -~]*")
_IN_BLOCK = re.compile(r"%\*|\*%|%[^\n]*")
_BYTE_ORDER_MARK = "\ufeff"


def check_letters(text: str, place: str) -> None:
    """Refuse letters other than printable ASCII that stand neither in a text nor in a comment.

    Args:
        text: what a rules file holds.
        place: the file, as errors name it.

    Errors: PolicyError, which names the first of them, its line and its column.
    """
    at = None if _PLAIN.fullmatch(text) else _odd_letter(text)
    if at is None:
        return
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    if text[at] == _BYTE_ORDER_MARK and at == 0:
        what = "begins with a byte order mark; save the file as UTF-8 without one"
    else:
        char = text[at]
        name = unicodedata.name(char, "a character without a name").lower()
        shown = f"`{char}` " if char.isprintable() else ""
        what = (
            f"{shown}({name}, U+{ord(char):04X}) may stand in quotes and comments alone; remove it"
        )
    raise PolicyError(f"{place}:{line}:{column}: {what}")


def _odd_letter(text: str) -> int | None:
    """Where the first letter stands that the solver cannot read, if there is one."""
    place = 0
    while found := _TOKEN.search(text, place):
        place = found.end()
        if found.group() == "%*":
            place = _end_of_block(text, place)
        elif found.group()[0] not in '%"':
            return found.start()
    return None


def _end_of_block(text: str, place: int) -> int:
    """Where a block comment ends; they nest."""
    depth = 1
    while depth and (found := _IN_BLOCK.search(text, place)):
        place = found.end()
        depth += {"%*": 1, "*%": -1}.get(found.group(), 0)
    return len(text) if depth else place
