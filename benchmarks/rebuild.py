"""How much faster royalties are rebuilt than the library folds: `python -m benchmarks.rebuild`.

The rebuild as an operator starts it: folded anew beside the live tables, both digests compared at
one position, the tables swapped. The library has no rebuild but to fold everything once more, so
it is held against its `ProjectionRunner`, over the same accruals into the same rows.
"""

from __future__ import annotations

import gc
import time

from benchmarks.earnings import Earnings, log_of
from benchmarks.library_projection import folded_per_s
from benchmarks.measuring import told
from ledger.feed import Feed
from projections.engines import open_database
from projections.rebuild import rebuild
from projections.royalties import Royalties
from projections.runner import Runner
from tests.support.postgres_server import PostgresServer

EVENTS = 16_000
PEERS = 500
ROUNDS = 3
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


def main() -> None:
    """Rebuild and fold in turns, the best of each, and print the ratio."""
    earnings = Earnings()
    server = PostgresServer(durable=True)
    try:
        events = [earnings.accrual() for _ in range(EVENTS)]
        peers = events[:PEERS]
        with log_of(events, server.fresh()) as feed:
            del events
            gc.freeze()  # what the log was made of is no part of folding it
            url = server.fresh()
            database = open_database(url)
            live = Runner(database, feed, [Royalties()])
            live.prepare()
            live.catch_up()
            database.close()
            works = [
                (rebuilt_per_s(feed, url), folded_per_s(peers, server.fresh()))
                for _ in range(ROUNDS)
            ]
    finally:
        server.close()
    ours, peer = (max(row) for row in zip(*works, strict=True))
    print(f"{ours:.0f} events a second, {peer:.0f} folded by the library")
    told(
        "rebuild",
        ours / peer,
        "the library's ProjectionRunner on the same PostgreSQL, the same rows",
        at_least=TARGET,
        events_per_s=round(ours),
        library_events_per_s=round(peer),
        rows_an_event=8,
        events=EVENTS,
    )


if __name__ == "__main__":
    main()
