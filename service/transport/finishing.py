"""The finisher as a role: takes what workers say they did, and hands it to the log.

A statement is committed after the log has it, or has refused it. What nobody believes is counted
and kept as a dead letter; what came too late, or twice, is nothing but counted. A ledger that is
busy is no fault of the message: it waits. One that breaks us is tried a few times and set aside, so
that it stands in nobody's way.
"""

from __future__ import annotations

import logging
import threading
from typing import Final

from generation.broker import Broker, Member, Sender
from generation.dead_letters import bury
from generation.delivery import BrokerAwayError, Record, keep_trying
from ledger.provenance.reading import ReaderUnavailableError
from ledger.storage.errors import Fatal
from schemas.observing import UNOBSERVED, Observer, extract
from schemas.refusals import Conflict, Malformed
from schemas.topics import Topics
from service.workers.finisher import Finisher

log: Final = logging.getLogger(__name__)

GROUP: Final = "finisher"
"""The group that shares the finished statements, after the prefix of the topics."""

TAKE_S: Final = 1.0
HOLD_S: Final = 0.1
BACKOFF_MAX_S: Final = 5.0
"""How long to wait for a statement, how often to show that we are alive while one is tried again,
and the longest pause between two tries."""

FAULTS_MAX: Final = 20
"""How often a statement is tried whose file cannot be read, some 80 seconds in all."""

BREAKS_MAX: Final = 2
"""How often one is tried at which we break by a mistake of ours."""

LATE: Final = frozenset({"already_completed", "not_authorized"})
"""The generation has ended meanwhile, or the work is another worker's: nothing to look at."""


class FinishedConsumer:
    """Reports finished generations until it is told to stop; `name` says whose a dead letter is."""

    def __init__(
        self,
        finisher: Finisher,
        broker: Broker,
        *,
        topics: Topics,
        name: str,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._finisher = finisher
        self._broker = broker
        self._topics = topics
        self._name = name
        self._observer = observer

    def run(self, stop: threading.Event) -> None:
        """Report until told to stop. Raises `Fatal`, and where no file can be read any more."""
        keep_trying(self._serve, stop, name="the finisher")

    def _serve(self, stop: threading.Event) -> None:
        group = f"{self._topics.prefix}{GROUP}"
        with (
            self._broker.member(group, self._topics.finished) as member,
            self._broker.sender() as sender,
        ):
            while not stop.is_set():
                record = member.take(TAKE_S)
                if record is not None and self._deal(record, member, sender, stop):
                    # If we stop before this, it is reported again under the same command id.
                    member.done(record)

    def _deal(self, record: Record, member: Member, sender: Sender, stop: threading.Event) -> bool:
        """Report one statement; tell whether it is dealt with. Waits while the ledger is busy."""
        waits = faults = breaks = 0
        while not stop.is_set():
            try:
                self._finisher.finish(record.value, carried=extract(record.headers))
            except Malformed as refused:
                return self._refuse(record, sender, refused)
            except (Fatal, ReaderUnavailableError, BrokerAwayError):
                raise
            except Conflict as busy:
                log.info("the ledger is busy: %s", busy)
            except OSError as error:
                faults += 1
                log.warning("a finished file cannot be read, try %d: %s", faults, error)
                if faults >= FAULTS_MAX:
                    return self._bury(record, sender, error)
            except Exception as error:
                breaks += 1
                log.exception("a finished statement broke us, try %d", breaks)
                if breaks >= BREAKS_MAX:
                    return self._bury(record, sender, error)
            else:
                return True
            _wait(min(HOLD_S * 2.0**waits, BACKOFF_MAX_S), member, stop)
            waits += 1
        return False

    def _refuse(self, record: Record, sender: Sender, refused: Malformed) -> bool:
        if refused.code in LATE:
            log.info("a finished statement changes nothing: %s", refused)
            return self._end("late", refused.code)
        log.warning("a finished statement is not believed: %s", refused)
        bury(sender, self._topics, record, reason=str(refused), by=self._name)
        return self._end("refused", refused.code)

    def _bury(self, record: Record, sender: Sender, error: Exception) -> bool:
        reason = f"{type(error).__name__}: {error}"
        bury(sender, self._topics, record, reason=reason, by=self._name)
        return self._end("dead", "")

    def _end(self, how: str, code: str) -> bool:
        self._observer.ended("finish", how, code=code)
        return True


def _wait(seconds: float, member: Member, stop: threading.Event) -> None:
    """Wait, and go on showing that we are alive."""
    while seconds > 0 and not stop.wait(min(seconds, HOLD_S)):
        member.hold()
        seconds -= HOLD_S
