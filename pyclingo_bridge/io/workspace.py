"""The hidden folder next to an output with the parts of it that are done; a stopped run continues from them.

A part is a folder with the answers of some chunks in Arrow's stream format, their bad rows, the keys of their
ids and their counts. Its name says which chunks those are, and it gets that name in one step, once all of it is
on disk. So a part that is there is whole, and the parts alone say how far a run has come.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from pyclingo_bridge.base.errors import BatchError
from pyclingo_bridge.base.whole_files import move_lasting, replacing, sync, sync_folder, write_whole
from pyclingo_bridge.io.repeats import repeated

SECONDS_BETWEEN_PARTS = 0.5
"""The most work that a run which is stopped loses, in seconds, but for the chunk it is at."""

_PLAN, _DONE, _LOCK, _UNFINISHED = "plan.json", "done.json", "lock", "unfinished"
_ANSWERS, _REJECTS, _IDS, _MANIFEST = "answers.arrow", "rejects.jsonl", "ids", "part.json"
_COMPRESSION = pa.ipc.IpcWriteOptions(compression="lz4" if pa.Codec.is_available("lz4") else None)
_PARTS = "chunks-*"
_SAMPLE = 1024 * 1024


class Counts(BaseModel):
    """What is counted of some rows.

    Attributes:
        chunks: chunks of the input that they fill.
        rows: all of them.
        warned: those that have warnings.
        rejected: those that are bad.
        repeated: those whose id stands in an earlier row; counted once all are done.
        outcomes: how many of the good ones have each outcome.
        denial_kinds: how many denials there are of each kind.
        first_bad: the first bad row, in words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    chunks: int = 0
    rows: int = 0
    warned: int = 0
    rejected: int = 0
    repeated: int = 0
    outcomes: dict[str, int] = Field(default_factory=dict)
    denial_kinds: dict[str, int] = Field(default_factory=dict)
    first_bad: str = ""

    def plus(self, more: Counts) -> Counts:
        """The counts of these rows and of some behind them."""
        return Counts(
            chunks=self.chunks + more.chunks,
            rows=self.rows + more.rows,
            warned=self.warned + more.warned,
            rejected=self.rejected + more.rejected,
            outcomes=added(self.outcomes, more.outcomes),
            denial_kinds=added(self.denial_kinds, more.denial_kinds),
            first_bad=self.first_bad or more.first_bad,
        )


def added(some: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Two counts of the same things as one."""
    return dict(sorted((Counter(some) + Counter(more)).items()))


class _Manifest(BaseModel):
    """What a part says of itself: its counts, and the bytes of its files."""

    model_config = ConfigDict(extra="forbid")

    counts: Counts
    sizes: dict[str, int]


class _UnfinishedPart:
    """A part while chunks are written to it."""

    def __init__(self, folder: Path, schema: Any) -> None:
        self.folder = folder
        self.counts = Counts()
        self._open = ExitStack()
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
        answers = self._open.enter_context((folder / _ANSWERS).open("wb"))
        self._answers = self._open.enter_context(pa.ipc.new_stream(answers, schema, options=_COMPRESSION))
        self._rejects = self._open.enter_context((folder / _REJECTS).open("wb"))
        self._ids = self._open.enter_context((folder / _IDS).open("wb"))

    def add(self, answers: Any, rejects: bytes, ids: bytes, counts: Counts) -> None:
        if answers.num_rows:
            self._answers.write_table(answers)
        self._rejects.write(rejects)
        self._ids.write(ids)
        self.counts = self.counts.plus(counts)

    def close(self) -> None:
        self._open.close()

    def finish(self) -> None:
        """Make all of it last."""
        self.close()
        sizes = {name: (self.folder / name).stat().st_size for name in (_ANSWERS, _REJECTS, _IDS)}
        manifest = _Manifest(counts=self.counts, sizes=sizes)
        (self.folder / _MANIFEST).write_text(manifest.model_dump_json(), "utf-8")
        for path in self.folder.iterdir():
            sync(path)
        sync_folder(self.folder)


class Workspace:
    """The folder of one output, held by one run at a time.

    Attributes:
        output: the file in which the output is written before it is put in its place.
        counts: what is counted of the rows that last.
        complete: whether these are all, and the output is written.
    """

    def __init__(self, target: Path, rejects: Path) -> None:
        self.target = target
        self._rejects = rejects
        self.folder = target.with_name(f".{target.name}.batch")
        self.output = self.folder / "output"
        self.counts = Counts()
        self.complete = False
        self._parts: list[Path] = []
        self._unfinished: _UnfinishedPart | None = None
        self._last_part = 0.0
        self._lock: int | None = None
        self._new = False

    # Holding the folder

    def open(self, plan: Mapping[str, Any], restart: bool) -> None:
        """Take the folder, and continue with what is in it, or begin anew.

        Args:
            plan: what makes the output what it is; going on asks for the same.
            restart: give up what is there.

        Errors: BatchError where another run holds the folder, or what is there is of another plan.
        """
        self._hold()
        try:
            if restart or self._abandoned():
                self._clear()
            self._resume(plan)
        except BaseException:
            self.close()
            raise

    def placed(self) -> tuple[Path, ...]:
        """The files that an earlier run, which was stopped at its last steps, may have put in their places."""
        if not (self.folder / _DONE).exists():
            return ()
        return (self._rejects,) if self.output.exists() else (self._rejects, self.target)

    def _hold(self) -> None:
        while True:
            self.folder.mkdir(exist_ok=True)
            try:
                lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
            except FileNotFoundError:
                continue  # Another run has just finished, and its folder went.
            if not _locked(lock):
                os.close(lock)
                raise BatchError(f"{self.target}: another run is writing it; wait for that, or write elsewhere")
            if _same_file(lock, self.folder / _LOCK):
                self._lock = lock
                return
            os.close(lock)

    def _abandoned(self) -> bool:
        """Whether the output was put in its place before, and has been taken from there."""
        return (self.folder / _DONE).exists() and not self.output.exists() and not self.target.exists()

    def _clear(self) -> None:
        for entry in self.folder.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != _LOCK:
                entry.unlink()

    def _resume(self, plan: Mapping[str, Any]) -> None:
        path = self.folder / _PLAN
        if not path.exists():
            self._clear()
            self._new = True
            write_whole(path, json.dumps(plan, indent=1).encode())
            return
        self._compare(plan, path)
        for part in sorted(self.folder.glob(_PARTS)):
            counts = self._checked(part)
            if part.name != _part_name(self.counts.chunks, counts.chunks):
                self._refuse(f"`{part.name}` in it does not follow the part before")
            self._parts.append(part)
            self.counts = self.counts.plus(counts)
        done = self.folder / _DONE
        if done.exists():
            with self._refusing():
                self.counts = Counts.model_validate_json(done.read_bytes())
            self.complete = True

    def _compare(self, plan: Mapping[str, Any], path: Path) -> None:
        with self._refusing():
            before = json.loads(path.read_bytes())
            if not isinstance(before, dict):
                raise ValueError
            now = json.loads(json.dumps(plan))
            changed = [name for name in now if before.get(name) != now[name]]
        if changed:
            self._refuse(f"it was begun with another {' and another '.join(changed)}")

    def _checked(self, part: Path) -> Counts:
        """A part's counts. Errors: BatchError where its files are not as long as it says."""
        with self._refusing():
            manifest = _Manifest.model_validate_json((part / _MANIFEST).read_bytes())
            for name, size in manifest.sizes.items():
                if (part / name).stat().st_size != size:
                    raise ValueError
        return manifest.counts

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Refuse to go on where something in the folder cannot be read, or makes no sense."""
        try:
            yield
        except (OSError, ValueError, pa.ArrowException):
            self._refuse("what is there cannot be read")

    def _refuse(self, why: str) -> NoReturn:
        raise BatchError(
            f"{self.target}: a run that was stopped has left {self.folder}, and {why}; "
            "give --restart to begin anew"
        )

    def close(self) -> None:
        """Let go of the folder; a run that has got nowhere leaves none."""
        if self._unfinished is not None:
            with suppress(OSError):  # What cannot be written any more is not counted on.
                self._unfinished.close()
        if self._lock is not None:
            # As the folder has it: an interrupt may come when a part has its name, and is not yet counted here.
            if self._new and not self.complete and not any(self.folder.glob(_PARTS)):
                self._retire()
            os.close(self._lock)
            self._lock = None

    def _retire(self) -> None:
        # Under another name first: nobody shall take hold of a folder that is on its way out.
        name = f"{self.folder.name}.done-{os.getpid()}"
        with suppress(OSError):
            self.folder.rename(self.folder.with_name(name))
        shutil.rmtree(self.folder.with_name(name), ignore_errors=True)

    # The parts

    def add(self, answers: Any, rejects: bytes, ids: bytes, counts: Counts) -> None:
        """Write a chunk, and make what was written last now and then.

        Args:
            answers: a table of the good rows.
            rejects: the bad rows, as the reject file has them.
            ids: the keys of the ids of all rows, see `repeats.keys`.
            counts: what is counted of the rows.
        """
        if self._unfinished is None:
            self._unfinished = _UnfinishedPart(self.folder / _UNFINISHED, answers.schema)
        self._unfinished.add(answers, rejects, ids, counts)
        if time.monotonic() - self._last_part > SECONDS_BETWEEN_PARTS:
            self.commit()

    @property
    def written(self) -> Counts:
        """What is counted of all rows that are written, and of which the latest may not last yet."""
        return self.counts if self._unfinished is None else self.counts.plus(self._unfinished.counts)

    def commit(self) -> None:
        """Make all chunks that were written last: as a part, which then gets its name."""
        if self._unfinished is None:
            return
        part, self._unfinished = self._unfinished, None
        part.finish()
        path = self.folder / _part_name(self.counts.chunks, part.counts.chunks)
        part.folder.rename(path)
        sync_folder(self.folder)
        self._parts.append(path)
        self.counts = self.counts.plus(part.counts)
        self._last_part = time.monotonic()

    def answers(self) -> Iterator[Any]:
        """The tables of good rows that were added, in order."""
        for part in self._parts:
            with self._refusing(), (part / _ANSWERS).open("rb") as file, pa.ipc.open_stream(file) as batches:
                for batch in batches:
                    yield pa.Table.from_batches([batch])

    # The end

    def finish_output(self) -> None:
        """Say that the output is whole, once all of it is on disk."""
        ids = repeated([part / _IDS for part in self._parts])
        self.counts = self.counts.model_copy(update={"repeated": ids})
        sync(self.output)
        write_whole(self.folder / _DONE, self.counts.model_dump_json().encode())
        self.complete = True

    def put_in_place(self) -> None:
        """Put the reject file and the output in their places, each in one step, and take the folder away."""
        if self.counts.rejected:
            with replacing(self._rejects) as new, new.open("wb") as rejects:
                for part in self._parts:
                    with (part / _REJECTS).open("rb") as file:
                        shutil.copyfileobj(file, rejects)
        else:
            self._rejects.unlink(missing_ok=True)
        if self.output.exists():  # Else an earlier run was stopped right behind this.
            move_lasting(self.output, self.target)
        self._retire()


def _part_name(before: int, chunks: int) -> str:
    return f"chunks-{before + 1:010}-{before + chunks:010}"


def _locked(descriptor: int) -> bool:
    """Whether the lock could be had; it goes with the process that has it, however that ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def fingerprint(path: Path) -> dict[str, Any]:
    """What shows whether a file is still the same: its size, its times, its first and last bytes."""
    stat = path.stat()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        digest.update(file.read(_SAMPLE))
        file.seek(max(0, stat.st_size - _SAMPLE))
        digest.update(file.read(_SAMPLE))
    return {
        "size": stat.st_size,
        "time": stat.st_mtime_ns,
        # Whoever writes a file can set its time back, but not that of the last change to its entry.
        "changed": stat.st_ctime_ns,
        "ends": digest.hexdigest(),
    }
