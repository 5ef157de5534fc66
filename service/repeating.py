"""Doing one thing again and again, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from typing import Final

from ledger.storage.errors import Fatal
from projections.errors import Behind, Busy
from schemas.refusals import Conflict

log: Final = logging.getLogger(__name__)


class Repeating(ABC):
    """Does what is due every so often, until it is closed or the log ends. Use `start`, `close`.

    What is busy, behind or full is come back to: a turn loses nothing by being done later. What
    nobody expected ends the thread, and `is_alive` says so. `leaves_s`: how long closing waits for
    the turn under way, None: until it has ended.
    """

    def __init__(self, name: str, *, every_s: float, leaves_s: float | None = None) -> None:
        self._name = name
        self._leaves_s = leaves_s
        self._every_s = every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def turn(self) -> None:
        """Do what is due now, if anything is."""

    def start(self) -> None:
        """Begin; the first turn comes when the time of one has passed."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def tell(self) -> None:
        """Say that it is to stop; returns at once."""
        self._stop.set()

    def close(self) -> None:
        """Stop, when the turn under way has ended."""
        self.tell()
        if self._thread.is_alive():
            self._thread.join(self._leaves_s)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.turn()
            except (Behind, Busy, Conflict) as later:
                log.info("%s comes again: %s", self._name, later)
            except OSError as failed:
                log.warning("%s comes again: %s", self._name, failed)
            except Fatal:
                log.exception("%s stopped: the ledger ended", self._name)
                return
            except Exception:
                log.exception("%s stopped by a mistake of ours", self._name)
                return
