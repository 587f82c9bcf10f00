"""Sweeps: the decision for every value that one attribute can have, by regions."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, groupby
from typing import Any, TypeAlias

from pyclingo_bridge.base.errors import CaseError, nearest_of, quoted
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import LARGEST, Term, Value, constant, plain
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.case import Case
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.decision import (
    FORMAT_VERSION,
    Answer,
    CriterionRef,
    CriterionResult,
    Decision,
    DenialKind,
    Item,
    Outcome,
    Part,
    PolicyInfo,
    nearest_sections,
)
from pyclingo_bridge.core.loaded import LoadedPolicy
from pyclingo_bridge.core.structure import natural_key
from pyclingo_bridge.questions.changes import changed
from pyclingo_bridge.questions.stand_ins import UNKNOWN_DRUG, stand_ins

MOST_LISTS = 2_048
"""How many lists, each with other requirements true of it, a sweep decides at most."""

Swept: TypeAlias = bool | str | tuple[str, ...]
"""A flag, a name, or the members of a list."""


class Region(Answer):
    """Values of an attribute over which the whole decision is the same but for its evidence.

    Attributes:
        low: of numbers, the least; None of other values.
        high: of numbers, the greatest; None where there is no end, and of other values.
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

    low: int | None = None
    high: int | None = None
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


class Sweep(Answer):
    """A case's decision for one value after another of an attribute.

    Attributes:
        version: the version of this format.
        engine: the versions of this package and of the solver.
        case: the case's id.
        policy: which policy decided.
        interpretations: each ambiguity of the wording, with the interpretation chosen.
        attribute: whose values.
        stand_ins: members of lists that stand for any other one that no requirement names.
        regions: numbers in their order; else by the first of each region's values.
    """

    version: str = FORMAT_VERSION
    engine: dict[str, str]
    case: str
    policy: PolicyInfo
    interpretations: dict[str, str]
    attribute: str
    stand_ins: tuple[str, ...] = ()
    regions: tuple[Region, ...]


def swept(policy: LoadedPolicy, case: Case, name: str, low: int | None, high: int | None) -> Sweep:
    """The sweep of an attribute over all of its values, or of numbers over a range.

    Errors: CaseError for an attribute or a range that there is not.
    """
    case = changed(case, {}, policy.vocabulary)
    attribute = _attribute(policy.vocabulary, name)
    bounds = _bounds(attribute, low, high)
    sweeping = _Sweeping(policy, case, name)
    others: set[str] = set()
    if attribute.domain == "whole_number":
        found = _of_numbers(sweeping, _cuts(policy, attribute, bounds), bounds)
    elif attribute.domain in ("list", "drugs"):
        program = policy.program("regions", facts=[Term("swept", (constant(name),))])
        lists = _lists(program, attribute)
        members = {member for each in lists for member in each}
        others = members & set(map(_word, stand_ins(program, name)))
        found = _of_values(sweeping, lists, _unlisted(attribute))
    else:
        found = _of_values(sweeping, _values(attribute), _unlisted(attribute))
    return Sweep(
        engine=policy.engine,
        case=case.id,
        policy=policy.info,
        interpretations=policy.interpretations,
        attribute=name,
        stand_ins=tuple(sorted(others)),
        regions=tuple(found),
    )


# What is asked for


def _attribute(vocabulary: Vocabulary, name: str) -> Attribute:
    if not isinstance(name, str):
        raise CaseError("sweep", ["the attribute is not named by a text"])
    if name in vocabulary.qualifiers:
        return Attribute(name=name, kind="qualifier", domain="flag")
    if name in vocabulary.details:
        text = f"{quoted(name)} has no regions: no requirement is about it, only about what follows from it"
        raise CaseError("sweep", [text])
    if name not in vocabulary.attributes:
        known = [*vocabulary.attributes, *vocabulary.qualifiers]
        text = f"unknown attribute {quoted(name)}{nearest_of(name, known)}"
        raise CaseError("sweep", [text])
    return vocabulary.attributes[name]


_Bounds: TypeAlias = tuple[int, int | None]
"""The least number, and the greatest; None where there is no end."""


def _bounds(attribute: Attribute, low: int | None, high: int | None) -> _Bounds:
    given = [bound for bound in (low, high) if bound is not None]
    source = f"sweep of {quoted(attribute.name)}"
    if given and attribute.domain != "whole_number":
        raise CaseError(source, ["its values are no numbers; leave out the range"])
    for bound in given:
        if isinstance(bound, bool) or not isinstance(bound, int):
            raise CaseError(source, [f"{quoted(bound)} is no whole number"])
        if not attribute.minimum <= bound <= attribute.maximum:
            allowed = f"allowed: {attribute.minimum} to {attribute.maximum}"
            raise CaseError(source, [f"{quoted(bound)} is out of bounds; {allowed}"])
    if low is not None and high is not None and low > high:
        raise CaseError(source, [f"{quoted(low)} is above {quoted(high)}; give the lesser first"])
    end = None if attribute.maximum == LARGEST else attribute.maximum
    return attribute.minimum if low is None else low, end if high is None else high


def _cuts(policy: LoadedPolicy, attribute: Attribute, bounds: _Bounds) -> list[int]:
    """Numbers of the range, the least first, such that no rule distinguishes one from those up to the next."""
    low, high = bounds
    probes = [term.args for term in policy.structure.facts["probe"]]
    numbers = {value for name, value in probes if plain(name) == attribute.name}
    for pair in policy.vocabulary.only_with:
        # A form is checked by the number itself, and not by the probe that stands for it.
        named = {pair[0]: pair[1], pair[2]: pair[3]}.get(attribute.name)
        numbers |= {named, named + 1} if isinstance(named, int) else set()
    inside = (value for value in numbers if isinstance(value, int) and value > low)
    return sorted({low, *(value for value in inside if high is None or value <= high)})


def _values(attribute: Attribute) -> list[Swept]:
    if attribute.domain == "flag":
        return [True, False]
    if attribute.domain == "choice":
        return list(attribute.listed)
    return [*attribute.listed, _unlisted(attribute)]


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

_Answer: TypeAlias = Decision | str
"""The decision on a value, or why there is none."""


@dataclass(frozen=True)
class _Sweeping:
    policy: LoadedPolicy
    case: Case
    attribute: str

    def decided(self, value: Any) -> _Answer:
        given = list(value) if isinstance(value, tuple) else value
        try:
            case = changed(self.case, {"set": {self.attribute: given}}, self.policy.vocabulary)
        except CaseError as error:
            return "; ".join(
                problem.removeprefix("set.").removeprefix("request.") for problem in error.problems
            )
        return self.policy.decide(case)


def _of_numbers(sweeping: _Sweeping, cuts: list[int], bounds: _Bounds) -> Iterator[Region]:
    found = [(number, sweeping.decided(number)) for number in cuts]
    groups = [list(group) for _, group in groupby(found, key=lambda entry: _kind(entry[1]))]
    ends = [group[0][0] - 1 for group in groups[1:]]
    for group, end in zip(groups, [*ends, bounds[1]], strict=True):
        low, answer = group[0]
        yield Region(low=low, high=end, **_fields(answer))


def _of_values(sweeping: _Sweeping, values: Iterable[Swept], unlisted: str) -> Iterator[Region]:
    groups: dict[Hashable, list[tuple[Swept, _Answer]]] = {}
    for value in values:
        answer = sweeping.decided(value)
        groups.setdefault(_kind(answer), []).append((value, answer))
    for group in groups.values():
        members = [value for value, _ in group]
        listed = tuple(value for value in members if value != unlisted)
        other = len(listed) < len(members)
        yield Region(values=listed, any_other=other, **_fields(group[0][1]))


def _kind(found: _Answer) -> Hashable:
    """What is the same throughout a region: all of a decision but evidence and warnings."""
    if isinstance(found, str):
        return found
    return (
        (found.outcome, found.denial_kind, found.section, found.approval_months, found.refer_to),
        tuple((section.id, section.addresses) for section in found.sections),
        tuple((name, criterion.status) for name, criterion in found.criteria.items()),
    )


def _fields(found: _Answer) -> Mapping[str, Any]:
    if isinstance(found, str):
        return {"not_possible": found}
    return {
        "outcome": found.outcome,
        "denial_kind": found.denial_kind,
        "section": found.section,
        "approval_months": found.approval_months,
        "refer_to": found.refer_to,
        "obstacles": obstacles(found),
        "decision": found,
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
