"""Many cases judged at once: the columns of an answer, as bits of the compiled policy.

A column has one of a few values in each row, or none. Its values are numbered; for each bit of
the number, and for whether there is a value, a word has a bit for each row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from pyclingo_bridge.compiled.circuit import (
    CONFLICTING,
    ESTABLISHED,
    FALSE,
    OPEN,
    REFUTED,
    TRUE,
    Circuit,
    Given,
    Look,
)
from pyclingo_bridge.compiled.code import Code, Word, code
from pyclingo_bridge.compiled.policy import CompiledPolicy
from pyclingo_bridge.decision import DenialKind, Outcome, Status
from pyclingo_bridge.structure import Structure
from pyclingo_bridge.terms import Term, Value, constant, plain

STATUSES: tuple[Status, ...] = ("not_met", "conflicting", "undocumented", "met")
"""By the two bits that `bridge/readout.lp` derives."""

_OUTCOMES: tuple[Outcome, ...] = ("approve", "deny", "refer")
_KINDS: tuple[DenialKind, ...] = (
    "insufficient_documentation",
    "conflicting_documentation",
    "criteria_not_met",
)
_SPECIAL = 64
"""How many codes for cases of which something is known are kept."""

Possible: TypeAlias = tuple[tuple[Value, int], ...]
"""The states that occur of some claims, added up; of the others all four."""


@dataclass(frozen=True)
class Column:
    """One column of an answer.

    Attributes:
        name: its name.
        values: what its rows can hold, by number.
        bits: for each bit of the number, the lowest first, the literal that tells of it.
        there: the literal that tells whether there is a value.
    """

    name: str
    values: tuple[str | int, ...]
    bits: tuple[int, ...]
    there: int


@dataclass(frozen=True)
class Bits:
    """A column's words.

    Attributes:
        column: the column.
        bits: a word for each bit of the number.
        there: a word for whether there is a value.
    """

    column: Column
    bits: tuple[Word, ...]
    there: Word


class Results:
    """The columns of a policy's answers, ready to be asked."""

    def __init__(self, policy: CompiledPolicy, structure: Structure) -> None:
        self._policy = policy
        self._structure = structure
        self._circuit = policy.circuit
        self._special = lru_cache(maxsize=_SPECIAL)(self._code)

    def decided(self) -> tuple[Column, ...]:
        """The outcome, and what goes with it."""
        return (
            self._chosen("outcome", "outcome", _OUTCOMES),
            self._chosen("denial_kind", "denial_kind", _KINDS),
            self._section(),
            self._months(),
            self._target(),
        )

    def statuses(self) -> tuple[Column, ...]:
        """How each criterion stands, in the source's order; nothing where its sections are not asked."""
        names = self._structure.criteria_of(self._structure.sections)
        return tuple(self._status(name) for name in names)

    def _status(self, name: str) -> Column:
        sections = (
            self._policy.literal("routed", section)
            for section in self._structure.sections
            if name in self._structure.beneath[section]
        )
        low, high = (self._policy.literal(bit, name) for bit in ("low", "high"))
        return Column(f"status {name}", STATUSES, (low, high), self._circuit.any_of(sections))

    def _chosen(self, name: str, predicate: str, values: Sequence[str]) -> Column:
        literals = {
            value: self._policy.literal(predicate, constant(value)) for value in values
        }
        return self._column(name, literals)

    def _section(self) -> Column:
        literals = {
            str(plain(name)): self._policy.literal("approved_section", name)
            for name in self._structure.sections
        }
        return self._column("section", literals)

    def _months(self) -> Column:
        found: dict[str | int, list[int]] = {}
        for (section, months), literal in self._policy.table("months").items():
            approved = self._policy.literal("approved_section", section)
            found.setdefault(plain(months), []).append(self._circuit.all_of([approved, literal]))
        return self._column("approval_months", self._any(found))

    def _target(self) -> Column:
        found: dict[str | int, list[int]] = {}
        for (_, target), literal in self._policy.table("referred").items():
            found.setdefault(plain(target), []).append(literal)
        return self._column("refer_to", self._any(found))

    def _any(self, found: Mapping[str | int, Iterable[int]]) -> dict[str | int, int]:
        return {value: self._circuit.any_of(found[value]) for value in sorted(found)}

    def _column(self, name: str, literals: Mapping[str, int] | Mapping[str | int, int]) -> Column:
        values = tuple(literals)
        size = max(len(values) - 1, 0).bit_length()
        bits = tuple(
            self._circuit.any_of(
                literal for place, literal in enumerate(literals.values()) if place >> bit & 1
            )
            for bit in range(size)
        )
        return Column(name, values, bits, self._circuit.any_of(literals.values()))

    def judge(self, columns: tuple[Column, ...], possible: Possible) -> Judged:
        """What is needed for some columns, where it is known which states occur."""
        return self._special(columns, possible)

    def _code(self, columns: tuple[Column, ...], possible: Possible) -> Judged:
        wanted = [literal for column in columns for literal in (*column.bits, column.there)]
        within = self._circuit.within(dict(possible), wanted)
        return Judged(columns, code(within.circuit, within.literals))


class Judged:
    """The code for some columns."""

    def __init__(self, columns: Sequence[Column], found: Code) -> None:
        self._columns = columns
        self._found = found
        self.operations = found.operations
        self.claims = {leaf.claim for leaf in found.leaves if isinstance(leaf, Look)}
        self.given = {leaf.atom for leaf in found.leaves if isinstance(leaf, Given)}

    def run(
        self,
        supported: Mapping[Value, Word],
        refuted: Mapping[Value, Word],
        given: Mapping[Term, Word],
        zero: Word,
        ones: Word,
    ) -> list[Bits]:
        """The columns' words.

        Args:
            supported: for each claim of `claims` a word, whether documents support it.
            refuted: the same, whether they refute it.
            given: for each atom of `given` a word.
            zero: the word without a bit.
            ones: the word with all bits.
        """
        leaves = [
            look(leaf.states, supported[leaf.claim], refuted[leaf.claim], ones)
            if isinstance(leaf, Look)
            else given[leaf.atom]
            for leaf in self._found.leaves
            if not isinstance(leaf, int)
        ]
        words = iter(self._found.run(leaves, zero, ones))
        return [
            Bits(column, tuple(next(words) for _ in column.bits), next(words))
            for column in self._columns
        ]


def look(states: int, supported: Word, refuted: Word, ones: Word) -> Word:
    """In which cases a claim is in one of some states."""
    if states.bit_count() > 2:
        return look(15 & ~states, supported, refuted, ones) ^ ones
    return _LOOKS[states](supported, refuted, ones)


_LOOKS = {
    ESTABLISHED: lambda s, r, ones: s & (r ^ ones),
    OPEN: lambda s, r, ones: (s | r) ^ ones,
    CONFLICTING: lambda s, r, ones: s & r,
    REFUTED: lambda s, r, ones: r & (s ^ ones),
    ESTABLISHED | OPEN: lambda s, r, ones: r ^ ones,
    ESTABLISHED | CONFLICTING: lambda s, r, ones: s,
    ESTABLISHED | REFUTED: lambda s, r, ones: s ^ r,
    OPEN | CONFLICTING: lambda s, r, ones: (s ^ r) ^ ones,
    OPEN | REFUTED: lambda s, r, ones: s ^ ones,
    CONFLICTING | REFUTED: lambda s, r, ones: r,
}
