"""Projections over a log in memory: a feed, a database file, a runner, and questions."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ledger.rights.view import Recorded
from projections.asking import Readings
from projections.base import Projection
from projections.database import Database
from projections.digest import digest
from projections.runner import Runner
from projections.sql import statements
from projections.standard import standard
from projections.tables import Tables
from tests.kit.log import Log
from tests.support.places import Place, opened


@dataclass
class LogFeed:
    """The feed of a log in memory. `hidden` events at its end are not accepted yet."""

    log: Log
    hidden: int = 0

    def read_after(self, position: int, limit: int) -> list[Recorded]:
        """Return typed events after a position."""
        return self.log.recorded[position : min(position + limit, self.visible_head())]

    def events_of(self, tag: str, *, until: int) -> list[Recorded]:
        """Return the events that carry a tag."""
        until = min(until, self.visible_head())
        return [row for row in self.log.by_tag.get(tag, []) if row.position <= until]

    def visible_head(self) -> int:
        """Return the newest position that may be seen."""
        return self.log.head() - self.hidden

    def position_at(self, instant: datetime) -> int:
        """Return the greatest position whose time is not after an instant."""
        times = [row.time for row in self.log.recorded[: self.visible_head()]]
        return bisect.bisect_right(times, instant)


@dataclass
class Projected:
    """Tables in a file or on a server, folded from a log whenever a test says so; `only` these."""

    log: Log
    place: Place
    batch: int = 500
    projections: Sequence[Projection] = ()
    only: Sequence[str] = ()
    wait_s: float = 0.0
    feed: LogFeed = field(init=False)
    database: Database = field(init=False)
    runner: Runner = field(init=False)
    readings: Readings = field(init=False)

    def __post_init__(self) -> None:
        self.feed = LogFeed(self.log)
        self.database = opened(self.place)
        chosen = self.projections or [
            each for each in standard(self.feed) if not self.only or each.NAME in self.only
        ]
        self.runner = Runner(self.database, self.feed, chosen, batch=self.batch)
        self.runner.prepare()
        self.readings = Readings(
            self.database, self.feed, clock=lambda: self.log.now, wait_s=self.wait_s
        )

    def catch_up(self) -> Projected:
        """Fold everything that is visible, and insist that nothing stopped."""
        self.runner.catch_up()
        assert [row.failure for row in self.runner.status() if row.failure] == []
        return self

    def digest(self, name: str) -> str:
        """Return the digest of a projection's live tables."""
        with self.database.read() as connection:
            return digest(Tables(connection, statements(name)))
