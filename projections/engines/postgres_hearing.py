"""Hears when another process has moved a projection, and rings this process's bell.

A wake-up, not the truth: whoever waits looks again by a timer too, so that one which is lost while
the connection is made anew delays an answer, and loses none.
"""

from __future__ import annotations

import logging
import threading
from typing import Final

import psycopg

from ledger.named_sql import load
from ledger.reaching import reaching
from projections.moved import Bell

LOOK_S: Final = 5.0
"""How long the thread listens before it looks whether to stop, if nothing comes."""

AGAIN_S: Final = 1.0
"""How long after a lost connection the next is tried."""

_log = logging.getLogger(__name__)
_OWN: Final = load("projections.engines", "postgres.sql")


class Hearing:
    """A thread with a connection of its own that listens."""

    def __init__(self, url: str, bell: Bell) -> None:
        self._url = url
        self._bell = bell
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="projections-hear", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more from the next ring on."""
        self._stop.set()

    def join(self) -> None:
        """Wait until it listens no more; where the ring is lost, until it has looked."""
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except psycopg.Error as error:
                _log.warning("wake-ups of projections are not heard: %s", error)
                self._stop.wait(AGAIN_S)

    def _listen(self) -> None:
        with psycopg.connect(reaching(self._url), autocommit=True) as raw:
            raw.execute(_OWN["hear"].encode())
            while not self._stop.is_set():
                for _ in raw.notifies(timeout=LOOK_S, stop_after=1):
                    self._bell.ring()
