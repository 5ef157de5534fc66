"""From threads into one event loop: many answers, one wake-up.

`call_soon_threadsafe` writes to a pipe each time; a batch is answered all at once, so it is called
once for whatever lies in the box.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Brings results to the futures of one loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._posted: deque[tuple[asyncio.Future[T], Callable[[], T]]] = deque()
        self._is_called = False

    def post(self, future: asyncio.Future[T], conclude: Callable[[], T]) -> None:
        """Have the loop call `conclude` and settle `future` by it. From any thread."""
        self._posted.append((future, conclude))
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
