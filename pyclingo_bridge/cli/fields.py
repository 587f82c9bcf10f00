"""`--json FIELD,FIELD`: which fields of an answer are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import typer

from pyclingo_bridge.base.errors import listing, quoted, suggestion

OPTION = "--json"

ANSWERS_OF: dict[str, tuple[str, ...]] = {
    "decide": ("decision", "ambiguities"),
    "explain": ("explanation", "meaning"),
    "missing": ("missing",),
    "repairs": ("repairs",),
    "reasons": ("reasons",),
    "ask": ("plan",),
    "what-if": ("what-if", "sweep"),
    "diff": ("diff",),
    "evidence": ("evidence",),
    "check-evidence": ("check-evidence",),
    "check": ("check",),
    "compare": ("comparison",),
    "policies": ("policies",),
    "batch": ("batch",),
    "impact": ("impact",),
}
"""What each command may answer, by the names that `schema` takes."""


def fields_apart(command: str, words: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The words of a command line without the fields that follow `--json`, and these.

    `--json=a,b` are always fields. Without `=`, the next word is taken for fields only where that is what all
    of its parts are: else it is a case, or a policy.

    Errors: typer.BadParameter for a field that none of the command's answers has.
    """
    kept: list[str] = []
    fields: tuple[str, ...] = ()
    rest = iter(enumerate(words))
    for place, word in rest:
        if word == "--":
            kept += words[place:]
            break
        name, equals, text = word.partition("=")
        if name != OPTION or command not in ANSWERS_OF:
            kept.append(word)
            continue
        kept.append(OPTION)
        following = words[place + 1] if place + 1 < len(words) else ""
        if equals:
            fields = _checked(command, text)
        elif _named(following) and not any(_wrong(command, field) for field in _named(following)):
            fields = _named(following)
            next(rest)
    return kept, fields


def chosen(answer: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """These fields of an answer; `a.b` is the field `b` of `a`, and of each of its members if `a` is a list."""
    return {field: _at(answer, field.split(".")) for field in fields}


def _at(value: Any, path: Sequence[str]) -> Any:
    if not path:
        return value
    if isinstance(value, list):
        return [_at(entry, path) for entry in value]
    if not isinstance(value, Mapping):
        return None
    # The ids of criteria have points in them: the longest key that fits.
    for length in range(len(path), 0, -1):
        key = ".".join(path[:length])
        if key in value:
            return _at(value[key], path[length:])
    return None


def _named(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def _checked(command: str, text: str) -> tuple[str, ...]:
    fields = _named(text)
    for field in fields:
        known = _wrong(command, field)
        if known:
            hint = suggestion(field.split(".")[-1], known)
            others = hint or f" (there are: {listing(known)})"
            raise typer.BadParameter(f"no field {quoted(field)}{others}", param_hint=OPTION)
    if not fields:
        raise typer.BadParameter("names no field: write --json=FIELD,FIELD", param_hint=OPTION)
    return fields


def _wrong(command: str, field: str) -> tuple[str, ...]:
    """Nothing where an answer of the command has the field; else what there is in its place."""
    head, *rest = field.split(".")
    fields = _fields_of(command)
    if head not in fields:
        return tuple(fields)
    within = fields[head]
    return tuple(within) if rest and within and rest[0] not in within else ()


@cache
def _fields_of(command: str) -> dict[str, dict[str, None]]:
    """The fields of a command's answers; of one that is itself an answer, its own."""
    from pyclingo_bridge.cli.schema import model_of

    found: dict[str, dict[str, None]] = {}
    for model in map(model_of, ANSWERS_OF[command]):
        for name, field in model.model_fields.items():
            inner = getattr(field.annotation, "model_fields", {})
            found[name] = dict.fromkeys(inner)
    return found
