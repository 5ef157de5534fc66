"""One snapshot of the log in SQLite, up to a bound."""

import json
import sqlite3
from typing import Any

from ledger.storage.reading import SqlReader
from ledger.storage.records import Head
from ledger.storage.sqlite.connection import meaning
from ledger.storage.sqlite.queries import QUERIES
from ledger.storage.vault import Vault


class SqliteReader(SqlReader):
    """A reader over a connection that one snapshot has for itself.

    `head` is the state row in this very snapshot. `committed`: up to all that is committed,
    accepted or not.
    """

    def __init__(
        self, connection: sqlite3.Connection, vault: Vault, head: Head, *, committed: bool
    ) -> None:
        super().__init__(vault)
        self._connection: sqlite3.Connection | None = connection
        self._stop_at(head, committed=committed)

    def end(self) -> None:
        """Refuse further reads: the connection is somebody else's from now on."""
        self._connection = None

    def _rows(self, name: str, **values: Any) -> list[Any]:
        if self._connection is None:
            raise ValueError("this snapshot has ended")
        lists = {name: json.dumps(one) for name, one in values.items() if isinstance(one, list)}
        try:
            return self._connection.execute(QUERIES[name], {**values, **lists}).fetchall()
        except sqlite3.Error as error:
            raise meaning(error, reads=True) from error
