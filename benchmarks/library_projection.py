"""The peer: the same accruals folded into the same rows by the library's own `ProjectionRunner`.

An `Application` saves each accrual as an event of an aggregate; a `Projection` inserts, for each
event it is given, the postings and the balances that ours makes, with the library's tracking in the
same transaction. It is what somebody writes who reads the library's documentation.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Composed

from ledger.rights.view import Recorded
from projections.royalties.postings import postings_of
from schemas import canonical
from schemas.events.royalties import RoyaltyAccrued

WAIT_S: Final = 120.0

ROWS: Final = """
CREATE TABLE IF NOT EXISTS peer_postings (
  position bigint, line integer, account text COLLATE "C", currency text, amount_micro bigint,
  generation text, output text, recording text, side text, asset text,
  PRIMARY KEY (position, line));
CREATE INDEX IF NOT EXISTS peer_postings_of_generation ON peer_postings (generation) WHERE line = 0;
CREATE TABLE IF NOT EXISTS peer_balances (
  account text COLLATE "C", currency text, position bigint, amount_micro bigint,
  balance_after_micro bigint, PRIMARY KEY (account, currency, position))
"""

POSTING: Final = SQL("INSERT INTO peer_postings VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)")
BALANCE: Final = SQL("""
INSERT INTO peer_balances VALUES (%s, %s, %s, %s, %s + COALESCE(
  (SELECT balance_after_micro FROM peer_balances WHERE account = %s AND currency = %s
   ORDER BY position DESC LIMIT 1), 0))
""")

_SOMETIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


class Accrual(Aggregate):
    """An aggregate whose one event holds an accrual."""

    @event("Accrued")
    def __init__(self, data: str) -> None:
        """Begin with the accrual as JSON."""
        self.data = data


class Accruals(Application[UUID]):
    """Saves accruals."""

    name = "accruals"
    snapshotting_intervals: ClassVar[dict[Any, int]] = {}


class Book(PostgresTrackingRecorder):
    """The peer's tables, with the library's tracking."""

    def __init__(self, datastore: Any, **more: Any) -> None:
        super().__init__(datastore, **more)
        self.sql_create_statements += [Composed([SQL(text)]) for text in ROWS.split(";")]

    def post(self, tracking: Tracking, data: str) -> None:
        """Insert what an accrual posts, and the position, in one transaction."""
        accrued = RoyaltyAccrued.read(json.loads(data), recorded=True)
        position = tracking.notification_id
        postings, balances = [], []
        for line, one in enumerate(postings_of(Recorded(position, _SOMETIME, "", accrued))):
            where, amount = (one.account, one.currency), one.amount_micro
            rest = (one.generation, one.output, one.recording, one.side, one.asset)
            postings.append((position, line, *where, amount, *rest))
            balances.append((*where, position, amount, amount, *where))
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.executemany(POSTING, postings)
            cursor.executemany(BALANCE, balances)


class Royalties(Projection[Book]):
    """The peer's projection."""

    name = "book"
    topics = ()

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Fold one event."""
        self.view.post(tracking, domain_event.data)


def environment(url: str) -> dict[str, str]:
    """Return the library's settings for a database that a URL names."""
    found = urlsplit(url)
    host = parse_qs(found.query).get("host", [found.hostname or ""])[0]
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": found.path.removeprefix("/"),
        "POSTGRES_HOST": host,
        "POSTGRES_PORT": str(found.port or 5432),
        "POSTGRES_USER": found.username or "",
        "POSTGRES_PASSWORD": found.password or "none",
    }


def folded_per_s(events: Sequence[RoyaltyAccrued], url: str) -> float:
    """Save the accruals, fold them, and return how many a second were folded."""
    env = environment(url)
    with closing(Accruals(env)) as application:
        for accrued in events:
            application.save(Accrual(data=canonical.encode(accrued.data()).decode()))
    with ProjectionRunner(
        application_class=Accruals, projection_class=Royalties, view_class=Book, env=env
    ) as runner:
        began = time.perf_counter()
        runner.wait(len(events), timeout=WAIT_S)
        return len(events) / (time.perf_counter() - began)
