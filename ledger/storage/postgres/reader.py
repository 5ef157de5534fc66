"""One snapshot of the log in PostgreSQL, up to a bound."""

from typing import Any

import psycopg

from ledger.storage.postgres.connection import Connection, meaning
from ledger.storage.postgres.queries import QUERIES
from ledger.storage.reading import SqlReader
from ledger.storage.records import Head
from ledger.storage.vault import Vault


class PostgresReader(SqlReader):
    """A reader over a connection that one snapshot has for itself, its transaction begun.

    `committed`: up to all that is committed, accepted or not.
    """

    def __init__(
        self, connection: Connection, vault: Vault, head: Head, *, committed: bool
    ) -> None:
        super().__init__(vault)
        self._connection: Connection | None = connection
        self._stop_at(head, committed=committed)

    def end(self) -> None:
        """Refuse further reads: the connection is somebody else's from now on."""
        self._connection = None

    def _rows(self, name: str, **values: Any) -> list[Any]:
        if self._connection is None:
            raise ValueError("this snapshot has ended")
        try:
            return self._connection.execute(QUERIES[name], values, binary=True).fetchall()
        except psycopg.Error as error:
            raise meaning(error, reads=True) from error
