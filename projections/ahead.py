"""Reads the next batch of the log while this one is written: decoding and the database, at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from ledger.rights.view import Recorded
from projections.feed import Feed


class Ahead:
    """Gives batches after positions; after a full one, the next is being read already.

    A batch that was read ahead and is not asked for next is thrown away.
    """

    def __init__(self, feed: Feed, limit: int) -> None:
        self._feed = feed
        self._limit = limit
        self._position = -1
        self._next: Future[list[Recorded]] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="projections-ahead")

    def read_after(self, position: int, limit: int | None = None) -> Sequence[Recorded]:
        """Return at most `limit` events after a position; None: a whole batch."""
        wanted = self._limit if limit is None else min(limit, self._limit)
        waiting, self._next = self._next, None
        if waiting is not None and self._position == position:
            found = waiting.result()[:wanted]
        else:
            found = self._feed.read_after(position, wanted)
        if len(found) == self._limit:
            self._position = found[-1].position
            self._next = self._thread.submit(self._feed.read_after, self._position, self._limit)
        return found

    def drop(self) -> None:
        """Throw away what was read ahead: openings in it may have been erased since."""
        self._next = None
