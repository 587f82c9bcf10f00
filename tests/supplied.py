"""The case that a missing set asks for: its documents supplied, and its unknown names cleared up, as it says.

What a document states is chosen by a policy's own facts on values; whether that is enough the policy decides.
"""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pyclingo_bridge import Clarification, MissingSet, Policy, Step
from pyclingo_bridge.base.terms import Term, Value, original, plain
from pyclingo_bridge.cases.days import last_day
from pyclingo_bridge.cases.statements import CaseStatements
from pyclingo_bridge.core.structure import Structure
from tests.conftest import case

Data = dict[str, Any]


FAMILIAR = ("metformin", "ondansetron")


def _familiarity(medicine: Value) -> tuple[bool, str]:
    return str(medicine) not in FAMILIAR, str(medicine)


class Part(NamedTuple):
    """What a missing set asks for: a statement of an attribute, or finding out about a name."""

    attribute: str
    name: str = ""
    document: str | None = None


def parts(found: MissingSet) -> list[Part]:
    """All that a missing set asks for, by its cheapest means."""
    told = [Part(one.attribute, one.name, one.document) for one in found.clarifications]
    shown = dict.fromkeys(
        one.attribute for one in found.requirements if set(one.document_types) & set(found.documents)
    )
    return [*told, *map(Part, shown)]


class Supply:
    """Supplies what one missing set of one case asks for."""

    def __init__(
        self, policy: Policy, data: Data, found: MissingSet, structure: Structure | None = None
    ) -> None:
        """Take a set of a policy's case; for one of several policies put together their structure too."""
        whole = structure or policy.loaded.structure
        self._facts = whole.facts
        self._vocabulary = policy.vocabulary
        self._attribute_of = whole.attribute_of
        # A requirement of several interpretations in one stands in each of their shapes.
        self._terms: dict[str, list[Value]] = {}
        for term in whole.requirements:
            for name in dict.fromkeys((str(term), str(original(term)))):
                self._terms.setdefault(name, []).append(term)
        self._data = data
        self._found = found
        self._said: CaseStatements = case(data, policy).statements(policy.vocabulary)
        known = policy.loaded.assess(case(data, policy)).statuses
        self._statuses = {one: known.get(one, "undocumented") for one in whole.requirements}
        self._asked: dict[str, list[Value]] = {}
        for one in found.requirements:
            self._asked.setdefault(one.attribute, []).extend(self._terms[one.term])
        self._types: dict[str, list[str]] = {}
        for one in found.requirements:
            shown = [name for name in one.document_types if name in found.documents]
            self._types[one.attribute] = [*self._types.get(one.attribute, []), *shown]

    def case(self, left_out: Part | None = None) -> Data:
        """The case with everything supplied but for one part."""
        data = copy.deepcopy(self._data)
        for one in self._found.clarifications:
            if Part(one.attribute, one.name, one.document) != left_out:
                self._clear(data, one)
        documents: dict[str, Data] = {}
        for attribute, requirements in self._asked.items():
            if not self._types[attribute] or Part(attribute) == left_out:
                continue
            states = self._states(attribute, requirements, data)
            kind = self._types[attribute][0]
            documents.setdefault(kind, {}).update(states)
        for kind, states in documents.items():
            self._add(data, kind, states)
        return data

    def answered(self, step: Step) -> Data:
        """The case once a request has brought all that the set needs of it."""
        data = copy.deepcopy(self._data)
        if step.clarification is not None:
            self._clear(data, step.clarification)
            return data
        assert step.document_type is not None
        states: Data = {}
        for one in self._found.requirements:
            if step.document_type in one.document_types and one.attribute not in states:
                states.update(self._states(one.attribute, self._asked[one.attribute], data))
        if states:
            self._add(data, step.document_type, states)
        return data

    def _add(self, data: Data, kind: str, states: Data) -> None:
        name = f"supplied-{len(data['documents'])}-{kind}"
        document = {"id": name, "type": kind, "date": str(self._day()), "states": states}
        tumor = data["request"].get("tumor")
        data["documents"].append({**document, **({"tumor": tumor} if tumor else {})})

    def _day(self) -> datetime.date:
        days = [last_day(one.date) for one in self._said.documents]
        return max([*days, *([self._said.day] if self._said.day else [])], default=datetime.date(2025, 6, 1))

    # What a document states

    def _states(self, attribute: str, requirements: list[Value], data: Data) -> Data:
        for flag, number, documented in (map(str, map(plain, one.args)) for one in self._facts["increase"]):
            if flag == attribute:
                form = data["request"].get(number, self._vocabulary.attributes[number].default)
                raised = any(Term("true_of", (one, Term("true", ()))) in self._true for one in requirements)
                return {documented: form - 1 if raised else form}
        domain = self._vocabulary.attributes[attribute].domain
        if domain in ("list", "drugs"):
            return self._list(attribute, requirements, data)
        return {attribute: self._value(attribute, requirements)}

    @property
    def _true(self) -> set[Term]:
        return set(self._facts["true_of"])

    def _value(self, attribute: str, requirements: list[Value]) -> Any:
        """A value that is as asked, that leaves what is met so, and makes as little else true as can be."""
        own = [one for one in self._statuses if self._attribute_of[one] == attribute]
        kept = [one for one in own if self._statuses[one] == "met"]
        values = [one.args[1] for one in self._facts["probe"] if str(plain(one.args[0])) == attribute]
        true = {value: {one for one in own if Term("true_of", (one, value)) in self._true} for value in values}
        fitting = [value for value in values if true[value] >= {*requirements, *kept}]
        fitting = fitting or [value for value in values if true[value] >= set(requirements)]
        best = min(fitting, key=lambda value: (len(true[value]), str(value)))
        return self._written(attribute, best, requirements)

    def _written(self, attribute: str, value: Value, requirements: list[Value]) -> Any:
        if isinstance(value, int):
            grown = {str(plain(one.args[0])): str(one.args[1]) for one in self._facts["grows"]}
            later = self._said.day is not None and self._day() > self._said.day
            at_least = any(str(one).startswith("at_least") for one in requirements)
            if attribute in grown and later and at_least:
                days = (self._day() - (self._said.day or self._day())).days
                return value + (days if grown[attribute] == "days" else days // 365 + 1)
            return value
        if isinstance(value, Term) and value.name == "other":
            return "something_quite_different"
        word = plain(value)
        return word == "true" if word in ("true", "false") else word

    # Lists

    def _list(self, attribute: str, requirements: list[Value], data: Data) -> Data:
        lists = self._lists(data, attribute)
        held = dict.fromkeys(word for words in lists for word in words)
        members = self._members(attribute, requirements)
        stated = list(dict.fromkeys([*held, *members]))
        if not stated and self._vocabulary.all[attribute].non_empty:
            stated = [self._harmless(attribute, requirements)]
        flags = {listed: flag for flag, listed in self._vocabulary.qualifiers.items()}
        whole = attribute in flags and any(one in self._negative for one in requirements)
        return {attribute: stated, **({flags[attribute]: True} if whole else {})}

    def _lists(self, data: Data, attribute: str) -> list[list[str]]:
        """The lists of the documents that count, as they are by now."""
        counting = {one.id for one in self._said.documents}
        return [
            one["states"][attribute]
            for one in data["documents"]
            if one["id"] in counting and attribute in one["states"]
        ]

    @property
    def _negative(self) -> set[Value]:
        return {one.args[0] for one in self._facts["negative"]}

    def _pairs(self, name: str) -> dict[Value, set[Value]]:
        found: dict[Value, set[Value]] = {}
        for one in self._facts[name]:
            found.setdefault(one.args[0], set()).add(one.args[1])
        return found

    def _members(self, attribute: str, requirements: Iterable[Value]) -> list[str]:
        """A member for each requirement that asks for one; of drugs one against cancer, where there is one."""
        demands, forbids = self._pairs("demands"), self._pairs("forbids")
        barred = set[Value]().union(*(forbids.get(one, set()) for one in requirements))
        barred |= self._dismissed(attribute)
        anticancer = {one.args[0] for name in ("anticancer", "requested_drug") for one in self._facts[name]}
        found: list[Value] = []
        for one in requirements:
            allowed = demands.get(one, set()) - barred
            if one in self._negative or allowed & set(found):
                continue
            found.append(
                min(allowed, key=lambda value: (value not in anticancer, self._breadth(value), str(value)))
            )
        return [self._drug(attribute, value, barred) for value in found]

    def _dismissed(self, attribute: str) -> set[Value]:
        if attribute not in {str(plain(one.args[0])) for one in self._facts["regimen_list"]}:
            return set()
        words = ("supportive", "treatment", "requested_drug")
        return {one.args[0] for name in words for one in self._facts[name]}

    def _breadth(self, value: Value) -> int:
        return sum(one.args[1] == value for name in ("demands", "forbids") for one in self._facts[name])

    def _drug(self, attribute: str, value: Value, barred: set[Value]) -> str:
        """A name for a member; for one that stands for all that is not named, one that no requirement names."""
        if not (isinstance(value, Term) and value.name == "other"):
            return str(plain(value))
        named = {one.args[1] for name in ("demands", "forbids") for one in self._facts[name]} | barred
        known = [one.args[0] for name in ("anticancer", "drug") for one in self._facts[name]]
        return next(str(plain(one)) for one in known if one not in named)

    def _harmless(self, attribute: str, requirements: Iterable[Value]) -> str:
        """A home medicine that breaks none of the requirements; nothing where each does."""
        forbids = self._pairs("forbids")
        barred = set[Value]().union(*(forbids.get(one, set()) for one in requirements))
        other = Term("other", (Term(attribute, ()),))
        if self._vocabulary.all[attribute].domain == "list":
            listed = (one.args[1] for one in self._facts["listed"] if str(plain(one.args[0])) == attribute)
            return next(str(plain(one)) for one in listed if one not in barred)
        dismissed = self._dismissed(attribute)
        # One that everybody knows first: the oracle's own list is short.
        for one in sorted((one.args[0] for one in self._facts["supportive"]), key=_familiarity):
            if one in dismissed or (one not in barred and other not in barred):
                return str(plain(one))
        return ""

    # Unknown names

    def _clear(self, data: Data, told: Clarification) -> None:
        requirements = self._asked.get(told.attribute, [])
        asks = any(one not in self._negative for one in requirements)
        if asks and not self._types.get(told.attribute):
            meant = self._members(told.attribute, requirements)
        else:
            meant = [name for name in [self._harmless(told.attribute, requirements)] if name]
        holder = self._holder(data, told)
        # Where no further list is supplied, one on file is whole by then, and has what others have.
        flags = {listed: flag for flag, listed in self._vocabulary.qualifiers.items()}
        supplied = self._types.get(told.attribute)
        if not supplied and told.attribute in flags and holder.get(flags[told.attribute]):
            meant = [*meant, *self._known(told.attribute)]
        holder[told.attribute] = list(self._cleared(holder[told.attribute], told.name, meant))

    def _known(self, attribute: str) -> list[str]:
        """The known names on the lists of an attribute that count."""
        words = [word for listed in self._lists(self._data, attribute) for word in listed]
        return [name for word in words for name in self._vocabulary.names.read_drugs(word).known]

    @staticmethod
    def _holder(data: Data, told: Clarification) -> Data:
        if told.document is None:
            form: Data = data["request"]
            return form
        states: Data = next(one["states"] for one in data["documents"] if one["id"] == told.document)
        return states

    def _cleared(self, words: Iterable[str], name: str, meant: list[str]) -> Iterator[str]:
        for word in words:
            read = self._vocabulary.names.read_drugs(word)
            if name in read.unknown:
                yield from read.known
                yield from (one for one in read.unknown if one != name)
                yield from meant
            else:
                yield word


def newly_met(policy: Policy, before: Data, after: Data) -> set[Value]:
    """The requirements that are met in one case and not in the other."""
    then = policy.loaded.assess(case(after, policy)).statuses
    now = policy.loaded.assess(case(before, policy)).statuses
    return {one for one, status in then.items() if status == "met" and now[one] != "met"}


def lost(policy: Policy, before: Data, after: Data) -> set[Value]:
    """The requirements that are met in one case and no longer in the other."""
    return newly_met(policy, after, before)


def told(found: MissingSet) -> str:
    """A set for whoever reads why a test failed."""
    return json.dumps(found.model_dump(mode="json", exclude={"requirements": {"__all__": {"value"}}}), indent=1)
