"""What a picture is before it is a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pyclingo_bridge.base.errors import PictureError
from pyclingo_bridge.base.pictures import Complain, TextAlternative, check_picture
from pyclingo_bridge.pictures.canvas import Canvas


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture of answers: its words are there at once, it is drawn when it is saved.

    Attributes:
        kind: what kind of picture it is, such as `matrix`.
        alternative: what it shows, in words; every file of it has them too.
        draw: draws it.
    """

    kind: str
    alternative: TextAlternative
    draw: Callable[[], Canvas]

    def save(self, path: str | Path, complain: Complain = PictureError) -> str:
        """Write it to an .svg or .png file; the same answers make the same file.

        Args:
            path: the file.
            complain: makes the error where it cannot be written.

        Returns:
            The text alternative.

        Errors: PictureError, unless `complain` makes another one; ExtraError without the extra `plot`.
        """
        check_picture(Path(path), complain)
        self.draw().save(Path(path), self.kind, self.alternative, complain)
        return str(self.alternative)
