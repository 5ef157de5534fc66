"""The one write transaction of a SQLite store."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from ledger.storage.errors import Clash, Fatal
from ledger.storage.records import BatchRows, Ground, Probe
from ledger.storage.rows import COMMAND, OPENING, STATEMENT, TILE
from ledger.storage.sqlite.connection import meaning
from ledger.storage.sqlite.packing import pack
from ledger.storage.sqlite.queries import QUERIES
from ledger.storage.sqlite.reader import SqliteReader
from ledger.storage.vault import Vault


class SqliteTransaction:
    """Implements `contract.Transaction`; its context is `SqliteStore.transaction`.

    Made when the lock is held, and then it looks for all of `probe`.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        vault: Vault,
        probe: Probe,
        clock: Callable[[], datetime] | None,
    ) -> None:
        self._connection = connection
        self._vault = vault
        self._reader = SqliteReader(connection, vault, committed=True)
        self._ground = Ground(
            head=self._reader.head(),
            now=self._now() if clock is None else clock(),
            commands={one.id: one for one in self._reader.commands(probe.commands)},
            scopes=self._reader.last_positions(probe.scopes),
            keys=self.subject_keys(probe.subjects),
        )
        self.has_erased = False

    @property
    def reader(self) -> SqliteReader:
        """A reader of all that was committed before, accepted or not."""
        return self._reader

    @property
    def ground(self) -> Ground:
        """What was found when the lock was taken."""
        return self._ground

    def log_end(self) -> int:
        """Return the last position of the table itself, whatever the state row says."""
        return int(self._run("log_end").fetchone()[0])

    def subject_keys(self, subjects: Collection[str]) -> dict[str, bytes]:
        """Return the wrapped keys of those subjects that have one."""
        return dict(self._run("subject_keys", json.dumps(list(subjects))).fetchall())

    def erase(self, subject: str) -> int:
        """Delete a subject's openings and key; return how many openings there were."""
        erased = self._run("erase_openings", subject).rowcount
        self._run("erase_key", subject)
        self.has_erased = True
        return erased

    def write(self, rows: BatchRows) -> None:
        """Write a whole batch and move the head; see `contract.Transaction`."""
        try:
            self._write(rows)
        except sqlite3.IntegrityError as error:
            if "events.event" in str(error):
                raise Clash(f"an event's id is in the log already [{error}]") from error
            raise meaning(error) from error
        except sqlite3.Error as error:
            raise meaning(error) from error

    def _write(self, rows: BatchRows) -> None:
        new, old = rows.new, rows.old
        values = {"size": new.size, "root": new.root, "time_us": new.time_us, "old_size": old.size}
        if self._connection.execute(QUERIES["move_head"], values).rowcount != 1:
            raise Fatal(f"somebody else has moved the head from {old.size}: reload")
        self._many(
            "insert_events",
            [
                (one.position, one.type, one.data, json.dumps(one.tags), one.event_id, one.time_us)
                for one in rows.entries
            ],
        )
        self._many("insert_tags", rows.tags)
        self._many("move_scopes", rows.scopes.items())
        self._many("insert_statements", map(STATEMENT, rows.statements))
        self._many("insert_commands", map(COMMAND, rows.commands))
        for subject in rows.erases:
            self.erase(subject)
        keys, openings = self._vault.seal_all(rows.openings, rows.keys)
        self._many("insert_subject_keys", keys.items())
        self._many("insert_openings", map(OPENING, openings))
        self._many("put_tiles", map(TILE, rows.tiles))
        self._run("insert_checkpoint", new.size, new.root)

    def _now(self) -> datetime:
        return datetime.fromisoformat(self._run("clock").fetchone()[0])

    def _run(self, name: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(QUERIES[name], values)

    def _many(self, name: str, rows: Iterable[Iterable[object]]) -> None:
        self._connection.execute(QUERIES[name], pack(rows))
