"""Folds the log into the tables: a batch, its rows and its position in one transaction.

Each projection has its own position. One that fails stops alone, says why and at which position,
and leaves the others running; it goes on when it was rebuilt, or when the process starts anew.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Final

from ledger.rights.view import Recorded
from projections.ahead import Ahead
from projections.base import Projection, Step
from projections.database import (
    POSITIONS,
    Connection,
    Database,
    Progress,
    all_progress,
    progress,
)
from projections.errors import Busy, ProjectionBroken
from projections.feed import Feed
from projections.memory import Memory
from projections.pausing import collecting_later
from projections.sql import split, statements
from projections.tables import Tables
from schemas.observing import UNOBSERVED, Observer
from schemas.refusals import Conflict

BURST: Final = 20
"""Batches after which this process may collect cycles again: other threads make some."""

SENT: Final = 50
"""Events after which their rows are sent on if the server has nothing to do."""

IDLE_S: Final = 1.0
"""How long the thread sleeps when nobody wakes it: a wake-up may be lost, so it looks again."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Kept:
    """What a runner remembers of one projection between batches, and where it left it."""

    projection: Projection
    memory: Memory = field(default_factory=Memory)
    failure: str | None = None
    position: int = -1
    generation: int = -1


@dataclass(slots=True)
class Runner:
    """Keeps projections up with the log. One runner a file; call `prepare` before anything."""

    database: Database
    feed: Feed
    projections: Sequence[Projection]
    batch: int = 0
    """Events a transaction; 0: as many as the database bears well."""
    woken: threading.Event = field(default_factory=threading.Event)
    reach: Callable[[str], None] = lambda _name: None
    """Told that a named step is done: a test lets the process die there."""
    observer: Observer = UNOBSERVED

    _kept: dict[str, _Kept] = field(default_factory=dict)
    _ahead: Ahead = field(init=False)

    def __post_init__(self) -> None:
        """Begin to read where the projections stand."""
        self._ahead = Ahead(self.feed, self.batch or self.database.batch)

    def prepare(self) -> None:
        """Make the tables that are missing. Tables of other code stop their projection."""
        for projection in self.projections:
            self._kept[projection.NAME] = _Kept(projection)
            values = {"name": projection.NAME, "version": projection.VERSION}
            with self.database.write() as connection:
                # Who adds the row makes the tables; another process waits here for its commit.
                if connection.execute(POSITIONS["begin"], values):
                    make_tables(connection, statements(projection.NAME).schema)
                found = progress(connection, projection.NAME)
            if found is not None and found.version != projection.VERSION:
                why = f"its tables are of version {found.version}: rebuild it"
                self._stop(projection.NAME, why, found.position)

    def step(self) -> int:
        """Fold at most one batch into each projection; return the events that were folded."""
        read: dict[int, Sequence[Recorded]] = {}
        return sum(self._advance(kept, read) for kept in self._kept.values())

    def catch_up(self) -> None:
        """Fold until every projection that runs has reached the visible head."""
        while self._burst():
            pass

    def _burst(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Fold at most `BURST` batches while there are any; return the events of the last."""
        with collecting_later():
            for _ in range(BURST):
                folded = self.step()
                if not folded or stopped():
                    break
        return folded

    def run(self, stop: threading.Event) -> None:
        """Fold until told to stop; `woken` is set by whoever knows that the head has moved."""
        while not stop.is_set():
            self.woken.clear()
            if not self._went_on(stop):
                self.woken.wait(IDLE_S)

    def _went_on(self, stop: threading.Event) -> int:
        try:
            return self._burst(stop.is_set)
        except (Busy, Conflict) as later:
            _log.warning("projections could not be folded; they try again: %s", later)
            return 0
        except Exception:  # noqa: BLE001 - nothing moved; the log may be away, this thread must not
            _log.exception("projections could not be folded; they try again")
            return 0

    def status(self) -> tuple[Progress, ...]:
        """Return how far each projection is, and why it stopped if it did."""
        with self.database.read() as connection:
            return all_progress(connection)

    def _advance(self, kept: _Kept, read: dict[int, Sequence[Recorded]]) -> int:
        with self.database.read() as connection:
            known = progress(connection, kept.projection.NAME)
        assert known is not None, "prepare makes the row of every projection"
        if known.version != kept.projection.VERSION or (kept.failure and known.failure):
            return 0  # it stopped, and nobody has rebuilt it since
        kept.failure = None
        if known.generation != kept.generation:  # rebuilt: perhaps since something was erased
            self._ahead.drop()
            kept.generation, kept.position = known.generation, -1
        if known.position not in read:  # projections side by side share what was read
            read[known.position] = self._ahead.read_after(known.position)
        return self._fold(kept, known.position, read[known.position])

    def _fold(self, kept: _Kept, position: int, events: Sequence[Recorded]) -> int:
        """Fold a batch; where one event cannot be folded, those before it are, and it stops."""
        if not events:
            return 0
        if kept.position != position:  # another process has folded since: what we remember is old
            kept.projection.forget()
            # Tables that nothing was folded into are empty: no row has to be looked for.
            kept.memory = Memory(is_whole=position == 0)
        reached = [position]
        try:
            with self.observer.step("project"), self.database.write() as connection:
                tables = Tables(connection, statements(kept.projection.NAME), kept.memory)
                _claim(connection, kept.projection.NAME, position, to=events[-1].position)
                fold_all(kept.projection, tables, events, reached, go_on=self._ahead.go_on)
                connection.again()
                connection.tell()
                self.reach("before_projection_commit")
            # If we stop before this commit, neither rows nor position moved: the batch comes again.
        except _Overtaken:
            return 0
        except Busy as later:
            kept.position = -1
            _log.info("%s goes on later: %s", kept.projection.NAME, later)
            return 0
        except Exception as error:  # noqa: BLE001 - whatever it is, it stops this projection alone
            kept.position = -1
            return self._fold_apart(kept, position, events, reached[-1] - position, error)
        kept.position = reached[-1]
        kept.memory.trim()
        self.database.moved.ring()
        return len(events)

    def _fold_apart(
        self,
        kept: _Kept,
        position: int,
        events: Sequence[Recorded],
        good: int,
        error: Exception,
    ) -> int:
        """Fold what comes before the event that cannot be folded, and stop there.

        What goes wrong only when the batch is written names no event: halves of it find the one.
        """
        if good == len(events) > 1:
            half = len(events) // 2
            folded = self._fold(kept, position, events[:half])
            if folded == half:
                folded += self._fold(kept, position + half, events[half:])
            return folded
        good = min(good, len(events) - 1)
        folded = self._fold(kept, position, events[:good])
        if folded == good:
            self._fail(kept, error, position + good + 1)
        return folded

    def _fail(self, kept: _Kept, error: Exception, position: int) -> None:
        _log.error("%s stopped at %d", kept.projection.NAME, position, exc_info=error)
        self._stop(kept.projection.NAME, f"{type(error).__name__}: {error}", position)

    def _stop(self, name: str, why: str, position: int) -> None:
        values = {"name": name, "failure": why, "failed_position": position}
        with self.database.write() as connection:
            connection.execute(POSITIONS["fail"], values)
            connection.tell()
        self._kept[name].failure = why
        self.database.moved.ring()


def make_tables(connection: Connection, schema: str) -> None:
    """Create tables inside the transaction."""
    for statement in split(schema):
        connection.create(statement)


def fold_all(
    projection: Projection,
    tables: Tables,
    events: Sequence[Recorded],
    reached: list[int],
    *,
    go_on: Callable[[float], None] = lambda _folded: None,
) -> None:
    """Fold events in their order, and write; `reached` grows with each: a fault is behind it.

    `go_on` reads what follows, as much as it is told of these: the log's server works meanwhile,
    and so does the tables'.
    """
    for first in range(0, len(events), SENT):
        stretch = events[first : first + SENT]
        go_on((first + len(stretch)) / len(events))
        for topic, run in groupby(stretch, attrgetter("topic")):
            _fold_run(projection, tables, topic, list(run), reached)
        if len(stretch) == SENT:
            tables.send()
    tables.write()


def _fold_run(
    projection: Projection,
    tables: Tables,
    topic: str,
    run: Sequence[Recorded],
    reached: list[int],
) -> None:
    """Fold events of one topic that follow one another: at once, or else each by itself."""
    is_ours = projection.TOPICS is None or topic in projection.TOPICS
    positions = [recorded.position for recorded in run]
    if positions == list(range(reached[-1] + 1, reached[-1] + 1 + len(run))):
        steps: Sequence[Step] | None = None
        with suppress(Exception):  # whatever it is, one by one it is found where it lies
            steps = projection.together(run) if is_ours else ()
        if steps is not None:
            tables.apply(steps)
            reached += positions
            return
    for recorded in run:
        if recorded.position != reached[-1] + 1:
            raise ProjectionBroken(f"a gap after position {reached[-1]} [{recorded.position}]")
        if is_ours:
            projection.fold(tables, recorded)
        reached.append(recorded.position)


class _Overtaken(Exception):  # noqa: N818 - not an error: read again
    """Another process folded these events first, or folds them now."""


def _claim(connection: Connection, name: str, position: int, *, to: int) -> None:
    """Move the position before the rows: two processes cannot fold an event twice."""
    if connection.claim(name) != position:
        raise _Overtaken
    connection.execute(POSITIONS["move"], {"name": name, "position": to})
