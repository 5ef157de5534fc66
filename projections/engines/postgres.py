"""Tables on a PostgreSQL server, in a schema of their own.

Several processes read and several fold; a projection's row in `projection_positions` is locked by
the one that folds into it. Readings are snapshots that no writing delays.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, Final

import psycopg
from psycopg import errors, sql
from psycopg.pq import ExecStatus
from psycopg.rows import dict_row
from psycopg.types.numeric import IntLoader

from ledger.named_sql import load
from ledger.reaching import reaching
from projections.database import NOTHING, POSITIONS, Row
from projections.engines.postgres_adding import Adding
from projections.engines.postgres_hearing import Hearing
from projections.engines.postgres_text import made, selected, translated
from projections.errors import Busy, ProjectionBroken
from projections.moved import Bell
from projections.sql import Insert, Statements, values_named, without_key

BATCH: Final = 5_000
"""Events a transaction: nobody waits for its locks, and each costs some round trips."""

CONNECTIONS_MAX: Final = 16
"""Connections of one process: beyond, a question waits for another to end."""

COPY_MIN: Final = 8
"""Rows from which on a stream is quicker than statements."""

WAIT_S: Final = 10.0
"""How long one waits for a connection."""

OWN: Final = load("projections.engines", "postgres.sql")
"""What only PostgreSQL says so."""

_LATER: Final = ("08", "40", "53", "55", "57")
"""Classes of errors that pass: connection, rollback, resources, locks, an operator's hand."""

_STOOD: Final = (errors.IdleInTransactionSessionTimeout, errors.ReadOnlySqlTransaction)
"""Likewise: we stood still, and others had to go on; a standby, perhaps for the moment."""

Raw = psycopg.Connection[dict[str, Any]]
"""A connection of the driver whose rows have names."""


class PostgresConnection:
    """Implements `database.Connection`."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._adding: Adding | None = None

    @property
    def raw(self) -> Raw:
        """The driver's connection, when all lines that were sent are taken in."""
        self.settle()
        return self._raw

    def settle(self) -> None:
        """Wait until all lines that were sent are taken in, and raise what is wrong with them."""
        adding, self._adding = self._adding, None
        if adding is not None:
            adding.finish()

    def rows(self, statement: str, values: Mapping[str, Any] = NOTHING) -> list[Row]:
        """Return the rows that a statement selects."""
        return list(self.raw.execute(translated(statement).encode(), values))

    def lines(self, statement: str) -> Iterator[bytes]:
        """Yield the rows that a statement selects as lines of the text format.

        The driver is asked to wait for a row; those that have come with it are taken one level
        below: through all of the driver a row costs more than the server's sorting of it.
        """
        asked = sql.SQL("COPY ({}) TO STDOUT").format(sql.SQL(selected(statement)))
        take = self.raw.pgconn.get_copy_data
        with self.raw.cursor() as cursor, cursor.copy(asked) as copy:
            while first := copy.read():
                found = [first]
                size, line = take(1)
                while size > 0:
                    found.append(line)
                    size, line = take(1)
                yield b"".join(found)
                if size < 0:
                    _end_of_copy(self.raw)
                    return

    def execute(self, statement: str, values: Mapping[str, Any] = NOTHING) -> int:
        """Run a statement, and return how many rows it has touched."""
        return self.raw.execute(translated(statement).encode(), values).rowcount

    def insert(self, into: Insert, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows to a table: many as one stream, a few as they are."""
        if len(rows) < COPY_MIN:
            self.many(into.text, [dict(zip(into.names, row, strict=True)) for row in rows])
            return
        with self.raw.cursor() as cursor, cursor.copy(_copy(into)) as copy:
            write = copy.write_row
            for row in rows:
                write(row)

    def add(self, into: Insert, lines: Sequence[str]) -> None:
        """Send lines to a table, and do not wait for the server to take them in."""
        raw = self.raw
        self._adding = Adding(raw, _copy(into).as_bytes(raw), lines)

    def is_free(self) -> bool:
        """Tell whether all lines that were sent are taken in, as far as is known by now."""
        if self._adding is not None and self._adding.is_in():
            self._adding = None
        return self._adding is None

    def many(self, statement: str, values: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement for each of these values, in their order."""
        with self.raw.cursor() as cursor:
            cursor.executemany(translated(statement).encode(), values)

    def each(
        self, statements: Statements, name: str, keys: Sequence[tuple[Any, ...]]
    ) -> list[tuple[Any, ...] | None]:
        """Return for each key the one row that a named statement selects: all in one round trip.

        The statement that PostgreSQL has for it takes lists, and numbers its rows from 1.
        """
        lists = dict(
            zip(values_named(statements[name]), map(list, zip(*keys, strict=True)), strict=True)
        )
        found = self.rows(statements[f"{name} on postgres"], lists)
        by_number = {number: tuple(row) for number, *row in (one.values() for one in found)}
        return [by_number.get(number) for number in range(1, len(keys) + 1)]

    def create(self, statement: str) -> None:
        """Run a statement that makes or changes tables."""
        self.raw.execute(made(statement).encode())

    def create_keyless(self, statement: str, table: str) -> Sequence[str]:
        """Make a table without its primary key, and return what gives it."""
        keyless, key = without_key(made(statement))
        self.raw.execute(keyless.encode())
        return (f"ALTER TABLE {table} ADD PRIMARY KEY ({key});",) if key else ()

    def tables(self, prefix: str) -> list[str]:
        """Return the names of the tables that begin with a prefix, in order."""
        return [row["name"] for row in self.rows(OWN["tables"], {"prefix": prefix})]

    def claim(self, name: str) -> int | None:
        """Return a projection's position, and keep its row until the end of the transaction."""
        rows = self.rows(OWN["claim"], {"name": name})
        return rows[0]["position"] if rows else None

    def alone(self) -> None:
        """Wait until no reading is under way; those that come now wait for the end."""
        self.raw.execute(OWN["alone"].encode(), prepare=False)

    def again(self) -> None:
        """Commit without waiting for the disk: what a crash loses is folded again."""
        self.raw.execute(OWN["again"].encode())

    def tell(self) -> None:
        """Wake those in other processes who wait; the server delivers it with the commit."""
        self.raw.execute(OWN["tell"].encode())


class PostgresDatabase:
    """Implements `database.Database` over a server that a URL names."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.batch = BATCH
        self.moved = Bell()
        self._idle: list[Raw] = []
        self._free = threading.BoundedSemaphore(CONNECTIONS_MAX)
        self._found()
        self._hearing = Hearing(url, self.moved)

    @contextmanager
    def read(self) -> Iterator[PostgresConnection]:
        """Give a connection that sees one snapshot: position and rows belong together."""
        yield from self._transaction("read")

    @contextmanager
    def write(self) -> Iterator[PostgresConnection]:
        """Give a connection inside a write transaction; all or nothing."""
        yield from self._transaction("write")

    def close(self) -> None:
        """Close the idle connections, and listen no more."""
        self._hearing.stop()
        with suppress(Busy), self.write() as connection:
            connection.tell()  # it is heard by our own thread too
        self._hearing.join()
        while (raw := self._taken()) is not None:
            raw.close()

    def _found(self) -> None:
        with self.write() as connection:
            connection.rows(OWN["found"])
            for statement in (OWN["schema"], OWN["swaps"], POSITIONS["schema"]):
                connection.create(statement)

    def _transaction(self, begin: str) -> Iterator[PostgresConnection]:
        if not self._free.acquire(timeout=WAIT_S):
            raise Busy(f"all {CONNECTIONS_MAX} connections are in use")
        connection: PostgresConnection | None = None
        try:
            connection = PostgresConnection(self._begun(begin))
            yield connection
            connection.raw.execute("COMMIT", prepare=False)
            self._idle.append(connection.raw)
        except BaseException as error:
            if connection is not None:
                with suppress(psycopg.Error, ProjectionBroken):
                    connection.settle()  # else there is no rolling back
                self._give_back(connection.raw)
            if isinstance(error, psycopg.Error):
                raise _meaning(error).with_traceback(error.__traceback__) from None
            raise
        finally:
            self._free.release()

    def _begun(self, begin: str) -> Raw:
        """Return a connection inside a transaction.

        Those that a restart of the server has cut are found here, where nothing has been done yet.
        """
        while (raw := self._taken()) is not None:
            with suppress(psycopg.OperationalError):
                return _begin(raw, begin)
            self._give_back(raw)
        return _begin(_connected(self.url), begin)

    def _taken(self) -> Raw | None:
        """Take an idle connection, if there is one. Not looked for before: others take them too."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _give_back(self, raw: Raw) -> None:
        """Keep a connection whose transaction can be ended; close any other."""
        try:
            raw.rollback()
        except psycopg.Error:
            raw.close()
        if not raw.closed:
            self._idle.append(raw)


@cache
def _copy(into: Insert) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, into.columns))
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(into.table), columns)


def _end_of_copy(raw: Raw) -> None:
    """Take what the server says at the end of a stream, and raise where it is an error."""
    while (result := raw.pgconn.get_result()) is not None:
        if result.status != ExecStatus.COMMAND_OK:
            raise errors.error_from_result(result)


def _connected(url: str) -> Raw:
    raw = psycopg.connect(reaching(url), autocommit=True, row_factory=dict_row)
    raw.execute(OWN["session"].encode())
    raw.adapters.register_loader("numeric", IntLoader)  # sums of integers are integers
    return raw


def _begin(raw: Raw, begin: str) -> Raw:
    raw.execute(OWN[begin].encode(), prepare=False)
    return raw


def _meaning(error: psycopg.Error) -> Exception:
    """Return `Busy` for what passes: an error without a code is a connection that was lost.

    Of the server's words the first line alone: further ones quote the row, which may hold a name,
    and what we return is shown to readers and stands in the lines of the log.
    """
    code, said = error.sqlstate, str(error).partition("\n")[0]
    passes = isinstance(error, psycopg.OperationalError) and (code is None or code[:2] in _LATER)
    if passes or isinstance(error, _STOOD):
        return Busy(said)
    return ProjectionBroken(f"{type(error).__name__}: {said}")
