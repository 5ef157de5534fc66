"""For those who only look: folded scopes that many questions share, and that no decision needs.

Apart from the cache of decisions, so that a flood of inspections of old outputs forgets nothing
that deciding rests on. Whether openings were erased since the last look is asked of the snapshot
itself: what was folded before still holds what was opened then, so it is left behind whole.
"""

from __future__ import annotations

import threading
from typing import Final

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.folding import FoldCache, LogSource
from ledger.rights.view import View
from ledger.storage.contract import Reader
from schemas.events.erasure import OpeningsErased

SCOPES_MAX: Final = 10_000
"""Scopes kept folded: some five hundred generations with what they cite."""

_ERASED: Final = DCBQuery(items=[DCBQueryItem(types=[OpeningsErased.TOPIC])])


class SharedViews:
    """Gives views of snapshots of one log, from any thread.

    Erasures up to `_until` are known; the newest of them was seen by a snapshot up to `_cleared`.
    """

    def __init__(self, limit: int = SCOPES_MAX) -> None:
        self._limit = limit
        self._cache = FoldCache(limit)
        self._until = 0
        self._cleared = 0
        self._lock = threading.Lock()

    def of(self, reader: Reader) -> View:
        """Return what a snapshot shows, folded from where another has left it."""
        until = self._until
        is_erased = reader.bound > until and reader.matches(_ERASED, after=until)
        with self._lock:
            if is_erased and reader.bound > self._cleared:
                # Another one: whoever looks at an older snapshot goes on filling the one of before.
                self._cache, self._cleared = FoldCache(self._limit), reader.bound
            self._until = max(self._until, reader.bound)
            # An older snapshot still shows what was erased since: it leaves nothing here.
            cache = self._cache if reader.bound >= self._cleared else FoldCache(self._limit)
        return View(LogSource(reader, cache))
