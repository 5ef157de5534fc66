"""The permissions projection: when a scope moves, the rows made from it are made again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import ClassVar, Final

from ledger.rights.view import Recorded, View
from projections.base import Change, Projection, Tables
from projections.feed import Feed
from projections.permissions.folded import Folded
from projections.permissions.rows import (
    ConsentRow,
    PerformerRow,
    Row,
    ShareRow,
    asset_state,
    consent_rows,
    performer_rows,
    share_rows,
    values,
)

_PREFIXES: Final = ("rights:", "key:")
"""Scopes that permissions are made from."""

_TABLES: Final[dict[str, type[Row]]] = {
    "consents": ConsentRow,
    "shares": ShareRow,
    "performers": PerformerRow,
}


class Permissions(Projection):
    """Consents, confirmed shares and performers, with their history."""

    NAME: ClassVar[str] = "permissions"
    VERSION: ClassVar[int] = 1
    TOPICS: ClassVar[frozenset[str] | None] = frozenset(
        {
            "LogOpened",
            "PartyRegistered",
            "PartyDeceased",
            "KeyProposed",
            "KeyEnrolled",
            "KeyRevoked",
            "MandateGranted",
            "MandateRevoked",
            "RecordingRegistered",
            "StemRegistered",
            "WorkRegistered",
            "WorkDeclaredPublicDomain",
            "MoralRightRestrictionDeclared",
            "MoralRightRestrictionLifted",
            "RecordingEnteredInferenceSet",
            "RecordingLeftInferenceSet",
            "RecordingLinkedToWork",
            "ContributorCredited",
            "VocalsDeclared",
            "ShareConfirmed",
            "ShareWithdrawn",
            "ConsentAffirmed",
            "ConsentGranted",
            "ConsentNarrowed",
            "ConsentRevoked",
            "ConsentWidened",
        }
    )

    def __init__(self, feed: Feed) -> None:
        self._folded = Folded(feed)

    def forget(self) -> None:
        """Forget folded scopes: the transaction was rolled back."""
        self._folded.forget()

    def fold(self, tables: Tables, recorded: Recorded) -> None:
        """Fold one event."""
        self._folded.advance(recorded)
        subjects: set[str] = set()
        for tag in recorded.event.scopes():
            if tag.startswith(_PREFIXES):
                subjects.update(row["subject"] for row in tables.rows("dependents", tag=tag))
                if tag.startswith("rights:"):
                    subjects.add(tag.removeprefix("rights:"))
        for subject in sorted(subjects):
            self._refresh(tables, subject, recorded.position)

    def _refresh(self, tables: Tables, subject: str, position: int) -> None:
        view = View(self._folded)
        rows: set[Row] = set(consent_rows(view, subject))
        if not subject.startswith("pty_"):
            state = asset_state(view, subject)
            rows |= share_rows(state) | performer_rows(state)
        for table, kind in _TABLES.items():
            live = {kind(**row) for row in tables.rows(f"live_{table}", subject=subject)}
            now = {row for row in rows if isinstance(row, kind)}
            tables.apply(_differences(table, live, now, position))
        _depend(tables, subject, set(view.asked))


def _differences(
    table: str, live: Collection[Row], now: Collection[Row], position: int
) -> Iterator[Change]:
    """Yield what closes the live rows that no longer hold, and opens those that are new."""
    for row in set(live) - set(now):
        yield Change(f"close_{table}", values(row) | {"position": position})
    for row in set(now) - set(live):
        yield Change(f"open_{table}", values(row) | {"position": position})


def _depend(tables: Tables, subject: str, tags: set[str]) -> None:
    """Write down from which scopes the rows of a subject were made."""
    known = {row["tag"] for row in tables.rows("dependencies", subject=subject)}
    gone, new = known - tags, tags - known
    tables.apply(Change("depend_no_more", {"tag": tag, "subject": subject}) for tag in gone)
    tables.apply(Change("depend", {"tag": tag, "subject": subject}) for tag in new)
