"""Names, values, days and documents in the words of a letter, by a policy's labels."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Mapping
from typing import Any

from pyclingo_bridge.base.terms import written
from pyclingo_bridge.cases.statements import Stated
from pyclingo_bridge.core.decision import Evidence, Requirement, day_text, range_text
from pyclingo_bridge.core.structure import Structure, readable
from pyclingo_bridge.letters.content import CriterionPlace, Named, Said

REQUEST_FORM = Named(text="request form", plain="the request")

_REMARKS = {
    "supports": "says so",
    "refutes": "says otherwise",
    "superseded": "is out of date: a later document speaks of the same",
    "silent": "does not settle it",
    "not_counted": "does not count for this",
}


def day_of(text: str) -> datetime.date | None:
    """The day that letters write so; None where the text is no such day.

    Example:
        >>> day_of("March 4, 2025"), day_of("the fourth of March")
        (datetime.date(2025, 3, 4), None)
    """
    try:
        return datetime.datetime.strptime(text, "%B %d, %Y").date()
    except ValueError:
        return None


def last_day(first: datetime.date, months: int) -> datetime.date:
    """The last day of so many months.

    Example:
        >>> last_day(datetime.date(2025, 3, 15), 6), last_day(datetime.date(2025, 1, 31), 1)
        (datetime.date(2025, 9, 14), datetime.date(2025, 2, 28))
    """
    years, month = divmod(first.month - 1 + months, 12)
    year, month = first.year + years, month + 1
    longest = calendar.monthrange(year, month)[1]
    if first.day > longest:
        return datetime.date(year, month, longest)
    return datetime.date(year, month, first.day) - datetime.timedelta(days=1)


def long_day(day: object) -> str:
    """A day as letters write it; a month or a year where no more is known.

    Example:
        >>> long_day(datetime.date(2025, 3, 4)), long_day("2025-03")
        ('March 4, 2025', 'March 2025')
    """
    if isinstance(day, datetime.date):
        return f"{day:%B} {day.day}, {day.year}"
    return day_text(day)


class Words:
    """The words of one policy and its vocabulary."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._labels = structure.vocabulary.labels
        self._plain = structure.plain_labels
        self._plain_first = {**self._labels, **self._plain}

    def named(self, term: str, otherwise: str) -> Named:
        """What a term of the rules is called, clinically and in plain language.

        Args:
            term: the term, as the rules write it.
            otherwise: what to call it where it has no label.
        """
        text = self._labels.get(term, otherwise)
        return Named(text=text, plain=self._plain.get(term, text))

    def qualified(self, name: str) -> str:
        """The list that a flag calls whole; any other attribute itself."""
        return self._structure.vocabulary.qualifiers.get(name, name)

    def of_tumor(self, attribute: str) -> bool:
        """Whether an attribute is of one tumor, and not of the patient."""
        return attribute in self._structure.vocabulary.of_tumor

    def latest_counts(self, attribute: str) -> bool:
        """Whether of an attribute only the newest document counts."""
        return self._structure.vocabulary.attributes[attribute].kind == "latest"

    def criterion(self, name: str) -> CriterionPlace:
        """A criterion, by its id."""
        label = self._structure.labels[name]
        named = Named(text=label, plain=self._plain.get(written(name), label))
        return CriterionPlace(id=name, name=named, locator=self._structure.locators[name])

    def requirement(self, requirement: Requirement) -> Named:
        """A requirement."""
        return Named(text=requirement.text, plain=self._plain.get(requirement.term, requirement.text))

    def attribute(self, name: str) -> Named:
        """What is stated, or asked of the form: of a flag without a label what it says when it is true."""
        flag = f"yes({name})"
        text = self._labels.get(name) or self._labels.get(flag) or readable(name)
        return Named(text=text, plain=self._plain.get(name) or self._plain.get(flag) or text)

    def question(self, name: str) -> Named:
        """What documents disagree on: of a flag that it is true, or is not."""
        named = self.attribute(name)
        if self._structure.vocabulary.attributes[name].domain != "flag":
            return named
        return Named(text=f"{named.text}, or not", plain=f"{named.plain}, or not")

    def document_type(self, name: str) -> Named:
        """A type of document."""
        return self.named(name, readable(name))

    def value(self, value: Any) -> str:
        """A stated value.

        Example: `["one_drug", "another_drug"]` is "one drug, another drug".
        """
        return self._value(value, self._labels)

    def plain_value(self, value: Any) -> str:
        """A stated value, for a member."""
        return self._value(value, self._plain_first)

    def _value(self, value: Any, labels: Mapping[str, str]) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list | tuple):
            return ", ".join(self._value(one, labels) for one in value) or "none"
        if isinstance(value, Mapping):
            return range_text(value)
        if not isinstance(value, str):
            return str(value)
        try:
            return long_day(datetime.date.fromisoformat(value))
        except ValueError:
            return self._name(value, labels)

    def _name(self, value: str, labels: Mapping[str, str]) -> str:
        if value in labels:
            return labels[value]
        # What somebody wrote stays as it is: a brand name with its sign and strength, or a typing error.
        return readable(value) if value.replace("_", "").isalnum() and value.islower() else day_text(value)

    def stated(self, attribute: str, value: Any) -> Named:
        """A statement in words, with the label of the flag where that has one for its value."""
        subject, words = self.attribute(attribute), self.value(value)
        otherwise = Named(text=f"{subject.text}: {words}", plain=f"{subject.plain}: {self.plain_value(value)}")
        if not isinstance(value, bool):
            return otherwise
        flag = f"{'yes' if value else 'no'}({attribute})"
        text = self._labels.get(flag, otherwise.text)
        return Named(text=text, plain=self._plain.get(flag, text))

    def said(self, entry: Evidence) -> Said:
        """Who says what of a requirement, and what that does to it."""
        stated = self.stated(entry.attribute, entry.value)
        if entry.details:
            drawn_from = "; ".join(self.stated(name, value).text for name, value in entry.details.items())
            more = f" (this follows from: {drawn_from})"
        else:
            more = _read_as(entry)
        return Said(
            text=f"{stated.text}{more}",
            plain=stated.plain,
            source=self._source(entry),
            document=entry.document,
            effect=entry.effect,
            remark=_REMARKS[entry.effect],
        )

    def _source(self, entry: Evidence) -> Named:
        if entry.document is None or entry.type is None:
            return REQUEST_FORM
        return self.document(entry.document, entry.type, entry.date, entry.status)

    def document(self, name: str, kind: str, date: object, status: str | None = None) -> Named:
        """A document, by its type, its id and its date."""
        called, day = self.document_type(kind), long_day(date)
        state = f", {readable(status)}" if status else ""
        return Named(text=f"{called.text} {name} of {day}{state}", plain=f"{called.plain}, dated {day}")

    def source_of(self, document: Stated) -> Named:
        """A document, as statements in it are told with."""
        return self.document(document.id, document.type, document.date)


def _read_as(entry: Evidence) -> str:
    """How names were read, where that is more than their spelling; of a list each after the name itself."""
    if not entry.read_as:
        return ""
    if isinstance(entry.value, list | tuple):
        return f" (names read as: {entry.read_as})"
    return f" (read as {entry.read_as.removeprefix(f'{entry.value}: ')})"
