"""Questions about many sections in one program, in which each section has a case of its own.

A program costs much to set up and little to make larger. Here the sections' attributes and criteria
bear the section's number, so that nothing said of one section's patient bears on another's: every
combination of their cases is a case of the program, and it answers about each section what that
section's own program would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from pyclingo_bridge.analysis.slices import OF_ATTRIBUTES, Slice, Slices
from pyclingo_bridge.solve import LiveProgram
from pyclingo_bridge.sources import engine_program
from pyclingo_bridge.structure import Structure
from pyclingo_bridge.terms import Term, Value, original

MOST_SECTIONS = 10
"""Sections in one program. A search for what many cases show at once takes longer with each."""

MOST_NODES = 120
"""Criteria and parts beneath the sections of one program, where it is about several."""

_ITEMS = frozenset({"route", "use_condition", "duration", "all_of", "any_of", "unless"})


class Answers:
    """What was asked of sections, and what of it some case witnesses.

    Attributes:
        asked: how many questions of each name were asked.
        witnessed: the questions that some case witnesses.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.witnessed: set[Term] = set()


class SectionQuestions:
    """The questions of an entry file to each section of a policy."""

    def __init__(self, entry: str, structure: Structure, slices: Slices) -> None:
        self._entry = entry
        self._structure = structure
        self._slices = slices

    def answers(self) -> Answers:
        """What some case witnesses of one section or another, each asked by itself."""
        found = Answers()
        for sections in self._batches():
            self._ask(sections, found)
        return found

    def _batches(self) -> Iterator[list[Value]]:
        batch: list[Value] = []
        size = 0
        for section in self._structure.sections:
            nodes = len(self._structure.beneath[section] & self._structure.nodes)
            if batch and (len(batch) == MOST_SECTIONS or size + nodes > MOST_NODES):
                yield batch
                batch, size = [], 0
            batch.append(section)
            size += nodes
        yield batch

    def _ask(self, sections: Sequence[Value], found: Answers) -> None:
        slices = {number: self._slices.of(section) for number, section in enumerate(sections, 1)}
        facts = [
            fact
            for number, told in slices.items()
            for fact in map(_Names(number, self._structure).fact, told.facts)
        ]
        program = LiveProgram(engine_program(self._entry), dict.fromkeys(facts))
        witnessed = [cast(Term, term.args[0]) for term in program.possible()]
        if not witnessed and len(sections) > 1:
            # A section that no case is about leaves the others none in the same program.
            for section in sections:
                self._ask([section], found)
            return
        found.asked.update(program.tally("question"))
        for term in program.facts(("regards", 2))["regards"]:
            left_out = _left_out(*term.args, slices).values()
            found.asked["taken_at"] += sum(map(len, left_out))
        for question in witnessed:
            found.witnessed.update(_in_full(question, slices))


class _Names:
    """The names that what a section's case is about bears in a program about several."""

    def __init__(self, number: int, structure: Structure) -> None:
        self.number = number
        self._nodes = structure.nodes

    def fact(self, term: Term) -> Term:
        """The fact, told of this section's case."""
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
        """A criterion, a claim or a duration."""
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


def _left_out(
    section: Value, attribute: Value, slices: Mapping[int, Slice]
) -> Mapping[Value, Sequence[Value]]:
    """Values of an attribute that stand for others in a section's case, which are left out."""
    alike = slices[cast(int, cast(Term, section).args[0])].alike
    return alike.get(original(attribute), {})


def _in_full(question: Term, slices: Mapping[int, Slice]) -> Iterator[Term]:
    """A question in the policy's own names, and those that are answered alike."""
    told = cast(Term, original(question))
    yield told
    if told.name == "taken_at":
        section, attribute, value = question.args
        for other in _left_out(section, attribute, slices).get(value, ()):
            yield Term(told.name, (*told.args[:-1], other))
