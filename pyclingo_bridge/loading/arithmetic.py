"""Whether rules count further than the solver can: it counts in 32 bits, and wraps in silence.

For each place where a rule calculates, a probe of the rule gives the numbers that it does so with: the
rule's body without what is calculated there. What these numbers come to is worked out anew, exactly.
The same probes show where a rule divides by zero, or calculates with what is no number: the solver
passes over such an instance of the rule, as if its conditions were not met.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice, pairwise, product
from math import prod
from pathlib import Path
from typing import NamedTuple, TypeAlias, cast

from pyclingo_bridge.base.errors import PolicyError
from pyclingo_bridge.base.rule_files import RulesFile, shipped
from pyclingo_bridge.base.solver import Program, Signature
from pyclingo_bridge.base.terms import LARGEST, Term, Value, written
from pyclingo_bridge.cases.conclusions import conclusion_files
from pyclingo_bridge.loading.rule_syntax import (
    Aggregate,
    ComparedTerms,
    Constant,
    Element,
    Function,
    Literal,
    Operation,
    Pool,
    Range,
    Rule,
    RulePart,
    Variable,
    parsed_term,
    rules,
)

LEAST = -LARGEST - 1
"""The least whole number that the solver can hold."""

_PROBE = "calculates_with"
_SUMS = ("#sum", "#sum+")
_SURELY_TOO_LARGE = 1 << 200
_MOST_BITS = 64
_MOST_VALUES = 1_000
"""Values of an element of a sum that are looked at one by one."""

Numbers: TypeAlias = Mapping[str, Value]
Ground: TypeAlias = Callable[[Iterable[RulesFile]], Program]


class Overflow(NamedTuple):
    """A place where rules count too far: where, what, and with which numbers."""

    where: str
    what: str
    numbers: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return (
            f"{self.where}: `{self.what}` grows past {LARGEST}{_with(self.numbers)}; the rules count no further"
        )


class Undefined(NamedTuple):
    """A place where rules calculate what has no value: where, what, why, and with which values."""

    where: str
    what: str
    why: str
    values: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.where}: `{self.what}` has no value{_with(self.values)}: {self.why}"


Beyond: TypeAlias = Overflow | Undefined


def _with(values: Iterable[tuple[str, str]]) -> str:
    each = ", ".join(f"{name} = {value}" for name, value in values)
    return f" with {each}" if each else ""


class _TooLarge(Exception):
    """A number that the solver cannot hold."""


class _NoValue(Exception):
    """A calculation that has no value; its text says why, and what to do."""


@dataclass(frozen=True)
class _Place:
    """One place where a rule calculates.

    Attributes:
        where: its file and line.
        terms: what is calculated there; of a sum, what is summed up.
        names: the variables whose values the probe gives, in the order of its arguments.
        text: the probe.
        outer: for a sum, the variables that tell one sum from another.
        summing: for a sum, what it is, as the rule has it; else empty.
        sum: which sum it is an element of, if any.
        gains_only: whether that sum passes over numbers below zero.
        dropped: of the rule's body what the probe leaves out, and can be judged of its numbers.
    """

    where: str
    terms: tuple[RulePart, ...]
    names: tuple[str, ...]
    text: str
    outer: tuple[str, ...] = ()
    summing: str = ""
    sum: tuple[object, ...] | None = None
    gains_only: bool = False
    dropped: tuple[Literal, ...] = ()


@dataclass(frozen=True)
class Calculations:
    """The places where some rules calculate.

    Attributes:
        places: the places; without any there is nothing to look for.
        plain: whether the rules hand on no number that they calculated.
        largest: the largest number that they name, whatever its sign.
    """

    places: tuple[_Place, ...]
    plain: bool = False
    largest: int = 0

    def __bool__(self) -> bool:
        return bool(self.places)

    @property
    def probes(self) -> RulesFile:
        """The probes, as rules to ground with those that calculate."""
        return RulesFile(Path("calculations"), "\n".join(place.text for place in self.places))

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """The predicates of the probes."""
        return tuple((f"{_PROBE}_{n}", len(place.names)) for n, place in enumerate(self.places))

    @cached_property
    def safe_up_to(self) -> int:
        """With no larger numbers given than this, whatever their signs, all are counted well; -1: unknown."""
        if not self.plain or not self._bounded_by(self.largest):
            return -1
        low, high = self.largest, LARGEST
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._bounded_by(middle) else (low, middle - 1)
        return low

    def _bounded_by(self, most: int) -> bool:
        return all(_size(term, most) <= LARGEST for place in self.places for term in place.terms)

    @property
    def always_beyond(self) -> list[Overflow]:
        """Where the rules count too far whatever they are given."""
        return [
            Overflow(place.where, _bare(term), ())
            for place in self.places
            for term in place.terms
            if isinstance(_failure(term), _TooLarge)
        ]

    @property
    def never_defined(self) -> list[Undefined]:
        """Where the rules calculate what has no value whatever they are given."""
        return [
            Undefined(place.where, _bare(term), str(why), ())
            for place in self.places
            for term in place.terms
            if isinstance(why := _failure(term), _NoValue)
        ]

    def beyond(self, found: Mapping[str, Sequence[Term]]) -> list[Beyond]:
        """Where the rules count too far, or calculate what has no value; of each place the first.

        Args:
            found: the atoms of the probes, by predicate.
        """
        wrong: list[Beyond] = []
        sums: dict[object, list[tuple[_Place, Sequence[Term]]]] = {}
        for number, place in enumerate(self.places):
            atoms = sorted(found.get(f"{_PROBE}_{number}", ()), key=str)
            wrong += islice(_at_place(place, atoms), 1)
            if place.sum is not None:
                sums.setdefault(place.sum, []).append((place, atoms))
        # Of what has no value, or is too large by itself, no total can be given.
        return wrong or [one for elements in sums.values() for one in _in_sum(elements)]


def _at_place(place: _Place, atoms: Iterable[Term]) -> Iterator[Beyond]:
    for atom in atoms:
        numbers = dict(zip(place.names, atom.args, strict=True))
        for term in place.terms:
            try:
                values = _values(term, numbers)
                if place.summing and term is place.terms[0]:
                    _numbers_among(values)
            except (_TooLarge, _NoValue) as failure:
                if _excluded(place, numbers):
                    continue
                used = [(name, numbers[name]) for name in sorted(term.names) if name in numbers]
                if isinstance(failure, _NoValue):
                    shown = tuple((name, written(value)) for name, value in used)
                    yield Undefined(place.where, _bare(term), str(failure), shown)
                else:
                    shown = tuple((name, written(value)) for name, value in used if isinstance(value, int))
                    yield Overflow(place.where, _bare(term), shown)


def _in_sum(elements: Sequence[tuple[_Place, Sequence[Term]]]) -> Iterator[Overflow]:
    """Whether the numbers of one sum, of all its elements together, add up to too large a number."""
    place = elements[0][0]
    outer = set(place.outer).intersection(*(set(other.outer) for other, _ in elements))
    sums: dict[tuple[Value, ...], dict[object, tuple[int, int]]] = {}
    for element, atoms in elements:
        for atom in atoms:
            numbers = dict(zip(element.names, atom.args, strict=True))
            group = tuple(numbers[name] for name in sorted(outer))
            try:
                weights = dict(_weights(element.terms, numbers))
            except (_TooLarge, _NoValue):
                # Another condition is not met with these numbers, else the place itself were at fault.
                continue
            sums.setdefault(group, {}).update(weights)
    for total in sums.values():
        gains = sum(most for most, _ in total.values())
        losses = 0 if place.gains_only else sum(least for _, least in total.values())
        if gains > LARGEST or losses < LEAST:
            yield Overflow(place.where, place.summing, ())
            return


def _weights(terms: Sequence[RulePart], numbers: Numbers) -> Iterator[tuple[object, tuple[int, int]]]:
    """The tuples that an element adds to a sum, each with the most and the least that it adds."""
    values = [_values(term, numbers) for term in terms]
    times = prod(_count(term, numbers) for term in terms)
    texts = tuple(map(str, terms))
    if times <= _MOST_VALUES:
        for each in product(*(_every_value(term, numbers) for term in terms)):
            weight = each[0] if isinstance(each[0], int) else 0
            # What is not known of a tuple might tell it from others.
            key = (texts, tuple(numbers.items()), each) if _UNKNOWN in each else each
            yield key, (max(weight, 0), min(weight, 0))
        return
    weights = [0, *(value for value in values[0] if isinstance(value, int))]
    key = (*texts, *sorted(numbers.items(), key=str))
    yield key, (times * max(weights), times * min(weights))


def _count(term: RulePart, numbers: Numbers) -> int:
    """How many values a term of a tuple has, at most."""
    if isinstance(term, Range):
        ends = [value for value in _values(term, numbers) if isinstance(value, int)]
        return max(ends) - min(ends) + 1 if ends else 1
    counts = [_count(part, numbers) for part in term.parts]
    return sum(counts) if isinstance(term, Pool) else prod(counts)


def _every_value(term: RulePart, numbers: Numbers) -> list[object]:
    """The values of a term, those between a range's ends too."""
    if isinstance(term, Range):
        left, right = ([one for one in _values(end, numbers) if isinstance(one, int)] for end in term.parts)
        return list(range(min(left), max(right) + 1)) if left and right else []
    if isinstance(term, Pool):
        return [value for one in term.parts for value in _every_value(one, numbers)]
    if isinstance(term, Function):
        return [(term.name, *args) for args in product(*(_every_value(one, numbers) for one in term.parts))]
    return _values(term, numbers)


def _excluded(place: _Place, numbers: Numbers) -> bool:
    """Whether another condition of the rule is not met with these numbers, for certain."""
    known = dict(numbers)
    # As often as there are conditions: one may give a variable its value for another.
    return any(_fails(part, known) for _ in place.dropped for part in place.dropped)


def _fails(part: Literal, known: dict[str, Value]) -> bool:
    """Whether a comparison is untrue; a variable to which it gives a value is known from then on."""
    comparison = cast(ComparedTerms, part.atom)
    terms, free = comparison.parts, _assigned(part) - known.keys()
    try:
        values = [_values(term, known) for term in terms if str(term) not in free]
    except (_TooLarge, _NoValue):
        return False
    if any(len(found) != 1 or not isinstance(found[0], int) for found in values):
        return False
    if len(free) == 1 and len(terms) == 2 and not part.sign:
        known[free.pop()] = cast(int, values[0][0])
        return False
    if len(values) != len(terms):
        return False
    pairs = zip(comparison.relations, pairwise(cast(int, value) for (value,) in values), strict=True)
    holds = all(_COMPARED[relation](left, right) for relation, (left, right) in pairs)
    return holds is (part.sign == 1)


def _failure(term: RulePart) -> Exception | None:
    """What a term fails by without the value of any variable; None where it may have a value."""
    try:
        _values(term, {})
    except (_TooLarge, _NoValue) as failure:
        return failure
    return None


def _bare(term: RulePart) -> str:
    """A term without the brackets that the parser puts around it."""
    text = str(term)
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


class _Unknown:
    """What a variable stands for whose value the probe does not give."""


_UNKNOWN = _Unknown()


def _values(term: RulePart, numbers: Numbers) -> list[object]:
    """The values that a term comes to, numbers exactly; of a range its ends.

    Errors: _TooLarge where one, or what it is calculated from, is no number of 32 bits, or the solver
    would count past the last; _NoValue where one has none.
    """
    if isinstance(term, Variable):
        return [numbers.get(term.text, _UNKNOWN)]
    if isinstance(term, Constant):
        return [term.value]
    if isinstance(term, Pool):
        return [value for one in term.parts for value in _values(one, numbers)]
    if isinstance(term, Range):
        left, right = (_numeric(end, numbers) for end in term.parts)
        if LARGEST in right:
            raise _TooLarge
        return [*left, *right]
    if isinstance(term, Operation):
        return [*_calculated(term, numbers)] or [_UNKNOWN]
    name = term.name if isinstance(term, Function) else str(term)
    return [(name, *args) for args in product(*(_values(part, numbers) for part in term.parts))]


def _numeric(term: RulePart, numbers: Numbers) -> list[int]:
    """The numbers that a term comes to; none where that is not known.

    Errors: _NoValue where a value is no number.
    """
    return _numbers_among(_values(term, numbers))


def _numbers_among(values: Iterable[object]) -> list[int]:
    known = [value for value in values if value is not _UNKNOWN]
    for value in known:
        if not isinstance(value, int):
            raise _NoValue(f"`{_shown(value)}` is no number; let the rule calculate with numbers alone")
    return cast(list[int], known)


def _shown(value: object) -> str:
    """A value as the rules would write it."""
    if isinstance(value, tuple):
        return f"{value[0]}({','.join(map(_shown, value[1:]))})"
    return written(value) if isinstance(value, Term | str | int) else "_"


def _calculated(term: Operation, numbers: Numbers) -> list[int]:
    if len(term.parts) == 1:
        (part,) = term.parts
        if term.operator == "-":
            # A name or a term may have a minus, too.
            found = [one for one in _values(part, numbers) if isinstance(one, int)]
        else:
            found = _numeric(part, numbers)
        return _bounded(_UNARY[term.operator](value) for value in found)
    left, right = term.parts
    calculate, results = _BINARY[term.operator], []
    for one, other in product(_numeric(left, numbers), _numeric(right, numbers)):
        if term.operator in ("/", "\\") and other == 0:
            raise _NoValue(f"it divides by zero{_condition(right)}")
        if term.operator == "**" and one == 0 and other < 0:
            raise _NoValue(f"it takes zero to a power below zero{_condition(left)}")
        results.append(calculate(one, other))
    return _bounded(results)


def _condition(term: RulePart) -> str:
    return f"; add the condition `{_bare(term)} != 0` to the rule" if term.names else ""


def _bounded(values: Iterable[int]) -> list[int]:
    found = list(values)
    if any(not LEAST <= value <= LARGEST for value in found):
        raise _TooLarge
    return found


def _power(base: int, exponent: int) -> int:
    if exponent < 0:
        # As the solver has it, of one too.
        return 0
    if exponent > _MOST_BITS and abs(base) > 1:
        return _SURELY_TOO_LARGE
    return int(base ** min(exponent, _MOST_BITS + exponent % 2))


def _quotient(left: int, right: int) -> int:
    # As the solver divides: towards zero.
    return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)


def _size(term: RulePart, most: int) -> int:
    """No number that a term comes to is larger, whatever its sign, where no variable's is above `most`."""
    if isinstance(term, Constant):
        return abs(term.value) if isinstance(term.value, int) else 0
    if isinstance(term, Variable):
        return most
    sizes = [_size(part, most) for part in term.parts]
    if not isinstance(term, Operation):
        return max(sizes, default=0)
    if len(sizes) == 1:
        return sizes[0] + 1
    left, right = sizes
    if term.operator == "**":
        return int(left**right) if right <= _MOST_BITS else _SURELY_TOO_LARGE
    return max(left * right, left, right) if term.operator == "*" else left + right + 1


_UNARY: dict[str, Callable[[int], int]] = {"-": operator.neg, "~": operator.invert, "|": abs}
_BINARY: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
    "\\": lambda left, right: left - right * _quotient(left, right),
    "**": _power,
    "&": operator.and_,
    "?": operator.or_,
    "^": operator.xor,
}
_COMPARED: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def why_undefined(text: str) -> str:
    """Why a calculation, as a rule has it, has no value; empty where that rests on a variable."""
    failures = map(_failure, _calculations(parsed_term(text)))
    return next((str(why) for why in failures if isinstance(why, _NoValue)), "")


def counts_past_last(rule: Rule) -> str:
    """A range that ends with the last number there is, which the solver never comes to the end of."""
    ranges = (one for one in rule.within() if isinstance(one, Range))
    return next((str(one) for one in ranges if _is_last(one.parts[1])), "")


def _is_last(node: RulePart) -> bool:
    return isinstance(node, Constant) and node.value == LARGEST


# --- Where rules calculate -------------------------------------------------------------------------


@lru_cache(maxsize=16)
def calculations(files: tuple[RulesFile, ...]) -> Calculations:
    """The places where the rules of these files, which have to parse, calculate."""
    found = [rule for file in files for rule in rules(file)]
    places = [place for rule in found for place in _places(rule)]
    numbered = (
        replace(place, text=place.text.replace(_PROBE, f"{_PROBE}_{number}", 1))
        for number, place in enumerate(places)
    )
    named = [one.value for rule in found for one in rule.within() if isinstance(one, Constant)]
    largest = max((abs(value) for value in named if isinstance(value, int)), default=0)
    return Calculations(tuple(numbered), not any(map(_hands_on, found)), largest)


def _hands_on(rule: Rule) -> bool:
    """Whether a rule may give on a number that it calculates, or sums up."""
    return _calculates(rule.head) or any(
        isinstance(part.atom, Aggregate) or (_assigned(part) and _calculates(part))
        for part in rule.body
        if isinstance(part, Literal)
    )


def _places(rule: Rule) -> Iterator[_Place]:
    terms = tuple(_calculations(rule.head))
    if terms:
        yield _place(rule.place, terms, rule.body)
    for number, part in enumerate(rule.body):
        yield from _in_part(rule, number, part, [other for other in rule.body if other is not part])


def _in_part(rule: Rule, number: int, part: RulePart, rest: list[RulePart]) -> Iterator[_Place]:
    """The places in one part of a rule's body."""
    if isinstance(part, Element):
        yield from _in_element(rule, number, part, rest)
    elif isinstance(part, Literal) and isinstance(part.atom, Aggregate):
        yield from _in_aggregate(rule, number, part, part.atom, rest)
    elif terms := tuple(_calculations(part)):
        yield _place(rule.place, terms, _binding(rest, part, terms))


def _in_element(rule: Rule, number: int, element: Element, rest: list[RulePart]) -> Iterator[_Place]:
    """The places in what stands before a colon, and in each of the conditions behind it."""
    terms = tuple(term for head in element.heads for term in _calculations(head))
    if terms:
        yield _place(rule.place, terms, [*rest, *element.condition])
    for one in element.condition:
        others = [other for other in element.condition if other is not one]
        yield from _in_part(rule, number, one, [*rest, *others])


def _in_aggregate(
    rule: Rule, number: int, part: Literal, aggregate: Aggregate, rest: list[RulePart]
) -> Iterator[_Place]:
    terms = tuple(term for guard in aggregate.guards for term in _calculations(guard))
    if terms:
        yield _place(rule.place, terms, _binding(rest, part, terms))
    for element in aggregate.elements:
        yield from _in_element(rule, number, element, rest)
        if aggregate.function in _SUMS and element.heads:
            outer = tuple(sorted(_bound_by(rest)))
            place = _place(rule.place, element.heads, [*rest, *element.condition], outer, str(part))
            which = (rule.file.path, rule.span, number)
            yield replace(place, sum=which, gains_only=aggregate.function == "#sum+")


def _place(
    where: str,
    terms: tuple[RulePart, ...],
    body: Sequence[RulePart],
    outer: tuple[str, ...] = (),
    summing: str = "",
) -> _Place:
    asked = {name for term in terms for name in term.names}
    kept = _kept(body, asked)
    bound = _bound_by(kept)
    dropped = tuple(
        part
        for part in body
        if part not in kept and isinstance(part, Literal) and isinstance(part.atom, ComparedTerms)
    )
    used = asked | set(outer) | {name for part in dropped for name in part.names}
    names = tuple(sorted(used & bound))
    head = f"{_PROBE}({','.join(names)})" if names else _PROBE
    text = f"{head} :- {'; '.join(map(str, kept))}." if kept else f"{head}."
    outer = tuple(name for name in outer if name in bound)
    return _Place(where, terms, names, text, outer, summing, dropped=dropped)


def _binding(rest: list[RulePart], part: RulePart, terms: Iterable[RulePart]) -> list[RulePart]:
    """What binds the variables of some terms: the rest of the body, with the part itself if need be."""
    needed = {name for term in terms for name in term.names}
    return rest if needed <= _bound_by(_kept(rest, needed)) else [*rest, part]


def _kept(body: Sequence[RulePart], asked: Collection[str]) -> list[RulePart]:
    """Of a body what a probe keeps: all but what may hold by a calculation alone, and binds nothing.

    Nor what is calculated for variables that the probe does not ask for, since it may have no value;
    nor what is not safe without that: a probe that holds more often than the rule asks for more care.
    """
    plain = [part for part in body if _is_positive(part) or not _calculates(part)]
    chosen = plain
    while True:
        bound = _bound_by(chosen)
        needed = set(asked) | {name for part in chosen if part not in plain for name in _global_names(part)}
        more = [part for part in body if part not in chosen and _assigned(part) & (needed - bound)]
        if not more:
            break
        chosen = [*chosen, more[0]]
    kept = [part for part in body if part in chosen]
    while True:
        bound = _bound_by(kept)
        safe = [part for part in kept if _global_names(part) - _assigned(part) <= bound]
        if len(safe) == len(kept):
            return kept
        kept = safe


def _is_positive(part: RulePart) -> bool:
    return isinstance(part, Literal) and part.is_positive


def _assigned(part: RulePart) -> set[str]:
    """The variables to which a part of a body gives a value."""
    if not isinstance(part, Literal) or part.sign:
        return set()
    atom = part.atom
    if isinstance(atom, ComparedTerms) and atom.relations == ("=",):
        return {term.text for term in atom.parts if isinstance(term, Variable)}
    if isinstance(atom, Aggregate) and atom.function and isinstance(atom.equals, Variable):
        return {atom.equals.text}
    return set()


def _bound_by(body: Iterable[RulePart]) -> set[str]:
    """The variables that have a value once these parts of a body hold."""
    parts = list(body)
    bound = {name for part in parts if _is_positive(part) for name in part.names}
    while True:
        more = {
            name for part in parts for name in _assigned(part) if _global_names(part) - {name} <= bound
        } - bound
        if not more:
            return bound
        bound |= more


def _global_names(part: RulePart) -> frozenset[str]:
    """The variables of a part of a body that have to be bound outside of it."""
    if isinstance(part, Element):
        return frozenset()
    if isinstance(part, Literal) and isinstance(part.atom, Aggregate):
        return frozenset().union(*(guard.names for guard in part.atom.guards))
    return part.names


def _calculates(node: RulePart) -> bool:
    return any(True for _ in _calculations(node))


def _calculations(node: RulePart) -> Iterator[RulePart]:
    """The outermost terms within that have to be calculated."""
    if isinstance(node, Operation | Range):
        if any(_is_operation(one) for one in node.within()):
            yield node
    elif not (isinstance(node, Aggregate) and node.function):
        for part in node.parts:
            yield from _calculations(part)


def _is_operation(node: RulePart) -> bool:
    """Whether something is calculated by itself; a number with a sign, or a range of plain ends, is not."""
    return isinstance(node, Operation) and (len(node.parts) == 2 or not isinstance(node.parts[0], Constant))


def refuse_large_numbers(files: Sequence[RulesFile], ground: Ground) -> None:
    """Refuse rules that count further than the solver can: whatever else they come to is doubtful.

    Rules that come with this package are held by its tests, and those that draw conclusions are
    looked at by `refuse_conclusions`.

    Args:
        files: the policy's files, which parse.
        ground: grounds these files, some probes among them, with the rules on policies.

    Errors: PolicyError, naming the file and the line of each fault.
    """
    concluding = {file.path for file in conclusion_files(files)}
    own = (file for file in files if not shipped(file.path))
    found = calculations(tuple(file for file in own if file.path not in concluding))
    if found:
        derived = ground([*files, found.probes]).facts(*found.signatures)
        beyond = [one for one in found.beyond(derived) if isinstance(one, Overflow)]
        if beyond:
            raise PolicyError.of(("too_large", str(one)) for one in beyond)
