"""The columns of an answer as bits of the compiled policy, for many rows at once.

A column has one of a few values in each row, or none. Its values are numbered; for each bit of
the number, and for whether there is a value, there is a plane with a bit for each row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, get_args

from pyclingo_bridge.base.terms import Term, Value, constant, plain
from pyclingo_bridge.core.decision import DenialKind, Outcome, Status
from pyclingo_bridge.core.structure import Structure
from pyclingo_bridge.fast.circuit import (
    ANY_STATUS,
    CONFLICTING,
    EACH_STATUS,
    FALSE,
    MET,
    NOT_MET,
    Circuit,
    Given,
    Look,
)
from pyclingo_bridge.fast.code import ArrayCode, CaseBits, array_code, steps_of
from pyclingo_bridge.fast.columns.planes import OPERATORS
from pyclingo_bridge.fast.compiled import CompiledPolicy

STATUSES: tuple[Status, ...] = ("not_met", "conflicting", "undocumented", "met")
"""By the two bits that `bridge/readout.lp` derives."""

_SUPPORTED = MET | CONFLICTING
_REFUTED = NOT_MET | CONFLICTING


@dataclass(frozen=True)
class KnownStatuses:
    """What is known of all rows beforehand; the less can occur, the shorter is the code.

    Attributes:
        statuses: the statuses that occur of some requirements, added up; of the others all four.
        never: inputs from the request form that never hold.
    """

    statuses: tuple[tuple[Value, int], ...] = ()
    never: frozenset[Term] = frozenset()


def status_column(criterion: str) -> str:
    """The column of a criterion's status."""
    return f"status {criterion}"


@dataclass(frozen=True)
class AnswerColumn:
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
class AnswerBits:
    """A column in some rows.

    Attributes:
        column: the column.
        bits: the rows with each bit of the number set.
        there: the rows that have a value.
    """

    column: AnswerColumn
    bits: tuple[CaseBits, ...]
    there: CaseBits


class CompiledAnswers:
    """The columns of a policy's answers, ready to be asked."""

    def __init__(self, policy: CompiledPolicy, structure: Structure) -> None:
        self._policy = policy
        self._structure = structure
        self._circuit = policy.circuit

    def decided(self) -> tuple[AnswerColumn, ...]:
        """The outcome, and what goes with it."""
        literal, table = self._policy.literal, self._policy.table
        sections = {str(plain(name)): literal("approved_section", name) for name in self._structure.sections}
        months = [
            (plain(months), self._circuit.all_of([literal("approved_section", section), granted]))
            for (section, months), granted in table("months").items()
        ]
        targets = [(plain(target), referred) for (_, target), referred in table("referred").items()]
        return (
            self._chosen("outcome", get_args(Outcome)),
            self._chosen("denial_kind", get_args(DenialKind)),
            self._column("section", sections),
            replace(self._column("approval_months", self._any(months)), numbers=True),
            self._column("refer_to", self._any(targets)),
        )

    def statuses(self) -> tuple[AnswerColumn, ...]:
        """The status of each criterion, in the source's order; nothing where its sections are not asked."""
        names = self._structure.criteria_of(self._structure.sections)
        return tuple(self._status(name) for name in names)

    def _status(self, name: str) -> AnswerColumn:
        sections = (
            self._policy.literal("routed", section)
            for section in self._structure.sections
            if name in self._structure.beneath[section]
        )
        low, high = (self._policy.literal(bit, name) for bit in ("low", "high"))
        return AnswerColumn(status_column(name), STATUSES, (low, high), self._circuit.any_of(sections))

    def _chosen(self, predicate: str, values: Sequence[str]) -> AnswerColumn:
        literals = {value: self._policy.literal(predicate, constant(value)) for value in values}
        return self._column(predicate, literals)

    def _any(self, literals: Iterable[tuple[str | int, int]]) -> dict[str | int, int]:
        """For each value, in order, the literal that holds where one of its own does."""
        own: defaultdict[str | int, list[int]] = defaultdict(list)
        for value, literal in literals:
            own[value].append(literal)
        return {value: self._circuit.any_of(own[value]) for value in sorted(own)}

    def _column(self, name: str, literals: Mapping[str, int] | Mapping[str | int, int]) -> AnswerColumn:
        values = tuple(literals)
        size = max(len(values) - 1, 0).bit_length()
        bits = tuple(
            self._circuit.any_of(literal for place, literal in enumerate(literals.values()) if place >> bit & 1)
            for bit in range(size)
        )
        return AnswerColumn(name, values, bits, self._circuit.any_of(literals.values()))

    def code(self, columns: tuple[AnswerColumn, ...], known: KnownStatuses) -> AnswerCode:
        """The code for some columns, where something is known of all rows."""
        wanted = [literal for column in columns for literal in (*column.bits, column.there)]
        occur = dict(known.statuses)

        def leaf(circuit: Circuit, node: Look | Given) -> int:
            if isinstance(node, Look):
                return _supported_or_refuted(circuit, node, occur.get(node.requirement, ANY_STATUS))
            return FALSE if node.atom in known.never else circuit.given(node.atom)

        return AnswerCode(columns, *self._circuit.rebuilt(wanted, leaf))


def _supported_or_refuted(circuit: Circuit, look: Look, occur: int) -> int:
    """Whether a requirement has some statuses, by whether documents support it, and refute it."""
    supported = circuit.given(Term("supported", (look.requirement,)))
    refuted = circuit.given(Term("refuted", (look.requirement,)))
    seen = look.statuses & occur
    for literal, statuses in ((supported, _SUPPORTED), (refuted, _REFUTED)):
        if seen == occur & statuses:
            return literal if seen else FALSE
        if seen == occur & ~statuses:
            return circuit.negate(literal)
    if not seen:
        return FALSE
    return circuit.any_of(
        circuit.all_of(
            literal if statuses & status else circuit.negate(literal)
            for literal, statuses in ((supported, _SUPPORTED), (refuted, _REFUTED))
        )
        for status in EACH_STATUS
        if seen & status
    )


class AnswerCode:
    """The code for some columns, with the memory that it works in.

    Attributes:
        steps: what it does.
        inputs: what has to be given: `supported(C)` and `refuted(C)` of requirements, and `value(D, A, V)`
            of the request form.
    """

    def __init__(self, columns: Sequence[AnswerColumn], circuit: Circuit, literals: Sequence[int]) -> None:
        self._columns = columns
        self.steps = steps_of(circuit, literals)
        self.inputs = [leaf.atom for leaf in self.steps.inputs if isinstance(leaf, Given)]
        self._registers: list[Any] = []

    @cached_property
    def _code(self) -> ArrayCode:
        return array_code(self.steps, OPERATORS)

    def run(self, inputs: Sequence[CaseBits], zeros: CaseBits, ones: CaseBits) -> list[AnswerBits]:
        """The columns in some rows; good until the next are asked for.

        Args:
            inputs: the rows in which each input holds, as arrays.
            zeros: no row.
            ones: every row.
        """
        if not self._registers or len(self._registers[0]) != len(zeros):
            self._registers = [zeros.copy() for _ in range(max(self._code.registers, 1))]
        registers = self._registers[: self._code.registers]
        return self.by_column(self._code.run(inputs, zeros, ones, registers))

    def by_column(self, results: Iterable[CaseBits]) -> list[AnswerBits]:
        """The columns, from the results of the steps."""
        rest = iter(results)
        return [
            AnswerBits(column, tuple(next(rest) for _ in column.bits), next(rest)) for column in self._columns
        ]
