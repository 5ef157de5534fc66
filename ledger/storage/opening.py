"""Opening a log: lock, store, register, writer, in that order; and closing it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ledger.evidence.note import Checkpoint, NoteKey, sign_checkpoint
from ledger.storage.answers import answer_again
from ledger.storage.contract import Reader, Register
from ledger.storage.errors import RegisterMisplaced
from ledger.storage.instants import utc_now
from ledger.storage.lock import ProcessLock
from ledger.storage.recorder import LogRecorder
from ledger.storage.records import Committed, Outcome, Prepared
from ledger.storage.register import FileRegister
from ledger.storage.signal import VisibleHead
from ledger.storage.sqlite.store import SqliteStore, require
from ledger.storage.startup import recover
from ledger.storage.vault import Vault
from ledger.storage.writer import QUEUE_MAX, Writer
from schemas.observing import UNOBSERVED, Observer


class Storage:
    """One open log in one SQLite file, this process being the only one that writes to it.

    `log_key` signs checkpoints, its name is the origin. `clock` is this process's clock;
    `database_clock` stands for the database's own, in a simulated world. `create` makes the file
    of a new log; without it a missing file is an error. `AlreadyHeld`, `RegisterLost`,
    `RegisterMisplaced`, `OlderCopy`, `RegisterRefused`, `Damaged`: it does not open, and the
    sentence says why.
    """

    def __init__(
        self,
        database: Path,
        *,
        register: Register,
        log_key: NoteKey,
        master_key: bytes,
        create: bool = False,
        clock: Callable[[], datetime] = utc_now,
        database_clock: Callable[[], datetime] | None = None,
        queue_max: int = QUEUE_MAX,
        observer: Observer = UNOBSERVED,
    ) -> None:
        _check_apart(database, register)
        if not create:
            require(database)  # before the lock, which would leave its file behind
        self._log_key = log_key
        vault = Vault(master_key)
        self.lock = ProcessLock(database, started=clock())
        try:
            self.store = SqliteStore(database, vault, create=create, clock=database_clock)
            try:
                self.visible = VisibleHead(recover(self.store, register, self._sign))
            except BaseException:
                self.store.close()
                raise
        except BaseException:
            self.lock.release()
            raise
        self.writer = Writer(
            self.store,
            register,
            self._sign,
            self.visible,
            clock=clock,
            queue_max=queue_max,
            observer=observer,
        )
        self.recorder = LogRecorder(self.store, self.writer, self.visible)

    @property
    def origin(self) -> str:
        """The log's origin: the name in its checkpoints."""
        return self._log_key.name

    def submit(self, prepared: Prepared) -> Future[Committed | Outcome]:
        """Queue a decided command; see `Writer.submit`."""
        return self.writer.submit(prepared)

    @contextmanager
    def snapshot(self, *, committed: bool = False) -> Iterator[Reader]:
        """Give one thread a reader of one moment; see `Store.snapshot`."""
        with self.store.snapshot(committed=committed) as reader:
            yield reader

    def answer_again(self, command_id: str) -> Committed | None:
        """Return the first answer to a command again, or None if it is not visible."""
        with self.store.snapshot() as reader:
            record = reader.command(command_id)
            return None if record is None else answer_again(reader, record)

    def erase(self, subject: str) -> int:
        """Delete a subject's openings and key; return how many openings there were."""
        return self.store.erase(subject)

    def close(self) -> None:
        """Finish what is queued, then give everything back."""
        self.writer.close()
        self.visible.close()
        self.store.close()
        self.lock.release()

    def __enter__(self) -> Self:
        """Return the open log."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def _sign(self, size: int, root: bytes) -> str:
        return sign_checkpoint(Checkpoint(self.origin, size, root), self._log_key)


def _check_apart(database: Path, register: Register) -> None:
    if not isinstance(register, FileRegister):
        return
    if register.path.resolve().is_relative_to(database.resolve().parent):
        raise RegisterMisplaced(
            f"the register {register.path} lies in the data folder {database.parent}: a restored"
            " backup would take it back too; put it elsewhere"
        )
