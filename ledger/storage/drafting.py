"""Prepares a batch that the database writes in one call, if what its decisions read still holds.

What a decision has read is still so if no scope of its guard has moved, and that is one question to
the database, under the lock and in the same call that writes (`Store.append`). So the lock is held
for no step of ours. Whatever asks for more than yes or no, a second decision above all, takes the
lock first; so does an erasure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from ledger.storage.batch import CLOCKS_APART_MAX, FRESH_FOR, Placing, UnsettledError
from ledger.storage.records import BatchRows, Expected, Ground, PlainAppend, Prepared, Probe
from ledger.storage.sheet import Sheet


class Draft(Placing):
    """A batch on a ground that is taken for granted, and all that was so taken.

    `ground` may know less than there is; what it knows is true where the head still stands there.
    `keys` are wrapped keys of subjects, as far as they are remembered.
    """

    def __init__(self, ground: Ground, keys: Mapping[str, bytes], now: datetime) -> None:
        super().__init__(ground, Sheet(ground))
        self._remembered = keys
        self._now = now
        self._commands: list[str] = []
        self._scopes: dict[str, int] = {}
        self._earliest = self._latest = now

    def subjects(self) -> set[str]:
        """Return whose openings are placed: their keys must be remembered before `rows`."""
        return {row.beside.subject for row in self._openings}

    def expected(self) -> Expected:
        """Return what must be so for this to be written."""
        return Expected(
            commands=self._commands,
            scopes=self._scopes,
            earliest=self._earliest,
            latest=self._latest,
        )

    def _settled(self, work: Prepared) -> Prepared:
        if work.erases or self._now - work.recorded_at > FRESH_FOR:
            raise UnsettledError
        moved, known, scopes = self._sheet.moved, self._ground.scopes, self._scopes
        for tag, read in work.guard.items():
            if tag in moved or known.get(tag, 0) > read:
                raise UnsettledError
            if read < scopes.get(tag, read + 1):
                scopes[tag] = read
        self._commands.append(work.command_id)
        self._earliest = min(self._earliest, work.recorded_at)
        self._latest = max(self._latest, work.recorded_at)
        return work

    def _check_plain(self, work: PlainAppend) -> None:
        del work  # its query is a question of its own
        raise UnsettledError

    def _keys(self, subjects: Iterable[str]) -> dict[str, bytes]:
        return {who: self._remembered[who] for who in subjects if who in self._remembered}


def probe_of(rows: BatchRows, expected: Expected) -> Probe:
    """Return what shows whether all that a draft took for granted is so."""
    subjects = {row.beside.subject for row in rows.openings}
    return Probe(commands=expected.commands, scopes=expected.scopes, subjects=subjects)


def is_in_time(expected: Expected, now: datetime) -> bool:
    """Tell whether no decision of a draft is a minute off the database's clock."""
    return (
        abs(now - expected.earliest) <= CLOCKS_APART_MAX
        and abs(now - expected.latest) <= CLOCKS_APART_MAX
    )
