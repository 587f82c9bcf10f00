"""Decides chunks of cases, and separates the good rows from the bad ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol, TypedDict, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from pyclingo_bridge.base.errors import quoted
from pyclingo_bridge.cases.limits import Limits
from pyclingo_bridge.cases.vocabulary import Vocabulary
from pyclingo_bridge.core.decision import PolicyInfo
from pyclingo_bridge.io.csv_rows import Original
from pyclingo_bridge.io.reader import Chunk
from pyclingo_bridge.io.repeats import keys
from pyclingo_bridge.io.workspace import Counts

Item = TypeVar("Item")


class Columns(TypedDict, total=False):
    """Which columns answers have in addition to the decision's own."""

    statuses: bool
    missing: bool
    warnings: bool


class TableDecider(Protocol):
    """What decides tables of cases: a policy under one choice of interpretations, as `Policy` is."""

    @property
    def info(self) -> PolicyInfo:
        """Which policy this is."""
        ...

    @property
    def engine(self) -> dict[str, str]:
        """The versions of this package and of the solver."""
        ...

    @property
    def interpretations(self) -> dict[str, str]:
        """How each ambiguity is read."""
        ...

    @property
    def plan_digest(self) -> str | None:
        """A fingerprint of what the plan knows for all cases, if that was given."""
        ...

    @property
    def vocabulary(self) -> Vocabulary:
        """What cases may say."""
        ...

    def batch_schema(self) -> Any:
        """The columns of a table of cases."""
        ...

    def decide_batch(
        self,
        table: Any,
        *,
        statuses: bool = False,
        missing: bool = False,
        warnings: bool = False,
        limits: Limits | None = None,
    ) -> Any:
        """The decisions on a table of cases, one row each; `error` says why a row is bad."""
        ...

    def decide_cases(
        self,
        texts: Iterable[str | bytes],
        *,
        statuses: bool = False,
        missing: bool = False,
        warnings: bool = False,
        limits: Limits | None = None,
    ) -> Any:
        """The same of case files."""
        ...


class Reject(NamedTuple):
    """A bad row.

    Attributes:
        row: its number in the file.
        id: its id, where it has one.
        reason: what is wrong with it.
        line: its line in the file, where that is a text.
        text: what stands there.
    """

    row: int
    id: str | None
    reason: str
    line: int | None = None
    text: str | None = None

    def __str__(self) -> str:
        """The row and its reason, for a message."""
        name = "" if self.id is None else f", id {quoted(self.id)}"
        return f"row {self.row}{name}: {self.reason}"

    def as_json(self) -> bytes:
        """A line of the reject file."""
        # A name may hold half a character, which is no UTF-8 text.
        return f"{json.dumps(self._asdict(), ensure_ascii=False)}\n".encode("utf-8", "backslashreplace")


class DecidedChunk(NamedTuple):
    """A chunk's answers.

    Attributes:
        chunk: the chunk.
        answers: a table of the good rows.
        rejects: the bad ones.
        counts: what is counted of all of them.
        ids: their ids, as `repeats.keys` has them.
    """

    chunk: Chunk
    answers: Any
    rejects: list[Reject]
    counts: Counts
    ids: bytes


def answer_schema(decider: TableDecider, columns: Columns) -> Any:
    """The columns of the answers."""
    schema = decider.decide_batch(decider.batch_schema().empty_table(), **columns).schema
    return schema.remove(schema.get_field_index("error"))


def decisions(
    decider: TableDecider, chunk: Chunk, columns: Columns, limits: Limits | None, lines: Sequence[str | bytes]
) -> Any:
    """The decisions on a chunk's rows, as `TableDecider.decide_batch` gives them.

    Args:
        decider: what decides.
        chunk: the rows; columns that it does not know are passed over.
        columns: which columns the answers have.
        limits: how much a case may hold.
        lines: the case files to decide, where the chunk is of those.
    """
    if chunk.table is None:
        return decider.decide_cases(lines, **columns, limits=limits)
    known = set(decider.batch_schema().names)
    names = [name for name in chunk.table.column_names if name in known]
    return decider.decide_batch(chunk.table.select(names), **columns, limits=limits)


def decide_chunk(
    decider: TableDecider, chunk: Chunk, columns: Columns, limits: Limits | None = None
) -> DecidedChunk:
    """Decide the rows of a chunk, and part the good ones from those that are bad or cannot be read."""
    decided = decisions(decider, chunk, columns, limits, chunk.lines)
    answers, rejects = _parted(decided, chunk)
    counts = Counts(
        chunks=1,
        rows=len(chunk.numbers) + len(chunk.lost),
        warned=len(answers) - answers.column("warnings").null_count if columns.get("warnings") else 0,
        rejected=len(rejects),
        outcomes=_value_counts(answers.column("outcome")),
        denial_kinds=_value_counts(answers.column("denial_kind")),
        first_bad=str(rejects[0]) if rejects else "",
    )
    return DecidedChunk(chunk, answers, rejects, counts, keys(decided.column("id")))


def _parted(decided: Any, chunk: Chunk) -> tuple[Any, list[Reject]]:
    errors = decided.column("error")
    rejects = [_reject(chunk, number, None, why) for number, why in chunk.lost.items()]
    bad = errors.null_count < len(errors)
    places = set(pc.indices_nonzero(errors.is_valid()).to_pylist() if bad else []) | set(chunk.unread)
    answers = decided.drop_columns(["error"])
    if places:
        for place in sorted(places):
            why = chunk.unread.get(place) or errors[place].as_py()
            name = decided.column("id")[place].as_py()
            rejects.append(_reject(chunk, chunk.numbers[place], name, why))
        good = pa.array([place not in places for place in range(decided.num_rows)])
        answers = answers.filter(good)
    # One chunk a column: as one batch it is kept, and as the same batch written again.
    return answers.unify_dictionaries().combine_chunks(), sorted(rejects, key=lambda reject: reject.row)


def _reject(chunk: Chunk, number: int, name: str | None, why: str) -> Reject:
    where = chunk.original(number) if chunk.original else Original(None, None)
    return Reject(number, name, why, *where)


def _value_counts(column: Any) -> dict[str, int]:
    """How often each value stands in a column, nulls left out."""
    counted = pc.value_counts(column.unify_dictionaries()).to_pylist()
    return {entry["values"]: entry["counts"] for entry in counted if entry["values"] is not None}


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The items, of which the next one is made while the last one is looked at.

    At most one is held back, so that memory stays bounded.
    """
    iterator = iter(items)
    end = object()
    with ThreadPoolExecutor(1) as pool:
        coming: Future[Any] = pool.submit(next, iterator, end)
        try:
            while (item := coming.result()) is not end:
                coming = pool.submit(next, iterator, end)
                yield item
        finally:
            coming.cancel()
