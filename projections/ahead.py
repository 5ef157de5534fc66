"""Reads the next batch of the log while this one is folded and written."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from ledger.rights.view import Recorded
from projections.feed import Feed

FIRST: Final = 500
"""Events in the first batch: folding begins when they are here. The next may be twice as many."""


class Ahead:
    """Gives batches after positions; whoever begins to fold one calls `go_on`.

    A batch that was read ahead and is not asked for next is thrown away. They grow up to `limit`:
    a longer one would be read for longer than the one before it is folded.
    """

    def __init__(self, feed: Feed, limit: int) -> None:
        self._feed = feed
        self._limit = limit
        self._size = min(FIRST, limit)
        self._position = -1
        self._is_full = False
        self._next: Future[list[Recorded]] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="projections-ahead")

    def read_after(self, position: int, limit: int | None = None) -> Sequence[Recorded]:
        """Return at most `limit` events after a position; None: a whole batch."""
        wanted = self._size if limit is None else min(limit, self._size)
        waiting, self._next = self._next, None
        if waiting is not None and self._position == position:
            found = waiting.result()[:wanted]
        else:
            found = self._feed.read_after(position, wanted)
        self._is_full = len(found) == self._size
        self._size = min(2 * self._size if self._is_full else FIRST, self._limit)
        if found:
            self._position = found[-1].position
        return found

    def go_on(self) -> None:
        """Begin to read what follows a full batch."""
        if self._is_full and self._next is None:
            # Where no thread can be had, at the end of the process say, it is read when it is due.
            with suppress(RuntimeError):
                self._next = self._thread.submit(self._feed.read_after, self._position, self._size)

    def drop(self) -> None:
        """Throw away what was read ahead: openings in it may have been erased since."""
        self._next = None
