"""The log as others read it: events up to the visible head, and never beyond it.

An event is read from its entry's bytes when somebody asks for it: see `ledger.replayed`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from ledger.decoding import is_closed
from ledger.replayed import Replayed
from ledger.rights.view import Recorded
from ledger.storage.contract import Reader, Store
from ledger.storage.records import StoredEntry
from ledger.storage.signal import VisibleHead

TIMER_S = 1.0
"""Another process may have moved the head, and its bell is not heard here: look again."""


class Feed:
    """Reads accepted entries in order, and waits for more."""

    def __init__(self, store: Store, visible: VisibleHead) -> None:
        self._store = store
        self._visible = visible

    def read_after(self, position: int, limit: int) -> list[Recorded]:
        """Return at most `limit` events after `position`, private fields opened."""
        with self._store.snapshot() as reader:
            return _opened(reader, reader.read_after(position, limit))

    def events_of(self, tag: str, *, until: int) -> list[Recorded]:
        """Return the events that carry a tag, up to a position, in order."""
        with self._store.snapshot() as reader:
            return _opened(reader, list(reader.events(tag, until=until)))

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

    def wait_beyond(
        self, position: int, timeout_s: float, *, stop: Callable[[], bool] = lambda: False
    ) -> bool:
        """Wait until the visible head is beyond `position`; False when the time is over.

        Also when `stop` says so after a `wake`.
        """
        until = time.monotonic() + timeout_s
        while self.visible_head() <= position:
            left = until - time.monotonic()
            if left <= 0 or self._visible.is_closed or stop():
                return False
            self._visible.wait_beyond(position, min(left, TIMER_S), stop=stop)
        return True

    def wake(self) -> None:
        """Wake everybody who waits, to look whether to stop."""
        self._visible.wake()


def _opened(reader: Reader, entries: Sequence[StoredEntry]) -> list[Recorded]:
    """Return entries that read themselves, the openings of all of them asked for at once."""
    closed = [one.event_id for one in entries if one.event_id and is_closed(one)]
    openings = reader.openings_of(closed) if closed else {}
    return [Replayed(one, openings.get(one.event_id or "", ())) for one in entries]
