"""Reads the next batch of the log while this one is folded and written."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from ledger.rights.view import Recorded
from projections.feed import Feed

FIRST: Final = 500
"""Events in the first batch: folding begins when they are here. The next may be twice as many."""

SLICE: Final = 1_000
"""Events that are read at once of a batch that is read ahead: they stay in the nearer memory."""


@dataclass(slots=True)
class _Next:
    """A batch that is read ahead in slices, one after another in one thread."""

    feed: Feed
    begin: int
    reached: int
    asked: int = 0
    slices: list[Future[list[Recorded]]] = field(default_factory=list)

    def read(self, limit: int) -> list[Recorded]:
        """Read the next slice."""
        found = self.feed.read_after(self.reached, limit)
        if found:
            self.reached = found[-1].position
        return found

    def result(self) -> list[Recorded]:
        """Wait for all that was asked for."""
        return list(chain.from_iterable(one.result() for one in self.slices))


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
        self._next: _Next | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="projections-ahead")

    def read_after(self, position: int, limit: int | None = None) -> Sequence[Recorded]:
        """Return at most `limit` events after a position; None: a whole batch."""
        wanted = self._size if limit is None else min(limit, self._size)
        waiting, self._next = self._next, None
        found = waiting.result()[:wanted] if waiting and waiting.begin == position else []
        if not found:
            found = self._feed.read_after(position, wanted)
        elif waiting and len(found) == waiting.asked < wanted:  # no more of it was asked for
            found += self._feed.read_after(found[-1].position, wanted - len(found))
        self._is_full = len(found) == self._size
        self._size = min(2 * self._size if self._is_full else FIRST, self._limit)
        if found:
            self._position = found[-1].position
        return found

    def go_on(self, folded: float = 1.0) -> None:
        """Read as much of what follows a full batch as is folded of the batch, a slice at least.

        No more: reading keeps pace with folding, and the tables' server has its rows all the time.
        """
        if not self._is_full:
            return
        if self._next is None:
            self._next = _Next(self._feed, self._position, self._position)
        due = self._next
        # Where no thread can be had, at the end of the process say, it is read when it is due.
        with suppress(RuntimeError):
            while due.asked < folded * self._size:
                limit = min(SLICE, self._size - due.asked)
                due.slices.append(self._thread.submit(due.read, limit))
                due.asked += limit

    def drop(self) -> None:
        """Throw away what was read ahead: openings in it may have been erased since."""
        self._next = None
