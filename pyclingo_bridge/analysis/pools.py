"""What a policy's statements say that their facts do not: pools, and sets that rules look up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from clingo.ast import AST, ASTType, parse_string

from pyclingo_bridge.base.rule_files import RulesFile, engine_program
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Term, Value, constant, written

_ASKING = ("requires", "only_if", "use_condition")
"""Words by which a criterion or section asks for all that is said of it."""

_READ = (*_ASKING, "member")
"""Words without which a file is not looked into."""

_POOLED = "pooled"


def statement_facts(
    files: Iterable[RulesFile],
    interpretations: Mapping[str, str],
    folder: Path,
    sets: Iterable[Value],
) -> tuple[list[Term], int]:
    """What the rules for findings know of a policy's statements, and how many may hold a pool.

    Args:
        files: the policy's files.
        interpretations: those chosen for it.
        folder: its folder; what stands outside of it is for other policies too.
        sets: the names of its sets.
    """
    mentions = _Statements(folder)
    read = list(files)
    for file in (file for file in read if any(word in file.text for word in _READ)):
        parse_string(file.text, lambda statement, file=file: mentions.add(file, statement))  # type: ignore[misc]
    consulted = set(sets) if mentions.any_set else mentions.consulted
    facts = [
        *(Term("consulted", (name,)) for name in sorted(consulted, key=written)),
        *(Term("borrowed", (name,)) for name in sorted(mentions.borrowed - mentions.own, key=written)),
        *_pooled(read, interpretations, mentions.pools),
    ]
    return facts, mentions.asking


def _pooled(files: list[RulesFile], interpretations: Mapping[str, str], pools: list[str]) -> Iterator[Term]:
    """Each pool with the requirements that it comes to: the solver knows what its variables are."""
    if not pools:
        return
    chosen = [
        Term("chosen_interpretation", (constant(name), constant(value)))
        for name, value in interpretations.items()
    ]
    rules = RulesFile(files[0].path.parent / "pools", "\n".join([*pools, f"#defined {_POOLED}/4."]))
    program = Program([*engine_program("outline"), *files, rules], chosen)
    yield from program.facts((_POOLED, 4))[_POOLED]


class _Statements:
    """What is read off the statements of a policy's files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.asking = 0
        self.pools: list[str] = []
        self.consulted: set[Value] = set()
        self.any_set = False
        self.own: set[Value] = set()
        self.borrowed: set[Value] = set()

    def add(self, file: RulesFile, statement: AST) -> None:
        if statement.ast_type != ASTType.Rule or statement.head.ast_type != ASTType.Literal:
            return
        atom = statement.head.atom
        if atom.ast_type != ASTType.SymbolicAtom:
            return
        inside = self._folder in file.path.parents
        defined = {_constant(fn.arguments[0]) for fn in _functions(atom.symbol, "member")}
        (self.own if inside else self.borrowed).update(name for name in defined if name)
        for part in statement.body:
            self._consult(part, defined)
        if any(_functions(atom.symbol, word) for word in _ASKING):
            self.asking += 1
            if _has_pool(atom.symbol):
                self.pools.append(self._pool(file, statement))

    def _consult(self, node: AST, defined: set[Value | None]) -> None:
        """A set that defines itself alone is not looked up by anything else."""
        if node.ast_type == ASTType.SymbolicAtom:
            for function in _functions(node.symbol, "member"):
                name = _constant(function.arguments[0])
                self.any_set |= name is None
                self.consulted |= {name} - defined if name is not None else set()
            return
        for key in node.child_keys:
            child = getattr(node, key)
            for entry in [child] if isinstance(child, AST) else child or ():
                if isinstance(entry, AST):
                    self._consult(entry, defined)

    def _pool(self, file: RulesFile, statement: AST) -> str:
        """The statement as one about its pool, of the same body."""
        inside = self._folder in file.path.parents
        path = file.path.relative_to(self._folder) if inside else file.path
        place = written(f"{path}:{statement.location.begin.line}")
        mentions = [
            f"{_POOLED}({place},{function.name},{','.join(map(str, function.arguments))})"
            for word in _ASKING
            for function in _functions(statement.head.atom.symbol, word)
        ]
        body = "; ".join(map(str, statement.body))
        return "\n".join(f"{head}{' :- ' if body else ''}{body}." for head in mentions)


def _functions(symbol: AST, name: str) -> list[AST]:
    """The atoms of that name, of two arguments, that a symbol or a pool of them holds."""
    if symbol.ast_type == ASTType.Pool:
        return [found for entry in symbol.arguments for found in _functions(entry, name)]
    fits = symbol.ast_type == ASTType.Function and symbol.name == name
    return [symbol] if fits and len(symbol.arguments) == 2 else []


def _constant(term: AST) -> Value | None:
    """A name that stands in a rule as it is; None for a variable, or anything made of more."""
    if term.ast_type == ASTType.SymbolicTerm:
        return constant(str(term.symbol))
    if term.ast_type == ASTType.Function and not term.arguments and not term.external:
        return constant(term.name)
    return None


def _has_pool(node: AST) -> bool:
    """Whether a pool stands in it that is not of the names of criteria alone."""
    inner = list(getattr(node, "arguments", ()))
    if node.ast_type == ASTType.Pool and not all(map(_is_text, inner)):
        return True
    return any(map(_has_pool, inner))


def _is_text(node: AST) -> bool:
    return node.ast_type == ASTType.SymbolicTerm and str(node.symbol).startswith('"')
