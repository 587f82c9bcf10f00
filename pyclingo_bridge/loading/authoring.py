"""What is wrong with a policy's files, with its place: before and after they are grounded."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate
from pathlib import Path

from clingo.ast import ASTType

from pyclingo_bridge.base.errors import EngineError, PolicyError, shown_path, suggestion
from pyclingo_bridge.base.lexing import STRING
from pyclingo_bridge.base.rule_files import RulesFile, holds, read_program, rules_root, shipped
from pyclingo_bridge.base.solver import evaluate
from pyclingo_bridge.base.terms import LARGEST, Term, constant, plain
from pyclingo_bridge.cases.conclusions import ENTRY, conclusion_files
from pyclingo_bridge.loading.arithmetic import counts_past_last, why_undefined
from pyclingo_bridge.loading.named_terms import derived_terms, named_terms, ordered_names
from pyclingo_bridge.loading.rule_syntax import (
    Literal,
    Place,
    Pool,
    RulePart,
    Span,
    Statement,
    atoms,
    statements,
)
from pyclingo_bridge.loading.unreadable import Problem, explained, refused

_ALLOWED = {ASTType.Rule, ASTType.Program, ASTType.Defined, ASTType.Comment}

_STATES = ("states", 3)
_INTERPRETATION = ("interpretation", 2)
_NOT_DEFINED = Term("not_defined", tuple(map(constant, _STATES[:1])) + _STATES[1:])

Predicate = tuple[str, int]

_UNSAFE = re.compile(r"^(\S.*?:\d+):[-\d:]+ note: '(#?\w+)' is unsafe", re.MULTILINE)
_UNDEFINED = re.compile(
    r"^(\S.*?):(\d+):[-\d:]+ info: (?:operation|interval) undefined:\s*(\S.*?)(?: \[\w+\])?$",
    re.MULTILINE,
)
_UNMADE = re.compile(
    r"^(\S.*?):(\d+):[-\d:]+ info: atom does not occur in any rule head:\s*(\w+)(\S*)", re.MULTILINE
)


def policy_complaint(messages: str) -> PolicyError:
    """The error for what the solver says of a policy's rules."""
    faults = [("unbound", f"{place}: {_unbound(name)}") for place, name in _UNSAFE.findall(messages)]
    faults += [
        (
            "undefined_operation",
            f"{path}:{line}: {_no_value(what)}",
        )
        for path, line, what in _UNDEFINED.findall(messages)
        if rules_root() not in Path(path).parents
    ]
    faults += [
        (
            "undefined",
            f"{path}:{line}: nothing makes `{name}{args}`; if that is as it should be, the file says "
            f"`#defined {name}/{_arguments(args)}.`",
        )
        for path, line, name, args in _UNMADE.findall(messages)
        if rules_root() not in Path(path).parents
    ]
    faults = list(dict.fromkeys(faults))
    if faults:
        return PolicyError.of(faults)
    lines = re.sub(r":-\[#inc_base\]|#inc_base,?", "", messages).split("\n")
    # A reader can mend nothing in the package's own files.
    said = "\n".join(line for line in lines if str(rules_root()) not in line)
    return PolicyError(f"the rules cannot be read as they stand:\n{said}")


def _arguments(text: str) -> int:
    """How many arguments stand in brackets."""
    depths = list(accumulate({"(": 1, ")": -1}.get(sign, 0) for sign in text))
    commas = sum(sign == "," and depth == 1 for sign, depth in zip(text, depths, strict=True))
    return commas + 1 if text else 0


def _no_value(what: str) -> str:
    """Why a calculation has no value; the solver says only that it has none."""
    why = why_undefined(what)
    if "zero" in why:
        return f"`{what}` has no value: {why}"
    if re.search(r"[/\\]|\*\*", what):
        return (
            f"`{what}` has no value where it divides by zero, or calculates with what is no number; "
            "let nothing stand in its place for which it has none"
        )
    return f"`{what}` takes whole numbers alone; names have underscores, no hyphens"


def _ordered(name: str) -> str:
    return f"`{name}` is no number: only numbers are compared by `<`, `<=`, `>` and `>=`"


def _unbound(name: str) -> str:
    # The solver numbers the variables that have no name.
    name = "_" if name.startswith("#") else name
    return f"`{name}` is a variable that nothing binds; write a number, or a name in small letters"


@cache
def policy_words() -> frozenset[Predicate]:
    """The predicates that a policy may use in its facts."""
    return _listed_predicates(rules_root() / "engine" / "policy" / "words.lp", ("word", 2))


@cache
def engine_predicates() -> frozenset[Predicate]:
    """What the engine derives and no policy may define, as the dictionary of predicates lists it."""
    return _listed_predicates(rules_root() / "dictionary" / "engine.lp", ("predicate", 4))


def _listed_predicates(path: Path, listing: Predicate) -> frozenset[Predicate]:
    """The predicates that a file lists as facts, their names and numbers of arguments first."""
    listed = evaluate(read_program(path), [], [listing], EngineError)[listing[0]]
    return frozenset(
        (str(plain(term.args[0])), term.args[1]) for term in listed if isinstance(term.args[1], int)
    )


@dataclass(frozen=True)
class SourceFault:
    """What is wrong with one statement of a policy's files.

    Attributes:
        kind: the kind of fault.
        text: what is wrong, and where.
        file: the file that it stands in.
        span: where the statement begins and where it ends: line and column, both from 1, in bytes.
    """

    kind: str
    text: str
    file: RulesFile
    span: Span


def check_sources(files: Iterable[RulesFile]) -> list[Term]:
    """What rules' bodies name, of files that parse and say nothing that a policy may not say.

    A policy consists of definite rules over its own words: no choices, constraints, scripts,
    directives or negation of what depends on a case.

    Errors: PolicyError, naming the file and the line of each fault.
    """
    sources = read_sources(files)
    faults = sources.check()
    if faults:
        raise PolicyError.of((fault.kind, fault.text) for fault in faults)
    return sources.named()


def check_statements(files: Iterable[RulesFile]) -> None:
    """Refuse files that have anything but rules, of whatever words: no directives, no scripts.

    Errors: PolicyError, naming the file and the line of each fault.
    """
    used = Sources()
    for file in files:
        if not shipped(file.path):
            used.add_all(file)
    if used.faults:
        raise PolicyError.of((fault.kind, fault.text) for fault in used.faults)


def source_faults(files: Iterable[RulesFile]) -> list[SourceFault]:
    """Everything in the files that a policy may not say.

    Errors: PolicyError where a file does not parse.
    """
    return read_sources(files).check()


def read_sources(files: Iterable[RulesFile]) -> Sources:
    """The statements of a policy's files; of one that comes with this package, none.

    Errors: PolicyError where a file does not parse.
    """
    files = list(files)
    own = [file for file in files if not shipped(file.path)]
    used = Sources(concluding={file.path for file in conclusion_files(files)})
    rest = [file for file in files if file not in own] if own else []
    for file in [*own, *rest]:
        used.add_all(file)
    used.faults += _left_out(files, used)
    return used


def _left_out(files: list[RulesFile], used: Sources) -> Iterator[SourceFault]:
    """Conclusions in a file next to a policy or its vocabulary that no file includes."""
    read = {file.path for file in files}
    folders = {use.file.path.parent: use for use in used.heads.get(("vocabulary", 1), [])}
    if files and not shipped(files[0].path):
        folders.setdefault(files[0].path.parent, Use(files[0], ((1, 1), (1, 1))))
    for folder, use in folders.items():
        unread = folder / ENTRY
        if not shipped(use.file.path) and unread not in read and holds(Path.exists, unread):
            start = Use(use.file, ((1, 1), (1, 1)))
            yield start.fault(
                "not_included",
                f'`{ENTRY}` is there, but no file includes it: add `#include "{ENTRY}".`',
            )


def without(files: Iterable[RulesFile], faults: Iterable[SourceFault]) -> list[RulesFile]:
    """The files without the statements that are at fault; every other line keeps its number."""
    kept = []
    bad = list(faults)
    for file in files:
        lines = [line.encode() for line in file.text.split("\n")]
        for fault in bad:
            if fault.file == file:
                _blank(lines, *fault.span)
        kept.append(replace(file, text=b"\n".join(lines).decode(errors="replace")))
    return kept


def _blank(lines: list[bytes], begin: Place, end: Place) -> None:
    for number in range(begin[0], end[0] + 1):
        line = lines[number - 1]
        first = begin[1] - 1 if number == begin[0] else 0
        last = end[1] - 1 if number == end[0] else len(line)
        lines[number - 1] = line[:first] + b" " * (last - first) + line[last:]


_DIGITS = re.compile(r"(?<![\w.])\d{10,}(?!\w)")
_VARIABLE = re.compile(r"(?<![\w'])(?:_*[A-Z][\w']*|_+(?![\w']))")


def _code(statement: Statement) -> str:
    """A statement's text without what stands in quotes and in comments."""
    return re.sub(rf"{STRING}|%.*", "", statement.source)


def _too_large(code: str) -> str | None:
    """A number in a statement that the solver would take for another: it counts in 32 bits."""
    return next((digits for digits in _DIGITS.findall(code) if int(digits[:40]) > LARGEST), None)


def _free(code: str) -> list[str]:
    """The variables in a rule's head that stand nowhere in its body, sorted."""
    head, _, body = code.partition(":-")
    found = set(_VARIABLE.findall(head))
    return sorted(found - {name for name in _VARIABLE.findall(body) if name != "_"}) if found else []


def read_statements(file: RulesFile) -> list[Statement]:
    """The statements of a file.

    Errors: PolicyError, naming the line of what cannot be read.
    """
    problems = refused(file.text)
    if problems:
        raise _unreadable(file, problems)
    return statements(
        file, lambda messages: _unreadable(file, explained(file.text, messages) or [(1, messages[0])])
    )


def _unreadable(file: RulesFile, problems: Iterable[Problem]) -> PolicyError:
    lines = (f"{shown_path(file.path)}:{line}: {text}" for line, text in problems)
    return PolicyError.of(("unreadable", line) for line in lines)


@dataclass
class Use:
    """One statement that uses a predicate."""

    file: RulesFile
    span: Span
    negated: bool = False

    @property
    def where(self) -> str:
        """The file, and the line on which the statement begins."""
        return f"{shown_path(self.file.path)}:{self.span[0][0]}"

    def fault(self, kind: str, text: str) -> SourceFault:
        """What is wrong with the statement, with its place."""
        return SourceFault(kind, f"{self.where}: {text}", self.file, self.span)


@dataclass
class Sources:
    """The statements in whose heads and bodies each predicate stands.

    `concluding` are the files that draw conclusions from what documents state; `named_by` is what bodies
    and conclusions name, with `variable(X)` for a variable; `rules` is what each rule with a body
    derives, by its atoms, and the predicates that it rests on; `defined` is what `#defined` names.
    """

    concluding: Collection[Path] = ()
    heads: dict[Predicate, list[Use]] = field(default_factory=dict)
    bodies: dict[Predicate, list[Use]] = field(default_factory=dict)
    faults: list[SourceFault] = field(default_factory=list)
    named_by: dict[Term, list[Use]] = field(default_factory=dict)
    rules: list[tuple[list[Term], set[Predicate]]] = field(default_factory=list)
    defined: set[Predicate] = field(default_factory=set)

    def add_all(self, file: RulesFile) -> None:
        """Add what the statements of a file use, and what is wrong with them.

        Errors: PolicyError where the file does not parse.
        """
        for statement in read_statements(file):
            self._add(statement)

    def _add(self, statement: Statement) -> None:
        use = Use(statement.file, statement.span)
        elsewhere = statement.kind == ASTType.Program and statement.names[0] != "base"
        if statement.kind not in _ALLOWED or elsewhere:
            self.faults.append(
                use.fault("no_rule", f"a policy has rules alone; remove `{statement.text[:60]}`")
            )
        elif statement.kind == ASTType.Defined:
            self.defined.add(statement.names)
        elif statement.kind == ASTType.Rule:
            code = _code(statement)
            faults = [use.fault(kind, text) for kind, text in _faults_of(statement, code)]
            self.faults += faults
            if not faults:
                self._add_rule(statement, use)

    def _add_rule(self, statement: Statement, use: Use) -> None:
        for predicate in statement.heads:
            self.heads.setdefault(predicate, []).append(use)
        # Most statements are facts, of which nothing more has to be read.
        rule = statement.rule if ":-" in statement.source else None
        if rule is None or not rule.body:
            return
        for part in rule.body:
            negated = isinstance(part, Literal) and part.sign != 0
            for atom in atoms(part):
                for predicate in atom.predicates:
                    self.bodies.setdefault(predicate, []).append(Use(use.file, use.span, negated))
        body = {predicate for atom in atoms(*rule.body) for predicate in atom.predicates}
        self.rules.append((list(derived_terms(rule)), body))
        self.faults += [use.fault("orders_names", _ordered(name)) for name in ordered_names(rule)]
        words = policy_words() | ({_STATES} if use.file.path in self.concluding else set())
        for term in named_terms(rule, words):
            self.named_by.setdefault(term, []).append(use)

    def named(self) -> list[Term]:
        """Facts for the rules that find faults: what bodies and conclusions name.

        None where nothing was read: a policy that comes with this package is looked at by its tests.
        """
        if not self.heads:
            return []
        return [
            Term("was_read", (constant("bodies"),)),
            *(Term("mentioned", (constant(term.name), term)) for term in self.named_by),
            *(Term("under_interpretation", (term,)) for term in self._under_interpretation()),
            # Where nothing draws conclusions, what states something is wrong for another reason.
            *([] if _STATES in self.defined or not self.concluding else [_NOT_DEFINED]),
        ]

    def _under_interpretation(self) -> Iterable[Term]:
        """What rules derive that depend on an interpretation of the wording, under any interpretation."""
        resting, more = set[Predicate](), {_INTERPRETATION}
        while more:
            resting |= more
            more = {
                (term.name, len(term.args)) for heads, body in self.rules if body & resting for term in heads
            } - resting
        return dict.fromkeys(term for heads, body in self.rules if body & resting for term in heads)

    def check(self) -> list[SourceFault]:
        """Every statement at fault: for what it is, or for predicates that are not a policy's own."""
        words = policy_words()
        names = [name for name, _ in words | set(self.heads)]
        found = list(self.faults)
        for predicate, uses in self.heads.items():
            if predicate not in words:
                found += self._head_faults(predicate, uses, words)
        for (name, arity), uses in self.bodies.items():
            if (name, arity) not in words and (name, arity) not in self.heads:
                found += [
                    self._body_fault(name, arity, use, names)
                    for use in uses
                    # Conclusions are drawn from what documents state, before the evidence rules are asked.
                    if (name, arity) != _STATES or use.file.path not in self.concluding
                ]
        return found

    def _head_faults(
        self, predicate: Predicate, uses: list[Use], words: Iterable[Predicate]
    ) -> list[SourceFault]:
        name, arity = predicate
        if predicate in engine_predicates():
            text = f"`{name}/{arity}` is derived by the engine; a policy cannot define it: choose another name"
            return [use.fault("engines_own", text) for use in uses]
        if predicate in self.bodies:
            return []
        hint = _arity_hint(name, words) or suggestion(name, [word for word, _ in words])
        return [use.fault("unknown_word", f"unknown word `{name}/{arity}`{hint}") for use in uses]

    def _body_fault(self, name: str, arity: int, use: Use, names: list[str]) -> SourceFault:
        if (name, arity) in engine_predicates():
            what = "depend on the absence of" if use.negated else "depend on"
            text = f"a policy's rule cannot {what} `{name}/{arity}`, which the engine derives"
            return use.fault("negation" if use.negated else "depends_on_case", text)
        text = f"nothing defines `{name}/{arity}`{suggestion(name, names)}"
        return use.fault("undefined", text)


def _arity_hint(name: str, words: Iterable[Predicate]) -> str:
    arities = sorted({arity for word, arity in words if word == name})
    return f" (`{name}` has {' or '.join(map(str, arities))} arguments)" if arities else ""


def _faults_of(statement: Statement, code: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a rule by itself; of what follows from one another, the first."""
    if not statement.heads:
        head = str(statement.rule.head) if statement.rule else ""
        hint = ": write `:-` for if" if re.search(" [=<] ", head) else ""
        yield "no_single_head", f"a policy's rule has one atom as its head, not `{head[:60]}`{hint}"
        return
    if len(statement.heads) > 1 and statement.rule and (unbracketed := _unbracketed(statement.rule.head)):
        yield "unbracketed", unbracketed
        return
    large = _too_large(code)
    if large:
        yield "too_large", f"`{large}` is more than the rules can count to: {LARGEST} at most"
        return
    # Looked at only where the number stands: this goes through the whole statement.
    past = counts_past_last(statement.rule) if str(LARGEST) in code and statement.rule else ""
    if past:
        yield "too_large", f"`{past}` cannot be counted through: let the range end with {LARGEST - 1} at most"
        return
    yield from (("unbound", _unbound(name)) for name in _free(code))


def _unbracketed(head: RulePart) -> str | None:
    """What is wrong with a word whose last argument, or first, was to be several: `f(a, b; c)`."""
    symbol = next(atoms(head)).parts[0]
    names = {name for name, _ in policy_words()}
    functions = list(next(atoms(head)).functions)
    if not isinstance(symbol, Pool) or not names & {one.name for one in functions}:
        return None
    each = [list(map(str, one.parts)) for one in symbol.parts]
    if len({len(one) for one in each}) == 1:
        return None
    name, first, last = functions[0].name, each[0], each[-1]
    meant = "(a; b)"
    if first and {len(one) for one in each[1:]} == {1}:
        meant = f"({'; '.join([first[-1], *(one[0] for one in each[1:])])})"
    elif last and {len(one) for one in each[:-1]} == {1}:
        meant = f"({'; '.join([*(one[0] for one in each[:-1]), last[0]])})"
    return f"`{name}` has several values without brackets: write them as `{meant}`"
