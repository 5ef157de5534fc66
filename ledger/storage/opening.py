"""Opening a log: lock, store, register, writer, in that order; and closing it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from ledger.closing import Closing
from ledger.evidence.note import Checkpoint, NoteKey, sign_checkpoint
from ledger.storage.answers import answer_again
from ledger.storage.contract import Reader, Register, Store
from ledger.storage.databases import database_of
from ledger.storage.following import Writing
from ledger.storage.instants import utc_now
from ledger.storage.publishing import Publisher
from ledger.storage.recorder import LogRecorder
from ledger.storage.records import Committed, Outcome, Prepared
from ledger.storage.roles import Role
from ledger.storage.signal import VisibleHead
from ledger.storage.startup import recover
from ledger.storage.vault import Vault
from ledger.storage.writer import QUEUE_MAX, Writer
from schemas.observing import UNOBSERVED, Observer

SignIn = Callable[[Store, int, bytes, bool], str | None]
"""Signs a checkpoint of a store: see `SignCheckpoint`."""


class LogReading(Closing):
    """A log that is open to read: readers, and a bell that rings when more is visible.

    `database` is the path of a file or the URL of a server. It makes nothing, recovers nothing and
    writes nothing but what witnesses have signed.
    """

    def __init__(self, database: Path | str, *, master_key: bytes) -> None:
        self._database = database_of(database)
        self._stack = ExitStack()
        self._open(Vault(master_key))
        self._follow()

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

    def role(self, name: str) -> Role:
        """Return a role of which one process acts at a time; `wait` for it, and close it."""
        return self._database.role(name)

    def close(self) -> None:
        """Finish what is queued, then give everything back; a second time does nothing."""
        self._stack.close()

    def _open(
        self, vault: Vault, *, create: bool = False, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.store = self._database.open(vault, create=create, clock=clock)
        self._stack.callback(self.store.close)
        self.visible = VisibleHead(0)
        self._stack.callback(self.visible.close)

    def _follow(self, writing: Writing | None = None) -> None:
        follower = self._database.follow(self.store, self.visible, writing)
        if follower is not None:
            follower.look()
            follower.start()
            self._stack.callback(follower.close)


class Storage(LogReading):
    """One open log. In a file this process is the only one that writes; on a server, one of many.

    `log_key` signs checkpoints, its name is the origin; in its place `sign`, where that is given:
    it knows whether another has replaced it. `register` is closed with the log. `clock` is this
    process's clock; `database_clock` stands for the database's own, in a simulated world.
    `create` makes the tables of a new log; without it a missing one is an error.
    `AlreadyHeld`, `RegisterLost`, `RegisterMisplaced`, `OlderCopy`, `RegisterRefused`, `Damaged`:
    it does not open, and the sentence says why.
    """

    def __init__(
        self,
        database: Path | str,
        *,
        register: Register,
        log_key: NoteKey,
        master_key: bytes,
        sign: SignIn | None = None,
        create: bool = False,
        clock: Callable[[], datetime] = utc_now,
        database_clock: Callable[[], datetime] | None = None,
        queue_max: int = QUEUE_MAX,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._database = database_of(database)
        self._database.check(register, create=create)
        self._log_key = log_key
        self._sign_in = sign
        self._stack = ExitStack()
        self._stack.callback(register.close)
        try:
            self.lock = self._database.lock(clock())
            self._stack.callback(self.lock.release)
            self._open(Vault(master_key), create=create, clock=database_clock)
            publisher = Publisher(self.store, register, self._sign, self.visible)
            recover(self.store, register, publisher)
            self.writer = Writer(
                self.store, publisher, clock=clock, queue_max=queue_max, observer=observer
            )
            self._stack.callback(self.writer.close)
            self._follow(Writing(publisher.publish_committed, self.writer.end_as_older))
        except BaseException:
            self._stack.close()
            raise
        self.recorder = LogRecorder(self.store, self.writer, self.visible)

    @property
    def origin(self) -> str:
        """The log's origin: the name in its checkpoints."""
        return self._log_key.name

    def submit(self, prepared: Prepared) -> Future[Committed | Outcome]:
        """Queue a decided command; see `Writer.submit`."""
        return self.writer.submit(prepared)

    def erase(self, subject: str) -> int:
        """Delete a subject's openings and key; return how many openings there were."""
        return self.store.erase(subject)

    def _sign(self, size: int, root: bytes, own: bool) -> str | None:  # noqa: FBT001 - a callback
        if self._sign_in is not None:
            return self._sign_in(self.store, size, root, own)
        return sign_checkpoint(Checkpoint(self.origin, size, root), self._log_key)
