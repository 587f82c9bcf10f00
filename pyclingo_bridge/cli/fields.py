"""`--json FIELD,FIELD`: which fields of an answer are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import typer

from pyclingo_bridge.base.errors import listing, quoted, suggestion
from pyclingo_bridge.base.spelling import WORD, alike
from pyclingo_bridge.cli.sources import STANDARD_INPUT, is_there

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
    "facts": ("facts",),
    "batch": ("batch",),
    "impact": ("impact",),
}
"""What each command may answer, by the names that `schema` takes."""


def fields_apart(command: str, words: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The words of a command line without the fields that follow `--json`, and these.

    `--json=a,b` are always fields. Without `=`, the next word is taken for fields only where that is what all
    of its parts are: else it is a case, or a policy, unless it can only be meant for fields.

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
        elif _are_fields(command, following) or _meant(command, following):
            fields = _checked(command, following)
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


def _are_fields(command: str, word: str) -> bool:
    return bool(_named(word)) and all(_wrong(command, field) is None for field in _named(word))


_ENDS = (".json", ".jsonl", ".ndjson", ".csv", ".parquet", ".gz")
_NAMES_TOO = frozenset({"explain", "check", "compare", "policies", "check-evidence"})
"""Commands of which a word that is no file may be the name of something."""


def _meant(command: str, word: str) -> bool:
    """Whether a word behind `--json` that names no fields is one that can only be meant for that."""
    parts = _named(word)
    if not parts or word == STANDARD_INPUT or word.startswith("-") or is_there(word):
        return False
    if any(char in word for char in "/\\*?[") or word.lower().endswith(_ENDS):
        return False
    known = tuple(_fields_of(command))
    heads = [part.partition(".")[0] for part in parts]
    if any("." in part for part in parts):
        return any(head in known for head in heads)
    if "," in word:
        return True
    return command not in _NAMES_TOO and alike(word, known, WORD) is not None


def _checked(command: str, text: str) -> tuple[str, ...]:
    fields = _named(text)
    for field in fields:
        known = _wrong(command, field)
        if known is not None:
            hint = suggestion(field.split(".")[-1], known)
            others = hint or (f" (there are: {listing(known)})" if known else "; it would be part of a value")
            raise typer.BadParameter(f"no field {quoted(field)}{others}", param_hint=OPTION)
    if not fields:
        raise typer.BadParameter("names no field: write --json=FIELD,FIELD", param_hint=OPTION)
    return fields


def _wrong(command: str, field: str) -> tuple[str, ...] | None:
    """None where an answer of the command has the field; else what there is in its place."""
    head, *rest = field.split(".")
    fields = _fields_of(command)
    return _wrong_in(fields[head], rest) if head in fields else tuple(fields)


def _wrong_in(kinds: tuple[Any, ...], path: Sequence[str]) -> tuple[str, ...] | None:
    """None where one of these types has what the path leads to; else what there is where it ends."""
    if not path or any(kind is Any for kind in kinds):
        return None
    offered: dict[str, None] = {}
    for kind in kinds:
        found = _wrong_of(kind, path)
        if found is None:
            return None
        offered.update(dict.fromkeys(found))
    return tuple(offered)


def _wrong_of(kind: Any, path: Sequence[str]) -> tuple[str, ...] | None:
    if get_origin(kind) is dict:
        return _wrong_in_map(_kinds(get_args(kind)[1]), path)
    fields = _members(kind)
    return _wrong_in(fields[path[0]], path[1:]) if path[0] in fields else tuple(fields)


def _wrong_in_map(kinds: tuple[Any, ...], path: Sequence[str]) -> tuple[str, ...] | None:
    """A key may be any, and have points in it: what is wrong behind it shows where it is nearly a field."""
    if any(_wrong_in(kinds, path[length:]) is None for length in range(1, len(path))):
        return None
    fields = [name for kind in kinds for name in _members(kind)]
    return tuple(fields) if len(path) > 1 and alike(path[-1], fields, WORD) else None


def _kinds(annotation: Any) -> tuple[Any, ...]:
    """The types that a value may have; of a list those of its members."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return tuple(kind for one in get_args(annotation) for kind in _kinds(one))
    if get_origin(annotation) in (tuple, list):
        return tuple(kind for one in get_args(annotation) if one is not ... for kind in _kinds(one))
    return (annotation,)


def _members(kind: Any) -> dict[str, tuple[Any, ...]]:
    """The fields of a model, each with the types that it may have; none of what is no model."""
    from pyclingo_bridge.core.decision import Decision, WholeDecision

    model = WholeDecision if kind is Decision else kind
    fields = {name: _kinds(field.annotation) for name, field in getattr(model, "model_fields", {}).items()}
    computed = getattr(model, "model_computed_fields", {})
    return {**fields, **{name: _kinds(field.return_type) for name, field in computed.items()}}


@cache
def _fields_of(command: str) -> dict[str, tuple[Any, ...]]:
    """The fields of a command's answers, each with the types that it may have."""
    from pyclingo_bridge.cli.schema import model_of

    found: dict[str, tuple[Any, ...]] = {}
    for model in map(model_of, ANSWERS_OF[command]):
        for name, kinds in _members(model).items():
            found[name] = (*found.get(name, ()), *kinds)
    return found
