"""Folds the log into the tables: a batch, its rows and its position in one transaction.

Each projection has its own position. One that fails stops alone, says why and at which position,
and leaves the others running; it tries again when the process starts anew.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ledger.rights.view import Recorded
from projections.base import Projection, Tables
from projections.database import POSITIONS, Database, Progress, all_progress, progress
from projections.errors import ProjectionBroken
from projections.feed import Feed
from projections.sql import statements

BATCH: Final = 500
"""Events a transaction: larger ones gain nothing and hold the file's write lock longer."""

IDLE_S: Final = 1.0
"""How long the thread sleeps when nobody wakes it: a wake-up may be lost, so it looks again."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Kept:
    """What a runner remembers of one projection between batches, and where it left it."""

    projection: Projection
    failure: str | None = None
    position: int = -1


@dataclass(slots=True)
class Runner:
    """Keeps projections up with the log. One runner a file; call `prepare` before anything."""

    database: Database
    feed: Feed
    projections: Sequence[Projection]
    batch: int = BATCH
    woken: threading.Event = field(default_factory=threading.Event)
    reach: Callable[[str], None] = lambda _name: None
    """Told that a named step is done: a test lets the process die there."""

    _kept: dict[str, _Kept] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the tables that are missing. Tables of other code stop their projection."""
        for projection in self.projections:
            self._kept[projection.NAME] = _Kept(projection)
            with self.database.write() as connection:
                found = progress(connection, projection.NAME)
                if found is None:
                    make_tables(connection, statements(projection.NAME).schema)
                    values = {"name": projection.NAME, "version": projection.VERSION}
                    connection.execute(POSITIONS["begin"], values)
                elif found.version != projection.VERSION:
                    why = f"its tables are of version {found.version}: rebuild it"
                    self._stop(connection, projection, why, found.position)

    def step(self) -> int:
        """Fold at most one batch into each projection; return the events that were folded."""
        read: dict[int, list[Recorded]] = {}
        running = [kept for kept in self._kept.values() if kept.failure is None]
        return sum(self._advance(kept, read) for kept in running)

    def catch_up(self) -> None:
        """Fold until every projection that runs has reached the visible head."""
        while self.step():
            pass

    def run(self, stop: threading.Event) -> None:
        """Fold until told to stop; `woken` is set by whoever knows that the head has moved."""
        while not stop.is_set():
            self.woken.clear()
            if not self.step():
                self.woken.wait(IDLE_S)

    def status(self) -> tuple[Progress, ...]:
        """Return how far each projection is, and why it stopped if it did."""
        with self.database.read() as connection:
            return all_progress(connection)

    def _advance(self, kept: _Kept, read: dict[int, list[Recorded]]) -> int:
        with self.database.read() as connection:
            known = progress(connection, kept.projection.NAME)
        assert known is not None, "prepare makes the row of every projection"
        if known.position not in read:  # projections side by side share what was read
            read[known.position] = self.feed.read_after(known.position, self.batch)
        return self._fold(kept, known.position, read[known.position])

    def _fold(self, kept: _Kept, position: int, events: Sequence[Recorded]) -> int:
        """Fold a batch; where one event cannot be folded, those before it are, and it stops."""
        if not events:
            return 0
        if kept.position != position:  # another process has folded since: what we remember is old
            kept.projection.forget()
        reached = [position]
        try:
            with self.database.write() as connection:
                tables = Tables(connection, statements(kept.projection.NAME))
                _claim(connection, kept.projection.NAME, position, to=events[-1].position)
                fold_all(kept.projection, tables, events, reached)
                self.reach("before_projection_commit")
            # If we stop before this commit, neither rows nor position moved: the batch comes again.
        except _Overtaken:
            return 0
        except sqlite3.OperationalError as error:
            kept.position = -1
            if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                self._fail(kept, error, reached[-1] + 1)
            return 0
        except Exception as error:  # noqa: BLE001 - whatever it is, it stops this projection alone
            kept.position = -1
            good = events[: reached[-1] - position]
            folded = self._fold(kept, position, good) if len(good) < len(events) else 0
            self._fail(kept, error, reached[-1] + 1)
            return folded
        kept.position = reached[-1]
        self._wake()
        return len(events)

    def _wake(self) -> None:
        with self.database.moved:
            self.database.moved.notify_all()

    def _fail(self, kept: _Kept, error: Exception, position: int) -> None:
        _log.error("%s stopped at %d", kept.projection.NAME, position, exc_info=error)
        with self.database.write() as connection:
            why = f"{type(error).__name__}: {error}"
            self._stop(connection, kept.projection, why, position)
        self._wake()

    def _stop(
        self, connection: sqlite3.Connection, projection: Projection, why: str, position: int
    ) -> None:
        self._kept[projection.NAME].failure = why
        values = {"name": projection.NAME, "failure": why, "failed_position": position}
        connection.execute(POSITIONS["fail"], values)


def make_tables(connection: sqlite3.Connection, schema: str) -> None:
    """Create tables inside the transaction (`executescript` would commit it)."""
    for statement in split(schema):
        connection.execute(statement)


def split(schema: str) -> list[str]:
    """Return the statements of a schema; each ends with a semicolon at the end of a line."""
    found, lines = [], []
    for line in schema.splitlines():
        lines.append(line)
        if line.rstrip().endswith(";") and sqlite3.complete_statement("\n".join(lines)):
            found.append("\n".join(lines))
            lines = []
    return found


def fold_all(
    projection: Projection, tables: Tables, events: Sequence[Recorded], reached: list[int]
) -> None:
    """Fold events in their order; `reached` grows with each, and says where a fault happened."""
    for recorded in events:
        if recorded.position != reached[-1] + 1:
            raise ProjectionBroken(f"a gap after position {reached[-1]} [{recorded.position}]")
        projection.fold(tables, recorded)
        reached.append(recorded.position)


class _Overtaken(Exception):  # noqa: N818 - not an error: read again
    """Another process folded these events first."""


def _claim(connection: sqlite3.Connection, name: str, position: int, *, to: int) -> None:
    """Move the position before the rows: two processes on one file cannot fold an event twice."""
    values = {"name": name, "position": to, "was": position}
    if connection.execute(POSITIONS["move"], values).rowcount != 1:
        raise _Overtaken
