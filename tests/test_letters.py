"""Letters that the solver cannot read are told of: it would end the whole process over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyclingo_bridge import Policy, PolicyError
from tests.conftest import POLICIES

ASTHMA = POLICIES / "severe_asthma"


def folder_with(tmp_path: Path, change: str, where: str = "\nsection(") -> Path:
    for path in ASTHMA.glob("*.lp"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(
            text.replace(where, f"{change}{where}", 1), encoding="utf-8"
        )
    return tmp_path


@pytest.mark.parametrize(
    ("change", "column", "name"),
    [
        ("\n\u00e9.", 1, "`\u00e9` (latin small letter e with acute, U+00E9)"),
        ("\np(\u00a0a).", 3, "(no-break space, U+00A0)"),
        ("\n\u200bp(a).", 1, "(zero width space, U+200B)"),
        ("\np(\u201ctext\u201d).", 3, "`\u201c` (left double quotation mark, U+201C)"),
        ('\np("a" ; \u0430).', 9, "`\u0430` (cyrillic small letter a, U+0430)"),
        ("\n%* a %* b *% c *% \ue000.", 19, "(a character without a name, U+E000)"),
        ("\np(\x07a).", 3, "(a character without a name, U+0007)"),
    ],
)
def test_a_letter_outside_of_quotes_and_comments_is_an_error_with_its_place(
    tmp_path: Path, change: str, column: int, name: str
) -> None:
    with pytest.raises(PolicyError) as raised:
        Policy.load(folder_with(tmp_path, change))
    message = str(raised.value)
    assert message.startswith(f"{tmp_path / 'policy.lp'}:26:{column}: {name}")
    assert "quotes and comments" in message
    assert message.isprintable()


def test_a_byte_order_mark_before_a_policy_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "\ufeff", "% Purpose")
    with pytest.raises(PolicyError, match=r"policy\.lp:1:1: begins with a byte order mark; save"):
        Policy.load(folder)


def test_any_letter_may_stand_in_quotes_and_comments(tmp_path: Path) -> None:
    said = '\n% \u00e9\n%* \u2264 %* " *% *%\nlabel(years, "\u00e2ge \\" % \u2265 \\\\").'
    policy = Policy.load(folder_with(tmp_path, said, "\nattribute(first_request"))
    assert policy.vocabulary.attributes["years"].domain == "whole_number"
