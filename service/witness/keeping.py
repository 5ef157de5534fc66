"""What a witness remembers of one log: the newest checkpoint that it has cosigned, in one file.

The file is made when the log is taken on. Where it is missing later, the witness has lost its
memory and says so, rather than believe whatever history it is shown next.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger import whole_file

_HEADER: Final = "linernotes witness v1"


class MemoryLostError(Exception):
    """What this witness knew of a log cannot be read; it signs nothing of that log any more."""


class Memory:
    """One log's newest cosigned checkpoint, as a signed note; None before the first."""

    def __init__(self, path: Path, origin: str) -> None:
        self.path = path
        self._origin = origin

    def create(self) -> None:
        """Begin to remember; what is remembered already stays."""
        with self.locked():
            if not self.path.exists():
                self.write(None)

    def read(self) -> str | None:
        """Return the note; `MemoryLostError` where there is no file, or another log's."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise MemoryLostError(f"{self.path} cannot be read [{error}]") from error
        header, _, rest = text.partition("\n")
        origin, end, note = rest.partition("\n")
        if header != _HEADER or origin != self._origin or not end:
            raise MemoryLostError(f"{self.path} is not what was kept of {self._origin}")
        return note or None

    def write(self, note: str | None) -> None:
        """Replace the note, durably; only under `locked`.

        If we stop anywhere here, the file is wholly the old one or the new one.
        """
        text = f"{_HEADER}\n{self._origin}\n{note or ''}"
        try:
            whole_file.replace(self.path, text.encode(), reached="witness_before_rename")
        except OSError as error:
            # Whether it is on disk is not known; nothing is answered, so nobody relies on it.
            raise MemoryLostError(f"{self.path} cannot be written [{error}]") from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others, threads and processes, from comparing and setting in between."""
        lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
