"""The assurance report, kept up continuously: the three-way match, and the audit's line.

An audit reads the whole log, so it comes again when something was appended, and no sooner than ten
times as long as the last one took: it never has more than a tenth of one core.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ledger.audit import Report, StoreLog, audit
from ledger.feed import Feed
from ledger.storage.contract import Store
from ledger.storage.errors import Fatal
from projections.asking import Readings
from projections.errors import Behind, Busy
from projections.matching import Match, three_way_match
from schemas.period import format_instant
from service.repeating import Repeating

log: Final = logging.getLogger(__name__)

SHARE: Final = 10
"""An audit waits this many times as long as the last one took."""

LOOK_EVERY_S: Final = 5.0
EVERY_S_MIN: Final = 60.0
"""How often the log is looked at, and the least time between two reports."""

CLOSE_S: Final = 10.0
"""How long closing waits for an audit that has been told to leave off."""

EVERY_S_MAX: Final = 3_600.0
"""When a log that did not grow is audited again: rows can be edited in a log that stands still."""


@dataclass(frozen=True, slots=True)
class Assurance:
    """What was found, when, and about how much of the log."""

    at: datetime
    match: Match
    audit: Report

    @property
    def sound(self) -> bool:
        """Whether everything matches and nothing differs."""
        return self.audit.sound and not self.match.mismatches

    @property
    def line(self) -> str:
        """The report in one line."""
        match = self.match
        return f"{match.matched} of {match.completed} outputs match; {self.audit.line}"

    def data(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "at": format_instant(self.at),
            "sound": self.sound,
            "line": self.line,
            "match": {
                "position": self.match.position,
                "completed": self.match.completed,
                "matched": self.match.matched,
                "mismatches": [
                    {
                        "generation": row.generation,
                        "output": row.output,
                        "position": row.position,
                        "message": row.message,
                    }
                    for row in self.match.mismatches
                ],
            },
            "audit": self.audit.data(),
        }


class Assurer(Repeating):
    """Makes reports. `latest` is the newest of this process; None before the first.

    `keep` is given each report, or None where the one before it says nothing any more: doors in
    other processes show it.
    """

    def __init__(
        self,
        store: Store,
        feed: Feed,
        readings: Readings,
        *,
        origin: str,
        vkey: str,
        clock: Callable[[], datetime],
        keep: Callable[[dict[str, Any] | None], None],
    ) -> None:
        super().__init__("assurance", every_s=LOOK_EVERY_S, leaves_s=CLOSE_S)
        self._keep = keep
        self._store = store
        self._feed = feed
        self._readings = readings
        self._origin = origin
        self._vkey = vkey
        self._clock = clock
        self.latest: Assurance | None = None
        self._next_at = self._again_at = 0.0

    def report(self) -> Assurance:
        """Make a report now, and keep it as the latest."""
        found = Assurance(
            at=self._clock(),
            match=three_way_match(self._readings, progress=self._go),
            audit=audit(StoreLog(self._store, origin=self._origin), self._vkey, progress=self._go),
        )
        if not found.sound:
            log.error("the ledger is not what it must be: %s", found.line)
        self._take(found)
        return found

    def _take(self, found: Assurance | None) -> None:
        self.latest = found
        self._keep(None if found is None else found.data())

    def _go(self, *_done_of: int) -> None:
        # Whoever closes waits for it: a thread that is inside native code when the interpreter ends
        # (pydantic's) ends the process with a fault of memory.
        if self._stop.is_set():
            raise _StoppedError

    def turn(self) -> None:
        """Report where the log has grown, or has stood still for long."""
        size = self.latest.audit.size if self.latest else 0
        has_grown, began = self._feed.visible_head() != size, time.monotonic()
        if began < (self._next_at if has_grown else self._again_at):
            return
        try:
            self.report()
        except _StoppedError:
            return
        except (Behind, Busy) as later:
            log.info("the assurance report comes later: %s", later)
        except Fatal:
            self._take(None)  # what was sound once says nothing of a ledger that ended
            raise
        except Exception:
            if self._stop.is_set():
                return  # what it read is being closed, which says nothing of the log
            # A log that makes its audit fail is not sound: nothing may go on saying so.
            self._take(None)
            log.exception("the audit itself failed")
        ended = time.monotonic()
        self._next_at = ended + max(EVERY_S_MIN, SHARE * (ended - began))
        self._again_at = max(self._next_at, ended + EVERY_S_MAX)


class _StoppedError(Exception):
    """The process stops; the report is left unmade."""
