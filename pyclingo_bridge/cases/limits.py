"""How much one case may hold, so that what is too much is refused at once instead of taking hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from pyclingo_bridge.base.errors import ArgumentError, CaseError, PolicyError, listing, quoted, suggestion
from pyclingo_bridge.base.near_files import near_file


@dataclass(frozen=True)
class Limits:
    """How much one case may hold, and how many of its problems are reported.

    A vocabulary or policy may set others by `limit(NAME, N)`, and the command line by `--limit`.

    Attributes:
        megabytes: the size of its text, in millions of bytes.
        documents: its documents.
        names: the members of all its lists together.
        members: the members of one list.
        problems: how many problems of a case are reported one by one.
    """

    megabytes: int = 64
    documents: int = 10_000
    names: int = 10_000
    members: int = 1_000
    problems: int = 100

    def __new__(cls, *given: int, **named: int) -> Limits:
        """Refuse names that there are not.

        Errors: ArgumentError.
        """
        for name, most in named.items():
            if fault := _fault(name, most):
                raise ArgumentError(f"`{name}`: {fault}" if name in NAMES else fault)
        return super().__new__(cls)

    @property
    def bytes(self) -> int:
        """The size of a case's text, in bytes."""
        return self.megabytes * 1_000_000

    @staticmethod
    def from_facts(facts: Iterable[tuple[str, object]]) -> Limits:
        """The limits that facts `limit(NAME, N)` set: of several for one name the highest.

        Errors: PolicyError where there is no such limit, or it is no whole number of 1 or more.
        """
        found: dict[str, int] = {}
        for name, most in facts:
            fault = _fault(name, most)
            if fault or not isinstance(most, int):
                raise PolicyError(f"`limit({name}, {most})`: {fault}")
            found[name] = max(most, found.get(name, 0))
        return replace(Limits(), **found)

    def changed(self, given: Mapping[str, str], source: str = "--limit") -> Limits:
        """These limits, others in their places by name as the command line gives them.

        Errors: CaseError, which names `source`.
        """
        found: dict[str, int] = {}
        for name, text in given.items():
            number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text
            fault = _fault(name, number)
            if fault or not isinstance(number, int):
                raise CaseError(f"{source} {quoted(f'{name}={text}')}", [fault])
            found[name] = number
        return replace(self, **found)


NAMES = tuple(one.name for one in fields(Limits))
"""The names of the limits."""


def _fault(name: str, most: object) -> str:
    if name not in NAMES:
        return f"there is no limit {quoted(name)}{suggestion(name, NAMES)} (known: {listing(NAMES)})"
    if not isinstance(most, int) or most < 1:
        return "a limit is a whole number of 1 or more"
    return ""


def too_much(name: str, most: int) -> str:
    """How a message says what is allowed, and how to have more allowed."""
    return f"at most {most:,} are allowed (the limit `{name}`; `--limit {name}=N` sets another)"


def read_bytes(path: str | Path, limits: Limits) -> bytes:
    """What a file holds, and of one that is too large no more than shows that.

    Errors: CaseError where it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return file.read(limits.bytes + 1)
    except OSError as error:
        raise CaseError(str(path), [f"cannot be read: {error.strerror}{near_file(Path(path))}"]) from None
    except ValueError:
        raise CaseError(str(path), ["cannot be read: no file can have that name"]) from None
