"""The second half of the relay: one signed job for every authorization that has not ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from generation.broker import Broker, Sender
from ledger.decoding import read_recorded
from ledger.feed import Feed
from ledger.folding import FoldCache
from ledger.storage.contract import Store
from ledger.storage.killpoints import reach
from schemas.envelope.keys import SigningKey
from schemas.events.generations import GenerationAuthorized
from schemas.observing import Observer, inject
from schemas.period import parse_instant
from schemas.topics import Topics
from service.transport.marks import HEADER, Marks
from service.workers.dispatch import Proving, carried_on, compose, has_ended

CHUNK: Final = 200
"""Jobs that are sent before the broker must have acknowledged them."""

WITHIN: Final = timedelta(days=1)
"""Where a topic says nothing of what was sent: authorizations live an hour, older ones are over."""

WITNESS_WAIT: Final = timedelta(seconds=5)
"""How long after its authorization a job may wait for witnesses (contracts, section 8)."""

WAIT_S: Final = 1.0
"""How long to wait for more in the log before looking whether to stop."""

_AUTHORIZED: Final = DCBQuery(items=[DCBQueryItem(types=[GenerationAuthorized.TOPIC])])


@dataclass(frozen=True, slots=True)
class _Job:
    key: bytes
    message: bytes
    carried: str | None


class JobRelay:
    """Publishes jobs, keyed by generation. Apart from the entries: a job may wait for witnesses."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        broker: Broker,
        *,
        topics: Topics,
        marks: Marks,
        origin: str,
        key: SigningKey,
        proving: Proving,
        clock: Callable[[], datetime],
        observer: Observer,
    ) -> None:
        self._store = store
        self._feed = feed
        self._broker = broker
        self._topics = topics
        self._marks = marks
        self._origin = origin
        self._key = key
        self._proving = proving
        self._cache = FoldCache()
        self._clock = clock
        self._observer = observer

    def serve(self, stop: threading.Event) -> None:
        """Publish until told to stop; `BrokerAwayError` where the broker is."""
        with self._broker.reader(self._topics.authorized) as reader:
            position = self._marks.newest(reader)
        if position is None:
            with self._store.snapshot() as log:
                position = log.position_at(log.time() - WITHIN)
        with self._broker.sender() as sender:
            while not stop.is_set():
                found, position = self._look(position)
                if found:
                    self._publish(found, position, sender, stop)
                    position = found[-1]
                else:
                    self._feed.wait_beyond(position, WAIT_S, stop=stop.is_set)

    def _look(self, position: int) -> tuple[list[int], int]:
        """Return the next authorizations; where there are none, how far we have looked."""
        with self._store.snapshot() as log:
            found = list(islice(log.positions(_AUTHORIZED, after=position), CHUNK))
            return found, (position if found else max(position, log.bound))

    def _publish(
        self, found: list[int], through: int, sender: Sender, stop: threading.Event
    ) -> None:
        mark = {HEADER: self._marks.make(self._topics.authorized, through)}
        for position in found:
            job = None if stop.is_set() else self._job(position)
            if job is not None:
                with self._observer.step("publish", carried=job.carried):
                    topic, headers = self._topics.authorized, mark | inject(job.carried)
                    sender.send(topic, key=job.key, value=job.message, headers=headers)
        reach("jobs_sent_before_acknowledged")
        sender.flush()

    def _job(self, position: int) -> _Job | None:
        """Return the job of an authorization; None where it has ended or its hour has passed.

        It waits for witnesses, counted from the authorization: many that wait wait together.
        """
        with self._store.snapshot() as log:
            stored = log.entry(position)
            assert stored is not None, "it was found in the log"
            event = read_recorded(stored, ()).event
            assert isinstance(event, GenerationAuthorized)
            if has_ended(log, event.generation):
                return None
        now = self._clock()
        if now >= parse_instant(event.expires_at):
            return None
        left = stored.time + WITNESS_WAIT - now
        self._proving.wait_for(position, max(left.total_seconds(), 0.0))
        with self._store.snapshot() as log:
            message = compose(
                log,
                position,
                ledger=self._origin,
                key=self._key,
                policy=self._proving.policy(),
                cache=self._cache,
            )
            return _Job(event.generation.encode(), message, carried_on(log, position))
