"""Tables in a file: connections of the projections' own, never the ledger's.

Writing takes the file's one write lock for the time of a batch (milliseconds).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from ledger.named_sql import load
from projections.database import NOTHING, POSITIONS, Row
from projections.errors import Busy
from projections.lines import values_in, written
from projections.moved import Bell
from projections.sql import NAMED, Insert, Statements, values_named

BUSY_TIMEOUT_MS: Final = 5_000
"""How long one waits for the write lock: a batch of the ledger holds it for milliseconds."""

BATCH: Final = 500
"""Events a transaction: larger ones gain nothing and hold the file's write lock longer."""

_OWN: Final = load("projections.engines", "sqlite.sql")
_LATER: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL}


class SqliteConnection:
    """Implements `database.Connection`."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw

    def rows(self, statement: str, values: Mapping[str, Any] = NOTHING) -> list[Row]:
        """Return the rows that a statement selects."""
        cursor = self.raw.execute(statement, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def lines(self, statement: str) -> Iterator[bytes]:
        """Yield the rows that a statement selects as lines of PostgreSQL's text format."""
        for row in self.raw.execute(statement):
            yield ("\t".join(map(written, row)) + "\n").encode()

    def execute(self, statement: str, values: Mapping[str, Any] = NOTHING) -> int:
        """Run a statement, and return how many rows it has touched."""
        return self.raw.execute(statement, values).rowcount

    def insert(self, into: Insert, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows to a table."""
        self.raw.executemany(_placed(into), rows)

    def add(self, into: Insert, lines: Sequence[str]) -> None:
        """Add lines to a table; its columns make numbers of what are numbers."""
        self.insert(into, map(values_in, lines))

    def is_free(self) -> bool:
        """Tell that nothing is under way: a file is written by whoever asks."""
        return True

    def many(self, statement: str, values: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement for each of these values, in their order."""
        self.raw.executemany(statement, values)

    def each(
        self, statements: Statements, name: str, keys: Sequence[tuple[Any, ...]]
    ) -> list[tuple[Any, ...] | None]:
        """Return for each key the one row that a named statement selects: no way is far here."""
        statement = statements[name]
        names = values_named(statement)
        asked = (dict(zip(names, key, strict=True)) for key in keys)
        return [self.raw.execute(statement, values).fetchone() for values in asked]

    def create(self, statement: str) -> None:
        """Run a statement that makes or changes tables."""
        self.raw.execute(statement)

    def create_keyless(self, statement: str, table: str) -> Sequence[str]:
        """Make a table; its key is made with it or never."""
        del table
        self.create(statement)
        return ()

    def tables(self, prefix: str) -> list[str]:
        """Return the names of the tables that begin with a prefix, in order."""
        return [row["name"] for row in self.rows(_OWN["tables"], {"prefix": prefix})]

    def claim(self, name: str) -> int | None:
        """Return a projection's position: the file has one writer, and that is us."""
        rows = self.rows(POSITIONS["one"], {"name": name})
        return rows[0]["position"] if rows else None

    def alone(self) -> None:
        """Do nothing: a snapshot of a file holds the names of its tables too."""

    def again(self) -> None:
        """Do nothing: with `synchronous = NORMAL` no commit waits for the disk."""

    def tell(self) -> None:
        """Do nothing: other processes that read the same file look by a timer."""


class SqliteDatabase:
    """Implements `database.Database` over a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.batch = BATCH
        self.moved = Bell()
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        with self.write() as connection:
            connection.create(POSITIONS["schema"])

    @contextmanager
    def read(self) -> Iterator[SqliteConnection]:
        """Give a connection that sees one snapshot: position and rows belong together."""
        yield from self._transaction("BEGIN DEFERRED")

    @contextmanager
    def write(self) -> Iterator[SqliteConnection]:
        """Give a connection inside the one write transaction; all or nothing."""
        yield from self._transaction("BEGIN IMMEDIATE")

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _transaction(self, begin: str) -> Iterator[SqliteConnection]:
        raw = self._take()
        try:
            raw.execute(begin)
            yield SqliteConnection(raw)
            raw.execute("COMMIT")
        except BaseException as error:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error) and _is_later(error):
                raise Busy(str(error)) from error
            raise
        finally:
            with self._lock:
                self._idle.append(raw)

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        raw = sqlite3.connect(
            self.path,
            isolation_level=None,  # transactions begin and end in the open
            check_same_thread=False,  # the pool hands each to one thread at a time
            timeout=BUSY_TIMEOUT_MS / 1000,
            cached_statements=512,
        )
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = NORMAL")
        raw.execute("PRAGMA trusted_schema = OFF")
        return raw


@cache
def _placed(into: Insert) -> str:
    """Return the statement with values by their places, as rows have them."""
    return NAMED.sub("?", into.text)


def _is_later(error: sqlite3.Error) -> bool:
    """Tell whether it is worth trying again: another holds the lock, or the disk is full."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _LATER
