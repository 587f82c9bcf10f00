"""Decides a file of cases into a file of answers, in chunks; the same run goes on where it was stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pyclingo_bridge.base.errors import BatchError, quoted, shown_path
from pyclingo_bridge.base.messages import Message
from pyclingo_bridge.base.near_files import near_file
from pyclingo_bridge.cases.limits import Limits
from pyclingo_bridge.io.deciding import Columns, DecidedChunk, TableDecider, ahead, answer_schema, decide_chunk
from pyclingo_bridge.io.formats import format_of, reason_of
from pyclingo_bridge.io.reader import Chunk, FileColumns, Source, open_source
from pyclingo_bridge.io.summary import BatchSummary
from pyclingo_bridge.io.workspace import Counts, Workspace, fingerprint
from pyclingo_bridge.io.writing import output_file

ReportProgress = Callable[[int, int, int], None]
"""Takes how far a run has come, of how much, and how many rows are done."""


@dataclass(frozen=True)
class BatchOptions:
    """How to decide a file.

    Attributes:
        statuses: give every criterion's status too.
        missing: give the cheapest missing set too.
        warnings: give each row's warnings too.
        limits: how much a case may hold; by default what the policy's vocabulary says.
        strict: stop at the first bad row.
        rejects: where bad rows go; by default next to the output.
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


def run_batch(
    decider: TableDecider,
    source: Path,
    target: Path,
    options: BatchOptions | None = None,
    report: ReportProgress | None = None,
) -> BatchSummary:
    """Decide every case of a file, and write the answers to another, in the same order.

    Args:
        decider: what decides: a policy.
        source: the cases; see `open_source`.
        target: a .parquet, .csv, .jsonl or .ndjson file, the last three also with .gz behind.
        options: how to decide.
        report: takes how far the run has come.

    Errors: BatchError where a file cannot be read or written, where the output is there already,
    and, with `strict`, at the first bad row. What was done by then is kept for the next run.
    """
    return _Run(decider, source, target, options or BatchOptions(), report).summary()


class _Run:
    def __init__(
        self,
        decider: TableDecider,
        source: Path,
        target: Path,
        options: BatchOptions,
        report: ReportProgress | None,
    ) -> None:
        self._decider = decider
        self._source_path = source
        # First of all: what is no file's name has no reject file next to it.
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
        """Run, and say how it went."""
        self._check_places()
        layout = FileColumns(self._decider.batch_schema(), self._decider.vocabulary)
        source = open_source(self._source_path, [layout], self._options.rows, self._options.limits)
        space = Workspace(self._target, self._rejects)
        with _writing(self._target):
            self._check_free(space)
            plan = self._plan()
            space.open(plan, self._options.restart)
            resumed = space.counts.rows
            try:
                self._check_free(space)
                if not space.complete:
                    self._fill(source, space)
                    self._check_unchanged(plan)
                    space.finish_output()
                space.put_in_place()
            finally:
                space.close()
        return self._summary(space.counts, resumed)

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
                raise BatchError(
                    f"{shown_path(path)}: there is no folder {quoted(str(path.parent), 200)}; make it first"
                )
            if path.is_dir():
                raise BatchError(f"{shown_path(path)}: is a folder; name a file")
            if path.exists() and not path.is_file():
                raise BatchError(
                    f"{shown_path(path)}: is a device or a pipe, which cannot be replaced; name a file"
                )

    def _check_free(self, space: Workspace) -> None:
        """Refuse to replace what is there, unless it is this very run's own."""
        if self._options.overwrite:
            return
        for path in (self._target, self._rejects):
            if path.exists() and path not in space.placed():
                raise BatchError(f"{shown_path(path)}: is there already; give --overwrite to replace it")

    def _plan(self) -> dict[str, Any]:
        """All that the output depends on."""
        try:
            source = fingerprint(self._source_path)
        except OSError as error:
            path = self._source_path
            reason = f"{reason_of(error)}{near_file(path)}"
            raise BatchError(f"{shown_path(path)}: cannot be read: {reason}") from None
        return {
            "input": source,
            "policy": self._decider.info.rules,
            "facts of the plan": self._decider.plan_digest,
            "choice of interpretations": self._decider.interpretations,
            "choice of columns": self._options.columns,
            "limit of a case": asdict(self._options.limits or self._decider.vocabulary.limits),
            "size of chunks": self._options.rows,
            "version of this package": self._decider.engine,
        }

    def _check_unchanged(self, plan: dict[str, Any]) -> None:
        if self._plan()["input"] != plan["input"]:
            raise BatchError(
                f"{self._source_path}: has changed while it was read; give --restart to begin anew"
            )

    # The rows

    def _fill(self, source: Source, space: Workspace) -> None:
        if self._options.strict and space.counts.first_bad:
            raise self._stopped(space.counts.first_bad)
        self._report(0, source.size, space.counts.rows)
        schema = answer_schema(self._decider, self._options.columns)
        with output_file(space.output, self._form, schema) as output:
            for answers in space.answers():
                output.write(answers)
            # Before the first chunk is done: that alone can take a while.
            self._report(0, source.size, space.written.rows)
            # One chunk is read, one decided and one written at the same time.
            try:
                for entry in ahead(self._decided(chunk) for chunk in ahead(source.chunks(space.counts.chunks))):
                    answers = entry.answers.cast(schema)
                    output.write(answers)
                    rejects = b"".join(reject.as_json() for reject in entry.rejects)
                    space.add(answers, rejects, entry.ids, entry.counts)
                    self._report(entry.chunk.seen, source.size, space.written.rows)
            except BatchError:
                # The chunks before are whole, and need not be done again.
                space.commit()
                raise
            space.commit()

    def _decided(self, chunk: Chunk) -> DecidedChunk:
        decided = decide_chunk(self._decider, chunk, self._options.columns, self._options.limits)
        if self._options.strict and decided.rejects:
            raise self._stopped(str(decided.rejects[0]))
        return decided

    def _stopped(self, bad: str) -> BatchError:
        text = f"{self._source_path}: {bad} (stopped, as --strict asks; what is done is kept)"
        remedy = "mend the input and give --restart, or leave out --strict to go on without such rows"
        return BatchError(Message(f"{text}; {remedy}", found=text, help=remedy, allowed="", where="", place=""))

    def _summary(self, counts: Counts, resumed: int) -> BatchSummary:
        seconds = time.monotonic() - self._started
        return BatchSummary(
            engine=self._decider.engine,
            policy=self._decider.info,
            interpretations=self._decider.interpretations,
            rows=counts.rows,
            rejected=counts.rejected,
            first_bad=counts.first_bad or None,
            repeated_ids=counts.repeated,
            warned=counts.warned,
            outcomes=counts.outcomes,
            denial_kinds=counts.denial_kinds,
            resumed=resumed,
            seconds=seconds,
            rows_per_second=round((counts.rows - resumed) / max(seconds, 1e-9)),
            output=str(self._target),
            rejects=str(self._rejects) if counts.rejected else None,
        )


def _check_name(path: Path) -> None:
    """Refuse a name that no file can have: elsewhere it is only asked whether there is one."""
    try:
        path.exists()
    except OSError as error:
        raise BatchError(f"{path}: cannot be written: {reason_of(error)}") from None


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Words what goes wrong with writing the output."""
    try:
        yield
    except OSError as error:
        raise BatchError(
            f"{shown_path(path)}: cannot be written: {reason_of(error)}; "
            "what is done is kept, and the same command goes on"
        ) from None
