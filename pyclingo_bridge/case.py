"""A case: a request form and dated documents, checked strictly. Nothing is guessed or dropped.

A case is checked against a vocabulary when it is made: the default one, or another given as
`Case.load(path, vocabulary=...)` or in pydantic's context, `context={"vocabulary": ...}`.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from pyclingo_bridge.errors import CaseError, listing, nearest, quoted, suggestion
from pyclingo_bridge.terms import Term, Value, plain
from pyclingo_bridge.vocabulary import LARGEST, Attribute, Vocabulary, default_vocabulary

LONGEST_NAME = 200
"""The most characters that an id or a name in a case may have."""

_SNAKE_CASE = re.compile(r"[a-z][a-z0-9_]*\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")

Place = tuple[str | int, ...]
Problem = tuple[Place, str, Any]


class Document(BaseModel):
    """A dated document.

    Attributes:
        id: its name, unique in the case.
        type: a document type that the vocabulary knows.
        date: the day it was written.
        states: the values it states, by attribute.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str
    type: str
    date: datetime.date
    states: dict[str, Any]


class Case(BaseModel):
    """A request for a drug, and the documents submitted with it.

    Attributes:
        id: the case's name.
        request: the request form, by attribute, as it was given (defaults are not filled in).
        documents: the documents, in the order given; the order means nothing.

    Errors: pydantic's ValidationError, one line for each problem, naming its place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str
    request: dict[str, Any]
    documents: tuple[Document, ...]

    _vocabulary: Vocabulary = PrivateAttr()

    @model_validator(mode="wrap")
    @classmethod
    def _checked(cls, data: Any, handler: Callable[[Any], Self], info: ValidationInfo) -> Self:
        if isinstance(data, Case):
            data = data.model_dump()
        vocabulary = (info.context or {}).get("vocabulary") or default_vocabulary()
        problems = list(_case_problems(data, vocabulary))
        if problems:
            _fail(cls.__name__, problems)
        case = handler({**data, "documents": tuple(_dated(entry) for entry in data["documents"])})
        case._vocabulary = vocabulary
        return case

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """The case that a JSON text holds.

        Takes the options of pydantic's own method. Unlike that, a key given twice, a number that
        is not finite, and anything after the first object are errors.

        Errors: pydantic's ValidationError.
        """
        try:
            data = _parsed(json_data)
        except ValueError as error:
            _fail(cls.__name__, [((), str(error), quoted(_start(json_data)))])
        options.pop("strict", None)
        return cls.model_validate(data, **options)

    @classmethod
    def from_json(
        cls, text: str | bytes, source: str = "case", vocabulary: Vocabulary | None = None
    ) -> Self:
        """The case that a JSON text holds.

        Errors: CaseError, which names `source` and every problem's place.
        """
        try:
            return cls.model_validate_json(text, context={"vocabulary": vocabulary})
        except ValidationError as error:
            raise CaseError(
                source, [_line(entry) for entry in error.errors(include_url=False)]
            ) from None

    @classmethod
    def load(cls, path: str | Path, vocabulary: Vocabulary | None = None) -> Self:
        """The case in a file.

        Errors: CaseError, which names the file and every problem's place.
        """
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise CaseError(str(path), [f"cannot be read: {error.strerror}"]) from None
        return cls.from_json(data, str(path), vocabulary)

    def checked_by(self, vocabulary: Vocabulary) -> Case:
        """This case, checked against another vocabulary if it was not checked against that one.

        Errors: CaseError.
        """
        if self._vocabulary.digest == vocabulary.digest:
            return self
        return Case.from_json(self.model_dump_json(), f"case {quoted(self.id)}", vocabulary)


def _start(data: str | bytes | bytearray) -> str:
    return data if isinstance(data, str) else bytes(data[:200]).decode("utf-8", "replace")


def _fail(title: str, problems: list[Problem]) -> NoReturn:
    raise ValidationError.from_exception_data(
        title,
        [
            InitErrorDetails(
                # The text is an argument of a fixed template, so that its braces stay as they are.
                type=PydanticCustomError("case", "{problem}", {"problem": text}),
                loc=place,
                input=quoted(value),
            )
            for place, text, value in problems
        ],
    )


def _line(error: Any) -> str:
    place = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]
    ).lstrip(".")
    return f"{place}: {error['msg']}" if place else str(error["msg"])


def _parsed(data: str | bytes | bytearray) -> Any:
    if not isinstance(data, str):
        try:
            data = bytes(data).decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"is not UTF-8 text (byte {error.start})") from None
    data = data.removeprefix("\ufeff")
    if not data.strip():
        raise ValueError("is empty; a case is one JSON object")
    try:
        return json.loads(data, object_pairs_hook=_once, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise ValueError(
                f"goes on after the first JSON value (line {error.lineno}); give one case a file"
            ) from None
        raise ValueError(
            f"is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from None
    except RecursionError:
        raise ValueError("is nested too deeply; a case has at most five levels") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        double = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"has the key {quoted(double)} twice in one object; keep one of them")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"holds `{constant}`, which is no JSON number; give a whole number")


def _dated(entry: Any) -> Any:
    if isinstance(entry, Document):
        return entry
    date = entry["date"]
    return {**entry, "date": datetime.date.fromisoformat(date) if isinstance(date, str) else date}


def _keys(
    data: Any, place: Place, what: str, known: list[str], required: list[str]
) -> Iterator[Problem]:
    """Problems with an object's keys; a missing key is named by its own place."""
    if not isinstance(data, dict):
        yield place, f"{what} is a JSON object, not {_kind_of(data)}", data
        return
    for key in data:
        if key not in known:
            yield (
                (*place, _tame(key)),
                f"unknown key{suggestion(str(key), known)} (allowed: {listing(known, 40)})",
                key,
            )
    for key in required:
        if key not in data:
            yield (*place, key), "is missing", None


def _tame(key: Any) -> str:
    return quoted(key).strip("`")


def _kind_of(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "a flag",
        int: "a number",
        float: "a number",
    }
    return "null" if value is None else names.get(type(value), type(value).__name__)


def _case_problems(data: Any, vocabulary: Vocabulary) -> Iterator[Problem]:
    fields = ["id", "request", "documents"]
    yield from _keys(data, (), "a case", fields, fields)
    if not isinstance(data, dict):
        return
    if "id" in data:
        yield from _text_problems(data["id"], ("id",))
    if "request" in data:
        yield from _request_problems(data["request"], vocabulary)
    documents = data.get("documents", [])
    if not isinstance(documents, list | tuple):
        yield ("documents",), f"is a list of documents, not {_kind_of(documents)}", documents
        return
    seen: dict[str, int] = {}
    for index, entry in enumerate(documents):
        place: Place = ("documents", index)
        entry = entry.model_dump() if isinstance(entry, Document) else entry
        yield from _document_problems(entry, place, vocabulary)
        name = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(name, str) and seen.setdefault(name, index) != index:
            yield (
                (*place, "id"),
                f"{quoted(name)} is the id of documents[{seen[name]}] too; ids are unique in a case",
                name,
            )


def _text_problems(value: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield place, f"is a text, not {_kind_of(value)}", value
    elif not value.strip():
        yield place, "is empty", value
    elif len(value) > LONGEST_NAME:
        yield place, f"has {len(value)} characters; at most {LONGEST_NAME} are allowed", value
    elif not value.isprintable():
        yield place, f"{quoted(value)} holds a control character or broken text; remove it", value


def _request_problems(request: Any, vocabulary: Vocabulary) -> Iterator[Problem]:
    known = vocabulary.request_attributes
    required = [name for name, entry in known.items() if entry.required]
    yield from _keys(request, ("request",), "the request form", list(known), required)
    if not isinstance(request, dict):
        return
    for name, value in request.items():
        if name in known:
            yield from _value_problems(value, known[name], ("request", name))
    for name, value, other, needed in vocabulary.only_with:
        if _same(request.get(name), value) and not _same(request.get(other), needed):
            text = f"may be {_json(value)} only where `{other}` is {_json(needed)}"
            yield ("request", name), text, request[name]


def _same(given: Any, value: Value) -> bool:
    return bool(
        given == (value == Term("true")) if isinstance(given, bool) else given == plain(value)
    )


def _json(value: Value) -> str:
    return f"`{plain(value)}`"


def _document_problems(entry: Any, place: Place, vocabulary: Vocabulary) -> Iterator[Problem]:
    fields = ["id", "type", "date", "states"]
    yield from _keys(entry, place, "a document", fields, fields)
    if not isinstance(entry, dict):
        return
    if "id" in entry:
        yield from _text_problems(entry["id"], (*place, "id"))
    if "type" in entry:
        yield from _named_problems(
            entry["type"], sorted(vocabulary.document_types), (*place, "type"), "document type"
        )
    if "date" in entry:
        yield from _date_problems(entry["date"], (*place, "date"))
    if "states" in entry:
        yield from _statement_problems(entry["states"], (*place, "states"), vocabulary)


def _date_problems(value: Any, place: Place) -> Iterator[Problem]:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return
    try:
        if not isinstance(value, str) or not _DATE.match(value):
            raise ValueError
        datetime.date.fromisoformat(value)
    except ValueError:
        shown = quoted(value) if isinstance(value, str) else _kind_of(value)
        yield place, f"{shown} is no real date of the form YYYY-MM-DD", value


def _statement_problems(states: Any, place: Place, vocabulary: Vocabulary) -> Iterator[Problem]:
    known = vocabulary.stated_attributes
    keys = [*known, *vocabulary.qualifiers]
    if not isinstance(states, dict):
        yield place, f"is a JSON object of attributes and values, not {_kind_of(states)}", states
        return
    for name, value in states.items():
        if name in known:
            yield from _value_problems(value, known[name], (*place, name))
        elif name in vocabulary.qualifiers:
            yield from _flag_problems(value, (*place, name))
            needed = vocabulary.qualifiers[name]
            if needed not in states:
                yield (
                    (*place, name),
                    f"says something of `{needed}`, which the document does not state; add the list",
                    value,
                )
        else:
            text = f"unknown attribute{suggestion(str(name), keys)} (allowed: {listing(sorted(keys), 40)})"
            if name in vocabulary.request_attributes:
                text = "belongs to the request form, not to a document"
            yield (*place, _tame(name)), text, name


def _value_problems(value: Any, attribute: Attribute, place: Place) -> Iterator[Problem]:
    if attribute.domain == "flag":
        yield from _flag_problems(value, place)
    elif attribute.domain == "whole_number":
        yield from _number_problems(value, attribute.minimum, place)
    elif attribute.domain == "choice":
        yield from _named_problems(value, attribute.listed, place, "value")
    elif attribute.domain == "name":
        yield from _free_name_problems(value, attribute, place)
    else:
        yield from _list_problems(value, attribute, place)


def _flag_problems(value: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield place, f"is `true` or `false`, not {_shown(value)}", value


def _shown(value: Any) -> str:
    return (
        f"the text {quoted(value)}"
        if isinstance(value, str)
        else quoted(json.dumps(value, default=str))
    )


def _number_problems(value: Any, minimum: int, place: Place) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield place, f"is a whole number, not {_shown(value)}", value
    elif not minimum <= value <= LARGEST:
        yield (
            place,
            f"{quoted(_digits(value))} is out of bounds; allowed: {minimum} to {LARGEST}",
            value,
        )


def _digits(value: int) -> str:
    # Python itself refuses to write out a number of many thousand digits.
    return str(value) if value.bit_length() < 256 else f"a number of {value.bit_length()} bits"


def _named_problems(
    value: Any, known: list[str] | tuple[str, ...], place: Place, what: str
) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield place, f"is a name, not {_kind_of(value)} (allowed: {listing(known)})", value
    elif value not in known:
        yield (
            place,
            f"unknown {what} {quoted(value)}{suggestion(value, known)} (allowed: {listing(known)})",
            value,
        )


def _free_name_problems(value: Any, attribute: Attribute, place: Place) -> Iterator[Problem]:
    problems = list(_text_problems(value, place))
    yield from problems
    if not problems and not _SNAKE_CASE.match(value):
        hint = nearest(value.lower().replace(" ", "_"), attribute.listed)
        yield (
            place,
            f"{quoted(value)} is not lower snake case; the nearest listed name is `{hint}`",
            value,
        )


def _list_problems(value: Any, attribute: Attribute, place: Place) -> Iterator[Problem]:
    if not isinstance(value, list | tuple):
        yield place, f"is a list of names, not {_shown(value)}; put it in brackets", value
        return
    if attribute.non_empty and not value:
        yield place, f"is empty; leave it out, or list some of: {listing(attribute.listed)}", value
    for index, member in enumerate(value):
        if attribute.domain == "drugs":
            yield from _text_problems(member, (*place, index))
        else:
            yield from _named_problems(member, attribute.listed, (*place, index), "value")
