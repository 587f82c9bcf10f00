"""A file of rows that comes to be in one go: whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from pyclingo_bridge.batch.formats import because, format_of
from pyclingo_bridge.batch.writing import encoder
from pyclingo_bridge.errors import BatchError


class TableFile:
    """Takes tables of one schema; without a file it forgets them."""

    def __init__(self, file: IO[bytes] | None, path: Path | None, schema: Any) -> None:
        self._file = file
        self._notes: list[bytes] = []
        if file is not None and path is not None:
            self._form = encoder(format_of(path), schema)
            file.write(self._form.start())

    def write(self, table: Any) -> None:
        """Write the rows."""
        if self._file is not None and table.num_rows:
            piece = self._form.piece(table, self._file.tell())
            self._file.write(piece.data)
            if piece.note:
                self._notes.append(piece.note)

    def _end(self) -> None:
        if self._file is not None:
            self._file.write(self._form.end(self._notes))
            self._file.flush()
            os.fsync(self._file.fileno())

    @classmethod
    @contextmanager
    def maybe(cls, path: Path | None, schema: Any) -> Iterator[TableFile]:
        """The file, which is put in its place at the end; without a path none.

        Errors: BatchError where it cannot be written.
        """
        if path is None:
            yield cls(None, None, schema)
            return
        format_of(path)
        name = None
        try:
            with tempfile.NamedTemporaryFile(
                dir=path.resolve().parent, prefix=f".{path.name}.", delete=False
            ) as file:
                name = file.name
                made = cls(file, path, schema)
                yield made
                made._end()
            Path(name).chmod(0o666 & ~_umask())
            os.replace(name, path.resolve())
            name = None
        except OSError as error:
            raise BatchError(f"{path}: cannot be written: {because(error)}") from None
        finally:
            if name is not None:
                with suppress(OSError):
                    os.unlink(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
