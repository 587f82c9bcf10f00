"""What rules name, as facts for the rules that find faults: rules do not see other rules as data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice, product

from pyclingo_bridge.base.solver import Signature
from pyclingo_bridge.base.terms import Term, Value
from pyclingo_bridge.loading.rule_syntax import (
    Constant,
    Function,
    Operation,
    Pool,
    Range,
    Rule,
    RulePart,
    Variable,
    atoms,
    comparisons,
)

CONCLUSIONS: frozenset[Signature] = frozenset({("concludes", 3), ("short_of", 3)})
"""What rules conclude of documents: no document is there when a policy is loaded."""

_MOST = 1_000
_ANYTHING = Term("variable", ("_",))


def named_terms(rule: Rule, words: Collection[Signature]) -> Iterator[Term]:
    """The atoms of these words in a rule's body, and its head where it draws a conclusion.

    A variable X stands there as `variable("X")`, and once as each value that the body compares it with.
    """
    compared = _compared(rule.body)
    for wanted, parts in ((CONCLUSIONS, (rule.head,)), (words, rule.body)):
        for atom in atoms(*parts):
            for term in islice(_values(atom.parts[0]), _MOST):
                if isinstance(term, Term) and (term.name, len(term.args)) in wanted:
                    yield term
                    yield from _with_values(term, compared)


def derived_terms(rule: Rule) -> Iterator[Term]:
    """The atoms in a rule's head, with `variable("X")` for its variable X, within arguments too."""
    for atom in atoms(rule.head):
        for function in atom.parts[0].parts if isinstance(atom.parts[0], Pool) else [atom.parts[0]]:
            if isinstance(function, Function):
                each = (list(islice(_values(arg), _MOST)) for arg in function.parts)
                for args in islice(product(*each), _MOST):
                    yield Term(function.name, args)


def ordered_names(rule: Rule) -> list[str]:
    """The names and texts that a rule's body compares by order, as it writes them."""
    return [
        str(side)
        for comparison in comparisons(rule.body)
        if not {"=", "!="}.issuperset(comparison.relations)
        for side in comparison.parts
        if isinstance(side, Constant) and not isinstance(side.value, int)
    ]


def _values(node: RulePart) -> Iterator[Value]:
    """The terms that an argument can be; what is not fixed is a variable, whatever stands there."""
    match node:
        case Pool():
            for entry in node.parts:
                yield from _values(entry)
        case Constant():
            yield node.value
        case Variable():
            yield Term("variable", (node.text,))
        case Range():
            least, greatest = (next(_values(end), None) for end in node.parts)
            if isinstance(least, int) and isinstance(greatest, int):
                yield from range(least, greatest + 1)
            else:
                yield _ANYTHING
        case Function(external=False):
            for args in product(*(list(islice(_argument(arg), _MOST)) for arg in node.parts)):
                yield Term(node.name, args)
        case Operation(operator="-", parts=(argument,)):
            for value in _values(argument):
                yield -value if isinstance(value, int) else _ANYTHING
        case _:
            yield _ANYTHING


def _argument(node: RulePart) -> Iterator[Value]:
    if node.variables and not isinstance(node, Variable):
        yield _ANYTHING
    else:
        yield from _values(node)


def _compared(body: Iterable[RulePart]) -> dict[Term, list[Value]]:
    """The values that variables are said to be, or not to be, by equations of a body."""
    found: dict[Term, list[Value]] = {}
    for comparison in comparisons(body):
        first, *others = comparison.parts
        for relation, second in zip(comparison.relations, others, strict=True):
            if relation not in ("=", "!="):
                continue
            for one, other in ((first, second), (second, first)):
                if isinstance(one, Variable) and not other.variables:
                    variable = Term("variable", (one.text,))
                    found.setdefault(variable, []).extend(islice(_values(other), _MOST))
    return found


def _with_values(term: Term, compared: Mapping[Term, list[Value]]) -> Iterator[Term]:
    for place, arg in enumerate(term.args):
        for value in compared.get(arg, ()) if isinstance(arg, Term) else ():
            yield Term(term.name, (*term.args[:place], value, *term.args[place + 1 :]))
