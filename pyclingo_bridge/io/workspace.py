"""The hidden folder beside an output in which it comes to be; whatever stops a run, the next goes on there.

The output grows in one file, as its encoder writes it. Now and then what it holds is made to last, and only
then a journal says how far it goes. Whoever goes on cuts off what stands behind that.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pyclingo_bridge.base.errors import BatchError
from pyclingo_bridge.io.repeats import repeated

_PLAN, _JOURNAL, _LOCK = "plan.json", "journal.json", "lock"
_LISTS = ("rejects", "notes", "ids")
_SAMPLE = 1024 * 1024


class Journal(BaseModel):
    """How far a run has come; all that is beyond it does not count.

    Attributes:
        chunks: chunks of the input that are done.
        data: bytes of the output.
        rejects: bytes of the reject file.
        notes: bytes of the notes that the output's end needs.
        ids: bytes of the ids, as `repeats.keys` has them.
        rows: rows of the input that are done.
        warned: those of them that have warnings.
        repeated: those of them whose id stands in a row before; told once all are done.
        rejected: those of them that are bad.
        outcomes: how many of the others have each outcome.
        denial_kinds: how many denials there are of each kind.
        first_bad: the first bad row, in words.
        complete: whether the output is whole.
    """

    model_config = ConfigDict(extra="forbid")

    chunks: int = 0
    data: int = 0
    rejects: int = 0
    notes: int = 0
    ids: int = 0
    rows: int = 0
    warned: int = 0
    repeated: int = 0
    rejected: int = 0
    outcomes: dict[str, int] = Field(default_factory=dict)
    denial_kinds: dict[str, int] = Field(default_factory=dict)
    first_bad: str = ""
    complete: bool = False


class Workspace:
    """The folder of one output, held by one run at a time.

    Attributes:
        data: the file in which the output grows.
        journal: how far it has come.
    """

    def __init__(self, target: Path, rejects: Path) -> None:
        self.target = target
        self._rejects = rejects
        self.folder = target.with_name(f".{target.name}.batch")
        self.data = self.folder / "data"
        self.journal = Journal()
        self._files: dict[str, IO[bytes]] = {}
        self._lock: int | None = None
        self._new = False

    # Holding the folder

    def open(self, plan: Mapping[str, Any], restart: bool) -> None:
        """Take the folder, and go on with what is in it, or begin anew.

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

    def finishing(self) -> bool:
        """Whether an earlier run was stopped while it put the whole output in its place."""
        try:
            journal = Journal.model_validate_json((self.folder / _JOURNAL).read_bytes())
        except (OSError, ValidationError):
            return False
        return journal.complete and not (self.data).exists()

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
        journal = self.folder / _JOURNAL
        return journal.exists() and not self.data.exists() and not self.target.exists()

    def _clear(self) -> None:
        for entry in self.folder.iterdir():
            if entry.name != _LOCK:
                entry.unlink()

    def _resume(self, plan: Mapping[str, Any]) -> None:
        path = self.folder / _PLAN
        if not path.exists():
            self._clear()
            self._new = True
            _write_lasting(path, json.dumps(plan, indent=1).encode())
        else:
            self._compare(plan, path)
            journal = self.folder / _JOURNAL
            if journal.exists():
                self.journal = self._read_journal(journal)
        if not self.journal.complete:
            self.data.touch()
            self._cut(self.data, self.journal.data)
            for name in _LISTS:
                self._files[name] = self._reopened(name, getattr(self.journal, name))

    def _compare(self, plan: Mapping[str, Any], path: Path) -> None:
        try:
            old = json.loads(path.read_bytes())
        except ValueError:
            old = None
        told = json.loads(json.dumps(plan))
        if not isinstance(old, dict):
            self._refuse("what is there cannot be read")
        changed = [name for name in told if old.get(name) != told[name]]
        if changed:
            self._refuse(f"it was begun with another {' and another '.join(changed)}")

    def _read_journal(self, path: Path) -> Journal:
        try:
            return Journal.model_validate_json(path.read_bytes())
        except ValidationError:
            self._refuse("what is there cannot be read")

    def _refuse(self, why: str) -> NoReturn:
        raise BatchError(
            f"{self.target}: a run that was stopped has left {self.folder}, and {why}; "
            "give --restart to begin anew"
        )

    def _reopened(self, name: str, length: int) -> IO[bytes]:
        path = self.folder / name
        path.touch()
        self._cut(path, length)
        return path.open("ab")

    def _cut(self, path: Path, length: int) -> None:
        if path.stat().st_size < length:
            self._refuse(f"`{path.name}` in it is shorter than it was")
        os.truncate(path, length)

    def close(self) -> None:
        """Let go of the folder; a run that has got nowhere leaves none."""
        self._close_files()
        if self._lock is not None:
            if self._new and not self.journal.chunks and not self.journal.complete:
                self._retire()
            os.close(self._lock)
            self._lock = None

    def _close_files(self) -> None:
        for file in self._files.values():
            with suppress(OSError):  # What cannot be written any more is not counted on.
                file.close()
        self._files.clear()

    def _retire(self) -> None:
        # Under another name first: nobody shall take hold of a folder that is on its way out.
        name = f"{self.folder.name}.done-{os.getpid()}"
        with suppress(OSError):
            self.folder.rename(self.folder.with_name(name))
        shutil.rmtree(self.folder.with_name(name), ignore_errors=True)

    # The output

    def add(self, name: str, data: bytes) -> int:
        """Write behind what the bad rows or the notes hold; where they then end."""
        file = self._files[name]
        file.write(data)
        return file.tell()

    def commit(self, journal: Journal) -> None:
        """Make all that was written last, and only then say so."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
        with self.data.open("rb+") as data:
            os.fsync(data.fileno())
        _write_lasting(self.folder / _JOURNAL, journal.model_dump_json().encode())
        self.journal = journal

    def notes(self) -> Iterator[bytes]:
        """The notes of all pieces, in order."""
        file = self._files["notes"]
        file.flush()
        with (self.folder / "notes").open("rb") as notes:
            while size := notes.read(4):
                yield notes.read(int.from_bytes(size, "little"))

    def repeated(self) -> int:
        """How many rows have an id that stands in a row before."""
        self._files["ids"].flush()
        return repeated(self.folder / "ids", self.journal.ids)

    def finish(self) -> None:
        """Put the whole output in its place, in one step, and take the folder away."""
        self._close_files()
        if self.journal.rejected:
            _moved(self.folder / "rejects", self._rejects)
        else:
            self._rejects.unlink(missing_ok=True)
        _moved(self.data, self.target)
        _fsync_folder(self.target.parent)
        self._retire()


def note_bytes(note: bytes) -> bytes:
    """A note as the file of notes holds it."""
    return len(note).to_bytes(4, "little") + note


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


def _moved(source: Path, target: Path) -> None:
    if not source.exists():
        return  # An earlier run was stopped right behind this.
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _write_lasting(target, source.read_bytes())


def _write_lasting(path: Path, data: bytes) -> None:
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    _fsync_folder(path.parent)


def _fsync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fingerprint(path: Path) -> dict[str, Any]:
    """What tells whether a file is still the same: its size, its times, its first and last bytes."""
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
