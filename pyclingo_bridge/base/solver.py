"""The one module that talks to the solver: terms go in, terms come out.

A `Program` is grounded once and asked many times; `evaluate` grounds a small program whose
answer needs no search. Every message of the solver's is an error here.
"""

from __future__ import annotations

import os
import re
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, Protocol, TypeVar, cast

import clingo
from clingo import (
    Control,
    Function,
    MessageCode,
    Model,
    Number,
    Observer,
    String,
    Symbol,
    SymbolicAtom,
    SymbolType,
)

from pyclingo_bridge.base.errors import EngineError, shown_path
from pyclingo_bridge.base.forks import Guard, making_symbols
from pyclingo_bridge.base.rule_files import RulesFile
from pyclingo_bridge.base.terms import Term, Value

Found = TypeVar("Found")

Complain = Callable[[str], Exception]
Holds = Callable[[int], bool]
"""Whether a literal holds in the answer at hand."""
Signature = tuple[str, int]

_NOTHING_TO_PREFER = "domRec ignored: No domain atoms found"
"""Reported where the atoms that a search prefers not to have are the same in all of its answers."""

_BLOCK = re.compile(r"<block>:(\d+):")


@lru_cache(maxsize=50_000)
def to_symbol(value: Value) -> Symbol:
    """The solver's symbol for a term, built from typed parts, never from text; within `making_symbols`."""
    if isinstance(value, Term):
        return Function(value.name, [to_symbol(arg) for arg in value.args])
    return Number(value) if isinstance(value, int) else String(value)


_MOST_KNOWN = 50_000
_KNOWN: dict[int, Value] = {}
"""Terms by the solver's own number of a symbol: a symbol's hash and comparison are calls of the solver."""


def from_symbol(symbol: Symbol) -> Value:
    """The term for a symbol of the solver's. Names recur, and asking the solver for them is slow."""
    value = _KNOWN.get(symbol._rep)
    if value is None:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        value = _KNOWN[symbol._rep] = _translated(symbol)
    return value


def _translated(symbol: Symbol) -> Value:
    kind = symbol.type
    if kind == SymbolType.Number:
        return symbol.number
    if kind == SymbolType.String:
        return symbol.string
    if kind == SymbolType.Function:
        return Term(symbol.name, tuple(from_symbol(arg) for arg in symbol.arguments))
    return Term(str(symbol))


class _Session:
    """A control whose every message is an error."""

    def __init__(
        self,
        files: Sequence[RulesFile],
        facts: Iterable[Term],
        options: Sequence[str],
        complain: Complain,
        observer: Observer | None = None,
        undefined: list[str] | None = None,
    ) -> None:
        self._messages: list[str] = []
        self._undefined = undefined
        self._files = files
        self._complain = complain
        with making_symbols:
            self.control = Control(list(options), logger=self._log, message_limit=20)
            if observer is not None:
                self.control.register_observer(observer)
            self._read(facts)
        self.check()

    def _read(self, facts: Iterable[Term]) -> None:
        try:
            with self.control.backend() as backend:
                for fact in facts:
                    backend.add_rule([backend.add_atom(to_symbol(fact))])
            # After the facts: the solver looks for shown predicates in what it has read by then.
            self.control.add("base", [], "\n".join(file.text for file in self._files))
            self.control.ground([("base", [])])
        except RuntimeError as error:
            raise self._complain("\n".join(self._messages) or str(error)) from None

    def _log(self, code: MessageCode, message: str) -> None:
        if _NOTHING_TO_PREFER in message:
            return
        messages = self._messages
        if code == MessageCode.OperationUndefined and self._undefined is not None:
            messages = self._undefined
        messages.append(f"{_BLOCK.sub(self._place, message.strip())} [{code.name}]")

    def _place(self, match: re.Match[str]) -> str:
        line = int(match.group(1))
        for file in self._files:
            length = file.text.count("\n") + 1
            if line <= length:
                return f"{shown_path(file.path)}:{line}:"
            line -= length
        return match.group(0)

    def atoms(self, name: str, arity: int) -> list[SymbolicAtom]:
        """The atoms of a signature, in the solver's order."""
        with making_symbols:
            return list(self.control.symbolic_atoms.by_signature(name, arity))

    def check(self) -> None:
        """Raise what the solver complained of since the last check."""
        if self._messages:
            messages, self._messages = self._messages, []
            raise self._complain("\n".join(messages))

    def facts(self, signatures: Iterable[Signature]) -> dict[str, list[Term]]:
        """The atoms of these signatures, by predicate name, in the solver's order: facts, all of them."""
        answer: dict[str, list[Term]] = {}
        for name, arity in signatures:
            atoms = self.atoms(name, arity)
            if not all(atom.is_fact for atom in atoms):
                raise self._complain(f"`{name}/{arity}` should follow from the facts alone")
            terms = [from_symbol(atom.symbol) for atom in atoms]
            answer.setdefault(name, []).extend(term for term in terms if isinstance(term, Term))
        return answer


def evaluate(
    files: Sequence[RulesFile],
    facts: Iterable[Term],
    signatures: Iterable[Signature],
    complain: Complain = EngineError,
    undefined: list[str] | None = None,
) -> dict[str, list[Term]]:
    """What follows from the facts by a program without choices: atoms by predicate name.

    Args:
        undefined: takes what the solver says of calculations that have no value, if given; else that
            is an error as every other message. The solver passes over an instance of a rule in which
            there is one.

    Errors: whatever `complain` makes of the solver's messages.
    """
    return _Session(files, facts, ["--warn=all"], complain, None, undefined).facts(signatures)


@dataclass
class GroundProgram:
    """A program as the solver would get it, where it is made of plain rules.

    Attributes:
        rules: for each rule the number of its head, and its body's literals.
        inputs: the numbers of the atoms declared `#external`.
        atoms: the number of each atom; 0 where it is a fact.
        unsupported: what else it is made of, in words, each with an atom that it is about, if any.
    """

    rules: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    inputs: set[int] = field(default_factory=set)
    atoms: dict[Term, int] = field(default_factory=dict)
    unsupported: list[tuple[str, int | None]] = field(default_factory=list)


class _Listener(Observer):
    """Takes down a ground program. Nothing is passed over: what is no plain rule is named."""

    def __init__(self) -> None:
        self.program = GroundProgram()

    def _refuse(self, what: str, atom: int | None = None) -> None:
        self.program.unsupported.append((what, atom))

    def rule(self, choice: bool, head: Sequence[int], body: Sequence[int]) -> None:
        if choice:
            self._refuse("a choice", head[0] if head else None)
        elif len(head) > 1:
            self._refuse("a disjunction", head[0])
        elif not head:
            self._refuse("a constraint", abs(body[0]) if body else None)
        else:
            self.program.rules.append((head[0], tuple(body)))

    def weight_rule(
        self, choice: bool, head: Sequence[int], lower_bound: int, body: Sequence[tuple[int, int]]
    ) -> None:
        self._refuse("an aggregate", head[0] if head else None)

    def minimize(self, priority: int, literals: Sequence[tuple[int, int]]) -> None:
        self._refuse("a preference", abs(literals[0][0]) if literals else None)

    def project(self, atoms: Sequence[int]) -> None:
        self._refuse("a projection")

    def output_atom(self, symbol: Symbol, atom: int) -> None:
        term = from_symbol(symbol)
        if isinstance(term, Term):
            self.program.atoms[term] = atom

    def external(self, atom: int, value: object) -> None:
        self.program.inputs.add(atom)

    def assume(self, literals: Sequence[int]) -> None:
        self._refuse("an assumption")

    def heuristic(self, atom: int, *rest: object) -> None:
        self._refuse("a heuristic", atom)

    def acyc_edge(self, *rest: object) -> None:
        self._refuse("an edge")

    def theory_atom(self, *rest: object) -> None:
        self._refuse("a theory atom")

    def theory_atom_with_guard(self, *rest: object) -> None:
        self._refuse("a theory atom")


def ground(files: Sequence[RulesFile], facts: Iterable[Term]) -> GroundProgram:
    """The ground program that these rules and facts come to."""
    listener = _Listener()
    _Session(files, facts, ["--warn=all"], EngineError, listener)
    return listener.program


class Program:
    """A program grounded once, with inputs that are set anew for each question.

    Its inputs are the atoms declared `#external`. Safe to use from several threads: one question
    is answered at a time. In a forked child it is grounded anew where another thread was asking.
    """

    def __init__(
        self,
        files: Sequence[RulesFile],
        facts: Iterable[Term] = (),
        options: Sequence[str] = (),
        complain: Complain = EngineError,
    ) -> None:
        self._made_of = (files, tuple(facts), ["--warn=all", *options], complain)
        self._lock = Guard()
        self._watched: dict[tuple[Signature, ...], dict[Term, int]] = {}
        self._required: list[tuple[int, ...]] = []
        self._start()
        _programs.add(self)

    def _start(self) -> None:
        self._session = _Session(*self._made_of)
        self._control = self._session.control
        # Nothing is grounded later, so going through all atoms after each answer would be for nothing.
        self._control.enable_cleanup = False
        self._mode: tuple[str, str, int] | None = None
        self._setting = False
        self._true: set[Term] = set()
        self._inputs: dict[Term, int] = {}

    def _start_anew(self) -> None:
        """Ground it once more in a forked child: how far another thread had come nobody knows."""
        self._start()
        for signatures, known in self._watched.items():
            if self._literals(signatures) != known:
                raise EngineError(
                    "this process was forked while another thread asked the solver, and cannot go on "
                    'with what it asked; start it with multiprocessing.get_context("spawn")'
                )
        self._add(self._required)
        self._lock.half_done = False

    def leave(self) -> None:
        """Never free, in a forked child, a solver that another thread was using: it would wait for that."""
        if self._lock.half_done:
            self._control._free = False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One question at a time."""
        with self._lock:
            if self._lock.half_done:
                self._start_anew()
            yield

    def facts(self, *signatures: Signature) -> dict[str, list[Term]]:
        """The atoms of these signatures, by predicate name.

        Errors: whatever `complain` makes of it where an atom depends on the inputs.
        """
        with self._alone():
            return self._session.facts(signatures)

    def tally(self, name: str) -> Counter[str]:
        """How many atoms `name(X)` there are, whether or not they hold, by the names of the terms X."""
        with self._alone():
            return Counter(atom.symbol.arguments[0].name for atom in self._session.atoms(name, 1))

    def watch(self, *signatures: Signature) -> dict[Term, int]:
        """The atoms of these signatures, each with the literal that says whether it holds."""
        if signatures not in self._watched:
            with self._alone():
                self._watched[signatures] = self._literals(signatures)
        return self._watched[signatures]

    def varying(self, *signatures: Signature) -> dict[Term, int]:
        """The atoms of these signatures that are no facts, each with the literal that says whether it holds."""
        with self._alone():
            return {
                term: atom.literal
                for name, arity in signatures
                for atom in self._session.atoms(name, arity)
                if not atom.is_fact and isinstance(term := from_symbol(atom.symbol), Term)
            }

    def _literals(self, signatures: Iterable[Signature]) -> dict[Term, int]:
        return {
            term: atom.literal
            for name, arity in signatures
            for atom in self._session.atoms(name, arity)
            if isinstance(term := from_symbol(atom.symbol), Term)
        }

    def _set(self, inputs: AbstractSet[Term]) -> None:
        # All are looked up before any is set: a question that fails leaves the program as it was.
        wanted = {term: self._input(term) for term in inputs}
        if self._setting:
            # The last question was broken off between two of them, by Ctrl-C.
            for literal in self._inputs.values():
                self._control.assign_external(literal, False)
            self._true.clear()
        self._setting = True
        for term in self._true - inputs:
            self._control.assign_external(self._inputs[term], False)
            self._true.discard(term)
        for term in inputs - self._true:
            self._true.add(term)
            self._control.assign_external(wanted[term], True)
        self._setting = False

    def _input(self, term: Term) -> int:
        # The solver silently ignores an atom that the program does not know: look it up first.
        if term not in self._inputs:
            with making_symbols:
                atom = self._control.symbolic_atoms[to_symbol(term)]
            if atom is None or not atom.is_external:
                raise EngineError(f"`{term}` is no input of the program")
            self._inputs[term] = atom.literal
        return self._inputs[term]

    def _configure(self, mode: Literal["opt", "ignore"], enumeration: str, models: int) -> None:
        # The solver goes through its whole configuration after each word of it that is set.
        if self._mode == (mode, enumeration, models):
            return
        self._mode = None
        solve = self._control.configuration.solve
        solve.opt_mode = mode  # type: ignore[union-attr]
        solve.enum_mode = enumeration  # type: ignore[union-attr]
        solve.models = models  # type: ignore[union-attr]
        self._mode = (mode, enumeration, models)

    def best(self, inputs: AbstractSet[Term]) -> list[Term] | None:
        """The shown atoms that hold in the best answer, or None where there is no answer."""
        with self._alone():
            last: Sequence[Symbol] | None = None
            for model in self._improving(inputs):
                last = model.symbols(shown=True)
            return None if last is None else [cast(Term, from_symbol(symbol)) for symbol in last]

    def read(self, inputs: AbstractSet[Term], reader: Callable[[Holds], Found]) -> Found | None:
        """What a reader makes of the best answer, or None where there is no answer.

        Literals, as `watch` gives them, are much faster to ask for than atoms are to list.

        Args:
            inputs: the inputs that are true.
            reader: called with a function that tells of a literal whether it holds.
        """
        with self._alone():
            found: Found | None = None
            for model in self._improving(inputs):
                found = reader(model.is_true)
            return found

    def _improving(self, inputs: AbstractSet[Term]) -> Iterator[Model]:
        """One answer after another, each better than the one before; the last is the best."""
        self._set(inputs)
        self._configure("opt", "auto", 0)
        with self._control.solve(yield_=True) as handle:
            yield from handle
        self._session.check()

    def possible(self, assumptions: Sequence[int] = ()) -> set[Term]:
        """The shown atoms that hold in some answer; what is left out is proved to hold in none.

        Args:
            assumptions: literals that have to hold.
        """
        with self._alone():
            self._set(set())
            self._configure("ignore", "brave", 0)
            # Each model has all that was found so far, so the last alone is read. A search that
            # hands over its models one by one does not know which is the last.
            with self._control.solve(async_=True, assumptions=list(assumptions)) as handle:
                handle.get()
                model = handle.last()
                last = model.symbols(shown=True) if model else ()
            self._session.check()
            return {cast(Term, from_symbol(symbol)) for symbol in last}

    def smallest(self, watched: dict[Term, int], assumptions: Sequence[int] = ()) -> frozenset[Term] | None:
        """The watched atoms that hold in the best answer, or None where there is no answer.

        Args:
            assumptions: literals that have to hold.
        """
        with self._alone():
            self._set(set())
            self._configure("opt", "auto", 0)
            last: frozenset[Term] | None = None
            with self._control.solve(yield_=True, assumptions=list(assumptions)) as handle:
                for model in handle:
                    last = frozenset(term for term, literal in watched.items() if model.is_true(literal))
            self._session.check()
            return last

    def answers(
        self,
        inputs: AbstractSet[Term],
        watched: dict[Term, int],
        *,
        minimal: bool = False,
        most: int = 0,
        assumptions: Sequence[int] = (),
    ) -> list[frozenset[Term]]:
        """The watched atoms that hold in each answer.

        Args:
            minimal: only the answers that are minimal in what the program's heuristic names.
            most: stop after so many (0: all).
            assumptions: literals that have to hold.
        """
        with self._alone():
            self._set(inputs)
            self._configure("ignore", "domRec" if minimal else "auto", most)
            found: list[frozenset[Term]] = []
            with self._control.solve(yield_=True, assumptions=list(assumptions)) as handle:
                for model in handle:
                    found.append(frozenset(term for term, literal in watched.items() if model.is_true(literal)))
            self._session.check()
            # Where nothing is left to prefer, all answers that differ here are the same.
            return list(dict.fromkeys(found)) if minimal else found

    def require(self, *clauses: Sequence[int]) -> None:
        """Add clauses of literals that every later answer has to satisfy."""
        with self._alone():
            self._required += map(tuple, clauses)
            self._add(clauses)

    def _add(self, clauses: Iterable[Sequence[int]]) -> None:
        with self._control.backend() as backend:
            for clause in clauses:
                backend.add_rule([], [-literal for literal in clause])


class Build(Protocol):
    """Grounds the program of an entry file with a policy's rules."""

    def __call__(self, entry: str, options: Sequence[str] = (), facts: Iterable[Term] = ()) -> Program:
        """Ground `asp/bridge/<entry>.lp` with these solver options and further facts."""
        ...


_programs: weakref.WeakSet[Program] = weakref.WeakSet()


def _in_child() -> None:
    for program in list(_programs):
        program.leave()


if hasattr(os, "register_at_fork"):
    # After what frees the locks: hooks are called in the order in which they were registered.
    os.register_at_fork(after_in_child=_in_child)


def solver_version() -> str:
    """The version of the solver in use."""
    return clingo.__version__
