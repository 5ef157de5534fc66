"""The folder in which a worker works: one folder a generation, and what lies there for how long.

A job may come again for as long as its authorization lives: the broker delivers at least once, a
relay that starts anew sends again what has not ended, and an operator replays a dead letter. So the
finished statement stays until then, and a repetition is answered with the same bytes. Afterwards
the job ends before it is looked at (`generation.turn`), and the ledger would refuse whatever it
led to. If a clock runs ahead and a folder goes too early, the job is rendered again from the same
seed, and the log takes one of two statements: the same as if another worker had done it.
"""

from __future__ import annotations

import logging
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from schemas.period import format_instant, parse_instant
from schemas.refusals import Malformed

log: Final = logging.getLogger(__name__)

FINISHED: Final = "finished.cose"
UNITS: Final = "units.json"
EXPIRES: Final = "expires"
"""What lies in a generation's folder beside its audio: the statement, what was rendered from where
(a page on this machine reads it), and until when the authorization lives."""

GRACE: Final = timedelta(hours=1)
"""How much longer everything stays: clocks differ."""

UNKNOWN_STAYS: Final = timedelta(days=7)
"""How long a folder stays that does not say until when: it was made by an earlier version, or we
were killed while it was made or removed."""

SWEEP_EVERY: Final = timedelta(minutes=10)
"""How often one looks for folders that may go."""


class WorkerFolder:
    """Where a worker works. `keeps_units`: somebody on this machine reads what was rendered."""

    def __init__(self, path: Path, *, keeps_units: bool) -> None:
        self._path = path
        self._keeps_units = keeps_units
        self._swept_at: datetime | None = None

    def of(self, generation: str) -> Path:
        """Return the folder of a generation, whether it is there or not."""
        return self._path / generation

    def begin(self, generation: str, *, expires_at: datetime) -> Path:
        """Make the folder of a generation anew: what a start before left half-written is no use."""
        home = self.of(generation)
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / EXPIRES).write_text(format_instant(expires_at), encoding="ascii")
        return home

    def sweep(self, now: datetime) -> int:
        """Remove what nothing can ask for any more, now and then; return how many folders went."""
        if self._swept_at is not None and now - self._swept_at < SWEEP_EVERY:
            return 0
        self._swept_at = now
        gone = 0
        for home in self._path.glob("*/") if self._path.is_dir() else ():
            try:
                if self._may_go(home, now):
                    self._remove(home)
                    gone += 1
            except FileNotFoundError:
                pass  # another worker on this folder sweeps as well, and was faster
            except OSError as error:
                log.warning("a folder that is over stays: %s [%s]", error, home.name)
        if gone:
            log.info("%d folders of generations that are over were removed", gone)
        return gone

    def _may_go(self, home: Path, now: datetime) -> bool:
        if self._keeps_units and {one.name for one in home.iterdir()} == {UNITS}:
            return False
        with suppress(FileNotFoundError, UnicodeDecodeError, Malformed):
            until = parse_instant((home / EXPIRES).read_text(encoding="ascii"))
            return now >= until + GRACE
        changed = datetime.fromtimestamp(home.stat().st_mtime, UTC)
        return now >= changed + UNKNOWN_STAYS

    def _remove(self, home: Path) -> None:
        """Remove a folder, or all of it but what is read; `expires` last, or we would not return.

        If we stop in between, the next sweep goes on.
        """
        kept = home / UNITS
        if not self._keeps_units or not kept.exists():
            shutil.rmtree(home)
            return
        for path in sorted(home.iterdir(), key=lambda one: one.name == EXPIRES):
            if path != kept:
                path.unlink(missing_ok=True)
