"""The one write transaction of a PostgreSQL store: the lock and the probe, then one write."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import psycopg
from psycopg import errors

from ledger.storage.errors import Fatal
from ledger.storage.postgres.batches import asked, clash, ground_of, written
from ledger.storage.postgres.overlapping import Overlapping
from ledger.storage.postgres.queries import QUERIES
from ledger.storage.postgres.reader import PostgresReader
from ledger.storage.postgres.statements import LOCK, LOOK_EDGELESS
from ledger.storage.records import BatchRows, Expected, Ground, Probe
from ledger.storage.vault import Vault


class PostgresTransaction:
    """Implements `contract.Transaction`; its context is `PostgresStore.transaction`.

    Made inside a transaction; it takes the lock and looks for all of `probe` in one round trip.
    """

    def __init__(
        self,
        connection: Overlapping,
        vault: Vault,
        probe: Probe,
        clock: Callable[[], datetime] | None,
    ) -> None:
        self._connection = connection
        self._vault = vault
        self._ground = self._begin(probe, clock)
        self._reader = PostgresReader(connection, vault, self._ground.head, committed=True)

    @property
    def reader(self) -> PostgresReader:
        """A reader of all that was committed before, accepted or not."""
        return self._reader

    @property
    def ground(self) -> Ground:
        """What was found when the lock was taken."""
        return self._ground

    def log_end(self) -> int:
        """Return the last position of the table itself, whatever the state row says."""
        ((end,),) = self._run("log_end").fetchall()
        return int(end)

    def subject_keys(self, subjects: Collection[str]) -> dict[str, bytes]:
        """Return the wrapped keys of those subjects that have one."""
        return dict(self._run("subject_keys", subjects=list(subjects)).fetchall())

    def erase(self, subject: str) -> int:
        """Delete a subject's openings and key; return how many openings there were."""
        erased = self._run("erase_openings", subject=subject).rowcount
        self._run("erase_key", subject=subject)
        return erased

    def write(self, rows: BatchRows) -> None:
        """Write a whole batch and move the head; see `contract.Transaction`."""
        now = self._ground.now
        # What it stands on was found under the lock.
        expected = Expected(commands=(), scopes={}, earliest=now, latest=now)
        for subject in rows.erases:
            self.erase(subject)
        statement = written(rows, expected, self._vault, now)
        try:
            result = self._connection.ask([statement])
        except errors.UniqueViolation as error:
            raise clash(error) from error
        if not result.ntuples:
            raise Fatal(f"somebody else has moved the head from {rows.old.size}: reload")

    def _begin(self, probe: Probe, clock: Callable[[], datetime] | None) -> Ground:
        row = self._connection.row([(LOCK, {}), (LOOK_EDGELESS, asked(probe))])
        return ground_of(row, probe.scopes, clock)

    def _run(self, name: str, **values: Any) -> psycopg.Cursor[Any]:
        return self._connection.execute(QUERIES[name], values or None, binary=True)
