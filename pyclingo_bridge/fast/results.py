"""Many cases judged at once: the columns of an answer, as bits of the compiled policy.

A column has one of a few values in each row, or none. Its values are numbered; for each bit of
the number, and for whether there is a value, a word has a bit for each row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, get_args

from pyclingo_bridge.core.decision import DenialKind, Outcome, Status
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.core.terms import Term, Value, constant, plain
from pyclingo_bridge.fast.circuit import (
    CONFLICTING,
    ESTABLISHED,
    FALSE,
    OPEN,
    REFUTED,
    Circuit,
    Given,
    Look,
)
from pyclingo_bridge.fast.code import Code, Plan, Word, coded
from pyclingo_bridge.fast.policy import CompiledPolicy
from pyclingo_bridge.fast.registers import ArrayCode, array_code

STATUSES: tuple[Status, ...] = ("not_met", "conflicting", "undocumented", "met")
"""By the two bits that `bridge/compiled.lp` derives."""

_STATES = (ESTABLISHED, OPEN, CONFLICTING, REFUTED)
_ANY = sum(_STATES)
_SUPPORTED = ESTABLISHED | CONFLICTING
_REFUTED = REFUTED | CONFLICTING


@dataclass(frozen=True)
class Known:
    """What is known of all rows beforehand; the less can occur, the shorter is the code.

    Attributes:
        states: the states that occur of some requirements, added up; of the others all four.
        never: inputs from the request form that never hold.
    """

    states: tuple[tuple[Value, int], ...] = ()
    never: frozenset[Term] = frozenset()


def status_column(criterion: str) -> str:
    """The column of a criterion's status."""
    return f"status {criterion}"


@dataclass(frozen=True)
class Column:
    """One column of an answer.

    Attributes:
        name: its name.
        values: what its rows can hold, by number.
        bits: for each bit of the number, the lowest first, the literal that tells of it.
        there: the literal that tells whether there is a value.
        numbers: whether its values are whole numbers.
    """

    name: str
    values: tuple[str | int, ...]
    bits: tuple[int, ...]
    there: int
    numbers: bool = False


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

    def decided(self) -> tuple[Column, ...]:
        """The outcome, and what goes with it."""
        return (
            self._chosen("outcome", "outcome", get_args(Outcome)),
            self._chosen("denial_kind", "denial_kind", get_args(DenialKind)),
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
        return Column(status_column(name), STATUSES, (low, high), self._circuit.any_of(sections))

    def _chosen(self, name: str, predicate: str, values: Sequence[str]) -> Column:
        literals = {value: self._policy.literal(predicate, constant(value)) for value in values}
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
        return replace(self._column("approval_months", self._any(found)), numbers=True)

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
            self._circuit.any_of(literal for place, literal in enumerate(literals.values()) if place >> bit & 1)
            for bit in range(size)
        )
        return Column(name, values, bits, self._circuit.any_of(literals.values()))

    def judged(self, columns: tuple[Column, ...], known: Known) -> Judged:
        """What is needed for some columns, where something is known of all rows."""
        wanted = [literal for column in columns for literal in (*column.bits, column.there)]
        occur = dict(known.states)

        def leaf(circuit: Circuit, node: Look | Given) -> int:
            if isinstance(node, Look):
                return _planes(circuit, node, occur.get(node.requirement, _ANY))
            return FALSE if node.atom in known.never else circuit.given(node.atom)

        return Judged(columns, *self._circuit.rebuilt(wanted, leaf))


def _planes(circuit: Circuit, look: Look, occur: int) -> int:
    """Whether a requirement is in some states, by whether documents support it, and refute it."""
    supported = circuit.given(Term("supported", (look.requirement,)))
    refuted = circuit.given(Term("refuted", (look.requirement,)))
    seen = look.states & occur
    for literal, states in ((supported, _SUPPORTED), (refuted, _REFUTED)):
        if seen == occur & states:
            return literal if seen else FALSE
        if seen == occur & ~states:
            return circuit.negate(literal)
    if not seen:
        return FALSE
    return circuit.any_of(
        circuit.all_of(
            literal if states & state else circuit.negate(literal)
            for literal, states in ((supported, _SUPPORTED), (refuted, _REFUTED))
        )
        for state in _STATES
        if seen & state
    )


class Judged:
    """The code for some columns.

    Attributes:
        inputs: what has to be given, a word each: `supported(C)` and `refuted(C)` of requirements, and
            `value(D, A, V)` of the request form.
        operations: how many bitwise operations it takes.
    """

    def __init__(self, columns: Sequence[Column], circuit: Circuit, literals: Sequence[int]) -> None:
        self._columns = columns
        self._plan = Plan(circuit, literals)
        self.inputs = [leaf.atom for leaf in self._plan.inputs if isinstance(leaf, Given)]
        self.operations = self._plan.operations

    @cached_property
    def _integers(self) -> Code:
        return coded(self._plan)

    def on_integers(self, words: Sequence[int], ones: int) -> list[Bits]:
        """The columns' words, as Python integers; `ones` has a bit for each row."""
        return self.told(self._integers.run(words, 0, ones))

    def on_arrays(self, operators: Mapping[str, Any]) -> ArrayCode:
        """The code for arrays, whose operations write to registers; see `told`."""
        return array_code(self._plan, operators)

    def told(self, found: Iterable[Word]) -> list[Bits]:
        """The columns' words, from what the code tells."""
        words = iter(found)
        return [Bits(column, tuple(next(words) for _ in column.bits), next(words)) for column in self._columns]
