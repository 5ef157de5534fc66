"""The store over one PostgreSQL database: one writing connection, a pool of reading ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeVar

import psycopg
from psycopg import errors, pq

from ledger.storage.contract import NOTHING
from ledger.storage.drafting import probe_of
from ledger.storage.errors import Busy, CommitUnknown, Fatal
from ledger.storage.postgres.arrays import bigint
from ledger.storage.postgres.batches import asked, clash, ground_of, written
from ledger.storage.postgres.connection import Connection, connect, meaning
from ledger.storage.postgres.migrate import migrate
from ledger.storage.postgres.overlapping import Asked, Overlapping
from ledger.storage.postgres.pool import Pool
from ledger.storage.postgres.queries import QUERIES
from ledger.storage.postgres.reader import PostgresReader
from ledger.storage.postgres.statements import ACCEPT, LOCK, LOCK_BRIEFLY, LOOK
from ledger.storage.postgres.transaction import PostgresTransaction
from ledger.storage.records import BatchRows, Expected, Ground, Probe, StoredCosignature
from ledger.storage.vault import Vault

T = TypeVar("T")


class PostgresStore:
    """Implements `contract.Store`. Made after a fork, never before: connections are not shared.

    A connection that is lost before a commit is sent is `Busy`, and the next transaction makes a
    new one; lost while a commit is on its way it is `CommitUnknown`, and this store does nothing
    more. `clock` stands for the database's own clock, for a simulated world.
    """

    is_in_process: Final = False

    def __init__(
        self,
        url: str,
        vault: Vault,
        *,
        create: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.url = url
        self._vault = vault
        self._clock = clock
        self._write_lock = threading.Lock()
        self._writing: Overlapping | None = None
        self._failed: Fatal | None = None
        self._closed = False
        connection = connect(url)
        try:
            migrate(connection, url, create=create)
        except BaseException:
            connection.close()
            raise
        self._writing = connection
        self._pool = Pool(url)

    @contextmanager
    def transaction(self, probe: Probe = NOTHING) -> Iterator[PostgresTransaction]:
        """Take the lock, and commit at the end; what raises inside leaves nothing behind."""
        with self._write_lock:
            connection = self._connection()
            transaction: PostgresTransaction | None = None
            try:
                connection.execute(QUERIES["begin"], prepare=False)
                transaction = PostgresTransaction(connection, self._vault, probe, self._clock)
                yield transaction
            except psycopg.Error as error:
                self._roll_back(connection)
                raise meaning(error) from error
            except BaseException:
                self._roll_back(connection)
                raise
            finally:
                if transaction is not None:
                    transaction.reader.end()
            self._commit(connection)

    def append(
        self,
        rows: BatchRows,
        expected: Expected,
        *,
        meanwhile: Callable[[], None] | None = None,
    ) -> Ground | None:
        """Write and commit a batch that was placed without the lock, if all of `expected` is so.

        One round trip, which is a transaction of its own. What the server refuses is not there; a
        connection that is lost before it is sent is `Busy`, and after that `CommitUnknown`.
        """
        clock = None if self._clock is None else self._clock()
        sent: list[Asked] = [written(rows, expected, self._vault, clock)]
        if rows.openings:
            sent.insert(0, (LOCK, {}))  # see `append_batch`: an erasure moves no head
        with self._write_lock:
            connection = self._connection()
            if not connection.is_there():
                raise Busy("the connection to the database was lost before a batch")
            try:
                is_written = connection.ask(sent, meanwhile=meanwhile).ntuples > 0
            except errors.UniqueViolation as error:
                raise clash(error) from error
            except psycopg.Error as error:
                if connection.closed:
                    raise self._unknown(error) from error
                raise meaning(error) from error
            return None if is_written else self._look(probe_of(rows, expected))

    def look(self, probe: Probe) -> Ground:
        """Return what is so by now, the edge of the tree too."""
        with self._write_lock:
            return self._look(probe)

    def subject_keys(self, subjects: Collection[str]) -> dict[str, bytes]:
        """Return the wrapped keys of those subjects that have one now; no lock is taken."""
        with self._write_lock:
            return dict(self._run("subject_keys", subjects=list(subjects)))

    @contextmanager
    def snapshot(self, *, committed: bool = False) -> Iterator[PostgresReader]:
        """Give a reader up to the visible head, or with `committed` up to all that is committed.

        One thread uses it, and briefly: while it is open, the server keeps what it could see.
        """
        with self._pool.snapshot() as (connection, head):
            reader = PostgresReader(connection, self._vault, head, committed=committed)
            try:
                yield reader
            finally:
                reader.end()

    def accept(self, size: int, note: str) -> None:
        """Keep the accepted checkpoint and move the visible head to it, if it is not beyond.

        Not synchronized to disk: if this is lost, the register still knows, and the next batch or
        the next start learns it there.
        """
        values = {"size": bigint(size), "note": note.encode()}
        with self._write_lock:
            self._again(lambda connection: connection.ask([(ACCEPT, values)]))

    def keep_cosignature(self, row: StoredCosignature) -> None:
        """Keep what a witness has signed; verified before. `Busy`, `StorageFull`: not kept."""
        values = {"size": row.size, "witness": row.witness, "time_s": row.time_s, "line": row.line}
        with self._write_lock:
            self._run("keep_cosignature", **values)

    def erase(self, subject: str) -> int:
        """Delete a subject's openings and key; return how many openings there were."""
        with self.transaction() as transaction:
            return transaction.erase(subject)

    def close(self) -> None:
        """Close every connection."""
        self._closed = True
        self._pool.close()
        with self._write_lock:
            if self._writing is not None:
                self._writing.close()

    def _connection(self) -> Overlapping:
        """Return the writing connection, a new one where the last was lost."""
        if self._failed is not None:
            raise self._failed
        if self._closed:
            raise ValueError("this store is closed")
        if self._writing is None or self._writing.closed:
            self._writing = connect(self.url)
        return self._writing

    def _look(self, probe: Probe) -> Ground:
        question: list[Asked] = [(LOCK_BRIEFLY, {}), (LOOK, asked(probe))]
        row = self._again(lambda connection: connection.row(question))
        return ground_of(row, probe.scopes, self._clock)

    def _run(self, name: str, **values: object) -> list[Any]:
        """Run one statement, and return its rows; see `_again`."""

        def run(connection: Connection) -> list[Any]:
            cursor = connection.execute(QUERIES[name], values, binary=True)
            return cursor.fetchall() if cursor.description else []

        return self._again(run)

    def _again(self, run: Callable[[Overlapping], T]) -> T:
        """Run one statement, a transaction of its own; a second time on a new connection.

        Each of these may be repeated: whether the lost one has arrived makes no difference.
        """
        for is_last in (False, True):
            connection = self._connection()
            try:
                return run(connection)
            except psycopg.Error as error:
                if is_last or not connection.closed:
                    raise meaning(error) from error
        raise AssertionError("the last one returns or raises")

    def _commit(self, connection: Connection) -> None:
        try:
            connection.execute(QUERIES["commit"], prepare=False)
        except psycopg.Error as error:
            raise self._unknown(error) from error

    def _unknown(self, error: psycopg.Error) -> Fatal:
        """Do nothing more: it may be on disk or not, and only reading again can tell."""
        self._failed = CommitUnknown(f"the outcome of a commit is not known [{error}]: reload")
        return self._failed

    @staticmethod
    def _roll_back(connection: Connection) -> None:
        """End the transaction; a connection that cannot is closed, and the server ends it."""
        try:
            if connection.info.transaction_status != pq.TransactionStatus.IDLE:
                connection.execute(QUERIES["rollback"], prepare=False)
        except psycopg.Error:
            connection.close()
