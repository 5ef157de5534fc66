"""The visible head as a bell: readers of this process wait for it instead of polling."""

import threading
import time
from collections.abc import Callable


class VisibleHead:
    """The last visible position as this process knows it. A wake-up, not the truth: read the row.

    Other processes that read the same database do not hear it and look by a timer.
    """

    def __init__(self, position: int) -> None:
        self._position = position
        self._closed = False
        self._listeners: list[Callable[[], None]] = []
        self._changed = threading.Condition()

    @property
    def position(self) -> int:
        """The last visible position as known, without waiting."""
        return self._position

    @property
    def is_closed(self) -> bool:
        """Whether the log was closed, so that waiting is over."""
        return self._closed

    def advance(self, position: int) -> None:
        """Wake everybody who waits for a position up to `position`."""
        with self._changed:
            self._position = max(self._position, position)
            self._changed.notify_all()
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each move. In the writer's thread: it only sets a flag there."""
        with self._changed:
            self._listeners.append(listener)

    def wake(self) -> None:
        """Wake everybody to look again at whatever else they wait for."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Wake everybody: nothing more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait_beyond(
        self, position: int, timeout_s: float, *, stop: Callable[[], bool] = lambda: False
    ) -> int:
        """Wait until something lies beyond `position`; return the head as known.

        It ends without that when the time is over, when the log is closed, and when `stop` says so
        after a `wake`.
        """
        until = time.monotonic() + timeout_s
        with self._changed:
            while self._position <= position and not self._closed and not stop():
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            return self._position
