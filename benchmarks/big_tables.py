"""Tables of projections as a long log leaves them, on a PostgreSQL of their own.

A few real events are folded through the runner; their rows are then copied by the server under
other ids and positions, as many as so many events would have made. The feed beside them says where
the log ends and when its positions were, and nothing else is asked of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from benchmarks.measuring import sized, told
from ledger.named_sql import load
from ledger.rights.view import Recorded
from projections.asking import Readings
from projections.engines import open_database
from projections.permissions import Permissions
from projections.royalties import Royalties
from projections.runner import Runner
from tests.kit.money import Till
from tests.kit.projected import LogFeed
from tests.support.postgres_server import PostgresServer

SMALL: Final = 10_000
LARGE: Final = sized(1_000_000, tiny=20_000)
ASKED: Final = sized(400, tiny=4)
ROUNDS: Final = sized(5, tiny=1)
TARGET: Final = 1.5

_SQL: Final = load("benchmarks", "big_tables.sql")


@dataclass(frozen=True)
class LongFeed:
    """A log of so many events, a second apart, each like the last of a few real ones."""

    events: int
    like: Recorded

    def time_of(self, position: int) -> datetime:
        """Return when a position was recorded."""
        return self.like.time + timedelta(seconds=position)

    def read_after(self, position: int, limit: int) -> list[Recorded]:
        """Return events after a position."""
        until = min(position + limit, self.events)
        return [
            replace(self.like, position=number, time=self.time_of(number))
            for number in range(position + 1, until + 1)
        ]

    def events_of(self, tag: str, *, until: int) -> list[Recorded]:
        """Nothing asks for events by tag here."""
        raise AssertionError(f"{tag} until {until}")

    def visible_head(self) -> int:
        """Return the newest position."""
        return self.events

    def position_at(self, instant: datetime) -> int:
        """Return the greatest position whose time is not after an instant."""
        return min(max((instant - self.like.time) // timedelta(seconds=1), 0), self.events)


@contextmanager
def tables_of(events: int, server: PostgresServer) -> Iterator[Readings]:
    """Give readings of tables as so many events leave them."""
    till = Till.opened("L")
    world = till.world.recording("S1")
    world.share("S1", "L", "1")
    world.consent("L owns S1", "L", ["S1"])
    till.accrue({"L": 310_000})
    feed = LogFeed(world.log)
    database = open_database(server.fresh())
    try:
        runner = Runner(database, feed, [Permissions(feed), Royalties()])
        runner.prepare()
        runner.catch_up()
        values = {
            "events": events,
            "account": f"payable:{till.party('L')}",
            "consent": world.id("cns", "L owns S1"),
            "asset": world.asset("S1"),
        }
        with database.write() as connection:
            for name in ("balances", "consents", "shares", "reached", "analyze"):
                connection.execute(_SQL[name], values)
        yield Readings(database, LongFeed(events, world.log.recorded[-1]))
    finally:
        database.close()


def compare(measure: str, ask: Callable[[Readings, int, int], None]) -> None:
    """Ask both tables in turns at positions all over the log, and print the ratio of medians.

    `ask` gets the readings, the number of the question, and the position at which to ask.
    """
    server = PostgresServer(durable=True)
    try:
        with tables_of(SMALL, server) as small, tables_of(LARGE, server) as large:
            _asked(small, SMALL, ask)
            _asked(large, LARGE, ask)
            rounds = [(_asked(small, SMALL, ask), _asked(large, LARGE, ask)) for _ in range(ROUNDS)]
    finally:
        server.close()
    small_s, large_s = (min(row) for row in zip(*rounds, strict=True))
    print(f"{small_s * 1e6:.0f} us among {SMALL} events, {large_s * 1e6:.0f} us among {LARGE}")
    told(
        measure,
        large_s / small_s,
        f"the same question among {SMALL} events",
        at_most=TARGET,
        small_us=round(small_s * 1e6),
        large_us=round(large_s * 1e6),
        events=LARGE,
        rows="folded from a few real events, copied by the server under other ids and positions",
    )


def _asked(readings: Readings, events: int, ask: Callable[[Readings, int, int], None]) -> float:
    """Return the median time of a question."""
    taken: list[float] = []
    for number in range(ASKED):
        position = events // 2 + number * (events // 2) // ASKED
        began = time.perf_counter()
        ask(readings, number, position)
        taken.append(time.perf_counter() - began)
    return median(taken)
