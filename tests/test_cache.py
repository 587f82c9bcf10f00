"""Compiled policies on disk: believed where they are the user's own and whole, else made anew."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge import Policy
from pyclingo_bridge.base import store
from pyclingo_bridge.base.store import keep, kept, key_of
from pyclingo_bridge.fast import compiled_policy
from pyclingo_bridge.fast.compiled import CompiledPolicy
from tests.conftest import POLICIES, case, whole

SMALL = POLICIES / "severe_asthma"
posix = pytest.mark.skipif(sys.platform == "win32", reason="files have no owners there")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(store.FOLDER_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with every policy that is compiled anew."""
    made: list[str] = []
    compile_ = CompiledPolicy.of.__func__  # type: ignore[attr-defined]

    def of(cls: type, *args: Any) -> Any:
        made.append("made")
        return compile_(cls, *args)

    monkeypatch.setattr(CompiledPolicy, "of", classmethod(of))
    return made


def written(path: Path, text: str) -> None:
    """Write a file as the store does, with a hash that fits."""
    path.write_text(f"{key_of(store._FORMAT, path.name, text)}\n{text}")


def test_a_compiled_policy_is_taken_from_disk_the_second_time(folder: Path, made: list[str]) -> None:
    first = Policy.load(SMALL).loaded.once(compiled_policy)
    second = Policy.load(SMALL).loaded.once(compiled_policy)
    assert made == ["made"]
    assert (list(first.circuit.nodes), first.atoms) == (list(second.circuit.nodes), second.atoms)
    assert list(first.facts) == list(second.facts)


def test_other_interpretations_are_another_policy_on_disk(folder: Path, made: list[str]) -> None:
    name, values = next(iter(Policy.load("cp_phar_549").alternatives.items()))
    for value in values:
        assert Policy.load("cp_phar_549", {name: value}).loaded.once(compiled_policy).circuit.nodes
    assert len(made) == len(values) == len(list(folder.iterdir()))


@posix
def test_what_is_kept_is_the_users_own_alone(folder: Path) -> None:
    before = os.umask(0)
    try:
        assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    finally:
        os.umask(before)
    (path,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"look"', '"given"', 1),
        lambda text: text.replace("1", "0", 1),
        lambda text: "not JSON at all",
        lambda text: text.partition("\n")[0] + "\n{}",
        lambda text: "\0" * 1_000,
        lambda text: "\ud800",
    ],
)
def test_a_damaged_file_is_made_anew_and_never_believed(
    folder: Path, made: list[str], damage: Callable[[str], str]
) -> None:
    good = Policy.load(SMALL).loaded.once(compiled_policy)
    (path,) = folder.iterdir()
    text = path.read_text()
    path.write_bytes(damage(text).encode(errors="surrogatepass"))
    again = Policy.load(SMALL).loaded.once(compiled_policy)
    assert len(made) == 2
    assert (list(good.circuit.nodes), good.atoms) == (list(again.circuit.nodes), again.atoms)
    assert path.read_text() == text


def first(told: dict[str, Any], kind: str) -> list[Any]:
    found: list[Any] = next(node for node in told["nodes"] if node[0] == kind)
    return found


def put(told: dict[str, Any], kind: str, place: int, value: Any) -> dict[str, Any]:
    first(told, kind)[place] = value
    return told


def atom(told: dict[str, Any], literal: Any) -> dict[str, Any]:
    told["atoms"][5][1] = literal
    return told


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        lambda told: [],
        lambda told: {},
        lambda told: None,
        lambda told: {"nodes": [["all", [99]]]},
        lambda told: {**told, "nodes": [], "atoms": []},
        lambda told: {**told, "atoms": []},
        lambda told: {**told, "facts": []},
        lambda told: {**told, "facts": told["facts"][1:]},
        lambda told: {**told, "facts": [*told["facts"], 3]},
        lambda told: {**told, "facts": [*told["facts"], ["drugged", ["x"]]]},
        lambda told: {**told, "nodes": {}},
        lambda told: {**told, "nodes": [*told["nodes"], told["nodes"][0]]},
        lambda told: {**told, "nodes": [told["nodes"][0], *told["nodes"]]},
        lambda told: {**told, "nodes": told["nodes"][::-1]},
        lambda told: {**told, "atoms": [*told["atoms"], [["outcomes", ["x"]], 2]]},
        lambda told: {**told, "atoms": [*told["atoms"], ["outcome", 2]]},
        lambda told: atom(told, 2.5),
        lambda told: atom(told, 2.0),
        lambda told: atom(told, True),
        lambda told: atom(told, -3),
        lambda told: atom(told, 10**9),
        lambda told: atom(told, float("nan")),
        lambda told: atom(told, None),
        lambda told: put(told, "all", 1, [10**9, 10**9 + 1]),
        lambda told: put(told, "all", 1, [-3, 4]),
        lambda told: put(told, "all", 1, [2.5, 4]),
        lambda told: put(told, "all", 1, [4, 4]),
        lambda told: put(told, "all", 1, [6, 4]),
        lambda told: put(told, "all", 1, [3, 4]),
        lambda told: put(told, "all", 1, []),
        lambda told: put(told, "all", 1, [0, 4]),
        lambda told: put(told, "all", 1, "24"),
        lambda told: put(told, "all", 0, "any"),
        lambda told: put(told, "look", 2, 15),
        lambda told: put(told, "look", 2, 0),
        lambda told: put(told, "look", 2, True),
        lambda told: put(told, "look", 2, 1.0),
        lambda told: put(told, "look", 1, ["yes", ["of_no_attribute"]]),
        lambda told: put(told, "look", 1, [["yes"], 1]),
        lambda told: put(told, "look", 1, ["at_least", ["age"], 2**40]),
        lambda told: put(told, "look", 1, ["at_least", ["age"], 1.5]),
        lambda told: put(told, "look", 1, []),
        lambda told: put(told, "look", 1, {}),
    ],
)
def test_what_is_no_circuit_of_the_policy_is_made_anew_though_its_hash_fits(
    folder: Path, made: list[str], change: Callable[[dict[str, Any]], Any]
) -> None:
    good = Policy.load(SMALL).loaded.once(compiled_policy)
    (path,) = folder.iterdir()
    text = path.read_text()
    written(path, json.dumps(change(json.loads(text.partition("\n")[2]))))
    again = Policy.load(SMALL).loaded.once(compiled_policy)
    assert len(made) == 2
    assert (list(good.circuit.nodes), good.atoms) == (list(again.circuit.nodes), again.atoms)
    assert path.read_text() == text


def test_brackets_without_end_are_made_anew(folder: Path, made: list[str]) -> None:
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    (path,) = folder.iterdir()
    for text in ("[" * 200_000, '{"nodes":' * 100_000, "9" * 200_000):
        written(path, text)
        assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    assert len(made) == 4


def test_a_file_of_another_policy_is_not_believed_under_a_new_name(folder: Path, made: list[str]) -> None:
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    (of_small,) = folder.iterdir()
    assert Policy.load("label").loaded.once(compiled_policy).circuit.nodes
    (other,) = set(folder.iterdir()) - {of_small}
    other.write_bytes(of_small.read_bytes())
    assert Policy.load("label").loaded.once(compiled_policy).circuit.nodes
    assert len(made) == 3


def opened(folder: Path, path: Path) -> Path:
    folder.chmod(0o777)
    return folder


def opened_to_the_group(folder: Path, path: Path) -> Path:
    folder.chmod(0o770)
    return folder


def open_file(folder: Path, path: Path) -> Path:
    path.chmod(0o666)
    return path


@pytest.mark.slow
@posix
@pytest.mark.parametrize("change", [opened, opened_to_the_group, open_file])
def test_what_others_can_write_is_not_believed_and_told_of_once(
    folder: Path,
    made: list[str],
    caplog: pytest.LogCaptureFixture,
    change: Callable[[Path, Path], Path],
) -> None:
    store._distrust.cache_clear()
    assert Policy.load("label").loaded.once(compiled_policy).circuit.nodes
    (path,) = folder.iterdir()
    named = change(folder, path)
    with caplog.at_level(logging.WARNING, "pyclingo_bridge"):
        for _ in range(2):
            decision = Policy.load("label").decide(case(whole()))
            assert decision.outcome == "approve"
    assert len(made) >= 2
    assert len(caplog.records) == 1
    assert f"others own `{named}` or can write in it" in caplog.text


@posix
def test_what_others_own_is_not_believed(
    folder: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    assert len(made) == 2
    assert len(list(folder.iterdir())) == 1


@posix
def test_a_pipe_or_a_folder_or_a_link_in_the_place_of_a_file_is_not_opened(
    folder: Path, made: list[str], tmp_path: Path
) -> None:
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    (path,) = folder.iterdir()
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    assert not path.is_symlink()
    path.unlink()
    os.mkfifo(path)
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    assert path.is_file()
    path.unlink()
    path.mkdir()
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    assert len(made) == 4
    assert list(folder.glob("*.part")) == []


@posix
def test_a_pipe_in_the_place_of_the_folder_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder)
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes


def test_a_file_that_nobody_keeps_so_large_is_not_read(
    folder: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    monkeypatch.setattr(store, "LARGEST", 100)
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    assert len(made) == 2


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    for name in (str(tmp_path / "file"), str(tmp_path / "file" / "beneath"), "", "\0"):
        if "\0" not in name:
            monkeypatch.setenv(store.FOLDER_VARIABLE, name)
        assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_no_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"HOME": "/home/x"}, "/home/x/.cache/pyclingo-bridge"),
        ({"HOME": "/home/x", "XDG_CACHE_HOME": "/caches"}, "/caches/pyclingo-bridge"),
        ({"HOME": "/home/x", "XDG_CACHE_HOME": "caches"}, "/home/x/.cache/pyclingo-bridge"),
        ({"HOME": "/home/x", "XDG_CACHE_HOME": ""}, "/home/x/.cache/pyclingo-bridge"),
        ({"HOME": "/home/x", "PYCLINGO_BRIDGE_CACHE": ""}, None),
        ({"HOME": "/home/x", "PYCLINGO_BRIDGE_CACHE": "/here"}, "/here"),
    ],
)
@posix
def test_the_folder_is_beneath_the_home_or_where_it_is_named(
    variables: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", store.FOLDER_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert store.cache_folder() == (Path(expected) if expected else None)


@posix
def test_a_home_that_is_no_whole_path_is_never_taken_as_one_beneath_the_current_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(store.FOLDER_VARIABLE, raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "x")
    folder = store.cache_folder()
    assert folder is None or folder.is_absolute()


@posix
def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    def nobody(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    for name in ("HOME", "XDG_CACHE_HOME", store.FOLDER_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert store.cache_folder() is None
    keep("x", "text")
    assert kept("x") is None


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o500)
    monkeypatch.setenv(store.FOLDER_VARIABLE, str(tmp_path / "cache"))
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    tmp_path.chmod(0o000)
    assert Policy.load(SMALL).loaded.once(compiled_policy).circuit.nodes
    tmp_path.chmod(0o700)


@pytest.mark.slow
@pytest.mark.subprocess
@posix
def test_the_command_line_says_in_a_line_that_it_does_not_believe_the_folder(
    folder: Path,
) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    example = Path(__file__).parent / "reports" / "names" / "krazati_plain.json"
    done = subprocess.run(
        [sys.executable, "-m", "pyclingo_bridge", "decide", str(example)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 3
    assert done.stderr.startswith(f"warning: others own `{folder}` or can write in it")
    assert done.stderr.count("\n") == 1
    assert list(folder.iterdir()) == []
