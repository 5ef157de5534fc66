"""The store over one SQLite file: one writing connection under a lock, a pool of reading ones."""

import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from ledger.storage.contract import NOTHING
from ledger.storage.drafting import probe_of
from ledger.storage.errors import Busy, CommitUnknown, Fatal
from ledger.storage.records import BatchRows, Expected, Ground, Head, Probe, StoredCosignature
from ledger.storage.sqlite.connection import BUSY_TIMEOUT_MS, connect, meaning, prepare
from ledger.storage.sqlite.migrate import migrate
from ledger.storage.sqlite.queries import QUERIES
from ledger.storage.sqlite.reader import SqliteReader
from ledger.storage.sqlite.transaction import SqliteTransaction
from ledger.storage.vault import Vault

IDLE_MAX: Final = 8
"""Reading connections kept open; each costs a file handle and 2 MB of cache at most."""

_SCRUB_WAIT_MS: Final = 50  # the writer must not stand behind a long reader


def require(path: Path) -> None:
    """Raise `FileNotFoundError` unless there is a file: no setting means a new log in silence."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no ledger at {path}; `liner init` makes one")


class SqliteStore:
    """Implements `contract.Store`. The process lock is the caller's business.

    `clock` stands for the database's own clock, for a simulated world.
    """

    is_in_process: Final = True

    def __init__(
        self,
        path: Path,
        vault: Vault,
        *,
        create: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        if not create:
            require(path)
        self.path = path
        self._vault = vault
        self._clock = clock
        self._write_lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._idle_lock = threading.Lock()
        self._closed = False
        self._scrub_due = False
        self._failed: Fatal | None = None
        try:
            self._writing = connect(path, writes=True, create=create)
        except sqlite3.Error as error:
            raise meaning(error) from error
        try:
            migrate(self._writing, path)
            prepare(self._writing)
            # After a crash the old write-ahead log may still hold what was erased.
            self._scrub()
        except sqlite3.Error as error:
            self._writing.close()
            raise meaning(error) from error
        except BaseException:
            self._writing.close()
            raise

    @contextmanager
    def transaction(self, probe: Probe = NOTHING) -> Iterator[SqliteTransaction]:
        """Take the lock, and commit at the end; what raises inside leaves nothing behind."""
        with self._locked() as transaction:
            transaction.look(probe)
            yield transaction

    @contextmanager
    def _locked(self) -> Iterator[SqliteTransaction]:
        """Give a transaction that has not looked for anything yet."""
        with self._write_lock:
            self._check()
            transaction: SqliteTransaction | None = None
            try:
                self._writing.execute("BEGIN IMMEDIATE")
                transaction = SqliteTransaction(self._writing, self._vault, self._clock)
                yield transaction
            except sqlite3.Error as error:
                self._roll_back()
                raise meaning(error) from error
            except BaseException:
                self._roll_back()
                raise
            finally:
                if transaction is not None:
                    transaction.end()
            self._commit()
            self._scrub_due |= transaction.has_erased

    def append(
        self,
        rows: BatchRows,
        expected: Expected,
        *,
        meanwhile: Callable[[], None] | None = None,
    ) -> Ground | None:
        """Write a batch that was placed without the lock, if all of `expected` is so.

        `meanwhile` is left to the caller: the thread that asks is the one that writes.
        """
        del meanwhile
        with self._locked() as transaction:
            if not transaction.is_so(rows, expected):
                return transaction.look(probe_of(rows, expected))
            transaction.write(rows)
        return None

    def look(self, probe: Probe) -> Ground:
        """Return what is so by now; without the edge of the tree: nobody else moves it."""
        with self.transaction(probe) as transaction:
            return transaction.ground

    def subject_keys(self, subjects: Collection[str]) -> dict[str, bytes]:
        """Return the wrapped keys of those subjects that have one now; no lock is taken."""
        asked = json.dumps(list(subjects))
        with self._write_lock:
            self._check()
            try:
                return dict(self._writing.execute(QUERIES["subject_keys"], (asked,)).fetchall())
            except sqlite3.Error as error:
                raise meaning(error) from error

    @contextmanager
    def snapshot(self, *, committed: bool = False) -> Iterator[SqliteReader]:
        """Give a reader up to the visible head, or with `committed` up to all that is committed.

        One thread uses it, and briefly: while it is open, the write-ahead log cannot shrink.
        """
        connection = self._take()
        reader: SqliteReader | None = None
        try:
            connection.execute("BEGIN")
            # The first read fixes the snapshot: the head and everything after are of one moment.
            head = Head(*connection.execute(QUERIES["head"]).fetchone())
            reader = SqliteReader(connection, self._vault, head, committed=committed)
            yield reader
        except sqlite3.Error as error:
            raise meaning(error, reads=True) from error
        finally:
            if reader is not None:
                reader.end()
            self._give(connection)

    def accept(self, size: int, note: str) -> None:
        """Keep the accepted checkpoint and move the visible head to it.

        Not synchronized to disk: if this is lost, the next start learns the same from the
        register. The order within the write-ahead log is kept in any case.
        """
        with self._write_lock:
            self._check()
            try:
                self._lightly("accept", size, note)
            except sqlite3.Error as error:
                raise self._fail(f"the visible head was not moved [{error}]") from error
            if self._scrub_due:
                self._scrub()

    def keep_cosignature(self, row: StoredCosignature) -> None:
        """Keep what a witness has signed; verified before. `Busy`, `StorageFull`: it was not kept.

        Not synchronized to disk: if this is lost, the witness is asked again.
        """
        values = (row.size, row.witness, row.time_s, row.line)
        with self._write_lock:
            self._check()
            try:
                self._lightly("keep_cosignature", *values)
            except sqlite3.Error as error:
                raise meaning(error) from error

    def erase(self, subject: str) -> int:
        """Delete a subject's openings and key; return how many openings there were."""
        with self.transaction() as transaction:
            erased = transaction.erase(subject)
        with self._write_lock:
            self._scrub()
        return erased

    def close(self) -> None:
        """Close every connection that nobody uses; those in use, when they are given back."""
        with self._idle_lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        with self._write_lock:
            self._writing.close()

    def _lightly(self, name: str, *values: object) -> None:
        """Run a transaction of one statement that the system may write to disk when it likes."""
        self._writing.execute("PRAGMA synchronous = NORMAL")
        try:
            self._writing.execute(QUERIES[name], values)
        except sqlite3.Error:
            self._roll_back()
            raise
        finally:
            self._writing.execute("PRAGMA synchronous = FULL")

    def _commit(self) -> None:
        try:
            self._writing.execute("COMMIT")
        except sqlite3.Error as error:
            # It may be on disk or not, and only reading the file again can tell.
            raise self._fail(f"the outcome of a commit is not known [{error}]") from error

    def _roll_back(self) -> None:
        try:
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise self._fail(f"the outcome of a rollback is not known [{error}]") from error

    def _fail(self, message: str) -> Fatal:
        self._failed = CommitUnknown(f"{message}: reload")
        return self._failed

    def _check(self) -> None:
        if self._failed is not None:
            raise self._failed

    def _scrub(self) -> None:
        """Take erased bytes out of the write-ahead log too; again later if a reader is in the way.

        Until then they can be found in the log file by somebody who reads the disk.
        """
        self._scrub_due = True
        try:
            self._writing.execute(f"PRAGMA busy_timeout = {_SCRUB_WAIT_MS}")
            blocked, _, _ = self._writing.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._writing.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        except sqlite3.OperationalError:
            return  # no room for it now: what was committed is safe where it is
        self._scrub_due = bool(blocked)

    def _take(self) -> sqlite3.Connection:
        with self._idle_lock:
            if self._closed:
                raise ValueError("this store is closed")
            if self._idle:
                return self._idle.pop()
        try:
            return connect(self.path, writes=False)
        except sqlite3.Error as error:
            # Most likely too many open files: whoever asks may ask again.
            raise Busy(f"no further reader can be opened [{error}]") from error

    def _give(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        with self._idle_lock:
            if not self._closed and len(self._idle) < IDLE_MAX:
                self._idle.append(connection)
                return
        connection.close()
