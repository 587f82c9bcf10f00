"""Sweeps: the decision for every value that one attribute can have, by regions."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, groupby
from typing import Any, TypeAlias

from pyclingo_bridge.base.errors import CaseError, nearest_of, quoted
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import LARGEST, Term, Value, constant, plain
from pyclingo_bridge.cases.attributes import DATE, Attribute, as_given
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.case_problems import bounds
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.answer import AfterDecision, about
from pyclingo_bridge.core.assessment import Assessment
from pyclingo_bridge.core.decision import (
    Answer,
    CriterionRef,
    CriterionResult,
    Decision,
    DenialKind,
    Item,
    Outcome,
    Part,
    nearest_sections,
)
from pyclingo_bridge.core.facts import number_span
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import Structure, natural_key
from pyclingo_bridge.questions.changes import Changes, assessed_with
from pyclingo_bridge.questions.segments import least_of
from pyclingo_bridge.questions.stand_ins import UNKNOWN_DRUG, stand_ins

MOST_LISTS = 2_048
"""How many lists, each with other requirements true of it, a sweep decides at most."""

MOST_DAYS = 3_660
"""How many days a sweep decides at most: about ten years."""

Bound: TypeAlias = int | float | str
"""A number, or a day as YYYY-MM-DD."""

Swept: TypeAlias = bool | str | tuple[str, ...]
"""A flag, a name, or the members of a list."""


class Region(Answer):
    """Values of an attribute over which the whole decision is the same but for its evidence.

    Attributes:
        low: of numbers and days, the least; None of other values.
        high: of numbers and days, the greatest; None where there is no end, and of other values.
        values: of other values, each; of lists, a smallest one for each set of requirements that are
            true of a list.
        any_other: whether every name that the vocabulary does not list is among them.
        outcome: the decision; None where no request can be made with these values.
        denial_kind: of a denial, its kind.
        section: of an approval, the section that approves.
        approval_months: of an approval, for how long.
        refer_to: of a referral, the policy that takes the request.
        obstacles: of a denial, the criteria that the most hopeful sections for this use need and
            that are not met, by id.
        not_possible: why no request can be made with these values.
        decision: the decision on one of the values, the least or the first.
    """

    low: int | float | str | None = None
    high: int | float | str | None = None
    values: tuple[Swept, ...] = ()
    any_other: bool = False
    outcome: Outcome | None = None
    denial_kind: DenialKind | None = None
    section: str | None = None
    approval_months: int | None = None
    refer_to: str | None = None
    obstacles: tuple[str, ...] = ()
    not_possible: str | None = None
    decision: Decision | None = None


class Sweep(AfterDecision):
    """A case's decision for one value after another of an attribute.

    The case is the one with the other changes made, if any were asked for.

    It has the attributes of every answer on a case too: `case`, `policy`, `outcome` and so on.

    Attributes:
        attribute: whose values.
        stand_ins: members of lists that stand for any other one that no requirement names.
        regions: numbers in their order; else by the first of each region's values.
    """

    attribute: str
    stand_ins: tuple[str, ...] = ()
    regions: tuple[Region, ...]


def swept(
    policy: LoadedPolicy,
    case: Case,
    name: str,
    low: Bound | None,
    high: Bound | None,
    changes: Changes | Mapping[str, Any] | None = None,
) -> Sweep:
    """The sweep of an attribute over all of its values, or of numbers and days over a range.

    Args:
        policy: what decides.
        case: the case.
        name: an attribute; or a day: `date`, of the request, or the date of a document as `ID.date`.
        low: the least to look at.
        high: the greatest.
        changes: what else is otherwise in the case throughout.

    Errors: CaseError for an attribute or a range that there is not.
    """
    sweeping = _Sweeping.of(policy, case, name, Changes.of(changes or {}))
    others: set[str] = set()
    if sweeping.attribute.domain in ("whole_number", "decimal"):
        bounds = _bounds(sweeping.attribute, low, high)
        found = _of_numbers(sweeping, _cuts(sweeping, bounds), bounds)
    elif sweeping.attribute.domain == DATE:
        found = _of_days(sweeping, *_days(name, low, high))
    else:
        _refuse_range(name, low, high)
        if sweeping.attribute.domain in ("list", "drugs"):
            program = policy.program("regions", facts=[Term("swept", (constant(name),))])
            lists = _lists(program, sweeping.attribute)
            members = {member for each in lists for member in each}
            others = members & set(map(_word, stand_ins(program, name)))
            found = _of_values(sweeping, lists, _unlisted(sweeping.attribute))
        else:
            found = _of_values(sweeping, _values(sweeping.attribute), _unlisted(sweeping.attribute))
    return Sweep(
        **about(policy.decision(sweeping.start)),
        attribute=name,
        stand_ins=tuple(sorted(others)),
        regions=tuple(found),
    )


# What is asked for


def _attribute(vocabulary: Vocabulary, case: Case, name: str) -> Attribute:
    if not isinstance(name, str):
        raise CaseError("sweep", ["the attribute is not named by a text"])
    if name in vocabulary.qualifiers:
        return Attribute(name=name, kind="qualifier", domain="flag")
    if name in vocabulary.details and name not in vocabulary.dated:
        text = f"{quoted(name)} has no regions: no requirement is about it, only about what follows from it"
        raise CaseError("sweep", [text])
    if name in vocabulary.all:
        return vocabulary.all[name]
    if name == "date" or _dated_document(case, name) is not None:
        return Attribute(name=name, kind="day", domain=DATE)
    known = [*vocabulary.attributes, *vocabulary.qualifiers, *vocabulary.dated, "date"]
    raise CaseError("sweep", [f"unknown attribute {quoted(name)}{nearest_of(name, known)}"])


def _dated_document(case: Case, name: str) -> str | None:
    """The document whose date is asked for, if one is."""
    document, dot, key = name.rpartition(".")
    there = any(one.id == document for one in case.documents)
    return document if dot and key == "date" and there else None


_Bounds: TypeAlias = tuple[int, int | None]
"""The least number, and the greatest, as the rules count; None where there is no end."""


def _refuse_range(name: str, low: Bound | None, high: Bound | None) -> None:
    if low is not None or high is not None:
        raise CaseError(f"sweep of {quoted(name)}", ["its values are no numbers; leave out the range"])


def _bounds(attribute: Attribute, low: Bound | None, high: Bound | None) -> _Bounds:
    source = f"sweep of {quoted(attribute.name)}"
    decimal = attribute.domain == "decimal"
    for bound in (low, high):
        if bound is None:
            continue
        if isinstance(bound, bool) or not isinstance(bound, int | float if decimal else int):
            raise CaseError(source, [f"{quoted(bound)} is no {'' if decimal else 'whole '}number"])
        if not attribute.minimum <= bound <= attribute.maximum:
            allowed = f"allowed: {bounds(attribute, bound)}"
            raise CaseError(source, [f"{quoted(bound)} is out of bounds ({allowed})"])
    first, last = (None if bound is None else _counted(attribute, bound) for bound in (low, high))
    if first is not None and last is not None and first > last:
        raise CaseError(source, [f"{quoted(low)} is above {quoted(high)}; give the lesser first"])
    end = None if attribute.maximum == LARGEST else _counted(attribute, attribute.maximum)
    return least_of(attribute) if first is None else first, end if last is None else last


def _counted(attribute: Attribute, number: Bound) -> int:
    span = number_span(attribute, number)
    assert span is not None
    return span[0]


def _days(name: str, low: Bound | None, high: Bound | None) -> tuple[datetime.date, datetime.date]:
    """The first and the last day to look at."""
    source = f"sweep of {quoted(name)}"
    if low is None or high is None:
        raise CaseError(source, [f"its values are days: give the first and the last, `{name}=FIRST..LAST`"])
    try:
        days = [datetime.date.fromisoformat(day) if isinstance(day, str) else None for day in (low, high)]
    except ValueError:
        days = [None]
    if len(days) < 2 or days[0] is None or days[1] is None:
        raise CaseError(source, ["a bound is a day, written YYYY-MM-DD"])
    if days[0] > days[1]:
        raise CaseError(source, [f"{quoted(low)} is after {quoted(high)}; give the earlier day first"])
    if (days[1] - days[0]).days >= MOST_DAYS:
        raise CaseError(source, [f"that is more than {MOST_DAYS} days; give a shorter range"])
    return days[0], days[1]


def _cuts(sweeping: _Sweeping, bounds: _Bounds) -> list[int]:
    """Numbers of the range, the least first, such that no rule distinguishes one from those up to the next.

    There may be more than it takes: neighbors of which nothing is different make one region.
    """
    policy, attribute = sweeping.policy, sweeping.attribute
    low, high = bounds
    numbers = {*policy.encoder.probes(attribute.name), *sweeping.compared()}
    for pair in policy.vocabulary.only_with:
        # A form is checked by the number itself, and not by the probe that stands for it.
        named = {pair[0]: pair[1], pair[2]: pair[3]}.get(attribute.name)
        numbers |= {named, named + 1} if isinstance(named, int) else set()
    numbers |= {number - passed for number in numbers for passed in sweeping.passed()}
    inside = (value for value in numbers if value > low)
    return sorted({low, *(value for value in inside if high is None or value <= high)})


def _values(attribute: Attribute) -> list[Swept]:
    if attribute.domain == "flag":
        return [True, False]
    if attribute.domain == "choice":
        return list(attribute.listed)
    # First those that do not count as another one: a reader is shown the first few.
    counting = [value for value in attribute.listed if value not in attribute.main]
    return [*attribute.main, *counting, _unlisted(attribute)]


def _unlisted(attribute: Attribute) -> str:
    """A name that stands for all that the vocabulary does not list."""
    name = f"another_{attribute.name}"
    names = (f"{name}_{number}" if number > 1 else name for number in count(1))
    return next(each for each in names if each not in attribute.listed)


def _lists(program: Program, attribute: Attribute) -> list[tuple[str, ...]]:
    """One smallest list for each set of requirements that a list can make true, the shortest first."""
    return sorted(_each_list(program, attribute), key=lambda each: (len(each), each))


def _each_list(program: Program, attribute: Attribute) -> Iterator[tuple[str, ...]]:
    members, struck = program.watch(("listed_for", 2)), program.watch(("struck", 1))
    for _ in range(MOST_LISTS + 1):
        found = program.smallest({**members, **struck})
        if found is None:
            return
        yield tuple(sorted(_word(term.args[1]) for term in found & members.keys()))
        program.require([-literal if term in found else literal for term, literal in struck.items()])
    text = f"requirements tell more than {MOST_LISTS} lists apart; set the ones in question instead"
    raise CaseError(f"sweep of {quoted(attribute.name)}", [text])


def _word(member: Value) -> str:
    return UNKNOWN_DRUG if isinstance(member, Term) and member.args else str(plain(member))


# What is found

_Kind: TypeAlias = Hashable
_Found: TypeAlias = Assessment | str
"""What the rules find of a case, or why there is none."""


@dataclass(frozen=True)
class _Sweeping:
    policy: LoadedPolicy
    case: Case
    attribute: Attribute
    changes: Changes
    start: Assessment

    @classmethod
    def of(cls, policy: LoadedPolicy, case: Case, name: str, changes: Changes) -> _Sweeping:
        start = assessed_with(policy, case, changes)
        attribute = _attribute(policy.vocabulary, start.case, name)
        return cls(policy, start.case, attribute, changes, start)

    def found(self, value: Any) -> _Found:
        given = list(value) if isinstance(value, tuple) else value
        try:
            return assessed_with(self.policy, self.case, self._change(given), self.changes)
        except CaseError as error:
            return "; ".join(
                problem.removeprefix("set.").removeprefix("request.") for problem in error.problems
            )

    def _change(self, value: Any) -> Changes:
        name = self.attribute.name
        document = _dated_document(self.case, name) if self.attribute.kind == "day" else None
        if document is not None:
            return Changes(amend_documents={document: {"date": value}})
        return Changes(set={name: value})

    def compared(self) -> set[int]:
        """Numbers at which a flag turns that compares the form's number with what documents state."""
        found: set[int] = set()
        for term in self.policy.structure.facts["increase"]:
            _, asked, documented = (str(plain(arg)) for arg in term.args)
            if self.attribute.name == asked:
                found |= {
                    end for one in self.start.said.documents for end in self._ends(one.states, documented)
                }
            elif self.attribute.name == documented:
                found |= set(self._ends(self.start.said.request, asked))
        # What has no end ends with the last number there is.
        return {number for end in found for number in (end, end + 1) if number <= LARGEST}

    def _ends(self, states: Mapping[str, Any], name: str) -> Iterable[int]:
        if name not in states:
            return ()
        return number_span(self.policy.vocabulary.all[name], states[name]) or ()

    def passed(self) -> set[int]:
        """How much a stated number may have grown by the day of the request, in any document."""
        grows = {str(plain(term.args[0])): str(term.args[1]) for term in self.policy.structure.facts["grows"]}
        how, day = grows.get(self.attribute.name), self.start.said.day
        if how is None or day is None:
            return set()
        days = {(day - end).days for one in self.start.said.documents for end in (one.first, one.last)}
        if how == "days":
            return days
        # A year more or less: it is the rules that say when a year is full.
        return {days_ // 366 + more for days_ in days for more in (-1, 0, 1, 2)}


def _of_numbers(sweeping: _Sweeping, cuts: list[int], bounds: _Bounds) -> Iterator[Region]:
    attribute, structure = sweeping.attribute, sweeping.policy.structure
    found = [(number, sweeping.found(as_given(attribute, number))) for number in cuts]
    groups = [list(group) for _, group in groupby(found, key=lambda entry: _kind(entry[1], structure))]
    ends = [group[0][0] - 1 for group in groups[1:]]
    for group, end in zip(groups, [*ends, bounds[1]], strict=True):
        low, answer = group[0]
        high = None if end is None else as_given(attribute, end)
        yield Region(low=as_given(attribute, low), high=high, **_fields(sweeping.policy, answer))


def _of_days(sweeping: _Sweeping, first: datetime.date, last: datetime.date) -> Iterator[Region]:
    """Every day of the range is decided."""
    days = [first + datetime.timedelta(number) for number in range((last - first).days + 1)]
    found = [(day.isoformat(), sweeping.found(day.isoformat())) for day in days]
    for _, group in groupby(found, key=lambda entry: _kind(entry[1], sweeping.policy.structure)):
        entries = list(group)
        fields = _fields(sweeping.policy, entries[0][1])
        yield Region(low=entries[0][0], high=entries[-1][0], **fields)


def _of_values(sweeping: _Sweeping, values: Iterable[Swept], unlisted: str) -> Iterator[Region]:
    groups: dict[_Kind, list[tuple[Swept, _Found]]] = {}
    for value in values:
        answer = sweeping.found(value)
        groups.setdefault(_kind(answer, sweeping.policy.structure), []).append((value, answer))
    for group in groups.values():
        members = [value for value, _ in group]
        listed = tuple(value for value in members if value != unlisted)
        other = len(listed) < len(members)
        yield Region(values=listed, any_other=other, **_fields(sweeping.policy, group[0][1]))


def _kind(found: _Found, structure: Structure) -> _Kind:
    """What is the same throughout a region: all of a decision but evidence and warnings."""
    if isinstance(found, str):
        return found
    verdict = found.verdict
    return (
        (verdict.outcome, verdict.denial_kind, verdict.section, verdict.approval_months, verdict.referred),
        (verdict.routed, verdict.addressed),
        tuple(verdict.statuses(structure).items()),
    )


def _fields(policy: LoadedPolicy, found: _Found) -> Mapping[str, Any]:
    if isinstance(found, str):
        return {"not_possible": found}
    decision = policy.decision(found)
    return {
        "outcome": decision.outcome,
        "denial_kind": decision.denial_kind,
        "section": decision.section,
        "approval_months": decision.approval_months,
        "refer_to": decision.refer_to,
        "obstacles": obstacles(decision),
        "decision": decision,
    }


def obstacles(decision: Decision) -> tuple[str, ...]:
    """The criteria in the way of an approval, in the sections that come nearest to one.

    A section's own wording is given as the section's id.
    """
    if decision.outcome != "deny":
        return ()
    near = nearest_sections(decision)
    found = {name for owner in near for name in _unmet(decision, decision.criteria[owner], owner)}
    return tuple(sorted(found, key=natural_key))


def _unmet(decision: Decision, holder: CriterionResult | Part, owner: str) -> Iterator[str]:
    for item in holder.needs:
        if isinstance(item, CriterionRef):
            if decision.criteria[item.id].status != "met":
                yield item.id
        elif item.status == "met":
            continue
        elif isinstance(item, Part):
            yield from _unmet(decision, item, owner)
        else:
            yield owner
    if holder.alternatives and not any(_met(decision, item) for item in holder.alternatives):
        yield owner


def _met(decision: Decision, item: Item) -> bool:
    status = decision.criteria[item.id].status if isinstance(item, CriterionRef) else item.status
    return status == "met"
