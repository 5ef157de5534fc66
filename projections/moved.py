"""The bell of those who wait for a projection to move, inside one process."""

from __future__ import annotations

import threading


class Bell:
    """Counts its rings, so that one between a look and the wait that follows is not missed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rings = 0

    @property
    def rings(self) -> int:
        """How often it has rung."""
        with self._condition:
            return self._rings

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._condition:
            self._rings += 1
            self._condition.notify_all()

    def wait(self, *, after: int, timeout_s: float) -> None:
        """Wait until it has rung more than `after` times, at most so long."""
        with self._condition:
            self._condition.wait_for(lambda: self._rings > after, timeout_s)
