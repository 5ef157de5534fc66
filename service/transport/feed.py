"""The log as projections read it, out of the topic of entries; openings come from the database.

What lies in a topic is believed as far as the tree goes: an entry is the one of its position where
its hash is the leaf there. So what is forged, altered or repeated is passed over, what came too
early comes again after what is missing, and nothing beyond the visible head is read.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from contextlib import ExitStack
from datetime import datetime
from typing import Final

from generation.broker import Broker, Reader
from generation.delivery import BrokerAwayError, Record
from ledger.decoding import read_recorded
from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.tiles import TILE_HASHES, tile_width
from ledger.feed import Feed
from ledger.rights.view import Recorded
from ledger.storage.contract import Reader as LogReader
from ledger.storage.contract import Store
from ledger.storage.instants import EPOCH, to_us
from ledger.storage.records import StoredEntry
from schemas.envelope.entry import leaf_hash, read_entry

log: Final = logging.getLogger(__name__)

WAIT_S: Final = 0.2
"""How long to wait for what is visible and not yet in the topic: the relay is that far behind."""

KEPT_MAX: Final = 4096
"""Entries that are kept: projections side by side read what one of them has read already."""


class TopicFeed:
    """Implements `projections.feed.Feed`. Use `close`; threads take turns."""

    def __init__(self, store: Store, feed: Feed, broker: Broker, *, topic: str) -> None:
        self._store = store
        self._feed = feed
        self._broker = broker
        self._topic = topic
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._reader: Reader | None = None
        self._ahead: deque[Record] = deque()
        self._kept: dict[int, bytes] = {}
        self._position = 0

    def read_after(self, position: int, limit: int) -> list[Recorded]:
        """Return at most `limit` typed events after `position`; none while the broker is away."""
        with self._lock, self._store.snapshot() as reader:
            try:
                found = self._take(reader, position, limit)
            except BrokerAwayError as error:
                log.warning("projections wait for the broker: %s", error)
                self._let_go()
                return []
            return _opened(reader, position, found)

    def events_of(self, tag: str, *, until: int) -> list[Recorded]:
        """Return the typed events that carry a tag, from the database."""
        return self._feed.events_of(tag, until=until)

    def visible_head(self) -> int:
        """Return the newest position that the register has accepted."""
        return self._feed.visible_head()

    def position_at(self, instant: datetime) -> int:
        """Return the greatest position whose time is not after `instant`; 0 if there is none."""
        return self._feed.position_at(instant)

    def close(self) -> None:
        """Give the broker back."""
        with self._lock:
            self._let_go()

    def _take(self, reader: LogReader, position: int, limit: int) -> list[bytes]:
        """Return the entries after a position, in order, as far as the topic has them."""
        until = min(position + limit, reader.bound)
        found: list[bytes] = []
        while position + len(found) < until and position + len(found) + 1 in self._kept:
            found.append(self._kept[position + len(found) + 1])
        if found or position >= until:
            return found
        if position != self._position or self._reader is None:
            self._go_to(position)
        leaves = _Leaves(reader)
        while self._position < until and (row := self._next()) is not None:
            if leaf_hash(row.value) == leaves.at(self._position + 1):
                self._position += 1
                self._keep(self._position, row.value)
                found.append(row.value)
        return found

    def _next(self) -> Record | None:
        assert self._reader is not None, "it was told where to go"
        if not self._ahead:
            self._ahead.extend(self._reader.read(WAIT_S))
        return self._ahead.popleft() if self._ahead else None

    def _go_to(self, position: int) -> None:
        """Go on behind a position: no record of a later one lies before this offset."""
        if self._reader is None:
            self._reader = self._stack.enter_context(self._broker.reader(self._topic))
        self._reader.seek(0, position)
        self._ahead.clear()
        self._position = position

    def _keep(self, position: int, data: bytes) -> None:
        self._kept[position] = data
        while len(self._kept) > KEPT_MAX:
            del self._kept[next(iter(self._kept))]

    def _let_go(self) -> None:
        self._stack.close()
        self._reader = None
        self._ahead.clear()


class _Leaves:
    """The leaves of the tree, a tile at a time."""

    def __init__(self, reader: LogReader) -> None:
        self._reader = reader
        self._tile = -1
        self._hashes = b""

    def at(self, position: int) -> bytes:
        """Return the hash of the leaf at a position that the reader can see."""
        tile, place = divmod(position - 1, TILE_HASHES)
        if tile != self._tile:
            width = tile_width(0, tile, self._reader.bound)
            self._tile, self._hashes = tile, self._reader.read_tile(0, tile, width)
        return self._hashes[place * HASH_BYTES : (place + 1) * HASH_BYTES]


def _opened(reader: LogReader, position: int, found: list[bytes]) -> list[Recorded]:
    """Return typed events, their private fields opened; their time never runs back."""
    before = reader.entry(position) if found and position else None
    time_us = before.time_us if before else to_us(EPOCH)
    events = []
    for number, raw in enumerate(found, start=position + 1):
        entry = read_entry(raw)
        time_us = max(time_us, to_us(entry.recorded_at))
        stored = StoredEntry(number, entry.type, raw, (), entry.id, time_us)
        events.append(read_recorded(stored, reader.openings(entry.id)))
    return events
