"""The one reader of rules: what the solver's parser makes of them, as plain values.

Nothing here holds on to the parser's own tree, which threads must not share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from clingo.ast import (
    AST,
    AggregateFunction,
    ASTType,
    BinaryOperator,
    ComparisonOperator,
    UnaryOperator,
    parse_string,
)

from pyclingo_bridge.base.rule_files import RulesFile
from pyclingo_bridge.base.solver import Signature, from_symbol
from pyclingo_bridge.base.terms import Value

Place = tuple[int, int]
Span = tuple[Place, Place]
"""Where a statement begins and where it ends: line and column, both from 1, in bytes."""


@dataclass(frozen=True)
class RulePart:
    """A part of a rule.

    Attributes:
        text: as the solver writes it. Parts of one text are equal.
        parts: what it is made of, in order.
        variables: the variables within it; those without a name as `_`.
    """

    text: str
    parts: tuple[RulePart, ...] = field(default=(), compare=False)
    variables: frozenset[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", frozenset().union(*(part.variables for part in self.parts)))

    def __str__(self) -> str:
        return self.text

    @property
    def names(self) -> frozenset[str]:
        """The variables within it that have a name."""
        return self.variables - {"_"}

    def within(self) -> Iterator[RulePart]:
        """This part, and all that it is made of."""
        yield self
        for part in self.parts:
            yield from part.within()


@dataclass(frozen=True)
class Variable(RulePart):
    """A variable."""

    def __post_init__(self) -> None:
        """A variable is its own."""
        object.__setattr__(self, "variables", frozenset({self.text}))


@dataclass(frozen=True)
class Constant(RulePart):
    """A number, a text, or a name."""

    value: Value = field(default=0, compare=False)


@dataclass(frozen=True)
class Operation(RulePart):
    """Something calculated of its parts, which are one or two."""

    operator: str = field(default="", compare=False)


@dataclass(frozen=True)
class Range(RulePart):
    """The numbers from its first part to its second."""


@dataclass(frozen=True)
class Pool(RulePart):
    """One of its parts, whichever."""


@dataclass(frozen=True)
class Function(RulePart):
    """A name with its parts as arguments; without a name, a tuple."""

    name: str = field(default="", compare=False)
    external: bool = field(default=False, compare=False)

    @property
    def predicate(self) -> Signature:
        """The name, and how many arguments there are."""
        return self.name, len(self.parts)


@dataclass(frozen=True)
class Atom(RulePart):
    """An atom: its only part is a function, or a pool of some; or one with a minus before it."""

    @property
    def functions(self) -> Iterator[Function]:
        """What it may be, its pools apart."""
        return (one for one in options(self.parts[0]) if isinstance(one, Function))

    @property
    def predicates(self) -> list[Signature]:
        """The predicates of what it may be."""
        return [one.predicate for one in self.functions]


@dataclass(frozen=True)
class ComparedTerms(RulePart):
    """A chain of terms, its parts, with a relation between each two."""

    relations: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Element(RulePart):
    """What stands before a colon, terms or one literal, and the conditions behind it."""

    heads: tuple[RulePart, ...] = field(default=(), compare=False)
    condition: tuple[RulePart, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Aggregate(RulePart):
    """A set of elements between two guards, the relation and the term of each.

    `function` is what is made of the set, such as `#sum`; without it literals are counted.
    """

    function: str = field(default="", compare=False)
    elements: tuple[Element, ...] = field(default=(), compare=False)
    guards: tuple[RulePart, ...] = field(default=(), compare=False)
    equals: RulePart | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Literal(RulePart):
    """Its only part: an atom, a comparison or an aggregate; with a sign other than 0, negated."""

    sign: int = field(default=0, compare=False)

    @property
    def atom(self) -> RulePart:
        """What it is about."""
        return self.parts[0]

    @property
    def is_positive(self) -> bool:
        """Whether it is an atom that has to be true."""
        return isinstance(self.atom, Atom) and not self.sign


@dataclass(frozen=True)
class Truth(RulePart):
    """`#true` or `#false`."""


@dataclass(frozen=True)
class Rule:
    """A rule: where it stands, its head, and the parts of its body."""

    file: RulesFile
    span: Span
    head: RulePart
    body: tuple[RulePart, ...]

    @property
    def place(self) -> str:
        """Its file and line."""
        return f"{self.file.path}:{self.span[0][0]}"

    def within(self) -> Iterator[RulePart]:
        """All that it is made of."""
        for part in (self.head, *self.body):
            yield from part.within()


@dataclass(frozen=True)
class Statement:
    """A statement of a file; most are facts, so that what is within is read only where it is asked for.

    Attributes:
        file: its file.
        span: where it stands there.
        kind: the parser's kind.
        text: it, as the solver writes it; of a rule, nothing.
        names: of `#program` and `#defined` the name, and how many arguments there are.
        heads: of a rule the predicates of its head, where that is one atom, or a pool of some, that holds.
    """

    file: RulesFile
    span: Span
    kind: ASTType
    text: str
    names: Signature
    heads: tuple[Signature, ...]

    @property
    def is_idle(self) -> bool:
        """Whether it says nothing: a comment, `#defined`, or `#program base`."""
        return self.kind in (ASTType.Comment, ASTType.Defined) or (
            self.kind == ASTType.Program and self.names[0] == "base"
        )

    @property
    def source(self) -> str:
        """The statement as it stands in the file."""
        return source_of(self.file, self.span)

    @cached_property
    def rule(self) -> Rule | None:
        """The rule; None where it is none."""
        if self.kind != ASTType.Rule:
            return None
        found = _parsed(self.source)[1]
        return Rule(self.file, self.span, _node(found.head), _nodes(found.body))


@lru_cache(maxsize=1)
def _lines(text: str) -> list[bytes]:
    # Looked at for one statement after another.
    return [line.encode() for line in text.split("\n")]


def source_of(file: RulesFile, span: Span) -> str:
    """What stands at a place of a file."""
    (first, begin), (last, end) = span
    lines = _lines(file.text)[first - 1 : last]
    lines[-1] = lines[-1][: end - 1]
    lines[0] = lines[0][begin - 1 :]
    return b"\n".join(lines).decode(errors="replace")


def statements(file: RulesFile, complain: Callable[[list[str]], Exception] | None = None) -> list[Statement]:
    """The statements of a file.

    Args:
        file: the file.
        complain: makes an error of the parser's messages where the file cannot be parsed.

    Errors: what `complain` makes; else RuntimeError.
    """
    messages: list[str] = []
    try:
        found = _parsed(file.text, messages)
    except RuntimeError as error:
        if complain is None:
            raise
        raise complain(messages or [str(error)]) from None
    # Every file begins with `#program base.`, of which nothing is written.
    return [_statement(file, one) for one in found[1:]]


def rules(file: RulesFile) -> Iterator[Rule]:
    """The rules of a file that can be parsed."""
    return (rule for one in statements(file) if (rule := one.rule) is not None)


def parsed_term(text: str) -> RulePart:
    """A term, as a rule has it."""
    head = _node(_parsed(f"p({text}).")[1].head)
    return head.parts[0].parts[0].parts[0]


def options(node: RulePart) -> Iterator[RulePart]:
    """What a pool may be; of another part, itself."""
    if isinstance(node, Pool):
        for one in node.parts:
            yield from options(one)
    else:
        yield node


def atoms(*nodes: RulePart) -> Iterator[Atom]:
    """The atoms in some parts of a rule, those in aggregates and conditions too."""
    return (one for node in nodes for one in node.within() if isinstance(one, Atom))


def comparisons(nodes: Iterable[RulePart]) -> Iterator[ComparedTerms]:
    """The comparisons in some parts of a rule, likewise."""
    return (one for node in nodes for one in node.within() if isinstance(one, ComparedTerms))


def _parsed(text: str, messages: list[str] | None = None) -> list[AST]:
    found: list[AST] = []
    said = [] if messages is None else messages
    parse_string(text, found.append, logger=lambda code, message: said.append(message))
    return found


def _statement(file: RulesFile, ast: AST) -> Statement:
    begin, end = ast.location.begin, ast.location.end
    kind = ast.ast_type
    rule = kind == ASTType.Rule
    names = ("", 0)
    if kind in (ASTType.Program, ASTType.Defined):
        names = (ast.name, ast.arity if kind == ASTType.Defined else 0)
    return Statement(
        file,
        ((begin.line, begin.column), (end.line, end.column)),
        kind,
        "" if rule else str(ast),
        names,
        tuple(_heads(ast.head)) if rule else (),
    )


def _heads(head: AST) -> Iterator[Signature]:
    if head.ast_type == ASTType.Literal and head.sign == 0 and head.atom.ast_type == ASTType.SymbolicAtom:
        yield from predicates_of(head.atom.symbol)


def predicates_of(symbol: AST) -> Iterator[Signature]:
    """The predicates of an atom's symbol in the parser's tree: one, or those of a pool."""
    if symbol.ast_type == ASTType.Function:
        yield symbol.name, len(symbol.arguments)
    elif symbol.ast_type == ASTType.Pool:
        for one in symbol.arguments:
            yield from predicates_of(one)


_RELATIONS = {
    ComparisonOperator.Equal: "=",
    ComparisonOperator.NotEqual: "!=",
    ComparisonOperator.LessThan: "<",
    ComparisonOperator.LessEqual: "<=",
    ComparisonOperator.GreaterThan: ">",
    ComparisonOperator.GreaterEqual: ">=",
}
_UNARY = {UnaryOperator.Minus: "-", UnaryOperator.Negation: "~", UnaryOperator.Absolute: "|"}
_BINARY = {
    BinaryOperator.Plus: "+",
    BinaryOperator.Minus: "-",
    BinaryOperator.Multiplication: "*",
    BinaryOperator.Division: "/",
    BinaryOperator.Modulo: "\\",
    BinaryOperator.Power: "**",
    BinaryOperator.And: "&",
    BinaryOperator.Or: "?",
    BinaryOperator.XOr: "^",
}
_FUNCTIONS = {
    AggregateFunction.Count: "#count",
    AggregateFunction.Sum: "#sum",
    AggregateFunction.SumPlus: "#sum+",
    AggregateFunction.Min: "#min",
    AggregateFunction.Max: "#max",
}


def _nodes(asts: Iterable[AST]) -> tuple[RulePart, ...]:
    return tuple(map(_node, asts))


def _node(ast: AST) -> RulePart:
    text = str(ast)
    make = _MAKERS.get(ast.ast_type)
    if make is not None:
        return make(text, ast)
    children = (getattr(ast, key) for key in ast.child_keys)
    listed = (child if isinstance(child, Iterable) else [child] for child in children)
    return RulePart(text, _nodes(one for child in listed for one in child if isinstance(one, AST)))


def _comparison(text: str, ast: AST) -> ComparedTerms:
    guards = list(ast.guards)
    sides = _nodes([ast.term, *(guard.term for guard in guards)])
    return ComparedTerms(text, sides, tuple(_RELATIONS[guard.comparison] for guard in guards))


def _element(text: str, ast: AST) -> Element:
    heads = [ast.literal] if ast.ast_type == ASTType.ConditionalLiteral else ast.terms
    before, behind = _nodes(heads), _nodes(ast.condition)
    return Element(text, before + behind, before, behind)


def _aggregate(text: str, ast: AST) -> Aggregate:
    counts = ast.ast_type == ASTType.Aggregate
    left = ast.left_guard
    guards = _nodes(guard.term for guard in (left, ast.right_guard) if guard is not None)
    elements = tuple(_element(str(one), one) for one in ast.elements)
    equal = left is not None and left.comparison == ComparisonOperator.Equal
    function = "" if counts else _FUNCTIONS[ast.function]
    return Aggregate(text, guards + elements, function, elements, guards, guards[0] if equal else None)


_MAKERS: dict[ASTType, Callable[[str, AST], RulePart]] = {
    ASTType.Variable: lambda text, ast: Variable(ast.name),
    ASTType.SymbolicTerm: lambda text, ast: Constant(text, (), from_symbol(ast.symbol)),
    ASTType.UnaryOperation: lambda text, ast: Operation(
        text, (_node(ast.argument),), _UNARY[ast.operator_type]
    ),
    ASTType.BinaryOperation: lambda text, ast: Operation(
        text, _nodes([ast.left, ast.right]), _BINARY[ast.operator_type]
    ),
    ASTType.Interval: lambda text, ast: Range(text, _nodes([ast.left, ast.right])),
    ASTType.Pool: lambda text, ast: Pool(text, _nodes(ast.arguments)),
    ASTType.Function: lambda text, ast: Function(text, _nodes(ast.arguments), ast.name, bool(ast.external)),
    ASTType.SymbolicAtom: lambda text, ast: Atom(text, (_node(ast.symbol),)),
    ASTType.Comparison: _comparison,
    ASTType.ConditionalLiteral: _element,
    ASTType.BodyAggregateElement: _element,
    ASTType.Aggregate: _aggregate,
    ASTType.BodyAggregate: _aggregate,
    ASTType.Literal: lambda text, ast: Literal(text, (_node(ast.atom),), ast.sign),
    ASTType.BooleanConstant: lambda text, ast: Truth(text),
}
