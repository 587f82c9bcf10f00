"""`python -m tests.mistakes` shows the page of messages; with `write` it makes `docs/messages.md` anew.

`python -m tests.documentation messages` writes it too.
"""

from __future__ import annotations

import sys

from tests.mistakes.running import PAGE, page


def main() -> None:
    """Write the page, or show it."""
    text = page()
    if sys.argv[1:] == ["write"]:
        PAGE.write_text(text, "utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
