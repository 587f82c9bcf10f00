"""Settings from a file: what a user would otherwise type with every command. The command line wins."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyclingo_bridge.base.errors import BridgeError, listing, quoted, shown_path, suggestion

if TYPE_CHECKING:
    from typer import Context

NO_CONFIG = "--no-config"

FILE = "pyclingo-bridge.toml"
"""The file of settings; a `pyproject.toml` may hold them too."""

PROJECT = "pyproject.toml"
TABLE = "pyclingo-bridge"
"""The table of a `pyproject.toml` under `tool`."""
_NEARLY = "pyclingo_bridge"
"""What it may be called by mistake."""

_KEYS = ("policy", "policies", "plan", "interpretations", "judged_by")
_JUDGES = ("compiled", "clingo")


class SettingsError(BridgeError, ValueError):
    """A file of settings that cannot be read, or says what there is not."""


@dataclass(frozen=True)
class Settings:
    """What a file of settings says.

    Attributes:
        source: the file.
        policy: a shipped policy, or a folder that holds a `policy.lp`.
        policies: a folder of policies.
        plan: what the plan knows for all its cases.
        interpretations: how to interpret ambiguities of the wording.
        judged_by: what judges a case.
    """

    source: Path
    policy: str | None = None
    policies: str | None = None
    plan: str | None = None
    interpretations: Mapping[str, str] = field(default_factory=dict)
    judged_by: str | None = None

    def __str__(self) -> str:
        single = {name: getattr(self, name) for name in ("policy", "policies", "plan", "judged_by")}
        said = [f"{name} {value}" for name, value in single.items() if value]
        said += [f"{name}={value}" for name, value in self.interpretations.items()]
        return f"Settings from {shown_path(self.source)}: {', '.join(said) or 'none'}."


_used: ContextVar[Settings | None] = ContextVar("used", default=None)


def settings_used() -> Settings | None:
    """The settings that the command being run has taken from a file, if there is one."""
    return _used.get()


def apply_settings(ctx: Context) -> None:
    """Give a command what a file of settings says, where the command line says nothing of it.

    Errors: SettingsError.
    """
    _used.set(None)
    params = ctx.params
    deciding = "policy" in params or {"names", "interpretation"} <= params.keys()
    if not deciding and "plan" not in params:
        return
    found = find_settings()
    if found is None:
        return
    _used.set(found)
    given = {name for name in params if _is_given(ctx, name)}
    if "plan" in params and "plan" not in given and found.plan:
        params["plan"] = found.plan
    if "judged_by" in params and "judged_by" not in given and found.judged_by:
        params["judged_by"] = type(params["judged_by"])(found.judged_by)
    # Interpretations are of the policy that they stand beside: another policy has others.
    if deciding and not given & {"policy", "folder", "names"}:
        _name_policy(params, found)
        _interpret(params, found.interpretations)


def _is_given(ctx: Context, name: str) -> bool:
    source = ctx.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _name_policy(params: dict[str, Any], found: Settings) -> None:
    if "names" in params:
        params["names"] = [found.policy] if found.policy else params["names"]
    elif found.policies and "folder" in params:
        params["folder"] = found.policies
    elif found.policy:
        params["policy"] = found.policy


def _interpret(params: dict[str, Any], interpretations: Mapping[str, str]) -> None:
    # Of a change, how the wording is interpreted before it.
    name = "from_interpretation" if "from_interpretation" in params else "interpretation"
    if name not in params or params.get("all_interpretations"):
        return
    own = list(params[name] or [])
    named = {entry.partition("=")[0] for entry in own}
    params[name] = [*own, *(f"{key}={value}" for key, value in interpretations.items() if key not in named)]


# The file


def find_settings() -> Settings | None:
    """The settings of the working directory: of the nearest file there, or in a folder above.

    Errors: SettingsError.
    """
    try:
        here = Path.cwd()
    except OSError:
        return None
    for folder in (here, *here.parents):
        for path, tables in ((folder / FILE, ()), (folder / PROJECT, ("tool", TABLE))):
            said = _table(path, tables)
            if said is not None:
                return _settings(path, said)
    return None


def _table(path: Path, tables: tuple[str, ...]) -> dict[str, Any] | None:
    """What a file says in a table, if there is such a file, and such a table."""
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _error(path, f"cannot be read: {error.strerror}") from None
    # Most projects have no such table, and reading TOML takes time.
    if tables and not any(name.encode() in data for name in (TABLE, _NEARLY)):
        return None
    import tomllib

    try:
        said: Any = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _error(path, f"is no TOML: {error}") from None
    if tables and _NEARLY in _dict(_dict(said).get("tool")):
        raise _error(path, f"the table `[tool.{_NEARLY}]` is not read; name it `[tool.{TABLE}]`")
    for table in tables:
        said = _dict(said).get(table)
    if said is not None and not isinstance(said, dict):
        raise _error(path, f"`tool.{TABLE}` is no table; write `[tool.{TABLE}]` in a line of its own")
    return said


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _settings(path: Path, said: Mapping[str, Any]) -> Settings:
    for key in said:
        if key not in _KEYS:
            hint = suggestion(key, _KEYS)
            raise _error(path, f"unknown key {quoted(key)}{hint} (allowed: {listing(_KEYS)})")
    if "policy" in said and "policies" in said:
        raise _error(path, "either one policy decides, or each case's own: leave out `policy`, or `policies`")
    texts = {key: _text(path, key, said[key]) for key in _KEYS if key in said and key != "interpretations"}
    if texts.get("judged_by", _JUDGES[0]) not in _JUDGES:
        raise _error(path, f"judged_by: {quoted(texts['judged_by'])} is none of {listing(_JUDGES)}")
    chosen = said.get("interpretations", {})
    if not isinstance(chosen, dict):
        raise _error(path, 'interpretations: is a table, of one line `NAME = "VALUE"` for each')
    for key in ("policies", "plan"):
        if key in texts:
            texts[key] = str(path.parent / texts[key])
    if "policy" in texts and (path.parent / texts["policy"]).is_dir():
        texts["policy"] = _folder_or_name(path.parent, texts["policy"])
    interpretations = {key: _text(path, f"interpretations.{key}", value) for key, value in chosen.items()}
    return Settings(path, **texts, interpretations=interpretations)


def _folder_or_name(base: Path, name: str) -> str:
    from pyclingo_bridge.base.rule_files import shipped_policies

    return name if name in shipped_policies() else str(base / name)


def _text(path: Path, key: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise _error(path, f"{key}: is a text in quotes, not {quoted(value)}")
    return value


def _error(path: Path, text: str) -> SettingsError:
    return SettingsError(f"{shown_path(path)}: {text}; {NO_CONFIG} leaves the file aside")
