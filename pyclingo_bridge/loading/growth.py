"""How much rules can come to, by their text alone.

`unbounded` looks at a program whose facts are all in its files. It bounds the atoms that the
program derives, and the matches that the solver goes through for them: without recursion an atom of
a rule takes a match of each literal that has a variable, so a rule has no more atoms than the
product of how many atoms its literals have, times the members of its pools and ranges. Values come
into an atom only through variables, which are bound by those literals or by arithmetic on what
they bind. What the engine derives from so few atoms is bounded too.

`endless` looks at rules whose facts are not known yet, as those on what documents state. They end,
whatever the facts, where no rule that rests on itself makes a new term: then there are no more
terms than the facts and the text have. They end soon where one document gives them few matches: what
it states is bounded by the limits of a case, and the facts of their own are counted.

Both say what they do not know rather than that all is well.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from math import prod

from pyclingo_bridge.base.lexing import STRING, code_of
from pyclingo_bridge.base.rule_files import RulesFile, names_program, shipped
from pyclingo_bridge.cases.limits import Limits
from pyclingo_bridge.loading import rule_syntax as syntax
from pyclingo_bridge.loading.rule_syntax import (
    Aggregate,
    Atom,
    ComparedTerms,
    Constant,
    Element,
    Function,
    Literal,
    Operation,
    Pool,
    Range,
    Statement,
    Truth,
    Variable,
    options,
    statements,
)

MOST_ATOMS = 300
"""How many atoms a policy's own files may come to by `unbounded`. The engine takes seconds for
as many requirements on one attribute, and the more so the more there are."""

MOST_MATCHES = 1_000_000
"""How many matches of all its rules there may be."""

MOST_LITERALS = 50
"""How many literals a rule may have; the solver takes long to order very many."""

MOST_WIDE = 3
"""How many literals of a rule on documents may have many matches in one document."""

MOST_OF_DOCUMENT = 2_000_000
"""How many matches all rules on documents may have for one document: two lists of all that a case may
hold can be gone through together."""

_CALCULATED = 20
"""How many matches one counts as that makes a number: each is also worked out exactly."""

LONGEST = 1_000_000
"""How many characters of a policy's own are looked at."""

LARGEST_TERM = 10_000
"""How many names and numbers a term may be made of. Where it has the same part twice, that counts twice."""

_LARGEST_AMOUNT = 1_000_000

Node = tuple[str, str]
"""The atoms of a predicate's name whose first argument is this constant; of any other, where it is empty."""


class _Unmeasurable(Exception):
    """Nothing is known of a statement, for the reason given."""


@dataclass(frozen=True)
class _Literal:
    """A positive literal with variables: what atoms it is about, and its first arguments as text.

    Literals of one group are gone through together: those of the body, and of each aggregate's element.
    """

    node: Node
    first: str
    second: str
    arity: int
    variables: frozenset[str]
    group: int = 0


@dataclass
class _Rule:
    """What counts of a rule, or of many facts alike.

    Attributes:
        place: its file and line.
        own: whether it is none of this package's.
        heads: the atoms that it derives.
        arity: how many arguments they have at most.
        times: how many rules it stands for, by its pools and ranges.
        ranged: how many numbers its ranges have.
        literals: the positive literals that bind its variables, those in aggregates too.
        groups: how many aggregates' elements and conditions there are in it.
        size: how many literals it has in all.
        makes: whether terms or numbers are made in it of what its literals bind.
        terms: how many names, numbers and variables its head is made of.
        numbers: the numbers in its head.
    """

    place: str
    own: bool
    heads: list[Node] = field(default_factory=list)
    arity: int = 0
    times: int = 1
    ranged: int = 0
    literals: list[_Literal] = field(default_factory=list)
    groups: int = 0
    size: int = 0
    makes: bool = False
    terms: int = 1
    numbers: list[int] = field(default_factory=list)


class _Program:
    """Rules, by the atoms that they derive."""

    def __init__(self, rules: Sequence[_Rule]) -> None:
        self.rules = rules
        self.derived: defaultdict[Node, list[_Rule]] = defaultdict(list)
        self._named: defaultdict[str, set[Node]] = defaultdict(set)
        for rule in rules:
            for node in set(rule.heads):
                self.derived[node].append(rule)
                self._named[node[0]].add(node)
        self.needs: dict[Node, set[Node]] = {
            node: {other for rule in found for one in rule.literals for other in self.of(one.node)}
            for node, found in self.derived.items()
        }

    def of(self, node: Node) -> set[Node]:
        """The atoms derived that may be among these: a variable stands for every constant."""
        name, constant = node
        nodes = self._named.get(name, set())
        return nodes & {node, (name, "")} if constant else nodes

    @cached_property
    def below(self) -> dict[Node, set[Node]]:
        """All that each rests on."""
        return {node: self._below(node) for node in self.needs}

    def _below(self, start: Node) -> set[Node]:
        seen: set[Node] = set()
        waiting = list(self.needs[start])
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += self.needs[one]
        return seen

    @cached_property
    def looped(self) -> set[Node]:
        """What rests on itself."""
        return {node for node, below in self.below.items() if node in below}

    @cached_property
    def in_order(self) -> list[Node]:
        """Each after what it rests on; what rests on itself comes as if it rested on nothing."""
        needs = {node: set() if node in self.looped else needed for node, needed in self.needs.items()}
        return list(TopologicalSorter(needs).static_order())


class _Refused(_Unmeasurable):
    """The statement is refused before anything is grounded: what it would come to does not matter."""


def unbounded(files: Sequence[RulesFile]) -> str | None:
    """Why nothing is known of how much a program comes to; None where it is little, for certain."""
    if sum(len(file.text) for file in files if not shipped(file.path)) > LONGEST:
        return f"{files[0].path}: there are more than {LONGEST} characters of rules"
    try:
        return _too_much(_Program(_rules([*names_program(), *files])))
    except _Refused:
        # `check_sources` and `check_statements` refuse the same: what cannot be parsed, and no rules.
        return None
    except _Unmeasurable as reason:
        return str(reason)


def _too_much(program: _Program) -> str | None:
    try:
        order = list(TopologicalSorter(program.needs).static_order())
    except CycleError as error:
        node = error.args[1][0]
        return f"{program.derived[node][-1].place}: `{node[0]}` rests on itself"
    sizes: dict[Node, int] = {}
    terms: dict[Node, int] = {}
    for node in order:
        sizes[node] = sum(_matches(rule, program, sizes) for rule in program.derived[node])
        terms[node] = max(_term_size(rule, program, terms) for rule in program.derived[node])
        if terms[node] > LARGEST_TERM:
            return f"{program.derived[node][-1].place}: the terms of `{node[0]}` may become very large"
    matches = [_matches(rule, program, sizes) for rule in program.rules]
    own = [count * rule.own for count, rule in zip(matches, program.rules, strict=True)]
    if sum(own) > MOST_ATOMS or sum(matches) > MOST_MATCHES:
        place = program.rules[own.index(max(own))].place
        return f"{place}: the rules may come to very many atoms"
    return _amounts([rule for rule in program.rules if ("strength", "") in _plain(rule.heads)])


def _plain(heads: Iterable[Node]) -> set[Node]:
    return {(name, "") for name, _ in heads}


def _matches(rule: _Rule, program: _Program, sizes: Mapping[Node, int]) -> int:
    count = rule.times
    for one in rule.literals:
        if one.node[0] == "interpretation":
            # The engine derives it, and of terms that rules here may have made.
            raise _Unmeasurable(f"{rule.place}: an interpretation is asked for by a variable")
        count *= max(1, sum(sizes[node] for node in program.of(one.node)))
    return count


def _term_size(rule: _Rule, program: _Program, terms: Mapping[Node, int]) -> int:
    """How many names and numbers a term of the rule's head is made of, at most."""
    bound = [terms[node] for one in rule.literals for node in program.of(one.node)]
    # What stands once in the head is no larger than where it comes from.
    return max([rule.terms, *bound]) if not rule.makes else rule.terms * max([1, *bound])


def _amounts(strengths: Sequence[_Rule]) -> str | None:
    # The engine counts the amounts that the strengths make up, one by one, up to this product.
    numbers = [number for rule in strengths for number in rule.numbers]
    for rule in strengths:
        if rule.literals or (numbers and min(numbers) * max(numbers) > _LARGEST_AMOUNT):
            return f"{rule.place}: strengths may make up very many amounts"
    return None


def endless(files: Sequence[RulesFile], most: Mapping[str, int] | None = None) -> str | None:
    """Why rules on facts that are not known yet might not end, or not soon; None where they will.

    Args:
        files: the rules.
        most: how many values a document can state of each attribute; by default nothing is known of
            them, and only what the rules have of their own is counted.
    """
    try:
        program = _Program(_rules(files))
    except _Unmeasurable as reason:
        return str(reason)
    for rule in program.rules:
        around = {
            node
            for head in rule.heads
            for one in rule.literals
            for node in program.of(one.node)
            if head in program.below[node] or head == node
        }
        if around and rule.makes:
            name, _ = min(around)
            return f"{rule.place}: the rule makes new terms of `{name}`, which rests on itself"
    wide = _too_wide(program) if most is None else None
    return wide or _too_many(program, files, most)


def matches_of_document(files: Sequence[RulesFile], most: Mapping[str, int]) -> int:
    """How many matches rules have for one document, at most; the rules are such as `endless` takes."""
    return sum(_OfDocument(_Program(_rules(files)), files, most).matches())


def _too_many(program: _Program, files: Sequence[RulesFile], most: Mapping[str, int] | None) -> str | None:
    counts = _OfDocument(program, files, most).matches()
    if sum(counts) <= MOST_OF_DOCUMENT:
        return None
    place = program.rules[counts.index(max(counts))].place
    return (
        f"{place}: the rules may come to {sum(counts):,} matches for one document, most of them by this "
        f"rule; {MOST_OF_DOCUMENT:,} are allowed, and one of a rule that calculates counts as "
        f"{_CALCULATED}"
    )


class _OfDocument:
    """How many matches rules on documents have for one document, at most."""

    def __init__(self, program: _Program, files: Sequence[RulesFile], most: Mapping[str, int] | None) -> None:
        self._program, self._most = program, most
        written = set().union(*(_NAME.findall(code_of(file.text)) for file in files))
        values = sum(count for name, count in (most or {}).items() if name in written)
        # All names and numbers that there can be without making new ones.
        self._own_terms = len(written) + sum(rule.ranged for rule in program.rules)
        self._terms = self._own_terms + values
        self._derived = self._of_documents()
        self._sizes: dict[Node, int] = {}

    def matches(self) -> list[int]:
        """The matches of each rule; those that numbers are worked out for take longer, and count more."""
        for node in self._program.in_order:
            self._sizes[node] = self._size(node)
        return [self._matches(rule) * (_CALCULATED if rule.makes else 1) for rule in self._program.rules]

    def _of_documents(self) -> set[Node]:
        """The atoms that are derived from what documents state."""
        derived = self._program.derived.items()
        direct = {node for node, rules in derived for rule in rules if any(map(_states, rule.literals))}
        return {node for node in self._program.needs if node in direct or direct & self._program.below[node]}

    def _size(self, node: Node) -> int:
        rules = self._program.derived[node]
        if node not in self._program.looped:
            return sum(map(self._matches, rules))
        arity = max(rule.arity for rule in rules)
        if node in self._derived:
            return int(self._terms ** max(0, arity - 1))
        return int(self._own_terms**arity)

    def _matches(self, rule: _Rule) -> int:
        given = {one.first for one in rule.literals if self._on_document(one)}
        body = [one for one in rule.literals if not one.group]
        bound = given.union(*(one.variables for one in body))
        groups: defaultdict[int, list[_Literal]] = defaultdict(list)
        for one in rule.literals:
            if one.group:
                groups[one.group].append(one)
        inside = sum(self._together(literals, bound) for literals in groups.values())
        documents = 1 if self._most is None else Limits().documents ** max(0, len(given) - 1)
        return rule.times * documents * self._together(body, given) * max(1, inside)

    def _together(self, literals: Sequence[_Literal], given: Collection[str]) -> int:
        """How many matches literals have of which these variables are bound.

        One adds matches only where it binds a variable that none before it has bound, in whatever
        order the solver goes through them.
        """
        free = set().union(*(one.variables for one in literals)).difference(given)
        widths = [self._width(one) for one in literals if not one.variables.isdisjoint(free)]
        product = prod(sorted(widths, reverse=True)[: len(free)])
        return int(min(product, self._terms ** len(free)))

    def _on_document(self, one: _Literal) -> bool:
        return _states(one) or not self._derived.isdisjoint(self._program.of(one.node))

    def _width(self, one: _Literal) -> int:
        if not _states(one) or self._program.of(one.node):
            return max(1, sum(self._sizes[node] for node in self._program.of(one.node)))
        most = self._most or {}
        # Of what it does not name by itself, it may find all.
        named = bool(_CONSTANT.fullmatch(one.second))
        return max(1, most.get(one.second, 1) if named else sum(most.values()))


def _states(one: _Literal) -> bool:
    return one.node[0] == "states" and one.arity == 3


def _too_wide(program: _Program) -> str | None:
    """Why a rule has too many matches: literals that each have many, in one document or across."""
    wide: dict[Node, int] = {}

    def width(rule: _Rule) -> int:
        firsts = {one.first for one in rule.literals}
        return max(0, len(firsts) - 1) + sum(map(literal_width, rule.literals))

    def literal_width(one: _Literal) -> int:
        if _states(one) and not program.of(one.node):
            return 1
        return max((wide[node] for node in program.of(one.node)), default=0)

    for node in program.in_order:
        looped = node in program.looped
        wide[node] = max((rule.arity if looped else width(rule)) for rule in program.derived[node])
    for rule in program.rules:
        if width(rule) > MOST_WIDE:
            return f"{rule.place}: the rule joins more lists than can be gone through"
    return None


# --- Reading ---------------------------------------------------------------------------------------

# What ends without a point, or at a quote that is not closed, is left to the parser to refuse.
_STATEMENT = re.compile(rf'(?:[^".]|{STRING}|\.\.)*+(?:\.|"|\Z)')
_FACT = re.compile(
    rf"\s*([a-z][a-z0-9_]*)\s*(?:\(\s*([a-z][a-z0-9_]*(?=\s*[,)]))?(?:[a-z0-9_(),;\s]|{STRING})*)?\."
)
_CONSTANT = re.compile(r"[a-z][a-z0-9_]*")
_SHAPE = re.compile(rf"{STRING}|[();]")
_NAME = re.compile(rf"{STRING}|[a-z0-9_]+")
_NUMBER = re.compile(rf"{STRING}|(?<![a-z0-9_])(\d+)")


def _rules(files: Iterable[RulesFile]) -> list[_Rule]:
    found: list[_Rule] = []
    for file in files:
        found += _shipped_rules(file) if shipped(file.path) else _read(file)
    return found


@lru_cache(maxsize=256)
def _shipped_rules(file: RulesFile) -> list[_Rule]:
    """The same for one policy after another."""
    return _read(file)


def _read(file: RulesFile) -> list[_Rule]:
    """The rules of a file; of its plain facts, which are most of it, those of a kind together."""
    own = not shipped(file.path)
    facts: Counter[Node] = Counter()
    numbers: list[int] = []

    def count(found: re.Match[str]) -> str:
        text = found.group()
        fact = _FACT.fullmatch(text)
        if not fact:
            return text
        name, first = fact.groups()
        times, apart = _pooled(text) if ";" in text else (1, False)
        facts[name, "" if apart else first or ""] += times
        if name == "strength":
            numbers.extend(int(number) for number in _NUMBER.findall(text) if number)
        return "\n" * text.count("\n")

    rest = _STATEMENT.sub(count, code_of(file.text))
    rules = _parsed(replace(file, text=rest)) if rest.strip() else []
    place = str(file.path)
    found = [_Rule(place, own, [node], times=times) for node, times in facts.items()]
    for rule in found:
        if rule.heads[0][0] == "strength":
            rule.numbers = numbers
    return found + rules


def _pooled(text: str) -> tuple[int, bool]:
    """How many facts a fact with pools stands for, at most, and whether their first arguments differ."""
    open_, sizes, apart = [1], [1], False
    for found in _SHAPE.finditer(text):
        if found.group() == "(":
            open_.append(1)
        elif found.group() == ")" and len(open_) > 1:
            sizes.append(open_.pop())
        elif found.group() == ";":
            open_[-1] += 1
            apart = apart or len(open_) == 2
    return prod([*sizes, *open_]), apart


def _parsed(file: RulesFile) -> list[_Rule]:
    found = statements(file, lambda messages: _Refused(f"{file.path}: cannot be parsed"))
    return [_rule(one) for one in found if not one.is_idle]


def _rule(statement: Statement) -> _Rule:
    parsed = statement.rule
    if parsed is None or not isinstance(parsed.head, Literal):
        line = statement.span[0][0]
        raise _Refused(f"{statement.file.path}:{line}: this is no rule with one atom as its head")
    rule = _Rule(parsed.place, not shipped(statement.file.path))
    _add(parsed.head, rule, head=True)
    for part in parsed.body:
        _add(part, rule)
    if rule.size > MOST_LITERALS:
        raise _Unmeasurable(f"{rule.place}: the rule has more than {MOST_LITERALS} literals")
    return rule


def _add(node: syntax.RulePart, rule: _Rule, head: bool = False, bound: bool = True, group: int = 0) -> None:
    """Count a part of a rule in; `bound` says whether it stands where atoms bind variables."""
    match node:
        case Atom():
            _add_atom(node, rule, head, bound, group)
            return
        case Literal():
            rule.size += 1
            bound = bound and node.sign == 0
        case Pool():
            rule.times *= max(1, len(node.parts))
        case Range():
            length = _length(node, rule)
            rule.times *= length
            rule.ranged += length
        case Operation():
            rule.makes = rule.makes or bool(node.variables)
        case Function():
            if node.external:
                raise _Unmeasurable(f"{rule.place}: `@{node.name}` is no function of a policy")
        case Aggregate():
            rule.makes = True
        case Element():
            rule.groups += 1
            group = rule.groups
        case ComparedTerms():
            if any(map(_makes, node.parts)):
                rule.makes = True
                # Each may double what the one before it made.
                rule.terms *= 1 + _size(node)
        case Variable() | Constant() | Truth():
            pass
        case _:
            raise _Unmeasurable(f"{rule.place}: `{str(node)[:60]}` is not looked at")
    for part in node.parts:
        _add(part, rule, head, bound, group)


def _add_atom(node: Atom, rule: _Rule, head: bool, bound: bool, group: int) -> None:
    atoms = list(options(node.parts[0]))
    rule.times *= len(atoms)
    for atom in atoms:
        if not isinstance(atom, Function):
            raise _Unmeasurable(f"{rule.place}: `{str(atom)[:60]}` is not looked at")
        args = [str(arg) for arg in atom.parts]
        of = (atom.name, args[0] if args and _CONSTANT.fullmatch(args[0]) else "")
        if head:
            rule.heads.append(of)
            rule.arity = max(rule.arity, len(args))
            rule.makes = rule.makes or any(map(_makes, atom.parts))
            values = (one.value for one in atom.within() if isinstance(one, Constant))
            rule.numbers += [value for value in values if isinstance(value, int)]
            rule.terms *= max(1, _size(atom))
        elif bound and atom.variables:
            first, second, *_ = [*args, "", ""]
            # Those without a name together are one.
            unnamed = {f"_{len(rule.literals)}"} if "_" in atom.variables else set()
            rule.literals.append(_Literal(of, first, second, len(args), atom.names | unnamed, group))
        for part in atom.parts:
            _add(part, rule, head, bound, group)


def _makes(node: syntax.RulePart) -> bool:
    """Whether there is a term in it that is made of what a variable stands for."""
    return any(isinstance(one, Function | Operation) and one.variables for one in node.within())


def _size(node: syntax.RulePart) -> int:
    """How many names, numbers and variables stand in it."""
    return sum(isinstance(one, Variable | Constant | Function) for one in node.within())


def _length(node: Range, rule: _Rule) -> int:
    low, high = (end.value if isinstance(end, Constant) else None for end in node.parts)
    if not isinstance(low, int) or not isinstance(high, int):
        raise _Unmeasurable(f"{rule.place}: the ends of the range `{node}` are no numbers")
    return max(1, high - low + 1)
