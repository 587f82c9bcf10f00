"""Questions about many sections in one program, in which each of them has a case of its own.

A program costs much to set up and little to make larger. Here attributes and criteria bear the number
of their section, or of the group of sections that one question is about, so that nothing said in one
case bears on another: every combination of cases is a case of the program, and it answers about each
section what that section's own program would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from pyclingo_bridge.analysis.scope import OF_ATTRIBUTES, Scope, Scopes
from pyclingo_bridge.base.rule_files import engine_program
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Term, Value, original
from pyclingo_bridge.core.structure import Structure

MOST_GROUPS = 10
"""Groups of sections in one program. A search for what many cases show at once takes longer with each."""

MOST_NODES = 128
"""Criteria and parts beneath the sections of one program, where it is about several groups."""

_ITEMS = frozenset({"route", "use_condition", "duration", "requires", "any_of", "unless"})


class Answers:
    """What was asked of sections, and what of it some case witnesses.

    Attributes:
        asked: how many questions of each name were asked.
        witnessed: the questions that some case witnesses.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.witnessed: set[Term] = set()


class Separately:
    """The questions of an entry file to groups of sections, each asked by itself."""

    def __init__(self, entry: str, structure: Structure, scopes: Scopes, common: Iterable[Term] = ()) -> None:
        """Take the entry file, the policy, and facts that every program takes."""
        self._entry = entry
        self._structure = structure
        self._scopes = scopes
        self._common = tuple(common)

    def answers(self, groups: Iterable[Sequence[Value]]) -> Answers:
        """What some case witnesses of the sections of one group or another."""
        found = Answers()
        for batch in self._batches(groups):
            self._ask(batch, found)
        return found

    def _batches(self, groups: Iterable[Sequence[Value]]) -> Iterator[list[Sequence[Value]]]:
        batch: list[Sequence[Value]] = []
        size = 0
        for group in groups:
            nodes = sum(len(self._structure.beneath[section] & self._structure.nodes) for section in group)
            if batch and (len(batch) == MOST_GROUPS or size + nodes > MOST_NODES):
                yield batch
                batch, size = [], 0
            batch.append(group)
            size += nodes
        if batch:
            yield batch

    def _ask(self, batch: Sequence[Sequence[Value]], found: Answers) -> None:
        scopes = {number: self._scopes.of(*group) for number, group in enumerate(batch, 1)}
        facts = [
            fact
            for number, scope in scopes.items()
            for term in scope.facts
            for fact in _Names(number, self._structure).facts(term)
        ]
        files = engine_program(self._entry)
        program = Program(files, dict.fromkeys((*facts, *self._common)))
        witnessed = [cast(Term, term.args[0]) for term in program.possible()]
        if not witnessed and len(batch) > 1:
            # Sections that no case is about leave the others none in the same program.
            for group in batch:
                self._ask([group], found)
            return
        found.asked.update(program.tally("question"))
        for section, attribute in (t.args for t in program.facts(("depends_on", 2))["depends_on"]):
            left_out = _left_out(section, attribute, scopes).values()
            found.asked["taken_at"] += sum(map(len, left_out))
        for question in witnessed:
            found.witnessed.update(_in_full(question, scopes))


def connected(names: Iterable[Value], pairs: Iterable[tuple[Value, Value]]) -> list[list[Value]]:
    """The names in groups, so that both of a pair are in one group, in the order given."""
    group: dict[Value, list[Value]] = {name: [name] for name in names}
    for one, other in pairs:
        if group[one] is not group[other]:
            group[one].extend(group[other])
            for name in group[other]:
                group[name] = group[one]
    return list({id(found): found for found in group.values()}.values())


class _Names:
    """The names that what one case is about bears in a program about several."""

    def __init__(self, number: int, structure: Structure) -> None:
        self.number = number
        self._nodes = structure.nodes

    def facts(self, term: Term) -> Iterator[Term]:
        """The fact, about this case; of a section, whose it is too."""
        fact = self._fact(term)
        yield fact
        if term.name == "section":
            yield Term("side", (self.number,))
            yield Term("ordered", (self.number, *fact.args))

    def _fact(self, term: Term) -> Term:
        first, *rest = term.args
        if term.name in OF_ATTRIBUTES:
            places = OF_ATTRIBUTES[term.name]
            args = (self._own(arg) if i in places else arg for i, arg in enumerate(term.args))
            return Term(term.name, tuple(args))
        if term.name == "impossible":
            return Term(term.name, (self._own(first), *map(self._item, rest)))
        if term.name in ("section", "criterion"):
            return Term(term.name, (self._node(first), *rest))
        if term.name in _ITEMS:
            return Term(term.name, (self._node(first), *map(self._item, rest)))
        return term

    def _own(self, name: Value) -> Term:
        return Term("by", (self.number, name))

    def _node(self, node: Value) -> Term:
        if isinstance(node, Term) and node.name == "part":
            return Term("part", (self._node(node.args[0]), *node.args[1:]))
        return self._own(node)

    def _item(self, item: Value) -> Value:
        """A criterion, a requirement or a duration."""
        if item in self._nodes:
            return self._node(item)
        if not isinstance(item, Term):
            return item
        if item.name == "complement":
            return Term("complement", (self._item(item.args[0]),))
        if item.name == "lesser":
            return Term("lesser", (item.args[0], self._own(item.args[1])))
        if item.name == "exactly":
            return item
        return Term(item.name, (self._own(item.args[0]), *item.args[1:]))


def _left_out(section: Value, attribute: Value, scopes: Mapping[int, Scope]) -> Mapping[Value, Sequence[Value]]:
    """Values of an attribute that stand for others in a section's case, which are left out."""
    alike = scopes[cast(int, cast(Term, section).args[0])].alike
    return alike.get(original(attribute), {})


def _in_full(question: Term, scopes: Mapping[int, Scope]) -> Iterator[Term]:
    """A question in the policy's own names, and those that are answered alike."""
    asked = cast(Term, original(question))
    yield asked
    if asked.name == "taken_at":
        section, attribute, value = question.args
        for other in _left_out(section, attribute, scopes).get(value, ()):
            yield Term(asked.name, (*asked.args[:-1], other))
