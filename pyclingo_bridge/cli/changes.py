"""Changes and ranges as a user writes them on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pyclingo_bridge.base.errors import CaseError, nearest_of, quoted
from pyclingo_bridge.base.json_text import LONGEST_NUMBER, Doubled, fraction, message_in, read_json
from pyclingo_bridge.cases.vocabulary import ABOUT_REQUEST, Vocabulary
from pyclingo_bridge.questions.changes import AMENDABLE, Changes, changeable_names
from pyclingo_bridge.questions.sweep import Bound

_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_WHOLE = re.compile(r"-?[0-9]+\Z")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
_RANGE = re.compile(r"(-?[0-9.]*?)\.\.(-?[0-9.]*)\Z")
_DAYS = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})\Z")


def changes_given(
    vocabulary: Vocabulary,
    assigned: Iterable[str] = (),
    unset: Iterable[str] = (),
    withdrawn: Iterable[str] = (),
    documents: Iterable[tuple[str, bytes]] = (),
    interpretations: Mapping[str, str] | None = None,
) -> Changes:
    """The changes that a user asks for.

    Args:
        vocabulary: whose attributes there are.
        assigned: `NAME=VALUE`, the value as the attribute's values are written, numbers of documents also as
            a range, `LOW..HIGH`; or `ID.KEY=VALUE` for what a document tells of itself, such as its `status`.
        unset: names of attributes, or `ID.KEY`.
        withdrawn: ids of documents.
        documents: the name and the content of each file with a further document.
        interpretations: each ambiguity's interpretation.

    Errors: CaseError, which quotes what was given and names the remedy.
    """
    values = dict(_assigned(assigned, vocabulary))
    names = list(dict.fromkeys(unset))
    amended: dict[str, dict[str, Any]] = {}
    for entry in [*values, *names]:
        document, key = _amends(entry, vocabulary)
        if document is not None:
            amended.setdefault(document, {})[key] = values.get(entry)
    return Changes(
        set={name: value for name, value in values.items() if _amends(name, vocabulary)[0] is None},
        unset=tuple(name for name in names if _amends(name, vocabulary)[0] is None),
        amend_documents=amended,
        without_documents=tuple(dict.fromkeys(withdrawn)),
        add_documents=tuple(_document(name, content) for name, content in documents),
        interpretations=dict(interpretations or {}),
    )


def _amends(name: str, vocabulary: Vocabulary) -> tuple[str | None, str]:
    """The document that a name such as `path-1.status` is about, and what of it; None for an attribute."""
    document, dot, key = name.rpartition(".")
    known = key in AMENDABLE and name not in changeable_names(vocabulary)
    return (document, key) if dot and document and known else (None, name)


def _assigned(entries: Iterable[str], vocabulary: Vocabulary) -> Iterator[tuple[str, Any]]:
    given: dict[str, Any] = {}
    for entry in entries:
        source = f"--set {quoted(entry)}"
        name, equals, text = entry.partition("=")
        name = name.strip()
        if not name or not equals:
            raise CaseError(source, ["is no change: write NAME=VALUE"])
        value = read_value(name, text, vocabulary, source)
        if name in given and given[name] != value:
            raise CaseError(source, [f"{quoted(name)} is set to two values; keep one of them"])
        given[name] = value
    yield from given.items()


def read_value(name: str, text: str, vocabulary: Vocabulary, source: str) -> Any:
    """A value of an attribute as it is typed.

    Errors: CaseError, which names `source`.
    """
    known = changeable_names(vocabulary)
    if name in ABOUT_REQUEST or _amends(name, vocabulary)[0] is not None:
        return text.strip()
    if name not in known:
        raise CaseError(source, [f"unknown attribute {quoted(name)}{nearest_of(name, known)}"])
    domain = "flag" if name in vocabulary.qualifiers else vocabulary.all[name].domain
    if domain == "name" and text.strip().startswith("["):
        domain = "names"
    try:
        return _READ.get(domain, str.strip)(text)
    except ValueError as error:
        raise CaseError(source, [f"`{name}` {error}"]) from None


def _flag(text: str) -> bool:
    word = text.strip().lower()
    if word not in _FLAGS:
        raise ValueError(f"has to be `true` or `false` (or `yes`, `no`), not {quoted(text)}")
    return _FLAGS[word]


def _number(text: str, read: Callable[[str], Any]) -> Any:
    """A number, or a range of them."""
    span = _RANGE.match(text.strip())
    if span is None or not any(span.groups()):
        return read(text)
    ends = zip(("at_least", "at_most"), span.groups(), strict=True)
    return {name: read(end) for name, end in ends if end}


def _whole(text: str) -> int:
    if not _WHOLE.match(text.strip()):
        raise ValueError(f"has to be a whole number, written in digits, not {quoted(text)}")
    # Python refuses to read thousands of digits; any number this long is out of bounds anyhow.
    return int(text.strip()[: LONGEST_NUMBER + 1])


def _decimal(text: str) -> float:
    if not _DECIMAL.match(text.strip()):
        raise ValueError(f"is a number, written in digits, not {quoted(text)}")
    number = text.strip()
    return fraction(number) if "." in number else int(number[: LONGEST_NUMBER + 1])


def _names(text: str) -> list[Any]:
    if not text.strip().startswith("["):
        return [name.strip() for name in text.split(",")] if text.strip() else []
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(
            f"is a list: {quoted(text)} is no JSON; write names with commas between them"
        ) from None
    assert isinstance(found, list)
    return found


_READ: dict[str, Callable[[str], Any]] = {
    "flag": _flag,
    "whole_number": lambda text: _number(text, _whole),
    "decimal": lambda text: _number(text, _decimal),
    "list": _names,
    "names": _names,
    "drugs": _names,
}


def _document(source: str, content: bytes) -> dict[str, Any]:
    try:
        found = read_json(content, "document")
    except ValueError as error:
        raise CaseError(source, [message_in(error)]) from None
    if not isinstance(found, dict):
        raise CaseError(source, ["holds no JSON object; a document is one, as in a case file"])
    for entry in (found, found.get("states")):
        if isinstance(entry, Doubled):
            text = f"has the key {quoted(entry.key)} twice in one object; keep one of them"
            raise CaseError(source, [text])
    return found


def range_given(entry: str) -> tuple[str, Bound | None, Bound | None]:
    """The attribute to sweep, and the bounds of the range, numbers or days; of numbers one may be left open.

    Errors: CaseError where it is neither `NAME` nor `NAME=LOW..HIGH`.
    """
    name, equals, text = entry.partition("=")
    if not equals:
        return entry.strip(), None, None
    days = _DAYS.match(text.strip())
    if days is not None and name.strip():
        return name.strip(), days[1], days[2]
    found = _RANGE.match(text.strip())
    if found is None or not name.strip():
        raise CaseError(f"--sweep {quoted(entry)}", ["is no range: write NAME or NAME=LOW..HIGH"])
    try:
        low, high = (_bound(bound) if bound else None for bound in found.groups())
    except ValueError as error:
        raise CaseError(f"--sweep {quoted(entry)}", [f"a bound {error}"]) from None
    return name.strip(), low, high


def _bound(text: str) -> int | float:
    return _decimal(text) if "." in text else _whole(text)
