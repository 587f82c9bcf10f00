"""What a policy's rules say of the values that documents and the form can state: two bit masks for each.

A requirement is a bit. Of a value it is told which requirements are true of it, and which are false; a
statement that may mean several values has what all of these have in common. Everything is asked of the rules
once, when a policy is loaded; how statements of a case are added up is in `evidence`.
"""

from __future__ import annotations

import bisect
import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from pyclingo_bridge.base.terms import LARGEST, Term, Value, constant, plain
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.days import Day, day_number, first_day, last_day, months_after
from pyclingo_bridge.core.facts import Encoder, drug_terms, word_term
from pyclingo_bridge.core.structure import Structure

Masks: TypeAlias = tuple[int, int]
"""The requirements that are true of all values that a statement may mean, and those that are false of all."""

_MOST_KNOWN = 16_384
_NEARLY_ALL = 2_147_480_000
_TRUE, _FALSE = constant("true"), constant("false")


class ListMasks(NamedTuple):
    """What a list of names holds.

    Attributes:
        hits: the requirements that look for one of its members, or forbid one.
        anticancer: the anticancer drugs in it, a bit each.
        unread: whether a name in it is unknown.
    """

    hits: int
    anticancer: int
    unread: bool

    def __or__(self, other: object) -> ListMasks:
        """What a list holds that holds what either does."""
        if not isinstance(other, ListMasks):
            return NotImplemented
        return ListMasks(
            self.hits | other.hits, self.anticancer | other.anticancer, self.unread or other.unread
        )


class Saying(NamedTuple):
    """What a statement says of an attribute: its own, or another that it speaks for.

    Attributes:
        attribute: which one.
        own: the one that is stated.
        supports: what is true of all that it may mean.
        refutes: what is true of none of it.
        flag: of a flag, which value it surely is.
        low: of a number the least that it may be.
        high: of a number the greatest.
        held: of a list, what it is said to hold.
    """

    attribute: str
    own: str
    supports: int
    refutes: int
    flag: bool | None = None
    low: int = 0
    high: int = 0
    held: ListMasks | None = None


class ValueMasks:
    """The masks of one policy under its interpretations.

    Attributes:
        order: the requirements, a bit each.
        on: the requirements on each attribute.
        positive: those that a list meets by a member.
        negative: those that a list meets by having no such member.
        of_treatments: those on lists of drugs that name a treatment which is no drug.
    """

    def __init__(self, structure: Structure, encoder: Encoder) -> None:
        self._structure = structure
        self._encoder = encoder
        self.order = structure.ordered
        self._bit = {requirement: 1 << place for place, requirement in enumerate(self.order)}
        self.on: defaultdict[str, int] = defaultdict(int)
        for requirement, bit in self._bit.items():
            self.on[structure.attribute_of[requirement]] |= bit
        self.positive = self._mask(term.args[0] for term in structure.facts["positive"])
        self.negative = self._mask(term.args[0] for term in structure.facts["negative"])
        self.of_treatments = self._mask(term.args[0] for term in structure.facts["names_treatment"])
        self._true = self._by_value(("true_of",))
        self._hits = self._by_value(("demands", "forbids"))
        self._spans: dict[tuple[str, int, int], Masks] = {}
        self._numbers: dict[tuple[str, str, int, int], tuple[Saying, ...]] = {}
        self._words: dict[tuple[str, Any], tuple[Saying, ...]] = {}
        self._members: dict[tuple[str, str], ListMasks] = {}
        self._lists: dict[tuple[str, tuple[str, ...]], ListMasks] = {}

    def _mask(self, requirements: Iterable[Value]) -> int:
        found = 0
        for requirement in requirements:
            found |= self._bit.get(requirement, 0)
        return found

    def _by_value(self, predicates: Iterable[str]) -> Mapping[str, Mapping[Value, int]]:
        found: defaultdict[str, defaultdict[Value, int]] = defaultdict(lambda: defaultdict(int))
        for name in predicates:
            for term in self._structure.facts[name]:
                requirement, value = term.args
                if requirement in self._bit:
                    found[self._structure.attribute_of[requirement]][value] |= self._bit[requirement]
        return found

    # Single values

    def of_value(self, attribute: str, value: Value) -> Masks:
        """The masks of a value as the rules see it; of a number one that a requirement tells apart."""
        true = self._true[attribute].get(value, 0)
        return true, self.on[attribute] & ~true

    def of_any(self, attribute: str, values: Iterable[Value]) -> Masks:
        """The masks of a statement that may mean any of these values."""
        supports = refutes = self.on[attribute]
        for value in values:
            true = self._true[attribute].get(value, 0)
            supports &= true
            refutes &= ~true
        return supports, refutes

    def of_span(self, attribute: str, low: int, high: int) -> Masks:
        """The masks of a statement that may mean any number from the least to the greatest."""
        probes = self._encoder.probes(attribute)
        first = bisect.bisect_right(probes, low) - 1
        last = first if high == low else bisect.bisect_right(probes, high) - 1
        key = (attribute, first, last)
        found = self._spans.get(key)
        if found is None:
            found = self._spans[key] = self.of_any(attribute, probes[max(first, 0) : last + 1])
        return found

    # What a statement of a name, a choice or a flag says, whenever it is stated

    def impacts(self, attribute: Attribute, value: Any) -> tuple[Saying, ...]:
        """What stating a flag, a choice or a name says of attributes; a list of names as a tuple."""
        key = (attribute.name, value)
        found = self._words.get(key)
        if found is None:
            if len(self._words) >= _MOST_KNOWN:
                self._words.clear()
            found = self._words[key] = tuple(self._impacts(attribute, self._terms(attribute, value)))
        return found

    def of_number(self, attribute: Attribute, own: str, low: int, high: int) -> tuple[Saying, ...]:
        """What a number says of an attribute.

        Args:
            attribute: what it is about.
            own: what is stated, this or a day from which it follows.
            low: the least that it may be.
            high: the greatest.
        """
        low, high = max(low, self._least[attribute.name]), max(high, self._least[attribute.name])
        key = (attribute.name, own, low, high)
        found = self._numbers.get(key)
        if found is None:
            if len(self._numbers) >= _MOST_KNOWN:
                self._numbers.clear()
            whole = Saying(attribute.name, own, *self.of_span(attribute.name, low, high), None, low, high)
            found = self._numbers[key] = (whole,)
        return found

    def of_stated_number(self, attribute: Attribute, number: int) -> tuple[Saying, ...]:
        """What a number says that is stated as such: it may count as another one."""
        meant = self._counts_as[attribute.name].get(number, (number,))
        numbers = [one for one in meant if isinstance(one, int)]
        return tuple(one for n in numbers for one in self.of_number(attribute, attribute.name, n, n))

    def speaks_for(self, attribute: str) -> bool:
        """Whether some value of an attribute counts as a statement of another one."""
        return attribute in self._also

    def stated_besides(self, attribute: str, value: int) -> tuple[Saying, ...]:
        """What stating a number says of other attributes."""
        return self._spoken_for(attribute, [self._encoder.region(attribute, value)])

    def of_flag(self, attribute: str, own: str, flag: bool | None) -> Saying:
        """What a flag says that is true, false, or either."""
        values = (_TRUE, _FALSE) if flag is None else (_TRUE if flag else _FALSE,)
        return Saying(attribute, own, *self.of_any(attribute, values), flag)

    def _terms(self, attribute: Attribute, value: Any) -> list[Value]:
        if attribute.domain == "flag":
            return [_TRUE if value else _FALSE]
        if attribute.domain == "choice":
            return [constant(value)]
        vocabulary = self._structure.vocabulary
        words = vocabulary.names.read_value(attribute.name, value).words
        return [word_term(vocabulary, attribute, word) for word in words]

    def _impacts(self, attribute: Attribute, stated: list[Value]) -> Iterable[Saying]:
        covers = self._covers[attribute.name]
        meant = [value for term in stated for value in covers.get(term, [term])]
        values = [one for value in meant for one in self._counts_as[attribute.name].get(value, [value])]
        known = [self._listed(attribute, value) for value in values]
        flag = stated[0] == _TRUE if attribute.domain == "flag" else None
        yield Saying(attribute.name, attribute.name, *self.of_any(attribute.name, known), flag)
        if len(stated) == 1:
            yield from self._spoken_for(attribute.name, stated)

    @staticmethod
    def _listed(attribute: Attribute, value: Value) -> Value:
        if attribute.domain != "name" or str(plain(value)) in attribute.listed:
            return value
        return Term("other", (constant(attribute.name),))

    def _spoken_for(self, attribute: str, stated: Iterable[Value]) -> tuple[Saying, ...]:
        """What a value, or what it counts as, states besides."""
        renamed = self._counts_as[attribute]
        values = [one for value in stated for one in (value, *renamed.get(value, ()))]
        found: list[Saying] = []
        for value in values:
            for other, term in self._also[attribute].get(value, ()):
                about = self._structure.vocabulary.attributes[other]
                if about.domain in ("list", "drugs"):
                    found.append(Saying(other, attribute, 0, 0, held=self._of_terms(about, [term])))
                    continue
                for one in self._counts_as[other].get(term, [term]):
                    known = (
                        self._encoder.region(other, one) if isinstance(one, int) else self._listed(about, one)
                    )
                    flag = one == _TRUE if about.domain == "flag" else None
                    found.append(Saying(other, attribute, *self.of_value(other, known), flag))
        return tuple(dict.fromkeys(found))

    @cached_property
    def _covers(self) -> Mapping[str, Mapping[Value, list[Value]]]:
        return self._pairs("covers")

    @cached_property
    def _counts_as(self) -> Mapping[str, Mapping[Value, list[Value]]]:
        return self._pairs("counts_as")

    def _pairs(self, predicate: str) -> Mapping[str, Mapping[Value, list[Value]]]:
        found: defaultdict[str, defaultdict[Value, list[Value]]] = defaultdict(lambda: defaultdict(list))
        for term in self._structure.facts[predicate]:
            found[str(plain(term.args[0]))][term.args[1]].append(term.args[2])
        return found

    @cached_property
    def _also(self) -> Mapping[str, Mapping[Value, list[tuple[str, Value]]]]:
        found: defaultdict[str, defaultdict[Value, list[tuple[str, Value]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for term in self._structure.facts["also_states"]:
            name, value, other, meant = term.args
            found[str(plain(name))][value].append((str(plain(other)), meant))
        return found

    @cached_property
    def _least(self) -> dict[str, int]:
        lowest = {str(plain(term.args[0])): term.args[1] for term in self._structure.facts["lowest"]}
        return {name: value for name, value in lowest.items() if isinstance(value, int)}

    # Lists

    def of_list(self, attribute: Attribute, members: tuple[str, ...]) -> ListMasks:
        """What a list of an attribute holds."""
        key = (attribute.name, members)
        found = self._lists.get(key)
        if found is None:
            if len(self._lists) >= _MOST_KNOWN:
                self._lists.clear()
            hits = anticancer = 0
            unread = False
            for member in members:
                one = self.of_member(attribute, member)
                hits |= one.hits
                anticancer |= one.anticancer
                unread |= one.unread
            found = self._lists[key] = ListMasks(hits, anticancer, unread)
        return found

    def listed_besides(self, attribute: Attribute, members: tuple[str, ...]) -> tuple[Saying, ...]:
        """What the members of a list say of other attributes."""
        if attribute.name not in self._also:
            return ()
        terms = [
            term
            for word in members
            for named in (
                drug_terms(self._structure.vocabulary, word)
                if attribute.domain == "drugs"
                else [constant(word)]
            )
            for term in dict.fromkeys((named, *self._encoder.stands_for(named)))
        ]
        return self._spoken_for(attribute.name, terms)

    def of_member(self, attribute: Attribute, word: str) -> ListMasks:
        """What one member of a list comes to."""
        key = (attribute.name, word)
        found = self._members.get(key)
        if found is None:
            if len(self._members) >= _MOST_KNOWN:
                self._members.clear()
            found = self._members[key] = self._member(attribute, word)
        return found

    def _member(self, attribute: Attribute, word: str) -> ListMasks:
        vocabulary = self._structure.vocabulary
        terms = drug_terms(vocabulary, word) if attribute.domain == "drugs" else [constant(word)]
        return self._of_terms(attribute, terms)

    def _of_terms(self, attribute: Attribute, terms: Iterable[Value]) -> ListMasks:
        """What names in a list come to, as the rules have them."""
        hits = anticancer = 0
        unread = False
        for term in terms:
            for drug in self._encoder.stands_for(term) if attribute.domain == "drugs" else [term]:
                for value in self._counts_as[attribute.name].get(drug, [drug]):
                    if attribute.domain == "drugs" and value not in self._known_drugs:
                        unread = True
                        continue
                    anticancer |= self._anticancer.get(value, 0)
                    if attribute.name not in self._regimen_lists or value not in self._set_apart:
                        hits |= self._hit(attribute, value)
        return ListMasks(hits, anticancer, unread)

    def unread(self, attribute: Attribute, word: str) -> list[Value]:
        """What nobody knows of a word in a list of drugs."""
        named = (
            value
            for term in drug_terms(self._structure.vocabulary, word)
            for drug in self._encoder.stands_for(term)
            for value in self._counts_as[attribute.name].get(drug, [drug])
        )
        return [value for value in named if value not in self._known_drugs]

    def place(self, requirement: Value) -> int:
        """The place of a requirement's bit."""
        return self._bit[requirement].bit_length() - 1

    def _hit(self, attribute: Attribute, value: Value) -> int:
        hits = self._hits[attribute.name]
        if value in hits or attribute.domain != "drugs":
            return hits.get(value, 0)
        # No requirement names it: it is like any other.
        return hits.get(Term("other", (constant(attribute.name),)), 0)

    def drugs(self, mask: int) -> list[Value]:
        """Anticancer drugs, by their bits."""
        return [drug for drug, bit in self._anticancer.items() if bit & mask]

    def dismissed(self, attribute: Attribute, word: str) -> list[tuple[Value, str]]:
        """What a word of a list of concurrent treatments names that does not count, each with the reason."""
        if attribute.name not in self._regimen_lists:
            return []
        terms = drug_terms(self._structure.vocabulary, word)
        return [
            (drug, why)
            for term in terms
            for drug in self._encoder.stands_for(term)
            for why, drugs in self._reasons.items()
            if drug in drugs
        ]

    @cached_property
    def _known_drugs(self) -> frozenset[Value]:
        return frozenset(term.args[0] for term in self._structure.facts["drug"])

    @cached_property
    def _anticancer(self) -> dict[Value, int]:
        facts = self._structure.facts
        names = dict.fromkeys(term.args[0] for term in (*facts["anticancer"], *facts["requested_drug"]))
        return {drug: 1 << place for place, drug in enumerate(names)}

    @cached_property
    def _regimen_lists(self) -> frozenset[str]:
        return frozenset(str(plain(term.args[0])) for term in self._structure.facts["regimen_list"])

    @cached_property
    def _reasons(self) -> dict[str, frozenset[Value]]:
        """Why a drug on a list of concurrent treatments may not count."""
        named = {"supportive": "supportive", "treatment": "treatment", "requested": "requested_drug"}
        return {
            why: frozenset(term.args[0] for term in self._structure.facts[name]) for why, name in named.items()
        }

    @cached_property
    def _set_apart(self) -> frozenset[Value]:
        return frozenset().union(*self._reasons.values())


class Times:
    """How statements of a policy's attributes change with the time since they were made.

    Attributes:
        grows: the attributes whose numbers grow, each by `years` or `days`.
        dates: the details that are days and count as statements, each with the attribute and how.
    """

    def __init__(self, structure: Structure) -> None:
        facts = structure.facts
        self.grows = {str(plain(term.args[0])): str(plain(term.args[1])) for term in facts["grows"]}
        self.dates = {
            str(plain(term.args[0])): (str(plain(term.args[1])), term.args[2]) for term in facts["dates"]
        }
        days = [term.args[0] for term in facts["revised"] if isinstance(term.args[0], int)]
        self._revised = max(days, default=0)

    def grown(self, how: str, low: int, high: int, day: Day, asked: datetime.date) -> tuple[int, int]:
        """The least and greatest number on the day of the request, of one stated earlier or later."""
        first, last = first_day(day), last_day(day)
        if how == "years":
            return _grown(low, _years(last, asked)[0]), _grown(high, _years(first, asked)[1])
        return low + min((asked - last).days, 0), min(high + max((asked - first).days, 0), LARGEST)

    def since(self, how: str, day: Day, asked: datetime.date) -> tuple[int, int]:
        """How many full years or days lie between a stated day and the request; none where it is later."""
        first, last = first_day(day), last_day(day)
        if how == "years":
            return (
                _years(last, asked)[0] if last <= asked else 0,
                _years(first, asked)[0] if first <= asked else 0,
            )
        return max((asked - last).days, 0), max((asked - first).days, 0)

    def recent(self, how: Term, day: Day, asked: datetime.date) -> tuple[bool, bool]:
        """Whether a stated day may lie in the months before the request, and whether it may lie elsewhere."""
        months = how.args[0]
        assert isinstance(months, int)
        start = max(day_number(months_after(asked, -months)), self._revised + 1)
        first, last, end = day_number(first_day(day)), day_number(last_day(day)), day_number(asked)
        return max(first, start) <= min(last, end), first < start or last > end or start > end


def _grown(number: int, years: int) -> int:
    # The solver counts no further; what is near there is nobody's age.
    return LARGEST if years >= 0 and number > _NEARLY_ALL else number + years


def _years(start: datetime.date, end: datetime.date) -> tuple[int, int]:
    """The years that have passed at least, and at most; where the end is earlier they are taken away.

    Stated to the day both are the full years; else one more may have passed.
    """
    if end < start:
        least, most = _years(end, start)
        return -most, -least
    day = (start.month, start.day)
    if day == (2, 29) and not _leap(end.year):
        day = (2, 28)
    years = end.year - start.year - ((end.month, end.day) < day)
    return years, years if (end.month, end.day) == day else years + 1


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
