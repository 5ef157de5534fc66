"""Writing down how often refusals were repeated: each process counts for its own door.

A repeated refusal costs no write when it is answered; a crash loses at most a minute of counting,
never a refusal (decision 0008).
"""

from __future__ import annotations

import logging
from typing import Final

from ledger.storage.contract import Store
from ledger.storage.errors import Fatal
from schemas.commands.generations import CountRefusals
from schemas.envelope.entry import read_entry
from schemas.refusals import Conflict, Malformed
from service.repeating import Repeating
from service.speaker import Speaker

log: Final = logging.getLogger(__name__)

COUNT_EVERY_S: Final = 60.0
"""How often repetitions are written down: a crash loses at most this much counting."""


class Counting(Repeating):
    """Says `CountRefusals` with the ledger's process key. Use `start`, `close`."""

    def __init__(
        self,
        process: Speaker,
        store: Store,
    ) -> None:
        super().__init__("counting", every_s=COUNT_EVERY_S)
        self._process = process
        self._store = store

    def close(self) -> None:
        """Stop, and write down what was counted."""
        super().close()
        try:
            self.turn()
        except Fatal:
            log.warning("repeated refusals were not written down")

    def turn(self) -> None:
        """Write down what was counted. A courtesy: what is not written is lost, nothing else."""
        try:
            self.count()
        except (Conflict, Malformed) as error:
            log.warning("repeated refusals were not written down: %s", error)

    def count(self) -> None:
        """Write down how often each refusal was repeated since the last time."""
        for refusal, repeats in self._process.application.repeats.take().items():
            with self._store.snapshot() as reader:
                stored = reader.entry(refusal)
            assert stored is not None, "what was answered is in the log"
            data = read_entry(stored.data).data
            subject = data.get("generation") or data["verification"]
            self._process.say(CountRefusals(refusal=refusal, subject=subject, repeats=repeats))
