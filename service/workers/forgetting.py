"""After an erasure the reading models forget too: they are folded anew from what is still open.

The log is the queue: erasures beyond the position in the marker file are still to be forgotten. If
we stop in between, the next look does it again; a rebuild twice is the same rebuild.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger import whole_file
from ledger.storage.contract import Store
from projections.base import Projection
from projections.database import Database
from projections.feed import Feed
from projections.rebuild import drop_replaced, rebuild
from schemas.events.erasure import OpeningsErased

log: Final = logging.getLogger(__name__)

_ERASED: Final = DCBQuery(items=[DCBQueryItem(types=[OpeningsErased.TOPIC])])


class Forgetting:
    """Rebuilds every projection once for the erasures that came since the last time."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        database: Database,
        *,
        fresh: Callable[[], Sequence[Projection]],
        marker: Path,
    ) -> None:
        self._store = store
        self._feed = feed
        self._database = database
        self._fresh = fresh
        self._marker = marker

    def forget(self) -> bool:
        """Do what is due; tell whether there was anything."""
        done = int(self._marker.read_text()) if self._marker.exists() else 0
        with self._store.snapshot() as reader:
            newest = max(reader.positions(_ERASED, after=done), default=0)
        if not newest:
            return False
        for projection in self._fresh():
            rebuilt = rebuild(self._database, self._feed, projection)
            if not rebuilt.equal:
                # Somebody should look before the evidence of a fault is replaced.
                log.error("the tables of %s are not what the log says", projection.NAME)
                continue
            drop_replaced(self._database, projection.NAME)
        whole_file.replace(self._marker, str(newest).encode())
        return True
