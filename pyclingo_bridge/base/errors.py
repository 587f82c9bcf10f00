"""What can go wrong, under one base class; every message names the place and the remedy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from pyclingo_bridge.base.messages import Message, message_of
from pyclingo_bridge.base.spelling import FACT, WORD, Likeness, alike

MOST_SHOWN = 10
"""How many problems the text of an error lists; its attributes have all."""

_LIKE = 0.3
"""From which likeness on a name is among those that are listed of many."""

FEW = 6
"""How many names of a choice are listed in full."""


class BridgeError(Exception):
    """Base class of every error that this package raises by itself.

    Its message can be shown on a terminal: what is no printable character is escaped.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(_tame(arg) if isinstance(arg, str) else arg for arg in args))

    @property
    def messages(self) -> tuple[Message, ...]:
        """What is wrong, each with its place, what is allowed and what to do."""
        text = self.args[0] if self.args else ""
        return (text if isinstance(text, Message) else Message(str(self)),)

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would make it anew of its message, which is not what these are made of.
        return _made_again, (type(self), self.args, self.__dict__)


def _made_again(kind: type[BridgeError], args: tuple[Any, ...], attributes: dict[str, Any]) -> BridgeError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


class CaseError(BridgeError, ValueError):
    """A case that cannot be read or breaks its vocabulary.

    Attributes:
        source: the file's name, or a word for where the case came from.
        problems: one line for each thing that is wrong, place first. Each is a text, with its parts as
            attributes: `place`, `found`, `allowed`, `help`, and `line` and `column` where they are known.
    """

    problems: tuple[Message, ...]

    def __init__(self, source: str, problems: Iterable[str]) -> None:
        self.source = source
        self.problems = tuple(map(message_of, problems))
        super().__init__(_listed(self.problems, shown_path(source)))

    @property
    def messages(self) -> tuple[Message, ...]:
        """The problems."""
        return self.problems


def _listed(problems: Sequence[Message], source: str) -> str:
    """Problems of one source: one in a line, several under one head, of many the first."""
    if len(problems) == 1:
        return f"{source}{_numbers(problems[0], ':')}: {problems[0].told()}"
    lines = [
        f"  {_numbers(problem)}{': ' * bool(problem.line)}{problem.told()}" for problem in problems[:MOST_SHOWN]
    ]
    more = len(problems) - MOST_SHOWN
    rest = [f"  and {more:,} more, see `problems`"] if more > 0 else []
    return "\n".join([f"{source}: {len(problems):,} problems", *lines, *rest])


def _numbers(problem: Message, before: str = "") -> str:
    return f"{before}{problem.line}:{problem.column}" if problem.line else ""


MOST_FAULTS = 100
"""How many faults of a policy a message lists; `PolicyError.faults` has all."""


class PolicyError(BridgeError, ValueError):
    """A policy that cannot be found, read, or made sense of.

    Attributes:
        faults: what is wrong, each as its kind and a line about it.
    """

    def __init__(self, message: str, faults: Iterable[tuple[str, str]] = ()) -> None:
        self.faults = tuple((kind, _tame(line)) for kind, line in faults) or (("unreadable", _tame(message)),)
        super().__init__(message)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The faults, each with its file and line; of very many the first."""
        lines = [line for _, line in self.faults]
        more = len(lines) - MOST_FAULTS
        rest = [f"and {more:,} more faults"] if more > 0 else []
        return tuple(map(Message, [*lines[:MOST_FAULTS], *rest]))

    @classmethod
    def of(cls, faults: Iterable[tuple[str, str]]) -> PolicyError:
        """The error for these faults, each a kind and a line; of very many it says the first."""
        faults = list(faults)
        lines = [line for _, line in faults]
        more = len(lines) - MOST_FAULTS
        rest = [f"and {more:,} more faults"] if more > 0 else []
        return cls("\n".join([*lines[:MOST_FAULTS], *rest]), faults)


class InterpretationError(BridgeError, ValueError):
    """An interpretation that the policy does not have."""


class ArgumentError(BridgeError, ValueError):
    """What a function was given for one of its arguments is none of what it takes."""


class ChangeError(BridgeError, AttributeError, ValueError):
    """A case, a decision or another answer was to be changed: none of them can be."""


class UsageError(BridgeError):
    """A command line that cannot be understood: an unknown option, a missing argument, a wrong value."""


class TableError(BridgeError, ValueError):
    """A table whose columns cannot be read as cases."""


class TooLargeError(BridgeError, RuntimeError):
    """The sets that were asked for are too tangled to be counted all at once."""

    def __init__(self) -> None:
        super().__init__("the missing sets are too tangled to be counted; they can still be listed one by one")


class ExtraError(BridgeError, ImportError):
    """A package that an extra brings is not installed."""


class BatchError(BridgeError, ValueError):
    """A file of cases that cannot be read, or an answer to it that cannot be written."""


class EvidenceError(BridgeError, ValueError):
    """Published evidence that cannot be given in the way that was asked for."""


class PictureError(BridgeError, ValueError):
    """A picture that cannot be drawn of what was asked for, or cannot be written."""


class LetterError(BridgeError, ValueError):
    """A letter that cannot be written as it was asked for."""


class EngineError(BridgeError, RuntimeError):
    """The solver said something that it never should: a defect of the rules or of this package."""


def suggestion(name: str, known: Iterable[str], rule: Likeness = WORD) -> str:
    """ "; did you mean `x`?" where a known name is near enough by the rule, else nothing."""
    near = alike(name, known, rule)
    return f"; did you mean `{near}`?" if near else ""


def nearest_of(name: str, known: Iterable[str]) -> str:
    """ "; did you mean `x`?", an attribute, or where none is near enough, the known names most like it."""
    names = sorted(known)
    near = alike(name, names, FACT)
    return f"; did you mean `{near}`?" if near else f" (known: {nearest_few(name, names)})"


def listing(names: Iterable[str], most: int = 12) -> str:
    """The names in backticks, separated by commas; a long list is cut, and says so."""
    quoted = [f"`{name}`" for name in names]
    shown = ", ".join(quoted[:most])
    return shown if len(quoted) <= most else f"{shown}, and {len(quoted) - most} more"


def nearest_few(name: object, names: Iterable[str], most: int = FEW) -> str:
    """The names of a choice: all where they are few, else those most like a name, and how many more there are.

    Example:
        >>> nearest_few("rde", ["blue", "red"])
        '`blue`, `red`'
    """
    return _nearest_few(str(name)[:60], tuple(names), most)


@lru_cache(maxsize=1024)
def _nearest_few(name: str, names: tuple[str, ...], most: int) -> str:
    if len(names) <= most:
        return listing(names, most)
    # The few that somebody may look for, not one that was meant.
    likeness = {other: _likeness(name, other) for other in names}
    ranked = sorted(names, key=lambda other: (-likeness[other], other))
    few = [one for one in ranked[: most - 2] if likeness[one] >= _LIKE] or list(names[: most - 2])
    return f"{', '.join(f'`{one}`' for one in few)}, and {len(names) - len(few)} more"


def _likeness(name: str, other: str) -> float:
    """How many pairs of letters two names share, of those that they have, from 0 to 1."""
    own, of = _pairs(name), _pairs(other)
    return 2 * len(own & of) / (len(own) + len(of))


@lru_cache(maxsize=4096)
def _pairs(name: str) -> frozenset[str]:
    text = f" {name.lower().replace('_', ' ')} "
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def shown_path(path: object) -> str:
    """A file's name as it can stand in a message or an answer: one line of printable characters."""
    return "".join(map(_escaped, str(path)))


def _tame(text: str) -> str:
    # A message keeps its parts where it can be shown as it is.
    return text if text.isprintable() else "\n".join(map(shown_path, text.split("\n")))


def _escaped(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape").decode("ascii")


def quoted(value: object, most: int = 60) -> str:
    """A user's own value as it can stand in a message: one line, not too long."""
    huge = isinstance(value, int) and abs(value) >= 10**30
    plain = isinstance(value, str | int | float | bool | None) and not huge
    text = value if isinstance(value, str) else repr(value) if plain else type(value).__name__
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[: most + 1])
    return f"`{text[:most]}...`" if len(text) > most else f"`{text}`"
