"""The permissions projection: when a scope moves, the rows made from it are made again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from ledger.rights.view import Recorded, View
from projections.base import Change, Projection, Tables
from projections.feed import Feed
from projections.permissions.folded import Folded
from projections.permissions.rows import (
    Row,
    asset_state,
    consent_rows,
    performer_rows,
    share_rows,
    values,
)
from projections.permissions.standing import REMEMBERED_MAX, TABLES, Standing

_PREFIXES: Final = ("rights:", "key:")
"""Scopes that permissions are made from."""


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

    def __init__(self, feed: Feed, *, remembered: int = REMEMBERED_MAX) -> None:
        self._folded = Folded(feed)
        self._standing = Standing(remembered)

    def forget(self) -> None:
        """Forget folded scopes and what stands: the transaction was rolled back."""
        self._folded.forget()
        self._standing.forget()

    def fold(self, tables: Tables, recorded: Recorded) -> None:
        """Fold one event."""
        if recorded.position == 1:
            self._standing.begin()
        self._folded.advance(recorded)
        subjects: set[str] = set()
        for tag in recorded.event.scopes():
            if tag.startswith(_PREFIXES):
                subjects |= self._standing.subjects(tables, tag)
                if tag.startswith("rights:"):
                    subjects.add(tag.removeprefix("rights:"))
        for subject in sorted(subjects):
            self._refresh(tables, subject, recorded.position)
        self._standing.trim()

    def _refresh(self, tables: Tables, subject: str, position: int) -> None:
        view = View(self._folded)
        rows: frozenset[Row] = consent_rows(view, subject)
        if not subject.startswith("pty_"):
            state = asset_state(view, subject)
            rows |= share_rows(state) | performer_rows(state)
        live = self._standing.rows(tables, subject)
        if live != rows:
            tables.apply(_differences(live, rows, position))
            self._standing.put_rows(subject, rows)
        tags, known = frozenset(view.asked), self._standing.tags(tables, subject)
        if tags != known:
            tables.apply(_dependencies(subject, known, tags))
            self._standing.put_tags(subject, tags)


def _differences(live: frozenset[Row], now: frozenset[Row], position: int) -> Iterator[Change]:
    """Yield what closes the live rows that no longer hold, and opens those that are new."""
    for table, kind in TABLES.items():
        for row in live - now:
            if isinstance(row, kind):
                yield Change(f"close_{table}", values(row) | {"position": position})
        for row in now - live:
            if isinstance(row, kind):
                yield Change(f"open_{table}", values(row) | {"position": position})


def _dependencies(subject: str, known: frozenset[str], tags: frozenset[str]) -> Iterator[Change]:
    """Yield what writes down from which scopes the rows of a subject were made."""
    for tag in known - tags:
        yield Change("depend_no_more", {"tag": tag, "subject": subject})
    for tag in tags - known:
        yield Change("depend", {"tag": tag, "subject": subject})
