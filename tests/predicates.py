"""The predicates that a rules file defines, and those that it uses, as clingo parses them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from clingo.ast import AST, ASTType, parse_string

Predicate = tuple[str, int]


@cache
def used(path: Path) -> tuple[set[Predicate], set[Predicate]]:
    """The predicates in a file's heads, and those in its bodies."""
    heads: set[Predicate] = set()
    bodies: set[Predicate] = set()

    def note(statement: AST) -> None:
        if statement.ast_type == ASTType.Rule:
            heads.update(_predicates(_head_atoms(statement.head)))
            bodies.update(_predicates(_conditions(statement.head)))
            bodies.update(_predicates(statement.body))
        elif statement.ast_type == ASTType.External:
            heads.update(_predicates([statement.atom]))
            bodies.update(_predicates(statement.body))
        elif statement.ast_type in (ASTType.Heuristic, ASTType.Minimize):
            bodies.update(_predicates([statement]))

    parse_string(re.sub(r"#include.*", "", path.read_text()), note)
    return heads, bodies


def _head_atoms(head: AST) -> list[AST]:
    return [element.literal for element in head.elements] if head.ast_type == ASTType.Aggregate else [head]


def _conditions(head: AST) -> list[AST]:
    if head.ast_type != ASTType.Aggregate:
        return []
    return [condition for element in head.elements for condition in element.condition]


def _predicates(nodes: Iterable[AST]) -> Iterator[Predicate]:
    for node in nodes:
        if node.ast_type == ASTType.SymbolicAtom:
            yield from _symbol_predicates(node.symbol)
            continue
        for key in node.child_keys:
            child = getattr(node, key)
            entries = child if isinstance(child, Iterable) else [child]
            yield from _predicates(entry for entry in entries if isinstance(entry, AST))


def _symbol_predicates(symbol: AST) -> Iterator[Predicate]:
    """The predicate of an atom's symbol, or those of a pool of some."""
    if symbol.ast_type == ASTType.Function:
        yield symbol.name, len(symbol.arguments)
    elif symbol.ast_type == ASTType.Pool:
        for entry in symbol.arguments:
            yield from _symbol_predicates(entry)
