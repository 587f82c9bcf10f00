"""What is found wrong with the answer to an input, and how texts for people are held to rules."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pyclingo_bridge import BridgeError, EngineError
from pyclingo_bridge.base.errors import ExtraError

LONGEST_TOLD = 200_000
"""The most characters that one input may bring about in messages."""

LONGEST_LINE = 10_000


@dataclass(frozen=True)
class Finding:
    """Something that should not have happened.

    Attributes:
        kind: what it is, such as the name of an exception.
        where: the place in the program, or the rule that is broken; with the kind it tells findings apart.
        text: what was told, shortened.
    """

    kind: str
    where: str
    text: str

    def as_plain(self) -> dict[str, str]:
        """As JSON can hold it."""
        return asdict(self)


@dataclass
class Findings:
    """What is found of one input.

    Attributes:
        found: the findings.
        answer: in a word what the input came to.
    """

    found: list[Finding] = field(default_factory=list)
    answer: str = ""

    def add(self, kind: str, where: str, text: object = "") -> None:
        """Something is wrong."""
        self.found.append(Finding(kind, where, str(text)[:2000]))

    def hold(self, is_so: bool, kind: str, where: str, text: object = "") -> None:
        """Something is wrong unless it is so."""
        if not is_so:
            self.add(kind, where, text)

    @contextmanager
    def guarded(self, asked: str, source: str | None = None) -> Iterator[None]:
        """Only errors of the package's own may come from within, none of them a defect.

        Args:
            asked: what is asked for.
            source: what the error has to name.
        """
        try:
            yield
        except (EngineError, ExtraError) as error:
            self.add(type(error).__name__, f"{asked}: {_place(error)}", error)
        except BridgeError as error:
            self.message(str(error), asked, source)
        except Exception as error:
            self.add(type(error).__name__, _place(error), f"{asked}: {error}")

    def equal(self, one: str, two: str, kind: str, where: str) -> None:
        """Something is wrong unless two texts are equal; what is told is where they part."""
        if one != two:
            pairs = enumerate(zip(one, two, strict=False))
            at = next((at for at, (a, b) in pairs if a != b), min(len(one), len(two)))
            start = max(0, at - 120)
            self.add(kind, where, f"{one[start : at + 200]}\n{two[start : at + 200]}")

    def message(self, text: str, asked: str, source: str | None = None) -> None:
        """Hold the text of an error to what every such text is held to."""
        lines = text.split("\n")
        self.hold(bool(text.strip()), "message", f"{asked}: is empty")
        self.hold(len(text) <= LONGEST_TOLD, "message", f"{asked}: is too long", len(text))
        longest = max(map(len, lines))
        self.hold(longest <= LONGEST_LINE, "message", f"{asked}: has too long a line", longest)
        odd = next((line for line in lines if not line.isprintable()), None)
        if odd is not None:
            self.add("message", f"{asked}: holds what cannot be printed", ascii(odd))
        if source is not None:
            # Several problems stand under one line that names it.
            self.hold(source in lines[0], "message", f"{asked}: does not name its source", lines[0])


def _place(error: BaseException) -> str:
    """Where an exception comes from: the last place in the package, or else the last of all."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "pyclingo_bridge" in frame.filename]
    frame = (own or frames)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
