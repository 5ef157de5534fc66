"""Finds private values that are gone from the ledger though no erasure in the log says so.

Who acted, in which session, who pays: the ledger commits these itself, so each had its opening when
the entry was made. Where one is gone, an `OpeningsErased` must say so. What a statement committed
to may have come without an opening, and nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from ledger.audit.log import AnyRow, AuditLog
from ledger.decoding import own_places
from schemas import commitments
from schemas.envelope.entry import read_entry
from schemas.envelope.statement import Head
from schemas.events.base import Event
from schemas.events.erasure import OpeningsErased
from schemas.registry import event_class
from schemas.subjects import personal

_COMMITMENT: Final = b'{"commit":"'


class _Told(Protocol):
    """What is asked of what a statement says."""

    @property
    def head(self) -> Head: ...


def may_lack(row: AnyRow) -> bool:
    """Tell whether an entry has more commitments than there are openings of it."""
    return row.raw.count(_COMMITMENT) > len(row.openings)


class Closed:
    """Takes in entries in order; at the end tells which openings are gone that nobody erased.

    Only for who sees every opening that there is. Of a private entry the statement says who acted,
    and that its openings went with that party's. Of another (royalties name who paid) it does not:
    there any erasure may have been the one, and a commitment that is repeated later stays closed.
    """

    def __init__(self, log: AuditLog) -> None:
        self._log = log
        self._sees_all = log.statements == "all"
        self._erased: dict[str, int] = {}
        self._gone: list[tuple[int, str, str | None]] = []

    def take(self, row: AnyRow, event: Event | None, told: _Told | None) -> None:
        """Take in an entry, what it says, and the statement of its command."""
        if isinstance(event, OpeningsErased):
            self._erased.update(dict.fromkeys(event.subjects, row.position))
        if not self._sees_all or row.damaged is not None:
            return
        if not may_lack(row):
            return
        entry = read_entry(row.raw)
        found = event_class(entry.type, entry.version)
        own = commitments.find_commits(entry.payload).keys() & own_places(found).keys()
        if gone := sorted(own - {opening.pointer for opening in row.openings}):
            subject = personal(told.head.actor) if told and found.PRIVATE_ACTOR else None
            self._gone.append((row.position, gone[0], subject))

    def lost(self) -> Iterator[tuple[int, str]]:
        """Yield each entry of which an opening is gone that nobody erased."""
        lookups = self._log.lookups
        gone = [row for row in self._gone if not self._covers(row[0], row[2])]
        # One that came while we read is for the next audit, which sees whose it was.
        if gone and (lookups is None or not lookups.erases_after(self._log.size)):
            for position, pointer, _ in gone:
                yield position, f"the opening of {pointer} is gone, and no erasure says so"

    def _covers(self, position: int, subject: str | None) -> bool:
        if subject is None:
            return bool(self._erased)
        return self._erased.get(subject, 0) > position
