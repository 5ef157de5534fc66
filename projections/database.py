"""Connections of the projections to the database file: their own, never the ledger's.

Writing takes the file's one write lock for the time of a batch (milliseconds). What is lost when
the power goes is read again from the log, so `synchronous = NORMAL` is enough here: rows and
position go together or not at all.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from projections.sql import load

BUSY_TIMEOUT_MS: Final = 5_000
"""How long one waits for the write lock: a batch of the ledger holds it for milliseconds."""

POSITIONS: Final = load("projections", "positions.sql")
"""The statements about positions."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a projection has read, and why it stopped if it did."""

    name: str
    version: int
    generation: int
    position: int
    retained_from: int
    failure: str | None
    failed_position: int | None


class Database:
    """The database file as projections see it. `moved` wakes those who wait for a position."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.moved = threading.Condition()
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        with self.write() as connection:
            connection.execute(POSITIONS["schema"])

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one snapshot: position and rows belong together."""
        yield from self._transaction("BEGIN DEFERRED")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside the one write transaction; all or nothing."""
        yield from self._transaction("BEGIN IMMEDIATE")

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        connection = self._take()
        try:
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            with self._lock:
                self._idle.append(connection)

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        connection = sqlite3.connect(
            self.path,
            isolation_level=None,  # transactions begin and end in the open
            check_same_thread=False,  # the pool hands each to one thread at a time
            timeout=BUSY_TIMEOUT_MS / 1000,
            cached_statements=512,
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA trusted_schema = OFF")
        return connection


def progress(connection: sqlite3.Connection, name: str) -> Progress | None:
    """Return how far a projection has read; None if its tables were never made."""
    row = connection.execute(POSITIONS["one"], {"name": name}).fetchone()
    return None if row is None else Progress(**_named(row))


def all_progress(connection: sqlite3.Connection) -> tuple[Progress, ...]:
    """Return how far every projection has read, by name."""
    rows = connection.execute(POSITIONS["all"]).fetchall()
    return tuple(Progress(**_named(row)) for row in rows)


def _named(row: sqlite3.Row) -> dict[str, Any]:
    return {key: row[key] for key in row.keys()}  # noqa: SIM118 - sqlite3.Row iterates values
