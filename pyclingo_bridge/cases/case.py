"""A case: a request form and dated documents, checked strictly. Nothing is guessed or dropped.

A case is checked against a vocabulary when it is made: the default one, or another given as
`Case.load(path, vocabulary=...)` or in pydantic's context, `context={"vocabulary": ...}`. Nothing in it
can be changed afterwards.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self, cast

from pydantic import (
    ConfigDict,
    SerializerFunctionWrapHandler,
    ValidationError,
    ValidationInfo,
    model_serializer,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError, SchemaValidator

from pyclingo_bridge.base.doors import OwnErrors, check_type, plain_problem
from pyclingo_bridge.base.errors import CaseError, quoted
from pyclingo_bridge.base.frozen import FrozenObject, frozen
from pyclingo_bridge.base.json_text import Doubled, json_text, message_in, read_json, without_schema
from pyclingo_bridge.cases.case_problems import (
    Problem,
    case_problems,
    first_problems,
    is_readable,
    list_problems,
    only_with_problems,
    problem_lines,
    replacement_problems,
    size_problems,
)
from pyclingo_bridge.cases.case_schema import case_schema
from pyclingo_bridge.cases.days import DayField, read_day
from pyclingo_bridge.cases.limits import Limits, read_bytes
from pyclingo_bridge.cases.statements import CaseStatements, case_statements, day_of_request
from pyclingo_bridge.cases.statuses import FINAL, own_status
from pyclingo_bridge.cases.vocabulary import Vocabulary, default_vocabulary

if TYPE_CHECKING:
    from pyclingo_bridge.cases.plan import PlanFacts

_ALL = Limits(problems=sys.maxsize)
"""Limits that leave out no problem: how many are listed was settled before."""

_OPTIONAL = ("status", "replaces", "tumor")
"""Fields of a document that may be left out."""


class _Unchangeable(OwnErrors):
    """A model without anything in it that can be changed: it is its own copy."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, ignored_types=(cached_property,))

    @classmethod
    def own_error(cls, error: ValidationError, data: Any) -> CaseError:
        """What is wrong with data, as an error of this package."""
        found = []
        for entry in error.errors(include_url=False):
            told = entry.get("ctx", {}).get("problem") or plain_problem(entry["msg"])
            found.append((entry["loc"], str(told), entry["input"]))
        return CaseError(cls.__name__.lower(), problem_lines(found, _ALL, _as_data(data)))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The same with other values, which are checked when something is asked about them."""
        if not update:
            return self
        own = {name: getattr(self, name) for name in self.model_fields_set}
        changed = {name: frozen(value) for name, value in update.items()}
        return cast(Self, self.model_construct(**{**own, **changed}))


class Document(_Unchangeable):
    """A dated document.

    Attributes:
        id: its name, unique in the case.
        type: a document type that the vocabulary knows.
        date: the day it was written, or what is known of it.
        states: the values it states, by attribute; lists as tuples.
        status: `final`, `preliminary`, `amended` or `entered_in_error`.
        replaces: the id of the document that it takes the place of, if any.
        tumor: the tumor that it speaks of, as it was given, if it names one.
    """

    id: str
    type: str
    date: DayField
    states: FrozenObject
    status: str = FINAL
    replaces: str | None = None
    tumor: str | None = None

    def given(self) -> dict[str, Any]:
        """What was given of it, by field."""
        given = {"id": self.id, "type": self.type, "date": self.date, "states": self.states}
        if len(self.model_fields_set) > len(given):
            given.update({name: getattr(self, name) for name in _OPTIONAL if name in self.model_fields_set})
        return given

    def replacing_none(self) -> Document:
        """This document, as one that takes the place of no other."""
        own = self.given()
        own.pop("replaces", None)
        return Document.model_construct(**own)

    @model_serializer(mode="wrap")
    def _as_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # What was left out stays out: a file of a case is written as it was read.
        spared = frozenset(_OPTIONAL) - self.model_fields_set
        return {name: value for name, value in handler(self).items() if name not in spared}


class Case(_Unchangeable):
    """A request for a drug, and the documents submitted with it.

    Attributes:
        id: the case's name.
        request: the request form, by attribute, as it was given (defaults are not filled in); lists as
            tuples. With it `date`, `drug` and `tumor`, where they were given.
        documents: the documents, in the order given; the order means nothing.

    Errors: CaseError, one line for each problem, naming its place. As a field of another pydantic model a
    case that is none is an error of that model, a ValidationError.
    """

    id: str
    request: FrozenObject
    documents: tuple[Document, ...]

    @model_validator(mode="wrap")
    @classmethod
    def _checked(cls, data: Any, handler: Callable[[Any], Self], info: ValidationInfo) -> Self:
        data = _as_data(data)
        vocabulary, limits = _context(info.context)
        if not _accepted(data, vocabulary, limits):
            problems = _problems(data, vocabulary, limits)
            if problems:
                _fail(cls.__name__, problems)
        read = {"request": _form(data["request"]), "documents": tuple(map(_read, data["documents"]))}
        case = handler({**data, **read})
        case._statements[vocabulary.digest] = None
        return case

    @staticmethod
    def of_checked(data: dict[str, Any], vocabulary: Vocabulary) -> Case:
        """The case that data are in which `case_problems` found none."""
        documents = (
            Document.model_construct(**{**_read(entry), "states": frozen(entry["states"])})
            for entry in data["documents"]
        )
        request = frozen(_form(data["request"]))
        case = Case.model_construct(id=data["id"], request=request, documents=tuple(documents))
        case._statements[vocabulary.digest] = None
        return case

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """The case that a JSON text holds.

        Takes the options of pydantic's own method. Unlike that, a key given twice, a number that
        is not finite, and anything after the first object are errors.

        Errors: CaseError, which names the problems' places.
        """
        context = options.get("context")
        return cls._of_text(json_data, "case", context)

    @classmethod
    def _of_text(cls, given: str | bytes | bytearray, source: str, context: Mapping[str, Any] | None) -> Self:
        vocabulary, limits = _context(context)
        check_type("text", given, (str, bytes, bytearray), "a text")
        try:
            data = read_json(given, megabytes=limits.megabytes)
        except ValueError as error:
            raise CaseError(source, [message_in(error)]) from None
        try:
            return super().model_validate(data, context={"vocabulary": vocabulary, "limits": limits})
        except CaseError as error:
            # Once more, with the text: who is given data alone has no lines and columns to tell.
            plain = _as_data(data)
            found = _problems(plain, vocabulary, limits)
            lines = problem_lines(found, _ALL, plain, json_text(given)) if found else error.problems
            raise CaseError(source, lines) from None

    @classmethod
    def from_json(
        cls,
        text: str | bytes,
        source: str = "case",
        vocabulary: Vocabulary | None = None,
        limits: Limits | None = None,
    ) -> Self:
        """The case that a JSON text holds.

        Args:
            text: the text.
            source: what errors name.
            vocabulary: what the case is checked against; the default one where none is given.
            limits: how much the case may hold; what the vocabulary says where none are given.

        Errors: CaseError, which names `source` and the problems' places.
        """
        return cls._of_text(text, source, {"vocabulary": vocabulary, "limits": limits})

    @classmethod
    def load(
        cls,
        path: str | Path,
        vocabulary: Vocabulary | None = None,
        limits: Limits | None = None,
    ) -> Self:
        """The case in a file; see `from_json`.

        Errors: CaseError, which names the file and the problems' places.
        """
        check_type("path", path, (str, PathLike), "the name of a file")
        _, most = _context({"vocabulary": vocabulary, "limits": limits})
        return cls.from_json(read_bytes(path, most), str(path), vocabulary, limits)

    def without(self, documents: Iterable[str]) -> Case:
        """This case without the documents of these ids; what replaces one of them replaces none."""
        gone = frozenset(documents)
        if not gone:
            return self
        kept = (
            one if one.replaces not in gone else one.replacing_none()
            for one in self.documents
            if one.id not in gone
        )
        return self.model_copy(update={"documents": tuple(kept)})

    def checked_by(self, vocabulary: Vocabulary) -> Case:
        """This case, checked against a vocabulary.

        Errors: CaseError.
        """
        self.statements(vocabulary)
        return self

    def statements(self, vocabulary: Vocabulary, plan: PlanFacts | None = None) -> CaseStatements:
        """What this case states under a vocabulary, which it is checked against if it was not before.

        Args:
            vocabulary: the vocabulary.
            plan: what a plan knows for all its cases; it is one more document.

        Errors: CaseError; also where nothing can be concluded from the details of a document, or
        the plan's facts cannot be told.
        """
        key = vocabulary.digest if plan is None else f"{vocabulary.digest} {plan.digest}"
        statements = self._statements.get(key)
        if statements is None:
            if vocabulary.digest not in self._statements:
                self._check(vocabulary)
            # Only now: of many cases conclusions are drawn at once before anything is asked about them.
            statements = case_statements(self.id, self.request, self.documents, vocabulary, plan)
            self._statements[key] = statements
        return statements

    @cached_property
    def digest(self) -> str:
        """A fingerprint of the case's content: SHA-256, in hexadecimal.

        The order of the documents, and of the keys of any object, makes no other one.
        """
        documents = sorted((one.given() for one in self.documents), key=lambda one: str(one["id"]))
        data = {"id": self.id, "request": self.request, "documents": documents}
        # Days are no JSON: they are taken as they are written.
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def day(self) -> datetime.date | None:
        """The day of the request: as given, else the latest day of the documents that count, if any."""
        return day_of_request(self.request, self.documents)

    @cached_property
    def _statements(self) -> dict[str, CaseStatements | None]:
        """By the digest of each vocabulary that the case was checked against, and the plan's if there is one.

        None until it is asked for.
        """
        return {}

    def _check(self, vocabulary: Vocabulary) -> None:
        data = _as_data(self)
        lines = problem_lines(case_problems(data, vocabulary), vocabulary.limits, data)
        if lines:
            raise CaseError(f"case {quoted(self.id)}", lines)


@lru_cache(maxsize=64)
def _validator(vocabulary: Vocabulary) -> SchemaValidator:
    return SchemaValidator(case_schema(vocabulary))


def _accepted(data: Any, vocabulary: Vocabulary, limits: Limits) -> bool:
    """Whether a quick look finds data good beyond doubt: nearly all cases that are good."""
    try:
        _validator(vocabulary).validate_python(data)
    except ValidationError:
        return False
    documents = data["documents"]
    stated = [entry["states"] for entry in documents]
    said = [data["request"], *stated]
    ids = {entry["id"] for entry in documents}
    if Doubled in map(type, (data, *documents, *said)) or not len(ids) == len(documents) <= limits.documents:
        return False
    if any(replacement_problems(documents)):
        return False
    for flag, listed in vocabulary.qualifiers.items():
        if any(flag in states and listed not in states for states in stated):
            return False
    return not (
        any(only_with_problems(data["request"], vocabulary))
        or any(list_problems(said, limits))
        or not all(map(is_readable, (data["id"], *ids)))
    )


def _context(context: Mapping[str, Any] | None) -> tuple[Vocabulary, Limits]:
    given = context or {}
    vocabulary = given.get("vocabulary") or default_vocabulary()
    check_type("vocabulary", vocabulary, Vocabulary, "a Vocabulary, such as `Policy.load(...).vocabulary`")
    limits = given.get("limits") or vocabulary.limits
    check_type("limits", limits, Limits, "Limits")
    return vocabulary, limits


def _problems(data: Any, vocabulary: Vocabulary, limits: Limits) -> list[Problem]:
    """The problems of data that are to be a case, as many as are listed."""
    # What is too much is not looked at any further: that would take long too.
    return first_problems(size_problems(data, limits), limits.problems) or first_problems(
        case_problems(data, vocabulary), limits.problems
    )


def _fail(title: str, problems: Iterable[Problem]) -> NoReturn:
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


def _as_data(data: Any) -> Any:
    """Data with the models in it as what they hold, whether or not that was ever checked."""
    if isinstance(data, Case):
        # Not all that was found out about it since.
        data = {name: getattr(data, name) for name in Case.model_fields}
    data = without_schema(data)
    documents = data.get("documents") if isinstance(data, dict) else None
    if isinstance(documents, list | tuple) and any(isinstance(entry, Document) for entry in documents):
        entries = [entry.given() if isinstance(entry, Document) else entry for entry in documents]
        return {**data, "documents": entries}
    return data


def _read(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A document's data with its day read, and its status in the one spelling that is used here."""
    date = entry["date"]
    read = {**entry, "date": read_day(date) if isinstance(date, str) else date}
    if "status" in read:
        read["status"] = own_status(read["status"])
    return read


def _form(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request form with its day as a text."""
    date = request.get("date")
    return {**request, "date": str(date)} if isinstance(date, datetime.date) else request
