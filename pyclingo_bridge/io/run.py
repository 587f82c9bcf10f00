"""Decides a file of cases into a file of answers, in chunks; a run that is stopped can be gone on with."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from pyclingo_bridge.base.errors import BatchError, quoted, shown_path
from pyclingo_bridge.core.limits import Limits
from pyclingo_bridge.io.csv_rows import Original
from pyclingo_bridge.io.formats import because, format_of
from pyclingo_bridge.io.reader import Chunk, Layout, Source, open_source
from pyclingo_bridge.io.repeats import keys
from pyclingo_bridge.io.summary import BatchSummary
from pyclingo_bridge.io.workspace import Journal, Workspace, fingerprint, note_bytes
from pyclingo_bridge.io.writing import Encoder, encoder

if TYPE_CHECKING:
    from pyclingo_bridge.policy import Policy

Item = TypeVar("Item")
Report = Callable[[int, int, int], None]
"""Takes how far a run has come, of how much, and how many rows are done."""

SECONDS_BETWEEN_COMMITS = 0.5
"""The most work that a run which is stopped loses, in seconds, but for the chunk it is at."""


class Columns(TypedDict):
    """A choice of columns, as `Policy.decide_batch` takes it."""

    statuses: bool
    missing: bool
    warnings: bool


@dataclass(frozen=True)
class BatchOptions:
    """How to decide a file.

    Attributes:
        statuses: give every criterion's status too.
        missing: give the cheapest missing set too.
        warnings: give each row's warnings too.
        limits: how much a case may hold; by default what the policy's vocabulary says.
        strict: stop at the first bad row.
        rejects: where bad rows go; by default beside the output.
        rows: rows a chunk; by default as many as suit the input's format.
        overwrite: replace an output that is there.
        restart: give up what a run that was stopped has left.
    """

    statuses: bool = False
    missing: bool = False
    strict: bool = False
    rejects: Path | None = None
    rows: int | None = None
    overwrite: bool = False
    restart: bool = False
    warnings: bool = True
    limits: Limits | None = None

    @property
    def columns(self) -> Columns:
        """The choice of columns."""
        return Columns(statuses=self.statuses, missing=self.missing, warnings=self.warnings)


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


class Decided(NamedTuple):
    """A chunk's answers.

    Attributes:
        chunk: the chunk.
        answers: a table of the good rows.
        rejects: the bad ones.
        outcomes: how many of the good ones have each outcome.
        denial_kinds: how many denials there are of each kind.
        warned: how many of the good ones have warnings.
        ids: the ids of all of them, as `repeats.keys` has them.
    """

    chunk: Chunk
    answers: Any
    rejects: list[Reject]
    outcomes: dict[str, int]
    denial_kinds: dict[str, int]
    warned: int
    ids: bytes


def run_batch(
    policy: Policy,
    source: Path,
    target: Path,
    options: BatchOptions | None = None,
    report: Report | None = None,
) -> BatchSummary:
    """Decide every case of a file, and write the answers to another, in the same order.

    Args:
        policy: what decides.
        source: the cases; see `open_source`.
        target: a .parquet, .csv, .jsonl or .ndjson file, the last three also with .gz behind.
        options: how to decide.
        report: is told how far the run has come.

    Errors: BatchError where a file cannot be read or written, where the output is there already,
    and, with `strict`, at the first bad row. What was done by then is kept for the next run.
    """
    return _Run(policy, source, target, options or BatchOptions(), report).summary()


class _Run:
    def __init__(
        self,
        policy: Policy,
        source: Path,
        target: Path,
        options: BatchOptions,
        report: Report | None,
    ) -> None:
        self._policy = policy
        self._source_path = source
        # First of all: what is no file's name has no reject file beside it.
        self._form = format_of(target)
        # Where a link points to, or the link itself would be replaced.
        self._target = target.resolve()
        self._options = options
        self._report = report or (lambda seen, size, rows: None)
        self._rejects = (options.rejects or target.with_name(f"{target.name}.rejects.jsonl")).resolve()
        self._started = time.monotonic()
        _check_name(self._target)
        _check_name(self._rejects)

    def summary(self) -> BatchSummary:
        """Run, and tell how it went."""
        self._check_places()
        layout = Layout(self._policy.batch_schema(), self._policy.vocabulary)
        source = open_source(self._source_path, [layout], self._options.rows, self._options.limits)
        space = Workspace(self._target, self._rejects)
        with _told_of_writing(self._target):
            self._check_free(space)
            plan = self._plan()
            space.open(plan, self._options.restart)
            before = space.journal.rows
            try:
                if not space.journal.complete:
                    self._check_free(space)
                    self._fill(source, space)
                    self._check_unchanged(plan)
                    space.commit(self._ended(space))
                space.finish()
            finally:
                space.close()
        return self._told(space.journal, before)

    # Before anything is written

    def _check_places(self) -> None:
        source = self._source_path.resolve()
        for name, path in (("output", self._target), ("reject file", self._rejects)):
            if path == source or _same(path, source):
                raise BatchError(f"{shown_path(path)}: is the input; name another {name}")
        if self._target == self._rejects:
            raise BatchError(f"{self._target}: is the reject file too; name another")
        for path in (self._target, self._rejects):
            if not path.parent.is_dir():
                raise BatchError(f"{shown_path(path)}: there is no folder {quoted(str(path.parent), 200)}")
            if path.is_dir():
                raise BatchError(f"{shown_path(path)}: is a folder; name a file")
            if path.exists() and not path.is_file():
                raise BatchError(
                    f"{shown_path(path)}: is a device or a pipe, which cannot be replaced; name a file"
                )

    def _check_free(self, space: Workspace) -> None:
        """Refuse to replace what is there, unless it is this very run's own."""
        if self._options.overwrite or space.finishing():
            return
        for path in (self._target, self._rejects):
            if path.exists():
                raise BatchError(f"{shown_path(path)}: is there already; give --overwrite to replace it")

    def _plan(self) -> dict[str, Any]:
        """All that the output depends on."""
        with _told_of_interpretation(self._source_path):
            return {
                "input": fingerprint(self._source_path),
                "policy": self._policy.info.rules,
                "choice of interpretations": self._policy.interpretations,
                "choice of columns": self._options.columns,
                "limit of a case": asdict(self._options.limits or self._policy.vocabulary.limits),
                "size of chunks": self._options.rows,
                "version of this package": self._policy.engine,
            }

    def _check_unchanged(self, plan: dict[str, Any]) -> None:
        if self._plan()["input"] != plan["input"]:
            raise BatchError(
                f"{self._source_path}: has changed while it was read; give --restart to begin anew"
            )

    # The rows

    def _fill(self, source: Source, space: Workspace) -> None:
        schema = answer_schema(self._policy, self._options)
        writer = _Writer(space, encoder(self._form, schema))
        if self._options.strict and space.journal.first_bad:
            raise self._stopped(space.journal.first_bad)
        self._report(0, source.size, space.journal.rows)
        chunks = source.chunks(space.journal.chunks)
        # One chunk is read, one decided and one written at the same time.
        try:
            for entry in ahead(self._decided(chunk) for chunk in ahead(chunks)):
                writer.write(entry)
                self._report(entry.chunk.seen, source.size, writer.journal.rows)
        except BatchError:
            # The chunks before are whole, and need not be done again.
            writer.commit()
            raise
        writer.commit()

    def _decided(self, chunk: Chunk) -> Decided:
        found = decide_chunk(self._policy, chunk, self._options)
        if self._options.strict and found.rejects:
            raise self._stopped(_bad_row(found.rejects[0]))
        return found

    def _stopped(self, bad: str) -> BatchError:
        return BatchError(
            f"{self._source_path}: {bad} (stopped, as --strict asks; what is done is kept: without "
            "--strict the same command goes on, and with a mended input it begins anew by --restart)"
        )

    def _ended(self, space: Workspace) -> Journal:
        schema = answer_schema(self._policy, self._options)
        writer = encoder(self._form, schema)
        if not space.journal.chunks:
            writer.start(space.data)
        writer.end(space.data, space.notes())
        return space.journal.model_copy(update={"complete": True, "repeated": space.repeated()})

    def _told(self, journal: Journal, before: int) -> BatchSummary:
        seconds = time.monotonic() - self._started
        return BatchSummary(
            engine=self._policy.engine,
            policy=self._policy.info,
            interpretations=self._policy.interpretations,
            rows=journal.rows,
            rejected=journal.rejected,
            first_bad=journal.first_bad or None,
            repeated_ids=journal.repeated,
            warned=journal.warned,
            outcomes=journal.outcomes,
            denial_kinds=journal.denial_kinds,
            resumed=before,
            seconds=seconds,
            rows_per_second=round((journal.rows - before) / max(seconds, 1e-9)),
            output=str(self._target),
            rejects=str(self._rejects) if journal.rejected else None,
        )


def _check_name(path: Path) -> None:
    """Refuse a name that no file can have: elsewhere it is only asked whether there is one."""
    try:
        path.exists()
    except OSError as error:
        raise BatchError(f"{path}: cannot be written: {because(error)}") from None


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


@contextmanager
def _told_of_writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BatchError(
            f"{shown_path(path)}: cannot be written: {because(error)}; "
            "what is done is kept, and the same command goes on"
        ) from None


@contextmanager
def _told_of_interpretation(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BatchError(f"{shown_path(path)}: cannot be read: {because(error)}") from None


class _Writer:
    """Writes chunk after chunk, and makes them last now and then."""

    def __init__(self, space: Workspace, form: Encoder) -> None:
        self._space = space
        self._form = form
        self._last = 0.0
        self.journal = space.journal

    def write(self, entry: Decided) -> None:
        """Write a chunk's answers and bad rows."""
        space, journal = self._space, self.journal
        if not journal.chunks:
            self._form.start(space.data)
        note = self._form.append(space.data, entry.answers) if entry.answers.num_rows else b""
        self.journal = Journal(
            chunks=journal.chunks + 1,
            data=space.data.stat().st_size,
            rejects=space.add("rejects", reject_lines(entry.rejects)),
            notes=space.add("notes", note_bytes(note) if note else b""),
            ids=space.add("ids", entry.ids),
            rows=journal.rows + len(entry.chunk.numbers) + len(entry.chunk.lost),
            warned=journal.warned + entry.warned,
            rejected=journal.rejected + len(entry.rejects),
            outcomes=_sum(journal.outcomes, entry.outcomes),
            denial_kinds=_sum(journal.denial_kinds, entry.denial_kinds),
            first_bad=journal.first_bad or next(map(_bad_row, entry.rejects), ""),
        )
        if time.monotonic() - self._last > SECONDS_BETWEEN_COMMITS:
            self.commit()

    def commit(self) -> None:
        """Make what was written last."""
        self._space.commit(self.journal)
        self._last = time.monotonic()


def _bad_row(reject: Reject) -> str:
    name = "" if reject.id is None else f", id {quoted(reject.id)}"
    return f"row {reject.row}{name}: {reject.reason}"


def reject_lines(rejects: Iterable[Reject]) -> bytes:
    """Bad rows as JSON Lines."""
    lines = (json.dumps(reject._asdict(), ensure_ascii=False) for reject in rejects)
    # A name may hold half a character, which is no UTF-8 text.
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


# One chunk


def answer_schema(policy: Policy, options: BatchOptions) -> Any:
    """The columns of the answers."""
    empty = policy.batch_schema().empty_table()
    schema = policy.decide_batch(empty, **options.columns).schema
    return schema.remove(schema.get_field_index("error"))


def decide_chunk(policy: Policy, chunk: Chunk, options: BatchOptions) -> Decided:
    """Decide the rows of a chunk; those that are bad, or cannot be read, are told apart."""
    if chunk.table is None:
        found = policy.decide_cases(chunk.lines, **options.columns, limits=options.limits)
    else:
        known = set(policy.batch_schema().names)
        names = [name for name in chunk.table.column_names if name in known]
        found = policy.decide_batch(chunk.table.select(names), **options.columns, limits=options.limits)
    answers, rejects = _parted(found, chunk)
    outcomes, kinds = (counts(answers.column(name)) for name in ("outcome", "denial_kind"))
    warned = 0
    if options.warnings:
        warned = len(answers) - answers.column("warnings").null_count
    return Decided(chunk, answers, rejects, outcomes, kinds, warned, keys(found.column("id")))


def _parted(found: Any, chunk: Chunk) -> tuple[Any, list[Reject]]:
    errors = found.column("error")
    rejects = [_reject(chunk, number, None, why) for number, why in chunk.lost.items()]
    bad = errors.null_count < len(errors)
    places = set(pc.indices_nonzero(errors.is_valid()).to_pylist() if bad else []) | set(chunk.unread)
    answers = found.drop_columns(["error"])
    if places:
        for place in sorted(places):
            why = chunk.unread.get(place) or errors[place].as_py()
            name = found.column("id")[place].as_py()
            rejects.append(_reject(chunk, chunk.numbers[place], name, why))
        good = pa.array([place not in places for place in range(found.num_rows)])
        answers = answers.filter(good)
    return answers, sorted(rejects, key=lambda reject: reject.row)


def _reject(chunk: Chunk, number: int, name: str | None, why: str) -> Reject:
    where = chunk.original(number) if chunk.original else Original(None, None)
    return Reject(number, name, why, *where)


def counts(column: Any) -> dict[str, int]:
    """How often each value stands in a column, nulls left out."""
    found = pc.value_counts(column.unify_dictionaries()).to_pylist()
    return {entry["values"]: entry["counts"] for entry in found if entry["values"] is not None}


def _sum(some: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    return dict(sorted((Counter(some) + Counter(more)).items()))


# Two things at once


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
