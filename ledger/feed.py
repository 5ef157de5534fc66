"""The log as others read it: typed events up to the visible head, and never beyond it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from ledger.decoding import read_recorded
from ledger.rights.view import Recorded
from ledger.storage.contract import Store
from ledger.storage.records import StoredEntry


class Feed:
    """Reads accepted entries in order. `changed` wakes those who wait when the head moves."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed = threading.Condition()

    def read_after(self, position: int, limit: int) -> list[Recorded]:
        """Return at most `limit` typed events after `position`, private fields opened."""
        with self._store.snapshot() as reader:
            return [
                read_recorded(stored, reader.openings(stored.event_id or ""))
                for stored in reader.read_after(position, limit)
            ]

    def entries_after(self, position: int, limit: int) -> list[StoredEntry]:
        """Return at most `limit` entries after `position` as they are stored, nothing opened."""
        with self._store.snapshot() as reader:
            return reader.read_after(position, limit)

    def visible_head(self) -> int:
        """Return the newest position that the register has accepted."""
        with self._store.snapshot() as reader:
            return reader.bound

    def position_at(self, instant: datetime) -> int:
        """Return the greatest position whose time is not after `instant`; 0 if there is none."""
        with self._store.snapshot() as reader:
            return reader.position_at(instant)

    def moved(self) -> None:
        """Say that the visible head moved; called by the writer after each accepted batch."""
        with self._changed:
            self._changed.notify_all()

    def wait_beyond(
        self, position: int, timeout_s: float, *, stop: Callable[[], bool] = lambda: False
    ) -> bool:
        """Wait until the visible head is beyond `position`; False when the time is over."""
        until = time.monotonic() + timeout_s
        with self._changed:
            while self.visible_head() <= position:
                left = until - time.monotonic()
                if left <= 0 or stop():
                    return False
                # A wake-up can be lost when another process writes: look again each second.
                self._changed.wait(min(left, 1.0))
        return True
