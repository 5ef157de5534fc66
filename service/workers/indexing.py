"""Publishing the verifiable index: at most once a minute, and only if something else was appended.

Follows the log beside the writer, never under its lock. If we stop between computing a root and
saying it, the next start computes it again from the same touches.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from ledger.answer import Answer
from projections.asking import Readings
from projections.index.projection import next_root
from projections.index.queries import NAME
from projections.tables import Tables
from schemas.commands.log import PublishIndexRoot
from schemas.refusals import Malformed
from service.repeating import Repeating
from service.speaker import Speaker

log: Final = logging.getLogger(__name__)

PUBLISH_EVERY: Final = timedelta(seconds=60)
"""Contracts, section 11: `IndexRootPublished` follows at most once a minute."""

LOOK_EVERY_S: Final = 5.0
"""How long the thread sleeps when nobody wakes it."""


class Indexer(Repeating):
    """Says the roots of the index with the ledger's process key."""

    def __init__(
        self,
        process: Speaker,
        readings: Readings,
    ) -> None:
        super().__init__("index", every_s=LOOK_EVERY_S)
        self._process = process
        self._readings = readings
        self._published_at = process.clock()

    def publish(self) -> Answer | None:
        """Publish the root over everything that is visible; None where nothing new is covered."""
        with self._readings.open(NAME, None, None) as reading:
            through = reading.position
            said = reading.rows("newest_root", until=through)
            if said and through <= said[0]["position"]:
                return None
            tables = Tables(reading.connection, reading.statements)
            root, subjects, _ = next_root(tables, through=through)
        command = PublishIndexRoot(through=through, root=root.hex(), subjects=subjects)
        self._published_at = self._process.clock()
        try:
            return self._process.say(command)
        except Malformed as refused:
            # Another process of this ledger was first: its root covers as much.
            log.info("the index root was not needed: %s", refused)
            return None

    def publish_if_due(self, last: datetime | None) -> Answer | None:
        """Publish where no thread of ours does, a minute after `last`, when a root was said."""
        if last is not None and self._process.clock() - last < PUBLISH_EVERY:
            return None
        return self.publish()

    def turn(self) -> None:
        """Publish, a minute after the last time at the earliest."""
        if self._process.clock() - self._published_at >= PUBLISH_EVERY:
            self.publish()
