"""The pages of reference: each is made from what it describes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from inspect import cleandoc
from typing import Any

import typer

import pyclingo_bridge
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.days import day_of_number
from pyclingo_bridge.cases.vocabulary import Vocabulary, default_vocabulary
from pyclingo_bridge.cli.all import app
from pyclingo_bridge.cli.schema import ANSWERS, json_schema, model_of
from pyclingo_bridge.core.decision import Answer, Decision, WholeDecision
from tests.conftest import ROOT
from tests.documentation.commands import PROGRAM

MADE = "<!-- Made by `python -m tests.documentation`; changes here are lost. -->\n"


def pages() -> dict[str, str]:
    """The text of each page of reference that is made, by its name."""
    made = {
        "command-line": _command_line(),
        "api": _api(),
        "policy-words": _policy_words(),
        "case-file": _case_file(default_vocabulary()),
        "json": _json(),
    }
    return {name: f"{MADE}\n{text.rstrip()}\n" for name, text in made.items()}


def _row(*cells: str) -> str:
    flat = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(flat)} |"


def _table(*heads: str, rows: Iterable[tuple[str, ...]]) -> str:
    found = list(rows)
    if not found:
        return ""
    return "\n".join([_row(*heads), _row(*("---" for _ in heads)), *(_row(*row) for row in found)]) + "\n"


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(part.rstrip() + "\n" for part in parts if part.strip())


# The command line


def _command_line() -> str:
    program: Any = typer.main.get_command(app)
    parts = [
        "# Command line",
        f"`{PROGRAM} --help` says the same at a terminal. `python -m pyclingo_bridge` is the same program. "
        "What the exit codes mean is on [a page of its own](exit-codes.md).",
        _options(program),
    ]
    commands: dict[str, Any] = program.commands
    for name, command in sorted(commands.items()):
        if not command.hidden:
            parts += [f"## {name}", *_command(name, command)]
    return _joined(parts)


def _command(name: str, command: Any) -> list[str]:
    arguments = [entry for entry in command.params if entry.param_type_name == "argument"]
    usage = " ".join([PROGRAM, name, "[OPTIONS]", *(_metavar(entry) for entry in arguments)])
    about = [_words(command.help or ""), _words(command.epilog or "")]
    rows = [(f"`{_metavar(entry)}`", entry.help or "") for entry in arguments]
    return [
        about[0],
        f"```text\n{usage}\n```",
        _table("argument", "meaning", rows=rows),
        _options(command),
        about[1],
    ]


def _words(text: str) -> str:
    """Help as Markdown: what is set off in it stays as it is."""
    paragraphs = re.split(r"\n\s*\n", cleandoc(text.replace("\b", "")))
    shown = [
        f"```text\n{paragraph}\n```"
        if re.search(rf"^\s*(\$ )?{PROGRAM} ", paragraph, re.MULTILINE)
        else escaped(paragraph)
        for paragraph in paragraphs
    ]
    return "\n\n".join(shown)


def escaped(text: str) -> str:
    """Text in which angle brackets are no tags."""
    return text.replace("<", "&lt;")


def _metavar(entry: Any) -> str:
    return str(entry.metavar or entry.name.upper())


def _options(command: Any) -> str:
    context = command.context_class(command, info_name=PROGRAM)
    rows = []
    for entry in command.params:
        told = entry.get_help_record(context) if entry.param_type_name == "option" else None
        if told and "--help" not in entry.opts:
            about = re.sub(r"x>=(\d+)", r"\1 or more", re.sub(r"  \[(.*)\]$", r" (\1)", told[1]))
            # A bar inside of code ends a cell for some, and its escape is shown by others.
            rows.append((f"`{told[0].replace('|', '/')}`", escaped(about)))
    return _table("option", "meaning", rows=rows)


# The library

_TITLES = {
    "Policies": ("policy", "catalogue", "loading", "base.rule_files"),
    "Cases": ("cases",),
    "Decisions": ("core", "explain"),
    "Questions about one case": ("questions",),
    "Questions about a policy": ("analysis",),
    "Published evidence": ("published",),
    "Errors": ("base.errors",),
}


def _api() -> str:
    homes: Mapping[str, str] = pyclingo_bridge._HOME_OF
    left = dict.fromkeys(pyclingo_bridge.__all__)
    parts = [
        "# Python",
        "Everything here is imported from `pyclingo_bridge`. Answers are frozen models, which have "
        "`model_dump_json()`; what lists many of them, such as `MissingSets`, hands them out one by one "
        "([how to get JSON of these](../how-to/embed.md#json)).",
    ]
    for title, beginnings in {**_TITLES, "More": ("",)}.items():
        names = [name for name in left if _begins(homes.get(name, ""), beginnings)]
        for name in names:
            del left[name]
        if names:
            parts += [f"## {title}", *(_member(homes.get(name, ""), name) for name in names)]
    return _joined(parts)


def _begins(home: str, beginnings: tuple[str, ...]) -> bool:
    return any(not each or f"{home}.".startswith(f"{each}.") for each in beginnings)


def _member(home: str, name: str) -> str:
    return f"::: pyclingo_bridge.{home}.{name}" if home else f"::: pyclingo_bridge.{name}"


# The words of a policy

_PREDICATE = re.compile(r'^predicate\((\w+), (\d+), "([^"]*)", "([^"]*)"\)\.')


def _policy_words() -> str:
    parts = [
        "# Words of a policy",
        "What the facts of a policy and of a vocabulary may say, from `asp/dictionary/policy.lp`. The forms "
        "of requirements, such as `at_least(A,N)`, are in "
        "[section 4.2](../specification/evidence.md#42-forms) of the specification; "
        "[how to write a policy](../how-to/write-a-policy.md) shows the words in use.",
    ]
    rows: list[tuple[str, ...]] = []
    for line in (ROOT / "asp" / "dictionary" / "policy.lp").read_text(encoding="utf-8").splitlines():
        if line.startswith("% ") and not line.startswith("% Purpose"):
            parts += [_table("fact", "says", rows=rows), f"## {line[2:]}"]
            rows = []
        elif found := _PREDICATE.match(line):
            rows.append((f"`{found[1]}({found[3]})`", escaped(found[4])))
    return _joined([*parts, _table("fact", "says", rows=rows)])


# A case file

_MANY = 10


def _case_file(vocabulary: Vocabulary) -> str:
    form = [_on_form(entry, vocabulary) for entry in vocabulary.request_attributes.values()]
    stated = [_stated(entry, vocabulary) for entry in vocabulary.statable.values()]
    return _joined(
        [
            "# Case file",
            f"One JSON object: `id`, `request` and `documents`. This is the vocabulary `{vocabulary.name}`; "
            f"`{PROGRAM} schema case` writes the JSON schema of it, and with `--policy` of another policy's. "
            "What each key means, and what is refused, is in "
            "[section 2](../specification/case-file.md#2-the-case-file) of the specification.",
            "Dates of documents may be months or years. A document may be preliminary, amended or entered "
            "in error, and may say of which tumor it speaks. Whole numbers in documents may be ranges. "
            "Names are read with signs, strengths and brands, and the answer says how; an unknown name "
            "leaves open whatever it could change. Ages and days on the drug count as of the day of the "
            "request. What all of that comes to is in [Evidence](../explanation/evidence.md). `examples/` "
            "in the repository has 131 cases.",
            "## The request form",
            "Besides these, `date` is the day on which the request came, `drug` the drug that is asked for, "
            "and `tumor` the name of the tumor that it is about.",
            _table("key", "says", "value", "where it is left out", rows=form),
            "## Documents",
            "Each has `id`, `type`, `date` (a day, a month or a year) and `states`; it may have `status`, "
            "`replaces` and `tumor`.",
            _table("type", "is", "effort", "usually shows", rows=_document_types(vocabulary)),
            "Effort is a number for comparing sets of documents, estimated by this project.",
            "## What documents state",
            "How statements count is in [section 5](../specification/evidence.md#54-five-kinds-of-attributes).",
            _table("key", "says", "value", "how statements count", rows=stated),
            _table("key beside a list", "says", rows=_qualifiers(vocabulary)),
        ]
    )


def _said(name: str, vocabulary: Vocabulary) -> str:
    return vocabulary.labels.get(name) or vocabulary.labels.get(f"yes({name})") or name.replace("_", " ")


def _value(entry: Attribute) -> str:
    listed = [f"`{value}`" for value in (entry.main or entry.listed)]
    match entry.domain:
        case "flag":
            return "`true` or `false`"
        case "whole_number" | "decimal":
            return f"{entry.domain.replace('_', ' ')} from {entry.minimum}"
        case "date":
            return "day" if entry.minimum <= 0 else f"day from {day_of_number(entry.minimum)}"
        case "drugs":
            return "list of drugs"
        case "names":
            return "list of names"
        case "list":
            return f"list of {', '.join(listed)}"
    told = ", ".join(listed[:_MANY]) + (f" and {len(listed) - _MANY} more" if len(listed) > _MANY else "")
    return f"{told}, or any other name" if entry.domain == "name" else told


def _on_form(entry: Attribute, vocabulary: Vocabulary) -> tuple[str, ...]:
    left_out = "refused" if entry.required else "nothing is said of it"
    if entry.default is not None:
        left_out = f"`{str(entry.default).lower()}`"
    return f"`{entry.name}`", _said(entry.name, vocabulary), _value(entry), left_out


def _stated(entry: Attribute, vocabulary: Vocabulary) -> tuple[str, ...]:
    return f"`{entry.name}`", _said(entry.name, vocabulary), _value(entry), entry.kind


def _document_types(vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    shows: dict[str, list[str]] = {}
    for attribute, types in vocabulary.shown_by.items():
        for each in types:
            shows.setdefault(each, []).append(f"`{attribute}`")
    return [
        (f"`{name}`", _said(name, vocabulary), str(effort), ", ".join(sorted(shows.get(name, ()))))
        for name, effort in vocabulary.document_types.items()
    ]


def _qualifiers(vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    return [
        (f"`{flag}` beside `{listed}`", _said(flag, vocabulary))
        for flag, listed in vocabulary.qualifiers.items()
    ]


# JSON


def _json() -> str:
    parts = [
        "# JSON",
        f"The answers as `--json` and `model_dump_json()` write them. `{PROGRAM} schema NAME` writes the JSON "
        "schema of each; `--json FIELD,FIELD` writes these fields alone. "
        "[Section 12.2](../specification/decisions.md#122-json) of the specification says what stays the same "
        "between versions.",
    ]
    inner: dict[str, Any] = {}
    for name in ANSWERS:
        schema = json_schema(name)
        inner |= schema.get("$defs", {})
        parts += [f"## {name}", *_object(schema, model_of(name))]
    parts.append("## Parts")
    models = {model.__name__: model for model in _models()}
    for name, schema in sorted(inner.items()):
        parts += [f"### {name}", *_object(schema, models.get(name))]
    return _joined(parts)


def _models(of: type[Any] = Answer) -> Iterator[type]:
    """Every model of an answer, or of a part of one."""
    yield of
    for model in of.__subclasses__():
        yield from _models(model)


def _fields(model: type) -> dict[str, str]:
    """What a model says of its fields, those that it has from others with them."""
    fields: dict[str, str] = {}
    for each in model.__mro__:
        # The whole of a decision has the fields that a decision documents.
        fields = _described((Decision if each is WholeDecision else each).__doc__ or "")[1] | fields
    return fields


def _object(schema: Mapping[str, Any], model: type | None) -> list[str]:
    about = _described((model and model.__doc__) or schema.get("description", ""))[0]
    fields = _fields(model) if model else {}
    rows = []
    for name, entry in schema.get("properties", {}).items():
        needed = "" if name in schema.get("required", ()) else ", may be absent"
        rows.append((f"`{name}`", _type(entry) + needed, fields.get(name) or entry.get("description", "")))
    if not rows and "$ref" not in schema:
        about = f"{about}\n\n{_type(schema)}"
    return [escaped(about), _table("key", "value", "meaning", rows=[(a, b, escaped(c)) for a, b, c in rows])]


def _described(text: str) -> tuple[str, dict[str, str]]:
    """What a docstring says of the whole, and of each field."""
    about, *rest = re.split(r"(?m)^Attributes\b.*:\n", cleandoc(text), maxsplit=1)
    listed = rest[0] if rest else ""
    # The table has the fields of others too.
    about = re.sub(r"\n\nIt has the attributes of .*\s*\Z", "", about, flags=re.DOTALL)
    about = re.split(r"\n(?=\w+:\s*(?:\n|$))|\n>>> ", about)[0]
    fields: dict[str, str] = {}
    current = ""
    for line in cleandoc(f"\n{listed}").splitlines():
        found = re.match(r"([\w, ]+): (.*)", line) if not line.startswith(" ") else None
        if found:
            current = found[1]
            fields |= dict.fromkeys((name.strip() for name in current.split(",")), found[2])
        elif current:
            fields |= {name.strip(): f"{fields[name.strip()]} {line.strip()}" for name in current.split(",")}
    return about.strip(), fields


def _type(entry: Mapping[str, Any]) -> str:
    if "$ref" in entry:
        name = entry["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in entry:
        return f"`{entry['const']}`"
    if "enum" in entry:
        return ", ".join(f"`{value}`" for value in entry["enum"])
    for key in ("anyOf", "oneOf"):
        if key in entry:
            return " or ".join(dict.fromkeys(_type(each) for each in entry[key]))
    if "allOf" in entry:
        return _type(entry["allOf"][0])
    return _container(entry)


def _container(entry: Mapping[str, Any]) -> str:
    kind = entry.get("type")
    if kind == "array":
        if "prefixItems" in entry:
            each = [_type(item) for item in entry["prefixItems"]]
            return "pair of " + each[0] if len(each) == 2 and each[0] == each[1] else "list: " + "; ".join(each)
        return f"list of {_type(entry['items'])}" if entry.get("items") else "list"
    if kind == "object":
        values = entry.get("additionalProperties")
        return f"object with values {_type(values)}" if isinstance(values, dict) and values else "object"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    if kind == "string" and entry.get("format") == "date":
        return "day"
    return words.get(str(kind), "null" if kind == "null" else "any value")
