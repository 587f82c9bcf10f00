"""A case to begin with, made from a policy and its vocabulary: as a file to edit, or by questions."""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import typer

from pyclingo_bridge.base.errors import CaseError
from pyclingo_bridge.base.terms import LARGEST
from pyclingo_bridge.cases.attributes import DATE, NUMBERS, Attribute
from pyclingo_bridge.cases.case_problems import value_problems
from pyclingo_bridge.cases.vocabulary import PLAN_RECORD, Vocabulary
from pyclingo_bridge.cli.changes import read_value
from pyclingo_bridge.core.in_force import requested_drugs
from pyclingo_bridge.core.structure import Structure, readable

_NAME = "case-1"
_MOST_LISTED = 12


def blank_case(structure: Structure, today: datetime.date) -> dict[str, Any]:
    """A case that loads as it stands: every field of the form, and a document of each type that states nothing.

    Args:
        structure: the policy's.
        today: the day that is written wherever a day is needed.
    """
    vocabulary = structure.vocabulary
    drugs = requested_drugs(structure)
    request = {"date": today.isoformat(), **({"drug": drugs[0]} if drugs else {})}
    for name, attribute in vocabulary.request_attributes.items():
        value = _first_value(structure, attribute, today)
        if value is not None:
            request[name] = value
    documents = [
        {"id": f"{kind.replace('_', '-')}-1", "type": kind, "date": today.isoformat(), "states": {}}
        for kind in _types(vocabulary)
    ]
    return {"id": _NAME, "request": request, "documents": documents}


def _types(vocabulary: Vocabulary) -> list[str]:
    """The document types that somebody can be asked for."""
    return [kind for kind in vocabulary.document_types if kind != PLAN_RECORD]


def _first_value(structure: Structure, attribute: Attribute, today: datetime.date) -> Any:
    """A value that the form may give; None where it may as well leave it out."""
    if attribute.default is not None:
        return attribute.default
    if not attribute.required:
        return None
    if attribute.domain == "flag":
        return False
    if attribute.domain in NUMBERS:
        return _first_number(structure, attribute)
    if attribute.domain == DATE:
        return today.isoformat()
    if attribute.domain in ("list", "drugs"):
        return list(attribute.main[:1]) if attribute.non_empty else []
    return _routed(structure).get(attribute.name) or next(iter(attribute.main), "other")


def _routed(structure: Structure) -> dict[str, str]:
    """What the requests say that go to the policy's first section: most requests do."""
    first = structure.sections[0]
    asked = [term.args[1] for term in structure.facts["route"] if term.args[0] == first]
    requirements = (structure.requirements[structure.representative[term]] for term in asked)
    return {
        one.attribute: one.value
        for one in requirements
        if one.operator == "is" and not one.complement and isinstance(one.value, str)
    }


def _first_number(structure: Structure, attribute: Attribute) -> int:
    """The greatest number that the policy's own bounds allow; where it has none, the least."""
    bounds = [
        one.value
        for one in structure.requirements.values()
        if one.attribute == attribute.name and one.operator == "at_most" and isinstance(one.value, int)
    ]
    return max(min(bounds), attribute.minimum) if bounds else attribute.minimum


# The guide


def guide(structure: Structure, file: str) -> str:
    """What may be written in a case file: each field with its choices, and what documents may state."""
    vocabulary = structure.vocabulary
    return "\n".join(
        _wrapped(line)
        for line in [
            f"How to fill in {file}",
            "",
            "Change the values that are there, then: pyclingo-bridge decide " + file,
            "JSON has no comments; this file only explains, and may be deleted.",
            "",
            "id         a name for the case",
            "",
            "request    the request form",
            "  date: the day on which the request was received, YYYY-MM-DD",
            "  drug: the drug that is requested",
            *_fields(vocabulary),
            "",
            "documents  what was submitted; keep what you have and delete the rest",
            "  id: a name; no two documents have the same",
            "  type: one of those below; there may be several documents of one type",
            "  date: the day it was written, YYYY-MM-DD, or YYYY-MM or YYYY where no more is known",
            "  status (may be left out): final, preliminary, amended or entered_in_error",
            "  replaces (may be left out): the id of the document whose place it takes",
            "  tumor (may be left out): a name for the tumor that it speaks of",
            "  states: what it says, and nothing that it does not say",
            *(line for kind in _types(vocabulary) for line in _document(vocabulary, kind)),
            "",
        ]
    )


def _wrapped(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.fill(line, 80, subsequent_indent=indent, break_on_hyphens=False) if line else line


def _fields(vocabulary: Vocabulary) -> Iterator[str]:
    for name, attribute in vocabulary.request_attributes.items():
        left_out = "needed"
        if attribute.default is not None:
            default = (
                str(attribute.default).lower() if isinstance(attribute.default, bool) else attribute.default
            )
            left_out = f"{default} if left out"
        elif not attribute.required:
            left_out = "may be left out"
        yield f"  {name}: {described(attribute)} ({left_out}){_label(vocabulary, name)}"


def _document(vocabulary: Vocabulary, kind: str) -> Iterator[str]:
    label = vocabulary.labels.get(kind, readable(kind))
    yield ""
    yield f"  {kind}" + (f" ({label})" if label != kind else "")
    for name in _shown(vocabulary, kind):
        yield f"    {name}: {described(vocabulary.all[name])}{_label(vocabulary, name)}"
        for flag in _qualifying(vocabulary, name):
            yield f"    {flag}: true where the list is complete"


def _shown(vocabulary: Vocabulary, kind: str) -> list[str]:
    return [name for name in vocabulary.statable if kind in vocabulary.shown_by.get(name, ())]


def _qualifying(vocabulary: Vocabulary, name: str) -> list[str]:
    return [flag for flag, listed in vocabulary.qualifiers.items() if listed == name]


def _label(vocabulary: Vocabulary, name: str) -> str:
    label = vocabulary.labels.get(name) or vocabulary.labels.get(f"yes({name})")
    return f": {label}" if label and label != readable(name) else ""


def described(attribute: Attribute) -> str:
    """What may be written of an attribute, in words."""
    values = ", ".join(attribute.main[:_MOST_LISTED])
    most = "or more" if attribute.maximum == LARGEST else f"to {attribute.maximum}"
    several = {
        "flag": "true or false",
        "whole_number": f"a whole number, {attribute.minimum} {most}",
        "decimal": "a number",
        "date": "a day, YYYY-MM-DD",
        "choice": f"one of {values}",
        "list": f"a list with any of {values}",
        "drugs": "a list of drugs, by any of their names; [] for none",
        "names": "a list of names",
    }
    named = f"a name, such as {values}" if attribute.main else "a name"
    return several.get(attribute.domain, named)


# By questions


def asked_case(structure: Structure, today: datetime.date) -> dict[str, Any]:
    """A case by questions at the terminal; Enter takes what is offered, or leaves it out."""
    vocabulary = structure.vocabulary
    blank = blank_case(structure, today)
    name = typer.prompt("A name for the case", default=blank["id"])
    request: dict[str, Any] = {"date": _ask_day("Day of the request", today)}
    if "drug" in blank["request"]:
        request["drug"] = blank["request"]["drug"]
    for key, attribute in vocabulary.request_attributes.items():
        value = _ask_value(vocabulary, attribute, key, blank["request"].get(key))
        if value is not None:
            request[key] = value
    return {"id": name, "request": request, "documents": list(_ask_documents(vocabulary, today))}


def _ask_documents(vocabulary: Vocabulary, today: datetime.date) -> Iterator[dict[str, Any]]:
    types = _types(vocabulary)
    typer.echo("\nDocuments. Of each: its type, its day, and what it says. Enter leaves a question out.")
    for number, name in enumerate(types, 1):
        typer.echo(f"  {number} {vocabulary.labels.get(name, readable(name))}")
    counts: dict[str, int] = {}
    question = "Type of the next document, by number or name (Enter: no more)"
    while (kind := _again(question, _type_of(types))) is not None:
        counts[kind] = counts.get(kind, 0) + 1
        date = _ask_day("  Its day", today)
        states = dict(_ask_states(vocabulary, kind))
        yield {"id": f"{kind.replace('_', '-')}-{counts[kind]}", "type": kind, "date": date, "states": states}


def _ask_states(vocabulary: Vocabulary, kind: str) -> Iterator[tuple[str, Any]]:
    for name in _shown(vocabulary, kind):
        value = _ask_value(vocabulary, vocabulary.all[name], name, None, "  ")
        if value is None:
            continue
        yield name, value
        for flag in _qualifying(vocabulary, name):
            if typer.confirm(f"  Is the list of {readable(name)} complete?", default=False):
                yield flag, True


def _ask_value(
    vocabulary: Vocabulary, attribute: Attribute, name: str, offered: Any, indent: str = ""
) -> Any | None:
    label = vocabulary.labels.get(name) or vocabulary.labels.get(f"yes({name})") or readable(name)

    def read(text: str) -> Any:
        value = read_value(name, text, vocabulary, name)
        for _, problem, _ in value_problems(value, attribute, ()):
            raise CaseError(name, [problem])
        return value

    question = f"{indent}{label} ({described(attribute)})"
    return _again(question, read, _written(offered), offered is not None and attribute.required)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _ask_day(question: str, today: datetime.date) -> str:
    def read(text: str) -> str:
        try:
            return datetime.date.fromisoformat(text).isoformat()
        except ValueError:
            raise CaseError("day", ["is no day: write YYYY-MM-DD"]) from None

    return str(_again(question, read, today.isoformat()))


def _type_of(types: list[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        name = (
            types[int(text) - 1] if text.isascii() and text.isdigit() and 0 < int(text) <= len(types) else text
        )
        if name not in types:
            raise CaseError("type", [f"is a number from 1 to {len(types)}, or one of {', '.join(types)}"])
        return name

    return read


def _again(question: str, read: Callable[[str], Any], offered: str = "", needed: bool = False) -> Any | None:
    """What is answered, asked until it can be read; None for nothing."""
    while True:
        text = typer.prompt(question, default=offered, show_default=bool(offered)).strip()
        if not text and not needed:
            return None
        try:
            return read(text)
        except CaseError as error:
            typer.echo(f"  {error}")
