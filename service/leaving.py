"""An end to stopping: who has begun to, and waits for what does not answer, is ended all the same.

Begun by a signal, or by a part that failed (`service.stopping`).

A manager of processes would kill it, after a time of its own. That is no other end than this: what
is in hand is found again at the next start, and nothing was acknowledged that is not in the log.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

log: Final = logging.getLogger(__name__)

LEAVES_S: Final = 25.0
"""How long stopping may take: less than the half minute after which Kubernetes kills by default."""

EXIT_CODE: Final = 1
"""With which such a process ends: not as it was told to."""

Leave = Callable[[], None]
"""Is called when a process begins to stop; a second time does nothing."""


def stay() -> None:
    """Begin nothing: for whoever stops in a process that goes on."""


@contextmanager
def leaving(within_s: float = LEAVES_S) -> Iterator[Leave]:
    """Give what is to be called when this process begins to stop; then the block ends in time.

    Or the process does, at once, as if it had been killed. For the main block of a process.
    """
    begun, over = threading.Event(), threading.Event()

    def watch() -> None:
        begun.wait()
        if over.wait(within_s):
            return
        waiting = sorted(one.name for one in threading.enumerate() if one.name != "leaving")
        log.critical(
            "told to stop, and not through after %g s: ended; left were %s", within_s, waiting
        )
        os._exit(EXIT_CODE)

    thread = threading.Thread(target=watch, name="leaving", daemon=True)
    thread.start()
    try:
        yield begun.set
    finally:
        over.set()
        begun.set()
        thread.join()
