"""Lines on their way into a table: the server takes them in while whoever sent them goes on.

The driver's own COPY waits for the server at its end. Here that end is looked for whenever there is
time: one thread folds and feeds the server, and neither waits for the other but at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from ledger.libpq import until_answered
from projections.errors import ProjectionBroken


class Adding:
    """One COPY into a table. Until it `is_in` the connection is for nothing else.

    Errors of the server are raised as the driver's, by whatever is called next.
    """

    def __init__(self, raw: psycopg.Connection[Any], copy: bytes, lines: Sequence[str]) -> None:
        self._conn = raw.pgconn
        self._rows = len(lines)
        self._conn.send_query(copy)
        until_answered(self._conn)
        begun = self._conn.get_result()
        if begun is None or begun.status != ExecStatus.COPY_IN:
            self._end(begun)
        # The driver's connections never block: what the server does not take yet is kept for it.
        self._conn.put_copy_data(("\n".join(lines) + "\n").encode())
        self._conn.put_copy_end()
        self._conn.flush()

    def is_in(self) -> bool:
        """Send on what the server takes now, and tell whether it has taken in everything."""
        self._conn.flush()
        self._conn.consume_input()
        if self._conn.is_busy():
            return False
        self._end(self._conn.get_result())
        return True

    def finish(self) -> None:
        """Wait until everything is taken in."""
        until_answered(self._conn)
        self._end(self._conn.get_result())

    def _end(self, result: PGresult | None) -> None:
        """Take the last answers, and raise where one is an error or rows are missing."""
        rows = None
        while result is not None:
            if result.status != ExecStatus.COMMAND_OK:
                self._drain()
                raise psycopg.errors.error_from_result(result)
            rows = result.command_tuples
            until_answered(self._conn)
            result = self._conn.get_result()
        if rows != self._rows:
            raise ProjectionBroken(f"{self._rows} lines were {rows} rows")

    def _drain(self) -> None:
        """Read to the end of what the server says about a statement that it refused."""
        until_answered(self._conn)
        while self._conn.get_result() is not None:
            until_answered(self._conn)
