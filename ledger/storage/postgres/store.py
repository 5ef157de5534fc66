"""The store over one PostgreSQL database: one writing connection, a pool of reading ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from psycopg import pq

from ledger.storage.contract import NOTHING
from ledger.storage.errors import CommitUnknown, Fatal
from ledger.storage.postgres.connection import Connection, connect, meaning
from ledger.storage.postgres.migrate import migrate
from ledger.storage.postgres.pool import Pool
from ledger.storage.postgres.queries import QUERIES
from ledger.storage.postgres.reader import PostgresReader
from ledger.storage.postgres.transaction import PostgresTransaction
from ledger.storage.records import Probe, StoredCosignature
from ledger.storage.vault import Vault


class PostgresStore:
    """Implements `contract.Store`. Made after a fork, never before: connections are not shared.

    A connection that is lost before a commit is sent is `Busy`, and the next transaction makes a
    new one; lost while a commit is on its way it is `CommitUnknown`, and this store does nothing
    more. `clock` stands for the database's own clock, for a simulated world.
    """

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
        self._writing: Connection | None = None
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
        with self._write_lock:
            self._run("accept", size=size, note=note)

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

    def _connection(self) -> Connection:
        """Return the writing connection, a new one where the last was lost."""
        if self._failed is not None:
            raise self._failed
        if self._closed:
            raise ValueError("this store is closed")
        if self._writing is None or self._writing.closed:
            self._writing = connect(self.url)
        return self._writing

    def _run(self, name: str, **values: object) -> None:
        """Run one statement, which is a transaction of its own; a second time on a new connection.

        Each of these may be repeated: whether the lost one has arrived makes no difference.
        """
        for is_last in (False, True):
            connection = self._connection()
            try:
                connection.execute(QUERIES[name], values)
            except psycopg.Error as error:
                if is_last or not connection.closed:
                    raise meaning(error) from error
            else:
                return

    def _commit(self, connection: Connection) -> None:
        try:
            connection.execute(QUERIES["commit"], prepare=False)
        except psycopg.Error as error:
            # It may be on disk or not, and only reading the database again can tell.
            self._failed = CommitUnknown(f"the outcome of a commit is not known [{error}]: reload")
            raise self._failed from error

    @staticmethod
    def _roll_back(connection: Connection) -> None:
        """End the transaction; a connection that cannot is closed, and the server ends it."""
        try:
            if connection.info.transaction_status != pq.TransactionStatus.IDLE:
                connection.execute(QUERIES["rollback"], prepare=False)
        except psycopg.Error:
            connection.close()
