"""When a process stops: told by a signal, or by its own end. Either way it has begun to leave.

A process of which a part has failed ends like one that was told to: it closes what is open, and a
database that does not answer holds it up as long. So both set the same event, from which on it has
its time to be through (`service.leaving`).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from service.leaving import Leave, stay

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
"""What tells a process to stop: its manager, and somebody at the keyboard."""

Hear = Callable[[int, FrameType | None], None]
"""Hears a signal, as Python calls it."""


class Stop(threading.Event):
    """Is set when a process begins to stop; `leave` hears of it then."""

    def __init__(self, leave: Leave = stay) -> None:
        super().__init__()
        self._leave = leave

    def set(self) -> None:
        """Begin to stop; a second time does nothing."""
        super().set()
        self._leave()


@contextmanager
def heard(hear: Hear) -> Iterator[Callable[[], None]]:
    """Let `hear` hear signals in this block; give what lets whoever heard them before do so again.

    Outside the main thread no signal is heard, by anybody: whoever runs us there tells us to stop.
    """
    is_main = threading.current_thread() is threading.main_thread()
    before = {kind: signal.signal(kind, hear) for kind in SIGNALS} if is_main else {}

    def give_back() -> None:
        for kind, handler in before.items():
            signal.signal(kind, handler)

    try:
        yield give_back
    finally:
        give_back()


@contextmanager
def stopping(leave: Leave = stay) -> Iterator[Stop]:
    """Give what SIGTERM and SIGINT set: finish what is under way, then leave.

    A second signal ends the process at once, as it would have.
    """
    told = Stop(leave)

    def stop(_kind: int, _frame: FrameType | None) -> None:
        told.set()
        give_back()

    with heard(stop) as give_back:
        yield told


@contextmanager
def ending(stop: threading.Event) -> Iterator[None]:
    """Around what a process does once all is open: however that ends, from then on it stops.

    The innermost block: what is left after it may already wait for what does not answer.
    """
    try:
        yield
    finally:
        stop.set()
