"""How much faster royalties are rebuilt than the library folds: `python -m benchmarks.rebuild`.

A rebuild whole: folded anew beside the live tables, both compared row by row at one position, the
tables swapped. `liner rebuild` reads the live tables once more for the digest that it prints. The
library has no rebuild but to fold everything once more, so it is held against its
`ProjectionRunner`, over the same accruals into the same rows.
"""

from __future__ import annotations

import time

from benchmarks.against_library import EVENTS, Round, compare
from ledger.feed import Feed
from projections.engines import open_database
from projections.rebuild import rebuild
from projections.royalties import Royalties
from projections.runner import Runner
from tests.support.postgres_server import PostgresServer

TARGET = 60


def rebuilt_per_s(feed: Feed, url: str) -> float:
    """Rebuild the tables of the whole log, and return how many events a second."""
    database = open_database(url)
    try:
        began = time.perf_counter()
        done = rebuild(database, feed, Royalties())
        taken = time.perf_counter() - began
        assert (done.equal, done.swapped, done.position) == (True, True, EVENTS)
        return EVENTS / taken
    finally:
        database.close()


def begin(feed: Feed, server: PostgresServer) -> Round:
    """Fold the live tables once; each round makes the next beside them."""
    url = server.fresh()
    database = open_database(url)
    live = Runner(database, feed, [Royalties()])
    live.prepare()
    live.catch_up()
    database.close()
    return lambda: rebuilt_per_s(feed, url)


if __name__ == "__main__":
    compare("rebuild", begin, target=TARGET)
