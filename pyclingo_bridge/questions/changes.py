"""Changes make another case of a case; the case itself stays as it is."""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Any, NamedTuple

from pydantic import ConfigDict, Field, ValidationError, model_validator

from pyclingo_bridge.base.doors import OwnErrors
from pyclingo_bridge.base.errors import CaseError, listing, nearest_few, nearest_of, quoted, suggestion
from pyclingo_bridge.base.terms import Term
from pyclingo_bridge.cases.attributes import own_value
from pyclingo_bridge.cases.case import Case, Document
from pyclingo_bridge.cases.case_problems import Place, case_problems, first_problems, kind_of
from pyclingo_bridge.cases.days import Day, day_of_number, last_day, read_day
from pyclingo_bridge.cases.plan import PlanFacts
from pyclingo_bridge.cases.statements import folded_tumor
from pyclingo_bridge.cases.statuses import FINAL, own_status, set_aside
from pyclingo_bridge.cases.vocabulary import ABOUT_REQUEST, Vocabulary
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import range_text
from pyclingo_bridge.core.loaded import LoadedPolicy

_UNDATED = datetime.date(2000, 1, 1)
"""The day of a new document in a case without documents: any day will do, but not another one tomorrow."""

_NEW_DOCUMENT = "what-if"

AMENDABLE = ("date", "status", "replaces", "tumor", "type")
"""What of a document changes may set, besides what it states."""


class Changes(OwnErrors):
    """What is to be otherwise in a case, or in how the policy is read.

    Documents are withdrawn, added and amended first; then attributes are unset, then set.

    Attributes:
        set: the value that each of these attributes is to have, as a case file gives it: on the form, or in
            every document that counts and speaks of it, by a day too. Where none does, a further one states
            it, of the type that most cheaply shows it, as of the day of the request or of the latest
            document. `date`, `drug` and `tumor` are the request's.
        unset: attributes that nobody is to state.
        amend_documents: for documents, by id, a new `date`, `status`, `replaces`, `tumor` or `type`; None
            leaves it out.
        without_documents: ids of documents that are withdrawn.
        add_documents: further documents, as in a case file.
        interpretations: how ambiguities of the wording are to be read; no matter of the case itself.

    Examples:
        >>> Changes(set={"age": 17}, without_documents=("note-1",)).texts
        ('without document note-1', 'set age = 17')
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    set: dict[str, Any] = Field(default_factory=dict)
    unset: tuple[str, ...] = ()
    without_documents: tuple[str, ...] = ()
    add_documents: tuple[Document | dict[str, Any], ...] = ()
    amend_documents: dict[str, dict[str, Any]] = Field(default_factory=dict)
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
        except CaseError as error:
            raise CaseError(source, error.problems) from None

    @classmethod
    def own_error(cls, error: ValidationError, data: Any) -> CaseError:
        """What is wrong with the fields."""
        lines = (_shape_line(entry) for entry in error.errors(include_url=False))
        return CaseError("changes", dict.fromkeys(lines))

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
            *(
                f"{_tame(key)} of document {_tame(name)} = {'none' if value is None else value_shown(value)}"
                for name, fields in self.amend_documents.items()
                for key, value in fields.items()
            ),
            *(f"unset {_tame(name)}" for name in self.unset),
            *(f"set {_tame(name)} = {value_shown(value)}" for name, value in self.set.items()),
            *(f"interpretation {_tame(name)} = {_tame(value)}" for name, value in self.interpretations.items()),
        ]
        return "; ".join(texts)

    def each(self) -> Iterator[Changes]:
        """One change after another: documents added, withdrawn, amended; unset, set, interpretations."""
        for document in self.add_documents:
            yield Changes(add_documents=(document,))
        for name in self.without_documents:
            yield Changes(without_documents=(name,))
        for name, fields in self.amend_documents.items():
            yield from (Changes(amend_documents={name: {key: value}}) for key, value in fields.items())
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
    if isinstance(value, Mapping):
        return range_text(value)
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
    undated: datetime.date = _UNDATED,
    known: Collection[str] = (),
) -> Case:
    """The case with these changes, checked as a case file is; the given one stays as it is.

    Args:
        case: the case to start from.
        changes: what is to be otherwise; interpretations make no difference here.
        vocabulary: whose attributes the case may state.
        source: what messages are to call the changes.
        undated: the day of a new document, where neither the form nor a document tells of a day.
        known: attributes that something besides the case gives, such as a plan file.

    Errors: CaseError, whose lines name the change at fault and the remedy.
    """
    if not isinstance(case, Case):
        raise CaseError(
            "case", [f"is a {type(case).__name__}, not a Case; make a Case of it first, as by `Case.load`"]
        )
    return applied(case.checked_by(vocabulary), changes, vocabulary, source, undated, known)


def applied(
    case: Case,
    changes: Changes | Mapping[str, Any],
    vocabulary: Vocabulary,
    source: str = "changes",
    undated: datetime.date = _UNDATED,
    known: Collection[str] = (),
) -> Case:
    """What `changed` gives, of a case that is known to be valid and is not looked at again."""
    return _Changing(case, Changes.of(changes, source), vocabulary, source, undated, known).result()


def assessed_with(
    policy: LoadedPolicy, case: Case, changes: Changes, before: Changes | None = None
) -> Assessment:
    """What the rules find of a case with these changes; a plan's facts give way to them.

    Args:
        policy: what decides.
        case: the case.
        changes: what is to be otherwise.
        before: what was changed already.

    Errors: CaseError where a change cannot be made.
    """
    undated = day_in_force(policy.structure.facts)
    made = changed(case, changes, policy.vocabulary, undated=undated, known=known_by(policy.plan))
    names = {name for one in (changes, before or Changes()) for name in (*one.set, *one.unset)}
    return policy.assessor.assess(made, plan_beside(policy.plan, names))


class _Counted(NamedTuple):
    """A document, as far as it matters which ones count."""

    id: str
    status: str
    replaces: str | None


class _Changing:
    """A case on its way to another one, as plain data."""

    def __init__(
        self,
        case: Case,
        changes: Changes,
        vocabulary: Vocabulary,
        source: str,
        undated: datetime.date,
        known: Collection[str],
    ) -> None:
        self._changes = changes
        self._vocabulary = vocabulary
        self._source = source
        self._undated = undated
        self._known = known
        self._id = case.id
        self._form = _copied(case.request)
        self._present = [document.id for document in case.documents]
        kept = _without(case.documents, changes)
        self._documents = [_plain(entry) for entry in (*kept, *changes.add_documents)]
        self._kept = len(kept)

    def result(self) -> Case:
        self._refuse([*self._unknown(), *self._doubled()])
        self._amend()
        if self._changes.add_documents or self._changes.amend_documents:
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
        known = changeable_names(self._vocabulary)
        for field, names in (("unset", self._changes.unset), ("set", self._changes.set)):
            for name in names:
                if name not in known:
                    yield f"{field}: unknown attribute {quoted(name)}{nearest_of(name, known)}"
        for name in self._changes.without_documents:
            if name not in self._present:
                yield f"without_documents: {self._nowhere(name, self._present)}"
        there = [str(entry.get("id")) for entry in self._documents]
        for name, fields in self._changes.amend_documents.items():
            if name not in there:
                yield f"amend_documents: {self._nowhere(name, there)}"
            for field in fields:
                if field not in AMENDABLE:
                    hint = nearest_of(field, AMENDABLE)
                    yield f"amend_documents.{_tame(name)}: nothing to amend is called {quoted(field)}{hint}"

    @staticmethod
    def _nowhere(name: str, there: Iterable[str]) -> str:
        return f"there is no document {quoted(name)} (known: {listing(map(_tame, sorted(there))) or 'none'})"

    def _doubled(self) -> Iterator[str]:
        # The ids of the case itself are unique: whatever is taken twice, an added document takes.
        taken = [entry.get("id") for entry in self._documents]
        for place, name in enumerate(taken[self._kept :], start=self._kept):
            if isinstance(name, str) and name in taken[:place]:
                text = f"{quoted(name)} is the id of another document; give it one of its own"
                yield f"add_documents[{place - self._kept}].id: {text}"

    def _amend(self) -> None:
        for document in self._documents:
            for name, value in self._changes.amend_documents.get(str(document.get("id")), {}).items():
                if value is None:
                    document.pop(name, None)
                else:
                    document[name] = copy.deepcopy(value)

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
            case ("documents", int(index), str(field), *rest) if field in self._amended(index):
                return ("amend_documents", self._documents[index]["id"], field, *rest)
            case ("documents", int(index), *rest) if index >= self._kept:
                return ("add_documents", index - self._kept, *rest)
        return place

    def _amended(self, index: int) -> Mapping[str, Any]:
        return self._changes.amend_documents.get(str(self._documents[index].get("id")), {})

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
            speaking = {name, *self._days_for(name)}
            stated = name in self._form or any(
                not speaking.isdisjoint(doc["states"]) for doc in self._documents
            )
            if not stated and name not in self._known:
                yield f"unset: nobody states {quoted(name)}; there is nothing to unset"

    def _days_for(self, name: str) -> set[str]:
        """The days that count as statements of an attribute, as a birth date does of the age."""
        return {day for day, attribute in self._vocabulary.dated.items() if attribute == name}

    def _unset(self, name: str) -> None:
        self._form.pop(name, None)
        flags = [flag for flag, listed in self._vocabulary.qualifiers.items() if listed == name]
        for document in self._documents:
            for key in (name, *flags, *self._days_for(name)):
                document["states"].pop(key, None)

    def _set_attributes(self) -> None:
        on_form = [*self._vocabulary.request_attributes, *ABOUT_REQUEST]
        given = {name: value for name, value in self._changes.set.items() if name in on_form}
        self._form.update(copy.deepcopy(given))
        if not ABOUT_REQUEST.isdisjoint(given):
            # Which documents count, and the day of a new one, depend on it.
            self._refuse(self._problems(self._placed_after))
        aside = self._set_aside()
        unstated = [
            name
            for name, value in self._changes.set.items()
            if name not in given and name in self._vocabulary.all and not self._restated(name, value, aside)
        ]
        self._add_documents(unstated, aside)

    def _set_aside(self) -> set[str]:
        """The documents that count for nothing."""
        found = (
            _Counted(entry["id"], own_status(entry.get("status", FINAL)), entry.get("replaces"))
            for entry in self._documents
        )
        return {one.id for one in set_aside(found)}

    def _restated(self, name: str, value: Any, aside: set[str]) -> bool:
        """Let the documents that speak of the attribute, and count, state this value; whether any does.

        A day gives way to the number that it stands for, and the number to the day.
        """
        about = self._vocabulary.dated.get(name, name)
        alike = {about, *self._days_for(about)}
        speaking = [
            doc["states"]
            for doc in self._documents
            if not alike.isdisjoint(doc["states"]) and doc["id"] not in aside and self._counts(doc, name, value)
        ]
        for states in speaking:
            for other in alike - {name}:
                states.pop(other, None)
            states[name] = copy.deepcopy(value)
        return bool(speaking)

    def _counts(self, document: Mapping[str, Any], name: str, value: Any) -> bool:
        """Whether a document's statement of this value would count."""
        about = self._vocabulary.dated.get(name, name)
        only = self._vocabulary.only_from.get(about)
        if only is not None and document["type"] not in only:
            return False
        tumors = {folded_tumor(name) for name in (document.get("tumor"), self._form.get("tumor")) if name}
        if about in self._vocabulary.of_tumor and len(tumors) > 1:
            return False
        return not any(
            attribute == name
            and own_value(said) == value
            and document["states"].get(other) == own_value(beside)
            for attribute, said, other, beside in self._vocabulary.silences
        )

    def _add_documents(self, names: list[str], aside: set[str]) -> None:
        """State the attributes in new documents, one for each type that shows some most cheaply."""
        of_type: dict[str, dict[str, Any]] = {}
        for name in sorted(names):
            kind = next(iter(self._vocabulary.shown_by.get(name, ())), None)
            if kind is None:
                text = f"no type of document shows {quoted(name)}; add a document that states it"
                raise CaseError(self._source, [f"set.{name}: {text}"])
            of_type.setdefault(kind, {})[name] = copy.deepcopy(self._changes.set[name])
        if not of_type:
            return
        # As of the day of the request, or of the latest document where that is later.
        dates = [entry["date"] for entry in self._documents if entry["id"] not in aside]
        dates += [self._form["date"]] if "date" in self._form else []
        date = max(map(_date, dates), default=self._undated)
        for kind, states in sorted(of_type.items()):
            entry = {"id": self._free_id(), "type": kind, "date": date, "states": states}
            self._documents.append(entry)

    def _free_id(self) -> str:
        taken = {entry["id"] for entry in self._documents}
        names = (f"{_NEW_DOCUMENT}-{n}" if n > 1 else _NEW_DOCUMENT for n in count(1))
        return next(name for name in names if name not in taken)

    def _set_qualifiers(self) -> Iterator[str]:
        wanted = {
            flag: listed for flag, listed in self._vocabulary.qualifiers.items() if flag in self._changes.set
        }
        aside = self._set_aside() if wanted else set()
        for flag, listed in wanted.items():
            counting = [doc for doc in self._documents if doc["id"] not in aside]
            speaking = [doc["states"] for doc in counting if listed in doc["states"]]
            for states in speaking:
                states[flag] = self._changes.set[flag]
            if not speaking:
                text = f"says something of `{listed}`, which no document that counts states; set that too"
                yield f"set.{flag}: {text}"


def changeable_names(vocabulary: Vocabulary) -> list[str]:
    """All that changes may set: attributes, flags of lists, and what a form tells of itself."""
    return [*vocabulary.all, *vocabulary.qualifiers, *sorted(ABOUT_REQUEST)]


def day_in_force(facts: Mapping[str, Iterable[Term]]) -> datetime.date:
    """The day of a new document in a case that tells of no day: the first on which the policy is in force."""
    days = [term.args[0] for term in facts["effective"]]
    return day_of_number(min(day for day in days if isinstance(day, int))) if days else _UNDATED


def known_by(plan: PlanFacts | None) -> set[str]:
    """The attributes that a plan's facts are about."""
    return set() if plan is None else {fact.attribute for fact in plan.facts}


def plan_beside(plan: PlanFacts | None, names: Collection[str]) -> PlanFacts | None:
    """What a plan knows of all else than these attributes.

    Who asks what would be if a value were another does not ask what it is by the plan.
    """
    if plan is None or known_by(plan).isdisjoint(names):
        return plan
    kept = tuple(fact for fact in plan.facts if fact.attribute not in names)
    return replace(plan, facts=kept, digest=f"{plan.digest} without {sorted(names)}")


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


def _no_change(name: str) -> str:
    fields = list(Changes.model_fields)
    return f"is no kind of change{suggestion(name, fields)} (known: {nearest_few(name, fields)})"


_SHAPES = {
    "tuple_type": "a list",
    "string_type": "a text",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
"""What pydantic calls a wrong type, and what would be right."""


def _shape_line(error: Any) -> str:
    place = error["loc"][:2]
    if error["type"] == "extra_forbidden":
        return _line(place, _no_change(str(place[-1])))
    wanted, given = _SHAPES.get(error["type"]), error["input"]
    if wanted:
        remedy = "; put it in brackets" if wanted == "a list" and isinstance(given, str) else ""
        return _line(place, f"has to be {wanted}, not {kind_of(given)}{remedy}")
    return _line(place, error["msg"][:1].lower() + error["msg"][1:])


def _date(date: Day | str) -> datetime.date:
    return last_day(read_day(date) if isinstance(date, str) else date)


def _line(place: Place, text: str) -> str:
    place_text = ""
    for part in place:
        place_text += f"[{part}]" if isinstance(part, int) else f".{part}" if place_text else str(part)
    return f"{place_text}: {text}" if place_text else text
