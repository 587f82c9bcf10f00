"""What is wrong with a policy's files, told with its place: before and after they are grounded."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache, partial
from itertools import accumulate
from pathlib import Path

from clingo.ast import AST, ASTType, parse_string

from pyclingo_bridge.base.errors import EngineError, PolicyError, shown_path, suggestion
from pyclingo_bridge.core.conclusions import ENTRY, drawing_conclusions
from pyclingo_bridge.core.rule_files import RulesFile, holds, read_program, rules_root, shipped
from pyclingo_bridge.core.solver import evaluate
from pyclingo_bridge.core.terms import LARGEST, Term, constant, plain
from pyclingo_bridge.loading.arithmetic import counts_past_last, why_undefined
from pyclingo_bridge.loading.mentions import headed, mentions, ordered, symbols
from pyclingo_bridge.loading.syntax import Problem, explained, refused

_ALLOWED = {ASTType.Rule, ASTType.Program, ASTType.Defined, ASTType.Comment}

_STATES = ("states", 3)
_INTERPRETATION = ("interpretation", 2)
_NOT_DEFINED = Term("not_defined", tuple(map(constant, _STATES[:1])) + _STATES[1:])

Predicate = tuple[str, int]
Place = tuple[int, int]
Span = tuple[Place, Place]


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
    told = [("unbound", f"{place}: {_unbound(name)}") for place, name in _UNSAFE.findall(messages)]
    told += [
        (
            "undefined_operation",
            f"{path}:{line}: {_no_value(what)}",
        )
        for path, line, what in _UNDEFINED.findall(messages)
        if rules_root() not in Path(path).parents
    ]
    told += [
        (
            "undefined",
            f"{path}:{line}: nothing makes `{name}{args}`; if that is as it should be, the file says "
            f"`#defined {name}/{_arguments(args)}.`",
        )
        for path, line, name, args in _UNMADE.findall(messages)
        if rules_root() not in Path(path).parents
    ]
    told = list(dict.fromkeys(told))
    if told:
        return PolicyError.of(told)
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
    """Why a calculation has no value; the solver tells only that it has none."""
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
            _parse(file, partial(used.add, file))
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
    used = Sources(drawing={file.path for file in drawing_conclusions(files)})
    rest = [file for file in files if file not in own] if own else []
    for file in [*own, *rest]:
        _parse(file, partial(used.add, file))
    used.faults += _left_out(files, used)
    return used


def _left_out(files: list[RulesFile], used: Sources) -> Iterator[SourceFault]:
    """Conclusions in a file beside a policy or its vocabulary that no file includes."""
    read = {file.path for file in files}
    beside = {use.file.path.parent: use for use in used.heads.get(("vocabulary", 1), [])}
    if files and not shipped(files[0].path):
        beside.setdefault(files[0].path.parent, Use(files[0], ((1, 1), (1, 1))))
    for folder, use in beside.items():
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


@lru_cache(maxsize=1)
def _lines(text: str) -> list[str]:
    # Looked at for one statement after another.
    return text.split("\n")


def _code(file: RulesFile, span: Span) -> str:
    """A statement's text without what stands in quotes and in comments."""
    (first, begin), (last, end) = span
    lines = [line.encode() for line in _lines(file.text)[first - 1 : last]]
    lines[-1] = lines[-1][: end - 1]
    lines[0] = lines[0][begin - 1 :]
    text = b"\n".join(lines).decode(errors="replace")
    return re.sub(r'"(?:[^"\\\\]|\\\\.)*"|%.*', "", text)


def _too_large(code: str) -> str | None:
    """A number in a statement that the solver would take for another: it counts in 32 bits."""
    return next((digits for digits in _DIGITS.findall(code) if int(digits[:40]) > LARGEST), None)


def _free(code: str) -> list[str]:
    """The variables in a rule's head that stand nowhere in its body, sorted."""
    head, _, body = code.partition(":-")
    found = set(_VARIABLE.findall(head))
    return sorted(found - {name for name in _VARIABLE.findall(body) if name != "_"}) if found else []


def _parse(file: RulesFile, take: Callable[[AST], None]) -> None:
    _refuse(file, refused(file.text))
    messages: list[str] = []
    try:
        parse_string(file.text, take, logger=lambda code, message: messages.append(message))
    except RuntimeError as error:
        _refuse(file, explained(file.text, messages) or [(1, str(error))])


def _refuse(file: RulesFile, problems: Iterable[Problem]) -> None:
    told = [f"{shown_path(file.path)}:{line}: {text}" for line, text in problems]
    if told:
        raise PolicyError.of(("unreadable", text) for text in told)


@dataclass
class Use:
    """One statement that uses a predicate."""

    file: RulesFile
    span: Span
    negated: bool = False

    @classmethod
    def of(cls, file: RulesFile, statement: AST) -> Use:
        """The statement's own place."""
        begin, end = statement.location.begin, statement.location.end
        return cls(file, ((begin.line, begin.column), (end.line, end.column)))

    @property
    def where(self) -> str:
        """The file, and the line on which the statement begins."""
        return f"{shown_path(self.file.path)}:{self.span[0][0]}"

    def fault(self, kind: str, text: str) -> SourceFault:
        """What is wrong with the statement, told with its place."""
        return SourceFault(kind, f"{self.where}: {text}", self.file, self.span)


@dataclass
class Sources:
    """The statements in whose heads and bodies each predicate stands.

    `drawing` are the files that draw conclusions from what documents state; `mentions` is what bodies
    and conclusions name, with `variable(X)` for a variable; `rules` is what each rule with a body
    derives, by its atoms, and the predicates that it rests on; `defined` is what `#defined` names.
    """

    drawing: Collection[Path] = ()
    heads: dict[Predicate, list[Use]] = field(default_factory=dict)
    bodies: dict[Predicate, list[Use]] = field(default_factory=dict)
    faults: list[SourceFault] = field(default_factory=list)
    mentions: dict[Term, list[Use]] = field(default_factory=dict)
    rules: list[tuple[list[Term], set[Predicate]]] = field(default_factory=list)
    defined: set[Predicate] = field(default_factory=set)

    def add(self, file: RulesFile, statement: AST) -> None:
        """Take down a statement: what it uses, or what is wrong with it."""
        use = Use.of(file, statement)
        span = use.span
        elsewhere = statement.ast_type == ASTType.Program and statement.name != "base"
        if statement.ast_type not in _ALLOWED or elsewhere:
            text = f"a policy has rules alone; remove `{str(statement)[:60]}`"
            self.faults.append(use.fault("no_rule", text))
            return
        if statement.ast_type == ASTType.Defined:
            self.defined.add((statement.name, statement.arity))
        if statement.ast_type != ASTType.Rule:
            return
        heads = _heads(statement.head)
        if not heads:
            hint = ": write `:-` for if" if re.search(" [=<] ", str(statement.head)) else ""
            text = f"a policy's rule has one atom as its head, not `{str(statement.head)[:60]}`{hint}"
            self.faults.append(use.fault("no_single_head", text))
            return
        unbracketed = _unbracketed(statement.head)
        if unbracketed:
            self.faults.append(use.fault("unbracketed", unbracketed))
            return
        code = _code(file, span)
        large = _too_large(code)
        if large:
            text = f"`{large}` is more than the rules can count to: {LARGEST} at most"
            self.faults.append(use.fault("too_large", text))
            return
        # Looked at only where the number stands: this goes through the whole statement.
        past = counts_past_last(statement) if str(LARGEST) in code else ""
        if past:
            text = f"`{past}` cannot be counted through: let the range end with {LARGEST - 1} at most"
            self.faults.append(use.fault("too_large", text))
            return
        free = _free(code)
        if free:
            self.faults += [use.fault("unbound", _unbound(name)) for name in free]
            return
        for predicate in heads:
            self.heads.setdefault(predicate, []).append(use)
        for part in statement.body:
            negated = part.ast_type == ASTType.Literal and part.sign != 0
            self._note(part, self.bodies, Use(file, span, negated))
        if statement.body:
            body = {one for part in statement.body for atom in symbols(part) for one in predicates_of(atom)}
            self.rules.append((list(headed(statement)), body))
            self.faults += [use.fault("orders_names", _ordered(name)) for name in ordered(statement)]
            words = policy_words() | ({_STATES} if file.path in self.drawing else set())
            for term in mentions(statement, words):
                self.mentions.setdefault(term, []).append(use)

    def named(self) -> list[Term]:
        """Facts for the rules that find faults: what bodies and conclusions name.

        None where nothing was read: a policy that comes with this package is looked at by its tests.
        """
        if not self.heads:
            return []
        return [
            Term("was_read", (constant("bodies"),)),
            *(Term("mentioned", (constant(term.name), term)) for term in self.mentions),
            *(Term("under_interpretation", (term,)) for term in self._under_interpretation()),
            # Where nothing draws conclusions, what states something is wrong for another reason.
            *([] if _STATES in self.defined or not self.drawing else [_NOT_DEFINED]),
        ]

    def _under_interpretation(self) -> Iterable[Term]:
        """What rules derive that rest on an interpretation of the wording, of whatever interpretation."""
        resting, more = set[Predicate](), {_INTERPRETATION}
        while more:
            resting |= more
            more = {
                (term.name, len(term.args)) for heads, body in self.rules if body & resting for term in heads
            } - resting
        return dict.fromkeys(term for heads, body in self.rules if body & resting for term in heads)

    def _note(self, node: AST, into: dict[Predicate, list[Use]], use: Use) -> None:
        if node.ast_type == ASTType.SymbolicAtom:
            for predicate in predicates_of(node.symbol):
                into.setdefault(predicate, []).append(use)
            return
        for key in node.child_keys:
            child = getattr(node, key)
            for entry in child if isinstance(child, Iterable) else [child]:
                if isinstance(entry, AST):
                    self._note(entry, into, use)

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
                    # Conclusions are drawn from what documents state, before anything is weighed.
                    if (name, arity) != _STATES or use.file.path not in self.drawing
                ]
        return found

    def _head_faults(
        self, predicate: Predicate, uses: list[Use], words: Iterable[Predicate]
    ) -> list[SourceFault]:
        name, arity = predicate
        if predicate in engine_predicates():
            text = f"`{name}/{arity}` is derived by the engine; a policy cannot define it"
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


def _unbracketed(head: AST) -> str | None:
    """What is wrong with a word whose last argument, or first, was to be several: `f(a, b; c)`."""
    symbol = head.atom.symbol
    names = {name for name, _ in policy_words()}
    if symbol.ast_type != ASTType.Pool or not names & {name for name, _ in predicates_of(symbol)}:
        return None
    each = [list(map(str, one.arguments)) for one in symbol.arguments]
    lengths = {len(one) for one in each}
    if len(lengths) == 1:
        return None
    name, first, last = symbol.arguments[0].name, each[0], each[-1]
    meant = "(a; b)"
    if first and {len(one) for one in each[1:]} == {1}:
        meant = f"({'; '.join([first[-1], *(one[0] for one in each[1:])])})"
    elif last and {len(one) for one in each[:-1]} == {1}:
        meant = f"({'; '.join([*(one[0] for one in each[:-1]), last[0]])})"
    return f"`{name}` has several values without brackets: write them as `{meant}`"


def _heads(head: AST) -> list[Predicate]:
    """The predicates of a rule's head where that is one atom, or a pool of some, that holds."""
    if head.ast_type != ASTType.Literal or head.sign != 0:
        return []
    atom = head.atom
    return list(predicates_of(atom.symbol)) if atom.ast_type == ASTType.SymbolicAtom else []


def predicates_of(symbol: AST) -> Iterable[Predicate]:
    """The predicates of an atom's symbol: one, or those of a pool."""
    kind = symbol.ast_type
    if kind == ASTType.Function:
        yield symbol.name, len(symbol.arguments)
    elif kind == ASTType.Pool:
        for entry in symbol.arguments:
            yield from predicates_of(entry)


_KINDS = {
    "document_type": "document type",
    "limit": "limit",
    "stated": "attribute",
    "set": "set with members",
    "type": "domain that there is",
    "kind": "kind of attribute",
    "member": "drug, and no value that an attribute lists",
    "labelled": "attribute, value, requirement, drug or document type",
    "node": "criterion",
    "outcome": "outcome (approve, deny or refer)",
}


def _of_kind(kind: str) -> str:
    """A kind in words: `attribute`, or `interpretation(wording)`."""
    name, _, of = kind.strip("`").partition("(")
    if name in _KINDS:
        return _KINDS[name]
    return f"{name} of `{of[:-1]}`" if of else name


def _as_written(name: str) -> str:
    """A name in backticks as rules would write it: a text only where it can be no constant."""
    bare = name.strip("`")
    return name if re.fullmatch("_*[a-z][a-z0-9_]*", bare) else f'`"{bare}"`'


_LISTS = {"`history`": "`drugs`", "`cumulative`": "`list` or `drugs`"}

FAULTS: dict[str, Callable[..., str]] = {
    "no_sections": lambda: "the policy has no section: add `section(ID, 1).`",
    "no_criterion": lambda k: f"criterion {k} is used but not declared: add `criterion(ID, LABEL).`",
    "unused_part": lambda k, p: f"nothing uses the part {p} of criterion {k}, so its clauses have no effect",
    "no_locator": lambda k: f"criterion {k} has no locator: add `locator(ID, PLACE).`",
    "two_default_locators": lambda: "there are two `default_locator` facts: keep one",
    "two_labels": lambda k: f"criterion {k} has two labels",
    "no_section": lambda s: f"{s} is no section of the policy: add `section(ID, PLACE).`",
    "no_route": lambda s: (
        f"section {s} has no route: say which requests go to it with `route(ID, REQUIREMENT).`"
    ),
    "documented_route": lambda s, c, a: (
        f"section {s} has the route {c}, but documents state {a}: a route asks for what the request "
        "form says; put a requirement on documents into `use_condition(ID, REQUIREMENT).`"
    ),
    "same_place": lambda s, t, n: f"sections {s} and {t} both have place {n} in the policy's order",
    "asks_nothing": lambda k: f"criterion {k} asks for nothing: give it a clause",
    "circular": lambda k: f"criterion {k} stands in its own wording",
    "no_requirement": lambda c: f"{c} is neither a declared criterion nor a requirement",
    "no_attribute": lambda c, a: f"requirement {c} is about {a}, which is no attribute of the vocabulary",
    "shown_by_nothing": lambda a: f"no document type shows attribute {a}: add `establishes(TYPE, ATTRIBUTE).`",
    "no_policy": lambda: "the policy does not name itself: add `policy(NAME, TITLE).`",
    "no_source": lambda: "the policy names no source: add `source(DOCUMENT, REVISION).`",
    "two_policies": lambda: "there are two `policy` facts: keep one",
    "two_sources": lambda: "there are two `source` facts: keep one",
    "no_name": lambda k: f"criterion {k} is a number: write its id as a text, in quotes",
    "no_minimum": lambda a: f"attribute {a} has no least value: add `minimum({a.strip('`')}, NUMBER).`",
    "no_greatest": lambda a: (
        f"attribute {a} has no greatest value of 1000000 or less: add `maximum({a.strip('`')}, NUMBER).`"
    ),
    "no_detail": lambda a, t: (
        f"attribute {a} has the domain {t}, which only details have: write `attribute({a.strip('`')}, detail).`"
    ),
    "requirement_on_detail": lambda c, a: (
        f"requirement {c} is about {a}, a detail: let it be about what is concluded from that"
    ),
    "no_room": lambda a, m, n: f"attribute {a} has {n} as its greatest value, which is below its least, {m}",
    "cost": lambda t, n: f"documents of type {t} cost {n}: give a whole number from 1 to 1000000",
    "no_document_type": lambda t: f"{t} is no document type: add `document_type(TYPE, COST).`",
    "no_duration": lambda s, d: (
        f"section {s} has the duration {d}: write `exactly(MONTHS)` or "
        "`lesser(MONTHS, ATTRIBUTE)`, with 1 to 1200 months and a whole number of the request form"
    ),
    "no_strength": lambda a, n: f"attribute {a} has the strength {n}: give a whole number from 1 to 1000000",
    "not_on_form": lambda a: f"attribute {a} is changeable, which only what the request form says can be",
    "bound_form": lambda a, b: (
        f"attribute {a} is changeable, and `only_with` ties it to {b}: a change could make a form "
        "that cannot be sent"
    ),
    "two_costs": lambda a: f"two costs are given for changing {a}: keep one",
    "cost_of_change": lambda a, n: f"changing {a} costs {n}: give a whole number from 1 to 1000000",
    "no_default": lambda n: f"ambiguity {n} has no default interpretation",
    "no_alternative": lambda n, v: (
        f"ambiguity {n} is read as {v} by default, which is none of its alternatives"
    ),
    "unfit": lambda c: f"requirement {c} does not fit the values of its attribute",
    "no_set": lambda c, s: f"requirement {c} names the set {s}, which has no members",
    "no_value": lambda c, v: f"requirement {c} names {v}, which is no value that the vocabulary lists",
    "replaced_value": lambda c, v, w: f"requirement {c} names {v}, which counts as {w}: name that",
    "may_be_left_out": lambda c, a: (
        f"requirement {c} is about {a}, which a form may leave out: give it a default"
    ),
    "kind": lambda a, k: f"attribute {a} is of kind {k}, which nobody knows",
    "not_a_list": lambda a, k: f"attribute {a} of kind {k} needs {_LISTS.get(k, 'a list')} as its domain",
    "undeclared": lambda kind, x: f"{x} is no {_of_kind(kind)}",
    "no_value_of": lambda a, v: f"{v} is no value of {a}",
    "no_number": lambda n: f"{n} is no whole number",
    "no_document": lambda d: f"{d} is no document: write a variable, the same in head and body",
    "no_definition": lambda p, n: (
        f"no rule makes {p}, which documents state: write `#defined {p.strip('`')}/{n.strip('`')}.` in the file"
    ),
    "counts_on": lambda a, v, w: (
        f"{v} counts as itself: remove that"
        if v == w
        else f"{v} counts as {w}, which itself counts as another value of {a}: name the last one"
    ),
    "two_drugs": lambda n, d: (
        f"{n} is a drug itself, and stands for {d}, so that nobody could have {n}: keep one of the two"
    ),
    "states_otherwise": lambda a, v, w: f"{v} of {a} cannot also state that {a} is {w}: it has one value",
    "qualifier_with_kind": lambda q, a: (
        f"{q} is an attribute, and cannot say besides that the list {a} is whole: use another name"
    ),
    "drug_and_none": lambda n: (
        f"{n} is a name of a drug, and cannot say that there is none: keep one of the two"
    ),
    "beyond_bounds": lambda c, a, m: f"requirement {c} is beyond what {a} can be: the bound is {m}",
    "never_found": lambda n, key: (
        f"no case can name the drug {n}: names of drugs are looked up in small letters, with `_` for "
        f"blanks and hyphens; write {_as_written(key)}"
    ),
    "not_a_name": lambda x: (
        f"{x} is no name: write small letters, digits and underscores, without quotes, a letter first"
    ),
    "twice": lambda word, x: f"{x} has two of `{word.strip('`')}`: keep one",
    "not_of_form": lambda a: f"{a} is nothing that the request form says, which alone can have this",
    "of_form": lambda a: f"{a} is of the request form: no document states it",
    "of_detail": lambda a: f"{a} is a detail, from which `concludes` in `conclusions.lp` draws what follows",
    "no_such_values": lambda a, t: f"{a} has the domain {t}, which cannot have this",
    "no_domain": lambda a: f"attribute {a} has no domain: add `domain({a.strip('`')}, TYPE).`",
    "no_vocabulary": lambda: (
        "a policy includes exactly one vocabulary, and that names itself with `vocabulary(NAME).`"
    ),
    "two_vocabularies": lambda: "there are two `vocabulary` facts: keep one",
}
