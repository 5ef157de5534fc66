"""The one write transaction of a PostgreSQL store: the lock and the probe, then one write."""

import json
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

import psycopg
from psycopg import errors

from ledger.storage.errors import Clash, Fatal
from ledger.storage.postgres.connection import Connection, meaning
from ledger.storage.postgres.queries import QUERIES
from ledger.storage.postgres.reader import PostgresReader
from ledger.storage.records import BatchRows, CommandRecord, Ground, Head, Probe
from ledger.storage.rows import COMMAND, OPENING, STATEMENT, TILE
from ledger.storage.vault import Vault


class PostgresTransaction:
    """Implements `contract.Transaction`; its context is `PostgresStore.transaction`.

    Made inside a transaction; it takes the lock and looks for all of `probe` in one round trip.
    """

    def __init__(
        self,
        connection: Connection,
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
        return int(self._one("log_end")[0])

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
        try:
            (is_moved,) = self._one("write_batch", **_arrays(rows, self._vault))
        except errors.UniqueViolation as error:
            if error.diag.constraint_name == "events_event":
                raise Clash(f"an event's id is in the log already [{error}]") from error
            raise meaning(error) from error
        if not is_moved:
            raise Fatal(f"somebody else has moved the head from {rows.old.size}: reload")

    def _begin(self, probe: Probe, clock: Callable[[], datetime] | None) -> Ground:
        row = self._one(
            "begin_batch",
            commands=list(probe.commands),
            scopes=list(probe.scopes),
            subjects=list(probe.subjects),
        )
        size, root, time_us, visible, now, *found = row
        ids, digests, firsts, lasts, hashes, tags, positions, subjects, wrapped = (
            one or () for one in found
        )
        records = map(CommandRecord, ids, digests, firsts, lasts, hashes)
        return Ground(
            head=Head(size, root, time_us, visible),
            now=now if clock is None else clock(),
            commands={one.id: one for one in records},
            scopes={**dict.fromkeys(probe.scopes, 0), **dict(zip(tags, positions, strict=True))},
            keys=dict(zip(subjects, wrapped, strict=True)),
        )

    def _one(self, name: str, **values: Any) -> Any:
        row = self._run(name, **values).fetchone()
        assert row is not None, "each of these gives a row"
        return row

    def _run(self, name: str, **values: Any) -> psycopg.Cursor[Any]:
        return self._connection.execute(QUERIES[name], values or None, binary=True)


def _arrays(rows: BatchRows, vault: Vault) -> dict[str, Any]:
    """Return the batch as parallel arrays, by their names in `queries.sql`."""
    keys, sealed = vault.seal_all(rows.openings, rows.keys)
    entries = (
        (one.position, one.type, one.data, json.dumps(one.tags), one.event_id, one.time_us)
        for one in rows.entries
    )
    return {
        "old_size": rows.old.size,
        "size": rows.new.size,
        "root": rows.new.root,
        "time_us": rows.new.time_us,
        "erased": list(rows.erases),
        **_columns("positions types datas tag_lists ids times", entries),
        **_columns("tags tag_positions", rows.tags),
        **_columns("scope_tags scope_positions", rows.scopes.items()),
        **_columns(
            "statement_hashes statement_positions statements", map(STATEMENT, rows.statements)
        ),
        **_columns("command_ids digests firsts lasts command_hashes", map(COMMAND, rows.commands)),
        **_columns("key_subjects keys", keys.items()),
        **_columns("opened pointers opening_positions subjects sealed", map(OPENING, sealed)),
        **_columns("levels numbers hashes", map(TILE, rows.tiles)),
    }


def _columns(names: str, rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Return rows as columns, under their names."""
    apart = names.split()
    columns = list(zip(*rows, strict=True)) or [()] * len(apart)
    return {name: list(column) for name, column in zip(apart, columns, strict=True)}
