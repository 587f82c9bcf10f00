"""What requirements on one attribute come to together, as the rules tell it: what they entail, what clashes.

The rules are asked once for a policy, for the least sets of requirements that entail a further one and for
the least sets that no value fits (`asp/bridge/premises.lp`). Requirements that no such set has to do with
one another are in different *blocks*: what is supposed of one block says nothing of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pyclingo_bridge.base.errors import TooLargeError
from pyclingo_bridge.core.minimal import Build
from pyclingo_bridge.core.terms import Value

MOST_PREMISES = 50_000
"""A policy that has more sets than this is left to the solver."""

MOST_WAYS = 5_000
"""Closed sets that can be written in more ways than this are left to the solver."""


class Consequence(NamedTuple):
    """Requirements that entail a further one; or that no value fits, where it is None."""

    premises: frozenset[Value]
    requirement: Value | None


def consequences(build: Build) -> list[Consequence]:
    """All least consequences among the requirements of a policy.

    Errors: TooLargeError where there are too many.
    """
    program = build("premises", ["--heuristic=Domain"])
    facts = program.facts(("implies", 2), ("exclusive", 2))
    found = [Consequence(frozenset({one}), other) for one, other in _pairs(facts["implies"])]
    found += [Consequence(frozenset(pair), None) for pair in _pairs(facts["exclusive"])]
    watched = program.watch(("suppose", 1), ("concluded", 1))
    answers = program.answers(set(), watched, minimal=True, most=MOST_PREMISES + 1)
    if len(answers) > MOST_PREMISES:
        raise TooLargeError
    for answer in answers:
        concluded = [term.args[0] for term in answer if term.name == "concluded"]
        premises = frozenset(term.args[0] for term in answer if term.name == "suppose")
        found.append(Consequence(premises, concluded[0] if concluded else None))
    return found


def _pairs(terms: Iterable[object]) -> Iterator[tuple[Value, Value]]:
    for term in terms:
        one, other = term.args  # type: ignore[attr-defined]
        yield one, other


@dataclass(eq=False)
class Block:
    """Requirements on one attribute that have to do with one another; a set of them is a number.

    Attributes:
        ranks: the requirements' ranks; the first stands for bit 0, and so on.
        implied: for each requirement those that it alone entails, itself among them.
        excluded: for each requirement those that it cannot go with.
        compound: sets of several requirements, and what each entails; 0 where no value fits them.
    """

    ranks: tuple[int, ...]
    implied: list[int]
    excluded: list[int]
    compound: list[tuple[int, int]] = field(default_factory=list)
    _closed: dict[int, int | None] = field(default_factory=dict)
    _joined: dict[tuple[int, int], int | None] = field(default_factory=dict)
    _least: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)
    _ways: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)

    def closure(self, requirements: int) -> int | None:
        """What some requirements entail, themselves among it; None where no value fits them."""
        if requirements not in self._closed:
            self._closed[requirements] = self._close(requirements)
        return self._closed[requirements]

    def _close(self, requirements: int) -> int | None:
        found = requirements
        for bit in bits(requirements):
            if self.excluded[bit] & requirements:
                return None
            found |= self.implied[bit]
        for premises, entailed in self.compound:
            if premises & requirements == premises:
                if not entailed:
                    return None
                found |= entailed
        return found

    def join(self, one: int, other: int) -> int | None:
        """The least closed set that holds two of them; None where no value fits both."""
        key = (one, other)
        if key not in self._joined:
            self._joined[key] = self.closure(one | other)
        return self._joined[key]

    def least(self, requirement: int, askable: int) -> tuple[int, ...]:
        """The least closed sets that entail the requirement of a place, of what can be asked for."""
        key = (requirement, askable)
        if key not in self._least:
            wanted = 1 << requirement
            premises = [1 << bit for bit in bits(askable) if self.implied[bit] & wanted]
            premises += [
                several
                for several, entailed in self.compound
                if entailed & wanted and several & askable == several
            ]
            closed = {self.closure(several) for several in premises} - {None}
            self._least[key] = tuple(least_of(mask for mask in closed if mask is not None))
        return self._least[key]

    def ways(self, closed: int, askable: int) -> tuple[int, ...]:
        """The ways to write a closed set: the sets of what can be asked for, none of whose requirements is
        entailed by its other ones, that entail just that.

        Errors: TooLargeError where there are too many.
        """
        key = (closed, askable)
        if key not in self._ways:
            self._ways[key] = self._written(closed, closed & askable)
        return self._ways[key]

    def _written(self, closed: int, available: int) -> tuple[int, ...]:
        needed = 0
        for bit in bits(available):
            if self.closure(available & ~(1 << bit)) != closed:
                needed |= 1 << bit
        if self.closure(needed) == closed:
            return (needed,)
        # Take away one requirement after another that the rest entails, in every order.
        found: set[int] = set()
        seen = {available}
        stack = [available]
        while stack:
            requirements = stack.pop()
            fewer = [requirements & ~(1 << bit) for bit in bits(requirements & ~needed)]
            less = [rest for rest in fewer if self.closure(rest) == closed]
            if not less:
                found.add(requirements)
            stack += [rest for rest in less if rest not in seen]
            seen.update(less)
            if len(seen) > MOST_WAYS:
                raise TooLargeError
        return tuple(sorted(found))


def bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def least_of(masks: Iterable[int]) -> list[int]:
    """Those that hold no other one."""
    found: list[int] = []
    for mask in sorted(set(masks)):
        if not any(less & mask == less for less in found):
            found.append(mask)
    return found


def blocks(requirements: Sequence[Value], order: Iterable[int], known: Iterable[Consequence]) -> list[Block]:
    """The blocks of some requirements, the one first whose requirement is first in an order of their ranks."""
    ranks = {requirement: rank for rank, requirement in enumerate(requirements)}
    within = [
        (
            [ranks[requirement] for requirement in premises],
            None if requirement is None else ranks[requirement],
        )
        for premises, requirement in known
        if premises <= ranks.keys() and (requirement is None or requirement in ranks)
    ]
    found = _grouped(len(requirements), order, within)
    place = {rank: (block, bit) for block in found for bit, rank in enumerate(block.ranks)}
    for premises, requirement in within:
        block = place[premises[0]][0]
        several = [place[rank][1] for rank in premises]
        _note(block, several, None if requirement is None else place[requirement][1])
    return found


def _note(block: Block, premises: list[int], requirement: int | None) -> None:
    mask = sum(1 << bit for bit in premises)
    if requirement is not None and len(premises) == 1:
        block.implied[premises[0]] |= 1 << requirement
    elif requirement is not None:
        block.compound.append((mask, 1 << requirement))
    elif len(premises) > 2:
        block.compound.append((mask, 0))
    else:
        for bit in premises:
            block.excluded[bit] |= mask & ~(1 << bit) if len(premises) == 2 else mask


def _grouped(size: int, order: Iterable[int], within: Iterable[tuple[list[int], int | None]]) -> list[Block]:
    head = list(range(size))

    def first(rank: int) -> int:
        while head[rank] != rank:
            head[rank] = rank = head[head[rank]]
        return rank

    for premises, requirement in within:
        for rank in [*premises, *([] if requirement is None else [requirement])]:
            head[first(rank)] = first(premises[0])
    groups: dict[int, list[int]] = {}
    for rank in dict.fromkeys([*order, *range(size)]):
        groups.setdefault(first(rank), []).append(rank)
    return [
        Block(tuple(group), [1 << bit for bit in range(len(group))], [0] * len(group))
        for group in groups.values()
    ]
