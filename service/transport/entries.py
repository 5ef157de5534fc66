"""The first half of the relay: every visible entry, in order, and what was called off."""

from __future__ import annotations

import threading
from typing import Final

from generation.broker import Broker, Sender
from ledger.decoding import read_recorded
from ledger.feed import Feed
from ledger.storage.killpoints import reach
from ledger.storage.records import StoredEntry
from schemas.envelope.keys import SigningKey
from schemas.events.generations import GenerationCanceled
from schemas.messages import GenerationCancelMessage
from schemas.topics import Topics
from service.transport.marks import HEADER, Marks

CHUNK: Final = 500
"""Entries that are sent before the broker must have acknowledged them; after a crash as many may
come again."""

WAIT_S: Final = 1.0
"""How long to wait for more in the log before looking whether to stop."""


class EntryRelay:
    """Publishes entries: the key is the position, the value the entry's bytes and nothing beside.

    Nothing beyond the visible head leaves: the feed ends there. No opening leaves ever.
    """

    def __init__(
        self,
        feed: Feed,
        broker: Broker,
        *,
        topics: Topics,
        marks: Marks,
        origin: str,
        key: SigningKey,
    ) -> None:
        self._feed = feed
        self._broker = broker
        self._topics = topics
        self._marks = marks
        self._origin = origin
        self._key = key
        self.position = 0
        """Up to where the topic is known to be whole."""

    def serve(self, stop: threading.Event) -> None:
        """Publish until told to stop; `BrokerAwayError` where the broker is."""
        with self._broker.reader(self._topics.entries) as reader:
            self.position = self._marks.newest(reader) or 0
        with self._broker.sender(window=CHUNK) as sender:
            while not stop.is_set():
                rows = self._feed.entries_after(self.position, CHUNK)
                if rows:
                    self._publish(rows, sender)
                else:
                    self._feed.wait_beyond(self.position, WAIT_S, stop=stop.is_set)

    def _publish(self, rows: list[StoredEntry], sender: Sender) -> None:
        topic = self._topics.entries
        mark = {HEADER: self._marks.make(topic, self.position)}
        for row in rows:
            sender.send(topic, key=b"%d" % row.position, value=row.data, headers=mark)
            if row.type == GenerationCanceled.TOPIC:
                self._call_off(row, sender)
        reach("entries_sent_before_acknowledged")
        sender.flush()
        # If we stop here, the next start finds the mark of these rows, and sends them again.
        self.position = rows[-1].position

    def _call_off(self, row: StoredEntry, sender: Sender) -> None:
        event = read_recorded(row, ()).event
        assert isinstance(event, GenerationCanceled)
        message = GenerationCancelMessage(generation=event.generation)
        value = message.sign(self._key, ledger=self._origin)
        sender.send(self._topics.cancel, key=event.generation.encode(), value=value)
