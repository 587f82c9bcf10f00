"""What is wrong with a case, with its place, what is allowed and the nearest name.

Checks plain data against a vocabulary; every problem is found, not only the first.
"""

from __future__ import annotations

import datetime
import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyclingo_bridge.base.errors import listing, nearest_few, quoted, suggestion
from pyclingo_bridge.base.json_places import spots_in
from pyclingo_bridge.base.json_text import Doubled, Rounded
from pyclingo_bridge.base.messages import Message
from pyclingo_bridge.base.spelling import FACT, VALUE, alike
from pyclingo_bridge.base.terms import LARGEST, Term, Value, plain
from pyclingo_bridge.cases.attributes import DATE, DETAIL, NUMBERS, Attribute, is_code
from pyclingo_bridge.cases.conclusions import DECIMALS
from pyclingo_bridge.cases.days import PartialDay, day_number, day_of_number, first_day, last_day, read_day
from pyclingo_bridge.cases.limits import Limits, too_much
from pyclingo_bridge.cases.statuses import STATUSES, circles, own_status
from pyclingo_bridge.cases.vocabulary import ABOUT_REQUEST, Vocabulary

A_CODE = "looks like an ICD-10-CM code, not a name; write the name instead"
"""What is said of a code where a disease's name belongs."""

NO_CODE = "looks like an ICD-10-CM code, but is none; write the code that is meant, or the name instead"
"""The same where codes are read, and of what looks like one."""

LONGEST_NAME = 200
"""The most characters that an id or a name in a case may have."""

BOUNDS = ("at_least", "at_most")
"""The ends of a range."""

_PLAIN_NUMBER = re.compile(r"[0-9]{1,10}\Z")
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_SNAKE_CASE = re.compile(r"[a-z][a-z0-9_]*\Z")

_USUAL = Limits()

_LONGEST_SHOWN = 60
"""The most characters of an id by which a document is named in a place."""


NOWHERE: Mapping[str, str] = {}
"""Nothing to say of any key."""


class Key(str):
    """The value of a problem that is about a key, and not about what stands behind it."""


Place = tuple[str | int, ...]
Problem = tuple[Place, str, Any]
"""Where it is, what is wrong and what would be right, and the value."""


def first_problems(problems: Iterable[Problem], most: int) -> list[Problem]:
    """The first of these problems, and how many more there are."""
    rest = iter(problems)
    first = list(itertools.islice(rest, most))
    more = sum(1 for _ in rest)
    if more:
        what = "problem" if more == 1 else "problems"
        first.append(((), f"and {more:,} more {what}", None))
    return first


def problem_lines(
    problems: Iterable[Problem], limits: Limits = _USUAL, data: Any = None, text: str | None = None
) -> list[Message]:
    """One line for each problem, place first; of many the first, and how many more there are.

    Args:
        problems: the problems.
        limits: how many of them are listed.
        data: what they are about, from which documents are known by their ids.
        text: the JSON text that the data were read from, in which lines and columns are found.
    """
    found = first_problems(problems, limits.problems)
    lines = [problem_line(place, told, data) for place, told, _ in found]
    if text is None:
        return lines
    spots = spots_in(text, *_asked_for(found))
    return [line.at(spot=spots.get(_shown_at(*one))) for line, one in zip(lines, found, strict=True)]


def in_text(lines: Iterable[Message], text: str) -> list[Message]:
    """Problems that were found without their text, with lines and columns of it."""
    known = list(lines)
    places = {line.place: _place_of(line.place) for line in known if line.place and line.spot is None}
    spots = spots_in(text, list(places.values()))
    return [line.at(spot=spots.get(places[line.place])) if line.place in places else line for line in known]


def _place_of(path: str) -> Place:
    return tuple(int(index) if index else key for index, key in _STEP.findall(path))


def _asked_for(found: Iterable[Problem]) -> tuple[list[Place], list[Place]]:
    """The places of problems in a text, and those of them where a key is meant."""
    places = [(_shown_at(*one), isinstance(one[2], Key)) for one in found]
    return [place for place, _ in places], [place for place, key in places if key]


def _shown_at(place: Place, _text: str, value: Any) -> Place:
    """The place to show: of a key given twice that of the key, not of the object that has it."""
    return (*place, str(value)) if isinstance(value, Key) and place[-1:] != (value,) else place


def problem_line(place: Place, text: str, data: Any = None) -> Message:
    """A problem in one line, such as `request.age: is missing`.

    Args:
        place: where it is.
        text: what is wrong.
        data: what it is about, from which documents are known by their ids.
    """
    path = _path(place)
    line = f"{path}: {text}" if path else text
    # What is wrong may begin like a place itself; here it is known where the place ends.
    told = Message(text)
    parts = {name: getattr(told, name) for name in ("allowed", "help")}
    found = told.found if not told.where else f"{told.where}: {told.found}"
    return Message(line, **parts, found=found, place=path, where=_known_as(place, data), spot=None, file="")


def _path(place: Place) -> str:
    path = ""
    for part in place:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _known_as(place: Place, data: Any) -> str:
    """A place as a user knows it: of a document by its id."""
    documents = data.get("documents") if isinstance(data, dict) else None
    if not isinstance(documents, list | tuple) or len(place) < 2 or not isinstance(place[1], int):
        return _path(place)
    ids = [entry.get("id") if isinstance(entry, dict) else None for entry in documents]
    name = ids[place[1]]
    usable = isinstance(name, str) and is_readable(name) and len(name) <= _LONGEST_SHOWN
    # An id of two documents names neither.
    if not usable or ids.count(name) > 1 or place[0] != "documents":
        return _path(place)
    rest = _path(place[2:])
    return f"document {quoted(name)}, {rest}" if rest else f"document {quoted(name)}"


def size_problems(data: Any, limits: Limits) -> Iterator[Problem]:
    """Where the data that are to be a case hold more than is allowed: looked at before all else."""
    documents = data.get("documents") if isinstance(data, dict) else None
    documents = documents if isinstance(documents, list | tuple) else ()
    if len(documents) > limits.documents:
        text = f"are {len(documents):,}; {too_much('documents', limits.documents)}"
        yield ("documents",), text, documents
        return
    request = data.get("request") if isinstance(data, dict) else None
    states = (entry.get("states") if isinstance(entry, dict) else None for entry in documents)
    yield from list_problems((request, *states), limits)


def list_problems(said: Iterable[Any], limits: Limits) -> Iterator[Problem]:
    """Where lists have too many members, of the request form first, then of one document after another."""
    names = 0
    for index, states in enumerate(said, -1):
        for name, value in states.items() if isinstance(states, dict) else ():
            if isinstance(value, list | tuple):
                names += len(value)
                if len(value) > limits.members:
                    place = ("request",) if index < 0 else ("documents", index, "states")
                    text = f"has {len(value):,} members; {too_much('members', limits.members)}"
                    yield (*place, _tame(name)), text, value
    if names > limits.names:
        yield (), f"its lists name {names:,} members; {too_much('names', limits.names)}", None


def case_problems(data: Any, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Every problem of the data that are to be a case."""
    fields = ["id", "request", "documents"]
    if other := _other_file(data):
        yield (), other, None
        return
    yield from key_problems(data, (), "a case", fields, fields, needed=_NEEDED)
    if not isinstance(data, dict):
        return
    if "id" in data:
        yield from text_problems(data["id"], ("id",))
    if "request" in data:
        yield from _request_problems(data["request"], vocabulary)
    documents = data.get("documents", [])
    if not isinstance(documents, list | tuple):
        yield ("documents",), f"has to be a list of documents, not {kind_of(documents)}", documents
        return
    yield from replacement_problems(documents)
    seen: dict[str, int] = {}
    for index, entry in enumerate(documents):
        place: Place = ("documents", index)
        yield from _document_problems(entry, place, vocabulary)
        name = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(name, str) and seen.setdefault(name, index) != index:
            yield (
                (*place, "id"),
                f"{quoted(name)} is the id of documents[{seen[name]}] too; give each document an id of its own",
                name,
            )


_NEEDED = {
    "id": '; add a name for it, as in `"id": "one"`',
    "request": "; add the request form, a JSON object",
    "documents": '; add `"documents": []` where there are none',
    "date": '; add the day it was written, as in `"date": "2025-03-01"`',
    "states": '; add what it says, or `"states": {}`',
}
"""What to add where a key of a case, or of a document, is missing."""


def _other_file(data: Any) -> str:
    """Where another file of this package was given as a case, what to do with it."""
    if not isinstance(data, dict) or "request" in data:
        return ""
    if "facts" in data and "plan" in data:
        return "is a plan file, not a case; give it with `--plan`"
    if "outcome" in data and "criteria" in data:
        return "is a decision, not a case; give the case that it is about"
    if "states" in data and "type" in data:
        return "is a document, not a case; give it with `--add-document`, or put it into a case's `documents`"
    return ""


def key_problems(
    data: Any,
    place: Place,
    what: str,
    known: list[str],
    required: list[str],
    elsewhere: Mapping[str, str] = NOWHERE,
    needed: Mapping[str, str] = NOWHERE,
) -> Iterator[Problem]:
    """Problems with an object's keys; a missing key is named by its own place.

    Args:
        data: the object.
        place: where it is.
        what: what it is.
        known: the keys that it may have.
        required: those that it has to have.
        elsewhere: what is to be done with keys that belong somewhere else.
        needed: what is to be added where a required key is missing.
    """
    if not isinstance(data, dict):
        yield place, f"{what} is a JSON object, not {kind_of(data)}{_unpacked(data, what)}", data
        return
    yield from _doubled_problems(data, place)
    unknown = [key for key in data if key not in known]
    listed = False
    for key in unknown:
        text, near = f"unknown key {quoted(key)}", suggestion(str(key), known, FACT)
        if near or key not in elsewhere:
            # What is allowed is listed once, however many keys are unknown.
            text += near + ("" if listed else f" (allowed: {nearest_few(key, known)})")
            listed = True
        else:
            text += elsewhere[key]
        yield (*place, _tame(key)), text, Key(key) if isinstance(key, str) else key
    # What is there under another name is told once.
    meant = {alike(str(key), known, FACT) for key in unknown}
    for key in required:
        if key not in data and key not in meant:
            yield (*place, key), f"is missing{needed.get(key, '')}", None


def _unpacked(data: Any, what: str) -> str:
    """What to do with a list where one object belongs."""
    if not isinstance(data, list | tuple) or not data or not all(isinstance(entry, dict) for entry in data):
        return ""
    if len(data) == 1:
        return "; remove the brackets around it"
    if what == "a case":
        return f"; give each of the {len(data):,} cases a file, or a line of a `.jsonl` file"
    return ""


def _doubled_problems(data: dict[str, Any], place: Place) -> Iterator[Problem]:
    if isinstance(data, Doubled):
        text = f"has the key {quoted(data.key)} twice in one object; keep one of them"
        yield place, text, Key(data.key)


def _tame(key: Any) -> str:
    return quoted(key).strip("`")


def kind_of(value: Any) -> str:
    """What a value of JSON is, in words."""
    if value is None:
        return "null"
    return next((name for kind, name in _KINDS if isinstance(value, kind)), type(value).__name__)


# By `isinstance`, so that no class is named; a flag is a number to Python.
_KINDS: tuple[tuple[type, str], ...] = (
    (dict, "an object"),
    (list, "a list"),
    (tuple, "a list"),
    (str, "a text"),
    (bool, "a flag"),
    (int, "a number"),
    (float, "a number"),
)


def is_readable(text: str) -> bool:
    """Whether a text is more than blanks, and can be printed as it is."""
    return text.isprintable() and not text.isspace()


def text_problems(value: Any, place: Place) -> Iterator[Problem]:
    """Every problem of a value that is to be a text."""
    if not isinstance(value, str):
        yield place, f"has to be a text, not {kind_of(value)}", value
    elif not value.strip():
        yield place, "is empty", value
    elif len(value) > LONGEST_NAME:
        yield place, f"has {len(value)} characters; at most {LONGEST_NAME} are allowed", value
    elif not value.isprintable():
        yield place, f"{quoted(value)} holds a control character or broken text; remove it", value


def _to_add(attribute: Attribute) -> str:
    """What to add where an attribute of the request form is missing."""
    if attribute.domain == "choice":
        return f"; add one of {nearest_few('', attribute.listed)}"
    usual = {"flag": "false", "whole_number": str(max(1, attribute.minimum)), "list": "[]", "drugs": "[]"}
    example = usual.get(attribute.domain)
    return f'; add it, as in `"{attribute.name}": {example}`' if example else "; add it"


def _request_problems(request: Any, vocabulary: Vocabulary) -> Iterator[Problem]:
    known = vocabulary.request_attributes
    required = [name for name, entry in known.items() if entry.required]
    keys = [*known, *sorted(ABOUT_REQUEST)]
    elsewhere = dict.fromkeys(
        [*vocabulary.statable, *vocabulary.qualifiers],
        " of the request form; move it to the `states` of the document that says so",
    )
    needed = {name: _to_add(known[name]) for name in required}
    yield from key_problems(request, ("request",), "the request form", keys, required, elsewhere, needed)
    if not isinstance(request, dict):
        return
    if "date" in request:
        yield from full_day_problems(request["date"], ("request", "date"))
    if "drug" in request:
        yield from text_problems(request["drug"], ("request", "drug"))
    if "tumor" in request:
        yield from _tumor_problems(request["tumor"], ("request", "tumor"))
    for name, value in request.items():
        if name in known:
            yield from value_problems(value, known[name], ("request", name))
    yield from only_with_problems(request, vocabulary)


def only_with_problems(request: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Problem]:
    """Values of the request form without another value that they need."""
    for name, value, other, needed in vocabulary.only_with:
        if _same(request.get(name), value) and not _same(request.get(other), needed):
            text = f"may be {_json(value)} only where `{other}` is {_json(needed)}"
            yield ("request", name), text, request[name]


def _same(given: Any, value: Value) -> bool:
    return bool(given == (value == Term("true")) if isinstance(given, bool) else given == plain(value))


def _json(value: Value) -> str:
    return f"`{plain(value)}`"


def _document_problems(entry: Any, place: Place, vocabulary: Vocabulary) -> Iterator[Problem]:
    fields = ["id", "type", "date", "states"]
    known = [*fields, "status", "replaces", "tumor"]
    attributes = dict.fromkeys([*vocabulary.statable, *vocabulary.qualifiers], "; move it into `states`")
    types = nearest_few("", sorted(vocabulary.document_types))
    needed = {**_NEEDED, "type": f"; add its type, such as {types}"}
    yield from key_problems(entry, place, "a document", known, fields, attributes, needed)
    if not isinstance(entry, dict):
        return
    if "id" in entry:
        yield from text_problems(entry["id"], (*place, "id"))
    if "type" in entry:
        yield from _named_problems(
            entry["type"], sorted(vocabulary.document_types), (*place, "type"), "document type"
        )
    if "date" in entry:
        yield from _date_problems(entry["date"], (*place, "date"))
    if "status" in entry:
        yield from _named_problems(own_status(entry["status"]), STATUSES, (*place, "status"), "status")
    if "replaces" in entry:
        yield from text_problems(entry["replaces"], (*place, "replaces"))
    if "tumor" in entry:
        yield from _tumor_problems(entry["tumor"], (*place, "tumor"))
    if "states" in entry:
        yield from _statement_problems(entry["states"], (*place, "states"), vocabulary)


def replacement_problems(documents: Sequence[Any]) -> Iterator[Problem]:
    """Documents that replace none, themselves, or one another in a circle."""
    entries = [entry if isinstance(entry, dict) else {} for entry in documents]
    if not any("replaces" in entry for entry in entries):
        return
    ids = [name for entry in entries if isinstance(name := entry.get("id"), str)]
    replaces: dict[str, str] = {}
    for index, entry in enumerate(entries):
        name, other = entry.get("id"), entry.get("replaces")
        if not isinstance(other, str) or not other.strip():
            continue
        if other not in ids:
            place: Place = ("documents", index, "replaces")
            text = f"there is no document {quoted(other)} here{suggestion(other, ids)}"
            yield place, f"{text}; leave it out where what it replaces is not sent", other
        elif isinstance(name, str):
            replaces.setdefault(name, other)
    for circle in circles(replaces):
        place = ("documents", ids.index(circle[0]), "replaces")
        text = "a document cannot replace itself"
        if len(circle) > 1:
            around = " replaces ".join(quoted(name) for name in (*circle, circle[0]))
            text = f"documents replace one another in a circle: {around}"
        yield place, text, replaces[circle[0]]


def _tumor_problems(value: Any, place: Place) -> Iterator[Problem]:
    problems = list(text_problems(value, place))
    yield from problems
    if not problems and not any(map(str.isalnum, value)):
        yield place, f"{quoted(value)} is no name; give it a letter or a digit", value


def _date_problems(value: Any, place: Place) -> Iterator[Problem]:
    """What is wrong with a day of which less may be known."""
    if isinstance(value, PartialDay) or _is_day(value):
        return
    if not isinstance(value, str):
        yield place, f"has to be a date of the form YYYY-MM-DD, not {kind_of(value)}; write it in quotes", value
        return
    try:
        read_day(value)
    except ValueError as error:
        yield place, str(error), value


def full_day_problems(value: Any, place: Place) -> Iterator[Problem]:
    """What is wrong with a day that has to be known in full."""
    problems = list(_date_problems(value, place))
    yield from problems
    partial = isinstance(value, PartialDay) or (isinstance(value, str) and len(value) < len("YYYY-MM-DD"))
    if partial and not problems:
        yield place, f"{quoted(str(value))} is no whole date; write it as YYYY-MM-DD", value


def _is_day(value: Any) -> bool:
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def _statement_problems(states: Any, place: Place, vocabulary: Vocabulary) -> Iterator[Problem]:
    known = vocabulary.statable
    keys = [*known, *vocabulary.qualifiers]
    if not isinstance(states, dict):
        yield place, f"is a JSON object of attributes and values, not {kind_of(states)}", states
        return
    yield from _doubled_problems(states, place)
    unknown: list[str] = []
    for name, value in states.items():
        if name in known:
            problems = stated_problems(value, known[name], (*place, name), vocabulary)
            yield from problems if value is not None else map(_left_out, problems)
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
            unknown.append(name)
    listed = False
    for name in unknown:
        text = "belongs to the request form, not to a document; move it to `request`"
        if name not in vocabulary.request_attributes:
            near = suggestion(str(name), keys, FACT) or "; see `pyclingo-bridge schema case` for all"
            text = f"unknown attribute {quoted(name)}{near}"
            # What is allowed is listed once, however many are unknown.
            if not listed:
                text += f" (allowed: {nearest_few(name, sorted(keys))})"
            listed = True
        yield (*place, _tame(name)), text, Key(name) if isinstance(name, str) else name


def _left_out(problem: Problem) -> Problem:
    """The problem of a null, with what to do instead."""
    place, text, value = problem
    return place, f"{text.partition(';')[0]}; leave it out where nothing is known", value


def stated_problems(
    value: Any, attribute: Attribute, place: Place, vocabulary: Vocabulary
) -> Iterator[Problem]:
    """Every problem of what a document states of an attribute."""
    problems = list(value_problems(value, attribute, place))
    yield from problems
    # What rules measure has to be known; an attribute besides it may be told by its ends.
    if problems or attribute.kind != DETAIL or not vocabulary.conclusions.reads(attribute.name):
        return
    if isinstance(value, dict):
        yield place, "is a range, and conclusions are drawn from it; give one number, or leave it out", value
    elif attribute.domain == DATE and isinstance(read_day(value), PartialDay):
        text = f"{quoted(value)} is no whole date, and conclusions are drawn from it; write it as YYYY-MM-DD"
        yield place, text, value


def value_problems(value: Any, attribute: Attribute, place: Place) -> Iterator[Problem]:
    """Every problem of a value of an attribute."""
    if isinstance(value, dict) and attribute.domain in NUMBERS and not value.keys().isdisjoint(BOUNDS):
        yield from _range_problems(value, attribute, place)
    elif attribute.domain == DATE:
        yield from _stated_day_problems(value, attribute, place)
    elif attribute.domain == "flag":
        yield from _flag_problems(value, place)
    elif attribute.domain == "whole_number":
        yield from _number_problems(value, attribute, place)
    elif attribute.domain == "decimal":
        yield from _decimal_problems(value, attribute, place)
    elif attribute.domain == "choice":
        yield from _named_problems(value, attribute.listed, place, "value")
    elif attribute.domain == "name":
        yield from _free_name_problems(value, attribute, place)
    else:
        yield from _list_problems(value, attribute, place)


def _flag_problems(value: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield place, f"has to be `true` or `false`, not {_shown(value)}{_flag_meant(value)}", value


_MEANT = {
    "true": ("true", "yes", "y", "t", "1"),
    "false": ("false", "no", "n", "f", "0"),
}
"""What people write for `true` and for `false`."""


def _flag_meant(value: Any) -> str:
    """What to write for what is like `true` or `false`."""
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    meant = next((flag for flag, words in _MEANT.items() if word in words), None)
    if meant is None:
        return ""
    return f"; write `{meant}`, without quotes" if isinstance(value, str) else f"; write `{meant}`"


def _number_meant(value: Any) -> str:
    """What to write for a number in quotes, or one with zeros behind the point."""
    if isinstance(value, str) and _PLAIN_NUMBER.match(value.strip()):
        return f"; write {value.strip()}, without quotes"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"; write {int(value)}"
    return ""


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    return quoted(json.dumps(value)) if isinstance(value, bool | int | float) else kind_of(value)


def _number_problems(value: Any, attribute: Attribute, place: Place) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield (
            place,
            f"has to be a whole number, not {_shown(value)}"
            f"{_number_meant(value) or _or_range(value, attribute)}",
            value,
        )
    elif not attribute.minimum <= value <= attribute.maximum:
        yield (
            place,
            f"{quoted(_digits(value))} is out of bounds (allowed: {bounds(attribute, value)})",
            value,
        )


def bounds(attribute: Attribute, value: float) -> str:
    """The numbers that an attribute may be; the greatest of a computer is named only where it is passed."""
    if value < attribute.minimum and attribute.maximum >= LARGEST:
        return f"{attribute.minimum} or more"
    return f"{attribute.minimum} to {attribute.maximum}"


def _decimal_problems(value: Any, attribute: Attribute, place: Place) -> Iterator[Problem]:
    # Whole numbers can be too large for Python to take them as others.
    endless = isinstance(value, float) and not math.isfinite(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or endless:
        yield (
            place,
            f"has to be a number, not {_shown(value)}{_number_meant(value) or _or_range(value, attribute)}",
            value,
        )
    elif not attribute.minimum <= value <= attribute.maximum:
        shown = _digits(value) if isinstance(value, int) else str(value)
        yield place, f"{quoted(shown)} is out of bounds (allowed: {bounds(attribute, value)})", value
    elif isinstance(value, Rounded) or value != round(value, DECIMALS):
        text = f"has more than {DECIMALS} digits behind the point; round it to what was measured"
        yield place, text, value


def _or_range(value: Any, attribute: Attribute) -> str:
    """What else documents can say of a number, where something like it was given."""
    meant = isinstance(value, dict | list | tuple) and attribute.kind != "request"
    return '; a range is written `{"at_least": n, "at_most": m}`, or one of the two' if meant else ""


def _range_problems(value: dict[str, Any], attribute: Attribute, place: Place) -> Iterator[Problem]:
    if attribute.kind == "request":
        yield place, "is a range; the request form gives one number", value
        return
    yield from key_problems(value, place, "a range", list(BOUNDS), [])
    given = [name for name in BOUNDS if name in value]
    check = _number_problems if attribute.domain == "whole_number" else _decimal_problems
    problems = [entry for name in given for entry in check(value[name], attribute, (*place, name))]
    yield from problems
    if not problems and len(given) == len(BOUNDS) and value["at_least"] > value["at_most"]:
        text = f"no number is at least {value['at_least']} and at most {value['at_most']}; swap the two"
        yield place, text, value


def _stated_day_problems(value: Any, attribute: Attribute, place: Place) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield (
            place,
            f"has to be a date in the form YYYY-MM-DD, not {kind_of(value)}; write it in quotes, such as "
            "`2025-03-01`",
            value,
        )
        return
    whole = attribute.kind == "request"
    problems = list(full_day_problems(value, place) if whole else _date_problems(value, place))
    yield from problems
    if problems:
        return
    day = read_day(value)
    if day_number(last_day(day)) < attribute.minimum or day_number(first_day(day)) > attribute.maximum:
        least, most = _bound(attribute.minimum), _bound(attribute.maximum)
        allowed = " ".join([*(["from", least] if least else []), *(["to", most] if most else [])])
        yield place, f"{quoted(value)} is out of bounds (allowed: {allowed})", value


def _bound(number: int) -> str:
    """A bound of days, empty where it is none."""
    try:
        return str(day_of_number(number))
    except (ValueError, OverflowError):
        return ""


def _digits(value: int) -> str:
    # Python itself refuses to write out a number of many thousand digits.
    return str(value) if abs(value) < 10**30 else "a number of more than 30 digits"


def _named_problems(
    value: Any, known: list[str] | tuple[str, ...], place: Place, what: str
) -> Iterator[Problem]:
    if not isinstance(value, str):
        one = "; take it out of the list" if isinstance(value, list | tuple) and len(value) == 1 else ""
        text = f"has to be a name, not {kind_of(value)}{one}"
        yield place, f"{text} (allowed: {nearest_few('', known)})", value
    elif value not in known:
        text = f"unknown {what} {quoted(value)}{suggestion(value, known, VALUE)}"
        yield place, f"{text} (allowed: {nearest_few(value, known)})", value


def _free_name_problems(value: Any, attribute: Attribute, place: Place) -> Iterator[Problem]:
    if isinstance(value, list | tuple) and attribute.domain == "name" and attribute.kind != "request":
        yield from _one_thing_problems(value, attribute, place)
        return
    problems = list(text_problems(value, place))
    yield from problems
    text = None if problems else _no_free_name(value, attribute)
    if text:
        yield place, f"{quoted(value)} {text}", value


def _one_thing_problems(names: Sequence[Any], attribute: Attribute, place: Place) -> Iterator[Problem]:
    """Every problem of a list of names and codes, all of which are to name one thing."""
    if not names:
        yield place, "is empty; leave it out, or name what is meant", names
    problems: list[Problem] = []
    for index, name in enumerate(names):
        here: Place = (*place, index)
        nested = isinstance(name, list | tuple)
        problems += text_problems(name, here) if nested else _free_name_problems(name, attribute, here)
    yield from problems
    reader = attribute.names
    if names and not problems and reader and not reader.read_value(attribute.name, names).words:
        said = (f"{quoted(name)} {_may_mean(reader.may_mean(attribute.name, name))}" for name in names)
        yield place, f"names nothing in common: {'; '.join(dict.fromkeys(said))}", names


def _may_mean(values: Sequence[str]) -> str:
    return f"means {quoted(values[0])}" if len(values) == 1 else f"may mean {listing(values, 6)}"


def _no_free_name(value: str, attribute: Attribute) -> str | None:
    """What is wrong with a name, if anything is: that it is a code, or not spelled as names are."""
    listed = f" (listed: {nearest_few(value, attribute.main)})" if attribute.main else ""
    reader = attribute.names
    if attribute.domain == "name" and reader and reader.reads_codes(attribute.name) and is_code(value):
        return None if reader.code_word(attribute.name, value) else f"{NO_CODE}{listed}"
    if _SNAKE_CASE.match(value):
        return None
    if attribute.domain == "name" and is_code(value):
        return f"{A_CODE}{listed}"
    hint = attribute.meant(value)
    near = f"; did you mean `{hint}`?" if hint else listed
    return f"is not written in small letters, digits and `_`{near}"


def _list_problems(value: Any, attribute: Attribute, place: Place) -> Iterator[Problem]:
    if not isinstance(value, list | tuple):
        example = f", `[{json.dumps(value, ensure_ascii=False)}]`" if _is_short(value) else ""
        yield place, f"has to be a list of names, not {_shown(value)}; put it in brackets{example}", value
        return
    if attribute.non_empty and not value:
        yield place, f"is empty; leave it out, or list some of: {nearest_few('', attribute.listed)}", value
    for index, member in enumerate(value):
        if attribute.domain == "drugs":
            yield from _drug_problems(member, attribute, (*place, index))
        elif attribute.domain == "names":
            yield from _free_name_problems(member, attribute, (*place, index))
        else:
            yield from _named_problems(member, attribute.listed, (*place, index), "value")


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 40 and is_readable(value) and "`" not in value


def _drug_problems(value: Any, attribute: Attribute, place: Place) -> Iterator[Problem]:
    problems = list(text_problems(value, place))
    yield from problems
    text = attribute.names.drug_problem(value) if not problems and attribute.names else None
    if text:
        yield place, text, value
