"""What a rule's body names, read from its statement: rules do not see other rules as data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice, product

from clingo.ast import AST, ASTType, ComparisonOperator, UnaryOperator

from pyclingo_bridge.core.solver import Signature, from_symbol
from pyclingo_bridge.core.terms import Term, Value

CONCLUSIONS: frozenset[Signature] = frozenset({("concludes", 3), ("short_of", 3)})
"""What rules conclude of documents: no document is there when a policy is loaded."""

_MOST = 1_000
_EQUALITIES = (ComparisonOperator.Equal, ComparisonOperator.NotEqual)


def mentions(statement: AST, words: Collection[Signature]) -> Iterator[Term]:
    """The atoms of these words in a rule's body, and its head where it draws a conclusion.

    A variable X is told as `variable("X")`, and once as each value that the body compares it with.
    """
    body = list(statement.body)
    compared = _compared(body)
    named: list[tuple[Collection[Signature], AST]]
    named = [(CONCLUSIONS, symbol) for symbol in symbols(statement.head)]
    named += [(words, symbol) for part in body for symbol in symbols(part)]
    for wanted, symbol in named:
        for term in islice(_values(symbol), _MOST):
            if isinstance(term, Term) and (term.name, len(term.args)) in wanted:
                yield term
                yield from _bound(term, compared)


def headed(statement: AST) -> Iterator[Term]:
    """The atoms in a rule's head, with `variable("X")` for its variable X, within arguments too."""
    for atom in symbols(statement.head):
        for symbol in atom.arguments if atom.ast_type == ASTType.Pool else [atom]:
            if symbol.ast_type == ASTType.Function:
                each = (list(islice(_values(arg), _MOST)) for arg in symbol.arguments)
                for args in islice(product(*each), _MOST):
                    yield Term(symbol.name, args)


def ordered(statement: AST) -> list[str]:
    """The names and texts that a rule's body compares by order, as it writes them."""
    comparisons = (c for part in statement.body for c in nodes(part, {ASTType.Comparison}))
    return [
        str(side)
        for comparison in comparisons
        if any(guard.comparison not in _EQUALITIES for guard in comparison.guards)
        for side in (comparison.term, *(guard.term for guard in comparison.guards))
        if side.ast_type == ASTType.SymbolicTerm and not isinstance(from_symbol(side.symbol), int)
    ]


def nodes(node: AST, wanted: Collection[ASTType]) -> Iterator[AST]:
    """The nodes of these types in a tree; what stands within one of them is passed over."""
    if node.ast_type in wanted:
        yield node
        return
    for key in node.child_keys:
        child = getattr(node, key)
        for entry in child if isinstance(child, Iterable) else [child]:
            if isinstance(entry, AST):
                yield from nodes(entry, wanted)


def symbols(node: AST) -> Iterator[AST]:
    """The symbols of the atoms in a literal, or in what is made of some."""
    return (atom.symbol for atom in nodes(node, {ASTType.SymbolicAtom}))


def variables(node: AST) -> Iterator[str]:
    """The names of the variables in a part of a rule."""
    return (entry.name for entry in nodes(node, {ASTType.Variable}))


def _values(node: AST) -> Iterator[Value]:
    """The terms that an argument can be; what is not fixed is a variable, whatever stands there."""
    if node.ast_type == ASTType.Pool:
        for entry in node.arguments:
            yield from _values(entry)
    elif node.ast_type == ASTType.SymbolicTerm:
        yield from_symbol(node.symbol)
    elif node.ast_type == ASTType.Variable:
        yield Term("variable", (node.name,))
    elif node.ast_type == ASTType.Interval:
        yield from _interval(node)
    elif node.ast_type == ASTType.Function and not node.external:
        for args in product(*(list(islice(_argument(arg), _MOST)) for arg in node.arguments)):
            yield Term(node.name, args)
    elif node.ast_type == ASTType.UnaryOperation and node.operator_type == UnaryOperator.Minus:
        for value in _values(node.argument):
            yield -value if isinstance(value, int) else _ANYTHING
    else:
        yield _ANYTHING


def _interval(node: AST) -> Iterator[Value]:
    least, greatest = next(_values(node.left), None), next(_values(node.right), None)
    if isinstance(least, int) and isinstance(greatest, int):
        yield from range(least, greatest + 1)
    else:
        yield _ANYTHING


_ANYTHING = Term("variable", ("_",))


def _argument(node: AST) -> Iterator[Value]:
    if node.ast_type != ASTType.Variable and any(variables(node)):
        yield _ANYTHING
    else:
        yield from _values(node)


def _compared(body: Iterable[AST]) -> dict[Term, list[Value]]:
    """The values that variables are said to be, or not to be, by equations of a body."""
    found: dict[Term, list[Value]] = {}
    for comparison in (entry for part in body for entry in nodes(part, {ASTType.Comparison})):
        for guard in comparison.guards:
            if guard.comparison not in _EQUALITIES:
                continue
            for one, other in ((comparison.term, guard.term), (guard.term, comparison.term)):
                if one.ast_type == ASTType.Variable and not any(variables(other)):
                    variable = Term("variable", (one.name,))
                    found.setdefault(variable, []).extend(islice(_values(other), _MOST))
    return found


def _bound(term: Term, compared: dict[Term, list[Value]]) -> Iterator[Term]:
    for place, arg in enumerate(term.args):
        for value in compared.get(arg, ()) if isinstance(arg, Term) else ():
            yield Term(term.name, (*term.args[:place], value, *term.args[place + 1 :]))
