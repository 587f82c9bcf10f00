"""What rules that draw conclusions rest on, read from the rules themselves, whatever documents say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import NamedTuple, TypeAlias, TypeGuard

from pyclingo_bridge.base.errors import PolicyError
from pyclingo_bridge.base.rule_files import RulesFile, shipped
from pyclingo_bridge.base.solver import Signature, evaluate
from pyclingo_bridge.base.terms import Term, Value, constant, plain
from pyclingo_bridge.cases.attributes import Attribute
from pyclingo_bridge.cases.conclusions import AT_ONCE, ENTRY, conclusion_files, most_values
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.loading.arithmetic import Calculations, Overflow, calculations
from pyclingo_bridge.loading.authoring import policy_complaint
from pyclingo_bridge.loading.growth import MOST_OF_DOCUMENT, matches_of_document
from pyclingo_bridge.loading.rule_syntax import (
    Atom,
    Constant,
    Function,
    Literal,
    Rule,
    RulePart,
    Variable,
    options,
    rules,
)

_STATES = ("states", 3)
_CONCLUDES = ("concludes", 3)
_SHORT = ("short_of", 3)
_MOST = 64
"""How many ways to come to one conclusion are kept apart; the shortest are kept."""

_Ways: TypeAlias = frozenset[frozenset[str]]

LISTS = ("list", "drugs")
"""The domains of attributes of which a value is a list."""

ANYTHING = "*"
"""Stands for whatever a document states, where a rule does not name it."""


class Conclusion(NamedTuple):
    """One way to come to a conclusion.

    Attributes:
        attribute: what is concluded, None where the rule does not name it.
        value: the value, None where the rule does not name it.
        needs: what a document has to state for it.
    """

    attribute: str | None
    value: str | None
    needs: frozenset[str]


class ConclusionFault(NamedTuple):
    """What is wrong with a rule that draws conclusions: the kind of fault, where it is, and what it is."""

    kind: str
    where: str
    text: str


@dataclass(frozen=True)
class _Atom:
    """An atom of a rule's body, or its head; of an argument that is no single name, None."""

    predicate: Signature
    names: tuple[str | None, ...]
    texts: tuple[str, ...]
    positive: bool = True

    def __str__(self) -> str:
        name = self.predicate[0]
        return f"{name}({','.join(self.texts)})" if self.texts else name


@dataclass(frozen=True)
class _ConclusionRule:
    """A rule; `elsewhere` are its variables that stand anywhere but first in an atom."""

    where: str
    head: _Atom
    body: tuple[_Atom, ...]
    elsewhere: frozenset[str] = frozenset()


@dataclass
class ConclusionRules:
    """The rules that draw conclusions, as far as they can be read without a document."""

    rules: list[_ConclusionRule]

    @cached_property
    def conclusions(self) -> tuple[Conclusion, ...]:
        """Every least way to come to each conclusion, sorted."""
        found = {
            Conclusion(rule.head.names[1], rule.head.names[2], needs)
            for rule in self.rules
            if rule.head.predicate == _CONCLUDES
            for needs in self._needs(rule, self._ways)
        }
        return tuple(sorted(found, key=lambda one: (one[0] or "", one[1] or "", sorted(one[2]))))

    @cached_property
    def concluded(self) -> frozenset[str]:
        """The attributes that rules name in what they conclude."""
        return frozenset(one.attribute for one in self.conclusions if one.attribute)

    @cached_property
    def _ways(self) -> dict[Signature, _Ways]:
        """For each predicate the least sets of what a document states that can make it true."""
        ways: dict[Signature, _Ways] = {rule.head.predicate: frozenset() for rule in self.rules}
        while True:
            grown = dict(ways)
            for rule in self.rules:
                head = rule.head.predicate
                grown[head] = _least({*grown[head], *self._needs(rule, ways)})
            if grown == ways:
                return ways
            ways = grown

    @staticmethod
    def _needs(rule: _ConclusionRule, ways: Mapping[Signature, _Ways]) -> _Ways:
        options = [
            frozenset({frozenset({atom.names[1] or ANYTHING})})
            if atom.predicate == _STATES
            else ways.get(atom.predicate, frozenset())
            for atom in rule.body
            if atom.positive
        ]
        return _least(frozenset().union(*chosen) for chosen in product(*options))

    def faults(self, details: Collection[str]) -> Iterator[ConclusionFault]:
        """What no conclusion can be drawn by: each rule is about one document, and rests on its details.

        Args:
            details: what documents state that no requirement is about.
        """
        for rule in self.rules:
            yield from self._unknown(rule)
            yield from self._joined(rule)
        for rule in self.rules:
            if rule.head.predicate in self._behind:
                yield from self._fed_back(rule, details)
                yield from self._unnamed(rule)
            if rule.head.predicate in (_CONCLUDES, _SHORT):
                yield from self._on_detail(rule, details)
                yield from self._without_details(rule, details)

    @cached_property
    def _behind(self) -> frozenset[Signature]:
        """The predicates that conclusions depend on, conclusions among them."""
        found, fresh = {_CONCLUDES}, {_CONCLUDES}
        while fresh:
            fresh = {
                atom.predicate for rule in self.rules if rule.head.predicate in fresh for atom in rule.body
            } - found
            found |= fresh
        return frozenset(found)

    @cached_property
    def _of_documents(self) -> frozenset[Signature]:
        """The predicates about a document: what follows from what one states."""
        found = {_STATES}
        while True:
            more = {
                rule.head.predicate for rule in self.rules if any(atom.predicate in found for atom in rule.body)
            }
            if more <= found:
                return frozenset(found)
            found |= more

    @cached_property
    def _heads(self) -> dict[Signature, set[tuple[str | None, ...]]]:
        heads: dict[Signature, set[tuple[str | None, ...]]] = {}
        for rule in self.rules:
            heads.setdefault(rule.head.predicate, set()).add(rule.head.names)
        return heads

    def _unknown(self, rule: _ConclusionRule) -> Iterator[ConclusionFault]:
        # Grounded with the policy it finds the policy's facts, but not when conclusions are drawn.
        for atom in dict.fromkeys(rule.body):
            if atom.predicate != _STATES and not self._made(atom):
                text = (
                    f"nothing in `{ENTRY}` makes `{atom}`, and it runs without the rest of the policy: "
                    "draw conclusions from what documents state, and from facts that you write in "
                    "this file"
                )
                yield ConclusionFault("not_in_conclusions", rule.where, text)

    def _made(self, atom: _Atom) -> bool:
        """Whether a rule makes such an atom, by the names in both."""
        return any(
            all(None in pair or pair[0] == pair[1] for pair in zip(names, atom.names, strict=True))
            for names in self._heads.get(atom.predicate, ())
        )

    def _joined(self, rule: _ConclusionRule) -> Iterator[ConclusionFault]:
        """A rule sees one document, and nothing of it but what it states: not its place among others."""
        atoms = [atom for atom in rule.body if atom.predicate in self._of_documents]
        if not atoms and rule.head.predicate not in self._of_documents:
            return
        owners = {atom.texts[0] if atom.texts else "" for atom in (rule.head, *atoms)}
        others = {name for atom in rule.body if atom not in atoms for name in atom.texts[:1]}
        if not atoms or len(owners) > 1 or owners & {"", "_"}:
            text = (
                "a conclusion is drawn from one document: let its variable come first in "
                f"`{rule.head.predicate[0]}` and in all that the rule asks of documents"
            )
            yield ConclusionFault("two_documents", rule.where, text)
        elif owners & (rule.elsewhere | others):
            text = (
                f"`{min(owners)}` is the document, of which a rule asks only what it states: use it "
                "nowhere but first in atoms about documents"
            )
            yield ConclusionFault("document_compared", rule.where, text)

    def _fed_back(self, rule: _ConclusionRule, details: Collection[str]) -> Iterator[ConclusionFault]:
        # With the policy, `states` holds of what is concluded too; conclusions do not see that.
        found = {
            atom.names[1] or ""
            for atom in rule.body
            if atom.predicate == _CONCLUDES
            or (atom.predicate == _STATES and atom.names[1] in (self.concluded - set(details)))
        }
        for name in sorted(found):
            what = f"`{name}`" if name else "what it asks for"
            text = (
                f"{what} is itself concluded: draw conclusions from what documents state, and name what "
                "several conclusions share by a word of your own"
            )
            yield ConclusionFault("drawn_from_conclusion", rule.where, text)

    @staticmethod
    def _unnamed(rule: _ConclusionRule) -> Iterator[ConclusionFault]:
        """Nobody could tell whether a conclusion rests on another where neither is named."""
        for atom in (rule.head, *rule.body):
            if atom.predicate in (_CONCLUDES, _STATES) and atom.names[1] is None:
                text = f"`{atom}` names no attribute: write one rule for each, with its name"
                yield ConclusionFault("attribute_not_named", rule.where, text)

    @staticmethod
    def _on_detail(rule: _ConclusionRule, details: Collection[str]) -> Iterator[ConclusionFault]:
        name = rule.head.names[1]
        if name in details:
            text = (
                f"`{name}` is a detail, which documents state and nothing concludes: name what several "
                "conclusions share by a word of your own"
            )
            yield ConclusionFault("concludes_detail", rule.where, text)

    def _without_details(self, rule: _ConclusionRule, details: Collection[str]) -> Iterator[ConclusionFault]:
        if any(needs.isdisjoint(details) for needs in self._needs(rule, self._ways)):
            text = (
                "a conclusion rests on a detail that the rule names; what an attribute's value says of "
                "another is for `also_states`"
            )
            yield ConclusionFault("no_detail_needed", rule.where, text)


def _least(sets: Iterable[frozenset[str]]) -> _Ways:
    kept: list[frozenset[str]] = []
    for one in sorted(set(sets), key=lambda one: (len(one), sorted(one))):
        if len(kept) < _MOST and not any(other <= one for other in kept):
            kept.append(one)
    return frozenset(kept)


@lru_cache(maxsize=16)
def conclusion_rules(files: tuple[RulesFile, ...]) -> ConclusionRules:
    """What the rules in these files, which draw conclusions, rest on. The files have to parse."""
    return ConclusionRules([one for file in files for rule in rules(file) for one in _without_pools(rule)])


def _without_pools(rule: Rule) -> Iterator[_ConclusionRule]:
    """A rule, or what its pools stand for."""
    if not _is_of_atom(rule.head):
        return
    elsewhere = frozenset(name for part in (rule.head, *rule.body) for name in _elsewhere(part))
    body = [_atoms(one.atom, one.sign) for part in rule.body for one in part.within() if _is_of_atom(one)]
    for head in _atoms(rule.head.atom, 0):
        for chosen in product(*body):
            yield _ConclusionRule(rule.place, head, chosen, elsewhere)


def _elsewhere(node: RulePart) -> Iterator[str]:
    """The variables in it that stand anywhere but first in an atom."""
    if isinstance(node, Variable):
        yield node.text
    elif isinstance(node, Atom):
        for one in options(node.parts[0]):
            first = one.parts[:1] if isinstance(one, Function) else ()
            if first and not isinstance(first[0], Variable):
                yield from _elsewhere(first[0])
            for part in one.parts[len(first) :]:
                yield from _elsewhere(part)
    else:
        for part in node.parts:
            yield from _elsewhere(part)


def _is_of_atom(node: RulePart) -> TypeGuard[Literal]:
    return isinstance(node, Literal) and isinstance(node.atom, Atom)


def _atoms(atom: RulePart, sign: int) -> list[_Atom]:
    """An atom, or those that its pools stand for."""
    return [
        _Atom(one.predicate, names, tuple(map(str, one.parts)), sign == 0)
        for one in options(atom.parts[0])
        if isinstance(one, Function)
        for names in product(*map(_names, one.parts))
    ]


def _names(term: RulePart) -> list[str | None]:
    """The names that a term stands for; None where it is something else."""
    return [str(one) if isinstance(one, Constant) else None for one in options(term)]


class ConclusionNumbers:
    """Watches over the numbers of rules that draw conclusions, see `core.conclusions.ExactNumbers`."""

    def __init__(self, files: Iterable[RulesFile]) -> None:
        """Take the files of a policy or vocabulary; those that draw conclusions are among them."""
        self._files = tuple(conclusion_files(files))

    @cached_property
    def _calculations(self) -> Calculations:
        return calculations(self._files)

    @property
    def safe_up_to(self) -> int:
        """With no larger numbers stated than this, whatever their signs, the solver counts well."""
        return self._calculations.safe_up_to

    @property
    def probes(self) -> tuple[RulesFile, ...]:
        """Rules to ground with the others."""
        return (self._calculations.probes,)

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """The predicates of the probes."""
        return self._calculations.signatures

    def faults(self, atoms: Mapping[str, Sequence[Term]], undefined: bool) -> list[str]:
        """Where the numbers that the probes gave lead too far; if `undefined`, to no value, too."""
        # Of a calculation that the solver did not need to make, nothing is to be said.
        return [str(one) for one in self._calculations.beyond(atoms) if undefined or isinstance(one, Overflow)]

    def documents_at_once(self, attributes: Mapping[str, Attribute]) -> int:
        """So many documents that they have no more matches together than one may have."""
        if all(shipped(file.path) for file in self._files):
            return AT_ONCE
        return max(1, MOST_OF_DOCUMENT // max(1, matches_of_document(self._files, most_values(attributes))))


def refuse_conclusions(files: Iterable[RulesFile], vocabulary: Vocabulary, implied: Iterable[Term]) -> None:
    """Refuse conclusions that count further than the solver can, or that no engine draws alike.

    Rules that come with this package are held by its tests, and cost nothing here.

    Args:
        files: the policy's files, which parse.
        vocabulary: says what is a detail.
        implied: the facts `also_states`.

    Errors: PolicyError, naming the file and the line of each fault.
    """
    own = [file for file in files if not shipped(file.path)]
    faults = list(_faults(own, list(files), vocabulary)) if own else []
    concluding = tuple(conclusion_files(files))
    if any(file.path.name == ENTRY for file in own):
        faults += _into_lists(concluding, vocabulary, implied)
    if faults:
        raise PolicyError.of(faults)
    if any(file in own for file in concluding):
        # By itself, as it runs for a case: what the solver says of it then would end each decision.
        evaluate(concluding, [], [], policy_complaint)


def concluded_from(files: Iterable[RulesFile]) -> list[Term]:
    """What conclusions rest on, as the rules take it, read from a policy's own rules.

    A shipped vocabulary says so itself, so that plain clingo knows too.
    """
    files = list(files)
    if not any(file.path.name == ENTRY and not shipped(file.path) for file in files):
        return []
    ways: dict[tuple[str, str | None], int] = {}
    found: list[Term] = []
    for one in conclusion_rules(tuple(conclusion_files(files))).conclusions:
        if one.attribute is None or ANYTHING in one.needs:
            continue
        key = (one.attribute, one.value)
        ways[key] = ways.get(key, 0) + 1
        way = (constant(one.attribute), _value(one.value), ways[key])
        found += [Term("concluded_from", (*way, constant(name))) for name in sorted(one.needs)]
    return found


def _value(name: str | None) -> Value:
    if name is None:
        return constant("any")
    return int(name) if name.lstrip("-").isdigit() else constant(name)


def _faults(own: list[RulesFile], files: list[RulesFile], vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    concluding = tuple(conclusion_files(files))
    places = {file.path for file in concluding}
    if any(file.path in places for file in own):
        for fault in conclusion_rules(concluding).faults(vocabulary.details):
            yield fault.kind, f"{fault.where}: {fault.text}"
        for beyond in calculations(concluding).always_beyond:
            yield "too_large", str(beyond)
        for undefined in calculations(concluding).never_defined:
            yield "undefined_operation", str(undefined)


def _into_lists(
    concluding: tuple[RulesFile, ...], vocabulary: Vocabulary, implied: Iterable[Term]
) -> Iterator[tuple[str, str]]:
    """Two conclusions on one attribute would be two documents on the list, each of which lacks a member."""
    pairs = {(str(plain(term.args[0])), str(plain(term.args[2]))) for term in implied}
    attributes = vocabulary.attributes
    for name, listed in sorted(pairs):
        if {name, listed} <= attributes.keys() and name in conclusion_rules(concluding).concluded:
            domains = attributes[name].domain, attributes[listed].domain
            adds_up = attributes[listed].kind == "cumulative"
            if domains[0] not in LISTS and domains[1] in LISTS and not adds_up:
                text = (
                    f"`{name}` is concluded, and also states the list `{listed}`: conclude the list's "
                    "members beside it instead"
                )
                yield "speaks_for_list", text
