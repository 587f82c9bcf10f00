"""What can go wrong, under one base class; every message names the place and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyclingo_bridge.base.spelling import FACT, WORD, Likeness, alike


class BridgeError(Exception):
    """Base class of every error that this package raises by itself.

    Its message can be shown on a terminal: what is no printable character is escaped.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(_tame(arg) if isinstance(arg, str) else arg for arg in args))

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
        problems: one line for each thing that is wrong, place first.
    """

    def __init__(self, source: str, problems: Iterable[str]) -> None:
        self.source = source
        self.problems = tuple(problems)
        shown = shown_path(source)
        super().__init__("\n".join(f"{shown}: {problem}" for problem in self.problems))


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


class LetterError(BridgeError, ValueError):
    """A letter that cannot be written as it was asked for."""


class EngineError(BridgeError, RuntimeError):
    """The solver said something that it never should: a defect of the rules or of this package."""


def suggestion(name: str, known: Iterable[str], rule: Likeness = WORD) -> str:
    """ "; did you mean `x`?" where a known name is near enough by the rule, else nothing."""
    near = alike(name, known, rule)
    return f"; did you mean `{near}`?" if near else ""


def nearest_of(name: str, known: Iterable[str]) -> str:
    """ "; the nearest known name is `x`", an attribute, or where none is near enough, what is known."""
    names = sorted(known)
    near = alike(name, names, FACT)
    return f"; the nearest known name is `{near}`" if near else f" (known: {listing(names, 40)})"


def listing(names: Iterable[str], most: int = 12) -> str:
    """The names in backticks, separated by commas; a long list is cut, and says so."""
    quoted = [f"`{name}`" for name in names]
    shown = ", ".join(quoted[:most])
    return shown if len(quoted) <= most else f"{shown}, and {len(quoted) - most} more"


def shown_path(path: object) -> str:
    """A file's name as it can stand in a message or an answer: one line of printable characters."""
    return "".join(map(_escaped, str(path)))


def _tame(text: str) -> str:
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
