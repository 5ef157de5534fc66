"""How much faster royalties are folded than by the library: run `python -m benchmarks.projection`.

Both fold accruals of one song into the same rows (four postings, four balances) on the same
PostgreSQL, each from its own log in it: ours from signed entries with sealed payers, through the
runner as a service runs it; the library's by its `ProjectionRunner`. The server waits for the disk.
"""

from __future__ import annotations

import time

from benchmarks.against_library import EVENTS, Round, compare
from ledger.feed import Feed
from projections.engines import open_database
from projections.royalties import Royalties
from projections.runner import Runner
from tests.support.postgres_server import PostgresServer

TARGET = 40


def ours_per_s(feed: Feed, url: str) -> float:
    """Fold the whole log into empty tables, and return how many events a second."""
    database = open_database(url)
    try:
        runner = Runner(database, feed, [Royalties()])
        runner.prepare()
        began = time.perf_counter()
        runner.catch_up()
        taken = time.perf_counter() - began
        (row,) = runner.status()
        assert (row.position, row.failure) == (EVENTS, None)
        return EVENTS / taken
    finally:
        database.close()


def begin(feed: Feed, server: PostgresServer) -> Round:
    """Fold into tables of its own in each round."""
    return lambda: ours_per_s(feed, server.fresh())


if __name__ == "__main__":
    compare("projection", begin, target=TARGET)
