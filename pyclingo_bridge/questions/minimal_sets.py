"""Every minimal answer of a search by the solver, in order: all at once, or one by one where there are many.

Sets of requirements are compared by what they entail: an answer is minimal if no other one's closure is
part of its own. The closures are found first, then the ways to write each.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import islice
from typing import TypeVar

from pyclingo_bridge.base.errors import ArgumentError
from pyclingo_bridge.base.solver import Build, Program, Signature
from pyclingo_bridge.base.terms import Term, Value

AT_ONCE = 1_000
"""Up to so many closures are listed whole and sorted; where there are more, sets are asked for one by one."""

_RANKS_A_PRIORITY = 24

Found = TypeVar("Found")

Answer = frozenset[Term]
Size = Callable[[Answer], tuple[int, ...]]


class MinimalSets:
    """The minimal answers of a search over one policy under its interpretations.

    The two programs are grounded when first used: one finds all minimal answers, one the best of
    those that are left.
    """

    def __init__(
        self,
        build: Build,
        entry: str,
        closure: Iterable[Signature] = (),
        written: Iterable[Signature] = (),
        also: Iterable[Signature] = (),
        one_wording: bool = False,
    ) -> None:
        """Take what differs from search to search.

        Args:
            build: grounds a program.
            entry: its entry file; that of the other is `ordered_<entry>`.
            closure: what is minimal in addition to the gained requirements.
            written: what an answer consists of in addition to the supposed requirements, in the order by text.
            also: what else an answer shows; the first by its text, where it can vary.
            one_wording: whether of answers that come to the same the first in the order stands for all.
        """
        self._one_wording = one_wording
        self._build = build
        self._entry = entry
        self._closed = (("gained", 1), *closure)
        self._written = (("suppose", 1), *written)
        self._also = (("enough", 1), *also)

    @cached_property
    def program(self) -> Program:
        """The program that finds all minimal answers."""
        return self._build(self._entry, ["--heuristic=Domain"])

    @cached_property
    def _ranks(self) -> dict[Term, int]:
        """The place of each element in the order by text: requirements first, then changes."""
        ordered = (
            term for signature in self._written for term in sorted(self.program.watch(signature), key=str)
        )
        return {term: place for place, term in enumerate(ordered)}

    def _by_text(self, answer: Answer) -> list[int]:
        ranks = sorted(self._ranks[term] for term in answer if term in self._ranks)
        return [*ranks, len(self._ranks)]

    def possible(self, inputs: AbstractSet[Term]) -> bool:
        """Whether there is any answer."""
        return bool(self.program.answers(inputs, {}, most=1))

    def sets(self, inputs: AbstractSet[Term], size: Size, facts: Iterable[Term] = ()) -> Iterator[Answer]:
        """The minimal answers of a case whose requirements have these statuses, in order.

        Args:
            inputs: the statuses.
            size: what comes first in the order, before the text; as the other program minimizes it.
            facts: what the other program has to know of the case besides.
        """
        whole = self.listed(inputs, size, AT_ONCE)
        yield from self._in_order(inputs, facts) if whole is None else whole

    def listed(self, inputs: AbstractSet[Term], size: Size, most: int) -> Iterable[Answer] | None:
        """The same as a list; None where they have more than so many closures."""
        closed = self.program.watch(*self._closed)
        closures = self.program.answers(inputs, closed, minimal=True, most=most + 1)
        if len(closures) > most:
            return None
        worded = [self._with_closure(inputs, closure) for closure in closures]
        if self._one_wording:
            worded = [[min(alike, key=lambda one: (size(one), self._by_text(one)))] for alike in worded]
        found = [answer for alike in worded for answer in alike]
        # Of answers that are written alike, the first in the order stands for all.
        alike: dict[Answer, Answer] = {}
        for answer in sorted(found, key=lambda one: (size(one), self._by_text(one), _text(one))):
            alike.setdefault(frozenset(term for term in answer if term in self._ranks), answer)
        return alike.values()

    def _with_closure(self, inputs: AbstractSet[Term], closure: Answer) -> list[Answer]:
        """The irredundant sets that entail just these requirements: rarely more than one."""
        closed = self.program.watch(*self._closed)
        exactly = [literal if term in closure else -literal for term, literal in closed.items()]
        watched = self.program.watch(*self._written, *self._also)
        found: dict[Answer, Answer] = {}
        for answer in self.program.answers(inputs, watched, assumptions=exactly):
            written = frozenset(term for term in answer if term in self._ranks)
            found[written] = min(answer, found.get(written, answer), key=_text)
        return list(found.values())

    def _in_order(self, inputs: AbstractSet[Term], facts: Iterable[Term]) -> Iterator[Answer]:
        """The sets one by one, each found as the best of what is left, in a program of its own.

        The best answer may still hold a smaller one that costs as much: a check finds it, and bars
        all that hold more than that. Memory grows with the sets asked for, not with how many there are.
        """
        # The rules give a requirement itself a place in the order by text, not that it is supposed.
        items = [term.args[0] if term.name == "suppose" else term for term in self._ranks]
        program = self._build(f"ordered_{self._entry}", facts=[*precedence(items), *facts])
        closed = program.watch(*self._closed)
        written = program.watch(*self._written)
        mine = self.program.watch(*self._closed)
        while (found := program.best(inputs)) is not None:
            answer = frozenset(found)
            closure = frozenset(term for term in answer if term in closed)
            outside = [-literal for term, literal in mine.items() if term not in closure]
            (least,) = self.program.answers(inputs, mine, minimal=True, most=1, assumptions=outside)
            inside = [-closed[term] for term in least]
            program.require(*([*inside, -literal] for term, literal in closed.items() if term not in least))
            if least == closure:
                yield answer
                if self._one_wording:
                    program.require(inside)
                else:
                    program.require(
                        [-literal if term in answer else literal for term, literal in written.items()]
                    )


def supposed(answer: Answer) -> list[Value]:
    """The requirements that an answer supposes, by their text."""
    return sorted((term.args[0] for term in answer if term.name == "suppose"), key=str)


def sections_met(answer: Answer) -> list[Value]:
    """The sections that would be met."""
    return [term.args[0] for term in answer if term.name == "enough"]


def take(sets: Iterable[Found], first: int) -> tuple[list[Found], bool]:
    """The first few, and whether there are more; 0 takes all."""
    rest = iter(sets)
    # More than a list can hold is all.
    return list(islice(rest, min(first, sys.maxsize) or None)), next(rest, None) is not None


def check_count(first: int) -> None:
    """Refuse a negative number of sets.

    Errors: ValueError.
    """
    if first < 0:
        raise ArgumentError(f"`first` is {first}; give 0 for all, or how many are wanted")


def _text(answer: Answer) -> tuple[int, list[str]]:
    return len(answer), sorted(map(str, answer))


def precedence(ordered: Iterable[Value]) -> list[Term]:
    """The order of requirements or document types, as weights: an earlier one outweighs all later ones."""
    size = _RANKS_A_PRIORITY
    return [
        Term("precedence", (item, -1 - place // size, 2 ** (size - place % size)))
        for place, item in enumerate(ordered)
    ]
