"""Polars: expressions over the columns, in whose three-valued logic null is what nobody states."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_

import polars as pl
import pyarrow as pa

from benchmarks.peers.rows import CONFLICTING, ESTABLISHED, OPEN, Row, states
from benchmarks.peers.rules import Condition, Formula, Kind, Requirement, Rules, fold
from benchmarks.peers.tables import SIZE, base_table, check, places

_OUTCOME = pl.Enum(["approve", "deny", "refer"])


def condition(one: Condition) -> pl.Expr:
    """A condition: null where its attribute is null."""
    column = pl.col(one.attribute)
    found = _test(one, column)
    return pl.col(one.qualifier) & found if one.qualifier else found


def _test(one: Condition, column: pl.Expr) -> pl.Expr:
    values = list(one.values)
    match one.test:
        case "in" | "not_in" if isinstance(values[0], bool):
            return column if values[0] == (one.test == "in") else ~column
        case "in":
            return column == values[0] if len(values) == 1 else column.is_in(values)
        case "not_in":
            return column != values[0] if len(values) == 1 else ~column.is_in(values)
        case "at_least":
            return column >= values[0]
        case "at_most":
            return column <= values[0]
        case "empty":
            return column.list.len() == 0
        case "not_empty":
            return column.list.len() > 0
        case "holds":
            return _any_of(column, values)
        case "within":
            return column.list.set_difference(values).list.len() == 0
        case "exceeds":
            return column.list.set_difference(values).list.len() > 0
    return ~_any_of(column, values)


def _any_of(column: pl.Expr, values: list[str]) -> pl.Expr:
    if len(values) <= 2:
        return reduce(or_, (column.list.contains(value) for value in values))
    return column.list.eval(pl.element().is_in(values)).list.any()


def requirement(one: Requirement) -> pl.Expr:
    """A requirement: true where it is established, false where it is refuted, null otherwise."""
    if one.certain and not any(side.qualifier for side in (*one.supports, *one.refutes)):
        return reduce(or_, map(condition, one.supports))
    supported, refuted = (
        reduce(or_, (condition(side).fill_null(False) for side in sides))
        for sides in (one.supports, one.refutes)
    )
    found = pl.when(supported & ~refuted).then(True)
    return found.when(refuted & ~supported).then(False)


def _literal(kind: Kind, number: int) -> pl.Expr:
    told = pl.col(f"requirement {number}")
    if kind == "holds":
        return told
    return ~told if kind == "fails" else ~told.fill_null(False)


def _expression(formula: Formula) -> pl.Expr:
    return fold(
        formula,
        _literal,
        lambda parts: reduce(and_, parts) if parts else pl.lit(True),
        lambda parts: reduce(or_, parts) if parts else pl.lit(False),
    )


def outcome(rules: Rules) -> pl.Expr:
    """The outcome from the requirements."""
    approve = reduce(or_, (_expression(rules.approves(section)) for section in rules.sections))
    refer = _expression(rules.refers())
    found = pl.when(approve.fill_null(False)).then(pl.lit("approve", dtype=_OUTCOME))
    found = found.when(refer.fill_null(False)).then(pl.lit("refer", dtype=_OUTCOME))
    return found.otherwise(pl.lit("deny", dtype=_OUTCOME)).alias("outcome")


class Lazy:
    """A lazy query: one step for the requirements, one for the outcome, as the optimizer likes it."""

    batch = True
    given_lists = False
    eager = False

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._given = [
            place
            for place, one in enumerate(rules.requirements)
            if self.given_lists and rules.attributes[one.attribute][1] in ("list", "drugs")
        ]
        self._requirements = [
            requirement(one).alias(f"requirement {place}")
            for place, one in enumerate(rules.requirements)
            if place not in self._given
        ]
        self._outcome = outcome(rules)

    def prepare(self, rows: list[Row]) -> pl.DataFrame:
        """The batch, in Polars' own memory; names as an enumeration, its fastest kind of text."""
        table = base_table(self._rules, rows, listed=True)
        if self.given_lists:
            table = self._without_lists(table, rows)
        frame = pl.from_arrow(table.drop_columns(["id"]).take(places(rows, SIZE, 1)))
        assert isinstance(frame, pl.DataFrame)
        texts = [name for name, kind in frame.schema.items() if kind in (pl.Categorical, pl.String)]
        kinds = {name: pl.Enum(self._names(frame, name)) for name in texts}
        return frame.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items()).rechunk()

    def _names(self, frame: pl.DataFrame, name: str) -> list[str]:
        """What is in a column, and whatever a requirement compares it with."""
        known = {str(value) for value in frame[name].unique().drop_nulls()}
        for one in self._rules.requirements:
            for side in (*one.supports, *one.refutes):
                known |= {str(value) for value in side.values if side.attribute == name}
        return sorted(known)

    def _without_lists(self, table: pa.Table, rows: list[Row]) -> pa.Table:
        told = {ESTABLISHED: True, OPEN: None, CONFLICTING: None}
        found = [states(self._rules, row) for row in rows]
        for place in self._given:
            values = [told.get(one[place], False) for one in found]
            table = table.append_column(f"requirement {place}", pa.array(values, pa.bool_()))
        lists = [field.name for field in table.schema if pa.types.is_list(field.type)]
        return table.drop_columns(lists)

    def answers(self, frame: pl.DataFrame) -> pl.Series:
        """The outcomes."""
        if self.eager:
            return frame.with_columns(self._requirements).select(self._outcome)["outcome"]
        query = frame.lazy().with_columns(self._requirements).select(self._outcome)
        return query.collect()["outcome"]

    def check(self, found: pl.Series, expected: list[str]) -> int:
        """See `tables.check`."""
        return check(found.to_arrow(), expected)


class Eager(Lazy):
    """The same, each of the two steps done at once."""

    eager = True


class LazyGivenLists(Lazy):
    """The same, what the lists come to being given as columns of flags: the lists cost nothing."""

    given_lists = True


class EagerGivenLists(LazyGivenLists):
    """The same, eagerly."""

    eager = True
