"""Writing down how often refusals were repeated: each process counts for its own door.

A repeated refusal costs no write when it is answered; a crash loses at most a minute of counting,
never a refusal (decision 0008).
"""

from __future__ import annotations

import logging
import threading
from typing import Final

from ledger.storage.contract import Store
from ledger.storage.errors import Fatal
from schemas.commands.generations import CountRefusals
from schemas.envelope.entry import read_entry
from schemas.refusals import Conflict, Malformed
from service.speaker import Speaker

log: Final = logging.getLogger(__name__)

COUNT_EVERY_S: Final = 60.0
"""How often repetitions are written down: a crash loses at most this much counting."""


class Counting:
    """Says `CountRefusals` with the ledger's process key. Use `start`, `close`."""

    def __init__(
        self,
        process: Speaker,
        store: Store,
    ) -> None:
        self._process = process
        self._store = store
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="counting", daemon=True)

    def start(self) -> None:
        """Begin to count by the minute."""
        self._thread.start()

    def close(self) -> None:
        """Stop, and write down what was counted."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        try:
            self.count()
        except (Conflict, Malformed, Fatal):
            log.warning("repeated refusals were not written down")

    def count(self) -> None:
        """Write down how often each refusal was repeated since the last time."""
        for refusal, repeats in self._process.application.repeats.take().items():
            with self._store.snapshot() as reader:
                stored = reader.entry(refusal)
            assert stored is not None, "what was answered is in the log"
            data = read_entry(stored.data).data
            subject = data.get("generation") or data["verification"]
            self._process.say(CountRefusals(refusal=refusal, subject=subject, repeats=repeats))

    def _run(self) -> None:
        while not self._stop.wait(COUNT_EVERY_S):
            try:
                self.count()
            except (Conflict, Malformed) as error:
                # Counting is a courtesy: what was not written down is lost, and nothing else.
                log.warning("repeated refusals were not written down: %s", error)
            except Fatal:
                log.exception("counting stopped: the ledger ended")
                return
