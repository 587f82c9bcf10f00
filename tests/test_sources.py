"""Which files a policy is made of, and that the solver gets to read no other."""

from __future__ import annotations

import os
import random
import shutil
import sys
from pathlib import Path

import pytest
from clingo.ast import AST, ASTType, parse_string

from pyclingo_bridge import Policy, PolicyError
from pyclingo_bridge.base import rule_files as sources
from pyclingo_bridge.base.lexing import DEEPEST, check_nesting, comments, without_includes
from pyclingo_bridge.base.rule_files import included, read_program
from tests.conftest import POLICIES

INCLUDE = '#include "stray.lp".'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(POLICIES / "severe_asthma", tmp_path / "policy")
    (tmp_path / "policy" / "stray.lp").write_text('note("1", "one").\n')
    return tmp_path / "policy"


def added(folder: Path, text: str) -> Path:
    path = folder / "policy.lp"
    path.write_bytes(path.read_bytes() + b"\n" + text.encode())
    return folder


@pytest.mark.parametrize(
    "text",
    [
        f"%* why *% {INCLUDE}",
        f"{INCLUDE} % why",
        f"{INCLUDE} {INCLUDE}",
        f'label(x, "50%"). {INCLUDE}',
        f'label(x, "50%*"). {INCLUDE}',
        f'label(x, "\\\\"). % {INCLUDE}\n label(x, "\\"%"). {INCLUDE}',
        '#include\n"stray.lp".',
        '#include "stray.lp"\n.',
        '#include "stray.lp" % why\n.',
        '#include %* why *% "stray.lp".',
        "#include <incmode>.",
        "#include stray.",
        f"%* %* *% *% {INCLUDE}",
        f"%* % *%\n *% {INCLUDE}",
        f"#!x\n;{INCLUDE}",
        f"\v{INCLUDE}",
        f"\ufeff{INCLUDE}",
        f"\xa0{INCLUDE}",
        'label(x, "#include").',
    ],
)
def test_an_include_that_is_not_alone_on_its_line_is_refused(folder: Path, text: str) -> None:
    with pytest.raises(PolicyError, match=r"policy\.lp:\d+: write each include alone on its line"):
        Policy.load(added(folder, text))


@pytest.mark.parametrize(
    "text",
    [
        INCLUDE,
        f"\t {INCLUDE} \t",
        '#include"stray.lp" .',
        f"{INCLUDE}\r\nlabel(x, y).\r\n",
        f"%* why *%\n{INCLUDE}",
        f'label(x, "%*").\n{INCLUDE}\nlabel(x, "*%").',
        f"% %*\n{INCLUDE}\n% *%",
    ],
)
def test_an_include_alone_on_its_line_is_followed(tmp_path: Path, text: str) -> None:
    (tmp_path / "stray.lp").write_text("strict_year(2024).")
    (tmp_path / "policy.lp").write_bytes(text.encode())
    found = read_program(tmp_path / "policy.lp")
    assert [file.path.name for file in found] == ["policy.lp", "stray.lp"]
    assert "#include" not in found[0].text


@pytest.mark.parametrize(
    "text",
    [
        f"% {INCLUDE}",
        f"%*\n{INCLUDE}\n*%",
        f"%* % *%\n{INCLUDE}\n*%",
        f"%* %* *%\n{INCLUDE}\n*%",
        f"a. #! {INCLUDE}",
    ],
)
def test_an_include_in_a_comment_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "policy.lp").write_text(text)
    (file,) = read_program(tmp_path / "policy.lp")
    assert "#include" not in file.text
    assert len(file.text) == len(text)


def test_an_include_is_beside_its_file_whatever_the_working_directory(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(folder, INCLUDE)
    rules = set()
    for name in ("here", "there"):
        elsewhere = folder.parent / name
        elsewhere.mkdir()
        (elsewhere / "stray.lp").write_text(f'label({name}, "{name}").')
        monkeypatch.chdir(elsewhere)
        rules.add(Policy.load(Path("..") / "policy").info.rules)
    assert len(rules) == 1


def test_a_change_of_an_included_file_changes_the_fingerprint(folder: Path) -> None:
    before = Policy.load(added(folder, INCLUDE)).info.rules
    (folder / "stray.lp").write_text('note("1", "two").\n')
    assert Policy.load(folder).info.rules != before


def test_conclusions_are_drawn_by_the_text_that_was_read_with_the_policy(tmp_path: Path) -> None:
    (tmp_path / "policy.lp").write_text('#include "conclusions.lp".\n')
    (tmp_path / "conclusions.lp").write_text('#include "more.lp".\na.')
    (tmp_path / "more.lp").write_text("b.")
    files = read_program(tmp_path / "policy.lp")
    (tmp_path / "more.lp").write_text("c.")
    again = included([tmp_path / "conclusions.lp"], files)
    assert [file.text.strip() for file in again] == ["a.", "b."]


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes among the files")
def test_what_is_no_regular_file_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.lp")
    (folder / "folder.lp").mkdir()
    (folder / "circle.lp").symlink_to("circle.lp")
    added(folder, "")
    text = (folder / "policy.lp").read_text()
    for name, message in (
        ("pipe.lp", "no regular file"),
        ("/dev/zero", "no regular file"),
        ("folder.lp", "cannot read"),
        ("circle.lp", "cannot read"),
        ("not_there.lp", "No such file"),
    ):
        (folder / "policy.lp").write_text(f'{text}\n#include "{name}".\n')
        with pytest.raises(PolicyError, match=message):
            Policy.load(folder)


def test_files_that_are_too_large_or_too_many_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(folder, INCLUDE)
    monkeypatch.setattr(sources, "LARGEST_FILE", 100)
    with pytest.raises(PolicyError, match="is larger than"):
        read_program(folder / "policy.lp")
    monkeypatch.setattr(sources, "LARGEST_FILE", 10_000_000)
    for bound, value in (("MOST_FILES", 1), ("LARGEST_PROGRAM", 2_000)):
        with monkeypatch.context() as patch:
            patch.setattr(sources, bound, value)
            with pytest.raises(PolicyError, match="more is included than can be read"):
                read_program(folder / "policy.lp")


def test_a_long_chain_of_includes_is_an_error_and_no_overflow(tmp_path: Path) -> None:
    for number in range(1_100):
        (tmp_path / f"{number}.lp").write_text(f'#include "{number + 1}.lp".\n')
    with pytest.raises(PolicyError, match="at most 1000 files"):
        read_program(tmp_path / "0.lp")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("%* never closed", r"policy\.lp:\d+: the comment that begins here is not closed"),
        ("%* % *%", "the comment that begins here is not closed"),
        ('label(x, "\0").', "holds a NUL character"),
    ],
)
def test_what_would_swallow_the_files_behind_is_refused(folder: Path, text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        Policy.load(added(folder, text))


DEEP = 20_000


@pytest.mark.parametrize(
    "text",
    [
        "label(" + "f(" * DEEP + "x" + ")" * DEEP + ', "x").',
        "label(" + "(" * DEEP,
        "label(" + "-" * DEEP + '1, "x").',
        "label(1" + "+1" * DEEP + ', "x").',
        "label(1" + "+f(a,b)" * DEEP + ', "x").',
        "label(" + "-1+(1-(" * DEEP + "1" + "))" * DEEP + ', "x").',
        "label(1" + "..1" * DEEP + ', "x").',
        "label(" + "|" * DEEP + "1" + "|" * DEEP + ', "x").',
        "label(" + "~" * DEEP + '1, "x").',
        "label(" + "f(%* ( *%" * DEEP + "x" + ")" * DEEP + ', "x").',
        "label(x, " + "f(\n" * DEEP + "x" + ")" * DEEP + ").",
    ],
)
def test_terms_that_nest_deeper_than_the_parser_can_go_are_an_error(folder: Path, text: str) -> None:
    with pytest.raises(PolicyError, match=r"policy\.lp:\d+: nested too deeply: at most 100"):
        Policy.load(added(folder, text))


def test_the_depth_is_bounded_at_the_bound() -> None:
    def deep(many: int) -> str:
        return "f(" * many + "x" + ")" * many + "."

    check_nesting(deep(DEEPEST - 1), "policy.lp")
    with pytest.raises(PolicyError, match=r"policy\.lp:1: nested too deeply"):
        check_nesting(deep(DEEPEST + 1), "policy.lp")


@pytest.mark.parametrize(
    "text",
    [
        "member(s, (" + ";".join(["x"] * 3_000) + ")).",
        "member(s, (" + ";".join(["-1"] * 3_000) + ")).",
        "a :- " + ", ".join(["1 < 2"] * 300) + ".",
        "a(1-1). " * 300,
        f'label(x, "{"(" * 300}"). % {"(" * 300}',
    ],
)
def test_what_is_long_is_not_deep(text: str) -> None:
    check_nesting(text, "policy.lp")


PIECES = ['"', "\\", "\n", "%", "*", "%*", "*%", "a.", " ", '"x"', '\\"', "#!", "n", "\r", "\t"]


def test_comments_are_where_the_solver_finds_them() -> None:
    rng = random.Random(1)
    held = 0
    for _ in range(3_000):
        text = "".join(rng.choices(PIECES, k=rng.randint(1, 12)))
        statements: list[AST] = []
        try:
            parse_string(text, statements.append, logger=lambda code, message: None)
        except RuntimeError:
            continue
        ours = [text[begin:end].strip() for begin, end in comments(text)]
        theirs = [str(one).strip() for one in statements if one.ast_type == ASTType.Comment]
        assert [one for one in ours if one] == theirs, text
        held += bool(theirs)
    assert held > 100


def test_no_text_that_is_accepted_has_an_include_left_to_follow() -> None:
    rng = random.Random(2)
    accepted = 0
    for _ in range(3_000):
        text = "".join(rng.choices([*PIECES, INCLUDE, f"\n{INCLUDE}\n"], k=rng.randint(1, 10)))
        try:
            left, _ = without_includes(text, "policy.lp")
        except PolicyError:
            continue
        accepted += INCLUDE in text
        assert "#include" not in left
        assert len(left) == len(text)
    assert accepted > 100
