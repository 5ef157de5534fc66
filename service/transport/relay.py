"""The relay: the log is the outbox, and this is what empties it into the broker.

Entries leave in order, jobs beside them. Both are published at least once and never with a gap;
what has been published is read from the topics (`service.transport.marks`). One relay acts at a
time, and others stand by: a second one would do no harm, and no good.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Final

from generation.broker import Broker
from generation.delivery import keep_trying
from ledger.feed import Feed
from ledger.storage.contract import Store
from schemas.envelope.keys import SigningKey
from schemas.messages import LedgerKeys
from schemas.observing import UNOBSERVED, Observer
from schemas.topics import Topics
from service.transport.entries import EntryRelay
from service.transport.jobs import JobRelay
from service.transport.marks import Marks
from service.workers.dispatch import Proving

Hold = Callable[[], bool]
"""Takes the lock of a role where it is free; tells whether we have it, each time it is asked."""

LOOK_S: Final = 0.5
"""How often an acting relay asks whether it still may, and one that stands by whether it may."""


def _alone() -> bool:
    return True


class Relay:
    """Publishes entries and jobs while it holds the role's lock.

    `hold` is asked from one thread alone. Without one, whoever starts it sees to it that it is the
    only one.
    """

    def __init__(
        self,
        store: Store,
        feed: Feed,
        broker: Broker,
        *,
        topics: Topics,
        ledger: LedgerKeys,
        key: SigningKey,
        proving: Proving,
        hold: Hold = _alone,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        observer: Observer = UNOBSERVED,
    ) -> None:
        marks = Marks(ledger, key)
        self._feed = feed
        self._hold = hold
        self.entries = EntryRelay(
            feed, broker, topics=topics, marks=marks, origin=ledger.origin, key=key
        )
        self._jobs = JobRelay(
            store,
            feed,
            broker,
            topics=topics,
            marks=marks,
            origin=ledger.origin,
            key=key,
            proving=proving,
            clock=clock,
            observer=observer,
        )

    def run(self, stop: threading.Event) -> None:
        """Publish, or stand by, until told to stop. Raises `Fatal` when the ledger ends."""
        while not stop.is_set():
            if self._hold():
                self._act(stop)
            else:
                stop.wait(LOOK_S)

    def _act(self, stop: threading.Event) -> None:
        """Publish until told to stop, or until another has the lock."""
        over = threading.Event()
        with ThreadPoolExecutor(2, thread_name_prefix="relay") as pool:
            parts = (self.entries.serve, self._jobs.serve)
            running = [pool.submit(keep_trying, part, over, name="the relay") for part in parts]
            try:
                while not stop.is_set() and self._hold():
                    if wait(running, timeout=LOOK_S, return_when=FIRST_COMPLETED).done:
                        stop.set()
                        break
            except BaseException:
                stop.set()
                raise
            finally:
                # Told to stop or failed, it has begun to: a part may wait for what does not answer.
                over.set()
                self._feed.wake()
        for part in running:
            part.result()
