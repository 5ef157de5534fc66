"""The scheduler: what must happen because time passed. It speaks with the ledger's process key.

Every act happens once, however often it is tried: the rules refuse to expire what has ended, and a
payout's outcome that is in the log already.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final, Protocol

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.decoding import read_recorded
from ledger.storage.contract import Reader, Store
from schemas.commands.base import Command
from schemas.commands.generations import ExpireAuthorization
from schemas.events.generations import GenerationAuthorized
from schemas.period import parse_instant
from schemas.refusals import Malformed
from service.repeating import Repeating
from service.speaker import Speaker
from service.workers.dispatch import has_ended
from service.workers.forgetting import Forgetting

log: Final = logging.getLogger(__name__)

TICK_S: Final = 2.0
"""How often it looks at what is due, in seconds."""


class Outcomes(Protocol):
    """What the payout provider knows and the log does not yet."""

    def tell(self) -> int:
        """Tell the provider every instructed payout; return how many it had not been told."""
        ...

    def take(self) -> int:
        """Append the outcomes that arrived; return how many."""
        ...


class Scheduler(Repeating):
    """Expires authorizations, forgets what was erased, tells the bank and hears from it."""

    def __init__(
        self,
        process: Speaker,
        store: Store,
        *,
        outcomes: Outcomes,
        forgetting: Forgetting,
    ) -> None:
        super().__init__("scheduler", every_s=TICK_S)
        self._process = process
        self._store = store
        self._outcomes = outcomes
        self._forgetting = forgetting
        self._open: dict[str, datetime] = {}
        self._cursor = 0

    def turn(self) -> None:
        """Do everything that is due now."""
        self.expire()
        self._forgetting.forget()
        self._outcomes.tell()
        self._outcomes.take()

    def expire(self) -> int:
        """Close every authorization whose time has passed; return how many."""
        now = self._process.clock()
        with self._store.snapshot() as reader:
            self._look(reader)
            due = [name for name, until in self._open.items() if until <= now]
            ended = {name for name in due if has_ended(reader, name)}
        for name in due:
            if name not in ended:
                self._say(ExpireAuthorization(generation=name), name)
            del self._open[name]
        return len(due) - len(ended)

    def _look(self, reader: Reader) -> None:
        """Take in the authorizations that came since we looked; all of them at the first time."""
        query = DCBQuery(items=[DCBQueryItem(types=[GenerationAuthorized.TOPIC])])
        for position in reader.positions(query, after=self._cursor):
            stored = reader.entry(position)
            assert stored is not None
            event = read_recorded(stored, ()).event
            assert isinstance(event, GenerationAuthorized)
            self._open[event.generation] = parse_instant(event.expires_at)
        self._cursor = reader.bound

    def _say(self, command: Command, about: str) -> None:
        try:
            self._process.say(command)
        except Malformed as refused:
            # It ended between our look and our word: somebody else's word stands.
            log.info("%s was not needed: %s [%s]", type(command).__name__, refused, about)
