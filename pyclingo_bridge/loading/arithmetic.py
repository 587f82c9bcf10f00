"""Whether rules count further than the solver can: it counts in 32 bits, and wraps in silence.

For each place where a rule calculates, a probe of the rule tells with which numbers it does: the
rule's body without what is calculated there. What these numbers come to is worked out anew, exactly.
The same probes tell where a rule divides by zero, or calculates with what is no number: the solver
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

from clingo import Number, Symbol, SymbolType
from clingo.ast import (
    AST,
    AggregateFunction,
    ASTType,
    BinaryOperator,
    ComparisonOperator,
    Sign,
    UnaryOperator,
    parse_string,
)

from pyclingo_bridge.base.errors import PolicyError
from pyclingo_bridge.core.conclusions import conclusion_files
from pyclingo_bridge.core.rule_files import RulesFile, shipped
from pyclingo_bridge.core.solver import Program, Signature
from pyclingo_bridge.core.terms import LARGEST, Term, Value, constant, written

LEAST = -LARGEST - 1
"""The least whole number that the solver can hold."""

_PROBE = "calculates_with"
_CALCULATING = {ASTType.BinaryOperation, ASTType.UnaryOperation, ASTType.Interval}
_SUMS = {AggregateFunction.Sum, AggregateFunction.SumPlus}
_SURELY_TOO_LARGE = 1 << 200
_MOST_BITS = 64
_MOST_MEMBERS = 1_000
"""Members of a range that are looked at one by one."""

Numbers: TypeAlias = Mapping[str, Value]
Ground: TypeAlias = Callable[[Iterable[RulesFile]], Program]


class Overflow(NamedTuple):
    """A place where rules count too far: where, what, and with which numbers."""

    where: str
    what: str
    numbers: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        told = ", ".join(f"{name} = {number}" for name, number in self.numbers)
        given = f" with {told}" if told else ""
        return f"{self.where}: `{self.what}` grows past {LARGEST}{given}; the rules count no further"


class Undefined(NamedTuple):
    """A place where rules calculate what has no value: where, what, why, and with which values."""

    where: str
    what: str
    why: str
    values: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        told = ", ".join(f"{name} = {value}" for name, value in self.values)
        given = f" with {told}" if told else ""
        return f"{self.where}: `{self.what}` has no value{given}: {self.why}"


Beyond: TypeAlias = Overflow | Undefined


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
        names: the variables whose values are told, in the order of the probe's arguments.
        text: the probe.
        outer: for a sum, the variables that tell one sum from another.
        told: for a sum, what it is, as the rule has it; else empty.
        sum: which sum it is an element of, if any.
        gains_only: whether that sum passes over numbers below zero.
        dropped: of the rule's body what the probe leaves out, and can be judged of its numbers.
    """

    where: str
    terms: tuple[AST, ...]
    names: tuple[str, ...]
    text: str
    outer: tuple[str, ...] = ()
    told: str = ""
    sum: tuple[str, int, int] | None = None
    gains_only: bool = False
    dropped: tuple[AST, ...] = ()


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
        """The probes, as rules to ground beside those that calculate."""
        return RulesFile(Path("calculations"), "\n".join(place.text for place in self.places))

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """What the probes tell."""
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
            Overflow(place.where, _written(term), ())
            for place in self.places
            for term in place.terms
            if _too_large(term)
        ]

    @property
    def never_defined(self) -> list[Undefined]:
        """Where the rules calculate what has no value whatever they are given."""
        return [
            Undefined(place.where, _written(term), why, ())
            for place in self.places
            for term in place.terms
            if (why := _no_value(term))
        ]

    def beyond(self, found: Mapping[str, Sequence[Term]]) -> list[Beyond]:
        """Where the rules count too far, or calculate what has no value; of each place the first."""
        told: list[Beyond] = []
        sums: dict[tuple[str, int, int], list[tuple[_Place, Sequence[Term]]]] = {}
        for number, place in enumerate(self.places):
            atoms = sorted(found.get(f"{_PROBE}_{number}", ()), key=str)
            told += islice(_at_place(place, atoms), 1)
            if place.sum is not None:
                sums.setdefault(place.sum, []).append((place, atoms))
        # Of what has no value, or is too large by itself, no total can be told.
        return told or [one for elements in sums.values() for one in _in_sum(elements)]


def _at_place(place: _Place, atoms: Iterable[Term]) -> Iterator[Beyond]:
    for atom in atoms:
        numbers = dict(zip(place.names, atom.args, strict=True))
        for term in place.terms:
            try:
                meanings = _meanings(term, numbers)
                if place.told and term is place.terms[0]:
                    _refuse_unsummed(meanings)
            except _TooLarge:
                if not _excluded(place, numbers):
                    yield Overflow(place.where, _written(term), _used(term, numbers))
            except _NoValue as why:
                if not _excluded(place, numbers):
                    used = sorted(_variables(term) & numbers.keys())
                    values = tuple((name, written(numbers[name])) for name in used)
                    yield Undefined(place.where, _written(term), str(why), values)


def _refuse_unsummed(weights: Iterable[object]) -> None:
    for weight in weights:
        if not isinstance(weight, int) and weight is not _UNKNOWN:
            raise _NoValue(_no_number(weight))


def _in_sum(elements: Sequence[tuple[_Place, Sequence[Term]]]) -> Iterator[Overflow]:
    """Whether the numbers of one sum, of all its elements together, add up to too large a number."""
    place = elements[0][0]
    outer = set(place.outer).intersection(*(set(other.outer) for other, _ in elements))
    sums: dict[tuple[Value, ...], dict[object, tuple[int, int]]] = {}
    for element, atoms in elements:
        for atom in atoms:
            numbers = dict(zip(element.names, atom.args, strict=True))
            group = tuple(numbers[name] for name in sorted(outer))
            sums.setdefault(group, {}).update(_weights(element.terms, numbers))
    for weights in sums.values():
        gains = sum(most for most, _ in weights.values())
        losses = 0 if place.gains_only else sum(least for _, least in weights.values())
        if gains > LARGEST or losses < LEAST:
            yield Overflow(place.where, place.told, ())
            return


def _weights(terms: Sequence[AST], numbers: Numbers) -> Iterator[tuple[object, tuple[int, int]]]:
    """The members that an element adds to a sum, each with the most and the least that it adds."""
    meanings = [_meanings(term, numbers) for term in terms]
    times = prod(_span(term, numbers) for term in terms)
    if times <= _MOST_MEMBERS:
        for member in product(*(_expanded(term, numbers) for term in terms)):
            weight = member[0] if isinstance(member[0], int) else 0
            # What is not known of a member might tell it from others.
            key = (str(terms), tuple(numbers.items()), member) if _UNKNOWN in member else member
            yield key, (max(weight, 0), min(weight, 0))
        return
    weights = [0, *(value for value in meanings[0] if isinstance(value, int))]
    key = (*map(str, terms), *sorted(numbers.items(), key=str))
    yield key, (times * max(weights), times * min(weights))


def _span(term: AST, numbers: Numbers) -> int:
    """How many values a term of a tuple has, at most."""
    if term.ast_type == ASTType.Interval:
        ends = [value for value in _meanings(term, numbers) if isinstance(value, int)]
        return max(ends) - min(ends) + 1 if ends else 1
    if term.ast_type == ASTType.Pool:
        return sum(_span(one, numbers) for one in term.arguments)
    return prod(_span(child, numbers) for child in _children(term))


def _expanded(term: AST, numbers: Numbers) -> list[object]:
    """The values of a term, those between a range's ends too."""
    if term.ast_type == ASTType.Interval:
        return list(_between(term, numbers))
    if term.ast_type == ASTType.Pool:
        return [value for one in term.arguments for value in _expanded(one, numbers)]
    if term.ast_type == ASTType.Function:
        return [(term.name, *args) for args in product(*(_expanded(o, numbers) for o in term.arguments))]
    return _meanings(term, numbers)


def _between(term: AST, numbers: Numbers) -> range:
    left, right = (
        [value for value in _meanings(end, numbers) if isinstance(value, int)]
        for end in (term.left, term.right)
    )
    return range(min(left), max(right) + 1) if left and right else range(0)


def _excluded(place: _Place, numbers: Numbers) -> bool:
    """Whether another condition of the rule is not met with these numbers, for certain."""
    known = dict(numbers)
    # As often as there are conditions: one may give a variable its value for another.
    for _ in place.dropped:
        for part in place.dropped:
            if _fails(part, known):
                return True
    return False


def _fails(part: AST, known: dict[str, Value]) -> bool:
    """Whether a comparison is untrue; a variable to which it gives a value is known from then on."""
    sides = [part.atom.term, *(guard.term for guard in part.atom.guards)]
    free = _assigned(part) - known.keys()
    try:
        values = [_meanings(side, known) for side in sides if str(side) not in free]
    except (_TooLarge, _NoValue):
        return False
    if any(len(found) != 1 or not isinstance(found[0], int) for found in values):
        return False
    if len(free) == 1 and len(sides) == 2 and not part.sign:
        known[free.pop()] = cast(int, values[0][0])
        return False
    if len(values) != len(sides):
        return False
    kinds = [guard.comparison for guard in part.atom.guards]
    plain = [cast(int, value) for (value,) in values]
    holds = all(
        _COMPARED[kind](left, right) for kind, (left, right) in zip(kinds, pairwise(plain), strict=True)
    )
    return holds is bool(part.sign == Sign.Negation)


def _too_large(term: AST) -> bool:
    """Whether a term comes to too large a number without that of any variable."""
    try:
        _meanings(term, {})
    except _NoValue:
        return False
    except _TooLarge:
        return True
    return False


def _no_value(term: AST) -> str:
    """Why a term has no value without that of any variable; empty where it may have one."""
    try:
        _meanings(term, {})
    except _TooLarge:
        return ""
    except _NoValue as why:
        return str(why)
    return ""


def _written(term: AST) -> str:
    """A term without the brackets that the parser puts around it."""
    text = str(term)
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def _used(term: AST, numbers: Numbers) -> tuple[tuple[str, int], ...]:
    used = ((name, numbers[name]) for name in sorted(_variables(term)) if name in numbers)
    return tuple((name, value) for name, value in used if isinstance(value, int))


class _Unknown:
    """What a variable stands for of which the probe does not tell the value."""


_UNKNOWN = _Unknown()


def _meanings(term: AST, numbers: Numbers) -> list[object]:
    """The values that a term comes to, numbers exactly; of an interval its ends.

    Errors: _TooLarge where one, or what it is calculated from, is no number of 32 bits, or the solver
    would count past the last; _NoValue where one has none.
    """
    kind = term.ast_type
    if kind == ASTType.Variable:
        return [numbers.get(term.name, _UNKNOWN)]
    if kind == ASTType.SymbolicTerm:
        number = term.symbol.type == SymbolType.Number
        return [term.symbol.number if number else _named(term.symbol)]
    if kind == ASTType.Pool:
        return [value for one in term.arguments for value in _meanings(one, numbers)]
    if kind == ASTType.Interval:
        right = _numeric(term.right, numbers)
        if LARGEST in right:
            raise _TooLarge
        return [*_numeric(term.left, numbers), *right]
    if kind == ASTType.UnaryOperation:
        if term.operator_type == UnaryOperator.Minus:
            found = [one for one in _meanings(term.argument, numbers) if isinstance(one, int)]
        else:
            found = _numeric(term.argument, numbers)
        return _bounded(_UNARY[term.operator_type](value) for value in found) or [_UNKNOWN]
    if kind == ASTType.BinaryOperation:
        return _calculate(term, numbers) or [_UNKNOWN]
    parts = [_meanings(argument, numbers) for argument in getattr(term, "arguments", ())]
    return [(getattr(term, "name", str(term)), *part) for part in product(*parts)]


def _named(symbol: Symbol) -> object:
    # As the probes tell it: a text, or a name.
    return symbol.string if symbol.type == SymbolType.String else constant(str(symbol))


def _numeric(term: AST, numbers: Numbers) -> list[int]:
    """The numbers that a term comes to; none where that is not known.

    Errors: _NoValue where a value is no number.
    """
    found = [value for value in _meanings(term, numbers) if value is not _UNKNOWN]
    for value in found:
        if not isinstance(value, int):
            raise _NoValue(_no_number(value))
    return cast(list[int], found)


def _no_number(value: object) -> str:
    text = written(value) if isinstance(value, Term | str) else str(value)
    return f"`{text}` is no number; let the rule calculate with numbers alone"


def _calculate(term: AST, numbers: Numbers) -> list[object]:
    pairs = product(_numeric(term.left, numbers), _numeric(term.right, numbers))
    operation, kind = _BINARY[term.operator_type], term.operator_type
    found: list[int] = []
    for left, right in pairs:
        if kind in _DIVIDING and right == 0:
            raise _NoValue(f"it divides by zero{_condition(term.right)}")
        if kind == BinaryOperator.Power and left == 0 and right < 0:
            raise _NoValue(f"it takes zero to a power below zero{_condition(term.left)}")
        found.append(operation(left, right))
    return _bounded(found)


def _condition(term: AST) -> str:
    return f"; add the condition `{_written(term)} != 0` to the rule" if _variables(term) else ""


def _bounded(values: Iterable[int]) -> list[object]:
    found = list(values)
    if any(not LEAST <= value <= LARGEST for value in found):
        raise _TooLarge
    return cast(list[object], found)


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


def _size(term: AST, most: int) -> int:
    """No number that a term comes to is larger, whatever its sign, where no variable's is above `most`."""
    kind = term.ast_type
    if kind == ASTType.SymbolicTerm:
        return abs(term.symbol.number) if term.symbol.type == SymbolType.Number else 0
    if kind == ASTType.Variable:
        return most
    sizes = [_size(child, most) for child in _children(term)]
    if kind == ASTType.UnaryOperation:
        return sizes[0] + 1
    if kind != ASTType.BinaryOperation:
        return max(sizes, default=0)
    left, right = sizes
    if term.operator_type == BinaryOperator.Power:
        return int(left**right) if right <= _MOST_BITS else _SURELY_TOO_LARGE
    if term.operator_type == BinaryOperator.Multiplication:
        return max(left * right, left, right)
    return left + right + 1


_UNARY: dict[int, Callable[[int], int]] = {
    UnaryOperator.Minus: lambda value: -value,
    UnaryOperator.Negation: lambda value: ~value,
    UnaryOperator.Absolute: abs,
}
_BINARY: dict[int, Callable[[int, int], int]] = {
    BinaryOperator.Plus: operator.add,
    BinaryOperator.Minus: operator.sub,
    BinaryOperator.Multiplication: operator.mul,
    BinaryOperator.Division: _quotient,
    BinaryOperator.Modulo: lambda left, right: left - right * _quotient(left, right),
    BinaryOperator.Power: _power,
    BinaryOperator.And: operator.and_,
    BinaryOperator.Or: operator.or_,
    BinaryOperator.XOr: operator.xor,
}
_DIVIDING = {BinaryOperator.Division, BinaryOperator.Modulo}
_COMPARED: dict[int, Callable[[int, int], bool]] = {
    ComparisonOperator.Equal: operator.eq,
    ComparisonOperator.NotEqual: operator.ne,
    ComparisonOperator.LessThan: operator.lt,
    ComparisonOperator.LessEqual: operator.le,
    ComparisonOperator.GreaterThan: operator.gt,
    ComparisonOperator.GreaterEqual: operator.ge,
}


def why_undefined(text: str) -> str:
    """Why a calculation, as a rule has it, has no value; empty where that rests on a variable."""
    found: list[AST] = []
    parse_string(f"{_PROBE}({text}).", found.append)
    return next((why for node in found[1:] for why in map(_no_value, _calculated(node)) if why), "")


def counts_past_last(statement: AST) -> str:
    """A range that ends with the last number there is, which the solver never comes to the end of."""
    if statement.ast_type == ASTType.Interval:
        end = statement.right
        if end.ast_type == ASTType.SymbolicTerm and end.symbol == Number(LARGEST):
            return str(statement)
    return next(filter(None, map(counts_past_last, _children(statement))), "")


@lru_cache(maxsize=16)
def calculations(files: tuple[RulesFile, ...]) -> Calculations:
    """The places where the rules of these files, which have to parse, calculate."""
    found: list[tuple[RulesFile, AST]] = []
    for file in files:
        parse_string(file.text, lambda node, file=file: found.append((file, node)))  # type: ignore[misc]
    rules = [(file, node) for file, node in found if node.ast_type == ASTType.Rule]
    places = [place for file, rule in rules for place in _places(file, rule)]
    numbered = (
        replace(place, text=place.text.replace(_PROBE, f"{_PROBE}_{number}", 1))
        for number, place in enumerate(places)
    )
    plain = not any(_hands_on(rule) for _, rule in rules)
    largest = max((_largest(rule) for _, rule in rules), default=0)
    return Calculations(tuple(numbered), plain, largest)


def _hands_on(rule: AST) -> bool:
    """Whether a rule may give on a number that it calculates, or sums up."""
    parts = (part for part in rule.body if part.ast_type == ASTType.Literal)
    return any(_calculated(rule.head)) or any(
        part.atom.ast_type in (ASTType.BodyAggregate, ASTType.Aggregate)
        or (_assigned(part) and any(_calculated(part)))
        for part in parts
    )


def _largest(node: AST) -> int:
    if node.ast_type == ASTType.SymbolicTerm and node.symbol.type == SymbolType.Number:
        return int(abs(node.symbol.number))
    return max((_largest(child) for child in _children(node)), default=0)


def _places(file: RulesFile, statement: AST) -> Iterator[_Place]:
    where = f"{file.path}:{statement.location.begin.line}"
    body = list(statement.body)
    terms = tuple(_calculated(statement.head))
    if terms:
        yield _place(where, terms, body)
    for part in body:
        yield from _in_part(where, part, [other for other in body if other is not part])


def _in_part(where: str, part: AST, rest: list[AST]) -> Iterator[_Place]:
    """The places in one part of a rule's body."""
    if part.ast_type == ASTType.ConditionalLiteral:
        yield from _in_element(where, [part.literal], part.condition, rest)
    elif part.atom.ast_type in (ASTType.BodyAggregate, ASTType.Aggregate):
        yield from _in_aggregate(where, part, rest)
    else:
        terms = tuple(_calculated(part))
        if terms:
            yield _place(where, terms, _bound(rest, part, terms))


def _in_element(
    where: str, heads: Iterable[AST], condition: Sequence[AST], rest: list[AST]
) -> Iterator[_Place]:
    """The places in what stands before a colon, and in each of the conditions behind it."""
    terms = tuple(term for head in heads for term in _calculated(head))
    if terms:
        yield _place(where, terms, [*rest, *condition])
    conditions = list(condition)
    for one in conditions:
        others = [other for other in conditions if other is not one]
        yield from _in_part(where, one, [*rest, *others])


def _in_aggregate(where: str, part: AST, rest: list[AST]) -> Iterator[_Place]:
    aggregate = part.atom
    guards = [guard for guard in (aggregate.left_guard, aggregate.right_guard) if guard is not None]
    terms = tuple(term for guard in guards for term in _calculated(guard))
    if terms:
        yield _place(where, terms, _bound(rest, part, terms))
    for element in aggregate.elements:
        heads = [element.literal] if aggregate.ast_type == ASTType.Aggregate else element.terms
        yield from _in_element(where, heads, element.condition, rest)
        sums = aggregate.ast_type == ASTType.BodyAggregate and aggregate.function in _SUMS
        if sums and element.terms:
            yield _summed(where, part, element, rest)


def _summed(where: str, part: AST, element: AST, rest: list[AST]) -> _Place:
    """The place of one element of a sum."""
    body = [*rest, *element.condition]
    outer = tuple(sorted(_bound_by(rest)))
    place = _place(where, tuple(element.terms), body, outer, str(part))
    begin = part.location.begin
    of = (where.rpartition(":")[0], begin.line, begin.column)
    gains_only = part.atom.function == AggregateFunction.SumPlus
    return replace(place, sum=of, gains_only=gains_only)


def _place(
    where: str,
    terms: tuple[AST, ...],
    body: Sequence[AST],
    outer: tuple[str, ...] = (),
    told: str = "",
) -> _Place:
    asked = {name for term in terms for name in _variables(term)}
    kept = _kept(body, asked)
    bound = _bound_by(kept)
    dropped = tuple(part for part in body if part not in kept and _is_comparison(part))
    used = asked | set(outer) | {name for part in dropped for name in _variables(part)}
    names = tuple(sorted(used & bound))
    head = f"{_PROBE}({','.join(names)})" if names else _PROBE
    text = f"{head} :- {'; '.join(map(str, kept))}." if kept else f"{head}."
    outer = tuple(name for name in outer if name in bound)
    return _Place(where, terms, names, text, outer, told, dropped=dropped)


def _bound(rest: list[AST], part: AST, terms: Iterable[AST]) -> list[AST]:
    """What binds the variables of some terms: the rest of the body, with the part itself if need be."""
    needed = {name for term in terms for name in _variables(term)}
    return rest if needed <= _bound_by(_kept(rest, needed)) else [*rest, part]


def _kept(body: Sequence[AST], asked: Collection[str]) -> list[AST]:
    """Of a body what a probe keeps: all but what may hold by a calculation alone, and binds nothing.

    Nor what is calculated for variables that the probe does not ask for, since it may have no value;
    nor what is not safe without that: a probe that holds more often than the rule asks for more care.
    """
    plain = [part for part in body if _is_positive(part) or not any(_calculated(part))]
    taken = plain
    while True:
        bound = _bound_by(taken)
        needed = set(asked) | {name for part in taken if part not in plain for name in _global_variables(part)}
        more = [
            part
            for part in body
            if part not in taken and not _may_turn(part) and _assigned(part) & (needed - bound)
        ]
        if not more:
            break
        taken = [*taken, more[0]]
    kept = [part for part in body if part in taken]
    while True:
        bound = _bound_by(kept)
        safe = [part for part in kept if _global_variables(part) - _assigned(part) <= bound]
        if len(safe) == len(kept):
            return kept
        kept = safe


def _is_comparison(part: AST) -> bool:
    return part.ast_type == ASTType.Literal and part.atom.ast_type == ASTType.Comparison


def _may_turn(part: AST) -> bool:
    """Whether a wrong number could make a part of a body untrue that is true by the right one."""
    return not _is_positive(part) and not _assigned(part) and any(_calculated(part))


def _is_positive(part: AST) -> bool:
    """Whether a part of a body is an atom that has to be true."""
    return part.ast_type == ASTType.Literal and part.atom.ast_type == ASTType.SymbolicAtom and not part.sign


def _assigned(part: AST) -> set[str]:
    """The variables to which a part of a body gives a value."""
    if part.ast_type != ASTType.Literal or part.sign:
        return set()
    atom = part.atom
    if atom.ast_type == ASTType.Comparison:
        sides = [atom.term, *(guard.term for guard in atom.guards)]
        if len(sides) == 2 and atom.guards[0].comparison == ComparisonOperator.Equal:
            return {side.name for side in sides if side.ast_type == ASTType.Variable}
    if atom.ast_type == ASTType.BodyAggregate:
        guard = atom.left_guard
        if guard is not None and guard.comparison == ComparisonOperator.Equal:
            return {guard.term.name} if guard.term.ast_type == ASTType.Variable else set()
    return set()


def _bound_by(body: Iterable[AST]) -> set[str]:
    """The variables that have a value once these parts of a body hold."""
    parts = list(body)
    bound = {name for part in parts if _is_positive(part) for name in _variables(part)}
    while True:
        more = {
            name for part in parts for name in _assigned(part) if _global_variables(part) - {name} <= bound
        } - bound
        if not more:
            return bound
        bound |= more


def _global_variables(part: AST) -> set[str]:
    """The variables of a part of a body that have to be bound outside of it."""
    if part.ast_type == ASTType.ConditionalLiteral:
        return set()
    if part.ast_type == ASTType.Literal and part.atom.ast_type in (
        ASTType.BodyAggregate,
        ASTType.Aggregate,
    ):
        guards = (part.atom.left_guard, part.atom.right_guard)
        return {name for guard in guards if guard is not None for name in _variables(guard)}
    return _variables(part)


def _variables(node: AST) -> set[str]:
    if node.ast_type == ASTType.Variable:
        return set() if node.name == "_" else {node.name}
    return {name for child in _children(node) for name in _variables(child)}


def _calculated(node: AST) -> Iterator[AST]:
    """The outermost terms within that have to be calculated."""
    if node.ast_type in _CALCULATING:
        if any(True for _ in _operations(node)):
            yield node
        return
    if node.ast_type == ASTType.BodyAggregate:
        return
    for child in _children(node):
        yield from _calculated(child)


def _operations(node: AST) -> Iterator[AST]:
    """What is calculated in a term; a number with a sign and an interval of plain ends are not."""
    if node.ast_type == ASTType.BinaryOperation:
        yield node
    if node.ast_type == ASTType.UnaryOperation and node.argument.ast_type != ASTType.SymbolicTerm:
        yield node
    for child in _children(node):
        yield from _operations(child)


def _children(node: AST) -> Iterator[AST]:
    for key in node.child_keys:
        child = getattr(node, key)
        if isinstance(child, AST):
            yield child
        elif isinstance(child, Iterable):
            yield from (entry for entry in child if isinstance(entry, AST))


def refuse_large_numbers(files: Sequence[RulesFile], ground: Ground) -> None:
    """Refuse rules that count further than the solver can: whatever else they come to is doubtful.

    Rules that come with this package are held by its tests, and those that draw conclusions are
    looked at by `refuse_conclusions`.

    Args:
        files: the policy's files, which parse.
        ground: grounds these files, some probes among them, with the rules on policies.

    Errors: PolicyError, naming the file and the line of each fault.
    """
    drawing = {file.path for file in conclusion_files(files)}
    own = (file for file in files if not shipped(file.path))
    found = calculations(tuple(file for file in own if file.path not in drawing))
    if found:
        told = ground([*files, found.probes]).facts(*found.signatures)
        beyond = [one for one in found.beyond(told) if isinstance(one, Overflow)]
        if beyond:
            raise PolicyError.of(("too_large", str(one)) for one in beyond)
