"""A file of rows that comes to be in one go: whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pyclingo_bridge.base.errors import BatchError
from pyclingo_bridge.io.formats import because, format_of
from pyclingo_bridge.io.writing import Encoder, encoder


class TableFile:
    """Takes tables of one schema; without a path it forgets them."""

    def __init__(self, path: Path | None, form: Encoder | None) -> None:
        self._path = path
        self._form = form
        self._notes: list[bytes] = []

    def write(self, table: Any) -> None:
        """Write the rows."""
        if self._path is not None and self._form is not None and table.num_rows:
            note = self._form.append(self._path, table)
            self._notes += [note] if note else []

    @classmethod
    @contextmanager
    def maybe(cls, path: Path | None, schema: Any) -> Iterator[TableFile]:
        """The file, which is put in its place at the end; without a path none.

        Errors: BatchError where it cannot be written.
        """
        if path is None:
            yield cls(None, None)
            return
        form = encoder(format_of(path), schema)
        new = path.resolve().with_name(f".{path.name}.{os.getpid()}.new")
        try:
            form.start(new)
            made = cls(new, form)
            yield made
            form.end(new, made._notes)
            with new.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(new, path.resolve())
        except OSError as error:
            raise BatchError(f"{path}: cannot be written: {because(error)}") from None
        finally:
            with suppress(OSError):
                new.unlink(missing_ok=True)
