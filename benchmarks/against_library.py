"""Comparing how many accruals a second we take in with the library's `ProjectionRunner`.

Both read their own log of the same accruals, on the same PostgreSQL, into the same rows. The server
waits for the disk.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Final

from benchmarks.earnings import Earnings, log_of
from benchmarks.library_projection import folded_per_s
from benchmarks.measuring import sized, told
from ledger.feed import Feed
from tests.support.postgres_server import PostgresServer

EVENTS: Final = sized(16_000, tiny=200)
"""Accruals in our log."""

PEERS: Final = sized(500, tiny=20)
"""As many of them are the library's: it takes seconds for these."""

ROUNDS: Final = sized(3, tiny=1)

Round = Callable[[], float]
"""Takes in the whole log once; returns how many events a second that were."""


def compare(measure: str, begin: Callable[[Feed, PostgresServer], Round], *, target: float) -> None:
    """Let both take in their logs in turns, and print the ratio of the best of each.

    `begin` makes ready on the server what each round of ours finds there.
    """
    earnings = Earnings()
    server = PostgresServer(durable=True)
    try:
        events = [earnings.accrual() for _ in range(EVENTS)]
        peers = events[:PEERS]
        with log_of(events, server.fresh()) as feed:
            del events
            gc.freeze()  # what the log was made of is no part of reading it
            one_round = begin(feed, server)
            works = [(one_round(), folded_per_s(peers, server.fresh())) for _ in range(ROUNDS)]
    finally:
        server.close()
    ours, peer = (max(row) for row in zip(*works, strict=True))
    print(f"{ours:.0f} events a second, {peer:.0f} folded by the library")
    told(
        measure,
        ours / peer,
        "the library's ProjectionRunner on the same PostgreSQL, the same rows",
        at_least=target,
        events_per_s=round(ours),
        library_events_per_s=round(peer),
        rows_an_event=8,
        events=EVENTS,
    )
