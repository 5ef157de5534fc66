"""How much faster royalties are folded than by the library: run `python -m benchmarks.projection`.

Both fold accruals of one song into the same rows (four postings, four balances) on the same
PostgreSQL, each from its own log in it: ours from signed entries with sealed payers, through the
runner as a service runs it; the library's by its `ProjectionRunner`. The server waits for the disk.
"""

from __future__ import annotations

import gc
import time

from benchmarks.earnings import Earnings, log_of
from benchmarks.library_projection import folded_per_s
from benchmarks.measuring import told
from ledger.feed import Feed
from projections.engines import open_database
from projections.royalties import Royalties
from projections.runner import Runner
from tests.support.postgres_server import PostgresServer

EVENTS = 16_000
PEERS = 500
ROUNDS = 3
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


def main() -> None:
    """Fold in turns, the best of each, and print the ratio."""
    earnings = Earnings()
    server = PostgresServer(durable=True)
    try:
        events = [earnings.accrual() for _ in range(EVENTS)]
        peers = events[:PEERS]
        with log_of(events, server.fresh()) as feed:
            del events
            gc.freeze()  # what the log was made of is no part of folding it
            works = [
                (ours_per_s(feed, server.fresh()), folded_per_s(peers, server.fresh()))
                for _ in range(ROUNDS)
            ]
    finally:
        server.close()
    ours, peer = (max(row) for row in zip(*works, strict=True))
    print(f"{ours:.0f} events a second, {peer:.0f} by the library")
    told(
        "projection",
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
