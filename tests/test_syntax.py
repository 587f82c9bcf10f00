"""A rules file that cannot be read is told with its line, and with what most likely is wrong there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pyclingo_bridge import Policy, PolicyError
from pyclingo_bridge.published.study import Study
from tests.conftest import ROOT

GOOD = ROOT / "tests" / "reports" / "authoring" / "good"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(GOOD, tmp_path / "p")
    return tmp_path / "p"


def told(folder: Path, text: str) -> list[str]:
    """What is said of the policy with this text behind it, from the text's first line as line 1."""
    path = folder / "policy.lp"
    before = path.read_text()
    path.write_text(before + text, encoding="utf-8", newline="")
    with pytest.raises(PolicyError) as caught:
        Policy.load(folder)
    found = []
    for line in str(caught.value).split("\n"):
        place, number, said = line.split(":", 2)
        assert place == str(path), line
        found.append(f"{int(number) - before.count(chr(10))}:{said}")
    return found


UNREADABLE = [
    ('requires("A.1, yes(age)).\n', "1: the quote opened at column 10 is not closed on its line"),
    ('% said "so\nlocator("A.9, "x").', "2: the quote opened at column 17 is not closed"),
    ('label(age, "é").\nlabel(type, "é" b).', "2: `b` at column 17 cannot stand here: is `,` or"),
    ('label(age, "\\d").', '1: in the text at column 12, write `\\\\` for `\\` and `\\"` for a quote'),
    ("listed(diagnosis, a)\nlisted(diagnosis, b).", "1: the statement that ends in `)` at column 20"),
    ("listed(diagnosis, a) % no period", "1: the statement that ends in `)` at column 20 has no per"),
    ("listed(diagnosis, (a;b).\ndrug(d).", "1: the bracket opened at column 7 is not closed"),
    ("listed(diagnosis,\n  (a;b.\n", "2: the bracket opened at column 3 is not closed"),
    ("listed(diagnosis, a)).", "1: the bracket `)` at column 21 closes none"),
    ("listed(diagnosis, a].", "1: `]` at column 20 should be `)`"),
    ("\tlisted(diagnosis, a b).", "1: `b` at column 22 cannot stand here: is `,` or `;` missing"),
    ("listed(diagnosis, a)\r\n  drug(d).", "1: the statement that ends in `)` at column 20 has no"),
    ("drug(d) := drug(e).", "1: write `:-` for if, not `:=`"),
    ("drug(d) :- drug(e), 3 =< 4.", "1: write `<=` for at most, not `=<`"),
    ("drug(d) :- drug(e),.", "1: something is missing behind `,` at column 19"),
    ("Drug(d).", "1: `Drug` at column 1 begins as variables do; names begin with a small letter"),
    ("%* a comment\ndrug(d).", "1: the comment that begins here is not closed"),
    ("minimum(weight_kg, 0.5).", "1: `minimum` of `weight_kg` takes a whole number, and 0.5 is none"),
    ("document_type(letter, 1.5).", "1: `document_type` of `letter` takes a whole number, and 1.5"),
    ("resolving(1.5).", "1: 1.5 at column 11 is no whole number; where details are compared"),
    ("default(dose_mg_per_day, 0.5).", "1: `dose_mg_per_day` is a whole number, and 0.5 is none"),
    # What a text program or a PDF makes of the characters
    ("drug(\u201cd\u201d).", "1: `\u201c` at column 6 is not of the language: write `\"`"),
    ('locator("A.1\u201d, x).', "1: the quote opened at column 9 is not closed on its line: `\u201d` does not"),
    ("drug(\u2018d).", "1: `\u2018` at column 6 is not of the language"),
    ("drug(d\u2013e).", "1: `\u2013` at column 7 is not of the language: write `-`"),
    ("drug(d) :- 4 \u2265 3.", "1: `\u2265` at column 14 is not of the language: write `>=`"),
    ("listed(diagnosis,\u00a0a).", "1: what looks like a space at column 18 is none (no-break space)"),
    ("listed(diagnosis, a\u200b).", "1: what looks like a space at column 20 is none (zero width"),
    ("drug(mor\u00eb).", "1: `\u00eb` at column 9 (latin small letter e with"),
    ("drug(d).\0drug(e) and more", "1: holds a NUL character"),
    ("%* a %* b *% c *% \ue000.", "1: `\\ue000` at column 19"),
    ("drug(d\x07).", "1: what looks like a space at column 7 is none (code 7)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), UNREADABLE)
def test_what_cannot_be_read_is_told_with_its_line_and_what_is_wrong(
    folder: Path, text: str, said: str
) -> None:
    assert told(folder, text)[0].startswith(said)


FORMED = [
    ("drug(D).", "1: `D` is a variable that nothing binds; write a number, or a name in small"),
    ("member(st, Prednisone).", "1: `Prednisone` is a variable that nothing binds"),
    ("listed(diagnosis, _).", "1: `_` is a variable that nothing binds"),
    ("listed(diagnosis, X) :- drug(_).", "1: `X` is a variable that nothing binds"),
    ("drug(d) :- drug(e), X > 3.", "1: `X` is a variable that nothing binds"),
    ("drug(d) :- drug(e), not drug(X).", "1: `X` is a variable that nothing binds"),
    ("drug(pred-nisone).", "1: `(pred-nisone)` takes whole numbers alone; names have underscores"),
    ('drug(d) = drug(e).', "1: a policy's rule has one atom as its head, not `drug(d) = drug(e)`: write"),
    ('drug(d) <- drug(e).', "1: a policy's rule has one atom as its head, not `drug(d) < -drug(e)`: "),
    ("not drug(d).", "1: a policy's rule has one atom as its head, not `not drug(d)`"),
    ("-drug(d).", "1: a policy's rule has one atom as its head, not `-drug(d)`"),
    ("drug(d), drug(e).", "1: a policy's rule has one atom as its head, not `drug(d); drug(e)`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), FORMED)
def test_what_no_rule_of_a_policy_can_be_is_told_with_its_line(folder: Path, text: str, said: str) -> None:
    assert told(folder, text + "\n")[0].startswith(said)


def test_a_byte_order_mark_is_told_as_one(folder: Path) -> None:
    path = folder / "policy.lp"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    with pytest.raises(PolicyError, match=r"policy\.lp:1: there is a byte order mark at column 1"):
        Policy.load(folder)


def test_quotes_and_letters_of_any_kind_may_stand_in_texts_and_comments(folder: Path) -> None:
    with (folder / "policy.lp").open("a", encoding="utf-8") as rules:
        rules.write('% don\u2019t "ask\nlabel(age, "\u201cag\xe9\xa0").\n')
    assert Policy.load(folder).vocabulary.labels["age"] == "\u201cag\xe9\xa0"


def test_every_unclosed_quote_of_a_file_is_told_at_once(folder: Path) -> None:
    lines = told(folder, 'label(age, "a).\ndrug(d).\nlabel(type, "t).\n')
    assert [line.split(":")[0] for line in lines] == ["1", "3"]


COMPARED = [
    (
        "concludes(D, responding, true) :- states(D, weight_kg, W), W >= type.",
        "`type` is no number",
    ),
    ('concludes(D, responding, true) :- states(D, age, W), W < "4".', '`"4"` is no number'),
    (
        "concludes(note, responding, true) :- states(D, age, W).",
        "`note` is not a document: write a var",
    ),
    (
        "concludes(D, responding, true) :- states(note, age, W).",
        "`D` is a variable that nothing binds",
    ),
    ("concludes(D, age, 1..3) :- states(D, diagnosis, (gout; lupus)).", "`lupus` is not a value of"),
    (
        "concludes(D, responding, true) :- states(D, weight_kg, W), W > 40.5.",
        "40.5 at column 64 is no",
    ),
]


@pytest.mark.parametrize(("rule", "said"), COMPARED)
def test_a_conclusion_that_would_never_be_drawn_is_told_with_its_line(
    folder: Path, rule: str, said: str
) -> None:
    with (folder / "conclusions.lp").open("a") as rules:
        rules.write(rule + "\n")
    with pytest.raises(PolicyError) as caught:
        Policy.load(folder)
    assert str(caught.value).startswith(f"{folder}/conclusions.lp:4: {said}")


def test_a_file_of_conclusions_without_its_define_is_told_what_to_write(folder: Path) -> None:
    path = folder / "conclusions.lp"
    path.write_text(path.read_text().replace("#defined states/3.", ""))
    with (folder / "policy.lp").open("a") as rules:
        rules.write("optional(respondin).\n")
    with pytest.raises(PolicyError) as caught:
        Policy.load(folder)
    # Once, and misspellings beside it.
    (misspelt, told) = [text for _, text in sorted(caught.value.faults, reverse=True)]
    assert "conclusions.lp:2: no rule makes `states`, which documents state: write `#defined states/3.`" in told
    assert "there is no attribute `respondin`" in misspelt


def test_a_study_that_cannot_be_read_is_told_in_the_same_way(tmp_path: Path) -> None:
    (tmp_path / "study.lp").write_text("study(\u201cx).", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"study\.lp:1: .* at column 7 is not of the language"):
        Study.load(tmp_path)


def test_no_message_names_a_file_of_the_package_or_a_word_of_the_solvers_own(folder: Path) -> None:
    for text in ('requires("A.1", at_least(age, "x")).', "drug(d) :- drug(e), not drug(X).", "a b"):
        with (folder / "policy.lp").open("a") as rules:
            rules.write(text + "\n")
        with pytest.raises(PolicyError) as caught:
            Policy.load(folder)
        said = str(caught.value)
        assert not [word for word in ("inc_base", "/asp/", "engine", "<block>") if word in said]


def test_any_letter_may_stand_in_quotes_and_comments(folder: Path) -> None:
    path = folder / "policy.lp"
    said = '\n% \u00e9\n%* \u2264 %* " \u00e9 *% \u00e9 *%\nlabel(age, "\u00e2ge \\" % \u2265 \\\\").\n'
    path.write_text(path.read_text(encoding="utf-8") + said, encoding="utf-8")
    assert Policy.load(folder).vocabulary.labels["age"] == '\u00e2ge " % \u2265 \\'
