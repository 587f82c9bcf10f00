"""Whether rules count further than the solver can: it counts in 32 bits, and wraps in silence.

For each place where a rule calculates, a probe of the rule tells with which numbers it does: the
rule's body without what is calculated there. What these numbers come to is worked out anew, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product
from pathlib import Path
from typing import NamedTuple, TypeAlias

from clingo import SymbolType
from clingo.ast import (
    AST,
    AggregateFunction,
    ASTType,
    BinaryOperator,
    ComparisonOperator,
    UnaryOperator,
    parse_string,
)

from pyclingo_bridge.solve import Signature
from pyclingo_bridge.sources import RulesFile
from pyclingo_bridge.terms import LARGEST, Term, Value

LEAST = -LARGEST - 1
"""The least whole number that the solver can hold."""

_PROBE = "calculates_with"
_CALCULATING = {ASTType.BinaryOperation, ASTType.UnaryOperation, ASTType.Interval}
_SUMS = {AggregateFunction.Sum, AggregateFunction.SumPlus}
_SURELY_TOO_LARGE = 1 << 200
_MOST_BITS = 64

Numbers: TypeAlias = Mapping[str, Value]


class Overflow(NamedTuple):
    """A place where rules count too far: where, what, and with which numbers."""

    where: str
    what: str
    numbers: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        told = ", ".join(f"{name} = {number}" for name, number in self.numbers)
        given = f" with {told}" if told else ""
        return (
            f"{self.where}: `{self.what}` grows past {LARGEST}{given}; the rules count no further"
        )


class _TooLarge(Exception):
    """A number that the solver cannot hold."""


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
    """

    where: str
    terms: tuple[AST, ...]
    names: tuple[str, ...]
    text: str
    outer: tuple[str, ...] = ()
    told: str = ""


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

    def beyond(self, found: Mapping[str, Sequence[Term]]) -> list[Overflow]:
        """Where the rules count too far, by what the probes tell; of each place the first."""
        told = (
            next(_overflows(place, found.get(f"{_PROBE}_{number}", ())), None)
            for number, place in enumerate(self.places)
        )
        return [one for one in told if one is not None]


def _overflows(place: _Place, found: Iterable[Term]) -> Iterator[Overflow]:
    sums: dict[tuple[Value, ...], dict[tuple[object, ...], int]] = {}
    for atom in sorted(found, key=str):
        numbers = dict(zip(place.names, atom.args, strict=True))
        for term in place.terms:
            try:
                values = _values(term, numbers)
            except _TooLarge:
                yield Overflow(place.where, _written(term), _used(term, numbers))
                return
            if place.told and term is place.terms[0]:
                group = tuple(numbers[name] for name in place.outer)
                rest = tuple(tuple(_key(one, numbers)) for one in place.terms[1:])
                sums.setdefault(group, {}).update({(value, *rest): value for value in values})
    for weights in sums.values():
        gains = sum(value for value in weights.values() if value > 0)
        losses = sum(value for value in weights.values() if value < 0)
        if gains > LARGEST or losses < LEAST:
            yield Overflow(place.where, place.told, ())


def _too_large(term: AST) -> bool:
    """Whether a term comes to too large a number without that of any variable."""
    try:
        _values(term, {})
    except _TooLarge:
        return True
    return False


def _written(term: AST) -> str:
    """A term without the brackets that the parser puts around it."""
    text = str(term)
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def _key(term: AST, numbers: Numbers) -> Iterator[object]:
    """What tells one element of a sum from another."""
    if term.ast_type == ASTType.Variable:
        yield numbers.get(term.name)
    else:
        yield str(term), tuple(numbers.get(name) for name in sorted(_variables(term)))


def _used(term: AST, numbers: Numbers) -> tuple[tuple[str, int], ...]:
    used = ((name, numbers[name]) for name in sorted(_variables(term)) if name in numbers)
    return tuple((name, value) for name, value in used if isinstance(value, int))


def _values(term: AST, numbers: Numbers) -> list[int]:
    """The numbers that a term comes to, exactly; of an interval its ends; none where it is no number.

    Errors: _TooLarge where it, or what it is calculated from, is no number of 32 bits.
    """
    kind = term.ast_type
    if kind == ASTType.Variable:
        value = numbers.get(term.name)
        return [value] if isinstance(value, int) else []
    if kind == ASTType.SymbolicTerm:
        return [term.symbol.number] if term.symbol.type == SymbolType.Number else []
    if kind == ASTType.Pool:
        return [value for one in term.arguments for value in _values(one, numbers)]
    if kind == ASTType.Interval:
        return [*_values(term.left, numbers), *_values(term.right, numbers)]
    if kind == ASTType.UnaryOperation:
        found = [_UNARY[term.operator_type](value) for value in _values(term.argument, numbers)]
        return _bounded(found)
    if kind == ASTType.BinaryOperation:
        pairs = product(_values(term.left, numbers), _values(term.right, numbers))
        operation = _BINARY[term.operator_type]
        return _bounded(value for pair in pairs for value in operation(*pair))
    for argument in getattr(term, "arguments", ()):
        _values(argument, numbers)
    return []


def _bounded(values: Iterable[int]) -> list[int]:
    found = list(values)
    if any(not LEAST <= value <= LARGEST for value in found):
        raise _TooLarge
    return found


def _power(base: int, exponent: int) -> list[int]:
    if exponent < 0:
        return []
    if exponent > _MOST_BITS and abs(base) > 1:
        return [_SURELY_TOO_LARGE]
    return [base ** min(exponent, _MOST_BITS + exponent % 2)]


def _quotient(left: int, right: int) -> list[int]:
    # As the solver divides: towards zero.
    return [abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)] if right else []


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
_BINARY: dict[int, Callable[[int, int], list[int]]] = {
    BinaryOperator.Plus: lambda left, right: [left + right],
    BinaryOperator.Minus: lambda left, right: [left - right],
    BinaryOperator.Multiplication: lambda left, right: [left * right],
    BinaryOperator.Division: _quotient,
    BinaryOperator.Modulo: lambda left, right: (
        [left - right * _quotient(left, right)[0]] if right else []
    ),
    BinaryOperator.Power: _power,
    BinaryOperator.And: lambda left, right: [left & right],
    BinaryOperator.Or: lambda left, right: [left | right],
    BinaryOperator.XOr: lambda left, right: [left ^ right],
}


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
        terms = tuple(_calculated(part))
        if terms:
            yield _place(where, terms, [*rest, *part.condition])
    elif part.atom.ast_type in (ASTType.BodyAggregate, ASTType.Aggregate):
        yield from _in_aggregate(where, part, rest)
    else:
        terms = tuple(_calculated(part))
        if terms:
            yield _place(where, terms, _bound(rest, part, terms))


def _in_aggregate(where: str, part: AST, rest: list[AST]) -> Iterator[_Place]:
    aggregate = part.atom
    guards = [guard for guard in (aggregate.left_guard, aggregate.right_guard) if guard is not None]
    terms = tuple(term for guard in guards for term in _calculated(guard))
    if terms:
        yield _place(where, terms, _bound(rest, part, terms))
    for element in aggregate.elements:
        if element.ast_type == ASTType.ConditionalLiteral:
            terms, body = tuple(_calculated(element)), [*rest, *element.condition]
            if terms:
                yield _place(where, terms, body)
            continue
        body = [*rest, *element.condition]
        terms = tuple(_calculated(element))
        if terms:
            yield _place(where, terms, body)
        if aggregate.function in _SUMS and element.terms:
            outer = tuple(sorted(_bound_by(rest) & _bound_by(body)))
            yield _place(where, tuple(element.terms), body, outer, str(part))


def _place(
    where: str,
    terms: tuple[AST, ...],
    body: Sequence[AST],
    outer: tuple[str, ...] = (),
    told: str = "",
) -> _Place:
    kept = _kept(body)
    bound = _bound_by(kept)
    used = {name for term in terms for name in _variables(term)} | set(outer)
    names = tuple(sorted(used & bound))
    head = f"{_PROBE}({','.join(names)})" if names else _PROBE
    text = f"{head} :- {'; '.join(map(str, kept))}." if kept else f"{head}."
    return _Place(where, terms, names, text, tuple(name for name in outer if name in bound), told)


def _bound(rest: list[AST], part: AST, terms: Iterable[AST]) -> list[AST]:
    """What binds the variables of some terms: the rest of the body, with the part itself if need be."""
    needed = {name for term in terms for name in _variables(term)}
    return rest if needed <= _bound_by(_kept(rest)) else [*rest, part]


def _kept(body: Sequence[AST]) -> list[AST]:
    """Of a body what a probe keeps: all but what may hold by a calculation alone, and binds nothing.

    Nor what is not safe without that: a probe that holds more often than the rule asks for more care.
    """
    kept = [part for part in body if not _may_turn(part)]
    while True:
        bound = _bound_by(kept)
        safe = [part for part in kept if _global_variables(part) - _assigned(part) <= bound]
        if len(safe) == len(kept):
            return kept
        kept = safe


def _may_turn(part: AST) -> bool:
    """Whether a wrong number could make a part of a body untrue that is true by the right one."""
    return not _is_positive(part) and not _assigned(part) and any(_calculated(part))


def _is_positive(part: AST) -> bool:
    """Whether a part of a body is an atom that has to be true."""
    return (
        part.ast_type == ASTType.Literal
        and part.atom.ast_type == ASTType.SymbolicAtom
        and not part.sign
    )


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
            name
            for part in parts
            for name in _assigned(part)
            if _global_variables(part) - {name} <= bound
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
