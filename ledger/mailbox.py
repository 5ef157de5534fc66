"""From threads into one event loop, and out of it: many answers or questions, one wake-up.

`call_soon_threadsafe` writes to a pipe each time; a batch is answered all at once, so it is called
once for whatever lies in the box. And one timer looks for whoever has waited too long: all wait
equally long, so whoever came first is late first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Brings results to the futures of one loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wait_s: float) -> None:
        self.loop = loop
        self._wait_s = wait_s
        self._waiting: dict[asyncio.Future[T], float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._posted: deque[tuple[asyncio.Future[T], Callable[[], T]]] = deque()
        self._is_called = False

    def open(self) -> asyncio.Future[T]:
        """Return a future that ends by what is posted to it, or by `TimeoutError`.

        Whoever waits for it closes it. In the loop, as `close`.
        """
        future: asyncio.Future[T] = self.loop.create_future()
        self._waiting[future] = self.loop.time() + self._wait_s
        if self._timer is None:
            self._timer = self.loop.call_later(self._wait_s, self._look)
        return future

    def close(self, future: asyncio.Future[T]) -> None:
        """Wait for a future no longer."""
        del self._waiting[future]

    def post(self, future: asyncio.Future[T], conclude: Callable[[], T]) -> None:
        """Have the loop call `conclude` and settle `future` by it. From any thread."""
        self.post_all([(future, conclude)])

    def post_all(self, rows: Iterable[tuple[asyncio.Future[T], Callable[[], T]]]) -> None:
        """Do the same for several, and wake the loop once all of them lie there."""
        self._posted.extend(rows)
        if not self._is_called:
            self._is_called = True
            with suppress(RuntimeError):  # the loop is gone, and with it who waited
                self.loop.call_soon_threadsafe(self._empty)

    def _empty(self) -> None:
        # First: what is posted from here on calls again, perhaps for nothing.
        self._is_called = False
        while self._posted:
            future, conclude = self._posted.popleft()
            if future.done():
                continue  # whoever asked has gone away; what was said is in the log all the same
            try:
                future.set_result(conclude())
            except Exception as error:  # noqa: BLE001 - raised again, to the one who asked for this
                future.set_exception(error)

    def _look(self) -> None:
        self._timer, now = None, self.loop.time()
        for future, until in self._waiting.items():
            if until > now:
                self._timer = self.loop.call_at(until, self._look)
                return
            if not future.done():
                future.set_exception(TimeoutError())


class Outbox(Generic[T]):
    """Hands in what is sent within one round of a loop, all of it at once. In the loop.

    Those who were answered together ask together. One by one, the first of them would wake a thread
    that takes the interpreter from the others, and goes on with what it has found by then.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, hand_in: Callable[[Sequence[T]], None]
    ) -> None:
        self._loop = loop
        self._hand_in = hand_in
        self._sent: list[T] = []

    def send(self, item: T) -> None:
        """Have an item handed in soon."""
        self._sent.append(item)
        if len(self._sent) == 1:
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        sent, self._sent = self._sent, []
        self._hand_in(sent)
