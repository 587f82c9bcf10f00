"""Settings from a file: what they stand for, and that the command line wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pyclingo_bridge.cli.settings import settings_used
from tests.test_cli import APPROVE, ASTHMA, Told, _policies_grounded_once, run, worded

__all__ = ["_policies_grounded_once", "worded"]

CHOSEN = 'policy = "cp_phar_549"\n[interpretations]\nprior_therapy_scope = "appendix_b"\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settled(*words: str) -> Any:
    (found,) = run("decide", APPROVE, *words, "--json=policy.name,interpretations").lines
    return found["policy.name"], found["interpretations"].get("prior_therapy_scope")


def test_a_file_in_the_folder_or_above_it_sets_policy_and_interpretations(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "pyclingo-bridge.toml").write_text(CHOSEN)
    assert settled() == ("cp_phar_549", "appendix_b")
    (here / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(here / "a" / "b")
    assert settled() == ("cp_phar_549", "appendix_b")
    used = settings_used()
    assert used is not None
    assert str(used).endswith("policy cp_phar_549, prior_therapy_scope=appendix_b.")


def test_a_project_file_has_them_in_a_table_of_its_own(here: Path) -> None:
    (here / "pyproject.toml").write_text('[project]\nname = "pyclingo-bridge-user"\n')
    assert settled() == ("cp_phar_549", "any_systemic")
    (here / "pyproject.toml").write_text('[tool.pyclingo-bridge]\npolicy = "label"\n')
    assert settled()[0] == "label"


def test_the_nearest_file_counts(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "pyclingo-bridge.toml").write_text(CHOSEN)
    (here / "in").mkdir()
    (here / "in" / "pyclingo-bridge.toml").write_text('policy = "label"\n')
    monkeypatch.chdir(here / "in")
    assert settled()[0] == "label"


def test_the_command_line_wins(here: Path) -> None:
    (here / "pyclingo-bridge.toml").write_text(CHOSEN)
    assert settled("--interpret", "prior_therapy_scope=any_systemic")[1] == "any_systemic"
    assert settled("--interpret", "stable_disease_is_response=no")[1] == "appendix_b"
    # Its interpretations are of its own policy: another one may not have them.
    assert settled("--policy", "label")[0] == "label"
    assert run("decide", APPROVE, "--all-interpretations").code == 0


def test_the_file_is_left_aside_where_that_is_asked_for(here: Path) -> None:
    (here / "pyclingo-bridge.toml").write_text(CHOSEN)
    assert settled("--no-config")[1] == "any_systemic"
    (found,) = run("--no-config", "decide", APPROVE, "--json=interpretations.prior_therapy_scope").lines
    assert [*found.values()] == ["any_systemic"]


def test_paths_are_relative_to_the_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "rules").symlink_to(ASTHMA)
    (here / "pyclingo-bridge.toml").write_text('policy = "rules"\n')
    (here / "in").mkdir()
    monkeypatch.chdir(here / "in")
    assert "eosinophils" in run("schema", "case").out


def test_check_and_what_if_take_them_too(here: Path) -> None:
    (here / "pyclingo-bridge.toml").write_text(CHOSEN)
    (found,) = run("what-if", APPROVE, "--set", "age=17", "--json").lines
    assert found["interpretations"]["prior_therapy_scope"] == "appendix_b"
    assert found["changes"] == ["set age = 17"]


def test_what_judges_can_be_set(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyclingo_bridge import Policy

    (here / "pyclingo-bridge.toml").write_text('judged_by = "clingo"\n')
    seen = []
    load = Policy.load

    def noted(*args: Any, **options: Any) -> Policy:
        seen.append(options["judged_by"])
        return load(*args, **options)

    monkeypatch.setattr(Policy, "load", noted)
    assert settled()[0] == "cp_phar_549"
    assert settled("--judged-by", "compiled")[0] == "cp_phar_549"
    assert seen == ["clingo", "compiled"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('polcy = "label"', "did you mean `policy`?"),
        ("policy = 1", "policy: is a text in quotes, not `1`"),
        ("policy = ", "is no TOML"),
        ('judged_by = "me"', "judged_by: `me` is none of `compiled`, `clingo`"),
        ('interpretations = "x"', "interpretations: is a table"),
        ('policy = "label"\npolicies = "x"', "leave out `policy`, or `policies`"),
        ("[interpretations]\nx = 3", "interpretations.x: is a text in quotes"),
    ],
)
def test_what_is_wrong_with_the_file_is_an_error_that_names_it(
    text: str, words: str, here: Path, worded: Any
) -> None:
    (here / "pyclingo-bridge.toml").write_text(text)
    told: Told = worded("decide", APPROVE)
    assert told.code == 2
    assert not told.out
    assert "pyclingo-bridge.toml" in told.err
    assert words in told.err
    assert "--no-config" in told.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[tool.pyclingo_bridge]\npolicy = "label"', "name it `[tool.pyclingo-bridge]`"),
        ("[tool]\npyclingo-bridge = 3", "write `[tool.pyclingo-bridge]`"),
        ("[tool.pyclingo_bridge", "is no TOML"),
    ],
)
def test_a_project_file_that_means_to_have_settings_is_not_passed_over(
    text: str, words: str, here: Path, worded: Any
) -> None:
    (here / "pyproject.toml").write_text(text)
    told: Told = worded("decide", APPROVE)
    assert (told.code, told.out) == (2, "")
    assert "pyproject.toml" in told.err
    assert words in told.err
    assert "--no-config" in told.err
    assert worded("decide", APPROVE, "--no-config").code == 0


def test_a_project_file_that_cannot_be_read_is_told(here: Path, worded: Any) -> None:
    (here / "pyproject.toml").mkdir()
    told: Told = worded("decide", APPROVE)
    assert told.code == 2
    assert "pyproject.toml: cannot be read" in told.err


def test_commands_that_decide_nothing_read_no_file(here: Path) -> None:
    (here / "pyclingo-bridge.toml").write_text("polcy = 1")
    assert run("policies").code == 0
    assert run("decide", "--help").code == 0
