"""What a plan knows once for all its cases: facts of a plan file, each with the period in which it holds.

A plan file is one JSON object:

    {"plan": "example", "facts": [
      {"attribute": "NAME", "value": true, "from": "2025-01-01", "to": null,
       "line_of_business": ["LINE", ...]}
    ]}

`to` may be left out, or null, for a fact that still holds; `line_of_business` for one that holds for all.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pyclingo_bridge.base.errors import CaseError, nearest_few, quoted, suggestion
from pyclingo_bridge.base.frozen import FrozenDict, frozen
from pyclingo_bridge.base.json_text import json_text, message_in, read_json
from pyclingo_bridge.base.spelling import FACT
from pyclingo_bridge.cases.attributes import drug_key
from pyclingo_bridge.cases.case_problems import (
    Place,
    Problem,
    full_day_problems,
    key_problems,
    kind_of,
    problem_lines,
    stated_problems,
    text_problems,
    value_problems,
)
from pyclingo_bridge.cases.limits import read_bytes
from pyclingo_bridge.cases.vocabulary import LINE, PLAN_RECORD, Vocabulary, default_vocabulary

_FACT = ("attribute", "value", "from")


class PlanFact(NamedTuple):
    """Something that a plan knows.

    Attributes:
        attribute: of the request form, or what documents state.
        value: its value.
        first: the first day on which it holds.
        last: the last one, or None while it holds.
        lines: the lines of business that it holds for, or None for all.
    """

    attribute: str
    value: Any
    first: datetime.date
    last: datetime.date | None
    lines: frozenset[str] | None

    def holds(self, day: datetime.date, line_of_business: str | None) -> bool:
        """Whether it holds on a day, for a line of business; both ends of a period count."""
        return (
            self.first <= day
            and (self.last is None or day <= self.last)
            and (self.lines is None or line_of_business in self.lines)
        )

    def overlaps(self, other: PlanFact) -> bool:
        """Whether both hold on some day for some line of business."""
        return (
            self.first <= (other.last or datetime.date.max)
            and other.first <= (self.last or datetime.date.max)
            and (self.lines is None or other.lines is None or not self.lines.isdisjoint(other.lines))
        )


@dataclass(frozen=True, eq=False)
class PlanFacts:
    """What a plan knows for all its cases.

    Attributes:
        name: the plan's name.
        facts: what it knows, in the order given.
        source: where it was read from.
        digest: a fingerprint of the facts.
        checked: the digest of the vocabulary that they were checked against.
    """

    name: str
    facts: tuple[PlanFact, ...]
    source: str
    digest: str
    checked: str

    @classmethod
    def load(cls, path: str | Path, vocabulary: Vocabulary | None = None) -> PlanFacts:
        """The facts of a plan file; see `from_json`.

        Errors: CaseError, which names the file and the problems' places.
        """
        most = (vocabulary or default_vocabulary()).limits
        return cls.from_json(read_bytes(path, most), str(path), vocabulary)

    @classmethod
    def from_json(
        cls, text: str | bytes, source: str = "plan file", vocabulary: Vocabulary | None = None
    ) -> PlanFacts:
        """The facts that the text of a plan file holds.

        Args:
            text: the text.
            source: what errors name.
            vocabulary: what the facts are checked against; the default one where none is given.

        Errors: CaseError, which names `source` and the problems' places.
        """
        known = vocabulary or default_vocabulary()
        try:
            data = read_json(text, "plan file", known.limits.megabytes)
        except ValueError as error:
            raise CaseError(source, [message_in(error)]) from None
        lines = problem_lines(_problems(data, known), known.limits, data, json_text(text))
        if lines:
            raise CaseError(source, lines)
        facts = tuple(map(_fact, data["facts"]))
        lines = problem_lines(_contradictions(facts), known.limits, data, json_text(text))
        if lines:
            raise CaseError(source, lines)
        # The lines of business of a fact have no order of their own.
        meaning = [(*fact[:4], sorted(fact.lines or ())) for fact in facts]
        digest = hashlib.sha256(repr(meaning).encode()).hexdigest()
        return cls(data["plan"], facts, source, digest, known.digest)

    def checked_by(self, vocabulary: Vocabulary) -> PlanFacts:
        """These facts, checked against a vocabulary.

        Errors: CaseError.
        """
        if self.checked == vocabulary.digest:
            return self
        problems = (
            problem
            for index, fact in enumerate(self.facts)
            for problem in _value_problems(fact.attribute, fact.value, fact.lines, ("facts", index), vocabulary)
        )
        lines = problem_lines(problems, vocabulary.limits)
        if lines:
            raise CaseError(self.source, lines)
        return PlanFacts(self.name, self.facts, self.source, self.digest, vocabulary.digest)

    def at(self, day: datetime.date, line_of_business: str | None = None) -> Mapping[str, Any]:
        """What the plan knows on a day for a line of business: values by attribute."""
        return FrozenDict(
            {fact.attribute: fact.value for fact in self.facts if fact.holds(day, line_of_business)}
        )


def _fact(entry: Mapping[str, Any]) -> PlanFact:
    end, lines = entry.get("to"), entry.get("line_of_business")
    return PlanFact(
        entry["attribute"],
        frozen(entry["value"]),
        datetime.date.fromisoformat(entry["from"]),
        None if end is None else datetime.date.fromisoformat(end),
        None if lines is None else frozenset(lines),
    )


_TO_ADD = {
    "plan": "; add the plan's name",
    "facts": '; add `"facts": []` where nothing is known',
    "attribute": "; add what it is about",
    "value": "; add what holds",
    "from": '; add the first day on which it holds, as in `"from": "2025-01-01"`',
}
"""What to add where a key is missing."""


def _problems(data: Any, vocabulary: Vocabulary) -> Iterator[Problem]:
    if isinstance(data, dict) and "request" in data and "facts" not in data:
        yield (), "is a case, not a plan file; give it as a case", None
        return
    yield from key_problems(data, (), "a plan file", ["plan", "facts"], ["plan", "facts"], needed=_TO_ADD)
    if not isinstance(data, dict):
        return
    if "plan" in data:
        yield from text_problems(data["plan"], ("plan",))
    facts = data.get("facts", [])
    if not isinstance(facts, list):
        yield ("facts",), f"has to be a list of facts, not {kind_of(facts)}", facts
        return
    if len(facts) > (most := vocabulary.limits.documents):
        yield ("facts",), f"are {len(facts):,}; a plan file has at most {most:,}", facts
        return
    for index, entry in enumerate(facts):
        yield from _fact_problems(entry, ("facts", index), vocabulary)


def _fact_problems(entry: Any, place: Place, vocabulary: Vocabulary) -> Iterator[Problem]:
    yield from key_problems(entry, place, "a fact", [*_FACT, "to", LINE], list(_FACT), needed=_TO_ADD)
    if not isinstance(entry, dict):
        return
    if "from" in entry:
        yield from _text_day_problems(entry["from"], (*place, "from"))
    if entry.get("to") is not None:
        yield from _text_day_problems(entry["to"], (*place, "to"))
        yield from _period_problems(entry.get("from"), entry["to"], (*place, "to"))
    lines = entry.get(LINE)
    if LINE in entry:
        yield from _line_problems(lines, (*place, LINE), vocabulary)
    if "attribute" in entry and "value" in entry:
        yield from _value_problems(entry["attribute"], entry["value"], None, place, vocabulary)


def _text_day_problems(value: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield place, f"has to be a date of the form YYYY-MM-DD, not {kind_of(value)}; write it in quotes", value
    else:
        yield from full_day_problems(value, place)


def _period_problems(start: Any, end: Any, place: Place) -> Iterator[Problem]:
    try:
        first, last = datetime.date.fromisoformat(start), datetime.date.fromisoformat(end)
    except (TypeError, ValueError):
        return
    if last < first:
        yield place, f"{quoted(end)} is before {quoted(start)}, where the period begins", end


def _line_problems(lines: Any, place: Place, vocabulary: Vocabulary) -> Iterator[Problem]:
    attribute = vocabulary.request_attributes.get(LINE)
    if attribute is None:
        yield place, f"no request form of this vocabulary has a {quoted(LINE)}; leave it out", lines
    elif not isinstance(lines, list):
        yield place, f"has to be a list of lines of business, not {kind_of(lines)}; put it in brackets", lines
    elif not lines:
        yield place, "is empty; leave it out for a fact that holds for all", lines
    else:
        for index, line in enumerate(lines):
            yield from value_problems(line, attribute, (*place, index))


def _value_problems(
    name: Any, value: Any, lines: frozenset[str] | None, place: Place, vocabulary: Vocabulary
) -> Iterator[Problem]:
    """What is wrong with an attribute and its value, and with lines of business that were checked before."""
    if lines is not None:
        yield from _line_problems(sorted(lines), (*place, LINE), vocabulary)
    if not isinstance(name, str):
        yield (*place, "attribute"), f"has to be a name, not {kind_of(name)}", name
    elif name == LINE:
        text = f"{quoted(name)} tells which facts hold for a request, and cannot be one of them"
        yield (*place, "attribute"), text, name
    elif name in vocabulary.request_attributes:
        yield from value_problems(value, vocabulary.request_attributes[name], (*place, "value"))
    elif name not in vocabulary.statable:
        known = [*vocabulary.request_attributes, *vocabulary.statable]
        text = f"unknown attribute {quoted(name)}{suggestion(name, known, FACT)}"
        yield (*place, "attribute"), f"{text} (allowed: {nearest_few(name, sorted(known))})", name
    elif PLAN_RECORD not in vocabulary.document_types:
        text = f"{quoted(name)} is nothing that a plan can state: this vocabulary has no documents of type"
        yield (*place, "attribute"), f"{text} {quoted(PLAN_RECORD)}", name
    else:
        yield from stated_problems(value, vocabulary.statable[name], (*place, "value"), vocabulary)


def _contradictions(facts: Iterable[PlanFact]) -> Iterator[Problem]:
    """Facts that hold on one day, and differ."""
    by_attribute: dict[str, list[tuple[int, PlanFact]]] = {}
    for index, fact in enumerate(facts):
        by_attribute.setdefault(fact.attribute, []).append((index, fact))
    for name, known in by_attribute.items():
        going_on: list[tuple[int, PlanFact]] = []
        for place, fact in sorted(known, key=lambda entry: entry[1].first):
            going_on = [entry for entry in going_on if entry[1].last is None or entry[1].last >= fact.first]
            for other, one in going_on:
                if one.overlaps(fact) and _compared(one.value) != _compared(fact.value):
                    first, second = sorted((place, other))
                    text = f"says something else of {quoted(name)} than facts[{first}]"
                    yield ("facts", second), f"{text}, and both hold on {fact.first}", None
            going_on.append((place, fact))


def _compared(value: Any) -> Any:
    # A flag is a number to Python; the order of a list means nothing.
    return frozenset(map(drug_key, value)) if isinstance(value, tuple) else (type(value) is bool, value)
