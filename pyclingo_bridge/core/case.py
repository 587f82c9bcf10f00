"""A case: a request form and dated documents, checked strictly. Nothing is guessed or dropped.

A case is checked against a vocabulary when it is made: the default one, or another given as
`Case.load(path, vocabulary=...)` or in pydantic's context, `context={"vocabulary": ...}`.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter, is_
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from pyclingo_bridge.base.errors import CaseError, quoted
from pyclingo_bridge.base.forks import Guard
from pyclingo_bridge.base.written_numbers import fraction
from pyclingo_bridge.core.case_problems import (
    LONGEST_NUMBER,
    Doubled,
    Problem,
    case_problems,
    size_problems,
    told,
)
from pyclingo_bridge.core.conclusions import NOTHING, Concluded, unfit
from pyclingo_bridge.core.limits import Limits
from pyclingo_bridge.core.vocabulary import Vocabulary, default_vocabulary

IN_ORDER = attrgetter("date", "id")
"""Documents in the one order in which all answers tell them: by date, then by id."""

_NONE: Mapping[str, Any] = {}
_USUAL = Limits()
_DRAWING = Guard()


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


class Stated(NamedTuple):
    """What a document states, or some of it.

    Attributes:
        id: the document's id.
        type: its type.
        date: its date.
        states: the values, by attribute; lists as tuples.
        concluded: the attributes among them that it states by its details, of lists some members.
        details: what these details are.
    """

    id: str
    type: str
    date: datetime.date
    states: Mapping[str, Any]
    concluded: frozenset[str] = frozenset()
    details: Mapping[str, Any] = _NONE


class Sealed:
    """What a case said when it was checked, so that it need not be checked again while it says so.

    Attributes:
        digest: the vocabulary that it was checked against.
        request: the request form, by attribute; lists as tuples.
        papers: the documents, by date, then id, with what is concluded from their details in the
            place of these; a document that states several values of an attribute that has one,
            by its details or besides, is there once for each.
        short: documents whose details come to no value of an attribute: the id, the attribute, and
            the name of the reason.
    """

    __slots__ = ("_as_stated", "_documents", "_held", "_id", "digest", "papers", "request", "short")

    def __init__(self, case: Case, digest: str) -> None:
        self.digest = digest
        self._id = case.id
        self.request = _frozen(case.request)
        self._as_stated: list[Stated] | None = [
            Stated(paper.id, paper.type, paper.date, _frozen(paper.states))
            for paper in sorted(case.documents, key=IN_ORDER)
        ]
        self.papers: list[Stated] = []
        self.short: list[tuple[str, str, str]] = []
        self._documents = case.documents
        said = [case.request, *(paper.states for paper in case.documents)]
        self._held: list[tuple[Any, tuple[Any, ...], tuple[Any, ...] | None]]
        self._held = [(states, tuple(states), tuple(states.values())) for states in said]
        self._held += [
            (value, tuple(value), None)
            for states in said
            for value in states.values()
            if isinstance(value, list)
        ]

    def draw(self, vocabulary: Vocabulary) -> Self:
        """Draw the conclusions from details, unless that was done. It fills `papers` and `short`.

        Only when the case is asked about: of many cases they are drawn at once before that.

        Errors: CaseError where none can be drawn from what a document states.
        """
        if self._as_stated is not None:
            # Another thread that asks about the same case is not to see them half drawn.
            with _DRAWING:
                if self._as_stated is not None:
                    self._draw(self._as_stated, vocabulary)
                    self._as_stated = None
        return self

    def _draw(self, stated: Sequence[Stated], vocabulary: Vocabulary) -> None:
        details = vocabulary.details.keys()
        drawn = [
            vocabulary.conclusions.of(paper.states, vocabulary.all)
            if details & paper.states.keys()
            else NOTHING
            for paper in stated
        ]
        faults = [
            f"document {quoted(paper.id)}: {fault}"
            for paper, found in zip(stated, drawn, strict=True)
            for fault in found.faults or _faults(found, vocabulary)
        ]
        if faults:
            raise CaseError(f"case {quoted(self._id)}", faults)
        self.papers, self.short = [], []
        for paper, found in zip(stated, drawn, strict=True):
            self._take(paper, found, vocabulary)

    def _take(self, paper: Stated, found: Concluded, vocabulary: Vocabulary) -> None:
        if not vocabulary.details.keys() & paper.states.keys():
            self.papers.append(paper)
            return
        states = {n: value for n, value in paper.states.items() if n not in vocabulary.details}
        names = {name for name, _ in found.statements}
        drawn_from = vocabulary.conclusions.drawn_from(paper.states)
        paper = paper._replace(details={name: value for name, value in drawn_from.items() if name not in names})
        beside: set[str] = set()
        apart: list[dict[str, Any]] = []
        for name, value in found.statements:
            _conclude(name, value, vocabulary, states, beside, apart)
        self.papers.append(paper._replace(states=states, concluded=frozenset(beside)))
        self.papers += (paper._replace(states=more, concluded=frozenset(more)) for more in apart)
        self.short += ((paper.id, name, why) for name, why in found.short)

    def holds(self, case: Case) -> bool:
        """Whether the case says the same still. Its values can be changed in place."""
        if case.documents is not self._documents or case.request is not self._held[0][0]:
            return False
        for holder, names, values in self._held:
            # Equality would take 1 for true; what is still the same object is of the same type.
            if tuple(holder) != names:
                return False
            if values is not None and not all(map(is_, holder.values(), values)):
                return False
        return True


def _faults(found: Concluded, vocabulary: Vocabulary) -> list[str]:
    """Conclusions that no document could state."""
    return [
        f"{vocabulary.conclusions.place}: the rules conclude {quoted(name)}, {why}"
        for name, value in found.statements
        if name not in vocabulary.qualifiers
        if (why := unfit(vocabulary.all.get(name), value))
    ]


def _conclude(
    name: str,
    value: bool | int | str,
    vocabulary: Vocabulary,
    states: dict[str, Any],
    beside: set[str],
    apart: list[dict[str, Any]],
) -> None:
    """Add a conclusion to what a document states: a list holds it too, and one value stands beside another.

    `beside` are the attributes that are stated by details, `apart` what takes further documents to tell.
    """
    attribute = vocabulary.attributes.get(name)
    if attribute is None:
        # A flag that calls a list whole: one that says so is enough.
        states[name] = bool(states.get(name)) or value
    elif attribute.domain in ("list", "drugs"):
        members = states.get(name, ())
        if value not in members:
            states[name] = (*members, value)
            beside.add(name)
    elif name not in states:
        states[name] = value
        beside.add(name)
    elif value != states[name]:
        room = next((more for more in apart if name not in more), None)
        if room is None:
            apart.append({name: value})
        else:
            room[name] = value


def _frozen(states: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in states.items()}


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
    _sealed: Sealed | None = PrivateAttr(default=None)

    @model_validator(mode="wrap")
    @classmethod
    def _checked(cls, data: Any, handler: Callable[[Any], Self], info: ValidationInfo) -> Self:
        if isinstance(data, Case):
            data = data.model_dump()
        data = _plain(data)
        context = info.context or {}
        vocabulary = context.get("vocabulary") or default_vocabulary()
        limits = context.get("limits") or vocabulary.limits
        # What is too much is not looked at any further: that would take long too.
        problems = told(size_problems(data, limits), limits.told) or told(
            case_problems(data, vocabulary), limits.told
        )
        if problems:
            _fail(cls.__name__, problems)
        # A copy: what is done to the data afterwards changes nothing in the case.
        documents = tuple({**_dated(entry), "states": _copied(entry["states"])} for entry in data["documents"])
        case = handler({**data, "request": _copied(data["request"]), "documents": documents})
        case._sealed = Sealed(case, vocabulary.digest)
        return case

    @staticmethod
    def of_checked(data: dict[str, Any], vocabulary: Vocabulary) -> Case:
        """The case that data tell in which `case_problems` found none; it takes the data over."""
        documents = (Document.model_construct(**_dated(entry)) for entry in data["documents"])
        case = Case.model_construct(**{**data, "documents": tuple(documents)})
        case._sealed = Sealed(case, vocabulary.digest)
        return case

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """The case that a JSON text holds.

        Takes the options of pydantic's own method. Unlike that, a key given twice, a number that
        is not finite, and anything after the first object are errors.

        Errors: pydantic's ValidationError.
        """
        context = options.get("context") or {}
        limits = context.get("limits") or (context.get("vocabulary") or default_vocabulary()).limits
        try:
            data = read_json(json_data, most=limits)
        except ValueError as error:
            _fail(cls.__name__, [((), str(error), quoted(_start(json_data)))])
        options.pop("strict", None)
        return cls.model_validate(data, **options)

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
        context = {"vocabulary": vocabulary, "limits": limits}
        try:
            return cls.model_validate_json(text, context=context)
        except ValidationError as error:
            raise CaseError(source, [_line(entry) for entry in error.errors(include_url=False)]) from None

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
        most = limits or (vocabulary or default_vocabulary()).limits
        try:
            with Path(path).open("rb") as file:
                data = file.read(most.bytes + 1)
        except OSError as error:
            raise CaseError(str(path), [f"cannot be read: {error.strerror}"]) from None
        except ValueError:
            raise CaseError(str(path), ["cannot be read: no file can have that name"]) from None
        return cls.from_json(data, str(path), vocabulary, limits)

    def checked_by(self, vocabulary: Vocabulary) -> Case:
        """This case, checked against a vocabulary: anew where what it says has been changed.

        Errors: CaseError.
        """
        self.sealed_by(vocabulary)
        return self

    def sealed_by(self, vocabulary: Vocabulary) -> Sealed:
        """What this case says, checked against a vocabulary.

        Errors: CaseError.
        """
        # Pydantic's own way to a private attribute takes longer than the check.
        known: Sealed | None = (self.__pydantic_private__ or {}).get("_sealed")
        if known is not None and known.digest == vocabulary.digest and known.holds(self):
            return known.draw(vocabulary)
        data = _plain({"id": self.id, "request": self.request, "documents": self.documents})
        lines = problem_lines(case_problems(data, vocabulary), vocabulary.limits)
        if lines:
            raise CaseError(f"case {quoted(self.id)}", lines)
        self._sealed = Sealed(self, vocabulary.digest)
        return self._sealed.draw(vocabulary)

    def __eq__(self, other: object) -> bool:
        """Whether both say the same, whichever vocabulary they were checked against."""
        return isinstance(other, Case) and self.model_dump() == other.model_dump()


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


def problem_lines(problems: Iterable[Problem], limits: Limits = _USUAL) -> list[str]:
    """One line for each problem, place first; of many the first, and how many more there are."""
    return [_line({"loc": place, "msg": text}) for place, text, _ in told(problems, limits.told)]


def _line(error: Any) -> str:
    place = ""
    for part in error["loc"]:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else part
    return f"{place}: {error['msg']}" if place else str(error["msg"])


def read_json(data: str | bytes | bytearray, what: str = "case", most: Limits | None = None) -> Any:
    """The one JSON value that a text holds; an object with a key given twice is a `Doubled`.

    Errors: ValueError, which says what is wrong with the text.
    """
    if most is not None and len(data) > most.bytes:
        limit = f"the limit `megabytes`; `--limit megabytes={2 * most.megabytes}` allows more"
        raise ValueError(f"has more than {most.megabytes:,} million bytes ({limit})")
    if not isinstance(data, str):
        try:
            data = bytes(data).decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"is not UTF-8 text (byte {error.start})") from None
    data = data.removeprefix("\ufeff")
    if not data.strip():
        raise ValueError(f"is empty; a {what} is one JSON object")
    try:
        return json.loads(data, object_pairs_hook=_pairs, parse_int=_whole, parse_float=fraction)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise ValueError(
                f"goes on after the first JSON value (line {error.lineno}); give one {what} a file"
            ) from None
        raise ValueError(f"is not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise ValueError(f"is nested too deeply; a {what} has at most five levels") from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    return Doubled(found, Counter(key for key, _ in pairs).most_common(1)[0][0])


def _whole(digits: str) -> int:
    # Python refuses to read thousands of digits; any number this long is out of bounds anyhow.
    return int(digits[: LONGEST_NUMBER + 1])


def _plain(data: Any) -> Any:
    """The data with documents that are models already as what they were made from."""
    if not isinstance(data, dict) or not isinstance(data.get("documents"), list | tuple):
        return data
    documents = data["documents"]
    if not any(isinstance(doc, Document) for doc in documents):
        return data
    entries = [doc.model_dump() if isinstance(doc, Document) else doc for doc in documents]
    return {**data, "documents": entries}


def _copied(states: Mapping[str, Any]) -> dict[str, Any]:
    """What is stated, checked: lists are the only values of it that can be changed."""
    return {name: list(value) if isinstance(value, list) else value for name, value in states.items()}


def _dated(entry: Any) -> Any:
    date = entry["date"]
    return {**entry, "date": datetime.date.fromisoformat(date) if isinstance(date, str) else date}
