"""Changes make another case of a case; the case itself stays as it is."""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pyclingo_bridge.base.errors import CaseError, listing, nearest_of, quoted
from pyclingo_bridge.cases.case import Case, Document
from pyclingo_bridge.cases.case_problems import Place, case_problems, first_problems
from pyclingo_bridge.cases.days import Day, last_day, read_day
from pyclingo_bridge.cases.vocabulary import Vocabulary

_UNDATED = datetime.date(2000, 1, 1)
"""The day of a new document in a case without documents: any day will do, but not another one tomorrow."""

_NEW_DOCUMENT = "what-if"


class Changes(BaseModel):
    """What is to be otherwise in a case, or in how the policy is read.

    Documents are withdrawn and added first; then attributes are unset, then set.

    Attributes:
        set: the value that each of these attributes is to have, as a case file gives it. Where no
            document states it, a further one does, of the type that most cheaply shows it.
        unset: attributes that nobody is to state.
        without_documents: ids of documents that are withdrawn.
        add_documents: further documents, as in a case file.
        interpretations: how ambiguities of the wording are to be read; no matter of the case itself.

    Example:
        >>> Changes(set={"age": 17}, without_documents=("note-1",)).texts
        ('without document note-1', 'set age = 17')
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    set: dict[str, Any] = Field(default_factory=dict)
    unset: tuple[str, ...] = ()
    without_documents: tuple[str, ...] = ()
    add_documents: tuple[Document | dict[str, Any], ...] = ()
    interpretations: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _own(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        # A copy: what is done to the data afterwards changes nothing here. JSON has no tuples.
        return {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in copy.deepcopy(dict(data)).items()
        }

    @classmethod
    def of(cls, changes: Changes | Mapping[str, Any], source: str = "changes") -> Changes:
        """Changes, from themselves, a plain mapping of their fields, or one of attributes.

        A mapping with none of the fields gives attributes new values; None leaves one unset.

        Errors: CaseError, which names each field that is wrong.
        """
        if isinstance(changes, Changes):
            return changes
        if isinstance(changes, Mapping) and changes and not changes.keys() & cls.model_fields.keys():
            changes = {
                "set": {name: value for name, value in changes.items() if value is not None},
                "unset": tuple(name for name, value in changes.items() if value is None),
            }
        try:
            return cls.model_validate(changes)
        except ValidationError as error:
            lines = (_shape_line(entry) for entry in error.errors(include_url=False))
            raise CaseError(source, dict.fromkeys(lines)) from None

    @property
    def texts(self) -> tuple[str, ...]:
        """Each change for a reader, in the order of `each`."""
        return tuple(one.text for one in self.each())

    @property
    def text(self) -> str:
        """The changes for a reader, such as `set age = 17`."""
        texts = [
            *(f"add document {_name(document)}" for document in self.add_documents),
            *(f"without document {_tame(name)}" for name in self.without_documents),
            *(f"unset {_tame(name)}" for name in self.unset),
            *(f"set {_tame(name)} = {value_shown(value)}" for name, value in self.set.items()),
            *(f"read {_tame(name)} as {_tame(value)}" for name, value in self.interpretations.items()),
        ]
        return "; ".join(texts)

    def each(self) -> Iterator[Changes]:
        """One change after another: added documents, withdrawn ones, unset, set, interpretations."""
        for document in self.add_documents:
            yield Changes(add_documents=(document,))
        for name in self.without_documents:
            yield Changes(without_documents=(name,))
        for name in self.unset:
            yield Changes(unset=(name,))
        for name, value in self.set.items():
            yield Changes(set={name: value})
        for name, value in self.interpretations.items():
            yield Changes(interpretations={name: value})


def value_shown(value: object) -> str:
    """A value as a user would give it."""
    if isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_tame, value)) + "]"
    return _tame(value)


def _tame(value: object) -> str:
    return quoted(value, most=200).strip("`")


def _name(document: Document | Mapping[str, Any]) -> str:
    return _tame(document.id if isinstance(document, Document) else document.get("id", "?"))


def changed(
    case: Case,
    changes: Changes | Mapping[str, Any],
    vocabulary: Vocabulary,
    source: str = "changes",
) -> Case:
    """The case with these changes, checked as a case file is; the given one stays as it is.

    Args:
        case: the case to start from.
        changes: what is to be otherwise; interpretations make no difference here.
        vocabulary: whose attributes the case may state.
        source: what messages are to call the changes.

    Errors: CaseError, whose lines name the change at fault and the remedy.
    """
    if not isinstance(case, Case):
        raise CaseError("case", [f"is a {type(case).__name__}; make a Case of it first"])
    return applied(case.checked_by(vocabulary), changes, vocabulary, source)


def applied(
    case: Case,
    changes: Changes | Mapping[str, Any],
    vocabulary: Vocabulary,
    source: str = "changes",
) -> Case:
    """What `changed` gives, of a case that is known to be valid and is not looked at again."""
    return _Changing(case, Changes.of(changes, source), vocabulary, source).result()


class _Changing:
    """A case on its way to another one, as plain data."""

    def __init__(self, case: Case, changes: Changes, vocabulary: Vocabulary, source: str) -> None:
        self._changes = changes
        self._vocabulary = vocabulary
        self._source = source
        self._id = case.id
        self._form = _copied(case.request)
        self._present = [document.id for document in case.documents]
        kept = _without(case.documents, changes)
        self._documents = [_plain(entry) for entry in (*kept, *changes.add_documents)]
        self._kept = len(kept)

    def result(self) -> Case:
        self._refuse([*self._unknown(), *self._doubled()])
        if self._changes.add_documents:
            self._refuse(self._problems(self._placed_before))
        self._refuse(list(self._unstated()))
        for name in self._changes.unset:
            self._unset(name)
        self._set_attributes()
        self._refuse(list(self._set_qualifiers()))
        self._refuse(self._problems(self._placed_after))
        return Case.of_checked(self._data(), self._vocabulary)

    def _data(self) -> dict[str, Any]:
        return {"id": self._id, "request": self._form, "documents": self._documents}

    def _refuse(self, lines: list[str]) -> None:
        if lines:
            raise CaseError(self._source, lines)

    def _unknown(self) -> Iterator[str]:
        known = [*self._vocabulary.all, *self._vocabulary.qualifiers]
        for field, names in (("unset", self._changes.unset), ("set", self._changes.set)):
            for name in names:
                if name not in known:
                    yield f"{field}: unknown attribute {quoted(name)}{nearest_of(name, known)}"
        for name in self._changes.without_documents:
            if name not in self._present:
                there = listing(map(_tame, sorted(self._present))) or "none"
                yield f"without_documents: no document {quoted(name)} (there: {there})"

    def _doubled(self) -> Iterator[str]:
        # The ids of the case itself are unique: whatever is taken twice, an added document takes.
        taken = [entry.get("id") for entry in self._documents]
        for place, name in enumerate(taken[self._kept :], start=self._kept):
            if isinstance(name, str) and name in taken[:place]:
                text = f"{quoted(name)} is the id of another document; give it one of its own"
                yield f"add_documents[{place - self._kept}].id: {text}"

    def _problems(self, placed: Callable[[Place], Place]) -> list[str]:
        """What the check of a case file says, placed at the change that brought it about."""
        lines = []
        problems = case_problems(self._data(), self._vocabulary)
        for place, text, _ in first_problems(problems, self._vocabulary.limits.problems):
            if placed(place) == ("unset",):
                text = f"{quoted(place[1])} has to be on the form; set it to another value instead"
            lines.append(_line(placed(place), text))
        return list(dict.fromkeys(lines))

    def _placed_before(self, place: Place) -> Place:
        match place:
            case ("documents", int(index), *rest) if index >= self._kept:
                return ("add_documents", index - self._kept, *rest)
        return place

    def _placed_after(self, place: Place) -> Place:
        match place:
            case ("request", name, *rest) | ("documents", _, "states", name, *rest) if (
                name in self._changes.set
            ):
                return ("set", name, *rest)
            case ("request", name) if name in self._changes.unset and name not in self._form:
                return ("unset",)
        return self._placed_before(place)

    def _unstated(self) -> Iterator[str]:
        for name in self._changes.unset:
            stated = name in self._form or any(name in doc["states"] for doc in self._documents)
            if not stated:
                yield f"unset: nobody states {quoted(name)}; there is nothing to unset"

    def _unset(self, name: str) -> None:
        self._form.pop(name, None)
        flags = [flag for flag, listed in self._vocabulary.qualifiers.items() if listed == name]
        for document in self._documents:
            for key in (name, *flags):
                document["states"].pop(key, None)

    def _set_attributes(self) -> None:
        unstated = []
        for name, value in self._changes.set.items():
            if name in self._vocabulary.request_attributes:
                self._form[name] = copy.deepcopy(value)
            elif name in self._vocabulary.all and not self._restated(name, value):
                unstated.append(name)
        self._add_documents(unstated)

    def _restated(self, name: str, value: Any) -> bool:
        """Let the documents that state the attribute state this value; whether any does."""
        speaking = [doc["states"] for doc in self._documents if name in doc["states"]]
        for states in speaking:
            states[name] = copy.deepcopy(value)
        return bool(speaking)

    def _add_documents(self, names: list[str]) -> None:
        """State the attributes in new documents, one for each type that shows some most cheaply."""
        of_type: dict[str, dict[str, Any]] = {}
        for name in sorted(names):
            kind = next(iter(self._vocabulary.shown_by.get(name, ())), None)
            if kind is None:
                text = f"no type of document shows {quoted(name)}; add a document that states it"
                raise CaseError(self._source, [f"set.{name}: {text}"])
            of_type.setdefault(kind, {})[name] = copy.deepcopy(self._changes.set[name])
        requested = [self._form["date"]] if "date" in self._form else []
        dates = [*(doc["date"] for doc in self._documents), *requested]
        date = max(map(_date, dates), default=_UNDATED)
        for kind, states in sorted(of_type.items()):
            entry = {"id": self._free_id(), "type": kind, "date": date, "states": states}
            self._documents.append(entry)

    def _free_id(self) -> str:
        taken = {entry["id"] for entry in self._documents}
        names = (f"{_NEW_DOCUMENT}-{n}" if n > 1 else _NEW_DOCUMENT for n in count(1))
        return next(name for name in names if name not in taken)

    def _set_qualifiers(self) -> Iterator[str]:
        for flag, listed in self._vocabulary.qualifiers.items():
            if flag not in self._changes.set:
                continue
            speaking = [doc["states"] for doc in self._documents if listed in doc["states"]]
            for states in speaking:
                states[flag] = self._changes.set[flag]
            if not speaking:
                yield f"set.{flag}: says something of `{listed}`, which no document states; set that too"


def _without(documents: Iterable[Document], changes: Changes) -> list[Document]:
    """The documents that are not withdrawn; what replaces one that is gone for good replaces none."""
    withdrawn = frozenset(changes.without_documents)
    again = {entry.id if isinstance(entry, Document) else entry.get("id") for entry in changes.add_documents}
    return [
        one.replacing_none() if one.replaces in withdrawn - again else one
        for one in documents
        if one.id not in withdrawn
    ]


def _plain(document: Document | Mapping[str, Any]) -> dict[str, Any]:
    """A document's own data, to be changed without a trace in the document."""
    if isinstance(document, Document):
        return {**document.given(), "states": _copied(document.states)}
    return copy.deepcopy(dict(document))


def _copied(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: copy.deepcopy(value) for name, value in values.items()}


def _shape_line(error: Any) -> str:
    place = error["loc"][:2]
    if error["type"] == "extra_forbidden":
        return _line(place, f"is no kind of change (known: {listing(Changes.model_fields)})")
    return _line(place, error["msg"][:1].lower() + error["msg"][1:])


def _date(date: Day | str) -> datetime.date:
    return last_day(read_day(date) if isinstance(date, str) else date)


def _line(place: Place, text: str) -> str:
    place_text = ""
    for part in place:
        place_text += f"[{part}]" if isinstance(part, int) else f".{part}" if place_text else str(part)
    return f"{place_text}: {text}" if place_text else text
