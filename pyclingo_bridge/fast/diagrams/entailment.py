"""What requirements on one attribute come to together, as the rules have it: what they entail, what clashes.

The rules are asked once for a policy, for the least sets of requirements that entail a further one and for
the least sets that no value fits (`asp/bridge/premises.lp`). Requirements that no such set has to do with
one another are in different *clusters*: what is supposed of one cluster says nothing of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple, cast

from pyclingo_bridge.base.errors import TooLargeError
from pyclingo_bridge.base.solver import Build
from pyclingo_bridge.base.terms import Value

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
    implications = (term.args for term in facts["implies"])
    found = [Consequence(frozenset({one}), other) for one, other in implications]
    found += [Consequence(frozenset(term.args), None) for term in facts["exclusive"]]
    watched = program.watch(("suppose", 1), ("concluded", 1))
    answers = program.answers(set(), watched, minimal=True, most=MOST_PREMISES + 1)
    if len(answers) > MOST_PREMISES:
        raise TooLargeError
    for answer in answers:
        concluded = [term.args[0] for term in answer if term.name == "concluded"]
        premises = frozenset(term.args[0] for term in answer if term.name == "suppose")
        found.append(Consequence(premises, concluded[0] if concluded else None))
    return found


class Cluster:
    """Requirements on one attribute that have to do with one another; a set of them is a number.

    Attributes:
        ranks: the requirements' ranks; the first stands for bit 0, and so on.
        implied: for each requirement those that it alone entails, itself among them.
        excluded: for each requirement those that it cannot go with.
        compound: sets of several requirements, and what each entails; 0 where no value fits them.
    """

    def __init__(self, ranks: tuple[int, ...]) -> None:
        self.ranks = ranks
        self.implied = [1 << bit for bit in range(len(ranks))]
        self.excluded = [0] * len(ranks)
        self.compound: list[tuple[int, int]] = []
        # Case after case asks for the same.
        self.closure = cache(self._closure)
        self.join = cache(self._join)
        self.least = cache(self._least)
        self.ways = cache(self._ways)

    def add(self, premises: list[int], requirement: int | None) -> None:
        """Note a consequence, before anything is asked.

        Args:
            premises: the bits of the requirements that entail it.
            requirement: its bit; None where no value fits the premises.
        """
        mask = sum(1 << bit for bit in premises)
        if requirement is not None and len(premises) == 1:
            self.implied[premises[0]] |= 1 << requirement
        elif requirement is not None:
            self.compound.append((mask, 1 << requirement))
        elif len(premises) > 2:
            self.compound.append((mask, 0))
        else:
            for bit in premises:
                self.excluded[bit] |= mask & ~(1 << bit) if len(premises) == 2 else mask

    def _closure(self, requirements: int) -> int | None:
        """What some requirements entail, themselves among it; None where no value fits them."""
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

    def _join(self, one: int, other: int) -> int | None:
        """The least closed set that holds two of them; None where no value fits both."""
        return self.closure(one | other)

    def _least(self, requirement: int, askable: int) -> tuple[int, ...]:
        """The least closed sets that entail the requirement of a bit, of what can be asked for."""
        wanted = 1 << requirement
        premises = [1 << bit for bit in bits(askable) if self.implied[bit] & wanted]
        premises += [
            several for several, entailed in self.compound if entailed & wanted and several & askable == several
        ]
        closed = {self.closure(several) for several in premises} - {None}
        return tuple(least_of(cast("set[int]", closed)))

    def _ways(self, closed: int, askable: int) -> tuple[int, ...]:
        """The ways to write a closed set: the sets of what can be asked for, none of whose requirements is
        entailed by its other ones, that entail just that.

        Errors: TooLargeError where there are too many.
        """
        available = closed & askable
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


def clusters(
    requirements: Sequence[Value], order: Iterable[int], known: Iterable[Consequence]
) -> list[Cluster]:
    """The clusters of some requirements, in the order of their first requirements' ranks."""
    ranks = {requirement: rank for rank, requirement in enumerate(requirements)}
    within = [
        ([ranks[premise] for premise in premises], None if requirement is None else ranks[requirement])
        for premises, requirement in known
        if premises <= ranks.keys() and (requirement is None or requirement in ranks)
    ]
    found = _grouped(len(requirements), order, within)
    place = {rank: (cluster, bit) for cluster in found for bit, rank in enumerate(cluster.ranks)}
    for premises, requirement in within:
        cluster = place[premises[0]][0]
        cluster.add(
            [place[rank][1] for rank in premises], None if requirement is None else place[requirement][1]
        )
    return found


def _grouped(size: int, order: Iterable[int], within: Iterable[tuple[list[int], int | None]]) -> list[Cluster]:
    """The requirements that consequences link, step by step, in a cluster each."""
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
    return [Cluster(tuple(group)) for group in groups.values()]
