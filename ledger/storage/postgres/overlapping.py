"""Working while the server works: a connection that sends, does something of ours, and then reads.

A batch is some half a millisecond with the server, in which its writer would wait. The statements
of every batch also pass by the driver's cursors, which ask of each parameter what it is: they go to
the library below it as they are, and a cursor is half as much work as the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow

from ledger import libpq
from ledger.storage.postgres.statements import Statement

Asked = tuple[Statement, Mapping[str, bytes | None]]
"""A statement and its values, by name."""

_FAILED: Final = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.PIPELINE_ABORTED)


class Overlapping(psycopg.Connection[TupleRow]):
    """A connection that can also be asked without a cursor."""

    _made: frozenset[bytes] = frozenset()

    def is_there(self) -> bool:
        """Tell whether the server is at the other end, as far as can be known without asking.

        One that has ended the connection has said so before, and the word lies here unread.
        """
        try:
            while not self.closed and libpq.look(self.pgconn, libpq.READABLE, 0):
                self.pgconn.consume_input()
        except psycopg.Error:
            self.close()
        return not self.closed

    def words(self) -> list[str]:
        """Return what was said since on the channels that it listens to; it waits for nothing.

        `psycopg.OperationalError` where the connection is lost: then what was said may be too.
        """
        if not self.is_there():
            raise psycopg.OperationalError("the connection that listens was lost")
        found: list[str] = []
        while (word := self.pgconn.notifies()) is not None:
            found.append(word.extra.decode(errors="replace"))
        return found

    def ask(
        self, asked: Sequence[Asked], *, meanwhile: Callable[[], None] | None = None
    ) -> PGresult:
        """Run prepared statements, sent at once; return the result of the last.

        Together they are one transaction, unless one was begun before. `psycopg.Error`: of the
        first that failed, and nothing of them is done; or the connection was lost, and is closed.

        `meanwhile` is called once, when all is sent. It must not use the connection. What it raises
        is dropped, for the statements are on their way: whoever needs what it was to make makes it
        afterwards, and hears of it there.
        """
        for statement, _ in asked:
            self._make(statement)
        try:
            self.pgconn.enter_pipeline_mode()
            for statement, values in asked:
                self.pgconn.send_query_prepared(
                    statement.name, statement.ordered(values), statement.formats, pq.Format.BINARY
                )
            self.pgconn.pipeline_sync()
            libpq.send(self.pgconn)
            if meanwhile is not None:
                with suppress(Exception):
                    meanwhile()
            results = self._results()
            self.pgconn.exit_pipeline_mode()
        except BaseException:
            self.close()  # half an answer is on it, or none will come
            raise
        for result in results:
            if result.status in _FAILED:
                raise errors.error_from_result(result)
        return results[-1]

    def row(self, asked: Sequence[Asked]) -> tuple[Any, ...]:
        """Ask, and return the one row that the last statement gives; errors as `ask`."""
        read = Transformer.from_context(self)
        read.set_pgresult(self.ask(asked))
        row = read.load_row(0, tuple)
        assert row is not None, "each of these gives one"
        return row

    def _make(self, statement: Statement) -> None:
        if statement.name in self._made:
            return
        result = self.pgconn.prepare(statement.name, statement.text)
        if result.status in _FAILED:
            raise errors.error_from_result(result)
        self._made |= {statement.name}

    def _results(self) -> list[PGresult]:
        """Wait for what the statements have given, one after the other."""
        found: list[PGresult] = []
        while True:
            libpq.until_answered(self.pgconn)
            result = self.pgconn.get_result()
            if result is None:
                continue  # so ends each of them
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                return found
            found.append(result)
