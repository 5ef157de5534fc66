"""The visible head as coroutines hear it: a long poll waits without holding a thread."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Final

from ledger.storage.signal import VisibleHead

LOOK_AGAIN_S: Final = 1.0
"""Another process may have moved the head, and its bell is not heard here: look this often."""


class Bell:
    """Wakes the coroutines of one event loop when the visible head moves, or the door closes."""

    def __init__(self, visible: VisibleHead) -> None:
        self._visible = visible
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed: asyncio.Event | None = None
        self._closed = False
        self._lock = threading.Lock()
        visible.listen(self._ring)

    @property
    def is_closed(self) -> bool:
        """Whether waiting is over: the door closes, or the log ended."""
        return self._closed or self._visible.is_closed

    @property
    def has_ended(self) -> bool:
        """Whether the log itself ended, so that nothing may leave this process any more."""
        return self._visible.is_closed

    def head(self) -> int:
        """Return the visible head as this process knows it."""
        return self._visible.position

    async def wait_beyond(self, position: int, timeout_s: float) -> int:
        """Wait until the head is beyond `position`, the time is over, or it closes; return it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        while not self.is_closed:
            changed = self._listen(loop)
            head, left = self.head(), until - loop.time()
            if head > position or left <= 0:
                return head
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), min(left, LOOK_AGAIN_S))
        return self.head()

    def close(self) -> None:
        """Wake everybody: nothing more will come through this door. From any thread."""
        self._closed = True
        self._ring()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> asyncio.Event:
        with self._lock:
            if self._loop is not loop or self._changed is None or self._changed.is_set():
                self._loop, self._changed = loop, asyncio.Event()
            return self._changed

    def _ring(self) -> None:
        # In the writer's thread: whatever went wrong here would end the log, so nothing may.
        with self._lock:
            loop, changed = self._loop, self._changed
        if loop is not None and changed is not None:
            with suppress(RuntimeError):  # the loop is gone, and with it who waited
                loop.call_soon_threadsafe(changed.set)
