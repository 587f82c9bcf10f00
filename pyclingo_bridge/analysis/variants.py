"""A policy under every combination of interpretations of its wording."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import NamedTuple

from pyclingo_bridge.base.rule_files import RulesFile, engine_program
from pyclingo_bridge.base.solver import Program
from pyclingo_bridge.base.terms import Term, plain
from pyclingo_bridge.core.facts import UNREAD
from pyclingo_bridge.loading.authoring import policy_complaint, policy_words

MOST_COMBINATIONS = 1024
"""Combinations of interpretations that are looked at together. A policy with more has each alternative
looked at with every other ambiguity read by default."""


@dataclass(frozen=True)
class Variant:
    """A policy's facts under one combination of interpretations."""

    interpretations: Mapping[str, str]
    facts: Mapping[str, list[Term]]


class Variants(NamedTuple):
    """A policy under combinations of interpretations.

    Attributes:
        variants: the policy under each combination that is looked at.
        whole: whether these are all combinations.
        facts: all that the policy says under any of them.
    """

    variants: list[Variant]
    whole: bool
    facts: list[Term]


def variants(
    files: Sequence[RulesFile], alternatives: Mapping[str, Sequence[str]], *, alone: bool = False
) -> Variants:
    """The policy under each combination of interpretations.

    The rules are grounded once, with the interpretations as the only choice.

    Args:
        files: the policy's files.
        alternatives: the interpretations of each ambiguity, the default first.
        alone: whether each is looked at with every other ambiguity read by default.
    """
    entry = engine_program("variants")
    program = Program([*entry, *files], complain=policy_complaint)
    predicates = sorted(policy_words() - UNREAD | {("label", 2)})
    watched = program.varying(*predicates)
    whole = not alone and prod(map(len, alternatives.values())) <= MOST_COMBINATIONS
    if whole:
        answers = program.answers(set(), watched)
    else:
        answers = [
            answer
            for interpretations in _one_at_a_time(alternatives)
            for answer in program.answers(set(), watched, assumptions=_literals(watched, interpretations))
        ]
    every = program.watch(*predicates)
    in_order = _Ordered([name for name, _ in predicates], every, every.keys() - watched.keys())
    found = [in_order.variant(answer) for answer in answers]
    found.sort(key=lambda variant: sorted(variant.interpretations.items()))
    return Variants(found, whole, list(every))


def every_combination(alternatives: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """The combinations of interpretations looked at: all, or where there are too many, one at a time."""
    if prod(map(len, alternatives.values())) > MOST_COMBINATIONS:
        return _one_at_a_time(alternatives)
    return [dict(zip(alternatives, values, strict=True)) for values in product(*alternatives.values())]


def _one_at_a_time(alternatives: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    default = {name: values[0] for name, values in alternatives.items()}
    others = [{**default, name: value} for name, values in alternatives.items() for value in values[1:]]
    return [default, *others]


def _literals(watched: Mapping[Term, int], interpretations: Mapping[str, str]) -> list[int]:
    return [
        literal
        for term, literal in watched.items()
        if term.name == "interpretation"
        and interpretations[str(plain(term.args[0]))] == str(plain(term.args[1]))
    ]


class _Ordered:
    """Makes variants of answers, each predicate's facts in order; those that are the same are one list."""

    def __init__(self, names: Sequence[str], every: Iterable[Term], settled: Collection[Term]) -> None:
        """Take the predicates, all their atoms, and those that hold in every answer."""
        self._settled = settled
        self._terms: dict[str, list[Term]] = {name: [] for name in names}
        for term in sorted(every, key=str):
            self._terms[term.name].append(term)
        self._same = {
            name for name, terms in self._terms.items() if all(map(self._settled.__contains__, terms))
        }
        self._lists: dict[tuple[Term, ...], list[Term]] = {}

    def variant(self, answer: frozenset[Term]) -> Variant:
        facts = {
            name: terms
            if name in self._same
            else self._list(tuple(term for term in terms if term in answer or term in self._settled))
            for name, terms in self._terms.items()
        }
        interpretations = {
            str(plain(term.args[0])): str(plain(term.args[1])) for term in facts["interpretation"]
        }
        return Variant(interpretations, facts)

    def _list(self, terms: tuple[Term, ...]) -> list[Term]:
        return self._lists.setdefault(terms, list(terms))
