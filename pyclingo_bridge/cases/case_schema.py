"""What a case may hold under a vocabulary: one schema of pydantic's core, made of the vocabulary's facts.

It accepts nearly every good case in one go, and nothing that is not one. Why it does not accept some data,
and whether they are a case all the same, is for `case_problems` to say. The JSON schema comes from it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema
from pydantic_core import core_schema as core

from pyclingo_bridge.base.json_text import SCHEMA_KEY, Doubled
from pyclingo_bridge.cases.attributes import DATE, Attribute
from pyclingo_bridge.cases.case_problems import BOUNDS, LONGEST_NAME, is_readable, value_problems
from pyclingo_bridge.cases.conclusions import DECIMALS
from pyclingo_bridge.cases.days import PARTIAL, WHOLE, Day, day_number, first_day, last_day, read_day
from pyclingo_bridge.cases.name_rules import code_pattern
from pyclingo_bridge.cases.statuses import OTHER_SPELLINGS, STATUSES
from pyclingo_bridge.cases.vocabulary import Vocabulary

_A_WHOLE_DAY = {"type": "string", "format": "date"}
_A_DAY = {"type": "string", "anyOf": [{"format": "date", "pattern": WHOLE}, {"pattern": PARTIAL}]}

_STRICT = core.CoreConfig(strict=True)


def case_schema(vocabulary: Vocabulary) -> CoreSchema:
    """The schema of a case file's plain data under a vocabulary.

    Each part of a case is looked at by itself: what one value asks of another, whether ids are readable
    and unique, and how much the case holds is for others to see.
    """
    form, stated = vocabulary.request_attributes, vocabulary.statable
    flags = dict.fromkeys(vocabulary.qualifiers, core.bool_schema())
    exact = {name for name in vocabulary.details if vocabulary.conclusions.reads(name)}
    states = {name: _value(entry, ranges=name not in exact) for name, entry in stated.items()}
    document = {
        "id": _text(),
        "type": _one_of(sorted(vocabulary.document_types)),
        "date": _day(),
        "states": _object({**states, **flags}, ()),
    }
    about = {"status": _one_of([*STATUSES, *OTHER_SPELLINGS]), "replaces": _readable(), "tumor": _tumor()}
    request = {"date": _whole_day(), "drug": _readable(), "tumor": _tumor()}
    case = {
        "id": _text(),
        "request": _object(
            {**{name: _value(entry, ranges=False) for name, entry in form.items()}, **request},
            [name for name, entry in form.items() if entry.required],
        ),
        "documents": core.list_schema(_object({**document, **about}, document)),
    }
    return _object(case, case)


def case_json_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """The JSON schema of a case file under a vocabulary.

    It says all that a schema can: not that ids are unique, nor what one value asks of another.
    """
    schema = GenerateJsonSchema().generate(case_schema(vocabulary))
    request, documents = schema["properties"]["request"], schema["properties"]["documents"]
    document = documents["items"]
    states = document["properties"]["states"]
    document["properties"]["date"] = dict(_A_DAY)
    request["properties"]["date"] = dict(_A_WHOLE_DAY)
    for name, entry in vocabulary.all.items():
        properties = (request if entry.kind == "request" else states)["properties"]
        if entry.domain == DATE:
            whole = entry.kind == "request" or "pattern" in properties[name]
            properties[name] = dict(_A_WHOLE_DAY if whole else _A_DAY)
        for other in properties[name].get("anyOf", ()):
            if other.get("type") == "object":
                other["minProperties"] = 1
        if entry.domain == "name":
            properties[name]["examples"] = list(entry.listed)
    for part in (schema, document, request, states):
        for name, value in part["properties"].items():
            value.pop("title", None)
            label = vocabulary.labels.get(name) or vocabulary.labels.get(f"yes({name})")
            if part in (request, states) and label:
                value["title"] = label
    states["dependentRequired"] = {flag: [listed] for flag, listed in vocabulary.qualifiers.items()}
    schema["properties"][SCHEMA_KEY] = {"type": "string", "title": "Where this schema is, for an editor"}
    return {**schema, "title": f"A case, in the vocabulary `{vocabulary.name}`"}


def _object(fields: Mapping[str, CoreSchema], required: Iterable[str]) -> CoreSchema:
    needed = set(required)
    keys = {name: core.typed_dict_field(value, required=name in needed) for name, value in fields.items()}
    return core.typed_dict_schema(keys, extra_behavior="forbid", config=_STRICT)


def _after(check: Callable[[Any], Any], schema: CoreSchema) -> CoreSchema:
    return core.no_info_after_validator_function(check, schema)


def _value(attribute: Attribute, ranges: bool) -> CoreSchema:
    """What a value of an attribute is; `ranges`: or, of a number or a day, what is known of it."""
    match attribute.domain:
        case "flag":
            return core.bool_schema()
        case "whole_number":
            number = core.int_schema(ge=attribute.minimum, le=attribute.maximum)
            return _or_range(number) if ranges else number
        case "decimal":
            decimal = core.float_schema(ge=attribute.minimum, le=attribute.maximum, allow_inf_nan=False)
            measured = core.no_info_before_validator_function(_measured, decimal)
            return _or_range(measured) if ranges else measured
        case "date":
            return _within(attribute, _day() if ranges else _whole_day())
        case "choice":
            return _one_of(attribute.listed)
        case "name":
            return _one_thing(attribute)
    member = {"drugs": _drug(attribute), "names": _name()}.get(attribute.domain) or _one_of(attribute.listed)
    return core.list_schema(member, min_length=int(attribute.non_empty) or None)


def _or_range(number: CoreSchema) -> CoreSchema:
    bounds = _object(dict.fromkeys(BOUNDS, number), ())
    single = core.no_info_before_validator_function(_single_keys, _after(_some_number, bounds))
    return core.union_schema([number, single], mode="left_to_right")


def _single_keys(bounds: Any) -> Any:
    if isinstance(bounds, Doubled):
        raise ValueError(bounds.key)
    return bounds


def _some_number(bounds: dict[str, Any]) -> dict[str, Any]:
    least, most = (bounds.get(name) for name in BOUNDS)
    if not bounds or (least is not None and most is not None and least > most):
        raise ValueError(bounds)
    return bounds


def _day() -> CoreSchema:
    return _after(read_day, core.str_schema())


def _whole_day() -> CoreSchema:
    return _after(read_day, core.str_schema(pattern=WHOLE))


def _within(attribute: Attribute, day: CoreSchema) -> CoreSchema:
    def within(known: Day) -> Day:
        if not (
            day_number(last_day(known)) >= attribute.minimum
            and day_number(first_day(known)) <= attribute.maximum
        ):
            raise ValueError(known)
        return known

    return _after(within, day)


def _readable() -> CoreSchema:
    def readable(name: str) -> str:
        if not is_readable(name):
            raise ValueError(name)
        return name

    return _after(readable, _text())


def _tumor() -> CoreSchema:
    def named(name: str) -> str:
        if not any(map(str.isalnum, name)):
            raise ValueError(name)
        return name

    return _after(named, _readable())


def _one_of(names: Iterable[str]) -> CoreSchema:
    return core.literal_schema(list(names)) if names else core.str_schema(min_length=1, max_length=0)


def _name(other: str = "") -> CoreSchema:
    return core.str_schema(pattern=f"^(?:[a-z][a-z0-9_]*{other})$", max_length=LONGEST_NAME)


def _one_thing(attribute: Attribute) -> CoreSchema:
    """A name or a code; of what documents state also a list of some that name one thing."""
    reader = attribute.names
    codes = reader is not None and reader.reads_codes(attribute.name)

    def good(value: Any) -> Any:
        if any(value_problems(value, attribute, ())):
            raise ValueError(value)
        return value

    name = _name(f"|\\s*{code_pattern()}\\s*" if codes else "")
    if attribute.kind == "request":
        return _after(good, name) if codes else name
    return _after(good, core.union_schema([name, core.list_schema(name, min_length=1)]))


def _text() -> CoreSchema:
    return core.str_schema(min_length=1, max_length=LONGEST_NAME)


def _drug(attribute: Attribute) -> CoreSchema:
    def drug(name: str) -> str:
        if not is_readable(name) or (attribute.names and attribute.names.drug_problem(name)):
            raise ValueError(name)
        return name

    return _after(drug, _text())


def _measured(value: Any) -> Any:
    # Of exactly these types: of a number that was rounded as it was read, another one was written.
    if value.__class__ not in (int, float) or value != round(value, DECIMALS):
        raise ValueError(value)
    return value
