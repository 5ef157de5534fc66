"""The log as a DCB recorder of the `eventsourcing` library.

Its append is the case of one append with nothing beside it, through the same writer, lock, tree and
register as every command; its readers stop at the visible head like all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBReadResponse,
    DCBRecorder,
    DCBSequencedEvent,
    DCBSubscription,
)
from eventsourcing.persistence import ProgrammingError

from ledger.storage.records import Committed, PlainAppend

if TYPE_CHECKING:
    from ledger.storage.contract import Store
    from ledger.storage.signal import VisibleHead
    from ledger.storage.writer import Writer

PAGE: Final = 500
"""Events fetched at a time; between two pages no snapshot is held open."""

LOOK_AGAIN_S: Final = 1.0
"""A subscription looks by itself after so long, should it not have been woken."""


class LogRecorder(DCBRecorder):
    """Implements `eventsourcing.dcb.api.DCBRecorder` over a store and its writer."""

    def __init__(self, store: Store, writer: Writer, visible: VisibleHead) -> None:
        self._store = store
        self._writer = writer
        self._visible = visible

    def read(
        self,
        query: DCBQuery | None = None,
        *,
        after: int | None = None,
        limit: int | None = None,
    ) -> DCBReadResponse:
        """Return the visible events that match, in order; see `DCBRecorder.read`."""
        query = query or DCBQuery()
        if limit is not None:
            found = self.page(query, after=after or 0, limit=limit)
            return LogReadResponse(iter(found), found[-1].position if found else None)
        with self._store.snapshot() as reader:
            head = reader.bound
        # The log only grows, so pages up to this head are one snapshot, whenever they are read.
        return LogReadResponse(self._pages(query, after or 0, head), head or None)

    def append(
        self, events: Sequence[DCBEvent], condition: DCBAppendCondition | None = None
    ) -> int:
        """Append, unless visible or committed events match the condition; return the position.

        Raises `eventsourcing.persistence.IntegrityError` where they do.
        """
        if not events:
            raise ProgrammingError("an append has at least one event")
        unless = None if condition is None else condition.fail_if_events_match
        after = 0 if condition is None else condition.after or 0
        copies = tuple(DCBEvent(event.type, event.data, list(event.tags)) for event in events)
        answer = self._writer.submit(PlainAppend(copies, unless, after)).result()
        assert isinstance(answer, Committed), "a plain append is never decided again"
        return answer.positions[-1]

    def subscribe(
        self, query: DCBQuery | None = None, *, after: int | None = None
    ) -> LogSubscription:
        """Return an endless iterator over matching events; see `DCBRecorder.subscribe`."""
        return LogSubscription(self, self._visible, query, after)

    def page(
        self, query: DCBQuery, *, after: int, limit: int, until: int | None = None
    ) -> list[DCBSequencedEvent]:
        """Return at most `limit` matching events of one snapshot."""
        with self._store.snapshot() as reader:
            found = []
            for position in reader.positions(query, after=after, limit=limit):
                entry = reader.entry(position)
                if entry is None or (until is not None and position > until):
                    break
                event = DCBEvent(entry.type, entry.data, list(entry.tags))
                found.append(DCBSequencedEvent(event, position))
            return found

    def _pages(self, query: DCBQuery, after: int, until: int) -> Iterator[DCBSequencedEvent]:
        while found := self.page(query, after=after, limit=PAGE, until=until):
            yield from found
            after = found[-1].position


class LogReadResponse(DCBReadResponse):
    """What `read` returns: events in order, and the head that they were read at."""

    def __init__(self, events: Iterator[DCBSequencedEvent], head: int | None) -> None:
        self._events = events
        self._head = head

    @property
    def head(self) -> int | None:
        """The last visible position; with a limit, that of the last event; None for nothing."""
        return self._head

    def __next__(self) -> DCBSequencedEvent:
        """Return the next event."""
        return next(self._events)


class LogSubscription(DCBSubscription[LogRecorder]):
    """Yields what matches, then waits for more, until it is stopped or the log is closed."""

    def __init__(
        self,
        recorder: LogRecorder,
        visible: VisibleHead,
        query: DCBQuery | None,
        after: int | None,
    ) -> None:
        super().__init__(recorder, query, after)
        self._matching = query or DCBQuery()
        self._visible = visible
        self._fetched: Iterator[DCBSequencedEvent] = iter(())

    def stop(self) -> None:
        """End the iteration, also one that waits in another thread."""
        super().stop()
        self._visible.wake()

    def __next__(self) -> DCBSequencedEvent:
        """Return the next matching event, waiting for it if need be."""
        while not (self._has_been_stopped or self._visible.is_closed):
            event = next(self._fetched, None)
            if event is not None:
                return event
            self._fetch()
        raise StopIteration

    def _fetch(self) -> None:
        # The head first: what becomes visible after this line also wakes the wait below.
        head = self._visible.wait_beyond(0, 0)
        found = self._recorder.page(self._matching, after=self._last_position, limit=PAGE)
        if found:
            self._last_position = found[-1].position
            self._fetched = iter(found)
        else:
            self._visible.wait_beyond(head, LOOK_AGAIN_S, stop=lambda: self._has_been_stopped)
