"""Reading connections: each snapshot has one for itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from ledger.storage.errors import Busy
from ledger.storage.postgres.connection import Connection, configure, conninfo, meaning
from ledger.storage.postgres.queries import QUERIES
from ledger.storage.records import Head

SNAPSHOTS_MAX: Final = 16
"""Snapshots at once; each is a process of the server. More readers wait for their turn."""

WAIT_S: Final = 10.0
"""How long a reader waits for its turn."""


class Pool:
    """Gives snapshots. Connections are made when they are needed and kept for the next reader."""

    def __init__(self, url: str) -> None:
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            conninfo(url, reads=True),
            min_size=0,
            max_size=SNAPSHOTS_MAX,
            timeout=WAIT_S,
            configure=_configure,
            open=True,
            name="linernotes-readers",
        )

    @contextmanager
    def snapshot(self) -> Iterator[tuple[Connection, Head]]:
        """Give a connection in a read-only transaction of one moment, and the head in it.

        `Busy` where no connection can be had.
        """
        connection, head = self._begin()
        try:
            yield connection, head
        finally:
            self._end(connection)

    def close(self) -> None:
        """Close the connections that nobody uses; the others, when they are given back."""
        self._pool.close()

    def _begin(self) -> tuple[Connection, Head]:
        """Begin a snapshot; one that was lost before is replaced, for nothing was read yet."""
        for _ in range(SNAPSHOTS_MAX + 1):
            connection = self._take()
            try:
                cursor = connection.execute(QUERIES["snapshot"], prepare=False)
                cursor.nextset()
                row = cursor.fetchone()
                assert row is not None, "the state has one row"
                return connection, Head(*row)
            except psycopg.Error as error:
                is_lost = connection.closed
                self._pool.putconn(connection)
                if not is_lost:
                    raise meaning(error, reads=True) from error
            # The server was away: the others that were kept are lost too.
            self._pool.check()
        raise Busy("connections to the database are lost as soon as they are made")

    def _take(self) -> Connection:
        try:
            return self._pool.getconn()
        except PoolClosed as error:
            raise ValueError("this store is closed") from error
        except (PoolTimeout, psycopg.Error) as error:
            raise Busy(f"no reader can be had of the database [{error}]") from error

    def _end(self, connection: Connection) -> None:
        try:
            # Nothing was written. After a ROLLBACK the driver would let go of all that it prepared.
            connection.execute(QUERIES["commit"], prepare=False)
        except psycopg.Error:
            connection.close()
        self._pool.putconn(connection)


def _configure(connection: Connection) -> None:
    configure(connection)
    connection.prepare_threshold = 0  # few statements, often
