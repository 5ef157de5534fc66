"""Starting before what one needs is there: a process waits for it, as long as that takes.

Machines start in any order, and a database may be away for an hour. A process that ended then would
be started anew after ever longer pauses, and be away longer than what it waits for. So it stays:
alive, not ready, and it says why in a line. What is there and wrong (no log, an older copy, a
register that disagrees) is nothing to wait for, and ends it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from generation.artifacts import ArtifactsUnavailableError
from ledger.storage.errors import Busy, RegisterSilent
from projections.errors import Busy as ProjectionsBusy
from service.observing.observer import Observing

log: Final = logging.getLogger(__name__)

T = TypeVar("T")

AWAY: Final = (Busy, RegisterSilent, ProjectionsBusy, ArtifactsUnavailableError)
"""What may be there in a moment: a database, a register service, a store of audio."""

RETRY_S: Final = 1.0
"""How long to wait before looking again."""

TOLD_EVERY_S: Final = 30.0
"""How often a line repeats that one still waits for the same."""

NEED: Final = "start"
"""What is missing meanwhile, among what a process needs to be ready."""


def not_yet(observing: Observing) -> None:
    """Say that this process is not ready, until `patiently` has opened what it needs."""
    observing.readiness.need(NEED, lambda: "what it needs is not there yet; its lines say what")


def patiently(open_it: Callable[[], T], stop: threading.Event, observing: Observing) -> T | None:
    """Return what `open_it` opens, once what it needs is there; None if told to stop before.

    It must leave nothing open when it raises. Meanwhile this process is not ready.
    """
    not_yet(observing)
    told, told_at = "", 0.0
    while not stop.is_set():
        try:
            opened = open_it()
        except AWAY as error:
            said, now = str(error), time.monotonic()
            if said != told or now - told_at >= TOLD_EVERY_S:
                log.warning("not started yet, and waiting: %s", said)
                told, told_at = said, now
            stop.wait(RETRY_S)
        else:
            if told:
                log.info("what was waited for is there")
            observing.readiness.forgo(NEED)
            return opened
    return None
